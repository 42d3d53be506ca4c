"""A base of somebody else sends nothing anywhere before the user has said so."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import wire
from dragoman.base import find_base
from dragoman.errors import DragomanError, UnknownNameError
from dragoman.remote.finding import find_profile

WORD = "w0rd-of-the-user"
VARIABLE = "SOMETHING_PRIVATE"


@pytest.fixture(autouse=True)
def configuration(tmp_path, monkeypatch):
    """A user who has set a secret variable, and has said nothing yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    monkeypatch.setenv(VARIABLE, WORD)
    return tmp_path / "configuration" / "dragoman"


@pytest.fixture
def stranger():
    """The host of a stranger, which takes whatever it is sent."""
    with wire.serving("fuseki", auth="none") as server:
        yield server


def profile(url, variable=VARIABLE, **more):
    lines = ["[stores.prod]", 'kind = "fuseki"', f'url = "{url}"']
    if variable:
        lines += ['auth = "basic"', 'user = "someone"', f'secret-env = "{variable}"']
    lines += [f'{key.replace("_", "-")} = "{told}"' for key, told in more.items()]
    return "\n".join(lines) + "\n"


def bring(root, text):
    """Let the base bring profiles with it."""
    (root / "stores.toml").write_text(text, encoding="utf-8")


def own(configuration, text):
    """Let the user have profiles."""
    configuration.mkdir(parents=True, exist_ok=True)
    (configuration / "stores.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    "arguments",
    [
        ("push", "prod"),
        ("push", "prod", "--dry-run"),
        ("pull", "prod"),
        ("query", "names", "--endpoint", "prod"),
        ("validate", "--endpoint", "prod"),
        ("export", "--endpoint", "prod"),
        ("check-queries", "--endpoint", "prod"),
    ],
    ids=" ".join,
)
def test_a_strangers_base_gets_nothing_for_the_name_of_a_store(root, dragoman, stranger, arguments):
    bring(root, profile(stranger.url))
    done = dragoman(*arguments, **{VARIABLE: WORD})
    said = done.stderr.decode()
    assert (2, b"", 1) == (done.returncode, done.stdout, len(said.splitlines()))
    assert f"{root / 'stores.toml'}:1: the store prod is not used" in said
    assert f"http://127.0.0.1:{stranger.port}" in said
    assert VARIABLE in said
    assert f"dragoman --base {root} trust prod" in said
    assert [] == stranger.asked
    assert WORD not in said


def test_a_variable_is_not_even_looked_at_before(root, monkeypatch):
    monkeypatch.delenv(VARIABLE)
    bring(root, profile("https://example.org/ds"))
    with pytest.raises(DragomanError, match="trust prod"):
        find_profile(find_base(root), "prod")


@pytest.mark.parametrize("url", ["http://localhost:3030/ds", "https://example.org/ds"])
def test_a_store_without_a_secret_is_asked_for_too(root, url):
    bring(root, profile(url, variable=None))
    with pytest.raises(DragomanError, match="without a secret"):
        find_profile(find_base(root), "prod")


def test_the_environment_names_no_store_of_a_strangers_base_either(root, dragoman, stranger):
    bring(root, profile(stranger.url))
    done = dragoman("query", "names", DRAGOMAN_ENDPOINT="prod", **{VARIABLE: WORD})
    assert (2, []) == (done.returncode, stranger.asked)


def test_a_trusted_store_is_used_as_it_is(root, dragoman, stranger):
    bring(root, profile(stranger.url))
    done = dragoman("trust", "prod")
    shown = done.stdout.decode()
    assert (0, b"") == (done.returncode, done.stderr)
    assert f"prod ({root / 'stores.toml'}:1): trusted\n" in shown
    for address in ("query", "update", "data"):
        assert f" {stranger.url}/{address}\n" in shown
    assert f"with the value of the variable {VARIABLE} for the user someone" in shown
    assert 0 == dragoman("push", "prod", **{VARIABLE: WORD}).returncode


@pytest.mark.parametrize(
    "changed",
    [
        profile("https://other.example/ds"),
        profile("https://example.org/ds", "ANOTHER_SECRET"),
        profile("https://example.org/ds", update="https://other.example/update"),
        profile("https://example.org/ds", graphs="https://other.example/data"),
        profile("https://example.org/ds", query="https://other.example/query"),
        profile("https://example.org/ds").replace("someone", "root"),
        profile("https://example.org/ds").replace("basic", "digest"),
        profile("https://example.org/ds", variable=None),
    ],
    ids=["url", "variable", "update", "graphs", "query", "user", "scheme", "no user"],
)
def test_a_store_that_has_changed_is_asked_for_again(root, dragoman, monkeypatch, changed):
    monkeypatch.setenv("ANOTHER_SECRET", "an0ther")
    bring(root, profile("https://example.org/ds"))
    assert 0 == dragoman("trust", "prod").returncode
    assert "prod" == find_profile(find_base(root), "prod").name
    bring(root, changed)
    with pytest.raises(DragomanError, match="has changed since you trusted it"):
        find_profile(find_base(root), "prod")


