"""Text with looks, folded at its spaces to the width of a terminal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dragoman.tables import cells
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
            space, wide = not token.strip(), cells(token)
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


def _code(look: str) -> str:
    """Return what switches a terminal to a look (ECMA-48, select graphic rendition)."""
    return f"\x1b[{';'.join(str(_CODES[each]) for each in look.split())}m" if look else ""
