"""Names of things: comparing them blind to case, accents and dots, and finding who bears one."""

from __future__ import annotations

import re
import unicodedata
from functools import cached_property, lru_cache
from itertools import filterfalse
from typing import TYPE_CHECKING, Final, NamedTuple

from pyoxigraph import Literal, NamedNode, Store

from dragoman import syntax, vocabulary
from dragoman.errors import DragomanError, nearest

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from dragoman.store import Source

# Letters that Unicode does not take apart into a letter and a mark.
_LETTERS: Final = str.maketrans(
    {"ı": "i", "ł": "l", "Ł": "l", "ø": "o", "Ø": "o", "đ": "d", "Đ": "d", "ð": "d", "þ": "th"}
    | {"æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "’": "'", "ʻ": "'", "‐": "-", "–": "-"}
)
# So long may be the end of an IRI that is made of a name.
_LONGEST_SLUG: Final = 100


class Stranger(NamedTuple):
    """A term of a query that nothing in the base says anything of, and with.

    Attributes:
        text: the term as the query spells it.
        iri: what that means.
        start: where it first stands in the text.
        near: the term most like it that there is, spelt alike; empty where none is like it.
    """

    text: str
    iri: str
    start: int
    near: str = ""

    def __str__(self) -> str:
        """Return what is to be said of it."""
        advice = f" Did you mean {self.near}?" if self.near else ""
        return f"The base says nothing of {self.text}.{advice}"


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


def slug(text: str) -> str:
    """Return the end of an IRI that a text gives: its words in plain letters, joined by hyphens.

    It is empty where the text has no letter and no digit.
    """
    short = "-".join(parts(fold(text)))
    return short if len(short) <= _LONGEST_SLUG else short[:_LONGEST_SLUG].rpartition("-")[0]


def names(source: Source, kind: str | None = None, *, titles: bool = False) -> list[Name]:
    """Return every name and code of every thing, or of the instances of one class, sorted.

    Names are the labels of SKOS and RDFS, the literal forms of the names (SKOS-XL) that say whose
    they are, and the reference codes.

    Args:
        source: where to look.
        kind: IRI of a class; its subclasses count too.
        titles: titles of sources, too: a name that somebody gives, and not what a thing is called.

    Raises:
        DragomanError: the class is no IRI, or a store elsewhere does not give all names.
    """
    labels = (vocabulary.SKOS_PREF_LABEL, vocabulary.SKOS_ALT_LABEL, vocabulary.RDFS_LABEL)
    paths = [*labels, *vocabulary.CODES, *([vocabulary.DCTERMS_TITLE] if titles else [])]
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


class Bearers:
    """Who bears a name, in any spelling and order of words; for many names at once.

    Args:
        known: the names.
    """

    def __init__(self, known: Sequence[Name]) -> None:
        self._known = known
        self._alike: dict[str, list[Name]] = {}
        for each in known:
            self._alike.setdefault(fold(each.text), []).append(each)

    @cached_property
    def _in_any_order(self) -> dict[tuple[str, ...], list[Name]]:
        found: dict[tuple[str, ...], list[Name]] = {}
        for folded, those in self._alike.items():
            found.setdefault(_words(folded), []).extend(those)
        return found

    def of(self, text: str, but: Container[tuple[str, str]] = ()) -> list[str]:
        """Return the IRIs of the things that are called so, sorted.

        Those whose name is the text word for word come alone, where there are any.

        Args:
            text: the name.
            but: names that do not count, each a text with its thing.
        """
        for found in self.alike(text):
            if things := {each.thing for each in found if (each.text, each.thing) not in but}:
                return sorted(things)
        return []

    def alike(self, text: str) -> Iterator[list[Name]]:
        """Yield the names that are a text word for word, then those that are in another order."""
        if wanted := fold(text):
            yield self._alike.get(wanted, [])
            # family name first, or last
            yield self._in_any_order.get(_words(wanted), [])


class Register:
    """The names in a store that stays as it is, worked out once for each class.

    Args:
        source: the store.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._names: dict[tuple[str | None, bool], list[Name]] = {}
        self._bearers: dict[tuple[tuple[str, ...], bool], Bearers] = {}
        self._near: dict[tuple[tuple[str, ...], str], list[Name]] = {}

    def names(self, kinds: tuple[str, ...] = (), *, titles: bool = False) -> list[Name]:
        """Return the names of the things of some classes; of all where there are none."""
        found: list[Name] = []
        for kind in kinds or (None,):
            if (kind, titles) not in self._names:
                self._names[kind, titles] = names(self._source, kind, titles=titles)
            found += self._names[kind, titles]
        return found

    def bearers(self, kinds: tuple[str, ...] = (), *, titles: bool = False) -> Bearers:
        """Return who of the things of some classes bears which name."""
        if (kinds, titles) not in self._bearers:
            self._bearers[kinds, titles] = Bearers(self.names(kinds, titles=titles))
        return self._bearers[kinds, titles]

    def near(self, kinds: tuple[str, ...], text: str) -> list[Name]:
        """Return the names of things of some classes that look like a text, best first."""
        if (kinds, text) not in self._near:
            self._near[kinds, text] = [name for name, _ in near(self.names(kinds), text)]
        return self._near[kinds, text]


def register_of(source: Source) -> Register:
    """Return the names in a store: those that it keeps, where it does."""
    return getattr(source, "register", None) or Register(source)


def bearers(known: Sequence[Name], text: str) -> list[str]:
    """Return the IRIs of the things that are called so, as `Bearers` does for one name."""
    return Bearers(known).of(text)


def _words(folded: str) -> tuple[str, ...]:
    return tuple(sorted(folded.split()))


def parts(folded: str) -> list[str]:
    """Return the words of a folded name, without marks."""
    return re.findall(r"[^\W_]+", folded)


def holding(text: str, folded: Iterable[str]) -> list[str]:
    """Return the folded names that have each word of a text among their words, shortest first."""
    words = set(parts(fold(text)))
    return sorted(
        (each for each in folded if words and words <= set(parts(each))),
        key=lambda each: (len(each), each),
    )


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


def strangers(
    source: Source,
    text: str,
    prefixes: Mapping[str, str],
    *,
    every: bool = False,
    known: dict[str, bool] | None = None,
) -> list[Stranger]:
    """Return the terms of a query that are nowhere in a graph: not even in one statement.

    Args:
        source: the graph.
        text: the query, checked.
        prefixes: those that it may use; its own among them.
        every: look at all terms, and not only at those of the base's own namespace.
        known: what was found out of terms before; it is added to.
    """
    known = {} if known is None else known
    found = []
    for written, local, start in _terms(text):
        iri = syntax.written_iri(written, prefixes)
        if iri is None or not (iri.startswith(vocabulary.BASE) or every):
            continue
        if iri.startswith(vocabulary.XSD) or local:
            continue
        if iri not in known:
            known[iri] = is_somewhere(source, iri)
        if not known[iri]:
            near = _namesake(source, iri, written) if iri.startswith(vocabulary.BASE) else ""
            found.append(Stranger(written, iri, start, near))
    return found


@lru_cache(maxsize=256)
def _terms(text: str) -> tuple[tuple[str, bool, int], ...]:
    """Return each term of a query once: as spelt, whether it is no thing, and where it stands."""
    tokens = list(syntax.tokens(text))
    found: dict[str, tuple[str, bool, int]] = {}
    for before, token, after in zip([None, *tokens], tokens, [*tokens[1:], None], strict=False):
        if token.kind not in {"name", "iri"} or token.text in found:
            continue
        # a prefix, a datatype, and a function are no things
        other = before is not None and (
            before.text == "^^" or before.text.upper() in {"PREFIX", "BASE", "FROM", "NAMED"}
        )
        declares = token.text.endswith(":") or (before is not None and before.text.endswith(":"))
        calls = after is not None and after.text == "(" and token.kind != "variable"
        if not other and not (token.kind == "iri" and declares):
            found[token.text] = (token.text, calls, token.start)
    return tuple(found.values())


def stranger(source: Source, iri: str, written: str) -> Stranger | None:
    """Return a term as one of which a graph says nothing; None where it says something.

    Args:
        source: the graph.
        iri: the term.
        written: as it was written, by which the one that may be meant is spelt.
    """
    if is_somewhere(source, iri):
        return None
    near = _namesake(source, iri, written) if iri.startswith(vocabulary.BASE) else ""
    return Stranger(written, iri, 0, near)


def classes_of(source: Source, thing: str) -> list[str]:
    """Return the classes that a thing is said to be of, sorted."""
    query = f"SELECT ?class {{ <{thing}> <{vocabulary.RDF_TYPE}> ?class }}"
    answer = source.query(syntax.QueryText(query, "SELECT", ("class",), {}, name="classes"))
    return sorted(term.value for (term,) in answer.rows if isinstance(term, NamedNode))


def is_a(source: Source, thing: str, kind: str) -> bool:
    """Return whether a thing is said to be of a class, or of a subclass of it."""
    path = f"<{vocabulary.RDF_TYPE}>/<{vocabulary.RDFS_SUBCLASS_OF}>*"
    query = syntax.QueryText(f"ASK {{ <{thing}> {path} <{kind}> }}", "ASK", (), {}, name="classes")
    return bool(source.query(query).truth)


def is_somewhere(source: Source, iri: str) -> bool:
    """Return whether a graph says anything of a term, or with it."""
    try:
        term = NamedNode(iri)
    except ValueError:
        return False
    store = getattr(source, "store", None)
    if isinstance(store, Store):  # which says so at once
        patterns = (
            *((term, None, None, None), (None, term, None, None)),
            *((None, None, term, None), (None, None, None, term)),
        )
        return any(
            next(iter(store.quads_for_pattern(*each)), None) is not None for each in patterns
        )
    places = (f"{term} ?p ?o", f"?s {term} ?o", f"?s ?p {term}", f"GRAPH {term} {{ ?s ?p ?o }}")
    asked = " UNION ".join(f"{{ {each} }}" for each in places)
    query = syntax.QueryText(f"ASK {{ {asked} }}", "ASK", (), {}, name="strangers")
    return bool(source.query(query).truth)


def _namesake(source: Source, iri: str, written: str) -> str:
    """Return the term of the same namespace that looks most like one, spelt as that one is."""
    local = syntax.local_name(iri)
    space = iri.removesuffix(local)
    terms = (
        f"SELECT DISTINCT ?term {{ ?term <{vocabulary.RDF_TYPE}> ?kind "
        f"FILTER(STRSTARTS(STR(?term), {Literal(space)})) }}"
    )
    rows = source.query(syntax.QueryText(terms, "SELECT", ("term",), {}, name="strangers")).rows
    known = [str(getattr(term, "value", "")) for (term,) in rows]
    if space == vocabulary.DIP:
        near = syntax.meant(iri, known).removeprefix(space)
    else:
        near = next(iter(nearest(local, (each.removeprefix(space) for each in known), 1)), "")
    stem, end = written.removesuffix(">").removesuffix(local), ">" if written[-1] == ">" else ""
    return f"{stem}{near}{end}" if near else ""
