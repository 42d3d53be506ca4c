"""How a check is wanted: one object, carried whole to what runs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict


@dataclass(frozen=True)
class Checking:
    """How a check is wanted.

    Attributes:
        engine: `auto`; `reference` for pySHACL alone; `both`, which compares the two.
        timeout: seconds after which to give up; without one, as long as it takes.
    """

    engine: str = "auto"
    timeout: float | None = None


class CheckingKeywords(TypedDict, total=False):
    """The attributes of `Checking`, as they are told by name."""

    engine: str
    timeout: float | None
