"""From a report form to the triples of its source, with the line of each, and all that is wrong.

What cannot be read is told and left out; the rest becomes triples all the same, so that the shapes
find what is wrong with it in the same run.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Triple

from dragoman import datatypes, syntax, vocabulary
from dragoman.base import source_iri
from dragoman.errors import SyntaxProblem, nearest, suggestion
from dragoman.form import rules
from dragoman.form.keys import Property, segment
from dragoman.form.naming import Naming, NamingError
from dragoman.form.reading import Block, Items, Node, Text
from dragoman.form.words import Text as SourceText
from dragoman.form.words import WordsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dragoman.form.keys import Keys, Nesting
    from dragoman.store import LocalStore

    Object = NamedNode | Literal

RULE: Final = "form"
_TYPE: Final = NamedNode(vocabulary.RDF_TYPE)
_PASSAGES: Final = "passage"
# Keys that no property has.
_VALUE, _DATATYPE = "value", "type"
# What ends an IRI (RFC 3987), written by people.
_KEY: Final = re.compile(r"[^\s<>\"{}|\\^`\x00-\x1f\x7f]+")
_IN_SCHEME: Final = "inScheme"


@dataclass(frozen=True)
class Compiled:
    """What a report form says.

    Attributes:
        name: of the source.
        triples: what it says of the source, in the order of the form.
        reference: what belongs to the reference data of the base.
        positions: on which lines of the form it says so.
        problems: what could not be read, each with its line.
        unsaid: subjects and properties of which something could not be read.
    """

    name: str
    triples: tuple[Triple, ...]
    reference: tuple[Triple, ...] = ()
    positions: syntax.Positions = field(default_factory=syntax.Positions)
    problems: tuple[syntax.Finding, ...] = ()
    unsaid: frozenset[tuple[str, str]] = frozenset()


def compiled(  # noqa: PLR0913, PLR0917  the form, and what it is read by
    form: Block,
    label: str,
    keys: Keys,
    found: LocalStore,
    prefixes: Mapping[str, str],
    text: str | None,
) -> Compiled:
    """Return what a report form says.

    Args:
        form: the form, read.
        label: how to call its file in messages.
        keys: what can be said in the base.
        found: the facts of the base, in which names are looked up.
        prefixes: those of the base.
        text: the source's text; None where it is not at hand.

    Raises:
        SyntaxProblem: it does not say what its source is called.
    """
    return _Compiler(form, label, keys, found, prefixes, text).compiled()


class _Compiler:
    def __init__(  # noqa: PLR0913, PLR0917  as `compiled`
        self,
        form: Block,
        label: str,
        keys: Keys,
        found: LocalStore,
        prefixes: Mapping[str, str],
        text: str | None,
    ) -> None:
        self._form, self._label, self._keys = form, label, keys
        self._problems: list[syntax.Finding] = []
        self._unsaid: set[tuple[str, str]] = set()
        self._positions = syntax.Positions()
        self._triples: dict[Triple, None] = {}
        self._reference: dict[Triple, None] = {}
        self._into = self._triples
        self._name = self._named()
        self._source = source_iri(self._name)
        self._language = self._told_language()
        self._spaces = rules.own_prefixes(self._source)
        self._naming = Naming(
            found, keys, {**prefixes, **self._spaces}, self._source, self._language
        )
        self._words = SourceText(text)
        self._passages: dict[str, str] = {}  # the names of passages that depart from the rule
        self._spans: dict[str, tuple[int, int]] = {}
        self._cast: dict[str, rules.Member] = {}
        self._numbers = rules.Numbers()
        self._by_label: dict[str, Text] = {}
        self._accounts: set[str] = set()
        self._defaults: dict[str, Block] = {}

    # ------------------------------------------------------------------ the whole

    def compiled(self) -> Compiled:
        form = self._form
        self._tell_suggestions(form)
        self._take_defaults(form.get("defaults"))
        embedded = self._read_turtle(form.get("turtle"))
        self._declare_all()
        self._header()
        for key, node in self._entries("passages"):
            self._passage_of(key.value, node)
        for key, node in self._entries("voices"):
            if iri := self._own_iri("voice", key):
                self._told(iri, key, node, vocabulary.ANONYMOUS_VOICE)
        for key, node in self._entries("new"):
            self._thing(key, node)
        self._into = self._reference
        for key, node in self._entries("reference"):
            self._thing(key, node)
        self._into = self._triples
        for key, node in self._entries("cast"):
            self._member(key, node)
        account = self._keys.nestings.get(vocabulary.ACCOUNT)
        for key, node in self._entries("accounts"):
            if account:
                self._account(account, key, node, ())
        if (told := form.get("names")) and (naming := self._keys.by_word.get("names")):
            self._nested(naming, told, "", ())
        self._say_turtle(embedded, form.get("turtle"))
        return Compiled(
            self._name,
            tuple(self._triples),
            tuple(self._reference),
            self._positions,
            tuple(sorted(self._problems, key=lambda each: each.line or 0)),
            frozenset(self._unsaid),
        )

    def _named(self) -> str:
        told = self._form.get("source")
        if not isinstance(told, Text) or not told.value:
            line = told.line if told else 1
            raise SyntaxProblem(
                "It does not say what its source is called: add a line such as "
                "`source: harbour-news`.",
                self._label,
                line,
            )
        return told.value

    def _told_language(self) -> str:
        """Return the language of the texts; English, and told, where it is none."""
        told = self._form.get("language")
        if not isinstance(told, Text) or not told.value or _is_suggested(told):
            return "en"
        if not rules.is_language(told.value):
            self._wrong(told, f"language: {told.value!r} is no language tag: as in en or tr.")
            return "en"
        return told.value.lower()

    def _entries(self, section: str) -> Iterator[tuple[Text, Node]]:
        node = self._form.get(section)
        if isinstance(node, Block):
            for key, value in node.entries:
                # told of as it is meant, so that others may refer to it
                yield replace(key, value=_meant(key)), value
        elif node is not None and not _is_empty(node):
            self._wrong(node, f"{section}: give a key with each, as in `key: …`.")

    def _take_defaults(self, node: Node | None) -> None:
        if node is None or _is_empty(node):
            return
        for key, value in node.entries if isinstance(node, Block) else ():
            if key.value not in self._keys.by_word:
                advice = suggestion(key.value, self._keys.by_word)
                self._wrong(key, f"defaults: nothing is called {key.value!r}. {advice}")
            elif isinstance(value, Block):
                self._defaults[self._keys.by_word[key.value].kind] = value
            else:
                self._wrong(value, f"defaults: {key.value}: give keys with values, as in "
                                   "`{status: occurred}`.")  # fmt: skip
        if not isinstance(node, Block):
            self._wrong(node, "defaults: give keys with values, as in `accounts: {by: …}`.")

    # ------------------------------------------------------------------ what the form declares

    def _declare_all(self) -> None:
        """Make known what the form tells of, so that names may stand before it."""
        for key, node in self._entries("voices"):
            if iri := self._own_iri("voice", key):
                self._declare(iri, key.value, node, vocabulary.ANONYMOUS_VOICE)
        for section in ("new", "reference"):
            for key, node in self._entries(section):
                if iri := self._new_iri(key, node, quiet=True):
                    self._declare(iri, key.value, node)
        for key, node in self._entries("accounts"):
            if iri := self._own_iri("account", key, quiet=True):
                self._declare(iri, key.value, node, vocabulary.ACCOUNT)
                self._numbers.take(iri)
        self._naming.declare(self._source, (vocabulary.SOURCE_CLASS,), *self._called(self._form))
        for key, node in self._form.entries:
            self._declare_inside(key.value, node)

    def _declare_inside(self, key: str, node: Node) -> None:
        """Declare what is told of where it is used: `about: {meeting:first: The first meeting}`."""
        if isinstance(node, Items):
            for each in node.items:
                self._declare_inside(key, each)
        elif isinstance(node, Block):
            told = next(iter(node.entries), None)
            heads = key in rules.SECTIONS or key in self._keys.by_word
            inline = told and not heads and len(node.entries) == 1 and ":" in told[0].value
            if told and inline and (iri := self._new_iri(*told, quiet=True)):
                self._declare(iri, told[0].value, told[1])
            for inner, value in node.entries:
                # the key of a head is none of a property
                self._declare_inside("" if heads else inner.value, value)

    def _declare(self, iri: str, key: str, node: Node, usual: str = "") -> None:
        told = node.get(rules.CLASS) if isinstance(node, Block) else None
        kinds = [self._class(each, quiet=True) for each in _texts(told)]
        if told is None:
            kinds = [usual or self._keys.usual(iri)]
        labels, others = self._called(node)
        others += [] if ":" in key else [key]
        self._naming.declare(iri, [each for each in kinds if each], labels, others)

    def _called(self, node: Node) -> tuple[list[tuple[str, str]], list[str]]:
        """Return the labels that something is told to have, and what else it may be called."""
        if not isinstance(node, Block):
            return list(self._labels(node)) if isinstance(node, Text) else [], []
        labels = [each for word in ("label", "prefLabel") for each in self._labels(node.get(word))]
        return labels, [text for _, text in self._labels(node.get("altLabel"))]

    def _labels(self, node: Node | None) -> Iterator[tuple[str, str]]:
        """Yield the texts of a label, each with its language."""
        if isinstance(node, Text) and node.value:
            yield self._language, _meant(node)
        elif isinstance(node, Items):
            for each in node.items:
                yield from self._labels(each)
        elif isinstance(node, Block) and (value := node.get(_VALUE)) is not None:
            tag = node.get("language")
            for each in _texts(value):
                yield tag.value if isinstance(tag, Text) else "", _meant(each)
        elif isinstance(node, Block):
            for language, told in node.entries:
                yield from ((language.value.lower(), _meant(each)) for each in _texts(told))

    def _new_iri(self, key: Text, node: Node | None = None, *, quiet: bool = False) -> str:
        """Return the IRI of a thing that a form declares; empty, and told, where there is none."""
        told = node.get(rules.IRI) if isinstance(node, Block) else None
        try:
            if (iri := self._naming.iri(key.value)) is not None:
                return iri
            if isinstance(told, Text) and (iri := self._naming.iri(told.value)) is not None:
                return iri
            if re.match(r"[\w-]*:\S", key.value):
                raise NamingError(self._unknown_prefix(key.value))  # noqa: TRY301  told alike
        except NamingError as error:
            if not quiet:
                self._wrong(key, str(error))
            return ""
        kinds = _texts(node.get(rules.CLASS)) if isinstance(node, Block) else []
        kind = next(filter(None, [self._class(each, quiet=quiet) for each in kinds]), "")
        if kind:
            return f"{vocabulary.INDIVIDUAL}{segment(kind)}/{rules.slug(key.value)}"
        if not quiet and not kinds:
            self._wrong(
                key,
                f"What kind of thing {key.value!r} is, is not told: write its IRI, as in "
                "`meeting:first-session: …`, or its class, as in `{a: Place}`.",
            )
        return ""

    def _class(self, node: Text, *, quiet: bool = False) -> str:
        """Return the IRI of a class; empty, and told, where it is none."""
        iri = None
        if ":" in node.value:
            try:
                iri = self._naming.iri(node.value)
            except NamingError:
                iri = None
        elif f"{vocabulary.DIP}{node.value}" in self._keys.above:
            iri = f"{vocabulary.DIP}{node.value}"
        if iri is None and not quiet:
            known = [each.removeprefix(vocabulary.DIP) for each in self._keys.above
                     if each.startswith(vocabulary.DIP)]  # fmt: skip
            near = nearest(node.value, known)
            advice = f" Did you mean {' or '.join(near)}?" if near else ""
            self._wrong(node, f"a: there is no class {node.value!r}.{advice}")
        return iri or ""

    # ------------------------------------------------------------------ the source, and things

    def _header(self) -> None:
        form, source = self._form, self._source
        self._mark(source, form.key("source"))
        self._types(source, form, form.key("source"), vocabulary.SOURCE_CLASS)
        self._text_of_source()
        for key, value in form.entries:
            if key.value in rules.SECTIONS:
                continue
            if key.value == "language" and isinstance(value, Text):
                if value.value.lower() == self._language:
                    self._say(source, vocabulary.DCTERMS_LANGUAGE, Literal(value.value), key)
            elif (known := self._property(key, (vocabulary.SOURCE_CLASS,))) is not None:
                self._values(source, known, key, value)

    def _text_of_source(self) -> None:
        node, text = self._form.get("text"), self._words.text
        told = self._form.get("sha256")
        if isinstance(node, Text) and node.value == "none":
            self._say(self._source, vocabulary.TEXT_HELD, _boolean("false"), node)
        elif text is not None:
            place = node or self._form.key("source")
            digest = hashlib.sha256(text.encode()).hexdigest()
            if isinstance(told, Text) and told.value != digest:
                self._wrong(
                    told,
                    f"The text is another one: its SHA-256 is {digest[:12]}…, and the form was "
                    f"written with {told.value[:12]}…. Give the text that it was written with, "
                    "or take sha256 and textLength away and look at all words again.",
                )
            elif told is None:
                self._say(self._source, vocabulary.SHA256, Literal(digest), place)
            for key, iri, value in (
                ("textHeld", vocabulary.TEXT_HELD, _boolean("true")),
                ("textLength", vocabulary.TEXT_LENGTH, _integer(len(text))),
            ):
                if self._form.get(key) is None:
                    self._say(self._source, iri, value, place)

    def _thing(self, key: Text, node: Node, usual: str = "") -> str:
        """Tell of a thing that the form declares; return its IRI, empty where it has none."""
        iri = self._new_iri(key, node)
        if iri:
            if not (isinstance(node, Block) and node.get(rules.IRI)):
                self._check_new(iri, key)
            named = ":" not in key.value and isinstance(node, Block) and node.get("label") is None
            self._told(iri, key, node, usual or self._keys.usual(iri))
            if named:
                value = Literal(key.value, language=self._language)
                self._say(iri, vocabulary.SKOS_PREF_LABEL, value, key)
        return iri

    def _check_new(self, iri: str, key: Text) -> None:
        """Tell of a thing that is declared by its label, and is there already."""
        by_label = self._naming.iri(key.value) is None
        other = self._by_label.setdefault(iri, key)
        if by_label and other is not key:
            self._wrong(
                key,
                f"{self._naming.short(iri)} is made of {other.value!r} on line {other.line} "
                "already: tell the two apart by `iri: …`.",
            )
        elif by_label and self._into is self._triples and self._naming.is_known(iri):
            self._wrong(
                key,
                f"{self._naming.short(iri)} is in the base already, from another source: take it "
                "out of new: and use its name; or tell another thing apart by `iri: …`.",
            )

    def _told(self, iri: str, key: Text, node: Node, usual: str) -> None:
        """Say what is told of a thing: its label, or a block."""
        self._mark(iri, key)
        kinds = self._types(iri, node, key, usual)
        if isinstance(node, Block):
            self._block(iri, kinds, node)
        elif not isinstance(node, Text):
            self._wrong(node, f"{key.value}: give its label, or keys in braces; this is a list.")
        elif _is_suggested(node):
            self._unsaid.add((iri, vocabulary.SKOS_PREF_LABEL))
        elif node.value:
            value = Literal(node.value, language=self._language)
            self._say(iri, vocabulary.SKOS_PREF_LABEL, value, node)

    def _types(self, iri: str, node: Node, place: Node, usual: str) -> tuple[str, ...]:
        """Say of which classes a thing is, and return them."""
        told = node.get(rules.CLASS) if isinstance(node, Block) else None
        words = _texts(told)
        kinds = tuple(filter(None, map(self._class, words)))
        if words and not kinds:
            kinds = (usual,) if usual else ()
        elif told is None:
            kinds = (usual,) if usual else ()
            if not usual:
                self._wrong(
                    place, "What kind of thing it is, is not told: add its class, as in `a: Place`."
                )
        for each in kinds:
            self._say(iri, _TYPE.value, NamedNode(each), told or place)
        scheme = self._naming.scheme(kinds)
        if scheme and not (isinstance(node, Block) and node.get(_IN_SCHEME) is not None):
            self._say(iri, vocabulary.SKOS_IN_SCHEME, NamedNode(scheme), told or place)
        return kinds

    def _block(self, iri: str, kinds: Sequence[str], node: Block) -> set[str]:
        """Say what stands in a block of a thing, and what defaults say of it.

        The IRIs of the properties that stand in it are returned.
        """
        passages = self._own_passages(iri, node)
        told: set[str] = set()
        for key, value in node.entries:
            if key.value in rules.WORDS_OF_BLOCKS:
                continue
            nesting = self._keys.by_word.get(key.value)
            if nesting and self._keys.find(key.value, kinds) is None:
                self._nested(nesting, value, iri, passages)
            elif (known := self._property(key, kinds)) is not None:
                told.add(known.iri)
                self._values(iri, known, key, value)
        for kind in kinds:
            for key, value in self._defaults.get(kind, Block(0, 0)).entries:
                known = self._property(key, kinds)
                if known is not None and known.iri not in told:
                    self._values(iri, known, key, value)
        source = self._keys.properties.get(vocabulary.SOURCE)
        if source and source.iri not in told and self._keys.is_a(kinds, source.domain):
            self._say(iri, source.iri, NamedNode(self._source), node)
        return told

    # ------------------------------------------------------------------ values

    def _property(self, key: Text, kinds: Sequence[str]) -> Property | None:
        """Return what a key means in a block; None, and told, where it is nothing there."""
        if ":" in key.value:
            try:
                iri = self._naming.iri(key.value)
            except NamingError as error:
                self._wrong(key, str(error))
                return None
            if iri is None:
                self._wrong(key, self._unknown_prefix(key.value))
                return None
            known = self._keys.properties.get(iri)
            return known or Property(iri, key.value, leads=False)
        found = self._keys.find(key.value, kinds)
        kind = " and ".join(each.removeprefix(vocabulary.DIP) for each in kinds) or "thing"
        if found is None:
            near = self._keys.near(key.value, kinds)
            advice = f" Did you mean {' or '.join(near)}?" if near else ""
            self._wrong(key, f"There is no key {key.value!r} for a {kind}.{advice}")
        elif not self._keys.fits(found, kinds):
            of = " or ".join(syntax.local_name(each) for each in found.domain)
            self._wrong(key, f"{key.value} is told of a {of}, not of a {kind}.")
            return None
        return found

    def _unknown_prefix(self, text: str) -> str:
        near = nearest(text.partition(":")[0], self._naming.prefixes)
        advice = f" Did you mean {' or '.join(f'{each}:' for each in near)}?" if near else ""
        return f"The prefix of {text!r} is not known.{advice}"

    def _values(self, iri: str, known: Property, key: Text, node: Node) -> None:
        """Say what stands behind a key."""
        if vocabulary.PASSAGE_CLASS in known.kinds:
            for passage in self._passages_in(node):
                self._say(iri, known.iri, NamedNode(passage), key)
            return
        self._mark(iri, key, known.iri)
        for each in node.items if isinstance(node, Items) else (node,):
            for value in self._value(iri, known, each):
                self._say(iri, known.iri, value, each)

    def _value(self, iri: str, known: Property, node: Node) -> Iterator[Object]:
        problem = ""
        try:
            if isinstance(node, Block):
                yield from self._of_block(iri, known, node)
            elif not isinstance(node, Text):
                problem = "a list in a list says nothing more."
            elif not node.value:
                problem = (
                    "nothing is told. Take the key away, or give a value; `[]` for none where "
                    "there is a default."
                )
            elif _is_suggested(node):
                self._unsaid.add((iri, known.iri))
            elif known.leads:
                yield NamedNode(self._naming.thing(node.value, known.kinds, known.key))
            else:
                yield self._literal(known, node)
            if problem:
                self._wrong(node, f"{known.key}: {problem}")
                self._unsaid.add((iri, known.iri))
        except NamingError as error:
            self._wrong(node, str(error))
            self._unsaid.add((iri, known.iri))

    def _of_block(self, iri: str, known: Property, node: Block) -> Iterator[Object]:
        words = [key.value for key, _ in node.entries]
        spelt = set(words) <= {_VALUE, _DATATYPE, "language"} and _VALUE in words
        parts = [value for _, value in node.entries if spelt and isinstance(value, Text)]
        if any(map(_is_suggested, (*(key for key, _ in node.entries), *parts))):
            self._unsaid.add((iri, known.iri))  # it waits until that is confirmed
        elif not known.leads and spelt:
            yield self._spelt_literal(known, node)
        elif not known.leads and words and all(map(rules.LANGUAGE_KEY.fullmatch, words)):
            for key, value in node.entries:
                for text in _all_texts(value):
                    if _is_suggested(text):
                        self._unsaid.add((iri, known.iri))
                    elif rules.is_language(key.value):
                        yield Literal(text.value, language=key.value.lower())
                    else:
                        raise NamingError(f"{known.key}: {key.value!r} is no language tag.")
        elif known.leads and len(node.entries) == 1 and words[0] not in rules.WORDS_OF_BLOCKS:
            usual = known.kinds[0] if len(known.kinds) == 1 else ""
            key, told = node.entries[0]
            if found := self._new_iri(key, told):
                yield NamedNode(found)  # said before what is told of it, as telling finds it
                self._thing(key, told, self._usual_of(key) or usual)
            else:
                self._unsaid.add((iri, known.iri))
        else:
            what = "a name" if known.leads else "a text, or `{en: …, tr: …}`"
            raise NamingError(f"{known.key}: give {what}; this is a block of keys.")

    def _usual_of(self, key: Text) -> str:
        try:
            iri = self._naming.iri(key.value)
        except NamingError:
            return ""
        return self._keys.usual(iri) if iri else ""

    def _literal(self, known: Property, node: Text) -> Object:
        text = node.value
        if not known.types and not node.quoted and (iri := self._naming.iri(text)):
            return NamedNode(iri)
        kind = known.datatype(text)
        if kind is None:
            wanted = " or ".join(f"xsd:{each.removeprefix(vocabulary.XSD)}" for each in known.types)
            why = datatypes.fault(text, known.types[0])
            raise NamingError(f"{known.key}: {text!r} is no {wanted}: {why}")
        if kind == vocabulary.RDF_LANG_STRING:
            return Literal(text, language=self._language)
        return Literal(text, datatype=NamedNode(kind))

    def _spelt_literal(self, known: Property, node: Block) -> Literal:
        value, kind, tag = (node.get(each) for each in (_VALUE, _DATATYPE, "language"))
        if not isinstance(value, Text):
            raise NamingError(f"{known.key}: value: give a text.")
        if isinstance(tag, Text):
            if not rules.is_language(tag.value):
                raise NamingError(f"{known.key}: {tag.value!r} is no language tag: write en, say.")
            return Literal(value.value, language=tag.value.lower())
        if not isinstance(kind, Text):
            return Literal(value.value)
        iri = self._naming.iri(kind.value)
        if iri is None:
            raise NamingError(f"{known.key}: {kind.value!r} is no datatype: write xsd:date, say.")
        if iri in {vocabulary.RDF_LANG_STRING, vocabulary.RDF_DIR_LANG_STRING}:
            raise NamingError(f"{known.key}: a text in a language has `language: en`, say.")
        return Literal(value.value, datatype=NamedNode(iri))

    # ------------------------------------------------------------------ words

    def _passages_in(self, node: Node) -> list[str]:
        """Return the passages that words name, and tell of each."""
        found: list[str] = []
        for each in node.items if isinstance(node, Items) else (node,):
            if isinstance(each, Block):
                for key, value in each.entries:
                    found += filter(None, [self._passage_of(key.value, value)])
            elif isinstance(each, Text) and not _is_suggested(each):
                found += filter(None, [self._passage(each)])
            elif isinstance(each, Items):
                self._wrong(each, "words: a list in a list says nothing more.")
        return list(dict.fromkeys(found))

    def _passage(self, node: Text) -> str:
        if node.value in self._passages:
            return self._passages[node.value]
        try:
            if not node.quoted and (iri := self._naming.iri(node.value)):
                return iri
            span = self._words.find(node.value)
        except (WordsError, NamingError) as error:
            self._wrong(node, f"words: {error}")
            return ""
        return self._at(span, f"{self._spaces[_PASSAGES]}{span[0]}-{span[1]}", node)

    def _passage_of(self, name: str, node: Node) -> str:
        """Tell of a passage with a name of its own; return its IRI."""
        try:
            iri = self._own_iri(_PASSAGES, Text(node.line, node.column, name))
            if not iri:
                return ""
            if isinstance(node, Text):
                span = self._words.find(node.value)
                self._passages[name] = self._at(span, iri, node)
            elif isinstance(node, Block):
                self._mark(iri, node)
                kinds = self._types(iri, node, node, vocabulary.PASSAGE_CLASS)
                self._say(iri, vocabulary.OA_HAS_SOURCE, NamedNode(self._source), node)
                self._block(iri, kinds, node)
                self._passages[name] = iri
            else:
                self._wrong(node, "passages: give words, or keys in braces; this is a list.")
        except (WordsError, NamingError) as error:
            self._wrong(node, str(error))
        return self._passages.get(name, "")

    def _at(self, span: tuple[int, int], iri: str, node: Node) -> str:
        position = f"{iri}/position"
        self._spans[iri] = span
        self._mark(iri, node)
        for subject, predicate, value in (
            (iri, _TYPE.value, NamedNode(vocabulary.PASSAGE_CLASS)),
            (iri, vocabulary.OA_HAS_SOURCE, NamedNode(self._source)),
            (iri, vocabulary.OA_HAS_SELECTOR, NamedNode(position)),
            (position, _TYPE.value, NamedNode(vocabulary.OA_POSITION)),
            (position, vocabulary.OA_START, _integer(span[0])),
            (position, vocabulary.OA_END, _integer(span[1])),
        ):
            self._say(subject, predicate, value, node)
        return iri

    # ------------------------------------------------------------------ what is nested

    def _nested(self, nesting: Nesting, node: Node, holder: str, around: Sequence[str]) -> None:
        """Tell of the blocks of a class that stand under a thing.

        Args:
            nesting: the class.
            node: what stands behind its key.
            holder: the IRI of the thing; empty where they stand for themselves.
            around: passages of the thing.
        """
        if isinstance(node, Block):
            for key, value in node.entries:
                self._nested_one(nesting, key, value, holder, around)
        elif isinstance(node, Items):
            for each in node.items:
                if isinstance(each, Text):
                    self._nested_one(nesting, each, Block(each.line, each.column), holder, around)
                elif isinstance(each, Block) and self._is_headed(nesting, each):
                    self._nested_one(nesting, *each.entries[0], holder, around)
                elif isinstance(each, Block):
                    self._nested_one(nesting, None, each, holder, around)
                else:
                    self._wrong(each, f"{nesting.key}: a list in a list says nothing more.")
        elif isinstance(node, Text) and node.value:
            self._nested_one(nesting, node, Block(node.line, node.column), holder, around)

    def _is_headed(self, nesting: Nesting, node: Block) -> bool:
        """Return whether a block of one key is a head with its block: `Hakan Fidan: {…}`."""
        if len(node.entries) != 1:
            return False
        return not rules.is_key(node.entries[0][0].value, nesting.kind, self._keys, self._naming)

    def _nested_one(
        self,
        nesting: Nesting,
        key: Text | None,
        node: Node,
        holder: str,
        around: Sequence[str],
    ) -> None:
        if nesting.kind == vocabulary.ACCOUNT and key is not None:
            self._account(nesting, key, node, ((nesting.under, holder),))
            return
        node = self._as_block(nesting, node)
        if not isinstance(node, Block):
            said = key.value if key else nesting.key
            self._wrong(node, f"{said}: give keys in braces, as in `{{words: …}}`.")
            return
        place: Node = key or node
        head = self._keys.properties.get(nesting.head)
        value: Object | None = None
        if key is not None and head is not None:
            if _is_suggested(key):
                return
            try:
                value = self._headed(head, key)
            except NamingError as error:
                self._wrong(key, str(error))
        iri = self._nested_iri(nesting, node, holder, value)
        self._mark(iri, place)
        kinds = self._types(iri, node, place, nesting.kind)
        if holder:
            self._say(iri, nesting.under, NamedNode(holder), place)
        if value is not None:
            self._say(iri, nesting.head, value, place)
        elif key is not None:
            self._unsaid.add((iri, nesting.head))
        if nesting.kind == vocabulary.NAME:
            node = self._whole_name(iri, node, key, holder)
        told = self._block(iri, kinds, node)
        cast = self._cast.get(value.value) if isinstance(value, NamedNode) else None
        if cast and nesting.head == vocabulary.PARTICIPANT:
            self._as_cast(iri, node, told, cast, around)

    def _as_block(self, nesting: Nesting, node: Node) -> Node:
        """Return the block that something shorter stands for; the node itself where it is none."""
        if isinstance(node, Items) and nesting.lists:
            word = next(e.key for e in self._keys.nestings.values() if e.kind == nesting.lists)
            return Block(node.line, node.column, ((Text(node.line, node.column, word), node),))
        if isinstance(node, Text) and not node.value:
            return Block(node.line, node.column)
        named = nesting.head == vocabulary.SKOSXL_LITERAL_FORM
        return _of_name(node) if named and isinstance(node, (Text, Items)) else node

    def _own_passages(self, iri: str, node: Block) -> list[str]:
        told = node.get(self._keys.properties[vocabulary.PASSAGE].key)
        before = len(self._problems)
        found = self._passages_in(told) if told is not None else []
        if len(self._problems) > before:
            self._unsaid.add((iri, vocabulary.PASSAGE))
        return found

    def _headed(self, head: Property, key: Text) -> Object:
        if head.leads:
            return NamedNode(self._naming.thing(key.value, head.kinds, head.key))
        return self._literal(head, Text(key.line, key.column, key.value, quoted=True))

    def _nested_iri(self, nesting: Nesting, node: Block, holder: str, value: Object | None) -> str:
        """Return the IRI of something nested, told or by the rule."""
        told = node.get(rules.IRI)
        space = "name" if nesting.kind == vocabulary.NAME else "account"
        if isinstance(told, Text) and (iri := self._own_iri(space, told)):
            self._take(iri, told)
            return iri
        ending = self._ending(nesting, node, value)
        iri = self._numbers.next(rules.rule_iri(nesting, holder, ending, self._source))
        self._take(iri, node)
        return iri

    def _ending(self, nesting: Nesting, node: Block, value: Object | None) -> str:
        if value is not None:
            return rules.ending_of(value)
        for other in (nesting.head, *nesting.others):
            known = self._keys.properties.get(other)
            told = node.get(known.key) if known else None
            for text in _texts(told):
                try:
                    if known and known.leads:
                        return rules.ending_of(
                            NamedNode(self._naming.thing(text.value, known.kinds, known.key))
                        )
                    return rules.slug(text.value)
                except NamingError:
                    pass  # told where the value is read
        return ""

    def _take(self, iri: str, place: Node) -> None:
        """Keep that an account or a part has an IRI; told where another one has it."""
        if not self._numbers.take(iri):
            told = f"{self._naming.short(iri)} is told on line {self._positions.line(iri)} already"
            self._wrong(place, f"{told}: join the two, or give one of them another key.")

    def _own_iri(self, what: str, key: Text, *, quiet: bool = False) -> str:
        """Return the IRI that a key means in the source; empty, and told, where it can be none."""
        problem = ""
        try:
            if (iri := self._naming.iri(key.value)) is not None:
                return iri
        except NamingError as error:
            problem = str(error)
        if not problem and re.match(r"[\w-]+:\S", key.value):
            problem = self._unknown_prefix(key.value)
        if not problem and _KEY.fullmatch(key.value):
            return f"{self._spaces[what]}{key.value}"
        if not quiet:
            self._wrong(
                key,
                problem
                or f"{key.value!r} ends an IRI, so it has no space, bracket or control character: "
                f"write it as {rules.slug(key.value)}.",
            )
        return ""

    def _account(
        self, nesting: Nesting, key: Text, node: Node, also: Sequence[tuple[str, str]]
    ) -> None:
        if not isinstance(node, Block):
            self._wrong(node, f"{key.value}: an account is keys with values: about, status, ….")
        elif iri := self._own_iri("account", key):
            if iri in self._accounts:
                self._take(iri, key)
            self._accounts.add(iri)
            self._mark(iri, key)
            kinds = self._types(iri, node, key, nesting.kind)
            for predicate, value in also:
                self._say(iri, predicate, NamedNode(value), key)
            self._block(iri, kinds, node)

    # ------------------------------------------------------------------ people and names

    def _member(self, key: Text, node: Node) -> None:
        """Keep what holds for somebody of the cast."""
        if isinstance(node, Text) and not node.value:
            node = Block(node.line, node.column)
        if not isinstance(node, Block):
            self._wrong(node, f"{key.value}: give keys in braces: `{{capacity: …, words: …}}`.")
            return
        try:
            person = self._naming.thing(key.value, (vocabulary.PERSON,), "cast")
        except NamingError as error:
            self._wrong(key, str(error))
            return
        kinds = (vocabulary.PARTICIPATION,)
        values: list[tuple[str, Object]] = []
        for word, told in node.entries:
            known = self._property(word, kinds)
            if known is None or vocabulary.PASSAGE_CLASS in known.kinds:
                continue
            for each in told.items if isinstance(told, Items) else (told,):
                values += [(known.iri, value) for value in self._value(person, known, each)]
        passages = self._own_passages(person, node)
        spans = tuple(self._spans[each] for each in passages if each in self._spans)
        self._cast[person] = rules.Member(tuple(values), spans, tuple(passages))

    def _as_cast(
        self, iri: str, node: Block, told: set[str], cast: rules.Member, around: Sequence[str]
    ) -> None:
        """Say of a participation what the cast says of the person, unless the block does."""
        for predicate, value in cast.values:
            if predicate not in told:
                self._say(iri, predicate, value, node)
        if vocabulary.PASSAGE not in told:
            for each in rules.passages_of_member(cast, around, self._spans):
                self._say(iri, vocabulary.PASSAGE, NamedNode(each), node)

    def _whole_name(self, iri: str, node: Block, key: Text | None, holder: str) -> Block:
        """Return the block of a name with what follows from its form: whose it is, and where."""
        if key is None:
            return node
        entries = list(node.entries)
        of = self._keys.properties[vocabulary.NAME_OF].key
        kind = self._keys.properties[vocabulary.NAME_KIND].key
        words = self._keys.properties[vocabulary.PASSAGE].key
        place = (key.line, key.column)
        if not holder and node.get(of) is None:
            try:
                whose = self._naming.thing(key.value, (vocabulary.SUBJECT,), of)
                entries.append((Text(*place, of), Text(*place, f"<{whose}>")))
                found = rules.kind_of_name(key.value, self._naming.label(whose))
                if found and node.get(kind) is None:
                    entries.append((Text(*place, kind), Text(*place, found)))
            except NamingError as error:
                self._wrong(key, f"{error} Or say whose it is: `{{{key.value}: {{of: …}}}}`.")
                self._unsaid.add((iri, vocabulary.NAME_OF))
        if node.get(words) is None and self._words.text is not None:
            start = self._words.text.find(key.value)
            if start >= 0:
                span = f"{start}-{start + len(key.value)}"
                entries.append((Text(*place, words), Text(*place, span)))
            else:
                self._wrong(key, f"The name {key.value!r} is not in the text, letter by letter.")
        return Block(node.line, node.column, tuple(entries))

    # ------------------------------------------------------------------ Turtle, and what is said

    def _read_turtle(self, node: Node | None) -> list[Triple]:
        """Return what is told as Turtle; what is wrong with it is told."""
        if node is None or _is_empty(node):
            return []
        if not isinstance(node, Text):
            self._wrong(node, "turtle: give the Turtle as one text, behind `|`.")
            return []
        head = "".join(f"PREFIX {p}: <{iri}>\n" for p, iri in self._naming.prefixes.items())
        text = (head + node.value).encode()
        found: list[Triple] = []
        try:
            found += (quad.triple for quad in syntax.read_rdf(text, "turtle", name=self._label))
        except SyntaxProblem as problem:
            # the text begins on the line below its key
            line = node.line + max((problem.line or 0) - len(self._naming.prefixes), 0)
            self._problems.append(
                syntax.Finding(self._label, line, RULE, f"turtle: {problem.problem}")
            )
        for iri, kind in rules.types_in(found):
            self._naming.declare(iri, (kind,))
        return found

    def _say_turtle(self, found: Sequence[Triple], node: Node | None) -> None:
        for each in found:
            self._into[each] = None
            if isinstance(each.subject, NamedNode) and node is not None:
                self._mark(each.subject.value, node, each.predicate.value)

    def _say(self, subject: str, predicate: str, value: Object, place: Node) -> None:
        self._into[Triple(NamedNode(subject), NamedNode(predicate), value)] = None
        self._mark(subject, place, predicate)
        if isinstance(value, NamedNode):
            self._positions.triples.setdefault((subject, predicate, value.value), place.line)

    def _mark(self, subject: str, place: Node, predicate: str | None = None) -> None:
        self._positions.subjects.setdefault(subject, place.line)
        if predicate:
            self._positions.pairs.setdefault((subject, predicate), place.line)

    def _tell_suggestions(self, node: Node) -> None:
        """Tell of each suggestion that stands in the form."""
        if isinstance(node, Text) and _is_suggested(node):
            rest = node.value.removeprefix(rules.SUGGESTION).strip()
            self._wrong(
                node,
                f"This is still a suggestion: confirm {rest!r} by taking the ?? away, or mend it.",
            )
        elif isinstance(node, Items):
            for each in node.items:
                self._tell_suggestions(each)
        elif isinstance(node, Block):
            for key, value in node.entries:
                self._tell_suggestions(key)
                self._tell_suggestions(value)

    def _wrong(self, place: Node, message: str) -> None:
        found = syntax.Finding(self._label, place.line, RULE, message)
        if found not in self._problems:
            self._problems.append(found)


def _of_name(node: Node) -> Node:
    """Return the block that stands for `Ankara: Türkiye` or `Ankara: [Türkiye, metonym]`."""
    told = node.items if isinstance(node, Items) else (node,)
    if len(told) > 2:
        return node  # which is told to be no block
    words = (Text(node.line, node.column, each) for each in ("of", "kind"))
    return Block(node.line, node.column, tuple(zip(words, told, strict=False)))


def _boolean(text: str) -> Literal:
    return Literal(text, datatype=NamedNode(vocabulary.XSD_BOOLEAN))


def _integer(number: int) -> Literal:
    return Literal(str(number), datatype=NamedNode(vocabulary.XSD_INTEGER))


def _is_suggested(node: Text) -> bool:
    """Return whether a word is still a suggestion."""
    return not node.quoted and node.value.startswith(rules.SUGGESTION)


def _meant(node: Text) -> str:
    """Return a text by which others mean a thing, be it a suggestion still."""
    return node.value.removeprefix(rules.SUGGESTION).strip() if _is_suggested(node) else node.value


def _texts(node: Node | None) -> list[Text]:
    """Return the words of a word or a list of words."""
    items = node.items if isinstance(node, Items) else (node,)
    return [each for each in items if isinstance(each, Text) and each.value]


def _all_texts(node: Node | None) -> list[Text]:
    """Return the texts of a text, a list of texts, or texts by language."""
    if isinstance(node, Block):
        return [text for _, value in node.entries for text in _texts(value)]
    return _texts(node)


def _is_empty(node: Node) -> bool:
    return (isinstance(node, Text) and not node.value) or (
        isinstance(node, (Items, Block))
        and not getattr(node, "items", getattr(node, "entries", ()))
    )
