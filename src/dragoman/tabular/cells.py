"""Reading the cells of a table, a CSV file or the first sheet of a workbook, as people typed them.

The one importer of openpyxl. Rows are numbered as spreadsheets and RFC 7111 number them: the first
is 1, and an empty one counts.
"""

from __future__ import annotations

__all__ = ["EXCEL", "first_row", "opened", "written_apart"]

import csv
import datetime as dt
import io
import re
import unicodedata
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple, cast

from dragoman.errors import MissingLibraryError, SyntaxProblem
from dragoman.syntax.reading import opened_file

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import Self

EXCEL: Final = "xlsx"
# What separates cells, the usual one first.
_SEPARATORS: Final = (",", ";", "\t")
_LONGEST: Final = 1 << 20
_MOST_COLUMNS: Final = 1_000
# What a workbook may hold when it is unpacked: a small file can swell to fill a disk.
_MOST_BYTES: Final = 1 << 30
# A row of explanation, which is no data, begins so; only right below the heading.
REMARK: Final = "#"


class Fault(str):
    """What a cell holds that cannot be read as a value, and why."""

    __slots__ = ("why",)
    why: str

    def __new__(cls, held: str, why: str) -> Self:
        """Return what a cell holds, with what is wrong with it."""
        found = super().__new__(cls, held)
        found.why = why
        return found


class Row(NamedTuple):
    """One row of a table.

    Attributes:
        number: its place in the table; the first is 1.
        cells: their texts, without white space around them; empty where there is none.
    """

    number: int
    cells: list[str]


@contextmanager
def opened(path: Path, label: str) -> Iterator[Iterator[Row]]:
    """Give the rows of a table that have a cell with something in it; the heading is the first.

    Rows of explanation, right below the heading, are left out.

    Raises:
        SyntaxProblem: it cannot be read, or is no table; while the rows are read, too.
        MissingLibraryError: it is a workbook, and openpyxl is not installed.
    """
    with opened_file(path, label) as stream:
        raw = _sheet(stream, label) if is_workbook(path) else _lines(stream, label)
        try:
            yield _without_remarks(raw)
        finally:
            raw.close()


def is_workbook(path: Path) -> bool:
    """Return whether a file is a workbook by its name."""
    return path.name.casefold().endswith(f".{EXCEL}")


def first_row(path: Path, label: str) -> list[str]:
    """Return the heading of a table; empty where there is none.

    Raises:
        SyntaxProblem: it cannot be read, or is no table.
    """
    with opened(path, label) as rows:
        return next(rows, Row(1, [])).cells


def text_of(path: Path, label: str) -> tuple[int, str] | None:
    """Return the length and the SHA-256 of the text that a table is; None for a workbook."""
    import hashlib

    if is_workbook(path):
        return None
    digest, length = hashlib.sha256(), 0
    with opened_file(path, label) as stream:
        stream.seek(0)
        for chunk in iter(lambda: stream.read(1 << 20), b""):
            digest.update(chunk)
            # each code point has one byte that is no continuation
            length += len(chunk) - len(_CONTINUATION.findall(chunk))
    return length, digest.hexdigest()


_CONTINUATION: Final = re.compile(rb"[\x80-\xbf]")


