"""How a report speaks: the names, the languages, and the shapes that it goes by."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys

import pytest
import rdflib

from dragoman.validation import (
    Checking,
    Input,
    formats,
    validate_base,
    validate_files,
    validate_with,
)
from small_base import small_base

SH = "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
HEAD = f"{SH}@prefix h: <https://harbour.test/> .\n"
ENGINES = ("auto", "reference", "both")


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


@pytest.fixture
def check(write):
    """Return a function that validates a text with the shapes of another text."""

    def check(shapes, data, engine="auto"):
        return validate_with(
            [write("s.ttl", HEAD + shapes)], [write("d.ttl", HEAD + data)], Checking(engine=engine)
        )

    return check


def people(report):
    return formats.write(report, "people")


# ------------------------------------------------------------------ names

FLAG = "h:S a sh:NodeShape ; sh:targetClass h:Ship ; sh:property h:S-flag . h:S-flag sh:path h:flag ; sh:minCount 1 ."  # noqa: E501


def test_names_are_shortened_with_the_prefixes_of_the_files(check):
    text = people(check(FLAG, "h:a a h:Ship ."))
    assert "VIOLATION  h:S-flag\n" in text
    assert "  h:a\n      h:flag\n      It must have at least 1 value(s) for h:flag.\n" in text


def test_a_prefix_that_two_files_bind_to_two_namespaces_is_not_used(write):
    other = "@prefix h: <https://harvest.test/> .\n@prefix w: <https://harbour.test/> .\n"
    shapes = [write("s.ttl", HEAD + FLAG)]
    text = people(validate_with(shapes, [write("d.ttl", f"{other}h:field a w:Ship .")]))
    assert "<https://harvest.test/field>" in text
    assert "VIOLATION  w:S-flag\n" in text


def test_a_prefix_of_a_file_goes_before_the_table_of_the_base(tmp_path, write):
    base = small_base(tmp_path)
    ours, theirs = "https://w3id.org/dragoman/ontology/", "https://theirs.test/"
    text = f"@prefix dip: <{theirs}> .\ndip:x a <{ours}Person> .\n"
    report = validate_files(base, [write("new.ttl", text)])
    assert "  dip:x\n" in people(report)
    assert f"<{ours}name>" in people(report)


HARBOUR = FLAG.replace(" h:", " q:").replace("h:S ", "q:S ", 1)


def test_a_prefix_of_json_ld_that_is_no_word_is_not_used(write):
    data = """{"@context": {"a\\u202e b": {"@id": "https://harbour.test/", "@prefix": true}},
        "@id": "https://harbour.test/a", "@type": "https://harbour.test/Ship"}"""
    shapes = write("s.ttl", f"{SH}@prefix q: <https://harbour.test/> .\n{HARBOUR}")
    text = people(validate_with([shapes], [write("d.jsonld", data)]))
    assert "  q:a\n" in text


# ------------------------------------------------------------------ languages

WORDS = FLAG.replace(
    "sh:minCount 1",
    'sh:minCount 1 ; sh:message "no flag"@en , "keine Flagge"@de , "ka Flagg"@de-AT , "flag?"',
)


@pytest.mark.parametrize(
    ("languages", "said"),
    [
        ((), "no flag"),
        (("fr",), "no flag"),
        (("de",), "keine Flagge"),
        (("de-AT",), "ka Flagg"),
        (("DE-at",), "ka Flagg"),
        (("de-CH",), "keine Flagge"),
        (("fr", "de"), "keine Flagge"),
        (("en-GB", "de"), "no flag"),
    ],
)
@pytest.mark.parametrize("engine", ENGINES[:2])
def test_people_read_their_own_language(check, languages, said, engine):
    report = dataclasses.replace(check(WORDS, "h:a a h:Ship .", engine), languages=languages)
    for name in ("people", "md", "junit", "sarif", "json"):
        assert said in formats.write(report, name)


def test_a_message_without_a_language_goes_before_a_strange_one(check):
    words = FLAG.replace("sh:minCount 1", 'sh:minCount 1 ; sh:message "Fahne"@de , "flag?"')
    assert "flag?" in people(check(words, "h:a a h:Ship ."))


def test_turtle_keeps_every_language(check):
    turtle = formats.write(check(WORDS, "h:a a h:Ship ."), "turtle")
    assert all(each in turtle for each in ('"no flag"@en', '"keine Flagge"@de', '"flag?"'))


@pytest.fixture
def run(tmp_path):
    def run(*arguments, **environment):
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "DRAGOMAN"))
        }
        return subprocess.run(
            [sys.executable, "-m", "dragoman", "validate", *arguments],
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
            cwd=tmp_path,
            env={**kept, "PYTHONUTF8": "1", **environment},
        )

    return run


@pytest.mark.parametrize(
    ("options", "environment", "said"),
    [
        (["--lang", "de"], {"LANG": "en_GB.UTF-8"}, "keine Flagge"),
        ([], {"LANG": "de_DE.UTF-8"}, "keine Flagge"),
        ([], {"LANG": "de_AT.UTF-8", "LC_ALL": "C"}, "no flag"),
        ([], {"DRAGOMAN_LANG": "tr,de"}, "keine Flagge"),
        (["-f", "json"], {"LANG": "de_DE.UTF-8"}, '"message": "no flag"'),
    ],
)
def test_the_language_comes_from_the_option_or_the_system(run, write, options, environment, said):
    write("s.ttl", HEAD + WORDS)
    write("d.ttl", f"{HEAD}h:a a h:Ship .")
    assert said in run("-s", "s.ttl", "d.ttl", *options, **environment).stdout


def test_that_no_message_is_in_the_language_asked_for_is_said_once(run, write):
    write("s.ttl", HEAD + WORDS)
    write("d.ttl", f"{HEAD}h:a a h:Ship .")
    ended = run("-s", "s.ttl", "d.ttl", "--lang", "tr")
    said = "No finding has a message in tr: its shape has none in that language."
    assert 1 == ended.stderr.splitlines().count(said)
    for options in (["--lang", "tr,de"], ["--lang", "en,tr"], []):
        assert "No finding has" not in run("-s", "s.ttl", "d.ttl", *options).stderr


def test_what_is_no_language_is_refused_in_one_line(run, write):
    write("d.ttl", f"{HEAD}h:a a h:Ship .")
    ended = run("-s", "d.ttl", "d.ttl", "--lang", "d e")
    assert (2, "") == (ended.returncode, ended.stdout)
    assert "Error: 'd e' is no language tag" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


# ------------------------------------------------------------------ relative IRIs


def test_each_file_on_the_command_line_is_its_own_base(run, write):
    write("s.ttl", f"{HEAD}<#S> a sh:NodeShape ; sh:targetClass h:Ship ; sh:nodeKind sh:Literal .")
    write("d.ttl", f"{HEAD}<> h:about <#a> . <#a> a h:Ship .")
    ended = run("-s", "s.ttl", "d.ttl")
    assert ended.returncode == 1
    assert "/d.ttl#a>" in ended.stdout
    assert "/s.ttl#S>" in ended.stdout


def test_a_base_that_is_given_is_kept(write):
    path = write("d.ttl", f"{HEAD}<a> a h:Ship .")
    given = Input(path, "d", base_iri="https://given.test/")
    (finding,) = validate_with([write("s.ttl", HEAD + FLAG)], [given]).findings
    assert finding.focus.value == "https://given.test/a"


def test_what_comes_through_a_pipe_has_no_base(tmp_path, write):
    write("s.ttl", HEAD + FLAG)
    ended = subprocess.run(
        [sys.executable, "-m", "dragoman", "validate", "-s", "s.ttl", "-"],
        input=f"{HEAD}<a> a h:Ship .",
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        cwd=tmp_path,
    )
    assert ended.returncode == 2
    assert "A relative IRI, and no base to resolve it" in ended.stderr


# ------------------------------------------------------------------ shapes without a name

UNNAMED = """
h:S a sh:NodeShape ; sh:targetClass h:Ship ;
    sh:property [
        sh:path h:flag ; sh:minCount 1 ;
        sh:property [ sh:path h:code ; sh:minCount 2 ; sh:datatype h:odd ]
    ] ,
    [ sh:path h:name ; sh:minCount 1 ] ,
    [ sh:path h:name ;
      sh:maxCount 0 ] ;
    sh:property [ sh:path ( h:berth [ sh:inversePath h:of ] ) ; sh:minCount 3 ] .
