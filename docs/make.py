"""Make what in the documentation can be made: `python docs/make.py`.

docs/ontology.md and docs/model.svg come from the ontology; the consoles of README and of
docs/stores.md show what their commands print in a terminal of 100 columns. The picture needs
Graphviz (`dot`); without it the rest is made. `--check` writes nothing and exits 1 where a page is
stale.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rdflib import OWL, RDF, RDFS, SKOS, Graph, Namespace, URIRef
from rdflib.collection import Collection

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
DIP = Namespace("https://w3id.org/dragoman/ontology/")
PAGE, PICTURE = ROOT / "docs" / "ontology.md", ROOT / "docs" / "model.svg"
README, STORES = ROOT / "README.md", ROOT / "docs" / "stores.md"
# Where Oxigraph's server answers unless it is told otherwise.
ADDRESS = "http://localhost:7878"
COLUMNS = 100
# What the picture is about; the rest of the terms hangs on these.
SPINE = [
    "Subject",
    "Account",
    "Part",
    "Passage",
    "Source",
    "Name",
    "Delegation",
    "Participation",
    "Slot",
    "Person",
    "Post",
]
SPINE += [
    "Tenure",
    "Institution",
    "Mechanism",
    "Organization",
    "Event",
    "Meeting",
    "Utterance",
    "Agreement",
    "Topic",
]


def read() -> Graph:
    """Return the ontology and its controlled lists."""
    graph = Graph()
    for name in ("dragoman", "record", "vocabularies"):
        graph.parse(ROOT / "ontology" / f"{name}.ttl")
    return graph


def english(graph: Graph, term: URIRef, kind: URIRef) -> str:
    """Return the English text of one kind, or an empty text."""
    texts = (str(text) for text in graph.objects(term, kind) if text.language == "en")
    return next(iter(sorted(texts)), "")


def classes_of(graph: Graph, term: URIRef, kind: URIRef) -> list[URIRef]:
    """Return the classes of a domain or range, with unions taken apart."""
    found: list[URIRef] = []
    for each in graph.objects(term, kind):
        union = graph.value(each, OWL.unionOf)
        found += Collection(graph, union) if union else [each]
    return sorted(set(found))


def name(graph: Graph, term: URIRef) -> str:
    """Return a term as a prefixed name."""
    return graph.namespace_manager.normalizeUri(term)


def terms(graph: Graph, *kinds: URIRef) -> list[URIRef]:
    """Return the terms of ours of these kinds, sorted."""
    found = {term for kind in kinds for term in graph.subjects(RDF.type, kind)}
    return sorted(term for term in found if isinstance(term, URIRef) and term in DIP)


def page(graph: Graph) -> str:
    """Return the reference of all terms as Markdown."""
    classes = terms(graph, OWL.Class)
    properties = terms(graph, OWL.ObjectProperty, OWL.DatatypeProperty)
    concepts = {
        cls: sorted(s for s in graph.subjects(RDF.type, cls) if (s, SKOS.prefLabel, None) in graph)
        for cls in classes
    }
    version = next(graph.objects(predicate=OWL.versionInfo))
    values = sum(map(len, concepts.values()))
    lines = [
        "# The ontology, term by term",
        "",
        f"Version {version}. Made from `ontology/` by `python docs/make.py`; change it there.",
        f"{len(classes)} classes, {len(properties)} properties, {values} controlled values.",
        "The terms of the record stand last: rules in `shapes/rules/` write them, not files.",
    ]
    written = set(graph.subjects(DIP.derived))
    parts = (
        ("Classes", [each for each in classes if each not in written]),
        ("Properties", [each for each in properties if each not in written]),
        ("The record", [each for each in (*classes, *properties) if each in written]),
    )
    for title, chosen in parts:
        lines += ["", f"## {title}"]
        for term in chosen:
            lines += ["", f"### {name(graph, term)}", "", english(graph, term, SKOS.definition)]
            if note := english(graph, term, SKOS.scopeNote):
                lines += ["", note]
            if example := english(graph, term, SKOS.example):
                lines += ["", f"*Example:* {example}"]
            facts = {
                "Labels": [f"{t} ({t.language})" for t in sorted(graph.objects(term, RDFS.label))],
                "A kind of": [
                    name(graph, parent)
                    for predicate in (RDFS.subClassOf, RDFS.subPropertyOf)
                    for parent in sorted(graph.objects(term, predicate))
                    if isinstance(parent, URIRef)
                ],
                "From": [name(graph, cls) for cls in classes_of(graph, term, RDFS.domain)],
                "To": [name(graph, cls) for cls in classes_of(graph, term, RDFS.range)],
                "Values": [name(graph, each) for each in concepts.get(term, [])],
            }
            lines += ["", *(f"- {key}: {', '.join(each)}" for key, each in facts.items() if each)]
    return "\n".join(lines) + "\n"


def picture(graph: Graph) -> str:
    """Return the model in Graphviz's language: the main classes and how they hang together."""
    shown = {DIP[each] for each in SPINE}
    values: dict[URIRef, list[str]] = {cls: [] for cls in shown}
    edges: dict[tuple[URIRef, URIRef], list[str]] = {}
    derived = {*graph.subjects(OWL.propertyChainAxiom), *graph.subjects(DIP.derived)}
    for term in terms(graph, OWL.ObjectProperty, OWL.DatatypeProperty):
        label = english(graph, term, RDFS.label)
        to = [cls for cls in classes_of(graph, term, RDFS.range) if cls in shown]
        for start in classes_of(graph, term, RDFS.domain):
            if start not in shown or term in derived:
                continue
            for end in to:
                edges.setdefault((start, end), []).append(label)
            if not to:
                values[start].append(label)
    lines = [
        "digraph model {",
        '  graph [rankdir=LR, nodesep=0.35, ranksep=0.9, fontname="Helvetica"];',
        '  node [shape=plain, fontname="Helvetica", fontsize=11];',
        '  edge [fontname="Helvetica", fontsize=9, color="#555555", fontcolor="#333333"];',
    ]
    for cls in sorted(shown):
        key = cls.removeprefix(DIP)
        rows, line = [], ""
        for label in sorted(values[cls]):
            if len(line) + len(label) > 44:
                rows, line = [*rows, line], ""
            line += f", {label}" if line else label
        body = "<br/>".join(filter(None, [*rows, line]))
        below = f'<tr><td><font point-size="9">{body}</font></td></tr>' if body else ""
        fill = {"Account": "#ffe8b3", "Part": "#ffe8b3", "Subject": "#cfe8ff"}.get(key, "#f4f4f4")
        lines.append(
            f'  {key} [label=<<table border="0" cellborder="1" cellspacing="0" cellpadding="5">'
            f'<tr><td bgcolor="{fill}"><b>{english(graph, cls, RDFS.label)}</b></td></tr>'
            f"{below}</table>>];"
        )
        lines += [
            f"  {key} -> {parent.removeprefix(DIP)} [arrowhead=empty, style=dashed];"
            for parent in sorted(graph.objects(cls, RDFS.subClassOf))
            if parent in shown
        ]
    for (start, end), labels in sorted(edges.items()):
        text = "\\n".join(sorted(labels))
        lines.append(f'  {start.removeprefix(DIP)} -> {end.removeprefix(DIP)} [label="{text}"];')
    return "\n".join([*lines, "}"]) + "\n"


