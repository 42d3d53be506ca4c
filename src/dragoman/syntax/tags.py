"""Language tags with capitals, which the engine's parser writes in small letters: `en-GB`, `en-gb`.

RDF 1.1 Concepts (W3C 2014, section 3.3) compares tags without regard to case and lets them be
written in small letters; whoever sees another spelling come out wants to know.
"""

from __future__ import annotations

__all__ = ["capital_tag", "lowered"]

import mmap
import re
from typing import TYPE_CHECKING, Final

from pyoxigraph import RdfFormat

from dragoman.syntax.reading import opened_file

if TYPE_CHECKING:
    from pathlib import Path

_TAG: Final = rb"([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)"
_TURTLE: Final = re.compile(rb"""["']@""" + _TAG)
_TAGS: Final = {
    RdfFormat.RDF_XML: re.compile(rb"""xml:lang\s*=\s*["']""" + _TAG + rb"""["']"""),
    # the second way is a key of a map by language
    RdfFormat.JSON_LD: re.compile(
        rb'"@language"\s*:\s*"' + _TAG + rb'"|"([a-z]{2,3}-[A-Z][A-Za-z]{1,3})"\s*:'
    ),
}


def capital_tag(path: Path, chosen: RdfFormat) -> str:
    """Return the first language tag with capitals in the text of a file; empty where none is.

    Args:
        path: a file that parses; `.gz` is unpacked.
        chosen: its format.
    """
    with (
        opened_file(path, str(path)) as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text,
    ):
        return _first(_TAGS.get(chosen, _TURTLE), text)


def _first(tags: re.Pattern[bytes], text: mmap.mmap) -> str:
    # a function of its own: its iterator must not outlive it, or the file could not be closed
    for found in tags.finditer(text):
        tag = found[found.lastindex or 0].decode()
        if tag != tag.lower():
            return tag
    return ""


def lowered(tag: str) -> str:
    """Return in words what becomes of tags, by an example."""
    return f"language tags in small letters, {tag} as {tag.lower()}"
