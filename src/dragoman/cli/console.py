"""What all subcommands share: settings, messages, and where results go."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple

import click

from dragoman.errors import DragomanError, SyntaxProblem, UnreadableFilesError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dragoman.api import KnowledgeBase
    from dragoman.base import Base
    from dragoman.results import Result


class Settings(NamedTuple):
    """The options of the root command; subcommands take them with `@click.pass_obj`.

    Attributes:
        base: what --base said.
        quiet: say nothing on stderr but errors.
        verbose: say more.
        own_process: true when the process is ours to end, false inside another program or a test.
    """

    base: str | None = None
    quiet: bool = False
    verbose: bool = False
    own_process: bool = False

    def find_base(self) -> Base:
        """Return the base that is meant; with -v say which, and why."""
        from dragoman.base import find_base

        found = find_base(self.base)
        self.detail(f"Base: {found.root} ({found.reason}).")
        return found

    def open(self, endpoint: str | None = None) -> KnowledgeBase:
        """Return the base that is meant, opened: long work on its index is told on stderr.

        Args:
            endpoint: what --endpoint said: a graph store that is asked instead of the files.
        """
        from dragoman.api import KnowledgeBase

        return KnowledgeBase(
            self.find_base(),
            note=self.note,
            endpoint=endpoint or None,
            detail=self.detail if self.verbose else None,
        )

    def note(self, message: str) -> None:
        """Say something beside the result, on stderr, unless -q."""
        if not self.quiet:
            click.echo(message, err=True)

    def detail(self, message: str) -> None:
        """Say something that only -v asks for, on stderr."""
        if self.verbose:
            click.echo(message, err=True)


endpoint_option = click.option(
    "--endpoint", envvar="DRAGOMAN_ENDPOINT", metavar="URL|PROFILE", help="Ask a graph store "
    "elsewhere for the facts: its address, or a profile in stores.toml. Default: "
    "$DRAGOMAN_ENDPOINT, else the base's files.",
)  # fmt: skip


def complain(message: str) -> None:
    """Write one line about what could not be done, on stderr."""
    click.echo(f"{click.style('Error:', fg='red', bold=True)} {one_line(message)}", err=True)


def complain_of(error: DragomanError, settings: Settings) -> None:
    """Write what an error says, a line for each thing that is wrong, and what would mend it."""
    told = error.problems if isinstance(error, UnreadableFilesError) else (error,)
    missing: dict[str, None] = {}
    for each in told:
        complain(str(each))
        if isinstance(each, SyntaxProblem):
            missing.update(dict.fromkeys(each.prefixes))
            for further in each.further:
                complain(str(further))
    if missing:
        _offer_prefixes(missing, settings)


def _offer_prefixes(missing: Iterable[str], settings: Settings) -> None:
    from dragoman.errors import suggestion
    from dragoman.syntax import declarations

    try:
        known = settings.find_base().prefixes()
    except DragomanError:  # without a base nothing is known
        return
    lines = declarations(missing, known)
    for each in missing:
        if each not in known:
            said = f"The base knows no prefix {each}:. {suggestion(each, known)}"
            click.echo(said.rstrip(), err=True)
    if lines:
        click.echo("\n".join(("To paste, or for dragoman fmt to add:", *lines)), err=True)


def one_line(message: str) -> str:
    """Return a message with control characters spelt out, so that none steers a terminal."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in message
    )


def write(content: str | bytes, output: str | None = None) -> None:
    """Write a result to stdout, or to a file: all of it, or the file stays as it was.

    Raises:
        DragomanError: the file cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    if output is None or output == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    from dragoman.files import save

    save(output, data)


def values_of(settings: Iterable[str]) -> dict[str, list[str]]:
    """Return the values of parameters that `--set NAME=VALUE` gives.

    Raises:
        click.UsageError: one is not of that form.
    """
    values: dict[str, list[str]] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name:
            raise click.UsageError(f"--set takes NAME=VALUE, not {setting!r}.")
        values.setdefault(name, []).append(value)
    return values


def terminal_width(output: str | None = None) -> int | None:
    """Return how many columns the terminal has that a result goes to; None where it goes elsewhere.

    Args:
        output: what -o said.
    """
    if output is not None or not sys.stdout.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns


def colors() -> bool:
    """Return whether a terminal is to be shown colours: not with NO_COLOR, nor on a dumb one."""
    return "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def check_format(name: str | None, *, spreadsheet: bool) -> None:
    """Refuse an unknown format before any work."""
    if name is None:
        return
    if spreadsheet:
        raise click.UsageError("--spreadsheet is a format of its own; leave out -f.")
    from dragoman.errors import UnknownNameError
    from dragoman.results import TABLE_FORMATS
    from dragoman.syntax import FORMATS

    if name.casefold() not in {*TABLE_FORMATS, *FORMATS, "markdown", "text"}:
        raise UnknownNameError("format", name, [*TABLE_FORMATS, *FORMATS])


def rendered(
    result: Result, name: str | None, *, spreadsheet: bool, output: str | None
) -> bytes | str:
    """Return a result in a format; by default a table on a terminal, elsewhere CSV or Turtle.

    Raises:
        UnknownNameError: no such format for this form of result.
    """
    from dragoman.results import table

    if spreadsheet:
        return result.spreadsheet()
    width = terminal_width(output)
    if name is None:
        graph = result.answer.form in {"CONSTRUCT", "DESCRIBE"}
        name = "turtle" if graph else "table" if width else "csv"
    if name.casefold() in {"table", "text"} and width and result.columns:
        return table(result, width, color=colors())
    return result.written(name)
