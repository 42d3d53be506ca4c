"""What a validation looked at: the nodes of each shape, and the data that no shape looked at.

Told from the targets of the shapes and from the facts alone, so it is the same whichever engine
checks. Sets of nodes are worked out target by target, never node by node.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import BlankNode, DefaultGraph, NamedNode

from dragoman import vocabulary
from dragoman.errors import ShapesError
from dragoman.validation import shape_graph as sh
from dragoman.validation.data import Data
from dragoman.validation.report import BY_QUERY, Absent, Coverage, Looked
from dragoman.walking.facts import Facts
from dragoman.walking.paths import IS_A, Step, reach
from dragoman.walking.reads import THIS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from pyoxigraph import Triple

    from dragoman.validation.analysis import Plan, Root
    from dragoman.validation.engine import Change
    from dragoman.validation.report import Explanation, Term
    from dragoman.walking.paths import Route
    from dragoman.walking.reads import Group

_GRAPH: Final = DefaultGraph()
_TYPE: Final = NamedNode(vocabulary.RDF_TYPE)
_BELOW: Final = NamedNode(vocabulary.RDFS_SUBCLASS_OF)
_KIND: Final = Step(vocabulary.RDF_TYPE)
_ABOVE: Final = Step(vocabulary.RDFS_SUBCLASS_OF)
_FIRST: Final = NamedNode(vocabulary.RDF_FIRST)
_DECLARED: Final = frozenset(
    (NamedNode(f"{vocabulary.SH}NodeShape"), NamedNode(vocabulary.SH_PROPERTY_SHAPE))
)
_REFERRING: Final = frozenset(
    (
        sh.PROPERTY,
        sh.NODE,
        sh.NOT,
        sh.QUALIFIED,
        vocabulary.RDF_FIRST,
        f"{vocabulary.SH}filterShape",
    )
)
_SUBJECT, _OBJECT = attrgetter("subject"), attrgetter("object")
# As alike must two names be for the one to be a slip of the pen for the other.
_ALIKE: Final = 0.7


@dataclass(frozen=True)
class _Aim:
    """What a shape aims at, and the paths from there to the nodes that it looks into, too."""

    shape: Term
    classes: tuple[Term, ...]
    nodes: tuple[Term, ...]
    subjects_of: tuple[str, ...]
    objects_of: tuple[str, ...]
    constraints: frozenset[tuple[Any, Any]]
    inwards: tuple[tuple[Route, ...], ...]
    by_query: bool

    def aims_at(self, node: Term, facts: Facts) -> bool:
        """Return whether the shape aims at a node."""
        return (
            node in self.nodes
            or not facts.classes(node).isdisjoint(self.classes)
            or any(facts.follow(Step(each), (node,)) for each in self.subjects_of)
            or any(facts.follow(Step(each, inverse=True), (node,)) for each in self.objects_of)
        )


def of_data(
    plan: Plan,
    data: Data,
    shapes: Iterable[Triple],
    ontology: Data | None = None,
) -> Coverage:
    """Return what a validation of all data looked at.

    Args:
        plan: how the shapes graph is checked.
        data: the data graph, without the ontology of a base.
        shapes: the shapes graph.
        ontology: that ontology: it is data too, but nobody asks which shape looks at it.
    """
    aims = _aims(plan)
    held: Any = _Held(data, ontology or Data())
    foci = {aim.shape: held.foci(aim) for aim in aims}
    subjects = held.about.all_subjects()
    distinct = {id(each): each for each in foci.values()}.values()
    unseen = subjects.difference(held.cells, *distinct)
    known = subjects | held.beside.all_subjects()
    for aim in aims:
        for paths in aim.inwards if unseen else ():
            nodes: set[Any] = foci[aim.shape]
            for path in paths:
                nodes = reach(path, nodes, held)
            unseen -= nodes
    if any(aim.by_query for aim in aims):
        unseen = set()  # who can tell which of them a query finds?
    aimed = {each for aim in aims for each in aim.classes}
    looked = [
        Looked(
            aim.shape,
            None if aim.by_query else len(foci[aim.shape]),
            len(aim.constraints),
            tuple(_absent(aim, held, known, aimed)),
            BY_QUERY if aim.by_query else "",
        )
        for aim in aims
    ]
    return Coverage(
        len({each for aim in aims if foci[aim.shape] or aim.by_query for each in aim.constraints}),
        len(set().union(*distinct)),
        (*looked, *_idle({aim.shape for aim in aims}, shapes)),
        len(unseen),
        _by_class(unseen, held.classes_of(unseen)),
    )


def of_change(plan: Plan, change: Change, explanation: Explanation) -> Coverage:
    """Return what a validation of a change looked at.

    Args:
        plan: how the shapes graph is checked.
        change: the change.
        explanation: on which nodes it was checked; without these everything was.
    """
    facts = Facts(change.store, change.added)
    aims = _aims(plan)
    known = explanation.affected or {}
    checked = {aim.shape: explanation.checked.get(aim.shape) for aim in aims}
    new: set[Any] = {triple.subject for triple in change.not_before if triple.predicate != _FIRST}
    kinds = facts.follow(_KIND, new)  # all at once, where the facts are far away
    facts.follow(_ABOVE, kinds)
    unseen: set[Any] = {
        node
        for node in new.difference(*known.values())
        if not any(aim.aims_at(node, facts) for aim in aims)
    }
    for aim in aims:
        for paths in aim.inwards if unseen else ():
            nodes: set[Any] = set(known.get(aim.shape, ()))
            for path in paths:
                nodes = reach(path, nodes, facts)
            unseen -= nodes
    if any(aim.by_query for aim in aims):
        unseen = set()
    looking = [aim for aim in aims if checked[aim.shape] != 0]
    return Coverage(
        len({each for aim in looking for each in aim.constraints}),
        None if None in checked.values() else len(set().union(*known.values())),
        tuple(Looked(aim.shape, checked[aim.shape], len(aim.constraints)) for aim in aims),
        len(unseen),
        _by_class(unseen, {node: facts.follow(_KIND, (node,)) for node in unseen}),
        of_change=True,
    )


# ------------------------------------------------------------------ what shapes aim at


def _aims(plan: Plan) -> list[_Aim]:
    if not plan.problem:
        return [_planned(root) for root in plan.roots]
    return list(_unplanned(plan.graph))


def _planned(root: Root) -> _Aim:
    steps = [each for each in root.targets if isinstance(each.path, Step)]
    return _Aim(
        root.node,
        tuple(each.object for each in root.targets if each.path == IS_A),  # type: ignore[misc]
        root.nodes,
        tuple(each.path.predicate for each in steps if each.subject == THIS),  # type: ignore[union-attr, misc]
        tuple(each.path.predicate for each in steps if each.subject != THIS),  # type: ignore[union-attr, misc]
        frozenset((way.shape, way.constraint) for way in root.ways),
        tuple(path for group in root.reads for path in _inwards(group, THIS)),
        root.by_query,
    )


def _inwards(group: Group, start: str) -> Iterator[tuple[Route, ...]]:
    """Yield the paths from a variable to those of which more is read than their class."""
    if len(group.patterns) != 1 or group.joined:
        return
    (pattern,) = group.patterns
    if pattern.path == IS_A or pattern.subject != start or not isinstance(pattern.object, str):
        return
    further = [
        each
        for inner in group.asked
        if any(p.subject == pattern.object and p.path != IS_A for p in inner.patterns)
        for each in ((), *_inwards(inner, pattern.object))
    ]
    yield from dict.fromkeys((pattern.path, *each) for each in further)


def _unplanned(graph: sh.ShapesGraph) -> Iterator[_Aim]:
    """Yield what shapes aim at by their text alone, for they may be of any form."""
    for node, said in graph.about.items():
        nodes, classes, subjects, objects = (tuple(said.get(each, ())) for each in sh.TARGETS)
        if graph.is_class(node) and not _DECLARED.isdisjoint(said.get(vocabulary.RDF_TYPE, ())):
            classes = (*classes, node)
        if not (nodes or classes or subjects or objects or sh.TARGET in said):
            continue
        if any(each.value == "true" for each in said.get(sh.DEACTIVATED, ())):
            continue
        yield _Aim(
            node,
            classes,
            nodes,
            tuple(each.value for each in subjects),
            tuple(each.value for each in objects),
            frozenset(_constraints(graph, node)),
            tuple(_paths(graph, node, 3)),
            sh.TARGET in said,
        )


def _constraints(graph: sh.ShapesGraph, root: Term) -> Iterator[tuple[Any, Any]]:
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        for parameter, values in graph.about.get(node, {}).items():
            if parameter == sh.PROPERTY:
                waiting += values
            elif parameter in sh.COMPONENTS or parameter in graph.custom_parameters:
                yield node, NamedNode(parameter)
            elif parameter == sh.SPARQL:
                yield from ((node, each) for each in values)


def _paths(graph: sh.ShapesGraph, node: Term, depth: int) -> Iterator[tuple[Route, ...]]:
    """Yield the paths from a shape's nodes to the values that shapes inside it look into."""
    from dragoman.walking import sparql

    try:
        shape = graph.shapes[node]
    except ShapesError:
        return
    inner = [each for values in shape.inner.values() for each in values]
    own = (sparql.read_path(shape.path.text),) if shape.path else ()
    if own and inner:
        yield own
    for each in inner if depth else ():
        yield from ((*own, *further) for further in _paths(graph, each, depth - 1))


