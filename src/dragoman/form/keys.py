"""What can be said in a report form: its keys, as the ontology and the shapes of a base have them.

A property that a base declares has a key from that moment on; nothing is listed here.
"""

from __future__ import annotations

__all__ = ["Keys"]

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from dragoman import datatypes, syntax, vocabulary
from dragoman.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Store

FORM: Final = f"{vocabulary.BASE}report-form/"
# The datatypes that a value may have are tried in this order, by its spelling.
_NARROWEST_FIRST: Final = (
    *("boolean", "integer", "decimal", "date", "dateTime", "gYearMonth", "gYear", "gMonthDay"),
    *("time", "duration", "anyURI", "string"),
)
_EVERYWHERE: Final = (vocabulary.RDFS_LABEL, vocabulary.RDFS_COMMENT, f"{vocabulary.RDF}value")
_SPACES_IN_ORDER: Final = (vocabulary.DIP, vocabulary.SKOS, vocabulary.DCTERMS)


@dataclass(frozen=True)
class Property:
    """A property, and what it can lead to.

    Attributes:
        iri: its IRI.
        key: what it is called in the form.
        leads: whether its values are things, not texts.
        kinds: IRIs of the classes that its values are of; empty where any will do.
        types: IRIs of the datatypes of its values, in the order in which a spelling is tried.
        domain: IRIs of the classes that have it; empty where any may.
    """

    iri: str
    key: str
    leads: bool
    kinds: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    domain: tuple[str, ...] = ()

    def datatype(self, text: str) -> str | None:
        """Return the datatype that a text has as its value; None where it can be none of them.

        `rdf:langString` is that of a text in a language.
        """
        for each in self.types:
            if each == vocabulary.RDF_LANG_STRING or datatypes.well_formed(text, each):
                return each
        return None if self.types else vocabulary.RDF_LANG_STRING


@dataclass(frozen=True)
class Nesting:
    """A class whose blocks are nested in what they belong to.

    Attributes:
        kind: IRI of the class.
        key: the key of its blocks.
        under: IRI of the property that leads to what they are nested in.
        head: IRI of the property whose value stands before the colon; empty where there is none.
        others: IRIs of properties that end the IRI of a thing in the place of the head.
        part: what stands before the key in the IRI of a thing.
        lists: IRI of the class of the blocks in a list in the place of a block; empty for none.
    """

    kind: str
    key: str
    under: str
    head: str = ""
    others: tuple[str, ...] = ()
    part: str = ""
    lists: str = ""


