"""Which base is meant, which files it has, and the graph IRI of each file.

The only module that knows folder names and file patterns. A base of one's own, which the marker
file shows, is layered: its files lie over the packaged ontology, shapes, queries and reference
data, and hide the packaged files of the same kind of folder and name.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

from dragoman import vocabulary
from dragoman.errors import BaseContentError, BaseNotFoundError, UnknownNameError

ONTOLOGY, SHAPES, DATA, QUERIES = "ontology", "shapes", "data", "queries"
FOLDERS = (ONTOLOGY, SHAPES, DATA, QUERIES)
SUFFIXES = {ONTOLOGY: (".ttl",), SHAPES: (".ttl",), DATA: (".ttl", ".nt", ".nt.gz")}
# Of report forms, from which Turtle is made.
FORM_SUFFIXES = (".yaml", ".yml")
ENVIRONMENT = "DRAGOMAN_BASE"
# Below `shapes/`: the rules of the record.
RULES = "rules"
_RULES = f"{SHAPES}/{RULES}"
# Below `ontology/`: how rows of tables become facts.
_MAPPINGS = f"{ONTOLOGY}/mappings"
# Of the packaged data only this folder is seen through a base of one's own.
REFERENCE = "reference"
# The file that makes a folder a base layered over the packaged one, and the format we know.
MARKER = "dragoman.toml"
FORMAT = 1
# The edition of the model that files are written for: the first number of the ontology's version.
# A marker file that states none is of the first.
EDITION = 2
# What may be deleted at any time: index, lock, unfinished transactions.
CACHE = ".dragoman"
# Where changes wait, inside of it.
PENDING = "pending"
# The record of what was added and removed, beside the folders.
LOG = "log/additions.nt"
_PREFIX_TABLE = "prefixes"
_LICENSE = "LICENSE"


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
    """A folder with `ontology/ shapes/ data/ queries/`, and why it was chosen.

    Attributes:
        root: the folder.
        reason: why it is the base, to be read after "Base X: ".
        layers: the folders of the bases below, whose ontology, shapes, queries and `data/reference`
            are seen where no own file of the same kind of folder and name hides them. With layers,
            own folders may be empty or missing.
    """

    root: Path
    reason: str
    layers: tuple[Path, ...] = ()

    def sources(self, *folders: str) -> tuple[SourceFile, ...]:
        """Return the RDF files of the folders (all three when none is named).

        Own files come first, sorted by path, then those of the layers.

        Raises:
            BaseContentError: a folder has no RDF file or cannot be read, or two files would be one
                graph.
        """
        return tuple(
            source for folder in folders or tuple(SUFFIXES) for source in self._folder(folder)
        )

    def rules(self) -> tuple[SourceFile, ...]:
        """Return the files with rules of the record, `shapes/rules/`, layered as shapes are.

        Raises:
            BaseContentError: a folder cannot be read, or two files would be one graph.
        """
        seen, _ = _laid(self._places(_RULES), SUFFIXES[SHAPES])
        start = f"{vocabulary.BASE}{_RULES}/"
        return tuple(
            SourceFile(path, stem(path), SHAPES, start + _iri_part(stem(path))) for path in seen
        )

    def hidden_rules(self) -> tuple[Path, ...]:
        """Return the files with rules of the layers that own files hide."""
        return tuple(_laid(self._places(_RULES), SUFFIXES[SHAPES])[1])

    def mappings(self) -> tuple[Path, ...]:
        """Return the files with mappings of tables, `ontology/mappings/*.rq`, sorted by name.

        They are layered as saved queries are.

        Raises:
            BaseContentError: a folder cannot be read, or two files have one name.
        """
        seen, _ = _laid(self._places(_MAPPINGS), _suffixes(QUERIES))
        return tuple(sorted(seen, key=lambda each: each.name))

    def source(self, name: str) -> SourceFile:
        """Return the source of a name, a path inside the base, or a graph IRI.

        Raises:
            UnknownNameError: naming the nearest sources.
        """
        sources = self.sources()
        for source in sources:
            if name in {source.graph, source.name, self.inner_path(source), str(source.path)}:
                return source
        raise UnknownNameError("source", name, [source.name for source in sources])

    def inner_path(self, source: SourceFile) -> str:
        """Return a source's path from the base, or the layer, that it is in: `data/reference/…`."""
        path = str(source.path)
        root = next(
            each for each in (self.root, *self.layers) if path.startswith(f"{each}{os.sep}")
        )
        return path[len(str(root)) + 1 :].replace(os.sep, "/")

    def owns(self, source: SourceFile) -> bool:
        """Return whether a source is an own file, and not one of a layer."""
        return str(source.path).startswith(f"{self.root}{os.sep}")

    def hidden(self) -> tuple[Path, ...]:
        """Return the files of the layers that own files hide: RDF and saved queries."""
        mappings = tuple(_laid(self._places(_MAPPINGS), _suffixes(QUERIES))[1])
        return (
            self.hidden_rules()
            + mappings
            + tuple(
                path
                for folder in FOLDERS
                for path in _layered(self._places(folder), _suffixes(folder), hidden=True)
            )
        )

    def graph_of(self, file: Path) -> SourceFile | None:
        """Return the source that this file is, or None for a file outside the base."""
        resolved = file.resolve()
        for source in self.sources():
            if source.path.resolve() == resolved:
                return source
        return None

    def queries(self) -> tuple[Path, ...]:
        """Return the saved query files, sorted by name; without layers by path.

        Raises:
            BaseContentError: there is none, or two have one name.
        """
        found = _layered(self._places(QUERIES), _suffixes(QUERIES))
        return tuple(sorted(found, key=lambda each: each.name) if self.layers else found)

    def prefixes(self) -> dict[str, str]:
        """Return the one table of prefixes, `ontology/prefixes.ttl`, as prefix to namespace.

        An own table is laid over that of the layers. Empty where the base has no such file.

        Raises:
            BaseContentError: the file does not parse.
        """
        table: dict[str, str] = {}
        for path in reversed(self.prefix_tables()):
            table |= _prefixes(path)
        return table

    def prefix_tables(self) -> tuple[Path, ...]:
        """Return where the tables of prefixes are, those of the layers last."""
        return tuple(place / f"{_PREFIX_TABLE}.ttl" for place in self._places(ONTOLOGY))

    def folders(self) -> tuple[Path, ...]:
        """Return the folders where a file that comes or goes can change what the base says."""
        places = [place for each in SUFFIXES for place in self._places(each)]
        inner = [Path(where) for place in places for where, _, _ in os.walk(place)]
        return (self.root, *inner)

    @property
    def edition(self) -> int:
        """Which edition of the model its files are written for.

        A base with an ontology of its own, and no marker file, is of the one that we know.

        Raises:
            BaseContentError: the marker file cannot be read, or states none.
        """
        return _edition(_marker(self.root)) if (self.root / MARKER).is_file() else EDITION

    @property
    def rights(self) -> str:
        """What the base says about rights to its data, in `data/LICENSE`; empty if it does not."""
        try:
            return (self.root / DATA / _LICENSE).read_text(encoding="utf-8")
        except (OSError, ValueError):
            return ""

    @property
    def cache(self) -> Path | None:
        """The folder for what can be made again: index, lock, unfinished transactions.

        `.dragoman` inside the base; for the packaged base, and for one that may not be written, a
        folder of its own in the user's cache. None where neither can be written. The folder need
        not exist: `make_cache` makes it.
        """
        inside = self.root / CACHE
        packaged = Path(__file__).resolve().parent / "_base"
        if self.root != packaged and _writable(inside):
            return inside
        import hashlib

        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        folder = user_cache() / f"{self.root.name}-{digest}"
        return folder if _writable(folder) else None

    def has_unfinished(self) -> bool:
        """Return whether a change of the base was begun and is not at its end."""
        try:
            with os.scandir(self.root / CACHE / PENDING) as found:
                return next(found, None) is not None
        except OSError:
            return False

    def make_cache(self) -> Path | None:
        """Make the folder `cache`, which version control is told to ignore, and return it.

        None where it cannot be made.
        """
        folder = self.cache
        if folder is None:
            return None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            ignore = folder / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="ascii")
        except OSError:
            return None
        return folder

    def _places(self, folder: str) -> list[Path]:
        """Return where the files of a folder are: in the base, then in each layer."""
        part = f"{DATA}/{REFERENCE}" if folder == DATA else folder
        return [self.root / folder, *(layer / part for layer in self.layers)]

    def _folder(self, folder: str) -> tuple[SourceFile, ...]:
        start = vocabulary.SOURCE_GRAPH if folder == DATA else f"{vocabulary.BASE}{folder}/"
        places = self._places(folder)
        found = []
        for path in _layered(places, SUFFIXES[folder]):
            name = stem(path)
            found.append(SourceFile(path, name, folder, start + _iri_part(name)))
        if folder == ONTOLOGY and self.layers:
            # An own table of prefixes adds to the packaged one, which the packaged shapes need.
            for path in _layered(places, SUFFIXES[folder], hidden=True):
                if stem(path) == _PREFIX_TABLE:
                    name = f"packaged-{_PREFIX_TABLE}"
                    found.append(SourceFile(path, name, folder, start + name))
        return tuple(found)


