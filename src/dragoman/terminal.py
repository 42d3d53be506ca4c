"""Text that steers no terminal: what would is spelt out.

Control characters of either set (C0, and C1 as U+009B, which begins a command as ESC [ does), and
what reorders, hides or divides text: a label, a file's name or a query's header may hold them.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# What scripts need between letters, and steers nothing.
_JOINERS: Final = "\u200c\u200d"
# The looks that our own pages have (ECMA-48, select graphic rendition), and nothing else.
_LOOKS: Final = r"\x1b\[[0-9;]*m"
# Blocks of scripts that are written from right to left, and the mark by which our tables keep such
# names in their columns: beside them, and nowhere else, it stays.
RIGHT_TO_LEFT: Final = (
    "[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
    "\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
MARK: Final = "\u200e"
_OURS: Final = re.compile(f"({_LOOKS}|{MARK}(?={RIGHT_TO_LEFT})|(?<={RIGHT_TO_LEFT}){MARK})")


def visible(text: str, kept: str = "\n") -> str:
    """Return a text with what could steer a terminal, or reorder the text, spelt out.

    Args:
        text: any text.
        kept: which of those characters stay.
    """
    if text.isprintable():
        return text
    import unicodedata

    return "".join(
        _spelt(each)
        if each not in kept
        and each not in _JOINERS
        and unicodedata.category(each) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        else each
        for each in text
    )


def one_line(text: str) -> str:
    """Return a text in one line, with what could steer a terminal spelt out."""
    return visible(text.replace("\n", "\\n"), kept="")


def page(text: str) -> str:
    """Return a page of ours, which has looks, with what else could steer a terminal spelt out."""
    parts = _OURS.split(text)
    return "".join(part if at % 2 else visible(part, "\n\t") for at, part in enumerate(parts))


def raw(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what a terminal may be shown of the bytes of a format, which it is not to obey."""
    decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
    for block in blocks:
        # lines end as the format ends them; a carriage return alone would write over a line
        text = decoder.decode(block).replace("\r\n", "\n")
        yield visible(text, "\n\t").encode()
    yield visible(decoder.decode(b"", final=True)).encode()


def _spelt(each: str) -> str:
    return f"\\u{ord(each):04x}" if ord(each) < 0x10000 else f"\\U{ord(each):08x}"
