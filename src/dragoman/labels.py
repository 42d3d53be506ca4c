"""Labels of things, in the languages that a reader prefers, from one look-up."""

from __future__ import annotations

import os
import re
from itertools import chain
from typing import TYPE_CHECKING, Final

from pyoxigraph import DefaultGraph, Literal, NamedNode

from dragoman import vocabulary
from dragoman.errors import DragomanError
from dragoman.syntax import QueryText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyoxigraph import Store

    from dragoman.store import Source

    Found = Iterator[tuple[str, str, Literal]]

# What a thing is called by, the best first.
_PROPERTIES: Final = (
    vocabulary.SKOS_PREF_LABEL,
    vocabulary.RDFS_LABEL,
    vocabulary.DCTERMS_TITLE,
    vocabulary.SKOSXL_LITERAL_FORM,
)
_ALIASES: Final = (vocabulary.SKOS_ALT_LABEL, vocabulary.NAME_OF)
_NODES: Final = {each: NamedNode(each) for each in (*_PROPERTIES, *_ALIASES)}
# How many things a store elsewhere is asked about at once.
_CHUNK: Final = 200


def languages(tags: str | Sequence[str] | None) -> tuple[str, ...]:
    """Read languages, the best first, as in `tr,hu,en` or `de-AT`.

    Args:
        tags: one text, or several; None for what the variable DRAGOMAN_LANG says.

    Raises:
        DragomanError: one is no language tag.
    """
    where = "" if tags is not None else "DRAGOMAN_LANG: "
    told = os.environ.get("DRAGOMAN_LANG", "") if tags is None else tags
    parts = told.split(",") if isinstance(told, str) else told
    found = tuple(each.strip().replace("_", "-") for each in parts if each.strip())
    for each in found:
        if not re.fullmatch(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", each):
            raise DragomanError(
                f"{where}{each!r} is no language tag; --lang takes such as tr,en or de-AT."
            )
    return found


def labels(source: Source, things: Iterable[str], wanted: Sequence[str] = ()) -> dict[str, Literal]:
    """Return a label for each thing that has any.

    In the first of the languages that are wanted, else in English, else in any. Of the properties
    the first that a thing has counts: its label, its title, its alias or a printed form of its
    name. What the record derives has none of its own, and is called as its class is.

    Args:
        source: where to look: one request for many things, or look-ups in the index.
        things: their IRIs.
        wanted: tags of languages, the best first.
    """
    asked = sorted(set(things))
    derived = [each for each in asked if is_derived(each)]
    best = _best(_found(source, [each for each in asked if not is_derived(each)]), wanted)
    if derived:
        best.update(_of_classes(source, derived, wanted))
    return best


def is_derived(iri: str) -> bool:
    """Return whether an IRI is that of a thing of the record, which has no name of its own."""
    return "/record/" in iri


def _of_classes(source: Source, things: Sequence[str], wanted: Sequence[str]) -> dict[str, Literal]:
    from dragoman.names import classes_of

    classes = {each: classes_of(source, each) for each in things}
    called = labels(source, {kind for found in classes.values() for kind in found}, wanted)
    return {
        each: called[kind]
        for each, found in classes.items()
        for kind in found[:1]
        if kind in called
    }


def _best(found: Found, wanted: Sequence[str]) -> dict[str, Literal]:
    """Return the one label of each thing that a reader is to see; the same one every time."""
    tags = [tag.casefold() for tag in (*wanted, "en")]
    ranked: dict[str, tuple[tuple[int, int, int, str, str], Literal]] = {}
    order = {name: at for at, name in enumerate(_NODES)}
    for thing, name, label in found:
        language = (label.language or "").casefold()
        rank = (order[name], *_likeness(language, tags), language, label.value)
        if thing not in ranked or rank < ranked[thing][0]:
            ranked[thing] = (rank, label)
    return {thing: label for thing, (_, label) in ranked.items()}


def _likeness(language: str, tags: Sequence[str]) -> tuple[int, int]:
    """Return how far down a language stands among those wanted, and how unlike it is.

    `tr` is found by `tr-TR`, and finds it (RFC 4647, filtering and lookup).
    """
    for at, tag in enumerate(tags):
        if language == tag:
            return at, 0
        if language.startswith(f"{tag}-"):
            return at, 1
        if language and tag.startswith(f"{language}-"):
            return at, 2
    return len(tags), 0


def _found(source: Source, things: Sequence[str]) -> Found:
    """Yield what things are called: a thing, by which property, and the text."""
    from dragoman.store import LocalStore

    if isinstance(source, LocalStore):
        for thing in things:
            yield from _looked_up(source.store, thing)
        return
    for start in range(0, len(things), _CHUNK):
        yield from _asked(source, things[start : start + _CHUNK])


def _looked_up(index: Store, thing: str) -> Found:
    """Yield what one thing is called: by its aliases only where it has nothing else."""
    term, merged, empty = NamedNode(thing), DefaultGraph(), True
    for name, node in _NODES.items():
        if name in _ALIASES and not empty:
            return
        found = index.quads_for_pattern(term, node, None, merged)
        if name == vocabulary.NAME_OF:
            forms = index.quads_for_pattern(None, node, term, merged)
            form = _NODES[vocabulary.SKOSXL_LITERAL_FORM]
            found = chain.from_iterable(
                index.quads_for_pattern(each.subject, form, None, merged) for each in forms
            )
        for quad in found:
            if isinstance(quad.object, Literal):
                empty = False
                yield thing, name, quad.object


def _asked(source: Source, things: Sequence[str]) -> Found:
    """Ask a store elsewhere what some things are called, in one request.

    Raises:
        DragomanError: it kept some back.
    """
    rows = " ".join(str(NamedNode(each)) for each in things)
    plain = ", ".join(f"<{each}>" for each in _NODES if each != vocabulary.NAME_OF)
    # a filter: of a second VALUES engines make a product, and read every label there is
    text = (
        f"SELECT ?thing ?name ?label {{ VALUES ?thing {{ {rows} }} "
        f"{{ ?thing ?name ?label FILTER (?name IN ({plain})) }} UNION "
        f"{{ ?form <{vocabulary.NAME_OF}> ?thing ; <{vocabulary.SKOSXL_LITERAL_FORM}> ?label "
        f"BIND (<{vocabulary.NAME_OF}> AS ?name) }} }}"
    )
    answer = source.query(QueryText(text, "SELECT", ("thing", "name", "label"), {}, name="labels"))
    if answer.cut:
        raise DragomanError(" ".join(answer.warnings))
    for thing, name, label in answer.rows:
        if isinstance(label, Literal) and isinstance(thing, NamedNode):
            yield thing.value, str(getattr(name, "value", "")), label
