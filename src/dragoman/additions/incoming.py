"""What a user hands in: which format it is, what it is to be called, and the bytes to keep.

Turtle and N-Triples are kept byte for byte. Other formats become N-Triples by parsing and writing,
which keeps every term exactly but for the case of language tags; graphs of one file, or of one
folder of the bulk layout, become files of their own.
"""

from __future__ import annotations

__all__ = ["Given"]

import gzip
import re
import shutil
import stat
import unicodedata
from dataclasses import dataclass, replace
from itertools import count
from typing import IO, TYPE_CHECKING, Final, cast
from urllib.parse import unquote

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, RdfFormat, Triple, serialize

from dragoman import base as bases
from dragoman import form, syntax, tabular, vocabulary
from dragoman.errors import DragomanError, SyntaxProblem, UnreadableFilesError, counted
from dragoman.files import sha256_of
from dragoman.validation import standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from pyoxigraph import Quad

    from dragoman.base import Base, SourceFile
    from dragoman.store import LocalStore

# Of tables, with statements or with rows to make facts of.
CSV: Final = "csv"
TABLES: Final = frozenset({CSV, tabular.EXCEL})
_NAME: Final = r"[A-Za-z0-9](?:[A-Za-z0-9._\-]{0,98}[A-Za-z0-9_\-])?"
# What Windows takes for a device, with any suffix.
_DEVICES: Final = r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?"
_GENERATED: Final = re.compile(r"[0-9a-f]{30,32}")
# A line of N-Triples that has one.
_BLANK_NODE: Final = re.compile(rb"^(?:_:|[^ ]+ [^ ]+ (?:_:|<<\(.* _:))", re.MULTILINE)


@dataclass(frozen=True)
class Given:
    """A file as the user names it.

    Attributes:
        path: where it is.
        label: how to call it in messages; `-` for standard input.
        base_iri: what its relative IRIs are resolved against; None refuses them.
    """

    path: Path
    label: str
    base_iri: str | None = None


@dataclass(frozen=True)
class Tables:
    """How tables become facts.

    Attributes:
        base: the base that they come into.
        facts: gives its facts, in which names are looked up.
        wanted: what is told of them.
        timeout: seconds for a thousand rows; None for no end.
        without: of the one table, the rows to leave out, by their numbers, and why; None where all
            must be right.
    """

    base: Base
    facts: Callable[[], LocalStore]
    wanted: tabular.Wanted | None
    timeout: float | None = None
    without: dict[int, list[str]] | None = None


@dataclass(frozen=True)
class Incoming:
    """One source to be: what is checked, and what is kept of it.

    Attributes:
        given: the file that it comes from.
        digest: SHA-256 of that file.
        name: what the source is to be called.
        suffix: of the file to keep: `.ttl`, `.nt` or `.nt.gz`.
        content: the file with the bytes to keep; `given.path` where they are kept as they are.
        sha256: of those bytes.
        triples: how many statements they hold.
        note: what was done to the bytes, for the user; empty where nothing was.
        described: name of the one source that it describes; empty where there is none, or several.
        dropped: what of the file is in no triple.
        positions: where its statements stand in a report form that it was made of.
        remarks: what was found wrong in making it, each with its line there.
        unsaid: subjects and properties of which something could not be made.
        place: the folder below `data/` that it belongs to; empty for none.
        table: what became of the rows, where it was a table.
    """

    given: Given
    digest: str
    name: str
    suffix: str
    content: Path
    sha256: str
    triples: int
    note: str = ""
    described: str = ""
    dropped: tuple[syntax.Dropped, ...] = ()
    positions: syntax.Positions | None = None
    remarks: tuple[syntax.Finding, ...] = ()
    unsaid: frozenset[tuple[str, str]] = frozenset()
    place: str = ""
    table: tabular.Converted | None = None

    @property
    def graph(self) -> str:
        """Return the IRI of the source that it is to be."""
        return bases.source_iri(self.name)

    @property
    def converted(self) -> bool:
        """Return whether lines of what is kept are not lines of what was given."""
        return bool(self.note) and self.suffix == ".nt"

    def line(self, line: int | None) -> int | None:
        """Return which line, or row, of what was given one of what is kept comes from."""
        if self.table and line:
            return self.table.row_of(line)
        return None if self.converted else line


