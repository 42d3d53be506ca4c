"""What leads from one state of graphs to another, as RDF Patch (Apache Jena, RDF Delta).

A patch names blank nodes by what the store calls them, which nobody else knows. So a patch is
between states whose blank nodes are IRIs: what `canonical.skolemised` makes of them, and what the
bulk layout holds on request. Where there are no blank nodes, any store of the old state will do.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Triple

from dragoman import base as bases
from dragoman import canonical, syntax, vocabulary
from dragoman.errors import SyntaxProblem
from dragoman.export import bulk, bulk_folder, description, graphs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pyoxigraph import Quad

    from dragoman.base import Base
    from dragoman.canonical import CanonicalGraph

# The name of triples that stand in no named graph.
DEFAULT: Final = ""


def written(old: Sequence[CanonicalGraph], new: Sequence[CanonicalGraph]) -> Iterator[bytes]:
    """Yield the patch from the old graphs to the new: a header, and one transaction.

    Its id follows from the new state, and the id of the patch before it from the old: so patches
    from state to state make a log. Nothing is yielded where the states are the same.

    Raises:
        DragomanError: two graphs with blank nodes have one name.
    """
    before, after = (
        {graph.iri: graph for graph in _named(side)} for side in _aligned(old, new)
    )  # fmt: skip
    states = [description.version(side.values()) for side in (before, after)]
    if states[0] == states[1]:
        return
    yield f"H id {_id(states[1])} .\n".encode()
    if before:
        yield f"H prev {_id(states[0])} .\n".encode()
    yield b"TX .\n"
    for iri in sorted(before.keys() | after.keys()):
        for gone, come in _changes(before.get(iri), after.get(iri)):
            yield from _rows(b"D ", gone, iri)
            yield from _rows(b"A ", come, iri)
    yield b"TC .\n"


def counted(block: bytes) -> tuple[int, int]:
    """Return how many statements rows of a patch add, and how many they delete."""
    added, deleted = (
        block.startswith(start[1:]) + block.count(start) for start in (b"\nA ", b"\nD ")
    )
    return added, deleted


def states(
    old: str,
    new: str,
    base: Callable[[], Base],
    timeout: float | None = canonical.TIMEOUT,
    base_iri: str | None = None,
) -> tuple[list[CanonicalGraph], list[CanonicalGraph]]:
    """Return the graphs that two names stand for.

    Args:
        old: a folder of the bulk layout; a folder that is a base, of which those folders are meant
            that the other side was exported from, else ontology and data; a file in any format;
            or a source, as `Base.source` knows it.
        new: the same.
        base: gives the base for the name of a source.
        timeout: seconds for the labelling of blank nodes; None for no end.
        base_iri: what relative IRIs of a file are resolved against; by default its own address.

    Raises:
        SyntaxProblem: a file does not parse, or a folder is not what its manifest says.
        UnknownNameError: there is no such file, and no such source.
        BaseNotFoundError: a folder is no base.
        LimitError: labelling blank nodes took too long.
    """
    paths = [Path(text) for text in (old, new) if "\0" not in text]
    folders = sorted({
        graph.folder
        for path in paths
        if bulk_folder.is_one(path)
        for graph in bulk_folder.opened(path).graphs
        if graph.folder in bases.SUFFIXES
    })  # fmt: skip

    def state(text: str) -> list[CanonicalGraph]:
        path = Path(text)
        if path in paths and path.is_dir():
            if bulk_folder.is_one(path):
                return bulk_folder.graphs(path, timeout)
            return graphs.read(graphs.chosen(bases.find_base(path), (), folders), timeout)
        if path in paths and path.exists():
            return _datasets(path, timeout, base_iri or path.resolve().as_uri())
        return graphs.read([base().source(text)], timeout)

    return state(old), state(new)


def _datasets(path: Path, timeout: float | None, base_iri: str) -> list[CanonicalGraph]:
    """Return the graphs of a file; what stands in none is called DEFAULT."""
    found: dict[str, list[Triple]] = {}
    homes: dict[BlankNode, str] = {}
    for quad in syntax.read_rdf(path, base_iri=base_iri):
        iri = _graph(quad, path)
        for node in quad.triple:
            if isinstance(node, BlankNode) and homes.setdefault(node, iri) != iri:
                raise SyntaxProblem(f"The blank node {node} stands in two graphs.", path)
        found.setdefault(iri, []).append(quad.triple)
    gathering = canonical.Gathering(timeout)
    for iri, triples in found.items():
        end = iri.rstrip("/#").replace("#", "/").rpartition("/")[2]
        gathering.add(triples, iri, unquote(end) or bases.stem(path))
    return gathering.graphs()


def _graph(quad: Quad, path: Path) -> str:
    if isinstance(quad.graph_name, DefaultGraph):
        return DEFAULT
    if isinstance(quad.graph_name, BlankNode):
        raise SyntaxProblem(f"The graph {quad.graph_name} has no IRI to be known by.", path)
    return quad.graph_name.value


def _aligned(
    old: Sequence[CanonicalGraph], new: Sequence[CanonicalGraph]
) -> tuple[Sequence[CanonicalGraph], Sequence[CanonicalGraph]]:
    """Return both sides; two single graphs are one graph, if one of them has no name."""
    if len(old) == len(new) == 1 and DEFAULT in {old[0].iri, new[0].iri}:
        iri, name = old[0].iri or new[0].iri, old[0].name if old[0].iri else new[0].name
        return [replace(old[0], iri=iri, name=name)], [replace(new[0], iri=iri, name=name)]
    return old, new


def _named(side: Sequence[CanonicalGraph]) -> list[CanonicalGraph]:
    bulk.check_names(side)
    return canonical.skolemised(side)


def _changes(
    old: CanonicalGraph | None, new: CanonicalGraph | None
) -> Iterator[tuple[bytes, bytes]]:
    if old and new:
        yield from canonical.difference(old, new)
        return
    for graph in (old, new):
        for block in graph.blocks() if graph else ():
            yield (block, b"") if graph is old else (b"", block)


def _rows(operation: bytes, lines: bytes, iri: str) -> Iterator[bytes]:
    blocks = [lines] if lines else []
    for block in canonical.graph_named(blocks, iri) if iri else blocks:
        yield operation + block[:-1].replace(b"\n", b"\n" + operation) + b"\n"


def _id(version: str) -> NamedNode:
    return NamedNode(uuid.uuid5(uuid.NAMESPACE_URL, f"{vocabulary.DATASET}{version}").urn)
