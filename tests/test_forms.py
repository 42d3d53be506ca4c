"""Report forms in a base: added, validated with findings on their lines, edited, and told back."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from conftest import command_in
from dragoman import additions, canonical, form, index, syntax
from dragoman.base import find_base, marker_text, source_iri
from dragoman.errors import SyntaxProblem

ROOT = Path(__file__).resolve().parents[1]
ARTICLE = ROOT / "data" / "articles" / "tr-hu-joint-consultation-mechanism.ttl"
TEXT = ROOT.parent / "shared" / "article" / "tr-hu-joint-consultation-mechanism.txt"
WORLD = ROOT / "tests" / "world"
# Sources of different kinds, which are told in at most 15 % of the lines of their Turtle.
SHORT = (
    *("world-dialogue-arvania", "world-leaders-council", "world-rotation", "world-six-format"),
    *("world-summit-before", "world-visits", "world-register"),
)
HARBOUR = """\
dragoman: report/1
source: harbour-news
text: none
title: Ministers meet at the harbour
published: 2031-03-05
language: en
publisher: paper
voices:
  paper: {a: Organization, label: Harbour News}
defaults:
  accounts: {by: paper, status: occurred}
  delegations: {listing: named}
reference:
  Ada Harbour: {a: Person}
  post:fra-minister-of-harbours: {label: Minister of Harbours of France, postIn: France,
    portfolio: foreign-affairs, rank: minister}
new:
  Harbour Town: {a: Place, country: Portugal}
  mechanism:hn-dialogue: {a: BilateralMechanism, label: Harbour Dialogue, party: [France, Portugal]}
accounts:
  first:
    about: {meeting:hn-first: First session of the Harbour Dialogue}
    sessionOf: Harbour Dialogue
    ordinal: 1
    start: 2031-03-04
    weekday: Tuesday
    place: Harbour Town
    host: Portugal
    delegations:
      France: [{Ada Harbour: {capacity: fra-minister-of-harbours}}]
