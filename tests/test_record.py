"""The record: what the rules derive."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pyshacl
import pytest
import rdflib
from pyoxigraph import DefaultGraph, NamedNode, Quad

import dragoman as api
import random_changes
from conftest import rounds, run, with_stores
from dragoman import index, record, store, syntax, vocabulary
from dragoman.base import ONTOLOGY, Base, find_base, marker_text
from dragoman.errors import DragomanError
from dragoman.record import changing, deriving

ROOT = Path(__file__).resolve().parents[1]
BASE = Base(ROOT, "test")
RULES = record.rules(BASE)
RECORD = NamedNode(vocabulary.RECORD_GRAPH)


def test_there_are_rules():
    assert [] != RULES
    assert {path.stem for path in (ROOT / "shapes" / "rules").glob("*.ttl")} == {
        rule.path.stem for rule in RULES
    }


@pytest.mark.quick
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.path.stem)
def test_a_rule_derives_what_its_example_says(rule):
    facts = ROOT / "tests" / "rules" / f"{rule.path.stem}.ttl"
    follows = ROOT / "tests" / "rules" / f"{rule.path.stem}-record.ttl"
    index = store.load(BASE, ONTOLOGY).store
    index.extend(Quad(*quad.triple, DefaultGraph()) for quad in syntax.read_rdf(facts))
    record.derived(index, record.Rules(tuple(each for each in RULES if each.order < rule.order)))
    before = {quad.triple for quad in index.quads_for_pattern(None, None, None, RECORD)}
    record.derived(index, record.Rules((rule,)))
    after = {quad.triple for quad in index.quads_for_pattern(None, None, None, RECORD)}
    assert {quad.triple for quad in syntax.read_rdf(follows)} == after - before


def test_the_rules_are_of_the_form_that_keeps_their_record_true():
    assert () == record.read(BASE).faults
    assert [] == [rule.name for rule in RULES if rule.question is None]


def test_the_properties_that_rules_write_are_declared_and_not_those_of_accounts():
    said = [quad.triple for each in BASE.sources(ONTOLOGY) for quad in syntax.read_rdf(each.path)]
    declared = {each.subject.value for each in said if isinstance(each.subject, NamedNode)}
    written = set().union(*(rule.query.terms_written for rule in RULES))
    written = {each for each in written if each.startswith(vocabulary.DIP)}
    assert set() == written - declared
    in_files = {
        quad.predicate.value for each in BASE.sources() for quad in syntax.read_rdf(each.path)
    }
    assert set() == written & in_files


# ------------------------------------------------------------------ a base with rules of its own

FACTS = "<urn:a> <urn:p> 1 , 2 . <urn:b> <urn:p> 3 .\n"
LARGEST = (
    "{ SELECT $this (MAX(?n) AS ?most) { $this <urn:p> ?n } GROUP BY $this HAVING (COUNT(?n) > 0) }"
)


def rule(name: str, construct: str, order: float = 1, target: str = "<urn:p>") -> str:
    return f"""@prefix rule: <{vocabulary.RULE}> .
@prefix sh: <{vocabulary.SH}> .

rule:{name}
    a sh:NodeShape ;
    sh:targetSubjectsOf {target} ;
    sh:order {order} ;
    sh:rule rule:{name}-construct ;
    .

rule:{name}-construct
    a sh:SPARQLRule ;
    sh:order {order} ;
    sh:construct \"\"\"{construct}\"\"\" ;
    .
