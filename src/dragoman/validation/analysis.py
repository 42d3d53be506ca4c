"""What the shapes read, derived once from any shapes graph: the plan of a validation.

For each shape that aims at something the plan says what its constraints read, which engine checks
each, and why. The core engine takes what it is proven for; a SPARQL constraint that was read and
can be asked of many nodes at once goes to the store; the rest goes to the reference. Where even
what a constraint reads is not known, a change to anything makes it be checked in full.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from dragoman import vocabulary
from dragoman.errors import ShapesError
from dragoman.validation import core
from dragoman.validation import shape_graph as sh
from dragoman.validation.report import Way
from dragoman.walking import sparql, targets
from dragoman.walking.naming import FOCUS
from dragoman.walking.paths import ANYTHING, IS_A, Step
from dragoman.walking.reads import THIS, Group, Pattern, Places, places
from dragoman.walking.sparql import Question, Unread
from dragoman.walking.targets import aimed_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from dragoman.validation.report import Finding, Term
    from dragoman.validation.shape_graph import Shape, ShapesGraph
    from dragoman.walking.facts import Facts

CORE, STORE, REFERENCE, WHOLE = "core", "store", "reference", "whole"
_FOCUS: Final = f"{FOCUS.value}:"
_SPARQL_COMPONENT: Final = f"{vocabulary.SH}SPARQLConstraintComponent"
_KNOWN_COMPONENTS: Final = frozenset((*sh.COMPONENTS.values(), _SPARQL_COMPONENT))


class Asked(NamedTuple):
    """A SPARQL constraint that the store answers.

    Attributes:
        shape: the shape that has it.
        node: the constraint.
        question: the query.
    """

    shape: Term
    node: Term
    question: Question


@dataclass(frozen=True)
class Root:
    """A shape that aims at something, and what checking its nodes takes.

    Attributes:
        node: the shape.
        focus: IRI of the property that points to the nodes to check, where they are named.
        targets: what it reads to find its nodes; each alone makes a node a target.
        nodes: the nodes it names.
        reads: what its constraints read.
        entries: predicate to the places where a triple with it can matter; under None, those where
            any predicate can.
        asked: the SPARQL constraints that the store answers.
        ways: the way of each of its constraints.
        by_query: whether a query finds further nodes for it (`sh:target`).
    """

    node: Term
    focus: str
    targets: tuple[Pattern, ...]
    nodes: tuple[Term, ...]
    reads: tuple[Group, ...]
    entries: Places
    asked: tuple[Asked, ...]
    ways: tuple[Way, ...]
    by_query: bool = False

    def has(self, engine: str) -> bool:
        """Return whether any of its constraints goes that way."""
        return any(way.engine == engine for way in self.ways)

    def aims_at(self, node: Term, facts: Facts) -> bool:
        """Return whether the shape aims at a node."""
        return node in self.nodes or targets.aims_at(self.targets, node, facts)

    def all_targets(self, facts: Facts) -> set[Term]:
        """Return the nodes that the shape aims at: costs what there are."""
        return targets.all_of(self.targets, facts) | {*self.nodes}


class Plan:
    """How a shapes graph is checked.

    Attributes:
        roots: its shapes that aim at something, in the order of their names.
        problem: why it could not be planned: then the reference checks all.
        notes: the properties of its shapes that are read as annotations: shape, and IRI of each.
        named: the shapes graph for the core engine, in which each shape aims at the nodes that its
            `focus` points to.
    """

    def __init__(
        self,
        roots: tuple[Root, ...],
        problem: str,
        named: core.Prepared,
        graph: Callable[[], ShapesGraph],
        notes: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.roots, self.problem, self.named, self._graph = roots, problem, named, graph
        self.notes = notes

    @cached_property
    def graph(self) -> ShapesGraph:
        """The shapes graph, got when it is first asked for."""
        return self._graph()

    def aimed(self, roots: Iterable[Root]) -> frozenset[Triple]:
        """Return the shapes graph in which these shapes, and no others, aim at such nodes."""
        return aimed(self.graph, {root.node: root.focus for root in roots})

    def only(self, roots: Iterable[Root]) -> frozenset[Triple]:
        """Return the shapes graph in which no other shapes aim at anything."""
        return aimed(self.graph, {}, frozenset(root.node for root in roots))

    def for_reference(self, finding: Finding) -> bool:
        """Return whether a finding is the reference's to report."""
        if finding.component not in _KNOWN_COMPONENTS:
            return True
        return (finding.shape, finding.constraint or finding.component) in self._theirs

    @cached_property
    def _theirs(self) -> frozenset[tuple[Any, Any]]:
        return frozenset(
            (way.shape, sh.COMPONENTS.get(way.constraint.value, way.constraint))
            for root in self.roots
            for way in root.ways
            if way.engine in {REFERENCE, WHOLE}
        )


