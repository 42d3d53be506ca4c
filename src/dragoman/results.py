"""Answers of queries as tables, and every format they are written in."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from dragoman import syntax, tables, turtle, vocabulary
from dragoman.errors import DragomanError, MissingLibraryError, UnknownNameError, counted
from dragoman.labels import is_derived
from dragoman.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from typing import TypeGuard

    import pandas as pd
    import polars as pl

    from dragoman.store import Answer, Row, Term

# What the rows of a SELECT and the answer of an ASK are written in.
TABLE_FORMATS: Final = ("table", "csv", "tsv", "json", "xml", "md", "html")
# What the triples of a CONSTRUCT or DESCRIBE are written in, besides all names of syntax.FORMATS.
GRAPH_FORMATS: Final = ("turtle", "ntriples", "nquads", "trig", "rdfxml", "jsonld")
HTML_ROWS: Final = 200
PRINTED: Final = 20
# Columns that say where a row is told, and not what: machine formats have them, and `show` does.
_WHERE_TOLD: Final = re.compile(r"(?:(?:\w*S|s)ource|(?:\w*A|a)ccount|(?:\w*P|p)assage)s?[A-Z]?")

# An IRI that a question gives as a text, for it has the least of several.
_ABSOLUTE: Final = re.compile(r"(?:https?|urn):[^\s]+")
_NUMBERS: Final = frozenset(f"{vocabulary.XSD}{each}" for each in ("integer", "decimal", "double"))


class Heading(NamedTuple):
    """What stands above the answer of a saved question.

    Attributes:
        title: what was asked.
        values: the values of each parameter, by its name; without any, all count.
    """

    title: str
    values: tuple[tuple[str, tuple[Term, ...]], ...] = ()


@dataclass(frozen=True)
class Result:
    """The answer of a query: rows (SELECT), truth (ASK) or triples (CONSTRUCT, DESCRIBE).

    Iterating gives one dictionary of Python values per row; `rows` has the RDF terms. In a notebook
    it shows itself as a table.

    Attributes:
        answer: what the engine returned.
        prefixes: how IRIs are shortened where people read them.
        text: the SPARQL text that was run.
        warnings: what to know about the answer, one line each.
        heading: what was asked, where it is a saved question.
        labelled: whether machines, too, get a column `xLabel` beside a column `x` of things.
        naming: gives the labels of things, by their IRIs; None for no labels.
        for_machines: columns that are left out where people read.
    """

    answer: Answer
    prefixes: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    warnings: tuple[str, ...] = ()
    heading: Heading | None = None
    labelled: bool = False
    naming: Callable[[Collection[str]], Mapping[str, Literal]] | None = None
    for_machines: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns, in the order written."""
        return self._with_labels[0] if self.labelled else self.answer.columns

    @property
    def rows(self) -> tuple[Row, ...]:
        """Return the rows as RDF terms; None where a variable is unbound."""
        return self._with_labels[1] if self.labelled else self.answer.rows

    @property
    def triples(self) -> tuple[Triple, ...]:
        """Return the triples of a CONSTRUCT or DESCRIBE."""
        return self.answer.triples

    @cached_property
    def labels(self) -> Mapping[str, Literal]:
        """The labels of the things in the rows and in the heading, by their IRIs."""
        if self.naming is None:
            return {}
        told = self.heading.values if self.heading else ()
        cells = [*self.answer.rows, *(terms for _, terms in told)]
        return self.naming({each.value for row in cells for each in row if _is_iri(each)})

    @cached_property
    def _with_labels(self) -> tuple[tuple[str, ...], tuple[Row, ...]]:
        """The columns and rows with a label beside each thing.

        A column of things of which one at least has a label gets one of labels; not where the query
        selects one of that name itself. Without a label stands the last part of the IRI.
        """
        answer = self.answer
        last = _last_part(self.prefixes)
        labels: dict[int, dict[str, Literal]] = {}
        for index, name in enumerate(answer.columns):
            if f"{name}Label" in answer.columns:
                continue
            things = {each.value for row in answer.rows if _is_iri(each := row[index])}
            if any(each in self.labels and not is_derived(each) for each in things):
                labels[index] = {
                    each: self.labels.get(each) or Literal(last(each)) for each in things
                }
        if not labels:
            return answer.columns, answer.rows
        columns: list[str] = []
        for index, name in enumerate(answer.columns):
            columns += [name, f"{name}Label"] if index in labels else [name]

        def widened(row: Row) -> Iterator[Term | None]:
            for index, term in enumerate(row):
                yield term
                if index in labels:
                    yield labels[index].get(term.value) if _is_iri(term) else None

        return tuple(columns), tuple(tuple(widened(row)) for row in answer.rows)

    def __len__(self) -> int:
        return len(self.answer)

    def __bool__(self) -> bool:
        """Return the answer of an ASK, else whether there is any row or triple."""
        return bool(len(self.answer)) if self.answer.truth is None else self.answer.truth

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for row in self.rows:
            yield {name: value(term) for name, term in zip(self.columns, row, strict=True)}

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a pandas DataFrame of Python values (see `value`).

        Raises:
            MissingLibraryError: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise _missing("pandas") from error
        return pd.DataFrame(list(self), columns=list(self.columns))

    def to_polars(self) -> pl.DataFrame:
        """Return the rows as a polars DataFrame of Python values (see `value`).

        Raises:
            MissingLibraryError: polars is not installed.
        """
        try:
            import polars as pl
        except ImportError as error:
            raise _missing("polars") from error
        return pl.DataFrame(
            list(self), schema=list(self.columns), infer_schema_length=None, strict=False
        )

    def __str__(self) -> str:
        """Return a short table, as wide as the terminal; how much is left out stands below."""
        import shutil

        from dragoman.store import Answer

        if self.answer.truth is not None:
            return str(self.answer.truth).lower()
        answer, noun = replace(self.answer, rows=self.answer.rows[:PRINTED]), "row"
        if self.answer.form in {"CONSTRUCT", "DESCRIBE"}:
            noun = "triple"
            rows = tuple((x.subject, x.predicate, x.object) for x in self.triples[:PRINTED])
            answer = Answer("SELECT", ("subject", "predicate", "object"), rows)
        total = f"{counted(len(self), noun)}{' or more' if self.answer.cut else ''}"
        rest = f", the first {PRINTED} shown" if len(self) > PRINTED else ""
        width = shutil.get_terminal_size((tables.LINE, 24)).columns
        shown = replace(self, answer=answer, naming=self.naming if noun == "row" else None)
        return f"{table(shown, width)}({total}{rest})"

    def _repr_html_(self) -> str:
        return _html(self, HTML_ROWS)

    def written(self, format: str) -> bytes:  # noqa: A002  as everywhere else
        """Return the answer in a format.

        CSV, TSV, JSON and XML follow the W3C's SPARQL 1.1 result formats; an ASK is `true` or
        `false` where a format has no other form for it. Triples are sorted, so that equal answers
        are equal bytes.

        Raises:
            UnknownNameError: no such format for this form of query; naming the nearest.
            DragomanError: XML cannot hold a character of the answer.
        """
        if self.answer.form in {"CONSTRUCT", "DESCRIBE"}:
            return self._graph(format)
        writers: dict[str, Callable[[Result], str]] = {
            "table": table,
            "csv": _csv,
            "tsv": _tsv,
            "json": _json,
            "xml": _xml,
            "md": _markdown,
            "html": _page,
        }
        name = {"markdown": "md", "text": "table"}.get(format.casefold(), format.casefold())
        if name not in writers:
            raise UnknownNameError("format", format, TABLE_FORMATS, f"for {self.answer.form}")
        if self.answer.truth is not None and name not in {"json", "xml"}:
            return f"{str(self.answer.truth).lower()}\n".encode()
        return writers[name](self).encode()

    def spreadsheet(self) -> bytes:
        """Return CSV that is safe to open in a spreadsheet program.

        What would be taken for a formula gets an apostrophe in front, also behind a semicolon or a
        tab, which may divide cells; a byte order mark tells the encoding. Not the W3C's CSV: to be
        looked at, not read back.
        """
        if self.answer.truth is not None or self.answer.form in {"CONSTRUCT", "DESCRIBE"}:
            raise UnknownNameError(
                "format", "spreadsheet", GRAPH_FORMATS, f"for {self.answer.form}"
            )
        lines = [self.columns, *(tuple(map(_inert, row)) for row in self.rows)]
        text = "".join(",".join(f'"{_quoted(cell)}"' for cell in line) + "\r\n" for line in lines)
        return b"\xef\xbb\xbf" + text.encode()

    def _graph(self, format: str) -> bytes:  # noqa: A002
        try:
            chosen = syntax.rdf_format(format)
        except UnknownNameError:
            where = f"for {self.answer.form}"
            raise UnknownNameError("format", format, syntax.FORMATS, where) from None
        triples = sorted(set(self.triples), key=str)
        if chosen in {RdfFormat.TURTLE, RdfFormat.TRIG}:  # one graph without a name is the same
            return turtle.written(triples, self.prefixes)
        used = {
            prefix: space
            for prefix, space in self.prefixes.items()
            if any(space in str(triple) for triple in triples)
        }
        return serialize(triples, format=chosen, prefixes=used) or b""


