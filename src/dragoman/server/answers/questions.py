"""The pages of saved questions: the gallery, and of each its form, its answer, and its pictures."""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote, urlencode

from pyoxigraph import NamedNode

from dragoman import names, queries, results, syntax, vocabulary
from dragoman.errors import (
    LimitError,
    ParameterError,
    SyntaxProblem,
    UnknownNameError,
    counted,
    nearest,
)
from dragoman.labels import labels
from dragoman.server import pages
from dragoman.server.answers import pictures, snippets
from dragoman.server.answers.views import DRAWN, Shown
from dragoman.server.exchange import Response, in_json
from dragoman.server.problems import Refusal
from dragoman.server.served import link, link_to

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dragoman.queries import Asked, SavedQuery, View
    from dragoman.results import Result
    from dragoman.server.exchange import Request
    from dragoman.server.served import Served

ROWS: Final = 100
# The formats of an answer, by the suffix of its address.
FORMATS: Final = {
    "csv": ("csv", "text/csv; charset=utf-8"),
    "tsv": ("tsv", "text/tab-separated-values; charset=utf-8"),
    "json": ("json", "application/sparql-results+json"),
    "xml": ("xml", "application/sparql-results+xml"),
    "md": ("md", "text/markdown; charset=utf-8"),
    "html": ("html", "text/html; charset=utf-8"),
    "xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "ttl": ("turtle", "text/turtle; charset=utf-8"),
    "nt": ("ntriples", "application/n-triples"),
    "rdf": ("rdfxml", "application/rdf+xml"),
    "jsonld": ("jsonld", "application/ld+json"),
}
_TABLES: Final = ("csv", "xlsx", "json", "tsv", "xml", "md", "html")
_GRAPHS: Final = ("ttl", "nt", "rdf", "jsonld")
_OTHERS: Final = ("map.json", "graph.json", "svg", "ipynb", "rq")
# What an address says besides parameters; a parameter of such a name has `set-` before it.
_OWN: Final = frozenset(("since", "until", "lang", "sort", "page", "view"))
# A class of so many things at most, all from controlled lists, is chosen from.
_CHOICES: Final = 60
# What each kind of picture is good for.
_PICTURES: Final = {
    "timeline": "What happened when, a line for each body, state or kind; what is only planned is "
    "hollow.",
    "map": "How much is told of each state.",
    "graph": "Who or what is connected; a click opens the neighbours.",
    "matrix": "Each against each: the darker a cell, the more there is in it.",
    "bars": "How much of what.",
}
# Seconds within which an answer came whose lack of rows is looked into.
_QUICK: Final = 1.0
# The part of the time of an answer that the engine may take for a page.
_SHARE: Final = 0.7
# Rows of answers that a worker keeps.
_KEPT: Final = 100_000
_OFFERED: Final = 5
# So many values are offered as examples, of those in so many rows.
_EXAMPLES: Final = 3
_EXAMINED: Final = 200


# --------------------------------------------------------------------- gallery


def gallery(served: Served, request: Request) -> Response:
    """Return the page of all questions, or of those that fit."""
    found = _questions(served)
    text, tag = request.told("q").strip(), request.told("tag")
    shown = [each for each in found if _fits(each, text) and (not tag or tag in each.tags)]
    by_tag = sorted(shown, key=lambda each: (each.tags[0], each.name))
    tags = sorted({each for question in found for each in question.tags})
    return pages.page(
        request,
        "ask.html",
        groups=[
            (name, list(group)) for name, group in groupby(by_tag, key=lambda one: one.tags[0])
        ],
        count=len(shown),
        tags=tags,
        text=text,
        tag=tag,
        near=[] if shown else nearest(text, [each.name for each in found]),
        problems=[_within(served, each) for each in found.problems],
    )


