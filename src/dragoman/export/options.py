"""What can be asked of an export beyond its format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dragoman.errors import DragomanError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from dragoman.base import Base


@dataclass(frozen=True)
class Options:
    """Wishes; each format looks at those that mean something to it.

    Attributes:
        skolemize: blank nodes become IRIs, which `canonical.unskolemised` turns back.
        parts: cut into about so many parts.
        max_part_size: parts of at most so many bytes, before they are packed.
        graph_files: beside each part a file that names its graph, as Virtuoso's loader wants it.
        mapping: a file that says which nodes become edges, instead of the base's own.
        full: every node stays a node.
        rights: what the base says about rights, for a description.
        base: that the graphs belong to; it says how nodes become edges.
    """

    skolemize: bool = False
    parts: int | None = None
    max_part_size: int | None = None
    graph_files: bool = False
    mapping: Path | None = None
    full: bool = False
    rights: str = ""
    base: Base | None = None

    def check(self, title: str, taken: Collection[str]) -> None:
        """Refuse wishes that mean nothing to a format.

        Raises:
            DragomanError: naming the option as the command spells it.
        """
        for name in ("parts", "max_part_size", "graph_files", "mapping", "full"):
            if getattr(self, name) and name not in taken:
                option = f"--{name.replace('_', '-')}"
                raise DragomanError(f"{title} has no use for {option}.")
