"""What an index was made from: the files, how to see that they changed, and its generation.

A file is as it was when its size, times and inode are. An entry that was written so soon after the
file that a later change might bear the same times is not sure, and its file is hashed again (git's
rule for racy entries).
"""

from __future__ import annotations

__all__ = ["UnusableError"]

import json
import os
from typing import TYPE_CHECKING, Final, NamedTuple

from dragoman import base as bases
from dragoman.errors import DragomanError, SyntaxProblem
from dragoman.files import sha256_of, sync_folder, write_synced

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from dragoman.base import Base, SourceFile

# The folders of a base whose files are in its index.
INDEXED: Final = (bases.ONTOLOGY, bases.DATA)
FORMAT: Final = 3
_NAME: Final = "manifest.json"
# Times that lie closer to the present may hide a change: FAT counts in two seconds.
_TICK: Final = 2_000_000_000


class Stamp(NamedTuple):
    """What the file system says of a file, times in nanoseconds."""

    size: int
    mtime: int
    ctime: int
    inode: int


class Entry(NamedTuple):
    """One file of an index.

    Attributes:
        path: from the base, or the layer, that it is in.
        stamp: what the file system said before it was read.
        sha256: of its bytes, in hexadecimal digits; empty where it could not be read.
        sure: false where a later change might bear the same stamp.
        problem: why it is left out; empty for a file that is in.
        line: of the problem.
        column: of the problem.
    """

    path: str
    stamp: Stamp
    sha256: str
    sure: bool
    problem: str = ""
    line: int | None = None
    column: int | None = None

    def warning(self, path: Path) -> str:
        """Return the line that says why the file is left out, which stands at a path today."""
        return f"{SyntaxProblem(self.problem, path, self.line, self.column)} The file is left out."


# Of a file that has to be read again, whatever it is like.
UNKNOWN: Final = Entry("", Stamp(0, 0, 0, 0), "", sure=False)


class Manifest(NamedTuple):
    """What the published generation of an index holds.

    Attributes:
        generation: name of its folder.
        previous: name of the folder of the one before, which readers may still open.
        made: when it was published, as xsd:dateTime in UTC.
        parts: the files in that folder, and their sizes.
        entries: the files, by the IRI of their graphs.
        rules: what `record.stamp` said of the rules by which its record was derived.
        left_out: the IRI of each rule that is left out of it, and a line that says why.
    """

    generation: str
    previous: str
    made: str
    parts: Mapping[str, int]
    entries: Mapping[str, Entry]
    rules: str = ""
    left_out: Sequence[tuple[str, str]] = ()


class Difference(NamedTuple):
    """How the files of a base differ from those that were indexed.

    Attributes:
        new: files that the index lacks.
        changed: files with other bytes than were indexed.
        gone: the graphs of files that are no longer there.
        known: new entries for files that are as they were, but bear another stamp, or were unsure.
    """

    new: tuple[SourceFile, ...] = ()
    changed: tuple[SourceFile, ...] = ()
    gone: tuple[str, ...] = ()
    known: Mapping[str, Entry] = {}

    def __bool__(self) -> bool:
        """Return whether the index has to be changed."""
        return bool(self.new or self.changed or self.gone)


class UnusableError(DragomanError):
    """A manifest, or the index it names, cannot be used; the text is a clause that says why."""


def read(cache: Path) -> Manifest | None:
    """Return the manifest of the published generation; None where nothing was published.

    Raises:
        UnusableError: it is damaged, or of another version.
        OSError: it cannot be read.
    """
    try:
        head, _, body = (cache / _NAME).read_bytes().partition(b"\n")
    except FileNotFoundError:
        return None
    try:
        told = json.loads(head)
        if (told["format"], told["engine"]) != (FORMAT, _engine()):
            raise UnusableError("it was made by another version")
        if told["sha256"] != _digest(body):
            raise UnusableError("its manifest is damaged")
        content = json.loads(body)
        content["entries"] = {
            graph: Entry(path, Stamp(*stamp), *rest)
            for graph, (path, stamp, *rest) in content.pop("files").items()
        }
        return Manifest(**content)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnusableError("its manifest is damaged") from error


