"""The lock of a base: one writer at a time, and everybody is told who it is."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

from dragoman import locking
from dragoman.errors import DragomanError, LockedError


def in_another_process(cache, command="dragoman add"):
    """Start a process that takes the lock, says so, and holds it until its input ends."""
    script = (
        "import sys, pathlib\nfrom dragoman import locking\n"
        "with locking.held(pathlib.Path(sys.argv[1]), sys.argv[2], wait=10):\n"
        "    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(cache), command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    return process


def release(process):
    process.communicate()
    assert process.returncode == 0


def test_nobody_holds_a_lock_that_nobody_took(tmp_path):
    assert locking.holder(tmp_path / "cache") is None
    assert locking.holder(None) is None


def test_who_holds_it_is_told_while_it_is_held(tmp_path):
    with locking.held(tmp_path, "dragoman add", wait=0):
        holder = locking.holder(tmp_path)
        assert (os.getpid(), "dragoman add") == (holder.pid, holder.command)
        assert f"process {os.getpid()} on {holder.host}, since 20" in str(holder)
    assert locking.holder(tmp_path) is None


def test_who_holds_it_may_ask_for_it_again(tmp_path):
    with locking.held(tmp_path, "outer", wait=0):
        with locking.held(tmp_path, "inner", wait=0):
            assert locking.holder(tmp_path).command == "outer"
        assert locking.holder(tmp_path).command == "outer"
    assert locking.holder(tmp_path) is None


def test_another_process_is_named_to_who_does_not_wait(tmp_path):
    other = in_another_process(tmp_path, "dragoman index")
    assert locking.holder(tmp_path).pid == other.pid
    with (
        pytest.raises(LockedError, match=f"written by dragoman index .*process {other.pid} on"),
        locking.held(tmp_path, "dragoman add", wait=0),
    ):
        pass
    release(other)


def test_who_waits_gets_it_when_it_is_free(tmp_path):
    other = in_another_process(tmp_path)
    timer = threading.Timer(0.3, other.stdin.close)
    timer.start()
    started = time.monotonic()
    with locking.held(tmp_path, "dragoman add", wait=20):
        assert time.monotonic() - started >= 0.25
    other.wait()


def test_who_waits_is_told_for_whom_once(tmp_path):
    other = in_another_process(tmp_path, "dragoman index")
    said = []
    with (
        pytest.raises(LockedError),
        locking.held(tmp_path, "dragoman add", 1.2, said.append),
    ):
        pass
    release(other)
    (line,) = said
    assert line.startswith("Waiting for dragoman index")


def test_waiting_ends_with_a_line_that_says_how_long_it_was(tmp_path):
    other = in_another_process(tmp_path)
    with (
        pytest.raises(LockedError, match=r"Waited 0\.2 s\."),
        locking.held(tmp_path, "dragoman add", wait=0.2),
    ):
        pass
    release(other)


def test_a_killed_process_holds_nothing(tmp_path):
    other = in_another_process(tmp_path)
    other.kill()
    other.communicate()
    assert locking.holder(tmp_path) is None
    with locking.held(tmp_path, "dragoman add", wait=0):
        assert locking.holder(tmp_path).pid == os.getpid()


def test_threads_of_one_process_wait_for_each_other(tmp_path):
    inside, most = [0], [0]

    def work():
        for _ in range(5):
            with locking.held(tmp_path, "work", wait=20):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0.001)
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert [1] == most


def test_an_unreadable_note_about_the_holder_is_no_obstacle(tmp_path):
    with locking.held(tmp_path, "dragoman add", wait=0):
        (tmp_path / "lock.json").write_text("{")
        assert str(locking.holder(tmp_path)) == "another process"


@pytest.mark.parametrize("cache", [None, "file"])
def test_no_place_for_a_lock_is_said(tmp_path, cache):
    if cache:
        (tmp_path / cache).write_text("")
    with (
        pytest.raises(DragomanError, match="lock"),
        locking.held(cache and tmp_path / cache / "cache", "dragoman add"),
    ):
        pass