def find_base(option: str | os.PathLike[str] | None = None) -> Base:
    """Find the base that is meant.

    The order: the option, the environment variable DRAGOMAN_BASE, the base that encloses the
    current folder, the one that came with the package.

    Raises:
        BaseNotFoundError: saying what is missing and the nearest folder that is a base.
        BaseContentError: it was made by a newer version, or its marker file is no such file.
    """
    if option is not None:
        return _told(Path(option), "named by --base")
    if variable := os.environ.get(ENVIRONMENT):
        return _told(Path(variable), f"named by {ENVIRONMENT}")
    here = Path.cwd()
    for folder in (here, *here.parents):
        if _is_base(folder):
            return _base(folder, "it encloses the current folder")
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


def marker_text() -> str:
    """Return what stands in the marker file of a new base."""
    return (
        "# A base of dragoman: its files lie over those that came with the command.\n"
        f"format = {FORMAT}\n"
        f"edition = {EDITION}\n"
    )


def marker_of(text: str) -> str:
    """Return what stands in a marker file, with our edition in the place of any other."""
    end = "\r\n" if "\r\n" in text else "\n"
    line = f"edition = {EDITION}"
    changed, count = _line_of("edition").subn(lambda _: line, text)
    return changed if count else f"{text.rstrip()}{end}{line}{end}"


