"""Stores that misbehave: each failure is one honest line, and no secret goes astray."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from dataclasses import replace
from urllib.parse import parse_qs, unquote_plus

import pytest

from bad_store import JSON, TRUE, Reply, answering
from conftest import with_stores
from dragoman.errors import DragomanError, StoreError, SyntaxProblem
from dragoman.lookup.asking import rows
from dragoman.remote import Client, Endpoint, connect, protocol
from dragoman.remote import http as remote_http
from dragoman.remote.finding import find_profile
from dragoman.syntax import check_query

SECRET = "s3cret-of-tests"  # noqa: S105
VARIABLE = "TEST_SECRET"
ROWS = check_query("SELECT ?s { ?s ?p ?o }")
ASK = check_query("ASK { ?s ?p ?o }")
TRIPLES = check_query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Wait no longer between two tries than a test may."""
    monkeypatch.setattr(remote_http, "_LONGEST_WAIT", 0.05)


def endpoint(store, kind="sparql", **told):
    found = find_profile(None, store.url, kind)
    return Endpoint(replace(found, **{"default_graph": "union", "timeout": 5.0, **told}))


def failure(reply, query=ROWS, **told) -> str:
    with answering(reply) as store, pytest.raises(StoreError) as caught:
        endpoint(store, **told).query(query)
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith("http://127.0.0.1:")
    return text.partition("/sparql: ")[2]


def table(count, name="s"):
    cells = [{name: {"type": "uri", "value": f"urn:{index}"}} for index in range(count)]
    return json.dumps({"head": {"vars": [name]}, "results": {"bindings": cells}}).encode()


def asked(seen) -> str:
    """Return the query of a request."""
    fields = seen.body.decode() or seen.path.partition("?")[2]
    return parse_qs(fields).get("query", [""])[0]


# ------------------------------------------------------------------ what it answers


def test_a_web_page_instead_of_results_is_told_by_its_title():
    page = b"<!DOCTYPE html><html><head><title>Welcome &amp; log in</title></head></html>"
    told = failure(Reply(page, media_type="text/html; charset=utf-8"))
    assert told.startswith("a web page came instead of rows: Welcome & log in.")
    assert "/sparql the address for queries?" in told


def test_another_type_of_content_is_named():
    assert failure(Reply(b"x", media_type="image/png")).startswith(
        "image/png came instead of rows: x"
    )
    assert failure(Reply(TRUE), TRIPLES).startswith(f"{JSON} came instead of triples")


def test_triples_for_rows_and_truth_for_rows_are_refused():
    assert "did not answer a SELECT as one" in failure(Reply(TRUE))
    assert "did not answer a ASK as one" in failure(Reply(table(1)), ASK)


@pytest.mark.parametrize("content", [table(5)[:-20], b"", b"{", b"[]", b"\xff\xfe"])
def test_results_that_do_not_parse_are_damaged(content):
    assert failure(Reply(content)).startswith("its answer is damaged")


def test_triples_that_do_not_parse_are_damaged():
    reply = Reply(b"<urn:s> <urn:p> ", media_type="application/n-triples")
    assert failure(reply, TRIPLES).startswith("its answer is damaged")


def test_a_stream_that_ends_too_early_is_found_by_its_frame():
    assert "its answer ends too early" in failure(Reply(table(5), cut=True))
    assert "its answer ends too early" in failure(Reply(table(5), short=True))


def test_an_answer_that_the_store_gave_up_halfway_is_not_taken_for_whole():
    reply = Reply(table(5), headers={"X-SQL-State": "S1TAT", "X-SQL-Message": "time is up"})
    assert "stopped before the answer was complete: time is up" in failure(reply)


def test_bytes_that_drip_are_given_up():
    told = failure(Reply(table(50), drip=0.05), timeout=0.4)
    assert told.startswith("no answer within 0.4 s")
    assert "--timeout" in told


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "it asks who we are"),
        (403, "whoever has no user may not do this (403)"),
        (404, "there is nothing at"),
        (405, "it may be read-only"),
        (413, "it takes no more at once"),
        (429, "it wants fewer requests"),
        (500, "it failed (500)"),
        (503, "it is not able to answer now"),
        (418, "it refused (418)"),
    ],
)
def test_each_status_says_what_it_means(status, words):
    told = failure(Reply(b"the store's words", status, "text/plain"))
    assert words in told
    assert status == 401 or "It says: the store's words" in told


