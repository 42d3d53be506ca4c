"""`dragoman index`: bring the index on disk up to the files."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from dragoman.cli.console import Settings, complain, write
from dragoman.cli.progress import bar

if TYPE_CHECKING:
    from dragoman.base import Base


@click.command(
    short_help="Bring the index on disk up to the files.",
    epilog="""\b
Examples:
  dragoman index               index what changed
  dragoman index --rebuild     make the index anew

A large base has an index on disk, which every command brings up to the files by itself; this one
does it with a bar, before the first question waits for it. It is safe to delete and to cancel.

Exit codes: 0 done, 2 not done or cancelled; then the index is as it was.""",
)
@click.option("--rebuild", is_flag=True, help="Make it anew from all files.")
@click.option("--wait", type=click.FloatRange(min=0), default=60.0, show_default=True,
              metavar="SECONDS", help="Queue so long behind a writer.")  # fmt: skip
@click.pass_obj
def command(settings: Settings, rebuild: bool, wait: float) -> None:
    """Index the files of the base that are new or changed, and forget those that are gone."""
    from dragoman import index

    base = settings.find_base()

    def recover(base: Base) -> None:
        from dragoman.api import finish

        finish(base, settings.note)

    if not index.is_large(base):
        write("The base is small: its files are read into memory, and need no index on disk.\n")
        return
    started = time.monotonic()
    try:
        with bar(settings, "Indexing") as progress:
            done = index.make(base, rebuild=rebuild, progress=progress, recover=recover, wait=wait)
    except KeyboardInterrupt:
        complain("Cancelled. The index is as it was.")
        click.get_current_context().exit(2)
    write(f"{done}\n")
    settings.detail(f"It took {time.monotonic() - started:.1f} s.")
