"""From the triples of a source to its report form: the way back of `compiling`.

Whatever is told is told so that compiling it gives the same triples; what the form cannot carry
stands in it as Turtle.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from dragoman import syntax, turtle, vocabulary
from dragoman.base import source_iri
from dragoman.form import compiling, layout, rules
from dragoman.form.keys import value_of
from dragoman.form.layout import Quoted
from dragoman.form.naming import Naming
from dragoman.form.reading import VERSION, read
from dragoman.form.words import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from dragoman.form.keys import Keys, Nesting, Property
    from dragoman.form.layout import Value
    from dragoman.store import LocalStore

_TYPE: Final = vocabulary.RDF_TYPE
# Properties whose one value is told of where it is used, if nothing else leads to it.
_INLINE: Final = (vocabulary.ABOUT, vocabulary.OA_HAS_SELECTOR)
_ROUNDS: Final = 5


def told(  # noqa: PLR0913, PLR0917  a source, and what it is told by
    name: str,
    triples: Sequence[Triple],
    keys: Keys,
    found: LocalStore,
    prefixes: Mapping[str, str],
    text: str | None = None,
    text_file: str = "",
) -> str:
    """Return the report form of a source.

    Args:
        name: what the source is called.
        triples: all that it says, in the order in which it is to be told.
        keys: what can be said in the base.
        found: the facts of the base, the source's among them.
        prefixes: those of the base.
        text: the source's text, so that words take the place of offsets; None where it is not at
            hand.
        text_file: how the form is to name the file of the text.
    """
    source = _Source(name, source_iri(name), text, text_file)
    wanted = {each for each in triples if not _is_foreign(each)}
    embedded = {each for each in triples if _is_foreign(each)}
    for _ in range(_ROUNDS):
        teller = _Teller(source, triples, keys, found, prefixes, embedded)
        form = layout.laid_out(teller.form())
        again = compiling.compiled(read(form.encode(), name), name, keys, found, prefixes, text)
        given = {each for each in again.triples if not _is_foreign(each)}
        if not again.problems and given == wanted:
            return form
        wrong = {each.subject for each in given - wanted}
        more = (wanted - given) | {each for each in wanted if each.subject in wrong}
        if more <= embedded:  # a problem that loses nothing: which layout shows may not matter else
            at_fault = _subjects_at_fault(again)
            more = {each for each in wanted if each.subject in at_fault}
        embedded |= more
    return layout.laid_out(_Teller(source, triples, keys, found, prefixes, set(triples)).form())


def _subjects_at_fault(compiled: compiling.Compiled) -> set[NamedNode]:
    """Return the subjects that are told on lines of which something could not be read."""
    lines = {each.line for each in compiled.problems}
    marks = (compiled.positions.subjects.items(), compiled.positions.pairs.items())
    found = {iri for iri, line in marks[0] if line in lines}
    return {NamedNode(iri) for iri in found | {iri for (iri, _), line in marks[1] if line in lines}}


def _is_foreign(triple: Triple) -> bool:
    """Return whether only Turtle can say it: blank nodes, quoted triples, directions of text."""
    value = triple.object
    return (
        not isinstance(triple.subject, NamedNode)
        or isinstance(value, BlankNode)
        or not isinstance(value, (NamedNode, Literal))
        or (isinstance(value, Literal) and bool(getattr(value, "direction", None)))
    )


@dataclass(frozen=True)
class _Source:
    """What is told: its name, its IRI, its text if that is at hand, and the file of that."""

    name: str
    iri: str
    text: str | None
    file: str


class _Teller:
    def __init__(  # noqa: PLR0913, PLR0917  a source, and what it is told by
        self,
        source: _Source,
        triples: Sequence[Triple],
        keys: Keys,
        found: LocalStore,
        prefixes: Mapping[str, str],
        embedded: AbstractSet[Triple],
    ) -> None:
        self._name, self._keys, self._text_file = source.name, keys, source.file
        self._source = source.iri
        self._spaces = rules.own_prefixes(self._source)
        self._prefixes = {**prefixes, **self._spaces}
        self._words = Text(source.text)
        self._about: dict[str, dict[str, list[NamedNode | Literal]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self._rest: list[Triple] = []
        for triple in dict.fromkeys(triples):
            subject, value = triple.subject, triple.object
            if (
                triple not in embedded
                and isinstance(subject, NamedNode)
                and isinstance(value, (NamedNode, Literal))
                and self._fits(triple.predicate.value, value)
            ):
                self._about[subject.value][triple.predicate.value].append(value)
            else:
                self._rest.append(triple)
        languages = self._about.get(self._source, {}).get(vocabulary.DCTERMS_LANGUAGE, [])
        self._language, self._has_language = "en", False
        if len(languages) == 1 and _is_plain(languages[0]):
            tag = languages[0].value
            if rules.is_language(tag) and tag == tag.lower():
                self._language, self._has_language = tag, True
        self._naming = Naming(found, keys, self._prefixes, self._source, self._language)
        self._done: set[str] = set()
        self._numbers = rules.Numbers()
        self._unnamed: set[str] = set()
        self._spans: dict[str, tuple[int, int]] = {}
        self._named: dict[str, str] = {}
        self._defaults: dict[str, dict[str, list[NamedNode | Literal]]] = {}
        self._cast: dict[str, rules.Member] = {}
        self._references = Counter(
            value.value
            for said in self._about.values()
            for values in said.values()
            for value in values
            if isinstance(value, NamedNode)
        )

    def _fits(self, predicate: str, value: NamedNode | Literal) -> bool:
        """Return whether a property takes a value in the form, be it a thing or a text."""
        known = self._keys.properties.get(predicate)
        if predicate == _TYPE or (known and known.leads):
            return isinstance(value, NamedNode)
        return isinstance(value, Literal) or not (known and known.types)

    # ------------------------------------------------------------------ the whole

    def form(self) -> dict[str, Value]:
        self._done.add(self._source)
        self._find_passages()
        accounts = {
            iri: self._own_key("account", iri)
            for iri, said in self._about.items()
            if _has_type(said, vocabulary.ACCOUNT) and iri not in self._done
        }
        self._done |= set(accounts)
        self._numbers = rules.Numbers(accounts)
        children = self._children(accounts)
        names = [iri for iri in self._about if iri not in self._done and self._is_name(iri)]
        self._done |= set(names)
        self._declare(accounts)
        voices = {
            iri.removeprefix(self._spaces["voice"]): iri
            for iri in self._about
            if iri not in self._done and self._ending_in("voice", iri)
        }
        self._done |= set(voices.values())
        self._choose_defaults(accounts, children)
        self._choose_cast(children)
        header = self._header(self._about.get(self._source, {}))
        passages = self._passages_section()
        voiced = {key: self._thing(iri, vocabulary.ANONYMOUS_VOICE) for key, iri in voices.items()}
        told = {key: self._account(iri, children) for iri, key in accounts.items()}
        new = {
            self._naming.written(iri): self._thing(iri, self._keys.usual(iri))
            for iri in list(self._about)
            if iri not in self._done
        }
        sections: dict[str, Value] = {
            "voices": voiced, "defaults": self._defaults_section(), "new": new,
            "cast": self._cast_section(), "passages": passages, "accounts": told,
            "names": self._names(names),
        }  # fmt: skip
        form: dict[str, Value] = {"dragoman": VERSION, "source": self._name, **header}
        form |= {key: value for key, value in sections.items() if value}
        if self._rest:
            text = turtle.written(rules.in_order(self._rest), self._prefixes).decode()
            form["turtle"] = re.sub(r"^@prefix .*\n", "", text, flags=re.MULTILINE).lstrip("\n")
        return {key: _no_suggestion(value) for key, value in form.items()}

    def _declare(self, accounts: Mapping[str, str]) -> None:
        """Make known what the form declares, as compiling does."""
        apart = self._done - set(accounts) - {self._source}
        self._unnamed = apart | {value_of(each.subject) for each in self._rest}
        for iri, said in self._about.items():
            if iri in apart:
                continue
            kinds = [each.value for each in said.get(_TYPE, ())]
            labels = [
                (each.language or "", each.value)
                for each in said.get(vocabulary.SKOS_PREF_LABEL, ())
                if isinstance(each, Literal)
            ]
            others = [each.value for each in said.get(vocabulary.SKOS_ALT_LABEL, ())]
            if iri in accounts or self._ending_in("voice", iri):
                others.append(syntax.local_name(iri))
            self._naming.declare(iri, kinds, labels, others)
        for iri, kind in rules.types_in(self._rest):
            self._naming.declare(iri, (kind,))

    def _header(self, source: Mapping[str, list[NamedNode | Literal]]) -> dict[str, Value]:
        kinds = (vocabulary.SOURCE_CLASS,)
        header: dict[str, Value] = {}
        if [each.value for each in source.get(_TYPE, ())] != [vocabulary.SOURCE_CLASS]:
            header["a"] = [self._class(each.value) for each in source.get(_TYPE, ())]
        held = self._words.text is not None
        if held and self._text_file:
            header["text"] = self._text_file
        derived = {
            vocabulary.TEXT_HELD: "true",
            vocabulary.TEXT_LENGTH: str(len(self._words.text or "")),
        }
        no_text = [str(each) for each in source.get(vocabulary.TEXT_HELD, ())] == [str(_no())]
        if no_text and not held and vocabulary.SHA256 not in source:
            header["text"] = "none"
        for predicate in sorted(source, key=_place):
            values = source[predicate]
            if predicate == _TYPE:
                continue
            if predicate == vocabulary.TEXT_HELD and "text" in header and not held:
                continue
            if held and predicate in derived and [v.value for v in values] == [derived[predicate]]:
                continue
            if predicate == vocabulary.DCTERMS_LANGUAGE and self._has_language:
                header["language"] = self._language
                continue
            key = self._key(predicate, kinds)
            if key in rules.SECTIONS or key == "language":
                key = self._naming.written(predicate)
            header[key] = self._values(predicate, values)
        if held:
            for predicate in (vocabulary.TEXT_HELD, vocabulary.TEXT_LENGTH, vocabulary.SHA256):
                if predicate not in source:
                    header[self._key(predicate, kinds)] = []
        return header

    # ------------------------------------------------------------------ passages

    def _find_passages(self) -> None:
        """Find the passages that are places in the text, and nothing else."""
        for iri, said in self._about.items():
            position = f"{iri}/position"
            place = self._about.get(position)
            if place is None or set(said) != _OF_PASSAGE or set(place) != _OF_POSITION:
                continue
            start, end = (place[each] for each in (vocabulary.OA_START, vocabulary.OA_END))
            simple = (
                _only(said[_TYPE], vocabulary.PASSAGE_CLASS)
                and _only(said[vocabulary.OA_HAS_SOURCE], self._source)
                and _only(said[vocabulary.OA_HAS_SELECTOR], position)
                and _only(place[_TYPE], vocabulary.OA_POSITION)
                and _is_count(start)
                and _is_count(end)
                and int(start[0].value) < int(end[0].value)
            )
            if simple:
                self._spans[iri] = (int(start[0].value), int(end[0].value))
        for iri, span in self._spans.items():
            self._done |= {iri, f"{iri}/position"}
            if iri != f"{self._spaces['passage']}{span[0]}-{span[1]}":
                self._named[iri] = self._own_key("passage", iri)
        for iri, said in self._about.items():
            if _has_type(said, vocabulary.PASSAGE_CLASS) and iri not in self._spans:
                self._named[iri] = self._own_key("passage", iri)
                self._done.add(iri)

    def _passages_section(self) -> dict[str, Value]:
        section: dict[str, Value] = {}
        for iri, key in self._named.items():
            if iri in self._spans:
                section[key] = self._expression(*self._spans[iri])
            else:
                section[key] = self._passage_block(iri)
        for iri, span in self._spans.items():
            if iri not in self._named and not self._references[iri]:
                section[f"{span[0]}-{span[1]}"] = f"{span[0]}-{span[1]}"
        return section

    def _passage_block(self, iri: str) -> Value:
        said = dict(self._about[iri])
        sources = said.pop(vocabulary.OA_HAS_SOURCE, [])
        block = self._block(said, vocabulary.PASSAGE_CLASS)
        if not _only(sources, self._source):
            # the form says whose it is, and that first
            sources = sorted(sources, key=lambda each: each.value != self._source)
            block["hasSource"] = self._values(vocabulary.OA_HAS_SOURCE, sources)
        return block

    def _expression(self, start: int, end: int) -> str:
        """Return the words that name a place."""
        offsets = f"{start}-{end}"
        if self._words.text is None or end > len(self._words.text):
            return offsets
        words = self._words.tell(start, end)
        return offsets if words in self._named.values() else words

    def _passage(self, iri: str) -> Value:
        if iri in self._named:
            return self._named[iri]
        if iri in self._spans:
            expression = self._expression(*self._spans[iri])
            return Quoted(expression) if ":" in expression or "<" in expression else expression
        return self._naming.written(iri)

    # ------------------------------------------------------------------ accounts and their parts

    def _children(self, accounts: Iterable[str]) -> dict[str, list[str]]:
        """Return what is nested under each account, and under that."""
        holders: dict[str, list[str]] = defaultdict(list)
        for iri, said in self._about.items():
            whole = said.get(vocabulary.PART_OF, [])
            if len(whole) == 1 and self._nesting(said) and isinstance(whole[0], NamedNode):
                holders[whole[0].value].append(iri)
        found: dict[str, list[str]] = {}
        waiting = list(accounts)
        while waiting:
            holder = waiting.pop()
            found[holder] = [each for each in holders.get(holder, ()) if each not in self._done]
            self._done |= set(found[holder])
            waiting += found[holder]
        return found

    def _nesting(self, said: Mapping[str, list[NamedNode | Literal]]) -> Nesting | None:
        kinds = [each.value for each in said.get(_TYPE, ())]
        nesting = self._keys.nestings.get(kinds[0]) if len(kinds) == 1 else None
        return nesting if nesting and nesting.under == vocabulary.PART_OF else None

    def _account(self, iri: str, children: Mapping[str, list[str]]) -> Value:
        said = dict(self._about[iri])
        block = self._block(said, vocabulary.ACCOUNT)
        return block | self._nested(iri, children)

    def _nested(self, holder: str, children: Mapping[str, list[str]]) -> dict[str, Value]:
        by_kind: dict[str, list[str]] = defaultdict(list)
        for each in children.get(holder, ()):
            by_kind[self._about[each][_TYPE][0].value].append(each)
        found: dict[str, Value] = {}
        for kind, members in by_kind.items():
            nesting = self._keys.nestings[kind]
            entries = [self._part(nesting, each, holder, children) for each in members]
            heads = [head for head, _ in entries]
            if (
                nesting.kind != vocabulary.PARTICIPATION
                and "" not in heads
                and len(set(heads)) == len(heads)
            ):
                found[nesting.key] = {
                    head: self._shortened(nesting, block) for head, block in entries
                }
            else:
                found[nesting.key] = [
                    block if not head else head if not block else
                    {head: self._shortened(nesting, block)}
                    for head, block in entries
                ]  # fmt: skip
        return found

    def _shortened(self, nesting: Nesting, block: dict[str, Value]) -> Value:
        """Return a list in the place of a block that has nothing else."""
        inner = self._keys.nestings.get(nesting.lists)
        if inner and list(block) == [inner.key] and isinstance(block[inner.key], list):
            return block[inner.key]
        return block

    def _part(
        self, nesting: Nesting, iri: str, holder: str, children: Mapping[str, list[str]]
    ) -> tuple[str, dict[str, Value]]:
        said = dict(self._about[iri])
        said.pop(nesting.under)
        values = said.get(nesting.head, [])
        known = self._keys.properties.get(nesting.head)
        head, ending = "", ""
        if known and len(values) == 1 and isinstance(values[0], NamedNode) and known.leads:
            said.pop(nesting.head)
            head = self._called(values[0].value, known.kinds)
            if self._is_key(head, nesting.kind):
                head = f"<{values[0].value}>"  # it would be read as a key
            ending = rules.ending_of(values[0])
        else:
            ending = self._ending(nesting, said)
        rule = rules.rule_iri(nesting, holder, ending, self._source)
        departs = not ending or self._numbers.next(rule) != iri
        self._numbers.take(iri)
        member = (
            self._cast.get(values[0].value)
            if head and nesting.head == vocabulary.PARTICIPANT
            else None
        )
        around = self._passages_of(holder)
        block = self._block(said, nesting.kind, member, around)
        if departs:
            block = {"iri": self._own_key("account", iri), **block}
        if not head and len(block) == 1 and not self._is_key(next(iter(block)), nesting.kind):
            block = {"a": self._class(nesting.kind), **block}
        return head, block | self._nested(iri, children)

    def _is_key(self, word: str, kind: str) -> bool:
        return rules.is_key(word, kind, self._keys, self._naming)

    def _ending(self, nesting: Nesting, said: Mapping[str, list[NamedNode | Literal]]) -> str:
        """Return how an IRI ends where no head is told; empty where that is not sure."""
        for other in (nesting.head, *nesting.others):
            known = self._keys.properties.get(other)
            if known and said.get(other):
                plain = known.leads and self._key(other, (nesting.kind,)) == known.key
                return rules.ending_of(said[other][0]) if plain else ""
        return ""

    def _passages_of(self, iri: str) -> list[str]:
        return [each.value for each in self._about[iri].get(vocabulary.PASSAGE, ())]

    # ------------------------------------------------------------------ what is told once

    def _choose_defaults(self, accounts: Iterable[str], children: Mapping[str, list[str]]) -> None:
        """Find what most accounts, delegations and so on say alike."""
        of_kind: dict[str, list[str]] = defaultdict(list)
        for iri in (*accounts, *(each for parts in children.values() for each in parts)):
            kinds = self._about[iri][_TYPE]
            if len(kinds) == 1 and kinds[0].value in self._keys.nestings:
                of_kind[kinds[0].value].append(iri)
        for kind, members in of_kind.items():
            if kind == vocabulary.PARTICIPATION or len(members) < 3:
                continue
            for predicate in _TOLD_ONCE:
                values = Counter(
                    tuple(map(str, self._about[each].get(predicate, ()))) for each in members
                )
                most, count = values.most_common(1)[0]
                if most and len(most) == 1 and 2 * count > len(members):
                    example = next(
                        self._about[each][predicate] for each in members
                        if tuple(map(str, self._about[each].get(predicate, ()))) == most
                    )  # fmt: skip
                    self._defaults.setdefault(kind, {})[predicate] = example

    def _defaults_section(self) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for kind, told in self._defaults.items():
            block: dict[str, Value] = {}
            for predicate, values in told.items():
                key = self._key(predicate, (kind,))
                block[key] = self._values(predicate, values)
            found[self._keys.nestings[kind].key] = block
        return found

    def _choose_cast(self, children: Mapping[str, list[str]]) -> None:
        """Find the people who take part more than once, and what is then said of them each time."""
        parts: dict[str, list[str]] = defaultdict(list)
        for members in children.values():
            for each in members:
                said = self._about[each]
                people = said.get(vocabulary.PARTICIPANT, [])
                if _has_type(said, vocabulary.PARTICIPATION) and len(people) == 1:
                    parts[people[0].value].append(each)
        for person, members in parts.items():
            if len(members) < 2:
                continue
            values: list[tuple[str, NamedNode | Literal]] = []
            for predicate in _OF_MEMBERS:
                told = Counter(tuple(self._about[each].get(predicate, ())) for each in members)
                most, count = told.most_common(1)[0]
                if 2 * count >= len(members):
                    values += [(predicate, value) for value in most]
            shared = [
                iri for iri in self._passages_of(members[0])
                if all(iri in self._passages_of(each) for each in members)
            ]  # fmt: skip
            spans = tuple(self._spans[each] for each in shared if each in self._spans)
            if values or shared:
                self._cast[person] = rules.Member(tuple(values), spans, tuple(shared))

    def _cast_section(self) -> dict[str, Value]:
        return {
            self._called(person, (vocabulary.PERSON,)): self._member(member)
            for person, member in self._cast.items()
        }

    def _member(self, member: rules.Member) -> Value:
        block: dict[str, Value] = {}
        by_property: dict[str, list[NamedNode | Literal]] = defaultdict(list)
        for predicate, value in member.values:
            by_property[predicate].append(value)
        for predicate, values in by_property.items():
            key = self._key(predicate, (vocabulary.PARTICIPATION,))
            block[key] = self._values(predicate, values)
        if member.passages:
            block[self._key(vocabulary.PASSAGE, (vocabulary.PARTICIPATION,))] = _one(
                [self._passage(each) for each in member.passages]
            )
        return block

    # ------------------------------------------------------------------ names

    def _is_name(self, iri: str) -> bool:
        said = self._about[iri]
        forms = said.get(vocabulary.SKOSXL_LITERAL_FORM, [])
        return (
            _only(said.get(_TYPE, []), vocabulary.NAME)
            and len(forms) == 1
            and isinstance(forms[0], Literal)
            and forms[0].language == self._language
            and bool(forms[0].value)
        )

    def _names(self, names: Sequence[str]) -> Value:
        nesting = self._keys.nestings.get(vocabulary.NAME)
        if nesting is None:
            return []
        entries: list[Value] = []
        for iri in names:
            said = dict(self._about[iri])
            text = said.pop(vocabulary.SKOSXL_LITERAL_FORM)[0].value
            rule = rules.rule_iri(nesting, "", rules.slug(text), self._source)
            departs = self._numbers.next(rule) != iri
            self._numbers.take(iri)
            self._forget_what_follows(said, text)
            block = self._block(said, vocabulary.NAME)
            if departs:
                block = {"iri": self._own_key("name", iri), **block}
            if block and self._is_key(text, vocabulary.NAME):
                entries.append(
                    {self._key(vocabulary.SKOSXL_LITERAL_FORM, (vocabulary.NAME,)): text, **block}
                )
            else:
                entries.append(_name_entry(text, block))
        return entries

    def _forget_what_follows(self, said: dict[str, list[NamedNode | Literal]], text: str) -> None:
        """Take away what compiling finds out of a name by itself."""
        of, kind = said.get(vocabulary.NAME_OF, []), said.get(vocabulary.NAME_KIND, [])
        if len(of) == 1 and isinstance(of[0], NamedNode):
            guessed = rules.kind_of_name(text, self._naming.label(of[0].value))
            if self._naming.name_means(text, of[0].value, (vocabulary.SUBJECT,)):
                expected = f"{vocabulary.INDIVIDUAL}name-kind/{guessed}" if guessed else ""
                if [each.value for each in kind] == ([expected] if expected else []):
                    said.pop(vocabulary.NAME_OF)
                    said.pop(vocabulary.NAME_KIND, None)
        elif not of:
            said[vocabulary.NAME_OF] = []
        if self._words.text is not None:
            start = self._words.text.find(text)
            passages = said.get(vocabulary.PASSAGE, [])
            rule = f"{self._spaces['passage']}{start}-{start + len(text)}"
            if start >= 0 and _only(passages, rule) and rule in self._spans:
                said.pop(vocabulary.PASSAGE)
            elif not passages:
                said[vocabulary.PASSAGE] = []

    # ------------------------------------------------------------------ things and values

    def _thing(self, iri: str, usual: str) -> Value:
        said = dict(self._about[iri])
        self._done.add(iri)
        labels = said.get(vocabulary.SKOS_PREF_LABEL, [])
        scheme = self._naming.scheme((usual,))
        implied = {vocabulary.SKOS_IN_SCHEME} if scheme else set()
        simple = (
            said.keys() == {_TYPE, vocabulary.SKOS_PREF_LABEL} | implied
            and all(_only(said[each], scheme) for each in implied)
            and _only(said[_TYPE], usual)
            and len(labels) == 1
            and isinstance(labels[0], Literal)
            and labels[0].language == self._language
            and bool(labels[0].value)
        )
        if simple:
            return labels[0].value
        return self._block(said, usual)

    def _block(
        self,
        said: Mapping[str, list[NamedNode | Literal]],
        usual: str,
        member: rules.Member | None = None,
        around: Sequence[str] = (),
    ) -> dict[str, Value]:
        """Return the keys and values of a thing, without what its place and defaults tell."""
        types = [each.value for each in said.get(_TYPE, ())]
        block: dict[str, Value] = {}
        if types != [usual] or not usual:
            classes: list[Value] = [self._class(each) for each in types]
            block["a"] = _one(classes)
        expected: dict[str, list[NamedNode | Literal]] = defaultdict(list)
        for kind in types:
            for predicate, values in self._defaults.get(kind, {}).items():
                expected[predicate] += values
        for predicate, value in member.values if member else ():
            expected[predicate].append(value)
        passages = rules.passages_of_member(member, around, self._spans) if member else []
        if passages:
            expected[vocabulary.PASSAGE] = [NamedNode(each) for each in passages]
        sourced = self._keys.properties.get(vocabulary.SOURCE)
        if scheme := self._naming.scheme(types):
            expected[vocabulary.SKOS_IN_SCHEME] = [NamedNode(scheme)]
        if sourced and self._keys.is_a(types, sourced.domain):
            expected[vocabulary.SOURCE] = [NamedNode(self._source)]
        for predicate in sorted(said, key=_place):
            values = said[predicate]
            if predicate == _TYPE or (
                predicate in expected and set(expected[predicate]) == set(values)
            ):
                continue
            key = self._key(predicate, types)
            block[key] = self._values(predicate, values)
        for predicate in expected:
            if predicate not in said:
                block[self._key(predicate, types)] = []
        return block

    def _values(self, predicate: str, values: Sequence[NamedNode | Literal]) -> Value:
        known = self._keys.properties.get(predicate)
        if vocabulary.PASSAGE_CLASS in (known.kinds if known else ()):
            return _one([self._passage(each.value) for each in values])
        if len(values) == 1 and predicate in _INLINE and self._may_stand_here(values[0]):
            iri = values[0].value
            return {self._naming.written(iri): self._thing(iri, self._usual_inline(known, iri))}
        texts: dict[str, list[Value]] = defaultdict(list)
        others: list[Value] = []
        for each in values:
            if isinstance(each, NamedNode):
                others.append(self._reference(known, each.value))
            elif self._has_language_key(each) and (known is None or _is_text(known)):
                texts[each.language or ""].append(each.value)
            else:
                others.append(self._literal(known, each))
        apart = not rules.LANGUAGE_KEY.fullmatch(self._language)
        if apart or texts.keys() <= {self._language}:
            own = texts.pop(self._language, [])
            others = [*(self._text(known, str(each)) for each in own), *others]
        if not texts:
            return _one(others)
        by_language: Value = {tag: _one(found) for tag, found in texts.items()}
        return _one([by_language, *others])

    def _has_language_key(self, each: Literal) -> bool:
        tag = each.language or ""
        keyed = tag == self._language or bool(rules.LANGUAGE_KEY.fullmatch(tag))
        return bool(tag and each.value) and keyed

    def _may_stand_here(self, value: NamedNode | Literal) -> bool:
        iri = value.value
        return (
            isinstance(value, NamedNode)
            and iri in self._about
            and iri not in self._done
            and self._references[iri] == 1
            and self._naming.written(iri) not in {"a", "iri"}
        )

    def _usual_inline(self, known: Property | None, iri: str) -> str:
        of_property = known.kinds[0] if known and len(known.kinds) == 1 else ""
        return self._keys.usual(iri) or of_property

    def _reference(self, known: Property | None, iri: str) -> Value:
        if known is None or not known.leads:
            return self._naming.written(iri)
        return self._called(iri, known.kinds)

    def _called(self, iri: str, wanted: Sequence[str]) -> str:
        """Return a name that compiling reads as a thing, even where the base has no such source."""
        return self._naming.written(iri) if iri in self._unnamed else self._naming.name(iri, wanted)

    def _literal(self, known: Property | None, each: Literal) -> Value:
        """Return a literal that is no text in the language of the source."""
        kind = each.datatype.value
        if known and not known.leads and each.value and not each.language:
            told = known.datatype(each.value) if known.types else None
            if told == kind:
                return self._text(known, each.value)
        if each.language:
            return {"value": each.value, "language": each.language}
        if kind == vocabulary.XSD_STRING:
            return {"value": each.value}
        return {"value": each.value, "type": self._naming.written(kind)}

    def _text(self, known: Property | None, text: str) -> Value:
        # a text without a datatype of its own would be read as an IRI
        looks = text.startswith("<") or ":" in text
        return Quoted(text) if looks and not (known and known.types) else text

    def _key(self, predicate: str, kinds: Sequence[str]) -> str:
        known = self._keys.properties.get(predicate)
        if known and self._keys.fits(known, kinds):
            key = self._keys.word(predicate, kinds)
            if key and key not in _TAKEN and key not in self._keys.by_word:
                return key
        return self._naming.written(predicate)

    def _class(self, iri: str) -> str:
        local = iri.removeprefix(vocabulary.DIP)
        return local if local != iri and iri in self._keys.above else self._naming.written(iri)

    def _own_key(self, what: str, iri: str) -> str:
        """Return the key of an account, a passage and so on: how its IRI ends in the source."""
        return self._ending_in(what, iri) or self._naming.written(iri)

    def _ending_in(self, what: str, iri: str) -> str:
        """Return how an IRI ends behind a prefix of the source; empty for others."""
        local = iri.removeprefix(self._spaces[what])
        return local if local != iri and re.fullmatch(r"[\w.~%-]+", local) else ""


_OF_PASSAGE: Final = {_TYPE, vocabulary.OA_HAS_SOURCE, vocabulary.OA_HAS_SELECTOR}
_OF_POSITION: Final = {_TYPE, vocabulary.OA_START, vocabulary.OA_END}
# What blocks of one class often say alike.
_TOLD_ONCE: Final = (
    *(vocabulary.WAS_ATTRIBUTED_TO, vocabulary.STATUS, vocabulary.LISTING),
    *(vocabulary.APPLIES_TO, vocabulary.OF_EVENT_TYPE),
)
# What the cast may say of somebody.
_OF_MEMBERS: Final = (vocabulary.CAPACITY, vocabulary.PORTFOLIO)
# Keys that mean something else.
_TAKEN: Final = frozenset({"a", "iri", "value", "type"})


def _place(predicate: str) -> int:
    """Return where a property stands in a block: what it is about first, what explains it last."""
    if predicate in {vocabulary.ABOUT, vocabulary.SKOS_PREF_LABEL}:
        return 0
    return 2 if predicate in {vocabulary.DCTERMS_DESCRIPTION, vocabulary.RDFS_COMMENT} else 1


def _one(values: list[Value]) -> Value:
    """Return one value for itself, several as a list."""
    return values[0] if len(values) == 1 and not isinstance(values[0], list) else values


def _no_suggestion(value: Value) -> Value:
    """Return a value in which nothing looks as if somebody had yet to confirm it."""
    if isinstance(value, dict):
        pairs = ((_no_suggestion(key), _no_suggestion(told)) for key, told in value.items())
        return {key: told for key, told in pairs if isinstance(key, str)}
    if isinstance(value, list):
        return [_no_suggestion(each) for each in value]
    return Quoted(value) if value.startswith(rules.SUGGESTION) else value


def _name_entry(text: str, block: dict[str, Value]) -> Value:
    """Return a name with what is said of it, as short as can be."""
    if not block:
        return text
    told = list(block.values())
    if list(block) in (["of"], ["of", "kind"]) and all(isinstance(each, str) for each in told):
        return {text: told[0] if len(told) == 1 else told}
    return {text: block}


def _only(values: Sequence[NamedNode | Literal], iri: str) -> bool:
    return len(values) == 1 and isinstance(values[0], NamedNode) and values[0].value == iri


def _has_type(said: Mapping[str, list[NamedNode | Literal]], kind: str) -> bool:
    return any(each.value == kind for each in said.get(_TYPE, ()))


def _is_plain(value: NamedNode | Literal) -> bool:
    return isinstance(value, Literal) and value.datatype.value == vocabulary.XSD_STRING


def _is_count(values: Sequence[NamedNode | Literal]) -> bool:
    return (
        len(values) == 1
        and isinstance(values[0], Literal)
        and values[0].datatype.value == vocabulary.XSD_INTEGER
        and bool(re.fullmatch(r"0|[1-9][0-9]{0,17}", values[0].value))
    )


def _is_text(known: Property) -> bool:
    """Return whether a property takes texts in a language."""
    return not known.leads and (not known.types or vocabulary.RDF_LANG_STRING in known.types)


def _no() -> Literal:
    return Literal("false", datatype=NamedNode(vocabulary.XSD_BOOLEAN))
