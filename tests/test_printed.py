"""The SPARQL that a question is for any other editor: whole, with values, time and labels."""

from __future__ import annotations

import json
from collections import Counter

import pytest
import rdflib
from pyoxigraph import RdfFormat, Store, serialize

import arq
from dragoman import api, queries, remote, syntax
from dragoman.base import packaged_base

EX = "http://example.org/"
FACTS = f"""\
@prefix ex: <{EX}> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:gala a ex:Meeting ; ex:host ex:arvania ; ex:day "2026-07-15"^^xsd:date ; ex:note "Gala"@en .
ex:hunt a ex:Meeting ; ex:host ex:belmark ; ex:day "2025-12-31"^^xsd:date .
ex:iris a ex:Meeting ; ex:host ex:belmark , ex:corland .
ex:arvania skos:prefLabel "Arvania"@en , "Arvanya"@tr .
ex:belmark skos:prefLabel "Belmark"@en , "Belmarka"@de-AT .
ex:Meeting rdfs:label "meeting"@en , "toplantı"@tr .
"""
PREFIX = f"PREFIX ex: <{EX}>\n"
# Each with the rows of ?x and its label in Turkish, or else in English.
ARVANIA, BELMARK, CORLAND = ("arvania", "Arvanya"), ("belmark", "Belmark"), ("corland", "")
NONE = ("", "")
HOSTS = [ARVANIA, BELMARK, BELMARK, CORLAND]
TEXTS = {
    "SELECT ?x { ?m ex:host ?x } ORDER BY ?x": HOSTS,
    "SELECT ?x ?day { ?m ex:host ?x OPTIONAL { ?m ex:day ?day } } ORDER BY ?x ?day": HOSTS,
    "SELECT DISTINCT ?x { ?m ex:host ?x } ORDER BY ?x": [ARVANIA, BELMARK, CORLAND],
    "SELECT ?x (COUNT(?m) AS ?n) { ?m ex:host ?x } GROUP BY ?x HAVING (COUNT(?m) > 1)": [BELMARK],
    "SELECT ?x { ?m ex:host ?x } ORDER BY DESC(?x) LIMIT 2": [CORLAND, BELMARK],
    "SELECT ?x { ?m ex:host ?x # which?\n} ORDER BY ?x # so": HOSTS,
    "SELECT (?h AS ?x) { ?m ex:host ?h } ORDER BY ?x": HOSTS,
    'SELECT ?x ?n { ?m ex:host ?x . BIND ("""a\nb""" AS ?n) } ORDER BY ?x': HOSTS,
    "SELECT ?x ?day { ?m ex:day ?day OPTIONAL { ?m ex:note ?n ; ex:host ?x } }": [ARVANIA, NONE],
    "SELECT ?x ?d { { ?m ex:day ?d } UNION { ex:gala ex:host ?x } }": [ARVANIA, NONE, NONE],
    "SELECT ?x ?n { VALUES (?n ?x) { (1 UNDEF) (2 ex:arvania) } }": [ARVANIA, NONE],
    "SELECT ?x { { SELECT ?x { ?m ex:host ?x } } } ORDER BY ?x": HOSTS,
    "SELECT ?x { ?m ex:day ?day ; a ?x } ORDER BY ?x": [("Meeting", "toplantı")] * 2,
}


def printed(text: str, *languages: str) -> str:
    asked = queries.Asked(syntax.check_query(PREFIX + text))
    return queries.printed(asked, {}, languages)


@pytest.fixture(scope="module")
def index() -> Store:
    made = Store()
    made.load(FACTS.encode(), RdfFormat.TURTLE)
    return made


def pairs(rows) -> Counter:
    return Counter(
        (str(thing or "").strip("<>").removeprefix(EX), str(getattr(label, "value", label) or ""))
        for thing, label in rows
    )


