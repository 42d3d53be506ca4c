"""A base states its edition of the model; one of the first is brought over whole or not at all."""

from __future__ import annotations

import gzip
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import dragoman
from conftest import run
from dragoman import base as bases
from dragoman.errors import BaseContentError

DIP = "https://w3id.org/dragoman/ontology/"
PROV = "http://www.w3.org/ns/prov#"
HELD = f"<{DIP}textHeld>"
SOURCES = "https://w3id.org/dragoman/id/source/"
TRUE = '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'
SHA = "5088340c4961e1f86a8ab37671a0d0ba64dfe5e690158883a28414605ba6b08c"
# As the first edition had it, comments and all.
NOTE = f"""\
# What a paper told.
@prefix dip: <{DIP}> .
@prefix my: <{SOURCES}my-note/> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix source: <{SOURCES}> .
@prefix state: <https://w3id.org/dragoman/id/state/> .
@prefix status: <https://w3id.org/dragoman/id/status/> .

source:my-note a dip:Source ;   # read on Monday
    dip:sha256 "{SHA}" ; dip:textLength 100 .
my:paper a dip:Organization ; skos:prefLabel "A paper"@en .
my:passage a dip:Passage ; oa:hasSource source:my-note ; oa:hasSelector my:position .
my:position a oa:TextPositionSelector ; oa:start 0 ; oa:end 9 .
my:account a dip:Account ; dip:about state:FRA ; dip:source source:my-note ;
    prov:wasAttributedTo my:paper ; dip:passage my:passage ; dip:status status:in-force .
"""
# Of a text that nobody had, let in with a reason, by a machine.
LOOSE = "".join(
    f"{each} .\n"
    for each in (
        f"<{SOURCES}my-loose> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{DIP}Source>",
        f"<{SOURCES}my-loose/a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{DIP}Account>",
        f"<{SOURCES}my-loose/a> <{DIP}about> <https://w3id.org/dragoman/id/state/FRA>",
        f"<{SOURCES}my-loose/a> <{DIP}source> <{SOURCES}my-loose>",
        f"<{SOURCES}my-loose/a> <{DIP}status> <https://w3id.org/dragoman/id/status/in-force>",
        f"<{SOURCES}my-loose/a> <{PROV}wasAttributedTo> <https://w3id.org/dragoman/id/state/FRA>",
    )
)
MARKER = "# Mine.\nformat = 1  # of the folders\n"


@pytest.fixture
def first(tmp_path):
    """Return the folder of a base of the first edition, which states none."""
    root = tmp_path / "base"
    for folder in bases.FOLDERS:
        (root / folder).mkdir(parents=True)
    (root / "data" / "my-note.ttl").write_text(NOTE, encoding="utf-8")
    (root / "data" / "my-loose.nt.gz").write_bytes(gzip.compress(LOOSE.encode(), mtime=0))
    (root / bases.MARKER).write_text(MARKER, encoding="utf-8")
    return root


def content(root):
    return {
        each.relative_to(root).as_posix(): each.read_bytes()
        for each in sorted(root.rglob("*"))
        if each.is_file() and bases.CACHE not in each.parts
    }


def test_a_base_of_the_first_edition_comes_over_and_keeps_every_word(first):
    code, out, told = run(first, "upgrade")

    assert (0, "") == (code, told.replace(NOTED, ""))
    assert "Replaced data/my-note.ttl" in out
    assert f"{MARKER}edition = 2\n" == (first / bases.MARKER).read_text(encoding="utf-8")
    text = (first / "data" / "my-note.ttl").read_text(encoding="utf-8")
    assert f"{NOTE}\nsource:my-note\n    dip:textHeld true ;\n    .\n" == text
    lines = gzip.decompress((first / "data" / "my-loose.nt.gz").read_bytes()).decode()
    assert f"{LOOSE}<{SOURCES}my-loose> {HELD} {TRUE} .\n".replace("true", "false") == lines


NOTED = "dragoman.toml states the edition: 2, in the place of 1.\n"


def test_what_was_let_pass_for_want_of_a_text_needs_no_pass_any_more(first):
    code, out, _ = run(first, "validate")
    assert (1, True) == (code, "shape:Account-evidence" in out)

    run(first, "upgrade")

    code, out, _ = run(first, "validate")
    assert (0, True) == (code, "shape:Source-notHeld" in out)


