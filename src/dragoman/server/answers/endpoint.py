"""`/sparql`: the SPARQL 1.1 Protocol, for queries."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import parse_qsl, quote

from pyoxigraph import NamedNode

from dragoman import record
from dragoman.server import negotiation
from dragoman.server.answers import answering
from dragoman.server.exchange import FORM, Response
from dragoman.server.problems import Refusal
from dragoman.syntax.clauses import graphs_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dragoman.server.answers.answering import Asked
    from dragoman.server.exchange import Request, Stream
    from dragoman.server.served import Served
    from dragoman.store import LocalStore
    from dragoman.syntax import QueryText

_QUERY: Final = "application/sparql-query"
_UPDATE: Final = "application/sparql-update"
_HTML: Final = "text/html"
# What a form may have: names of graphs, for the most part.
_FIELDS: Final = 2000
# What gives another answer though no file has changed; in a text it may stand, too.
_MOMENT: Final = re.compile(r"\b(?:NOW|RAND|UUID|STRUUID|SERVICE)\b", re.IGNORECASE)
# The media types of rows and of triples, the best first, and what `answering` calls the format.
ROWS: Final[Mapping[str, str]] = {
    "application/sparql-results+json": "json",
    "application/sparql-results+xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/json": "json",
    "application/xml": "xml",
    "text/xml": "xml",
}
TRIPLES: Final[Mapping[str, str]] = {
    "text/turtle": "turtle",
    "application/n-triples": "ntriples",
    "application/rdf+xml": "rdfxml",
    "application/ld+json": "jsonld",
    "application/n-quads": "nquads",
    "application/trig": "trig",
    "text/plain": "ntriples",
    "application/json": "jsonld",
    "application/xml": "rdfxml",
    "text/xml": "rdfxml",
    "application/x-turtle": "turtle",
    "text/n3": "turtle",  # of which Turtle is a part
    "text/rdf+n3": "turtle",
}
# What `format=` and a suffix may say, besides media types.
_ROW_NAMES: Final[Mapping[str, str]] = {
    **{each: each for each in ("json", "xml", "csv", "tsv")},
    "srj": "json",
    "srx": "xml",
}
_TRIPLE_NAMES: Final[Mapping[str, str]] = {
    **{each: each for each in ("turtle", "ntriples", "rdfxml", "jsonld", "nquads", "trig")},
    "ttl": "turtle",
    "n3": "turtle",
    "nt": "ntriples",
    "n-triples": "ntriples",
    "nq": "nquads",
    "rdf": "rdfxml",
    "xml": "rdfxml",
    "json": "jsonld",
    "json-ld": "jsonld",
}
_NAMES: Final = (_TRIPLE_NAMES, _ROW_NAMES)
_VARY: Final = ("vary", "Accept, Accept-Language")


class _Wish(NamedTuple):
    """What a request of the protocol says.

    Attributes:
        text: the query; empty where there is none.
        default: the graphs that make the default graph.
        named: the graphs that `GRAPH` sees.
        fields: names and values of everything that was sent.
    """

    text: str
    default: tuple[str, ...]
    named: tuple[str, ...]
    fields: tuple[tuple[str, str], ...]

    def told(self, name: str) -> str:
        return next((value for each, value in self.fields if each == name), "")


def query(served: Served, request: Request) -> Response:
    """Answer a query; without one, describe the endpoint.

    Raises:
        Refusal: the request is none of the protocol, or nothing that is offered is acceptable.
        SyntaxProblem: the query is no SPARQL, or is refused.
    """
    wish = _wish(request)
    accept = request.headers.get("accept", "")
    if not wish.text and request.method == "GET":
        if not _named_format(request, wish) and _prefers_page(accept):
            return _to_editor(request, "")
        from dragoman.server.answers import description

        return description.described(served, request)
    checked = served.checked(wish.text, "query")
    offered = ROWS if checked.form in {"SELECT", "ASK"} else TRIPLES
    told = _named_format(request, wish)
    if not told and request.method == "GET" and _prefers_page(accept):
        return _to_editor(request, wish.text)
    form, media = _format_named(told, offered) if told else _acceptable(accept, offered)
    asked = _asked(served, request, checked, wish)
    return Response(
        _writer(asked, form, request, wish),
        media if media.startswith("application/") else f"{media}; charset=utf-8",
        headers=(_VARY, *_limits(served, wish), *_passing(checked)),
    )


def _passing(checked: QueryText) -> tuple[tuple[str, str], ...]:
    """Return what keeps an answer from being told again that another time gives another."""
    return (("cache-control", "no-store"),) if _MOMENT.search(checked.text) else ()


def _writer(asked: Asked, form: str, request: Request, wish: _Wish) -> Callable[[Stream], None]:
    if asked.query.form != "SELECT":
        return functools.partial(answering.write_whole, asked, form)
    if wish.told("labels").lower() in {"true", "1", "yes"}:
        tags = wish.told("lang") or negotiation.languages(
            request.headers.get("accept-language", "")
        )
        return lambda stream: answering.write_labelled(asked, form, stream, tags)
    return functools.partial(answering.write_rows, asked, form)


# ------------------------------------------------------------------ what was sent


def _wish(request: Request) -> _Wish:
    """Return what a request says.

    Raises:
        Refusal: it is none that the protocol has.
    """
    fields = request.query
    texts = [value for name, value in fields if name == "query"]
    if request.method == "POST":
        if request.media_type == FORM:
            fields = (*fields, *_fields(request.body))
            texts = [value for name, value in fields if name == "query"]
        elif request.media_type == _QUERY:
            texts.append(_decoded(request.body))
        elif request.media_type == _UPDATE:
            raise _no_updates()
        else:
            raise Refusal(
                415,
                f"A query is sent as {_QUERY} or as {FORM}, and not as "
                f"{request.media_type or 'nothing that is told'}.",
            )
    if any(name == "update" for name, _ in fields):
        raise _no_updates()
    if len(texts) > 1:
        raise Refusal(400, "There is more than one query. Send one.")
    if request.method == "POST" and not texts:
        raise Refusal(400, "There is no query. Send one as the field query.")
    return _Wish(
        texts[0] if texts else "",
        tuple(value for name, value in fields if name == "default-graph-uri"),
        tuple(value for name, value in fields if name == "named-graph-uri"),
        fields,
    )


def _no_updates() -> Refusal:
    return Refusal(
        403,
        "SPARQL Update is not taken, for every change is checked before it counts. Send the facts "
        "of a source to /data (Graph Store Protocol), or use dragoman add.",
    )


def _fields(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=_FIELDS
        )
    except ValueError as error:  # UnicodeDecodeError is one
        raise Refusal(400, "The form cannot be read: it is not UTF-8, or too long.") from error


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal(400, "The query is not UTF-8.") from error


# ------------------------------------------------------------------ what is asked


def _asked(served: Served, request: Request, checked: QueryText, wish: _Wish) -> Asked:
    """Return the query with the graphs that it is asked of: those of the request, else its own."""
    prefixes = served.once("prefixes", lambda: served.base.prefixes)
    store: LocalStore = served.base.store
    asked = answering.Asked(
        checked,
        store,
        prefixes,
        most=served.options.rows,
        base_iri=f"{request.root}/sparql",
    )
    default, named = wish.default, wish.named
    if not (default or named):
        default, named = graphs_of(checked, prefixes)
        if not all(map(_is_iri, default + named)):  # relative ones, which the engine reads
            return asked
    if not (default or named):
        return asked
    chosen = (_graphs(default), _graphs(named))
    if len(chosen[0]) < 2:
        return asked._replace(default=chosen[0], named=chosen[1])
    # The engine's own union of graphs gives a triple that stands in two of them twice.
    kept = served.once("chosen graphs", dict)
    if chosen not in kept:
        kept.clear()
        kept[chosen] = store.merged(*chosen)
    merged, name = kept[chosen]
    return asked._replace(store=merged, default=(name,), named=chosen[1])


def _graphs(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names of graphs, each once.

    Raises:
        Refusal: one is no IRI.
    """
    for each in names:
        if not _is_iri(each):
            raise Refusal(400, f"{each!r} is no absolute IRI, so there is no graph of that name.")
    return tuple(dict.fromkeys(names))


