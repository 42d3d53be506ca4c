"""What a shape or a rule aims at: patterns of which each alone makes a node one of its targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from dragoman.walking.paths import IS_A, Step, reach, reverse
from dragoman.walking.reads import THIS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dragoman.walking.facts import Facts
    from dragoman.walking.paths import Term
    from dragoman.walking.reads import Pattern


def aims_at(targets: Iterable[Pattern], node: Term, facts: Facts) -> bool:
    """Return whether a node is a target."""
    for target in targets:
        if target.path == IS_A:
            if target.object in facts.classes(node):
                return True
        else:
            path = target.path if target.subject == THIS else reverse(target.path)
            if reach(path, (node,), facts):
                return True
    return False


def all_of(targets: Iterable[Pattern], facts: Facts) -> set[Term]:
    """Return all targets: costs what there are."""
    nodes: set[Any] = set()
    for target in targets:
        if isinstance(target.path, Step):
            number = 0 if target.subject == THIS else 1
            nodes |= {ends[number] for ends in facts.all(target.path)}
        else:
            nodes |= reach(reverse(target.path), [cast("Term", target.object)], facts)
    return nodes
