"""Names of things: comparing them blind to case, accents and dots, and finding who bears one."""

from __future__ import annotations

import re
import unicodedata
from itertools import filterfalse
from typing import TYPE_CHECKING, Final, NamedTuple

from pyoxigraph import Literal, NamedNode

from dragoman import syntax, vocabulary
from dragoman.errors import DragomanError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dragoman.store import Source

# Letters that Unicode does not take apart into a letter and a mark.
_LETTERS: Final = str.maketrans(
    {"ı": "i", "ł": "l", "Ł": "l", "ø": "o", "Ø": "o", "đ": "d", "Đ": "d", "ð": "d", "þ": "th"}
    | {"æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "’": "'", "ʻ": "'", "‐": "-", "–": "-"}
)


class Name(NamedTuple):
    """One printed form of a name.

    Attributes:
        text: as printed.
        thing: IRI of what is called so.
        language: its language tag, or empty.
    """

    text: str
    thing: str
    language: str = ""


def fold(text: str) -> str:
    """Return a form in which spellings of one name are equal.

    Case, accents, the dotless i, ligatures and runs of white space make no difference.
    """
    if text.isascii():
        return " ".join(text.casefold().split())
    plain = unicodedata.normalize("NFKD", text)
    kept = "".join(filterfalse(unicodedata.combining, plain))
    return " ".join(kept.casefold().translate(_LETTERS).split())


def names(source: Source, kind: str | None = None) -> list[Name]:
    """Return every name and code of every thing, or of the instances of one class, sorted.

    Names are the labels of SKOS and RDFS, the literal forms of the names (SKOS-XL) that say whose
    they are, and the reference codes.

    Args:
        source: where to look.
        kind: IRI of a class; its subclasses count too.

    Raises:
        DragomanError: the class is no IRI, or a store elsewhere does not give all names.
    """
    labels = (vocabulary.SKOS_PREF_LABEL, vocabulary.SKOS_ALT_LABEL, vocabulary.RDFS_LABEL)
    paths = [*labels, *vocabulary.CODES]
    # one pattern for each property: several times faster here than a path of alternatives
    told = " UNION ".join(f"{{ ?thing <{each}> ?text }}" for each in paths)
    try:
        above = NamedNode(kind) if kind else None
    except ValueError as error:
        raise DragomanError(f"{kind!r} is no IRI, so no class of things with names.") from error
    of_kind = (
        f"?class <{vocabulary.RDFS_SUBCLASS_OF}>* {above} . ?thing a ?class ." if above else ""
    )
    # our own text, in which nothing needs looking for
    query = syntax.QueryText(
        f"SELECT ?thing ?text WHERE {{ {of_kind} {{ {told} UNION "
        f"{{ ?name <{vocabulary.NAME_OF}> ?thing ; <{vocabulary.SKOSXL_LITERAL_FORM}> ?text }} }} "
        "}",
        "SELECT",
        ("thing", "text"),
        {},
        name="names",
    )
    answer = source.query(query)
    if answer.cut:  # a store elsewhere kept some back
        raise DragomanError(" ".join(answer.warnings))
    found = {
        Name(text.value, thing.value, text.language or "")
        for thing, text in answer.rows
        if isinstance(thing, NamedNode) and isinstance(text, Literal)
    }
    return sorted(found)


def bearers(known: Sequence[Name], text: str) -> list[str]:
    """Return the IRIs of the things that are called so, in any spelling and order of words, sorted.

    Those whose name is the text word for word come alone, where there are any.
    """
    wanted = fold(text)
    things = {name.thing for name in known if wanted and fold(name.text) == wanted}
    if not things:  # family name first, or last
        words = sorted(wanted.split())
        things = {
            name.thing for name in known if words and sorted(fold(name.text).split()) == words
        }
    return sorted(things)


def parts(folded: str) -> list[str]:
    """Return the words of a folded name, without marks."""
    return re.findall(r"[^\W_]+", folded)


def near(known: Sequence[Name], text: str) -> list[tuple[Name, float]]:
    """Return the names in which each word of the text has one that looks like it, best first."""
    from difflib import SequenceMatcher, get_close_matches

    spelt = {name: parts(fold(name.text)) for name in known}
    everything = sorted({part for found in spelt.values() for part in found})
    likeness: list[dict[str, float]] = []
    for word in parts(fold(text)):
        close = get_close_matches(word, everything, n=20, cutoff=0.75)
        likeness.append({each: SequenceMatcher(None, each, word).ratio() for each in close})
    found = []
    for name, spelling in spelt.items():
        scores = [max((like.get(part, 0.0) for part in spelling), default=0.0) for like in likeness]
        if scores and min(scores) > 0:
            found.append((name, sum(scores) / len(scores)))
    return sorted(found, key=lambda item: (-item[1], len(item[0].text), item[0]))
