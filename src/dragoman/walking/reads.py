"""What a constraint reads: patterns of triples, in groups, around the node it is checked on.

A group holds where all its patterns hold together. Inside it stand groups that must hold too (one
of several, for a UNION) and groups that are only asked (OPTIONAL, EXISTS, the constraints on a
value). The node that is checked is the variable `this`; it is the same in every group.

Two questions are answered, each by walking from what is known to what is not, set by set, which
finds at least what an exact join would find: which nodes a changed triple can matter to
(`affected`), and which facts a check of a node reads (`gather`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from dragoman.walking.paths import Route, Step, can_be_empty, cuts, reach, reverse, steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pyoxigraph import Triple

    from dragoman.walking.facts import Facts
    from dragoman.walking.paths import Term

THIS: Final = "this"
# From so many triples on, a way through a busy node is put off as long as there is another.
_BUSY: Final = 250
# From many nodes on, so many triples a node are no busy way.
_FEW: Final = 8
Known = dict[str, "set[Term]"]
Places = dict[str | None, "tuple[Entry, ...]"]


class Boundless(Exception):  # noqa: N818  an answer: no bound is known
    """What is asked for has no bound short of all there is."""


@dataclass(frozen=True)
class Pattern:
    """Triples from subject to object by a path; a `str` is a variable."""

    subject: str | Term
    path: Route
    object: str | Term

    @property
    def variables(self) -> frozenset[str]:
        """Return the variables at its ends."""
        return frozenset(each for each in (self.subject, self.object) if isinstance(each, str))


@dataclass(frozen=True)
class Group:
    """Patterns that hold together, and the groups inside.

    Attributes:
        patterns: they must all hold.
        joined: of each of these, one must hold too.
        asked: these may hold or not.
        visible: the variables that the group around sees; None for all.
        exists: it stands in EXISTS, which puts in what every group around knows.
    """

    patterns: tuple[Pattern, ...] = ()
    joined: tuple[tuple[Group, ...], ...] = ()
    asked: tuple[Group, ...] = ()
    visible: frozenset[str] | None = None
    exists: bool = False

    @cached_property
    def certain(self) -> frozenset[str]:
        """Return the variables that have a value wherever the group holds."""
        found: set[str] = {THIS}
        for pattern in self.patterns:
            found |= pattern.variables
        for choices in self.joined:
            found |= frozenset.intersection(*(choice.shown for choice in choices))
        return frozenset(found)

    @cached_property
    def between(self) -> frozenset[str]:
        """Return the variables that stand in two of the patterns: ways lead on from them."""
        seen: set[str] = set()
        twice: set[str] = set()
        for pattern in self.patterns:
            twice |= seen & pattern.variables
            seen |= pattern.variables
        return frozenset(twice)

    @cached_property
    def is_costly(self) -> bool:
        """Return whether a group inside is more than a look-up: engines may join it whole."""
        return any(len(inner.patterns) > 1 for inner in self.asked) or any(
            inner.is_costly for inner in self.inside
        )

    @cached_property
    def joint(self) -> Group:
        """Return the group with what stands in plain braces inside it, for finding ways only."""
        patterns = self.patterns
        for choices in self.joined:
            if len(choices) == 1 and choices[0].visible is None:
                patterns += choices[0].joint.patterns
        return Group(patterns)

    @property
    def shown(self) -> frozenset[str]:
        """Return those of them that the group around sees."""
        return self.certain if self.visible is None else self.certain & (self.visible | {THIS})

    @property
    def inside(self) -> tuple[Group, ...]:
        """Return the groups directly inside."""
        return tuple(choice for choices in self.joined for choice in choices) + self.asked


@dataclass
class _Walk:
    """Walking through one group from what is known."""

    group: Group
    facts: Facts
    known: Known
    done: set[int] = field(default_factory=set)
    wanted: frozenset[str] | None = None  # variables worth walking to; None for all

    def nearest(self, *, busy: bool) -> tuple[int, Pattern, bool] | None:
        """Return the cheapest pattern that touches what is known, and whether from its object."""
        best, cost = None, float("inf")
        for number, pattern in enumerate(self.group.patterns):
            if number in self.done:
                continue
            start, end = self._at(pattern.subject), self._at(pattern.object)
            backwards = start is None
            if backwards:
                # From a constant: everything that has this value.
                if end is None or not (busy or isinstance(pattern.object, str)):
                    continue
                if self.wanted and pattern.subject not in self.wanted:
                    continue
            elif end is None and self.wanted and pattern.object not in self.wanted:
                continue
            nodes = (end if backwards else start) or set()
            most = max(_BUSY, _FEW * len(nodes))
            price = self._price(pattern, nodes, backwards, most)
            if start is not None and end is not None:
                price /= 4  # it narrows what is known
            if price < cost and (busy or price < most):
                best, cost = (number, pattern, backwards), price
        return best

    def take(self, number: int, pattern: Pattern, *, backwards: bool) -> bool:
        """Walk along a pattern; false where nothing fits it."""
        self.done.add(number)
        start, end = self._at(pattern.subject), self._at(pattern.object)
        if backwards and end is not None:
            found = reach(reverse(pattern.path), end, self.facts)
            return self._learn(pattern.subject, found if start is None else found & start)
        assert start is not None  # noqa: S101  nearest() chose the side
        found = reach(pattern.path, start, self.facts)
        if end is not None:
            found &= end
        return self._learn(pattern.object, found)

    def open(self, number: int, pattern: Pattern) -> None:
        """Read every triple that a step of a pattern can be."""
        self.done.add(number)
        if can_be_empty(pattern.path):
            raise Boundless
        for step in steps(pattern.path):
            if step.predicate is None:
                raise Boundless
            ends = self.facts.all(step)
        if isinstance(pattern.path, Step):
            self._learn(pattern.subject, {start for start, _ in ends})
            self._learn(pattern.object, {end for _, end in ends})

    def left(self) -> tuple[int, Pattern] | None:
        """Return a pattern that was not walked."""
        for number, pattern in enumerate(self.group.patterns):
            if number not in self.done:
                return number, pattern
        return None

    def _at(self, end: str | Term) -> set[Term] | None:
        return self.known.get(end) if isinstance(end, str) else {end}

    def _price(self, pattern: Pattern, nodes: set[Term], backwards: bool, most: int) -> float:
        """Return about how much walking a pattern from these nodes reads, up to `most`."""
        path = reverse(pattern.path) if backwards else pattern.path
        first = next(steps(path))
        # Things have few values of a property, but many things may have one value.
        if not first.inverse:
            return len(nodes)
        return 2 + self.facts.degree(first, nodes, most)

    def _learn(self, end: str | Term, found: set[Term]) -> bool:
        if isinstance(end, str):
            self.known[end] = found
        return bool(found)


def gather(
    group: Group, known: Mapping[str, set[Term]], facts: Facts, *, only_ways: bool = False
) -> Known | None:
    """Look up all that a check of the group reads; return what its variables can be.

    Args:
        group: the group.
        known: nodes for `this`, and for variables of the group around.
        facts: the facts; they remember what is looked up.
        only_ways: leave out what nothing that is known leads to, and what is only asked.

    Returns:
        None where the group holds nowhere.

    Raises:
        Boundless: it reads everything.
    """
    walk = _Walk(group, facts, {name: set(known[name]) for name in group.certain & known.keys()})
    waiting = list(group.joined)
    while True:
        if (near := walk.nearest(busy=False)) or (
            not waiting and (near := walk.nearest(busy=True))
        ):
            number, pattern, backwards = near
            if not walk.take(number, pattern, backwards=backwards):
                return None
        elif waiting:
            if not _join(walk, waiting.pop(0), only_ways=only_ways):
                return None
        elif only_ways:
            return walk.known
        elif left := walk.left():
            walk.open(*left)
        else:
            break
    for inner in group.asked:
        # EXISTS has been given what is known outside, and hands it on to all inside.
        seen = {**known, **walk.known} if group.exists else walk.known
        gather(inner, _seen(seen, inner), facts)
    return walk.known


def around(groups: Iterable[Group], nodes: set[Term], facts: Facts) -> set[Triple]:
    """Return the facts that looking at some nodes reads, before and after a change.

    None where the first of the groups, without which nothing is found, holds nowhere.

    Raises:
        Boundless: it reads everything.
    """
    with facts.watched():
        held = [gather(group, {THIS: nodes}, facts) for group in groups]
    return set() if held[0] is None else facts.neighbourhood()


def _join(walk: _Walk, choices: tuple[Group, ...], *, only_ways: bool = False) -> bool:
    results = [
        gather(choice, _seen(walk.known, choice), walk.facts, only_ways=only_ways)
        for choice in choices
    ]
    held = [
        (choice, result)
        for choice, result in zip(choices, results, strict=True)
        if result is not None
    ]
    if not held:
        return False
    for name in frozenset.intersection(*(choice.shown for choice in choices)):
        found = set().union(*(result.get(name, set()) for _, result in held))
        if all(name in result for _, result in held):
            walk.known[name] = found & walk.known[name] if name in walk.known else found
    return True


def _seen(known: Known, inner: Group) -> Known:
    """Return what a group inside may know: sub-selects see only what they show."""
    if inner.visible is None:
        return known
    return {name: known[name] for name in known if name in inner.visible or name == THIS}


@dataclass(frozen=True)
class Entry:
    """A place where a changed triple can matter: one step of one pattern.

    Attributes:
        chain: the groups around the pattern, from the outermost to its own.
        number: which of the patterns of the last group.
        before: what leads to the beginning of the pattern, backwards; None where it begins here.
        step: the step that the triple can be.
        after: what leads to its end; None where it ends here.
    """

    chain: tuple[Group, ...]
    number: int
    before: Route | None
    step: Step
    after: Route | None


def entries(group: Group) -> Iterator[Entry]:
    """Yield every place in a group, and the groups inside, where a changed triple can matter."""
    yield from _entries((group,))


def places(groups: Iterable[Group]) -> Places:
    """Return every place in groups where a changed triple can matter, by its predicate.

    Under None stand those where any predicate can.
    """
    found: dict[str | None, list[Entry]] = {}
    for entry in (each for group in groups for each in entries(group)):
        found.setdefault(entry.step.predicate, []).append(entry)
    return {predicate: tuple(each) for predicate, each in found.items()}


def _entries(chain: tuple[Group, ...]) -> Iterator[Entry]:
    for number, pattern in enumerate(chain[-1].patterns):
        for before, step, after in cuts(pattern.path):
            yield Entry(chain, number, before and reverse(before), step, after)
    for inner in chain[-1].inside:
        yield from _entries((*chain, inner))


class Changes:
    """Triples that come or go, sorted once for all that ask where they can matter."""

    def __init__(self, triples: Iterable[Triple] = ()) -> None:
        self.predicates: dict[str, None] = {}
        self._starts: dict[tuple[str, bool], dict[Term, set[Term]]] = {}
        self.add(triples)

    def add(self, triples: Iterable[Triple]) -> None:
        """Add more."""
        for triple in triples:
            start: Any = triple.subject
            end: Any = triple.object
            predicate = triple.predicate.value
            self.predicates[predicate] = None
            for inverse in (False, True):
                starts = self._starts.setdefault((predicate, inverse), {})
                starts.setdefault(end, set()).add(start)
                start, end = end, start

    def by_end(self, predicate: str, *, inverse: bool) -> Mapping[Term, set[Term]]:
        """Return where a step along those of a property begins, by where it ends."""
        return self._starts[predicate, inverse]


def affected_by(places: Places, facts: Facts, changed: Changes) -> set[Term]:
    """Return the nodes for which a change can matter at any of the places, and perhaps more.

    Args:
        places: the places, by predicate.
        facts: the facts before and after.
        changed: the triples that come or go.

    Raises:
        Boundless: they can matter for any node.
    """
    nodes: set[Term] = set()
    for predicate in changed.predicates:
        for entry in (*places.get(predicate, ()), *places.get(None, ())):
            if entry.step.fits(predicate):
                by_end = changed.by_end(predicate, inverse=entry.step.inverse)
                if (known := _ends(entry, by_end, facts)) is not None:
                    nodes |= _upwards(entry.chain, entry.number, known, facts)
    return nodes


def _ends(entry: Entry, by_end: Mapping[Term, set[Term]], facts: Facts) -> Known | None:
    """Return what the ends of a pattern can be where a changed triple is this step of it.

    Args:
        entry: the place.
        by_end: where the changed triples begin, by where they end.
        facts: the facts before and after.
    """
    pattern, after = entry.chain[-1].patterns[entry.number], entry.after
    if isinstance(pattern.object, str):
        ends = reach(after, by_end, facts)
        starts = set().union(*by_end.values())
    else:
        ends = {pattern.object}
        starts = set().union(
            *(by_end[end] for end in by_end if pattern.object in facts.reached(after, end))
        )
    starts = reach(entry.before, starts, facts)
    if not isinstance(pattern.subject, str):
        starts &= {pattern.subject}
    if not starts or not ends:
        return None
    known: Known = {}
    if isinstance(pattern.subject, str):
        known[pattern.subject] = starts
    if isinstance(pattern.object, str):
        if pattern.object in known:
            ends = ends & starts
        known[pattern.object] = ends
    return known if all(known.values()) else None


def _upwards(
    chain: tuple[Group, ...], number: int, known: Known, facts: Facts, *, far: bool = False
) -> set[Term]:
    """Walk from a pattern of the last group to `this`, through the groups around.

    A group is left as soon as what it shares with those around is known; `far` walks on in it.
    """
    walk = _Walk(chain[-1].joint, facts, dict(known), {number})
    for depth in range(len(chain) - 1, -1, -1):
        last = depth == 0
        outwards = _outwards(chain, depth)
        beside = _beside(chain[depth], chain[depth + 1] if depth + 1 < len(chain) else None)
        leading = {name for choices in beside for choice in choices for name in choice.shown}
        walk.wanted = walk.group.between | outwards | leading | {THIS}
        near_enough = outwards & walk.group.certain - {THIS}
        while THIS not in walk.known and (
            far or not (near_enough and near_enough <= walk.known.keys())
        ):
            near = walk.nearest(busy=False) or (last and walk.nearest(busy=True)) or None
            if near is not None:
                place, pattern, backwards = near
                if not walk.take(place, pattern, backwards=backwards):
                    return set()
            elif beside:
                if not _join(walk, beside.pop(0), only_ways=True):
                    return set()
            else:
                break
        if THIS in walk.known:
            return walk.known[THIS]
        if not last:
            linked = {name: walk.known[name] for name in outwards & walk.known.keys()}
            walk = _Walk(chain[depth - 1].joint, facts, linked)
    if far:
        raise Boundless
    return _upwards(chain, number, known, facts, far=True)


def _beside(group: Group, left: Group | None) -> list[tuple[Group, ...]]:
    """Return what stands in a group, may lead on, and is no part of its `joint`.

    Not the group that was left, which leads nowhere else.
    """
    found = []
    for choices in group.joined:
        if any(choice is left for choice in choices):
            continue
        if len(choices) == 1 and choices[0].visible is None:
            found += _beside(choices[0], left)
        else:
            found.append(choices)
    return found


def _outwards(chain: tuple[Group, ...], depth: int) -> frozenset[str]:
    """Return the variables of a group that are the same further out."""
    found: frozenset[str] = frozenset()
    for outer in range(depth - 1, -1, -1):
        found |= chain[outer].certain
        # Beyond a group that is not in EXISTS a variable that it does not bind is another.
        if not chain[outer].exists:
            break
    visible = chain[depth].visible
    return found if visible is None else found & (visible | {THIS})
