"""Sending files of N-Triples as they are, while their graphs are still being made canonical.

Only what is large, and new in the store: a first push of much data takes as long as the store, and
not as long as both.
"""

from __future__ import annotations

import mmap
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from pyoxigraph import NamedNode, Quad, RdfFormat, parse, serialize

from dragoman.canonical import whole_lines
from dragoman.files import chunks_of, size_of
from dragoman.push.uploading import Load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from dragoman.push.uploading import Uploader

# Less than this is made canonical before anybody notices.
_LARGE: Final = 4 << 20
# Seconds after which the interpreter passes from one thread to the other.
_INTERVAL: Final = 0.0002
# Bytes of a statement, about: how long to wait for a store.
_STATEMENT: Final = 150


@dataclass
class Ahead:
    """Files on their way into a store, each a graph that was not there.

    Attributes:
        files: the graph of each, and the file.
    """

    uploader: Uploader
    files: Sequence[tuple[str, Path]]
    _failure: list[BaseException] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _interval: float = 0.005

    @property
    def graphs(self) -> set[str]:
        """The IRIs of the graphs."""
        return {graph for graph, _ in self.files}

    def start(self) -> None:
        """Begin to send."""
        # Whoever sends wants the interpreter often, and only for a moment.
        self._interval = sys.getswitchinterval()
        sys.setswitchinterval(_INTERVAL)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Wait until all is sent.

        Raises:
            StoreError: it failed.
        """
        self._wait()
        if self._failure:
            raise self._failure[0]

    def stop(self) -> None:
        """Send no more."""
        self._stop.set()
        self._wait()

    def _wait(self) -> None:
        try:
            while self._thread and self._thread.is_alive():
                self._thread.join(0.1)
        finally:
            sys.setswitchinterval(self._interval)

    def _run(self) -> None:
        try:
            if self.uploader.takes_datasets:
                size = sum(size_of(path) for _, path in self.files)
                load = Load(self._named, 0, size // _STATEMENT, again=True)
                self.uploader.append_all(load, bulk=True)
                return
            for graph, path in self.files:
                size = size_of(path)
                load = Load(_Blocks(self, path), size, size // _STATEMENT, again=True)
                self.uploader.replace(graph, load)
        except BaseException as error:  # noqa: BLE001  handed to who waits
            self._failure.append(error)

    def _named(self) -> Iterator[bytes]:
        for graph, path in self.files:
            yield from self.watched(_in_graph(path, graph))

    def watched(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield blocks until it is to stop."""
        for block in blocks:
            if self._stop.is_set():
                raise InterruptedError
            yield block


@dataclass(frozen=True)
class _Blocks:
    """The blocks of a file, as often as they are asked for."""

    ahead: Ahead
    path: Path

    def __call__(self) -> Iterator[bytes]:
        return self.ahead.watched(chunks_of(self.path))


def files_for(uploader: Uploader, new: Iterable[tuple[str, Path]]) -> Sequence[tuple[str, Path]]:
    """Return which new graphs are worth sending ahead: those of plain N-Triples, where large.

    Args:
        uploader: the store.
        new: graphs that the store has not, and their files.
    """
    if uploader.in_parts:
        return ()
    found = [(graph, path) for graph, path in new if path.name.endswith(".nt")]
    found = [(graph, path) for graph, path in found if not _may_have_blank_nodes(path)]
    return found if sum(size_of(path) for _, path in found) >= _LARGE else ()


def _may_have_blank_nodes(path: Path) -> bool:
    """Return whether a file has blank nodes, which others may have by the same labels."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
            return text.find(b"_:") >= 0 or text[:3] == b"\xef\xbb\xbf"
    except (OSError, ValueError):
        return True


def _in_graph(path: Path, graph: str) -> Iterator[bytes]:
    """Yield the statements of a file as N-Quads."""
    name = NamedNode(graph)
    end = f" {name} .\n".encode()
    for block in whole_lines(chunks_of(path)):
        if _is_plain(block):
            yield block.replace(b" .\n", end)
        else:
            quads = (_moved(quad, name) for quad in parse(block, RdfFormat.N_TRIPLES))
            yield cast("bytes", serialize(quads, format=RdfFormat.N_QUADS))


def _moved(quad: Quad, graph: NamedNode) -> Quad:
    return Quad(quad.subject, quad.predicate, quad.object, graph)


def _is_plain(block: bytes) -> bool:
    """Return whether each line is a statement that ends as `serialize` ends it.

    A line feed ends a line of N-Triples and nothing else. A comment starts its line, or follows
    white space or the statement's full stop: with none of that, no line has one.
    """
    return (
        block.count(b"\n") == block.count(b" .\n")
        and not block.startswith(b"#")
        and not any(mark in block for mark in (b"\n#", b" #", b".#", b"\t", b"\r"))
    )
