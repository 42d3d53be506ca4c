"""The graphs to export: which are meant, read exactly from their files, in one order.

A graph is read by `syntax.read_rdf`, never from the index, which respells literals. Its blank nodes
get the labels of RDFC-1.0 (RDF Dataset Canonicalization, W3C 2024), so that the same facts are the
same bytes whatever their files call those nodes.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from pyoxigraph import BlankNode, Triple

from dragoman import base as bases
from dragoman import canonical, syntax, vocabulary
from dragoman.errors import DragomanError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dragoman.base import Base, SourceFile
    from dragoman.canonical import CanonicalGraph

DEFAULT: Final = (bases.ONTOLOGY, bases.DATA)


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
    names, folders = _told(sources, only)
    if not names:
        wanted = folders or DEFAULT
        files = base.sources(*(folder for folder in bases.SUFFIXES if folder in wanted))
        if bases.SHAPES not in wanted:
            return files
        # what shapes need elsewhere: the prefixes of their queries, and the rules
        paths = () if bases.ONTOLOGY in wanted else base.prefix_tables()
        tables = (each for each in base.sources(bases.ONTOLOGY) if each.path in paths)
        return (*tables, *files, *base.rules())
    prefixes = base.prefixes()
    found = {_source(base, name, prefixes).graph for name in names}
    return tuple(source for source in base.sources() if source.graph in found)


def lowered(sources: Iterable[SourceFile]) -> str:
    """Return, as a sentence, that language tags are written otherwise than files have them.

    Empty where none of the files has one with capitals.
    """
    for source in sources:
        if tag := syntax.capital_tag(source.path, syntax.format_of(source.path)):
            return f"Of {source.name}, {syntax.lowered(tag)}: RDF compares them without case."
    return ""


def derived(facts: Iterable[Triple], iri: str) -> CanonicalGraph:
    """Return what follows from others, by inference or by rules, as a graph of its own.

    Facts about blank nodes are left out: those of an index are not those of the files.
    """
    named = (triple for triple in facts if not _has_blank_node(triple))
    return canonical.of_triples(named, iri)


def read(
    sources: Iterable[SourceFile], timeout: float | None = canonical.TIMEOUT
) -> list[CanonicalGraph]:
    """Read files as graphs.

    Args:
        sources: the files.
        timeout: seconds for labelling blank nodes; None for no end.

    Raises:
        SyntaxProblem: a file does not parse.
        LimitError: there are too many blank nodes, or labelling them took too long.
    """
    gathering = canonical.Gathering(timeout)
    for source in sources:
        statements = syntax.read_rdf(source.path)
        gathering.add(statements, source.graph, source.name, source.folder)
    return gathering.graphs()


class Elsewhere(Protocol):
    """What has named graphs and is no base: an endpoint."""

    def graphs(self) -> tuple[str, ...]:
        """Return the IRIs of the named graphs."""

    def lines(self, graph: str | None, *, mended: bool = False) -> Iterator[bytes]:
        """Yield a graph as N-Triples, in blocks of any size."""


def fetched(  # noqa: PLR0913  what is meant, and within what limits
    store: Elsewhere,
    prefixes: dict[str, str],
    sources: Iterable[str] = (),
    only: Iterable[str] = (),
    timeout: float | None = canonical.TIMEOUT,
    *,
    record: bool = False,
) -> list[CanonicalGraph]:
    """Read graphs of a store, in the order of their IRIs.

    Args:
        store: where they are.
        prefixes: what names of graphs may be shortened with.
        sources: names or IRIs of graphs; without any, whole folders.
        only: the folders that IRIs tell; by default every graph but the shapes, also those of which
            no base knows.
        timeout: seconds for labelling blank nodes; None for no end.
        record: the record, too, where none is named.

    Raises:
        UnknownNameError: no such graph or folder; naming the nearest.
        DragomanError: both sources and folders are told; or the store does not give a graph whole.
        LimitError: there are too many blank nodes, or labelling them took too long.
    """
    names, folders = _told(sources, only)
    there = {iri: _place_of(iri) for iri in store.graphs()}
    if names:
        known = {name: iri for iri, (_, name) in reversed(there.items())}
        iris = {syntax.written_iri(name, prefixes) or known.get(name, name) for name in names}
        for iri in sorted(iris - there.keys()):
            raise UnknownNameError("graph", iri, known, "in the store")
    else:
        iris = {
            iri
            for iri, (folder, _) in there.items()
            if (folder in folders if folders else folder != bases.SHAPES)
            and iri != vocabulary.RECORD_GRAPH
        }
        iris |= {vocabulary.RECORD_GRAPH} & there.keys() if record else set()
    gathering = canonical.Gathering(timeout)
    for iri in sorted(iris):
        folder, name = there[iri]
        gathering.add_lines(store.lines(iri, mended=True), iri, name, folder)
    return gathering.graphs()


def _told(sources: Iterable[str], only: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of sources, or of folders, after checking them."""
    names, folders = tuple(sources), tuple(only)
    if names and folders:
        raise DragomanError("Name sources, or whole folders with --only: not both.")
    for folder in folders:
        if folder not in bases.SUFFIXES:
            raise UnknownNameError("folder", folder, bases.SUFFIXES)
    return names, folders


def _place_of(iri: str) -> tuple[str, str]:
    """Return folder and name of a graph; for one of which no base knows a name for a file."""
    folder, name = bases.place_of(iri)
    end = re.split("[/#]", iri.rstrip("/#"))[-1]
    return folder, name or re.sub(r"[^A-Za-z0-9._-]", "-", end) or "graph"


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
