"""Reading RDF and SPARQL text that may be anything."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import (
    Literal,
    NamedNode,
    Quad,
    QueryResultsFormat,
    RdfFormat,
    Store,
    parse,
    serialize,
)

from conftest import SHARED
from dragoman import syntax
from dragoman.errors import DragomanError, QueryRefusedError, SyntaxProblem, UnknownNameError

XSD = "http://www.w3.org/2001/XMLSchema#"
GOOD = b'<urn:a> <urn:b> "x" .'
ONE = [Quad(NamedNode("urn:a"), NamedNode("urn:b"), Literal("x"))]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.ttl", b"<urn:a> <urn:b> .", "a.ttl:1:17: . is not a valid RDF object."),
        ("a.ttl", b"\n a:b a <urn:c> .", "a.ttl:2:2: The prefix a: has not been declared; declare"),
        ("a.ttl", b'<urn:a> <urn:b> "x', "a.ttl:1:17: Unexpected end of file: a quote"),
        ("a.ttl", b"<urn:a> <urn:b> <c> .", "a.ttl:1:17: A relative IRI, and no base"),
        ("a.ttl", b"<urn:a b> <urn:b> 1 .", "a.ttl:1:1: Invalid IRI code point ' '"),
        ("a.ttl", b'<urn:a> <urn:b> "\\uD800" .', "a.ttl:1:18: The escape sequence"),
        ("a.ttl", b"", "a.ttl: It is empty"),
        ("a.ttl", b" \n", "a.ttl: It is empty"),
        ("a.ttl", '<urn:a> <urn:b> "x" .'.encode("utf-16"), "a.ttl:1:1: It is UTF-16"),
        ("a.ttl", '<urn:a> <urn:b> "x" .'.encode("utf-16-le"), "a.ttl:1:2: It holds a NUL byte"),
        ("a.ttl", b'<urn:a> <urn:b> "\xe9" .', "a.ttl:1:18: It is not UTF-8 (byte 0xe9)"),
        ("a.ttl", b'<urn:a>\n<urn:b> "\xc0\x80" .', "a.ttl:2:10: It is not UTF-8"),
        ("a.ttl", b'<urn:a> <urn:b> "\xed\xa0\x80" .', "a.ttl:1:18: It is not UTF-8"),
        ("a.ttl", b"\x89PNG\r\n\x1a\n\0\0", "a.ttl:3:1: It holds a NUL byte"),
        ("a.rdf", b"<!DOCTYPE r [<!ENTITY x 'y'>]><r/>", "a.rdf:1:1: <!DOCTYPE is refused"),
        ("a.jsonld", b'{"@context":\n"http://x/"}', "a.jsonld:2:1: The context 'http://x/' would"),
        ("a.jsonld", b'{"@context":[{"@import":"f"}]}', "a.jsonld:1:25: The context 'f' would"),
        ("a.jsonld", b'{"@context":{"t":{"@id":"urn:t","@context":"c"}}}', "The context 'c' would"),
        ("a.jsonld", b'{"a":}', "a.jsonld:1:6: It is not JSON: Expecting value"),
        ("a.jsonld", b'{"a":"\xe9"}', "a.jsonld:1:7: It is not UTF-8"),
        ("a.odt", b"x", "a.odt: The suffix .odt tells no RDF format"),
        ("noname", b"x", "noname: Its name has no suffix"),
        ("a.n3", b"x", "Notation3 is not read"),
    ],
)
def test_bad_text_gets_one_line_that_says_where_and_what(name, text, message):
    with pytest.raises(DragomanError) as caught:
        list(syntax.read_rdf(text, name=name))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ttl", b"\xef\xbb\xbf" + GOOD),
        ("a.nt", GOOD),
        ("a.nq", GOOD),
        ("a.trig", GOOD),
        ("a.jsonld", b'{"@context":{"b":"urn:b"},"@id":"urn:a","b":"x"}'),
        ("-", GOOD),
    ],
)
def test_good_text_is_read_in_every_format(name, text):
    assert list(syntax.read_rdf(text, name=name)) == ONE
    assert list(syntax.read_rdf(io.BytesIO(text), name=name)) == ONE


def test_files_are_read_packed_or_not(tmp_path):
    (tmp_path / "a.ttl").write_bytes(b"\xef\xbb\xbf" + GOOD)
    (tmp_path / "a.nt.gz").write_bytes(gzip.compress(GOOD))
    for name in ("a.ttl", "a.nt.gz"):
        assert list(syntax.read_rdf(tmp_path / name)) == ONE


@pytest.mark.parametrize("case", ["folder.ttl", "absent.ttl", "cut.nt.gz"])
def test_what_cannot_be_read_is_said(tmp_path, case):
    (tmp_path / "folder.ttl").mkdir()
    (tmp_path / "cut.nt.gz").write_bytes(gzip.compress(GOOD * 1000)[:-30])
    with pytest.raises(SyntaxProblem, match=f"{case}: It cannot be read"):
        list(syntax.read_rdf(tmp_path / case))


@pytest.mark.parametrize(
    "name", ["ttl", "TURTLE", "nt", "N-Triples", "rdfxml", "rdf/xml", "json-ld"]
)
def test_formats_go_by_the_names_of_known_tools(name):
    assert syntax.rdf_format(name) in {*syntax.FORMATS.values()}


def test_an_unknown_format_names_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean turtle"):
        syntax.rdf_format("turtel")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ttl", b"<urn:a> <urn:p> " + b"[ <urn:p> " * 50_000),
        ("a.ttl", b"<urn:a> <urn:p> " + b"(" * 50_000),
        ("a.jsonld", b'{"urn:p":' * 50_000),
    ],
)
def test_deep_nesting_is_refused_before_parsing(name, text):
    with pytest.raises(SyntaxProblem, match="nest deeper"):
        list(syntax.read_rdf(text, name=name))


def test_brackets_in_strings_iris_and_comments_do_not_nest():
    text = f'<urn:a> <urn:b> "{"[" * 200}", """{"(" * 200}" """ . # {"{" * 200}'
    assert len(list(syntax.read_rdf(text.encode(), "turtle"))) == 2


