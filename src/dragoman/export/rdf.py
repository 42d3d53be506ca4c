"""Graphs in the RDF formats, every term exactly as its file has it, tags in small letters.

Turtle and TriG are those of `dragoman.turtle`, N-Triples and N-Quads the canonical lines, and
pyoxigraph writes the others. What has no graph names is the union of the graphs.
"""

from __future__ import annotations

import re
import tempfile
from itertools import chain
from typing import IO, TYPE_CHECKING, Final, cast

from pyoxigraph import RdfFormat, Triple, parse, serialize

from dragoman import canonical, turtle, vocabulary
from dragoman.errors import DragomanError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dragoman.canonical import CanonicalGraph

_BLOCK: Final = 1 << 20
# What XML 1.0 has no way to say, escaped or not.
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Where a line of N-Triples may have such a character.
_SUSPECT: Final = re.compile(rb"\\[bfu]|\xef\xbf[\xbe\xbf]")
# And where it may be about a triple.
_ABOUT_A_TRIPLE: Final = re.compile(rb" <<\( ")
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


def written_turtle(
    graphs: Sequence[CanonicalGraph], prefixes: Mapping[str, str]
) -> Iterator[bytes]:
    """Yield one graph as Turtle."""
    return turtle.blocks(_lines(graphs), prefixes)


def ntriples(graphs: Sequence[CanonicalGraph], _prefixes: Mapping[str, str]) -> Iterator[bytes]:
    """Yield one graph as N-Triples."""
    return _lines(graphs)


def nquads(graphs: Sequence[CanonicalGraph], _prefixes: Mapping[str, str]) -> Iterator[bytes]:
    """Yield graphs as N-Quads."""
    return chain.from_iterable(graph.quads() for graph in graphs)


def trig(graphs: Sequence[CanonicalGraph], prefixes: Mapping[str, str]) -> Iterator[bytes]:
    """Yield graphs as TriG."""
    return turtle.trig(((graph.iri, graph.blocks()) for graph in graphs), prefixes)


def jsonld(graphs: Sequence[CanonicalGraph], _prefixes: Mapping[str, str]) -> Iterator[bytes]:
    """Yield graphs as JSON-LD 1.1, expanded.

    Raises:
        DragomanError: a triple is about a triple; naming the triple.
    """
    for line in _holding(_ABOUT_A_TRIPLE, graphs):
        triple = _triple(line)
        if isinstance(triple.object, Triple):
            raise DragomanError(
                f"JSON-LD 1.1 cannot write {shown(triple)}, for its object is itself a triple "
                "(RDF 1.2). Choose another format."
            )
    return _respelt(nquads(graphs, {}), RdfFormat.N_QUADS, RdfFormat.JSON_LD)


def rdfxml(graphs: Sequence[CanonicalGraph], prefixes: Mapping[str, str]) -> Iterator[bytes]:
    """Yield one graph as RDF/XML 1.1; only prefixes used are declared.

    Raises:
        DragomanError: RDF/XML cannot hold a triple; naming the triple.
    """
    refuse_unspeakable_in(graphs, "RDF/XML")
    spaces = _spaces(graphs)
    used = {
        prefix: space
        for prefix, space in prefixes.items()
        if space in spaces and re.fullmatch(r"(?!xml)[A-Za-z_][\w\-]*", prefix, re.ASCII)
    }
    respelt = _respelt(_lines(graphs), RdfFormat.N_TRIPLES, RdfFormat.RDF_XML, used)
    # A bare carriage return would reach the reader as a line feed (XML 1.0, section 2.11).
    return (block.replace(b"\r", b"&#13;") for block in respelt)


def shown(triple: Triple) -> str:
    """Return a triple as one short line for a message."""
    text = str(triple)
    return text if len(text) <= 300 else f"{text[:300]}…"


def refuse_unspeakable_in(graphs: Sequence[CanonicalGraph], name: str) -> None:
    """Refuse graphs with a character that XML cannot hold; see `refuse_unspeakable`."""
    for line in _holding(_SUSPECT, graphs):
        refuse_unspeakable(_triple(line), name)


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


def _triple(line: bytes) -> Triple:
    (triple,) = (quad.triple for quad in parse(line, RdfFormat.N_TRIPLES))
    return cast("Triple", triple)


def _lines(graphs: Sequence[CanonicalGraph]) -> Iterator[bytes]:
    """Yield the lines of all graphs: what has no graph names is given one."""
    return chain.from_iterable(graph.blocks() for graph in graphs)


def _holding(mark: re.Pattern[bytes], graphs: Iterable[CanonicalGraph]) -> Iterator[bytes]:
    """Yield the lines in which a pattern is found."""
    for graph in graphs:
        for block in graph.blocks():
            if mark.search(block):
                yield from filter(mark.search, block.splitlines(keepends=True))


def _respelt(
    blocks: Iterable[bytes],
    old: RdfFormat,
    new: RdfFormat,
    prefixes: dict[str, str] | None = None,
) -> Iterator[bytes]:
    """Yield what pyoxigraph makes of lines, with a line feed at the end."""
    # it writes rather than being read from, so it writes to a file first
    with tempfile.TemporaryFile() as file:
        source = cast("IO[bytes]", canonical.BlockStream(blocks))
        with canonical.temporary():
            serialize(parse(source, old), file, format=new, prefixes=prefixes)
            file.seek(0)
        end = b"\n"
        while block := file.read(_BLOCK):
            yield block
            end = b"" if block.endswith(b"\n") else b"\n"
        yield end


# ------------------------------------------------------------------ the names of RDF/XML


def _spaces(graphs: Iterable[CanonicalGraph]) -> set[str]:
    """Return the namespaces of the predicates."""
    spaces: dict[bytes, str] = {}
    for graph in graphs:
        for block in graph.blocks():
            lines = block.splitlines(keepends=True)
            for term in {line.split(b" ", 2)[1] for line in lines} - spaces.keys():
                predicate = term[1:-1].decode()
                local = _LOCAL_NAME.search(predicate)
                if not local or predicate in _RESERVED or not _is_element(local[0]):
                    line = next(each for each in lines if each.split(b" ", 2)[1] == term)
                    why = "ends in no name"
                    if predicate in _RESERVED:
                        why = "is kept for its own syntax"
                    raise DragomanError(
                        f"RDF/XML cannot write {shown(_triple(line))}, for its predicate would "
                        f"have to be an element of XML, and {why}. Choose another format."
                    )
                spaces[term] = predicate[: local.start()]
    return {*spaces.values()}


def _is_element(name: str) -> bool:
    """Return whether expat, which knows the names of older editions of XML 1.0, takes one."""
    from xml.parsers import expat

    try:
        expat.ParserCreate().Parse(f"<{name}/>", True)
    except expat.ExpatError:
        return False
    return True
