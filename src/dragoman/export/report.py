"""Writing a source as its report form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dragoman import form, index
from dragoman.base import DATA, packaged_base
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
    known = base or packaged_base()
    found = {each.graph: each for each in known.sources(DATA)}.get(graphs[0].iri)
    if found is None:
        raise DragomanError(f"{graphs[0].name} is no source below data/ of the base.")
    text = form.of_source(known, found, index.open_store(known))
    return iter([text.encode()])
