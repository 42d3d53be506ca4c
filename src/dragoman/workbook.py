"""Answers as sheets of one workbook (.xlsx), which no spreadsheet program takes for formulas.

The one importer of XlsxWriter. Every cell has a type: texts are texts whatever they begin with, and
a number is a number only where a spreadsheet keeps all its digits.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import Literal

from dragoman import vocabulary
from dragoman.errors import DragomanError, MissingLibraryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dragoman.results import Result
    from dragoman.store import Term

# What a cell, a sheet's name and a sheet can hold.
_LONGEST: Final = 32_767
_LONGEST_NAME: Final = 31
_MOST_ROWS: Final = 1_048_576
_NUMBERS: Final = frozenset(f"{vocabulary.XSD}{name}" for name in ("integer", "decimal", "double"))
_EXACT: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14}|(?=[0-9.]{3,16}\Z)[0-9]+\.[0-9]+)", re.ASCII)


def written(sheets: Iterable[tuple[str, Result]]) -> bytes:
    """Return tables as a workbook: a name and a table for each sheet.

    The same tables give the same bytes: the time that the format asks for is the first that a zip
    file can tell, and says nothing.

    Raises:
        MissingLibraryError: XlsxWriter is not installed.
        DragomanError: a text is longer than a cell, or a table than a sheet.
    """
    try:
        import xlsxwriter
    except ImportError as error:
        raise MissingLibraryError(
            "Workbooks need XlsxWriter, which is not installed. Install it: "
            "pip install 'dragoman[workbook]'"
        ) from error
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": dt.datetime(1980, 1, 1, tzinfo=dt.UTC)})
    bold = book.add_format({"bold": True})
    names: set[str] = set()
    for name, result in sheets:
        sheet = book.add_worksheet(_sheet_name(name, names))
        sheet.freeze_panes(1, 0)
        if len(result.rows) >= _MOST_ROWS:
            raise DragomanError(f"{name}: a sheet has {_MOST_ROWS:,} rows, and this needs more.")
        order = _reading_order(result.columns)
        for number, column in enumerate(result.columns[at] for at in order):
            sheet.write_string(0, number, column, bold)
            sheet.set_column(number, number, 28)
        for line, row in enumerate(result.rows, 1):
            for number, at in enumerate(order):
                _write(sheet, (line, number), row[at], name)
    book.close()
    return stream.getvalue()


def _reading_order(columns: Sequence[str]) -> list[int]:
    """Return the places of columns: what a thing is called stands before the thing."""
    order: list[int] = []
    for at, name in enumerate(columns):
        beside = at > 0 and name == f"{columns[at - 1]}Label"
        order.insert(len(order) - beside, at)
    return order


def _write(sheet: Any, place: tuple[int, int], term: Term | None, name: str) -> None:  # noqa: ANN401  untyped
    if term is None:
        return
    text = str(getattr(term, "value", term))
    if isinstance(term, Literal) and term.datatype.value in _NUMBERS and _EXACT.fullmatch(text):
        sheet.write_number(*place, float(text))
        return
    if len(text.encode("utf-16-le")) // 2 > _LONGEST:
        raise DragomanError(
            f"{name}: a text of {len(text):,} characters is longer than a cell, which has "
            f"{_LONGEST:,}. Choose another format."
        )
    sheet.write_string(*place, text)


def _sheet_name(name: str, taken: set[str]) -> str:
    """Return a name that a sheet can have: the beginning, and a number where it is taken."""
    plain = re.sub(r"[\[\]:*?/\\']", "_", name) or "_"
    short, number = plain[:_LONGEST_NAME], 1
    while short.casefold() in taken:
        number += 1
        end = f"~{number}"
        short = f"{plain[: _LONGEST_NAME - len(end)]}{end}"
    taken.add(short.casefold())
    return short
