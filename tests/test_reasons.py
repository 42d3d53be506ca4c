"""An empty answer says why it is empty."""

from __future__ import annotations

import pytest

HEAD = "#+ summary: Visits\n#+ description: Who hosted what, and when?\n#+ tags: [visits]\n"
VISITS = """\
#+ params:
#+   - {name: host, type: dip:State, description: The host}
#+   - {name: guest, type: dip:State, description: The guest}
#+ time: [day]

PREFIX dip: <https://w3id.org/dragoman/ontology/>

SELECT ?event ?host ?guest ?day
WHERE {
    VALUES ?host { UNDEF }
    VALUES ?guest { UNDEF }
    ?account dip:about ?event ; dip:host ?host ; dip:guest ?guest .
    OPTIONAL { ?account dip:day ?day }
}
ORDER BY ?event
"""
ARTICLE = """\
@prefix dip: <https://w3id.org/dragoman/ontology/> .
@prefix state: <https://w3id.org/dragoman/id/state/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<urn:a1> a dip:Account ; dip:about <urn:e1> ; dip:host state:HUN ; dip:guest state:TUR ;
    dip:day "2026-07-15"^^xsd:date .
<urn:a2> a dip:Account ; dip:about <urn:e2> ; dip:host state:TUR ; dip:guest state:GEO .
"""


@pytest.fixture
def said(root, dragoman):
    (root / "queries" / "visits.rq").write_text(HEAD + VISITS, encoding="utf-8")
    (root / "data" / "articles" / "visits.ttl").write_text(ARTICLE, encoding="utf-8")

    def run(*arguments: str) -> list[str]:
        done = dragoman("query", "visits", *arguments)
        assert 0 == done.returncode, done.stderr
        return done.stderr.decode().splitlines()

    return run


def test_with_rows_nothing_is_said(said):
    assert [] == said()
    assert [] == said("--set", "host=Hungary")


def test_a_thing_that_is_not_there_is_named(said):
    warning, line = said("--set", "host=state:HUX")
    assert "Did you mean state:HUN?" in warning
    assert "0 rows: host: the base says nothing of state:HUX." == line


def test_a_thing_of_which_no_account_tells_is_named(said):
    assert ["0 rows: host: no account tells of South Georgia (state:SGS)."] == said(
        "--set", "host=state:SGS"
    )


def test_the_value_that_leaves_nothing_is_named(said):
    (line,) = said("--set", "host=Hungary", "--set", "guest=GEO")
    assert (
        "0 rows: without --set host=Hungary (state:HUN), or without --set guest=Georgia "
        "(state:GEO), there are rows." == line
    )
    (line,) = said("--set", "host=state:GEO")
    assert "0 rows: without --set host=Georgia (state:GEO), there are rows." == line


def test_the_time_that_leaves_nothing_is_named_and_what_has_no_day_is_counted(said):
    assert [
        "0 rows: without --since 2027-01-01, there are rows.",
        "Left out: 1 row without a day.",
    ] == said("--since", "2027")
    assert ["Left out: 1 row without a day."] == said("--until", "2026-07")
    assert [] == said("--until", "2026-07", "--set", "guest=Türkiye")


def test_only_several_wishes_together_may_leave_nothing(said):
    (line,) = said("--set", "host=GEO", "--set", "guest=HUN", "--since", "2000")
    assert "0 rows: only without several of these wishes there are rows." == line


def test_that_there_is_nothing_of_the_kind_is_said(said, root):
    query = root / "queries" / "visits.rq"
    query.write_text(query.read_text().replace("dip:guest ?guest .", "dip:guests ?guest ."))
    *_, line = said("--set", "host=HUN")
    nothing = "of what this question asks the base tells nothing yet."
    assert f"0 rows: without values there is no row either: {nothing}" == line
    assert f"0 rows: {nothing}" == said()[-1]


def test_the_question_that_the_description_names_is_named(said, root):
    query = root / "queries" / "visits.rq"
    text = query.read_text().replace("dip:guest ?guest .", "dip:guests ?guest .")
    (root / "queries" / "guests-to-come.rq").write_text(text)
    query.write_text(text.replace("and when?", "and when? Others stand in guests-to-come."))
    assert "nothing yet. See also: dragoman query guests-to-come." in said()[-1]


def test_a_base_without_accounts_says_so(said, root):
    (root / "data" / "articles" / "visits.ttl").write_text("", encoding="utf-8")
    *_, line = said()
    assert line.startswith("0 rows: the base holds no accounts yet. Add an article: dragoman draft")


def test_quiet_is_quiet(said):
    assert [] == said("--set", "host=state:HUX", "-q")
