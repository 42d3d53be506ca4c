"""The endpoint as clients see it: the W3C's protocols, every format, real clients."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote
from xml.dom import minidom

import httpx
import pytest
from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results
from rdflib import Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.compare import isomorphic
from rdflib.namespace import RDF

from conftest import SHARED
from dragoman.base import source_iri
from serving import TOKEN, serving
from small_base import DIP, small_base

SUITE = SHARED / "suites" / "sparql11-w3c"
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT = Namespace("http://www.w3.org/2011/http#")
HTS = "http://www.w3.org/2011/http-statusCodes#"
CNT = Namespace("http://www.w3.org/2011/content#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
ROWS = 2000
WRITER = {"authorization": f"Bearer {TOKEN}"}
# What of the W3C's cases has to be refused, and the status that says so.
REFUSED = {
    "update with protocol-specified default graph": 403,
    "update with protocol-specified default graphs": 403,
    "update with protocol-specified named graphs": 403,
    "update with protocol-specified dataset (both named and default graphs)": 403,
    "update via URL-encoded POST": 403,
    "update via POST directly": 403,
    'test for service-defined BASE URI ("which MAY be the service endpoint")': 403,
}

SPELLINGS = (
    ("integer", '"012"^^xsd:integer'),
    ("text", r'"a \"b\"\n\tc\r , ; <&> \\ é 😀 "'),
    ("language", '"szia"@hu'),
    ("date", '"2026-11-30"^^xsd:date'),
    ("other", '"x"^^<https://example.org/type>'),
    ("iri", "<https://example.org/%C3%A9?a=b&c=d#e>"),
)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    found = small_base(folder / "base")
    lines = [f'<urn:thing:{n}> <{DIP}name> "thing {n}" .\n' for n in range(ROWS + 1000)]
    (found.root / "data" / "many.nt").write_text("".join(lines))
    spelt = "".join(f"<urn:spelt:{name}> <{DIP}age> {term} .\n" for name, term in SPELLINGS)
    xsd = "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
    (found.root / "data" / "spelt.ttl").write_text(xsd + spelt, encoding="utf-8")
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    words = (("ambassador", "en"), ("büyükelçi", "tr"))
    named = "".join(f'<urn:labelled> {label} "{word}"@{tag} .\n' for word, tag in words)
    (found.root / "data" / "labelled.nt").write_text(named, encoding="utf-8")
    twice = f'<urn:twice> <{DIP}name> "twice" .\n'
    for name in ("one", "other"):
        (found.root / "data" / f"{name}.nt").write_text(twice)
    if SUITE.is_dir():
        for each in (1, 2, 3):
            text = (SUITE / "protocol" / f"data{each}.nt").read_text()
            (found.root / "data" / f"data{each}.nt").write_text(text)
    return found


@pytest.fixture(scope="module")
def server(base, tmp_path_factory):
    folder = tmp_path_factory.mktemp("log")
    with serving(base.root, folder, "--rows", str(ROWS), "--write", "--timeout", "20") as found:
        yield found


@pytest.fixture
def client(server):
    with httpx.Client(base_url=server.url, timeout=30) as found:
        yield found


def asked(client, text: str, accept: str = "*/*", **fields: str) -> httpx.Response:
    return client.get("/sparql", params={"query": text, **fields}, headers={"accept": accept})


# ------------------------------------------------------------------ the W3C's suites


def requests_of(folder: str, *manifests: str):
    """Return the cases of a protocol's suite: the name of each, and its requests in order."""
    if not SUITE.is_dir():
        return []
    found = []
    for manifest in manifests:
        graph = Graph().parse(SUITE / folder / manifest, publicID=f"http://suite.example/{folder}/")
        for case in sorted(graph.subjects(MF.action, None)):
            action = graph.value(case, MF.action)
            steps = Collection(graph, graph.value(action, HT.requests))
            name = str(graph.value(case, MF.name)).strip()
            found.append(pytest.param((name, graph, list(steps)), id=name))
    return found


