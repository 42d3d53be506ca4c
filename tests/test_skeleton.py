"""A skeleton of an article: it parses, says only what was told, and is valid when filled in."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from pyoxigraph import Literal, RdfFormat, parse

from conftest import command_in
from dragoman import additions, validation
from dragoman.additions import skeleton
from dragoman.base import Base
from dragoman.errors import DragomanError
from small_base import small_base

BASE = Base(Path(__file__).parent.parent, "it is under test")
TEXT = "The two ministers of the invented states met.\n"
TOLD = skeleton.Told(
    title='They "met"',
    url="https://example.org/met?a=1",
    publisher="The Paper",
    date="2026-11-22",
    text=TEXT,
)
SOURCE = "https://w3id.org/dragoman/id/source/my-note"
DIP = "https://w3id.org/dragoman/ontology/"


def quads(text):
    return list(parse(text.encode(), RdfFormat.TURTLE))


def filled(text, values):
    """Do what the head of a skeleton says: give values, in order, for each property."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("#") and f'"{skeleton.PLACE}"' in line:
            value = values[line.split()[0]].pop(0)
            line = line.replace('"…"', value)  # noqa: PLW2901
        lines.append(line)
    return "\n".join(lines) + "\n"


def test_it_says_what_was_told_and_nothing_else():
    stated = {
        (quad.subject.value.removeprefix(SOURCE), re.split("[#/]", quad.predicate.value)[-1]): (
            quad.object.value
        )
        for quad in quads(skeleton.article(BASE, "my-note", TOLD))
    }
    assert stated == {
        ("", "type"): f"{DIP}Source",
        ("", "title"): 'They "met"',
        ("", "issued"): "2026-11-22",
        ("", "publisher"): f"{SOURCE}/voice/publisher",
        ("", "url"): "https://example.org/met?a=1",
        ("", "language"): "en",
        ("", "sha256"): hashlib.sha256(TEXT.encode()).hexdigest(),
        ("", "textHeld"): "true",
        ("", "textLength"): str(len(TEXT)),
        ("/voice/publisher", "type"): f"{DIP}Organization",
        ("/voice/publisher", "prefLabel"): "The Paper",
        ("/passage/s1", "type"): f"{DIP}Passage",
        ("/passage/s1", "hasSource"): SOURCE,
        ("/passage/s1", "hasSelector"): f"{SOURCE}/passage/s1/position",
        ("/passage/s1/position", "type"): "http://www.w3.org/ns/oa#TextPositionSelector",
        ("/passage/s1/position", "start"): "0",
        ("/passage/s1/position", "end"): "45",
        ("/account/1", "type"): f"{DIP}Account",
        ("/account/1", "wasAttributedTo"): f"{SOURCE}/voice/publisher",
        ("/account/1", "passage"): f"{SOURCE}/passage/s1",
        ("/account/1", "source"): SOURCE,
        ("/account/1", "about"): "…",
        ("/account/1", "status"): "…",
    }


def test_it_asks_for_what_the_shapes_require():
    text = skeleton.article(BASE, "my-note")
    asked = {re.split("[#/]", each.predicate.value)[-1] for each in quads(text)} - {"type"}
    assert asked == {
        *("about", "passage", "source", "status", "wasAttributedTo"),
        *("hasSelector", "hasSource", "start", "end", "sha256", "textLength", "prefLabel"),
    }
    assert "One of: status:agreed, " in text
    assert "An account rests on at least one passage" in text


def test_filled_in_with_little_it_is_valid(tmp_path):
    text = filled(
        skeleton.article(BASE, "my-note", TOLD),
        {"dip:about": ["state:TUR"], "dip:status": ["status:occurred"]},
    )
    path = tmp_path / "my-note.ttl"
    path.write_text(text, encoding="utf-8")
    report = validation.validate_files(BASE, [path])
    assert [] == [each.message for each in report.at_least("warning")]


def test_as_it_is_it_is_not_valid_and_each_placeholder_is_told(tmp_path):
    path = tmp_path / "my-note.ttl"
    text = skeleton.article(BASE, "my-note")
    path.write_text(text, encoding="utf-8")
    found = validation.validate_files(BASE, [path]).at_least("warning")
    places = [
        number
        for number, line in enumerate(text.splitlines(), 1)
        if '"…"' in line and not line.startswith("#")
    ]
    assert {"placeholder"} == {each.shape.value.rpartition("/")[2] for each in found}
    assert places == sorted(each.line for each in found)


@pytest.mark.parametrize(
    "told",
    [TOLD, skeleton.Told(text=TEXT), skeleton.Told(held=False)],
    ids=["all", "text", "no-text"],
)
def test_the_blocks_to_copy_are_valid(tmp_path, told):
    text = "\n".join(
        line.removeprefix(skeleton.MARK)
        for line in skeleton.article(BASE, "my-note", told).splitlines()
    )
    values = {"dip:about": ["state:TUR"], "dip:status": ["status:occurred"]}
    values |= {"a": ["dip:Organization"], "skos:prefLabel": ['"A paper"']}
    path = tmp_path / "my-note.ttl"
    path.write_text(filled(text, values), encoding="utf-8")
    report = validation.validate_files(BASE, [path])
    assert [] == [(each.line, each.message) for each in report.at_least("warning")]


