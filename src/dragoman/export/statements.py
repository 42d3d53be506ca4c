"""Graphs as a table of statements: CSV (RFC 4180), exact and without loss."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dragoman.export.graphs import Graph

COLUMNS: Final = ("subject", "predicate", "object", "type", "datatype", "language", "graph")


def written(graphs: Iterable[Graph]) -> bytes:
    """Return one row for each statement of each graph.

    The columns are those of COLUMNS. `type` says what the object is: iri, blank, literal or triple
    (RDF 1.2, written as in N-Triples). IRIs and literals stand there bare, blank nodes start with
    `_:`; `datatype` and `language` belong to literals, and a base direction follows its language
    as in `ar--rtl`.
    """
    stream = io.StringIO(newline="")
    table = csv.writer(stream)
    table.writerow(COLUMNS)
    for graph in graphs:
        for triple in graph.triples:
            subject = _bare(triple.subject)
            described = _object(triple.object)
            table.writerow([subject, triple.predicate.value, *described, graph.iri])
    return stream.getvalue().encode()


def _bare(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else str(term)


def _object(term: object) -> tuple[str, str, str, str]:
    if isinstance(term, Literal):
        language = term.language or ""
        if term.direction:
            language += f"--{term.direction.value}"
        return term.value, "literal", term.datatype.value, language
    kind = "iri" if isinstance(term, NamedNode) else "triple"
    return _bare(term), "blank" if isinstance(term, BlankNode) else kind, "", ""
