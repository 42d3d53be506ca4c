"""Every saved query: its form, two engines, and its pinned answer."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryResultsFormat,
    RdfFormat,
    Store,
    Triple,
    parse,
    serialize,
)

import pinned
from dragoman import queries, record, store, syntax, vocabulary
from dragoman.base import DATA, ONTOLOGY, Base
from dragoman.cli.query import command

ROOT = Path(__file__).resolve().parents[1]
BASE = Base(ROOT, "test")
ANSWERS = ROOT / "tests" / "queries"
WORLD = ROOT / "tests" / "world"

FILES = sorted((ROOT / "queries").glob("*.rq"))
ON_BASE = sorted(ANSWERS.glob("*.csv"))
ON_WORLD = sorted((ANSWERS / "world").glob("*.csv"))
INVENTED = sorted(WORLD.glob("*.ttl"))
if not (FILES and ON_BASE and ON_WORLD and INVENTED):
    raise FileNotFoundError(
        "queries/, tests/queries/, tests/queries/world/ or tests/world/ is bare"
    )

every_query = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def named(path: Path) -> str:
    return path.stem


class Graphs:
    """One set of files, in both engines."""

    def __init__(self, index: Store):
        self.store = index
        self.rdflib = rdflib.Graph()
        triples = {quad.triple for quad in index}
        text = serialize(triples, format=RdfFormat.N_TRIPLES)
        self.rdflib.parse(data=text, format="nt")

    def ask(self, text: str):
        return self.store.query(text)

    def rows(self, text: str) -> tuple[list[str], list[tuple]]:
        found = self.ask(text)
        columns = [variable.value for variable in found.variables]
        return columns, [tuple(row[name] for name in columns) for row in found]


@pytest.fixture(scope="module")
def on_base() -> Graphs:
    index = store.load(BASE, ONTOLOGY, DATA).store
    record.derived(index, record.read(BASE))
    return Graphs(index)


@pytest.fixture(scope="module")
def on_world() -> Graphs:
    index = store.load(BASE, ONTOLOGY, DATA).store
    for path in INVENTED:
        store.load_file(index, path, f"{vocabulary.SOURCE_GRAPH}{path.stem}")
    store.merge(index)
    record.derived(index, record.read(BASE))
    return Graphs(index)


@pytest.fixture(scope="module")
def declared() -> set[str]:
    """Terms of our own that the ontology describes."""
    return {
        triple.subject.value
        for source in BASE.sources(ONTOLOGY)
        for triple in parse(path=str(source.path))
        if isinstance(triple.subject, NamedNode) and triple.predicate.value == vocabulary.RDF_TYPE
    }


def same_term(term: NamedNode | BlankNode | Literal | Triple | None) -> object:
    """Return a term of pyoxigraph as rdflib has it."""
    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, Literal):
        datatype = None if term.language else rdflib.URIRef(term.datatype.value)
        return comparable(rdflib.Literal(term.value, lang=term.language, datatype=datatype))
    assert term is None, f"no blank node belongs into an answer: {term}"
    return None


def comparable(term: object) -> object:
    """Return an RDF 1.1 term: a plain literal is an xsd:string."""
    if isinstance(term, rdflib.Literal) and not term.language and term.datatype is None:
        return rdflib.Literal(str(term), datatype=rdflib.XSD.string)
    return term


def code(text: str) -> list[syntax.Token]:
    return [token for token in syntax.tokens(text) if not token.text.startswith("#")]


@every_query
def test_a_header_is_complete_and_each_parameter_has_one_row(path):
    query = queries.read_query(path)
    assert query.summary
    assert query.description.rstrip().endswith(("?", "."))
    assert query.tags
    assert set(queries.defaults(query)) == {parameter.name for parameter in query.params}


@every_query
def test_a_query_is_plain_and_safe(path):
    text = path.read_text(encoding="utf-8")
    checked = syntax.check_query(text, path.name)
    words = [token.text.upper() for token in code(text) if token.kind == "word"]
    assert checked.form in {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}
    assert not checked.star, "columns are written out"
    assert "SERVICE" not in words
    assert "FROM" not in words
    if checked.form == "SELECT":
        assert words.count("ORDER") >= 1, "rows are sorted"


@every_query
def test_a_query_declares_its_prefixes_and_no_other(path):
    text = path.read_text(encoding="utf-8")
    declared = re.findall(r"^PREFIX ([a-z-]+): +<([^>]+)>$", text, re.MULTILINE)
    used = {token.text.partition(":")[0] for token in code(text) if token.kind == "name"}
    names = [name for name, _ in declared]
    assert sorted(used) == names == sorted(names)
    table = BASE.prefixes()
    assert declared == [(name, table.get(name)) for name in names]


@every_query
def test_a_query_uses_declared_terms_only(path, declared):
    prefixes = BASE.prefixes()
    terms = {
        prefixes[prefix] + local
        for token in code(path.read_text(encoding="utf-8"))
        if token.kind == "name"
        for prefix, _, local in [token.text.partition(":")]
        if local
    }
    own = {term for term in terms if term.startswith(vocabulary.DIP)}
    assert own, "a question is put in our own terms"
    assert sorted(own - declared) == []


@every_query
def test_two_engines_give_the_same_rows(path, on_base):
    text = path.read_text(encoding="utf-8")
    columns, rows = on_base.rows(text)
    other = on_base.rdflib.query(text)
    assert [str(name) for name in other.vars] == columns
    ours = Counter(tuple(map(same_term, row)) for row in rows)
    assert Counter(tuple(map(comparable, row)) for row in other) == ours


@pytest.mark.parametrize("path", ON_WORLD, ids=named)
def test_two_engines_give_the_same_rows_on_the_world(path, on_world):
    text = pinned.text_for(path)
    rows = Counter(tuple(map(same_term, row)) for row in on_world.rows(text)[1])
    assert Counter(tuple(map(comparable, row)) for row in on_world.rdflib.query(text)) == rows


@every_query
def test_the_order_of_rows_is_settled(path, on_world):
    # Rows that differ must differ in what they are sorted by.
    text = path.read_text(encoding="utf-8")
    order = re.split(r"\bORDER\s+BY\b", text)[-1]
    keys = re.findall(r"\?(\w+)", order)
    columns, rows = on_world.rows(text)
    places = [columns.index(key) for key in keys if key in columns]
    by_key = {tuple(row[place] for place in places) for row in rows}
    assert len(by_key) == len(set(rows))


@pytest.mark.quick
@pytest.mark.parametrize("path", ON_BASE, ids=named)
def test_an_answer_on_the_packaged_base_is_as_pinned(path, on_base):
    assert_as_pinned(path, on_base)


@pytest.mark.quick
@pytest.mark.parametrize("path", ON_WORLD, ids=named)
def test_an_answer_on_the_invented_world_is_as_pinned(path, on_world):
    assert_as_pinned(path, on_world)


def assert_as_pinned(path: Path, graphs: Graphs) -> None:
    expected = path.read_text(encoding="utf-8")
    answer = (
        graphs.ask(pinned.text_for(path)).serialize(format=QueryResultsFormat.CSV).decode("utf-8")
    )
    # Files end their lines as git likes it; SPARQL's CSV ends them with CR LF.
    answer = answer.replace("\r\n", "\n")
    assert list(csv.reader(io.StringIO(expected))) == list(csv.reader(io.StringIO(answer)))
    assert expected == answer, "the rows are right, their spelling is not SPARQL's CSV"


@every_query
def test_a_query_has_a_pinned_answer_with_a_row(path):
    files = [file for file in (*ON_BASE, *ON_WORLD) if file.stem == path.stem]
    assert files, f"tests/queries/{path.stem}.csv is missing"
    assert max(len(file.read_text(encoding="utf-8").splitlines()) for file in files) > 1


def test_after_a_host_that_is_not_in_the_order_no_turn_is_told(tmp_path):
    told = (WORLD / "world-rotation.ttl").read_text(encoding="utf-8")
    second = "dip:party state:XBB ;\n    dip:ordinal 2 ;"  # Belmark has hosted all the same
    assert second in told
    file = tmp_path / "world-rotation.ttl"
    file.write_text(told.replace(second, second.replace("XBB", "XAA")), encoding="utf-8")
    index = store.load(BASE, ONTOLOGY, DATA).store
    store.load_file(index, file, f"{vocabulary.SOURCE_GRAPH}{file.stem}")
    store.merge(index)
    record.derived(index, record.read(BASE))
    query = queries.find_query(BASE, "hosts-in-turn")
    values = {"mechanism": ["mechanism:world-three-rivers"]}
    found = index.query(queries.bind(query, values, BASE.prefixes(), dict).text)
    verdicts = {row["number"].value: row["verdict"].value for row in found}
    assert {"1": "first known", "2": "not kept", "3": "turn not told", "4": "not kept"} == verdicts


def test_sessions_held_and_sessions_planned_are_counted_apart(tmp_path):
    file = tmp_path / "club.ttl"
    file.write_text(
        """
        @prefix dip: <https://w3id.org/dragoman/ontology/> .
        @prefix org: <http://www.w3.org/ns/org#> .
        @prefix status: <https://w3id.org/dragoman/id/status/> .
        @prefix ex: <https://example.org/> .
        ex:club a dip:Mechanism .
        ex:board a dip:Mechanism ; org:subOrganizationOf ex:club .
        ex:first a dip:Meeting . ex:second a dip:Meeting . ex:third a dip:Meeting .
        ex:a1 a dip:Account ; dip:about ex:first ; dip:sessionOf ex:board ; dip:source ex:paper ;
            dip:status status:occurred .
        ex:a2 a dip:Account ; dip:about ex:second ; dip:sessionOf ex:board ; dip:source ex:paper ;
            dip:status status:planned .
        ex:a3 a dip:Account ; dip:about ex:third ; dip:sessionOf ex:board ; dip:source ex:paper ;
            dip:status status:cancelled .
        """,
        encoding="utf-8",
    )
    index = store.load(BASE, ONTOLOGY, DATA).store
    store.load_file(index, file, f"{vocabulary.SOURCE_GRAPH}{file.stem}")
    store.merge(index)
    record.derived(index, record.read(BASE))
    for name, body in (("mechanisms", "mechanism"), ("sub-bodies-of-a-mechanism", "body")):
        query = queries.find_query(BASE, name)
        rows = index.query(queries.bind(query, {}, BASE.prefixes(), dict).text)
        (row,) = (each for each in rows if each[body].value == "https://example.org/board")
        counts = row["sessionsHeld"].value, row["sessionsPlanned"].value
        assert (name, ("1", "1")) == (name, counts)


def test_every_pinned_answer_has_its_query():
    stems = {path.stem for path in FILES}
    assert [path.name for path in (*ON_BASE, *ON_WORLD) if path.stem not in stems] == []


def test_the_help_of_the_command_sets_parameters_that_there_are():
    # The examples are what people copy first.
    examples = re.findall(r"dragoman query ([a-z-]+) --set (\w+)=", command.epilog or "")
    assert examples != []
    for name, parameter in examples:
        assert parameter in {each.name for each in queries.find_query(BASE, name).params}
