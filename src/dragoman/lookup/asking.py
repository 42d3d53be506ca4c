"""The small questions that lookups ask of a graph, and reading the terms of the answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from dragoman.errors import DragomanError
from dragoman.syntax import QueryText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dragoman.store import Row, Source, Term

# How many nodes one query is asked about.
_CHUNK: Final = 500


def rows(source: Source, text: str) -> tuple[Row, ...]:
    """Return the rows of a SELECT, all of them.

    Raises:
        DragomanError: a store elsewhere kept some back.
    """
    # our own text: what a user told stands in it only as an IRI that the engine has checked
    answer = source.query(QueryText(text, "SELECT", (), {}, name="lookup"))
    if answer.cut:
        raise DragomanError(" ".join(answer.warnings))
    return answer.rows


def over(
    source: Source, variable: str, iris: Iterable[str], columns: str, body: str
) -> Iterator[Row]:
    """Ask about many nodes at once: yield the rows of a pattern with each as a variable."""
    for chunk in chunks(sorted(set(iris) - {""})):
        text = f"SELECT DISTINCT {columns} {{ VALUES ?{variable} {{ {chunk} }} {body} }}"
        yield from rows(source, text)


def chunks(iris: Sequence[str]) -> Iterator[str]:
    """Yield IRIs as rows of VALUES, a manageable number at a time."""
    for start in range(0, len(iris), _CHUNK):
        yield " ".join(str(NamedNode(each)) for each in iris[start : start + _CHUNK])


def value(term: Term | None) -> str:
    """Return the text of a term; empty where there is none."""
    return "" if term is None else str(getattr(term, "value", term))


def number(term: Term | None) -> int | None:
    """Return a term that is a whole number of up to 18 digits."""
    text = value(term)
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


def by_property(pairs: Iterable[tuple[Term | None, Term | None]]) -> dict[str, list[Term]]:
    """Gather (property, value), each once, in the order they came."""
    found: dict[str, dict[Term, None]] = {}
    for name, each in pairs:
        if each is not None:
            found.setdefault(value(name), {})[each] = None
    return {name: list(values) for name, values in found.items()}
