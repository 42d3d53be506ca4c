"""Expressions in rdflib's SPARQL, evaluated as SPARQL 1.1 says (section 17, and 18.5.1).

rdflib strays in most functions: a value that Python cannot hold ends the query, integers divide
into floats, MIN makes texts of IRIs. So a prepared query is given other functions: what pyoxigraph
reckons as the recommendation says (see `functions`) it reckons, term by term; the rest is here.
An expression that cannot be evaluated is an error of its solution, whatever the reason.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache, lru_cache
from math import floor, inf, isfinite
from types import MethodType
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Store

from dragoman import datatypes, vocabulary
from dragoman.errors import ShapesError
from dragoman.validation import literals, patterns
from dragoman.validation.terms import back, there
from dragoman.walking.functions import CASTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# The functions that the store reckons: rdflib's name to the names of the arguments.
_BY_STORE: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        (
            *("ABS", "CEIL", "DAY", "ENCODE_FOR_URI", "FLOOR", "HOURS", "LCASE", "MD5"),
            *("MINUTES", "MONTH", "ROUND", "SECONDS", "SHA1", "SHA256", "SHA384", "SHA512"),
            *("STRLEN", "TIMEZONE", "TZ", "UCASE", "YEAR", "CONCAT", "IRI", "URI"),
        ),
        ("arg",),
    ),
    **dict.fromkeys(
        (
            *("CONTAINS", "LANGMATCHES", "STRAFTER", "STRBEFORE", "STRENDS", "STRLANG"),
            "STRSTARTS",
        ),
        ("arg1", "arg2"),
    ),
}


def corrected_query(query: Any) -> Any:  # noqa: ANN401
    """Make a prepared query of rdflib's evaluate its expressions as SPARQL says, and return it.

    Raises:
        ShapesError: it calls a function that no engine here knows, or has a pattern that is none.
    """
    from rdflib.plugins.sparql.parserutils import Expr

    waiting: list[Any] = [query.algebra]
    ordered = False
    concatenated: list[Any] = []
    while waiting:
        part: Any = waiting.pop()
        if isinstance(part, dict):
            name = getattr(part, "name", "")
            ordered |= name == "OrderBy"
            if name in {"Aggregate_GroupConcat", "Aggregate_Sample"}:
                concatenated.append(part)
            if isinstance(part, Expr):
                _check(part)
                vars(part)["_evalfn"] = MethodType(_evaluation(part), part)
            # What EXISTS asks of is an attribute; among the items stands its text.
            waiting += [*dict.values(part), getattr(part, "__dict__", {}).get("graph")]
        elif isinstance(part, (list, tuple)):
            waiting += part
    for part in concatenated:
        # Any order will do, but it must be the same in every run.
        vars(part)["any_order"] = not ordered
    return query


def _evaluation(part: Any) -> Callable[[Any, Any], Any]:  # noqa: ANN401
    name = part.name.removeprefix("Builtin_")
    if name in {"EXISTS", "NOTEXISTS"}:
        evaluate: Callable[[Any, Any], Any] = part._evalfn.__func__  # noqa: SLF001
        return evaluate
    own = _OWN.get(name)
    if own is None and name in _BY_STORE:
        own = _by_store_named(name, _BY_STORE[name])
    return _guarded(own or part._evalfn.__func__)  # noqa: SLF001


def _guarded(evaluate: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Turn whatever goes wrong with a value into an error of the expression (SPARQL 17.2)."""
    from rdflib.plugins.sparql.sparql import SPARQLError

    def guarded(expression: Any, context: Any) -> Any:  # noqa: ANN401
        try:
            found = evaluate(expression, context)
        except (SPARQLError, ShapesError, RecursionError, MemoryError):
            raise
        except Exception as error:
            raise SPARQLError(str(error)) from error
        if isinstance(found, Exception):
            raise found
        return found

    return guarded


