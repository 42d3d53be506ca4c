"""A skeleton of a new source: the parts that the shapes of the base require, to be filled in.

Nothing in it is invented: it states what the user tells and what follows from the text, and has a
placeholder, which no base takes in, for the rest. What is not required is shown in comments.
"""

from __future__ import annotations

__all__ = ["article"]

import hashlib
import re
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode

from dragoman import base as bases
from dragoman import datatypes, syntax, vocabulary
from dragoman import store as stores
from dragoman.additions.incoming import checked_name, plain
from dragoman.errors import DragomanError
from dragoman.form.words import sentences

if TYPE_CHECKING:
    from collections.abc import Callable

    from dragoman.base import Base
    from dragoman.store import LocalStore

# What stands in for a value that the user has to give.
PLACE: Final = vocabulary.PLACEHOLDER
# What the lines of a block begin with that is there to be copied.
MARK: Final = "#: "
# Blocks that are seldom wrong, for the ontology that comes with the package.
_WORKED: Final = Path(__file__).with_name("worked.ttl")
_MOST_CHOICES: Final = 40
# The first of several ways to meet a shape is the usual one, and the one that a skeleton shows.
_USUAL: Final = f"<{vocabulary.SH_OR}>/<{vocabulary.RDF_FIRST}>"
# What the things are called that a property leads to, where the name of their class says less.
_ROLES: Final = {vocabulary.WAS_ATTRIBUTED_TO: "voice", vocabulary.OA_HAS_SELECTOR: "selector"}


@dataclass(frozen=True)
class Told:
    """What the user tells of a source; None where nothing is known.

    Attributes:
        title: as printed.
        url: where it can be read.
        publisher: its name in English.
        date: of publication: a day, a month or a year, as XSD writes them.
        language: of the text, as a BCP 47 tag.
        text: the text itself, from which its length, its SHA-256 and the places of its sentences
            are reckoned.
        known: the IRI of the publisher, where the base has it already.
        held: false where the text is not at hand: nothing points into it.
    """

    title: str | None = None
    url: str | None = None
    publisher: str | None = None
    date: str | None = None
    language: str = "en"
    text: str | None = None
    known: str | None = None
    held: bool = True


@dataclass
class Asked:
    """What the shapes ask of one property of a class."""

    path: str
    required: bool = False
    kind: str = ""
    datatype: str = ""
    language: str = ""
    messages: list[str] = field(default_factory=list)


def article(base: Base, name: str, told: Told | None = None) -> str:
    """Return a Turtle skeleton of a source, made from the shapes graph of a base.

    It parses as it is, and states only what was told; of a text, also where its sentences stand.
    The values to fill in are placeholders, which the validation finds. Blocks that begin with `#: `
    are there to be copied.

    Args:
        base: the base, for its shapes, its ontology and its prefixes.
        name: what the source is to be called.
        told: what is known of it.

    Raises:
        DragomanError: the name cannot be one, or what is told is not of its kind.
    """
    known = told or Told()
    check(known)
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


