"""Where the engine departs from SPARQL 1.1, questions are rewritten, or there is a warning."""

from __future__ import annotations

import json

import pyoxigraph as ox
import pytest

import arq
from dragoman import store, syntax
from dragoman.errors import SyntaxProblem

FACTS = """@prefix ex: <https://example.org/> .
ex:treaty ex:signedBy ex:kaya , ex:lund ; ex:article 3 ; ex:title "Pact"@en .
ex:desk ex:under ex:office ; ex:inside ex:office .
ex:office ex:under ex:ministry .
"""
PREFIX = "PREFIX ex: <https://example.org/> "
NOBODY = "<https://example.org/nobody>"
# The question, and its rows by the recommendation.
RIGHT = {
    "SELECT (GROUP_CONCAT(?n) AS ?t) { ?x ex:article ?n }": ['"3"'],
    "SELECT (GROUP_CONCAT(?n; SEPARATOR='; ') AS ?t) { VALUES ?n { <urn:a> 1 } }": ['"urn:a; 1"'],
    "SELECT (GROUP_CONCAT(?n) AS ?t) { ?x ex:title ?n }": ['"Pact"'],
    "SELECT (GROUP_CONCAT(DISTINCT ?n) AS ?t) { VALUES ?n { 1 1 '1' 'a'@en 'a' } }": ['"1 1 a a"'],
    "SELECT (GROUP_CONCAT(IF(?n > 1, ?n, 'x')) AS ?t) { VALUES ?n { 1 2 } }": ['"x 2"'],
    "SELECT (GROUP_CONCAT(?n) AS ?t) { ?x ex:none ?n }": ['""'],
    "SELECT (COUNT(*) AS ?n) { VALUES ?m { 1 2 } } HAVING (GROUP_CONCAT(?m) = '1 2')": [
        '"2"^^<http://www.w3.org/2001/XMLSchema#integer>'
    ],
    "SELECT ?w { ex:nobody ex:under* ?w }": [NOBODY],
    "SELECT ?w { ex:nobody ex:under? ?w }": [NOBODY],
    "SELECT ?w { ?w ex:under* ex:nobody }": [NOBODY],
    "SELECT ?w { ex:nobody ^ex:under*/ex:inside* ?w }": [NOBODY],
    "SELECT ?w { ex:nobody ex:under*/ex:inside ?w }": [],
    "SELECT ?w { ex:nobody (ex:under*|ex:inside?) ?w }": [NOBODY, NOBODY],
    "SELECT ?w { ex:desk ex:under ?x ; ex:inside ?y . ex:nobody ex:under* ?w }": [NOBODY],
    "SELECT ?w { ?w ex:under ?x FILTER EXISTS { ex:nobody ex:under* ?z } FILTER(?w = ex:desk) }": [
        "<https://example.org/desk>"
    ],
    "SELECT ('yes' AS ?w) { ex:nobody ex:under* ex:nobody }": ['"yes"'],
    "SELECT ('yes' AS ?w) { ex:nobody ex:under* ex:desk }": [],
    "SELECT ?w { 'text' ex:under* ?w }": ['"text"'],
    "SELECT ?w { ex:nobody ex:under+ ?w }": [],
    "SELECT ?w { ex:desk ex:under|ex:inside ?w }": ["<https://example.org/office>"] * 2,
    "SELECT ?w { ex:desk ex:under ?x ; a|ex:under|ex:inside ?w . }": [
        "<https://example.org/office>"
    ]
    * 2,
    "SELECT DISTINCT ?w { ex:desk ex:under|ex:inside ?w }": ["<https://example.org/office>"],
    "SELECT ?w { ex:desk (ex:under|ex:inside)/ex:under ?w }": ["<https://example.org/ministry>"]
    * 2,
    "SELECT ?w { ex:office ^(ex:under|ex:inside) ?w ; ex:under ?x, ?y }": [
        "<https://example.org/desk>"
    ]
    * 2,
    "SELECT (COUNT(*) AS ?n) { ?a (ex:under|ex:inside) ?b }": [
        '"3"^^<http://www.w3.org/2001/XMLSchema#integer>'
    ],
    "SELECT (COUNT(*) AS ?n) { ?a (ex:under|ex:inside)+ ?b }": [
        '"3"^^<http://www.w3.org/2001/XMLSchema#integer>'
    ],
}


@pytest.fixture(scope="module")
def index() -> store.LocalStore:
    made = ox.Store()
    made.load(FACTS.encode(), ox.RdfFormat.TURTLE)
    return store.LocalStore(made)


def asked(index: store.LocalStore, question: str) -> store.Answer:
    return index.query(syntax.check_query(PREFIX + question))


@pytest.mark.parametrize("question", RIGHT)
def test_a_question_has_the_rows_that_the_recommendation_gives_it(index, question):
    answer = asked(index, question)
    assert RIGHT[question] == [str(term) for (term,) in answer.rows]
    assert () == answer.warnings


