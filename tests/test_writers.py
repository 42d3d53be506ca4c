"""Several processes at one base: writers queue and lose nothing, readers see before or after."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from dragoman import additions, index
from dragoman.additions import log
from small_base import DIP, small_base

PREFIXES = f"@prefix dip: <{DIP}> .\n@prefix ex: <https://example.org/> .\n"
WRITER = f"""
import pathlib, sys
from dragoman import additions
from dragoman.base import Base
folder, number, count = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
for each in range(count):
    name = f"w{{number}}-{{each}}"
    path = folder / f"{{name}}.ttl"
    path.write_text(f'''{PREFIXES}ex:{{name}} a dip:Person ; dip:name "{{name}}" .''')
    assert additions.add(Base(folder / "base", "it is under test"), [path]).done
"""
# Two files that always change together: each says which version it is of.
PAIR = f"""
import pathlib, sys
from dragoman import additions
from dragoman.base import Base
folder, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
for each in range(1, count + 1):
    paths = [folder / f"{{name}}.ttl" for name in ("left", "right")]
    for path in paths:
        path.write_text(f'''{PREFIXES}ex:{{path.stem}} dip:age {{each}} .''')
    how = additions.Adding(replace=True)
    done = additions.add(Base(folder / "base", "it is under test"), paths, how)
    assert done.done, done
"""


def start(script, *arguments, **environment):
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
    )


def finished(process):
    _, said = process.communicate(timeout=600)
    assert process.returncode == 0, said.decode()


@pytest.fixture(params=["memory", "disk"])
def base(request, tmp_path, monkeypatch):
    """A small base, without an index on disk and with one."""
    monkeypatch.setenv("DRAGOMAN_INDEX_FROM", "0" if request.param == "disk" else "1000000000")
    base = small_base(tmp_path / "base")
    if request.param == "disk":
        index.make(base)
    return base


def test_eight_writers_lose_nothing(base, tmp_path):
    writers = [start(WRITER, tmp_path, number, 4) for number in range(8)]
    for each in writers:
        finished(each)
    wanted = {f"w{number}-{each}" for number in range(8) for each in range(4)}
    assert wanted | {"persons"} == {source.name for source in base.sources("data")}
    assert {f"data/{name}.ttl" for name in wanted} == {row[2].value for row in log.read(base).rows}
    opened = index.open_store(base)
    names = {quad.object.value for quad in opened.quads() if quad.predicate.value == f"{DIP}name"}
    assert wanted | {"Anna"} == names


def test_readers_beside_a_writer_see_the_state_before_or_after(base, tmp_path):
    for name in ("left", "right"):
        (tmp_path / f"{name}.ttl").write_text(f"{PREFIXES}ex:{name} dip:age 0 .")
    additions.add(base, [tmp_path / "left.ttl", tmp_path / "right.ttl"])
    writer = start(PAIR, tmp_path, 25)
    seen = []
    while writer.poll() is None or not seen:
        opened = index.open_store(base, recover=additions.recover)
        found = {
            quad.subject.value.rpartition("/")[2]: quad.object.value
            for quad in opened.quads()
            if quad.predicate.value == f"{DIP}age"
        }
        assert {"left", "right"} == found.keys()
        seen.append((found["left"], found["right"]))
        time.sleep(0.002)
    finished(writer)
    assert [] == [pair for pair in seen if pair[0] != pair[1]]
    versions = [int(left) for left, _ in seen]
    assert sorted(versions) == versions
    assert len(set(versions)) > 3


def test_an_addition_is_in_the_index_on_disk_when_it_is_reported(tmp_path, monkeypatch):
    monkeypatch.setenv("DRAGOMAN_INDEX_FROM", "0")
    base = small_base(tmp_path / "base")
    index.make(base)
    (tmp_path / "berta.ttl").write_text(f'{PREFIXES}ex:berta a dip:Person ; dip:name "B" .')
    additions.add(base, [tmp_path / "berta.ttl"])
    assert not index.difference(base)
    additions.remove(base, ["berta"])
    assert not index.difference(base)


def test_an_index_that_cannot_be_written_hinders_no_addition(tmp_path, monkeypatch):
    monkeypatch.setenv("DRAGOMAN_INDEX_FROM", "0")
    base = small_base(tmp_path / "base")
    index.make(base)
    (tmp_path / "berta.ttl").write_text(f'{PREFIXES}ex:berta a dip:Person ; dip:name "B" .')

    def fails(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(index.Writer, "publish", fails)
    done = additions.add(base, [tmp_path / "berta.ttl"])
    assert done.done
    assert "The index could not be brought up to it" in done.notes[-1]
    monkeypatch.undo()
    monkeypatch.setenv("DRAGOMAN_INDEX_FROM", "0")
    names = {quad.object.value for quad in index.open_store(base).quads()}
    assert {"Anna", "B"} < names
