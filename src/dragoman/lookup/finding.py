"""Finding the thing, or the class, that a text means."""

from __future__ import annotations

__all__ = ["find_class", "find_thing"]

from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode

from dragoman import base as bases
from dragoman import names, syntax, vocabulary
from dragoman.errors import AmbiguousNameError, UnknownNameError
from dragoman.lookup.asking import rows, value
from dragoman.lookup.kinds import read_kinds
from dragoman.lookup.matching import found_once
from dragoman.lookup.words import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dragoman.store import Source

# How many of the things of one name a message tells.
_TOLD: Final = 10


def find_thing(source: Source, text: str, prefixes: Mapping[str, str]) -> str:
    """Return the IRI of the thing that a text means.

    In this order: an IRI, bare or in angle brackets; a prefixed name, in which slashes need no
    escape; the name of a source, as `remove` takes it; a name or code in any spelling and order of
    words; a part of a name, or of the title of a source, that `search` finds in one thing only.

    Raises:
        UnknownNameError: nothing is called so; naming the nearest.
        AmbiguousNameError: several things are; naming each.
    """
    asked = text.strip()
    iri = syntax.written_iri(asked, prefixes)
    if iri and _is_known(source, iri):
        return iri
    if _is_known(source, named := bases.source_iri(asked)):
        return named
    register = names.register_of(source)
    known = register.names()
    found = register.bearers().of(asked) or ([] if iri else found_once(source, asked))
    words = Words(prefixes)
    if len(found) == 1:
        return found[0]
    if found:
        kinds = read_kinds(source, found).labels(source, words)
        told = [
            f"{words.short(each)} ({', '.join(kinds.get(each, ('thing',)))})"
            for each in found[:_TOLD]
        ]
        if len(found) > _TOLD:
            told.append(f"and {len(found) - _TOLD} more (dragoman search)")
        raise AmbiguousNameError(asked, told)
    if iri:
        space = iri[: max(iri.rfind("/"), iri.rfind("#")) + 1]
        things = {name.thing for name in known if space and name.thing.startswith(space)}
        raise UnknownNameError("thing", asked, map(words.short, things))
    near = [name.text for name, _ in names.near(known, asked)[:3]]
    raise UnknownNameError("thing called", asked, near or {name.text for name in known})


def find_class(source: Source, text: str, prefixes: Mapping[str, str]) -> str:
    """Return the IRI of a class from its IRI, prefixed name, label or local name.

    Raises:
        UnknownNameError: there is no such class; naming the nearest.
        AmbiguousNameError: several are called so.
    """
    query = f"SELECT ?class {{ ?class a <{vocabulary.OWL_CLASS}> FILTER(isIRI(?class)) }}"
    classes = {value(row[0]) for row in rows(source, query)}
    locals_ = {each: syntax.local_name(each) for each in classes}
    found = [each for each, local in locals_.items() if local.casefold() == text.casefold()]
    if len(found) == 1:
        return found[0]
    labels = [name for name in names.register_of(source).names() if name.thing in classes]
    iri = syntax.written_iri(text, prefixes)
    found = [iri] if iri and iri in classes else names.bearers(labels, text)
    if len(found) > 1:
        raise AmbiguousNameError(text, list(map(Words(prefixes).short, found)))
    if not found:
        raise UnknownNameError("class", text, locals_.values())
    return found[0]


def _is_known(source: Source, iri: str) -> bool:
    try:
        node = NamedNode(iri)
    except ValueError:
        return False
    text = f"SELECT ?p {{ {{ {node} ?p ?o }} UNION {{ ?s ?p {node} }} }} LIMIT 1"
    return bool(rows(source, text))
