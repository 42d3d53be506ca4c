"""`dragoman pull`: bring a graph of a store into the base, when it is valid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dragoman.cli.changing import options, tell, wishes
from dragoman.cli.console import one_line, write
from dragoman.cli.progress import bar
from dragoman.cli.reporting import report_format

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dragoman.cli.console import Settings
    from dragoman.push import RemoteGraph


@click.command(
    short_help="Bring a graph of a store into the base, when it is valid.",
    epilog="""\b
Examples:
  dragoman pull our-store                                list its graphs
  dragoman pull our-store --graph IRI                    check one, and put it into data/
  dragoman pull our-store --graph IRI --as other-name    under a name of your choice
  dragoman pull our-store --graph IRI --dry-run          check only
  dragoman pull our-store --graph IRI --replace          put it in the place of the one of its name

The graph is read whole (in parts where the store cuts its answers off), counted, and then added as
dragoman add does: what stands against it refuses it, and nothing changes.

\b
Exit codes: 0 done, 1 refused and nothing changed, 2 it could not be done.""",
)
@click.argument("store", metavar="URL|PROFILE")
@click.option("--graph", metavar="IRI", help="Which graph. Without it, all are listed.")
@click.option("--as", "name", metavar="NAME", help="What the source is to be called. Default: the "
              "source that the IRI names.")  # fmt: skip
@click.option("--replace", is_flag=True, help="Take the place of the source of that name.")
@options
@click.pass_obj
def command(
    settings: Settings,
    /,
    store: str,
    graph: str | None,
    name: str | None,
    *,
    replace: bool,
    **told: Any,  # noqa: ANN401  the shared options
) -> None:
    """Bring a graph of the STORE of a URL or a PROFILE into the base, as add would a file.

    Its statements come as the store spells them. The store is never changed.
    """
    told["format_"] = report_format(settings, told["format_"], told["output"])
    wanted = wishes(told)
    base = settings.open()
    if graph is None:
        found = base.remote_graphs(store, note=settings.detail)
        write("".join(f"{one_line(line)}\n" for line in _page(found)), told["output"])
        settings.note("Name one with --graph IRI." if found else "The store has no named graph.")
        return
    with bar(settings, "Pulling") as progress:
        done = base.pull(
            store,
            graph,
            name=name,
            replace=replace,
            **wanted,
            progress=progress,
            note=settings.detail,
        )
    tell(settings, done, told)


def _page(found: list[RemoteGraph]) -> Iterator[str]:
    digits = max((len(f"{each.triples:,}") for each in found), default=0)
    for each in found:
        here = f"  (here: {each.source})" if each.source else ""
        yield f"{each.triples:>{digits},}  {each.graph}{here}"
