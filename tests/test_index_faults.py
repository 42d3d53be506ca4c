"""The index on disk under damage, crashes, missing rights, and several processes at once."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time

import pytest

from dragoman import index, locking
from dragoman.base import find_base
from dragoman.errors import DragomanError, LockedError
from dragoman.index import manifest, opening
from test_base import put
from test_index import DATA, assert_equal_to_the_files, contents, facts, generation

ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.fixture
def base(root, monkeypatch):
    """The small base, which counts as large."""
    monkeypatch.setenv("DRAGOMAN_INDEX_FROM", "0")
    return find_base(root)


def run(script, *arguments, **options):
    """Start a process of its own that runs a script."""
    return subprocess.Popen([sys.executable, "-c", script, *arguments], text=True, **options)


def assert_made_anew(base, because):
    opened = index.open_store(base)
    assert [f"The index was not usable ({because}) and is made anew from the files."] == [
        line for line in opened.warnings if "made anew" in line
    ]
    assert index.open_store(base).warnings == ()
    assert_equal_to_the_files(base)


def truncated(text):
    return text[: len(text) // 2]


def newer(text):
    head, _, body = text.partition(b"\n")
    return json.dumps({**json.loads(head), "format": 99}).encode() + b"\n" + body


def other_engine(text):
    return text.replace(b"pyoxigraph", b"otherengine", 1)


@pytest.mark.parametrize(
    ("damage", "because"),
    [
        (truncated, "its manifest is damaged"),
        (lambda text: text[:0], "its manifest is damaged"),
        (lambda text: text.replace(b"data/articles", b"data/articlez"), "its manifest is damaged"),
        (lambda text: b"[1]\n" + text, "its manifest is damaged"),
        (newer, "it was made by another version"),
        (other_engine, "it was made by another version"),
    ],
    ids=["truncated", "empty", "altered", "other", "newer-format", "other-engine"],
)  # fmt: skip
def test_a_manifest_that_is_no_manifest_of_ours_makes_the_index_anew(base, damage, because):
    index.open_store(base)
    path = base.cache / "manifest.json"
    path.write_bytes(damage(path.read_bytes()))
    assert because == index.state(base).unusable
    assert_made_anew(base, because)


@pytest.mark.parametrize("name", ["CURRENT", "MANIFEST-*", "*.sst"])
@pytest.mark.parametrize("how", ["gone", "cut"])
def test_a_damaged_index_is_made_anew_and_said_so(base, name, how):
    folder = index.open_store(base).folder
    for path in list(folder.glob(name)):
        if how == "gone":
            path.unlink()
        else:
            path.write_bytes(truncated(path.read_bytes()))
    opened = index.open_store(base)
    assert len(opened.warnings) == 1
    assert "The index was not usable" in opened.warnings[0]
    assert_equal_to_the_files(base)


def test_a_damaged_index_is_found_when_it_is_to_be_changed(base):
    folder = index.open_store(base).folder
    for path in folder.glob("*.sst"):
        path.write_bytes(truncated(path.read_bytes()))
    put(base.root / "data" / "new.nt", facts("<urn:o>"))
    assert "made anew" in index.open_store(base).warnings[0]
    assert_equal_to_the_files(base)


def test_an_index_whose_folder_is_gone_is_made_anew(base):
    shutil.rmtree(index.open_store(base).folder)
    assert_made_anew(base, index.state(base).unusable)


def test_a_cache_that_is_deleted_is_made_again(base):
    index.open_store(base)
    shutil.rmtree(base.cache)
    assert index.open_store(base).warnings == ()
    assert_equal_to_the_files(base)


def test_leftovers_of_a_crash_are_swept(base):
    folder = index.open_store(base).folder
    half = base.cache / "index" / "000009-abcdef"
    shutil.copytree(folder, half)
    (folder / "bulk-1.sst").write_bytes(b"orphan")
    put(base.root / "data" / "new.nt", facts("<urn:o>"))
    opened = assert_equal_to_the_files(base)
    assert not half.exists()
    assert not list(opened.folder.glob("bulk-*"))


def test_a_file_that_vanishes_while_it_is_indexed_is_left_out_until_it_is_known_to_be_gone(base):
    path = put(base.root / "data" / "new.nt", facts("<urn:o>"))
    sources = base.sources("ontology", "data")
    path.unlink()
    assert f"{DATA}new" not in manifest.stamps(sources)
    assert f"{DATA}new" not in assert_equal_to_the_files(base).graphs()


@pytest.mark.skipif(ROOT, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_left_out(base):
    path = put(base.root / "data" / "new.nt", facts("<urn:o>"))
    path.chmod(0)
    for _ in range(2):
        assert "cannot be read: Permission denied" in index.open_store(base).warnings[0]
    first = generation(base)
    index.open_store(base)
    assert generation(base) == first
    path.chmod(0o600)
    assert_equal_to_the_files(base)


def test_a_name_without_a_file_behind_it_is_left_out(base):
    (base.root / "data" / "new.nt").symlink_to(base.root / "nowhere")
    put(base.root / "data" / "folder.nt" / "inner.nt", facts("<urn:o>"))
    opened = index.open_store(base)
    assert f"{DATA}inner" in opened.graphs()
    assert f"{DATA}new" not in opened.graphs()


@pytest.fixture
def read_only(base, tmp_path):
    """Return what shows a folder at another place, where it may not be written."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if not (ROOT and mount and umount):
        pytest.skip("only root may mount")
    place = tmp_path / "mounted"
    place.mkdir()
    if subprocess.run([mount, "--bind", base.root, place], check=False).returncode:
        pytest.skip("this system lets nobody mount")
    try:
        subprocess.run([mount, "-o", "remount,ro,bind", place], check=False)
        if os.access(place, os.W_OK):
            pytest.skip("this system mounts nothing read-only")
        yield find_base(place)
    finally:
        subprocess.run([umount, place], check=False)


