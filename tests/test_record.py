"""The record: what the rules derive."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from dragoman import record, store, syntax, vocabulary
from dragoman.base import ONTOLOGY, Base

ROOT = Path(__file__).resolve().parents[1]
BASE = Base(ROOT, "test")
RULES = record.rules(BASE)
RECORD = NamedNode(vocabulary.RECORD_GRAPH)


def test_there_are_rules():
    assert [] != RULES
    assert {path.stem for path in (ROOT / "shapes" / "rules").glob("*.ttl")} == {
        rule.path.stem for rule in RULES
    }


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.path.stem)
def test_a_rule_derives_what_its_example_says(rule):
    facts = ROOT / "tests" / "rules" / f"{rule.path.stem}.ttl"
    follows = ROOT / "tests" / "rules" / f"{rule.path.stem}-record.ttl"
    index = store.load(BASE, ONTOLOGY).store
    index.extend(Quad(*quad.triple, DefaultGraph()) for quad in syntax.read_rdf(facts))
    record.derive(index, [each for each in RULES if each.order < rule.order])
    before = {quad.triple for quad in index.quads_for_pattern(None, None, None, RECORD)}
    record.derive(index, [rule])
    after = {quad.triple for quad in index.quads_for_pattern(None, None, None, RECORD)}
    assert {quad.triple for quad in syntax.read_rdf(follows)} == after - before


def test_each_term_of_the_record_is_written_by_one_rule():
    index = store.load(BASE).store
    assert isinstance(index, Store)
    writers: dict[str, set[str]] = {}
    for rule in RULES:
        template = rule.construct.partition("CONSTRUCT")[2].partition("}")[0]
        for token in syntax.tokens(template):
            if token.kind == "name":
                writers.setdefault(token.text, set()).add(rule.path.stem)
    shared = {"prov:wasDerivedFrom"}
    assert {} == {term: who for term, who in writers.items() if len(who) > 1 and term not in shared}
