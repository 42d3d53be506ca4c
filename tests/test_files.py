"""Files are written whole or not at all."""

from __future__ import annotations

import os
import threading

import pytest

from dragoman.errors import DragomanError
from dragoman.files import save, save_all


def test_a_file_keeps_its_mode_and_a_link_its_target(tmp_path):
    file, link = tmp_path / "a.txt", tmp_path / "link.txt"
    file.write_bytes(b"old")
    file.chmod(0o640)
    link.symlink_to(file)
    save(link, b"new")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"new", 0o640)
    assert link.is_symlink()


def test_a_failure_leaves_everything_as_it_was(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"old")
    (tmp_path / "b.txt").mkdir()
    with pytest.raises(DragomanError, match="it cannot be written: Is a directory"):
        save_all(tmp_path, {"a.txt": b"new", "deep/c.txt": b"new", "b.txt": b"new"})
    assert ["a.txt", "b.txt"] == sorted(each.name for each in tmp_path.iterdir())
    assert (tmp_path / "a.txt").read_bytes() == b"old"


@pytest.mark.parametrize("name", ["absent/a.txt", "."])
def test_a_place_that_cannot_be_written_is_named(tmp_path, name):
    with pytest.raises(DragomanError, match="it cannot be written"):
        save(tmp_path / name, b"new")
    assert [] == [*tmp_path.iterdir()]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_written_into_and_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=save, args=(pipe, b"told"))
    writer.start()
    assert pipe.read_bytes() == b"told"
    writer.join(60)
    assert pipe.is_fifo()
