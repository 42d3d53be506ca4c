"""Pages of questions and things, of a real server, as browsers and other clients ask for them."""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import httpx
import pytest
import rdflib

from dragoman import api, queries
from dragoman import base as bases
from dragoman.server import served as served_module
from dragoman.server.answers import things, views
from serving import serving

ROOT = Path(__file__).resolve().parents[1]
WORLD = sorted((ROOT / "tests" / "world").glob("*.ttl"))
ID = "https://w3id.org/dragoman/id"
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ODD = """\
@prefix dip: <https://w3id.org/dragoman/ontology/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://w3id.org/dragoman/id/person/odd> a dip:Person ;
    skos:prefLabel "<script>alert('odd')</script>"@en ;
    rdfs:seeAlso <javascript:alert(1)> , <https://example.org/"onmouseover="alert(2)> .
<javascript:alert(1)> rdfs:label "An odd address"@en .
""".replace('/"onmouseover="', "/%22onmouseover=%22")


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served") / "base"
    for name in ("ontology", "shapes", "data", "queries"):
        link = folder / name
        if name == "data":
            for path in [*(ROOT / "data").rglob("*.ttl"), *WORLD]:
                place = link / path.relative_to(ROOT / "data") if path not in WORLD else link
                target = place / path.name if path in WORLD else place
                target.parent.mkdir(parents=True, exist_ok=True)
                target.symlink_to(path)
            (link / "odd.ttl").write_text(ODD, encoding="utf-8")
        else:
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(ROOT / name)
    return folder


@pytest.fixture(scope="module")
def served(base, tmp_path_factory):
    with serving(base, tmp_path_factory.mktemp("log")) as server:
        yield server


@pytest.fixture(scope="module")
def client(served):
    with httpx.Client(base_url=served.url, timeout=60) as found:
        yield found


def page(client, path: str, status: int = 200, **headers: str) -> str:
    answer = client.get(path, headers={**BROWSER, **headers})
    assert status == answer.status_code, answer.text
    assert "text/html; charset=utf-8" == answer.headers["content-type"]
    return answer.text


def words(html: str) -> str:
    """The words of the content of a page, without its marks."""
    main = html.partition("<main")[2].partition("</main>")[0]
    text = re.sub(r"<[^>]+>", " ", main)
    return " ".join(text.replace("&#39;", "'").replace("&amp;", "&").split())


def hrefs(html: str) -> list[str]:
    return [each.replace("&amp;", "&") for each in re.findall(r'href="([^"]*)"', html)]


def rows(html: str) -> int:
    return html.partition("<tbody>")[2].partition("</tbody>")[0].count("<tr")


# --------------------------------------------------------------------- gallery


def test_the_gallery_has_every_question_once(client):
    html = page(client, "/ask")
    names = {path.stem for path in (ROOT / "queries").glob("*.rq")}
    found = [each.removeprefix("/ask/") for each in hrefs(html) if each.startswith("/ask/")]
    assert sorted(names) == sorted(found)


@pytest.mark.parametrize("text", ["gap", "GAP", "gaps-in-a-post"])
def test_questions_are_found_by_their_words_in_any_case(client, text):
    assert "/ask/gaps-in-a-post" in hrefs(page(client, f"/ask?q={text}"))


def test_questions_are_chosen_by_a_tag(client):
    found = [each for each in hrefs(page(client, "/ask?tag=voices")) if each.startswith("/ask/")]
    known = queries.saved_queries(bases.find_base(ROOT))
    assert {f"/ask/{each.name}" for each in known if "voices" in each.tags} == set(found)


def test_words_that_no_question_has_are_said_to_be_in_none(client):
    assert "No question has these words." in words(page(client, "/ask?q=xyzzy"))


def test_machines_get_the_questions_as_json(client):
    told = client.get("/ask.json").json()
    meetings = next(each for each in told if each["name"] == "meetings")
    assert ["firstDay", "lastDay"] == meetings["time"]
    assert "dip:Organization" == meetings["parameters"][0]["type"]


# ------------------------------------------------------------------- questions


def test_a_question_is_told_in_words_and_answered_for_all(client):
    text = words(page(client, "/ask/meetings"))
    assert "Which meetings were held" in text
    assert "31 rows . state, person, mechanism, topic, time: all." in text