def value(term: Term | None) -> Any:  # noqa: ANN401, PLR0911  whatever the datatype says
    """Return the Python value of a term.

    IRIs are their text, numbers int or float, booleans bool, whole dates `datetime.date`, other
    literals their text; None where unbound or where a value has no Python counterpart.
    """
    if term is None or isinstance(term, NamedNode):
        return term and term.value
    if not isinstance(term, Literal):
        return str(term)
    local = term.datatype.value.removeprefix(vocabulary.XSD)
    try:
        match local:
            case "integer":
                return int(term.value)
            case "decimal" | "double" | "float":
                return float(term.value)
            case "boolean":
                return {"true": True, "1": True, "false": False, "0": False}[term.value]
            case "date":
                return dt.date.fromisoformat(term.value)
            case "dateTime":
                return dt.datetime.fromisoformat(term.value)
    except (ValueError, KeyError):
        pass  # years before 1 and dates with a zone have no Python counterpart: keep the text
    return term.value


def _missing(library: str) -> MissingLibraryError:
    wanted = "'dragoman[dataframe]'" if library == "pandas" else library
    return MissingLibraryError(f"{library} is not installed. Install it: pip install {wanted}")


# ------------------------------------------------------------------ for people


class Cell(NamedTuple):
    """A cell as people read it: its text, and the IRI of the thing that it is about, if any."""

    text: str
    iri: str | None = None


