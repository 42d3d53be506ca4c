"""The pages in a real browser: with scripts and without, by keyboard, dark, on a telephone."""

from __future__ import annotations

import re
import shutil
from urllib.parse import urlsplit

import pytest

from browser import chromium
from conftest import ROOT, command_in
from serving import TOKEN, serving

QUERY = "/editor?query=SELECT+%3Fm+%3Fday+%7B+%3Fm+dip%3AfirstDay+%3Fday+%7D+LIMIT+5"
PAGES = [
    "/",
    "/about",
    "/ask",
    "/ask/delegations",
    "/ask/meetings?view=timeline",
    "/search?q=Fidan",
    "/id/state/HUN",
    "/id/meeting/tr-hu-jcm-first-session",
    "/pictures",
    QUERY,
    "/check",
    "/desk",
    "/sign-in",
    "/no-such-page",
]
TEXT = "Ministers of France and Portugal met in Lisbon on Tuesday.\n\nThey will meet again."


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    base = folder / "base"
    command_in(folder)("init", str(base))
    for file in [*(ROOT / "tests/world").glob("*.ttl"), *(ROOT / "data/articles").glob("*.ttl")]:
        shutil.copy(file, base / "data")
    with serving(base, folder, "--write") as running:
        yield running


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture
def opened(browser, served):
    """Open pages in a window of their own; whatever goes wrong in them fails the test."""
    windows, wrong = [], []

    def page(path, **window):
        context = browser.new_context(base_url=served.url, **window)
        windows.append(context)
        found = context.new_page()
        found.on("pageerror", lambda error: wrong.append(f"{path}: {error}"))
        found.on("console", lambda said: noted(path, said))
        found.on("request", lambda request: outside(path, request.url))
        found.goto(path)
        found.wait_for_load_state("networkidle")
        return found

    def noted(path, said):
        # Chromium keeps the look of text that is typed over by a style of its own, which the
        # policy refuses, too: no script of ours does.
        typed_over = "Applying inline style" in said.text and not said.location["lineNumber"]
        if said.type == "error" and "status of 4" not in said.text and not typed_over:
            wrong.append(f"{path}: {said.text}")

    def outside(path, url):
        if urlsplit(url).scheme in {"http", "https"} and not url.startswith(served.url):
            wrong.append(f"{path}: asks {url}")

    yield page
    for each in windows:
        each.close()
    assert [] == wrong


def barriers(page):
    """Return what axe-core finds that keeps somebody out."""
    from axe_playwright_python.sync_playwright import Axe

    return [
        f"{each['id']}: {each['nodes'][0]['html']}: {each['nodes'][0]['failureSummary']}"
        for each in Axe().run(page).response["violations"]
        if each["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_for_all_to_use(opened, path):
    assert [] == barriers(opened(path))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_a_telephone_in_the_dark(opened, path):
    page = opened(path, viewport={"width": 320, "height": 640}, color_scheme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert [] == barriers(page)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_what_it_has_without_scripts(opened, path):
    page = opened(path, java_script_enabled=False)
    assert page.locator("main h1").inner_text()
    assert page.locator("main").inner_text().strip() != page.locator("main h1").inner_text()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_light(opened, path):
    """Less than 250 kB as sent, without the map."""
    page = opened("/about")
    sizes = []
    page.on("response", lambda answer: sizes.append(answer.request.sizes()["responseBodySize"]))
    page.goto(path)
    page.wait_for_load_state("networkidle")
    assert sizes
    assert 250_000 > sum(sizes)


def test_the_first_stop_of_the_keyboard_leads_to_the_content(opened):
    page = opened("/")
    page.keyboard.press("Tab")
    assert "To the content" == page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


def test_a_name_in_any_spelling_is_found_by_the_keyboard_alone(opened):
    page = opened("/")
    page.focus("#find")
    page.keyboard.type("szijjarto")
    page.wait_for_selector("[role=option]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")
    assert "Péter Szijjártó" in page.locator("main").inner_text()


def test_a_question_is_asked_by_its_form_and_has_an_address(opened):
    page = opened("/ask/delegations", java_script_enabled=False)
    page.fill("main [name=meeting]", "First session of the Türkiye–Hungary Joint Consultation")
    page.locator("main form button").first.click()
    page.wait_for_load_state("networkidle")
    assert "meeting=" in page.url
    words = page.locator("main").inner_text()
    assert "Kristóf Szalay-Bobrovniczky" in words or "Did you mean" in words


def test_a_query_is_completed_checked_and_run_in_the_editor(opened):
    page = opened("/editor?query=SELECT+*+%7B+%3Fs+dip%3Aplac+%3Fo+%7D")
    page.wait_for_selector(".cm-lint-marker-warning", timeout=10_000)
    page.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.type("SELECT ?m { ?m a dip:BilateralMechanism }")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#results table")
    assert "Türkiye–Hungary Joint Consultation Mechanism" in page.inner_text("#results")
    assert "BilateralMechanism" in page.url


def test_words_that_are_marked_at_the_desk_come_into_the_form(opened):
    from playwright.sync_api import expect

    page = opened("/desk")
    page.fill("#text", f"\U0001f91d {TEXT}")
    page.fill("#name", "marked-words")
    page.click("button[value=draft]")
    page.wait_for_load_state("networkidle")
    page.evaluate(
        """() => {
            const words = document.querySelector('.sentence').firstChild;
            const range = document.createRange();
            const start = words.data.indexOf('Lisbon');
            range.setStart(words, start);
            range.setEnd(words, start + 'Lisbon'.length);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
        }"""
    )
    expect(page.locator("#words")).to_have_value("Lisbon")
    page.select_option("#pattern", "name")
    page.click("button[value=insert]")
    expect(page.locator("#form")).to_have_value(re.compile('- "Lisbon"'))


def test_facts_are_added_by_who_signs_in(opened):
    page = opened("/sign-in")
    page.fill("#token", TOKEN)
    page.click("main form button")
    page.wait_for_load_state("networkidle")
    page.goto("/check")
    facts = (
        "@prefix dip: <https://w3id.org/dragoman/ontology/> .\n"
        "@prefix dcterms: <http://purl.org/dc/terms/> .\n"
        "<https://w3id.org/dragoman/id/source/by-browser> a dip:Source ;\n"
        '    dcterms:title "Put in by the browser"@en .\n'
    )
    page.evaluate("facts => { document.querySelector('#text').value = facts }", facts)
    page.fill("#name", "by-browser")
    page.click("button[value=add]")
    page.wait_for_load_state("networkidle")
    assert "Added: data/by-browser.ttl" in page.locator("main").inner_text()
