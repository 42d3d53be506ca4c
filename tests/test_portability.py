"""The saved queries on other engines: Oxigraph's server, Jena ARQ and Virtuoso give our rows.

Each question is asked of the base and of the base with the invented world. Where a pinned answer
is, the rows must be the pinned ones, else those of the index; their order counts. (rdflib is
compared in test_saved_queries.py.)
"""

from __future__ import annotations

import csv
import io
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
import SPARQLWrapper

import arq
import graph_stores
import pinned
from conftest import running
from dragoman import record, store, vocabulary
from dragoman.base import DATA, ONTOLOGY, Base

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parent.parent
BASE = Base(ROOT, "it is under test")
NT = ox.RdfFormat.N_TRIPLES
WORLD = sorted((ROOT / "tests" / "world").glob("*.ttl"))
QUERIES = sorted((ROOT / "queries").glob("*.rq"))
PINS = {"base": pinned.ON_BASE, "world": pinned.ON_WORLD}
ENGINES = [(engine, on) for engine in ("Oxigraph", "Jena", "Virtuoso") for on in PINS]
TRUTHS = {"0": "false", "1": "true"}  # as Virtuoso spells them


@cache
def facts(on: str) -> store.LocalStore:
    index = store.load(BASE, ONTOLOGY, DATA)
    for path in WORLD if on == "world" else []:
        store.load_file(index.store, path, f"{vocabulary.SOURCE_GRAPH}{path.stem}")
    store.merge(index.store)
    record.derived(index.store, record.read(BASE))
    return index


def graphs(on: str) -> tuple[str, ...]:
    """The graphs of files, and the record."""
    return (*facts(on).graphs(), vocabulary.RECORD_GRAPH)


def merged(on: str) -> bytes:
    triples = {quad.triple for graph in graphs(on) for quad in facts(on).quads(graph)}
    return ox.serialize(triples, format=NT)


@pytest.fixture(scope="module", params=ENGINES, ids="-".join)
def engine(request, tmp_path_factory) -> Iterator[tuple[str, Callable[[str], str]]]:
    """What an engine holds, the base with or without the world, and a way to ask it.

    It answers in SPARQL JSON.
    """
    kind, on = request.param
    if kind == "Virtuoso":
        # A server of its own for each: once asked, Virtuoso 7.2.5 goes wrong on paths of
        # any length over facts that come later, until it is started anew.
        with running(graph_stores.virtuoso, tmp_path_factory.mktemp("virtuoso")) as server:
            for graph in graphs(on):
                triples = (quad.triple for quad in facts(on).quads(graph))
                server.put(graph, ox.serialize(triples, format=NT))
            yield on, lambda text: over_http(server.query, text)
    elif kind == "Oxigraph":
        with running(graph_stores.oxigraph, tmp_path_factory.mktemp("oxigraph")) as server:
            status, _ = server.request(
                "PUT", f"{server.graphs}?default", merged(on), Content_Type=NT.media_type
            )
            assert status in {201, 204}
            yield on, lambda text: over_http(server.query, text)
    else:
        if arq.MISSING:
            pytest.skip(arq.WITHOUT_JENA)
        file = tmp_path_factory.mktemp("facts") / "facts.nt"
        file.write_bytes(merged(on))
        with arq.arq(file) as jena:
            yield on, jena.ask


def over_http(address: str, text: str) -> str:
    client = SPARQLWrapper.SPARQLWrapper(address)
    client.setTimeout(120)  # a store that hangs fails one test, and holds up no other
    client.setQuery(text)
    client.setMethod(SPARQLWrapper.POST)  # long queries do not fit into an address
    client.setReturnFormat(SPARQLWrapper.JSON)
    return client.query().response.read().decode("utf-8")


def rows(answer: str) -> list[list[str]]:
    """Return the columns and the rows of SPARQL JSON results, as SPARQL's CSV spells them."""
    found = json.loads(answer)
    columns = found["head"]["vars"]
    return [columns] + [
        [spelt(row[name]) if name in row else "" for name in columns]
        for row in found["results"]["bindings"]
    ]


def spelt(term: dict[str, str]) -> str:
    value = term["value"]
    return TRUTHS.get(value, value) if term.get("datatype", "").endswith("#boolean") else value


def expected(on: str, path: Path) -> tuple[str, list[list[str]]]:
    """Return a query as it is asked of the facts, and its answer."""
    pin = PINS[on] / f"{path.stem}.csv"
    if pin.exists():
        with pin.open(encoding="utf-8", newline="") as table:
            return pinned.text_for(pin), list(csv.reader(table))
    text = path.read_text(encoding="utf-8")
    answer = facts(on).store.query(text).serialize(format=ox.QueryResultsFormat.CSV)
    return text, list(csv.reader(io.StringIO(answer.decode("utf-8"), newline="")))


def test_there_are_queries_and_an_invented_world():
    assert QUERIES
    assert WORLD


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_another_engine_gives_the_same_rows_in_the_same_order(engine, path):
    on, ask = engine
    text, answer = expected(on, path)
    assert answer == rows(ask(text))
