"""The pages of things: what the record and the accounts say of one, and the same as RDF."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote, unquote, urlencode

from pyoxigraph import Literal, NamedNode

from dragoman import base as bases
from dragoman import lookup, names, record, syntax, vocabulary
from dragoman import store as stores
from dragoman.errors import AmbiguousNameError, UnknownNameError, nearest
from dragoman.labels import labels
from dragoman.lookup.asking import number
from dragoman.results import Result, value
from dragoman.server import negotiation, pages
from dragoman.server.answers import pictures, searching
from dragoman.server.answers.pictures import Lane, Mark
from dragoman.server.answers.texts import Texts
from dragoman.server.exchange import Response
from dragoman.server.problems import Refusal
from dragoman.server.served import THINGS, link, link_to
from dragoman.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dragoman.lookup import Account, Description, Reference
    from dragoman.server.exchange import Request
    from dragoman.server.served import Served
    from dragoman.store import Term

# So many accounts, occurrences and other things of a kind are shown.
LIMIT: Final = 100
# So many things that point to one are looked at for what is everywhere.
_MOST: Final = 2000
_EVENTS: Final = 300
_OFFERED: Final = 5
# So many letters are shown around a passage, and so many of a whole text.
_AROUND: Final = 400
_LONGEST: Final = 200_000
_HTML: Final = "text/html"
# The formats of a description by suffix: the media type, and the name of the format.
_FORMATS: Final = {
    "ttl": ("text/turtle", "turtle"),
    "jsonld": ("application/ld+json", "jsonld"),
    "nt": ("application/n-triples", "ntriples"),
    "rdf": ("application/rdf+xml", "rdfxml"),
    "json": ("application/json", ""),
}
_BY_MEDIA: Final = {media: suffix for suffix, (media, _) in _FORMATS.items()}
_COUNT_POINTERS: Final = """\
SELECT ?property (COUNT(DISTINCT ?node) AS ?many) {{ ?node ?property {thing} }}
GROUP BY ?property HAVING (COUNT(?node) > 0)"""
DIFFERENCES: Final = """\
SELECT ?difference ?kind ?matter ?side ?account ?told {{
  ?difference dip:differenceOf {thing} ; a ?kind ; dip:matter ?matter .
  {{ ?difference dip:firstAccount ?account BIND (1 AS ?side)
     OPTIONAL {{ ?difference dip:firstTells ?told }} }}
  UNION {{ ?difference dip:secondAccount ?account BIND (2 AS ?side)
     OPTIONAL {{ ?difference dip:secondTells ?told }} }}
}}"""
PLACE: Final = """\
SELECT ?source ?start ?end {{
  {thing} oa:hasSource ?source ; oa:hasSelector ?selector .
  ?selector oa:start ?start ; oa:end ?end .
}}"""
OF_EVENTS: Final = """\
SELECT DISTINCT ?event ?how ?first ?last ?standing {{
  {{ SELECT DISTINCT ?event ?how {{
    {{ ?event ?how {thing} ; dip:firstDay ?any
       FILTER (?how NOT IN (dip:oneWith, dip:calledOneWith)) }}
    UNION {{ ?seat dip:person|dip:capacity {thing} ; dip:partOf ?whole .
             ?whole dip:about|dip:partOf/dip:about ?event . ?event dip:firstDay ?any
             BIND (dip:Participation AS ?how) }}
    UNION {{ ?sent dip:party {thing} ; dip:partOf/dip:about ?event . ?event dip:firstDay ?any
             BIND (dip:Delegation AS ?how) }}
  }} LIMIT {most} }}
  ?event dip:firstDay ?first
  OPTIONAL {{ ?event dip:lastDay ?last }}
  OPTIONAL {{ ?event dip:standing ?standing }}
}}"""
_PLANNED: Final = {"prospective": "planned", "unfulfilled": "off"}


def by_id(served: Served, request: Request) -> Response:
    """Return what is known of a thing of the base's own namespace."""
    iri, suffix = f"{THINGS}{request.parts['key']}", ""
    stem, _, end = iri.rpartition(".")
    if end in _FORMATS and not _is_known(served, iri) and _is_known(served, stem):
        iri, suffix = stem, end
    return _answer(served, request, iri, suffix)


def by_iri(served: Served, request: Request) -> Response:
    """Return what is known of any thing: `iri` has its IRI, or a name of it in any spelling."""
    told = request.told("iri").strip()
    if not told:
        raise Refusal(400, "Say of what: /thing?iri=IRI, or a name in any spelling.")
    suffix = request.told("format")
    if suffix and suffix not in _FORMATS:
        raise UnknownNameError("format", suffix, _FORMATS)
    return _answer(served, request, told, suffix)


