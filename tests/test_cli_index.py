"""`dragoman index` as people use it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from dragoman import locking
from dragoman.base import find_base
from dragoman.index import manifest
from test_base import put

LARGE = {"DRAGOMAN_INDEX_FROM": "0"}


def test_a_small_base_needs_no_index(dragoman, root):
    done = dragoman("index")
    assert done.returncode == 0
    assert done.stdout.startswith(b"The base is small: ")
    assert not (root / ".dragoman").exists()


def test_an_index_is_made_refreshed_and_made_anew(dragoman, root):
    assert dragoman("index", **LARGE).stdout == b"Indexed 4 files, 0 MB.\n"
    assert dragoman("index", **LARGE).stdout == b"The index is up to the files.\n"
    put(root / "data" / "new.nt")
    assert (
        dragoman("index", **LARGE).stdout == b"Brought the index up to the files: 1 new.\n"
    )  # fmt: skip
    before = manifest.read(find_base(root).cache).generation
    assert dragoman("index", "--rebuild", **LARGE).stdout == b"Indexed 5 files, 0 MB.\n"
    assert manifest.read(find_base(root).cache).generation != before


def test_who_holds_the_lock_is_told(dragoman, root):
    with locking.held(find_base(root).make_cache(), "dragoman add"):
        done = dragoman("index", "--wait", "0", **LARGE)
    assert (done.returncode, done.stdout) == (2, b"")
    assert "The base is being written by dragoman add" in done.stderr.decode()


def test_a_cache_that_cannot_be_written_is_told(dragoman, root, tmp_path):
    (root / ".dragoman").write_text("")
    (tmp_path / "file").write_text("")
    done = dragoman("index", **LARGE, XDG_CACHE_HOME=str(tmp_path / "file"))
    assert (done.returncode, done.stdout) == (2, b"")
    assert "No folder for the index" in done.stderr.decode()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there are no such signals here")
def test_ctrl_c_cancels_with_one_line_and_exit_code_2(dragoman, root):
    assert dragoman("index", **LARGE).returncode == 0
    path = find_base(root).cache / "manifest.json"
    before = path.read_bytes()
    lines = (f"<urn:s> <urn:p> <urn:{number}> .\n" for number in range(300_000))
    put(root / "data" / "much.nt", "".join(lines))
    command = [sys.executable, "-m", "dragoman", "--base", str(root), "index", "--rebuild"]
    with subprocess.Popen(
        command, env={**os.environ, **LARGE}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        folders = find_base(root).cache / "index"
        while len(list(folders.iterdir())) < 2:  # until it is at work
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        said, complaint = process.communicate(timeout=600)
    assert (process.returncode, said) == (2, b"")
    assert complaint.decode() == "Error: Cancelled. The index is as it was.\n"
    assert path.read_bytes() == before
    assert len(list(folders.iterdir())) == 1


def test_a_terminal_is_shown_a_bar(root):
    pty = pytest.importorskip("pty", reason="terminals of this kind are Unix's")
    lines = (f"<urn:s> <urn:p> <urn:{number}> .\n" for number in range(100_000))
    put(root / "data" / "much.nt", "".join(lines))
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "dragoman", "--base", str(root), "index"]
    with subprocess.Popen(
        command, env={**os.environ, **LARGE, "TERM": "xterm"}, stdout=subprocess.PIPE, stderr=theirs
    ) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                shown += os.read(ours, 4096)
            except OSError:  # so Linux says that the other end is closed
                break
        assert process.stdout.read() == b"Indexed 5 files, 3 MB.\n"
    os.close(ours)
    assert process.returncode == 0
    assert b"Indexing" in shown


def test_help_has_examples(dragoman):
    assert b"dragoman index --rebuild" in dragoman("index", "--help").stdout
