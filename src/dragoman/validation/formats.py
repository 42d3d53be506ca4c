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
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from dragoman import __version__, vocabulary
from dragoman.errors import counted
from dragoman.validation.report import (
    STEP,
    VIOLATION,
    WARNING,
    short,
    short_message,
    short_path,
    short_text,
    shortened_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from dragoman.validation.report import Absent, Coverage, Finding, Looked, Report, Term

STYLES: Final = {"violation": "bold red", "warning": "yellow", "info": "cyan"}
_NOUNS: Final = {
    "violation": ("violation", "violations"),
    "warning": ("warning", "warnings"),
    "info": ("note", "notes"),
}
_LONGEST: Final = 200
_NOWHERE: Final = "(no file)"
_NOTHING: Final = "No shape has a node to check"
# So many names of one kind are told where --explain lists them all.
_FEW: Final = 3


# ------------------------------------------------------------------ people


class Told(NamedTuple):
    """A finding in words.

    Attributes:
        place: the file and the line; empty where no file says it.
        line: the line alone.
        thing: the thing found wanting, shortened.
        focus: that thing.
        detail: the property and the value, shortened; empty where none is told.
        message: what is wrong, and what to do.
        reasons: why, where the reasons lie in another shape: indented lines.
    """

    place: str
    line: int | None
    thing: str
    focus: Term
    detail: str
    message: str
    reasons: tuple[str, ...] = ()


class Group(NamedTuple):
    """The findings of one shape and one severity.

    Attributes:
        level: violation, warning or info.
        shape: what the shape goes by.
        origin: the file and line of a shape without a name; empty for others.
        findings: they, in the order of the report.
    """

    level: str
    shape: str
    origin: str
    findings: tuple[Told, ...]


def grouped(report: Report) -> Iterator[Group]:
    """Yield the findings grouped by severity and shape, the heaviest first, in words."""
    groups = groupby(report.findings, key=lambda each: (each.level, each.shape))
    for (level, shape), found in groups:
        origin = report.origins.get(shape)
        yield Group(
            level,
            _plain(_shape(shape, report)),
            _plain(_at(origin.file, origin.line)) if origin and origin.file else "",
            tuple(
                Told(
                    _place(each),
                    each.line,
                    _plain(short(each.focus, report.prefixes)),
                    each.focus,
                    _plain(_detail(each, report)),
                    _plain(short_message(each, report)),
                    tuple(_reasons(each, report, 8)),
                )
                for each in found
            ),
        )


def people(report: Report) -> list[tuple[str, str]]:
    """Return the report as pieces of text, each with how it looks ("" for plain).

    Grouped by severity, then by shape: where (file and line), what, why and what to do.
    """
    pieces: list[tuple[str, str]] = []
    for group in grouped(report):
        pieces.append((group.level.upper(), STYLES[group.level]))
        pieces.append((f"  {group.shape}", "bold"))
        if group.origin:
            pieces.append((f"  {group.origin}", "dim"))
        many = len(group.findings)
        pieces.append((f"  ({many})\n" if many > 1 else "\n", "dim"))
        before = ""
        for told in group.findings:
            pieces.append((f"  {told.place or _NOWHERE}", "cyan"))
            pieces.append((f"  {told.thing}\n", ""))
            if told.detail:
                pieces.append((f"      {told.detail}\n", "dim"))
            if told.message != before or told.reasons:
                pieces.append((f"      {told.message}\n", ""))
            before = told.message
            pieces += [(f"{line}\n", "") for line in told.reasons]
        pieces.append(("\n", ""))
    looked = looked_at(report)
    clean = not report.findings and not (looked and looked[0].startswith(_NOTHING))
    pieces.append((f"{summary(report)}\n", "bold green" if clean else "bold"))
    pieces += [
        (f"{line}\n", "" if clean or number else "yellow") for number, line in enumerate(looked)
    ]
    return pieces


def looked_at(report: Report) -> list[str]:
    """Return, a line each, what was checked on how much, and what no shape looked at."""
    told = report.explanation and report.explanation.coverage
    if not told:
        return []
    lines = [_met(told, report)]
    guesses = [
        _missing(looked, absent, report)
        for looked in told.shapes
        for absent in looked.absent
        if absent.nearest
    ]
    lines += guesses[:_FEW]
    if len(guesses) > _FEW:
        lines.append(f"… and {len(guesses) - _FEW} more such names; --explain lists them.")
    if told.unchecked:
        lines.append(_unchecked(told, report, _FEW))
    slips = [line for line in _notes(report) if line.endswith("?")]
    if len(slips) > _FEW:
        slips = [*slips[:_FEW], f"… and {len(slips) - _FEW} more such; --explain lists them."]
    return [*lines, *slips]


def _notes(report: Report) -> list[str]:
    notes = report.explanation.notes if report.explanation else ()
    return [_plain(shortened_text(each, report.prefixes)) for each in notes]


def explained(report: Report) -> list[str]:
    """Return, a line each, what every shape looked at, what none did, and notes on the shapes."""
    told = report.explanation and report.explanation.coverage
    if not report.explanation or not told:
        return []
    lines = [_met(told, report)]
    for looked in told.shapes:
        count = "all nodes" if looked.nodes is None else counted(looked.nodes, "node")
        what = looked.why or f"{count}, {counted(looked.constraints, 'constraint')}"
        lines.append(f"{_told(looked.shape, report)}  {what}")
        lines += [f"  {_missing(looked, absent, report)}" for absent in looked.absent]
    if told.unchecked:
        lines.append(_unchecked(told, report, len(told.classes)))
    return [*lines, *_notes(report)]


def _met(told: Coverage, report: Report) -> str:
    where = "change" if told.of_change else "data"
    if told.nodes == 0 and not told.by_query:
        line = f"{_NOTHING} in this {where}."
        return line if told.of_change else f"{line}{_without_nodes(told, report)}"
    constraints = counted(told.constraints, "constraint")
    if told.nodes is None:
        return f"{constraints} on all nodes, for this change."
    line = f"{constraints} on {counted(told.nodes, 'node')}"
    if told.by_query:
        names = _few([_told(each.shape, report) for each in told.by_query], _FEW)
        line = f"{line}, and on those that a query finds for {names}"
    if told.of_change:
        return f"{line} that this change can matter to."
    return f"{line}.{_without_nodes(told, report)}{_without_demands(told, report)}"


def _without_demands(told: Coverage, report: Report) -> str:
    names = [_told(e.shape, report) for e in told.shapes if e.nodes and not e.constraints]
    if not names:
        return ""
    shapes = "1 shape demands" if len(names) == 1 else f"{len(names):,} shapes demand"
    return f" {shapes} nothing: {_few(names, _FEW)}."


def _without_nodes(told: Coverage, report: Report) -> str:
    if not told.unmet:
        return ""
    names = [f"{_told(each.shape, report)}{each.why and f' ({each.why})'}" for each in told.unmet]
    shapes = "1 shape" if len(names) == 1 else f"{len(names):,} shapes"
    return f" {shapes} met no node: {_few(names, _FEW)}."


def _few(names: Sequence[str], most: int) -> str:
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} … and {len(names) - most:,} more; --explain lists them"