def test_a_question_is_asked_by_a_name_in_any_spelling(client):
    html = page(client, "/ask/meetings?state=belmark")
    assert 'value="belmark"' in html
    assert "Belmark (state:XBB)" in words(html)
    assert "/id/state/XBB" in hrefs(html)
    assert "/id/meeting/world-dialogue-2" in hrefs(html)


def test_either_of_two_values_counts(client):
    one, other, both = (
        rows(page(client, f"/ask/meetings?{each}"))
        for each in ("state=Elvor", "state=Dorlind", "state=Elvor&state=Dorlind")
    )
    assert max(one, other) < both <= one + other


def test_a_time_narrows_the_answer_and_says_what_it_leaves_out(client):
    text = words(page(client, "/ask/meetings?since=2013&until=2013-06"))
    assert "since: 2013-01-01. until: 2013-06-30." in text
    assert "Left out: 7 rows without a day." in text


def test_labels_are_in_the_language_that_is_asked_for_or_that_the_browser_asks_for(client):
    path = "/ask/mechanisms-shared-with-a-state?state=state:TUR"
    assert "Macaristan" in words(page(client, f"{path}&lang=tr"))
    assert "Macaristan" in words(page(client, path, **{"accept-language": "tr"}))
    assert "Hungary" in words(page(client, path))


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ("state=Belmrk", 400, "state=Belmrk: nothing of type dip:Organization is called so."),
        ("since=yesterday", 400, "--since yesterday: that is no year, month or day"),
        ("since=2014&until=2013", 400, "--until 2013 is before --since 2014."),
        ("stat=Belmark", 404, "There is no parameter 'stat' in the question meetings."),
        ("sort=nothing", 404, "There is no column 'nothing'."),
        ("view=pie", 404, "There is no view 'pie'."),
        ("page=0", 400, "page=0: a number is wanted"),
        ("page=2", 404, "The answer has 1 page, and no page 2."),
        ("lang=!!", 400, "'!!' is no language tag"),
    ],
)
def test_what_cannot_be_asked_is_said_with_its_reason(client, query, status, told):
    assert told in words(page(client, f"/ask/meetings?{query}", status))


def test_a_wrong_value_keeps_the_form_and_offers_what_may_be_meant(client):
    html = page(client, "/ask/meetings?state=Belmrk&since=2012", 400)
    assert 'value="Belmrk"' in html
    assert 'value="2012"' in html
    assert "/ask/meetings?since=2012&state=state%3AXBB" in hrefs(html)


def test_a_wrong_parameter_offers_the_right_one(client):
    html = page(client, "/ask/meetings?stat=Belmark", 404)
    assert "/ask/meetings?state=Belmark" in hrefs(html)


def test_a_question_that_is_not_there_offers_the_nearest(client):
    html = page(client, "/ask/meting", 404)
    assert "There is no saved query 'meting'" in words(html)
    assert "/ask/meetings" in hrefs(html)


def test_an_answer_without_rows_says_why(client):
    text = words(page(client, "/ask/meetings?state=Fiji"))
    assert "Nothing was found: state: no account tells of Fiji (state:FJI)." in text


def test_a_controlled_list_is_a_choice_and_a_day_a_date(client):
    html = page(client, "/ask/expectations-and-outcomes?verdict=verdict:met")
    assert re.search(r'<select [^>]*name="verdict"', html)
    assert '<option value="verdict:met" selected>' in html
    assert re.search(
        r'<input [^>]*name="day" type="date"', page(client, "/ask/post-holders-on-a-day")
    )


def test_names_are_suggested_for_the_things_of_a_parameter(client):
    html = page(client, "/ask/meetings")
    assert 'data-suggest="/suggest?kind=dip%3AOrganization"' in html


def test_rows_are_sorted_by_labels_both_ways_with_those_without_a_value_last(client):
    def firsts(sort: str) -> list[str]:
        html = page(client, f"/ask/meetings?sort={sort}")
        body = html.partition("<tbody>")[2].partition("</tbody>")[0]
        cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in body.split("</tr>")]
        return [re.sub(r"<[^>]+>", "", row[4]) for row in cells if row]

    up, down = firsts("place"), firsts("-place")
    assert "Arva" == up[0]
    assert "Port Costal" == down[0]
    assert "" == up[-1] == down[-1]
    assert sorted(up) == sorted(down)


