"""Pictures drawn to scale: timelines, matrices and bars, as SVG."""

from __future__ import annotations

import copy
import datetime as dt
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urljoin
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

SVG: Final = "http://www.w3.org/2000/svg"
_WIDTH: Final = 960
_LABELS: Final = 220
_EDGE: Final = 24
_ROW: Final = 22
_RADIUS: Final = 5
_CELL: Final = 30
# The width of a letter of 12 pixels, about; so many letters of a label are shown.
_LETTER: Final = 6.4
_LONGEST: Final = 32
_YEAR: Final = 365.25
# What the style sheet of the pages says of each class, for a picture that stands alone.
_LOOKS: Final[Mapping[str, Mapping[str, str]]] = {
    "axis": {"stroke": "#8d8a80", "fill": "none"},
    "grid": {"stroke": "#dcd9cf", "fill": "none"},
    "label": {"fill": "#5a5b5f"},
    "mark": {"fill": "#1f6fb2"},
    "bar": {"fill": "#1f6fb2"},
    "cell": {"stroke": "#fdfcf9"},
    **{
        f"series-{number}": {"fill": colour}
        for number, colour in enumerate(
            (
                "#1f6fb2",
                "#b4530a",
                "#2e7d4f",
                "#8f3f97",
                "#8a6d00",
                "#b02a4c",
                "#0f7c80",
                "#5f5a52",
            ),
            1,
        )
    },
    **{
        f"level-{number}": {"fill": colour}
        for number, colour in enumerate(
            ("#efece3", "#cfdfea", "#9dc0d8", "#5f9ac2", "#2a70a4", "#0c4573")
        )
    },
    "planned": {"fill-opacity": "0.25", "stroke": "#1f6fb2", "stroke-dasharray": "3 2"},
    "off": {"fill": "#8d8a80"},
    "on-dark": {"fill": "#fdfcf9"},
    "here": {"stroke": "#8a1c2b", "stroke-width": "2"},
}
SERIES: Final = 8


class Mark(NamedTuple):
    """Something that happened between two days.

    Attributes:
        first: the earliest day.
        last: the latest day.
        text: what it is called.
        href: where more is told of it.
        looks: further classes: `planned`, `off`.
    """

    first: dt.date
    last: dt.date
    text: str
    href: str = ""
    looks: str = ""


class Lane(NamedTuple):
    """What stands in one line of a timeline."""

    text: str
    href: str
    marks: tuple[Mark, ...]


class Head(NamedTuple):
    """The head of a row, a column or a bar."""

    text: str
    href: str = ""


class Bar(NamedTuple):
    """A bar: its head, and how much each series has of it."""

    head: Head
    parts: tuple[tuple[int, float], ...]


def alone(picture: ET.Element, root: str) -> bytes:
    """Return a picture as a document of its own: looks become attributes, on white.

    Args:
        picture: as it stands in a page.
        root: the address of the server, to which its links lead from anywhere.
    """
    whole = copy.deepcopy(picture)
    for each in whole.iter():
        if href := each.get("href"):
            each.set("href", urljoin(f"{root}/", href))
        for name in each.attrib.pop("class", "").split():
            each.attrib.update(_LOOKS.get(name, {}))
        if each.tag.endswith("text"):
            each.set("font-family", "sans-serif")
            each.attrib.setdefault("font-size", "12")
    ground = ET.Element(f"{{{SVG}}}rect", {"width": "100%", "height": "100%", "fill": "#ffffff"})
    whole.insert(1, ground)
    ET.register_namespace("", SVG)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(whole, "unicode")}\n'.encode()


def inside(picture: ET.Element) -> str:
    """Return a picture as it stands in a page."""
    ET.register_namespace("", SVG)
    return ET.tostring(picture, encoding="unicode")


# -------------------------------------------------------------------- timeline