def test_the_words_of_a_refusal_are_found_in_html_and_json():
    assert "It says: bad & worse." in failure(
        Reply(b"<html><title>t</title><pre>bad &amp;\n worse</pre></html>", 500, "text/html")
    )
    assert "It says: no quota." in failure(
        Reply(b'{"message": "no quota"}', 500, "application/json")
    )


def test_the_words_of_a_store_steer_no_terminal_and_are_short():
    told = failure(Reply(b"\x1b[31mred\x07 " + b"x" * 9999, 500, "text/plain"))
    assert told.isprintable()
    assert len(told) < 500


def test_a_query_that_the_store_refuses_is_judged_by_our_own_engine():
    with answering(Reply(b"nonsense", 400, "text/plain")) as store:
        with pytest.raises(SyntaxProblem, match=r"-:1:"):
            endpoint(store).query(check_query("SELECT ?s { ?s ?p }"))
        with pytest.raises(StoreError, match="nonsense"):
            endpoint(store).query(ROWS)


def test_nothing_at_an_address_is_one_line():
    with answering(Reply()) as store:
        profile = endpoint(store).profile
    with pytest.raises(StoreError, match=r"nothing answers at 127\.0\.0\.1:\d+\. Is it running\?"):
        Endpoint(profile).query(ROWS)


# ------------------------------------------------------------------ trying again


def test_a_store_that_is_busy_is_asked_again_and_its_wish_is_heeded(monkeypatch):
    waited = []
    monkeypatch.setattr(remote_http, "_LONGEST_WAIT", 30.0)
    monkeypatch.setattr(remote_http.time, "sleep", waited.append)
    replies = iter(
        [
            Reply(b"", 503, "text/plain", {"Retry-After": "7"}),
            Reply(b"", 429, "text/plain"),
            Reply(table(2)),
        ]
    )
    with answering(lambda _: next(replies)) as store:
        assert len(endpoint(store).query(ROWS)) == 2
    assert 7.0 == waited[0]
    assert 0.3 < waited[1] < 1.0


def test_a_broken_line_is_tried_again_and_what_changes_things_is_not():
    broken = iter([None, Reply(table(1))])
    with answering(lambda _: next(broken)) as store:
        assert len(endpoint(store).query(ROWS)) == 1
    with answering(lambda _: None) as store:
        client = endpoint(store).client
        with pytest.raises(StoreError, match="the connection broke"):
            client.request("POST", store.url, content=b"INSERT DATA {}")
        assert 1 == len(store.seen)


def test_a_stream_that_broke_is_read_anew():
    replies = iter([Reply(table(3), cut=True), Reply(table(3))])
    with answering(lambda _: next(replies)) as store:
        assert len(endpoint(store).query(ROWS)) == 3


# ------------------------------------------------------------------ secrets


@pytest.fixture
def guarded(monkeypatch):
    """Make a client that has a secret, and each request that reached a store."""
    monkeypatch.setenv("TEST_SECRET", SECRET)

    def make(url, auth="basic", note=None):
        profile = find_profile(None, url, "sparql")
        user = None if auth == "bearer" else "user"
        return Client(replace(profile, auth=auth, user=user, secret_env=VARIABLE), note)

    return make


@pytest.mark.parametrize("auth", ["basic", "bearer"])
def test_a_redirect_to_another_host_is_not_followed_and_gets_no_secret(guarded, auth):
    with answering(Reply()) as thief:
        away = Reply(b"", 307, "text/plain", {"Location": f"{thief.url}?x=y"})
        with answering(away) as store, pytest.raises(StoreError, match="another host") as caught:
            guarded(store.url, auth).request("GET", store.url)
        assert "Authorization" in store.seen[0].headers
    assert [] == thief.seen
    assert thief.url in str(caught.value)


def test_a_redirect_on_the_same_host_is_followed(guarded):
    def moved(seen):
        if seen.path == "/sparql":
            return Reply(b"", 308, "text/plain", {"Location": "/new"})
        return Reply()

    with answering(moved) as store:
        reply = guarded(store.url).request("POST", store.url, content=b"x", safe=True)
    assert 200 == reply.status
    assert [("POST", b"x")] * 2 == [(seen.method, seen.body) for seen in store.seen]


