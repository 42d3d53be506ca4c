"""Finding things by name: the page, and what is suggested while a name is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from dragoman import lookup, names, syntax, vocabulary
from dragoman.labels import labels
from dragoman.results import Result
from dragoman.server import pages
from dragoman.server.answers.questions import in_format
from dragoman.server.exchange import in_json
from dragoman.server.served import link_to
from dragoman.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dragoman.lookup import Known
    from dragoman.server.exchange import Request, Response
    from dragoman.server.served import Served
    from dragoman.store import Answer

_ROWS: Final = 100
_SUGGESTED: Final = 12
# Near spellings are suggested among so many names at most: looking for them takes its time.
_FEW: Final = 20_000


def page(served: Served, request: Request) -> Response:
    """Return the page of what a text finds, or the same as a file."""
    text, kind = request.told("q").strip(), request.told("kind")
    suffix = request.parts.get("suffix", "")
    answer = found(served, text, kind, _ROWS) if text else None
    if suffix:
        rows = answer or found(served, "", kind, 0)
        return in_format(Result(rows, served.base.prefixes), suffix, "search")
    near = [] if answer or not text else lookup.nearest_names(served.base.store, text)
    return pages.page(
        request,
        "search.html",
        text=text,
        kind=kind,
        rows=list(_lines(request, answer)) if answer else [],
        cut=bool(answer and answer.cut),
        near=near,
    )


def suggest(served: Served, request: Request) -> Response:
    """Return names that a text may be the beginning of, as JSON: label, value, detail.

    With `kind`, those of the things of a class, for a field of a form: a value is a name that only
    one of them has, or a prefixed name. Without it, for the box that finds anything: each has the
    link of its page.
    """
    text, kind = request.told("q").strip(), request.told("kind")
    told: list[dict[str, str]] = []
    if text:
        answer = found(served, text, kind, _SUGGESTED, quick=True)
        told = list(_suggestions(served, request, answer, kind))
    return in_json(told)


def _known(served: Served, kind: str) -> Known:
    """Return the names of the things of a class, read once."""
    base = served.base

    def read() -> Known:
        named = _is_class(served, kind)
        iri = lookup.find_class(base.store, kind, base.prefixes) if named else None
        return lookup.read_known(base.store, iri)

    known: Known = served.once(("names", kind), read)
    return known


def _is_class(served: Served, kind: str) -> bool:
    """Return whether a text tells a class of its own: of each thing one may say that it is one."""
    return bool(kind) and syntax.written_iri(kind, served.base.prefixes) not in vocabulary.ANYTHING


def found(served: Served, text: str, kind: str, limit: int, *, quick: bool = False) -> Answer:
    """Return what a text finds, among names that are read once.

    Args:
        served: the base.
        text: a name, or a part of it.
        kind: a class, as it is told; empty for all things.
        limit: at most so many.
        quick: look for near spellings among few names only, for among many it takes its time.
    """
    base = served.base
    known = _known(served, kind)
    near = not quick or len(known.names) <= _FEW
    return lookup.search(base.store, text, base.prefixes, limit=limit, known=known, near=near)


def _lines(request: Request, answer: Answer) -> Iterator[dict[str, str]]:
    for thing, what, name, language, match in answer.rows:
        told = {"what": what, "name": name, "language": language, "match": match}
        yield {
            "href": link_to(request, str(getattr(thing, "value", ""))),
            **{key: visible(str(getattr(term, "value", ""))) for key, term in told.items()},
        }


def _suggestions(
    served: Served, request: Request, answer: Answer, kind: str
) -> Iterator[dict[str, str]]:
    short = syntax.readable(served.base.prefixes)
    bearers = served.once(("bearers", kind), lambda: names.Bearers(_known(served, kind).names))
    things = [row[0].value for row in answer.rows if isinstance(row[0], NamedNode)]
    called = labels(served.base.store, things, pages.languages(request))
    for iri, (_, what, name, *_) in zip(things, answer.rows, strict=True):
        text, label = str(getattr(name, "value", "")), called.get(iri)
        detail = [label.value] if label and label.value != text else []
        told = {
            "label": visible(text),
            "value": text if bearers.of(text) == [iri] else short(iri),
            "detail": visible(", ".join([*detail, str(getattr(what, "value", ""))])),
        }
        yield told if kind else {**told, "href": link_to(request, iri)}