def _is_known(served: Served, iri: str) -> bool:
    return names.is_somewhere(served.base.store, iri)


def _answer(served: Served, request: Request, told: str, suffix: str) -> Response:
    if not suffix:
        offered = (_HTML, *_BY_MEDIA)
        best = negotiation.best(request.headers.get("accept", ""), offered)
        if best is None:
            raise Refusal(406, f"A thing is told of as {', '.join(offered)}.")
        suffix = _BY_MEDIA.get(best, "")
    iri = meant(served, request, told)
    headers: tuple[tuple[str, str], ...] = (
        ("vary", "Accept, Accept-Language"),
        ("link", _links(request, iri)),
    )
    if shape := _shape(served, iri):
        return _of_shape(request, served, iri, shape, suffix)._replace(headers=headers)
    limit = _limit(request)
    if not suffix:
        found = _Page(served, request, iri, limit).response()
        return found._replace(headers=headers)
    description = described(served, request, iri, limit)
    media, form = _FORMATS[suffix]
    if form:
        content = served.base.triples(description).written(form)
    else:
        content = (json.dumps(description.as_dict(), ensure_ascii=False, indent=1) + "\n").encode()
    if description.left_out:
        headers += (("dragoman-cut-after", str(limit)),)
    return Response(
        content, f"{media}; charset=utf-8" if suffix == "ttl" else media, headers=headers
    )


def _limit(request: Request) -> int | None:
    told = request.told("limit", str(LIMIT))
    if not told.isdecimal() or len(told) > 9:
        raise Refusal(400, f"limit={told}: a number is wanted; 0 for all.")
    return int(told) or None


def meant(served: Served, request: Request, told: str) -> str:
    """Return the IRI of the thing that is meant.

    Raises:
        Refusal: nothing, or more than one thing, is called so; with what may have been meant.
    """
    base = served.base
    iri = syntax.written_iri(told, base.prefixes) or told
    if _is_known(served, iri) or iri in _shapes(served)[0]:
        return iri
    try:
        return lookup.find_thing(base.store, told, base.prefixes)
    except AmbiguousNameError as error:
        things = [each.partition(" (")[0] for each in error.things]
        raise Refusal(300, str(error), offered=list(_offered(served, request, things))) from error
    except UnknownNameError as error:
        near = nearest(error.name, error.known, _OFFERED)
        if words := unquote(told).rstrip("/").rpartition("/")[2].replace("-", " "):
            rows = searching.found(served, words, "", _OFFERED, quick=True).rows
            near += [str(getattr(row[0], "value", "")) for row in rows]
        raise Refusal(404, str(error), offered=list(_offered(served, request, near))) from error


