"""`/data`: the SPARQL 1.1 Graph Store Protocol; a graph is a source, a write is checked first."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

from pyoxigraph import RdfFormat, parse, serialize

from dragoman import vocabulary
from dragoman.base import DATA, place_of, source_iri
from dragoman.errors import (
    DragomanError,
    LimitError,
    LockedError,
    SyntaxProblem,
    UnknownNameError,
    UnreadableFilesError,
)
from dragoman.files import sha256_of
from dragoman.results import Result
from dragoman.server import freshness
from dragoman.server.answers import endpoint
from dragoman.server.exchange import Response
from dragoman.server.problems import Refusal
from dragoman.store import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dragoman.additions import Addition, ChangingKeywords
    from dragoman.base import SourceFile
    from dragoman.server.exchange import Request
    from dragoman.server.served import Served
    from dragoman.validation import Report

# What a body may be in, and the suffix of a file that holds it.
_BODIES: Final[Mapping[str, str]] = {
    "text/turtle": "ttl",
    "application/x-turtle": "ttl",
    "application/n-triples": "nt",
    "text/plain": "nt",
    "application/rdf+xml": "rdf",
    "application/xml": "rdf",
    "text/xml": "rdf",
    "application/ld+json": "jsonld",
    "application/json": "jsonld",
}
# The formats of the whole, in which each graph keeps its name.
_QUADS: Final[Mapping[str, str]] = {
    "application/trig": "trig",
    "application/n-quads": "nquads",
    "application/ld+json": "jsonld",
}
# What a report is told in, the best first.
REPORTS: Final[Mapping[str, str]] = {
    "text/turtle": "turtle",
    "application/json": "json",
    "text/html": "html",
    "text/plain": "text",
    "text/markdown": "markdown",
}
_METHODS: Final = ("allow", "GET, HEAD, OPTIONS")
_VARY: Final = ("vary", "Accept")
# Seconds to queue behind another writer, and a share of the time that an answer may take.
_WAIT: Final = 10.0
_PATIENCE: Final = 4
_LABEL: Final = "body"


class _Graph(NamedTuple):
    """Which graph a request is about: that of an IRI, or the default one; empty for all by name."""

    iri: str = ""
    default: bool = False


def graph(served: Served, request: Request) -> Response:
    """Read, add, replace or remove a graph.

    Raises:
        Refusal: it is not possible, or not allowed.
        UnknownNameError: there is no such graph.
    """
    chosen = _chosen(request)
    if request.method == "GET":
        return _read(served, request, chosen)
    _check_writer(request)
    if chosen.default:
        raise Refusal(405, "The default graph is the merge of all: name one graph.", (_METHODS,))
    if request.method == "DELETE":
        return _removed(served, request, chosen)
    return _added(served, request, chosen)


def _chosen(request: Request) -> _Graph:
    """Return which graph is meant.

    Raises:
        Refusal: none, or several, are named.
    """
    direct = request.parts.get("name", "")
    named = request.every("graph")
    default = any(name == "default" for name, _ in request.query)
    if len(named) + bool(direct) + default > 1:
        raise Refusal(400, "Several graphs are named. Name one: graph=IRI, or default.")
    if direct or not named:
        return _Graph(source_iri(direct) if direct else "", default)
    (iri,) = named
    start = f"{request.root}/data/"
    return _Graph(source_iri(iri.removeprefix(start)) if iri.startswith(start) else iri)


def _check_writer(request: Request) -> None:
    """Refuse a write of who may not.

    Raises:
        Refusal: nobody may, or who asks may not.
    """
    if not request.writable:
        raise Refusal(
            405, "Nothing can be written here: the server runs without --write.", (_METHODS,)
        )
    if not request.writer:
        raise Refusal(
            401,
            "Who writes needs the token of the server: Authorization: Bearer TOKEN.",
            (("www-authenticate", 'Bearer realm="dragoman"'),),
        )


# ------------------------------------------------------------------ reading


def _read(served: Served, request: Request, chosen: _Graph) -> Response:
    offered = endpoint.TRIPLES if chosen.iri or chosen.default else _QUADS
    form, media = endpoint.wanted_format(request, offered)
    headers = (_VARY, *([("link", f'<{chosen.iri}>; rel="describes"')] if chosen.iri else []))
    kind = media if media.startswith("application/") else f"{media}; charset=utf-8"
    if chosen.iri == vocabulary.RECORD_GRAPH:
        found = tuple(quad.triple for quad in served.base.store.quads(chosen.iri))
        record = Result(Answer("CONSTRUCT", triples=found), served.base.prefixes)
        return Response(record.written(form), kind, headers=headers)
    sources = (chosen.iri,) if chosen.iri else ()
    alone = "ntriples" if form == "jsonld" and offered is endpoint.TRIPLES else form
    made = served.base.export(*sources, format=alone, record=not chosen.iri)
    if alone == form:
        return Response(made.blocks(), kind, headers=headers)
    # The export keeps the names of graphs, which one that was asked for by its name has not.
    lines = parse(b"".join(made.blocks()), RdfFormat.N_TRIPLES)
    body = serialize((each.triple for each in lines), format=RdfFormat.JSON_LD) or b""
    return Response(body, kind, headers=headers)


# ------------------------------------------------------------------ writing


def _added(served: Served, request: Request, chosen: _Graph) -> Response:
    """Add a source, or put it in the place of the one of its name.

    Raises:
        Refusal: it is in the base already, or cannot be one.
    """
    from dragoman import additions

    suffix = _BODIES.get(request.media_type)
    if suffix is None:
        raise Refusal(
            415,
            f"A graph is sent as {', '.join(list(_BODIES)[:3])}, application/rdf+xml or "
            f"application/ld+json, and not as {request.media_type or 'nothing that is told'}.",
        )
    name = _name(chosen.iri) if chosen.iri else None
    before = _source(served, name) if name else None
    if request.method == "PUT" and name is None:
        raise Refusal(400, "Name the graph to put: graph=IRI, or /data/NAME.")
    if request.method == "POST" and before is not None:
        raise Refusal(
            409,
            f"There is a source {name} already, and what is posted is not put together with it. "
            "Put the whole of it (PUT), or post it under another name.",
        )
    instead = _condition(served, request, before)
    with tempfile.TemporaryDirectory(prefix="dragoman-") as folder:
        path = Path(folder) / f"posted.{suffix}"
        path.write_bytes(request.body)
        given = additions.Given(path, _LABEL, chosen.iri or None)
        return _changed(
            request,
            lambda: additions.add(
                served.base.base,
                [given],
                additions.Adding(
                    name=name,
                    replace=request.method == "PUT",
                    instead=instead,
                    **_wishes(served, request),
                ),
            ),
        )


def _removed(served: Served, request: Request, chosen: _Graph) -> Response:
    """Remove a source.

    Raises:
        Refusal: none is named, or it is another by now.
        UnknownNameError: there is none of that name.
    """
    from dragoman import additions

    if not chosen.iri:
        raise Refusal(400, "Name the graph to remove: graph=IRI, or /data/NAME.")
    name = _name(chosen.iri)
    before = _source(served, name)
    if before is None:
        raise UnknownNameError("source", name, [each.name for each in _sources(served)])
    _condition(served, request, before)
    return _changed(
        request,
        lambda: additions.remove(
            served.base.base, [chosen.iri], additions.Changing(**_wishes(served, request))
        ),
    )


def _changed(request: Request, change: Callable[[], Addition]) -> Response:
    """Change the base, and say what became of it.

    Raises:
        Refusal: the state of the base stands against it.
    """
    try:
        done = change()
    except (SyntaxProblem, UnreadableFilesError, UnknownNameError, LimitError, LockedError):
        raise
    except DragomanError as error:
        from dragoman.additions import UnfinishedError

        if isinstance(error, UnfinishedError):
            return Response(f"{error}\n".encode())
        raise Refusal(409, str(error)) from error
    form, media = endpoint.acceptable(request.headers.get("accept", ""), REPORTS, or_else=True)
    kind = media if media.startswith("application/") else f"{media}; charset=utf-8"
    if not done.refused and not (done.added or done.removed):
        return Response(b"", status=204, headers=(_VARY,))
    status = 422 if done.refused else 200
    headers: tuple[tuple[str, str], ...] = (_VARY,)
    if done.done and done.added and not done.replaced:
        status = 201
        name = Path(done.added[0].path.removesuffix(".gz")).stem
        headers = (*headers, ("location", f"{request.root}/data/{quote(name)}"))
    return Response(_told(done.report, form).encode(), kind, status, headers)


def _told(report: Report, form: str) -> str:
    from dragoman.validation import formats

    if form == "html":
        head = '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Report</title>'
        return f"{head}<body>{formats.html(report)}</body></html>\n"
    return formats.write(report, form)


def _wishes(served: Served, request: Request) -> ChangingKeywords:
    """Return how a change is wanted.

    Raises:
        Refusal: findings may pass only with a reason.
    """
    level, reason = request.told("allow"), request.told("reason")
    if bool(level) != bool(reason):
        raise Refusal(400, "Findings are let pass by allow=LEVEL and reason=TEXT together.")
    return {
        "allow": (level, reason) if level else None,
        "dry_run": request.told("dry-run").lower() in {"true", "1", "yes"},
        "timeout": served.options.timeout * _PATIENCE,
        "wait": _WAIT,
    }


def _condition(
    served: Served, request: Request, before: SourceFile | None
) -> tuple[str, str] | None:
    """Return which source as it is now the change is for, where `If-Match` says so.

    Raises:
        Refusal: the base is not as it was when the client read it.
    """
    told = request.headers.get("if-match", "").strip()
    if not told:
        if request.headers.get("if-none-match", "").strip() == "*" and before is not None:
            raise Refusal(412, f"There is a source {before.name} already.")
        return None
    digest = sha256_of(before.path) if before is not None else ""
    now = freshness.generation(served.base.base)
    if before is None or (told != "*" and now not in told):
        raise Refusal(412, "The base was changed since it was read. Read again, then write.")
    return before.name, digest


def _name(iri: str) -> str:
    """Return what the source is called that a graph is.

    Raises:
        Refusal: the IRI is none of a source.
    """
    folder, name = place_of(iri)
    if folder != DATA:
        raise Refusal(
            400,
            f"<{iri}> is no graph that can be written. The graph of a source is called "
            f"{vocabulary.SOURCE_GRAPH}NAME, or /data/NAME here.",
        )
    return name


def _sources(served: Served) -> tuple[SourceFile, ...]:
    return served.base.base.sources(DATA)


def _source(served: Served, name: str) -> SourceFile | None:
    return next((each for each in _sources(served) if each.name == name), None)
