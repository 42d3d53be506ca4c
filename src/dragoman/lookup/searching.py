"""Searching things by their names, the best match first."""

from __future__ import annotations

__all__ = ["nearest_names", "search"]

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from dragoman import names
from dragoman.errors import nearest
from dragoman.lookup.finding import find_class
from dragoman.lookup.kinds import read_kinds
from dragoman.lookup.matching import MATCHES, matches, read_known
from dragoman.lookup.words import Words
from dragoman.store import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dragoman.lookup.matching import Known
    from dragoman.names import Name
    from dragoman.store import Source


def search(  # noqa: PLR0913  what may be wanted of it
    source: Source,
    text: str,
    prefixes: Mapping[str, str] | None = None,
    *,
    kind: str | None = None,
    limit: int | None = None,
    known: Known | None = None,
    near: bool = True,
) -> Answer:
    """Find things by name: in any case, with or without accents, in any order of words.

    Near spellings are looked for only where no name fits.

    Args:
        source: where to look.
        text: the name or title, or its beginning, or a part of it.
        prefixes: those that `kind` may use.
        kind: a class, by name or IRI: only its instances and those of its subclasses.
        limit: at most so many things; `Answer.cut` says whether there are more.
        known: the names of the things of that class, where they were read before.
        near: look for near spellings, too, where no name fits.

    Returns:
        One row a thing, best first: `thing`, its `class` (label), the `name` that fits, its
        `language`, and the `match`: exact, prefix, contains or near.

    Raises:
        UnknownNameError: there is no such class.
        AmbiguousNameError: several classes are called so.
    """
    if known is None:
        iri = find_class(source, kind, prefixes or {}) if kind else None
        known = read_known(source, iri)
    best: dict[str, tuple[int, float, int, bool, Name]] = {}
    for rank, unlikeness, name in matches(known, text, near=near):
        order = (rank, unlikeness, len(name.text), name.language not in {"", "en"}, name)
        best[name.thing] = min(best.get(name.thing, order), order)
    ranked = sorted(best.items(), key=lambda item: (item[1][:4], names.fold(item[1][4].text), item))
    shown = ranked[:limit]
    found = read_kinds(source, [thing for thing, _ in shown])
    kinds = found.labels(source, Words(prefixes or {}))
    rows = tuple(
        (
            NamedNode(thing),
            Literal(", ".join(kinds.get(thing, ()))),
            Literal(name.text, language=name.language) if name.language else Literal(name.text),
            Literal(name.language),
            Literal(MATCHES[rank]),
        )
        for thing, (rank, _, _, _, name) in shown
    )
    columns = ("thing", "class", "name", "language", "match")
    return Answer("SELECT", columns, rows, cut=len(ranked) > len(shown))


def nearest_names(source: Source, text: str) -> list[str]:
    """Return up to three names that look most like a text, however little that is."""
    return nearest(text, {name.text for name in names.register_of(source).names()})
