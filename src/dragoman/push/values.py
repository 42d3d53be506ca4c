"""Whether two spellings mean one value: the value spaces of XML Schema 1.1, and language tags.

A store may write `"01"^^xsd:integer` as `"1"`, a time zone as `+00:00` for `Z`, a language tag in
small letters. Values are compared by XSD 1.1 (W3C 2012) and RDF 1.1 (W3C 2014), and where these
leave a doubt two spellings are two values: what has no value (`"abc"^^xsd:integer`), another time
zone of a date, a decimal for a double.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
import unicodedata
from typing import TYPE_CHECKING, Final, NamedTuple

from dragoman.vocabulary import XSD

if TYPE_CHECKING:
    from collections.abc import Callable

# Longer numbers and years are left as they are spelt: no store is known to respell them rightly.
_LONGEST: Final = 4000
_INTEGER: Final = re.compile(r"([+-]?)0*([0-9]+)", re.ASCII)
_DECIMAL: Final = re.compile(r"([+-]?)0*([0-9]*)(?:\.([0-9]*?)0*)?", re.ASCII)
_FLOAT: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?", re.ASCII)
_ZONE: Final = r"(Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
_YEAR: Final = r"(-?(?:[1-9][0-9]{3,11}|0[0-9]{3}))"
_MONTH: Final = r"(0[1-9]|1[0-2])"
_DAY: Final = r"(0[1-9]|[12][0-9]|3[01])"
_CLOCK: Final = r"(?:([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:\.([0-9]+))?|24:00:00(?:\.0+)?)"
_DATE_TIME: Final = re.compile(f"{_YEAR}-{_MONTH}-{_DAY}T{_CLOCK}{_ZONE}", re.ASCII)
_TIME: Final = re.compile(f"{_CLOCK}{_ZONE}", re.ASCII)
_CALENDAR: Final = {
    "date": re.compile(f"{_YEAR}-{_MONTH}-{_DAY}{_ZONE}", re.ASCII),
    "gYear": re.compile(f"{_YEAR}{_ZONE}", re.ASCII),
    "gYearMonth": re.compile(f"{_YEAR}-{_MONTH}{_ZONE}", re.ASCII),
    "gMonth": re.compile(f"--{_MONTH}{_ZONE}", re.ASCII),
    "gDay": re.compile(f"---{_DAY}{_ZONE}", re.ASCII),
    "gMonthDay": re.compile(f"--{_MONTH}-{_DAY}{_ZONE}", re.ASCII),
}
_DURATION: Final = re.compile(
    r"(-?)P(?=.)(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)D)?"
    r"(?:T(?=.)(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:\.([0-9]+))?S)?)?",
    re.ASCII,
)
_RANGES: Final = {
    "integer": (None, None),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-(2**7), 2**7 - 1),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 2**8 - 1),
}


class Habits(NamedTuple):
    """What a store is known to do to terms, beyond writing values in another way.

    Attributes:
        nfc: it keeps text in Unicode's form NFC, so that only texts that are not are changed.
        number_durations: it gives durations back as numbers: a whole one of months, one with a
            decimal point of seconds.
    """

    nfc: bool = False
    number_durations: bool = False


def key(lexical: str, datatype: str, language: str = "", habits: Habits = Habits()) -> str:  # noqa: B008
    """Return what two literals have in common exactly where they mean the same value.

    Args:
        lexical: the text of the literal.
        datatype: its IRI.
        language: its language tag, with the direction where it has one.
        habits: of the store that it comes from.
    """
    if language:
        text = unicodedata.normalize("NFC", lexical) if habits.nfc else lexical
        return f"@{language.lower()} {text}"
    kind = datatype.removeprefix(XSD)
    if len(kind) < len(datatype) and len(lexical) <= _LONGEST:
        value = _value(lexical, kind)
        if value is None and habits.number_durations and kind in _DURATIONS:
            value = _number_duration(lexical)
        if value is not None:
            return value
    if habits.nfc:
        lexical = unicodedata.normalize("NFC", lexical)
    return f"<{datatype}> {lexical}"


def _value(lexical: str, kind: str) -> str | None:
    """Return the value of a literal as text; None where the type is not known, or it has none."""
    if kind in _RANGES:
        return _integer(lexical, kind)
    reader = _READERS.get(kind)
    if reader is not None:
        return reader(lexical)
    pattern = _CALENDAR.get(kind)
    if pattern is not None and (found := pattern.fullmatch(lexical)):
        *fields, zone = found.groups()
        if kind == "date" and not _is_day(*map(int, fields)):
            return None
        if kind == "gMonthDay" and not _is_day(2000, *map(int, fields)):
            return None
        return f"{kind} {'-'.join(fields)} {_offset(zone)}"
    return None


def _integer(lexical: str, kind: str) -> str | None:
    found = _INTEGER.fullmatch(lexical)
    if found is None:
        return None
    least, most = _RANGES[kind]
    if least is not None or most is not None:
        value = int(lexical) if len(found[2]) < 40 else int(f"{found[1]}{10**40}")
        if (least is not None and value < least) or (most is not None and value > most):
            return None
    return _number(found[1], found[2], "")


def _decimal(lexical: str) -> str | None:
    found = _DECIMAL.fullmatch(lexical)
    if found is None or not re.search("[0-9]", lexical):
        return None
    return _number(found[1], found[2], found[3] or "")


def _number(sign: str, whole: str, fraction: str) -> str:
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
    zero = whole == "0" and not fraction
    return f"number {'-' if sign == '-' and not zero else ''}{whole}.{fraction}"


def _double(lexical: str) -> str | None:
    value = _float_value(lexical)
    return None if value is None else f"double {struct.pack('>d', value).hex()}"


def _float(lexical: str) -> str | None:
    value = _float_value(lexical)
    if value is None:
        return None
    try:
        return f"float {struct.pack('>f', value).hex()}"
    except OverflowError:
        return _float("-INF" if value < 0 else "INF")


def _float_value(lexical: str) -> float | None:
    named = {"INF": "inf", "+INF": "inf", "-INF": "-inf", "NaN": "nan"}.get(lexical)
    if named is None and not _FLOAT.fullmatch(lexical):
        return None
    return float(named or lexical)


def _boolean(lexical: str) -> str | None:
    value = {"true": "true", "1": "true", "false": "false", "0": "false"}.get(lexical)
    return value and f"boolean {value}"


def _date_time(lexical: str) -> str | None:
    """Return the instant, in UTC where there is a time zone: `24:00:00` is the next day's start."""
    found = _DATE_TIME.fullmatch(lexical)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    if not _is_day(int(year), int(month), int(day)):
        return None
    seconds = 86_400 * _days(int(year), int(month), int(day)) + _seconds(hour, minute, second)
    return f"dateTime {_on_line(seconds, fraction, zone)}"


