"""Exports: nothing lost, nothing respelled, the same bytes each time."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections import Counter
from xml.parsers import expat

import pytest
import rdflib
from hypothesis import given, settings, strategies
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
)
from rdflib import Dataset as RdflibDataset
from rdflib import Graph as RdflibGraph

import dragoman
from conftest import SHARED, rounds
from dragoman import export, vocabulary
from dragoman.base import find_base, packaged_base
from dragoman.canonical import CanonicalGraph, Gathering, apart, of_triples
from dragoman.canonical import read as canonical_graph
from dragoman.errors import (
    DragomanError,
    LimitError,
    ParameterError,
    SyntaxProblem,
    UnknownNameError,
)
from dragoman.syntax import FORMATS, read_rdf

HARD = SHARED / "suites" / "hard-terms" / "hard-terms.nt"
QUADS = ("nquads", "trig", "jsonld")
TRIPLES = ("turtle", "ntriples", "rdfxml")
PREFIXES = {"dip": vocabulary.DIP, "ex": "https://example.org/", "xsd": vocabulary.XSD}


@pytest.fixture(scope="module")
def packaged():
    return dragoman.KnowledgeBase(packaged_base())


@pytest.fixture
def base(root):
    return dragoman.open(root)


def graph_of(text: str, iri: str = "https://example.org/graph") -> CanonicalGraph:
    return of_triples((quad.triple for quad in parse(text, RdfFormat.TURTLE)), iri, folder="data")


def written(text: str, name: str) -> bytes:
    return export.export([graph_of(text)], export.format_named(name), PREFIXES).content


def canonical(quads) -> set[Quad]:
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


def of_files(root, names: bool) -> dict[object, set[Quad]]:
    """The canonical statements of the ontology and data of a base, by graph, from its files."""
    found = {
        NamedNode(source.graph): canonical(Quad(*q.triple) for q in read_rdf(source.path))
        for source in find_base(root).sources("ontology", "data")
    }
    return found if names else {DefaultGraph(): {quad for each in found.values() for quad in each}}


def by_graph(data: bytes, rdf_format: RdfFormat) -> dict[object, set[Quad]]:
    graphs: dict[object, list[Quad]] = {}
    for quad in parse(data, rdf_format):
        graphs.setdefault(quad.graph_name, []).append(Quad(*quad.triple))
    return {name: canonical(quads) for name, quads in graphs.items()}


# ------------------------------------------------------------------ nothing lost


@pytest.mark.parametrize("name", QUADS)
def test_formats_with_graph_names_hold_every_statement_of_every_file(packaged, name):
    found = by_graph(packaged.export(format=name).content, FORMATS[name])
    assert of_files(packaged.base.root, names=True) == found


@pytest.mark.parametrize("name", TRIPLES)
def test_formats_without_graph_names_hold_every_triple_once(packaged, name):
    made = packaged.export(format=name)
    quads = list(parse(made.content, FORMATS[name]))
    assert len(quads) == len(set(quads)) == made.statements - made.repeated
    one_by_one = Counter()
    for source in packaged.base.sources("ontology", "data"):
        alone = packaged.export(source.name, format=name).content
        one_by_one[source.graph] = len(list(parse(alone, FORMATS[name])))
        expected = canonical(Quad(*quad.triple) for quad in read_rdf(source.path))
        assert expected == canonical(parse(alone, FORMATS[name]))
    assert made.statements == one_by_one.total()
    named = {quad for quad in quads if "_:" not in str(quad)}
    files = [read_rdf(each.path) for each in packaged.base.sources("ontology", "data")]
    assert {quad for file in files for quad in file if "_:" not in str(quad)} == named


@pytest.mark.parametrize("name", [*TRIPLES, *QUADS])
def test_rdflib_reads_the_same_statements(packaged, name):
    data = packaged.export(format=name).content
    short = {"rdfxml": "xml", "jsonld": "json-ld", "ntriples": "nt"}.get(name, name)
    graph = RdflibDataset() if name in QUADS else RdflibGraph()
    graph.parse(data=data, format=short)
    expected, found = Counter(), Counter()
    for quad in parse(data, FORMATS[name]):
        terms = [quad.subject, quad.predicate, quad.object]
        terms += [quad.graph_name] if name in QUADS else []
        kind = (quad.object.language, quad.object.datatype.value) if literal(quad) else None
        expected[(*("_" if isinstance(t, BlankNode) else t.value for t in terms), kind)] += 1
    for terms in graph:
        value = terms[2]
        kind = None
        if isinstance(value, rdflib.Literal):
            default = vocabulary.RDF_LANG_STRING if value.language else vocabulary.XSD_STRING
            kind = (value.language, str(value.datatype or default))
        found[(*("_" if isinstance(t, rdflib.BNode) else str(t) for t in terms), kind)] += 1
    assert expected == found


def literal(quad) -> bool:
    return isinstance(quad.object, Literal)


@pytest.mark.skipif(not HARD.is_file(), reason="the hard terms are not beside us")
@pytest.mark.parametrize("name", [*TRIPLES, *QUADS, "csv"])
def test_every_hard_term_comes_back_exactly(root, name):
    lines = HARD.read_text(encoding="utf-8").splitlines(keepends=True)
    if name == "rdfxml":  # refused there: see below
        kinds = ("# NUL", "# ctrl", "# FFFE")
        pairs = zip(lines[::2], lines[1::2], strict=True)
        lines = [text for kind, text in pairs if not kind.startswith(kinds)]
    (root / "data" / "hard.nt").write_text("".join(lines), encoding="utf-8", newline="")
    expected = canonical(Quad(*quad.triple) for quad in read_rdf(root / "data" / "hard.nt"))
    assert len(expected) == (53 if name == "rdfxml" else 56)
    data = dragoman.open(root).export("hard", format=name).content
    quads = from_csv(data) if name == "csv" else parse(data, FORMATS[name])
    assert expected == canonical(Quad(*quad.triple) for quad in quads)


def from_csv(data: bytes) -> list[Quad]:
    def term(text: str, kind: str, datatype: str = "", language: str = ""):
        if kind == "literal":
            tag, _, direction = language.partition("--")
            if direction:
                return next(parse(f'<a:> <b:> "x"@{language} .', RdfFormat.N_TRIPLES)).object
            return (
                Literal(text, language=tag) if tag else Literal(text, datatype=NamedNode(datatype))
            )
        return BlankNode(text[2:]) if text.startswith("_:") else NamedNode(text)

    rows = csv.DictReader(io.StringIO(data.decode(), newline=""))
    return [
        Quad(
            term(row["subject"], ""),
            NamedNode(row["predicate"]),
            term(row["object"], row["type"], row["datatype"], row["language"]),
            NamedNode(row["graph"]),
        )
        for row in rows
    ]


def test_the_table_of_statements_holds_every_statement_with_its_graph(packaged):
    graphs: dict[object, list[Quad]] = {}
    for quad in from_csv(packaged.export(format="csv").content):
        graphs.setdefault(quad.graph_name, []).append(Quad(*quad.triple))
    assert of_files(packaged.base.root, names=True) == {
        name: canonical(quads) for name, quads in graphs.items()
    }


@pytest.mark.parametrize("name", ["turtle", "trig", "ntriples", "nquads", "rdfxml", "csv"])
def test_a_triple_about_a_triple_is_kept(name):
    data = written("<urn:a> <urn:b> <<( <urn:c> <urn:d> '1\\n'@en )>> .", name)
    assert b"urn:c" in data
    if name != "csv":
        (quad,) = parse(data, FORMATS[name])
        assert isinstance(quad.object, Triple)
        assert Literal("1\n", language="en") == quad.object.object


def test_blank_nodes_of_two_files_stay_two(base, root):
    for name in "ab":
        (root / "data" / f"{name}.ttl").write_text("_:x <urn:p> _:y .")
    for name in [*TRIPLES, *QUADS]:
        quads = list(parse(base.export("a", "b", format=name).content, FORMATS[name]))
        assert (2, 4) == (len(quads), len({n for q in quads for n in (q.subject, q.object)}))


def accepted(iri: str) -> bool:
    try:
        return bool(list(parse(f"<urn:a> <urn:b> <{iri}> .", RdfFormat.N_TRIPLES)))
    except SyntaxError:
        return False


TEXTS = strategies.text(strategies.characters(exclude_categories=["Cs"]), max_size=6)
NUMBERS = strategies.text("0123456789+-.eE", max_size=6)
IRIS = TEXTS.map("https://example.org/{}".format).filter(accepted).map(NamedNode)
NODES = IRIS | strategies.sampled_from([BlankNode("c14n0"), BlankNode("c14n1")])
LITERALS = (
    strategies.builds(Literal, TEXTS)
    | strategies.builds(lambda text: Literal(text, language="de-1996"), TEXTS)
    | strategies.builds(
        lambda text, name: Literal(text, datatype=NamedNode(vocabulary.XSD + name)),
        NUMBERS | TEXTS,
        strategies.sampled_from(["boolean", "date", "decimal", "double", "integer"]),
    )
)
STATEMENTS = strategies.builds(Triple, NODES, IRIS, NODES | LITERALS)


@given(strategies.lists(strategies.tuples(strategies.sampled_from("ab"), STATEMENTS), max_size=6))
@settings(max_examples=rounds(20), deadline=None)
def test_any_graphs_come_back_from_every_format_or_are_refused_by_xml(pairs):
    gathering = Gathering()
    for name in "ab":
        triples = [triple for of, triple in pairs if of == name]
        gathering.add(triples, f"https://example.org/{name}", name, "data")
    graphs = apart(gathering.graphs())
    for name in (*TRIPLES, *QUADS, "csv"):
        try:
            data = export.export(graphs, export.format_named(name), PREFIXES).content
        except DragomanError:
            assert name == "rdfxml"
            continue
        if name == "rdfxml":
            expat.ParserCreate(namespace_separator=" ").Parse(data, True)
        quads = from_csv(data) if name == "csv" else parse(data, FORMATS[name])
        assert set(quads) == {
            Quad(*triple, DefaultGraph() if name in TRIPLES else NamedNode(graph.iri))
            for graph in graphs
            for triple in graph.triples()
        }


# ------------------------------------------------------------------ the same bytes


@pytest.mark.parametrize("name", sorted(export.FORMATS.keys() - {"report"}))
def test_the_same_facts_are_the_same_bytes(root, tmp_path, name):
    statements = [
        "_:a <urn:p> _:b .", "_:b <urn:p> 'x'@en .", "_:b <urn:q> _:c .", "<urn:s> a <urn:C> .",
        "<urn:s> <urn:p> 2, 01 .", "<urn:s> <urn:p> 'x' .",
    ]  # fmt: skip
    other = tmp_path / "other"
    shutil.copytree(root, other)
    text = "\n".join(statements)
    (root / "data" / "x.ttl").write_text(text)
    shuffled = "\n".join(reversed(statements)).replace("_:a", "_:z9").replace("_:b", "_:a")
    (other / "data" / "x.ttl").write_text(f"@prefix x: <urn:> .\n{shuffled}\n{shuffled}")
    first, second = (dragoman.open(each).export(format=name) for each in (root, other))
    assert first.hashes == second.hashes
    assert dict(first.files) == dict(second.files)


def test_one_graph_as_ntriples_is_its_canonical_form(root):
    (root / "data" / "x.ttl").write_text("[] <urn:p> [ <urn:q> 'a' ], [ <urn:q> 'b' ] .")
    lines = sorted(
        f"{Triple(*quad.triple)} .\n" for quad in canonical(read_rdf(root / "data/x.ttl"))
    )
    assert "".join(lines).encode() == dragoman.open(root).export("x", format="nt").content


def test_blank_nodes_that_cannot_be_told_apart_in_time_are_given_up(base, root):
    clique = (f"_:{a} <urn:p> _:{b} ." for a in range(11) for b in range(11) if a != b)
    (root / "data" / "clique.ttl").write_text("\n".join(clique))
    with pytest.raises(LimitError, match=r"blank nodes of clique took longer than 0.5 s"):
        base.export("clique", timeout=0.5)


# ------------------------------------------------------------------ layout


def test_turtle_is_laid_out_as_the_files_of_a_base():
    text = """
    @prefix x: <https://example.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    x:b x:p 01, -1.5, 1e3, true, "1"^^xsd:boolean, "a\\nb"@en, x:c ; a x:C .
    x:a <https://example.org/p/q> <https://example.org/no.> .
    """
    assert written(text, "turtle").decode() == (
        """\
