"""Measure `dragoman serve` beside the engine, and beside Oxigraph's server with the same facts.

Both servers are asked in turns, over connections that stay open, by a client that does no more than
send and receive; nothing is asked twice, so that nothing that is kept counts.
"""

from __future__ import annotations

import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from measuring import Findings, Ratio, process
from pyoxigraph import DefaultGraph, NamedNode, QueryResultsFormat, QuerySolutions, RdfFormat

import dragoman
import graph_stores
from dragoman import vocabulary
from serving import serving
from world import write_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyoxigraph import Store

_CLIENTS: Final = 32
_ROWS: Final = 100_000
_ONCE: Final = 400
_SECONDS: Final = 3.0
_MORE: Final = 0.0015  # seconds that one row may take more than in the engine


@dataclass
class _Asked:
    """What was measured of one server: seconds, each a list over all turns."""

    address: str
    path: str
    one: list[float] = field(default_factory=list)
    rows: list[float] = field(default_factory=list)
    light: list[list[float]] = field(default_factory=list)
    heavy: list[list[float]] = field(default_factory=list)


def measure_serve(findings: Findings, wanted: int, seed: int, repeats: int) -> None:
    """Serve a world, and the same facts by Oxigraph, and ask both."""
    with tempfile.TemporaryDirectory() as temporary:
        folder, base = Path(temporary), Path(temporary) / "base"
        process([sys.executable, "-m", "dragoman", "init", str(base)], folder)
        write_world(base / "data" / "world", wanted, seed)
        store = dragoman.open(base).store.store
        dump, place = folder / "facts.nq", folder / "oxigraph"
        dump.write_bytes(store.dump(format=RdfFormat.N_QUADS) or b"")
        place.mkdir()
        program = shutil.which("oxigraph", path=str(Path(sys.executable).parent))
        if program is None:
            findings.facts["Oxigraph"] = "its server is not installed, so nothing was served"
            return
        load = [program, "load", "--location", str(place / "db"), "--file", str(dump)]
        subprocess.run(load, check=True, capture_output=True)  # noqa: S603
        with (
            serving(base, folder) as ours,
            graph_stores.oxigraph(place, read_only=True) as theirs,
        ):
            _measure(
                findings,
                store,
                _Asked(ours.url, "/sparql"),
                _Asked(theirs.url, "/query"),
                repeats,
            )


def _measure(findings: Findings, store: Store, own: _Asked, other: _Asked, repeats: int) -> None:
    kind = NamedNode(vocabulary.RDF_TYPE)
    found = islice(store.quads_for_pattern(None, kind, None, DefaultGraph()), 10_000)
    things = [each.subject for each in found if isinstance(each.subject, NamedNode)]
    numbers = count()

    def one() -> str:
        number = next(numbers)
        return f"SELECT ?t {{ {things[number % len(things)]} a ?t }} LIMIT 1 # {number}"

    def heavy() -> str:
        return f"SELECT (COUNT(?o) AS ?n) {{ ?s a {rare} . ?s ?p ?o }} # {next(numbers)}"

    rare = _class_of_some(store)
    bare = [_timed(lambda: _answer(store, one()))
            for _ in range(_ONCE)]  # fmt: skip
    many = f"SELECT ?s ?p ?o {{ ?s ?p ?o }} LIMIT {_ROWS}"
    for turn in range(repeats + 1):  # the first turn warms both sides
        for asked in (own, other):
            took = (
                list(_one_by_one(asked, one, _ONCE)),
                list(_one_by_one(asked, lambda: f"{many} # {next(numbers)}", 2)),
                _at_once(asked, one),
                _at_once(asked, heavy),
            )
            if turn:
                asked.one += took[0]
                asked.rows += took[1]
                asked.light.append(took[2])
                asked.heavy.append(took[3])
    engine = median(_timed(lambda: _answer(store, heavy()))
                    for _ in range(5))  # fmt: skip
    more = median(own.one) - median(bare)
    findings.ratios += [
        Ratio(
            "one row over HTTP, what it takes more than in the engine",
            f"{1000 * more:.2f} ms",
            f"{1000 * _MORE:.1f} ms",
            more / _MORE,
            1.0,
            f"engine {1000 * median(bare):.2f} ms; Oxigraph {1000 * median(other.one):.2f} ms",
        ),
        _ratio(f"{_ROWS:,} rows over HTTP", median(own.rows), median(other.rows), 1 / 0.8),
        *_together("one row", own.light, other.light, 1 / 0.15),
        *_together(f"counts of {1000 * engine:.0f} ms", own.heavy, other.heavy, 1 / 0.8),
    ]


