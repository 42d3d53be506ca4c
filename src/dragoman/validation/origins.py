"""What a shape without a name goes by: the named shape above it, the way from there, and its line.

`<v:Envoy>`, a `STEP` and `<v:name>` is the property shape for v:name in v:Envoy; with `sh:or 2` it
is the second shape in its list. The text is the same from run to run, as no blank node's label is.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pyoxigraph import BlankNode, NamedNode, Triple

from dragoman import syntax, vocabulary
from dragoman.errors import ShapesError
from dragoman.validation import shape_graph as sh
from dragoman.validation.loading import has_lines
from dragoman.validation.report import STEP, Origin

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from dragoman.validation.loading import Loaded
    from dragoman.validation.report import Term
    from dragoman.validation.shape_graph import ShapesGraph

_HOLDING: Final = (sh.PROPERTY, sh.NODE, sh.NOT, sh.QUALIFIED, sh.SPARQL, sh.EXPRESSION)
# So much is told of a shape without a name, and so far up its name is looked for.
_MOST: Final = 1_000
_HIGHEST: Final = 100


class _Place(NamedTuple):
    """Where a node stands: the how-manieth value of a parameter, and of its list."""

    parent: Any
    parameter: str
    value: int
    member: int | None


def origins(
    graph: ShapesGraph, nodes: Iterable[Term | None], files: Sequence[Loaded]
) -> dict[Term, Origin]:
    """Return where those of the nodes that are blank come from.

    Args:
        graph: the shapes graph.
        nodes: shapes and constraints.
        files: the files of the shapes graph, with the blank nodes that it has.
    """
    wanted = [each for each in nodes if isinstance(each, BlankNode)]
    if not wanted:
        return {}
    places = dict(_places(graph))
    tops = _tops(graph, places)
    lines = _Lines(files, graph)
    found: dict[Term, Origin] = {}
    for node in dict.fromkeys(wanted):
        above: list[Any] = [node]
        while above[-1] in places and len(above) < _HIGHEST:
            above.append(places[above[-1]].parent)
        steps = [_step(graph, each, places[each]) for each in above[-2::-1]]
        top = above[-1]
        start = str(top) if isinstance(top, NamedNode) else tops.get(top, str(top))
        way = [places[each] for each in above[-2::-1]]
        file, line = lines.of(top, way)
        found[node] = Origin(STEP.join([start, *steps]), file, line, tuple(_said(graph, node)))
    return found


def _places(graph: ShapesGraph) -> Iterator[tuple[Any, _Place]]:
    """Yield the blank nodes inside shapes with their places; of several, the first counts."""
    seen: set[Any] = set()
    for node, said in graph.about.items():
        for parameter in (*_HOLDING, *sh.LOGICAL_LISTS):
            for number, value in enumerate(said.get(parameter, ())):
                members: list[tuple[Any, int | None]] = [(value, None)]
                if parameter in sh.LOGICAL_LISTS:
                    with suppress(ShapesError):
                        members = [(m, place) for place, m in enumerate(graph.items(value))]
                for member, place in members:
                    if isinstance(member, BlankNode) and member not in seen:
                        seen.add(member)
                        yield member, _Place(node, parameter, number, place)


def _step(graph: ShapesGraph, node: Term, place: _Place) -> str:
    """Return how to call a node inside the one above it, different from all others there."""
    values = graph.all(place.parent, place.parameter)
    path = _path(graph, node)
    if place.parameter == sh.PROPERTY and path:
        same = [each for each in values if _path(graph, each) == path]
        return path if len(same) == 1 else f"{path} {same.index(node) + 1}"
    name = _short(place.parameter)
    if len(values) > 1:
        name = f"{name} {place.value + 1}"
    if place.member is not None:
        name = f"{name}{'.' if len(values) > 1 else ' '}{place.member + 1}"
    return f"{name}{STEP}{path}" if path else name


def _path(graph: ShapesGraph, node: Term) -> str:
    with suppress(ShapesError):
        for each in graph.all(node, sh.PATH):
            return graph.path(each).text
    return ""


def _tops(graph: ShapesGraph, places: Collection[Any]) -> dict[Any, str]:
    """Return how to call the blank nodes that nothing holds, each by its first target."""
    found: dict[Any, str] = {}
    counts: Counter[str] = Counter()
    for node in graph.about:
        if isinstance(node, BlankNode) and node not in places:
            aims = (f"{_short(t)} {each}" for t in sh.TARGETS for each in graph.all(node, t))
            text = f"shape with {next(aims, 'no name')}"
            counts[text] += 1
            found[node] = text if counts[text] == 1 else f"{text} {counts[text]}"
    return found


def _short(parameter: str) -> str:
    return f"sh:{parameter.removeprefix(vocabulary.SH)}"


def _said(graph: ShapesGraph, node: Term) -> Iterator[Triple]:
    """Yield what the graph says of a blank node, and of those inside it."""
    waiting, seen, count = [node], {node}, 0
    while waiting:
        subject: Any = waiting.pop()
        for predicate, values in graph.about.get(subject, {}).items():
            for value in values:
                if (count := count + 1) > _MOST:
                    return
                yield Triple(subject, NamedNode(predicate), value)
                if isinstance(value, BlankNode) and value not in seen:
                    seen.add(value)
                    waiting.append(value)


class _Lines:
    """Finds the lines of blank nodes: the text has them in the order that the triples have."""

    def __init__(self, files: Sequence[Loaded], graph: ShapesGraph) -> None:
        self._files, self._graph = files, graph
        self._blocks: dict[int, syntax.Blocks] = {}

    def of(self, top: Any, way: Sequence[_Place]) -> tuple[str | None, int | None]:  # noqa: ANN401
        """Return the file and the line of what a way from a node with a name leads to."""
        for number, file in enumerate(self._files):
            if way:
                wanted = self._graph.all(way[0].parent, way[0].parameter)[way[0].value]
                here = [
                    triple.object
                    for triple in file.triples
                    if triple.subject == top and triple.predicate.value == way[0].parameter
                ]
                if wanted not in here:
                    continue
            elif all(triple.subject != top for triple in file.triples):
                continue
            return file.input.label, self._line(number, top, way)
        return None, None

    def _line(self, number: int, top: Any, way: Sequence[_Place]) -> int | None:  # noqa: ANN401
        file = self._files[number]
        if not has_lines(file.input.path):
            return None
        if number not in self._blocks:
            self._blocks[number] = syntax.blocks(file.input.path, file.input.base_iri or "")
        blocks = self._blocks[number]
        key: str | None = top.value
        if isinstance(top, BlankNode):
            objects = {triple.object for triple in file.triples}
            subjects = dict.fromkeys(triple.subject for triple in file.triples)
            order = [e for e in subjects if isinstance(e, BlankNode) and e not in objects]
            if top not in order:  # something holds it that is no place of a shape
                return None
            key = blocks.at(blocks.roots, order.index(top))
        line = blocks.starts.get(key or "")
        parent = top
        for place in way:
            values = [
                triple.object
                for triple in file.triples
                if triple.subject == parent and triple.predicate.value == place.parameter
            ]
            value = self._graph.all(parent, place.parameter)[place.value]
            said = blocks.values.get((key or "", place.parameter), [])
            if value not in values or len(values) != len(said):
                break  # one of them is said twice, or in another file
            key = said[values.index(value)]
            parent = value
            if place.member is not None:
                parent = self._graph.items(value)[place.member]
                key = blocks.at(blocks.values.get((key, ""), []), place.member)
            line = blocks.starts.get(key or "", line)
        return line
