"""`dragoman schema`: the JSON Schema of report forms, for editors that complete and check."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from dragoman.cli.console import write
from dragoman.cli.reporting import lang_option

if TYPE_CHECKING:
    from dragoman.cli.console import Settings


@click.command(
    short_help="Write the JSON Schema of report forms, for editors.",
    epilog="""\b
Examples:
  dragoman schema -o report.schema.json
  dragoman schema --lang tr -o report.schema.json    described in Turkish, where the base is

Then, as the first line of a report form:
  # yaml-language-server: $schema=report.schema.json

It is of draft 7. Write it anew when the ontology, the shapes or the lists of the base change.""",
)
@lang_option
@click.option("-o", "--output", metavar="FILE", help="Write to a file, whole or not at all.")
@click.pass_obj
def command(settings: Settings, languages: tuple[str, ...] | None, output: str | None) -> None:
    """Write what can be said in a report form of the base as a JSON Schema.

    It has the keys with what they mean, the values of lists, and what dates and numbers look like.
    Names of things are texts in it: whether they mean one thing is for dragoman validate.
    """
    from dragoman import form

    found = form.json_schema(settings.find_base(), languages or ())
    write(f"{json.dumps(found, ensure_ascii=False, indent=1)}\n", output)
