"""`dragoman verify`: check that index, files and shapes agree; or that an export is whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from dragoman.cli.console import Settings, one_line, write
from dragoman.cli.progress import bar
from dragoman.cli.reporting import show
from dragoman.errors import counted


@click.command(
    short_help="Check files, index and shapes, all of them.",
    epilog="""\b
Examples:
  dragoman verify              check everything, and say what differs
  dragoman index --rebuild     mend an index that differs
  dragoman verify --bulk DIR   check what export --layout bulk has written, against its manifest

A base that is read into memory has no index to compare: its files, their hashes in the log and
its shapes are checked.

Exit codes: 0 all agree, 1 something differs or is not valid, 2 it could not be checked.""",
)
@click.option("--bulk", metavar="DIR", help="Check a folder of the bulk layout instead: each part, "
              "and each graph's count and hash.")  # fmt: skip
@click.pass_obj
def command(settings: Settings, bulk: str | None) -> None:
    """Check every file's hash, the index against the files triple by triple, and all shapes.

    The hashes are those of the index and of the log, which knows each file as it was added.

    First the index is brought up to the files, as by any command. So what is found is no mere
    delay: bytes that changed behind the file system's back, or a damaged index.
    """
    if bulk is not None:
        _check_bulk(bulk)
        return
    from dragoman import index
    from dragoman.additions import log
    from dragoman.validation import VIOLATION

    handle = settings.open()
    base = handle.base
    problems: tuple[str, ...] = ()
    with bar(settings, "Indexing") as progress:
        opened = replace(handle, progress=progress).store
    for line in opened.warnings:
        settings.note(f"Warning: {one_line(line)}")
    if opened.folder:
        with bar(settings, "Comparing") as progress:
            found = index.check(base, progress=progress)
        if found:
            problems = found.problems
            files, triples = counted(found.files, "file"), counted(found.triples, "triple")
            what = f"{files} and {triples} compared with the index"
            write("".join(f"{one_line(line)}\n" for line in problems))
            end = counted(len(problems), "difference") if problems else "no difference"
            write(f"{what}: {end}.\n")
    departures = log.departures(base)
    write("".join(f"{one_line(line)}\n" for line in departures))
    report = handle.validate()
    show(settings, report, "people", None, "violation")
    if problems:
        settings.note("Make the index anew: dragoman index --rebuild")
    if departures or problems or report.at_least(VIOLATION):
        click.get_current_context().exit(1)


def _check_bulk(folder: str) -> None:
    from dragoman.export import bulk_folder

    found = bulk_folder.opened(Path(folder))
    problems = 0
    for line in bulk_folder.problems(found):
        problems += 1
        write(f"{one_line(line)}\n")
    if problems:
        click.get_current_context().exit(1)
    quads = sum(graph.triples for graph in found.graphs)
    counts = ((len(found.parts), "part"), (len(found.graphs), "graph"), (quads, "statement"))
    told = (counted(count, noun) for count, noun in counts)
    write(f"As the manifest says: {', '.join(told)}.\n")
