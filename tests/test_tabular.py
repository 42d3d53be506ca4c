"""Tables that people fill in: their cells, the mappings that make facts of rows, and adding them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
import rdflib
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, parse
from rdflib.compare import graph_diff, to_isomorphic

from dragoman import additions, index, portability, queries, tabular
from dragoman import store as stores
from dragoman.additions import table as statements
from dragoman.base import DATA, ONTOLOGY, Base, find_base
from dragoman.errors import DragomanError, LimitError, SyntaxProblem, UnreadableFilesError
from dragoman.tabular import cells, converting, mapping

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "tests" / "tables"
PACKAGED = Base(ROOT, "test")
MAPPINGS = sorted((ROOT / "ontology" / "mappings").glob("*.rq"))
ID = "https://w3id.org/dragoman/id/"
DIP = "https://w3id.org/dragoman/ontology/"
WANTED = tabular.Wanted(title="Notes", publisher="The Desk", date="2013")

if not MAPPINGS:
    raise FileNotFoundError("ontology/mappings/ is bare")

every_mapping = pytest.mark.parametrize("path", MAPPINGS, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def facts():
    """The packaged facts, and the invented things that the examples name."""
    found = stores.load(PACKAGED, ONTOLOGY, DATA)
    for triple in parse((EXAMPLES / "things.ttl").read_bytes(), RdfFormat.TURTLE):
        for graph in (DefaultGraph(), NamedNode(f"{ID}source/things")):
            found.store.add(Quad(*triple.triple, graph))
    return found


@pytest.fixture
def made(facts, tmp_path):
    """Make facts of a table, and return what became of it with its triples."""

    def made(content, name="notes", told=None, form="csv", without=None, wanted=WANTED):
        path = content if isinstance(content, Path) else tmp_path / f"t.{form}"
        if not isinstance(content, Path):
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        out = tmp_path / "facts.nt"
        wanted = wanted._replace(mapping=told)
        done = tabular.convert(
            PACKAGED, facts, path, path.name, name, out, wanted, without=without
        )
        return done, out.read_text(encoding="utf-8").splitlines()

    return made


def refused(made, content, **how):
    """Return the lines of a refusal."""
    with pytest.raises(DragomanError) as caught:
        made(content, **how)
    return str(caught.value).splitlines()


def sessions(*rows, heading="session,mechanism,number,status"):
    return "\n".join([heading, *rows, ""])


# ------------------------------------------------------------- the mappings themselves


@every_mapping
def test_a_mapping_makes_the_facts_of_its_example_and_no_others(path, made):
    done, lines = made(EXAMPLES / f"{path.stem}.csv", "example")
    assert (path.stem, {}) == (done.mapping.name, done.bad)
    assert len(lines) == len(set(lines))
    found = rdflib.Graph().parse(data="\n".join(lines), format="nt")
    wanted = rdflib.Graph().parse(EXAMPLES / f"{path.stem}.ttl")
    _, more, less = graph_diff(to_isomorphic(found), to_isomorphic(wanted))
    assert ([], []) == (sorted(more), sorted(less))


@every_mapping
def test_an_engine_that_is_not_ours_makes_the_same_of_the_same_rows(path, made, monkeypatch):
    asked = []
    run = converting._Work._made_of

    def noted(work, text, rows):
        asked.append(text)
        return run(work, text, rows)

    monkeypatch.setattr(converting._Work, "_made_of", noted)
    _, lines = made(EXAMPLES / f"{path.stem}.csv")
    theirs = {
        line
        for text in asked
        for line in rdflib.Graph().query(text).graph.serialize(format="nt").splitlines()
    }
    theirs = {line for line in theirs if line and mapping.MARKS not in line}
    ours = rdflib.Graph().parse(data="\n".join(lines), format="nt").serialize(format="nt")
    assert set() == theirs - set(ours.splitlines())
    assert len(theirs) > 5


@every_mapping
def test_the_question_of_a_mapping_has_its_columns(path):
    read = tabular.read_mapping(path, PACKAGED.prefixes())
    question = queries.find_query(PACKAGED, read.question)
    select = question.text.partition("SELECT ")[2].partition("\n")[0]
    assert [each.name for each in read.columns] == select.replace("?", "").split()


@every_mapping
def test_no_store_answers_a_mapping_otherwise(path, facts):
    text = path.read_text(encoding="utf-8")
    assert [] == list(portability.findings(text, path.stem, PACKAGED.prefixes(), facts))


@every_mapping
def test_an_empty_table_is_taken_once_a_row_is_filled_in(path, facts, made, tmp_path):
    plan = tabular.read_mapping(path, PACKAGED.prefixes())
    with (EXAMPLES / f"{path.stem}.csv").open(encoding="utf-8", newline="") as file:
        row = [each for each in csv.reader(file) if not each[0].startswith("#")][1]
    empty = tabular.template(plan, facts)
    stream = io.StringIO(newline="")
    csv.writer(stream).writerow(row)
    done, _ = made(empty + stream.getvalue().encode())
    assert (plan.name, 1, [4]) == (done.mapping.name, done.rows, list(done.numbers))
    book = openpyxl.load_workbook(io.BytesIO(tabular.template(plan, facts, excel=True)))
    assert [each.name for each in plan.columns] == [cell.value for cell in book.worksheets[0][1]]
    book.worksheets[0].append([int(cell) if cell.isdigit() else cell for cell in row])
    book.save(tmp_path / "t.xlsx")
    again, _ = made(tmp_path / "t.xlsx")
    assert (plan.name, 1, [2]) == (again.mapping.name, again.rows, list(again.numbers))


def test_an_empty_workbook_has_lists_to_pick_from(facts):
    plan = tabular.find_mapping(PACKAGED, "sessions")
    book = openpyxl.load_workbook(io.BytesIO(tabular.template(plan, facts, excel=True)))
    lists = {each.formula1 for each in book["sessions"].data_validations.dataValidation
             if each.type == "list"}  # fmt: skip
    assert {"lists!$B$1:$B$2", "lists!$D$1:$D$11"} == lists
    assert "occurred" in [cell.value for cell in book["lists"]["D"]]
    assert "A2" == book["sessions"].freeze_panes
    assert any("new" in str(row[1].value) for row in book["about"].iter_rows())
