"""What goes wrong in a push, by chance: it is found out, said, and mended by a second push.

Each trial makes a small random base and a simulated store of a random kind, which may hold an older
state; lets one thing go wrong while `dragoman push` runs; and compares what the push said with what
the store really holds. Where nothing goes wrong any more, a second push must end lossless. The base
must be what it was, and the secret nowhere.

Run as a script it prints one line of JSON: how many trials there were of each fault, and how the
first push of them ended (0 it is there, 1 the store differs, 2 it could not be done).
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import random
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

import wire
from small_base import ONTOLOGY
from wire import Fault, Wire

if TYPE_CHECKING:
    from collections.abc import Callable

VARIABLE = "DRAGOMAN_STORE_SECRET"
SOURCE = "https://w3id.org/dragoman/id/source/"
# Kinds whose default graph is told to hold the merge of all graphs, for it shows nothing else.
MERGED = frozenset({"fuseki", "stardog"})
ATTEMPTS = 20
FOREIGN = "https://example.org/somebody-else"
XSD = "http://www.w3.org/2001/XMLSchema#"
LITERALS = (
    '"plain"',
    '""',
    '"Ömer\\u2019s \\"word\\"\\nand the next line\\t\\\\"',
    '"日本語"@ja',
    '"Gül"@tr',
    '"colour"@en-GB',
    f'"1923-10-29"^^<{XSD}date>',
    f'"007"^^<{XSD}integer>',
    f'"1.50"^^<{XSD}decimal>',
    f'"1E3"^^<{XSD}double>',
    f'"P3D"^^<{XSD}duration>',
    f'"true"^^<{XSD}boolean>',
    f'"{"long " * 300}"',
)

# How each fault is made; a random number chooses where it strikes.
FAULTS: dict[str, Callable[[random.Random], Fault]] = {
    "a quad is lost as it is stored": lambda r: Fault("drop", "write", r.randint(1, 4)),
    "a literal is altered as it is stored": lambda r: Fault("alter", "write", r.randint(1, 4)),
    "a quad is lost in an answer": lambda r: Fault("drop", "read", r.randint(1, 12)),
    "a literal is altered in an answer": lambda r: Fault("alter", "read", r.randint(1, 12)),
    "answers lack a quad for ever": lambda r: Fault("drop", "read", r.randint(1, 12), times=0),
    "half an answer": lambda r: Fault("half", "read", r.randint(1, 12)),
    "half of an answer's lines": lambda r: Fault("lines", "read", r.randint(1, 12)),
    "half of every answer's lines": lambda r: Fault("lines", "read", r.randint(1, 12), times=0),
    "an answer is cut off": lambda r: Fault("cut", "read", r.randint(1, 12)),
    "all answers are cut off": lambda r: Fault("cut", "read", r.randint(1, 12), times=0),
    "the connection closes before": lambda r: Fault("close", "any", r.randint(1, 15)),
    "the connection closes for ever": lambda r: Fault("close", "any", r.randint(1, 15), times=0),
    "the connection closes after": lambda r: Fault("lost", "any", r.randint(1, 15)),
    "an upload is cut off": lambda r: Fault("cut-upload", "write", r.randint(1, 4)),
    "all uploads are cut off": lambda r: Fault("cut-upload", "write", r.randint(1, 4), times=0),
    "half an upload is stored": lambda r: Fault("half-upload", "write", r.randint(1, 4)),
    "half of all uploads is stored": lambda _: Fault("half-upload", "write", times=0),
    "an error": lambda r: Fault("status", "any", r.randint(1, 15), status=500),
    "not now": lambda r: Fault("status", "any", r.randint(1, 15), status=503, retry_after="0"),
    "too many requests": lambda r: Fault(
        "status", "any", r.randint(1, 15), status=429, retry_after="0"
    ),
    "read-only": lambda r: Fault("status", "write", r.randint(1, 3), times=0, status=403),
    "a quota": lambda r: Fault(
        "status", "write", r.randint(1, 4), times=0, status=r.choice([413, 507])
    ),
    "a page instead of an answer": lambda r: Fault("html", "any", r.randint(1, 15)),
    "pages instead of answers": lambda r: Fault("html", "any", r.randint(1, 15), times=0),
    "sent to another host": lambda r: Fault(
        "redirect", "any", r.randint(1, 15), target="http://127.0.0.1:9/else"
    ),
    "the store is killed": lambda r: Fault("kill", "any", r.randint(1, 15)),
    "answers end at some rows": lambda r: Fault("rows", "read", times=0, status=r.randint(1, 9)),
}


@dataclass
class Trial:
    """What one trial was, and how its first push ended."""

    fault: str
    kind: str
    code: int
    happened: bool


class Undetected(Exception):  # noqa: N818  it is what the trials look for
    """A push said what is not so, or broke what it must keep."""


def main() -> None:
    options = argparse.ArgumentParser(description="Seeded trials of pushes that go wrong.")
    options.add_argument("--trials", type=int, default=100)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--first", type=int, default=0, help="the number of the first trial")
    options.add_argument("--fault", choices=FAULTS, help="this fault only")
    options.add_argument("--kind", choices=wire.KINDS, help="this kind of store only")
    told = options.parse_args()
    numbers = range(told.first, told.first + told.trials)
    done = [one(told.seed, number, told.fault, told.kind) for number in numbers]
    endings: dict[str, Counter[str]] = {}
    for trial in done:
        endings.setdefault(trial.fault, Counter())[str(trial.code)] += 1
    struck = sum(trial.happened for trial in done)
    report = {
        "seed": told.seed,
        "trials": len(done),
        "faults that struck": struck,
        "detected or completed": len(done),
        "kinds": dict(sorted(Counter(trial.kind for trial in done).items())),
        "endings": {name: dict(sorted(each.items())) for name, each in sorted(endings.items())},
    }
    sys.stdout.write(json.dumps(report) + "\n")


def one(seed: int, number: int, fault: str | None = None, kind: str | None = None) -> Trial:
    """Do one trial; where its fault strikes too late to strike at all, with another base.

    Raises:
        Undetected: The push said what is not so, or broke what it must keep.
    """
    fault = fault or list(FAULTS)[number % len(FAULTS)]
    for attempt in range(ATTEMPTS):
        chance = random.Random(f"{seed} {number} {attempt}")  # noqa: S311  not for secrets
        a_kind = kind or chance.choice(list(wire.KINDS))
        where = f"trial {number} of seed {seed} ({fault}; {a_kind})"
        folder = Path(tempfile.mkdtemp(prefix="dragoman-trial-"))
        try:
            with wire.serving(a_kind, seed=chance.randrange(2**32)) as server:
                trial = _Trial(folder, server, chance, fault, where).run()
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if trial.happened:
            break
    return trial


class _Trial:
    def __init__(self, folder: Path, server: Wire, chance: random.Random, fault: str, where: str):
        self.folder, self.server, self.chance = folder, server, chance
        self.name, self.where = fault, where
        self.base = folder / "base"
        self.append = chance.random() < 0.15

    def run(self) -> Trial:
        self.write_base()
        self.fill_store()
        hashes = self.hashes()
        wanted = self.wanted()
        fault = FAULTS[self.name](self.chance)
        if fault.what == "rows":
            self.server.max_rows = fault.status
            self.server.says_cap = self.chance.random() < 0.5
        else:
            self.server.faults = [fault]
        mode = "--append" if self.append else "--replace"
        code, output = self.push(mode)
        self.judge(code, output, wanted)
        self.server.stop()
        self.server.faults, self.server.max_rows = [], 0
        self.server.start()
        if self.append and code == 1:
            # what a store has altered is as good as its own: only replacing takes it away
            self.append, mode = False, "--replace"
            wanted = self.wanted()
        code_after, output_after = self.push(mode)
        if code_after != 0:
            self.fail("the second push does not end well", output, output_after)
        self.compare(wanted, output_after)
        if hashes != self.hashes():
            self.fail("the base is not what it was", output)
        struck = bool(fault.happened or self.server.capped)
        return Trial(self.name, self.server.kind, code, struck)

    # -------------------------------------------------------------- before

    def write_base(self) -> None:
        for name, text in (
            ("ontology/dragoman.ttl", ONTOLOGY),
            ("ontology/prefixes.ttl", ONTOLOGY.split("dip:Person", maxsplit=1)[0]),
            ("shapes/none.ttl", "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"),
            ("queries/none.rq", "#+ summary: None\nASK {}\n"),
        ):
            self.file(name, text)
        for number in range(self.chance.randint(1, 3)):
            self.file(f"data/source-{number}.ttl", self.content())
        self.file("../config/dragoman/stores.toml", self.server.profile("there", VARIABLE))

    def file(self, name: str, text: str) -> None:
        path = self.base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def content(self) -> str:
        """Return random triples; some stand in other files too, and some have blank nodes."""
        lines = []
        for _ in range(self.chance.randint(1, 30)):
            subject = f"<https://example.org/s{self.chance.randint(1, 9)}>"
            predicate = f"<https://example.org/p{self.chance.randint(1, 4)}>"
            target = f"<https://example.org/s{self.chance.randint(1, 9)}>"
            lines.append(f"{subject} {predicate} {self.chance.choice([*LITERALS, target])} .")
        # blank nodes that are added twice are two, so an addition cannot be made anew
        if self.chance.random() < 0.2 and not self.append:
            lines += [
                f"<https://example.org/s1> <https://example.org/p1> _:b{n} .\n_:b{n} "
                f'<https://example.org/p2> "{n}" , _:b{n + 1} .'
                for n in range(self.chance.randint(1, 3))
            ]
        return "\n".join(lines) + "\n"

    def fill_store(self) -> None:
        """Let the store hold nothing, or an older state, or something of somebody else."""
        if self.chance.random() < 0.5:
            add(self.server, FOREIGN, '<urn:a> <urn:b> "theirs" .')
        for path in sorted(self.base.glob("data/*.ttl")):
            if self.chance.random() < 0.5:
                add(self.server, SOURCE + path.stem, self.content())

    # -------------------------------------------------------------- truth

    def wanted(self) -> dict[str, str]:
        """Return the hash that each graph of the store is to have in the end."""
        graphs = {name: self.server.triples(name) for name in self.server.graph_names()}
        for path in self.base.glob("*/*.ttl"):
            if path.parent.name == "shapes":
                continue
            is_data = path.parent.name == "data"
            start = SOURCE if is_data else f"https://w3id.org/dragoman/{path.parent.name}/"
            sent = {quad.triple for quad in ox.parse(path=path)}
            old = graphs.get(start + path.stem, set()) if self.append else set()
            graphs[start + path.stem] = sent | old
        return {name: digest(triples) for name, triples in graphs.items()}

    def compare(self, wanted: dict[str, str], output: str) -> None:
        """See that the store holds what is wanted, and nothing else."""
        found = {
            name: digest(self.server.triples(name), there=True)
            for name in self.server.graph_names()
            if name != self.server.rules.into
        }
        if found != wanted:
            odd = sorted(name for name in {*found, *wanted} if found.get(name) != wanted.get(name))
            self.fail(f"success was told, and these graphs are not so: {odd}", output)
        if self.server.kind in MERGED:
            everything = {quad.triple for quad in self.server.quads()}
            merge = self.server.store.quads_for_pattern(None, None, None, ox.DefaultGraph())
            if digest({quad.triple for quad in merge}) != digest(everything):
                self.fail("success was told, and the default graph is not the merge", output)

    def hashes(self) -> dict[str, str]:
        """Return the hash of each file of the base outside of its cache."""
        return {
            str(path.relative_to(self.base)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.base.rglob("*"))
            if path.is_file() and not path.relative_to(self.base).parts[0].startswith(".")
        }

    # -------------------------------------------------------------- the push

    def push(self, mode: str) -> tuple[int, str]:
        """Run the command as a user does, in this process; return its code and all it said."""
        from click.testing import CliRunner

        from dragoman.cli import cli

        known = {
            VARIABLE: self.server.secret,
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
        }
        arguments = ["--base", str(self.base), "push", "there", mode]
        result = CliRunner(env=known).invoke(cli, arguments)
        output = f"{result.stdout}{result.stderr}"
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise Undetected(f"{self.where}: a bug: {result.exception!r}") from result.exception
        return result.exit_code, output

    def judge(self, code: int, output: str, wanted: dict[str, str]) -> None:
        """See that what the first push said is so."""
        if code == 0:
            self.compare(wanted, output)
        elif code == 1:
            if "DIFFERENT" not in output:
                self.fail("it does not say what differs", output)
        elif code == 2:
            errors = [line for line in output.splitlines() if line.startswith("Error:")]
            if len(errors) != 1 or "there" not in errors[0]:
                self.fail("it does not say in one line what failed, and where", output)
        else:
            self.fail(f"it ended with {code}", output)
        kept = [path for path in self.folder.rglob("*") if path.is_file()]
        files = b"".join(path.read_bytes() for path in kept)
        if self.server.secret in output or self.server.secret.encode() in files:
            self.fail("the secret is told", output)

    def fail(self, problem: str, *outputs: str) -> None:
        raise Undetected("\n".join((f"{self.where}: {problem}", *outputs)))


def add(server: Wire, graph: str, text: str) -> None:
    """Put triples into a graph of a store, behind its back."""
    for quad in ox.parse(text, format=ox.RdfFormat.TURTLE):
        server.store.add(ox.Quad(*quad.triple, ox.NamedNode(graph)))


SKOLEM = "/.well-known/genid/"


def digest(triples: set[ox.Triple], *, there: bool = False) -> str:
    """Return a hash of a graph that is the same whatever its blank nodes are called.

    Args:
        triples: The graph.
        there: Whether a store has it, where IRIs may stand for blank nodes.
    """
    respelled = ox.Store()  # the simulated stores write numbers as pyoxigraph does: "007" as "7"
    respelled.extend(ox.Quad(*triple) for triple in triples)
    dataset = ox.Dataset()
    for quad in respelled:
        subject, target = (blank(t) if there else t for t in (quad.subject, quad.object))
        dataset.add(ox.Quad(subject, quad.predicate, target))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return hashlib.sha256("\n".join(sorted(str(quad) for quad in dataset)).encode()).hexdigest()


def blank(term):
    """Return the blank node that an IRI stands for, or the term."""
    if isinstance(term, ox.NamedNode) and SKOLEM in term.value:
        return ox.BlankNode("n" + hashlib.sha256(term.value.encode()).hexdigest())
    return term


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
