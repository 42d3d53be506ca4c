"""What all subcommands share: settings, messages, and where results go."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from dragoman.errors import DragomanError, SyntaxProblem, UnknownNameError
from dragoman.terminal import one_line as one_line  # noqa: PLC0414  for all subcommands
from dragoman.terminal import page, raw, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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

    def find_base(self, *, heal: bool = True) -> Base:
        """Return the base that is meant; with -v say which, and why.

        Args:
            heal: finish changes that were interrupted, and say so; or say that one waits.
        """
        from dragoman.base import find_base

        found = find_base(self.base)
        self.detail(f"Base: {found.root} ({found.reason}).")
        if heal and found.has_unfinished():
            from dragoman.api import finish

            for line in finish(found, self.note):
                self.note(line)
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
        """Say something beside the result, on stderr, unless -q; a terminal folds it at words."""
        if self.quiet:
            return
        if sys.stderr.isatty():
            import shutil

            from dragoman.tables import folded

            message = "\n".join(folded(message, shutil.get_terminal_size().columns))
        say(message)

    def detail(self, message: str) -> None:
        """Say something that only -v asks for, on stderr."""
        if self.verbose:
            say(message)


endpoint_option = click.option(
    "--endpoint", envvar="DRAGOMAN_ENDPOINT", metavar="URL|PROFILE", help="Ask a graph store "
    "elsewhere for the facts: its address, or a profile in stores.toml. Default: "
    "$DRAGOMAN_ENDPOINT, else the base's files.",
)  # fmt: skip


def _absolute(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    import re

    if value is not None and not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"{}|\\^`]*", value):
        raise DragomanError(f"--base-iri {value}: that is no absolute IRI.")
    if value is not None and re.search(r"/\.\.?/", value):
        raise DragomanError(f"--base-iri {value}: write it without . and .. between its slashes.")
    return value


base_iri_option = click.option(
    "--base-iri", metavar="IRI", callback=_absolute, help="What relative IRIs in the files are "
    "resolved against.",
)  # fmt: skip


def say(message: str) -> None:
    """Write a message beside the result, on stderr."""
    click.echo(visible(message), err=True)


def complain(message: str) -> None:
    """Write one line about what could not be done, on stderr."""
    click.echo(f"{click.style('Error:', fg='red', bold=True)} {one_line(message)}", err=True)


def complain_of(error: DragomanError, settings: Settings) -> None:
    """Write what an error says, a line for each thing that is wrong, and what would mend it."""
    told = getattr(error, "problems", (error,))
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
            say(said.rstrip())
    if lines:
        say("\n".join(("To paste, or for dragoman fmt to add:", *lines)))


def write(content: str | bytes, output: str | None = None) -> None:
    """Write a result to stdout, or to a file: all of it, or the file stays as it was.

    A terminal is shown what could steer it spelt out; a file and a pipe get the exact bytes.

    Args:
        content: a page of ours, which may have colours, or the bytes of a format.
        output: what -o said.

    Raises:
        DragomanError: the file cannot be written.
    """
    if output is None or output == "-":
        if isinstance(content, str):
            _stream([(page(content) if sys.stdout.isatty() else content).encode()])
        else:
            _stream(raw([content]) if sys.stdout.isatty() else [content])
        return
    from dragoman.files import save

    save(output, content.encode() if isinstance(content, str) else content)


def write_all(blocks: Iterable[bytes]) -> None:
    """Write the bytes of a format to stdout as they come, as `write` does."""
    _stream(raw(blocks) if sys.stdout.isatty() else blocks)


def _stream(blocks: Iterable[bytes]) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.writelines(blocks)
    sys.stdout.buffer.flush()


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


# What the suffix of a file tells of rows, and of triples besides all names of syntax.FORMATS.
TABLES: Final = {
    **{each: each for each in ("csv", "tsv", "json", "xml", "md", "html", "xlsx")},
    "srj": "json",
    "srx": "xml",
    "htm": "html",
    "markdown": "md",
    "txt": "table",
}


def by_suffix(
    settings: Settings, name: str | None, output: str | None, known: Mapping[str, str]
) -> str | None:
    """Return the format that is named, or else that the suffix of the output tells.

    A name wins over a suffix; that they differ is said. Without a suffix nothing is told.

    Args:
        settings: says so.
        name: what -f said.
        output: what -o said.
        known: the suffixes, without their dots, and the formats that they tell.

    Raises:
        DragomanError: the suffix tells none of these formats, and no name was told.
    """
    from pathlib import PurePath

    suffix = PurePath(output or "").suffix.removeprefix(".").casefold()
    if not suffix:
        return name
    told = known.get(suffix)
    if name is not None:
        if told is not None and told != known.get(name.casefold(), name.casefold()):
            settings.note(one_line(f"{output} is written as {name}, for -f says so."))
        return name
    if told is None:
        raise DragomanError(
            f"{output}: the suffix .{suffix} tells no format that can be written here. -f says "
            f"which format, or name a file {', '.join(f'.{each}' for each in known)}."
        )
    return told


def table_format(
    settings: Settings, name: str | None, output: str | None, *, spreadsheet: bool, form: str = ""
) -> str | None:
    """Return the format of an answer, before any work; None for the default.

    Args:
        settings: as for `by_suffix`.
        name: what -f said.
        output: what -o said.
        spreadsheet: what --spreadsheet said.
        form: the form of the query, where rows are not all that may come.

    Raises:
        UnknownNameError: there is no such format.
        DragomanError: see `by_suffix`.
    """
    if spreadsheet:
        if name is not None:
            raise click.UsageError("--spreadsheet is a format of its own; leave out -f.")
        if (by_suffix(settings, None, output, TABLES) or "csv") != "csv":
            raise click.UsageError("--spreadsheet writes CSV: name a file .csv, or leave it out.")
        return None
    from dragoman.results import TABLE_FORMATS
    from dragoman.syntax import FORMATS

    tables = {*TABLE_FORMATS, "xlsx"}
    if name is not None and name.casefold() not in {*tables, *FORMATS, "markdown", "text"}:
        raise UnknownNameError("format", name, [*tables, *FORMATS])
    known = TABLES
    if form in {"CONSTRUCT", "DESCRIBE"}:
        known = {"xlsx": "xlsx"} | {each: _graph(each) for each in FORMATS if each.isalnum()}
    return by_suffix(settings, name, output, known)


def _graph(suffix: str) -> str:
    """Return the one name of an RDF format."""
    from dragoman.syntax import FORMATS

    return FORMATS[suffix].file_extension


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
    if name is not None and name.casefold() == "xlsx":
        from dragoman import workbook

        return workbook.written([("answer", result)])
    width = terminal_width(output)
    rows = result.answer.form not in {"CONSTRUCT", "DESCRIBE"}
    if name is None:
        name = "table" if rows and width else "csv" if rows else "turtle"
    if name.casefold() in {"table", "text"} and width and result.answer.form == "SELECT":
        return table(result, width, color=colors())
    return result.written(name)
