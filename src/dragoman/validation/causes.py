"""Telling a mistake once, at its root: what follows from it is not told again.

A name that nothing declares or describes, and a placeholder, break whatever asks for what they
should have been: those findings go, and one with the nearest name takes their place.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Final, cast

from pyoxigraph import Literal, NamedNode, Store

from dragoman import datatypes, syntax, vocabulary
from dragoman.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyoxigraph import Quad, QuerySolutions, Triple

    from dragoman.spellings import Spelt
    from dragoman.validation.loading import Loaded
    from dragoman.validation.report import Finding
    from dragoman.walking.distant import Distant

UNDECLARED: Final = NamedNode(f"{vocabulary.LINT}undeclared")
UNKNOWN: Final = NamedNode(f"{vocabulary.LINT}unknown")
_ILL_TYPED: Final = NamedNode(f"{vocabulary.LINT}ill-typed")
_PLACEHOLDER: Final = NamedNode(f"{vocabulary.LINT}placeholder")
_TYPE: Final = NamedNode(vocabulary.RDF_TYPE)
# Among more things than these nobody looks for a name that is near.
_MOST: Final = 500_000
# A list that is shorter is told whole where nothing in it is near.
_FEW: Final = 40


def rooted(
    found: Iterable[Finding],
    files: Sequence[Loaded],
    declared: Iterable[str],
    store: Store | Spelt | Distant | None = None,
) -> list[Finding]:
    """Return findings without those that follow from a mistake that is told.

    Args:
        found: the findings, those of the lint among them.
        files: the files that are checked.
        declared: the terms that the ontology declares.
        store: the facts beside the files, where there are any.
    """
    findings = [each for each in found if not _is_placeholder(each)]
    if any(each.shape == _PLACEHOLDER for each in findings):
        blank = {
            triple.subject
            for file in files
            for triple in file.triples
            if triple.predicate == _TYPE and isinstance(triple.object, Literal)
        }
        findings = [each for each in findings if each.value not in blank]
    if any(each.shape == _ILL_TYPED for each in findings):
        findings = _without_ill_typed(findings)
    if any(each.shape == UNDECLARED for each in findings):
        findings = _once(_without_undeclared(findings, files, frozenset(declared)))
    findings = _without_unsaid(findings, files)
    return _with_unknown(findings, files, store)


# What is found of values that are there, and not of one that is missing.
_OF_WHAT_IS_THERE: Final = {
    f"{vocabulary.SH}{each}ConstraintComponent" for each in ("MaxCount", "UniqueLang")
}


def _without_unsaid(findings: Iterable[Finding], files: Sequence[Loaded]) -> list[Finding]:
    """Leave out what shapes find of values that could not be made; the lint says why."""
    unsaid = {pair for file in files for pair in file.input.unsaid}

    def follows(finding: Finding) -> bool:
        if finding.value is not None or finding.component in _OF_WHAT_IS_THERE:
            return False
        # a path of alternatives is wanting by any of them
        path = finding.path.text if finding.path else ""
        about = str(getattr(finding.focus, "value", ""))
        missing = any((about, each) in unsaid for each in re.findall("<([^<>]*)>", path))
        return missing or any(map(follows, finding.details))

    return [
        each
        for each in findings
        if not unsaid or each.component.startswith(vocabulary.LINT) or not follows(each)
    ]


def _without_ill_typed(findings: Iterable[Finding]) -> list[Finding]:
    """Leave out what shapes find of a value that its datatype does not allow; the lint says why."""
    told = list(findings)
    places = {(each.file, each.line) for each in told if each.shape == _ILL_TYPED}

    def follows(finding: Finding) -> bool:
        value = finding.value
        return (
            isinstance(value, Literal)
            and not finding.component.startswith(vocabulary.LINT)
            and (finding.file, finding.line) in places
            and not datatypes.well_formed(value.value, value.datatype.value)
        )

    return [each for each in told if not follows(each)]


def _is_placeholder(finding: Finding) -> bool:
    """Return whether a value is found wanting that is none yet; the lint says so."""
    value = finding.value
    return isinstance(value, Literal) and value.value == vocabulary.PLACEHOLDER


# ------------------------------------------------------------------ terms


def _without_undeclared(
    findings: Iterable[Finding], files: Iterable[Loaded], declared: frozenset[str]
) -> Iterator[Finding]:
    """Leave out what follows from a class or a property that the ontology does not declare."""
    classless: set[object] = set()
    meant: set[tuple[object, str]] = set()
    near: dict[str, str] = {}
    for triple in (triple for file in files for triple in file.triples):
        term = triple.object if triple.predicate == _TYPE else triple.predicate
        if not isinstance(term, NamedNode) or not term.value.startswith(vocabulary.DIP):
            continue
        if term.value in declared:
            continue
        if triple.predicate == _TYPE:
            classless.add(triple.subject)
            continue
        if term.value not in near:
            near[term.value] = syntax.meant(term.value, declared)
        meant.add((triple.subject, f"<{near[term.value]}>"))
    for finding in findings:
        path = finding.path.text if finding.path else ""
        lint = finding.component.startswith(vocabulary.LINT)
        follows = finding.value in classless or (
            finding.value is None and (finding.focus, path) in meant
        )
        if lint or not follows:
            yield finding


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """Tell of each undeclared term once a file, with the further lines."""
    kept: dict[object, Finding] = {}
    lines: dict[object, list[int]] = {}
    for finding in findings:
        alike: object = finding
        if finding.shape == UNDECLARED:
            alike = (finding.file, finding.messages)
            lines.setdefault(alike, []).append(finding.line or 0)
        kept.setdefault(alike, finding)
    return [
        _said(finding, f"{finding.message}{_also(lines.get(alike, []))}")
        if alike in lines
        else finding
        for alike, finding in kept.items()
    ]


def _also(lines: Sequence[int]) -> str:
    further = [f"{each}" for each in sorted(set(lines))[1:] if each]
    if not further:
        return ""
    return f" So on {'line' if len(further) == 1 else 'lines'} {', '.join(further)}, too."


def _said(finding: Finding, message: str) -> Finding:
    return replace(finding, messages=(Literal(message, language="en"),))


# ------------------------------------------------------------------ things


def _with_unknown(
    findings: Sequence[Finding], files: Sequence[Loaded], store: Store | Spelt | Distant | None
) -> list[Finding]:
    """Put one finding in the place of all that a name causes which nothing describes."""
    by_value: dict[str, list[Finding]] = {}
    for finding in findings:
        value = finding.value
        if isinstance(value, NamedNode) and value.value.startswith(vocabulary.INDIVIDUAL):
            by_value.setdefault(value.value, []).append(finding)
    if not by_value:
        return [*findings]
    if store is not None:
        by_value = {iri: told for iri, told in by_value.items() if not _is_described(store, iri)}
        if not by_value:
            return [*findings]
    own = {_iri(triple) for file in files for triple in file.triples}
    known: dict[str, list[str]] = {}
    replaced: set[int] = set()
    told: list[Finding] = []
    for iri, caused in by_value.items():
        if iri in own:
            continue
        replaced.update(map(id, caused))
        start = iri[: iri.rindex("/") + 1]
        if start not in known:
            known[start] = _known(start, own, store)
        told.append(_unknown(iri, caused, known[start]))
    return [*told, *(each for each in findings if id(each) not in replaced)]


def _unknown(iri: str, caused: Sequence[Finding], names: Sequence[str]) -> Finding:
    start, _, key = iri.rpartition("/")
    kind = start.rpartition("/")[2].replace("-", " ")
    message = f"No such {kind}: {iri}"
    if close := nearest(key, names, 1):
        message += f"; did you mean {start}/{close[0]}?"
    elif names and len(names) <= _FEW:
        message += f"; there are {', '.join(f'{start}/{each}' for each in sorted(names))}."
    else:
        message += "; look for it with dragoman search, or describe it."
    uses = sorted({(each.file or "", each.line or 0) for each in caused})
    first = min(caused, key=lambda each: (each.file or "", each.line or 0, each.path is None))
    message += _also([line for file, line in uses if file == (first.file or "")])
    return replace(
        _said(first, message),
        severity=vocabulary.SH_VIOLATION,
        shape=UNKNOWN,
        component=UNKNOWN.value,
        constraint=None,
    )


def _is_described(store: Store | Spelt | Distant, iri: str) -> bool:
    return next(iter(store.quads_for_pattern(NamedNode(iri), None, None, None)), None) is not None


def _known(start: str, own: Iterable[str], store: Store | Spelt | Distant | None) -> list[str]:
    """Return the keys of the things whose IRIs begin so."""
    found = {each for each in own if each.startswith(start)}
    if store is not None:
        from dragoman.walking.distant import Distant

        if isinstance(store, Distant):
            there: Iterator[str] = map(_iri, store.things(start))
        else:
            there = _things(store, start)
        found |= {each for each in islice(there, _MOST) if each.startswith(start)}
    return [key for each in found if "/" not in (key := each.removeprefix(start))]


def _things(store: Store | Spelt, start: str) -> Iterator[str]:
    """Yield the things of a class whose IRIs begin so: asked, for that is six times as fast."""
    query = f"SELECT DISTINCT ?thing {{ ?thing {_TYPE} ?class "
    query += f"FILTER STRSTARTS(STR(?thing), {Literal(start)}) }}"
    asked = store if isinstance(store, Store) else store.store
    for row in cast("QuerySolutions", asked.query(query)):
        if isinstance(row[0], NamedNode):
            yield row[0].value


def _iri(triple: Triple | Quad) -> str:
    return triple.subject.value if isinstance(triple.subject, NamedNode) else ""
