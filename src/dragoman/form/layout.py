"""A report form as YAML for people: a line for what is small, keys of the whole in sections."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    Value = str | list["Value"] | dict[str, "Value"]

_WIDTH: Final = 120
_STEP: Final = "  "
# What YAML takes for something else, at the start of a plain text, in it, and at its end.
_SPECIAL: Final = re.compile(
    r"""[-?:](?:\s|$)|[,\[\]{}#&*!|>'"%@`]|\?|---|\.\.\.|<<$|=$|.*(?::(?:\s|$)|\s\#|[,\[\]{}])|\s|.*\s$""",
    re.DOTALL,
)
# What no YAML has unescaped, line ends aside (YAML 1.2, 5.1), and what editors would not keep.
_ESCAPED: Final = re.compile(
    "[^\t\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
    "|[\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


class Quoted(str):
    """A text that stands in quotes, so that it is read as a text."""

    __slots__ = ()


def laid_out(form: dict[str, Value]) -> str:
    """Return a form as YAML, which reads as the same form.

    Args:
        form: keys with values: texts, lists, and keys with values.
    """
    lines: list[str] = []
    for key, value in form.items():
        if isinstance(value, dict) and value and key != "passages":
            lines += ["", f"{_scalar(key)}:"]
            for inner, told in value.items():
                lines += _entry(_scalar(inner), told, _STEP)
        elif value and key in {"names", "passages"}:
            lines += ["", *_wrapped(f"{_scalar(key)}: ", list(_flow(value)), "")]
        elif key == "turtle" and isinstance(value, str) and _is_block(value):
            lines += ["", f"{key}: |", *(f"{_STEP}{each}".rstrip() for each in value.split("\n"))]
        else:
            lines += _entry(_scalar(key), value, "")
    return "\n".join(lines).rstrip("\n") + "\n"


def _is_block(text: str) -> bool:
    """Return whether a text reads the same as a literal block."""
    lines = text.split("\n")
    return not (
        _ESCAPED.search(text.replace("\n", ""))
        or lines[0].startswith((" ", "\t"))
        or not lines[0]
        or any(line != line.rstrip() for line in lines)
    )


def _entry(key: str, value: Value, indent: str) -> list[str]:
    if isinstance(value, str):
        return _text(key, value, indent)
    return _wrapped(f"{indent}{key}: ", list(_flow(value)), indent)


def _text(key: str, text: str, indent: str) -> list[str]:
    """Return a text behind its key, folded where it is long."""
    line = f"{indent}{key}: {_scalar(text)}"
    words = text.split(" ")
    foldable = len(line) > _WIDTH and not isinstance(text, Quoted) and all(words)
    if not foldable or _ESCAPED.search(text) or "\t" in text:
        return [line]
    lines, current = [f"{indent}{key}: >-"], ""
    for word in words:
        if current and len(indent + _STEP + current + word) + 1 > _WIDTH:
            lines.append(f"{indent}{_STEP}{current}")
            current = word
        else:
            current = f"{current} {word}" if current else word
    return [*lines, f"{indent}{_STEP}{current}"]


def _flow(value: Value) -> Iterator[str]:
    """Yield pieces of a flow style, between any two of which a line may end."""
    if isinstance(value, str):
        yield _scalar(value)
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    if not value:
        yield opening + closing
        return
    pieces: list[list[str]] = []
    if isinstance(value, dict):
        for key, told in value.items():
            inner = list(_flow(told))
            pieces.append([f"{_scalar(key)}: {inner[0]}", *inner[1:]])
    else:
        pieces = [list(_flow(each)) for each in value]
    for each in pieces[:-1]:
        each[-1] += ","
    pieces[0][0] = opening + pieces[0][0]
    pieces[-1][-1] += closing
    for each in pieces:
        yield from each


def _wrapped(start: str, pieces: list[str], indent: str) -> list[str]:
    lines, current = [], start + pieces[0]
    for piece in pieces[1:]:
        if len(current) + 1 + len(piece) > _WIDTH:
            lines.append(current)
            current = f"{indent}{_STEP}{piece}"
        else:
            current = f"{current} {piece}"
    return [*lines, current]


def _scalar(text: str) -> str:
    """Return a text as YAML writes it: bare where that is read as the same text, else in quotes."""
    if _ESCAPED.search(text) or "\t" in text:
        return '"' + "".join(map(_escaped, text)) + '"'
    if isinstance(text, Quoted) or not text or _SPECIAL.match(text):
        return '"' + text + '"' if _simple(text) else "'" + text.replace("'", "''") + "'"
    return text


def _simple(text: str) -> bool:
    return '"' not in text and "\\" not in text


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    if _ESCAPED.match(letter) or letter == "\t":
        return json.dumps(letter)[1:-1] if ord(letter) < 0x10000 else f"\\U{ord(letter):08X}"
    return letter
