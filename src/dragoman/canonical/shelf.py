"""Lines that are put by: in memory while they are few, in a temporary file from then on."""

from __future__ import annotations

__all__ = ["Shelf", "temporary"]

import tempfile
import threading
import weakref
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Final

from dragoman.errors import DragomanError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BLOCK: Final = 1 << 20
# What one shelf holds in memory before it becomes a file.
_SMALL: Final = 8 << 20


@contextmanager
def temporary() -> Iterator[None]:
    """Put into words what goes wrong with a temporary file.

    Raises:
        DragomanError: it cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise DragomanError(
            f"A temporary file in {tempfile.gettempdir()} cannot be written: "
            f"{error.strerror or error}. Name a folder with more room in TMPDIR."
        ) from error


class Shelf:
    """A place for stretches of lines, one behind the other, until nobody refers to it."""

    def __init__(self, small: int = _SMALL) -> None:
        # closed by the finalizer: stretches live as long as whoever holds them
        self._file = tempfile.SpooledTemporaryFile(max_size=small)  # noqa: SIM115
        weakref.finalize(self, _close, self._file)
        self._end = 0
        self._lock = threading.RLock()

    def put(self, blocks: Iterable[bytes]) -> Stretch:
        """Put lines by, and return where they stand.

        Raises:
            DragomanError: there is no room for temporary files.
            And whatever the blocks raise.
        """
        with self._lock:
            start = self._end
            for block in blocks:
                with temporary():
                    self._file.seek(self._end)
                    self._file.write(block)
                self._end += len(block)
            return Stretch(self, start, self._end - start)

    def all(self) -> Stretch:
        """Return all that was put by, as one stretch."""
        return Stretch(self, 0, self._end)

    def get(self, start: int, size: int) -> bytes:
        """Return bytes that were put by."""
        with self._lock:
            with temporary():
                self._file.seek(start)  # where a write is put off, it happens now
            return self._file.read(size)


def _close(file: IO[bytes]) -> None:
    with suppress(OSError):  # what could not be written is written when it closes, in vain again
        file.close()


@dataclass(frozen=True)
class Stretch:
    """Whole lines on a shelf."""

    shelf: Shelf = field(repr=False, compare=False)
    start: int
    size: int

    def blocks(self, size: int = BLOCK) -> Iterator[bytes]:
        """Yield whole lines, at least one and about `size` bytes at a time."""
        place, end, rest = self.start, self.start + self.size, b""
        while place < end:
            read = self.shelf.get(place, min(size, end - place))
            place += len(read)
            cut = read.rfind(b"\n") + 1
            if not cut:
                rest += read
                continue
            yield rest + read[:cut]
            rest = read[cut:]
        if rest:
            yield rest
