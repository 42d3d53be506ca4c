"""The Graph Store Protocol: graphs are sources, and a write is checked before it counts."""

from __future__ import annotations

import hashlib
import json
from urllib.parse import quote

import httpx
import pytest
from pyoxigraph import RdfFormat, parse
from rdflib import Graph
from rdflib.compare import isomorphic

from dragoman.base import source_iri
from serving import TOKEN, serving
from small_base import DIP, small_base
from test_serve_endpoint import CNT, HT, requests_of, send, statuses

WRITER = {"authorization": f"Bearer {TOKEN}"}
TURTLE = {"content-type": "text/turtle"}
# The graphs of the W3C's cases, as they are called where each graph is a source.
NAMES = {
    "http%3A%2F%2Fwww.example%2Fgsp%2Fperson%2F": quote(source_iri("person-"), safe=""),
    "http://www.example/gsp/person/": source_iri("person-"),
    "/gsp/person/": "/data/person-",
    "/gsp": "/data",
    ".ttl": "",  # a source's name has no suffix
}
# What of the W3C's cases has to be refused by design, with the status that says so.
REFUSED = {
    # A name that a source cannot have: `%31`.
    "PUT/PUT/GET/GET (indirect graph identification; checking that we decode percent-encoding "
    "only once  — for the request URL query — and not twice)": (1, 400),
    # The default graph is the merge of all.
    "PUT/GET on the default graph": (0, 405),
    # A graph that is posted is not put together with one that is there.
    "Two iterations os POST/GET, with the second using multipart/form-data (direct graph "
    "identification)": (2, 415),
    "Two iterations os POST/GET, with the second using multipart/form-data  (indirect graph "
    "identification)": (2, 415),
}
FOAF = """
@prefix owl: <http://www.w3.org/2002/07/owl#> .
<http://xmlns.com/foaf/0.1/Person> a owl:Class .
<http://www.w3.org/2006/vcard/ns#VCard> a owl:Class .
<http://xmlns.com/foaf/0.1/businessCard> a owl:ObjectProperty .
<http://www.w3.org/2006/vcard/ns#fn> a owl:DatatypeProperty .
<http://www.w3.org/2006/vcard/ns#given-name> a owl:DatatypeProperty .
<http://www.w3.org/2006/vcard/ns#family-name> a owl:DatatypeProperty .
"""


def person(name: str, *, named: bool = True) -> str:
    said = f' ; <{DIP}name> "{name}"' if named else ""
    return f"<https://example.org/{name}> a <{DIP}Person>{said} .\n"


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    found = small_base(tmp_path_factory.mktemp("written") / "base")
    (found.root / "ontology" / "foaf.ttl").write_text(FOAF)
    return found


@pytest.fixture(scope="module")
def server(base, tmp_path_factory):
    with serving(base.root, tmp_path_factory.mktemp("log"), "--write") as found:
        yield found


@pytest.fixture
def client(server, base):
    with httpx.Client(base_url=server.url, timeout=60) as found:
        yield found
        for each in (base.root / "data").iterdir():
            if each.name != "persons.ttl":
                found.delete(f"/data/{each.stem}", headers=WRITER)


def state(base) -> dict[str, str]:
    return {
        str(each.relative_to(base.root)): hashlib.sha256(each.read_bytes()).hexdigest()
        for each in sorted(base.root.rglob("*.*"))
        if each.is_file() and ".dragoman" not in each.parts
    }


@pytest.mark.parametrize(
    "case", requests_of("graph-store-protocol", "manifest-direct.ttl", "manifest-indirect.ttl")
)
def test_the_cases_of_the_graph_store_protocol_hold_and_what_is_refused_says_so(case, client):
    name, graph, steps = case
    refused_at, status = REFUSED.get(name, (None, 0))
    location = ""
    for number, step in enumerate(steps):
        path = str(graph.value(step, HT.absolutePath)).replace("$LOCATION$", quote(location))
        found = send(client, graph, step, path, NAMES, **WRITER)
        if number == refused_at:
            assert status == found.status_code, found.text
            assert found.text.strip().endswith(".")
            return
        answer = graph.value(step, HT.resp)
        assert str(found.status_code) in statuses(graph, answer), found.text
        location = found.headers.get("location", location)
        body = graph.value(answer, HT.body)
        if body is not None:
            wanted = Graph().parse(data=str(graph.value(body, CNT.chars)), format="turtle")
            assert isomorphic(wanted, Graph().parse(data=found.content, format="turtle"))


