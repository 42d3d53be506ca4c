"""The literals of files as they are spelt there, where the engine's store does not keep that.

A store keeps numbers, times, durations and truths by their values, and gives each back in one
spelling: "3.0" as "3", an xsd:int as an xsd:integer. That is right for queries, which ask for
values, and wrong for checks, which are about terms. So beside a store stands a second one, which is
empty for most bases. Of each file it has the properties that have a value which the store may
respell, with all their values of such datatypes: of these the store's own are not looked at.
"""

from __future__ import annotations

import mmap
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from dragoman import syntax, vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# The folder of the second store, inside of that of an index.
FOLDER: Final = "spelt"
# In the second store a datatype bears a name that the engine does not know, and leaves alone.
_HIDDEN: Final = "urn:dragoman:spelt:"
_ZONE: Final = rb"(?:Z|[+-](?!00:00)(?:0[0-9]|1[0-3]):[0-5][0-9])?"
_DAY: Final = rb"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}"
_CLOCK: Final = rb"(?!24)[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{0,8}[1-9])?"
_PERIOD: Final = rb"-?P[1-9][0-9]?D|-?PT(?:[1-9]|1[0-9])H"
_NUMBER: Final = rb"0|-?[1-9][0-9]{0,14}"
_FRACTION: Final = rb"|-?(?:0|[1-9][0-9]{0,5})\.[0-9]{0,5}[1-9]"
_NEVER: Final = rb"(?!)"
# Spellings that the store surely keeps, by datatype. Of all others each is looked at.
_KEPT: Final = {
    b"boolean": rb"true|false",
    b"date": _DAY + _ZONE,
    b"dateTime": _DAY + b"T" + _CLOCK + _ZONE,
    b"dateTimeStamp": _NEVER,
    b"dayTimeDuration": _PERIOD,
    b"decimal": _NUMBER + _FRACTION,
    b"double": _NUMBER + _FRACTION,
    b"duration": _PERIOD + rb"|-?P[1-9]Y",
    b"float": rb"0|-?[1-9][0-9]{0,5}",
    b"gDay": rb"---[0-3][0-9]" + _ZONE,
    b"gMonth": rb"--[01][0-9]" + _ZONE,
    b"gMonthDay": rb"--[01][0-9]-[0-3][0-9]" + _ZONE,
    b"gYear": rb"[1-9][0-9]{3}" + _ZONE,
    b"gYearMonth": rb"[1-9][0-9]{3}-[0-9]{2}" + _ZONE,
    b"integer": _NUMBER,
    b"time": _CLOCK + _ZONE,
    b"yearMonthDuration": rb"-?P[1-9]Y",
    **dict.fromkeys((b"byte", b"int", b"long", b"short"), _NEVER),
    **dict.fromkeys((b"unsignedByte", b"unsignedInt", b"unsignedLong", b"unsignedShort"), _NEVER),
    **dict.fromkeys((b"negativeInteger", b"nonNegativeInteger"), _NEVER),
    **dict.fromkeys((b"nonPositiveInteger", b"positiveInteger"), _NEVER),
}
_VALUED: Final = frozenset(f"{vocabulary.XSD}{name.decode()}" for name in _KEPT)
_TEXTS: Final = frozenset((b"anyURI", b"string", b"langString", b"language", b"token"))
_XSD: Final = vocabulary.XSD.encode()
_ESCAPED: Final = re.compile(rb"\^\^<[^>\n]*\\")
_IRI: Final = re.compile(rb"<[^>\\]*[^A-Za-z>\\]([A-Za-z]+)>")
_NAME: Final = re.compile(rb"[^\s:;,)\]}<#]*:([A-Za-z]+)(?![\w%\\-])")
# A number without quotes that is not as the store would write it, or looks so inside of a text.
_BARE: Final = re.compile(
    rb"(?<![\w:.%/#-])"
    rb"(?:\+[\d.]|-?0\d|-0|-?\.\d|-?\d+(?:\.\d*)?[eE]|-?\d*\.\d*0(?!\d)|-?\d+\.\d{7}|-?\d{7,}\.|\d{16})"
)


@dataclass(frozen=True)
class Spelt:
    """The quads of a store, with each literal as the files spell it.

    Attributes:
        store: the store; its default graph is the merge of its named graphs.
        second: what `spelt` gave of its files.
    """

    store: Store
    second: Store

    def quads_for_pattern(
        self,
        subject: Any,  # noqa: ANN401
        predicate: Any,  # noqa: ANN401
        object: Any,  # noqa: A002, ANN401  as the engine's store calls it
        graph_name: Any = None,  # noqa: ANN401
    ) -> Iterator[Quad]:
        """Yield the quads of a pattern, as the engine's store does.

        Without a graph, those of the default graph may be missing.
        """
        if object is not None and not is_valued(object):
            yield from self.store.quads_for_pattern(subject, predicate, object, graph_name)
            return
        graph = graph_name if isinstance(graph_name, NamedNode) else None
        if object is None:
            told = self.second.quads_for_pattern(subject, predicate, None, graph)
            pairs = dict.fromkeys((quad.subject, quad.predicate) for quad in told)
            for quad in self.store.quads_for_pattern(subject, predicate, None, graph_name):
                if not (is_valued(quad.object) and (quad.subject, quad.predicate) in pairs):
                    yield quad
        else:
            same = self.store.quads_for_pattern(subject, predicate, object, graph_name)
            pairs = dict.fromkeys((quad.subject, quad.predicate) for quad in same)
        for pair in pairs:
            values = (quad for quad in self._values(*pair, graph) if object in {None, quad.object})
            if isinstance(graph_name, DefaultGraph):
                yield from dict.fromkeys(in_graph(values, graph_name))
            else:
                yield from values

    def _values(self, subject: Any, predicate: Any, graph: NamedNode | None) -> Iterator[Quad]:  # noqa: ANN401
        """Yield the quads of named graphs whose values a store might respell."""
        spelt = set()
        for quad in self.second.quads_for_pattern(subject, predicate, None, graph):
            spelt.add(quad.graph_name)
            yield _shown(quad)
        for quad in self.store.quads_for_pattern(subject, predicate, None, graph):
            if (
                is_valued(quad.object)
                and isinstance(quad.graph_name, NamedNode)
                and quad.graph_name not in spelt
            ):
                yield quad


