"""SHACL Advanced Features: what pySHACL, run by itself, finds with them, on every way."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest
import rdflib
from pyoxigraph import RdfFormat, Triple, parse

import two_ways
from dragoman.errors import ShapesError
from dragoman.validation import Checking, analysis, validate_with

SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")
EX = "http://example.org/"
PREFIXES = f"""
@prefix sh: <{SH}> .
@prefix ex: <{EX}> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
TARGETS = """
ex: sh:declare [ sh:prefix "ex" ; sh:namespace "http://example.org/"^^xsd:anyURI ] .
ex:Open a sh:NodeShape ;
    sh:target [ a sh:SPARQLTarget ; sh:prefixes ex: ;
        sh:select "SELECT ?this { { ?this ex:open true } UNION { ?x ex:open false } }" ] ;
    sh:targetClass ex:Session ;
    sh:property ex:Named .
ex:Named sh:path ex:name ; sh:minCount 1 ; sh:nodeKind sh:Literal .
ex:Other a sh:NodeShape ; sh:targetClass ex:Visit ; sh:property ex:Named .
ex:With a sh:SPARQLTargetType ; rdfs:subClassOf sh:Target ; sh:prefixes ex: ;
    sh:parameter [ sh:path ex:amount ] ; sh:select "SELECT ?this { ?this ex:rank $amount }" .
ex:High a sh:NodeShape ; sh:target [ a ex:With ; ex:amount 1 ] ; sh:class ex:Minister .
"""
EXPRESSIONS = """
ex:Small a sh:SPARQLFunction ; sh:parameter [ sh:path ex:number ; sh:datatype xsd:integer ] ;
    sh:returnType xsd:boolean ; sh:ask "ASK { FILTER ($number < 3) }" .
ex:E1 a sh:NodeShape ; sh:targetSubjectsOf ex:rank ;
    sh:expression [ sh:path ex:open ] , [ ex:Small ( [ sh:path ex:rank ] ) ] ,
        [ sh:union ( [ sh:path ex:open ] [ sh:path ex:closed ] ) ] ,
        [ sh:intersection ( [ sh:path ex:open ] [ sh:path ex:closed ] ) ] .
ex:E2 a sh:NodeShape ; sh:targetSubjectsOf ex:rank ; sh:not ex:E3 .
ex:E3 a sh:NodeShape ; sh:expression [ sh:path ex:open ] .
ex:E4 a sh:NodeShape ; sh:targetSubjectsOf ex:rank ; sh:sparql [ sh:prefixes ex: ;
    sh:select "SELECT $this { $this ex:rank ?x FILTER (ex:Small(?x)) }" ] .
ex: sh:declare [ sh:prefix "ex" ; sh:namespace "http://example.org/"^^xsd:anyURI ] .
"""
RECURSIVE = """
ex:R a sh:NodeShape ; sh:targetClass ex:Session ; sh:property ex:Next .
ex:Next sh:path ex:next ; sh:maxCount 1 ; sh:node ex:R .
ex:Plain a sh:NodeShape ; sh:targetClass ex:Visit ; sh:property ex:Named .
ex:Named sh:path ex:name ; sh:minCount 1 .
"""
DATA = """
ex:a a ex:Session ; ex:open true ; ex:rank 1 ; ex:next ex:b .
ex:b ex:open true ; ex:name "b" ; ex:rank 2 ; ex:next ex:c , ex:d .
ex:c ex:open false ; ex:closed true ; ex:rank 5 .
ex:d a ex:Visit , ex:Minister ; ex:open true ; ex:closed true ; ex:name ex:d ; ex:rank 1 .
ex:e a ex:Visit .
"""
ENTAILED = """
ex: sh:entailment <http://www.w3.org/ns/entailment/RDFS> .
ex:S a sh:NodeShape ; sh:targetClass ex:Meeting ; sh:property [ sh:path ex:with ; sh:minCount 1 ] .
"""
FACTS = """
ex:hosts rdfs:domain ex:Session . ex:Session rdfs:subClassOf ex:Meeting .
ex:met rdfs:subPropertyOf ex:with .
ex:a ex:hosts ex:x . ex:b ex:hosts ex:x ; ex:met ex:y .
"""


def triples(text):
    quads = parse((PREFIXES + text).encode(), RdfFormat.TURTLE)
    return tuple(dict.fromkeys(Triple(q.subject, q.predicate, q.object) for q in quads))


def files(tmp_path, shapes, data):
    paths = tmp_path / "shapes.ttl", tmp_path / "data.ttl"
    for path, text in zip(paths, (shapes, data), strict=True):
        path.write_text(PREFIXES + text)
    return paths


