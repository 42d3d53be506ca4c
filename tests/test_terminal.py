"""Nothing that the data says steers a terminal, and files and pipes get the exact bytes."""

from __future__ import annotations

import os
import re
import unicodedata

import pytest

from conftest import PREFIXES, on_a_terminal
from dragoman.cli.console import Settings
from dragoman.terminal import one_line, page, raw, visible

# Escape sequences of both sets, what reorders text, and what hides in it.
STEERING = (
    "\x1b]0;owned\x07", "\x1b[2J", "\x1b[8m", "\x9b2J", "\x9d0;owned\x9c", "\x90q\x9c",
    "\u202e", "\u202a", "\u2066", "\u2069", "\u200e", "\u200f", "\u061c",
    "\x7f", "\x08", "\x00", "\u2028", "\u2029", "\ufeff", "\u200b", "\U000e0041",
)  # fmt: skip
EVIL = "a" + "b".join(STEERING) + "c"
LOOK = re.compile(r"\x1b\[[0-9;]*m")


def steering(shown):
    """Return the characters that could steer a terminal, our own looks aside."""
    return {
        each
        for each in LOOK.sub("", shown)
        if each not in "\n\t\u200c\u200d"
        and unicodedata.category(each) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    }


@pytest.fixture
def evil(root):
    """A base in which whatever may hold a text holds one that would steer a terminal."""
    text = "".join(f"\\u{ord(each):04X}" if ord(each) < 0x10000 else each for each in EVIL)
    (root / "data" / "evil.ttl").write_text(
        f'{PREFIXES}state:EVL a dip:State ; skos:prefLabel "{text}"@en ;\n'
        f'    skos:altLabel "Evilia"@en ; skos:scopeNote "{text}" .\n',
        encoding="utf-8",
    )
    (root / "queries" / "evil.rq").write_text(
        '#+ summary: "\\e]0;owned\\a \\u009b2J \\u202e"\n'
        '#+ description: "\\e[2J \\u009b \\u2066"\n'
        '#+ tags: ["\\e[8m \\u202e"]\n'
        "#+ params:\n"
        '#+   - { name: who, type: iri, description: "\\e[2J \\u202e" }\n'
        "SELECT ?who ?note { VALUES ?who { UNDEF } ?who skos:scopeNote ?note }\n".replace(
            "SELECT", "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\nSELECT"
        ),
        encoding="utf-8",
    )
    return root


