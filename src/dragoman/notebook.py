"""Tables by which results show themselves: plain text for `print`, HTML for notebooks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Shown(ABC):
    """What shows itself as a title and a table: as text for `print`, as HTML in notebooks."""

    @abstractmethod
    def _shown(self) -> tuple[str, Sequence[str], list[Sequence[object]]]:
        """Return the title, the columns and the rows."""

    def __str__(self) -> str:
        """Return the title and the table as text, as wide as the terminal."""
        import shutil

        from dragoman import tables
        from dragoman.terminal import visible

        title, columns, rows = self._shown()
        width = shutil.get_terminal_size((tables.LINE, 24)).columns
        cells = [[visible(str(cell)) for cell in row] for row in rows]
        table = tables.table(columns, cells, width) if rows else ""
        return f"{visible(title)}\n{table and chr(10)}{table}".rstrip("\n")

    def _repr_html_(self) -> str:
        return html_table(*self._shown())


def html_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table for notebooks, under a title. Everything is escaped."""
    from html import escape

    def line(cells: Sequence[object], kind: str) -> str:
        shown = (f"<{kind}>{escape(str(cell))}</{kind}>" for cell in cells)
        return f"<tr>{''.join(shown)}</tr>\n"

    body = "".join(line(row, "td") for row in rows)
    table = f"<table>\n<thead>{line(columns, 'th')}</thead>\n<tbody>\n{body}</tbody>\n</table>\n"
    return f"<p>{escape(title)}</p>\n{table if body else ''}"


def text_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of text: a line a row, columns as wide as they need."""
    from dragoman.tables import cells, padded

    widths = [max(map(cells, column)) for column in zip(columns, *rows, strict=True)]

    def line(row: Sequence[str]) -> str:
        return "  ".join(padded(cell, width) for cell, width in zip(row, widths, strict=True))

    return "\n".join(line(row).rstrip() for row in (columns, *rows))
