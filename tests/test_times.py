"""Days, standing, sessions in order and hosts, as questions answer about them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Quad, RdfFormat, parse

from dragoman import queries, record, store
from dragoman.base import ONTOLOGY, Base

ROOT = Path(__file__).resolve().parents[1]
BASE = Base(ROOT, "test")
EX = "https://example.org/"
RULES = record.read(BASE)

PEOPLE = """
ex:arvania a dip:State . ex:belmark a dip:State .
ex:early a dip:Source ; dcterms:issued "2031-01-01"^^xsd:date .
ex:late a dip:Source ; dcterms:issued "2032-06-15"^^xsd:date .
ex:paper a dip:Organization .
ex:council a dip:Mechanism ; dip:party ex:arvania , ex:belmark .
"""


def account(name: str, about: str, status: str, told: str, source: str = "early") -> str:
    """Write an account; what it tells is Turtle, without a last semicolon."""
    return (
        f"ex:{name} a dip:Account ; dip:about ex:{about} ; dip:status status:{status} ;"
        f" dip:source ex:{source} ; prov:wasAttributedTo ex:paper ; {told} .\n"
    )


def session(name: str, status: str, told: str, source: str = "early", of: str = "council") -> str:
    """Write a session and an account of it."""
    told = f"dip:sessionOf ex:{of} ; {told}" if told else f"dip:sessionOf ex:{of}"
    return f"ex:{name} a dip:Meeting .\n" + account(f"{name}-{source}", name, status, told, source)


def day(text: str) -> str:
    return f'"{text}"^^xsd:date'


RULE = account(
    "rules",
    "council",
    "in-force",
    'dip:hostRule host-rule:alternating ; dip:longestInterval "P1Y"^^xsd:duration',
)
FIRST = session(
    "first", "occurred", f"dip:ordinal 1 ; dip:host ex:arvania ; dip:start {day('2030-03-01')}"
)


def ask(name: str, *facts: str, since: str = "", until: str = "", **values: str):
    """Return the rows of a question over facts, as texts without the start of their IRIs."""
    prefixes = {**BASE.prefixes(), "ex": EX}
    text = "".join(f"@prefix {key}: <{space}> .\n" for key, space in prefixes.items())
    text += PEOPLE + "".join(facts)
    index = store.load(BASE, ONTOLOGY).store
    index.extend(Quad(*q.triple, DefaultGraph()) for q in parse(text, RdfFormat.TURTLE))
    record.derived(index, RULES)
    query = queries.find_query(BASE, name)
    set_to = {key: [f"ex:{value}"] for key, value in values.items()}
    found = index.query(
        queries.ask(query, set_to, prefixes, _no_names, since=since, until=until).text.text
    )
    names = [each.value for each in found.variables]
    return [
        {
            column: row[column].value.rpartition("/")[2]
            for column in names
            if row[column] is not None
        }
        for row in found
    ]


def _no_names() -> object:
    raise AssertionError("values are terms, not names")


def told(rows, *columns: str):
    return [tuple(row.get(column, "") for column in columns) for row in rows]


# ------------------------------------------------------------------------------------------ days


def by_bounds(name: str, first: str, last: str, more: str = "") -> str:
    return session(name, "occurred", f"{more}dip:earliest {day(first)} ; dip:latest {day(last)}")


POSTS = """
ex:ada a dip:Person .
ex:cabinet a dip:Post ; org:postIn ex:arvania ; dip:rank rank:head-of-government .
ex:desk a dip:Post ; org:postIn ex:arvania ; dip:rank rank:state-secretary ;
    org:reportsTo ex:cabinet .
