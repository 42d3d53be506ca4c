"""How two literals compare: the same for every engine.

What is well-formed is said by `datatypes`. The order is SPARQL 1.1's `<` and `=`, extended as
its section 17.3.1 allows: dates, times and durations by their value, texts by their code points
whatever their language. A float is held with the precision of a double.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from dragoman import datatypes, vocabulary

if TYPE_CHECKING:
    from pyoxigraph import Literal

_TEXTS: Final = frozenset(
    (vocabulary.XSD_STRING, vocabulary.RDF_LANG_STRING, f"{vocabulary.XSD}anyURI")
)
_TIMES: Final = frozenset(
    f"{vocabulary.XSD}{name}" for name in ("date", "dateTime", "time", "duration")
)


def number(literal: Literal) -> Fraction | float | None:
    """Return the value of a number; None for what is none, or is ill-typed."""
    return _number(literal) if _spelt(literal) else None


def is_numeric(datatype: str) -> bool:
    """Return whether the values of a datatype are numbers."""
    name = datatype.removeprefix(vocabulary.XSD)
    return name in {"integer", "decimal", "float", "double"} or name in datatypes.INTEGERS


@lru_cache(maxsize=4096)
def order(first: Literal, second: Literal) -> int | None:
    """Return -1, 0 or 1 for less, equal or more; None where the two cannot be compared."""
    kinds = first.datatype.value, second.datatype.value
    if not (_spelt(first) and _spelt(second)):
        return None
    if _TEXTS.issuperset(kinds):
        return _sign(first.value, second.value)
    if kinds == (vocabulary.XSD_BOOLEAN, vocabulary.XSD_BOOLEAN):
        return _sign(first.value in {"true", "1"}, second.value in {"true", "1"})
    if kinds[0] == kinds[1] and kinds[0] in _TIMES:
        return _order_in_time(first, second)
    return _order_of_numbers(first, second)


def _order_of_numbers(first: Literal, second: Literal) -> int | None:
    numbers = _number(first), _number(second)
    if numbers[0] is None or numbers[1] is None:
        return None
    if float in map(type, numbers):
        return _sign(float(numbers[0]), float(numbers[1]))
    decimal = f"{vocabulary.XSD}decimal" in (first.datatype.value, second.datatype.value)
    if decimal and not (_is_decimal(numbers[0]) and _is_decimal(numbers[1])):
        return None
    return _sign(*numbers)


def _spelt(literal: Literal) -> bool:
    """Return whether it has a value; an integer has one beyond the bounds of its datatype too."""
    name = literal.datatype.value.removeprefix(vocabulary.XSD)
    datatype = f"{vocabulary.XSD}integer" if name in datatypes.INTEGERS else literal.datatype.value
    return datatypes.well_formed(literal.value, datatype)


def _sign(first: Any, second: Any) -> int | None:  # noqa: ANN401
    if first == second:
        return 0
    if first < second:
        return -1
    return 1 if first > second else None  # NaN


def _number(literal: Literal) -> Fraction | float | None:
    name = literal.datatype.value.removeprefix(vocabulary.XSD)
    if name in {"float", "double"}:
        return float(literal.value)
    if name not in {"integer", "decimal"} and name not in datatypes.INTEGERS:
        return None
    number = Fraction(literal.value)
    return number if name != "decimal" or _is_decimal(number) else None


def _is_decimal(number: Fraction | float) -> bool:
    """Return whether a decimal of 128 bits with 18 digits after the point holds a number.

    XML Schema lets a processor support no more than 18 digits (1.1, part 2, section 5.4).
    """
    scaled = number * 10**18
    return scaled == int(scaled) and -(2**127) <= scaled < 2**127


def _order_in_time(first: Literal, second: Literal) -> int | None:
    from pyoxigraph import Store

    question = (
        f"SELECT ?less ?same ?more {{ VALUES (?a ?b) {{ ({first} {second}) }} "
        "BIND(?a < ?b AS ?less) BIND(?a = ?b AS ?same) BIND(?a > ?b AS ?more) }"
    )
    answers: Any = Store().query(question)
    (answer,) = answers
    for result, name in ((-1, "less"), (0, "same"), (1, "more")):
        if answer[name] is not None and answer[name].value == "true":
            return result
    return None