def listing(served: Served, request: Request) -> Response:
    """Return all questions for machines."""
    told = [
        {
            "name": each.name,
            "summary": each.summary,
            "description": each.description,
            "tags": each.tags,
            "parameters": [param._asdict() for param in each.params],
            "time": each.time,
            "url": f"{request.root}/ask/{each.name}",
        }
        for each in _questions(served)
    ]
    return in_json(told, indent=1)


def _questions(served: Served) -> queries.Questions:
    found: queries.Questions = served.once("questions", served.base.questions)
    return found


def _within(served: Served, problem: SyntaxProblem) -> str:
    """Return what is wrong with a file, without where on the server the base stands."""
    return str(problem).replace(f"{served.base.base.root}/", "")


def _fits(query: SavedQuery, text: str) -> bool:
    told = names.fold(" ".join((query.name, query.summary, query.description, *query.tags)))
    return all(word in told for word in names.fold(text).split())


def gallery_of_pictures(served: Served, request: Request) -> Response:
    """Return the page of all pictures: the views of the questions."""
    groups = []
    for kind, words in _PICTURES.items():
        lines = [
            (each, _told(view))
            for each in _questions(served)
            for view in each.views
            if view.kind == kind
        ]
        if lines:
            groups.append((kind, words, lines))
    return pages.page(request, "pictures.html", groups=groups)


def _told(view: View) -> str:
    """Return in words what a view shows."""
    parts = [
        f"of {_spaced(view.of)}" if view.of else "",
        f"by {_spaced(view.by)}" if view.by else "",
    ]
    count = f"by the number of {_spaced(view.number)}" if view.number and not view.by else ""
    return " ".join(filter(None, (view.kind.capitalize(), *parts, count)))


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z0-9])", " ", name).lower()


# ------------------------------------------------------------------------- one


def page(served: Served, request: Request) -> Response:
    """Return the page of a question, or its answer in the format that the address tells."""
    name, suffix = _divided(served, request.parts["name"])
    known = {path.stem for path in served.base.base.queries()}
    if name not in known:
        raise Refusal(
            404,
            str(UnknownNameError("saved query", name, known)),
            offered=[(each, link(request, f"/ask/{each}")) for each in nearest(name, known)],
        )
    if any(not value.strip() for _, value in request.query):  # a form sends its empty fields, too
        told = [(each, value) for each, value in request.query if value.strip()]
        address = f"{request.prefix}{quote(request.path)}" + (f"?{urlencode(told)}" if told else "")
        return Response(b"", status=303, headers=(("location", address),))
    try:
        query = queries.find_query(served.base.base, name)
        wish = _wish(query, request)
        if suffix == "ipynb":
            return _file(wish.notebook(), "application/x-ipynb+json", f"{name}.ipynb")
        if suffix:
            return _as_file(served, request, query, wish, suffix)
        return _Page(served, request, query, wish).response()
    except SyntaxProblem as problem:  # whoever asks has not written it
        raise Refusal(500, _within(served, problem)) from problem


def _divided(served: Served, told: str) -> tuple[str, str]:
    """Return the name of a question, and the suffix behind it."""
    if told in {path.stem for path in served.base.base.queries()}:
        return told, ""
    for suffix in (*FORMATS, *_OTHERS):
        if told.endswith(f".{suffix}") and not told.removesuffix(f".{suffix}").endswith(
            (".map", ".graph")
        ):
            return told.removesuffix(f".{suffix}"), suffix
    return told, ""


def field(parameter: str) -> str:
    """Return what a parameter is called in an address."""
    return f"set-{parameter}" if parameter in _OWN else parameter


def _wish(query: SavedQuery, request: Request) -> snippets.Wish:
    fields = {field(each.name): each.name for each in query.params}
    values: dict[str, list[str]] = {}
    for name, told in request.query:
        if (name in fields or name not in _OWN) and told.strip():
            values.setdefault(fields.get(name, name), []).append(told.strip())
    since, until, lang = (request.told(each).strip() for each in ("since", "until", "lang"))
    return snippets.Wish(query, values, since, until, lang)


