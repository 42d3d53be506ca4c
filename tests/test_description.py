"""The description of an export: every count is SPARQL's, and nothing is said that nobody said."""

from __future__ import annotations

import hashlib
import json

import pyshacl
import pytest
import rdflib
from hypothesis import given, settings, strategies
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

import dragoman
from conftest import rounds
from dragoman import canonical, export, vocabulary
from dragoman.base import packaged_base
from dragoman.export import description

PREFIXES = """
PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
PREFIX spdx: <http://spdx.org/rdf/terms#>
PREFIX void: <http://rdfs.org/ns/void#>
"""
SHAPES = """
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix ex: <https://example.org/> .
@prefix sd: <http://www.w3.org/ns/sparql-service-description#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix spdx: <http://spdx.org/rdf/terms#> .
@prefix void: <http://rdfs.org/ns/void#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

# What DCAT 3, VoID and DCAT-AP ask of a dataset, a distribution and a checksum.
ex:Dataset
    a sh:NodeShape ;
    sh:targetClass dcat:Dataset ;
    sh:nodeKind sh:IRI ;
    sh:class void:Dataset ;
    sh:property [ sh:path dcterms:title ; sh:minCount 1 ; sh:or ( [ sh:datatype xsd:string ] [ sh:datatype <http://www.w3.org/1999/02/22-rdf-syntax-ns#langString> ] ) ] ;
    sh:property [ sh:path dcterms:license ; sh:nodeKind sh:IRI ] ;
    sh:property [ sh:path dcterms:source ; sh:nodeKind sh:IRI ] ;
    sh:property [ sh:path void:triples ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:integer ; sh:minInclusive 0 ] ;
    sh:property [ sh:path void:entities ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:integer ] ;
    sh:property [ sh:path void:distinctSubjects ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:integer ] ;
    sh:property [ sh:path void:distinctObjects ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:integer ] ;
    sh:property [ sh:path void:vocabulary ; sh:nodeKind sh:IRI ] ;
    sh:property [ sh:path void:subset ; sh:class sd:NamedGraph ] ;
    sh:property [ sh:path dcat:distribution ; sh:class dcat:Distribution ] ;
    .

ex:NamedGraph
    a sh:NodeShape ;
    sh:targetClass sd:NamedGraph ;
    sh:property [ sh:path sd:name ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ;
    sh:property [ sh:path spdx:checksum ; sh:minCount 1 ; sh:maxCount 1 ; sh:class spdx:Checksum ] ;
    .

ex:Distribution
    a sh:NodeShape ;
    sh:targetClass dcat:Distribution ;
    sh:property [ sh:path dcat:byteSize ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:nonNegativeInteger ] ;
    sh:property [ sh:path dcat:mediaType ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ; sh:pattern "^https://www.iana.org/assignments/media-types/" ] ;
    sh:property [ sh:path dcat:compressFormat ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ;
    sh:property [ sh:path spdx:checksum ; sh:minCount 1 ; sh:maxCount 1 ; sh:class spdx:Checksum ] ;
    .

ex:Checksum
    a sh:NodeShape ;
    sh:targetClass spdx:Checksum ;
    sh:property [ sh:path spdx:algorithm ; sh:hasValue spdx:checksumAlgorithm_sha256 ] ;
    sh:property [ sh:path spdx:checksumValue ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:hexBinary ; sh:pattern "^[0-9a-f]{64}$" ] ;
    .

ex:Partition
    a sh:NodeShape ;
    sh:targetObjectsOf void:classPartition ;
    sh:property [ sh:path void:class ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ;
    sh:property [ sh:path void:entities ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:integer ; sh:minInclusive 1 ] ;
    .
"""  # noqa: E501  a line for each property


@pytest.fixture(scope="module")
def base():
    return packaged_base()


@pytest.fixture(scope="module")
def graphs(base):
    return export.read(export.chosen(base))


@pytest.fixture(scope="module")
def described(base):
    """The description that the bulk layout has, in a store."""
    made = dragoman.KnowledgeBase(base).export(format="bulk").files
    store = Store()
    store.load(made[description.NAME], RdfFormat.TURTLE)
    return store, made


def of_graphs(graphs):
    """Return a store of graphs, each with its name; blank nodes are those of one graph only."""
    store = Store()
    for graph in canonical.apart(graphs):
        store.extend(Quad(*triple, NamedNode(graph.iri)) for triple in graph.triples())
    return store


