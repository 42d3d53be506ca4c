"""Empty tables to fill in: a heading that explains itself, and lists to pick from."""

from __future__ import annotations

__all__ = ["template"]

from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal

from dragoman import syntax, vocabulary, workbook
from dragoman.tabular import cells

if TYPE_CHECKING:
    from dragoman.store import LocalStore
    from dragoman.tabular.mapping import Column, Mapping

# So many choices are listed in a text; more are found by their names.
_MOST_LISTED: Final = 20


def template(mapping: Mapping, source: LocalStore, *, excel: bool = False) -> bytes:
    """Return an empty table that `convert` takes: CSV in UTF-8, or a workbook.

    In a CSV file, rows below the heading that begin with `#` explain the columns, and are no data.
    In a workbook a second sheet does, and cells have lists to pick from.

    Args:
        mapping: of which table.
        source: the facts of the base, for the names to choose from.
        excel: whether it is to be a workbook.
    """
    choices = {each.name: _choices(each, source) for each in mapping.columns}
    if excel:
        fields = [
            workbook.Field(each.name, _meaning(each), choices[each.name], bool(each.datatypes))
            for each in mapping.columns
        ]
        about = [mapping.summary, mapping.description]
        return workbook.form(mapping.name, fields, about)
    heading = [each.name for each in mapping.columns]
    meanings = [_meaning(each) for each in mapping.columns]
    listed = [_listed(choices[each.name]) for each in mapping.columns]
    rows = [heading]
    for row in (meanings, listed):
        row[0] = f"{cells.REMARK} {row[0]}".strip()
        rows.append(row)
    return cells.written_apart(rows).encode()


def _meaning(column: Column) -> str:
    return f"{column.description}{' (needed)' if column.required and not column.parts else ''}"


def _listed(choices: list[str]) -> str:
    return f"One of: {', '.join(choices)}" if 0 < len(choices) <= _MOST_LISTED else ""


def _choices(column: Column, source: LocalStore) -> list[str]:
    """Return the names that may be picked: those that are told, or all English ones of a class."""
    if not column.offered or not column.lookup:
        return list(column.choices)
    # our own text, in which nothing needs looking for
    query = syntax.QueryText(
        f"SELECT DISTINCT ?text {{ ?class <{vocabulary.RDFS_SUBCLASS_OF}>* <{column.lookup}> . "
        f"?thing a ?class ; <{vocabulary.SKOS_PREF_LABEL}> ?text }}",
        "SELECT",
        ("text",),
        {},
        name="choices",
    )
    found = (text for (text,) in source.query(query).rows)
    return sorted(
        text.value for text in found if isinstance(text, Literal) and text.language == "en"
    )
