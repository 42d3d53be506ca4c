"""The first page, the editor, checking, the desk and signing in, over HTTP."""

from __future__ import annotations

import hashlib
import re
import shutil

import httpx
import pytest

from conftest import ROOT, command_in
from dragoman.server.answers import desk, front
from serving import TOKEN, serving

EXAMPLE = ROOT / "docs" / "example.ttl"
TEXT = "Ministers of France and Portugal met in Lisbon.\n\nThey will meet again."
FORM = """\
dragoman: report/1
source: desk-news
text: desk-news.txt
title: Ministers meet
language: en
voices:
  paper: {a: Organization, label: Harbour News}
accounts:
  talks:
    about: {meeting:desk-talks: Talks in Lisbon}
    by: paper
    status: occurred
    words: p1.1
    place: Lisbon
    timeUnknown: true
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A base of its own that has the invented world and the first article."""
    folder = tmp_path_factory.mktemp("served") / "base"
    command_in(folder.parent)("init", str(folder))
    for file in [
        *(ROOT / "tests" / "world").glob("*.ttl"),
        *(ROOT / "data/articles").glob("*.ttl"),
    ]:
        shutil.copy(file, folder / "data")
    return folder


@pytest.fixture(scope="module")
def served(base, tmp_path_factory):
    with serving(base, tmp_path_factory.mktemp("log"), "--write") as running:
        yield running


@pytest.fixture
def client(served):
    with httpx.Client(base_url=served.url, timeout=60) as found:
        yield found


@pytest.fixture
def writer(served):
    with httpx.Client(
        base_url=served.url, timeout=60, headers={"Authorization": f"Bearer {TOKEN}"}
    ) as found:
        yield found


def words_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_the_first_page_says_what_is_there_due_and_in_dispute(client):
    answer = client.get("/")
    assert 200 == answer.status_code
    words = words_of(answer.text)
    assert "Türkiye–Hungary Joint Consultation Mechanism , session 2, host Hungary" in words
    assert "Belmark–Dorlind Transit Agreement time 2013-06-12 Belmark Gazette against" in words
    assert re.search(r"\d+ sources", words)


def test_the_page_about_the_base_counts_as_stats_does(client, base):
    import dragoman

    many = next(
        int(row[3].value)
        for row in dragoman.open(base).stats().answer.rows
        if row[2].value == "accounts" and row[0].value == "base"
    )
    assert f"accounts {many:,}" in words_of(client.get("/about").text)


def test_a_page_is_kept_and_told_again_only_when_a_file_has_changed(client):
    first = client.get("/about")
    same = client.get("/about", headers={"If-None-Match": first.headers["etag"]})
    assert (304, b"") == (same.status_code, same.content)


# ------------------------------------------------------------------ editor


def test_a_query_of_ones_own_is_answered_with_labels(client):
    answer = client.get("/editor", params={"query": "SELECT ?m { ?m a dip:BilateralMechanism }"})
    assert 200 == answer.status_code
    assert "Türkiye–Hungary Joint Consultation Mechanism" in answer.text
    assert 'href="/id/mechanism/tr-hu-joint-consultation-mechanism"' in answer.text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("ASK { ?m a dip:Mechanism }", "yes"),
        ("SELECT ?m { ?m a dip:Nothing }", "Nothing matches."),
        ("CONSTRUCT { ?s a dip:Pillar } WHERE { ?s a dip:Mechanism }", "dip:Pillar"),
    ],
)
def test_each_form_of_query_has_its_answer(client, query, said):
    assert said in client.post("/editor", data={"query": query}).text


def test_a_query_that_is_none_is_told_with_line_and_column(client):
    answer = client.post("/editor", data={"query": "SELECT ?m {\n ?m a }"})
    assert 400 == answer.status_code
    assert "-:2:8" in answer.text


def test_what_is_typed_is_checked_and_not_run(client):
    query = "SELECT * {\n  ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j dip:plac ?k } ORDER BY ?a"
    found = client.post("/check-sparql", json={"query": query}).json()
    assert [(2, 39, "warning")] == [(e["line"], e["column"], e["severity"]) for e in found]
    assert "Did you mean dip:place?" in found[0]["message"]
    assert [] == client.post("/check-sparql", json={"query": "ASK { ?s a dip:Meeting }"}).json()
    bad = client.post("/check-sparql", json={"query": "SELECT ?m {"}).json()
    assert ["error"] == [each["severity"] for each in bad]


@pytest.mark.parametrize("body", [b"", b"[]", b'{"query": 3}', b"SELECT"])
def test_what_is_checked_comes_as_json(client, body):
    assert 400 == client.post("/check-sparql", content=body).status_code


