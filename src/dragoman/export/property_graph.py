"""Graphs as a property graph: GraphML, and the CSV files that neo4j-admin imports.

The mapping, which is the same for both:

- A node for each subject, and for each IRI or blank node that a statement points to. Its labels are
  the local names of its classes (`rdf:type`); its `id` is its IRI.
- An edge for each statement between two nodes: its type is the local name of the property, with
  the IRI of the property and the graph (the source) that says so beside it. A statement that two
  graphs make is two edges. Statements of more than two members (an account, a participation) stay
  the nodes that they are.
- Literals are properties of their node, named after the local name and, for a text in a language,
  `@` and its tag. A property that has several values anywhere holds JSON lists everywhere. One
  whose values are all canonical integers of 64 bits is a number, one of true and false a boolean.

Where two IRIs have one local name, the prefix goes before it. Datatypes, and which graph stated a
class or a literal, are not carried.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Triple

from dragoman import syntax, vocabulary
from dragoman.export import rdf

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dragoman.export.graphs import Graph

Value = str | int | bool

NODES, RELATIONSHIPS = "nodes.csv", "relationships.csv"
_NO_CLASS: Final = "Resource"
# Names that the formats, or the programs that read them, give a meaning.
_TAKEN: Final = frozenset({"id", "label", "labels", "name", "predicate", "graph", "type"})


@dataclass(frozen=True)
class Node:
    """One thing: its IRI (or `_:` and a label), labels, best name and properties."""

    id: str
    labels: tuple[str, ...]
    name: str
    properties: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, order=True)
class Edge:
    """One statement between two nodes, and the graph that makes it."""

    source: str
    type: str
    target: str
    predicate: str
    graph: str


@dataclass(frozen=True)
class PropertyGraph:
    """Nodes and edges, sorted, and what each property of a node is.

    Attributes:
        nodes: sorted by id.
        edges: sorted.
        kinds: `string`, `long` or `boolean` for each property, sorted by name.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    kinds: Mapping[str, str]


def mapped(graphs: Sequence[Graph], prefixes: Mapping[str, str]) -> PropertyGraph:
    """Return graphs as nodes and edges (see the module)."""
    classes: defaultdict[str, set[str]] = defaultdict(set)
    literals: defaultdict[str, defaultdict[tuple[str, str], set[Literal]]] = defaultdict(
        lambda: defaultdict(set)
    )
    statements: list[tuple[str, str, str, str]] = []
    ids: set[str] = set()
    for graph in graphs:
        for triple in graph.triples:
            subject, predicate = _id(triple.subject), triple.predicate.value
            ids.add(subject)
            if isinstance(triple.object, Literal):
                tag = triple.object.language or ""
                literals[subject][predicate, tag].add(triple.object)
            elif isinstance(triple.object, Triple):
                quoted = Literal(str(triple.object))
                literals[subject][predicate, ""].add(quoted)
            elif predicate == vocabulary.RDF_TYPE and isinstance(triple.object, NamedNode):
                classes[subject].add(triple.object.value)
            else:
                ids.add(_id(triple.object))
                statements.append((subject, predicate, _id(triple.object), graph.iri))
    keys: defaultdict[tuple[str, str], list[set[Literal]]] = defaultdict(list)
    for properties in literals.values():
        for key, values in properties.items():
            keys[key].append(values)
    labels = _names({each for found in classes.values() for each in found}, prefixes)
    types = _names({predicate for _, predicate, _, _ in statements}, prefixes)
    names = _names({predicate for predicate, _ in keys}, prefixes, taken=_TAKEN)
    columns = {key: f"{names[key[0]]}@{key[1]}" if key[1] else names[key[0]] for key in keys}
    kinds = {key: _kind(values) for key, values in keys.items()}
    nodes = (
        Node(
            each,
            tuple(sorted(labels[name] for name in classes[each])) or (_NO_CLASS,),
            _best_name(each, literals[each]),
            {
                columns[key]: _value(values, kinds[key])
                for key, values in sorted(literals[each].items())
            },
        )
        for each in sorted(ids)
    )
    edges = (
        Edge(subject, types[predicate], target, predicate, graph)
        for subject, predicate, target, graph in statements
    )
    stored = {columns[key]: "string" if kind == "list" else kind for key, kind in kinds.items()}
    return PropertyGraph(tuple(nodes), tuple(sorted(edges)), dict(sorted(stored.items())))


def graphml(graphs: Sequence[Graph], prefixes: Mapping[str, str]) -> bytes:
    """Return graphs as GraphML, which Gephi, yEd, Cytoscape and networkx read.

    Nodes have `label` (the best name) and `labels` (the classes, as `:Meeting:Event`); edges have
    `label` (the type), `predicate` and `graph`.

    Raises:
        DragomanError: XML cannot hold a character of a triple; naming the triple.
    """
    for graph in graphs:
        for triple in graph.triples:
            rdf.refuse_unspeakable(triple, "GraphML")
    found = mapped(graphs, prefixes)
    own = {"label": "string", "labels": "string"}
    keys = {name: f"n{number}" for number, name in enumerate([*own, *found.kinds])}
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append('<graphml xmlns="http://graphml.graphdrawing.org/xmlns">')
    for name, kind in {**own, **found.kinds}.items():
        lines.append(_key(keys[name], "node", name, kind))
    edge_keys = {name: f"e{number}" for number, name in enumerate(("label", "predicate", "graph"))}
    lines.extend(_key(key, "edge", name, "string") for name, key in edge_keys.items())
    lines.append('<graph id="graph" edgedefault="directed">')
    for node in found.nodes:
        labels = "".join(f":{label}" for label in node.labels)
        values: dict[str, Value] = {"label": node.name, "labels": labels, **node.properties}
        data = "".join(_data(keys[name], value) for name, value in values.items())
        lines.append(f'<node id="{_escaped(node.id)}">{data}</node>')
    for number, edge in enumerate(found.edges):
        data = "".join(
            _data(edge_keys[name], value)
            for name, value in zip(edge_keys, (edge.type, edge.predicate, edge.graph), strict=True)
        )
        ends = f'source="{_escaped(edge.source)}" target="{_escaped(edge.target)}"'
        lines.append(f'<edge id="e{number}" {ends}>{data}</edge>')
    return "\n".join([*lines, "</graph>", "</graphml>", ""]).encode()


