"""Deriving all that follows from the facts in a store, each rule asked once of all nodes.

A rule reads nothing that another of its order writes: those of one order are asked at once.
"""

from __future__ import annotations

__all__ = [
    "RECORD",
    "deadline",
    "derived",
    "derived_on_disk",
    "derived_within",
    "follows",
    "forget",
    "in_record",
    "room",
    "told_by",
]

import io
import threading
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Final

from pyoxigraph import (
    DefaultGraph,
    NamedNode,
    Quad,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    parse,
)

from dragoman import vocabulary
from dragoman.errors import LimitError
from dragoman.record.rule import left_out
from dragoman.spellings import in_graph
from dragoman.store import Worker, beside_each_other

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dragoman.base import Base
    from dragoman.record.rule import Rule, Rules
    from dragoman.store import LocalStore

RECORD: Final = NamedNode(vocabulary.RECORD_GRAPH)
# What is derived stands in the record, and in the merge of all graphs.
_PLACES: Final = (RECORD, DefaultGraph())
# In N-Triples no blank node stands without it; that a text has it costs only time.
_BLANK: Final = b"_:"
# Raised where the same rules derive, or keep, something else than before.
EDITION: Final = 1
# Seconds that a rule may take, and as many more for each so many bytes of files.
_DEADLINE: Final = 60.0
_MANY: Final = 100 << 20
_TRIPLE: Final = 100
# Bytes that are loaded at once.
_PIECE: Final = 16 << 20
# More bytes of files than these are not read into memory, where they take four times as many.
_LARGEST: Final = 1 << 30
# Rules asked at once: each may hold as much as it derives.
_HANDS: Final = 4


def deadline(size: int) -> float:
    """Return the seconds that a rule may take where the files have so many bytes."""
    return _DEADLINE * (1 + size / _MANY)


def derived(store: Store, rules: Rules, limit: float = _DEADLINE) -> Rules:
    """Derive all that follows from the facts in a store, and put it into the record.

    Returns the rules that were carried out within limits of time.

    Args:
        store: the facts, without a record.
        rules: the rules.
        limit: seconds for each rule.
    """
    while rules.all:
        late = _carry_out(store, rules, limit, lambda found: _put(store, found, *_PLACES))
        if not late:
            break
        rules = rules.without(late)
        forget(store)
    return rules


def room(size: int) -> Store | None:
    """Return an empty store in memory for the merge of files of a size; None where they are many.

    Args:
        size: of the files, in bytes.
    """
    return Store() if size <= _LARGEST else None


def derived_on_disk(
    store: Store, rules: Rules, limit: float, size: int, merge: Store | None = None
) -> Rules:
    """Do what `derived` does for a store on disk, which takes four times that of one in memory.

    Args:
        store: the facts, without a record.
        rules: the rules.
        limit: seconds for each rule.
        size: of the files, in bytes: much goes the longer way.
        merge: the merge of the facts in memory, where that is at hand. Rules read nothing else:
            without graphs it is half as large, and asked faster.
    """
    while rules.all and (asked := room(size) if merge is None else merge) is not None:
        record = io.BytesIO()
        if merge is None:
            text = store.dump(format=RdfFormat.N_TRIPLES, from_graph=DefaultGraph())
            asked.bulk_load(text or b"", RdfFormat.N_TRIPLES)
            del text
        merge = None
        late = derived_within(asked, rules, record.write, limit)
        if not late:
            found = record.getvalue()
            if _BLANK in found:
                break  # the loader has given blank nodes other names
            del asked
            _put(store, found, *_PLACES)
            return rules
        rules = rules.without(late)
    return derived(store, rules, limit)


def _carry_out(
    store: Store, rules: Rules, limit: float, keep: Callable[[bytes], None]
) -> dict[str, str]:
    """Ask rules, layer by layer, those of one layer beside each other, and keep what they derive.

    Returns the rules that took too long, with what to say of it: nothing was asked behind them.
    """
    worker, keeping = Worker(), threading.Lock()
    late: dict[str, str] = {}

    def ask(rule: Rule) -> None:
        try:
            found = worker.limited(partial(told, store, rule), limit, None)
        except LimitError:
            late[rule.node] = f"it ran longer than {limit:g} s. Narrow it."
            return
        with keeping:
            if found and not late:
                keep(found)

    for _, layer in groupby(rules.all, key=lambda each: each.order):
        beside_each_other([partial(ask, each) for each in layer], most=_HANDS)
        if late:
            break
    return late


