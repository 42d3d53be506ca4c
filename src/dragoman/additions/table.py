"""Statements from a table: the CSV that `export -f csv` writes, read back term for term."""

from __future__ import annotations

import csv
import io
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

from dragoman import tabular
from dragoman.errors import SyntaxProblem
from dragoman.syntax.reading import MAX_TOKEN, opened_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

# Of a table with statements, and of one with rows to make facts of.
SUFFIX: Final = "csv"
NAMES: Final = frozenset({SUFFIX, tabular.EXCEL})


def is_filled_in(path: Path, label: str) -> bool:
    """Return whether a table is one to make facts of, and not one with statements.

    Raises:
        SyntaxProblem: it cannot be read, or is no table.
    """
    from dragoman.export.statements import COLUMNS

    return tuple(tabular.first_row(path, label)) != COLUMNS


def read(path: Path, label: str) -> Iterator[Quad]:
    """Yield the statements of a table, in its order.

    Its columns are those of `export.statements.COLUMNS`, named in its first row; `.gz` is unpacked.

    Raises:
        SyntaxProblem: with the line on which the row ends, for whatever is no such table.
    """
    from dragoman.export.statements import COLUMNS

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


def _quad(row: Sequence[str], width: int) -> Quad:
    if len(row) != width:
        raise ValueError(f"{len(row)} cells, not {width}")
    subject, predicate, value, kind, datatype, language, graph = row
    return Quad(
        _node(subject),
        NamedNode(predicate),
        _object(value, kind, datatype, language),
        NamedNode(graph) if graph else DefaultGraph(),
    )


def _node(text: str) -> NamedNode | BlankNode:
    return BlankNode(text[2:]) if text.startswith("_:") else NamedNode(text)


def _object(value: str, kind: str, datatype: str, language: str) -> Any:  # noqa: ANN401  any term
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
