"""What a description of a thing holds: plain records, and their forms for JSON and notebooks."""

from __future__ import annotations

__all__ = ["Account", "Derived", "Description", "Excerpt", "Fact", "NameForm", "Statement"]

import html
from typing import TYPE_CHECKING, Any, NamedTuple

from pyoxigraph import Literal, NamedNode

from dragoman import vocabulary
from dragoman.lookup.words import Reference
from dragoman.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

# Named tuples, where a dataclass would take a millisecond more to make: starting must be fast.


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
        page, paragraph: where it stands in a text that nobody has at hand.
        fragment: the same by other rules, as `row=17` of a table.
    """

    passage: str
    source: Reference | None = None
    start: int | None = None
    end: int | None = None
    words: str | None = None
    page: str | None = None
    paragraph: int | None = None
    fragment: str | None = None

    @property
    def place(self) -> str:
        """Return where it stands, as people say it; its IRI where nothing is told."""
        if self.start is not None and self.end is not None:
            return f"{self.start}-{self.end}"
        told = [f"page {self.page}"] if self.page else []
        told += [f"paragraph {self.paragraph}"] if self.paragraph else []
        told += [self.fragment.replace("=", " ", 1)] if self.fragment else []
        return ", ".join(told) or self.passage


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
        jointly: the further voices who say it together with the first.
    """

    about: Reference | None
    kinds: tuple[str, ...]
    status: Reference | None
    voice: Reference | None
    source: Reference | None
    anonymous: bool
    statement: Statement
    pointers: tuple[Reference, ...] = ()
    jointly: tuple[Reference, ...] = ()


class Derived(NamedTuple):
    """A fact of the record: what follows by a rule, and from which accounts."""

    property: Reference
    value: Reference
    rule: Reference
    accounts: tuple[Reference, ...] = ()


class Description(NamedTuple):
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
        derived: what follows about it by rules.
        traces: what the record makes of it: how many nodes that point to it, by what they are.
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
    derived: tuple[Derived, ...] = ()
    traces: tuple[tuple[str, int], ...] = ()
    nodes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data for JSON: every term with its label, empty parts left out."""
        return {key: value for key, value in _plain(self).items() if key != "nodes"}

    def __str__(self) -> str:
        """Return in a few lines what it is, and of what accounts tell; `show` has it all."""
        lines = [f"{self.thing.text} ({self.short or self.thing.term}), {', '.join(self.kinds)}"]
        lines += [
            "  " + ", ".join(each.text for each in (told.about, told.status, told.voice) if each)
            for told in (*self.accounts, *self.occurrences)
        ]
        return "\n".join(map(visible, lines))

    def _repr_html_(self) -> str:
        return _page(self)

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


def _plain(value: object) -> Any:  # noqa: ANN401, PLR0911  whatever JSON has
    """Return named tuples as what JSON can hold."""
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
    if fields := getattr(value, "_fields", ()):
        found = ((name, getattr(value, name)) for name in fields)
        return {name: _plain(each) for name, each in found if each not in (None, (), "")}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value


# ------------------------------------------------------------------ in a notebook


def _page(found: Description) -> str:
    """Return a description: names, identity, what accounts say, and where others name it."""
    kinds = html.escape(", ".join(found.kinds))
    names = "; ".join(
        f"{html.escape(name.text)} <small>{html.escape(name.language)}</small>"
        for name in found.names
    )
    groups = (
        ("What accounts say", found.accounts),
        ("Where accounts of other things name it", found.occurrences),
    )
    told = (
        f"<h4>{title}</h4>{''.join(map(_account, accounts))}"
        for title, accounts in groups
        if accounts
    )
    related = f"<h4>Things that point to it</h4>{_facts(found.related)}" if found.related else ""
    heading = f"<h3>{_reference(found.thing)} <small>{kinds}</small></h3><p>{names}</p>"
    return f"{heading}{_facts(found.facts)}{''.join(told)}{related}"


def _account(account: Account) -> str:
    known = (account.about, account.status, account.voice, *account.jointly, account.source)
    return f"<p>{' · '.join(map(_reference, filter(None, known)))}</p>{_body(account.statement)}"


def _body(statement: Statement) -> str:
    parts = "".join(
        f"<li>{html.escape(', '.join(part.kinds))}{_body(part)}</li>" for part in statement.parts
    )
    return (
        f"{_facts(statement.facts)}{_passages(statement.passages)}"
        f"{f'<ul>{parts}</ul>' if parts else ''}"
    )


def _facts(facts: Sequence[Fact]) -> str:
    rows = "".join(
        f"<tr><th>{html.escape(fact.property.text)}</th>"
        f"<td>{'; '.join(map(_reference, fact.values))}</td></tr>"
        for fact in facts
    )
    return f"<table>{rows}</table>" if rows else ""


def _passages(passages: Sequence[Excerpt]) -> str:
    shown = " ".join(
        f"[{html.escape(each.place)}] <q>{html.escape(each.words)}</q>"
        if each.words is not None
        else f"[{html.escape(each.place)}]"
        for each in passages
    )
    return f"<p><small>{shown}</small></p>" if shown else ""


def _reference(reference: Reference) -> str:
    """Return the words for a term; only http(s) IRIs become links."""
    text = html.escape(reference.text)
    iri = reference.term.value if isinstance(reference.term, NamedNode) else ""
    if not iri.startswith(("http://", "https://")):
        return text
    return f'<a href="{html.escape(iri)}" rel="noopener noreferrer">{text}</a>'
