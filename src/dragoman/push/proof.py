"""What became of a graph on its way into a store: nothing, another spelling, or a loss.

Two graphs in canonical form are the same exactly where their hashes are (RDFC-1.0, W3C 2024). Where
they are not, lines are paired by the values that they hold; what has no partner is missing or
extra. Blank nodes have no names to be known by: whether they fit is decided by the hash of both
graphs with values in one spelling, and which line goes with which by what is said around them.
"""

from __future__ import annotations

__all__ = ["TOLD", "Proof"]

import re
import unicodedata
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING, Final, NamedTuple

from dragoman import canonical
from dragoman.push import values
from dragoman.vocabulary import XSD_STRING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dragoman.canonical import CanonicalGraph
    from dragoman.push.values import Habits

LOSSLESS: Final = "lossless"
SAME_VALUES: Final = "same values"
DIFFERENT: Final = "different"
# How many lines of each sort are told, where nobody asks for all.
TOLD: Final = 20

_LITERAL: Final = re.compile(
    r'"((?:[^"\\]|\\.)*)"(?:@([A-Za-z]+(?:-[A-Za-z0-9]+)*)|\^\^<([^>]*)>)?'
)
_TERMS: Final = re.compile(r'"(?:[^"\\]|\\.)*"|<[^<>]*>|_:([^\s>]+)')
_GAPS: Final = re.compile(r'"(?:[^"\\]|\\.)*"|<[^<>]*>|_:')
_DIGEST: Final = 16
_ROUNDS: Final = 64
# Lines without a partner are looked for among all others of the other side, while they are few.
_FEW: Final = 10_000


class Respelling(NamedTuple):
    """One statement, as it was sent and as the store gives it; empty where it was said already."""

    sent: str
    kept: str


@dataclass(frozen=True)
class Proof:
    """How a graph in a store compares with what was sent.

    Attributes:
        verdict: LOSSLESS, SAME_VALUES or DIFFERENT.
        sent: how many statements there should be.
        kept: how many there are.
        sha256: the RDFC-1.0 hash that there should be.
        kept_sha256: the one that there is.
        respelled: statements whose values the store writes in another way.
        missing: statements that the store has not.
        extra: statements that the store has, and nobody sent.
        respellings: how many are respelled, where only some are listed.
        missings: how many are missing.
        extras: how many are extra.
    """

    verdict: str
    sent: int
    kept: int
    sha256: str
    kept_sha256: str
    respelled: tuple[Respelling, ...] = ()
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    respellings: int = 0
    missings: int = 0
    extras: int = 0

    @property
    def holds(self) -> bool:
        """Return whether the store says what was sent, in whatever spelling."""
        return self.verdict != DIFFERENT


@dataclass
class _Found:
    """What was found so far; lists are cut, numbers are not."""

    limit: int | None
    respelled: list[Respelling] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    respellings: int = 0
    missings: int = 0
    extras: int = 0

    def pair(self, sent: str, kept: str) -> None:
        self.respellings += 1
        if self.limit is None or len(self.respelled) < self.limit:
            self.respelled.append(Respelling(sent, kept))

    def lost(self, line: str) -> None:
        self.missings += 1
        if self.limit is None or len(self.missing) < self.limit:
            self.missing.append(line)

    def found(self, line: str) -> None:
        self.extras += 1
        if self.limit is None or len(self.extra) < self.limit:
            self.extra.append(line)


def compare(
    sent: CanonicalGraph,
    kept: CanonicalGraph,
    habits: Habits = values.Habits(),  # noqa: B008
    *,
    limit: int | None = TOLD,
    timeout: float | None = canonical.TIMEOUT,
) -> Proof:
    """Return how what a store keeps compares with what it should.

    Args:
        sent: what it should keep.
        kept: what it gives back.
        habits: what it is known to do to terms.
        limit: how many statements of each sort are listed; None for all.
        timeout: seconds for labelling blank nodes; None for no end.

    Raises:
        LimitError: labelling the blank nodes took too long.
    """
    if sent.sha256 == kept.sha256:
        return _proof(LOSSLESS, sent, kept, _Found(limit))
    found = _Found(limit)
    sorter = canonical.Sorter()
    # a change to one statement can change the labels of all blank nodes: those are for later
    anonymous = bool(sent.blank_nodes or kept.blank_nodes)
    changed = False
    for left, right in canonical.difference(sent, kept):
        for mark, block in (("<", left), (">", right)):
            for line in block.decode().split("\n")[:-1]:
                if anonymous and _labels(line):
                    changed = True
                else:
                    _put(sorter, _keyed(_normal(line, habits)), mark, line)
    _Pairs(found, sent, kept, habits).match(sorter)
    fits = not changed or _compare_anonymous(sent, kept, habits, found, timeout)
    same = fits and not found.missings and not found.extras
    return _proof(SAME_VALUES if same else DIFFERENT, sent, kept, found)


