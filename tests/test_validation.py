"""What a validation finds: in a base, in a change to it, and with shapes of one's own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import rdflib
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

import dragoman
from dragoman.base import find_base
from dragoman.errors import (
    LimitError,
    ShapesError,
    SyntaxProblem,
    UnknownNameError,
    UnreadableFilesError,
)
from dragoman.validation import (
    Checking,
    Input,
    formats,
    validate_base,
    validate_files,
    validate_with,
)
from small_base import DIP, SHAPES, small_base

PREFIXES = f"@prefix dip: <{DIP}> .\n@prefix ex: <https://example.org/> .\n"
SHAPE = "https://w3id.org/dragoman/shape/"
SH = "http://www.w3.org/ns/shacl#"


@pytest.fixture
def base(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return small_base(tmp_path)


def write(path, text):
    path.write_text(PREFIXES + text, encoding="utf-8")
    return path


def found(report):
    """(thing, shape, file, line) of each finding, without the common beginnings."""
    return [
        (
            each.focus.value.removeprefix("https://example.org/"),
            each.shape.value.removeprefix(SHAPE).removeprefix("https://w3id.org/dragoman/"),
            each.file,
            each.line,
        )
        for each in report.findings
    ]


def test_a_base_is_checked_with_file_and_line(base):
    assert found(validate_base(base)) == [("nameless", "Person-name", "data/persons.ttl", 9)]


def test_the_graph_of_a_finding_is_the_source(base):
    (finding,) = validate_base(base).findings
    assert finding.graph == "https://w3id.org/dragoman/id/source/persons"


def test_a_new_file_answers_only_for_what_it_causes(base, tmp_path):
    good = write(tmp_path / "new.ttl", 'ex:berta a dip:Person ; dip:name "Berta" .')
    assert found(validate_files(base, [good])) == []


def test_a_new_file_answers_for_old_things_too(base, tmp_path):
    second_name = write(tmp_path / "new.ttl", '\nex:anna\n    dip:name "Annie" .')
    assert [("anna", "Person-name", str(second_name), 5)] == found(
        validate_files(base, [second_name])
    )


def test_an_old_thing_can_be_reached_over_a_path(base, tmp_path):
    file = write(
        tmp_path / "new.ttl", 'ex:carl a dip:Person ; dip:name "Carl" ; dip:counterpart ex:anna .'
    )
    report = validate_files(base, [file])
    assert found(report) == [("anna", "Person-counterpart", "data/persons.ttl", 4)]
    assert report.counts == {"violation": 0, "warning": 1, "info": 0}


def test_what_a_file_mends_is_no_finding(base, tmp_path):
    file = write(tmp_path / "new.ttl", 'ex:nameless dip:name "Nora" .')
    assert found(validate_files(base, [file])) == []


def test_a_file_of_the_base_answers_for_all_that_it_causes(base, tmp_path):
    report = validate_files(base, [tmp_path / "data" / "persons.ttl"])
    path = str(tmp_path / "data" / "persons.ttl")
    assert [("nameless", "Person-name", path, 9)] == found(report)


def test_a_file_of_the_base_replaces_itself_by_any_path(base, tmp_path):
    (tmp_path / "there").symlink_to(tmp_path / "data")
    write(tmp_path / "data" / "persons.ttl", 'ex:nameless a dip:Person ; dip:name "Nora" .')
    assert found(validate_files(base, [tmp_path / "there" / "persons.ttl"])) == []


def test_a_file_of_shapes_answers_for_what_its_shapes_find(base, tmp_path):
    assert [
        each[:2] for each in found(validate_files(base, [tmp_path / "shapes" / "person.ttl"]))
    ] == [("nameless", "Person-name")]


@pytest.mark.parametrize("seed", range(4))
def test_a_change_is_the_full_report_after_less_the_full_report_before(base, tmp_path, seed):
    names = ["anna", "nameless", "dora", "emil"]
    facts = [
        f'ex:{names[(seed + step) % 4]} {fact} .'
        for step, fact in enumerate(
            ("a dip:Minister", 'dip:name "One"', 'dip:name "Two"', "dip:counterpart ex:anna",
             "dip:counterpart ex:nameless", "a dip:Person")[seed % 3 :]
        )
    ]  # fmt: skip
    change = write(tmp_path / "new.ttl", "\n".join(facts))
    before = [each[:2] for each in found(validate_base(base))]
    claimed = [each[:2] for each in found(validate_files(base, [change]))]
    (tmp_path / "data" / "new.ttl").write_bytes(change.read_bytes())
    after = [each[:2] for each in found(validate_base(base))]
    for each in before:
        if each in after:
            after.remove(each)
    assert sorted(after) == sorted(claimed)


def test_the_ontology_is_part_of_the_data(base, tmp_path):
    file = write(tmp_path / "new.ttl", "ex:otto a dip:Minister .")
    assert [("otto", "Person-name", str(file), 3)] == found(validate_files(base, [file]))


def test_undeclared_terms_are_violations_and_other_lint_warnings(base, tmp_path):
    file = write(
        tmp_path / "new.ttl",
        'ex:ida a dip:Person ;\n  dip:name "Ida" ;\n  dip:agee 3 ;\n dip:age 03 .',
    )  # fmt: skip
    report = validate_files(base, [file])
    assert [
        ("ida", "lint/undeclared", str(file), 5),
        ("ida", "lint/canonical", str(file), 6),
    ] == found(report)
    assert [each.level for each in report.findings] == ["violation", "warning"]
    assert "Did you mean age" in report.findings[0].message


def test_what_rules_write_is_refused_in_a_file_and_never_advised(base, tmp_path):
    ontology = base.root / "ontology" / "dragoman.ttl"
    text = ontology.read_text(encoding="utf-8")
    ontology.write_text(f"{text}\ndip:aged dip:derived true ; a owl:Thing .\n", encoding="utf-8")
    stated = write(
        tmp_path / "new.ttl", 'ex:ida a dip:Person ;\n  dip:name "Ida" ;\n  dip:aged 3 .'
    )
    (finding,) = validate_files(base, [stated]).findings
    assert ("lint/derived", "violation", 5) == (
        finding.shape.value.rpartition("dragoman/")[2],
        finding.level,
        finding.line,
    )
    near = write(
        tmp_path / "near.ttl", 'ex:ida a dip:Person ;\n  dip:name "Ida" ;\n  dip:agedd 3 .'
    )
    (finding,) = validate_files(base, [near]).findings
    assert "aged" not in finding.message.replace("dip:agedd", "")


def test_a_blank_node_is_found_by_what_refers_to_it(base, tmp_path):
    text = 'ex:ida a dip:Person ;\n dip:name "Ida" ;\n dip:counterpart [ a dip:Person ] .'
    file = write(tmp_path / "new.ttl", text)
    (finding,) = (
        each for each in validate_files(base, [file]).findings if each.level == "violation"
    )
    assert (str(file), 5) == (finding.file, finding.line)


def test_a_file_that_does_not_parse_is_named_with_line_and_column(base, tmp_path):
    file = write(tmp_path / "bad.ttl", "ex:a dip:name .")
    with pytest.raises(SyntaxProblem, match=r"bad\.ttl:3:\d+: "):
        validate_files(base, [file])


def test_each_file_that_does_not_parse_has_a_line(base, tmp_path):
    bad = [write(tmp_path / f"bad{number}.ttl", "ex:a dip:name .") for number in range(2)]
    with pytest.raises(UnreadableFilesError) as caught:
        validate_files(base, bad)
    assert [str(file) for file in bad] == [
        line.split(":")[0] for line in str(caught.value).split("\n")
    ]


def test_the_engine_leaves_rdflib_as_it_was(base):
    for switch in (True, False):
        rdflib.NORMALIZE_LITERALS = switch
        try:
            validate_base(base)
            assert switch is rdflib.NORMALIZE_LITERALS
        finally:
            rdflib.NORMALIZE_LITERALS = True


def test_literals_are_reported_as_they_are_written(tmp_path):
    shapes = write(
        tmp_path / "shapes.ttl",
        f"@prefix sh: <{SH}> . ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:property ex:P . "
        "ex:P sh:path ex:p ; sh:in ( 1 ) .",
    )
    data = write(tmp_path / "data.ttl", "ex:a ex:p 007, 1 .")
    (finding,) = validate_with([shapes], [data]).findings
    assert (
        Literal("007", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer"))
        == finding.value
    )


# ------------------------------------------------------------------ shapes that cannot be used


def shapes_with(tmp_path, constraint):
    return write(
        tmp_path / "shapes.ttl",
        f"@prefix sh: <{SH}> . ex:S a sh:NodeShape ; sh:targetClass ex:T ; {constraint} .",
    )


@pytest.mark.parametrize(
    ("constraint", "reason"),
    [
        ("sh:property ex:P . ex:P a sh:PropertyShape ; sh:minCount 1", "sh:path"),
        ("sh:property [ sh:path ex:p ; sh:minCount 1, 2 ]", "minCount"),
        ('sh:property [ sh:path ex:p ; sh:minCount "many" ]', "minCount"),
        ('sh:sparql [ sh:select "SELECT $this { $this ?p }" ]', "sh:select"),
        ('sh:sparql [ sh:select "SELECT $this { $this no:p ?o }" ]', "no:"),
        ('sh:sparql [ sh:select "SELECT $this { $this ?p ?o MINUS { $this ?p 1 } }" ]', "MINUS"),
        (
            'sh:sparql [ sh:select "SELECT $this { GRAPH $shapesGraph { $this ?p ?o } }" ]',
            "shapesGraph",
        ),
        ('sh:sparql [ sh:select "SELECT $this { SERVICE <http://127.0.0.1:9/> { } }" ]', "SERVICE"),
        ('sh:sparql [ sh:select "SELECT $this FROM <file:///etc/passwd> { }" ]', "FROM"),
        ("sh:or ()", "list"),
    ],
    ids=str,
)
def test_broken_shapes_are_refused_even_where_they_aim_at_nothing(tmp_path, constraint, reason):
    data = write(tmp_path / "data.ttl", "ex:a a ex:Other .")
    with pytest.raises(ShapesError) as caught:
        validate_with([shapes_with(tmp_path, constraint)], [data])
    assert reason.casefold() in str(caught.value).casefold()
    assert len(str(caught.value).splitlines()) == 1


def test_a_pattern_that_never_ends_is_stopped(tmp_path):
    shapes = shapes_with(tmp_path, 'sh:property [ sh:path ex:p ; sh:pattern "^(a|aa)+$" ]')
    data = write(tmp_path / "data.ttl", f'ex:a a ex:T ; ex:p "{"a" * 40}b" .')
    with pytest.raises(LimitError, match=r"stopped after 6 s.*sh:pattern"):
        validate_with([shapes], [data], Checking(engine="reference", timeout=6))


def test_a_child_process_finds_what_the_same_process_finds(base):
    alone = validate_base(base, Checking(engine="reference", timeout=60))
    assert validate_base(base, Checking(engine="reference")).findings == alone.findings


def test_a_child_process_says_what_is_wrong_with_shapes(tmp_path):
    data = write(tmp_path / "data.ttl", "ex:a a ex:T .")
    with pytest.raises(ShapesError, match="sh:path"):
        validate_with(
            [shapes_with(tmp_path, "sh:property ex:P . ex:P a sh:PropertyShape")],
            [data],
            Checking(timeout=60),
        )


def test_nothing_in_the_current_folder_is_run(base, tmp_path):
    (tmp_path / "rdflib.py").write_text("open('run', 'w')")
    validate_base(base, Checking(timeout=60))
    assert not (tmp_path / "run").exists()


def test_importing_the_package_imports_no_heavy_library():
    code = (
        "import sys, dragoman.validation; print({'rdflib', 'pyshacl', 'rich'} & set(sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "set()\n"


def test_owl_imports_is_not_followed(tmp_path):
    shapes = write(
        tmp_path / "shapes.ttl",
        "<urn:x:o> a <http://www.w3.org/2002/07/owl#Ontology> ; "
        "<http://www.w3.org/2002/07/owl#imports> <http://127.0.0.1:9/other> .",
    )
    with pytest.raises(ShapesError, match=r"<http://127\.0\.0\.1:9/other> is not given") as caught:
        validate_with([shapes], [shapes])
    assert caught.value.problems[0].startswith(f"{shapes}:3: ")


def _triples(path):
    from pyoxigraph import Triple

    for quad in parse(path.read_bytes(), RdfFormat.TURTLE):
        yield Triple(quad.subject, quad.predicate, quad.object)


# ------------------------------------------------------------------ the forms of a report


@pytest.fixture
def report(base, tmp_path):
    file = write(
        tmp_path / "new.ttl",
        'ex:carl a dip:Person ; dip:name "C\\u001Barl", "K<r>|" ; dip:agee "<r>|" ; '
        "dip:counterpart ex:anna .",
    )
    return validate_files(base, [Input(file, "new.ttl")])


def test_the_report_counts(report):
    assert report.counts == {"violation": 2, "warning": 2, "info": 0}
    assert not report.conforms
    assert len(report.at_least("violation")) == 2
    assert len(report.at_least("info")) == len(report) == 4


def test_people_read_what_where_and_why(report):
    text = formats.write(report, "people")
    assert "VIOLATION  <https://w3id.org/dragoman/shape/Person-name>\n" in text
    assert "      dip:name\n" in text
    assert "new.ttl:3  ex:carl" in text
    assert "A person has exactly one name (dip:name): keep one." in text
    assert "\n1 file checked: 2 violations, 2 warnings.\n" in text
    assert "\x1b" not in text


def test_json_says_everything(report):
    content = json.loads(formats.write(report, "json"))
    assert content["counts"] == report.counts
    assert [each.message for each in report.findings] == [e["message"] for e in content["findings"]]


def test_turtle_is_the_report_that_shacl_asks_for(report):
    text = formats.write(report, "ttl")
    triples = [(q.subject, q.predicate.value, q.object) for q in parse(text, RdfFormat.TURTLE)]
    results = [s for s, p, o in triples if o == NamedNode(f"{SH}ValidationResult")]
    assert len(results) == 4
    for result in results:
        said = [p for s, p, _ in triples if s == result]
        for part in ("focusNode", "resultSeverity", "sourceConstraintComponent", "sourceShape"):
            assert said.count(f"{SH}{part}") == 1
    (conforms,) = (o for _, p, o in triples if p == f"{SH}conforms")
    assert (
        Literal("false", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#boolean")) == conforms
    )


def test_the_turtle_report_conforms_to_shacls_shape_of_reports(report, tmp_path):
    """SHACL 3.6: what a report and a result must have."""
    out = tmp_path / "report.ttl"
    out.write_text(formats.write(report, "turtle"), encoding="utf-8")
    shapes = write(
        tmp_path / "shapes.ttl",
        f"""@prefix sh: <{SH}> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        ex:Report a sh:NodeShape ; sh:targetClass sh:ValidationReport ;
            sh:property [ sh:path sh:conforms ; sh:datatype xsd:boolean ; sh:minCount 1 ;
                sh:maxCount 1 ] ;
            sh:property [ sh:path sh:result ; sh:class sh:ValidationResult ] .
        ex:Result a sh:NodeShape ; sh:targetClass sh:ValidationResult ;
            sh:property [ sh:path sh:focusNode ; sh:minCount 1 ; sh:maxCount 1 ] ;
            sh:property [ sh:path sh:resultPath ; sh:maxCount 1 ; sh:nodeKind sh:BlankNodeOrIRI ] ;
            sh:property [ sh:path sh:resultSeverity ; sh:minCount 1 ; sh:maxCount 1 ;
                sh:nodeKind sh:IRI ] ;
            sh:property [ sh:path sh:sourceConstraintComponent ; sh:minCount 1 ; sh:maxCount 1 ;
                sh:nodeKind sh:IRI ] .
        """,
    )
    assert validate_with([shapes], [out]).conforms


def test_junit_has_a_failure_for_each_finding_that_counts(report):
    for level, failures in (("violation", 2), ("info", 4)):
        root = ET.fromstring(formats.write(report, "junit", level))  # noqa: S314  our own
        assert failures == len(root.findall(".//failure"))
        assert str(failures) == root.get("failures")
        assert str(len(root.findall(".//testcase"))) == root.get("tests")


def test_junit_passes_a_file_without_findings(base, tmp_path):
    good = write(tmp_path / "new.ttl", 'ex:berta a dip:Person ; dip:name "Berta" .')
    report = validate_files(base, [Input(good, "new.ttl")])
    root = ET.fromstring(formats.write(report, "junit"))  # noqa: S314  our own
    assert [case.get("name") for case in root.iter("testcase")] == ["conforms"]


def test_sarif_points_at_lines_and_rules(report):
    (run,) = json.loads(formats.write(report, "sarif"))["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(run["results"]) == 4
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] in {"new.ttl", "data/persons.ttl"}
        assert place["region"]["startLine"] >= 1
    assert {"error", "warning"} == {result["level"] for result in run["results"]}


def test_markdown_and_html_cannot_be_broken_by_data(report):
    text = formats.write(report, "md")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {6} == {len(re.findall(r"(?<!\\)\|", row)) for row in rows}
    assert "<r>" not in text
    page = report._repr_html_()
    assert "<r>" not in page
    assert page.count("<tr>") == 5


def test_every_form_is_the_same_for_the_same_base(base):
    first, second = validate_base(base), validate_base(base)
    for name in formats.FORMATS:
        assert formats.write(first, name) == formats.write(second, name)


def test_an_unknown_form_names_the_nearest(report):
    with pytest.raises(UnknownNameError, match="json"):
        formats.write(report, "jsn")


# ------------------------------------------------------------------ the engines


def test_the_engines_agree_on_the_base_and_on_a_change_to_it():
    ours = find_base(Path(__file__).resolve().parents[1])
    assert validate_base(ours, Checking(engine="both")).counts["info"] == 1
    report = validate_files(ours, [ours.root / "docs" / "example.ttl"], Checking(engine="both"))
    assert len(report) == 8
    assert {way.engine for _, way in report.explanation.ways} == {"core", "store"}


def test_an_unknown_engine_names_the_engines(base):
    with pytest.raises(UnknownNameError, match="auto, both, reference"):
        validate_base(base, Checking(engine="pyshacl"))


# ------------------------------------------------------------------ from Python


def test_an_open_base_validates_itself_a_file_and_with_other_shapes(base, tmp_path):
    knowledge = dragoman.open(base.root)
    new = write(tmp_path / "new.ttl", "ex:otto a dip:Minister .")
    assert [each[:2] for each in found(knowledge.validate())] == [("nameless", "Person-name")]
    assert [each[:2] for each in found(knowledge.validate([new]))] == [("otto", "Person-name")]
    shapes = tmp_path / "other.ttl"
    shapes.write_text(
        SHAPES.replace("dip:Person ;\n    sh:property", "dip:Minister ;\n    sh:property")
    )
    # Only the shapes and the file: nothing says which prefix the query means.
    with pytest.raises(ShapesError, match="prefix dip: is not declared"):
        knowledge.validate([new], shapes=[shapes])
    ontology = tmp_path / "ontology" / "dragoman.ttl"
    report = knowledge.validate([new], shapes=[shapes, ontology])
    assert [each[:2] for each in found(report)] == [("otto", "Person-name")]