def test_a_huge_literal_is_refused_with_its_line_and_little_memory(tmp_path):
    path = tmp_path / "huge.ttl"
    with path.open("wb") as file:
        file.write(b'<urn:a> <urn:b> "x" .\n<urn:a> <urn:b> "')
        for _ in range(200):
            file.write(b"x" * 1_000_000)
        file.write(b'" .')
    script = (
        "import resource, sys; from dragoman import errors, syntax\n"
        "resource.setrlimit(resource.RLIMIT_DATA, (300 << 20, 300 << 20))\n"
        "try: list(syntax.read_rdf(sys.argv[1]))\n"
        "except errors.SyntaxProblem as problem: print(problem)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, path], capture_output=True, text=True, check=False
    )
    assert f"{path}:2: A literal or statement is longer than 16 MiB" in done.stdout


@pytest.mark.skipif(not SHARED.is_dir(), reason="the W3C suites are not beside the repository")
@pytest.mark.parametrize("kind", ["turtle", "n-triples", "n-quads", "trig"])
def test_w3c_syntax_tests_are_judged_as_the_bare_parser_judges(kind):
    ours = 0
    suffixes = {".ttl", ".nt", ".nq", ".trig"}
    files = sorted((SHARED / "suites/rdf11-syntax-w3c" / f"rdf-{kind}").iterdir())
    files = [path for path in files if path.suffix in suffixes]
    assert files
    for path in files:
        data = path.read_bytes()
        if b"\0" in data or not data.strip():
            continue  # we refuse NUL and emptiness, where the standard does not
        base = "http://example.org/"
        try:
            wanted = sum(1 for _ in parse(data, syntax.format_of(path), base_iri=base))
        except SyntaxError:
            with pytest.raises(SyntaxProblem):
                list(syntax.read_rdf(path, base_iri=base))
            continue
        assert len(list(syntax.read_rdf(path, base_iri=base))) == wanted, path.name
        ours += 1
    assert ours > 20


# ------------------------------------------------------------------ positions

LINES = """\
@prefix e: <urn:e:> .
PREFIX f: <urn:f:>

e:a a f:C ;            # ; a comment . with marks
    f:p "x ; y . z" , [ f:q ( 1 2 ) ; f:r e:inner ] ;
    f:q \"\"\"two
lines\"\"\" .
e:b.c f:p 1.5 , 2. e:d\\-e f:p e:a .
[ f:p e:z ] f:q 1 .
e:a f:late true .
"""


def test_each_subject_and_predicate_has_its_line():
    found = syntax.positions(LINES)
    assert found.subjects == {"urn:e:a": 4, "urn:e:b.c": 8, "urn:e:d-e": 8}
    assert found.line("urn:e:a", "urn:f:q") == 6
    assert found.line("urn:e:a", "urn:f:late") == 10
    assert found.line("urn:e:a", "urn:unknown") == 4
    assert found.line("urn:nothing") is None