COUNTS = {
    "triples": "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?s ?p ?o { ?s ?p ?o } }",
    "entities": "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o FILTER (isIRI(?s)) }",
    "distinctSubjects": "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }",
    "distinctObjects": "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o }",
    "classes": "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s a ?o }",
    "properties": "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }",
}


def number(store, text, **options):
    (row,) = store.query(text, **options)
    return int(row["n"].value)


def told(store, node, name):
    (value,) = [
        quad.object.value
        for quad in store.quads_for_pattern(node, NamedNode(f"{vocabulary.VOID}{name}"), None)
    ]
    return int(value)


def rows(store, text):
    answer = store.query(PREFIXES + text)
    names = [variable.value for variable in answer.variables]
    return [[row[name] for name in names] for row in answer]


def test_every_count_of_the_whole_is_the_one_of_sparql(graphs, described):
    store, _ = described
    ((whole,),) = rows(store, "SELECT ?d { ?d a sd:Dataset }")
    facts = of_graphs(graphs)
    for name, text in COUNTS.items():
        expected = number(facts, text, use_default_graph_as_union=True)
        assert (name, expected) == (name, told(store, whole, name))


def test_every_count_of_every_graph_is_the_one_of_sparql(graphs, described):
    store, _ = described
    facts = of_graphs(graphs)
    found = rows(store, "SELECT ?d ?g { ?whole void:subset ?d . ?d sd:name ?g }")
    assert {graph.iri for graph in graphs} == {name.value for _, name in found}
    for node, name in found:
        for count, text in COUNTS.items():
            expected = number(facts, text, default_graph=name)
            assert (name, count, expected) == (name, count, told(store, node, count))


def test_classes_and_properties_are_told_one_by_one(graphs, described):
    store, _ = described
    facts = of_graphs(graphs)
    classes = "SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c FILTER (isIRI(?c)) } GROUP BY ?c"
    expected = {
        (row["c"], row["n"].value) for row in facts.query(classes, use_default_graph_as_union=True)
    }
    found = rows(
        store, "SELECT ?c ?n { ?d void:classPartition [ void:class ?c ; void:entities ?n ] }"
    )
    assert expected == {(name, count.value) for name, count in found}
    properties = """
        SELECT ?p (COUNT(*) AS ?n) { SELECT DISTINCT ?s ?p ?o { ?s ?p ?o } } GROUP BY ?p"""
    expected = {
        (row["p"], row["n"].value)
        for row in facts.query(properties, use_default_graph_as_union=True)
    }
    found = rows(
        store, "SELECT ?p ?n { ?d void:propertyPartition [ void:property ?p ; void:triples ?n ] }"
    )
    assert expected == {(name, count.value) for name, count in found}


def test_a_graph_has_the_licence_and_the_sources_that_it_tells(base, described):
    store, _ = described
    for source in base.sources("ontology", "data"):
        facts = [quad.triple for quad in parse(path=source.path)]
        node = vocabulary.ONTOLOGY if source.folder == "ontology" else source.graph
        for name in ("license", "source", "rights", "publisher", "issued", "creator", "language"):
            expected = {
                each.object
                for each in facts
                if (each.subject, each.predicate)
                == (NamedNode(node), NamedNode(f"{vocabulary.DCTERMS}{name}"))
            }
            found = rows(store, f"SELECT ?v {{ ?d sd:name <{source.graph}> ; dcterms:{name} ?v }}")
            assert (source.name, name, expected) == (source.name, name, {row[0] for row in found})


def test_the_description_of_a_graph_is_what_its_source_comments(base, described):
    store, _ = described
    source = base.source("states")
    ((comment,),) = [
        (quad.object,)
        for quad in parse(path=source.path)
        if (quad.subject, quad.predicate.value)
        == (NamedNode(source.graph), vocabulary.RDFS_COMMENT)
    ]
    found = rows(store, f"SELECT ?v {{ ?d sd:name <{source.graph}> ; dcterms:description ?v }}")
    assert [[comment]] == found


def test_no_licence_is_told_of_the_whole_unless_all_graphs_have_it(base, described):
    """The article's graph says none; the text of the base about rights is there as it is."""
    store, _ = described
    assert [] == rows(store, "SELECT ?l { ?d a sd:Dataset ; dcterms:license ?l }")
    ((rights,),) = rows(store, "SELECT ?r { ?d a sd:Dataset ; dcterms:rights ?r }")
    assert (base.root / "data" / "LICENSE").read_text(encoding="utf-8") == rights.value
    licence = NamedNode("https://creativecommons.org/licenses/by/4.0/")
    states = [export.read([base.source(name)])[0] for name in ("states", "areas")]
    both = Store()
    both.load(description.written(states, {}), RdfFormat.TURTLE)
    assert [[licence]] == rows(both, "SELECT ?l { ?d a sd:Dataset ; dcterms:license ?l }")