def test_terms_and_things_are_completed_with_what_they_mean(client):
    found = client.get("/complete", params={"q": "dip:Meet", "kind": "class"}).json()
    assert "dip:Meeting" in [each["apply"] for each in found]
    assert all(each["info"] for each in found)
    things = client.get("/complete", params={"q": "szijjarto", "kind": "thing"}).json()
    assert "person:peter-szijjarto" == things[0]["apply"]
    assert 400 == client.get("/complete", params={"q": "x", "kind": "verb"}).status_code


# ------------------------------------------------------------------ checking


def test_facts_that_are_sent_are_checked_in_the_base_and_change_nothing(client, base):
    before = sorted(path.name for path in (base / "data").iterdir())
    files = {"files": ("example.ttl", EXAMPLE.read_bytes())}
    answer = client.post("/check", files=files, headers={"Accept": "text/html"})
    assert 200 == answer.status_code
    assert "Monday, but the day that it tells, 2030-01-01, is a Tuesday" in answer.text
    assert 'href="#example.ttl:44"' in answer.text
    assert 'id="example.ttl:44"' in answer.text
    assert before == sorted(path.name for path in (base / "data").iterdir())


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("application/json", '"severity"'),
        ("text/turtle", "sh:ValidationReport"),
        ("application/sarif+json", '"runs"'),
        ("text/plain", "3 violations"),
    ],
)
def test_a_report_comes_in_the_form_that_is_wanted(client, wanted, found):
    data = {"text": EXAMPLE.read_text(encoding="utf-8"), "syntax": "ttl"}
    answer = client.post("/check", data=data, headers={"Accept": wanted})
    assert wanted == answer.headers["content-type"].partition(";")[0]
    assert found in answer.text


def test_a_corrected_source_is_shown_beside_the_one_in_the_base(client, base):
    text = (base / "data" / "world-editor.ttl").read_text(encoding="utf-8")
    title = re.search(r'dcterms:title "([^"]*)"', text)[1]
    data = {"text": text.replace(title, "Another title"), "syntax": "ttl"}
    page = client.post("/check", data=data, headers={"Accept": "text/html"}).text
    assert f"<del>dcterms:title &#34;{title}&#34;@en</del>" in page
    assert "<ins>dcterms:title &#34;Another title&#34;@en</ins>" in page
    same = client.post(
        "/check", data={"text": text, "syntax": "ttl"}, headers={"Accept": "text/html"}
    )
    assert "both say the same" in same.text


def test_facts_are_checked_by_shapes_that_come_with_them(client):
    shapes = (
        "@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:s> a sh:NodeShape ; "
        "sh:targetNode <urn:a> ; sh:property [ sh:path <urn:p> ; sh:minCount 1 ] ."
    )
    answer = client.post(
        "/check",
        files={
            "files": ("facts.ttl", b"<urn:a> <urn:q> <urn:b> ."),
            "shapes": ("shapes.ttl", shapes.encode()),
        },
        headers={"Accept": "application/json"},
    )
    assert "urn:s" in answer.text
    assert "MinCountConstraintComponent" in answer.text


def test_a_file_of_no_format_is_told_by_the_name_that_was_sent(client):
    answer = client.post("/check", files={"files": ("page.html", b"<p>no facts</p>")})
    assert 422 == answer.status_code
    assert "page.html: The suffix .html tells no RDF format." in answer.text
    assert "facts/0" not in answer.text


def test_facts_that_cannot_be_read_are_told_with_their_line(client):
    answer = client.post("/check", data={"text": "<urn:a> <urn:b>\n", "syntax": "ttl"})
    assert 422 == answer.status_code
    assert "pasted" in answer.text
    assert "dragoman-" not in answer.text  # the folder that it was written to


@pytest.mark.parametrize(
    "text",
    [
        "/etc/hostname",
        "../../../../etc/hostname",
        "sub/text.txt",
        "..",
        "C:\\\\text.txt\\\\..\\\\x",
    ],
)
def test_a_form_that_is_sent_reads_no_other_file(client, text):
    form = FORM.replace("desk-news.txt", text)
    answer = client.post("/check", data={"text": form, "syntax": "yaml"})
    assert answer.status_code in {400, 422} or "there is no such file" in answer.text


@pytest.mark.parametrize(
    ("data", "status"),
    [({"text": ""}, 400), ({"text": "x", "syntax": "exe"}, 400)],
)
def test_a_check_of_nothing_is_refused(client, data, status):
    assert status == client.post("/check", data=data).status_code


