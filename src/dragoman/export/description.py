"""What an export holds, described in VoID, DCAT and the words of SPARQL service description.

Every count is the one that SPARQL would give. What is said of a graph is what its own source, or
its ontology, says of itself; where nothing is said, nothing is told.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from dragoman import canonical, turtle, vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dragoman.canonical import CanonicalGraph
    from dragoman.store import Term

NAME: Final = "description.ttl"
_TITLE: Final = "Graphs of a base of Dragoman"
_TEXT: Final = (
    "Named graphs of a base of Dragoman, a knowledge graph of diplomatic relationships. Each file "
    "of the base is a graph, and each file of data a source."
)
_TYPE: Final = f"<{vocabulary.RDF_TYPE}>".encode()
_TELLING: Final = frozenset(
    f"<{each}>".encode()
    for each in (
        *vocabulary.DESCRIBED_BY,
        *(vocabulary.SKOS_PREF_LABEL, vocabulary.RDFS_COMMENT, vocabulary.OWL_VERSION_IRI),
    )
)


@dataclass(frozen=True)
class Part:
    """A file of an export.

    Attributes:
        name: in its folder.
        media_type: of the text, unpacked.
        size: in bytes, as it lies there.
        sha256: of those bytes.
        quads: how many statements it holds.
        graphs: IRIs of the graphs that they are from, in their order.
    """

    name: str
    media_type: str
    size: int
    sha256: str
    quads: int
    graphs: tuple[str, ...]


@dataclass(frozen=True)
class Counts:
    """What is counted of a graph, or of several together.

    Attributes:
        triples: each counted once.
        entities: how many IRIs are subjects.
        subjects: how many subjects, blank nodes included.
        objects: how many different objects.
        classes: how many subjects each class has, by the class as N-Triples write it.
        properties: how many triples each property has, by its IRI.
        told: what the graph's own node says of itself, by the IRI of the property.
    """

    triples: int = 0
    entities: int = 0
    subjects: int = 0
    objects: int = 0
    classes: Mapping[str, int] = field(default_factory=dict)
    properties: Mapping[str, int] = field(default_factory=dict)
    told: Mapping[str, tuple[Term, ...]] = field(default_factory=dict)


def counted(blocks: Iterable[bytes], about: Iterable[str] = ()) -> Counts:
    """Count canonical lines, in bounded memory.

    Args:
        blocks: lines of N-Triples, sorted.
        about: IRIs of the nodes whose word on the graph counts.
    """
    nodes = {f"<{iri}>".encode() for iri in about}
    objects = canonical.Sorter()
    classes: Counter[bytes] = Counter()
    properties: Counter[bytes] = Counter()
    told: list[bytes] = []
    triples = subjects = blank = 0
    last = b""
    for block in blocks:
        seen: list[bytes] = []
        for line in block.splitlines(keepends=True):
            subject, predicate, rest = line.split(b" ", 2)
            if subject != last:
                last = subject
                subjects += 1
                blank += subject.startswith(b"_")
            properties[predicate] += 1
            if predicate == _TYPE:
                classes[rest[:-3]] += 1
            if subject in nodes and predicate in _TELLING:
                told.append(line)
            seen.append(rest)
        triples += len(seen)
        objects.add_lines(seen, sum(map(len, seen)))
    return Counts(
        triples,
        subjects - blank,
        subjects,
        sum(block.count(b"\n") for block in objects.blocks()),
        {name.decode(): classes[name] for name in sorted(classes)},
        {name[1:-1].decode(): properties[name] for name in sorted(properties)},
        _told(told),
    )


def counts_of(graph: CanonicalGraph) -> Counts:
    """Count a graph, and gather what its source, or its ontology, says of itself."""
    return counted(graph.blocks(), (graph.iri, vocabulary.ONTOLOGY))


def version(graphs: Iterable[CanonicalGraph]) -> str:
    """Return a SHA-256 that two exports share exactly where they hold the same graphs."""
    lines = sorted(f"{graph.sha256} <{graph.iri}>\n" for graph in graphs)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def written(
    graphs: Sequence[CanonicalGraph],
    prefixes: Mapping[str, str],
    *,
    rights: str = "",
    parts: Sequence[Part] = (),
    counts: Mapping[str, Counts] | None = None,
) -> bytes:
    """Return the description of graphs, as Turtle.

    Args:
        graphs: what is described.
        prefixes: what IRIs are shortened with.
        rights: the text of the base about rights; empty where it has none.
        parts: the files that hold the graphs, where they are files.
        counts: of each graph by its IRI, where they were counted before.
    """
    known = counts or {graph.iri: counts_of(graph) for graph in graphs}
    own = NamedNode(f"{vocabulary.DATASET}{version(graphs)[:32]}")
    triples = [
        *_dataset(own, graphs, known, prefixes),
        *(triple for graph in graphs for triple in _subset(own, graph, known[graph.iri])),
        *(triple for part in parts for triple in _distribution(own, part)),
    ]
    if rights:
        triples.append(_said(own, vocabulary.DCTERMS_RIGHTS, Literal(rights)))
    shortening = {**prefixes, **vocabulary.DESCRIBING}
    return turtle.written(sorted(set(triples), key=str), shortening)


# ------------------------------------------------------------------ nodes


def _dataset(
    node: NamedNode,
    graphs: Sequence[CanonicalGraph],
    counts: Mapping[str, Counts],
    prefixes: Mapping[str, str],
) -> Iterator[Triple]:
    """Yield what is said of all graphs together."""
    own = node.value
    alone = len(graphs) == 1
    together = counts[graphs[0].iri] if alone else counted(canonical.merged(graphs))
    for kind in (f"{vocabulary.DCAT}Dataset", f"{vocabulary.SD}Dataset"):
        yield Triple(node, NamedNode(vocabulary.RDF_TYPE), NamedNode(kind))
    yield _said(node, vocabulary.DCTERMS_TITLE, Literal(_TITLE, language="en"))
    yield _said(node, vocabulary.DCTERMS_DESCRIPTION, Literal(_TEXT, language="en"))
    yield _said(node, f"{vocabulary.DCAT}version", Literal(version(graphs)[:16]))
    licences = {counts[graph.iri].told.get(vocabulary.DCTERMS_LICENSE, ()) for graph in graphs}
    if len(licences) == 1:  # only what all graphs say holds for the whole
        for licence in licences.pop():
            yield _said(node, vocabulary.DCTERMS_LICENSE, licence)
    for graph in graphs:
        for iri in counts[graph.iri].told.get(vocabulary.OWL_VERSION_IRI, ()):
            yield _said(node, vocabulary.DCTERMS_CONFORMS_TO, iri)
        subset = _subset_iri(node, graph)
        yield _said(node, f"{vocabulary.VOID}subset", subset)
        yield _said(node, f"{vocabulary.SD}namedGraph", subset)
    yield from _counts(node, together)
    terms = {name for name in together.classes if name.startswith("<")}
    namespaces = _namespaces([*together.properties, *(name[1:-1] for name in terms)], prefixes)
    for namespace in namespaces:
        yield _said(node, f"{vocabulary.VOID}vocabulary", NamedNode(namespace))
    for number, name in enumerate(sorted(terms), 1):
        part = NamedNode(f"{own}/class/{number:04}")
        yield _said(node, f"{vocabulary.VOID}classPartition", part)
        yield _said(part, f"{vocabulary.VOID}class", NamedNode(name[1:-1]))
        yield _said(part, f"{vocabulary.VOID}entities", _number(together.classes[name]))
    for number, (name, count) in enumerate(together.properties.items(), 1):
        part = NamedNode(f"{own}/property/{number:04}")
        yield _said(node, f"{vocabulary.VOID}propertyPartition", part)
        yield _said(part, f"{vocabulary.VOID}property", NamedNode(name))
        yield _said(part, f"{vocabulary.VOID}triples", _number(count))


def _subset(own: NamedNode, graph: CanonicalGraph, counts: Counts) -> Iterator[Triple]:
    """Yield what is said of one graph."""
    node = _subset_iri(own, graph)
    for kind in (f"{vocabulary.DCAT}Dataset", f"{vocabulary.SD}NamedGraph"):
        yield Triple(node, NamedNode(vocabulary.RDF_TYPE), NamedNode(kind))
    yield _said(node, f"{vocabulary.SD}name", NamedNode(graph.iri))
    yield _said(node, vocabulary.DCTERMS_IDENTIFIER, Literal(graph.name))
    for name in vocabulary.DESCRIBED_BY:
        for value in counts.told.get(name, ()):
            yield _said(node, name, value)
    if vocabulary.DCTERMS_TITLE not in counts.told:
        titles = counts.told.get(vocabulary.SKOS_PREF_LABEL, (Literal(graph.name),))
        for value in titles:
            yield _said(node, vocabulary.DCTERMS_TITLE, value)
    if vocabulary.DCTERMS_DESCRIPTION not in counts.told:
        for value in counts.told.get(vocabulary.RDFS_COMMENT, ()):
            yield _said(node, vocabulary.DCTERMS_DESCRIPTION, value)
    yield from _counts(node, counts)
    yield from _checksum(node, graph.sha256)


def _distribution(own: NamedNode, part: Part) -> Iterator[Triple]:
    """Yield what is said of one file."""
    node = NamedNode(f"{own.value}/file/{quote(part.name, safe='')}")
    yield _said(own, f"{vocabulary.DCAT}distribution", node)
    kind = NamedNode(f"{vocabulary.DCAT}Distribution")
    yield Triple(node, NamedNode(vocabulary.RDF_TYPE), kind)
    yield _said(node, vocabulary.DCTERMS_TITLE, Literal(part.name))
    media = NamedNode(f"{vocabulary.MEDIA_TYPE}{part.media_type}")
    yield _said(node, f"{vocabulary.DCAT}mediaType", media)
    packed = NamedNode(f"{vocabulary.MEDIA_TYPE}application/gzip")
    yield _said(node, f"{vocabulary.DCAT}compressFormat", packed)
    size = Literal(str(part.size), datatype=NamedNode(f"{vocabulary.XSD}nonNegativeInteger"))
    yield _said(node, f"{vocabulary.DCAT}byteSize", size)
    yield from _checksum(node, part.sha256)


def _counts(node: NamedNode, counts: Counts) -> Iterator[Triple]:
    kind = NamedNode(f"{vocabulary.VOID}Dataset")
    yield Triple(node, NamedNode(vocabulary.RDF_TYPE), kind)
    for name, count in (
        ("triples", counts.triples),
        ("entities", counts.entities),
        ("distinctSubjects", counts.subjects),
        ("distinctObjects", counts.objects),
        ("classes", len(counts.classes)),
        ("properties", len(counts.properties)),
    ):
        yield _said(node, f"{vocabulary.VOID}{name}", _number(count))


def _checksum(node: NamedNode, sha256: str) -> Iterator[Triple]:
    """Yield a checksum: of a file its bytes', of a graph that of RDFC-1.0."""
    sum_ = NamedNode(f"{node.value}/checksum")
    yield _said(node, f"{vocabulary.SPDX}checksum", sum_)
    yield _said(sum_, vocabulary.RDF_TYPE, NamedNode(f"{vocabulary.SPDX}Checksum"))
    algorithm = NamedNode(f"{vocabulary.SPDX}checksumAlgorithm_sha256")
    yield _said(sum_, f"{vocabulary.SPDX}algorithm", algorithm)
    digits = Literal(sha256, datatype=NamedNode(f"{vocabulary.XSD}hexBinary"))
    yield _said(sum_, f"{vocabulary.SPDX}checksumValue", digits)