@pytest.mark.skipif(not SHARED.is_dir(), reason="the W3C suites are not beside the repository")
def test_positions_know_the_subjects_and_predicates_that_the_parser_finds():
    compared = 0
    for path in sorted((SHARED / "suites/rdf11-syntax-w3c/rdf-turtle").glob("*.ttl")):
        try:
            quads = list(parse(path.read_bytes(), RdfFormat.TURTLE))
        except SyntaxError:
            continue
        wanted = {(q.subject.value, q.predicate.value) for q in quads if is_iri(q.subject)}
        assert set(syntax.subject_lines(path).pairs) == wanted, path.name
        compared += 1
    assert compared > 100


def is_iri(term):
    return isinstance(term, NamedNode)


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
IRIS = st.from_regex(r"urn:[a-z]:[a-zA-Z0-9.\-_é]{0,6}", fullmatch=True).map(NamedNode)
TRIPLES = st.lists(st.tuples(IRIS, IRIS, IRIS | TEXTS.map(Literal)), min_size=1, max_size=8)


@given(TRIPLES)
def test_positions_agree_with_any_text_that_the_serializer_writes(triples):
    quads = [Quad(*triple) for triple in triples]
    prefixes = {letter: f"urn:{letter}:" for letter in "abc"}
    text = serialize(quads, format=RdfFormat.TURTLE, prefixes=prefixes).decode()
    wanted = {(subject.value, predicate.value) for subject, predicate, _ in triples}
    found = syntax.positions(text)
    assert set(found.pairs) == wanted
    lines = text.split("\n")
    for subject, line in found.subjects.items():
        local = subject.rpartition(":")[2]
        assert local in lines[line - 1].replace("\\", "")


@given(st.text(alphabet=" \n\"'<>#.;,[](){}@:a\\é_?$&|!^", max_size=60))
def test_no_text_stops_the_scanners(text):
    found = syntax.positions(text)
    assert {subject for subject, _ in found.pairs} <= set(found.subjects)
    for token in syntax.tokens(text):
        assert text[token.start : token.end] == token.text


# ------------------------------------------------------------------ lint


def test_a_datatype_that_xml_schema_does_not_have_is_told_with_the_nearest(tmp_path):
    path = tmp_path / "a.ttl"
    path.write_text(f'<urn:a> <urn:b> "1961-04-12"^^<{XSD}Date>, "x"^^<{XSD}QName> .')
    (problem,) = syntax.lint(path, ())
    assert problem.message == (
        "'1961-04-12' is an xsd:Date, which XML Schema does not have; did you mean xsd:date?"
    )


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ('"01"^^xsd:integer', "canonical"),
        ('"+1"^^xsd:integer', "canonical"),
        ('"1.10"^^xsd:decimal', "canonical"),
        ('"1"^^xsd:boolean', "canonical"),
        ('"2024-05-01+00:00"^^xsd:date', "canonical"),
        ('"PT36H"^^xsd:duration', "canonical"),
        ('"1961-04-12T24:00:00"^^xsd:dateTime', "canonical"),
        ("3.0e0", "canonical"),
        ('"1961-04-12T06:07:00Z"^^xsd:dateTimeStamp', "canonical"),
        ('"1961-13"^^xsd:gYearMonth', "ill-typed"),
        ('"five"^^xsd:integer', "ill-typed"),
        ('"<b>"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#XMLLiteral>', "ill-typed"),
        ('"1961-04-12"^^xsd:Date', "ill-typed"),
        ('"1961-04-12T06:07:00"^^xsd:datetime', "ill-typed"),
        ('"1"^^xsd:nonNegativeInteger', "derived-integer"),
        ('"bell\\u0007"', "control-character"),
        ('"\\u202Egnp.exe"', "control-character"),
        ('"e\\u0301"', "nfc"),
        ("dip:Stat", "undeclared"),
    ],
)
def test_lint_finds_it_with_its_line(tmp_path, written, rule):
    path = tmp_path / "a.ttl"
    path.write_text(
        "@prefix dip: <https://w3id.org/dragoman/ontology/> .\n"
        f"@prefix xsd: <{XSD}> .\n\n<urn:a> <urn:b> 1 ;\n  <urn:c> {written} .\n"
    )
    declared = {"https://w3id.org/dragoman/ontology/State"}
    (finding,) = syntax.lint(path, declared)
    assert (finding.line, finding.rule) == (5, rule)
    assert str(finding).startswith(f"{path}:5: ")