def kept_suffix(path: Path) -> str:
    """Return the suffix of a file of a base: `.ttl`, `.nt` or `.nt.gz`."""
    return "".join(path.suffixes[-2:]) if path.suffix == ".gz" else path.suffix


def opened(path: Path, mode: str) -> IO[bytes]:
    """Open a file of a base, unpacked where it is packed."""
    if path.suffix == ".gz":
        # the time of packing is no part of what is packed
        return cast("IO[bytes]", gzip.GzipFile(path, mode, mtime=0))
    return cast("IO[bytes]", path.open(mode))


def rewritten(source: SourceFile, content: Path, label: str) -> Incoming:
    """Return a file that was written here to take the place of a file of the base."""
    triples, described = standing.tally(set(syntax.read_rdf(content, name=label)))
    digest = sha256_of(content)
    suffix = kept_suffix(source.path)
    return Incoming(
        Given(content, label), digest, source.name, suffix, content, digest, triples, "", described
    )


def of_forms(base: Base, files: Sequence[Given], found: LocalStore, folder: Path) -> list[Incoming]:
    """Return what report forms come to: their sources, and reference data with what they add.

    Args:
        base: the base.
        files: the forms.
        found: the facts of the base, in which names are looked up.
        folder: an empty folder for the Turtle.

    Raises:
        SyntaxProblem: one is no report form, or does not say what its source is called.
        UnreadableFilesError: several such things are wrong with it.
    """
    made = [form.made(base, each.path, each.label, found) for each in files]
    sources: list[Incoming] = []
    for number, (given, each) in enumerate(zip(files, made, strict=True)):
        name = checked_name(each.name, given.label)
        note = f"{given.label} becomes Turtle; the log keeps its SHA-256."
        content = folder / f"form-{number}.ttl"
        content.write_bytes(each.content)
        sources.append(replace(
            _turtle(given, name, content), note=note, described=name,
            positions=each.positions, remarks=each.problems, unsaid=each.unsaid,
        ))  # fmt: skip
    more = [(given, each) for given, each in zip(files, made, strict=True) if each.reference]
    if not more:
        return sources
    content = folder / "reference.ttl"
    content.write_bytes(form.with_reference(base, [each.reference for _, each in more]))
    told = more[0][1].positions if len(more) == 1 else syntax.Positions()
    added = _turtle(more[0][0], form.REFERENCE, content)
    return [replace(added, positions=told, place=form.FOLDER), *sources]


def _turtle(given: Given, name: str, content: Path) -> Incoming:
    """Return what is kept as the Turtle that was made of a form."""
    triples, _ = standing.tally(set(syntax.read_rdf(content)))
    digest = sha256_of(given.path)
    return Incoming(given, digest, name, ".ttl", content, sha256_of(content), triples)


