"""A folder of the bulk layout, read back: nothing in it is believed before it is proved.

The manifest names files of one pattern only, so it cannot lead out of the folder; every part has to
be the bytes that the manifest says, and every graph to have the triples and the hash it had.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import stat
import zlib
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dragoman import canonical
from dragoman.errors import DragomanError, SyntaxProblem
from dragoman.export import bulk, description
from dragoman.files import sha256_of, size_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_PART: Final = re.compile(r"part-[0-9]{5,9}\.(nq|nt)\.gz", re.ASCII)
_LONGEST_MANIFEST: Final = 256 << 20
_LONGEST_LINE: Final = 64 << 20
_LINES: Final = 4096


class PartEntry(NamedTuple):
    """A part as the manifest has it."""

    name: str
    size: int
    sha256: str
    quads: int
    graphs: tuple[str, ...]


class GraphEntry(NamedTuple):
    """A graph as the manifest has it."""

    iri: str
    name: str
    folder: str
    triples: int
    blank_nodes: int
    sha256: str


class BulkFolder(NamedTuple):
    """A folder with the manifest of the bulk layout.

    Attributes:
        path: the folder.
        parts: in their order.
        graphs: in the order of their lines.
    """

    path: Path
    parts: tuple[PartEntry, ...]
    graphs: tuple[GraphEntry, ...]


def is_one(path: Path) -> bool:
    """Return whether a path is a folder that has a manifest."""
    return (path / bulk.MANIFEST).is_file()


def opened(path: Path) -> BulkFolder:
    """Read the manifest of a folder.

    Raises:
        SyntaxProblem: there is none, or it is none of ours.
    """
    file = path / bulk.MANIFEST
    try:
        with file.open("rb") as stream:
            data = stream.read(_LONGEST_MANIFEST + 1)
    except OSError as error:
        raise SyntaxProblem(f"It cannot be read: {error.strerror or error}.", file) from error
    if len(data) > _LONGEST_MANIFEST:
        raise SyntaxProblem(f"It is longer than {_LONGEST_MANIFEST >> 20} MiB.", file)
    try:
        told = json.loads(data)
        if told["format"] != bulk.FORMAT:
            raise SyntaxProblem(
                f"It is of format {told['format']!r}; this version reads {bulk.FORMAT}.", file
            )
        parts = tuple(map(_part, told["parts"]))
        graphs = tuple(map(_graph, told["graphs"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SyntaxProblem("It is no manifest of the bulk layout, or a damaged one.", file) from (
            error
        )
    for part in parts:
        if not _PART.fullmatch(part.name):
            raise SyntaxProblem(f"It names the part {part.name!r}, which cannot be one.", file)
    for names in ([part.name for part in parts], [graph.iri for graph in graphs]):
        if len(set(names)) < len(names):
            raise SyntaxProblem("It names a part or a graph twice.", file)
    return BulkFolder(path, parts, graphs)


def problems(folder: BulkFolder) -> Iterator[str]:
    """Yield, a line for each, what is not as the manifest says; nothing where all is.

    Memory does not grow with the folder, but where a graph has blank nodes.
    """
    known = {graph.iri: graph for graph in folder.graphs}
    sound = True
    for problem in _file_problems(folder):
        sound = False
        yield problem
    if not sound:
        return
    missing = {graph.iri for graph in folder.graphs if graph.triples}
    try:
        for iri, blocks in contents(folder):
            if iri not in missing:
                why = "twice, apart" if iri in known else "and the manifest does not have it"
                yield f"The graph {iri} stands there {why}."
                return
            missing.discard(iri)
            count, sha256 = _proved(known[iri], blocks)
            if (count, sha256) != (known[iri].triples, known[iri].sha256):
                yield (
                    f"The graph {iri} has {count:,} triples with the hash {sha256}; by the "
                    f"manifest it had {known[iri].triples:,} with {known[iri].sha256}."
                )
    except DragomanError as error:
        yield str(error)
        return
    yield from (f"The graph {iri} is missing." for iri in sorted(missing))


def contents(folder: BulkFolder) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield the graphs, in order: the IRI, and the lines of N-Triples in blocks.

    The lines of each are to be read to their end before the next is asked for.

    Raises:
        SyntaxProblem: a part is damaged, or no part of ours.
    """
    for iri, members in groupby(_statements(folder), key=itemgetter(0)):
        yield iri, _blocks(line for _, line in members)


def graphs(path: Path, timeout: float | None = canonical.TIMEOUT) -> list[canonical.CanonicalGraph]:
    """Return the graphs of a folder, after it was found as its manifest says.

    Raises:
        SyntaxProblem: it is not.
        LimitError: labelling blank nodes took too long.
    """
    folder = opened(path)
    check(folder)
    known = {graph.iri: graph for graph in folder.graphs}
    return [
        canonical.of_lines(
            blocks, iri, name=known[iri].name, folder=known[iri].folder, timeout=timeout
        )
        for iri, blocks in contents(folder)
    ]


