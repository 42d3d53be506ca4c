"""The W3C's own tests of SHACL 1.0, core and SPARQL, through `validate_with`."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, parse

from conftest import SHARED
from dragoman.errors import ShapesError
from dragoman.validation import validate_with

SUITE = SHARED / "suites" / "shacl-w3c" / "tests"
pytestmark = pytest.mark.skipif(
    not SUITE.is_dir(), reason="the W3C SHACL suite (../shared/suites/shacl-w3c) is not here"
)

SH = "http://www.w3.org/ns/shacl#"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT = "http://www.w3.org/ns/shacl-test#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
COMPARED = ("focusNode", "resultSeverity", "sourceConstraintComponent", "sourceShape", "value")


class Graph:
    """The triples of one file, to be asked for values."""

    def __init__(self, triples):
        self.triples = set(triples)
        self.index = {}
        for triple in self.triples:
            self.index.setdefault((triple.subject, triple.predicate.value), []).append(
                triple.object
            )

    def all(self, subject, predicate):
        return self.index.get((subject, predicate), [])

    def one(self, subject, predicate):
        return next(iter(self.all(subject, predicate)), None)

    def structure(self, node):
        """A path as nested tuples, so that blank nodes do not matter."""
        if not isinstance(node, BlankNode):
            return str(node)
        inner = [t for t in self.triples if t.subject == node]
        return tuple(sorted((t.predicate.value, self.structure(t.object)) for t in inner))


def read(path):
    quads = parse(path.read_bytes(), RdfFormat.TURTLE, base_iri=path.resolve().as_uri())
    return Graph(Triple(quad.subject, quad.predicate, quad.object) for quad in quads)


def cases(manifest):
    """Return the files of the tests that a manifest includes, as the W3C lists them."""
    graph = read(manifest)
    included = [
        Path(triple.object.value.removeprefix("file://"))
        for triple in graph.triples
        if triple.predicate.value == f"{MF}include"
    ]
    holds_tests = any(triple.predicate.value == f"{MF}action" for triple in graph.triples)
    return [*([manifest] if holds_tests else []), *(c for path in included for c in cases(path))]


CASES = sorted(cases(SUITE / "manifest.ttl")) if SUITE.is_dir() else []


def case_of(path):
    """Return the files of the data and of the shapes, and the expected results (None: refusal)."""
    graph = read(path)
    test = next(
        t.subject
        for t in graph.triples
        if t.predicate.value == f"{RDF}type" and t.object == NamedNode(f"{SHT}Validate")
    )
    action, result = graph.one(test, f"{MF}action"), graph.one(test, f"{MF}result")
    files = [
        Path(graph.one(action, f"{SHT}{each}").value.removeprefix("file://"))
        for each in ("dataGraph", "shapesGraph")
    ]
    if result == NamedNode(f"{SHT}Failure"):
        return *files, None
    expected = sorted(
        repr(
            [plain(graph.one(each, f"{SH}{part}")) for part in COMPARED]
            + [graph.structure(graph.one(each, f"{SH}resultPath"))]
        )
        for each in graph.all(result, f"{SH}result")
    )
    return *files, expected


def plain(term):
    return "_:any" if isinstance(term, BlankNode) else str(term)


def row(finding):
    path = finding.path
    terms = (
        finding.focus,
        NamedNode(finding.severity),
        NamedNode(finding.component),
        finding.shape,
        finding.value,
    )
    structure = Graph(path.triples).structure(path.node) if path else "None"
    return repr([plain(each) for each in terms] + [structure])


def test_the_suite_is_whole():
    assert len(CASES) == 105


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.relative_to(SUITE).as_posix())
def test_the_report_is_the_one_the_w3c_expects(path):
    data, shapes, expected = case_of(path)
    try:
        found = sorted(map(row, validate_with([shapes], [data]).findings))
    except ShapesError:
        found = None
    assert expected == found