def test_rows_come_by_pages_and_a_page_has_its_own_address(client):
    html = page(client, "/ask/passages")
    assert 100 == rows(html)
    assert "page 1 of" in words(html)
    assert "/ask/passages?page=2#answer" in hrefs(html)
    assert 0 < rows(page(client, "/ask/passages?page=2")) <= 100


@pytest.mark.parametrize("suffix", ["csv", "tsv", "json", "xml", "md", "html"])
def test_a_file_has_the_bytes_that_the_command_writes(client, base, suffix):
    answer = client.get(f"/ask/meetings.{suffix}?state=Belmark&since=2012&lang=tr")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "dragoman", "--base", str(base), "query", "meetings"),
            *("--set", "state=Belmark", "--since", "2012", "--lang", "tr", "-f", suffix),
        ],
        capture_output=True,
        check=True,
    )
    assert done.stdout == answer.content
    assert 200 == answer.status_code


def test_a_workbook_is_one(client):
    answer = client.get("/ask/meetings.xlsx?state=Belmark")
    assert 'attachment; filename="meetings.xlsx"' == answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        assert "xl/workbook.xml" in book.namelist()


def test_a_file_that_cannot_be_had_is_refused(client):
    answer = client.get("/ask/meetings.ttl", headers={"accept": "application/json"})
    assert 404 == answer.status_code
    assert "There is no format 'turtle' for SELECT." in answer.json()["detail"]


def test_links_to_files_keep_what_was_asked_and_the_languages(client):
    html = page(client, "/ask/meetings?state=Belmark&sort=place", **{"accept-language": "tr"})
    assert "/ask/meetings.csv?state=Belmark&lang=tr" in hrefs(html)


def test_the_sparql_of_a_page_is_what_the_command_prints(client, base):
    done = subprocess.run(
        [
            *(sys.executable, "-m", "dragoman", "--base", str(base), "query", "meetings"),
            *("--set", "state=Belmark", "--lang", "tr", "--print"),
        ],
        capture_output=True,
        check=True,
    )
    assert done.stdout == client.get("/ask/meetings.rq?state=Belmark&lang=tr").content


def test_a_question_can_be_taken_to_a_command_line_to_python_and_to_curl(client, served):
    html = page(client, "/ask/visits-between-states?from=Arvania&to=Belmark&since=2010")
    text = words(html.replace("&#34;", '"'))
    assert (
        "dragoman query visits-between-states --set from=Arvania --set to=Belmark --since 2010"
        in text
    )
    assert (
        'base.query("visits-between-states", to="Belmark", since="2010", **{"from": "Arvania"})'
        in text
    )
    assert f"curl -fsS '{served.url}/ask/visits-between-states.csv?from=Arvania&to=Belmark" in text


def test_a_notebook_asks_the_same(client):
    book = client.get("/ask/meetings.ipynb?state=Belmark&state=Elvor").json()
    code = "".join(
        "".join(cell["source"]) + "\n" for cell in book["cells"] if cell["cell_type"] == "code"
    )
    compile(code, "notebook", "exec")
    assert 4 == book["nbformat"]
    assert 'base.query("meetings", state=["Belmark", "Elvor"])' in code


def test_a_form_with_empty_fields_leads_to_the_address_without_them(client):
    answer = client.get("/ask/meetings?state=Belmark&person=&since=", headers=BROWSER)
    assert 303 == answer.status_code
    assert "/ask/meetings?state=Belmark" == answer.headers["location"]


def test_examples_are_values_that_have_rows(client):
    html = page(client, "/ask/delegations")
    example = next(each for each in hrefs(html) if each.startswith("/ask/delegations?meeting="))
    assert rows(page(client, example)) > 0


