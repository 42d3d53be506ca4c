"""The check of a change finds what the change causes: no more, no less, wherever it is."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from pyoxigraph import RdfFormat, Triple, parse

import random_shacl
import test_shacl_w3c as w3c
import two_ways
from conftest import rounds
from dragoman.errors import ShapesError
from dragoman.validation import Explanation, analysis

pytest.importorskip("shacl", reason="the fast engine has no wheel for this platform")

PREFIXES = """\
@prefix : <http://example.org/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def triples(turtle):
    quads = parse(PREFIXES + turtle, RdfFormat.TURTLE)
    return frozenset(Triple(quad.subject, quad.predicate, quad.object) for quad in quads)


def caused(shapes, before, added="", removed=""):
    """Return the focus nodes of what a change causes, once both ways tell the same."""
    shapes, before = triples(shapes), triples(before)
    after = (before | triples(added)) - triples(removed)
    assert {} == two_ways.differences(shapes, before, after)
    found = two_ways.by_change(shapes, before, after)
    return sorted(each.focus.value.rpartition("/")[2] for each in found.elements())


def ways(shapes, before="", added=""):
    """Return the engines of the constraints, and on how many nodes each shape was checked."""
    told = Explanation()
    shapes, before = triples(shapes), triples(before)
    two_ways.by_change(shapes, before, before | triples(added), told)
    return {way.engine for _, way in told.ways}, list(told.checked.values())


# ------------------------------------------------------------------ random cases


@pytest.mark.parametrize("start", range(10_000, 10_000 + rounds(100), 25))
def test_random_changes_cause_what_the_reference_finds_after_and_not_before(start):
    for seed in range(start, start + 25):
        case = random_shacl.case(seed)
        assert {} == two_ways.differences(case.shapes, case.before, case.after), f"seed {seed}"


@pytest.mark.parametrize("path", w3c.CASES, ids=lambda path: "-".join(path.parts[-2:]))
def test_the_data_of_the_w3c_come_in_two_parts(path):
    data_file, shapes_file, expected = w3c.case_of(path)
    shapes, data = (sorted(w3c.read(each).triples, key=str) for each in (shapes_file, data_file))
    if expected is None:
        # What is refused as a whole is refused as a change.
        assert two_ways.by_change(shapes, (), data) is None
        return
    chosen = random.Random(path.name)  # noqa: S311  the same parts every time
    for _ in range(3):
        before = [each for each in data if chosen.random() < 0.5]
        assert {} == two_ways.differences(shapes, before, data)
        assert {} == two_ways.differences(shapes, data, before)


# ------------------------------------------------------------------ old nodes

HOLDS = """
:S a sh:NodeShape ; sh:targetClass :Meeting ;
    sh:property [ sh:path (:host :capital) ; sh:minCount 1 ] .
"""


def test_an_old_node_is_found_over_a_path():
    before = ":m a :Meeting ; :host :h . :h :capital :c ."
    assert ["m"] == caused(HOLDS, before, removed=":h :capital :c .")
    assert [] == caused(HOLDS, ":m a :Meeting ; :host :h .", added=":h :capital :c .")


def test_an_old_node_is_found_that_becomes_a_target_by_a_subclass():
    before = ":m a :Talk ."
    assert ["m"] == caused(HOLDS, before, added=":Talk rdfs:subClassOf :Meeting .")


def test_an_old_node_is_found_whose_value_loses_its_class():
    shapes = ":S sh:targetSubjectsOf :host ; sh:property [ sh:path :host ; sh:class :State ] ."
    before = ":m :host :h . :h a :Land . :Land rdfs:subClassOf :State ."
    assert ["m"] == caused(shapes, before, removed=":Land rdfs:subClassOf :State .")


def test_the_other_half_of_a_pair_is_found():
    shapes = """
    :S sh:targetSubjectsOf :number ; sh:sparql [ sh:select \"\"\"
        SELECT $this ?other WHERE {
            $this <http://example.org/number> ?n . ?other <http://example.org/number> ?n .
            FILTER (?other != $this)
        }\"\"\" ] .
    """
    assert ["new", "old"] == caused(shapes, ":old :number 1 . :far :number 2 .", ":new :number 1 .")
    assert ({"store"}, [2]) == ways(shapes, ":old :number 1 . :far :number 2 .", ":new :number 1 .")


def test_a_node_is_found_for_which_something_is_no_longer_missing():
    shapes = """
    :S sh:targetClass :Post ; sh:sparql [ sh:select \"\"\"
        SELECT $this WHERE {
            $this <http://example.org/of> ?house .
            FILTER NOT EXISTS {
                ?house <http://example.org/closed> ?day .
                FILTER NOT EXISTS { ?day <http://example.org/void> true }
            }
        }\"\"\" ] .
    """
    before = ":p a :Post ; :of :h . :h :closed :d ."
    assert ["p"] == caused(shapes, before, added=":d :void true .")
    assert ["p"] == caused(shapes, before, removed=":h :closed :d .")


def test_an_old_node_is_found_by_a_count_in_a_sub_select():
    shapes = """
    :S sh:targetClass :Post ; sh:sparql [ sh:select \"\"\"
        SELECT $this WHERE {
            { SELECT $this (COUNT(?holder) AS ?holders) WHERE {
                ?holder <http://example.org/holds> $this
            } GROUP BY $this }
            FILTER (?holders > 1)
        }\"\"\" ] .
    """
    before = ":p a :Post . :q a :Post . :a :holds :p ."
    assert ["p"] == caused(shapes, before, added=":b :holds :p .")
    assert {"store"} == ways(shapes)[0]


