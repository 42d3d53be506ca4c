"""Names in a question that nothing declares, describes or uses: its answer lacks what they ask."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from dragoman import syntax, vocabulary
from dragoman.errors import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dragoman.store import LocalStore

# Among more things than these nobody looks for a name that is near.
_MOST: Final = 500_000


def warnings(
    query: syntax.QueryText, index: LocalStore, prefixes: Mapping[str, str]
) -> tuple[str, ...]:
    """Return a line for each name in our namespaces that is in a question and not in an index.

    Args:
        query: the question.
        index: what is asked.
        prefixes: those that the question may use without declaring them.
    """
    found = []
    for iri in dict.fromkeys(_names(query, {**prefixes, **query.prefixes})):
        if _is_there(iri, index):
            continue
        near = _near(iri, index)
        shown = syntax.readable({**prefixes, **query.prefixes})
        advice = f" Did you mean {shown(near)}?" if near else ""
        found.append(f"{query.name}: nothing is known of {shown(iri)}.{advice}")
    return tuple(found)


def _names(query: syntax.QueryText, prefixes: Mapping[str, str]) -> Iterator[str]:
    """Yield the IRIs of terms and things that a question names."""
    for token in syntax.tokens(query.text):
        if token.kind not in {"iri", "name"}:
            continue
        iri = syntax.written_iri(token.text, prefixes)
        if iri and iri.startswith((vocabulary.DIP, vocabulary.INDIVIDUAL)) and iri[-1] not in "/#":
            yield iri


def _is_there(iri: str, index: LocalStore) -> bool:
    try:
        node = NamedNode(iri)
    except ValueError:
        return True  # the engine says what is wrong with it
    places = ((node, None, None, None), (None, node, None, None), (None, None, node, None),
              (None, None, None, node))  # fmt: skip
    return any(next(iter(index.store.quads_for_pattern(*each)), None) for each in places)


def _near(iri: str, index: LocalStore) -> str:
    start = iri[: iri.rindex("/") + 1]
    kind = NamedNode(vocabulary.RDF_TYPE)
    quads = islice(index.store.quads_for_pattern(None, kind, None, None), _MOST)
    known = {each.subject.value for each in quads if isinstance(each.subject, NamedNode)}
    beside = [each for each in known if each.startswith(start)]
    if start == vocabulary.DIP:
        return syntax.meant(iri, beside)
    close = nearest(iri.removeprefix(start), (each.removeprefix(start) for each in beside), 1)
    return f"{start}{close[0]}" if close else ""
