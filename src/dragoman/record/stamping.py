"""A hash of all that the record of a base follows from, but for its facts."""

from __future__ import annotations

__all__ = ["stamp"]

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING

from dragoman import __version__
from dragoman.record.deriving import EDITION

if TYPE_CHECKING:
    from dragoman.base import Base


def stamp(base: Base) -> str:
    """Return the hash of the rules of a base, and of what they are read with."""
    whole = hashlib.sha256(f"{__version__} {EDITION}\n".encode())
    for path in (*(each.path for each in base.rules()), *base.prefix_tables()):
        with suppress(OSError):  # reading it says what is wrong
            content = path.read_bytes()
            whole.update(f"{path.name} {len(content)}\n".encode() + content)
    return whole.hexdigest()
