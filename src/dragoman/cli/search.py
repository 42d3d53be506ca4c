"""`dragoman search`: find things by name, in any spelling."""

from __future__ import annotations

import click

from dragoman.cli.console import (
    Settings,
    endpoint_option,
    one_line,
    rendered,
    table_format,
    write,
)


@click.command(
    epilog="""\b
Examples:
  dragoman search orban                 accents and case make no difference
  dragoman search szijjarto peter       nor does the order of words
  dragoman search törökország           in every language that the base has names in
  dragoman search --type state united   only states
  dragoman search TR -f json            codes count as names

Matches: exact; prefix (the words are, or begin, words of the name); contains; near (another
spelling, only where nothing else fits).

Exit codes: 0 found, 1 nothing found, 2 it could not be done."""
)
@click.argument("text", nargs=-1, required=True, metavar="TEXT...")
@click.option("-t", "--type", "kind", metavar="CLASS",
              help="Only things of this class or a narrower one, as person or "
              "dip:Person.")  # fmt: skip
@click.option("-f", "--format", "format_", metavar="FORMAT",
              help="table, csv, tsv, json, xml, md, html or xlsx. Default: what the suffix of -o "
              "tells, else a table on a terminal, CSV elsewhere.")  # fmt: skip
@click.option("--spreadsheet", is_flag=True, help="CSV that is safe to open in a spreadsheet.")
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all.")
@click.option("--limit", type=click.IntRange(min=0), default=20, show_default=True, metavar="N",
              help="At most so many things, 0 for all; what is cut off is said.")  # fmt: skip
@endpoint_option
@click.pass_context
def command(  # noqa: PLR0913, PLR0917  one argument for each option
    context: click.Context,
    text: tuple[str, ...],
    kind: str | None,
    format_: str | None,
    spreadsheet: bool,
    output: str | None,
    limit: int,
    endpoint: str | None,
) -> None:
    """Find things by their names and codes, and sources by their titles, the best match first.

    TEXT is a name, its beginning or a part of it, in any case, with or without accents, its words
    in any order.
    """
    console: Settings = context.obj
    format_ = table_format(console, format_, output, spreadsheet=spreadsheet)
    handle = console.open(endpoint)
    asked = " ".join(text)
    result = handle.search(asked, kind=kind, limit=limit or None)
    content = rendered(result, format_, spreadsheet=spreadsheet, output=output)
    for warning in result.warnings:
        console.note(f"Warning: {one_line(warning)}")
    if result or format_ or spreadsheet or output:
        write(content, output)
    if not result:
        from dragoman import lookup

        near = lookup.nearest_names(handle.source, asked)
        advice = f" Nearest: {', '.join(near)}." if near else ""
        console.note(one_line(f"Nothing is called {asked!r}.{advice}"))
        context.exit(1)
    if result.answer.cut:
        console.note(f"Cut off after {limit} by --limit: there is more.")