def read(  # noqa: PLR0913  what may be told of files
    files: Sequence[Given],
    folder: Path,
    *,
    name: str | None = None,
    syntax_: str | None = None,
    unskolemize: bool = False,
    tables: Tables | None = None,
) -> list[Incoming]:
    """Read all files, and prepare what is to be kept of each.

    Args:
        files: what the user gives.
        folder: an empty folder for bytes that are not in a file yet.
        name: what the one source is to be called; by default each as the source that it
            describes, or else as its file.
        syntax_: the format, where suffixes do not tell it or tell another.
        unskolemize: IRIs that an export has put in the place of blank nodes become blank nodes.
        tables: how tables become facts; None where there may be none.

    Raises:
        SyntaxProblem: a file cannot be read, does not parse, or says nothing.
        UnreadableFilesError: several files, or several rows of a table, are so.
        DragomanError: a name cannot be one, or two sources would have one name.
    """
    found: list[Incoming] = []
    problems: list[SyntaxProblem] = []
    for number, given in enumerate(files):
        place = folder / str(number)
        place.mkdir()
        try:
            if _is_bulk(given.path):
                found += _of_bulk(given, place, name, unskolemize=unskolemize)
            else:
                found += _read(given, place, name, syntax_, tables, unskolemize=unskolemize)
        except SyntaxProblem as problem:
            problems.append(problem)
        except UnreadableFilesError as several:
            problems += several.problems
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise UnreadableFilesError(problems)
    if name is not None and len(found) > 1:
        raise DragomanError(f"--as {name} names one source, and there are {len(found)}.")
    seen: dict[str, Incoming] = {}
    for each in found:
        other = seen.setdefault(each.name.casefold(), each)
        if other is not each:
            raise DragomanError(
                f"{other.given.label} and {each.given.label} would both be the source "
                f"{each.name!r}. Add them one by one, with --as NAME."
            )
    return found


def checked_name(name: str, label: str | None = None, option: str = "--as") -> str:
    """Return a name that a source can have on every system.

    Args:
        name: what it is to be called.
        label: the file whose name it is; None where the user chose it.
        option: where the user can say another.

    Raises:
        DragomanError: it is none; with one that would do.
    """
    near = plain(name)
    problem = ""
    suffixes = bases.SUFFIXES[bases.DATA]
    if not re.fullmatch(_NAME, name, re.ASCII):
        problem = "use letters a to z, digits, and - _ . between them, at most 100"
    elif re.fullmatch(_DEVICES, name, re.IGNORECASE):
        problem, near = "Windows keeps it for a device", f"{name}-source"
    elif name.casefold().endswith((*suffixes, ".gz")):
        problem = "leave out the suffix"
        near = re.sub(r"(\.ttl|\.nt)?(\.gz)?$", "", near, flags=re.IGNORECASE)
    if not problem:
        return name
    shown = name if len(name) <= 80 else f"{name[:80]}…"
    where = f"{label}: " if label else ""
    advice = (
        f" Try {option} {near}"
        if re.fullmatch(_NAME, near, re.ASCII)
        else f" Give one with {option}"
    )
    raise DragomanError(f"{where}{shown!r} cannot be the name of a source: {problem}.{advice}.")


def plain(text: str) -> str:
    """Return the nearest text that can be a name, or an empty one."""
    # the dotless i is a letter that no rule of Unicode takes apart
    letters = unicodedata.normalize("NFKD", text.replace("\u0131", "i"))
    ascii_ = letters.encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._]+", "-", ascii_).strip("-._")[:80].strip("-._")


def suffix_of(syntax_: str | None) -> str:
    """Return the suffix of a file in a format, by default Turtle.

    Raises:
        UnknownNameError: there is no such format.
    """
    if (syntax_ or "").casefold() in TABLES:
        return str(syntax_).casefold()
    return syntax.rdf_format(syntax_ or "turtle").file_extension