def _idle(aiming: Collection[Term], shapes: Iterable[Triple]) -> Iterator[Looked]:
    """Yield the shapes with a name that look at nothing whatever the data: none aims them."""
    declared: set[Any] = set()
    named: set[Any] = set()
    off: set[Any] = set()
    for triple in shapes:
        if triple.predicate == _TYPE and triple.object in _DECLARED:
            declared.add(triple.subject)
        elif triple.predicate.value in _REFERRING:
            named.add(triple.object)
        elif triple.predicate.value == sh.DEACTIVATED and getattr(triple.object, "value", "") in {
            "true",
            "1",
        }:
            off.add(triple.subject)
    for node in sorted(declared - named - set(aiming), key=str):
        if isinstance(node, NamedNode):
            yield Looked(node, 0, 0, why="deactivated" if node in off else "no target")


# ------------------------------------------------------------------ the data


class _Stated:
    """Statements by property; `same` gives one object for each term, for each is made anew."""

    def __init__(self, data: Data, same: Callable[[Any, Any], Any]) -> None:
        self._data, self._same = data, same
        self.predicates = self._told("?p", "?s ?p ?o", lambda each: each.predicate)
        self._subjects: dict[Any, set[Any]] = {}

    def _told(self, term: str, pattern: str, of_triple: Callable[[Triple], Any]) -> set[Any]:
        rows: Any = self._data.store.query(f"SELECT DISTINCT {term} {{ {pattern} }}")
        found = (*(row[0] for row in rows), *map(of_triple, self._data.respelt))
        return {self._same(each, each) for each in found}

    def of(self, predicate: Any) -> Iterator[Triple]:  # noqa: ANN401
        """Yield the statements with a property."""
        if predicate in self.predicates:
            for quad in self._data.store.quads_for_pattern(None, predicate, None, _GRAPH):
                yield quad.triple
            yield from (each for each in self._data.respelt if each.predicate == predicate)

    def subjects(self, predicate: Any) -> set[Any]:  # noqa: ANN401
        """Return what has a property."""
        if predicate not in self._subjects:
            found = map(_SUBJECT, self.of(predicate))
            self._subjects[predicate] = {self._same(each, each) for each in found}
        return self._subjects[predicate]

    def all_subjects(self) -> set[Any]:
        """Return all that anything is said of."""
        return self._told("?s", "?s ?p ?o", _SUBJECT)


