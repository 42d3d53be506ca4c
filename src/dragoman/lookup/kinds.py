"""The classes of things, and the classes above those."""

from __future__ import annotations

__all__ = ["read_kinds"]

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import NamedNode

from dragoman import vocabulary
from dragoman.lookup.asking import over, value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dragoman.lookup.words import Words
    from dragoman.store import Source


class Kinds(NamedTuple):
    """What is known about the classes of some things.

    Attributes:
        asserted: the classes that are asserted of each thing.
        wider: the classes above each of those classes.
    """

    asserted: Mapping[str, set[str]]
    wider: Mapping[str, set[str]]

    def having(self, kind: str) -> frozenset[str]:
        """Return the things that are of a class, or of one below it."""
        wanted = {kind, *(each for each, above in self.wider.items() if kind in above)}
        return frozenset(
            thing for thing, found in self.asserted.items() if not wanted.isdisjoint(found)
        )

    def labels(self, source: Source, words: Words) -> dict[str, tuple[str, ...]]:
        """Return the labels of the most special classes of each thing."""
        words.learn(source, {each for found in self.asserted.values() for each in found})
        return {
            thing: tuple(
                sorted(words.name(each) for each in found if not self._covered(each, found))
            )
            for thing, found in self.asserted.items()
        }

    def _covered(self, kind: str, others: set[str]) -> bool:
        return any(kind in self.wider.get(each, ()) for each in others - {kind})


def read_kinds(source: Source, things: Iterable[str]) -> Kinds:
    """Look up the classes of things."""
    asserted: dict[str, set[str]] = defaultdict(set)
    body = f"?thing <{vocabulary.RDF_TYPE}> ?class"
    for thing, kind in over(source, "thing", things, "?thing ?class", body):
        if isinstance(kind, NamedNode):
            asserted[value(thing)].add(kind.value)
    wider: dict[str, set[str]] = defaultdict(set)
    path = f"<{vocabulary.RDFS_SUBCLASS_OF}>"
    classes = {each for found in asserted.values() for each in found}
    body = f"?class {path}/{path}* ?above FILTER(isIRI(?above))"
    for narrow, wide in over(source, "class", classes, "?class ?above", body):
        if narrow != wide:
            wider[value(narrow)].add(value(wide))
    return Kinds(asserted, wider)
