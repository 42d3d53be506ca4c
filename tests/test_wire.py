"""The simulated stores keep to the rules of their kinds, and the faults do what they say."""

from __future__ import annotations

import base64
import http.client
import json
import urllib.parse

import pyoxigraph as ox
import pytest

import wire
from wire import NQ, NT, TURTLE, UPDATE, Fault

G = "https://example.org/g"
THREE = b'<urn:a> <urn:p> "1" .\n<urn:b> <urn:p> "2"@en .\n<urn:c> <urn:q> <urn:d> .\n'
WITH_GRAPHS = [kind for kind, rules in wire.KINDS.items() if rules.graphs]


def send(server, method, path, body=None, *, user=True, **headers):
    """Send one request, and return the status, the body and the headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if user and server.auth != "none":
        named["Authorization"] = {
            "basic": "Basic "
            + base64.b64encode(f"{server.user}:{server.secret}".encode()).decode(),
            "bearer": f"Bearer {server.secret}",
            "gdb": f"GDB {server.secret}",
        }[server.auth]
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request(method, path, body, named)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers
    finally:
        connection.close()


def at(server, role, **params):
    path = getattr(server.rules, role)[0].format(name=server.name)
    return f"{path}?{urllib.parse.urlencode(params)}" if params else path


def on_graph(server, graph=G):
    value = f"<{graph}>" if server.rules.angles else graph
    return at(server, "graphs", **{server.rules.graph: value})


def upload(server, content=THREE, method="POST", **options):
    media_type = NT if NT in server.rules.uploads else "text/plain"
    return send(server, method, on_graph(server), content, Content_Type=media_type, **options)


def update(server, text, **options):
    return send(server, "POST", at(server, "update"), text, Content_Type=UPDATE, **options)


def rows(server, text, **params):
    status, body, _ = send(server, "GET", at(server, "query", query=text, **params))
    assert status == 200, body
    return json.loads(body)["results"]["bindings"]


@pytest.fixture(params=wire.KINDS)
def server(request):
    with wire.serving(request.param) as running:
        yield running


@pytest.fixture(params=WITH_GRAPHS)
def graph_server(request):
    with wire.serving(request.param) as running:
        yield running


@pytest.fixture
def fuseki():
    with wire.serving("fuseki") as running:
        yield running


def test_there_is_a_simulated_store_for_each_kind_that_cannot_be_had():
    from dragoman.remote.profiles import kinds

    assert set(kinds()) - {"virtuoso", "oxigraph", "dragoman"} == set(wire.KINDS)


def test_it_answers_nowhere_else(server):
    assert 404 == send(server, "GET", "/somewhere/else?query=ASK%7B%7D")[0]


def test_whoever_is_not_known_changes_nothing(server):
    if server.auth != "none":
        text = f"INSERT DATA {{ GRAPH <{G}> {{ <urn:a> <urn:b> 1 }} }}"
        status, _, headers = update(server, text, user=False)
        assert status == (403 if server.kind == "qlever" else 401)
        assert (status == 401) == ("WWW-Authenticate" in headers)
    assert set() == server.quads()


def test_what_is_uploaded_is_what_it_holds(graph_server):
    assert upload(graph_server)[0] == graph_server.rules.posted
    wanted = {q.triple for q in ox.parse(THREE, format=ox.RdfFormat.N_TRIPLES)}
    assert wanted == graph_server.triples(G)
    if "GET" in graph_server.rules.methods:
        status, body, headers = send(graph_server, "GET", on_graph(graph_server), Accept=NT)
        assert (200, NT) == (status, headers["Content-Type"])
        assert sorted(THREE.splitlines()) == sorted(body.splitlines())


def test_put_replaces_a_graph_and_tells_new_from_old_where_the_kind_does(graph_server):
    if "PUT" not in graph_server.rules.methods:
        assert 405 == upload(graph_server, method="PUT")[0]
        return
    new, old = graph_server.rules.put
    assert new == upload(graph_server, method="PUT")[0]
    one = THREE.splitlines(keepends=True)[0]
    assert old == upload(graph_server, one, method="PUT")[0]
    assert 1 == len(graph_server.triples(G))


def test_content_of_another_type_is_refused(graph_server):
    answer = send(graph_server, "POST", on_graph(graph_server), b"a,b", Content_Type="text/csv")
    assert 415 == answer[0]


def test_a_graph_that_is_absent_or_empty_does_not_exist(graph_server):
    if "GET" in graph_server.rules.methods:
        assert graph_server.rules.absent == send(graph_server, "GET", on_graph(graph_server))[0]
        upload(graph_server, b"", method="PUT")
        assert graph_server.rules.absent == send(graph_server, "GET", on_graph(graph_server))[0]
    if "CREATE" not in graph_server.rules.refused:
        update(graph_server, f"CREATE GRAPH <{G}>")
    assert set() == graph_server.graph_names()


def test_bad_content_and_bad_queries_are_refused_in_words(server):
    if server.rules.graphs:
        assert 400 == upload(server, b"<urn:a> <urn:b> .\n")[0]
    status, body, headers = send(server, "GET", at(server, "query", query="SELECT"))
    form = {"json": "application/json", "html": "text/html", "text": "text/plain"}
    assert (400, form[server.rules.errors]) == (status, headers.get_content_type())
    assert b"MALFORMED QUERY" in body


def test_queries_may_come_in_each_way_of_the_protocol(server):
    text = "ASK { }"
    form = urllib.parse.urlencode({"query": text})
    path = at(server, "query")
    for answer in (
        send(server, "GET", f"{path}?{form}"),
        send(server, "POST", path, form, Content_Type=wire.FORM),
        send(server, "POST", path, text, Content_Type=wire.QUERY),
    ):
        assert (200, True) == (answer[0], json.loads(answer[1])["boolean"])


def test_nothing_acceptable_is_406(server):
    path = at(server, "query", query="SELECT * { ?s ?p ?o }")
    assert 406 == send(server, "GET", path, Accept="image/png")[0]


def test_the_default_graph_is_the_union_each_triple_once_or_holds_only_what_has_no_name(server):
    one = "<urn:a> <urn:b> 1"
    update(server, f"INSERT DATA {{ GRAPH <{G}> {{ {one} }} GRAPH <{G}2> {{ {one} }} }}")
    asked = "SELECT * { ?s ?p ?o }"
    assert (1 if server.rules.union else 0) == len(rows(server, asked))
    assert 2 == len(rows(server, "SELECT * { GRAPH ?g { ?s ?p ?o } }"))
    if server.rules.asked_union:
        wanted = {"default-graph-uri": server.rules.asked_union}
        assert 1 == len(rows(server, asked, **wanted))


def test_a_query_may_choose_its_graphs(server):
    one = "<urn:a> <urn:b> 1"
    text = f"INSERT DATA {{ GRAPH <{G}> {{ {one} }} GRAPH <{G}2> {{ {one} }} }}"
    update(server, text)
    path = at(server, "query")
    chosen = [("default-graph-uri", G), ("default-graph-uri", f"{G}2"), ("named-graph-uri", G)]
    for asked, rows_there in (("?s ?p ?o", 1), ("GRAPH ?g { ?s ?p ?o }", 1)):
        form = urllib.parse.urlencode([("query", f"SELECT * {{ {asked} }}"), *chosen])
        for answer in (
            send(server, "GET", f"{path}?{form}"),
            send(server, "POST", path, form, Content_Type=wire.FORM),
        ):
            assert rows_there == len(json.loads(answer[1])["results"]["bindings"])


def test_operations_that_a_kind_does_not_know_are_refused(server):
    for operation in ("LOAD <urn:x>", f"CLEAR GRAPH <{G}>", f"MOVE GRAPH <{G}> TO GRAPH <{G}2>"):
        refused = operation.split()[0] in server.rules.refused | {"LOAD"}
        update(server, f"INSERT DATA {{ GRAPH <{G}> {{ <urn:a> <urn:b> 'LOAD CLEAR' }} }}")
        assert refused == (update(server, operation)[0] == 400), operation


def test_neptune_gives_triples_without_a_graph_to_one_of_its_own():
    with wire.serving("neptune") as server:
        update(server, "INSERT DATA { <urn:a> <urn:b> 1 }")
        send(server, "POST", "/sparql/gsp/?default", b"<urn:c> <urn:d> 1 .", Content_Type=TURTLE)
        assert {server.rules.into} == server.graph_names()
        assert 2 == len(server.triples(server.rules.into))
        for media_type in (wire.TRIG, wire.JSON_LD):
            answer = send(server, "POST", on_graph(server), b"", Content_Type=media_type)
            assert 415 == answer[0], media_type


def test_allegrograph_wants_the_name_of_a_graph_in_angles():
    with wire.serving("allegrograph") as server:
        path = at(server, "graphs", context=G)
        assert 400 == send(server, "POST", path, THREE, Content_Type=NT)[0]


def test_quads_go_to_the_graphs_that_they_name(fuseki):
    content = f"<urn:a> <urn:b> <urn:c> <{G}2> .\n"
    send(fuseki, "POST", at(fuseki, "graphs") + "?default", content, Content_Type=NQ)
    assert {f"{G}2"} == fuseki.graph_names()


def test_graphdb_knows_its_own_tokens():
    with wire.serving("graphdb", auth="gdb") as server:
        assert 204 == upload(server)[0]
        assert 401 == upload(server, user=False)[0]


def test_uploads_may_come_in_blocks(fuseki):
    blocks = iter([THREE[:20], THREE[20:]])
    status, _, _ = send(fuseki, "PUT", on_graph(fuseki), blocks, Content_Type=NT)
    assert (201, 3) == (status, len(fuseki.triples(G)))


# ------------------------------------------------------------------ faults


@pytest.mark.parametrize(("what", "left"), [("drop", 2), ("alter", 3)])
def test_one_quad_of_an_upload_is_lost_or_altered(fuseki, what, left):
    fuseki.faults = [Fault(what, on="write")]
    assert 201 == upload(fuseki, method="PUT")[0]
    true = {q.triple for q in ox.parse(THREE, format=ox.RdfFormat.N_TRIPLES)}
    assert left == len(fuseki.triples(G))
    assert 2 == len(fuseki.triples(G) & true)
    upload(fuseki, method="PUT")
    assert true == fuseki.triples(G)


@pytest.mark.parametrize(("what", "lines"), [("drop", 2), ("alter", 3), ("lines", 1)])
def test_an_answer_lacks_or_alters_something(fuseki, what, lines):
    upload(fuseki)
    fuseki.faults = [Fault(what, on="read")]
    _, body, _ = send(fuseki, "GET", on_graph(fuseki), Accept=NT)
    assert lines == len(body.splitlines())
    assert set(body.splitlines()) != set(THREE.splitlines())
    _, body, _ = send(fuseki, "GET", on_graph(fuseki), Accept=NT)
    assert set(THREE.splitlines()) == set(body.splitlines())


def test_half_an_answer_may_say_its_length_or_lie_about_it(fuseki):
    upload(fuseki)
    fuseki.faults = [Fault("half", on="read")]
    _, body, _ = send(fuseki, "GET", on_graph(fuseki), Accept=NT)
    assert len(THREE) // 2 == len(body)
    fuseki.faults = [Fault("cut", on="read")]
    with pytest.raises(http.client.IncompleteRead):
        send(fuseki, "GET", on_graph(fuseki), Accept=NT)


@pytest.mark.parametrize(("what", "stored"), [("close", 0), ("lost", 3), ("cut-upload", 0)])
def test_a_connection_is_closed_before_or_after_the_work(fuseki, what, stored):
    fuseki.faults = [Fault(what, on="write")]
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        upload(fuseki)
    assert stored == len(fuseki.triples(G))
    assert 0 == fuseki.asked[-1].status


def test_half_an_upload_may_be_stored(fuseki):
    fuseki.faults = [Fault("half-upload")]
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        upload(fuseki)
    assert 1 == len(fuseki.triples(G))


def test_the_nth_request_of_a_sort_is_the_one_that_fails(fuseki):
    fuseki.faults = [Fault("status", on="write", at=2, times=2, status=503, retry_after="1")]
    read = [send(fuseki, "GET", at(fuseki, "query", query="ASK {}"))[0] for _ in range(3)]
    written = [upload(fuseki)[0] for _ in range(4)]
    assert ([200] * 3, [200, 503, 503, 200]) == (read, written)
    assert "1" == upload_headers(fuseki)["Retry-After"]


def upload_headers(server):
    server.faults = [Fault("status", on="write", status=429, retry_after="1")]
    return upload(server)[2]


def test_a_page_a_redirect_and_a_refusal_for_size(fuseki):
    fuseki.faults = [Fault("html"), Fault("redirect", at=2, target="http://127.0.0.1:9/else")]
    status, body, headers = upload(fuseki)
    assert (200, "text/html", True) == (status, headers.get_content_type(), b"log in" in body)
    status, _, headers = upload(fuseki)
    assert (307, "http://127.0.0.1:9/else") == (status, headers["Location"])
    fuseki.largest = 10
    assert 413 == upload(fuseki)[0]
    assert set() == fuseki.quads()


def test_a_read_only_store_answers_questions_and_takes_nothing(fuseki):
    fuseki.read_only = True
    assert 403 == upload(fuseki)[0]
    assert 403 == update(fuseki, "INSERT DATA { <urn:a> <urn:b> 1 }")[0]
    assert [] == rows(fuseki, "SELECT * { ?s ?p ?o }")


@pytest.mark.parametrize("says", [True, False])
def test_answers_are_cut_with_and_without_a_word(fuseki, says):
    upload(fuseki)
    fuseki.max_rows, fuseki.says_cap = 2, says
    path = at(fuseki, "query", query=f"SELECT * {{ GRAPH <{G}> {{ ?s ?p ?o }} }}")
    status, body, headers = send(fuseki, "GET", path, Accept="text/csv")
    assert (200, 3) == (status, len(body.splitlines()))
    assert ("2" if says else None) == headers["X-SPARQL-MaxRows"]
    _, body, _ = send(fuseki, "GET", on_graph(fuseki), Accept=NT)
    assert 2 == len(body.splitlines())
    path = at(fuseki, "query", query=f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{G}> {{ ?s ?p ?o }} }}")
    assert b"3" in send(fuseki, "GET", path, Accept="text/csv")[1]


def test_a_killed_store_answers_nothing_and_then_holds_what_it_held(fuseki):
    upload(fuseki)
    fuseki.faults = [Fault("kill", on="read")]
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        send(fuseki, "GET", on_graph(fuseki))
    fuseki.stop()
    with pytest.raises(ConnectionError):
        upload(fuseki)
    fuseki.start()
    _, body, _ = send(fuseki, "GET", on_graph(fuseki), Accept=NT)
    assert 3 == len(body.splitlines())


def test_it_keeps_what_it_was_asked(fuseki):
    upload(fuseki)
    asked = fuseki.asked[-1]
    assert ("POST", "/base/data", {"graph": G}, THREE, 200) == (
        asked.method,
        asked.path,
        asked.params,
        asked.body,
        asked.status,
    )
    assert asked.headers["authorization"].startswith("Basic ")
