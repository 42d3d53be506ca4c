"""`dragoman stats` as people and scripts use it."""

from __future__ import annotations

import csv
import io
import json

import pytest

from conftest import leave_early


def counts(done) -> dict[tuple[str, str], int]:
    found = csv.DictReader(io.StringIO(done.stdout.decode()))
    return {(row["group"], row["label"]): int(row["count"]) for row in found}


def test_what_a_base_holds_is_counted(dragoman):
    done = dragoman("stats")
    assert (done.returncode, done.stderr) == (0, b"")
    found = counts(done)
    assert {label: number for (group, label), number in found.items() if group == "base"} == {
        "files of the ontology": 2,
        "terms of the ontology": 6,
        "files of shapes": 1,
        "constraints": 0,
        "files of data": 2,
        "triples of ontology and data": 38,
        "accounts": 0,
        "saved questions": 2,
    }
    assert (found["things", "State"], found["things", "Person"]) == (4, 1)
    assert found["triples", "data/people"] == 4


def test_the_version_of_the_ontology_is_told(dragoman, root):
    with (root / "ontology" / "small.ttl").open("a", encoding="utf-8") as file:
        file.write('<https://w3id.org/dragoman/ontology> owl:versionInfo "7.1" .\n')
    assert counts(dragoman("stats"))["base", "terms of the ontology 7.1"] == 6


def test_accounts_are_counted_by_status_source_and_voice(dragoman, root):
    (root / "data" / "told.ttl").write_text(
        """@prefix dip: <https://w3id.org/dragoman/ontology/> . @prefix e: <https://e.org/> .
        @prefix prov: <http://www.w3.org/ns/prov#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        e:voice a dip:AnonymousVoice ; rdfs:label "Someone" .
        e:paper rdfs:label "A paper" . e:told rdfs:label "told" .
        e:1 a dip:Account ; dip:about e:x ; dip:status e:told ; prov:wasAttributedTo e:voice ;
            dip:source e:s .
        e:2 a dip:Account ; dip:about e:x ; dip:status e:told ; prov:wasAttributedTo e:paper ;
            dip:source e:s .""",
        encoding="utf-8",
    )
    found = counts(dragoman("stats"))
    assert (found["accounts", "told"], found["base", "accounts"]) == (2, 2)
    assert (found["named voices", "A paper"], found["anonymous voices", "Someone"]) == (1, 1)
    assert found["sources", "https://e.org/s"] == 2


def test_people_read_groups_with_headings(dragoman):
    shown = dragoman("stats", "-f", "people").stdout.decode()
    assert shown.startswith("Base\n   2  files of the ontology\n")
    assert "\n\nThings\n   4  State\n" in shown
    assert "\x1b" not in shown


def test_other_formats_and_files(dragoman, tmp_path):
    first = json.loads(dragoman("stats", "-f", "json").stdout)["results"]["bindings"][0]
    assert (first["group"]["value"], first["count"]["value"]) == ("base", "2")
    assert dragoman("stats", "-o", str(tmp_path / "x.csv")).stdout == b""
    assert (tmp_path / "x.csv").read_bytes() == dragoman("stats").stdout
    assert dragoman("stats", "--spreadsheet").stdout.startswith(b"\xef\xbb\xbf")


def test_a_cut_is_said(dragoman):
    done = dragoman("stats", "--limit", "1")
    assert [key for key in counts(done) if key[0] == "things"] == [("things", "State")]
    assert done.stderr == b"Groups are cut off after 1 by --limit: there is more.\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-f", "cvs"), "There is no format 'cvs'. Did you mean csv"),
        (("-f", "people", "--spreadsheet"), "--spreadsheet is a format of its own"),
        (("more",), "Got unexpected extra argument (more)"),
    ],
)
def test_a_mistake_gets_a_clear_line_and_exit_code_2(dragoman, arguments, message):
    done = dragoman("stats", *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()


def test_a_closed_pipe_is_quiet(root):
    assert leave_early("--base", str(root), "stats") == (b"", 0)


def test_help_has_examples(dragoman):
    assert b"dragoman stats -f csv" in dragoman("stats", "--help").stdout
