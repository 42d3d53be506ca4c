"""New things that are called as one that is there: perhaps that one is meant."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from pyoxigraph import DefaultGraph, Literal, NamedNode

from dragoman import vocabulary
from dragoman.names import fold, parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyoxigraph import Quad, Store, Triple

    from dragoman.spellings import Spelt
    from dragoman.validation.loading import Loaded

_TYPE: Final = NamedNode(vocabulary.RDF_TYPE)
_LABELS: Final = (NamedNode(vocabulary.SKOS_PREF_LABEL), NamedNode(vocabulary.SKOS_ALT_LABEL))
# Where more names are known, only those that are spelt alike are looked for: all would take long.
_MOST: Final = 10_000


def namesakes(files: Sequence[Loaded], store: Store | Spelt) -> list[str]:
    """Return a line for each new thing with the name of a thing of its class that a base has.

    Names are compared as `names.bearers` does: case, accents, the dotless i and the order of words
    make no difference.

    Args:
        files: what is new.
        store: the facts of the base.
    """
    triples = [triple for file in files for triple in file.triples]
    graphs = {NamedNode(each.input.graph) for each in files if each.input.graph}
    kinds: defaultdict[NamedNode, set[str]] = defaultdict(set)
    for triple in triples:
        kind = getattr(triple.object, "value", "")
        subject = triple.subject
        if isinstance(subject, NamedNode) and triple.predicate == _TYPE:
            kinds[subject].update({kind} if kind.startswith(vocabulary.DIP) else ())
    called: defaultdict[tuple[str, ...], dict[NamedNode, str]] = defaultdict(dict)
    for subject, text, key in _named(triples):
        if subject in kinds and not _is_there(subject, store, graphs):
            called[key].setdefault(subject, text)
    if not called:
        return []
    found: dict[NamedNode, tuple[str, set[NamedNode]]] = {}
    for other, text, key in _candidates(called, store):
        for subject in called.get(key, ()):
            stays = other not in kinds and _is_there(other, store, graphs)
            if stays and _kinds(other, store) & kinds[subject]:
                found.setdefault(subject, (text, set()))[1].add(other)
    return [
        f"{subject.value} is new, and called {text} as {_listed(others)}, which the base has: use "
        "that name where the same is meant."
        for subject, (text, others) in found.items()
    ]


def _listed(others: Iterable[NamedNode]) -> str:
    return " and ".join(sorted(each.value for each in others))


@lru_cache(maxsize=2 * _MOST)  # a process that checks again and again meets the same names
def _key(text: str) -> tuple[str, ...]:
    return tuple(sorted(parts(fold(text))))


def _named(triples: Iterable[Triple | Quad]) -> Iterator[tuple[NamedNode, str, tuple[str, ...]]]:
    """Yield who is called how, and the key under which spellings of one name are equal."""
    for each in triples:
        subject, text = each.subject, each.object
        if (
            each.predicate in _LABELS
            and isinstance(text, Literal)
            and isinstance(subject, NamedNode)
            and (key := _key(text.value))
        ):
            yield subject, text.value, key


def _candidates(
    called: dict[tuple[str, ...], dict[NamedNode, str]], store: Store | Spelt
) -> Iterator[tuple[NamedNode, str, tuple[str, ...]]]:
    """Yield names that the base has: all, or of many only those that are spelt alike."""
    told = (store.quads_for_pattern(None, label, None, DefaultGraph()) for label in _LABELS)
    names = list(islice(chain.from_iterable(told), _MOST + 1))
    if len(names) <= _MOST:
        yield from _named(names)
        return
    texts = {text for things in called.values() for text in things.values()}
    for text in sorted(texts):
        for language in ("en", "tr", "fr", "de"):
            literal = Literal(text, language=language)
            yield from _named(store.quads_for_pattern(None, None, literal, None))


def _is_there(subject: NamedNode, store: Store | Spelt, own: set[NamedNode]) -> bool:
    """Return whether another file says what a thing is."""
    quads = store.quads_for_pattern(subject, _TYPE, None, None)
    return any(isinstance(q.graph_name, NamedNode) and q.graph_name not in own for q in quads)


def _kinds(thing: NamedNode, store: Store | Spelt) -> set[str]:
    quads = store.quads_for_pattern(thing, _TYPE, None, None)
    return {getattr(quad.object, "value", "") for quad in quads}
