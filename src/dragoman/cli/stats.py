"""`dragoman stats`: count what the base holds."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import click

from dragoman.cli.console import (
    Settings,
    colors,
    endpoint_option,
    one_line,
    rendered,
    table_format,
    terminal_width,
    write,
)

if TYPE_CHECKING:
    from dragoman.results import Result


@click.command(
    epilog="""\b
Examples:
  dragoman stats                 counts, as people read them
  dragoman stats -f csv          one table with group, item, label and count
  dragoman stats -f json --limit 0

Formats: people, table, csv, tsv, json, xml, md, html, xlsx. Without -f, what the suffix of -o
tells, else people on a terminal and CSV elsewhere."""
)
@click.option("-f", "--format", "format_", metavar="FORMAT", help="See below.")
@click.option("--spreadsheet", is_flag=True, help="CSV that is safe to open in a spreadsheet.")
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all.")
@click.option("--limit", type=click.IntRange(min=0), default=30, show_default=True, metavar="N",
              help="At most so many lines in a group, 0 for all; what is cut off is "
              "said.")  # fmt: skip
@endpoint_option
@click.pass_obj
def command(  # noqa: PLR0913, PLR0917  one argument for each option
    settings: Settings,
    format_: str | None,
    spreadsheet: bool,
    output: str | None,
    limit: int,
    endpoint: str | None,
) -> None:
    """Count files, triples, things by class, accounts by status, sources, voices and questions."""
    people = format_ == "people"
    if not people:
        format_ = table_format(settings, format_, output, spreadsheet=spreadsheet)
    elif spreadsheet:
        raise click.UsageError("--spreadsheet is a format of its own; leave out -f.")
    result = settings.open(endpoint).stats(limit=limit or None)
    width = terminal_width(output)
    if people or (format_ is None and width and not spreadsheet):
        write(_page(result, color=bool(width) and colors()), output)
    else:
        write(rendered(result, format_, spreadsheet=spreadsheet, output=output), output)
    for warning in result.warnings:
        settings.note(f"Warning: {one_line(warning)}")
    if result.answer.cut:
        settings.note(f"Groups are cut off after {limit} by --limit: there is more.")


def _page(result: Result, *, color: bool) -> str:
    """Return the counts under a heading for each group."""
    from dragoman.terminal import visible

    bold, plain = ("\x1b[1m", "\x1b[0m") if color else ("", "")
    rows = list(result)
    digits = max((len(f"{row['count']:,}") for row in rows), default=0)
    lines: list[str] = []
    for group, counted in groupby(rows, key=lambda row: str(row["group"])):
        lines += ["", f"{bold}{group.capitalize()}{plain}"] if lines else [
            f"{bold}{group.capitalize()}{plain}"
        ]  # fmt: skip
        for row in counted:
            label = " ".join(visible(row["label"]).split())
            lines.append(f"  {row['count']:>{digits},}  {label}")
    return "\n".join(lines) + "\n"
