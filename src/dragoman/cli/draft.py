"""`dragoman draft`: write a report form to fill in, from a text."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from dragoman.cli.console import write
from dragoman.errors import DragomanError

if TYPE_CHECKING:
    from dragoman.cli.console import Settings

_MOST_BYTES: Final = 1_000_000


@click.command(
    epilog="""\b
Examples:
  dragoman draft article.txt -o summit.yaml      into a file, which must not exist
  dragoman draft article.txt --title "As printed" --date 2026-11-22 --publisher "The Paper"
  pdftotext report.pdf - | dragoman draft - --name report -o report.yaml
  dragoman validate summit.yaml                  says what is still a suggestion

\b
In the form:
  # p5.2  The two ...      a sentence, by its paragraph and number: words: p5.2
  #     > Ankara = ...     what was found in it
  ?? talks: {about: ...}   a suggestion: mend it, and take the ?? away, or take it out

Found are names that the base knows, in any spelling and with the endings of Turkish and Hungarian
that are listed; weekdays and dates; words that hint at a status, a voice, an act or an event.
Nothing is looked up elsewhere. The same text and base give the same form."""
)
@click.argument("file", metavar="FILE")
@click.option("--name", metavar="NAME", help="What the source is to be called. Default: after the "
              "file, or the title.")  # fmt: skip
@click.option("--title", metavar="TEXT", help="The title, as printed.")
@click.option("--url", metavar="URL", help="Where it can be read.")
@click.option("--publisher", metavar="NAME", help="Who published it.")
@click.option("--date", metavar="DATE", help="The day of publication, as in 2026-11-22; or the "
              "month or the year.")  # fmt: skip
@click.option("--language", metavar="TAG", help="The language of the text, as in en or tr. "
              "Default: the one of en, tr and hu whose words it has, to be confirmed.")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write to a new file.")
@click.pass_obj
def command(  # noqa: PLR0913, PLR0917  an argument an option
    settings: Settings,
    file: str,
    name: str | None,
    title: str | None,
    url: str | None,
    publisher: str | None,
    date: str | None,
    language: str | None,
    output: str | None,
) -> None:
    """Write a report form to fill in, from a text in UTF-8.

    FILE is the text, - for standard input. Its sentences stand in the form as comments, with what
    was found in them; below is what they may tell, for you to confirm.
    """
    from dragoman.additions import skeleton
    from dragoman.additions.incoming import checked_name
    from dragoman.form import drafting

    if output not in {None, "-"} and Path(output or "").exists():
        raise DragomanError(f"{output} exists already. Name another file.")
    text = _read(file)
    skeleton.check(skeleton.Told(title, url, publisher, date, language or "en"))
    if name is None and title is None and file == "-":
        raise click.UsageError(
            "What is the source to be called? Give a --name, or a --title to take one from."
        )
    known = name and checked_name(name, option="--name")
    known = known or skeleton.name_from(Path(file).stem if file != "-" else title or "")
    place = None if file == "-" else _beside(file, output)
    told = drafting.Told(known, place, title, url, publisher, date, language)
    handle = settings.open()
    write(drafting.draft(handle.store, text, told, handle.prefixes), output)


def _beside(file: str, output: str | None) -> str:
    """Return the path of the text from the folder of the form."""
    if output in {None, "-"}:
        return file
    try:
        return Path(os.path.relpath(file, Path(output or "").parent)).as_posix()
    except ValueError:  # on another drive
        return str(Path(file).absolute())


def _read(file: str) -> str:
    """Return a text.

    Raises:
        DragomanError: it cannot be read, is too long, is no UTF-8 or no text, or has no words.
    """
    label = "standard input" if file == "-" else file
    try:
        if file == "-":
            data = sys.stdin.buffer.read(_MOST_BYTES + 1)
        else:
            with Path(file).open("rb") as stream:
                data = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise DragomanError(f"{label}: it cannot be read: {error.strerror}.") from error
    if len(data) > _MOST_BYTES:
        raise DragomanError(
            f"{label}: it has more than {_MOST_BYTES // 1_000_000} MB, so it is no article. Give "
            "the text of one source."
        )
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DragomanError(
            f"{label}:{line}: it is not UTF-8 (byte {error.start:,}). Save it as UTF-8, as plain "
            "text."
        ) from error
    if "\0" in text:
        raise DragomanError(f"{label}: it is no text: it has null bytes. Give the plain text.")
    if not any(map(str.isalnum, text)):
        raise DragomanError(f"{label}: there are no words in it.")
    return text
