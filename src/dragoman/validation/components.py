"""How pySHACL runs SPARQL-based constraints and components, made to follow SHACL 5 and 6.

pySHACL gathers the messages of one node in those of the next, takes any one of several values of a
parameter, binds $value only where Python finds it true, and asks a SELECT validator for each value.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, Final

from dragoman import vocabulary
from dragoman.errors import ShapesError
from dragoman.validation import messages
from dragoman.validation.terms import back

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_MESSAGE: Final = f"{vocabulary.SH}message"


def evaluate_constraint(
    self: Any,  # noqa: ANN401
    query: Any,  # noqa: ANN401
    data: Any,  # noqa: ANN401
    values: Mapping[Any, Any],
) -> tuple[bool, list[Any]]:
    """Run a SPARQL-based constraint: a result for each distinct solution (5.3.2)."""
    said = _texts(self, query.node)
    found: list[Any] = []
    for focus in values:
        bound, text = query.pre_bind_variables(focus)
        rows = _rows(self, query, text, data, bound, focus)
        found += (_result(self, data, focus, row, query.node, said) for row in rows)
    return bool(found), found


def evaluate_component(
    self: Any,  # noqa: ANN401
    _executor: Any,  # noqa: ANN401
    data: Any,  # noqa: ANN401
    values: Mapping[Any, Iterable[Any]],
    _path: Any,  # noqa: ANN401
) -> tuple[bool, list[Any]]:
    """Run a constraint component's validator: for each value node, or a SELECT for each focus."""
    from pyshacl.constraints.sparql.sparql_based_constraint_components import (
        AskConstraintValidator,
    )

    asks = isinstance(self.validator, AskConstraintValidator)
    query = self.query_helper
    said = _texts(self, self.validator.node) or _texts(self, self.constraint.node)
    found: list[Any] = []
    for given in _parameters(self):
        for focus, nodes in values.items():
            rows = (
                _failing(self, query, data, focus, nodes, given)
                if asks
                else _selected(self, query, data, focus, given)
            )
            found += (_result(self, data, focus, row, None, said, given) for row in rows)
    return not found, found


def _parameters(self: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    """Yield the parameters of each constraint: one that stands alone may have many values (2.1.1).

    Raises:
        ShapesError: one of several parameters has more than one value.
    """
    declared = self.constraint.parameters
    each = {one.localname: sorted(self.shape.objects(one.path()), key=_order) for one in declared}
    if len(declared) > 1 and (several := [name for name in each if len(each[name]) > 1]):
        raise ShapesError(
            f"{back(self.shape.node)} has more than one value of {several[0]}, which is one of "
            f"several parameters of {back(self.constraint.node)}."
        )
    given = {name: nodes for name, nodes in each.items() if nodes}
    for nodes in product(*given.values()):
        yield dict(zip(given, nodes, strict=True))


def _order(term: Any) -> str:  # noqa: ANN401
    return str(back(term))


def _failing(  # noqa: PLR0913, PLR0917  what a question needs
    self: Any,  # noqa: ANN401
    query: Any,  # noqa: ANN401
    data: Any,  # noqa: ANN401
    focus: Any,  # noqa: ANN401
    nodes: Iterable[Any],
    given: Mapping[str, Any],
) -> Iterator[dict[str, Any]]:
    for node in nodes:
        bound, text = query.pre_bind_variables(focus, valuenode=node, extravars=given.keys())
        with _blaming(self, query, focus):
            answer = data.query(query.apply_prefixes(text), initBindings=_all(bound, given, node))
            holds = answer.askAnswer
        if not holds:
            yield {"this": focus, "value": node}


def _selected(
    self: Any,  # noqa: ANN401
    query: Any,  # noqa: ANN401
    data: Any,  # noqa: ANN401
    focus: Any,  # noqa: ANN401
    given: Mapping[str, Any],
) -> list[dict[str, Any]]:
    bound, text = query.pre_bind_variables(focus, extravars=given.keys())
    return _rows(self, query, text, data, _all(bound, given), focus)


def _all(bound: Mapping[str, Any], given: Mapping[str, Any], value: Any = None) -> dict[str, Any]:  # noqa: ANN401
    return {**bound, **given, **({} if value is None else {"value": value})}


def _rows(  # noqa: PLR0913, PLR0917  what a question needs
    self: Any,  # noqa: ANN401
    query: Any,  # noqa: ANN401
    text: str,
    data: Any,  # noqa: ANN401
    bound: Mapping[str, Any],
    focus: Any,  # noqa: ANN401
) -> list[dict[str, Any]]:
    """Return the distinct solutions of a SELECT."""
    with _blaming(self, query, focus):
        rows = [row.asdict() for row in data.query(query.apply_prefixes(text), initBindings=bound)]
    found = list({tuple(sorted(row.items())): row for row in rows}.values())
    if any("failure" in row for row in found):
        raise ShapesError(f"The sh:select of {back(query.node)} tells a failure at {back(focus)}.")
    return found


class _blaming:  # noqa: N801  used as a context
    """Says which query could not be run on which node."""

    def __init__(self, constraint: Any, query: Any, focus: Any) -> None:  # noqa: ANN401
        self.constraint, self.query, self.focus = constraint, query, focus

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if not isinstance(error, Exception) or isinstance(error, RecursionError):
            return
        shape, node = back(self.constraint.shape.node), back(self.query.node)
        reason = " ".join(str(error).split())[:300]
        raise ShapesError(
            f"The query of {node}, of the shape {shape}, cannot be run: {reason}"
        ) from error


def _texts(self: Any, node: Any) -> list[Any]:  # noqa: ANN401
    graph = self.shape.sg.graph
    return [back(each) for each in graph.objects(node, _iri(_MESSAGE))]


def _iri(value: str) -> Any:  # noqa: ANN401
    from rdflib import URIRef

    return URIRef(value)


def _result(  # noqa: PLR0913, PLR0917  what a result is made of
    self: Any,  # noqa: ANN401
    data: Any,  # noqa: ANN401
    focus: Any,  # noqa: ANN401
    row: Mapping[str, Any],
    constraint: Any,  # noqa: ANN401
    texts: Iterable[Any],
    given: Mapping[str, Any] | None = None,
) -> Any:  # noqa: ANN401
    """Return a result as pySHACL holds it, with the messages that SHACL gives it."""
    from rdflib import Literal as TheirLiteral
    from rdflib import URIRef

    value, path = row.get("value"), row.get("path")
    if value is None and not self.shape.is_property_shape:
        value = focus
    component = None if constraint is not None else self.constraint.node
    description, node, triples = self.make_v_result(
        data,
        row.get("this", focus),
        value_node=value,
        result_path=path if isinstance(path, URIRef) else None,
        constraint_component=component,
        source_constraint=constraint,
    )
    said = {name: back(term) for name, term in {**(given or {}), **row}.items()}
    said["this"] = back(focus)
    if value is not None:
        said["value"] = back(value)
    words = messages.of_row(said, _texts(self, self.shape.node), texts)
    kept = [triple for triple in triples if str(triple[1]) != vocabulary.SH_RESULT_MESSAGE]
    kept += [
        (node, _iri(vocabulary.SH_RESULT_MESSAGE), TheirLiteral(each.value, lang=each.language))
        for each in words
    ]
    return description, node, kept
