"""Where pySHACL strays from what the W3C recommends, and what it does instead while we use it."""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import lru_cache
from types import MethodType
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import Literal, NamedNode

from dragoman import datatypes, vocabulary
from dragoman.validation import literals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


@contextmanager
def corrected() -> Iterator[None]:
    """Make pySHACL follow the recommendation.

    - `sh:datatype`: ill-typed is what XML Schema says, not what Python cannot hold (SHACL 4.1.2).
    - Ranges and `sh:lessThan`: by the order of SPARQL; what it cannot compare is a result, neither
      conforming nor an error (4.3, 4.5.3).
    - `sh:pattern`: `$` is the end of the text, not the place before a last line feed (XPath 5.6.1).
    - `sh:closed`: `rdf:type rdfs:Resource` is allowed no more than anything else (4.8.1).
    - Arithmetic on an ill-typed number is an error of the expression, not endless (SPARQL 17.2).
    - The inverse of a sequence goes through the steps backwards (2.3.1.3).
    - A path in SPARQL begins at 0, false and the empty text as at any other node.
    """
    import pyshacl.shape
    from pyshacl.constraints.core import other_constraints as others
    from pyshacl.constraints.core import property_pair_constraints as pairs
    from pyshacl.constraints.core import string_based_constraints as strings
    from pyshacl.constraints.core import value_constraints as values
    from pyshacl.constraints.core import value_range_constraints as ranges
    from pyshacl.helper import expression_helper as paths
    from rdflib import paths as sparql_paths
    from rdflib.plugins.sparql import operators

    follow = _following(paths.value_nodes_from_path)
    changes: list[tuple[Any, str, Any]] = [
        (values.DatatypeConstraintComponent, "_assert_actual_datatype", _is_of_datatype),
        (ranges, "compare_literal", _compare),
        (pairs.LessThanConstraintComponent, "_compare_lt", _pairs({-1})),
        (pairs.LessThanOrEqualsConstraintComponent, "_compare_ltoe", _pairs({-1, 0})),
        (strings.PatternConstraintComponent, "__init__", _loading(strings)),
        (others.ClosedConstraintComponent, "ALWAYS_IGNORE", frozenset()),
        (operators, "numeric", _numbers(operators.numeric)),
        (paths, "value_nodes_from_path", follow),
        (pyshacl.shape, "value_nodes_from_path", follow),
        (sparql_paths.MulPath, "eval", _walking(sparql_paths.MulPath.eval)),
    ]
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in changes]
    try:
        for owner, name, value in changes:
            setattr(owner, name, value)
        yield
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)


def literal(text: str, datatype: str) -> Any:  # noqa: ANN401
    """Return a literal of rdflib's with this very text, ill-typed where XML Schema says so.

    rdflib collapses the white space of some datatypes, and calls a date before Christ ill-typed.
    """
    import rdflib

    ill_typed = not datatypes.well_formed(text, datatype)
    iri = rdflib.URIRef(datatype)
    # Of what is ill-typed rdflib would warn.
    made = None if ill_typed else rdflib.Literal(text, datatype=iri, normalize=False)
    exact: Any = (
        made if made is not None and str(made) == text else str.__new__(rdflib.Literal, text)
    )
    exact._language, exact._datatype = None, iri  # noqa: SLF001
    exact._value = None if made is None else made.value  # noqa: SLF001
    exact._ill_typed = ill_typed  # noqa: SLF001
    return exact


def _is_of_datatype(_: object, value: Any, datatype: object) -> bool:  # noqa: ANN401
    return datatypes.well_formed(str(value), str(datatype))


def _order(first: Any, second: Any) -> int | None:  # noqa: ANN401
    from rdflib.term import Literal as TheirLiteral

    if not (isinstance(first, TheirLiteral) and isinstance(second, TheirLiteral)):
        return None
    return literals.order(_ours(first), _ours(second))