def test_redirects_in_a_circle_end():
    with answering(Reply(b"", 302, "text/plain", {"Location": "/sparql"})) as store:
        there = endpoint(store)
        with pytest.raises(StoreError, match="round in circles"):
            there.query(ROWS)


def test_a_store_that_repeats_our_secret_does_not_make_us_tell_it(guarded):
    token = base64.b64encode(f"user:{SECRET}".encode()).decode()
    echo = Reply(f"got {SECRET} and Basic {token}".encode(), 403, "text/plain")
    notes = []
    with answering(echo) as store, pytest.raises(StoreError) as caught:
        guarded(store.url, note=notes.append).request("GET", store.url)
    for text in (str(caught.value), *notes):
        assert SECRET not in text
        assert token not in text


def test_wrong_credentials_name_the_variable_and_another_way_to_be_known(guarded):
    for challenge, words in (
        ('Basic realm="x"', "Is the secret in TEST_SECRET right?"),
        ('Digest realm="x", nonce="n"', "asks who we are by digest"),
    ):
        reply = Reply(b"", 401, "text/plain", {"WWW-Authenticate": challenge})
        with answering(reply) as store, pytest.raises(StoreError) as caught:
            guarded(store.url).request("GET", store.url)
        assert words in str(caught.value)
        assert 401 == caught.value.status


def test_the_command_shows_no_secret_anywhere(root, dragoman):
    def closed(seen):
        return Reply(repr(seen.headers).encode(), 500, "text/plain")

    with answering(closed) as store:
        with_stores(
            root,
            f'[stores.there]\nkind = "sparql"\nurl = "{store.url}"\nauth = "basic"\n'
            'user = "user"\nsecret-env = "TEST_SECRET"\ndefault-graph = "union"\n',
        )
        done = dragoman("-v", "query", "names", "--endpoint", "there", TEST_SECRET=SECRET)
        assert store.seen
    token = base64.b64encode(f"user:{SECRET}".encode()).decode()
    text = (done.stdout + done.stderr).decode()
    assert 2 == done.returncode
    assert "Traceback" not in text
    assert SECRET not in text
    assert token not in text


def test_a_secret_that_all_could_read_on_its_way_is_warned_of(guarded, monkeypatch):
    monkeypatch.setenv(VARIABLE, SECRET)
    for address, auth, warned in (
        ("http://example.org/sparql", "basic", True),
        ("https://example.org/sparql", "basic", False),
        ("http://localhost:1/sparql", "bearer", False),
        ("http://example.org/sparql", "digest", False),
    ):
        profile = guarded(address, auth).profile
        assert warned is bool(Endpoint(profile).warnings)


# ------------------------------------------------------------------ how it is asked


def test_a_long_query_is_sent_as_its_kind_takes_it():
    long = check_query(f"SELECT ?s {{ ?s ?p ?o }} # {'x' * 2000}")
    for kind, media_type in (
        ("fuseki", "application/sparql-query"),
        ("virtuoso", "application/x-www-form-urlencoded"),
    ):
        with answering(Reply(table(1))) as store:
            endpoint(store, kind, query=store.url).query(long)
            endpoint(store, kind, query=f"{store.url}?own=1").query(ROWS)
        first, second = store.seen
        headers = {name.lower(): value for name, value in first.headers.items()}
        assert ("POST", media_type) == (first.method, headers["content-type"])
        assert long.text in (first.body.decode(), asked(first))
        assert "GET" == second.method
        assert second.path.startswith("/sparql?own=1&query=")
        assert headers["user-agent"].startswith("dragoman/")


def test_an_upload_without_its_length_is_not_sent_where_it_would_be_lost():
    with answering(Reply()) as store:
        client = endpoint(store, "virtuoso").client
        with pytest.raises(ValueError, match="length of an upload to Virtuoso"):
            client.request("PUT", store.url, content=lambda: [b"x"])
        client.request("PUT", store.url, content=lambda: [b"x", b"y"], length=2)
    assert [b"xy"] == [seen.body for seen in store.seen]


