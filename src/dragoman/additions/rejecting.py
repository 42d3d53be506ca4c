"""Rows of a table that cannot be added: left out, and written out with what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dragoman import tabular
from dragoman.additions.incoming import CSV, TABLES
from dragoman.errors import DragomanError, counted
from dragoman.files import save
from dragoman.validation.report import shortened_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dragoman.additions.adding import Addition
    from dragoman.additions.incoming import Given, Incoming, Tables

# The column that says what is wrong; it is read over when the rows come again.
_ERROR: Final = "error"


def check(file: Path, given: Sequence[Given]) -> None:
    """Refuse what rows cannot be written to, before any work.

    Raises:
        DragomanError: there is not one table, or the file cannot be a new one.
    """
    if len(given) != 1:
        raise DragomanError("--skip-bad takes one table at a time: add the files one by one.")
    if not given[0].path.name.casefold().removesuffix(".gz").endswith(tuple(TABLES)):
        raise DragomanError(f"--skip-bad is for tables, and {given[0].label} is none.")
    if file.suffix.casefold() != f".{CSV}":
        raise DragomanError(f"{file}: rows are written out as CSV: call it .csv.")
    if file.exists():
        raise DragomanError(f"{file} exists already. Name another file.")
    if not file.parent.is_dir():
        raise DragomanError(f"{file.parent} is no folder. Make it first.")


def rejected(done: Addition, new: Sequence[Incoming], tables: Tables) -> bool:
    """Leave out the rows that findings stand against; return whether that may be a cure.

    It is none where a finding is of no row: of the source itself, or of what was there before.
    """
    if tables.without is None:
        return False
    labels = {each.given.label for each in new if each.table}
    more: dict[int, list[str]] = {}
    for finding in done.refused:
        if finding.file not in labels or finding.line is None or finding.line <= 1:
            return False
        told = more.setdefault(finding.line, [])
        message = shortened_text(finding.message, done.report.prefixes)
        if message not in told:
            told.append(message)
    tables.without.update(more)
    return True


def write(file: Path, new: Incoming) -> str:
    """Write the rows that were left out to a new file; return what to say of it."""
    made = new.table
    if made is None or not made.bad:
        return "No row was left out."
    heading = [each for each in made.heading if each != _ERROR]
    places = [at for at, each in enumerate(made.heading) if each != _ERROR]
    rows = [[*heading, _ERROR]]
    with tabular.opened(new.given.path, new.given.label) as found:
        for row in found:
            if row.number in made.bad:
                cells = [row.cells[at] if at < len(row.cells) else "" for at in places]
                further = row.cells[len(made.heading) :]
                why = f"row {row.number}: {'; '.join(made.bad[row.number])}"
                rows.append([*cells, *further, why])
    save(file, tabular.written_apart(rows).encode())
    return f"{counted(len(made.bad), 'row')} left out, and written to {file} with what is wrong."
