"""Changing a base: in durable transactions, adding, removing, merging, upgrading; what is left.

Nothing gets in that the validation stands against; a refusal leaves every file as it was; and
whatever fails, at whatever step, the base has the old state or the new.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dragoman import lazy

if TYPE_CHECKING:
    from dragoman.additions.adding import *
    from dragoman.additions.difference import *
    from dragoman.additions.incoming import *
    from dragoman.additions.options import *
    from dragoman.additions.skeleton import *
    from dragoman.additions.transaction import *
else:  # a type checker would take any name for one of ours
    __getattr__ = lazy.attributes(__name__)
