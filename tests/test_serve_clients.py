"""The endpoint asked by the clients that people have: each gets what it asks for, unconfigured."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import httpx
import pytest
from rdflib import Graph, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, N3, POST, RDFXML, TURTLE, XML, SPARQLWrapper

import arq
from dragoman.base import source_iri
from serving import TOKEN, serving
from small_base import DIP, small_base

NAMES = f"SELECT ?person ?name {{ ?person <{DIP}name> ?name }}"
TRIPLES = f"CONSTRUCT {{ ?person <{DIP}name> ?name }} WHERE {{ ?person <{DIP}name> ?name }}"
ANNA = "https://example.org/anna"
# What YASQE, the editor of YASGUI, sends with a query.
YASGUI = "application/sparql-results+json,*/*;q=0.9"
YASGUI_GRAPH = "text/turtle,*/*;q=0.9"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    base = small_base(tmp_path_factory.mktemp("asked") / "base")
    folder = tmp_path_factory.mktemp("log")
    with serving(base.root, folder, "--cors", "https://yasgui.example") as found:
        yield found


@pytest.mark.parametrize("method", ["GET", POST])
def test_sparqlwrapper_reads_every_format(method, server):
    wrapper = SPARQLWrapper(f"{server.url}/sparql")
    wrapper.setMethod(method)
    wrapper.setQuery(NAMES)
    wrapper.setReturnFormat(JSON)
    (row,) = wrapper.query().convert()["results"]["bindings"]
    assert (ANNA, "Anna") == (row["person"]["value"], row["name"]["value"])
    wrapper.setReturnFormat(XML)
    assert "Anna" in wrapper.query().convert().toxml()
    wrapper.setReturnFormat(CSV)
    assert f"person,name\r\n{ANNA},Anna\r\n".encode() == wrapper.query().convert()
    wrapper.setQuery(TRIPLES)
    for form in (TURTLE, N3):
        wrapper.setReturnFormat(form)
        assert b"Anna" in wrapper.query().convert()
    wrapper.setReturnFormat(RDFXML)
    assert 1 == len(wrapper.query().convert())
    wrapper.setQuery("ASK {}")
    wrapper.setReturnFormat(JSON)
    assert wrapper.query().convert()["boolean"] is True


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_reads_the_endpoint_as_a_graph(method, server):
    store = SPARQLStore(f"{server.url}/sparql", method=method, returnFormat="json")
    graph = Graph(store)
    assert [(ANNA, "Anna")] == [tuple(map(str, row)) for row in graph.query(NAMES)]
    assert "Anna" == str(graph.value(URIRef(ANNA), URIRef(f"{DIP}name")))
    assert bool(graph.query(f"ASK {{ <{ANNA}> ?p ?o }}"))
    assert 1 == len(graph.query(TRIPLES).graph)
    assert 8 < len(graph)


@pytest.mark.skipif(bool(arq.MISSING), reason=arq.WITHOUT_JENA)
def test_jena_asks_the_endpoint_from_afar(server):
    with arq.arq(f"{server.url}/sparql") as jena:
        (row,) = json.loads(jena.ask(NAMES))["results"]["bindings"]
        assert (ANNA, "Anna") == (row["person"]["value"], row["name"]["value"])


def test_a_page_of_yasgui_may_read_where_its_site_was_told(server):
    origin = {"origin": "https://yasgui.example"}
    allowed = httpx.options(
        f"{server.url}/sparql",
        headers=origin
        | {"access-control-request-method": "POST", "access-control-request-headers": "x-any"},
    )
    assert 204 == allowed.status_code
    assert "POST" in allowed.headers["access-control-allow-methods"]
    assert origin["origin"] == allowed.headers["access-control-allow-origin"]
    found = httpx.post(
        f"{server.url}/sparql", data={"query": NAMES}, headers=origin | {"accept": YASGUI}
    )
    assert 1 == len(found.json()["results"]["bindings"])
    assert origin["origin"] == found.headers["access-control-allow-origin"]
    found = httpx.post(
        f"{server.url}/sparql", data={"query": TRIPLES}, headers=origin | {"accept": YASGUI_GRAPH}
    )
    assert found.headers["content-type"].startswith("text/turtle")
    stranger = httpx.get(
        f"{server.url}/sparql", params={"query": NAMES}, headers={"origin": "https://other.example"}
    )
    assert "access-control-allow-origin" not in stranger.headers


def dragoman(base, *arguments: str, text: str = "", **variables: str):
    return subprocess.run(
        [sys.executable, "-m", "dragoman", "--base", str(base), *arguments],
        input=text, capture_output=True, text=True, check=False, env={**os.environ, **variables},
    )  # fmt: skip


def test_the_command_asks_the_endpoint_and_brings_its_graphs_home(server, tmp_path):
    base = small_base(tmp_path / "base").root
    where = f"{server.url}/sparql"
    asked = dragoman(base, "query", "--endpoint", where, "-", "-f", "csv", text=NAMES)
    assert (0, f"person,name\n{ANNA},Anna\n") == (asked.returncode, asked.stdout), asked.stderr
    out = dragoman(base, "export", "--endpoint", where, source_iri("persons"), "-f", "nt")
    assert 0 == out.returncode, out.stderr
    assert 3 == out.stdout.count("\n")
    checked = dragoman(base, "validate", "--endpoint", where)
    assert 1 == checked.returncode, checked.stderr
    assert "exactly one name" in checked.stdout


def test_the_command_reads_an_answer_that_is_cut_in_parts(tmp_path):
    base = small_base(tmp_path / "base")
    lines = "".join(f'<urn:n:{n}> <{DIP}name> "{n}" .\n' for n in range(250))
    (base.root / "data" / "many.nt").write_text(lines)
    empty = small_base(tmp_path / "empty").root
    with serving(base.root, tmp_path, "--rows", "100") as server:
        where = f"{server.url}/sparql"
        asked = dragoman(empty, "query", "--endpoint", where, "-", "-f", "csv", text=NAMES)
        assert (0, 252) == (asked.returncode, asked.stdout.count("\n")), asked.stderr
        cut = httpx.get(where, params={"query": NAMES}).json()
        assert 100 == len(cut["results"]["bindings"])
        assert "more than 100 rows" in cut["cut"]


def test_the_command_pushes_sources_to_the_server_which_checks_them(tmp_path):
    there, here = small_base(tmp_path / "there").root, small_base(tmp_path / "here").root
    (here / "data" / "news.ttl").write_text(f'<urn:news> <{DIP}name> "news" .\n')
    (here / "data" / "bad.ttl").write_text(f"<urn:bad> a <{DIP}Person> .\n")
    with serving(there, tmp_path, "--write") as server:
        (tmp_path / "dragoman").mkdir()
        (tmp_path / "dragoman" / "stores.toml").write_text(
            f'[stores.ours]\nkind = "dragoman"\nurl = "{server.url}"\nsecret-env = "TOKEN"\n'
        )
        told = {"XDG_CONFIG_HOME": str(tmp_path), "TOKEN": TOKEN}
        pushed = dragoman(here, "push", "ours", "--source", "news", **told)
        assert 0 == pushed.returncode, pushed.stderr
        assert "Proven lossless" in pushed.stdout
        refused = dragoman(here, "push", "ours", "--source", "bad", **told)
        assert 2 == refused.returncode
        assert "422" in refused.stderr
    assert ["news.nt", "persons.ttl"] == sorted(each.name for each in (there / "data").iterdir())