def test_only_who_has_the_token_adds(client, writer, base):
    facts = """
        @prefix dip: <https://w3id.org/dragoman/ontology/> .
        @prefix source: <https://w3id.org/dragoman/id/source/> .
        @prefix dcterms: <http://purl.org/dc/terms/> .
        source:by-hand a dip:Source ; dcterms:title "Put in by hand"@en .
    """
    data = {"text": facts, "syntax": "ttl", "do": "add", "name": "by-hand"}
    assert 403 == client.post("/check", data=data).status_code
    assert not (base / "data" / "by-hand.ttl").exists()
    answer = writer.post("/check", data=data, headers={"Accept": "text/html"})
    assert (200, True) == (answer.status_code, "Added:" in answer.text)
    assert (base / "data" / "by-hand.ttl").is_file()
    assert "Put in by hand" in client.get("/").text
    again = writer.post("/check", data=data, headers={"Accept": "text/html"})
    assert again.status_code in {400, 409, 422}


def test_another_sites_page_adds_nothing(served, base):
    answer = httpx.post(
        f"{served.url}/check",
        data={"text": "<urn:a> <urn:b> <urn:c> .", "syntax": "ttl", "do": "add", "name": "evil"},
        headers={"Origin": "https://elsewhere.example"},
        cookies={"dragoman-writer": TOKEN},
    )
    assert 403 == answer.status_code
    assert not (base / "data" / "evil.ttl").exists()


# ------------------------------------------------------------------ signing in


def test_signing_in_gives_a_cookie_that_no_script_reads(served):
    with httpx.Client(base_url=served.url) as client:
        wrong = client.post("/sign-in", data={"token": "guess"})
        assert 403 == wrong.status_code
        assert "set-cookie" not in wrong.headers
        right = client.post("/sign-in", data={"token": TOKEN})
        assert 303 == right.status_code
        cookie = right.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert "Add, when they are valid" in client.get("/check").text
        client.post("/sign-in", data={"do": "out"})
        assert "Add, when they are valid" not in client.get("/check").text


# ------------------------------------------------------------------ desk


def test_a_text_is_drafted_with_its_sentences_numbered(client):
    data = {"do": "draft", "text": TEXT, "name": "desk-news"}
    answer = client.post("/desk", data=data)
    assert 200 == answer.status_code
    assert 'data-number="p2.1"' in answer.text
    assert "source: desk-news" in answer.text
    assert "There are no words" in client.post("/desk", data={**data, "text": " "}).text


def test_the_desk_names_marked_words_as_forms_do(client):
    text = "Ministers \U0001f91d met in Lisbon. They left."
    start = text.index("met")
    found = client.post(
        "/desk/words", json={"text": text, "start": start, "end": start + len("met in Lisbon")}
    ).json()
    assert "met in Lisbon" == found["text"]
    from dragoman.form.words import Text

    assert (start, start + len("met in Lisbon")) == Text(text).find(found["words"])
    assert 400 == client.post("/desk/words", json={"text": text, "start": "a"}).status_code


@pytest.mark.parametrize("name", list(desk.patterns()))
def test_each_pattern_can_be_put_in_and_what_it_lacks_is_a_suggestion(client, name):
    data = {"do": "insert", "form": FORM, "text": TEXT, "pattern": name, "words": "p1.1"}
    page = client.post("/desk", data=data)
    assert 200 == page.status_code
    form = desk.inserted(FORM, desk.patterns()[name], "p1.1", "Ministers of France")
    found = client.post("/desk/findings", json={"form": form, "text": TEXT}).json()
    assert not [each for each in found if "YAML" in each["message"]]
    assert not [each for each in found if "nothing is called" in each["message"]]
    if name != "name":
        assert [each for each in found if "suggestion" in each["message"]]


def test_two_patterns_of_one_kind_have_keys_of_their_own():
    pattern = desk.patterns()["session"]
    form = desk.inserted(desk.inserted(FORM, pattern, "p1.1", ""), pattern, "p2.1", "")
    assert ["  session:", "  session-2:"] == [
        line for line in form.split("\n") if line.startswith("  session")
    ]


def test_a_section_in_one_line_is_told_and_not_broken():
    from dragoman.errors import DragomanError

    with pytest.raises(DragomanError, match="names stands in one line"):
        desk.inserted(f"{FORM}names: [Lisbon]\n", desk.patterns()["name"], "p1.1", "Lisbon")