class Sheet(NamedTuple):
    """Some rows of an answer as people read them.

    Attributes:
        columns: names of the columns that are shown, the same whichever rows are.
        rows: the cells of the rows.
        numeric: names of the columns that hold numbers and nothing else.
        left_out: names of the columns that are for machines.
        empty: names of the columns that no row of the answer has a value in.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: frozenset[str] = frozenset()
    left_out: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()


def sheet(
    result: Result,
    start: int = 0,
    stop: int | None = None,
    by: str = "",
    *,
    backwards: bool = False,
) -> Sheet:
    """Return some rows as people read them; only what these show is looked up.

    Args:
        result: the answer of a SELECT.
        start: the first row, counted from zero.
        stop: the row after the last one; None for the end.
        by: a column by which all rows are sorted before: by labels, numbers, or texts; rows without
            a value come last.
        backwards: sort from the last to the first.

    Raises:
        UnknownNameError: there is no such column.
    """
    answer = result.answer
    kept, _, numeric, left_out, empty = _columns(result, answer.columns, answer.rows)
    rows: Sequence[Row] = answer.rows
    if by:
        if by not in answer.columns:
            raise UnknownNameError("column", by, answer.columns)
        rows = _sorted(result, answer.columns.index(by), backwards=backwards)
    part = replace(result, answer=replace(answer, rows=tuple(rows[start:stop])))
    columns, shown = part._with_labels  # noqa: SLF001  as for a view
    places, worded = _places(columns), _worded(part)
    cells = tuple(tuple(worded(row, places[name]) for name in kept) for row in shown)
    return Sheet(kept, cells, numeric, left_out, empty)


def _sorted(result: Result, at: int, *, backwards: bool) -> list[Row]:
    from dragoman.names import fold

    rows = result.answer.rows
    things = {each.value for row in rows if _is_iri(each := row[at])}
    labels = result.naming(things) if result.naming else {}
    last = _last_part(result.prefixes)

    def key(row: Row) -> tuple[float, str]:
        term = row[at]
        if isinstance(number := value(term), (int, float)):
            return number, ""
        label = labels.get(term.value) if _is_iri(term) else None
        return 0, fold(label.value if label else _cell(term, last))

    told = [row for row in rows if row[at] is not None]
    untold = [row for row in rows if row[at] is None]
    return [*sorted(told, key=key, reverse=backwards), *untold]


class _View(NamedTuple):
    """An answer as people read it: a thing and its label share one column, IRIs are shortened.

    Attributes:
        columns: names of the columns; `partyLabel` has become part of `party`.
        rows: the texts of the cells.
        links: the IRI behind each cell, or None.
        numeric: which columns hold numbers and nothing else.
        heading: what stands above: the title, what was asked for, and what all rows tell alike,
            where the columns would be too many with it.
        left_out: names of the columns that are for machines.
        empty: names of the columns that no row has a value in.
        as_table: whether its columns are few enough for a table.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    links: tuple[tuple[str | None, ...], ...]
    numeric: frozenset[int]
    heading: tuple[str, ...]
    left_out: tuple[str, ...]
    empty: tuple[str, ...]
    as_table: bool
    by_voices: bool

    @property
    def below(self) -> str:
        """What stands below the rows."""
        told = [f"No value: {', '.join(self.empty)}."] if self.empty else []
        if self.left_out:
            told.append(f"Not shown: {', '.join(self.left_out)}. All columns: -f csv.")
            told += ["Who says so: dragoman show THING."] if self.by_voices else []
        return " ".join(told)


