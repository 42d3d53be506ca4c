"""Hostile files and names through `dragoman add`: one clear line, and the base as it was."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys

import pytest

from conftest import SHARED
from small_base import DIP, small_base
from test_hostile import trap

CASES_FILE = SHARED / "suites" / "hostile" / "cases.jsonl"
SUFFIXES = {
    "add-turtle": "ttl",
    "add-turtle-hex": "ttl",
    "add-jsonld": "jsonld",
    "add-rdfxml": "rdf",
}
# A byte order mark before good Turtle, the one harmless file among them.
HARMLESS = {"bytes-4"}
# Labels with characters that steer a terminal or turn text around.
STEERING = {"label-5", "label-12"}

__all__ = ["trap"]

pytestmark = pytest.mark.skipif(
    not CASES_FILE.is_file(), reason="the hostile inputs (../shared/suites/hostile) are not here"
)


def cases(*kinds):
    if not CASES_FILE.is_file():
        return []
    found = map(json.loads, CASES_FILE.read_text(encoding="utf-8").splitlines())
    return [pytest.param(case, id=case["id"]) for case in found if case["kind"] in kinds]


@pytest.fixture
def base(tmp_path):
    return small_base(tmp_path / "base")


def hashes(folder):
    """Return the SHA-256 of every file that is no part of the cache."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".dragoman" not in path.parts
    }


def add(base, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "dragoman", "--base", str(base.root), "add", *arguments],
        capture_output=True,
        timeout=600,
        check=False,
        cwd=base.root.parent,
        env={**os.environ, "PYTHONUTF8": "1"},
    )


def refused(ended):
    assert (2, b"") == (ended.returncode, ended.stdout)
    assert 1 == len(ended.stderr.decode().splitlines())
    assert ended.stderr.startswith(b"Error: ")
    assert len(ended.stderr) < 600
    assert b"root:" not in ended.stderr


@pytest.mark.parametrize("case", cases(*SUFFIXES))
def test_hostile_files_are_refused_and_nothing_changes(case, base, trap):
    before = hashes(base.root)
    body = case["body"].replace("{TRAP}", trap)
    hexadecimal = case["kind"] == "add-turtle-hex"
    file = base.root.parent / f"hostile.{SUFFIXES[case['kind']]}"
    file.write_bytes(bytes.fromhex(body) if hexadecimal else body.encode())
    ended = add(base, file.name)
    if case["id"] in HARMLESS:
        assert (0, b"Added data/hostile.ttl: 1 triple.\n") == (ended.returncode, ended.stdout)
        assert file.read_bytes() == (base.root / "data" / "hostile.ttl").read_bytes()
        return
    refused(ended)
    assert file.name.encode() in ended.stderr
    assert before == hashes(base.root)
    assert not (base.root / ".dragoman").exists()


@pytest.mark.parametrize("case", cases("graph-or-file-name"))
def test_hostile_names_are_refused_and_open_nothing(case, base):
    before = hashes(base.root.parent)
    name = case["body"].replace("\0", "%00")  # the system itself passes no NUL to a process
    refused(add(base, name))
    good = base.root.parent / "good.ttl"
    good.write_text(f'<https://example.org/x> <{DIP}name> "x" .')
    refused(add(base, "good.ttl", "--as", name))
    quads = base.root.parent / "good.nq"
    graph = "".join(each if each.isalnum() or each in "./%:" else "%00" for each in name)
    for iri in (f"https://w3id.org/dragoman/id/source/{graph}", f"urn:x:{graph}"):
        quads.write_text(f'<https://example.org/x> <{DIP}name> "x" <{iri}> .\n')
        refused(add(base, "good.nq"))
    for each in (good, quads):
        each.unlink()
    assert before == hashes(base.root.parent)


@pytest.mark.parametrize("case", cases("label"))
def test_hostile_labels_are_kept_exactly_or_refused_by_the_lint(case, base):
    before = hashes(base.root)
    text = json.dumps(case["body"], ensure_ascii=False)
    file = base.root.parent / "label.ttl"
    file.write_text(f"<https://example.org/x> <{DIP}name> {text} .\n", encoding="utf-8")
    ended = add(base, file.name)
    if case["id"] in STEERING:
        assert 1 == ended.returncode
        assert b"lint: control-character" in ended.stdout
        assert before == hashes(base.root)
    else:
        assert 0 == ended.returncode
        assert file.read_bytes() == (base.root / "data" / "label.ttl").read_bytes()


def test_every_kind_of_hostile_input_is_tried():
    for kind in (*SUFFIXES, "graph-or-file-name", "label"):
        assert cases(kind)