@dataclass(frozen=True)
class Keys:
    """All keys of a base.

    Attributes:
        properties: every declared property by its IRI.
        nestings: the classes with blocks of their own, by IRI.
        above: each class with those above it, itself among them.
    """

    properties: dict[str, Property]
    nestings: dict[str, Nesting]
    above: dict[str, frozenset[str]] = field(default_factory=dict)

    @cached_property
    def _by_key(self) -> dict[str, list[Property]]:
        found: dict[str, list[Property]] = defaultdict(list)
        for each in self.properties.values():
            found[each.key].append(each)
            if (local := syntax.local_name(each.iri)) != each.key:
                found[local].append(each)
        return found

    @cached_property
    def by_word(self) -> dict[str, Nesting]:
        """Each nesting by its key."""
        return {each.key: each for each in self.nestings.values()}

    def find(self, key: str, kinds: Iterable[str]) -> Property | None:
        """Return the property that a key means in a block of some classes; None for none.

        Of several of that name the one whose domain fits comes first, then the base's own.
        """
        own = self._over(kinds)

        def rank(each: Property) -> tuple[bool, bool, int]:
            fits = bool(own.intersection(each.domain))
            space = each.iri.removesuffix(syntax.local_name(each.iri))
            place = _SPACES_IN_ORDER.index(space) if space in _SPACES_IN_ORDER else 9
            return (not fits, bool(each.domain), place)

        found = self._by_key.get(key, ())
        return min(found, key=rank) if found else None

    def word(self, iri: str, kinds: Iterable[str]) -> str | None:
        """Return the key of a property in a block of some classes; None where it needs a prefix."""
        each = self.properties.get(iri)
        if each is None:
            return None
        kinds = tuple(kinds)
        for key in (each.key, syntax.local_name(iri)):
            if re.fullmatch(r"[A-Za-z][\w-]*", key) and self.find(key, kinds) == each:
                return key
        return None

    def near(self, key: str, kinds: Iterable[str]) -> list[str]:
        """Return the keys that look most like one, those that fit a block of some classes first."""
        own = self._over(kinds)
        fitting = [
            each.key
            for each in self.properties.values()
            if not each.domain or own.intersection(each.domain)
        ]
        return nearest(key, [*fitting, *self.by_word]) or nearest(key, self._by_key)

    def is_a(self, kinds: Iterable[str], wanted: Iterable[str]) -> bool:
        """Return whether something of some classes is of one of others."""
        return not self._over(kinds).isdisjoint(wanted)

    def fits(self, each: Property, kinds: Iterable[str]) -> bool:
        """Return whether a thing of some classes may have a property."""
        return not each.domain or self.is_a(kinds, each.domain)

    def _over(self, kinds: Iterable[str]) -> frozenset[str]:
        """Return classes with all above them."""
        return frozenset().union(*(self.above.get(each, frozenset({each})) for each in kinds))

    def kind_of(self, segment: str) -> str:
        """Return the class of things whose IRIs have such a segment, as in `event-type`."""
        return self._segments.get(segment, "")

    def usual(self, iri: str) -> str:
        """Return the class of things with such an IRI: dip:Meeting for `…/id/meeting/first`."""
        rest = iri.removeprefix(vocabulary.INDIVIDUAL)
        return "" if rest == iri else self.kind_of(rest.partition("/")[0])

    @cached_property
    def _segments(self) -> dict[str, str]:
        kinds = (each for each in sorted(self.above) if each.startswith(vocabulary.DIP))
        return {segment(each): each for each in kinds}