class _Columns(NamedTuple):
    """What people see of the columns of an answer.

    Attributes:
        kept: the names of those that are shown.
        at: where each stands: `party`, and `partyLabel` that has become part of it.
        numeric: those that hold numbers and nothing else.
        left_out: those that are for machines.
        empty: those that no row has a value in.
    """

    kept: tuple[str, ...]
    at: Mapping[str, Sequence[int]]
    numeric: frozenset[str]
    left_out: tuple[str, ...]
    empty: tuple[str, ...]


def _columns(result: Result, columns: Sequence[str], rows: Sequence[Row]) -> _Columns:
    names = _places(columns)
    left_out = _left_out(result, rows, names)
    kept = [name for name in names if name not in left_out]
    # nothing is told of a table without rows, and a table has one column at least
    empty = [name for name in kept if all(row[names[name][0]] is None for row in rows)]
    if not rows or len(empty) == len(kept):
        empty = []
    kept = [name for name in kept if name not in empty]
    numbers = {
        name for name in kept if all(_is_number(row[at]) for row in rows for at in names[name])
    }
    # what one value fixes stands above
    told = result.heading.values if result.heading else ()
    fixed = {name for name, terms in told if len(terms) == 1}
    kept = [name for name in kept if name not in fixed] or kept
    return _Columns(tuple(kept), names, frozenset(numbers), left_out, tuple(empty))


def _places(columns: Sequence[str]) -> dict[str, list[int]]:
    """Return where each column stands; a column of labels is one with that of the things."""
    names: dict[str, list[int]] = {}
    for index, name in enumerate(columns):
        thing = name.removesuffix("Label")
        names.setdefault(thing or name, []).append(index)
    return names


def _worded(result: Result) -> Callable[[Row, Sequence[int]], Cell]:
    """Return a function that gives a cell as people read it: the label, where there is one."""
    short = syntax.readable(result.prefixes)
    last = _last_part(result.prefixes) if result.heading and result.naming else short

    def worded(row: Row, places: Sequence[int]) -> Cell:
        terms = [row[at] for at in reversed(places) if row[at] is not None]
        text = visible(_cell(terms[0] if terms else None, last))
        return Cell(text, next((each.value for each in terms if _is_iri(each)), None))

    return worded