@pytest.mark.parametrize("text", TEXTS)
def test_labels_are_joined_and_rows_stay_as_they_are(index, text):
    rows = [(row["x"], row["xLabel"]) for row in index.query(printed(text, "tr"))]
    assert Counter(TEXTS[text]) == pairs(rows)
    if "LIMIT" not in text and "ORDER" in text:
        assert [name for name, _ in TEXTS[text]] == [
            thing.value.removeprefix(EX) for thing, _ in rows
        ]


@pytest.mark.parametrize("text", TEXTS)
def test_rdflib_gives_the_same_labels(text):
    graph = rdflib.Graph().parse(data=FACTS, format="turtle")
    found = graph.query(printed(text, "tr"))
    assert Counter(TEXTS[text]) == pairs((row.x, row.xLabel) for row in found)


@pytest.mark.skipif(bool(arq.MISSING), reason=arq.WITHOUT_JENA)
def test_jena_gives_the_same_labels(tmp_path):
    facts = tmp_path / "facts.ttl"
    facts.write_text(FACTS, encoding="utf-8")
    with arq.arq(facts) as jena:
        for text, wanted in TEXTS.items():
            rows = json.loads(jena.ask(printed(text, "tr")))["results"]["bindings"]
            found = (
                (row.get("x", {}).get("value"), row.get("xLabel", {}).get("value")) for row in rows
            )
            assert Counter(wanted) == pairs(found), text


@pytest.mark.parametrize("kind", ["oxigraph_server", "virtuoso_server"])
def test_servers_give_the_same_labels(index, request, kind):
    server = request.getfixturevalue(kind)
    triples = {quad.triple for quad in index}
    server.put(f"{EX}facts", serialize(triples, format=RdfFormat.N_TRIPLES))
    there = remote.connect(None, server.url)
    for text, wanted in TEXTS.items():
        found = there.query(syntax.check_query(printed(text, "tr")))
        places = [found.columns.index(name) for name in ("x", "xLabel")]
        assert Counter(wanted) == pairs([row[at] for at in places] for row in found.rows), text


def test_what_is_worked_out_gets_no_labels_and_days_do_not():
    text = printed("SELECT ?x (COUNT(?m) AS ?n) (STR(?x) AS ?t) { ?m ex:host ?x } GROUP BY ?x")
    assert "?nLabel" not in text
    assert "?tLabel" not in text
    assert text.count("OPTIONAL") == 1


def test_a_longer_tag_is_found_whatever_its_case(index):
    (row,) = index.query(printed("SELECT ?x { ex:hunt ex:host ?x }", "de-AT"))
    assert "Belmarka" == row["xLabel"].value


@pytest.mark.parametrize(
    "text", ["ASK { ?s a ex:Meeting }", "SELECT * { ?s ?p ?o }", "DESCRIBE ex:gala"]
)
def test_what_has_no_named_columns_is_printed_as_it_is(text):
    assert f"{PREFIX}{text}\n" == printed(text)


def test_prefixes_that_the_base_knows_are_declared(root):
    base = api.open(root)
    asked = base.prepared("SELECT ?s { ?s a dip:State }")
    text = queries.printed(asked, base.prefixes, ())
    assert "PREFIX dip: <https://w3id.org/dragoman/ontology/>" in text
    rdflib.Graph().query(text)


def test_a_prefix_that_means_something_else_is_not_used(index):
    text = "PREFIX skos: <urn:x/>\nSELECT ?x { ?m ex:host ?x FILTER (?m != skos:a) } ORDER BY ?x"
    assert 4 == len(list(index.query(printed(text, "tr"))))


@pytest.fixture(scope="module")
def base() -> api.KnowledgeBase:
    return api.open(packaged_base().root)


@pytest.mark.parametrize("path", packaged_base().queries(), ids=lambda path: path.stem)
def test_every_question_is_printed_whole_with_the_rows_that_it_has(base, path):
    asked = base.prepared(path.stem)
    text = queries.printed(asked, {}, ("tr",))
    assert not text.startswith("#+")
    wanted = base.run(asked, labels=False).answer
    found = base.query(text).answer
    places = [found.columns.index(name) for name in wanted.columns]
    assert Counter(wanted.rows) == Counter(tuple(row[at] for at in places) for row in found.rows)