def _date_time_stamp(lexical: str) -> str | None:
    found = _DATE_TIME.fullmatch(lexical)
    return _date_time(lexical) if found and found[8] else None


def _time(lexical: str) -> str | None:
    found = _TIME.fullmatch(lexical)
    if found is None:
        return None
    hour, minute, second, fraction, zone = found.groups()
    seconds = _seconds(hour, minute, second) if hour else 0
    return f"time {_on_line(seconds, fraction, zone)}"


def _seconds(hour: str | None, minute: str | None, second: str | None) -> int:
    if hour is None or minute is None or second is None:
        return 86_400
    return 3600 * int(hour) + 60 * int(minute) + int(second)


def _on_line(seconds: int, fraction: str | None, zone: str | None) -> str:
    offset = _offset(zone)
    if offset is None:
        return f"{seconds}.{(fraction or '').rstrip('0')} local"
    return f"{seconds - 60 * offset}.{(fraction or '').rstrip('0')} UTC"


def _offset(zone: str | None) -> int | None:
    """Return a time zone in minutes; None where there is none."""
    if zone is None or zone == "Z":
        return None if zone is None else 0
    minutes = 60 * int(zone[1:3]) + int(zone[4:6])
    return -minutes if zone[0] == "-" else minutes


def _is_day(year: int, month: int, day: int) -> bool:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return day <= (29 if leap else 28) if month == 2 else day <= 30 + (month in _LONG)


def _days(year: int, month: int, day: int) -> int:
    """Return the number of a day in the proleptic Gregorian calendar, which has a year 0."""
    year -= month <= 2
    months = (153 * ((month + 9) % 12) + 2) // 5
    return 365 * year + year // 4 - year // 100 + year // 400 + months + day


def _duration(lexical: str) -> str | None:
    found = _DURATION.fullmatch(lexical)
    if found is None:
        return None
    sign, years, months, days, hours, minutes, seconds, fraction = found.groups()
    return _span(
        sign,
        12 * int(years or 0) + int(months or 0),
        86_400 * int(days or 0) + 3600 * int(hours or 0) + 60 * int(minutes or 0)
        + int(seconds or 0),
        fraction or "",
    )  # fmt: skip


def _day_time(lexical: str) -> str | None:
    return None if re.search("Y|^-?P[0-9]*M", lexical) else _duration(lexical)


def _year_month(lexical: str) -> str | None:
    return None if re.search("D|T", lexical) else _duration(lexical)


def _number_duration(lexical: str) -> str | None:
    if found := re.fullmatch(r"(-?)([0-9]{1,18})", lexical, re.ASCII):
        return _span(found[1], int(found[2]), 0, "")
    if not (re.search(r"\.", lexical) and _FLOAT.fullmatch(lexical)) or len(lexical) > 40:
        return None
    from decimal import Decimal

    value = Decimal(lexical)
    if value.adjusted() > 30:
        return None
    whole, _, fraction = f"{abs(value):f}".partition(".")
    return _span("-" if value < 0 else "", 0, int(whole), fraction)


def _span(sign: str, months: int, seconds: int, fraction: str) -> str:
    fraction = fraction.rstrip("0")
    zero = not months and not seconds and not fraction
    return f"duration {'' if zero else sign}{months} {seconds}.{fraction}"


def _hexadecimal(lexical: str) -> str | None:
    found = re.fullmatch(r"(?:[0-9A-Fa-f]{2})*", lexical, re.ASCII)
    return found and f"hexBinary {lexical.upper()}"


def _base64(lexical: str) -> str | None:
    try:
        return f"base64Binary {base64.b64decode(lexical.replace(' ', ''), validate=True).hex()}"
    except binascii.Error:
        return None


_LONG: Final = (1, 3, 5, 7, 8, 10, 12)
_DURATIONS: Final = ("duration", "dayTimeDuration", "yearMonthDuration")
_READERS: Final[dict[str, Callable[[str], str | None]]] = {
    "decimal": _decimal,
    "double": _double,
    "float": _float,
    "boolean": _boolean,
    "dateTime": _date_time,
    "dateTimeStamp": _date_time_stamp,
    "time": _time,
    "duration": _duration,
    "dayTimeDuration": _day_time,
    "yearMonthDuration": _year_month,
    "hexBinary": _hexadecimal,
    "base64Binary": _base64,
}
