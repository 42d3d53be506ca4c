"""The suffix of a file tells its format, for every command that writes one; or it is refused."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from dragoman.cli import cli

ROOT = Path(__file__).resolve().parents[1]
ROWS = ("query", "-e", "SELECT ?s ?p { ?s ?p ?o } ORDER BY ?s ?p LIMIT 2")
TRIPLES = ("query", "-e", "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 2")
TRUTH = ("query", "-e", "ASK { ?s ?p ?o }")
FOUND = ("search", "Hungary")
SHOWN = ("show", "Hungary")


def run(*arguments: str, ended: int = 0) -> str:
    result = CliRunner().invoke(cli, ["--base", str(ROOT), *arguments])
    assert ended == result.exit_code, result.output
    return result.stderr


def written(tmp_path: Path, name: str, *command: str) -> bytes:
    target = tmp_path / name
    run(*command, "-o", str(target))
    return target.read_bytes()


@pytest.mark.parametrize("command", [ROWS, FOUND, ("stats",), ("log",)], ids=lambda each: each[0])
@pytest.mark.parametrize(
    ("suffix", "begins"),
    [
        ("json", b'{"head"'),
        ("SRJ", b'{"head"'),
        ("xml", b"<?xml"),
        ("srx", b"<?xml"),
        ("tsv", b"?"),
        ("html", b"<!DOCTYPE html>"),
        ("md", b"| "),
        ("xlsx", b"PK"),
    ],
)
def test_rows_are_in_the_format_that_the_suffix_tells(tmp_path, command, suffix, begins):
    assert begins == written(tmp_path, f"out.{suffix}", *command)[: len(begins)]


@pytest.mark.parametrize(
    ("suffix", "form"),
    [
        ("nt", ox.RdfFormat.N_TRIPLES),
        ("nq", ox.RdfFormat.N_QUADS),
        ("ttl", ox.RdfFormat.TURTLE),
        ("trig", ox.RdfFormat.TRIG),
        ("rdf", ox.RdfFormat.RDF_XML),
        ("xml", ox.RdfFormat.RDF_XML),
        ("jsonld", ox.RdfFormat.JSON_LD),
    ],
)
@pytest.mark.parametrize("command", [TRIPLES, SHOWN], ids=lambda each: each[0])
def test_triples_are_in_the_format_that_the_suffix_tells(tmp_path, command, suffix, form):
    data = written(tmp_path, f"out.{suffix}", *command)
    assert 2 <= len(list(ox.parse(data, format=form)))
    if suffix != "ttl":
        with pytest.raises(SyntaxError):
            list(ox.parse(data, format=ox.RdfFormat.JSON_LD if suffix != "jsonld" else form.TURTLE))


def test_a_workbook_of_one_answer_has_one_sheet_with_its_rows(tmp_path):
    written(tmp_path, "out.xlsx", *ROWS)
    with zipfile.ZipFile(tmp_path / "out.xlsx") as book:
        sheets = [each for each in book.namelist() if each.startswith("xl/worksheets/")]
        assert ["xl/worksheets/sheet1.xml"] == sheets
        assert 3 == book.read(sheets[0]).count(b"<row ")
    written(tmp_path, "triples.xlsx", *TRIPLES)
    with zipfile.ZipFile(tmp_path / "triples.xlsx") as book:
        assert b"predicate" in book.read("xl/sharedStrings.xml")


def test_a_workbook_without_its_library_names_the_extra_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    said = run(*ROWS, "-o", str(tmp_path / "out.xlsx"), ended=2)
    assert "pip install 'dragoman[workbook]'" in said
    assert [] == list(tmp_path.iterdir())


def test_json_of_a_truth_and_of_a_description(tmp_path):
    assert {"head": {}, "boolean": True} == json.loads(written(tmp_path, "a.json", *TRUTH))
    assert b"Hungary" in written(tmp_path, "b.json", *SHOWN)
    assert json.loads((tmp_path / "b.json").read_bytes())


@pytest.mark.parametrize(
    "command",
    [
        *(ROWS, TRIPLES, FOUND, SHOWN, ("stats",), ("log",), ("validate",), ("reason",)),
        *(("diff", "states", "topics"), ("push", "http://127.0.0.1:9/")),
    ],
    ids=lambda each: each[0],
)
@pytest.mark.parametrize("suffix", ["docx", "parquet", "csv.gz"])
def test_a_suffix_that_tells_no_format_is_refused_before_any_work(tmp_path, command, suffix):
    said = run(*command, "-o", str(tmp_path / f"out.{suffix}"), ended=2)
    assert "-f" in said or "suffix" in said
    assert [] == list(tmp_path.iterdir())


def test_a_format_that_is_named_wins_and_that_it_differs_is_said(tmp_path):
    target = tmp_path / "out.json"
    said = run(*ROWS, "-f", "csv", "-o", str(target))
    assert b"s,p\r\n" == target.read_bytes()[:5]
    assert "is written as csv, for -f says so" in said
    assert "for -f says so" not in run(*ROWS, "-f", "json", "-o", str(target))


def test_without_a_suffix_the_default_stands(tmp_path):
    assert b"s,p\r\n" == written(tmp_path, "out", *ROWS)[:5]


@pytest.mark.parametrize(
    ("suffix", "begins"),
    [("json", b"{"), ("ttl", b"# "), ("xml", b"<?xml"), ("sarif", b"{"), ("md", b"*")],
)
def test_a_report_is_in_the_format_that_the_suffix_tells(tmp_path, suffix, begins):
    facts = tmp_path / "facts.ttl"
    facts.write_text("<urn:a> <urn:b> <urn:c> .\n", encoding="utf-8")
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:shape> a sh:NodeShape ; "
        "sh:targetNode <urn:a> ; sh:property [ sh:path <urn:d> ; sh:minCount 1 ] .\n",
        encoding="utf-8",
    )
    target = tmp_path / f"report.{suffix}"
    run("validate", "--shapes", str(shapes), str(facts), "-o", str(target), ended=1)
    assert begins == target.read_bytes().lstrip()[: len(begins)]
