"""Content negotiation: what of that which is offered a client wants most (RFC 9110, 12.5)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_QUALITY: Final = re.compile(r"[ \t]*q[ \t]*=[ \t]*([01](?:\.[0-9]{0,3})?)[ \t]*", re.IGNORECASE)


class _Wish(NamedTuple):
    value: str
    quality: float
    precision: int


@lru_cache(1024)
def best(accept: str, offered: tuple[str, ...]) -> str | None:
    """Return the media type that is wanted most; the first of those wanted alike.

    Args:
        accept: the header `Accept`; empty where there is none, which is to want anything.
        offered: media types without parameters, the best first.

    Returns:
        One of those offered; None where none is acceptable.
    """
    wishes = [_wish(each) for each in accept.split(",") if each.strip()]
    if not wishes:
        return offered[0]
    qualities = {each: _quality(each, wishes) for each in offered}
    found = max(offered, key=lambda each: qualities[each])
    return found if qualities[found] > 0 else None


def _wish(text: str) -> _Wish:
    value, *parameters = text.split(";")
    value = value.strip().lower()
    quality = 1.0
    for each in parameters:
        if match := _QUALITY.fullmatch(each):
            quality = min(1.0, float(match[1]))
    kind, _, rest = value.partition("/")
    return _Wish(value, quality, (kind != "*") + (rest != "*"))


def _quality(offered: str, wishes: Sequence[_Wish]) -> float:
    kind = offered.partition("/")[0]
    fitting = [each for each in wishes if each.value in {offered, f"{kind}/*", "*/*"}]
    return max(fitting, key=lambda each: each.precision).quality if fitting else 0.0


@lru_cache(1024)
def languages(accept: str) -> tuple[str, ...]:
    """Return the tags of a header `Accept-Language`, the best first; none for `*`."""
    wishes = [_wish(each) for each in accept.split(",") if each.strip()]
    wanted = sorted((each for each in wishes if each.quality > 0), key=lambda each: -each.quality)
    pattern = re.compile(r"[a-z]{1,8}(-[a-z0-9]{1,8})*")
    return tuple(each.value for each in wanted if pattern.fullmatch(each.value))
