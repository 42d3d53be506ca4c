"""A report form to fill in, from a text: its sentences, what is known in them, and suggestions.

Each suggestion begins with `??`, which no base takes in: an account, a person of the cast, a voice,
a new thing, a value of the head. Whoever writes the form confirms it by taking that away, mends it,
or takes it out. Nothing is looked up outside of the base.
"""

from __future__ import annotations

import re
import textwrap
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pyoxigraph import DefaultGraph, Literal, NamedNode

from dragoman import names, syntax, vocabulary
from dragoman.form.finding import GROUPS, UPPER, Finder, Found, language_of, listed
from dragoman.form.layout import laid_out
from dragoman.form.rules import SUGGESTION, slug
from dragoman.form.words import Span, Text, WordsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dragoman.form.layout import Value
    from dragoman.store import LocalStore

_WIDTH: Final = 100
# What a plain text of YAML may not begin with, or have.
_NOT_PLAIN: Final = re.compile(r"""[\[\]{}#&*!|>'"%@`,?:-]|.*(?::(?:\s|$)|\s\#)""", re.DOTALL)
# What goes on with the title of somebody, back from the name.
_BEFORE: Final = re.compile(
    rf"(?<!\w)(?:(?:[{UPPER}][\w-]*|\([^()]{{1,20}}\)|of|and|for|the|chief|head)\s+)+$"
)
_MOST_PARTIES: Final = 6
# What is longer is no sentence, but a list or a text without dots: it is not looked at.
_LONGEST: Final = 5_000


@dataclass(frozen=True)
class Told:
    """What the user tells of the source; None where nothing is told.

    Attributes:
        name: what the source is to be called.
        text: the file of the text as the form names it; None where there is none.
        title: as printed.
        url: where it can be read.
        publisher: its name.
        date: of publication, as XSD writes a day, a month or a year.
        language: of the text.
    """

    name: str
    text: str | None = None
    title: str | None = None
    url: str | None = None
    publisher: str | None = None
    date: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class _Sentence:
    """A sentence of the text, and what was found in it."""

    name: str
    paragraph: int
    start: int
    end: int
    found: tuple[Found, ...] = ()


@dataclass(frozen=True)
class _Person:
    """Somebody whom the text names.

    Attributes:
        name: as the form has it.
        words: the expression for the words that introduce them.
        title: what stands before the name; empty for nothing.
        posts: the posts that may be theirs.
        party: the state of these; empty where none is known.
        known: whether the base knows them.
    """

    name: str
    words: str
    title: str
    posts: tuple[str, ...]
    party: str
    known: bool


@dataclass(frozen=True)
class _Session:
    """A session of which the text tells the number.

    Attributes:
        told: where.
        mechanism: IRI of that of which it is one.
        number: which one.
        about: its IRI, where the base knows it, else one for the form.
    """

    told: Found
    mechanism: str
    number: str
    about: str


def draft(store: LocalStore, text: str, told: Told, prefixes: Mapping[str, str]) -> str:
    """Return a report form to fill in, as YAML.

    Args:
        store: the facts and the ontology of the base.
        text: the text of the source.
        told: what is known of it.
        prefixes: those of the base.
    """
    return _Draft(_Known(store, prefixes), text, told).text()


