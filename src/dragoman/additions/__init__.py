"""Changing a base: in durable transactions, adding, removing, merging, upgrading; what is left.

Nothing gets in that the validation stands against; a refusal leaves every file as it was; and
whatever fails, at whatever step, the base has the old state or the new.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dragoman import lazy

if TYPE_CHECKING:
    from dragoman.additions.adding import Addition, add, merge, remove, upgrade
    from dragoman.additions.difference import Difference, compare, worded
    from dragoman.additions.incoming import Given
    from dragoman.additions.options import (
        Adding,
        AddingKeywords,
        Changing,
        ChangingKeywords,
        PullingKeywords,
    )
    from dragoman.additions.skeleton import article
    from dragoman.additions.transaction import UnfinishedError, recover, waiting

__all__ = [
    "Adding",
    "AddingKeywords",
    "Addition",
    "Changing",
    "ChangingKeywords",
    "Difference",
    "Given",
    "PullingKeywords",
    "UnfinishedError",
    "add",
    "article",
    "compare",
    "merge",
    "recover",
    "remove",
    "upgrade",
    "waiting",
    "worded",
]

if not TYPE_CHECKING:  # a type checker would take any name for one of ours
    __getattr__ = lazy.attributes(
        __name__,
        {
            "adding": ("Addition", "add", "merge", "remove", "upgrade"),
            "difference": ("Difference", "compare", "worded"),
            "incoming": ("Given",),
            "options": (
                "Adding",
                "AddingKeywords",
                "Changing",
                "ChangingKeywords",
                "PullingKeywords",
            ),
            "skeleton": ("article",),
            "transaction": ("UnfinishedError", "recover", "waiting"),
        },
    )
