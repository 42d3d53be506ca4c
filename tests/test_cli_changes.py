"""The commands `dragoman add`, `remove` and `log`: what they say, and how they end."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys

import pytest

from small_base import DIP, small_base

PREFIXES = f"@prefix dip: <{DIP}> .\n@prefix ex: <https://example.org/> .\n"
GOOD = f'{PREFIXES}ex:berta a dip:Person ; dip:name "Berta" .\n'
BAD = f"{PREFIXES}ex:otto a dip:Person .\n"
WARNED = f'{PREFIXES}ex:carl a dip:Person ; dip:name "Carl" ; dip:counterpart ex:anna .\n'


@pytest.fixture
def base(tmp_path):
    return small_base(tmp_path / "base")


@pytest.fixture
def file(base):
    def file(text, name="new.ttl"):
        (base.root.parent / name).write_text(text, encoding="utf-8")
        return name

    return file


@pytest.fixture
def run(base):
    def run(*arguments, stdin=b"", ended=0):
        done = subprocess.run(
            [sys.executable, "-m", "dragoman", "--base", "base", *arguments],
            input=stdin,
            capture_output=True,
            timeout=600,
            check=False,
            cwd=base.root.parent,
            env={**os.environ, "PYTHONUTF8": "1"},
        )
        assert ended == done.returncode, done.stderr.decode()
        return done.stdout.decode(), done.stderr.decode()

    return run


def test_a_good_file_is_in_and_can_be_asked_at_once(run, file):
    assert ("Added data/new.ttl: 2 triples.\n", "") == run("add", file(GOOD))
    out, _ = run("query", "-e", 'SELECT ?who { ?who dip:name "Berta" }', "-f", "csv")
    assert ["who", "https://example.org/berta"] == out.split()


def test_a_bad_file_is_refused_with_the_report_that_validate_prints(run, file):
    name = file(BAD)
    report, _ = run("validate", name, ended=1)
    out, said = run("add", name, ended=1)
    assert report == out
    assert said == (
        "Refused, nothing was changed: 1 finding stands against it. Mend it, or let it pass with "
        "--allow violation --reason TEXT.\n"
    )


def test_what_is_added_and_no_shape_checks_is_said(run, file):
    _, said = run("add", file(f"{PREFIXES}ex:q a ex:Quay .\n"))
    assert [
        "No shape has a node to check in this change.",
        "1 new node that no shape checks: ex:Quay (1).",
    ] == said.splitlines()


def test_warnings_are_shown_and_pass(run, file):
    out, said = run("add", file(WARNED))
    assert out.startswith("WARNING  ")
    assert [
        "1 file checked: 1 warning.",
        "3 constraints on 2 nodes that this change can matter to.",
        "Added data/new.ttl: 3 triples.",
    ] == out.splitlines()[-3:]
    assert "" == said


def test_a_report_for_programs_has_the_output_for_itself(run, file):
    out, said = run("add", file(WARNED), "-f", "json")
    assert 1 == json.loads(out)["counts"]["warning"]
    assert said.endswith("Added data/new.ttl: 3 triples.\n")
    out, said = run("add", file(BAD, "bad.ttl"), "-f", "json", "-o", "report.json", ended=1)
    assert "" == out
    assert "Refused, nothing was changed" in said


def test_what_would_be_done_is_said_without_doing_it(run, file, base):
    assert ("Would add data/new.ttl: 2 triples.\n", "") == run("add", "--dry-run", file(GOOD))
    assert not (base.root / "data" / "new.ttl").exists()


def test_what_comes_through_a_pipe_takes_a_name(run):
    _, said = run("add", "-", stdin=GOOD.encode(), ended=2)
    assert said == ("Error: What comes through the pipe has no name: give one with --as NAME.\n")
    assert (
        "Added data/berta.ttl: 2 triples.\n"
        == run("add", "-", "--as", "berta", stdin=GOOD.encode())[0]
    )


def test_a_pipe_can_bring_any_format(run):
    text = json.dumps({"@id": "urn:x:a", f"{DIP}name": "A"}).encode()
    out, said = run("add", "-", "--as", "a", "--syntax", "jsonld", stdin=text)
    assert "Added data/a.nt: 1 triple.\n" == out
    assert "- becomes N-Triples" in said


def test_findings_are_allowed_with_a_reason_that_the_log_keeps(run, file):
    name = file(BAD)
    for options, said in (
        (["--allow", "violation"], "Say why a violation may pass"),
        (["--reason", "x"], "add it"),
        (["--allow", "all", "--reason", "x"], "severity 'all'"),
    ):
        assert said in run("add", name, *options, ended=2)[1]
    out, _ = run("add", name, "--allow", "violation", "--reason", "no name is told")
    assert out.endswith("Added data/new.ttl: 1 triple.\n")
    (row,) = csv.DictReader(run("log")[0].splitlines())
    assert ("violation", "no name is told") == (row["allowed"], row["reason"])


def test_the_log_is_read_without_its_hashes_and_its_times_are_whole(run, file):
    run("add", file(GOOD))
    out, _ = run("log", "-f", "table")
    told, below = out.split("\n\n")
    assert ["when", "what", "name", "triples"] == told.splitlines()[0].split()
    assert re.search(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  added ", told.splitlines()[2])
    assert "No value: allowed, reason. Not shown: by, sha256. All columns: -f csv.\n" == below
    assert "sha256" in run("log", "-f", "csv")[0]


def test_a_source_is_replaced_and_removed(run, file):
    run("add", file(GOOD))
    assert "--replace" in run("add", file(WARNED), ended=2)[1]
    assert run("add", file(WARNED), "--replace")[0].endswith("Replaced data/new.ttl: 3 triples.\n")
    assert "Would remove data/new.ttl.\n" == run("remove", "new", "--dry-run")[0]
    assert "Removed data/new.ttl.\n" == run("remove", "new")[0]
    assert run("remove", "new", ended=2)[1].startswith("Error: There is no source 'new' in data/.")
    rows = list(csv.DictReader(run("log")[0].splitlines()))
    assert ["removed", "replaced", "added"] == [row["what"] for row in rows]


def test_a_removal_that_breaks_the_rest_is_refused(run, file):
    run("add", file(f'{PREFIXES}ex:nameless dip:name "N." .'))
    out, said = run("remove", "new", ended=1)
    assert "base/data/persons.ttl:9  " in out
    assert said.startswith("Refused, nothing was changed: 1 finding stands against it.")


def test_the_log_of_an_untouched_base_is_empty(run):
    assert ("", "Nothing was added or removed yet.\n") == run("log")
    assert "when,what,name,by,triples,sha256,allowed,reason\n" == run("log", "-f", "csv")[
        0
    ].replace("\r", "")


def test_the_log_is_cut_off_and_says_so(run, file):
    run("add", file(GOOD), file(WARNED, "other.ttl"))
    out, said = run("log", "--limit", "1", "-f", "json")
    assert 1 == len(json.loads(out)["results"]["bindings"])
    assert "Cut off after 1 by --limit" in said


def test_who_holds_the_lock_is_told(run, file, base):
    from test_locking import in_another_process, release

    other = in_another_process(base.make_cache())
    _, said = run("add", file(GOOD), "--wait", "0.2", ended=2)
    assert said.startswith("Error: The base is being written by dragoman add")
    assert f"process {other.pid} on" in said
    assert 1 == said.count("\n")
    release(other)


def test_an_unfinished_change_is_finished_and_said(run, file, base):
    import faults  # forks, which only this test needs
    from dragoman import additions
    from dragoman.additions import transaction

    def work():
        transaction._place = lambda *_: os._exit(7)  # noqa: SLF001  the process dies here
        additions.add(base, [base.root.parent / file(GOOD)])

    assert 7 == faults.in_child(work)
    _, said = run("log")
    assert "An interrupted change of the base was finished: data/new.ttl.\n" == said


def test_every_file_that_cannot_be_read_has_its_line(run, file, base):
    names = file("nonsense", "a.ttl"), file(GOOD, "b.ttl"), "none.ttl"
    out, said = run("add", *names, ended=2)
    assert "" == out
    assert ["a.ttl", "none.ttl"] == [line.split(":")[1].strip() for line in said.splitlines()]
    assert not (base.root / "data" / "b.ttl").exists()


def test_help_has_examples_and_codes(run):
    for command in ("add", "remove", "log", "diff", "new"):
        out, _ = run(command, "--help")
        assert f"dragoman {command}" in out or command == "new"
    assert "Exit codes: 0 done, 1 refused and nothing changed" in run("add", "--help")[0]
