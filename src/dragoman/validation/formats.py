"""Writing a report: for people, JSON, Turtle (`sh:ValidationReport`), JUnit, SARIF, Markdown, HTML.

Every form but the one for people is the same for the same findings, byte for byte.
"""

from __future__ import annotations

import html as markup
import json
import re
import unicodedata
from itertools import groupby
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from dragoman import __version__, vocabulary
from dragoman.validation.report import (
    VIOLATION,
    WARNING,
    short,
    short_message,
    short_path,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from dragoman.validation.report import Finding, Report, Term

STYLES: Final = {"violation": "bold red", "warning": "yellow", "info": "cyan"}
_NOUNS: Final = {
    "violation": ("violation", "violations"),
    "warning": ("warning", "warnings"),
    "info": ("note", "notes"),
}
_LONGEST: Final = 200
_NOWHERE: Final = "(no file)"


# ------------------------------------------------------------------ people


def people(report: Report) -> list[tuple[str, str]]:
    """Return the report as pieces of text, each with how it looks ("" for plain).

    Grouped by severity, then by shape: where (file and line), what, why and what to do.
    """
    pieces: list[tuple[str, str]] = []
    groups = groupby(report.findings, key=lambda each: (each.level, each.shape))
    for (level, shape), group in groups:
        found = list(group)
        pieces.append((level.upper(), STYLES[level]))
        pieces.append((f"  {_plain(_shape(shape, report))}", "bold"))
        pieces.append((f"  ({len(found)})\n" if len(found) > 1 else "\n", "dim"))
        told = ""
        for finding in found:
            pieces.append((f"  {_place(finding) or _NOWHERE}", "cyan"))
            pieces.append((f"  {_plain(short(finding.focus, report.prefixes))}\n", ""))
            if detail := _detail(finding, report):
                pieces.append((f"      {_plain(detail)}\n", "dim"))
            message = _plain(short_message(finding, report.prefixes))
            if message != told:
                pieces.append((f"      {message}\n", ""))
            told = message
        pieces.append(("\n", ""))
    pieces.append((f"{summary(report)}\n", "bold" if report.findings else "bold green"))
    return pieces


def summary(report: Report) -> str:
    """Return one sentence: how many findings of each kind in how many files."""
    files = f"{len(report.checked)} {'file' if len(report.checked) == 1 else 'files'}"
    if report.conforms:
        return f"{files} checked, nothing found."
    counted = [
        f"{count} {_NOUNS[level][count != 1]}" for level, count in report.counts.items() if count
    ]
    return f"{files} checked: {', '.join(counted)}."


def _shape(shape: Term, report: Report) -> str:
    iri = getattr(shape, "value", "")
    if iri.startswith(vocabulary.LINT):
        return f"lint: {iri.removeprefix(vocabulary.LINT)}"
    return short(shape, report.prefixes)


def _place(finding: Finding) -> str:
    if finding.file is None:
        return ""
    return f"{finding.file}:{finding.line}" if finding.line else finding.file


def _detail(finding: Finding, report: Report) -> str:
    parts = [short_path(finding.path, report.prefixes)]
    if finding.value is not None and finding.value != finding.focus:
        parts.append(f"value {_shortened(short(finding.value, report.prefixes))}")
    return "   ".join(part for part in parts if part)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _plain(text: str) -> str:
    """Return a text that can do nothing to a terminal or to the order of letters."""
    return "".join(
        f"\\u{ord(each):04X}" if unicodedata.category(each) in {"Cc", "Cf"} else each
        for each in " ".join(text.split())
    )


# ------------------------------------------------------------------ JSON


def as_json(report: Report) -> str:
    """Return the report as JSON; terms are written as N-Triples writes them."""
    content = {
        "conforms": report.conforms,
        "counts": report.counts,
        "checked": list(report.checked),
        "findings": [
            {
                "level": finding.level,
                "message": finding.message,
                "file": finding.file,
                "line": finding.line,
                "graph": finding.graph,
                "focusNode": str(finding.focus),
                "path": finding.path.text if finding.path else None,
                "value": None if finding.value is None else str(finding.value),
                "severity": finding.severity,
                "sourceShape": str(finding.shape),
                "sourceConstraint": None if finding.constraint is None else str(finding.constraint),
                "sourceConstraintComponent": finding.component,
                "messages": [str(each) for each in finding.messages],
            }
            for finding in report.findings
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


# ------------------------------------------------------------------ Turtle


def as_turtle(report: Report) -> str:
    """Return the report as SHACL writes it: a `sh:ValidationReport` in Turtle (SHACL 3.6)."""
    used = {"rdf": vocabulary.RDF, "sh": vocabulary.SH, "xsd": vocabulary.XSD}
    text = "".join(str(each) for each in report.findings)
    used |= {name: space for name, space in report.prefixes if space in text}
    prefixes = dict(sorted(used.items()))
    triples = _renamed(_report_triples(report))
    return bytes(serialize(triples, format=RdfFormat.TURTLE, prefixes=prefixes) or b"").decode()


def _report_triples(report: Report) -> Iterator[Triple]:
    whole = BlankNode("report")
    kind = NamedNode(vocabulary.RDF_TYPE)
    conforms = Literal(str(report.conforms).lower(), datatype=NamedNode(vocabulary.XSD_BOOLEAN))
    yield Triple(whole, kind, NamedNode(vocabulary.SH_VALIDATION_REPORT))
    yield Triple(whole, NamedNode(vocabulary.SH_CONFORMS), conforms)
    results = [BlankNode(f"result{number}") for number in range(len(report.findings))]
    for result in results:
        yield Triple(whole, NamedNode(vocabulary.SH_RESULT), result)
    written: set[Term] = set()
    for result, finding in zip(results, report.findings, strict=True):
        yield Triple(result, kind, NamedNode(vocabulary.SH_VALIDATION_RESULT))
        for predicate, value in (
            (vocabulary.SH_FOCUS_NODE, finding.focus),
            (vocabulary.SH_RESULT_PATH, finding.path.node if finding.path else None),
            (vocabulary.SH_VALUE, finding.value),
            (vocabulary.SH_RESULT_SEVERITY, NamedNode(finding.severity)),
            (vocabulary.SH_SOURCE_SHAPE, finding.shape),
            (vocabulary.SH_SOURCE_CONSTRAINT, finding.constraint),
            (vocabulary.SH_SOURCE_CONSTRAINT_COMPONENT, NamedNode(finding.component)),
            *((vocabulary.SH_RESULT_MESSAGE, message) for message in finding.messages),
        ):
            if value is not None:
                yield Triple(result, NamedNode(predicate), value)
        if finding.path and finding.path.node not in written:
            written.add(finding.path.node)
            yield from finding.path.triples


def _renamed(triples: Iterable[Triple]) -> Iterator[Triple]:
    """Name the blank nodes in order of appearance; keep those of the report's own apart."""
    names: dict[BlankNode, BlankNode] = {}

    def named(term: Any) -> Any:  # noqa: ANN401
        if not isinstance(term, BlankNode):
            return term
        return names.setdefault(term, BlankNode(f"b{len(names)}"))

    for triple in triples:
        yield Triple(named(triple.subject), triple.predicate, named(triple.object))


# ------------------------------------------------------------------ JUnit


def as_junit(report: Report, fail_on: str = VIOLATION) -> str:
    """Return the report as JUnit XML: a suite a file, a failure for each finding that counts.

    Findings below `fail_on` are passed test cases that say so on their output.
    """
    heavy = set(report.at_least(fail_on))
    suites, tests = [], 0
    for file in _files(report):
        found = [each for each in report.findings if (each.file or _NOWHERE) == file]
        cases = "".join(_junit_case(each, report, failed=each in heavy) for each in found)
        cases = cases or f'    <testcase classname={_attribute(file)} name="conforms"/>\n'
        failures, count = sum(each in heavy for each in found), max(1, len(found))
        tests += count
        suites.append(
            f'  <testsuite name={_attribute(file)} tests="{count}" '
            f'failures="{failures}" errors="0" skipped="0">\n{cases}  </testsuite>\n'
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites name="dragoman validate" tests="{tests}" failures="{len(heavy)}" errors="0">'
        f"\n{''.join(suites)}</testsuites>\n"
    )


def _junit_case(finding: Finding, report: Report, *, failed: bool) -> str:
    shape, focus = _shape(finding.shape, report), short(finding.focus, report.prefixes)
    parts = (_place(finding), focus, _detail(finding, report), finding.message)
    text = "\n".join(part for part in parts if part)
    line = f' line="{finding.line}"' if finding.line else ""
    body = (
        f"      <failure type={_attribute(finding.level)} message={_attribute(finding.message)}>"
        f"{_text(_xml(text))}</failure>\n"
        if failed
        else f"      <system-out>{_text(_xml(f'{finding.level}: {text}'))}</system-out>\n"
    )
    return (
        f"    <testcase classname={_attribute(shape)} name={_attribute(focus)}"
        f"{f' file={_attribute(finding.file)}' if finding.file else ''}{line}>\n"
        f"{body}    </testcase>\n"
    )


def _files(report: Report) -> list[str]:
    others = {each.file or _NOWHERE for each in report.findings}
    return [*report.checked, *sorted(others - set(report.checked))]


def _attribute(text: str) -> str:
    spelt = markup.escape(_xml(text))
    for number in (9, 10, 13):  # else a parser takes them for spaces
        spelt = spelt.replace(chr(number), f"&#{number};")
    return f'"{spelt}"'


def _text(text: str) -> str:
    return markup.escape(text, quote=False)


def _xml(text: str) -> str:
    """Return a text without the characters that XML 1.0 cannot hold at all."""
    return "".join(
        each
        if each in "\t\n\r" or "\x20" <= each <= "\ud7ff" or "\ue000" <= each <= "\ufffd"
        or each >= "\U00010000"
        else "\ufffd"
        for each in text
    )  # fmt: skip


# ------------------------------------------------------------------ SARIF


def as_sarif(report: Report) -> str:
    """Return the report as SARIF 2.1.0 (OASIS), which code hosts show beside the lines."""
    rules = sorted({each.shape for each in report.findings}, key=str)
    numbers = {rule: number for number, rule in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "dragoman",
                "semanticVersion": __version__,
                "informationUri": vocabulary.BASE,
                "rules": [_sarif_rule(rule, report) for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": {"uri": _uri(file)}} for file in report.checked],
        "results": [_sarif_result(each, numbers[each.shape], report) for each in report.findings],
    }
    content = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _sarif_rule(rule: Term, report: Report) -> dict[str, Any]:
    first = next(each for each in report.findings if each.shape == rule)
    described: dict[str, Any] = {"id": _shape(rule, report)}
    described["shortDescription"] = {"text": first.message}
    described["defaultConfiguration"] = {"level": _sarif_level(first)}
    if isinstance(rule, NamedNode):
        described["properties"] = {"iri": rule.value}
    return described


def _sarif_result(finding: Finding, rule: int, report: Report) -> dict[str, Any]:
    about = short(finding.focus, report.prefixes)
    result: dict[str, Any] = {
        "ruleId": _shape(finding.shape, report),
        "ruleIndex": rule,
        "level": _sarif_level(finding),
        "message": {"text": f"{about}: {finding.message}"},
    }
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": str(finding.focus)}]}
    if finding.file:
        physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(finding.file)}}
        if finding.line:
            physical["region"] = {"startLine": finding.line}
        location["physicalLocation"] = physical
    result["locations"] = [location]
    return result


def _sarif_level(finding: Finding) -> str:
    return {VIOLATION: "error", WARNING: "warning"}.get(finding.level, "note")


def _uri(file: str) -> str:
    from urllib.parse import quote

    path = FilePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


# ------------------------------------------------------------------ Markdown and HTML


def as_markdown(report: Report) -> str:
    """Return a summary in Markdown: a table of the findings."""
    lines = [f"**{summary(report)}**", ""]
    if report.findings:
        lines += ["| | where | thing | shape | what |", "|---|---|---|---|---|"]
    for finding in report.findings:
        cells = (
            finding.level,
            _place(finding),
            short(finding.focus, report.prefixes),
            _shape(finding.shape, report),
            short_message(finding, report.prefixes),
        )
        lines.append(f"| {' | '.join(_cell(each) for each in cells)} |")
    return "\n".join(lines).rstrip("\n") + "\n"


def _cell(text: str) -> str:
    return re.sub(r"([\\`*_\[\]|~#])", r"\\\1", _text(_plain(text)))


def html(report: Report) -> str:
    """Return a table for notebooks. Every text is escaped; nothing is a link."""
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td>{_text(_plain(cell))}</td>"
            for cell in (
                finding.level,
                _place(finding),
                short(finding.focus, report.prefixes),
                _shape(finding.shape, report),
                short_message(finding, report.prefixes),
            )
        )
        + "</tr>"
        for finding in report.findings
    )
    head = "".join(f"<th>{name}</th>" for name in ("", "where", "thing", "shape", "what"))
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>" if rows else ""
    return f"<p>{_text(summary(report))}</p>{table}"


FORMATS: Final[Mapping[str, Callable[[Report, str], str]]] = {
    "people": lambda report, _: "".join(text for text, _ in people(report)),
    "json": lambda report, _: as_json(report),
    "turtle": lambda report, _: as_turtle(report),
    "junit": as_junit,
    "sarif": lambda report, _: as_sarif(report),
    "md": lambda report, _: as_markdown(report),
}
ALIASES: Final = {"text": "people", "ttl": "turtle", "markdown": "md"}


def write(report: Report, name: str, fail_on: str = VIOLATION) -> str:
    """Return the report in the format of that name.

    Raises:
        UnknownNameError: naming the nearest formats.
    """
    from dragoman.errors import UnknownNameError

    writer = FORMATS.get(ALIASES.get(name, name))
    if writer is None:
        raise UnknownNameError("format of a report", name, [*FORMATS, *ALIASES])
    return writer(report, fail_on)
