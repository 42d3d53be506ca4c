"""Which names fit a text, and how well."""

from __future__ import annotations

__all__ = ["Known", "read_known"]

from typing import TYPE_CHECKING, Final, NamedTuple

from dragoman import names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dragoman.names import Name
    from dragoman.store import Source

MATCHES: Final = ("exact", "prefix", "contains", "near")


class Known(NamedTuple):
    """Names, and each of them folded: for who looks for many texts."""

    names: Sequence[Name]
    folded: Sequence[str]


def read_known(source: Source, kind: str | None = None) -> Known:
    """Return the names of the things of a class, or of all, and the titles of sources."""
    found = names.register_of(source).names((kind,) if kind else (), titles=True)
    return Known(found, [names.fold(each.text) for each in found])


def matches(known: Known, text: str, *, near: bool = True) -> list[tuple[int, float, Name]]:
    """Return the names that fit, each with how well: an index of `MATCHES`, and unlikeness.

    Args:
        known: the names.
        text: what is looked for.
        near: look for near spellings where nothing fits, which takes its time.
    """
    wanted = names.fold(text)
    words = names.parts(wanted) or wanted.split()
    if not words:
        return []
    found: list[tuple[int, float, Name]] = []
    for name, folded in zip(known.names, known.folded, strict=True):
        # Marks within a word count where they stand, as in 2+2; else they only part words.
        as_written = all(each in folded for each in wanted.split())
        if not as_written and (max(map(len, words)) < 2 or not all(x in folded for x in words)):
            continue
        unlike = 0.0 if as_written else 1.0
        parts = names.parts(folded)
        if folded == wanted or sorted(parts) == sorted(words):
            found.append((0, unlike, name))
        elif folded.startswith(wanted) or all(_begins(parts, word) for word in words):
            found.append((1, unlike, name))
        else:
            found.append((2, unlike, name))
    if found or not near:
        return found
    return [(3, -score, name) for name, score in names.near(known.names, text)]


def _begins(parts: Sequence[str], word: str) -> bool:
    return any(part.startswith(word) for part in parts)


def found_once(source: Source, text: str) -> list[str]:
    """Return the things in whose names a text is found, as `search` finds it, sorted.

    Those alone whose names have it word for word, or from the beginning, where there are any; near
    spellings are no find.
    """
    ranks: dict[str, int] = {}
    for rank, _, name in matches(read_known(source), text):
        ranks[name.thing] = min(ranks.get(name.thing, rank), rank)
    best = min(ranks.values(), default=len(MATCHES))
    return sorted(thing for thing, rank in ranks.items() if rank == best < MATCHES.index("near"))
