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
    from dragoman.remote.detecting import settled
    from dragoman.remote.endpoint import Endpoint, connect
    from dragoman.remote.finding import find_profile
    from dragoman.remote.http import Client, is_near
    from dragoman.remote.profiles import Kind, Profile, kinds, profiles_of

__all__ = [
    "Client",
    "Endpoint",
    "Kind",
    "Profile",
    "connect",
    "find_profile",
    "is_near",
    "kinds",
    "profiles_of",
    "settled",
]

if not TYPE_CHECKING:  # a type checker would take any name for one of ours
    __getattr__ = lazy.attributes(
        __name__,
        {
            "detecting": ("settled",),
            "endpoint": ("Endpoint", "connect"),
            "finding": ("find_profile",),
            "http": ("Client", "is_near"),
            "profiles": ("Kind", "Profile", "kinds", "profiles_of"),
        },
    )