def test_values_and_time_are_in_the_text(dragoman, root):
    (root / "queries" / "when.rq").write_text(
        "#+ summary: When\n#+ description: When?\n#+ tags: [time]\n"
        "#+ params:\n#+   - {name: state, type: dip:State, description: The state}\n"
        "#+ time: [day]\n\nPREFIX dip: <https://w3id.org/dragoman/ontology/>\n"
        "SELECT ?state ?day {\n    VALUES ?state { UNDEF }\n    ?state dip:founded ?day\n}\n",
        encoding="utf-8",
    )
    done = dragoman("query", "when", "--set", "state=Türkiye", "--since", "1923", "--print")
    text = done.stdout.decode()
    assert (0, b"") == (done.returncode, done.stderr)
    assert "VALUES ?state { <https://w3id.org/dragoman/id/state/TUR> }" in text
    assert 'FILTER (?day >= "1923-01-01"' in text
    assert "?dayLabel" not in text
    path = root / "queries" / "when.rq"
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    told = path.read_text().replace("#+ time: [day]\n", "").replace("dip:founded", label)
    path.write_text(told, encoding="utf-8")
    text = dragoman("query", "when", "--print").stdout.decode()
    assert "?stateLabel" in text
    assert "?dayLabel" not in text
    assert "# any ?state" in dragoman("query", "when", "--print").stdout.decode()


def test_a_question_is_described_with_examples_for_which_there_are_rows(dragoman, root):
    (root / "queries" / "when.rq").write_text(
        "#+ summary: When\n#+ description: When was a state founded?\n#+ tags: [time]\n"
        "#+ params:\n#+   - {name: state, type: dip:State, description: The state}\n"
        "#+ time: [day]\n#+ columns: {day: the day of its foundation}\n\n"
        "PREFIX dip: <https://w3id.org/dragoman/ontology/>\n"
        "SELECT ?state ?day {\n    VALUES ?state { UNDEF }\n    ?state dip:founded ?day\n}\n",
        encoding="utf-8",
    )
    told = " ".join(dragoman("query", "when", "--describe").stdout.decode().split())
    for part in (
        "when When When was a state founded?",
        '--set state= The state (dip:State). For example "Türkiye".',
        "Without a value, all count; given twice, either does.",
        "--since --until A year, month or day",
        "columns state, day (the day of its foundation)",
        "SPARQL 13 lines in",
        'example dragoman query when --set state="Türkiye" --since',
    ):
        assert part in told
    lines = dragoman("query", "founded", "--describe").stdout.decode().splitlines()
    assert max(map(len, lines)) <= 80


def test_the_example_is_of_a_row_and_without_rows_there_is_none(dragoman, root):
    path = root / "queries" / "when.rq"
    text = (
        "#+ summary: When\n#+ description: When?\n#+ tags: [time]\n"
        "#+ params:\n#+   - {name: state, type: dip:State, description: The state}\n"
        "#+ time: [day]\n\nPREFIX dip: <https://w3id.org/dragoman/ontology/>\n"
        "SELECT ?state ?day {\n    VALUES ?state { UNDEF }\n    ?state dip:founded ?day\n}\n"
    )
    path.write_text(text, encoding="utf-8")
    told = dragoman("query", "when", "--describe").stdout.decode()
    (example,) = (line for line in told.splitlines() if line.startswith("example"))
    assert 'dragoman query when --set state="Türkiye" --since 1923' in example
    path.write_text(text.replace("dip:founded", "dip:lost"), encoding="utf-8")
    told = dragoman("query", "when", "--describe").stdout.decode()
    assert "For example" not in told
    assert told.splitlines()[-1].split() == ["example", "dragoman", "query", "when"]


def test_only_saved_questions_are_described(dragoman):
    done = dragoman("query", "-e", "ASK {}", "--describe")
    assert (2, b"") == (done.returncode, done.stdout)
    assert b"Only saved questions are described" in done.stderr
