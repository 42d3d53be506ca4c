"""What a change causes, told twice: by the check of the change, and by pySHACL on all the facts."""

from __future__ import annotations

from collections import Counter

from pyoxigraph import Quad, Store

from dragoman.errors import ShapesError
from dragoman.validation import engine, reference


def change_of(before, after):
    """Return the change from one set of triples to another, as an index would have them."""
    before, after = frozenset(before), frozenset(after)
    store = Store()
    store.extend(Quad(each.subject, each.predicate, each.object) for each in before)
    # A store respells some literals: of those the files have the spelling, as in `changing.change`.
    kept = frozenset(quad.triple for quad in store)
    both = kept | before | after
    return engine.Change(store, both - kept, both - before, both - after)


def by_reference(shapes, before, after):
    """Return the findings after less those before, or None where the shapes are refused."""
    try:
        found = [
            Counter(reference.run(reference.Job(tuple(shapes), tuple(each))))
            for each in (after, before)
        ]
    except ShapesError:
        return None
    return found[0] - found[1]


def by_change(shapes, before, after, explanation=None):
    """Return the same as the check of the change tells it."""
    try:
        return Counter(
            engine.check_change(tuple(shapes), change_of(before, after), explanation=explanation)
        )
    except ShapesError:
        return None


def in_full(shapes, data):
    """Return all findings by the fast way, or None where the shapes are refused."""
    try:
        return Counter(engine.check(tuple(shapes), tuple(data)))
    except ShapesError:
        return None


def differences(shapes, before, after):
    """Return, by name, what the two ways tell differently; empty where they agree."""
    expected, found = by_reference(shapes, before, after), by_change(shapes, before, after)
    told = {}
    if (expected is None) != (found is None):
        told["refusal"] = (expected, found)
    elif expected != found:
        told["change"] = (expected - found, found - expected)
    for name, data in (("before", before), ("after", after)):
        try:
            all_ = Counter(reference.run(reference.Job(tuple(shapes), tuple(data))))
        except ShapesError:
            all_ = None
        fast = in_full(shapes, data)
        if all_ != fast:
            told[name] = (all_, fast)
    return told
