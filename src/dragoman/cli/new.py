"""`dragoman new`: write a commented skeleton to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dragoman.cli.console import write
from dragoman.errors import DragomanError

if TYPE_CHECKING:
    from dragoman.cli.console import Settings


@click.group(short_help="Write a commented skeleton to fill in.")
def command() -> None:
    """Write a commented skeleton to fill in."""


@command.command(
    "article",
    short_help="A source with its passages and accounts.",
    epilog="""\b
Examples:
  dragoman new article my-note                          on the terminal
  dragoman new article my-note -o my-note.ttl           into a file, which must not exist
  dragoman new article my-note --text article.txt --title "As printed" --date 2026-11-22
  dragoman new article my-note --no-text                where the text is not at hand
  dragoman add my-note.ttl                              when it is filled in

What is not told has a placeholder, which validate finds: nothing is invented. Of a text the offsets
of its sentences are reckoned. Blocks to copy, and the lists to choose from, stand in comments.""",
)
@click.argument("name", required=False)
@click.option("--title", metavar="TEXT", help="The title, as printed.")
@click.option("--url", metavar="URL", help="Where it can be read.")
@click.option("--publisher", metavar="NAME", help="Who published it, in English; one that the "
              "base knows is used.")  # fmt: skip
@click.option("--date", metavar="DATE", help="The day of publication, as in 2026-11-22; or the "
              "month or the year.")  # fmt: skip
@click.option("--language", default="en", show_default=True, metavar="TAG",
              help="The language of the text.")  # fmt: skip
@click.option("--text", metavar="FILE", help="The text in UTF-8: its SHA-256, its length and the "
              "places of its sentences are written, the text is not.")  # fmt: skip
@click.option("--no-text", is_flag=True, help="The text is not at hand: the source says so, and "
              "has no passages.")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write to a new file.")
@click.pass_obj
def article(  # noqa: PLR0913, PLR0917  an argument an option
    settings: Settings,
    name: str | None,
    title: str | None,
    url: str | None,
    publisher: str | None,
    date: str | None,
    language: str,
    text: str | None,
    no_text: bool,
    output: str | None,
) -> None:
    """Write a Turtle skeleton of an article, with the parts that the shapes of the base require.

    NAME is what the source is to be called; without it, it is made of the title.
    """
    from dragoman.additions import skeleton

    if output not in {None, "-"} and Path(output or "").exists():
        raise DragomanError(f"{output} exists already. Name another file.")
    if name is None and title is None:
        raise click.UsageError(
            "What is it to be called? Give a NAME, or a --title to take one from."
        )
    name = name or skeleton.name_from(title or "")
    if text and no_text:
        raise click.UsageError("Give --text FILE, or say --no-text.")
    known = _known(settings, publisher) if publisher else None
    words = text and _read(text)
    told = skeleton.Told(title, url, publisher, date, language, words, known, not no_text)
    write(skeleton.article(settings.find_base(), name, told), output)


@command.command(
    "table",
    short_help="A table to fill in, whose rows become facts.",
    epilog="""\b
Examples:
  dragoman new table                                    which tables there are
  dragoman new table sessions > t.csv                   CSV in UTF-8, which spreadsheets open
  dragoman new table office-holders -o t.xlsx           a workbook, with lists to pick from
  dragoman query table-sessions --set source=my-sessions -o t.xlsx
                                                        one that is filled in, to edit
  dragoman add t.csv --as my-sessions --publisher Desk  when it is filled in

In a CSV file, rows right below the heading that begin with # explain the columns; they may stay.
Columns that are not needed may go. Dates are as far as they are known: 2024-05-31, 2024-05 or 2024.
A table of your own is a mapping in ontology/mappings/ of your base.""",
)
@click.argument("name", required=False)
@click.option("-o", "--output", metavar="FILE", help="Write to a new file: .csv, or .xlsx.")
@click.pass_obj
def table(settings: Settings, name: str | None, output: str | None) -> None:
    """Write an empty table with a heading that explains itself.

    NAME is one of the mappings of the base: sessions, delegations, office-holders, agreements.
    """
    from dragoman import tabular

    if name is None:
        for each in tabular.mappings(settings.find_base()):
            write(f"{each.name}  {each.summary}\n", output)
        return
    if output not in {None, "-"} and Path(output or "").exists():
        raise DragomanError(f"{output} exists already. Name another file.")
    mapping = tabular.find_mapping(settings.find_base(), name)
    excel = (output or "").casefold().endswith(f".{tabular.EXCEL}")
    write(tabular.template(mapping, settings.open().store, excel=excel), output)


def _known(settings: Settings, publisher: str) -> str | None:
    """Return the one agent of the base that is called so; None where there is none, or several."""
    from dragoman import names, vocabulary

    handle = settings.open()
    found = names.bearers(names.names(handle.source, vocabulary.AGENT), publisher)
    return found[0] if len(found) == 1 else None


def _read(file: str) -> str:
    try:
        return Path(file).read_bytes().decode()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise DragomanError(f"{file}: it cannot be read: {reason}.") from error