def test_lint_is_silent_about_what_is_well_written(tmp_path):
    path = tmp_path / "a.ttl"
    path.write_text(
        f"@prefix xsd: <{XSD}> .\n"
        '<urn:a> <urn:b> 0 , -7 , 1.5 , true , "é\\n" , "x"@en , "2024"^^xsd:gYear ,\n'
        '  "2024-05"^^xsd:gYearMonth , "2024-05-01"^^xsd:date ,'
        '"2024-05-01T10:00:00Z"^^xsd:dateTime .'
    )
    assert syntax.lint(path, set()) == []


# ------------------------------------------------------------------ queries


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT * { SERVICE <http://x/> { ?s ?p ?o } }", "1:12: SERVICE is refused"),
        ("SELECT *\n{ sErViCe#c\n?e { ?s ?p ?o } }", "2:3: SERVICE is refused"),
        ("SELECT * { \\u0053ERVICE ?e { ?s ?p ?o } }", "SERVICE is refused"),
        ("SELECT * { ?s ?p ?o}SERVICE SILENT?e{}", "SERVICE is refused"),
        ("LOAD <http://x/>", "1:1: LOAD is refused"),
        ("PREFIX a: <urn:a> INSERT DATA { a:b a:b a:b }", "INSERT would change data"),
        ("DROP ALL", "DROP would change data"),
        ("", "The query is empty"),
        ("hello", "A query starts with SELECT"),
        ("SELECT * { ?s a foo:Bar }", "The prefix foo: is not declared"),
        ("SELECT * { ?s ?p ?o ", "1:10: The bracket { has no partner"),
        ("SELECT * { ?s ?p ?o ) }", "1:21: The bracket ) has no partner"),
        ("SELECT * { " + "{" * 150 + "}" * 151, "nest deeper than 100"),
        ("ASK { FILTER(" + "!" * 2000 + "true) }", "more than 1000 operators"),
        ("SELECT * { " + "?a ?b ?c . " * 2000 + "}", "more than 1000 operators"),
        ("SELECT * { ?a ?b ?c" + ", ?c" * 2000 + "}", "more than 1000 operators"),
        ("SELECT * { ?a ?b (" + " ?c" * 2000 + ")}", "more than 1000 operators"),
        ("SELECT * { ?a <urn:p>" + "/<urn:p>" * 2000 + " ?b }", "more than 1000 operators"),
        ("#" + "x" * 300_000, "longer than 256 kB"),
    ],
)
def test_dangerous_and_broken_queries_are_refused(text, message):
    with pytest.raises(QueryRefusedError) as caught:
        syntax.check_query(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        'PREFIX service: <urn:x:> SELECT * { ?service service:p "SERVICE <http://x/>" }',
        "SELECT * { <urn:SERVICE> ?p '''SERVICE''' } # SERVICE",
        "SELECT * FROM <http://127.0.0.1:9/x> { ?s ?p ?o }",
        "SELECT ?a { ?a ?b ?c FILTER(?a<?b && ?c>?d) }",
        "SELECT * { VALUES (?a ?b) {" + " (1 2)" * 2000 + "} }",
        "ASK { FILTER(1 IN (1" + ", 1" * 2000 + ")) }",
    ],
)
def test_harmless_queries_pass_and_are_answered(text):
    result = Store().query(syntax.check_query(text).text)
    assert b"head" in result.serialize(format=QueryResultsFormat.JSON)


def test_having_over_an_alias_is_warned_of():
    query = "SELECT ?a (COUNT(*) AS ?n) { ?a ?b ?c } GROUP BY ?a HAVING (?n > 1)"
    (warning,) = syntax.check_query(query).warnings
    assert "alias ?n" in warning
    assert syntax.check_query(query.replace("(?n >", "(COUNT(*) >")).warnings == ()


def test_having_over_an_aggregate_of_a_name_from_within_is_not_warned_of():
    query = "SELECT ?a (SUM(?x) AS ?n) { ?a ?b ?c BIND(1 AS ?x) } GROUP BY ?a HAVING (SUM(?x) > 1)"
    assert syntax.check_query(query).warnings == ()
    mixed = query.replace("> 1)", "> 1 && ?n > 1)")
    assert len(syntax.check_query(mixed).warnings) == 1


def test_prefixes_of_the_table_are_written_out_when_asked():
    table = {"a": "urn:a:", "b": "urn:b:"}
    query = syntax.check_query("PREFIX b: <urn:own:> ASK { a:x b:x 'a:y' }", prefixes=table)
    assert syntax.with_prefixes(query, table).startswith("PREFIX a: <urn:a:>\nPREFIX b: <urn:own:>")


