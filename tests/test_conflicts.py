"""Conflicts of accounts and the fate of expectations, as the questions about them answer."""

from __future__ import annotations

import pytest
from pyoxigraph import RdfFormat, parse

from conftest import ROOT
from dragoman import queries, record, store
from dragoman.base import ONTOLOGY, Base

BASE = Base(ROOT, "it is under test")
PREFIXES = "".join(f"@prefix {name}: <{space}> .\n" for name, space in BASE.prefixes().items())
COMMON = """
<urn:early> a dip:Source ; dcterms:issued "2014-03-04"^^xsd:date .
<urn:late> a dip:Source ; dcterms:issued "2014-07-01"^^xsd:date .
<urn:undated> a dip:Source .
"""


def account(name: str, about: str, status: str, told: str = "", source: str = "early") -> str:
    return (
        f"<urn:{name}> a dip:Account ; dip:about <urn:{about}> ; dip:status status:{status} ;"
        f" dip:source <urn:{source}> ; prov:wasAttributedTo <urn:voice> {told and '; '}{told} .\n"
    )


def ask(question: str, facts: str, *columns: str, **values: str) -> list[tuple[str, ...]]:
    """Return some columns of the answer to a saved question about some facts."""
    index = store.load(BASE, ONTOLOGY).store
    text = (PREFIXES + COMMON + facts).encode()
    index.extend(parse(text, format=RdfFormat.TURTLE))
    record.derived(index, record.read(BASE))
    given = {name: [value] for name, value in values.items()}
    query = queries.bind(queries.find_query(BASE, question), given, BASE.prefixes(), dict)
    return [
        tuple(
            row[name].value.rpartition("/")[2].removeprefix("urn:") if row[name] else ""
            for name in columns
        )
        for row in index.query(query.text)
    ]


def matters(facts: str) -> list[str]:
    return [matter for (matter,) in ask("accounts-that-differ", facts, "matter")]


def verdicts(facts: str) -> list[tuple[str, ...]]:
    return ask("expectations-and-outcomes", facts, "thing", "verdict", "reports")


MEETING = "<urn:m> a dip:Meeting .\n"
NEXT = (
    'dip:timeStated "next Friday"@en ; dip:weekday time:Friday ; dip:earliest {0} ; dip:latest {0}'
)
SEVENTH = '"2014-03-07"^^xsd:date'


def test_words_for_one_day_do_not_differ():
    words = account("a", "m", "planned", NEXT.format(SEVENTH))
    day = account("b", "m", "planned", f'dip:timeStated "Freitag"@de ; dip:plannedStart {SEVENTH}')
    assert [] == matters(MEETING + words + day)


def test_bounds_differ_from_a_day_outside_of_them():
    bounds = account("a", "m", "occurred", f"dip:earliest {SEVENTH} ; dip:latest {SEVENTH}")
    day = account("b", "m", "occurred", 'dip:start "2014-02-01"^^xsd:date')
    month = account("c", "m", "occurred", 'dip:start "2014-03"^^xsd:gYearMonth')
    assert ["time"] == matters(MEETING + bounds + day)
    assert [] == matters(MEETING + bounds + month)


@pytest.mark.parametrize("status", ["agreed", "occurred"])
def test_what_is_signed_is_not_under_negotiation_on_the_same_day(status):
    day = "" if status == "agreed" else '; dip:start "2014-03-04"^^xsd:date'
    facts = (
        "<urn:pact> a dip:Agreement .\n"
        + account("a", "pact", status, f"dip:stage stage:under-negotiation {day}")
        + account(
            "b", "pact", "occurred", 'dip:stage stage:signed ; dip:start "2014-03-04"^^xsd:date'
        )
    )
    assert ["stage"] == matters(facts)


def test_signed_one_day_and_in_force_a_later_one_is_no_conflict():
    facts = (
        "<urn:pact> a dip:Agreement .\n"
        + account(
            "a", "pact", "occurred", 'dip:stage stage:signed ; dip:start "2014-03-04"^^xsd:date'
        )
        + account(
            "b",
            "pact",
            "in-force",
            'dip:stage stage:in-force ; dip:start "2014-05"^^xsd:gYearMonth',
        )
    )
    assert [] == matters(facts)


