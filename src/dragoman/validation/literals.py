"""What literals are well-formed, and how two compare: the same for every engine.

Well-formed is what XML Schema 1.1 part 2 says. The order is SPARQL 1.1's `<` and `=`, extended as
its section 17.3.1 allows: dates, times and durations by their value, texts by their code points
whatever their language. A float is held with the precision of a double.
"""

from __future__ import annotations

import re
from calendar import monthrange
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from dragoman import vocabulary

if TYPE_CHECKING:
    from pyoxigraph import Literal

_ZONE: Final = r"(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
_YEAR: Final = r"-?([1-9][0-9]{3,}|0[0-9]{3})"
_MONTH: Final = r"(0[1-9]|1[0-2])"
_DAY: Final = r"(0[1-9]|[12][0-9]|3[01])"
_CLOCK: Final = r"(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?|24:00:00(\.0+)?)"
_NUMBER: Final = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"
_FLOAT: Final = rf"{_NUMBER}([eE][+-]?[0-9]+)?|[+-]?INF|NaN"
_INTEGER: Final = r"[+-]?[0-9]+"
_SPELLING: Final[dict[str, str]] = {
    "integer": _INTEGER,
    "decimal": _NUMBER,
    "float": _FLOAT,
    "double": _FLOAT,
    "boolean": "true|false|1|0",
    "string": r"(?s:.*)",
    "date": f"(?P<year>{_YEAR})-(?P<month>{_MONTH})-(?P<day>{_DAY}){_ZONE}",
    "dateTime": f"(?P<year>{_YEAR})-(?P<month>{_MONTH})-(?P<day>{_DAY})T{_CLOCK}{_ZONE}",
    "time": f"{_CLOCK}{_ZONE}",
    "duration": r"-?P(?=[0-9T])([0-9]+Y)?([0-9]+M)?([0-9]+D)?"
    r"(T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?",
}
_BOUNDS: Final[dict[str, tuple[float, float]]] = {
    "byte": (-(2**7), 2**7 - 1),
    "short": (-(2**15), 2**15 - 1),
    "int": (-(2**31), 2**31 - 1),
    "long": (-(2**63), 2**63 - 1),
    "unsignedByte": (0, 2**8 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedLong": (0, 2**64 - 1),
    "nonNegativeInteger": (0, float("inf")),
    "positiveInteger": (1, float("inf")),
    "nonPositiveInteger": (float("-inf"), 0),
    "negativeInteger": (float("-inf"), -1),
}
KNOWN: Final = frozenset(f"{vocabulary.XSD}{name}" for name in (*_SPELLING, *_BOUNDS))
_TEXTS: Final = frozenset(
    (vocabulary.XSD_STRING, vocabulary.RDF_LANG_STRING, f"{vocabulary.XSD}anyURI")
)
_TIMES: Final = frozenset(
    f"{vocabulary.XSD}{name}" for name in ("date", "dateTime", "time", "duration")
)


def well_formed(text: str, datatype: str) -> bool:
    """Return whether a datatype allows such a text; one that is not `KNOWN` allows every text."""
    if datatype not in KNOWN:
        return True
    name = datatype.removeprefix(vocabulary.XSD)
    bounds = _BOUNDS.get(name)
    found = re.fullmatch(_SPELLING["integer" if bounds else name], text)
    if not found:
        return False
    if bounds:
        return bounds[0] <= int(text) <= bounds[1]
    if name in {"date", "dateTime"}:
        # The calendar repeats after 400 years; the year 0000 is a leap year.
        year = int(found["year"]) % 400 + 400
        return int(found["day"]) <= monthrange(year, int(found["month"]))[1]
    return True


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
    datatype = f"{vocabulary.XSD}integer" if name in _BOUNDS else literal.datatype.value
    return well_formed(literal.value, datatype)


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
    if name not in {"integer", "decimal"} and name not in _BOUNDS:
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