"""


@pytest.fixture
def own(root):
    """A small base with facts and a rule of its own."""
    put(root, "data/facts.ttl", FACTS)
    put(
        root,
        "shapes/rules/most.ttl",
        rule("most", f"CONSTRUCT {{ $this <urn:most> ?most }} WHERE {{ {LARGEST} }}"),
    )
    return root


def put(root: Path, name: str, text: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def put_rule(root: Path, name: str, construct: str, order: float = 1, target: str = "<urn:p>"):
    return put(root, f"shapes/rules/{name}.ttl", rule(name, construct, order, target))


def rows(base: Path, text: str, *options: str) -> list[str]:
    code, out, err = run(base, "query", "-f", "csv", *options, "-e", text)
    assert code == 0, err
    return out.splitlines()[1:]


MOST = "SELECT ?s ?n { ?s <urn:most> ?n } ORDER BY ?s"


@pytest.mark.parametrize("size", ["memory", "disk"])
def test_a_question_sees_what_rules_derive_and_may_leave_it_out(own, size, monkeypatch):
    monkeypatch.setenv("DRAGOMAN_INDEX_FROM", "0" if size == "disk" else "")
    graph = f"SELECT ?s {{ GRAPH <{vocabulary.RECORD_GRAPH}> {{ ?s ?p ?o }} }} ORDER BY ?s"
    assert ["urn:a,2", "urn:b,3"] == rows(own, MOST)
    assert ["urn:a", "urn:b"] == rows(own, graph)
    assert [] == rows(own, MOST, "--no-record")
    assert ["3"] == rows(own, "SELECT (COUNT(*) AS ?n) { ?s <urn:p> ?o }", "--no-record")


@pytest.mark.parametrize("size", ["memory", "disk"])
def test_the_record_is_no_file(own, size, monkeypatch):
    monkeypatch.setenv("DRAGOMAN_INDEX_FROM", "0" if size == "disk" else "")
    opened = api.open(own)
    assert vocabulary.RECORD_GRAPH not in opened.store.graphs()
    assert vocabulary.RECORD_GRAPH not in {quad.graph_name.value for quad in opened.store.quads()}
    assert b"urn:most" not in opened.export(format="nquads").content
    assert "urn:most" not in run(own, "stats", "-f", "csv")[1]


def test_the_record_is_derived_once_and_kept(own, monkeypatch):
    age(own)
    assert ["urn:a,2", "urn:b,3"] == rows(own, MOST)
    monkeypatch.setattr(record.deriving, "derived", None)
    assert ["urn:a,2", "urn:b,3"] == rows(own, MOST)


def test_the_record_is_derived_anew_when_a_file_or_a_rule_changes_or_what_is_kept_is_damaged(own):
    age(own)
    assert ["urn:a,2", "urn:b,3"] == rows(own, MOST)
    put(own, "data/facts.ttl", FACTS + "<urn:a> <urn:p> 4 .\n")
    assert ["urn:a,4", "urn:b,3"] == rows(own, MOST)
    put_rule(own, "most", "CONSTRUCT { $this <urn:most> 0 } WHERE { $this <urn:p> ?any }")
    assert ["urn:a,0", "urn:b,0"] == rows(own, MOST)
    age(own)
    assert ["urn:a,0", "urn:b,0"] == rows(own, MOST)
    kept = own / ".dragoman" / "record.nq"
    kept.write_bytes(kept.read_bytes()[:-20])
    assert ["urn:a,0", "urn:b,0"] == rows(own, MOST)


def age(root: Path) -> None:
    """Make all files old, so that no later change can bear their times."""
    for path in root.rglob("*"):
        if path.is_file():
            past = path.stat().st_mtime_ns - 10**11
            os.utime(path, ns=(past, past))
    time.sleep(2.1)  # the time of the last change of an inode cannot be set


def test_an_index_of_other_rules_has_its_record_made_anew_and_says_so(own, monkeypatch):
    monkeypatch.setenv("DRAGOMAN_INDEX_FROM", "0")
    assert ["urn:a,2", "urn:b,3"] == rows(own, MOST)
    put_rule(own, "most", "CONSTRUCT { $this <urn:most> 0 } WHERE { $this <urn:p> ?any }")
    assert "the rules of the record" in run(own, "status")[1]
    _, out, err = run(own, "query", "-f", "csv", "-e", MOST)
    assert ["urn:a,0", "urn:b,0"] == out.splitlines()[1:]
    assert "The rules are not those of its record" in err
    assert () == index.check(find_base(own)).problems
    assert "up to the files" in run(own, "status")[1]


def test_a_base_without_rules_has_no_record(root, monkeypatch):
    monkeypatch.setenv("DRAGOMAN_INDEX_FROM", "0")
    shutil.rmtree(root / "shapes" / "rules", ignore_errors=True)
    assert [] == rows(root, f"SELECT ?s {{ GRAPH <{vocabulary.RECORD_GRAPH}> {{ ?s ?p ?o }} }}")
    assert () == index.check(find_base(root)).problems


# ------------------------------------------------------------------ the form of a rule

WELL = "CONSTRUCT { $this <urn:q> ?n } WHERE { $this <urn:p> ?n }"
UNFIT = {
    "is not one CONSTRUCT": "SELECT $this { $this <urn:p> ?n }",
    "SERVICE": "CONSTRUCT { $this <urn:q> ?n } WHERE { SERVICE <http://x/> { $this <urn:p> ?n } }",
    "LOAD is refused": "LOAD <http://x/>",
    "not SPARQL": "CONSTRUCT { $this <urn:q> ?n } WHERE { $this <urn:p> }",
    "uses VALUES": "CONSTRUCT { $this <urn:q> ?n } WHERE { VALUES ?n { 1 } $this <urn:p> ?n }",
    "uses MINUS": f"{WELL[:-1]} MINUS {{ $this <urn:r> ?n }} }}",
    "uses LIMIT": f"{WELL} LIMIT 1",
    "uses UUID": "CONSTRUCT { $this <urn:q> ?n } WHERE { $this <urn:p> ?m BIND (UUID() AS ?n) }",
    "has no template": "CONSTRUCT WHERE { $this <urn:p> ?n }",
    "property that is not constant": "CONSTRUCT { $this ?q ?n } WHERE { $this ?q ?n }",
    "class that is not constant": "CONSTRUCT { $this a ?n } WHERE { $this <urn:p> ?n }",
    "writes of ?n, which is not its own": WELL.replace("$this <urn:q> ?n", "?n <urn:q> $this"),
    "writes of <urn:x>, which": "CONSTRUCT { <urn:x> <urn:q> $this } WHERE { $this <urn:p> ?n }",
    "writes a blank node": "CONSTRUCT { $this <urn:q> [ <urn:r> ?n ] } WHERE { $this <urn:p> ?n }",
    "?m stands in CONSTRUCT and nowhere": WELL.replace("?n", "?m", 1),
    "does not group by $this": (
        "CONSTRUCT { $this <urn:q> ?m } WHERE { $this <urn:p> ?n "
        "{ SELECT (MAX(?x) AS ?m) { ?y <urn:p> ?x } } }"
    ),
    "has no HAVING": (
        "CONSTRUCT { $this <urn:q> ?m } WHERE "
        "{ SELECT $this (MAX(?x) AS ?m) { $this <urn:p> ?x } GROUP BY $this }"
    ),
    "FILTER uses ?n, which its own group does not bind": (
        "CONSTRUCT { $this <urn:q> ?n } WHERE { $this <urn:p> ?n "
        "{ $this <urn:r> ?m FILTER (?m < ?n) } UNION { $this <urn:s> ?m } }"
    ),
    "EXISTS stands in a filter with ||": (
        "CONSTRUCT { $this <urn:q> ?n } WHERE { $this <urn:p> ?n "
        "FILTER (?n > 1 || EXISTS { $this <urn:r> ?m }) }"
    ),
    "reads any property": "CONSTRUCT { $this <urn:q> ?n } WHERE { $this ?any ?n }",
    "any property, and so": "CONSTRUCT { $this <urn:q> ?n } WHERE { $this !<urn:q> ?n }",
    "which itself writes": "CONSTRUCT { $this <urn:q> ?n } WHERE { $this <urn:q>/<urn:p> ?n }",
}


@pytest.mark.parametrize("problem", UNFIT)
def test_a_rule_of_another_form_is_named_with_file_and_line_and_the_base_opens_without_it(
    own, problem
):
    put_rule(own, "other", UNFIT[problem])
    (fault,) = record.read(find_base(own)).faults
    assert problem in fault.problem
    assert (own / "shapes/rules/other.ttl", True) == (fault.path, fault.line in {4, 11})
    _, out, err = run(own, "query", "-f", "csv", "-e", MOST)
    assert ["urn:a,2", "urn:b,3"] == out.splitlines()[1:]
    assert "left out of the record" in err


SHAPES = {
    "sh:condition is not carried out": "sh:condition rule:c ; sh:targetClass <urn:C> ; sh:order 1",
    "it aims at nothing": "sh:order 1",
    "one sh:order": "sh:targetClass <urn:C> ; sh:order 2",
    "sh:targetNode is not carried out": "sh:targetNode <urn:a> ; sh:order 1",
}


@pytest.mark.parametrize("problem", SHAPES)
def test_the_shape_of_a_rule_has_a_form_too(own, problem):
    text = rule("other", WELL).replace(
        "sh:targetSubjectsOf <urn:p> ;\n    sh:order 1", SHAPES[problem], 1
    )
    put(own, "shapes/rules/other.ttl", text)
    (fault,) = record.read(find_base(own)).faults
    assert problem in fault.problem


def test_rules_that_contradict_each_other_or_need_what_is_left_out_are_left_out(own):
    put_rule(own, "second", WELL.replace("urn:q", "urn:most"), 2)
    put_rule(own, "same", WELL.replace("<urn:p>", "<urn:most>"), 1)
    put_rule(own, "wrong", "CONSTRUCT { $this <urn:w> ?n } WHERE { $this <urn:p> ?n } LIMIT 1")
    put_rule(own, "needs", "CONSTRUCT { $this <urn:x> ?n } WHERE { $this <urn:w> ?n }", 3)
    put_rule(own, "further", "CONSTRUCT { $this <urn:y> ?n } WHERE { $this <urn:x> ?n }", 4)
    found = {fault.path.stem: fault.problem for fault in record.read(find_base(own)).faults}
    assert ["most"] == [each.path.stem for each in record.rules(find_base(own))]
    assert "which rule:most writes, too" in found["second"]
    assert "which rule:most of order 1 writes: a rule of order 1 reads only" in found["same"]
    assert "uses LIMIT" in found["wrong"]
    assert "which rule:wrong-construct writes, and that is left out" in found["needs"]
    assert "which rule:needs writes, and that is left out" in found["further"]


@pytest.fixture
def layered(tmp_path):
    """A base of one's own, over the packaged rules."""
    put(tmp_path, "dragoman.toml", marker_text())
    return tmp_path


