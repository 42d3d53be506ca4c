"""The prefixes that a Turtle text uses and does not declare, each with its place."""

from __future__ import annotations

__all__ = ["declarations"]

from typing import TYPE_CHECKING

from dragoman.syntax.lexer import tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def undeclared(text: str) -> dict[str, int]:
    """Return each prefix that is used before it is declared, with the line of its first use.

    A lexical scan: of a text that does not parse it gives what was found.
    """
    declared: set[str] = set()
    missing: dict[str, int] = {}
    line, counted, before = 1, 0, ""
    for token in tokens(text):
        if token.kind == "name":
            prefix = token.text.partition(":")[0]
            if before in {"@prefix", "PREFIX"}:
                declared.add(prefix)
            elif prefix not in declared and prefix not in missing:
                line += text.count("\n", counted, token.start)
                counted = token.start
                missing[prefix] = line
        before = token.text if token.kind == "tag" else token.text.upper()
    return missing


def declarations(prefixes: Iterable[str], known: Mapping[str, str]) -> list[str]:
    """Return the lines that declare those of the prefixes that are known."""
    return [f"@prefix {each}: <{known[each]}> ." for each in sorted(prefixes) if each in known]
