"""Blank report forms, and Turtle of one thing: what shapes ask for, and what else can be said.

What is not told has a placeholder, which no base takes in. The kinds of things are those that the
ontology of the base declares.
"""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from dragoman import base as bases
from dragoman import form, syntax, vocabulary
from dragoman import store as stores
from dragoman.additions import skeleton
from dragoman.additions.incoming import checked_name
from dragoman.additions.skeleton import PLACE, Told, comment
from dragoman.errors import UnknownNameError
from dragoman.form.keys import FORM, segment
from dragoman.form.layout import laid_out
from dragoman.form.rules import slug

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dragoman.base import Base

_ALSO: Final = "What else can be told"


class _Line(NamedTuple):
    """A property that a thing has, or may have.

    Attributes:
        iri: of the property.
        required: whether shapes ask for it.
        advice: what to write.
    """

    iri: str
    required: bool
    advice: list[str]


def kinds(base: Base) -> dict[str, str]:
    """Return the kinds of things that a source can tell of, with their definitions."""
    blank = _Blank(base)
    return {name: blank.definition(kind) for name, kind in blank.kinds.items()}


def report(base: Base, name: str, told: Told, text: str = "") -> str:
    """Return a report form of a source with one account, which states only what was told.

    Args:
        base: the base, for its ontology, its shapes and its prefixes.
        name: what the source is to be called.
        told: what is known of it.
        text: how the form is to name the file of its text.

    Raises:
        DragomanError: the name cannot be one, or what is told is not of its kind.
    """
    skeleton.check(told)
    return _Blank(base).report(checked_name(name), told, text)


def thing(base: Base, kind: str, label: str, *, turtle: bool = False) -> str:
    """Return a report form that tells of one new thing, or its Turtle alone.

    Args:
        base: as for `report`.
        kind: one of `kinds`.
        label: what the thing is called, of which its IRI is made; empty for what is to be told.
        turtle: return Turtle.

    Raises:
        UnknownNameError: there is no such kind.
    """
    blank = _Blank(base)
    if kind not in blank.kinds:
        raise UnknownNameError("kind of thing", kind, blank.kinds)
    return (blank.turtle if turtle else blank.form)(blank.kinds[kind], label)