def _missing(looked: Looked, absent: Absent, report: Report) -> str:
    term = _told(absent.term, report)
    says = {
        "class": f"nothing in the data is a {term}",
        "property": f"nothing in the data has a {term}",
        "node": f"the data say nothing of {term}",
    }[absent.kind]
    guess = f"; did you mean {_told(absent.nearest, report)}?" if absent.nearest else "."
    return f"{_told(looked.shape, report)}: {says}{guess}"


def _unchecked(told: Coverage, report: Report, most: int) -> str:
    names = [
        f"{_told(kind, report) if kind else 'without a class'} ({count:,})"
        for kind, count in told.classes
    ]
    new = "new node" if told.of_change else "node"
    return f"{counted(told.unchecked, new)} that no shape checks: {_few(names, most)}."


def _told(term: Term, report: Report) -> str:
    return _shortened(_plain(_shape(term, report)))


def _reasons(finding: Finding, report: Report, indent: int) -> Iterator[str]:
    """Yield, a line each, the reasons of a finding and the reasons of these."""
    about = finding.focus if finding.value is None else finding.value
    for each in finding.details[:_FEW]:
        thing = "" if each.focus == about else f"{short(each.focus, report.prefixes)}  "
        what = _detail(each, report)
        said = f"{thing}{what}{what and ': '}{short_message(each, report)}"
        yield f"{' ' * indent}- {_plain(said)}"
        yield from _reasons(each, report, indent + 2)
    if len(finding.details) > _FEW:
        yield f"{' ' * indent}… and {len(finding.details) - _FEW} more"


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
    if origin := report.origins.get(shape):
        return short_text(origin.text, report.prefixes)
    return short(shape, report.prefixes)