[] a sh:NodeShape ; sh:targetClass h:Ship ;
    sh:nodeKind sh:Literal .

[ a sh:NodeShape ; sh:targetClass h:Ship ; sh:nodeKind sh:BlankNode ] .
"""
SHIP = 'h:a a h:Ship ; h:flag h:f ; h:name "A" . h:b a h:Ship .'


def rules(report):
    """The heading and the line of each rule in the form for people."""
    headings = [e for e in people(report).splitlines() if e.startswith("VIOLATION")]
    return sorted((e.split("  ")[1], e.rpartition("s.ttl:")[2].split(" ")[0]) for e in headings)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_shape_without_a_name_goes_by_the_one_above_and_its_line(check, engine):
    assert [
        ("h:S › h:berth / ^h:of", "12"),
        ("h:S › h:flag", "5"),
        ("h:S › h:flag › h:code", "7"),
        ("h:S › h:name 1", "9"),
        ("h:S › h:name 2", "10"),
        ("shape with sh:targetClass h:Ship", "13"),
        ("shape with sh:targetClass h:Ship 2", "16"),
    ] == rules(check(UNNAMED, SHIP, engine))


def test_shapes_in_lists_and_in_pieces_are_named_and_found_too(check):
    shapes = """
h:S a sh:NodeShape ; sh:targetClass h:Ship ; sh:and ( h:T [ sh:nodeKind sh:Literal ] ) ;
    sh:node _:n , [ sh:nodeKind sh:Literal ] .
