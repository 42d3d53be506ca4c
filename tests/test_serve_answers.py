"""The endpoint answers as the base itself does, whatever the text and the format."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from pyoxigraph import QueryResultsFormat, parse_query_results

import dragoman
from dragoman.errors import SyntaxProblem
from dragoman.server.answers import endpoint
from dragoman.server.exchange import Request
from dragoman.server.options import Options
from dragoman.server.problems import Refusal
from dragoman.server.served import Served
from dragoman.syntax import check_query
from dragoman.syntax.clauses import with_slice
from small_base import DIP, small_base


class Taking:
    """Takes what a worker would send."""

    def __init__(self) -> None:
        self.headers: list[tuple[str, str]] = []
        self.begun = False
        self.data = b""

    def write(self, data: bytes) -> int:
        self.data += data
        return len(data)


def answer(served: Served, text: str, accept: str = "*/*") -> bytes:
    request = Request(
        "endpoint.query",
        path="/sparql",
        query=(("query", text),),
        headers={"accept": accept},
        root="http://localhost",
        generation=served.generation,
    )
    taking, body = Taking(), endpoint.query(served, request).body
    assert callable(body)
    body(taking)
    return taking.data


@pytest.fixture(scope="module")
def packaged():
    found = Served(Options(base=str(dragoman.open().base.root)))
    found.at("now")
    return found


@pytest.fixture
def small(tmp_path):
    base = small_base(tmp_path / "base")
    lines = "".join(f'<urn:n:{n:02}> <{DIP}name> "{n}" .\n' for n in range(30))
    (base.root / "data" / "many.nt").write_text(lines)
    found = Served(Options(base=str(base.root), rows=10))
    found.at("now")
    return found


def rows_of(body: bytes, columns: tuple[str, ...]) -> list[tuple[object, ...]]:
    told = json.loads(body)
    plain = json.dumps({"head": told["head"], "results": told["results"]})
    found = parse_query_results(plain, QueryResultsFormat.JSON)
    return [tuple(row[name] for name in columns) for row in found]


def test_every_saved_question_has_the_rows_that_the_base_gives(packaged):
    asked = 0
    for question in packaged.base.questions():
        text = packaged.base.prepared(question).text.text
        wanted = packaged.base.query(text, labels=False)
        body = answer(packaged, text)
        assert list(wanted.columns) == json.loads(body)["head"]["vars"], question.name
        assert list(wanted.rows) == rows_of(body, wanted.columns), question.name
        asked += len(wanted.rows)
    assert asked > 500


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p ?o }",
        "SELECT * { ?s ?p ?o } LIMIT 100",
        "SELECT ?s { ?s ?p ?o } ORDER BY ?s OFFSET 5",
        "SELECT ?s { ?s ?p ?o } OFFSET 5 LIMIT 100 # the end",
        "SELECT ?s { ?s ?p ?o } # no limit",
        "SELECT ?s ?p { ?s ?p ?o } VALUES ?p { <%sname> }" % DIP,  # noqa: UP031  braces
        "SELECT ?s ?p { ?s ?p ?o } LIMIT 50 VALUES ?p { <%sname> }" % DIP,  # noqa: UP031
        "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p HAVING (COUNT(*) > 1) ORDER BY ?p",
        "SELECT ?s { { SELECT ?s { ?s ?p ?o } LIMIT 20 } }",
        "SELECT ?limit { ?limit ?offset ?o }",
        "SELECT ?s { ?s ?p ?o } OFFSET 0",
        "SELECT ?s { ?s ?p ?o } OFFSET 0 LIMIT 40",
        'SELECT ?s { ?s ?p ?o FILTER (?o != "} LIMIT 3") }',
        "SELECT ?s { ?s (<%sname>|<urn:x>) ?o }" % DIP,  # noqa: UP031
        "SELECT ?s { ?s <%sname>* ?o }" % DIP,  # noqa: UP031
    ],
)
def test_no_answer_has_more_rows_than_it_may_and_those_it_has_are_right(text, small):
    wanted = small.base.query(text, labels=False)
    body = answer(small, text)
    found = rows_of(body, wanted.columns)
    assert min(len(wanted.rows), 10) == len(found)
    assert not Counter(found) - Counter(wanted.rows)
    assert (len(wanted.rows) > 10) == ("cut" in json.loads(body))
    assert list(wanted.columns) == json.loads(body)["head"]["vars"]


@pytest.mark.parametrize(
    ("text", "limit", "offset"),
    [
        ("SELECT * {}", None, 0),
        ("SELECT * {} LIMIT 5", 5, 0),
        ("SELECT * {} OFFSET 3 LIMIT 5", 5, 3),
        ("SELECT * {} offset 3", None, 3),
        ("SELECT * { { SELECT * {} LIMIT 5 } }", None, 0),
        ("SELECT * {} # LIMIT 5", None, 0),
        ("SELECT * {} LIMIT 7 VALUES ?x { 1 }", 7, 0),
        ("SELECT (1 AS ?LIMIT) {}", None, 0),
    ],
)
def test_what_a_query_asks_of_its_solutions_is_read_behind_its_pattern(text, limit, offset):
    query = check_query(text)
    assert (limit, offset) == (query.limit, query.offset)
    again = check_query(with_slice(query, 2, 1))
    assert (2, 1) == (again.limit, again.offset)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?s OFFSET 2 ?p { ?s ?p ?o }",
        "SELECT ?s { ?s ?p ?o } ORDER BY LIMIT 200 ?s",
        "SELECT ?s { ?s ?p ?o } LIMIT 200 LIMIT 300",
        "SELECT ?s { ?s ?p ?o } LIMIT ?s",
        "SELECT ?s LIMIT 5 { ?s ?p ?o }",
    ],
)
def test_a_text_that_is_wrong_is_not_righted(text, small):
    with pytest.raises(SyntaxProblem):
        answer(small, text)


def test_an_answer_in_a_format_that_cannot_say_that_it_is_cut_is_none(small):
    with pytest.raises(Refusal, match="Add LIMIT"):
        answer(small, "SELECT ?s { ?s ?p ?o }", "text/csv")
    body = answer(small, "SELECT ?s { ?s ?p ?o } LIMIT 3", "text/csv")
    assert 4 == body.count(b"\r\n")