def _is_iri(name: str) -> bool:
    try:
        NamedNode(name)
    except ValueError:
        return False
    return True


# ------------------------------------------------------------------ what is wanted


def _named_format(request: Request, wish: _Wish) -> str:
    """Return the format that the address says, or a field; clients send fields of other servers."""
    if suffix := request.parts.get("suffix"):
        return suffix
    told = wish.told("format").strip()
    alone = request.headers.get("accept", "*/*") == "*/*"
    known = {*ROWS, *TRIPLES, *_ROW_NAMES, *_TRIPLE_NAMES}
    return told if alone or told.lower() in known else ""


def wanted_format(request: Request, offered: Mapping[str, str]) -> tuple[str, str]:
    """Return the format that `format=` or the header says, and its media type.

    Raises:
        Refusal: there is none such, or none is acceptable.
    """
    if told := request.told("format"):
        return _format_named(told, offered)
    return acceptable(request.headers.get("accept", ""), offered)


def _format_named(told: str, offered: Mapping[str, str]) -> tuple[str, str]:
    """Return a format by its name or media type.

    Raises:
        Refusal: there is no such format.
    """
    key = told.lower()
    names = {
        name: form for name, form in _NAMES[offered is ROWS].items() if form in offered.values()
    }
    form = offered.get(key) or names.get(key)
    if form is None:
        raise Refusal(
            400, f"There is no format {told!r} for this. Known: {', '.join(sorted(names))}."
        )
    media = key if key in offered else next(each for each, name in offered.items() if name == form)
    return form, media


