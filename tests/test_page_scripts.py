"""The scripts of the pages: what they enhance, in a real browser, under the server's own policy."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import threading
import time
import urllib.parse
from pathlib import Path

import pytest

from browser import chromium
from dragoman.server import guard
from graph_stores import REQUIRED

SERVER = Path(guard.__file__).parent
BUNDLE = SERVER / "static" / "bundle"
KINDS = {".css": "text/css", ".js": "text/javascript", ".json": "application/json"}

EDITOR = """
<form action="/editor"><label for="query">Query</label>
<textarea id="query" name="query" data-editor="sparql" data-check="/check" data-complete="/complete"
data-results="/results">SELECT * { ?meeting a dip:Meeting }</textarea>
<button>Run</button><button name="format" value="csv" formaction="/csv">CSV</button></form>
<section id="results"></section>
"""
PLAIN = """
<form action="/check"><label for="facts">Facts</label>
<textarea id="facts" name="facts" data-editor="turtle"></textarea><button>Check</button></form>
"""
TABLE = """
<div class="table"><table data-sortable><thead><tr><th>Day</th><th>Place</th><th>Members</th></tr>
</thead><tbody><tr class="group"><th colspan="3">2031</th></tr>
<tr><td>2031-03-01</td><td>İzmir</td><td>1,200</td></tr>
<tr><td>2031-01-09</td><td>Ankara</td><td>9</td></tr>
<tr><td></td><td>Lisboa</td><td></td></tr>
<tr><td>2030-12-24</td><td>Győr</td><td>30</td></tr>
<tr><td>2031-02-02</td><td>Paris</td><td>4</td></tr>
<tr><td>2031-02-03</td><td>Roma</td><td>100</td></tr></tbody></table></div>
"""
SUGGEST = """
<form action="/asked"><label for="state">State</label>
<input id="state" name="state" data-suggest="/suggest"></form>
<form action="/asked"><label for="body">Body</label>
<input id="body" data-suggest="/suggest" data-into="iri">
<input type="hidden" id="iri" name="iri"></form>
"""
GRAPH = '<div data-graph="/graph" data-expand="/neighbours"><ul><li>Türkiye</li></ul></div>'
ALONE = '<div data-graph="/alone" data-expand="/neighbours"></div>'
MAP = '<div data-map="/states"><table><tr><td>behind the map</td></tr></table></div>'
DROP = """
<form><div class="field"><label for="text">Text</label>
<textarea id="text" name="text" data-drop></textarea></div>
<div class="field"><label for="many">Facts</label>
<textarea id="many" data-drop="files"></textarea>
<input type="file" id="files" multiple></div></form>
"""
PICTURE = """
<figure class="picture"><svg viewBox="0 0 100 50"><rect class="bar series-2" width="9" height="9"/>
</svg><figcaption>Meetings a year</figcaption>
<button hidden data-save="svg">SVG</button><button hidden data-save="png">PNG</button></figure>
<pre id="words">SELECT *</pre><button hidden data-copy="#words">Copy</button>
"""
# An emoji is two units of UTF-16 and one code point.
DESK = """
<div data-desk><form class="desk" action="/desk" data-marked="/words"><section><div class="text"><p>
<span class="sentence" data-number="p1.1" data-start="0">Talks 🎉 were held in Lisbon.</span>
<span class="sentence" data-number="p1.2" data-start="29">Minister Ada Harbour spoke.</span></p>
<p><span class="sentence" data-number="p2.1" data-start="58">Talks go on.</span></p></div>
<textarea name="text" aria-label="Text">the text</textarea>
<label for="words">Words</label><input id="words" name="words">
<button name="do" value="insert">Say it</button></section>
<section><label for="form">Form</label><textarea id="form" name="form" data-editor="yaml"
data-report="/rests">source: x
</textarea><button name="do" value="add">Add</button></section></form></div>
"""
SAMPLES = {
    "editor": (EDITOR, ["editor"]),
    "plain": (PLAIN, ["editor"]),
    "table": (TABLE, []),
    "suggest": (SUGGEST, []),
    "graph": (GRAPH, ["graph"]),
    "alone": (ALONE, ["graph"]),
    "map": (MAP, ["map"]),
    "drop": (DROP, []),
    "picture": (PICTURE, []),
    "desk": (DESK, ["editor", "desk"]),
}
NAMES = [
    {"label": "Hungary", "value": "state:hungary", "detail": "state"},
    {"label": "Harbour", "value": "person:harbour", "detail": "person", "href": "/asked?thing=1"},
]


class Sample(http.server.BaseHTTPRequestHandler):
    """Sample pages, and the answers that their scripts ask for."""

    protocol_version = "HTTP/1.1"
    asked: list[tuple[str, str]]

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.answer("")

    def do_POST(self) -> None:
        self.answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def answer(self, body: str) -> None:
        url = urllib.parse.urlsplit(self.path)
        told = dict(urllib.parse.parse_qsl(url.query))
        self.asked.append((self.path, body))
        name = url.path.strip("/")
        if name.startswith("sample/"):
            content, scripts = SAMPLES[name.removeprefix("sample/")]
            tags = "".join(
                f'<script src="/bundle/{each}.js" defer></script>' for each in ["app", *scripts]
            )
            page = (
                '<!doctype html><html lang="en"><meta charset="utf-8"><title>Sample</title>'
                f'<link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css">{tags}'
                f"<body><main>{content}</main>"
            )
            self.send(page, "text/html; charset=utf-8")
        elif (SERVER / "static" / name).is_file():
            path = SERVER / "static" / name
            self.send(path.read_text(encoding="utf-8"), KINDS[path.suffix])
        elif name in ANSWERS:
            self.send(json.dumps(ANSWERS[name](told, body)), "application/json")
        elif name == "results":
            query = dict(urllib.parse.parse_qsl(body))["query"]
            if "slow" in query:
                time.sleep(3)
            table = TABLE.replace("İzmir", "<a href='/asked'>İzmir</a>")
            self.send(f'<div data-count="6">{table}</div>', "text/html; charset=utf-8")
        else:
            self.send(f"<p>asked {self.path}</p>", "text/html; charset=utf-8")

    def send(self, text: str, kind: str) -> None:
        content = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", guard.POLICY)
        self.end_headers()
        with contextlib.suppress(BrokenPipeError):  # what was cancelled
            self.wfile.write(content)


def findings(_told, body):
    lines = json.loads(body)["query"].split("\n")
    return [
        {"line": at, "column": line.index("BROKEN") + 1, "message": "No such word."}
        for at, line in enumerate(lines, 1)
        if "BROKEN" in line
    ]


def completions(told, _body):
    head = "PREFIX dip: <https://w3id.org/dragoman/ontology/>"
    offered = {
        "class": {"label": "dip:Meeting", "apply": "dip:Meeting", "detail": "class"},
        "property": {"label": "dip:number", "apply": "dip:number", "declare": head},
        "thing": {"label": "Hungary", "apply": "state:hungary"},
    }
    return [offered[told["kind"]]] if told["kind"] in offered else []


ANSWERS = {
    "check": findings,
    "complete": completions,
    "suggest": lambda told, _: [
        each for each in NAMES if each["label"].casefold().startswith(told["q"].casefold())
    ],
    "graph": lambda _told, _body: {
        "nodes": [
            {"id": "t", "label": "Türkiye", "kind": "state", "href": "/asked?t"},
            {"id": "m", "label": "Dialogue", "kind": "mechanism"},
        ],
        "edges": [{"source": "m", "target": "t", "label": "party"}],
    },
    "alone": lambda _told, _body: {
        "nodes": [{"id": "t", "label": "Türkiye", "kind": "state"}],
        "edges": [],
    },
    "neighbours": lambda told, _: {
        "nodes": [{"id": f"of-{told['id']}", "label": f"Neighbour of {told['id']}", "kind": "x"}],
        "edges": [{"source": told["id"], "target": f"of-{told['id']}", "label": "knows"}],
    },
    "states": lambda _told, _body: {
        "caption": "Meetings with each state.",
        "states": [
            {"code": "792", "label": "Türkiye", "value": 41, "href": "/asked?turkiye"},
            {"code": "798", "label": "Tuvalu", "value": 1, "href": "/asked?tuvalu"},
            {"code": "999", "label": "Ruritania", "value": 2},
        ],
    },
    "words": lambda _told, body: {"words": "{start} {end} {text}".format(**json.loads(body))},
    "desk": lambda _told, body: (
        {"form": "source: x\n# said\n", "line": 2} if "Ada Harbour" in body else {}
    ),
    "rests": lambda _told, _body: [{"start": 38, "end": 49, "line": 1}],
}


@pytest.fixture(scope="module")
def site():
    if not BUNDLE.is_dir():
        reason = "The scripts are not bundled: pip install -e . bundles them"
        (pytest.fail if os.environ.get(REQUIRED) else pytest.skip)(reason)
    Sample.asked = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sample)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture
def visit(browser, site):
    """Open a sample; at the end nothing was refused, and nothing was asked elsewhere."""
    context = browser.new_context()
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
    page = context.new_page()
    page.set_default_timeout(10_000)
    said, requests = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))

    def go(sample):
        page.goto(f"{site}/sample/{sample}")
        return page

    yield go
    context.close()
    assert [] == said
    assert [] == [url for url in requests if not url.startswith((site, "data:", "blob:"))]


def typed(page, text):
    content = page.locator(".cm-content").first
    content.click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(text[:-1])
    page.keyboard.type(text[-1])


def until(page, expected, script):
    """Wait for what a script gives; Playwright's own way needs eval, which is refused."""
    deadline = time.monotonic() + 5
    while expected != (found := page.evaluate(script)):
        assert time.monotonic() < deadline, found
        page.wait_for_timeout(30)


