"""Lines of N-Triples as text: which hold blank nodes, other names for those, and a graph's name.

Only what pyoxigraph has written comes here: one space between terms, one line feed at the end, and
no line feed or carriage return within.
"""

from __future__ import annotations

__all__ = ["BlockStream", "graph_named", "unskolemised", "whole_lines"]

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from pyoxigraph import NamedNode

from dragoman import vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# Labels of RDFC-1.0 are this and a number.
LABEL: Final = "c14n"
_MARK: Final = b"_:"
# twice as fast as `in`, over long texts
_MARKED: Final = re.compile(_MARK)
# The subject, or the object or something in it: more than that is looked into in vain, but no harm.
_ANONYMOUS: Final = re.compile(rb"_:|[^ ]+ [^ ]+ (?:_:|<<\(.* _:)")
# Literals and IRIs first, so that nothing in them is taken for a blank node.
_TERMS: Final = re.compile(rb'"(?:[^"\\\n]++|\\.)*+"|<[^<>\n]*+>|_:([^\s>]++)')


class BlockStream:
    """Blocks of bytes as a stream that can be read."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self._rest = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size` of them; nothing at the end."""
        if size < 0:
            return bytes(self._rest) + b"".join(self._blocks)
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return b""
            self._rest = memoryview(block)
        taken, self._rest = self._rest[:size], self._rest[size:]
        return bytes(taken)


def whole_lines(blocks: Iterable[bytes], size: int = 0) -> Iterator[bytes]:
    """Yield blocks that end with a line, the last one too, of at least `size` bytes but the last.

    Args:
        blocks: lines cut anywhere.
        size: so much is gathered before it is given on.
    """
    parts: list[bytes] = []
    held = 0
    for block in blocks:
        parts.append(block)
        held += len(block)
        if held >= size:
            joined = b"".join(parts)
            end = joined.rfind(b"\n") + 1
            if end:
                yield joined[:end]
            parts, held = [joined[end:]], len(joined) - end
    if rest := b"".join(parts):
        yield rest if rest.endswith(b"\n") else rest + b"\n"


def parted(block: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return the lines without blank nodes, and those with."""
    lines = block.splitlines(keepends=True)
    if not _MARKED.search(block):
        return lines, []
    suspects = [line for line in lines if _MARK in line]
    anonymous = [line for line in suspects if _ANONYMOUS.match(line)]
    if not anonymous:
        return lines, []
    named = [line for line in lines if _MARK not in line]
    if len(anonymous) < len(suspects):
        named += [line for line in suspects if not _ANONYMOUS.match(line)]
    return named, anonymous


def graph_named(blocks: Iterable[bytes], iri: str) -> Iterator[bytes]:
    """Yield lines of N-Triples as lines of N-Quads with the IRI of a graph."""
    end = f" {NamedNode(iri)} .\n".encode()
    # a line feed ends a line and nothing else, so this finds the ends of lines only
    return (block.replace(b" .\n", end) for block in blocks)


def renumbered(block: bytes, further: int) -> bytes:
    """Return lines with the numbers of their canonical labels so much higher."""
    first = len(LABEL)
    return _replaced(
        block, lambda label: b"_:%s%d" % (LABEL.encode(), int(label[first:]) + further)
    )


def skolem_iris(block: bytes, name: str) -> bytes:
    """Return lines whose blank nodes are IRIs (RDF 1.1 Concepts, section 3.5) of a graph's name."""
    start = f"<{_space(name)}".encode()
    return _replaced(block, lambda label: start + label + b">")


def unskolemised(blocks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Yield lines whose IRIs of `skolem_iris` with this name are blank nodes again.

    The lines are no longer sorted: `of_lines` makes a graph of them.
    """
    mark = f"<{_space(name)}".encode()
    pattern = re.compile(rb'"(?:[^"\\\n]++|\\.)*+"|' + re.escape(mark) + rb"([A-Za-z0-9]++)>")
    for block in blocks:
        yield _replaced(block, lambda label: _MARK + label, pattern) if mark in block else block


def _space(name: str) -> str:
    return f"{vocabulary.GENID}{quote(name, safe='')}/"


def _replaced(
    block: bytes, new: Callable[[bytes], bytes], pattern: re.Pattern[bytes] = _TERMS
) -> bytes:
    return pattern.sub(lambda found: new(found[1]) if found[1] else found[0], block)
