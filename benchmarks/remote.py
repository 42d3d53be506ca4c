"""Measure asking a store elsewhere beside bare HTTP calls that read the same answers."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import httpx
import pyoxigraph
from measuring import Findings, Ratio, command, process

import dragoman
import graph_stores
from dragoman import remote
from dragoman.base import packaged_base

if TYPE_CHECKING:
    from collections.abc import Callable

    from dragoman.api import KnowledgeBase
    from dragoman.syntax import QueryText
    from graph_stores import Server

_GOAL: Final = 1.2
_QUESTION: Final = "delegations"
_TYPE: Final = "application/sparql-query"
_ACCEPT: Final = "application/sparql-results+json"
_BARE: Final = """
import httpx, sys
url, query, accept = sys.argv[1:]
print(len(httpx.post(url, data={"query": query}, headers={"Accept": accept}).content))
"""


def measure_remote(findings: Findings, repeats: int) -> None:
    """Ask the saved queries of an Oxigraph server that has the base and its merge, both ways."""
    with tempfile.TemporaryDirectory() as temporary:
        try:
            with graph_stores.oxigraph(Path(temporary)) as server:
                _load(server)
                _measure(findings, server, repeats, Path(temporary))
        except graph_stores.NotInstalledError as error:
            findings.facts["Oxigraph"] = str(error)


def _load(server: Server) -> None:
    for source in packaged_base().sources("ontology", "data"):
        quads = pyoxigraph.parse(path=source.path)
        content = pyoxigraph.serialize(quads, format=pyoxigraph.RdfFormat.N_TRIPLES)
        server.put(source.graph, content or b"")
    merge = b"INSERT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }"
    server.request("POST", server.update, merge, Content_Type="application/sparql-update")


def _measure(findings: Findings, server: Server, repeats: int, empty: Path) -> None:
    base = dragoman.open(packaged_base().root, endpoint=server.url)
    endpoint = base.source
    assert isinstance(endpoint, remote.Endpoint)  # noqa: S101
    texts = {each.name: base.prepared(each).text for each in base.questions()}
    with httpx.Client() as client:
        ours: dict[str, list[float]] = {name: [] for name in texts}
        bare: dict[str, list[float]] = {name: [] for name in texts}
        # the first turn warms both sides
        for turn in range(4 * repeats + 1):
            for name, query in texts.items():
                took = (_timed(_asked(base, query)), _timed(_sent(client, server, query)))
                if turn:
                    ours[name].append(took[0])
                    bare[name].append(took[1])
    times = [sum(median(way[name]) for name in texts) for way in (ours, bare)]
    least = sum(min(ours[name]) for name in texts) / sum(min(bare[name]) for name in texts)
    findings.ratios.append(
        Ratio(
            f"{len(texts)} saved queries asked of Oxigraph's server, one after the other",
            f"{1000 * times[0]:.0f} ms",
            f"bare HTTP calls {1000 * times[1]:.0f} ms",
            times[0] / times[1],
            _GOAL,
            f"of the least {least:.2f}",
        )
    )
    _measure_process(findings, server, texts[_QUESTION], repeats, empty)


def _measure_process(
    findings: Findings, server: Server, query: QueryText, repeats: int, empty: Path
) -> None:
    asked = [*command(), "query", _QUESTION, "--endpoint", server.url]
    bare = [sys.executable, "-c", _BARE, server.query, query.text, _ACCEPT]
    took: tuple[list[float], list[float]] = ([], [])
    for turn in range(repeats + 1):
        for way, arguments in zip(took, (asked, bare), strict=True):
            run = process(arguments, empty)
            if turn:
                way.append(run.seconds)
    findings.ratios.append(
        Ratio(
            f"`dragoman query {_QUESTION} --endpoint URL`, a process",
            f"{1000 * median(took[0]):.0f} ms",
            f"python with httpx and one call {1000 * median(took[1]):.0f} ms",
            median(took[0]) / median(took[1]),
            note="finds out the kind and the default graph, too: 5 requests",
        )
    )


def _asked(base: KnowledgeBase, query: QueryText) -> Callable[[], object]:
    source, prefixes = base.source, base.prefixes
    return lambda: source.query(query, prefixes=prefixes)


def _sent(client: httpx.Client, server: Server, query: QueryText) -> Callable[[], object]:
    headers = {"Accept": _ACCEPT, "Content-Type": _TYPE}
    body = query.text.encode()
    return lambda: client.post(server.query, content=body, headers=headers).content


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