def follows(triples: Iterable[Triple], rules: Rules) -> tuple[tuple[Triple, ...], Rules]:
    """Return what follows from facts, and the rules that were carried out."""
    given = tuple(triples)
    while True:
        store, record = Store(), io.BytesIO()
        store.bulk_extend(in_graph(given, DefaultGraph()))
        late = derived_within(store, rules, record.write)
        if not late:
            found = parse(record.getvalue(), RdfFormat.N_TRIPLES, lenient=True)
            return tuple(dict.fromkeys(quad.triple for quad in found)), rules
        rules = rules.without(late)


def derived_within(
    store: Store, rules: Rules, hand_on: Callable[[bytes], object], limit: float | None = None
) -> dict[str, str]:
    """Derive all that follows from the facts in a store, and put it among them.

    Returns the rules that took too long, with what to say of it: nothing was asked behind them.

    Args:
        store: the facts, in the default graph.
        rules: the rules.
        hand_on: is given what is derived, as N-Triples.
        limit: seconds for each rule; by default what the number of facts allows.
    """

    def keep(found: bytes) -> None:
        _put(store, found, DefaultGraph())
        hand_on(found)

    return _carry_out(store, rules, limit or deadline(len(store) * _TRIPLE), keep)


def told(store: Store, rule: Rule) -> bytes:
    """Return what a rule derives for all nodes that it is asked of, as N-Triples."""
    answer = store.query(rule.asked_of(rule.targets), default_graph=DefaultGraph())
    assert isinstance(answer, QueryTriples)  # noqa: S101  a CONSTRUCT
    return answer.serialize(format=RdfFormat.N_TRIPLES) or b""


def _put(store: Store, found: bytes, *graphs: NamedNode | DefaultGraph) -> None:
    """Put N-Triples into each of some graphs, no term of them through Python."""
    if _BLANK in found:  # the loader gives blank nodes other names at each call
        triples = [quad.triple for quad in parse(found, RdfFormat.N_TRIPLES, lenient=True)]
        for graph in graphs:
            store.bulk_extend(in_graph(triples, graph))
        return
    start = 0
    while start < len(found):
        # The loader holds in memory about twelve times what it is given.
        end = found.find(b"\n", start + _PIECE) + 1 or len(found)
        for graph in graphs:
            part = found[start:end]
            store.bulk_load(part, RdfFormat.N_TRIPLES, to_graph=graph, lenient=True)
        start = end


def told_by(base: Base, index: LocalStore) -> bytes | None:
    """Return the record that an index holds, as N-Triples; None where it may not be all of it.

    The names of blank nodes in it would be the index's own.
    """
    if left_out(base, index.warnings):
        return None
    found = index.store.dump(format=RdfFormat.N_TRIPLES, from_graph=RECORD) or b""
    return None if _BLANK in found else found


def forget(store: Store) -> None:
    """Take the record out of a store."""
    said = [
        quad
        for quad in store.quads_for_pattern(None, None, None, RECORD)
        if _is_said(store, quad.triple)
    ]
    store.update(f"DELETE {{ ?s ?p ?o }} WHERE {{ GRAPH {RECORD} {{ ?s ?p ?o }} }}")
    store.remove_graph(RECORD)
    store.extend(in_graph(said, DefaultGraph()))


def _is_said(store: Store, triple: Triple) -> bool:
    """Return whether a file says what the record does."""
    found = store.quads_for_pattern(triple.subject, triple.predicate, triple.object, None)
    return any(each.graph_name not in {RECORD, DefaultGraph()} for each in found)


def in_record(triples: Iterable[Triple]) -> Iterator[Quad]:
    """Yield triples as quads of the record, and of the merge of all graphs."""
    return (
        Quad(each.subject, each.predicate, each.object, graph)
        for each in triples
        for graph in _PLACES
    )
