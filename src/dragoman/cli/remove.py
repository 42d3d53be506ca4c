"""`dragoman remove`: take sources out of the base, when the rest stays valid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dragoman.cli.changing import options, tell, wishes
from dragoman.cli.reporting import report_format

if TYPE_CHECKING:
    from dragoman.cli.console import Settings


@click.command(
    short_help="Take sources out of the base, when the rest stays valid.",
    epilog="""\b
Examples:
  dragoman remove note-3                 by its name, path or IRI
  dragoman remove --dry-run people       what would go wrong without it?
  dragoman remove people --allow violation --reason "is entered anew today"

\b
Exit codes: 0 done, 1 refused and nothing changed, 2 it could not be done.""",
)
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@options
@click.pass_obj
def command(
    settings: Settings,
    /,
    names: tuple[str, ...],
    **told: Any,  # noqa: ANN401  the shared options
) -> None:
    """Remove sources by NAME: all of them, or nothing changes.

    A removal is checked as an addition is: what the rest of the base misses then, refuses it.
    """
    told["format_"] = report_format(settings, told["format_"], told["output"])
    done = settings.open().remove(*names, **wishes(told))
    tell(settings, done, told)
