"""The bulk layout: packed parts of N-Quads or N-Triples, with a manifest that proves them.

For stores and engines that load many files at once. Parts are cut between subjects only, and blank
nodes, whose labels count in one file, are never torn apart: a graph that has some stays whole.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pyoxigraph import NamedNode

from dragoman import __version__, canonical, vocabulary
from dragoman.errors import DragomanError
from dragoman.export import description
from dragoman.export.description import Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dragoman.canonical import CanonicalGraph
    from dragoman.export.description import Counts

MANIFEST: Final = "manifest.json"
SUMS: Final = "SHA256SUMS"
FORMAT: Final = 1
LIMIT: Final = 256 << 20
N_QUADS: Final = "application/n-quads"
N_TRIPLES: Final = "application/n-triples"


@dataclass(frozen=True)
class Cut:
    """How graphs are cut into parts.

    Attributes:
        limit: a part's text, before it is packed, is no longer than so many bytes, unless one
            subject, or one graph with blank nodes, is.
        parts: into about so many parts of one size, instead.
        graph_files: parts of one graph each, as N-Triples, beside a file with its IRI: for the
            bulk loader of Virtuoso.
    """

    limit: int = LIMIT
    parts: int | None = None
    graph_files: bool = False


class _Chunk(NamedTuple):
    """Lines of a graph.

    Attributes:
        graph: its IRI.
        data: the lines.
        weight: how many bytes have to stay together, or may be cut within this chunk.
        starts: whether a part may start here.
        whole: whether it may not be cut within; otherwise it may between two subjects.
    """

    graph: str
    data: bytes
    weight: int
    starts: bool = True
    whole: bool = False


@dataclass
class _Written:
    """What is known of a part when it is written."""

    size: int = 0
    quads: int = 0
    digest: Any = field(default_factory=hashlib.sha256)
    graphs: list[str] = field(default_factory=list)


def files(
    graphs: Sequence[CanonicalGraph],
    prefixes: Mapping[str, str],
    cut: Cut | None = None,
    *,
    skolemize: bool = False,
    rights: str = "",
) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Return the files of the layout: parts, description, manifest and sums.

    Each is to be read to its end before the next is asked for.

    Args:
        graphs: what to write.
        prefixes: what IRIs are shortened with in the description.
        cut: how.
        skolemize: blank nodes become IRIs, which `canonical.unskolemised` turns back.
        rights: the text of the base about rights, for the description.

    Raises:
        DragomanError: two graphs have one name, which the IRIs of blank nodes are made of.
    """
    told = graphs
    if skolemize:
        check_names(graphs)
        told = canonical.skolemised(graphs)
    return _files(told, graphs, prefixes, cut or Cut(), rights)


def _files(
    graphs: Sequence[CanonicalGraph],
    before: Sequence[CanonicalGraph],
    prefixes: Mapping[str, str],
    cut: Cut,
    rights: str,
) -> Iterator[tuple[str, Iterable[bytes]]]:
    counts = {graph.iri: description.counts_of(graph) for graph in graphs}
    sums: list[tuple[str, str]] = []

    def summed(name: str, data: bytes) -> tuple[str, Iterable[bytes]]:
        sums.append((name, hashlib.sha256(data).hexdigest()))
        return name, [data]

    parts: list[Part] = []
    ending = "nt" if cut.graph_files else "nq"
    for number, chunks in enumerate(_parts(graphs, cut), 1):
        stem, seen = f"part-{number:05}.{ending}", _Written()
        yield f"{stem}.gz", _packed(chunks, seen)
        media = N_TRIPLES if cut.graph_files else N_QUADS
        sha256 = seen.digest.hexdigest()
        parts.append(Part(f"{stem}.gz", media, seen.size, sha256, seen.quads, (*seen.graphs,)))
        sums.append((f"{stem}.gz", sha256))
        if cut.graph_files:  # its name is that of the part without .gz: Virtuoso looks for no other
            yield summed(f"{stem}.graph", f"{NamedNode(seen.graphs[0]).value}\n".encode())
    told = description.written(graphs, prefixes, rights=rights, parts=parts, counts=counts)
    yield summed(description.NAME, told)
    manifest = _manifest(graphs, before, parts, counts)
    yield summed(MANIFEST, f"{json.dumps(manifest, ensure_ascii=False, indent=1)}\n".encode())
    yield SUMS, ["".join(f"{sha256}  {name}\n" for name, sha256 in sums).encode()]


def check_names(graphs: Iterable[CanonicalGraph]) -> None:
    """Check that IRIs for blank nodes tell the graphs apart.

    Raises:
        DragomanError: two graphs have one name.
    """
    seen: set[str] = set()
    for graph in graphs:
        if not graph.blank_nodes:
            continue
        if graph.name in seen:
            raise DragomanError(
                f"Two graphs are called {graph.name}, and IRIs for blank nodes are made of the "
                "name. Export them one by one, or give the blank nodes IRIs."
            )
        seen.add(graph.name)


