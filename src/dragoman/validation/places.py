"""Where a finding stands: the file that speaks of the thing, and the line."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, NamedNode

from dragoman import syntax
from dragoman.validation.data import Lines
from dragoman.validation.loading import has_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyoxigraph import Triple

    from dragoman.validation.loading import Loaded
    from dragoman.validation.report import Finding, Term


def located(findings: Iterable[Finding], files: Sequence[Loaded]) -> list[Finding]:
    """Give each finding its file and line.

    Among several files that speak of the thing, the one with the offending statement comes first,
    then one with the property, then one with the thing as subject, then one that refers to it; of
    equals, the first given.
    """
    open_findings = list(findings)
    places = _Places(files, {each.focus for each in _all(open_findings)})
    return [places.place(finding) for finding in open_findings]


def _all(findings: Iterable[Finding]) -> Iterator[Finding]:
    for each in findings:
        yield each
        yield from _all(each.details)


class _Places:
    def __init__(self, files: Sequence[Loaded], wanted: set[Term]) -> None:
        self._files = files
        # those of a file of lines are of the things that were looked for
        self._positions: dict[int, syntax.Positions] = {}
        # (thing, property, value or None) to the first file that says so
        self._stated: dict[tuple[str, str | None, str | None], int] = {}
        # what refers to a node: (file, subject, property)
        self._referred: dict[str, tuple[int, object, str]] = {}
        self._names = names = {str(each) for each in wanted}
        written = {each.encode() for each in names}
        for number, file in enumerate(files):
            told: Iterable[Triple] = ()
            if not isinstance(file.triples, Lines):
                told = file.triples
            elif names:
                found = self._positions[number] = syntax.Positions()
                told = _noted(file.triples.about(written), found)
            for triple in told:
                subject, predicate, value = (str(term) for term in triple)
                if isinstance(triple.object, BlankNode) or value in names:
                    self._referred.setdefault(
                        value, (number, triple.subject, triple.predicate.value)
                    )
                if subject in names:
                    for key in ((predicate, value), (predicate, None), (None, None)):
                        self._stated.setdefault((subject, *key), number)

    def place(self, finding: Finding) -> Finding:
        if finding.details:
            finding = replace(finding, details=tuple(map(self.place, finding.details)))
        focus = str(finding.focus)
        predicate = _first_property(finding)
        number = None
        for key in ((predicate, str(finding.value)), (predicate, None), (None, None)):
            if (number := self._stated.get((focus, *key))) is not None:
                break
        if number is not None and isinstance(finding.focus, NamedNode):
            line = self._line(number, finding.focus.value, predicate and predicate[1:-1])
        else:
            reference = self._reference(focus)
            if reference is None and number is None:
                return finding
            line = None
            if reference is not None:
                number, subject, via = reference
                if f"<{subject}>" not in self._names:
                    self._positions.pop(number, None)
                line = self._line(number, subject, via)
        source = self._files[number or 0].input
        return replace(finding, file=source.label, line=line, graph=source.graph)

    def _reference(self, node: str) -> tuple[int, str, str] | None:
        """Return what refers to a node by an IRI, over any blank nodes between."""
        seen: set[str] = set()
        while node in self._referred and node not in seen:
            seen.add(node)
            number, subject, predicate = self._referred[node]
            if isinstance(subject, NamedNode):
                return number, subject.value, predicate
            node = str(subject)
        return None

    def _line(self, number: int, subject: str, predicate: str | None) -> int | None:
        read = self._files[number].input
        if read.positions is not None:
            return read.positions.line(subject, predicate)
        if number not in self._positions:
            self._positions[number] = (
                syntax.subject_lines(read.path, read.base_iri)
                if has_lines(read.path)
                else syntax.Positions()
            )
        return self._positions[number].line(subject, predicate)


def _noted(lines: Iterable[tuple[int, Triple]], positions: syntax.Positions) -> Iterator[Triple]:
    """Yield triples, and note where the first of each subject, and of each property of it, is."""
    for line, triple in lines:
        if isinstance(triple.subject, NamedNode):
            subject = triple.subject.value
            positions.subjects.setdefault(subject, line)
            positions.pairs.setdefault((subject, triple.predicate.value), line)
        yield triple


def _first_property(finding: Finding) -> str | None:
    """Return the first step of the path as `<iri>`; None where it goes backwards."""
    text = finding.path.text.lstrip("(") if finding.path else ""
    return text[: text.index(">") + 1] if text.startswith("<") else None