def check(folder: BulkFolder) -> None:
    """Check a folder.

    Raises:
        SyntaxProblem: it is not as its manifest says; with the first problem.
    """
    first = next(problems(folder), None)
    if first:
        raise SyntaxProblem(f"It is not what its manifest says. {first}", folder.path)


# ------------------------------------------------------------------ the manifest


def _part(told: Any) -> PartEntry:  # noqa: ANN401  whatever the file says
    entry = PartEntry(
        told["name"], told["bytes"], told["sha256"], told["quads"], tuple(told["graphs"])
    )
    _check_types(entry, (str, int, str, int, tuple))
    _check_types(entry.graphs, (str,) * len(entry.graphs))
    return entry


def _graph(told: Any) -> GraphEntry:  # noqa: ANN401  whatever the file says
    names = ("iri", "name", "folder", "triples", "blankNodes", "rdfc10")
    entry = GraphEntry(*(told[name] for name in names))
    _check_types(entry, (str, str, str, int, int, str))
    return entry


def _check_types(values: Iterable[object], types: Iterable[type]) -> None:
    for value, kind in zip(values, types, strict=True):
        if not isinstance(value, kind) or isinstance(value, bool):
            raise TypeError


# ------------------------------------------------------------------ the files


def _file_problems(folder: BulkFolder) -> Iterator[str]:
    """Yield what is wrong with files before anything is unpacked."""
    names = {part.name for part in folder.parts}
    for path in sorted(folder.path.iterdir()):
        if _PART.fullmatch(path.name) and path.name not in names:
            yield f"{path.name}: the manifest does not have it."
    for part in folder.parts:
        path = folder.path / part.name
        try:
            mode = path.lstat().st_mode
        except OSError:
            yield f"{part.name}: it is missing."
            continue
        if not stat.S_ISREG(mode):
            yield f"{part.name}: it is no file."
        elif size_of(path) != part.size:
            yield f"{part.name}: it has {size_of(path):,} bytes, and had {part.size:,}."
        elif sha256_of(path) != part.sha256:
            yield f"{part.name}: its bytes have another SHA-256 than they had."
        elif ".nt." in part.name:
            yield from _name_problems(path.with_suffix(".graph"), part)
    yield from _sum_problems(folder)


def _name_problems(path: Path, part: PartEntry) -> Iterator[str]:
    """Yield what is wrong with the file that tells a loader the graph of a part."""
    try:
        told = path.read_bytes()[:65_536].decode("utf-8", "replace").strip()
    except OSError:
        yield f"{path.name}: it is missing."
        return
    if [told] != list(part.graphs):
        yield f"{path.name}: it names another graph than the manifest."


def _sum_problems(folder: BulkFolder) -> Iterator[str]:
    try:
        lines = (folder.path / bulk.SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        yield f"{bulk.SUMS}: it is missing, or no text."
        return
    told = {name: sha256 for sha256, _, name in (line.partition("  ") for line in lines)}
    for name in (bulk.MANIFEST, description.NAME):
        path = folder.path / name
        if not path.is_file():
            yield f"{name}: it is missing."
        elif told.get(name) != sha256_of(path):
            yield f"{name}: its bytes have another SHA-256 than {bulk.SUMS} says."


def _proved(graph: GraphEntry, blocks: Iterator[bytes]) -> tuple[int, str]:
    """Return how many triples stand there, and their hash."""
    if graph.blank_nodes:
        found = canonical.of_lines(blocks, graph.iri, name=graph.name)
        return found.count, found.sha256
    digest, count = hashlib.sha256(), 0
    for block in blocks:
        digest.update(block)
        count += block.count(b"\n")
    return count, digest.hexdigest()


def _statements(folder: BulkFolder) -> Iterator[tuple[str, bytes]]:
    """Yield the IRI of the graph and the line of each statement."""
    for part in folder.parts:
        known: dict[bytes, str] = {}
        alone = part.graphs[0] if ".nt." in part.name and part.graphs else None
        count = 0
        for line in _unpacked(folder.path / part.name):
            count += 1
            if not line.endswith(b" .\n"):
                raise SyntaxProblem("It is no statement as we write them.", part.name, count)
            if alone is not None:
                yield alone, line
                continue
            triple, _, graph = line[:-3].rpartition(b" ")
            if graph not in known:
                known[graph] = graph[1:-1].decode("utf-8", "replace")
            yield known[graph], triple + b" .\n"
        if count != part.quads:
            raise SyntaxProblem(
                f"It has {count:,} statements, and by the manifest {part.quads:,}.", part.name
            )


def _unpacked(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path) as stream:
            while line := stream.readline(_LONGEST_LINE):
                yield line
    except (OSError, EOFError, zlib.error) as error:
        raise SyntaxProblem(f"It cannot be unpacked: {error}.", path.name) from error


def _blocks(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Yield lines, some thousands at a time."""
    from itertools import islice

    while block := b"".join(islice(lines, _LINES)):
        yield block