def test_durations_that_come_as_numbers_are_durations_again():
    xsd = "http://www.w3.org/2001/XMLSchema#"
    told = f'<urn:s> <urn:p> "{{}}"^^<{xsd}duration> .\n'
    spelt = {
        "14": "P1Y2M",
        "-6": "-P6M",
        "0": "P0M",
        "259200.0": "P3D",
        "90061.5": "P1DT1H1M1.5S",
        "0.0": "PT0S",
        "P1Y": "P1Y",
    }
    lines = "".join(map(told.format, spelt)).encode()
    assert "".join(map(told.format, spelt.values())).encode() == protocol.with_durations(lines)
    text = b'<urn:s> <urn:p> "\\"14\\"^^<http://www.w3.org/2001/XMLSchema#duration> ." .\n'
    assert text == protocol.with_durations(text)


# ------------------------------------------------------------------ caps


def capped(cap, total, *, header=False, lie=False):
    """A store with so many rows that gives at most `cap` of them at once."""

    def answer(seen):
        text = asked(seen)
        if "COUNT(*)" in text:
            number = {"type": "literal", "value": str(total)}
            number["datatype"] = "http://www.w3.org/2001/XMLSchema#integer"
            told = {"head": {"vars": ["n"]}, "results": {"bindings": [{"n": number}]}}
            return Reply(json.dumps(told).encode())
        words = text.split()
        most = int(words[words.index("LIMIT") + 1]) if "LIMIT" in words else total
        start = int(words[words.index("OFFSET") + 1]) if "OFFSET" in words else 0
        shown = max(0, min(cap, most, total - start))
        cells = [
            {"s": {"type": "uri", "value": f"urn:{0 if lie else start + index}"}}
            for index in range(shown)
        ]
        told = {"head": {"vars": ["s"]}, "results": {"bindings": cells}}
        headers = {"X-SPARQL-MaxRows": str(cap)} if header and shown == cap else {}
        return Reply(json.dumps(told).encode(), headers=headers)

    return answer


@pytest.mark.parametrize(("cap", "header"), [(1000, False), (70, True)])
def test_an_answer_that_a_store_cuts_off_is_read_in_parts(cap, header):
    total = 3 * cap + 5
    with answering(capped(cap, total, header=header)) as store:
        answer = endpoint(store).query(ROWS)
    assert total == len(set(answer.rows))
    assert not answer.cut
    assert () == answer.warnings


def test_an_answer_that_is_as_long_as_a_cap_by_chance_is_whole():
    with answering(capped(1000, 1000)) as store:
        answer = endpoint(store).query(ROWS)
        assert 2 == len(store.seen)
    assert (1000, False) == (len(answer), answer.cut)


def test_an_answer_whose_rest_cannot_be_read_says_so():
    distinct = check_query("SELECT DISTINCT ?s { ?s ?p ?o }")
    with answering(capped(1000, 2500, lie=True)) as store:
        answer = endpoint(store).query(distinct)
    assert (1000, True) == (len(answer), answer.cut)
    (told,) = answer.warnings
    assert told.startswith("The store cuts every answer at 1,000 rows; this one has 2,500")


def test_a_limit_is_asked_of_the_store():
    with answering(capped(1000, 5000)) as store:
        answer = endpoint(store).query(ROWS, limit=3)
        assert "LIMIT 4" in asked(store.seen[0])
    assert (3, True) == (len(answer), answer.cut)
    with answering(capped(1000, 5000)) as store:
        answer = endpoint(store).query(check_query("SELECT ?s { ?s ?p ?o } LIMIT 2"), limit=3)
    assert (2, False) == (len(answer), answer.cut)


def test_lookups_do_not_work_with_half_of_what_there_is():
    with answering(capped(1000, 2500, lie=True)) as store:
        there = endpoint(store)
        with pytest.raises(DragomanError, match="cuts every answer at 1,000 rows"):
            rows(there, "SELECT DISTINCT ?s { ?s ?p ?o }")


# ------------------------------------------------------------------ whole graphs