def test_lists_to_choose_from_stand_at_the_end():
    text = skeleton.article(BASE, "my-note")
    assert re.search(r"^# dip:SpeechAct: act:accuse, act:announce, ", text, re.MULTILINE)


def test_it_follows_the_shapes_of_the_base_that_is_used(tmp_path):
    base = small_base(tmp_path)
    (tmp_path / "shapes" / "account.ttl").write_text(
        f"@prefix dip: <{DIP}> .\n@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        "dip:S sh:targetClass dip:Account ; sh:property [ sh:path dip:mood ; sh:minCount 1 ; "
        'sh:datatype <http://www.w3.org/2001/XMLSchema#date> ; sh:message "Tell the mood."@en ] .'
    )
    text = skeleton.article(base, "my-note")
    assert (
        '#      Tell the mood.\n#      Write it as "…"^^<http://www.w3.org/2001/XMLSchema#date>.\n'
        '    dip:mood "…" ;' in text
    )
    assert skeleton.MARK not in text  # the blocks to copy are of another ontology


@pytest.mark.parametrize(
    "told",
    [
        skeleton.Told(date="22.11.2026"),
        skeleton.Told(date="2026-13-01"),
        skeleton.Told(date="2026-13"),
        skeleton.Told(date="11-2026"),
        skeleton.Told(url="javascript:alert(1)"),
        skeleton.Told(url="https://example.org/> . <urn:x:a"),
        skeleton.Told(language='en" . <urn:x:a'),
    ],
)
def test_what_is_no_such_value_is_refused(told):
    with pytest.raises(DragomanError, match="--"):
        skeleton.article(BASE, "my-note", told)


def test_hard_titles_are_literals_and_stay_comments():
    title = 'x"""@en . <urn:x:a> a <urn:x:b> .\n<urn:x:c> a <urn:x:d> . \\'
    found = quads(skeleton.article(BASE, "my-note", skeleton.Told(title=title)))
    assert Literal(title, language="en") in [quad.object for quad in found]
    assert {SOURCE} == {quad.subject.value[: len(SOURCE)] for quad in found}


@pytest.fixture
def run(tmp_path):
    return command_in(tmp_path, "--base", str(BASE.root), "new")


def test_the_command_writes_it_and_overwrites_nothing(run, tmp_path):
    (tmp_path / "text.txt").write_text(TEXT)
    told = ["--title", 'They "met"', "--publisher", "The Paper", "--date", "2026-11-22"]
    told += ["--url", "https://example.org/met?a=1", "--text", "text.txt"]
    said, _ = run("article", "my-note", "--turtle", *told)
    assert skeleton.article(BASE, "my-note", TOLD) == said
    run("article", "my-note", "-o", "my-note.ttl")
    written = (tmp_path / "my-note.ttl").read_text(encoding="utf-8")
    assert skeleton.article(BASE, "my-note") == written
    assert "exists already" in run("article", "my-note", "-o", "my-note.ttl", ended=2)[1]


def test_a_name_is_made_of_the_title(run):
    out, _ = run("article", "--turtle", "--title", "Fıdan’s visit: what we know")
    assert (
        "source:fidan-s-visit-what-we-know\n" in out or "source:fidans-visit-what-we-know\n" in out
    )
    assert "Give a NAME" in run("article", ended=2)[1]
    assert "Try --as a-b" in run("article", "a b", ended=2)[1]
    assert "no text.txt" not in run("article", "x", "--text", "text.txt", ended=2)[1]


def test_additions_have_a_door_to_it():
    assert additions.article is skeleton.article


@pytest.mark.parametrize(
    ("date", "written"),
    [
        ("2026-11-22", '"2026-11-22"^^xsd:date'),
        ("2026-11", '"2026-11"^^xsd:gYearMonth'),
        ("2026", '"2026"^^xsd:gYear'),
    ],
)
def test_no_more_of_a_date_is_written_than_is_told(date, written):
    assert f"dcterms:issued {written} ;" in skeleton.article(
        BASE, "my-note", skeleton.Told(date=date)
    )


def test_a_source_whose_text_is_not_at_hand_says_so_and_has_no_passages(run):
    text = skeleton.article(BASE, "my-note", skeleton.Told(title="Note", held=False))
    for part in ("passage", "sha256", "textLength", "oa:"):
        assert part not in text
    assert "dip:textHeld false ;" in text
    told = ["--title", "Note", "--no-text"]
    assert text == run("article", "my-note", "--turtle", *told)[0]
    assert "--no-text" in run("article", "x", "--no-text", "--text", "text.txt", ended=2)[1]


def test_a_publisher_that_the_base_knows_is_used_and_not_made_anew(run):
    out, _ = run("article", "my-note", "--turtle", "--publisher", "european UNION", "--no-text")
    (known,) = (each.object for each in quads(out) if each.predicate.value.endswith("publisher"))
    assert "European Union" not in out
    assert not known.value.startswith(SOURCE)
    assert "voice:publisher" not in out


def test_a_source_whose_text_is_given_says_that_it_is_held():
    assert "dip:textHeld true ;" in skeleton.article(BASE, "my-note", skeleton.Told(text=TEXT))
    assert "textHeld" not in skeleton.article(BASE, "my-note").replace("dip:textHeld false.", "")
