"""The fast engine for SPARQL constraints: each is asked of the store once, for all nodes.

The findings are those that asking for each node gives (SHACL 5.3): one for each distinct row.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, QuerySolutions

from dragoman import vocabulary
from dragoman.errors import ShapesError
from dragoman.validation import messages
from dragoman.validation import shape_graph as sh
from dragoman.validation.paths import IS_A, Step
from dragoman.validation.reads import THIS, Group, Pattern
from dragoman.validation.report import Finding, Path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import Store

    from dragoman.validation.analysis import Asked, Plan, Root

# The graph that names the nodes to check, apart from the facts.
FOCUS: Final = NamedNode("urn:dragoman:focus")
_COMPONENT: Final = f"{vocabulary.SH}SPARQLConstraintComponent"


def ask_all(store: Store, root: Root, plan: Plan) -> Iterator[Finding]:
    """Yield what the SPARQL constraints of a shape find among all that it aims at."""
    for asked in root.asked:
        aimed = "" if _implied(root, asked.question.reads) else _targets(root)
        yield from _findings(store, asked, aimed, plan)


def ask_named(store: Store, root: Root, plan: Plan) -> Iterator[Finding]:
    """Yield what they find among the nodes that the graph `FOCUS` names for the shape."""
    named = f"GRAPH {FOCUS} {{ {FOCUS} <{root.focus}> ?{THIS} }}"
    for asked in root.asked:
        yield from _findings(store, asked, named, plan)


def _implied(root: Root, reads: Group) -> bool:
    """Return whether the query finds nothing but targets even if it is not told them."""
    if root.nodes or len(root.targets) != 1:
        return False
    (target,) = root.targets
    if target.path == IS_A:
        return False
    return any(_same(target, each) for each in reads.patterns)


def _same(target: Pattern, pattern: Pattern) -> bool:
    if pattern.path != target.path or not isinstance(target.path, Step):
        return False
    return (target.subject == THIS) == (pattern.subject == THIS) and THIS in pattern.variables


def _targets(root: Root) -> str:
    parts = []
    for target in root.targets:
        if target.path == IS_A:
            kind, below = vocabulary.RDF_TYPE, vocabulary.RDFS_SUBCLASS_OF
            parts.append(f"{{ ?kind <{below}>* {target.object} . ?{THIS} <{kind}> ?kind }}")
            continue
        assert isinstance(target.path, Step)  # noqa: S101  what Analysis makes
        ends = f"?{target.subject} <{target.path.predicate}> ?{target.object}"
        parts.append(f"{{ {ends} }}")
    if root.nodes:
        values = " ".join(str(node) for node in root.nodes)
        parts.append(f"{{ VALUES ?{THIS} {{ {values} }} }}")
    return f"{{ SELECT DISTINCT ?{THIS} WHERE {{ {' UNION '.join(parts)} }} }}"


def _findings(store: Store, asked: Asked, nodes: str, plan: Plan) -> Iterator[Finding]:
    try:
        answer = store.query(asked.question.asked_of(nodes), default_graph=DefaultGraph())
    except (SyntaxError, ValueError) as error:
        raise ShapesError(f"The query of {asked.node} cannot be run: {error}") from error
    assert isinstance(answer, QuerySolutions)  # noqa: S101  it was read as a SELECT
    rows = {tuple(solution) for solution in answer}
    if not rows:
        return
    names = [variable.value for variable in answer.variables]
    graph = plan.graph
    shape = graph.shapes[asked.shape]
    severity = shape.one(sh.SEVERITY)
    texts = [*graph.all(asked.node, sh.MESSAGE), *shape.all(sh.MESSAGE)]
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
            messages=tuple(
                Literal(text) for text in sorted({_filled(str(each.value), said) for each in texts})
            )
            or messages.messages(shape.node, _COMPONENT, path, graph.all, graph.items),
        )


def _filled(text: str, said: dict[str, Any]) -> str:
    """Put what a row says into a message (SHACL 5.3.2)."""

    def value(found: re.Match[str]) -> str:
        term = said.get(found[1])
        return found[0] if term is None else str(term.value)

    return re.sub(r"\{[?$]([^{}]+)\}", value, text)
