"""Tables by which results show themselves: plain text for `print`, HTML for notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


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
