"""Making the facts of a table: each row its own evidence, all faults at once, in flat memory."""

from __future__ import annotations

__all__ = ["Converted", "Wanted", "convert"]

from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from pyoxigraph import Literal, NamedNode, RdfFormat, Store

from dragoman import datatypes, names, syntax, vocabulary
from dragoman.errors import (
    DragomanError,
    LimitError,
    SyntaxProblem,
    UnreadableFilesError,
    counted,
)
from dragoman.store import TIMEOUT, Worker
from dragoman.tabular import cells, mapping
from dragoman.tabular.resolving import AmissError, Meaning, Resolver

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence
    from pathlib import Path

    from dragoman.base import Base
    from dragoman.store import LocalStore
    from dragoman.tabular.mapping import Column, Mapping

_BATCH: Final = 1_000
_SEVERAL: Final = ";"
_MOST_PROBLEMS: Final = 200
# The rules by which a passage names a row.
_RFC_7111: Final = "http://tools.ietf.org/rfc/rfc7111"
# What is told of a text, and so of one table.
_OF_TEXT: Final = (vocabulary.TEXT_HELD, vocabulary.TEXT_LENGTH, vocabulary.SHA256)
_DATES: Final = tuple(f"{vocabulary.XSD}{each}" for each in ("date", "gYearMonth", "gYear"))


class Wanted(NamedTuple):
    """What is told of tables to be added.

    Attributes:
        mapping: the name or the file of the mapping; None where the heading tells it.
        title: of the source.
        publisher: whose word the table is: a name, or an IRI.
        date: the day, month or year on which it was published.
    """

    mapping: str | None = None
    title: str | None = None
    publisher: str | None = None
    date: str | None = None


@dataclass
class Converted:
    """What became of a table.

    Attributes:
        mapping: how its rows became facts.
        heading: its first row.
        rows: how many rows became facts.
        new: how many things it is the first to tell of.
        note: what else the user should know.
        bad: what is wrong with the rows that were left out, by their numbers.
        lines: at which line of the file of facts those of a row begin.
        numbers: the numbers of these rows.
    """

    mapping: Mapping
    heading: list[str]
    rows: int = 0
    new: int = 0
    note: str = ""
    bad: dict[int, list[str]] = field(default_factory=dict)
    lines: array[int] = field(default_factory=lambda: array("q"))
    numbers: array[int] = field(default_factory=lambda: array("q"))

    def row_of(self, line: int) -> int:
        """Return the number of the row that a line of the facts comes from; 1 for the heading."""
        at = bisect_right(self.lines, line)
        return self.numbers[at - 1] if at else 1


def convert(  # noqa: PLR0913, PLR0917  a table, where it comes from, and where its facts go
    base: Base,
    source: LocalStore,
    path: Path,
    label: str,
    name: str,
    content: Path,
    wanted: Wanted,
    *,
    timeout: float | None = TIMEOUT,
    without: dict[int, list[str]] | None = None,
) -> Converted:
    """Write the facts of a table to a file, as N-Triples.

    Args:
        base: the base, for its mappings and prefixes.
        source: its facts, in which names are looked up.
        path: the table.
        label: what messages call it.
        name: what the source is to be called.
        content: the file to write.
        wanted: what is told of it.
        timeout: seconds for a thousand rows; None for no end.
        without: rows to leave out, by their numbers, and why. Where it is given, rows with faults
            are left out, too, and those that tell of an account with one that is left out;
            `Converted.bad` has them all.

    Raises:
        SyntaxProblem: it is no table, or no mapping knows it, or one of its cells is wrong.
        UnreadableFilesError: several are.
        DragomanError: nobody is told to say it.
        LimitError: the mapping took too long.
    """
    with cells.opened(path, label) as rows:
        heading = next(rows, None)
        if heading is None:
            raise SyntaxProblem("It is empty: a table begins with the names of columns.", label)
        plan = _mapping(base, heading.cells, label, wanted.mapping)
        work = _Work(base, source, plan, label, name, heading.cells, timeout)
        work.ragged = not cells.is_workbook(path)
        work.skipping = without is not None
        done = Converted(
            plan, heading.cells, bad={row: [*why] for row, why in (without or {}).items()}
        )
        with content.open("wb") as out:
            work.head(out, path, wanted)
            repeated = work.body(out, rows, done)
    if done.bad and (mates := work.mates(path, done)):
        left_out = done.bad | mates
        return convert(
            base, source, path, label, name, content, wanted, timeout=timeout, without=left_out
        )
    work.finish(done)
    if repeated:
        _once(content, done)
    return done


