"""Looking things up: all that is known of one thing, things by their names, and what there is.

Nothing here knows a class of things: the spine (thing ← account ← parts), the labels and the
classes say how everything hangs together.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import Literal, NamedNode

from dragoman import base as bases
from dragoman import names, vocabulary
from dragoman import store as stores
from dragoman.errors import AmbiguousNameError, DragomanError, UnknownNameError, suggestion
from dragoman.store import Answer
from dragoman.syntax import QueryText, shortener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

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


@dataclass(frozen=True)
class Reference:
    """A term, and the words for it: its label, else its short name; a literal's own text."""

    term: Term
    text: str


@dataclass(frozen=True)
class Fact:
    """One property of a node, with all its values."""

    property: Reference
    values: tuple[Reference, ...]


@dataclass(frozen=True)
class Excerpt:
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


@dataclass(frozen=True)
class NameForm:
    """One form of the thing's name; printed forms have their source and passages."""

    text: str
    language: str
    property: Reference
    kind: Reference | None = None
    source: Reference | None = None
    passages: tuple[Excerpt, ...] = ()


@dataclass(frozen=True)
class Statement:
    """An account or a part of one: its facts, its own passages, and its parts in their order."""

    node: str
    kinds: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    passages: tuple[Excerpt, ...] = ()
    parts: tuple[Statement, ...] = ()


@dataclass(frozen=True)
class Account:
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
    def sources(self) -> frozenset[str]:
        """Return the IRIs of the sources whose passages are shown."""
        told = [each.statement for each in (*self.accounts, *self.occurrences)]
        excerpts = [each for name in self.names for each in name.passages]
        while told:
            statement = told.pop()
            excerpts += statement.passages
            told += statement.parts
        return frozenset(
            each.source.term.value
            for each in excerpts
            if each.source and isinstance(each.source.term, NamedNode)
        )


# ------------------------------------------------------------------ finding the thing


def find_thing(
    source: Source, text: str, prefixes: Mapping[str, str], kind: str | None = None
) -> str:
    """Return the IRI of the thing that a text means.

    In this order: an IRI, bare or in angle brackets; a prefixed name, in which slashes need no
    escape; a name or code in any spelling and order of words.

    Args:
        source: where to look.
        text: what was asked for.
        prefixes: those that a prefixed name may use.
        kind: IRI of a class to which the thing must belong, for names only.

    Raises:
        UnknownNameError: nothing is called so; naming the nearest.
        AmbiguousNameError: several things are; naming each.
    """
    asked = text.strip()
    iri = asked[1:-1] if asked.startswith("<") and asked.endswith(">") else ""
    prefix, colon, local = asked.partition(":")
    if not iri and colon:
        iri = asked if local.startswith("//") else prefixes.get(prefix, "") and (
            prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)
        )  # fmt: skip
    if iri:
        if _is_known(source, iri):
            return iri
        short = shortener(prefixes)
        space = iri[: max(iri.rfind("/"), iri.rfind("#")) + 1]
        near = [short(each.thing) for each in names.names(source) if each.thing.startswith(space)]
        raise UnknownNameError("thing", asked, near, "in this base")
    known = names.names(source, kind)
    found = names.bearers(known, asked)
    if len(found) == 1:
        return found[0]
    if found:
        short, kinds = shortener(prefixes), _Words.of(source, found, prefixes).kinds(source, found)
        told = [f"{short(each)} ({', '.join(kinds[each]) or 'a thing'})" for each in found]
        raise AmbiguousNameError(asked, told)
    near = [each.text for each, _ in _near(known, asked)] or [each.text for each in known]
    raise UnknownNameError("thing called", asked, near)


def _is_known(source: Source, iri: str) -> bool:
    try:
        node = NamedNode(iri)
    except ValueError:
        return False
    return bool(_rows(source, f"SELECT * {{ {{ {node} ?p ?o }} UNION {{ ?s ?p {node} }} }} LIMIT 1"))


def read_texts(source: Source, files: Iterable[Path]) -> dict[str, str]:
    """Read the texts of sources, and return each by the IRI of every source that it belongs to.

    Raises:
        DragomanError: a file cannot be read, is not UTF-8, or is the text of no source.
    """
    import hashlib

    rows = _rows(source, f"SELECT ?source ?sha {{ ?source <{vocabulary.SHA256}> ?sha }}")
    hashes: dict[str, list[str]] = defaultdict(list)
    for node, sha in sorted(rows, key=str):
        hashes[_value(sha)].append(_value(node))
    texts: dict[str, str] = {}
    for file in files:
        try:
            data = file.read_bytes()
            text = data.decode("utf-8-sig")
        except OSError as error:
            raise DragomanError(f"{file}: it cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise DragomanError(f"{file}: it is not UTF-8, so not the text of a source.") from error
        sha = hashlib.sha256(data).hexdigest()
        if sha not in hashes:
            known = [
                f"{each.removeprefix(vocabulary.SOURCE_GRAPH)} ({key[:12]}…)"
                for key, sources in sorted(hashes.items(), key=lambda item: item[1])
                for each in sources
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
    own = _rows(
        source, f"SELECT DISTINCT ?graph ?p ?o {{ GRAPH ?graph {{ {node} ?p ?o }} }} ORDER BY ?graph"
    )
    pointing = _Pointing.at(source, node)
    left_out: list[tuple[str, int]] = []

    def cut(group: str, nodes: Iterable[str]) -> list[str]:
        ordered = list(dict.fromkeys(nodes))
        if limit is not None and len(ordered) > limit:
            left_out.append((group, len(ordered) - limit))
        return ordered[:limit]

    about = cut("accounts", pointing.accounts)
    elsewhere = cut("occurrences", pointing.elsewhere)
    nodes = _Nodes.of(source, [*about, *elsewhere, *pointing.names])
    facts = _grouped((_value(p), o) for _, p, o in own if p is not None and o is not None)
    related = {key: cut(key, each) for key, each in pointing.related.items()}
    mentioned = {thing, *facts, *related, *nodes.mentioned(), *(_value(row[0]) for row in own)}
    mentioned.update(each.value for told in facts.values() for each in told if _is_iri(each))
    mentioned.update(each for told in related.values() for each in told)
    excerpts = _excerpts(source, nodes.values(vocabulary.PASSAGE))
    mentioned.update(row[0] for row in excerpts.values() if row[0])
    words = _Words.of(source, mentioned, prefixes or {})
    teller = _Teller(source, thing, words, nodes, excerpts, texts or {})
    told = not pointing.inside
    return Description(
        thing=words.reference(node),
        short=words.short(thing),
        kinds=words.kinds(source, [thing])[thing],
        names=teller.names(facts, pointing.names),
        facts=teller.facts(facts, {_TYPE, *_NAMING}) if told else (),
        graphs=tuple(dict.fromkeys(words.reference(row[0]) for row in own if row[0])),
        accounts=tuple(teller.accounts({each: None for each in about})),
        occurrences=tuple(
            teller.accounts({each: pointing.elsewhere[each] for each in elsewhere})
        ),
        related=tuple(
            Fact(words.reference(NamedNode(key)), _sorted(words.reference(NamedNode(each))
                 for each in told))
            for key, told in sorted(related.items(), key=lambda item: words.text(item[0]))
        ),
        left_out=tuple((words.text(group) if "/" in group else group, n) for group, n in left_out),
        nodes=tuple(sorted({thing, *pointing.names, *nodes.under(about),
                            *(each for row in nodes.rows_of([*about, *pointing.names])
                              for each in row)})),
    )  # fmt: skip
