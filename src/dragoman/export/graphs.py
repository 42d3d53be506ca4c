"""The graphs to export: which are meant, read exactly from their files, in one order.

A graph is read by `syntax.read_rdf`, never from the index, which respells literals. Its blank nodes
get the labels of RDFC-1.0 (RDF Dataset Canonicalization, W3C 2024), so that the same facts are the
same bytes whatever their files call those nodes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Triple

from dragoman import base as bases
from dragoman import syntax, vocabulary
from dragoman.errors import DragomanError, LimitError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dragoman.base import Base, SourceFile

TIMEOUT: Final = 60.0
DEFAULT: Final = (bases.ONTOLOGY, bases.DATA)


@dataclass(frozen=True)
class Graph:
    """One named graph.

    Attributes:
        name: of its file, without folder and suffix.
        folder: `ontology`, `shapes` or `data`; empty for a graph that is no file.
        iri: of the graph.
        triples: each once, sorted by their N-Triples text.
    """

    name: str
    folder: str
    iri: str
    triples: tuple[Triple, ...]


def chosen(
    base: Base, sources: Iterable[str] = (), only: Iterable[str] = ()
) -> tuple[SourceFile, ...]:
    """Return the files that are meant, each once, in the order of the base.

    Args:
        base: the base.
        sources: names, paths, IRIs or prefixed names of sources; without any, whole folders.
        only: the folders, by default ontology and data.

    Raises:
        UnknownNameError: no such source or folder; naming the nearest.
        DragomanError: both sources and folders are told.
    """
    names, folders = tuple(sources), tuple(only)
    if names and folders:
        raise DragomanError("Name sources, or whole folders with --only: not both.")
    for folder in folders:
        if folder not in bases.SUFFIXES:
            raise UnknownNameError("folder", folder, bases.SUFFIXES)
    if not names:
        wanted = folders or DEFAULT
        return base.sources(*(folder for folder in bases.SUFFIXES if folder in wanted))
    prefixes = base.prefixes()
    found = {_source(base, name, prefixes).graph for name in names}
    return tuple(source for source in base.sources() if source.graph in found)


def inferred(facts: Iterable[Triple]) -> Graph:
    """Return derived facts as a graph.

    Facts about blank nodes are left out: those of an index are not those of the files.
    """
    named = tuple(triple for triple in facts if not _has_blank_node(triple))
    return Graph("inferred", "", vocabulary.INFERRED_GRAPH, named)


def read(
    sources: Iterable[SourceFile],
    further: Iterable[Graph] = (),
    timeout: float | None = TIMEOUT,
) -> list[Graph]:
    """Read files as graphs whose blank nodes are labelled canonically.

    A label stands for one node throughout: the second graph counts on where the first one ended,
    so the graphs of one file keep their blank nodes apart. A graph that is read alone has exactly
    the labels of RDFC-1.0.

    Args:
        sources: the files.
        further: graphs that are no files, without blank nodes (see `inferred`).
        timeout: seconds for the labelling; None for no end.

    Raises:
        SyntaxProblem: a file does not parse.
        LimitError: the labelling took too long, as graphs can be made to make it.
    """
    graphs = [
        Graph(
            source.name,
            source.folder,
            source.graph,
            tuple({quad.triple: None for quad in syntax.read_rdf(source.path)}),
        )
        for source in sources
    ]
    anonymous = [graph for graph in graphs if any(map(_has_blank_node, graph.triples))]
    labelled: dict[str, tuple[Triple, ...]] = {}
    if anonymous:
        from dragoman.export import labels

        try:
            answers = labels.labelled([graph.triples for graph in anonymous], timeout)
        except LimitError as error:
            names = ", ".join(graph.name for graph in anonymous)
            raise LimitError(
                f"Labelling the blank nodes of {names} took longer than {timeout:g} s and was "
                "ended. Give them IRIs, export fewer sources, or allow more with --timeout."
            ) from error
        labelled = dict(zip((graph.iri for graph in anonymous), answers, strict=True))
    return [
        replace(graph, triples=tuple(sorted(labelled.get(graph.iri, graph.triples), key=str)))
        for graph in [*graphs, *further]
    ]


def _source(base: Base, name: str, prefixes: dict[str, str]) -> SourceFile:
    if iri := syntax.written_iri(name, prefixes):
        return base.source(iri)
    if "\0" not in name and (found := base.graph_of(Path(name))):
        return found
    return base.source(name)


def _has_blank_node(triple: Triple) -> bool:
    return any(
        isinstance(term, BlankNode) or (isinstance(term, Triple) and _has_blank_node(term))
        for term in triple
    )
