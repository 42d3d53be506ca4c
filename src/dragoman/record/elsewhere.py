"""The record in a store elsewhere: what it was derived from, and whether that is what is there."""

from __future__ import annotations

__all__ = ["asks", "dated", "doubts"]

from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Triple

from dragoman import syntax, vocabulary
from dragoman.record.deriving import RECORD
from dragoman.record.rule import rules
from dragoman.record.stamping import stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dragoman.base import Base
    from dragoman.store import LocalStore, Source

_IDENTIFIER: Final = NamedNode(f"{vocabulary.DCTERMS}identifier")
_TRIPLES: Final = NamedNode(vocabulary.VOID_TRIPLES)
_MANY: Final = 1_000
_DATED: Final = f"""SELECT ?rules ?facts {{
    OPTIONAL {{ GRAPH {RECORD} {{ {RECORD} {_IDENTIFIER} ?rules ; {_TRIPLES} ?facts }} }}
}}"""
_FACTS: Final = f"""SELECT (COUNT(*) AS ?n) {{
    GRAPH ?graph {{ ?s ?p ?o }} FILTER (?graph != {RECORD})
}}"""


def dated(base: Base, store: LocalStore) -> list[Triple]:
    """Return what the record of a base was derived from: a hash of the rules, and how many facts.

    A fact that stands in two files counts twice, as a store elsewhere counts it.
    """
    facts = sum(1 for _ in store.quads())
    return [
        Triple(RECORD, _IDENTIFIER, Literal(stamp(base))),
        Triple(RECORD, _TRIPLES, Literal(facts)),
    ]


def doubts(base: Base, source: Source) -> Iterator[str]:
    """Yield what is to be known of the record in a store elsewhere by who asks for it."""
    advice = "Bring it there: dragoman push"
    (row,) = source.query(syntax.check_query(_DATED)).rows
    told, facts = row
    if kept := getattr(source, "record", ""):  # by a server of ours, with each change
        if kept != stamp(base):
            yield f"The store keeps its record by other rules than those here: {kept}."
        return
    if told is None or facts is None:
        yield f"The question reads the record, and the store holds none. {advice}"
        return
    if getattr(told, "value", "") != stamp(base):
        yield f"The record in the store was derived by other rules than those here. {advice}"
    graphs = [each for each in source.graphs() if each != vocabulary.RECORD_GRAPH]
    named = f"VALUES ?graph {{ {' '.join(f'<{each}>' for each in graphs)} }}"
    facts_there = _FACTS.replace("{", f"{{ {named if len(graphs) < _MANY else ''}", 1)
    ((there,),) = source.query(syntax.check_query(facts_there)).rows
    if getattr(there, "value", "") != getattr(facts, "value", ""):
        yield (
            f"The record in the store was derived from {facts.value} facts, and now it holds "  # type: ignore[union-attr]
            f"{getattr(there, 'value', '')}: it may be older than these. {advice}"
        )


def asks(base: Base, text: str) -> bool:
    """Return whether a query speaks of something that rules derive."""
    terms = {term for rule in rules(base) for term in rule.query.terms_written}
    terms.add(vocabulary.RECORD_GRAPH)
    prefixes = base.prefixes()
    return any(
        token.kind in {"iri", "name"} and syntax.written_iri(token.text, prefixes) in terms
        for token in syntax.tokens(text)
    )
