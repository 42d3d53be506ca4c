"""The editor: one's own SPARQL, checked and completed while it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pyoxigraph import NamedNode, Store

from dragoman import names, queries, syntax, vocabulary
from dragoman.errors import SyntaxProblem, UnknownNameError
from dragoman.results import sheet
from dragoman.server import pages
from dragoman.server.answers import pictures, views
from dragoman.server.answers.posted import posted, posted_object
from dragoman.server.answers.views import Shown
from dragoman.server.exchange import in_json
from dragoman.server.problems import Refusal
from dragoman.store import LocalStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dragoman.results import Result
    from dragoman.server.exchange import Request, Response
    from dragoman.server.served import Served

# Rows that the page shows; the endpoint gives all.
ROWS: Final = 1000
VIEWS: Final = ("timeline", "map", "graph", "matrix", "bars")
_DATE: Final = NamedNode(f"{vocabulary.XSD}date")
_COMPLETIONS: Final = 50
_THINGS: Final = 12
_FIRST: Final = """\
SELECT ?meeting ?day {
  ?meeting a dip:Meeting ; dip:firstDay ?day
} ORDER BY DESC(?day)
"""
_KINDS: Final = {
    "class": ("http://www.w3.org/2002/07/owl#Class",),
    "property": (
        "http://www.w3.org/2002/07/owl#ObjectProperty",
        "http://www.w3.org/2002/07/owl#DatatypeProperty",
        "http://www.w3.org/2002/07/owl#AnnotationProperty",
    ),
}


class _Term(NamedTuple):
    """A term of the ontology that can be completed to."""

    kind: str
    short: str
    label: str
    definition: str


def page(served: Served, request: Request) -> Response:
    """Return the page of the editor, with the query that is told, and its answer."""
    told = posted(request) if request.method == "POST" else request
    text, view = told.told("query"), told.told("view")
    answer, problem = None, ""
    if text:
        try:
            answer = _answered(served, request, text)
        except SyntaxProblem as error:
            problem = str(error)
    # An answer without rows is false, and yet an answer.
    triples = () if answer is None else answer.triples
    rows = answer if answer is not None and answer.answer.columns else None
    shown = _shown(served, request, rows, view) if rows is not None and view else None
    drawn = shown.drawn() if shown and view in views.DRAWN else None
    found = pages.page(
        request,
        "editor.html",
        query=text or _FIRST,
        answer=answer,
        sheet=None if rows is None else sheet(rows),
        triples=triples,
        turtle="" if answer is None or not triples else answer.written("turtle").decode(),
        problem=problem,
        rows=ROWS,
        views=VIEWS,
        view=view if shown else "",
        picture=drawn,
        drawing=pictures.inside(drawn.drawing) if drawn and drawn.drawing is not None else "",
    )
    return found._replace(status=400 if problem else 200)


def picture(served: Served, request: Request) -> Response:
    """Return what the scripts draw of an answer, as JSON: `map.json` or `graph.json`."""
    kind = request.parts["kind"]
    if kind not in {"map", "graph"}:
        raise Refusal(404, "There are map.json and graph.json.")
    rows = _answered(served, request, request.told("query"))
    if not rows.answer.columns:
        raise Refusal(400, "Only the rows of a SELECT are drawn.")
    shown = _shown(served, request, rows, kind)
    content = shown.map() if kind == "map" else shown.graph()
    return in_json(content)


def _answered(served: Served, request: Request, text: str) -> Result:
    """Return the first rows of an answer."""
    asked = queries.Asked(served.checked(text))
    wanted = pages.languages(request)
    return served.base.run(asked, limit=ROWS, timeout=None, labels=True, lang=wanted)


def _shown(served: Served, request: Request, rows: Result, kind: str) -> Shown:
    """Return which columns of an answer a picture shows: days, and the first ones of things.

    Raises:
        UnknownNameError: there is no such picture.
    """
    if kind not in VIEWS:
        raise UnknownNameError("picture", kind, VIEWS)
    columns = rows.answer.columns
    days = tuple(
        name for at, name in enumerate(columns)
        if any(getattr(row[at], "datatype", None) == _DATE for row in rows.answer.rows)
    )  # fmt: skip
    return Shown(served, request, rows, queries.View(kind), days)


def check(served: Served, request: Request) -> Response:
    """Return what is wrong with a query, as JSON: a list of line, column, message, severity."""
    text = _query_in(request)
    found: list[dict[str, Any]] = []
    try:
        query = served.checked(text)
    except SyntaxProblem as error:
        found.append(_told(error))
    else:
        found += [_remark(each) for each in query.warnings]
        try:
            # Where there is nothing, a query takes no longer than reading it; SERVICE would ask.
            if not served.options.services or "service" not in text.casefold():
                LocalStore(Store()).query(query, prefixes=served.base.prefixes)
        except SyntaxProblem as error:
            found.append(_told(error))
        known = {**served.base.prefixes, **query.prefixes}
        for each in names.strangers(
            served.base.store, text, known, every=True, known=served.once("known terms", dict)
        ):
            line = text.count("\n", 0, each.start) + 1
            column = each.start - text.rfind("\n", 0, each.start)
            found.append(_remark(str(each), line, column))
    return in_json(found)


def _query_in(request: Request) -> str:
    text = posted_object(request).get("query")
    if not isinstance(text, str):
        raise Refusal(400, 'What is checked comes as JSON: {"query": "SELECT …"}.')
    return text


def _told(error: SyntaxProblem) -> dict[str, Any]:
    return {
        "line": error.line or 1,
        "column": error.column or 1,
        "message": error.problem,
        "severity": "error",
    }


def _remark(text: str, line: int = 1, column: int = 1) -> dict[str, Any]:
    return {"line": line, "column": column, "message": text, "severity": "warning"}


def complete(served: Served, request: Request) -> Response:
    """Return what may stand where somebody types, as JSON: label, apply, detail, info.

    Told are `q`, what was typed, and `kind`: `class`, `property`, `prefix` or `thing`; without one
    all are looked through, things where no term fits.
    """
    text, kind = request.told("q").strip(), request.told("kind")
    if kind not in {"", "class", "property", "prefix", "thing"}:
        raise Refusal(400, "A kind is class, property, prefix or thing.")
    found = list(_completions(served, text, kind))
    return in_json(found[:_COMPLETIONS])


def _completions(served: Served, text: str, kind: str) -> Iterator[dict[str, str]]:
    many = 0
    wanted = names.fold(text.rpartition(":")[2] if ":" in text else text)
    prefix = text.partition(":")[0] if ":" in text else ""
    if kind in {"", "prefix"} and not prefix:
        for name, iri in sorted(served.base.prefixes.items()):
            if name.startswith(text):
                many += 1
                yield {"label": f"{name}:", "apply": f"{name}:", "detail": "prefix", "info": iri}
    if kind in {"", "class", "property"}:
        for term in served.once("terms", lambda: list(_terms(served))):
            own, _, local = term.short.partition(":")
            if (kind and term.kind != kind) or (prefix and own != prefix):
                continue
            if names.fold(local).startswith(wanted) or wanted in names.fold(term.label):
                many += 1
                yield {
                    "label": f"{term.short} {term.label}",
                    "apply": term.short,
                    "detail": term.kind,
                    "info": term.definition,
                }
    if kind == "thing" or (not kind and not many and wanted):
        short = syntax.shortener(served.base.prefixes)
        for row in served.base.search(text, limit=_THINGS).answer.rows:
            thing, what, called = row[0], row[1], row[2]
            yield {
                "label": getattr(called, "value", ""),
                "apply": short(getattr(thing, "value", "")),
                "detail": getattr(what, "value", ""),
                "info": getattr(thing, "value", ""),
            }


def _terms(served: Served) -> Iterator[_Term]:
    """Yield the classes and properties of the ontology, those of the record among them."""
    short = syntax.shortener(served.base.prefixes)
    for kind, classes in _KINDS.items():
        listed = ", ".join(f"<{each}>" for each in classes)
        query = syntax.check_query(
            f"SELECT DISTINCT ?term ?label ?definition {{ ?term a ?class "
            f"OPTIONAL {{ ?term <{vocabulary.RDFS_LABEL}> ?label FILTER(LANG(?label) = 'en') }} "
            f"OPTIONAL {{ ?term <{vocabulary.SKOS}definition> ?definition "
            f"FILTER(LANG(?definition) = 'en') }} FILTER(?class IN ({listed}) && isIRI(?term)) }} "
            "ORDER BY ?term"
        )
        for term, label, definition in served.base.store.query(query).rows:
            name = short(getattr(term, "value", ""))
            if ":" in name and not name.startswith("<"):
                yield _Term(
                    kind, name, getattr(label, "value", ""), getattr(definition, "value", "")
                )
