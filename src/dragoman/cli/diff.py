"""`dragoman diff`: what changed, in terms of things and facts, not of lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from dragoman.cli.console import (
    Settings,
    base_iri_option,
    by_suffix,
    colors,
    one_line,
    terminal_width,
    write,
    write_all,
)
from dragoman.errors import UnknownNameError, counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dragoman.additions import Difference
    from dragoman.additions.difference import FactChange
    from dragoman.cli.folding import Piece

_FORMATS = ("people", "text", "json", "patch")
_SUFFIXES = {"txt": "people", "json": "json", "rdfp": "patch", "patch": "patch"}
_MARKS = {"added": ("+", "green"), "changed": ("~", "yellow"), "removed": ("-", "red")}


@click.command(
    short_help="Show what changed, in terms of things and facts.",
    epilog="""\b
Examples:
  dragoman diff old.ttl new.ttl         two files, in any RDF formats
  dragoman diff states my-states.ttl    a source of the base, and a file
  dragoman diff ../backup .             two bases: their ontology and data
  dragoman diff a.ttl b.jsonld -f json  for programs
  dragoman diff exported/ . -f patch    RDF Patch: from what was exported to what is there now

\b
A patch is applied to a store that holds A. Blank nodes have no name that a patch could call them
by: they are IRIs in it, as export --skolemize writes them, so the store has to hold them as such.

\b
Exit codes: 0 both say the same, 1 they differ, 2 it could not be done.""",
)
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@click.option("-f", "--format", "format_", metavar="FORMAT", help="people (text), json, or patch "
              "(RDF Patch, with graph names). Default: what the suffix of -o tells (.txt, .json, "
              ".rdfp), else people.")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all.")
@base_iri_option
@click.option("--timeout", type=click.FloatRange(min=0), default=60.0, show_default=True,
              metavar="SECONDS", help="Give up matching blank nodes after so long; 0 for "
              "never.")  # fmt: skip
@click.pass_context
def command(  # noqa: PLR0913, PLR0917  one argument for each option
    context: click.Context,
    old: str,
    new: str,
    format_: str | None,
    output: str | None,
    base_iri: str | None,
    timeout: float,
) -> None:
    """Show what B says otherwise than A: things added, removed, and the facts that changed.

    A and B are files, folders that are bases, or names of sources; for a patch also folders that
    export --layout bulk has written. Layout, prefixes, the order of
    lines and the labels of blank nodes make no difference; the spelling of a literal does.
    Without --base-iri the base of a file is its own address.
    """
    from dragoman.additions import difference

    settings: Settings = context.obj
    format_ = by_suffix(settings, format_, output, _SUFFIXES) or "people"
    if format_ not in _FORMATS:
        raise UnknownNameError("format of a difference", format_, _FORMATS)
    if format_ == "patch":
        _patch(settings, (old, new), output, base_iri, timeout or None)
        return
    before, after = (difference.side(each, settings.find_base, base_iri) for each in (old, new))
    found = difference.compare(before, after, timeout or None)
    if format_ == "json":
        write(_json(found), output)
    elif not found.same:
        prefixes = _prefixes(settings)
        width = terminal_width(output)
        write("".join(f"{line}\n" for line in _lines(found, prefixes, width)), output)
    settings.note(_summary(found))
    if not found.same:
        context.exit(1)


def _patch(
    settings: Settings,
    sides: tuple[str, str],
    output: str | None,
    base_iri: str | None,
    timeout: float | None,
) -> None:
    """Write the patch from the first side to the second, a block at a time."""
    from dragoman import files
    from dragoman.export import patch

    before, after = patch.states(*sides, settings.find_base, timeout, base_iri)
    added = deleted = 0

    def rows() -> Iterator[bytes]:
        nonlocal added, deleted
        for block in patch.written(before, after):
            come, gone = patch.counted(block)
            added, deleted = added + come, deleted + gone
            yield block

    if output not in {None, "-"}:
        files.save(output, rows())
    else:
        write_all(rows())
    if not added and not deleted:
        settings.note("Both say the same.")
        return
    settings.note(f"RDF Patch: {counted(added, 'statement')} added, {deleted:,} deleted.")
    click.get_current_context().exit(1)


def _prefixes(settings: Settings) -> dict[str, str]:
    from dragoman.errors import DragomanError

    try:
        return settings.find_base().prefixes()
    except DragomanError:  # two files need no base
        return {}


def _summary(found: Difference) -> str:
    if found.same:
        return "Both say the same."
    told = [f"{count} {change}" for change, count in found.counts.items() if count]
    return f"Things: {', '.join(told)}."


def _json(found: Difference) -> str:
    content = {
        "same": found.same,
        "counts": found.counts,
        "things": [
            {
                "thing": each.thing,
                "label": each.label,
                "change": each.change,
                "facts": [fact._asdict() for fact in each.facts],
            }
            for each in found.things
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _lines(found: Difference, prefixes: dict[str, str], width: int | None) -> Iterator[str]:
    from dragoman.additions.difference import worded
    from dragoman.cli.folding import folded

    color = bool(width) and colors()
    plain = worded(prefixes)

    def short(text: str) -> str:
        return one_line(plain(text))

    for thing in found.things:
        mark, look = _MARKS[thing.change]
        name = short(f"<{thing.thing}>") if not thing.thing.startswith("[") else short(thing.thing)
        head: list[Piece] = [(f"{mark} ", f"bold {look}")]
        if thing.label:
            head.append((f"{one_line(thing.label)}  ", "bold"))
        yield from folded([*head, (name, "")], 0, 4, width or 10**6, color=color)
        for fact in thing.facts:
            for pieces in _fact(fact, short, thing.change):
                yield from folded(pieces, 4, 8, width or 10**6, color=color)


def _fact(fact: FactChange, short: Callable[[str], str], change: str) -> Iterator[list[Piece]]:
    name: Piece = (f"{short(f'<{fact.property}>')}  ", "dim")
    if len(fact.removed) == len(fact.added) == 1:
        yield [name, (short(fact.removed[0]), "red"), (" → ", ""), (short(fact.added[0]), "green")]
        return
    for sign, look, values in (("- ", "red", fact.removed), ("+ ", "green", fact.added)):
        for value in values:
            yield [name, (f"{sign if change == 'changed' else ''}{short(value)}", look)]
