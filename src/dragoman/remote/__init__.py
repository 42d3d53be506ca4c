"""Asking graph stores elsewhere: profiles of stores, HTTP, and an endpoint as a source of facts.

`profiles` knows how the kinds of stores behave, `consent` which profiles of a base may be used,
`finding` which store is meant, `http` sends and says what failed, `detecting` finds out the kind,
`endpoint` asks. Each is imported when one of its names is first
asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dragoman import lazy

if TYPE_CHECKING:
    from dragoman.remote.endpoint import *
    from dragoman.remote.http import *
    from dragoman.remote.profiles import *
else:  # a type checker would take any name for one of ours
    __getattr__ = lazy.attributes(__name__)