class _Known:
    """What a base knows of the things whose names are looked for."""

    def __init__(self, store: LocalStore, prefixes: Mapping[str, str]) -> None:
        self._store = store
        self.short = syntax.readable(prefixes)
        self.names = [
            each
            for kind in (vocabulary.SUBJECT, vocabulary.EVENT_TYPE)
            for each in names.names(store, kind)
            if not each.thing.startswith(vocabulary.SOURCE_GRAPH)  # a voice of one source
        ]
        bearers: dict[str, set[str]] = defaultdict(set)
        for each in self.names:
            bearers[names.fold(each.text)].add(each.thing)
        self._bearers = bearers
        self._values: dict[tuple[str, str], list[Literal | NamedNode]] = {}
        self._is_a: dict[tuple[str, str], bool] = {}

    @cached_property
    def _below(self) -> dict[str, list[str]]:
        below: dict[str, list[str]] = defaultdict(list)
        for quad in self._store.store.quads_for_pattern(
            None, NamedNode(vocabulary.RDFS_SUBCLASS_OF), None, None
        ):
            if isinstance(quad.object, NamedNode) and isinstance(quad.subject, NamedNode):
                below[quad.object.value].append(quad.subject.value)
        return below

    def _kinds(self, kind: str) -> set[str]:
        found, waiting = {kind}, [kind]
        while waiting:
            more = set(self._below.get(waiting.pop(), ())) - found
            found |= more
            waiting += more
        return found

    def is_a(self, thing: str, kind: str) -> bool:
        """Return whether a thing is of a class."""
        found = self._is_a.get((thing, kind))
        if found is None:
            told = self._objects(thing, vocabulary.RDF_TYPE)
            found = self._is_a[thing, kind] = bool(self._kinds(kind).intersection(told))
        return found

    def is_known(self, thing: str) -> bool:
        """Return whether the base says anything of a thing."""
        return bool(self._objects(thing, vocabulary.RDF_TYPE))

    def label(self, thing: str, language: str) -> str:
        """Return what a thing is called."""
        told = {
            each.language: each.value
            for each in self._said(thing, vocabulary.SKOS_PREF_LABEL)
            if isinstance(each, Literal)
        }
        return told.get(language) or told.get("en") or next(iter(sorted(told.values())), "")

    def name(self, thing: str, language: str, kind: str = vocabulary.SUBJECT) -> str:
        """Return a name that means this thing alone; its IRI, shortened, where there is none."""
        label = self.label(thing, language)
        others = self._bearers.get(names.fold(label), set()) - {thing}
        alone = label and not any(self.is_a(each, kind) for each in others)
        return label if alone else self.short(thing)

    def agent(self, name: str) -> str:
        """Return the one agent who is called so; empty where there is none, or several."""
        found = self._store.register.bearers((vocabulary.AGENT,)).of(name)
        return found[0] if len(found) == 1 else ""

    def session(self, mechanism: str, number: str) -> str:
        """Return the session of a mechanism that has a number; empty where none is known."""
        for quad in self._store.store.quads_for_pattern(
            None, NamedNode(vocabulary.SESSION_IN), NamedNode(mechanism), DefaultGraph()
        ):
            session = str(getattr(quad.subject, "value", ""))
            if number in (each.value for each in self._said(session, vocabulary.NUMBER)):
                return session
        return ""

    def posts(self, person: str) -> tuple[str, ...]:
        """Return the posts in which somebody is seen."""
        return tuple(self._objects(person, vocabulary.SEEN_IN_POST))

    def party(self, post: str) -> str:
        """Return the state or organization that a post is of; empty where none is known."""
        for holder in self._objects(post, vocabulary.POST_IN):
            return next(iter(self._objects(holder, vocabulary.BELONGS_TO)), holder)
        return ""

    def _objects(self, thing: str, predicate: str) -> list[str]:
        """Return the things that a property of a thing leads to, sorted."""
        return [each.value for each in self._said(thing, predicate) if isinstance(each, NamedNode)]

    def _said(self, thing: str, predicate: str) -> list[Literal | NamedNode]:
        """Return the values of a property of a thing, sorted; a text asks for few of them often."""
        found = self._values.get((thing, predicate))
        if found is None:
            told = self._store.store.quads_for_pattern(NamedNode(thing), NamedNode(predicate), None)
            values = {each.object for each in told}
            found = sorted((v for v in values if isinstance(v, (Literal, NamedNode))), key=str)
            self._values[thing, predicate] = found
        return found


