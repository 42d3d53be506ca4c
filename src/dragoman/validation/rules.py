"""What a base is checked by: the plan of its shapes and its declared terms, worked out once.

They are kept among the user's caches under the hash of all that they follow from, so nothing has to
be told when they are out of date, and they may be deleted at any time. They are never kept in a
base, which may come from somebody else; and only what nobody else can have written is believed.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from dragoman import kept
from dragoman.base import ONTOLOGY, user_cache

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dragoman.base import SourceFile
    from dragoman.validation.analysis import Plan
    from dragoman.validation.shape_graph import ShapesGraph

# More of these than anybody has bases.
_MOST: Final = 20


class Rules(NamedTuple):
    """What a base is checked by.

    Attributes:
        plan: how its shapes are checked.
        declared: the terms that its ontology declares for files.
        derived: those that only rules of the record write.
    """

    plan: Plan
    declared: frozenset[str]
    derived: frozenset[str]


def rules(sources: Sequence[SourceFile]) -> Rules:
    """Return what files of shapes and ontologies come to.

    Raises:
        SyntaxProblem: one of the files does not parse.
        UnreadableFilesError: several do not.
        ShapesError: a query in the shapes asks for the network, or nests too deep.
    """
    return known(kept.key(sources, "validation", "walking"), tuple(sources))


@lru_cache(maxsize=4)
def known(key: str, sources: tuple[SourceFile, ...]) -> Rules:
    """Return the rules of files with this hash: from this process, the cache, or worked out."""
    place = user_cache() / "rules" / key
    if (known := _read(place, sources)) is not None:
        return known
    found = _worked_out(sources)
    if not found.plan.problem:
        _write(place, found)
    return found


def _worked_out(sources: Sequence[SourceFile]) -> Rules:
    from dragoman import syntax
    from dragoman.validation import analysis, scrutiny
    from dragoman.validation.changing import of_shapes
    from dragoman.validation.loading import load, of_base

    loaded = load(map(of_base, sources))
    shapes = of_shapes(loaded)
    scrutiny.check(shapes, loaded)
    plan = analysis.plan(shapes)
    ontology = [source.path for source in sources if source.folder == ONTOLOGY]
    return Rules(plan, *syntax.declared_terms(ontology))


def _read(place: Path, sources: Sequence[SourceFile]) -> Rules | None:
    from dragoman.validation import core, plain
    from dragoman.validation.analysis import Plan

    try:
        opened = kept.opened(place)
        if opened is None:
            return None
        with opened as file:
            roots, text, declared, derived, notes = plain.value_of(file.readline())
            start = file.tell()
    except Exception:  # noqa: BLE001  whatever a damaged file makes of it, it is worked out anew
        return None

    @cache
    def later() -> tuple[ShapesGraph, core.Details]:
        try:
            with place.open("rb") as file:
                file.seek(start)
                graph, details = plain.value_of(file.readline())
        except Exception:  # noqa: BLE001  it was deleted meanwhile, or is damaged
            plan = _worked_out(sources).plan
            return plan.graph, plan.named.details
        return graph, details

    named = core.Prepared(text, "", lambda: later()[1])
    return Rules(Plan(roots, "", named, lambda: later()[0], notes), declared, derived)


def _write(place: Path, found: Rules) -> None:
    from dragoman.validation import plain

    plan = found.plan
    # What is needed only once something is found comes second.
    quick = plain.text_of((plan.roots, plan.named.text, found.declared, found.derived, plan.notes))
    rest = plain.text_of((plan.graph, plan.named.details))
    kept.keep(place, quick + rest, _MOST)
