"""Writing a source as its report form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dragoman import form, index
from dragoman.base import DATA, packaged_base, place_of
from dragoman.errors import DragomanError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dragoman.base import Base
    from dragoman.export import Graphs


def blocks(graphs: Graphs, base: Base | None) -> Iterator[bytes]:
    """Return the report form of the one graph, a source of the base, in blocks of bytes.

    Raises:
        DragomanError: there are several graphs, or it is no source below `data/`.
    """
    if len(graphs) != 1:
        raise DragomanError(
            "A report form tells of one source: name one, or add --split for a file each."
        )
    known, graph = base or packaged_base(), graphs[0]
    folder, name = place_of(graph.iri)
    if folder != DATA:
        raise DragomanError(f"{graph.name} is no source below data/: only those are told as forms.")
    text = form.of_source(known, name, list(graph.triples()), index.open_store(known))
    return iter([text.encode()])