def test_of_two_rules_that_write_one_term_the_packaged_one_stays(layered):
    text = "CONSTRUCT { $this dip:standing ?n } "
    put_rule(layered, "ours", text + "WHERE { $this <urn:p> ?n }")
    found = record.read(find_base(layered))
    assert ["ours"] == [each.path.stem for each in found.faults]
    assert "writes dip:standing, which rule:standing writes, too" in found.faults[0].problem
    assert "standing" in {each.path.stem for each in found.all}


@pytest.mark.parametrize(
    "text", ["not Turtle", rule("standing", "SELECT * { $this <urn:p> ?n }"), "<urn:a> <urn:b> 1 ."]
)
def test_what_needs_a_rule_that_a_wrong_file_hides_is_left_out_with_it(layered, text):
    put(layered, "shapes/rules/standing.ttl", text)
    found = record.read(find_base(layered))
    faults = {each.path.stem: each.problem for each in found.faults}
    assert {"standing", "event-days", "fates", "due-turns"} <= faults.keys()
    assert "it reads dip:standing, which" in faults["event-days"]
    assert "days" in {each.path.stem for each in found.all}


def test_a_rule_reads_where_things_come_from_only_as_lower_orders_say_it(layered):
    node = 'BIND (IRI(CONCAT(STR($this), "/record/part/", STR(?n))) AS ?node)'
    made = "CONSTRUCT { ?node <urn:of> ?n ; prov:wasDerivedFrom $this }"
    put_rule(layered, "parts", f"{made} WHERE {{ $this <urn:p> ?n . {node} }}", 20)
    read = "CONSTRUCT { $this <urn:from> ?n } WHERE { ?n prov:wasDerivedFrom $this }"
    for order, faults in ((20, ["reads"]), (21, [])):
        put_rule(layered, "reads", read, order)
        found = record.read(find_base(layered)).faults
        assert faults == [each.path.stem for each in found]
        assert all("rule:parts of order 20 writes" in each.problem for each in found)


