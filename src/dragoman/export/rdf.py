"""Graphs in the RDF formats, every term exactly as its file has it.

Turtle and TriG are those of `dragoman.turtle`, and pyoxigraph writes the others. Triples
formats hold the union of the graphs; a triple that stands in several is written once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, serialize

from dragoman import turtle, vocabulary
from dragoman.errors import DragomanError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dragoman.export.graphs import Graph

# What XML 1.0 has no way to say, escaped or not.
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# The end of an IRI that can be the name of an XML element (Namespaces in XML 1.0, NCName).
_START: Final = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_LOCAL_NAME: Final = re.compile(rf"[{_START}][{_START}\-.0-9\u00b7\u0300-\u036f\u203f\u2040]*\Z")
# Names that RDF/XML 1.1 (section 5.1) keeps for its own syntax.
_RESERVED: Final = frozenset(
    f"{vocabulary.RDF}{name}"
    for name in (
        *("ID", "RDF", "Description", "about", "aboutEach", "aboutEachPrefix", "bagID"),
        *("datatype", "li", "nodeID", "parseType", "resource"),
    )
)


def union(graphs: Iterable[Graph]) -> list[Triple]:
    """Return the triples of all graphs, each once, sorted."""
    return sorted({triple for graph in graphs for triple in graph.triples}, key=str)


def written(graphs: Sequence[Graph], chosen: RdfFormat, prefixes: Mapping[str, str]) -> bytes:
    """Return graphs in a format.

    Args:
        graphs: what to write.
        chosen: the format; one that has no graph names gets the union.
        prefixes: what IRIs may be shortened with; only those used are declared.

    Raises:
        DragomanError: the format cannot hold a triple; naming the triple.
    """
    if chosen == RdfFormat.TURTLE:
        return turtle.written(union(graphs), prefixes)
    if chosen == RdfFormat.TRIG:
        return turtle.trig([(graph.iri, graph.triples) for graph in graphs], prefixes)
    if chosen == RdfFormat.RDF_XML:
        return _rdfxml(union(graphs), prefixes)
    if chosen.supports_datasets:
        if chosen == RdfFormat.JSON_LD:
            _refuse_quoted(graphs)
        quads = (
            Quad(triple.subject, triple.predicate, triple.object, name)
            for graph, name in ((graph, NamedNode(graph.iri)) for graph in graphs)
            for triple in graph.triples
        )
        data = serialize(quads, format=chosen) or b""
        return data if data.endswith(b"\n") or not data else data + b"\n"
    return serialize(union(graphs), format=chosen) or b""


def shown(triple: Triple) -> str:
    """Return a triple as one short line for a message."""
    text = str(triple)
    return text if len(text) <= 300 else f"{text[:300]}…"


def refuse_unspeakable(triple: Triple, name: str) -> None:
    """Refuse a triple with a character that XML cannot hold.

    Raises:
        DragomanError: naming the character, the triple and the format `name`.
    """
    for text in _texts(triple):
        if found := _NOT_XML.search(text):
            code = f"U+{ord(found[0]):04X}"
            raise DragomanError(
                f"{name} cannot hold the character {code}, which stands in {shown(triple)}. "
                "Choose another format, or remove the character."
            )


def _texts(triple: Triple) -> Iterator[str]:
    for term in triple:
        if isinstance(term, Triple):
            yield from _texts(term)
        else:
            yield term.value


# ------------------------------------------------------------------ RDF/XML and JSON-LD


def _rdfxml(triples: Sequence[Triple], prefixes: Mapping[str, str]) -> bytes:
    spaces: dict[str, str] = {}
    for triple in triples:
        refuse_unspeakable(triple, "RDF/XML")
        predicate = triple.predicate.value
        if predicate not in spaces:
            local = _LOCAL_NAME.search(predicate)
            if not local or predicate in _RESERVED or not _is_element(local[0]):
                why = "is kept for its own syntax" if predicate in _RESERVED else "ends in no name"
                raise DragomanError(
                    f"RDF/XML cannot write {shown(triple)}, for its predicate would have to be an "
                    f"element of XML, and {why}. Choose another format."
                )
            spaces[predicate] = predicate[: local.start()]
    used = {
        prefix: space
        for prefix, space in prefixes.items()
        if space in spaces.values() and re.fullmatch(r"(?!xml)[A-Za-z_][\w\-]*", prefix, re.ASCII)
    }
    data = serialize(triples, format=RdfFormat.RDF_XML, prefixes=used) or b""
    # A bare carriage return would reach the reader as a line feed (XML 1.0, section 2.11).
    return data.replace(b"\r", b"&#13;") + b"\n"


def _is_element(name: str) -> bool:
    """Return whether expat, which knows the names of older editions of XML 1.0, takes one."""
    from xml.parsers import expat

    try:
        expat.ParserCreate().Parse(f"<{name}/>", True)
    except expat.ExpatError:
        return False
    return True


def _refuse_quoted(graphs: Iterable[Graph]) -> None:
    for graph in graphs:
        for triple in graph.triples:
            if isinstance(triple.object, Triple):
                raise DragomanError(
                    f"JSON-LD 1.1 cannot write {shown(triple)}, for its object is itself a triple "
                    "(RDF 1.2). Choose another format."
                )
