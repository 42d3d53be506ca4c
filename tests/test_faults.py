"""Whatever fails while a base is changed: the old state or the new, and it goes on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import faults
from conftest import rounds
from dragoman import additions
from dragoman.errors import DragomanError

HERE = Path(__file__).parent

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="rounds are forks, which Unix has")


def script(name, *arguments):
    """Run a script of this folder, which ends with one line of JSON when all is well."""
    done = subprocess.run(
        [sys.executable, str(HERE / name), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_call_that_can_fail_may_fail():
    calls = script("faults.py")
    wanted = {f"{change}, {error}" for change in faults.CHANGES for error in ("EIO", "ENOSPC")}
    assert wanted == calls.keys()
    assert min(calls.values()) > 20


def test_it_may_be_killed_at_any_point():
    wanted = rounds(100)
    counts = script("kill_rounds.py", "--rounds", str(wanted), "--seed", "2026")
    assert counts["rounds"] == counts["old"] + counts["new"] == wanted
    assert min(counts["old"], counts["new"], counts["done"]) > 0


def test_it_may_be_killed_while_there_is_an_index_on_disk():
    wanted = rounds(30)
    counts = script("kill_rounds.py", "--rounds", str(wanted), "--seed", "2026", "--index")
    assert counts["rounds"] == counts["old"] + counts["new"] == wanted
    assert min(counts["old"], counts["new"], counts["done"]) > 0


def test_the_rounds_find_a_success_that_is_reported_too_early(tmp_path):
    """Who tests the tests: a state that is not the new one is not taken for success."""
    folder = tmp_path / "folder"
    folder.mkdir()
    faults.prepare(folder)
    old = faults.state(folder)
    with pytest.raises(SystemExit, match="success was reported, and the state is not new"):
        faults.check(folder, faults.DONE, old, ("other", "state"), "here")


@pytest.fixture
def small_disk(tmp_path):
    """A file system of half a megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    command = [
        shutil.which("mount") or "mount",
        "-t",
        "tmpfs",
        "-o",
        "size=512k",
        "tmpfs",
        str(place),
    ]
    if (
        shutil.which("mount") is None
        or subprocess.run(command, capture_output=True, check=False).returncode
    ):
        pytest.skip("mounting a small file system takes the rights of root")
    yield place
    subprocess.run([shutil.which("umount"), "-l", str(place)], check=True)


def test_a_full_disk_changes_nothing_and_all_goes_on_when_there_is_room(small_disk, tmp_path):
    faults.prepare(small_disk)
    old = faults.state(small_disk)
    ballast = small_disk / "ballast"
    large = tmp_path / "large.nt"
    lines = (f'<https://example.org/{n}> <{faults.DIP}name> "{n}" .\n' for n in range(9_000))
    large.write_text("".join(lines))
    with pytest.raises(DragomanError, match=r"Nothing was changed: .*No space left on device"):
        additions.add(faults.base_in(small_disk), [large])
    assert (old, []) == (faults.state(small_disk), faults.left_behind(small_disk))
    fill(ballast)
    with pytest.raises(DragomanError, match="No space left on device"):
        faults.add_one(small_disk)
    ballast.unlink()
    additions.recover(faults.base_in(small_disk))
    assert (old, []) == (faults.state(small_disk), faults.left_behind(small_disk))
    faults.add_one(small_disk)
    assert old != faults.state(small_disk)


def test_a_source_can_be_removed_from_a_full_disk_or_is_kept(small_disk):
    faults.prepare(small_disk)
    old = faults.state(small_disk)
    fill(small_disk / "ballast")
    with pytest.raises(DragomanError, match="No space left on device"):
        faults.remove_one(small_disk)
    (small_disk / "ballast").unlink()
    additions.recover(faults.base_in(small_disk))
    assert old == faults.state(small_disk)
    faults.remove_one(small_disk)
    assert "old.ttl" not in faults.state(small_disk)[0]


def fill(path):
    """Write until nothing goes in any more."""
    with path.open("wb", buffering=0) as file:
        for size in (65536, 1):
            with pytest.raises(OSError, match="No space left on device"):
                write_without_end(file, b"x" * size)


def write_without_end(file, data):
    while True:
        file.write(data)
