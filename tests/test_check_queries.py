"""`dragoman check-queries`: each rule finds its trap and nothing else, and a store is compared."""

from __future__ import annotations

import json
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from dragoman import portability, store, syntax
from dragoman.base import DATA, ONTOLOGY, Base
from dragoman.cli import cli

ROOT = Path(__file__).resolve().parents[1]
BASE = Base(ROOT, "it is under test")
PREFIXES = BASE.prefixes()
CHAIN = "BIND(?x + ?x AS ?x0) " + " ".join(
    f"BIND(?x{step} + ?x{step} AS ?x{step + 1})" for step in range(7)
)
TRAPS = {
    "boolean-order": ("SELECT ?s { ?s dip:acting ?b FILTER (?b < true) } ORDER BY ?s", 1, 43),
    "derived-datatype": (
        "SELECT ?s { ?s dip:count ?n FILTER (DATATYPE(?n) = xsd:int) } ORDER BY ?s",
        1,
        52,
    ),
    "language-capitals": (
        'SELECT ?s { ?s rdfs:label ?l FILTER (LANG(?l) = "pt-BR") } ORDER BY ?s',
        1,
        49,
    ),
    "minus-in-exists": (
        (
            "SELECT ?s { ?s a ?c FILTER EXISTS { ?x dip:count ?n MINUS { ?s dip:start ?d } } } "
            "ORDER BY ?s"
        ),
        1,
        53,
    ),
    "respelled-text": (
        'SELECT ?s { ?s dip:count ?n FILTER (STR(?n) = "007") } ORDER BY ?s',
        1,
        47,
    ),
    "unknown-term": ("SELECT ?s { ?s a dip:Stat } ORDER BY ?s", 1, 18),
    "blank-node-label": ("SELECT ?p { <_:b0> ?p ?o } ORDER BY ?p", 1, 13),
    "bound-bind": ("SELECT ?s {\n ?s a ?c\n BIND(1 AS ?c) } ORDER BY ?s", 3, 12),
    "choice-filter": (
        (
            "SELECT ?a { ?a a ?c BIND(COALESCE(?c, IF(?a = ?c, ?c, ?u)) AS ?d) "
            "FILTER (?a != ?d) } ORDER BY ?a"
        ),
        1,
        81,
    ),
    "graph": ("SELECT ?s { GRAPH ?g { ?s a ?c } } ORDER BY ?s", 1, 13),
    "having-alias": (
        "SELECT ?s (COUNT(*) AS ?n) { ?s a ?c } GROUP BY ?s HAVING (?n > 1) ORDER BY ?s",
        1,
        60,
    ),
    "limit-without-order": ("SELECT ?s { { SELECT ?s { ?s a ?c } LIMIT 3 } } ORDER BY ?s", 1, 37),
    "long-chain": (f"SELECT ?x7 {{ ?s dip:count ?x {CHAIN} }} ORDER BY ?x7", 1, 207),
    "open-path": ("SELECT ?a ?b { ?a skos:broader* ?b } ORDER BY ?a ?b", 1, 31),
    "outer-filter": (
        (
            "SELECT ?a { ?a dip:count ?n OPTIONAL { { SELECT ?b ?m { ?b dip:count ?m } } "
            "FILTER (?m = ?n) } } ORDER BY ?a"
        ),
        1,
        90,
    ),
    "path-group": (
        "SELECT ?a { ?a (dip:portfolio|dip:capacity)/skos:broader* ?b . ?b a ?c } ORDER BY ?a",
        1,
        57,
    ),
    "random-pick": ("SELECT (SAMPLE(?s) AS ?one) { ?s a ?c } ORDER BY ?one", 1, 9),
    "refused": ("SELECT ?s {\n SERVICE <urn:x> { ?s a ?c } } ORDER BY ?s", 2, 2),
    "star": ("SELECT * { ?s a ?c } ORDER BY ?s", 1, 8),
    "text-order": ("SELECT ?l { ?s skos:prefLabel ?l } ORDER BY DESC(?l)", 1, 50),
    "truth-value": ("SELECT ?s ?b { ?s a ?c BIND(?s = ?c AS ?b) } ORDER BY ?s", 1, 40),
    "unbound-filter": (
        (
            "SELECT ?s { ?s a ?c OPTIONAL { ?s dip:start ?a } OPTIONAL { ?c dip:start ?b } "
            "FILTER (COALESCE(STR(?a) = STR(?b), true)) } ORDER BY ?s"
        ),
        1,
        87,
    ),
    "vendor": (
        "PREFIX bif: <urn:bif> SELECT ?s { ?s a ?c FILTER (bif:contains(?c, ?s)) } ORDER BY ?s",
        1,
        51,
    ),
}