def _offered(served: Served, request: Request, things: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the words and the link of each thing that is told by its IRI, prefixed name or name."""
    prefixes = served.base.prefixes
    short = syntax.readable(prefixes)
    iris = {each: syntax.written_iri(each, prefixes) for each in dict.fromkeys(things)}
    known = labels(served.base.store, filter(None, iris.values()), pages.languages(request))
    for told, iri in list(iris.items())[:_OFFERED]:
        if iri is None:
            yield told, link(request, "/thing", iri=told)
        else:
            label = known.get(iri)
            words = f"{label.value} ({short(iri)})" if label else short(iri)
            yield visible(words), link_to(request, iri)


def _links(request: Request, iri: str) -> str:
    """Return the header that names the other forms of a description, and the page (RFC 8288)."""
    told = [
        f'<{request.root}{_path(iri, suffix)}>; rel="alternate describedby"; type="{media}"'
        for suffix, (media, _) in _FORMATS.items()
    ]
    return ", ".join([*told, f'<{quote(iri, safe=_IN_IRI)}>; rel="about"'])


_IN_IRI: Final = ":/?#[]@!$&'()*+,;=%~-._"


def _path(iri: str, suffix: str = "") -> str:
    if iri.startswith(THINGS):
        return f"/id/{quote(iri[len(THINGS) :], safe='/:@~,')}{suffix and '.'}{suffix}"
    return f"/thing?iri={quote(iri, safe='')}{suffix and '&format='}{suffix}"


# ---------------------------------------------------------------------- shapes


def _shapes(served: Served) -> tuple[set[str], stores.LocalStore]:
    """Return the shapes and rules of the base: their IRIs, and the graph."""

    def read() -> tuple[set[str], stores.LocalStore]:
        graph = stores.load(served.base.base, bases.SHAPES)
        for rule in record.rules(served.base.base):
            graph.add((each.triple for each in syntax.read_rdf(rule.path)), rule.node)
        found = graph.store.quads_for_pattern(None, NamedNode(vocabulary.RDF_TYPE), None, None)
        return {q.subject.value for q in found if isinstance(q.subject, NamedNode)}, graph

    found: tuple[set[str], stores.LocalStore] = served.once("shapes", read)
    return found


def _shape(served: Served, iri: str) -> stores.LocalStore | None:
    if iri.startswith(THINGS) or _is_known(served, iri):
        return None
    known, graph = _shapes(served)
    return graph if iri in known else None


def _of_shape(
    request: Request, served: Served, iri: str, graph: stores.LocalStore, suffix: str
) -> Response:
    """Return the page of a shape or a rule: what it says of itself, and the whole as Turtle."""
    # a rule has its query in a node of its own
    text = f"DESCRIBE <{iri}> ?own {{ OPTIONAL {{ <{iri}> <{vocabulary.SH_RULE}> ?own }} }}"
    query = syntax.QueryText(text, "DESCRIBE", (), {}, name="shape")
    prefixes = served.base.prefixes
    result = Result(graph.query(query), prefixes)
    if suffix:
        media, form = _FORMATS[suffix]
        return Response(result.written(form or "jsonld"), media)
    told: dict[str, str] = {}
    for triple in result.triples:
        if isinstance(triple.object, Literal):
            told[triple.predicate.value] = triple.object.value
    return pages.page(
        request,
        "shape.html",
        iri=iri,
        label=told.get(vocabulary.RDFS_LABEL) or syntax.readable(prefixes)(iri),
        definition=told.get(vocabulary.SKOS_DEFINITION, ""),
        query=next((told[each] for each in vocabulary.SH_SELECTS if each in told), ""),
        turtle=result.written("turtle").decode(),
    )


# ------------------------------------------------------------------------ page


def described(
    served: Served, request: Request, iri: str, limit: int | None, *, explain: bool = False
) -> Description:
    """Return the description of a thing, with at most so many accounts and others of a kind."""
    base = served.base
    facts = record.facts_about(base.store.store, iri)
    return lookup.describe(
        base.store,
        iri,
        base.prefixes,
        texts=served.once("texts", lambda: Texts(served)),
        limit=limit,
        most=None if limit is None else max(_MOST, limit),
        derived=record.explained(base.base, base.store.store, facts[:limit], accounts=explain),
        languages=pages.languages(request),
    )


class _Words(NamedTuple):
    """The words of a passage, and those around them."""

    before: str
    within: str
    after: str


class _Side(NamedTuple):
    """One side of a difference: what is told, and by which accounts."""

    told: tuple[Reference, ...]
    accounts: tuple[str, ...]


class _Difference(NamedTuple):
    """A matter on which accounts of a thing differ."""

    is_conflict: bool
    matter: Reference
    first: _Side
    second: _Side


class _Page:
    """The page of one thing."""

    def __init__(self, served: Served, request: Request, iri: str, limit: int | None) -> None:
        self._served, self._request, self._iri, self._limit = served, request, iri, limit
        self._node = str(NamedNode(iri))
        self._words = lookup.Words(served.base.prefixes, pages.languages(request))

    def response(self) -> Response:
        """Return it."""
        explain = self._request.told("explain") == "true"
        found = described(self._served, self._request, self._iri, self._limit, explain=explain)
        differences = sorted(self._differences(), key=lambda each: not each.is_conflict)
        disputed: dict[str, list[str]] = defaultdict(list)
        for each in differences:
            if each.is_conflict:
                for account in (*each.first.accounts, *each.second.accounts):
                    disputed[account].append(each.matter.text)
        is_source = self._has_class(vocabulary.SOURCE_CLASS)
        pointers = self._pointers()
        drawing = self._timeline(found)
        return pages.page(
            self._request,
            "thing.html",
            found=found,
            iri=self._iri,
            names=_names(found),
            printed=[each for each in found.names if each.source is not None],
            derived=_derived(found),
            explained=explain,
            differences=differences,
            disputed=disputed,
            accounts=_by_source(found.accounts),
            occurrences=_by_thing(found.occurrences),
            is_source=is_source,
            context=self._context(),
            text=self._text() if is_source else [],
            size=self._size() if is_source else 0,
            url=self._url(found) if is_source else "",
            pointers=pointers,
            overlooked=self._limit is not None and sum(n for _, n in pointers) > _MOST,
            limit=self._limit,
            statuses=self._served.statuses,
            drawing=drawing,
            asks=self._asks(),
            formats=[
                (suffix, self._request.prefix + _path(self._iri, suffix)) for suffix in _FORMATS
            ],
            address=self._address,
            ref=lambda reference: _ref(self._request, reference),
            words=_words,
        )

    def _address(self, **more: str) -> str:
        """Return the address of this page with something else in it."""
        path = _path(self._iri)
        return f"{self._request.prefix}{path}{'&' if '?' in path else '?'}{urlencode(more)}"

    def _rows(self, text: str, **more: object) -> tuple[tuple[Term | None, ...], ...]:
        return self._served.rows(text.format(thing=self._node, **more))

    def _has_class(self, kind: str) -> bool:
        return names.is_a(self._served.base.store, self._iri, kind)

    def _pointers(self) -> list[tuple[Reference, int]]:
        """Return by which properties how many things point to this one."""
        rows = self._rows(_COUNT_POINTERS)
        self._words.learn(self._served.base.store, (_value(each) for each, _ in rows))
        found = [(self._words.property(_value(name)), int(_value(many))) for name, many in rows]
        return sorted(found, key=lambda each: (-each[1], each[0].text))

    def _differences(self) -> Iterator[_Difference]:
        rows = self._rows(DIFFERENCES)
        store = self._served.base.store
        self._words.learn(store, {_value(x) for row in rows for x in row if _is_iri(x)})
        sides: dict[tuple[str, str, str], dict[str, tuple[dict[Term, None], dict[str, None]]]] = {}
        for difference, kind, matter, side, account, told in rows:
            key = _value(kind), _value(matter), _value(difference)
            found = sides.setdefault(key, {"1": ({}, {}), "2": ({}, {})})[_value(side)]
            found[1][_value(account)] = None
            if told is not None:
                found[0][told] = None
        for (kind_, matter_, _), both in sorted(sides.items()):
            first, second = (
                _Side(tuple(map(self._words.reference, sorted(told, key=str))), tuple(accounts))
                for told, accounts in (both["1"], both["2"])
            )
            is_conflict = kind_ == f"{vocabulary.DIP}Conflict"
            yield _Difference(is_conflict, self._words.reference(NamedNode(matter_)), first, second)

    def _size(self) -> int:
        rows = self._rows("SELECT (COUNT(*) AS ?many) {{ GRAPH {thing} {{ ?s ?p ?o }} }}")
        return int(_value(rows[0][0]))

    def _url(self, found: Description) -> str:
        """Return where a source can be read, where it says so and that is on the web."""
        for fact in found.facts:
            if _value(fact.property.term) == vocabulary.SCHEMA_URL:
                for each in fact.values:
                    if _value(each.term).startswith(("http://", "https://")):
                        return _value(each.term)
        return ""

    def _context(self) -> _Words | None:
        """Return the words of a passage in the text around it, where that is at hand."""
        for source, start, end in self._rows(PLACE):
            text = self._texts.get(_value(source), "")
            first, last = number(start) or 0, number(end) or 0
            if 0 <= first < last <= len(text):
                begin, stop = max(0, first - _AROUND), last + _AROUND
                words = text[begin:first], text[first:last], text[last:stop]
                return _Words("…" * (begin > 0) + words[0], words[1],
                              words[2] + "…" * (stop < len(text)))  # fmt: skip
        return None

    def _text(self) -> list[str]:
        """Return the paragraphs of the text of a source, where it is at hand."""
        text = self._texts.get(self._iri, "")
        return [each for each in text[:_LONGEST].split("\n") if each.strip()]

    @property
    def _texts(self) -> Texts:
        found: Texts = self._served.once("texts", lambda: Texts(self._served))
        return found

    def _asks(self) -> list[tuple[str, str]]:
        """Return the questions that take a thing of this kind: words and links."""
        known = self._served.once("classes with questions", self._classes_asked)
        classes = names.classes_of(self._served.base.store, self._iri)
        found = {line for each in classes for line in known.get(each, ())}
        short = syntax.readable(self._served.base.prefixes)(self._iri)
        told = short if not short.startswith("<") else self._iri
        return [
            (summary, link(self._request, f"/ask/{name}", **{parameter: told}))
            for summary, name, parameter in sorted(found)
        ]

    def _classes_asked(self) -> dict[str, list[tuple[str, str, str]]]:
        """Return the questions that are about one thing of a class or of a wider one."""
        from dragoman.server.answers.questions import field

        served = self._served
        above: dict[str, set[str]] = defaultdict(set)
        text = "SELECT ?class ?above {{ ?class rdfs:subClassOf* ?above . ?class a owl:Class }}"
        for narrow, wide in self._rows(text):
            above[_value(narrow)].add(_value(wide))
        found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for query in served.base.questions():
            for parameter in query.params[:1]:
                iri = syntax.written_iri(parameter.type, served.base.prefixes) or ""
                for kind, wider in above.items():
                    if iri in wider and iri not in vocabulary.ANYTHING:
                        found[kind].append((query.summary, query.name, field(parameter.name)))
        return found

    def _timeline(self, found: Description) -> str:
        """Return the events of a thing along the days; empty where there are few."""
        rows = self._rows(OF_EVENTS, most=_EVENTS)
        store = self._served.base.store
        self._words.learn(store, {_value(each) for row in rows for each in row if _is_iri(each)})
        lanes: dict[str, dict[Mark, None]] = {}
        for event, how, first, last, standing in rows:
            days = [each for each in map(value, (first, last)) if isinstance(each, dt.date)]
            if days:
                look = _PLANNED.get(self._served.statuses.get(_value(standing), ""), "")
                iri = _value(event)
                mark = Mark(
                    min(days), max(days), visible(self._words.text(iri)),
                    link_to(self._request, iri), look,
                )  # fmt: skip
                lanes.setdefault(self._words.name(_value(how)), {})[mark] = None
        told = [Lane(visible(name), "", tuple(marks)) for name, marks in sorted(lanes.items())]
        if sum(len(lane.marks) for lane in told) < 2:
            return ""
        return pictures.inside(pictures.timeline(f"{found.thing.text}: events", told))


def _value(term: object) -> str:
    return str(getattr(term, "value", "" if term is None else term))


def _is_iri(term: object) -> bool:
    return isinstance(term, NamedNode)


def _ref(request: Request, reference: Reference) -> tuple[str, str]:
    """Return the words for a term, and the link to its page where it is a thing."""
    href = link_to(request, reference.term.value) if isinstance(reference.term, NamedNode) else ""
    return visible(_words(reference)), href


def _words(reference: Reference) -> str:
    datatype = getattr(getattr(reference.term, "datatype", None), "value", "")
    if datatype == f"{vocabulary.XSD}boolean":
        return {"true": "yes", "false": "no"}.get(reference.text, reference.text)
    iri = reference.term.value if isinstance(reference.term, NamedNode) else ""
    source, _, account = iri.removeprefix(vocabulary.SOURCE_GRAPH).partition("/account/")
    if account and iri.startswith(vocabulary.SOURCE_GRAPH):  # accounts have no names
        return f"account {account} of {source}"
    return reference.text


def _names(found: Description) -> list[tuple[str, str]]:
    """Return each spelling of the name once, with its languages."""
    tongues: dict[str, list[str]] = {}
    for name in found.names:
        if name.source is None:
            tongues.setdefault(name.text, []).append(name.language)
    return [
        (visible(text), " ".join(dict.fromkeys(filter(None, languages))))
        for text, languages in tongues.items()
    ]


class _Derived(NamedTuple):
    """What one rule derives by one property: the values, and the accounts that they rest on."""

    property: Reference
    rule: Reference
    values: tuple[Reference, ...]
    accounts: tuple[Reference, ...]


def _derived(found: Description) -> list[_Derived]:
    groups: dict[tuple[str, str], list[Any]] = {}
    for each in found.derived:
        groups.setdefault((each.property.text, each.rule.text), []).append(each)
    return [
        _Derived(
            told[0].property,
            told[0].rule,
            tuple(each.value for each in told),
            tuple(dict.fromkeys(account for each in told for account in each.accounts)),
        )
        for told in groups.values()
    ]


def _by_source(
    accounts: Sequence[Account],
) -> list[tuple[Reference | None, list[Account]]]:
    groups: dict[str, tuple[Reference | None, list[Account]]] = {}
    for each in accounts:
        key = _value(each.source.term) if each.source else ""
        groups.setdefault(key, (each.source, []))[1].append(each)
    return list(groups.values())


def _by_thing(
    accounts: Sequence[Account],
) -> list[tuple[Reference | None, tuple[str, ...], list[Account]]]:
    groups: dict[str, tuple[Reference | None, tuple[str, ...], list[Account]]] = {}
    for each in accounts:
        key = _value(each.about.term) if each.about else ""
        groups.setdefault(key, (each.about, each.kinds, []))[2].append(each)
    return list(groups.values())