def aimed(
    graph: ShapesGraph, focus: dict[Any, str], kept: frozenset[Any] = frozenset()
) -> frozenset[Triple]:
    """Return a shapes graph that aims anew: at named nodes, or, where kept, as before.

    Args:
        graph: the shapes graph.
        focus: a shape to the property whose objects it is to aim at.
        kept: shapes that keep their targets; others than these and those above aim at nothing.
    """
    shapes, kind = graph.shapes, NamedNode(vocabulary.RDF_TYPE)
    found = set()
    for triple in graph.triples:
        node, predicate = triple.subject, triple.predicate.value
        aims = node in shapes and (
            predicate in (*sh.TARGETS, sh.TARGET)
            or (predicate == vocabulary.RDF_TYPE and triple.object in graph.classes)
        )
        if not aims or node in kept:
            found.add(triple)
        else:
            # Without its targets it must still be a shape.
            form = "PropertyShape" if shapes[node].path else "NodeShape"
            found.add(Triple(node, kind, NamedNode(f"{vocabulary.SH}{form}")))
    target = NamedNode(f"{vocabulary.SH}targetObjectsOf")
    return frozenset(found | {Triple(node, target, NamedNode(focus[node])) for node in focus})


@lru_cache(maxsize=4)
def plan(shapes: tuple[Triple, ...]) -> Plan:
    """Return how a shapes graph is checked; worked out once for each.

    Raises:
        ShapesError: a query in it asks for the network, or nests too deep.
    """
    from dragoman.validation import advanced, scrutiny
    from dragoman.validation.reference import check_queries

    check_queries(shapes)
    try:
        graph = sh.ShapesGraph(shapes)
    except ShapesError as error:
        return _unplanned(sh.ShapesGraph(()), str(error))
    if any(advanced.ENTAILMENT in said for said in graph.about.values()):
        return _unplanned(graph, "RDFS entailment is asked for, which takes all facts")
    if not core.available():
        return _unplanned(graph, "the engine for SHACL Core is not installed here")
    try:
        roots = tuple(_Analysis(graph).roots())
    except ShapesError as error:
        return _unplanned(graph, str(error))
    named = core.prepare(aimed(graph, {root.node: root.focus for root in roots}))
    return Plan(roots, named.problem, named, lambda: graph, scrutiny.notes(graph))


def within(graph: ShapesGraph, shapes: Mapping[Term, Iterable[Term]]) -> Plan:
    """Return how shapes, whatever they aim at, are checked on nodes that are named.

    Args:
        graph: the shapes graph.
        shapes: a shape to the nodes to check.
    """
    focus = {node: f"{_FOCUS}{number}" for number, node in enumerate(sorted(shapes, key=str))}
    if not core.available() or not graph.circular.isdisjoint(graph.reached(shapes)):
        return _unplanned(graph, "what they read has no bound")
    analysed = _Analysis(graph)
    roots = tuple(
        replace(analysed.root(graph.shapes[node], name), targets=(), nodes=tuple(shapes[node]))
        for node, name in focus.items()
        if not graph.shapes[node].holds(sh.DEACTIVATED)
    )
    named = core.prepare(aimed(graph, focus))
    return Plan(roots, named.problem, named, lambda: graph)


def _unplanned(graph: ShapesGraph, problem: str) -> Plan:
    from dragoman.validation import scrutiny

    nothing = core.Prepared(b"", problem, lambda: core.Details(graph, {}, {}))
    return Plan((), problem, nothing, lambda: graph, scrutiny.notes(graph))


