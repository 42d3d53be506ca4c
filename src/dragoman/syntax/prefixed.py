"""IRIs as people read and write them: with prefixes."""

from __future__ import annotations

__all__ = ["local_name", "readable", "shortened", "shortener", "written_iri"]

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def shortened(iri: str, prefixes: Mapping[str, str]) -> str:
    """Return a prefixed name that Turtle and SPARQL read, else the IRI in angle brackets."""
    return shortener(prefixes)(iri)


def shortener(prefixes: Mapping[str, str]) -> Callable[[str], str]:
    """Return a function that does what `shortened` does, for many IRIs."""
    spaces = _by_namespace(prefixes)
    simple = re.compile(r"[A-Za-z0-9_](?:[\w.\-]*[\w\-])?", re.ASCII)

    def short(iri: str) -> str:
        end = _end_of_namespace(iri)
        prefix = spaces.get(iri[:end])
        if prefix is not None and simple.fullmatch(iri, end):
            return f"{prefix}:{iri[end:]}"
        return f"<{iri}>"

    return short


def readable(prefixes: Mapping[str, str]) -> Callable[[str], str]:
    """Return a function that shortens IRIs for people, by the longest namespace that fits.

    Slashes are kept, as in `source:my-note/account/people`, which no Turtle reads but
    `written_iri` does. An IRI that fits no prefix is returned in angle brackets.
    """
    spaces = _by_namespace(prefixes)
    local = re.compile(r"(?!//)[^\s:?#<>\\]*[^\s:?#<>\\./]")

    def short(iri: str) -> str:
        end = _end_of_namespace(iri)
        while end:
            prefix = spaces.get(iri[:end])
            if prefix is not None:
                return f"{prefix}:{iri[end:]}" if local.fullmatch(iri, end) else f"<{iri}>"
            end = _end_of_namespace(iri[: end - 1])
        return f"<{iri}>"

    return short


def written_iri(text: str, prefixes: Mapping[str, str]) -> str | None:
    """Return the IRI that a person has written; None where the text is none.

    Written in angle brackets, bare with its `//`, or with a prefix; the rest of a prefixed name may
    have slashes. Whether its characters may stand in an IRI is not looked at.
    """
    if text.startswith("<") and text.endswith(">"):
        return text[1:-1]
    prefix, colon, local = text.partition(":")
    if local.startswith("//"):
        return text
    if not colon or not local or prefix not in prefixes:
        return None
    return prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)


def local_name(iri: str) -> str:
    """Return the part of an IRI behind its last slash or number sign."""
    return iri[_end_of_namespace(iri) :]


def _by_namespace(prefixes: Mapping[str, str]) -> dict[str, str]:
    """Return the first prefix of each namespace."""
    return {space: prefix for prefix, space in sorted(prefixes.items(), reverse=True)}


def _end_of_namespace(iri: str) -> int:
    return max(iri.rfind("/"), iri.rfind("#")) + 1
