"""Graphs as a table of statements: CSV (RFC 4180), exact and without loss."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Final

from dragoman import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dragoman.canonical import CanonicalGraph

COLUMNS: Final = ("subject", "predicate", "object", "type", "datatype", "language", "graph")
_ESCAPE: Final = re.compile(r'\\(?:u([0-9A-F]{4})|([btnfr"\\]))')
_ESCAPED: Final = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}


def blocks(graphs: Sequence[CanonicalGraph], _prefixes: Mapping[str, str]) -> Iterator[bytes]:
    """Yield one row for each statement of each graph.

    The columns are those of COLUMNS. `type` says what the object is: iri, blank, literal or triple
    (RDF 1.2, written as in N-Triples). IRIs and literals stand there bare, blank nodes start with
    `_:`; `datatype` and `language` belong to literals, and a base direction follows its language
    as in `ar--rtl`.
    """
    yield _table([COLUMNS])
    for graph in graphs:
        for block in graph.blocks():
            # not `splitlines`, which knows more ends of lines than the one that ends a line here
            lines = block.decode().split("\n")[:-1]
            yield _table(_row(line, graph.iri) for line in lines)


def text(literal: str) -> str:
    """Return what stands between the quotation marks of a literal of N-Triples."""
    return _ESCAPE.sub(_meant, literal) if "\\" in literal else literal


def _table(rows: Iterable[Iterable[str]]) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(rows)
    return stream.getvalue().encode()


def _row(line: str, graph: str) -> tuple[str, ...]:
    subject, predicate, told = line[:-2].split(" ", 2)
    return (_bare(subject), predicate[1:-1], *_object(told), graph)


def _bare(term: str) -> str:
    return term[1:-1] if term.startswith("<") else term


def _object(term: str) -> tuple[str, str, str, str]:
    if term.startswith('"'):
        body, _, end = term.rpartition('"')
        if end.startswith("@"):
            kind = vocabulary.RDF_DIR_LANG_STRING if "--" in end else vocabulary.RDF_LANG_STRING
            return text(body[1:]), "literal", kind, end[1:]
        return text(body[1:]), "literal", end[3:-1] or vocabulary.XSD_STRING, ""
    if term.startswith("<<("):
        return term[4:-4], "triple", "", ""
    return _bare(term), "blank" if term.startswith("_:") else "iri", "", ""


def _meant(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else _ESCAPED[found[2]]
