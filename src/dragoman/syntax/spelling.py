"""What parses and still should be written otherwise: the lint of one file."""

from __future__ import annotations

__all__ = ["Finding", "declared_terms", "lint", "literal_problems", "may_be_faulty", "meant"]

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, RdfFormat

from dragoman import datatypes, vocabulary
from dragoman.errors import SyntaxProblem, nearest
from dragoman.syntax.formats import format_of
from dragoman.syntax.lines import Positions, subject_lines
from dragoman.syntax.reading import read_rdf

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

# OWL 2 writes the numbers of its cardinalities so (Mapping to RDF Graphs, section 2.1).
_CARDINALITIES: Final = frozenset(
    f"{vocabulary.OWL}{name}"
    for name in (
        *("cardinality", "maxCardinality", "minCardinality"),
        *("qualifiedCardinality", "maxQualifiedCardinality", "minQualifiedCardinality"),
    )
)
_TEXTS: Final = frozenset({vocabulary.XSD_STRING, vocabulary.RDF_LANG_STRING})
_OF_OWL: Final = f"{vocabulary.XSD}nonNegativeInteger"
# Control characters but line feeds and tabs; characters that reorder or hide text, or are none.
_HIDDEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
# The same in bytes of UTF-8: signs of one byte, escaped signs, and those of two and three bytes.
_CONTROLS: Final = bytes({*range(0x20), 0x7F} - {0x09, 0x0A})
_BELOW: Final = re.compile(rb"\\[bfr]")
_STRANGE: Final = tuple(
    map(
        re.compile,
        (
            rb"\xc2[\x80-\x9f]",
            rb"\xe2\x80[\xaa-\xae]",
            rb"\xe2\x81[\xa6-\xa9]",
            rb"\xef\xbf[\xbe\xbf]",
        ),
    )
)


@dataclass(frozen=True)
class Finding:
    """One thing in a file that parses and still should be written otherwise."""

    file: str
    line: int | None
    rule: str
    message: str

    def __str__(self) -> str:
        """Return one line: where, what, and what to do."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.message}"


def lint(
    path: str | Path,
    declared: Collection[str] | None = None,
    base_iri: str | None = None,
    derived: Collection[str] = (),
) -> list[Finding]:
    """Find what parses but should not stand in a base, each with its line, in line order.

    The rules: `ill-typed` (a literal whose datatype does not allow its text), `canonical` (one in
    another spelling than an index keeps), `derived-integer` (xsd:integer is the one integer type),
    `control-character` (also those that reorder text), `nfc` (text not in Unicode form C),
    `undeclared` (a term in the dip: namespace that the ontology does not declare; only where
    `declared` is given, see `declared_terms`), `derived` (one of those that rules write, and no
    file does), `placeholder` (what a skeleton leaves to be filled in).

    Raises:
        SyntaxProblem: the file does not parse.
    """
    known = format_of(path) in (RdfFormat.TURTLE, RdfFormat.N_TRIPLES)
    where: Positions | None = None
    findings: set[Finding] = set()
    for quad in read_rdf(path, base_iri=base_iri):
        problems = (
            list(literal_problems(quad.object, quad.predicate.value))
            if isinstance(quad.object, Literal)
            else []
        )
        if getattr(quad.object, "value", "") == vocabulary.PLACEHOLDER:
            problem = (
                f"The value of {quad.predicate.value} is not filled in yet: put it in the place of "
                "the …, or take the line away where the source does not tell it."
            )
            problems = [("placeholder", problem)]
        for term in (quad.subject, quad.predicate, quad.object):
            if declared is None or not isinstance(term, NamedNode) or term.value in declared:
                continue
            versions = quad.predicate.value in vocabulary.VERSIONS
            if term.value in derived:
                problem = (
                    f"dip:{term.value.removeprefix(vocabulary.DIP)} is what rules derive from "
                    "accounts, and no file states it: let an account tell what the source says."
                )
                problems.append(("derived", problem))
            elif term.value.startswith(vocabulary.DIP) and not versions:
                problem = _undeclared(term.value, declared)
                problems.append(("undeclared", problem))
        if problems:
            where = where or (subject_lines(path, base_iri) if known else Positions())
            line = where.line(getattr(quad.subject, "value", ""), quad.predicate.value)
            findings.update(Finding(str(path), line, *problem) for problem in problems)
    return sorted(findings, key=lambda each: (each.line or 0, each.rule, each.message))


def may_be_faulty(text: bytes) -> bool:
    """Return whether N-Triples may hold what the lint tells of, datatypes and terms aside.

    Quick, for few texts do. Never false where there is something.
    """
    if _BELOW.search(text) or len(text.translate(None, _CONTROLS)) < len(text):
        return True
    if text.isascii():
        return False
    read = text.decode("utf-8", "replace")
    return (
        any(each.search(text) for each in _STRANGE)
        or f'"{vocabulary.PLACEHOLDER}"' in read
        or not unicodedata.is_normalized("NFC", read)
    )


def meant(term: str, declared: Iterable[str]) -> str:
    """Return the declared term that a term not declared looks most like, or an empty text.

    For one that begins as a class does, it is a class; for others it is none.
    """
    local = term.removeprefix(vocabulary.DIP)
    known = (each.removeprefix(vocabulary.DIP) for each in declared)
    alike = [each for each in known if each[:1].isupper() == local[:1].isupper()]
    return f"{vocabulary.DIP}{close[0]}" if (close := nearest(local, alike, 1)) else ""


def _undeclared(term: str, declared: Iterable[str]) -> str:
    """Return what is wrong with a term of ours that the ontology does not declare."""
    near = meant(term, declared).removeprefix(vocabulary.DIP)
    advice = f"Did you mean {near}?" if near else ""
    local = term.removeprefix(vocabulary.DIP)
    return f"The ontology declares no term dip:{local}. {advice}".rstrip()


def declared_terms(paths: Iterable[Path]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the terms of the dip: namespace that the files (of the ontology) give a type.

    Those that files may use, and those that only rules write. Files that do not parse declare
    nothing.
    """
    declared: set[str] = set()
    derived: set[str] = set()
    for path in paths:
        try:
            for quad in read_rdf(path):
                term = getattr(quad.subject, "value", "")
                if not term.startswith(vocabulary.DIP):
                    continue
                if quad.predicate.value == vocabulary.RDF_TYPE:
                    declared.add(term)
                elif quad.predicate.value == vocabulary.DERIVED:
                    derived.add(term)
        except SyntaxProblem:
            continue
    return frozenset(declared - derived), frozenset(derived)


