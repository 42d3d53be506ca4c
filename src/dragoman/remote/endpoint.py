"""A store elsewhere as a source of facts: what a base's index is asked, asked over the network.

Queries see the merge of all named graphs, as they do of a base's index: where the store's own
default graph is another, it is asked for the merge. What a store cuts off is read in parts, or
said to be cut.
"""

from __future__ import annotations

__all__ = ["Endpoint", "connect"]

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, parse

from dragoman import store as stores
from dragoman import syntax
from dragoman.errors import StoreError
from dragoman.remote import protocol, rewriting
from dragoman.remote.finding import find_profile
from dragoman.remote.http import Client, is_near
from dragoman.remote.whole import graph_lines
from dragoman.store import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pyoxigraph import Triple

    from dragoman.base import Base
    from dragoman.remote.http import Reply
    from dragoman.remote.profiles import Profile
    from dragoman.remote.protocol import Rows

# How many rows a cut answer is likely to have.
_ROUND: Final = 1000
_SAMPLES: Final = 50
# The name of a graph that nobody has.
_NO_GRAPH: Final = "urn:dragoman:no-graph"


def connect(
    base: Base | None,
    told: str,
    *,
    timeout: float | None = None,
    note: Callable[[str], None] | None = None,
) -> Endpoint:
    """Return the store of an address or a profile, ready to be asked.

    Args:
        base: whose file of profiles is looked at after the user's own.
        told: an address, or the name of a profile.
        timeout: seconds without a byte after which a request is given up, instead of the profile's.
        note: is told of each request and of what is found out, in lines without secrets.

    Raises:
        DragomanError: what `find_profile` and `settled` raise.
    """
    from dataclasses import replace

    from dragoman.remote.detecting import settled

    profile = find_profile(base, told)
    if timeout is not None:
        profile = replace(profile, timeout=timeout)
    return Endpoint(settled(profile, note), note)


