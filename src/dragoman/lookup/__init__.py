"""Looking things up: all that is known of one thing, things by their names, and what there is.

`describing` gathers a description (`show`), `searching` finds by name (`search`), `counts` counts
(`stats`). They share `finding` (the thing that a text means), `words` (labels), `kinds` (classes)
and `asking` (small queries). Each is imported when one of its names is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dragoman import lazy

if TYPE_CHECKING:
    from dragoman.lookup.counts import stats
    from dragoman.lookup.describing import describe, triples
    from dragoman.lookup.description import (
        Account,
        Derived,
        Description,
        Excerpt,
        Fact,
        NameForm,
        Statement,
    )
    from dragoman.lookup.finding import find_class, find_thing
    from dragoman.lookup.kinds import read_kinds
    from dragoman.lookup.matching import Known, read_known
    from dragoman.lookup.searching import nearest_names, search
    from dragoman.lookup.texts import read_texts
    from dragoman.lookup.words import Reference, Words

__all__ = [
    "Account",
    "Derived",
    "Description",
    "Excerpt",
    "Fact",
    "Known",
    "NameForm",
    "Reference",
    "Statement",
    "Words",
    "describe",
    "find_class",
    "find_thing",
    "nearest_names",
    "read_kinds",
    "read_known",
    "read_texts",
    "search",
    "stats",
    "triples",
]

if not TYPE_CHECKING:  # a type checker would take any name for one of ours
    __getattr__ = lazy.attributes(
        __name__,
        {
            "counts": ("stats",),
            "describing": (
                "describe",
                "triples",
            ),
            "description": (
                "Account",
                "Derived",
                "Description",
                "Excerpt",
                "Fact",
                "NameForm",
                "Statement",
            ),
            "finding": (
                "find_class",
                "find_thing",
            ),
            "kinds": ("read_kinds",),
            "matching": ("Known", "read_known"),
            "searching": (
                "nearest_names",
                "search",
            ),
            "texts": ("read_texts",),
            "words": ("Reference", "Words"),
        },
    )
