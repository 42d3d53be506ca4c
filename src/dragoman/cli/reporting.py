"""Printing the report of a validation, for all commands that have one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dragoman.cli.console import Settings, by_suffix, colors, terminal_width, write
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


def show(settings: Settings, report: Report, name: str, output: str | None, fail_on: str) -> None:
    """Write a report in a format: for people to the terminal, else as it is, with a summary."""
    from dragoman.validation import formats

    if formats.ALIASES.get(name, name) == "people" and output in {None, "-"}:
        _show(formats.people(report))
    else:
        write(formats.write(report, name, fail_on), output)
        settings.note(formats.summary(report))


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
    from dragoman.validation.report import short

    told = report.explanation
    if told is None:
        return []
    if told.problem:
        return [f"pySHACL checked everything: {told.problem}."]
    lines = []
    for root, way in told.ways:
        count = told.checked.get(root) if told.checked else None
        nodes = "all" if count is None else f"{count:,}"
        reason = f": {way.reason}" if way.reason else ""
        names = (short(each, report.prefixes) for each in (root, way.shape, way.constraint))
        lines.append(f"{' '.join(dict.fromkeys(names))}  {way.engine}, {nodes}{reason}")
    return lines
