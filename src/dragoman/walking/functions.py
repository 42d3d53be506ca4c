"""What SPARQL's functions are worth on the store: which it answers as SPARQL 1.1 asks.

A function is trusted where `tests/test_functions.py` finds the store's answers to be Jena's, and
those of the recommendation, on many hostile values. A constraint with any other goes to the
reference, which answers by the recommendation (`expressions`).
"""

from __future__ import annotations

from typing import Final

from pyoxigraph import Literal

from dragoman import vocabulary

_ANY: Final = "each call gives another value"
_PATTERNS: Final = "the store's regular expressions are not those of XPath"
# The name to why the store is not trusted with it; empty where it is.
FUNCTIONS: Final[dict[str, str]] = {
    **dict.fromkeys(
        (
            *("ABS", "BOUND", "CEIL", "COALESCE", "CONCAT", "CONTAINS", "DATATYPE", "DAY"),
            *("ENCODE_FOR_URI", "EXISTS", "FLOOR", "HOURS", "IF", "IN", "ISBLANK", "ISIRI"),
            *("ISLITERAL", "ISNUMERIC", "ISURI", "LANG", "LCASE", "MD5"),
            *("MINUTES", "MONTH", "NOT", "ROUND", "SAMETERM", "SECONDS", "SHA1", "SHA256"),
            *("SHA384", "SHA512", "STR", "STRAFTER", "STRBEFORE", "STRENDS", "STRLEN"),
            *("STRSTARTS", "SUBSTR", "TIMEZONE", "TZ", "UCASE", "YEAR", "LANGMATCHES"),
            *("AVG", "COUNT", "MAX", "MIN", "SUM"),
        ),
        "",
    ),
    "BNODE": "each call makes a blank node of its own",
    "GROUP_CONCAT": "the store joins nothing but texts",
    "IRI": "relative IRIs have no base here",
    "URI": "relative IRIs have no base here",
    **dict.fromkeys(("NOW", "RAND", "STRUUID", "UUID"), _ANY),
    **dict.fromkeys(("REGEX", "REPLACE"), _PATTERNS),
    "SAMPLE": "any value will do",
    "STRDT": "the store respells what it makes",
    "STRLANG": "the store changes the case of language tags",
}
# The casts that the store knows, likewise.
CASTS: Final[dict[str, str]] = {
    **{
        f"{vocabulary.XSD}{name}": ""
        for name in (
            *("boolean", "date", "dateTime", "decimal", "double", "float", "integer", "string"),
            "time",
        )
    },
    **{
        f"{vocabulary.XSD}{name}": "SPARQL 1.1 has no such cast"
        for name in (
            *("duration", "dayTimeDuration", "yearMonthDuration"),
            *("gYear", "gYearMonth", "gMonthDay", "gDay", "gMonth"),
        )
    },
}
_NUMBERS: Final = frozenset(
    f"{vocabulary.XSD}{name}" for name in ("double", "float", "decimal", "integer")
)


def is_truth(term: object) -> bool:
    """Return whether a term is a truth value."""
    return isinstance(term, Literal) and term.datatype.value == vocabulary.XSD_BOOLEAN


def is_beyond(term: object) -> bool:
    """Return whether the store does not compare or reckon with a literal as SPARQL does.

    It holds integers of 64 bits and decimals of 18 digits, and has no answer to `NaN < 1`.
    """
    if not isinstance(term, Literal) or term.datatype.value not in _NUMBERS:
        return False
    return len(term.value) > 17 or term.value == "NaN"