def test_what_is_put_off_may_be_called_off_later_and_not_at_once():
    off = account("a", "m", "postponed", 'dip:reason "One party asked for it."@en', "undated")
    storm = 'dip:reason "There was a storm."@en'
    assert ["reason", "status"] == matters(
        MEETING + off + account("b", "m", "cancelled", storm, "undated")
    )
    early = account("a", "m", "postponed")
    assert [] == matters(MEETING + early + account("b", "m", "cancelled", source="late"))


def test_every_account_that_differs_is_found_and_no_more_than_twice_as_many_conflicts():
    many = range(1, 29)
    facts = MEETING + "".join(
        account(f"a{day:02}", "m", "occurred", f'dip:start "2014-03-{day:02}"^^xsd:date')
        for day in many
    )
    found = ask("accounts-that-differ", facts, "firstAccount", "secondAccount")
    assert {f"a{day:02}" for day in many} == {name for pair in found for name in pair}
    assert 2 * len(many) - 3 == len(found)


def test_accounts_that_tell_the_same_are_one_side_of_one_conflict():
    facts = MEETING + "".join(
        account(f"a{number}", "m", "occurred", f"dip:ordinal {number % 2}") for number in range(6)
    )
    conflict = "thing", "firstTells", "secondTells"
    assert {("m", "0", "1")} == set(ask("accounts-that-differ", facts, *conflict))
    assert 9 == len(ask("accounts-that-differ", facts, *conflict))


def test_of_two_that_share_a_host_a_third_that_shares_none_is_told_apart():
    facts = (
        MEETING
        + account("a", "m", "occurred", "dip:host state:ISL, state:NZL")
        + account("b", "m", "occurred", "dip:host state:NZL")
        + account("c", "m", "occurred", "dip:host state:FIN")
    )
    found = ask("accounts-that-differ", facts, "firstAccount", "secondAccount")
    assert {frozenset("ac"), frozenset("bc")} == {frozenset(pair) for pair in found}


def test_several_speakers_of_one_text_are_joint():
    facts = "<urn:u> a dip:Utterance .\n" + "".join(
        account(f"by-{who}", "u", "occurred", f"dip:speaker state:{who} ; dip:act act:welcome")
        for who in ("ISL", "NZL")
    )
    assert [] == matters(facts)


def test_accounts_of_things_that_are_one_are_compared():
    facts = (
        "".join(f"<urn:{name}> a dip:Meeting .\n" for name in "mno")
        + account("a", "m", "occurred", "dip:ordinal 2")
        + account("b", "o", "occurred", "dip:ordinal 3")
        + account("same", "n", "in-force", "dip:identicalTo <urn:m>")
    )
    assert [] == matters(facts)
    assert ["number"] == matters(facts + account("too", "o", "in-force", "dip:identicalTo <urn:n>"))
    denied = account("too", "o", "denied", "dip:identicalTo <urn:n>")
    assert [] == matters(facts + denied)


def test_from_planned_to_held_otherwise_is_a_change_and_no_conflict():
    facts = (
        MEETING
        + account("a", "m", "planned", "dip:host state:ISL")
        + account("b", "m", "occurred", "dip:host state:NZL", "late")
    )
    assert [] == matters(facts)
    assert [("m", "host", "ISL", "NZL")] == ask(
        "expectations-that-changed", facts, "thing", "matter", "expected", "found"
    )
    assert [("m", "changed", "1")] == verdicts(facts)


def test_an_expectation_has_one_verdict_however_many_accounts_report():
    facts = (
        MEETING
        + account("a", "m", "planned", f"dip:plannedStart {SEVENTH}")
        + account("a-too", "m", "planned", "dip:agendaItem topic:trade")
        + account("b", "m", "occurred", f"dip:start {SEVENTH}", "late")
        + account("c", "m", "occurred", "dip:agendaItem topic:trade", "late")
    )
    assert [("m", "met", "2")] == verdicts(facts)


def test_what_is_planned_anew_is_open_and_what_is_cancelled_is_called_off():
    again = account("a", "m", "postponed") + account("b", "m", "planned", source="late")
    assert [("m", "open", "0")] == verdicts(MEETING + again)
    assert [("m",)] == ask("expectations-left-open", MEETING + again, "thing")
    off = account("a", "m", "planned") + account("b", "m", "cancelled", source="late")
    assert [("m", "called-off", "1")] == verdicts(MEETING + off)
    assert [] == ask("expectations-left-open", MEETING + off, "thing")


