r"""A property graph as statements of Cypher, which FalkorDB, Neo4j and Memgraph run.

A statement is a line and ends with a semicolon, as `cypher-shell`, `mgconsole` and a loop over
lines want it. The first one makes the index that all others need, and fails where it is there
already; Memgraph wants it as `CREATE INDEX ON :Resource(id);`. Each of the others is a transaction
of bounded size and may be run again: nothing is there twice.

Texts are escaped with what all three engines understand alike: FalkorDB knows no `\u`, so control
characters stand for themselves. The character U+0000 alone has to be written so, and FalkorDB
keeps it as the six characters `\u0000`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dragoman.export.property_graph.building import EVERY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dragoman.export.property_graph.building import Edge, Node, PropertyGraph
    from dragoman.export.property_graph.columns import Value

# How much is in one transaction.
_ROWS: Final = 500
_SIZE: Final = 1 << 18
INDEX: Final = f"CREATE INDEX FOR (n:{EVERY}) ON (n.id);"
_ESCAPES: Final = {
    "\\": "\\\\",
    "'": "\\'",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\b": "\\b",
    "\f": "\\f",
    "\0": "\\u0000",
}
_HARD: Final = re.compile("[" + re.escape("".join(_ESCAPES)) + "]")


class _Batches:
    """Rows for statements that differ in nothing else, until they are enough for one."""

    def __init__(self) -> None:
        self._rows: dict[str, list[str]] = {}
        self._sizes: dict[str, int] = {}

    def add(self, statement: str, row: str) -> str:
        """Take a row, and return a statement once it has rows enough; else nothing."""
        rows = self._rows.setdefault(statement, [])
        rows.append(row)
        size = self._sizes[statement] = self._sizes.get(statement, 0) + len(row)
        if len(rows) < _ROWS and size < _SIZE:
            return ""
        del self._rows[statement], self._sizes[statement]
        return _statement(statement, rows)

    def rest(self) -> Iterator[str]:
        """Yield a statement for each kind of rows that are left."""
        for statement, rows in sorted(self._rows.items()):
            yield _statement(statement, rows)


def written(found: PropertyGraph) -> Iterator[bytes]:
    """Yield the script, a statement or more at a time: the index, all nodes, all edges."""
    yield f"{INDEX}\n".encode()
    for rows in (map(_node, found.nodes()), map(_edge, found.edges())):
        batches = _Batches()
        for statement, row in rows:
            if text := batches.add(statement, row):
                yield text.encode()
        for text in batches.rest():
            yield text.encode()


def _statement(statement: str, rows: list[str]) -> str:
    return f"UNWIND [{', '.join(rows)}] AS row {statement};\n"


def _node(node: Node) -> tuple[str, str]:
    labels = "".join(f":{_name(label)}" for label in node.labels[1:])
    further = f"n{labels}, " if labels else ""
    row = _map({"id": node.id, "name": node.name, **node.values})
    return f"MERGE (n:{EVERY} {{id: row.id}}) SET {further}n += row", row


def _edge(edge: Edge) -> tuple[str, str]:
    key = "record" if edge.record else "graph"
    values: dict[str, Value] = {"predicate": edge.predicate, "graph": edge.graph}
    if edge.record:
        values["record"] = edge.record
    row = _map(
        {"from": edge.source, "to": edge.target}, {"values": _map({**values, **edge.values})}
    )
    statement = (
        f"MATCH (a:{EVERY} {{id: row.`from`}}) MATCH (b:{EVERY} {{id: row.`to`}}) "
        f"MERGE (a)-[r:{_name(edge.type)} {{predicate: row.`values`.predicate, "
        f"{key}: row.`values`.{key}}}]->(b) SET r += row.`values`"
    )
    return statement, row


def _map(values: Mapping[str, Value], ready: Mapping[str, str] | None = None) -> str:
    pairs = [f"{_name(name)}: {_literal(value)}" for name, value in values.items()]
    pairs += [f"{_name(name)}: {text}" for name, text in (ready or {}).items()]
    return f"{{{', '.join(pairs)}}}"


def _name(name: str) -> str:
    """Return a name as it can stand in a statement; none has a backtick in it."""
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) else f"`{name}`"


def _literal(value: Value) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value).replace("e+", "e")
    return f"'{_HARD.sub(lambda found: _ESCAPES[found[0]], value)}'"
