"""Writing the graphs of a base in formats that other programs read.

Everything comes from the files, exactly as they spell it, in one order: the same base gives the
same bytes. Nothing is written to a folder until all of it is known.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from dragoman import files, syntax
from dragoman.errors import DragomanError, UnknownNameError
from dragoman.export import property_graph, rdf, statements
from dragoman.export.graphs import TIMEOUT, Graph, chosen, inferred, read

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

__all__ = [
    "FORMATS",
    "TIMEOUT",
    "Export",
    "Format",
    "Graph",
    "chosen",
    "export",
    "format_named",
    "format_of",
    "inferred",
    "read",
]


@dataclass(frozen=True)
class Format:
    """One format to write.

    Attributes:
        name: as `FORMATS` has it.
        title: its name for people.
        suffix: of its files, without the dot; empty where it is a folder of several files.
        lost: what it has no place for, as a sentence; empty where it holds everything.
    """

    name: str
    title: str
    suffix: str
    lost: str = ""


_GRAPH_NAMES: Final = "Graph names are not written; accounts still say who says so."
_TYPES: Final = "Datatypes are not written, nor which graph states a class or a literal."
FORMATS: Final[Mapping[str, Format]] = {
    each.name: each
    for each in (
        Format("turtle", "Turtle", "ttl", _GRAPH_NAMES),
        Format("ntriples", "N-Triples", "nt", _GRAPH_NAMES),
        Format("nquads", "N-Quads", "nq"),
        Format("trig", "TriG", "trig"),
        Format("rdfxml", "RDF/XML", "rdf", _GRAPH_NAMES),
        Format("jsonld", "JSON-LD", "jsonld"),
        Format("csv", "CSV of statements", "csv"),
        Format("graphml", "GraphML", "graphml", _TYPES),
        Format("neo4j", "CSV for neo4j-admin", "", _TYPES),
    )
}


@dataclass(frozen=True)
class Export:
    """What an export holds, ready to be written.

    Attributes:
        format: its format.
        files: the content of each file, by its path in the folder it is for.
        folder: true where the files are for a folder, false for one file of any name.
        graphs: IRIs of the graphs, in the order written.
        statements: how many statements the graphs make together.
        repeated: how many of those another graph makes too, in a file that has no graph names
            and therefore holds them once.
        lost: what is not in the files, as a sentence; empty where all is.
    """

    format: Format
    files: Mapping[str, bytes]
    folder: bool
    graphs: tuple[str, ...]
    statements: int
    repeated: int = 0
    lost: str = ""

    @property
    def content(self) -> bytes:
        """The content of the one file.

        Raises:
            DragomanError: it is for a folder.
        """
        if self.folder:
            raise DragomanError("The export is for a folder; it has no content of one file.")
        return next(iter(self.files.values()))

    @property
    def summary(self) -> str:
        """One line for people: statements, graphs, files and bytes."""
        size = sum(map(len, self.files.values()))
        parts = [_counted(self.statements, "statement"), _counted(len(self.graphs), "graph")]
        if len(self.files) > 1:
            parts.append(_counted(len(self.files), "file"))
        once = f"; {self.repeated:,} repeated and written once" if self.repeated else ""
        return f"{self.format.title}: {', '.join(parts)}, {_counted(size, 'byte')}{once}."

    @property
    def hashes(self) -> dict[str, str]:
        """The SHA-256 of each file, in hexadecimal digits."""
        return {name: hashlib.sha256(data).hexdigest() for name, data in self.files.items()}

    def save(self, target: str | os.PathLike[str]) -> None:
        """Write to a file, or the files into a folder: all of it, or nothing changes.

        A folder is made where it is missing, and other files in it stay. A pipe or a device is
        written into, never replaced.

        Raises:
            DragomanError: it cannot be written.
        """
        if self.folder:
            files.save_all(target, self.files)
        else:
            files.save(target, self.content)


def format_named(name: str) -> Format:
    """Return the format of a name as riot, rapper or rdfpipe spell it, or csv, graphml or neo4j.

    Raises:
        UnknownNameError: naming the nearest formats.
    """
    key = name.casefold().removeprefix(".")
    if key in FORMATS:
        return FORMATS[key]
    if key in syntax.FORMATS:
        suffix = syntax.FORMATS[key].file_extension
        return next(each for each in FORMATS.values() if each.suffix == suffix)
    raise UnknownNameError("export format", name, [*FORMATS, *syntax.FORMATS])


def format_of(path: str) -> Format | None:
    """Return the format that the suffix of a file name tells, or None."""
    suffix = Path(path).suffix
    try:
        return format_named(suffix) if suffix else None
    except UnknownNameError:
        return None


def export(
    graphs: Sequence[Graph], form: Format, prefixes: Mapping[str, str], *, split: bool = False
) -> Export:
    """Write graphs in a format, in memory.

    Args:
        graphs: what `read` returned.
        form: the format.
        prefixes: what IRIs are shortened with where the format does so.
        split: one file for each graph, named `<folder>/<name>.<suffix>`, instead of one for all.

    Raises:
        DragomanError: the format cannot hold a triple (naming it), or cannot be split.
    """
    if not form.suffix:
        if split:
            raise DragomanError(f"{form.title} is one folder for all graphs; it is not split.")
        contents = property_graph.neo4j(graphs, prefixes)
    elif split:
        contents = {
            PurePath(graph.folder, f"{graph.name}.{form.suffix}").as_posix(): _written(
                [graph], form, prefixes
            )
            for graph in graphs
        }
    else:
        contents = {f"export.{form.suffix}": _written(graphs, form, prefixes)}
    total = sum(len(graph.triples) for graph in graphs)
    repeated, lost = 0, form.lost
    if lost == _GRAPH_NAMES:
        if split or len(graphs) == 1:
            lost = ""  # each file is one graph, and says by its name which
        else:
            repeated = total - len({triple for graph in graphs for triple in graph.triples})
    iris = tuple(graph.iri for graph in graphs)
    return Export(form, contents, split or not form.suffix, iris, total, repeated, lost)


def _written(graphs: Sequence[Graph], form: Format, prefixes: Mapping[str, str]) -> bytes:
    if form.name == "csv":
        return statements.written(graphs)
    if form.name == "graphml":
        return property_graph.graphml(graphs, prefixes)
    return rdf.written(graphs, syntax.FORMATS[form.name], prefixes)


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
