"""Looking things up: all that is known of one thing, things by their names, and what there is.

Nothing here knows a class of things: the spine (thing ← account ← parts), the labels and the
classes say how everything hangs together.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pyoxigraph import Literal, NamedNode

from dragoman import base as bases
from dragoman import names, vocabulary
from dragoman import store as stores
from dragoman.errors import AmbiguousNameError, DragomanError, UnknownNameError, nearest
from dragoman.store import Answer
from dragoman.syntax import QueryText, shortener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pyoxigraph import Triple

    from dragoman.base import Base
    from dragoman.names import Name
    from dragoman.store import LocalStore, Row, Source, Term

# How many nodes one query is asked about.
_CHUNK: Final = 500
_TYPE: Final = vocabulary.RDF_TYPE
# What every account has: shown as who says so, not as one of its facts.
_SPINE: Final = frozenset(
    {vocabulary.ABOUT, vocabulary.PART_OF, vocabulary.STATUS, vocabulary.SOURCE, _TYPE}
    | {vocabulary.PASSAGE, vocabulary.WAS_ATTRIBUTED_TO}
)
_LABELS: Final = (
    vocabulary.SKOS_PREF_LABEL,
    vocabulary.RDFS_LABEL,
    vocabulary.DCTERMS_TITLE,
    vocabulary.SKOSXL_LITERAL_FORM,
)
_NAMING: Final = (vocabulary.SKOS_PREF_LABEL, vocabulary.RDFS_LABEL, vocabulary.SKOS_ALT_LABEL)


# Named tuples, where a dataclass would take a millisecond more to make: starting must be fast.


class Reference(NamedTuple):
    """A term, and the words for it: its label, else its short name; a literal's own text."""

    term: Term
    text: str


class Fact(NamedTuple):
    """One property of a node, with all its values."""

    property: Reference
    values: tuple[Reference, ...]


class Excerpt(NamedTuple):
    """A passage: where it stands in a source's text.

    Attributes:
        passage: its IRI.
        source: the source in whose text it stands.
        start: the first code point.
        end: the code point after the last.
        words: the words that stand there, where the text was given.
    """

    passage: str
    source: Reference | None = None
    start: int | None = None
    end: int | None = None
    words: str | None = None


class NameForm(NamedTuple):
    """One form of the thing's name; printed forms have their source and passages."""

    text: str
    language: str
    property: Reference
    kind: Reference | None = None
    source: Reference | None = None
    passages: tuple[Excerpt, ...] = ()


class Statement(NamedTuple):
    """An account or a part of one: its facts, its own passages, and its parts in their order."""

    node: str
    kinds: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    passages: tuple[Excerpt, ...] = ()
    parts: tuple[Statement, ...] = ()