def test_blank_nodes_and_literals_are_checked_too():
    shapes = ":S sh:targetObjectsOf :note ; sh:nodeKind sh:IRI ; sh:class :Note ."
    assert ["x", "x"] == caused(shapes, ":a :note :n . :n a :Note .", ':a :note "x" .')
    shapes = ":S sh:targetClass :Note ; sh:property [ sh:path :text ; sh:minCount 1 ] ."
    assert 1 == len(caused(shapes, "", "[] a :Note ."))


def test_a_literal_that_a_store_would_respell_keeps_its_spelling():
    shapes = """
    :S sh:targetSubjectsOf :n ; sh:property [ sh:path :n ; sh:pattern "^0" ; sh:maxCount 1 ] ;
        sh:sparql [ sh:select
            'SELECT $this ?value { $this <http://example.org/n> ?value FILTER(STR(?value) = "01") }'
        ] .
    """
    assert ["a"] == caused(shapes, "", ":a :n 01 .")
    assert ["a", "a"] == caused(shapes, ":a :n 01 .", ":a :n 1 .")


# ------------------------------------------------------------------ what a check costs


def test_what_a_change_does_not_touch_is_not_checked():
    before = "".join(f":m{n} a :Meeting ; :host :h{n} . :h{n} :capital :c{n} ." for n in range(50))
    added = ":new a :Meeting ; :host :h1 ."
    assert ({"core"}, [1]) == ways(HOLDS, before, added)


def test_what_nobody_can_read_is_checked_in_full_and_said_so():
    shapes = """
    :S sh:targetClass :C ; sh:sparql [ sh:select
        "SELECT $this WHERE { $this ?p ?o . FILTER (?p = IRI(CONCAT('http://example.org/', 'q'))) }"
    ] .
    """
    assert ["a"] == caused(shapes, ":a a :C .", ":a :q 1 .")
    assert {"reference"} == ways(shapes)[0]
    nested = """
    :S sh:targetClass :C ; sh:node [ sh:sparql [ sh:select
        "SELECT $this WHERE { $this <http://example.org/q> 1 }" ] ] .
    """
    assert ["a"] == caused(nested, ":a a :C .", ":a :q 1 .")
    assert ({"whole"}, [None]) == ways(nested)


@pytest.mark.parametrize(
    ("query", "engine", "reason"),
    [
        ("$this :p ?x", "store", ""),
        ("$this :p ?x OPTIONAL { $this :q ?y FILTER (?y > ?x) } FILTER (!BOUND(?y))", "store", ""),
        ("{ $this :p ?x } UNION { ?x :p $this FILTER (?x != $this) }", "store", ""),
        ("$this :p/:q*|^:r ?x . FILTER NOT EXISTS { ?x :s [] }", "store", ""),
        ("$this :p ?x FILTER (RAND() > 2)", "reference", "RAND"),
        ("$this :p ?x . BIND (NOW() AS ?y)", "reference", "NOW"),
        ("{ SELECT $this WHERE { $this :p ?x } LIMIT 1 }", "reference", "LIMIT"),
        ("$this :p (1 2)", "whole", "'('"),
        ("GRAPH ?g { $this :p ?x }", "whole", "GRAPH"),
    ],
)
def test_each_constraint_goes_the_way_that_is_proven(query, engine, reason):
    shapes = triples(
        f""":S sh:targetClass :C ; sh:sparql [ sh:prefixes :o ; sh:select '''
        SELECT $this WHERE {{ {query}
        }}''' ] . :o sh:declare [ sh:prefix "" ; sh:namespace "http://example.org/" ] ."""
    )
    (root,) = analysis.plan(tuple(shapes)).roots
    (way,) = root.ways
    assert engine == way.engine
    assert reason in way.reason


def test_shapes_in_a_circle_are_left_to_the_reference():
    shapes = (
        ":S sh:targetClass :C ; sh:property [ sh:path :p ; sh:nodeKind sh:IRI ; sh:node :S ] . "
        ":T sh:targetClass :C ; sh:property [ sh:path :q ; sh:minCount 1 ] ."
    )
    plan = analysis.plan(tuple(triples(shapes)))
    assert "" == plan.problem
    assert [{analysis.WHOLE}, {analysis.CORE}] == [
        {way.engine for way in root.ways} for root in plan.roots
    ]
    assert all("circle" in way.reason for way in plan.roots[0].ways)
    before, change = triples(":b a :C ; :p 1 ; :q 1 ."), triples(":a a :C ; :p :b .")
    assert {} == two_ways.differences(triples(shapes), before, (*before, *change))
    found = two_ways.by_change(triples(shapes), before, (*before, *change))
    assert ["MinCountConstraintComponent", "NodeConstraintComponent"] == sorted(
        each.component.rpartition("#")[2] for each in found
    )


@pytest.mark.parametrize("query", ["SELECT $this { $this :p ?x MINUS { ?x :q 1 } }", "ASK { }"])
def test_what_shacl_forbids_is_refused_in_a_change_too(query):
    shapes = triples(f":S sh:targetClass :C ; sh:sparql [ sh:select '{query}' ] .")
    facts = triples(":a a :C .")
    with pytest.raises(ShapesError):
        two_ways.engine.check_change(analysis.plan(tuple(shapes)), two_ways.change_of((), facts))


def test_the_bag_of_findings_counts():
    shapes = ":S sh:targetClass :C ; sh:property [ sh:path :p ; sh:uniqueLang true ] ."
    before = ':a a :C ; :p "x"@en , "y"@en .'
    assert ["a"] == caused(shapes, before, ':a :p "x"@de , "y"@de .')
    assert Counter() == two_ways.by_change(triples(shapes), triples(before), triples(before))
