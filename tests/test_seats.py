"""Who sits where, for whom and in which post, and what follows: slots, counterparts, journeys."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Quad, RdfFormat, Store, parse

from dragoman import queries, record, store
from dragoman.base import DATA, ONTOLOGY, Base

BASE = Base(Path(__file__).resolve().parents[1], "test")
ID = "https://w3id.org/dragoman/id/"

# Two states, a group of three that has talks with one of them, and a council with a committee.
THINGS = """
organization:delta a dip:GroupOfStates ; dip:member state:NOR, state:SWE, state:FIN .
mechanism:delta-talks a dip:Mechanism ; dip:party organization:delta, state:CHL .
mechanism:council a dip:Mechanism ; dip:party state:CHL, state:PER .
mechanism:committee a dip:Mechanism ; org:subOrganizationOf mechanism:council .
mechanism:forum a dip:BilateralMechanism ; dip:party state:CHL, state:PER .
account:forum a dip:Account ; dip:about mechanism:forum ; dip:source source:s ;
    dip:status status:planned ;
    prov:wasAttributedTo agent:paper .
person:eva a dip:Person . person:leo a dip:Person . person:ida a dip:Person .
post:chl-energy a dip:Post ; org:postIn state:CHL ; dip:portfolio portfolio:energy ;
    dip:rank rank:minister .
post:chl-deputy a dip:Post ; org:postIn state:CHL ; dip:rank rank:deputy-head-of-government .
post:per-energy a dip:Post ; org:postIn state:PER ; dip:portfolio portfolio:energy ;
    dip:rank rank:minister .
post:per-envoy a dip:Post ; org:postIn state:PER ; dip:rank rank:special-envoy .
post:nor-energy a dip:Post ; org:postIn state:NOR ; dip:portfolio portfolio:energy ;
    dip:rank rank:minister .
post:swe-energy a dip:Post ; org:postIn state:SWE ; dip:portfolio portfolio:energy ;
    dip:rank rank:deputy-minister .
account:rules a dip:Account ; dip:about mechanism:council ; dip:source source:s ;
    dip:status status:in-force ;
    prov:wasAttributedTo agent:paper .
account:rules-energy a dip:Slot ; dip:partOf account:rules ; dip:portfolio portfolio:energy ;
    dip:rank rank:minister .
place:lima a dip:Place ; dip:country state:PER .
"""
# Both ministers hold a second post; talks are held beside the session.
SESSION = """
meeting:c1 a dip:Meeting .
account:c1 a dip:Account ; dip:about meeting:c1 ; dip:source source:s ; dip:status status:occurred ;
    prov:wasAttributedTo agent:paper ; dip:sessionOf mechanism:council ; dip:place place:lima ;
    dip:earliest "2031-02-03"^^xsd:date ; dip:latest "2031-02-03"^^xsd:date .
account:c1-chl a dip:Delegation ; dip:partOf account:c1 ; dip:party state:CHL ;
    dip:listing listing:complete .
account:c1-chl-1 a dip:Participation ; dip:partOf account:c1-chl ; dip:person person:eva ;
    dip:capacity post:chl-energy, post:chl-deputy .
account:c1-per a dip:Delegation ; dip:partOf account:c1 ; dip:party state:PER ;
    dip:listing listing:complete .
account:c1-per-1 a dip:Participation ; dip:partOf account:c1-per ; dip:person person:leo ;
    dip:capacity post:per-energy, post:per-envoy .
meeting:beside a dip:Meeting .
account:beside a dip:Account ; dip:about meeting:beside ; dip:source source:s ;
    dip:status status:occurred ;
    prov:wasAttributedTo agent:paper ; dip:onSidelinesOf meeting:c1 ; dip:place place:lima .
account:beside-chl a dip:Delegation ; dip:partOf account:beside ; dip:party state:CHL ;
    dip:listing listing:named .
account:beside-chl-1 a dip:Participation ; dip:partOf account:beside-chl ; dip:person person:eva ;
    dip:capacity post:chl-energy .
"""
# Two members sit on one side, opposite a state that sends nobody for energy.
TALKS = """
meeting:d1 a dip:Meeting .
account:d1 a dip:Account ; dip:about meeting:d1 ; dip:source source:s ; dip:status status:occurred ;
    prov:wasAttributedTo agent:paper ; dip:sessionOf mechanism:delta-talks .