_:n
    sh:property [ sh:path h:flag ;
                  sh:minCount 1 ] , _:p .
_:p sh:path h:code ; sh:minCount 1 .
h:T a sh:NodeShape ; sh:targetNode h:b ; sh:property _:p .
"""
    assert [("h:S", "VIOLATION"), ("h:S › sh:node 1 › h:code", "9")] == rules(check(shapes, SHIP))


def test_rules_of_code_hosts_are_stable_and_one_for_each_constraint(check):
    def ids(data):
        (run,) = json.loads(formats.write(check(UNNAMED, data), "sarif"))["runs"]
        rules = [each["id"] for each in run["tool"]["driver"]["rules"]]
        assert {rules[each["ruleIndex"]] for each in run["results"]} == set(rules)
        assert [rules[each["ruleIndex"]] for each in run["results"]] == [
            each["ruleId"] for each in run["results"]
        ]
        return rules

    first = ids(SHIP)
    assert first == ids(SHIP)
    assert len(set(first)) == len(first)
    assert "h:S › h:flag › h:code › sh:minCount" in first
    assert "h:S › h:flag › h:code › sh:datatype" in ids(f"{SHIP} h:f h:code 1 .")
    assert "_:" not in "".join(first)


def test_sparql_constraints_without_a_name_are_told_apart(check):
    one = '[ sh:select "SELECT $this WHERE {{ $this <https://harbour.test/{}> ?x }}" ]'
    shapes = f"h:S a sh:NodeShape ; sh:targetClass h:Ship ; sh:sparql {one} , {one} ."
    report = check(shapes.format("flag", "name"), SHIP)
    junit = formats.write(report, "junit")
    assert 'classname="h:S › sh:sparql 1"' in junit
    assert 'classname="h:S › sh:sparql 2"' in junit


def test_turtle_has_what_is_said_of_a_shape_without_a_name(check):
    turtle = formats.write(check(UNNAMED, SHIP), "turtle")
    graph = rdflib.Graph().parse(data=turtle, format="turtle")
    sh = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    for result in graph.objects(None, sh.result):
        assert any(graph.predicates(graph.value(result, sh.sourceShape)))


def test_json_has_the_rule_and_the_place_of_the_shape(check):
    found = json.loads(formats.write(check(UNNAMED, SHIP), "json"))["findings"]
    (code,) = [each for each in found if each["rule"].endswith("h:code › sh:minCount")]
    assert ("h:S › h:flag › h:code", 7) == (code["shapeName"], code["shapeLine"])


def test_in_a_base_the_shape_is_found_in_its_file(tmp_path, write):
    base = small_base(tmp_path)
    dip = "https://w3id.org/dragoman/ontology/"
    write(
        "shapes/short.ttl",
        f"{HEAD}h:S a sh:NodeShape ; sh:targetClass <{dip}Person> ;\n"
        f" sh:property [ sh:path <{dip}name> ; sh:maxLength 3 ] .",
    )
    for report in (
        validate_base(base),
        validate_files(base, [write("n.ttl", f'<urn:n> a <{dip}Person> ; <{dip}name> "Nora" .')]),
    ):
        assert any("short.ttl:4" in each for each in people(report).splitlines())


# ------------------------------------------------------------------ the reasons in other shapes

CREW = """
h:Person a sh:NodeShape ; sh:property [ sh:path h:name ; sh:minCount 1 ] ;
    sh:property [ sh:path h:pass ; sh:node h:Pass ] .
