"""Writing what a base is checked by as plain JSON, and reading it: data that can run nothing.

A text is an array of cells, each made of those before it, so that what is alike is made once. In a
cell stand the name of its kind and its parts: numbers are cells, everything else stands for itself.
"""

from __future__ import annotations

import dataclasses
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

if TYPE_CHECKING:
    from collections.abc import Callable

_Maker = tuple[type, "Callable[[Any], list[Any]]", "Callable[..., Any]"]


def text_of(value: object) -> bytes:
    """Return one line of JSON.

    Raises:
        TypeError: some of it is of a kind that is not known here.
    """
    cells: list[list[Any]] = []
    known: dict[int, tuple[int, object]] = {}  # by identity, which nothing else may take meanwhile
    alike: dict[str, int] = {}

    def part(value: Any) -> Any:  # noqa: ANN401
        kind: Any = type(value)
        if value is None or kind in {str, bool}:
            return value
        if id(value) not in known:
            name, (_, parts, _) = _kind(kind)
            cell = [name, *(parts(value) if kind is int else map(part, parts(value)))]
            line = json.dumps(cell)
            number = alike.get(line)
            if number is None or kind in {list, dict}:
                alike[line] = number = len(cells)
                cells.append(cell)
            known[id(value)] = number, value
        return known[id(value)][0]

    return json.dumps([part(value), cells], separators=(",", ":")).encode() + b"\n"


def value_of(text: bytes) -> Any:  # noqa: ANN401
    """Return what `text_of` was given.

    Raises:
        Exception: of any kind, where it is damaged.
    """
    last, cells = json.loads(text)
    makers = {name: make for name, (_, _, make) in _kinds().items()}
    made: list[Any] = []
    for name, *parts in cells:
        if name == "int":
            made.append(int(parts[0]))
        else:
            values = [made[each] if type(each) is int else each for each in parts]
            made.append(makers[name](*values))
    return made[last] if type(last) is int else last


@cache
def _kind(kind: type) -> tuple[str, _Maker]:
    for name, maker in _kinds().items():
        if maker[0] is kind:
            return name, maker
    raise TypeError(f"{kind} is no plain data")


@cache
def _kinds() -> dict[str, _Maker]:
    """Return, by name, each kind of value: its parts, and how it is made of them."""
    from dragoman.validation import analysis, core, report, shape_graph
    from dragoman.walking import paths, reads, sparql

    own = (
        *(analysis.Root, analysis.Asked, core.Details, report.Way, report.Path),
        *(paths.Step, paths.Sequence, paths.Choice, paths.Repeat),
        *(reads.Pattern, reads.Group, reads.Entry, shape_graph.Shape, sparql.Question),
    )
    return {
        "int": (int, lambda value: [value], int),
        "bytes": (bytes, lambda value: [value.decode()], str.encode),
        "tuple": (tuple, list, lambda *parts: parts),
        "list": (list, list, lambda *parts: list(parts)),
        "set": (frozenset, list, lambda *parts: frozenset(parts)),
        "dict": (
            dict,
            lambda value: [each for pair in value.items() for each in pair],
            lambda *parts: dict(zip(parts[::2], parts[1::2], strict=True)),
        ),
        "iri": (NamedNode, lambda value: [value.value], NamedNode),
        "blank": (BlankNode, lambda value: [value.value], BlankNode),
        "literal": (
            Literal,
            lambda value: [value.value, value.language, value.datatype.value],
            _literal,
        ),
        "triple": (Triple, list, Triple),
        "shapes": (shape_graph.ShapesGraph, lambda value: [value.triples], _shapes_graph),
        **{each.__name__: (each, _parts_of(each), each) for each in own},
    }


def _parts_of(kind: type) -> Callable[[Any], list[Any]]:
    if not dataclasses.is_dataclass(kind):
        return list  # a named tuple
    names = [field.name for field in dataclasses.fields(kind)]
    return lambda value: [getattr(value, name) for name in names]


def _literal(value: str, language: str | None, datatype: str) -> Literal:
    return Literal(value, language=language) if language else Literal(
        value, datatype=NamedNode(datatype)
    )  # fmt: skip


def _shapes_graph(triples: tuple[Triple, ...]) -> object:
    from dragoman.validation.shape_graph import ShapesGraph

    return ShapesGraph(triples)