def _rule(finding: Finding, report: Report) -> str:
    """Return a name for a constraint that stays the same from run to run.

    A shape with a name stands for all its constraints, but for several SPARQL constraints without.
    """
    constraint = finding.constraint and report.origins.get(finding.constraint)
    if isinstance(finding.shape, NamedNode):
        several = constraint and constraint.text[-1].isdigit()
        return (
            short_text(constraint.text, report.prefixes)
            if constraint and several
            else _shape(finding.shape, report)
        )
    if constraint:
        return short_text(constraint.text, report.prefixes)
    kind = finding.component.removeprefix(vocabulary.SH).removesuffix("ConstraintComponent")
    if kind == finding.component:
        kind = short_text(f"<{kind}>", report.prefixes)
    else:
        kind = f"sh:{kind[:1].lower()}{kind[1:]}"
    return f"{_shape(finding.shape, report)}{STEP}{kind}"


def _place(finding: Finding) -> str:
    return "" if finding.file is None else _at(finding.file, finding.line)


def _at(file: str, line: int | None) -> str:
    return f"{file}:{line}" if line else file


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
        "findings": [_json_finding(finding, report) for finding in report.findings],
        "lookedAt": _json_coverage(report),
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _json_finding(finding: Finding, report: Report) -> dict[str, Any]:
    return {
        "level": finding.level,
        "message": finding.message_in(report.languages),
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
        "rule": _rule(finding, report),
        **_json_origin(finding, report),
        "detail": [_json_finding(each, report) for each in finding.details],
    }


def _json_origin(finding: Finding, report: Report) -> dict[str, Any]:
    if not (origin := report.origins.get(finding.shape)):
        return {}
    return {
        "shapeName": _shape(finding.shape, report),
        "shapeFile": origin.file,
        "shapeLine": origin.line,
    }


def _json_coverage(report: Report) -> dict[str, Any] | None:
    told = report.explanation and report.explanation.coverage
    if not report.explanation or not told:
        return None
    return {
        "constraints": told.constraints,
        "nodes": told.nodes,
        "shapes": [
            {
                "shape": str(each.shape),
                "nodes": each.nodes,
                "constraints": each.constraints,
                "why": each.why or None,
                "absent": [
                    {
                        "kind": absent.kind,
                        "term": absent.term.value,
                        "nearest": absent.nearest and absent.nearest.value,
                    }
                    for absent in each.absent
                ],
            }
            for each in told.shapes
        ],
        "unchecked": {
            "nodes": told.unchecked,
            "classes": [
                {"class": None if kind is None else str(kind), "nodes": count}
                for kind, count in told.classes
            ],
        },
        "notes": list(report.explanation.notes),
    }


# ------------------------------------------------------------------ Turtle


def as_turtle(report: Report) -> str:
    """Return the report as SHACL writes it: a `sh:ValidationReport` in Turtle (SHACL 3.6)."""
    used = {"rdf": vocabulary.RDF, "sh": vocabulary.SH, "xsd": vocabulary.XSD}
    text = "".join(str(each) for each in report.findings)
    used |= {name: space for name, space in report.prefixes if space in text}
    prefixes = dict(sorted(used.items()))
    triples = _renamed(_report_triples(report))
    told = "".join(f"# {line}\n" for line in looked_at(report))
    written: Any = serialize(triples, format=RdfFormat.TURTLE, prefixes=prefixes)
    return told + bytes(written).decode()


