"""Persons, organizations and places are different unless said to be one: what that contradicts.

OWL has no unique names: of a participation with two persons it concludes that they are one. Whoever
writes down two people means two. So named individuals of these kinds, told or by the range of a
property, are taken for different, except where an owl:sameAs, a key or an account with
dip:identicalTo makes one of them, through however many steps.

What is then counted are the values of functional and inverse functional properties, and of those
that a class limits (OWL 2, Structural Specification, sections 8.3, 8.5, 9.2.7 and 9.2.8), with
those of narrower and inverse properties. One pass over the facts does it; axioms that say of every
two that they are different would be as many as the square of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, cast
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from dragoman import syntax, vocabulary
from dragoman.walking import memory as walking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from dragoman.store import LocalStore

    # A property, and whether it is read from its value to its subject.
    Step = tuple[object, bool]

_KINDS: Final = (vocabulary.PERSON, vocabulary.ORGANIZATION, vocabulary.PLACE)
_LABELS: Final = (vocabulary.SKOS_PREF_LABEL, vocabulary.RDFS_LABEL, vocabulary.DCTERMS_TITLE)
_BUILT_IN: Final = (vocabulary.RDF, vocabulary.RDFS, vocabulary.OWL)
# Of what no two names may have the same value: see `told_apart`.
_ONLY: Final = NamedNode(f"{vocabulary.BASE}reasoning#only")


class Said(NamedTuple):
    """One of several values: its IRI, its label if it has one, and where it is said."""

    value: str
    label: str
    place: str


@dataclass(frozen=True)
class Clash:
    """One thing with more values of a property than it can have.

    Attributes:
        thing: its IRI, or the label of a blank node.
        label: what it is called; empty for nothing.
        kind: the class that limits the values, by its label; empty where the property does.
        property: the IRI of the property.
        name: the label of the property.
        most: how many values there may be.
        said: the values, which are different.
    """

    thing: str
    label: str
    kind: str
    property: str
    name: str
    most: int
    said: tuple[Said, ...]

    def lines(self, short: Callable[[str], str] = "<{}>".format) -> Iterator[str]:
        """Yield it in lines for people.

        Args:
            short: how an IRI is written.
        """
        thing = self.thing if self.thing.startswith("_:") else short(self.thing)
        who = f"{self.label} ({thing})" if self.label else thing
        limit = f"a {self.kind} has {self.most} at most" if self.kind else "there can be one"
        yield f"{who} has {len(self.said)} values of {self.name}, where {limit}:"
        width = max(len(_called(each, short)) for each in self.said)
        for each in self.said:
            yield f"  {_called(each, short):<{width}}  {each.place}".rstrip()


def _called(said: Said, short: Callable[[str], str]) -> str:
    return f"{said.label} ({short(said.value)})" if said.label else short(said.value)


def clashes(loaded: LocalStore, triples: Iterable[Triple]) -> tuple[Clash, ...]:
    """Return where different persons, organizations or places are more than there may be.

    Args:
        loaded: where labels and places are found.
        triples: what is reasoned over, with keys compiled into owl:sameAs.
    """
    found = _Facts.of(triples)
    words = _Words(loaded, found.above)
    told: dict[frozenset[_Told], Clash] = {}
    # the narrowest property first: what it says, the wider ones say too, and it is told once
    for limit in sorted(found.limits(), key=lambda each: (len(found.below(each)), str(each))):
        for thing, values in found.counted(limit).items():
            if len(values) > limit.most and (key := frozenset(values.values())) not in told:
                told[key] = words.clash(thing, limit, values.values())
    return tuple(sorted(told.values(), key=lambda each: (each.thing, each.property)))


def told_apart(triples: Iterable[Triple]) -> set[Triple]:
    """Return triples that let a reasoner take the named individuals of these kinds for different.

    Each has a value of its own of a functional property, and those that are one the same value: as
    many facts as individuals, where owl:differentFrom needs one for every two.
    """
    found = _Facts.of(triples)
    type_ = NamedNode(vocabulary.RDF_TYPE)
    kinds = (vocabulary.OWL_DATATYPE_PROPERTY, vocabulary.OWL_FUNCTIONAL_PROPERTY)
    apart = {
        Triple(each, _ONLY, Literal(str(found.one(each))))
        for each in found.distinct
        if isinstance(each, NamedNode)
    }
    return apart | {Triple(_ONLY, type_, NamedNode(kind)) for kind in kinds} if apart else apart


class _Told(NamedTuple):
    """A statement, and which end of it is the value."""

    triple: Triple
    value: object


class _Limit(NamedTuple):
    """How many values of a property there may be, of a thing that is in a class."""

    step: Step
    most: int
    on: object = None  # the class whose members are limited; None for everything
    of: object = None  # the class whose members are counted; None for all


@dataclass(frozen=True)
class _Facts:
    """What is told, and of which kind each thing is."""

    index: walking.Index[object]
    types: Mapping[object, set[object]]
    above: Mapping[object, set[object]]
    distinct: frozenset[object]
    parents: dict[object, object] = field(default_factory=dict)

    @classmethod
    def of(cls, triples: Iterable[Triple]) -> _Facts:
        index = walking.indexed(walking.terms(triples))
        above: dict[object, set[object]] = defaultdict(set)
        for name in (vocabulary.RDFS_SUBCLASS_OF, vocabulary.OWL_EQUIVALENT_CLASS):
            for one, others in index[name].items():
                above[one] |= others
        for one, others in index[vocabulary.OWL_EQUIVALENT_CLASS].items():
            for other in others:
                above[other].add(one)
        for one, heads in index[vocabulary.OWL_INTERSECTION_OF].items():
            for head in heads:
                above[one].update(walking.items(head, index))
        types = _types(index)
        kinds = {NamedNode(each) for each in _KINDS}
        known = {
            each: bool(kinds & walking.reachable(each, above))
            for each in {kind for kinds in types.values() for kind in kinds}
        }
        distinct = frozenset(
            thing for thing, kinds in types.items() if any(known[kind] for kind in kinds)
        )
        found = cls(index, types, above, distinct)
        found.merge()
        return found

    def merge(self) -> None:
        """Make one of what is said to be identical."""
        for one, others in self.index[vocabulary.OWL_SAME_AS].items():
            for other in others:
                self._join(one, other)
        about = self.index[vocabulary.ABOUT]
        for account, others in self.index[vocabulary.IDENTICAL_TO].items():
            for one in about.get(account, ()):
                for other in others:
                    self._join(one, other)

    def one(self, thing: object) -> object:
        """Return what stands for all that are identical to a thing."""
        while (parent := self.parents.get(thing, thing)) != thing:
            thing = parent
        return thing

    def _join(self, one: object, other: object) -> None:
        first, second = sorted((self.one(one), self.one(other)), key=str)
        self.parents[second] = first

    def limits(self) -> Iterator[_Limit]:
        """Yield what may have so many values, and no more."""
        for thing, kinds in self.index[vocabulary.RDF_TYPE].items():
            if NamedNode(vocabulary.OWL_FUNCTIONAL_PROPERTY) in kinds:
                yield _Limit((thing, False), 1)
            if NamedNode(vocabulary.OWL_INVERSE_FUNCTIONAL_PROPERTY) in kinds:
                yield _Limit((thing, True), 1)
        for name in vocabulary.OWL_MOST:
            for restriction, numbers in self.index[name].items():
                for number, property_ in (
                    (number, property_)
                    for number in numbers
                    for property_ in self.index[vocabulary.OWL_ON_PROPERTY].get(restriction, ())
                ):
                    if isinstance(number, Literal) and number.value.isdecimal():
                        (of,) = self.index[vocabulary.OWL_ON_CLASS].get(restriction) or {None}
                        yield _Limit(self._step(property_), int(number.value), restriction, of)

    def _step(self, property_: object) -> Step:
        for inverse in self.index[vocabulary.OWL_INVERSE_OF].get(property_, ()):
            if isinstance(property_, BlankNode):
                return inverse, True
        return property_, False

    def counted(self, limit: _Limit) -> dict[object, dict[object, _Told]]:
        """Return, for each thing that is limited, its different values and where each is told."""
        found: dict[object, dict[object, _Told]] = defaultdict(dict)
        for property_, backwards in self.below(limit):
            name = getattr(property_, "value", "")
            for subject, objects in self.index[name].items() if name in self.index else ():
                for object_ in objects:
                    thing, value = (object_, subject) if backwards else (subject, object_)
                    if self._counts(value, limit.of) and self._is(thing, limit.on):
                        values = found[self.one(thing)]
                        triple = Triple(
                            cast("NamedNode", subject), NamedNode(name), cast("NamedNode", object_)
                        )
                        told = _Told(triple, value)
                        values[self.one(value)] = min(
                            values.get(self.one(value), told), told, key=str
                        )
        return found

    def _counts(self, value: object, of: object) -> bool:
        return isinstance(value, NamedNode) and value in self.distinct and self._is(value, of)

    def _is(self, thing: object, kind: object) -> bool:
        if kind is None:
            return True
        return any(
            kind in walking.reachable(each, self.above) for each in self.types.get(thing, ())
        )

    def below(self, limit: _Limit) -> set[Step]:
        """Return the properties whose values count, each with its direction."""
        return walking.reachable(limit.step, self._narrower)

    @cached_property
    def _narrower(self) -> dict[Step, set[Step]]:
        return _narrower(self.index)


def _narrower(index: walking.Index[object]) -> dict[Step, set[Step]]:
    """Return the properties whose values are values of another, in either direction."""
    found: dict[Step, set[Step]] = defaultdict(set)
    for name, turned, both in (
        (vocabulary.RDFS_SUBPROPERTY_OF, False, False),
        (vocabulary.OWL_EQUIVALENT_PROPERTY, False, True),
        (vocabulary.OWL_INVERSE_OF, True, True),
    ):
        for one, others in index[name].items():
            for other in others:
                for way in (False, True):
                    found[other, way].add((one, way ^ turned))
                    if both:
                        found[one, way ^ turned].add((other, way))
    for each, kinds in index[vocabulary.RDF_TYPE].items():
        if NamedNode(vocabulary.OWL_SYMMETRIC_PROPERTY) in kinds:
            found[each, False].add((each, True))
            found[each, True].add((each, False))
    return found


def _types(index: walking.Index[object]) -> dict[object, set[object]]:
    """Return the classes of each thing: those told, and those of the properties that it has."""
    found: dict[object, set[object]] = defaultdict(set)
    for thing, kinds in index[vocabulary.RDF_TYPE].items():
        found[thing] |= kinds
    wider: dict[Step, set[Step]] = defaultdict(set)
    for above, steps in _narrower(index).items():
        for step in steps:
            wider[step].add(above)
    ends = (vocabulary.RDFS_DOMAIN, vocabulary.RDFS_RANGE)
    for name, facts in [*index.items()]:
        if name.startswith(_BUILT_IN):
            continue
        told: Step = (NamedNode(name), False)
        properties = walking.reachable(told, wider)
        first, last = (
            {
                kind
                for each, backwards in properties
                for kind in index[ends[end ^ backwards]].get(each, ())
            }
            for end in (False, True)
        )
        for subject, objects in facts.items() if first or last else ():
            found[subject] |= first
            for value in objects if last else ():
                found[value] |= last
    return found


@dataclass
class _Words:
    """Labels of things and places of statements, looked up where they are asked for."""

    loaded: LocalStore
    above: Mapping[object, set[object]]
    _lines: dict[Path, syntax.Positions] = field(default_factory=dict)

    def clash(self, thing: object, limit: _Limit, told: Iterable[_Told]) -> Clash:
        """Return a clash with its words."""
        property_, backwards = limit.step
        name = self.label(property_) or _last(property_)
        return Clash(
            thing=thing.value if isinstance(thing, NamedNode) else str(thing),
            label=self.label(thing),
            kind=self.kind(limit.on),
            property=getattr(property_, "value", ""),
            name=f"the inverse of {name}" if backwards else name,
            most=limit.most,
            said=tuple(
                Said(getattr(each.value, "value", ""), self.label(each.value), self.place(each))
                for each in sorted(told, key=str)
            ),
        )

    def kind(self, restriction: object) -> str:
        """Return what the most general class is called that a restriction belongs to."""
        found = [
            (len(reached), each)
            for each in self.above
            if isinstance(each, NamedNode)
            and restriction in (reached := walking.reachable(each, self.above))
        ]
        if not found:
            return ""
        _, best = min(found, key=lambda each: (each[0], str(each[1])))
        return self.label(best) or _last(best)

    def label(self, thing: object) -> str:
        """Return the English label of a thing, else one without or in another language."""
        found = [
            ({"en": 0, None: 1}.get(quad.object.language, 2), order, quad.object.value)
            for order, name in enumerate(_LABELS)
            if isinstance(thing, NamedNode)
            for quad in self.loaded.store.quads_for_pattern(thing, NamedNode(name), None, None)
            if isinstance(quad.object, Literal)
        ]
        return min(found)[2] if found else ""

    def place(self, told: _Told) -> str:
        """Return the file and line of a statement; without a line where that cannot be told."""
        triple = told.triple
        graphs = sorted(
            getattr(quad.graph_name, "value", "")
            for quad in self.loaded.store.quads_for_pattern(
                triple.subject, triple.predicate, triple.object, None
            )
        )
        files = {source.graph: source.path for source in self.loaded.sources}
        for graph in graphs:
            path = files.get(graph)
            if path is None and graph.startswith("file:"):
                path = Path(url2pathname(urlsplit(graph).path))
            if path is None:
                continue
            if path not in self._lines:
                self._lines[path] = syntax.subject_lines(path)
            parts = (getattr(each, "value", "") for each in triple)
            line = self._lines[path].line(*parts)
            return f"{path}:{line}" if line else f"{path}"
        return ""


def _last(term: object) -> str:
    """Return the last part of an IRI."""
    return re.split(r"[/#]", str(getattr(term, "value", term)))[-1]
