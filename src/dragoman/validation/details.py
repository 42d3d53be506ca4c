"""Why a thing does not conform to a shape: what that finds there (`sh:detail`, SHACL 3.6.2.6).

The engines say that a value breaks an `sh:node`, not what is wrong with it. Here the shapes that it
should conform to are made to aim at the values that do not, for what was found only, and checked
by the engines again, one level of shapes at a time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from dragoman.errors import ShapesError
from dragoman.validation import analysis
from dragoman.validation import shape_graph as sh
from dragoman.validation.engine import check_named
from dragoman.walking import sparql
from dragoman.walking.paths import reach

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from pyoxigraph import Triple

    from dragoman.validation.analysis import Plan
    from dragoman.validation.report import Finding, Term
    from dragoman.validation.shape_graph import ShapesGraph
    from dragoman.walking.facts import Facts

# How many findings are looked into, how deep, and at how many values and reasons of each.
_MOST: Final = 100
_DEEPEST: Final = 3
_WIDEST: Final = 20
_LISTS: Final = {sh.COMPONENTS[each]: each for each in sh.LOGICAL_LISTS}
_NODE: Final = sh.COMPONENTS[sh.NODE]
_ONE: Final = sh.COMPONENTS[sh.LOGICAL_LISTS[-1]]
_COUNT: Final = sh.COMPONENTS[sh.QUALIFIED_MIN]
_EXPLAINED: Final = frozenset((_NODE, _COUNT, *_LISTS))
_Pair = tuple[Any, Any]  # shape, node


def detailed(
    plan: Plan,
    findings: list[Finding],
    facts: Callable[[], Facts],
    gone: Collection[Triple] = (),
    timeout: float | None = None,
) -> list[Finding]:
    """Return the findings, with the reasons of those that lie in other shapes.

    Args:
        plan: how the shapes graph is checked.
        findings: what was found.
        facts: gives the facts that they were found in.
        gone: those of them that stand no more.
        timeout: seconds for the reference.

    Raises:
        LimitError: the timeout has passed.
    """
    if not any(each.component in _EXPLAINED for each in findings):
        return findings
    try:
        return _detailed(plan, findings, facts(), gone, timeout, _DEEPEST)
    except ShapesError:  # the shapes, ill-formed, were good enough for the reference
        return findings


def _detailed(  # noqa: PLR0913, PLR0917  what it was asked, and how deep it is
    plan: Plan,
    findings: list[Finding],
    facts: Facts,
    gone: Collection[Triple],
    timeout: float | None,
    depth: int,
) -> list[Finding]:
    open_ones = [each for each in findings if each.component in _EXPLAINED]
    open_ones = sorted(open_ones, key=lambda each: each.order)[:_MOST]
    if not depth or not open_ones:
        return findings
    graph = plan.graph
    asked = {id(each): list(_looked_into(graph, each, facts)) for each in open_ones}
    wanted: dict[Term, set[Any]] = {}
    for shape, node in (pair for pairs in asked.values() for pair in pairs):
        wanted.setdefault(shape, set()).add(node)
    if not wanted:
        return findings
    found = check_named(analysis.within(plan.graph, wanted), wanted, facts, gone, timeout)
    found = _detailed(plan, found, facts, gone, timeout, depth - 1)
    by_place: dict[_Pair, list[Finding]] = {}
    for each in found:
        by_place.setdefault((each.shape, each.focus), []).append(each)

    def reasons(finding: Finding) -> tuple[Finding, ...]:
        each_shape = [
            [
                f
                for place in dict.fromkeys(_within(graph, *pair, facts))
                for f in by_place.get(place, ())
            ]
            for pair in asked[id(finding)]
        ]
        if finding.component == _ONE and not all(each_shape):
            return ()  # it conforms to several, and what the others say is no reason
        told = dict.fromkeys(each for found in each_shape for each in found)
        return tuple(sorted(told, key=lambda each: each.order)[:_WIDEST])

    return [
        replace(each, details=reasons(each)) if id(each) in asked else each for each in findings
    ]


def _looked_into(graph: ShapesGraph, finding: Finding, facts: Facts) -> Iterator[_Pair]:
    """Yield the shapes that a finding looks into, each with a node that it should conform to."""
    shape = graph.shapes[finding.shape]
    if finding.component == _COUNT:
        if shape.path is None:
            return
        values = reach(sparql.read_path(shape.path.text), (finding.focus,), facts)
        for value in sorted(values, key=str)[:_WIDEST]:
            yield from ((each, value) for each in shape.all(sh.QUALIFIED))
        return
    for each in shape.inner.get(_LISTS.get(finding.component, sh.NODE), ())[:_WIDEST]:
        yield each, finding.value if finding.value is not None else finding.focus


def _within(graph: ShapesGraph, shape: Term, node: Any, facts: Facts) -> Iterator[_Pair]:  # noqa: ANN401
    """Yield a shape and the property shapes inside it, each with the nodes it is checked on."""
    waiting: list[tuple[Any, Any, int]] = [(shape, node, 0)]
    while waiting:
        shape, node, depth = waiting.pop()
        yield shape, node
        inner = graph.shapes[shape]
        if depth > _WIDEST or not inner.all(sh.PROPERTY):
            continue
        nodes: Iterable[Any] = (node,)
        if inner.path:
            nodes = reach(sparql.read_path(inner.path.text), nodes, facts)
        waiting += [(each, n, depth + 1) for n in nodes for each in inner.all(sh.PROPERTY)]