def _read(  # noqa: PLR0913  what may be told of a file
    given: Given,
    folder: Path,
    name: str | None,
    syntax_: str | None,
    tables: Tables | None,
    *,
    unskolemize: bool,
) -> list[Incoming]:
    path = _regular(given, folder, syntax_)
    packed = path.name.endswith(".gz")
    digest = _digest(path, given.label)
    plain_ = path.name.removesuffix(".gz")
    chosen: RdfFormat | None = None
    if syntax_ is not None or plain_.casefold().rpartition(".")[2] not in TABLES:
        chosen = _rdf_format(path, syntax_)
    if chosen is None and tables is not None and _is_filled_in(path, given.label):
        return [_of_table(given, path, digest, folder, name, tables)]
    if chosen in {RdfFormat.TURTLE, RdfFormat.N_TRIPLES} and not unskolemize:
        path, note = _based(path, chosen, given, folder)
        quads = syntax.read_rdf(path, chosen.file_extension, name=given.label)
        triples, described = standing.tally(set(quads))
        if not triples:
            raise SyntaxProblem("It holds no statement.", given.label)
        own = _own_name(given, name, described)
        suffix = ".ttl" if chosen == RdfFormat.TURTLE else ".nt.gz" if packed else ".nt"
        if packed and chosen == RdfFormat.TURTLE:
            content = folder / "unpacked.ttl"
            with gzip.open(path) as packed_text, content.open("wb") as text:
                shutil.copyfileobj(packed_text, text)
            note = note or f"{given.label} was unpacked; the text is kept as it is."
            kept = sha256_of(content)
            return [Incoming(given, digest, own, suffix, content, kept, triples, note, described)]
        kept = sha256_of(path) if note else digest
        return [Incoming(given, digest, own, suffix, path, kept, triples, note, described)]
    if chosen is None:
        from dragoman.export import statements

        dataset = list(statements.read(path, given.label))
    else:
        dataset = list(
            syntax.read_rdf(path, chosen.file_extension, base_iri=given.base_iri, name=given.label)
        )
    dropped = syntax.dropped(path, given.base_iri) if chosen == RdfFormat.JSON_LD else []
    if not dataset:
        why = "".join(f" Lost in reading: {each.what}." for each in dropped[:5])
        raise SyntaxProblem(f"It holds no statement.{why}", given.label)
    how = "but for what was lost in reading" if dropped else "term for term"
    capital = "" if chosen is None else syntax.capital_tag(path, chosen)
    how += f", {syntax.lowered(capital)}" if capital else ""
    note = f"{given.label} becomes N-Triples, {how}; the log keeps its SHA-256."
    made: list[Incoming] = []
    for source, triples_of in _graphs(dataset, given, name).items():
        content = folder / f"{len(made)}.nt"
        blocks = [serialize(triples_of, format=RdfFormat.N_TRIPLES) or b""]
        _write(content, blocks, given, {source, bases.stem(given.path)} if unskolemize else set())
        kept = sha256_of(content)
        lost = () if made else tuple(dropped)
        count, described = standing.tally(triples_of)
        made.append(
            Incoming(given, digest, source, ".nt", content, kept, count, note, described, lost)
        )
    return made


def _is_filled_in(path: Path, label: str) -> bool:
    """Return whether a table is one to make facts of, and not one with statements."""
    from dragoman.export.statements import COLUMNS

    return tuple(tabular.first_row(path, label)) != COLUMNS


def _of_table(  # noqa: PLR0913, PLR0917  a table, and what is told of it
    given: Given, path: Path, digest: str, folder: Path, name: str | None, tables: Tables
) -> Incoming:
    """Return the source that the rows of a table become."""
    own = _own_name(given, name, "")
    content = folder / "rows.nt"
    made = tabular.convert(
        tables.base,
        tables.facts(),
        path,
        given.label,
        own,
        content,
        tables.wanted or tabular.Wanted(),
        timeout=tables.timeout,
        without=tables.without,
    )
    triples, _ = standing.tally(set(syntax.read_rdf(content, "nt", name=given.label)))
    note = f"{given.label} becomes facts as a table of {made.mapping.name}: "
    note += f"{counted(made.rows, 'row')}, {counted(made.new, 'thing')} that the base did not know."
    if made.note:
        note += f" {made.note}"
    kept = sha256_of(content)
    return Incoming(given, digest, own, ".nt", content, kept, triples, note, table=made)


