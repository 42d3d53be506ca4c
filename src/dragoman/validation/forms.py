"""Report forms among the files to check: the Turtle that they say, with the lines of the form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dragoman import base as bases
from dragoman import form
from dragoman.validation.loading import Input

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from dragoman.base import Base
    from dragoman.store import LocalStore


def compiled(
    base: Base, files: Iterable[Input], facts: Callable[[], LocalStore], folder: Path
) -> Iterator[Input]:
    """Yield files with Turtle in the place of each report form; others as they are.

    Args:
        base: the base.
        files: the files.
        facts: gives the facts of the base, in which names are looked up, where there is a form.
        folder: an empty folder for the Turtle.

    Raises:
        SyntaxProblem: a form is none, or does not say what its source is called.
        UnreadableFilesError: several such things are wrong with it.
    """
    for number, given in enumerate(files):
        if not bases.is_form(given.path):
            yield given
            continue
        made = form.made(base, given.path, given.label, facts())
        for part, content in (("source", made.content), ("reference", made.reference)):
            if content:
                path = folder / f"{number}-{part}.ttl"
                path.write_bytes(content)
                remarks = made.problems if part == "source" else ()
                yield Input(
                    path, given.label, positions=made.positions, remarks=remarks, unsaid=made.unsaid
                )
