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
    from collections.abc import Callable, Mapping, Sequence

    from pyoxigraph import BlankNode, Literal, NamedNode, Triple

    from dragoman.record import Followed

    Term = NamedNode | BlankNode | Literal

VIOLATION, WARNING, INFO = "violation", "warning", "info"
LEVELS: Final = (VIOLATION, WARNING, INFO)
BY_QUERY: Final = "a query finds its nodes"
# Between a shape and what leads on from it to one inside, in the names of shapes without a name.
STEP: Final = " › "  # noqa: RUF001  a sign that no IRI has
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
        details: the reasons, where they lie in another shape (`sh:detail`); they do not make two
            findings different.
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
    details: tuple[Finding, ...] = field(default=(), compare=False)

    @property
    def level(self) -> str:
        """Return `violation`, `warning` or `info`; a severity of one's own weighs the most."""
        return _LEVEL_OF.get(self.severity, VIOLATION)

    @property
    def message(self) -> str:
        """Return the message in English, else the one without a language, else any."""
        return self.message_in(())

    def message_in(self, languages: Sequence[str]) -> str:
        """Return the message in the first of these languages that it has, else as `message` does.

        A language stands for its regional forms, and a regional form for its language (RFC 4647,
        3.3.1 and 3.4).
        """
        wanted = [each for tag in languages for each in (tag, tag.partition("-")[0])] + ["en"]
        order = sorted(self.messages, key=lambda each: _language_rank(each.language, wanted))
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
class Origin:
    """What a shape or a constraint without a name goes by.

    Attributes:
        text: the named shape above it, and the way from there, with full IRIs.
        file: the file of the shapes that it stands in; None where no file is known.
        line: 1-based line there.
        triples: what the shapes graph says of it.
    """

    text: str
    file: str | None = None
    line: int | None = None
    triples: tuple[Triple, ...] = ()


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


@dataclass(frozen=True)
class Absent:
    """What a shape aims at, and the data do not speak of.

    Attributes:
        kind: `class`, `property` or `node`.
        term: what the shape calls it.
        nearest: what the data may call it; None where nothing there looks like it.
    """

    kind: str
    term: NamedNode
    nearest: NamedNode | None = None


@dataclass(frozen=True)
class Looked:
    """What one shape looked at.

    Attributes:
        shape: the shape.
        nodes: how many focus nodes it had; of a change, how many the change can matter to; None
            where all were checked anew for a change, and where a query finds further ones.
        constraints: how many constraints its nodes are checked by.
        absent: what it aims at and the data do not speak of.
        why: `deactivated`, or `no target`, where it looks at nothing whatever the data; `BY_QUERY`
            where they are not counted.
    """

    shape: Term
    nodes: int | None
    constraints: int
    absent: tuple[Absent, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Coverage:
    """What a validation looked at.

    Attributes:
        constraints: how many constraints the nodes were checked by.
        nodes: how many nodes were checked, each counted once, but for those that queries find;
            None where everything was checked for a change.
        shapes: what each shape looked at: those with a target, and those that nothing leads to.
        unchecked: how many things of the data, of a change how many new ones, no shape looks at.
        classes: their classes and how many each has, the biggest first; None for no class.
        of_change: it was the check of a change.
    """

    constraints: int
    nodes: int | None
    shapes: tuple[Looked, ...]
    unchecked: int = 0
    classes: tuple[tuple[Term | None, int], ...] = ()
    of_change: bool = False

    @property
    def by_query(self) -> tuple[Looked, ...]:
        """Return the shapes for which a query found further nodes."""
        return tuple(each for each in self.shapes if each.why == BY_QUERY)

    @property
    def unmet(self) -> tuple[Looked, ...]:
        """Return the shapes that met no node."""
        return tuple(each for each in self.shapes if each.nodes == 0)


@dataclass
class Explanation:
    """What a validation did: which constraint took which way, and what was looked at.

    Attributes:
        ways: a shape that aims at something, and the way of a constraint of its nodes.
        checked: of a change, such a shape to the number of nodes it was checked on; None for all.
        affected: of a change, such a shape to those nodes; None where everything was checked.
        problem: why pySHACL had to check everything; empty where it had not.
        coverage: what was looked at.
        notes: what else there is to say of the shapes.
    """

    ways: list[tuple[Term, Way]] = field(default_factory=list)
    checked: dict[Term, int | None] = field(default_factory=dict)
    affected: dict[Term, set[Term]] | None = None
    problem: str = ""
    coverage: Coverage | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """The findings of one validation, the heaviest first.

    Attributes:
        findings: what was found, sorted by `Finding.order`.
        checked: the files that were checked, as they were named.
        context: the base in whose context they were checked; None for a plain SHACL validation.
        prefixes: prefix to namespace, to shorten IRIs for people.
        seconds: how long it took.
        explanation: what was done: which constraint took which way, and what was looked at.
        languages: tags of the languages that its readers prefer, the best first.
        origins: what the blank nodes among shapes and constraints go by.
        notes: how the files were taken, one line each, where that is not plain.
        followed: what the change that was checked changes in the record.
    """

    findings: tuple[Finding, ...]
    checked: tuple[str, ...] = ()
    context: str | None = None
    prefixes: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0
    explanation: Explanation | None = field(default=None, compare=False)
    languages: tuple[str, ...] = ()
    origins: Mapping[Term, Origin] = field(default_factory=dict, compare=False)
    notes: tuple[str, ...] = ()
    followed: Followed | None = field(default=None, compare=False, repr=False)

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

    def __str__(self) -> str:
        """Return what was found, as the command shows it to people."""
        from dragoman.validation.formats import summary, write

        return f"{write(self, 'people')}{summary(self)}"

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
    return short_text(path.text, prefixes) if path else ""


def short_text(text: str, prefixes: tuple[tuple[str, str], ...] = ()) -> str:
    """Return a text with prefixed names for the IRIs in angle brackets that have one."""
    return re.sub(r"<([^<>]*)>()", _shortening(prefixes), text)


def short_message(finding: Finding, report: Report) -> str:
    """Return the message for the report's readers, with prefixed names where IRIs have one."""
    return shortened_text(finding.message_in(report.languages), report.prefixes)


def shortened_text(text: str, prefixes: tuple[tuple[str, str], ...] = ()) -> str:
    """Return a text with prefixed names for those IRIs in it that have one."""
    shorten = _shortening(prefixes)

    def shortened(found: re.Match[str]) -> str:
        short_name = shorten(found)
        return found[0] if short_name.startswith("<") else short_name

    text = re.sub(r"<([^<>\s]+)>()", shortened, text)
    return re.sub(r"(https?://[^\s<>\"{}|\\^`]*[\w-])()", shortened, text)


def _shortening(prefixes: tuple[tuple[str, str], ...]) -> Callable[[re.Match[str]], str]:
    from dragoman.syntax import readable

    short_name = readable(dict(prefixes))

    def shortened(found: re.Match[str]) -> str:
        return f"^^{short_name(found[2])}" if found[2] else short_name(found[1])

    return shortened


def _language_rank(language: str | None, wanted: Sequence[str]) -> tuple[int, str]:
    if language is None:
        return len(wanted), ""
    folded = language.casefold()
    for rank, each in enumerate(wanted):
        if folded == each.casefold() or folded.startswith(f"{each.casefold()}-"):
            return rank, language
    return len(wanted) + 1, language


def _name(iri: str) -> str:
    return iri.rsplit("#", 1)[-1].rsplit("/", 1)[-1]
