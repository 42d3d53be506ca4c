"""What a cell means: a term that a query can take, or why there is none."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from pyoxigraph import DefaultGraph, Literal, NamedNode

from dragoman import datatypes, names, syntax, vocabulary
from dragoman.errors import DragomanError
from dragoman.tabular.cells import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping as Table

    from dragoman.names import Name
    from dragoman.store import LocalStore
    from dragoman.tabular.mapping import Column

# What a column of dates may hold; and days as spreadsheets count them, which look like years.
_DATES: Final = frozenset(
    f"{vocabulary.XSD}{each}" for each in ("date", "gYearMonth", "gYear", "dateTime")
)
_SERIAL: Final = re.compile(r"([1-9]\d{4})(?:\.\d*)?", re.ASCII)
_FIRST: Final = date(1899, 12, 30)
_YES: Final = {"yes": "true", "no": "false"}
# So many cells are remembered; what is new among them is known besides.
_MOST_KEPT: Final = 50_000
# Of a text so much is shown, and none that is longer is looked for among names like it.
_LONGEST: Final = 120
# For so many new names, and among so many known ones, it is looked whether they are misspelt.
_MOST_DOUBTS: Final = 50
_MOST_COMPARED: Final = 20_000
# For so many names that nothing bears the nearest are looked for, which takes a while each.
_MOST_ADVICE: Final = 100


class AmissError(DragomanError):
    """A cell means nothing that its column can hold."""


class Meaning(NamedTuple):
    """What a cell means.

    Attributes:
        term: as SPARQL writes it; empty where the cell is left out.
        new: the name of a thing that the table is the first to tell of; empty for any other.
        local: the end of the IRI of a thing; empty for a text, whose `slug` it would be.
        text: what people call it.
    """

    term: str = ""
    new: str = ""
    local: str = ""
    text: str = ""

    @property
    def end(self) -> str:
        """Return what stands for it at the end of an IRI."""
        return self.local or names.slug(self.text)


class _Known:
    """The names of the things of a class."""

    def __init__(self, known: list[Name]) -> None:
        self.things = {each.thing for each in known}
        self.bearers = names.Bearers(known).of
        self._known = known

    def like(self, text: str) -> str:
        """Return the name whose every word looks like one of a text; empty where there is none."""
        if len(self._known) > _MOST_COMPARED or len(text) > _LONGEST:
            return ""
        words = len(text.split())
        close = (each.text for each, _ in names.near(self._known, text))
        return next((each for each in close if len(each.split()) == words), "")

    def near(self, text: str) -> list[str]:
        """Return the names most like a text, of each thing one."""
        from difflib import get_close_matches

        spelt = {names.fold(each.text): each for each in reversed(self._known)}
        close = [spelt[each] for each in get_close_matches(names.fold(text), spelt, 10, 0.7)]
        best = {each.thing: each.text for each in reversed(close)}
        return [each.text for each in close if best[each.thing] == each.text][:2]


class Resolver:
    """Reads the cells of one table.

    Args:
        source: the facts of the base.
        prefixes: those that cells may use.
        graph: the IRI of the source that the table is to be: what only it tells of is new.
    """

    def __init__(self, source: LocalStore, prefixes: Table[str, str], graph: str) -> None:
        self._source, self._prefixes = source, prefixes
        self._graph = NamedNode(graph)
        self._replaces = graph in source.graphs()
        self._short = syntax.readable(prefixes)
        self._known: dict[str | None, _Known] = {}
        self._made: dict[str, str] = {}
        self._found: dict[tuple[str, str, str], Meaning | str] = {}
        self._matched: dict[tuple[str, ...], list[str]] = {}
        self._advised = 0
        self.doubts: list[str] = []

    @property
    def made(self) -> int:
        """Return how many things are new."""
        return len(self._made)

    def meaning(self, column: Column, cell: str, label: str = "") -> Meaning:
        """Return what a cell of a column means.

        Args:
            column: the column.
            cell: its text, which is not empty; or a name, where only `label` has one.
            label: the name beside it, in a column of its own, as results have it.

        Raises:
            AmissError: saying why it means nothing.
        """
        if isinstance(cell, Fault):
            raise AmissError(cell.why)
        key = (column.name, cell, label)
        found = self._found.get(key)
        if found is None:
            try:
                found = (
                    self._thing(column, cell, label) if column.lookup else self._text(column, cell)
                )
            except AmissError as error:
                found = str(error)
            if len(self._found) == _MOST_KEPT:
                self._found.clear()
            self._found[key] = found
        if isinstance(found, str):
            raise AmissError(found)
        return found

    def made_of(self, column: Column, parts: list[Meaning]) -> Meaning:
        """Return the thing that other cells of its row make, in a column whose cell is empty."""
        things = self._matching(column, parts)
        if len(things) > 1:
            told = ", ".join(map(self._short, things))
            raise AmissError(f"several of the base are meant: {told}: write one of these")
        if things:
            return self._old(column, things[0], things[0])
        iri = f"{column.new}{'-'.join(each.end for each in parts)}"
        return self._new(column, iri, ", ".join(each.text for each in parts), elsewhere=True)

    def _matching(self, column: Column, parts: list[Meaning]) -> list[str]:
        """Return the things that the base knows by these parts, sorted."""
        terms = [_term(each.term) for each, _ in zip(parts, column.matches, strict=False)]
        key = (column.name, *map(str, terms))
        found = self._matched.get(key)
        if found is None:
            sets = [
                {
                    quad.subject.value
                    for quad in self._source.store.quads_for_pattern(
                        None, NamedNode(predicate), term, DefaultGraph()
                    )
                    if isinstance(quad.subject, NamedNode)
                }
                for predicate, term in zip(column.matches, terms, strict=False)
            ]
            found = self._matched[key] = sorted(set.intersection(*sets)) if sets else []
        return found

    # ------------------------------------------------------------------- texts

    def _text(self, column: Column, cell: str) -> Meaning:
        if column.choices and not column.datatypes:
            chosen = {names.fold(each): each for each in column.choices}
            if names.fold(cell) not in chosen:
                raise AmissError(f"{_shown(cell)} is none of: {', '.join(column.choices)}")
            cell = chosen[names.fold(cell)]
        if column.language:
            return Meaning(str(Literal(cell, language=column.language)), "", "", cell)
        if not column.datatypes:
            return Meaning(str(Literal(cell)), "", "", cell)
        if _DATES.intersection(column.datatypes) and (serial := _SERIAL.fullmatch(cell)):
            day = _FIRST + timedelta(days=int(serial[1]))
            raise AmissError(
                f"{_shown(cell)} is how a spreadsheet counts a day ({day}): give the cell the "
                "format of a date, or write the day"
            )
        for datatype in column.datatypes:
            text = cell
            if datatype == vocabulary.XSD_BOOLEAN:
                text = _YES.get(cell.casefold(), cell.casefold())
            if datatypes.well_formed(text, datatype):
                text = datatypes.canonical(text, datatype)
                return Meaning(f'"{text}"^^<{datatype}>', "", "", cell)
        kinds = " or ".join(each.removeprefix(vocabulary.XSD) for each in column.datatypes)
        raise AmissError(
            f"{_shown(cell)} is no {kinds}: {datatypes.fault(cell, column.datatypes[0])}"
        )

    # ------------------------------------------------------------------ things

    def _thing(self, column: Column, cell: str, label: str) -> Meaning:
        known = self._of(column.lookup)
        iri = self._iri(cell)
        if iri is not None:
            return self._told(column, iri, cell, label)
        things = known.bearers(cell)
        if len(things) > 1:
            told = ", ".join(map(self._short, things))
            raise AmissError(
                f"several things are called {_shown(cell)}: {told}: write one of these"
            )
        if things:
            return self._old(column, things[0], cell)
        if column.new:
            return self._named(column, cell)
        if column.skipped:
            return Meaning()
        raise AmissError(f"no {_kind(column)} is called {_shown(cell)}{self._advice(known, cell)}")

    def _told(self, column: Column, iri: str, cell: str, label: str) -> Meaning:
        """Return the thing whose IRI is told, after a look at the name beside it."""
        known = self._of(column.lookup)
        is_one = iri in known.things or names.is_a(self._source, iri, column.lookup)
        if not is_one:
            if column.new and label and not names.is_somewhere(self._source, iri):
                return self._new(column, iri, label)
            if column.new and not names.is_somewhere(self._source, iri):
                raise AmissError(
                    f"the base does not know {_shown(cell)}: give its name, too, in a column "
                    f"{column.name}Label"
                )
            raise AmissError(f"{_shown(cell)} is no {_kind(column)}")
        if label and iri not in known.bearers(label):
            raise AmissError(
                f"{self._short(iri)} is not called {_shown(label)}, as the column "
                f"{column.name}Label has it: empty one of the two"
            )
        return self._old(column, iri, label or cell)

    def _old(self, column: Column, iri: str, text: str) -> Meaning:
        """Return a thing that the base knows; as a new one, where only this table tells of it."""
        if column.new and self._replaces and not self._told_elsewhere(iri):
            return self._new(column, iri, self._called(iri, text))
        return Meaning(f"<{iri}>", "", _local(iri), self._called(iri, text))

    def _named(self, column: Column, text: str) -> Meaning:
        """Return a thing that nothing is called like."""
        end = names.slug(text)
        if not end:
            raise AmissError(
                f"no IRI can be made of {_shown(text)}: give it one, as in prefix:name"
            )
        made = self._new(column, f"{column.new}{end}", text)
        if len(self._made) <= _MOST_DOUBTS and (other := self._of(column.lookup).like(text)):
            self.doubts.append(f"{_shown(text)} ({other!r}?)")
        return made

    def _new(self, column: Column, iri: str, text: str, *, elsewhere: bool = False) -> Meaning:
        before = self._made.get(iri)
        if before is None:
            if self._told_elsewhere(iri):
                if elsewhere:  # made of other things, so it is what they make
                    return Meaning(f"<{iri}>", "", _local(iri), text)
                raise AmissError(
                    f"{_shown(text)} would get the IRI {self._short(iri)}, which is another "
                    f"thing's: {self._name_of(iri) or 'it has no name'}. Write that name, or an "
                    f"IRI for a new {_kind(column)}"
                )
            before = self._made.setdefault(iri, text)
        if names.fold(before) != names.fold(text) and not elsewhere:
            raise AmissError(
                f"{_shown(text)} would get the IRI {self._short(iri)}, as {_shown(before)} does: "
                "give it one of its own"
            )
        return Meaning(f"<{iri}>", before, _local(iri), before)

    def _called(self, iri: str, text: str) -> str:
        """Return a text that names a thing; where it is its IRI, its name."""
        return text if self._iri(text) is None else self._name_of(iri) or text

    def _told_elsewhere(self, iri: str) -> bool:
        found = self._source.store.quads_for_pattern(
            NamedNode(iri), NamedNode(vocabulary.RDF_TYPE), None, None
        )
        own = {self._graph, DefaultGraph()}
        return any(quad.graph_name not in own for quad in found)

    def _name_of(self, iri: str) -> str:
        found = self._source.store.quads_for_pattern(
            NamedNode(iri), NamedNode(vocabulary.SKOS_PREF_LABEL), None, DefaultGraph()
        )
        labels = [quad.object for quad in found if isinstance(quad.object, Literal)]
        return next((each.value for each in sorted(labels, key=_english_first)), "")

    def _iri(self, cell: str) -> str | None:
        """Return the IRI that a cell writes; None for a name."""
        if ":" not in cell:
            return None
        iri = syntax.written_iri(cell, self._prefixes)
        try:
            return None if iri is None else NamedNode(iri).value
        except ValueError:
            return None

    def _of(self, kind: str | None) -> _Known:
        if kind not in self._known:
            self._known[kind] = _Known(names.names(self._source, kind))
        return self._known[kind]

    def _advice(self, known: _Known, text: str) -> str:
        self._advised += 1
        if self._advised > _MOST_ADVICE:
            return ""
        if others := self._of(None).bearers(text):
            kinds = (
                f"{self._short(each)} ({' and '.join(map(self._short, of))})"
                for each in others[:3]
                if (of := names.classes_of(self._source, each))
            )
            return f"; called so is {', '.join(kinds)}"
        close = known.near(text) if len(text) <= _LONGEST else []
        return f": {' or '.join(close)}?" if close else ""


def _term(text: str) -> NamedNode | Literal:
    """Return the term that a query would read; one with a datatype, or an IRI."""
    if text.startswith("<"):
        return NamedNode(text[1:-1])
    value, _, datatype = text.rpartition("^^")
    return Literal(value[1:-1], datatype=NamedNode(datatype[1:-1]))


def _shown(text: str) -> str:
    """Return a text as messages quote it."""
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


def _kind(column: Column) -> str:
    return _local(column.lookup)


def _local(iri: str) -> str:
    return iri.rpartition("#")[2].rpartition("/")[2]


def _english_first(label: Literal) -> tuple[bool, str]:
    return label.language != "en", label.value