def check(told: Told) -> None:
    """Check what is told of a source.

    Raises:
        DragomanError: the date, the address or the language is none.
    """
    if told.date is not None:
        shape = r"\d{4}(-\d{2}(-\d{2})?)?"
        datatype = _datatype(told.date)
        if not re.fullmatch(shape, told.date, re.ASCII):
            raise DragomanError(
                f"--date {told.date!r} is no date: write it as in 2026-11-22, or 2026-11 or 2026 "
                "where no more is known."
            )
        if not datatypes.well_formed(told.date, datatype):
            fault = datatypes.fault(told.date, datatype)
            raise DragomanError(f"--date {told.date!r} is no date: {fault}")
    if told.url is not None and not re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", told.url):
        raise DragomanError(f"--url {told.url!r} is no web address.")
    if not re.fullmatch(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", told.language, re.ASCII):
        raise DragomanError(f"--language {told.language!r} is no language tag: as in en or tr.")


def _datatype(date: str) -> str:
    """Return the datatype of a day, a month or a year."""
    return f"{vocabulary.XSD}{('gYear', 'gYearMonth', 'date')[min(date.count('-'), 2)]}"


class _Skeleton:
    def __init__(self, index: LocalStore, prefixes: dict[str, str], name: str, told: Told) -> None:
        self._index, self._name, self._told = index, name, told
        self._source = bases.source_iri(name)
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
        blocks[1:1] = [self._passages(*sentences(self._told.text))] if self._told.text else []
        blocks += [self._worked(), self._lists()]
        body = "\n".join("\n".join(block) + "\n" for block in blocks if block)
        table = {**self._prefixes, **self._own}
        used = sorted(self._used & table.keys())
        guide = (
            f'Put a value in the place of each "{PLACE}", or take its line away where the source '
            "does not tell it and nothing says that it must be there. Repeat a block as often as "
            "the source tells something: an account for each thing that one voice says of one "
            f'subject. Below are blocks to copy: take the "{MARK.strip()}" away. Then: dragoman '
            f"fmt {self._name}.ttl; dragoman validate {self._name}.ttl; dragoman add "
            f"{self._name}.ttl"
        )
        if self._told.text is None and self._told.held:
            guide += (
                ". Offsets, hash and length are reckoned, never guessed: with --text FILE this "
                "skeleton has them, and a passage for each sentence"
            )
        title = "".join(filter(str.isprintable, self._told.title or f"Source {self._name}"))
        head = [
            f"# {title}",
            "#",
            *comment(f"{guide}."),
            "",
            *(f"@prefix {each}: <{table[each]}> ." for each in used),
            "",
        ]
        return "\n".join([*head, body])

    def _passages(self, *places: tuple[int, int]) -> list[str]:
        """Return a passage for each sentence of the text, with its first and last words."""
        text = self._told.text or ""
        block = comment("The sentences of the text: an account points to those that it rests on.")
        passage, position = self._iri(vocabulary.PASSAGE_CLASS), self._iri(vocabulary.OA_POSITION)
        for number, (start, end) in enumerate(places, 1):
            words = "".join(filter(str.isprintable, text[start:end].replace("\n", " "))).split()
            shown = " ".join(words if len(words) < 9 else [*words[:4], "…", *words[-3:]])
            name = self._one("passage", f"s{number}")
            selector = f"<{self._source}/passage/s{number}/position>"
            block += [
                "",
                f"# {shown}",
                name,
                f"    a {passage} ;",
                f"    {self._iri(vocabulary.OA_HAS_SOURCE)} {self._iri(self._source)} ;",
                f"    {self._iri(vocabulary.OA_HAS_SELECTOR)} {selector} ;",
                "    .",
                "",
                selector,
                f"    a {position} ;",
                f"    {self._iri(vocabulary.OA_START)} {start} ;",
                f"    {self._iri(vocabulary.OA_END)} {end} ;",
                "    .",
            ]
        return block

    def _worked(self) -> list[str]:
        """Return blocks to copy, where the base declares all that they say."""
        voice = self._publisher() or self._one("voice")
        text = _WORKED.read_text(encoding="utf-8").replace("NAME", self._name)
        if not self._told.held:
            text = re.sub(r"    dip:passage PASSAGE ;\n", "", text)
        else:
            text = text.replace("PASSAGE", self._one("passage", "s1" if self._told.text else "1"))
        text = text.replace("VOICE", voice)
        for role in ("account", "voice"):
            self._one(role)
        table = {**self._prefixes, **self._own}
        used: set[str] = set()
        for token in syntax.tokens(text):
            iri = syntax.written_iri(token.text, table) if token.kind == "name" else ""
            known = iri and (not iri.startswith(vocabulary.DIP) or self._is_declared(iri))
            if token.kind == "name" and not known:
                return []
            used |= {token.text.partition(":")[0]} if token.kind == "name" else set()
        self._used |= used
        return [
            line if not line or line.startswith("#") else f"{MARK}{line}"
            for line in text.rstrip("\n").split("\n")
        ]

    def _publisher(self) -> str:
        """Return how to refer to the publisher; empty where none is told."""
        if self._told.known is not None:
            return self._iri(self._told.known)
        return "" if self._told.publisher is None else self._one("voice", "publisher")

    def _is_declared(self, iri: str) -> bool:
        return bool(self._rows(f"SELECT ?class WHERE {{ <{iri}> a ?class }}"))

    def _lists(self) -> list[str]:
        """Return what may be chosen from each controlled list."""
        kinds = self._rows(
            f"SELECT DISTINCT ?kind WHERE {{ ?kind <{vocabulary.RDFS_SUBCLASS_OF}>+ "
            f"<{vocabulary.SKOS_CONCEPT}> . ?value a ?kind "
            # a part of another list is no list
            f"MINUS {{ ?kind <{vocabulary.OWL_EQUIVALENT_CLASS}> ?what }} }} ORDER BY ?kind"
        )
        block = comment("Lists to choose from.") if kinds else []
        for (kind,) in kinds:
            names = ", ".join(map(self._iri, self._instances(kind)))
            block += ["#", *comment(f"{self._iri(kind)}: {names}.")]
        return block

    def _visit(self, kind: str, role: str, via: str | None) -> str:
        """Write the block of a class, those that it refers to first; return how to refer to it."""
        role = role or re.sub(r"(?<=[a-z])(?=[A-Z])", "-", syntax.local_name(kind)).lower()
        here = self._iri(self._source) if kind == vocabulary.SOURCE_CLASS else self._one(role)
        if kind in self._blocks:
            return here
        self._blocks[kind] = []  # a circle ends here
        lines: list[str] = []
        for each in required(self._index, kind, via):
            if each.path == vocabulary.PASSAGE and not self._told.held:
                continue
            value, advice = self._value(each)
            lines += [line for text in (*each.messages, *advice) for line in comment(text, 6)]
            lines.append(f"    {self._iri(each.path)} {value} ;")
        choices = self._narrower(kind)
        shown = f'"{PLACE}" ;' if choices else f"{self._iri(kind)} ;"
        block = comment(self._definition(kind))
        if kind == vocabulary.SOURCE_CLASS:
            block += ["", *self._source_block(here, kind, lines)]
        else:
            if choices:
                names = ", ".join(map(self._iri, choices))
                block += comment(f"Its class (the place after a) is one of: {names}.")
            block += ["", here, f"    a {shown}", *lines, "    ."]
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
            say(vocabulary.DCTERMS_ISSUED, self._typed(told.date, _datatype(told.date)))
        if publisher := self._publisher():
            say(vocabulary.DCTERMS_PUBLISHER, publisher)
        if told.url is not None:
            say(vocabulary.SCHEMA_URL, self._typed(told.url, vocabulary.XSD_ANY_URI))
        if told.text is not None or told.title is not None:
            say(vocabulary.DCTERMS_LANGUAGE, str(Literal(told.language)))
        if told.text is not None:
            digest = hashlib.sha256(told.text.encode()).hexdigest()
            say(vocabulary.SHA256, str(Literal(digest)))
            if self._is_declared(vocabulary.TEXT_HELD):
                say(vocabulary.TEXT_HELD, "true")
            say(vocabulary.TEXT_LENGTH, str(len(told.text)))
        if not told.held:
            say(vocabulary.TEXT_HELD, "false")
        begin = 0
        for number, line in enumerate(lines, 1):
            if line.startswith("#"):
                continue
            if line.split()[0] not in stated:
                block += lines[begin:number]
            begin = number
        block.append("    .")
        if told.publisher is not None and told.known is None:
            name = str(Literal(told.publisher, language="en"))
            block += [
                "",
                self._one("voice", "publisher"),
                f"    a {self._iri(vocabulary.ORGANIZATION)} ;",
                f"    {self._iri(vocabulary.SKOS_PREF_LABEL)} {name} ;",
                "    .",
            ]
        return block

    def _value(self, asked: Asked) -> tuple[str, list[str]]:  # noqa: PLR0911  one each kind
        """Return what to write as the value of a property, and what may be chosen."""
        blank = f'"{PLACE}"'
        if asked.language or asked.datatype == vocabulary.RDF_LANG_STRING:
            return f"{blank}@{asked.language or self._told.language}", []
        if not asked.kind:
            if asked.datatype == vocabulary.XSD_INTEGER:
                return blank, ["A number, without quotes."]
            if asked.datatype in {"", vocabulary.XSD_STRING}:
                return blank, []
            return blank, [f"Write it as {blank}^^{self._iri(asked.datatype)}."]
        if asked.path == vocabulary.PASSAGE and self._told.text:
            return self._one("passage", "s1"), []
        if asked.path == vocabulary.WAS_ATTRIBUTED_TO and (publisher := self._publisher()):
            return publisher, []
        if choices := self._instances(asked.kind):
            return blank, [f"One of: {', '.join(map(self._iri, choices))}."]
        if asked.kind == vocabulary.SUBJECT:
            kinds = ", ".join(map(self._iri, self._narrower(asked.kind)))
            advice = (
                "Find it with dragoman search; where the base does not know it yet, describe it in "
                f"a block of its own, with its class ({kinds}) and its names."
            )
            return blank, [advice]
        return self._visit(asked.kind, _ROLES.get(asked.path, ""), asked.path), []

    # ------------------------------------------------------------------ what the base says

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
        name = syntax.local_name(kind)
        return " ".join(f"{name}: {rows[0][0]}".split()) if rows else f"{name}."

    def _rows(self, query: str) -> list[tuple[str, ...]]:
        return rows(self._index, query)

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


def required(index: LocalStore, kind: str, via: str | None = None) -> list[Asked]:
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
        ("class", f"(<{vocabulary.SH_CLASS}>|{_USUAL}/<{vocabulary.SH_CLASS}>)"),
        ("datatype", f"<{vocabulary.SH_DATATYPE}>"),
        ("language", "/".join(f"<{each}>" for each in languages)),
    )
    optional = " ".join(f"OPTIONAL {{ ?part {path} ?{name} }}" for name, path in wanted)
    optional += f" OPTIONAL {{ ?says <{vocabulary.SH_MESSAGE}> ?message }}"
    names = " ".join(f"?{name}" for name in (*(name for name, _ in wanted), "message"))
    told = rows(
        index,
        f"SELECT ?path {names} WHERE {{ {targets} "
        f"{{ ?shape <{vocabulary.SH_PROPERTY}> ?part . BIND (?part AS ?says) }} UNION "
        f"{{ ?shape {_USUAL}/<{vocabulary.SH_PROPERTY}> ?part . BIND (?shape AS ?says) }} "
        f"?part <{vocabulary.SH_PATH}> ?path . FILTER (isIRI(?path)) {optional} }}",
    )
    found: dict[str, Asked] = {}
    for path, least, qualified, of_class, datatype, language, message in told:
        each = found.setdefault(path, Asked(path))
        each.kind, each.datatype = each.kind or of_class, each.datatype or datatype
        each.language = each.language or language
        if any(count not in {"", "0"} for count in (least, qualified)):
            each.required = True
            if message not in each.messages:
                each.messages.append(message)
    needed = [found[path] for path in sorted(found) if found[path].required]
    return [each for each in needed if each.path != vocabulary.RDF_TYPE]


def rows(index: LocalStore, query: str) -> list[tuple[str, ...]]:
    """Return the rows of a query of ours as texts, empty where nothing is bound."""
    # our own text, in which nothing needs looking for
    answer = index.query(syntax.QueryText(query, "SELECT", (), {}, name="skeleton"))
    return [
        tuple(getattr(term, "value", "") if term is not None else "" for term in row)
        for row in answer.rows
    ]


def comment(text: str, indent: int = 1) -> list[str]:
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