def timeline(title: str, lanes: Sequence[Lane]) -> ET.Element:
    """Return lanes with marks along the days; there is one mark at least."""
    days = [day for lane in lanes for mark in lane.marks for day in (mark.first, mark.last)]
    first, last = min(days), max(days)
    span = max((last - first).days, 30)
    begin = first.toordinal() - span * 0.02
    scale = (_WIDTH - _LABELS - _EDGE) / (span * 1.04)

    def across(day: dt.date) -> float:
        return _LABELS + (day.toordinal() - begin) * scale

    rows = [list(_packed(lane.marks, across)) for lane in lanes]
    height = _EDGE + sum(_ROW * len(each) + 6 for each in rows) + _EDGE
    picture = _picture(title, _WIDTH, height)
    for day, text in _ticks(first, first + dt.timedelta(span)):
        x = across(day)
        _line(picture, x, _EDGE - 4, x, height - _EDGE, "grid")
        _text(picture, x, height - 8, text, "label", anchor="middle")
    y = float(_EDGE)
    for lane, packed in zip(lanes, rows, strict=True):
        _line(picture, 0, y - 3, _WIDTH, y - 3, "grid")
        _text(_linked(picture, lane.href), 0, y + _ROW * 0.7, _short(lane.text), title=lane.text)
        for row in packed:
            for mark, free in row:
                _mark(picture, mark, (across(mark.first), across(mark.last)), y + _ROW / 2, free)
            y += _ROW
        y += 6
    return picture


def _packed(
    marks: Iterable[Mark], across: Callable[[dt.date], float]
) -> Iterator[list[tuple[Mark, float]]]:
    """Yield marks in rows in which none lies on another; with each the room for its words."""
    rows: list[list[Mark]] = []
    for mark in sorted(marks):
        left = across(mark.first) - 2 * _RADIUS - 2
        row = next((row for row in rows if across(row[-1].last) <= left), None)
        if row is None:
            rows.append([mark])
        else:
            row.append(mark)
    for row in rows:
        ends = [across(each.first) - _RADIUS for each in row[1:]] + [float(_WIDTH)]
        yield [
            (mark, end - across(mark.last) - _RADIUS) for mark, end in zip(row, ends, strict=True)
        ]


def _mark(
    picture: ET.Element, mark: Mark, place: tuple[float, float], y: float, free: float
) -> None:
    left, right = place
    days = f"{mark.first}" if mark.first == mark.last else f"{mark.first} to {mark.last}"
    link = _linked(picture, mark.href)
    shape = ET.SubElement(
        link,
        f"{{{SVG}}}rect",
        {
            "class": f"mark {mark.looks}".strip(),
            "x": f"{left - _RADIUS:.1f}",
            "y": f"{y - _RADIUS:.1f}",
            "width": f"{right - left + 2 * _RADIUS:.1f}",
            "height": f"{2 * _RADIUS}",
            "rx": f"{_RADIUS}",
        },
    )
    ET.SubElement(shape, f"{{{SVG}}}title").text = f"{mark.text}, {days}"
    if len(mark.text) * _LETTER + 10 < free:
        _text(link, right + _RADIUS + 4, y + 4, mark.text, "label")