def _view(result: Result) -> _View:
    """Return an answer as people read it."""
    columns, rows = result._with_labels  # noqa: SLF001  the view is the other half of a result
    kept, names, numbers, left_out, empty = _columns(result, columns, rows)
    worded = _worded(result)
    texts: dict[str, list[str]] = {name: [] for name in kept}
    links: dict[str, list[str | None]] = {name: [] for name in kept}
    for row in rows:
        for name in kept:
            text, link = worded(row, names[name])
            texts[name].append(text)
            links[name].append(link)

    def fits(columns: Sequence[str]) -> bool:
        numeric = {at for at, name in enumerate(columns) if name in numbers}
        return tables.fits(columns, numeric if rows else ())

    same: list[str] = []
    if not fits(kept) and len(rows) > 1:
        same = [name for name in kept if len(set(texts[name])) == 1]
        if len(same) == len(kept) or not fits([name for name in kept if name not in same]):
            same = []
    kept = tuple(name for name in kept if name not in same)
    alike = "; ".join(f"{name} {texts[name][0]}" for name in same if texts[name][0])
    return _View(
        kept,
        tuple(zip(*(texts[name] for name in kept), strict=True)),
        tuple(zip(*(links[name] for name in kept), strict=True)),
        frozenset(at for at, name in enumerate(kept) if name in numbers),
        (
            *_heading(result, syntax.readable(result.prefixes)),
            *((f"In all rows: {alike}",) if alike else ()),
        ),
        left_out,
        empty,
        fits(kept),
        result.heading is not None,
    )


def _is_number(term: Term | None) -> bool:
    return term is None or (isinstance(term, Literal) and term.datatype.value in _NUMBERS)


def _left_out(
    result: Result, rows: Sequence[Row], names: Mapping[str, Sequence[int]]
) -> tuple[str, ...]:
    """Return the columns of a saved question that are for machines: never the first.

    Where a row is told, and things of the record, which have no name.
    """
    if result.heading is None:
        return result.for_machines

    def is_for_machines(name: str, index: int) -> bool:
        iris = [row[index] for row in rows if row[index] is not None]
        if _WHERE_TOLD.fullmatch(name):
            return all(_is_iri(each) or _ABSOLUTE.fullmatch(_plain(each)) for each in iris)
        return bool(iris) and all(_is_iri(each) and is_derived(each.value) for each in iris)

    return tuple(
        name for name, indices in list(names.items())[1:] if is_for_machines(name, indices[0])
    )


def _heading(result: Result, short: Callable[[str], str]) -> tuple[str, ...]:
    """Return what was asked, and for which values."""
    if result.heading is None:
        return ()

    def told(term: Term) -> str:
        if not _is_iri(term):
            return str(getattr(term, "value", term))
        label = result.labels.get(term.value)
        return f"{label.value} ({short(term.value)})" if label else short(term.value)

    values = [
        f"{name}: {' or '.join(map(told, terms))}" for name, terms in result.heading.values if terms
    ]
    if free := [name for name, terms in result.heading.values if not terms]:
        values.append(f"{', '.join(free)}: all")
    return tuple(visible(each) for each in (result.heading.title, *values))


def _cell(term: Term | None, short: Callable[[str], str]) -> str:
    if term is None:
        return ""
    if isinstance(term, NamedNode):
        return short(term.value)
    return term.value if isinstance(term, Literal) else str(term)


def _is_iri(term: Term | None) -> TypeGuard[NamedNode]:
    return isinstance(term, NamedNode)


def _last_part(prefixes: Mapping[str, str]) -> Callable[[str], str]:
    """Return a function that gives the last part of an IRI: what stands behind its prefix."""
    short = syntax.readable(prefixes)

    def last(iri: str) -> str:
        name = short(iri)
        if not name.startswith("<"):
            return name.partition(":")[2]
        return re.split(r"[/#]", iri.rstrip("/#"))[-1] or iri

    return last


def table(result: Result, width: int = tables.LINE, *, color: bool = False) -> str:
    """Return the rows as a table of text, or as blocks of lines where they are too many columns.

    A thing and its label share a column. What is for machines is left out of a saved question, and
    named in the last line. Whether it is a table or blocks depends on the columns alone.
    """
    view = _view(result)
    above = "".join(f"{line}\n" for text in view.heading for line in tables.folded(text, width))
    below = "".join(f"{line}\n" for line in tables.folded(view.below, width) if line)
    if view.as_table:
        right = view.numeric
        body = tables.table(view.columns, view.rows, width, numeric=right, color=color)
    else:
        body = tables.blocks(view.columns, view.rows, width, color=color)
    return "\n".join(part for part in (above, body, below) if part)