def is_valued(term: object) -> bool:
    """Return whether a store keeps the value of a term, and perhaps not its spelling."""
    return type(term) is Literal and term.datatype.value in _VALUED


def kept_in(folder: Path) -> Store | None:
    """Return the second store of an index on disk; None where its files needed none.

    Raises:
        OSError: it is damaged.
    """
    place = folder / FOLDER
    if not place.is_dir():
        return None
    try:
        return Store.read_only(str(place))
    except RuntimeError as error:
        raise OSError(str(error)) from error


def respelt(path: Path) -> frozenset[NamedNode]:
    """Return the properties of which a file gives a value that a store may respell.

    Raises:
        SyntaxProblem: the file does not parse.
    """
    with syntax.unpacked(path) as file:
        bare = not path.name.removesuffix(".gz").endswith(".nt")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
            if not may_be_respelt(text) and not (bare and _BARE.search(text)):
                return frozenset()
    return frozenset(
        quad.predicate
        for quad in syntax.read_rdf(path)
        if is_valued(quad.object) and not is_kept(str(quad.object).encode())
    )


def spelt(quads: Iterable[Quad], names: frozenset[NamedNode]) -> Iterator[Quad]:
    """Yield what the second store is to hold of the quads of a file.

    Args:
        quads: the quads, in the named graph of the file.
        names: what `respelt` found in the file.
    """
    for quad in quads:
        if quad.predicate in names and is_valued(quad.object):
            subject, predicate, value, graph = quad
            hidden = f"{_HIDDEN}{value.datatype.value.removeprefix(vocabulary.XSD)}"
            literal = Literal(value.value, datatype=NamedNode(hidden))
            yield Quad(subject, predicate, literal, graph)


def readable(text: str) -> str:
    """Return a text about quads of the second store with the datatypes of the files."""
    return text.replace(_HIDDEN, vocabulary.XSD)


def is_suspect(lines: bytes) -> bool:
    """Return what `may_be_respelt` does, of lines of N-Triples, ten times as fast."""
    return (
        _suspects().search(lines) is not None
        or lines.count(b"^^") != lines.count(b'"^^<')
        or (b"\\u" in lines.lower() and _ESCAPED.search(lines) is not None)
    )


def may_be_respelt(text: bytes | mmap.mmap) -> bool:
    """Return whether Turtle or N-Triples hold a quoted literal that a store may respell.

    Quick, for few texts do. Never false where there is one; sometimes true where there is none.
    """
    return any(not _looks_kept(text, found.start()) for found in re.finditer(rb"\^\^", text))


def _looks_kept(text: bytes | mmap.mmap, place: int) -> bool:
    """Return whether a literal whose datatype is told here is one that a store keeps."""
    after = text[place + 2 : place + 200]
    told = _IRI.match(after) or _NAME.match(after)
    if told is None or told[1] not in _KEPT:
        elsewhere = after.startswith(b"<http") and not after.startswith(b"<" + _XSD)
        return told is not None and (told[1] in _TEXTS or elsewhere)
    before = text[max(place - 80, 0) : place]
    quote = before[-1:]
    start = before.rfind(quote, 0, -1) + 1 if quote in {b'"', b"'"} else 0
    return bool(start and _kept(told[1]).fullmatch(before, start, len(before) - 1))


@cache
def _kept(datatype: bytes) -> re.Pattern[bytes]:
    return re.compile(_KEPT[datatype])


@cache
def _suspects() -> re.Pattern[bytes]:
    xsd = re.escape(_XSD)
    kept = b"|".join(rb'(?:%s)"\^\^<%s%s' % (_KEPT[name], xsd, name) for name in _KEPT)
    return re.compile(rb'"(?!(?:%s)>)[^"\n]*"\^\^<%s(?:%s)>' % (kept, xsd, b"|".join(_KEPT)))


def is_kept(literal: bytes) -> bool:
    """Return whether a store surely keeps a literal with a datatype, given as N-Triples."""
    value, _, datatype = literal.rpartition(b"^^<")
    name = datatype[:-1].removeprefix(_XSD)
    return name not in _KEPT or bool(_kept(name).fullmatch(value[1:-1]))


def in_graph(facts: Iterable[Quad | Triple], graph: NamedNode | DefaultGraph) -> Iterator[Quad]:
    """Yield facts as quads of one graph."""
    for fact in facts:
        yield Quad(fact.subject, fact.predicate, fact.object, graph)


def _shown(quad: Quad) -> Quad:
    value: Any = quad.object
    datatype = NamedNode(readable(value.datatype.value))
    literal = Literal(value.value, datatype=datatype)
    return Quad(quad.subject, quad.predicate, literal, quad.graph_name)