h:Pass a sh:NodeShape ; sh:property [ sh:path h:until ; sh:datatype h:day ] .
"""
MASTER = (
    CREW + "h:S a sh:NodeShape ; sh:targetClass h:Ship ; sh:property [ sh:path h:master ; %s ] ."
)
PEOPLE = """
h:a a h:Ship ; h:master h:m , h:n .
h:m h:pass h:p . h:p h:until 3 .
h:n h:name "N" .
"""


def last(iri):
    return iri.rpartition("/")[2][:-1]


def reasons(findings):
    """Path, thing and reasons, all the way down."""
    return [
        (each.path and last(each.path.text), last(str(each.focus)), reasons(each.details))
        for each in findings
    ]  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "demand", ["sh:node h:Person", "sh:and ( h:Person )", "sh:or ( h:Person h:Person )"]
)
def test_what_a_shape_finds_on_a_value_is_its_reason(check, engine, demand):
    report = check(MASTER % demand, PEOPLE, engine)
    why = [("name", "m", []), ("pass", "m", [("until", "p", [])])]
    assert [("master", "a", why)] == reasons(report.findings)


def test_reasons_are_told_below_the_finding(check):
    text = people(check(MASTER % "sh:node h:Person", PEOPLE))
    assert (
        "      h:master value h:m\n"
        "      Each value must conform to h:Person for h:master.\n"
        "        - h:name: It must have at least 1 value(s) for h:name.\n"
        "        - h:pass value h:p: Each value must conform to h:Pass for h:pass.\n"
        "          - h:until value" in text
    )


def test_each_value_that_does_not_count_has_its_reason(check):
    shape = "sh:qualifiedValueShape h:Person ; sh:qualifiedMinCount 2"
    ((path, _, why),) = reasons(check(MASTER % shape, PEOPLE).findings)
    assert ("master", [("name", "m"), ("pass", "m")]) == (path, [each[:2] for each in why])


def test_exactly_one_has_reasons_only_where_none_fits(check):
    both = "sh:xone ( h:Person [ sh:nodeKind sh:IRI ] )"
    assert all(not each.details for each in check(MASTER % both, PEOPLE).findings)
    none = "sh:xone ( h:Person [ sh:nodeKind sh:Literal ] )"
    assert {"m": 3, "n": 0} == {
        str(each.value)[-2]: len(each.details)
        for each in check(MASTER % none, PEOPLE + "h:a h:master h:n .").findings
    } | {"n": 0}


@pytest.mark.parametrize("engine", ENGINES)
def test_reasons_go_only_so_deep(check, engine):
    shapes = "h:N0 sh:targetNode h:0 .\nh:N5 a sh:NodeShape ; sh:nodeKind sh:Literal .\n" + "".join(
        f"h:N{n} a sh:NodeShape ; sh:property [ sh:path h:next ; sh:node h:N{n + 1} ] .\n"
        for n in range(5)
    )
    findings = check(
        shapes, "".join(f"h:{n} h:next h:{n + 1} .\n" for n in range(9)), engine
    ).findings
    assert [("next", "0", [("next", "1", [("next", "2", [("next", "3", [])])])])] == reasons(
        findings
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_shapes_in_a_circle_have_reasons_too(check, engine):
    shapes = """h:S sh:targetNode h:0 ; sh:node h:N .
    h:N a sh:NodeShape ; sh:property [ sh:path h:next ; sh:minCount 1 ; sh:node h:N ] ."""
    (finding,) = check(shapes, "h:0 h:next h:1 .", engine).findings
    assert [("next", "0", [("next", "1", [])])] == reasons(finding.details)


def test_reasons_make_no_finding_another_one(check):
    (finding,) = check(MASTER % "sh:node h:Person", PEOPLE).findings
    bare = dataclasses.replace(finding, details=())
    assert finding.details
    assert (finding, hash(finding)) == (bare, hash(bare))


def test_json_and_turtle_hold_the_reasons(check):
    report = check(MASTER % "sh:node h:Person", PEOPLE)
    (found,) = json.loads(formats.write(report, "json"))["findings"]
    assert [1, 1] == [len(found["detail"]) // 2, len(found["detail"][1]["detail"])]
    graph = rdflib.Graph().parse(data=formats.write(report, "turtle"), format="turtle")
    sh = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    (result,) = graph.objects(None, sh.result)
    assert len(list(graph.objects(result, sh.detail))) == 2
    assert len(list(graph.objects(result, sh.detail / sh.detail))) == 1


def test_what_a_change_breaks_has_its_reason_in_the_facts_around(tmp_path, write):
    base = small_base(tmp_path)
    dip, ex = "https://w3id.org/dragoman/ontology/", "https://example.org/"
    write(
        "shapes/talks.ttl",
        f"{HEAD}h:S a sh:NodeShape ; sh:targetSubjectsOf <{dip}counterpart> ; sh:property h:S-c .\n"
        f"h:S-c sh:path <{dip}counterpart> ; sh:node h:Old .\n"
        f"h:Old a sh:NodeShape ; sh:property [ sh:path <{dip}age> ; sh:minCount 1 ] .",
    )
    new = write("n.ttl", f"<{ex}anna> <{dip}counterpart> <{ex}nameless> .")
    found = [e for e in validate_files(base, [new]).findings if e.shape.value.endswith("S-c")]
    assert [("counterpart", "anna", [("age", "nameless", [])])] == reasons(found)


def test_many_findings_of_one_rule_are_told_at_once(check):
    data = "".join(f"h:s{n} a h:Ship ; h:master h:m{n} .\n" for n in range(2_000))
    report = check(MASTER % "sh:node h:Person", data)
    assert len(report.findings) == 2_000
    assert 100 == sum(bool(each.details) for each in report.findings)
