"""Whether any file of a base has changed, at the cost of looking at each."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from dragoman.base import MARKER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dragoman.base import Base


def generation(base: Base) -> str:
    """Return a name for the state of all files that a base is made of.

    It tells sizes, times and inodes apart, of the files of the base and of its layers; two states
    that have the same name are the same but for a file that was written over within the resolution
    of the file system's clock.
    """
    told = hashlib.blake2b(digest_size=9)
    for folder in (base.root, *base.layers):
        told.update(_stamp(str(folder / MARKER)).encode("utf-8", "surrogateescape"))
        for each in ("ontology", "shapes", "data", "queries", "texts"):
            for line in sorted(_stamps(str(folder / each))):
                told.update(line.encode("utf-8", "surrogateescape"))
    return told.hexdigest()


def _stamps(folder: str) -> Iterator[str]:
    try:
        with os.scandir(folder) as found:
            entries = list(found)
    except OSError:
        return
    for entry in entries:
        try:
            # A base does not follow links to folders, which may lead in circles.
            if entry.is_dir(follow_symlinks=False):
                yield from _stamps(entry.path)
                continue
        except OSError:
            continue
        yield _stamp(entry.path)


def _stamp(path: str) -> str:
    try:
        seen = os.stat(path)  # noqa: PTH116  thousands of paths, a thousand times an hour
    except OSError:
        return ""
    return f"{path}\0{seen.st_size}\0{seen.st_mtime_ns}\0{seen.st_ino}\n"