def test_questions_that_ask_for_a_truth_or_for_triples_are_answered_too(root, tmp_path):
    head = "#+ summary: Odd\n#+ description: Is it so?\n#+ tags: [odd]\n"
    for name, text in (
        ("truth", "ASK { ?s ?p ?o }"),
        ("graph", "PREFIX state: <https://w3id.org/dragoman/id/state/> DESCRIBE state:TUR"),
    ):
        (root / "queries" / f"{name}.rq").write_text(head + text, encoding="utf-8")
    (root / "queries" / "görüşme.rq").write_text(f"{head}ASK {{ ?s ?p ?o }}", encoding="utf-8")
    (root / "queries" / "broken.rq").write_text(f"{head}SELECT ?a {{", encoding="utf-8")
    (root / "queries" / "headless.rq").write_text("ASK {}", encoding="utf-8")
    with serving(root, tmp_path) as server, httpx.Client(base_url=server.url, timeout=60) as client:
        assert "Yes." in words(page(client, "/ask/truth"))
        assert {"head": {}, "boolean": True} == client.get("/ask/truth.json").json()
        assert "state:TUR" in words(page(client, "/ask/graph"))
        assert "Names of a state" in words(page(client, "/id/state/TUR"))
        assert "Türkiye" in words(page(client, "/search?q=turkiye"))
        assert "No question of this base has a picture" in words(page(client, "/pictures"))
        assert page(client, "/")
        assert len(rdflib.Graph().parse(data=client.get("/ask/graph.nt").text, format="nt")) > 0
        assert 404 == client.get("/ask/graph.csv").status_code
        told = client.get("/ask/görüşme.json").headers["content-disposition"]
        assert "filename*=UTF-8''g%C3%B6r%C3%BC%C5%9Fme.json" in told
        assert "Yes." in words(page(client, "/ask/görüşme"))
        assert "queries/broken.rq:4" in words(page(client, "/ask/broken", 500)).split("Error ")[1]
        assert str(root) not in page(client, "/ask/broken", 500) + page(client, "/ask")
        gallery = words(page(client, "/ask"))
        assert "headless.rq:1: A saved query begins with a header" in gallery
        assert "The question is left out." in gallery


def test_a_question_that_takes_too_long_keeps_its_form_and_its_worker_is_replaced(root, tmp_path):
    head = "#+ summary: Long\n#+ description: Is it so?\n#+ tags: [odd]\n"
    every = " ".join(f"?a{each} ?b{each} ?c{each} ." for each in range(6))
    (root / "queries" / "long.rq").write_text(
        f"{head}#+ params: [{{name: a0, type: dip:State, description: Of what}}]\n"
        "PREFIX dip: <https://w3id.org/dragoman/ontology/>\n"
        f"SELECT (COUNT(*) AS ?n) {{ VALUES ?a0 {{ UNDEF }} {every} }}",
        encoding="utf-8",
    )
    with (
        serving(root, tmp_path, "--timeout", "10", "--workers", "1") as server,
        httpx.Client(base_url=server.url, timeout=60) as client,
    ):
        html = page(client, "/ask/long", 503)
        assert "The answer takes longer than 7 s. Narrow what is asked" in words(html)
        assert 'name="a0"' in html
        assert "names" in words(page(client, "/ask/names"))


# -------------------------------------------------------------------- pictures


def test_every_view_of_a_question_is_offered_and_answers(client):
    for question in queries.saved_queries(bases.find_base(ROOT)):
        for view in question.views:
            html = page(client, f"/ask/{question.name}?view={view.kind}")
            assert f"/ask/{question.name}?view={view.kind}" in hrefs(html)
            if view.kind in {"map", "graph"}:
                assert f'data-{view.kind}="/ask/{question.name}.{view.kind}.json' in html


def test_the_pictures_are_listed(client):
    assert "/ask/meetings?view=timeline" in hrefs(page(client, "/pictures"))


def test_a_timeline_has_a_mark_for_each_thing_with_a_day_and_counts_the_others(client):
    html = page(client, "/ask/meetings?view=timeline")
    assert "Without a day, and not drawn: 7." in words(html)
    svg = client.get("/ask/meetings.svg?view=timeline").content
    drawn = ET.fromstring(svg)  # noqa: S314  it is our own
    titles = [each.text for each in drawn.iter("{http://www.w3.org/2000/svg}title")]
    assert "First Ministers' Dialogue, 2011-03-14" in titles
    assert "First meeting of the Three Rivers Group, 2011-03-01 to 2011-03-31" in titles


def test_a_picture_that_stands_alone_needs_no_style_sheet_and_no_page_around_it(client, served):
    drawn = client.get("/ask/states-that-share-mechanisms.svg?view=matrix").text
    assert "class=" not in drawn
    assert f'href="{served.url}/id/state/XAA"' in drawn
    assert "<title>Arvania, Costal: 8</title>" in drawn
    assert "<title>Costal, Arvania: 8</title>" in drawn


