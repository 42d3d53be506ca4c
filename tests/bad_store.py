"""A store that misbehaves on purpose: what it is told to answer, it answers."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

JSON = "application/sparql-results+json"
TRUE = b'{"head":{},"boolean":true}'


@dataclass
class Reply:
    """What is answered.

    Attributes:
        cut: chunks are sent, and their end is not.
        short: more bytes are promised than are sent.
        drip: seconds between the bytes.
    """

    content: bytes = TRUE
    status: int = 200
    media_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    short: bool = False
    drip: float = 0.0


@dataclass
class Seen:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class BadStore(ThreadingHTTPServer):
    """Answers by a function of the request, and keeps all requests."""

    daemon_threads = True

    def __init__(self, answer: Callable[[Seen], Reply | None]) -> None:
        self.answer, self.seen = answer, []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/sparql"

    def handle_error(self, request, client_address) -> None:
        """Say nothing where a client has gone away."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_) -> None:
        """Write no log."""

    def handle_one(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        seen = Seen(self.command, self.path, dict(self.headers), body)
        self.server.seen.append(seen)
        reply = self.server.answer(seen)
        if reply is None:  # the line goes dead
            self.close_connection = True
            self.connection.close()
            return
        self.send_response_only(reply.status)
        self.send_header("Content-Type", reply.media_type)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.cut:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n%b\r\n" % (len(reply.content), reply.content))
            self.close_connection = True
            return
        more = 100 if reply.short else 0
        self.send_header("Content-Length", str(len(reply.content) + more))
        self.end_headers()
        if reply.drip:
            for byte in reply.content:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(reply.drip)
        else:
            self.wfile.write(reply.content)
        self.close_connection = reply.short

    do_GET = do_POST = do_PUT = do_DELETE = handle_one  # noqa: N815  the library's names


@contextmanager
def answering(answer: Callable[[Seen], Reply | None] | Reply) -> Iterator[BadStore]:
    """Run a store that answers so."""
    told = (lambda _: answer) if isinstance(answer, Reply) else answer
    with BadStore(told) as store:
        thread = threading.Thread(target=store.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield store
        finally:
            store.shutdown()
            thread.join()
