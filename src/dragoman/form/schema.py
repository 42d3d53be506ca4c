"""The JSON Schema of the report forms of a base, by which editors complete and check them.

It finds what can be seen without looking names up: keys, values of lists, dates, numbers, blocks
where texts stand. What it refuses, `dragoman validate` refuses; it lets pass much that is wrong.
It is of draft 7 (and holds in later ones), which the editors' language servers read.
"""

from __future__ import annotations

__all__ = ["json_schema"]

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import Literal, NamedNode

from dragoman import store as stores
from dragoman import syntax, vocabulary
from dragoman.base import DATA, ONTOLOGY, SHAPES
from dragoman.form.reading import VERSION
from dragoman.form.sources import keys_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pyoxigraph import Store

    from dragoman.base import Base
    from dragoman.form.keys import Keys, Nesting, Property

    Schema = dict[str, Any]

DRAFT: Final = "http://json-schema.org/draft-07/schema#"
_SCALARS: Final = ["string", "number", "boolean"]
_PREFIXED: Final = r"^[A-Za-z][\w.-]*:"
# How something is named that no list has: with a prefix, or in angle brackets.
_WRITTEN_OUT: Final = r"^(<.+>|[A-Za-z][\w.-]*:.+)$"
_LANGUAGE: Final = r"^[a-z]{2,8}(-[A-Za-z0-9]{1,8})*$"
_ZONE: Final = r"(Z|[+-]\d\d:\d\d)?"
_CLOCK: Final = rf"\d\d:\d\d:\d\d(\.\d+)?{_ZONE}"
# What values of these datatypes look like, in YAML: those of others are any texts.
_SHAPES: Final = {
    "boolean": "true|false|1|0",
    "date": rf"-?\d{{4,}}-\d\d-\d\d{_ZONE}",
    "dateTime": rf"-?\d{{4,}}-\d\d-\d\dT{_CLOCK}",
    "decimal": r"[+-]?(\d+(\.\d*)?|\.\d+)",
    "duration": r"-?P.+",
    "gMonthDay": rf"--\d\d-\d\d{_ZONE}",
    "gYear": rf"-?\d{{4,}}{_ZONE}",
    "gYearMonth": rf"-?\d{{4,}}-\d\d{_ZONE}",
    "integer": r"[+-]?\d+",
    "time": _CLOCK,
}
_NUMBERS: Final = ("decimal", "gYear", "integer")
# So many names of a class are offered.
_SOME: Final = 40
_TYPE: Final = NamedNode(vocabulary.RDF_TYPE)
_LABELS: Final = (NamedNode(vocabulary.SKOS_PREF_LABEL), NamedNode(vocabulary.RDFS_LABEL))
_DEFINITION: Final = NamedNode(vocabulary.SKOS_DEFINITION)
_COMMENT: Final = NamedNode(vocabulary.RDFS_COMMENT)


def json_schema(base: Base, languages: Sequence[str] = ()) -> Schema:
    """Return the JSON Schema of the report forms of a base.

    Args:
        base: the base.
        languages: of descriptions, the best first; then come English, and any.
    """
    store = stores.load(base, ONTOLOGY, SHAPES, DATA).store
    return _Writer(keys_of(base), store, base.prefixes(), languages).schema()


