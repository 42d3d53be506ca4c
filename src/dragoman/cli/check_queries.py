"""`dragoman check-queries`: what in queries graph stores, this one too, answer otherwise."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dragoman.cli.console import Settings, one_line, values_of, write
from dragoman.errors import DragomanError, UnknownNameError, counted

if TYPE_CHECKING:
    from dragoman.portability import Comparison, Finding
    from dragoman.queries import SavedQuery


@dataclass(frozen=True)
class _Asked:
    """One query: its name or file, its text, and the saved query that it is, where it is one.

    A mapping of a table is asked of its rows and of no store.
    """

    name: str
    text: str
    saved: SavedQuery | None = None
    mapping: bool = False


@click.command(
    epilog="""\b
Examples:
  dragoman check-queries                        all saved questions
  dragoman check-queries delegations own.rq     one of them, and a file
  dragoman check-queries --endpoint http://127.0.0.1:8890/sparql
                                                ask there and here, and compare the rows
  dragoman check-queries mechanisms-shared-with-a-state --endpoint prod --set state=Hungary
  dragoman check-queries -f json own.rq

A finding is a hint with its reason, not a proof; --endpoint is the proof for one store, as far as
its facts go.

Exit codes: 0 nothing found, 1 findings or other rows, 2 it could not be done."""
)
@click.argument("names", nargs=-1, metavar="[NAME|FILE]...")
@click.option("--endpoint", metavar="URL|PROFILE", help="Ask each query of this graph store and of "
              "the base, of all that there is, and compare the rows.")  # fmt: skip
@click.option("-s", "--set", "settings", metavar="NAME=VALUE", multiple=True,
              help="With --endpoint: ask those that have this parameter with a value, given as in "
              "dragoman query.")  # fmt: skip
@click.option("-f", "--format", "format_", type=click.Choice(["text", "json"]), default="text",
              show_default=True, help="How findings are written.")  # fmt: skip
@click.pass_context
def command(
    context: click.Context,
    names: tuple[str, ...],
    endpoint: str | None,
    settings: tuple[str, ...],
    format_: str,
) -> None:
    """Find what in queries graph stores answer otherwise, and what to write instead.

    First come prefixes that a file does not declare, then traps: of other stores, of the engine
    here, and terms that the base does not know.

    Without a NAME or FILE all saved questions, and all mappings of tables, are looked at.
    """
    from dragoman import portability

    console: Settings = context.obj
    handle = console.open()
    asked = _asked(console, names)
    values = _values(settings, asked, endpoint)
    found = [
        finding
        for each in asked
        for finding in portability.findings(each.text, each.name, handle.prefixes, handle.store)
    ]
    compared: list[Comparison] = []
    if endpoint is not None:
        from dragoman import queries, syntax

        store = console.open(endpoint).source
        for each in asked:
            if each.mapping:
                continue
            if each.saved:
                own = {name: values[name] for name in _params(each) & values.keys()}
                query = queries.bind(each.saved, own, handle.prefixes, lambda: handle.store)
            else:
                text = syntax.check_query(each.text, each.name, handle.prefixes)
                query = syntax.check_query(syntax.with_prefixes(text, handle.prefixes), each.name)
            compared.append(portability.compare(query, handle.store, store, each.name))
    write(_json(found, compared) if format_ == "json" else _text(found, compared))
    unequal = sum(each.verdict != "same" for each in compared)
    told = f"{counted(len(asked), 'question')} looked at: {counted(len(found), 'finding')}."
    if endpoint is not None:
        told += f" {len(compared) - unequal} of {len(compared)} give the same rows there."
    console.note(told)
    if found or unequal:
        context.exit(1)


def _values(
    settings: tuple[str, ...], asked: list[_Asked], endpoint: str | None
) -> dict[str, list[str]]:
    if settings and endpoint is None:
        raise click.UsageError("--set needs --endpoint: only there the queries are asked.")
    values = values_of(settings)
    known = set().union(*map(_params, asked))
    for name in values:
        if name not in known:
            raise UnknownNameError("parameter", name, known, "in these queries")
    return values


def _params(asked: _Asked) -> set[str]:
    return {param.name for param in asked.saved.params} if asked.saved else set()


def _asked(console: Settings, names: tuple[str, ...]) -> list[_Asked]:
    from dragoman import queries, tabular

    base = console.find_base()
    saved = {f"mappings/{path.stem}": path for path in base.mappings()}
    saved |= {path.stem: path for path in base.queries()}
    asked: list[_Asked] = []
    for name in names or saved:
        path = saved.get(name)
        if path is None and not Path(name).exists():
            raise UnknownNameError("saved query or file", name, saved)
        try:
            text = (path or Path(name)).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise DragomanError(f"{name}: it cannot be read: {error}.") from error
        if tabular.is_mapping(text):
            tabular.read_mapping(path or Path(name), base.prefixes())
            asked.append(_Asked(name, text, mapping=True))
            continue
        query = queries.read_query(path or Path(name)) if path or text.startswith("#+") else None
        asked.append(_Asked(name, text, query))
    return asked


def _text(found: list[Finding], compared: list[Comparison]) -> str:
    from dragoman.portability import RULES

    lines: list[str] = []
    for each in found:
        rule = RULES[each.rule]
        lines += [
            f"{each.name}:{each.line}:{each.column}: {each.rule}: it {rule.what}: {each.text}",
            f"    where: {rule.where}",
            f"    instead: {rule.instead}",
        ]
    for one in compared:
        if one.verdict == "same":
            continue
        lines.append(
            f"{one.name}: {one.verdict}: {counted(one.here, 'row')} here, {one.there:,} there"
        )
        lines += [f"    only here: {' | '.join(row)}" for row in one.missing[:3]]
        lines += [f"    only there: {' | '.join(row)}" for row in one.extra[:3]]
        lines += [f"    {one.problem}"] if one.problem else []
    return "".join(f"{one_line(line)}\n" for line in lines)


def _json(found: list[Finding], compared: list[Comparison]) -> str:
    from dragoman.portability import RULES

    told = {
        "findings": [{**each._asdict(), **RULES[each.rule]._asdict()} for each in found],
        "compared": [each._asdict() for each in compared],
    }
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"