def found(text: str, source: store.LocalStore | None = None) -> list[tuple[str, int, int]]:
    """Return what is found besides prefixes, which the texts here leave to the base."""
    every = portability.findings(text, "-", PREFIXES, source)
    return [each[:1] + each[2:4] for each in every if each.rule != portability.UNDECLARED]


OTHERS = {"graph-variable", portability.UNDECLARED}


@pytest.mark.parametrize("rule", sorted(portability.RULES.keys() - OTHERS))
def test_each_rule_finds_its_trap_where_it_stands(index, rule):
    text, line, column = TRAPS[rule]
    assert [(rule, line, column)] == found(text, index)


def test_a_graph_that_is_lost_is_found_beside_the_choice_of_graphs():
    text = "SELECT ?g { GRAPH ?g { VALUES ?x { 1 } } } ORDER BY ?g"
    assert [("graph", 1, 13), ("graph-variable", 1, 24)] == found(text)


def test_a_prefix_that_is_not_declared_is_the_first_finding_once_with_its_declaration():
    text = "SELECT * {\n ?s a dip:State ; skos:prefLabel ?l , dip:x }"
    every = portability.findings(text, "-", PREFIXES)
    assert [
        ("undeclared-prefix", 2, 7),
        ("undeclared-prefix", 2, 19),
        ("star", 1, 8),
    ] == [each[:1] + each[2:4] for each in every]
    assert "PREFIX dip: <https://w3id.org/dragoman/ontology/>" in every[0].text
    assert "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>" in every[1].text


def test_a_term_that_nothing_declares_is_found_with_the_nearest(index):
    text = "PREFIX dip: <https://w3id.org/dragoman/ontology/> SELECT ?s { ?s a dip:Stat }"
    (finding,) = portability.findings(text, "-", PREFIXES, index)
    assert ("unknown-term", 68) == (finding.rule, finding.column)
    assert "dip:State" in finding.text


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?s { ?s a ?c } ORDER BY ?s LIMIT 3",
        "SELECT ?a { ?a a ?c BIND(IF(?a = ?c, COALESCE(?c), 1) AS ?d) FILTER (?a != ?d) }",
        "SELECT ?a ?b { ?b a skos:Concept . ?a skos:broader* ?b } ORDER BY ?a ?b",
        "SELECT ?b { VALUES ?a { <urn:a> } ?a skos:broader* ?b } ORDER BY ?b",
        'SELECT ?l { ?s skos:prefLabel ?l } ORDER BY COALESCE(STR(?l), "")',
        "SELECT ?s ?b { ?s a ?c BIND(xsd:boolean(?s = ?c) AS ?b) } ORDER BY ?s",
        'SELECT ?s { ?s skos:prefLabel "GRAPH, SAMPLE and LIMIT" } ORDER BY ?s # FROM <x>',
        "SELECT (COUNT(*) AS ?n) { ?s a ?c . ?c dip:count ?m BIND(?m * 2 AS ?d) } ORDER BY ?n",
    ],
)
def test_what_every_store_answers_alike_is_no_finding(text):
    assert [] == found(text)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "queries").glob("*.rq")), ids=lambda path: path.stem
)
def test_a_saved_query_has_no_finding(path):
    assert [] == portability.findings(path.read_text(encoding="utf-8"), path.stem)


def run(*arguments: str):
    return CliRunner().invoke(cli, ["--base", str(ROOT), "check-queries", *arguments])


def test_a_query_without_findings_ends_with_0():
    result = run("delegations")
    assert (0, "") == (result.exit_code, result.stdout)


def test_a_finding_names_file_line_store_and_remedy_and_ends_with_1(tmp_path):
    file = tmp_path / "own.rq"
    file.write_text("SELECT ?s\n{ ?s a ?c }\nLIMIT 3\n", encoding="utf-8")
    result = run(str(file))
    assert 1 == result.exit_code
    assert f"{file}:3:1: limit-without-order" in result.stdout
    assert "where: every store" in result.stdout
    assert "instead: add ORDER BY" in result.stdout