class _Draft:
    def __init__(self, known: _Known, text: str, told: Told) -> None:
        self._known, self._text, self._told = known, text, told
        self._words = Text(text)
        self._language = told.language or language_of(text)
        self._finder = Finder(known.names, self._language)
        self._learn()
        self._sentences = self._read()
        self._paragraphs: dict[int, list[_Sentence]] = defaultdict(list)
        for each in self._sentences:
            self._paragraphs[each.paragraph].append(each)
        self._people = self._named_people()
        self._by_name = {each.name: each for each in self._people}
        self._slugs: dict[str, int] = {}
        self._counts: dict[str, int] = defaultdict(int)
        self._party: dict[str, str] = {}

    def _read(self) -> list[_Sentence]:
        return [
            _Sentence(
                f"p{paragraph}.{number}",
                paragraph,
                *span,
                tuple(self._kept(self._finder.found(self._text, *span))) if _is_one(span) else (),
            )
            for paragraph, spans in enumerate(self._words.paragraphs, 1)
            for number, span in enumerate(spans, 1)
        ]

    def _kept(self, found: Sequence[Found]) -> Iterator[Found]:
        """Give what was found, as far as the base knows what is hinted at."""
        named = [each for each in found if each.kind == "thing"]
        hints = [each for each in found if each.kind in GROUPS]
        for each in found:
            if each.kind == "thing":
                if not self._known.is_a(each.values[0], vocabulary.EVENT_TYPE):
                    yield each
                elif not any(_covers(other, each) for other in hints):
                    last = syntax.local_name(each.values[0])
                    yield each._replace(kind="event-type", values=(last,))
            elif each.kind not in GROUPS or (
                self._known.is_known(f"{vocabulary.INDIVIDUAL}{each.kind}/{each.values[0]}")
                and not any(_covers(other, each) and not _covers(each, other) for other in named)
            ):
                yield each

    def _learn(self) -> None:
        """Look for the family names of people who are named in full, too."""
        short: dict[str, set[str]] = defaultdict(set)
        for span in (each for spans in self._words.paragraphs for each in spans):
            for each in self._finder.named(self._text, *span) if _is_one(span) else ():
                words = self._text[each.start : each.end].split()
                person = each.kind == "person" or self._of(each, vocabulary.PERSON)
                if person and len(words) > 1:
                    family = words[0] if self._finder.family_first else words[-1]
                    short[family].add(each.values[0])
                    if each.kind == "person":
                        self._finder.add(each.values[0], each.values[0])
        for family, people in sorted(short.items()):
            if len(people) == 1:
                self._finder.add(family, *people)

    # ------------------------------------------------------------------ the whole

    def text(self) -> str:
        """Return the whole draft."""
        accounts = list(self._accounts())  # which find out of which party people are
        lines = [
            *_comment(
                "A report form to fill in. What begins with ?? is a suggestion from the words of "
                "the text, and nothing more: read it beside the sentence, mend it, and take the ?? "
                "away, or take it out. The comments may go. Then: dragoman validate, and dragoman "
                "add."
            ),
            "",
            *self._sentence_comments(),
            *self._header(),
            *self._voices(),
            *self._reference(),
            *self._new(),
            *self._cast(),
            *accounts,
        ]
        return "\n".join(lines).rstrip("\n") + "\n"

    def _sentence_comments(self) -> Iterator[str]:
        for sentence in self._sentences:
            words = _printable(self._text[sentence.start : sentence.end])
            yield from _comment(words, f"# {sentence.name}  ")
            told = dict.fromkeys(map(self._shown, sentence.found))
            if not _is_one((sentence.start, sentence.end)):
                told = {"too long for a sentence: nothing was looked for in it": None}
            if told:
                yield from _comment("; ".join(told), "#     > ")
        if self._sentences:
            yield ""

    def _shown(self, found: Found) -> str:
        """Return what was found, with what it may be."""
        words = _printable(self._text[found.start : found.end])
        meant = {
            "voice": "a voice",
            "host": "a host",
            "person": "a person whom the base does not know",
            "day without a year": "a day without a year",
        }.get(found.kind)
        if found.kind == "thing":
            meant = " or ".join(map(self._known.short, found.values))
        return f"{words} = {meant or f'{found.kind} {found.values[0]}'}"

    def _header(self) -> Iterator[str]:
        told = self._told
        known = {
            "dragoman": "report/1",
            "source": told.name,
            "text": told.text,
            "title": told.title,
            "published": told.date,
            "language": told.language,
            "url": told.url,
            "publisher": self._publisher or "publisher",
        }
        yield from laid_out({key: value for key, value in known.items() if value}).splitlines()
        if told.text is None:
            yield "# text: the file of the text, beside this one; none where it is not at hand"
        if told.language is None:
            yield f"language: {SUGGESTION} {self._language}"
        if told.title is None and self._title and not _NOT_PLAIN.match(self._title):
            yield f"title: {SUGGESTION} {self._title}"
        if told.date is None:
            yield "# published: the day, as in 2031-03-05"

    @cached_property
    def _publisher(self) -> str:
        """The name of the publisher, where the base has them; else empty."""
        known = self._known.agent(self._told.publisher) if self._told.publisher else ""
        return self._name(known, vocabulary.AGENT) if known else ""

    @cached_property
    def _title(self) -> str:
        """The title above the text: a first paragraph of one sentence without its dot."""
        first = self._words.paragraphs[0] if len(self._words.paragraphs) > 1 else ()
        title = _printable(self._text[slice(*first[0])]) if len(first) == 1 else ""
        return title if len(title) <= 200 and title[-1:].isalnum() else ""

    def _voices(self) -> Iterator[str]:
        told = self._told.publisher
        label = self._labelled(*((told, told) if told else self._finder.label("publisher")))
        label = label if isinstance(label, dict) else {"label": label}
        publisher: dict[str, Value] = {"publisher": {"a": "Organization", **label}}
        named: dict[str, Value] = {}
        for each in self._all("voice"):
            words = _printable(each.values[0])
            called = words[:1].upper() + words[1:]
            named.setdefault(slug(words), self._labelled(called, called))
        if named or not self._publisher:
            yield from ("", "voices:")
        if not self._publisher:
            yield from _entries(publisher, "" if told else SUGGESTION)
        yield from _entries(named)
        defaults: dict[str, Value] = {
            "accounts": {"by": self._publisher or "publisher"},
            "delegations": {"listing": "named"},
        }
        yield from ("", "defaults:")
        yield from _entries(defaults, "")

    def _reference(self) -> Iterator[str]:
        """Give the posts that titles may be, of those people in whose post nobody saw them."""
        posts: dict[str, Value] = {}
        for each in self._people:
            key = self._new_post(each)
            party = self._party.get(each.name, "")
            if key and not self._known.is_known(f"{vocabulary.INDIVIDUAL}{key.replace(':', '/')}"):
                label = f"{each.title} of {self._known.label(party, 'en')}"
                posts[key] = {"label": label, "postIn": self._name(party)}
        if posts:
            yield from ("", "reference:")
            yield from _entries(posts)

    def _new_post(self, person: _Person) -> str:
        """Return the post that a title in English may be; empty where it may be none."""
        party = self._party.get(person.name, "")
        if person.posts or not party or not person.title or self._language != "en":
            return ""
        return f"post:{syntax.local_name(party).lower()}-{slug(person.title)}"

    def _new(self) -> Iterator[str]:
        new = {
            f"person:{slug(each.name)}": self._labelled(each.name, each.name)
            for each in self._people
            if not each.known
        }
        if new:
            yield from ("", "new:")
            yield from _entries(new)

    def _cast(self) -> Iterator[str]:
        if not self._people:
            return
        yield from ("", "cast:")
        for each in self._people:
            posts = [*map(self._known.short, each.posts), self._new_post(each)]
            post = _first("capacity", [posts[0].partition(":")[2]])
            if not post:
                yield f"  # {each.name}: the post is not found; a new one is told under reference"
            yield from _entries({each.name: {**post, "words": each.words}})

    # ------------------------------------------------------------------ people

    def _named_people(self) -> list[_Person]:
        """Return who is named, each once, in the order of the text."""
        mentions: dict[str, list[tuple[Found, _Sentence]]] = defaultdict(list)
        for sentence in self._sentences:
            for each in sentence.found:
                people = self._of(each, vocabulary.PERSON)
                if each.kind == "person" or len(people) == 1:
                    mentions[people[0] if people else each.values[0]].append((each, sentence))
        return [self._person(who, told) for who, told in mentions.items()]

    def _person(self, who: str, told: Sequence[tuple[Found, _Sentence]]) -> _Person:
        known = self._known.is_known(who) if "://" in who else False
        name = self._name(who) if known else _printable(who)
        posts = self._known.posts(who) if known else ()
        introduced = [self._introduction(*each) for each in told]
        found, sentence, start = max(
            zip(*zip(*told, strict=True), introduced, strict=True),
            key=lambda each: (each[0].end - each[2], -each[0].start),
        )
        near = [
            each.values[0]
            for each in sentence.found
            if self._of(each, vocabulary.POST)
            and (0 < found.start - each.end < 3 or 0 < each.start - found.end < 3)
        ]
        posts = tuple(dict.fromkeys((*(each for each in posts if each in near), *posts, *near)))
        party = next(filter(None, map(self._known.party, posts)), "")
        title = _printable(self._text[start : found.start])
        return _Person(name, self._expression(start, found.end), title, posts, party, known)

    def _introduction(self, found: Found, sentence: _Sentence) -> int:
        """Return where the title before a name begins."""
        people = [
            each.end
            for each in sentence.found
            if each.end <= found.start
            and (each.kind == "person" or self._of(each, vocabulary.PERSON))
        ]
        begin = max([sentence.start, *people])
        before = _BEFORE.search(self._text, begin, found.start)
        if before is None:
            return found.start
        start = before.start()
        while small := re.match(
            r"(?:of|and|for|[Tt]he|chief|head|\([^()]*\))\s+", self._text[start:]
        ):
            start += small.end()
        return min(start, found.start)

    def _expression(self, start: int, end: int) -> str:
        """Return words as a form has them: as they stand where that is enough."""
        words = _printable(self._text[start:end])
        return words if self._place(words) == (start, end) else self._words.tell(start, end)

    def _place(self, words: str) -> Span | None:
        try:
            return self._words.find(words)
        except WordsError:
            return None

    # ------------------------------------------------------------------ accounts

    def _accounts(self) -> Iterator[str]:
        yield from ("", "accounts:")
        told: dict[str, set[str]] = defaultdict(set)
        before, paragraph = "", 0
        lines: list[str] = []
        last: tuple[str, str] | None = None
        for sentence in self._sentences[bool(self._title) :]:
            # a sentence that names nobody goes on with whom the one before it begins with
            before = before if sentence.paragraph == paragraph else ""
            speaker, paragraph = self._speaker(sentence, before), sentence.paragraph
            before = next((each.name for each in self._people_in(sentence)), before)
            act, status = self._hint(sentence, "act"), self._hint(sentence, "status")
            count = len(lines)
            if act and speaker:
                lines += _entries(self._utterance(sentence, act, speaker))
            for about, value in self._subjects(sentence):
                # what was told of once is told of again where it has become something else
                changed = status and not act and status not in told.get(about, {status})
                if about not in told or changed:
                    told[about].add(status)
                    last = about, status
                    lines += _entries(self._event(sentence, about, value))
                    lines += self._astray(sentence)
            if len(lines) == count and last and any(self._sides(sentence).values()):
                lines += _entries(self._people_of(sentence, *last))
                lines += self._astray(sentence)
        if not lines:
            yield "  # first: {about: meeting:…, words: p1.1, status: occurred}"
        yield from lines

    def _speaker(self, sentence: _Sentence, before: str) -> str:
        """Return who speaks, of those who are named before the words for it; empty for a voice.

        Args:
            sentence: where.
            before: who is meant where nobody is named.
        """
        acts = self._found(sentence, "act")
        start = acts[0].start if acts else sentence.end
        voices = self._found(sentence, "voice")
        speakers = []
        for each in sentence.found:
            agents = self._of(each, vocabulary.AGENT)
            if each.start >= start or any(
                _covers(voice, each) for voice in voices if voice != each
            ):
                continue
            if agents or each.kind == "person":
                speakers.append(self._name(agents[0]) if agents else _printable(each.values[0]))
            elif each.kind == "voice" and not self._finder.speaker_first:
                speakers.append("")
        return speakers[0 if self._finder.speaker_first else -1] if speakers else before

    def _subjects(self, sentence: _Sentence) -> Iterator[tuple[str, Value]]:
        """Give the events of a sentence, and how the form names each."""
        known = [thing for each in sentence.found for thing in self._of(each, vocabulary.EVENT)]
        acts = [
            each for each in self._found(sentence, "act") if each.values[0] not in listed("reports")
        ]
        until = min((each.start for each in acts), default=sentence.end)
        found = self._found(sentence, "event-type")
        types = [] if known else [each for each in found if each.start < until]
        for thing in known:
            yield thing, self._name(thing)
        session = self._session(sentence)
        if session and not known and session.told.start < until:
            types = [each for each in types if not _covers(session.told, each)]
            new = "://" not in session.about and not self._counts[session.about]
            self._counts[session.about] += 1
            yield (
                session.about,
                {session.about: self._label_of(session)}
                if new
                else (self._name(session.about) if "://" in session.about else session.about),
            )
            known = [session.about]
        for kind in dict.fromkeys(each.values[0] for each in types):
            named = [each for each in types if each.values[0] == kind]
            again = all(self._finder.is_definite(self._text, each) for each in named)
            new = not self._counts[kind] or not again
            self._counts[kind] += new
            number = f"-{self._counts[kind]}" if self._counts[kind] > 1 else ""
            space = "event" if kind in listed("events") else "meeting"
            about = f"{space}:{slug(self._told.name)}-{kind}{number}"
            if not new:
                yield about, about
                continue
            called = (self._called(kind, sentence, each) for each in (self._language, "en"))
            yield about, {about: self._labelled(*self._unlike(*called))}
        if not known and not types:
            for each in sentence.found:
                for thing in self._of(each, vocabulary.MECHANISM) if each.start < until else ():
                    yield thing, self._name(thing)

    def _session(self, sentence: _Sentence) -> _Session | None:
        """Return the session that a sentence tells of, by its number; None where it tells of none.

        It is one of the mechanism that the sentence names, else of the one that was named last.
        """
        numbers = self._found(sentence, "session")
        mechanism = self._mechanisms.get(sentence.name, "")
        if not numbers or not mechanism:
            return None
        number = numbers[0].values[0]
        about = self._known.session(mechanism, number)
        about = about or f"meeting:{syntax.local_name(mechanism).lower()}-{number}"
        return _Session(numbers[0], mechanism, number, about)

    @cached_property
    def _mechanisms(self) -> dict[str, str]:
        """The mechanism of which each sentence tells: its own, else the one that was named last."""
        found, last = {}, ""
        for sentence in self._sentences:
            last = next(iter(self._things(sentence, vocabulary.MECHANISM)), last)
            found[sentence.name] = last
        return found

    def _label_of(self, session: _Session) -> Value:
        tongues = (self._language, "en")
        own, english = (self._known.label(session.mechanism, each) for each in tongues)
        label = self._finder.label("session_of", session.number, own)[0]
        return self._labelled(label, self._finder.label("session_of", session.number, english)[1])

    def _called(self, kind: str, sentence: _Sentence, language: str) -> str:
        """Return what an event may be called: its type and the parties."""
        label = self._known.label(f"{vocabulary.INDIVIDUAL}event-type/{kind}", language)
        sides = [self._known.label(each, language) for each in self._party_things(sentence)[:2]]
        parties = f" ({' – '.join(sides)})" if sides else ""  # noqa: RUF001
        return f"{label[:1].upper()}{label[1:]}{parties}"

    def _event(self, sentence: _Sentence, about: str, value: Value) -> dict[str, Value]:
        """Return an account of an event or a mechanism, by its key."""
        key = about.rpartition("/" if "://" in about else ":")[2]
        key = key.removeprefix(f"{slug(self._told.name)}-")
        account: dict[str, Value] = {"about": value, **self._common(sentence)}
        if value == about:  # told of before
            key = f"{key}-{account['status']}"
        if not ("://" in about and self._known.is_a(about, vocabulary.MECHANISM)):
            session = self._session(sentence)
            session = session if session and session.about == about else None
            types = [each.values[0] for each in self._found(sentence, "event-type")]
            own = [each for each in types if key.startswith(each)]
            places = self._things(sentence, vocabulary.PLACE)
            sessions = self._things(sentence, vocabulary.MECHANISM)
            if session is None:
                account |= _first("eventType", own or types)
            else:
                sessions = [session.mechanism]
                account["ordinal"] = session.number
            account |= _first("sessionOf", map(self._name, sessions))
            account |= self._time(sentence)
            account |= _first("mode", [self._hint(sentence, "mode")])
            account |= _first("place", (self._name(each, vocabulary.PLACE) for each in places))
            account |= self._host(sentence)
            if sides := self._sides(sentence):
                account["delegations"] = {party: list(people) for party, people in sides.items()}
        return {self._slug(key): account}

    def _people_of(self, sentence: _Sentence, about: str, status: str) -> dict[str, Value]:
        """Return an account of who is at an event, of which a sentence before it tells."""
        account: dict[str, Value] = {
            "about": self._name(about) if "://" in about else about,
            **self._common(sentence),
            **_first("status", [status]),
            "delegations": {party: list(people) for party, people in self._sides(sentence).items()},
        }
        return {self._slug(f"people-{sentence.name}"): account}

    def _utterance(self, sentence: _Sentence, act: str, speaker: str) -> dict[str, Value]:
        """Return an account of words, by its key."""
        family = slug(speaker).split("-")[0 if self._finder.family_first else -1]
        key = self._slug(f"{family}-{act}")
        label = self._labelled(*self._unlike(*self._finder.label("words_of", speaker)))
        account: dict[str, Value] = {
            "about": {f"utterance:{slug(self._told.name)}-{key}": label},
            **self._common(sentence),
            "speaker": speaker,
            "act": act,
        }
        for word, kind in (("topic", vocabulary.TOPIC), ("concerns", vocabulary.ORGANIZATION)):
            things = [self._name(each) for each in self._things(sentence, kind)]
            if things:
                account[word] = things[0] if len(things) == 1 else list(things)
        return {key: account}

    def _common(self, sentence: _Sentence) -> dict[str, Value]:
        """Return what every account has: its words, its voice and its status, where one is told."""
        voices = [
            slug(_printable(each.values[0]))
            for other in self._paragraphs[sentence.paragraph]
            if other.start <= sentence.start
            for each in self._found(other, "voice")
        ]
        return {
            "words": sentence.name,
            **_first("by", reversed(voices)),
            **_first("status", [self._hint(sentence, "status")]),
        }

    def _time(self, sentence: _Sentence) -> dict[str, Value]:
        days = [each.values[0] for each in self._found(sentence, "day")]
        weekdays = self._found(sentence, "weekday")
        unsaid = [*weekdays, *self._found(sentence, "day without a year")]
        status = self._hint(sentence, "status")
        held = self._known.is_a(
            f"{vocabulary.INDIVIDUAL}status/{status}", vocabulary.FULFILLED_STATUS
        )
        told = _first("start" if held or not status else "plannedStart", days)
        told |= _first("weekday", (each.values[0] for each in weekdays))
        if unsaid and not days:
            first, last = min(each.start for each in unsaid), max(each.end for each in unsaid)
            last = last if last - first < 40 else unsaid[0].end
            before = self._finder.before_time(self._text[sentence.start : first])
            told["timeStated"] = _printable(f"{before}{self._text[first:last]}")
        if held and not told:
            told["timeUnknown"] = "true"
        return told

    def _host(self, sentence: _Sentence) -> dict[str, Value]:
        hosts = self._found(sentence, "host")
        agents = [each for each in sentence.found if self._of(each, vocabulary.AGENT)]
        if not hosts or not agents:
            return {}

        def distance(each: Found) -> int:
            return min(abs(each.start - hosts[0].end), abs(hosts[0].start - each.end))

        thing = self._of(min(agents, key=distance), vocabulary.AGENT)[0]
        is_person = self._known.is_a(thing, vocabulary.PERSON)
        return {"hostPerson" if is_person else "host": self._name(thing)}

    def _sides(self, sentence: _Sentence) -> dict[str, list[str]]:
        """Return the parties of a sentence, each with its people."""
        sides: dict[str, list[str]] = {each: [] for each in self._parties(sentence)}
        for person in self._people_in(sentence):
            if party := self._party_of(person, sentence):
                sides.setdefault(self._name(party), []).append(person.name)
        return dict(list(sides.items())[:_MOST_PARTIES])

    def _astray(self, sentence: _Sentence) -> Iterator[str]:
        """Give a comment for each of the people of a sentence whose party is not found."""
        for person in self._people_in(sentence):
            if not self._party_of(person, sentence):
                yield f"  # {person.name}: of which party is not found in {sentence.name}"

    def _party_of(self, person: _Person, sentence: _Sentence) -> str:
        """Return a person's own party, else what this sentence, or one before, says; or empty."""
        if person.party:
            return person.party
        here = self._mention(person, sentence)
        named = [
            each
            for each in sentence.found
            if self._of(each, vocabulary.ORGANIZATION) and not self._of(each, vocabulary.PLACE)
        ]
        others = [self._mention(each, sentence) for each in self._people_in(sentence)]
        taken = {
            party
            for other in others
            for party in named
            if other != here and self._finder.belongs(self._text[other.end : party.start])
        }
        own = [each for each in named if self._finder.belongs(self._text[here.end : each.start])]
        own += [each for each in reversed(named) if each.start < here.start and each not in taken]
        if own:
            self._party[person.name] = self._of(own[0], vocabulary.ORGANIZATION)[0]
        return self._party.get(person.name, "")

    def _mention(self, person: _Person, sentence: _Sentence) -> Found:
        """Return where a sentence first names one of its people."""
        return next(
            each
            for each in sentence.found
            if (each.kind == "person" and _printable(each.values[0]) == person.name)
            or person.name in map(self._name, self._of(each, vocabulary.PERSON))
        )

    # ------------------------------------------------------------------ what is in a sentence

    def _parties(self, sentence: _Sentence) -> list[str]:
        return list(map(self._name, self._party_things(sentence)))

    def _party_things(self, sentence: _Sentence) -> list[str]:
        """Return the parties of a sentence: those of its people, and those that are named."""
        # the name of a capital stands for its state, too; here it is where they meet
        parties = [
            each
            for each in self._things(sentence, vocabulary.ORGANIZATION, but=vocabulary.PLACE)
            if not self._known.is_a(each, vocabulary.MECHANISM)
            and not self._known.is_a(each, vocabulary.INSTITUTION)
        ]
        own = [each.party for each in self._people_in(sentence) if each.party]
        return list(dict.fromkeys((*own, *parties)))

    def _people_in(self, sentence: _Sentence) -> list[_Person]:
        here: list[str] = []
        for each in sentence.found:
            here += map(self._name, self._of(each, vocabulary.PERSON))
            if each.kind == "person":
                here.append(_printable(each.values[0]))
        return [self._by_name[each] for each in dict.fromkeys(here) if each in self._by_name]

    def _things(self, sentence: _Sentence, kind: str, but: str = "") -> list[str]:
        """Return the things of a class in a sentence, one of those that a name may mean.

        Args:
            sentence: where.
            kind: IRI of the class.
            but: IRI of a class; a name that may mean one of it is left out.
        """
        voices = self._found(sentence, "voice")
        found = [
            self._of(each, kind)
            for each in sentence.found
            if not any(_covers(voice, each) for voice in voices) and not self._of(each, but)
        ]
        return list(dict.fromkeys(each[0] for each in found if each))

    def _of(self, found: Found, kind: str) -> list[str]:
        if found.kind != "thing":
            return []
        return [each for each in found.values if self._known.is_a(each, kind)]

    def _found(self, sentence: _Sentence, kind: str) -> list[Found]:
        return [each for each in sentence.found if each.kind == kind]

    def _all(self, kind: str) -> Iterator[Found]:
        for sentence in self._sentences:
            yield from self._found(sentence, kind)

    def _hint(self, sentence: _Sentence, group: str) -> str:
        """Return the value of a group that comes first of those that a sentence hints at."""
        values = [each.values[0] for each in self._found(sentence, group)]
        return min(values, key=lambda each: self._finder.rank(group, each), default="")

    def _name(self, thing: str, kind: str = vocabulary.SUBJECT) -> str:
        return self._known.name(thing, self._language, kind)

    def _unlike(self, label: str, english: str) -> tuple[str, str]:
        """Return labels that nothing else in the draft has."""
        self._counts[label] += 1
        number = f" ({self._counts[label]})" if self._counts[label] > 1 else ""
        return label + number, english + number

    def _labelled(self, label: str, english: str) -> Value:
        """Return the label of something new, in English and in the language of the text."""
        if self._language == "en":
            return label
        return {"label": {"en": english, self._language: label}}

    def _slug(self, wanted: str) -> str:
        """Return a key that no other account has."""
        first = key = slug(wanted)
        while key in self._slugs:
            self._slugs[first] += 1
            key = f"{first}-{self._slugs[first]}"
        self._slugs[key] = 1
        return key


def _first(key: str, values: Iterable[str]) -> dict[str, Value]:
    """Return the first of some values by a key; nothing where there is none."""
    value = next(iter(values), "")
    return {key: value} if value else {}


def _entries(entries: dict[str, Value], mark: str = SUGGESTION) -> Iterator[str]:
    """Give the lines of a section's entries, each of them as a suggestion."""
    for line in laid_out({"section": entries}).splitlines()[2:] if entries else ():
        yield f"  {mark} {line.strip()}" if mark and line[2:3].strip() else line


def _is_one(sentence: Span) -> bool:
    """Return whether a sentence may be one."""
    return sentence[1] - sentence[0] <= _LONGEST


def _covers(one: Found, other: Found) -> bool:
    return one.start <= other.start and other.end <= one.end


def _printable(text: str) -> str:
    """Return a text on one line, without what no terminal shows."""
    if not text.isprintable():
        text = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(text.split())


def _comment(text: str, start: str = "# ") -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=start,
        subsequent_indent="#".ljust(len(start)),
        break_long_words=False,
        break_on_hyphens=False,
    )
