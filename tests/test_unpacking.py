"""What a packed file unpacks to is bounded while it is unpacked, whoever reads it."""

from __future__ import annotations

import gzip
import resource
import subprocess
import sys

import pytest

from dragoman import index, syntax
from dragoman.errors import SyntaxProblem
from small_base import small_base

LINE = '<https://example.org/a> <https://example.org/b> "{}" .\n'
SIZE = 1_000 << 20
# What the command may take beside; the literal would not fit.
MEMORY = 700 << 20


@pytest.fixture(scope="module")
def bomb(tmp_path_factory):
    """Write a file of a megabyte whose second line is a literal of a gigabyte."""
    path = tmp_path_factory.mktemp("bomb") / "bomb.nt.gz"
    start, end = (LINE.format("one") + LINE).split("{}")
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(start.encode())
        for _ in range(SIZE >> 20):
            file.write(b"x" * (1 << 20))
        file.write(end.encode())
    return path


def limited(*arguments):
    """Run the command with little memory, and room on the disk for a tenth of the literal."""

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_FSIZE, (SIZE // 10, SIZE // 10))

    command = [sys.executable, "-m", "dragoman", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=600, preexec_fn=limit
    )


@pytest.mark.parametrize("command", ["validate", "add", "diff"])
def test_a_literal_that_unpacks_to_a_gigabyte_is_refused_in_little_memory(tmp_path, bomb, command):
    base = small_base(tmp_path / "base")
    start = ["--base", str(base.root)]
    arguments = {"validate": ["validate"], "add": ["add"], "diff": ["diff", str(bomb)]}[command]
    done = limited(*start, *arguments, str(bomb))
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        2,
        f"Error: {bomb}:2: A literal or statement is longer than 16 MiB. Shorten it.",
    )


@pytest.mark.parametrize("kept", ["memory", "disk"])
def test_in_a_base_such_a_file_is_left_out_in_little_memory(tmp_path, bomb, kept, monkeypatch):
    base = small_base(tmp_path / "base")
    (base.root / "data" / "bomb.nt.gz").write_bytes(bomb.read_bytes())
    monkeypatch.setenv("DRAGOMAN_INDEX_FROM", "0" if kept == "disk" else str(1 << 40))
    if kept == "memory":
        done = limited("--base", str(base.root), "stats")
        assert (done.returncode, "bomb.nt.gz:2: A literal" in done.stderr) == (0, True)
        assert "The file is left out." in done.stderr
    else:  # the engine itself asks for more room than such a process has
        opened = index.open_store(base)
        assert ["bomb.nt.gz:2: A literal"] == [
            each.rpartition("/")[2][:23] for each in opened.warnings
        ]


def test_long_files_of_short_lines_are_read_to_the_end(tmp_path):
    path = tmp_path / "long.nt.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for number in range(20):
            file.write(LINE.format(f"{number}" + "y" * (1 << 20)).encode())
    assert len(list(syntax.read_rdf(path))) == 20


def test_a_literal_full_of_quotes_is_as_long_as_it_is(tmp_path):
    path = tmp_path / "quotes.nt.gz"
    path.write_bytes(gzip.compress(LINE.format('\\"' * (9 << 20)).encode(), 1))
    with pytest.raises(SyntaxProblem, match=r"quotes.nt.gz:1: A literal or statement is longer"):
        list(syntax.read_rdf(path))
