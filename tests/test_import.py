"""What an export writes comes back into a base, term for term."""

from __future__ import annotations

import gzip
import subprocess
import sys

import pytest
from hypothesis import given, settings, strategies
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from conftest import SHARED, rounds
from dragoman import canonical, vocabulary
from dragoman.errors import SyntaxProblem
from dragoman.export import statements
from dragoman.syntax import read_rdf

HARD = SHARED / "suites" / "hard-terms" / "hard-terms.nt"
hard = pytest.mark.skipif(
    not HARD.is_file(), reason="the hard terms (../shared/suites/hard-terms) are not here"
)
EX = "https://example.org/"
ALLOW = ["--allow", "violation", "--reason", "hard terms"]
FORMATS = {
    "turtle": "ttl",
    "ntriples": "nt",
    "nquads": "nq",
    "trig": "trig",
    "rdfxml": "rdf",
    "jsonld": "jsonld",
    "csv": "csv",
}


@pytest.fixture
def own(tmp_path):
    """A base of one's own, empty, and the command on it."""
    run_init = [sys.executable, "-m", "dragoman", "init", str(tmp_path / "own")]
    subprocess.run(run_init, check=True, capture_output=True)

    def run(*arguments, stdin=b""):
        return subprocess.run(
            [sys.executable, "-m", "dragoman", "--base", str(tmp_path / "own"), *arguments],
            capture_output=True, check=False, input=stdin,
        )  # fmt: skip

    return run


def kept(tmp_path, name="hard-terms"):
    (path,) = (tmp_path / "own" / "data").glob(f"{name}.*")
    return canonical.read(path, EX)


def without_unspeakable(path):
    """Write the hard terms that XML can say into a file, and return how many."""
    lines = HARD.read_text(encoding="utf-8").splitlines(keepends=True)
    codes = ("\\u0000", "\\u0001", "\\uFFFE")
    said = [line for line in lines if not any(code in line for code in codes)]
    path.write_text("".join(said), encoding="utf-8")
    return sum(not line.startswith("#") for line in said)


@hard
@pytest.mark.parametrize(
    ("name", "packed"),
    [*((name, False) for name in FORMATS), ("turtle", True), ("jsonld", True), ("csv", True)],
)
def test_all_hard_terms_come_back_from_a_format(own, tmp_path, name, packed):
    source = tmp_path / "hard-terms.nt"
    expected = without_unspeakable(source) if name == "rdfxml" else 56
    if name != "rdfxml":
        source.write_bytes(HARD.read_bytes())
    assert 0 == own("add", str(source), *ALLOW).returncode
    out = tmp_path / "out" / f"hard-terms.{FORMATS[name]}{'.gz' if packed else ''}"
    out.parent.mkdir()
    made = own("export", "hard-terms", "-f", name)
    assert 0 == made.returncode, made.stderr
    out.write_bytes(gzip.compress(made.stdout) if packed else made.stdout)
    assert 0 == own("remove", "hard-terms").returncode
    added = own("add", str(out), *ALLOW)
    assert 0 == added.returncode, added.stderr
    before, after = canonical.read(source, EX), kept(tmp_path)
    assert (expected, before.sha256) == (after.count, after.sha256)


@hard
@pytest.mark.parametrize("name", FORMATS)
def test_blank_nodes_come_back_on_request(own, tmp_path, name):
    if name == "rdfxml":
        text = '<urn:a> <urn:p> _:b .\n_:b <urn:p> "x" .\n'
    else:
        text = HARD.read_text(encoding="utf-8")
    source = tmp_path / "hard-terms.nt"
    source.write_text(text, encoding="utf-8")
    assert 0 == own("add", str(source), *ALLOW).returncode
    out = tmp_path / f"hard-terms.{FORMATS[name]}"
    made = own("export", "hard-terms", "-f", name, "--skolemize", "-o", str(out))
    if out != source:
        assert 0 == made.returncode, made.stderr
    assert 0 == own("remove", "hard-terms").returncode
    assert 0 == own("add", str(out), *ALLOW).returncode
    assert canonical.of_lines([text.encode()], EX).sha256 != kept(tmp_path).sha256
    assert 0 == own("remove", "hard-terms").returncode
    assert 0 == own("add", str(out), "--unskolemize", *ALLOW).returncode
    assert canonical.of_lines([text.encode()], EX).sha256 == kept(tmp_path).sha256


def test_blank_nodes_are_not_mixed_with_others(own, tmp_path):
    genid = f"<{vocabulary.GENID}mixed/c14n0>"
    path = tmp_path / "mixed.nt"
    path.write_text(f"<urn:a> <urn:p> {genid} .\n_:c14n0 <urn:p> <urn:a> .\n", encoding="utf-8")
    done = own("add", str(path), "--unskolemize", *ALLOW)
    assert (2, b"") == (done.returncode, done.stdout)
    assert b"Add it without --unskolemize" in done.stderr


