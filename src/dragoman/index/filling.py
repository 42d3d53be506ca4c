"""Loading many files into an empty part of the index, as fast as the engine can.

N-Triples go to the engine as N-Quads text, each line once with the graph of its file and once
without, for the default graph: that costs no term in Python, and the bulk loader can work in
several threads, for it holds no lock of the interpreter. Everything else (Turtle, files with blank
nodes, which the loader renames at each call) is parsed here.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import IO, TYPE_CHECKING, Final, cast

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, parse

from dragoman import spellings, syntax
from dragoman.errors import DragomanError, SyntaxProblem
from dragoman.files import hash_of, size_of
from dragoman.syntax.reading import MAX_TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from pyoxigraph import Store

    from dragoman.index.generations import Begun

    Progress = Callable[[int, int], None]

_CHUNK: Final = 1 << 20
# Each call of the bulk loader leaves a file in each of the engine's ten tables, which makes opening
# slow when there are thousands, and holds in memory about twelve times what it is given.
_PIECE: Final = 16 << 20
_PIECES: Final = 64
_LARGEST: Final = 48 << 20
_BATCH: Final = 200_000
_WORKERS: Final = 2
# A statement that something follows on its line would lose its graph.
_TRAILING: Final = re.compile(rb"\.[ \t]*#")


class SpoiltError(Exception):
    """A file turned out to be wrong when some of it was already loaded.

    Attributes:
        graph: the graph of the file.
        problem: what is wrong with it.
    """

    def __init__(self, graph: str, problem: SyntaxProblem) -> None:
        super().__init__(graph)
        self.graph, self.problem = graph, bare(problem)


class _CarefulError(Exception):
    """A file needs the careful way."""


class _StoppedError(Exception):
    """The work is being given up."""


def fill(
    begun: Begun,
    files: Sequence[tuple[str, Path]],
    *,
    merge: Store | None = None,
    bad: Mapping[str, SyntaxProblem] | None = None,
    progress: Progress | None = None,
) -> dict[str, tuple[str, SyntaxProblem | None]]:
    """Load files into their graphs and into the default graph. Their graphs must be empty before.

    Ctrl-C ends it within seconds; what is in the store then is of no use.

    Args:
        begun: the generation; its second store is asked for where literals are spelt otherwise.
        files: the graph and the path of each.
        merge: takes what the default graph takes, too.
        bad: files that are known to be wrong, by their graphs.
        progress: called with the bytes read so far, and those there are.

    Returns:
        The SHA-256 of each file (empty where it cannot be read), and why it was left out.

    Raises:
        SpoiltError: a file is wrong, and some of it is in the store.
        OSError: the store cannot be written.
    """
    return _Filling(begun, files, merge, bad or {}, progress).run()


def bare(problem: SyntaxProblem) -> SyntaxProblem:
    """Return a problem without the trace of where it came up, which would hold a store open."""
    return SyntaxProblem(problem.problem, problem.file, problem.line, problem.column)


class _Piece:
    """Whole lines of one or several files, for one call of the bulk loader."""

    def __init__(self) -> None:
        self.parts: list[tuple[str, Path, list[bytes], bool]] = []
        self.size = 0


class _Text:
    """A stream of the N-Quads of a piece."""

    def __init__(self, piece: _Piece, stopped: threading.Event) -> None:
        self._texts, self._stopped = _quads(piece), stopped
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        """Return some bytes, or none at the end."""
        if self._stopped.is_set():
            raise _StoppedError
        if not self._rest:
            self._rest = next(self._texts, b"")
        if 0 <= size < len(self._rest):
            given, self._rest = self._rest[:size], self._rest[size:]
        else:
            given, self._rest = self._rest, b""
        return given


class _Filling:
    def __init__(
        self,
        begun: Begun,
        files: Sequence[tuple[str, Path]],
        merge: Store | None,
        bad: Mapping[str, SyntaxProblem],
        progress: Progress | None,
    ) -> None:
        self._store, self._second, self._merge = begun.store, begun.second, merge
        self._files, self._bad, self._progress = files, bad, progress
        self._sizes = [size_of(path) for _, path in files]
        self._total, self._read = sum(self._sizes), 0
        self._piece_size = min(max(_PIECE, self._total // _PIECES), _LARGEST)
        self._piece = _Piece()
        self._batch: list[Quad] = []
        self._stopped = threading.Event()
        workers = min(_WORKERS, os.cpu_count() or 1)
        self._pool = ThreadPoolExecutor(workers)
        # As many pieces wait as are worked on: the memory stays bounded.
        self._room = threading.Semaphore(workers + 1)
        self._waiting: list[Future[None]] = []
        # Files of which plain lines went to the engine before a line needed care.
        self._begun: set[str] = set()
        self._found: dict[str, tuple[str, SyntaxProblem | None]] = {}

    def run(self) -> dict[str, tuple[str, SyntaxProblem | None]]:
        try:
            for (graph, path), size in zip(self._files, self._sizes, strict=True):
                before = self._read
                self._load(graph, path)
                self._tell(before + size - self._read)
            self._flush_piece()
            self._flush_batch()
            for each in self._waiting:
                each.result()
        except BaseException:
            self._stopped.set()
            raise
        finally:
            self._pool.shutdown(wait=True, cancel_futures=True)
        return self._found

    def _load(self, graph: str, path: Path) -> None:
        if known := self._bad.get(graph):
            self._found[graph] = (hash_of(path), known)
            return
        try:
            if path.name.removesuffix(".gz").endswith(".nt"):
                self._load_lines(graph, path)
                return
        except _CarefulError:
            pass
        self._load_quads(graph, path)

    def _load_lines(self, graph: str, path: Path) -> None:
        digest = hashlib.sha256()
        chunks: list[bytes] = []
        whole, empty, suspect = True, True, False
        for chunk in _lines(path, digest.update):
            if not _is_plain(chunk):
                raise _CarefulError
            empty = False
            suspect = suspect or spellings.is_suspect(chunk)
            chunks.append(chunk)
            self._piece.size += len(chunk)
            if not path.name.endswith(".gz"):
                self._tell(len(chunk))
            if self._piece.size >= self._piece_size:
                whole = False
                self._begun.add(graph)
                self._piece.parts.append((graph, path, chunks, whole))
                self._flush_piece()
                chunks = []
        if empty:
            raise _CarefulError
        self._found[graph] = (digest.hexdigest(), None)
        if chunks:
            self._piece.parts.append((graph, path, chunks, whole))
        if suspect:
            self._load_spelt(graph, path)

    def _load_spelt(self, graph: str, path: Path) -> None:
        """Load into the second store what a file of plain lines has for it."""
        try:
            names = spellings.respelt(path)
            if names:
                quads = spellings.in_graph(syntax.read_rdf(path), NamedNode(graph))
                self._extend_second(spellings.spelt(quads, names))
        except SyntaxProblem:
            return  # loading the lines finds it, too

    def _extend_second(self, quads: Iterable[Quad]) -> None:
        second, rest = self._second(), iter(quads)
        while batch := list(islice(rest, _BATCH)):
            self._give(partial(second.bulk_extend, batch))

    def _load_quads(self, graph: str, path: Path) -> None:
        digest = hash_of(path)
        name, default = NamedNode(graph), DefaultGraph()
        quads: list[Quad] = []
        pushed = False
        try:
            names = spellings.respelt(path)
            for quad in syntax.read_rdf(path, rename_blank_nodes=True):
                subject, predicate, value, _ = quad
                quads.append(Quad(subject, predicate, value, name))
                quads.append(Quad(subject, predicate, value, default))
                if len(quads) >= _BATCH:
                    self._extend(quads)
                    if names:
                        self._extend_second(spellings.spelt(quads[::2], names))
                    quads, pushed = [], True
        except SyntaxProblem as problem:
            if pushed or graph in self._begun:
                raise SpoiltError(graph, problem) from problem
            self._found[graph] = (digest, bare(problem))
            return
        self._found[graph] = (digest, None)
        if names:
            self._extend_second(spellings.spelt(quads[::2], names))
        self._batch += quads
        if len(self._batch) >= _BATCH:
            self._flush_batch()

    def _tell(self, size: int) -> None:
        self._read += size
        if self._progress:
            self._progress(self._read, self._total)

    def _flush_piece(self) -> None:
        piece, self._piece = self._piece, _Piece()
        if piece.parts:
            self._give(lambda: self._bulk_load(piece))

    def _flush_batch(self) -> None:
        batch, self._batch = self._batch, []
        if batch:
            self._extend(batch)

    def _extend(self, quads: list[Quad]) -> None:
        self._give(lambda: self._store.bulk_extend(quads))
        if (merge := self._merge) is not None:
            self._give(lambda: merge.bulk_extend(quads[1::2]))

    def _give(self, work: Callable[[], None]) -> None:
        self._room.acquire()

        def labour() -> None:
            try:
                if not self._stopped.is_set():
                    work()
            finally:
                self._room.release()

        self._waiting.append(self._pool.submit(labour))
        for each in [each for each in self._waiting if each.done()]:
            self._waiting.remove(each)
            each.result()

    def _bulk_load(self, piece: _Piece) -> None:
        """Load a piece, all or nothing; without the files in it that are wrong."""
        try:
            text = cast("IO[bytes]", _Text(piece, self._stopped))
            self._store.bulk_load(text, RdfFormat.N_QUADS)
            if self._merge is not None:
                for _, _, chunks, _ in piece.parts:
                    self._merge.bulk_load(b"".join(chunks), RdfFormat.N_TRIPLES)
        except (SyntaxError, ValueError, MemoryError) as error:
            good = _Piece()
            for part in piece.parts:
                graph, path, chunks, whole = part
                problem = _problem(path, chunks)
                if problem is None:
                    good.parts.append(part)
                elif whole:
                    self._found[graph] = (self._found[graph][0], problem)
                else:
                    raise SpoiltError(graph, problem) from error
            if len(good.parts) == len(piece.parts):
                raise DragomanError(f"The index cannot be made: {error}") from error
            if good.parts:
                self._bulk_load(good)


def _quads(piece: _Piece) -> Iterator[bytes]:
    for graph, _, chunks, _ in piece.parts:
        end = f" <{graph}> .\n".encode()
        for chunk in chunks:
            yield chunk.replace(b" .\n", end)
            yield chunk


def _lines(path: Path, seen: Callable[[bytes], None]) -> Iterator[bytes]:
    """Yield whole lines, a mebibyte at a time; `seen` gets the bytes of the file as they are."""
    rest = b""
    try:
        with path.open("rb") as raw:
            packed = path.name.endswith(".gz")
            stream = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if packed else raw
            while chunk := stream.read(_CHUNK):
                if not packed:
                    seen(chunk)
                end = chunk.rfind(b"\n") + 1
                if not end:
                    if len(rest) > MAX_TOKEN:
                        raise _CarefulError
                    rest += chunk
                    continue
                yield rest + chunk[:end]
                rest = chunk[end:]
            if packed:
                raw.seek(0)
                while chunk := raw.read(_CHUNK):
                    seen(chunk)
    except (OSError, EOFError, zlib.error) as error:
        raise _CarefulError from error
    if rest:
        yield rest + b"\n"


def _is_plain(chunk: bytes) -> bool:
    """Return whether each line is one statement that ends as all do, without a blank node."""
    return (
        chunk.endswith(b" .\n")
        and chunk.count(b" .\n") == chunk.count(b"\n")
        and b"_:" not in chunk
        and b"\r" not in chunk
        and b"\0" not in chunk
        and not chunk.startswith(b"\xef\xbb\xbf")
        and not _TRAILING.search(chunk)
    )


def _problem(path: Path, chunks: list[bytes]) -> SyntaxProblem | None:
    """Return what is wrong with some lines of a file; None where nothing is."""
    try:
        for _ in parse(b"".join(chunks), RdfFormat.N_TRIPLES):
            pass
    except (SyntaxError, ValueError, MemoryError) as error:
        try:  # the careful reader finds the words for it
            for _ in syntax.read_rdf(path):
                pass
        except SyntaxProblem as problem:
            return bare(problem)
        return SyntaxProblem(f"{error}.", path)
    return None
