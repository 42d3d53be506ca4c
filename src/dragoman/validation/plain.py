"""Writing what a base is checked by as plain JSON, and reading it; see `dragoman.walking.plain`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from dragoman.walking import plain

if TYPE_CHECKING:
    from pyoxigraph import Triple


def text_of(value: object) -> bytes:
    """Return one line of JSON.

    Raises:
        TypeError: some of it is of a kind that is not known here.
    """
    return plain.text_of(value, _kinds())


def value_of(text: bytes) -> Any:  # noqa: ANN401
    """Return what `text_of` was given.

    Raises:
        Exception: of any kind, where it is damaged.
    """
    return plain.value_of(text, _kinds())


@cache
def _kinds() -> plain.Kinds:
    from dragoman.validation import analysis, core, report, shape_graph

    return plain.Kinds(
        {"shapes": (shape_graph.ShapesGraph, lambda value: [value.triples], _shapes_graph)},
        (analysis.Root, analysis.Asked, core.Details, report.Way, report.Path, shape_graph.Shape),
    )


def _shapes_graph(triples: tuple[Triple, ...]) -> object:
    from dragoman.validation.shape_graph import ShapesGraph

    return ShapesGraph(triples)
