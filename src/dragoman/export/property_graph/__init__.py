"""Graphs as a property graph: GraphML, the CSV files that neo4j-admin imports, and Cypher.

The mapping, which is the same for all:

- A node for each subject, and for each IRI or blank node that a statement points to. Its labels are
  `Resource` and the local names of its classes (`rdf:type`); its `id` is its IRI.
- An edge for each statement between two nodes: its type is the local name of the property, with
  the IRI of the property and the graph (the source) that says so beside it. A statement that two
  graphs make is two edges.
- Literals are properties of their node, named after the local name and, for a text in a language,
  `_` and its tag. A property that has several values anywhere holds lists everywhere. One whose
  values are all canonical integers of 64 bits is a number; likewise truth values and doubles.
- What the base's mapping says is an edge of several members (see `mapping`) is an edge, with the
  rest of the node's statements as its properties, and with what the mapping has it take along:
  things by name and, in a property whose name ends with `_iri`, by IRI. The IRI of the node is its
  `record`. What no rule fits stays the node that it is.

Where two IRIs have one local name, the prefix goes before it. Datatypes and directions of texts,
and which graph stated a class or a literal, are not carried.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dragoman.export import rdf
from dragoman.export.property_graph import script, tables, xml
from dragoman.export.property_graph.building import Edge, Node, PropertyGraph, built
from dragoman.export.property_graph.mapping import NOTHING, Rules, of_base, read_mapping

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dragoman.canonical import CanonicalGraph

__all__ = [
    "NOTHING",
    "Edge",
    "Node",
    "PropertyGraph",
    "Rules",
    "built",
    "cypher_file",
    "graphml_file",
    "neo4j_files",
    "of_base",
    "read_mapping",
]


def graphml_file(
    graphs: Sequence[CanonicalGraph], prefixes: Mapping[str, str], rules: Rules = NOTHING
) -> Iterator[bytes]:
    """Return graphs as the blocks of one GraphML document; see `xml`.

    Raises:
        DragomanError: XML cannot hold a character of a triple; naming the triple.
    """
    rdf.refuse_unspeakable_in(graphs, "GraphML")

    def blocks() -> Iterator[bytes]:
        yield from xml.written(built(graphs, prefixes, rules), prefixes)

    return blocks()


def cypher_file(
    graphs: Sequence[CanonicalGraph], prefixes: Mapping[str, str], rules: Rules = NOTHING
) -> Iterator[bytes]:
    """Yield graphs as the blocks of a script of Cypher; see `script`."""
    yield from script.written(built(graphs, prefixes, rules))


def neo4j_files(
    graphs: Sequence[CanonicalGraph], prefixes: Mapping[str, str], rules: Rules = NOTHING
) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Yield the files of an import into Neo4j, each to be read to its end; see `tables`.

    Raises:
        DragomanError: no character is left to part the values of lists.
    """
    yield from tables.written(built(graphs, prefixes, rules))
