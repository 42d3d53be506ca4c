"""Sending graphs into a store by the best way that it has, and moving and dropping them there.

By the Graph Store Protocol (SPARQL 1.1, W3C 2013) where the store speaks it, as one stream; else by
INSERT DATA in parts, which are halved when they are refused.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Final

from dragoman import canonical
from dragoman.errors import DragomanError, StoreError
from dragoman.remote import Client, is_near

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from dragoman.canonical import CanonicalGraph
    from dragoman.remote import Profile

# From so many statements on, the ways that are quick and stop halfway are taken.
LARGE: Final = 50_000
N_TRIPLES: Final = "application/n-triples"
UPDATE: Final = "application/sparql-update"
# A store may be silent so long while it works: at least, and for each statement.
_PATIENCE: Final = 600.0
_EACH: Final = 0.002
# Answers to a part that say nothing against half of it.
_TOO_MUCH: Final = frozenset({400, 413, 414, 431, 500})
_MOST_BYTES: Final = 4 << 20


@dataclass(frozen=True)
class Load:
    """What is sent: blocks of bytes, as often as they are asked for.

    Attributes:
        blocks: gives them anew each time.
        size: in bytes, all of them; 0 where that is not known.
        count: how many statements; 0 where that is not known.
        again: whether it may be sent twice: no blank nodes, which would be others each time.
    """

    blocks: Callable[[], Iterable[bytes]]
    size: int
    count: int
    again: bool = False


def load_of(graph: CanonicalGraph) -> Load:
    """Return a graph as N-Triples."""
    return Load(graph.blocks, graph.size, graph.count, not graph.blank_nodes)


def loads_of(graphs: Sequence[CanonicalGraph]) -> Load:
    """Return several graphs as one dataset in N-Quads."""
    several = canonical.apart(graphs)

    def blocks() -> Iterator[bytes]:
        return chain.from_iterable(graph.quads() for graph in several)

    size, count = (sum(graph.quads_size for graph in several), sum(graph.count for graph in graphs))
    return Load(blocks, size, count, again=not any(graph.blank_nodes for graph in graphs))


def named_part(graph: CanonicalGraph) -> Load:
    """Return the statements of a graph that have no blank nodes."""
    return Load(graph.named.blocks, graph.named.size, graph.count, again=True)


class Uploader:
    """Writes into one store.

    Args:
        profile: which one.
        watch: is told of each number of bytes that were sent.
        note: is told of each request.
    """

    def __init__(
        self,
        profile: Profile,
        watch: Callable[[int], None] | None = None,
        note: Callable[[str], None] | None = None,
    ) -> None:
        self._watch, self._note = watch, note
        self._profile = profile
        self._methods = profile.kind.graph_methods if profile.graphs else frozenset[str]()
        self._clients: dict[float, Client] = {}
        if not profile.graphs and not profile.update:
            raise DragomanError(
                f"{profile.name}: nothing can be written there: it has neither an address for "
                "updates nor the Graph Store Protocol. Add update = or graphs = to its profile."
            )

    @property
    def in_parts(self) -> bool:
        """Whether graphs go there in parts, as INSERT DATA."""
        return "POST" not in self._methods and "PUT" not in self._methods

    @property
    def moves(self) -> bool:
        """Whether a graph can be moved to another name there."""
        return self._profile.update is not None and "MOVE" in self._profile.kind.updates

    @property
    def takes_datasets(self) -> bool:
        """Whether several graphs can go there as one."""
        return bool(self._profile.kind.datasets and "POST" in self._methods)

    def close(self) -> None:
        """Close the connections."""
        for client in self._clients.values():
            client.close()

    # -------------------------------------------------------------- graphs

    def replace(self, graph: str, load: Load) -> None:
        """Make a graph what is sent, by PUT, else by dropping it and POST.

        Raises:
            StoreError: it failed, and the graph may hold anything.
        """
        if "PUT" in self._methods:
            self._send("PUT", graph, load)
        else:
            self.drop(graph)
            self._send("POST", graph, load)

    def append(self, graph: str | None, load: Load, *, bulk: bool = False) -> None:
        """Add statements to a graph, by POST; None is the default graph.

        Raises:
            StoreError: it failed, and some of them may be there.
        """
        if "POST" not in self._methods:
            raise DragomanError(f"{self._profile.name}: nothing can be added to a graph there.")
        self._send("POST", graph, load, self._profile.kind.bulk if bulk else ())

    def append_all(self, load: Load, *, bulk: bool) -> None:
        """Add the statements of a dataset in N-Quads to their graphs.

        Args:
            load: the dataset.
            bulk: by the way that is quick, and stops halfway where it fails.

        Raises:
            StoreError: it failed, and some of them may be there.
        """
        kind = self._profile.kind
        assert self._profile.graphs is not None  # noqa: S101  see `takes_datasets`
        params = dict(kind.bulk) if bulk else {}
        self._request("POST", self._profile.graphs, params, kind.datasets, load)

    def insert(
        self, graph: str, load: Load, start: int = 0, done: Callable[[int], None] | None = None
    ) -> None:
        """Add statements to a graph in parts.

        Args:
            graph: its IRI.
            load: N-Triples, one statement a line.
            start: how many of them are there already.
            done: is told how many are.

        Raises:
            StoreError: it failed; names the statement where one was refused alone.
        """
        most = self._profile.triples_per_insert
        sent = 0
        for part in _parts(load.blocks(), most):
            if sent + len(part) > start:
                self._insert(graph, part[max(0, start - sent) :])
                if done:
                    done(sent + len(part))
            sent += len(part)

    def drop(self, graph: str) -> None:
        """Take a graph away, whether it is there or not.

        Raises:
            StoreError: it failed.
        """
        if "DELETE" in self._methods:
            address, params = self._profile.graph_request(graph)
            client = self._client(_PATIENCE)
            client.request("DELETE", address, params=params, fine=(404,))
            return
        updates = self._profile.kind.updates
        form = next((each for each in ("DROP", "CLEAR") if each in updates), None)
        if form:
            self.update(f"{form} SILENT GRAPH <{graph}>")
        else:
            self.update(f"DELETE WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")

    def move(self, pairs: Iterable[tuple[str, str]], count: int) -> None:
        """Give graphs other names, in one request: what had those names is gone.

        Args:
            pairs: the old and the new name of each.
            count: how many statements they hold.

        Raises:
            StoreError: it failed; a store with transactions has then done nothing.
        """
        text = " ;\n".join(f"MOVE <{old}> TO <{new}>" for old, new in pairs)
        # made twice, it would put the absent graph in the place of the one that was moved
        self.update(text, count, again=False)

    def update(self, text: str, count: int = 0, *, again: bool = True) -> None:
        """Send a SPARQL update.

        Args:
            text: the update.
            count: how many statements it changes, for patience.
            again: whether it may be made twice.

        Raises:
            StoreError: it failed.
        """
        if self._profile.update is None:
            raise DragomanError(f"{self._profile.name}: it has no address for updates.")
        client = self._client(_PATIENCE + count * _EACH)
        client.request(
            "POST",
            self._profile.update,
            headers={"Content-Type": UPDATE},
            content=text.encode(),
            safe=again,
        )

    # -------------------------------------------------------------- sending

    def _send(
        self,
        method: str,
        graph: str | None,
        load: Load,
        further: Iterable[tuple[str, str]] = (),
    ) -> None:
        address, params = self._profile.graph_request(graph)
        kinds = self._profile.uploads
        media_type = N_TRIPLES if N_TRIPLES in kinds or not kinds else kinds[0]
        self._request(method, address, params | dict(further), media_type, load)

    def _request(
        self, method: str, address: str, params: Mapping[str, str], media_type: str, load: Load
    ) -> None:
        headers = {"Content-Type": media_type}
        # on this machine packing takes longer than sending
        packed = self._profile.kind.packed and not is_near(address)
        if packed:
            headers["Content-Encoding"] = "gzip"

        def content() -> Iterator[bytes]:
            blocks = _watched(load.blocks(), self._watch)
            return _packed(blocks) if packed else blocks

        client = self._client(_PATIENCE + load.count * _EACH)
        length = None if packed else load.size or None
        client.request(
            method, address, params=params, headers=headers, content=content, length=length,
            safe=method == "PUT" or load.again,
        )  # fmt: skip

    def _insert(self, graph: str, lines: list[bytes]) -> None:
        text = b"".join(lines)
        try:
            self.update(f"INSERT DATA {{ GRAPH <{graph}> {{\n{text.decode()}}} }}", len(lines))
        except StoreError as error:
            if error.status not in _TOO_MUCH:
                raise
            if len(lines) == 1:
                line = text.decode().strip()
                raise StoreError(
                    f"{error} It was asked to take: {line[:500]}", error.status
                ) from error
            half = len(lines) // 2
            self._insert(graph, lines[:half])
            self._insert(graph, lines[half:])
            return
        if self._watch:
            self._watch(len(text))

    def _client(self, patience: float) -> Client:
        """Return a client that waits so long; few, so that connections are used again."""
        timeout = self._profile.timeout
        while timeout < patience:
            timeout *= 4
        if timeout not in self._clients:
            self._clients[timeout] = Client(replace(self._profile, timeout=timeout), self._note)
        return self._clients[timeout]


def _parts(blocks: Iterable[bytes], most: int) -> Iterator[list[bytes]]:
    """Yield lines, so many at a time and of a bounded size; always cut at the same places."""
    part: list[bytes] = []
    size = 0
    for block in blocks:
        for line in block.split(b"\n")[:-1]:
            part.append(line + b"\n")
            size += len(line)
            if len(part) >= most or size > _MOST_BYTES:
                yield part
                part, size = [], 0
    if part:
        yield part


def _watched(blocks: Iterable[bytes], watch: Callable[[int], None] | None) -> Iterator[bytes]:
    for block in blocks:
        yield block
        if watch:
            watch(len(block))


def _packed(blocks: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(1, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    for block in blocks:
        if data := packer.compress(block):
            yield data
    yield packer.flush()
