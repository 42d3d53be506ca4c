"""Stores of a few facts, in which a graph apart from the facts names the nodes to ask of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode, Quad, Store, Triple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dragoman.walking.paths import Term

FOCUS: Final = NamedNode("urn:dragoman:focus")


def markers(foci: Mapping[str, Iterable[Term]]) -> list[Triple]:
    """Return the triples that name nodes: an IRI, such as the `focus` of a shape, to its nodes."""
    return [
        Triple(FOCUS, NamedNode(focus), node) for focus, nodes in foci.items() for node in nodes
    ]


def store_of(facts: Iterable[Triple], named: Iterable[Triple] = ()) -> Store:
    """Return a store of facts, and of markers in a graph of their own."""
    store = Store()
    store.bulk_extend(Quad(each.subject, each.predicate, each.object) for each in facts)
    store.extend(Quad(each.subject, each.predicate, each.object, FOCUS) for each in named)
    return store


def named(focus: str, variable: str) -> str:
    """Return the graph pattern that binds a variable to the nodes that an IRI names."""
    return f"GRAPH {FOCUS} {{ {FOCUS} <{focus}> ?{variable} }}"
