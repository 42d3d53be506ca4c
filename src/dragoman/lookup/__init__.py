"""Looking things up: all that is known of one thing, things by their names, and what there is.

`describing` gathers a description (`show`), `searching` finds by name (`search`), `counts` counts
(`stats`). They share `finding` (the thing that a text means), `words` (labels), `kinds` (classes)
and `asking` (small queries). Each is imported when one of its names is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dragoman import lazy

if TYPE_CHECKING:
    from dragoman.lookup.counts import *
    from dragoman.lookup.describing import *
    from dragoman.lookup.description import *
    from dragoman.lookup.finding import *
    from dragoman.lookup.kinds import *
    from dragoman.lookup.matching import *
    from dragoman.lookup.searching import *
    from dragoman.lookup.texts import *
    from dragoman.lookup.words import *
else:  # a type checker would take any name for one of ours
    __getattr__ = lazy.attributes(__name__)
