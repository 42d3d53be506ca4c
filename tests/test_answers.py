"""All saved questions at once: a file each or a workbook, safe to open, all or nothing."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import zipfile

import openpyxl
import pytest
from pyoxigraph import Literal, NamedNode

from conftest import FILES, PREFIXES
from dragoman import vocabulary, workbook
from dragoman.errors import DragomanError, MissingLibraryError
from dragoman.results import Result
from dragoman.store import Answer

EVIL = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx", "\rx", "＝1", "|x", "%x"]


def table_of(*rows, columns=("a", "b")):
    return Result(Answer("SELECT", columns, tuple(rows)))


def rows_of(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.fixture
def asked(root):
    """A base with a question of each form, and labels that a spreadsheet takes for formulas."""
    states = root / "data" / "reference" / "evil.ttl"
    evil = " , ".join(f'"""{each}"""@en' for each in EVIL)
    states.write_text(f"{PREFIXES}state:EVL a dip:State ; skos:altLabel {evil} .\n", "utf-8")
    header = "#+ summary: {0}\n#+ description: {0}?\n#+ tags: [forms]\n\n"
    prefixes = FILES["queries/names.rq"].split("\n\n")[1]
    for name, text in {
        "all-names": "SELECT ?s ?label { ?s skos:altLabel ?label } ORDER BY ?s ?label",
        "is-there": "ASK { state:HUN ?p ?o }",
        "graph": "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o . ?s skos:prefLabel ?o }",
    }.items():
        query = f"{header.format(name.capitalize())}{prefixes}\n\n{text}\n"
        (root / "queries" / f"{name}.rq").write_text(query, "utf-8")
    return root


def run(root, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "dragoman", "--base", str(root), "query", *arguments],
        capture_output=True,
        check=False,
    )


def test_every_question_has_its_answer_and_a_line_in_the_index(asked, tmp_path):
    out = tmp_path / "out"
    done = run(asked, "--all", "-o", str(out))
    assert (0, b"") == (done.returncode, done.stdout), done.stderr
    names = {"all-names.csv", "founded.csv", "graph.ttl", "is-there.csv", "names.csv", "index.csv"}
    assert names == {path.name for path in out.iterdir()}
    for name in ("all-names", "founded", "names"):
        alone = run(asked, name, "-f", "csv")
        assert alone.stdout == (out / f"{name}.csv").read_bytes()
    assert run(asked, "graph", "-f", "turtle").stdout == (out / "graph.ttl").read_bytes()
    assert b"true\n" == (out / "is-there.csv").read_bytes()
    index = rows_of((out / "index.csv").read_bytes())
    assert ["name", "summary", "question", "rows", "answer"] == index[0]
    assert names - {"index.csv"} == {row[4] for row in index[1:]}
    counts = {row[0]: int(row[3]) for row in index[1:]}
    assert len(rows_of((out / "all-names.csv").read_bytes())) - 1 == counts["all-names"]


@pytest.mark.parametrize(("format_", "suffix"), [("json", "json"), ("xml", "xml"), ("md", "md")])
def test_answers_come_in_the_format_that_is_asked_for(asked, tmp_path, format_, suffix):
    done = run(asked, "--all", "-f", format_, "-o", str(tmp_path / "out"))
    assert 0 == done.returncode, done.stderr
    suffixes = {path.suffix for path in (tmp_path / "out").iterdir()}
    assert {f".{suffix}", ".ttl"} == suffixes
    assert run(asked, "names", "-f", format_).stdout == (
        (tmp_path / "out" / f"names.{suffix}").read_bytes()
    )


def test_no_cell_is_a_formula_in_files_for_spreadsheets(asked, tmp_path):
    out = tmp_path / "out"
    done = run(asked, "--all", "--spreadsheet", "-o", str(out))
    assert 0 == done.returncode, done.stderr
    cells = [row[2] for row in rows_of((out / "all-names.csv").read_bytes())[1:]]
    assert {f"'{each}" for each in EVIL} < set(cells)
    for path in out.glob("*.csv"):
        data = path.read_bytes()
        if path.name != "is-there.csv":
            assert data.startswith(b"\xef\xbb\xbf")
        for row in rows_of(data):
            assert not [cell for cell in row if cell[:1] and cell[0] in "=+@\t\r|%"]


def test_a_workbook_has_a_sheet_for_each_question_and_no_formula(asked, tmp_path):
    out = tmp_path / "answers.xlsx"
    done = run(asked, "--all", "-o", str(out))
    assert (0, b"") == (done.returncode, done.stdout), done.stderr
    book = openpyxl.load_workbook(out)
    assert ["index", "all-names", "founded", "graph", "is-there", "names"] == book.sheetnames
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    found = {row[2].value for row in book["all-names"].iter_rows(min_row=2)}
    # the format has its own way to spell this character, which openpyxl does not read
    assert {each.replace("\r", "_x000D_") for each in EVIL} < found
    first = [[b, a, *rest] for a, b, *rest in book["names"].iter_rows(values_only=True)]
    assert rows_of(run(asked, "names", "-f", "csv").stdout) == first
    assert run(asked, "--all", "-o", str(tmp_path / "again.xlsx")).returncode == 0
    assert out.read_bytes() == (tmp_path / "again.xlsx").read_bytes()


def test_nothing_is_written_where_one_question_fails(asked, tmp_path):
    broken = (asked / "queries" / "names.rq").read_text("utf-8").replace("?state a", "?state a a a")
    (asked / "queries" / "zzz.rq").write_text(broken, "utf-8")
    for target in ("out", "out.xlsx"):
        done = run(asked, "--all", "-o", str(tmp_path / target))
        assert (2, b"") == (done.returncode, done.stdout)
        assert b"zzz" in done.stderr
        assert 1 == done.stderr.count(b"\n")
        assert not (tmp_path / target).exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--all"], b"name a folder with -o DIR"),
        (["--all", "names", "-o", "x"], b"leave out the others"),
        (["--all", "-s", "state=HUN", "-o", "x"], b"leave out the others"),
        (["--all", "-f", "nonsense", "-o", "x"], b"There is no format"),
        (["--all", "-f", "csv", "-o", "x.xlsx"], b"leave out the other"),
    ],
)
def test_what_cannot_be_meant_is_refused(asked, tmp_path, arguments, words):
    done = run(asked, *[str(tmp_path / each) if each[:1] == "x" else each for each in arguments])
    assert 2 == done.returncode
    assert words in done.stderr
    assert not (tmp_path / "x").exists()


def test_a_file_in_the_place_of_the_folder_is_left_alone(asked, tmp_path):
    (tmp_path / "out").write_text("mine", "utf-8")
    done = run(asked, "--all", "-o", str(tmp_path / "out"))
    assert 2 == done.returncode
    assert b"is a file" in done.stderr
    assert "mine" == (tmp_path / "out").read_text("utf-8")


# ------------------------------------------------------------------ sheets


def number(text, kind="integer"):
    return Literal(text, datatype=NamedNode(f"{vocabulary.XSD}{kind}"))


def loaded(*sheets):
    return openpyxl.load_workbook(io.BytesIO(workbook.written(sheets)))


@pytest.mark.parametrize(
    ("term", "value"),
    [
        (number("42"), 42),
        (number("-7"), -7),
        (number("1.25", "decimal"), 1.25),
        (number("007"), "007"),
        (number("12345678901234567890"), "12345678901234567890"),
        (number("0.1234567890123456789", "decimal"), "0.1234567890123456789"),
        (number("1e400", "double"), "1e400"),
        (number("NaN", "double"), "NaN"),
        (Literal("42"), "42"),
        (number("2020-01-01", "date"), "2020-01-01"),
        (NamedNode("urn:a"), "urn:a"),
        (Literal("=1+1"), "=1+1"),
        (None, None),
    ],
)
def test_a_cell_has_every_digit_and_every_character(term, value):
    sheet = loaded(("s", table_of((term, Literal("x")))))["s"]
    assert [value, "x"] == [cell.value for cell in sheet[2]]


def test_names_of_sheets_are_short_and_differ():
    names = ["departures-from-the-announced-rhythm", "departures-from-the-announced-composition"]
    book = loaded(*((name, table_of()) for name in [*names, "a/b", "A_b", "history?"]))
    assert 5 == len({name.casefold() for name in book.sheetnames})
    assert all(len(name) <= 31 for name in book.sheetnames)


def test_what_no_cell_holds_is_refused():
    with pytest.raises(DragomanError, match="s: a text of 40,000 characters is longer"):
        workbook.written([("s", table_of((Literal("x" * 40_000), None)))])


def test_a_workbook_tells_no_time_of_today():
    data = workbook.written([("s", table_of())])
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert {(1980, 1, 1, 0, 0, 0)} == {each.date_time for each in packed.infolist()}
        assert b"1980-01-01" in packed.read("docProps/core.xml")


def test_the_library_is_asked_for_where_it_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(MissingLibraryError, match=r"pip install 'dragoman\[workbook\]'"):
        workbook.written([])


def test_what_a_thing_is_called_stands_before_it():
    answer = Answer("SELECT", ("day", "state", "stateLabel", "note"), ())
    sheet = loaded(("x", Result(answer)))["x"]
    assert ["day", "stateLabel", "state", "note"] == [cell.value for cell in sheet[1]]