def column(page, number):
    cells = page.locator(f"tbody tr:visible td:nth-child({number})")
    return cells.all_inner_texts()


def test_each_entry_is_bundled_and_small(site):
    del site
    import gzip

    sizes = {path.stem: len(gzip.compress(path.read_bytes())) for path in BUNDLE.glob("*.js")}
    assert {"app", "desk", "editor", "graph", "map"} == set(sizes)
    style = len(gzip.compress((SERVER / "static" / "style.css").read_bytes()))
    assert 250_000 > style + sizes["app"] + sizes["editor"] + sizes["desk"]
    assert 250_000 > style + sizes["app"] + sizes["graph"]


def test_the_licences_of_what_is_bundled_stand_beside_it(site):
    del site
    texts = (BUNDLE / "THIRD-PARTY.txt").read_text(encoding="utf-8")
    for name in ("@codemirror/view", "cytoscape", "world-atlas", "cose-base"):
        assert f"\n{name} " in texts
    assert texts.count("Permission is hereby granted") > 10


def test_the_textarea_of_an_editor_stays_the_value_of_the_form(visit):
    page = visit("editor")
    typed(page, "ASK { ?s ?p ?o }")
    assert "ASK { ?s ?p ?o }" == page.locator("#query").input_value()
    assert "Query" == page.locator(".cm-content").get_attribute("aria-label")


