"""Writing the graphs of a base in formats that other programs read.

Everything comes from the files, exactly as they spell it but for language tags, which are in small
letters (RDF 1.1 Concepts, section 3.3), in one order: the same base gives the same bytes. An export
is a sequence of files, each a sequence of blocks of bytes: none is held in memory, and nothing is
written to a folder until all of it is known.

A format is an entry of `FORMATS` and a writer: a function that takes graphs, prefixes and options,
and returns the files, each its name in the folder and its blocks. Files are asked for one after the
other, each read to its end before the next; a writer that has to refuse something does so when it
is called, before the first file.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from dragoman import canonical, files, syntax
from dragoman.base import DATA
from dragoman.canonical import CanonicalGraph
from dragoman.errors import DragomanError, UnknownNameError, counted
from dragoman.export import rdf, statements
from dragoman.export.graphs import chosen, derived, fetched, lowered, read
from dragoman.export.options import Options
from dragoman.notebook import Shown

if TYPE_CHECKING:
    import os

    from dragoman.export.property_graph import Rules

__all__ = [
    "FORMATS",
    "CanonicalGraph",
    "Export",
    "Format",
    "Options",
    "chosen",
    "derived",
    "export",
    "fetched",
    "format_named",
    "format_of",
    "lowered",
    "read",
]

Graphs = Sequence[CanonicalGraph]
Files = Iterator[tuple[str, Iterable[bytes]]]
Writer = Callable[[Graphs, Mapping[str, str], Options], Files]


@dataclass(frozen=True)
class Format:
    """One format to write.

    Attributes:
        name: as `FORMATS` has it.
        title: its name for people.
        suffix: of its files, without the dot; empty where it is a folder of several files.
        writer: what writes it (see the module).
        lost: what it has no place for, as a sentence; empty where it holds everything.
        layout: true for what is chosen by `--layout` rather than by `-f`.
        takes: the names of the options that mean something to it, beside `skolemize`.
        skolemizes: true where the writer gives IRIs to blank nodes by itself, when asked to.
    """

    name: str
    title: str
    suffix: str
    writer: Writer
    lost: str = ""
    layout: bool = False
    takes: tuple[str, ...] = ()
    skolemizes: bool = False

    @property
    def nameless(self) -> bool:
        """Whether it holds one graph, without its name."""
        return self.lost == _GRAPH_NAMES

    def check_folder(self, target: str | os.PathLike[str]) -> None:
        """Refuse a place for the files of a folder where they could not be told from others.

        Raises:
            DragomanError: it is a file; or it is for a layout, and not empty.
        """
        if Path(target).exists() and not Path(target).is_dir():
            raise DragomanError(f"{target} is a file. Name a folder with -o DIR.")
        if self.layout and Path(target).is_dir() and any(Path(target).iterdir()):
            raise DragomanError(f"{target} is not empty. Name a folder that is new or empty.")


def _one_file(
    blocks: Callable[[Graphs, Mapping[str, str]], Iterable[bytes]],
) -> Writer:
    """Return a writer of one file, whose name is up to whoever saves it."""

    def writer(graphs: Graphs, prefixes: Mapping[str, str], _options: Options) -> Files:
        return iter([("export", blocks(graphs, prefixes))])

    return writer


def _graphml(graphs: Graphs, prefixes: Mapping[str, str], options: Options) -> Files:
    from dragoman.export import property_graph

    blocks = property_graph.graphml_file(graphs, prefixes, _rules(options))
    return iter([("export", blocks)])


def _cypher(graphs: Graphs, prefixes: Mapping[str, str], options: Options) -> Files:
    from dragoman.export import property_graph

    blocks = property_graph.cypher_file(graphs, prefixes, _rules(options))
    return iter([("export", blocks)])


def _neo4j(graphs: Graphs, prefixes: Mapping[str, str], options: Options) -> Files:
    from dragoman.export import property_graph

    return property_graph.neo4j_files(graphs, prefixes, _rules(options))


def _rules(options: Options) -> Rules:
    """Return how nodes become edges, which a file or the base says."""
    from dragoman.export import property_graph

    if options.full and options.mapping:
        raise DragomanError("Name rules with --mapping, or keep all nodes with --full: not both.")
    if options.full:
        return property_graph.NOTHING
    return property_graph.of_base(options.base, options.mapping)


def _bulk(graphs: Graphs, prefixes: Mapping[str, str], options: Options) -> Files:
    from dragoman.export import bulk

    limit = options.max_part_size or bulk.LIMIT
    cut = bulk.Cut(limit=limit, parts=options.parts, graph_files=options.graph_files)
    rights = _rights(graphs, options)
    return bulk.files(graphs, prefixes, cut, skolemize=options.skolemize, rights=rights)


def _report(graphs: Graphs, _prefixes: Mapping[str, str], options: Options) -> Files:
    from dragoman.export import report

    return iter([("export", report.blocks(graphs, options.base))])


def _void(graphs: Graphs, prefixes: Mapping[str, str], options: Options) -> Files:
    from dragoman.export import description

    def blocks() -> Iterator[bytes]:
        yield description.written(graphs, prefixes, rights=_rights(graphs, options))

    return iter([("export", blocks())])


def _rights(graphs: Graphs, options: Options) -> str:
    """Return what the base says about rights to its data, if data are among the graphs."""
    return options.rights if any(graph.folder == DATA for graph in graphs) else ""


def _parquet(graphs: Graphs, prefixes: Mapping[str, str], _options: Options) -> Files:
    from dragoman.export import parquet

    return parquet.files(graphs, prefixes)


_GRAPH_NAMES: Final = "Graph names are not written; accounts still say who says so."
_TYPES: Final = (
    "Datatypes are not written, nor directions of texts, nor which graph states a literal."
)
_FACTS: Final = "Only what they are is written, and not the graphs themselves."
_FOLDING: Final = ("mapping", "full")
FORMATS: Final[Mapping[str, Format]] = {
    each.name: each
    for each in (
        Format("turtle", "Turtle", "ttl", _one_file(rdf.written_turtle), _GRAPH_NAMES),
        Format("ntriples", "N-Triples", "nt", _one_file(rdf.ntriples), _GRAPH_NAMES),
        Format("nquads", "N-Quads", "nq", _one_file(rdf.nquads)),
        Format("trig", "TriG", "trig", _one_file(rdf.trig)),
        Format("rdfxml", "RDF/XML", "rdf", _one_file(rdf.rdfxml), _GRAPH_NAMES),
        Format("jsonld", "JSON-LD", "jsonld", _one_file(rdf.jsonld)),
        Format("csv", "CSV of statements", "csv", _one_file(statements.blocks)),
        Format("graphml", "GraphML", "graphml", _graphml, _TYPES, takes=_FOLDING),
        Format("neo4j", "CSV for neo4j-admin", "", _neo4j, _TYPES, takes=_FOLDING),
        Format("cypher", "Cypher", "cypher", _cypher, _TYPES, takes=_FOLDING),
        Format("report", "Report form", "yaml", _report),
        Format("void", "VoID and DCAT", "ttl", _void, _FACTS),
        Format(
            "bulk", "Bulk layout", "", _bulk, layout=True, skolemizes=True,
            takes=("parts", "max_part_size", "graph_files"),
        ),
        Format("parquet", "Parquet layout", "", _parquet, layout=True),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Export(Shown):
    """What an export holds, ready to be written: nothing of it is in memory.

    Attributes:
        format: its format.
        folder: true where the files are for a folder, false for one file of any name.
        graphs: IRIs of the graphs, in the order written.
        statements: how many statements the graphs make together.
        repeated: how many of those another graph makes too, in a file that has no graph names
            and therefore holds them once.
        lost: what is not in the files, or is written otherwise, in sentences; empty where all is.
    """

    format: Format
    folder: bool
    graphs: tuple[str, ...]
    statements: int
    repeated: int
    lost: str
    _write: Callable[[], Files] = field(repr=False, compare=False)
    # by the name of each file, when all have been written once; hashes only where wanted
    _sizes: dict[str, int] = field(default_factory=dict, repr=False, compare=False)
    _hashes: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def parts(self, *, hashed: bool = False) -> Files:
        """Yield the files: each its path in a folder, and its blocks of bytes.

        Each is to be read to its end before the next is asked for.

        Args:
            hashed: take the hashes on the way, and have them ready in `hashes`.
        """
        sizes: dict[str, int] = {}
        hashes: dict[str, str] = {}
        for name, blocks in self._write():
            yield name, _summed(name, blocks, sizes, hashes if hashed else None)
        self._sizes.update(sizes)
        self._hashes.update(hashes)

    def blocks(self, *, hashed: bool = False) -> Iterator[bytes]:
        """Yield the blocks of the one file; see `parts`.

        Raises:
            DragomanError: it is for a folder.
        """
        if self.folder:
            raise DragomanError("The export is for a folder; it has no content of one file.")
        for _, blocks in self.parts(hashed=hashed):
            yield from blocks

    @property
    def content(self) -> bytes:
        """The content of the one file, in memory.

        Raises:
            DragomanError: it is for a folder.
        """
        return b"".join(self.blocks())

    @property
    def files(self) -> dict[str, bytes]:
        """The content of each file, in memory, by its path in the folder it is for."""
        return {name: b"".join(blocks) for name, blocks in self.parts()}

    @property
    def sizes(self) -> dict[str, int]:
        """The number of bytes of each file."""
        if not self._sizes:
            self._run_through(hashed=False)
        return self._sizes

    @property
    def hashes(self) -> dict[str, str]:
        """The SHA-256 of each file, in hexadecimal digits."""
        if not self._hashes:
            self._run_through(hashed=True)
        return self._hashes

    @property
    def summary(self) -> str:
        """One line for people: statements, graphs, files and bytes."""
        sizes = self.sizes
        parts = [counted(self.statements, "statement"), counted(len(self.graphs), "graph")]
        if len(sizes) > 1:
            parts.append(counted(len(sizes), "file"))
        once = f"; {self.repeated:,} repeated and written once" if self.repeated else ""
        size = counted(sum(sizes.values()), "byte")
        return f"{self.format.title}: {', '.join(parts)}, {size}{once}."

    def _shown(self) -> tuple[str, Sequence[str], list[Sequence[object]]]:
        told = f"{self.format.title}: {counted(self.statements, 'statement')}. {self.lost}"
        return told.strip(), ("graph",), [(each,) for each in self.graphs]

    def save(self, target: str | os.PathLike[str], *, hashed: bool = False) -> None:
        """Write to a file, or the files into a folder: all of it, or nothing changes.

        A folder is made where it is missing, and other files in it stay; for a layout there may be
        none. A pipe or a device is written into, never replaced.

        Raises:
            DragomanError: it cannot be written.
        """
        if self.folder:
            if self.format.layout and Path(target).is_dir() and any(Path(target).iterdir()):
                raise DragomanError(
                    f"{target} is not empty, and old parts would be taken for new ones. Name a "
                    "new folder."
                )
            files.save_all(target, self.parts(hashed=hashed))
        else:
            files.save(target, self.blocks(hashed=hashed))

    def _run_through(self, *, hashed: bool) -> None:
        for _, blocks in self.parts(hashed=hashed):
            for _ in blocks:
                pass


def format_named(name: str) -> Format:
    """Return the format of a name as riot, rapper or rdfpipe spell it, or one of `FORMATS`.

    Raises:
        UnknownNameError: naming the nearest formats.
    """
    key = name.casefold().removeprefix(".")
    if key in FORMATS:
        return FORMATS[key]
    if key in syntax.FORMATS:
        suffix = syntax.FORMATS[key].file_extension
        return next(each for each in FORMATS.values() if each.suffix == suffix)
    if found := next((each for each in FORMATS.values() if key and each.suffix == key), None):
        return found
    raise UnknownNameError("export format", name, [*FORMATS, *syntax.FORMATS])


def format_of(path: str) -> Format | None:
    """Return the format that the suffix of a file name tells, or None."""
    suffix = Path(path).suffix
    try:
        return format_named(suffix) if suffix else None
    except UnknownNameError:
        return None


def export(
    graphs: Graphs,
    form: Format,
    prefixes: Mapping[str, str],
    *,
    split: bool = False,
    options: Options | None = None,
) -> Export:
    """Return graphs in a format, to be written.

    Args:
        graphs: from files (`read`) or from anywhere else.
        form: the format.
        prefixes: what IRIs are shortened with where the format does so.
        split: one file for each graph, named `<folder>/<name>.<suffix>`, instead of one for all.
        options: what is asked of the format beyond that.

    Raises:
        DragomanError: the format cannot hold a triple (naming it), cannot be split, or has no use
            for an option; or two graphs with blank nodes to be IRIs have one name.
    """
    asked = options or Options()
    asked.check(form.title, form.takes)
    if split and not form.suffix:
        raise DragomanError(f"{form.title} is one folder for all graphs; it is not split.")
    if asked.skolemize and not form.skolemizes:
        from dragoman.export import bulk

        bulk.check_names(graphs)
        graphs = canonical.skolemised(graphs)
    iris, total = tuple(graph.iri for graph in graphs), sum(graph.count for graph in graphs)
    told: Graphs = canonical.apart(graphs)
    repeated, lost = 0, form.lost
    if form.nameless and (split or len(told) == 1):
        lost = ""  # each file is one graph, and says by its name which
    elif form.nameless:
        told = [canonical.union(told)]
        repeated = total - told[0].count

    def written() -> Files:
        if split:
            return _each(told, form, prefixes, asked)
        return form.writer(told, prefixes, asked)

    first: list[Files] = [written()]  # refuses now what it has to refuse

    def again() -> Files:
        return first.pop() if first else written()

    return Export(form, split or not form.suffix, iris, total, repeated, lost, again)


def _each(graphs: Graphs, form: Format, prefixes: Mapping[str, str], options: Options) -> Files:
    """Return a file for each graph."""
    names = [PurePath(each.folder, f"{each.name}.{form.suffix}").as_posix() for each in graphs]
    for name, count in Counter(names).items():
        if count > 1:
            raise DragomanError(f"Two graphs would both be the file {name}. Export one by one.")
    contents = [blocks for graph in graphs for _, blocks in form.writer([graph], prefixes, options)]
    return zip(names, contents, strict=True)


def _summed(
    name: str, blocks: Iterable[bytes], sizes: dict[str, int], hashes: dict[str, str] | None
) -> Iterator[bytes]:
    digest = None if hashes is None else hashlib.sha256()
    size = 0
    for block in blocks:
        size += len(block)
        if digest is not None:
            digest.update(block)
        yield block
    sizes[name] = size
    if hashes is not None and digest is not None:
        hashes[name] = digest.hexdigest()
