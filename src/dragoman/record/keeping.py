"""The record of a base that is read into memory: derived, and kept from one time to the next.

It is kept in the base's cache folder, headed by the stamps of all that it follows from. Anything
else than what is there now, and anything wrong with the file, and it is derived anew.
"""

from __future__ import annotations

__all__ = ["recorded"]

import json
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph
from pyoxigraph import RdfFormat, serialize

from dragoman import __version__
from dragoman.record import deriving

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dragoman.base import Base
    from dragoman.store import LocalStore

_NAME: Final = "record.nq"
_END: Final = b"# whole\n"
# A file that was changed so shortly before may be changed again, and bear the same stamp.
_TICK: Final = 2_000_000_000


def recorded(base: Base, loaded: LocalStore) -> LocalStore:
    """Return the facts of a base that were read into memory, with the record of them."""
    rules = base.rules()
    if not rules:
        return loaded
    paths = [each.path for each in (*rules, *loaded.sources)] + [*base.prefix_tables()]
    before = _stamps(paths)
    told = _taken(base.cache, before, loaded)
    if told is None:
        from dragoman.record.rule import read  # what is kept needs none of it

        found = deriving.derived(loaded.store, read(base))
        told = [str(each) for each in found.faults]
        _keep(base, before, loaded, told)
    return replace(loaded, warnings=(*loaded.warnings, *told))


def _stamps(paths: Iterable[Path]) -> dict[str, list[int]]:
    """Return what the file system says of files: size, times and inode."""
    found = {}
    for path in paths:
        found[str(path)] = [0, 0, 0, 0]  # a link to nothing counts, too: it is warned of
        with suppress(OSError):
            told = os.stat(path)  # noqa: PTH116  half the time of Path.stat
            found[str(path)] = [told.st_size, told.st_mtime_ns, told.st_ctime_ns, told.st_ino]
    return found


def _head(stamps: dict[str, list[int]], warnings: list[str] | None = None) -> str:
    """Return what a kept record begins with; without warnings, up to them."""
    made_by = f"{__version__} {pyoxigraph.__version__} {deriving.EDITION}"
    told = json.dumps([made_by, stamps, warnings or []])
    return f"# {told if warnings is not None else told.removesuffix('[]]')}"


def _taken(
    cache: Path | None, stamps: dict[str, list[int]], loaded: LocalStore
) -> list[str] | None:
    """Put the record that was kept into the store, and return its warnings; None where it is old.

    Nothing is put there where anything is wrong with it.
    """
    if cache is None:
        return None
    try:
        text = (cache / _NAME).read_bytes()
        head, _, body = text.partition(b"\n")
        start = _head(stamps).encode()
        if not head.startswith(start) or not text.endswith(_END):
            return None
        warnings = json.loads(head[len(start) : -1])
        loaded.store.load(body, RdfFormat.N_QUADS)
    except (OSError, ValueError, SyntaxError):
        return None
    return [str(each) for each in warnings]


def _keep(
    base: Base, stamps: dict[str, list[int]], loaded: LocalStore, warnings: list[str]
) -> None:
    """Keep a record, where that can be done, and where no later change can bear these stamps."""
    import tempfile

    cache = base.make_cache()
    if cache is None:
        return
    quads = deriving.in_record(
        quad.triple for quad in loaded.store.quads_for_pattern(None, None, None, deriving.RECORD)
    )
    body = serialize(quads, format=RdfFormat.N_QUADS) or b""
    with suppress(OSError):
        handle, name = tempfile.mkstemp(prefix=f".{_NAME}.", dir=cache)
        waiting = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_head(stamps, warnings).encode() + b"\n" + body + _END)
            newest = max(max(each[1:3]) for each in stamps.values())
            if newest < waiting.stat().st_mtime_ns - _TICK:
                waiting.replace(cache / _NAME)
        finally:
            waiting.unlink(missing_ok=True)