def send(client, graph, step, path: str, names=(), **headers: str) -> httpx.Response:
    body = graph.value(step, HT.body)
    content = b""
    if body is not None:
        encoding = str(graph.value(body, CNT.characterEncoding) or "UTF-8")
        content = str(graph.value(body, CNT.chars)).encode(encoding)
    sent = {}
    if listed := graph.value(step, HT.headers):
        for each in Collection(graph, listed):
            sent[str(graph.value(each, HT.fieldName))] = str(graph.value(each, HT.fieldValue))
    for old, new in dict(names).items():
        path = path.replace(old, new)
    sent |= headers
    return client.request(
        str(graph.value(step, HT.methodName)), path, content=content, headers=sent
    )


def statuses(graph, answer) -> tuple[str, ...]:
    named = {"OK": "200", "Created": "201", "NoContent": "204", "NotFound": "404"}
    told = [str(each).removeprefix(HTS) for each in graph.objects(answer, MF.expectedStatus)]
    return tuple(named.get(each, each.removeprefix("StatusCode").rstrip("x")) for each in told)


def of_the_protocol(name: str) -> str:
    return quote(f"http://kasei.us/2009/09/sparql/data/{name}.rdf", safe="")


@pytest.mark.parametrize("case", requests_of("protocol", "manifest.ttl"))
def test_the_cases_of_the_protocol_hold_and_what_is_refused_says_so(case, client):
    name, graph, steps = case
    names = {
        f"graph-uri={of_the_protocol(each)}": f"graph-uri={quote(source_iri(each), safe='')}"
        for each in ("data1", "data2", "data3")
    }
    for step in steps:
        answer = graph.value(step, HT.resp)
        found = send(client, graph, step, str(graph.value(step, HT.absolutePath)), names)
        if name in REFUSED:
            assert REFUSED[name] == found.status_code
            assert "dragoman add" in found.text
            return
        assert str(found.status_code).startswith(statuses(graph, answer)), found.text
        if (truth := graph.value(answer, MF.expectedBoolean)) is not None:
            assert truth.toPython() == found.json()["boolean"]
        kind = found.headers["content-type"].partition(";")[0]
        match str(graph.value(answer, MF.expectedFormat) or ""):
            case "boolean":
                assert kind in {"application/sparql-results+json", "application/sparql-results+xml"}
            case "tabular":
                assert kind in {"application/sparql-results+json", "text/csv"}
            case "RDF":
                assert kind in {"text/turtle", "application/rdf+xml", "application/n-triples"}


def test_a_dataset_of_the_protocol_goes_before_that_of_the_query(client):
    graph = source_iri("many")
    text = f"SELECT * FROM <{graph}> {{ ?s <{DIP}name> ?name }} LIMIT 5"  # noqa: S608
    assert ["twice"] == names_of(asked(client, text, **{"default-graph-uri": source_iri("one")}))
    assert 5 == len(names_of(asked(client, text)))


def names_of(found: httpx.Response) -> list[str]:
    return [row["name"]["value"] for row in found.json()["results"]["bindings"]]


def test_the_service_describes_itself_and_names_the_address_that_it_is_asked_at(client, server):
    for path in ("/sparql", "/sparql/"):
        found = Graph().parse(data=client.get(path).content, format="turtle")
        (service,) = found.subjects(RDF.type, SD.Service)
        assert URIRef(f"{server.url}/sparql") == found.value(service, SD.endpoint)
        assert SD["SPARQL11Query"] == found.value(service, SD.supportedLanguage)
        names = set(map(str, found.objects(None, SD.name)))
        assert {source_iri("many"), source_iri("persons")} <= names
    for media in ("application/rdf+xml", "application/ld+json", "application/n-triples"):
        other = client.get("/sparql", headers={"accept": media})
        assert media == other.headers["content-type"]
        formats = {"application/rdf+xml": "xml", "application/ld+json": "json-ld"}
        read = Graph().parse(data=other.content, format=formats.get(media, "nt"))
        assert isomorphic(found, read)


# ------------------------------------------------------------------ formats


ORDERED = f"SELECT ?s ?age ?none {{ ?s <{DIP}age> ?age }} ORDER BY ?s"


