"""Reading a whole graph out of a store, also of one that cuts its answers off, and counting it."""

from __future__ import annotations

import tempfile
from typing import IO, TYPE_CHECKING, Final, Protocol, cast

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

from dragoman.errors import StoreError
from dragoman.remote import protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dragoman.remote.http import Client
    from dragoman.remote.profiles import Profile
    from dragoman.remote.protocol import Rows
    from dragoman.store import Term

_BLOCK: Final = 1 << 20
# Rows that are asked for at once where no cap is known, and the fewest that are worth a request.
_PAGE: Final = 10_000
_FEWEST: Final = 50
# Subjects whose triples are asked for at once.
_SUBJECTS: Final = 500
# So many rows are told apart in memory; more are read by their subjects.
_KNOWN: Final = 4_000_000


class Asked(Protocol):
    """What reading asks of an endpoint."""

    @property
    def client(self) -> Client:
        """Sends requests."""

    @property
    def profile(self) -> Profile:
        """Says how the store behaves."""

    def count(self, graph: str | None) -> int:
        """Return how many triples a graph has."""

    def select(self, text: str) -> Rows:
        """Return what a SELECT gives."""

    def construct(self, text: str) -> list[bytes]:
        """Return what a CONSTRUCT gives, as lines of N-Triples."""


def graph_lines(endpoint: Asked, graph: str | None) -> Iterator[bytes]:
    """Yield the triples of a graph as N-Triples, in blocks of whole lines; see `Endpoint.lines`."""
    profile = endpoint.profile
    total = endpoint.count(graph)
    if not total:
        return
    streamed = (
        profile.kind.paging == "graph"
        and not profile.max_rows
        and "GET" in profile.kind.graph_methods
        and profile.graphs
    )
    if streamed:
        yield from _streamed(endpoint, graph, total)
        return
    yield from _paged(endpoint, graph, total)


def _streamed(endpoint: Asked, graph: str | None, total: int) -> Iterator[bytes]:
    """Yield a graph as one answer of the Graph Store Protocol."""
    from dragoman.canonical import whole_lines  # not needed to ask a question

    client = endpoint.client
    url, params = endpoint.profile.graph_request(graph)
    count = 0
    with client.stream("GET", url, params=params, headers={"Accept": protocol.GRAPH}) as reply:
        protocol.check_type(client, reply, protocol.GRAPH_TYPES, "triples")
        blocks = reply.blocks()
        if protocol.GRAPH_TYPES[reply.media_type] != RdfFormat.N_TRIPLES:
            blocks = _converted(endpoint, blocks, protocol.GRAPH_TYPES[reply.media_type])
        for block in whole_lines(blocks, _BLOCK):
            count += block.count(b"\n")
            yield block
    _check(endpoint, graph, count, total)


def _check(endpoint: Asked, graph: str | None, count: int, total: int) -> None:
    if count != total:
        name = "its default graph" if graph is None else f"the graph {graph}"
        raise endpoint.client.problem(
            f"it gave {count:,} triples of {name}, and counts {total:,}. It cuts its answers off, "
            "or was changed meanwhile. Try again; if it stays so, set max-rows in its profile"
        )


def _converted(endpoint: Asked, blocks: Iterator[bytes], form: RdfFormat) -> Iterator[bytes]:
    from dragoman.canonical import BlockStream

    damage = ""
    try:
        for quad in parse(cast("IO[bytes]", BlockStream(blocks)), form):
            yield f"{quad.triple} .\n".encode()
    except SyntaxError as error:
        damage = error.msg or "it ends too early"
    if damage:
        raise endpoint.client.problem(f"its answer is damaged: {damage}")


# ------------------------------------------------------------------ in parts


def _paged(endpoint: Asked, graph: str | None, total: int) -> Iterator[bytes]:
    """Yield a graph that comes in parts.

    First by rows, in the order in which the store happens to give them. That order is promised by
    nobody, so the parts are kept until as many different rows have come as the store counts; where
    they do not, the graph is read subject by subject, which needs no such luck.
    """
    with tempfile.TemporaryFile() as kept:
        if total <= _KNOWN and _by_rows(endpoint, graph, total, kept):
            kept.seek(0)
            while block := kept.read(_BLOCK):
                yield block + kept.readline()
            return
    count = 0
    for block in _by_subjects(endpoint, graph):
        count += block.count(b"\n")
        yield block
    _check(endpoint, graph, count, total)