def test_who_goes_back_finds_what_was_written(visit):
    page = visit("plain")
    typed(page, "<a> <b> <c> .")
    visit("table")
    page.go_back()
    page.locator(".cm-content").filter(has_text="<a> <b> <c> .").wait_for()


def test_control_and_enter_run_a_query_and_its_rows_stand_below_with_their_count(visit):
    page = visit("editor")
    typed(page, "SELECT * { ?s a dip:Event }")
    page.keyboard.press("Control+Enter")
    page.locator("#results th button", has_text="Day").wait_for()
    assert page.locator("output").first.inner_text().startswith("6 rows in ")
    assert "query=SELECT" in page.url


def test_a_button_of_its_own_leaves_the_page(visit):
    page = visit("editor")
    page.get_by_role("button", name="CSV").click()
    page.wait_for_url("**/csv?**format=csv")


def test_a_query_can_be_cancelled(visit):
    page = visit("editor")
    typed(page, "SELECT * { ?slow ?p ?o }")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Cancel").click()
    page.locator("output", has_text="Cancelled after").wait_for()


def test_errors_are_marked_while_typing_at_columns_of_code_points(visit):
    page = visit("editor")
    typed(page, 'SELECT * { ?s ?p "🎉🎉" }\n# 🎉 BROKEN words')
    marked = page.locator(".cm-lintRange-error")
    marked.wait_for()
    assert "BROKEN" == marked.inner_text()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("SELECT * { ?s a dip:M", "class"),
        ("SELECT * { ?s dip:n", "property"),
        ("SELECT * { ?s a dip:Meeting ; dip:n", "property"),
        ("SELECT * { ?s dip:party Hun", "thing"),
        ("PREFIX di", "prefix"),
    ],
)
def test_what_is_offered_fits_the_place(visit, text, kind):
    page = visit("editor")
    Sample.asked.clear()
    typed(page, text)
    deadline = time.monotonic() + 5
    while not any(f"kind={kind}" in path for path, _ in Sample.asked):
        assert time.monotonic() < deadline, Sample.asked
        page.wait_for_timeout(50)