def _based(path: Path, chosen: RdfFormat, given: Given, folder: Path) -> tuple[Path, str]:
    """Return the file to keep, and a note where its base had to be written into it.

    It stands before the text on the first line, so that every line keeps its number.
    """
    if given.base_iri is None or chosen != RdfFormat.TURTLE:
        return path, ""
    try:
        for _ in syntax.read_rdf(path, chosen.file_extension, name=given.label):
            pass
    except SyntaxProblem:
        content = folder / f"based.ttl{'.gz' * path.name.endswith('.gz')}"
        opened = gzip.open if path.name.endswith(".gz") else open
        with opened(path, "rb") as text, opened(content, "wb") as based:
            start = text.read(3).removeprefix(b"\xef\xbb\xbf")
            based.write(f"@base {NamedNode(given.base_iri)} . ".encode() + start)
            shutil.copyfileobj(text, based)
        return content, f"{given.label} gets its base on its first line: <{given.base_iri}>."
    return path, ""


def _of_bulk(given: Given, folder: Path, name: str | None, *, unskolemize: bool) -> list[Incoming]:
    """Return the sources in a folder of the bulk layout, after it was proved."""
    from dragoman.export import bulk, bulk_folder

    found = bulk_folder.opened(given.path)
    bulk_folder.check(found)
    digest = _digest(found.path / bulk.MANIFEST, given.label)
    known = {graph.iri: graph for graph in found.graphs}
    left_out = [graph.name for graph in found.graphs if not _is_source(graph.iri)]
    note = f"{given.label} is what its manifest says, graph by graph."
    if left_out:
        note += f" Left out, for they are no sources: {', '.join(left_out)}."
    made: list[Incoming] = []
    for iri, blocks in bulk_folder.contents(found):
        if not _is_source(iri):
            continue
        source = _source(NamedNode(iri), given, name)
        content = folder / f"{len(made)}.nt"
        _write(content, blocks, given, {known[iri].name} if unskolemize else set())
        kept, count = sha256_of(content), known[iri].triples
        made.append(Incoming(given, digest, source, ".nt", content, kept, count, note))
        note = f"{source} becomes N-Triples, term for term."
    if not made:
        raise SyntaxProblem("It holds no source: export it with --only data.", given.label)
    return made


def _is_bulk(path: Path) -> bool:
    if "\0" in str(path) or not path.is_dir():
        return False
    from dragoman.export import bulk_folder

    return bulk_folder.is_one(path)


def _is_source(iri: str) -> bool:
    return iri.startswith(vocabulary.SOURCE_GRAPH)


def _write(file: Path, blocks: Iterable[bytes], given: Given, names: Iterable[str]) -> None:
    """Write lines of N-Triples; IRIs that stand for blank nodes of graphs so named turn back."""
    from dragoman import canonical

    def checked(name: str, before: Iterable[bytes]) -> Iterator[bytes]:
        for block in before:
            (changed,) = canonical.unskolemised([block], name)
            if changed != block and _BLANK_NODE.search(block):
                raise SyntaxProblem(
                    "It has blank nodes, and IRIs in the place of others: which is which would "
                    "not be known any more. Add it without --unskolemize.",
                    given.label,
                )
            yield changed

    for name in names:
        blocks = checked(name, blocks)
    with file.open("wb") as stream:
        stream.writelines(blocks)


def _rdf_format(path: Path, syntax_: str | None) -> RdfFormat | None:
    """Return the format that is told, or that the suffix tells; None for a table."""
    if syntax_ is None:
        return syntax.format_of(path)
    return None if suffix_of(syntax_) in TABLES else syntax.rdf_format(syntax_)


def _own_name(given: Given, name: str | None, described: str) -> str:
    if name is not None:
        return checked_name(name)
    if described:
        return checked_name(described, given.label)
    if given.label == "-":
        raise DragomanError("What comes through the pipe has no name: give one with --as NAME.")
    return checked_name(bases.stem(given.path) or given.path.name, given.label)


