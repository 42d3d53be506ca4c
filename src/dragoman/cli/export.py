"""`dragoman export`: write graphs in any RDF format, as a table, or as a property graph."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dragoman.cli.console import Settings, endpoint_option, one_line, write_all
from dragoman.cli.progress import working
from dragoman.errors import DragomanError, UnknownNameError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from dragoman.export import Format


def complete_sources(
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


def _size(_context: click.Context, _parameter: click.Parameter, value: str | None) -> int | None:
    """Return a size as a number of bytes."""
    if value is None:
        return None
    found = re.fullmatch(r"([0-9]{1,15}) ?(?:([kmgt])(i?)b)?", value, re.IGNORECASE)
    number = int(found[1]) if found else 0
    if not found or not number:
        raise click.BadParameter(f"{value!r} is no size. Write it as 64MB or 1GiB.")
    power = "kmgt".index(found[2].lower()) + 1 if found[2] else 0
    step = 1024 if found[3] else 1000
    for _ in range(power):
        number *= step
    return number


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
  dragoman export --only data -o data.cypher     for FalkorDB, Neo4j or Memgraph
  dragoman export my-note -f report              a source as its report form
  dragoman export --layout bulk -o out           for stores that load many files at once

\b
Formats, also by the names that riot, rapper and rdfpipe use:
  turtle, ntriples, rdfxml    one graph: several become one, and graph names are not written
  nquads, trig, jsonld        graphs with their names
  csv                         a row for each statement, exact (not made for spreadsheets)
  graphml, neo4j, cypher      a property graph
  report                      one source as a report form (YAML), as people write it
  void                        what the graphs are: counts, licences and sources, in VoID and DCAT

\b
Layouts, which are folders:
  bulk      packed parts of N-Quads, for stores that load many files at once; with a manifest of
            counts and hashes, and a description in VoID and DCAT
  parquet   tables of statements, a folder for each predicate, for Spark, Trino and DuckDB

A property graph has a node for each thing, labelled with its classes, and an edge for each
statement between two things, with the graph that says so. Statements of more than two members (who
took part in what, in which post, for whom, on whose word) are edges with properties, by the rules
of ontology/property-graph.ttl. Literals become properties of their node, named after the property
and the language; one with several values anywhere is a list.

With --endpoint the graphs are those of a store elsewhere, as it spells them: every one but the
shapes, or those that are named.

Everything is written exactly as the files have it, but for language tags, which RDF compares
without regard to case: en-GB is written en-gb. It is sorted, and the blank nodes of each graph are
labelled by RDFC-1.0, so the same base gives the same bytes.""",
)
@click.argument("sources", nargs=-1, metavar="[SOURCE]...", shell_complete=complete_sources)
@click.option("-f", "--format", "name", metavar="FORMAT",
              help="See below. Default: what the suffix of -o tells, else turtle.")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all; or, "
              "with --split, into a folder. DIR/ means --split.")  # fmt: skip
@click.option("--split", is_flag=True, help="One file for each graph.")
@click.option("--layout", metavar="LAYOUT",
              help="Write a folder for stores or engines: bulk or parquet.")  # fmt: skip
@click.option("--parts", type=click.IntRange(min=1), metavar="N",
              help="Cut a bulk layout into about so many parts.")  # fmt: skip
@click.option("--max-part-size", callback=_size, metavar="SIZE", help="Parts of a bulk layout are "
              "no longer than that, unpacked, unless one subject, or a graph with blank nodes, is: "
              "64MB, 1GiB. Default: 256MiB.")  # fmt: skip
@click.option("--graph-files", is_flag=True, help="Parts of one graph each, as N-Triples, beside "
              "a .graph file that names it: for Virtuoso.")  # fmt: skip
@click.option("--mapping", type=click.Path(path_type=Path), metavar="FILE", help="Make edges of "
              "nodes by the rules in FILE, not by those of the base.")  # fmt: skip
@click.option("--full", is_flag=True, help="Make an edge of no node: all stay in the property "
              "graph.")  # fmt: skip
@click.option("--skolemize", is_flag=True, help="Give blank nodes IRIs.")
@click.option("--only", multiple=True, metavar="FOLDER", help="Whole folders: ontology, data or "
              "shapes; may be repeated. Default: ontology and data.")  # fmt: skip
@click.option("--inferred", is_flag=True,
              help="Add what follows from the whole base, as a graph of its own.")  # fmt: skip
@click.option("--record", is_flag=True, help="Add what rules derive from the whole base, as a "
              "graph of its own.")  # fmt: skip
@endpoint_option
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
    layout: str | None,
    parts: int | None,
    max_part_size: int | None,
    graph_files: bool,
    mapping: Path | None,
    full: bool,
    skolemize: bool,
    only: tuple[str, ...],
    inferred: bool,
    record: bool,
    endpoint: str | None,
    timeout: float,
) -> None:
    """Write graphs: those of each SOURCE, or all of them.

    SOURCE is the name of a file of the base (`states`), its path, or the IRI of its graph.
    """
    from dragoman.export import Options

    target = None if output in {None, "-"} else output
    separators = tuple(each for each in (os.sep, os.altsep, "/") if each)
    slash = target is not None and target.endswith(separators)
    form = _format(name, layout, target if not (split or slash) else None)
    split = split or (slash and bool(form.suffix))
    _check_target(form, target, split=split)
    options = Options(
        skolemize=skolemize,
        parts=parts,
        max_part_size=max_part_size,
        graph_files=graph_files,
        mapping=mapping,
        full=full,
    )
    options.check(form.title, form.takes)
    base = settings.open(endpoint)
    with working(settings, "Gathering"):
        made = base.export(
            *sources,
            format=form.name,
            only=only,
            inferred=inferred,
            record=record,
            split=split,
            options=options,
            timeout=timeout,
        )
    for warning in base.store_with_inferences.warnings if inferred else ():
        settings.note(f"Warning: {one_line(warning)}")
    if target is None:
        write_all(made.blocks(hashed=settings.verbose))
    else:
        with working(settings, "Writing"):
            made.save(target, hashed=settings.verbose)
    settings.note(made.summary)
    if made.lost:
        settings.note(made.lost)
    for file, digest in made.hashes.items() if settings.verbose else ():
        settings.detail(f"SHA-256 {digest}  {file if made.folder else output or '-'}")


def _format(name: str | None, layout: str | None, target: str | None) -> Format:
    """Return the format or layout that is named, or that the suffix of a file tells."""
    from dragoman import export

    if layout is not None:
        layouts = {each.name: each for each in export.FORMATS.values() if each.layout}
        if name is not None:
            raise click.UsageError("--layout says how files are written; leave out -f.")
        if layout.casefold() not in layouts:
            raise UnknownNameError("layout", layout, layouts)
        return layouts[layout.casefold()]
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
            why = "--split" if split else f"The {'layout' if form.layout else 'format'} {form.name}"
            raise click.UsageError(f"{why} writes several files: name a folder with -o DIR.")
        form.check_folder(target)
    elif target is not None and Path(target).is_dir():
        raise DragomanError(
            f"{target} is a folder. Name a file, or add --split for one file a graph."
        )
