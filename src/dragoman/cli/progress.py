"""A bar on stderr while long work goes on."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dragoman.cli.console import Settings


@contextmanager
def bar(settings: Settings, what: str) -> Iterator[Callable[[int, int], None] | None]:
    """Give a function to call with the bytes done and those there are; None off a terminal.

    Args:
        settings: with -q no bar is shown.
        what: the work, as in "Indexing".
    """
    if settings.quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    console = Console(stderr=True)
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