def neo4j(graphs: Sequence[Graph], prefixes: Mapping[str, str]) -> dict[str, bytes]:
    """Return the two files that `neo4j-admin database import` takes, headers included.

    Values may hold line breaks, so the import needs `--multiline-fields=true`.
    """
    found = mapped(graphs, prefixes)
    header = ["id:ID", ":LABEL", "name", *(f"{name}:{kind}" for name, kind in found.kinds.items())]
    nodes = _csv(
        header,
        (
            [node.id, ";".join(node.labels), node.name, *map(node.properties.get, found.kinds)]
            for node in found.nodes
        ),
    )
    edges = _csv(
        [":START_ID", ":END_ID", ":TYPE", "predicate", "graph"],
        ([each.source, each.target, each.type, each.predicate, each.graph] for each in found.edges),
    )
    return {NODES: nodes, RELATIONSHIPS: edges}


# ------------------------------------------------------------------ names and values


def _id(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else str(term)


def _local(iri: str) -> str:
    """Return the last part of an IRI as a name of letters, digits and `_`."""
    name = re.sub(r"\W", "_", re.split(r"[/#:]", iri.rstrip("/#:"))[-1])
    return f"_{name}" if not name or name[0].isdigit() else name


def _names(
    iris: Iterable[str], prefixes: Mapping[str, str], taken: frozenset[str] = frozenset()
) -> dict[str, str]:
    """Give each IRI a name of its own: its local name, else with its prefix, else with a hash."""
    short = syntax.shortener(prefixes)
    bearers: defaultdict[str, list[str]] = defaultdict(list)
    for iri in sorted(set(iris)):
        bearers[_local(iri)].append(iri)
    names: dict[str, str] = {}
    given: set[str] = set()
    for local, those in bearers.items():
        for iri in those:
            prefix = "" if short(iri).startswith("<") else short(iri).partition(":")[0]
            name = local
            if len(those) > 1 or local in taken:
                name = f"{re.sub(r'[^a-zA-Z0-9]', '_', prefix)}_{local}" if prefix else ""
            if not name or name in given:
                name = f"{local}_{hashlib.sha256(iri.encode()).hexdigest()[:8]}"
            given.add(name)
            names[iri] = name
    return names


def _kind(values: Sequence[set[Literal]]) -> str:
    """Return what a property is, given its values at each node: string, long, boolean or list."""
    if any(len(each) > 1 for each in values):
        return "list"
    literals = [literal for each in values for literal in each]
    if all(
        each.datatype.value == f"{vocabulary.XSD}integer"
        and re.fullmatch(r"0|-?[1-9][0-9]{0,17}", each.value, re.ASCII)
        for each in literals
    ):
        return "long"
    if all(
        each.datatype.value == f"{vocabulary.XSD}boolean" and each.value in {"true", "false"}
        for each in literals
    ):
        return "boolean"
    return "string"


def _value(literals: set[Literal], kind: str) -> Value:
    texts = sorted(each.value for each in literals)
    if kind == "list":
        return json.dumps(texts, ensure_ascii=False)
    if kind == "long":
        return int(texts[0])
    return texts[0] == "true" if kind == "boolean" else texts[0]


def _best_name(identity: str, literals: Mapping[tuple[str, str], set[Literal]]) -> str:
    """Return the English name, else any name, else the last part of the IRI."""
    for predicate in (
        vocabulary.SKOS_PREF_LABEL,
        vocabulary.RDFS_LABEL,
        vocabulary.SKOSXL_LITERAL_FORM,
    ):
        tags = [tag for found, tag in literals if found == predicate]
        if tags:
            tag = min(tags, key=lambda each: (each != "en", each))
            return min(each.value for each in literals[predicate, tag])
    return re.split(r"[/#]", identity.rstrip("/#"))[-1] or identity


# ------------------------------------------------------------------ writing


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _escaped(text: str) -> str:
    escaped = html.escape(text)
    return escaped.replace("\r", "&#13;").replace("\n", "&#10;").replace("\t", "&#9;")


def _key(key: str, domain: str, name: str, kind: str) -> str:
    return f'<key id="{key}" for="{domain}" attr.name="{_escaped(name)}" attr.type="{kind}"/>'


def _data(key: str, value: Value) -> str:
    return f'<data key="{key}">{_escaped(_text(value))}</data>'


def _csv(header: Sequence[str], rows: Iterable[Sequence[Value | None]]) -> bytes:
    return "".join(f"{','.join(map(_cell, row))}\n" for row in (header, *rows)).encode()


def _cell(value: Value | None) -> str:
    """Return a cell: nothing is no value, and two quotation marks are an empty text."""
    if value is None:
        return ""
    text = _text(value)
    if text and not re.search('[",\r\n]', text):
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
