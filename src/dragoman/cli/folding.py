"""Text with looks, folded at its spaces to the width of a terminal."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from dragoman.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    # A text and how it looks: words of `_CODES`, or plain.
    Piece = tuple[str, str]

_CODES = {"bold": 1, "dim": 2, "red": 31, "green": 32, "yellow": 33, "cyan": 36}


def folded(
    pieces: Iterable[Piece], indent: int, further: int, width: int, *, color: bool
) -> Iterator[str]:
    """Fold one line at its spaces; a word that is longer than the line is left whole."""
    line, column, start = " " * indent, indent, True
    for text, look in pieces:
        for token in re.findall(r" +|[^ ]+", visible(text.replace("\n", " "))):
            space, wide = not token.strip(), columns(token)
            if not start and not space and column + wide > width:
                yield line.rstrip()
                line, column, start = " " * further, further, True
            if start and space:
                continue
            code = _code(look) if color and not space else ""
            line += f"{code}{token}\x1b[0m" if code else token
            column += wide
            start = False
    yield line.rstrip()


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    wide = sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)
    return wide - sum(1 for each in text if unicodedata.combining(each))


def _code(look: str) -> str:
    """Return what switches a terminal to a look (ECMA-48, select graphic rendition)."""
    return f"\x1b[{';'.join(str(_CODES[each]) for each in look.split())}m" if look else ""
