"""Facts that another store holds, fetched as a check asks for them.

A walk says ahead what it will look up (`Distant.expect`), for many nodes at once, so that it costs
few requests: all that is said of a node comes with the first question about it, and what points to
it property by property, once it is known how much that is. The ontology is the base's own; what
the store holds of it is left out.
"""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final, cast

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad

from dragoman import vocabulary
from dragoman.syntax import QueryText

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from pyoxigraph import Store

    from dragoman.spellings import Spelt
    from dragoman.store import Row, Source

# How many nodes one request is about.
_CHUNK: Final = 200
# What so many things point to by one property is fetched only when just that is asked for.
_BUSY: Final = 250
_Key = tuple[Any, str | None, bool]  # node, property (None: any), backwards


class Unreachable(Exception):  # noqa: N818  an answer: look-ups do not lead on from here
    """A node has no IRI to ask about again, or an answer was cut: only reading all helps."""


class Distant:
    """The quads of a source, and before them those of a store at hand.

    Args:
        source: where the facts are.
        near: the ontology, in its graphs and merged in the default graph.
        left_out: IRIs of the graphs that `near` stands for, which the source may hold too.
    """

    def __init__(self, source: Source, near: Store | Spelt, left_out: Collection[str] = ()) -> None:
        self._source, self._near = source, near
        # A store may have graphs of its own, which are nobody's facts.
        self._named = bool(source.graphs())
        self._graphs = frozenset(source.graphs()) - set(left_out)
        self._triple = "GRAPH ?g { ?s ?p ?o }" if self._named else "?s ?p ?o"
        self._out: dict[Any, list[Quad]] = {}
        self._counts: dict[Any, dict[str, int]] = {}
        self._in: dict[tuple[Any, str], list[Quad]] = {}

    def things(self, start: str) -> Iterator[Quad]:
        """Yield the classes of what has an IRI that begins so: near ones of all things.

        Raises:
            Unreachable: there are more than one answer gives.
        """
        kind = NamedNode(vocabulary.RDF_TYPE)
        begins = f"FILTER (STRSTARTS(STR(?s), {Literal(start)}))"
        yield from self._near.quads_for_pattern(None, kind, None, None)
        yield from self._quads(f"VALUES ?p {{ {kind} }} {begins}")

    def quads_for_pattern(
        self,
        subject: Any,  # noqa: ANN401
        predicate: Any,  # noqa: ANN401
        object: Any,  # noqa: A002, ANN401  as the engine's store calls it
        graph_name: Any = None,  # noqa: ANN401
    ) -> Iterator[Quad]:
        """Yield the quads of a pattern, as the engine's store does.

        The default graph is the merge of all graphs, each triple once.

        Raises:
            Unreachable: see there.
        """
        near = self._near.quads_for_pattern(subject, predicate, object, graph_name)
        far = self._far(subject, predicate, object, graph_name)
        if isinstance(graph_name, DefaultGraph):
            return iter(dict.fromkeys(Quad(*each.triple) for each in chain(near, far)))
        return chain((each for each in near if each.graph_name != DefaultGraph()), far)

    def expect(self, keys: Iterable[_Key]) -> None:
        """Fetch, in few requests, what look-ups are about to ask for.

        Raises:
            Unreachable: see there.
        """
        keys = [key for key in keys if not isinstance(key[0], BlankNode)]
        self._fetch_outgoing(node for node, _, back in keys if not back)
        self._fetch_counts(node for node, _, back in keys if back)
        self._fetch_incoming(
            (node, name)
            for node, predicate, back in keys
            if back
            for name, count in self._counts[node].items()
            if predicate in {None, name} and count < _BUSY
        )

    def degree(self, node: Any, predicate: str | None) -> int:  # noqa: ANN401
        """Return how many quads of the source point to a node by a property, or by any."""
        if isinstance(node, BlankNode):
            return 0
        self._fetch_counts([node])
        counts = self._counts[node]
        return sum(counts.values()) if predicate is None else counts.get(predicate, 0)

    # -------------------------------------------------------------- look-ups

    def _far(self, subject: Any, predicate: Any, value: Any, graph: Any) -> Iterator[Quad]:  # noqa: ANN401
        name = None if predicate is None else predicate.value
        for quad in self._candidates(subject, name, value, graph):
            if name is not None and quad.predicate.value != name:
                continue
            if value is not None and quad.object != value:
                continue
            if isinstance(graph, NamedNode) and quad.graph_name != graph:
                continue
            yield quad

    def _candidates(
        self,
        subject: Any,  # noqa: ANN401
        name: str | None,
        value: Any,  # noqa: ANN401
        graph: Any,  # noqa: ANN401
    ) -> Iterable[Quad]:
        if isinstance(subject, BlankNode) or isinstance(value, BlankNode):
            return ()  # it is one of a file: the source has none that is the same
        if subject is not None:
            self._fetch_outgoing([subject])
            return self._out[subject]
        if value is not None:
            self._fetch_counts([value])
            keys = [(value, each) for each in self._counts[value] if name in {None, each}]
            self._fetch_incoming(keys)
            return chain.from_iterable(self._in[key] for key in keys)
        if name is not None:
            return self._quads(f"VALUES ?p {{ {NamedNode(name)} }}")
        if isinstance(graph, NamedNode):
            return self._whole(graph.value)
        return self._whole(None)

    def _whole(self, graph: str | None) -> Iterator[Quad]:
        for quad in self._source.quads(graph):
            if self._is_meant(quad):
                yield _reachable(quad)

    # -------------------------------------------------------------- requests

    def _fetch_outgoing(self, nodes: Iterable[Any]) -> None:
        wanted = (each for each in nodes if each not in self._out)
        for chunk in _chunks(each for each in wanted if not isinstance(each, Literal)):
            found: dict[Any, list[Quad]] = {node: [] for node in chunk}
            for quad in self._quads(f"VALUES ?s {{ {' '.join(map(str, chunk))} }}"):
                found[quad.subject].append(quad)
            self._out |= found

    def _fetch_counts(self, nodes: Iterable[Any]) -> None:
        for chunk in _chunks(each for each in nodes if each not in self._counts):
            counts: dict[Any, dict[str, int]] = {node: {} for node in chunk}
            values = f"VALUES ?o {{ {' '.join(map(str, chunk))} }}"
            text = f"SELECT ?o ?p (COUNT(*) AS ?n) {{ {values} {self._triple} }} GROUP BY ?o ?p"
            for node, predicate, count in self._rows(text):
                # A literal may come back in another spelling: that is another one here.
                counts.get(node, {})[getattr(predicate, "value", "")] = int(
                    getattr(count, "value", 0)
                )
            self._counts |= counts

    def _fetch_incoming(self, keys: Iterable[tuple[Any, str]]) -> None:
        for chunk in _chunks(key for key in keys if key not in self._in):
            found: dict[tuple[Any, str], list[Quad]] = {key: [] for key in chunk}
            values = " ".join(f"({node} {NamedNode(name)})" for node, name in chunk)
            for quad in self._quads(f"VALUES (?o ?p) {{ {values} }}"):
                found.get((quad.object, quad.predicate.value), []).append(quad)
            self._in |= found

    def _quads(self, values: str) -> Iterator[Quad]:
        """Yield the quads that some values leave, of the graphs that are meant."""
        columns = "?s ?p ?o ?g" if self._named else "?s ?p ?o"
        for row in self._rows(f"SELECT {columns} {{ {values} {self._triple} }}"):
            subject, property_, value, *graph = cast("Any", row)
            quad = Quad(subject, property_, value, *graph)
            if self._is_meant(quad):
                yield _reachable(quad)

    def _is_meant(self, quad: Quad) -> bool:
        return not self._named or getattr(quad.graph_name, "value", "") in self._graphs

    def _rows(self, text: str) -> tuple[Row, ...]:
        answer = self._source.query(QueryText(text, "SELECT", (), {}, name="validation"))
        if answer.cut:
            raise Unreachable
        return answer.rows


def _reachable(quad: Quad) -> Quad:
    if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode):
        raise Unreachable
    return quad


def _chunks(items: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield items, nodes or tuples that begin with one, some at a time and each once.

    IRIs and the literals of each datatype keep apart: Virtuoso loses rows of VALUES that mix them.
    """
    groups: dict[object, dict[Any, None]] = {}
    for item in items:
        node = item[0] if isinstance(item, tuple) else item
        groups.setdefault(getattr(node, "datatype", None), {})[item] = None
    for group in groups.values():
        rest = iter(group)
        while chunk := list(islice(rest, _CHUNK)):
            yield chunk
