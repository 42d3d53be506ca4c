"""What was worked out once and is kept among the user's caches, where nobody else can write.

It is never kept in a base, which may come from somebody else, and may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from dragoman import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dragoman.base import SourceFile

_HERE: Final = Path(__file__).parent


def programs(*packages: str) -> bytes:
    """Return what tells our programs of some packages from later ones: names, sizes and times."""
    found = [each for name in packages for each in (_HERE / name).glob("*.py")]
    lines = []
    for entry in sorted(found):
        status = entry.stat()
        lines.append(f"{entry.name} {status.st_size} {status.st_mtime_ns}\n")
    return "".join(lines).encode()


def key(sources: Iterable[SourceFile], *packages: str) -> str:
    """Return the hash of files, and of the programs of some packages that read them."""
    whole = hashlib.sha256(f"{__version__} {sys.version} {sys.platform}".encode())
    whole.update(programs(*packages))
    for source in sources:
        with suppress(OSError):  # reading it says what is wrong
            content = source.path.read_bytes()
            whole.update(f"{source.folder} {len(content)}\n".encode() + content)
    return whole.hexdigest()


def opened(place: Path) -> IO[bytes] | None:
    """Open what is kept at a place, for reading; None where somebody else can have written it.

    Raises:
        OSError: nothing is kept there.
    """
    file = place.open("rb")
    if not _is_safe(place.parent.stat()) or not _is_safe(os.fstat(file.fileno())):
        file.close()
        return None
    with suppress(OSError):
        os.utime(place)
    return file


def keep(place: Path, data: bytes, most: int) -> None:
    """Keep something, where that can be done: in folders that are ours, and closed to others.

    Args:
        place: the file.
        data: its bytes.
        most: how many files stay in its folder, the youngest.
    """
    with suppress(OSError):
        for folder in (place.parent.parent, place.parent):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not _is_own(folder.stat()):
                return
        place.parent.chmod(0o700)
        waiting = place.with_name(f".{place.name}.{os.getpid()}")
        waiting.unlink(missing_ok=True)
        with os.fdopen(os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        waiting.replace(place)
        by_age = sorted(place.parent.iterdir(), key=lambda each: each.stat().st_mtime)
        for old in by_age[:-most]:
            old.unlink(missing_ok=True)


def _is_own(status: os.stat_result) -> bool:
    return sys.platform == "win32" or status.st_uid == os.geteuid()


def _is_safe(status: os.stat_result) -> bool:
    """Return whether nobody else can have written it."""
    return sys.platform == "win32" or (_is_own(status) and not status.st_mode & 0o022)
