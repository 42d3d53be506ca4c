"""What is shown on stderr while long work goes on: a bar, or how long it has taken."""

from __future__ import annotations

import sys
import threading
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


@contextmanager
def working(settings: Settings, what: str) -> Iterator[None]:
    """Show, after a second, what goes on and for how long; nothing off a terminal.

    For work that does not tell how far it is. It can be stopped with Ctrl-C, as all can.

    Args:
        settings: with -q nothing is shown.
        what: the work, as in "Validating".
    """
    if settings.quiet or not sys.stderr.isatty():
        yield
        return
    done = threading.Event()

    def tick() -> None:
        seconds = 0
        while not done.wait(1):
            seconds += 1
            sys.stderr.write(f"\r{what} … {seconds} s (Ctrl-C ends it)")
            sys.stderr.flush()
        if seconds:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
