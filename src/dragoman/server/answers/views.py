"""What the pictures of an answer show: which of its columns is drawn, and against which."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dragoman.labels import is_derived
from dragoman.results import value
from dragoman.server.answers import pictures
from dragoman.server.answers.pictures import Bar, Head, Lane, Mark
from dragoman.server.served import link_to
from dragoman.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree.ElementTree import Element

    from dragoman.queries import View
    from dragoman.results import Result
    from dragoman.server.exchange import Request
    from dragoman.server.served import Served
    from dragoman.store import Row, Term

DRAWN: Final = ("timeline", "matrix", "bars")
# So many lanes, rows, columns, bars and nodes can be read.
_LANES: Final = 60
_MARKS: Final = 2000
_CELLS: Final = 40
_BARS: Final = 40
_NODES: Final = 300
_LOOKS: Final = {"prospective": "planned", "unfulfilled": "off"}
CODES: Final = "SELECT ?state ?code { ?state dip:numericCode ?code }"


class Picture(NamedTuple):
    """A picture, and what is to be said below it.

    Attributes:
        drawing: the picture; None where there is nothing to draw.
        notes: what it leaves out, and what its looks mean.
        legend: what each colour stands for: the class of the colour, and the words.
    """

    drawing: Element | None
    notes: tuple[str, ...] = ()
    legend: tuple[tuple[str, str], ...] = ()


class Shown:
    """An answer, and which of its columns a view shows.

    Args:
        served: the base.
        request: for which links are made.
        result: the answer.
        view: how it is shown.
        time: the columns of its first and last day.
    """

    def __init__(
        self, served: Served, request: Request, result: Result, view: View, time: tuple[str, ...]
    ) -> None:
        self._served, self._request, self._result = served, request, result
        self._statuses = served.statuses
        self.view, self._time = view, [each for each in time if each in result.answer.columns]
        columns = result.answer.columns
        things = [name for name in columns if self._has_things(name) and name not in time]
        self.of = view.of or (things[0] if things else columns[0])
        others = [name for name in things if name != self.of]
        self.by = view.by or (others[0] if others else "")

    def _has_things(self, name: str) -> bool:
        at = self._result.answer.columns.index(name)
        first = next((row[at] for row in self._result.answer.rows if row[at] is not None), None)
        return str(first).startswith("<") and not is_derived(str(first))

    def _term(self, row: Row, name: str) -> Term | None:
        return row[self._result.answer.columns.index(name)] if name else None

    def _head(self, term: Term | None) -> Head:
        if term is None:
            return Head("not told")
        text = str(getattr(term, "value", term))
        if not str(term).startswith("<"):
            return Head(visible(text))
        label = self._result.labels.get(text)
        return Head(visible(label.value if label else text), link_to(self._request, text))

    def _number(self, row: Row) -> float:
        if not self.view.number:
            return 1
        found = value(self._term(row, self.view.number))
        if isinstance(found, (int, float)) and not isinstance(found, bool):
            return found
        return 0 if found is None else 1  # of things it counts those that are told

    def title(self) -> str:
        """Return what the picture is called."""
        asked = self._result.heading
        return visible(asked.title) if asked else self.view.kind.capitalize()

    def drawn(self) -> Picture:
        """Return the picture of a view that is drawn here."""
        if not self._result.answer.rows:
            return Picture(None)
        draw = {"timeline": self._timeline, "matrix": self._matrix, "bars": self._bars}
        return draw[self.view.kind]()

    def _looks(self, row: Row) -> str:
        for name in ("standing", "status"):
            if name in self._result.answer.columns:
                found = str(getattr(self._term(row, name), "value", ""))
                return _LOOKS.get(self._statuses.get(found, ""), "")
        return ""

    def _timeline(self) -> Picture:
        marks: dict[Head, dict[Mark, None]] = {}
        dateless, looks = set(), set()
        for row in self._result.answer.rows:
            days = [each for name in self._time if (each := value(self._term(row, name)))]
            days = [each for each in days if isinstance(each, dt.date)]
            head = self._head(self._term(row, self.of))
            if not days:
                dateless.add(head)
                continue
            look = self._looks(row)
            looks.add(look)
            lane = self._head(self._term(row, self.by)) if self.by else Head("")
            marks.setdefault(lane, {})[Mark(min(days), max(days), *head, look)] = None
        lanes = [Lane(*head, tuple(found)[:_MARKS]) for head, found in marks.items()]
        notes = [f"Without a day, and not drawn: {len(dateless)}."] if dateless else []
        if len(lanes) > _LANES:
            notes.append(
                f"The first {_LANES} of {len(lanes)} lines. Narrow the question for others."
            )
        legend = [("mark", "occurred, or in force"), ("mark planned", "expected or planned"),
                  ("mark off", "cancelled, postponed or denied")]  # fmt: skip
        drawing = pictures.timeline(self.title(), lanes[:_LANES]) if lanes else None
        shown = tuple(each for each in legend if each[0].removeprefix("mark").strip() in looks)
        return Picture(drawing, tuple(notes), shown if len(looks) > 1 else ())

    def _pairs(self) -> dict[tuple[Head, Head], float]:
        found: dict[tuple[Head, Head], float] = defaultdict(float)
        for row in self._result.answer.rows:
            ends = self._term(row, self.of), self._term(row, self.by)
            if self.by and None not in ends:
                found[self._head(ends[0]), self._head(ends[1])] += self._number(row)
        return dict(found)

    def _matrix(self) -> Picture:
        pairs = self._pairs()
        if not pairs:
            return Picture(None)
        rows, columns = {row for row, _ in pairs}, {column for _, column in pairs}
        if rows & columns:  # of one kind: what is told of a pair one way holds for the other
            if not any((column, row) in pairs for row, column in pairs if row != column):
                pairs.update({(column, row): number for (row, column), number in pairs.items()})
            rows = columns = rows | columns
        weight: dict[Head, float] = defaultdict(float)
        for ends, number in pairs.items():
            for head in ends:
                weight[head] += number
        down, along = (
            sorted(sorted(heads, key=lambda each: (-weight[each], each))[:_CELLS])
            for heads in (rows, columns)
        )
        most = max(len(rows), len(columns))
        notes = (f"The {_CELLS} of {most} of which most is told.",) if most > _CELLS else ()
        at_row = {head: at for at, head in enumerate(down)}
        at_column = {head: at for at, head in enumerate(along)}
        cells = {
            (at_row[row], at_column[column]): number
            for (row, column), number in pairs.items()
            if row in at_row and column in at_column
        }
        return Picture(pictures.matrix(self.title(), down, along, cells), notes)

    def _bars(self) -> Picture:
        parts: dict[Head, dict[Head, float]] = {}
        for row in self._result.answer.rows:
            head = self._head(self._term(row, self.of))
            part = self._head(self._term(row, self.view.by)) if self.view.by else Head("")
            parts.setdefault(head, defaultdict(float))[part] += self._number(row)
        heads = sorted(parts, key=lambda head: (-sum(parts[head].values()), head))
        if all(head.text.isdigit() or not head.href for head in heads):  # years, in their order
            heads.sort()
        weight: dict[Head, float] = defaultdict(float)
        for told in parts.values():
            for each, number in told.items():
                weight[each] += number
        series = sorted(weight, key=lambda each: (-weight[each], each))
        if len(series) > pictures.SERIES:  # there are no more colours that can be told apart
            series = [*series[: pictures.SERIES - 1], Head("others")]
        at = {each: place for place, each in enumerate(series)}
        found = []
        for head in heads:
            amounts: dict[int, float] = defaultdict(float)
            for each, number in parts[head].items():
                amounts[at.get(each, len(series) - 1)] += number
            found.append(Bar(head, tuple(sorted(amounts.items()))))
        notes = (f"The first {_BARS} of {len(found)}.",) if len(found) > _BARS else ()
        legend = tuple((f"bar series-{at[each] + 1}", each.text) for each in series)
        drawing = pictures.bars(self.title(), found[:_BARS])
        return Picture(drawing, notes, legend if self.view.by else ())

    def graph(self) -> dict[str, Any]:
        """Return the nodes and edges of a graph, for the script that draws it."""
        nodes: dict[str, dict[str, str]] = {}
        edges: dict[tuple[str, str, str], None] = {}
        for row in self._result.answer.rows:
            ends = self._term(row, self.of), self._term(row, self.by)
            if not self.by or any(not str(each).startswith("<") for each in ends):
                continue
            told = [str(getattr(each, "value", "")) for each in ends]
            if len(nodes.keys() | set(told)) > _NODES:
                break
            for iri, term, name in zip(told, ends, (self.of, self.by), strict=True):
                head = self._head(term)
                nodes[iri] = {"id": iri, "label": head.text, "kind": name, "href": head.href}
            label = self._head(self._term(row, self.view.number)).text if self.view.number else ""
            edges[told[0], told[1], label] = None
        return {
            "nodes": list(nodes.values()),
            "edges": [
                dict(zip(("source", "target", "label"), each, strict=True)) for each in edges
            ],
        }

    def map(self) -> dict[str, Any]:
        """Return how much there is of each state, for the script that draws the map."""
        codes = self._served.once("numeric codes", lambda: dict(_codes(self._served)))
        amounts: dict[str, float] = defaultdict(float)
        heads: dict[str, Head] = {}
        for row in self._result.answer.rows:
            term = self._term(row, self.of)
            if code := codes.get(str(getattr(term, "value", ""))):
                amounts[code] += self._number(row)
                heads[code] = self._head(term)
        states = [
            {"code": code, "label": heads[code].text, "value": amounts[code],
             "href": heads[code].href}
            for code in sorted(heads)
        ]  # fmt: skip
        return {"states": states, "caption": self.title()}


def _codes(served: Served) -> Iterable[tuple[str, str]]:
    for state, code in served.rows(CODES):
        yield str(getattr(state, "value", "")), str(getattr(code, "value", ""))
