"""Virtuoso's own ways, each on the real server: what it does, and what is done about it."""

from __future__ import annotations

import base64
import http.client
import json
import urllib.parse

import pyoxigraph as ox
import pytest

from conftest import run, with_stores
from dragoman import remote, syntax
from dragoman.base import Base
from dragoman.errors import DragomanError, StoreError
from dragoman.remote import protocol
from small_base import small_base

NT = "application/n-triples"
VARIABLE = "DRAGOMAN_STORE_SECRET"
SOURCE = "https://w3id.org/dragoman/id/source/"
ROWS = 10_000  # its `ResultSetMaxRows`, Debian's own value as well
BIG = "https://example.org/big"
SMALL = "https://example.org/small"
DURATION = '"P3D"^^<http://www.w3.org/2001/XMLSchema#duration>'
DOUBLE = '"1.0E3"^^<http://www.w3.org/2001/XMLSchema#double>'
BOOLEAN = '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'
TERMS = f"""\
<urn:a> <urn:duration> {DURATION} .
<urn:a> <urn:double> {DOUBLE} .
<urn:a> <urn:boolean> {BOOLEAN} .
<urn:a> <urn:name> "Ankara’da"@tr .
<urn:a> <urn:knows> _:somebody .
_:somebody <urn:name> "nobody" .
"""


def number(place: int) -> str:
    return f"https://example.org/n/{place:05}"


@pytest.fixture(scope="module")
def virtuoso(virtuoso_server):
    """The server with a graph that is larger than its answers, and one of odd terms."""
    lines = (f"<{number(place)}> <urn:p> <urn:o> .\n" for place in range(ROWS + 2_000))
    virtuoso_server.put(BIG, "".join(lines).encode())
    virtuoso_server.put(SMALL, TERMS.encode())
    return virtuoso_server


@pytest.fixture
def scratch(virtuoso):
    """The name of a graph that is gone after the test."""
    graph = "https://example.org/scratch"
    yield graph
    virtuoso.request("DELETE", at(virtuoso.graphs, graph=graph))


def at(address, **params):
    return f"{address}?{urllib.parse.urlencode(params)}"


def ask(server, text, accept="application/sparql-results+json"):
    return server.request("GET", at(server.query, query=text), Accept=accept)


def rows(server, text):
    status, body = ask(server, text)
    assert status == 200, body
    return json.loads(body)["results"]["bindings"]