def _regular(given: Given, folder: Path, syntax_: str | None) -> Path:
    """Return a regular file whose suffix tells the format: the one given, or a copy of it."""
    label = given.label
    if "\0" in label:
        raise SyntaxProblem("It cannot be read: a name has no NUL in it.", label)
    try:
        mode = given.path.stat().st_mode
    except OSError as error:
        raise SyntaxProblem(f"It cannot be read: {error.strerror or error}.", label) from error
    if stat.S_ISDIR(mode):
        raise SyntaxProblem("It is a folder. Name the files in it.", label)
    if not stat.S_ISREG(mode) and not stat.S_ISFIFO(mode):
        raise SyntaxProblem("It is neither a file nor a pipe.", label)
    told = given.path.suffix.removeprefix(".").lower() if given.path.suffix != ".gz" else ""
    known = told in syntax.FORMATS or told in TABLES
    if stat.S_ISREG(mode) and (
        syntax_ is None or (known and suffix_of(told) == suffix_of(syntax_))
    ):
        return given.path
    suffix = suffix_of(syntax_)
    packed = ".gz" if given.path.suffix == ".gz" else ""
    copy = folder / f"given.{suffix}{packed}"
    try:
        with given.path.open("rb") as source, copy.open("wb") as target:
            while chunk := source.read(1 << 20):
                target.write(chunk)
                if target.tell() > 1 << 32:
                    raise SyntaxProblem("It is longer than 4 GiB.", label)
    except OSError as error:
        raise SyntaxProblem(f"It cannot be read: {error.strerror or error}.", label) from error
    return copy


def _digest(path: Path, label: str) -> str:
    try:
        return sha256_of(path)
    except OSError as error:
        raise SyntaxProblem(f"It cannot be read: {error.strerror or error}.", label) from error


def _graphs(quads: Sequence[Quad], given: Given, name: str | None) -> dict[str, list[Triple]]:
    """Return the triples of each source that a file holds, by the source's name."""
    labels: dict[BlankNode, BlankNode] = {}
    used = {term.value for quad in quads for term in quad if isinstance(term, BlankNode)}
    fresh = (label for number in count() if (label := f"n{number}") not in used)
    homes: dict[BlankNode, str] = {}
    sources: dict[str, str] = {}
    found: dict[str, dict[Triple, None]] = {}

    def named(term: object, source: str) -> object:
        """Give a blank node that the parser had to name a name that is the same in every run."""
        if isinstance(term, Triple):
            return Triple(*(named(each, source) for each in term))  # type: ignore[arg-type]
        if not isinstance(term, BlankNode):
            return term
        if homes.setdefault(term, source) != source:
            raise SyntaxProblem(
                f"The blank node {term} stands in two graphs, which become two files. Give it an "
                "IRI.",
                given.label,
            )
        if not _GENERATED.fullmatch(term.value):
            return term
        if term not in labels:
            labels[term] = BlankNode(next(fresh))
        return labels[term]

    alone = (quad for quad in quads if isinstance(quad.graph_name, DefaultGraph))
    _, described = standing.tally(alone)
    for quad in quads:
        key = str(quad.graph_name)
        if key not in sources:
            sources[key] = _source(quad.graph_name, given, name, described)
            found.setdefault(sources[key], {})
        source = sources[key]
        triple = Triple(*(named(each, source) for each in quad.triple))  # type: ignore[arg-type]
        found[source][triple] = None  # a graph is a set, in the order of the text
    return {source: list(triples) for source, triples in found.items()}


def _source(
    graph: NamedNode | BlankNode | DefaultGraph, given: Given, name: str | None, described: str = ""
) -> str:
    """Return the name of the source that a graph is; the default graph is what it describes."""
    if isinstance(graph, DefaultGraph):
        return _own_name(given, name, described)
    iri = graph.value
    if isinstance(graph, BlankNode) or not iri.startswith(vocabulary.SOURCE_GRAPH):
        raise SyntaxProblem(
            f"It names the graph {graph}, which is no source: a graph is called "
            f"<{vocabulary.SOURCE_GRAPH}NAME>, or has no name.",
            given.label,
        )
    own = checked_name(unquote(iri.removeprefix(vocabulary.SOURCE_GRAPH)), given.label)
    if name is not None and name != own:
        raise SyntaxProblem(
            f"It names the graph {graph}, which is the source {own!r} and not {name!r}: leave out "
            "--as.",
            given.label,
        )
    return own