def _answer(store: Store, text: str) -> bytes | None:
    found = store.query(text)
    assert isinstance(found, QuerySolutions)  # noqa: S101
    return found.serialize(None, QueryResultsFormat.JSON)


def _class_of_some(store: Store) -> NamedNode:
    """Return a class of which a count takes some milliseconds: with about ten thousand facts."""
    text = "SELECT ?t { ?s a ?t . ?s ?p ?o } GROUP BY ?t ORDER BY ABS(COUNT(*) - 10000) LIMIT 1"
    ((term,),) = store.query(text)  # type: ignore[misc]
    assert isinstance(term, NamedNode)  # noqa: S101
    return term


def _ratio(what: str, own: float, other: float, goal: float) -> Ratio:
    return Ratio(what, f"{1000 * own:.1f} ms", f"{1000 * other:.1f} ms", own / other, goal)


def _together(
    what: str, own: list[list[float]], other: list[list[float]], goal: float
) -> Iterator[Ratio]:
    """Yield how many answers a second there were, and how much the slowest of ours took."""
    speeds = [median(len(each) / _SECONDS for each in way) for way in (own, other)]
    yield Ratio(
        f"{what}, {_CLIENTS} clients at once: seconds for each answer",
        f"{speeds[0]:,.0f} answers/s",
        f"{speeds[1]:,.0f} answers/s",
        speeds[1] / speeds[0],
        goal,
    )
    took = sorted(each for way in own for each in way)
    slow, usual = took[int(0.99 * len(took))], median(took)
    yield Ratio(
        f"{what}, {_CLIENTS} clients at once: the slowest of a hundred",
        f"{1000 * slow:.1f} ms",
        f"{1000 * usual:.1f} ms, the median",
        slow / usual,
        10,
    )


# ------------------------------------------------------------------ a client


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _request(asked: _Asked, text: str) -> bytes:
    return (
        f"GET {asked.path}?query={quote(text)} HTTP/1.1\r\nHost: {urlsplit(asked.address).netloc}"
        "\r\nAccept: application/sparql-results+json\r\n\r\n"
    ).encode()


def _connected(asked: _Asked) -> socket.socket:
    where = urlsplit(asked.address)
    found = socket.create_connection((where.hostname, where.port))
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return found


def _is_whole(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    if not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"A server does not answer: {answer[:500]!r}")
    length = head.lower().partition(b"content-length:")[2]
    return len(body) >= int(length.split()[0]) if length else body.endswith(b"\r\n0\r\n\r\n")


def _one_by_one(asked: _Asked, text: Callable[[], str], times: int) -> Iterator[float]:
    with _connected(asked) as connection:
        for _ in range(times):
            request, answer = _request(asked, text()), bytearray()
            start = time.perf_counter()
            connection.sendall(request)
            while not (len(answer) < 1 << 16 and _is_whole(bytes(answer))):
                if len(answer) >= 1 << 16 and answer.endswith(b"\r\n0\r\n\r\n"):
                    break
                answer += connection.recv(1 << 20)
            yield time.perf_counter() - start


def _at_once(asked: _Asked, text: Callable[[], str]) -> list[float]:
    """Return what each answer took, of clients that ask again as soon as they have one."""
    took: list[float] = []
    with selectors.DefaultSelector() as selector:
        started: dict[socket.socket, float] = {}
        answers: dict[socket.socket, bytes] = {}

        def send(connection: socket.socket) -> None:
            request = _request(asked, text())
            answers[connection], started[connection] = b"", time.perf_counter()
            connection.sendall(request)

        for _ in range(_CLIENTS):
            connection = _connected(asked)
            selector.register(connection, selectors.EVENT_READ, connection)
            send(connection)
        end = time.perf_counter() + _SECONDS
        while time.perf_counter() < end:
            for key, _ in selector.select(1):
                connection = key.data
                answers[connection] += connection.recv(1 << 16)
                if _is_whole(answers[connection]):
                    took.append(time.perf_counter() - started[connection])
                    send(connection)
        for connection in started:
            connection.close()
    return took
