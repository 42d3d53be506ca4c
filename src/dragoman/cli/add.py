"""`dragoman add`: put new facts into the base, when they are valid."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dragoman.cli.changing import options, tell, wishes
from dragoman.cli.console import base_iri_option
from dragoman.cli.progress import working
from dragoman.cli.reporting import report_format
from dragoman.errors import DragomanError

if TYPE_CHECKING:
    from dragoman.cli.console import Settings


@click.command(
    short_help="Put new facts into the base, when they are valid.",
    epilog="""\b
Examples:
  dragoman add article.ttl                    check it, and put it into data/
  dragoman add article.ttl people.ttl         both, or neither
  dragoman add corrected.ttl --replace        put it in the place of the source it describes
  dragoman add --dry-run article.ttl          check only
  dragoman add download.jsonld --as note-3    any RDF format, under a name of your choice
  dragoman add exported/                      all sources that export --layout bulk has written
  curl … | dragoman add - --syntax nt --as news
  dragoman add old.ttl --allow warning --reason "spelt as the archive has it"
  dragoman new table sessions > t.csv         a table to fill in; then its rows become facts:
  dragoman add t.csv --as sessions-2026 --publisher "Ministry of Foreign Affairs of Türkiye"
  dragoman add t.csv --as sessions-2026 --publisher Desk --skip-bad bad.csv

A file that describes one source (a dip:Source) is kept under the name of that source, whatever the
file is called. Turtle and N-Triples are kept byte for byte. Other formats, and the CSV that export
writes, become N-Triples, and each graph that a file names a source of its own. A FILE may be a
folder that export --layout bulk has made: it is compared with its manifest first, and its sources
are added.

A table (.csv, .xlsx) made by new table, or by query -o for one of the questions table-…, becomes
facts row by row: by the mapping that knows its columns, or the one that --mapping names. Names in
its cells are looked up; what they do not find is told with row and column, all at once. Each row is
its own evidence. --replace keeps title, publisher and date of the source where they are not told.

Refused by violations, and by whatever the lint finds (spelling of literals, derived integers,
control characters, Unicode form, undeclared terms). Other warnings are shown, and pass.

\b
Exit codes: 0 done, 1 refused and nothing changed, 2 it could not be done.""",
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--as", "name", metavar="NAME", help="What the source is to be called. Default: as "
              "the source that the file describes, else as the file.")  # fmt: skip
@click.option("--syntax", metavar="FORMAT", help="The RDF format, where the suffix does not tell "
              "it. Default for a pipe: turtle.")  # fmt: skip
@base_iri_option
@click.option("--unskolemize", is_flag=True, help="Turn IRIs that export --skolemize has put in "
              "the place of blank nodes back.")  # fmt: skip
@click.option("--mapping", metavar="NAME|FILE", help="Of a table: how its rows become facts. "
              "Default: the mapping that knows its columns.")  # fmt: skip
@click.option("--publisher", metavar="NAME", help="Of a table: whose word it is.")
@click.option("--title", metavar="TEXT", help="Of a table: its title in English.")
@click.option("--date", metavar="DATE", help="Of a table: its day of publication, as in "
              "2026-11-22; or the month or the year.")  # fmt: skip
@click.option("--skip-bad", metavar="FILE", help="Of a table: write rows that are wrong to a new "
              "CSV file, with what is wrong, and add the others.")  # fmt: skip
@click.option("--replace", is_flag=True, help="Take the place of the source of that name.")
@options
@click.pass_obj
def command(  # noqa: PLR0913, PLR0917  an argument an option
    settings: Settings,
    /,
    files: tuple[str, ...],
    name: str | None,
    syntax: str | None,
    base_iri: str | None,
    mapping: str | None,
    publisher: str | None,
    title: str | None,
    date: str | None,
    skip_bad: str | None,
    *,
    unskolemize: bool,
    replace: bool,
    **told: Any,  # noqa: ANN401  the shared options
) -> None:
    """Add FILEs to the base: all of them, or nothing changes.

    They are checked in the context of the base first, as validate does. `-` reads from a pipe. The
    facts are safe on the disk when the command ends with 0, and the log has who let what pass.
    """
    from dragoman import additions, tabular

    told["format_"] = report_format(settings, told["format_"], told["output"])
    wanted = wishes(told)
    if files.count("-") > 1:
        raise DragomanError("Only one FILE can come through the pipe (-).")
    base = settings.open()
    with tempfile.TemporaryDirectory(prefix="dragoman-") as folder:
        given = []
        for file in files:
            path = Path(file)
            if file == "-":
                from dragoman.additions.incoming import suffix_of

                path = Path(folder) / f"stdin.{suffix_of(syntax)}"
                path.write_bytes(sys.stdin.buffer.read())
            given.append(additions.Given(path, file, base_iri))
        with working(settings, "Checking and adding"):
            done = base.add(
                *given,
                name=name,
                syntax=syntax,
                unskolemize=unskolemize,
                replace=replace,
                table=tabular.Wanted(mapping, title, publisher, date),
                skip_bad=skip_bad,
                **wanted,
            )
    tell(settings, done, told)