EVERYWHERE = {
    "a table": ("query", "evil"),
    "csv": ("query", "evil", "-f", "csv"),
    "tsv": ("query", "evil", "-f", "tsv"),
    "json": ("query", "evil", "-f", "json"),
    "markdown": ("query", "evil", "-f", "md"),
    "html": ("query", "evil", "-f", "html"),
    "for spreadsheets": ("query", "evil", "--spreadsheet"),
    "triples": ("query", "-e", "CONSTRUCT { ?s ?p ?o } { ?s skos:scopeNote ?o ; ?p ?o }"),
    "the list of questions": ("query",),
    "turtle": ("export", "-f", "turtle"),
    "n-triples": ("export", "-f", "nt"),
    "n-quads": ("export", "-f", "nq"),
    "json-ld": ("export", "-f", "jsonld"),
    "what is known of a thing": ("show", "state:EVL"),
    "the same as triples": ("show", "state:EVL", "-f", "turtle"),
    "the same as json": ("show", "state:EVL", "-f", "json"),
    "what is found": ("search", "Evilia"),
    "what is checked": ("validate",),
    "what queries other stores answer otherwise": ("check-queries",),
    "a skeleton": ("new", "article", "--title", EVIL.replace("\x00", "")),
    "a difference": ("diff", "{root}/data/reference/states.ttl", "{root}/data/evil.ttl"),
    "a patch": (
        "diff", "-f", "patch", "{root}/data/reference/states.ttl", "{root}/data/evil.ttl",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", EVERYWHERE)
def test_a_terminal_is_never_steered(evil, case):
    arguments = [each.replace("{root}", str(evil)) for each in EVERYWHERE[case]]
    environment = {name: os.environ[name] for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME")}
    shown = on_a_terminal("--base", str(evil), *arguments, **environment)
    assert set() == steering(shown)
    assert "\x1b[8m" not in shown
    assert shown.strip()


def test_a_pipe_gets_the_exact_bytes(evil, dragoman):
    assert EVIL.encode() in dragoman("query", "evil", "-f", "csv").stdout
    done = dragoman("export", "-f", "nt", "-o", str(evil / "out.nt"))
    assert 0 == done.returncode
    assert (evil / "out.nt").read_bytes() == dragoman("export", "-f", "nt").stdout
    assert "\u202e".encode() in (evil / "out.nt").read_bytes()


@pytest.mark.usefixtures("evil")
def test_what_a_header_or_an_argument_says_steers_no_message(dragoman):
    for arguments in (
        ("query", "no\x1b[2J\x9b"),
        ("--no\x1b[2J\u202e",),
        ("query", "--no\x1b[2J\u202e"),
        ("no\x1b[2J",),
        ("validate", "no\x1b[2J\u202e.ttl"),
        ("query", "evil", "--set", "x\x1b[2J=1"),
        ("query", "evil", "--explain"),
        ("-v", "query", "-e", "ASK {} # \x1b[2J", "--explain"),
    ):
        said = dragoman(*arguments).stderr.decode()
        assert said
        assert set() == steering(said)


def test_a_shell_is_offered_names_without_what_steers_it(evil, dragoman):
    (evil / "queries" / "evil\x1b[2J.rq").write_text(
        (evil / "queries" / "evil.rq").read_text(encoding="utf-8"), encoding="utf-8"
    )
    done = dragoman(
        _DRAGOMAN_COMPLETE="zsh_complete", COMP_WORDS="dragoman query ev", COMP_CWORD="2",
        DRAGOMAN_BASE=str(evil),
    )  # fmt: skip
    offered = done.stdout.decode()
    assert "evil\n" in offered
    assert set() == steering(offered)


@pytest.mark.parametrize("mark", STEERING)
def test_each_of_them_is_spelt_out(mark):
    for shown in (visible(mark), one_line(mark), b"".join(raw([mark.encode()])).decode()):
        assert set() == steering(shown)
        assert "\x1b" not in shown
        assert shown.startswith("\\")


def test_text_in_any_script_stays_as_it_is():
    text = "Türkiye 日本 العربية नमस्\u200dते می\u200cخواهم\u00a0«x» e\u0301 👨\u200d👩\u200d👧"
    assert (text, text) == (visible(text), one_line(text))


def test_a_page_keeps_its_own_looks_and_no_others():
    assert "\x1b[1mbold\x1b[0m\n" == page("\x1b[1mbold\x1b[0m\n")
    assert "\\u001b[2J\\u009b1m" == page("\x1b[2J\x9b1m")
    # the mark by which tables keep right-to-left names in their columns
    assert "\u200eארץ\u200e  5" == page("\u200eארץ\u200e  5")


def test_a_character_in_two_blocks_is_one():
    data = "é\x9b日".encode()
    assert "é\\u009b日" == b"".join(raw(bytes([each]) for each in data)).decode()


def test_bytes_that_are_no_text_are_spelt_out():
    assert b"a\\xff\\u009b" == b"".join(raw([b"a\xff\xc2\x9b"]))
    assert b"\\xc2" == b"".join(raw([b"\xc2"]))


def test_a_note_folds_at_its_words_on_a_terminal(monkeypatch):
    said = []
    monkeypatch.setattr("dragoman.cli.console.say", said.append)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "20")
    Settings().note("notes are folded, and no word is cut")
    assert ["notes are folded,\nand no word is cut"] == said
