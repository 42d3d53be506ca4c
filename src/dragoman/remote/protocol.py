"""Sending queries by the SPARQL 1.1 Protocol (W3C 2013), and reading the answers exactly."""

from __future__ import annotations

import re
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast
from urllib.parse import parse_qsl, urlsplit

from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from dragoman import vocabulary
from dragoman.errors import DragomanError
from dragoman.remote.http import AGENT, plain_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyoxigraph import Quad

    from dragoman.remote.http import Client, Reply
    from dragoman.store import Row

RESULTS: Final = "application/sparql-results+json, application/sparql-results+xml;q=0.8"
GRAPH: Final = "application/n-triples, text/turtle;q=0.8, application/rdf+xml;q=0.5"
_LONGEST_GET: Final = 500
_RESULT_TYPES: Final = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "application/xml": QueryResultsFormat.XML,
    "text/xml": QueryResultsFormat.XML,
}
GRAPH_TYPES: Final = {
    "application/n-triples": RdfFormat.N_TRIPLES,
    "text/plain": RdfFormat.N_TRIPLES,
    "text/turtle": RdfFormat.TURTLE,
    "application/x-turtle": RdfFormat.TURTLE,
    "application/rdf+xml": RdfFormat.RDF_XML,
}
# What Virtuoso writes otherwise than the standard.
# How our own server says, behind all rows, that there are more.
_CUT: Final = re.compile(rb',"cut":"[^"]*"(?=\}\s*\Z)')
_BLANK: Final = re.compile(rb'("type"\s*:\s*"bnode"\s*,\s*"value"\s*:\s*")nodeID://')
_BOOLEAN: Final = re.compile(
    rb'("datatype"\s*:\s*"' + re.escape(f"{vocabulary.XSD}boolean").encode() + rb'"\s*,'
    rb'\s*"value"\s*:\s*")([01])"'
)


_DURATION: Final = re.compile(
    rb'(duration"\s*,\s*"value"\s*:\s*"|duration">)(-?)([0-9]{1,18})(\.[0-9]+)?(?=["<])'
)
_NUMBER: Final = re.compile(
    rb'(")(-?)([0-9]{1,18})(\.[0-9]+)?(?="\^\^<'
    + re.escape(vocabulary.XSD).encode()
    + rb"(?:d|dayTimeD|yearMonthD)uration>)"
)


class Rows(NamedTuple):
    """The answer of a SELECT or an ASK.

    Attributes:
        columns: names of the columns.
        rows: the rows, None where unbound.
        truth: the answer of an ASK.
        most: where the store says that it cuts its answers; 0 where it says nothing.
    """

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    truth: bool | None
    most: int


def asked(
    client: Client,
    text: str,
    form: str,
    params: Iterable[tuple[str, str]] = (),
    fine: Iterable[int] = (),
) -> Reply:
    """Return the answer to a query: asked by GET where it is short, else by POST.

    Args:
        client: the store's connections.
        text: the query, checked.
        form: SELECT, ASK, CONSTRUCT or DESCRIBE.
        params: further parameters, as `default-graph-uri`.
        fine: further statuses that are an answer, and no error.

    Raises:
        StoreError: the store did not answer.
    """
    from SPARQLWrapper import GET, POST, POSTDIRECTLY, URLENCODED

    plain, _, own = client.profile.query.partition("?")
    wrapper = _wrapper()(plain, agent=AGENT)
    # The library would look for the form by an expression that long texts hold up.
    wrapper.queryString, wrapper.queryType = text, form
    wrapper.client, wrapper.fine = client, fine
    wrapper.setOnlyConneg(True)
    wrapper.setRequestMethod(POSTDIRECTLY if client.profile.kind.direct else URLENCODED)
    further = [*parse_qsl(own, keep_blank_values=True), *params]
    for name, value in further:
        wrapper.addParameter(name, value)
    length = len(text) + sum(len(name) + len(value) for name, value in further)
    wrapper.setMethod(GET if length < _LONGEST_GET else POST)
    accept = RESULTS if form in {"SELECT", "ASK"} else GRAPH
    wrapper.addCustomHttpHeader("Accept", accept)
    return cast("Reply", wrapper.query().response)


@cache
def _wrapper() -> type[Any]:
    from SPARQLWrapper import SPARQLWrapper

    class Wrapper(SPARQLWrapper):
        """Asks over the connections of a store, not by `urllib`.

        That opens a connection for each query, sends the secret on with a redirect to another host,
        and has no end to the reading of an answer that comes in drops.
        """

        client: Client
        fine: Iterable[int]

        def setQuery(self, query: str | bytes) -> None:  # noqa: N802  the library's name
            self.queryString, self.queryType = str(query), "SELECT"

        def _query(self) -> tuple[Any, str]:
            made = self._createRequest()
            headers, content = dict(made.header_items()), cast("bytes | None", made.data)
            reply = self.client.request(
                self.method,
                made.full_url,
                headers=headers,
                content=content,
                safe=True,
                fine=self.fine,
            )
            return reply, self.returnFormat

    return Wrapper


def within(graph: str | None, pattern: str) -> str:
    """Return a pattern so that it means one named graph; None is the store's default graph.

    Raises:
        DragomanError: the name is no IRI.
    """
    if graph is None:
        return pattern
    try:
        return f"GRAPH {NamedNode(graph)} {{ {pattern} }}"
    except ValueError as error:
        raise DragomanError(f"{graph!r} is no IRI, so no graph.") from error