def _mapping(base: Base, heading: Sequence[str], label: str, told: str | None) -> Mapping:
    known = [mapping.find_mapping(base, told)] if told else mapping.mappings(base)
    return mapping.fitting(known, heading, label)


class _Work:
    """One table, while it becomes facts."""

    def __init__(  # noqa: PLR0913, PLR0917  what it is made of
        self,
        base: Base,
        source: LocalStore,
        plan: Mapping,
        label: str,
        name: str,
        heading: list[str],
        timeout: float | None,
    ) -> None:
        self._source, self._plan, self._label = source, plan, label
        self._iri = f"{vocabulary.SOURCE_GRAPH}{name}"
        self._prefixes = {**base.prefixes(), **plan.query.prefixes}
        self._resolver = Resolver(source, self._prefixes, self._iri)
        self._timeout, self._worker = timeout, Worker()
        self.ragged, self.skipping = True, False
        self._heading = heading
        self._places = _places(plan, heading, label)
        self._several = {each.name for each in plan.columns if each.several}
        self._used = [each.partition("_") for each in mapping.used(plan)]
        self._start, self._end = mapping.with_marks(plan)
        self._problems: list[SyntaxProblem] = []
        self._accounts: list[tuple[int, int]] = []  # of rows that are to be added, and their hashes
        self._notes: list[str] = []
        self._line = 1
        self._voice = ""

    # ------------------------------------------------------------- the source

    def head(self, out: IO[bytes], path: Path, wanted: Wanted) -> None:
        """Write what is told of the source itself."""
        before = self._before(wanted)
        told: list[tuple[str, str, str]] = [
            (self._iri, vocabulary.RDF_TYPE, _iri(vocabulary.SOURCE_CLASS))
        ]
        if text := cells.text_of(path, self._label):
            length, digest = text
            told += [
                (self._iri, vocabulary.TEXT_HELD, _typed("true", vocabulary.XSD_BOOLEAN)),
                (self._iri, vocabulary.TEXT_LENGTH, _typed(str(length), vocabulary.XSD_INTEGER)),
                (self._iri, vocabulary.SHA256, str(Literal(digest))),
            ]
        if wanted.title is not None:
            title = wanted.title.strip()
            if not title:
                raise DragomanError("--title is empty: leave it out, or say what it is.")
            told.append((self._iri, vocabulary.DCTERMS_TITLE, str(Literal(title, language="en"))))
        if wanted.date is not None:
            told.append((self._iri, vocabulary.DCTERMS_ISSUED, _date(wanted.date.strip())))
        publishers = [term for _, name, term in before if name == vocabulary.DCTERMS_PUBLISHER]
        told += [each for each in before if each[1] != vocabulary.DCTERMS_PUBLISHER]
        if wanted.publisher is not None:
            voice, further = self._agent(wanted.publisher.strip())
        elif publishers:
            voice = publishers[0][1:-1]
            own = voice.startswith(f"{self._iri}/")
            further = self._described(voice) if own else []
        else:
            raise DragomanError(
                f"{self._label}: whose word is it? Say who made the table: --publisher NAME."
            )
        self._voice = voice
        told += [(self._iri, vocabulary.DCTERMS_PUBLISHER, _iri(voice)), *further]
        self._write(out, "".join(map(_line, told)).encode())

    def _before(self, wanted: Wanted) -> list[tuple[str, str, str]]:
        """Return what the base tells of the source, where it has it already, and stays true."""
        anew = {*_OF_TEXT, vocabulary.RDF_TYPE}
        anew |= {vocabulary.DCTERMS_TITLE} if wanted.title is not None else set()
        anew |= {vocabulary.DCTERMS_ISSUED} if wanted.date is not None else set()
        return [each for each in self._described(self._iri) if each[1] not in anew]

    def _described(self, node: str) -> list[tuple[str, str, str]]:
        """Return what the source itself tells of a node, sorted."""
        found = self._source.store.quads_for_pattern(
            NamedNode(node), None, None, NamedNode(self._iri)
        )
        return sorted((node, quad.predicate.value, str(quad.object)) for quad in found)

    def _agent(self, told: str) -> tuple[str, list[tuple[str, str, str]]]:
        iri = syntax.written_iri(told, self._prefixes) if ":" in told else None
        if iri is not None:
            if not names.is_a(self._source, iri, vocabulary.AGENT):
                raise DragomanError(f"--publisher {told}: the base knows no such agent.")
            return iri, []
        own = f"{self._iri}/voice/publisher"
        found = names.bearers(names.names(self._source, vocabulary.AGENT), told)
        found = [each for each in found if each != own]
        if len(found) > 1:
            short = syntax.readable(self._prefixes)
            raise DragomanError(
                f"--publisher {told}: several agents are called so: "
                f"{', '.join(map(short, found))}. Name one."
            )
        if found:
            return found[0], []
        if not told:
            raise DragomanError("--publisher is empty: say who made the table.")
        self._notes.append(f"The base knows no agent {told!r}, so it is described as a new one.")
        return own, [
            (own, vocabulary.RDF_TYPE, _iri(vocabulary.ORGANIZATION)),
            (own, vocabulary.SKOS_PREF_LABEL, str(Literal(told, language="en"))),
        ]

    def _write(self, out: IO[bytes], lines: bytes) -> None:
        out.write(lines)
        self._line += lines.count(b"\n")

    # --------------------------------------------------------------- the rows

    def body(self, out: IO[bytes], rows: Iterator[cells.Row], done: Converted) -> bool:
        """Write the facts of the rows; return whether two batches tell of one account."""
        accounts: set[int] = set()
        seen: set[int] = set()
        repeated = False
        readable = (row for row in rows if row.number not in done.bad)
        ready = (each for row in readable if (each := self._ready(row, done)) is not None)
        while batch := list(islice(ready, _BATCH)):
            if self._problems:
                continue  # nothing will be kept of it, and the faults of all rows are told
            told = {hash(each.account) for each in batch}
            if self.skipping:
                self._accounts += [(each.number, hash(each.account)) for each in batch]
            repeated = repeated or not told.isdisjoint(accounts)
            accounts |= told
            self._convert(out, batch, seen, done)
        if doubts := self._resolver.doubts:
            self._notes.append(f"New, or misspelt? {', '.join(doubts)}.")
        done.new, done.note = self._resolver.made, " ".join(self._notes)
        return repeated

    def mates(self, path: Path, done: Converted) -> dict[int, list[str]]:
        """Return why rows are to be left out with one that is: they tell of the same account."""
        by_account: dict[int, int] = {}
        with cells.opened(path, self._label) as rows:
            for row in islice(rows, 1, None):
                if row.number in done.bad and (account := self._account_of(row)):
                    by_account.setdefault(hash(account), row.number)
        of = " and ".join(self._plan.key)
        return {
            number: [f"left out with row {by_account[account]}, which is of the same {of}"]
            for number, account in self._accounts
            if account in by_account
        }

    def _account_of(self, row: cells.Row) -> str:
        """Return the IRI of the account that a row tells of; empty where its key is wrong."""
        faults: list[tuple[str, str]] = []
        wanted = set(self._plan.key)
        for column in self._plan.columns:
            if column.name in wanted:
                wanted.update((*column.parts, *column.further))
        found = self._cells(row, faults)
        meant = self._meant(found, faults, wanted) if found else {}
        whole = not faults and any(meant[name] for name in self._plan.key)
        return self._account(row.number, meant) if whole else ""

    def finish(self, done: Converted) -> None:
        """Refuse the table where a row is wrong, or where no row is left."""
        if len(self._problems) == 1:
            raise self._problems[0]
        if self._problems:
            told = self._problems[:_MOST_PROBLEMS]
            if more := len(self._problems) - len(told):
                told.append(SyntaxProblem(f"There are {more:,} more faults.", self._label))
            raise UnreadableFilesError(told)
        if not done.rows:
            why = f" ({counted(len(done.bad), 'row')} left out)" if done.bad else ""
            message = f"No row below its heading becomes facts{why}."
            raise SyntaxProblem(message, self._label)

    def _amiss(self, done: Converted, row: int, column: str, why: str) -> None:
        told = f"column {column}: {why}" if column else why
        if self.skipping:
            done.bad.setdefault(row, []).append(told)
        else:
            end = "" if told.endswith((".", "?")) else "."
            self._problems.append(SyntaxProblem(f"{told}{end}", self._label, row))

    def _ready(self, row: cells.Row, done: Converted) -> _Ready | None:
        """Return a row as rows of VALUES; None where it is wrong."""
        faults: list[tuple[str, str]] = []
        found = self._cells(row, faults)
        meant = self._meant(found, faults) if found else {}
        for column, why in faults:
            self._amiss(done, row.number, column, why)
        return None if faults else self._written(row.number, meant)

    def _cells(self, row: cells.Row, faults: list[tuple[str, str]]) -> list[str]:
        """Return the cells of a row, as many as the heading has; none where they do not fit."""
        found, width = row.cells, len(self._heading)
        if (len(found) > width and any(found[width:])) or (len(found) < width and self.ragged):
            faults.append(("", f"it has {counted(len(found), 'cell')}, and the heading {width}"))
            return []
        found = found[:width] + [""] * (width - len(found))
        for cell, heading in zip(found, self._heading, strict=True):
            if cell and not heading:
                faults.append(("", f"{cell[:40]!r} stands under no heading"))
        return found

    def _meant(
        self,
        found: list[str],
        faults: list[tuple[str, str]],
        wanted: Container[str] | None = None,
    ) -> dict[str, list[Meaning]]:
        """Return what the cells of a row mean, by the names of columns: of all, or of some."""
        meant: dict[str, list[Meaning]] = {}
        places = [each for each in self._places if wanted is None or each[0].name in wanted]
        for column, at, beside in places:
            cell, label = found[at] if at >= 0 else "", found[beside] if beside >= 0 else ""
            meant[column.name] = meanings = []
            if not cell and not label:
                if column.required and not column.parts:
                    faults.append((column.name, "it is empty, and each row needs it"))
                continue
            for text, name in _values(column, cell, label):
                try:
                    meanings.append(self._resolver.meaning(column, text, name))
                except AmissError as error:
                    faults.append((column.name, str(error)))
        for column, _, _ in places if not faults else []:
            if meant[column.name] or not column.parts:
                continue
            if all(meant[name] for name in column.parts):
                parts = [each for name in (*column.parts, *column.further) for each in meant[name]]
                try:
                    meant[column.name] = [self._resolver.made_of(column, parts)]
                except AmissError as error:
                    faults.append((column.name, str(error)))
            elif column.required:
                faults.append((column.name, f"fill it in, or {' and '.join(column.parts)}"))
        return meant

    def _written(self, number: int, meant: dict[str, list[Meaning]]) -> _Ready:
        account, passage = self._account(number, meant), f"{self._iri}/passage/row-{number}"
        given = {
            "row": str(number),
            "account": f"<{account}>",
            "passage": f"<{passage}>",
            "source": f"<{self._iri}>",
            "voice": f"<{self._voice}>",
        }
        rows = []
        items = max([len(meant[name]) for name in self._several], default=1) or 1
        for item in range(items):
            given["item"] = str(item + 1)
            terms = [
                self._term(meant[name], item if name in self._several else 0, end)
                if name in meant
                else given[name]
                for name, _, end in self._used
            ]
            rows.append(f"({number} {' '.join(terms)})")
        return _Ready(number, account, passage, " ".join(rows))

    def _account(self, number: int, meant: dict[str, list[Meaning]]) -> str:
        parts = (each.end for name in self._plan.key for each in meant[name])
        key = "-".join(filter(None, parts)) or f"row-{number}"
        return f"{self._iri}/account/{key}"

    @staticmethod
    def _term(meanings: list[Meaning], at: int, end: str) -> str:
        """Return what stands for a variable; the value of a column of one stands for each item."""
        if at >= len(meanings):
            return "UNDEF"
        if end:
            text = meanings[at].new if end == "new" else meanings[at].text
            return str(Literal(text)) if text else "UNDEF"
        return meanings[at].term or "UNDEF"

    def _convert(
        self, out: IO[bytes], batch: Sequence[_Ready], seen: set[int], done: Converted
    ) -> None:
        """Run the mapping over rows, and write what it makes, row by row, with their passages."""
        text = f"{self._start}{' '.join(each.values for each in batch)}{self._end}"
        facts: dict[int, list[bytes]] = {}
        own, mark = f"<{self._iri}/".encode(), f"<{mapping.MARKS}".encode()
        lines = facts.setdefault(0, [])
        made = self._made_of(text, len(batch))
        # the engine gives what a template makes from its end to its beginning
        backwards = made.startswith(f"<{mapping.MARKS}row> <{mapping.MARKS}last>".encode())
        for line in made.splitlines(keepends=True):
            if line.startswith(own):
                lines.append(line)
            elif line.startswith(mark):
                lines = facts.setdefault(int(line.split(b'"', 2)[1]), [])
            elif (known := hash(line)) not in seen:  # what several rows tell of a thing
                seen.add(known)
                lines.append(line)
        for row in batch:
            told = b"".join(facts.get(row.number, ())[:: -1 if backwards else 1])
            if not told:
                self._amiss(done, row.number, "", "the mapping makes nothing of it")
                continue
            done.rows += 1
            done.lines.append(self._line)
            done.numbers.append(row.number)
            self._write(out, self._evidence(row) + told)

    def _made_of(self, text: str, rows: int) -> bytes:
        """Run a CONSTRUCT over no graph, and return what it makes as N-Triples."""

        def work() -> bytes:
            found = Store().query(text)
            return bytes(found.serialize(format=RdfFormat.N_TRIPLES))  # type: ignore[arg-type]

        try:
            return self._worker.limited(work, self._timeout, None)
        except LimitError as error:
            raise LimitError(
                f"{self._plan.path}: the mapping took more than {self._timeout:g} s for "
                f"{counted(rows, 'row')}. Simplify it, or allow more with --timeout."
            ) from error

    def _evidence(self, row: _Ready) -> bytes:
        fragment = f"{row.passage}/fragment"
        return (
            f"<{row.passage}> <{vocabulary.RDF_TYPE}> <{vocabulary.PASSAGE_CLASS}> .\n"
            f"<{row.passage}> <{vocabulary.OA_HAS_SOURCE}> <{self._iri}> .\n"
            f"<{row.passage}> <{vocabulary.OA_HAS_SELECTOR}> <{fragment}> .\n"
            f"<{fragment}> <{vocabulary.RDF_TYPE}> <{vocabulary.OA_FRAGMENT}> .\n"
            f'<{fragment}> <{vocabulary.RDF_VALUE}> "row={row.number}" .\n'
            f"<{fragment}> <{vocabulary.DCTERMS_CONFORMS_TO}> <{_RFC_7111}> .\n"
        ).encode()


