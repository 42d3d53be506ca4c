"""A new base with one invented article: every question answers about that base, or says why not."""

from __future__ import annotations

from pathlib import Path

import pytest

import dragoman
from dragoman.base import marker_text

ROOT = Path(__file__).resolve().parents[1]
ARTICLE = ROOT / "tests" / "invented" / "harbour-news.ttl"
# What the article tells nothing of.
UNTOLD = {
    *("absentees", "accounts-that-differ", "aims", "answers-to-leader"),
    *("attendance-in-place-of-a-principal", "co-hosts-and-convenors"),
    *("collections-of-expected-agreements", "conflicts-and-regions", "counterparts-as-stated"),
    *("coverage-statements", "departures-from-the-announced-rhythm"),
    *("departures-from-the-mandated-composition", "expectations-that-changed", "expected-words"),
    *("gaps-in-a-post", "intervals-between-sessions", "mandates-compared"),
    *("meetings-without-a-date", "order-of-events", "overlaps-in-a-post", "passages"),
    *("passages-of-statement", "people-without-slot", "persons-with-the-same-name"),
    *("post-holders-on-a-day", "postponed-and-cancelled-events", "preferences-of-editors"),
    *("sessions-online", "sessions-without-a-host", "sideline-talks", "spellings", "stances"),
    *("stand-ins-of-a-state", "sub-bodies-of-a-mechanism", "targets", "tenures-without-dates"),
    *("successors-of-posts-and-institutions", "things-said-to-be-identical", "third-parties"),
    *("table-office-holders", "unnamed-participants"),
}
NAMES = [path.stem for path in sorted((ROOT / "queries").glob("*.rq"))]


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> dragoman.KnowledgeBase:
    root = tmp_path_factory.mktemp("new")
    (root / "dragoman.toml").write_text(marker_text(), encoding="utf-8")
    opened = dragoman.open(root)
    added = opened.add(ARTICLE)
    assert added.done, added.refused
    return opened


def test_what_is_untold_are_questions():
    assert [] != NAMES
    assert UNTOLD <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_question_without_values_answers_about_the_base(base, name):
    assert (name in UNTOLD) == (not len(base.query(name)))


def test_no_question_warns_of_its_own_words_where_no_account_is(tmp_path):
    (tmp_path / "dragoman.toml").write_text(marker_text(), encoding="utf-8")
    opened = dragoman.open(tmp_path)
    assert {} == {name: found for name in NAMES if (found := opened.query(name).warnings)}


def test_an_article_of_ones_own_is_answered_by_its_own_things_alone(base):
    sessions = base.query("sessions-of-a-mechanism", labels=True)
    found = {str(cell) for row in sessions.answer.rows for cell in row if cell is not None}
    assert any("hn-first" in each for each in found)
    assert not any("tr-hu" in each for each in found)
