"""Which rule a derived fact comes from, and on which accounts it rests."""

from __future__ import annotations

__all__ = ["Explained", "explained", "facts_about"]

import hashlib
import json
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import NamedNode, Quad, Triple

from dragoman import kept, vocabulary
from dragoman.base import user_cache
from dragoman.record.changing import answer, nearby_store
from dragoman.record.deriving import RECORD
from dragoman.record.preparing import prepared
from dragoman.record.rule import read
from dragoman.record.stamping import stamp
from dragoman.walking import reads
from dragoman.walking.facts import Facts
from dragoman.walking.reads import Boundless

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Store

    from dragoman.base import Base
    from dragoman.record.preparing import Prepared

_DERIVED_FROM = NamedNode(vocabulary.PROV_WAS_DERIVED_FROM)
# Nothing of these tells a reader more: days of accounts stand in the accounts, as they tell them.
_ASIDE = frozenset(
    {vocabulary.PROV_WAS_DERIVED_FROM}
    | {f"{vocabulary.DIP}{each}" for each in ("dayNumber", "lastDayNumber", "placeInOrder")}
    | {
        f"{vocabulary.DIP}{each}{end}"
        for each in ("begins", "ends", "planned")
        for end in ("From", "Until")
    }
)
# How far facts that follow from facts that follow are explained.
_DEEP = 4
# More of these than anybody has bases.
_MOST = 20


class Explained(NamedTuple):
    """A derived fact.

    Attributes:
        triple: the fact.
        rule: the IRI of its rule.
        accounts: the IRIs of accounts that it rests on: it follows from these alone.
        label: the label of its rule.
    """

    triple: Triple
    rule: str
    accounts: tuple[str, ...]
    label: str = ""


def explained(
    base: Base, store: Store, triples: Iterable[Triple], *, accounts: bool = True
) -> list[Explained]:
    """Return, of those triples that the record has, where they come from.

    Args:
        base: the base, with its rules.
        store: its index.
        triples: what to explain.
        accounts: look for the accounts, too, which takes its time.
    """
    known = [each for each in triples if Quad(*each, RECORD) in store]  # type: ignore[call-arg]
    if not known:
        return []
    writers, called = _rules(stamp(base), base)
    rules = {each.node: each for each in prepared(base)} if accounts else {}
    found = []
    for triple in known:
        node = writers.get(_term(triple))
        if node is not None:
            told = _accounts(store, triple, writers, rules, _DEEP) if accounts else ()
            found.append(Explained(triple, node, tuple(sorted(told)), called[node]))
    return found


@lru_cache(maxsize=4)
def _rules(key: str, base: Base) -> tuple[dict[str, str], dict[str, str]]:
    """Return which rule writes each term, and the label of each rule, of a base with a stamp.

    Reading all rules takes a second: what is found is kept among the user's caches.
    """
    whole = f"{key} {kept.programs('record', 'walking', 'syntax').hex()}"
    place = user_cache() / "writers" / hashlib.sha256(whole.encode()).hexdigest()
    try:
        opened = kept.opened(place)
        if opened is not None:
            with opened as file:
                writers, called = json.load(file)
                return dict(writers), dict(called)
    except (OSError, ValueError, TypeError):
        pass  # it is made anew
    told = read(base).all
    writers = {term: rule.node for rule in told for term in rule.query.terms_written}
    called = {rule.node: rule.label for rule in told}
    kept.keep(place, json.dumps((writers, called)).encode(), _MOST)
    return writers, called


def facts_about(store: Store, thing: str) -> list[Triple]:
    """Return what the record says of a thing; not what is there to count and to sort with."""
    quads = store.quads_for_pattern(NamedNode(thing), None, None, RECORD)
    return sorted((q.triple for q in quads if q.predicate.value not in _ASIDE), key=str)


def _term(triple: Triple) -> str:
    is_class = triple.predicate.value == vocabulary.RDF_TYPE
    return str(getattr(triple.object, "value", "")) if is_class else triple.predicate.value


def _accounts(
    store: Store, triple: Triple, writers: dict[str, str], rules: dict[str, Prepared], deep: int
) -> set[str]:
    """Return accounts from which alone a fact follows; those that its node names, where it does."""
    told = store.quads_for_pattern(triple.subject, _DERIVED_FROM, None, RECORD)
    if named := {str(getattr(quad.object, "value", "")) for quad in told}:
        return named
    rule = rules[writers[_term(triple)]]
    owner = NamedNode(str(getattr(triple.subject, "value", "")).split("/record/")[0])
    for focus in dict.fromkeys((triple.subject, owner)):
        try:
            nearby = reads.around(rule.reads, {focus}, Facts(store))  # type: ignore[arg-type]
        except Boundless:
            continue
        if rule.nearby and triple in answer(nearby_store(nearby, {focus}), rule.nearby):  # type: ignore[arg-type]
            return _needed(store, triple, focus, nearby, writers, rules, deep)
    return set()


def _needed(  # noqa: PLR0913, PLR0917  what is looked through
    store: Store,
    triple: Triple,
    focus: object,
    nearby: set[Triple],
    writers: dict[str, str],
    rules: dict[str, Prepared],
    deep: int,
) -> set[str]:
    query = rules[writers[_term(triple)]].nearby
    by_node: dict[object, set[Triple]] = {}
    for each in nearby:
        if each.predicate.value == vocabulary.ABOUT:
            by_node.setdefault(each.subject, set())
        elif deep and _term(each) in writers:
            by_node[each] = {each}
    for each in nearby:
        if each.subject in by_node:
            by_node[each.subject].add(each)
    left = set(nearby)
    kept = []
    for node in sorted(by_node, key=str):
        less = left - by_node[node]
        if triple in answer(nearby_store(less, {focus}), query):  # type: ignore[arg-type]
            left = less
        else:
            kept.append(node)
    found: set[str] = set()
    for node in kept:
        if isinstance(node, Triple):
            found |= _accounts(store, node, writers, rules, deep - 1)
        else:
            found.add(str(getattr(node, "value", "")))
    return found
