"""Asking for a part of a query's rows, or for their number, by changing its text as tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from dragoman import syntax

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dragoman.syntax import Token

_COUNT: Final = "dragomanRows"


class Select(NamedTuple):
    """A SELECT as far as its rows are concerned.

    Attributes:
        text: the query.
        start: where SELECT stands, after the prologue.
        end: where LIMIT and OFFSET may be written.
        own: the words of its solution modifiers: ORDER, LIMIT, OFFSET.
        most: the span of the number of its own LIMIT, and that number.
        distinct: whether each row comes once.
        dataset: whether it has FROM, which no query within a query may have.
    """

    text: str
    start: int
    end: int
    own: frozenset[str]
    most: tuple[int, int, int] | None
    distinct: bool
    dataset: bool

    def limited(self, most: int) -> str:
        """Return the text for at most so many rows, the first ones."""
        if self.most is None:
            return f"{self.text[: self.end]}\nLIMIT {most}\n{self.text[self.end :]}"
        start, end, own = self.most
        return f"{self.text[:start]}{min(own, most)}{self.text[end:]}"

    def counted(self) -> str:
        """Return the text that asks how many rows there are."""
        return (
            f"{self.text[: self.start]}SELECT (COUNT(*) AS ?{_COUNT}) {{ {{ "
            f"{self.text[self.start :]}\n}} }}"
        )

    def page(self, size: int, start: int) -> str:
        """Return the text for some rows from one on."""
        cut = f"LIMIT {size} OFFSET {start}"
        if not self.own:
            return f"{self.text[: self.end]}\n{cut}\n{self.text[self.end :]}"
        # Virtuoso sorts no more than it gives out, but passes over what a query within has sorted.
        return f"{self.text[: self.start]}SELECT * {{ {{ {self.text[self.start :]}\n}} }} {cut}"


def select(text: str) -> Select | None:
    """Take a SELECT apart that has been checked; None where it is none."""
    found = list(syntax.tokens(text))
    words = [token.text.upper() if token.kind == "word" else token.text for token in found]
    if "SELECT" not in words:
        return None
    form = words.index("SELECT")
    opened = _after(found, words, form, "{")
    closed = _after(found, words, opened + 1, "}") if opened is not None else None
    if opened is None or closed is None:
        return None
    tail = range(closed + 1, len(found))
    outside = _outside(found, tail)
    own = {words[index] for index in outside} & {"ORDER", "LIMIT", "OFFSET"}
    values = next((index for index in outside if words[index] == "VALUES"), None)
    limit = next((index for index in outside if words[index] == "LIMIT"), None)
    most = None
    if limit is not None and limit + 1 < len(found) and words[limit + 1].isdigit():
        number = found[limit + 1]
        most = (number.start, number.end, int(number.text))
    head = words[form:opened]
    return Select(
        text,
        found[form].start,
        len(text) if values is None else found[values].start,
        frozenset(own),
        most,
        words[form + 1] == "DISTINCT",
        "FROM" in head,
    )


def _after(found: Sequence[Token], words: Sequence[str], start: int, mark: str) -> int | None:
    """Return the first mark from a place on that stands outside of all brackets opened there."""
    depth = 0
    for index in range(start, len(found)):
        if found[index].kind != "mark":
            continue
        if words[index] == mark and depth == 0:
            return index
        depth += (words[index] in "([{") - (words[index] in ")]}")
    return None


def _outside(found: Sequence[Token], places: range) -> list[int]:
    """Return the words that stand outside of all brackets."""
    depth, outside = 0, []
    for index in places:
        token = found[index]
        if token.kind == "mark":
            depth += (token.text in "([{") - (token.text in ")]}")
        elif token.kind == "word" and depth == 0:
            outside.append(index)
    return outside