class Endpoint:
    """A store elsewhere that answers SPARQL; satisfies `store.Source`.

    Args:
        profile: which store; its kind is known (see `detecting.settled`).
        note: is told of each request and of what is found out, in lines without secrets.

    Attributes:
        profile: which store.
        client: its connections; counts the requests.
        record: the rules of the record that the store keeps true by itself, as a hash; empty where
            it keeps none, or has not answered yet.
    """

    def __init__(self, profile: Profile, note: Callable[[str], None] | None = None) -> None:
        self.profile, self._note = profile, note or (lambda _: None)
        self.client = Client(profile, note)
        self.record = ""
        self._most = profile.max_rows
        self._warnings: list[str] = []
        plain = urlsplit(profile.query).scheme == "http" and not is_near(profile.query)
        if profile.auth in {"basic", "bearer"} and plain:
            self._warnings.append(
                f"The secret of {profile.name} goes over the network for all to read (http://). "
                "Use https:// where the store has it."
            )

    def __repr__(self) -> str:
        return f"Endpoint({self.profile.name!r})"

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was found out about the store that answers depend on, one line each."""
        return tuple(self._warnings)

    # -------------------------------------------------------------- as a source

    def query(
        self,
        query: syntax.QueryText,
        *,
        prefixes: Mapping[str, str] | None = None,
        limit: int | None = None,
        graphs: Sequence[str] | None = None,
    ) -> Answer:
        """Run a checked query over the merge of all named graphs, or of chosen ones.

        An answer that the store cuts off is read in parts. Where that fails, `Answer.cut` is true,
        and `Answer.warnings` say so.

        Args:
            query: what `syntax.check_query` returned.
            prefixes: further prefixes that the text may use.
            limit: how many rows or triples at most.
            graphs: only these named graphs.

        Raises:
            SyntaxProblem: the store does not accept the text, and neither does our own engine.
            StoreError: the store did not answer; in one line why.
        """
        text = syntax.with_prefixes(query, prefixes) if prefixes else query.text
        params = self._merge if graphs is None else _dataset(graphs)
        try:
            if query.form in {"CONSTRUCT", "DESCRIBE"}:
                return self._graph(text, query.form, params, limit)
            if query.form == "ASK":
                return Answer("ASK", truth=self._rows(text, "ASK", params).truth)
            return self._table(query, text, params, limit)
        except StoreError as error:
            if error.status == 400:
                _judge(query, prefixes)
            raise

    def quads(self, graph: str | None = None) -> Iterator[Quad]:
        """Yield the quads of one named graph, or of all; without any, of the default graph."""
        names: Sequence[str | None] = (graph,) if graph else self.graphs()
        for name in names or (None,):
            where = DefaultGraph() if name is None else NamedNode(name)
            for triple in self.triples(name):
                yield Quad(triple.subject, triple.predicate, triple.object, where)

    def graphs(self) -> tuple[str, ...]:
        """Return the IRIs of the named graphs that are not the store's own, sorted."""
        found = self._complete(self.profile.kind.graph_list)
        names = {row[0].value for row in found if isinstance(row[0], NamedNode)}
        return tuple(sorted(name for name in names if not self.profile.is_system_graph(name)))

    def sources_behind(
        self,
        query: syntax.QueryText,
        answer: Answer,
        prefixes: Mapping[str, str] | None = None,
        limit: int | None = None,
    ) -> tuple[str, ...]:
        """Return the named graphs that an answer rests on; see `LocalStore.sources_behind`."""

        def asked(graphs: list[str]) -> Answer:
            return self.query(query, prefixes=prefixes, graphs=graphs, limit=limit)

        return stores.behind(asked, answer, list(self.graphs()))

    # -------------------------------------------------------------- more than a source

    def count(self, graph: str | None) -> int:
        """Return how many triples a named graph has; None is the store's default graph.

        Raises:
            StoreError: the store did not answer.
        """
        return self.number(f"SELECT (COUNT(*) AS ?n) {{ {protocol.within(graph, '?s ?p ?o')} }}")

    def number(self, text: str) -> int:
        """Return the one number that a SELECT asks for, of the store's own default graph.

        Raises:
            StoreError: the store did not answer, or not by a number.
        """
        rows = self._rows(text, "SELECT").rows
        cell = rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else None
        if isinstance(cell, Literal) and cell.value.isdecimal():
            return int(cell.value)
        raise self.client.problem("it does not answer by the number that was asked for")

    def lines(self, graph: str | None, *, mended: bool = False) -> Iterator[bytes]:
        """Yield the triples of a graph as N-Triples in the store's spelling, in blocks of lines.

        All of them: their number is compared with what the store counts. None is the store's
        default graph. With `mended`, durations that it gives as numbers are durations again.

        Raises:
            StoreError: the store did not answer, or gave less, or more, than it has.
        """
        blocks = graph_lines(self, graph)
        if mended and "durations" in self.profile.kind.respells:
            return map(protocol.with_durations, blocks)
        return blocks

    def triples(self, graph: str | None) -> Iterator[Triple]:
        """Yield the triples of a graph; raises what `lines` does."""
        for block in self.lines(graph, mended=True):
            for quad in parse(block, RdfFormat.N_TRIPLES):
                yield quad.triple

    def select(self, text: str) -> Rows:
        """Return what one request for a SELECT gives, of the store's own default graph."""
        return self._rows(text, "SELECT")

    def construct(self, text: str) -> list[bytes]:
        """Return what one request for a CONSTRUCT gives, as lines of N-Triples."""
        reply = self._reply(text, "CONSTRUCT")
        return protocol.read_lines(self.client, reply)

    def _reply(self, text: str, form: str, params: Iterable[tuple[str, str]] = ()) -> Reply:
        reply = protocol.asked(self.client, text, form, params)
        self.record = reply.header("dragoman-record") or ""
        return reply

    # -------------------------------------------------------------- rows

    def _rows(self, text: str, form: str, params: Iterable[tuple[str, str]] = ()) -> Rows:
        reply = self._reply(text, form, params)
        found = protocol.read_rows(self.client, reply)
        if (found.truth is None) != (form == "SELECT"):
            raise self.client.problem(f"it did not answer a {form} as one")
        if found.most:
            self._most = found.most
        return found

    def _table(
        self,
        query: syntax.QueryText,
        text: str,
        params: Sequence[tuple[str, str]],
        limit: int | None,
    ) -> Answer:
        taken = rewriting.select(text) if limit is not None else None
        wanted = None if limit is None else limit + 1
        asked = taken.limited(wanted) if taken and wanted is not None else text
        found = self._rows(asked, "SELECT", params)
        rows = found.rows
        warnings: tuple[str, ...] = ()
        if self._doubtful(found, wanted):
            rows, warnings = self._rest(taken or rewriting.select(text), found, params, wanted)
        order = stores.in_order(query, found.columns)
        columns = tuple(found.columns[index] for index in order)
        if query.star:
            rows = tuple(tuple(row[index] for index in order) for row in rows)
        short = limit is not None and len(rows) > limit
        return Answer(
            "SELECT", columns, rows[:limit], cut=short or bool(warnings), warnings=warnings
        )

    def _doubtful(self, found: Rows, wanted: int | None) -> bool:
        """Return whether rows may have been kept back: as many came as a store may be set to."""
        many = len(found.rows)
        if not many or (wanted is not None and many >= wanted):
            return False
        return many in {found.most, self._most} or many % _ROUND == 0

    def _rest(
        self,
        taken: rewriting.Select | None,
        found: Rows,
        params: Sequence[tuple[str, str]],
        wanted: int | None,
    ) -> tuple[tuple[stores.Row, ...], tuple[str, ...]]:
        """Return all rows of an answer that may have been cut, and what to warn of."""
        many = len(found.rows)
        said = f"The store cuts every answer at {many:,} rows"
        if taken is None or taken.dataset:
            return found.rows, (f"{said}, so this one may not be complete.",)
        counted = self._rows(taken.counted(), "SELECT", params).rows
        (total,) = [int(cell.value) for (cell,) in counted if isinstance(cell, Literal)] or [many]
        if total <= many:
            return found.rows, ()
        self._most = many
        total = total if wanted is None else min(total, wanted)
        try:
            rows = [row for page in self._pages(taken, many, total, params) for row in page]
        except StoreError as error:
            self._note(f"{error}")
            rows = []
        if len(rows) == total and not (taken.distinct and len(set(rows)) < total):
            self._note(f"{said}: {total:,} were read in {-(-total // many)} parts.")
            return tuple(rows), ()
        told = f"{said}; this one has {total:,}, and the rest could not be read. Narrow the query."
        return found.rows, (told,)

    def _pages(
        self,
        taken: rewriting.Select,
        size: int,
        total: int,
        params: Sequence[tuple[str, str]],
    ) -> Iterator[tuple[stores.Row, ...]]:
        columns: tuple[str, ...] = ()
        for start in range(0, total, size):
            found = self._rows(taken.page(min(size, total - start), start), "SELECT", params)
            columns = columns or found.columns
            order = [found.columns.index(name) for name in columns]
            yield tuple(tuple(row[index] for index in order) for row in found.rows)

    def _complete(self, text: str) -> tuple[stores.Row, ...]:
        """Return all rows of a query of our own.

        Raises:
            StoreError: the store cuts them off.
        """
        query = syntax.QueryText(text, "SELECT", (), {})
        answer = self._table(query, text, (), None)
        if answer.cut:
            raise self.client.problem(answer.warnings[0])
        return answer.rows

    def _graph(
        self, text: str, form: str, params: Sequence[tuple[str, str]], limit: int | None
    ) -> Answer:
        reply = self._reply(text, form, params)
        # A triple may be told once for each solution.
        triples = tuple(dict.fromkeys(protocol.read_triples(self.client, reply)))
        warnings: tuple[str, ...] = ()
        if self._most and len(triples) >= self._most:
            told = f"The store cuts every answer at {self._most:,} triples"
            warnings = (f"{told}, so this one may not be complete. Narrow the query.",)
        short = limit is not None and len(triples) > limit
        cut = short or bool(warnings)
        return Answer(form, triples=triples[:limit], cut=cut, warnings=warnings)

    # -------------------------------------------------------------- the merge

    @cached_property
    def _merge(self) -> tuple[tuple[str, str], ...]:
        """The parameters with which a query sees the merge of all named graphs."""
        if self.profile.default_graph == "union":
            return ()
        graphs = self.graphs()
        missing, seen = self._outside(graphs)
        if not missing:
            self._note(f"{self.profile.name}: its default graph is the merge of its graphs.")
            return ()
        state = f"lacks {len(missing)} of its {len(graphs)} graphs" if seen else "is empty"
        self._note(f"{self.profile.name}: its default graph {state}; the union is asked for.")
        if self.profile.kind.union and len(graphs) > 1:
            self._warnings.append(
                f"The default graph of {self.profile.name} {state}, so a fact that stands in two "
                "graphs is counted twice. dragoman push writes the merge that mends it."
            )
        return self.profile.kind.union or _dataset(graphs)

    def _outside(self, graphs: Sequence[str]) -> tuple[list[str], bool]:
        """Return the graphs of which a triple is not seen in the default graph, by samples.

        And whether any triple is.
        """
        missing: list[str] = []
        any_seen = False
        for start in range(0, len(graphs), _SAMPLES):
            chunk = graphs[start : start + _SAMPLES]
            parts = " UNION ".join(
                f"{{ SELECT (<{graph}> AS ?graph) ?s ?p ?o {{ GRAPH <{graph}> {{ ?s ?p ?o }} "
                "FILTER(isIRI(?s) && !isBlank(?o)) } LIMIT 1 }"
                for graph in chunk
            )
            told: dict[tuple[Any, ...], str] = {}
            for graph, *triple in self._rows(
                f"SELECT ?graph ?s ?p ?o {{ {parts} }}", "SELECT"
            ).rows:
                told.setdefault(tuple(triple), getattr(graph, "value", ""))
            if not told:
                continue
            values = " ".join(f"({' '.join(map(str, triple))})" for triple in told)
            text = f"SELECT ?s ?p ?o {{ VALUES (?s ?p ?o) {{ {values} }} ?s ?p ?o }}"
            seen = set(self._rows(text, "SELECT").rows)
            any_seen = any_seen or bool(seen)
            missing += [graph for triple, graph in told.items() if triple not in seen]
        return missing, any_seen


def _dataset(graphs: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return the parameters of the protocol for chosen graphs, as their merge and by name."""
    names = ("default-graph-uri", "named-graph-uri")
    # without any, a store would take all that it has
    chosen = tuple(graphs) or (_NO_GRAPH,)
    return tuple((name, graph) for name in names for graph in chosen)


def _judge(query: syntax.QueryText, prefixes: Mapping[str, str] | None) -> None:
    """Let our own engine say where a text is wrong that a store refused.

    Raises:
        SyntaxProblem: with line and column.
    """
    from pyoxigraph import Store

    stores.LocalStore(Store()).query(query, prefixes=prefixes, limit=0)