def _proof(verdict: str, sent: CanonicalGraph, kept: CanonicalGraph, found: _Found) -> Proof:
    return Proof(
        verdict,
        sent.count,
        kept.count,
        sent.sha256,
        kept.sha256,
        tuple(found.respelled),
        tuple(found.missing),
        tuple(found.extra),
        found.respellings,
        found.missings,
        found.extras,
    )


# ------------------------------------------------------------------ lines and their values


def _normal(line: str, habits: Habits) -> str:
    """Return a line whose literals stand as keys of their values."""
    if habits.nfc:
        line = unicodedata.normalize("NFC", line)

    def key(found: re.Match[str]) -> str:
        return f'"{values.key(found[1], found[3] or XSD_STRING, found[2] or "", habits)}"'

    return _LITERAL.sub(key, line)


def _keyed(text: str) -> str:
    return blake2b(text.encode(), digest_size=_DIGEST).hexdigest()


def _put(sorter: canonical.Sorter, key: str, mark: str, line: str) -> None:
    data = f"{key}{mark}{line}\n".encode()
    sorter.add_lines([data], len(data))


class _Pairs:
    """Pairs lines that were sent with lines that are kept, by the keys of their values."""

    def __init__(
        self, found: _Found, sent: CanonicalGraph, kept: CanonicalGraph, habits: Habits
    ) -> None:
        self._found, self._sent, self._kept, self._habits = found, sent, kept, habits

    def match(self, sorter: canonical.Sorter) -> None:
        """Pair the lines of a sorter; see `_put`."""
        alone: dict[str, dict[str, str]] = {"<": {}, ">": {}}
        for key, group in groupby(_lines(sorter), key=lambda line: line[: 2 * _DIGEST]):
            sides: dict[str, list[str]] = {"<": [], ">": []}
            for line in group:
                sides[line[2 * _DIGEST]].append(line[2 * _DIGEST + 1 :])
            if sides["<"] and sides[">"]:
                for sent, kept in zip_longest(sides["<"], sides[">"], fillvalue=""):
                    self._found.pair(sent, kept)
                continue
            mark = "<" if sides["<"] else ">"
            for line in sides[mark]:
                if len(alone[mark]) < _FEW:
                    alone[mark][f"{key} {line}"] = key
                else:
                    self._alone(mark, line)
        self._told_already(alone["<"], "<", self._kept)
        self._told_already(alone[">"], ">", self._sent)

    def _told_already(self, alone: dict[str, str], mark: str, other: CanonicalGraph) -> None:
        """Tell of lines without a partner; those whose value the other side has need none."""
        keys = set(alone.values())
        starts = {tuple(line[2 * _DIGEST + 1 :].split(" ", 2)[:2]) for line in alone}
        known: set[str] = set()
        for block in other.blocks() if alone else ():
            for line in block.decode().split("\n")[:-1]:
                if tuple(line.split(" ", 2)[:2]) in starts:
                    known.add(_keyed(_normal(line, self._habits)))
        for line, key in alone.items():
            text = line[2 * _DIGEST + 1 :]
            if key in known & keys:
                self._found.pair(*((text, "") if mark == "<" else ("", text)))
            else:
                self._alone(mark, text)

    def _alone(self, mark: str, line: str) -> None:
        if mark == "<":
            self._found.lost(line)
        else:
            self._found.found(line)


def _lines(sorter: canonical.Sorter) -> Iterator[str]:
    for block in sorter.blocks():
        yield from block.decode().split("\n")[:-1]


