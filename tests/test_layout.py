"""`dragoman fmt`: our layout, the same triples, every comment, and nothing lost in silence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conftest import command_in
from dragoman import syntax
from dragoman.errors import DragomanError, SyntaxProblem

ROOT = Path(__file__).parent.parent
SUITES = ROOT.parent / "shared"
_LARGE = 100_000  # the larger ones take long, and are of the same making
KNOWN = {"a": "urn:a:", "b": "urn:b:", "c": "urn:c:"}
HEAD = "@prefix a: <urn:a:> .\n\n"


def laid_out(text):
    written = syntax.laid_out(text, KNOWN)
    assert written == syntax.laid_out(written, KNOWN)
    return written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:x a:y a:z.", "a:x\n    a:y a:z ;\n    .\n"),
        ("a:x a:y 1,2;a a:z;.", "a:x\n    a:y 1, 2 ;\n    a a:z ;\n    .\n"),
        ("a:x a:y 1,\n2 .", "a:x\n    a:y\n        1,\n        2 ;\n    .\n"),
        ("a:x a:y -1.50, +2e0, .5, 01 .", "a:x\n    a:y -1.50, +2e0, .5, 01 ;\n    .\n"),
        ("a:x a:y 'q'@EN-gb, \"q\"^^a:d, '''l\n  m'''^^<urn:d> .",
         "a:x\n    a:y 'q'@EN-gb, \"q\"^^a:d, '''l\n  m'''^^<urn:d> ;\n    .\n"),
        ("a:x a:y [ a:p ( 1 [] () ) ; a:q 2 ] .",
         "a:x\n    a:y [ a:p ( 1 [] () ) ; a:q 2 ] ;\n    .\n"),
        ("a:x a:y [\na:p (\n1\n2 )\n] .",
         "a:x\n    a:y [\n        a:p (\n            1\n            2 )\n    ] ;\n    .\n"),
        ("[ a:p 1 ] .\n( 1 ) a:y _:b1 .", "[ a:p 1 ]\n    .\n\n( 1 )\n    a:y _:b1 ;\n    .\n"),
        ("<urn:\\u00e9> a:\\-x a:%41 .", "<urn:\\u00e9>\n    a:\\-x a:%41 ;\n    .\n"),
    ],
)  # fmt: skip
def test_the_layout(text, expected):
    assert HEAD + expected == laid_out(HEAD + text)


def test_comments_stay_with_their_statements():
    text = (
        "# The file.\n\n@prefix a: <urn:a:> . # of a\n# of x\na:x # the thing\n"
        "  # before y\n  a:y 1 ; # one\n  a:z 2 , # two\n     3 # three\n  . # done\n\n# Part\n\n"
        "# of w\na:w a:v [ # open\n  # within\n  a:u 1 # in\n] .\n\n# The end.\n"
    )
    assert laid_out(text) == (
        "# The file.\n\n@prefix a: <urn:a:> . # of a\n\n# of x\na:x # the thing\n"
        "    # before y\n    a:y 1 ; # one\n    a:z\n        2, # two\n        3 ; # three\n"
        "    . # done\n\n# Part\n\n# of w\na:w\n    a:v [ # open\n        # within\n"
        "        a:u 1 # in\n    ] ;\n    .\n\n# The end.\n"
    )


def test_prefixes_are_added_dropped_and_sorted():
    text = (
        "PREFIX c: <urn:other:>\n# kept\n@prefix b-b: <urn:b:> .\n@prefix b: <urn:b:> .\n"
        "b:x c:y a:z ."
    )
    assert laid_out(text) == (
        "# kept\n\n@prefix a: <urn:a:> .\n@prefix b: <urn:b:> .\n@prefix c: <urn:other:> .\n\n"
        "b:x\n    c:y a:z ;\n    .\n"
    )


def test_prefixes_of_lines_to_copy_are_kept():
    text = "@prefix a: <urn:a:> .\n@prefix b: <urn:b:> .\n\na:x a:y 1 .\n\n#: b:x a:y 1 ;\n"
    assert "@prefix b: <urn:b:> .\n" in laid_out(text)


@pytest.mark.parametrize(
    "text",
    [
        "@base <urn:x:> .\n@prefix a: <urn:a:> .\n<p> a:y <q> .\n@base <urn:z:> .\n<p> a:y <q> .\n",
        "@prefix a: <urn:a:> .\na:x a:y 1 .\n@prefix a: <urn:b:> .\na:x a:y 1 .\n",
        "@prefix a: <r/> .\na:x a:y 1 .\n",
    ],
)
def test_declarations_that_depend_on_their_place_stay_there(text):
    written = laid_out(text)
    assert re.findall(r"@\w+.*", text) == re.findall(r"@\w+.*", written)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a:x a:y\n zz:z .", r"^-:2: No prefix that the base knows, .*: zz: \(line 2\)"),
        ("a:x a:y .", "^-:1:"),
        ("a:x a:y 1 .\na:x a:y <<( a:x a:y 1 )>> .", "^-:2: There is no layout for '<<'"),
        ("a:x a:y 1 {| a:z 2 |} .", "^-:1: There is no layout for '{'"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_line(text, problem):
    with pytest.raises(SyntaxProblem, match=problem):
        syntax.laid_out(text, KNOWN)


def files():
    own = sorted(path for path in ROOT.rglob("*.ttl") if ".venv" not in path.parts)
    places = [SUITES / "suites" / "rdf11-syntax-w3c" / "rdf-turtle", SUITES / "data"]
    return own, [
        path for place in places if place.is_dir() for path in sorted(place.rglob("*.ttl"))
    ]


@pytest.mark.parametrize("paths", files(), ids=["ours", "others"])
def test_every_file_says_the_same_after_it(paths):
    """`laid_out` compares triples and comments itself: it refuses what it would lose."""
    refused, laid = [], 0
    for path in (each for each in paths if each.stat().st_size < _LARGE):
        text = path.read_bytes().decode("utf-8", "replace").removeprefix("\ufeff")
        uri = path.as_uri()
        try:
            before = [str(each) for each in syntax.read_rdf(text.encode(), "turtle", base_iri=uri)]
        except DragomanError:
            continue
        try:
            written = syntax.laid_out(text, KNOWN, str(path), uri)
        except DragomanError as error:
            refused.append(str(error))
            continue
        laid += 1
        after = [str(each) for each in syntax.read_rdf(written.encode(), "turtle", base_iri=uri)]
        assert len(before) == len(after)
        assert written == syntax.laid_out(written, KNOWN, str(path), uri)
    assert [] == [each for each in refused if "no layout for" not in each]
    assert laid or not paths


@pytest.fixture
def run(tmp_path):
    return command_in(tmp_path, "--base", str(ROOT), "fmt")


def test_the_command_writes_in_place_and_checks(run, tmp_path):
    (tmp_path / "x.ttl").write_text("<urn:x> a dip:Person .")
    dip = "@prefix dip: <https://w3id.org/dragoman/ontology/> .\n"
    wanted = f"{dip}\n<urn:x>\n    a dip:Person ;\n    .\n"
    assert ("", "Would lay out x.ttl.\n") == run("--check", "x.ttl", ended=1)
    assert "+    a dip:Person ;\n" in run("--diff", "x.ttl", ended=1)[0]
    assert "<urn:x> a dip:Person ." == (tmp_path / "x.ttl").read_text()
    assert ("", "Laid out x.ttl.\n") == run("x.ttl")
    assert wanted == (tmp_path / "x.ttl").read_text()
    assert ("", "1 file left as it is.\n") == run("--check", "x.ttl")
    assert wanted == run("-", stdin="<urn:x> a dip:Person .")[0]


def test_one_bad_file_leaves_all_as_they_are(run, tmp_path):
    (tmp_path / "x.ttl").write_text("<urn:x> a dip:Person .")
    (tmp_path / "y.ttl").write_text("<urn:x> a dpi:Person .")
    _, said = run("x.ttl", "y.ttl", "z.nt", ended=2)
    assert "y.ttl:1: No prefix that the base knows" in said
    assert "z.nt: Only Turtle has this layout" in said
    assert "<urn:x> a dip:Person ." == (tmp_path / "x.ttl").read_text()
