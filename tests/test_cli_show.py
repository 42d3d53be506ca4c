"""`dragoman show` as people and scripts use it."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata

import pytest

from conftest import leave_early, on_a_terminal
from test_hostile import cases

TEXT = "Ankara. Hakan Fidan met Hungary's minister, sources said.\n"
TOLD = f"""
@prefix dip: <https://w3id.org/dragoman/ontology/> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix person: <https://w3id.org/dragoman/id/person/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix source: <https://w3id.org/dragoman/id/source/> .
@prefix state: <https://w3id.org/dragoman/id/state/> .
@prefix t: <https://w3id.org/dragoman/id/source/told/> .

source:told a dip:Source ; dip:sha256 "{hashlib.sha256(TEXT.encode()).hexdigest()}" .
t:meeting a dip:Meeting ; skos:prefLabel "A meeting"@en .
t:sources a dip:AnonymousVoice ; skos:prefLabel "Sources"@en .
t:occurred skos:prefLabel "occurred"@en .
dip:person rdfs:label "person"@en .
dip:Participation rdfs:label "participation"@en .
t:account a dip:Account ; dip:about t:meeting ; dip:source source:told ;
    prov:wasAttributedTo t:sources ; dip:status t:occurred ; dip:passage t:p ;
    dip:party state:HUN .
t:part a dip:Participation ; dip:partOf t:account ; dip:person person:fidan ; dip:passage t:p2 .
t:p oa:hasSource source:told ; oa:hasSelector t:q . t:q oa:start 8 ; oa:end 43 .
t:p2 oa:hasSource source:told ; oa:hasSelector t:q2 . t:q2 oa:start 8 ; oa:end 19 .
"""
MEETING = """\
A meeting
Meeting · source:told/meeting

NAMES
  en  A meeting

WHAT ACCOUNTS SAY
  occurred · Sources (anonymous) · source:told
    party    Hungary
    passage  [8-43]
    participation  person: Hakan Fidan [8-19]
"""
PERSON = """\

WHERE ACCOUNTS OF OTHER THINGS NAME IT

  A meeting  Meeting
    occurred · Sources (anonymous) · source:told
      participation  person: Hakan Fidan [8-19]
