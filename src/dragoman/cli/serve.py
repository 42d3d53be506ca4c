"""`dragoman serve`: the base as a SPARQL endpoint and as pages."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

import click

from dragoman.errors import DragomanError

if TYPE_CHECKING:
    from dragoman.cli.console import Settings


@click.command(
    epilog="""\b
Examples:
  dragoman serve                       the base, at http://127.0.0.1:3030
  dragoman serve --port 0              at any port that is free
  dragoman serve --write               facts may be added, by who has the token it prints
  dragoman serve --host 0.0.0.0 --allow-host kg.example.org --public-url https://kg.example.org

Exit codes: 0 stopped by Ctrl-C or SIGTERM, 2 it could not be started."""
)
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS",
              help="Where to listen. Anything but loopback lets others in: put a proxy with users "
              "before it.")  # fmt: skip
@click.option("--port", default=3030, show_default=True, type=click.IntRange(0, 65535),
              help="The port; 0 for any that is free.")  # fmt: skip
@click.option("--allow-host", "hosts", multiple=True, metavar="NAME",
              help="A name that requests may be for. May be repeated.")  # fmt: skip
@click.option("--public-url", default="", metavar="URL",
              help="Where users reach the server, as https://kg.example.org/dragoman.")  # fmt: skip
@click.option("--root-path", default="", metavar="PATH",
              help="The path below which a proxy offers the server.")  # fmt: skip
@click.option("--cors", "origins", multiple=True, metavar="ORIGIN",
              help="Let pages of this site read, or * for all. May be repeated.")  # fmt: skip
@click.option("--allow-service", "services", multiple=True, metavar="URL",
              help="An endpoint that SERVICE in a query may ask; no other is. May be "
              "repeated.")  # fmt: skip
@click.option("--write", is_flag=True,
              help="Let facts be added, replaced and removed, with the token that is printed, or "
              "that the variable DRAGOMAN_TOKEN holds.")  # fmt: skip
@click.option("--workers", default=max(2, os.cpu_count() or 2), metavar="N",
              type=click.IntRange(min=1),
              help="How many requests are worked on at once. Default: the cores.")  # fmt: skip
@click.option("--timeout", default=30.0, show_default=True, metavar="SECONDS",
              type=click.FloatRange(min=0, min_open=True),
              help="How long an answer may take.")  # fmt: skip
@click.option("--rows", default=1_000_000, show_default=True, metavar="N",
              type=click.IntRange(min=1),
              help="How many rows an answer of the endpoint may have; more are said.")  # fmt: skip
@click.option("--memory", default=2048, show_default=True, metavar="MIB",
              type=click.IntRange(min=64),
              help="How much memory an answer may take.")  # fmt: skip
@click.pass_obj
def command(  # noqa: PLR0913, PLR0917  one argument for each option
    settings: Settings,
    host: str,
    port: int,
    hosts: tuple[str, ...],
    public_url: str,
    root_path: str,
    origins: tuple[str, ...],
    services: tuple[str, ...],
    write: bool,
    workers: int,
    timeout: float,
    rows: int,
    memory: int,
) -> None:
    """Serve the base: a SPARQL endpoint, a page for each question and thing, and a workbench."""
    from dragoman import server
    from dragoman.server.options import MEBIBYTE

    if root_path and not root_path.startswith("/"):
        raise click.UsageError("--root-path begins with a slash: /dragoman.")
    if public_url and not public_url.startswith(("http://", "https://")):
        raise click.UsageError("--public-url begins with https:// or http://.")
    token = os.environ.get("DRAGOMAN_TOKEN", "") if write else ""
    given = bool(token)
    if write and not token:
        token = secrets.token_urlsafe(24)
    if given and len(token) < 16:
        raise DragomanError("DRAGOMAN_TOKEN has fewer than 16 letters: anybody could guess it.")
    base = settings.find_base()
    from dragoman import index

    if index.is_large(base):
        _ = settings.open().store  # the index is made here, where its progress is told
    options = server.Options(
        base=str(base.root),
        host=host,
        port=port,
        public_url=public_url.rstrip("/"),
        root_path=root_path.rstrip("/"),
        hosts=hosts,
        origins=origins,
        services=services,
        workers=workers,
        timeout=timeout,
        rows=rows,
        memory=memory * MEBIBYTE,
        token=token,
    )

    def ready(url: str) -> None:
        click.echo(f"{base.root}: served at {url}/  (SPARQL: {url}/sparql). Ctrl-C stops it.")
        if write and not given:
            click.echo(f"Who writes needs the token {token}")

    server.serve(options, ready)
