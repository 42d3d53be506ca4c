"""The folders of an index: one for each generation, of which only a published one is read.

A published generation is never written to again. The next one begins with hard links to its
immutable files, so it costs milliseconds, whatever the size. The engine opens files only when it
needs them: whoever reads a generation holds a lease on it, and it is not swept away meanwhile.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Final

from pyoxigraph import Store

from dragoman import spellings
from dragoman.files import sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_INDEX: Final = "index"
# The engine's tables never change once they are written; all other files do.
_TABLE: Final = ".sst"
_ORPHAN: Final = "bulk-"
_PASSING: Final = ("LOCK", "LOG")
_LEASE: Final = "lease"


def place(cache: Path, generation: str) -> Path:
    """Return the folder of a generation."""
    return cache / _INDEX / generation


def opened(cache: Path, generation: str, parts: Mapping[str, int]) -> tuple[Store, IO[bytes]]:
    """Open a generation for reading.

    Args:
        cache: the cache folder.
        generation: its name.
        parts: what `parts` said when it was published.

    Returns:
        The store, and the lease to hold as long as it is used.

    Raises:
        OSError: it is damaged, or gone.
    """
    folder = place(cache, generation)
    lease = (folder / _LEASE).open("rb")
    try:
        _lock(lease, shared=True)
        _compare(parts, parts_of(folder))
        return Store.read_only(str(folder)), lease
    except RuntimeError as error:  # so the engine reports some kinds of damage
        lease.close()
        raise OSError(str(error)) from error
    except BaseException:
        lease.close()
        raise


def _compare(wanted: Mapping[str, int], found: Mapping[str, int]) -> None:
    # The engine takes a manifest of its own that was cut short for the whole of it.
    if wanted != found:
        raise OSError("a part of it is missing or has another size")


def parts_of(folder: Path) -> dict[str, int]:
    """Return the files of a generation with their sizes, but for those that come and go.

    Raises:
        OSError: it is not there.
    """
    return {
        name: file.stat().st_size
        for name, file in _files(folder)
        if not file.name.startswith((*_PASSING, _ORPHAN, _LEASE))
    }


def _files(folder: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yield the files of a generation with their names, from its folder."""
    with os.scandir(folder) as files:
        for file in files:
            if file.name != spellings.FOLDER:
                yield file.name, file
                continue
            with os.scandir(file.path) as inner:
                for each in inner:
                    yield f"{file.name}{os.sep}{each.name}", each


class Begun:
    """A generation that is being made, open for writing until nobody holds it.

    Args:
        cache: the cache folder.
        generation: its name.

    Attributes:
        store: its store.

    Raises:
        OSError: it is damaged, or cannot be written.
    """

    def __init__(self, cache: Path, generation: str) -> None:
        self._folder = place(cache, generation)
        self._second: Store | None = None
        self.store = _written(self._folder)

    @property
    def has_second(self) -> bool:
        """Return whether it has the second store of `dragoman.spellings`."""
        return (self._folder / spellings.FOLDER).is_dir()

    def second(self) -> Store:
        """Return that second store, made where there is none."""
        if self._second is None:
            self._second = _written(self._folder / spellings.FOLDER)
        return self._second


def _written(folder: Path) -> Store:
    try:
        return Store(str(folder))
    except RuntimeError as error:
        raise OSError(str(error)) from error


def new(cache: Path) -> str:
    """Return the name of a new generation; its folder is for the caller to make.

    Raises:
        OSError: the folder above it cannot be made.
    """
    above = cache / _INDEX
    above.mkdir(exist_ok=True)
    names = [each.name.partition("-")[0] for each in above.iterdir()]
    number = max((int(name) for name in names if name.isdecimal()), default=0) + 1
    # Never a name that was used: this process, or a reader, may still have that folder open.
    return f"{number:06d}-{os.urandom(3).hex()}"


def link(source: Path, target: Path) -> None:
    """Make a generation's folder from that of another one, which nobody writes to.

    Raises:
        OSError: it cannot be made, or there is nothing to make it from.
    """
    import shutil

    target.mkdir()
    if (source / spellings.FOLDER).is_dir():
        (target / spellings.FOLDER).mkdir()
    for name, file in _files(source):
        if file.name.startswith((*_PASSING, _ORPHAN, _LEASE)):
            continue
        copy = f"{target}{os.sep}{name}"
        if file.name.endswith(_TABLE):
            try:
                os.link(file.path, copy)
            except FileNotFoundError:
                raise
            except OSError:  # not every file system has links
                shutil.copyfile(file.path, copy)
        else:
            shutil.copyfile(file.path, copy)


def sync(folder: Path) -> None:
    """Wait until a closed generation is safe on the disk, and can be leased.

    Raises:
        OSError: it cannot be made so.
    """
    (folder / _LEASE).touch()
    for _, file in _files(folder):
        linked = file.name.endswith(_TABLE) and os.stat(file.path).st_nlink > 1  # noqa: PTH116
        if linked or file.name.startswith(_PASSING):
            continue
        opened = os.open(file.path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
    if (folder / spellings.FOLDER).is_dir():
        sync_folder(folder / spellings.FOLDER)
    sync_folder(folder)
    sync_folder(folder.parent)


def sweep(cache: Path, keep: Iterable[str]) -> None:
    """Remove all generations but some, half-made ones too. Holds for who holds the lock.

    One that somebody still reads stays until a later sweep.
    """
    kept = set(keep)
    with suppress(FileNotFoundError):
        for folder in (cache / _INDEX).iterdir():
            if folder.name not in kept:
                _remove(folder)


def _remove(folder: Path) -> None:
    import shutil

    lease = folder / _LEASE
    try:
        with lease.open("rb") as file:
            _lock(file, shared=False)
            if os.name == "nt":  # there, what others have open cannot be removed
                file.close()
                lease.unlink()
            shutil.rmtree(folder, ignore_errors=True)
    except FileNotFoundError:  # half made: nobody reads it
        shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        return


def _lock(file: IO[bytes], *, shared: bool) -> None:
    """Lock a lease, where the system has such locks.

    Raises:
        BlockingIOError: somebody else has it.
    """
    if sys.platform == "win32":
        return
    import fcntl

    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:  # no locks on this file system: two generations are kept, which mostly does
        return


def size(folder: Path) -> int:
    """Return how many bytes a generation takes; 0 where it is not there."""
    try:
        return sum(file.stat().st_size for _, file in _files(folder))
    except OSError:
        return 0
