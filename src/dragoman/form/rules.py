"""What compiling a report form and telling a source share: the IRIs by rule, and what follows.

Both ways take these from here, so that what one leaves out the other fills in.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from pyoxigraph import Literal, NamedNode, Triple

from dragoman import names, syntax, vocabulary
from dragoman.form.keys import segment
from dragoman.form.naming import NamingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dragoman.form.keys import Keys, Nesting
    from dragoman.form.naming import Naming

    Object = NamedNode | Literal

_TYPE: Final = NamedNode(vocabulary.RDF_TYPE)
# Keys that no property has.
CLASS, IRI = "a", "iri"
WORDS_OF_BLOCKS: Final = (CLASS, IRI)
# What a suggestion begins with, until somebody takes it away.
SUGGESTION: Final = "??"
SECTIONS: Final = (
    *("dragoman", "source", "a", "text", "voices", "defaults", "new", "reference"),
    *("cast", "accounts", "names", "passages", "turtle"),
)
# A key before the text in a language; other tags are told as `{value: …, language: …}`.
LANGUAGE_KEY: Final = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")


class Member(NamedTuple):
    """Somebody of the cast: what holds wherever they take part."""

    values: tuple[tuple[str, Object], ...]
    spans: tuple[tuple[int, int], ...]
    passages: tuple[str, ...]


class Numbers:
    """Tells the IRIs that the rule makes alike apart, by numbers."""

    def __init__(self, given: Iterable[str] = ()) -> None:
        """Begin with IRIs that something else has."""
        self._given = set(given)

    def next(self, iri: str) -> str:
        """Return the first IRI by the rule that nothing has; it is not taken yet."""
        count, found = 1, f"{iri}1" if iri.endswith("-") else iri
        while found in self._given:
            count += 1
            found = f"{iri}{count}" if iri.endswith("-") else f"{iri}-{count}"
        return found

    def take(self, iri: str) -> bool:
        """Take an IRI; return whether nothing had it."""
        free = iri not in self._given
        self._given.add(iri)
        return free


def own_prefixes(source: str) -> dict[str, str]:
    """Return the prefixes for what is in a source, by the IRI of it."""
    return {each: f"{source}/{each}/" for each in ("account", "name", "passage", "voice")}


def in_order(triples: Iterable[Triple]) -> list[Triple]:
    """Return triples by subject and property, in the order in which these first come."""
    by_subject: dict[object, dict[object, list[Triple]]] = defaultdict(lambda: defaultdict(list))
    for each in triples:
        by_subject[each.subject][each.predicate].append(each)
    return [each for said in by_subject.values() for group in said.values() for each in group]


def types_in(triples: Iterable[Triple]) -> Iterator[tuple[str, str]]:
    """Yield things and their classes."""
    for subject, predicate, value in triples:
        iris = isinstance(subject, NamedNode) and isinstance(value, NamedNode)
        if iris and predicate == _TYPE:
            yield subject.value, value.value


def is_key(text: str, kind: str, keys: Keys, naming: Naming) -> bool:
    """Return whether a word before a colon is the key of a property of a class, and no name."""
    if ":" in text:
        try:
            return naming.iri(text) in keys.properties
        except NamingError:
            return False
    known = text in WORDS_OF_BLOCKS or text in keys.by_word
    return known or keys.find(text, (kind,)) is not None


def is_language(text: str) -> bool:
    """Return whether a word is the tag of a language, as RDF has them."""
    try:
        Literal("", language=text)
    except ValueError:
        return False
    return True


def slug(text: str) -> str:
    """Return the last part of the IRI of something that is called so."""
    return names.slug(text) or "thing"


def ending_of(value: Object) -> str:
    """Return how the IRI of what is told of a value ends."""
    if isinstance(value, NamedNode):
        return syntax.local_name(value.value).lower()
    return slug(value.value)


def rule_iri(nesting: Nesting, holder: str, ending: str, source: str) -> str:
    """Return the IRI of something nested by the rule, but for the number that tells equals apart.

    A name is in its source; a part (dip:Part) continues the IRI of what it is part of, with the
    word of its class, if any; other things are things of their class.
    """
    if nesting.kind == vocabulary.NAME:
        return f"{source}/name/{ending}"
    middle = f"{nesting.part}-" if nesting.part else ""
    if nesting.under == vocabulary.PART_OF:
        return f"{holder}-{middle}{ending}"
    last = syntax.local_name(holder)
    return f"{vocabulary.INDIVIDUAL}{segment(nesting.kind)}/{last}-{middle}{ending}"


def passages_of_member(
    cast: Member, around: Sequence[str], spans: Mapping[str, tuple[int, int]]
) -> list[str]:
    """Return the passages of somebody of the cast who takes part in something.

    They are the words that introduce them, and the words that tell who took part, where those do
    not contain these.
    """
    if not cast.passages:
        return []
    outer = [spans[each] for each in around if each in spans]
    inside = any(a <= start and end <= b for start, end in cast.spans for a, b in outer)
    return list(dict.fromkeys((*cast.passages, *(() if inside else around))))


def kind_of_name(text: str, label: str) -> str:
    """Return the kind of a name by what its bearer is called; empty where it is just that.

    Letters without their accents are unaccented, capitals an acronym, a part of it a short form.
    """
    if text == label:
        return ""
    folded, whole = names.fold(text), names.fold(label)
    if folded == whole:
        return "unaccented"
    if re.fullmatch(r"[^\W\d_]{2,}", text) and text.isupper():
        return "acronym"
    if set(names.parts(folded)) < set(names.parts(whole)):
        return "short" if text in label else "unaccented"
    return ""
