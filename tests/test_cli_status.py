"""`dragoman status` as people and scripts use it."""

from __future__ import annotations

import json

import pytest

from dragoman import index, locking
from dragoman.base import find_base
from test_base import own_base, put

LARGE = {"DRAGOMAN_INDEX_FROM": "0"}


def told(done):
    assert (done.returncode, done.stderr) == (0, b"")
    return json.loads(done.stdout)


def test_a_small_base_is_told(dragoman, root):
    page = dragoman("status").stdout.decode()
    assert page.startswith(f"Base   {root}\n       it was named by --base\n")
    assert "Files  2 in ontology, 1 in shapes, 2 in data, 2 in queries\n" in page
    assert "Index  in memory: 3.1 kB of files are read at each command\n" in page
    assert page.endswith("Lock   nobody writes\n")
    assert not (root / ".dragoman").exists()


def test_an_index_is_told_with_what_changed_since(dragoman, root, monkeypatch):
    page = dragoman("status", **LARGE).stdout.decode()
    assert "Index  not made yet; the next command indexes 3.1 kB of files" in page
    assert not (root / ".dragoman").exists()
    monkeypatch.setenv("DRAGOMAN_INDEX_FROM", "0")
    bad = put(root / "data" / "bad.ttl", "nonsense")
    put(root / "data" / "gone.nt")
    index.open_store(find_base(root))
    fresh = told(dragoman("status", "--json", **LARGE))
    assert (fresh["index"]["fresh"], fresh["index"]["files"]) == (True, 6)
    assert fresh["left_out"][0].startswith(f"{bad}:1:1: ")
    assert "up to the files" in dragoman("status", **LARGE).stdout.decode()
    (root / "data" / "gone.nt").unlink()
    put(root / "data" / "new.nt")
    put(bad, "<urn:s> <urn:p> <urn:o> .")
    stale = told(dragoman("status", "--json", **LARGE))["index"]
    assert stale["fresh"] is False
    assert [["data/new.nt"], ["data/bad.ttl"], ["data/gone.nt"]] == [
        stale[key] for key in ("new", "changed", "gone")
    ]
    page = dragoman("status", **LARGE).stdout.decode()
    assert "Since then  data/new.nt (new)\n            data/bad.ttl (changed)\n" in page


def test_a_damaged_index_is_told_and_left_as_it_is(dragoman, root, monkeypatch):
    monkeypatch.setenv("DRAGOMAN_INDEX_FROM", "0")
    base = find_base(root)
    index.open_store(base)
    (base.cache / "manifest.json").write_text("{")
    page = dragoman("status", **LARGE).stdout.decode()
    assert "Index  not usable: its manifest is damaged; the next command makes it anew" in page
    assert (base.cache / "manifest.json").read_text() == "{"


def test_who_writes_and_what_is_unfinished_is_told(dragoman, root):
    base = find_base(root)
    with locking.held(base.make_cache(), "dragoman add"):
        put(base.cache / "pending" / "1" / "commit.json", "{}")
        found = told(dragoman("status", "--json"))
        assert found["lock"]["command"] == "dragoman add"
        assert found["pending"] == ["1"]
        page = dragoman("status").stdout.decode()
        assert "held by dragoman add of " in page
        assert "1 change; the next command finishes it" in page


def test_an_own_base_is_told_with_what_it_hides(dragoman, tmp_path):
    root = own_base(tmp_path / "own")
    put(root / "data" / "states.nt")
    found = told(dragoman("--base", str(root), "status", "--json"))
    assert found["files"]["own"] == {"ontology": 0, "shapes": 0, "data": 1, "queries": 0}
    assert found["files"]["packaged"]["shapes"] > 5
    assert len(found["layers"]) == 1
    assert found["hidden"][0].endswith("states.ttl")
    page = dragoman("--base", str(root), "status").stdout.decode()
    assert "states.ttl, by an own file of its name" in page


def test_a_file_that_is_left_out_of_a_small_base_is_told(dragoman, root):
    put(root / "data" / "bad.ttl", "nonsense")
    assert "Left out  " in dragoman("status").stdout.decode()


@pytest.mark.parametrize(
    ("marker", "message"), [("format = 9\n", "made by a newer version"), ("", "no line says")]
)
def test_a_base_that_is_not_understood_is_an_error(dragoman, tmp_path, marker, message):
    root = own_base(tmp_path / "own", marker)
    done = dragoman("--base", str(root), "status")
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()