def test_a_rule_file_that_cannot_be_read_is_said_where_the_record_is_kept(own):
    age(own)
    assert ["urn:a,2", "urn:b,3"] == rows(own, MOST)
    (own / "shapes/rules/gone.ttl").symlink_to(own / "nothing.ttl")
    _, out, err = run(own, "query", "-f", "csv", "-e", MOST)
    assert ["urn:a,2", "urn:b,3"] == out.splitlines()[1:]
    assert "gone.ttl" in err


def test_a_rule_that_does_not_parse_is_left_out(own):
    put(own, "shapes/rules/other.ttl", "not Turtle")
    (fault,) = record.read(find_base(own)).faults
    assert 1 == fault.line
    assert ["urn:a,2", "urn:b,3"] == rows(own, MOST)


# Seconds, but not more: a query cannot be stopped, and would slow all tests behind it.
MANY = " ".join(f"?a{each} <urn:p> ?c{each} ." for each in range(15))


def test_a_rule_that_takes_too_long_is_left_out_with_what_needs_it(own):
    slow = f"CONSTRUCT {{ $this <urn:q> ?n }} WHERE {{ $this <urn:p> ?n . {MANY} "
    put_rule(own, "slow", f"{slow} FILTER (?c1 = ?c3) }}")
    put_rule(own, "needs", "CONSTRUCT { $this <urn:x> ?n } WHERE { $this <urn:q> ?n }", 3)
    base = find_base(own)
    loaded = store.load(base)
    done = record.derived(loaded.store, record.read(base), 0.1)
    assert ["most"] == [each.path.stem for each in done.all]
    assert {"slow", "needs"} == {each.path.stem for each in done.faults}
    assert "it ran longer than 0.1 s" in str(done.faults)