"""


@pytest.fixture
def told(root):
    """Put an account into the small base, and the prefixes to name its nodes."""
    (root / "data" / "told.ttl").write_text(TOLD, encoding="utf-8")
    with (root / "ontology" / "prefixes.ttl").open("a", encoding="utf-8") as file:
        file.write(
            "<https://w3id.org/dragoman/ontology> sh:declare [ sh:prefix 'source' ; sh:namespace "
            "'https://w3id.org/dragoman/id/source/' ] .\n"
        )
    (root / "text.txt").write_text(TEXT, encoding="utf-8", newline="")
    return root


@pytest.mark.usefixtures("told")
def test_a_thing_is_shown_with_who_says_what_and_where(dragoman):
    done = dragoman("show", "a MEETING")
    assert (done.returncode, done.stderr, done.stdout.decode()) == (0, b"", MEETING)
    assert dragoman("show", "source:told/meeting").stdout == done.stdout


def test_voices_that_say_it_jointly_are_all_shown(told, dragoman):
    path = told / "data" / "told.ttl"
    text = path.read_text(encoding="utf-8")
    text = text.replace("wasAttributedTo t:sources", "wasAttributedTo state:TUR, state:HUN")
    path.write_text(text, encoding="utf-8")
    shown = dragoman("show", "A meeting").stdout.decode()
    assert "occurred · Hungary and Türkiye · source:told\n" in shown


def test_a_passage_of_a_text_that_nobody_has_is_shown_by_page_and_paragraph(told, dragoman):
    path = told / "data" / "told.ttl"
    text = path.read_text(encoding="utf-8")
    text = text.replace("oa:hasSelector t:q .", 'dip:page "iv" ; dip:paragraph 2 .')
    path.write_text(text.replace("oa:hasSelector t:q2 .", "dip:paragraph 3 ."), encoding="utf-8")
    shown = dragoman("show", "A meeting").stdout.decode()
    assert "passage  [page iv, paragraph 2]\n" in shown
    assert "person: Hakan Fidan [paragraph 3]\n" in shown


@pytest.mark.usefixtures("told")
def test_a_person_is_shown_where_others_name_it(dragoman):
    assert dragoman("show", "fidan", "hakan").stdout.decode().endswith(PERSON)


def test_the_words_of_a_passage_come_from_the_text(told, dragoman):
    shown = dragoman("show", "A meeting", "--text", str(told / "text.txt")).stdout.decode()
    assert "passage  [8-43] “Hakan Fidan met Hungary's minister,”\n" in shown
    assert "person: Hakan Fidan [8-19] “Hakan Fidan”\n" in shown


def test_a_text_with_no_passage_shown_is_noted(told, dragoman):
    done = dragoman("show", "Türkiye", "--text", str(told / "text.txt"))
    assert done.returncode == 0
    assert done.stderr == b"None of the passages shown stands in a text that was given.\n"


@pytest.mark.usefixtures("told")
def test_json_has_every_term_with_its_label(dragoman):
    found = json.loads(dragoman("show", "A meeting", "-f", "json").stdout)
    (account,) = found["accounts"]
    assert (account["anonymous"], account["status"]["label"]) == (True, "occurred")
    assert account["statement"]["parts"][0]["facts"][0]["values"] == [
        {"iri": "https://w3id.org/dragoman/id/person/fidan", "label": "Hakan Fidan"}
    ]


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("name", ["ttl", "nt", "jsonld", "rdfxml"])
def test_its_description_is_written_as_rdf(dragoman, tmp_path, name):
    from dragoman.syntax import read_rdf

    done = dragoman("show", "A meeting", "-f", name, "-o", str(tmp_path / "out"))
    assert (done.returncode, done.stdout) == (0, b"")
    subjects = {str(quad.subject) for quad in read_rdf(tmp_path / "out", name)}
    parts = ("meeting", "account", "part", "p", "q", "p2", "q2")
    assert subjects == {f"<https://w3id.org/dragoman/id/source/told/{each}>" for each in parts}


def test_a_cut_is_said(dragoman):
    done = dragoman("show", "dip:State", "--limit", "1")
    assert done.stdout.decode().endswith("THINGS THAT POINT TO IT\n  ← type  Georgia\n")
    assert done.stderr == b"Cut off after 1 by --limit: type (3 more).\n"
    assert dragoman("show", "dip:State", "--limit", "0").stderr == b""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Missing argument 'THING...'"),
        (("Georgia",), "Several things are called 'Georgia': state:GEO (State), state:SGS (State)"),
        (("Hungray",), "There is no thing called 'Hungray'. Did you mean Hungary?"),
        (("state:HUM",), "There is no thing 'state:HUM'. Did you mean state:HUN"),
        (("Hungary", "-f", "trutle"), "There is no format 'trutle'. Did you mean turtle"),
        (("Hungary", "--text", "absent.txt"), "absent.txt: it cannot be read: No such file"),
        (("Hungary", "--text", __file__), "the base has no source with this text (SHA-256 "),
        (("Hungary", "-o", "/nowhere/x"), "/nowhere/x: it cannot be written"),
    ],
)
def test_a_mistake_gets_one_clear_line_and_exit_code_2(dragoman, arguments, message):
    done = dragoman("show", *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_a_text_of_another_source_is_refused_naming_the_known_ones(told, dragoman):
    (told / "text.txt").write_text(TEXT + " ", encoding="utf-8")
    done = dragoman("show", "A meeting", "--text", str(told / "text.txt"))
    assert (done.returncode, b"It knows those of: told (" in done.stderr) == (2, True)


@pytest.mark.parametrize("case", cases("label"))
def test_hostile_labels_do_not_steer_a_terminal(case, dragoman, root):
    label = json.dumps(case["body"] + "\x1b]0;x\x07\u202e\n\u2028end")
    (root / "data" / "hostile.nt").write_text(
        f"<urn:x> <http://www.w3.org/2004/02/skos/core#prefLabel> {label} .\n"
        f"<urn:x> <urn:p> {label} .\n<urn:x> <urn:q> <urn:x> .\n",
        encoding="utf-8",
    )
    done = dragoman("show", "<urn:x>")
    assert done.returncode == 0
    for character in done.stdout.decode().replace("\n", ""):
        assert unicodedata.category(character) not in {"Cc", "Cf", "Zl", "Zp"}


def test_a_terminal_gets_colours_and_its_width_unless_told_otherwise(told):
    def shown(**environment: str) -> str:
        return on_a_terminal("--base", str(told), "show", "A meeting", COLUMNS="40", **environment)

    assert "\x1b[1mA meeting" not in shown(NO_COLOR="1")
    assert "\x1b" not in shown(TERM="dumb")
    assert "\x1b[1m" in shown()
    plain = re.sub(r"\x1b\[\dm", "", shown())
    assert plain == shown(NO_COLOR="1")
    assert max(map(len, plain.splitlines())) <= 40


def test_a_closed_pipe_is_quiet(root):
    assert leave_early("--base", str(root), "show", "Hungary") == (b"", 0)


def test_help_has_examples(dragoman):
    assert b'dragoman show "Hakan Fidan"' in dragoman("show", "--help").stdout
