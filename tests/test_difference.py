"""The difference of two graphs: things and facts, whatever the layout of their files."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from conftest import command_in, rounds
from dragoman import additions
from dragoman.additions import difference
from dragoman.base import Base
from dragoman.errors import LimitError
from small_base import DIP, small_base

PREFIXES = (
    f"@prefix dip: <{DIP}> .\n@prefix ex: <https://example.org/> .\n"
    "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
)
EX = "https://example.org/"


def triples(text):
    return [quad.triple for quad in parse((PREFIXES + text).encode(), RdfFormat.TURTLE)]


def compared(old, new):
    return additions.compare(triples(old), triples(new))


def facts(change):
    return [(fact.property.rpartition("/")[2], fact.removed, fact.added) for fact in change.facts]


def test_layout_and_labels_of_blank_nodes_make_no_difference():
    old = "ex:a dip:p 1 , 2 ; dip:q [ dip:r [ dip:s 1 ] ; dip:t 2 ] ."
    new = "_:y dip:s 1 . _:x dip:t 2 ; dip:r _:y . ex:a dip:q _:x ; dip:p 2 . ex:a dip:p 1 ."
    assert compared(old, new).same


def test_a_value_that_changed_is_told_with_the_old_and_the_new_one():
    (change,) = compared("ex:a dip:p 1 ; dip:q 5 .", "ex:a dip:p 2 ; dip:q 5 .").things
    integer = "^^<http://www.w3.org/2001/XMLSchema#integer>"
    assert (f"{EX}a", "changed") == (change.thing, change.change)
    assert [("p", (f'"1"{integer}',), (f'"2"{integer}',))] == facts(change)


def test_things_that_came_and_went_are_told_with_their_names():
    old = 'ex:a skos:prefLabel "Ä"@de , "A"@en . ex:b dip:p ex:a .'
    found = compared(old, 'ex:b dip:p ex:a . ex:c skos:prefLabel "C"@en .')
    assert [("removed", "A"), ("added", "C")] == [
        (each.change, each.label) for each in found.things
    ]
    assert {"added": 1, "changed": 0, "removed": 1} == found.counts


def test_the_spelling_of_a_literal_is_a_difference():
    assert not compared("ex:a dip:p 1 .", "ex:a dip:p 01 .").same
    assert not compared('ex:a dip:p "x"@en .', 'ex:a dip:p "x"@en-GB .').same


def test_a_change_inside_of_a_blank_node_is_one_of_the_thing_that_has_it():
    old = "ex:a dip:q [ dip:r 1 ] , [ dip:r 7 ] . ex:b dip:q [ dip:r 1 ] ."
    (change,) = compared(old, old.replace("7", "8")).things
    ((name, removed, added),) = facts(change)
    assert (f"{EX}a", "q", 1, 1) == (change.thing, name, len(removed), len(added))
    assert removed[0].startswith(f"[ <{DIP}r> ")
    assert '"8"' in added[0]


def test_blank_nodes_that_are_alike_are_counted():
    one, two = "ex:a dip:q [ dip:r 1 ] .", "ex:a dip:q [ dip:r 1 ] , [ dip:r 1 ] ."
    assert compared(two, two).same
    (change,) = compared(one, two).things
    assert (0, 1) == (len(change.facts[0].removed), len(change.facts[0].added))


def test_a_blank_node_that_nothing_refers_to_is_a_thing():
    (change,) = compared("[] dip:p 1 .", "[] dip:p 1 . [] dip:p 2 .").things
    assert ("added", f"[ <{DIP}p> ") == (change.change, change.thing[: len(DIP) + 6])


def test_circles_of_blank_nodes_end():
    old = "_:a dip:p _:b . _:b dip:p _:a ; dip:q 1 . ex:a dip:r _:a ."
    assert compared(old, old.replace("_:a", "_:z")).same
    (change,) = compared(old, old.replace("dip:q 1", "dip:q 2")).things
    assert f"{EX}a" == change.thing


TERMS = st.sampled_from(
    [NamedNode(f"{EX}{name}") for name in "abc"] + [BlankNode(name) for name in ("x", "y", "z")]
)
GRAPHS = st.lists(
    st.builds(
        Triple,
        TERMS,
        st.sampled_from([NamedNode(f"{DIP}{name}") for name in "pq"]),
        st.one_of(TERMS, st.sampled_from([Literal("1"), Literal("2")])),
    ),
    max_size=8,
)


def renamed(graph):
    def other(term):
        return BlankNode(f"{term.value}o") if isinstance(term, BlankNode) else term

    return [Triple(other(each.subject), each.predicate, other(each.object)) for each in graph]


@settings(max_examples=rounds(10), deadline=None)
@given(GRAPHS)
def test_a_graph_is_the_same_as_itself_with_other_labels(graph):
    assert additions.compare(graph, reversed(renamed(graph))).same


@settings(max_examples=rounds(10), deadline=None)
@given(GRAPHS, st.integers(0, 7))
def test_one_triple_less_of_named_things_is_one_fact_less(graph, number):
    named = [each for each in dict.fromkeys(graph) if "_:" not in str(each)]
    if not named:
        return
    gone = named[number % len(named)]
    (change,) = additions.compare(graph, [each for each in graph if each != gone]).things
    assert [(gone.predicate.value, (str(gone.object),), ())] == [
        tuple(each) for each in change.facts
    ]
    assert gone.subject.value == change.thing


def test_blank_nodes_that_take_too_long_are_given_up():
    clique = " ".join(f"_:n{a} dip:p _:n{b} ." for a in range(11) for b in range(11) if a != b)
    graph = triples(clique)
    with pytest.raises(LimitError, match="Matching the blank nodes took longer than 1 s"):
        additions.compare(graph, graph, 1)


# ------------------------------------------------------------------ the command


@pytest.fixture
def run(tmp_path):
    small_base(tmp_path / "base")
    return command_in(tmp_path, "--base", "base", "diff")


def test_the_command_tells_things_and_facts(run, tmp_path):
    text = (tmp_path / "base" / "data" / "persons.ttl").read_text()
    (tmp_path / "new.ttl").write_text(text.replace("Anna", "Anne") + "ex:b a dip:Person .\n")
    out, said = run("persons", "new.ttl", ended=1)
    assert out.splitlines() == [
        "~ <https://example.org/anna>",
        '    dip:name  "Anna" → "Anne"',
        "+ <https://example.org/b>",
        "    <http://www.w3.org/1999/02/22-rdf-syntax-ns#type>  dip:Person",
    ]
    assert "Things: 1 added, 1 changed.\n" == said


def test_what_is_the_same_ends_with_0(run):
    assert ("", "Both say the same.\n") == run("persons", "base/data/persons.ttl")
    assert ("", "Both say the same.\n") == run("base", "base")


def test_programs_get_json(run, tmp_path):
    (tmp_path / "a.nt").write_text(f'<{EX}a> <{DIP}name> "a" .\n')
    (tmp_path / "b.jsonld").write_text(json.dumps({"@id": f"{EX}a", f"{DIP}name": "b"}))
    told = json.loads(run("a.nt", "b.jsonld", "-f", "json", ended=1)[0])
    assert told == {
        "same": False,
        "counts": {"added": 0, "changed": 1, "removed": 0},
        "things": [
            {
                "thing": f"{EX}a",
                "label": "",
                "change": "changed",
                "facts": [{"property": f"{DIP}name", "removed": ['"a"'], "added": ['"b"']}],
            }
        ],
    }


def test_what_cannot_be_compared_ends_with_2(run, tmp_path):
    (tmp_path / "bad.ttl").write_text("nonsense")
    for arguments, said in (
        (["persons", "nothing"], "There is no source 'nothing'"),
        (["persons", "bad.ttl"], "bad.ttl:1:"),
        (["persons", "persons", "-f", "xml"], "format of a difference"),
    ):
        out, error = run(*arguments, ended=2)
        assert ("", 1) == (out, error.count("\n"))
        assert said in error


def test_the_base_of_a_file_is_its_own_address_or_the_one_that_is_told(tmp_path):
    text = "<#talks> <urn:of> <> ."
    one, two = tmp_path / "one.ttl", tmp_path / "two.ttl"
    for path in (one, two):
        path.write_text(text)
    (alone,) = difference.side(str(one), Base)
    assert f"{one.as_uri()}#talks" == alone.subject.value
    told = [difference.side(str(each), Base, "https://example.org/") for each in (one, two)]
    assert difference.compare(*told).same
    assert not difference.compare([alone], difference.side(str(two), Base)).same
