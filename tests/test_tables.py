"""Tables of text fit, fold at words, and line up whatever the script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

from dragoman import tables
from dragoman.notebook import text_table

CELLS = st.text("ab é中مש\u0301 ", max_size=40)
SCRIPTS = ["Arvania", "阿尔瓦尼亚", "بيلمارك", "ארץ", "Árvánia", "ไทย"]


def test_cells_of_every_script_line_up():
    rows = [(each, "x") for each in SCRIPTS]
    lines = tables.table(("state", "mark"), rows).splitlines()[2:]
    assert {wcswidth(line.partition("x")[0]) for line in lines} == {12}


def test_right_to_left_scripts_keep_to_their_place():
    # A mark on either side: no terminal takes the number, or the next cell, for part of the name.
    assert "\u200eארץ\u200e   5" in tables.table(("name", "n"), [("ארץ", "5")], numeric={1})
    assert "\u200e" not in tables.table(("name", "n"), [("阿尔瓦尼亚", "5")])
    assert "5 \u200eארץ، بلد\u200e (x)" == tables.isolated("5 ארץ، بلد (x)")


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=4), st.integers(20, 90))
def test_no_line_is_wider_than_asked_for(rows, width):
    shown = tables.table(("one", "two", "three"), rows, width)
    assert max(tables.cells(line.replace("\u200e", "")) for line in shown.splitlines()) <= width


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=4))
def test_every_word_is_shown(rows):
    shown = tables.table(("one", "two"), rows, 80).replace("\u200e", "")
    assert all(word in shown for row in rows for cell in row for word in cell.split())


def test_cells_fold_at_words_and_long_words_are_cut():
    assert ["Ministry of", "Foreign Affairs"] == tables.folded("Ministry of Foreign Affairs", 16)
    assert ["abcdef", "ghij k"] == tables.folded("abcdefghij k", 6)
    assert ["阿尔", "瓦尼", "亚"] == tables.folded("阿尔瓦尼亚", 5)
    assert ["one", "", "two"] == tables.folded("one\n\ntwo", 5)


def test_a_long_word_is_folded_behind_hyphens_dashes_and_slashes_before_it_is_cut():
    assert ["Türkiye–", "Hungary"] == tables.folded("Türkiye–Hungary", 10)
    assert ["voice/", "publisher"] == tables.folded("voice/publisher", 9)
    assert ["a", "well-", "known-", "abcdefghij", "k"] == tables.folded(
        "a well-known-abcdefghijk", 10
    )
    assert ["2026-11-3", "0"] == tables.folded("2026-11-30", 9)
    cells = (
        "2026-11-30T13:33:27Z",
        "data/harbour-report.ttl",
        "source:anew/voice/publisher is new",
    )
    assert cells[0] in tables.table(("when", "name", "reason"), [cells], 56)


def test_rows_of_several_lines_stand_apart():
    assert (
        "one    two\n──────────\nalpha  x\nbeta\n\ngamma  y\n"
        == tables.table(("one", "two"), [("alpha beta", "x"), ("gamma", "y")], 10)
    )  # fmt: skip


def test_numbers_stand_to_the_right():
    assert "n\n───\n  5\n123\n" == tables.table(("n",), [("5",), ("123",)], numeric={0}).lstrip()


@pytest.mark.parametrize(
    ("count", "numeric", "wanted"),
    [(1, 0, True), (6, 0, True), (7, 0, False), (7, 2, True), (10, 0, False)],
)
def test_a_table_or_blocks_is_a_matter_of_columns_and_not_of_rows(count, numeric, wanted):
    names = [f"c{each}" for each in range(count)]
    assert wanted is tables.fits(names, range(numeric))


def test_long_names_of_columns_count():
    assert not tables.fits(["departuresFromTheRhythm"] * 4, ())


def test_blocks_fold_beside_their_names():
    shown = tables.blocks(("name", "is"), [("one two three", ""), ("x", "y")], 16)
    assert "name  one two\n      three\n\nname  x\nis    y\n" == shown


def test_a_table_of_questions_lines_up_as_well():
    lines = text_table(("a", "b"), [("阿尔", "x"), ("abcd", "y")]).splitlines()
    assert [6, 6] == [wcswidth(line[:-1]) for line in lines[1:]]