def screen(command: str) -> str:
    """Return what a command prints in a terminal; set-up before `&&` is not run again."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with subprocess.Popen(  # noqa: S603  README's own commands
        ["/bin/sh", "-c", command.rpartition("&& ")[2]],
        cwd=ROOT,
        env={**os.environ, "PATH": path, "NO_COLOR": "1", "TERM": "xterm", "COLUMNS": str(COLUMNS)},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ):
        os.close(theirs)
        printed = b""
        try:
            while part := os.read(ours, 65536):
                printed += part
        except OSError:  # the terminal has gone with its last process
            pass
    os.close(ours)
    # What tells of long work wipes its line when it is done, and a bar shows the cursor again.
    text = re.sub(r"\r[^\r\n]*\(Ctrl-C ends it\)", "", printed.decode()).replace("\r", "")
    text = re.sub(r".*━.*\n|\x1b\[[?0-9]*[A-Za-z]", "", text)
    lines = text.split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def consoles(text: str) -> str:
    """Return a page with each console showing what its commands print now.

    Where one names Oxigraph's address, an empty server is started for the page.
    """
    with ExitStack() as stack:
        address = stack.enter_context(server()) if ADDRESS in text else ADDRESS

        def console(found: re.Match[str]) -> str:
            commands = re.findall(r"^\$ (.*)$", found[1], re.MULTILINE)
            shown = "\n\n".join(f"$ {command}\n{screen(command)}" for command in commands)
            return f"```console\n{shown}\n```"

        text = text.replace(ADDRESS, address)
        text = re.sub(r"```console\n(.*?)```", console, text, flags=re.DOTALL)
        return text.replace(address, ADDRESS)


def free_port() -> int:
    """Return a port of four digits, as the pages name one, so that columns stay as wide."""
    for port in range(7900, 9999):
        with socket.socket() as free, suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port
    raise SystemExit("No port is free.")


@contextmanager
def server() -> Iterator[str]:
    """Run an empty Oxigraph server, and give its address."""
    program = shutil.which("oxigraph", path=str(Path(sys.executable).parent))
    if program is None:
        raise SystemExit("Oxigraph's server is not installed: pip install '.[test]'")
    port = free_port()
    place = f"127.0.0.1:{port}"
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(  # noqa: S603  the program found beside Python
            [program, "serve", "--location", folder, "--bind", place],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process,
    ):
        try:
            for _ in range(200):
                with socket.socket() as knock:
                    if knock.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield f"http://localhost:{port}"
        finally:
            process.terminate()


def main() -> int:
    """Make the pages and the picture, or check the pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if stale")
    graph = read()
    made = {PAGE: page(graph)}
    made |= {path: consoles(path.read_text(encoding="utf-8")) for path in (README, STORES)}
    if parser.parse_args().check:
        stale = [path for path, text in made.items() if path.read_text(encoding="utf-8") != text]
        for path in stale:
            sys.stderr.write(f"{path.name} is stale. Run: python docs/make.py\n")
        return int(bool(stale))
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")
    dot = shutil.which("dot")
    if not dot:
        sys.stderr.write("Graphviz (dot) is not installed: the picture stays as it is.\n")
        return 0
    drawn = subprocess.run(  # noqa: S603  the program found on the path, our own text
        [dot, "-Tsvg"], input=picture(graph), capture_output=True, text=True, check=True
    )
    PICTURE.write_text(drawn.stdout, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