account:talks a dip:Account ; dip:about mechanism:delta-talks ; dip:source source:s ;
    dip:status status:in-force ;
    prov:wasAttributedTo agent:paper .
account:talks-energy a dip:Slot ; dip:partOf account:talks ; dip:portfolio portfolio:energy ;
    dip:appliesTo slot-scope:each-member .
account:d1-nor a dip:Delegation ; dip:partOf account:d1 ; dip:party state:NOR ;
    dip:side organization:delta ;
    dip:listing listing:complete .
account:d1-nor-1 a dip:Participation ; dip:partOf account:d1-nor ; dip:person person:eva ;
    dip:capacity post:nor-energy .
account:d1-swe a dip:Delegation ; dip:partOf account:d1 ; dip:party state:SWE ;
    dip:side organization:delta ;
    dip:listing listing:complete .
account:d1-swe-1 a dip:Participation ; dip:partOf account:d1-swe ; dip:person person:leo ;
    dip:capacity post:swe-energy .
account:d1-fin a dip:Delegation ; dip:partOf account:d1 ; dip:party state:FIN ;
    dip:side organization:delta ;
    dip:listing listing:complete .
account:d1-chl a dip:Delegation ; dip:partOf account:d1 ; dip:party state:CHL ;
    dip:listing listing:complete .
account:d1-chl-1 a dip:Participation ; dip:partOf account:d1-chl ; dip:person person:ida ;
    dip:capacity post:chl-deputy .
"""


@cache
def world(facts: str) -> Store:
    index = store.load(BASE, ONTOLOGY, DATA).store
    spaces = {**BASE.prefixes(), "account": f"{ID}source/s/account/"}
    text = "".join(f"@prefix {name}: <{space}> .\n" for name, space in spaces.items()) + facts
    index.extend(Quad(*each.triple, DefaultGraph()) for each in parse(text, RdfFormat.TURTLE))
    record.derived(index, record.read(BASE))
    return index


def answer(facts: str, question: str, columns: str, **values: str) -> list[tuple[str, ...]]:
    query = queries.find_query(BASE, question)
    given = {name: [value] for name, value in values.items()}
    rows = world(facts).query(queries.bind(query, given, BASE.prefixes(), dict).text)
    names = columns.split()
    return [
        tuple("" if row[n] is None else row[n].value.rpartition("/")[2] for n in names)
        for row in rows
    ]


def test_each_of_two_posts_keeps_its_portfolio_and_rank():
    asked = {"facts": THINGS + SESSION, "meeting": "meeting:c1"}
    assert [("CHL", "eva", "chl-energy"), ("PER", "leo", "per-energy")] == answer(
        question="slot-coverage", columns="party person post", **asked
    )
    assert [("eva", "chl-energy", "leo", "per-energy")] == answer(
        question="counterparts", columns="person post otherPerson otherPost", **asked
    )
    for question in ("unequal-ranks", "slot-ranks", "not-ministers"):
        assert [] == answer(question=question, columns="person", **asked)


def test_a_committee_without_parties_has_those_of_its_council():
    assert [("committee", "bilateral", "2"), ("council", "bilateral", "2")] == [
        row
        for row in answer(THINGS, "mechanisms-by-kind", "mechanism kind parties")
        if row[0] in {"committee", "council"}
    ]
    assert {("PER", "committee"), ("PER", "council"), ("PER", "forum")} <= set(
        answer(THINGS, "mechanisms-shared-with-a-state", "other mechanism", state="state:CHL")
    )


def test_members_are_seen_through_their_group_from_both_sides():
    assert ("delta-talks", "multilateral", "2", "4") in answer(
        THINGS, "mechanisms-by-kind", "mechanism kind parties states"
    )
    assert {("NOR", "delta-talks"), ("SWE", "delta-talks"), ("FIN", "delta-talks")} <= set(
        answer(THINGS, "mechanisms-shared-with-a-state", "other mechanism", state="state:CHL")
    )
    assert ("CHL", "delta-talks") in answer(
        THINGS, "mechanisms-shared-with-a-state", "other mechanism", state="state:NOR"
    )


def test_those_on_one_side_are_no_counterparts():
    assert [] == answer(THINGS + TALKS, "counterparts", "person otherPerson", meeting="meeting:d1")


@pytest.mark.parametrize("question", ["uncovered-slots", "slot-coverage"])
def test_a_slot_for_each_member_binds_members_of_groups_alone(question):
    rows = answer(THINGS + TALKS, question, "party", meeting="meeting:d1")
    assert ("FIN",) in rows
    assert ("CHL",) not in rows


def test_talks_beside_a_session_are_no_second_visit():
    asked = {"facts": THINGS + SESSION, "from": "state:CHL", "to": "state:PER"}
    assert {("c1", "eva", "2031-02-03")} == set(
        answer(question="visits-between-states", columns="event person firstDay", **asked)
    )
    assert [("2031", "deputy-head-of-government", "1"), ("2031", "minister", "1")] == answer(
        question="visits-by-year-and-rank", columns="year rank visits", **asked
    )


# A minister whose rank no source tells travels alone, and with one whose rank is told.
RANKLESS = """
post:chl-guest a dip:Post ; org:postIn state:CHL .
meeting:alone a dip:Meeting .
account:alone a dip:Account ; dip:about meeting:alone ; dip:source source:s ;
    dip:status status:occurred ;
    prov:wasAttributedTo agent:paper ; dip:place place:lima ; dip:start "2032-04-05"^^xsd:date .
