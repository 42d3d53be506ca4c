"""Names in a report form: which thing of the base or of the form one means, and back.

A name is looked up within the classes that its place wants, as spelt, then in any spelling. Several
things of a name, or none, are questions for whoever wrote it, never guesses. What the base has of
the source of the form itself does not count: the form says that anew.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property, partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import DefaultGraph, Literal, NamedNode

from dragoman import names, syntax, vocabulary
from dragoman.errors import DragomanError, nearest
from dragoman.form.keys import segment, value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pyoxigraph import Quad

    from dragoman.form.keys import Keys
    from dragoman.store import LocalStore

_TYPE: Final = NamedNode(vocabulary.RDF_TYPE)
_LABELS: Final = tuple(
    NamedNode(each)
    for each in (
        *(vocabulary.SKOS_PREF_LABEL, vocabulary.SKOS_ALT_LABEL, vocabulary.RDFS_LABEL),
        *(vocabulary.SKOSXL_LITERAL_FORM, *vocabulary.CODES),
    )
)
_IN_SCHEME: Final = NamedNode(vocabulary.SKOS_IN_SCHEME)
_NAME_OF: Final = NamedNode(vocabulary.NAME_OF)
_FORM: Final = NamedNode(vocabulary.SKOSXL_LITERAL_FORM)
_SIMPLE: Final = re.compile(r"[\w~.%-]+(?:/[\w~.%-]+)*")
# Of a class the name spaces of so many things are looked at.
_SOME: Final = 20
# No name is longer.
_LONGEST: Final = 300
_MANY: Final = 1_000
# So many values are all named where none is like what was written.
_FEW: Final = 25
# A label stands in the place of the last part of an IRI up to so many letters more.
_LONGER: Final = 6


class NamingError(DragomanError):
    """A name means nothing, or several things; the text says which may be meant."""


class Naming:
    """Looks names up in a base and among what a form declares itself."""

    def __init__(
        self,
        found: LocalStore,
        keys: Keys,
        prefixes: Mapping[str, str],
        source: str,
        language: str,
    ) -> None:
        """Look in a base.

        Args:
            found: the facts of the base.
            keys: what its ontology has.
            prefixes: those that names may have.
            source: the IRI of the source that the form tells of.
            language: that of the labels in the form.
        """
        self._found, self._store, self._keys = found, found.store, keys
        self.prefixes = dict(prefixes)
        self.short = syntax.readable(self.prefixes)
        self._source, self._language = source, language
        self._kinds: dict[str, frozenset[str]] = {}
        self._own_labels: dict[str, set[str]] = defaultdict(set)
        self._own: dict[str, set[str]] = defaultdict(set)
        self._hidden = {NamedNode(source), NamedNode(vocabulary.RECORD_GRAPH), DefaultGraph()}
        self._labels: dict[str, dict[str, str]] = defaultdict(dict)
        self._told_kinds: dict[str, frozenset[str]] = {}
        self._schemes: dict[str, str] = {}
        self._meant: dict[tuple[str, ...], str] = {}
        self._all_spaces: dict[tuple[str, ...], set[str]] = {}

    # ------------------------------------------------------------------ what the form declares

    def declare(
        self,
        iri: str,
        kinds: Iterable[str],
        labels: Iterable[tuple[str, str]] = (),
        others: Iterable[str] = (),
    ) -> None:
        """Add a thing that the form itself tells of.

        Args:
            iri: its IRI.
            kinds: its classes.
            labels: what it is called, each with the language before it.
            others: what it may be called, too.
        """
        self._kinds[iri] = self._kinds.get(iri, frozenset()) | frozenset(kinds)
        self._own[syntax.local_name(iri)].add(iri)
        for language, label in labels:
            self._labels[iri].setdefault(language, label)
            self._own_labels[label].add(iri)
        for label in others:
            self._own_labels[label].add(iri)

    def kinds(self, iri: str) -> frozenset[str]:
        """Return the classes of a thing, in the base and in the form."""
        if iri not in self._told_kinds:
            self._told_kinds[iri] = self._find_kinds(iri)
        return self._told_kinds[iri]

    def _find_kinds(self, iri: str) -> frozenset[str]:
        told = self._told(NamedNode(iri), _TYPE, None)
        return self._kinds.get(iri, frozenset()) | {value_of(quad.object) for quad in told}

    def _told(
        self,
        subject: Any,  # noqa: ANN401  any term
        predicate: NamedNode | None,
        value: Any,  # noqa: ANN401
    ) -> Iterator[Quad]:
        """Yield what the other sources of the base say."""
        for quad in self._store.quads_for_pattern(subject, predicate, value, None):
            if quad.graph_name not in self._hidden:
                yield quad

    def _of_kind(self, kind: str) -> Iterator[Any]:
        """Yield the things of a class that the base has, whoever says so."""
        told = self._store.quads_for_pattern(None, _TYPE, NamedNode(kind), DefaultGraph())
        return (quad.subject for quad in told)

    def is_known(self, iri: str) -> bool:
        """Return whether another source of the base says anything of a thing."""
        try:
            term = NamedNode(iri)
        except ValueError:
            return False
        return any(self._told(term, None, None))

    # ------------------------------------------------------------------ from names to things

    def iri(self, text: str) -> str | None:
        """Return the IRI that is written out, in angle brackets or with a prefix; None for none.

        Raises:
            NamingError: it cannot be an IRI.
        """
        found = None if re.search(r"\s", text) else syntax.written_iri(text, self.prefixes)
        if found is None:
            return None
        try:
            return NamedNode(found).value
        except ValueError as error:
            raise NamingError(f"{text!r} is no IRI.") from error

    def thing(self, text: str, wanted: Sequence[str], role: str) -> str:
        """Return the IRI of the thing that a name means.

        Args:
            text: the name: the last part of an IRI, a label in any spelling, a prefixed name, an
                IRI in angle brackets.
            wanted: classes of one of which it is; empty for any.
            role: what it is wanted for, for messages.

        Raises:
            NamingError: it means nothing, or several things.
        """
        if (iri := self.iri(text)) is not None:
            return iri
        found = self._meant.get((text, *wanted))
        if found is None:
            found = self._meant[(text, *wanted)] = self._thing(text, wanted, role)
        return found

    def _thing(self, text: str, wanted: Sequence[str], role: str) -> str:
        for found in self._candidates(text, wanted):
            if len(found) == 1:
                return found[0]
            if found:
                shown = ", ".join(map(self._shown, found[:8]))
                more = f" and {len(found) - 8} more" if len(found) > 8 else ""
                raise NamingError(
                    f"{role}: several things are called {text!r}: {shown}{more}. Write one of them."
                )
        raise NamingError(self._unknown(text, wanted, role))

    def _candidates(self, text: str, wanted: Sequence[str]) -> Iterator[list[str]]:
        """Yield what a name may mean, the surest first."""
        fits = self._fitting(wanted)
        exact = {*self._own.get(text, ()), *self._own_labels.get(text, ())}
        if _SIMPLE.fullmatch(text):
            exact |= {iri for iri in self._spelt(text, wanted) if self.is_known(iri)}
        for language in self._languages:
            literal = Literal(text, language=language) if language else Literal(text)
            for label in _LABELS:
                for quad in self._told(None, label, literal):
                    exact |= set(self._bearers(quad.subject))
        yield sorted(filter(fits, exact))
        plain = names.fold(text)
        own = {
            iri
            for label, things in self._own_labels.items()
            if names.fold(label) == plain
            for iri in things
        }
        yield sorted(filter(fits, {*self._bearing(text, wanted), *own}))

    def _fitting(self, wanted: Sequence[str]) -> Callable[[str], bool]:
        if not wanted:
            return lambda _: True
        return lambda iri: self._keys.is_a(self.kinds(iri), wanted)

    def _spelt(self, text: str, wanted: Sequence[str]) -> list[str]:
        """Return the IRIs that end so, in the name spaces of the classes that are wanted."""
        return [f"{space}{text}" for space in self._spaces(tuple(wanted))]

    def _spaces(self, wanted: tuple[str, ...]) -> set[str]:
        """Return the name spaces in which things of some classes are."""
        if wanted not in self._all_spaces:
            spaces = {f"{vocabulary.INDIVIDUAL}{each}/" for each in self._segments(wanted)}
            for kind in wanted:
                some = (value_of(each) for each in islice(self._of_kind(kind), _SOME))
                spaces |= {iri.removesuffix(syntax.local_name(iri)) for iri in some}
            self._all_spaces[wanted] = spaces
        return self._all_spaces[wanted]

    def _segments(self, wanted: Sequence[str]) -> Iterator[str]:
        for kind, above in self._keys.above.items():
            if kind.startswith(vocabulary.DIP) and (not wanted or above & frozenset(wanted)):
                yield segment(kind)

    @cached_property
    def _languages(self) -> tuple[str, ...]:
        """The languages that labels may be in: those of the names of states, which have most."""
        found = {
            quad.object.language or ""
            for state in islice(self._of_kind(vocabulary.STATE), _SOME)
            for quad in self._told(state, _LABELS[0], None)
            if isinstance(quad.object, Literal)
        }
        return tuple(dict.fromkeys((self._language, "en", *sorted(found), "")))

    def _bearers(self, node: Any) -> list[str]:  # noqa: ANN401
        """Return what a label belongs to: a thing itself, or what a name is of."""
        whose = [quad.object for quad in self._told(node, _NAME_OF, None)] or [node]
        return [each.value for each in whose if isinstance(each, NamedNode)]

    def _bearing(self, text: str, wanted: Sequence[str]) -> list[str]:
        """Return what is called so in the base, in any spelling and order of words."""
        return self._found.register.bearers(tuple(wanted)).of(text, self._gone)

    @cached_property
    def _gone(self) -> set[tuple[str, str]]:
        """The names in the base that only the source of the form gives, each with its thing."""
        graph, said = NamedNode(self._source), self._store.quads_for_pattern
        nodes = {quad.subject for label in _LABELS for quad in said(None, label, None, graph)}
        things = {quad.object for quad in said(None, _NAME_OF, None, graph)} | nodes
        things |= {quad.object for node in nodes for quad in said(node, _NAME_OF, None, None)}
        everywhere = partial(said, graph_name=None)
        return {
            (text, thing.value)
            for thing in things
            if isinstance(thing, NamedNode)
            for text in _texts_of(thing, everywhere) - _texts_of(thing, self._told)
        }

    def _unknown(self, text: str, wanted: Sequence[str], role: str) -> str:
        kind = " or ".join(syntax.local_name(each) for each in wanted) or "thing"
        if len(text) > _LONGEST:
            return f"{role}: no {kind} is called {text[:40]!r}…: this is a text, not a name."
        fits = self._fitting(wanted)
        own = [
            self._shown(iri)
            for key, things in self._own.items()
            if nearest(text, [key], 1)
            for iri in things
            if fits(iri)
        ]
        found = self._found.register.near(tuple(wanted), text)
        known = [each.thing for each in found if (each.text, each.thing) not in self._gone][:20]
        near = list(dict.fromkeys([*own, *map(self._shown, known)]))[:3]
        values = self._values(wanted)
        near = near or [self._shown(values[each]) for each in nearest(text, values)]
        advice = f" Did you mean {' or '.join(near)}?" if near else ""
        if not near and (elsewhere := self._elsewhere(text)):
            advice = f" {', '.join(elsewhere)} is none."
        if self._keys.is_a(wanted, (vocabulary.SUBJECT, vocabulary.SOURCE_CLASS)) or not wanted:
            return f"{role}: no {kind} is called {text!r}.{advice} A new one is declared in new:."
        if not near and len(values) <= _FEW:
            advice = f" Valid: {', '.join(sorted(values))}."
        return f"{role}: no {kind} is called {text!r}.{advice}"

    def _values(self, wanted: Sequence[str]) -> dict[str, str]:
        """Return the things of some classes by the last parts of their IRIs, of many some."""
        found: dict[str, str] = {}
        for kind, above in self._keys.above.items():
            if above & frozenset(wanted):
                things = map(value_of, islice(self._of_kind(kind), _MANY))
                found |= {syntax.local_name(each): each for each in things}
        return found

    def _elsewhere(self, text: str) -> list[str]:
        """Return things of other classes that are called so."""
        for found in self._candidates(text, ()):
            if found:
                return [self._shown(each) for each in found[:3]]
        return []

    def _shown(self, iri: str) -> str:
        label = self.label(iri)
        return f"{self.short(iri)} ({label})" if label else self.short(iri)

    def scheme(self, kinds: Iterable[str]) -> str:
        """Return the scheme that all concepts of a class are in; empty for other things."""
        for kind in kinds:
            if kind not in self._schemes:
                self._schemes[kind] = self._scheme(kind)
            if self._schemes[kind]:
                return self._schemes[kind]
        return ""

    def _scheme(self, kind: str) -> str:
        if not self._keys.is_a((kind,), (vocabulary.SKOS_CONCEPT,)):
            return ""
        of_kind = NamedNode(kind)
        others = (e for e in self._of_kind(kind) if any(self._told(e, _TYPE, of_kind)))
        found = {
            quad.object.value
            for other in islice(others, _SOME)
            for quad in self._told(other, _IN_SCHEME, None)
            if isinstance(quad.object, NamedNode)
        }
        return found.pop() if len(found) == 1 else ""

    # ------------------------------------------------------------------ from things to names

    def label(self, iri: str) -> str:
        """Return what a thing is called in the language of the form; empty for nothing."""
        told = self._labels.get(iri) or {
            quad.object.language or "": quad.object.value
            for quad in self._told(NamedNode(iri), _LABELS[0], None)
            if isinstance(quad.object, Literal)
        }
        return told.get(self._language, told.get("en", ""))

    def name(self, iri: str, wanted: Sequence[str]) -> str:
        """Return the shortest name that `thing` reads as a thing: a word, a label, or its IRI."""
        last, label = syntax.local_name(iri), self.label(iri)
        ways = [each for each in (label, last) if each]
        if label and (len(label) > len(last) + _LONGER or self._is_listed(iri)):
            ways.reverse()
        for text in ways:
            if self.name_means(text, iri, wanted):
                return text
        return self.written(iri)

    def written(self, iri: str) -> str:
        """Return an IRI with a prefix, else in angle brackets, as `iri` reads it."""
        short = self.short(iri)
        return short if self.iri(short) == iri else f"<{iri}>"

    def _is_listed(self, iri: str) -> bool:
        """Return whether a thing is a value of a controlled list."""
        kinds = self.kinds(iri)
        return self._keys.is_a(kinds, (vocabulary.SKOS_CONCEPT,)) and not self._keys.is_a(
            kinds, (vocabulary.SUBJECT,)
        )

    def name_means(self, text: str, iri: str, wanted: Sequence[str]) -> bool:
        """Return whether a name is read as a thing."""
        try:
            if (written := self.iri(text)) is not None:
                return written == iri
        except NamingError:
            return False
        return next(filter(None, self._candidates(text, wanted)), []) == [iri]


def _texts_of(thing: NamedNode, said: Callable[..., Iterable[Quad]]) -> set[str]:
    """Return what a thing is called where so much is said."""
    told = [quad for label in _LABELS for quad in said(thing, label, None)]
    for name in said(None, _NAME_OF, thing):
        told += said(name.subject, _FORM, None)
    return {value_of(quad.object) for quad in told}
