"""The command `export` as a person meets it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import RdfFormat, parse

from conftest import leave_early
from dragoman.cli import cli
from test_hostile import cases

NAMES = "Graph names are not written; accounts still say who says so.\n"
HUN = b'<https://w3id.org/dragoman/id/state/HUN> <http://www.w3.org/2004/02/skos/core#prefLabel> "'


def refused(done, message: str) -> None:
    said = done.stderr.decode()
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in said
    assert "Traceback" not in said


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_everything_goes_to_standard_output_as_turtle(dragoman):
    done = dragoman("export")
    assert done.returncode == 0
    assert b"\nstate:HUN\n    a dip:State ;\n" in done.stdout
    count = len(list(parse(done.stdout, RdfFormat.TURTLE)))
    said = f"Turtle: {count} statements, 4 graphs, {len(done.stdout):,} bytes.\n{NAMES}"
    assert said == done.stderr.decode()
    assert dragoman("-q", "export").stderr == b""


def test_one_source_is_named_in_any_way(dragoman, root):
    expected = dragoman("export", "states", "-f", "nt").stdout
    assert HUN + b'Magyarorsz\xc3\xa1g"@hu .\n' in expected
    iri = "https://w3id.org/dragoman/id/source/states"
    for name in (iri, "data/reference/states.ttl", str(root / "data/reference/states.ttl")):
        assert expected == dragoman("export", name, "--format", "N-Triples").stdout


def test_graph_names_are_kept_where_the_format_has_them(dragoman):
    done = dragoman("export", "--only", "data", "-f", "jsonld")
    graphs = {each["@id"].rpartition("/")[2] for each in json.loads(done.stdout)}
    assert {"people", "states"} == graphs
    assert NAMES not in done.stderr.decode()


def test_the_suffix_of_the_file_tells_the_format(dragoman, tmp_path):
    for suffix, start in (
        ("ttl", b"@prefix"), ("nt", b"<"), ("nq", b"<"), ("trig", b"@prefix"), ("rdf", b"<?xml"),
        ("jsonld", b"[{"), ("csv", b"subject,"), ("graphml", b"<?xml"),
    ):  # fmt: skip
        target = tmp_path / f"all.{suffix}"
        done = dragoman("export", "-o", str(target))
        assert (done.returncode, done.stdout) == (0, b"")
        assert target.read_bytes().startswith(start)
    assert dragoman("export", "-f", "trig").stdout == (tmp_path / "all.trig").read_bytes()
    assert dragoman("export", "-f", "nq").stdout == (tmp_path / "all.nq").read_bytes()


def test_verbose_tells_the_hash_of_what_was_written(dragoman, tmp_path):
    target = tmp_path / "x.nq"
    said = dragoman("-v", "export", "-o", str(target)).stderr.decode()
    assert f"SHA-256 {hashlib.sha256(target.read_bytes()).hexdigest()}  {target}\n" in said


@pytest.mark.parametrize("arguments", [["--split", "-o", "out"], ["-o", "out/"]])
def test_a_folder_gets_a_file_for_each_graph(dragoman, tmp_path, arguments):
    arguments[-1] = f"{tmp_path}/{arguments[-1]}"
    done = dragoman("export", "-f", "nq", *arguments)
    assert (done.returncode, done.stdout) == (0, b"")
    files = sorted(path for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert ["people.nq", "states.nq", "prefixes.nq", "small.nq"] == [path.name for path in files]
    together = b"".join(path.read_bytes() for path in files if path.parent.name == "data")
    assert together == dragoman("export", "--only", "data", "-f", "nq").stdout


def test_a_property_graph_goes_into_a_folder(dragoman, tmp_path):
    done = dragoman("export", "-f", "neo4j", "-o", f"{tmp_path}/graph/")
    assert done.returncode == 0
    assert ["import.args", "nodes.csv", "relationships.csv"] == names(tmp_path / "graph")
    assert "Datatypes are not written" in done.stderr.decode()


def test_inferred_facts_are_added_when_asked_for(dragoman):
    graph = b"<https://w3id.org/dragoman/inferred>"
    agent = b"state/TUR> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
    agent += b"<https://w3id.org/dragoman/ontology/Agent> " + graph
    assert agent in dragoman("export", "--inferred", "-f", "nq").stdout
    assert graph not in dragoman("export", "-f", "nq").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-f", "turtel"], "There is no export format 'turtel'. Did you mean turtle"),
        (["statse"], "There is no source 'statse'. Did you mean states"),
        (["https://w3id.org/dragoman/id/source/stats"], "There is no source"),
        (["--only", "datta"], "There is no folder 'datta'. Did you mean data"),
        (["states", "--only", "data"], "Name sources, or whole folders with --only: not both."),
        (["--split"], "name a folder with -o DIR"),
        (["-f", "neo4j"], "name a folder with -o DIR"),
        (["-f", "neo4j", "--split", "-o", "{tmp}/x"], "it is not split"),
        (["-o", "{tmp}"], "is a folder. Name a file, or add --split"),
        (["--split", "-o", "{tmp}/file"], "is a file. Name a folder"),
        (["-o", "{tmp}/x.odt"], "x.odt: its suffix tells no format. Name one with -f."),
        (["-o", "{tmp}/no/x.ttl"], "x.ttl: it cannot be written: No such file or directory."),
        (["--split", "-o", "{tmp}/file/x"], "it cannot be written: Not a directory."),
        (["--timeout", "0"], "Invalid value for '--timeout'"),
        (["--layout", "bluk"], "There is no layout 'bluk'. Did you mean bulk"),
        (["--layout", "bulk"], "The layout bulk writes several files: name a folder with -o DIR"),
        (["--layout", "bulk", "-f", "nq", "-o", "{tmp}/x"], "leave out -f"),
        (["--layout", "bulk", "-o", "{tmp}"], "is not empty. Name a folder that is new or empty."),
        (["-f", "nq", "--parts", "2"], "N-Quads has no use for --parts."),
        (["--max-part-size", "64MB"], "Turtle has no use for --max-part-size."),
        (["--layout", "bulk", "--max-part-size", "64 apples"], "'64 apples' is no size"),
        (["--layout", "parquet", "--graph-files", "-o", "{tmp}/x"], "no use for --graph-files"),
    ],
)
def test_a_mistake_gets_a_clear_line_and_changes_nothing(dragoman, tmp_path, arguments, message):
    (tmp_path / "file").write_text("old")
    refused(dragoman("export", *(each.format(tmp=tmp_path) for each in arguments)), message)
    assert (["base", "file"], "old") == (
        names(tmp_path),
        (tmp_path / "file").read_text(),
    )


def test_what_rdf_xml_cannot_hold_is_refused_and_the_old_file_stays(dragoman, root, tmp_path):
    (root / "data" / "bell.ttl").write_text("<urn:a> <urn:b> 'ding\\u0007' .")
    target = tmp_path / "all.rdf"
    target.write_text("old")
    done = dragoman("export", "-o", str(target))
    refused(done, 'cannot hold the character U+0007, which stands in <urn:a> <urn:b> "ding')
    assert done.stderr.count(b"\n") == 1
    assert ("old", ["all.rdf", "base"]) == (target.read_text(), names(tmp_path))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("rdfxml", "<urn:z> <urn:b> 'ding\\u0007' .", "cannot hold the character U+0007"),
        ("rdfxml", "<urn:z> <urn:b/1> 1 .", "ends in no name"),
        ("jsonld", "<urn:z> <urn:b> <<( <urn:c> <urn:d> 1 )>> .", "its object is itself a triple"),
    ],
)
def test_what_a_format_cannot_hold_is_refused_before_anything_is_written(
    dragoman, root, name, text, message
):
    many = "".join(f"<urn:{n}> <urn:p> 'a long text' .\n" for n in range(9999))
    (root / "data" / "many.ttl").write_text(many + text)
    refused(dragoman("export", "-f", name), message)


def test_blank_nodes_become_iris_on_request(dragoman, root):
    (root / "data" / "blank.ttl").write_text("[] <urn:p> [ <urn:q> '_:x' ] .")
    space = "https://w3id.org/dragoman/.well-known/genid/blank"
    assert dragoman("export", "blank", "-f", "nt", "--skolemize").stdout.decode() == (
        f'<{space}/c14n0> <urn:q> "_:x" .\n<{space}/c14n1> <urn:p> <{space}/c14n0> .\n'
    )


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells memory in kilobytes")
@pytest.mark.parametrize("name", ["nq", "ttl", "jsonld", "csv"])
def test_a_large_graph_is_written_in_little_memory(root, name):
    """Of 60 MB, in no order: in memory they would be 200 and more."""
    with (root / "data" / "large.nt").open("w") as file:
        for n in range(250_000):
            file.write(f'<urn:{n * 7919 % 250_000:06}> <urn:p> "{"long " * 40}" .\n')
    script = (
        "import os, subprocess, sys\n"
        "child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
        "_, status, usage = os.wait4(child.pid, 0)\n"
        "print(status, usage.ru_maxrss // 1024)\n"
    )
    command = [sys.executable, "-m", "dragoman", "-q", "--base", str(root)]
    command += ["export", "large", "-f", name]
    done = subprocess.run(
        [sys.executable, "-c", script, *command], capture_output=True, text=True, check=True
    )
    status, memory = map(int, done.stdout.split())
    assert status == 0
    assert memory < 160


@pytest.mark.skipif(sys.platform != "linux", reason="a limit for files is asked of the system")
def test_too_little_room_for_temporary_files_is_said(root, tmp_path):
    with (root / "data" / "large.nt").open("w") as file:
        file.writelines(f'<urn:{n}> <urn:p> "{"long " * 40}" .\n' for n in range(50_000))
    script = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
        "from dragoman.cli import main; main()"
    )
    command = [sys.executable, "-c", script, "--base", str(root), "export", "large", "-f", "nt"]
    environment = {"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, check=False, env=environment)
    refused(done, f"A temporary file in {tmp_path} cannot be written: File too large. Name")
    assert ["base"] == names(tmp_path)


def test_a_full_disk_is_said_and_nothing_is_left(dragoman):
    if not Path("/dev/full").exists():
        pytest.skip("the device /dev/full is Linux's")
    done = dragoman("export", "-o", "/dev/full")
    refused(done, "/dev/full: it cannot be written: No space left on device.")


def test_a_file_that_does_not_parse_is_named_with_its_line(dragoman, root):
    (root / "data" / "broken.ttl").write_text("<urn:a> <urn:b> .\n")
    refused(dragoman("export"), "broken.ttl:1:17: ")
    assert dragoman("export", "people").returncode == 0


def test_blank_nodes_that_take_too_long_are_given_up(dragoman, root):
    clique = (f"_:{a} <urn:p> _:{b} ." for a in range(11) for b in range(11) if a != b)
    (root / "data" / "clique.ttl").write_text("\n".join(clique))
    refused(dragoman("export", "--timeout", "0.5"), "clique took longer than 0.5 s and was ended")


def test_a_closed_pipe_is_quiet(root):
    many = "".join(f'<urn:{n}> <urn:p> "a long text for the pipe" .\n' for n in range(9999))
    (root / "data" / "many.nt").write_text(many)
    assert leave_early("-q", "--base", str(root), "export", "-f", "nt", after=10) == (b"", 0)


@pytest.mark.parametrize("case", cases("graph-or-file-name"))
def test_hostile_names_open_nothing(case, dragoman):
    body = case["body"].replace("\0", "%00")  # the system itself passes no NUL to a process
    done = dragoman("export", "--", body)
    refused(done, "There is no source")
    assert done.stderr.count(b"\n") == 1


def test_help_shows_examples_and_every_format():
    shown = CliRunner().invoke(cli, ["export", "--help"]).output
    assert "dragoman export > all.ttl" in shown
    for name in ("turtle", "ntriples", "nquads", "trig", "rdfxml", "jsonld", "graphml", "neo4j"):
        assert name in shown


def test_shells_complete_the_names_of_sources(root):
    done = subprocess.run(
        [sys.executable, "-c", "from dragoman.cli import main; main()"],
        capture_output=True, text=True, check=False,
        env={"PATH": "/bin", "_DRAGOMAN_COMPLETE": "bash_complete", "COMP_CWORD": "2",
             "COMP_WORDS": "dragoman export st", "DRAGOMAN_BASE": str(root)},
    )  # fmt: skip
    assert done.stdout.split() == ["plain,states"]
