"""What parses and still should be written otherwise: the lint of one file."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, RdfFormat

from dragoman import vocabulary
from dragoman.errors import SyntaxProblem, suggestion
from dragoman.syntax.formats import format_of
from dragoman.syntax.lines import Positions, subject_lines
from dragoman.syntax.reading import read_rdf

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

_ZONE: Final = r"(?:Z|[+\-](?!00:00)[0-9]{2}:[0-9]{2})?"
_YEAR: Final = r"(?!-0000)-?(?:[1-9][0-9]{4,}|[0-9]{4})"
_CANONICAL: Final[Mapping[str, str]] = {
    "boolean": r"true|false",
    "date": rf"{_YEAR}-[0-9]{{2}}-[0-9]{{2}}{_ZONE}",
    "dateTime": rf"{_YEAR}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}(?::[0-9]{{2}}){{2}}"
    rf"(?:\.[0-9]*[1-9])?{_ZONE}",
    "decimal": r"-?(?:0|[1-9][0-9]*)\.[0-9]*[1-9]|-?[1-9][0-9]*|0",
    "gYear": rf"{_YEAR}{_ZONE}",
    "gYearMonth": rf"{_YEAR}-[0-9]{{2}}{_ZONE}",
    "integer": r"0|-?[1-9][0-9]*",
}
_DERIVED: Final = frozenset(
    {"byte", "int", "long", "short", "unsignedByte", "unsignedInt", "unsignedLong", "unsignedShort"}
    | {"negativeInteger", "nonNegativeInteger", "nonPositiveInteger", "positiveInteger"}
)
# Characters that reorder or hide text, or are none.
_HIDDEN: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff")


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


def lint(path: str | Path, declared: Collection[str] | None = None) -> list[Finding]:
    """Find what parses but should not stand in a base, each with its line, in line order.

    The rules: `canonical` (a literal in another spelling than its canonical one, which an index
    would respell), `derived-integer` (xsd:integer is the one integer type), `control-character`
    (also those that reorder text), `nfc` (text not in Unicode form C), `undeclared` (a term in the
    dip: namespace that the ontology does not declare; only where `declared` is given, see
    `declared_terms`).

    Raises:
        SyntaxProblem: the file does not parse.
    """
    known = format_of(path) in (RdfFormat.TURTLE, RdfFormat.N_TRIPLES)
    where: Positions | None = None
    findings: set[Finding] = set()
    for quad in read_rdf(path):
        problems = list(literal_problems(quad.object)) if isinstance(quad.object, Literal) else []
        for term in (quad.subject, quad.predicate, quad.object):
            if declared is None or not isinstance(term, NamedNode) or term.value in declared:
                continue
            versions = quad.predicate.value in vocabulary.VERSIONS
            if term.value.startswith(vocabulary.DIP) and not versions:
                local = term.value.removeprefix(vocabulary.DIP)
                near = suggestion(local, [each.removeprefix(vocabulary.DIP) for each in declared])
                problem = f"The ontology declares no term dip:{local}. {near}".rstrip()
                problems.append(("undeclared", problem))
        if problems:
            where = where or (subject_lines(path) if known else Positions())
            line = where.line(getattr(quad.subject, "value", ""), quad.predicate.value)
            findings.update(Finding(str(path), line, *problem) for problem in problems)
    return sorted(findings, key=lambda each: (each.line or 0, each.rule, each.message))


def declared_terms(paths: Iterable[Path]) -> frozenset[str]:
    """Return every term of the dip: namespace that the files (of the ontology) give a type.

    Files that do not parse declare nothing.
    """
    declared: set[str] = set()
    for path in paths:
        try:
            declared.update(
                quad.subject.value
                for quad in read_rdf(path)
                if isinstance(quad.subject, NamedNode)
                and quad.predicate.value == vocabulary.RDF_TYPE
                and quad.subject.value.startswith(vocabulary.DIP)
            )
        except SyntaxProblem:
            continue
    return frozenset(declared)


def literal_problems(literal: Literal) -> Iterator[tuple[str, str]]:
    """Yield (rule, message) for each thing wrong with how a literal is spelt."""
    value = literal.value
    shown = repr(value if len(value) <= 40 else f"{value[:40]}…")
    datatype = literal.datatype.value
    local = datatype.removeprefix(vocabulary.XSD) if datatype.startswith(vocabulary.XSD) else ""
    if local in _DERIVED:
        yield "derived-integer", f"{shown} is an xsd:{local}; write xsd:integer, the one type here."
    elif local in _CANONICAL and not re.fullmatch(_CANONICAL[local], value):
        yield "canonical", f"{shown} is not the canonical spelling of an xsd:{local}; write it so."
    for character in value:
        hidden = unicodedata.category(character) == "Cc" and character not in "\n\t"
        if hidden or character in _HIDDEN:
            code = f"U+{ord(character):04X}"
            yield "control-character", f"The text holds the control character {code}; remove it."
            break
    if not unicodedata.is_normalized("NFC", value):
        yield "nfc", f"{shown} is not in Unicode form C (NFC); normalise it."
