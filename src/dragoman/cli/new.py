"""`dragoman new`: write a commented skeleton to fill in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dragoman.cli.console import write
from dragoman.errors import DragomanError, nearest

if TYPE_CHECKING:
    from dragoman.cli.console import Settings


class _Kinds(click.Group):
    """A group whose further subcommands are the kinds of things that the ontology declares."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the subcommands, then the kinds of the base, where there is one."""
        return [*super().list_commands(ctx), *_kinds(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a subcommand, or that of a kind."""
        found = super().get_command(ctx, cmd_name)
        if found is None and (said := _kinds(ctx).get(cmd_name)) is not None:
            return _of_kind(cmd_name, said)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the subcommand, or name the nearest ones."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            known = self.list_commands(ctx)
            near = nearest(name, known) or known
            ctx.fail(f"There is no skeleton of {name!r}. Did you mean {' or '.join(near)}?")
        return super().resolve_command(ctx, args)


def _kinds(context: click.Context) -> dict[str, str]:
    """Return the kinds of the base with their definitions; none where no base is found."""
    from dragoman.additions import blank
    from dragoman.base import find_base

    try:
        return blank.kinds(find_base(context.find_root().params.get("base")))
    except DragomanError:
        return {}


def _of_kind(kind: str, said: str) -> click.Command:
    """Return the command that writes a skeleton of a kind of things."""
    options: list[click.Parameter] = [
        click.Argument(["label"], required=False),
        click.Option(["--turtle"], is_flag=True, help="Write the thing alone, as Turtle with all "
                     "its prefixes."),
        click.Option(["-o", "--output"], metavar="FILE", help="Write to a new file; .ttl means "
                     "--turtle."),
    ]  # fmt: skip

    @click.pass_obj
    def written(settings: Settings, label: str | None, output: str | None, *, turtle: bool) -> None:
        from dragoman.additions import blank

        _be_new(output)
        turtle = turtle or _is_turtle(output)
        write(blank.thing(settings.find_base(), kind, label or "", turtle=turtle), output)

    return click.Command(
        kind,
        callback=written,
        params=options,
        short_help=said,
        help=f"{said}\n\nWrites a report form that tells of one new {kind}, called LABEL, of which "
        "its IRI is made. It has the keys that the shapes of the base require; what else can be "
        "told stands in comments. Fill it in and add it, or copy its sections into another form. "
        "What stands under reference: goes into data/reference/ of the base.",
        epilog=f"""\b
Examples:
  dragoman new {kind} "As it is called" -o {kind}.yaml
  dragoman validate {kind}.yaml
  dragoman add {kind}.yaml
  dragoman new {kind} "As it is called" --turtle""",
    )


@click.group(cls=_Kinds, short_help="Write a commented skeleton to fill in.")
def command() -> None:
    """Write a commented skeleton to fill in: of a source, a table, or one new thing of a kind.

    The kinds are those that the ontology of the base declares.
    """


@command.command(
    "article",
    short_help="A source with its passages and accounts.",
    epilog="""\b
Examples:
  dragoman new article my-note                          on the terminal
  dragoman new article my-note -o my-note.yaml          into a file, which must not exist
  dragoman new article my-note --text article.txt --title "As printed" --date 2026-11-22
  dragoman new article my-note --no-text                where the text is not at hand
  dragoman add my-note.yaml                             when it is filled in
  dragoman new article my-note -o my-note.ttl           the same as Turtle
  dragoman draft article.txt                            a form with what is found in the text

What is not told has a placeholder, which validate finds: nothing is invented. In Turtle the offsets
of the sentences of a text are reckoned; blocks to copy, and the lists to choose from, stand in
comments.""",
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
@click.option("--text", metavar="FILE", help="The text in UTF-8, which the form names; Turtle has "
              "its SHA-256, its length and the places of its sentences.")  # fmt: skip
@click.option("--no-text", is_flag=True, help="The text is not at hand: the source says so, and "
              "has no passages.")  # fmt: skip
@click.option("--turtle", is_flag=True, help="Write Turtle, not a report form.")
@click.option("-o", "--output", metavar="FILE", help="Write to a new file; .ttl means --turtle.")
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
    *,
    turtle: bool,
) -> None:
    """Write a report form of an article, with the parts that the shapes of the base require.

    NAME is what the source is to be called; without it, it is made of the title.
    """
    from dragoman.additions import blank, skeleton

    _be_new(output)
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
    base = settings.find_base()
    if turtle or _is_turtle(output):
        write(skeleton.article(base, name, told), output)
        return
    place = Path(output).parent if output not in {None, "-"} and output else Path()
    beside = Path(os.path.relpath(text, place)).as_posix() if text else ""
    write(blank.report(base, name, told, beside), output)


def _is_turtle(output: str | None) -> bool:
    return (output or "").casefold().endswith(".ttl")


def _be_new(output: str | None) -> None:
    if output not in {None, "-"} and Path(output or "").exists():
        raise DragomanError(f"{output} exists already. Name another file.")


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
    _be_new(output)
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