def _report_triples(report: Report) -> Iterator[Triple]:
    whole = BlankNode("report")
    kind = NamedNode(vocabulary.RDF_TYPE)
    conforms = Literal(str(report.conforms).lower(), datatype=NamedNode(vocabulary.XSD_BOOLEAN))
    yield Triple(whole, kind, NamedNode(vocabulary.SH_VALIDATION_REPORT))
    yield Triple(whole, NamedNode(vocabulary.SH_CONFORMS), conforms)
    pairs = [(BlankNode(f"result{n}"), each) for n, each in enumerate(report.findings)]
    for result, _ in pairs:
        yield Triple(whole, NamedNode(vocabulary.SH_RESULT), result)
    written: dict[Triple, None] = {}
    for number, (result, finding) in enumerate(pairs):  # it grows by the details
        details = [
            (BlankNode(f"detail{number}-{place}"), each)
            for place, each in enumerate(finding.details)
        ]
        pairs += details
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
            *((f"{vocabulary.SH}detail", detail) for detail, _ in details),
        ):
            if value is not None:
                yield Triple(result, NamedNode(predicate), value)
        for node in (finding.shape, finding.constraint):
            if node and (origin := report.origins.get(node)):
                written.update(dict.fromkeys(origin.triples))
        if finding.path:
            written.update(dict.fromkeys(finding.path.triples))
    yield from written


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
    told = report.explanation and report.explanation.coverage
    if told and told.unmet and not told.of_change:
        # A person reads of skipped tests, not of properties.
        count = len(told.unmet)
        tests += count
        cases = "".join(
            f"    <testcase classname={_attribute(_shape(each.shape, report))} "
            f'name="has a node to check"><skipped message="It met no node."/></testcase>\n'
            for each in told.unmet
        )
        suites.append(
            f'  <testsuite name="shapes that met no node" tests="{count}" '
            f'failures="0" errors="0" skipped="{count}">\n{cases}  </testsuite>\n'
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites name="dragoman validate" tests="{tests}" failures="{len(heavy)}" errors="0">'
        f"\n{''.join(suites)}</testsuites>\n"
    )


def _junit_case(finding: Finding, report: Report, *, failed: bool) -> str:
    rule, focus = _rule(finding, report), short(finding.focus, report.prefixes)
    message = finding.message_in(report.languages)
    parts = (_place(finding), focus, _detail(finding, report), message)
    text = "\n".join(part for part in parts if part)
    line = f' line="{finding.line}"' if finding.line else ""
    body = (
        f"      <failure type={_attribute(finding.level)} message={_attribute(message)}>"
        f"{_text(_xml(text))}</failure>\n"
        if failed
        else f"      <system-out>{_text(_xml(f'{finding.level}: {text}'))}</system-out>\n"
    )
    return (
        f"    <testcase classname={_attribute(rule)} name={_attribute(focus)}"
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
    rules: dict[str, Finding] = {}
    for each in report.findings:
        rules.setdefault(_rule(each, report), each)
    numbers = {rule: number for number, rule in enumerate(sorted(rules))}
    run = {
        "tool": {
            "driver": {
                "name": "dragoman",
                "semanticVersion": __version__,
                "informationUri": vocabulary.BASE,
                "rules": [_sarif_rule(rule, rules[rule], report) for rule in numbers],
            }
        },
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {"level": "note", "message": {"text": line}} for line in looked_at(report)
                ],
            }
        ],
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": {"uri": _uri(file)}} for file in report.checked],
        "results": [_sarif_result(each, numbers, report) for each in report.findings],
    }
    content = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _sarif_rule(rule: str, first: Finding, report: Report) -> dict[str, Any]:
    described: dict[str, Any] = {"id": rule}
    described["shortDescription"] = {"text": first.message_in(report.languages)}
    described["defaultConfiguration"] = {"level": _sarif_level(first)}
    if isinstance(first.shape, NamedNode):
        described["properties"] = {"iri": first.shape.value}
    elif (origin := report.origins.get(first.shape)) and origin.file:
        described["properties"] = {"definedAt": _at(origin.file, origin.line)}
    return described


def _sarif_result(finding: Finding, numbers: Mapping[str, int], report: Report) -> dict[str, Any]:
    rule = _rule(finding, report)
    about = short(finding.focus, report.prefixes)
    result: dict[str, Any] = {
        "ruleId": rule,
        "ruleIndex": numbers[rule],
        "level": _sarif_level(finding),
        "message": {"text": f"{about}: {finding.message_in(report.languages)}"},
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
    lines += [text for line in looked_at(report) for text in (_cell(line), "")]
    if report.findings:
        lines += ["| | where | thing | shape | what |", "|---|---|---|---|---|"]
    for finding in report.findings:
        cells = (
            finding.level,
            _place(finding),
            short(finding.focus, report.prefixes),
            _shape(finding.shape, report),
            short_message(finding, report),
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
                short_message(finding, report),
            )
        )
        + "</tr>"
        for finding in report.findings
    )
    head = "".join(f"<th>{name}</th>" for name in ("", "where", "thing", "shape", "what"))
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>" if rows else ""
    told = "".join(f"<p>{_text(line)}</p>" for line in looked_at(report))
    return f"<p>{_text(summary(report))}</p>{told}{table}"


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
