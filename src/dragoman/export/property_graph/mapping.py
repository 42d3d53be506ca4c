"""Which nodes become edges: the mapping that a base keeps as Turtle, read and checked.

A statement of more than two members (who took part in which event, in which post, for whom, on
whose word) is a node in RDF and can be one edge in a property graph. `ontology/property-graph.ttl`
says which classes of nodes become edges, and how; its terms are defined there.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode

from dragoman import base as bases
from dragoman import syntax, vocabulary
from dragoman.errors import DragomanError
from dragoman.export.property_graph import columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from dragoman.base import Base

# The name of the file in `ontology/`.
NAME: Final = "property-graph"

_Said = defaultdict[str, list[str]]


@dataclass(frozen=True)
class EdgeRule:
    """How a node becomes an edge.

    Attributes:
        start: the property whose values the edge starts from.
        end: the property whose values it ends at.
        type: of the edge.
        carries: properties that it takes from what the node is read together with.
        unless: no edge is made where there is a value of one of these.
        unless_told_by: no edge is made where something points to the node by one of these.
    """

    start: str
    end: str
    type: str
    carries: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    unless_told_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class FactsRule:
    """Each statement of a node that points to a thing becomes an edge, named after the property.

    Attributes:
        start: the property whose values the edges start from.
        carries: properties that each edge takes along.
    """

    start: str
    carries: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rules:
    """A mapping.

    Attributes:
        edges: rules by the class of the nodes that they are for.
        facts: the same; a class has at most one.
        merges: by class, the property by which what points to such a node takes its values over.
        together: a node is read together with what it points to by these properties.
        carries: what each edge takes along of it.
        types: what edges made of a property are called, where not after the property.
        columns: what values of a property are called, where not after the property.
    """

    edges: Mapping[str, tuple[EdgeRule, ...]]
    facts: Mapping[str, FactsRule]
    merges: Mapping[str, str]
    together: frozenset[str] = frozenset()
    carries: tuple[str, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def told_by(self) -> frozenset[str]:
        """Properties of which it matters whether something points to a node by them."""
        rules = (rule for each in self.edges.values() for rule in each)
        return frozenset(name for rule in rules for name in rule.unless_told_by)


NOTHING: Final = Rules({}, {}, {})


def of_base(base: Base | None, path: Path | None = None) -> Rules:
    """Return the mapping of a base, whose own file hides the packaged one, or that of a file.

    Where there is neither, no node becomes an edge.

    Raises:
        SyntaxProblem: see `read_mapping`.
        DragomanError: see `read_mapping`.
    """
    ontology = base.sources(bases.ONTOLOGY) if base else ()
    of_it = next((source.path for source in ontology if source.name == NAME), None)
    found = path or of_it
    return read_mapping(found, [source.path for source in ontology]) if found else NOTHING


def read_mapping(path: Path, ontology: Iterable[Path] = ()) -> Rules:
    """Read a mapping.

    Args:
        path: of the file.
        ontology: files that say which classes are subclasses of which; rules hold for these, too.

    Raises:
        SyntaxProblem: a file does not parse.
        DragomanError: a rule lacks something, or the file has none; naming file and rule.
    """
    nodes: defaultdict[str, _Said] = defaultdict(lambda: defaultdict(list))
    for quad in syntax.read_rdf(path):
        if isinstance(quad.object, (NamedNode, Literal)):
            nodes[str(quad.subject)][quad.predicate.value].append(quad.object.value)
    below = _subclasses(ontology)
    edges: defaultdict[str, list[EdgeRule]] = defaultdict(list)
    facts: dict[str, FactsRule] = {}
    merges: dict[str, str] = {}
    names: dict[str, dict[str, str]] = {vocabulary.PG_TYPE: {}, vocabulary.PG_COLUMN: {}}
    together: set[str] = set()
    carries: set[str] = set()
    for node in sorted(nodes):
        said = nodes[node]
        kinds = said[vocabulary.RDF_TYPE]

        def only(term: str, node: str = node, said: _Said = said) -> str:
            if len(said[term]) != 1:
                short = term.removeprefix(vocabulary.PROPERTY_GRAPH)
                raise DragomanError(f"{path}: {node} needs exactly one pg:{short}.")
            value = said[term][0]
            if term in names and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
                raise DragomanError(
                    f"{path}: {node}: {value!r} is no name. Write letters of ASCII, digits and _."
                )
            return value

        if vocabulary.PG_MAPPING in kinds:
            together.update(said[vocabulary.PG_TOGETHER])
            carries.update(said[vocabulary.PG_CARRIES])
        if vocabulary.PG_NAMING in kinds:
            for term, told in names.items():
                if said[term]:
                    told[only(vocabulary.PG_PROPERTY)] = only(term)
        if vocabulary.PG_EDGE_RULE in kinds:
            rule = EdgeRule(
                only(vocabulary.PG_FROM),
                only(vocabulary.PG_TO),
                only(vocabulary.PG_TYPE),
                tuple(sorted(said[vocabulary.PG_CARRIES])),
                tuple(sorted(said[vocabulary.PG_UNLESS])),
                tuple(sorted(said[vocabulary.PG_UNLESS_TOLD_BY])),
            )
            for each in below(only(vocabulary.PG_OF)):
                edges[each].append(rule)
        if vocabulary.PG_FACTS_RULE in kinds:
            every = FactsRule(only(vocabulary.PG_FROM), tuple(sorted(said[vocabulary.PG_CARRIES])))
            facts.update(dict.fromkeys(below(only(vocabulary.PG_OF)), every))
        if vocabulary.PG_MERGE_RULE in kinds:
            into = only(vocabulary.PG_INTO)
            merges.update(dict.fromkeys(below(only(vocabulary.PG_OF)), into))
    if not edges:
        raise DragomanError(f"{path}: it has no pg:EdgeRule, so no node would become an edge.")
    return Rules(
        {name: tuple(rules) for name, rules in edges.items()},
        facts,
        merges,
        frozenset(together),
        tuple(sorted(carries)),
        names[vocabulary.PG_TYPE],
        _single(names[vocabulary.PG_COLUMN], path),
    )


def _single(called: dict[str, str], path: Path) -> dict[str, str]:
    """Return names of columns, each of them for one property and of no other meaning."""
    taken = {*columns.OF_NODES, *columns.OF_EDGES}
    for name in called.values():
        if name in taken:
            raise DragomanError(f"{path}: the name {name!r} is taken. Call that column otherwise.")
        taken.add(name)
    return called


class _Hierarchy:
    """Classes and all that is below them."""

    def __init__(self) -> None:
        self.below: defaultdict[str, set[str]] = defaultdict(set)

    def __call__(self, top: str) -> list[str]:
        found = {top}
        waiting = [top]
        while waiting:
            new = self.below[waiting.pop()] - found
            found |= new
            waiting += new
        return sorted(found)


def _subclasses(ontology: Iterable[Path]) -> _Hierarchy:
    found = _Hierarchy()
    for path in ontology:
        for quad in syntax.read_rdf(path):
            if quad.predicate.value == vocabulary.RDFS_SUBCLASS_OF and isinstance(
                quad.object, NamedNode
            ):
                found.below[quad.object.value].add(_id(quad.subject))
    return found


def _id(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else str(term)
