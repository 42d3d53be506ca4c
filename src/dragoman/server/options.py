"""What a server is told when it is started."""

from __future__ import annotations

__all__ = ["Options"]

import json
from typing import NamedTuple

MEBIBYTE = 1024**2


class Options(NamedTuple):
    """How to serve a base.

    Attributes:
        base: its folder.
        host: the address to listen on.
        port: the port; 0 for any that is free.
        public_url: where users reach the server, without a slash at the end; empty for what each
            request says.
        root_path: the path below which a proxy offers the server, as `/dragoman`.
        hosts: names that a request may be for, besides loopback ones and that of `public_url`.
        origins: other sites whose pages may read; `*` for all.
        services: addresses of endpoints that SERVICE in a query may ask.
        workers: how many requests are worked on at once.
        waiting: how many may wait for a worker; more are told to come again.
        timeout: seconds that an answer may take.
        rows: rows that an answer of the endpoint may have.
        memory: bytes that a worker may take beyond what the open base needs.
        body: bytes that a request may bring.
        token: who tells it may write; empty for nobody.
    """

    base: str
    host: str = "127.0.0.1"
    port: int = 3030
    public_url: str = ""
    root_path: str = ""
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    workers: int = 2
    waiting: int = 64
    timeout: float = 30.0
    rows: int = 1_000_000
    memory: int = 2048 * MEBIBYTE
    body: int = 16 * MEBIBYTE
    token: str = ""

    def as_json(self) -> str:
        """Return them as a worker is given them; who may write is the front's business."""
        return json.dumps(self._replace(token="")._asdict())

    @classmethod
    def read(cls, text: str) -> Options:
        """Read what `as_json` wrote."""
        told = json.loads(text)
        lists = {name: tuple(told[name]) for name in ("hosts", "origins", "services")}
        return cls(**{**told, **lists})
