"""Property paths: what SHACL and SPARQL 1.1 can write, walked over facts step by step.

A path is a `Step` or is made of paths. Walking one reads triples; `cuts` takes a path apart at each
step, which answers where a changed triple can stand in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode

from dragoman import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dragoman.walking.facts import Facts

Term: TypeAlias = NamedNode | BlankNode | Literal


@dataclass(frozen=True, slots=True)
class Step:
    """One triple: forwards from subject to object, or backwards.

    Attributes:
        predicate: IRI of the property; None for any but those excluded.
        inverse: from object to subject.
        excluded: IRIs of the properties of a negated set.
    """

    predicate: str | None
    inverse: bool = False
    excluded: frozenset[str] = frozenset()

    def fits(self, predicate: str) -> bool:
        """Return whether a triple with this predicate can be the step."""
        if self.predicate is None:
            return predicate not in self.excluded
        return predicate == self.predicate


@dataclass(frozen=True, slots=True)
class Sequence:
    """One path after the other."""

    parts: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Any of several paths."""

    parts: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A path `?` (zero, not many), `+` (many) or `*` (zero, many)."""

    part: Route
    zero: bool
    many: bool


Route: TypeAlias = Step | Sequence | Choice | Repeat
ANYTHING = Step(None)
IS_A = Sequence(
    (
        Step(vocabulary.RDF_TYPE),
        Repeat(Step(vocabulary.RDFS_SUBCLASS_OF), zero=True, many=True),
    )
)


def reverse(path: Route) -> Route:
    """Return the path walked from its end to its beginning."""
    match path:
        case Step(predicate, inverse, excluded):
            return Step(predicate, not inverse, excluded)
        case Sequence(parts):
            return Sequence(tuple(reverse(part) for part in reversed(parts)))
        case Choice(parts):
            return Choice(tuple(map(reverse, parts)))
        case Repeat(part, zero, many):
            return Repeat(reverse(part), zero, many)


def steps(path: Route) -> Iterator[Step]:
    """Yield the steps that the path is made of."""
    match path:
        case Step():
            yield path
        case Sequence(parts) | Choice(parts):
            for part in parts:
                yield from steps(part)
        case Repeat(part):
            yield from steps(part)


def can_be_empty(path: Route) -> bool:
    """Return whether the path also leads from a node to itself without a step."""
    match path:
        case Step():
            return False
        case Sequence(parts):
            return all(map(can_be_empty, parts))
        case Choice(parts):
            return any(map(can_be_empty, parts))
        case Repeat(part, zero):
            return zero or can_be_empty(part)


def reach(path: Route | None, nodes: Iterable[Term], facts: Facts) -> set[Term]:
    """Return the nodes at the end of the path from any of the nodes; without a path, the same."""
    match path:
        case None:
            return set(nodes)
        case Step():
            return facts.follow(path, nodes)
        case Sequence(parts):
            found = set(nodes)
            for part in parts:
                found = reach(part, found, facts)
            return found
        case Choice(parts):
            start = set(nodes)
            return set().union(*(reach(part, start, facts) for part in parts))
        case Repeat(part, zero, many):
            start = set(nodes)
            ended = set(start) if zero else set()
            frontier = reach(part, start, facts)
            while frontier:
                frontier -= ended
                ended |= frontier
                frontier = reach(part, frontier, facts) if many and frontier else set()
            return ended


def cuts(path: Route) -> Iterator[tuple[Route | None, Step, Route | None]]:
    """Yield, for each step of the path, what can come before it, the step, and what after it."""
    match path:
        case Step():
            yield None, path, None
        case Choice(parts):
            for part in parts:
                yield from cuts(part)
        case Sequence(parts):
            for number, part in enumerate(parts):
                for before, step, after in cuts(part):
                    yield _chain(*parts[:number], before), step, _chain(after, *parts[number + 1 :])
        case Repeat(part, _, many):
            again = Repeat(part, zero=True, many=True) if many else None
            for before, step, after in cuts(part):
                yield _chain(again, before), step, _chain(after, again)


def _chain(*parts: Route | None) -> Route | None:
    present = tuple(part for part in parts if part is not None)
    return Sequence(present) if len(present) > 1 else next(iter(present), None)
