"""`dragoman reason`: consistency, classification, and what follows from the facts."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dragoman.cli.console import Settings, by_suffix, write
from dragoman.cli.progress import working
from dragoman.errors import DragomanError, counted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyoxigraph import Triple

    from dragoman.base import Base
    from dragoman.reasoning import Classification

# How many facts of one kind are listed for people; a file has them all.
_SHOWN = 5
_TEXT = {"txt": "text"}


@click.command(
    short_help="Check consistency, classify, and derive new facts.",
    epilog="""\b
Examples:
  dragoman reason                        does anything contradict itself, and what follows
  dragoman reason article.ttl            the same, with the facts of a file
  dragoman reason --schema               the ontology alone
  dragoman reason --facts                list new facts
  dragoman reason --facts -o facts.ttl   write them to a file

Consistency and classes are found by HermiT (OWL 2 DL), which runs on Java: the one on PATH, or
the one that pip install 'dragoman[reason]' brings. New facts follow by OWL 2 RL and need no Java;
those of a base that contradicts itself mean nothing. A large base takes long: Ctrl-C ends it.

Persons, organizations and places are different unless owl:sameAs, a key, or an account with
dip:identicalTo says that they are one: two of them where there can be one are a contradiction,
shown with file and line.

Exit codes: 0 consistent, 1 a contradiction or a class that can have no member, 2 not done.""",
)
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--schema", is_flag=True, help="Leave out the data of the base.")
@click.option("--facts", is_flag=True, help="Derive new facts, instead of checking.")
@click.option("-f", "--format", "format_", metavar="FORMAT", help="Write new facts in this RDF "
              "format: turtle (ttl), ntriples (nt) and so on. Without it they are listed, or "
              "the suffix of the output tells.")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all.")
@click.pass_obj
def command(  # noqa: PLR0913, PLR0917  one argument for each option
    settings: Settings,
    files: tuple[str, ...],
    schema: bool,
    facts: bool,
    format_: str | None,
    output: str | None,
) -> None:
    """Find contradictions in the ontology and the data, and what follows from them.

    FILEs are reasoned over together with the base; `-` is Turtle from a pipe.
    """
    if format_ is not None and not facts:
        raise click.UsageError("-f is for new facts; add --facts.")
    from dragoman import syntax

    base = settings.open()
    _keep_off(base.base, output)
    name = _format(format_, output) if facts else by_suffix(settings, None, output, _TEXT)
    inputs = [sys.stdin.buffer if file == "-" else file for file in files]
    short = syntax.readable(base.prefixes)
    if facts:
        with working(settings, "Deriving"):
            news = base.new_facts(*inputs, schema=schema)
        if name is None:
            write(_listing(news.answer.triples, short), output)
            if len(news) > _SHOWN:
                settings.note("All of them: dragoman reason --facts -f turtle")
        else:
            write(news.written(name), output)
        return
    with working(settings, "Reasoning"):
        found = base.reason(*inputs, schema=schema)
    settings.detail(f"HermiT took {found.seconds:.1f} s over {found.size} axioms and facts.")
    write(_report(found, short), output)
    if not found.sound:
        click.get_current_context().exit(1)


def _keep_off(base: Base, output: str | None) -> None:
    """Refuse to write where people edit: what is derived would be taken for what is told."""
    if output in {None, "-"}:
        return
    from dragoman.base import FOLDERS

    target = Path(str(output)).resolve()
    for folder in FOLDERS:
        if target.is_relative_to((base.root / folder).resolve()):
            raise DragomanError(
                f"{output}: what is derived never goes among the files of a base. "
                f"Name a file outside of {base.root / folder}."
            )


def _format(name: str | None, output: str | None) -> str | None:
    """Return the RDF format to write, or None for a list; an unknown one is refused at once."""
    from dragoman.syntax import format_of, rdf_format

    if name is not None:
        rdf_format(name)
        return name
    if output in {None, "-"}:
        return None
    return format_of(str(output)).file_extension


def _listing(news: Sequence[Triple], short: Callable[[str], str]) -> str:
    """Return the facts for people: by class or property, a few of each."""
    from dragoman.vocabulary import RDF_TYPE

    def kind(triple: Triple) -> tuple[bool, str]:
        if triple.predicate.value == RDF_TYPE:
            return True, short(str(getattr(triple.object, "value", "")))
        return False, short(triple.predicate.value)

    def shown(triple: Triple) -> str:
        subject = short(str(getattr(triple.subject, "value", "")))
        if triple.predicate.value == RDF_TYPE:
            return subject
        value = getattr(triple.object, "value", "")
        told = short(value) if str(triple.object).startswith("<") else str(triple.object)
        return f"{subject} → {told}"

    lines = [f"{counted(len(news), 'new fact')}."]
    for (is_class, name), group in groupby(sorted(news, key=kind), key=kind):
        each = [shown(triple) for triple in group]
        lines += ["", f"{'a ' * is_class}{name} ({len(each)})"]
        lines += [f"  {line}" for line in each[:_SHOWN]]
        if len(each) > _SHOWN:
            lines.append(f"  … and {len(each) - _SHOWN} more")
    return "\n".join(lines) + "\n"


def _report(found: Classification, short: Callable[[str], str]) -> str:
    lines: list[str] = []
    if not found.consistent:
        lines.append("Inconsistent: the base contradicts itself.")
    elif found.unsatisfiable:
        lines.append("Consistent, but these classes can have no member:")
        lines += [f"  {short(each)}" for each in found.unsatisfiable]
    else:
        lines.append("Consistent. Every class can have a member.")
    if found.clashes:
        lines += ["", "Why:", *(line for each in found.clashes for line in each.lines(short))]
    elif found.explanation:
        lines += ["", "Why:", *found.explanation.splitlines()]
    groups = [("One thing, by a key:", found.merged, " = ")]
    groups += [("Not stated, but so:", found.subclasses, " is a kind of ")]
    groups += [
        (f"{short(name)} ({len(pairs)})", pairs, " → ") for name, pairs in found.relations.items()
    ]
    for name, members in found.members.items():
        lines += ["", f"a {short(name)} ({len(members)})", *(f"  {short(one)}" for one in members)]
    for title, pairs, between in groups:
        if pairs or title.endswith(")"):
            lines += ["", title, *(f"  {short(a)}{between}{short(b)}" for a, b in pairs)]
    return "\n".join(lines) + "\n"