class _Writer:
    def __init__(
        self, keys: Keys, store: Store, prefixes: Mapping[str, str], languages: Sequence[str]
    ) -> None:
        self._keys, self._store, self._prefixes = keys, store, prefixes
        self._languages = (*(each.casefold() for each in languages), "en")
        self._short = syntax.readable(prefixes)
        self._definitions: Schema = {}
        self._below: defaultdict[str, set[str]] = defaultdict(set)
        for kind, above in keys.above.items():
            for each in above:
                self._below[each].add(kind)
        self._single = self._told_once()

    def schema(self) -> Schema:
        """Return the whole schema."""
        source, voice = vocabulary.SOURCE_CLASS, vocabulary.AGENT
        nestings = self._keys.nestings
        header = self._block(source)
        account = nestings.get(vocabulary.ACCOUNT)
        names = self._keys.by_word.get("names")
        sections: Schema = {
            "dragoman": {"const": VERSION, "description": "The version of the report form."},
            "source": {"$ref": "#/definitions/scalar"},
            "text": {
                "type": "string",
                "description": "The file of the text, beside this one; none where it is not at "
                "hand.",
            },
            "voices": _map(self._or_label(self._body(voice)), "Who speaks in the source."),
            "defaults": self._defaults(),
            "new": self._things("Things that no one has told of yet."),
            "reference": self._things("The same, kept in the reference data of the base."),
            "cast": _map(self._or_nothing(self._body(vocabulary.PARTICIPATION)),
                         "People, and what holds wherever they take part."),
            "passages": _map(self._or_label(self._body(vocabulary.PASSAGE_CLASS)), "Passages with "
                             "names of their own."),
            "turtle": {"type": "string", "description": "What the form cannot say otherwise."},
        }  # fmt: skip
        if account:
            sections["accounts"] = _map(self._body(account.kind), self._said(account.kind))
        if names:
            sections["names"] = self._nested(names)
        self._define_common()
        return {
            "$schema": DRAFT,
            "title": f"Report form, {VERSION}",
            "description": "The accounts of one source (dragoman add).",
            **header,
            "properties": {**header["properties"], **sections},
            "required": ["dragoman", "source"],
            "definitions": dict(sorted(self._definitions.items())),
        }

    def _define_common(self) -> None:
        scalar: Schema = {"$ref": "#/definitions/scalar"}
        texts = {"anyOf": [scalar, {"type": "array", "items": scalar}]}
        declared: Schema = {
            "type": "object",
            "description": "A thing that is told of here first.",
            "minProperties": 1,
            "maxProperties": 1,
        }
        self._definitions |= {
            "scalar": {"type": _SCALARS},
            "text": {
                "anyOf": [
                    scalar,
                    {
                        "type": "object",
                        "description": "The same in several languages.",
                        "patternProperties": {_LANGUAGE: texts},
                        "additionalProperties": False,
                    },
                    {"$ref": "#/definitions/typed"},
                ]
            },
            "typed": {
                "type": "object",
                "description": "A value of a datatype, or in a language.",
                "properties": {"value": scalar, "type": scalar, "language": scalar},
                "required": ["value"],
                "additionalProperties": False,
            },
            "words": {
                "description": "The words that say so: p1.2, p1 first … last, or offsets.",
                "anyOf": [
                    scalar,
                    {"type": "array", "items": {"type": [*_SCALARS, "object"]}},
                    {"type": "object"},
                ],
            },
            # of any class, for the class is told by `a` or not at all
            "thing": self._or_label(self._block("")),
            "declared": {**declared, "additionalProperties": {"$ref": "#/definitions/thing"}},
            "declared-by-iri": {
                **declared,
                "patternProperties": {_PREFIXED: {"$ref": "#/definitions/thing"}},
                "additionalProperties": False,
            },
        }

    # ------------------------------------------------------------------ blocks

    def _body(self, kind: str) -> Schema:
        """Return a reference to the block of a thing of a class."""
        return self._defined(self._short(kind), lambda: self._block(kind))

    def _block(self, kind: str) -> Schema:
        """Return the block of a thing of a class, or of one below it; of any class for none."""
        kinds = self._below[kind] | {kind} if kind else set(self._keys.above)
        properties: Schema = {"a": self._classes(kind), "iri": {"$ref": "#/definitions/scalar"}}
        for word in self._words():
            each = self._keys.find(word, kinds)
            if each is not None and self._keys.fits(each, kinds):
                properties[word] = self._values(each, kind)
        for nesting in self._keys.nestings.values():
            under = self._keys.properties[nesting.under]
            if nesting.key not in properties and self._keys.is_a(kinds, under.kinds):
                properties[nesting.key] = self._nested(nesting)
        said = self._said(kind) if kind else ""
        return {
            "type": "object",
            **({"description": said} if said else {}),
            "properties": properties,
            "patternProperties": {_PREFIXED: {}},
            "additionalProperties": False,
        }

    def _words(self) -> list[str]:
        told = {each.key for each in self._keys.properties.values()}
        told |= {iri.rpartition("#")[2].rpartition("/")[2] for iri in self._keys.properties}
        return sorted(told)

    def _classes(self, kind: str) -> Schema:
        """Return the values of `a`: classes below one, by the name that they have in a form."""
        return self._defined(
            f"{self._short(kind) if kind else 'any'} classes", lambda: self._classes_below(kind)
        )

    def _classes_below(self, kind: str) -> Schema:
        found = sorted(self._below[kind] if kind else self._keys.above)
        own = [each for each in found if each.startswith(vocabulary.DIP)]
        return _one_or_more(
            self._list(own, [each.removeprefix(vocabulary.DIP) for each in own], ())
        )

    def _things(self, said: str) -> Schema:
        """Return a section of things by their names or IRIs, whose prefix tells their class."""
        by_prefix = {
            f"^{prefix}:": self._or_label(self._body(kind))
            for prefix, space in sorted(self._prefixes.items())
            if space.startswith(vocabulary.INDIVIDUAL)
            and (kind := self._keys.kind_of(space.removeprefix(vocabulary.INDIVIDUAL)[:-1]))
        }
        return {
            "type": ["object", "null"],
            "description": said,
            "patternProperties": by_prefix,
            "additionalProperties": {"$ref": "#/definitions/thing"},
        }

    def _defaults(self) -> Schema:
        return {
            "type": ["object", "null"],
            "description": "What holds of all blocks of a kind that do not say otherwise.",
            "properties": {
                each.key: self._body(each.kind) for each in self._keys.nestings.values()
            },
            "additionalProperties": False,
        }

    def _nested(self, nesting: Nesting) -> Schema:
        """Return a reference to blocks of a class that stand under a thing."""
        return self._defined(f"{self._short(nesting.kind)} blocks", lambda: self._blocks(nesting))

    def _blocks(self, nesting: Nesting) -> Schema:
        body = self._or_nothing(self._body(nesting.kind))
        if nesting.lists:
            inner = next(e for e in self._keys.nestings.values() if e.kind == nesting.lists)
            body["anyOf"].append({**self._nested(inner)})
        elif nesting.head == vocabulary.SKOSXL_LITERAL_FORM:
            scalar = {"$ref": "#/definitions/scalar"}
            body["anyOf"] += [scalar, {"type": "array", "items": scalar}]
        headed = {"type": "object", "additionalProperties": body}
        item = [{"type": _SCALARS}, self._body(nesting.kind), {**headed, "maxProperties": 1}]
        return {
            "description": self._said(nesting.kind),
            "anyOf": [
                headed,
                {"type": "array", "items": {"anyOf": item}},
                {"type": [*_SCALARS, "null"]},
            ],
        }

    def _or_label(self, body: Schema) -> Schema:
        return {"anyOf": [body, {"type": [*_SCALARS, "null"]}]}

    def _or_nothing(self, body: Schema) -> Schema:
        return {"anyOf": [body, {"type": "null"}]}

    # ------------------------------------------------------------------ values

    def _values(self, each: Property, kind: str) -> Schema:
        """Return a reference to the values of a property of a class."""
        if vocabulary.PASSAGE_CLASS in each.kinds:
            return {"$ref": "#/definitions/words"}
        above = self._keys.above.get(kind, frozenset({kind}))
        once = not above.isdisjoint(self._single[each.iri])
        name = f"{self._short(each.iri)}{' once' if once else ''}"

        def made() -> Schema:
            value = self._value(each)
            # a default is taken away by an empty list
            several = {"type": "array", "items": value, **({"maxItems": 1} if once else {})}
            said = self._said(each.iri)
            return {**({"description": said} if said else {}), "anyOf": [value, several]}

        return self._defined(name, made)

    def _value(self, each: Property) -> Schema:
        if each.leads:
            listed = each.kinds and all(map(self._is_list, each.kinds))
            declared = "declared-by-iri" if listed else "declared"
            return {"anyOf": [*self._name_of(each.kinds), {"$ref": f"#/definitions/{declared}"}]}
        types = [kind.removeprefix(vocabulary.XSD) for kind in each.types]
        if not types or not all(kind in _SHAPES for kind in types):
            return {"$ref": "#/definitions/text"}
        ways: list[Schema] = [
            {"type": "string", "pattern": f"^({'|'.join(_SHAPES[kind] for kind in types)})$"},
            {"$ref": "#/definitions/typed"},
        ]
        if any(kind in _NUMBERS for kind in types):
            ways.insert(0, {"type": "number" if "decimal" in types else "integer"})
        if "boolean" in types:
            ways.insert(0, {"type": "boolean"})
        return {"anyOf": ways}

    def _name_of(self, kinds: Sequence[str]) -> list[Schema]:
        """Return the ways in which a thing of some classes may be named."""
        if not kinds or not all(map(self._is_list, kinds)):
            some = self._labels_of(kinds) if kinds else []
            return [{"type": _SCALARS, **({"examples": some} if some else {})}]
        name = f"{' '.join(map(self._short, kinds))} values"
        return [self._defined(name, lambda: self._values_of(kinds))]

    def _values_of(self, kinds: Sequence[str]) -> Schema:
        found = sorted({iri for kind in kinds for iri in self._instances(kind)})
        ends = [iri.rpartition("#")[2].rpartition("/")[2] for iri in found]
        called = {text for iri in found for text in self._called(iri)} - set(ends)
        return self._list(found, ends, sorted(called))

    def _list(self, things: Sequence[str], words: Sequence[str], also: Iterable[str]) -> Schema:
        """Return the words of a list, each with its definition; or something written out."""
        ways: list[Schema] = [
            {"enum": list(words), "markdownEnumDescriptions": [self._said(e) for e in things]},
            {"type": "string", "pattern": _WRITTEN_OUT},
        ]
        if told := list(also):
            ways.append({"enum": told})
        return {"anyOf": ways}

    def _is_list(self, kind: str) -> bool:
        """Return whether all values of a class are known: a controlled list."""
        concept = self._keys.is_a((kind,), (vocabulary.SKOS_CONCEPT,))
        return concept and not self._keys.is_a(self._below[kind] | {kind}, (vocabulary.SUBJECT,))

    # ------------------------------------------------------------------ what the base says

    def _told_once(self) -> defaultdict[str, set[str]]:
        """Return of each property the classes whose things the shapes let have one value."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        one = NamedNode(vocabulary.SH_MAX_COUNT)
        for quad in self._store.quads_for_pattern(None, one, None, None):
            if getattr(quad.object, "value", "") != "1":
                continue
            for path in self._objects(quad.subject, vocabulary.SH_PATH):
                shapes = self._store.quads_for_pattern(
                    None, NamedNode(vocabulary.SH_PROPERTY), quad.subject, None
                )
                for shape in shapes:
                    found[path] |= set(self._objects(shape.subject, vocabulary.SH_TARGET_CLASS))
        return found

    def _objects(self, subject: Any, predicate: str) -> list[str]:  # noqa: ANN401  any node
        quads = self._store.quads_for_pattern(subject, NamedNode(predicate), None, None)
        return [quad.object.value for quad in quads if isinstance(quad.object, NamedNode)]

    def _instances(self, kind: str) -> set[str]:
        return {
            quad.subject.value
            for each in self._below[kind] | {kind}
            for quad in self._store.quads_for_pattern(None, _TYPE, NamedNode(each), None)
            if isinstance(quad.subject, NamedNode)
        }

    def _labels_of(self, kinds: Iterable[str]) -> list[str]:
        """Return names of some things of these classes."""
        found = sorted({iri for kind in kinds for iri in self._instances(kind)})[:_SOME]
        return [text for iri in found if (text := self._best(iri, _LABELS))]

    def _called(self, iri: str) -> set[str]:
        return {text for label in _LABELS for text in self._texts(iri, label).values()}

    def _said(self, iri: str) -> str:
        """Return what a term is, in words."""
        label = self._best(iri, _LABELS)
        said = self._best(iri, (_DEFINITION, _COMMENT))
        return ": ".join(filter(None, (label, said)))

    def _best(self, iri: str, properties: Iterable[NamedNode]) -> str:
        for each in properties:
            found = self._texts(iri, each)
            for wanted in self._languages:
                for tag in (wanted, wanted.partition("-")[0]):
                    if tag in found:
                        return found[tag]
            if found:
                return found[min(found)]
        return ""

    def _texts(self, iri: str, of: NamedNode) -> dict[str, str]:
        quads = self._store.quads_for_pattern(NamedNode(iri), of, None, None)
        return {
            quad.object.language or "": quad.object.value
            for quad in quads
            if isinstance(quad.object, Literal)
        }

    def _defined(self, name: str, make: Callable[[], Schema]) -> Schema:
        """Return a reference to a definition, which is made when it is first referred to."""
        name = re.sub(r"[^\w:]+", ".", name)  # some editors read an escaped / as one
        if name not in self._definitions:
            self._definitions[name] = {}  # a circle ends here
            self._definitions[name] = make()
        return {"$ref": f"#/definitions/{name}"}


def _one_or_more(value: Schema) -> Schema:
    return {"anyOf": [value, {"type": "array", "items": value}]}


def _map(value: Schema, said: str) -> Schema:
    """Return a section of blocks by their keys."""
    return {"type": ["object", "null"], "description": said, "additionalProperties": value}