@pytest.mark.parametrize("size", ["memory", "disk"])
def test_a_change_does_not_wait_for_a_rule_that_takes_too_long(own, size, monkeypatch, tmp_path):
    monkeypatch.setenv("DRAGOMAN_INDEX_FROM", "0" if size == "disk" else "")
    slow = f"CONSTRUCT {{ $this <urn:q> ?n }} WHERE {{ $this <urn:p> ?n . {MANY} "
    put_rule(own, "slow", f"{slow} FILTER (?c1 = ?c3) }}")
    derived, on_disk = deriving.derived, deriving.derived_on_disk
    monkeypatch.setattr(deriving, "derived", lambda *told: derived(*told[:2], 1))
    monkeypatch.setattr(
        record, "derived_on_disk", lambda *told: on_disk(*told[:2], 1, told[3]), raising=False
    )
    opened = api.open(own)
    asked = []
    real = changing.changed
    monkeypatch.setattr(
        changing,
        "changed",
        lambda rules, *told: asked.append([each.node for each in rules]) or real(rules[:0], *told),
    )
    monkeypatch.setattr(record, "changed", changing.changed, raising=False)
    file = put(tmp_path, "more.ttl", "<urn:c> <urn:p> 7 .")
    opened.validate([file])
    assert [[f"{vocabulary.RULE}most"]] == asked


def test_validation_and_verify_say_that_a_rule_is_left_out(own):
    put_rule(own, "other", f"{WELL} LIMIT 1")
    code, out, _ = run(own, "validate")
    assert 1 == code
    assert "uses LIMIT" in out
    assert "other.ttl:11" in out
    assert 1 == run(own, "verify")[0]


# ------------------------------------------------------------------ kept true

SMALL = """@prefix sh: <http://www.w3.org/ns/shacl#> .
<urn:small> a sh:NodeShape ; sh:targetSubjectsOf <urn:most> ; sh:property <urn:small-most> .
<urn:small-most> a sh:PropertyShape ; sh:path <urn:most> ; sh:maxInclusive 5 ; sh:message "big"@en .
"""


def test_what_a_change_changes_in_the_record_is_worked_out_once(own, monkeypatch, tmp_path):
    monkeypatch.setenv("DRAGOMAN_INDEX_FROM", "0")
    rows(own, MOST)
    worked: list[int] = []
    real = changing.changed
    monkeypatch.setattr(changing, "changed", lambda *told: worked.append(len(told)) or real(*told))
    code, _, err = run(own, "add", str(put(tmp_path, "more.ttl", "<urn:a> <urn:p> 7 .\n")))
    assert (0, 1) == (code, len(worked)), err
    assert ["urn:a,7", "urn:b,3"] == rows(own, MOST)


