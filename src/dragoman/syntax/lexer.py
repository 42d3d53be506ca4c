"""The tokens of Turtle and SPARQL, and reading the escapes in them."""

from __future__ import annotations

__all__ = ["Token", "tokens"]

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

# Characters of names in Turtle and SPARQL; every one beyond ASCII counts. Where the grammars differ
# the engine refuses the text, and what is said by exclusion compiles in a tenth of the time.
_LETTER = r"[^\x00-@\[-`{-\x7f]"
_FIRST = r"[^\x00-/:-@\[-^`{-\x7f]"  # a letter, digit or _
_FIRST_LOCAL = r"[^\x00-/;-@\[-^`{-\x7f]"  # or :
_LATER = r"[^\x00-,./:-@\[-^`{-\x7f]"  # a letter, digit, _ or -
_LATER_LOCAL = r"[^\x00-,./;-@\[-^`{-\x7f]"  # or :
_ESCAPE = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"
_TOKEN = rf"""
    (?P<space>[ \t\r\n]++|\#[^\n\r]*+)
  | (?P<string>\"\"\"(?:[^"\\]|\\.|"(?!""))*+\"\"\"|\'\'\'(?:[^'\\]|\\.|'(?!''))*+\'\'\'
       |"(?:[^"\\\n\r]|\\.)*+"|'(?:[^'\\\n\r]|\\.)*+')
  | (?P<iri><(?:[^<>"{{}}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})*+>)
  | (?P<variable>[?$]{_FIRST}++)
  | (?P<blank>_:{_FIRST}(?:\.*{_LATER})*+)
  | (?P<name>(?:{_LETTER}(?:\.*{_LATER})*+)?:
       (?:(?:{_FIRST_LOCAL}|{_ESCAPE})(?:\.*(?:{_LATER_LOCAL}|{_ESCAPE}))*+)?)
  | (?P<tag>@[A-Za-z]++(?:-+[A-Za-z0-9]++)*+)
  | (?P<number>(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)[eE][+\-]?[0-9]++|[0-9]*+\.[0-9]++|[0-9]++)
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*+)
  | (?P<mark>\|\||&&|\^\^|!=|<=|>=|<<|>>|.)
"""


class Token(NamedTuple):
    """One token of a Turtle or SPARQL text: its kind, its spelling and where it starts."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Return the offset just after the token."""
        return self.start + len(self.text)


def tokens(text: str, *, comments: bool = False) -> Iterator[Token]:
    """Yield the tokens of a Turtle or SPARQL text, without white space and comments.

    With `comments` these come, too, as tokens of the kind comment.

    Kinds: string, iri, variable, blank, name (a prefixed name), tag (a language tag or `@prefix`),
    number, word and mark (punctuation). Never fails: what fits nothing is a mark of one character.
    """
    for found in _compiled().finditer(text):
        kind = found.lastgroup
        if kind and kind != "space":
            yield Token(kind, found[0], found.start())
        elif comments and found[0].startswith("#"):
            yield Token("comment", found[0], found.start())


@cache
def _compiled() -> re.Pattern[str]:
    return re.compile(_TOKEN, re.VERBOSE | re.DOTALL)


def unescape(text: str) -> str:
    r"""Decode `\uXXXX` and `\UXXXXXXXX`, which may stand anywhere in SPARQL and in IRIs."""

    def decoded(found: re.Match[str]) -> str:
        code = int(found[1] or found[2], 16)
        return chr(code) if code <= 0x10FFFF else found[0]

    return re.sub(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})", decoded, text)