def _ours(term: Any) -> Literal:  # noqa: ANN401
    if term.language:
        return Literal(str(term), language=term.language)
    return Literal(str(term), datatype=NamedNode(str(term.datatype or vocabulary.XSD_STRING)))


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


# An escaped sign or a class of signs, in which `$` is no anchor; or the anchor.
_DOLLAR: Final = re.compile(r"(\\.|\[\^?\]?(?:\\.|[^\]\\])*\])|\$", re.DOTALL)


def _loading(strings: Any) -> Callable[[Any, Any], None]:  # noqa: ANN401
    load = strings.PatternConstraintComponent.__init__

    def loaded(self: Any, shape: Any) -> None:  # noqa: ANN401
        load(self, shape)
        for pattern, compiled in self.compiled_cache.items():
            if not compiled.flags & re.MULTILINE:
                text = _DOLLAR.sub(lambda found: found[1] or r"\Z", compiled.pattern)
                self.compiled_cache[pattern] = re.compile(text, compiled.flags)

    return loaded


def _numbers(numeric: Callable[[Any], Any]) -> Callable[[Any], Any]:
    from rdflib.plugins.sparql.sparql import SPARQLError
    from rdflib.term import Literal as TheirLiteral

    def number(expression: Any) -> Any:  # noqa: ANN401
        found = numeric(expression)
        if isinstance(found, TheirLiteral):
            raise SPARQLError("not a number")
        return found

    return number


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


# ------------------------------------------------------------------ SPARQL


def compared(query: Any) -> Any:  # noqa: ANN401
    """Make a prepared query of rdflib's compare literals as SPARQL does (17.3), and return it.

    rdflib puts any two literals in an order; SPARQL has none for most pairs, and no answer then.
    """
    waiting: list[Any] = [query.algebra]
    while waiting:
        part: Any = waiting.pop()
        if isinstance(part, dict):
            if getattr(part, "name", "") == "RelationalExpression":
                vars(part)["_evalfn"] = MethodType(_relation, part)
            waiting += part.values()
        elif isinstance(part, (list, tuple)):
            waiting += part
    return query


def _relation(expression: Any, context: Any) -> Any:  # noqa: ANN401
    from rdflib import Literal as TheirLiteral
    from rdflib.plugins.sparql.operators import RelationalExpression
    from rdflib.plugins.sparql.sparql import SPARQLError

    first, second, sign = expression.expr, expression.other, expression.op
    if second is None:
        return first
    if sign in {"IN", "NOT IN"}:
        answers = [_holds(first, "=", each) for each in second or ()]
        if True not in answers and None in answers:
            raise SPARQLError("Some of these cannot be compared.")
        return TheirLiteral((True in answers) == (sign == "IN"))
    if not (isinstance(first, TheirLiteral) and isinstance(second, TheirLiteral)):
        if first == second:
            return TheirLiteral("=" in sign and sign != "!=")
        return RelationalExpression(expression, context)
    holds = _holds(first, sign, second)
    if holds is None:
        raise SPARQLError(f"{first!r} and {second!r} cannot be compared.")
    return TheirLiteral(holds)


def _holds(first: Any, sign: str, second: Any) -> bool | None:  # noqa: ANN401
    """Return whether a comparison holds; None where SPARQL has no answer."""
    from rdflib import Literal as TheirLiteral

    if not (isinstance(first, TheirLiteral) and isinstance(second, TheirLiteral)):
        return None if isinstance(first, Exception) else bool(first == second)
    return _holds_in_sparql(_ours(first), sign, _ours(second))


@lru_cache(maxsize=4096)
def _holds_in_sparql(first: Literal, sign: str, second: Literal) -> bool | None:
    from pyoxigraph import Store

    pair = f"VALUES (?a ?b) {{ ({first} {second}) }}"
    text = f"SELECT ?holds {{ {pair} BIND(?a {sign} ?b AS ?holds) }}"
    answers: Any = Store().query(text)
    (answer,) = answers
    return None if answer["holds"] is None else answer["holds"].value == "true"


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
