"""Long work shows on a terminal that it goes on, and Ctrl-C ends it without a trace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Four things beside each other: more rows than can be counted while a test waits.
LONG = "SELECT (COUNT(*) AS ?n) { ?a a ?x . ?b a ?y . ?c a ?z . ?d a ?u FILTER(?a != ?d) }"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no terminal of this kind")
def test_a_long_question_shows_progress_on_a_terminal_and_ends_with_130_on_ctrl_c():
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "dragoman", "--base", str(ROOT), "query", "-e", LONG]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        seen = b""
        end = time.monotonic() + 30
        while b"s (Ctrl-C ends it)" not in seen and time.monotonic() < end:
            seen += os.read(ours, 1024)
        process.send_signal(signal.SIGINT)
        assert 130 == process.wait(60)
        assert process.stdout
        assert b"" == process.stdout.read()
    assert "Asking …".encode() in seen
    assert b"Traceback" not in seen
    os.close(ours)


def test_off_a_terminal_nothing_is_shown():
    command = [sys.executable, "-m", "dragoman", "--base", str(ROOT), "query", "delegations"]
    done = subprocess.run(command, capture_output=True, check=True)
    assert b"" == done.stderr