class _Held:
    """All data, and the ontology beside it; follows steps as `Facts` does."""

    def __init__(self, about: Data, beside: Data) -> None:
        self._same: Any = dict[Any, Any]().setdefault
        self.about, self.beside = _Stated(about, self._same), _Stated(beside, self._same)
        self.predicates = self.about.predicates | self.beside.predicates
        self.cells = self._subjects_of(_FIRST)
        self.instances: dict[Any, set[Any]] = {}
        for triple in self._with(_TYPE):
            subject = triple.subject
            members = self.instances.setdefault(triple.object, set())
            members.add(self._same(subject, subject))
        self._below: dict[Any, list[Any]] = {}
        for triple in self._with(_BELOW):
            self._below.setdefault(triple.object, []).append(triple.subject)
        self._of_class: dict[Any, set[Any]] = {}
        self._objects: dict[Any, set[Any]] = {}
        self._ends: dict[Step, dict[Any, list[Any]]] = {}

    def _with(self, predicate: NamedNode) -> Iterator[Triple]:
        return chain(self.about.of(predicate), self.beside.of(predicate))

    def foci(self, aim: _Aim) -> set[Any]:
        """Return the nodes that a shape aims at."""
        parts: list[set[Any]] = [
            *map(self.of_class, aim.classes),
            *(self._subjects_of(NamedNode(each)) for each in aim.subjects_of),
            *(self._objects_of(NamedNode(each)) for each in aim.objects_of),
        ]
        # Many shapes aim at the same: to copy it for each costs more than all else here.
        return parts[0] if len(parts) == 1 and not aim.nodes else set(aim.nodes).union(*parts)

    def _subjects_of(self, predicate: NamedNode) -> set[Any]:
        first, second = self.about.subjects(predicate), self.beside.subjects(predicate)
        return first | second if second else first

    def _objects_of(self, predicate: NamedNode) -> set[Any]:
        if predicate not in self._objects:
            found = map(_OBJECT, self._with(predicate))
            self._objects[predicate] = {self._same(each, each) for each in found}
        return self._objects[predicate]

    def of_class(self, kind: Any) -> set[Any]:  # noqa: ANN401
        """Return the instances of a class and of all below it."""
        if kind not in self._of_class:
            below, waiting = {kind}, [kind]
            while waiting:
                more = [e for e in self._below.get(waiting.pop(), ()) if e not in below]
                below.update(more)
                waiting += more
            self._of_class[kind] = set().union(*(self.instances.get(each, ()) for each in below))
        return self._of_class[kind]

    def follow(self, step: Step, nodes: Iterable[Any]) -> set[Any]:
        """Return where one step leads from any of the nodes."""
        ends = self._ends.get(step)
        if ends is None:
            ends = self._ends[step] = {}
            fitting = (each for each in self.predicates if step.fits(each.value))
            for triple in chain.from_iterable(map(self._with, fitting)):
                start, end = triple.subject, triple.object
                if step.inverse:
                    start, end = end, start  # type: ignore[assignment]
                ends.setdefault(self._same(start, start), []).append(self._same(end, end))
        return {end for node in nodes for end in ends.get(node, ())}

    def classes_of(self, nodes: Collection[Any]) -> dict[Any, set[Any]]:
        """Return the classes that each of the nodes is said to be of."""
        found: dict[Any, set[Any]] = {}
        for kind, members in self.instances.items():
            for node in members & nodes if nodes else ():  # type: ignore[operator]
                found.setdefault(node, set()).add(kind)
        return found


