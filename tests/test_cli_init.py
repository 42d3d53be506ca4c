"""`dragoman init` as people use it."""

from __future__ import annotations

import subprocess
import sys

import pytest


def dragoman(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "dragoman", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "PYTHONUTF8": "1"},
    )


def test_a_base_is_made_and_works_at_once(tmp_path):
    done = dragoman("init", "facts", cwd=tmp_path)
    root = tmp_path / "facts"
    assert (done.returncode, done.stdout) == (0, f"{root}\n")
    assert "Next: cd facts, then dragoman draft TEXT -o news.yaml" in done.stderr
    assert sorted(each.name for each in root.iterdir()) == [
        *(".gitignore", "README.md", "data", "dragoman.toml", "ontology", "queries", "shapes"),
    ]  # fmt: skip
    assert (root / ".gitignore").read_text() == ".dragoman/\n"
    asked = dragoman("search", "Hungary", "-f", "csv", cwd=root / "data")
    assert "Hungary" in asked.stdout
    assert asked.returncode == 0
    assert f"Base: {root} (it encloses the current folder)." in dragoman(
        "-v", "search", "Hungary", cwd=root
    ).stderr  # fmt: skip


def test_what_stands_in_the_folder_stays(tmp_path):
    (tmp_path / "article.txt").write_text("An article")
    (tmp_path / "README.md").write_text("Mine")
    done = dragoman("init", ".", cwd=tmp_path)
    assert done.returncode == 0
    assert "Next: dragoman draft TEXT" in done.stderr
    assert (tmp_path / "README.md").read_text() == "Mine"
    assert (tmp_path / "article.txt").read_text() == "An article"
    assert (tmp_path / "dragoman.toml").exists()


def test_a_base_an_own_folder_a_file_and_the_inside_of_a_base_are_refused(tmp_path):
    (tmp_path / "with-data" / "data").mkdir(parents=True)
    (tmp_path / "file").write_text("")
    assert dragoman("init", "facts", cwd=tmp_path).returncode == 0
    for name, problem in (
        ("facts", "is a base already"),
        ("with-data", "has data already"),
        ("file", "is a file"),
        ("file/below", "cannot be made: Not a directory"),
        ("facts/data/more", "is inside of the base"),
    ):
        done = dragoman("init", name, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("Error: ")
        assert problem in done.stderr
    assert sorted(each.name for each in tmp_path.iterdir()) == ["facts", "file", "with-data"]
    assert [] == list((tmp_path / "facts" / "data").iterdir())


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_has_examples(tmp_path, option):
    assert "dragoman init facts" in dragoman("init", option, cwd=tmp_path).stdout


def test_the_first_steps_that_it_names_work(tmp_path):
    """As README writes them."""

    def run(*words, folder=tmp_path):
        return subprocess.run(
            [sys.executable, "-m", "dragoman", *words],
            cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert run("init", "my-base").returncode == 0
    base = tmp_path / "my-base"
    skeleton = run("new", "article", "summit", "--turtle", folder=base)
    assert skeleton.returncode == 0
    unfilled = base / "summit.ttl"
    unfilled.write_text(skeleton.stdout, encoding="utf-8")
    assert run("add", "summit.ttl", folder=base).returncode == 1
    prefixes = [line for line in skeleton.stdout.splitlines() if line.startswith("@prefix ")]
    source = 'source:summit a dip:Source ; dcterms:title "A summit"@en .'
    unfilled.write_text("\n".join([*prefixes, source]), encoding="utf-8")
    added = run("add", "summit.ttl", folder=base)
    assert (added.returncode, added.stderr) == (0, "")
    assert "data/summit.ttl" in run("log", folder=base).stdout
