"""A validation says what it looked at: nodes of each shape, and what no shape looked at."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest
from pyoxigraph import RdfFormat, parse

from dragoman.validation import Checking, formats, validate_base, validate_files, validate_with
from small_base import small_base

HEAD = """\
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix h: <https://harbour.test/> .
"""
ENGINES = ("auto", "reference", "both")


@pytest.fixture
def check(tmp_path):
    """Return a function that validates a text with the shapes of another text."""

    def check(shapes, data, engine="auto"):
        for name, text in (("s.ttl", shapes), ("d.ttl", data)):
            (tmp_path / name).write_text(HEAD + text, encoding="utf-8")
        return validate_with([tmp_path / "s.ttl"], [tmp_path / "d.ttl"], Checking(engine=engine))

    return check


def told(report):
    return report.explanation.coverage


def nodes(report):
    """How many nodes each shape looked at, by the end of its name."""
    return {each.shape.value.rpartition("/")[2]: each.nodes for each in told(report).shapes}


SHIPS = """
h:Ship-shape a sh:NodeShape ; sh:targetClass h:Ship ; sh:property h:Ship-flag .
h:Ship-flag a sh:PropertyShape ; sh:path h:flag ; sh:minCount 1 ; sh:maxCount 1 .
h:Pilot-shape a sh:NodeShape ; sh:targetSubjectsOf h:pilots ; sh:nodeKind sh:IRI .
h:Berth-shape a sh:NodeShape ; sh:targetObjectsOf h:moored ; sh:nodeKind sh:IRI .
h:Office-shape a sh:NodeShape ; sh:targetNode h:office ; sh:nodeKind sh:IRI .
"""
FLEET = """
h:Ferry rdfs:subClassOf h:Ship .
h:a a h:Ship ; h:flag "NL" ; h:moored h:b1 .
h:b a h:Ferry ; h:flag "NO" ; h:moored h:b1 , h:b2 .
h:pete h:pilots h:a , h:b .
h:office h:name "Office" .
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_each_kind_of_target_is_counted_whatever_the_engine(check, engine):
    report = check(SHIPS, FLEET, engine)
    assert {
        "Ship-shape": 2, "Pilot-shape": 1, "Berth-shape": 2, "Office-shape": 1
    } == nodes(report)  # fmt: skip
    assert (5, 6) == (told(report).constraints, told(report).nodes)
    assert "5 constraints on 6 nodes." in formats.looked_at(report)[0]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_class_that_is_a_shape_is_its_own_target(check, engine):
    shapes = "h:Ship a rdfs:Class , sh:NodeShape ; sh:property [ sh:path h:flag ; sh:minCount 1 ] ."
    assert {"Ship": 2} == nodes(check(shapes, FLEET, engine))


@pytest.mark.parametrize("engine", ENGINES)
def test_shapes_in_a_circle_are_counted_too(check, engine):
    shapes = """
    h:S sh:targetClass h:Ship ; sh:property [ sh:path h:escorts ; sh:node h:S ] ;
        sh:property [ sh:path h:flag ; sh:minCount 1 ] ."""
    report = check(shapes, FLEET, engine)
    assert {"S": 2} == nodes(report)
    assert told(report).constraints == 2


@pytest.mark.parametrize("engine", ENGINES)
def test_where_no_shape_has_a_node_it_is_said_with_the_name_that_was_meant(check, engine):
    report = check(SHIPS.partition("h:Pilot-shape")[0], 'h:a a h:Shipp ; h:flag "NL" .', engine)
    assert report.conforms
    assert [
        "No shape has a node to check in this data. 1 shape met no node: h:Ship-shape.",
        "h:Ship-shape: nothing in the data is a h:Ship; did you mean h:Shipp?",
        "1 node that no shape checks: h:Shipp (1).",
    ] == short(report)


def short(report):
    return formats.looked_at(report)


