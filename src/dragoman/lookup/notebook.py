"""A description as a notebook shows it: HTML in which everything is escaped."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dragoman.lookup.description import Account, Description, Excerpt, Fact, Statement
    from dragoman.lookup.words import Reference


def page(found: Description) -> str:
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
    known = (account.about, account.status, account.voice, account.source)
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
        f"[{each.start}-{each.end}] <q>{html.escape(each.words)}</q>"
        if each.words is not None
        else f"[{each.start}-{each.end}]"
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