def test_a_dry_run_says_what_would_change_and_changes_nothing(first):
    before = content(first)

    code, out, told = run(first, "upgrade", "--dry-run")

    assert (0, before) == (code, content(first))
    assert "Would replace data/my-note.ttl" in out
    assert "would state the edition: 2" in told


def test_the_log_tells_of_it_and_status_and_a_second_time_find_nothing_to_do(first):
    assert "1 of the model; dragoman upgrade" in run(first, "status")[1]

    run(first, "upgrade")

    assert "Edition" not in run(first, "status")[1]
    assert '"edition": 2' in run(first, "status", "--json")[1]
    assert "edition 2 of the model" in run(first, "log")[1]
    again = content(first)
    code, _out, told = run(first, "upgrade")
    assert (0, again) == (code, content(first))
    assert "Nothing to do" in told


def test_an_upgrade_that_the_shapes_stand_against_changes_nothing(first):
    (first / "shapes" / "mine.ttl").write_text(
        f"@prefix dip: <{DIP}> .\n@prefix ex: <https://example.org/> .\n"
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        "ex:None a sh:NodeShape ; sh:targetClass dip:Source ; sh:property ex:None-held .\n"
        "ex:None-held a sh:PropertyShape ; sh:path dip:textHeld ; sh:maxCount 0 ;\n"
        '    sh:message "Say nothing of it."@en .\n',
        encoding="utf-8",
    )
    before = content(first)

    code, out, _told = run(first, "upgrade")

    assert (1, before) == (code, content(first))
    assert "Say nothing of it." in out


def test_the_packaged_base_is_not_upgraded():
    code, _out, told = run(Path(__file__).parents[1], "upgrade", "--dry-run")
    assert (0, True) == (code, "Nothing to do" in told)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="processes are killed here")
@pytest.mark.parametrize("at", ["_stage", "_place", "_record"])
def test_an_upgrade_that_was_killed_is_finished_or_never_was(first, at):
    before = content(first)
    script = (
        "import os, signal, sys\n"
        "from dragoman import additions\n"
        "from dragoman.additions import transaction\n"
        "from dragoman.base import find_base\n"
        f"done = transaction.{at}\n"
        "def kill(*told):\n"
        f"    {'done(*told)' if at == '_place' else 'pass'}\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        f"transaction.{at} = kill\n"
        "additions.upgrade(find_base(sys.argv[1]))\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, first], check=False)
    assert -signal.SIGKILL == killed.returncode

    run(first, "validate")

    if at == "_stage":
        assert content(first) == before
    assert (2 if at != "_stage" else 1) == bases.find_base(first).edition
    assert not list(first.glob(f".{bases.MARKER}*"))
    assert (at != "_stage") == (b"textHeld" in content(first)["data/my-note.ttl"])
    assert not list((first / bases.CACHE / bases.PENDING).iterdir())


def test_a_new_base_is_of_the_edition_that_we_know(first, tmp_path):
    run(first, "init", str(tmp_path / "new"))
    assert bases.EDITION == bases.find_base(tmp_path / "new").edition
    assert dragoman.open(tmp_path / "new").upgrade().notes[-1].endswith("Nothing to do.")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("edition = 3\n", "of edition 3 of the model, which this dragoman does not know"),
        ("edition = 0\n", "of edition 0 of the model"),
        ("edition = second\n", "'edition = second' states no edition. Write edition = 2"),
    ],
)
def test_a_base_of_an_edition_that_we_do_not_know_is_refused_by_name(first, line, said):
    (first / bases.MARKER).write_text(MARKER + line, encoding="utf-8")
    with pytest.raises(BaseContentError, match=said):
        bases.find_base(first)
    code, _out, told = run(first, "query")
    assert (2, True) == (code, said in told)
    assert 1 == len(told.splitlines())


def test_a_file_of_another_edition_is_refused_by_name(first, tmp_path):
    file = tmp_path / "my-later.ttl"
    file.write_text(
        f"<{SOURCES}my-later> a <{DIP}Source> ;\n"
        f"    <http://purl.org/dc/terms/conformsTo> <{DIP}3.0.0> .\n",
        encoding="utf-8",
    )
    code, out, _told = run(first, "add", str(file))
    assert (1, True) == (code, "another edition" in out)
    file.write_text(file.read_text(encoding="utf-8").replace("3.0.0", "2.0.0"), encoding="utf-8")
    assert 0 == run(first, "add", str(file))[0]