@pytest.mark.skipif(bool(arq.MISSING), reason=arq.WITHOUT_JENA)
def test_jena_gives_the_same_rows(tmp_path):
    file = tmp_path / "facts.ttl"
    file.write_text(FACTS, encoding="utf-8")
    with arq.arq(file) as jena:
        for question, rows in RIGHT.items():
            said = json.loads(jena.ask(PREFIX + question))["results"]["bindings"]
            values = [each["value"] for row in said for each in row.values()]
            plain = [row.removesuffix("<http://www.w3.org/2001/XMLSchema#integer>") for row in rows]
            assert [each.strip('"<>^') for each in plain] == values, question


@pytest.mark.parametrize(
    "question",
    [
        "SELECT ?w { VALUES ?s { ex:nobody } ?s ex:under* ?w }",
        "SELECT ?w { VALUES (?n ?s) { (1 ex:desk) (2 ex:nobody) } ?s ex:under? ?w }",
        "SELECT ?w { BIND(ex:nobody AS ?s) ?s ex:under* ?w }",
        "SELECT ?w { GRAPH ?g { ex:nobody ex:under* ?w } }",
    ],
)
def test_a_path_from_a_value_that_is_unknown_is_warned_of(index, question):
    (warning,) = asked(index, question).warnings
    assert "the base says nothing of ex:nobody" in warning


def test_a_path_from_a_value_that_is_known_is_not_warned_of(index):
    answer = asked(index, "SELECT ?w { VALUES ?s { ex:desk } ?s ex:under* ?w }")
    assert (3, ()) == (len(answer.rows), answer.warnings)


@pytest.mark.parametrize(
    "question",
    [
        "SELECT ?w { _:b ex:under|ex:inside ?w . _:b ex:under ?w }",
        "SELECT ?w { [ ex:under|ex:inside ?w ] }",
    ],
)
def test_what_cannot_be_rewritten_is_asked_as_it_stands_with_a_warning(index, question):
    answer = asked(index, question)
    assert 2 == len(answer.rows)
    assert "fewer rows than SPARQL 1.1" in answer.warnings[0]


def test_too_many_alternatives_are_warned_of_and_not_written_out(index):
    path = "/".join(["(ex:a|ex:b)"] * 60)
    answer = asked(index, f"SELECT ?w {{ ?v {path} ?w }}")
    assert "Write a UNION" in answer.warnings[0]


def test_an_error_is_told_where_it_stands_in_the_text_as_it_was_written(index):
    with pytest.raises(SyntaxProblem, match=r"^-:2:\d+: Not SPARQL"):
        asked(index, "SELECT (GROUP_CONCAT(?n) AS ?t)\n{ ?x ex:article ?n . ?x ?y }")


@pytest.mark.parametrize(
    ("question", "hint"),
    [
        ('SELECT ?s { ?s ?p ?l FILTER(LANG(?l) = "en-GB") }', "LANGMATCHES"),
        ('SELECT ?s { ?s ?p ?l FILTER("fr-CA" = LANG(?l)) }', "LANGMATCHES"),
        ('SELECT ?s { ?s ?p ?l FILTER(LANG(?l) NOT IN ("de", "pt-BR")) }', "LANGMATCHES"),
        ('SELECT ?s { ?s ?p ?l FILTER(STR(?l) = "PT36H") }', "respelled"),
        ('SELECT ?s { ?s ?p ?l FILTER(STR(?l) IN ("1.50")) }', "respelled"),
        (
            "SELECT ?s { ?s ?p ?l FILTER(DATATYPE(?l) = <http://www.w3.org/2001/XMLSchema#int>) }",
            "ask for xsd:integer",
        ),
        ("SELECT ?s { ?s ?p ?l FILTER(?l < true) }", "compare with ="),
        ("SELECT ?g { GRAPH ?g { VALUES ?x { 1 } } }", "lose the graph"),
        ("SELECT ?g { GRAPH ?g { ?a ?p ?o MINUS { ?b ?q ?r } } }", "lose the graph"),
        ("SELECT ?g { GRAPH ?g { SELECT (COUNT(*) AS ?n) { ?a ?p ?o } } }", "lose the graph"),
        (
            "SELECT ?x { ?x ?p 1 FILTER EXISTS { ?y ?q ?z MINUS { ?x ?r 2 } } }",
            "write FILTER NOT EXISTS",
        ),
    ],
)
def test_what_the_index_or_the_engine_has_otherwise_is_warned_of(question, hint):
    (warning,) = syntax.check_query(question).warnings
    assert hint in warning


@pytest.mark.parametrize(
    "question",
    [
        'SELECT ?s { ?s ?p ?l FILTER(LANG(?l) = "en-gb") }',
        'SELECT ?s { ?s ?p ?l FILTER(LANGMATCHES(LANG(?l), "en-GB")) }',
        'SELECT ?s { ?s ?p ?l FILTER(STR(?l) = "Pact" || STR(?l) = "10") }',
        "SELECT ?g { GRAPH ?g { ?x ?p ?o VALUES ?x { 1 } } }",
        "SELECT ?g { GRAPH ?g { ?a ?p ?o MINUS { ?a ?q 1 } } }",
        "SELECT ?x { ?x ?p 1 FILTER EXISTS { ?x ?q ?z MINUS { ?z ?r 2 } } }",
    ],
)
def test_what_is_the_same_here_as_in_the_recommendation_is_not_warned_of(question):
    assert () == syntax.check_query(question).warnings
