"""Where pySHACL strays from what the W3C recommends, and what it does instead while we use it.

Each correction is looked at by `tests/test_corrections.py`: the test fails when a version of the
library that is right by itself is installed, and the correction is still here.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pyoxigraph import NamedNode

from dragoman import datatypes, vocabulary
from dragoman.errors import ShapesError
from dragoman.validation import literals
from dragoman.validation.terms import back, there

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


# The first versions that nobody has looked at: what they do rightly by themselves goes from here.
LOOKED_AT_BEFORE: Final = {"pyshacl": "0.41", "rdflib": "8"}


class Correction(NamedTuple):
    """What is put in the place of what, and the report upstream that it waits for.

    Attributes:
        owner: a class or a module of the library.
        name: which of its attributes.
        value: what it is while we use the library.
        report: as `RDFLib/rdflib#3381`; empty where it is not reported upstream.
    """

    owner: Any
    name: str
    value: Any
    report: str = ""


@contextmanager
def corrected() -> Iterator[None]:
    """Make pySHACL, and rdflib below it, follow the recommendations."""
    changes = corrections()
    before = [getattr(each.owner, each.name) for each in changes]
    try:
        for each in changes:
            setattr(each.owner, each.name, each.value)
        yield
    finally:
        for each, value in zip(changes, before, strict=True):
            setattr(each.owner, each.name, value)


def corrections() -> list[Correction]:
    """Return all corrections: of pySHACL by the sections of SHACL, of rdflib by those of SPARQL."""
    import pyshacl.shape
    from pyshacl.constraints.core import other_constraints as others
    from pyshacl.constraints.core import property_pair_constraints as pairs
    from pyshacl.constraints.core import string_based_constraints as strings
    from pyshacl.constraints.core import value_constraints as values
    from pyshacl.constraints.core import value_range_constraints as ranges
    from pyshacl.constraints.sparql import sparql_based_constraint_components as bound
    from pyshacl.constraints.sparql import sparql_based_constraints as sparql
    from pyshacl.helper import expression_helper as paths
    from rdflib import paths as sparql_paths
    from rdflib.plugins.sparql import (
        aggregates,
        algebra,
        evaluate,
        evalutils,
        operators,
        parser,
    )

    from dragoman.validation import expressions
    from dragoman.validation.components import evaluate_component, evaluate_constraint

    follow = _following(paths.value_nodes_from_path)
    collect = algebra.collectAndRemoveFilters
    less, less_or_equal = (
        pairs.LessThanConstraintComponent,
        pairs.LessThanOrEqualsConstraintComponent,
    )
    return [
        # Ill-typed is what XML Schema says, not what Python cannot hold (4.1.2).
        Correction(values.DatatypeConstraintComponent, "_assert_actual_datatype", _is_of_datatype),
        # By the order of SPARQL; what it cannot compare is a result, neither conforming nor an
        # error (4.3, 4.5.3).
        Correction(ranges, "compare_literal", _compare),
        Correction(less, "_compare_lt", _pairs({-1})),
        Correction(less_or_equal, "_compare_ltoe", _pairs({-1, 0})),
        # A regular expression is one of XPath (4.4.3, XPath 5.6.1): see `patterns`.
        Correction(strings.PatternConstraintComponent, "__init__", _loading(strings)),
        # `rdf:type rdfs:Resource` is allowed no more than anything else (4.8.1).
        Correction(others.ClosedConstraintComponent, "ALWAYS_IGNORE", frozenset()),
        # Solutions, parameters and messages (5, 6): see `components`.
        Correction(
            sparql.SPARQLBasedConstraint, "_evaluate_sparql_constraint", evaluate_constraint
        ),
        Correction(bound.BoundShapeValidatorComponent, "evaluate", evaluate_component),
        # It knows graphs by an address that another graph may have had.
        Correction(bound.SPARQLConstraintComponentValidator, "validator_cache", {}),
        # The inverse of a sequence goes through the steps backwards (2.3.1.3).
        Correction(paths, "value_nodes_from_path", follow),
        Correction(pyshacl.shape, "value_nodes_from_path", follow),
        # A row of a target's query in which ?this is unbound aims at nothing (AF 3.1).
        Correction(pyshacl.shape.Shape, "focus_nodes", _bound(pyshacl.shape.Shape.focus_nodes)),
        # Truth, grouping and set functions (17.2.2, 18.5): see `expressions`.
        Correction(parser, "neg", expressions.negative),
        Correction(
            algebra, "collectAndRemoveFilters", expressions.filters(collect), "RDFLib/rdflib#3381"
        ),
        Correction(operators, "EBV", expressions.truth),
        Correction(evalutils, "EBV", expressions.truth),
        Correction(evaluate, "evalAggregateJoin", expressions.grouped),
        Correction(aggregates.Aggregator, "accumulator_classes", expressions.accumulators()),
        # A path begins at 0, false and the empty text as at any other node (18.4).
        Correction(sparql_paths.MulPath, "eval", _walking(sparql_paths.MulPath.eval)),
    ]


def _is_of_datatype(_: object, value: Any, datatype: object) -> bool:  # noqa: ANN401
    return datatypes.well_formed(str(value), str(datatype))


def _order(first: Any, second: Any) -> int | None:  # noqa: ANN401
    from rdflib.term import Literal as TheirLiteral

    if not (isinstance(first, TheirLiteral) and isinstance(second, TheirLiteral)):
        return None
    return literals.order(back(first), back(second))


def _compare(first: Any, second: Any) -> int:  # noqa: ANN401
    order = _order(first, second)
    if order is None:
        raise TypeError  # pySHACL takes that for a result
    return order


def _pairs(allowed: set[int]) -> Callable[..., tuple[bool, list[Any]]]:
    def compare(
        self: Any,  # noqa: ANN401
        values: Iterable[Any],
        others: Iterable[Any],
        data: Any,  # noqa: ANN401
        focus: Any,  # noqa: ANN401
    ) -> tuple[bool, list[Any]]:
        found = [
            self.make_v_result(data, focus, value_node=value)
            for value in values
            for other in others
            if _order(value, other) not in allowed
        ]
        return bool(found), found

    return compare


def _loading(strings: Any) -> Callable[[Any, Any], None]:  # noqa: ANN401
    from dragoman.validation import patterns

    load = strings.StringBasedConstraintBase.__init__

    def loaded(self: Any, shape: Any) -> None:  # noqa: ANN401
        load(self, shape)
        self.string_rules = sorted(shape.objects(_there("pattern")), key=str)
        self.flags = next(iter(shape.objects(_there("flags"))), None)
        flags = "" if self.flags is None else str(self.flags)
        self.compiled_cache = {}
        for pattern in self.string_rules:
            try:
                expression = patterns.compiled(str(pattern), flags)
            except ValueError as error:
                raise ShapesError(
                    f"{str(pattern)!r}, the sh:pattern of {back(shape.node)}, is no regular "
                    f"expression: {error}."
                ) from error
            self.compiled_cache[pattern] = _Searching(expression)

    return loaded


class _Searching:
    """A regular expression that is searched for, where pySHACL would have it match the start."""

    def __init__(self, expression: Any) -> None:  # noqa: ANN401
        self.search = self.match = expression.search


def _there(name: str) -> Any:  # noqa: ANN401
    return there(NamedNode(f"{vocabulary.SH}{name}"))


def _bound(nodes: Callable[..., set[Any]]) -> Callable[..., set[Any]]:
    def bound(self: Any, *arguments: Any, **named: Any) -> set[Any]:  # noqa: ANN401
        return nodes(self, *arguments, **named) - {None}

    return bound


def _following(follow: Callable[..., set[Any]]) -> Callable[..., set[Any]]:
    from rdflib import RDF

    def followed(  # noqa: PLR0913, PLR0917  pySHACL's signature
        shapes: Any,  # noqa: ANN401
        focus: Any,  # noqa: ANN401
        path: Any,  # noqa: ANN401
        data: Any,  # noqa: ANN401
        inverse: bool = False,
        recursion: int = 0,
    ) -> set[Any]:
        if not inverse or (path, RDF.first, None) not in shapes.graph:
            return follow(shapes, focus, path, data, inverse, recursion)
        found = {focus}
        for step in reversed(list(shapes.graph.items(path))):
            found = {
                value
                for node in found
                for value in followed(shapes, node, step, data, inverse, recursion + 1)
            }
        return found

    return followed


def _walking(walk: Callable[..., Iterator[tuple[Any, Any]]]) -> Callable[..., Any]:
    def walked(  # rdflib's signature
        self: Any,  # noqa: ANN401
        graph: Any,  # noqa: ANN401
        subj: Any = None,  # noqa: ANN401
        obj: Any = None,  # noqa: ANN401
        first: bool = True,
    ) -> Iterator[tuple[Any, Any]]:
        # What is false in Python passes for no node at all.
        if subj is not None and not subj:
            if self.zero and obj in {None, subj}:
                yield subj, subj
        elif obj is not None and not obj:
            if self.zero and subj is None:
                yield obj, obj
            for pair in walk(self, graph, subj, None, first):
                if pair[1] == obj:
                    yield pair
        else:
            yield from walk(self, graph, subj, obj, first)

    return walked