def graph_store(lines, *, count=None, cap=None):
    """A store with one graph of N-Triples, which it counts, and gives whole or in parts."""

    def answer(seen):
        text = unquote_plus(asked(seen))
        if "COUNT(*)" in text:
            number = {"type": "literal", "value": str(len(lines) if count is None else count)}
            told = {"head": {"vars": ["n"]}, "results": {"bindings": [{"n": number}]}}
            return Reply(json.dumps(told).encode())
        words = text.split()
        start = int(words[words.index("OFFSET") + 1]) if "OFFSET" in words else 0
        most = int(words[words.index("LIMIT") + 1]) if "LIMIT" in words else len(lines)
        part = lines[start : start + min(most, cap or most)]
        return Reply(b"".join(part), media_type="application/n-triples")

    return answer


LINES = [b"<urn:%d> <urn:p> <urn:o> .\n" % index for index in range(2500)]


def test_a_graph_is_read_in_parts_where_the_store_cuts_it():
    with answering(graph_store(LINES, cap=300)) as store:
        found = b"".join(endpoint(store).lines("urn:g"))
    assert b"".join(LINES) == found


def test_a_graph_that_comes_short_is_refused():
    with answering(graph_store(LINES[:2000], count=2500)) as store:
        there = endpoint(store, "fuseki", query=store.url)
        with pytest.raises(StoreError, match="gave 2,000 triples of the graph urn:g, and counts"):
            list(there.lines("urn:g"))
    with answering(graph_store(LINES[:1000], count=2500)) as store:
        there = endpoint(store)
        with pytest.raises(StoreError):
            list(there.lines("urn:g"))


def test_blank_nodes_in_parts_that_name_them_anew_are_refused():
    lines = [b"<urn:%d> <urn:p> _:b%d .\n" % (index, index % 9) for index in range(900)]
    with answering(graph_store(lines, cap=300)) as store:
        there = endpoint(store)
        with pytest.raises(StoreError, match="blank nodes, and comes in parts"):
            list(there.lines("urn:g"))


def test_what_is_no_iri_is_no_graph():
    with answering(Reply()) as store, pytest.raises(DragomanError, match="no IRI"):
        list(endpoint(store).lines("not an iri> {"))


# ------------------------------------------------------------------ finding out the kind


def test_the_kind_is_told_by_the_headers_of_an_answer():
    for line, kind in (
        ({"Server": "Virtuoso/07.20"}, "virtuoso"),
        ({"Fuseki-Request-Id": "1"}, "fuseki"),
        ({"Server": "Oxigraph/0.5"}, "oxigraph"),
        ({}, "sparql"),
    ):
        with answering(Reply(headers=line)) as store:
            found = connect(None, store.url)
            assert kind == found.profile.kind.name
            assert found.profile.settled
            assert 1 == len(store.seen)


def test_the_usual_endings_are_tried_where_an_address_answers_no_query():
    def answer(seen):
        return Reply() if seen.path.startswith("/query?") else Reply(b"home", 404, "text/plain")

    with answering(answer) as store:
        host = store.url.removesuffix("/sparql")
        assert f"{host}/query" == connect(None, host).profile.query


def test_a_page_that_is_no_store_names_the_kinds():
    page = Reply(b"<html><title>Shop</title></html>", media_type="text/html")
    with answering(page) as store:
        assert store.url.startswith("http://127")
        with pytest.raises(StoreError, match=r"nothing there answers SPARQL.*fuseki.*Shop"):
            connect(None, store.url)


def test_a_store_that_asks_who_we_are_is_there():
    closed = Reply(b"", 401, "text/plain", {"WWW-Authenticate": 'Digest realm="SPARQL"'})
    with answering(closed) as store:
        found = connect(None, store.url)
        with pytest.raises(StoreError, match="asks who we are by digest"):
            found.query(ROWS)


# ------------------------------------------------------------------ the command


def test_the_endpoint_may_be_told_by_the_environment_and_is_refused_for_inferences(root):
    with answering(Reply(table(2))) as store:
        environment = {**os.environ, "DRAGOMAN_ENDPOINT": store.url, "PYTHONPATH": "src"}
        command = [sys.executable, "-m", "dragoman", "--base", str(root), "query"]
        done = subprocess.run(
            [*command, "--inferred", "names"], env=environment, capture_output=True, check=False
        )
    assert 2 == done.returncode
    assert b"leave out --inferred, or the endpoint" in done.stderr