def _manifest(
    graphs: Sequence[CanonicalGraph],
    before: Sequence[CanonicalGraph],
    parts: Sequence[Part],
    counts: Mapping[str, Counts],
) -> dict[str, Any]:
    """Return what the manifest says."""
    told = []
    for graph, original in zip(graphs, before, strict=True):
        found = counts[graph.iri].told
        entry: dict[str, Any] = {
            "iri": graph.iri,
            "name": graph.name,
            "folder": graph.folder,
            "triples": graph.count,
            "blankNodes": graph.blank_nodes,
            "rdfc10": graph.sha256,
        }
        if original.blank_nodes > graph.blank_nodes:
            entry["skolemized"] = {"blankNodes": original.blank_nodes, "rdfc10": original.sha256}
        for key, term in (
            ("license", vocabulary.DCTERMS_LICENSE),
            ("source", vocabulary.DCTERMS_SOURCE),
        ):
            if term in found:
                entry[key] = [each.value for each in found[term] if hasattr(each, "value")]
        told.append(entry)
    return {
        "format": FORMAT,
        "dragoman": __version__,
        "version": description.version(graphs),
        "totals": {
            "parts": len(parts),
            "bytes": sum(part.size for part in parts),
            "graphs": len(graphs),
            "quads": sum(graph.count for graph in graphs),
        },
        "parts": [
            {
                "name": part.name,
                "mediaType": part.media_type,
                "bytes": part.size,
                "sha256": part.sha256,
                "quads": part.quads,
                "graphs": list(part.graphs),
            }
            for part in parts
        ],
        "graphs": told,
    }


# ------------------------------------------------------------------ cutting


def _parts(graphs: Sequence[CanonicalGraph], cut: Cut) -> Iterator[Iterator[_Chunk]]:
    """Yield the parts, each the chunks of its lines."""
    named = not cut.graph_files
    size = cut.limit
    if cut.parts:
        size = -(-sum(_size(graph, named=named) for graph in graphs) // cut.parts) or 1
    chunks = [_chunks(graph, named=named) for graph in graphs]
    for stream in [chain.from_iterable(chunks)] if named else chunks:
        waiting = _Waiting(iter(stream))
        while waiting.head:
            yield waiting.taken(size, beyond=cut.parts is not None)


class _Waiting:
    """Chunks that wait to be written; the first may be cut in two."""

    def __init__(self, chunks: Iterator[_Chunk]) -> None:
        self._chunks = chunks
        self.head = next(chunks, None)

    def taken(self, size: int, *, beyond: bool) -> Iterator[_Chunk]:
        """Yield chunks of at most so many bytes together; with `beyond`, of at least so many.

        They are more where one subject, or one graph with blank nodes, is more.
        """
        room = size
        while self.head:
            head, empty = self.head, room == size
            place = len(head.data)
            if head.starts and (room <= 0 or head.weight > room):
                if head.whole or room <= 0:
                    place = place if empty or (beyond and room > 0) else 0
                elif beyond:
                    place = _after(head.data, room)
                else:
                    place = _before(head.data, room)
                    place = place or (_after(head.data, room) if empty else 0)
            if not place:
                return
            rest = head.data[place:]
            if rest:
                yield head._replace(data=head.data[:place])
                self.head = head._replace(data=rest, weight=len(rest))
                return
            self.head = next(self._chunks, None)
            room -= place
            yield head


def _before(data: bytes, room: int) -> int:
    """Return the last place, within so many bytes, where a subject begins or the data ends."""
    place = data.rfind(b"\n", 0, room) + 1
    while place and place < len(data):
        start = data.rfind(b"\n", 0, place - 1) + 1
        if _subject(data, start) != _subject(data, place):
            break
        place = start
    return place


def _after(data: bytes, room: int) -> int:
    """Return the first place, behind so many bytes, where a subject begins or the data ends."""
    place = data.find(b"\n", max(0, room - 1)) + 1
    start = data.rfind(b"\n", 0, place - 1) + 1
    while place < len(data) and _subject(data, start) == _subject(data, place):
        start, place = place, data.find(b"\n", place) + 1
    return place


def _subject(data: bytes, start: int) -> bytes:
    return data[start : data.index(b" ", start)]


def _size(graph: CanonicalGraph, *, named: bool) -> int:
    return graph.quads_size if named else graph.size


def _chunks(graph: CanonicalGraph, *, named: bool) -> Iterator[_Chunk]:
    """Yield the lines of a graph in chunks of whole subjects; or of one whole, as they come."""
    blocks = graph.quads() if named else graph.blocks()
    if graph.blank_nodes:
        weight = _size(graph, named=named)
        for number, block in enumerate(blocks):
            yield _Chunk(graph.iri, block, weight, number == 0, True)
        return
    rest = b""
    for block in blocks:
        data = rest + block
        # of the last subject, the next block may have more
        subject = _subject(data, data.rfind(b"\n", 0, -1) + 1)
        last = 0 if data.startswith(subject + b" ") else _before(data, len(data) - 1)
        if last:
            yield _Chunk(graph.iri, data[:last], last)
        rest = data[last:]
    if rest:
        yield _Chunk(graph.iri, rest, len(rest))


# ------------------------------------------------------------------ packing


def _packed(chunks: Iterator[_Chunk], seen: _Written) -> Iterator[bytes]:
    """Yield chunks as a gzip file (RFC 1952) without name and time, and note what they are."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    check = length = 0

    def noted(data: bytes) -> bytes:
        seen.digest.update(data)
        seen.size += len(data)
        return data

    yield noted(b"\x1f\x8b\x08\0\0\0\0\0\0\xff")  # of an unknown system, so the same on all
    for graph, data, *_ in chunks:
        seen.quads += data.count(b"\n")
        if seen.graphs[-1:] != [graph]:
            seen.graphs.append(graph)
        check = zlib.crc32(data, check)
        length += len(data)
        if packed := packer.compress(data):
            yield noted(packed)
    yield noted(packer.flush() + struct.pack("<LL", check, length & 0xFFFFFFFF))
