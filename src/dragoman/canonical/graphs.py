"""Graphs in canonical form: made of files, of triples or of lines, put together and compared."""

from __future__ import annotations

__all__ = [
    "TIMEOUT",
    "CanonicalGraph",
    "Gathering",
    "apart",
    "difference",
    "merged",
    "of_lines",
    "of_triples",
    "read",
    "skolemised",
    "union",
]

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import IO, TYPE_CHECKING, Final, cast

from pyoxigraph import NamedNode, RdfFormat, parse, serialize

from dragoman import syntax
from dragoman.canonical import labels, sorting, terms
from dragoman.canonical.shelf import BLOCK, Shelf, Stretch
from dragoman.errors import DragomanError, LimitError, SyntaxProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from pyoxigraph import Quad, Triple

TIMEOUT: Final = 60.0
# So many graphs are merged side by side, a block of each in memory; more are sorted anew.
_ABREAST: Final = 16
# Bytes that are taken apart into lines at once, of each of several sources.
_PASSED: Final = 1 << 17


@dataclass(frozen=True, eq=False)
class CanonicalGraph:
    """One named graph as lines of canonical N-Triples, sorted by code point, each once.

    Its lines stand in memory while they are few, else in a temporary file that lives as long as
    some graph that was made together with it.

    Attributes:
        iri: of the graph.
        name: of its file, without folder and suffix; the end of its IRI where it is no file.
        folder: `ontology`, `shapes` or `data`; empty for a graph that is no file.
        count: how many triples.
        blank_nodes: how many.
        named: the lines without blank nodes.
        anonymous: the lines with blank nodes.
        first_label: the number of the first label; 0 unless the graph was set `apart`.
        original: the graph before it was set apart; None where it was not.
    """

    iri: str
    name: str
    folder: str
    count: int
    blank_nodes: int
    named: Stretch = field(repr=False, compare=False)
    anonymous: Stretch = field(repr=False, compare=False)
    first_label: int = field(default=0, repr=False)
    original: CanonicalGraph | None = field(default=None, repr=False)

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the lines with their canonical labels, in hexadecimal digits.

        That is the RDFC-1.0 hash of the graph, as a dataset of one default graph.
        """
        if self.original is not None:
            return self.original.sha256
        digest = hashlib.sha256()
        for block in self.blocks():
            digest.update(block)
        return digest.hexdigest()

    def blocks(self, size: int = BLOCK) -> Iterator[bytes]:
        """Yield whole lines in order, some `size` bytes at a time; as often as wanted."""
        if not self.anonymous.size:
            return self.named.blocks(size)
        if not self.named.size:
            return self.anonymous.blocks(size)
        return sorting.merged([self.named.blocks(size), self.anonymous.blocks(size)])

    def quads(self) -> Iterator[bytes]:
        """Yield the lines as N-Quads that name the graph; else as `blocks`."""
        return terms.graph_named(self.blocks(), self.iri)

    @property
    def size(self) -> int:
        """How many bytes the lines are."""
        return self.named.size + self.anonymous.size

    @property
    def quads_size(self) -> int:
        """How many bytes the lines are as N-Quads."""
        return self.size + self.count * (len(str(NamedNode(self.iri)).encode()) + len(" "))

    def triples(self) -> Iterator[Triple]:
        """Yield the triples in the order of the lines."""
        stream = cast("IO[bytes]", terms.BlockStream(self.blocks()))
        return (quad.triple for quad in parse(stream, RdfFormat.N_TRIPLES))


class Gathering:
    """Graphs in the making: `add` each, then `graphs` labels the blank nodes of all in one go."""

    def __init__(self, timeout: float | None = TIMEOUT) -> None:
        """Allow so many seconds for labelling; None for no end."""
        self._timeout = timeout
        self._shelf = Shelf()
        self._graphs: list[CanonicalGraph] = []

    def add(
        self,
        statements: Iterable[Quad] | Iterable[Triple],
        iri: str,
        name: str = "",
        folder: str = "",
    ) -> None:
        """Take a graph: triples, or quads of a default graph, in any order.

        Raises:
            LimitError: more than MAX_LABELLED statements have blank nodes.
            And whatever the statements raise.
        """
        named, anonymous = sorting.Sorter(), sorting.Sorter()
        title = name or _end_of(iri)
        _Splitter(named, anonymous, title).fill(statements)
        known, count = named.put(self._shelf)
        # what is anonymous has yet to be labelled and counted
        asked, _ = anonymous.put(self._shelf)
        self._graphs.append(CanonicalGraph(iri, title, folder, count, 0, known, asked))

    def add_lines(
        self, blocks: Iterable[bytes], iri: str, name: str = "", folder: str = ""
    ) -> None:
        """Take a graph: N-Triples in any spelling and order, cut anywhere into blocks.

        Raises:
            SyntaxProblem: with the line of the text, where it does not parse.
            And what `add` raises.
        """
        self.add(_parsed(blocks, name or iri), iri, name, folder)

    def graphs(self) -> list[CanonicalGraph]:
        """Return what was added, in that order, with canonical labels.

        Raises:
            LimitError: the labelling took too long, as graphs can be made to make it.
            DragomanError: it failed.
        """
        waiting = [number for number, graph in enumerate(self._graphs) if graph.anonymous.size]
        try:
            answers = labels.labelled(
                [self._graphs[number].anonymous for number in waiting], self._timeout
            )
            for number, (nodes, lines) in zip(waiting, answers if waiting else (), strict=True):
                self._graphs[number] = self._labelled(self._graphs[number], nodes, lines)
        except LimitError as error:
            names = ", ".join(self._graphs[number].name for number in waiting)
            raise LimitError(
                f"Labelling the blank nodes of {names} took longer than {self._timeout:g} s and "
                "was ended. Give them IRIs, take fewer graphs, or allow more with --timeout."
            ) from error
        return [*self._graphs]

    def _labelled(self, graph: CanonicalGraph, nodes: int, lines: Stretch) -> CanonicalGraph:
        anonymous, count = _put(self._shelf, lines.blocks())
        count += graph.count
        return replace(graph, count=count, blank_nodes=nodes, anonymous=anonymous)


def read(  # noqa: PLR0913  what a graph is called, beside what it is read from
    source: str | Path | IO[bytes] | bytes,
    iri: str,
    format: str | None = None,  # noqa: A002  the name that rdflib, riot and rdfpipe use
    *,
    name: str = "",
    folder: str = "",
    timeout: float | None = TIMEOUT,
) -> CanonicalGraph:
    """Read one graph by `syntax.read_rdf`, whose terms it keeps; names of graphs are passed by.

    Args:
        source: a path, a binary stream or the bytes themselves.
        iri: of the graph.
        format: a name of `syntax.FORMATS`; by default the suffix of the file tells, else Turtle.
        name: of the graph; by default the end of its IRI.
        folder: that it belongs to.
        timeout: seconds for labelling blank nodes; None for no end.

    Raises:
        SyntaxProblem: it does not parse, or is refused.
        LimitError: there are too many blank nodes, or labelling them took too long.
    """
    gathering = Gathering(timeout)
    quads = syntax.read_rdf(source, format)
    gathering.add((quad.triple for quad in quads), iri, name, folder)
    return gathering.graphs()[0]


def of_triples(
    triples: Iterable[Triple],
    iri: str,
    *,
    name: str = "",
    folder: str = "",
    timeout: float | None = TIMEOUT,
) -> CanonicalGraph:
    """Return any triples as a graph; see `read`.

    Raises:
        LimitError: there are too many blank nodes, or labelling them took too long.
    """
    gathering = Gathering(timeout)
    gathering.add(triples, iri, name, folder)
    return gathering.graphs()[0]


def of_lines(
    blocks: Iterable[bytes],
    iri: str,
    *,
    name: str = "",
    folder: str = "",
    timeout: float | None = TIMEOUT,
) -> CanonicalGraph:
    """Return N-Triples in any spelling and order, cut anywhere into blocks, as a graph; see `read`.

    Raises:
        SyntaxProblem: with the line of the text, where it does not parse.
        LimitError: there are too many blank nodes, or labelling them took too long.
    """
    gathering = Gathering(timeout)
    gathering.add_lines(blocks, iri, name, folder)
    return gathering.graphs()[0]


def apart(graphs: Iterable[CanonicalGraph]) -> list[CanonicalGraph]:
    """Return graphs for one file: a label stands for one node throughout.

    The second graph counts on where the first one ended. Their hashes stay those of the graphs.
    """
    shelf, first = Shelf(), 0
    found: list[CanonicalGraph] = []
    for graph in graphs:
        further = first - graph.first_label
        if graph.blank_nodes and further:
            lines = (terms.renumbered(block, further) for block in graph.anonymous.blocks())
            moved, _ = _put(shelf, lines)
            origin = graph.original or graph
            found.append(replace(graph, anonymous=moved, first_label=first, original=origin))
        else:
            found.append(graph)
        first += graph.blank_nodes
    return found


def merged(graphs: Iterable[CanonicalGraph]) -> Iterator[bytes]:
    """Yield the lines of all graphs together, sorted, each once; blank nodes of two stay two."""
    several = apart(graphs)
    return _merged([graph.blocks for graph in several])


def union(graphs: Iterable[CanonicalGraph]) -> CanonicalGraph:
    """Return the lines of `merged` as a graph without a name.

    Its blank nodes are labelled as in the graphs that were put together, so the hash of its lines
    is not that of RDFC-1.0 where there are any.
    """
    several, shelf = apart(graphs), Shelf()
    named = shelf.put(_merged([graph.named.blocks for graph in several]))
    anonymous = shelf.put(_merged([graph.anonymous.blocks for graph in several]))
    count = sum(block.count(b"\n") for part in (named, anonymous) for block in part.blocks())
    nodes = sum(graph.blank_nodes for graph in several)
    return CanonicalGraph("", "", "", count, nodes, named, anonymous)


def difference(left: CanonicalGraph, right: CanonicalGraph) -> Iterator[tuple[bytes, bytes]]:
    """Yield what only the left and what only the right has: pairs of blocks of lines, in order.

    One of a pair may be empty. Blank nodes are compared by their canonical labels, and these can
    all be others where one statement is.
    """
    if left.sha256 == right.sha256 and left.first_label == right.first_label:
        return iter(())
    return sorting.compared(left.blocks(), right.blocks())


def skolemised(graphs: Sequence[CanonicalGraph]) -> list[CanonicalGraph]:
    """Return graphs whose blank nodes are IRIs, made of the graph's name and the canonical label.

    They start with `vocabulary.GENID` (RDF 1.1 Concepts, section 3.5); `unskolemised` turns back.
    Counts stay; hashes are those of what is returned.

    Raises:
        DragomanError: two graphs with blank nodes have one name.
    """
    shelf, names = Shelf(), set[str]()
    found: list[CanonicalGraph] = []
    for graph in graphs:
        if not graph.blank_nodes:
            found.append(graph)
            continue
        if graph.name in names:
            raise DragomanError(
                f"Two graphs are called {graph.name}, and IRIs for blank nodes are made of the "
                "name. Take them one by one, or give the blank nodes IRIs."
            )
        names.add(graph.name)
        source = graph.original or graph
        lines = (terms.skolem_iris(block, graph.name) for block in source.anonymous.blocks())
        moved, _ = _put(shelf, lines)
        found.append(replace(source, blank_nodes=0, anonymous=moved))
    return found


class _Splitter:
    """A file to write N-Triples into: each line goes to one of two sorters."""

    def __init__(self, named: sorting.Sorter, anonymous: sorting.Sorter, name: str) -> None:
        self._named, self._anonymous, self._name = named, anonymous, name
        self._parts: list[bytes] = []
        self._size = 0
        self._labelled = 0

    def fill(self, statements: Iterable[Quad] | Iterable[Triple]) -> None:
        serialize(statements, cast("IO[bytes]", self), format=RdfFormat.N_TRIPLES)
        self._pass_on(b"".join(self._parts))

    def write(self, data: bytes) -> int:
        self._parts.append(data)
        self._size += len(data)
        if self._size >= _PASSED and (cut := data.rfind(b"\n") + 1):
            self._parts[-1] = data[:cut]
            self._pass_on(b"".join(self._parts))
            self._parts, self._size = [data[cut:]], len(data) - cut
        return len(data)

    def flush(self) -> None:
        """There is nothing to wait for."""

    def _pass_on(self, block: bytes) -> None:
        named, anonymous = terms.parted(block)
        self._labelled += len(anonymous)
        if self._labelled > labels.MAX_LABELLED:
            raise LimitError(
                f"More than {labels.MAX_LABELLED:,} statements of {self._name} have blank nodes, "
                "which is more than can be labelled. Give them IRIs, or split the graph."
            )
        size = sum(map(len, anonymous))
        self._named.add_lines(named, len(block) - size)
        self._anonymous.add_lines(anonymous, size)


def _parsed(blocks: Iterable[bytes], name: str) -> Iterator[Quad]:
    try:
        yield from parse(cast("IO[bytes]", terms.BlockStream(blocks)), RdfFormat.N_TRIPLES)
    except SyntaxError as error:
        # the parser says the line in its words, too
        problem = error.msg.partition(": ")[2] or error.msg
        raise SyntaxProblem(problem, name, error.lineno, error.offset) from error


def _merged(streams: Sequence[Callable[[int], Iterator[bytes]]]) -> Iterator[bytes]:
    if len(streams) <= _ABREAST:
        return sorting.merged([blocks(_PASSED) for blocks in streams])
    sorter = sorting.Sorter()
    for blocks in streams:
        for block in blocks(BLOCK):
            sorter.add(block)
    return sorter.blocks()


def _put(shelf: Shelf, blocks: Iterable[bytes]) -> tuple[Stretch, int]:
    """Put lines by, sorted; return where they stand, and their number."""
    sorter = sorting.Sorter()
    for block in blocks:
        sorter.add(block)
    return sorter.put(shelf)


def _end_of(iri: str) -> str:
    return iri.rstrip("/#").replace("#", "/").rpartition("/")[2]