def _ticks(first: dt.date, last: dt.date) -> Iterator[tuple[dt.date, str]]:
    """Yield days at which a line helps, and what to call them."""
    years = (last - first).days / _YEAR
    if years <= 2:
        step = next(each for each in (1, 2, 3, 6) if years * 12 / each <= 12)
        for month in range(first.year * 12 + first.month, last.year * 12 + last.month):
            if month % step == 0:
                day = dt.date(month // 12, month % 12 + 1, 1)
                yield day, f"{day:%Y-%m}"
        return
    step = next((each for each in (1, 2, 5, 10, 20, 50) if years / each <= 14), 100)
    for year in range(first.year + 1, last.year + 1):
        if year % step == 0:
            yield dt.date(year, 1, 1), f"{year}"


# ---------------------------------------------------------------------- matrix


def matrix(
    title: str,
    rows: Sequence[Head],
    columns: Sequence[Head],
    cells: Mapping[tuple[int, int], float],
) -> ET.Element:
    """Return a grid in which the darker a cell is the more there is in it."""
    letters = max((min(len(each.text), _LONGEST) for each in columns), default=0)
    top = letters * _LETTER * 0.72 + 16
    width = _LABELS + _CELL * len(columns) + letters * _LETTER * 0.72 + 8
    picture = _picture(title, width, top + _CELL * len(rows) + 4)
    steps = _levels(cells.values())
    for at, head in enumerate(columns):
        x = _LABELS + _CELL * (at + 0.5)
        text = _text(_linked(picture, head.href), x, top - 6, _short(head.text), title=head.text)
        text.set("transform", f"rotate(-45 {x:.1f} {top - 6:.1f})")
    for row, head in enumerate(rows):
        y = top + _CELL * row
        link = _linked(picture, head.href)
        _text(link, _LABELS - 8, y + 19, _short(head.text), anchor="end", title=head.text)
        for column, other in enumerate(columns):
            number = cells.get((row, column), 0)
            told_of = (row, column) in cells
            level = sum(number > step for step in steps) + 1 if number else 0
            cell = _rect(picture, _LABELS + _CELL * column, y, _CELL, _CELL, f"cell level-{level}")
            words = _number(number) if told_of else "nothing told"
            ET.SubElement(cell, f"{{{SVG}}}title").text = f"{head.text}, {other.text}: {words}"
            if told_of:
                dark = "on-dark" if level >= 3 else ""
                x = _LABELS + _CELL * (column + 0.5)
                _text(picture, x, y + 19, _number(number), dark, anchor="middle")
    return picture


def _levels(numbers: Iterable[float]) -> list[float]:
    """Return the numbers above which a cell is a step darker: four at most."""
    known = sorted({each for each in numbers if each})
    if len(known) <= 5:
        return known[:-1]
    return [known[len(known) * step // 5] for step in range(1, 5)]


# ------------------------------------------------------------------------ bars


def bars(title: str, told: Sequence[Bar]) -> ET.Element:
    """Return bars that lie below each other; the parts of one are of the colour of their series."""
    most = max((sum(number for _, number in each.parts) for each in told), default=0) or 1
    room = _WIDTH - _LABELS - 60
    picture = _picture(title, _WIDTH, _ROW * 1.2 * len(told) + 8)
    for row, each in enumerate(told):
        y = row * _ROW * 1.2 + 4
        link = _linked(picture, each.head.href)
        text = _short(each.head.text)
        _text(link, _LABELS - 8, y + 15, text, anchor="end", title=each.head.text)
        x = float(_LABELS)
        for series, number in each.parts:
            wide = number / most * room
            shape = _rect(picture, x, y, wide, _ROW - 2, f"bar series-{series + 1}")
            ET.SubElement(shape, f"{{{SVG}}}title").text = f"{each.head.text}: {_number(number)}"
            x += wide
        _text(picture, x + 6, y + 15, _number(sum(n for _, n in each.parts)), "label")
    return picture


# ---------------------------------------------------------------------- shapes


def _picture(title: str, width: float, height: float) -> ET.Element:
    box = f"0 0 {width:.0f} {height:.0f}"
    told = {"viewBox": box, "width": f"{width:.0f}", "height": f"{height:.0f}", "role": "group"}
    picture = ET.Element(f"{{{SVG}}}svg", {**told, "aria-label": title})
    ET.SubElement(picture, f"{{{SVG}}}title").text = title
    return picture


def _linked(picture: ET.Element, href: str) -> ET.Element:
    return ET.SubElement(picture, f"{{{SVG}}}a", {"href": href}) if href else picture


def _line(picture: ET.Element, x: float, y: float, x2: float, y2: float, looks: str) -> None:  # noqa: PLR0913, PLR0917
    ends = {"x1": f"{x:.1f}", "y1": f"{y:.1f}", "x2": f"{x2:.1f}", "y2": f"{y2:.1f}"}
    ET.SubElement(picture, f"{{{SVG}}}line", {"class": looks, **ends})


def _rect(  # noqa: PLR0913, PLR0917
    picture: ET.Element, x: float, y: float, width: float, height: float, looks: str
) -> ET.Element:
    box = {"x": f"{x:.1f}", "y": f"{y:.1f}", "width": f"{width:.1f}", "height": f"{height:.1f}"}
    return ET.SubElement(picture, f"{{{SVG}}}rect", {"class": looks, **box})


def _text(  # noqa: PLR0913
    picture: ET.Element,
    x: float,
    y: float,
    text: str,
    looks: str = "",
    *,
    anchor: str = "",
    title: str = "",
) -> ET.Element:
    told = {"class": looks, "x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor}
    found = ET.SubElement(picture, f"{{{SVG}}}text", {k: v for k, v in told.items() if v})
    found.text = text
    if title and title != text:
        ET.SubElement(found, f"{{{SVG}}}title").text = title
    return found


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"


def _number(number: float) -> str:
    return f"{number:,.0f}" if number == int(number) else f"{number:,.1f}"
