"""The command `dragoman validate`: what it says, where it writes, and how it ends."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
from pyoxigraph import RdfFormat, parse

from conftest import on_a_terminal
from small_base import DIP, SHAPES, small_base

PREFIXES = f"@prefix dip: <{DIP}> .\n@prefix ex: <https://example.org/> .\n"
GOOD = f'{PREFIXES}ex:berta a dip:Person ; dip:name "Berta" .\n'
BAD = f"{PREFIXES}ex:otto a dip:Person .\n"
WARNED = f'{PREFIXES}ex:carl a dip:Person ; dip:name "Carl" ; dip:counterpart ex:anna .\n'
LOOKED = b"3 constraints on 1 node that this change can matter to.\n"


@pytest.fixture
def base(tmp_path):
    return small_base(tmp_path)


@pytest.fixture
def run(base):
    def run(*arguments, stdin=b"", **environment):
        return subprocess.run(
            [sys.executable, "-m", "dragoman", "validate", *arguments],
            input=stdin,
            capture_output=True,
            timeout=600,
            check=False,
            cwd=base.root,
            env={"PATH": "/usr/bin:/bin", "PYTHONUTF8": "1", **paths(), **environment},
        )

    return run


def paths():
    return {"PYTHONPATH": os.environ["PYTHONPATH"]} if "PYTHONPATH" in os.environ else {}


@pytest.fixture
def file(base):
    def file(text, name="new.ttl"):
        (base.root / name).write_text(text, encoding="utf-8")
        return name

    return file


def files_of(base):
    return {path: path.read_bytes() for path in base.root.rglob("*") if path.is_file()}


def test_a_good_file_ends_with_0(run, file):
    ended = run(file(GOOD))
    assert (
        ended.returncode,
        ended.stdout,
        ended.stderr,
    ) == (
        0,
        b"1 file checked, nothing found.\n%b" % LOOKED,
        b"",
    )


def test_a_bad_file_ends_with_1_and_says_where_and_what_to_do(run, file):
    ended = run(file(BAD))
    assert ended.returncode == 1
    assert ended.stdout.decode().splitlines() == [
        "VIOLATION  <https://w3id.org/dragoman/shape/Person-name>",
        "  new.ttl:3  ex:otto",
        "      dip:name",
        "      A person has exactly one name (dip:name): keep one.",
        "",
        "1 file checked: 1 violation.",
        LOOKED.decode().strip(),
    ]


def test_without_a_file_the_whole_base_is_checked(run):
    ended = run()
    assert ended.returncode == 1
    assert b"data/persons.ttl:9  ex:nameless" in ended.stdout
    assert b"4 files checked: 1 violation." in ended.stdout


def test_a_warning_counts_only_where_it_is_asked_for(run, file):
    name = file(WARNED)
    assert run(name, "--timeout", "0").returncode == 0
    assert run(name, "--timeout", "0", "--fail-on", "warning").returncode == 1
    assert run(name, "--timeout", "0", "--fail-on", "info").returncode == 1


def test_a_file_that_does_not_parse_ends_with_2_and_one_line_a_file(run, file):
    names = [file(f"{PREFIXES}ex:a dip:name .\n", f"bad{number}.ttl") for number in range(2)]
    ended = run(*names)
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert [f"bad{number}.ttl:3" for number in range(2)] == re.findall(
        r"^(?:Error: )?(bad\d\.ttl:3):\d+: \S", ended.stderr.decode(), re.MULTILINE
    )
    assert len(ended.stderr.splitlines()) == 2


def test_a_file_of_the_base_that_does_not_parse_is_an_error_without_files_too(run, file):
    file("oops", "data/oops.ttl")
    ended = run()
    assert ended.returncode == 2
    assert ended.stderr.startswith(b"Error: data/oops.ttl:1:")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.ttl"], "missing.ttl: It cannot be read: No such file or directory."),
        (["data"], "Is a directory."),
        (["-f", "jsno"], "Did you mean json"),
        (["--fail-on", "violations"], "Did you mean violation"),
        (["--shapes", "shapes/person.ttl"], "Name the data"),
        (["-", "-"], "Only one FILE"),
        (["-", "--syntax", "turtel"], "turtle"),
        (["--output", "no/such/folder/report", "data/persons.ttl"], "cannot be written"),
    ],
    ids=str,
)
def test_what_cannot_be_done_ends_with_2_and_one_clear_line(run, arguments, said):
    ended = run(*arguments)
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert said in ended.stderr.decode()
    assert len(ended.stderr.splitlines()) == 1


def test_a_pipe_can_be_checked(run):
    ended = run("-", stdin=BAD.encode())
    assert ended.returncode == 1
    assert b"\n  -:3  ex:otto" in ended.stdout


def test_a_pipe_can_have_another_format(run):
    triple = f'<urn:a> <{DIP}name> "x" .\n<urn:a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{DIP}Person> .\n'  # noqa: E501
    assert run("-", "--syntax", "nt", "--timeout", "0", stdin=triple.encode()).returncode == 0
    broken = run("-", "--syntax", "nt", stdin=triple.replace("<urn:a>", "ex:a").encode())
    assert broken.returncode == 2
    assert broken.stderr.startswith(b"Error: -:1:")


def test_shapes_of_ones_own_leave_the_base_out(run, file):
    shapes = file(
        SHAPES.split("shape:Person-counterpart\n")[0].replace("Person ;", "Guest ;"), "s.ttl"
    )
    data = file(f"{PREFIXES}ex:otto a dip:Guest .\nex:nobody a dip:Person .\n", "data.ttl")
    ended = run("--shapes", shapes, data)
    assert ended.returncode == 1
    assert b"1 file checked: 1 violation." in ended.stdout
    assert b"data.ttl:3  ex:otto" in ended.stdout


def test_shapes_need_no_base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nowhere")
    shape = "<urn:x:s> a <http://www.w3.org/ns/shacl#NodeShape> ."
    (folder / "s.ttl").write_text(shape)
    ended = subprocess.run(
        [sys.executable, "-m", "dragoman", "--base", "none", "validate", "-s", "s.ttl", "s.ttl"],
        cwd=folder,
        capture_output=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", **paths()},
    )
    assert (ended.returncode, ended.stdout.splitlines()[0]) == (
        0,
        b"1 file checked, nothing found.",
    )


def test_the_report_can_be_written_to_a_file(run, file, base):
    ended = run(file(BAD), "-f", "json", "-o", "report.json")
    assert (ended.returncode, ended.stdout) == (1, b"")
    assert ended.stderr.splitlines()[0] == b"1 file checked: 1 violation."
    assert json.loads((base.root / "report.json").read_text())["counts"]["violation"] == 1


def test_turtle_on_the_output_parses(run, file):
    ended = run(file(BAD), "-f", "ttl", "--timeout", "0")
    kinds = [
        quad.object.value
        for quad in parse(ended.stdout, RdfFormat.TURTLE)
        if "type" in quad.predicate.value
    ]
    assert sorted(kinds) == [
        "http://www.w3.org/ns/shacl#ValidationReport",
        "http://www.w3.org/ns/shacl#ValidationResult",
    ]


def test_checking_changes_nothing(run, file, base):
    name = file(BAD)
    before = files_of(base)
    run(name)
    run()
    assert before == files_of(base)


def reported(folder, name, **environment):
    """Return what a terminal is sent of the validation of a file."""
    return on_a_terminal("validate", "--timeout", "0", name, cwd=folder, **paths(), **environment)


def test_colours_come_on_terminals_only_and_obey_no_color(run, file, base):
    name = file(BAD)
    assert "\x1b[" in reported(base.root, name)
    assert "\x1b[" not in reported(base.root, name, NO_COLOR="1")
    assert b"\x1b[" not in run(name, "--timeout", "0").stdout


def test_lines_are_folded_at_words_to_the_width_of_a_terminal(run, file, base):
    name = file(BAD)
    narrow = reported(base.root, name, NO_COLOR="1", COLUMNS="34")
    lines = narrow.splitlines()
    message = [line for line in lines if line.startswith("      ")]
    piped = run(name, "--timeout", "0").stdout.decode()
    assert max(map(len, message)) <= 34
    assert len(message) > len([line for line in piped.splitlines() if line.startswith("      ")])
    assert piped.split() == narrow.split()


def test_a_costly_pattern_is_answered_at_once_or_stopped(run, file):
    shapes = file(
        f"{PREFIXES}@prefix sh: <http://www.w3.org/ns/shacl#> .\nex:S sh:targetClass dip:Person ; "
        'sh:property [ sh:path dip:name ; sh:pattern "^(a|aa)+$" ] .',
        "s.ttl",
    )
    data = file(f'{PREFIXES}ex:a a dip:Person ; dip:name "{"a" * 40}b" .', "d.ttl")
    assert run("--shapes", shapes, data, "--timeout", "5").returncode == 1
    ended = run("--shapes", shapes, data, "--timeout", "5", "--engine", "reference")
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert b"Error: The validation was stopped after 5 s." in ended.stderr


def test_help_has_examples(run):
    ended = run("--help")
    assert ended.returncode == 0
    assert b"dragoman validate article.ttl" in ended.stdout


def test_missing_prefixes_come_with_the_lines_to_paste(run, file):
    done = run(file('ex:a dip:name "A" ; dpi:age 1 .'))
    assert (2, b"") == (done.returncode, done.stdout)
    first, *rest = done.stderr.decode().splitlines()
    assert first == (
        "Error: new.ttl:1: 3 prefixes are not declared; declare them with @prefix: ex: (line 1), "
        "dip: (line 1), dpi: (line 1)."
    )
    assert rest == [
        "The base knows no prefix ex:. Valid: dip.",
        "The base knows no prefix dpi:. Did you mean dip?",
        "To paste, or for dragoman fmt to add:",
        f"@prefix dip: <{DIP}> .",
    ]
