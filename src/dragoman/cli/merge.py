"""`dragoman merge`: join two things that are one, when the base stays valid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dragoman.cli.changing import options, tell, wishes
from dragoman.cli.reporting import report_format

if TYPE_CHECKING:
    from dragoman.cli.console import Settings


@click.command(
    short_help="Join two things that are one, when the base stays valid.",
    epilog="""\b
Examples:
  dragoman merge --dry-run person:h-fidan person:hakan-fidan     what would change?
  dragoman merge person:h-fidan person:hakan-fidan
  dragoman merge "Joint Comission" "Joint Commission"     names in any spelling
  dragoman merge topic:ties topic:relations --allow violation --reason "names follow"

\b
Whether two are one can be for sources to tell. Then keep both, and add what the source says:
  account:same-person a dip:Account ;
      dip:about person:h-fidan ; dip:identicalTo person:hakan-fidan ;
      dip:source source:NAME ; prov:wasAttributedTo person:VOICE ;
      dip:status status:occurred ; dip:passage passage:WHERE .

\b
Exit codes: 0 done, 1 refused and nothing changed, 2 it could not be done.""",
)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@options
@click.pass_obj
def command(
    settings: Settings,
    /,
    old: str,
    new: str,
    **told: Any,  # noqa: ANN401  the shared options
) -> None:
    """Say of NEW what your own files say of OLD: in all of them, or nothing changes.

    For what you entered twice: two persons, places, posts, institutions, topics … of one class. OLD
    and NEW are IRIs, prefixed names, or names in any spelling. The IRI of OLD stays, deprecated and
    replaced by NEW, so that nobody who has noted it is lost. Comments and layout stay, too.

    Files of the package are never changed: what stands in them can only be NEW. Where the two are
    told differently what can be but once (two preferred names of one language, two items of
    Wikidata), the report says so, and nothing changes: mend one of them first.
    """
    told["format_"] = report_format(settings, told["format_"], told["output"])
    done = settings.open().merge(old, new, **wishes(told))
    tell(settings, done, told)
