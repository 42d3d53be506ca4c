"""`dragoman log`: what was added and removed, when, and what was let pass."""

from __future__ import annotations

from dataclasses import replace

import click

from dragoman.cli.console import Settings, rendered, table_format, write


@click.command(
    epilog="""\b
Examples:
  dragoman log                     the last changes, the newest first
  dragoman log --limit 0 -f csv    all of them

The log itself is log/additions.nt in the base, RDF in the words of PROV-O. A table has a row for
each source that changed: when, what, name, by, triples, sha256, allowed, reason. People see
neither by nor sha256."""
)
@click.option("-f", "--format", "format_", metavar="FORMAT",
              help="table, csv, tsv, json, xml, md, html or xlsx. Default: what the suffix of -o "
              "tells, else a table on a terminal, CSV elsewhere.")  # fmt: skip
@click.option("--spreadsheet", is_flag=True, help="CSV that is safe to open in a spreadsheet.")
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all.")
@click.option("--limit", type=click.IntRange(min=0), default=20, show_default=True, metavar="N",
              help="At most so many rows, 0 for all; what is cut off is said.")  # fmt: skip
@click.pass_obj
def command(
    settings: Settings, format_: str | None, spreadsheet: bool, output: str | None, limit: int
) -> None:
    """Show what was added to the base and removed from it, when, and what was let pass.

    Files that were put into the base by hand are not in it.
    """
    format_ = table_format(settings, format_, output, spreadsheet=spreadsheet)
    result = replace(settings.open().log(limit=limit or None), for_machines=("by", "sha256"))
    if result or format_ or spreadsheet or output:
        write(rendered(result, format_, spreadsheet=spreadsheet, output=output), output)
    else:
        settings.note("Nothing was added or removed yet.")
    if result.answer.cut:
        settings.note(f"Cut off after {limit} by --limit: there is more.")