def test_a_graph_is_added_read_replaced_and_removed_and_the_next_read_sees_it(client, base):
    where = f"/data?graph={quote(source_iri('new'))}"
    question = {"query": f'ASK {{ ?s <{DIP}name> "Bela" }}'}
    assert 404 == client.get(where).status_code
    put = client.put(where, content=person("Anna2"), headers=WRITER | TURTLE)
    assert 201 == put.status_code
    assert put.headers["location"].endswith("/data/new")
    assert person("Anna2") == (base.root / "data" / "new.ttl").read_text()
    assert client.get("/sparql", params=question).json()["boolean"] is False
    assert 200 == client.put(where, content=person("Bela"), headers=WRITER | TURTLE).status_code
    assert client.get("/sparql", params=question).json()["boolean"] is True
    assert 200 == client.delete(where, headers=WRITER).status_code
    assert client.get("/sparql", params=question).json()["boolean"] is False
    assert 404 == client.get(where).status_code
    assert 404 == client.delete(where, headers=WRITER).status_code


def test_the_same_put_twice_changes_nothing_the_second_time(client, base):
    first = client.put("/data/same", content=person("Same"), headers=WRITER | TURTLE)
    before = state(base)
    again = client.put("/data/same", content=person("Same"), headers=WRITER | TURTLE)
    assert (201, 204, b"") == (first.status_code, again.status_code, again.content)
    assert before == state(base)


def test_what_is_posted_without_a_name_gets_one_and_its_address_is_told(client):
    found = client.post("/data", content=person("Posted"), headers=WRITER | TURTLE)
    assert 201 == found.status_code
    assert '"Posted"' in client.get(found.headers["location"]).text


def test_what_is_posted_to_a_source_that_exists_is_a_conflict(client, base):
    before = state(base)
    found = client.post("/data/persons", content=person("Carla"), headers=WRITER | TURTLE)
    assert 409 == found.status_code
    assert "(PUT)" in found.text
    assert before == state(base)


@pytest.mark.parametrize(
    ("accept", "shown"),
    [
        ("text/turtle", "sh:ValidationReport"),
        ("application/json", '"shape"'),
        ("text/html", "<table>"),
        ("text/plain", "exactly one name"),
        ("*/*", "sh:ValidationReport"),
    ],
)
def test_a_refusal_comes_with_the_report_and_changes_nothing(accept, shown, client, base):
    before = state(base)
    nameless = person("Nobody", named=False)
    headers = WRITER | TURTLE | {"accept": accept}
    found = client.put("/data/bad", content=nameless, headers=headers)
    assert 422 == found.status_code
    assert shown in found.text
    if accept == "application/json":
        json.loads(found.text)
    if accept == "text/turtle":
        assert list(parse(found.content, RdfFormat.TURTLE))
    assert before == state(base)
    assert 404 == client.get("/data/bad").status_code


def test_findings_are_let_pass_with_a_reason_and_a_dry_run_changes_nothing(client, base):
    before = state(base)
    nameless = person("Nobody", named=False)
    for told, status in (
        ({"allow": "violation"}, 400),
        ({"allow": "violation", "reason": "known", "dry-run": "true"}, 200),
    ):
        found = client.put("/data/bad", params=told, content=nameless, headers=WRITER | TURTLE)
        assert status == found.status_code
        assert before == state(base)
    told = {"allow": "violation", "reason": "known"}
    found = client.put("/data/bad", params=told, content=nameless, headers=WRITER | TURTLE)
    assert 201 == found.status_code


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": "Bearer something-else"}, 401),
        ({"authorization": f"Basic {TOKEN}"}, 401),
        (WRITER | {"origin": "http://evil.example"}, 403),
        (WRITER | {"sec-fetch-site": "cross-site"}, 403),
    ],
)
def test_who_may_not_write_changes_nothing(headers, status, client, base):
    before = state(base)
    for method in ("PUT", "POST", "DELETE"):
        found = client.request(
            method, "/data/persons", content=person("X"), headers=TURTLE | headers
        )
        assert status == found.status_code
        assert TOKEN not in found.text
    assert before == state(base)