def _markdown(result: Result) -> str:
    from html import escape

    def escaped(text: str) -> str:
        return re.sub(r"([\\|`*_\[\]])", r"\\\1", escape(text.replace("\n", " "), quote=False))

    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(map(escaped, cells))} |\n".replace("\r", "").replace("  |", " |")

    view = _view(result)
    title, *values = (*map(escaped, view.heading), "")
    above = f"**{title}** {'; '.join(filter(None, values))}".rstrip() + "\n\n" if title else ""
    head = line(view.columns) + f"|{' --- |' * len(view.columns)}\n"
    below = f"\n{escaped(view.below)}\n" if view.below else ""
    return above + head + "".join(map(line, view.rows)) + below


_STYLE: Final = """\
body { font-family: sans-serif; margin: 2em; }
table { border-collapse: collapse; }
th, td { border-bottom: 1px solid #ccc; padding: 0.3em 0.8em 0.3em 0; text-align: left; }
th, td { vertical-align: top; }"""


def _page(result: Result) -> str:
    """Return a page that a browser shows, with all rows."""
    from html import escape

    title = escape(visible(result.heading.title if result.heading else "Answer"))
    return (
        f'<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f"<style>\n{_STYLE}\n</style>\n</head>\n<body>\n{_html(result)}</body>\n</html>\n"
    )


def _html(result: Result, most: int | None = None) -> str:
    """Return a table, for notebooks, too, of so many rows.

    Everything is escaped; only http(s) IRIs become links.
    """
    from html import escape

    if result.answer.truth is not None:
        return f"<p>{str(result.answer.truth).lower()}</p>"
    if result.answer.form in {"CONSTRUCT", "DESCRIBE"}:
        return f"<pre>{escape(result.written('turtle').decode())}</pre>"
    view = _view(result)

    def shown(text: str, iri: str | None) -> str:
        if iri and re.match(r"https?://", iri):
            link = escape(iri)
            return f'<a href="{link}" rel="noopener noreferrer">{escape(text)}</a>'
        return escape(text)

    above = "<br>".join(map(escape, view.heading))
    above = f"<p>{above}</p>\n" if above else ""
    head = "".join(f"<th>{escape(name)}</th>" for name in view.columns)
    rows = "".join(
        f"<tr>{''.join(f'<td>{shown(*cell)}</td>' for cell in zip(*row, strict=True))}</tr>\n"
        for row in list(zip(view.rows, view.links, strict=True))[:most]
    )
    more = len(view.rows) - (most or len(view.rows))
    note = f"<p>and {more} more rows</p>\n" if more > 0 else ""
    note += f"<p>{escape(view.below)}</p>\n" if view.below else ""
    body = f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>"
    return f"{above}<table>\n{body}\n</table>\n{note}"


# ------------------------------------------------------------------ for machines


def _quoted(text: str) -> str:
    return text.replace('"', '""')


def _plain(term: Term | None) -> str:
    """Return a term as the CSV of SPARQL 1.1 has it: without its kind."""
    if term is None:
        return ""
    return str(term) if isinstance(term, (BlankNode, Triple)) else term.value


def _csv(result: Result) -> str:
    def cell(text: str) -> str:
        return f'"{_quoted(text)}"' if re.search('[",\r\n]', text) else text

    lines = [result.columns, *(map(_plain, row) for row in result.rows)]
    return "".join(",".join(map(cell, line)) + "\r\n" for line in lines)


# What a formula begins with, in any width.
_FORMULA: Final = "=+-\u2212@|%"
_NUMBER: Final = re.compile(r"[+-]?[0-9.]+([eE][+-]?[0-9]+)?")


def _inert(term: Term | None) -> str:
    """Return a text of which no part is taken for a formula: an apostrophe stands before it."""
    text = _plain(term)
    if isinstance(term, Literal) and _NUMBER.fullmatch(text):
        return text
    starts = {0} if text[:1] in {"\t", "\r"} else set()
    for found in re.finditer(r"[^\w\s]", text):
        if unicodedata.normalize("NFKC", found[0])[0] in _FORMULA:
            starts.add(_cell_start(text, found.start()))
    for start in sorted(starts - {-1}, reverse=True):
        text = f"{text[:start]}'{text[start:]}"
    return text


