"""`dragoman validate`: check facts against the shapes, and report in the form that is wanted."""

from __future__ import annotations

import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dragoman.cli.console import Settings, base_iri_option, endpoint_option, one_line, say
from dragoman.cli.progress import working
from dragoman.cli.reporting import explained, lang_option, report_format, show
from dragoman.errors import DragomanError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dragoman.api import KnowledgeBase
    from dragoman.validation import CheckingKeywords, Input, Report

_TIMEOUT = 300.0


@click.command(
    short_help="Check facts against the shapes.",
    epilog="""\b
Examples:
  dragoman validate                              check everything in the base
  dragoman validate article.ttl                  check what a file would cause there
  dragoman validate corrected.ttl                check it in the place of the source it describes
  dragoman validate -f sarif -o report.sarif     write a report that code hosts show
  dragoman validate --shapes shapes.ttl data.nt  plain SHACL, without the base
  curl … | dragoman validate -                   check what comes through a pipe
  dragoman validate --watch article.ttl          and again each time when it is saved
  dragoman validate article.ttl --endpoint prod  what it would cause in a store elsewhere

Exit codes: 0 nothing found that counts, 1 something found, 2 it could not be done.""",
)
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("-s", "--shapes", multiple=True, metavar="FILE", help="Validate with these shapes "
              "only, and without the base. May be repeated.")  # fmt: skip
@click.option("-f", "--format", "name", metavar="FORMAT", help="people (text), json, turtle (ttl), "
              "junit, sarif or md. Default: what the suffix of -o tells, else people.")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write the report to a file.")
@click.option("--fail-on", default="violation", show_default=True, metavar="LEVEL",
              help="Exit with 1 from this severity on: violation, warning or info.")  # fmt: skip
@click.option("--syntax", default="turtle", show_default=True, metavar="FORMAT",
              help="The RDF format of what comes through a pipe (-).")  # fmt: skip
@click.option("--beside", is_flag=True, help="Check a FILE that describes a source of the base as "
              "one more, not in its place.")  # fmt: skip
@click.option("--engine", default="auto", show_default=True, metavar="ENGINE",
              help="auto; reference (pySHACL alone); or both, compared.")  # fmt: skip
@click.option("--explain", is_flag=True, help="Say on stderr which way each constraint took.")
@click.option("-w", "--watch", is_flag=True, help="Check again each time when a FILE or the base "
              "is saved, until Ctrl-C.")  # fmt: skip
@base_iri_option
@lang_option
@endpoint_option
@click.option("--timeout", type=click.FloatRange(min=0), default=_TIMEOUT, show_default=True,
              metavar="SECONDS", help="Give up after so long; 0 for never.")  # fmt: skip
@click.pass_obj
def command(  # noqa: PLR0913, PLR0917  an argument an option
    settings: Settings,
    files: tuple[str, ...],
    shapes: tuple[str, ...],
    name: str | None,
    output: str | None,
    fail_on: str,
    syntax: str,
    engine: str,
    explain: bool,
    base_iri: str | None,
    languages: tuple[str, ...] | None,
    endpoint: str | None,
    timeout: float,
    *,
    beside: bool,
    watch: bool,
) -> None:
    """Check FILEs against the shapes, and say what is wrong, where, and what to do.

    A FILE is checked in the context of the base: the report has what the file causes there, on
    new things and on old ones; a FILE that describes a source that the base has is checked in the
    place of that source. Without a FILE everything in the base is checked, with syntax and
    spelling of all its files. With --endpoint the facts of that store take the place of the
    base's data; ontology and shapes are the base's own.
    """
    from dragoman import api
    from dragoman.validation import LEVELS
    from dragoman.validation.report import shortened_text

    if fail_on not in LEVELS:
        raise UnknownNameError("severity", fail_on, LEVELS)
    form = report_format(settings, name, output)
    if shapes and not files and not endpoint:
        raise DragomanError("Name the data to validate with these shapes.")
    if (*files, *shapes).count("-") > 1:
        raise DragomanError("Only one FILE can come through the pipe (-).")
    for table in (each for each in files if each.casefold().endswith((".csv", ".xlsx"))):
        raise DragomanError(f"{table}: of a table, dragoman add --dry-run {table} says all.")

    how: CheckingKeywords = {"engine": engine, "timeout": timeout or None}

    def check(opened: Callable[[], KnowledgeBase]) -> Report:
        with _inputs((*files, *shapes), syntax, base_iri) as inputs:
            data, graphs = inputs[: len(files)], inputs[len(files) :]
            with working(settings, "Validating"):
                if graphs and not endpoint:  # no base is needed
                    report = api.validate(data, graphs, **how)
                else:
                    report = opened().validate(data or None, graphs or None, beside=beside, **how)
        settings.detail(f"Validated in {report.seconds:.1f} s.")
        for note in report.notes:
            settings.note(one_line(shortened_text(note, report.prefixes)))
        show(settings, report, form, output, fail_on, languages)
        if explain:
            for line in explained(report):
                say(line)
        return report

    def opened() -> KnowledgeBase:
        return settings.open(endpoint)

    if watch:
        from dragoman.cli import watching

        _can_be_watched((*files, *shapes), form, output)
        needed = opened if endpoint or not shapes else None
        watching.watch(settings, [Path(each) for each in (*files, *shapes)], needed, check)
    elif check(opened).at_least(fail_on):
        click.get_current_context().exit(1)


def _can_be_watched(files: tuple[str, ...], form: str, output: str | None) -> None:
    if "-" in files:
        raise click.UsageError("What comes through a pipe (-) comes once: --watch takes files.")
    if form not in {"people", "text", "md"} and output in {None, "-"}:
        raise click.UsageError(
            f"With --watch one report would follow the other, which is no {form}: name a file "
            "with -o, which has the last one."
        )


@contextmanager
def _inputs(names: tuple[str, ...], syntax: str, base_iri: str | None) -> Iterator[list[Input]]:
    """Give the files as inputs; what comes through the pipe waits in a file of its own."""
    from dragoman.syntax import rdf_format
    from dragoman.validation import Input

    suffix = rdf_format(syntax).file_extension
    with tempfile.TemporaryDirectory(prefix="dragoman-") as folder:
        inputs = []
        for name in names:
            path = Path(name)
            if name == "-":
                path = Path(folder) / f"stdin.{suffix}"
                path.write_bytes(sys.stdin.buffer.read())
            inputs.append(Input(path, name, base_iri=base_iri))
        yield inputs
