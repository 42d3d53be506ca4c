"""What is exported of an added file is what the file says, in every syntax."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

import arq
import round_trips
from conftest import SHARED
from dragoman import vocabulary

SCRIPT = Path(round_trips.__file__)
# Spelt as no engine would: numbers, a date, escapes, tags with capitals, a list, blank nodes.
SAYS = {
    '<urn:a> <urn:n> "01"^^<http://www.w3.org/2001/XMLSchema#integer> .',
    '<urn:a> <urn:n> "3.0e0"^^<http://www.w3.org/2001/XMLSchema#double> .',
    '<urn:a> <urn:t> "Ambassad\u00f6r \\"\U0001f30d\\"\\\\"@sv-fi .',
    '<urn:a> <urn:t> "plain" .',
    "<urn:a> <urn:l> _:one .",
    '_:one <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> "x" .',
    f"_:one <{vocabulary.RDF}rest> <{vocabulary.RDF}nil> .",
}
LINES = "\n".join(sorted(SAYS)).replace("sv-fi", "sv-FI") + "\n"
TURTLE = r"""
@prefix u: <urn:> .
@prefix x: <http://www.w3.org/2001/XMLSchema#> .
u:a u:n "01"^^x:integer, 3.0e0 ; u:t 'Ambassadör "\U0001F30D"\\'@sv-FI, "plain" ; u:l ("x") .
"""
RDFXML = """<?xml version="1.0"?>
<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="urn:">
  <r:Description r:about="urn:a" u:t="plain">
    <u:n r:datatype="http://www.w3.org/2001/XMLSchema#integer">01</u:n>
    <u:n r:datatype="http://www.w3.org/2001/XMLSchema#double">3.0e0</u:n>
    <u:t xml:lang="sv-FI">Ambassad\u00f6r "&#x1F30D;"\\</u:t>
    <u:l>
      <r:Description>
        <r:first>x</r:first><r:rest r:resource="http://www.w3.org/1999/02/22-rdf-syntax-ns#nil"/>
      </r:Description>
    </u:l>
  </r:Description>
</r:RDF>
"""
JSONLD = """{
 "@context": {"@vocab": "urn:", "x": "http://www.w3.org/2001/XMLSchema#"},
 "@id": "urn:a",
 "n": [{"@value": "01", "@type": "x:integer"}, {"@value": "3.0e0", "@type": "x:double"}],
 "t": [{"@value": "Ambassad\u00f6r \\"\\ud83c\\udf0d\\"\\\\", "@language": "sv-FI"}, "plain"],
 "l": {"@list": ["x"]}
}
"""
FILES = {
    "given.ttl": TURTLE,
    "given.trig": TURTLE,
    "given.nt": LINES,
    "given.nq": LINES,
    "given.rdf": RDFXML,
    "given.jsonld": JSONLD,
    "given.ttl.gz": TURTLE,
    "given.nt.gz": LINES,
}


@pytest.mark.parametrize("name", FILES)
def test_every_syntax_comes_back_as_it_went_in(tmp_path, name):
    folder = tmp_path / "files"
    folder.mkdir()
    content = FILES[name].encode()
    (folder / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    (trip,) = round_trips.found_in([folder])
    round_trips.there_and_back([trip], tmp_path / "base")
    assert round_trips.recoloured(SAYS) == round_trips.recoloured(trip.lines), trip.said


def test_a_file_whose_graphs_are_no_sources_is_compared_as_it_is_read(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.nq").write_text("<urn:a> <urn:p> <urn:b> <urn:graph> .\n")
    (trip,) = round_trips.found_in([folder])
    round_trips.there_and_back([trip], tmp_path / "base")
    assert (True, (), {"<urn:a> <urn:p> <urn:b> ."}) == (trip.only_read, trip.said, trip.lines)


def test_what_is_refused_or_dropped_is_told(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.ttl").write_text("<urn:a> <urn:p> <urn:b> ; .. .\n")
    (folder / "b.jsonld").write_text('{"@id": "urn:a", "urn:p": "kept", "lost": "x"}')
    refused, told = round_trips.found_in([folder])
    round_trips.there_and_back([refused, told], tmp_path / "base")
    assert round_trips.REFUSED == refused.verdict
    assert "a.ttl:1:" in refused.said[0]
    assert ("the key 'lost' is mapped to no IRI by any context",) == told.said
    assert {'<urn:a> <urn:p> "kept" .'} == told.lines


def test_blank_nodes_are_compared_by_what_is_said_about_them():
    one = {"_:a <urn:p> _:b .", '_:b <urn:p> "_:a" .'}
    same = {"_:x <urn:p> _:y .", '_:y <urn:p> "_:a" .'}
    other = {"_:x <urn:p> _:x .", '_:y <urn:p> "_:a" .'}
    assert round_trips.recoloured(one) == round_trips.recoloured(same)
    assert round_trips.recoloured(one) != round_trips.recoloured(other)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the files in ../shared are not here")
@pytest.mark.skipif(bool(arq.MISSING), reason=arq.WITHOUT_JENA)
def test_public_vocabularies_come_back_as_jena_reads_them():
    # a Java machine has to start: some seconds
    names = ("suites/hard-terms", "data/sem")
    folders = [str(SHARED / name) for name in names]
    done = subprocess.run(
        [sys.executable, SCRIPT, *folders], capture_output=True, text=True, check=False
    )
    assert ["hard-terms", *"1101000"] == done.stdout.split("\n")[1].split()
    assert 0 == done.returncode, done.stdout + done.stderr