class Account(NamedTuple):
    """What one voice states in one source about one thing.

    Attributes:
        about: the thing it tells of.
        kinds: labels of that thing's classes.
        status, voice, source: how, who and where; None where the data does not say.
        anonymous: whether the voice is an anonymous one.
        statement: what it says. Of an account about another thing only what names this thing.
        pointers: the properties by which the account itself names this thing.
    """

    about: Reference | None
    kinds: tuple[str, ...]
    status: Reference | None
    voice: Reference | None
    source: Reference | None
    anonymous: bool
    statement: Statement
    pointers: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class Description:
    """All that is known about one thing.

    Attributes:
        thing: the thing.
        short: its prefixed name, where there is one.
        kinds: labels of its most special classes.
        names: the forms of its name, preferred ones first.
        facts: what is said of it without an account: codes, links, structure.
        graphs: the named graphs that say so.
        accounts: what accounts say about it.
        occurrences: where accounts of other things name it.
        related: which things point to it without an account, by property.
        left_out: what `limit` kept back: of which group, and how many.
        nodes: IRIs of the nodes that describe it (see `triples`).
    """

    thing: Reference
    short: str
    kinds: tuple[str, ...] = ()
    names: tuple[NameForm, ...] = ()
    facts: tuple[Fact, ...] = ()
    graphs: tuple[Reference, ...] = ()
    accounts: tuple[Account, ...] = ()
    occurrences: tuple[Account, ...] = ()
    related: tuple[Fact, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()
    nodes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data for JSON: every term with its label, empty parts left out."""
        plain = _plain(self)
        return {key: value for key, value in plain.items() if key != "nodes"}

    @property
    def has_words(self) -> bool:
        """Return whether any passage has its words (see `read_texts`)."""
        told = [each.statement for each in (*self.accounts, *self.occurrences)]
        excerpts = [each for name in self.names for each in name.passages]
        while told:
            statement = told.pop()
            excerpts += statement.passages
            told += statement.parts
        return any(each.words is not None for each in excerpts)


# ------------------------------------------------------------------ finding the thing


def find_thing(source: Source, text: str, prefixes: Mapping[str, str]) -> str:
    """Return the IRI of the thing that a text means.

    In this order: an IRI, bare or in angle brackets; a prefixed name, in which slashes need no
    escape; a name or code in any spelling and order of words.

    Raises:
        UnknownNameError: nothing is called so; naming the nearest.
        AmbiguousNameError: several things are; naming each.
    """
    asked = text.strip()
    iri = _iri(asked, prefixes)
    if iri and _is_known(source, iri):
        return iri
    known = names.names(source)
    found = names.bearers(known, asked)
    words = _Words(prefixes, {})
    if len(found) == 1:
        return found[0]
    if found:
        kinds = _material(source, (), found, words).kinds
        told = [f"{words.short(each)} ({', '.join(kinds.get(each, ('thing',)))})" for each in found]
        raise AmbiguousNameError(asked, told)
    if iri:
        space = iri[: max(iri.rfind("/"), iri.rfind("#")) + 1]
        things = {name.thing for name in known if space and name.thing.startswith(space)}
        raise UnknownNameError("thing", asked, map(words.short, things))
    near = [name.text for name, _ in _near(known, asked)[:3]]
    raise UnknownNameError("thing called", asked, near or {name.text for name in known})


def _iri(text: str, prefixes: Mapping[str, str]) -> str:
    """Return the IRI that is written, in full or with a prefix; empty where neither is."""
    if text.startswith("<") and text.endswith(">"):
        return text[1:-1]
    prefix, _, local = text.partition(":")
    if local.startswith("//"):
        return text
    return prefixes[prefix] + re.sub(r"\\(.)", r"\1", local) if local and prefix in prefixes else ""


def _is_known(source: Source, iri: str) -> bool:
    try:
        node = NamedNode(iri)
    except ValueError:
        return False
    text = f"SELECT ?p {{ {{ {node} ?p ?o }} UNION {{ ?s ?p {node} }} }} LIMIT 1"
    return bool(_rows(source, text))


def read_texts(source: Source, files: Iterable[Path]) -> dict[str, str]:
    """Read the texts of sources, and return each by the IRI of every source that it belongs to.

    Raises:
        DragomanError: a file cannot be read, is not UTF-8, or is the text of no source.
    """
    import hashlib

    rows = _rows(source, f"SELECT ?source ?sha {{ ?source <{vocabulary.SHA256}> ?sha }}")
    hashes: dict[str, list[str]] = defaultdict(list)
    for node, told_sha in sorted(rows, key=str):
        hashes[_value(told_sha)].append(_value(node))
    texts: dict[str, str] = {}
    for file in files:
        try:
            data = file.read_bytes()
            text = data.decode()
        except OSError as error:
            raise DragomanError(f"{file}: it cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise DragomanError(f"{file}: it is not UTF-8, so not the text of a source.") from error
        sha = hashlib.sha256(data).hexdigest()
        if sha not in hashes:
            known = [
                f"{each.removeprefix(vocabulary.SOURCE_GRAPH)} ({key[:12]}…)"
                for key, holders in sorted(hashes.items(), key=lambda item: item[1])
                for each in holders
            ]
            told = f"It knows those of: {', '.join(known[:10])}" if known else "It knows no text"
            more = f" and {len(known) - 10} more" if len(known) > 10 else ""
            raise DragomanError(
                f"{file}: the base has no source with this text (SHA-256 {sha[:12]}…). "
                f"{told}{more}. The text must be the same to the last byte."
            )
        texts.update(dict.fromkeys(hashes[sha], text))
    return texts


# ------------------------------------------------------------------ describing it


def describe(
    source: Source,
    thing: str,
    prefixes: Mapping[str, str] | None = None,
    *,
    texts: Mapping[str, str] | None = None,
    limit: int | None = None,
) -> Description:
    """Gather all that is known about one thing, in both directions.

    Args:
        source: where to look.
        thing: its IRI. An account, or a part of one, is described by its whole account.
        prefixes: how IRIs without a label are shortened.
        texts: the texts of sources, by their IRIs (see `read_texts`); their words are shown.
        limit: at most so many accounts, occurrences, and things that point to it by one property.
    """
    node = NamedNode(thing)
    text = f"SELECT DISTINCT ?graph ?p ?o {{ GRAPH ?graph {{ {node} ?p ?o }} }} ORDER BY ?graph"
    own = _rows(source, text)
    facts = _by_property((p, o) for _, p, o in own)
    pointing = _pointing(source, thing)
    accounts, occurrences = pointing.accounts[:limit], list(pointing.occurrences)[:limit]
    related = {name: found[:limit] for name, found in pointing.related.items()}
    material = _material(
        source,
        [*accounts, *occurrences, *pointing.names],
        [thing, *facts, *related, *(_value(graph) for graph, _, _ in own)]
        + [each.value for told in facts.values() for each in told if isinstance(each, NamedNode)]
        + [each for found in related.values() for each in found],
        _Words(prefixes or {}, texts or {}),
    )
    words = material.words
    return Description(
        thing=words.reference(node),
        short=words.short(thing),
        kinds=material.kinds.get(thing, ()),
        names=tuple(_names(material, facts, pointing.names)),
        facts=() if pointing.inside else _facts(material, facts, {_TYPE, *_NAMING}),
        graphs=tuple(dict.fromkeys(words.reference(graph) for graph, _, _ in own if graph)),
        accounts=tuple(_account(material, each, thing) for each in _in_order(material, accounts)),
        occurrences=tuple(
            _account(material, each, thing, pointing.occurrences[each])
            for each in _in_order(material, occurrences)
        ),
        related=_facts(material, {name: [*map(NamedNode, found)] for name, found in related.items()}
        ),
        left_out=tuple(
            (group, whole - shown)
            for group, whole, shown in (
                ("accounts", len(pointing.accounts), len(accounts)),
                ("occurrences", len(pointing.occurrences), len(occurrences)),
                *((words.name(name), len(found), len(related[name]))
                  for name, found in sorted(pointing.related.items())),
            )
            if whole > shown
        ),
        nodes=tuple(sorted({thing, *pointing.names, *material.under(accounts)})),
    )  # fmt: skip


def triples(source: Source, description: Description) -> Answer:
    """Return a description as RDF: the thing, its names, its accounts with parts, and passages.

    Nodes without IRIs that hang on these come with them.
    """
    nodes = set(description.nodes)
    body = (
        f"?node <{vocabulary.PASSAGE}> ?passage OPTIONAL {{ ?passage "
        f"<{vocabulary.OA_HAS_SELECTOR}> ?selector }}"
    )
    for row in _over(source, "node", description.nodes, "?passage ?selector", body):
        nodes.update(_value(each) for each in row if isinstance(each, NamedNode))
    found: list[Triple] = []
    for chunk in _chunks(sorted(nodes)):
        text = f"DESCRIBE ?node {{ VALUES ?node {{ {chunk} }} }}"
        found += source.query(QueryText(text, "DESCRIBE", ("node",), {})).triples
    return Answer("DESCRIBE", triples=tuple(dict.fromkeys(found)))


class _Pointing(NamedTuple):
    """What points to a thing.

    Attributes:
        accounts: the accounts about it.
        occurrences: other accounts, with the nodes in them that name it, and by which property.
        names: the nodes of its names.
        related: everything else that points to it, by property.
        inside: whether the thing is an account or a part of one.
    """

    accounts: list[str]
    occurrences: dict[str, list[tuple[str, str]]]
    names: list[str]
    related: dict[str, list[str]]
    inside: bool


def _pointing(source: Source, thing: str) -> _Pointing:
    node = NamedNode(thing)
    whole = f"<{vocabulary.PART_OF}>* ?account . ?account <{vocabulary.ABOUT}> ?subject"
    around = [_value(row[0]) for row in _rows(source, f"SELECT ?account {{ {node} {whole} }}")]
    rows = _rows(
        source,
        f"SELECT DISTINCT ?node ?property ?account ?subject {{ ?node ?property {node} "
        f"FILTER(isIRI(?node)) OPTIONAL {{ ?node {whole} }} }}",
    )
    accounts = set(around)
    occurrences: dict[str, list[tuple[str, str]]] = defaultdict(list)
    named: set[str] = set()
    related: dict[str, set[str]] = defaultdict(set)
    for row in sorted(rows, key=lambda row: (*map(_value, reversed(row)),)):
        pointer, name, account, subject = map(_value, row)
        if name == vocabulary.ABOUT:
            accounts.add(pointer)
        elif name == vocabulary.NAME_OF:
            named.add(pointer)
        elif account and thing not in {account, subject}:
            occurrences[account].append((pointer, name))
        elif not account and name not in {vocabulary.OA_HAS_SOURCE, vocabulary.OA_HAS_SELECTOR}:
            related[name].add(pointer)
    return _Pointing(
        sorted(accounts),
        {account: found for account, found in occurrences.items() if account not in accounts},
        sorted(named),
        {name: sorted(found) for name, found in related.items()},
        bool(around),
    )


@dataclass(frozen=True)
class _Words:
    """The words for terms: labels where there are any, and the texts of sources."""

    prefixes: Mapping[str, str]
    texts: Mapping[str, str]
    labels: dict[str, str] = field(default_factory=dict)

    @cached_property
    def _shorten(self) -> Callable[[str], str]:
        return shortener(self.prefixes)

    def learn(self, source: Source, iris: Iterable[str]) -> None:
        """Look up the labels of more things."""
        # a filter: a second VALUES would make the engine read every label there is
        kinds = ", ".join(f"<{each}>" for each in _LABELS)
        best: dict[str, tuple[int, int, str]] = {}
        body = f"?thing ?property ?label FILTER(?property IN ({kinds}))"
        unknown = {each for each in iris if each and each not in self.labels}
        for thing, name, label in _over(source, "thing", unknown, "?thing ?property ?label", body):
            if isinstance(label, Literal):
                tongue = {"en": 0, None: 1}.get(label.language, 2)
                rank = (_LABELS.index(_value(name)), tongue, label.value)
                best[_value(thing)] = min(best.get(_value(thing), rank), rank)
        self.labels.update((thing, rank[2]) for thing, rank in best.items())

    def short(self, iri: str) -> str:
        """Return a prefixed name that `find_thing` reads, or the IRI."""
        short = self._shorten(iri)
        if not short.startswith("<"):
            return short
        # nodes below a source have slashes in their keys
        spaces = [
            (len(space), prefix, space)
            for prefix, space in self.prefixes.items()
            if iri.startswith(space) and space.startswith(vocabulary.INDIVIDUAL)
        ]
        if spaces and len(iri) > max(spaces)[0]:
            return f"{max(spaces)[1]}:{iri.removeprefix(max(spaces)[2])}"
        return iri

    def text(self, iri: str) -> str:
        """Return a label, else a short name; of a term with a prefix the words in its name."""
        if iri in self.labels:
            return self.labels[iri]
        if iri.startswith(vocabulary.INDIVIDUAL):
            return self.short(iri)
        return iri if self._shorten(iri).startswith("<") else _spaced(iri)

    def name(self, iri: str) -> str:
        """Return how a property or class is called: its label, else the words in its name."""
        return self.labels.get(iri) or _spaced(iri)

    def property(self, iri: str) -> Reference:
        """Return a property with its name."""
        return Reference(NamedNode(iri), self.name(iri))

    def reference(self, term: Term) -> Reference:
        """Return a term with its words."""
        if isinstance(term, NamedNode):
            return Reference(term, self.text(term.value))
        return Reference(term, term.value if isinstance(term, Literal) else "…")


@dataclass(frozen=True)
class _Material:
    """What was read for one description.

    Attributes:
        nodes: the facts of each account, part and name, by property.
        parts: the parts of each account and part.
        kinds: labels of the most special classes of each thing.
        places: source, start and end of each passage.
        words: the words for all of them.
        anonymous: the anonymous voices.
        concepts: what stands in a controlled list.
        single: the properties that have one value at most.
    """

    nodes: dict[str, dict[str, list[Term]]]
    parts: dict[str, list[str]]
    kinds: dict[str, tuple[str, ...]]
    places: dict[str, tuple[Term | None, int | None, int | None]]
    words: _Words
    anonymous: frozenset[str]
    concepts: frozenset[str]
    single: frozenset[str]

    def one(self, node: str, name: str) -> Reference | None:
        """Return the first value of a property."""
        found = self.nodes.get(node, {}).get(name)
        return self.words.reference(found[0]) if found else None

    def excerpts(self, node: str) -> tuple[Excerpt, ...]:
        """Return the passages that a node itself rests on, in the order of the text."""
        found = []
        for each in self.nodes.get(node, {}).get(vocabulary.PASSAGE, ()):
            iri = _value(each)
            home, start, end = self.places.get(iri, (None, None, None))
            text = self.words.texts.get(_value(home))
            known = text is not None and start is not None and end is not None
            inside = known and 0 <= start < end <= len(text)  # type: ignore[arg-type, operator]
            found.append(
                Excerpt(
                    iri,
                    self.words.reference(home) if home else None,
                    start,
                    end,
                    text[start:end] if inside and text is not None else None,
                )
            )
        return tuple(sorted(found, key=lambda each: (each.start or 0, each.end or 0, each.passage)))

    def first(self, node: str) -> tuple[str, int]:
        """Return where the first passage of a node stands, for sorting."""
        spots = [
            (_value(home), start or 0)
            for each in self.nodes.get(node, {}).get(vocabulary.PASSAGE, ())
            for home, start, _ in [self.places.get(_value(each), (None, None, None))]
        ]
        return min(spots, default=("", 0))

    def under(self, nodes: Iterable[str]) -> Iterator[str]:
        """Yield the nodes and all their parts."""
        for node in nodes:
            yield node
            yield from self.under(self.parts.get(node, ()))


def _material(
    source: Source, roots: Sequence[str], things: Sequence[str], words: _Words
) -> _Material:
    """Read the accounts and names in `roots` whole, and all that is needed to word them."""
    nodes: dict[str, list[tuple[Term | None, Term | None]]] = defaultdict(list)
    body = f"?node <{vocabulary.PART_OF}>* ?root . ?node ?property ?value"
    for node, name, value in _over(source, "root", roots, "?node ?property ?value", body):
        nodes[_value(node)].append((name, value))
    told = {node: _by_property(pairs) for node, pairs in nodes.items()}
    parts: dict[str, list[str]] = defaultdict(list)
    for part, facts in told.items():
        for whole in facts.get(vocabulary.PART_OF, ()):
            parts[_value(whole)].append(part)
    values = {value for facts in told.values() for found in facts.values() for value in found}
    passages = [_value(each) for node in told.values() for each in node.get(vocabulary.PASSAGE, ())]
    body = (
        f"?passage <{vocabulary.OA_HAS_SOURCE}> ?source . OPTIONAL {{ ?passage "
        f"<{vocabulary.OA_HAS_SELECTOR}> ?at . ?at <{vocabulary.OA_START}> ?start ; "
        f"<{vocabulary.OA_END}> ?end }}"
    )
    places = {
        _value(passage): (home, _number(start), _number(end))
        for passage, home, start, end in _over(
            source, "passage", passages, "?passage ?source ?start ?end", body
        )
    }
    iris = {*things, *told, *(each.value for each in values if isinstance(each, NamedNode))}
    iris.update(name for facts in told.values() for name in facts)
    iris.update(_value(home) for home, _, _ in places.values())
    classes, wider = _classes(source, iris), _wider_classes(source)
    words.learn(source, iris | {each for found in classes.values() for each in found})
    kinds = {
        thing: {kind for kind in found if not any(kind in wider[each] for each in found - {kind})}
        for thing, found in classes.items()
    }
    concept = vocabulary.SKOS_CONCEPT
    return _Material(
        told,
        {whole: sorted(found) for whole, found in parts.items()},
        {thing: tuple(sorted(map(words.name, found))) for thing, found in kinds.items()},
        places,
        words,
        _having(classes, {vocabulary.ANONYMOUS_VOICE}),
        _having(classes, {concept, *(each for each, above in wider.items() if concept in above)}),
        _having(classes, {vocabulary.OWL_FUNCTIONAL_PROPERTY}),
    )


def _having(classes: Mapping[str, set[str]], wanted: set[str]) -> frozenset[str]:
    """Return the things that have one of the classes."""
    return frozenset(thing for thing, found in classes.items() if not wanted.isdisjoint(found))


def _classes(source: Source, things: Iterable[str]) -> dict[str, set[str]]:
    """Return the classes that are asserted of each thing."""
    found: dict[str, set[str]] = defaultdict(set)
    for thing, kind in _over(source, "thing", things, "?thing ?class", f"?thing <{_TYPE}> ?class"):
        if isinstance(kind, NamedNode):
            found[_value(thing)].add(kind.value)
    return found


def _wider_classes(source: Source) -> dict[str, set[str]]:
    """Return the classes above each class."""
    wider: dict[str, set[str]] = defaultdict(set)
    path = f"<{vocabulary.RDFS_SUBCLASS_OF}>"
    for narrow, wide in _rows(source, f"SELECT ?a ?b {{ ?a {path}/{path}* ?b FILTER(isIRI(?b)) }}"):
        if narrow != wide:
            wider[_value(narrow)].add(_value(wide))
    return wider


def _account(
    material: _Material,
    node: str,
    thing: str,
    pointers: Sequence[tuple[str, str]] | None = None,
) -> Account:
    """Return an account: whole, or of one about another thing what names this one (`pointers`)."""
    about = material.one(node, vocabulary.ABOUT)
    voice = material.one(node, vocabulary.WAS_ATTRIBUTED_TO)
    named = None if pointers is None else {pointer for pointer, _ in pointers}
    own = () if pointers is None else tuple(name for pointer, name in pointers if pointer == node)
    # That it is its voice, source or status says nothing of what the account tells.
    if named is not None and _SPINE.issuperset(own):
        named.discard(node)
    return Account(
        about,
        material.kinds.get(_value(about.term), ()) if about else (),
        material.one(node, vocabulary.STATUS),
        voice,
        material.one(node, vocabulary.SOURCE),
        voice is not None and _value(voice.term) in material.anonymous,
        _statement(material, node, thing, named, root=True),
        tuple(map(material.words.property, own)),
    )


def _statement(
    material: _Material, node: str, thing: str, named: set[str] | None, *, root: bool = False
) -> Statement:
    """Return a node with its parts; with `named`, those on the way to, or below, one of them."""
    facts = material.nodes.get(node, {})
    below = None if named is None or (node in named and not root) else named
    parts = [
        each
        for each in _in_order(material, material.parts.get(node, ()))
        if below is None or not below.isdisjoint(material.under([each]))
    ]
    shown = named is None or not root or node in named
    statements = tuple(_statement(material, each, thing, below) for each in parts)
    # where nothing but parts is shown, their passages are the evidence
    inherited = shown or not all(each.passages for each in statements) or not statements
    return Statement(
        node,
        material.kinds.get(node, ()),
        _facts(material, facts, _SPINE, thing) if shown else (),
        material.excerpts(node) if inherited else (),
        statements,
    )


def _in_order(material: _Material, nodes: Iterable[str]) -> list[str]:
    """Sort accounts by what they are about and where their passages stand; parts by the latter."""

    def key(node: str) -> tuple[object, ...]:
        about = material.one(node, vocabulary.ABOUT)
        kinds = material.kinds.get(_value(about.term), ()) if about else ()
        return kinds, about.text if about else "", *material.first(node), node

    return sorted(nodes, key=key)


def _names(
    material: _Material, facts: Mapping[str, Sequence[Term]], nodes: Iterable[str]
) -> Iterator[NameForm]:
    for name in _NAMING:
        for each in sorted(facts.get(name, ()), key=_tongue):
            yield NameForm(
                _value(each),
                (each.language or "") if isinstance(each, Literal) else "",
                material.words.property(name),
            )
    for node in _in_order(material, nodes):
        for each in material.nodes.get(node, {}).get(vocabulary.SKOSXL_LITERAL_FORM, ()):
            yield NameForm(
                _value(each),
                (each.language or "") if isinstance(each, Literal) else "",
                material.words.property(vocabulary.SKOSXL_LITERAL_FORM),
                material.one(node, vocabulary.NAME_KIND),
                material.one(node, vocabulary.SOURCE),
                material.excerpts(node),
            )


def _facts(
    material: _Material,
    told: Mapping[str, Sequence[Term]],
    hidden: Iterable[str] = (),
    thing: str | None = None,
) -> tuple[Fact, ...]:
    """Return facts in the order of reading.

    First those that name the thing, then the properties that have but one value, other things,
    concepts and plain values, and free words last.
    """
    words = material.words

    def key(fact: Fact) -> tuple[object, ...]:
        terms = [each.term for each in fact.values]
        return (
            thing is None or NamedNode(thing) not in terms,
            any(isinstance(term, Literal) and term.language for term in terms),
            _value(fact.property.term) not in material.single,
            any(not isinstance(term, NamedNode) for term in terms),
            any(_value(term) in material.concepts for term in terms),
            fact.property.text,
        )

    found = (
        Fact(
            words.property(name),
            tuple(sorted(map(words.reference, told[name]), key=_reading_order)),
        )
        for name in told.keys() - set(hidden)
    )
    return tuple(sorted(found, key=key))


def _reading_order(value: Reference) -> tuple[str, str]:
    return value.text, str(value.term)


def _by_property(
    pairs: Iterable[tuple[Term | None, Term | None]],
) -> dict[str, list[Term]]:
    found: dict[str, dict[Term, None]] = defaultdict(dict)
    for name, value in pairs:
        if value is not None:
            found[_value(name)][value] = None
    return {name: list(values) for name, values in found.items()}


def _tongue(term: Term) -> tuple[bool, str, str]:
    language = (term.language or "") if isinstance(term, Literal) else ""
    return language != "en", language, _value(term)


def _spaced(iri: str) -> str:
    """Return the words in the name of a term: `reportsTo` gives `reports to`.

    An IRI whose last part is no word is returned as it is.
    """
    local = re.split(r"[/#]", iri)[-1]
    if not local.isalpha():
        return iri
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", local)
    return words.lower() if local[:1].islower() else words


def _value(term: Term | None) -> str:
    return "" if term is None else str(getattr(term, "value", term))


def _number(term: Term | None) -> int | None:
    text = _value(term)
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def _rows(source: Source, text: str) -> tuple[Row, ...]:
    # our own text: what a user told stands in it only as an IRI that the engine has checked
    return source.query(QueryText(text, "SELECT", (), {}, name="lookup")).rows


def _over(
    source: Source, variable: str, iris: Iterable[str], columns: str, body: str
) -> Iterator[Row]:
    """Ask about many nodes at once: yield the rows of a pattern with each as a variable."""
    for chunk in _chunks(sorted(set(iris) - {""})):
        text = f"SELECT DISTINCT {columns} {{ VALUES ?{variable} {{ {chunk} }} {body} }}"
        yield from _rows(source, text)


def _chunks(iris: Sequence[str]) -> Iterator[str]:
    for start in range(0, len(iris), _CHUNK):
        yield " ".join(str(NamedNode(each)) for each in iris[start : start + _CHUNK])


def _plain(value: object) -> Any:  # noqa: ANN401, PLR0911  whatever JSON has
    """Return dataclasses as what JSON can hold."""
    if isinstance(value, Reference):
        if isinstance(value.term, NamedNode):
            return {"iri": value.term.value, "label": value.text}
        if not isinstance(value.term, Literal):
            return {"label": value.text}
        told = {"value": value.term.value}
        if value.term.language:
            return told | {"language": value.term.language}
        datatype = value.term.datatype.value
        return told if datatype == vocabulary.XSD_STRING else told | {"datatype": datatype}
    names_ = getattr(value, "_fields", ())
    if dataclasses.is_dataclass(value):
        names_ = tuple(each.name for each in dataclasses.fields(value))
    if names_:
        found = ((name, getattr(value, name)) for name in names_)
        return {name: _plain(each) for name, each in found if each not in (None, (), "")}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value


# ------------------------------------------------------------------ searching


def search(
    source: Source,
    text: str,
    prefixes: Mapping[str, str] | None = None,
    *,
    kind: str | None = None,
    limit: int | None = None,
) -> Answer:
    """Find things by name: in any case, with or without accents, in any order of words.

    Near spellings are looked for only where no name fits.

    Args:
        source: where to look.
        text: the name, or its beginning, or a part of it.
        prefixes: those that `kind` may use.
        kind: a class, by name or IRI: only its instances and those of its subclasses.
        limit: at most so many things; `Answer.cut` says whether there are more.

    Returns:
        One row a thing, best first: `thing`, its `class` (label), the `name` that fits, its
        `language`, and the `match`: exact, prefix, contains or near.

    Raises:
        UnknownNameError: there is no such class.
        AmbiguousNameError: several classes are called so.
    """
    iri = find_class(source, kind, prefixes or {}) if kind else None
    known = names.names(source, iri)
    best: dict[str, tuple[int, float, int, bool, Name]] = {}
    for rank, unlikeness, name in _matches(known, text):
        order = (rank, unlikeness, len(name.text), name.language != "en", name)
        best[name.thing] = min(best.get(name.thing, order), order)
    ranked = sorted(best.items(), key=lambda item: (item[1][:4], names.fold(item[1][4].text), item))
    shown = ranked[:limit]
    material = _material(source, (), [thing for thing, _ in shown], _Words(prefixes or {}, {}))
    rows = tuple(
        (
            NamedNode(thing),
            Literal(", ".join(material.kinds.get(thing, ()))),
            Literal(name.text, language=name.language) if name.language else Literal(name.text),
            Literal(name.language),
            Literal(_MATCHES[rank]),
        )
        for thing, (rank, _, _, _, name) in shown
    )
    columns = ("thing", "class", "name", "language", "match")
    return Answer("SELECT", columns, rows, cut=len(ranked) > len(shown))


def nearest_names(source: Source, text: str) -> list[str]:
    """Return up to three names that look most like a text, however little that is."""
    return nearest(text, {name.text for name in names.names(source)})


def find_class(source: Source, text: str, prefixes: Mapping[str, str]) -> str:
    """Return the IRI of a class from its IRI, prefixed name, label or local name.

    Raises:
        UnknownNameError: there is no such class; naming the nearest.
        AmbiguousNameError: several are called so.
    """
    query = f"SELECT ?class {{ ?class a <{vocabulary.OWL_CLASS}> FILTER(isIRI(?class)) }}"
    classes = {_value(row[0]) for row in _rows(source, query)}
    locals_ = {each: re.split(r"[/#]", each)[-1] for each in classes}
    found = [each for each, local in locals_.items() if local.casefold() == text.casefold()]
    if len(found) == 1:
        return found[0]
    labels = [name for name in names.names(source) if name.thing in classes]
    iri = _iri(text, prefixes)
    found = [iri] if iri in classes else names.bearers(labels, text)
    if len(found) > 1:
        raise AmbiguousNameError(text, [shortener(prefixes)(each) for each in found])
    if not found:
        raise UnknownNameError("class", text, locals_.values())
    return found[0]


_MATCHES: Final = ("exact", "prefix", "contains", "near")


def _matches(known: Sequence[Name], text: str) -> list[tuple[int, float, Name]]:
    """Return the names that fit, each with how well: an index of `_MATCHES`, and unlikeness."""
    wanted = names.fold(text)
    words = _parts(wanted) or wanted.split()
    if not words:
        return []
    found: list[tuple[int, float, Name]] = []
    for name in known:
        folded = names.fold(name.text)
        if not all(word in folded for word in words):
            continue
        parts = _parts(folded)
        if folded == wanted or sorted(parts) == sorted(words):
            found.append((0, 0.0, name))
        elif folded.startswith(wanted) or all(_begins(parts, word) for word in words):
            found.append((1, 0.0, name))
        else:
            found.append((2, 0.0, name))
    return found or [(3, -score, name) for name, score in _near(known, text)]


def _parts(folded: str) -> list[str]:
    return re.findall(r"[^\W_]+", folded)


def _begins(parts: Sequence[str], word: str) -> bool:
    return any(part.startswith(word) for part in parts)


def _near(known: Sequence[Name], text: str) -> list[tuple[Name, float]]:
    """Return the names in which each word of the text has one that looks like it, best first."""
    from difflib import SequenceMatcher, get_close_matches

    spelt = {name: _parts(names.fold(name.text)) for name in known}
    everything = sorted({part for parts in spelt.values() for part in parts})
    likeness: list[dict[str, float]] = []
    for word in _parts(names.fold(text)):
        close = get_close_matches(word, everything, n=20, cutoff=0.75)
        likeness.append({each: SequenceMatcher(None, each, word).ratio() for each in close})
    found = []
    for name, parts in spelt.items():
        scores = [max((like.get(part, 0.0) for part in parts), default=0.0) for like in likeness]
        if scores and min(scores) > 0:
            found.append((name, sum(scores) / len(scores)))
    return sorted(found, key=lambda item: (-item[1], len(item[0].text), item[0]))


# ------------------------------------------------------------------ counting


def stats(base: Base, source: LocalStore, *, limit: int | None = None) -> Answer:
    """Count what a base holds.

    Args:
        base: the base, for its files.
        source: its index of ontology and data.
        limit: at most so many rows of one group; `Answer.cut` says whether there are more.

    Returns:
        A row a count: its `group`, the `item` counted (an IRI, where it is a thing), its `label`,
        and the `count`. The groups: base, triples (by graph), things (by class), accounts (by
        status), sources, named voices and
        anonymous voices (with their accounts).
    """
    words = _Words(base.prefixes(), {})
    groups = {
        "base": _base_counts(base, source),
        "triples": _graph_counts(source),
        "things": _counts(source, f"?one <{_TYPE}> ?item . FILTER(STRSTARTS(STR(?item), "
                          f"'{vocabulary.DIP}'))"),
        "accounts": _counts(source, f"?one <{vocabulary.STATUS}> ?item"),
        "sources": _counts(source, f"?one <{vocabulary.SOURCE}> ?item ; <{vocabulary.ABOUT}> ?any"),
        "named voices": _counts(source, f"?one <{vocabulary.WAS_ATTRIBUTED_TO}> ?item MINUS "
                          f"{{ ?item a <{vocabulary.ANONYMOUS_VOICE}> }}"),
        "anonymous voices": _counts(source, f"?one <{vocabulary.WAS_ATTRIBUTED_TO}> ?item . "
                                    f"?item a <{vocabulary.ANONYMOUS_VOICE}>"),
    }  # fmt: skip
    words.learn(source, [iri for rows in groups.values() for iri, label, _ in rows if not label])
    rows = tuple(
        (
            Literal(group),
            NamedNode(iri) if iri else None,
            Literal(label or words.text(iri)),
            Literal(number),
        )
        for group, counted in groups.items()
        for iri, label, number in counted[: None if group == "base" else limit]
    )
    return Answer(
        "SELECT",
        ("group", "item", "label", "count"),
        rows,
        cut=len(rows) < sum(map(len, groups.values())),
    )


def _base_counts(base: Base, source: LocalStore) -> list[tuple[str, str, int]]:
    shapes = stores.load(base, bases.SHAPES)
    header = f"<{vocabulary.ONTOLOGY}> <{vocabulary.OWL_VERSION_INFO}> ?version"
    version = _rows(source, f"SELECT ?version {{ {header} }}")
    ours = f"?term a ?kind FILTER(isIRI(?term) && STRSTARTS(STR(?term), '{vocabulary.DIP}'))"
    terms = _rows(source, f"SELECT (COUNT(DISTINCT ?term) AS ?n) {{ {ours} }}")
    told = f" {_value(version[0][0])}" if version else ""
    constraints = (vocabulary.SH_PROPERTY_SHAPE, vocabulary.SH_SPARQL_CONSTRAINT)
    files = Counter(each.folder for each in source.sources)
    return [
        ("", "files of the ontology", files[bases.ONTOLOGY]),
        (vocabulary.ONTOLOGY, f"terms of the ontology{told}", _number(terms[0][0]) or 0),
        ("", "files of shapes", len(shapes.sources)),
        ("", "constraints", sum(_typed(shapes, each) for each in constraints)),
        ("", "files of data", files[bases.DATA]),
        ("", "triples of ontology and data", len(source.store)),
        ("", "accounts", _typed(source, vocabulary.ACCOUNT)),
        ("", "saved questions", len(base.queries())),
    ]


def _typed(source: Source, kind: str) -> int:
    rows = _rows(source, f"SELECT (COUNT(DISTINCT ?one) AS ?n) {{ ?one a <{kind}> }}")
    return _number(rows[0][0]) or 0


def _graph_counts(source: LocalStore) -> list[tuple[str, str, int]]:
    rows = _rows(
        source, "SELECT ?graph (COUNT(*) AS ?n) { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph"
    )
    counted = {_value(graph): _number(number) or 0 for graph, number in rows}
    return [
        (each.graph, f"{each.folder}/{each.name}", counted.get(each.graph, 0))
        for each in source.sources
    ]


def _counts(source: Source, pattern: str) -> list[tuple[str, str, int]]:
    text = f"SELECT ?item (COUNT(DISTINCT ?one) AS ?n) {{ {pattern} }} GROUP BY ?item"
    counted = [(_value(item), "", _number(n) or 0) for item, n in _rows(source, text) if item]
    return sorted(counted, key=lambda each: (-each[2], each[0]))
