"""The fast engine for SPARQL constraints: each is asked of the store once, for all nodes.

The findings are those that asking for each node gives (SHACL 5.3): one for each distinct row.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import DefaultGraph, NamedNode, QuerySolutions, Store

from dragoman import vocabulary
from dragoman.errors import ShapesError
from dragoman.validation import messages
from dragoman.validation import shape_graph as sh
from dragoman.validation.report import Finding, Path
from dragoman.walking.facts import Facts
from dragoman.walking.naming import markers, named, store_of
from dragoman.walking.reads import THIS, Boundless, Group, gather
from dragoman.walking.targets import pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dragoman.validation.analysis import Asked, Plan, Root
    from dragoman.validation.report import Term
    from dragoman.walking.sparql import Question

# So many nodes at a time are asked of, where a question is costly.
_PART: Final = 100
_COMPONENT: Final = f"{vocabulary.SH}SPARQLConstraintComponent"


def ask_all(store: Store, root: Root, plan: Plan) -> list[Finding]:
    """Return what the SPARQL constraints of a shape find among all that it aims at."""
    facts = Facts(store)
    found: list[Finding] = []
    for asked in root.asked:
        if asked.question.reads.is_costly:
            try:
                nodes = list(suspects(store, root, asked, facts))
                found += ask_in_parts(store, nodes, root, asked, plan)
            except Boundless:
                pass
            else:
                continue
        # The engine plans better when it is not told the targets, and few rows are left to sift.
        found += _findings(
            store, asked, _aimed(root, asked.question), plan, lambda node: root.aims_at(node, facts)
        )
    return found


def suspects(store: Store, root: Root, asked: Asked, facts: Facts) -> set[Term]:
    """Return the nodes that a shape aims at but for those that a costly question surely passes."""
    question = asked.question
    cheap = [each for each in question.reads.asked if not Group(asked=(each,)).is_costly]
    if not question.costly or replace(question.reads, asked=tuple(cheap)).is_costly:
        return root.all_targets(facts)
    text = question.asked_of(_aimed(root, question), loosely=True)
    rows: Any = store.query(text, default_graph=DefaultGraph())
    return {node for node in {row[THIS] for row in rows} if root.aims_at(node, facts)}


def ask_in_parts(
    store: Store, targets: list[Term], root: Root, asked: Asked, plan: Plan
) -> list[Finding]:
    """Ask of some nodes at a time, each time of the facts around them only.

    The engine joins whole what stands in OPTIONAL or EXISTS: of a million facts more than memory
    holds.

    Raises:
        Boundless: what is around them has no bound.
    """
    found: list[Finding] = []
    facts = Facts(store)
    for start in range(0, len(targets), _PART):
        nodes = set(targets[start : start + _PART])
        with facts.watched():
            if gather(asked.question.reads, {THIS: nodes}, facts) is None:
                continue
        around = store_of(facts.neighbourhood(), markers({root.focus: nodes}))
        found += _findings(around, asked, _named(root), plan)
    return found


def _named(root: Root) -> str:
    return named(root.focus, THIS)


def ask_named(store: Store, root: Root, plan: Plan) -> Iterator[Finding]:
    """Yield what they find among the nodes that the graph `FOCUS` names for the shape."""
    for asked in root.asked:
        yield from _findings(store, asked, _named(root), plan)


def _aimed(root: Root, question: Question) -> str:
    """Return the pattern for all that a shape aims at; empty where the query binds nodes itself."""
    at_start_only = len(question.where) == 1
    bound = any(THIS in pattern.variables for pattern in question.reads.patterns)
    return "" if at_start_only and bound else pattern(root.targets, root.nodes)


def _findings(
    store: Store,
    asked: Asked,
    nodes: str,
    plan: Plan,
    wanted: Callable[[Term], bool] | None = None,
) -> Iterator[Finding]:
    try:
        answer = store.query(asked.question.asked_of(nodes), default_graph=DefaultGraph())
    except (SyntaxError, ValueError) as error:
        raise ShapesError(f"The query of {asked.node} cannot be run: {error}") from error
    assert isinstance(answer, QuerySolutions)  # noqa: S101  it was read as a SELECT
    if wanted is None:
        rows = {tuple(solution) for solution in answer}
    else:
        rows = {tuple(solution) for solution in answer if wanted(solution[THIS])}
    if not rows:
        return
    names = [variable.value for variable in answer.variables]
    graph = plan.graph
    shape = graph.shapes[asked.shape]
    severity = shape.one(sh.SEVERITY)
    for row in rows:
        said: dict[str, Any] = {
            name: term for name, term in zip(names, row, strict=True) if term is not None
        }
        focus, value, path = said[THIS], said.get("value"), shape.path
        if value is None and shape.path is None:
            value = focus
        if isinstance(said.get("path"), NamedNode):
            path = Path(str(said["path"]), said["path"])
        if value is not None:
            said["value"] = value
        yield Finding(
            focus=focus,
            severity=severity.value if severity is not None else vocabulary.SH_VIOLATION,
            shape=shape.node,
            component=_COMPONENT,
            path=path,
            value=value,
            constraint=asked.node,
            messages=messages.of_row(said, shape.all(sh.MESSAGE), graph.all(asked.node, sh.MESSAGE))
            or messages.messages(shape.node, _COMPONENT, path, graph.all, graph.items),
        )
