"""The words for terms: labels where there are any, else short names."""

from __future__ import annotations

__all__ = ["Reference", "Words"]

import re
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode

from dragoman import syntax, vocabulary
from dragoman.labels import labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dragoman.store import Source, Term


class Reference(NamedTuple):
    """A term, and the words for it: its label, else its short name; a literal's own text."""

    term: Term
    text: str


class Words:
    """The words for terms, as far as they have been learnt.

    Args:
        prefixes: how IRIs without a label are shortened.
        languages: those that labels are wanted in, the best first.
    """

    def __init__(self, prefixes: Mapping[str, str], languages: Sequence[str] = ()) -> None:
        self._languages = languages
        self._readable = syntax.readable(prefixes)
        self._prefixed = syntax.shortener(prefixes)
        self._labels: dict[str, str] = {}

    def learn(self, source: Source, iris: Iterable[str]) -> None:
        """Look up the labels of more things."""
        unknown = {each for each in iris if each and each not in self._labels}
        found = labels(source, unknown, self._languages)
        self._labels.update((thing, label.value) for thing, label in found.items())

    def short(self, iri: str) -> str:
        """Return a prefixed name that `find_thing` reads, or the IRI."""
        short = self._readable(iri)
        return iri if short.startswith("<") else short

    def text(self, iri: str) -> str:
        """Return a label, else a short name; of a term with a prefix the words in its name."""
        if iri in self._labels:
            return self._labels[iri]
        if iri.startswith(vocabulary.INDIVIDUAL):
            return self.short(iri)
        return iri if self._prefixed(iri).startswith("<") else spaced(iri)

    def name(self, iri: str) -> str:
        """Return how a property or class is called: its label, else the words in its name."""
        return self._labels.get(iri) or spaced(iri)

    def property(self, iri: str) -> Reference:
        """Return a property with its name."""
        return Reference(NamedNode(iri), self.name(iri))

    def reference(self, term: Term) -> Reference:
        """Return a term with its words."""
        if isinstance(term, NamedNode):
            return Reference(term, self.text(term.value))
        return Reference(term, term.value if isinstance(term, Literal) else "…")


def spaced(iri: str) -> str:
    """Return the words in the name of a term: `reportsTo` gives `reports to`.

    An IRI whose last part is no word is returned as it is.
    """
    local = syntax.local_name(iri)
    if not local.isalpha():
        return iri
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", local)
    return words.lower() if local[:1].islower() else words
