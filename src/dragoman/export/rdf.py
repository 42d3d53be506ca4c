"""Graphs in the RDF formats, every term exactly as its file has it.

Turtle and TriG are laid out as the files of a base are, and pyoxigraph writes the others. Triples
formats hold the union of the graphs; a triple that stands in several is written once.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, serialize

from dragoman import syntax, vocabulary
from dragoman.errors import DragomanError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

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
_PREFIX: Final = re.compile(r"(?:[A-Za-z](?:[A-Za-z0-9_.\-]*[A-Za-z0-9_\-])?)?", re.ASCII)
_BARE: Final = {
    f"{vocabulary.XSD}boolean": re.compile("true|false"),
    f"{vocabulary.XSD}integer": re.compile(r"[+-]?[0-9]+", re.ASCII),
    f"{vocabulary.XSD}decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+", re.ASCII),
    f"{vocabulary.XSD}double": re.compile(
        r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][+-]?[0-9]+", re.ASCII
    ),
}


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
        return _turtle(union(graphs), prefixes)
    if chosen == RdfFormat.TRIG:
        return _trig(graphs, prefixes)
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


# ------------------------------------------------------------------ Turtle and TriG


def _turtle(triples: Iterable[Triple], prefixes: Mapping[str, str]) -> bytes:
    short = _Shortener(prefixes)
    blocks = [*_blocks(triples, short)]
    return "\n".join([*short.header(), *blocks]).encode()


def _trig(graphs: Iterable[Graph], prefixes: Mapping[str, str]) -> bytes:
    short = _Shortener(prefixes)
    parts: list[str] = []
    for graph in graphs:
        inner = "\n".join(_blocks(graph.triples, short, "    "))
        parts.append(f"{short.term(NamedNode(graph.iri))} {{\n{inner}}}\n")
    return "\n".join([*short.header(), *parts]).encode()


class _Shortener:
    """Writes terms as Turtle, and remembers which prefixes it used."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self.prefixes = {
            prefix: space for prefix, space in prefixes.items() if _PREFIX.fullmatch(prefix)
        }
        self._short: Callable[[str], str] = syntax.shortener(self.prefixes)
        self._known: dict[str, str] = {}
        self._used: set[str] = set()

    def iri(self, iri: str) -> str:
        """Return a prefixed name where a prefix fits."""
        if iri not in self._known:
            text = self._short(iri)
            if not text.startswith("<"):
                self._used.add(text.partition(":")[0])
            self._known[iri] = text if not text.startswith("<") else str(NamedNode(iri))
        return self._known[iri]

    def term(self, term: object) -> str:
        """Return any term: numbers and truth values bare where that keeps their spelling."""
        if isinstance(term, NamedNode):
            return self.iri(term.value)
        if isinstance(term, Literal):
            datatype = term.datatype.value
            bare = _BARE.get(datatype)
            if bare and bare.fullmatch(term.value):
                return term.value
            if not term.language and datatype != vocabulary.XSD_STRING:
                return f"{Literal(term.value)}^^{self.iri(datatype)}"
        if isinstance(term, Triple):
            return f"<<( {' '.join(map(self.term, term))} )>>"
        return str(term)

    def header(self) -> list[str]:
        """Return the declarations of the prefixes that were used."""
        lines = [
            f"@prefix {prefix}: {NamedNode(self.prefixes[prefix])} .\n"
            for prefix in sorted(self._used)
        ]
        return ["".join(lines)] if lines else []


def _blocks(triples: Iterable[Triple], short: _Shortener, indent: str = "") -> Iterator[str]:
    """Yield one block for each subject, in the layout of the files of a base."""
    for subject, about in groupby(triples, key=lambda triple: triple.subject):
        lines = [f"{indent}{short.term(subject)}\n"]
        statements = sorted(about, key=lambda each: each.predicate.value != vocabulary.RDF_TYPE)
        for predicate, same in groupby(statements, key=lambda triple: triple.predicate):
            verb = "a" if predicate.value == vocabulary.RDF_TYPE else short.term(predicate)
            objects = [short.term(triple.object) for triple in same]
            end = f" ,\n{indent}        "
            first = f" {objects[0]}" if len(objects) == 1 else f"{end[2:]}{end.join(objects)}"
            lines.append(f"{indent}    {verb}{first} ;\n")
        yield "".join([*lines, f"{indent}    .\n"])


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
