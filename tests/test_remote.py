"""A real store as a source of facts: Oxigraph's server and Virtuoso answer as the files do."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

import dragoman
from dragoman import canonical, store, vocabulary
from dragoman.base import find_base
from dragoman.cli import cli
from dragoman.errors import ParameterError, UnknownNameError
from dragoman.remote import connect, rewriting, whole
from dragoman.syntax import check_query

if TYPE_CHECKING:
    from graph_stores import Server

ROOT = Path(__file__).parent.parent
DATA = "https://w3id.org/dragoman/id/source/"
STORES = ("oxigraph", "virtuoso")
# Which saved queries Virtuoso answers rightly is looked at where the queries are.
PORTABLE = ("delegations", "mechanisms", "order-of-events", "people", "sources", "voices")


def load_base(server: Server, *, merge: bool) -> None:
    """Put the base into a store, without the package."""
    for source in find_base(str(ROOT)).sources("ontology", "data"):
        content = ox.serialize(ox.parse(path=source.path), format=ox.RdfFormat.N_TRIPLES)
        server.put(source.graph, content)
    derived = (quad.triple for quad in dragoman.open(ROOT).store.quads(vocabulary.RECORD_GRAPH))
    server.put(vocabulary.RECORD_GRAPH, ox.serialize(derived, format=ox.RdfFormat.N_TRIPLES))
    if merge and server.kind == "oxigraph":
        update(server, "INSERT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }")


def update(server: Server, text: str) -> None:
    kind = "application/sparql-update"
    status, words = server.request("POST", server.update, text.encode(), Content_Type=kind)
    assert status in {200, 204}, words


@pytest.fixture(scope="module", params=STORES)
def server(request):
    """A store with the base in it."""
    running = request.getfixturevalue(f"{request.param}_server")
    load_base(running, merge=True)
    return running


@pytest.fixture(scope="module")
def local():
    return dragoman.open(ROOT)


@pytest.fixture(scope="module")
def there(server):
    return dragoman.open(ROOT, endpoint=server.url)


def test_sparqlwrapper_asks_over_our_connections(server, monkeypatch):
    import SPARQLWrapper

    texts = []
    query = SPARQLWrapper.SPARQLWrapper.query

    def noted(self):
        texts.append(self.queryString)
        return query(self)

    monkeypatch.setattr(SPARQLWrapper.SPARQLWrapper, "query", noted)
    monkeypatch.setattr("SPARQLWrapper.Wrapper.urlopener", None)
    endpoint = connect(None, server.url)
    assert endpoint.query(check_query("ASK { ?s ?p ?o }")).truth
    assert "ASK { ?s ?p ?o }" == texts[-1]
    assert 0 < endpoint.client.requests <= len(texts)


def rows_of(result) -> object:
    """Return the rows however they are sorted; labels of blank nodes mean nothing."""
    if result.answer.truth is not None:
        return result.answer.truth
    return Counter(
        tuple("_" if isinstance(cell, ox.BlankNode) else cell for cell in row)
        for row in result.rows
    )


def test_saved_queries_answer_as_they_do_over_the_files(local, there, server):
    names = [question.name for question in local.questions()]
    different = [
        name
        for name in (names if server.kind == "oxigraph" else PORTABLE)
        if rows_of(local.query(name)) != rows_of(there.query(name))
    ]
    assert [] == different
    assert not there.source.warnings


def test_a_name_is_looked_up_in_the_store(local, there):
    for name, value in (("delegations", {}), ("mechanisms-shared-with-a-state", {"state": "TUR"})):
        assert rows_of(local.query(name, **value)) == rows_of(there.query(name, **value))
    with pytest.raises(ParameterError, match="nothing of type"):
        there.query("mechanisms-shared-with-a-state", state="Atlantis")


def test_things_are_shown_as_they_are_from_the_files_with_few_requests(local, there):
    client = there.source.client
    for thing in ("Hungary", "Hakan Fidan", "TR"):
        before = client.requests
        # Which rule derives a fact is asked of the files alone.
        assert local.show(thing)._replace(derived=()) == there.show(thing)._replace(derived=())
        assert client.requests - before <= 16
    found = local.show("Hakan Fidan")
    assert set(local.triples(found).triples) == set(there.triples(found).triples)
    with pytest.raises(UnknownNameError):
        there.show("Nobody at all")


def test_things_are_found_by_name_with_few_requests(local, there):
    client = there.source.client
    for text, kind in (("orban", None), ("szijjarto peter", None), ("united", "state")):
        before = client.requests
        assert local.search(text, kind=kind).rows == there.search(text, kind=kind).rows
        assert client.requests - before <= 6


def test_what_there_is_is_counted_in_the_store(local, there):
    counted, files = there.stats(), local.stats()
    groups = {"accounts", "sources", "named voices", "anonymous voices"}

    def chosen(result):
        return [row for row in result.rows if row[0].value in groups]

    assert chosen(files) == chosen(counted)
    triples = {row[1]: row[3] for row in files.rows if row[0].value == "triples"}
    there_too = {row[1]: row[3] for row in counted.rows if row[0].value == "triples"}
    # A store has the record as one graph more.
    assert there_too.pop(ox.NamedNode(vocabulary.RECORD_GRAPH))
    assert triples == there_too
    assert {"graphs", "triples of all graphs"} <= {row[2].value for row in counted.rows}


def test_each_graph_comes_whole_and_exact(local, there, server):
    graphs = [each for each in there.source.graphs() if each != vocabulary.RECORD_GRAPH]
    files = {each.graph: each for each in local.base.sources("ontology", "data")}
    assert sorted(files) == list(graphs)
    for iri in graphs:
        read = canonical.of_lines(there.source.lines(iri), iri)
        own = canonical.read(files[iri].path, iri, timeout=60)
        assert own.count == read.count == there.source.count(iri)
        if server.kind == "oxigraph":
            spelt = canonical.of_triples((q.triple for q in local.store.quads(iri)), iri)
            assert spelt.sha256 == read.sha256


def test_quads_have_their_graph(there):
    iri = f"{DATA}areas"
    quads = list(there.source.quads(iri))
    assert there.source.count(iri) == len(set(quads))
    assert {ox.NamedNode(iri)} == {quad.graph_name for quad in quads}


def test_the_sources_behind_an_answer_are_found(local, there):
    text = "SELECT ?s { ?s a dip:State ; dip:alpha3Code 'HUN' }"
    query = local.prepared(text, {})
    here, away = local.run(query), there.run(query)
    assert here.rows == away.rows
    assert local.sources_behind(query, here) == there.sources_behind(query, away)


def test_an_ask_a_construct_and_a_describe_are_answered(local, there):
    for text in (
        "ASK { ?s a dip:State }",
        "ASK { ?s a dip:NoSuchClass }",
    ):
        assert local.query(text).answer.truth is there.query(text).answer.truth
    text = "CONSTRUCT { ?s a dip:State } WHERE { ?s a dip:State }"
    assert set(local.query(text).triples) == set(there.query(text).triples)
    shown = there.query(text, limit=5)
    assert (5, True) == (len(shown), shown.answer.cut)
    assert there.query("DESCRIBE state:HUN").triples


def test_columns_and_limits_are_those_of_the_text(local, there):
    text = "SELECT * { ?state a dip:State ; dip:alpha3Code ?code } ORDER BY ?code"
    for limit in (None, 0, 3):
        here, away = local.query(text, limit=limit), there.query(text, limit=limit)
        assert (here.columns, here.rows, here.answer.cut) == (
            away.columns,
            away.rows,
            away.answer.cut,
        )


def test_what_follows_from_facts_is_not_asked_of_a_store(there):
    with pytest.raises(ParameterError, match="leave out --inferred"):
        there.query("delegations", inferred=True)


def test_the_command_takes_an_endpoint(server):
    def run(*arguments, **environment):
        result = CliRunner().invoke(cli, ["--base", str(ROOT), *arguments], env=environment)
        assert 0 == result.exit_code, result.stderr
        return result.stdout

    at = ("--endpoint", server.url)
    assert run("query", "mechanisms", "-f", "csv") == run("query", "mechanisms", "-f", "csv", *at)
    assert run("search", "orban") == run("search", "orban", DRAGOMAN_ENDPOINT=server.url)
    assert run("show", "Hungary", "-f", "json") == run("show", "Hungary", "-f", "json", *at)
    assert "triples of all graphs" in run("stats", *at)


def test_a_graph_that_is_not_there_has_nothing(there):
    assert 0 == there.source.count("urn:nowhere")
    assert [] == list(there.source.lines("urn:nowhere"))


# ------------------------------------------------------------------ default graphs


def test_the_default_graph_of_oxigraph_is_recognised(oxigraph_server):
    graphs = {
        "urn:a": b"<urn:s> <urn:p> <urn:o> .\n<urn:s> <urn:p> <urn:both> .\n",
        "urn:b": b"<urn:t> <urn:p> <urn:o> .\n<urn:s> <urn:p> <urn:both> .\n",
    }
    query = check_query("SELECT ?s ?o { ?s <urn:p> ?o }")
    oxigraph_server.clear()
    for name, content in graphs.items():
        oxigraph_server.put(name, content)
    try:
        empty = connect(None, oxigraph_server.url)
        assert 3 == len(set(empty.query(query).rows))
        assert "is empty, so a fact that stands in two graphs is counted twice" in empty.warnings[0]
        update(oxigraph_server, "INSERT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }")
        merged = connect(None, oxigraph_server.url)
        assert 3 == len(merged.query(query).rows)
        assert () == merged.warnings
        oxigraph_server.put("urn:c", b"<urn:new> <urn:p> <urn:o> .\n")
        stale = connect(None, oxigraph_server.url)
        assert 4 == len(set(stale.query(query).rows))
        assert "lacks 1 of its 3 graphs" in stale.warnings[0]
    finally:
        oxigraph_server.clear()
        load_base(oxigraph_server, merge=True)


# ------------------------------------------------------------------ what Virtuoso does


@pytest.fixture(scope="module")
def large(virtuoso_server):
    """A graph in Virtuoso that is larger than its answers, with blank nodes."""
    lines = [f'<urn:n:{index:05}> <urn:v> "{index}" .\n' for index in range(12_000)]
    lines += [f"<urn:n:{index:05}> <urn:b> _:b{index} .\n" for index in range(0, 3000, 3)]
    lines += [f'_:b{index} <urn:w> "blank {index}" .\n' for index in range(0, 3000, 3)]
    virtuoso_server.put("urn:large", "".join(lines).encode())
    yield connect(None, virtuoso_server.url), lines
    virtuoso_server.request("DELETE", f"{virtuoso_server.graphs}?graph=urn%3Alarge")


@pytest.mark.parametrize("by_subjects", [False, True])
def test_a_graph_larger_than_its_answers_comes_whole_from_virtuoso(large, by_subjects, monkeypatch):
    endpoint, lines = large
    if by_subjects:
        monkeypatch.setattr(whole, "_KNOWN", 0)
        monkeypatch.setattr(whole, "_SUBJECTS", 2000)
    found = canonical.of_lines(endpoint.lines("urn:large"), "urn:g", timeout=60)
    sent = canonical.of_lines([line.encode() for line in lines], "urn:g", timeout=60)
    assert sent.sha256 == found.sha256


def test_rows_beyond_its_cap_come_from_virtuoso_in_parts(large):
    endpoint, _ = large
    for text in (
        "SELECT ?s ?v { GRAPH <urn:large> { ?s <urn:v> ?v } }",
        "SELECT DISTINCT ?s { GRAPH <urn:large> { ?s <urn:v> ?v } }",
        "SELECT ?s ?v { GRAPH <urn:large> { ?s <urn:v> ?v } } ORDER BY ?s",
    ):
        answer = endpoint.query(check_query(text))
        assert (12_000, False) == (len(set(answer.rows)), answer.cut), text
        if "ORDER" in text:
            assert sorted(answer.rows, key=str) == list(answer.rows)


def test_triples_beyond_its_cap_are_said_to_be_cut(large):
    endpoint, _ = large
    text = "CONSTRUCT { ?s <urn:v> ?v } WHERE { GRAPH <urn:large> { ?s <urn:v> ?v } }"
    answer = endpoint.query(check_query(text))
    assert answer.cut
    assert "cuts every answer at 10,000 triples" in answer.warnings[0]


def test_terms_that_virtuoso_spells_otherwise_are_mended(virtuoso_server):
    xsd = "http://www.w3.org/2001/XMLSchema#"
    terms = [
        f'"P1Y2M"^^<{xsd}duration>',
        f'"P3DT4H"^^<{xsd}duration>',
        f'"true"^^<{xsd}boolean>',
        '"a \\"typed-literal\\" nodeID://b1"@en',
    ]
    lines = [f"<urn:s> <urn:p{number}> {term} .\n" for number, term in enumerate(terms)]
    virtuoso_server.put("urn:odd", "".join([*lines, "<urn:s> <urn:b> _:b .\n"]).encode())
    try:
        endpoint = connect(None, virtuoso_server.url)
        text = "SELECT ?p ?o { GRAPH <urn:odd> { <urn:s> ?p ?o } } ORDER BY ?p"
        rows = endpoint.query(check_query(text)).rows
        assert isinstance(rows[0][1], ox.BlankNode)
        assert terms == [str(row[1]) for row in rows[1:]]
    finally:
        virtuoso_server.request("DELETE", f"{virtuoso_server.graphs}?graph=urn%3Aodd")


# ------------------------------------------------------------------ texts


@pytest.mark.parametrize(
    ("text", "limited", "page"),
    [
        ("SELECT ?s { ?s ?p ?o }", "LIMIT 3", "LIMIT 2 OFFSET 4"),
        ("SELECT ?s { ?s ?p ?o } LIMIT 9", "LIMIT 3", "}} LIMIT 9".replace("}}", "}")),
        ("SELECT ?s { ?s ?p ?o } LIMIT 2", "LIMIT 2", "LIMIT 2 OFFSET 4"),
        ("SELECT ?s { ?s ?p ?o } ORDER BY ?s # LIMIT 1", "LIMIT 3", "OFFSET 4"),
        ("SELECT ?s { { SELECT ?s { ?s ?p ?o } LIMIT 7 } }", "LIMIT 3", "LIMIT 7"),
        ("SELECT ?s { ?s ?p ?o } VALUES ?s { <urn:LIMIT> }", "LIMIT 3", "OFFSET 4"),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p '}' } GROUP BY ?s", "LIMIT 3", "OFFSET 4"),
    ],
)
def test_a_limit_is_put_where_sparql_has_it(text, limited, page):
    taken = rewriting.select(text)
    assert limited in taken.limited(3)
    assert page in taken.page(2, 4)
    for made in (taken.limited(3), taken.counted(), taken.page(2, 4)):
        check_query(made)
        ox.Store().query(made)


def test_counting_and_parts_of_rows_are_right_on_an_engine():
    engine = ox.Store()
    engine.extend(
        ox.Quad(ox.NamedNode(f"urn:{index}"), ox.NamedNode("urn:p"), ox.Literal(index % 3))
        for index in range(10)
    )
    index = store.LocalStore(engine)
    for text in (
        "PREFIX : <urn:> SELECT DISTINCT ?o { ?s :p ?o }",
        "SELECT ?s ?o { ?s <urn:p> ?o } ORDER BY DESC(?s)",
        "SELECT ?s { ?s <urn:p> ?o FILTER(?o > 0) } LIMIT 5 OFFSET 1",
        "SELECT ?o (COUNT(*) AS ?n) { ?s <urn:p> ?o } GROUP BY ?o HAVING (COUNT(*) > 3)",
    ):
        whole_answer = index.query(check_query(text)).rows
        taken = rewriting.select(text)
        ((counted,),) = index.query(check_query(taken.counted())).rows
        assert str(len(whole_answer)) == counted.value
        parts = [
            row
            for start in range(0, len(whole_answer), 2)
            for row in index.query(check_query(taken.page(2, start))).rows
        ]
        assert sorted(whole_answer, key=str) == sorted(parts, key=str)