def test_agreements_of_a_collection_are_counted():
    facts = (
        "<urn:series> a dip:Collection ; dip:member <urn:x>, <urn:y> .\n"
        "<urn:x> a dip:Agreement . <urn:y> a dip:Agreement .\n"
        + account("a", "series", "expected", "dip:count 20")
        + account("b", "x", "occurred", "dip:stage stage:signed", "late")
        + account("c", "y", "cancelled", source="late")
    )
    assert [("series", "20", "1", "2", "1", "1", "0")] == ask(
        "collections-of-expected-agreements",
        facts,
        *("collection", "countExpected", "countCame", "named", "cameAbout", "fellThrough", "open"),
    )


def test_a_statement_without_a_stage_stands_among_the_documents():
    facts = "<urn:s> a dip:Agreement ; dip:party state:ISL .\n" + account(
        "a", "s", "occurred", "dip:agreementKind agreement-kind:joint-declaration"
    )
    assert [("s", "joint-declaration")] == ask(
        "agreements-by-stage", facts, "agreement", "agreementKind"
    )


@pytest.mark.parametrize(
    "issued",
    ['"2014-07-01Z"^^xsd:date', '"2014-07-01T08:30:00+03:00"^^xsd:dateTime'],
)
def test_sources_of_one_day_are_compared_however_their_day_is_written(issued):
    source = f"<urn:other> a dip:Source ; dcterms:issued {issued} .\n"
    expected = account("a", "m", "planned", source="late")
    off = account("b", "m", "cancelled", source="other")
    assert ["status"] == matters(MEETING + source + expected + off)
    # what is put off on that day is not called off later
    put_off = account("a", "m", "postponed", source="late")
    assert ["status"] == matters(MEETING + source + put_off + off)


@pytest.mark.parametrize(
    ("issued", "found"),
    [
        ('"2014-08"^^xsd:gYearMonth', ["stage"]),
        ('"2015"^^xsd:gYear', ["stage"]),
        ('"2014-07-02T00:00:00Z"^^xsd:dateTime', ["stage"]),
        ('"2014-07"^^xsd:gYearMonth', ["stage"]),
        ('"2014-06"^^xsd:gYearMonth', []),
        ('"2014"^^xsd:gYear', []),
    ],
)
def test_a_source_of_a_month_or_a_year_conflicts_on_a_stage_where_the_whole_of_it_is_later(
    issued, found
):
    source = f"<urn:other> a dip:Source ; dcterms:issued {issued} .\n"
    signed = account("a", "t", "occurred", "dip:stage stage:signed", "late")
    told = account("b", "t", "under-way", "dip:stage stage:under-negotiation", "other")
    assert found == matters("<urn:t> a dip:Agreement .\n" + source + signed + told)


def test_a_document_without_parties_stands_among_the_documents_unless_a_party_is_asked_for():
    facts = (
        "<urn:s> a dip:Document . <urn:t> a dip:Agreement ; dip:party state:ISL, state:NZL .\n"
        + account("a", "s", "occurred", "dip:stage stage:issued")
        + account("b", "t", "occurred", "dip:stage stage:signed")
    )
    columns = ("agreement", "stage", "between")
    signed = [("t", "signed", "ISL"), ("t", "signed", "NZL")]
    assert [("s", "issued", ""), *signed] == sorted(ask("agreements-by-stage", facts, *columns))
    assert signed[:1] == ask("agreements-by-stage", facts, *columns, party="state:ISL")


def test_bodies_below_a_mechanism_are_told_without_its_parties():
    facts = (
        "<urn:council> a dip:Mechanism .\n"
        "<urn:committee> a dip:Mechanism ; org:subOrganizationOf <urn:council> .\n"
    )
    assert [("council", "committee")] == ask(
        "sub-bodies-of-a-mechanism", facts, "mechanism", "body"
    )