def test_no_time_and_no_publisher_is_invented(described):
    store, made = described
    ((texts),) = rows(store, "SELECT (COUNT(*) AS ?n) { ?d dcterms:publisher|dcterms:creator ?v }")
    assert ["0"] == [text.value for text in texts]
    kinds = f"<{vocabulary.XSD_DATE}>, <{vocabulary.XSD_DATE_TIME}>"
    dates = rows(store, f"SELECT ?v {{ ?s ?p ?v FILTER (DATATYPE(?v) IN ({kinds})) }}")
    assert [] == dates
    again = dragoman.KnowledgeBase(packaged_base()).export(format="bulk").files
    assert again[description.NAME] == made[description.NAME]


def test_the_files_are_told_with_their_sizes_and_sums(described):
    store, made = described
    found = rows(
        store,
        """SELECT ?name ?size ?sum { ?d dcat:distribution [ dcterms:title ?name ;
            dcat:byteSize ?size ; spdx:checksum/spdx:checksumValue ?sum ] }""",
    )
    expected = {
        (name, str(len(data)), hashlib.sha256(data).hexdigest())
        for name, data in made.items()
        if name.endswith(".gz")
    }
    assert expected == {tuple(cell.value for cell in row) for row in found}
    sums = rows(store, "SELECT ?g ?sum { ?d sd:name ?g ; spdx:checksum/spdx:checksumValue ?sum }")
    manifest = json.loads(made["manifest.json"])
    assert {graph["iri"]: graph["rdfc10"] for graph in manifest["graphs"]} == {
        iri.value: digest.value for iri, digest in sums
    }


@pytest.mark.parametrize("format_", ["bulk", "void"])
def test_the_description_is_what_dcat_and_void_ask_for(base, format_):
    made = dragoman.KnowledgeBase(base).export(format=format_)
    data = made.files[description.NAME] if format_ == "bulk" else made.content
    facts = rdflib.Graph().parse(data=data, format="turtle")
    shapes = rdflib.Graph().parse(data=SHAPES, format="turtle")
    conforms, _, text = pyshacl.validate(facts, shacl_graph=shapes)
    assert conforms, text
    assert len(facts) > 300
    broken = data.replace(b"void:triples", b"void:triple", 1)
    facts = rdflib.Graph().parse(data=broken, format="turtle")
    assert not pyshacl.validate(facts, shacl_graph=shapes)[0]


def test_the_command_writes_the_description_alone(dragoman):
    done = dragoman("export", "-f", "void", "--only", "data")
    assert 0 == done.returncode, done.stderr
    assert b"void:triples" in done.stdout
    assert b"not the graphs themselves" in done.stderr


# ------------------------------------------------------------------ any graphs

IRIS = ["urn:a", "urn:b", vocabulary.RDF_TYPE]
TERMS = strategies.builds(NamedNode, strategies.sampled_from(IRIS))
NODES = TERMS | strategies.builds(BlankNode, strategies.sampled_from(["x", "y"]))
OBJECTS = NODES | strategies.builds(Literal, strategies.text(max_size=3))
GRAPHS = strategies.lists(
    strategies.lists(strategies.builds(Triple, NODES, TERMS, OBJECTS), min_size=1, max_size=12),
    min_size=1,
    max_size=3,
)


@settings(deadline=None, max_examples=rounds(15))
@given(GRAPHS)
def test_counts_of_any_graphs_are_those_of_sparql(several):
    graphs = [
        canonical.of_triples(triples, f"urn:graph:{number}", folder="data")
        for number, triples in enumerate(several)
    ]
    facts = of_graphs(graphs)
    counts = description.counted(canonical.merged(graphs))
    expected = {
        name: number(facts, text, use_default_graph_as_union=True) for name, text in COUNTS.items()
    }
    assert expected == {
        "triples": counts.triples,
        "entities": counts.entities,
        "distinctSubjects": counts.subjects,
        "distinctObjects": counts.objects,
        "classes": len(counts.classes),
        "properties": len(counts.properties),
    }
