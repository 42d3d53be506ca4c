"""Dragoman: a knowledge graph of diplomatic relationships, asked, checked and exported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dragoman import lazy

__all__ = ["KnowledgeBase", "__version__", "open"]
__version__ = "0.1.0"

if TYPE_CHECKING:
    from dragoman.api import KnowledgeBase, open  # noqa: A004  dragoman.open reads as it should
else:  # a type checker would take any name for one of ours
    __getattr__ = lazy.attributes(__name__, "api")
