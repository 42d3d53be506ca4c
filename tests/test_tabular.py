"""Tables that people fill in: their cells, mappings that make facts of rows, and adding them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import openpyxl
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, parse
from rdflib.compare import graph_diff, to_isomorphic

from dragoman import additions, portability, queries, tabular
from dragoman import store as stores
from dragoman.base import DATA, ONTOLOGY, Base, find_base, marker_text
from dragoman.errors import DragomanError, LimitError, SyntaxProblem
from dragoman.export.statements import COLUMNS
from dragoman.tabular import cells, converting, mapping

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "tests" / "tables"
PACKAGED = Base(ROOT, "test")
MAPPINGS = sorted((ROOT / "ontology" / "mappings").glob("*.rq"))
ID = "https://w3id.org/dragoman/id/"
XSD = "http://www.w3.org/2001/XMLSchema#"
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

    def made(content, name="notes", *, told=None, form="csv", without=None):
        path = content if isinstance(content, Path) else tmp_path / f"t.{form}"
        if not isinstance(content, Path):
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        out = tmp_path / "facts.nt"
        wanted = WANTED._replace(mapping=told)
        done = tabular.convert(PACKAGED, facts, path, path.name, name, out, wanted, without=without)
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
    run = converting._Work._made_of  # noqa: SLF001  what is run is the point

    def noted(work, text, rows):
        asked.append(text)
        return run(work, text, rows)

    monkeypatch.setattr("dragoman.tabular.converting._Work._made_of", noted)
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


# ------------------------------------------------------------------------- cells


@pytest.mark.parametrize(
    "content",
    [
        "session;mechanism;number;status\r\n;River Council;4;planned\r\n",
        "session\tmechanism\tnumber\tstatus\n\tRiver Council\t4\tplanned\n",
        "\ufeffsession,mechanism,number,status\n,River Council,4,planned\n",
        '"session","mechanism","number","status"\r\n"","River Council","4","planned"\r\n',
        "Session, MECHANISM ,number,Status\n,  river  council ,4,PLANNED\n",
        "status,number,mechanism,session\nplanned,4,mechanism:river-council,\n",
        "session,mechanism,number,status,,\n,River Council,4,planned,,\n,,,,,\n\n",
    ],
)
def test_csv_is_read_as_spreadsheets_write_it(made, content):
    _, lines = made(content)
    assert any(f"<{ID}meeting/river-council-4>" in line for line in lines)
    assert any(f"<{DIP}status> <{ID}status/planned>" in line for line in lines)


def test_rows_are_numbered_as_a_spreadsheet_numbers_them(made):
    done, lines = made(
        sessions("# remark,,,", "", '"Session\nof two lines",River Council,4,planned', "",
                 ",River Council,5,planned")
    )  # fmt: skip
    assert [4, 6] == list(done.numbers)
    assert any('"row=6"' in line for line in lines)


def test_a_later_row_that_begins_like_a_remark_is_data(made):
    done, lines = made(
        sessions(",River Council,4,planned", "#5 of the Council,River Council,5,planned")
    )
    assert 2 == done.rows
    assert any('"#5 of the Council"@en' in line for line in lines)


def test_a_formula_in_a_csv_file_is_a_text(made):
    _, lines = made(sessions("=1+1,River Council,4,planned"))
    assert any('prefLabel> "=1+1"@en' in line for line in lines)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "t.csv: It is empty: a table begins with the names of columns."),
        ("\n\n", "t.csv: It is empty: a table begins with the names of columns."),
        (sessions(), "t.csv: No row below its heading becomes facts."),
        (sessions().encode("utf-16"), "t.csv: It is UTF-16, not UTF-8. Save it as CSV UTF-8"),
        ("session,mechanism\nÇelik".encode("latin-1"), "t.csv: It is not UTF-8. Save it as CSV"),
        (b"PK\x03\x04rest", "t.csv: It is a workbook or another packed file: call it .xlsx."),
        (sessions('"open,River Council,4,planned'), "t.csv:2: This row is no CSV: a quotation"),
        (sessions('a"b,River Council,4,planned', '"a"b,x,4,planned'),
         "t.csv:3: This row is no CSV: a quotation mark stands within a cell"),
        (sessions("River Council,4,planned"), "t.csv:2: it has 3 cells, and the heading 4."),
        (sessions("a,River Council,4,planned,x"), "t.csv:2: it has 5 cells, and the heading 4."),
        (sessions("a,River Council,4,planned,x", heading="session,mechanism,number,status,"),
         "t.csv:2: 'x' stands under no heading."),
        (sessions(heading="session,mechanism,status,Session"),
         "t.csv:1: The column 'Session' stands twice."),
        (sessions(heading="session,mechanism,status,plase"),
         "t.csv:1: A table of sessions? There is no column 'plase'. Did you mean place?"),
        (sessions(heading="session,number,status"),
         "t.csv:1: A table of sessions? It lacks mechanism."),
        (sessions(heading="a,b,c"), "t.csv:1: No table has these columns."),
    ],
)  # fmt: skip
def test_what_is_no_table_is_told_where_and_what_to_do(made, content, message):
    assert refused(made, content)[0].startswith(message)


def workbook(rows, path, form=None):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for place, shown in (form or {}).items():
        book.active[place].number_format = shown
    book.save(path)
    return path


def test_cells_of_a_workbook_say_what_was_typed(tmp_path):
    day = dt.datetime(2024, 5, 1)  # noqa: DTZ001  as spreadsheets have days
    rows = [["name", "value"], *([each, each] for each in (3, 2.5, day, day, day, True, 1e3, None))]
    forms = {"B4": "yyyy-mm-dd", "B5": "mmm-yy", "B6": "yyyy", "B7": "General"}
    file = workbook([[str(a), b] for a, b in rows], tmp_path / "t.xlsx", forms)
    with cells.opened(file, "t.xlsx") as found:
        read = [[*row.cells, ""][1] for row in found]
    assert ["value", "3", "2.5", "2024-05-01", "2024-05", "2024", "true", "1000", ""] == read


def test_a_month_typed_into_a_spreadsheet_becomes_no_day(made, tmp_path):
    rows = [["mechanism", "number", "status", "start"],
            ["River Council", 4, "occurred", dt.datetime(2024, 5, 1)]]  # noqa: DTZ001  # fmt: skip
    _, lines = made(workbook(rows, tmp_path / "t.xlsx", {"D2": "mmm-yy"}))
    assert [f'"2024-05"^^<{"http://www.w3.org/2001/XMLSchema#gYearMonth"}>'] == [
        line.split()[2] for line in lines if f"<{DIP}start>" in line
    ]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_day_as_a_spreadsheet_counts_it_is_no_year(made, tmp_path, form):
    heading, row = ["mechanism", "number", "status", "start"], ["River Council", 4, "occurred"]
    if form == "xlsx":
        content = workbook([heading, [*row, 45413]], tmp_path / "t.xlsx")
    else:
        content = sessions("River Council,4,occurred,45413", heading=",".join(heading))
    (told,) = refused(made, content)
    assert told.startswith(f"t.{form}:2: column start: '45413' is how a spreadsheet counts a day")
    assert "(2024-05-01): give the cell the format of a date, or write the day." in told


@pytest.mark.parametrize("shown", ["yyyy-mm-dd", "dd/mm/yyyy", "[$-41F]d mmmm yyyy;@", "m/d/yy"])
def test_a_number_that_is_shown_as_a_day_is_one(made, tmp_path, shown):
    rows = [["mechanism", "number", "status", "start"], ["River Council", 4, "occurred", 45413]]
    _, lines = made(workbook(rows, tmp_path / "t.xlsx", {"D2": shown}))
    assert any(f'<{DIP}start> "2024-05-01"' in line for line in lines)


def test_a_formula_in_a_workbook_is_no_value(made, tmp_path):
    rows = [["mechanism", "number", "status"], ["River Council", "=1+1", "planned"],
            ["River Council", 4, "plannd"]]  # fmt: skip
    assert [
        "t.xlsx:2: column number: it holds a formula; paste its value in its place.",
        "t.xlsx:3: column status: no Status is called 'plannd': planned?",
    ] == refused(made, workbook(rows, tmp_path / "t.xlsx"))


def test_what_is_no_workbook_is_told(made):
    assert refused(made, b"no zip", form="xlsx")[0].startswith(
        "t.xlsx: It is no workbook (.xlsx) that can be read: "
    )


def test_a_workbook_that_swells_is_not_unpacked(made, monkeypatch, tmp_path):
    monkeypatch.setattr(cells, "_MOST_BYTES", 100)
    file = workbook([["mechanism"]], tmp_path / "t.xlsx")
    assert "unpacks to more than" in refused(made, file)[0]


def test_without_the_library_for_workbooks_it_is_named(made, monkeypatch, tmp_path):
    file = workbook([["mechanism"]], tmp_path / "t.xlsx")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    assert "pip install 'dragoman[workbook]'" in refused(made, file)[0]


# --------------------------------------------------------------------- what cells mean


def test_all_faults_are_told_at_once_with_row_and_column(made):
    heading = "session,mechanism,number,status,start,host"
    told = refused(
        made,
        sessions(
            ",River Council,4,planned,,Hungaria",
            ",,four,,2024-02-30,Old Mill",
            ",River Council,,occurred,12.5.2024,",
            heading=heading,
        ),
    )
    wanted = [
        "t.csv:2: column host: no Organization is called 'Hungaria': Hungary",
        "t.csv:3: column mechanism: it is empty, and each row needs it.",
        "t.csv:3: column number: 'four' is no integer: write digits, as 12; words are a text:",
        "t.csv:3: column status: it is empty, and each row needs it.",
        "t.csv:3: column start: '2024-02-30' is no date or gYearMonth or gYear: February 2024 has",
        "t.csv:3: column host: no Organization is called 'Old Mill'; called so is place:mill",
        "t.csv:4: column start: '12.5.2024' is no date or gYearMonth or gYear: write 2024-05-31.",
    ]
    assert wanted == [line[: len(each)] for line, each in zip(told, wanted, strict=True)]


def test_a_huge_table_is_refused_in_few_words(made):
    long = "x" * 500_000
    wide = ",".join(["mechanism", *(f"column{number}" for number in range(20_000))])
    assert len(refused(made, f"{wide}\n")[0]) < 1_000
    told = refused(made, sessions(f",{long},{long},{long}"))
    assert (3, True) == (len(told), all(len(line) < 500 for line in told))
    assert "longer than 1 MiB" in refused(made, sessions(f",{long * 3},1,planned"))[0]
    assert "longer than 1 MiB" in refused(made, long * 3)[0]


def test_so_many_faults_as_nobody_reads_are_counted(made):
    told = refused(made, sessions(*(f",Nowhere {number},1,planned" for number in range(300))))
    assert (201, "t.csv: There are 100 more faults.") == (len(told), told[-1])


def test_a_thing_may_be_named_by_code_iri_and_in_any_order_of_words(made):
    heading = "mechanism,number,status,host"
    _, lines = made(
        sessions("River Council,4,planned,AND; <https://w3id.org/dragoman/id/state/SMR>; state:HUN",
                 heading=heading)
    )  # fmt: skip
    hosts = {line.split()[2] for line in lines if f"<{DIP}host>" in line}
    assert {f"<{ID}state/{each}>" for each in ("AND", "SMR", "HUN")} == hosts


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("place:mill", "'place:mill' is no Organization"),
        ("state:XYZ", "'state:XYZ' is no Organization"),
    ],
)
def test_an_iri_of_another_kind_is_refused(made, cell, message):
    heading = "mechanism,number,status,host"
    told = refused(made, sessions(f"River Council,4,planned,{cell}", heading=heading))
    assert [f"t.csv:2: column host: {message}."] == told


def test_a_name_that_several_bear_is_a_question(made, facts):
    twin = NamedNode(f"{ID}mechanism/other-river-council")
    label = NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel")
    kind = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    quads = [Quad(twin, label, Literal("river council", language="en"), DefaultGraph()),
             Quad(twin, kind, NamedNode(f"{DIP}Mechanism"), DefaultGraph())]  # fmt: skip
    facts.store.extend(quads)
    try:
        told = refused(made, sessions(",River Council,4,planned"))
    finally:
        for quad in quads:
            facts.store.remove(quad)
    wanted = (
        "t.csv:2: column mechanism: several things are called 'River Council': "
        "mechanism:other-river-council, mechanism:river-council: write one of these."
    )
    assert [wanted] == told


def test_a_new_thing_gets_an_iri_of_its_name_and_the_same_name_is_the_same_thing(made):
    done, lines = made(
        sessions("Çelik meeting,River Council,4,planned", "çelik  meeting,River Council,4,expected")
    )
    assert 1 == done.new
    named = [line for line in lines if line.startswith(f"<{ID}meeting/celik-meeting>")]
    assert 2 == len(named)
    assert any('"Çelik meeting"@en' in line for line in named)


def test_two_new_things_never_share_an_iri(made):
    told = refused(made, sessions("A.B,River Council,4,planned", "A-B,River Council,5,planned"))
    wanted = (
        "t.csv:3: column session: 'A-B' would get the IRI meeting:a-b, as 'A.B' does: give it one "
        "of its own."
    )
    assert [wanted] == told


def test_a_new_thing_never_gets_the_iri_of_another(made):
    told = refused(made, sessions("River-Council Opening,River Council,4,planned"))
    wanted = (
        "t.csv:2: column session: 'River-Council Opening' would get the IRI "
        "meeting:river-council-opening, which is another thing's: Opening session of the River "
        "Council. Write that name, or an IRI for a new Meeting."
    )
    assert [wanted] == told


def test_what_may_be_a_misspelt_name_is_a_question(made):
    heading = "meeting,status,party,person"
    rows = ["Long talks,planned,Andorra,Ilda Mos", "Long talks,planned,Andorra,Otto Reed"]
    done, _ = made(sessions(*rows, heading=heading))
    assert done.note.endswith("New, or misspelt? 'Ilda Mos' ('Ilda Moss'?).")
    first = sessions("Second session of the River Council,River Council,4,planned")
    assert "misspelt" not in made(first)[0].note


def test_a_new_thing_may_have_an_iri_of_ones_choice(made):
    heading = "session,sessionLabel,mechanism,number,status"
    _, lines = made(sessions("meeting:mine,Our own,River Council,4,planned", heading=heading))
    assert any(line.startswith(f"<{ID}meeting/mine>") and '"Our own"@en' in line for line in lines)
    told = refused(made, sessions("meeting:mine,River Council,4,planned"))
    assert "give its name, too, in a column sessionLabel" in told[0]


def test_a_session_is_found_by_mechanism_and_number(made, facts):
    opening = NamedNode(f"{ID}meeting/river-council-opening")
    quads = [
        Quad(opening, NamedNode(f"{DIP}sessionIn"), NamedNode(f"{ID}mechanism/river-council"),
             DefaultGraph()),
        Quad(opening, NamedNode(f"{DIP}number"), Literal(1), DefaultGraph()),
    ]  # fmt: skip
    facts.store.extend(quads)
    try:
        done, lines = made(sessions(",River Council,1,occurred"))
    finally:
        for quad in quads:
            facts.store.remove(quad)
    assert 0 == done.new
    assert any(f"<{DIP}about> {opening}" in line for line in lines)


def test_a_name_beside_an_iri_must_be_its_name(made):
    heading = "session,mechanism,mechanismLabel,number,status"
    rows = [f"x,mechanism:river-council,{each},4,planned" for each in ("River Council", "")]
    assert 1 == made(sessions(rows[0], heading=heading))[0].rows
    assert 1 == made(sessions(rows[1], heading=heading))[0].rows
    told = refused(made, sessions("x,mechanism:river-council,Lake,4,planned", heading=heading))
    wanted = (
        "t.csv:2: column mechanism: mechanism:river-council is not called 'Lake', as the column "
        "mechanismLabel has it: empty one of the two."
    )
    assert [wanted] == told


def test_names_beside_several_things_must_fit_them_all(made):
    heading = "mechanism,number,status,host,hostLabel"
    row = "River Council,4,planned,state:AND; state:SMR,{}"
    assert 1 == made(sessions(row.format("Andorra; San Marino"), heading=heading))[0].rows
    told = refused(made, sessions(row.format("Andorra"), heading=heading))
    assert "state:SMR is not called 'Andorra'" in told[0]


def test_rows_of_one_account_in_several_batches_say_it_once(made, monkeypatch):
    content = "\n".join([
        "meeting,status,party,person",
        *(f"Long talks,planned,{party},{party} guest {number}"
          for number in range(5) for party in ("Andorra", "San Marino")),
    ])  # fmt: skip
    _, wanted = made(content)
    monkeypatch.setattr(converting, "_BATCH", 3)
    done, lines = made(content)
    assert (10, len(set(lines))) == (done.rows, len(lines))
    assert set(wanted) == set(lines)
    for number, line in enumerate(lines, 1):
        if "passage/row-" in line.split()[0]:
            assert f"row-{done.row_of(number)}" in line


def test_values_of_one_place_in_several_cells_belong_together(made, tmp_path):
    plan = tmp_path / "pairs.rq"
    plan.write_text(PAIRS)
    content = "who,role\nAnna; Berta; Carl,chair; host\n"
    _, lines = made(content, told=str(plan))
    pairs = {(line.split()[0][-2:-1], line.split('"')[1]) for line in lines if "urn:x:role" in line}
    assert {("1", "chair"), ("2", "host")} == pairs
    assert 3 == sum("urn:x:who" in line for line in lines)


PAIRS = """\
#+ summary: Pairs
#+ description: People and their roles.
#+ tags: [people]
#+ key: [who]
#+ columns:
#+   who: {description: Who, several: true}
#+   role: {description: In which role, several: true}
CONSTRUCT { ?account <urn:x:passage> ?passage . ?node <urn:x:who> ?who ; <urn:x:role> ?role }
WHERE {
    #ROWS
    BIND (IRI(CONCAT(STR(?account), "/", STR(?item))) AS ?node)
}
"""


def test_a_row_of_which_nothing_is_made_is_told(made, tmp_path):
    plan = tmp_path / "pairs.rq"
    plan.write_text(PAIRS.replace("#ROWS", '#ROWS\n    FILTER (?who != "Berta")'))
    told = refused(made, "who,role\nAnna,chair\nBerta,host\n", told=str(plan))
    assert ["t.csv:3: the mapping makes nothing of it."] == told


def test_what_nothing_bears_may_be_left_out_where_the_mapping_says_so(made, tmp_path):
    plan = tmp_path / "pairs.rq"
    plan.write_text(
        PAIRS.replace("{description: In which role, several: true}",
                      "{description: Which, lookup: 'dip:State', else: skip}")
    )  # fmt: skip
    _, lines = made("who,role\nAnna,Nowhere\nBerta,Andorra\n", told=str(plan))
    assert 1 == sum("urn:x:role" in line for line in lines)


# --------------------------------------------------------------------------- mappings


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("CONSTRUCT {", "SELECT * {"), "A mapping is a CONSTRUCT"),
        (("    #ROWS\n", ""), "one line #ROWS"),
        (("?who ;", "?whom ;"), "Nothing gives ?whom a value. Did you mean who"),
        (("; <urn:x:role> ?role", ""), "It makes nothing of its column role"),
        (("?account <urn:x:passage> ?passage . ", ""), "It has no ?passage"),
        (("?node <urn:x:who>", "[] <urn:x:who>"), "It makes blank nodes"),
        (("IRI(CONCAT", "BNODE(CONCAT"), "It makes blank nodes"),
        (('STR(?item)', "STR(NOW())"), "It makes other facts each time: leave out NOW"),
        (("WHERE {\n", "WHERE {\n SERVICE <http://x> { ?a ?b ?c }\n"), "SERVICE is refused"),
        (("AS ?node)\n}", "AS ?node)\n} LIMIT 5"), "LIMIT would not see all of them"),
        (("CONSTRUCT {", "LOAD <http://x> ; CONSTRUCT {"), "LOAD is refused"),
        (('STR(?account), "/"', 'STR(?account) "/"'), "It is no SPARQL 1.1"),
        (("#+ key: [who]", "#+ key: [whom]"), "There is no column 'whom'. Did you mean who?"),
        (("#+ key: [who]\n", ""), "The key 'key' is missing"),
        (("description: Who,", "descripton: Who,"), "no key 'descripton'. Did you mean desc"),
        (("Who, several", "Who, lookup: nowhere, several"), "'nowhere' is no term"),
        (("Who, several", "Who, datatype: 'xsd:dat', several"), "xsd:dat is no datatype"),
        (("Who, several", "Who, new: person, several"), "What may be new in who is of a class"),
        (("several: true}\n#+   role", "several: maybe}\n#+   role"), "several is true or false"),
        (("#+   who:", "#+   account:"), "A column cannot be called 'account'"),
    ],
)  # fmt: skip
def test_a_mapping_that_would_do_wrong_in_silence_is_refused(tmp_path, change, message):
    assert change[0] in PAIRS
    path = tmp_path / "pairs.rq"
    path.write_text(PAIRS.replace(*change))
    with pytest.raises(SyntaxProblem) as caught:
        tabular.read_mapping(path, PACKAGED.prefixes())
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_mapping_that_takes_too_long_is_given_up(facts, tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("who,role\n" + "\n".join(f"a{number},b" for number in range(900)))
    path = tmp_path / "slow.rq"
    # seconds, but not more: a query cannot be stopped, and would slow all tests behind it
    numbers = " ".join(map(str, range(300)))
    each = " ".join(f"VALUES ?{name} {{ {numbers} }}" for name in "abc")
    path.write_text(PAIRS.replace("#ROWS", f"#ROWS\n {{ SELECT (COUNT(*) AS ?n) {{ {each} }} }}"))
    with pytest.raises(LimitError, match=r"slow\.rq: the mapping took more than 0\.2 s"):
        tabular.convert(
            PACKAGED, facts, table, "t.csv", "notes", tmp_path / "o.nt",
            WANTED._replace(mapping=str(path)), timeout=0.2,
        )  # fmt: skip


def test_an_unknown_mapping_is_named_with_the_nearest():
    with pytest.raises(DragomanError, match="Did you mean sessions"):
        tabular.find_mapping(PACKAGED, "session")


# --------------------------------------------------------------------- into the base


@pytest.fixture
def base(tmp_path):
    root = tmp_path / "base"
    (root / "data").mkdir(parents=True)
    (root / "dragoman.toml").write_text(marker_text())
    shutil.copy(EXAMPLES / "things.ttl", root / "data" / "things.ttl")
    return find_base(root)


@pytest.fixture
def add(base, tmp_path):
    def add(content, name="notes", file="t.csv", told=WANTED, **how):
        path = tmp_path / file
        if isinstance(content, Path):
            path = content
        else:
            path.write_text(content, encoding="utf-8")
        given = [additions.Given(path, path.name)]
        return additions.add(base, given, additions.Adding(name=name, table=told, **how))

    return add


def kept(base, name="notes"):
    return (base.root / "data" / f"{name}.nt").read_text(encoding="utf-8")


def test_rows_become_a_source_and_the_log_has_the_table(base, add):
    done = add(sessions(",River Council,4,planned"))
    assert ["data/notes.nt"] == [each.path for each in done.added]
    assert (
        "t.csv becomes facts as a table of sessions: 1 row, 1 thing that the base did not know."
        in done.notes[0]
    )
    assert "The base knows no agent 'The Desk'" in done.notes[0]
    assert f"<{ID}source/notes> <{DIP}textHeld>" in kept(base)
    assert "t.csv" in (base.root / "log" / "additions.nt").read_text()


@every_mapping
def test_examples_are_valid_in_the_base(add, path):
    done = add(EXAMPLES / f"{path.stem}.csv")
    assert [] == [each for each in done.report.findings if each.level != "info"]
    assert done.done


def test_nothing_is_added_where_one_cell_is_wrong(base, add):
    with pytest.raises(SyntaxProblem, match=r"t\.csv:3: column mechanism: no Mechanism"):
        add(sessions(",River Council,4,planned", ",Lake Council,4,planned"))
    assert ["things.ttl"] == [each.name for each in (base.root / "data").iterdir()]


def test_somebody_must_be_told_to_say_it(add):
    with pytest.raises(DragomanError, match=r"t\.csv: whose word is it\? .*--publisher NAME"):
        add(sessions(",River Council,4,planned"), told=tabular.Wanted())


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"date": "12.5.2024"}, "--date 12.5.2024: that is no date"),
        ({"publisher": "person:nobody"}, "--publisher person:nobody: the base knows no such agent"),
        ({"publisher": " "}, "--publisher is empty"),
        ({"title": " "}, "--title is empty"),
        ({"mapping": "sesions"}, "There is no table 'sesions'. Did you mean sessions"),
    ],
)
def test_what_is_told_of_a_table_is_checked(add, told, message):
    with pytest.raises(DragomanError) as caught:
        add(sessions(",River Council,4,planned"), told=WANTED._replace(**told))
    assert str(caught.value).startswith(message)


def test_a_known_publisher_is_the_voice(base, add):
    add(sessions(",River Council,4,planned"), told=tabular.Wanted(publisher="Ilda Moss"))
    assert f"<http://www.w3.org/ns/prov#wasAttributedTo> <{ID}person/ilda-moss>" in kept(base)


def test_what_shapes_find_points_to_the_row(base, add):
    heading = "session,mechanism,number,status,start"
    done = add(
        sessions("# ,,,,", ",River Council,4,planned,", ",River Council,5,planned,2013-05",
                 heading=heading)
    )  # fmt: skip
    assert not done.done
    assert {("t.csv", 4)} == {(each.file, each.line) for each in done.refused}
    assert not (base.root / "data" / "notes.nt").exists()


def test_bad_rows_are_written_out_and_the_others_added(base, add, tmp_path):
    bad = tmp_path / "bad.csv"
    heading = "session,mechanism,number,status,start"
    table = sessions(
        ",River Council,4,planned,",
        ",River Council,5,planned,2013-05",
        '"A ""quoted"" one, Ç",Lake Council,six,planned,',
        heading=heading,
    )
    done = add(table, skip_bad=bad)
    assert done.done
    assert "2 rows left out, and written to" in done.notes[-1]
    assert "council-4" in kept(base)
    assert "council-5" not in kept(base)
    with bad.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert [*heading.split(","), "error"] == rows[0]
    assert ["", "River Council", "5", "planned", "2013-05"] == rows[1][:5]
    assert rows[1][5].startswith("row 3: The event is told as status:planned and yet")
    assert ['A "quoted" one, Ç', "Lake Council", "six", "planned", ""] == rows[2][:5]
    assert rows[2][5].startswith("row 4: column mechanism: no Mechanism is called 'Lake Council'")
    assert "column number: 'six' is no integer" in rows[2][5]
    mended = bad.read_text(encoding="utf-8-sig").replace("2013-05", "").replace("Lake", "River")
    assert add(mended.replace("six", "6"), "more", "mended.csv").done


def delegations(*rows):
    return sessions(*rows, heading="meeting,status,party,person,listing")


def test_rows_of_one_account_are_left_out_together(base, add, tmp_path):
    bad = tmp_path / "bad.csv"
    table = delegations(
        "Talks at the Quay,occurred,France,Nora Quill,",
        "Talks at the Pier,occurred,France,Nora Quill,",
        "Talks at the Quay,occurred,Nowhere,Otto Pier,",
        "Talks at the Quay,planned,France,Nora Quill,",
        "Talks at the Quay,occurred,France,Otto Pier,",
    )
    add(table, skip_bad=bad, told=WANTED._replace(mapping="delegations"))
    with bad.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    same = "left out with row 4, which is of the same meeting and status"
    assert [f"row 2: {same}", f"row 6: {same}"] == [rows[0][5], rows[2][5]]
    assert rows[1][5].startswith("row 4: column party: no Organization is called 'Nowhere'")
    assert "account/talks-at-the-pier-occurred>" in kept(base)
    assert "account/talks-at-the-quay-planned>" in kept(base)
    assert "account/talks-at-the-quay-occurred>" not in kept(base)


def test_rows_of_an_account_against_which_shapes_find_something_are_left_out_together(
    base, add, tmp_path
):
    bad = tmp_path / "bad.csv"
    heading = "mechanism,number,status,start,place"
    table = sessions("River Council,5,planned,2013-05,", "River Council,5,planned,,",
                     "River Council,6,planned,,", heading=heading)  # fmt: skip
    add(table, skip_bad=bad)
    assert 3 == len(bad.read_text(encoding="utf-8-sig").splitlines())
    assert "council-6" in kept(base)
    assert "council-5" not in kept(base)


def test_formulas_are_written_out_with_the_bad_rows(add, tmp_path):
    bad = tmp_path / "bad.csv"
    rows = [["mechanism", "number", "status"], ["River Council", "=1+1", "planned"],
            ["River Council", 6, "planned"]]  # fmt: skip
    add(workbook(rows, tmp_path / "t.xlsx"), skip_bad=bad)
    with bad.open(encoding="utf-8-sig", newline="") as file:
        row = list(csv.reader(file))[1]
    assert ["River Council", "=1+1", "planned"] == row[:3]
    assert "row 2: column number: it holds a formula; paste its value in its place" == row[3]


def test_where_no_row_is_bad_no_file_is_written(add, tmp_path):
    done = add(sessions(",River Council,4,planned"), skip_bad=tmp_path / "bad.csv")
    assert "No row was left out." == done.notes[-1]
    assert not (tmp_path / "bad.csv").exists()


def test_where_all_rows_are_bad_nothing_is_added(base, add, tmp_path):
    with pytest.raises(SyntaxProblem, match=r"No row below its heading becomes facts \(1 row left"):
        add(sessions(",Lake Council,4,planned"), skip_bad=tmp_path / "bad.csv")
    assert not (tmp_path / "bad.csv").exists()
    assert not (base.root / "data" / "notes.nt").exists()


@pytest.mark.parametrize(
    ("bad", "message"),
    [("t.csv", "exists already"), ("bad.xlsx", "call it .csv"), ("no/bad.csv", "is no folder")],
)
def test_a_file_for_bad_rows_is_looked_at_first(add, tmp_path, bad, message):
    with pytest.raises(DragomanError, match=message):
        add(sessions(",River Council,4,planned"), skip_bad=tmp_path / bad)


def test_a_table_that_was_changed_takes_the_place_of_the_old_one(base, add):
    heading = "session,mechanism,number,status,description"
    add(sessions("Long night,River Council,4,planned,Old words", heading=heading))
    with pytest.raises(DragomanError, match="Add --replace"):
        add(sessions("Long night,River Council,4,planned,New", heading=heading), file="u.csv")
    done = add(
        sessions("Long night,River Council,4,planned,New words", heading=heading),
        file="u.csv", told=tabular.Wanted(), replace=True,
    )  # fmt: skip
    assert done.done
    text = kept(base)
    assert '"New words"@en' in text
    assert "Old words" not in text
    for fact in ('"Long night"@en', '"Notes"@en', '"2013"^^', '"The Desk"@en'):
        assert 1 == text.count(fact), fact


def test_what_else_is_told_of_a_source_stays_when_its_rows_change(base, add):
    add(sessions(",River Council,4,planned"))
    file = base.root / "data" / "notes.nt"
    url = f'<{ID}source/notes> <https://schema.org/url> "https://example.org/"^^<{XSD}anyURI> .\n'
    file.write_text(file.read_text(encoding="utf-8") + url, encoding="utf-8")
    told = tabular.Wanted(title="Other notes", publisher="Ilda Moss")
    done = add(sessions(",River Council,5,planned"), file="u.csv", told=told, replace=True)
    assert done.done
    assert url in kept(base)
    assert "The Desk" not in kept(base)
    assert ['"Other notes"@en'] == re.findall(r'terms/title> (".*"@en) \.', kept(base))


def run(base, *arguments, **how):
    return subprocess.run(
        [sys.executable, "-m", "dragoman", "--base", str(base.root), *arguments],
        capture_output=True, text=True, encoding="utf-8", check=False, **how,
    )  # fmt: skip


@every_mapping
def test_an_answer_edited_in_a_spreadsheet_comes_back(base, add, path, tmp_path):
    add(EXAMPLES / f"{path.stem}.csv")
    before = kept(base)
    book = tmp_path / "answer.xlsx"
    done = run(base, "query", f"table-{path.stem}", "--set", "source=notes", "-o", str(book))
    assert (0, True) == (done.returncode, book.exists()), done.stderr
    done = run(base, "add", str(book), "--as", "notes", "--replace")
    assert 0 == done.returncode, done.stderr

    def facts(text):
        """Leave out which rows tell it, for a thing with several values now takes several."""
        return {
            line for line in text.splitlines()
            if "/passage/" not in line and f"<{DIP}text" not in line and "sha256" not in line
            and "timeUnknown" not in line
        }  # fmt: skip

    unnamed = "row-"
    assert {line for line in facts(before) if unnamed not in line} == {
        line for line in facts(kept(base)) if unnamed not in line
    }


def test_to_check_a_table_is_to_add_it_dry(base):
    said = run(base, "validate", "t.csv").stderr
    assert "t.csv: of a table, dragoman add --dry-run t.csv says all." in said


def test_a_statement_shows_the_row_that_it_rests_on(base, add):
    add(sessions(",River Council,4,planned", ",River Council,5,planned"))
    shown = run(base, "show", "River Council, 5")
    assert "[row 3]" in shown.stdout


def test_tables_are_made_and_added_by_the_command(base, tmp_path):
    listed = run(base, "new", "table")
    assert [path.stem for path in MAPPINGS] == [
        line.split()[0] for line in listed.stdout.splitlines()
    ]
    file = tmp_path / "t.csv"
    assert 0 == run(base, "new", "table", "sessions", "-o", str(file)).returncode
    assert "exists already" in run(base, "new", "table", "sessions", "-o", str(file)).stderr
    assert "Did you mean sessions" in run(base, "new", "table", "session").stderr
    with file.open("a", encoding="utf-8") as out:
        out.write(",River Council,4,planned,,,,,,\r\n,Lake Council,4,planned,,,,,,\r\n")
    done = run(base, "add", str(file), "--as", "notes", "--publisher", "The Desk")
    assert 2 == done.returncode
    assert f"{file}:5: column mechanism: no Mechanism is called 'Lake Council'" in done.stderr
    bad = tmp_path / "bad.csv"
    done = run(
        base, "add", "-", "--syntax", "csv", "--as", "notes", "--publisher", "The Desk",
        "--title", "Notes", "--date", "2013-05", "--skip-bad", str(bad),
        input=file.read_text(encoding="utf-8"),
    )  # fmt: skip
    assert 0 == done.returncode, done.stderr
    assert "1 row left out" in done.stderr
    assert "Lake Council" in bad.read_text(encoding="utf-8")


def test_a_mapping_of_ones_own_lies_over_those_of_the_package(base, add):
    own = base.root / "ontology" / "mappings"
    own.mkdir(parents=True)
    text = (ROOT / "ontology" / "mappings" / "sessions.rq").read_text(encoding="utf-8")
    text = text.replace(
        "#+ columns:\n", "#+ columns:\n#+   theme: {description: A theme, language: en}\n"
    )
    (own / "sessions.rq").write_text(text.replace("?description .", "?description, ?theme ."))
    heading = "session,mechanism,number,status,theme"
    done = add(sessions(",River Council,4,planned,Fish", heading=heading))
    assert done.done
    assert '"Fish"@en' in kept(base)
    assert any(path.name == "sessions.rq" for path in base.hidden())


def test_the_table_that_an_export_writes_is_still_read_as_statements(tmp_path, base):
    file = tmp_path / "s.csv"
    file.write_text(",".join(COLUMNS) + f"\n{ID}place/x,{DIP}page,1,literal,"
                    "http://www.w3.org/2001/XMLSchema#string,,\n")  # fmt: skip
    done = additions.add(base, [file], additions.Adding(dry_run=True))
    assert 1 == done.added[0].triples


def test_mappings_are_looked_at_with_the_questions(base):
    own = base.root / "ontology" / "mappings"
    own.mkdir(parents=True)
    (own / "pairs.rq").write_text(PAIRS)
    assert 0 == run(base, "check-queries", "mappings/pairs", "mappings/delegations").returncode
    (own / "pairs.rq").write_text(PAIRS.replace("?who ;", "?whom ;"))
    done = run(base, "check-queries", "mappings/pairs")
    assert 2 == done.returncode
    assert f"{own / 'pairs.rq'}: Nothing gives ?whom a value." in done.stderr


def test_the_mapping_of_the_documentation_works(made, tmp_path):
    page = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
    plan = tmp_path / "visits.rq"
    plan.write_text(re.search(r"```\n(#\+ summary.*?)```", page, re.DOTALL)[1])
    content = "visit,status,day,host\nA visit,planned,2013-05-01,Andorra; San Marino\n"
    done, lines = made(content, told=str(plan))
    assert (1, 1) == (done.rows, done.new)
    assert 2 == sum(f"<{DIP}host>" in line for line in lines)


@given(text=st.text(min_size=1))
@settings(max_examples=60, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
def test_no_text_of_a_cell_is_read_as_more_than_a_text(facts, tmp_path, text):
    plan, table, out = tmp_path / "pairs.rq", tmp_path / "t.csv", tmp_path / "facts.nt"
    plan.write_text(PAIRS.replace(", several: true", ""))
    with table.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        csv.writer(file).writerows([["who", "role"], ["Anna", text]])
    told = WANTED._replace(mapping=str(plan))
    try:
        tabular.convert(PACKAGED, facts, table, "t.csv", "notes", out, told)
    except SyntaxProblem:  # a text that no file in UTF-8 can hold
        assert re.search("[\ud800-\udfff]", text) or "\0" in text
        return
    found = [quad.object.value for quad in parse(out.read_bytes(), RdfFormat.N_TRIPLES)
             if quad.predicate.value == "urn:x:role"]  # fmt: skip
    meant = unicodedata.normalize("NFC", text).strip()
    assert ([meant] if meant else []) == found
