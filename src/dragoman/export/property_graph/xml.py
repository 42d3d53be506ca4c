"""A property graph as GraphML 1.0, as Gephi, yEd, Cytoscape and networkx read it.

Nodes have `label` (the best name), `labels` (the classes, as `:Event:Meeting`) and `iri`; edges
have `label` (the type), `predicate`, `graph` and, where they were nodes, `record`. The schema of
GraphML wants ids that are name tokens: they are prefixed names, in which whatever may not stand in
such a token, and the underscore, is an underscore and hexadecimal digits.

Gephi shows what is called `label`. yEd shows only its own graphics, so each label stands there,
too: under the keys d3 and d7, which yEd gives them itself and Gephi takes for labels. Lists are
written as JSON, for GraphML has none.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from dragoman import syntax

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from dragoman.export.property_graph.building import Edge, Node, PropertyGraph
    from dragoman.export.property_graph.columns import Column, Value

_BLOCK: Final = 1 << 18
_HEAD: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:y="http://www.yworks.com/xml/graphml">
<key id="d3" for="node" yfiles.type="nodegraphics"/>
<key id="d7" for="edge" yfiles.type="edgegraphics"/>
"""
_OF_NODES: Final = ("label", "labels", "iri")
_OF_EDGES: Final = ("label", "predicate", "graph", "record")
_ESCAPES: Final = {
    ord("&"): "&amp;",
    ord("<"): "&lt;",
    ord(">"): "&gt;",
    ord('"'): "&quot;",
    ord("\t"): "&#9;",
    ord("\n"): "&#10;",
    ord("\r"): "&#13;",
}
_HARD: Final = re.compile('[&<>"\t\n\r]')
# What may not stand in a name token (XML 1.0, production 4a), and the underscore.
_NO_TOKEN: Final = re.compile(
    "[^-.0-9A-Za-z\u00b7\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u037d\u037f-\u1fff\u200c\u200d\u203f"
    "\u2040\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd"
    "\U00010000-\U000effff]"
)


def written(found: PropertyGraph, prefixes: Mapping[str, str]) -> Iterator[bytes]:
    """Yield the document; prefixes are for the ids of nodes."""
    node_keys = _keys("n", _OF_NODES, found.node_columns)
    edge_keys = _keys("e", _OF_EDGES, found.edge_columns)
    lines = [_HEAD]
    lines += _declared("node", node_keys, found.node_columns)
    lines += _declared("edge", edge_keys, found.edge_columns)
    lines.append('<graph id="graph" edgedefault="directed">\n')
    size = 0
    for line in _elements(found, node_keys, edge_keys, syntax.readable(prefixes)):
        lines.append(line)
        size += len(line)
        if size >= _BLOCK:
            yield "".join(lines).encode()
            lines, size = [], 0
    lines.append("</graph>\n</graphml>\n")
    yield "".join(lines).encode()


def _elements(
    found: PropertyGraph,
    node_keys: Mapping[str, str],
    edge_keys: Mapping[str, str],
    short: Callable[[str], str],
) -> Iterator[str]:
    @lru_cache(4096)
    def token(identity: str) -> str:
        if identity.startswith("_:"):
            return identity
        name = short(identity)
        prefix, _, rest = ("", "", identity) if name.startswith("<") else name.partition(":")
        return f"{_token(prefix)}:{_token(rest)}" if prefix else _token(rest)

    for node in found.nodes():
        yield _node(node, token(node.id), node_keys)
    for number, edge in enumerate(found.edges()):
        yield _edge(f"edge{number}", edge, (token(edge.source), token(edge.target)), edge_keys)


def _node(node: Node, token: str, keys: Mapping[str, str]) -> str:
    name = _escaped(node.name)
    label = f"<y:ShapeNode><y:NodeLabel>{name}</y:NodeLabel></y:ShapeNode>"
    own = (node.name, "".join(f":{each}" for each in node.labels[1:] or node.labels), node.id)
    data = [f'<data key="d3">{label}</data>']
    data += [_data(keys[column], value) for column, value in zip(_OF_NODES, own, strict=True)]
    data += [_data(keys[column], value) for column, value in node.values.items()]
    return f'<node id="{token}">{"".join(data)}</node>\n'


def _edge(token: str, edge: Edge, ends: tuple[str, str], keys: Mapping[str, str]) -> str:
    label = f"<y:PolyLineEdge><y:EdgeLabel>{edge.type}</y:EdgeLabel></y:PolyLineEdge>"
    own = (edge.type, edge.predicate, edge.graph, edge.record)
    data = [f'<data key="d7">{label}</data>']
    data += [_data(keys[name], value) for name, value in zip(_OF_EDGES, own, strict=True) if value]
    data += [_data(keys[column], value) for column, value in edge.values.items()]
    return f'<edge id="{token}" source="{ends[0]}" target="{ends[1]}">{"".join(data)}</edge>\n'


def _token(text: str) -> str:
    return _NO_TOKEN.sub(lambda found: "".join(f"_{each:02X}" for each in found[0].encode()), text)


def _keys(letter: str, own: Iterable[str], columns: Iterable[Column]) -> dict[str, str]:
    names = [*own, *(column.name for column in columns)]
    return {name: f"{letter}{number}" for number, name in enumerate(names)}


def _declared(what: str, keys: Mapping[str, str], columns: Iterable[Column]) -> Iterator[str]:
    kinds = {column.name: _kind(column) for column in columns}
    for name, key in keys.items():
        kind = kinds.get(name, "string")
        yield f'<key id="{key}" for="{what}" attr.name="{_named(name)}" attr.type="{kind}"/>\n'


def _named(name: str) -> str:
    return "_".join(map(_token, name.split("_")))


def _kind(column: Column) -> str:
    return "string" if column.several else column.kind


def _data(key: str, value: Value) -> str:
    return f'<data key="{key}">{_escaped(_text(value))}</data>'


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES) if _HARD.search(text) else text