@prefix ex: <https://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

ex:a
    <https://example.org/p/q> <https://example.org/no.> ;
    .

ex:b
    a ex:C ;
    ex:p
        -1.5 ,
        01 ,
        "1"^^xsd:boolean ,
        1e3 ,
        "a\\nb"@en ,
        true ,
        ex:c ;
    .
"""
    )


def test_trig_names_each_graph():
    assert written("<urn:a> <urn:b> <urn:c> .", "trig").decode() == (
        "@prefix ex: <https://example.org/> .\n\n"
        "ex:graph {\n    <urn:a>\n        <urn:b> <urn:c> ;\n        .\n}\n"
    )


def test_without_a_fitting_prefix_none_is_declared():
    assert written("<urn:a> <urn:b> '' .", "turtle") == b'<urn:a>\n    <urn:b> "" ;\n    .\n'


def test_a_prefix_that_is_no_name_is_not_used():
    graph = graph_of("<urn:x/a> <urn:y/b> '' .")
    prefixes = {"a b": "urn:x/", "1": "urn:y/"}
    data = export.export([graph], export.format_named("turtle"), prefixes).content
    assert data == b'<urn:x/a>\n    <urn:y/b> "" ;\n    .\n'


# ------------------------------------------------------------------ what a format cannot hold


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<urn:a> <urn:b> 'a\\u0001' .", "the character U[+]0001, which stands in <urn:a> <urn:b>"),
        ("<urn:a> <urn:b> 'a\\uFFFE' .", "the character U[+]FFFE"),
        ("<urn:a> <https://example.org/p/123> 1 .", "an element of XML, and ends in no name"),
        (
            "<urn:a> <https://example.org/p/> 1 .",
            "<urn:a> <https://example.org/p/> .* ends in no name",
        ),
        ("<urn:a> <https://example.org/\uf900> 1 .", "ends in no name"),
        (f"<urn:a> <{vocabulary.RDF}li> 1 .", "kept for its own syntax"),
    ],
)
def test_rdf_xml_refuses_what_it_cannot_hold_and_names_the_triple(text, message):
    with pytest.raises(DragomanError, match=f"RDF/XML.*{message}"):
        written(text, "rdfxml")


def test_rdf_xml_keeps_carriage_returns_and_names_of_all_scripts():
    data = written("<urn:a> <https://example.org/ÿñ-1.é> 'a\\r\\nb\\r\\t <&>]]>' .", "rdfxml")
    (triple,) = RdflibGraph().parse(data=data, format="xml")
    assert ("https://example.org/ÿñ-1.é", "a\r\nb\r\t <&>]]>") == (str(triple[1]), str(triple[2]))
    assert b"\r" not in data


def test_json_ld_refuses_a_triple_about_a_triple():
    with pytest.raises(DragomanError, match=r"JSON-LD 1.1 cannot write <urn:a> <urn:b> <<"):
        written("<urn:a> <urn:b> <<( <urn:c> <urn:d> 1 )>> .", "jsonld")


def test_what_is_lost_is_said(base):
    assert base.export().lost.startswith("Graph names are not written")
    assert base.export("states").lost == ""
    assert base.export(split=True).lost == ""
    assert base.export(format="trig").lost == ""
    assert "Datatypes" in base.export("states", format="graphml").lost


def test_a_triple_of_two_graphs_is_written_once_without_graph_names(base, root):
    for name in "ab":
        (root / "data" / f"{name}.ttl").write_text("<urn:a> <urn:b> <urn:c> .")
    made = base.export("a", "b", format="nt")
    assert (made.statements, made.repeated) == (2, 1)
    assert made.content == b"<urn:a> <urn:b> <urn:c> .\n"
    assert (
        made.summary == "N-Triples: 2 statements, 2 graphs, 26 bytes; 1 repeated and written once."
    )
    assert base.export("a", "b", format="nq").repeated == 0


# ------------------------------------------------------------------ what is chosen


def test_sources_are_names_paths_iris_or_prefixed_names(base, root):
    expected = base.export("people").content
    path = root / "data" / "articles" / "people.ttl"
    for told in (f"{vocabulary.SOURCE_GRAPH}people", str(path), "data/articles/people.ttl"):
        assert expected == base.export(told).content
    assert base.export("people", "people").graphs == (f"{vocabulary.SOURCE_GRAPH}people",)


def test_by_default_the_ontology_and_the_data_are_written(base):
    folders = [iri.removeprefix(vocabulary.BASE).split("/")[0] for iri in base.export().graphs]
    assert ["id", "id", "ontology", "ontology"] == sorted(folders)
    prefixes, shapes = base.export(only=["shapes"]).graphs
    assert (prefixes, shapes) == (
        f"{vocabulary.BASE}ontology/prefixes", f"{vocabulary.BASE}shapes/small",
    )  # fmt: skip
    assert len(base.export(only=["shapes", "data"]).graphs) == 4


def test_inferred_facts_are_a_graph_of_their_own(base, root):
    (root / "ontology" / "more.ttl").write_text(
        f"<{vocabulary.DIP}State> <{vocabulary.RDFS_SUBCLASS_OF}> <{vocabulary.DIP}Agent> ."
    )
    iri = vocabulary.INFERRED_GRAPH
    without = base.export("people", format="nq")
    made = base.export("people", format="nq", inferred=True)
    fact = f"state/TUR> <{vocabulary.RDF_TYPE}> <{vocabulary.DIP}Agent> <{iri}> ."
    assert fact in made.content.decode()
    assert made.content.startswith(without.content)
    assert (*without.graphs, iri) == made.graphs


@pytest.mark.parametrize(
    ("sources", "options", "message"),
    [
        (["poeple"], {}, "no source 'poeple'. Did you mean people"),
        ([], {"format": "turtel"}, "no export format 'turtel'. Did you mean turtle"),
        ([], {"only": ["date"]}, "no folder 'date'. Did you mean data"),
    ],
)
def test_unknown_names_are_answered_with_the_nearest(base, sources, options, message):
    with pytest.raises(UnknownNameError, match=message):
        base.export(*sources, **options)


def test_a_file_that_does_not_parse_stops_the_export(base, root):
    (root / "data" / "broken.ttl").write_text("nonsense")
    with pytest.raises(SyntaxProblem, match=r"broken.ttl:1:1"):
        base.export()
    assert base.export("people").statements == 4


def test_every_name_that_other_tools_use_is_a_format():
    for name in FORMATS:
        assert export.format_named(name).title
    assert export.format_named("pretty-xml") == export.format_named(".RDF")


# ------------------------------------------------------------------ writing


def test_a_folder_gets_one_file_for_each_graph(base, tmp_path):
    base.export(format="nt", split=True).save(tmp_path / "new" / "out")
    found = sorted(each.relative_to(tmp_path / "new").as_posix() for each in tmp_path.rglob("*.nt"))
    assert [
        "out/data/people.nt", "out/data/states.nt", "out/ontology/prefixes.nt",
        "out/ontology/small.nt",
    ] == found  # fmt: skip
    alone = base.export("states", format="nt").content
    assert alone == (tmp_path / "new" / "out" / "data" / "states.nt").read_bytes()


def test_a_folder_that_cannot_be_filled_is_left_as_it_was(base, tmp_path):
    out = tmp_path / "out"
    (out / "data" / "states.nt").mkdir(parents=True)
    (out / "data" / "people.nt").write_text("old")
    with pytest.raises(DragomanError, match="it cannot be written: Is a directory"):
        base.export(format="nt", split=True).save(out)
    assert ["data", "people.nt", "states.nt"] == sorted(path.name for path in out.rglob("*"))
    assert (out / "data" / "people.nt").read_text() == "old"


def test_the_content_of_several_files_is_not_one(base):
    with pytest.raises(DragomanError, match="for a folder"):
        _ = base.export(split=True).content
    with pytest.raises(DragomanError, match="one folder for all graphs"):
        base.export(format="neo4j", split=True)


def test_json_ld_is_one_document(base):
    names = {each["@id"] for each in json.loads(base.export(format="jsonld").content)}
    assert set(base.export(format="jsonld").graphs) <= names


# ------------------------------------------------------------------ from a store elsewhere


@pytest.fixture
def elsewhere(oxigraph_server, root):
    """The small base in a store, with a graph of somebody else beside."""
    oxigraph_server.clear()
    for source in find_base(root).sources():
        lines = b"".join(canonical_graph(source.path, source.graph).blocks())
        oxigraph_server.put(source.graph, lines)
    oxigraph_server.put("https://example.com/x/a:b", b"_:a <urn:p> _:b .\n")
    yield dragoman.open(root, endpoint=oxigraph_server.url)
    oxigraph_server.clear()


def test_graphs_of_a_store_are_written_as_those_of_files_are(elsewhere, base):
    ours = base.export("people", "states", format="nq").content
    assert ours == elsewhere.export("people", "states", format="nq").content
    iris = {*base.export().graphs, "https://example.com/x/a:b"}
    assert iris == set(elsewhere.export().graphs)
    assert base.export(only=["data"]).content == elsewhere.export(only=["data"]).content
    with pytest.raises(
        UnknownNameError, match=r"no graph 'poeple' in the store\. Did you mean peo"
    ):
        elsewhere.export("poeple")
    with pytest.raises(ParameterError, match="leave out --inferred, or the endpoint"):
        elsewhere.export("people", inferred=True)


def test_a_graph_that_is_no_source_gets_a_name_for_a_file(elsewhere, tmp_path):
    elsewhere.export(format="nt", split=True).save(tmp_path)
    expected = of_triples(
        (quad.triple for quad in parse("_:x <urn:p> _:y .", RdfFormat.TURTLE)), "urn:any"
    )
    assert b"".join(expected.blocks()) == (tmp_path / "a-b.nt").read_bytes()
    assert (tmp_path / "data" / "states.nt").is_file()


def test_language_tags_are_written_in_small_letters_as_the_help_says():
    from click.testing import CliRunner

    from dragoman.cli.export import command

    graph = canonical_graph(b'<urn:a> <urn:b> "colour"@en-GB .', "urn:g")
    assert b'<urn:a> <urn:b> "colour"@en-gb .\n' == b"".join(graph.blocks())
    said = " ".join(CliRunner().invoke(command, ["--help"]).output.split())
    assert "en-GB is written en-gb" in said