# ------------------------------------------------------------------ blank nodes


class _Anonymous(NamedTuple):
    """A line with blank nodes: its text, the same with values as keys and gaps, and the labels."""

    line: str
    pattern: str
    labels: tuple[str, ...]


def _labels(line: str) -> tuple[str, ...]:
    return tuple(label for label in _TERMS.findall(line) if label) if "_:" in line else ()


def _compare_anonymous(
    sent: CanonicalGraph,
    kept: CanonicalGraph,
    habits: Habits,
    found: _Found,
    timeout: float | None,
) -> bool:
    """Tell what became of lines with blank nodes, and return whether their values are the same."""
    left, right = ([*_anonymous(graph, habits)] for graph in (sent, kept))
    fits = _labelled_hash(left, timeout) == _labelled_hash(right, timeout)
    colours = _coloured(left, right)
    sorter = canonical.Sorter()
    for mark, lines, names in (("<", left, colours[0]), (">", right, colours[1])):
        for each in lines:
            key = _keyed("\0".join((each.pattern, *(names[label] for label in each.labels))))
            _put(sorter, key, mark, each.line)
    for _, group in groupby(_lines(sorter), key=lambda line: line[: 2 * _DIGEST]):
        sides: dict[str, list[str]] = {"<": [], ">": []}
        for line in group:
            sides[line[2 * _DIGEST]].append(line[2 * _DIGEST + 1 :])
        _told_apart(sides["<"], sides[">"], found)
    return fits


def _told_apart(sent: list[str], kept: list[str], found: _Found) -> None:
    """Tell of lines that hold the same values around nodes of which the same is said."""
    for line, other in zip(sent, kept, strict=False):
        if _TERMS.sub(_unlabelled, line) != _TERMS.sub(_unlabelled, other):
            found.pair(line, other)
    for line in sent[len(kept) :]:
        found.lost(line)
    for line in kept[len(sent) :]:
        found.found(line)


def _unlabelled(found: re.Match[str]) -> str:
    return "_:" if found[1] else found[0]


def _anonymous(graph: CanonicalGraph, habits: Habits) -> Iterator[_Anonymous]:
    for block in graph.anonymous.blocks():
        for line in block.decode().split("\n")[:-1]:
            if labels := _labels(line):
                normal = _normal(line, habits)
                yield _Anonymous(line, _TERMS.sub(_unlabelled, normal), labels)


def _labelled_hash(lines: Iterable[_Anonymous], timeout: float | None) -> str:
    """Return the RDFC-1.0 hash of lines, with one spelling for each value."""

    def written() -> Iterator[bytes]:
        for each in lines:
            text, labels = each.pattern, iter(each.labels)
            yield _GAPS.sub(partial(_filled, labels), text).encode() + b"\n"

    return canonical.of_lines(written(), "urn:values", timeout=timeout).sha256


def _filled(labels: Iterator[str], found: re.Match[str]) -> str:
    return f"_:{next(labels)}" if found[0] == "_:" else found[0]


def _coloured(*sides: list[_Anonymous]) -> list[dict[str, str]]:
    """Return, for the labels of each side, what is said around the nodes (colour refinement).

    Both sides are refined equally often, so that a node has the same colour on both.
    """
    colours = [{label: "" for each in lines for label in each.labels} for lines in sides]
    number = 0
    for _ in range(_ROUNDS):
        colours = [_refined(lines, old) for lines, old in zip(sides, colours, strict=True)]
        found = len({colour for names in colours for colour in names.values()})
        if found == number:
            break
        number = found
    return colours


def _refined(lines: list[_Anonymous], old: dict[str, str]) -> dict[str, str]:
    """Return labels with colours that tell more: what is said one step further."""
    said: dict[str, list[str]] = {label: [] for label in old}
    for each in lines:
        around = [old[label] for label in each.labels]
        for label in dict.fromkeys(each.labels):
            own = ["self" if other == label else "" for other in each.labels]
            said[label].append(_keyed("\0".join((each.pattern, *own, *around))))
    return {label: _keyed(" ".join((old[label], *sorted(texts)))) for label, texts in said.items()}