def _prepared(served: Served, query: SavedQuery, wish: snippets.Wish, request: Request) -> Asked:
    since, until = (request.told(each).strip() or None for each in ("since", "until"))
    return served.base.prepared(query, wish.values, since=since, until=until)


def _as_file(
    served: Served, request: Request, query: SavedQuery, wish: snippets.Wish, suffix: str
) -> Response:
    asked = _prepared(served, query, wish, request)
    lang = request.told("lang")
    if suffix == "rq":
        content = served.base.printed(asked, lang).encode()
        return _file(content, "application/sparql-query; charset=utf-8", f"{query.name}.rq")
    result = _run(served, asked, lang)
    if suffix in {"map.json", "graph.json", "svg"}:
        return _picture(served, request, query, result, suffix)
    return in_format(result, suffix, query.name)


def in_format(result: Result, suffix: str, name: str) -> Response:
    """Return an answer as a file: the bytes that the command writes.

    Raises:
        UnknownNameError: there is no such format, or not of rows, or not of triples.
    """
    if suffix not in FORMATS:
        raise UnknownNameError("format", suffix, FORMATS)
    format_, kind = FORMATS[suffix]
    if suffix == "xlsx":
        from dragoman import workbook

        content = workbook.written([("answer", result)])
    else:
        content = result.written(format_)
    more = (("dragoman-cut-after", str(len(result))),) if result.answer.cut else ()
    return _file(content, kind, f"{name}.{suffix}", more)


def _picture(
    served: Served, request: Request, query: SavedQuery, result: Result, suffix: str
) -> Response:
    wanted = suffix.removesuffix(".json") if suffix != "svg" else request.told("view")
    view = _view(query, wanted)
    if view is None or (suffix == "svg") is not (view.kind in DRAWN):
        kinds = [each.kind for each in query.views if each.kind in DRAWN]
        told = f"Its pictures: {', '.join(kinds)} (view=)." if kinds else "It has none."
        raise Refusal(404, f"The question {query.name} has no picture of that kind. {told}")
    shown = Shown(served, request, result, view, query.time)
    if suffix == "svg":
        drawing = shown.drawn().drawing
        if drawing is None:
            raise Refusal(404, "There is nothing to draw: no row has what the picture shows.")
        return _file(
            pictures.alone(drawing, request.root), "image/svg+xml", f"{query.name}-{view.kind}.svg"
        )
    content = shown.map() if view.kind == "map" else shown.graph()
    return in_json(content)


def _view(query: SavedQuery, kind: str) -> View | None:
    found = [each for each in query.views if kind in {"", each.kind}]
    return found[0] if found else None


def _run(
    served: Served, asked: Asked, lang: str | tuple[str, ...], timeout: float | None = None
) -> Result:
    """Ask, unless this was asked a short while ago: for another page, order or picture of it."""
    answers: OrderedDict[tuple[str, object], Result] = served.once("answers", OrderedDict)
    key = asked.text.text, lang
    if key in answers:
        answers.move_to_end(key)
        return answers[key]
    # the front ends a worker that takes too long, or too much memory
    result = served.base.run(
        asked, limit=served.options.rows, timeout=timeout, memory=None, lang=lang
    )  # fmt: skip
    answers[key] = result
    while sum(map(len, answers.values())) > _KEPT:
        answers.popitem(last=False)
    return result


def _file(content: bytes, kind: str, name: str, more: tuple[tuple[str, str], ...] = ()) -> Response:
    # a page of its own would be one of this site
    way = "attachment" if name.endswith((".html", ".xlsx", ".ipynb")) else "inline"
    plain = re.sub(r"[^\w.-]", "_", name, flags=re.ASCII)
    whole = f"; filename*=UTF-8''{quote(name, safe='')}" if plain != name else ""
    placed = ("content-disposition", f'{way}; filename="{plain}"{whole}')
    return Response(content, kind, headers=(placed, *more))