def test_what_sends_nothing_elsewhere_may_change(root, dragoman):
    bring(root, profile("https://example.org/ds"))
    dragoman("trust", "prod")
    bring(root, f"# ours\n{profile('https://example.org/ds')}timeout = 5\n")
    assert 5 == find_profile(find_base(root), "prod").timeout


def test_trust_is_for_one_store_of_one_folder(root, dragoman, tmp_path):
    text = profile("https://example.org/ds")
    bring(root, text + text.replace("prod", "test"))
    dragoman("trust", "prod")
    with pytest.raises(DragomanError, match="trust test"):
        find_profile(find_base(root), "test")
    other = root.rename(tmp_path / "elsewhere")
    with pytest.raises(DragomanError, match="trust prod"):
        find_profile(find_base(other), "prod")


def test_trust_can_be_taken_back(root, dragoman):
    bring(root, profile("https://example.org/ds"))
    dragoman("trust", "prod")
    assert b"prod is no longer trusted.\n" == dragoman("trust", "prod", "--revoke").stdout
    assert b"prod was not trusted.\n" == dragoman("trust", "prod", "--revoke").stdout
    with pytest.raises(DragomanError, match="trust prod"):
        find_profile(find_base(root), "prod")


def test_the_stores_of_a_base_are_listed_with_what_is_trusted(root, dragoman):
    text = profile("https://example.org/ds")
    bring(root, text + text.replace("prod", "test"))
    dragoman("trust", "test")
    shown = dragoman("trust").stdout.decode()
    assert ["not trusted", "trusted"] == [
        line.rpartition(": ")[2] for line in shown.splitlines() if not line.startswith(" ")
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such permissions")
def test_what_is_trusted_is_nobody_elses_to_read_or_write(root, dragoman, configuration):
    bring(root, profile("https://example.org/ds"))
    dragoman("trust", "prod")
    (file,) = (configuration / "trusted").iterdir()
    assert (0o600, 0o700) == (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777)
    assert WORD not in file.read_text(encoding="utf-8")


def test_the_users_own_profile_goes_before_that_of_a_base(root, dragoman, configuration, stranger):
    bring(root, profile(stranger.url))
    dragoman("trust", "prod")
    own(configuration, profile("https://mine.example/ds", variable=None))
    found = find_profile(find_base(root), "prod")
    assert ("https://mine.example/ds/query", None) == (found.query, found.secret_env)


def test_a_broken_file_of_a_base_does_not_stand_before_the_users_own(root, configuration):
    bring(root, "[stores.prod\n")
    own(configuration, profile("https://mine.example/ds", variable=None))
    assert "https://mine.example/ds/query" == find_profile(find_base(root), "prod").query


def test_a_wrong_name_is_told_the_names_of_both_files(root, configuration):
    bring(root, profile("https://example.org/ds"))
    own(configuration, profile("https://mine.example/ds").replace("prod", "mine"))
    for near, name in (("prodd", "prod"), ("mime", "mine")):
        with pytest.raises(UnknownNameError, match=f"Did you mean {name}"):
            find_profile(find_base(root), near)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere",), "the base has no profiles of stores"),
        (("--revoke",), "needs the name of a profile"),
    ],
)
def test_what_cannot_be_trusted_is_said(dragoman, arguments, words):
    done = dragoman("trust", *arguments)
    assert (2, True) == (done.returncode, words in done.stderr.decode())


def test_a_name_near_one_of_the_base_is_told(root, dragoman):
    bring(root, profile("https://example.org/ds"))
    done = dragoman("trust", "prodd")
    assert (2, True) == (done.returncode, "Did you mean prod" in done.stderr.decode())


def test_a_folder_that_cannot_be_written_is_said(root, dragoman, configuration):
    configuration.parent.write_text("no folder", encoding="utf-8")
    bring(root, profile("https://example.org/ds"))
    done = dragoman("trust", "prod")
    assert (2, True) == (done.returncode, b"it cannot be written" in done.stderr)


def test_a_name_steers_no_terminal(root, dragoman):
    bring(
        root, profile("https://example.org/ds").replace("[stores.prod]", '[stores."a\\u001b[2J"]')
    )
    for done in (dragoman("trust"), dragoman("push", "a\x1b[2J")):
        assert b"\\u001b[2J" in done.stdout + done.stderr
        assert b"\x1b" not in done.stdout + done.stderr


def test_nothing_is_kept_in_the_base(root, dragoman):
    bring(root, profile("https://example.org/ds"))
    before = {path for path in root.rglob("*") if ".dragoman" not in path.parts}
    dragoman("trust", "prod")
    assert before == {path for path in root.rglob("*") if ".dragoman" not in path.parts}
    assert Path(os.environ["XDG_CONFIG_HOME"]).is_dir()