def written_apart(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as a CSV text that spreadsheets open: UTF-8 with its mark, and commas."""
    stream = io.StringIO()
    stream.write("\ufeff")
    csv.writer(stream, lineterminator="\r\n").writerows(rows)
    return stream.getvalue()


def _without_remarks(raw: Iterator[Row]) -> Iterator[Row]:
    heading, remarks = True, True
    for row in raw:
        if not any(row.cells):
            continue
        if not heading and remarks and row.cells[0].startswith(REMARK):
            continue
        remarks = heading
        heading = False
        yield row


def _clean(text: str) -> str:
    return text if text.isascii() and text == text.strip() else _composed(text)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


# ------------------------------------------------------------------------- CSV


def _lines(stream: IO[bytes], label: str) -> Generator[Row]:
    stream.seek(0)
    start = stream.read(4)
    stream.seek(0)
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in start:
        raise SyntaxProblem(f"It is UTF-16, not UTF-8. {_SAVE}", label)
    if start == b"PK\x03\x04":
        raise SyntaxProblem("It is a workbook or another packed file: call it .xlsx.", label)
    number = 0
    before = csv.field_size_limit(_LONGEST)
    # not closed with the rows: whoever opened the file closes it
    text = io.TextIOWrapper(cast("io.BytesIO", stream), encoding="utf-8-sig", newline="")
    try:
        heading = text.readline(_LONGEST)
        text.seek(0)
        for cells in csv.reader(text, delimiter=_separator(heading), strict=True):
            number += 1
            yield Row(number, [_clean(cell) for cell in cells])
    except UnicodeDecodeError as error:
        raise SyntaxProblem(f"It is not UTF-8. {_SAVE}", label) from error
    except csv.Error as error:
        raise SyntaxProblem(f"This row is no CSV: {_reason(error)}.", label, number + 1) from error
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SyntaxProblem(f"It cannot be read: {reason}.", label) from error
    finally:
        csv.field_size_limit(before)
        text.detach()


_SAVE: Final = "Save it as CSV UTF-8 (Excel: Save As, CSV UTF-8; LibreOffice: Unicode (UTF-8))."


def _separator(heading: str) -> str:
    """Return what separates the cells of a heading, outside of quotes."""
    plain = re.sub(r'"[^"]*"', "", heading)
    return max(_SEPARATORS, key=plain.count)


def _reason(error: csv.Error) -> str:
    told = str(error)
    if "field larger" in told:
        return f"a cell is longer than {_LONGEST >> 20} MiB; is a quotation mark not closed"
    if "unexpected end" in told:
        return "a quotation mark is not closed before the end"
    if "expected after" in told:
        return "a quotation mark stands within a cell; write it twice, and the cell in quotes"
    return told


# ------------------------------------------------------------------- workbooks


def _sheet(stream: IO[bytes], label: str) -> Generator[Row]:
    try:
        import openpyxl
    except ImportError as error:
        raise MissingLibraryError(
            "Reading workbooks needs openpyxl, which is not installed. Install it: "
            "pip install 'dragoman[workbook]', or save the table as CSV UTF-8."
        ) from error
    import warnings
    import zipfile

    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as packed:
            size = sum(each.file_size for each in packed.infolist())
        if size > _MOST_BYTES:
            raise OSError(f"it unpacks to more than {_MOST_BYTES >> 30} GiB")  # noqa: TRY301
        stream.seek(0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions such as pick lists, which go unread
            book = openpyxl.load_workbook(stream, read_only=True, keep_links=False)
            sheet = book.worksheets[0]
    except Exception as error:
        raise SyntaxProblem(
            f"It is no workbook (.xlsx) that can be read: {error}.", label
        ) from error
    try:
        for number, row in enumerate(_rows(sheet, label), 1):
            cells = [_cell(cell) for cell in row[:_MOST_COLUMNS]]
            while cells and not cells[-1]:
                cells.pop()
            yield Row(number, cells)
    finally:
        book.close()


def _rows(sheet: Any, label: str) -> Iterator[Sequence[Any]]:  # noqa: ANN401  untyped
    sheet.reset_dimensions()  # what the file says of its size may be wrong
    rows = sheet.iter_rows()
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except Exception as error:
            raise SyntaxProblem(f"Its first sheet cannot be read: {error}.", label) from error
        yield row


def _cell(cell: Any) -> str:  # noqa: ANN401, PLR0911  untyped, and one line for each kind
    """Return what a cell shows, for a number or a day as people type them."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        if cell.data_type == "f":
            return Fault(value, "it holds a formula; paste its value in its place")
        if cell.data_type == "e":
            return Fault(value, f"it holds the error {value}; correct it")
        return _composed(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime) and value.time() != dt.time():
        return value.isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return _day(value, str(cell.number_format))
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.time):
        return value.isoformat()
    if isinstance(value, (int, float)):
        return repr(value)
    held = str(value) or REMARK
    return Fault(held, f"it holds what is no text, number or day ({held}); write it as text")


def _day(value: dt.date, shown: str) -> str:
    """Return a day; or the month or the year, where the cell shows no more.

    Who types 2024-05 into a spreadsheet gets the first of May, shown as a month.
    """
    letters = re.sub(r'"[^"]*"|\[[^\]]*\]|\\\\.', "", shown).casefold()
    if "d" in letters or not re.search("[my]", letters):
        return f"{value:%Y-%m-%d}"
    return f"{value:%Y-%m}" if "m" in letters else f"{value:%Y}"
