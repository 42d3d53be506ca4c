"""A small base that tests may ask, and running the command on it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

import graph_stores

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Triple

ROOT = Path(__file__).resolve().parents[1]
SHARED = (Path(__file__).resolve().parents[2] / "shared").resolve()


def rounds(few: int) -> int:
    """Return how many random cases to try: a few, or so many times as many (DRAGOMAN_ROUNDS)."""
    return few * int(os.environ.get("DRAGOMAN_ROUNDS", "1"))


# Under nohup, or in the background of a script, SIGINT is ignored, by all that tests start, too.
INTERRUPT_IGNORED = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
if INTERRUPT_IGNORED:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header() -> list[str]:
    said = (
        "SIGINT is ignored here (nohup, or a job in the background): it is set back for the tests"
    )
    return [said] if INTERRUPT_IGNORED else []


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """Keep what the command keeps for a user apart from what whoever runs the tests has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("configuration")))
        yield


def with_stores(base: Path, profiles: str) -> None:
    """Write the profiles of stores that a base brings, and trust them as they are."""
    from dragoman.base import find_base
    from dragoman.remote import consent, profiles_of

    (base / "stores.toml").write_text(profiles, encoding="utf-8")
    found = profiles_of(find_base(base))
    for name in found.tables:
        consent.give(find_base(base), found.profile(name))


@contextlib.contextmanager
def running(store, folder: Path):
    """Run a real graph store; where it is not installed, skip, or fail where it is required."""
    try:
        with store(folder) as server:
            yield server
    except graph_stores.NotInstalledError as error:
        if os.environ.get(graph_stores.REQUIRED):
            pytest.fail(f"{graph_stores.REQUIRED} is set, yet: {error}")
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def _oxigraph(tmp_path_factory):
    with running(graph_stores.oxigraph, tmp_path_factory.mktemp("oxigraph")) as server:
        yield server


@pytest.fixture(scope="session")
def _virtuoso(tmp_path_factory):
    with running(graph_stores.virtuoso, tmp_path_factory.mktemp("virtuoso")) as server:
        yield server


@pytest.fixture(scope="module")
def oxigraph_server(_oxigraph):
    """A running Oxigraph server, empty when the first test of a module asks for it."""
    _oxigraph.clear()
    return _oxigraph


@pytest.fixture(scope="module")
def virtuoso_server(_virtuoso):
    """A running Virtuoso, without graphs of others when the first test of a module asks for it."""
    _virtuoso.clear()
    return _virtuoso


PREFIXES = """\
@prefix dip: <https://w3id.org/dragoman/ontology/> .
@prefix person: <https://w3id.org/dragoman/id/person/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix skosxl: <http://www.w3.org/2008/05/skos-xl#> .
@prefix state: <https://w3id.org/dragoman/id/state/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

FILES = {
    "ontology/prefixes.ttl": """
<https://w3id.org/dragoman/ontology> sh:declare
    [ sh:prefix "dip" ; sh:namespace "https://w3id.org/dragoman/ontology/"^^xsd:anyURI ] ,
    [ sh:prefix "skos" ; sh:namespace "http://www.w3.org/2004/02/skos/core#"^^xsd:anyURI ] ,
    [ sh:prefix "state" ; sh:namespace "https://w3id.org/dragoman/id/state/"^^xsd:anyURI ] ,
    [ sh:prefix "xsd" ; sh:namespace "http://www.w3.org/2001/XMLSchema#"^^xsd:anyURI ] .
""",
    "ontology/small.ttl": """
dip:Agent a owl:Class ; rdfs:label "agent"@en .
dip:State a owl:Class ; rdfs:subClassOf dip:Agent .
dip:Person a owl:Class .
dip:alpha3Code a owl:DatatypeProperty .
dip:nameOf a owl:ObjectProperty .
dip:founded a owl:DatatypeProperty .
""",
    "shapes/small.ttl": "dip:S a sh:NodeShape .\n",
    "data/reference/states.ttl": """
state:HUN a dip:State ; skos:prefLabel "Hungary"@en , "Magyarország"@hu ; dip:alpha3Code "HUN" .
state:GEO a dip:State ; skos:prefLabel "Georgia"@en ; dip:alpha3Code "GEO" .
state:SGS a dip:State ; skos:prefLabel "South Georgia"@en ; skos:altLabel "Georgia"@en .
state:TUR
    a dip:State ;
    skos:prefLabel "Türkiye"@en ;
    dip:alpha3Code "TUR" ;
    dip:founded "1923-10-29"^^xsd:date ;
    .
""",
    "data/articles/people.ttl": """
person:fidan a dip:Person ; skos:prefLabel "Hakan Fidan"@tr .
<https://w3id.org/dragoman/id/name/1> dip:nameOf person:fidan ; skosxl:literalForm "Fıdan, H."@tr .
""",
    "queries/names.rq": """\