def _acceptable(accept: str, offered: Mapping[str, str]) -> tuple[str, str]:
    """Return the format that is wanted most.

    Clients that do not read the query ask for rows where there are triples, and the reverse; they
    get what there is.

    Raises:
        Refusal: it is nothing that any query has.
    """
    known = negotiation.best(accept, (*ROWS, *TRIPLES)) is not None
    return acceptable(accept, offered, or_else=known)


def acceptable(
    accept: str, offered: Mapping[str, str], *, or_else: bool = False
) -> tuple[str, str]:
    """Return the format that is wanted most, and its media type.

    Args:
        accept: the header `Accept`.
        offered: the formats by their media types, the best first.
        or_else: whether the best is told where none is acceptable, as of what was done already.

    Raises:
        Refusal: none is acceptable.
    """
    media = negotiation.best(accept, tuple(offered))
    if media is None and or_else:
        media = next(iter(offered))
    if media is None:
        raise Refusal(406, f"{accept} is not offered. Offered: {', '.join(offered)}.")
    return offered[media], media


def _prefers_page(accept: str) -> bool:
    """Return whether a browser asks, which names pages before everything else."""
    return negotiation.best(accept, (*ROWS, *TRIPLES, _HTML)) == _HTML


def _to_editor(request: Request, text: str) -> Response:
    """Send a browser to the page where queries are written."""
    where = f"{request.prefix}/editor{f'?query={quote(text)}' if text else ''}"
    return Response(b"", status=303, headers=(("location", where), _VARY))


def _limits(served: Served, wish: _Wish) -> tuple[tuple[str, str], ...]:
    """Return what says how many rows and seconds an answer may have and take."""
    seconds = served.options.timeout
    if told := seconds_of(wish.told("timeout")):
        seconds = min(seconds, told)
    return (
        ("dragoman-row-limit", str(served.options.rows)),
        ("dragoman-time-limit", f"{seconds:g}"),
        ("dragoman-record", served.once("rules", lambda: record.stamp(served.base.base))),
    )


def seconds_of(told: str) -> float | None:
    """Return how many seconds a request says that it may take.

    Raises:
        Refusal: it is no number of seconds.
    """
    if not told:
        return None
    try:
        seconds = float(told)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise Refusal(400, f"timeout={told} is no number of seconds.")
    return seconds
