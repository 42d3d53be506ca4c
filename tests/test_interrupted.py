"""A change that was interrupted is finished by any command, or each says that it waits."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import dragoman
from conftest import run
from faults import person
from small_base import small_base

DONE = "An interrupted change of the base was finished: data/berta.ttl."
NAME = "<https://w3id.org/dragoman/ontology/name>"
QUESTION = f"SELECT ?n {{ ?p {NAME} ?n }}"
COMMANDS = {
    "query": ["query", "-e", QUESTION],
    "questions": ["query"],
    "show": ["show", "https://example.org/anna"],
    "search": ["search", "Anna"],
    "stats": ["stats"],
    "export": ["export", "-f", "nt"],
    "validate": ["validate"],
    "verify": ["verify"],
    "log": ["log"],
    "index": ["index"],
    "reason": ["reason"],
    "add": ["add", "{file}"],
    "remove": ["remove", "persons"],
    "check-queries": ["check-queries"],
}

# A process of its own, for the engine's threads do not survive a fork.
KILLED = """
import os, signal, sys
from dragoman import additions, index
from dragoman.additions import transaction
from dragoman.base import find_base

base = find_base(sys.argv[1])
if index.is_large(base):
    index.make(base)
transaction._place = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
additions.add(base, [sys.argv[2]])
"""

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="processes are killed here")


@pytest.fixture(params=["memory", "disk"])
def base(request, tmp_path, monkeypatch):
    """Return a base of which an addition was killed, once it was decided."""
    monkeypatch.setenv("DRAGOMAN_INDEX_FROM", "0" if request.param == "disk" else str(1 << 30))
    base = small_base(tmp_path / "base")
    (tmp_path / "berta.ttl").write_text(person("berta"), encoding="utf-8")
    (tmp_path / "carl.ttl").write_text(person("carl"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(base.root), str(tmp_path / "berta.ttl")],
        check=False, cwd=Path(__file__).parent, timeout=600,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL
    assert not (base.root / "data" / "berta.ttl").exists()
    return base


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_finishes_it_and_says_so(base, tmp_path, command):
    arguments = [each.format(file=tmp_path / "carl.ttl") for each in COMMANDS[command][1:]] if (
        command == "add") else COMMANDS[command][1:]  # fmt: skip
    _, _, said = run(base.root, COMMANDS[command][0], *arguments)
    assert said.splitlines().count(DONE) == 1
    assert (base.root / "data" / "berta.ttl").exists()
    assert json.loads(run(base.root, "status", "--json")[1])["pending"] == []


def test_only_status_leaves_it_and_tells_of_it(base):
    _, out, said = run(base.root, "status")
    assert "1 change; the next command finishes it" in out
    assert (said, (base.root / "data" / "berta.ttl").exists()) == ("", False)


def test_an_answer_has_it(base):
    code, out, _ = run(base.root, *COMMANDS["query"], "--format", "csv")
    assert (code, sorted(out.split())) == (0, ["Anna", "berta", "n"])


def test_opening_a_base_in_python_finishes_it(base):
    assert {str(row["n"]) for row in dragoman.open(base.root).query(QUESTION)} == {"Anna", "berta"}
    assert len(dragoman.open(base.root).log()) == 1


@pytest.mark.parametrize("command", ["query", "export", "validate", "log", "stats"])
def test_beside_a_living_writer_the_old_state_is_shown_and_said_so(base, command):
    from test_locking import in_another_process, release

    if os.environ["DRAGOMAN_INDEX_FROM"] != "0" and command in {"query", "stats"}:
        pytest.skip("a reader in memory waits for a living writer")
    other = in_another_process(base.cache)
    try:
        _, out, said = run(base.root, *COMMANDS[command])
    finally:
        release(other)
    assert "A change of the base is being made by" in said
    assert "what is shown is the state before it." in said
    assert "berta" not in out


@pytest.mark.skipif(sys.platform == "win32", reason="rights of Windows are others")
def test_who_may_not_write_is_told_and_shown_the_old_state(base, tmp_path, monkeypatch):
    from dragoman import base as bases

    # The base is somebody else's: its own folder for such things may not be written.
    monkeypatch.setattr(bases, "_writable", lambda folder: bases.CACHE not in folder.parts)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    code, out, said = run(base.root, *COMMANDS["query"], "--format", "csv")
    assert (code, sorted(out.split())) == (0, ["Anna", "n"])
    assert "waits to be finished by somebody who may write" in said
    assert "What is shown is the state before it." in said
    with pytest.warns(UserWarning, match="waits to be finished"):
        dragoman.open(base.root)
