"""`dragoman search` as people and scripts use it."""

from __future__ import annotations

import csv
import io
import json

import pytest

from conftest import leave_early
from test_hostile import cases

HEAD = "thing,class,name,language,match"


def rows(done) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(done.stdout.decode())))


def test_a_name_is_found(dragoman):
    done = dragoman("search", "HUNGARY")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines() == [
        HEAD,
        "https://w3id.org/dragoman/id/state/HUN,State,Hungary,en,exact",
    ]


def test_words_need_no_quotes_and_no_order(dragoman):
    (row,) = rows(dragoman("search", "fidan", "hakan"))
    assert (row["name"], row["language"], row["match"]) == ("Hakan Fidan", "tr", "exact")


def test_every_format_of_tables_is_written(dragoman, tmp_path):
    done = dragoman("search", "hungary", "-f", "json")
    (found,) = json.loads(done.stdout)["results"]["bindings"]
    assert found["name"] == {"type": "literal", "value": "Hungary", "xml:lang": "en"}
    assert "| state:HUN | State | Hungary | en | exact |" in (
        dragoman("search", "hungary", "-f", "md").stdout.decode()
    )
    assert dragoman("search", "hungary", "--spreadsheet").stdout.startswith(b"\xef\xbb\xbf")
    assert dragoman("search", "hungary", "-o", str(tmp_path / "found.csv")).stdout == b""
    assert (tmp_path / "found.csv").read_bytes() == dragoman("search", "hungary").stdout


def test_a_class_narrows_the_search(dragoman):
    assert len(rows(dragoman("search", "n"))) > 1
    assert [row["class"] for row in rows(dragoman("search", "n", "--type", "Person"))] == ["Person"]
    assert [row["name"] for row in rows(dragoman("search", "hung", "--type", "agent"))] == [
        "Hungary"
    ]


def test_nothing_found_is_exit_code_1_and_names_the_nearest(dragoman):
    done = dragoman("search", "hongkong-gary")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode().startswith("Nothing is called 'hongkong-gary'. Nearest: ")
    done = dragoman("-q", "search", "qqqqqq", "-f", "json")
    assert (done.returncode, json.loads(done.stdout)["results"]["bindings"]) == (1, [])
    assert done.stderr == b""


def test_a_near_spelling_is_found_where_nothing_else_fits(dragoman):
    (row,) = rows(dragoman("search", "Hungray"))
    assert (row["name"], row["match"]) == ("Hungary", "near")


def test_a_cut_is_said(dragoman):
    done = dragoman("search", "georgia", "--limit", "1")
    assert len(rows(done)) == 1
    assert done.stderr == b"Cut off after 1 by --limit: there is more.\n"
    done = dragoman("search", "georgia", "--limit", "0")
    assert (len(rows(done)), done.stderr) == (2, b"")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Missing argument 'TEXT...'"),
        (("x", "-f", "cvs"), "There is no format 'cvs'. Did you mean csv"),
        (("x", "-f", "turtle"), "There is no format 'turtle' for SELECT"),
        (("x", "--type", "Stat"), "There is no class 'Stat'. Did you mean State"),
        (("x", "--limit", "-1"), "Invalid value for '--limit'"),
        (("x", "-f", "csv", "--spreadsheet"), "--spreadsheet is a format of its own"),
        (("hungary", "-o", "/nowhere/x.csv"), "/nowhere/x.csv: it cannot be written"),
    ],
)
def test_a_mistake_gets_a_clear_line_and_exit_code_2(dragoman, arguments, message):
    done = dragoman("search", *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_a_file_that_does_not_parse_is_left_out_with_a_warning(dragoman, root):
    (root / "data" / "broken.ttl").write_text("nonsense")
    done = dragoman("search", "hungary")
    assert (done.returncode, len(rows(done))) == (0, 1)
    assert b"Warning: " in done.stderr
    assert b"broken.ttl:1:1" in done.stderr


@pytest.mark.parametrize("case", cases("label"))
def test_hostile_labels_do_not_steer_a_terminal(case, dragoman, root):
    literal = json.dumps("Zz " + case["body"])
    (root / "data" / "hostile.nt").write_text(
        f"<urn:x> <http://www.w3.org/2004/02/skos/core#prefLabel> {literal} .\n", encoding="utf-8"
    )
    shown = dragoman("search", "zz", "-f", "table").stdout.decode()
    assert shown
    assert all(each.isprintable() for each in shown.replace("\n", ""))
    assert "urn:x" in shown


def test_a_closed_pipe_is_quiet(root):
    assert leave_early("--base", str(root), "search", "georgia") == (b"", 0)


def test_help_has_examples(dragoman):
    done = dragoman("search", "--help")
    assert (done.returncode, b"dragoman search orban" in done.stdout) == (0, True)
