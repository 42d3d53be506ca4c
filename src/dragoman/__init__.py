"""Dragoman: a knowledge graph of diplomatic relationships, asked, checked and exported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dragoman.api import KnowledgeBase, open  # noqa: A004  dragoman.open reads as it should

__all__ = ["KnowledgeBase", "__version__", "open"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:  # noqa: ANN401  importing the package must cost nothing
    if name in {"KnowledgeBase", "open"}:
        from dragoman import api

        return getattr(api, name)
    raise AttributeError(f"module 'dragoman' has no attribute {name!r}")
