"""Workbooks (.xlsx): answers as sheets, which nothing takes for formulas, and tables to fill in.

The one importer of XlsxWriter. Every cell has a type: texts are texts whatever they begin with, and
a number is a number only where a spreadsheet keeps all its digits.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

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
    stream = io.BytesIO()
    book = _book(stream)
    bold = book.add_format({"bold": True})
    names: set[str] = set()
    for name, result in ((name, _as_rows(result)) for name, result in sheets):
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


def _as_rows(result: Result) -> Result:
    """Return triples, or a truth, as rows of a table."""
    from dragoman.results import Result
    from dragoman.store import Answer

    if result.answer.form in {"CONSTRUCT", "DESCRIBE"}:
        rows = tuple(
            (each.subject, each.predicate, each.object)
            for each in sorted(set(result.triples), key=str)
        )
        return Result(Answer("SELECT", ("subject", "predicate", "object"), rows))
    if result.answer.truth is not None:
        truth = Literal(str(result.answer.truth).lower())
        return Result(Answer("SELECT", ("answer",), ((truth,),)))
    return result


def _book(stream: io.BytesIO) -> Any:  # noqa: ANN401  untyped
    try:
        import xlsxwriter
    except ImportError as error:
        raise MissingLibraryError(
            "Workbooks need XlsxWriter, which is not installed. Install it: "
            "pip install 'dragoman[workbook]'"
        ) from error
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": dt.datetime(1980, 1, 1, tzinfo=dt.UTC)})
    return book


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


class Field(NamedTuple):
    """A column of a table to fill in.

    Attributes:
        name: its heading.
        description: what it means.
        choices: the texts to pick from; any text where there are none.
        kept: whether a spreadsheet must leave what is typed as it is, as a month or a year.
    """

    name: str
    description: str
    choices: Sequence[str] = ()
    kept: bool = False


def form(name: str, fields: Sequence[Field], about: Sequence[str]) -> bytes:
    """Return an empty table as a workbook: a heading, lists to pick from, a sheet that explains.

    Raises:
        MissingLibraryError: XlsxWriter is not installed.
    """
    stream = io.BytesIO()
    book = _book(stream)
    bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    names: set[str] = set()
    sheet = book.add_worksheet(_sheet_name(name, names))
    told = book.add_worksheet(_sheet_name("about", names))
    lists = book.add_worksheet(_sheet_name("lists", names))
    lists.hide()
    sheet.freeze_panes(1, 0)
    told.set_column(0, 0, 20)
    told.set_column(1, 1, 80, wrapped)
    for line, each in enumerate(about):
        told.write_string(line, 1, each)
    for number, field in enumerate(fields):
        sheet.write_string(0, number, field.name, bold)
        sheet.set_column(number, number, 28, text if field.kept else None)
        told.write_string(len(about) + 1 + number, 0, field.name, bold)
        told.write_string(len(about) + 1 + number, 1, field.description)
        prompt = {"input_title": field.name[:32], "input_message": field.description[:255]}
        options: dict[str, Any] = {"validate": "any", **prompt}
        if field.choices:
            lists.write_column(0, number, field.choices)
            column = _letters(number)
            # a list of its own, for one within the rule may have 255 characters
            place = f"=lists!${column}$1:${column}${len(field.choices)}"
            options = {"validate": "list", "source": place, "error_type": "warning", **prompt}
        sheet.data_validation(1, number, _MOST_ROWS - 1, number, options)
    book.close()
    return stream.getvalue()


def _letters(number: int) -> str:
    """Return what a spreadsheet calls a column."""
    rest, last = divmod(number, 26)
    return (_letters(rest - 1) if rest else "") + chr(ord("A") + last)