def test_an_amount_has_one_row_however_many_voices_and_holders_it_has():
    facts = "<urn:q> a dip:Quantity ; dip:measure measure:trade .\n" + account(
        "a",
        "q",
        "planned",
        "dip:amount 10 ; dip:targetOf state:NZL, state:ISL ; prov:wasAttributedTo <urn:other>",
    )
    columns = ("quantity", "amount", "targetOf", "andOf", "holders")
    assert [("q", "10", "ISL", "NZL", "2")] == ask("targets", facts, *columns)
    assert [] == ask("targets", facts, *columns, measure="measure:investment")


def planned_anew(restated: str) -> str:
    """Write a plan, its postponement and another plan, each by a source of its own."""
    return (
        '<urn:between> a dip:Source ; dcterms:issued "2014-04-01"^^xsd:date .\n'
        + MEETING
        + account("plan", "m", "planned", 'dip:plannedStart "2014-05-10"^^xsd:date')
        + account("off", "m", "postponed", restated, "between")
        + account("anew", "m", "planned", 'dip:plannedStart "2014-08-12"^^xsd:date', "late")
    )


@pytest.mark.parametrize("restated", ["", 'dip:plannedStart "2014-05-10"^^xsd:date'])
def test_a_plan_given_up_is_put_off_and_does_not_conflict_with_the_plan_made_anew(restated):
    facts = planned_anew(restated)
    assert [] == matters(facts)
    columns = ("source", "verdict", "decidingAccount")
    assert [("early", "put-off", "off"), ("late", "open", "")] == ask(
        "expectations-and-outcomes", facts, *columns
    )
    assert [("late", "2014-08-12")] == ask(
        "expectations-left-open", facts, "source", "expectedFrom"
    )
    held = account("held", "m", "occurred", 'dip:start "2014-08-12"^^xsd:date', "late")
    assert [("early", "changed"), ("late", "met")] == ask(
        "expectations-and-outcomes", facts + held, "source", "verdict"
    )


def test_what_is_planned_anew_has_changed_before_it_is_held():
    columns = ("matter", "expected", "found", "account", "foundAccount")
    anew = [("time", "2014-05-10", "2014-08-12", "plan", "anew")]
    assert anew == ask("expectations-that-changed", planned_anew(""), *columns)
    held = account("held", "m", "occurred", 'dip:start "2014-08-12"^^xsd:date', "late")
    assert [("time", "2014-05-10", "2014-08-12", "plan", "held")] == ask(
        "expectations-that-changed", planned_anew("") + held, *columns
    )
    same = planned_anew("").replace("2014-08-12", "2014-05-10")
    assert [] == ask("expectations-that-changed", same, *columns)


def test_two_plans_of_which_neither_was_put_off_conflict():
    facts = planned_anew("")
    assert ["time"] == matters(facts.replace("status:postponed", "status:planned"))


IDENTICAL = account("one", "m", "in-force", "dip:identicalTo <urn:n>", "late")
PREFERRED = account(
    "better", "m", "occurred", 'dip:prefers <urn:a> ; dip:reason "Sure."@en', "late"
)


@pytest.mark.parametrize("remark", [IDENTICAL, PREFERRED])
def test_nothing_stands_by_an_account_that_only_remarks_on_what_others_tell(remark):
    facts = MEETING + account("a", "m", "planned", f"dip:plannedStart {SEVENTH}") + remark
    assert [("m", "planned", "2014-03-07", "early")] == ask(
        "meetings", facts, "meeting", "status", "firstDay", "source"
    )
    assert [("m", "open", "0")] == verdicts(facts)
    # one that tells a fact too counts
    told = facts.replace("urn:late> ;", f"urn:late> ; dip:start {SEVENTH} ;")
    assert [("m", "in-force" if remark is IDENTICAL else "occurred")] == ask(
        "meetings", told, "meeting", "status"
    )


def test_the_account_that_an_editor_prefers_stands_beside_the_conflict():
    facts = (
        MEETING
        + account("a", "m", "occurred", "dip:ordinal 2")
        + account("b", "m", "occurred", "dip:ordinal 3")
    )
    columns = ("firstAccount", "secondAccount", "preferred")
    assert [("a", "b", "")] == ask("accounts-that-differ", facts, *columns)
    assert [("a", "b", "a")] == ask("accounts-that-differ", facts + PREFERRED, *columns)