def test_a_prefix_that_a_completion_needs_is_declared(visit):
    page = visit("editor")
    typed(page, "SELECT * { ?s dip:n")
    page.locator(".cm-tooltip-autocomplete li").first.wait_for()
    page.wait_for_timeout(150)  # Enter counts only once the list could be seen
    page.keyboard.press("Enter")
    declared = "PREFIX dip: <https://w3id.org/dragoman/ontology/>\nSELECT * { ?s dip:number"
    until(page, declared, "document.querySelector('#query').value")


def test_variables_of_the_text_are_offered(visit):
    page = visit("editor")
    typed(page, "SELECT * { ?meeting a dip:Meeting ; dip:firstDay ?day FILTER(?m")
    page.locator(".cm-tooltip-autocomplete li", has_text="?meeting").wait_for()


def test_tabs_and_history_are_kept(visit):
    page = visit("editor")
    typed(page, "# Sessions\nASK {}")
    page.keyboard.press("Control+Enter")
    page.locator("#results table").wait_for()
    page.get_by_role("button", name="New tab").click()
    typed(page, "# Journeys\nASK {}")
    page.wait_for_timeout(200)
    visit("editor")
    assert ["Sessions", "Journeys"] == page.get_by_role("tab").all_inner_texts()
    assert "# Journeys\nASK {}" == page.locator("#query").input_value()
    page.get_by_text("History").click()
    page.get_by_role("button", name="Sessions").click()
    assert "# Sessions\nASK {}" == page.locator("#query").input_value()


def test_a_table_is_sorted_by_days_names_and_numbers_and_gives_its_order_back(visit):
    page = visit("table")
    first = column(page, 2)
    page.get_by_role("button", name="Day").click()
    assert ["Győr", "Ankara", "Paris", "Roma", "İzmir", "Lisboa"] == column(page, 2)
    page.get_by_role("button", name="Members").click()
    assert ["4", "9", "30", "100", "1,200", ""] == column(page, 3)
    page.get_by_role("button", name="Members").click()
    assert ["1,200", "100", "30", "9", "4", ""] == column(page, 3)
    page.get_by_role("button", name="Members").click()
    assert first == column(page, 2)
    page.get_by_role("button", name="Place").click()
    assert ["Ankara", "Győr", "İzmir", "Lisboa", "Paris", "Roma"] == column(page, 2)
    assert page.locator("tr.group").is_hidden()


def test_rows_are_filtered_without_regard_to_marks_on_letters(visit):
    page = visit("table")
    page.get_by_role("searchbox").fill("izmir")
    page.get_by_text("1 of 6 rows").wait_for()
    assert ["İzmir"] == column(page, 2)


def test_a_name_is_chosen_by_keyboard(visit):
    page = visit("suggest")
    field = page.get_by_role("combobox", name="State")
    field.press_sequentially("hun")
    page.get_by_role("option", name="Hungary").wait_for()
    assert "true" == field.get_attribute("aria-expanded")
    field.press("ArrowDown")
    field.press("Enter")
    assert "state:hungary" == field.input_value()
    assert page.get_by_role("listbox").first.is_hidden()


def test_a_field_shows_the_label_where_another_takes_the_value(visit):
    page = visit("suggest")
    field = page.get_by_role("combobox", name="Body")
    field.press_sequentially("hun")
    page.get_by_role("option", name="Hungary").click()
    assert ("Hungary", "state:hungary") == (
        field.input_value(),
        page.locator("#iri").input_value(),
    )
    field.press("x")
    assert "" == page.locator("#iri").input_value()


def test_a_choice_that_has_a_page_goes_there(visit):
    page = visit("suggest")
    page.get_by_role("combobox", name="State").press_sequentially("harb")
    page.get_by_role("option", name="Harbour").click()
    page.wait_for_url("**/asked?thing=1")


def test_escape_closes_what_is_offered_and_leaves_what_was_typed(visit):
    page = visit("suggest")
    field = page.get_by_role("combobox", name="State")
    field.press_sequentially("hun")
    page.get_by_role("option", name="Hungary").wait_for()
    field.press("Escape")
    assert page.get_by_role("listbox").first.is_hidden()
    assert "hun" == field.input_value()


def test_a_graph_grows_by_the_neighbours_of_what_is_clicked_and_has_its_list(visit):
    page = visit("graph")
    page.get_by_text("As a list").click()
    page.get_by_role("button", name="Neighbours of Türkiye").press("Enter")
    page.get_by_text("1 more.").wait_for()
    assert page.get_by_text("Türkiye – knows – Neighbour of t").first.is_visible()
    assert page.locator(".graph canvas").count() > 0


