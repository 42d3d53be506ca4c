"""Every shape is well made, and each has an example that breaks it and nothing else."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from conftest import with_record
from dragoman import validation
from dragoman.base import Base
from dragoman.validation import analysis, engine
from dragoman.validation.loading import Input, load, of_base

ROOT = Path(__file__).parents[1]
BASE = Base(ROOT, "it is the repository")
EXAMPLES = sorted((ROOT / "tests" / "shapes").glob("*.ttl"))
SHAPES = sorted((ROOT / "shapes").glob("*.ttl"))

SH = "http://www.w3.org/ns/shacl#"
DIP = "https://w3id.org/dragoman/ontology/"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
VIOLATES = "https://w3id.org/dragoman/test/violates"
# What says something about a shape without constraining anything.
SILENT = {
    f"{SH}{name}"
    for name in (
        *("deactivated", "description", "group", "ignoredProperties", "message", "name", "order"),
        *("path", "property", "severity", "targetClass", "targetNode", "targetObjectsOf"),
        "targetSubjectsOf",
    )
}


def name(path):
    return path.stem


@cache
def triples(*folders):
    """The triples of folders of the base; `data/reference` means that folder alone."""
    sources = [
        of_base(source)
        for source in BASE.sources(*{folder.split("/")[0] for folder in folders})
        if any(source.path.is_relative_to(ROOT / folder) for folder in folders)
    ]
    return tuple(triple for each in load(sources) for triple in each.triples)


@cache
def index(*folders):
    """Subject to (predicate, object) pairs."""
    found = {}
    for triple in triples(*folders):
        found.setdefault(triple.subject, []).append((triple.predicate.value, triple.object))
    return found


def values(shape, predicate):
    pairs = index("shapes").get(shape, [])
    return [value for found, value in pairs if found == f"{SH}{predicate}"]


def reporting_shapes():
    """The shapes that results can name: those with targets, and their property shapes."""
    waiting = [
        shape
        for shape, pairs in index("shapes").items()
        if any(predicate.startswith(f"{SH}target") for predicate, _ in pairs)
    ]
    found = set()
    while waiting:
        shape = waiting.pop()
        if shape not in found:
            found.add(shape)
            waiting += values(shape, "property")
    return {
        shape
        for shape in found
        if any(
            predicate.startswith(SH) and predicate not in SILENT
            for predicate, _ in index("shapes")[shape]
        )
    }


def read_examples(path):
    """Return the triples of a file of examples, and the (thing, shape) pairs that it states."""
    (loaded,) = load([Input(path, str(path))])
    stated = {(t.subject, t.object) for t in loaded.triples if t.predicate.value == VIOLATES}
    return [t for t in loaded.triples if t.predicate.value != VIOLATES], stated


def world_of(facts):
    """What the facts are checked with: the ontology, and reference data where they speak of it."""
    described = {triple.subject for triple in facts}
    spoken = {triple.object for triple in facts if isinstance(triple.object, NamedNode)}
    if (spoken - described) & index("data/reference").keys():
        return triples("ontology", "data/reference")
    return triples("ontology")


def test_there_are_examples_and_shapes():
    assert EXAMPLES != []
    assert SHAPES != []


@pytest.mark.quick
@pytest.mark.parametrize("path", EXAMPLES, ids=name)
def test_examples_break_the_rules_they_say_and_no_others(path):
    facts, stated = read_examples(path)
    described = frozenset(triple.subject for triple in facts)
    # The ontology in the shapes graph declares the prefixes.
    # Read in one go: blank nodes of files that are read apart may bear one name.
    shapes = triples("shapes", "ontology")
    whole = (*world_of(facts), *facts)
    # What tells that there is no record is tried without one.
    found = engine.check(
        analysis.plan(shapes), whole if path.stem == "record" else with_record(whole)
    )
    assert stated == {(each.focus, each.shape) for each in found if each.focus in described}


@pytest.mark.quick
def test_every_shape_has_a_counter_example():
    broken = {shape for path in EXAMPLES for _, shape in read_examples(path)[1]}
    assert set() == {str(shape) for shape in reporting_shapes() - broken}, "these have none"
    assert set() == {str(shape) for shape in broken - reporting_shapes()}, "these do not exist"


@pytest.mark.parametrize("path", SHAPES, ids=name)
def test_every_shapes_file_has_its_file_of_examples(path):
    assert (ROOT / "tests" / "shapes" / path.name).is_file()


def test_every_shape_that_reports_has_a_name():
    assert [
        f"{values(shape, 'path')}: {values(shape, 'message')}"
        for shape in reporting_shapes()
        if isinstance(shape, BlankNode)
    ] == []


def test_every_sparql_constraint_has_a_name_and_a_message_that_pyshacl_can_fill():
    selects = [
        shape for shape, pairs in index("shapes").items() for p, _ in pairs if p == f"{SH}select"
    ]
    assert [str(shape) for shape in selects if isinstance(shape, BlankNode)] == []


def test_every_shape_that_reports_has_a_message_in_english():
    def speaks(shape):
        messages = values(shape, "message")
        messages += [m for each in values(shape, "sparql") for m in values(each, "message")]
        return any(isinstance(m, Literal) and m.language == "en" for m in messages)

    assert sorted(str(shape) for shape in reporting_shapes() if not speaks(shape)) == []


def test_every_shape_is_used():
    """A shape without a target that nothing refers to would never check anything."""
    referred = {value for pairs in index("shapes").values() for _, value in pairs}
    shapes = {
        shape
        for shape, pairs in index("shapes").items()
        if any(
            value in {NamedNode(f"{SH}NodeShape"), NamedNode(f"{SH}PropertyShape")}
            for _, value in pairs
        )
    }
    aimed = {
        s
        for s, pairs in index("shapes").items()
        if any(p.startswith(f"{SH}target") for p, _ in pairs)
    }
    assert set() == {str(shape) for shape in shapes - referred - aimed}


def test_the_shapes_are_valid_by_the_w3cs_own_shapes_of_shapes():
    asset = files("pyshacl") / "assets" / "shacl-shacl.ttl"
    rules = tuple(
        Triple(quad.subject, quad.predicate, quad.object)
        for quad in parse(asset.read_bytes(), RdfFormat.TURTLE)
    )
    found = engine.check(analysis.plan(rules), triples("shapes"))
    assert [f"{each.focus} {each.path} {each.message}" for each in found] == []


@pytest.mark.quick
def test_all_data_conforms():
    report = validation.validate_base(BASE)
    assert [
        f"{each.file}:{each.line}: {each.focus} {each.message}"
        for each in report.at_least(validation.VIOLATION)
    ] == []


def test_the_rules_for_concepts_are_for_every_class_of_ours_whose_things_are_concepts():
    concept = NamedNode("http://www.w3.org/2004/02/skos/core#Concept")
    broader = (f"{RDFS}subClassOf", concept)
    classes = {each for each, said in index("ontology").items() if broader in said}
    wanted = {each for each in classes if each.value.startswith(DIP)}
    assert len(wanted) > 10
    for name, less in (("Concept", set()), ("Concept-listed", {NamedNode(f"{DIP}Topic")})):
        shape = NamedNode(f"https://w3id.org/dragoman/shape/{name}")
        assert wanted - less == set(values(shape, "targetClass"))
