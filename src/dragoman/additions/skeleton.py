"""A skeleton of a new source: the parts that the shapes of the base require, to be filled in.

Nothing in it is invented: it states what the user tells, and the rest is comments.
"""

from __future__ import annotations

import hashlib
import re
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from dragoman import base as bases
from dragoman import store as stores
from dragoman import syntax, vocabulary
from dragoman.additions.incoming import checked_name, plain
from dragoman.errors import DragomanError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dragoman.base import Base
    from dragoman.store import LocalStore

# What stands in for a value that the user has to give.
PLACE: Final = "…"
# What a line begins with that is to be filled in.
MARK: Final = "#: "
_MOST_CHOICES: Final = 40
# What the things are called that a property leads to, where the name of their class says less.
_ROLES: Final = {vocabulary.WAS_ATTRIBUTED_TO: "voice", vocabulary.OA_HAS_SELECTOR: "selector"}


@dataclass(frozen=True)
class Told:
    """What the user tells of a source; None where nothing is known.

    Attributes:
        title: as printed.
        url: where it can be read.
        publisher: its name in English.
        date: of publication, as xsd:date.
        language: of the text, as a BCP 47 tag.
        text: the text itself, from which its length and SHA-256 are reckoned.
    """

    title: str | None = None
    url: str | None = None
    publisher: str | None = None
    date: str | None = None
    language: str = "en"
    text: str | None = None


@dataclass
class _Property:
    """What the shapes ask of one property of a class."""

    path: str
    required: bool = False
    kind: str = ""
    datatype: str = ""
    language: str = ""
    messages: list[str] = field(default_factory=list)


def article(base: Base, name: str, told: Told | None = None) -> str:
    """Return a Turtle skeleton of a source, made from the shapes graph of a base.

    It parses as it is, and states only what was told. The lines to fill in begin with `#: `, the
    places with `…`.

    Args:
        base: the base, for its shapes, its ontology and its prefixes.
        name: what the source is to be called.
        told: what is known of it.

    Raises:
        DragomanError: the name cannot be one, or what is told is not of its kind.
    """
    known = told or Told()
    _check(known)
    index = stores.load(base, bases.ONTOLOGY, bases.SHAPES)
    return _Skeleton(index, base.prefixes(), checked_name(name), known).text()


def name_from(title: str) -> str:
    """Return a name for a source that is known by its title.

    Raises:
        DragomanError: the title has no letter for one.
    """
    name = plain(title).casefold()
    if not name:
        raise DragomanError(f"No name can be made of the title {title!r}: give a NAME.")
    return checked_name(name)


