"""What is corrected of pySHACL and rdflib is still wrong there, and right where it is corrected.

Where one of these fails with a new version of a library, that version ends the correction: take it
out of `validation/corrections.py`.
"""

from __future__ import annotations

from importlib.metadata import version

import pyshacl
import pytest
import rdflib
from rdflib.plugins.sparql import prepareQuery

from dragoman.validation.corrections import LOOKED_AT_BEFORE, corrected, corrections
from dragoman.validation.expressions import corrected_query
from dragoman.validation.reference import as_written

PREFIXES = """
@prefix ex: <http://example.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
COMPONENT = """ex:C a sh:ConstraintComponent ; sh:parameter [ sh:path ex:only ] ;
    sh:validator [ a sh:SPARQLAskValidator ; sh:ask "ASK { FILTER($value = $only) }" ] ."""

TARGET = """ex:T a sh:SPARQLTarget ; sh:select
    "SELECT ?this ?x { ?x ?p ?y OPTIONAL { ?x <http://example.org/next> ?this } }" ."""


def graph(turtle):
    return rdflib.Graph().parse(data=PREFIXES + turtle, format="turtle")


def messages(constraint, data, further=""):
    """Return the messages of all results, by pySHACL."""
    shapes = graph(f"ex:S a sh:NodeShape ; sh:targetNode ex:a ; {constraint} . {further}")
    how = {"inplace": True, "advanced": True}
    _, report, words = pyshacl.validate(graph(data), shacl_graph=shapes, **how)
    if not isinstance(report, rdflib.Graph):
        raise TypeError(words)
    results = report.subjects(rdflib.RDF.type, rdflib.SH.ValidationResult)
    return [str(report.value(each, rdflib.SH.resultMessage)) for each in results]


def results(constraint, data, further=""):
    return len(messages(constraint, data, further))


def on(path, constraint):
    return f"sh:property [ sh:path {path} ; {constraint} ]"


def asked(text, data="", mend=lambda query: query):
    names = {"ex": "http://example.org/", "xsd": str(rdflib.XSD)}
    return graph(data).query(mend(prepareQuery(text, initNs=names))).askAnswer


def mended(text, data=""):
    return asked(text, data, corrected_query)


PAIR = "ex:a ex:p ex:b ; ex:q ex:c ."
WORDS = "sh:sparql [ sh:select \"SELECT $this ?message { BIND('own' AS ?message) }\" ]"
# What is corrected, as module and name or class and name; what tells; the right answer.
WITNESSES = [
    (
        ("DatatypeConstraintComponent", "_assert_actual_datatype"),
        lambda: results(on("ex:p", "sh:datatype xsd:integer"), 'ex:a ex:p "1_000"^^xsd:integer .'),
        1,
    ),
    (
        ("pyshacl.constraints.core.value_range_constraints", "compare_literal"),
        lambda: results(on("ex:p", 'sh:maxInclusive "NaN"^^xsd:double'), "ex:a ex:p 1 ."),
        1,
    ),
    (
        ("LessThanConstraintComponent", "_compare_lt"),
        lambda: results(on("ex:p", "sh:lessThan ex:q"), PAIR),
        1,
    ),
    (
        ("LessThanOrEqualsConstraintComponent", "_compare_ltoe"),
        lambda: results(on("ex:p", "sh:lessThanOrEquals ex:q"), PAIR),
        1,
    ),
    (
        ("PatternConstraintComponent", "__init__"),
        lambda: results(on("ex:p", r'sh:pattern "^\\i\\c*$"'), 'ex:a ex:p "abc" .'),
        0,
    ),
    (
        ("ClosedConstraintComponent", "ALWAYS_IGNORE"),
        lambda: results("sh:closed true", "ex:a a rdfs:Resource ."),
        1,
    ),
    (
        ("SPARQLBasedConstraint", "_evaluate_sparql_constraint"),
        lambda: messages(WORDS, "ex:a ex:p 1 ."),
        ["own"],
    ),
    (
        ("BoundShapeValidatorComponent", "evaluate"),
        lambda: results(on("ex:p", "ex:only 0"), "ex:a ex:p 0 .", COMPONENT),
        0,
    ),
    (
        ("pyshacl.helper.expression_helper", "value_nodes_from_path"),
        lambda: results(
            on("[ sh:inversePath ( ex:p ex:q ) ]", "sh:minCount 1"),
            "ex:x ex:p ex:y . ex:y ex:q ex:a .",
        ),
        0,
    ),
    (
        ("Shape", "focus_nodes"),
        lambda: results("sh:target ex:T ; sh:class ex:C", "ex:a ex:p ex:b .", TARGET),
        1,
    ),
    (
        ("rdflib.plugins.sparql.parser", "neg"),
        lambda: mended("ASK { VALUES ?x { -1.50 } FILTER(STR(?x) = '-1.50') }"),
        True,
    ),
    (
        ("rdflib.plugins.sparql.algebra", "collectAndRemoveFilters"),
        lambda: asked("ASK { FILTER(false) }"),
        False,
    ),
    (
        ("rdflib.plugins.sparql.operators", "EBV"),
        lambda: asked('ASK { BIND("NaN"^^xsd:double AS ?x) FILTER(?x || false) }'),
        False,
    ),
    (
        ("rdflib.plugins.sparql.evalutils", "EBV"),
        lambda: asked('ASK { BIND("NaN"^^xsd:double AS ?x) FILTER(?x) }'),
        False,
    ),
    (
        ("rdflib.plugins.sparql.evaluate", "evalAggregateJoin"),
        lambda: asked("ASK { SELECT ?k (COUNT(*) AS ?n) { ?k ex:none ?o } GROUP BY ?k }"),
        False,
    ),
    (
        ("Aggregator", "accumulator_classes"),
        lambda: asked("ASK { { SELECT (MIN(?o) AS ?m) { ?s ?p ?o } } FILTER(isIRI(?m)) }", PAIR),
        True,
    ),
    (
        ("MulPath", "eval"),
        lambda: asked("ASK { VALUES ?a { 0 } ?a ex:p* ?x FILTER(?x = 0) }"),
        True,
    ),
]  # fmt: skip
# The same where another module has it by name; and what no data shows, for it takes an address.
ELSEWHERE = {
    ("pyshacl.shape", "value_nodes_from_path"),
    ("SPARQLConstraintComponentValidator", "validator_cache"),
}


@pytest.mark.parametrize(
    ("what", "witness", "right"), WITNESSES, ids=[str(each[0]) for each in WITNESSES]
)
def test_what_is_corrected_is_wrong_in_the_library_and_right_here(what, witness, right):
    try:
        with as_written():
            alone = witness()
    except Exception as error:  # noqa: BLE001  whatever ends the library ends it wrongly
        alone = error
    assert right != alone, f"{'.'.join(what)} is right by itself: end the correction"
    with as_written(), corrected():
        assert right == witness()


def test_each_correction_has_a_witness():
    named = {(each.owner.__name__, each.name) for each in corrections()}
    assert named == {what for what, _, _ in WITNESSES} | ELSEWHERE


def test_the_libraries_are_of_versions_that_were_looked_at():
    def numbers(text):
        return [int(part) for part in text.split(".")[:2]]

    for library, end in LOOKED_AT_BEFORE.items():
        assert numbers(version(library)) < numbers(end)


def test_a_report_upstream_is_named_as_a_repository_and_a_number():
    reports = {each.report for each in corrections()} - {""}
    assert {"RDFLib/rdflib#3381"} == reports
