"""Graphs as a table of statements, written and read back: CSV (RFC 4180), without loss."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any, Final, cast

from pyoxigraph import (
    BaseDirection,
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    parse,
)

from dragoman import vocabulary
from dragoman.errors import SyntaxProblem
from dragoman.syntax.reading import MAX_TOKEN, opened_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

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


def read(path: Path, label: str) -> Iterator[Quad]:
    """Yield the statements of a table, in its order.

    Its columns are those of COLUMNS, named in its first row; `.gz` is unpacked.

    Raises:
        SyntaxProblem: with the line on which the row ends, for whatever is no such table.
    """
    before = csv.field_size_limit(MAX_TOKEN)
    line = 1
    try:
        with opened_file(path, label) as packed:
            packed.seek(0)
            with io.TextIOWrapper(
                cast("io.BytesIO", packed), encoding="utf-8-sig", newline=""
            ) as text:
                table = csv.reader(text, strict=True)
                if tuple(next(table, ())) != COLUMNS:
                    raise SyntaxProblem(
                        f"Its first row is not {','.join(COLUMNS)}: of tables, only those that "
                        "dragoman export -f csv writes are read.",
                        label,
                        1,
                    )
                for row in table:
                    line = table.line_num
                    yield _quad(row, len(COLUMNS))
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SyntaxProblem(f"It cannot be read: {reason}.", label) from error
    except UnicodeDecodeError as error:
        raise SyntaxProblem("It is not UTF-8. Save it as UTF-8.", label) from error
    except (csv.Error, ValueError, SyntaxError) as error:
        raise SyntaxProblem(f"It is no statement: {error}.", label, line) from error
    finally:
        csv.field_size_limit(before)


# ------------------------------------------------------------------ writing


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


# ------------------------------------------------------------------ reading


def _quad(row: Sequence[str], width: int) -> Quad:
    if len(row) != width:
        raise ValueError(f"{len(row)} cells, not {width}")
    subject, predicate, value, kind, datatype, language, graph = row
    return Quad(
        _node(subject),
        NamedNode(predicate),
        _term(value, kind, datatype, language),
        NamedNode(graph) if graph else DefaultGraph(),
    )


def _node(text: str) -> NamedNode | BlankNode:
    return BlankNode(text[2:]) if text.startswith("_:") else NamedNode(text)


def _term(value: str, kind: str, datatype: str, language: str) -> Any:  # noqa: ANN401  any term
    if kind == "triple":
        line = f"<urn:subject> <urn:predicate> {value} ."
        (quad,) = parse(line, RdfFormat.N_TRIPLES)
        return quad.object
    if kind != "literal":
        if kind not in {"iri", "blank"}:
            raise ValueError(f"{kind!r} is no type of an object")
        return _node(value)
    if language:
        tag, _, direction = language.partition("--")
        if direction:
            return Literal(value, language=tag, direction=BaseDirection(direction))
        return Literal(value, language=tag)
    return Literal(value, datatype=NamedNode(datatype))