def test_every_format_of_rows_says_the_same_terms_to_readers_of_others(client):
    as_json = asked(client, ORDERED).json()
    assert ["s", "age", "none"] == as_json["head"]["vars"]
    rows = as_json["results"]["bindings"]
    assert len(SPELLINGS) == len(rows)
    own = list(parse_query_results(asked(client, ORDERED).content, QueryResultsFormat.JSON))
    for media, form in (
        ("application/sparql-results+xml", QueryResultsFormat.XML),
        ("text/tab-separated-values", QueryResultsFormat.TSV),
    ):
        found = asked(client, ORDERED, media)
        assert found.headers["content-type"].startswith(media)
        assert [tuple(row) for row in own] == [
            tuple(row) for row in parse_query_results(found.content, form)
        ]
    cells = list(csv.reader(io.StringIO(asked(client, ORDERED, "text/csv").text, newline="")))
    assert ["s", "age", "none"] == cells[0]
    assert [[row["s"]["value"], row["age"]["value"], ""] for row in rows] == cells[1:]
    document = minidom.parseString(asked(client, ORDERED, "text/xml").content)  # noqa: S318
    texts = {each.firstChild.data for each in document.getElementsByTagName("literal")}
    assert 'a "b"\n\tc\r , ; <&> \\ é 😀 ' in texts


def test_the_answer_is_that_of_the_command(client, base):
    found = asked(client, ORDERED).json()
    done = subprocess.run(
        [sys.executable, "-m", "dragoman", "--base", str(base.root), "query", "-", "-f", "json"],
        input=ORDERED.encode(), capture_output=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout)["results"] == found["results"]


@pytest.mark.parametrize(
    ("suffix", "media"),
    [
        ("json", "application/sparql-results+json"),
        ("srj", "application/sparql-results+json"),
        ("xml", "application/sparql-results+xml"),
        ("srx", "application/sparql-results+xml"),
        ("csv", "text/csv; charset=utf-8"),
        ("tsv", "text/tab-separated-values; charset=utf-8"),
    ],
)
def test_a_suffix_names_the_format_and_so_does_format(suffix, media, client):
    found = client.get(f"/sparql.{suffix}", params={"query": ORDERED})
    other = client.get("/sparql", params={"query": ORDERED, "format": suffix})
    assert media == found.headers["content-type"] == other.headers["content-type"]
    assert other.content == found.content


@pytest.mark.parametrize(
    ("suffix", "media", "form"),
    [
        ("ttl", "text/turtle; charset=utf-8", RdfFormat.TURTLE),
        ("nt", "application/n-triples", RdfFormat.N_TRIPLES),
        ("rdf", "application/rdf+xml", RdfFormat.RDF_XML),
        ("jsonld", "application/ld+json", RdfFormat.JSON_LD),
    ],
)
def test_triples_come_in_every_format_of_rdf(suffix, media, form, client):
    text = f"CONSTRUCT {{ ?s <{DIP}age> ?age }} WHERE {{ ?s <{DIP}age> ?age }}"
    found = client.get(f"/sparql.{suffix}", params={"query": text})
    assert media == found.headers["content-type"]
    assert len(SPELLINGS) == len(set(parse(found.content, form)))


def test_columns_of_a_star_come_in_the_order_written(client):
    text = f"SELECT * {{ ?z <{DIP}age> ?a . ?z ?m ?k }}"
    assert ["z", "a", "m", "k"] == asked(client, text).json()["head"]["vars"]
    assert asked(client, text, "text/csv").text.startswith("z,a,m,k\r\n")


def test_nothing_that_is_offered_is_told_and_what_is_offered_is_named(client):
    found = asked(client, "ASK {}", "image/png")
    assert 406 == found.status_code
    assert "application/sparql-results+json" in found.text
    assert 400 == client.get("/sparql.ttl", params={"query": "ASK {}"}).status_code


def test_a_character_that_xml_cannot_hold_is_said_and_not_written(client):
    found = asked(client, r'SELECT ("\u0001" AS ?x) {}', "application/sparql-results+xml")
    assert 400 == found.status_code
    assert "Ask for JSON" in found.text


