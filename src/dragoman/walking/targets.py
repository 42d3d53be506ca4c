"""What a shape or a rule aims at: patterns of which each alone makes a node one of its targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from dragoman import vocabulary
from dragoman.walking.paths import IS_A, Step, reach, reverse
from dragoman.walking.reads import THIS, Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dragoman.walking.facts import Facts
    from dragoman.walking.paths import Term


def aimed_at(
    classes: Iterable[Term], subjects: Iterable[Term], objects: Iterable[Term]
) -> tuple[Pattern, ...]:
    """Return the targets that are instances of classes, and subjects and objects of properties."""
    return (
        *(Pattern(THIS, IS_A, each) for each in classes),
        *(Pattern(THIS, Step(each.value), "other") for each in subjects),
        *(Pattern("other", Step(each.value), THIS) for each in objects),
    )


def pattern(targets: Iterable[Pattern], nodes: Sequence[Term] = ()) -> str:
    """Return the graph pattern that binds `?this` to each target, and each of the nodes, once."""
    parts = []
    for target in targets:
        if target.path == IS_A:
            kind, below = vocabulary.RDF_TYPE, vocabulary.RDFS_SUBCLASS_OF
            parts.append(f"{{ ?kind <{below}>* {target.object} . ?{THIS} <{kind}> ?kind }}")
            continue
        assert isinstance(target.path, Step)  # noqa: S101  what `aimed_at` makes
        ends = f"?{target.subject} <{target.path.predicate}> ?{target.object}"
        parts.append(f"{{ {ends} }}")
    if nodes:
        values = " ".join(str(node) for node in nodes)
        parts.append(f"{{ VALUES ?{THIS} {{ {values} }} }}")
    return f"{{ SELECT DISTINCT ?{THIS} WHERE {{ {' UNION '.join(parts)} }} }}"


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