def test_a_change_by_hand_changes_the_record_of_an_index_on_disk(own, monkeypatch):
    monkeypatch.setenv("DRAGOMAN_INDEX_FROM", "0")
    assert ["urn:a,2", "urn:b,3"] == rows(own, MOST)
    monkeypatch.setattr(record.deriving, "derived", None)  # the cost of the change
    put(own, "data/more.ttl", "<urn:a> <urn:p> 7 .\n<urn:c> <urn:p> 1 .\n")
    assert ["urn:a,7", "urn:b,3", "urn:c,1"] == rows(own, MOST)
    put(own, "data/more.ttl", "<urn:a> <urn:p> 2 .\n")
    assert ["urn:a,2", "urn:b,3"] == rows(own, MOST)
    (own / "data/more.ttl").unlink()
    (own / "data/facts.ttl").unlink()
    assert [] == rows(own, MOST)
    monkeypatch.undo()
    monkeypatch.setenv("DRAGOMAN_INDEX_FROM", "0")
    assert () == index.check(find_base(own)).problems


def test_adding_replacing_and_removing_keep_the_record_true(own, monkeypatch, tmp_path):
    monkeypatch.setenv("DRAGOMAN_INDEX_FROM", "0")
    opened = api.open(own)
    file = tmp_path / "more.ttl"
    for text, found in (
        ("<urn:a> <urn:p> 7 . <urn:b> <urn:p> 1 .\n", ["urn:a,7", "urn:b,3"]),
        ("<urn:a> <urn:p> 1 . <urn:c> <urn:p> 1 .\n", ["urn:a,2", "urn:b,3", "urn:c,1"]),
    ):
        file.write_text(text)
        assert opened.add(file, replace=True, allow=("violation", "no terms of ours")).done
        assert found == rows(own, MOST)
        assert () == index.check(find_base(own)).problems
    assert opened.remove("more").done
    assert ["urn:a,2", "urn:b,3"] == rows(own, MOST)
    assert () == index.check(find_base(own)).problems


@pytest.mark.parametrize("engine", ["auto", "reference"])
def test_a_shape_may_read_the_record(own, engine, tmp_path):
    put(own, "shapes/small.ttl", SMALL)

    def big(found) -> list[str]:
        return [each.focus.value for each in found.findings if "big" in str(each.messages)]

    file = tmp_path / "more.ttl"
    opened = api.open(own)
    assert [] == big(opened.validate(engine=engine))
    file.write_text("<urn:a> <urn:p> 7 . <urn:c> <urn:p> 1 .\n")
    assert ["urn:a"] == big(opened.validate([file], engine=engine))
    put(own, "data/more.ttl", file.read_text())
    assert ["urn:a"] == big(api.open(own).validate(engine=engine))
    # a file of the base is compared with the base that lacks it
    assert ["urn:a"] == big(api.open(own).validate([own / "data/more.ttl"], engine=engine))
    file.write_text("<urn:b> <urn:p> 9 .\n")
    assert ["urn:b"] == big(api.open(own).validate([file], engine=engine))


def test_a_triple_goes_with_the_last_node_that_it_follows_from(own):
    put_rule(
        own,
        "parts",
        """
        CONSTRUCT { ?node a <urn:Part> ; <urn:of> ?n }
        WHERE {
            $this <urn:p> ?n .
            BIND (IRI(CONCAT(STR($this), "/record/part/", STR(?n))) AS ?node)
        }
    """,
    )
    put(own, "data/facts.ttl", "<urn:a> <urn:p> 1 . <urn:a/record/part/1> <urn:p> 5 .\n")
    base = find_base(own)
    assert [] == list(random_changes.differences(base, 1, 60, own / "data"))


def test_the_record_that_is_kept_is_the_one_made_anew_after_random_changes():
    world = ROOT / "tests" / "world"
    assert [] == list(random_changes.differences(BASE, 7, rounds(40), world, every=5))


# ------------------------------------------------------------------ out of the base


def test_an_export_has_the_record_where_it_is_asked_for(own):
    code, out, _ = run(own, "export", "--record", "-f", "nquads")
    record_graph = f"<{vocabulary.RECORD_GRAPH}>"
    assert 0 == code
    assert [
        f'<urn:a> <urn:most> "2"^^<{vocabulary.XSD_INTEGER}> {record_graph} .',
        f'<urn:b> <urn:most> "3"^^<{vocabulary.XSD_INTEGER}> {record_graph} .',
    ] == [line for line in out.splitlines() if record_graph in line]


def test_the_rules_are_exported_with_the_shapes(own):
    assert "shapes/rules/most" in run(own, "export", "--only", "shapes", "-f", "nquads")[1]