def test_labels_come_beside_things_where_they_are_asked_for(client):
    text = "SELECT ?s { BIND (<urn:labelled> AS ?s) }"
    assert ["s"] == asked(client, text).json()["head"]["vars"]
    for told in ({"lang": "tr"}, {}):
        found = client.get(
            "/sparql",
            params={"query": text, "labels": "true", **told},
            headers={"accept-language": "tr;q=0.9, de;q=0.5"},
        ).json()
        assert ["s", "sLabel"] == found["head"]["vars"]
        assert "büyükelçi" == found["results"]["bindings"][0]["sLabel"]["value"]
    with_labels = client.get("/sparql.csv", params={"query": text, "labels": "true"})
    assert "s,sLabel\r\nurn:labelled,ambassador\r\n" == with_labels.text


# ------------------------------------------------------------------ limits


MANY = f"SELECT ?s {{ ?s <{DIP}name> ?name }}"


def test_limits_are_told_with_every_answer(client):
    found = asked(client, "ASK {}", timeout="5")
    assert ("2000", "5") == tuple(
        found.headers[f"dragoman-{name}"] for name in ("row-limit", "time-limit")
    )


def test_a_cut_answer_says_so_in_its_head_and_in_json_and_xml(client):
    found = asked(client, MANY)
    assert ROWS == len(found.json()["results"]["bindings"])
    assert "more than 2,000 rows" in found.json()["cut"]
    found = asked(client, MANY, "application/sparql-results+xml")
    assert ROWS == len(list(parse_query_results(found.content, QueryResultsFormat.XML)))
    assert "<!-- The answer has more than 2,000 rows" in found.text


@pytest.mark.parametrize("suffix", ["csv", "tsv"])
def test_a_cut_answer_that_cannot_say_so_is_none(suffix, client):
    with client.stream("GET", f"/sparql.{suffix}", params={"query": MANY}) as found:
        if found.status_code == 200:
            with pytest.raises(httpx.RemoteProtocolError):
                found.read()
        else:
            assert 400 == found.status_code
            assert "Add LIMIT" in found.read().decode()


def test_an_answer_with_as_many_rows_as_it_may_have_is_whole(client):
    for text in (f"{MANY} LIMIT {ROWS}", f"{MANY} OFFSET {3002 - ROWS + 1}"):
        found = asked(client, text)
        assert ROWS - 5 < len(found.json()["results"]["bindings"]) <= ROWS
        assert "cut" not in found.json()
        assert "dragoman-cut" not in found.headers


def test_the_rest_of_a_cut_answer_is_had_with_offset(client):
    text = f"{MANY} ORDER BY ?s OFFSET 1 # the rest\n"
    first = [row["s"]["value"] for row in asked(client, text).json()["results"]["bindings"]]
    again = f"{MANY} ORDER BY ?s OFFSET {ROWS + 1} LIMIT 1000000"
    rest = [row["s"]["value"] for row in asked(client, again).json()["results"]["bindings"]]
    assert len(set(first + rest)) == len(first) + len(rest)
    assert 3000 < len(first) + len(rest)


def test_a_query_that_takes_too_long_is_given_up_and_the_next_one_answered(client):
    text = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    for found in (
        asked(client, text, timeout="0.5"),
        client.post("/sparql", data={"query": text, "timeout": "0.5"}),
    ):
        assert 503 == found.status_code
        assert "longer than 0.5 s" in found.text
    assert asked(client, "ASK {}").json()["boolean"]


def test_triples_that_stand_in_two_chosen_graphs_are_found_once(client):
    text = f"SELECT ?name {{ <urn:twice> <{DIP}name> ?name }}"
    graphs = [("default-graph-uri", source_iri(each)) for each in ("one", "other")]
    found = client.get("/sparql", params=[("query", text), *graphs])
    assert ["twice"] == names_of(found)
    start = " ".join(f"FROM <{iri}>" for _, iri in graphs)
    assert ["twice"] == names_of(asked(client, text.replace("{", f"{start} {{", 1)))