def test_a_table_comes_through_a_pipe(own, tmp_path):
    text = ",".join(statements.COLUMNS) + "\r\nurn:a,urn:p,é,literal,urn:d,,\r\n"
    done = own("add", "-", "--syntax", "csv", "--as", "piped", *ALLOW, stdin=text.encode())
    assert 0 == done.returncode, done.stderr
    assert canonical.read('<urn:a> <urn:p> "é"^^<urn:d> .'.encode(), EX).sha256 == (
        kept(tmp_path, "piped").sha256
    )


def test_graphs_of_a_table_become_sources(own, tmp_path):
    path = tmp_path / "several.csv"
    rows = [
        f"urn:a,urn:p,{n},literal,{vocabulary.XSD_STRING},,{vocabulary.SOURCE_GRAPH}s{n}\r\n"
        for n in range(2)
    ]
    path.write_text(",".join(statements.COLUMNS) + "\r\n" + "".join(rows), newline="")
    done = own("add", str(path), *ALLOW)
    assert 0 == done.returncode, done.stderr
    assert {"s0.nt", "s1.nt"} == {each.name for each in (tmp_path / "own" / "data").iterdir()}


TERMS = strategies.text(max_size=10).map(Literal) | strategies.builds(
    Literal, strategies.text(max_size=10), language=strategies.sampled_from(["en", "zh-Hant"])
)
NODES = strategies.sampled_from([NamedNode("urn:a"), NamedNode("urn:é"), BlankNode("b")])
STATEMENTS = strategies.builds(Triple, NODES, strategies.just(NamedNode("urn:p")), TERMS | NODES)


@settings(deadline=None, max_examples=rounds(25))
@given(strategies.lists(STATEMENTS, min_size=1))
def test_any_statements_come_back_from_a_table(tmp_path_factory, triples):
    graph = canonical.of_triples(triples, f"{EX}g")
    path = tmp_path_factory.mktemp("table") / "t.csv"
    path.write_bytes(b"".join(statements.blocks([graph], {})))
    expected = [Quad(*triple, NamedNode(graph.iri)) for triple in graph.triples()]
    assert expected == list(statements.read(path, "t.csv"))


HEAD = ",".join(statements.COLUMNS).encode() + b"\n"
BROKEN = {
    "empty": b"",
    "other columns": b"a,b,c\n1,2,3\n",
    "too few cells": HEAD + b"urn:a,urn:p\n",
    "too many cells": HEAD + b"urn:a,urn:p,x,literal,urn:d,,,\n",
    "a relative IRI": HEAD + b"a,urn:p,urn:x,iri,,,\n",
    "an IRI with spaces": HEAD + b"urn:a b,urn:p,urn:x,iri,,,\n",
    "a blank predicate": HEAD + b"urn:a,_:p,urn:x,iri,,,\n",
    "no type": HEAD + b"urn:a,urn:p,urn:x,,,,\n",
    "another type": HEAD + b"urn:a,urn:p,urn:x,node,,,\n",
    "no datatype": HEAD + b"urn:a,urn:p,x,literal,,,\n",
    "a broken tag": HEAD + b"urn:a,urn:p,x,literal,,e n,\n",
    "a broken direction": HEAD + b"urn:a,urn:p,x,literal,,ar--up,\n",
    "a broken triple": HEAD + b"urn:a,urn:p,<<( x )>>,triple,,,\n",
    "two triples": HEAD + b"urn:a,urn:p,<urn:x> . <urn:a> <urn:b> <urn:c>,triple,,,\n",
    "no UTF-8": HEAD + b"urn:a,urn:p,\xff,literal,urn:d,,\n",
    "an open quote": HEAD + b'urn:a,urn:p,"x,literal,urn:d,,\n',
    "a broken label": HEAD + b"_:a b,urn:p,urn:x,iri,,,\n",
    "a broken graph": HEAD + b"urn:a,urn:p,urn:x,iri,,,g\n",
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_a_table_that_is_none_is_refused_in_one_line(tmp_path, data):
    path = tmp_path / "broken.csv"
    path.write_bytes(data)
    with pytest.raises(SyntaxProblem) as caught:
        list(statements.read(path, "broken.csv"))
    assert str(caught.value).startswith("broken.csv")
    assert "\n" not in str(caught.value)


def test_a_table_that_is_not_packed_as_it_says_is_refused(tmp_path):
    path = tmp_path / "broken.csv.gz"
    path.write_bytes(gzip.compress(HEAD * 1000)[:-9])
    with pytest.raises(SyntaxProblem, match="cannot be read"):
        list(statements.read(path, "broken.csv.gz"))


@hard
def test_the_hard_terms_in_a_table_are_the_hard_terms(tmp_path):
    graph = canonical.read(HARD, f"{EX}g")
    path = tmp_path / "hard.csv"
    path.write_bytes(b"".join(statements.blocks([graph], {})))
    assert list(graph.triples()) == [quad.triple for quad in statements.read(path, "hard.csv")]
    assert 56 == len({str(quad.triple) for quad in read_rdf(HARD)})