def test_a_push_brings_the_record_and_a_question_there_says_where_it_is_absent_or_old(
    own, oxigraph_server
):
    oxigraph_server.clear()
    with_stores(own, f'[stores.there]\nurl = "{oxigraph_server.url}"\nkind = "oxigraph"\n')
    asked = ("query", "--endpoint", "there", "-f", "csv", "-e", MOST)
    assert 0 == run(own, "push", "there", "--no-record")[0]
    _, out, err = run(own, *asked)
    assert [] == out.splitlines()[1:]
    assert "the store holds none. Bring it there: dragoman push" in err
    code, out, _ = run(own, "push", "there")
    assert 0 == code
    assert "record" in out
    _, out, err = run(own, *asked)
    assert ["urn:a,2", "urn:b,3"] == out.splitlines()[1:]
    assert "record" not in err
    put(own, "data/more.ttl", "<urn:a> <urn:p> 7 .\n")
    assert 0 == run(own, "push", "there", "--source", "more")[0]
    assert "it may be older than these" in run(own, *asked)[2]
    put_rule(own, "most", "CONSTRUCT { $this <urn:most> 0 } WHERE { $this <urn:p> ?any }")
    assert "was derived by other rules" in run(own, *asked)[2]


def test_rules_in_a_shapes_graph_of_ones_own_are_carried_out_as_pyshacl_does(tmp_path):
    data, shapes = tmp_path / "data.ttl", tmp_path / "shapes.ttl"
    data.write_text("<urn:a> <urn:p> 1 , 7 . <urn:b> <urn:p> 3 .\n")
    most = rule("most", f"CONSTRUCT {{ $this <urn:most> ?most }} WHERE {{ {LARGEST} }}")
    shapes.write_text(f"{SMALL}\n{most}")
    found = api.open().validate([data], shapes=[shapes])
    assert ["urn:a"] == [each.focus.value for each in found.findings]
    conforms, _, text = pyshacl.validate(str(data), shacl_graph=str(shapes), advanced=True)
    assert (False, 1) == (conforms, text.count("Constraint Violation in"))
    shapes.write_text(f"{SMALL}\n{most.replace('WHERE', 'WHERE { VALUES ?x { 1 } } #')}")
    with pytest.raises(DragomanError, match="rule"):
        api.open().validate([data], shapes=[shapes])


def test_the_record_is_what_pyshacl_derives(own):
    """A node a rule makes, a sub-select, and a rule that reads what another writes."""
    put_rule(
        own,
        "parts",
        "CONSTRUCT { ?node a <urn:Part> ; <urn:of> ?n } WHERE { $this <urn:p> ?n . "
        'BIND (IRI(CONCAT(STR($this), "/record/part/", STR(?n))) AS ?node) }',
    )
    put_rule(own, "next", "CONSTRUCT { $this <urn:next> ?n } WHERE { $this <urn:most> ?n }", 2)
    base = find_base(own)
    loaded = store.load(base)
    facts = rdflib.Graph().parse(own / "data/facts.ttl")
    rules = rdflib.Graph()
    for each in base.rules():
        rules.parse(each.path)
    theirs = pyshacl.shacl_rules(facts, shacl_graph=rules, inplace=False, advanced=True)
    record.derived(loaded.store, record.read(base))
    ours = {q.triple for q in loaded.store.quads_for_pattern(None, None, None, RECORD)}
    assert 10 == len(ours)
    found = {tuple(map(str, each[:3])) for each in theirs}
    assert found - {tuple(map(str, each)) for each in facts} == {
        tuple(each.value for each in triple) for triple in ours
    }


# ------------------------------------------------------------------ where it comes from

TOLD = f"""
@prefix dip: <{vocabulary.DIP}> .
<urn:first> dip:about <urn:thing> ; <urn:says> 1 .
<urn:second> dip:about <urn:thing> ; <urn:says> 2 .
<urn:third> dip:about <urn:other> ; <urn:says> 9 .
"""
SAID = f"""
    CONSTRUCT {{ $this <urn:largest> ?most }}
    WHERE {{
        {{
            SELECT $this (MAX(?n) AS ?most)
            WHERE {{ ?account <{vocabulary.ABOUT}> $this ; <urn:says> ?n }}
            GROUP BY $this
            HAVING (COUNT(?n) > 0)
        }}
    }}
"""


