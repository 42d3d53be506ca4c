"""The Parquet layout: every term exactly, in tables that other engines read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow.dataset
import pytest
from hypothesis import given, settings, strategies
from pyarrow import parquet as reader
from pyoxigraph import (
    BaseDirection,
    BlankNode,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
    serialize,
)

from conftest import SHARED, rounds
from dragoman import canonical, export, vocabulary
from dragoman.base import packaged_base
from dragoman.errors import MissingLibraryError
from dragoman.export import parquet

HARD = SHARED / "suites" / "hard-terms" / "hard-terms.nt"


def written(graphs, folder, prefixes=None):
    for name, blocks in parquet.files(graphs, prefixes or {}):
        (folder / name).parent.mkdir(parents=True)
        with (folder / name).open("wb") as file:
            file.writelines(blocks)
    return folder


def node(text):
    return BlankNode(text[2:]) if text.startswith("_:") else NamedNode(text)


def quads_of(folder):
    """Return the statements in a folder, read by pyarrow as one data set."""
    table = pyarrow.dataset.dataset(folder, format="parquet", partitioning="hive").to_table()
    found = []
    for row in table.to_pylist():
        value, kind = row["o"], row["o_type"]
        if kind == "literal":
            direction = row["direction"] and BaseDirection(row["direction"])
            value = (
                Literal(value, language=row["lang"], direction=direction)
                if row["lang"]
                else Literal(value, datatype=NamedNode(row["datatype"]))
            )
        elif kind == "triple":
            (quad,) = parse(f"<urn:s> <urn:p> {value} .", RdfFormat.N_TRIPLES)
            value = quad.object
        else:
            assert kind == ("blank" if value.startswith("_:") else "iri")
            value = node(value)
        found.append(Quad(node(row["s"]), NamedNode(row["p"]), value, NamedNode(row["g"])))
    return found


def lines_of(quads):
    return sorted(serialize([quad], format=RdfFormat.N_QUADS) for quad in quads)


def lines_in(graphs):
    return sorted(
        line
        for graph in canonical.apart(graphs)
        for block in canonical.graph_named(graph.blocks(), graph.iri)
        for line in block.splitlines(keepends=True)
    )


@pytest.mark.skipif(not HARD.is_file(), reason="the hard terms (../shared/suites) are not here")
def test_all_hard_terms_are_in_the_tables_exactly(tmp_path):
    graph = canonical.read(HARD, "https://example.org/hard")
    folder = written([graph], tmp_path / "out")
    assert lines_in([graph]) == lines_of(quads_of(folder))
    assert 56 == len(quads_of(folder))


def test_the_packaged_base_is_in_the_tables_exactly(tmp_path):
    base = packaged_base()
    graphs = export.read(export.chosen(base))
    folder = written(graphs, tmp_path / "out", base.prefixes())
    assert lines_in(graphs) == lines_of(quads_of(folder))


def test_a_predicate_has_a_folder_of_its_short_name_and_one_sorted_file(tmp_path):
    base = packaged_base()
    graphs = export.read(export.chosen(base))
    folder = written(graphs, tmp_path / "out", base.prefixes())
    names = {path.name for path in folder.iterdir()}
    assert {"predicate=rdf_type", "predicate=skos_prefLabel", "predicate=dip_about"} < names
    for path in sorted(folder.glob("*/*.parquet")):
        table = reader.ParquetFile(path).read()
        assert 1 == len(set(table["p"].to_pylist()))
        assert list(parquet.COLUMNS) == table.column_names
        rows = list(zip(table["s"].to_pylist(), table["g"].to_pylist(), strict=True))
        subjects = [f"<{subject}>" if subject[:2] != "_:" else subject for subject, _ in rows]
        assert sorted(subjects, key=str.encode) == subjects


def test_the_same_graphs_are_the_same_bytes(tmp_path):
    graphs = export.read([packaged_base().source("states")])
    first, second = (written(graphs, tmp_path / name) for name in "ab")
    names = [path.relative_to(first) for path in sorted(first.glob("*/*"))]
    assert names
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_rows_come_in_groups(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "_ROWS", 100)
    triples = [
        Triple(NamedNode(f"urn:{number}"), NamedNode("urn:p"), Literal(str(number)))
        for number in range(250)
    ]
    graph = canonical.of_triples(triples, "urn:g")
    folder = written([graph], tmp_path / "out")
    (path,) = folder.glob("*/*.parquet")
    assert [100, 100, 50] == [
        reader.ParquetFile(path).metadata.row_group(number).num_rows for number in range(3)
    ]
    assert lines_in([graph]) == lines_of(quads_of(folder))


HOSTILE = [
    *("urn:../../../etc/passwd", "urn:a/..", "urn:.", "urn:a%2F..%2Fb", "urn:CON", "urn:con"),
    *("http://ex.org/é中", "http://ex.org/" + "x" * 400, "http://ex.org/a?b=c&d#", "urn:a:b"),
    *("https://w3id.org/dragoman/ontology/About", "https://w3id.org/dragoman/ontology/about"),
    *("urn:x'; DROP TABLE x", "urn:{a}", "http://ex.org/a=b/predicate=c"),
]


def test_no_predicate_leads_out_of_the_folder_or_shares_a_file(tmp_path):
    triples = []
    for iri in HOSTILE:
        try:
            (quad,) = parse(f"<urn:s> <{iri}> <urn:o> .", RdfFormat.N_TRIPLES)
        except SyntaxError:
            continue
        triples.append(quad.triple)
    assert len(triples) >= 12
    graph = canonical.of_triples(triples, "urn:g")
    folder = written([graph], tmp_path / "deep" / "out", {"dip": vocabulary.DIP})
    names = [path.name for path in folder.iterdir()]
    assert len(triples) == len(names) == len({name.casefold() for name in names})
    assert all(len(name.encode()) < 200 for name in names)
    assert lines_in([graph]) == lines_of(quads_of(folder))
    assert ["out"] == [path.name for path in (tmp_path / "deep").iterdir()]


TERMS = strategies.text(max_size=8).map(Literal) | strategies.builds(
    Literal, strategies.text(max_size=8), language=strategies.sampled_from(["en", "ar"])
)
STATEMENTS = strategies.lists(
    strategies.builds(
        Triple,
        strategies.sampled_from([NamedNode("urn:a"), NamedNode("urn:b"), BlankNode("x")]),
        strategies.sampled_from([NamedNode("urn:p"), NamedNode("urn:P")]),
        TERMS | strategies.sampled_from([NamedNode("urn:a"), BlankNode("y")]),
    ),
    max_size=20,
)


@settings(deadline=None, max_examples=rounds(10))
@given(strategies.lists(STATEMENTS, max_size=3))
def test_any_statements_come_back(tmp_path_factory, several):
    graphs = [
        canonical.of_triples(triples, f"urn:g:{number}") for number, triples in enumerate(several)
    ]
    folder = tmp_path_factory.mktemp("any")
    written(graphs, folder)
    found = quads_of(folder) if any(folder.iterdir()) else []
    assert lines_in(graphs) == lines_of(found)


def test_duckdb_reads_the_folder_and_prunes_by_predicate(dragoman, tmp_path):
    """As the page on Spark shows it."""
    out = tmp_path / "out"
    done = dragoman("export", "--layout", "parquet", "-o", str(out))
    assert 0 == done.returncode, done.stderr
    text = f"""
        SELECT s, o, lang FROM read_parquet('{out}/*/*.parquet', hive_partitioning = true)
        WHERE predicate = 'skos_prefLabel' ORDER BY s, o"""  # noqa: S608  the folder is ours
    rows = duckdb.sql(text).fetchall()
    states = "https://w3id.org/dragoman/id/state/"
    assert (f"{states}HUN", "Magyarország", "hu") in rows
    assert 6 == len(rows)
    plan = duckdb.sql(f"EXPLAIN {text}").fetchall()[0][1]
    assert "Scanning Files: 1/" in plan


def test_the_library_is_asked_for_where_it_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingLibraryError, match=r"pip install 'dragoman\[parquet\]'"):
        parquet.files([], {})


def test_nothing_else_imports_the_library():
    script = "import sys, dragoman.export; print('pyarrow' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(Path(export.__file__).parents[2])},
    )  # fmt: skip
    assert "False\n" == done.stdout


# ------------------------------------------------------------------ the page

PAGE = Path(__file__).parents[1] / "docs" / "spark.md"
BLOCKS = [
    text
    for kind, text in re.findall(
        r"^```(\w*)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    if kind in {"py", ""}
]


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    base = packaged_base()
    written(export.read(export.chosen(base, (), ["data"])), folder / "facts", base.prefixes())
    return folder


def words(text):
    return re.findall(r"[\w:/.-]+", text)


def test_the_question_that_the_page_asks_spark_has_the_answer_it_shows(facts, monkeypatch):
    """By DuckDB, which takes the same SQL; Spark itself is not among what the tests install."""
    monkeypatch.chdir(facts)
    source = "read_parquet('facts/*/*.parquet', hive_partitioning = true)"
    duckdb.sql(f"CREATE OR REPLACE VIEW facts AS FROM {source}")
    (text,) = re.findall(r'sql\("""(.*?)"""', BLOCKS[0], re.DOTALL)
    shown = re.findall(r"^\|(\w+) *\|(.+?) *\|$", BLOCKS[1], re.MULTILINE)
    people = [row for row in shown if row[0].isupper()]
    assert len(people) > 5
    assert people == duckdb.sql(text).fetchall()
    counted = "SELECT predicate, CAST(COUNT(*) AS VARCHAR) FROM facts GROUP BY ALL ORDER BY 2 DESC"
    counts = [row for row in shown if "_" in row[0]]
    assert 5 == len(counts)
    assert set(counts) < set(duckdb.sql(counted).fetchall())


@pytest.mark.parametrize("number", [2, 4], ids=["duckdb", "polars"])
def test_the_code_of_the_page_gives_the_output_it_shows(facts, monkeypatch, capsys, number):
    monkeypatch.chdir(facts)
    exec(BLOCKS[number].replace("CREATE VIEW", "CREATE OR REPLACE VIEW"), {})  # noqa: S102
    assert words(BLOCKS[number + 1]) == words(capsys.readouterr().out)
