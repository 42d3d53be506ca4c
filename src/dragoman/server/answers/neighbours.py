"""A thing among those that it is told of together with, as a script draws them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from dragoman import lookup, vocabulary
from dragoman.server import pages
from dragoman.server.answers.things import LIMIT, described, meant
from dragoman.server.exchange import in_json
from dragoman.server.problems import Refusal
from dragoman.server.served import THINGS, link_to
from dragoman.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dragoman.lookup import Description, Reference, Statement
    from dragoman.server.exchange import Request, Response
    from dragoman.server.served import Served

# So many are drawn around a thing.
_MOST: Final = 60
# What says how a thing is told of, and not with what it is connected.
_ASIDE: Final = frozenset(
    {vocabulary.RDF_TYPE, vocabulary.SKOS_IN_SCHEME, vocabulary.STATUS}
    | {f"{vocabulary.DIP}{each}" for each in ("standing", "standsOn", "fallsOn")}
)


def page(served: Served, request: Request) -> Response:
    """Return a thing with those that it is told of together with, for the script that draws them.

    Accounts stand between things; here they are the lines, and not points of their own.
    """
    told = request.told("id").strip() or request.told("iri").strip()
    if not told:
        raise Refusal(400, "Say of what: /neighbours?id=IRI.")
    iri = meant(served, request, told)
    description = described(served, request, iri, LIMIT)
    edges = dict.fromkeys(_edges(description, iri))
    ends = [end for source, target, _ in edges for end in (source, target)]
    shown = [each for each in dict.fromkeys(ends) if each != iri][:_MOST]
    kept = {iri, *shown}
    known = lookup.read_kinds(served.base.store, kept)
    words = lookup.Words(served.base.prefixes, pages.languages(request))
    words.learn(served.base.store, kept)
    kinds = known.labels(served.base.store, words)
    content = {
        "nodes": [
            {
                "id": each,
                "label": visible(words.text(each)),
                "kind": ", ".join(kinds.get(each, ())),
                "href": link_to(request, each),
            }
            for each in (iri, *shown)
        ],
        "edges": [
            {"source": source, "target": target, "label": visible(label)}
            for source, target, label in edges
            if source in kept and target in kept
        ],
    }
    return in_json(content)


def _edges(told: Description, iri: str) -> Iterator[tuple[str, str, str]]:
    for fact in told.facts:
        yield from _edges_of(iri, fact.property, fact.values)
    for derived in told.derived:
        yield from _edges_of(iri, derived.property, (derived.value,))
    for account in told.accounts:
        for name, values in _told(account.statement):
            yield from _edges_of(iri, name, values)
    for account in told.occurrences:
        if account.about and isinstance(account.about.term, NamedNode):
            label = next((each.text for each in account.pointers), account.kinds[0]
                         if account.kinds else "")  # fmt: skip
            yield account.about.term.value, iri, label
    for fact in told.related:
        if _value(fact.property.term) not in _ASIDE:
            for each in fact.values:
                yield _value(each.term), iri, fact.property.text


def _edges_of(
    iri: str, name: Reference, values: Iterable[Reference]
) -> Iterator[tuple[str, str, str]]:
    if _value(name.term) in _ASIDE:
        return
    for each in values:
        target = _value(each.term)
        if isinstance(each.term, NamedNode) and target != iri and target.startswith(THINGS):
            yield iri, target, name.text


def _told(statement: Statement) -> Iterator[tuple[Reference, tuple[Reference, ...]]]:
    for fact in statement.facts:
        yield fact.property, fact.values
    for part in statement.parts:
        yield from _told(part)


def _value(term: object) -> str:
    return str(getattr(term, "value", term))