class _Ready(NamedTuple):
    """A row as a query takes it: its number, account and passage, and its rows of VALUES."""

    number: int
    account: str
    passage: str
    values: str


def _values(column: Column, cell: str, label: str) -> list[tuple[str, str]]:
    """Return the values of a cell, each with the name beside it; or the names alone."""
    if not column.several or isinstance(cell, cells.Fault):
        return [(cell, label)] if cell else [(label, "")]
    own, beside = _parts(cell), _parts(label)
    if not own:
        return [(each, "") for each in beside]
    # names that do not fit one by one fit none, and are found out
    return list(zip(own, beside if len(beside) == len(own) else [label] * len(own), strict=True))


def _parts(cell: str) -> list[str]:
    return [each for part in cell.split(_SEVERAL) if (each := part.strip())]


def _places(plan: Mapping, heading: Sequence[str], label: str) -> list[tuple[Column, int, int]]:
    """Return each column of the mapping with its place, and that of names beside it, or -1.

    Raises:
        SyntaxProblem: a column stands twice.
    """
    own: dict[str, int] = {}
    beside: dict[str, int] = {}
    for at, each in enumerate(heading):
        column = plan.column(each)
        labelled = None if column else plan.labelled(each)
        found, places = (column, own) if column else (labelled, beside)
        if found is None:
            continue
        if found.name in places:
            raise SyntaxProblem(f"The column {each[:40]!r} stands twice.", label, 1)
        places[found.name] = at
    return [(each, own.get(each.name, -1), beside.get(each.name, -1)) for each in plan.columns]


def _once(content: Path, done: Converted) -> None:
    """Write each line of a file of facts once, where rows of several batches tell the same."""
    seen: set[int] = set()
    whole = content.with_suffix(".once")
    gone: list[int] = []
    with content.open("rb") as lines, whole.open("wb") as out:
        for number, line in enumerate(lines, 1):
            known = hash(line)
            if known in seen:
                gone.append(number)
            else:
                seen.add(known)
                out.write(line)
    whole.replace(content)
    done.lines = array("q", (each - bisect_left(gone, each) for each in done.lines))


def _date(told: str) -> str:
    for datatype in _DATES:
        if datatypes.well_formed(told, datatype):
            return _typed(told, datatype)
    raise DragomanError(
        f"--date {told}: that is no date: write it as in 2026-11-22, or 2026-11 or 2026 where no "
        "more is known."
    )


def _iri(iri: str) -> str:
    return f"<{iri}>"


def _typed(text: str, datatype: str) -> str:
    return f'"{text}"^^<{datatype}>'


def _line(triple: tuple[str, str, str]) -> str:
    return f"<{triple[0]}> <{triple[1]}> {triple[2]} .\n"
