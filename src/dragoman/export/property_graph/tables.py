"""A property graph as the files that `neo4j-admin database import full` takes, and its arguments.

The headers are those of Neo4j 5. Values may hold line breaks, and a list stands in one cell: which
character parts its values is chosen so that it stands in none of them, and is told in the file of
arguments.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dragoman.errors import DragomanError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dragoman.export.property_graph.building import PropertyGraph
    from dragoman.export.property_graph.columns import Column, Value

NODES: Final = "nodes.csv"
RELATIONSHIPS: Final = "relationships.csv"
ARGUMENTS: Final = "import.args"
# The importer's own size for what it reads at once, which must hold the longest value.
_BUFFER: Final = 4_194_304
_BLOCK: Final = 1 << 18
_HARD: Final = re.compile('[",\r\n]')


def written(found: PropertyGraph) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Yield the files of an import: nodes, relationships, and the arguments that fit them.

    Raises:
        DragomanError: no character is left to part the values of lists.
    """
    mark = found.delimiter
    if mark is None:
        raise DragomanError(
            "Lists of this graph hold every character that could part their values in a table: "
            "choose cypher."
        )
    own = ["id:ID", ":LABEL", "name"]
    nodes = (([each.id, mark.join(each.labels), each.name], each.values) for each in found.nodes())
    yield NODES, _table(own, found.node_columns, nodes, mark)
    own = [":START_ID", ":END_ID", ":TYPE", "predicate", "graph", "record"]
    edges = (
        (
            [each.source, each.target, each.type, each.predicate, each.graph, each.record or None],
            each.values,
        )
        for each in found.edges()
    )
    yield RELATIONSHIPS, _table(own, found.edge_columns, edges, mark)
    yield ARGUMENTS, [_arguments(found, mark)]


def _arguments(found: PropertyGraph, mark: str) -> bytes:
    lines = [f"--nodes={NODES}", f"--relationships={RELATIONSHIPS}"]
    lines.append(f"--array-delimiter=U+{ord(mark):04X}")
    if found.multiline:
        lines.append("--multiline-fields=true")
    # a character takes at most four bytes
    if (longest := 4 * found.longest) > _BUFFER:
        lines.append(f"--read-buffer-size={2 * longest}")
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def _heading(column: Column) -> str:
    return f"{column.name}:{column.kind}{'[]' if column.several else ''}"


def _table(
    own: Sequence[str],
    columns: Sequence[Column],
    rows: Iterable[tuple[Sequence[Value | None], Mapping[str, Value]]],
    mark: str,
) -> Iterator[bytes]:
    """Yield a table: columns of its own, then those of properties, most of them empty in a row."""
    lines, size = [f"{','.join([*own, *map(_heading, columns)])}\n"], 0
    places = {column.name: place for place, column in enumerate(columns, len(own))}
    empty = [""] * len(columns)
    for first, values in rows:
        cells = [_cell(value, mark) for value in first] + empty
        for name, value in values.items():
            cells[places[name]] = _cell(value, mark)
        line = ",".join(cells)
        lines.append(f"{line}\n")
        size += len(line)
        if size >= _BLOCK:
            yield "".join(lines).encode()
            lines, size = [], 0
    yield "".join(lines).encode()


def _cell(value: Value | None, mark: str) -> str:
    """Return a cell: nothing is no value, and two quotation marks are an empty text."""
    if value is None:
        return ""
    text = mark.join(map(_text, value)) if isinstance(value, list) else _text(value)
    # Space at the ends of what is not quoted is taken away by the importer.
    if text and not _HARD.search(text) and not text[0].isspace() and not text[-1].isspace():
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)
