"""Looking things up: by name in any spelling, and everything that is known in both directions."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

import dragoman
from conftest import SHARED
from dragoman import lookup
from dragoman.errors import AmbiguousNameError, DragomanError, UnknownNameError

REPOSITORY = Path(__file__).resolve().parents[1]
ID = "https://w3id.org/dragoman/id/"
DIP = "https://w3id.org/dragoman/ontology/"
ARTICLE = SHARED / "article" / "tr-hu-joint-consultation-mechanism.txt"
SOURCE = f"{ID}source/tr-hu-joint-consultation-mechanism"


@pytest.fixture(scope="module")
def base():
    return dragoman.open(REPOSITORY)


def found(result) -> list[tuple[str, str]]:
    return [(row["thing"].removeprefix(ID), row["match"]) for row in result]


@pytest.mark.parametrize(
    ("text", "thing", "match"),
    [
        ("Orban", "person/viktor-orban", "exact"),
        ("ORBÁN viktor", "person/viktor-orban", "exact"),
        ("Kalin", "person/ibrahim-kalin", "prefix"),
        ("KALIN ibrahim", "person/ibrahim-kalin", "exact"),
        ("szijjarto peter", "person/peter-szijjarto", "exact"),
        ("peter szij", "person/peter-szijjarto", "prefix"),
        ("ijjart", "person/peter-szijjarto", "contains"),
        ("Szijarto", "person/peter-szijjarto", "near"),
        ("szalay bobrovniczky kristof", "person/kristof-szalay-bobrovniczky", "exact"),
        ("Turkey", "state/TUR", "exact"),
        ("turkiye", "state/TUR", "exact"),
        ("törökország", "state/TUR", "exact"),
        ("تركيا", "state/TUR", "exact"),
        ("ТУРЦИЯ", "state/TUR", "exact"),
        ("土耳其", "state/TUR", "exact"),
        ("tr", "state/TUR", "exact"),
        ("TUR", "state/TUR", "exact"),
        ("istanbul", "place/istanbul", "exact"),
        ("İSTANBUL", "place/istanbul", "exact"),
        ("ISTANBUL", "place/istanbul", "exact"),
    ],
)
def test_a_name_is_found_in_any_spelling(base, text, thing, match):
    assert found(base.search(text))[0] == (thing, match)


def test_better_matches_come_first(base):
    order = ["exact", "prefix", "contains", "near"]
    ranks = [order.index(match) for _, match in found(base.search("hungary"))]
    assert (ranks[0], ranks) == (0, sorted(ranks))
    assert len(ranks) > 3


def test_a_thing_is_found_once(base):
    things = [thing for thing, _ in found(base.search("an"))]
    assert len(things) == len(set(things)) > 20


@pytest.mark.parametrize("text", ["", " ", "zzqxzzqx", "\x1b[31m"])
def test_what_is_no_name_finds_nothing(base, text):
    assert (len(base.search(text)), base.search(text).answer.cut) == (0, False)


def test_a_limit_says_that_it_cut(base):
    result = base.search("an", limit=2)
    assert (len(result), result.answer.cut) == (2, True)


@pytest.mark.parametrize(
    "kind", ["dip:Organization", "organization", "Organization", DIP + "State"]
)
def test_a_class_counts_its_subclasses(base, kind):
    things = [thing for thing, _ in found(base.search("hungary", kind=kind))]
    assert things[0] == "state/HUN"
    assert not [thing for thing in things if thing.startswith(("post", "topic", "meeting"))]


def test_an_unknown_class_names_the_nearest(base):
    with pytest.raises(UnknownNameError, match=r"There is no class 'stat'. Did you mean State"):
        base.search("hungary", kind="stat")


def test_a_source_is_found_by_the_name_that_remove_takes(base):
    name = "tr-hu-joint-consultation-mechanism"
    assert base.show(name).thing.term.value == f"{ID}source/{name}"


@pytest.mark.parametrize(
    "text",
    [
        "tr-hu-joint-consultation-mechanism",
        "Article on the first session of the Türkiye–Hungary Joint Consultation Mechanism",
    ],
)
def test_a_question_takes_a_source_by_its_name_and_by_its_title(base, text):
    query = base.prepared("expectations", {"source": [text]}).text
    assert f"{{ <{ID}source/tr-hu-joint-consultation-mechanism> }}" in query.text


@pytest.mark.parametrize(
    "text",
    ["Hungary", " hungary ", "HUN", "state:HUN", f"<{ID}state/HUN>", f"{ID}state/HUN", "匈牙利"],
)
def test_a_thing_is_named_in_many_ways(base, text):
    assert base.show(text).thing.term.value == f"{ID}state/HUN"


def test_an_ambiguous_name_lists_the_things(base):
    with pytest.raises(AmbiguousNameError) as caught:
        base.show("africa")
    assert caught.value.things == ("place:africa (place)", "topic:africa (topic)")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Hngary", "There is no thing called 'Hngary'. Did you mean Hungary"),
        ("szijarto", "Did you mean "),
        ("state:HUM", "There is no thing 'state:HUM'. Did you mean state:"),
        ("<not an iri>", "There is no thing '<not an iri>'."),
        ("", "There is no thing called ''."),
    ],
)
def test_an_unknown_thing_names_the_nearest(base, text, message):
    with pytest.raises(UnknownNameError) as caught:
        base.show(text)
    assert message in str(caught.value)


def accounts_of(base, thing: str) -> set[str]:
    rows = base.query(f"SELECT ?a {{ ?a dip:about <{thing}> }}")
    return {row["a"] for row in rows}


def test_every_account_is_shown_with_its_subject_and_with_all_that_it_names(base):
    """The article's things, against the plain triples."""
    named = base.query(
        "SELECT DISTINCT ?thing ?a { ?a dip:about ?subject . ?node dip:partOf* ?a ; ?p ?thing . "
        "?thing skos:prefLabel ?any FILTER(?p != dip:about && ?thing != ?subject) }"
    )
    expected: dict[str, set[str]] = {}
    for row in named:
        expected.setdefault(row["thing"], set()).add(row["a"])
    assert len(expected) > 30
    for thing, accounts in expected.items():
        shown = lookup.describe(base.store, thing, base.prefixes)
        assert accounts == {each.statement.node for each in shown.occurrences}, thing
        assert accounts_of(base, thing) == {each.statement.node for each in shown.accounts}, thing