def _by_class(
    nodes: Iterable[Any], classes: Mapping[Any, Collection[Any]]
) -> tuple[tuple[Term | None, int], ...]:
    """Return the classes of nodes and how many each has, the biggest first; None for no class."""
    counts: Counter[Any] = Counter()
    for node in nodes:
        counts.update(classes.get(node) or (None,))
    return tuple(sorted(counts.items(), key=lambda each: (-each[1], str(each[0]))))


# ------------------------------------------------------------------ what the data has not


def _absent(
    aim: _Aim, held: _Held, subjects: Collection[Any], aimed: Collection[Any]
) -> Iterator[Absent]:
    """Yield what a shape aims at and the data do not speak of, with what they may call it.

    A class or property that they only declare is none of these.
    """
    kinds: Iterable[Any] = (each for each in aim.classes if each not in subjects)
    for kind in kinds:
        if not held.of_class(kind):
            others = [each for each in held.instances if each not in aimed]
            yield Absent("class", kind, _nearest(kind, others))
    for predicate in (*aim.subjects_of, *aim.objects_of):
        name = NamedNode(predicate)
        if name not in held.predicates and name not in subjects:
            yield Absent("property", name, _nearest(name, held.predicates))
    for node in aim.nodes:
        if isinstance(node, NamedNode) and node not in subjects:
            yield Absent("node", node, _nearest(node, subjects))


def _nearest(term: Any, others: Iterable[Any]) -> NamedNode | None:  # noqa: ANN401
    """Return the name that looks most like another: its own in another namespace, or near it."""
    from difflib import get_close_matches

    if isinstance(term, BlankNode):
        return None
    by_name: dict[str, list[NamedNode]] = {}
    for each in others:
        if isinstance(each, NamedNode) and each != term:
            by_name.setdefault(_local(each.value).casefold(), []).append(each)
    close = get_close_matches(_local(term.value).casefold(), by_name, 1, _ALIKE)
    if not close:
        return None
    start = term.value.removesuffix(_local(term.value))
    return min(by_name[close[0]], key=lambda each: (not each.value.startswith(start), each.value))


def _local(iri: str) -> str:
    return iri[max(iri.rfind(sign, 0, -1) for sign in "/#:") + 1 :]