def write(cache: Path, manifest: Manifest) -> None:
    """Publish a generation: readers find this manifest or the one before, never half of it.

    Raises:
        OSError: it cannot be written, and the one before stands.
    """
    body = json.dumps({
        "generation": manifest.generation,
        "previous": manifest.previous,
        "made": manifest.made,
        "parts": manifest.parts,
        "files": manifest.entries,
        "rules": manifest.rules,
        "left_out": manifest.left_out,
    }).encode()  # fmt: skip
    digest = _digest(body)
    head = json.dumps({"format": FORMAT, "engine": _engine(), "sha256": digest}).encode()
    waiting = cache / f"{_NAME}.new"
    waiting.unlink(missing_ok=True)
    write_synced(waiting, [head, b"\n", body])
    waiting.replace(cache / _NAME)
    sync_folder(cache)


def stamps(sources: Sequence[SourceFile]) -> dict[str, Stamp]:
    """Return the stamps of files by their graphs; files that vanished meanwhile are left out."""
    found = {}
    for source in sources:
        try:
            found[source.graph] = stamp(source.path)
        except OSError:
            continue
    return found


def stamp(path: Path) -> Stamp:
    """Return the stamp of a file.

    Raises:
        OSError: there is no such file.
    """
    told = os.stat(path)  # noqa: PTH116  half the time of Path.stat
    return Stamp(told.st_size, told.st_mtime_ns, told.st_ctime_ns, told.st_ino)


def clock(cache: Path) -> int:
    """Return the time by the clock that stamps files in a folder, in nanoseconds.

    0, which makes nothing sure, where the folder cannot be written.
    """
    file = cache / "clock"
    try:
        file.touch()
        os.utime(file)
        return file.stat().st_mtime_ns
    except OSError:
        return 0


def entry(base: Base, source: SourceFile, now: int) -> Entry:
    """Return the entry of a file as it is, the stamp taken before its bytes are hashed.

    Args:
        base: the base.
        source: the file.
        now: what `clock` said, before.
    """
    path = base.inner_path(source)
    try:
        found = stamp(source.path)
        return Entry(path, found, sha256_of(source.path), is_sure(found, now))
    except OSError:
        return Entry(path, Stamp(0, 0, 0, 0), "", False)


def with_problem(seen: Entry, problem: SyntaxProblem) -> Entry:
    """Return the entry of a file that is left out."""
    return seen._replace(problem=problem.problem, line=problem.line, column=problem.column)


def is_sure(found: Stamp, now: int) -> bool:
    """Return whether any later change must show in a file's stamp."""
    return max(found.mtime, found.ctime) < now - _TICK


def compare(
    base: Base,
    sources: Sequence[SourceFile],
    found: Mapping[str, Stamp],
    known: Manifest,
    cache: Path,
) -> Difference:
    """Return how files differ from those that were indexed. Only doubtful ones are read.

    Args:
        base: the base.
        sources: its files.
        found: their stamps.
        known: what was indexed.
        cache: the cache folder.
    """
    now: int | None = None
    new, changed = [], []
    fresh: dict[str, Entry] = {}
    present = set()
    for source in sources:
        if source.graph not in found:
            continue
        present.add(source.graph)
        old = known.entries.get(source.graph)
        if old is None:
            new.append(source)
            continue
        path = base.inner_path(source)
        if old.sure and old.stamp == found[source.graph] and old.path == path:
            continue
        now = clock(cache) if now is None else now
        seen = entry(base, source, now)
        if seen.sha256 != old.sha256 or not (old.sha256 or old.problem):
            changed.append(source)
        elif (seen.stamp, seen.sure, seen.path) != (old.stamp, old.sure, old.path):
            fresh[source.graph] = old._replace(stamp=seen.stamp, sure=seen.sure, path=path)
    gone = tuple(graph for graph in known.entries if graph not in present)
    return Difference(tuple(new), tuple(changed), gone, fresh)


def _engine() -> str:
    import pyoxigraph

    return f"pyoxigraph {pyoxigraph.__version__}"


def _digest(body: bytes) -> str:
    import hashlib  # brings OpenSSL, which a base in memory does without

    return hashlib.sha256(body).hexdigest()
