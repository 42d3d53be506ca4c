"""Counting what a base holds."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from dragoman import base as bases
from dragoman import store as stores
from dragoman import vocabulary
from dragoman.lookup.asking import number, rows, value
from dragoman.lookup.words import Words
from dragoman.store import Answer

if TYPE_CHECKING:
    from dragoman.base import Base
    from dragoman.store import LocalStore, Source


def stats(base: Base, source: LocalStore, *, limit: int | None = None) -> Answer:
    """Count what a base holds.

    Args:
        base: the base, for its files.
        source: its index of ontology and data.
        limit: at most so many rows of one group; `Answer.cut` says whether there are more.

    Returns:
        A row a count: its `group`, the `item` counted (an IRI, where it is a thing), its `label`,
        and the `count`. The groups: base, triples (by graph), things (by class), accounts (by
        status), sources, named voices and
        anonymous voices (with their accounts).
    """
    words = Words(base.prefixes())
    groups = {
        "base": _base_counts(base, source),
        "triples": _graph_counts(source),
        "things": _counts(source, f"?one <{vocabulary.RDF_TYPE}> ?item . "
                          f"FILTER(STRSTARTS(STR(?item), '{vocabulary.DIP}'))"),
        "accounts": _counts(source, f"?one <{vocabulary.STATUS}> ?item"),
        "sources": _counts(source, f"?one <{vocabulary.SOURCE}> ?item ; <{vocabulary.ABOUT}> ?any"),
        "named voices": _counts(source, f"?one <{vocabulary.WAS_ATTRIBUTED_TO}> ?item MINUS "
                          f"{{ ?item a <{vocabulary.ANONYMOUS_VOICE}> }}"),
        "anonymous voices": _counts(source, f"?one <{vocabulary.WAS_ATTRIBUTED_TO}> ?item . "
                                    f"?item a <{vocabulary.ANONYMOUS_VOICE}>"),
    }  # fmt: skip
    words.learn(source, [iri for each in groups.values() for iri, label, _ in each if not label])
    told = tuple(
        (
            Literal(group),
            NamedNode(iri) if iri else None,
            Literal(label or words.text(iri)),
            Literal(many),
        )
        for group, counted in groups.items()
        for iri, label, many in counted[: None if group == "base" else limit]
    )
    return Answer(
        "SELECT",
        ("group", "item", "label", "count"),
        told,
        cut=len(told) < sum(map(len, groups.values())),
    )


def _base_counts(base: Base, source: LocalStore) -> list[tuple[str, str, int]]:
    shapes = stores.load(base, bases.SHAPES)
    header = f"<{vocabulary.ONTOLOGY}> <{vocabulary.OWL_VERSION_INFO}> ?version"
    version = rows(source, f"SELECT ?version {{ {header} }}")
    ours = f"?term a ?kind FILTER(isIRI(?term) && STRSTARTS(STR(?term), '{vocabulary.DIP}'))"
    terms = rows(source, f"SELECT (COUNT(DISTINCT ?term) AS ?n) {{ {ours} }}")
    version_told = f" {value(version[0][0])}" if version else ""
    constraints = (vocabulary.SH_PROPERTY_SHAPE, vocabulary.SH_SPARQL_CONSTRAINT)
    files = Counter(each.folder for each in source.sources)
    return [
        ("", "files of the ontology", files[bases.ONTOLOGY]),
        (vocabulary.ONTOLOGY, f"terms of the ontology{version_told}", number(terms[0][0]) or 0),
        ("", "files of shapes", len(shapes.sources)),
        ("", "constraints", sum(_typed(shapes, each) for each in constraints)),
        ("", "files of data", files[bases.DATA]),
        ("", "triples of ontology and data", sum(many for _, _, many in _graph_counts(source))),
        ("", "accounts", _typed(source, vocabulary.ACCOUNT)),
        ("", "saved questions", len(base.queries())),
    ]


def _typed(source: Source, kind: str) -> int:
    found = rows(source, f"SELECT (COUNT(DISTINCT ?one) AS ?n) {{ ?one a <{kind}> }}")
    return number(found[0][0]) or 0


def _graph_counts(source: LocalStore) -> list[tuple[str, str, int]]:
    found = rows(
        source, "SELECT ?graph (COUNT(*) AS ?n) { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph"
    )
    counted = {value(graph): number(many) or 0 for graph, many in found}
    return [
        (each.graph, f"{each.folder}/{each.name}", counted.get(each.graph, 0))
        for each in source.sources
    ]


def _counts(source: Source, pattern: str) -> list[tuple[str, str, int]]:
    text = f"SELECT ?item (COUNT(DISTINCT ?one) AS ?n) {{ {pattern} }} GROUP BY ?item"
    counted = [(value(item), "", number(n) or 0) for item, n in rows(source, text) if item]
    return sorted(counted, key=lambda each: (-each[2], each[0]))
