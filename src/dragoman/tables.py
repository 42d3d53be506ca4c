"""Tables and blocks of text for people: cells of any script, folded at words to a width.

The one importer of rich's table of widths: a Chinese letter takes two columns of a terminal, an
accent none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dragoman.terminal import MARK, RIGHT_TO_LEFT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

# The width that every terminal has, for which layouts are chosen.
LINE: Final = 80
_GAP: Final = 2
# What a column of texts, and one of numbers, needs to be read.
_TEXTS: Final = 10
_NUMBERS: Final = 4
# A word that is longer is folded before all else is squeezed.
_LONGEST: Final = 24
# Where a word may be folded: not in a date.
_SEAM: Final = re.compile("(?<=[\N{EN DASH}/])|(?<=[^\\W\\d]-)")


def fits(columns: Sequence[str], numeric: Collection[int]) -> bool:
    """Return whether rows are shown as a table, and not as blocks: by their columns alone.

    So a question looks alike whatever it finds, and wherever it is asked.
    """
    needs = (
        max(cells(name), _NUMBERS if index in numeric else _TEXTS)
        for index, name in enumerate(columns)
    )
    return sum(needs) + _GAP * (len(columns) - 1) <= LINE


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    width: int = LINE,
    *,
    numeric: Collection[int] = (),
    color: bool = False,
) -> str:
    """Return rows as a table: a line above tells the columns, and cells fold at their words."""
    if not columns:
        return ""
    widths = _widths([columns, *rows], width)
    head = "".join(_lines(columns, widths, numeric, "\x1b[1m" if color else ""))
    rule = "─" * (sum(widths) + _GAP * (len(widths) - 1))
    found = [list(_lines(row, widths, numeric)) for row in rows]
    apart = "\n" if any(len(lines) > 1 for lines in found) else ""
    return f"{head}{rule}\n{apart.join(''.join(lines) for lines in found)}"


def blocks(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    width: int = LINE,
    *,
    color: bool = False,
) -> str:
    """Return each row as lines of name and cell, without the empty ones."""
    longest = max(map(cells, columns), default=0)
    bold, plain = ("\x1b[1m", "\x1b[0m") if color else ("", "")
    room = max(width - longest - _GAP, _TEXTS)

    def lines(row: Sequence[str]) -> Iterator[str]:
        for name, cell in zip(columns, row, strict=True):
            for number, line in enumerate(folded(cell, room) if cell else ()):
                label = f"{bold}{padded(name, longest)}{plain}" if not number else " " * longest
                yield f"{label}{' ' * _GAP}{isolated(line)}\n"

    return "\n".join("".join(lines(row)) for row in rows)


def folded(text: str, width: int) -> list[str]:
    """Return the lines of a text that is folded at its spaces.

    A longer word is folded behind its hyphens, dashes and slashes, and cut where that is no help.
    """
    from rich.cells import chop_cells

    found: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            gap = " " if line else ""
            if cells(line + gap + word) <= width:
                line += gap + word
                continue
            if line:
                found.append(line)
            line = ""
            for part in _SEAM.split(word) if cells(word) > width else [word]:
                if cells(line + part) <= width:
                    line += part
                    continue
                if line:
                    found.append(line)
                *whole, line = chop_cells(part, width) if cells(part) > width else [part]
                found += whole
        found.append(line)
    return found


def padded(text: str, width: int, *, right: bool = False) -> str:
    """Return a text with spaces, up to a number of columns; of any script, in its place."""
    space = " " * (width - cells(text))
    return f"{space}{isolated(text)}" if right else f"{isolated(text)}{space}"


def cells(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def isolated(text: str) -> str:
    """Return a text that keeps to its place where a terminal reorders right-to-left scripts."""
    if text.isascii():
        return text
    return re.sub(f"{RIGHT_TO_LEFT}(?:.*{RIGHT_TO_LEFT})?", rf"{MARK}\g<0>{MARK}", text)


def _lines(
    row: Sequence[str], widths: Sequence[int], numeric: Collection[int], bold: str = ""
) -> Iterator[str]:
    """Yield the lines of one row."""
    parts = [folded(cell, width) for cell, width in zip(row, widths, strict=True)]
    for number in range(max(map(len, parts))):
        line = (
            (" " * _GAP)
            .join(
                padded(part[number] if number < len(part) else "", width, right=index in numeric)
                for index, (part, width) in enumerate(zip(parts, widths, strict=True))
            )
            .rstrip()
        )
        yield f"{bold}{line}{bold and chr(27) + '[0m'}\n"


def _widths(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Return the widths of columns: as wide as they need, or fairly folded to a width."""
    columns = list(zip(*rows, strict=True))
    needs = [max(cells(line) for each in cell for line in each.split("\n")) for cell in columns]
    room = width - _GAP * (len(columns) - 1)
    if sum(needs) <= room:
        return needs
    words = [[word for cell in found for word in re.split(r"[ \n]", cell)] for found in columns]
    least = [min(max(map(cells, found)), _LONGEST) for found in words]
    parts = [max(cells(x) for word in found for x in _SEAM.split(word)) for found in words]
    while sum(least) > room and max(least) > 1:
        # what folds at a seam gives way first
        slack = [max(size - part, 0) for size, part in zip(least, parts, strict=True)]
        most = slack if any(slack) else least
        least[most.index(max(most))] -= 1
    while sum(least) < room:
        _, index = min((size, index) for index, size in enumerate(least) if size < needs[index])
        least[index] += 1
    return least