def test_a_slot_that_nobody_fills_is_a_nought_in_the_grid_of_a_session(client):
    grid = client.get(
        "/ask/slot-coverage.svg?view=matrix&meeting=meeting:tr-hu-jcm-first-session"
    ).text
    assert "<title>defence, Hungary: 1</title>" in grid
    assert "<title>intelligence, Hungary: 0</title>" in grid


def test_more_kinds_than_colours_are_others(client):
    html = page(client, "/ask/visits-by-year-and-rank?view=bars")
    legend = words(html.partition('class="legend"')[2].partition("</ul>")[0].join(["<main>", ""]))
    assert legend.endswith("others")
    assert "minister" in legend


def test_a_map_has_the_numeric_codes_of_states(client):
    told = client.get("/ask/meetings.map.json").json()
    assert {"792"} == {each["code"] for each in told["states"] if each["label"] == "Türkiye"}


def test_a_graph_has_an_edge_for_each_row_between_nodes_that_are_there(client):
    told = client.get("/ask/mechanisms.graph.json").json()
    nodes = {each["id"] for each in told["nodes"]}
    assert f"{ID}/state/TUR" in nodes
    assert all({each["source"], each["target"]} <= nodes for each in told["edges"])


def test_a_picture_that_a_question_has_not_is_refused_with_those_it_has(client):
    answer = client.get("/ask/meetings.svg?view=matrix")
    assert 404 == answer.status_code
    assert "Its pictures: timeline (view=)." in answer.text


# ---------------------------------------------------------------------- things


def test_a_page_of_a_thing_has_the_record_first_then_accounts_by_source(client):
    text = words(page(client, "/id/meeting/world-summit"))
    places = [
        text.index(each)
        for each in ("What follows from all accounts", "Where accounts differ",
                     "What accounts say", "Security Council met at Lake House")
    ]  # fmt: skip
    assert sorted(places) == places
    assert "by the rule “at place”" in text


def test_a_page_tells_from_which_accounts_a_fact_follows_when_asked(client):
    html = page(client, "/id/mechanism/world-dialogue")
    assert "/id/mechanism/world-dialogue?explain=true#record" in hrefs(html)
    explained = page(client, "/id/mechanism/world-dialogue?explain=true")
    record = explained.partition('id="record"')[2].partition("</section>")[0]
    assert [] != [each for each in hrefs(record) if "/account/" in each]


def test_conflicts_are_marked_at_the_accounts_that_are_in_them(client):
    html = page(client, "/id/meeting/world-summit")
    assert '<a class="badge conflict" href="#differences">host</a>' in html


def test_the_events_of_a_thing_are_drawn(client):
    for thing, lane in (
        ("mechanism/world-three-rivers", "session in"),
        ("person/world-ada-varn", "participation"),
        ("state/XAA", "delegation"),
    ):
        drawn = page(client, f"/id/{thing}").partition("<svg")[2].partition("</svg>")[0]
        assert f">{lane}</text>" in drawn


def test_what_pages_ask_is_of_terms_that_there_are():
    base = api.open(ROOT)
    node = f"<{ID}/state/TUR>"
    for text in (
        things.DIFFERENCES,
        things.OF_EVENTS,
        things.PLACE,
        views.CODES,
        served_module.STATUSES,
    ):
        asked = text.format(thing=node, most=1) if "{thing}" in text else text
        assert () == base.query(served_module.PREFIXES + asked).warnings


def test_a_source_tells_how_much_it_holds_and_of_what(client):
    html = page(client, "/id/source/world-visits")
    graph = rdflib.Graph().parse(ROOT / "tests" / "world" / "world-visits.ttl")
    assert f"{len(graph)} triples" in words(html)
    assert f"/data?{urlencode({'graph': f'{ID}/source/world-visits'})}" in hrefs(html)


def test_classes_properties_and_rules_have_pages(client):
    assert "meeting" in words(page(client, "/thing?iri=dip:Meeting"))
    assert "session of" in words(page(client, "/thing?iri=dip:sessionOf"))
    assert "concept" in words(page(client, "/thing?iri=skos:Concept")).casefold()
    rule = words(page(client, "/thing?iri=https%3A%2F%2Fw3id.org%2Fdragoman%2Frule%2Fat-place"))
    assert "CONSTRUCT { $this dip:atPlace ?place }" in rule


