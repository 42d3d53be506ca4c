"""Writing what was worked out as plain JSON, and reading it: data that can run nothing.

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
    from collections.abc import Callable, Iterable, Mapping

_Maker = tuple[type, "Callable[[Any], list[Any]]", "Callable[..., Any]"]


def text_of(value: object, kinds: Kinds) -> bytes:
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
            name, (_, parts, _) = kinds.of(kind)
            cell = [name, *(parts(value) if kind is int else map(part, parts(value)))]
            line = json.dumps(cell)
            number = alike.get(line)
            if number is None or kind in {list, dict}:
                alike[line] = number = len(cells)
                cells.append(cell)
            known[id(value)] = number, value
        return known[id(value)][0]

    return json.dumps([part(value), cells], separators=(",", ":")).encode() + b"\n"


def value_of(text: bytes, kinds: Kinds) -> Any:  # noqa: ANN401
    """Return what `text_of` was given.

    Raises:
        Exception: of any kind, where it is damaged.
    """
    last, cells = json.loads(text)
    makers = {name: make for name, (_, _, make) in kinds.all.items()}
    made: list[Any] = []
    for name, *parts in cells:
        if name == "int":
            made.append(int(parts[0]))
        else:
            values = [made[each] if type(each) is int else each for each in parts]
            made.append(makers[name](*values))
    return made[last] if type(last) is int else last


class Kinds:
    """The kinds of values that may be written, beside terms, paths, and what is read.

    Args:
        further: by a name, each kind with its parts, and how it is made of them.
        own: kinds that are data classes or named tuples.
    """

    def __init__(self, further: Mapping[str, _Maker], own: Iterable[type]) -> None:
        self.all = {**_common(), **further, **{each.__name__: _made_of(each) for each in own}}
        self._by_type = {maker[0]: (name, maker) for name, maker in self.all.items()}

    def of(self, kind: type) -> tuple[str, _Maker]:
        """Return the name of a kind, and how it is taken apart and made.

        Raises:
            TypeError: it is none of them.
        """
        if kind not in self._by_type:
            raise TypeError(f"{kind} is no plain data")
        return self._by_type[kind]


@cache
def _common() -> dict[str, _Maker]:
    from dragoman.walking import paths, reads, sparql

    own = (
        *(paths.Step, paths.Sequence, paths.Choice, paths.Repeat),
        *(reads.Pattern, reads.Group, reads.Entry, sparql.Question),
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
        **{each.__name__: _made_of(each) for each in own},
    }


def _made_of(kind: type) -> _Maker:
    return kind, _parts_of(kind), kind


def _parts_of(kind: type) -> Callable[[Any], list[Any]]:
    if not dataclasses.is_dataclass(kind):
        return list  # a named tuple
    names = [field.name for field in dataclasses.fields(kind)]
    return lambda value: [getattr(value, name) for name in names]


def _literal(value: str, language: str | None, datatype: str) -> Literal:
    return Literal(value, language=language) if language else Literal(
        value, datatype=NamedNode(datatype)
    )  # fmt: skip