def test_an_account_is_shown_with_its_voice_parts_and_passages(base):
    shown = base.show("meeting:tr-hu-jcm-first-session")
    account = next(each for each in shown.accounts if each.statement.node.endswith("/people"))
    assert (account.status.text, account.anonymous) == ("under way", False)
    assert account.source.term.value == SOURCE
    (turkish, hungarian) = account.statement.parts
    assert (turkish.kinds, len(turkish.parts), len(hungarian.parts)) == (("delegation",), 4, 4)
    first = turkish.parts[0]
    facts = {each.property.text: [value.text for value in each.values] for each in first.facts}
    assert facts == {
        "person": ["Hakan Fidan"],
        "capacity": ["Minister of Foreign Affairs of Türkiye"],
    }
    assert (first.passages[0].start, first.passages[0].end) == (119, 147)


def test_an_anonymous_voice_is_marked(base):
    voices = {each.voice.text: each.anonymous for each in base.show("Hakan Fidan").occurrences}
    assert voices["Diplomatic sources"] is True
    assert voices["Publisher of the article, not named in it"] is False


def test_an_occurrence_in_a_part_has_nothing_of_the_others(base):
    shown = base.show("Yaşar Güler")
    account = shown.occurrences[0]
    (delegation,) = account.statement.parts
    (participation,) = delegation.parts
    assert next(each.text for fact in delegation.facts for each in fact.values) == "Türkiye"
    assert participation.node.endswith("/people-tur-yasar-guler")
    assert account.statement.facts == ()


