"""What the commands that change a base share: their options, and telling what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dragoman.cli.console import Settings, one_line, write
from dragoman.cli.reporting import lang_option, show, unlooked
from dragoman.errors import counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from dragoman.additions import Addition, ChangingKeywords
    from dragoman.additions.log import File

_OPTIONS = (
    click.option("--dry-run", is_flag=True, help="Check only; change nothing."),
    click.option(
        "--allow",
        metavar="LEVEL",
        help="Let findings of this severity, and lighter ones, "
        "pass: violation, warning or info. Needs --reason.",
    ),
    click.option("--reason", metavar="TEXT", help="Why they may pass; the log keeps it."),
    click.option(
        "-f",
        "--format",
        "format_",
        metavar="FORMAT",
        help="Of the report: people (text), json, turtle (ttl), junit, sarif or md. Default: what "
        "the suffix of -o tells, else people.",
    ),
    click.option("-o", "--output", metavar="FILE", help="Write the report to a file."),
    lang_option,
    click.option(
        "--engine",
        default="auto",
        show_default=True,
        metavar="ENGINE",
        help="What checks: auto, reference or both; see validate.",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0),
        default=300.0,
        show_default=True,
        metavar="SECONDS",
        help="Give up checking after so long; 0 for never.",
    ),
    click.option(
        "--wait",
        type=click.FloatRange(min=0),
        default=60.0,
        show_default=True,
        metavar="SECONDS",
        help="Queue so long behind another writer.",
    ),
)


def options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that all have."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def wishes(told: dict[str, Any]) -> ChangingKeywords:
    """Return how a change is wanted."""
    return {
        "dry_run": told["dry_run"],
        "allow": _allowance(told["allow"], told["reason"]),
        "engine": told["engine"],
        "timeout": told["timeout"] or None,
        "wait": told["wait"],
    }


def _allowance(allow: str | None, reason: str | None) -> tuple[str, str] | None:
    """Return what --allow and --reason say together."""
    if allow is None:
        if reason is not None:
            raise click.UsageError("--reason says why --allow LEVEL lets findings pass; add it.")
        return None
    return allow, reason or ""


def tell(settings: Settings, done: Addition, told: dict[str, Any]) -> None:
    """Say what became of a change; leaves with 1 where it was refused."""
    format_, output = told["format_"], told["output"]
    from dragoman.validation.report import shortened_text

    for note in (*done.notes, *done.report.notes):
        settings.note(one_line(shortened_text(note, done.report.prefixes)))
    plain = format_ in {"people", "text"} and output in {None, "-"}
    if done.report.findings or not plain:
        show(settings, done.report, format_, output, "violation", told["languages"])
    else:
        for line in unlooked(done.report):
            settings.note(line)
    if done.refused:
        settings.note(_refusal(done))
        click.get_current_context().exit(1)
    lines = [f"{_verb(done, file)} {file.path}{_count(file)}." for file in done.added]
    lines += [
        f"{'Would remove' if done.dry_run else 'Removed'} {file.path}." for file in done.removed
    ]
    for line in lines:
        if plain:
            write(f"{one_line(line)}\n")
        else:
            settings.note(one_line(line))


def _verb(done: Addition, file: File) -> str:
    replaced = any(file.graph == graph for graph in done.replaced)
    if done.dry_run:
        return "Would replace" if replaced else "Would add"
    return "Replaced" if replaced else "Added"


def _count(file: File) -> str:
    return f": {counted(file.triples, 'triple')}" if file.triples else ""


def _refusal(done: Addition) -> str:
    from dragoman.validation import LEVELS

    heaviest = min((each.level for each in done.refused), key=LEVELS.index)
    count = len(done.refused)
    stands = "1 finding stands" if count == 1 else f"{count} findings stand"
    advice = f" Mend it, or let it pass with --allow {heaviest} --reason TEXT."
    return f"Refused, nothing was changed: {stands} against it.{advice}"