"""


@pytest.fixture
def base(tmp_path):
    root = tmp_path / "base"
    root.mkdir()
    (root / "dragoman.toml").write_text(marker_text(), encoding="utf-8")
    return find_base(root)


@pytest.fixture
def written(base):
    """Write a report form beside the base, and return its path."""

    def written(text, name="harbour-news.yaml"):
        path = base.root.parent / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


@pytest.fixture
def run(base):
    return command_in(base.root.parent, "--base", "base", VISUAL="", EDITOR="")


def triples(path, text_format="turtle"):
    return {quad.triple for quad in syntax.read_rdf(path, text_format)}


def digest(found):
    graph = canonical.of_triples(found, "urn:g")
    return sorted(map(str, graph.triples()))


# ------------------------------------------------------------------ the first article


@pytest.fixture(scope="module")
def packaged():
    return find_base(ROOT)


@pytest.fixture(scope="module")
def facts(packaged):
    return index.open_store(packaged)


def test_the_first_article_is_what_its_form_says(packaged, facts):
    path = ROOT / "tests" / "forms" / ARTICLE.with_suffix(".yaml").name
    made = form.made(packaged, path, path.name, facts)
    assert () == made.problems
    assert digest(triples(ARTICLE)) == digest(triples(made.content))
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 130


def test_the_first_article_is_told_with_the_words_of_its_text(packaged, facts, tmp_path):
    if not TEXT.exists():
        pytest.skip("the article's text is not here: ../shared is absent")
    text = TEXT.read_text(encoding="utf-8")
    said = list(syntax.read_rdf(ARTICLE))
    told = form.of_source(
        packaged, ARTICLE.stem, [each.triple for each in said], facts, text, str(TEXT)
    )
    path = tmp_path / "told.yaml"
    path.write_text(told, encoding="utf-8")
    assert len(told.splitlines()) <= 130
    assert "words: p5.2" in told
    made = form.made(packaged, path, path.name, facts)
    assert ((), triples(ARTICLE)) == (made.problems, triples(made.content))


@pytest.mark.parametrize("name", SHORT)
def test_a_report_is_told_in_few_lines(packaged, name, tmp_path):
    from dragoman import store

    found = store.load(packaged, "ontology", "data")
    for path in WORLD.glob("*.ttl"):
        found.add((each.triple for each in syntax.read_rdf(path)), source_iri(path.stem))
    source = WORLD / f"{name}.ttl"
    told = form.of_source(packaged, name, list(_in_order(source)), found)
    lines = len(source.read_text(encoding="utf-8").splitlines())
    assert len(told.splitlines()) <= 0.15 * lines
    path = tmp_path / "told.yaml"
    path.write_text(told, encoding="utf-8")
    assert triples(source) == triples(form.made(packaged, path, path.name, found).content)


def _in_order(path):
    return (quad.triple for quad in syntax.read_rdf(path))


# ------------------------------------------------------------------ adding


def test_a_form_is_kept_as_turtle_and_reference_data_apart_in_one_transaction(base, written):
    done = additions.add(base, [written(HARBOUR)])
    assert ["data/reference/own.ttl", "data/harbour-news.ttl"] == [each.path for each in done.added]
    own = (base.root / "data" / "reference" / "own.ttl").read_text(encoding="utf-8")
    source = (base.root / "data" / "harbour-news.ttl").read_text(encoding="utf-8")
    assert "person:ada-harbour\n    a dip:Person ;" in own
    assert "post:fra-minister-of-harbours\n" in own
    assert "place:harbour-town\n    a dip:Place ;" in source
    assert "person:ada-harbour\n" not in source
    assert "account:first-fra-ada-harbour\n" in source


def test_a_second_form_uses_the_reference_data_of_the_first_and_adds_to_it(base, written):
    additions.add(base, [written(HARBOUR)])
    second = HARBOUR.replace("harbour-news", "quay-news").replace("hn-first", "qn-first")
    second = second.replace("  Ada Harbour: {a: Person}\n", "  Ben Quay: {a: Person}\n")
    start, end = second.index("  post:fra"), second.index("new:")
    second = second[:start] + second[end:]
    second = second.replace("  Harbour Town: {a: Place, country: Portugal}\n", "")
    second = second.replace("  mechanism:hn-dialogue: {a: BilateralMechanism, label: Harbour "
                            "Dialogue, party: [France, Portugal]}\n", "")  # fmt: skip
    done = additions.add(
        base, [written(second, "quay.yaml")], additions.Adding(allow=("violation", "a test"))
    )
    assert {"data/reference/own.ttl", "data/quay-news.ttl"} == {each.path for each in done.added}
    own = (base.root / "data" / "reference" / "own.ttl").read_text(encoding="utf-8")
    assert "person:ada-harbour\n" in own
    assert "person:ben-quay\n" in own


def test_a_form_takes_the_place_of_what_it_made_reference_data_and_all(run, base, written):
    written(HARBOUR)
    run("add", "harbour-news.yaml")
    before = (base.root / "data" / "reference" / "own.ttl").read_bytes()
    written(HARBOUR.replace("ordinal: 1", "ordinal: 2"))
    out, _ = run("add", "harbour-news.yaml", "--replace")
    assert "Replaced data/harbour-news.ttl: 36 triples.\n" == out
    assert before == (base.root / "data" / "reference" / "own.ttl").read_bytes()


def test_reference_data_that_is_told_otherwise_is_refused_and_nothing_is_changed(
    run, base, written
):
    written(HARBOUR)
    run("add", "harbour-news.yaml")
    before = (base.root / "data" / "reference" / "own.ttl").read_bytes()
    written(HARBOUR.replace("rank: minister}", "rank: deputy-minister}"))
    (line,) = [
        line for line, text in found_in(run, "harbour-news.yaml") if "told otherwise" in text
    ]
    assert HARBOUR.splitlines()[line - 1].startswith("  post:fra-minister-of-harbours:")
    run("add", "harbour-news.yaml", "--replace", ended=1)
    assert before == (base.root / "data" / "reference" / "own.ttl").read_bytes()


def test_a_form_in_the_place_of_its_source_needs_replace(run, written):
    written(HARBOUR)
    run("add", "harbour-news.yaml")
    start, end = HARBOUR.index("reference:"), HARBOUR.index("new:")
    written(HARBOUR[:start] + HARBOUR[end:].replace("ordinal: 1", "ordinal: 2"))
    _, said = run("add", "harbour-news.yaml", ended=2)
    assert "replace it with --replace" in said
    out, _ = run("add", "harbour-news.yaml", "--replace")
    assert "Replaced data/harbour-news.ttl" in out


def test_a_name_for_a_form_is_refused_for_it_says_it_itself(run, written):
    written(HARBOUR)
    _, said = run("add", "harbour-news.yaml", "--as", "other", ended=2)
    assert "a report form says itself what its source is called" in said


def test_what_stands_in_the_reference_data_stays_as_it_is(base, written):
    own = base.root / "data" / "reference" / "own.ttl"
    own.parent.mkdir(parents=True)
    before = (
        "# By hand.\n@prefix dcterms: <http://purl.org/dc/terms/> .\n"
        "@prefix dip: <https://w3id.org/dragoman/ontology/> .\n"
        "@prefix source: <https://w3id.org/dragoman/id/source/> .\n\n"
        'source:own a dip:Source ; dcterms:title "Ours"@en .  # a remark\n'
    )
    own.write_text(before, encoding="utf-8")
    additions.add(base, [written(HARBOUR)])
    text = own.read_text(encoding="utf-8")
    assert before.splitlines()[-1] in text.splitlines()
    assert text.startswith("# By hand.\n")
    assert "person:ada-harbour\n    a dip:Person ;" in text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("  my talks: {about: Harbour Dialogue}", "'my talks' ends an IRI, so it has no space"),
        ("  first-fra: {about: Harbour Dialogue}", None),
        ("  account:first: {about: Harbour Dialogue}", "account:first is told on line "),
        (
            "  a: {about: meeting:hn-first, delegations: {France: {iri: b}, Portugal: {iri: b}}}",
            "account:b is told on line",
        ),
        ("  a: {about: Harbour Dialogue, description: {en-a: x}}", "'en-a' is no language tag"),
        (
            "  a: {about: Harbour Dialogue, description: {value: x, type: rdf:langString}}",
            "a text in a language has `language: en`",
        ),
        ("names: [{Lisbon: [Portugal, metonym, x]}]", "give keys in braces"),
    ],
)
def test_what_would_be_joined_or_lost_is_told(packaged, facts, tmp_path, more, said):
    path = tmp_path / "news.yaml"
    path.write_text(f"{HARBOUR}{more}\n", encoding="utf-8")
    made = form.made(packaged, path, path.name, facts)
    told = [each.message for each in made.problems]
    assert (said is None) == (not told)
    assert said is None or any(said in each for each in told), told
    if said is None:
        assert b"account:first-fra-2\n    a dip:Delegation" in made.content


def test_half_a_character_is_refused(packaged, facts, tmp_path):
    path = tmp_path / "news.yaml"
    path.write_text(f'{HARBOUR}  a: {{description: "\\uD800"}}\n', encoding="utf-8")
    with pytest.raises(SyntaxProblem, match="half a character"):
        form.made(packaged, path, path.name, facts)


def test_people_with_names_in_any_letters_are_people_of_their_own(packaged, facts, tmp_path):
    path = tmp_path / "news.yaml"
    people = "  Иван Иванов: {a: Person}\n  王毅: {a: Person}\n  Ada Quay: {a: Person}\n"
    more = "  Adá Quay: {a: Person}\n"
    path.write_text(HARBOUR.replace("new:\n", f"new:\n{people}{more}"), encoding="utf-8")
    made = form.made(packaged, path, path.name, facts)
    (told,) = made.problems
    assert "person:ada-quay is made of 'Ada Quay' on line " in told.message
    kept = {quad.subject.value.rpartition("/")[2] for quad in syntax.read_rdf(made.content)}
    assert {"иван-иванов", "王毅", "ada-quay"} <= kept


def test_a_name_in_another_spelling_is_no_guess_between_the_base_and_the_form(base, written):
    additions.add(base, [written(HARBOUR)])
    text = "new: {person:other: {label: Zedd, altLabel: Ada Harbour}}\n"
    text += "accounts: {a: {about: ada harbour}}\n"
    path = written(f"dragoman: report/1\nsource: x\ntext: none\n{text}", "x.yaml")
    made = form.made(base, path, path.name, index.open_store(base))
    assert "several things are called 'ada harbour'" in made.problems[0].message


def test_a_new_topic_is_in_the_scheme_of_topics(base, written):
    text = HARBOUR.replace(
        "new:\n", "new:\n  topic:quays: {label: Quays, topicKind: policy-field}\n"
    )
    additions.add(base, [written(text)])
    source = (base.root / "data" / "harbour-news.ttl").read_text(encoding="utf-8")
    assert "skos:inScheme scheme:topic ;" in source
    told = told_form(base)
    assert "topic:quays: {label: Quays, topicKind: policy-field}" in told


def told_form(base):
    path = base.root / "data" / "harbour-news.ttl"
    said = [quad.triple for quad in syntax.read_rdf(path)]
    return form.of_source(base, "harbour-news", said, index.open_store(base))


# ------------------------------------------------------------------ findings


def test_nothing_is_hidden_where_the_source_is_in_the_base(run, written):
    written(HARBOUR)
    run("add", "harbour-news.yaml")
    wrong = HARBOUR.replace("host: ", "hots: ").replace("ordinal: ", "ordinall: ")
    written(wrong.replace("place: ", "plaze: "))
    assert 3 == len([t for _, t in found_in(run, "harbour-news.yaml") if "There is no key" in t])


def test_what_the_base_has_of_the_source_itself_is_no_answer_to_a_name(run, written):
    written(HARBOUR)
    run("add", "harbour-news.yaml")
    written(HARBOUR.replace("Harbour Town: {a: Place", "Harbour City: {a: Place"))
    texts = [text for _, text in found_in(run, "harbour-news.yaml")]
    assert any(text.startswith("place: no Place is called 'Harbour Town'") for text in texts)
    written(HARBOUR.replace("Harbour Town", "Harbour City"))
    out, _ = run("validate", "harbour-news.yaml", "-f", "json")
    assert not [each for each in json.loads(out)["findings"] if "Harbour" in each["message"]]


@pytest.mark.parametrize("place", ["reference/own.ttl", "harbour-news.ttl"])
def test_a_folder_in_the_place_of_a_file_is_told_and_nothing_is_changed(run, base, written, place):
    written(HARBOUR)
    (base.root / "data" / place).mkdir(parents=True)
    _, err = run("add", "harbour-news.yaml", ended=2)
    assert re.search(rf"data/{place} is a folder, and a file is to stand there\. Move it", err)
    assert [] == [each for each in (base.root / "data").rglob("*") if each.is_file()]
    (base.root / "data" / place).rmdir()
    run("add", "harbour-news.yaml")


def found_in(run, name):
    out, _ = run("validate", name, "-f", "json", ended=1)
    return [(each["line"], each["message"]) for each in json.loads(out)["findings"]]


def test_a_form_that_adds_to_the_reference_data_is_one_file(run, written):
    written(HARBOUR)
    out, _ = run("validate", "harbour-news.yaml", "-f", "json")
    assert ["harbour-news.yaml"] == json.loads(out)["checked"]
    assert "1 file checked: 1 note." in run("validate", "harbour-news.yaml")[0]


def test_findings_of_shapes_stand_on_the_lines_of_the_form(run, written):
    written(HARBOUR.replace("weekday: Tuesday", "weekday: Monday"))
    (line,) = [line for line, text in found_in(run, "harbour-news.yaml") if "Monday" in text]
    assert "  first:" == HARBOUR.splitlines()[line - 1]
    written(HARBOUR.replace("ordinal: 1", "ordinal: -1"))
    (line,) = [line for line, text in found_in(run, "harbour-news.yaml") if "ordinal" in text]
    assert "    ordinal: 1" == HARBOUR.splitlines()[line - 1]


def test_what_cannot_be_read_and_what_shapes_find_are_told_in_one_run(run, written):
    text = HARBOUR.replace("place: Harbour Town", "place: Harbor Town")
    text = text.replace("ordinal: 1", "ordinal: one").replace("weekday: Tuesday", "weekday: Monday")
    written(text.replace("host: Portugal", "hosst: Portugal"))
    found = dict(found_in(run, "harbour-news.yaml"))
    lines = text.splitlines()
    at = {lines[line - 1].strip().partition(":")[0]: found[line] for line in found}
    assert "Did you mean place:harbour-town?" in at["place"]
    assert "'one' is no xsd:integer" in at["ordinal"]
    assert "There is no key 'hosst' for a Account. Did you mean host" in at["host"]
    assert "is a Tuesday" in at["first"]


def test_what_follows_from_a_value_that_cannot_be_read_is_not_told_again(run, written):
    written(HARBOUR.replace("about: {meeting", "about: {meetin"))
    messages = [message for _, message in found_in(run, "harbour-news.yaml")]
    start = "The prefix of 'meetin:hn-first' is not known. Did you mean meeting:"
    assert any(each.startswith(start) for each in messages)
    assert [] == [each for each in messages if "dip:about" in each]


def test_a_form_that_cannot_be_read_at_all_ends_with_two(run, written):
    written("dragoman: report/1\nsource: x\n  bad: [\n")
    _, said = run("add", "harbour-news.yaml", ended=2)
    assert said.startswith("Error: harbour-news.yaml:3:")
    written("dragoman: report/2\nsource: x\n")
    _, said = run("validate", "harbour-news.yaml", ended=2)
    assert "It is of the version 'report/2', and this program reads report/1." in said


def test_the_text_is_looked_for_beside_the_form_and_known_by_its_hash(run, written):
    text = HARBOUR.replace("text: none", "text: words.txt")
    written(text)
    assert any("words.txt" in message for _, message in found_in(run, "harbour-news.yaml"))
    written("Ministers met. All was well.", "words.txt")
    body = text.replace("    ordinal: 1\n", "    ordinal: 1\n    words: p1.1\n")
    written(body)
    run("add", "harbour-news.yaml")
    _, said = run("show", "meeting:hn-first", "--text", "words.txt")
    assert "" == said
    written(body + "sha256: " + "0" * 64 + "\n")
    assert any("The text is another one" in said for _, said in found_in(run, "harbour-news.yaml"))


# ------------------------------------------------------------------ editing, and telling


def test_a_source_is_edited_as_its_form_and_replaced(run, base, written):
    written(HARBOUR)
    run("add", "harbour-news.yaml")
    out, _ = run("edit", "harbour-news", EDITOR="sed -i s/hn-first:/&/;s/ordinal:.1/ordinal:\\ 3/")
    assert "Replaced data/harbour-news.ttl" in out
    assert "dip:ordinal 3 ;" in (base.root / "data" / "harbour-news.ttl").read_text()


def test_a_source_is_edited_with_the_words_of_the_text_beside_it(run, base, written):
    written("Ministers met. All was well.", "harbour-news.txt")
    text = HARBOUR.replace("text: none", "text: harbour-news.txt")
    written(text.replace("    ordinal: 1\n", "    ordinal: 1\n    words: p1.1\n"))
    run("add", "harbour-news.yaml")
    _, said = run("edit", "harbour-news", EDITOR="sed -i s/p1.1,/p1.2,/")
    assert "harbour-news.yaml is not what was edited" in said
    assert "/passage/15-28>" in (base.root / "data" / "harbour-news.ttl").read_text() or (
        "passage:15-28" in (base.root / "data" / "harbour-news.ttl").read_text()
    )


def test_nothing_changes_where_nothing_is_saved_or_the_editor_fails(run, base, written):
    written(HARBOUR)
    run("add", "harbour-news.yaml")
    before = (base.root / "data" / "harbour-news.ttl").read_bytes()
    _, said = run("edit", "harbour-news", EDITOR="true")
    assert "Nothing was changed in harbour-news.\n" == said
    _, said = run("edit", "harbour-news", EDITOR="false", ended=2)
    assert "ended with 1: nothing was done" in said
    _, said = run("edit", "harbour-news", ended=2)
    assert "Name one in the variable EDITOR" in said
    _, said = run("edit", "harbour-news", EDITOR="no-such-editor", ended=2)
    assert "cannot be run" in said
    _, said = run("edit", "harbour-news", EDITOR="rm", ended=2)
    assert "took the file away" in said
    _, said = run("edit", "harbour-news", EDITOR="sed -i s/^source:.*/source:\\ other/", ended=2)
    assert "It is called 'other', and would take the place of 'harbour-news'" in said
    (base.root.parent / "harbour-news-2.yaml").unlink()
    _, said = run("edit", "harbor-news", ended=2)
    assert "harbour-news" in said
    assert before == (base.root / "data" / "harbour-news.ttl").read_bytes()


def test_a_form_that_is_refused_is_kept_and_the_source_as_it_was(run, base, written):
    written(HARBOUR).rename(base.root.parent / "first.yaml")
    run("add", "first.yaml")
    before = (base.root / "data" / "harbour-news.ttl").read_bytes()
    editor = "sed -i s/Tuesday/Monday/"
    _, said = run("edit", "harbour-news", EDITOR=editor, ended=1)
    assert "Your form is harbour-news.yaml" in said
    assert "weekday: Monday" in (base.root.parent / "harbour-news.yaml").read_text()
    _, said = run("edit", "harbour-news", EDITOR="sed -i s/Tuesday/[/", ended=2)
    assert "Nothing was changed. Your form is harbour-news-2.yaml: " in said
    assert "Error: harbour-news-2.yaml:" in said
    assert before == (base.root / "data" / "harbour-news.ttl").read_bytes()


def test_a_source_that_somebody_changed_meanwhile_stays_as_they_left_it(run, base, written):
    written(HARBOUR)
    run("add", "harbour-news.yaml")
    target = base.root / "data" / "harbour-news.ttl"
    editor = f"sh -c 'echo \"# theirs\" >> {target}; sed -i s/Tuesday/Tuesday/\\;s/first:/one:/ $0'"
    _, said = run("edit", "harbour-news", EDITOR=editor, ended=2)
    assert "Somebody else changed harbour-news meanwhile." in said
    assert (base.root.parent / "harbour-news-2.yaml").exists()
    assert target.read_text().endswith("# theirs\n")


def test_an_exported_form_is_the_source_again(run, base, written):
    written(HARBOUR)
    run("add", "harbour-news.yaml")
    before = triples(base.root / "data" / "harbour-news.ttl")
    run("export", "harbour-news", "-o", "told.yaml")
    _, said = run("add", "told.yaml", "--replace", ended=0)
    assert before == triples(base.root / "data" / "harbour-news.ttl")
    first, _ = run("export", "harbour-news", "-f", "report")
    assert first == (base.root.parent / "told.yaml").read_text(encoding="utf-8")
    _, said = run("export", "-f", "report", ended=2)
    assert "A report form tells of one source" in said
    _, said = run("export", "dragoman", "-f", "report", ended=2)
    assert "no source below data/" in said
