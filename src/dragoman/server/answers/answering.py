"""Answers of the endpoint in the W3C's formats, written while the engine finds them.

The engine writes rows itself. What it writes otherwise than `results` does, and what tells that an
answer was cut, is put right in the bytes that pass.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from pyoxigraph import QueryResultsFormat, QuerySolutions

from dragoman import labels
from dragoman.errors import DragomanError
from dragoman.results import Result
from dragoman.server.problems import Refusal
from dragoman.store import in_order, read
from dragoman.syntax.clauses import with_slice
from dragoman.syntax.lexer import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dragoman.server.exchange import Stream
    from dragoman.store import LocalStore
    from dragoman.syntax import QueryText

FORMATS: Final[Mapping[str, QueryResultsFormat]] = {
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
}
# What stands between two rows, or behind each; in a text it may stand, too, which does no harm.
_BETWEEN: Final = {"json": b"},{", "xml": b"</result>", "csv": b"\n", "tsv": b"\n"}
_JSON_END: Final = b"]}}"
# What XML 1.0 has no way to say, escaped or not.
_UNSPEAKABLE: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
CUT: Final = ("dragoman-cut", "rows")


class Asked(NamedTuple):
    """A query and what it is asked of.

    Attributes:
        query: the checked text.
        store: the index, or a store with the graphs that were chosen.
        prefixes: those of the base.
        default: the graphs that make the default graph; None for all.
        named: the graphs that `GRAPH` sees; None for all.
        most: how many rows or triples the answer may have.
        base_iri: what relative IRIs in the text are resolved against.
    """

    query: QueryText
    store: LocalStore
    prefixes: Mapping[str, str]
    default: tuple[str, ...] | None = None
    named: tuple[str, ...] | None = None
    most: int = 1_000_000
    base_iri: str | None = None

    def run(self, query: QueryText) -> tuple[Any, tuple[str, ...]]:
        """Ask a query of the same graphs."""
        return self.store.asked(query, self.prefixes, self.default, self.named, self.base_iri)


def write_rows(asked: Asked, form: str, stream: Stream) -> None:
    """Write the answer of a SELECT.

    Raises:
        SyntaxProblem: the engine does not accept the text; with line and column.
        Refusal: it is cut, and the format has no way to say so.
        DragomanError: XML cannot hold a character of the answer.
    """
    rows = _Rows(form, stream, asked.most)
    with asked.store.problems(asked.query):
        found = _solutions(asked, stream)
        if found is None:
            _write_read(asked, form, stream)
            return
        found.serialize(cast("Any", rows), FORMATS[form])
    rows.end(cut=rows.many + 1 >= asked.most and _has_more(asked))


def _solutions(asked: Asked, stream: Stream) -> QuerySolutions | None:
    """Return the rows, as many as there may be, in the order of the columns as written.

    None where the text cannot be rewritten for that.
    """
    query = asked.query
    if query.limit is None or query.limit > asked.most:
        query = query._replace(text=with_slice(query, asked.most, query.offset))
    try:
        found, warnings = asked.run(query)
        if query.star:
            names = [each.value for each in found.variables]
            ordered = [names[index] for index in in_order(query, names)]
            if ordered != names:
                found, warnings = asked.run(query._replace(text=_unstarred(query.text, ordered)))
    except SyntaxError:
        return None
    tell(stream, (*query.warnings, *warnings))
    return cast("QuerySolutions", found)


def _unstarred(text: str, names: Sequence[str]) -> str:
    """Return a `SELECT *` with its columns written out."""
    star = next(each for each in tokens(text) if each.text == "*")
    return f"{text[: star.start]} {' '.join(f'?{each}' for each in names)} {text[star.end :]}"


def _has_more(asked: Asked) -> bool:
    """Return whether there are more rows than an answer may have."""
    query = asked.query
    if query.limit is not None and query.limit <= asked.most:
        return False
    text = with_slice(query, 1, query.offset + asked.most)
    found, _ = asked.run(query._replace(text=text))
    return next(iter(found), None) is not None


class _Rows:
    """Takes what the engine writes, and passes it on as it should be.

    Attributes:
        many: how many rows there were, less one, or more than that.
    """

    def __init__(self, form: str, stream: Stream, most: int) -> None:
        self.many = 0
        self._form = form
        self._stream = stream
        self._most = most
        self._between = _BETWEEN[form]
        self._before = b""
        self._kept = b""

    def write(self, data: bytes) -> int:
        """Take the next bytes."""
        size, between = len(data), self._between
        # What began in the bytes before may end in these.
        self.many += (self._before[1 - len(between) :] + data).count(between)
        if self._form == "xml":
            if _UNSPEAKABLE.search(self._before[-2:] + data):
                raise DragomanError("XML cannot hold a character of the answer. Ask for JSON.")
            self._before = data
            # A bare one would reach the reader as a line feed, and some trim others at the ends.
            for each in (b"\r", b"\n", b"\t"):
                if each in data:
                    data = data.replace(each, b"&#%d;" % each[0])
        else:
            self._before = data
        if self._form == "json":
            data = self._kept + data
            self._kept, data = data[-len(_JSON_END) :], data[: -len(_JSON_END)]
        self._stream.write(data)
        return size

    def flush(self) -> None:
        """Do nothing: the stream sends blocks of its own size."""

    def end(self, *, cut: bool) -> None:
        """Write the end, which says whether the answer was cut."""
        said = f"The answer has more than {self._most:,} rows; these are the first."
        if cut and not self._stream.begun:
            self._stream.headers.append(CUT)
        if self._form == "json":
            more = b',"cut":%s' % json.dumps(said).encode() if cut else b""
            self._stream.write(_JSON_END[:2] + more + b"}\n")
        elif self._form == "xml":
            self._stream.write(f"<!-- {said} -->\n".encode() if cut else b"\n")
        elif cut:
            raise _uncuttable(self._form, self._most)


def _uncuttable(form: str, most: int) -> Refusal:
    what, advice = ("rows", ", or ask for json") if form in FORMATS else ("triples", "")
    return Refusal(
        400,
        f"The answer has more than {most:,} {what}, and {form} has no way to say that these are "
        f"not all. Add LIMIT, and OFFSET for the next ones{advice}.",
    )


def _write_read(asked: Asked, form: str, stream: Stream) -> None:
    """Write rows that have to be read first."""
    found, warnings = asked.run(asked.query)
    answer = read(found, asked.query, asked.most)
    tell(stream, (*asked.query.warnings, *warnings))
    _write_result(Result(answer), form, stream, asked.most)


def write_labelled(
    asked: Asked, form: str, stream: Stream, languages: str | Sequence[str] | None
) -> None:
    """Write rows with a column of labels beside each column of things; raises as `write_rows`."""
    wanted = labels.languages(languages)
    with asked.store.problems(asked.query):
        found, warnings = asked.run(asked.query)
        answer = read(found, asked.query, asked.most)
        tell(stream, (*asked.query.warnings, *warnings))
        naming = lambda things: labels.labels(asked.store, things, wanted)  # noqa: E731
        result = Result(answer, labelled=True, naming=naming)
        _write_result(result, form, stream, asked.most)


def _write_result(result: Result, form: str, stream: Stream, most: int) -> None:
    rows = _Rows(form, stream, most)
    text = result.written(form)
    if form in {"json", "xml"}:
        stream.write(text[: -len(_JSON_END) - 1] if form == "json" else text[:-1])
    else:
        stream.write(text)
    rows.end(cut=result.answer.cut)


def write_whole(asked: Asked, form: str, stream: Stream) -> None:
    """Write the answer of an ASK, a CONSTRUCT or a DESCRIBE.

    Raises:
        SyntaxProblem: the engine does not accept the text; with line and column.
        Refusal: it has more triples than it may.
        DragomanError: XML cannot hold a character of the answer.
    """
    with asked.store.problems(asked.query):
        found, warnings = asked.run(asked.query)
        answer = read(found, asked.query, asked.most)
    if answer.cut:
        raise _uncuttable(form, asked.most)
    tell(stream, (*asked.query.warnings, *warnings))
    shown = {**asked.prefixes, **asked.query.prefixes}
    stream.write(Result(answer, shown, asked.query.text).written(form))


def tell(stream: Stream, warnings: Sequence[str]) -> None:
    """Say in the head of an answer what is to be known about it."""
    if not stream.begun:
        stream.headers.extend(_headers(warnings))


def _headers(warnings: Sequence[str]) -> Iterator[tuple[str, str]]:
    for each in dict.fromkeys(warnings):
        text = " ".join(each.split()).encode("ascii", "backslashreplace").decode()
        yield "dragoman-warning", re.sub(r"[^\x20-\x7e]", "?", text[:1000])
