"""The first page, and the one about the base: what is in it, new, due, and in dispute."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from dragoman import labels, vocabulary
from dragoman.errors import DragomanError, UnknownNameError
from dragoman.results import Cell
from dragoman.server import pages
from dragoman.server.served import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dragoman.results import Result
    from dragoman.server.exchange import Request, Response
    from dragoman.server.served import Served

# Lines of each list.
_FEW: Final = 8
# What is counted, and the question that lists it.
_COUNTED: Final = (
    ("Account", "accounts", "accounts-of"),
    ("Meeting", "meetings", "meetings"),
    ("Mechanism", "mechanisms", "mechanisms"),
    ("Person", "people", "people"),
    ("Agreement", "agreements", "agreements-by-stage"),
    ("Conflict", "conflicts", "accounts-that-differ"),
)
_COUNT: Final = "SELECT (COUNT(DISTINCT ?one) AS ?many) {{ ?one a/rdfs:subClassOf* <{iri}> }}"
# Those that tell of something: lists of states and posts are sources, too.
_TELLING: Final = (
    "SELECT (COUNT(DISTINCT ?one) AS ?many) { ?account a dip:Account ; dip:source ?one }"
)
_LATEST: Final = f"""\
{PREFIXES}SELECT ?meeting ?firstDay ?lastDay ?status ?differs {{
  ?meeting a dip:Meeting ; dip:firstDay ?firstDay ; dip:standing ?status .
  ?status a dip:FulfilledStatus .
  OPTIONAL {{ ?meeting dip:lastDay ?lastDay }}
  OPTIONAL {{ ?conflict a dip:Conflict ; dip:differenceOf ?meeting BIND ("yes" AS ?differs) }}
}} GROUP BY ?meeting ?firstDay ?lastDay ?status ?differs ORDER BY DESC(?firstDay) ?meeting"""
_ARTICLES: Final = f"""\
{PREFIXES}SELECT ?source ?day {{
  ?source a dip:Source . FILTER EXISTS {{ ?account dip:source ?source }}
  OPTIONAL {{ ?source dcterms:issued ?day }}
}} ORDER BY DESC(?day) ?source"""


Line = dict[str, Cell]


def page(served: Served, request: Request) -> Response:
    """Return the first page."""
    return pages.page(
        request,
        "front.html",
        name=served.name,
        counts=list(_counts(served)),
        news=list(_news(served)),
        sources=_lines(served, request, _ARTICLES),
        latest=_lines(served, request, _LATEST),
        due=_lines(served, request, "next-sessions"),
        open=_lines(served, request, "expectations-left-open"),
        conflicts=_lines(served, request, "accounts-that-differ"),
        warnings=served.base.store.warnings,
        span=span,
        is_over=is_over,
    )


def about(served: Served, request: Request) -> Response:
    """Return the page about the base: its counts, its ontology, its endpoint."""
    result = served.base.stats(limit=50)
    groups: dict[str, list[tuple[Cell, int]]] = {}
    for group, item, label, count in result.answer.rows:
        cell = Cell(getattr(label, "value", ""), getattr(item, "value", ""))
        many = int(getattr(count, "value", "0"))
        groups.setdefault(getattr(group, "value", ""), []).append((cell, many))
    base = served.base.base
    return pages.page(
        request, "about.html", name=served.name, groups=groups, rights=base.rights,
        generation=served.generation, options=served.options, warnings=served.base.store.warnings,
    )  # fmt: skip


def _counts(served: Served) -> Iterator[tuple[str, int, str]]:
    known = {path.stem for path in served.base.base.queries()}
    told = served.rows(_TELLING)[0][0]
    yield "sources", int(getattr(told, "value", "0")), "/ask/sources" if "sources" in known else ""
    for name, label, question in _COUNTED:
        rows = served.rows(_COUNT.format(iri=f"{vocabulary.DIP}{name}"))
        many = int(getattr(rows[0][0], "value", "0"))
        yield label, many, f"/ask/{question}" if question in known else ""


def _news(served: Served) -> Iterator[Line]:
    """Yield what the log says was last added, replaced and removed."""
    try:
        result = served.base.log(limit=_FEW)
    except DragomanError:
        return  # `dragoman log` says what is wrong with it
    names = [str(row["name"]).rpartition("/")[2].partition(".")[0] for row in result]
    iris = [f"{vocabulary.SOURCE_GRAPH}{name}" for name in names]
    titles = labels.labels(served.base.store, iris)
    for row, name, iri in zip(result, names, iris, strict=True):
        yield {
            "when": Cell(f"{row['when']:%Y-%m-%d %H:%M}"),
            "what": Cell(str(row["what"])),
            "name": Cell(titles[iri].value, iri) if iri in titles else Cell(name),
        }


def span(first: str, last: str) -> str:
    """Return the days from a first to a last one as briefly as it can be said exactly.

    A whole month is `2026-10`, a whole year `2026`; anything else is a day, or two.
    """
    try:
        days = [dt.date.fromisoformat(each) for each in (first, last or first)]
    except ValueError:
        return " to ".join(each for each in (first, last) if each)
    after = days[1] + dt.timedelta(days=1)
    if days[0].day == after.day == 1 and days[0] < days[1]:
        if (days[0].month, after.month, after.year - days[0].year) == (1, 1, 1):
            return f"{days[0].year:04}"
        if (after.year - days[0].year) * 12 + after.month - days[0].month == 1:
            return first[:7]
    return first if days[0] == days[1] else f"{first} to {last}"


def is_over(first: str, last: str) -> bool:
    """Return whether the last of some days is past; not where no day is known."""
    told = last or first
    return bool(told) and told < dt.datetime.now(tz=dt.UTC).date().isoformat()


def _lines(served: Served, request: Request, question: str) -> list[Line] | None:
    """Return the first rows of a question; None where the base has no such question."""
    try:
        result = served.base.query(
            question, limit=_FEW + 1, timeout=None, lang=pages.languages(request)
        )
    except UnknownNameError:
        return None
    return list(lines(result))


def lines(result: Result) -> Iterator[Line]:
    """Yield the rows of a result as people read them."""
    for row in result.answer.rows:
        yield {
            name: _cell(result, term) if term is not None else Cell("")
            for name, term in zip(result.answer.columns, row, strict=True)
        }


def _cell(result: Result, term: Any) -> Cell:  # noqa: ANN401  any RDF term
    value = str(getattr(term, "value", term))
    label = result.labels.get(value)
    return Cell(label.value if label else value, value if label else "")
