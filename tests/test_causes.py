"""A mistake is told once, at its root, with the nearest name; what follows from it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from dragoman.base import Base
from dragoman.validation import validate_files

BASE = Base(Path(__file__).parent.parent, "it is under test")
IDS = "https://w3id.org/dragoman/id/"
HEAD = f"""\
@prefix dip: <https://w3id.org/dragoman/ontology/> .
@prefix event: <{IDS}event/> .
@prefix event-type: <{IDS}event-type/> .
@prefix meeting: <{IDS}meeting/> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix s: <{IDS}source/garden-talks/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix source: <{IDS}source/> .
@prefix state: <{IDS}state/> .
@prefix status: <{IDS}status/> .
source:garden-talks a dip:Source ; dip:sha256 "{"0a" * 32}" ; dip:textLength 90 .
s:paper a dip:Organization ; skos:prefLabel "The Garden Paper"@en .
s:words a dip:Passage ; oa:hasSource source:garden-talks ; oa:hasSelector s:place .
s:place a oa:TextPositionSelector ; oa:start 0 ; oa:end 40 .
meeting:garden a dip:Meeting ; skos:prefLabel "Talks in the garden"@en .
"""
ACCOUNT = """\
s:told a dip:Account ; dip:about meeting:garden ; dip:source source:garden-talks ;
    prov:wasAttributedTo s:paper ; dip:passage s:words ; dip:eventType event-type:talks ;
    dip:timeUnknown true ; dip:status status:occurred .
"""


@pytest.fixture
def messages(tmp_path):
    def messages(text):
        path = tmp_path / "garden-talks.ttl"
        path.write_text(HEAD + text, encoding="utf-8")
        found = validate_files(BASE, [path]).at_least("warning")
        return [(each.shape.value.rpartition("/")[2], each.line, each.message) for each in found]

    return messages


def test_what_is_right_is_found_right(messages):
    assert [] == messages(ACCOUNT)


def test_a_value_outside_of_its_list_is_told_once_with_the_nearest(messages):
    assert [
        ("unknown", 19, f"No such status: {IDS}status/ocured; did you mean {IDS}status/occurred?")
    ] == messages(ACCOUNT.replace("status:occurred", "status:ocured"))


def test_with_none_near_the_list_is_told(messages):
    ((rule, _, message),) = messages(ACCOUNT.replace("status:occurred", "status:zzz"))
    assert "unknown" == rule
    assert message.startswith(f"No such status: {IDS}status/zzz; there are {IDS}status/agreed, ")


def test_two_uses_of_a_name_are_one_finding(messages):
    text = ACCOUNT.replace("state", "").replace(
        "dip:eventType", "dip:host state:HUNG ;\n    dip:addressee state:HUNG ; dip:eventType"
    )
    assert ("unknown", 18, f"No such state: {IDS}state/HUNG; did you mean {IDS}state/HUN?") in [
        (rule, line, message.split(" So on")[0]) for rule, line, message in messages(text)
    ]
    assert 1 == sum("HUNG" in message for _, _, message in messages(text))


def test_an_undeclared_class_is_told_without_what_it_breaks(messages):
    text = ACCOUNT.replace("meeting:garden", "event:garden") + (
        'event:garden a dip:Evnet ; skos:prefLabel "Talks"@en .\n'
    )
    assert [
        ("undeclared", 20, "The ontology declares no term dip:Evnet. Did you mean Event?")
    ] == messages(text)


def test_an_undeclared_property_is_told_once_without_the_lack_that_it_leaves(messages):
    text = ACCOUNT.replace("dip:status ", "dip:statuss ")
    again = text.replace("s:told", "s:again")
    assert [
        (
            "undeclared",
            19,
            "The ontology declares no term dip:statuss. Did you mean status? So on line 22, too.",
        )
    ] == messages(text + again)


def test_a_placeholder_is_told_without_what_it_breaks(messages):
    ((rule, line, message),) = messages(ACCOUNT.replace("status:occurred", '"…"'))
    assert ("placeholder", 19) == (rule, line)
    assert message.startswith("The value of https://w3id.org/dragoman/ontology/status is not fill")


def test_what_is_there_and_of_another_kind_is_told_as_before(messages):
    ((rule, _, _),) = messages(ACCOUNT.replace("status:occurred", "state:HUN"))
    assert "Account-status" == rule


def test_a_day_that_is_none_is_told_once_with_what_is_wrong_with_it(messages):
    wrong = ACCOUNT.replace("dip:timeUnknown true", 'dip:start "2032-02-31"^^xsd:date')
    prefix = "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
    ((rule, _, message),) = messages(prefix + wrong)
    assert "ill-typed" == rule
    assert "February 2032 has 29 days" in message


def test_every_placeholder_of_a_thing_is_told(messages):
    text = ACCOUNT.replace("status:occurred", '"…"').replace("event-type:talks", '"…"')
    found = messages(text.replace("dip:passage s:words", 'dip:passage "…"'))
    assert ["placeholder"] * 3 == [rule for rule, _, _ in found]