def by_pyshacl(shapes, data, *options):
    """Return focus node and component of each result of `pyshacl`, as a command of its own."""
    command = [sys.executable, "-m", "pyshacl", "-s", str(shapes), *options, "-f", "turtle"]
    done = subprocess.run([*command, str(data)], capture_output=True, text=True, check=False)
    report = rdflib.Graph().parse(data=done.stdout, format="turtle")
    return Counter(
        (
            str(report.value(each, SH.focusNode)).removeprefix(EX),
            str(report.value(each, SH.sourceConstraintComponent)).removeprefix(SH),
        )
        for each in report.objects(None, SH.result)
    )


def found(shapes, data, engine="auto"):
    return Counter(
        (each.focus.value.removeprefix(EX), each.component.removeprefix(SH))
        for each in validate_with([shapes], [data], Checking(engine=engine)).findings
    )


@pytest.mark.parametrize(
    ("shapes", "data", "options"),
    [
        (TARGETS, DATA, ["-a"]),
        (EXPRESSIONS, DATA, ["-a"]),
        (RECURSIVE, DATA, []),
        (ENTAILED, FACTS, ["-a", "-i", "rdfs"]),
    ],
    ids=["targets", "expressions", "recursive", "entailment"],
)
def test_the_results_are_those_of_pyshacl_by_itself(tmp_path, shapes, data, options):
    paths = files(tmp_path, shapes, data)
    expected = by_pyshacl(*paths, *options)
    assert expected
    assert expected == found(*paths)
    assert expected == found(*paths, engine="both")


@pytest.mark.parametrize("shapes", [TARGETS, EXPRESSIONS, RECURSIVE, ENTAILED])
@pytest.mark.parametrize(
    "change", ["ex:e ex:open true ; ex:rank 7 .", "ex:e ex:next ex:a . ex:f a ex:Visit ."]
)
def test_a_change_causes_what_is_found_after_it_and_not_before(shapes, change):
    before = triples(DATA + FACTS)
    assert {} == two_ways.differences(triples(shapes), before, (*before, *triples(change)))


def test_only_what_needs_the_reference_goes_there():
    engines = {
        str(root.node).rpartition("/")[2][:-1]: {way.engine for way in root.ways}
        for root in analysis.plan(triples(TARGETS + "ex:Named2 a sh:NodeShape ; "
            "sh:targetClass ex:Visit ; sh:property [ sh:path ex:q ; sh:maxCount 1 ] .")).roots
    }  # fmt: skip
    assert engines == {
        "Open": {"whole"},
        "High": {"whole"},
        "Other": {"reference"},
        "Named2": {"core"},
    }


def test_a_query_of_a_target_that_leaves_this_unbound_aims_at_nothing(tmp_path):
    shapes = (
        "ex:S a sh:NodeShape ; sh:class ex:D ; sh:target [ a sh:SPARQLTarget ; sh:select "
        "'SELECT ?this { ?x <http://example.org/open> true "
        "OPTIONAL { ?x <http://example.org/next> ?this } }' ] ."
    )
    assert {"b", "c", "d"} == {focus for focus, _ in found(*files(tmp_path, shapes, DATA))}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("sh:expression [ sh:filterShape ex:T ; sh:nodes [ sh:path ex:p ] ]", "sh:filterShape"),
        ("sh:expression [ sh:path ex:p ; sh:equals 3 ]", "sh:equals"),
        ("sh:expression [ ex:unknown ( 1 ) ]", "ex:unknown"),
        ("sh:expression [ sh:union ( [ sh:count 1 ] ) ]", "sh:count"),
        ("sh:target [ a ex:Unknown ; ex:v 1 ]", "ex:Unknown"),
        ("sh:target [ sh:select 'SELECT ?x { ?x ?p 1 }' ]", "must return [?]this"),
        ("sh:target [ sh:select 'SELECT ?this { ?this e:p 1 }' ]", "prefix e: is not declared"),
        ("sh:target [ sh:select 'SELECT ?this { SERVICE <urn:x> { } }' ]", "SERVICE"),
        ("sh:target [ sh:select 'SELECT ?this FROM <urn:x> { ?this ?p 1 }' ]", "FROM"),
        ("sh:rule [ a sh:TripleRule ; sh:subject sh:this ]", "sh:rule"),
        ("sh:js [ a sh:JSConstraint ]", "sh:js"),
    ],
)
def test_what_pyshacl_does_not_know_of_them_is_refused_by_name(tmp_path, text, named):
    shapes = f"ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:class ex:D ; {text} ."
    with pytest.raises(ShapesError, match=named):
        found(*files(tmp_path, shapes, DATA))


def test_another_entailment_is_refused(tmp_path):
    shapes = "ex:s sh:entailment <http://www.w3.org/ns/entailment/OWL-RDF-Based> . " + RECURSIVE
    with pytest.raises(ShapesError, match="sh:entailment on ex:s: only "):
        found(*files(tmp_path, shapes, DATA))
