"""What the endpoint says of itself: SPARQL 1.1 Service Description, with VoID of what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pyoxigraph import Literal, NamedNode, Triple

from dragoman import syntax, turtle, vocabulary
from dragoman.results import Result
from dragoman.server.answers import endpoint
from dragoman.server.exchange import Response
from dragoman.store import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dragoman.server.exchange import Request
    from dragoman.server.served import Served
    from dragoman.store import LocalStore, Term

# Unique names of file formats (W3C); those without a name there are known by their media types.
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_WRITTEN: Final = (
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "N-Triples", "RDF_XML", "JSON-LD"),
)


class _Counts(NamedTuple):
    """How many triples each graph has, each property, and how many things each class."""

    graphs: list[tuple[Term, Term]]
    classes: list[tuple[Term, Term]]
    properties: list[tuple[Term, Term]]

    @classmethod
    def of(cls, store: LocalStore) -> _Counts:
        """Count what is in a store."""
        return cls(
            _counted(store, "?x", "GRAPH ?x { ?s ?p ?o }"),
            _counted(store, "?x", "?s a ?x"),
            _counted(store, "?x", "?s ?x ?o"),
        )


def described(served: Served, request: Request) -> Response:
    """Return the description, in any format of RDF.

    Raises:
        Refusal: none of these is acceptable.
    """
    form, media = endpoint.acceptable(request.headers.get("accept", ""), endpoint.TRIPLES)
    counts = served.once("counts", lambda: _Counts.of(served.base.store))
    triples = tuple(_service(f"{request.root}/sparql", counts))
    shortening = {**served.base.prefixes, **vocabulary.DESCRIBING}
    if form in {"turtle", "trig"}:
        body = turtle.written(sorted(triples, key=str), shortening)
    else:
        answer = Answer("CONSTRUCT", triples=triples)
        body = Result(answer, shortening).written(form)
    kind = media if media.startswith("application/") else f"{media}; charset=utf-8"
    return Response(body, kind, headers=(("vary", "Accept"),))


def _service(own: str, counts: _Counts) -> Iterator[Triple]:
    """Yield what is said of the endpoint."""
    service, dataset, everything = (
        NamedNode(f"{own}{part}") for part in ("#service", "#dataset", "#default-graph")
    )
    yield _of(service, vocabulary.RDF_TYPE, _sd("Service"))
    yield _of(service, f"{vocabulary.SD}endpoint", NamedNode(own))
    yield _of(service, f"{vocabulary.SD}supportedLanguage", _sd("SPARQL11Query"))
    yield _of(service, f"{vocabulary.SD}feature", _sd("UnionDefaultGraph"))
    for name in _WRITTEN:
        yield _of(service, f"{vocabulary.SD}resultFormat", NamedNode(f"{_FORMATS}{name}"))
    yield _of(service, f"{vocabulary.SD}defaultDataset", dataset)
    yield _of(dataset, vocabulary.RDF_TYPE, _sd("Dataset"))
    yield _of(dataset, f"{vocabulary.SD}defaultGraph", everything)
    yield _of(everything, vocabulary.RDF_TYPE, _sd("Graph"))
    yield from _described(everything, counts)
    for number, (graph, count) in enumerate(counts.graphs, 1):
        node = NamedNode(f"{own}#graph-{number}")
        content = NamedNode(f"{node.value}-content")
        yield _of(dataset, f"{vocabulary.SD}namedGraph", node)
        yield _of(node, vocabulary.RDF_TYPE, _sd("NamedGraph"))
        yield _of(node, f"{vocabulary.SD}name", graph)
        yield _of(node, f"{vocabulary.SD}graph", content)
        yield _of(content, vocabulary.RDF_TYPE, _sd("Graph"))
        yield _of(content, vocabulary.RDF_TYPE, NamedNode(f"{vocabulary.VOID}Dataset"))
        yield _of(content, vocabulary.VOID_TRIPLES, count)


def _described(node: NamedNode, counts: _Counts) -> Iterator[Triple]:
    """Yield how much there is in all, of each class, and of each property."""
    yield _of(node, vocabulary.RDF_TYPE, NamedNode(f"{vocabulary.VOID}Dataset"))
    classes, properties = counts.classes, counts.properties
    triples = sum(int(getattr(count, "value", "0")) for _, count in counts.properties)
    for name, number in (
        ("triples", triples),
        ("classes", len(classes)),
        ("properties", len(properties)),
    ):
        yield _of(node, f"{vocabulary.VOID}{name}", _number(number))
    for kind, name, found, counted in (
        ("classPartition", "class", classes, "entities"),
        ("propertyPartition", "property", properties, "triples"),
    ):
        for number, (term, count) in enumerate(found, 1):
            part = NamedNode(f"{node.value}-{name}-{number}")
            yield _of(node, f"{vocabulary.VOID}{kind}", part)
            yield _of(part, f"{vocabulary.VOID}{name}", term)
            yield _of(part, f"{vocabulary.VOID}{counted}", count)


def _counted(store: LocalStore, what: str, pattern: str) -> list[tuple[Term, Term]]:
    """Return how often a pattern holds of each IRI, sorted by it."""
    text = f"SELECT {what} (COUNT(*) AS ?n) {{ {pattern} FILTER (isIRI({what})) }} GROUP BY {what}"
    rows = store.query(syntax.check_query(text)).rows
    return sorted(((x, n) for x, n in rows if x is not None and n is not None), key=str)


def _sd(name: str) -> NamedNode:
    return NamedNode(f"{vocabulary.SD}{name}")


def _of(node: NamedNode, name: str, value: Term) -> Triple:
    return Triple(node, NamedNode(name), value)


def _number(count: int) -> Literal:
    return Literal(str(count), datatype=NamedNode(vocabulary.XSD_INTEGER))
