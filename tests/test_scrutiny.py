"""What shapes say and nobody carries out is refused: by name, file and line, all of it at once."""

# ruff: noqa: ISC004  long sentences

from __future__ import annotations

import subprocess
import sys

import pytest

import dragoman
from dragoman.errors import ShapesError, UnfitShapesError
from dragoman.validation import analysis, formats, validate_base, validate_files, validate_with
from dragoman.validation.rules import known, rules
from small_base import small_base

PREFIXES = """\
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix dash: <http://datashapes.org/dash#> .
"""
SOUND = "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ] ."


@pytest.fixture
def base(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    known.cache_clear()
    return small_base(tmp_path / "base")


def write(path, text):
    path.write_text(PREFIXES + text)
    return path


def problems(tmp_path, shapes, data="ex:a a ex:C ."):
    """Return the lines that refuse shapes, without the path of the file."""
    files = write(tmp_path / "shapes.ttl", shapes), write(tmp_path / "data.ttl", data)
    with pytest.raises(ShapesError) as caught:
        validate_with([files[0]], [files[1]])
    return [each.replace(f"{tmp_path}/", "") for each in str(caught.value).splitlines()]


def test_all_that_is_wrong_is_told_in_one_run_with_file_and_line(tmp_path):
    shapes = """
ex:S a sh:NodeShape ;
    sh:targetClass ex:C ;
    sh:js [ a sh:JSConstraint ] ;
    sh:property [ sh:path ex:p ; sh:minCont 1 ] ;
    sh:property [ sh:path ex:q ; dash:singleLine true ; sh:maxCount "1" ] .
"""
    told = "this constraint is not SHACL's, and is not carried out: say it in SHACL, or give a"
    assert [
        "shapes.ttl:8: sh:js on ex:S: it is not carried out here. Say it in SHACL or SHACL-SPARQL, "
        "or take it out.",
        "shapes.ttl:9: sh:minCont on the sh:property on ex:p of ex:S: SHACL has no sh:minCont; did "
        "you mean sh:minCount?",
        "shapes.ttl:9: sh:maxCount on the sh:property on ex:q of ex:S: it must be a xsd:integer, "
        'and is "1".',
        f"shapes.ttl:9: dash:singleLine on the sh:property on ex:q of ex:S: {told} component in "
        "SPARQL that defines it.",
    ] == problems(tmp_path, shapes)


def test_the_command_tells_each_on_a_line_of_its_own(tmp_path):
    shapes = write(tmp_path / "s.ttl", SOUND + " ex:S sh:minCont 1 ; sh:clas ex:D .")
    done = subprocess.run(
        [sys.executable, "-m", "dragoman", "validate", "--shapes", str(shapes), str(shapes)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (2, "") == (done.returncode, done.stdout)
    lines = done.stderr.splitlines()
    assert 2 == len(lines)
    assert all(line.startswith(f"Error: {shapes}:5: sh:") for line in lines)


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        ("ex:S a sh:NodShape ; sh:targetClass ex:C ; sh:class ex:D .",
         "ex:S: SHACL has no sh:NodShape; did you mean sh:NodeShape?"),
        (SOUND + " ex:S sh:severity sh:Eror .",
         "sh:severity on ex:S: SHACL has no sh:Eror; did you mean sh:or?"),
        (SOUND + " ex:elsewhere sh:minCount 1 .",
         "sh:minCount on ex:elsewhere: it does nothing there; it belongs on a shape."),
        (SOUND + " ex:S sh:pattern '(' .",
         'sh:pattern on ex:S: "(" is no regular expression: missing ).'),
        (SOUND + " ex:S sh:pattern 'a' ; sh:flags 'z' .",
         "sh:flags on ex:S: there is no flag 'z', only s, m, i, x "
         "and q."),
        (SOUND + " ex:S sh:flags 'i' .", "sh:flags on ex:S: it does nothing without sh:pattern."),
        (SOUND + " ex:S sh:node ex:Nowhere .",
         "sh:node on ex:S: the shapes graph says nothing of ex:Nowhere: everything would conform "
         "to it."),
        (SOUND + " ex:S sh:deactivated 'true' .",
         'sh:deactivated on ex:S: it must be true or false, without quotes, and is "true".'),
        (SOUND + " ex:S sh:in ex:NoList .", "ex:NoList: it is not a well-formed list."),
        (SOUND + " ex:S sh:class 'D' .", 'sh:class on ex:S: it must be an IRI, and is "D".'),
        (SOUND + " [] sh:property [ sh:path ex:q ; sh:minCount 1 ] .",
         "sh:property on a node without a name: this shape is never checked: it has no target, "
         "and no shape that has one refers to it."),
        (SOUND + " ex:T sh:targetClass ex:D .",
         "sh:targetClass on ex:T: the shape aims at nodes, and demands nothing of them."),
        (SOUND + " ex:s owl:imports <http://example.org/other> .",
         "owl:imports on ex:s: ex:other is not given: give its file with the shapes, or take the "
         "statement out. Nothing is fetched."),
        (SOUND + " ex:S sh:target dash:AllSubjects .",
         "dash:AllSubjects: a target has one sh:select, or a type that is a sh:SPARQLTargetType."),
    ],
)  # fmt: skip
def test_it_is_refused_by_name(tmp_path, shapes, expected):
    (line,) = problems(tmp_path, shapes)
    assert expected == line.partition(": ")[2]


def test_all_patterns_that_are_none_are_told_with_file_and_line(tmp_path):
    shapes = r"""
ex:S a sh:NodeShape ;
    sh:targetClass ex:C ;
    sh:property ex:P , [ sh:path ex:q ; sh:pattern "\\y" ; sh:flags "i" ] ;
    sh:sparql [ sh:select "SELECT $this { $this ?p ?v FILTER(regex(STR(?v), '[b-', 'i')) }" ] ;
    sh:sparql [ sh:select
        '''SELECT $this { $this ?p ?v FILTER(REPLACE(?v, "(", "x(,", "i") = "x(a") }''' ] ;
    sh:sparql [ sh:select '''SELECT $this { $this ?p ?v FILTER(REGEX(?v, "a[(,]", ?p)) }''' ] .
ex:P sh:path ex:p ;
    sh:pattern "(a" .
ex:F a sh:NodeShape ; sh:targetClass ex:C ;
    sh:pattern "a" ;
    sh:flags "g" .
"""
    assert [
        r'shapes.ttl:8: sh:pattern on the sh:property on ex:q of ex:S: "\\y" is no regular '
        r"expression: there is no escape \y.",
        'shapes.ttl:9: sh:select on the sh:sparql of ex:S: "[b-" is no regular expression: it '
        "ends too early.",
        'shapes.ttl:9: sh:select on the sh:sparql of ex:S: "(" is no regular expression: '
        "missing ).",
        'shapes.ttl:14: sh:pattern on ex:P: "(a" is no regular expression: missing ).',
        "shapes.ttl:17: sh:flags on ex:F: there is no flag 'g', only s, m, i, x and q.",
    ] == problems(tmp_path, shapes)


def test_a_misspelt_namespace_is_told_once(tmp_path):
    shapes = write(tmp_path / "s.ttl", SOUND)
    shapes.write_text(shapes.read_text().replace("http://www.w3.org/ns/sh", "https://w3.org/ns/sh"))
    with pytest.raises(
        UnfitShapesError, match=r"is misspelt, “https://w3.org/ns/shacl#”"
    ) as caught:
        validate_with([shapes], [shapes])
    assert 1 == len(caught.value.problems)


def test_shapes_and_data_that_are_swapped_are_told_apart(tmp_path):
    assert ["There is no shape in shapes.ttl. data.ttl has: are shapes and data swapped?"] == (
        problems(tmp_path, "ex:a a ex:C .", SOUND)
    )
    assert ["There is no shape in shapes.ttl."] == problems(tmp_path, "ex:a a ex:C .")


def test_an_imported_graph_is_given_with_a_second_file(tmp_path):
    first = write(tmp_path / "1.ttl", "ex:one a owl:Ontology ; owl:imports ex:two . " + SOUND)
    second = write(tmp_path / "2.ttl", "ex:two a owl:Ontology .")
    data = write(tmp_path / "data.ttl", "ex:a a ex:C .")
    assert 1 == len(validate_with([first, second], [data]).findings)
    first.write_text(first.read_text().replace("ex:two", f"<{second.as_uri()}>"))
    assert 1 == len(validate_with([first, second], [data]).findings)


def test_terms_about_shapes_are_left_alone_and_other_properties_noted(tmp_path):
    shapes = SOUND + ' ex:S sh:name "s" ; sh:order 1 ; dash:editor dash:TextFieldEditor ; ex:x 1 .'
    files = write(tmp_path / "s.ttl", shapes), write(tmp_path / "data.ttl", "ex:a a ex:C .")
    assert 1 == len(validate_with([files[0]], [files[1]]).findings)
    from dragoman.validation.loading import Input, load

    plan = analysis.plan(load([Input(files[0], "s.ttl")])[0].triples)
    assert plan.notes == (
        ("<http://example.org/S>", "http://datashapes.org/dash#editor"),
        ("<http://example.org/S>", "http://example.org/x"),
    )


def test_a_keyword_in_another_namespace_is_told_with_the_verdict(tmp_path):
    shapes = SOUND.replace("sh:minCount", "ex:minCount") + " ex:S owl:closed true ; ex:x 1 ."
    files = write(tmp_path / "s.ttl", shapes), write(tmp_path / "d.ttl", "ex:a a ex:C .")
    report = validate_with([files[0]], [files[1]])
    assert [
        "ex:S: owl:closed is read as an annotation; did you mean sh:closed?",
        "the sh:property on ex:p of ex:S: ex:minCount is read as an annotation; did you mean "
        "sh:minCount?",
    ] == sorted(formats.looked_at(report)[1:])
    assert "ex:S: ex:x is read as an annotation." in formats.explained(report)


def test_a_typed_shape_may_be_empty_and_is_told(tmp_path):
    shapes = SOUND + ' ex:T a sh:NodeShape ; sh:targetClass ex:C ; sh:name "later" .'
    files = write(tmp_path / "s.ttl", shapes), write(tmp_path / "d.ttl", "ex:a a ex:C .")
    report = validate_with([files[0]], [files[1]])
    assert ["1 constraint on 1 node. 1 shape demands nothing: ex:T."] == formats.looked_at(report)
    said = "sh:targetClass on ex:T: the shape aims at nodes, and demands nothing of them."
    (line,) = problems(tmp_path, shapes.replace("sh:name", "ex:property"))
    assert said == line.partition(": ")[2]


def test_what_a_shapes_graph_in_json_ld_loses_is_refused(tmp_path):
    shapes = tmp_path / "s.jsonld"
    shapes.write_text("""{"@context": {"sh": "http://www.w3.org/ns/shacl#"},
        "@id": "ex:S", "@type": "sh:NodeShape", "sh:targetClass": {"@id": "http://example.org/C"},
        "sh:property": {"sh:path": {"@id": "http://example.org/p"},
                        "minCount": 1}}""")
    data = write(tmp_path / "d.ttl", "ex:a a ex:C .")
    with pytest.raises(ShapesError, match=r"s\.jsonld:4: Lost in reading: the key 'minCount'"):
        validate_with([shapes], [data])


def test_a_component_is_carried_out_where_it_is_given(tmp_path):
    component = """
dash:Single a sh:ConstraintComponent ; sh:parameter [ sh:path dash:singleLine ] ;
    sh:validator [ a sh:SPARQLAskValidator ; sh:ask "ASK { FILTER (!CONTAINS($value, 'x')) }" ] .
"""
    shapes = SOUND.replace("sh:minCount 1", "dash:singleLine true") + component
    files = write(tmp_path / "s.ttl", shapes), write(tmp_path / "d.ttl", "ex:a a ex:C ; ex:p 'x' .")
    assert 1 == len(validate_with([files[0]], [files[1]]).findings)


# ------------------------------------------------------------------ in a base


def spoil(base):
    path = base.root / "shapes" / "more.ttl"
    return write(path, "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:minCont 1 ; sh:class ex:D .")


def test_a_base_with_such_shapes_checks_nothing_and_takes_nothing(base, tmp_path):
    spoil(base)
    said = "base/shapes/more.ttl:5: sh:minCont on ex:S: SHACL has no sh:minCont; did you mean "
    with pytest.raises(ShapesError, match=said):
        validate_base(base)
    new = write(tmp_path / "new.ttl", "ex:a a ex:C .")
    with pytest.raises(ShapesError, match=said):
        validate_files(base, [new])
    before = sorted(base.root.rglob("*.ttl"))
    with pytest.raises(ShapesError, match=said):
        dragoman.open(base.root).add(new)
    assert before == sorted(base.root.rglob("*.ttl"))


def test_the_shapes_of_a_base_can_be_mended(base):
    file = spoil(base)
    with pytest.raises(ShapesError, match="sh:minCont"):
        validate_files(base, [file])
    file.write_text(file.read_text().replace("sh:minCont 1 ; ", ""))
    assert [] == list(validate_files(base, [file]).findings)


def test_the_shapes_of_an_ontology_are_checked_too(base):
    write(base.root / "ontology" / "more.ttl", SOUND)
    write(base.root / "data" / "more.ttl", "ex:a a ex:C .")
    assert "http://example.org/a" in {e.focus.value for e in validate_base(base).findings}


def test_the_notes_are_kept_with_the_plan(base):
    write(base.root / "shapes" / "more.ttl", SOUND + " ex:S ex:reviewed true .")
    sources = base.sources("shapes", "ontology")
    first = rules(sources).plan.notes
    known.cache_clear()
    assert (("<http://example.org/S>", "http://example.org/reviewed"),) == first
    assert first == rules(sources).plan.notes
