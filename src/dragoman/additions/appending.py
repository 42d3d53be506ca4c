"""Saying more of a thing at the end of a file, whose text and layout stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Triple

from dragoman import syntax

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


def to_turtle(
    text: str, more: Sequence[Triple], prefixes: Mapping[str, str], known: Mapping[str, str]
) -> str:
    """Return a Turtle text with a block at its end that says more of one thing.

    Args:
        text: the text, without a byte order mark.
        more: statements of one subject, with IRIs and truth values for objects.
        prefixes: those that the text declares, laid over the known ones.
        known: the prefixes that may be declared.
    """
    short = syntax.shortener(prefixes)
    said = [f"    {short(each.predicate.value)} {_term(each, short)} ;" for each in more]
    end = "\r\n" if "\r\n" in text else "\n"
    subject = short(str(getattr(more[0].subject, "value", "")))
    lines = ("", subject, *said, "    .", "")
    return syntax.declared(f"{text.rstrip()}{end}{end.join(lines)}", known)


def to_lines(last: bytes, more: Sequence[Triple]) -> Iterator[bytes]:
    """Yield what says more in N-Triples, behind the last line of a file."""
    yield b"" if last.endswith((b"\n", b"\r")) else b"\n"
    yield from (f"{each} .\n".encode() for each in more)


def _term(triple: Triple, short: Callable[[str], str]) -> str:
    value = str(getattr(triple.object, "value", ""))
    # a truth value is written as it is
    return short(value) if isinstance(triple.object, NamedNode) else value