def place_of(graph: str) -> tuple[str, str]:
    """Return folder and name of the file that a graph is by its IRI; both empty for any other."""
    from urllib.parse import unquote

    for folder in SUFFIXES:
        start = vocabulary.SOURCE_GRAPH if folder == DATA else f"{vocabulary.BASE}{folder}/"
        name = unquote(graph[len(start) :]) if graph.startswith(start) else ""
        if name and _iri_part(name) == graph[len(start) :] and not re.search(r"[/\\\0]", name):
            return folder, name
    return "", ""


def is_form(path: Path) -> bool:
    """Return whether a file is a report form, by its suffix."""
    return path.suffix.casefold() in FORM_SUFFIXES


def stem(path: Path) -> str:
    """Return a file's name without its RDF and compression suffixes."""
    return path.name.removesuffix(".gz").rpartition(".")[0]


def _told(root: Path, how: str) -> Base:
    if _is_base(root):
        return _base(root.resolve(), f"it was {how}")
    if not root.is_dir():
        found = "is a file" if root.exists() else "does not exist"
        problem = f"The base {how}, {str(root)!r}, {found}."
    else:
        missing = ", ".join(_missing(root))
        problem = f"{str(root)!r} ({how}) is no base: it has no {missing} folder."
    around = [root, *root.resolve().parents]
    if root.is_dir():
        around += sorted(entry for entry in root.iterdir() if entry.is_dir())
    elif root.parent.is_dir():
        around += sorted(entry for entry in root.parent.iterdir() if entry.is_dir())
    near = next((folder for folder in around if _is_base(folder)), None)
    make = f"dragoman init {root} makes one."
    advice = f"Did you mean {near}?" if near else f"A base has {', '.join(FOLDERS)}; {make}"
    raise BaseNotFoundError(f"{problem} {advice}")


def _base(root: Path, reason: str) -> Base:
    """Return a folder that is a base, with the layers that its marker file asks for."""
    marker = root / MARKER
    if not marker.is_file():
        return Base(root, reason)
    text = _marker(root)
    found = _line_of("format").search(text)
    if not found:
        raise BaseContentError(
            f"{marker}: no line says the base's format. Write format = {FORMAT} into it."
        )
    if int(found[1]) > FORMAT:
        raise BaseContentError(
            f"{root} was made by a newer version of dragoman (format {found[1]}; this one knows "
            f"{FORMAT}). Upgrade: pip install --upgrade dragoman"
        )
    edition = _edition(text)
    if not 1 <= edition <= EDITION:
        raise BaseContentError(
            f"{marker}: the base is of edition {edition} of the model, which this dragoman does "
            f"not know (it knows 1 to {EDITION}). Upgrade: pip install --upgrade dragoman, or "
            "correct the line."
        )
    below = packaged_base().root
    return Base(root, reason, () if below == root else (below,))


