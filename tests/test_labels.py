"""Labels beside things, in the languages that a reader prefers."""

from __future__ import annotations

import csv
import io
import json

import pytest
from pyoxigraph import RdfFormat, Store, serialize

from dragoman import api, remote, results, store
from dragoman.errors import DragomanError
from dragoman.labels import labels, languages
from dragoman.results import Heading, Result
from dragoman.store import Answer

EX = "http://example.org/"
FACTS = f"""\
@prefix dip: <https://w3id.org/dragoman/ontology/> .
@prefix ex: <{EX}> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix skosxl: <http://www.w3.org/2008/05/skos-xl#> .
ex:arvania skos:prefLabel "Arvania"@en , "Arvanya"@tr , "Árvánia"@hu , "阿尔瓦尼亚"@zh .
ex:belmark skos:prefLabel "Belmark"@de-AT , "بيلمارك"@ar .
ex:corland skos:prefLabel "Corlande"@fr , "Corland" ; rdfs:label "Corland (class)"@en .
ex:Meeting rdfs:label "meeting"@en , "toplantı"@tr .
ex:note dcterms:title "A note"@en .
ex:alias skos:altLabel "Dorlind"@en .
ex:name dip:nameOf ex:named ; skosxl:literalForm "Ms Ada Alpha"@en .
ex:bare a ex:Meeting .
<{EX}gala/record/seat/1> a ex:Meeting .
"""
THINGS = ("arvania", "belmark", "corland", "Meeting", "note", "alias", "named", "bare")
ENGLISH = {
    "arvania": "Arvania",
    "belmark": "بيلمارك",
    "corland": "Corland",
    "Meeting": "meeting",
    "note": "A note",
    "alias": "Dorlind",
    "named": "Ms Ada Alpha",
}


@pytest.fixture(scope="module")
def index() -> store.LocalStore:
    made = Store()
    made.load(FACTS.encode(), RdfFormat.TURTLE)
    return store.LocalStore(made)


def called(source: store.Source, wanted: str = "") -> dict[str, str]:
    found = labels(source, [EX + each for each in THINGS], languages(wanted))
    return {thing.removeprefix(EX): label.value for thing, label in found.items()}


def test_without_a_wish_labels_are_english_or_else_any_always_the_same(index):
    assert called(index) == ENGLISH


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("tr", {"arvania": "Arvanya", "Meeting": "toplantı"}),
        ("hu,tr", {"arvania": "Árvánia", "Meeting": "toplantı"}),
        ("HU", {"arvania": "Árvánia"}),
        ("tr-CY", {"arvania": "Arvanya", "Meeting": "toplantı"}),
        ("de", {"belmark": "Belmark"}),
        ("de_AT", {"belmark": "Belmark"}),
        ("fr", {"corland": "Corlande"}),
        ("xx", {}),
    ],
)  # fmt: skip
def test_the_first_language_that_a_thing_has_is_chosen(index, wanted, expected):
    assert called(index, wanted) == {**ENGLISH, **expected}


def test_what_the_record_derives_is_called_as_its_class(index):
    node = f"{EX}gala/record/seat/1"
    assert "toplantı" == labels(index, [node], ["tr"])[node].value


@pytest.mark.parametrize("kind", ["oxigraph_server", "virtuoso_server"])
def test_a_store_elsewhere_gives_the_same_labels(index, request, kind):
    server = request.getfixturevalue(kind)
    triples = {quad.triple for quad in index.store}
    server.put(f"{EX}facts", serialize(triples, format=RdfFormat.N_TRIPLES))
    there = remote.connect(None, server.url)
    assert called(there, "hu,tr") == called(index, "hu,tr")
    before = there.client.requests
    assert len(ENGLISH) == len(called(there))
    assert 1 == there.client.requests - before


@pytest.mark.parametrize("tags", ["t@", "turkish language", "en,x!"])
def test_what_is_no_language_is_refused(tags):
    with pytest.raises(DragomanError, match="is no language tag"):
        languages(tags)


def test_the_variable_tells_the_languages_where_nothing_else_does(monkeypatch):
    monkeypatch.setenv("DRAGOMAN_LANG", "tr,hu")
    assert ("tr", "hu") == languages(None)
    assert ("en",) == languages("en")
    monkeypatch.setenv("DRAGOMAN_LANG", "x y")
    with pytest.raises(DragomanError, match="DRAGOMAN_LANG: 'x y' is no language tag"):
        languages(None)


# --------------------------------------------------------------------- answers


def answered(index, text: str, **told) -> Result:
    answer = Store.query(index.store, f"PREFIX ex: <{EX}> {text}")
    names = tuple(each.value for each in answer.variables)
    rows = tuple(tuple(row[name] for name in names) for row in answer)
    told = {"labelled": True, "naming": lambda things: labels(index, things), **told}
    return Result(Answer("SELECT", names, rows), {"ex": EX}, **told)


PAIRS = "SELECT ?x ?y { VALUES (?x ?y) { (ex:arvania 1) (ex:bare 2) (UNDEF 3) ('text' 4) } }"


def table_of(result: Result) -> list[list[str]]:
    return list(csv.reader(io.StringIO(result.written("csv").decode(), newline="")))


def test_a_label_stands_directly_behind_its_thing(index):
    assert [
        ["x", "xLabel", "y"],
        [f"{EX}arvania", "Arvania", "1"],
        [f"{EX}bare", "bare", "2"],
        ["", "", "3"],
        ["text", "", "4"],
    ] == table_of(answered(index, PAIRS))


