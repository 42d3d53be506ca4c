"""The command as a person meets it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from conftest import leave_early, on_a_terminal
from dragoman import __version__
from dragoman.base import Base
from dragoman.cli import COMMANDS, cli

NAMES = (
    "state,stateLabel,label\r\nhttps://w3id.org/dragoman/id/state/TUR,Türkiye,Türkiye\r\n".encode()
)


def test_without_a_name_the_questions_are_listed_by_tag(dragoman):
    done = dragoman("query")
    assert done.stdout.decode().splitlines() == [
        "states",
        "  names    Names of a state [state]",
        "time",
        "  founded  States founded by a day [day]",
    ]
    assert (done.returncode, b"dragoman query NAME" in done.stderr) == (0, True)


def test_help_and_the_listing_import_nothing_heavy(root):
    for arguments in (["--help"], ["--base", str(root), "query"]):
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "dragoman", *arguments],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
        assert "click" in loaded
        assert not loaded & {"pyoxigraph", "rich", "rdflib", "yaml", "pyshacl", "owlready2"}


def test_help_names_every_command_without_importing_it():
    shown = CliRunner().invoke(cli, ["--help"]).output
    for name, line in COMMANDS.items():
        assert f"  {name}" in shown
        assert line in " ".join(shown.split())


def test_a_pipe_gets_csv(dragoman):
    done = dragoman("query", "names")
    assert (done.returncode, done.stdout, done.stderr) == (0, NAMES, b"")


def test_a_parameter_may_be_a_name(dragoman):
    done = dragoman("query", "names", "--set", "state=hungary", "-f", "tsv")
    assert "Magyarország" in done.stdout.decode()


def test_a_result_goes_to_a_file_whole(dragoman, tmp_path):
    target = tmp_path / "out.csv"
    target.write_text("old")
    assert dragoman("query", "names", "-o", str(target)).stdout == b""
    assert target.read_bytes() == NAMES
    assert dragoman("query", "names", "-f", "no", "-o", str(target)).returncode == 2
    assert target.read_bytes() == NAMES
    assert sorted(path.name for path in tmp_path.iterdir()) == ["base", "out.csv"]


def test_a_file_that_cannot_be_written_is_said(dragoman):
    done = dragoman("query", "names", "-o", "/nowhere/out.csv")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"Error: /nowhere/out.csv: it cannot be written")


@pytest.mark.parametrize("truth", [True, False])
def test_an_ask_answers_by_its_exit_code_too(dragoman, truth):
    done = dragoman("query", "-e", f"ASK {{ FILTER({str(truth).lower()}) }}")
    assert (done.returncode, done.stdout) == (0 if truth else 1, f"{str(truth).lower()}\n".encode())


def test_own_questions_come_from_text_file_and_standard_input(dragoman, tmp_path):
    text = b"SELECT ?state { ?state a dip:State } ORDER BY ?state LIMIT 1"
    (tmp_path / "own.rq").write_bytes(b"\xef\xbb\xbf" + text)
    wanted = b"state\r\nhttps://w3id.org/dragoman/id/state/GEO\r\n"
    assert dragoman("query", "-e", text.decode()).stdout == wanted
    assert dragoman("query", "--file", str(tmp_path / "own.rq")).stdout == wanted
    assert dragoman("query", "--file", "-", stdin=text).stdout == wanted
    assert dragoman("query", "-", stdin=text).stdout == wanted


def test_a_file_with_a_header_takes_parameters(dragoman, root):
    file = str(root / "queries" / "names.rq")
    assert b"Hungary" in dragoman("query", "--file", file, "--set", "state=HUN").stdout


def test_a_construct_writes_turtle(dragoman):
    done = dragoman("query", "-e", "CONSTRUCT { ?s a dip:Land } { ?s dip:alpha3Code 'HUN' }")
    assert done.stdout.decode().rstrip().endswith("state:HUN\n    a dip:Land ;\n    .")


def test_graph_names_the_file(dragoman):
    done = dragoman("query", "-e", "SELECT DISTINCT ?g { GRAPH ?g { ?s a dip:Person } }")
    assert done.stdout.split() == [b"g", b"https://w3id.org/dragoman/id/source/people"]


def test_a_cut_is_said(dragoman):
    done = dragoman("query", "-e", "SELECT ?s { ?s a dip:State } ORDER BY ?s", "--limit", "2")
    assert len(done.stdout.split()) == 3
    assert b"Cut off after 2 by --limit" in done.stderr
    done = dragoman("query", "-e", "SELECT ?s { ?s a dip:State }", "--limit", "4")
    assert done.stderr == b""


def test_explain_shows_the_text_and_the_sources(dragoman):
    done = dragoman("query", "names", "--set", "state=Hungary", "--explain")
    shown = done.stderr.decode()
    assert "VALUES ?state { <https://w3id.org/dragoman/id/state/HUN> }" in shown
    assert shown.endswith(
        "Sources behind the answer:\n  https://w3id.org/dragoman/id/source/states\n"
    )
    assert b"Hungary" in done.stdout


def test_explain_names_every_file_that_is_needed(dragoman):
    done = dragoman(
        "query", "--explain", "-e",
        "SELECT ?n { ?p a dip:Person . ?s dip:alpha3Code 'HUN' ; skos:prefLabel ?n }",
    )  # fmt: skip
    assert b"source/people\n" in done.stderr
    assert b"source/states\n" in done.stderr
    assert b"ontology/small\n" not in done.stderr


def test_a_spreadsheet_file_begins_with_a_mark(dragoman):
    done = dragoman("query", "names", "--spreadsheet")
    assert done.stdout.startswith(b'\xef\xbb\xbf"state","stateLabel","label"\r\n')


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["query", "nmaes"], "There is no saved query 'nmaes'. Did you mean names?"),
        (
            ["query", "names", "--set", "stat=x"],
            "There is no parameter 'stat' in the question names",
        ),
        (["query", "names", "--set", "state"], "--set takes NAME=VALUE, not 'state'."),
        (["query", "names", "-f", "cvs"], "There is no format 'cvs'. Did you mean csv"),
        (["query", "names", "-f", "turtle"], "There is no format 'turtle' for SELECT."),
        (["query", "names", "-e", "ASK {}"], "Give one of: a NAME, -e SPARQL, --file FILE."),
        (["query", "-e", "ASK {}", "--set", "a=b"], "--set is for saved questions"),
        (["query", "--file", "absent.rq"], "absent.rq: it cannot be read: No such file"),
        (
            ["query", "-e", "SELECT ?a { ?a ?b }"],
            "-e:1:20: Not SPARQL at the end of the line: what",
        ),
        (["query", "-e", "SELECT * { ?a b:c ?d }"], "-e:1:15: The prefix b: is not declared"),
        (["qeury"], "There is no command 'qeury'. Did you mean query"),
        (["query", "--base", "/nowhere"], "'/nowhere', does not exist"),
        (["query", "names", "--set", "state=Hungray"], "Did you mean 'Hungary' (state:HUN)"),
    ],
)
def test_a_mistake_gets_a_clear_line_and_exit_code_2(dragoman, arguments, message):
    done = dragoman(*arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_a_missing_base_is_said(dragoman):
    done = dragoman("--base", "/nowhere", "query")
    assert (done.returncode, b"'/nowhere', does not exist" in done.stderr) == (2, True)


def test_bytes_that_are_no_text_are_refused(dragoman):
    done = dragoman("query", "-", stdin=b"ASK\n{ \xff }")
    assert (done.returncode, done.stderr) == (
        2,
        b"Error: -:2: It is not UTF-8. Save it as UTF-8.\n",
    )


def test_a_file_that_does_not_parse_is_left_out_with_a_warning(dragoman, root):
    (root / "data" / "broken.ttl").write_text("nonsense")
    done = dragoman("query", "names")
    assert (done.returncode, done.stdout) == (0, NAMES)
    assert b"broken.ttl:1:1: " in done.stderr
    assert dragoman("-q", "query", "names").stderr == b""


def test_verbose_says_which_base_and_why(dragoman, root):
    said = dragoman("-v", "query", "names").stderr.decode()
    assert f"Base: {root.resolve()} (it was named by --base)." in said


def test_options_of_the_command_may_stand_behind_its_subcommands(root):
    def run(*arguments: str):
        return subprocess.run(
            [sys.executable, "-m", "dragoman", *arguments], capture_output=True, check=False
        )

    (root / "data" / "broken.ttl").write_text("nonsense")
    done = run("query", "names", "--base", str(root), "-q")
    assert (0, NAMES, b"") == (done.returncode, done.stdout, done.stderr)
    assert b"it was named by --base" in run("query", "names", "-v", "--base", str(root)).stderr
    for name in (*COMMANDS, "completion"):
        shown = CliRunner().invoke(cli, [name, "--base", str(root), "-q", "-v", "--help"])
        assert (0, True) == (shown.exit_code, "Usage: " in shown.output), name


def test_having_over_an_alias_is_warned_of(dragoman):
    text = "SELECT ?a (COUNT(*) AS ?n) { ?a ?b ?c } GROUP BY ?a HAVING (?n > 1)"
    assert b"Warning: -e: HAVING uses the alias ?n" in dragoman("query", "-e", text).stderr


def test_a_closed_pipe_is_quiet(root):
    text = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 4000"
    assert leave_early("--base", str(root), "query", "-e", text, after=10) == (b"", 0)


ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n2 ?o }"


def test_ctrl_c_ends_a_running_query_at_once(root):
    command = [sys.executable, "-m", "dragoman", "--base", str(root), "query", "-e", ENDLESS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        time.sleep(3)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        start = time.monotonic()
        out, error = process.communicate(timeout=60)
    assert time.monotonic() - start < 5
    assert (process.returncode, out) == (130, b"")
    assert b"Traceback" not in error


def test_a_query_that_takes_too_long_is_ended(dragoman):
    start = time.monotonic()
    done = dragoman("query", "-e", ENDLESS, "--timeout", "1")
    assert time.monotonic() - start < 15
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"Error: The query ran longer than 1 s")


def test_a_table_on_a_terminal_has_colours_unless_told_otherwise(root):
    def shown(**environment: str) -> str:
        return on_a_terminal("--base", str(root), "query", "names", **environment)

    assert "Türkiye (state:TUR)" in shown(NO_COLOR="1")
    assert "\x1b[" not in shown(NO_COLOR="1")
    assert "\x1b[1m" in shown()


def test_shells_complete_the_names_of_questions(dragoman):
    script = dragoman("completion", "bash")
    assert b"_DRAGOMAN_COMPLETE=bash_complete" in script.stdout
    done = dragoman_complete(dragoman, "dragoman query na", "2")
    assert done == ["plain,names"]
    assert dragoman_complete(dragoman, "dragoman query names --set ", "4") == ["plain,state="]


def dragoman_complete(dragoman, words: str, index: str) -> list[str]:
    base = dragoman("-v", "query").stderr.decode().partition("Base: ")[2].partition(" (")[0]
    done = subprocess.run(
        [sys.executable, "-c", "from dragoman.cli import main; main()"],
        capture_output=True, text=True, check=False,
        env={"PATH": "/bin", "_DRAGOMAN_COMPLETE": "bash_complete", "COMP_WORDS": words,
             "COMP_CWORD": index, "DRAGOMAN_BASE": base},
    )  # fmt: skip
    return done.stdout.split()


def test_the_version_is_printed(dragoman):
    assert dragoman("--version").stdout.decode() == f"dragoman {__version__}\n"


def test_the_small_base_is_one(root):
    assert [path.name for path in Base(root, "test").queries()] == ["founded.rq", "names.rq"]