def _cell_start(text: str, place: int) -> int:
    """Return where a cell begins of which a character is the first that is not skipped; -1 if none.

    Programs skip white space and what is not seen. A cell begins with the text, and behind what may
    divide cells and quotes do not keep together, where a program is set to other separators than
    the comma (as in most of Europe).
    """
    start = place
    while start and unicodedata.category(text[start - 1])[0] in "CZM":
        start -= 1
    if not start or text[start - 1] in ";|":
        return start
    return next((at + 1 for at in range(start, place) if text[at] in "\t\r\n"), -1)


def _tsv(result: Result) -> str:
    def cell(term: Term | None) -> str:
        if term is None:
            return ""
        if isinstance(term, Literal) and (number := turtle.bare(term)):
            return number
        return str(term).replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")

    lines = [[f"?{name}" for name in result.columns], *(map(cell, row) for row in result.rows)]
    return "".join("\t".join(line) + "\n" for line in lines)


def _json(result: Result) -> str:
    import json

    def binding(term: Term) -> dict[str, Any]:
        if isinstance(term, NamedNode):
            return {"type": "uri", "value": term.value}
        if isinstance(term, BlankNode):
            return {"type": "bnode", "value": term.value}
        if isinstance(term, Triple):
            parts = zip(("subject", "predicate", "object"), term, strict=True)
            return {"type": "triple", "value": {name: binding(part) for name, part in parts}}
        found = {"type": "literal", "value": term.value}
        if term.language:
            found["xml:lang"] = term.language
            if term.direction:
                found["its:dir"] = term.direction.value
        elif term.datatype.value != vocabulary.XSD_STRING:
            found["datatype"] = term.datatype.value
        return found

    document: dict[str, Any]
    if result.answer.truth is not None:
        document = {"head": {}, "boolean": result.answer.truth}
    else:
        rows = [
            {
                name: binding(term)
                for name, term in zip(result.columns, row, strict=True)
                if term is not None
            }
            for row in result.rows
        ]
        document = {"head": {"vars": list(result.columns)}, "results": {"bindings": rows}}
    return json.dumps(document, ensure_ascii=False) + "\n"


def _xml(result: Result) -> str:
    from html import escape

    # What XML 1.0 has no way to say, escaped or not.
    unspeakable = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

    def escaped(text: str) -> str:
        if found := unspeakable.search(text):
            code = f"U+{ord(found[0]):04X}"
            raise DragomanError(f"XML cannot hold the character {code} of an answer. Use json.")
        # some readers trim white space that stands bare at either end
        return re.sub(r"[\t\n\r]|^\s|\s$", lambda space: f"&#{ord(space[0])};", escape(text))

    def element(term: Term) -> str:
        if isinstance(term, NamedNode):
            return f"<uri>{escaped(term.value)}</uri>"
        if isinstance(term, BlankNode):
            return f"<bnode>{escaped(term.value)}</bnode>"
        if isinstance(term, Triple):
            parts = zip(("subject", "predicate", "object"), term, strict=True)
            inner = "".join(f"<{name}>{element(part)}</{name}>" for name, part in parts)
            return f"<triple>{inner}</triple>"
        kind = ""
        if term.language:
            kind = f' xml:lang="{escaped(term.language)}"'
        elif term.datatype.value != vocabulary.XSD_STRING:
            kind = f' datatype="{escaped(term.datatype.value)}"'
        return f"<literal{kind}>{escaped(term.value)}</literal>"

    head = "".join(f'<variable name="{name}"/>' for name in result.columns)
    if result.answer.truth is not None:
        body = f"<boolean>{str(result.answer.truth).lower()}</boolean>"
    else:
        rows = (
            "".join(
                f'<binding name="{name}">{element(term)}</binding>'
                for name, term in zip(result.columns, row, strict=True)
                if term is not None
            )
            for row in result.rows
        )
        body = f"<results>{''.join(f'<result>{row}</result>' for row in rows)}</results>"
    return (
        '<?xml version="1.0"?>\n<sparql xmlns="http://www.w3.org/2005/sparql-results#">'
        f"<head>{head}</head>{body}</sparql>\n"
    )
