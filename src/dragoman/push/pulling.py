"""Bringing a graph back from a store: its statements into a file, as the store gives them."""

from __future__ import annotations

__all__ = ["RemoteGraph", "fetch", "listing", "name_of"]

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from dragoman import base as bases
from dragoman import vocabulary
from dragoman.errors import UnknownNameError
from dragoman.push.reading import lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dragoman.base import Base
    from dragoman.remote import Endpoint


class RemoteGraph(NamedTuple):
    """A named graph of a store.

    Attributes:
        graph: its IRI.
        triples: how many statements it has.
        source: the name of the source of the base that is this graph; empty where none is.
    """

    graph: str
    triples: int
    source: str


def listing(endpoint: Endpoint, base: Base) -> list[RemoteGraph]:
    """Return the named graphs of a store, and which of them the base has.

    Raises:
        StoreError: the store did not answer.
    """
    names = {source.graph: source.name for source in base.sources(*bases.SUFFIXES)}
    return [
        RemoteGraph(graph, endpoint.count(graph), names.get(graph, ""))
        for graph in endpoint.graphs()
    ]


def fetch(
    endpoint: Endpoint,
    graph: str,
    path: Path,
    *,
    timeout: float | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> bool:
    """Write a named graph into a file as N-Triples, and say whether it has blank nodes as IRIs.

    Args:
        endpoint: the store.
        graph: its IRI.
        path: the file.
        timeout: seconds for all of it; None for no end.
        progress: is told the bytes done, and the same once more.

    Raises:
        UnknownNameError: the store has no such graph; naming the nearest.
        StoreError: the store did not answer, or gave less than it counts.
        LimitError: the timeout has passed.
    """
    if not endpoint.count(graph):
        raise UnknownNameError("graph", graph, endpoint.graphs(), f"in {endpoint.profile.name}")
    mark, marked = f"<{vocabulary.GENID}".encode(), False
    with path.open("wb") as file:
        for block in lines(endpoint, graph, f"reading <{graph}>", timeout):
            file.write(block)
            marked = marked or mark in block
            if progress:
                progress(file.tell(), file.tell())
    return marked


def name_of(graph: str) -> str:
    """Return what the source is called that a graph is; empty where its IRI is none of ours."""
    start = vocabulary.SOURCE_GRAPH
    return unquote(graph.removeprefix(start)) if graph.startswith(start) else ""
