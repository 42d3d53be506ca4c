"""Walking over triples in memory: what stands where, lists, and all that can be reached."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeVar

from dragoman import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pyoxigraph import Triple

_Node = TypeVar("_Node")
Index = dict[str, dict[_Node, set[_Node]]]


def indexed(facts: Iterable[tuple[_Node, str, _Node]]) -> Index[_Node]:
    """Return the objects of each subject of each predicate."""
    found: Index[_Node] = defaultdict(lambda: defaultdict(set))
    for subject, predicate, object_ in facts:
        found[predicate][subject].add(object_)
    return found


def terms(triples: Iterable[Triple]) -> Iterator[tuple[object, str, object]]:
    """Yield subject, IRI of the predicate, and object."""
    return ((each.subject, each.predicate.value, each.object) for each in triples)


def items(head: _Node, index: Index[_Node]) -> list[_Node]:
    """Return the items of an RDF list; a list that runs in a circle ends there."""
    found: dict[_Node, set[_Node]] = {}
    rest = {head}
    while rest and (node := rest.pop()) not in found and node in index[vocabulary.RDF_FIRST]:
        found[node] = index[vocabulary.RDF_FIRST][node]
        rest = set(index[vocabulary.RDF_REST].get(node, ()))
    return [item for items in found.values() for item in items]


def reachable(start: _Node, edges: Mapping[_Node, Iterable[_Node]]) -> set[_Node]:
    """Return the node and all that edges lead to from it."""
    found, waiting = {start}, [start]
    while waiting:
        for node in edges.get(waiting.pop(), ()):
            if node not in found:
                found.add(node)
                waiting.append(node)
    return found
