"""Sorting and comparing lines of any number in bounded memory, a block at a time.

Lines are compared as bytes: in UTF-8 that is the order of code points. No step is taken line by
line in Python.
"""

from __future__ import annotations

__all__ = ["Sorter"]

import operator
from bisect import bisect_right
from itertools import chain, islice, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from dragoman.canonical.shelf import BLOCK, Shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from dragoman.canonical.shelf import Stretch

# Bytes of lines that are sorted at once; as Python objects they take twice as much and more.
BUDGET: Final = 1 << 23
# Of each run that is merged, so many bytes are in memory: more would only be slower.
_LEAST, _MOST = 1 << 12, 1 << 16


class Sorter:
    """Takes lines in any order, and gives them back sorted, each once."""

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._lines: list[bytes] = []
        self._size = 0
        self._shelf: Shelf | None = None
        self._runs: list[_Run] = []

    def add(self, block: bytes) -> None:
        """Take whole lines, each with its line feed."""
        self.add_lines(block.splitlines(keepends=True), len(block))

    def add_lines(self, lines: list[bytes], size: int) -> None:
        """Take lines, each with its line feed, that make so many bytes together."""
        self._lines += lines
        self._size += size
        if self._size >= self._budget:
            if self._shelf is None:
                self._shelf = Shelf(1)
            self._put_run(self._shelf)

    def blocks(self) -> Iterator[bytes]:
        """Yield all lines sorted, each once, in blocks of a mebibyte or less; once only."""
        lines, self._lines = _sorted(self._lines), []
        runs = [*self._runs]
        if lines:
            runs.append(_Run(lines[0], lines[-1], len(lines), lambda _: _joined(lines, self._size)))
        share = max(_LEAST, min(_MOST, self._budget // max(1, 2 * len(runs))))
        streams = [run.blocks(share) for run in runs]
        # what came sorted, as machines write it, has nothing to be merged
        return chain.from_iterable(streams) if _in_order(runs) else merged(streams)

    def put(self, shelf: Shelf) -> tuple[Stretch, int]:
        """Put all lines by, sorted, each once; return where they stand, and their number."""
        if self._shelf is not None and self._lines:
            self._put_run(self._shelf)
        if self._shelf is not None and _in_order(self._runs):
            return self._shelf.all(), sum(run.number for run in self._runs)
        count = 0

        def counted() -> Iterator[bytes]:
            nonlocal count
            for block in self.blocks():
                count += block.count(b"\n")
                yield block

        return shelf.put(counted()), count

    def _put_run(self, shelf: Shelf) -> None:
        lines = _sorted(self._lines)
        stretch = shelf.put(_joined(lines, self._size))
        self._runs.append(_Run(lines[0], lines[-1], len(lines), stretch.blocks))
        self._lines, self._size = [], 0


def _in_order(runs: Sequence[_Run]) -> bool:
    return all(run.last < after.first for run, after in pairwise(runs))


class _Run(NamedTuple):
    """Sorted lines: the first, the last, how many, and what yields them in blocks of some size."""

    first: bytes
    last: bytes
    number: int
    blocks: Callable[[int], Iterator[bytes]]


def merged(streams: Iterable[Iterator[bytes]]) -> Iterator[bytes]:
    """Yield the lines of sorted streams together, sorted, each once."""
    for taken in _together([*streams]):
        one = len(taken) == 1
        yield b"".join(taken[0] if one else _sorted([*chain.from_iterable(taken)]))


def compared(left: Iterator[bytes], right: Iterator[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield what only the left and what only the right of two sorted streams has, in turns."""
    for here, there in _together([left, right], keep=True):
        if here == there:
            continue
        known, others = set(here), set(there)
        only_left = b"".join([line for line in here if line not in others])
        only_right = b"".join([line for line in there if line not in known])
        if only_left or only_right:
            yield only_left, only_right


def _sorted(lines: list[bytes]) -> list[bytes]:
    lines.sort()
    if any(map(operator.eq, lines, islice(lines, 1, None))):
        return [*dict.fromkeys(lines)]
    return lines


def _joined(lines: Sequence[bytes], size: int) -> Iterator[bytes]:
    step = max(1, len(lines) * BLOCK // max(1, size))
    for start in range(0, len(lines), step):
        yield b"".join(lines[start : start + step])


def _together(
    streams: Sequence[Iterator[bytes]], *, keep: bool = False
) -> Iterator[list[list[bytes]]]:
    """Yield, step by step, the next lines of each stream up to a line that all have reached.

    With `keep` there is a list for each stream, however empty.
    """
    heads = [_lines(stream) for stream in streams]
    places = [0] * len(streams)
    while any(heads):
        limit = min(head[-1] for head in heads if head)
        taken: list[list[bytes]] = []
        for number, head in enumerate(heads):
            start = places[number]
            places[number] = end = bisect_right(head, limit, start)
            if keep or end > start:
                taken.append(head[start:end])
            if end == len(head) and head:
                heads[number], places[number] = _lines(streams[number]), 0
        yield taken


def _lines(stream: Iterator[bytes]) -> list[bytes]:
    """Return the lines of the next block; none where there is no further one."""
    return next((block for block in stream if block), b"").splitlines(keepends=True)