def _check(told: Told) -> None:
    if told.date is not None and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", told.date, re.ASCII):
        raise DragomanError(f"--date {told.date!r} is no date: write it as in 2026-11-22.")
    if told.url is not None and not re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", told.url):
        raise DragomanError(f"--url {told.url!r} is no web address.")
    if not re.fullmatch(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", told.language, re.ASCII):
        raise DragomanError(f"--language {told.language!r} is no language tag: as in en or tr.")


class _Skeleton:
    def __init__(self, index: LocalStore, prefixes: dict[str, str], name: str, told: Told) -> None:
        self._index, self._name, self._told = index, name, told
        self._source = f"{vocabulary.SOURCE_GRAPH}{quote(name, safe='~')}"
        self._prefixes = dict(prefixes)
        self._own: dict[str, str] = {}
        self._short: Callable[[str], str] = syntax.shortener(prefixes)
        self._used: set[str] = set()
        self._blocks: dict[str, list[str]] = {}

    def text(self) -> str:
        """Return the whole skeleton."""
        self._visit(vocabulary.ACCOUNT, "", None)
        # The source comes first: a stable sort leaves the others as they refer to each other.
        kinds = sorted(self._blocks, key=lambda kind: kind != vocabulary.SOURCE_CLASS)
        blocks = [self._blocks[kind] for kind in kinds]
        body = "\n".join("\n".join(block) + "\n" for block in blocks)
        table = {**self._prefixes, **self._own}
        used = sorted(self._used & table.keys())
        guide = (
            f'Fill in the lines that begin with "{MARK.strip()}": put a value in the place of each '
            f'{PLACE}, and take the "{MARK.strip()}" away. Repeat a block as often as the source '
            "tells something, and leave out what it does not say. Then: dragoman validate "
            f"{self._name}.ttl; dragoman add {self._name}.ttl"
        )
        title = "".join(filter(str.isprintable, self._told.title or f"Source {self._name}"))
        head = [
            f"# {title}",
            "#",
            *_comment(guide),
            "",
            *(f"@prefix {each}: <{table[each]}> ." for each in used),
            "",
        ]
        return "\n".join([*head, body])

    def _visit(self, kind: str, role: str, via: str | None) -> str:
        """Write the block of a class, those that it refers to first; return how to refer to it."""
        role = role or re.sub(r"(?<=[a-z])(?=[A-Z])", "-", _local(kind)).lower()
        here = self._iri(self._source) if kind == vocabulary.SOURCE_CLASS else self._one(role)
        if kind in self._blocks:
            return here
        self._blocks[kind] = []  # a circle ends here
        lines: list[str] = []
        for each in self._required(kind, via):
            value, advice = self._value(each)
            lines += [line for text in (*each.messages, *advice) for line in _comment(text, 6)]
            lines.append(f"{MARK}    {self._iri(each.path)} {value} ;")
        choices = self._narrower(kind)
        shown = f"{PLACE} ;" if choices else f"{self._iri(kind)} ;"
        block = _comment(self._definition(kind))
        if kind == vocabulary.SOURCE_CLASS:
            block += ["", *self._source_block(here, kind, lines)]
        else:
            if choices:
                names = ", ".join(map(self._iri, choices))
                block += _comment(f"Its class (the place after a) is one of: {names}.")
            block += ["", f"{MARK}{here}", f"{MARK}    a {shown}", *lines, f"{MARK}    ."]
        del self._blocks[kind]  # to the end: behind all that it refers to
        self._blocks[kind] = block
        return here

    def _source_block(self, here: str, kind: str, lines: list[str]) -> list[str]:
        """Return the block of the source itself, which states what was told."""
        told = self._told
        block = [here, f"    a {self._iri(kind)} ;"]
        stated: set[str] = set()

        def say(path: str, value: str) -> None:
            block.append(f"    {self._iri(path)} {value} ;")
            stated.add(self._iri(path))

        if told.title is not None:
            say(vocabulary.DCTERMS_TITLE, str(Literal(told.title, language=told.language)))
        if told.date is not None:
            say(vocabulary.DCTERMS_ISSUED, self._typed(told.date, vocabulary.XSD_DATE))
        if told.publisher is not None:
            say(vocabulary.DCTERMS_PUBLISHER, self._one("voice", "publisher"))
        if told.url is not None:
            say(vocabulary.SCHEMA_URL, self._typed(told.url, vocabulary.XSD_ANY_URI))
        if told.text is not None or told.title is not None:
            say(vocabulary.DCTERMS_LANGUAGE, str(Literal(told.language)))
        if told.text is not None:
            digest = hashlib.sha256(told.text.encode()).hexdigest()
            say(vocabulary.SHA256, str(Literal(digest)))
            say(vocabulary.TEXT_LENGTH, str(len(told.text)))
        block.append("    .")
        rest = [
            number for number, line in enumerate(lines)
            if line.startswith(MARK) and line.removeprefix(MARK).split()[0] not in stated
        ]  # fmt: skip
        if rest:
            # The statements that are missing, as a block of their own: the one above is whole.
            block += ["", f"{MARK}{here}"]
            begin = 0
            for number, line in enumerate(lines):
                if line.startswith(MARK):
                    if number in rest:
                        block += lines[begin : number + 1]
                    begin = number + 1
            block.append(f"{MARK}    .")
        if told.publisher is not None:
            name = str(Literal(told.publisher, language="en"))
            block += [
                "",
                self._one("voice", "publisher"),
                f"    a {self._iri(vocabulary.ORGANIZATION)} ;",
                f"    {self._iri(vocabulary.SKOS_PREF_LABEL)} {name} ;",
                "    .",
            ]
        return block

    def _value(self, asked: _Property) -> tuple[str, list[str]]:
        """Return what to write as the value of a property, and what may be chosen."""
        if asked.language or asked.datatype == vocabulary.RDF_LANG_STRING:
            return f'"{PLACE}"@{asked.language or self._told.language}', []
        if not asked.kind:
            bare = asked.datatype in {"", vocabulary.XSD_INTEGER}
            plain_text = asked.datatype == vocabulary.XSD_STRING
            end = "" if bare or plain_text else f"^^{self._iri(asked.datatype)}"
            return PLACE if bare else f'"{PLACE}"{end}', []
        if choices := self._instances(asked.kind):
            return PLACE, [f"One of: {', '.join(map(self._iri, choices))}."]
        if asked.kind == vocabulary.SUBJECT:
            kinds = ", ".join(map(self._iri, self._narrower(asked.kind)))
            advice = (
                "Find it with dragoman search; where the base does not know it yet, describe it in "
                f"a block of its own, with its class ({kinds}) and its names."
            )
            return PLACE, [advice]
        return self._visit(asked.kind, _ROLES.get(asked.path, ""), asked.path), []

    # ------------------------------------------------------------------ what the base says

    def _required(self, kind: str, via: str | None) -> list[_Property]:
        """Return the properties that shapes require of a class, or of what a property leads to."""
        above = f"<{kind}> <{vocabulary.RDFS_SUBCLASS_OF}>* ?above ."
        targets = f"{{ {above} ?shape <{vocabulary.SH_TARGET_CLASS}> ?above }}"
        if via:
            targets += f" UNION {{ ?shape <{vocabulary.SH_TARGET_OBJECTS_OF}> <{via}> }}"
        languages = (
            vocabulary.SH_QUALIFIED_VALUE_SHAPE,
            vocabulary.SH_LANGUAGE_IN,
            vocabulary.RDF_FIRST,
        )
        wanted = (
            ("min", f"<{vocabulary.SH_MIN_COUNT}>"),
            ("qualified", f"<{vocabulary.SH_QUALIFIED_MIN_COUNT}>"),
            ("class", f"<{vocabulary.SH_CLASS}>"),
            ("datatype", f"<{vocabulary.SH_DATATYPE}>"),
            ("language", "/".join(f"<{each}>" for each in languages)),
            ("message", f"<{vocabulary.SH_MESSAGE}>"),
        )
        optional = " ".join(f"OPTIONAL {{ ?part {path} ?{name} }}" for name, path in wanted)
        names = " ".join(f"?{name}" for name, _ in wanted)
        rows = self._rows(
            f"SELECT ?path {names} WHERE {{ {targets} ?shape <{vocabulary.SH_PROPERTY}> ?part . "
            f"?part <{vocabulary.SH_PATH}> ?path . FILTER (isIRI(?path)) {optional} }}"
        )
        found: dict[str, _Property] = {}
        for path, least, qualified, of_class, datatype, language, message in rows:
            each = found.setdefault(path, _Property(path))
            each.kind, each.datatype = each.kind or of_class, each.datatype or datatype
            each.language = each.language or language
            if any(count not in {"", "0"} for count in (least, qualified)):
                each.required = True
                if message not in each.messages:
                    each.messages.append(message)
        required = [found[path] for path in sorted(found) if found[path].required]
        return [each for each in required if each.path != vocabulary.RDF_TYPE]

    def _instances(self, kind: str) -> list[str]:
        """Return the values of a controlled list; empty where the class is no such list."""
        rows = self._rows(
            f"SELECT DISTINCT ?value WHERE {{ <{kind}> <{vocabulary.RDFS_SUBCLASS_OF}>+ "
            f"<{vocabulary.SKOS_CONCEPT}> . ?value a <{kind}> }} ORDER BY ?value"
        )
        return [row[0] for row in rows][:_MOST_CHOICES]

    def _narrower(self, kind: str) -> list[str]:
        rows = self._rows(
            f"SELECT DISTINCT ?narrower WHERE {{ ?narrower <{vocabulary.RDFS_SUBCLASS_OF}>+ "
            f"<{kind}> ; a <{vocabulary.OWL_CLASS}> FILTER (isIRI(?narrower)) "
            # those that follow from what is said of a thing are not written
            f"MINUS {{ ?narrower <{vocabulary.OWL_EQUIVALENT_CLASS}> ?what }} }} ORDER BY ?narrower"
        )
        return [row[0] for row in rows]

    def _definition(self, kind: str) -> str:
        rows = self._rows(
            f"SELECT ?text WHERE {{ <{kind}> <{vocabulary.SKOS_DEFINITION}> ?text "
            'FILTER (LANG(?text) = "en") } ORDER BY ?text'
        )
        name = _local(kind)
        return " ".join(f"{name}: {rows[0][0]}".split()) if rows else f"{name}."

    def _rows(self, query: str) -> list[tuple[str, ...]]:
        # our own text, in which nothing needs looking for
        answer = self._index.query(syntax.QueryText(query, "SELECT", (), {}, name="skeleton"))
        return [
            tuple(getattr(term, "value", "") if term is not None else "" for term in row)
            for row in answer.rows
        ]

    # ------------------------------------------------------------------ spelling

    def _iri(self, iri: str) -> str:
        text = self._short(iri)
        if text.startswith("<"):
            return str(NamedNode(iri))
        self._used.add(text.partition(":")[0])
        return text

    def _one(self, role: str, key: str = "1") -> str:
        """Return the name of the first thing of its kind in this source."""
        self._own[role] = f"{self._source}/{role}/"
        self._used.add(role)
        return f"{role}:{key}"

    def _typed(self, value: str, datatype: str) -> str:
        return f"{Literal(value)}^^{self._iri(datatype)}"


def _local(iri: str) -> str:
    return re.split(r"[#/]", iri)[-1]


def _comment(text: str, indent: int = 1) -> list[str]:
    """Return a text as comment lines."""
    start = f"#{' ' * indent}"
    return textwrap.wrap(
        text,
        100,
        initial_indent=start,
        subsequent_indent=start,
        break_long_words=False,
        break_on_hyphens=False,
    )
