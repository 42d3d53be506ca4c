"""What answers look like in every format."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryResultsFormat,
    RdfFormat,
    Store,
    Triple,
    parse,
    parse_query_results,
)

from dragoman import results, syntax, vocabulary
from dragoman.errors import DragomanError, MissingLibraryError, UnknownNameError
from dragoman.results import Heading, Result
from dragoman.store import Answer, LocalStore

A, B = NamedNode("urn:x/a"), NamedNode("https://e.org/?a=1&b=2")
HARD = Literal('a "q", \t\n|<b>&é')
PREFIXES = {"x": "urn:x/"}


def rows(*cells, columns=("s", "o")):
    return Result(Answer("SELECT", columns, cells), PREFIXES)


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"]), max_size=10)
TERMS = (
    st.sampled_from([A, B, BlankNode("b1"), Literal(1), Literal(1.5), Literal(value=False), None])
    | TEXTS.map(Literal)
    | TEXTS.map(lambda text: Literal(text, language="en"))
    | TEXTS.map(lambda text: Literal(text, datatype=NamedNode("urn:t")))
    | st.sampled_from(["a\tb", "a\nb", "a\rb", '"', "\\", "'", "01"]).map(Literal)
)
TABLES = st.lists(st.tuples(TERMS, TERMS), max_size=6)


@given(TABLES)
@example([(A, Literal(" "))])
@example([(A, Literal("  x\u3000"))])
def test_w3c_formats_are_read_back_as_they_were(table):
    result = rows(*table)
    for name, format_ in (
        ("json", QueryResultsFormat.JSON),
        ("xml", QueryResultsFormat.XML),
        ("tsv", QueryResultsFormat.TSV),
    ):
        read = parse_query_results(result.written(name), format_)
        assert [variable.value for variable in read.variables] == ["s", "o"]
        found = [(row["s"], row["o"]) for row in read]
        assert found == list(table), name


@given(TABLES)
def test_csv_is_what_the_engine_writes(table):
    found = list(csv.reader(io.StringIO(rows(*table).written("csv").decode(), newline="")))
    wanted = [
        ["" if term is None else str(term) if isinstance(term, BlankNode) else term.value
         for term in row] for row in table
    ]  # fmt: skip
    assert found == [["s", "o"], *wanted]


def test_csv_and_tsv_equal_the_engines_bytes():
    text = (
        'SELECT ?a ?b { VALUES (?a ?b) { (1 "x,\\"y") (<urn:a> "l\\n"@en) '
        "(UNDEF true) (1.5 1e3) } }"
    )
    answer = LocalStore(Store()).query(syntax.check_query(text))
    raw = Store().query(text)
    assert Result(answer).written("csv") == raw.serialize(format=QueryResultsFormat.CSV)
    raw = Store().query(text)
    assert Result(answer).written("tsv") == raw.serialize(format=QueryResultsFormat.TSV)


def test_columns_of_a_star_stand_in_the_order_of_the_text():
    text = "SELECT * { VALUES ?zebra { 1 } VALUES ?ant { 2 } VALUES ?moth { 3 } }"
    answer = LocalStore(Store()).query(syntax.check_query(text))
    assert answer.columns == ("zebra", "ant", "moth")


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1+cmd|' /C calc'!A0", "@SUM(1+1)", "-2+3", "\t=1+1", "\r=1+1", " =1", "\uff1d1"],
)
def test_a_spreadsheet_sees_no_formula(text):
    written = rows((Literal(text), A)).spreadsheet()
    assert written.startswith(b"\xef\xbb\xbf")
    (_, row) = csv.reader(io.StringIO(written[3:].decode(), newline=""))
    assert row == [f"'{text}", "urn:x/a"]
    assert rows((Literal(text), A)).written("csv").decode().count("'=") == 0


@pytest.mark.parametrize(
    "before",
    ["\u200b", "\ufeff", "\u2060", "\u00a0", "\u3000", "\u00ad", "\u202e", "\x00", "\x1f", "\x9b",
     "\n", "\r\n", "\u2028", "\ufe0f", " \u200b\t \ufeff"],
)  # fmt: skip
@pytest.mark.parametrize("formula", ["=1+1", "\uff1d1", "\ufe66A1", "\uff0b1+1", "\u22121", "@A1"])
def test_a_spreadsheet_sees_no_formula_behind_what_is_not_seen(before, formula):
    assert _cells(before + formula)[0].startswith(f"'{before}")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a;=1+1", "a;'=1+1"),
        ("a; \u200b=1+1", "a;' \u200b=1+1"),
        ("a\t=1+1", "a\t'=1+1"),
        ("a\n@SUM(1)", "a\n'@SUM(1)"),
        ("a|=1", "a|'=1"),
        ("=1;=2", "'=1;'=2"),
        (";=cmd|' /C calc'!A0", ";'=cmd|' /C calc'!A0"),
        ("\ttext", "'\ttext"),
    ],
)
def test_a_spreadsheet_that_divides_cells_otherwise_sees_no_formula_either(text, shown):
    assert shown == _cells(text)[0]


@pytest.mark.parametrize(
    "text",
    ["2+2", "a = b", "a, -b", "one;two", "x\ny - z", "5 %", "C-in-C", "https://e.org/?a=1", ""],
)
def test_a_spreadsheet_has_other_texts_as_they_are(text):
    assert text == _cells(text)[0]


def test_a_spreadsheet_is_made_in_one_pass():
    assert "'" == _cells("\t" * 100_000)[0][0]


def _cells(text):
    written = rows((Literal(text), A)).spreadsheet()
    (_, row) = csv.reader(io.StringIO(written[3:].decode(), newline=""))
    return row


def test_a_spreadsheet_keeps_negative_numbers():
    assert b'"-5"' in rows((Literal(-5), A)).spreadsheet()


def test_a_table_shortens_iris_and_leaves_labels_alone():
    lines = rows((A, Literal("[red]é[/red]")), (B, None)).written("table").decode().split("\n")
    assert lines[2].split() == ["x:a", "[red]é[/red]"]
    assert lines[3].split() == ["<https://e.org/?a=1&b=2>"]


def test_a_label_cannot_steer_the_terminal():
    shown = rows((Literal("\x1b[31m\u202egnp.exe\r"), A)).written("table").decode()
    assert "\\u001b[31m\\u202egnp.exe\\u000d" in shown
    assert "\x1b" not in shown


def test_markdown_escapes_what_would_be_markup():
    text = rows((HARD, A)).written("md").decode()
    assert text.split("\n")[:2] == ["| s | o |", "| --- | --- |"]
    assert '| a "q", \\u0009 \\|&lt;b&gt;&amp;é | x:a |' in text.replace("\\\\u", "\\u")


@pytest.mark.parametrize("label", ["<img src=x onerror=alert(1)>", '"><script>', "{{7*7}}"])
def test_a_notebook_shows_labels_as_text(label):
    shown = rows((Literal(label), NamedNode("javascript:alert(1)")))._repr_html_()
    tags = {part.split(">")[0].split()[0] for part in shown.split("<")[1:]}
    assert tags <= {"table", "/table", "thead", "/thead", "tbody", "/tbody", "tr", "/tr", "th",
                    "/th", "td", "/td"}  # fmt: skip


def test_a_notebook_links_web_addresses_and_says_what_it_leaves_out():
    shown = rows(*[(B, A)] * 201)._repr_html_()
    assert '<a href="https://e.org/?a=1&amp;b=2" rel="noopener noreferrer">' in shown
    assert "and 1 more rows" in shown


@pytest.mark.parametrize("truth", [True, False])
def test_an_ask_is_true_or_false_in_every_format(truth):
    result = Result(Answer("ASK", truth=truth))
    word = str(truth).lower().encode()
    assert bool(result) is truth
    for name in ("table", "csv", "tsv", "md", "html"):
        assert result.written(name) == word + b"\n"
    for name, format_ in (("json", QueryResultsFormat.JSON), ("xml", QueryResultsFormat.XML)):
        assert bool(parse_query_results(result.written(name), format_)) is truth


def test_xml_refuses_what_it_cannot_hold():
    with pytest.raises(DragomanError, match=r"U\+0001"):
        rows((Literal("\x01"), A)).written("xml")
    (row,) = parse_query_results(rows((HARD, A)).written("xml"), QueryResultsFormat.XML)
    assert row["s"] == HARD


@pytest.mark.parametrize("name", ["turtle", "nt", "nq", "trig", "rdfxml", "json-ld", "xml"])
def test_triples_are_written_in_every_rdf_format(name):
    triples = (Triple(A, NamedNode("urn:x/p"), HARD), Triple(A, NamedNode("urn:x/p"), B))
    one = Result(Answer("CONSTRUCT", triples=triples), PREFIXES).written(name)
    other = Result(Answer("CONSTRUCT", triples=triples[::-1]), PREFIXES).written(name)
    assert one == other
    assert {quad.triple for quad in parse(one, syntax.rdf_format(name))} == set(triples)


def test_a_prefix_that_nothing_uses_is_not_declared():
    triples = (Triple(A, A, A),)
    text = Result(Answer("CONSTRUCT", triples=triples), {**PREFIXES, "z": "urn:z/"}).written("ttl")
    assert b"z:" not in text
    assert b"x:a" in text


@pytest.mark.parametrize(("form", "name"), [("SELECT", "turtle"), ("CONSTRUCT", "csv")])
def test_a_format_of_the_other_kind_is_refused(form, name):
    with pytest.raises(UnknownNameError, match=f"no format '{name}' for {form}"):
        Result(Answer(form)).written(name)


def test_rows_are_python_values():
    xsd = vocabulary.XSD
    cells = (Literal("2024-05-01", datatype=NamedNode(f"{xsd}date")), Literal(7))
    (row,) = rows(cells)
    assert row == {"s": results.dt.date(2024, 5, 1), "o": 7}
    assert results.value(Literal("1.5", datatype=NamedNode(f"{xsd}decimal"))) == 1.5
    assert results.value(Literal("-0045-03-15", datatype=NamedNode(f"{xsd}date"))) == "-0045-03-15"
    assert results.value(Literal("x", language="en")) == "x"


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_data_frames_have_the_rows_or_say_what_to_install(library):
    result = rows((A, Literal(1)), (B, None))
    try:
        __import__(library)
    except ImportError:
        with pytest.raises(MissingLibraryError, match=f"pip install {library}"):
            getattr(result, f"to_{library}")()
        return
    assert list(getattr(result, f"to_{library}")().columns) == ["s", "o"]


def test_formats_of_syntax_all_have_a_serializer():
    assert {syntax.rdf_format(name) for name in results.GRAPH_FORMATS} == {
        RdfFormat.TURTLE, RdfFormat.N_TRIPLES, RdfFormat.N_QUADS, RdfFormat.TRIG,
        RdfFormat.RDF_XML, RdfFormat.JSON_LD,
    }  # fmt: skip


def labelled(count):
    return rows(
        *((A, Literal(f"person {each}"), Literal("same")) for each in range(count)),
        columns=("person", "personLabel", "statusLabel"),
    )


def test_people_see_a_thing_and_its_label_in_one_column():
    assert results.table(labelled(1)).splitlines()[0].split() == ["person", "status"]
    assert results.table(labelled(1)).splitlines()[-1].split() == ["person", "0", "same"]
    assert "| person | status |" in labelled(1).written("md").decode()
    assert '<a href="https://e.org/?a=1&amp;b=2" rel="noopener noreferrer">B</a>' in (
        rows((B, Literal("B")), columns=("thing", "thingLabel"))._repr_html_()
    )


def test_people_see_the_iri_where_there_is_no_label():
    assert "x:a" in results.table(rows((A, None), columns=("thing", "thingLabel")))


def test_machines_get_every_column_as_written():
    assert labelled(1).written("csv").splitlines()[0] == b"person,personLabel,statusLabel"


WIDE = tuple(f"column{each}" for each in range(8))


def wide(*varying):
    """Return two rows of eight columns, of which those that are named differ."""
    return rows(
        *([Literal(f"{name} {n}" if name in varying else name) for name in WIDE] for n in (1, 2)),
        columns=WIDE,
    )


def test_what_all_rows_tell_alike_stands_above_where_the_columns_would_be_too_many():
    shown = results.table(wide("column1", "column5")).splitlines()
    assert "In all rows: column0 column0; column2 column2;" in shown[0]
    assert ["column1", "column5"] in [line.split() for line in shown]
    page = wide("column1", "column5").written("md").decode()
    assert "column7 column7" in page
    assert "| column1 | column5 |" in page


def test_rows_that_differ_in_too_much_are_blocks_with_all_they_tell():
    shown = results.table(wide(*WIDE[:7]))
    assert "In all rows" not in shown
    assert 2 == shown.count("column7  column7")


def test_one_row_and_few_columns_are_shown_as_they_are():
    assert "In all rows" not in results.table(rows(*[(A, A)] * 2))
    single = rows(tuple(Literal(each) for each in WIDE), columns=WIDE)
    assert "In all rows" not in results.table(single)


def test_a_file_of_html_is_a_whole_page_with_all_rows():
    page = rows(*[(B, Literal("É"))] * 201).written("html").decode()
    assert page.startswith("<!DOCTYPE html>")
    assert '<meta charset="utf-8">' in page
    assert "<title>Answer</title>" in page
    assert 201 == page.count("<td>É</td>")
    assert "<!DOCTYPE" not in rows((B, A))._repr_html_()


def test_a_column_of_accounts_is_for_machines_where_it_is_a_text_too():
    answer = rows((B, Literal("https://example.org/account/1")), columns=("thing", "firstAccount"))
    shown = replace(answer, heading=Heading("Things")).written("table").decode()
    assert "example.org/account" not in shown
    assert "Not shown: firstAccount." in shown
