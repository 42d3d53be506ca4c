"""Each command does its work once, on a small base: what is essential, and soon told."""

from __future__ import annotations

import json
import urllib.request

import pytest

from conftest import PREFIXES, run, with_stores
from dragoman.cli import COMMANDS
from serving import serving
from wire import Wire

pytestmark = pytest.mark.quick

FACT = f'{PREFIXES}<http://example.org/a> dip:alpha3Code "ARV" .\n'
# What each is told, how it ends, and words that it says.
TOLD = {
    "query": (["names", "--set", "state=Hungary", "-f", "csv"], 0, "Magyarország"),
    "show": (["Hungary"], 0, "HUN"),
    "search": (["Türkiye"], 0, "TUR"),
    "stats": ([], 0, "terms of the ontology"),
    "validate": (["new.ttl"], 0, "1 file checked, nothing found."),
    "add": (["new.ttl"], 0, "Added data/new.ttl"),
    "edit": (["people"], 0, "Nothing was changed in people."),
    "remove": (["people"], 0, "Removed data/articles/people.ttl."),
    "merge": (["person:fidan", "person:hakan-fidan"], 0, "Replaced data/articles/people.ttl"),
    "diff": (["new.ttl", "old.ttl"], 1, "Things: 1 changed."),
    "new": (["utterance"], 0, "source: utterance"),
    "draft": (["talks.txt"], 0, "place: Ankara"),
    "schema": ([], 0, "$schema"),
    "fmt": (["--check", "new.ttl"], 1, "Would lay out new.ttl."),
    "log": ([], 0, "Nothing was added or removed yet."),
    "init": (["own"], 0, "A base, with ontology, shapes, data, queries."),
    "upgrade": ([], 0, "dragoman.toml states the edition"),
    "status": ([], 0, "nobody writes"),
    "index": ([], 0, "The base is small"),
    "verify": ([], 1, "The ontology declares no term dip:S."),
    "reason": ([], 0, "Consistent. Every class can have a member."),
    "push": (["store"], 0, "Proven lossless"),
    "check-queries": (["names"], 1, "1 question looked at"),
    "trust": (["store"], 0, ": trusted"),
    "pull": (["store"], 0, "The store has no named graph."),
    "export": (["people", "-f", "ttl"], 0, "Hakan Fidan"),
}


@pytest.fixture
def base(root, monkeypatch):
    """The small base, with files beside it and a store that it trusts."""
    (root / "dragoman.toml").write_text("format = 1\n", encoding="utf-8")
    monkeypatch.chdir(root.parent)
    (root.parent / "new.ttl").write_text(FACT, encoding="utf-8")
    (root.parent / "old.ttl").write_text(FACT.replace("ARV", "BEL"), encoding="utf-8")
    (root.parent / "talks.txt").write_text("The ministers met in Ankara.\n", encoding="utf-8")
    wire = Wire("graphdb")
    monkeypatch.setenv("SECRET", wire.secret)
    monkeypatch.setenv("EDITOR", "true")
    with_stores(root, wire.profile("store", "SECRET"))
    yield root
    wire.stop()


@pytest.mark.parametrize("command", TOLD)
def test_a_command_does_its_work(base, command):
    arguments, ends, words = TOLD[command]
    code, out, err = run(base, command, *arguments)
    assert (ends, True) == (code, words in out + err), out + err


def test_a_base_is_served(base, tmp_path):
    with serving(base, tmp_path) as server:
        asked = f"{server.url}/sparql?query=ASK%7B%7D"
        with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310  our own server
            assert json.load(answer)["boolean"]


def test_no_command_is_left_out():
    assert {*COMMANDS} == {*TOLD, "serve"}
