"""`dragoman export`: write graphs in any RDF format, as a table, or as a property graph."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dragoman.cli.console import Settings, one_line, write
from dragoman.errors import DragomanError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from dragoman.export import Format


def _complete_sources(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the names of the sources to the shell."""
    from click.shell_completion import CompletionItem

    from dragoman.base import find_base

    try:
        sources = find_base(context.find_root().params.get("base")).sources()
    except DragomanError:
        return []
    return [
        CompletionItem(source.name, help=source.folder)
        for source in sources
        if source.name.startswith(incomplete)
    ]


@click.command(
    short_help="Write graphs in any RDF format, or as a property graph.",
    epilog="""\b
Examples:
  dragoman export > all.ttl                      the ontology and all data
  dragoman export states -f jsonld               one source
  dragoman export --only data -o data.nq         all data, each statement with its source
  dragoman export --split -f nt -o out           one file for each source
  dragoman export --inferred -o all.trig         with what follows from it
  dragoman export --only data -o data.graphml    for Gephi, yEd or Cytoscape
  dragoman export --only data -f neo4j -o graph  for neo4j-admin database import

\b
Formats, also by the names that riot, rapper and rdfpipe use:
  turtle, ntriples, rdfxml    one graph: several become one, and graph names are not written
  nquads, trig, jsonld        graphs with their names
  csv                         a row for each statement, exact (not made for spreadsheets)
  graphml, neo4j              a property graph

A property graph has a node for each thing, labelled with its classes, and an edge for each
statement between two things, with the graph that says so. Statements of more than two members (an
account, a participation) stay nodes. Literals become properties of their node, named after the
property and the language; one with several values anywhere is a JSON list. neo4j-admin needs
--multiline-fields=true.

Everything is written exactly as the files have it, sorted, and with the blank nodes of each graph
labelled by RDFC-1.0, so the same base gives the same bytes.""",
)
@click.argument("sources", nargs=-1, metavar="[SOURCE]...", shell_complete=_complete_sources)
@click.option("-f", "--format", "name", metavar="FORMAT",
              help="See below. Default: what the suffix of -o tells, else turtle.")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all; or, "
              "with --split, into a folder. DIR/ means --split.")  # fmt: skip
@click.option("--split", is_flag=True, help="One file for each graph.")
@click.option("--only", multiple=True, metavar="FOLDER", help="Whole folders: ontology, data or "
              "shapes; may be repeated. Default: ontology and data.")  # fmt: skip
@click.option("--inferred", is_flag=True,
              help="Add what follows from the whole base, as a graph of its own.")  # fmt: skip
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), default=60.0,
              show_default=True, metavar="SECONDS",
              help="Give up labelling blank nodes after so long.")  # fmt: skip
@click.pass_obj
def command(  # noqa: PLR0913, PLR0917  an argument an option
    settings: Settings,
    sources: tuple[str, ...],
    name: str | None,
    output: str | None,
    split: bool,
    only: tuple[str, ...],
    inferred: bool,
    timeout: float,
) -> None:
    """Write graphs: those of each SOURCE, or all of them.

    SOURCE is the name of a file of the base (`states`), its path, or the IRI of its graph.
    """
    target = None if output in {None, "-"} else output
    separators = tuple(each for each in (os.sep, os.altsep, "/") if each)
    slash = target is not None and target.endswith(separators)
    form = _format(name, target if not (split or slash) else None)
    split = split or (slash and bool(form.suffix))
    _check_target(form, target, split=split)
    base = settings.open()
    made = base.export(
        *sources, format=form.name, only=only, inferred=inferred, split=split, timeout=timeout
    )
    for warning in base.store_with_inferences.warnings if inferred else ():
        settings.note(f"Warning: {one_line(warning)}")
    if target is None:
        write(made.content)
    else:
        made.save(target)
    settings.note(made.summary)
    if made.lost:
        settings.note(made.lost)
    for file, digest in made.hashes.items():
        settings.detail(f"SHA-256 {digest}  {file if made.folder else output or '-'}")


def _format(name: str | None, target: str | None) -> Format:
    """Return the format that is named, or that the suffix of a file tells."""
    from dragoman import export

    if name is not None:
        return export.format_named(name)
    if target is None or not Path(target).suffix:
        return export.format_named("turtle")
    found = export.format_of(target)
    if found is None:
        raise DragomanError(f"{target}: its suffix tells no format. Name one with -f.")
    return found


def _check_target(form: Format, target: str | None, *, split: bool) -> None:
    """Refuse a place that does not fit the format, before any work."""
    if split or not form.suffix:
        if target is None:
            why = "--split" if split else f"The format {form.name}"
            raise click.UsageError(f"{why} writes several files: name a folder with -o DIR.")
        if Path(target).exists() and not Path(target).is_dir():
            raise DragomanError(f"{target} is a file. Name a folder with -o DIR.")
    elif target is not None and Path(target).is_dir():
        raise DragomanError(
            f"{target} is a folder. Name a file, or add --split for one file a graph."
        )
