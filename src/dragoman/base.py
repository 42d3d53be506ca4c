"""Which base is meant, which files it has, and the graph IRI of each file.

The only module that knows folder names and file patterns.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from dragoman import vocabulary
from dragoman.errors import BaseContentError, BaseNotFoundError, UnknownNameError

ONTOLOGY, SHAPES, DATA, QUERIES = "ontology", "shapes", "data", "queries"
FOLDERS = (ONTOLOGY, SHAPES, DATA, QUERIES)
SUFFIXES = {ONTOLOGY: (".ttl",), SHAPES: (".ttl",), DATA: (".ttl", ".nt", ".nt.gz")}
ENVIRONMENT = "DRAGOMAN_BASE"


class SourceFile(NamedTuple):
    """One RDF file of a base, and the named graph it is.

    Attributes:
        path: the file.
        name: its name without suffixes; unique below `data/`.
        folder: `ontology`, `shapes` or `data`.
        graph: IRI of the named graph; for data this is the IRI of the source itself.
    """

    path: Path
    name: str
    folder: str
    graph: str


class Base(NamedTuple):
    """A folder with `ontology/ shapes/ data/ queries/`, and why it was chosen."""

    root: Path
    reason: str

    def sources(self, *folders: str) -> tuple[SourceFile, ...]:
        """Return the RDF files of the folders (all three when none is named), sorted by path.

        Raises:
            BaseContentError: a folder has no RDF file, or two files would be one graph.
        """
        return tuple(
            source for folder in folders or tuple(SUFFIXES) for source in self._folder(folder)
        )

    def source(self, name: str) -> SourceFile:
        """Return the source of a name, a path inside the base, or a graph IRI.

        Raises:
            UnknownNameError: naming the nearest sources.
        """
        sources = self.sources()
        for source in sources:
            relative = source.path.relative_to(self.root).as_posix()
            if name in {source.graph, source.name, relative, str(source.path)}:
                return source
        raise UnknownNameError("source", name, [source.name for source in sources])

    def graph_of(self, file: Path) -> SourceFile | None:
        """Return the source that this file is, or None for a file outside the base."""
        resolved = file.resolve()
        for source in self.sources():
            if source.path.resolve() == resolved:
                return source
        return None

    def queries(self) -> tuple[Path, ...]:
        """Return the saved query files, sorted by name.

        Raises:
            BaseContentError: there is none, or two have one name.
        """
        return _distinct(_files(self.root / QUERIES, (".rq",)), self.root / QUERIES)

    def prefixes(self) -> dict[str, str]:
        """Return the one table of prefixes, `ontology/prefixes.ttl`, as prefix to namespace.

        Empty where the base has no such file.

        Raises:
            BaseContentError: the file does not parse.
        """
        table = self.root / ONTOLOGY / "prefixes.ttl"
        if not table.is_file():
            return {}
        from pyoxigraph import RdfFormat, parse

        names: dict[str, str] = {}
        namespaces: dict[str, str] = {}
        parts = {vocabulary.SH_PREFIX: names, vocabulary.SH_NAMESPACE: namespaces}
        try:
            for quad in parse(table.read_bytes(), RdfFormat.TURTLE):
                found = parts.get(quad.predicate.value)
                if found is not None:
                    found[str(quad.subject)] = getattr(quad.object, "value", "")
        except SyntaxError as error:
            raise BaseContentError(f"{table}: {error.msg}") from error
        return {names[node]: namespaces[node] for node in sorted(names) if node in namespaces}

    def _folder(self, folder: str) -> tuple[SourceFile, ...]:
        start = vocabulary.SOURCE_GRAPH if folder == DATA else f"{vocabulary.BASE}{folder}/"
        paths = _distinct(_files(self.root / folder, SUFFIXES[folder]), self.root / folder)
        return tuple(
            SourceFile(path, stem(path), folder, start + _iri_part(stem(path))) for path in paths
        )


def find_base(option: str | os.PathLike[str] | None = None) -> Base:
    """Find the base that is meant.

    The order: the option, the environment variable DRAGOMAN_BASE, the base that encloses the
    current folder, the one that came with the package.

    Raises:
        BaseNotFoundError: saying what is missing and the nearest folder that is a base.
    """
    if option is not None:
        return _told(Path(option), "named by --base")
    if variable := os.environ.get(ENVIRONMENT):
        return _told(Path(variable), f"named by {ENVIRONMENT}")
    here = Path.cwd()
    for folder in (here, *here.parents):
        if not _missing(folder):
            return Base(folder, "it encloses the current folder")
    return packaged_base()


def packaged_base() -> Base:
    """Return the base in the wheel, or the repository's own when it runs from there.

    Raises:
        BaseNotFoundError: the package was installed without it.
    """
    package = Path(__file__).resolve().parent
    for root in (package / "_base", package.parent.parent):
        if not _missing(root):
            return Base(root, "it came with the package")
    raise BaseNotFoundError("This installation has no base of its own. Name one with --base DIR.")


def stem(path: Path) -> str:
    """Return a file's name without its RDF and compression suffixes."""
    return path.name.removesuffix(".gz").rpartition(".")[0]


def _told(root: Path, how: str) -> Base:
    if not (missing := _missing(root)):
        return Base(root.resolve(), f"it was {how}")
    if not root.is_dir():
        found = "is a file" if root.exists() else "does not exist"
        problem = f"The base {how}, {str(root)!r}, {found}."
    else:
        problem = f"{str(root)!r} ({how}) is no base: it has no {', '.join(missing)} folder."
    around = [root, *root.resolve().parents]
    if root.is_dir():
        around += sorted(entry for entry in root.iterdir() if entry.is_dir())
    elif root.parent.is_dir():
        around += sorted(entry for entry in root.parent.iterdir() if entry.is_dir())
    near = next((folder for folder in around if not _missing(folder)), None)
    advice = f"Did you mean {near}?" if near else f"A base has {', '.join(FOLDERS)}."
    raise BaseNotFoundError(f"{problem} {advice}")


def _missing(root: Path) -> list[str]:
    return [folder for folder in FOLDERS if not (root / folder).is_dir()]


def _files(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    # os.walk and plain strings take a third of the time of rglob and paths.
    found = sorted(
        f"{where}{os.sep}{name}"
        for where, _, names in os.walk(folder)
        for name in names
        if name.endswith(suffixes) and not name.startswith(".")
    )
    if not found:
        patterns = ", ".join(f"*{suffix}" for suffix in suffixes)
        raise BaseContentError(f"{folder} has no file {patterns}. A base needs at least one.")
    return [Path(each) for each in found]


def _distinct(paths: list[Path], folder: Path) -> tuple[Path, ...]:
    seen: dict[str, Path] = {}
    for path in paths:
        other = seen.setdefault(stem(path), path)
        if other is not path:
            here, there = path.relative_to(folder), other.relative_to(folder)
            raise BaseContentError(
                f"{folder}: {there} and {here} have one name, {stem(path)!r}. Rename one of them."
            )
    return tuple(paths)


def _iri_part(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="~")