def test_a_thing_is_found_by_a_name_too(client):
    assert "Belmark" in words(page(client, "/thing?iri=belmark"))


@pytest.mark.parametrize(
    ("accept", "media", "syntax"),
    [
        ("text/turtle", "text/turtle", "turtle"),
        ("application/ld+json", "application/ld+json", "json-ld"),
        ("application/n-triples", "application/n-triples", "nt"),
        ("application/rdf+xml, text/turtle;q=0.5", "application/rdf+xml", "xml"),
    ],
)
def test_a_thing_is_told_of_in_the_form_that_is_asked_for(client, accept, media, syntax):
    answer = client.get("/id/meeting/world-council-1", headers={"accept": accept})
    assert media == answer.headers["content-type"].partition(";")[0]
    graph = rdflib.Graph().parse(data=answer.content, format=syntax)
    node = rdflib.URIRef(f"{ID}/meeting/world-council-1")
    assert {str(each) for each in graph.objects(node, rdflib.SKOS.prefLabel)} == {
        "First Leaders' Council"
    }
    assert 'rel="alternate describedby"; type="text/turtle"' in answer.headers["link"]
    assert "Accept" in answer.headers["vary"]


@pytest.mark.parametrize("suffix", ["ttl", "jsonld", "nt", "rdf", "json"])
def test_a_suffix_says_the_form(client, suffix):
    answer = client.get(f"/id/meeting/world-council-1.{suffix}", headers=BROWSER)
    assert 200 == answer.status_code
    assert "html" not in answer.headers["content-type"]
    other = client.get(f"/thing?iri={ID}/meeting/world-council-1&format={suffix}")
    assert other.content == answer.content


def test_a_form_that_is_not_offered_is_not_acceptable(client):
    assert 406 == client.get("/id/state/TUR", headers={"accept": "image/png"}).status_code


def test_a_thing_that_is_not_there_offers_those_that_are_like_it(client):
    html = page(client, "/id/state/TURR", 404)
    assert "There is no thing" in words(html)
    assert "/id/state/TUR" in hrefs(html)


def test_a_name_that_several_things_bear_offers_each(client):
    html = page(client, "/thing?iri=TUR", 300)
    assert {"/id/state/TUR", "/id/matter/type"} <= set(hrefs(html))


def test_neighbours_are_things_and_not_accounts(client):
    told = client.get("/neighbours", params={"id": f"{ID}/meeting/world-council-1"}).json()
    ids = [each["id"] for each in told["nodes"]]
    assert f"{ID}/meeting/world-council-1" == ids[0]
    assert f"{ID}/mechanism/world-leaders-council" in ids
    assert not [each for each in ids if "/account/" in each and "/source/" not in each]


def test_the_words_of_a_passage_are_shown_where_the_text_is_at_hand(tmp_path):
    base = tmp_path / "base"
    for name in ("ontology", "shapes", "queries"):
        base.mkdir(exist_ok=True)
        (base / name).symlink_to(ROOT / name)
    (base / "data").mkdir()
    words_told = "Arva, 1 May. The minister came by rail and left the same day."
    sha = hashlib.sha256(words_told.encode()).hexdigest()
    (base / "data" / "rail.ttl").write_text(
        f"""\
@prefix dip: <https://w3id.org/dragoman/ontology/> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix s: <{ID}/source/rail> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<{ID}/source/rail> a dip:Source ; dip:sha256 "{sha}" .
<{ID}/event/rail> a dip:Event ; skos:prefLabel "A journey by rail"@en .
<{ID}/source/rail/account/a> a dip:Account ; dip:about <{ID}/event/rail> ;
    dip:source <{ID}/source/rail> ; dip:passage <{ID}/source/rail/passage/p> .
<{ID}/source/rail/passage/p> a dip:Passage ; oa:hasSource <{ID}/source/rail> ;
    oa:hasSelector <{ID}/source/rail/passage/p/at> .
<{ID}/source/rail/passage/p/at> a oa:TextPositionSelector ; oa:start 13 ; oa:end 38 .
""",
        encoding="utf-8",
    )
    texts = base / "texts"
    texts.mkdir()
    (texts / "rail.txt").write_text(words_told, encoding="utf-8")
    with serving(base, tmp_path) as server, httpx.Client(base_url=server.url, timeout=60) as client:
        assert "The minister came by rail" in words(page(client, "/id/event/rail"))
        around = page(client, "/id/source/rail/passage/p")
        assert "1 May. <mark>The minister came by rail</mark> and left" in around
        assert f"<p>{words_told}</p>" in page(client, "/id/source/rail")
        # another text than the source's has no words of it
        (texts / "rail.txt").write_text(f"{words_told} And more.", encoding="utf-8")
        end = time.monotonic() + 30
        while "The minister came by rail" in words(page(client, "/id/event/rail")):
            assert time.monotonic() < end
            time.sleep(0.1)


