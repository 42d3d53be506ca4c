"""`dragoman query`: list the saved questions, ask one, or ask one's own."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from dragoman.errors import DragomanError, LimitError, SyntaxProblem, counted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from click.shell_completion import CompletionItem

    from dragoman.api import KnowledgeBase
    from dragoman.queries import Asked, Questions, SavedQuery
    from dragoman.results import Result

# Seconds; what took no longer is asked once more, for what a time leaves out.
_QUICK = 1.0


def _complete_names(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the names of the saved queries to the shell."""
    from click.shell_completion import CompletionItem

    from dragoman.base import find_base
    from dragoman.queries import saved_queries

    try:
        found = saved_queries(find_base(context.find_root().params.get("base")))
    except DragomanError:
        return []
    return [
        CompletionItem(each.name, help=one_line(each.summary))
        for each in found
        if each.name.startswith(incomplete) and each.name.isprintable()
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
  dragoman query delegations --describe           what it takes and gives
  dragoman query delegations --print              the SPARQL, for any other editor
  dragoman query --explain delegations            show the SPARQL, and the files behind the rows
  dragoman query --all --spreadsheet -o answers   ask every question: a file each, and an index
  dragoman query --all -o answers.xlsx            the same as one workbook

Labels stand beside things (xLabel beside x), and in their place where people read: in the languages
of --lang, else in English, else in any, else the last part of the IRI.

A table has as many columns as a line of 80 holds, six of texts or so; a question with more is shown
in blocks. What tells where a row stands (source, account, passage) is in the other formats.

Formats: table, csv, tsv, json, xml, md, html for rows; turtle, ntriples, nquads, trig, rdfxml,
jsonld for triples (or as riot, rapper and rdfpipe call them); xlsx for both, a workbook of one
sheet. Without -f, the suffix of -o tells; without a suffix, rows are a table on a terminal and CSV
elsewhere; triples are Turtle."""
)
@click.argument("name", required=False, shell_complete=_complete_names)
@click.option("--all", "every", is_flag=True, help="Ask every question of all that there is; "
              "all answers are written, or none.")  # fmt: skip
@click.option("-e", "--text", metavar="SPARQL", help="Ask this text.")
@click.option("--file", metavar="FILE", help="Ask the text in a file; - is standard input.")
@click.option("-s", "--set", "settings", metavar="NAME=VALUE", multiple=True,
              shell_complete=_complete_parameters,
              help="Give a parameter a value: a name in any spelling, a prefixed name, an <IRI>, a "
              "number, or a quoted literal. Given twice, either counts; without a value, all "
              "count.")  # fmt: skip
@click.option("--since", metavar="DAY", help="Only what is about this year, month or day, or "
              "later, as 2026 or 2026-07-15; for questions with a time.")  # fmt: skip
@click.option("--until", metavar="DAY", help="The same, or earlier.")
@click.option("--lang", metavar="TAGS", help="Languages of labels, the best first, as in tr,hu. "
              "Default: $DRAGOMAN_LANG. Then come English, and any.")  # fmt: skip
@click.option("--labels/--no-labels", default=None, help="A column xLabel beside a column x of "
              "things; people see the label alone. Default: for saved questions, and with --lang; "
              "for people always.")  # fmt: skip
@click.option("-f", "--format", "format_", metavar="FORMAT", help="See below.")
@click.option("--spreadsheet", is_flag=True, help="CSV that is safe to open in a spreadsheet.")
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all; with "
              "--all, into a folder, or a workbook FILE.xlsx.")  # fmt: skip
@click.option("--explain", is_flag=True,
              help="Show the final SPARQL and the answer's sources, on stderr.")  # fmt: skip
@click.option("--print", "print_", is_flag=True, help="Do not ask: print the whole SPARQL, with "
              "values and labels, for any other editor.")  # fmt: skip
@click.option("--describe", is_flag=True, help="Do not ask: say what the question asks, takes and "
              "gives, with examples.")  # fmt: skip
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=60.0,
              show_default=True, metavar="SECONDS", help="Give up after so long.")  # fmt: skip
@click.option("--memory", type=click.IntRange(min=1), default=2048, show_default=True,
              metavar="MIB", help="Give up when it takes more memory.")  # fmt: skip
@click.option("--limit", type=click.IntRange(min=0), metavar="N",
              help="At most so many rows; what is cut off is said.")  # fmt: skip
@click.option("--inferred", is_flag=True, help="Ask what follows from the facts, too.")
@click.option("--no-record", is_flag=True, help="Ask only what the files say, and not what rules "
              "derive from it.")  # fmt: skip
@endpoint_option
@click.pass_context
def command(  # noqa: PLR0913, PLR0917  one argument for each option
    context: click.Context,
    name: str | None,
    every: bool,
    text: str | None,
    file: str | None,
    settings: tuple[str, ...],
    since: str | None,
    until: str | None,
    lang: str | None,
    labels: bool | None,
    format_: str | None,
    spreadsheet: bool,
    output: str | None,
    explain: bool,
    print_: bool,
    describe: bool,
    timeout: float,
    memory: int,
    limit: int | None,
    inferred: bool,
    no_record: bool,
    endpoint: str | None,
) -> None:
    """Ask a saved question, or one of your own.

    Without NAME, list the questions. `-` as NAME reads SPARQL from standard input. An ASK prints
    true or false, and exits with 0 or 1.
    """
    console: Settings = context.obj
    which = (name, text, file)
    if sum(each is not None for each in which) > 1:
        raise click.UsageError("Give one of: a NAME, -e SPARQL, --file FILE.")
    wishes: dict[str, Any] = {
        "limit": limit,
        "timeout": timeout,
        "memory": memory * 1024**2,
        "inferred": inferred,
        "record": not no_record,
        "lang": lang,
        "labels": True if labels is None and lang is not None else labels,
    }
    narrowing = settings or explain or print_ or describe or since or until
    if every:
        if narrowing or any(each is not None for each in which):
            raise click.UsageError("--all asks every question as it stands; leave out the others.")
        handle = console.open(endpoint)
        table_format(console, format_, None, spreadsheet=spreadsheet)

        def ask(query: SavedQuery) -> Result:
            return handle.run(handle.prepared(query), **wishes)

        _ask_all(console, handle, ask, (output, format_, spreadsheet))
        return
    if all(each is None for each in which):
        if narrowing or output:
            raise click.UsageError("Which question? Give a NAME; without options they are listed.")
        _list(console)
        return
    handle = console.open(endpoint)
    asked = _prepared(handle, which, values_of(settings), (since, until))
    if print_ or describe:
        from dragoman.cli import question

        write(handle.printed(asked, lang) if print_ else question.page(handle, asked, lang), output)
        return
    form = asked.text.form
    format_ = table_format(console, format_, output, spreadsheet=spreadsheet, form=form)
    if explain:
        from dragoman.syntax import with_prefixes

        say(with_prefixes(asked.text, handle.prefixes).strip())
    start = time.monotonic()
    with working(console, "Deriving and asking" if inferred else "Asking"):
        result = handle.run(asked, **wishes)
    took = time.monotonic() - start
    for warning in result.warnings:
        console.note(f"Warning: {one_line(warning)}")
    write(rendered(result, format_, spreadsheet=spreadsheet, output=output), output)
    _tell_of_rows(console, handle, asked, result, took)
    if explain:
        behind = handle.sources_behind(asked, result, timeout=timeout, inferred=inferred)
        _explain(behind, handle.explained(result))
    if result.answer.truth is False:
        context.exit(1)


def _tell_of_rows(
    console: Settings, handle: KnowledgeBase, asked: Asked, result: Result, took: float
) -> None:
    """Say what is not among the rows, and why, where that is soon found out."""
    if console.quiet:
        return
    if result.answer.truth is None and not result:
        reason = ""
        with contextlib.suppress(LimitError):
            reason = handle.why_nothing(asked)
        noun = "rows" if asked.text.form == "SELECT" else "triples"
        console.note(f"0 {noun}{reason and ': '}{one_line(reason)}.")
    if result.answer.cut:
        console.note(f"Cut off after {len(result)} by --limit: there is more.")
    if took < _QUICK and (count := handle.without_a_day(asked)):
        console.note(f"Left out: {counted(count, 'row')} without a day.")


def _explain(sources: Sequence[str], derived: Sequence[str]) -> None:
    """Say on which sources an answer rests, and which rules derive what it shows."""
    say("Sources behind the answer:" if sources else "No source is behind it.")
    for graph in sources:
        say(f"  {graph}")
    if derived:
        say("Derived by rules:")
    for line in derived:
        say(f"  {one_line(line)}")


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

    questions = handle.questions()
    _warn_of(console, questions)
    count = write_all(questions, asked, output, format_, spreadsheet=spreadsheet)
    console.note(f"{count} questions asked; the answers are in {output}.")
    if cut:
        console.note(f"Cut off by --limit: {', '.join(cut)}.")


def _list(console: Settings) -> None:
    """Print the questions by their first tag."""
    from dragoman.queries import saved_queries

    found = saved_queries(console.find_base())
    _warn_of(console, found)
    width = max((len(one_line(each.name)) for each in found), default=0)
    lines: list[str] = []
    above = ""
    for each in sorted(found, key=lambda each: (each.tags[0], each.name)):
        if each.tags[0] != above:
            above = each.tags[0]
            lines.append(one_line(above))
        takes = "".join(f" [{one_line(param.name)}]" for param in each.params)
        lines.append(f"  {one_line(each.name):<{width}}  {one_line(each.summary)}{takes}")
    write("".join(f"{line}\n" for line in lines))
    console.note("\nAsk one with: dragoman query NAME   (in brackets: what --set NAME=VALUE takes)")


def _warn_of(console: Settings, found: Questions) -> None:
    """Name the files that are no saved queries."""
    for problem in found.problems:
        console.note(f"Warning: {one_line(str(problem))} The question is left out.")


def _prepared(
    handle: KnowledgeBase,
    which: tuple[str | None, str | None, str | None],
    values: dict[str, list[str]],
    days: tuple[str | None, str | None],
) -> Asked:
    from dragoman import queries, syntax

    name, text, file = which
    saved = None
    if name is not None and name != "-":
        saved = queries.find_query(handle.base, name)
    elif file is not None and file != "-":
        text = _read(file)
        if text.startswith("#+"):
            saved = queries.read_query(Path(file))
    elif text is None:
        text = _read("-")
    if saved is not None:
        return handle.prepared(saved, values, since=days[0], until=days[1])
    if values or any(days):
        raise click.UsageError(
            "--set is for saved questions, and files with their header; so are --since and --until."
        )
    label = file or ("-" if name else "-e")
    return queries.Asked(syntax.check_query(text or "", label, prefixes=handle.prefixes))


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