account:alone-chl a dip:Delegation ; dip:partOf account:alone ; dip:party state:CHL ;
    dip:listing listing:named .
account:alone-chl-1 a dip:Participation ; dip:partOf account:alone-chl ; dip:person person:ida ;
    dip:capacity post:chl-guest .
account:c1-chl-2 a dip:Participation ; dip:partOf account:c1-chl ; dip:person person:ida ;
    dip:capacity post:chl-guest .
"""


def test_a_visit_counts_without_a_rank_where_that_of_nobody_is_known():
    assert [
        ("2031", "deputy-head-of-government", "1", "1"),
        ("2031", "minister", "1", "1"),
        ("2032", "", "1", "1"),
    ] == answer(
        THINGS + SESSION + RANKLESS,
        "visits-by-year-and-rank",
        "year rank visits sources",
        **{"from": "state:CHL", "to": "state:PER"},
    )


# Another source seats another person in a post that one person holds.
SECOND = """
post:chl-energy dip:singleHolder {single} .
account:again a dip:Account ; dip:about meeting:c1 ; dip:source source:t ;
    dip:status status:{status} ; prov:wasAttributedTo agent:paper .
account:again-chl a dip:Delegation ; dip:partOf account:again ; dip:party state:CHL ;
    dip:listing listing:named .
account:again-chl-1 a dip:Participation ; dip:partOf account:again-chl ; dip:person person:ida ;
    dip:capacity post:chl-energy .
"""


@pytest.mark.parametrize(
    ("single", "status", "rows"),
    [
        ("true", "occurred", [("eva", "ida", "at one event", "s", "t")]),
        ("false", "occurred", []),
        ("true", "expected", []),
    ],
)
def test_two_people_in_a_post_of_one_at_one_event_overlap(single, status, rows):
    assert rows == answer(
        THINGS + SESSION + SECOND.format(single=single, status=status),
        "overlaps-in-a-post",
        "first second certainty firstSource secondSource",
        post="post:chl-energy",
    )


def test_a_mechanism_only_planned_is_marked():
    assert ("PER", "forum", "planned") in answer(
        THINGS, "mechanisms-shared-with-a-state", "other mechanism standing", state="state:CHL"
    )


def test_a_post_told_of_a_person_is_among_the_posts_of_people():
    told = """
    account:eva a dip:Account ; dip:about person:eva ; dip:source source:s ;
        dip:status status:in-force ;
        prov:wasAttributedTo agent:paper ; dip:capacity post:chl-deputy .
    """
    assert [("chl-deputy", "1")] == answer(
        THINGS + told, "people", "post accounts", person="person:eva"
    )


def test_people_whom_no_account_shows_in_a_post_come_last():
    unknown = "person:aaa a dip:Person .\n"
    rows = answer(THINGS + SESSION + unknown, "people", "person accounts")
    assert ["0" == accounts for _, accounts in rows] == sorted("0" == each for _, each in rows)
    assert ("aaa", "0") in rows
    assert ("aaa", "0") != rows[0]