# ---------------------------------------------------------------------- finding


def test_things_are_found_in_any_spelling(client):
    html = page(client, "/search?q=törökország")
    assert "/id/state/TUR" in hrefs(html)


def test_nothing_found_says_so_with_the_nearest(client):
    assert "Nothing is called “zzzzqqq”." in words(page(client, "/search?q=zzzzqqq"))


def test_what_was_found_comes_as_a_file(client):
    answer = client.get("/search.csv?q=belmark")
    assert "thing,class,name,language,match" == answer.text.splitlines()[0]
    assert f"{ID}/state/XBB,state,Belmark,en,exact" == answer.text.splitlines()[1]


def test_a_suggestion_is_a_name_where_one_thing_bears_it_and_a_prefixed_name_elsewhere(client):
    found = client.get("/suggest?q=belmar&kind=dip:State").json()
    assert {"label": "Belmark", "value": "Belmark", "detail": "state"} == found[0]
    both = client.get("/suggest?q=TUR&kind=rdfs:Resource").json()
    assert {"state:TUR", "matter:type"} <= {each["value"] for each in both}


def test_a_suggestion_for_anything_has_its_link_and_there_are_twelve_at_most(client):
    found = client.get("/suggest?q=a").json()
    assert 12 == len(found)
    assert all(each["href"].startswith(("/id/", "/thing?")) for each in found)
    assert [] == client.get("/suggest?q=").json()


def test_a_class_that_is_not_there_is_said(client):
    answer = client.get("/suggest?q=a&kind=dip:Nothing")
    assert 404 == answer.status_code


# ----------------------------------------------------------------------- safety


@pytest.mark.parametrize(
    "path",
    [
        "/id/person/odd",
        "/search?q=%3Cscript%3Ealert(1)%3C/script%3E",
        "/ask?q=%3Cscript%3Ealert(1)%3C/script%3E",
        "/ask/meetings?state=%3Cscript%3Ealert(1)%3C/script%3E",
        "/ask/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "/id/%3Cscript%3Ealert(1)%3C/script%3E",
        "/thing?iri=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "/ask/people?view=%3Cscript%3E",
        "/ask/persons-with-the-same-name?lang=%3Cscript%3E",
    ],
)
def test_marks_in_data_and_in_addresses_are_shown_and_mean_nothing(client, path):
    html = client.get(path, headers=BROWSER).text
    assert [] == re.findall(r"<script(?! src=\"/static/)", html)
    assert [] == re.findall(r"<[a-z][^>]* on[a-z]+=", html)
    assert [] == re.findall(r"<[a-z][^>]* style=", html)


def test_an_address_that_is_a_script_is_no_link(client):
    for path in ("/id/person/odd", "/thing?iri=javascript:alert(1)"):
        links = hrefs(page(client, path))
        assert [] == [each for each in links if each.lower().startswith(("javascript:", "data:"))]


def test_labels_with_marks_are_inert_in_json_and_pictures(client):
    found = client.get("/suggest?q=script").json()
    assert "<script>alert('odd')</script>" in [each["label"] for each in found]
    assert (
        "application/json; charset=utf-8" == client.get("/suggest?q=script").headers["content-type"]
    )


def test_no_page_asks_for_anything_elsewhere(client):
    for path in (
        "/ask",
        "/ask/meetings?view=timeline",
        "/id/state/TUR",
        "/search?q=a",
        "/pictures",
    ):
        html = page(client, path)
        assert [] == re.findall(r'(?:src|data-[a-z]+)="(?:https?:)?//', html)
        assert json.dumps(None) not in words(html)
