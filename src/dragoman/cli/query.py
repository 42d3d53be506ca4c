"""`dragoman query`: list the saved questions, ask one, or ask one's own."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dragoman.cli.console import (
    Settings,
    endpoint_option,
    one_line,
    rendered,
    say,
    table_format,
    values_of,
    write,
)
from dragoman.cli.progress import working
from dragoman.errors import DragomanError, SyntaxProblem

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.shell_completion import CompletionItem

    from dragoman.api import KnowledgeBase
    from dragoman.queries import SavedQuery
    from dragoman.results import Result
    from dragoman.syntax import QueryText


def _complete_names(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the names of the saved queries to the shell."""
    from click.shell_completion import CompletionItem

    from dragoman.base import find_base
    from dragoman.queries import listing

    try:
        found = listing(find_base(context.find_root().params.get("base")))
    except DragomanError:
        return []
    return [
        CompletionItem(name, help=one_line(summary))
        for _, name, summary, _ in found
        if name.startswith(incomplete) and name.isprintable()
    ]


def _complete_parameters(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer `name=` for each parameter of the question to the shell."""
    from click.shell_completion import CompletionItem

    from dragoman.base import find_base
    from dragoman.queries import find_query

    # click gives no arguments while an option still waits for its value
    words = os.environ.get("COMP_WORDS", "").split()
    try:
        base = find_base(context.find_root().params.get("base"))
        names = {path.stem for path in base.queries()}
        params = find_query(base, next((word for word in words if word in names), "")).params
    except DragomanError:
        return []
    return [
        CompletionItem(f"{each.name}=", help=one_line(each.description))
        for each in params
        if each.name.startswith(incomplete)
    ]


@click.command(
    epilog="""\b
Examples:
  dragoman query                                  list the questions
  dragoman query delegations                      ask one
  dragoman query expected-words --set person="Hakan Fidan"
  dragoman query delegations -o who.xlsx          into a file of the format its suffix tells
  dragoman query -e 'SELECT ?s { ?s a dip:Meeting }'
  dragoman query --explain delegations            show the SPARQL, and the files behind the rows
  dragoman query --all --spreadsheet -o answers   ask every question: a file each, and an index
  dragoman query --all -o answers.xlsx            the same as one workbook

Formats: table, csv, tsv, json, xml, md, html for rows; turtle, ntriples, nquads, trig, rdfxml,
jsonld for triples (or as riot, rapper and rdfpipe call them); xlsx for both, a workbook of one
sheet. Without -f, the suffix of -o tells; without a suffix, rows are a table on a terminal and CSV
elsewhere; triples are Turtle."""
)
@click.argument("name", required=False, shell_complete=_complete_names)
@click.option("--all", "every", is_flag=True, help="Ask every question with the values that stand "
              "in it; all answers are written, or none.")  # fmt: skip
@click.option("-e", "--text", metavar="SPARQL", help="Ask this text.")
@click.option("--file", metavar="FILE", help="Ask the text in a file; - is standard input.")
@click.option("-s", "--set", "settings", metavar="NAME=VALUE", multiple=True,
              shell_complete=_complete_parameters,
              help="Give a parameter a value: a name in any spelling, a prefixed name, an <IRI>, a "
              "number, or a quoted literal. Given twice, both values count.")  # fmt: skip
@click.option("-f", "--format", "format_", metavar="FORMAT", help="See below.")
@click.option("--spreadsheet", is_flag=True, help="CSV that is safe to open in a spreadsheet.")
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all; with "
              "--all, into a folder, or a workbook FILE.xlsx.")  # fmt: skip
@click.option("--explain", is_flag=True,
              help="Show the final SPARQL and the answer's sources, on stderr.")  # fmt: skip
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=60.0,
              show_default=True, metavar="SECONDS", help="Give up after so long.")  # fmt: skip
@click.option("--memory", type=click.IntRange(min=1), default=2048, show_default=True,
              metavar="MIB", help="Give up when it takes more memory.")  # fmt: skip
@click.option("--limit", type=click.IntRange(min=0), metavar="N",
              help="At most so many rows; what is cut off is said.")  # fmt: skip
@click.option("--inferred", is_flag=True, help="Ask what follows from the facts, too.")
@endpoint_option
@click.pass_context
def command(  # noqa: PLR0913, PLR0917  one argument for each option
    context: click.Context,
    name: str | None,
    every: bool,
    text: str | None,
    file: str | None,
    settings: tuple[str, ...],
    format_: str | None,
    spreadsheet: bool,
    output: str | None,
    explain: bool,
    timeout: float,
    memory: int,
    limit: int | None,
    inferred: bool,
    endpoint: str | None,
) -> None:
    """Ask a saved question, or one of your own.

    Without NAME, list the questions. `-` as NAME reads SPARQL from standard input. An ASK prints
    true or false, and exits with 0 or 1.
    """
    console: Settings = context.obj
    if sum(each is not None for each in (name, text, file)) > 1:
        raise click.UsageError("Give one of: a NAME, -e SPARQL, --file FILE.")
    if every:
        if settings or explain or any(each is not None for each in (name, text, file)):
            raise click.UsageError("--all asks every question as it stands; leave out the others.")
        handle = console.open(endpoint)
        table_format(console, format_, None, spreadsheet=spreadsheet)
        _ask_all(
            console,
            handle,
            lambda query: handle.run(
                handle.prepared(query, {}),
                limit=limit,
                timeout=timeout,
                memory=memory * 1024**2,
                inferred=inferred,
            ),
            (output, format_, spreadsheet),
        )
        return
    if name is None and text is None and file is None:
        if settings or output or explain:
            raise click.UsageError("Which question? Give a NAME; without options they are listed.")
        _list(console)
        return
    handle = console.open(endpoint)
    query = _prepared(handle, name, text, file, values_of(settings))
    format_ = table_format(console, format_, output, spreadsheet=spreadsheet, form=query.form)
    if explain:
        from dragoman.syntax import with_prefixes

        say(with_prefixes(query, handle.prefixes).strip())
    with working(console, "Deriving and asking" if inferred else "Asking"):
        result = handle.run(
            query, limit=limit, timeout=timeout, memory=memory * 1024**2, inferred=inferred
        )
    for warning in result.warnings:
        console.note(f"Warning: {one_line(warning)}")
    write(rendered(result, format_, spreadsheet=spreadsheet, output=output), output)
    if result.answer.truth is None and not result:
        console.note("0 rows." if result.answer.form == "SELECT" else "0 triples.")
    if result.answer.cut:
        console.note(f"Cut off after {limit} by --limit: there is more.")
    if explain:
        behind = handle.sources_behind(query, result, timeout=timeout, inferred=inferred)
        say("Sources behind the answer:" if behind else "No source is behind it.")
        for graph in behind:
            say(f"  {graph}")
    if result.answer.truth is False:
        context.exit(1)


def _ask_all(
    console: Settings,
    handle: KnowledgeBase,
    ask: Callable[[SavedQuery], Result],
    form: tuple[str | None, str | None, bool],
) -> None:
    """Ask every question, and write the answers."""
    from dragoman.cli.answers import write_all

    output, format_, spreadsheet = form
    told: set[str] = set()
    cut: list[str] = []

    def asked(query: SavedQuery) -> Result:
        result = ask(query)
        for warning in result.warnings:
            if warning not in told:
                told.add(warning)
                console.note(f"Warning: {one_line(warning)}")
        if result.answer.cut:
            cut.append(query.name)
        return result

    count = write_all(handle.questions(), asked, output, format_, spreadsheet=spreadsheet)
    console.note(f"{count} questions asked; the answers are in {output}.")
    if cut:
        console.note(f"Cut off by --limit: {', '.join(cut)}.")


def _list(console: Settings) -> None:
    """Print the questions by their first tag."""
    from dragoman.queries import listing

    found = listing(console.find_base())
    width = max(len(one_line(name)) for _, name, _, _ in found)
    lines: list[str] = []
    above = ""
    for told in found:
        tag, name, summary, *params = map(one_line, (*told[:3], *told[3]))
        if tag != above:
            lines.append(above := tag)
        lines.append(f"  {name:<{width}}  {summary}{''.join(f' [{each}]' for each in params)}")
    write("".join(f"{line}\n" for line in lines))
    console.note("\nAsk one with: dragoman query NAME   (in brackets: what --set NAME=VALUE takes)")


def _prepared(
    handle: KnowledgeBase,
    name: str | None,
    text: str | None,
    file: str | None,
    values: dict[str, list[str]],
) -> QueryText:
    from dragoman import queries, syntax

    if name is not None and name != "-":
        return handle.prepared(queries.find_query(handle.base, name), values)
    if file is not None and file != "-":
        text = _read(file)
        if text.startswith("#+"):
            return handle.prepared(queries.read_query(Path(file)), values)
    elif text is None:
        text = _read("-")
    if values:
        raise click.UsageError("--set is for saved questions, and files with their header.")
    label = file or ("-" if name else "-e")
    return syntax.check_query(text, label, prefixes=handle.prefixes)


def _read(file: str) -> str:
    try:
        if file == "-":
            data = sys.stdin.buffer.read(1 << 20)
        else:
            with Path(file).open("rb") as stream:
                data = stream.read(1 << 20)
        return data.decode("utf-8-sig")
    except OSError as error:
        raise DragomanError(f"{file}: it cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SyntaxProblem("It is not UTF-8. Save it as UTF-8.", file, line) from error