# ------------------------------------------------------------------ terms


def _subset_iri(own: NamedNode, graph: CanonicalGraph) -> NamedNode:
    place = f"{graph.folder or 'graph'}/{quote(graph.name, safe='')}"
    return NamedNode(f"{own.value}/{place}")


def _said(node: NamedNode, name: str, value: Term) -> Triple:
    return Triple(node, NamedNode(name), value)


def _number(count: int) -> Literal:
    return Literal(str(count), datatype=NamedNode(vocabulary.XSD_INTEGER))


def _told(lines: Iterable[bytes]) -> dict[str, tuple[Term, ...]]:
    found: dict[str, tuple[Term, ...]] = {}
    for quad in parse(b"".join(lines), RdfFormat.N_TRIPLES):
        if isinstance(quad.object, (NamedNode, Literal)):
            name = quad.predicate.value
            found[name] = (*found.get(name, ()), quad.object)
    return found


def _namespaces(terms: Iterable[str], prefixes: Mapping[str, str]) -> list[str]:
    """Return the namespaces of terms: those of the prefixes that fit, else up to the last name."""
    spaces = sorted(prefixes.values(), key=len, reverse=True)
    found = set()
    for term in terms:
        own = re.sub(r"[^/#:]*\Z", "", term)
        found.add(next((space for space in spaces if term.startswith(space)), own))
    return sorted(found)