# ------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("SELECT * {\n ?s ?p }", 2, 9),
        ("SELECT * { SERVICE <http://x.org> {} }", 1, 12),
        ("SELECT * {\n nix:x ?p ?o }", 2, 2),
        ("LOAD <http://x.org>", 1, 1),
    ],
)
def test_a_wrong_query_is_told_with_line_and_column(text, line, column, client):
    found = asked(client, text, "application/json")
    assert 400 == found.status_code
    assert "application/problem+json" == found.headers["content-type"]
    told = found.json()
    assert (line, column) == (told["line"], told["column"])
    assert f"query:{line}:{column}: " in asked(client, text).text


def test_a_graph_that_is_no_iri_is_refused(client):
    found = asked(client, "ASK {}", **{"default-graph-uri": "not an iri"})
    assert 400 == found.status_code
    assert "not an iri" in found.text


def test_a_trap_of_the_text_is_told_in_the_head(client):
    text = "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p HAVING (?n > 1)"
    assert "HAVING" in asked(client, text).headers["dragoman-warning"]


def test_a_browser_is_sent_to_the_editor_with_what_it_asked(client):
    found = asked(client, "ASK {}", "text/html,application/xml;q=0.9,*/*;q=0.8")
    assert (303, "/editor?query=ASK%20%7B%7D") == (found.status_code, found.headers["location"])


def test_an_answer_is_kept_by_the_client_until_a_file_changes(client):
    first = asked(client, "ASK {}")
    again = client.get(
        "/sparql", params={"query": "ASK {}"}, headers={"if-none-match": first.headers["etag"]}
    )
    assert (304, b"") == (again.status_code, again.content)
    head = client.head("/sparql", params={"query": "ASK {}"})
    assert (200, b"") == (head.status_code, head.content)
    assert first.headers["content-type"] == head.headers["content-type"]


def test_answers_are_packed_for_who_takes_that(client):
    text = f"{MANY} LIMIT 500"
    packed = client.get("/sparql", params={"query": text}, headers={"accept-encoding": "gzip"})
    plain = client.get("/sparql", params={"query": text}, headers={"accept-encoding": "identity"})
    assert "gzip" == packed.headers["content-encoding"]
    assert "content-encoding" not in plain.headers
    assert plain.content == packed.content
    assert int(packed.headers["content-length"]) < len(plain.content) / 3


def test_all_workers_give_rows_without_an_order_in_the_same_one(client):
    def answer(number: int) -> str:
        return client.get("/sparql.csv", params={"query": f"{MANY} LIMIT 500 # {number}"}).text

    with ThreadPoolExecutor(4) as clients:
        assert 1 == len(set(clients.map(answer, range(40))))


def test_what_another_time_answers_otherwise_is_not_told_again(client):
    text = "SELECT (RAND() AS ?n) (NOW() AS ?time) {}"
    first, second = asked(client, text), asked(client, text)
    assert "no-store" == first.headers["cache-control"]
    assert "etag" not in first.headers
    assert first.json() != second.json()


def test_service_asks_the_endpoints_that_are_allowed_and_no_other(base, tmp_path, oxigraph_server):
    httpx.post(
        oxigraph_server.update,
        content="INSERT DATA { <urn:there> <urn:p> 'from elsewhere' }",
        headers={"content-type": "application/sparql-update"},
    ).raise_for_status()
    here, there = oxigraph_server.query, f"{oxigraph_server.url}/other"
    with (
        serving(base.root, tmp_path, "--allow-service", here) as served,
        httpx.Client(base_url=served.url, timeout=60) as client,
    ):
        found = asked(client, f"SELECT ?o {{ SERVICE <{here}> {{ <urn:there> <urn:p> ?o }} }}")
        assert "from elsewhere" in found.text
        assert "etag" not in found.headers
        for refused in (
            f"SELECT * {{ SERVICE <{there}> {{ ?s ?p ?o }} }}",
            f"SELECT * {{ SERVICE SILENT <{there}> {{ ?s ?p ?o }} }}",
            f"SELECT * {{ VALUES ?x {{ <{there}> }} SERVICE ?x {{ ?s ?p ?o }} }}",
            f"PREFIX o: <{oxigraph_server.url}/> SELECT * {{ SERVICE o:query {{ ?s ?p ?o }} }}",
        ):
            answer = asked(client, refused)
            assert 400 == answer.status_code
            assert f"Allowed are {here}." in answer.text