def _by_rows(endpoint: Asked, graph: str | None, total: int, kept: IO[bytes]) -> bool:
    """Write the rows to a file; return whether all came, each once."""
    size = min(endpoint.profile.max_rows or _PAGE, _PAGE)
    pattern = protocol.within(graph, "?s ?p ?o")
    seen: set[int] = set()
    start = 0
    while start < total:
        text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {pattern} }} LIMIT {size} OFFSET {start}"
        try:
            lines = endpoint.construct(text)
        except StoreError as error:
            if not _too_much(error) or size <= _FEWEST:
                raise
            size //= 2
            continue
        if not lines:
            return False
        if start and not endpoint.profile.kind.blank_iri and any(map(_is_blank, lines)):
            raise endpoint.client.problem(
                "the graph has blank nodes, and comes in parts, in which it gives them other "
                "labels. Read it through the Graph Store Protocol (graphs = in its profile)"
            )
        seen.update(map(hash, lines))
        kept.writelines(lines)
        start += len(lines)
        if len(lines) < min(size, total - start + len(lines)):
            size = len(lines)  # its own cap
    return len(seen) == total == start


def _by_subjects(endpoint: Asked, graph: str | None) -> Iterator[bytes]:
    """Yield the triples of a few subjects after the other: their sets do not overlap."""
    size = min(endpoint.profile.max_rows or _PAGE, _PAGE)
    pattern = protocol.within(graph, "?s ?p ?o")
    many = _SUBJECTS
    for subjects in _subjects(endpoint, graph, size):
        start = 0
        while start < len(subjects):
            chunk = subjects[start : start + many]
            text = (
                f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ VALUES ?s {{ {' '.join(chunk)} }} {pattern} }}"
            )
            try:
                lines = endpoint.construct(text)
            except StoreError as error:
                if not _too_much(error) or many == 1:
                    raise
                many = max(1, many // 2)
                continue
            if len(lines) >= size:  # cut off, perhaps
                if many == 1:
                    raise endpoint.client.problem(
                        f"{chunk[0]} has {len(lines):,} triples or more, which is as many as it "
                        "gives at once"
                    )
                many = max(1, many // 2)
                continue
            yield b"".join(lines)
            start += len(chunk)


def _subjects(endpoint: Asked, graph: str | None, size: int) -> Iterator[list[str]]:
    """Yield the subjects in the order of their IRIs, as queries name them."""
    blank = endpoint.profile.kind.blank_iri
    last = ""
    while True:
        after = f"FILTER(STR(?s) > {Literal(last)})" if last else ""
        ours = "" if blank else "FILTER(isIRI(?s))"
        pattern = protocol.within(graph, f"?s ?p ?o {after} {ours}")
        text = (
            f"SELECT ?s {{ {{ SELECT DISTINCT ?s {{ {pattern} }} }} }} "
            f"ORDER BY STR(?s) LIMIT {size}"
        )
        found = [cell for (cell,) in endpoint.select(text).rows if cell is not None]
        names = [_name(cell, blank) for cell in found]
        if last in names:
            raise endpoint.client.problem("it does not keep the order that was asked for")
        if not names:
            return
        yield [f"<{name}>" for name in names]
        last = names[-1]
        if len(names) < size and not endpoint.profile.max_rows:
            return


def _name(cell: Term, blank: str) -> str:
    if isinstance(cell, BlankNode):
        return blank.format(label=cell.value)
    return cell.value if isinstance(cell, NamedNode) else ""


def _is_blank(line: bytes) -> bool:
    return line.startswith(b"_:") or (b"_:" in line and line.split()[2].startswith(b"_:"))


def _too_much(error: StoreError) -> bool:
    """Return whether asking for less may help."""
    from dragoman.remote.http import SlowStore

    return isinstance(error, SlowStore) or (error.status or 0) >= 500