def test_a_form_is_checked_on_its_lines_and_added_with_its_text(client, writer, base):
    bad = FORM.replace("status: occurred", "status: ocurred")
    found = client.post("/desk/findings", json={"form": bad, "text": TEXT}).json()
    line = bad.split("\n").index("    status: ocurred") + 1
    assert line in [each["line"] for each in found]
    data = {"do": "add", "form": FORM, "text": TEXT, "name": "desk-news", "keep": "yes"}
    assert 403 == client.post("/desk", data=data).status_code
    done = writer.post("/desk", data=data)
    assert (200, True) == (done.status_code, "Added:" in done.text)
    added = (base / "data" / "desk-news.ttl").read_text(encoding="utf-8")
    assert hashlib.sha256(TEXT.encode()).hexdigest() in added
    assert TEXT == (base / "texts" / "desk-news.txt").read_bytes().decode()
    again = client.get("/desk", params={"source": "desk-news"}).text
    assert re.search(r"words: p1\b", again)
    assert 'data-number="p2.1"' in again


def test_who_adds_second_is_told_what_is_there_now(writer, base):
    opened = writer.get("/desk", params={"source": "world-editor"}).text
    state = re.search(r'name="state" value="([0-9a-f]{64})"', opened)[1]
    form = re.search(r'<textarea id="form"[^>]*>(.*?)</textarea>', opened, re.DOTALL)[1]
    import html

    form = html.unescape(form)
    file = base / "data" / "world-editor.ttl"
    old = file.read_bytes()
    file.write_bytes(old + b"\n# changed by somebody else\n")
    try:
        data = {"do": "add", "form": form, "name": "world-editor", "state": state}
        answer = writer.post("/desk", data=data)
        assert 409 == answer.status_code
        assert "What is in the base now" in answer.text
        assert file.read_bytes().startswith(old)
    finally:
        file.write_bytes(old)


def test_no_source_below_reference_is_opened_by_a_wrong_name(client):
    assert 404 == client.get("/desk", params={"source": "no-such-source"}).status_code


@pytest.mark.parametrize("do", ["", "delete", "edit"])
def test_the_desk_does_nothing_else(client, do):
    assert 400 == client.post("/desk", data={"do": do, "form": FORM}).status_code


def test_who_serves_a_large_base_is_told_that_its_index_is_made(tmp_path):
    base = tmp_path / "large"
    command_in(tmp_path)("init", str(base))
    shutil.copy(ROOT / "tests" / "world" / "world-persons.ttl", base / "data")
    with serving(base, tmp_path, environment={"DRAGOMAN_INDEX_FROM": "1"}) as running:
        assert "index" in running.log.read_text(encoding="utf-8").casefold()
        assert 200 == httpx.get(f"{running.url}/", timeout=60).status_code


def test_the_answer_of_ones_own_query_is_drawn_too(client):
    query = "SELECT ?m ?h ?d { ?m dip:hostedBy ?h ; dip:firstDay ?d }"
    page = client.get("/editor", params={"query": query, "view": "timeline"}).text
    assert "<svg" in page
    assert "Marsh border talks" in page
    found = client.get("/editor/graph.json", params={"query": query}).json()
    assert "https://w3id.org/dragoman/id/state/XGG" in [each["id"] for each in found["nodes"]]
    assert 404 == client.get("/editor", params={"query": query, "view": "pie"}).status_code
    assert 400 == client.get("/editor/map.json", params={"query": "ASK {}"}).status_code


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-10-01", "2026-10-31", "2026-10"),
        ("2024-02-01", "2024-02-29", "2024-02"),
        ("2024-02-01", "2024-02-28", "2024-02-01 to 2024-02-28"),
        ("2026-01-01", "2026-12-31", "2026"),
        ("2026-12-01", "2026-12-31", "2026-12"),
        ("2026-05-04", "2026-05-04", "2026-05-04"),
        ("2026-05-04", "", "2026-05-04"),
        ("2026-05-04", "2026-05-09", "2026-05-04 to 2026-05-09"),
    ],
)
def test_days_are_said_as_briefly_as_they_are_known(first, last, said):
    assert said == front.span(first, last)


def test_the_record_of_a_server_of_ours_is_not_doubted(served, base):
    out, errors = command_in(base)("query", "next-sessions", "--endpoint", f"{served.url}/sparql")
    assert "tr-hu-joint-consultation-mechanism" in out
    assert "record" not in errors


def test_a_language_that_was_chosen_is_kept_from_page_to_page(client):
    page = client.get("/", params={"lang": "tr"}).text
    assert 'href="/ask?lang=tr"' in page
    assert 'href="/id/mechanism/tr-hu-joint-consultation-mechanism?lang=tr"' in page
    assert 'href="/static/style.css"' in page


def test_what_is_past_is_marked_and_what_differs_too(client):
    words = words_of(client.get("/").text)
    assert re.search(r"not later than 2015-05-12, host Arvania .{0,60}that day is past", words)
    assert "Second Belmark–Dorlind Security Council accounts differ" in words
