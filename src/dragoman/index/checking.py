"""Comparing an index with the files that it was made from, byte by byte and triple by triple."""

from __future__ import annotations

__all__ = ["Check", "check"]

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Store, Triple

from dragoman import record, spellings, vocabulary
from dragoman import store as stores
from dragoman.errors import SyntaxProblem, counted
from dragoman.files import hash_of, size_of
from dragoman.index import generations, manifest, opening
from dragoman.syntax import check_query

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dragoman.base import Base, SourceFile
    from dragoman.index.filling import Progress
    from dragoman.index.manifest import Entry, Manifest

_SHOWN: Final = 3
# How far the surroundings of two blank nodes are compared.
_ROUNDS: Final = 8


class Check(NamedTuple):
    """What a comparison found.

    Attributes:
        files: how many files were hashed and compared.
        triples: how many triples of the named graphs were compared.
        problems: a line for each difference, with some of the triples that differ.
    """

    files: int
    triples: int
    problems: tuple[str, ...]


def check(base: Base, *, progress: Progress | None = None) -> Check | None:
    """Compare every file's hash and every graph with the index; None where there is no index.

    Each file is read into an engine's store of its own, for an index spells literals as the engine
    does. Graphs with blank nodes are compared by the surroundings of these nodes.

    Args:
        base: the base.
        progress: called with the bytes of the files that were compared, and those there are.

    Raises:
        BaseContentError: a folder has no file, or two files would be one graph.
        DragomanError: the index, or what it was made from, cannot be read.
    """
    cache = base.cache
    known = manifest.read(cache) if cache else None
    if cache is None or known is None:
        return None
    try:
        store, lease = generations.opened(cache, known.generation, known.parts)
        with lease:
            second = spellings.kept_in(generations.place(cache, known.generation)) or Store()
            return _check(base, (store, second), known, progress)
    except OSError as error:
        return Check(0, 0, (f"The index cannot be read: {opening.why(error)}.",))


def _check(
    base: Base, stored: tuple[Store, Store], known: Manifest, progress: Progress | None
) -> Check:
    sources = base.sources(*manifest.INDEXED)
    sizes = {source.graph: size_of(source.path) for source in sources}
    total, done, triples = sum(sizes.values()), 0, 0
    problems: list[str] = []
    for source in sources:
        content, found = _compared(source, stored, known.entries.get(source.graph))
        problems += [f"{base.inner_path(source)}: {line}" for line in found]
        triples += content
        done += sizes[source.graph]
        if progress:
            progress(done, total)
    present = {source.graph for source in sources} | {vocabulary.RECORD_GRAPH}
    for graph in sorted({graph.value for store in stored for graph in store.named_graphs()}):
        if graph not in present:
            problems.append(f"<{graph}>: the index has a graph of which there is no file.")
    problems += _unmerged(stored[0])
    problems += _derived_anew(base, stored[0], total)
    return Check(len(sources), triples, tuple(problems))


def _compared(
    source: SourceFile, stored: tuple[Store, Store], entry: Entry | None
) -> tuple[int, list[str]]:
    """Return how many triples of a file were compared, and what differs."""
    if entry is None:
        return 0, ["it is not indexed."]
    digest = hash_of(source.path)
    problems = []
    if digest != entry.sha256:
        problems.append("its bytes are not those that were indexed (SHA-256 differs).")
    content, second = Store(), Store()
    try:
        names = spellings.respelt(source.path)
        stores.load_file(content, source.path, source.graph, second, names)
    except SyntaxProblem as problem:
        if not entry.problem:
            problems.append(f"it was indexed, and cannot be read now: {problem.problem}")
    if entry.problem and len(content) and digest == entry.sha256:
        problems.append("it is left out of the index, but can be read.")
    name = NamedNode(source.graph)
    for (own, other), where in zip(
        ((content, stored[0]), (second, stored[1])), ("", "among the spellings, "), strict=True
    ):
        lacking, surplus = _differing(own, other, name)
        for quads, what in ((lacking, "lacks"), (surplus, "has, and the file does not,")):
            if quads:
                shown = spellings.readable("; ".join(quads[:_SHOWN]))
                more = f"; and {len(quads) - _SHOWN:,} more" if len(quads) > _SHOWN else ""
                many = counted(len(quads), "triple")
                problems.append(f"{where}the index {what} {many}: {shown}{more}")
    return len(content), problems


def _differing(content: Store, store: Store, graph: NamedNode) -> tuple[list[str], list[str]]:
    """Return what the index lacks of a file's graph, and what it has beyond it."""
    surplus = []
    theirs: list[Quad] = []
    same = 0
    for quad in store.quads_for_pattern(None, None, None, graph):
        if _is_blank(quad):
            theirs.append(quad)
        elif quad in content:
            same += 1
        else:
            surplus.append(_line(quad))
    ours = [quad for quad in content if _is_blank(quad)]
    lacking = []
    if same < len(content) - len(ours):  # a look into the index costs far more than one into memory
        lacking = [_line(quad) for quad in content if not _is_blank(quad) and quad not in store]
    wanted, found = _surroundings(ours), _surroundings(theirs)
    lacking += (wanted - found).elements()
    surplus += (found - wanted).elements()
    return lacking, surplus


