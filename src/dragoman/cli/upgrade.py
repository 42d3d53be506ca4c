"""`dragoman upgrade`: bring a base of an earlier edition of the model over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dragoman.cli.changing import options, tell, wishes
from dragoman.cli.reporting import report_format

if TYPE_CHECKING:
    from dragoman.cli.console import Settings


@click.command(
    short_help="Bring a base of an earlier edition of the model over.",
    epilog="""\b
Examples:
  dragoman upgrade --dry-run               what would change?
  dragoman upgrade
  dragoman --base facts upgrade

\b
Exit codes: 0 done or nothing to do, 1 refused and nothing changed, 2 it could not be done.""",
)
@options
@click.pass_obj
def command(settings: Settings, /, **told: Any) -> None:  # noqa: ANN401  the shared options
    """Bring your files to the edition of the model that this command knows: all, or none.

    A base states its edition in dragoman.toml; one that states none is of the first. In the second
    edition each source that accounts stand in says whether its text is held (dip:textHeld): yes
    where it records the length and the SHA-256 of the text. Comments and layout stay.
    """
    told["format_"] = report_format(settings, told["format_"], told["output"])
    done = settings.open().upgrade(**wishes(told))
    tell(settings, done, told)