def test_every_machine_format_has_the_labels(index):
    result = answered(index, PAIRS)
    assert ["x", "xLabel", "y"] == json.loads(result.written("json"))["head"]["vars"]
    assert b'<variable name="xLabel"/>' in result.written("xml")
    assert b'?xLabel\t?y\n<http://example.org/arvania>\t"Arvania"@en\t1' in result.written("tsv")
    assert b'"xLabel"' in result.spreadsheet()
    assert ("x", "xLabel", "y") == result.columns
    assert {"x": f"{EX}arvania", "xLabel": "Arvania", "y": 1} == next(iter(result))


def test_the_answer_itself_is_bare(index):
    assert ("x", "y") == answered(index, PAIRS).answer.columns
    assert ["x", "y"] == table_of(answered(index, PAIRS, labelled=False))[0]


def test_a_label_that_the_query_selects_itself_is_left_as_it_is(index):
    text = "SELECT ?x ?xLabel { VALUES (?x ?xLabel) { (ex:arvania 'mine') } }"
    assert [["x", "xLabel"], [f"{EX}arvania", "mine"]] == table_of(answered(index, text))


def test_a_column_of_which_nothing_has_a_label_gets_none(index):
    for thing in ("ex:bare", f"<{EX}gala/record/seat/1>", "1"):
        found = answered(index, f"SELECT ?x {{ VALUES ?x {{ {thing} }} }}")
        assert ["x"] == table_of(found)[0], thing


def test_people_see_labels_in_the_place_of_things_whatever_machines_get(index):
    shown = results.table(answered(index, PAIRS, labelled=False))
    assert "Arvania  1" in shown
    assert EX not in shown


def test_the_heading_says_what_was_asked_and_what_not(index):
    one = store.NamedNode(f"{EX}arvania")
    heading = Heading("Who met", (("state", (one,)), ("day", ())))
    shown = results.table(answered(index, PAIRS, heading=heading))
    assert ["Who met", "state: Arvania (ex:arvania)", "day: all", ""] == shown.split("\n")[:4]
    written = answered(index, PAIRS, heading=heading).written("md").decode()
    assert "**Who met** state: Arvania (ex:arvania); day: all\n\n| x | y |" in written
    page = answered(index, PAIRS, heading=heading)._repr_html_()
    assert "<p>Who met<br>state: Arvania (ex:arvania)<br>day: all</p>" in page


def test_sources_accounts_and_passages_are_for_machines_and_said_to_be(index):
    names = ("x", "source", "firstAccount", "passageB", "sources", "resource")
    values = " ".join(f"?{each}" for each in names)
    text = f"SELECT {values} {{ VALUES ({values}) {{ (ex:arvania {'ex:note ' * 3} 2 ex:bare) }} }}"
    shown = results.table(answered(index, text, heading=Heading("All")))
    assert ["x", "sources", "resource"] == shown.split("\n")[2].split()
    assert shown.endswith(
        "Not shown: source, firstAccount, passageB. All columns: -f csv. Who says so:\n"
        "dragoman show THING.\n"
    )
    own = results.table(answered(index, text))
    assert "firstAccount" in own
    assert "Not shown" not in own


def test_the_first_column_is_shown_whatever_it_is(index):
    found = answered(index, "SELECT ?source { VALUES ?source { ex:note } }", heading=Heading("All"))
    assert "A note" in results.table(found)


def test_what_one_value_fixes_stands_above_only(index):
    one = store.NamedNode(f"{EX}arvania")
    text = "SELECT ?x ?y { VALUES (?x ?y) { (ex:arvania 1) (ex:arvania 2) } }"
    heading = Heading("All", (("x", (one,)),))
    assert 1 == results.table(answered(index, text, heading=heading)).count("Arvania")
    assert b"x,xLabel,y" in answered(index, text, heading=heading).written("csv")


# ----------------------------------------------------------------- the command

QUESTION = "names"


def test_the_command_gives_labels_in_the_language_that_is_asked_for(dragoman):
    text = "SELECT ?s { ?s dip:alpha3Code 'HUN' }"
    iri = "https://w3id.org/dragoman/id/state/HUN"

    def lines(*arguments: str, **environment: str) -> list[str]:
        return dragoman("query", *arguments, **environment).stdout.decode().splitlines()

    assert ["s", iri] == lines("-e", text)
    assert ["s,sLabel", f"{iri},Magyarország"] == lines("-e", text, "--lang", "hu")
    assert ["s,sLabel", f"{iri},Hungary"] == lines("-e", text, "--labels")
    assert ["s", iri] == lines("-e", text, DRAGOMAN_LANG="hu")
    assert ["s,sLabel", f"{iri},Magyarország"] == lines("-e", text, "--labels", DRAGOMAN_LANG="hu")
    assert "Magyarország" in lines("-e", text, "-f", "table", DRAGOMAN_LANG="hu")
    assert "state:HUN" in lines("-e", text, "-f", "table", "--no-labels")


def test_a_saved_question_has_labels_unless_they_are_not_wanted(dragoman):
    assert b"state,stateLabel,label" == dragoman("query", QUESTION).stdout.split()[0]
    assert b"state,label" == dragoman("query", QUESTION, "--no-labels").stdout.split()[0]


def test_in_python_labels_come_as_in_the_command(root):
    base = api.open(root)
    assert ("state", "stateLabel", "label") == base.query(QUESTION).columns
    assert "Magyarország" == next(iter(base.query(QUESTION, state="HUN", lang="hu")))["stateLabel"]
    assert ("state", "label") == base.query(QUESTION, labels=False).columns
    text = "SELECT ?s { ?s dip:alpha3Code 'HUN' }"
    assert ("s",) == base.query(text).columns
    assert ("s", "sLabel") == base.query(text, lang=["hu", "tr"]).columns
    assert "Hungary" in base.query(text)._repr_html_()
    assert "Hungary" in str(base.query(text))