def test_the_same_name_in_another_namespace_is_the_nearest(check):
    shapes = "h:S a sh:NodeShape ; sh:targetClass h:Ship ; sh:nodeKind sh:IRI ."
    report = check(shapes, "<urn:a> a <http://harbour.test/Ship> , h:Sheep .")
    (looked,) = told(report).shapes
    assert looked.absent[0].nearest.value == "http://harbour.test/Ship"


def test_properties_and_nodes_that_stand_nowhere_are_told(check):
    shapes = """
    h:A a sh:NodeShape ; sh:targetSubjectsOf h:pilot ; sh:nodeKind sh:IRI .
    h:B a sh:NodeShape ; sh:targetNode h:offices ; sh:nodeKind sh:IRI .
    h:C a sh:NodeShape ; sh:targetClass h:Ship ; sh:nodeKind sh:IRI ."""
    assert [
        "2 constraints on 3 nodes. 1 shape met no node: h:A.",
        "h:A: nothing in the data has a h:pilot; did you mean h:pilots?",
        "h:B: the data say nothing of h:offices; did you mean h:office?",
    ] == short(check(shapes, FLEET))[:3]


def test_a_class_that_is_only_declared_is_no_slip(check):
    shapes = "h:A a sh:NodeShape ; sh:targetClass h:Tug ; sh:nodeKind sh:IRI ."
    report = check(shapes, "h:Tug a rdfs:Class . h:x a h:Tugs .")
    assert told(report).shapes[0].absent == ()


def test_a_shape_without_a_target_and_one_that_is_switched_off_say_why(check):
    shapes = """
    h:On a sh:NodeShape ; sh:targetClass h:Ship ; sh:node h:Inner .
    h:Inner a sh:NodeShape ; sh:nodeKind sh:IRI .
    h:Off a sh:NodeShape ; sh:targetClass h:Ship ; sh:deactivated true ; sh:nodeKind sh:Literal .
    h:Lost a sh:NodeShape ; sh:nodeKind sh:Literal ."""
    report = check(shapes, FLEET)
    assert {"On": 2, "Off": 0, "Lost": 0} == nodes(report)
    assert "2 shapes met no node: h:Lost (no target), h:Off (deactivated)." in short(report)[0]


