"""What keeping a record true takes of the rules of a base, worked out once.

It is kept among the user's caches under the hash of all that it follows from.
"""

from __future__ import annotations

__all__ = ["Prepared", "prepared"]

import hashlib
import sys
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from dragoman import kept
from dragoman.base import user_cache
from dragoman.record.stamping import stamp
from dragoman.walking import naming, plain
from dragoman.walking.reads import THIS, Group, Pattern, Places

if TYPE_CHECKING:
    from dragoman.base import Base
    from dragoman.record.rule import Rule

_MARKED: Final = naming.named(naming.FOCUS.value, THIS)
# More of these than anybody has bases.
_MOST: Final = 20


class Prepared(NamedTuple):
    """A rule, as a change asks it.

    Attributes:
        node: the IRI of its shape.
        layer: the number of its layer.
        aims: its targets.
        reads: what it reads around a node, its targets included; empty where that is not known.
        entries: predicate to the places where a triple with it can matter; under None, any.
        nearby: its query of the nodes that the graph `naming.FOCUS` names; empty where `reads` is.
        whole: its query of all nodes.
    """

    node: str
    layer: int
    aims: tuple[Pattern, ...]
    reads: tuple[Group, ...]
    entries: Places
    nearby: str
    whole: str


def _prepared(rule: Rule, layer: int) -> Prepared:
    return Prepared(
        rule.node,
        layer,
        rule.aims,
        rule.reads,
        rule.entries,
        rule.asked_nearby(_MARKED) if rule.question else "",
        rule.asked_of(rule.targets),
    )


def prepared(base: Base) -> tuple[Prepared, ...]:
    """Return the rules of a base, as a change asks them."""
    whole = hashlib.sha256(f"{stamp(base)} {sys.version}".encode())
    whole.update(kept.programs("record", "walking", "syntax"))
    return known(whole.hexdigest(), base)


@lru_cache(maxsize=4)
def known(key: str, base: Base) -> tuple[Prepared, ...]:
    """Return the rules with this hash: from this process, the cache, or worked out."""
    place = user_cache() / "record" / key
    try:
        opened = kept.opened(place)
        if opened is not None:
            with opened as file:
                found: tuple[Prepared, ...] = plain.value_of(file.read(), _kinds())
                return found
    except Exception:  # noqa: BLE001, S110  whatever a damaged file makes of it, it is made anew
        pass
    from dragoman.record.rule import rules

    asked = rules(base)
    layers = sorted({each.order for each in asked})
    made = tuple(_prepared(each, layers.index(each.order)) for each in asked)
    kept.keep(place, plain.text_of(made, _kinds()), _MOST)
    return made


@cache
def _kinds() -> plain.Kinds:
    return plain.Kinds({}, (Prepared,))
