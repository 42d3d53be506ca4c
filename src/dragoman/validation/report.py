"""What a validation found: findings, their severity, and the report that holds them.

The terms are those of SHACL (W3C Recommendation, 20 July 2017), section 3.6.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from dragoman import vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyoxigraph import BlankNode, Literal, NamedNode, Triple

    Term = NamedNode | BlankNode | Literal

VIOLATION, WARNING, INFO = "violation", "warning", "info"
LEVELS: Final = (VIOLATION, WARNING, INFO)
_LEVEL_OF: Final = {
    vocabulary.SH_VIOLATION: VIOLATION,
    vocabulary.SH_WARNING: WARNING,
    vocabulary.SH_INFO: INFO,
}


@dataclass(frozen=True, slots=True)
class Path:
    """A SHACL property path.

    Attributes:
        text: the path as SPARQL 1.1 writes it, with full IRIs.
        node: the node that stands for it in the shapes graph; for a plain property, the property.
        triples: what the shapes graph says of that node; empty for a plain property.
    """

    text: str
    node: Term
    triples: tuple[Triple, ...] = ()

    def __eq__(self, other: object) -> bool:
        """Two paths are one where they read the same: blank nodes have no identity."""
        return isinstance(other, Path) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of a validation.

    Attributes:
        focus: the thing found wanting (`sh:focusNode`).
        severity: IRI of the severity (`sh:resultSeverity`).
        shape: the shape that says so (`sh:sourceShape`), or the rule of the lint.
        component: IRI of the kind of constraint (`sh:sourceConstraintComponent`).
        path: which property, where the shape has one (`sh:resultPath`).
        value: the value that is wrong, where one is (`sh:value`).
        constraint: the SPARQL constraint (`sh:sourceConstraint`), where it was one.
        messages: what is wrong and what to do, one in each language.
        file: the file that says it, as it was named; None where no file does.
        line: 1-based line of the focus node there, of the property where it was found.
        graph: IRI of the named graph that the file is in its base.
    """

    focus: Term
    severity: str
    shape: Term
    component: str
    path: Path | None = None
    value: Term | None = None
    constraint: Term | None = None
    messages: tuple[Literal, ...] = ()
    file: str | None = None
    line: int | None = None
    graph: str | None = None

    @property
    def level(self) -> str:
        """Return `violation`, `warning` or `info`; a severity of one's own weighs the most."""
        return _LEVEL_OF.get(self.severity, VIOLATION)

    @property
    def message(self) -> str:
        """Return the message in English, else the one without a language, else any."""
        order = sorted(self.messages, key=lambda each: _language_rank(each.language))
        return order[0].value if order else f"It does not satisfy {_name(self.component)}."

    @property
    def order(self) -> tuple[object, ...]:
        """Return what reports are sorted by: weight, shape, file, line, thing, value."""
        return (
            LEVELS.index(self.level),
            str(self.shape),
            self.file or "",
            self.line or 0,
            str(self.focus),
            self.path.text if self.path else "",
            str(self.value),
            self.component,
            tuple(str(each) for each in self.messages),
        )


@dataclass(frozen=True)
class Way:
    """Which way one constraint takes.

    Attributes:
        shape: the shape that has it.
        constraint: IRI of its parameter, or the node of a SPARQL constraint.
        engine: `core`, `store` (SPARQL asked once for all nodes), `reference` (pySHACL on what a
            change affects) or `whole` (pySHACL on everything).
        reason: why it is not one of the first two; empty if it is.
    """

    shape: Term
    constraint: Term
    engine: str
    reason: str = ""


@dataclass
class Explanation:
    """Which constraint took which way in a validation.

    Attributes:
        ways: a shape that aims at something, and the way of a constraint of its nodes.
        checked: of a change, such a shape to the number of nodes it was checked on; None for all.
        problem: why pySHACL had to check everything; empty where it had not.
    """

    ways: list[tuple[Term, Way]] = field(default_factory=list)
    checked: dict[Term, int | None] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class Report:
    """The findings of one validation, the heaviest first.

    Attributes:
        findings: what was found, sorted by `Finding.order`.
        checked: the files that were checked, as they were named.
        context: the base in whose context they were checked; None for a plain SHACL validation.
        prefixes: prefix to namespace, to shorten IRIs for people.
        seconds: how long it took.
        explanation: which constraint took which way.
        notes: how the files were taken, one line each, where that is not plain.
    """

    findings: tuple[Finding, ...]
    checked: tuple[str, ...] = ()
    context: str | None = None
    prefixes: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0
    explanation: Explanation | None = field(default=None, compare=False)
    notes: tuple[str, ...] = ()

    @property
    def conforms(self) -> bool:
        """Return whether nothing was found; a result of any severity counts (SHACL 3.6.1.1)."""
        return not self.findings

    @property
    def counts(self) -> dict[str, int]:
        """Return the number of findings of each level: violation, warning, info."""
        counted = Counter(finding.level for finding in self.findings)
        return {level: counted[level] for level in LEVELS}

    def at_least(self, level: str) -> tuple[Finding, ...]:
        """Return the findings that weigh at least as much as the level."""
        heavy = LEVELS[: LEVELS.index(level) + 1]
        return tuple(finding for finding in self.findings if finding.level in heavy)

    def __len__(self) -> int:
        return len(self.findings)

    def __bool__(self) -> bool:
        """A report is always something; ask `conforms` for the verdict."""
        return True

    def _repr_html_(self) -> str:
        from dragoman.validation.formats import html

        return html(self)


def short(term: Term | None, prefixes: tuple[tuple[str, str], ...] = ()) -> str:
    """Return a term as people read it: a prefixed name where a prefix fits, else in full."""
    if term is None:
        return ""
    return re.sub(r"^<(.*)>$|\^\^<([^<>]*)>$", _shortening(prefixes), str(term))


def short_path(path: Path | None, prefixes: tuple[tuple[str, str], ...] = ()) -> str:
    """Return a path as people read it, with prefixed names."""
    return re.sub(r"<([^<>]*)>()", _shortening(prefixes), path.text) if path else ""


def short_message(finding: Finding, prefixes: tuple[tuple[str, str], ...] = ()) -> str:
    """Return the message with prefixed names for those IRIs in it that have one."""
    return shortened_text(finding.message, prefixes)


def shortened_text(text: str, prefixes: tuple[tuple[str, str], ...] = ()) -> str:
    """Return a text with prefixed names for those IRIs in it that have one."""
    shorten = _shortening(prefixes)

    def shortened(found: re.Match[str]) -> str:
        short_name = shorten(found)
        return found[1] if short_name.startswith("<") else short_name

    return re.sub(r"(https?://[^\s<>\"{}|\\^`]*[\w-])()", shortened, text)


def _shortening(prefixes: tuple[tuple[str, str], ...]) -> Callable[[re.Match[str]], str]:
    from dragoman.syntax import readable

    short_name = readable(dict(prefixes))

    def shortened(found: re.Match[str]) -> str:
        return f"^^{short_name(found[2])}" if found[2] else short_name(found[1])

    return shortened


def _language_rank(language: str | None) -> tuple[int, str]:
    if language is None:
        return 1, ""
    return (0, language) if language.split("-")[0] == "en" else (2, language)


def _name(iri: str) -> str:
    return iri.rsplit("#", 1)[-1].rsplit("/", 1)[-1]