def segment(kind: str) -> str:
    """Return the part of an IRI that things of a class have, as `event-type` for dip:EventType."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", syntax.local_name(kind)).lower()


def keys(store: Store) -> Keys:
    """Return all keys of a base.

    Args:
        store: the ontology and the shapes of the base.
    """
    above = _above(store)
    told = {kind: _values(store, kind) for kind in ("word", "under", "head", "key", "part", "list")}
    words = {iri: values[0] for iri, values in told["word"].items()}
    kinds, types = _expected(store)
    # those that every RDF graph may use need no declaration
    properties = {
        each: Property(each, syntax.local_name(each), leads=False) for each in _EVERYWHERE
    }
    for name, leads in (("Object", True), ("Datatype", False), ("Annotation", None)):
        for iri in _declared(store, f"{vocabulary.OWL}{name}Property"):
            if iri.startswith((FORM, vocabulary.PROPERTY_GRAPH)) or iri in properties:
                continue
            ranges = _classes(store, iri, vocabulary.RDFS_RANGE)
            of_text = leads is False or (leads is None and iri not in kinds)
            allowed = (ranges if leads is False else ()) or tuple(types.get(iri, ()))
            properties[iri] = Property(
                iri,
                words.get(iri, syntax.local_name(iri)),
                not of_text,
                (ranges or tuple(sorted(kinds.get(iri, ())))) if leads else (),
                tuple(sorted(allowed, key=_width)) if of_text else (),
                _classes(store, iri, vocabulary.RDFS_DOMAIN),
            )
    nestings = {
        kind: Nesting(
            kind,
            words[kind],
            under[0],
            next(iter(told["head"].get(kind, ())), ""),
            tuple(told["key"].get(kind, ())),
            next(iter(told["part"].get(kind, ())), ""),
            next(iter(told["list"].get(kind, ())), ""),
        )
        for kind, under in told["under"].items()
        if kind in words
    }
    return Keys(properties, nestings, above)


def value_of(term: object) -> str:
    """Return the IRI of a thing, the text of a literal; empty for a quoted triple."""
    return str(getattr(term, "value", ""))


def _width(datatype: str) -> int:
    name = datatype.removeprefix(vocabulary.XSD)
    return _NARROWEST_FIRST.index(name) if name in _NARROWEST_FIRST else len(_NARROWEST_FIRST)


def _declared(store: Store, kind: str) -> list[str]:
    derived = {
        value_of(quad.subject)
        for quad in store.quads_for_pattern(None, NamedNode(vocabulary.DERIVED), None)
    }
    found = store.quads_for_pattern(None, NamedNode(vocabulary.RDF_TYPE), NamedNode(kind))
    return sorted({q.subject.value for q in found if isinstance(q.subject, NamedNode)} - derived)


def _values(store: Store, word: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for quad in store.quads_for_pattern(None, NamedNode(f"{FORM}{word}"), None):
        value, values = value_of(quad.object), found[value_of(quad.subject)]
        if value not in values:
            values.append(value)
    return {iri: sorted(values) for iri, values in found.items()}


def _rows(store: Store, query: str) -> list[list[str]]:
    # our own text, in which nothing needs looking for
    found = store.query(query, use_default_graph_as_union=True)
    return [[getattr(term, "value", "") for term in row] for row in found]  # type: ignore[union-attr]


def _above(store: Store) -> dict[str, frozenset[str]]:
    rows = _rows(
        store,
        f"SELECT DISTINCT ?class ?above {{ ?class a <{vocabulary.OWL_CLASS}> ; "
        f"<{vocabulary.RDFS_SUBCLASS_OF}>* ?above FILTER (isIRI(?class) && isIRI(?above)) }}",
    )
    found: dict[str, set[str]] = defaultdict(set)
    for kind, over in rows:
        found[kind].add(over)
    return {kind: frozenset(over) for kind, over in found.items()}


def _classes(store: Store, iri: str, what: str) -> tuple[str, ...]:
    """Return the classes or datatypes of a domain or range, those of a union one by one."""
    union, first, rest = (f"<{vocabulary.OWL}unionOf>", vocabulary.RDF_FIRST, vocabulary.RDF_REST)
    rows = _rows(
        store,
        f"SELECT DISTINCT ?class {{ <{iri}> <{what}>/({union}/<{rest}>*/<{first}>)? ?class "
        "FILTER (isIRI(?class)) } ORDER BY ?class",
    )
    return tuple(row[0] for row in rows if row[0] not in vocabulary.ANYTHING)


def _expected(store: Store) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return which classes and which datatypes the shapes want of the values of each property."""
    lists = f"(<{vocabulary.SH_OR}>/<{vocabulary.RDF_REST}>*/<{vocabulary.RDF_FIRST}>)*"
    rows = _rows(
        store,
        f"SELECT DISTINCT ?path ?what ?value {{ ?shape <{vocabulary.SH_PATH}> ?path ; "
        f"{lists} ?part . ?part ?what ?value FILTER (isIRI(?path)) "
        f"VALUES ?what {{ <{vocabulary.SH_CLASS}> <{vocabulary.SH_DATATYPE}> "
        f"<{vocabulary.SH}nodeKind> }} }}",
    )
    kinds: dict[str, set[str]] = defaultdict(set)
    types: dict[str, set[str]] = defaultdict(set)
    for path, what, value in rows:
        if what == vocabulary.SH_CLASS:
            kinds[path].add(value)
        elif what == vocabulary.SH_DATATYPE:
            types[path].add(value)
        elif value == f"{vocabulary.SH}IRI":
            kinds[path]
    return kinds, types
