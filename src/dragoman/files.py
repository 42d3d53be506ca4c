"""Writing files whole or not at all: under another name first, safe on the disk, then renamed.

`write_synced` and `sync_folder` are the parts that longer protocols are made of.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dragoman.errors import DragomanError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def save(target: str | os.PathLike[str], data: bytes | Iterable[bytes]) -> None:
    """Write a file, at once or block by block: all of it, or it stays as it was.

    A pipe or a device such as /dev/null is written into, never replaced.

    Raises:
        DragomanError: it cannot be written.
    """
    path = Path(target)
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            with path.open("wb") as file:
                file.writelines(_blocks(data))
        else:
            _save(path.parent, [(path.name, data)], make=False)
    except OSError as error:
        raise _problem(target, error) from error


def save_all(
    folder: str | os.PathLike[str],
    files: Mapping[str, bytes] | Iterable[tuple[str, Iterable[bytes]]],
) -> None:
    """Write files into a folder: all of them, or nothing changes.

    The folder, and folders in the names, are made where they are missing; other files stay. Files
    that come one by one are each written to their end before the next is asked for.

    Raises:
        DragomanError: they cannot be written.
    """
    try:
        pairs = files.items() if isinstance(files, Mapping) else files
        _save(Path(folder), pairs, make=True)
    except OSError as error:
        raise _problem(folder, error) from error


def write_synced(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a new file and wait until it is safe on the disk; its folder is not waited for.

    Raises:
        OSError: the file exists already, or cannot be written; then some of it may stand.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    file = os.open(path, flags, 0o666)
    try:
        for chunk in chunks:
            write_all(file, chunk)
        os.fsync(file)
    finally:
        os.close(file)


def write_all(file: int, data: bytes) -> None:
    """Write all bytes to an open file, however few the system takes at once."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are safe on the disk, where the system can be asked to."""
    if os.name == "nt":  # it orders such changes by itself, and opens no folder
        return
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def chunks_of(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, a mebibyte at a time."""
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            yield chunk


def size_of(path: Path) -> int:
    """Return the size of a file in bytes; 0 for one that cannot be looked at."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file as `sha256_of` does; empty for one that cannot be read."""
    try:
        return sha256_of(path)
    except OSError:
        return ""


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of the bytes of a file, in hexadecimal digits."""
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _problem(target: str | os.PathLike[str], error: OSError) -> DragomanError:
    return DragomanError(f"{target}: it cannot be written: {error.strerror or error}.")


def _blocks(data: bytes | Iterable[bytes]) -> Iterable[bytes]:
    return [data] if isinstance(data, bytes) else data


def _save(
    folder: Path, files: Iterable[tuple[str, bytes | Iterable[bytes]]], *, make: bool
) -> None:
    """Write all files under other names first, then give them theirs."""
    made = _made(folder) if make else []
    waiting: dict[Path, Path] = {}
    try:
        for name, data in files:
            place = (folder / name).resolve()
            made += _made(place.parent) if make else []
            waiting[place] = _waiting(place, _blocks(data))
        for place, file in waiting.items():
            file.replace(place)
    except BaseException:
        for file in waiting.values():
            file.unlink(missing_ok=True)
        for each in reversed(made):
            _remove(each)
        raise


def _waiting(place: Path, blocks: Iterable[bytes]) -> Path:
    """Write a file beside its place, safe on the disk."""
    if place.is_dir():
        raise IsADirectoryError(21, "Is a directory", str(place))
    import tempfile

    with tempfile.NamedTemporaryFile(
        dir=place.parent, prefix=f".{place.name}.", delete=False
    ) as file:
        try:
            file.writelines(blocks)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).chmod(_mode(place))
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    return Path(file.name)


def _mode(place: Path) -> int:
    if place.exists():
        return place.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _made(folder: Path) -> list[Path]:
    """Make a folder and those above it; return the new ones, outermost first."""
    missing = [each for each in [folder, *folder.parents] if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing[::-1]


def _remove(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return  # somebody else has put a file there
