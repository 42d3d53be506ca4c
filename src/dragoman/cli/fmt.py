"""`dragoman fmt`: write Turtle in the layout of this house, term for term."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dragoman.cli.console import one_line, write
from dragoman.errors import SyntaxProblem, UnreadableFilesError, counted

if TYPE_CHECKING:
    from dragoman.cli.console import Settings


@click.command(
    short_help="Write Turtle in our layout, term for term.",
    epilog="""\b
Examples:
  dragoman fmt article.ttl              add missing prefixes, drop unused ones, lay it out
  dragoman fmt --check data/*.ttl       say which files would change
  dragoman fmt --diff article.ttl       show what would change
  dragoman fmt - < draft.ttl            from a pipe, to the terminal

Every term keeps its spelling, every comment its place, and brackets that span lines keep their
lines. What is written is read again and compared: a file that would not say the same stays as it
is.

\b
Exit codes: 0 done, 1 a file would change (--check, --diff), 2 it could not be done.""",
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--check", is_flag=True, help="Change nothing; say which files would change.")
@click.option("--diff", "differ", is_flag=True, help="Change nothing; show what would change.")
@click.pass_obj
def command(settings: Settings, files: tuple[str, ...], *, check: bool, differ: bool) -> None:
    """Lay FILEs out: all of them, or nothing changes.

    Prefixes that the base knows are added where they are missing. `-` reads from a pipe, and writes
    to stdout.
    """
    from dragoman import syntax

    known = settings.find_base().prefixes()
    texts: dict[str, tuple[str, str]] = {}
    problems: list[SyntaxProblem] = []
    for file in dict.fromkeys(files):
        uri = None if file == "-" else Path(file).resolve().as_uri()
        try:
            text = _read(file)
            texts[file] = text, syntax.laid_out(text, known, file, uri)
        except SyntaxProblem as error:
            problems.append(error)
    if problems:
        raise UnreadableFilesError(problems)
    changed = [file for file, (before, after) in texts.items() if before != after]
    for file in changed:
        if differ:
            write(_difference(file, *texts[file]))
        elif file != "-":
            if not check:
                write(texts[file][1], file)
            settings.note(one_line(f"{'Would lay out' if check else 'Laid out'} {file}."))
    if "-" in texts and not (check or differ):
        write(texts["-"][1])
    left = len(texts) - len(changed)
    if left:
        settings.note(f"{counted(left, 'file')} left as {'it is' if left == 1 else 'they are'}.")
    if changed and (check or differ):
        click.get_current_context().exit(1)


def _read(file: str) -> str:
    if file != "-" and not file.casefold().endswith(".ttl"):
        raise SyntaxProblem("Only Turtle has this layout: name a file that ends in .ttl.", file)
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return data.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise SyntaxProblem(f"It cannot be read: {reason}.", file) from error


def _difference(file: str, before: str, after: str) -> str:
    from difflib import unified_diff

    lines = unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), file, file
    )
    return "".join(lines)
