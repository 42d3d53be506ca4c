"""Printing the report of a validation, for all commands that have one."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

import click

from dragoman.cli.console import Settings, by_suffix, colors, one_line, terminal_width, write
from dragoman.cli.folding import folded
from dragoman.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dragoman.cli.folding import Piece
    from dragoman.validation import Report

# How far the further lines of a folded line are indented, as far as what a finding says.
_FURTHER = 6


_SUFFIXES: Final = {
    "txt": "people",
    "json": "json",
    "ttl": "turtle",
    "xml": "junit",
    "sarif": "sarif",
    "md": "md",
}


def report_format(settings: Settings, name: str | None, output: str | None) -> str:
    """Return the format of a report, before any work: see `by_suffix`.

    Raises:
        UnknownNameError: there is no such format.
        DragomanError: see `by_suffix`.
    """
    if name is None and (output or "").casefold().endswith(".sarif.json"):
        return "sarif"
    name = by_suffix(settings, name, output, _SUFFIXES) or "people"
    if name == "people":  # without the module of formats, which costs more than a small check
        return name
    from dragoman.validation import formats

    known = {*formats.FORMATS, *formats.ALIASES}
    if name not in known:
        raise UnknownNameError("format of a report", name, known)
    return name


def _languages(
    _context: click.Context, _option: click.Parameter, tags: str | None
) -> tuple[str, ...] | None:
    """Return the languages that --lang names; None where it does not.

    Raises:
        DragomanError: one is no language tag.
    """
    if tags is None:
        return None
    from dragoman.labels import languages

    return languages(tags)


lang_option = click.option(
    "--lang", "languages", metavar="TAGS", envvar="DRAGOMAN_LANG",
    callback=_languages, help="Languages of messages, "
    "the best first, as in tr,en. Default: $DRAGOMAN_LANG; for people, that of the system.",
)  # fmt: skip


def _of_system() -> tuple[str, ...]:
    """Return the language that the system's settings ask for (POSIX, 8.2)."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            found = re.match(r"([a-z]{2,3})(?:_([A-Z]{2}))?(?![A-Za-z])", value)
            return ("-".join(filter(None, found.groups())),) if found else ()
    return ()


def _silent(report: Report, languages: tuple[str, ...]) -> list[str]:
    """Return the languages that come before English and that no message is in; else none."""
    from itertools import takewhile

    def primary(tag: str) -> str:
        return tag.casefold().partition("-")[0]

    wanted = list(takewhile(lambda tag: primary(tag) != "en", languages))
    spoken = {
        primary(each.language)
        for finding in report.findings
        for each in finding.messages
        if each.language
    }
    silent = not spoken.intersection(map(primary, wanted))
    return wanted if report.findings and silent else []


def show(  # noqa: PLR0913, PLR0917  a report, and what the options say
    settings: Settings,
    report: Report,
    name: str,
    output: str | None,
    fail_on: str,
    languages: tuple[str, ...] | None = None,
) -> None:
    """Write a report in a format: for people to the terminal, else as it is, with a summary."""
    from dataclasses import replace

    from dragoman.validation import formats

    if languages is None and formats.ALIASES.get(name, name) in {"people", "md"}:
        languages = _of_system()
    elif languages and (silent := _silent(report, languages)):
        settings.note(
            f"No finding has a message in {' or '.join(silent)}: its shape has none in that "
            "language."
        )
    report = replace(report, languages=languages or ())
    if formats.ALIASES.get(name, name) == "people" and output in {None, "-"}:
        _show(formats.people(report))
    else:
        write(formats.write(report, name, fail_on), output)
        for line in (formats.summary(report), *formats.looked_at(report)):
            settings.note(line)


def unlooked(report: Report) -> list[str]:
    """Return what to say of a change that passed where no shape looked at some of it."""
    from dragoman.validation import formats

    told = report.explanation and report.explanation.coverage
    if not told or not told.unchecked:
        return []
    return formats.looked_at(report)


def _show(pieces: list[Piece]) -> None:
    """Write for people: on a terminal folded to its width, and in colours unless told otherwise."""
    width = terminal_width()
    if width is None:
        write("".join(text for text, _ in pieces))
        return
    lines = (
        folded(line, indent, indent and _FURTHER, width, color=colors())
        for indent, line in _lines(pieces)
    )
    write("".join(f"{part}\n" for line in lines for part in line))


def _lines(pieces: Iterable[Piece]) -> Iterator[tuple[int, list[Piece]]]:
    """Yield the lines that pieces of text make, each with how far it is indented."""
    line: list[Piece] = []
    for text, look in pieces:
        *ended, rest = text.split("\n")
        for each in ended:
            line.append((each, look))
            whole = "".join(part for part, _ in line)
            yield len(whole) - len(whole.lstrip(" ")), line
            line = []
        line.append((rest, look))


def explained(report: Report) -> list[str]:
    """Return, line by line, which way each constraint took, and on how many things."""
    from dragoman.validation import formats
    from dragoman.validation.report import short

    told = report.explanation
    if told is None:
        return []
    lines = formats.explained(report)
    if told.problem:
        return [*lines, one_line(f"pySHACL checked everything: {told.problem}.")]
    for root, way in told.ways:
        count = told.checked.get(root) if told.checked else None
        nodes = "all" if count is None else f"{count:,}"
        reason = f": {way.reason}" if way.reason else ""
        names = (short(each, report.prefixes) for each in (root, way.shape, way.constraint))
        lines.append(f"{' '.join(dict.fromkeys(names))}  {way.engine}, {nodes}{reason}")
    return lines
