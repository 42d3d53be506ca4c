"""Dragoman: a knowledge graph of diplomatic relationships, asked, checked and exported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dragoman import lazy

__version__ = "0.1.0"

if TYPE_CHECKING:
    from dragoman.api import *
else:  # a type checker would take any name for one of ours
    __getattr__ = lazy.attributes(__name__, "api")