@pytest.fixture
def told(own):
    put(own, "data/told.ttl", TOLD)
    text = rule("largest", SAID).replace(
        "targetSubjectsOf <urn:p>", f"targetObjectsOf <{vocabulary.ABOUT}>", 1
    )
    put(own, "shapes/rules/largest.ttl", text)
    put_rule(
        own,
        "twice",
        "CONSTRUCT { $this <urn:twice> ?n } WHERE { $this <urn:largest> ?m BIND (2 * ?m AS ?n) }",
        2,
        "<urn:largest>",
    )
    return own


def test_a_derived_fact_has_its_rule_and_the_accounts_from_which_alone_it_follows(told):
    opened = api.open(told)
    found = opened.show("<urn:thing>").derived
    assert [
        ("urn:largest", "2", "rule/largest", ["urn:second"]),
        ("urn:twice", "4", "rule/twice", ["urn:second"]),
    ] == [
        (
            each.property.term.value,
            each.value.text,
            each.rule.term.value.removeprefix(vocabulary.BASE),
            [account.term.value for account in each.accounts],
        )
        for each in found
    ]
    code, out, _ = run(told, "show", "<urn:thing>")
    assert 0 == code
    assert "WHAT FOLLOWS BY RULES" in out


def test_an_explained_answer_names_the_rule_and_the_accounts_of_what_it_shows(told):
    text = "SELECT ?thing ?most { ?thing <urn:largest> ?most } ORDER BY ?thing"
    _, _, err = run(told, "query", "--explain", "-f", "csv", "-e", text)
    assert "from urn:second" in err or "from <urn:second>" in err
    assert "<<" not in err
    assert "from urn:third" in err or "from <urn:third>" in err


def test_what_rules_write_is_declared_as_such_and_nothing_else_is():
    ontology = [source.path for source in BASE.sources(ONTOLOGY)]
    _, derived = syntax.declared_terms(ontology)
    written = {
        f"{vocabulary.DIP}{token.text.removeprefix('dip:')}"
        for rule in RULES
        for token in syntax.tokens(rule.construct.partition("CONSTRUCT")[2].partition("}")[0])
        if token.kind == "name" and token.text.startswith("dip:")
    }
    # What no rule gives as a class is one by the domains of its properties.
    implied = {
        f"{vocabulary.DIP}{name}" for name in ("Difference", "DueTurn", "Fate", "Gap", "Journey")
    }
    assert written | implied == derived


def test_what_follows_stands_after_what_is_told_a_line_a_fact_with_the_label_of_its_rule(told):
    name = "data/told.ttl"
    put(told, name, (told / name).read_text(encoding="utf-8") + "<urn:thing> a <urn:Kind> .")
    put_rule(
        told,
        "number",
        f"CONSTRUCT {{ $this <{vocabulary.DIP}dayNumber> ?n }} WHERE {{ $this <urn:largest> ?n }}",
        2,
        "<urn:largest>",
    )
    put_rule(
        told,
        "traces",
        "CONSTRUCT { ?node <urn:traceOf> $this ; a <urn:Trace> } WHERE { $this <urn:largest> ?n "
        'BIND(IRI(CONCAT(STR($this), "/record/trace/", STR(?n))) AS ?node) }',
        2,
        "<urn:largest>",
    )
    _, out, _ = run(told, "show", "<urn:thing>")
    above, below = out.split("WHAT FOLLOWS BY RULES\n")
    assert "WHAT ACCOUNTS SAY" in above
    assert [
        "  urn:largest    2  by the rule “largest”",
        "  urn:twice      4  by the rule “twice”",
        "  in the record  urn:Trace 1",
    ] == below.splitlines()[:3]


def test_what_is_shown_is_called_as_the_languages_asked_for_call_it(told, monkeypatch):
    name = "data/told.ttl"
    label = "<urn:largest> <http://www.w3.org/2000/01/rdf-schema#label> 'most'@en, 'en çok'@tr ."
    put(told, name, (told / name).read_text(encoding="utf-8") + label)
    assert "  en çok " in run(told, "show", "--lang", "tr,hu", "<urn:thing>")[1]
    assert "  most " in run(told, "show", "<urn:thing>")[1]
    monkeypatch.setenv("DRAGOMAN_LANG", "tr")
    assert "  en çok " in run(told, "show", "<urn:thing>")[1]