def test_only_plain_local_names_are_shortened():
    prefixes = {"e": "urn:x/", "f": "urn:x/y#"}
    shown = [
        syntax.shortened(iri, prefixes) for iri in ("urn:x/a", "urn:x/y#b-1", "urn:x/a.", "u:z")
    ]
    assert shown == ["e:a", "f:b-1", "<urn:x/a.>", "<u:z>"]


def test_people_read_the_longest_namespace_with_slashes_kept():
    prefixes = {"e": "https://x.org/", "f": "https://x.org/a/", "g": "urn:x#"}
    readable = syntax.readable(prefixes)
    shown = {
        "https://x.org/a/b/c-1": "f:b/c-1",
        "https://x.org/b/c": "e:b/c",
        "https://x.org/é": "e:é",
        "urn:x#y": "g:y",
        "https://x.org/a/": "<https://x.org/a/>",
        "https://x.org/b.": "<https://x.org/b.>",
        "https://x.org//b": "e:/b",
        "https://x.org///b": "<https://x.org///b>",
        "https://y.org/b": "<https://y.org/b>",
    }
    assert shown == {iri: readable(iri) for iri in shown}
    assert [*shown] == [syntax.written_iri(text, prefixes) for text in shown.values()]


@given(st.text("ab/:#.<>\\ é", max_size=12))
def test_what_people_read_they_can_write(local):
    prefixes = {"a": "https://x.org/", "b": "https://x.org/a/", "c": "https://x.org/a#"}
    iri = f"https://x.org/{local}"
    assert syntax.written_iri(syntax.readable(prefixes)(iri), prefixes) == iri


@pytest.mark.parametrize("text", ["", "x", "a b", "other:x", "e:", ":x", "a:b:c"])
def test_what_is_no_iri_is_left_to_others(text):
    assert syntax.written_iri(text, {"e": "urn:e:"}) is None


def test_all_undeclared_prefixes_are_told_in_one_run():
    text = b"@prefix c: <urn:c:> .\na:b c:d e:f .\na:b c:d g:h , a:i ; a:j e:k .\n"
    with pytest.raises(SyntaxProblem) as caught:
        list(syntax.read_rdf(text, name="a.ttl"))
    assert (
        "a.ttl:2: 3 prefixes are not declared; declare them with @prefix: a: (line 2), "
        "e: (line 2), g: (line 3)."
    ) == str(caught.value)
    assert (("a", "e", "g"), ()) == (caught.value.prefixes, caught.value.further)


def test_several_mistakes_are_told_in_one_run():
    text = b'<urn:a> <urn:b> <urn:c>\n<urn:d> .\n<urn:a> b:c 1 .\n<urn:a> <urn:b> "x"@ .\n'
    with pytest.raises(SyntaxProblem) as caught:
        list(syntax.read_rdf(text, name="a.ttl"))
    assert [3, 2, 4] == [caught.value.line, *(each.line for each in caught.value.further)]
    assert ("b",) == caught.value.prefixes


def test_a_broken_iri_is_no_undeclared_prefix():
    text = b"<urn:a b> <urn:b> 1 .\na:b <urn:b> 1 .\n"
    with pytest.raises(SyntaxProblem) as caught:
        list(syntax.read_rdf(text, name="a.ttl"))
    assert ("a",) == caught.value.prefixes


def test_a_quote_that_is_missing_is_told_once():
    text = b'<urn:a> <urn:b> "open .\n<urn:c> <urn:d> "e" .\n<urn:f> <urn:g> "h" .\n'
    with pytest.raises(
        SyntaxProblem, match=r"^a\.ttl:1:\d+: .*its closing quote is missing"
    ) as caught:
        list(syntax.read_rdf(text, name="a.ttl"))
    assert () == caught.value.further


def test_words_behind_an_open_quote_are_no_prefixes():
    text = b'<urn:a> <urn:b> """open .\na:b <urn:b> 1 .\n'
    with pytest.raises(SyntaxProblem, match=r"^a\.ttl:1:\d+: Unexpected end") as caught:
        list(syntax.read_rdf(text, name="a.ttl"))
    assert ((), ()) == (caught.value.prefixes, caught.value.further)


def test_the_lines_that_declare_prefixes_are_those_of_the_known():
    assert ["@prefix b: <urn:b:> ."] == syntax.declarations(
        ["a", "b"], {"b": "urn:b:", "c": "urn:"}
    )
