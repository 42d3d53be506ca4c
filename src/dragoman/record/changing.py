"""What a change to the facts changes in the record, at the cost of the change.

For each rule, layer by layer, the nodes are found to which a changed triple can matter, then the
facts around them; there the rule is asked before the change and after it. What a layer changes is
part of the change that the next one sees.
"""

from __future__ import annotations

__all__ = ["Changed", "Followed", "changed", "followed"]

from typing import TYPE_CHECKING, Final, NamedTuple

from pyoxigraph import DefaultGraph, NamedNode, Quad, QueryTriples, Store, Triple

from dragoman.walking import reads
from dragoman.walking.naming import FOCUS, markers, store_of
from dragoman.walking.reads import Boundless
from dragoman.walking.targets import aims_at

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from dragoman.record.preparing import Prepared
    from dragoman.walking.facts import Facts
    from dragoman.walking.paths import Term

_OWNED: Final = "/record/"


class Changed(NamedTuple):
    """What a change to the facts changes in the record.

    Attributes:
        not_before: triples that come.
        not_after: triples that go.
    """

    not_before: frozenset[Triple] = frozenset()
    not_after: frozenset[Triple] = frozenset()


class Followed(NamedTuple):
    """What a change to the facts changes in the record, for whoever makes the same change.

    Attributes:
        not_before: facts that come.
        not_after: facts that go.
        rules: the IRIs of the rules that were asked.
        record: what it changes in the record.
    """

    not_before: frozenset[Triple]
    not_after: frozenset[Triple]
    rules: tuple[str, ...]
    record: Changed


def followed(
    rules: Sequence[Prepared],
    facts: Facts,
    not_before: Collection[Triple],
    not_after: Collection[Triple],
    known: Followed | None = None,
) -> Followed:
    """Do what `changed` does, unless that is known of the same change.

    Args:
        rules: the rules.
        facts: as for `changed`.
        not_before: as for `changed`.
        not_after: as for `changed`.
        known: what was found of a change to the same facts.
    """
    asked = frozenset(not_before), frozenset(not_after), tuple(each.node for each in rules)
    if known is not None and known[:3] == asked:
        return known
    return Followed(*asked, changed(rules, facts, not_before, not_after))


def changed(
    rules: Sequence[Prepared],
    facts: Facts,
    not_before: Collection[Triple],
    not_after: Collection[Triple],
) -> Changed:
    """Return what a change to the facts changes in the record.

    Args:
        rules: the rules.
        facts: all that stand before or after the change, the record among them; they learn what
            changes in it.
        not_before: triples that do not stand before the change.
        not_after: triples that do not stand after it.
    """
    if not (not_before or not_after):
        return Changed()
    following = _Following(facts, set(not_before), set(not_after))
    came: set[Triple] = set()
    went: set[Triple] = set()
    for layer in sorted({each.layer for each in rules}):
        before: set[Triple] = set()
        after: set[Triple] = set()
        for rule in rules:
            if rule.layer == layer:
                old, new = following.asked(rule)
                before |= old
                after |= new
        came |= after - before
        went |= before - after
        following.learn(after - before, before - after)
    return Changed(frozenset(came), frozenset(went))


class _Following:
    """The facts around a change, and the change as far as it is known."""

    def __init__(self, facts: Facts, not_before: set[Triple], not_after: set[Triple]) -> None:
        self._facts, self._not_before, self._not_after = facts, not_before, not_after
        self._changes = reads.Changes(not_before | not_after)

    def learn(self, came: set[Triple], went: set[Triple]) -> None:
        """Make part of the change what a layer changes."""
        self._facts.learn(came | went)
        self._not_before |= came
        self._not_after |= went
        self._changes.add(came | went)

    def asked(self, rule: Prepared) -> tuple[set[Triple], set[Triple]]:
        """Return what a rule derives of the nodes that the change can matter to, before and after.

        What it derives of all others is the same before and after.
        """
        try:
            nodes = self._affected(rule)
            while nodes:
                found = self._around(rule, nodes)
                further = self._owners(rule, found[0] ^ found[1]) - nodes
                if not further:
                    return found
                nodes |= further
        except Boundless:
            return self._whole(rule)
        return set(), set()

    def _affected(self, rule: Prepared) -> set[Term]:
        if not rule.reads:
            raise Boundless
        nodes = reads.affected_by(rule.entries, self._facts, self._changes)
        return {node for node in nodes if aims_at(rule.aims, node, self._facts)}

    def _owners(self, rule: Prepared, triples: set[Triple]) -> set[Term]:
        """Return all nodes of which a rule may derive one of the triples, too."""
        found: set[Term] = set()
        for subject in {triple.subject for triple in triples}:
            if not isinstance(subject, NamedNode):
                continue
            found.add(subject)
            parts = subject.value.split(_OWNED)
            found.update(NamedNode(_OWNED.join(parts[:number])) for number in range(1, len(parts)))
        return {node for node in found if aims_at(rule.aims, node, self._facts)}

    def _around(self, rule: Prepared, nodes: set[Term]) -> tuple[set[Triple], set[Triple]]:
        nearby = reads.around(rule.reads, nodes, self._facts)
        if not nearby:
            return set(), set()
        before, after = nearby - self._not_before, nearby - self._not_after
        store = nearby_store(before, nodes)
        # of things that are new it derived nothing: each of its branches binds the node
        ends = {end for triple in before for end in (triple.subject, triple.object)}
        old = set() if nodes.isdisjoint(ends) else answer(store, rule.nearby)
        if before != after:
            for triple in before - after:
                store.remove(_fact(triple))
            store.extend(map(_fact, after - before))
        return old, answer(store, rule.nearby)

    def _whole(self, rule: Prepared) -> tuple[set[Triple], set[Triple]]:
        """Ask a rule of all nodes, before and after: costs what there are."""
        everything = self._facts.everything()
        before, after = everything - self._not_before, everything - self._not_after
        return answer(store_of(before), rule.whole), answer(store_of(after), rule.whole)


def nearby_store(facts: Iterable[Triple], nodes: Iterable[Term]) -> Store:
    """Return a store of facts that names the nodes of which a rule is asked."""
    return store_of(facts, markers({FOCUS.value: nodes}))


def answer(store: Store, query: str) -> set[Triple]:
    """Return what a rule derives."""
    answer = store.query(query, default_graph=DefaultGraph())
    assert isinstance(answer, QueryTriples)  # noqa: S101  a CONSTRUCT
    return set(answer)


def _fact(triple: Triple) -> Quad:
    subject, predicate, value = triple
    return Quad(subject, predicate, value)
