"""Skeletons as report forms, and of one thing: valid when filled in, and not before."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from pyoxigraph import RdfFormat, parse

from conftest import command_in
from dragoman import form, store, validation
from dragoman.additions import blank, skeleton
from dragoman.base import Base, find_base, marker_text
from dragoman.cli import cli
from dragoman.errors import DragomanError, UnknownNameError

ROOT = Path(__file__).resolve().parents[1]
BASE = Base(ROOT, "it is under test")
PLACE = skeleton.PLACE
ACCOUNT = {"status": "expected", "about": "France", "by": "paper", "words": "p1"}
KINDS = blank.kinds(BASE)
# What makes a skeleton whole: key and value, by kind.
NEEDED = {
    "agreement": {"party": "[France, Portugal]"},
    "bilateral-mechanism": {"party": "[France, Portugal]"},
    "institution": {"belongsTo": "France"},
    "mechanism": {"party": "[France, Portugal]"},
    "post": {"postIn": "France"},
    "presidency": {"presidencyOf": "eu", "presidingMember": "France"},
    "quantity": {"measure": "trade"},
    "tenure": {"holder": "Recep Tayyip Erdoğan", "post": "tur-president"},
    "topic": {
        "inScheme": "<https://w3id.org/dragoman/id/scheme/topic>",
        "topicKind": "policy-field",
    },
}
# What shapes want of accounts of some things, beyond what they want of all.
MORE = {
    "agreement": "stage: under-negotiation",
    "collection": "description: Several quays.",
    "utterance": "speaker: France\n    act: call-for\n    topic: gaza",
}


def filled(text, values):
    """Do what the head of a form says: a value in the place of each placeholder."""
    lines = []
    for line in text.splitlines():
        key = line.strip().partition(":")[0]
        if not line.lstrip().startswith("#") and PLACE in line:
            line = line.replace(PLACE, values.get(key, "Something"))  # noqa: PLW2901
        lines.append(line)
    return "\n".join(lines) + "\n"


def findings(path):
    report = validation.validate_files(BASE, [path])
    return [each.message for each in report.at_least("warning")]


def test_the_kinds_are_what_the_ontology_declares(tmp_path):
    assert {"meeting", "person", "post", "institution", "mechanism", "tenure"} < KINDS.keys()
    assert {"agreement", "place", "state", "topic", "utterance", "event"} < KINDS.keys()
    assert not {"subject", "account", "status", "session"} & KINDS.keys()
    assert all(KINDS.values())
    root = tmp_path / "base"
    (root / "ontology").mkdir(parents=True)
    (root / "dragoman.toml").write_text(marker_text(), encoding="utf-8")
    (root / "ontology" / "own.ttl").write_text(
        "@prefix dip: <https://w3id.org/dragoman/ontology/> .\n"
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "dip:CableCar a owl:Class ; rdfs:subClassOf dip:Place .\n",
        encoding="utf-8",
    )
    own = find_base(root)
    assert "cable-car" in blank.kinds(own)
    text = blank.thing(own, "cable-car", "Upper Line")
    assert "reference:\n  place:upper-line:\n    a: CableCar\n    label: Upper Line\n" in text


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_of_each_kind_is_refused_as_it_is_and_says_where(kind, tmp_path):
    path = tmp_path / "new.yaml"
    path.write_text(blank.thing(BASE, kind, ""), encoding="utf-8")
    assert findings(path)


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"topic", "agent", "anonymous-voice"}))
def test_a_form_of_each_kind_that_is_filled_in_is_valid(kind, tmp_path):
    path = tmp_path / "new.yaml"
    text = filled(blank.thing(BASE, kind, "Quay of Elsewhere"), ACCOUNT | NEEDED.get(kind, {}))
    if kind in MORE:
        text = text.replace("    status:", f"    {MORE[kind]}\n    status:")
    path.write_text(text, encoding="utf-8")
    known = {"state": 3}  # a new one lacks what reference data of states has
    assert known.get(kind, 0) >= len(findings(path)), findings(path)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("label", ["", 'Quay "of" Elsewhere\\'])
def test_the_turtle_of_each_kind_parses_and_has_its_prefixes(kind, label):
    text = blank.thing(BASE, kind, label, turtle=True)
    quads = list(parse(text.encode(), RdfFormat.TURTLE))
    called = {each.object.value for each in quads if each.predicate.value.endswith("prefLabel")}
    assert {label or PLACE} == called
    assert 1 == len({each.subject for each in quads})


def test_the_iri_is_made_of_the_label():
    text = blank.thing(BASE, "person", "Kâzım Ağaoğlu")
    assert "  person:kazim-agaoglu:\n    label: Kâzım Ağaoğlu\n" in text
    assert "source: kazim-agaoglu\n" in text


def test_what_is_required_is_asked_for_and_the_rest_stands_in_comments():
    text = blank.thing(BASE, "post", "Minister of Quays")
    assert f"\n    postIn: {PLACE}\n" in text
    assert f"\n    # rank: {PLACE}\n" in text
    assert re.search(r"One\s+(?:# )?of: adviser,", text)
    assert "\nreference:\n" in text
    assert "accounts:" not in text
    told = blank.thing(BASE, "meeting", "First session")
    assert "\nnew:\n" in told
    assert "\n    about: meeting:first-session\n    by: paper\n" in told
    assert re.search(r"What else can be told .*\bdelegations\b.*\bsessionOf\b", told, re.DOTALL)


def test_a_kind_that_is_none_is_named_with_those_that_are():
    with pytest.raises(UnknownNameError, match="person"):
        blank.thing(BASE, "persom", "Ada")


def test_the_form_of_an_article_says_what_was_told_and_nothing_else(tmp_path):
    (tmp_path / "text.txt").write_text("Two ministers met.\n", encoding="utf-8")
    told = skeleton.Told('They: "met" #1', "https://example.org/a", "The, Paper", "2026-11-22")
    text = blank.report(BASE, "my-note", told, "text.txt")
    path = tmp_path / "my-note.yaml"
    path.write_text(filled(text, ACCOUNT), encoding="utf-8")
    made = form.made(BASE, path, path.name, store.load(BASE))
    assert () == made.problems
    said = {
        (re.split("[#/]", each.predicate.value)[-1], each.object.value)
        for each in parse(made.content, RdfFormat.TURTLE)
    }
    assert {
        *(("title", 'They: "met" #1'), ("issued", "2026-11-22"), ("prefLabel", "The, Paper")),
        *(("url", "https://example.org/a"), ("language", "en"), ("textHeld", "true")),
    } < said
    assert [] == findings(path)


def test_the_form_of_an_article_without_its_text_asks_for_no_words():
    text = blank.report(BASE, "my-note", skeleton.Told(held=False))
    assert "\ntext: none\n" in text
    assert "words" not in text.partition("What else")[0]


@pytest.mark.parametrize(
    "told", [skeleton.Told(date="22.11.2026"), skeleton.Told(url="javascript:alert(1)")]
)
def test_what_is_no_such_value_is_refused(told):
    with pytest.raises(DragomanError, match="--"):
        blank.report(BASE, "my-note", told)


@pytest.fixture
def run(tmp_path):
    return command_in(tmp_path, "--base", str(ROOT), "new")


def test_the_command_writes_forms_and_turtle_and_overwrites_nothing(run, tmp_path):
    assert blank.thing(BASE, "person", "Ada Harbour") == run("person", "Ada Harbour")[0]
    turtle = blank.thing(BASE, "person", "Ada Harbour", turtle=True)
    assert turtle == run("person", "Ada Harbour", "--turtle")[0]
    run("person", "Ada Harbour", "-o", "ada.ttl")
    assert turtle == (tmp_path / "ada.ttl").read_text(encoding="utf-8")
    assert "exists already" in run("person", "Ada Harbour", "-o", "ada.ttl", ended=2)[1]
    assert "Did you mean person" in run("persom", "Ada Harbour", ended=2)[1]
    assert "dragoman new meeting" in run("meeting", "--help")[0]
    assert "An agent that is a single human being." in run("--help")[0]


def test_the_command_names_the_text_from_where_the_form_is(run, tmp_path):
    (tmp_path / "text.txt").write_text("Two ministers met.\n", encoding="utf-8")
    (tmp_path / "forms").mkdir()
    run("article", "my-note", "--text", "text.txt", "-o", "forms/my-note.yaml")
    text = (tmp_path / "forms" / "my-note.yaml").read_text(encoding="utf-8")
    assert "\ntext: ../text.txt\n" in text
    told = run("article", "my-note", "--publisher", "european UNION", "--no-text")[0]
    assert re.search(r"^publisher: \w+:[\w-]+$", told, re.MULTILINE)
    assert "#" in told.partition("voices:\n")[2].partition("\n")[0]


def test_the_kinds_are_completed_by_the_shell():
    complete = ShellComplete(cli, {"obj": None}, "dragoman", "_DRAGOMAN_COMPLETE")
    found = {each.value for each in complete.get_completions(["--base", str(ROOT), "new"], "me")}
    assert {"mechanism", "meeting"} >= found > set()
