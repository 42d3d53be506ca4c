"""Results show themselves: `print` gives short tables, notebooks HTML in which all is escaped."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from pyoxigraph import Literal

import dragoman
from dragoman.additions import difference
from dragoman.errors import MissingLibraryError
from dragoman.notebook import html_table, text_table
from dragoman.push.plan import GraphReport, Pushed
from dragoman.reasoning import Classification
from dragoman.results import PRINTED, Result
from dragoman.store import Answer

ROOT = Path(__file__).resolve().parents[1]
EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def base() -> dragoman.KnowledgeBase:
    return dragoman.open(ROOT)


def answer(count: int, *, cut: bool = False) -> Result:
    rows = tuple((Literal(f"row {number}"),) for number in range(count))
    return Result(Answer("SELECT", ("name",), rows, cut=cut))


def test_a_printed_answer_is_a_short_table_that_says_what_it_leaves_out():
    shown = str(answer(PRINTED + 5))
    assert f"row {PRINTED - 1}\n" in shown
    assert f"row {PRINTED}\n" not in shown
    assert shown.endswith(f"(25 rows, the first {PRINTED} shown)")


@pytest.mark.parametrize(
    ("result", "end"),
    [(answer(1), "(1 row)"), (answer(0), "(0 rows)"), (answer(2, cut=True), "(2 rows or more)")],
)
def test_a_printed_answer_counts_its_rows(result, end):
    assert str(result).endswith(end)


def test_truth_and_triples_are_printed_too(base):
    assert "true" == str(base.query("ASK { ?s a dip:State }"))
    shown = str(base.query("CONSTRUCT { ?s a dip:State } WHERE { ?s a dip:State } LIMIT 2"))
    assert "subject" in shown.splitlines()[0]
    assert shown.endswith("(2 triples)")


def test_printed_questions_are_a_table_of_names_summaries_and_parameters(base):
    lines = str(base.questions()).splitlines()
    assert ["name", "summary", "parameters"] == lines[0].split()
    (line,) = (line for line in lines if line.startswith("delegations "))
    assert line.endswith("meeting")
    assert len(base.questions()) + 1 == len(lines)


def test_a_table_of_text_has_columns_in_line():
    assert "a     bb\nlong  c" == text_table(("a", "bb"), [("long", "c")])


def test_a_table_of_html_is_escaped():
    shown = html_table(EVIL, (EVIL,), [(EVIL,)])
    assert "<script" not in shown
    assert 3 == shown.count("&lt;script&gt;")


def test_every_result_shows_itself_in_a_notebook(base, tmp_path):
    facts, other = tmp_path / "facts.ttl", tmp_path / "other.ttl"
    facts.write_text(f'<urn:a> <urn:b> "{EVIL}" .\n', encoding="utf-8")
    other.write_text('<urn:a> <urn:b> "x" .\n', encoding="utf-8")
    sides = [difference.side(str(each), lambda: base.base) for each in (facts, other)]
    sent = GraphReport("urn:g", EVIL, 3, 0, "sent", after=3)
    for result, told in (
        (base.questions(), "delegations"),
        (difference.compare(*sides), "changed"),
        (Pushed("store", "Oxigraph", (sent,)), "sent"),
        (base.export("states"), "state"),
        (Classification(consistent=True, size=1, subclasses=(("urn:a", "urn:b"),)), "Consistent"),
        (base.add(facts, dry_run=True), "dry run"),
        (base.show("Hungary"), "Hungary"),
        (base.search("Hungary"), "Hungary"),
    ):
        shown = result._repr_html_()
        assert told in shown, type(result)
        assert "<script" not in shown
        printed = str(result)
        assert told in printed, type(result)
        assert f"{type(result).__name__}(" not in printed


def test_a_printed_report_is_what_the_command_shows(base):
    printed = str(base.validate([ROOT / "docs" / "example.ttl"]))
    assert "docs/example.ttl" in printed
    assert "Report(" not in printed
    assert "violation" in printed.splitlines()[-1]


def test_a_missing_library_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingLibraryError, match=r"pip install 'dragoman\[dataframe\]'"):
        answer(1).to_pandas()
