"""Writing Turtle and TriG in the layout of the files of a base, every term exactly as it is."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Triple

from dragoman import syntax, vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_PREFIX: Final = r"(?:[A-Za-z](?:[A-Za-z0-9_.\-]*[A-Za-z0-9_\-])?)?"
_BARE: Final = {
    f"{vocabulary.XSD}boolean": "true|false",
    f"{vocabulary.XSD}integer": r"[+-]?[0-9]+",
    f"{vocabulary.XSD}decimal": r"[+-]?[0-9]*\.[0-9]+",
    f"{vocabulary.XSD}double": r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][+-]?[0-9]+",
}


def written(triples: Iterable[Triple], prefixes: Mapping[str, str]) -> bytes:
    """Return triples, in the order given, as Turtle 1.1."""
    short = _Shortener(prefixes)
    blocks = [*_blocks(triples, short)]
    return "\n".join([*short.header(), *blocks]).encode()


def trig(graphs: Iterable[tuple[str, Iterable[Triple]]], prefixes: Mapping[str, str]) -> bytes:
    """Return graphs, each the IRI of its name with its triples, as TriG 1.1."""
    short = _Shortener(prefixes)
    parts: list[str] = []
    for iri, triples in graphs:
        inner = "\n".join(_blocks(triples, short, "    "))
        parts.append(f"{short.iri(iri)} {{\n{inner}}}\n")
    return "\n".join([*short.header(), *parts]).encode()


def bare(literal: Literal) -> str | None:
    """Return a number or truth value as Turtle may write it bare; None where only quotes will do.

    Bare spellings keep every character: the datatype is the one that they stand for.
    """
    pattern = _BARE.get(literal.datatype.value)
    return literal.value if pattern and re.fullmatch(pattern, literal.value, re.ASCII) else None


class _Shortener:
    """Writes terms as Turtle, and remembers which prefixes it used."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self.prefixes = {
            prefix: space for prefix, space in prefixes.items() if re.fullmatch(_PREFIX, prefix)
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
            if number := bare(term):
                return number
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
