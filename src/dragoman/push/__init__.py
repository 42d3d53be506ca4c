"""Out to a graph store, with proof: sent by the best way it has, read back, compared.

`plan` has what is wanted and what became of it, `uploading` writes into a store, `proof` compares,
by the `values` that literals mean, `states` keeps how far a push is, and `pushing` does it all.
`pulling` brings a graph back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dragoman import lazy

if TYPE_CHECKING:
    from dragoman.push.plan import APPEND, REPLACE, GraphReport, Pushed, Wishes
    from dragoman.push.proof import DIFFERENT, LOSSLESS, SAME_VALUES, TOLD, Proof, compare
    from dragoman.push.pulling import RemoteGraph, fetch, listing, name_of
    from dragoman.push.pushing import push
    from dragoman.push.states import State, opened
    from dragoman.push.values import Habits

__all__ = [
    "APPEND",
    "DIFFERENT",
    "LOSSLESS",
    "REPLACE",
    "SAME_VALUES",
    "TOLD",
    "GraphReport",
    "Habits",
    "Proof",
    "Pushed",
    "RemoteGraph",
    "State",
    "Wishes",
    "compare",
    "fetch",
    "listing",
    "name_of",
    "opened",
    "push",
]

if not TYPE_CHECKING:  # a type checker would take any name for one of ours
    __getattr__ = lazy.attributes(
        __name__,
        {
            "plan": ("APPEND", "REPLACE", "GraphReport", "Pushed", "Wishes"),
            "proof": ("DIFFERENT", "LOSSLESS", "SAME_VALUES", "TOLD", "Proof", "compare"),
            "pulling": ("RemoteGraph", "fetch", "listing", "name_of"),
            "pushing": ("push",),
            "states": ("State", "opened"),
            "values": ("Habits",),
        },
    )
