"""Names of things: comparing them blind to case, accents and dots, and finding who bears one."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final, NamedTuple

from pyoxigraph import Literal, NamedNode

from dragoman import syntax, vocabulary

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
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    kept = "".join(each for each in plain if not unicodedata.combining(each))
    return " ".join(kept.casefold().translate(_LETTERS).split())


def names(source: Source, kind: str | None = None) -> list[Name]:
    """Return every name and code of every thing, or of the instances of one class, sorted.

    Names are the labels of SKOS and RDFS, the literal forms of the names (SKOS-XL) that say whose
    they are, and the reference codes.

    Args:
        source: where to look.
        kind: IRI of a class; its subclasses count too.
    """
    labels = (vocabulary.SKOS_PREF_LABEL, vocabulary.SKOS_ALT_LABEL, vocabulary.RDFS_LABEL)
    paths = [*labels, *vocabulary.CODES]
    # one pattern for each property: several times faster here than a path of alternatives
    told = " UNION ".join(f"{{ ?thing <{each}> ?text }}" for each in paths)
    of_kind = (
        f"?class <{vocabulary.RDFS_SUBCLASS_OF}>* <{kind}> . ?thing a ?class ." if kind else ""
    )
    query = syntax.check_query(
        f"SELECT ?thing ?text WHERE {{ {of_kind} {{ {told} UNION "
        f"{{ ?name <{vocabulary.NAME_OF}> ?thing ; <{vocabulary.SKOSXL_LITERAL_FORM}> ?text }} }} "
        "}",
        "names",
    )
    found = {
        (text.value, thing.value, text.language or "")
        for thing, text in source.query(query).rows
        if isinstance(thing, NamedNode) and isinstance(text, Literal)
    }
    return [Name(*each) for each in sorted(found)]


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