def test_a_click_on_a_node_asks_for_its_neighbours_though_the_canvas_has_moved(visit):
    page = visit("alone")
    page.get_by_text("As a list").wait_for()
    page.wait_for_timeout(300)
    page.evaluate("document.querySelector('main').prepend('moved', document.createElement('hr'))")
    page.locator(".graph > .canvas").click(force=True)  # a node that is alone is in the middle
    page.get_by_text("1 more.").wait_for()


@pytest.mark.parametrize("kind", ["SVG", "PNG"])
@pytest.mark.parametrize("sample", ["graph", "map"])
def test_a_graph_and_a_map_are_saved(visit, sample, kind):
    page = visit(sample)
    with page.expect_download() as saving:
        page.get_by_role("button", name=f"Save as {kind}").click()
    saved = Path(saving.value.path()).read_bytes()
    assert saving.value.suggested_filename.endswith(f".{kind.lower()}")
    assert saved.startswith(b"<svg" if kind == "SVG" else b"\x89PNG")
    assert kind == "PNG" or b"T\xc3\xbcrkiye" in saved


def test_states_are_coloured_and_the_small_are_dots_and_the_unknown_are_told(visit):
    page = visit("map")
    page.get_by_role("link", name="Türkiye: 41").wait_for()
    assert 1 == page.locator("circle.land").count()
    told = page.locator("figcaption").inner_text()
    assert "Natural Earth" in told
    assert told.endswith("Not on the map: Ruritania.")
    page.get_by_text("behind the map").wait_for()
    page.get_by_role("link", name="Tuvalu: 1").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/asked?tuvalu")


def test_a_picture_of_the_page_is_saved_with_its_colours(visit):
    page = visit("picture")
    with page.expect_download() as saving:
        page.get_by_role("button", name="SVG").click()
    saved = Path(saving.value.path()).read_text(encoding="utf-8")
    assert "Meetings-a-year.svg" == saving.value.suggested_filename
    assert 'fill="rgb(180, 83, 10)"' in saved
    assert "class=" not in saved


def test_words_are_copied(visit):
    page = visit("picture")
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert "SELECT *" == page.evaluate("navigator.clipboard.readText()")


DROPPED = """([name, files]) => {
    const given = new DataTransfer();
    files.forEach(([file, text]) => given.items.add(new File([text], file)));
    const event = new DragEvent('drop', {dataTransfer: given, bubbles: true, cancelable: true});
    document.querySelector(name).dispatchEvent(event);
}"""


def test_a_dropped_file_is_the_text_or_is_given_to_the_field_for_files(visit):
    page = visit("drop")
    page.evaluate(DROPPED, ["#text", [["a.ttl", "<a> <b> <ç> ."]]])
    until(page, "<a> <b> <ç> .", "document.querySelector('#text').value")
    page.evaluate(DROPPED, ["#many", [["a.ttl", "1"], ["b.ttl", "2"]]])
    names = "[...document.querySelector('#files').files].map(each => each.name)"
    assert ["a.ttl", "b.ttl"] == page.evaluate(names)


SELECTED = """([from, at, to, until]) => {
    const find = (words) => [...document.querySelectorAll('.sentence')]
        .find((each) => each.textContent.includes(words)).firstChild;
    getSelection().setBaseAndExtent(find(from), at, find(to), until);
}"""


def test_marked_words_are_told_in_code_points_without_space_around_them(visit):
    page = visit("desk")
    page.evaluate(SELECTED, ["held in", 8, "held in", 22])  # UTF-16: the emoji counts twice
    until(page, "8 20 the text", "document.querySelector('#words').value")


def test_words_of_two_sentences_are_marked_together(visit):
    page = visit("desk")
    page.evaluate(SELECTED, ["held in", 22, "Harbour", 12])
    until(page, "21 41 the text", "document.querySelector('#words').value")


def test_what_marked_words_say_is_written_into_the_form(visit):
    page = visit("desk")
    page.locator("#words").fill("Ada Harbour")
    page.get_by_role("button", name="Say it").click()
    page.get_by_text("Written, line 2.").wait_for()
    assert "source: x\n# said\n" == page.locator("#form").input_value()
    assert "# said" in page.locator(".cm-content").inner_text()


def test_other_buttons_of_the_desk_leave_the_page(visit):
    page = visit("desk")
    page.get_by_role("button", name="Add").click()
    page.wait_for_url("**/desk?**do=add")


def test_words_that_the_form_rests_on_are_shown_in_the_text(visit):
    page = visit("desk")
    until(page, "Ada Harbour", "[...(CSS.highlights.get('told') ?? [])].map(String).join()")