class _Field(NamedTuple):
    """A field of the form of a question.

    Attributes:
        name: what it is called in the address.
        label: the parameter's name.
        hint: what it means.
        kind: `text`, `date` or `choice`.
        values: what was told; one empty text where nothing was.
        meant: the things that were understood: words and link.
        choices: values and words to choose from.
        suggest: where names are suggested.
        wrong: whether its value is at fault.
    """

    name: str
    label: str
    hint: str
    kind: str
    values: tuple[str, ...]
    meant: tuple[tuple[str, str], ...]
    choices: tuple[tuple[str, str], ...]
    suggest: str
    wrong: bool


class _Page:
    """The page of one question, as it is asked."""

    def __init__(
        self, served: Served, request: Request, query: SavedQuery, wish: snippets.Wish
    ) -> None:
        self._served, self._request, self._query, self._wish = served, request, query, wish
        self._lang = pages.languages(request)
        self._short = syntax.readable(served.base.prefixes)

    def response(self) -> Response:
        """Return the page; with what is wrong in it, where something is."""
        try:
            asked = _prepared(self._served, self._query, self._wish, self._request)
        except (ParameterError, UnknownNameError) as error:
            status = 404 if isinstance(error, UnknownNameError) else 400
            guilty = getattr(error, "parameter", "")
            offered = self._offered(error)
            found = self._written(None, problem=str(error), offered=offered, guilty=guilty)
            return found._replace(status=status)
        try:
            told = self._answer(asked)
        except LimitError:
            self._served.spent = True
            problem = (
                f"The answer takes longer than {self._patience:g} s. Narrow what is asked; a file "
                "of it may take longer."
            )
            return self._written(asked, problem=problem)._replace(status=503)
        return self._written(asked, **told)

    @property
    def _patience(self) -> float:
        """How long the engine may take for the page: what is left is for its words."""
        return self._served.options.timeout * _SHARE

    def _written(self, asked: Asked | None, **told: Any) -> Response:  # noqa: ANN401  any content
        query, request = self._query, self._request
        empty: dict[str, Any] = {
            "problem": "", "offered": [], "sheet": None, "count": 0, "cut": False, "reason": "",
            "dateless": 0, "warnings": (), "asked_for": [], "free": [], "text": "", "views": (),
            "view": "", "picture": None, "drawing": "", "truth": None, "page": 1, "pages": 1,
            "sort": "", "statuses": {}, "downloads": (), "sparql": "", "examples": {},
        }  # fmt: skip
        guilty = told.pop("guilty", "")
        return pages.page(
            request,
            "question.html",
            query=query,
            fields=list(self._fields(asked, guilty)),
            since=request.told("since"),
            until=request.told("until"),
            lang=request.told("lang"),
            command=self._wish.command(),
            python=self._wish.python(),
            curl=snippets.curl(f"{request.root}{self._file_path('csv')}"),
            address=self._address,
            file=lambda suffix, **more: request.prefix + self._file_path(suffix, **more),
            **{**empty, **told},
        )

    # ----------------------------------------------------------- addresses

    def _address(self, **changed: str | list[str]) -> str:
        """Return the address of this page with something else in it."""
        return self._request.prefix + self._path(self._query.name, **changed)

    def _file_path(self, suffix: str, /, **changed: str) -> str:
        # who gets the file is to see the languages of this page, whatever a browser asks for
        lang = self._request.told("lang") or ",".join(self._lang)
        return self._path(
            f"{self._query.name}.{suffix}", **{"lang": lang, "sort": "", "view": "", **changed}
        )

    def _path(self, name: str, /, **changed: str | list[str]) -> str:
        told = [
            (each, value)
            for each, value in self._request.query
            if value.strip() and each not in changed and each != "page"
        ]
        for each, value in changed.items():
            told += [(each, one) for one in ([value] if isinstance(value, str) else value) if one]
        return f"/ask/{quote(name)}" + (f"?{urlencode(told)}" if told else "")

    # ---------------------------------------------------------------- form

    def _fields(self, asked: Asked | None, guilty: str) -> Iterator[_Field]:
        meant = dict(asked.values) if asked else {}
        called = self._called(term for terms in meant.values() for term in terms)
        for each in self._query.params:
            iri = syntax.written_iri(each.type, self._served.base.prefixes) or ""
            choices = self._choices(iri) if not iri.startswith(vocabulary.XSD) else ()
            kind = "date" if iri == vocabulary.XSD_DATE else "choice" if choices else "text"
            yield _Field(
                field(each.name),
                each.name,
                each.description,
                kind,
                tuple(self._wish.values.get(each.name, ())) or ("",),
                tuple(called[term] for term in meant.get(each.name, ()) if term in called),
                choices,
                "" if kind != "text" or iri.startswith(vocabulary.XSD)
                else link(self._request, "/suggest", kind=each.type),
                each.name == guilty,
            )  # fmt: skip

    def _called(self, terms: Iterable[object]) -> dict[object, tuple[str, str]]:
        """Return what things are called, and where more is told of them."""
        iris = [each for each in terms if isinstance(each, NamedNode)]
        known = labels(self._served.base.store, [each.value for each in iris], self._lang)
        return {
            each: (
                f"{label.value} ({self._short(each.value)})" if (label := known.get(each.value))
                else self._short(each.value),
                link_to(self._request, each.value),
            )
            for each in iris
        }  # fmt: skip

    def _choices(self, iri: str) -> tuple[tuple[str, str], ...]:
        """Return the things of a class as they are told and called, where they are a short list."""
        if not iri or iri in vocabulary.ANYTHING:
            return ()
        key = ("choices", iri)
        found: tuple[str, ...] = self._served.once(key, lambda: self._listed(iri))
        things = [NamedNode(each) for each in found]
        called = self._called(things)
        told = [(self._short(each.value), called[each][0].rpartition(" (")[0]) for each in things]
        return tuple(sorted(told, key=lambda each: names.fold(each[1])))

    def _listed(self, iri: str) -> tuple[str, ...]:
        text = (
            f"SELECT DISTINCT ?thing ?scheme {{ ?thing <{vocabulary.RDF_TYPE}> <{iri}> "
            f"OPTIONAL {{ ?thing <{vocabulary.SKOS_IN_SCHEME}> ?scheme }} }}"
        )
        rows = self._served.base.query(text, limit=_CHOICES + 1, timeout=None).answer.rows
        if len(rows) > _CHOICES or any(scheme is None for _, scheme in rows):
            return ()
        return tuple(sorted({str(getattr(thing, "value", "")) for thing, _ in rows}))

    def _offered(self, error: ParameterError | UnknownNameError) -> list[tuple[str, str]]:
        """Return what may have been meant, each with the address of this page with it."""
        if isinstance(error, ParameterError):
            things = [NamedNode(each) for each in error.things[:_OFFERED]]
            called, name = self._called(things), field(error.parameter)
            return [
                (called[each][0], self._address(**{name: self._short(each.value)}))
                for each in things
            ]
        if error.kind != "parameter":
            return []
        told = list(self._wish.values[error.name])
        return [
            (each, self._address(**dict[str, str | list[str]]({error.name: "", field(each): told})))
            for each in nearest(error.name, error.known)
        ]

    # -------------------------------------------------------------- answer

    def _answer(self, asked: Asked) -> dict[str, Any]:
        """Return what the page says of the answer."""
        served = self._served
        began = time.monotonic()
        result = _run(served, asked, self._lang, self._patience)
        took = time.monotonic() - began
        told: dict[str, Any] = {
            "count": len(result),
            "cut": result.answer.cut,
            "warnings": result.warnings,
            "downloads": _TABLES if asked.text.form == "SELECT" else _GRAPHS,
            "sparql": served.base.printed(asked, self._lang),
            **self._heading(asked),
        }
        if result.answer.truth is not None:
            return {**told, "truth": result.answer.truth, "downloads": ("json", "xml")}
        if not result:
            told["reason"] = self._reason(asked) if took < _QUICK else ""
        elif took < _QUICK:
            told["dateless"] = self._dateless(asked)
        if asked.text.form != "SELECT":
            return {**told, "text": result.written("turtle").decode()}
        return {
            **told,
            **self._rows(result),
            **self._pictures(result),
            "examples": dict(self._examples(result)),
        }

    def _examples(self, result: Result) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """Yield for each field without a value some that the answer has: words and addresses."""
        columns = result.answer.columns
        for each in self._query.params:
            if each.name in self._wish.values or each.name not in columns:
                continue
            at = columns.index(each.name)
            found = dict.fromkeys(row[at] for row in result.answer.rows[:_EXAMINED])
            things = [term for term in found if isinstance(term, NamedNode)][:_EXAMPLES]
            called, name = self._called(things), field(each.name)
            yield name, [
                (called[term][0].rpartition(" (")[0] or called[term][0],
                 self._address(**{name: self._short(term.value)}))
                for term in things
            ]  # fmt: skip

    def _rows(self, result: Result) -> dict[str, Any]:
        page = self._number("page")
        pages_ = max(1, -(-len(result) // ROWS))
        if page > pages_:
            raise Refusal(404, f"The answer has {counted(pages_, 'page')}, and no page {page}.")
        sort = self._request.told("sort")
        found = results.sheet(
            result, (page - 1) * ROWS, page * ROWS, sort.removeprefix("-"),
            backwards=sort.startswith("-"),
        )  # fmt: skip
        return {"sheet": found, "page": page, "pages": pages_, "sort": sort,
                "statuses": self._served.statuses}  # fmt: skip

    def _number(self, name: str) -> int:
        told = self._request.told(name, "1")
        if not re.fullmatch(r"[1-9][0-9]{0,8}", told):
            raise Refusal(400, f"{name}={told}: a number is wanted, as {name}=2.")
        return int(told)

    def _pictures(self, result: Result) -> dict[str, Any]:
        kind = self._request.told("view")
        views = [each.kind for each in self._query.views]
        if not kind or kind == "table":
            return {"views": views}
        view = _view(self._query, kind)
        if view is None:
            offered = [(each, self._address(view=each)) for each in ("table", *views)]
            raise Refusal(
                404, str(UnknownNameError("view", kind, ("table", *views))), offered=offered
            )
        told: dict[str, Any] = {"views": views, "view": kind}
        if kind in DRAWN:
            shown = Shown(self._served, self._request, result, view, self._query.time)
            found = shown.drawn()
            told["picture"] = found
            told["drawing"] = "" if found.drawing is None else pictures.inside(found.drawing)
        return told

    def _heading(self, asked: Asked) -> dict[str, Any]:
        """Return what was asked for, and for what all counts."""
        told = list(queries.values_asked(asked))
        called = self._called(term for _, terms in told for term in terms)
        words = [
            (name, [called.get(term, (str(getattr(term, "value", term)), "")) for term in terms])
            for name, terms in told
            if terms
        ]
        for name, day in (("since", asked.since), ("until", asked.until)):
            if day:
                words.append((name, [(str(day), "")]))
        free = [name for name, terms in told if not terms]
        if self._query.time and not (asked.since or asked.until):
            free.append("time")
        return {"asked_for": words, "free": free}

    def _reason(self, asked: Asked) -> str:
        try:
            return self._served.base.why_nothing(asked)
        except LimitError:
            self._served.spent = True
            return ""

    def _dateless(self, asked: Asked) -> int:
        try:
            return self._served.base.without_a_day(asked)
        except LimitError:
            self._served.spent = True
            return 0
