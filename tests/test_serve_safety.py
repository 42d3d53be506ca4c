"""What a server bears that is sent, or found in its base, by whoever means it ill."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from conftest import command_in
from serving import TOKEN, serving

if TYPE_CHECKING:
    from pathlib import Path

TTL = """\
@prefix dip: <https://w3id.org/dragoman/ontology/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<https://w3id.org/dragoman/id/state/ATL> a dip:State ; skos:prefLabel "Atlantis"@en .
"""
QUESTION = """\
#+ summary: The states
#+ description: Which states are there?
#+ tags: [states]

PREFIX dip: <https://w3id.org/dragoman/ontology/>
SELECT ?state { ?state a dip:State }
"""
WRITER = {"Authorization": f"Bearer {TOKEN}"}


def small(folder: Path) -> Path:
    """Return a base with one file of data, and one question."""
    base = folder / "base"
    command_in(folder)("init", str(base))
    (base / "data" / "atlantis.ttl").write_text(TTL, encoding="utf-8")
    (base / "queries" / "all-states.rq").write_text(QUESTION, encoding="utf-8")
    return base


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return small(tmp_path_factory.mktemp("attacked"))


@pytest.fixture(scope="module")
def served(base, tmp_path_factory):
    options = ("--write", "--cors", "http://localhost:1")
    with serving(base, tmp_path_factory.mktemp("log"), *options) as running:
        yield running


@pytest.fixture
def client(served):
    with httpx.Client(base_url=served.url, timeout=120) as found:
        yield found


def seen(look, *, within: float = 20.0) -> bool:
    """Return whether something comes to hold in time."""
    end = time.monotonic() + within
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.1)
    return bool(found)


# ------------------------------------------------------------------- what is sent


@pytest.mark.parametrize("name", ["Отчёт.ttl", "报告.ttl", f"{'a' * 300}.ttl", f"{'я' * 200}.ttl"])
def test_a_file_of_any_name_is_checked_and_told_by_it(client, name):
    answer = client.post("/check", files={"files": (name, TTL)}, headers={"accept": "text/html"})
    assert 200 == answer.status_code
    assert f"{name[-60:]}</h" in answer.text


FORM = """\
dragoman: report/1
source: talks
text: {text}
title: Talks
language: en
"""


@pytest.mark.parametrize("text", [f'"{"x" * 300}"', r'"a\0b"', "form.yaml", "FORM.yaml"])
def test_a_form_whose_text_no_file_can_be_is_told_so(client, text):
    form = FORM.format(text=text)
    answer = client.post("/desk/findings", json={"form": form, "text": "They met. They spoke."})
    assert (400, "No text can be called as the form says: name it as summit.txt.\n") == (
        answer.status_code,
        answer.text,
    )


@pytest.mark.parametrize("path", ["/check-sparql", "/desk/findings", "/desk/words"])
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        rb'{"query": "\ud800", "form": "\ud800", "text": "\ud800", "start": 0, "end": 1}',
        b'{"text": "met", "start": 1e999, "end": 1}',
        b"[]",
        b"\xff",
    ],
)
def test_what_is_no_json_of_ours_is_refused(client, path, body):
    assert 400 == client.post(path, content=body).status_code


def test_words_with_a_mark_of_a_pattern_in_them_are_put_in_as_they_stand(client):
    told = {"do": "insert", "pattern": "session", "form": "", "text": 'Of {text} they met.',
            "words": 'p1.1 "{text}"'}  # fmt: skip
    form = client.post("/desk", data=told, headers={"accept": "application/json"}).json()["form"]
    assert r'words: "p1.1 \"{text}\""' in form


# ---------------------------------------------------------------------- who sends it


def test_a_page_that_may_read_does_not_write_with_the_cookie_of_who_looks_at_it(served, base):
    told = {"do": "add", "syntax": "ttl", "name": "planted",
            "text": TTL.replace("ATL", "MUU").replace("Atlantis", "Mu")}  # fmt: skip
    cookie = {"Cookie": f"dragoman-writer={TOKEN}"}
    page = {
        "Origin": "http://localhost:1"
    }  # of the same site, for browsers: the cookie comes along
    refused = httpx.post(f"{served.url}/check", data=told, headers={**cookie, **page})
    assert (403, False) == (refused.status_code, (base / "data" / "planted.ttl").exists())
    own = httpx.post(
        f"{served.url}/check", data=told, headers={**cookie, "Origin": served.url}, timeout=120
    )
    assert (200, True) == (own.status_code, (base / "data" / "planted.ttl").exists())


# ------------------------------------------------------------------- what lies in the base


def test_links_that_lead_in_circles_keep_nobody_from_seeing_what_is_new(tmp_path):
    base = small(tmp_path)
    for name in "abc":
        (base / "data" / name).symlink_to(base / "data", target_is_directory=True)
    with serving(base, tmp_path) as running:
        assert "Atlantis" in httpx.get(f"{running.url}/ask/all-states", timeout=60).text
        path = base / "data" / "atlantis.ttl"
        path.write_text(TTL.replace("Atlantis", "Poseidonis"), encoding="utf-8")
        assert seen(
            lambda: "Poseidonis" in httpx.get(f"{running.url}/ask/all-states", timeout=60).text,
            within=5,
        )


def test_a_question_that_cannot_be_read_is_left_out_and_said(tmp_path):
    base = small(tmp_path)
    (base / "queries" / "lost.rq").symlink_to(tmp_path / "nowhere")
    with serving(base, tmp_path) as running:
        gallery = httpx.get(f"{running.url}/ask", timeout=60)
        assert (200, True) == (gallery.status_code, "The states" in gallery.text)
        assert "lost.rq: It cannot be read: No such file or directory." in gallery.text
        alone = httpx.get(f"{running.url}/ask/lost", timeout=60)
        assert "queries/lost.rq: It cannot be read: No such file or directory.\n" == alone.text


# ---------------------------------------------------------------------- what is left


@contextlib.contextmanager
def checking_for_long(base: Path, folder: Path, *options: str):
    """Serve a base that is at a check which takes long; its temporary files are in a folder."""
    scratch = folder / "scratch"
    scratch.mkdir()
    many = TTL + "".join(f"<http://x.example/{n}> a dip:State .\n" for n in range(200_000))
    with serving(base, folder, *options, environment={"TMPDIR": str(scratch)}) as running:
        answers: list[httpx.Response] = []

        def check() -> None:
            with contextlib.suppress(httpx.HTTPError):
                answers.append(httpx.post(f"{running.url}/check", data={"text": many}, timeout=120))

        asking = threading.Thread(target=check)
        asking.start()
        assert seen(lambda: [*scratch.rglob("pasted.ttl")])
        yield running, scratch, answers
        asking.join()


def test_a_check_that_is_given_up_leaves_no_file(tmp_path):
    with checking_for_long(small(tmp_path), tmp_path, "--timeout", "1") as found:
        running, scratch, answers = found
        assert seen(lambda: answers)
        assert 503 == answers[0].status_code
        assert seen(lambda: not [*scratch.rglob("pasted.ttl")])
        assert running.process.poll() is None
    assert [] == [*scratch.iterdir()]


@pytest.mark.skipif(os.name != "posix", reason="who is whose parent is told there")
def test_workers_of_a_front_that_was_killed_leave_no_file(tmp_path):
    with checking_for_long(small(tmp_path), tmp_path) as (running, scratch, _):
        running.process.kill()
        assert seen(lambda: not [*scratch.iterdir()])


def test_who_waits_for_a_server_that_is_being_stopped_is_told_so(tmp_path):
    long = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    answers: list[httpx.Response] = []
    with serving(small(tmp_path), tmp_path) as running:
        asking = threading.Thread(
            target=lambda: answers.append(
                httpx.get(f"{running.url}/sparql", params={"query": long}, timeout=60)
            )
        )
        asking.start()
        time.sleep(1)
        running.process.send_signal(signal.SIGTERM)
        asking.join()
    assert (503, "The server is being stopped. Come again when it runs.\n") == (
        answers[0].status_code,
        answers[0].text,
    )
    assert "Traceback" not in running.log.read_text(encoding="utf-8")


@pytest.mark.parametrize("host", ["0.0.0.0", "::1"])  # noqa: S104  what is tried
def test_the_address_that_is_told_is_answered(host, tmp_path):
    with serving(small(tmp_path), tmp_path, "--host", host) as running:
        assert 200 == httpx.get(f"{running.url}/sign-in", timeout=60).status_code
