"""Regular expressions of XPath, as `sh:pattern`, `REGEX` and `REPLACE` have them (XPath 5.6.1).

They are rewritten for the library `regex`. What Python knows beyond XPath (looking ahead, say) is
left as it is: shapes graphs that other processors take hold it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dragoman.syntax.lexer import Token

_FLAGS: Final = frozenset("smixq")
_WHITE: Final = " \t\n\r"
# XML's names: what may start one, and what may follow (XML 1.0, production 4 and 4a).
_START: Final = (
    ":A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_FOLLOWING: Final = _START + r"\-.0-9\u00b7\u0300-\u036f\u203f-\u2040"
_WORD: Final = r"\p{P}\p{Z}\p{C}"
# XML Schema 1.1, part 2, appendix G.
_CLASSES: Final = {
    "w": f"[^{_WORD}]",
    "W": f"[{_WORD}]",
    "s": r"[ \t\n\r]",
    "S": r"[^ \t\n\r]",
    "i": f"[{_START}]",
    "I": f"[^{_START}]",
    "c": f"[{_FOLLOWING}]",
    "C": f"[^{_FOLLOWING}]",
    "d": r"\p{Nd}",
    "D": r"\P{Nd}",
}
# Escapes that mean the same in Python, and for these only there.
_OURS: Final = frozenset("nrtabfvABZxuU0123456789")
_CATEGORY: Final = re.compile(
    r"\{(?:Is([-A-Za-z0-9]+)|(L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|Z[slp]?|S[mcko]?|C[cfon]?))\}"
)
_QUANTIFIER: Final = re.compile(r"\{[0-9]*(?:,[0-9]*)?\}")


@lru_cache(maxsize=512)
def compiled(pattern: str, flags: str = "") -> Any:  # noqa: ANN401  a pattern of `regex`
    """Return a regular expression that is ready; its `search` takes a text.

    Raises:
        ValueError: it is none, and why.
    """
    import regex

    if unknown := sorted(set(flags) - _FLAGS):
        raise ValueError(f"there is no flag {unknown[0]!r}, only s, m, i, x and q")
    how = regex.V1
    if "i" in flags:
        how |= regex.IGNORECASE
    if "q" in flags:
        return regex.compile(regex.escape(pattern), how)
    if "s" in flags:
        how |= regex.DOTALL
    if "m" in flags:
        how |= regex.MULTILINE
    try:
        return regex.compile(_Reader(pattern, flags).text(), how)
    except (regex.error, RecursionError, OverflowError) as error:
        raise ValueError(getattr(error, "msg", None) or "it is too deep") from error


def problem(pattern: str, flags: str = "") -> str:
    """Return why a pattern is no regular expression; empty where it is one."""
    try:
        compiled(pattern, flags)
    except ValueError as error:
        return str(error)
    return ""


def of_query(text: str) -> Iterator[tuple[str, str]]:
    """Yield the patterns that a query has as texts and that are none, each with its problem."""
    from dragoman.syntax import tokens

    found = list(tokens(text))
    for at, token in enumerate(found[:-1]):
        name = token.text.upper()
        if token.kind == "word" and name in _TAKE_PATTERNS and found[at + 1].text == "(":
            given = _arguments(found, at + 2)
            at_flags = _TAKE_PATTERNS[name]
            pattern = _said(given[1:2])
            flags = _said(given[at_flags : at_flags + 1]) if len(given) > at_flags else ""
            if pattern is not None and (why := problem(pattern, flags or "")):
                yield pattern, why


# The functions that take a pattern in the second place, and where they take flags.
_TAKE_PATTERNS: Final = {"REGEX": 2, "REPLACE": 3}


def _arguments(found: list[Token], at: int) -> list[list[Token]]:
    """Return the tokens of each argument of the call whose first is at an offset."""
    arguments: list[list[Token]] = [[]]
    depth = 1
    for token in found[at:]:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if not depth:
            break
        if token.text == "," and depth == 1:
            arguments.append([])
        else:
            arguments[-1].append(token)
    return arguments


def _said(arguments: list[list[Token]]) -> str | None:
    """Return the text that an argument is; None where it is no plain text."""
    from pyoxigraph import RdfFormat, parse

    if not arguments or [each.kind for each in arguments[0]] != ["string"]:
        return None
    (quad,) = parse(f"<x:> <x:> {arguments[0][0].text} .", RdfFormat.TURTLE)
    return str(quad.object.value)


def replaced(text: str, pattern: str, replacement: str, flags: str = "") -> str:
    """Return a text with every match replaced (XPath 5.6.3).

    Raises:
        ValueError: the pattern is none, matches the empty text, or the replacement is none.
    """
    expression = compiled(pattern, flags)
    if expression.search(""):
        raise ValueError("it matches the empty text")
    if "q" in flags:
        return str(expression.sub(lambda _: replacement, text))
    if re.search(r"\\(?![\\$])|(?<!\\)(?:\\\\)*\$(?![0-9])", replacement):
        raise ValueError(r"after \ of a replacement comes \ or $, and after $ a digit")

    def put(found: Any) -> str:  # noqa: ANN401
        def part(piece: re.Match[str]) -> str:
            if piece[1]:
                return piece[1]
            # As many digits as there are groups.
            digits = piece[2]
            while len(digits) > 1 and int(digits) > expression.groups:
                digits = digits[:-1]
            rest = piece[2][len(digits) :]
            group = found[int(digits)] if int(digits) <= expression.groups else None
            return (group or "") + rest

        return re.sub(r"\\([\\$])|\$([0-9]+)", part, replacement)

    return str(expression.sub(put, text))


class _Reader:
    """Rewrites one pattern."""

    def __init__(self, pattern: str, flags: str) -> None:
        self.pattern, self.at = pattern, 0
        self.multiline, self.spaced = "m" in flags, "x" in flags

    def text(self) -> str:
        parts = []
        while self.at < len(self.pattern):
            parts.append(self.piece())
        return "".join(parts)

    def piece(self) -> str:
        sign = self.next()
        if sign == "\\":
            return self.escape()
        if sign == "[":
            return self.characters()
        if sign == "$" and not self.multiline:
            return r"\Z"
        if sign == "{" and not _QUANTIFIER.match(self.pattern, self.at - 1):
            return r"\{"
        if sign in _WHITE:
            return "" if self.spaced else re.escape(sign)
        return sign

    def next(self) -> str:
        if self.at >= len(self.pattern):
            raise ValueError("it ends too early")
        self.at += 1
        return self.pattern[self.at - 1]

    def escape(self) -> str:
        sign = self.next()
        if sign in _CLASSES:
            return _CLASSES[sign]
        if sign in "pP":
            found = _CATEGORY.match(self.pattern, self.at)
            if not found:
                raise ValueError(rf"\{sign} asks for a category or a block, as in \p{{Lu}}")
            self.at = found.end()
            return rf"\{sign}{{{f'Block:{found[1]}' if found[1] else found[2]}}}"
        if sign.isalnum() and sign not in _OURS:
            raise ValueError(rf"there is no escape \{sign}")
        return "\\" + sign

    def characters(self) -> str:
        """Read a class of characters, from which another may be taken away."""
        parts = ["["]
        if self.pattern.startswith("^", self.at):
            parts.append(self.next())
        if self.pattern.startswith("]", self.at):
            parts.append("\\" + self.next())
        while (sign := self.next()) != "]":
            if sign == "\\":
                parts.append(self.escape())
            elif sign == "-" and self.pattern.startswith("[", self.at):
                self.at += 1
                without = self.characters()
                if self.next() != "]":
                    raise ValueError("a class that is taken away ends its class")
                return f"[{''.join(parts)}]--{without}]"
            elif sign == "-":
                # Two of them would take away, to the library.
                parts.append(r"\-" if parts[-1][-1:] in "[^-" or self.closes() else sign)
            else:
                parts.append(sign if sign.isalnum() else f"\\{sign}")
        return "".join([*parts, "]"])

    def closes(self) -> bool:
        return self.pattern.startswith("]", self.at)
