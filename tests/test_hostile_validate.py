"""Hostile files through `dragoman validate`: refused with one line, nothing fetched or changed."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from small_base import small_base

CASES_FILE = Path(__file__).parents[2] / "shared" / "suites" / "hostile" / "cases.jsonl"
SUFFIXES = {
    "add-turtle": "ttl",
    "add-turtle-hex": "ttl",
    "add-jsonld": "jsonld",
    "add-rdfxml": "rdf",
    "shapes-turtle": "ttl",
}
CASES = (
    [
        case
        for case in map(json.loads, CASES_FILE.read_text(encoding="utf-8").splitlines())
        if case["kind"] in SUFFIXES
    ]
    if CASES_FILE.is_file()
    else []
)
# The one harmless file among them: a byte order mark before good Turtle is accepted.
HARMLESS = {"bytes-4"}

pytestmark = pytest.mark.skipif(
    not CASES, reason="the hostile inputs (../shared/suites/hostile) are not here"
)


@pytest.fixture
def trap():
    """Listen on a port; the list has every connection that was made."""
    made = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        done = threading.Event()

        def listen():
            while not done.is_set():
                try:
                    connection, address = server.accept()
                except TimeoutError:
                    continue
                made.append(address)
                connection.close()

        listener = threading.Thread(target=listen)
        listener.start()
        yield server.getsockname()[1], made
        done.set()
        listener.join()


def content(case, port):
    if case["kind"] == "add-turtle-hex":
        return bytes.fromhex(case["body"])
    return case["body"].replace("{TRAP}", str(port)).encode()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_it_is_refused_with_one_line_and_without_a_connection(case, trap, tmp_path):
    port, made = trap
    base = small_base(tmp_path / "base")
    before = {path: path.read_bytes() for path in base.root.rglob("*") if path.is_file()}
    file = tmp_path / f"hostile.{SUFFIXES[case['kind']]}"
    file.write_bytes(content(case, port))
    plain = tmp_path / "plain.ttl"
    plain.write_text("<urn:a> a <urn:T> .")
    arguments = (
        ["--shapes", str(file), str(plain)] if case["kind"] == "shapes-turtle" else [str(file)]
    )
    ended = subprocess.run(
        [sys.executable, "-m", "dragoman", "--base", str(base.root), "validate", *arguments],
        capture_output=True,
        timeout=600,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    assert made == []
    assert before == {path: path.read_bytes() for path in base.root.rglob("*") if path.is_file()}
    if case["id"] in HARMLESS:
        assert (ended.returncode, ended.stderr) == (0, b"")
        return
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert len(ended.stderr.decode().splitlines()) == 1
    assert ended.stderr.startswith(b"Error: ")
    assert b"root:" not in ended.stderr
    if case["kind"] != "shapes-turtle":
        assert file.name.encode() in ended.stderr


def test_every_kind_of_hostile_file_is_tried():
    assert {case["kind"] for case in CASES} == SUFFIXES.keys()
