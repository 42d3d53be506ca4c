"""A whole base in every store: brought there, proven, asked from there, and brought back.

Oxigraph and Virtuoso are the real servers; the other kinds are simulated (`wire.py`), as they are
documented. All of it is told to the command, as a person types it, with profiles in `stores.toml`.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

import dragoman
import store_faults
import wire
from conftest import copy_of_the_base, run, with_stores
from wire import Fault

if TYPE_CHECKING:
    import graph_stores

VARIABLE = "DRAGOMAN_STORE_SECRET"
QUERIES = ("delegations", "mechanisms", "order-of-events", "expected-outcomes", "people")
SOURCE = "https://w3id.org/dragoman/id/source/"
RECORD = "https://w3id.org/dragoman/record"


@dataclass
class Place:
    """A store with the base in it, and the copy of the base that knows it as `there`."""

    kind: str
    server: wire.Wire | graph_stores.Server
    base: Path
    output: str


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """The base itself, to compare with."""
    return copy_of_the_base(tmp_path_factory.mktemp("local"))


@pytest.fixture(scope="module", params=["oxigraph", "virtuoso", *wire.KINDS])
def place(request, tmp_path_factory):
    """A store of a kind, and the base pushed into it."""
    base = copy_of_the_base(tmp_path_factory.mktemp(request.param))
    with contextlib.ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        if request.param in wire.KINDS:
            server = stack.enter_context(wire.serving(request.param))
        else:
            server = request.getfixturevalue(f"{request.param}_server")
        patch.setenv(VARIABLE, server.secret)
        with_stores(base, server.profile("there", VARIABLE))
        code, output, errors = run(base, "push", "there")
        assert code == 0, f"{output}\n{errors}"
        yield Place(request.param, server, base, output)


def files(base: Path) -> dict[str, set[ox.Triple]]:
    """Return the triples of each graph that a push brings, by the name of the graph."""
    found = {}
    for path in [*base.glob("ontology/**/*.ttl"), *base.glob("data/**/*.ttl")]:
        is_data = path.relative_to(base).parts[0] == "data"
        start = SOURCE if is_data else "https://w3id.org/dragoman/ontology/"
        found[start + path.stem] = {quad.triple for quad in ox.parse(path=path)}
    return found


# ------------------------------------------------------------------ brought there


def test_a_push_says_what_is_proven(place):
    # Virtuoso alone writes some values in another way
    word = "another spelling" if place.kind == "virtuoso" else "Proven lossless"
    assert word in place.output.splitlines()[-1]


def test_the_store_holds_every_graph(place):
    wanted = {name: len(triples) for name, triples in files(place.base).items()}
    derived = sum(1 for _ in dragoman.open(place.base).store.quads(RECORD))
    assert derived > 100
    wanted[RECORD] = derived + 2  # by which rules, and from how many facts
    if isinstance(place.server, wire.Wire):
        found = {name: len(place.server.triples(name)) for name in place.server.graph_names()}
        assert wanted == found
    else:
        assert wanted.keys() == place.server.graph_names() - place.server.own_graphs


def test_what_is_there_is_not_sent_again(place):
    code, output, _ = run(place.base, "push", "there", "--json")
    told = json.loads(output)
    assert (0, 0) == (code, told["bytes"])
    assert {"kept"} == {graph["action"] for graph in told["graphs"]}
    assert {True} == {graph["proof"]["verdict"] != "different" for graph in told["graphs"]}


def test_a_dry_run_changes_nothing(place):
    source = next(iter(sorted((place.base / "data").rglob("*.ttl"))))
    kept = source.read_text(encoding="utf-8")
    try:
        source.write_text(f"{kept}\n<urn:a> <urn:b> <urn:c> .\n", encoding="utf-8")
        code, output, _ = run(place.base, "push", "there", "--source", source.stem, "--dry-run")
        assert (0, True) == (code, "would be replaced" in output)
    finally:
        source.write_text(kept, encoding="utf-8")
    code, output, _ = run(place.base, "push", "there", "--source", source.stem, "--json")
    assert (0, 0) == (code, json.loads(output)["bytes"])


# ------------------------------------------------------------------ asked from there


@pytest.mark.parametrize("name", QUERIES)
def test_saved_queries_give_the_same_rows(place, local, name):
    code, wanted, _ = run(local, "query", name, "--format", "csv")
    assert (0, True) == (code, len(wanted.splitlines()) > 1)
    found = run(place.base, "query", name, "--endpoint", "there", "--format", "csv")
    assert (0, wanted) == found[:2], found[2]


def test_a_question_without_graph_sees_all_graphs(place, local):
    text = "SELECT (COUNT(*) AS ?n) { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?o }"
    wanted = run(local, "query", "-", "--format", "csv", stdin=text)
    found = run(place.base, "query", "-", "--endpoint", "there", "--format", "csv", stdin=text)
    assert wanted[:2] == found[:2], found[2]


def test_one_thing_is_shown_as_it_is_here(place, local):
    wanted = run(local, "show", "Hungary", "--format", "json")
    assert 0 == wanted[0]
    found = run(place.base, "show", "Hungary", "--endpoint", "there", "--format", "json")
    assert 0 == found[0], found[2]
    assert without_named_blanks(json.loads(wanted[1])) == without_named_blanks(json.loads(found[1]))


def without_named_blanks(told):
    """Return JSON without the IRIs that stand for blank nodes where a store takes none."""
    if isinstance(told, dict):
        told = {key: without_named_blanks(value) for key, value in told.items()}
        return (
            None
            if store_faults.SKOLEM in told.get("iri", "") or not told.get("values", 1)
            else told
        )
    if isinstance(told, list):
        return [each for each in map(without_named_blanks, told) if each is not None]
    return told


def test_a_fact_that_two_sources_state_is_one_fact(place, request):
    if place.kind == "virtuoso":
        request.applymarker(pytest.mark.xfail(reason="Virtuoso repeats what stands in two graphs"))
    for name in ("one-voice", "another-voice"):
        text = "<urn:agreed:a> <urn:agreed:b> <urn:agreed:c> .\n"
        (place.base / "data" / f"{name}.ttl").write_text(text, encoding="utf-8")
    chosen = ("--source", "one-voice", "--source", "another-voice")
    code, output, errors = run(place.base, "push", "there", *chosen)
    assert code == 0, f"{output}\n{errors}"
    text = "SELECT (COUNT(*) AS ?n) { ?s <urn:agreed:b> ?o }"
    found = run(place.base, "query", "-", "--endpoint", "there", "--format", "csv", stdin=text)
    assert (0, "n\n1\n") == found[:2], found[2]


# ------------------------------------------------------------------ brought back


def test_a_graph_comes_back_as_it_went(place):
    """What is pulled under the name that it has here is no change."""
    path = max((place.base / "data").rglob("*.ttl"), key=lambda each: each.stat().st_size)
    code, output, errors = run(
        place.base, "pull", "there", "--graph", SOURCE + path.stem, "--replace", "--dry-run"
    )
    assert code == 0, f"{output}\n{errors}"


# ------------------------------------------------------------------ secrets


def test_the_secret_is_neither_told_nor_kept_nor_in_the_list_of_processes(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    base = copy_of_the_base(tmp_path / "base")
    with wire.serving("fuseki") as server:
        with_stores(base, server.profile("there", VARIABLE))
        server.faults = [Fault("slow", at=2, seconds=1.0)]
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONUTF8": "1",
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
            "TMPDIR": str(tmp_path),
            VARIABLE: server.secret,
        }
        command = [sys.executable, "-m", "dragoman", "-v", "--base", str(base), "push", "there"]
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            listed = b""
            if sys.platform == "linux":
                while len(server.asked) < 1 and process.poll() is None:
                    time.sleep(0.01)
                listed = Path(f"/proc/{process.pid}/cmdline").read_bytes()
                assert b"there" in listed
            output, errors = process.communicate(timeout=600)
        assert (0, True) == (process.returncode, b"Proven lossless" in output)
        kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        for text in (listed, output, errors, kept):
            assert server.secret.encode() not in text
        for asked in server.asked:
            assert server.secret not in f"{asked.path} {asked.params}"
            assert server.secret.encode() not in asked.body


def test_another_host_is_never_told_the_secret(tmp_path, monkeypatch):
    base = copy_of_the_base(tmp_path / "base")
    with wire.serving("fuseki") as server, wire.serving("fuseki", auth="none") as other:
        monkeypatch.setenv(VARIABLE, server.secret)
        with_stores(base, server.profile("there", VARIABLE))
        server.faults = [Fault("redirect", times=0, target=f"{other.url}/data")]
        code, _, errors = run(base, "push", "there")
        assert (2, True) == (code, "another host" in errors)
        assert [] == [asked for asked in other.asked if "authorization" in asked.headers]


@pytest.mark.parametrize("kind", ["fuseki", "graphdb", "qlever"])
def test_a_wrong_secret_is_told_and_not_shown(kind, tmp_path, monkeypatch):
    base = copy_of_the_base(tmp_path / "base")
    with wire.serving(kind) as server:
        monkeypatch.setenv(VARIABLE, "wr0ng-secret")
        with_stores(base, server.profile("there", VARIABLE))
        code, output, errors = run(base, "push", "there")
        assert (2, 1) == (code, len(errors.splitlines()))
        assert "wr0ng-secret" not in output + errors
        assert set() == server.quads()
