"""Writing Turtle and TriG in the layout of the files of a base, every term exactly as it is.

What is written comes as lines of N-Triples, whose terms mean the same in Turtle: only IRIs and the
numbers among the literals get another spelling. So nothing is parsed, and memory stays small.
"""

from __future__ import annotations

import re
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode, RdfFormat, serialize

from dragoman import syntax, vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pyoxigraph import Literal, Triple

_PREFIX: Final = r"(?:[A-Za-z](?:[A-Za-z0-9_.\-]*[A-Za-z0-9_\-])?)?"
_BARE: Final = {
    f"{vocabulary.XSD}boolean": "true|false",
    f"{vocabulary.XSD}integer": r"[+-]?[0-9]+",
    f"{vocabulary.XSD}decimal": r"[+-]?[0-9]*\.[0-9]+",
    f"{vocabulary.XSD}double": r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][+-]?[0-9]+",
}
_BARE_TEXTS: Final = {
    f"<{name}>".encode(): re.compile(pattern.encode()) for name, pattern in _BARE.items()
}
_TYPE: Final = f"<{vocabulary.RDF_TYPE}>".encode()
# So many spellings of IRIs are remembered before all are forgotten.
_REMEMBERED: Final = 65_536
_BLOCK: Final = 1 << 20


def written(triples: Iterable[Triple], prefixes: Mapping[str, str]) -> bytes:
    """Return triples, in the order given, as Turtle 1.1."""
    lines = serialize(triples, format=RdfFormat.N_TRIPLES) or b""
    return b"".join(blocks([lines], prefixes))


def blocks(lines: Iterable[bytes], prefixes: Mapping[str, str]) -> Iterator[bytes]:
    """Yield lines of N-Triples, which come a block at a time and sorted, as Turtle 1.1."""
    short = _Shortener(prefixes)
    return _headed(_separated(_subjects(lines, short, b"")), short)


def trig(
    graphs: Iterable[tuple[str, Iterable[bytes]]], prefixes: Mapping[str, str]
) -> Iterator[bytes]:
    """Yield graphs, each the IRI of its name with its lines as for `blocks`, as TriG 1.1."""
    short = _Shortener(prefixes)

    def parts() -> Iterator[bytes]:
        for number, (iri, lines) in enumerate(graphs):
            start = short.iri(f"{NamedNode(iri)}".encode())
            yield (b"\n" if number else b"") + start + b" {\n"
            yield from _separated(_subjects(lines, short, b"    "))
            yield b"}\n"

    return _headed(parts(), short)


def bare(literal: Literal) -> str | None:
    """Return a number or truth value as Turtle may write it bare; None where only quotes will do.

    Bare spellings keep every character: the datatype is the one that they stand for.
    """
    pattern = _BARE.get(literal.datatype.value)
    return literal.value if pattern and re.fullmatch(pattern, literal.value, re.ASCII) else None


class _Shortener:
    """Turns terms of N-Triples into those of Turtle, and remembers which prefixes it used."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self.prefixes = {
            prefix: space for prefix, space in prefixes.items() if re.fullmatch(_PREFIX, prefix)
        }
        self._short = syntax.shortener(self.prefixes)
        self._known: dict[bytes, bytes] = {}
        self._used: set[str] = set()

    def iri(self, term: bytes) -> bytes:
        """Return a prefixed name where a prefix fits."""
        found = self._known.get(term)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            text = self._short(term[1:-1].decode())
            if text.startswith("<"):
                found = term
            else:
                self._used.add(text.partition(":")[0])
                found = text.encode()
            self._known[term] = found
        return found

    def term(self, term: bytes) -> bytes:
        """Return any term: numbers and truth values bare where that keeps their spelling."""
        if term.startswith(b'"'):
            if not term.endswith(b">"):
                return term
            text, _, datatype = term.rpartition(b"^^")
            pattern = _BARE_TEXTS.get(datatype)
            if pattern and pattern.fullmatch(text, 1, len(text) - 1):
                return text[1:-1]
            return text + b"^^" + self.iri(datatype)
        if term.startswith(b"<<("):
            parts = term[4:-4].split(b" ", 2)
            return b"<<( " + b" ".join(map(self.term, parts)) + b" )>>"
        return self.iri(term) if term.startswith(b"<") else term

    def header(self) -> bytes:
        """Return the declarations of the prefixes that were used, and an empty line."""
        lines = [
            f"@prefix {prefix}: {NamedNode(self.prefixes[prefix])} .\n"
            for prefix in sorted(self._used)
        ]
        return "".join([*lines, "\n"] if lines else []).encode()


def _headed(body: Iterator[bytes], short: _Shortener) -> Iterator[bytes]:
    """Yield the header before the body, which is put by: only its end shows what it used."""
    from dragoman.canonical import Shelf

    stretch = Shelf().put(body)
    header = short.header()
    if header and stretch.size:
        yield header
    yield from stretch.blocks(_BLOCK)


def _separated(subjects: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what is told about subjects with empty lines between, many at a time."""
    waiting: list[bytes] = []
    size, separator = 0, b""
    for subject in subjects:
        waiting += (separator, subject)
        separator = b"\n"
        size += len(subject)
        if size >= _BLOCK:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


def _subjects(lines: Iterable[bytes], short: _Shortener, indent: bytes) -> Iterator[bytes]:
    """Yield what is told about each subject, in the layout of the files of a base."""
    parts = (
        line[:-3].split(b" ", 2) for block in lines for line in block.splitlines(keepends=True)
    )
    separator = b" ,\n" + indent + b"        "
    for subject, about in groupby(parts, key=itemgetter(0)):
        told = [indent, short.term(subject), b"\n"]
        first: list[bytes] = []
        for predicate, same in groupby(about, key=itemgetter(1)):
            objects = [short.term(each[2]) for each in same]
            verb = b"a" if predicate == _TYPE else short.iri(predicate)
            start = b" " if len(objects) == 1 else separator[2:]
            text = [indent, b"    ", verb, start, separator.join(objects), b" ;\n"]
            if predicate == _TYPE:
                first += text
            else:
                told += text
        told[3:3] = first
        yield b"".join([*told, indent, b"    .\n"])