#+ summary: Names of a state
#+ description: How is a given state called, and in which language?
#+ tags: [states, names]
#+ params:
#+   - {name: state, type: dip:State, description: The state}

PREFIX dip:   <https://w3id.org/dragoman/ontology/>
PREFIX skos:  <http://www.w3.org/2004/02/skos/core#>
PREFIX state: <https://w3id.org/dragoman/id/state/>

SELECT ?state ?label
WHERE {
    VALUES ?state { state:TUR } # not this: VALUES ?state { state:HUN }
    ?state a dip:State ; skos:prefLabel ?label .
}
ORDER BY ?state ?label
""",
    "queries/founded.rq": """\
#+ summary: States founded by a day
#+ description: Which states were founded on or before a day?
#+ tags: [time]
#+ params:
#+   - {name: day, type: xsd:date, description: The last day that counts}

PREFIX dip: <https://w3id.org/dragoman/ontology/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

SELECT ?state ?founded
WHERE {
    VALUES ?day { "2000-01-01"^^xsd:date }
    ?state dip:founded ?founded .
    FILTER (?founded <= ?day)
}
ORDER BY ?state
""",
}


def with_record(facts: Iterable[Triple]) -> tuple[Triple, ...]:
    """Return facts, the ontology among them, with what the checkout's rules derive from them."""
    from dragoman import record, vocabulary
    from dragoman.base import Base

    facts = tuple(facts)
    store = Store()
    store.bulk_extend(Quad(*triple, DefaultGraph()) for triple in facts)
    record.derived(store, record.read(Base(ROOT, "it is under test")))
    graph = NamedNode(vocabulary.RECORD_GRAPH)
    derived = (quad.triple for quad in store.quads_for_pattern(None, None, None, graph))
    # The facts themselves as they came: a store spells some literals anew.
    return (*facts, *derived)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder that is a small base."""
    for name, text in FILES.items():
        path = tmp_path / "base" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        start = PREFIXES if name.endswith(".ttl") else ""
        path.write_text(start + text, encoding="utf-8")
    return tmp_path / "base"


@pytest.fixture
def dragoman(root: Path):
    """Run the command on the small base, as a process of its own."""

    def run(*arguments: str, stdin: bytes = b"", timeout: float = 600, **environment: str):
        return subprocess.run(
            [sys.executable, "-m", "dragoman", "--base", str(root), *arguments],
            input=stdin,
            capture_output=True,
            timeout=timeout,
            check=False,
            env={
                "PATH": "/usr/bin:/bin",
                "PYTHONUTF8": "1",
                "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"],
                "XDG_CONFIG_HOME": os.environ["XDG_CONFIG_HOME"],
                **environment,
            },
        )

    return run


def run(base: Path, *arguments: str, stdin: str = "") -> tuple[int, str, str]:
    """Run the command in this process; return its code, its result and its messages."""
    from click.testing import CliRunner

    from dragoman.cli import cli

    result = CliRunner().invoke(cli, ["--base", str(base), *arguments], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def copy_of_the_base(folder: Path) -> Path:
    """Copy the checkout's base into a folder, where it may be changed."""
    for name in ("ontology", "shapes", "data", "queries"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def on_a_terminal(*arguments: str, cwd: Path | None = None, **environment: str) -> str:
    """Run the command with a terminal as output, and return what it was sent."""
    pty = pytest.importorskip("pty", reason="terminals of this kind are Unix's")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "dragoman", *arguments],
        stdout=theirs,
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "TERM": "xterm", **environment},
    ) as process:
        os.close(theirs)
        sent = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # so Linux says that the other end is closed
                break
            if not part:
                break
            sent += part
        assert process.wait(60) in {0, 1}
    os.close(ours)
    return sent.decode().replace("\r\n", "\n")


def leave_early(*arguments: str, after: int = 0) -> tuple[bytes, int]:
    """Run the command for a reader who goes after some bytes; return its complaints and code."""
    command = [sys.executable, "-m", "dragoman", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.read(after)
        process.stdout.close()
        return process.stderr.read(), process.wait(30)


def command_in(folder: Path, *before: str, **environment: str):
    """Return what runs the command in a folder, with arguments before those it is given.

    It gives the texts of the two streams, where the command ended as it was to.
    """

    def run(*arguments: str, ended: int = 0, stdin: str = "", **told: str) -> tuple[str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "dragoman", *before, *arguments],
            input=stdin.encode(),
            capture_output=True,
            timeout=600,
            check=False,
            cwd=folder,
            env={**os.environ, "PYTHONUTF8": "1", **environment, **told},
        )
        assert ended == done.returncode, done.stderr.decode()
        return done.stdout.decode(), done.stderr.decode()

    return run