def _derived_anew(base: Base, store: Store, size: int) -> Iterator[str]:
    """Yield how the record that is kept differs from one that is made anew."""
    anew = Store()
    files = (
        quad
        for quad in store.quads_for_pattern(None, None, None, None)
        if isinstance(quad.graph_name, NamedNode) and quad.graph_name != record.RECORD
    )
    anew.bulk_extend(spellings.in_graph(files, DefaultGraph()))
    record.derived(anew, record.read(base), record.deadline(size))
    kept, made = (
        {quad.triple for quad in each.quads_for_pattern(None, None, None, record.RECORD)}
        for each in (store, anew)
    )
    for triples, what in ((made - kept, "lacks"), (kept - made, "has, and no rule derives,")):
        if triples:
            shown = "; ".join(sorted(map(str, triples))[:_SHOWN])
            yield f"The record {what} {counted(len(triples), 'triple')}: {shown}"


def _unmerged(store: Store) -> Iterator[str]:
    """Yield how the default graph differs from the merge of all named graphs."""
    index = stores.LocalStore(store)
    anywhere = "GRAPH ?file { ?s ?p ?o }"
    lacking = _rows(index, f"SELECT ?s ?p ?o {{ {anywhere} FILTER NOT EXISTS {{ ?s ?p ?o }} }} "
                           f"LIMIT {_SHOWN}")  # fmt: skip
    if lacking:
        yield f"The merge of all graphs lacks what a graph has: {'; '.join(lacking)}"
    # One property after another, for the memory's sake. What is in the merge and nowhere else shows
    # in the counts, which take a tenth of the time of looking for it.
    for name in _rows(index, "SELECT DISTINCT ?p { ?s ?p ?o }"):
        anywhere = f"GRAPH ?file {{ ?s {name} ?o }}"
        merged = f"SELECT (COUNT(*) AS ?n) {{ ?s {name} ?o }}"
        named = f"SELECT (COUNT(*) AS ?n) {{ SELECT DISTINCT ?s ?o {{ {anywhere} }} }}"
        if not lacking and _rows(index, merged) == _rows(index, named):
            continue
        pattern = f"?s {name} ?o . BIND({name} AS ?p) FILTER NOT EXISTS {{ {anywhere} }}"
        if surplus := _rows(index, f"SELECT ?s ?p ?o {{ {pattern} }} LIMIT {_SHOWN}"):
            yield f"The merge of all graphs has what no graph has: {'; '.join(surplus)}"


def _rows(index: stores.LocalStore, text: str) -> list[str]:
    """Return the rows of an answer, each as a line."""
    rows = index.query(check_query(text)).rows
    return [" ".join(str(cell) for cell in row) for row in rows]


def _surroundings(quads: Iterable[Quad]) -> Counter[str]:
    """Return triples with blank nodes as lines, each node named after what stands around it.

    Colour refinement: graphs that are the same give the same lines; that different ones do takes a
    symmetry which data hardly has.
    """
    triples = [(quad.subject, quad.predicate, quad.object) for quad in quads]
    names: dict[str, str] = {}
    for _ in range(_ROUNDS):
        around: dict[str, list[str]] = {}
        for subject, predicate, value in triples:
            for node in _nodes(subject):
                line = f"out {predicate} {_term(value, names)}"
                around.setdefault(node, []).append(line)
            for node in _nodes(value):
                line = f"in {predicate} {_term(subject, names)}"
                around.setdefault(node, []).append(line)
        names = {
            node: hashlib.sha256("\n".join([names.get(node, ""), *sorted(lines)]).encode())
            .hexdigest()[:16]
            for node, lines in around.items()
        }  # fmt: skip
    return Counter(f"{_term(s, names)} {p} {_term(o, names)}" for s, p, o in triples)


def _nodes(term: object) -> Iterator[str]:
    if isinstance(term, BlankNode):
        yield term.value
    elif isinstance(term, Triple):
        yield from _nodes(term.subject)
        yield from _nodes(term.object)


def _term(term: object, names: Mapping[str, str]) -> str:
    if isinstance(term, BlankNode):
        return f"_:{names.get(term.value, '')}"
    if isinstance(term, Triple):
        inner = f"{_term(term.subject, names)} {term.predicate} {_term(term.object, names)}"
        return f"<<( {inner} )>>"
    return str(term)


def _is_blank(quad: Quad) -> bool:
    return any(True for term in (quad.subject, quad.object) for _ in _nodes(term))


def _line(quad: Quad) -> str:
    return f"{quad.subject} {quad.predicate} {quad.object}"
