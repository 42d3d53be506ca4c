"""What a change causes, told twice: by the check of the change, and by pySHACL on all the facts."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from pyoxigraph import Quad, Store

from dragoman.errors import ShapesError
from dragoman.validation import analysis, engine, reference


def change_of(before, after):
    """Return the change from one set of triples to another, as an index would have them."""
    before, after = frozenset(before), frozenset(after)
    store = Store()
    store.extend(Quad(each.subject, each.predicate, each.object) for each in before)
    # A store respells some literals: of those the files have the spelling, as in `changing.change`.
    kept = frozenset(quad.triple for quad in store)
    both = kept | before | after
    return engine.Change(store, both - kept, both - before, both - after)


# Facts are compared with several others, and a change is tried both ways.
@lru_cache(maxsize=4)
def by_reference(shapes, data):
    """Return all findings by the reference, or None where the shapes are refused."""
    try:
        return Counter(reference.run(reference.Job(shapes, data)))
    except ShapesError:
        return None


@lru_cache(maxsize=4)
def in_full(shapes, data):
    """Return the same by the fast way."""
    try:
        return Counter(engine.check(analysis.plan(shapes), data))
    except ShapesError:
        return None


def by_change(shapes, before, after, explanation=None):
    """Return the findings after less those before, or None where the shapes are refused."""
    try:
        plan, change = analysis.plan(tuple(shapes)), change_of(before, after)
        return Counter(engine.check_change(plan, change, explanation=explanation))
    except ShapesError:
        return None


def differences(shapes, before, after):
    """Return, by name, what the ways tell differently; empty where they agree."""
    shapes, before, after = tuple(shapes), tuple(before), tuple(after)
    full = {"before": by_reference(shapes, before), "after": by_reference(shapes, after)}
    fast = {"before": in_full(shapes, before), "after": in_full(shapes, after)}
    refused = None in full.values()
    full["change"] = None if refused else full["after"] - full["before"]
    fast["change"] = by_change(shapes, before, after)
    if refused and fast["change"] == Counter():
        # Some shapes are refused only once they meet the data; a change may not touch any.
        fast["change"] = None
    return {name: (full[name], fast[name]) for name in full if full[name] != fast[name]}