class _Analysis:
    def __init__(self, graph: ShapesGraph) -> None:
        self.graph = graph
        self.unproven = core.unproven(frozenset(graph.triples))
        self.fresh = 0
        self.theirs: set[Term] = set()

    def roots(self) -> Iterator[Root]:
        found = [
            shape
            for shape in self.graph.shapes.values()
            if self.graph.aims(shape) and not shape.holds(sh.DEACTIVATED)
        ]
        found.sort(key=lambda shape: str(shape.node))
        whole = {shape.node: why for shape in found if (why := self._as_a_whole(shape))}
        # What one of these has is the reference's to report, whoever has it too.
        self.theirs = self.graph.reached(whole, by=sh.PROPERTY)
        for number, shape in enumerate(found):
            focus = f"{_FOCUS}{number}"
            if shape.node in whole:
                yield self._whole_root(shape, focus, whole[shape.node])
            else:
                yield self.root(shape, focus)

    def _as_a_whole(self, root: Shape) -> str:
        """Return why only the reference can check a shape; empty where it is not so."""
        if sh.TARGET in root.said:
            return "a query finds the nodes that it aims at"
        if not self.graph.circular.isdisjoint(self.graph.reached([root.node])):
            return "shapes refer to each other in a circle, or nest too deep"
        whys = (self.unproven.get((each.node, sh.PROPERTY)) for each in self._reporting(root))
        return next((why for why in whys if why), "")

    def _reporting(self, root: Shape) -> list[Shape]:
        """Return the shapes whose findings are a root's: itself, and its property shapes."""
        found = (
            self.graph.shapes[each] for each in self.graph.reached([root.node], by=sh.PROPERTY)
        )
        active = (each for each in found if not each.holds(sh.DEACTIVATED))
        return sorted(active, key=lambda each: str(each.node))

    def _whole_root(self, root: Shape, focus: str, why: str) -> Root:
        ways = tuple(
            Way(shape.node, constraint, WHOLE, why)
            for shape in self._reporting(root)
            for constraint in self._constraints(shape)
        )
        aims, nodes = self._targets(root)
        return Root(root.node, focus, aims, nodes, (), {}, (), ways, sh.TARGET in root.said)

    def _constraints(self, shape: Shape) -> Iterator[Any]:
        for parameter in shape.said:
            if parameter == sh.SPARQL:
                yield from shape.all(parameter)
            elif parameter in self.graph.custom_parameters or (
                parameter in {sh.EXPRESSION, *sh.COMPONENTS} and parameter != sh.PROPERTY
            ):
                yield NamedNode(parameter)

    def root(self, root: Shape, focus: str) -> Root:
        """Return what checking the nodes of a shape takes."""
        reads: list[Group] = []
        asked: list[Asked] = []
        ways: list[Way] = []
        named = root.all(sh.TARGETS[0])
        direct = {root.node, *(root.all(sh.PROPERTY) if root.path is None else ())}
        for shape in self._reporting(root):
            ways += [self._way(shape, each) for each in shape.parameters if each != sh.PROPERTY]
            for parameter in shape.said:
                if parameter in self.graph.custom_parameters:
                    why = "a constraint component of the shapes graph's own"
                    ways.append(Way(shape.node, NamedNode(parameter), WHOLE, why))
                elif parameter == sh.EXPRESSION:
                    ways.append(Way(shape.node, NamedNode(parameter), WHOLE, "a node expression"))
            for node in shape.all(sh.SPARQL):
                way, question = self._sparql(shape, node, direct=shape.node in direct)
                if way.engine == STORE and any(isinstance(n, BlankNode) for n in named):
                    way = Way(shape.node, node, REFERENCE, "a blank node is a target")
                elif way.engine == STORE and shape.node in self.theirs:
                    why = "a shape that is checked as a whole has it too"
                    way = Way(shape.node, node, REFERENCE, why)
                ways.append(way)
                if question is not None:
                    reads.append(question.reads)
                    if way.engine == STORE:
                        asked.append(Asked(shape.node, node, question))
        reads += self._core(root, THIS)
        aims, nodes = self._targets(root)
        reads += [Group((pattern,)) for pattern in aims]
        return Root(
            root.node,
            focus,
            aims,
            nodes,
            tuple(reads),
            places(reads),
            tuple(asked),
            tuple(ways),
        )

    def _way(self, shape: Shape, parameter: str) -> Way:
        constraint = NamedNode(parameter)
        why = self.unproven.get((shape.node, parameter))
        if why is None:
            return Way(shape.node, constraint, CORE)
        inner = self.graph.reached(shape.inner.get(parameter, ()))
        if parameter in {sh.QUALIFIED_MIN, sh.QUALIFIED_MAX}:
            inner = self.graph.reached([*shape.all(sh.QUALIFIED), *self.graph.siblings(shape)])
        hidden = any(self.graph.is_beyond_core(self.graph.shapes[each]) for each in inner)
        return Way(shape.node, constraint, WHOLE if hidden else REFERENCE, why)

    def _targets(self, root: Shape) -> tuple[tuple[Pattern, ...], tuple[Term, ...]]:
        nodes, classes, subjects, objects = map(root.all, sh.TARGETS)
        if self.graph.is_class(root.node):
            classes = [*classes, root.node]
        return aimed_at(classes, subjects, objects), tuple(nodes)

    # -------------------------------------------------------------- what Core reads

    def _core(self, shape: Shape, focus: str) -> list[Group]:
        """Return what a shape's constraints read around a node, SPARQL aside."""
        if shape.holds(sh.DEACTIVATED):
            return []
        if shape.path is None:
            return self._on_value(shape, focus)
        self.fresh += 1
        value = f"v{self.fresh}"
        path = sparql.read_path(shape.path.text)
        groups = [Group((Pattern(focus, path, value),), asked=tuple(self._on_value(shape, value)))]
        for parameter in (*sh.PAIRS, *sh.ORDERS):
            for other in shape.all(parameter):
                self.fresh += 1
                end = f"v{self.fresh}"
                groups.append(Group((Pattern(focus, Step(other.value), end),)))
        return groups

    def _on_value(self, shape: Shape, value: str) -> list[Group]:
        groups = [Group((Pattern(value, IS_A, each),)) for each in shape.all(sh.CLASS)]
        if shape.path is None:
            for parameter in sh.PAIRS:
                for other in shape.all(parameter):
                    self.fresh += 1
                    end = f"v{self.fresh}"
                    groups.append(Group((Pattern(value, Step(other.value), end),)))
        if shape.holds(sh.CLOSED):
            self.fresh += 1
            groups.append(Group((Pattern(value, ANYTHING, f"v{self.fresh}"),)))
        inner = [each for nodes in shape.inner.values() for each in nodes]
        for each in (*inner, *self.graph.siblings(shape)):
            groups += self._core(self.graph.shapes[each], value)
        return groups

    # -------------------------------------------------------------- what SPARQL reads

    def _sparql(self, shape: Shape, node: Term, *, direct: bool) -> tuple[Way, Question | None]:
        try:
            question = self._question(shape, node, direct=direct)
        except (ShapesError, Unread) as why:
            return Way(shape.node, node, WHOLE, str(why)), None
        way = REFERENCE if question.unproven else STORE
        return Way(shape.node, node, way, question.unproven), question

    def _question(self, shape: Shape, node: Term, *, direct: bool) -> Question:
        if self.graph.typed("SPARQLFunction"):
            raise Unread("the shapes graph has functions")
        texts = self.graph.all(node, sh.SELECT)
        said = (*texts, *self.graph.all(node, sh.MESSAGE))
        if len(texts) != 1 or not all(isinstance(each, Literal) for each in said):
            raise Unread("it is not well-formed")
        if self.graph.all(node, sh.DEACTIVATED):
            raise Unread("it says sh:deactivated")
        if not direct:
            raise Unread("its shape checks values, not the nodes that are aimed at")
        path = shape.path.text if shape.path else None
        return sparql.read(texts[0].value, self.graph.prefixes(node), path)