def _marker(root: Path) -> str:
    try:
        return (root / MARKER).read_text("utf-8")
    except (OSError, ValueError) as error:
        raise BaseContentError(f"{root / MARKER}: it cannot be read: {error}.") from error


def _line_of(key: str) -> re.Pattern[str]:
    """Return what finds the line that gives a number, in the marker file."""
    return re.compile(rf"^[^\S\r\n]*{key}\s*=\s*(\d{{1,9}})[^\S\r\n]*(?:#.*)?$", re.MULTILINE)


def _edition(text: str) -> int:
    """Return which edition a marker file states.

    Raises:
        BaseContentError: it states something that is none.
    """
    if found := _line_of("edition").search(text):
        return int(found[1])
    if told := re.search(r"^\s*edition\b.*$", text, re.MULTILINE):
        raise BaseContentError(
            f"{MARKER}: {told[0].strip()!r} states no edition. Write edition = {EDITION}, or, of "
            "files that were written for the first one, edition = 1."
        )
    return 1


def _is_base(root: Path) -> bool:
    return (root / MARKER).is_file() or not _missing(root)


def _missing(root: Path) -> list[str]:
    return [folder for folder in FOLDERS if not (root / folder).is_dir()]


def _suffixes(folder: str) -> tuple[str, ...]:
    return (".rq",) if folder == QUERIES else SUFFIXES[folder]


def _layered(
    places: list[Path], suffixes: tuple[str, ...], *, hidden: bool = False
) -> tuple[Path, ...]:
    """Return the files of the first place, and those of further places that they do not hide.

    Args:
        places: the same folder in the base and in each layer.
        suffixes: which files.
        hidden: return those that are hidden, instead.

    Raises:
        BaseContentError: there is none, or two in one place have one name.
    """
    if len(places) == 1:
        return () if hidden else _distinct(_some(places[0], suffixes), places[0])
    seen, covered = _laid(places, suffixes)
    return tuple(covered if hidden else seen)


def _laid(places: list[Path], suffixes: tuple[str, ...]) -> tuple[list[Path], list[Path]]:
    """Return the files of the first place with those of others that show, and those that do not."""
    taken: set[str] = set()
    seen: list[Path] = []
    covered: list[Path] = []
    for place in places:
        found = _distinct(_files(place, suffixes), place)
        names = [stem(path) for path in found]
        for path, name in zip(found, names, strict=True):
            (covered if name in taken else seen).append(path)
        taken.update(names)
    return seen, covered


def _some(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    found = _files(folder, suffixes)
    if not found:
        patterns = ", ".join(f"*{suffix}" for suffix in suffixes)
        raise BaseContentError(f"{folder} has no file {patterns}. A base needs at least one.")
    return found


def _files(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    # os.walk and plain strings take a third of the time of rglob and paths.
    found = []
    for where, below, names in os.walk(folder, onerror=_complain):
        if folder.name == SHAPES and where == str(folder) and RULES in below:
            below.remove(RULES)  # rules are no shapes, and a rule hides no shape of its name
        found += [
            f"{where}{os.sep}{name}"
            for name in names
            if name.endswith(suffixes) and not name.startswith(".")
        ]
    return [Path(each) for each in sorted(found)]


def _complain(error: OSError) -> None:
    """Say that a folder cannot be read: its files would go unseen. One that is missing is empty."""
    if not isinstance(error, (FileNotFoundError, NotADirectoryError)):
        raise BaseContentError(f"{error.filename}: it cannot be read: {error.strerror}.") from error


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


def _prefixes(table: Path) -> dict[str, str]:
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


def user_cache() -> Path:
    """Return our folder among the user's caches (XDG Base Directory Specification; Windows)."""
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        if os.path.isabs(told := os.environ.get(variable, "")):  # noqa: PTH117  may be empty
            return Path(told) / "dragoman"
    return Path(os.path.expanduser("~")) / ".cache" / "dragoman"  # noqa: PTH111  never raises


def _writable(folder: Path) -> bool:
    """Return whether a folder, or the nearest one above it that exists, may be written."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return os.access(folder, os.W_OK | os.X_OK) and folder.is_dir()


def source_iri(name: str) -> str:
    """Return the IRI of the source that has a name."""
    return vocabulary.SOURCE_GRAPH + _iri_part(name)


def _iri_part(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="~")