def plainly(server, method, address, body=b"", **headers):
    """Send a request as it stands, without meeting a challenge."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, address.removeprefix(server.url), body, named)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers
    finally:
        connection.close()


# ------------------------------------------------------------------ what it does


def test_it_knows_users_by_digest_and_by_nothing_else(virtuoso, scratch):
    pair = base64.b64encode(b"dba:dba").decode()
    address = at(virtuoso.graphs, graph=scratch)
    status, _, headers = plainly(virtuoso, "PUT", address, TERMS.encode(), Content_Type=NT)
    assert (401, True) == (status, headers["WWW-Authenticate"].startswith("Digest"))
    options = {"Authorization": f"Basic {pair}", "Content_Type": NT}
    status, _, headers = plainly(virtuoso, "PUT", address, TERMS.encode(), **options)
    assert (401, None) == (status, headers["WWW-Authenticate"])
    status, _ = virtuoso.request("PUT", address, TERMS.encode(), Content_Type=NT)
    assert 201 == status


def test_whoever_is_not_known_may_not_write(virtuoso, scratch):
    text = f"INSERT DATA {{ GRAPH <{scratch}> {{ <urn:a> <urn:b> 1 }} }}"
    options = {"Content_Type": "application/sparql-update"}
    status, body, _ = plainly(virtuoso, "POST", virtuoso.query, text.encode(), **options)
    assert status in {403, 500}
    assert b"SPARQL" in body
    status, body, headers = plainly(
        virtuoso, "PUT", at(f"{virtuoso.url}/sparql-graph-crud", graph=scratch), TERMS.encode()
    )
    assert (403, "text/html") == (status, headers.get_content_type())


def test_its_graph_store_has_no_default_graph(virtuoso):
    address = f"{virtuoso.graphs}?default"
    # it does not read what was sent, and would take it for the next request
    options = {"Content_Type": NT, "Connection": "close"}
    status, body = virtuoso.request("PUT", address, TERMS.encode(), **options)
    assert (500, True) == (status, b'contains "default" param' in body)


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        ("application/ld+json", b'{"@id": "urn:a", "urn:b": 1}'),
        ("application/n-quads", b"<urn:a> <urn:b> <urn:c> <urn:g> .\n"),
        ("application/trig", b"<urn:g> { <urn:a> <urn:b> <urn:c> }\n"),
    ],
)
def test_it_takes_no_datasets_and_no_json(virtuoso, scratch, media_type, content):
    address = at(virtuoso.graphs, graph=scratch)
    status, body = virtuoso.request("PUT", address, content, Content_Type=media_type)
    assert (500, True) == (status, b"unsupported" in body)


def test_an_upload_whose_length_is_not_told_is_lost(virtuoso, scratch):
    address = at(virtuoso.graphs, graph=scratch)
    options = {"Content_Type": NT, "Connection": "close"}
    status, _ = virtuoso.request("PUT", address, iter([TERMS.encode()]), **options)
    assert (201, False) == (status, scratch in virtuoso.graph_names())


def test_a_table_ends_at_the_most_rows_with_a_header_as_only_hint(virtuoso):
    text = f"SELECT * {{ GRAPH <{BIG}> {{ ?s ?p ?o }} }}"
    status, body, headers = plainly(
        virtuoso, "GET", at(virtuoso.query, query=text), Accept="text/csv"
    )
    assert (200, ROWS + 1) == (status, len(body.splitlines()))
    assert str(ROWS) == headers["X-SPARQL-MaxRows"]


def test_a_limit_above_the_most_rows_changes_nothing(virtuoso):
    assert ROWS == len(rows(virtuoso, f"SELECT * {{ GRAPH <{BIG}> {{ ?s ?p ?o }} }} LIMIT 11000"))


def test_a_constructed_graph_ends_there_without_a_hint(virtuoso):
    text = f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{BIG}> {{ ?s ?p ?o }} }}"
    status, body, headers = plainly(virtuoso, "GET", at(virtuoso.query, query=text), Accept=NT)
    triples = list(ox.parse(body, format=ox.RdfFormat.N_TRIPLES))
    assert (200, None) == (status, headers["X-SPARQL-MaxRows"])
    assert len(triples) in {ROWS, ROWS + 1}


def test_a_graph_that_is_fetched_ends_there_without_a_hint(virtuoso):
    status, body = virtuoso.request("GET", at(virtuoso.graphs, graph=BIG), Accept=NT)
    triples = list(ox.parse(body, format=ox.RdfFormat.N_TRIPLES))
    assert (200, True) == (status, len(triples) in {ROWS, ROWS + 1})


def test_counts_are_not_cut(virtuoso):
    found = rows(virtuoso, f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{BIG}> {{ ?s ?p ?o }} }}")
    assert [str(ROWS + 2_000)] == [row["n"]["value"] for row in found]


def test_sorted_rows_cannot_be_skipped_beyond_the_most_unless_they_are_wrapped(virtuoso):
    inner = f"SELECT ?s {{ GRAPH <{BIG}> {{ ?s ?p ?o }} }} ORDER BY ?s"
    status, body = ask(virtuoso, f"{inner} LIMIT 10 OFFSET {ROWS + 1}")
    assert (True, True) == (status >= 400, b"SR353" in body)
    found = rows(virtuoso, f"SELECT ?s {{ {{ {inner} }} }} LIMIT 1 OFFSET {ROWS + 1}")
    assert [number(ROWS + 1)] == [row["s"]["value"] for row in found]


def test_subjects_can_be_paged_by_the_last_one_seen(virtuoso):
    text = f"""SELECT DISTINCT ?s {{ GRAPH <{BIG}> {{ ?s ?p ?o }}
        FILTER (isIRI(?s) && STR(?s) > "{number(ROWS)}") }} ORDER BY ?s LIMIT 2"""
    assert [number(ROWS + 1), number(ROWS + 2)] == [r["s"]["value"] for r in rows(virtuoso, text)]


def test_an_update_takes_four_thousand_triples_and_not_eight(virtuoso, scratch):
    def insert(triples: int):
        data = "".join(f"<{number(n)}> <urn:p> <{number(n + 1)}> .\n" for n in range(triples))
        text = f"INSERT DATA {{ GRAPH <{scratch}> {{\n{data}}} }}"
        options = {"Content_Type": "application/sparql-update"}
        return virtuoso.request("POST", virtuoso.update, text.encode(), **options)

    assert 200 == insert(1_000)[0]
    status, body = insert(10_000)
    assert (400, True) == (status, b"SP030" in body)


def test_an_update_takes_no_blank_nodes(virtuoso, scratch):
    text = f"INSERT DATA {{ GRAPH <{scratch}> {{ _:b <urn:p> <urn:o> }} }}"
    options = {"Content_Type": "application/sparql-update"}
    status, body = virtuoso.request("POST", virtuoso.update, text.encode(), **options)
    assert (400, True) == (status, b"SP031" in body)


def test_long_literals_come_through_whole(virtuoso, scratch):
    words = "ş" * 12_000
    virtuoso.put(scratch, f'<urn:a> <urn:b> "{words}" .\n'.encode())
    found = rows(virtuoso, f"SELECT ?o {{ GRAPH <{scratch}> {{ ?s ?p ?o }} }}")
    assert [words] == [row["o"]["value"] for row in found]


def test_the_heads_of_graphs_cannot_be_asked(virtuoso):
    assert 501 == virtuoso.request("HEAD", at(virtuoso.graphs, graph=SMALL))[0]


def test_a_graph_that_is_absent_is_neither_fetched_nor_deleted(virtuoso, scratch):
    assert 404 == virtuoso.request("GET", at(virtuoso.graphs, graph=scratch))[0]
    assert 404 == virtuoso.request("DELETE", at(virtuoso.graphs, graph=scratch))[0]


def test_bad_content_is_told_in_a_page(virtuoso, scratch):
    address = at(virtuoso.graphs, graph=scratch)
    content = b"@prefix ex: <urn:x:> .\nex:a ex:b .\n"
    status, body = virtuoso.request("PUT", address, content, Content_Type="text/turtle")
    assert (500, True) == (status, b"<xmp>" in body)
    assert b"line 3" in body


def test_a_query_without_graph_sees_all_graphs_and_repeats_what_stands_in_two(virtuoso, scratch):
    asked = "SELECT * { ?s <urn:duration> ?o }"
    assert 1 == len(rows(virtuoso, asked))
    virtuoso.put(scratch, TERMS.encode())
    assert 2 == len(rows(virtuoso, asked))


def test_a_path_with_two_free_ends_is_refused(virtuoso):
    status, body = ask(virtuoso, "SELECT * { ?a <urn:p>* ?b }")
    assert status >= 400
    assert b"transitive start not given" in body


def test_its_json_tells_terms_in_its_own_way(virtuoso):
    text = f"SELECT * {{ GRAPH <{SMALL}> {{ <urn:a> ?p ?o }} }}"
    terms = {row["p"]["value"]: row["o"] for row in rows(virtuoso, text)}
    assert ("typed-literal", "1") == (terms["urn:boolean"]["type"], terms["urn:boolean"]["value"])
    assert terms["urn:knows"]["value"].startswith("nodeID://")


def graph_as(server, media_type):
    return server.request("GET", at(server.graphs, graph=SMALL), Accept=media_type)[1].decode()


def test_its_turtle_makes_decimals_of_doubles(virtuoso):
    found = ox.parse(graph_as(virtuoso, "text/turtle").encode(), format=ox.RdfFormat.TURTLE)
    terms = {quad.predicate.value: quad.object for quad in found}
    assert terms["urn:double"].datatype.value.endswith("#decimal")


def test_its_triples_reckon_durations_in_seconds(virtuoso):
    assert '"259200.0"^^<http://www.w3.org/2001/XMLSchema#duration>' in graph_as(virtuoso, NT)
    assert "259200" in graph_as(virtuoso, "application/rdf+xml")


def test_its_json_ld_loses_languages(virtuoso):
    text = graph_as(virtuoso, "application/ld+json")
    assert "Ankara" in text
    assert '"@language"' not in text


def test_a_group_is_joined_only_where_the_separator_is_told(virtuoso):
    text = "SELECT (GROUP_CONCAT(?name) AS ?names) { ?s <urn:name> ?name }"
    status, body = ask(virtuoso, text)
    assert status >= 400
    assert b"delim" in body


def test_what_saved_queries_are_made_of_works(virtuoso):
    text = f"""
        SELECT ?s (GROUP_CONCAT(?name; SEPARATOR=" ") AS ?names) (IF(BOUND(?none), 1, 2) AS ?two)
            (YEAR("2020-05-06"^^<http://www.w3.org/2001/XMLSchema#date>) AS ?year)
        WHERE {{
            VALUES ?s {{ <urn:a> }}
            GRAPH <{SMALL}> {{
                ?s <urn:name> ?name ; <urn:knows>/<urn:name> ?other .
                FILTER LANGMATCHES(LANG(?name), "tr")
                FILTER NOT EXISTS {{ ?s <urn:absent> ?x }}
                OPTIONAL {{ ?s <urn:absent> ?none }}
            }}
        }} GROUP BY ?s ?none"""
    found = rows(virtuoso, text)
    assert [("Ankara’da", "2", "2020")] == [
        (row["names"]["value"], row["two"]["value"], row["year"]["value"]) for row in found
    ]


# ------------------------------------------------------------------ what is done about it


@pytest.fixture(scope="module")
def base(virtuoso, tmp_path_factory):
    """A base that knows the server as `there`, and in ways that fail."""
    base = small_base(tmp_path_factory.mktemp("base")).root
    profile = virtuoso.profile("there", VARIABLE)
    others = {
        "nobody": f'[stores.nobody]\nkind = "virtuoso"\nurl = "{virtuoso.url}"\n',
        "basic": profile.replace("there", "basic").replace("digest", "basic"),
        "parts": profile.replace("there", "parts") + 'graphs = ""\ntriples-per-insert = 10000\n',
    }
    with_stores(base, "\n".join((profile, *others.values())))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, virtuoso.secret)
        yield base


@pytest.fixture
def endpoint(base):
    found = remote.connect(Base(base, "it is under test"), "there")
    yield found
    found.close()


def write(base, name, text):
    (base / "data" / f"{name}.nt").write_text(text, encoding="utf-8")
    return "--source", name


def test_a_profile_with_another_scheme_than_digest_is_told_so(base):
    source = write(base, "terms", TERMS)
    code, _, errors = run(base, "push", "basic", *source)
    assert (2, True) == (code, "by digest" in errors and 'auth = "basic"' in errors), errors
    code, _, errors = run(base, "push", "nobody", *source)
    assert (2, True) == (code, "by digest" in errors and "secret-env" in errors), errors


def test_its_default_graph_is_neither_written_nor_named(endpoint):
    with pytest.raises(DragomanError, match="no default graph"):
        endpoint.profile.graph_request(None)
    assert "strict" != endpoint.profile.default_graph


def test_only_triples_are_sent_there_and_their_length_is_told(endpoint):
    kind = endpoint.profile.kind
    assert ("", NT, True) == (kind.datasets, kind.uploads[0], kind.needs_length)
    with pytest.raises(ValueError, match="length"):
        endpoint.client.request("PUT", endpoint.profile.graphs, content=lambda: iter([b""]))


@pytest.mark.parametrize("form", ["", "LIMIT 11000", "ORDER BY DESC(?s)"])
def test_all_rows_of_a_table_are_read(base, form):
    text = f"SELECT * {{ GRAPH <{BIG}> {{ ?s ?p ?o }} }} {form}"
    options = ("--endpoint", "there", "--format", "csv")
    code, output, errors = run(base, "query", "-", *options, stdin=text)
    found = [line.split(",")[0] for line in output.splitlines()[1:]]
    wanted = [number(place) for place in range(ROWS + 2_000)]
    if form.startswith("ORDER"):
        assert [*reversed(wanted)] == found
    elif form:
        assert 11_000 == len(set(found)), errors
    else:
        assert (0, wanted) == (code, sorted(found)), errors


def test_a_constructed_graph_that_may_be_cut_is_told_so(base):
    text = f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{BIG}> {{ ?s ?p ?o }} }}"
    options = ("--endpoint", "there", "--format", "nt")
    _, output, errors = run(base, "query", "-", *options, stdin=text)
    assert len(output.splitlines()) in {ROWS, ROWS + 1}
    assert "may not be complete" in errors


def test_a_graph_is_read_whole_and_counted(endpoint):
    lines = b"".join(endpoint.lines(BIG)).splitlines()
    assert (ROWS + 2_000, ROWS + 2_000) == (endpoint.count(BIG), len(set(lines)))


def test_updates_are_halved_where_they_are_too_large(base):
    lines = "".join(f"<{number(n)}> <urn:p> <{number(n + 1)}> .\n" for n in range(9_000))
    code, output, errors = run(base, "push", "parts", *write(base, "halved", lines))
    assert (0, True) == (code, "lossless" in output), f"{output}\n{errors}"


def test_blank_nodes_go_into_updates_as_iris_and_are_proven(base, virtuoso):
    text = "<urn:a> <urn:b> _:x .\n_:x <urn:c> _:y .\n"
    code, output, errors = run(base, "push", "parts", *write(base, "blank", text))
    assert (0, True) == (code, "lossless" in output), f"{output}\n{errors}"
    graph = f"{SOURCE}blank"
    found = rows(virtuoso, f"SELECT * {{ GRAPH <{graph}> {{ <urn:a> <urn:b> ?o }} }}")
    assert ["uri"] == [row["o"]["type"] for row in found]


def test_long_literals_are_proven(base):
    text = f'<urn:a> <urn:b> "{"ş" * 12_000}" .\n'
    code, output, errors = run(base, "push", "there", *write(base, "long", text))
    assert (0, True) == (code, "Proven lossless" in output), f"{output}\n{errors}"


def test_a_duration_is_the_same_value_in_another_spelling_and_listed(base):
    code, output, _ = run(base, "push", "there", *write(base, "terms", TERMS), "--json")
    (graph,) = json.loads(output)["graphs"]
    assert (0, "same values") == (code, graph["proof"]["verdict"])
    respelled = graph["proof"]["respelled"]
    assert {DURATION, DOUBLE} == {
        pair["sent"].split(" ", 2)[2].removesuffix(" .") for pair in respelled
    }
    assert [[], []] == [graph["proof"]["missing"], graph["proof"]["extra"]]


def test_another_duration_is_a_difference(base, virtuoso):
    source = write(base, "terms", TERMS)
    run(base, "push", "there", *source)
    graph = f"{SOURCE}terms"
    text = f"""DELETE {{ GRAPH <{graph}> {{ ?s <urn:duration> ?o }} }}
        INSERT {{ GRAPH <{graph}> {{ ?s <urn:duration> {DURATION.replace("3", "4")} }} }}
        WHERE {{ GRAPH <{graph}> {{ ?s <urn:duration> ?o }} }}"""
    options = {"Content_Type": "application/sparql-update"}
    assert 200 == virtuoso.request("POST", virtuoso.update, text.encode(), **options)[0]
    _, output, _ = run(base, "push", "there", *source, "--dry-run")
    assert "would be replaced" in output


def test_terms_come_as_they_are_meant(endpoint):
    text = f"SELECT * {{ GRAPH <{SMALL}> {{ <urn:a> ?p ?o }} }}"
    answer = endpoint.query(syntax.check_query(text))
    terms = {p.value: o for p, o in answer.rows}
    assert ox.Literal(True) == terms["urn:boolean"]
    assert ox.Literal("Ankara’da", language="tr") == terms["urn:name"]
    assert isinstance(terms["urn:knows"], ox.BlankNode)


def test_neither_turtle_nor_json_ld_is_asked_of_it_where_triples_can_be_had():
    best = protocol.GRAPH.split(",")[0]
    assert (NT, False) == (best, "ld+json" in protocol.GRAPH)


def test_a_page_of_an_error_becomes_one_line(endpoint, base):
    with pytest.raises(StoreError) as told:
        endpoint.client.request(
            "PUT",
            endpoint.profile.graphs,
            params={"graph": "https://example.org/bad"},
            headers={"Content-Type": "text/turtle"},
            content=b"@prefix ex: <urn:x:> .\nex:a ex:b .\n",
        )
    assert "line 3" in str(told.value)
    assert not {"<", "\n"} & set(str(told.value))
    text = "SELECT * { ?a <urn:p>* ?b }"
    code, _, errors = run(base, "query", "-", "--endpoint", "there", stdin=text)
    assert (2, 1, True) == (code, len(errors.splitlines()), "transitive start" in errors), errors


def test_a_graph_that_is_absent_is_named_with_the_nearest(base):
    code, _, errors = run(base, "pull", "there", "--graph", f"{BIG}ger", "--as", "big")
    assert (2, True) == (code, BIG in errors), errors
