"""`dragoman push`: bring graphs into a graph store, and prove that they are there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from dragoman.cli.console import by_suffix, one_line, write
from dragoman.cli.progress import bar
from dragoman.errors import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dragoman.cli.console import Settings
    from dragoman.push import GraphReport, Proof, Pushed

_WIDEST = 300
# How many statements are shown, of all graphs together.
_STATEMENTS = 20
_SUFFIXES = {"txt": "text", "json": "json"}


@click.command(
    short_help="Bring graphs into a graph store, and prove that they are there.",
    epilog="""\b
Examples:
  dragoman push http://localhost:7878              the ontology and the data
  dragoman push our-store                          a store that stores.toml has a profile of
  dragoman push our-store --source people          one source
  dragoman push our-store --only shapes            one folder
  dragoman push our-store --dry-run                what would be sent, and what is there
  dragoman push our-store --json > report.json     each statement that the store respells

Each file is one named graph. What the store has already is not sent again; what replaces something
goes beside it first, is compared, and is moved into place where the store can. Then every graph is
read back, counted and compared by its RDFC-1.0 hash:

\b
  lossless      the same statements, term for term; language tags in any case
  same values   some are written in another way ("01" as "1"); they are listed
  different     statements are missing, altered or too many; they are listed

Graphs of the store that the base has not stay as they are. After a break, the same command goes on
from there. A secret is read from the environment variable that the profile names, and never shown.

\b
Exit codes: 0 it is there (in the same spelling or another), 1 the store differs, 2 it could not be
done.""",
)
@click.argument("store", metavar="URL|PROFILE")
@click.option("--source", "sources", multiple=True, metavar="NAME", help="Only this source: its "
              "name, path or IRI. May be repeated.")  # fmt: skip
@click.option("--only", multiple=True, metavar="FOLDER", help="Only this folder: ontology, data or "
              "shapes. Default: ontology and data.")  # fmt: skip
@click.option("--replace", "mode", flag_value="replace", default=True, help="Graphs there become "
              "what is sent (the default).")  # fmt: skip
@click.option("--append", "mode", flag_value="append", help="Add to the graphs that are there.")
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and what is there already.")
@click.option("--no-merge", is_flag=True, help="Leave the default graph as it is, in a store whose "
              "default graph is not the merge of all.")  # fmt: skip
@click.option("--no-record", is_flag=True, help="Leave out what rules derive from the whole base, "
              "which comes as a graph of its own.")  # fmt: skip
@click.option("--no-proof", is_flag=True, help="Only count; read nothing back.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON, with all statements "
              "that were respelled or differ.")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write the report to a file.")
@click.option("--timeout", type=click.FloatRange(min=0), default=600.0, show_default=True,
              metavar="SECONDS", help="Give up reading one graph back after so long; 0 for "
              "never.")  # fmt: skip
@click.pass_obj
def command(settings: Settings, /, store: str, **told: Any) -> None:  # noqa: ANN401  options
    """Bring the base, or parts of it, into the STORE of a URL or a PROFILE; read it back, compare.

    The base itself is never changed.
    """
    from dragoman import push

    form = by_suffix(settings, "json" if told["as_json"] else None, told["output"], _SUFFIXES)
    as_json = form == "json"
    wishes = push.Wishes(
        told["mode"],
        dry_run=told["dry_run"],
        merge=not told["no_merge"],
        proof=not told["no_proof"],
        limit=None if as_json else push.TOLD,
        timeout=told["timeout"] or None,
        record=not told["no_record"],
    )
    with bar(settings, "Pushing") as progress:
        done = settings.open().push(
            store,
            *told["sources"],
            only=told["only"],
            wishes=wishes,
            progress=progress,
            note=settings.detail,
        )
    for line in done.notes:
        settings.note(one_line(line))
    if as_json:
        write(f"{json.dumps(done.table(), indent=2, ensure_ascii=False)}\n", told["output"])
    else:
        write("".join(f"{one_line(line)}\n" for line in _page(done)), told["output"])
    if not done.holds:
        click.get_current_context().exit(1)


def _page(done: Pushed) -> Iterator[str]:
    yield f"{done.store} ({done.kind})"
    width = max(len(_name(each)) for each in done.all)
    for each in done.all:
        yield f"  {_name(each):<{width}}  {_told(each, dry_run=done.dry_run)}"
    # What differs comes first, and few statements stand for many.
    proofs = sorted(
        (each for each in done.all if each.proof and not _is_silent(each.proof)),
        key=lambda each: bool(each.proof and each.proof.holds),
    )
    room, left = _STATEMENTS, 0
    for each in proofs:
        lines = [*_statements(each.proof)] if each.proof else []
        if lines and room > 0:
            yield f"In {_name(each)}:"
            yield from lines[:room]
        left += _number(each.proof) - min(max(room, 0), len(lines))
        room -= len(lines)
    if left > 0:
        yield f"  and {left:,} more; --json lists all"
    yield _summary(done)


def _name(each: GraphReport) -> str:
    return each.name if each.iri else "(default graph)"


def _told(each: GraphReport, *, dry_run: bool) -> str:
    verbs = {
        "kept": "is there",
        "sent": "sent",
        "replaced": "replaced",
        "appended": "added to what is there",
        "refused": "not put into place: what was there before was left",
    }
    verb = verbs[each.action]
    if dry_run and each.action != "kept":
        verb = {"sent": "would be sent", "replaced": "would be replaced"}.get(
            each.action, "would be added to what is there"
        )
    words = f"{each.triples:>9,} {'triple ' if each.triples == 1 else 'triples'}  {verb}"
    if dry_run and each.before != each.triples and each.before:
        words += f" ({each.before:,} are there)"
    if each.skolemised:
        words += ", blank nodes as IRIs"
    found = each.proof
    if found is None:
        return words if dry_run else f"{words}; not read back"
    if found.verdict == "same values":
        return f"{words}; same values, {found.respellings:,} in another spelling"
    if found.holds:
        return f"{words}; lossless"
    return f"{words}; DIFFERENT: {found.missings:,} missing, {found.extras:,} extra"


def _is_silent(found: Proof) -> bool:
    return not _number(found)


def _number(found: Proof | None) -> int:
    return found.respellings + found.missings + found.extras if found else 0


def _statements(found: Proof) -> Iterator[str]:
    for word, lines in (("missing", found.missing), ("extra  ", found.extra)):
        for line in lines:
            yield f"  {word}  {_short(line)}"
    for sent, kept in found.respelled:
        yield f"  {_short(sent) or '(said already)'}  kept as  {_object(kept) or '(said already)'}"


def _object(line: str) -> str:
    """Return the object of a statement."""
    return _short(line.removesuffix(" .").split(" ", 2)[-1])


def _short(line: str) -> str:
    return line if len(line) <= _WIDEST else f"{line[:_WIDEST]}…"


def _summary(done: Pushed) -> str:
    triples = sum(each.triples for each in done.graphs)
    several = f"{counted(len(done.graphs), 'graph')}, {counted(triples, 'triple')}"
    if done.dry_run:
        return f"Nothing was changed. {several}."
    if done.unmerged:
        return f"The default graph there is not the merge of all graphs: {several}."
    if not done.holds:
        return f"The store differs from what was sent: {several}."
    if not done.proven:
        return f"Counted, and not proven: {several}."
    respelled = sum(each.proof.respellings for each in done.graphs if each.proof)
    if respelled:
        return f"Proven, with {counted(respelled, 'value')} in another spelling: {several}."
    return f"Proven lossless: {several}."
