"""The properties of nodes and edges: what each is called, and of which kind its values are.

A property of RDF is a column for texts in each language and one for everything else. What kind a
column is shows only when all values are seen: so values are noted as texts, and told as numbers,
truth values or lists of them afterwards. Dates stay texts: as ISO 8601 writes them they compare
rightly in every engine, days with months and years, too.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dragoman import syntax, vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Single = str | int | float | bool
Value = Single | list[Single]
# A property, and the language of its texts; or MEANT, where IRIs stand beside the names of things.
Key = tuple[str, str]

_MARK: Final = "\0"
MEANT: Final = f"{_MARK}iri"
# What nodes and edges have beside their properties.
OF_NODES: Final = frozenset({"id", "iri", "label", "labels", "name", "type"})
OF_EDGES: Final = frozenset({"id", "label", "predicate", "graph", "record", "type"})
# What may stand between the values of a list, or the labels of a node, in one cell of a table.
DELIMITERS: Final = (";", "|", "\x1f", "\x1e", "\x1d", "\x1c")
_MARKS: Final = re.compile("[;|\x1c-\x1f\r\n]")
_LONG, _BOOLEAN, _DOUBLE = 1, 2, 4
_KINDS: Final[Mapping[int, str]] = {_LONG: "long", _BOOLEAN: "boolean", _DOUBLE: "double"}
_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,17}", re.ASCII)


@dataclass(frozen=True)
class Column:
    """One property of nodes or edges.

    Attributes:
        name: unlike that of any other.
        kind: `string`, `long`, `boolean` or `double`.
        several: true where its values are lists, everywhere.
    """

    name: str
    kind: str
    several: bool

    def value(self, texts: Sequence[str]) -> Value:
        """Return noted texts as what they are."""
        told = [_READERS[self.kind](each) for each in texts]
        return told if self.several else told[0]


class Columns:
    """What is known of the columns so far."""

    def __init__(self) -> None:
        self._kinds: dict[Key, int] = {}
        self._several: set[Key] = set()
        self._delimiters: defaultdict[Key, set[str]] = defaultdict(set)
        self.longest = 0
        self.multiline = False

    def note(self, key: Key, texts: Sequence[str], kind: int = 0) -> None:
        """Take note of the values of one thing; `kind` is what `kind_of` all of them are."""
        self._kinds[key] = self._kinds.get(key, kind) & kind
        if len(texts) > 1:
            self._several.add(key)
        for text in texts:
            self.longest = max(self.longest, len(text))
            if _MARKS.search(text):
                self.multiline |= "\n" in text or "\r" in text
                self._delimiters[key].update(mark for mark in DELIMITERS if mark in text)

    def note_several(self, key: Key) -> None:
        """Take note that one thing may have several values."""
        self._several.add(key)

    def named(
        self,
        prefixes: Mapping[str, str],
        taken: frozenset[str],
        called: Mapping[str, str],
    ) -> dict[Key, Column]:
        """Return all columns, sorted by name; `called` has names for some of the properties."""
        taken |= {*called.values()}
        properties = {predicate for predicate, _ in self._kinds}
        names = {**distinct(properties - called.keys(), prefixes, taken), **called}
        given = set(names.values()) | taken
        found: dict[Key, Column] = {}
        for key, kind in sorted(self._kinds.items()):
            predicate, tag = key
            name = names[predicate]
            if tag:
                name = f"{name}_{tag.removeprefix(_MARK).replace('-', '_')}"
                if name in given:
                    name = f"{name}_{_digest(f'{predicate} {tag}')}"
                given.add(name)
            found[key] = Column(name, _KINDS.get(kind, "string"), key in self._several)
        return dict(sorted(found.items(), key=lambda item: item[1].name))

    def in_lists(self) -> set[str]:
        """Return the delimiters that stand in texts of lists."""
        return {mark for key in self._several for mark in self._delimiters[key]}


def kind_of(text: str, datatype: str) -> int:
    """Return what a literal can be told as; 0 for a text."""
    reader = _CHECKS.get(datatype)
    return reader(text) if reader else 0


def distinct(
    iris: Iterable[str],
    prefixes: Mapping[str, str],
    taken: frozenset[str] = frozenset(),
    spelt: Callable[[str], str] = str,
) -> dict[str, str]:
    """Give each IRI a name of its own: its local name, else with its prefix, else with a hash."""
    short = syntax.shortener(prefixes)
    bearers: defaultdict[str, list[str]] = defaultdict(list)
    for iri in sorted(set(iris)):
        bearers[spelt(local(iri))].append(iri)
    names: dict[str, str] = {}
    given: set[str] = set()
    for own, those in bearers.items():
        for iri in those:
            prefix = "" if short(iri).startswith("<") else short(iri).partition(":")[0]
            name = own
            if len(those) > 1 or own in taken:
                name = spelt(f"{re.sub(r'[^a-zA-Z0-9]', '_', prefix)}_{own}") if prefix else ""
            if not name or name in given or name in taken:
                name = f"{own}_{_digest(iri)}"
            given.add(name)
            names[iri] = name
    return names


def local(iri: str) -> str:
    """Return the last part of an IRI as a name of letters, digits and `_`."""
    name = re.sub(r"\W", "_", re.split(r"[/#:]", iri.rstrip("/#:"))[-1])
    return f"_{name}" if not name or name[0].isdigit() else name


def shouted(name: str) -> str:
    """Return a name as those of relationships are written: `sessionOf` as `SESSION_OF`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()


def _digest(iri: str) -> str:
    return hashlib.sha256(iri.encode()).hexdigest()[:8]


def _is_double(text: str) -> int:
    try:
        return _DOUBLE if "_" not in text and math.isfinite(float(text)) else 0
    except ValueError:
        return 0


_CHECKS: Final[Mapping[str, Callable[[str], int]]] = {
    vocabulary.XSD_INTEGER: lambda text: _LONG if _INTEGER.fullmatch(text) else 0,
    vocabulary.XSD_BOOLEAN: lambda text: _BOOLEAN if text in {"true", "false"} else 0,
    vocabulary.XSD_DOUBLE: _is_double,
}
_READERS: Final[Mapping[str, Callable[[str], Single]]] = {
    "string": str,
    "long": int,
    "boolean": "true".__eq__,
    "double": float,
}