"""


def disputed(told: str) -> str:
    """Write a meeting that two sources tell alike, each on a day of its own."""
    facts = POSTS + "ex:m a dip:Meeting .\n"
    for source, on in (("early", "2030-03-01"), ("late", "2030-03-02")):
        facts += account(f"m-{source}", "m", "occurred", f"dip:start {day(on)} ; {told}", source)
        facts += (
            f"ex:side-{source} a dip:Delegation ; dip:partOf ex:m-{source} ;"
            f" dip:party ex:arvania .\n"
            f"ex:seat-{source} a dip:Participation ; dip:partOf ex:side-{source} ;"
            f" dip:person ex:ada ; dip:capacity ex:desk ; dip:role role:substitute .\n"
            f"ex:more-{source} a dip:Participation ; dip:partOf ex:side-{source} ;"
            f" dip:capacity ex:desk .\n"
        )
    return facts


@pytest.mark.parametrize(
    "question",
    [
        "absentees",
        "answers-to-leader",
        "attendance-in-place-of-a-principal",
        "co-hosts-and-convenors",
        "not-ministers",
        "people-seen-in-a-post",
        "posts-of-a-person",
        "sessions-online",
        "unnamed-participants",
        "what-a-person-did",
    ],
)
def test_beside_a_voice_stands_the_day_that_it_told(question):
    facts = disputed("dip:absentee ex:belmark ; dip:convenor ex:belmark ; dip:mode mode:online")
    rows = ask(question, facts)
    days = {("early", "2030-03-01", "2030-03-01"), ("late", "2030-03-02", "2030-03-02")}
    assert days == set(told(rows, "source", "toldFrom", "toldUntil"))
    assert {("late",)} == set(told(ask(question, facts, since="2030-03-02"), "source"))


def test_a_voice_that_told_no_day_has_none_beside_it_and_is_found_by_that_of_the_event():
    facts = POSTS + session("m", "occurred", f"dip:start {day('2030-03-01')}")
    facts += account("gap", "m", "occurred", "dip:absentee ex:belmark", "late")
    assert [("late", "", "")] == told(
        ask("absentees", facts, since="2030-01-01"), "source", "toldFrom", "toldUntil"
    )
    assert [] == ask("absentees", facts, since="2031-01-01")


def test_what_is_left_open_has_the_days_for_which_its_source_expected_it():
    facts = session("m", "planned", f"dip:plannedStart {day('2031-03-01')}")
    facts += session("m", "expected", f"dip:plannedStart {day('2031-04-01')}", "late")
    assert {("early", "2031-03-01"), ("late", "2031-04-01")} == set(
        told(ask("expectations-left-open", facts), "source", "expectedFrom")
    )


def test_a_session_whose_bounds_are_one_day_has_an_interval_and_a_next_day():
    facts = (RULE, FIRST, by_bounds("second", "2032-03-03", "2032-03-03", "dip:ordinal 2 ; "))
    intervals = ask("intervals-between-sessions", *facts)
    assert [("second", "733", "733", "2031-03-01", "longer than announced")] == told(
        intervals, "session", "daysAtLeast", "daysAtMost", "dueBy", "verdict"
    )
    late = ask("departures-from-the-announced-rhythm", *facts)
    assert [("second", "interval", "2031-03-01")] == told(late, "session", "departure", "dueBy")
    assert [("3", "2033-03-03")] == told(ask("next-sessions", *facts), "number", "notLaterThan")


def test_a_month_gives_bounds_of_the_interval():
    second = session("second", "occurred", 'dip:ordinal 2 ; dip:start "2031-02"^^xsd:gYearMonth')
    third = session("third", "occurred", 'dip:ordinal 3 ; dip:start "2032"^^xsd:gYear')
    rows = ask("intervals-between-sessions", RULE, FIRST, second, third)
    assert [
        ("second", "337", "364", "within"),
        ("third", "307", "699", "perhaps longer than announced"),
    ] == told(rows, "session", "daysAtLeast", "daysAtMost", "verdict")


def test_a_weekday_resolved_by_its_rule_and_the_day_itself_are_one_day():
    friday = day("2031-01-03")
    words = session(
        "third",
        "planned",
        f'dip:timeStated "next Friday"@en ; dip:weekday time:Friday ; dip:earliest {friday}'
        f" ; dip:latest {friday}",
    )
    date = account("again", "third", "planned", f"dip:plannedStart {friday}", source="late")
    rows = ask("times-in-source", words, date)
    assert {("2031-01-03", "2031-01-03")} == set(told(rows, "firstDay", "lastDay"))
    (row,) = ask("sessions-of-a-mechanism", words, date)
    assert ("planned", "2031-01-03", "2031-01-03") == told([row], "status", "firstDay", "lastDay")[
        0
    ]


def test_a_time_with_a_zone_is_of_the_day_as_told():
    late = session("first", "occurred", 'dip:start "2030-03-01T23:30:00-05:00"^^xsd:dateTime')
    assert [("2030-03-01", "2030-03-01")] == told(
        ask("sessions-of-a-mechanism", late), "firstDay", "lastDay"
    )


# --------------------------------------------------------------------------------------- order


SECOND = session("second", "occurred", f"dip:host ex:belmark ; dip:start {day('2030-09-01')}")
THIRD = session("third", "occurred", f"dip:host ex:belmark ; dip:start {day('2031-05-01')}")


def test_sessions_without_a_number_stand_in_order_and_the_next_host_follows_the_last():
    facts = (THIRD, RULE, SECOND, FIRST)
    assert ["first", "second", "third"] == [
        row["session"] for row in ask("sessions-of-a-mechanism", *facts)
    ]
    turns = ask("hosts-in-turn", *facts)
    assert [
        ("first", "arvania", "", "first known"),
        ("second", "belmark", "belmark", "kept"),
        ("third", "belmark", "arvania", "not kept"),
    ] == told(turns, "session", "host", "hostDue", "verdict")
    (next_one,) = ask("next-sessions", *facts)
    assert ("derived from the rules", "arvania", "2032-05-01", "third") == told(
        [next_one], "basis", "host", "notLaterThan", "last"
    )[0]


def test_each_turn_is_told_once_however_many_accounts_tell_of_the_session():
    before = account("plan", "first", "planned", "dip:host ex:arvania ; dip:ordinal 1")
    again = account("echo", "first", "occurred", "dip:host ex:arvania ; dip:ordinal 1", "late")
    assert 2 == len(ask("hosts-in-turn", RULE, FIRST, before, again, SECOND))


CALLED_OFF = (
    session("storm", "planned", f"dip:ordinal 2 ; dip:plannedStart {day('2031-04-01')}")
    + account("off", "storm", "cancelled", "dip:sessionOf ex:council", "late")
)  # fmt: skip


def test_a_session_called_off_is_not_held_and_leaves_its_number_to_another():
    held = session(
        "held",
        "occurred",
        f"dip:ordinal 2 ; dip:host ex:arvania ; dip:start {day('2032-05-01')}",
        "late",
    )
    facts = (RULE, FIRST, CALLED_OFF, held)
    turns = ask("hosts-in-turn", *facts)
    assert [("1", "first"), ("2", "held")] == told(turns, "number", "session")
    assert [("derived from the rules", "3", "belmark")] == told(
        ask("next-sessions", *facts), "basis", "number", "host"
    )
    assert [("storm", "cancelled", "cancelled")] == told(
        ask("postponed-and-cancelled-events", *facts), "event", "status", "standing"
    )


def test_a_session_planned_anew_is_expected_again():
    put_off = session("second", "postponed", f"dip:plannedStart {day('2031-02-01')}")
    anew = account(
        "anew", "second", "planned", f"dip:ordinal 2 ; dip:plannedStart {day('2031-09-01')}"
    )
    assert [("stated", "second", "2", "planned", "2031-09-01", "belmark")] == told(
        ask("next-sessions", RULE, FIRST, put_off, anew),
        *("basis", "session", "number", "status", "firstDay", "host"),
    )


@pytest.mark.parametrize(
    ("stated", "host", "place"),
    [
        ("dip:place ex:bel", "", "bel"),
        ("dip:host ex:arvania", "arvania", ""),
        ("dip:timeUnknown true", "belmark", ""),
    ],
)
def test_what_is_stated_of_the_next_session_silences_what_a_rule_derives(stated, host, place):
    rows = ask("next-sessions", RULE, FIRST, session("next", "agreed", stated))
    assert [("stated", "next", host, place, "2031-03-01")] == told(
        rows, "basis", "session", "host", "place", "notLaterThan"
    )


def test_that_the_last_host_is_not_known_is_said_where_a_rule_tells_who_follows():
    first = session("first", "occurred", f"dip:ordinal 1 ; dip:start {day('2030-03-01')}")
    second = session("second", "planned", "dip:ordinal 2 ; dip:host ex:belmark", "late")
    rule = account("rule", "council", "in-force", "dip:hostRule host-rule:alternating")
    assert [("rule told, last host not known", "2", "")] == told(
        ask("next-sessions", rule, first), "basis", "number", "host"
    )
    assert [("first", "", "host not told"), ("second", "belmark", "last host not known")] == told(
        ask("hosts-in-turn", rule, first, second), "session", "host", "verdict"
    )
    assert [] == ask("next-sessions", first)
    assert [("second", "belmark", "no rule told")] == told(
        ask("hosts-in-turn", first, second), "session", "host", "verdict"
    )


def test_a_session_put_off_is_told_with_the_number_and_the_host_of_the_last_plan():
    facts = [RULE, FIRST]
    facts += [session("second", "planned", "dip:ordinal 3 ; dip:host ex:arvania")]
    facts += ['ex:mid a dip:Source ; dcterms:issued "2031-09-01"^^xsd:date .\n']
    facts += [session("second", "planned", "dip:ordinal 2 ; dip:host ex:belmark", "mid")]
    facts += [account("off", "second", "postponed", "dip:timeUnknown true", "late")]
    columns = ("session", "status", "number", "host")
    put_off = ("second", "postponed", "2", "belmark")
    rows = ask("next-sessions", *facts)
    assert [("derived from the rules",), ("put off",)] == told(rows, "basis")
    assert put_off in told(rows, *columns)
    assert [("first", "occurred", "1", "arvania"), put_off] == told(
        ask("sessions-of-a-mechanism", *facts), *columns
    )
    # another was held since
    held = session("third", "occurred", f"dip:start {day('2032-07-01')}", "late")
    assert ("put off",) not in told(ask("next-sessions", *facts, held), "basis")


def test_a_plan_that_a_later_session_overtook_is_not_the_next_session():
    plan = session("plan", "planned", f"dip:plannedStart {day('2029-01-01')}")
    assert ["derived from the rules"] == [
        row["basis"] for row in ask("next-sessions", RULE, FIRST, plan)
    ]


def test_a_committee_has_a_series_of_its_own_and_the_parties_of_its_council():
    below = "ex:committee a dip:Mechanism ; org:subOrganizationOf ex:council .\n" + account(
        "below-rules", "committee", "in-force", "dip:hostRule host-rule:alternating"
    )
    met = session(
        "met",
        "occurred",
        f"dip:ordinal 1 ; dip:host ex:belmark ; dip:start {day('2030-12-01')}",
        of="committee",
    )
    rows = ask("next-sessions", below, met, FIRST, mechanism="committee")
    assert [("2", "arvania", "met")] == told(rows, "number", "host", "last")


# ------------------------------------------------------------------------------ what is lacking


@pytest.mark.parametrize("how", ["dip:mode mode:online", "dip:eventType event-type:phone-call"])
def test_a_session_at_a_distance_lacks_neither_place_nor_host(how):
    online = session("call", "occurred", f"{how} ; dip:start {day('2030-05-01')}")
    assert [] == [row for row in ask("what-the-record-lacks", online) if row["thing"] == "call"]
    assert [] == ask("sessions-without-a-host", online)


def test_any_session_is_looked_at_for_what_it_lacks():
    rows = ask("what-the-record-lacks", session("bare", "planned", ""))
    assert ["event without a calendar date", "event without a host", "event without a place"] == [
        row["lack"] for row in rows if row["thing"] == "bare"
    ]
    assert [("bare",)] == told(
        ask("sessions-without-a-host", session("bare", "planned", "")), "session"
    )


# ---------------------------------------------------------------------------- topics, meetings


def test_a_topic_counts_in_the_year_of_the_event_and_without_any_in_none():
    of_event = account("topic", "first", "occurred", "dip:agendaItem ex:water", "late")
    undated = "ex:undated a dip:Source . ex:talks a dip:Meeting .\n" + account(
        "other", "talks", "planned", "dip:agendaItem ex:water", "undated"
    )
    rows = ask("topics-by-year", FIRST, of_event, undated)
    assert [("", "1", "1", ""), ("2030", "1", "1", "1")] == told(
        rows, "year", "mentions", "sources", "change"
    )


SEATED = (
    "ex:side a dip:Delegation ; dip:partOf ex:first-early ; dip:party ex:arvania .\n"
    "ex:ada a dip:Person . ex:seat a dip:Participation ; dip:partOf ex:side ; dip:person ex:ada .\n"
    + account("topic", "first", "occurred", "dip:agendaItem ex:water")
)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["first", "second", "third"]),
        ({"state": "arvania"}, ["first"]),
        ({"state": "belmark"}, []),
        ({"person": "ada"}, ["first"]),
        ({"topic": "water"}, ["first"]),
        ({"mechanism": "council"}, ["first", "second", "third"]),
        ({"mechanism": "committee"}, []),
        ({"state": "arvania", "topic": "fire"}, []),
        ({"since": "2030-09-01"}, ["second", "third"]),
        ({"until": "2030-12"}, ["first", "second"]),
    ],
)
def test_meetings_are_found_by_who_sits_there_topic_mechanism_and_time(asked, found):
    rows = ask("meetings", FIRST, SECOND, THIRD, SEATED, **asked)
    assert found == [row["meeting"] for row in rows]


# ---------------------------------------------------------------------------------------- posts


def tenure(name: str, told: str, status: str = "occurred") -> str:
    return f"ex:{name} a dip:Tenure ; dip:post ex:post ; dip:holder ex:{name}-h .\n" + account(
        f"{name}-told", name, status, told
    )


def test_gaps_are_counted_in_days_that_were_at_least_and_at_most():
    a = tenure("a", f"dip:start {day('2020-01-01')} ; dip:end {day('2024-02-28')}")
    b = tenure("b", 'dip:start "2024-03"^^xsd:gYearMonth')
    assert [("a-h", "b-h", "1", "31")] == told(
        ask("gaps-in-a-post", a, b), "before", "after", "daysAtLeast", "daysAtMost"
    )


def test_without_a_day_every_holder_of_a_post_is_told():
    a = tenure("a", f"dip:start {day('2020-01-01')} ; dip:end {day('2024-02-28')}")
    b = tenure("b", 'dip:start "2024-03"^^xsd:gYearMonth', "in-force")
    assert ["a-h", "b-h"] == sorted(
        row["person"] for row in ask("post-holders-on-a-day", a, b, post="post")
    )