def test_what_points_to_a_thing_without_an_account_is_shown(base):
    related = {
        each.property.text: [value.text for value in each.values]
        for each in base.show("Hungary").related
    }
    assert related["party"] == ["Türkiye–Hungary Joint Consultation Mechanism"]
    assert "Prime Minister of Hungary" in related["post in"]
    assert related["country"] == ["Budapest"]


def test_an_account_and_a_part_are_shown_as_the_whole_account(base):
    for node in ("account/mandate", "account/mandate-slot-intelligence"):
        shown = base.show(f"source:tr-hu-joint-consultation-mechanism/{node}")
        assert [each.statement.node for each in shown.accounts] == [f"{SOURCE}/account/mandate"]


def test_names_have_their_source(base):
    names = {(each.text, bool(each.source)) for each in base.show("Orban").names}
    assert {("Viktor Orbán", False), ("Orban", True)} <= names


def test_a_limit_says_what_was_left_out(base):
    whole, shown = base.show("Hungary"), base.show("Hungary", limit=1)
    assert len(shown.occurrences) == 1
    left = dict(shown.left_out)
    assert left["occurrences"] == len(whole.occurrences) - 1
    assert left["member"] == len(related(whole, "member")) - 1
    assert (whole.left_out, len(related(shown, "member"))) == ((), 1)


def related(description, name: str):
    return next(each.values for each in description.related if each.property.text == name)


def test_a_description_is_plain_data_for_json(base):
    plain = base.show("Hakan Fidan").as_dict()
    assert plain["thing"] == {"iri": f"{ID}person/hakan-fidan", "label": "Hakan Fidan"}
    assert plain["kinds"] == ["person"]
    assert json.loads(json.dumps(plain)) == plain


def test_a_description_is_rdf_with_its_accounts_parts_passages_and_names(base):
    mechanism = f"{ID}mechanism/tr-hu-joint-consultation-mechanism"
    subjects = {str(each.subject)[1:-1] for each in base.triples(base.show(mechanism)).triples}
    assert {
        mechanism,
        f"{SOURCE}/account/mandate",
        f"{SOURCE}/account/mandate-slot-intelligence",
        f"{SOURCE}/passage/2215-2460",
        f"{SOURCE}/passage/2215-2460/position",
        f"{SOURCE}/passage/2298-2317/position",
        f"{SOURCE}/name/joint-consultation-mechanism",
    } <= subjects
    assert f"{ID}state/HUN" not in subjects


def test_a_class_is_shown_with_the_nodes_that_have_no_iri(base):
    written = base.triples(base.show("dip:Session")).written("ntriples").decode()
    assert "equivalentClass> _:" in written
    assert "intersectionOf" in written


@pytest.mark.skipif(not ARTICLE.is_file(), reason="the article is not beside us")
def test_the_words_of_a_passage_are_shown_where_the_text_is_given(base):
    text = ARTICLE.read_text(encoding="utf-8")
    shown = base.show("Yaşar Güler", texts=[ARTICLE])
    (participation,) = shown.occurrences[0].statement.parts[0].parts
    (passage,) = participation.passages
    assert passage.words == text[passage.start : passage.end]
    assert passage.words.endswith("Güler")
    assert (shown.has_words, base.show("Yaşar Güler").has_words) == (True, False)


def test_another_text_is_refused_naming_those_that_are_known(base, tmp_path):
    (tmp_path / "other.txt").write_text("Another text.", encoding="utf-8")
    with pytest.raises(DragomanError) as caught:
        base.show("Hungary", texts=[tmp_path / "other.txt"])
    assert "other.txt: the base has no source with this text" in str(caught.value)
    assert "tr-hu-joint-consultation-mechanism (5088340c4961…)" in str(caught.value)