class _Blank:
    def __init__(self, base: Base) -> None:
        self._index = stores.load(base, bases.ONTOLOGY, bases.SHAPES)
        self._keys, self._prefixes = form.keys_of(base), base.prefixes()
        self._short = syntax.shortener(self._prefixes)

    @cached_property
    def kinds(self) -> dict[str, str]:
        """The classes of what accounts are about, by the words that IRIs have for them."""
        derived = {iri for (iri,) in self._rows(
            f"SELECT ?kind {{ ?kind <{vocabulary.OWL_EQUIVALENT_CLASS}> ?what }}"
        )}  # fmt: skip
        return {
            segment(kind): kind
            for kind, above in sorted(self._keys.above.items())
            if vocabulary.SUBJECT in above - {kind}
            and kind.startswith(vocabulary.DIP)
            and kind not in derived
        }

    # ------------------------------------------------------------------ forms

    def report(self, name: str, told: Told, text: str) -> str:
        """Return a report form of a source."""
        publisher = told.known and self._short(told.known)
        own = told.publisher is not None and not publisher
        header = {
            "title": told.title,
            "published": told.date,
            "publisher": publisher or ("publisher" if own else None),
            "url": told.url,
        }
        lines = self._begun(name, text or ("none" if not told.held else ""), told.language)
        for key, value in header.items():
            lines.append(_entry(key, value) if value else f"# {key}: {PLACE}")
        lines += ["", "voices:"]
        if own:
            lines.append(_entry("publisher", f"{told.publisher}", "  ", "a: Organization, "))
        else:
            lines.append(f"  # paper: {{a: Organization, label: {PLACE}}}")
        by = publisher or ("publisher" if own else PLACE)
        return _text([*lines, *self._account("", by, words=told.held)])

    def form(self, kind: str, label: str) -> str:
        """Return a report form that tells of one new thing."""
        section = self._section(kind)
        iri, usual = self._iri(kind, label)
        lines = [*self._begun(slug(label) if label else segment(kind), "none", "en")]
        lines += ["", f"{section}:", *_comment(self.definition(kind), "  "), f"  {iri}:"]
        if usual != kind:
            lines.append(f"    a: {kind.removeprefix(vocabulary.DIP)}")
        lines.append(_entry("label", label or PLACE, "    "))
        for each in self._lines(kind):
            key = self._keys.word(each.iri, (kind,)) or self._short(each.iri)
            lines += _comment(" ".join(each.advice), "    ")
            lines.append(f"    {'' if each.required else '# '}{key}: {PLACE}")
        if section == "new":
            voices = ["", "voices:", f"  paper: {{a: Organization, label: {PLACE}}}"]
            lines += [*voices, *self._account(iri, "paper", words=False)]
        return _text(lines)

    def _begun(self, name: str, text: str, language: str) -> list[str]:
        guide = (
            f"Put a value in the place of each {PLACE}, or take its line away where the source "
            "does not tell it; what stands behind # may stay untold. Then: dragoman validate FILE, "
            "dragoman add FILE."
        )
        lines = [*comment(guide), "dragoman: report/1", _entry("source", name)]
        if not text:
            lines += comment("The file of the text, beside this one; none where it is not at hand.")
        return [*lines, _entry("text", text or PLACE), _entry("language", language)]

    def _account(self, about: str, by: str, *, words: bool) -> list[str]:
        kinds = (vocabulary.ACCOUNT,)
        lines = ["", "accounts:", "  first:"]
        given = {vocabulary.ABOUT: about, vocabulary.WAS_ATTRIBUTED_TO: by}
        asked = [each for each in self._lines(vocabulary.ACCOUNT) if each.required]
        first = (*given, vocabulary.PASSAGE, vocabulary.STATUS)
        asked.sort(key=lambda each: first.index(each.iri) if each.iri in first else len(first))
        for each in asked:
            if each.iri == vocabulary.SOURCE or (each.iri == vocabulary.PASSAGE and not words):
                continue  # follows from where it stands
            key = self._keys.word(each.iri, kinds) or self._short(each.iri)
            if not given.get(each.iri):
                lines += _comment(" ".join(each.advice), "    ")
            lines.append(f"    {key}: {given.get(each.iri) or PLACE}")
        rest = [
            self._keys.word(each.iri, kinds) or self._short(each.iri)
            for each in self._lines(vocabulary.ACCOUNT)
            if not each.required
        ]
        nested = [each.key for each in self._keys.nestings.values()
                  if each.under == vocabulary.PART_OF]  # fmt: skip
        told = f"{_ALSO} (dragoman schema explains it): {', '.join(sorted([*rest, *nested]))}."
        return [*lines, *_comment(told, "    ")]

    # ------------------------------------------------------------------ Turtle

    def turtle(self, kind: str, label: str) -> str:
        """Return the Turtle of one new thing, with all prefixes that it takes."""
        iri, usual = self._iri(kind, label)
        if not label:  # which no prefixed name may have in it
            iri = f"<{vocabulary.INDIVIDUAL}{segment(usual)}/{PLACE}>"
        written = json.dumps(label or PLACE, ensure_ascii=False)
        lines = [*comment(self.definition(kind)), "", iri, f"    a {self._short(kind)} ;"]
        lines.append(f"    {self._short(vocabulary.SKOS_PREF_LABEL)} {written}@en ;")
        for each in self._lines(kind):
            lines += comment(" ".join(each.advice), 6)
            start = "    " if each.required else "#   "
            lines.append(f'{start}{self._short(each.iri)} "{PLACE}" ;')
        lines.append("    .")
        used = {name.partition(":")[0] for line in lines for name in line.split() if ":" in name}
        head = [
            f"@prefix {prefix}: <{space}> ."
            for prefix, space in sorted(self._prefixes.items())
            if prefix in used
        ]
        return _text([*head, "", *lines])

    # ------------------------------------------------------------------ what the base says

    def _lines(self, kind: str) -> Iterator[_Line]:
        """Yield the properties of a class, those that shapes require first."""
        seen = {vocabulary.SKOS_PREF_LABEL}
        for asked in skeleton.required(self._index, kind):
            if asked.path not in seen:
                one_of = self._choices(asked.kind) if asked.kind else ""
                yield _Line(asked.path, True, [*filter(None, asked.messages), one_of])
            seen.add(asked.path)
        for each in self._keys.properties.values():
            fits = each.domain and self._keys.fits(each, (kind,)) and each.iri not in seen
            if fits and (each.iri.startswith(vocabulary.DIP) or self.definition(each.iri)):
                choices = [self._choices(one) for one in each.kinds]
                yield _Line(each.iri, False, [self.definition(each.iri), *choices])

    def _choices(self, kind: str) -> str:
        """Return which values a controlled list has; empty for a class that is none."""
        rows = self._rows(
            f"SELECT DISTINCT ?value {{ <{kind}> <{vocabulary.RDFS_SUBCLASS_OF}>+ "
            f"<{vocabulary.SKOS_CONCEPT}> . ?value a <{kind}> }} ORDER BY ?value"
        )
        ends = [iri.rpartition("/")[2] for (iri,) in rows]
        return f"One of: {', '.join(ends)}." if ends else ""

    def definition(self, iri: str) -> str:
        """Return what a term means, in English; its label where there is no definition."""
        rows = self._rows(
            f"SELECT ?text {{ <{iri}> <{vocabulary.SKOS_DEFINITION}> ?text "
            'FILTER (LANG(?text) = "en") } ORDER BY ?text'
        )
        return " ".join(rows[0][0].split()) if rows else ""

    def _section(self, kind: str) -> str:
        rows = self._rows(f"SELECT ?kind ?section {{ ?kind <{FORM}section> ?section }}")
        above = self._keys.above[kind]
        return next((section for each, section in rows if each in above), "new")

    def _iri(self, kind: str, label: str) -> tuple[str, str]:
        """Return the prefixed name of a thing, and the class that its prefix tells."""
        last = slug(label) if label else PLACE
        above = self._keys.above[kind]
        nearest = sorted(above, key=lambda each: (-len(self._keys.above.get(each, ())), each))
        for each in nearest:
            space = f"{vocabulary.INDIVIDUAL}{segment(each)}/"
            for prefix, told in sorted(self._prefixes.items()):
                if told == space:
                    return f"{prefix}:{last}", each
        return f"<{vocabulary.INDIVIDUAL}{segment(kind)}/{last}>", kind

    def _rows(self, query: str) -> list[tuple[str, ...]]:
        return skeleton.rows(self._index, query)


def _comment(text: str, indent: str) -> list[str]:
    """Return a text as indented comment lines."""
    return [f"{indent}{line}" for line in comment(text)] if text.strip() else []


def _entry(key: str, value: str, indent: str = "", before: str = "") -> str:
    """Return a key with a text, as YAML."""
    if before:
        written = laid_out({"label": value}).rstrip("\n").replace("label: ", "", 1)
        if written == value and set(value) & set(",[]{}"):
            written = json.dumps(value, ensure_ascii=False)
        return f"{indent}{key}: {{{before}label: {written}}}"
    return indent + laid_out({key: value}).rstrip("\n").replace("\n", f"\n{indent}")


def _text(lines: list[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"
