"""What is wrong with a report form is told, all at once, each with its line and with what to do."""

from __future__ import annotations

import pytest

import random_sources
from dragoman.errors import DragomanError
from dragoman.form.reading import read

HEAD = "dragoman: report/1\nsource: trial\n"


@pytest.fixture(scope="module")
def world():
    return random_sources.world()


def problems(world, body):
    """Return the line and the text of all that is wrong with a form; its head has two lines."""
    found = random_sources.compiled(world, HEAD + body).problems
    return [(each.line, each.message) for each in found]


MISTAKES = (
    ("colour: red", "There is no key 'colour'"),
    ("xyz:colour: red", "The prefix of 'xyz:colour' is not known"),
    ("publisher: Nobody at All", "publisher: no "),
    ("published: yesterday", "published: 'yesterday' is no xsd:date or"),
    ("retrieved: 2031-02-30", "retrieved: '2031-02-30' is no xsd:date"),
    ("title:", "title: nothing is told."),
    ("url: [[a]]", "url: a list in a list says nothing more."),
    ("rights: ?? all", "This is still a suggestion: confirm 'all'"),
    ("description: {capacity: x}", "description: give a text, or `{en: …, tr: …}`"),
    ("voices: [one]", "voices: give a key with each"),
    ("defaults: {acounts: {status: occurred}}", "defaults: nothing is called 'acounts'. Did you"),
    ("new: {x: {a: Meating}}", "a: there is no class 'Meating'. Did you mean Meeting"),
    ("cast: {Nobody at All: {}}", "cast: no Person is called 'Nobody at All'."),
    ("accounts: {first: text}", "first: an account is keys with values"),
    ("names: [[a]]", "names: a list in a list says nothing more."),
    ("passages: {x: [1-2]}", "passages: give words, or keys in braces; this is a list."),
    ("turtle: [x]", "turtle: give the Turtle as one text"),
)


@pytest.mark.parametrize(("body", "expected"), MISTAKES, ids=str)
def test_a_mistake_is_told_on_its_line(world, body, expected):
    (line, message), *_ = problems(world, f"# a comment\n\n{body}\n")
    assert line == 5
    assert message.startswith(expected)


def test_all_mistakes_are_told_in_one_run_in_the_order_of_the_file(world):
    found = problems(world, "".join(f"{body}\n" for body, _ in MISTAKES))
    lines = [line for line, _ in found]
    assert lines == sorted(lines)
    assert set(range(3, 3 + len(MISTAKES))) <= set(lines)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("{status: ocurred}", "status: no Status is called 'ocurred'. Did you mean"),
        ("{status: occurred, start: March}", "start: 'March' is no xsd:date"),
        ("{host: [France, Frence]}", "host: no Organization is called 'Frence'. Did you mean"),
        ("{words: p1.1}", "words: 'p1.1': the text is not at hand"),
        ("{capital: Paris}", "capital is told of a State, not of a"),
        ("{delegations: {Frence: []}}", "party: no Organization is called 'Frence'."),
        ("{delegations: [[France]]}", "delegations: a list in a list says nothing more."),
        ("{about: {en: x}}", "What kind of thing 'en' is, is not told"),
        ("{by: <no iri>}", "by: no Agent is called '<no iri>'."),
        ("{description: {value: x, language: 1}}", "description: '1' is no language tag"),
    ],
    ids=str,
)
def test_a_mistake_in_an_account_is_told_on_its_line(world, told, expected):
    found = problems(world, f"accounts:\n  first: {{about: state:FRA}}\n  second: {told}\n")
    assert 5 in [line for line, _ in found]
    assert [message for _, message in found if message.startswith(expected)] != []


@pytest.mark.parametrize("tag", ["english language", "1", "en_GB"])
def test_a_language_that_is_none_is_told_and_stops_nothing(world, tag):
    found = problems(world, f"language: {tag}\ntitle: A title\n")
    assert [line for line, _ in found] == [3]


def test_a_form_without_the_name_of_its_source_is_refused(world):
    with pytest.raises(DragomanError, match="does not say what its source is called"):
        random_sources.compiled(world, "dragoman: report/1\ntitle: x\n")


def test_what_is_right_is_said_beside_what_is_wrong(world):
    found = random_sources.compiled(world, f"{HEAD}title: A title\ncolour: red\n")
    assert ["A title"] == [t.object.value for t in found.triples if "title" in t.predicate.value]


def test_a_block_says_otherwise_than_the_defaults_also_by_a_prefixed_name(world):
    body = (
        "defaults: {accounts: {status: occurred}}\n"
        "accounts:\n  first: {about: state:FRA, dip:status: planned}\n"
        "  second: {about: state:FRA}\n"
    )
    found = random_sources.compiled(world, HEAD + body)
    said = [t.object.value.split("/")[-1] for t in found.triples if "/status" in t.predicate.value]
    assert ["planned", "occurred"] == said


def test_a_thing_of_the_embedded_turtle_may_be_named_before_it(world):
    body = (
        "accounts:\n  first: {about: harbour-one}\n"
        "turtle: |\n  <https://w3id.org/dragoman/id/meeting/harbour-one> a dip:Meeting .\n"
    )
    found = random_sources.compiled(world, HEAD + body)
    assert found.problems == ()


def test_a_mistake_in_the_embedded_turtle_is_told_on_its_line(world):
    (found,) = problems(world, "turtle: |\n  state:FRA a dip:State .\n  state:FRA a .\n")
    assert found[0] == 5


def test_reading_keeps_a_word_that_yaml_takes_for_something_else():
    form = read(f"{HEAD}title: no\nrights: 12:30\n".encode(), "form")
    assert [each.value for each in (form.get("title"), form.get("rights"))] == ["no", "12:30"]


@pytest.mark.parametrize(
    "told",
    [
        "title: ?? x",
        "title:\n  value: ?? x",
        "title:\n  value: x\n  language: ?? en",
        "title:\n  value: x\n  type: ?? xsd:date",
        "title:\n  en: ?? x",
        "title:\n  ?? en: x",
        "title:\n  - ?? x",
        "publisher:\n  ?? <urn:x>: x",
        "names:\n  ?? France: France",
    ],
)
def test_a_suggestion_is_told_and_never_said(world, told):
    """Whatever it is of: a value, one part of it, or a key."""
    found = random_sources.compiled(world, f"{HEAD}a: []\n{told}\n")
    assert ["This is still a suggestion"] == [each.message[:26] for each in found.problems]
    assert () == found.triples