def test_what_no_shape_looks_at_is_counted_by_class_the_biggest_first(check):
    data = "h:a a h:Ship ; h:flag 1 . h:q1 a h:Quay . h:q2 a h:Quay . h:c a h:Crane . h:x h:y h:z ."
    report = check(SHIPS, data)
    assert told(report).unchecked == 4
    assert (
        "4 nodes that no shape checks: h:Quay (2), h:Crane (1), without a class (1)."
        == short(report)[-1]
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_what_a_shape_reaches_over_values_is_looked_at(check, engine):
    shapes = """
    h:S a sh:NodeShape ; sh:targetClass h:Ship ; sh:property
        [ sh:path h:master ; sh:node h:Person ] ,
        [ sh:path h:owner ; sh:property [ sh:path h:seat ; sh:property [
            sh:path h:name ; sh:minCount 1 ] ] ] ,
        [ sh:path h:moored ; sh:class h:Berth ] .
    h:Person a sh:NodeShape ; sh:property [ sh:path h:name ; sh:minCount 1 ] ."""
    data = """
    h:a a h:Ship ; h:master h:m ; h:owner h:o ; h:moored h:b .
    h:m a h:Master ; h:name "M" . h:o a h:Firm ; h:seat h:s . h:s a h:Town ; h:name "S" .
    h:b a h:Berth ."""
    report = check(shapes, data, engine)
    assert (1, ((1, "Berth"),)) == (
        told(report).unchecked,
        tuple((count, kind.value.rpartition("/")[2]) for kind, count in told(report).classes),
    )


def test_long_lists_are_cut_and_explained_in_full(check):
    shapes = "".join(
        f"h:S{n} a sh:NodeShape ; sh:targetClass h:C{n} ; sh:nodeKind sh:IRI .\n" for n in range(9)
    )
    report = check(shapes, "h:a a h:C0 ; h:b h:c .")
    assert (
        "1 constraint on 1 node. 8 shapes met no node: h:S1, h:S2, h:S3 … and 5 more; "
        "--explain lists them." == short(report)[0]
    )
    assert 9 == sum("1 constraint" in line for line in formats.explained(report)[1:])


def test_names_in_the_data_cannot_steer_a_terminal(check):
    report = check(SHIPS, "h:a a <https://x.test/\\u202Eevil> .")
    text = formats.write(report, "people")
    assert "\u202e" not in text
    assert "\\u202E" in text.replace("\\u202e", "\\u202E")


def test_every_format_says_it(check):
    report = check(SHIPS, "h:a a h:Ship ; h:flag 1 . h:q a h:Quay .")
    looked = json.loads(formats.write(report, "json"))["lookedAt"]
    assert looked["unchecked"] == {
        "nodes": 1,
        "classes": [{"class": "<https://harbour.test/Quay>", "nodes": 1}],
    }
    assert {0, 1} == {each["nodes"] for each in looked["shapes"]}
    junit = ET.fromstring(formats.write(report, "junit"))  # noqa: S314  our own
    assert [each.get("classname") for each in junit.iter("testcase") if len(each)] == [
        "h:Berth-shape", "h:Pilot-shape"
    ]  # fmt: skip
    assert int(junit.get("tests")) == len(list(junit.iter("testcase")))
    (run,) = json.loads(formats.write(report, "sarif"))["runs"]
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert [each["message"]["text"] for each in notes] == formats.looked_at(report)
    turtle = formats.write(report, "turtle")
    assert turtle.startswith("# 3 constraints on 2 nodes.")
    assert list(parse(turtle, RdfFormat.TURTLE))
    assert "2 shapes met no node" in formats.write(report, "md")
    assert "2 shapes met no node" in report._repr_html_()


# ------------------------------------------------------------------ in a base


@pytest.fixture
def base(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return small_base(tmp_path)


def test_a_base_is_told_without_its_ontology(base):
    report = validate_base(base)
    assert {"Person": 2, "Person-counterpart": 2} == nodes(report)
    assert (0, 2) == (told(report).unchecked, told(report).nodes)


DIP = "@prefix dip: <https://w3id.org/dragoman/ontology/> .\n"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_change_tells_its_new_nodes_that_no_shape_checks(base, tmp_path, engine):
    file = tmp_path / "new.ttl"
    file.write_text(f"""{DIP}{HEAD}
        h:a a dip:Minister ; dip:name "A" . h:q a h:Quay . h:r a h:Quay . h:s h:t "S" .""")
    report = validate_files(base, [file], Checking(engine=engine))
    assert "3 new nodes that no shape checks: h:Quay (2), without a class (1)." in short(report)[-1]


def test_a_change_counts_the_nodes_that_it_can_matter_to(base, tmp_path):
    file = tmp_path / "new.ttl"
    file.write_text(f'{DIP}<https://example.org/anna> dip:name "Annie" .')
    report = validate_files(base, [file])
    assert {"Person": 1, "Person-counterpart": 0} == nodes(report)
    assert ["2 constraints on 1 node that this change can matter to."] == short(report)


def test_a_change_that_no_shape_looks_at_says_so(base, tmp_path):
    file = tmp_path / "new.ttl"
    file.write_text(f"{HEAD}h:q a h:Quay .")
    assert [
        "No shape has a node to check in this change.",
        "1 new node that no shape checks: h:Quay (1).",
    ] == short(validate_files(base, [file]))


def test_a_file_with_shapes_of_its_own_says_what_is_checked_by_all(base):
    report = validate_files(base, [base.root / "shapes" / "person.ttl"])
    assert told(report).nodes is None
    assert ["3 constraints on all nodes, for this change."] == short(report)
