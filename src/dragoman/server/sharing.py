"""What all requests share: the workers, the state of the files, the answers that are kept."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Final, NamedTuple

from dragoman.base import find_base
from dragoman.server import freshness
from dragoman.server.workers import Pool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dragoman.server.options import Options

_log: Final = logging.getLogger("dragoman.server")
# Seconds: files are looked at so often, but a twentieth of the time at most.
_LOOK: Final = 0.25
_SHARE: Final = 20
# Bytes of answers that are kept in all.
_KEPT: Final = 64 * 1024**2


class Kept(NamedTuple):
    """An answer that is told again."""

    headers: tuple[tuple[str, str], ...]
    body: bytes


class Front:
    """What all requests share.

    Attributes:
        options: how the server was started.
        pool: the workers.
        generation: the state of the files.
        most_kept: bytes that an answer may have that is kept.
        held: bytes of bodies that are being sent, or worked on.
        most_held: how many these may be.
    """

    most_kept: Final = 2 * 1024**2

    def __init__(self, options: Options) -> None:
        self.options = options
        self.pool = Pool(options)
        self.generation = ""
        self.held = 0
        self.most_held = 8 * options.body
        self._base = find_base(options.base)
        self._kept: OrderedDict[bytes, Kept] = OrderedDict()
        self._size = 0

    async def look(self) -> None:
        """Look whether a file of the base has changed."""
        found = await asyncio.to_thread(freshness.generation, self._base)
        if found != self.generation:
            self.generation = found
            self._kept.clear()
            self._size = 0

    async def watch(self) -> None:
        """Look again and again."""
        while True:
            began = time.monotonic()
            try:
                await self.look()
            except Exception:  # noqa: BLE001  the next look may succeed
                _log.exception("The files of the base cannot be looked at.")
            await asyncio.sleep(max(_LOOK, _SHARE * (time.monotonic() - began)))

    def known(self, key: bytes) -> Kept | None:
        """Return the answer that is kept of a key."""
        found = self._kept.get(key)
        if found:
            self._kept.move_to_end(key)
        return found

    def keep(
        self, key: bytes, generation: str, headers: Sequence[tuple[str, str]], body: bytes
    ) -> None:
        """Keep an answer, in the place of those that were asked longest ago.

        Not one to a question that was asked of files that have changed meanwhile.
        """
        if generation != self.generation or len(body) > self.most_kept or key in self._kept:
            return
        self._kept[key] = Kept(tuple(headers), body)
        self._size += len(body)
        while self._size > _KEPT:
            _, old = self._kept.popitem(last=False)
            self._size -= len(old.body)