def test_nothing_is_written_where_the_server_runs_without_write(base, tmp_path):
    before = state(base)
    with serving(base.root, tmp_path) as found:
        for method in ("PUT", "POST", "DELETE"):
            answer = httpx.request(
                method, f"{found.url}/data/persons", content=person("X"), headers=WRITER | TURTLE
            )
            assert (405, "GET, HEAD, OPTIONS") == (answer.status_code, answer.headers["allow"])
    assert before == state(base)


def test_a_write_for_what_somebody_changed_since_is_refused(client, base):
    client.put("/data/shared", content=person("One"), headers=WRITER | TURTLE)
    read = client.get("/data/shared")
    condition = {"if-match": read.headers["etag"]}
    mine = client.put("/data/shared", content=person("Two"), headers=WRITER | TURTLE | condition)
    assert 200 == mine.status_code
    before = state(base)
    late = client.put("/data/shared", content=person("Three"), headers=WRITER | TURTLE | condition)
    assert 412 == late.status_code
    gone = client.delete("/data/shared", headers=WRITER | condition)
    assert 412 == gone.status_code
    only_new = {"if-none-match": "*"}
    found = client.put("/data/shared", content=person("Four"), headers=WRITER | TURTLE | only_new)
    assert 412 == found.status_code
    assert before == state(base)


@pytest.mark.parametrize(
    ("sent", "status", "told"),
    [
        ((b"<urn:a> <urn:b> .", "text/turtle"), 400, "body:1:"),
        ((b"", "text/turtle"), 400, "no statement"),
        ((b"{}", "application/octet-stream"), 415, "text/turtle"),
        ((b"x", ""), 415, "nothing that is told"),
        ((b'<urn:a> <urn:b> "\xe9" .', "text/turtle"), 400, "body:1"),
    ],
)
def test_a_body_that_is_no_graph_is_refused_with_its_place(sent, status, told, client, base):
    content, kind = sent
    before = state(base)
    headers = WRITER | ({"content-type": kind} if kind else {})
    found = client.put("/data/bad", content=content, headers=headers)
    assert status == found.status_code
    assert told in found.text
    assert "posted" not in found.text  # the file that it was put into
    assert before == state(base)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/data?graph=http://elsewhere.example/graph", 400),
        ("/data?graph=../../etc/passwd", 400),
        ("/data/..%2f..%2fetc%2fpasswd", 404),
        ("/data?graph=" + quote(source_iri("x") + "/../../a"), 400),
        ("/data", 400),
        ("/data?default", 405),
        ("/data?default&graph=urn:x", 400),
    ],
)
def test_names_that_no_source_has_are_refused(path, status, client, base):
    before = state(base)
    found = client.put(path, content=person("X"), headers=WRITER | TURTLE)
    assert status == found.status_code
    assert before == state(base)


@pytest.mark.parametrize(
    ("media", "form"),
    [
        ("text/turtle", RdfFormat.TURTLE),
        ("application/n-triples", RdfFormat.N_TRIPLES),
        ("application/rdf+xml", RdfFormat.RDF_XML),
        ("application/ld+json", RdfFormat.JSON_LD),
    ],
)
def test_a_graph_goes_out_and_in_in_every_format(media, form, client):
    found = client.get("/data/persons", headers={"accept": media})
    assert found.headers["content-type"].startswith(media)
    triples = {each.triple for each in parse(found.content, form)}
    assert 3 == len(triples)
    again = found.content.replace(b"example.org/", b"example.org/copy-")
    put = client.put("/data/copy", params={"allow": "violation", "reason": "a copy"},
                     content=again, headers=WRITER | {"content-type": media})  # fmt: skip
    assert 201 == put.status_code, put.text
    copied = client.get("/data/copy", headers={"accept": "application/n-triples"})
    assert 3 == len(set(parse(copied.content, RdfFormat.N_TRIPLES)))


def test_the_default_graph_is_what_queries_see_and_all_graphs_keep_their_names(client):
    merged = client.get("/data?default", headers={"accept": "application/n-triples"})
    count = {"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"}
    rows = client.get("/sparql", params=count).json()["results"]["bindings"]
    assert int(rows[0]["n"]["value"]) == len(set(merged.text.splitlines()))
    named = client.get("/data", headers={"accept": "application/n-quads"})
    graphs = {each.graph_name.value for each in parse(named.content, RdfFormat.N_QUADS)}
    assert source_iri("persons") in graphs