def test_findings_are_written_as_json(tmp_path):
    file = tmp_path / "own.rq"
    file.write_text("SELECT * { ?s a ?c } ORDER BY ?s", encoding="utf-8")
    (finding,) = json.loads(run("-f", "json", str(file)).stdout)["findings"]
    assert ("star", str(file), 1, 8) == tuple(
        finding[key] for key in ("rule", "name", "line", "column")
    )
    assert "write the columns out" == finding["instead"]


def test_an_unknown_name_ends_with_2_and_names_the_nearest():
    result = run("delegation")
    assert 2 == result.exit_code
    assert "delegations" in result.stderr


def test_a_file_that_is_not_text_ends_with_2(tmp_path):
    file = tmp_path / "own.rq"
    file.write_bytes(b"\xff\xfe")
    assert 2 == run(str(file)).exit_code


@pytest.fixture(scope="module")
def index() -> store.LocalStore:
    return store.load(BASE, ONTOLOGY, DATA)


QUESTION = "SELECT ?s { ?s a dip:State } ORDER BY ?s"


def compared(index: store.LocalStore, other: store.LocalStore) -> portability.Comparison:
    query = syntax.check_query(QUESTION, "-", PREFIXES)
    text = syntax.check_query(syntax.with_prefixes(query, PREFIXES), "-")
    return portability.compare(text, index, other, "states")


def test_a_store_with_the_same_facts_gives_the_same_rows(index):
    comparison = compared(index, index)
    assert "same" == comparison.verdict
    assert comparison.here > 100


def test_rows_that_only_one_of_two_stores_has_are_told(index):
    other = store.load(BASE, ONTOLOGY, DATA)
    state = ox.NamedNode("https://w3id.org/dragoman/id/state/HUN")
    for quad in list(other.store.quads_for_pattern(state, None, None, None)):
        other.store.remove(quad)
    comparison = compared(index, other)
    assert ("different", ((state.value,),), ()) == (
        comparison.verdict,
        comparison.missing,
        comparison.extra,
    )


def test_an_endpoint_is_asked_and_compared(oxigraph_server, index):
    facts = ox.serialize({quad.triple for quad in index.quads()}, format=ox.RdfFormat.N_TRIPLES)
    oxigraph_server.request(
        "PUT", f"{oxigraph_server.graphs}?default", facts, Content_Type="application/n-triples"
    )
    result = run("--endpoint", oxigraph_server.query, "delegations", "voices")
    assert (0, "") == (result.exit_code, result.stdout)
    assert "2 of 2 give the same rows there" in result.stderr


def test_a_parameter_is_set_for_the_queries_that_have_it(oxigraph_server, index):
    hungary = ox.NamedNode("https://w3id.org/dragoman/id/state/HUN")
    triples = {quad.triple for quad in index.quads() if hungary not in {quad.subject, quad.object}}
    facts = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    oxigraph_server.request(
        "PUT", f"{oxigraph_server.graphs}?default", facts, Content_Type="application/n-triples"
    )
    asked = ["--endpoint", oxigraph_server.query, "mechanisms-shared-with-a-state", "mechanisms"]
    result = run(*asked, "--set", "state=Hungary")
    assert 1 == result.exit_code
    assert "mechanisms-shared-with-a-state: different: 1 row here, 0 there" in result.stdout
    assert 0 == run(*asked[:-1], "--set", "state=France").exit_code


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--set", "state=Hungary"], "--set needs --endpoint"),
        (["--endpoint", "urn:x", "--set", "state"], "--set takes NAME=VALUE"),
        (["--endpoint", "urn:x", "--set", "stat=Hungary"], "There is no parameter 'stat'"),
    ],
)
def test_a_setting_that_means_nothing_ends_with_2(options, message):
    result = run("mechanisms-shared-with-a-state", *options)
    assert 2 == result.exit_code
    assert message in result.stderr


def test_other_rows_of_an_endpoint_are_shown_and_end_with_1(oxigraph_server):
    oxigraph_server.request("DELETE", f"{oxigraph_server.graphs}?default")
    result = run("--endpoint", oxigraph_server.query, "voices")
    assert 1 == result.exit_code
    assert "voices: different: 3 rows here, 0 there" in result.stdout