def literal_problems(literal: Literal, predicate: str = "") -> Iterator[tuple[str, str]]:
    """Yield (rule, message) for each thing wrong with how a literal is spelt.

    Args:
        literal: the literal.
        predicate: the IRI of what it is a value of: OWL 2 demands xsd:nonNegativeInteger of some.
    """
    value = literal.value
    datatype = literal.datatype.value
    if datatype not in _TEXTS:
        yield from _datatype_problems(value, datatype, predicate)
    if found := _HIDDEN.search(value):
        code = f"U+{ord(found[0]):04X}"
        yield "control-character", f"The text holds the control character {code}; remove it."
    if not unicodedata.is_normalized("NFC", value):
        yield "nfc", f"{_shown(value)} is not in Unicode form C (NFC); normalise it."


def _datatype_problems(value: str, datatype: str, predicate: str) -> Iterator[tuple[str, str]]:
    kind = f"xsd:{datatype.removeprefix(vocabulary.XSD)}"
    if not datatypes.well_formed(value, datatype):
        if datatype.startswith(vocabulary.RDF):
            kind = f"rdf:{datatype.removeprefix(vocabulary.RDF)}"
        fault = datatypes.fault(value, datatype)
        yield "ill-typed", f"{_shown(value)} is no {kind}: {fault}"
        return
    if not datatype.startswith(vocabulary.XSD):
        return
    if (name := kind.removeprefix("xsd:")) not in datatypes.NAMES:
        close = nearest(name, datatypes.NAMES, 1)
        advice = f"; did you mean xsd:{close[0]}?" if close else "."
        yield "ill-typed", f"{_shown(value)} is an {kind}, which XML Schema does not have{advice}"
        return
    spelt = datatypes.canonical(value, datatype)
    if name in datatypes.INTEGERS:
        if datatype != _OF_OWL or predicate not in _CARDINALITIES:
            advice = "write xsd:integer, the one type here" + (spelt != value) * f", as {spelt}"
            yield "derived-integer", f"{_shown(value)} is an {kind}; {advice}."
            return
    elif kind == "xsd:dateTimeStamp":
        told = f"{_shown(value)} is an {kind}, which an index keeps as an xsd:dateTime"
        yield "canonical", f'{told}; write "{spelt}"^^xsd:dateTime.'
        return
    if spelt != value:
        told = f"{_shown(value)} is not the canonical spelling of an {kind}"
        if kind in {"xsd:double", "xsd:float"}:
            told = f"{_shown(value)} is an {kind} in a spelling that an index does not keep"
        yield "canonical", f'{told}; write "{_cut(spelt)}"^^{kind}.'


def _shown(value: str) -> str:
    return repr(_cut(value))


def _cut(value: str) -> str:
    return value if len(value) <= 40 else f"{value[:40]}…"
