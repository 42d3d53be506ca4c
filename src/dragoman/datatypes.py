"""What texts a datatype allows, how each value is spelt, and what is wrong with any other text.

The lexical spaces and canonical mappings are those of XML Schema 1.1 part 2 (W3C 2012), for the
datatypes that RDF 1.1 Concepts (W3C 2014, section 5.1) takes from it, and for its own. White space
is part of a lexical form in RDF: `" 1"` is no xsd:integer. Two spellings are those that an index
keeps, not the canonical ones: floats without an exponent, and xsd:dateTimeStamp as xsd:dateTime.
"""

from __future__ import annotations

import re
import struct
from functools import cache, lru_cache
from typing import Final

from dragoman.vocabulary import RDF, XSD

ZONE: Final = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
YEAR: Final = r"-?(?:[1-9][0-9]{3,}|0[0-9]{3})"
MONTH: Final = r"(?:0[1-9]|1[0-2])"
DAY: Final = r"(?:0[1-9]|[12][0-9]|3[01])"
CLOCK: Final = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
_NUMBER: Final = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_FLOAT: Final = rf"{_NUMBER}(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN"
# Longer numbers and years are left as they are spelt.
_LONGEST: Final = 40
_MONTHS_LONG: Final = r"(?:([0-9]+)Y)?(?:([0-9]+)M)?"
_TIME_LONG: Final = (
    r"(?:([0-9]+)D)?(?:T(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:\.([0-9]+))?S)?)?"
)
# Characters of names in XML 1.0 (fifth edition, section 2.3).
_NAME_START: Final = (
    r"A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d"
    r"\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME_PART: Final = _NAME_START + r"\-.0-9\u00b7\u0300-\u036f\u203f\u2040"
_SPELLING: Final[dict[str, str]] = {
    "string": r"(?s:.*)",
    "normalizedString": r"[^\t\n\r]*",
    "token": r"(?:[^\t\n\r ]+(?: [^\t\n\r ]+)*)?",
    "anyURI": r"(?s:.*)",
    "language": r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*",
    "Name": f"[:{_NAME_START}][:{_NAME_PART}]*",
    "NCName": f"[{_NAME_START}][{_NAME_PART}]*",
    "NMTOKEN": f"[:{_NAME_PART}]+",
    "boolean": "true|false|1|0",
    "decimal": _NUMBER,
    "integer": r"[+-]?[0-9]+",
    "float": _FLOAT,
    "double": _FLOAT,
    "date": f"{YEAR}-{MONTH}-{DAY}{ZONE}?",
    "dateTime": f"{YEAR}-{MONTH}-{DAY}T{CLOCK}{ZONE}?",
    "dateTimeStamp": f"{YEAR}-{MONTH}-{DAY}T{CLOCK}{ZONE}",
    "time": f"{CLOCK}{ZONE}?",
    "gYear": f"{YEAR}{ZONE}?",
    "gYearMonth": f"{YEAR}-{MONTH}{ZONE}?",
    "gMonth": f"--{MONTH}{ZONE}?",
    "gMonthDay": f"--{MONTH}-{DAY}{ZONE}?",
    "gDay": f"---{DAY}{ZONE}?",
    "duration": f"-?P(?=[0-9T]){_MONTHS_LONG}{_TIME_LONG}",
    "dayTimeDuration": f"-?P(?=[0-9T]){_TIME_LONG}",
    "yearMonthDuration": f"-?P(?=[0-9]){_MONTHS_LONG}",
    "hexBinary": r"(?:[0-9A-Fa-f]{2})*",
    "base64Binary": r"(?:(?:[A-Za-z0-9+/] ?){4})*"
    r"(?:(?:[A-Za-z0-9+/] ?){3}[A-Za-z0-9+/]|(?:[A-Za-z0-9+/] ?){2}[AEIMQUYcgkosw048] ?="
    r"|[A-Za-z0-9+/] ?[AQgw] ?= ?=)?",
}
# Those of XML Schema that RDF does not take, for they need more than a text to be understood.
_OTHERS: Final = (
    *("QName", "NOTATION", "ID", "IDREF", "IDREFS", "ENTITY", "ENTITIES", "NMTOKENS"),
    *("anyType", "anySimpleType", "anyAtomicType", "error"),
)
# The integer types, each with its least and greatest value.
INTEGERS: Final[dict[str, tuple[float, float]]] = {
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
# All names that XML Schema has for a datatype.
NAMES: Final = (*_SPELLING, *INTEGERS, *_OTHERS)
_LENGTHS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_NAMES: Final = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
_DATED: Final = frozenset({"date", "dateTime", "dateTimeStamp", "gMonthDay"})
_EXAMPLES: Final = {
    "boolean": "true or false",
    "decimal": "digits with a point, as 2.5",
    "integer": "digits, as 12",
    "float": "digits, as 2.5",
    "double": "digits, as 2.5",
    "date": "2024-05-31",
    "dateTime": "2024-05-31T18:30:00",
    "dateTimeStamp": "2024-05-31T18:30:00Z",
    "time": "18:30:00",
    "gYear": "2024, with four digits or more",
    "gYearMonth": "2024-05",
    "gMonth": "--05",
    "gMonthDay": "--05-31",
    "gDay": "---31",
    "duration": "P1Y2M3DT4H5M6S, or the part of it that is needed",
    "dayTimeDuration": "P3DT4H5M6S, or the part of it that is needed",
    "yearMonthDuration": "P1Y2M, or the part of it that is needed",
    "hexBinary": "pairs of the digits 0 to F",
    "base64Binary": "base64, with its closing =",
    "language": "a tag as en or zh-Hant",
    "normalizedString": "it without tabs and line breaks",
    "token": "it with single spaces, and none at the ends",
}


@lru_cache(maxsize=4096)
def well_formed(text: str, datatype: str) -> bool:
    """Return whether a datatype allows such a text; one that is not known here allows every text.

    Args:
        text: the lexical form of a literal.
        datatype: the IRI of its datatype.
    """
    if datatype.startswith(RDF):
        return _of_rdf(text, datatype.removeprefix(RDF))
    name = datatype.removeprefix(XSD)
    pattern = _pattern(name) if name != datatype else None
    if pattern is None:
        return True
    if not pattern.fullmatch(text):
        return False
    if bounds := INTEGERS.get(name):
        return bounds[0] <= _whole(text) <= bounds[1]
    return name not in _DATED or _too_late(text) is None


def canonical(text: str, datatype: str) -> str:
    """Return the canonical spelling of a well-formed literal, in which an index keeps it.

    Of numbers with an exponent it is the one without: an index knows no other. A datatype that is
    not known here, and those that an index does not respell, keep every spelling.
    """
    name = datatype.removeprefix(XSD)
    if name == datatype:
        return text
    if name == "boolean":
        return {"1": "true", "0": "false"}.get(text, text)
    if name in {"decimal", "integer"} or name in INTEGERS:
        return _decimal(text)
    if name in {"float", "double"}:
        return _float(text, single=name == "float")
    if name in {"duration", "dayTimeDuration", "yearMonthDuration"}:
        return _duration(text, name)
    return _in_time(text) if name in _IN_TIME else text


def fault(text: str, datatype: str) -> str:
    """Return what is wrong with a text that is not well-formed, and what to write instead."""
    name = datatype.removeprefix(XSD)
    if name == datatype:
        kind = {"JSON": "JSON", "XMLLiteral": "XML"}.get(datatype.removeprefix(RDF), "it")
        return f"it is not well-formed {kind}; correct it."
    if text != text.strip() and well_formed(text.strip(), datatype):
        return "there is white space around it; take that away."
    if not text:
        return "it is empty; leave the statement out where the value is not known."
    if name in INTEGERS:
        if well_formed(text, f"{XSD}integer"):
            return _beyond(*INTEGERS[name])
        name = "integer"
    return (name in _IN_TIME and _fault_in_time(text, name)) or _as_example(text, name)


def _beyond(least: float, most: float) -> str:
    if least == float("-inf"):
        limits = f"may be {most:.0f} at most"
    elif most == float("inf"):
        limits = f"may not be less than {least:.0f}"
    else:
        limits = f"goes from {least:.0f} to {most:.0f}"
    return f"it {limits}; correct it, or write xsd:integer."


def _as_example(text: str, name: str) -> str:
    advice = f"write {_EXAMPLES[name]}" if name in _EXAMPLES else "correct it"
    if name.endswith("uration") and re.fullmatch("-?P?T?", text):
        advice = f"it says no length; {advice}"
    elif name in {"integer", "decimal", "float", "double", "boolean"}:
        quoted = "".join(re.findall(r'[^"\\\n]', text[:40]))
        advice = f'{advice}; words are a text: "{quoted}"'
    return f"{advice}."


@cache
def _pattern(name: str) -> re.Pattern[str] | None:
    spelling = _SPELLING.get("integer" if name in INTEGERS else name)
    return None if spelling is None else re.compile(spelling)


def _of_rdf(text: str, name: str) -> bool:
    if name == "XMLLiteral":
        return _is_xml(text)
    if name != "JSON":
        return True
    import json

    try:
        json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError):
        return False
    return True


def _is_xml(text: str) -> bool:
    """Return whether it may stand between two tags; a declaration may not, so nothing can swell."""
    from xml.parsers import expat

    try:
        expat.ParserCreate("utf-8").Parse(f"<x>{text}</x>".encode("utf-8", "replace"), True)
    except expat.ExpatError:
        return False
    return True


def _refused(word: str) -> None:
    raise ValueError(word)


def _whole(text: str) -> float:
    """Return an integer; of one beyond the bounds of any type only that it is beyond."""
    digits = text.lstrip("+-").lstrip("0")
    if len(digits) > 20:
        return float("-inf") if text.startswith("-") else float("inf")
    return -int(digits or 0) if text.startswith("-") else int(digits or 0)


def _too_late(text: str) -> str | None:
    """Return which day its month does not have, as "February 2001 has 28 days"; else None."""
    found = re.match(r"(?:-|(-?)([0-9]+))-([0-9]{2})-([0-9]{2})", text)
    if not found:
        return None
    sign, year, month, day = found.groups()
    length = _LENGTHS[int(month) - 1]
    # The calendar repeats after 400 years. A day of no year may be in a leap year.
    if year and month == "02" and not _is_leap(int(f"{sign}{year[-4:]}")):
        length = 28
    if int(day) <= length:
        return None
    return f"{_NAMES[int(month) - 1]}{(year and f' {sign}{year}') or ''} has {length} days"


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


# ------------------------------------------------------------------ canonical spellings


def _decimal(text: str) -> str:
    whole, _, fraction = text.lstrip("+-").partition(".")
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
    number = f"{whole}.{fraction}" if fraction else whole
    return f"-{number}" if text.startswith("-") and number != "0" else number


def _float(text: str, *, single: bool) -> str:
    if text in {"INF", "-INF", "NaN", "+INF"}:
        return text.removeprefix("+")
    from decimal import Decimal

    value, shown = float(text), ""
    if single:
        try:
            (value,) = struct.unpack("f", struct.pack("f", value))
        except OverflowError:
            value = float("-inf" if value < 0 else "inf")
        # the fewest digits that are nearest to it among floats of 32 bits
        shown = next(
            (each for digits in range(1, 10) if _single(each := f"{value:.{digits}g}") == value), ""
        )
    if value in {float("inf"), float("-inf")}:
        return "INF" if value > 0 else "-INF"
    plain = f"{Decimal(shown or repr(value)):f}"
    return plain.rstrip("0").removesuffix(".") if "." in plain else plain


def _single(text: str) -> float:
    try:
        (value,) = struct.unpack("f", struct.pack("f", float(text)))
    except OverflowError:
        return float("inf")
    return float(value)


def _duration(text: str, name: str) -> str:
    found = re.fullmatch(f"(-?)P{_MONTHS_LONG}{_TIME_LONG}", text)
    if found is None:
        return text
    sign, *parts, fraction = found.groups()
    if max(len(each or "") for each in parts) > _LONGEST:
        return text
    years, months, days, hours, minutes, seconds = (int(each or 0) for each in parts)
    fraction = (fraction or "").rstrip("0")
    months += 12 * years
    seconds += 60 * (minutes + 60 * (hours + 24 * days))
    if not months and not seconds and not fraction:
        return "P0M" if name == "yearMonthDuration" else "PT0S"
    days, seconds = divmod(seconds, 86_400)
    date = f"{_part(months // 12, 'Y')}{_part(months % 12, 'M')}{_part(days, 'D')}"
    time = f"{_part(seconds // 3600, 'H')}{_part(seconds // 60 % 60, 'M')}"
    if fraction:
        time += f"{seconds % 60}.{fraction}S"
    else:
        time += _part(seconds % 60, "S")
    return f"{sign}P{date}{time and f'T{time}'}"


def _part(number: int, letter: str) -> str:
    return f"{number}{letter}" if number else ""


def _in_time(text: str) -> str:
    """Spell a date or time: no zone but Z is zero, no second ends in 0, no day in 24:00."""
    text = re.sub(r"(?<=.{3})[+-]00:00$", "Z", text)
    text = re.sub(r"(:[0-9]{2})\.([0-9]*?)0+(?=$|[Z+-])", r"\1.\2", text)
    text = re.sub(r"(:[0-9]{2})\.(?=$|[Z+-])", r"\1", text)
    text = re.sub(r"^-0000(?=$|[-Z+])", "0000", text)
    if "24:00:00" not in text:
        return text
    day, _, rest = text.rpartition("24:00:00")
    return f"{_next_day(day)}00:00:00{rest}" if day else f"00:00:00{rest}"


def _next_day(text: str) -> str:
    """Return the day after `2024-02-28T`, in the same form."""
    sign, year, month, day = re.findall(r"(-?)([0-9]+)-([0-9]{2})-([0-9]{2})T", text)[0]
    if len(year) > _LONGEST:
        return str(text)
    number, months, days = int(f"{sign}{year}"), int(month), int(day) + 1
    length = 28 if months == 2 and not _is_leap(number) else _LENGTHS[months - 1]
    if days > length:
        months, days = months + 1, 1
    if months > 12:
        number, months = number + 1, 1
    return f"{'-' * (number < 0)}{abs(number):04}-{months:02}-{days:02}T"


# ------------------------------------------------------------------ what is wrong

# The parts of what is meant for a date or time, in any number of digits.
_LOOSE: Final = {
    "date": r"{year}-{month}-{day}{zone}",
    "dateTime": r"{year}-{month}-{day}T{clock}{zone}",
    "dateTimeStamp": r"{year}-{month}-{day}T{clock}{zone}",
    "time": r"{clock}{zone}",
    "gYear": r"{year}{zone}",
    "gYearMonth": r"{year}-{month}{zone}",
    "gMonth": r"--{month}{zone}",
    "gMonthDay": r"--{month}-{day}{zone}",
    "gDay": r"---{day}{zone}",
}
_IN_TIME: Final = frozenset(_LOOSE)
_PARTS: Final = {
    "year": r"(?P<year>[+-]?[0-9]+)",
    "month": r"(?P<month>[0-9]+)",
    "day": r"(?P<day>[0-9]+)",
    "clock": r"(?P<hour>[0-9]+):(?P<minute>[0-9]+)(?::(?P<second>[0-9]+)(?P<fraction>\.[0-9]*)?)?",
    "zone": r"(?P<zone>Z|z|[+-][0-9:]+)?",
}


def _fault_in_time(text: str, name: str) -> str:
    found = re.fullmatch(_LOOSE[name].format(**_PARTS), text)
    if not found:
        others = (each for each in _LOOSE if each != name and well_formed(text, f"{XSD}{each}"))
        other = next(others, "")
        return f'write {_EXAMPLES[name]}, or "{text}"^^xsd:{other}.' if other else ""
    part = {"year": "", "month": "", "day": "", "hour": "", "zone": ""}
    part |= {key: value for key, value in found.groupdict().items() if value}
    year, month, day = part["year"], part["month"], part["day"]
    only = f'"{year}"^^xsd:gYear' if re.fullmatch(YEAR, year) else ""
    if year and not only:
        advice = _years(year)
    elif month and not re.fullmatch(MONTH, month):
        advice = _wrong("month", month, "12")
        if only and not int(month):
            advice += f"; when only the year is known, write {only}"
    elif day and not re.fullmatch(DAY, day):
        advice = _wrong("day", day, "31")
        if only and not int(day):
            advice += f'; when only the month is known, write "{year}-{month}"^^xsd:gYearMonth'
    elif day and month and (late := _too_late(text)):
        advice = f"{late}; correct the day"
    elif part["hour"] and (told := _clock(part)):
        advice = told
    elif part["zone"] and not re.fullmatch(ZONE, part["zone"]):
        advice = f"there is no time zone {part['zone']}; write Z, or hours and minutes as +03:00"
    elif name == "dateTimeStamp":
        advice = "it has no time zone; add it, as Z or +03:00, or write xsd:dateTime"
    else:
        return ""
    return f"{advice}."


def _years(year: str) -> str:
    if year.startswith("+"):
        return f"a year has no plus before it; write {year[1:]}"
    if len(year.lstrip("-")) < 4:
        sign = "-" if year.startswith("-") else ""
        return f"a year has four digits at least; write {sign}{year.lstrip('-'):0>4} if that is it"
    return "a year of more than four digits does not begin with 0; take the zeros away"


def _wrong(part: str, text: str, most: str) -> str:
    if len(text) != 2:
        return f"a {part} has two digits; write {text[-2:]:0>2} if that is it"
    return f"there is no {part} {text}" + ("" if text == "00" else f"; it is 01 to {most}")


def _clock(part: dict[str, str]) -> str:
    if "second" not in part:
        return f"it lacks the seconds; write {part['hour']:0>2}:{part['minute']:0>2}:00 if so told"
    for key, most in (("hour", 23), ("minute", 59), ("second", 59)):
        if len(part[key]) != 2:
            return f"the {key} has two digits; write {part[key][-2:]:0>2} if that is it"
        midnight = key == "hour" and part[key] == "24"
        if midnight and not int(part["minute"] + part["second"]):
            continue
        if midnight:
            return "the hour 24 has neither minutes nor seconds; write 00 and the next day"
        if int(part[key]) > most:
            return f"there is no {key} {part[key]}; it is 00 to {most}"
    return "a point has digits after it; take it away" if part.get("fraction") == "." else ""