def test_a_text_that_cannot_be_read_is_said(base, tmp_path):
    (tmp_path / "latin.txt").write_bytes(b"\xe9")
    for name, message in (("latin.txt", "it is not UTF-8"), ("none.txt", "it cannot be read")):
        with pytest.raises(DragomanError, match=message):
            base.show("Hungary", texts=[tmp_path / name])
    with pytest.raises(DragomanError, match="it cannot be read"):
        base.show("Hungary", texts=[tmp_path])


def evidence(root: Path, text: str, start: str, end: str) -> None:
    """Add an account with one passage to the small base."""
    sha = hashlib.sha256(text.encode()).hexdigest()
    (root / "data" / "told.ttl").write_text(
        f"""@prefix dip: <{DIP}> . @prefix oa: <http://www.w3.org/ns/oa#> .
        @prefix s: <{ID}source/told/> .
        <{ID}source/told> a dip:Source ; dip:sha256 "{sha}" .
        s:a a dip:Account ; dip:about <{ID}person/fidan> ; dip:source <{ID}source/told> ;
            dip:passage s:p .
        s:p oa:hasSource <{ID}source/told> ; oa:hasSelector s:q .
        s:q oa:start {start} ; oa:end {end} .""",
        encoding="utf-8",
    )


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [("1", "4", "ürk"), ("0", "9", None), ("4", "2", None), ("-1", "2", None), ('"x"', "2", None)],
)
def test_offsets_are_code_points_and_those_outside_the_text_have_no_words(
    root, tmp_path, start, end, words
):
    evidence(root, "Türk 🇹", start, end)
    (tmp_path / "told.txt").write_text("Türk 🇹", encoding="utf-8")
    shown = dragoman.open(root).show("Hakan Fidan", texts=[tmp_path / "told.txt"])
    assert [each.words for each in shown.accounts[0].statement.passages] == [words]


def test_an_account_without_voice_or_status_is_shown_all_the_same(root):
    evidence(root, "x", "0", "1")
    (account,) = dragoman.open(root).show("Hakan Fidan").accounts
    assert (account.voice, account.status, account.source.text) == (None, None, account.source.text)


def test_stats_agree_with_the_triples(base):
    rows = list(base.stats())
    count = {(row["group"], row["label"]): row["count"] for row in rows}
    total = base.query("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }", record=False)
    assert (
        sum(row["count"] for row in rows if row["group"] == "triples")
        == (count["base", "triples of ontology and data"])
    )
    assert next(iter(total))["n"] == count["base", "triples of ontology and data"]
    assert count["base", "saved questions"] == len(base.questions())
    states = base.query("SELECT (COUNT(*) AS ?n) { ?s a dip:State }")
    assert count["things", "state"] == next(iter(states))["n"]
    accounts = count["base", "accounts"]
    for group in ("accounts", "sources"):
        assert sum(row["count"] for row in rows if row["group"] == group) == accounts
    assert accounts == sum(
        row["count"] for row in rows if row["group"] in {"named voices", "anonymous voices"}
    )


def test_stats_within_a_limit_say_so(base):
    result = base.stats(limit=1)
    groups = [row["group"] for row in result]
    assert (groups.count("things"), result.answer.cut) == (1, True)
    assert base.stats().answer.cut is False


def test_a_notebook_shows_a_description_with_everything_escaped(base):
    page = base.show("Hakan Fidan")._repr_html_()
    assert page.startswith('<h3><a href="https://w3id.org/dragoman/id/person/hakan-fidan"')
    assert "<h4>Where accounts of other things name it</h4>" in page
    assert "Minister of Foreign Affairs of Türkiye" in page
    evil = base.show("Hakan Fidan")
    evil = evil._replace(thing=evil.thing._replace(text="<img src=x onerror=alert(1)>"))
    assert "<img" not in evil._repr_html_()
