"""Counting what a base holds."""

from __future__ import annotations

__all__ = ["stats"]

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
    from collections.abc import Sequence

    from dragoman.base import Base, SourceFile
    from dragoman.store import Source


def stats(
    base: Base,
    source: Source,
    files: Sequence[SourceFile] | None,
    *,
    limit: int | None = None,
) -> Answer:
    """Count what a base holds, or a store elsewhere.

    Args:
        base: the base, for its shapes and questions.
        source: the index of its ontology and data, or a store elsewhere.
        files: what is in the index; None for a store elsewhere, whose graphs are counted instead.
        limit: at most so many rows of one group; `Answer.cut` says whether there are more.

    Returns:
        A row a count: its `group`, the `item` counted (an IRI, where it is a thing), its `label`,
        and the `count`. The groups: base, triples (by graph), things (by class), accounts (by
        status), sources, named voices and
        anonymous voices (with their accounts).
    """
    words = Words(base.prefixes())
    graphs = _graph_counts(source, base.sources() if files is None else files)
    known = set(source.graphs()) if files is None else {file.graph for file in files}
    graphs = [each for each in graphs if each[0] in known]
    groups = {
        "base": _base_counts(base, source, files, graphs),
        "triples": graphs,
        "things": _counts(source, f"?one <{vocabulary.RDF_TYPE}> ?item . "
                          f"FILTER(STRSTARTS(STR(?item), '{vocabulary.DIP}')) MINUS {{ "
                          f"GRAPH <{vocabulary.RECORD_GRAPH}> {{ ?one a ?item }} }}"),
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


def _base_counts(
    base: Base,
    source: Source,
    files: Sequence[SourceFile] | None,
    graphs: Sequence[tuple[str, str, int]],
) -> list[tuple[str, str, int]]:
    shapes = stores.load(base, bases.SHAPES)
    header = f"<{vocabulary.ONTOLOGY}> <{vocabulary.OWL_VERSION_INFO}> ?version"
    version = rows(source, f"SELECT ?version {{ {header} }}")
    ours = f"?term a ?kind FILTER(isIRI(?term) && STRSTARTS(STR(?term), '{vocabulary.DIP}'))"
    terms = rows(source, f"SELECT (COUNT(DISTINCT ?term) AS ?n) {{ {ours} }}")
    version_told = f" {value(version[0][0])}" if version else ""
    constraints = (vocabulary.SH_PROPERTY_SHAPE, vocabulary.SH_SPARQL_CONSTRAINT)
    folders = Counter(each.folder for each in files or ())
    own = files is not None
    return [
        *([("", "files of the ontology", folders[bases.ONTOLOGY])] if own else []),
        (vocabulary.ONTOLOGY, f"terms of the ontology{version_told}", number(terms[0][0]) or 0),
        ("", "files of shapes", len(shapes.sources)),
        ("", "constraints", sum(_typed(shapes, each) for each in constraints)),
        ("", "files of data", folders[bases.DATA]) if own else ("", "graphs", len(graphs)),
        ("", f"triples of {'ontology and data' if own else 'all graphs'}",
         sum(many for _, _, many in graphs)),
        ("", "accounts", _typed(source, vocabulary.ACCOUNT)),
        ("", "saved questions", len(base.queries())),
    ]  # fmt: skip


def _typed(source: Source, kind: str) -> int:
    found = rows(source, f"SELECT (COUNT(DISTINCT ?one) AS ?n) {{ ?one a <{kind}> }}")
    return number(found[0][0]) or 0


def _graph_counts(source: Source, files: Sequence[SourceFile]) -> list[tuple[str, str, int]]:
    """Count the triples of each graph: first those of files, in their order, then others."""
    found = rows(
        source, "SELECT ?graph (COUNT(*) AS ?n) { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph"
    )
    counted = {value(graph): number(many) or 0 for graph, many in found}
    told = [
        (each.graph, f"{each.folder}/{each.name}", counted.pop(each.graph, 0)) for each in files
    ]
    return told + [(graph, graph, many) for graph, many in sorted(counted.items())]


def _counts(source: Source, pattern: str) -> list[tuple[str, str, int]]:
    text = f"SELECT ?item (COUNT(DISTINCT ?one) AS ?n) {{ {pattern} }} GROUP BY ?item"
    counted = [(value(item), "", number(n) or 0) for item, n in rows(source, text) if item]
    return sorted(counted, key=lambda each: (-each[2], each[0]))
