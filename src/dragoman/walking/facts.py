"""Facts around a change: what was there, what comes and what goes, looked up node by node.

Look-ups see the facts before and after the change together: what neither state holds can have no
part in what the change causes. Each is asked of the store once. While `watched`, what is looked up
is remembered: it is the neighbourhood that a check of the same things reads.
"""

from __future__ import annotations

from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from pyoxigraph import DefaultGraph, Literal, NamedNode, Triple

from dragoman.walking.distant import Distant
from dragoman.walking.paths import IS_A, reach

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from pyoxigraph import Store

    from dragoman.spellings import Spelt
    from dragoman.walking.paths import Route, Step, Term

_GRAPH = DefaultGraph()
_Key = tuple[Any, str | None, bool]  # node, property (None: any), backwards


class Facts:
    """The facts before a change, in the default graph of a store, and the change.

    Args:
        store: the facts before the change, at hand or distant.
        added: triples that are new.
        removed: triples that go.
    """

    def __init__(
        self,
        store: Store | Spelt | Distant,
        added: Collection[Triple] = (),
        removed: Collection[Triple] = (),
    ) -> None:
        self._store = store
        self._distant = store if isinstance(store, Distant) else None
        self.added = frozenset(added)
        self.removed = frozenset(removed)
        self._new: dict[_Key, list[Triple]] = {}
        for triple in self.added:
            for key in _keys(triple):
                self._new.setdefault(key, []).append(triple)
        self._found: dict[_Key, tuple[Triple, ...]] = {}
        self._ends: dict[_Key, tuple[Term, ...]] = {}
        self._classes: dict[Term, set[Term]] = {}
        self._reached: dict[tuple[Route | None, Term], set[Term]] = {}
        self._busy: set[_Key] = set()
        self._unknown: dict[_Key, bool] = {}
        self._read: set[_Key] | None = None

    @property
    def changed(self) -> frozenset[Triple]:
        """Return the triples that come or go."""
        return self.added | self.removed

    def learn(self, triples: Iterable[Triple]) -> None:
        """Add to the facts what turns out to be new, or to go, in the course of looking."""
        for triple in triples:
            for key in _keys(triple):
                self._new.setdefault(key, []).append(triple)
                if key in self._found:
                    self._found[key] = (*self._found[key], triple)
                self._ends.pop(key, None)
            for inverse in (False, True):
                for name in (triple.predicate.value, None):
                    self._found.pop((None, name, inverse), None)
        self.added |= frozenset(triples)
        self._classes.clear()
        self._reached.clear()

    def follow(self, step: Step, nodes: Iterable[Term]) -> set[Term]:
        """Return where one step leads from any of the nodes."""
        found: set[Term] = set()
        if self._distant:
            nodes = tuple(nodes)
            keys = ((node, step.predicate, step.inverse) for node in nodes)
            self._distant.expect(key for key in keys if key not in self._found)
        for node in nodes:
            key = (node, step.predicate, step.inverse)
            if self._read is not None:
                self._read.add(key)
            ends = self._ends.get(key)
            if ends is None:
                ends = self._ends[key] = tuple(_end(each, step) for each in self._triples(key))
            if step.excluded:
                ends = tuple(
                    _end(each, step)
                    for each in self._triples(key)
                    if step.fits(each.predicate.value)
                )
            found.update(ends)
        return found

    def reached(self, path: Route | None, node: Term) -> set[Term]:
        """Return the nodes at the end of a path from one node, which many ask for."""
        key = (path, node)
        if key not in self._reached or self._read is not None:  # what is watched is looked up
            self._reached[key] = reach(path, (node,), self)
        return self._reached[key]

    def classes(self, node: Term) -> set[Term]:
        """Return the classes of a node, and those above them."""
        found = self._classes.get(node)
        if found is None:
            found = self._classes[node] = reach(IS_A, (node,), self)
        return found

    def degree(self, step: Step, nodes: Iterable[Term], most: int) -> int:
        """Return how many triples one step from these nodes reads, or `most` if it is more."""
        total = 0
        for node in nodes:
            key = (node, step.predicate, step.inverse)
            found = self._found.get(key)
            if found is None:
                if key in self._busy or (self._distant and self._is_far(key, most)):
                    return most
                first = tuple(islice(self._stored(key), most))
                if len(first) == most:
                    self._busy.add(key)
                    return most
                found = self._found[key] = (*first, *self._new.get(key, ()))
            total += len(found)
            if total >= most:
                return most
        return total

    def _is_far(self, key: _Key, most: int) -> bool:
        """Return whether so many triples lie behind a key that they are better not fetched."""
        node, predicate, inverse = key
        return (
            inverse
            and self._distant is not None
            and (self._distant.degree(node, predicate) >= most)
        )

    def all(self, step: Step) -> set[tuple[Term, Term]]:
        """Return the two ends of every triple that can be the step: costs what there are."""
        key = (None, step.predicate, step.inverse)
        if self._read is not None:
            self._read.add(key)
        return {
            (_start(each, step), _end(each, step))
            for each in self._triples(key)
            if step.fits(each.predicate.value)
        }

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Remember what is looked up from here on."""
        if self._read is None:
            self._read = set()
        try:
            yield
        finally:
            self._seen = self._read
            self._read = None

    def neighbourhood(self) -> set[Triple]:
        """Return every triple that was looked up while watched."""
        return {triple for key in self._seen for triple in self._triples(key)}

    def everything(self) -> set[Triple]:
        """Return all triples, before and after the change: costs what there are."""
        return {quad.triple for quad in self._store.quads_for_pattern(None, None, None, _GRAPH)} | {
            *self.added
        }

    def _triples(self, key: _Key) -> tuple[Triple, ...]:
        found = self._found.get(key)
        if found is None:
            new = self._new.get(key, ())
            if key[0] is None:
                new = [each for each in self.added if key[1] in {None, each.predicate.value}]
            found = self._found[key] = (*self._stored(key), *new)
        return found

    def _stored(self, key: _Key) -> Iterator[Triple]:
        node, predicate, inverse = key
        if self._is_unknown(node, inverse):
            return
        name = None if predicate is None else NamedNode(predicate)
        if isinstance(node, Literal):
            # A store finds what has the same value; here what is spelt the same is asked for.
            if inverse:
                for quad in self._store.quads_for_pattern(None, name, node, _GRAPH):
                    if quad.object == node:
                        yield quad.triple
            return
        if inverse:
            quads = self._store.quads_for_pattern(None, name, node, _GRAPH)
        else:
            quads = self._store.quads_for_pattern(node, name, None, _GRAPH)
        for quad in quads:
            yield quad.triple

    def _is_unknown(self, node: Any, inverse: bool) -> bool:  # noqa: ANN401
        """Return whether the store has nothing about a node of the change: many look-ups end here.

        A node that is new has no facts but those that come with it, whatever is asked of it.
        """
        key: _Key = (node, None, inverse)
        if key not in self._new:
            return False
        found = self._unknown.get(key)
        if found is None:
            subject, value = (None, node) if inverse else (node, None)
            quads = self._store.quads_for_pattern(subject, None, value, _GRAPH)
            found = self._unknown[key] = next(iter(quads), None) is None
        return found


def _start(triple: Triple, step: Step) -> Any:  # noqa: ANN401
    return triple.object if step.inverse else triple.subject


def _end(triple: Triple, step: Step) -> Any:  # noqa: ANN401
    return triple.subject if step.inverse else triple.object


def _keys(triple: Triple) -> tuple[_Key, ...]:
    subject, predicate, value = triple.subject, triple.predicate.value, triple.object
    return (
        (subject, predicate, False),
        (subject, None, False),
        (value, predicate, True),
        (value, None, True),
    )