def _check(part: Any) -> None:  # noqa: ANN401
    """Refuse what no value in the data can make right."""
    from rdflib import Literal as TheirLiteral
    from rdflib.plugins.sparql.operators import _CUSTOM_FUNCTIONS

    said = {name: dict.get(part, name) for name in ("iri", "pattern", "flags")}
    called = said["iri"]
    if called is not None and str(called) not in CASTS and called not in _CUSTOM_FUNCTIONS:
        raise ShapesError(f"no engine here knows the function <{said['iri']}>")
    pattern, flags = said["pattern"], said["flags"] or TheirLiteral("")
    if isinstance(pattern, TheirLiteral) and isinstance(flags, TheirLiteral):
        try:
            patterns.compiled(str(pattern), str(flags))
        except ValueError as error:
            raise ShapesError(f"{str(pattern)!r} is no regular expression: {error}") from error


def filters(collect: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return what gathers the filters of a group, and loses none: rdflib drops FILTER(false)."""
    from rdflib import Literal as TheirLiteral
    from rdflib.plugins.sparql import algebra

    both: Any = vars(algebra)["and_"]

    def gathered(parts: Any) -> Any:  # noqa: ANN401
        found = collect(parts)
        # What is false in Python passes for no filter.
        return both(found, found) if isinstance(found, TheirLiteral) else found

    return gathered


# ------------------------------------------------------------------ by the store


@cache
def _store() -> Store:
    return Store()


@lru_cache(maxsize=8192)
def _reckoned(expression: str, terms: tuple[Any, ...]) -> Any:  # noqa: ANN401
    """Return what an expression over `?a0`, `?a1` … is in the store; None is an error."""
    names = " ".join(f"?a{number}" for number in range(len(terms)))
    values = " ".join(map(str, terms))
    text = f"SELECT ?it {{ VALUES ({names}) {{ ({values}) }} BIND({expression} AS ?it) }}"
    answer: Any = _store().query(text)
    (row,) = answer
    return row["it"]


def _by_store(expression: str, *given: Any) -> Any:  # noqa: ANN401
    from rdflib.plugins.sparql.sparql import SPARQLError

    terms = tuple(back(_sound(each)) for each in given)
    if any(isinstance(each, BlankNode) for each in terms):
        raise SPARQLError("A blank node has no value.")
    found = _reckoned(expression, terms)
    if found is None:
        raise SPARQLError(f"{expression} has no value here.")
    return there(found)


def _sound(value: Any) -> Any:  # noqa: ANN401
    """Return an argument; raise the error that stands in its place."""
    from rdflib.plugins.sparql.sparql import NotBoundError

    if isinstance(value, Exception):
        raise value
    if value is None:
        raise NotBoundError
    return value


def _by_store_named(name: str, arguments: tuple[str, ...]) -> Callable[[Any, Any], Any]:
    def reckon(expression: Any, _: Any) -> Any:  # noqa: ANN401
        given: list[Any] = []
        for argument in arguments:
            value = expression[argument]
            given += value if isinstance(value, list) else [value]
        names = ", ".join(f"?a{number}" for number in range(len(given)))
        return _by_store(f"{name}({names})", *given)

    return reckon


# ------------------------------------------------------------------ numbers and times


def _arithmetic(expression: Any, _: Any) -> Any:  # noqa: ANN401
    found, others = expression.expr, expression.other
    if others is None:
        return found
    for sign, other in zip(expression.op, others, strict=True):
        found = (
            _quotient(found, other) if sign == "/" else _by_store(f"?a0 {sign} ?a1", found, other)
        )
    return found


def _quotient(first: Any, second: Any) -> Any:  # noqa: ANN401
    """Divide; whole numbers and decimals to 18 digits, as the store does where it has an answer."""
    numbers = [literals.number(back(_sound(each))) for each in (first, second)]
    if not all(isinstance(each, Fraction) for each in numbers):
        return _by_store("?a0 / ?a1", first, second)
    scaled = int(10**18 * numbers[0] / numbers[1])  # type: ignore[operator]
    whole, part = divmod(abs(scaled), 10**18)
    digits = f"{whole}.{part:018}".rstrip("0").rstrip(".")
    decimal = NamedNode(f"{vocabulary.XSD}decimal")
    return there(Literal("-" * (scaled < 0) + digits, datatype=decimal))


def _unary(sign: str) -> Callable[[Any, Any], Any]:
    return lambda expression, _: _by_store(f"{sign}?a0", expression.expr)


def negative(literal: Any) -> Any:  # noqa: ANN401
    """Return a number of a query with a minus before it: rdflib has none for decimals."""
    return there(Literal(f"-{literal}", datatype=back(literal).datatype))


def _cast(expression: Any, context: Any) -> Any:  # noqa: ANN401
    from rdflib.plugins.sparql import operators

    if str(expression.iri) not in CASTS:
        return operators.Function(expression, context)
    (value,) = expression.expr
    if str(expression.iri) == vocabulary.XSD_STRING and not _is_number(value):
        return _text(_string_of(value))
    return _by_store(f"<{expression.iri}>(?a0)", value)


def _substring(expression: Any, _: Any) -> Any:  # noqa: ANN401
    """Return a part of a text by the rounding of XPath (7.4.3)."""
    text = _sound(expression.arg)
    if not _is_text(text):
        raise TypeError("not a text")
    first = _rounded(expression.start)
    has_end = dict.get(expression, "length") is not None
    last = first + _rounded(expression.length) if has_end else inf
    kept = "".join(sign for at, sign in enumerate(str(text), 1) if first <= at < last)
    return _like(text, kept)


def _rounded(value: Any) -> float:  # noqa: ANN401
    number = literals.number(back(_sound(value)))
    if number is None:
        raise TypeError("not a number")
    return floor(number + Fraction(1, 2)) if isfinite(number) else float(number)


def _like(text: Any, kept: str) -> Any:  # noqa: ANN401
    from rdflib import Literal as TheirLiteral

    return TheirLiteral(kept, lang=text.language) if text.language else _text(kept)


def _text(text: str) -> Any:  # noqa: ANN401
    from rdflib import Literal as TheirLiteral

    return TheirLiteral(text)


# ------------------------------------------------------------------ terms


def _string_of(term: Any) -> str:  # noqa: ANN401
    from rdflib import BNode
    from rdflib.plugins.sparql.sparql import SPARQLError

    if isinstance(_sound(term), BNode):
        raise SPARQLError("A blank node has no text.")
    return str(term)


def _string(expression: Any, _: Any) -> Any:  # noqa: ANN401
    return _text(_string_of(expression.arg))


def _is_simple(term: Any) -> bool:  # noqa: ANN401
    ours = back(_sound(term))
    return isinstance(ours, Literal) and ours.datatype.value == vocabulary.XSD_STRING


def _is_text(term: Any) -> bool:  # noqa: ANN401
    return _is_simple(term) or bool(getattr(term, "language", None))


def _is_number(term: Any) -> bool:  # noqa: ANN401
    ours = back(_sound(term))
    return isinstance(ours, Literal) and literals.number(ours) is not None


def _language(expression: Any, _: Any) -> Any:  # noqa: ANN401
    literal = _literal(expression.arg)
    return _text(literal.language or "")


def _datatype(expression: Any, _: Any) -> Any:  # noqa: ANN401
    return there(back(_literal(expression.arg)).datatype)


def _literal(term: Any) -> Any:  # noqa: ANN401
    from rdflib import Literal as TheirLiteral

    if not isinstance(_sound(term), TheirLiteral):
        raise TypeError("not a literal")
    return term


def _typed(expression: Any, _: Any) -> Any:  # noqa: ANN401
    text, datatype = _sound(expression.arg1), back(_sound(expression.arg2))
    if not _is_simple(text) or not isinstance(datatype, NamedNode):
        raise TypeError("STRDT takes a text and an IRI")
    return there(Literal(str(text), datatype=datatype))


def _is_numeric(expression: Any, _: Any) -> Any:  # noqa: ANN401
    ours = back(_sound(expression.arg))
    return _truth(
        isinstance(ours, Literal)
        and literals.number(ours) is not None
        and datatypes.well_formed(ours.value, ours.datatype.value)
    )


def _truth(value: bool) -> Any:  # noqa: ANN401
    from rdflib import Literal as TheirLiteral

    return TheirLiteral(value)


# ------------------------------------------------------------------ patterns


def _pattern(expression: Any) -> tuple[str, str]:  # noqa: ANN401
    pattern, flags = _sound(expression.pattern), dict.get(expression, "flags")
    flags = _text("") if flags is None else _sound(expression.flags)
    if not (_is_simple(pattern) and _is_simple(flags)):
        raise TypeError("a pattern and its flags are texts without a language")
    return str(pattern), str(flags)


def _regex(expression: Any, _: Any) -> Any:  # noqa: ANN401
    text = _sound(expression.text)
    if not _is_text(text):
        raise TypeError("not a text")
    return _truth(patterns.compiled(*_pattern(expression)).search(str(text)) is not None)


def _replace(expression: Any, _: Any) -> Any:  # noqa: ANN401
    text, replacement = _sound(expression.arg), _sound(expression.replacement)
    if not (_is_text(text) and _is_simple(replacement)):
        raise TypeError("not a text")
    pattern, flags = _pattern(expression)
    return _like(text, patterns.replaced(str(text), pattern, str(replacement), flags))


# ------------------------------------------------------------------ truth


def truth(value: Any) -> bool:  # noqa: ANN401
    """Return the effective boolean value of a term (17.2.2).

    Raises:
        SPARQLTypeError: it has none.
    """
    from rdflib import Literal as TheirLiteral
    from rdflib.plugins.sparql.sparql import SPARQLTypeError

    if isinstance(value, Exception):
        raise value
    if isinstance(value, TheirLiteral):
        ours = back(value)
        if _is_text(value):
            return bool(ours.value)
        if ours.datatype.value == vocabulary.XSD_BOOLEAN:
            return ours.value in {"true", "1"}
        if literals.is_numeric(ours.datatype.value):
            number = literals.number(ours)
            # Neither NaN nor what is ill-typed is true.
            return number is not None and number == number and number != 0  # noqa: PLR0124
    raise SPARQLTypeError(f"{value!r} is neither true nor false.")


def _connected(*, decides: bool) -> Callable[[Any, Any], Any]:
    """Return && or ||: one operand can decide, whatever errors the others are (17.2)."""

    def connect(expression: Any, context: Any) -> Any:  # noqa: ANN401
        from rdflib.plugins.sparql.sparql import SPARQLError

        others = dict.get(expression, "other")
        if others is None:
            return expression.expr
        problem: SPARQLError | None = None
        for operand in (dict.get(expression, "expr"), *others):
            try:
                if truth(_evaluated(operand, context)) == decides:
                    return _truth(decides)
            except SPARQLError as error:
                problem = error
        if problem:
            raise problem
        return _truth(not decides)

    return connect


def _evaluated(operand: Any, context: Any) -> Any:  # noqa: ANN401
    from rdflib.plugins.sparql.parserutils import value

    return value(context, operand)


def _not(expression: Any, _: Any) -> Any:  # noqa: ANN401
    return _truth(not truth(expression.expr))


def _if(expression: Any, _: Any) -> Any:  # noqa: ANN401
    return expression.arg2 if truth(expression.arg1) else expression.arg3


# ------------------------------------------------------------------ comparisons


def _relation(expression: Any, context: Any) -> Any:  # noqa: ANN401, PLR0911  one for each kind
    """Compare literals as SPARQL does (17.3).

    rdflib puts any two literals in an order; SPARQL has none for most pairs, and no answer then.
    """
    from rdflib import Literal as TheirLiteral
    from rdflib import URIRef
    from rdflib.plugins.sparql.operators import RelationalExpression
    from rdflib.plugins.sparql.sparql import SPARQLError

    first, sign = expression.expr, expression.op
    if sign in {"IN", "NOT IN"}:
        others = dict.get(expression, "other") or ()
        answers = [_held(first, context, each) for each in others]
        if True not in answers and None in answers:
            raise SPARQLError("Some of these cannot be compared.")
        return TheirLiteral((True in answers) == (sign == "IN"))
    second = expression.other
    if second is None:
        return first
    first, second = _sound(first), _sound(second)
    if not (isinstance(first, TheirLiteral) and isinstance(second, TheirLiteral)):
        if sign in {"=", "!="}:
            return TheirLiteral((first == second) == (sign == "="))
        # SPARQL has no order of nodes, and lets an engine add one (17.3.1): that of the store.
        if sign in {"<=", ">="} and first == second:
            return TheirLiteral(True)
        if isinstance(first, URIRef) and isinstance(second, URIRef):
            return _by_store(f"?a0 {sign} ?a1", first, second)
        return RelationalExpression(expression, context)
    holds = _holds(first, sign, second)
    if holds is None:
        raise SPARQLError(f"{first!r} and {second!r} cannot be compared.")
    return TheirLiteral(holds)


def _held(first: Any, context: Any, other: Any) -> bool | None:  # noqa: ANN401
    from rdflib.plugins.sparql.sparql import SPARQLError

    try:
        return _holds(_sound(first), "=", _sound(_evaluated(other, context)))
    except SPARQLError:
        return None


def _holds(first: Any, sign: str, second: Any) -> bool | None:  # noqa: ANN401
    """Return whether a comparison holds; None where SPARQL has no answer."""
    from rdflib import Literal as TheirLiteral

    if not (isinstance(first, TheirLiteral) and isinstance(second, TheirLiteral)):
        return bool(first == second)
    ours, others = back(first), back(second)
    numbers = literals.number(ours), literals.number(others)
    if numbers[0] is not None and numbers[1] is not None:
        order = literals.order(ours, others)
        return sign == "!=" if order is None else order in _HOLDS[sign]
    if {vocabulary.XSD_BOOLEAN} == {ours.datatype.value, others.datatype.value}:
        order = literals.order(ours, others)
        if order is not None:
            return order in _HOLDS[sign]
    return _holds_in_store(ours, sign, others)


_HOLDS: Final = {
    "=": {0}, "!=": {-1, 1}, "<": {-1}, ">": {1}, "<=": {-1, 0}, ">=": {0, 1},
}  # fmt: skip


@lru_cache(maxsize=4096)
def _holds_in_store(first: Literal, sign: str, second: Literal) -> bool | None:
    found = _reckoned(f"?a0 {sign} ?a1", (first, second))
    return None if found is None else found.value == "true"


# ------------------------------------------------------------------ aggregates


@cache
def accumulators() -> dict[str, Any]:
    """Return the set functions of SPARQL (18.5.1), by the names that rdflib has for them."""
    from rdflib.plugins.sparql.aggregates import Accumulator, Counter
    from rdflib.plugins.sparql.evalutils import _eval
    from rdflib.plugins.sparql.sparql import SPARQLError

    class Counted(Counter):
        """What is an error is not counted."""

        def eval_row(self, row: Any) -> Any:  # noqa: ANN401
            from rdflib.plugins.sparql.sparql import NotBoundError

            value = _eval(self.expr, row)
            if isinstance(value, Exception):
                raise NotBoundError
            return value

    class Gathered(Accumulator):
        """Gathers the values of a group; an error is None."""

        def __init__(self, aggregation: Any) -> None:  # noqa: ANN401
            super().__init__(aggregation)
            self.use_row = self.dont_care  # type: ignore[method-assign]
            self.values: list[Any] = []
            self.name = aggregation.name.removeprefix("Aggregate_").upper()
            self.any_order = vars(aggregation).get("any_order", True)
            separator = aggregation.separator
            self.separator = " " if separator is None else str(separator)

        def update(self, row: Any, _: Any) -> None:  # noqa: ANN401
            try:
                value = _eval(self.expr, row)
            except SPARQLError:
                value = None
            self.values.append(None if isinstance(value, Exception) else value)

        def set_value(self, bindings: Any) -> None:  # noqa: ANN401
            values = list(dict.fromkeys(self.values)) if self.distinct else self.values
            if self.name in {"GROUPCONCAT", "SAMPLE"}:
                value = _gathered(self.name, values, self.separator, any_order=self.any_order)
            else:
                value = aggregated(self.name, values)
            if value is not None:
                bindings[self.var] = value

    names = ("Sample", "Sum", "Avg", "Min", "Max", "GroupConcat")
    return {"Aggregate_Count": Counted, **{f"Aggregate_{name}": Gathered for name in names}}


def _gathered(name: str, values: list[Any], separator: str, *, any_order: bool) -> Any:  # noqa: ANN401
    from rdflib import BNode

    found = [each for each in values if each is not None]
    if any_order:
        found.sort(key=lambda each: (type(each).__name__, str(each), str(back(each))))
    if name == "SAMPLE":
        return found[0] if found else None
    return _text(separator.join(str(each) for each in found if not isinstance(each, BNode)))


def aggregated(name: str, values: list[Any]) -> Any:  # noqa: ANN401
    """Return COUNT, SUM, AVG, MIN or MAX of values; None stands for an error, and for no value."""
    terms = [None if each is None else back(each) for each in values]
    blank = sorted((each for each in values if isinstance(each and back(each), BlankNode)), key=str)
    if name in {"MIN", "MAX"}:
        # ORDER BY puts blank nodes first (15.1).
        if blank and (name == "MIN" or len(blank) == len(values)):
            return blank[0 if name == "MIN" else -1]
        rows = [(each, at) for at, each in enumerate(terms) if not isinstance(each, BlankNode)]
        at = _extreme(name, tuple(rows))
        return None if at is None else values[at]
    if blank:
        return None
    found = _reckoned_over(name, tuple(terms))
    return None if found is None else there(found)


def _reckoned_over(name: str, terms: tuple[Any, ...]) -> Any:  # noqa: ANN401
    rows = " ".join("UNDEF" if each is None else str(each) for each in terms)
    answer: Any = _store().query(f"SELECT ({name}(?a) AS ?it) {{ VALUES ?a {{ {rows} }} }}")
    (row,) = answer
    return row["it"]


def _extreme(name: str, rows: tuple[tuple[Any, int], ...]) -> int | None:
    """Return which is the least or the most: the store would respell it."""
    pairs = " ".join(f"({'UNDEF' if each is None else each} {at})" for each, at in rows)
    answer: Any = _store().query(
        f"SELECT ?at {{ VALUES (?a ?at) {{ {pairs} }} "
        f"{{ SELECT ({name}(?b) AS ?it) {{ VALUES (?b ?on) {{ {pairs} }} }} }} "
        "FILTER(sameTerm(?a, ?it)) } ORDER BY ?at LIMIT 1"
    )
    for row in answer:
        return int(row["at"].value)
    return None


def grouped(context: Any, aggregation: Any) -> Iterator[Any]:  # noqa: ANN401
    """Evaluate a grouping: no solution, no group, unless nothing is grouped by (18.5)."""
    from rdflib.plugins.sparql.aggregates import Aggregator
    from rdflib.plugins.sparql.evaluate import evalPart
    from rdflib.plugins.sparql.evalutils import _eval
    from rdflib.plugins.sparql.sparql import FrozenBindings

    keys = aggregation.p.expr
    groups: dict[Any, Any] = {} if keys else {(): Aggregator(aggregations=aggregation.A)}
    rows: Iterable[Any] = evalPart(context, aggregation.p)
    for row in rows:
        found = tuple(_eval(each, row, False) for each in keys or ())
        key = tuple(None if isinstance(each, Exception) else each for each in found)
        if key not in groups:
            groups[key] = Aggregator(aggregations=aggregation.A)
        groups[key].update(row)
    for group in groups.values():
        yield FrozenBindings(context, group.get_bindings())


# ------------------------------------------------------------------ the table


_OWN: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "RelationalExpression": _relation,
    "AdditiveExpression": _arithmetic,
    "MultiplicativeExpression": _arithmetic,
    "ConditionalAndExpression": _connected(decides=False),
    "ConditionalOrExpression": _connected(decides=True),
    "UnaryMinus": _unary("-"),
    "UnaryPlus": _unary("+"),
    "UnaryNot": _not,
    "Function": _cast,
    "IF": _if,
    "STR": _string,
    "LANG": _language,
    "DATATYPE": _datatype,
    "STRDT": _typed,
    "isNUMERIC": _is_numeric,
    "SUBSTR": _substring,
    "REGEX": _regex,
    "REPLACE": _replace,
}