def test_a_base_that_may_not_be_written_is_indexed_in_the_users_cache(
    read_only, tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    opened = assert_equal_to_the_files(read_only)
    assert opened.folder.is_relative_to(tmp_path / "cache")


def test_where_no_cache_can_be_written_a_base_is_read_into_memory(read_only, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    opened = index.open_store(read_only)
    assert opened.folder is None
    assert len(opened.sources) == 4
    with pytest.raises(DragomanError, match=r"No folder for the index of .* can be written"):
        index.make(read_only)


@pytest.mark.parametrize("call", ["link", "fsync", "mkdir", "replace"])
@pytest.mark.parametrize("nth", [1, 2, 5])
def test_a_call_that_fails_leaves_the_old_state_and_the_base_answers(base, monkeypatch, call, nth):
    """Whatever fails, the answer is that of the files; the next one finds the disk in order."""
    index.open_store(base)
    put(base.root / "data" / "new.nt", facts("<urn:o>"))
    real, calls = getattr(os, call), []

    def failing(*arguments, **options):
        calls.append(arguments)
        if len(calls) == nth:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*arguments, **options)

    before = (base.cache / "manifest.json").read_bytes()
    monkeypatch.setattr(os, call, failing)
    opened = index.open_store(base)
    monkeypatch.undo()
    monkeypatch.setenv("DRAGOMAN_INDEX_FROM", "0")
    assert f"{DATA}new" in opened.graphs()
    if opened.folder is None:
        assert "the index cannot be kept: No space left on device" in opened.warnings[0]
        assert (base.cache / "manifest.json").read_bytes() == before
    assert assert_equal_to_the_files(base).warnings == ()


BUILD = """
import sys
from dragoman import index
from dragoman.base import find_base
print("begun", flush=True)
index.open_store(find_base(sys.argv[1]))
print("done", flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no such signal here")
def test_kill_9_while_an_index_is_made_or_changed_leaves_nothing_to_mend(base):
    dice = random.Random(7)  # noqa: S311  to be repeated, not to keep a secret
    lines = facts(*(f"<urn:{number}>" for number in range(20_000)))
    put(base.root / "data" / "much.nt", lines)
    for number in range(10):
        if number == 5:
            shutil.rmtree(base.cache)
        put(base.root / "data" / "new.nt", facts(f"<urn:round-{number}>"))
        with run(BUILD, str(base.root), stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            time.sleep(dice.uniform(0, 0.4))
            process.kill()
        assert locking.holder(base.cache) is None
        opened = index.open_store(base)
        assert opened.warnings == ()
        assert opened.folder is not None
        del opened
    put(base.root / "data" / "new.nt", facts("<urn:last>"))
    assert_equal_to_the_files(base)
    known = manifest.read(base.cache)
    kept = {each.name for each in (base.cache / "index").iterdir()}
    assert kept == {known.generation, known.previous}


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there are no such signals here")
def test_ctrl_c_while_an_index_is_made_anew_leaves_the_old_one(base):
    put(base.root / "data" / "much.nt", facts(*(f"<urn:{number}>" for number in range(200_000))))
    before = contents(index.open_store(base))
    old = (base.cache / "manifest.json").read_bytes()
    script = BUILD.replace("index.open_store(find_base(sys.argv[1]))",
                           "index.make(find_base(sys.argv[1]), rebuild=True)")  # fmt: skip
    with run(script, str(base.root), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        said, complaint = process.communicate(timeout=600)
    assert said == ""
    assert "KeyboardInterrupt" in complaint
    assert (base.cache / "manifest.json").read_bytes() == old
    assert len(list((base.cache / "index").iterdir())) == 1
    assert contents(index.open_store(base)) == before


READ = """
import sys, time
from dragoman import index
from dragoman.base import find_base
base = find_base(sys.argv[1])
end = time.monotonic() + float(sys.argv[2])
rounds = 0
while time.monotonic() < end:
    opened = index.open_store(base)
    found = {str(each["o"]) for each in opened.store.query("SELECT ?o { <urn:s> <urn:p> ?o }")}
    assert found in ({"<urn:a>", "<urn:b>"}, {"<urn:c>", "<urn:d>", "<urn:e>"}), found
    rounds += 1
print(rounds)
"""


def test_readers_beside_a_writer_see_the_state_before_a_change_or_after_it(base):
    """One file, replaced as a whole, again and again: its graph is never half of it."""
    states = [facts("<urn:a>", "<urn:b>"), facts("<urn:c>", "<urn:d>", "<urn:e>")]
    path = put(base.root / "data" / "new.nt", states[0])
    draft = base.root / "draft.nt"
    index.open_store(base)
    readers = [
        run(READ, str(base.root), "4", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    changes = 0
    while any(each.poll() is None for each in readers):
        changes += 1
        put(draft, states[changes % 2])
        with locking.held(base.cache, "test"), index.Writer(base) as writer:
            writer.replace(f"{DATA}new", draft)
            draft.replace(path)
            writer.publish()
    for reader in readers:
        rounds, complaint = reader.communicate()
        assert complaint == ""
        assert int(rounds) > 3
    assert changes > 3
    assert_equal_to_the_files(base)


def test_what_somebody_reads_is_swept_away_only_later(base):
    """The engine opens a table when it is first looked into, however long after the opening."""
    opened = index.open_store(base)
    for number in range(4):
        put(base.root / "data" / "new.nt", facts(f"<urn:{number}>"))
        index.open_store(base)
    assert opened.folder.exists()
    assert len(contents(opened)) == 5
    folder = opened.folder
    del opened
    put(base.root / "data" / "new.nt", facts("<urn:last>"))
    index.open_store(base)
    assert not folder.exists()


def test_readers_at_once_make_one_index_between_them(base):
    processes = [run(BUILD, str(base.root), stdout=subprocess.PIPE) for _ in range(4)]
    assert [0, 0, 0, 0] == [each.wait(60) for each in processes]
    assert generation(base).startswith("000001-")
    for each in processes:
        each.stdout.close()
    assert_equal_to_the_files(base)


def test_while_somebody_writes_the_published_index_is_read_as_it_is(base):
    before = contents(index.open_store(base))
    put(base.root / "data" / "new.nt", facts("<urn:o>"))
    waiting = threading.Event()
    leaving = threading.Event()

    def hold():
        with locking.held(base.cache, "dragoman add"):
            waiting.set()
            leaving.wait(30)

    other = threading.Thread(target=hold)
    other.start()
    waiting.wait(30)
    assert contents(index.open_store(base)) == before
    with pytest.raises(LockedError, match="dragoman add"):
        index.make(base, wait=0)
    leaving.set()
    other.join()
    assert_equal_to_the_files(base)


def test_a_reader_in_memory_waits_until_a_change_is_whole(base, monkeypatch):
    monkeypatch.delenv("DRAGOMAN_INDEX_FROM")
    pending = base.make_cache() / "pending" / "1"
    put(pending / "commit.json", "{}")
    assert index.pending(base) == ("1",)
    put(base.root / "data" / "first.nt", facts("<urn:1>"))

    def finish():
        time.sleep(0.3)
        put(base.root / "data" / "second.nt", facts("<urn:2>"))
        put(base.cache / "commits", "1")
        shutil.rmtree(pending)

    with locking.held(base.cache, "test"):
        other = threading.Thread(target=finish)
        other.start()
        opened = index.open_store(base)
        other.join()
    assert {f"{DATA}first", f"{DATA}second"} <= set(opened.graphs())


def test_a_change_that_was_interrupted_is_finished_before_reading(base, monkeypatch):
    def recover(found):
        assert found == base
        put(base.root / "data" / "second.nt", facts("<urn:2>"))
        shutil.rmtree(base.cache / "pending", ignore_errors=True)

    put(base.make_cache() / "pending" / "1" / "commit.json", "{}")
    assert f"{DATA}second" in index.open_store(base, recover=recover).graphs()
    (base.root / "data" / "second.nt").unlink()
    put(base.cache / "pending" / "1" / "commit.json", "{}")
    monkeypatch.delenv("DRAGOMAN_INDEX_FROM")
    assert f"{DATA}second" in index.open_store(base, recover=recover).graphs()


def test_a_change_that_nobody_finishes_is_said(base, monkeypatch):
    monkeypatch.delenv("DRAGOMAN_INDEX_FROM")
    monkeypatch.setattr(opening, "_PATIENCE", 0.1)
    put(base.make_cache() / "pending" / "1" / "commit.json", "{}")
    with pytest.raises(LockedError, match="was interrupted, and cannot be finished"):
        index.open_store(base)


def test_where_no_lock_can_be_taken_a_base_is_read_into_memory(base):
    (base.make_cache() / "lock").mkdir()
    opened = index.open_store(base)
    assert (opened.folder, len(opened.sources)) == (None, 4)
    assert "the lock cannot be taken" in opened.warnings[0]


def test_an_index_on_disk_takes_no_further_facts(base):
    with pytest.raises(DragomanError, match="Nothing can be added to the index in"):
        index.open_store(base).add([], "urn:g")