def read_rows(client: Client, reply: Reply) -> Rows:
    """Read the answer of a SELECT or an ASK.

    What a kind writes otherwise than the standard is mended: labels of blank nodes, booleans, and
    durations that come as numbers.

    Raises:
        StoreError: it is no such answer, is damaged, or says that it is not complete.
    """
    check_type(client, reply, _RESULT_TYPES, "rows")
    content = reply.content
    kind = _RESULT_TYPES[reply.media_type]
    if reply.header("dragoman-row-limit"):
        content = content[:-500] + _CUT.sub(b"", content[-500:])
    if b"nodeID://" in content:
        content = _BLANK.sub(rb"\1", content).replace(b"<bnode>nodeID://", b"<bnode>")
    if b"typed-literal" in content:
        # in a text the quotation marks would be escaped
        content = content.replace(b'"typed-literal"', b'"literal"')
        content = _BOOLEAN.sub(_as_word, content)
    if "durations" in client.profile.kind.respells:
        content = _DURATION.sub(_as_duration, content)
    columns, rows, truth, damage = _taken(content, kind)
    if damage:
        raise client.problem(f"its answer is damaged: {damage}")
    _check_whole(client, reply)
    most = reply.header("x-sparql-maxrows") or reply.header("dragoman-row-limit") or ""
    return Rows(columns, rows, truth, int(most) if most.isdecimal() else 0)


def _taken(
    content: bytes, kind: QueryResultsFormat
) -> tuple[tuple[str, ...], tuple[Row, ...], bool | None, str]:
    """Return columns, rows, truth, and what is damaged.

    The engine's solutions must end in the thread that has made them: no error may carry them away.
    """
    found: QueryBoolean | QuerySolutions | None = None
    try:
        found = parse_query_results(content, kind)
        if isinstance(found, QueryBoolean):
            return (), (), bool(found), ""
        columns = tuple(variable.value for variable in found.variables)
        return columns, tuple(map(tuple, found)), None, ""
    except (SyntaxError, ValueError, OSError) as error:
        found = None
        return (), (), None, _reason(error)


def read_triples(client: Client, reply: Reply) -> Sequence[Triple]:
    """Read the answer of a CONSTRUCT or a DESCRIBE; raises what `read_rows` does."""
    check_type(client, reply, GRAPH_TYPES, "triples")
    content, damage = reply.content, ""
    found: list[Triple] = []
    try:
        found = [quad.triple for quad in parsed(content, reply.media_type)]
    except (SyntaxError, ValueError, OSError) as error:
        damage = _reason(error)
    if damage:  # outside, for the parser must end in this thread
        raise client.problem(f"its answer is damaged: {damage}")
    _check_whole(client, reply)
    return found


def read_lines(client: Client, reply: Reply) -> list[bytes]:
    """Read the answer of a CONSTRUCT as lines of N-Triples; raises what `read_rows` does."""
    check_type(client, reply, GRAPH_TYPES, "triples")
    if GRAPH_TYPES[reply.media_type] != RdfFormat.N_TRIPLES:
        return [f"{triple} .\n".encode() for triple in read_triples(client, reply)]
    _check_whole(client, reply)
    # of nothing, Virtuoso says in a comment that it is nothing
    return [
        line + b"\n"
        for line in reply.content.split(b"\n")
        if line.strip() and not line.startswith(b"#")
    ]


def with_durations(lines: bytes) -> bytes:
    """Return N-Triples in which durations that came as numbers are durations."""
    return _NUMBER.sub(_as_duration, lines)


def parsed(content: bytes, media_type: str) -> Iterable[Quad]:
    """Parse triples of a media type; raises what the parser does."""
    return parse(BytesIO(content), GRAPH_TYPES[media_type])


def check_type(client: Client, reply: Reply, known: Iterable[str], wanted: str) -> None:
    """Refuse what is no answer of the protocol.

    Raises:
        StoreError: saying what came instead.
    """
    if reply.media_type in known:
        return
    words = plain_words(b"".join(_some(reply)), reply.media_type)
    said = f": {words}" if words else ""
    if "html" in reply.media_type:
        raise client.problem(
            f"a web page came instead of {wanted}{said}. Is {_path(client)} the address for "
            "queries? It often ends with /sparql or /query",
            reply.status,
        )
    kind = reply.media_type or "something without a type"
    raise client.problem(f"{kind} came instead of {wanted}{said}", reply.status)


def _check_whole(client: Client, reply: Reply) -> None:
    if state := reply.header("x-sql-state"):
        said = reply.header("x-sql-message") or state
        raise client.problem(f"it stopped before the answer was complete: {said}")


def _some(reply: Reply) -> Iterable[bytes]:
    size = 0
    for block in reply.blocks() if not reply.was_read else (reply.content,):
        yield block
        size += len(block)
        if size > 65536:
            return


def _path(client: Client) -> str:
    parts = urlsplit(client.profile.query)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _as_word(found: re.Match[bytes]) -> bytes:
    return found[1] + (b"true" if found[2] == b"1" else b"false") + b'"'


def _as_duration(found: re.Match[bytes]) -> bytes:
    """Return the duration that Virtuoso gives as a whole number of months, or of seconds."""
    start, sign, whole, part = found.groups()
    number = int(whole)
    if part is None:
        years, months = divmod(number, 12)
        told = f"{years}Y" * bool(years) + f"{months}M" * bool(months) or "0M"
    else:
        minutes, seconds = divmod(number, 60)
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        rest = part.decode().rstrip("0").rstrip(".")
        clock = f"{hours}H" * bool(hours) + f"{minutes}M" * bool(minutes)
        clock += f"{seconds}{rest}S" * bool(seconds or rest)
        told = f"{days}D" * bool(days) + f"T{clock}" * bool(clock) or "T0S"
    return b"%b%bP%b" % (start, sign, told.encode())


def _reason(error: Exception) -> str:
    words = error.msg if isinstance(error, SyntaxError) else str(error)
    return " ".join((words or "it ends too early").split())[:200].rstrip(".")
