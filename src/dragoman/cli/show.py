"""`dragoman show`: all that is known about one thing, who says so, and the passage."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dragoman.cli.console import (
    Settings,
    by_suffix,
    colors,
    endpoint_option,
    one_line,
    terminal_width,
    write,
)
from dragoman.cli.folding import folded
from dragoman.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dragoman.cli.folding import Piece
    from dragoman.lookup import Account, Description, Excerpt, Fact, Reference, Statement

# Lines longer than this are hard to read, however wide the terminal.
_WIDEST = 120
_ELSEWHERE = 100


@click.command(
    epilog="""\b
Examples:
  dragoman show "Hakan Fidan"                 a name in any spelling
  dragoman show meeting:tr-hu-jcm-first-session
  dragoman show TUR                           a code
  dragoman show Hungary --text article.txt    with the words of the passages
  dragoman show Hungary -f turtle             its description as RDF

Formats: people, json, or an RDF format (turtle, ntriples, rdfxml, jsonld …): the thing, its names,
its accounts with their parts, and the passages.

Exit codes: 0 done, 2 nothing or more than one thing is called so, or it could not be done."""
)
@click.argument("thing", nargs=-1, required=True, metavar="THING...")
@click.option("--text", "texts", multiple=True, metavar="FILE",
              help="The text of a source, known by its SHA-256: show the words of its "
              "passages. May be repeated.")  # fmt: skip
@click.option("-f", "--format", "format_", metavar="FORMAT",
              help="See below. Default: what the suffix of -o tells, else people.")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all.")
@click.option("--limit", type=click.IntRange(min=0), default=100, show_default=True, metavar="N",
              help="At most so many accounts, occurrences, and other things of one kind, 0 for "
              "all; what is cut off is said.")  # fmt: skip
@click.option("--lang", metavar="TAGS", help="Languages of labels, the best first, as in tr,hu. "
              "Default: $DRAGOMAN_LANG. Then come English, and any.")  # fmt: skip
@endpoint_option
@click.pass_obj
def command(  # noqa: PLR0913, PLR0917  one argument for each option
    settings: Settings,
    thing: tuple[str, ...],
    texts: tuple[str, ...],
    format_: str | None,
    output: str | None,
    limit: int,
    lang: str | None,
    endpoint: str | None,
) -> None:
    """Show all that is known about THING: an IRI, a prefixed name, or a name in any spelling.

    A part of a name, or of the title of a source, will do where it stands in no other.

    What accounts say about it, and where accounts of other things name it: each with its status,
    its voice, its source, and the passage (code points of the source's text).
    """
    from dragoman.syntax import FORMATS

    suffixes = {each: each for each in FORMATS if each.isalnum()} | {"txt": "people"}
    format_ = by_suffix(settings, format_, output, {**suffixes, "json": "json"}) or "people"
    if format_.casefold() not in {"people", "json", *FORMATS}:
        raise UnknownNameError("format", format_, ["people", "json", *FORMATS])
    handle = settings.open(endpoint)
    found = handle.show(" ".join(thing), texts=map(Path, texts), limit=limit or None, lang=lang)
    for warning in handle.source.warnings:
        settings.note(f"Warning: {one_line(warning)}")
    match format_.casefold():
        case "people":
            width = terminal_width(output)
            columns = min(width or _ELSEWHERE, _WIDEST)
            write(_page(found, columns, color=bool(width) and colors()), output)
        case "json":
            import json

            write(json.dumps(found.as_dict(), ensure_ascii=False, indent=2) + "\n", output)
        case name:
            write(handle.triples(found).written(name), output)
    if texts and not found.has_words:
        settings.note("None of the passages shown stands in a text that was given.")
    if found.left_out:
        told = ", ".join(f"{group} ({number} more)" for group, number in found.left_out)
        settings.note(one_line(f"Cut off after {limit} by --limit: {told}."))


# ------------------------------------------------------------------ for people


def _page(found: Description, width: int, *, color: bool) -> str:
    """Return a description as people read it, folded to a width."""
    lines = [line for block in _blocks(found) for line in ("", *_block(block, width, color=color))]
    return "\n".join(lines[1:]) + "\n"


# A line before it is folded: how far it and its further lines are indented, and its pieces.
_Line = tuple[int, int, "Sequence[Piece]"]


def _block(block: Iterable[_Line], width: int, *, color: bool) -> Iterator[str]:
    for indent, further, pieces in block:
        yield from folded(pieces, indent, further, width, color=color)


def _blocks(found: Description) -> Iterator[list[_Line]]:
    kinds = ", ".join(found.kinds) or "thing"
    yield [(0, 0, [(found.thing.text, "bold")]), (0, 0, [(f"{kinds} · {found.short}", "dim")])]
    if found.names:
        yield [_heading("Names"), *_aligned(_names(found))]
    if found.facts:
        graphs = "; ".join(each.text for each in found.graphs)
        stands = [("stands in", [(graphs, "dim")])] if graphs else []
        yield [_heading("Identity"), *_aligned([*map(_fact, found.facts), *stands])]
    for title, accounts in (
        ("What accounts say", found.accounts),
        ("Where accounts of other things name it", found.occurrences),
    ):
        yield from _accounts(title, accounts, found.thing)
        if accounts is found.accounts and (found.derived or found.traces):
            yield [_heading("What follows by rules"), *_aligned(_derived(found))]
    if found.related:
        yield [
            _heading("Things that point to it"),
            *_aligned([(f"← {name}", value) for name, value in map(_fact, found.related)]),
        ]


def _heading(text: str) -> _Line:
    return 0, 0, [(text.upper(), "bold")]


def _derived(found: Description) -> list[tuple[str, list[Piece]]]:
    """Return a line for each property with its rule, and one that counts nodes of the record.

    On which accounts a fact rests is told to machines: accounts have no name.
    """
    values: dict[tuple[str, str], list[str]] = {}
    for each in found.derived:
        values.setdefault((each.property.text, each.rule.text), []).append(_words(each.value))
    lines: list[tuple[str, list[Piece]]] = [
        (name, [("; ".join(told), ""), (f"  by the rule “{rule}”", "dim")])
        for (name, rule), told in values.items()
    ]
    if found.traces:
        traces = ", ".join(f"{kind} {count}" for kind, count in found.traces)
        lines.append(("in the record", [(traces, "")]))
    return lines


def _names(found: Description) -> list[tuple[str, list[Piece]]]:
    """Return names with their languages: one line for each spelling, and each printed form."""
    tongues: dict[tuple[str, str], list[str]] = {}
    lines: list[tuple[str, list[Piece]]] = []
    for name in found.names:
        if name.source is None:
            tongues.setdefault((name.text, name.property.text), []).append(name.language)
    for (text, _), languages in tongues.items():
        lines.append((" ".join(filter(None, languages)), [(text, "")]))
    for name in found.names:
        if name.source is not None:
            kind = f"{name.kind.text}, " if name.kind else ""
            told = [(name.text, ""), (f" {kind}as printed in {name.source.text}", "dim")]
            lines.append((name.language, [*told, *_passages(name.passages)]))
    return lines


def _accounts(title: str, accounts: Sequence[Account], thing: Reference) -> Iterator[list[_Line]]:
    """Return a block for each thing that the accounts are about."""
    block: list[_Line] = [_heading(title)]
    above: Reference | None = thing
    indent = 2
    for account in accounts:
        if account.about != above:
            if block:
                yield block
            above = account.about
            label = above.text if above else "?"
            kinds = f"  {', '.join(account.kinds)}" if account.kinds else ""
            indent = 4
            block = [(2, 4, [(label, "bold"), (kinds, "dim")])]
        elif len(block) > 1:
            yield block
            block = []
        block.extend(_account(account, indent))
    if accounts:
        yield block


def _account(account: Account, indent: int) -> Iterator[_Line]:
    told: list[Piece] = [(account.status.text if account.status else "no status", "bold")]
    if account.voice:
        anonymous = " (anonymous)" if account.anonymous else ""
        voices = " and ".join(each.text for each in (account.voice, *account.jointly))
        told.append((f" · {voices}{anonymous}", ""))
    if account.source:
        told.append((f" · {account.source.text}", "dim"))
    yield indent, indent + 4, told
    statement = account.statement
    lines = [_fact(each) for each in statement.facts]
    named = [each.text for each in account.pointers if each.text not in {x for x, _ in lines}]
    if named:
        lines.insert(0, ("named as", [("; ".join(named), "")]))
    if statement.passages:
        lines.append(("passage", list(_passages(statement.passages))[1:]))
    yield from _aligned(lines, indent + 2)
    for part in statement.parts:
        yield from _part(part, indent + 2)


def _part(part: Statement, indent: int) -> Iterator[_Line]:
    """Return a part on one line, with its own parts below."""
    told: list[Piece] = [(", ".join(part.kinds) or "part", "dim")]
    for index, fact in enumerate(part.facts):
        name, value = _fact(fact)
        told += [(" · " if index else "  ", "dim"), (f"{name}: ", "dim"), *value]
    yield indent, indent + 4, [*told, *_passages(part.passages)]
    for each in part.parts:
        yield from _part(each, indent + 2)


def _passages(passages: Iterable[Excerpt]) -> Iterator[Piece]:
    for each in passages:
        yield " ", ""
        yield f"[{each.place}]", "dim"
        if each.words is not None:
            yield f" “{each.words}”", ""


def _fact(fact: Fact) -> tuple[str, list[Piece]]:
    return fact.property.text, [("; ".join(_words(each) for each in fact.values), "")]


def _words(value: Reference) -> str:
    """Return a value as people say it."""
    kind = value.term.datatype.value.rpartition("#")[2] if hasattr(value.term, "datatype") else ""
    if kind == "boolean":
        return {"true": "yes", "false": "no"}.get(value.text, value.text)
    if kind == "duration" and (found := re.fullmatch(r"P(\d+)([YMD])", value.text)):
        unit = {"Y": "year", "M": "month", "D": "day"}[found[2]]
        return f"{found[1]} {unit}{'' if found[1] == '1' else 's'}"
    return value.text


def _aligned(lines: Sequence[tuple[str, list[Piece]]], indent: int = 2) -> Iterator[_Line]:
    """Return names and values in two columns."""
    wide = max((len(name) for name, _ in lines), default=0) + 2
    for name, value in lines:
        yield indent, indent + wide, [(name, "dim"), (" " * (wide - len(name)), ""), *value]
