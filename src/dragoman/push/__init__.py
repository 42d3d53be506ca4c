"""Out to a graph store, with proof: sent by the best way it has, read back, compared.

`plan` has what is wanted and what became of it, `uploading` writes into a store, `proof` compares,
by the `values` that literals mean, `states` keeps how far a push is, and `pushing` does it all.
`pulling` brings a graph back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dragoman import lazy

if TYPE_CHECKING:
    from dragoman.push.plan import *
    from dragoman.push.proof import *
    from dragoman.push.pulling import *
    from dragoman.push.pushing import *
    from dragoman.push.states import *
else:  # a type checker would take any name for one of ours
    __getattr__ = lazy.attributes(__name__)
