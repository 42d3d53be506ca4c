"""Write a large invented world in our own ontology, from a seed: the material of the benchmarks.

The states are those of the packaged base; everything else (people, posts, bodies, meetings) is made
up and says so in its IRIs, which begin with `bench-`. Each source is one N-Triples file and so one
named graph. The same seed and size give the same bytes.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import itertools
import json
import random
import sys
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dragoman.base import DATA, Base, packaged_base

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyoxigraph import Triple

LAST_YEAR: Final = 2024
DEPARTURES: Final = 0.0025
MANIFEST: Final = "world.json"

# Key, portfolios, rank and title of the posts of a state. The first three are everywhere; the
# further a state is from the hubs, the fewer of the rest it has.
_POSTS: Final = (
    ("foreign-minister", ("foreign-affairs",), "minister", "Minister of Foreign Affairs"),
    ("head-of-government", ("head-of-government",), "head-of-government", "Prime Minister"),
    ("defence-minister", ("defence",), "minister", "Minister of Defence"),
    ("trade-minister", ("trade", "economy"), "minister", "Minister of Trade and Economy"),
    ("energy-minister", ("energy",), "minister", "Minister of Energy"),
    ("intelligence-director", ("intelligence",), "agency-head", "Director of Intelligence"),
    ("home-minister", ("home-affairs",), "minister", "Minister of Home Affairs"),
    ("deputy-foreign-minister", (), "deputy-minister", "Deputy Minister of Foreign Affairs"),
    ("arms-director", ("defence-industry",), "agency-head", "Director of Defence Industry"),
    ("transport-minister", ("transport",), "minister", "Minister of Transport"),
    ("water-minister", ("water", "environment"), "minister", "Minister of Water"),
    ("culture-minister", ("culture",), "minister", "Minister of Culture"),
    ("security-adviser", ("national-security",), "adviser", "National Security Adviser"),
    ("head-of-state", ("head-of-state",), "head-of-state", "President"),
)
_OF_THE_STATE: Final = ("head-of-government", "head-of-state", "security-adviser")
_MINISTRY: Final = {"deputy-foreign-minister": "foreign-minister"}
_GROUP_PORTFOLIOS: Final = ("foreign-affairs", "trade", "energy")
_ACTS: Final = (
    *("announce", "call-for", "condemn", "emphasise", "praise", "propose", "reaffirm"),
    *("reject", "state", "warn", "welcome"),
)
_INTERVALS: Final = (("P6M", 183), ("P1Y", 365), ("P2Y", 730))
_WEEKDAYS: Final = (
    *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
)
_SYLLABLES: Final = ("ba", "dor", "el", "fen", "gal", "hil", "ka", "lor", "mi", "nor", "os", "ver")
_ENDINGS: Final = ("an", "berg", "dal", "en", "holt", "is", "mar", "ov", "ström", "ü")


@dataclass(frozen=True)
class Departure:
    """A place where the world departs from its own rules, on purpose.

    Attributes:
        kind: host, interval, composition or overlap.
        node: the session, delegation or tenure that departs.
    """

    kind: str
    node: str


@dataclass(frozen=True)
class World:
    """What was written.

    Attributes:
        seed: what the world was made from.
        triples: how many were written.
        files: the N-Triples files, sorted; each is one source and one named graph.
        hubs: for each kind of thing the busiest ones, busiest first, as IRIs.
        departures: what was made to depart from the rules.
    """

    seed: int
    triples: int
    files: tuple[Path, ...]
    hubs: dict[str, list[str]]
    departures: tuple[Departure, ...]


def write_world(
    folder: Path,
    triples: int = 1_000_000,
    seed: int = 1,
    *,
    departures: float = DEPARTURES,
    base: Base | None = None,
) -> World:
    """Write a world of about so many triples into a folder, and a manifest beside it.

    Args:
        folder: where the files go; it is made, and must hold no N-Triples yet.
        triples: about how many; a little more is written, to finish the last session.
        seed: same seed and size, same bytes.
        departures: how often a chance to depart from the rules is taken.
        base: where the states come from; the packaged one by default.

    Raises:
        FileExistsError: the folder holds N-Triples files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.glob("*.nt")):
        raise FileExistsError(f"{folder} already holds a world. Name an empty folder.")
    world = Maker(folder, triples, seed, departures, base or packaged_base()).make()
    write_manifest(folder, world)
    return world


def write_manifest(folder: Path, world: World, **more: object) -> None:
    """Write what was written, and more, beside it."""
    manifest = {
        "seed": world.seed,
        "triples": world.triples,
        "hubs": world.hubs,
        "departures": [[each.kind, each.node] for each in world.departures],
        **more,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def read_world(folder: Path) -> World:
    """Read what `write_world` wrote about a folder."""
    told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return World(
        told["seed"],
        told["triples"],
        tuple(sorted(folder.glob("*.nt"))),
        told["hubs"],
        tuple(Departure(kind, node) for kind, node in told["departures"]),
    )


@dataclass
class TextSource:
    """One source while it is written: its lines, and how far its imagined text has come."""

    path: Path
    key: str
    iri: str
    voices: list[str] = field(default_factory=list)
    issued: dt.date | None = None
    lines: list[str] = field(default_factory=list)
    length: int = 0
    triples: int = 0
    accounts: int = 0
    named: set[str] = field(default_factory=set)

    def flush(self) -> None:
        """Write the lines so far to the file."""
        with self.path.open("a", encoding="utf-8", newline="\n") as file:
            file.writelines(self.lines)
        self.lines.clear()


@dataclass
class Party:
    """A state or an organization, with its posts by portfolio and its places."""

    iri: str
    name: str
    key: str
    posts: dict[str, list[str]] = field(default_factory=dict)
    places: list[str] = field(default_factory=list)
    members: list[Party] = field(default_factory=list)
    deputy: str | None = None

    @property
    def minister(self) -> str:
        """The post of the minister of foreign affairs."""
        return self.posts["foreign-affairs"][0]


@dataclass
class _Mechanism:
    iri: str
    name: str
    parties: list[Party]
    slots: list[str]
    interval: tuple[str, int]
    rule: str
    per_member: bool = False


@dataclass
class _Sitting:
    """A session as it was: what its accounts tell, each in its own way."""

    mechanism: _Mechanism
    iri: str
    ordinal: int
    day: dt.date
    host: Party
    agenda: list[str]

    @property
    def hosted(self) -> bool:
        """Where no rule names a host, now and then no source does."""
        return self.mechanism.rule != "unstated" or self.ordinal % 5 > 0


@dataclass
class Maker:
    """Makes one world; everything random comes from one generator, in one order."""

    folder: Path
    wanted: int
    seed: int
    rate: float
    base: Base
    count: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)  # noqa: S311  invention, no secret
        self.prefixes = self.base.prefixes()
        self.terms: dict[str, str] = {}
        self.sources: dict[str, TextSource] = {}
        self.departures: list[Departure] = []
        self.degrees: dict[str, Counter[str]] = {}
        self.numbers: Counter[str] = Counter()
        self.holders: dict[str, tuple[list[dt.date], list[tuple[dt.date, str]]]] = {}
        self.years, last_year = self.span()
        self.first_day = dt.date(last_year + 1 - self.years, 1, 1)
        self.last_day = dt.date(last_year, 12, 31)
        self.things = self._source("bench-things", None, ())

    def span(self) -> tuple[int, int]:
        """Return how many years there are, and the last of them: a small world is a short one."""
        return max(4, min(20, self.wanted // 5_000)), LAST_YEAR

    # ---------------------------------------------------------------- writing

    @property
    def full(self) -> bool:
        """Whether as much is written as was wanted."""
        return self.count >= self.wanted

    def term(self, text: str) -> str:
        """Return a prefixed name as N-Triples writes it; IRIs and literals as they are."""
        found = self.terms.get(text)
        if found is None:
            prefix, _, local = text.partition(":")
            found = text if text[0] in '<"' else f"<{self.prefixes[prefix]}{local}>"
            if text[0] not in '<"':
                self.terms[text] = found
        return found

    def say(self, source: TextSource, subject: str, *pairs: tuple[str, str]) -> None:
        """Write what a source says of a subject: pairs of property and value."""
        term, start = self.term, self.term(subject)
        for key, value in pairs:
            name = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>" if key == "a" else term(key)
            source.lines.append(f"{start} {name} {term(value)} .\n")
        source.triples += len(pairs)
        self.count += len(pairs)
        if len(source.lines) > 5_000:
            source.flush()

    def busy(self, kind: str, thing: str, by: int = 1) -> None:
        """Count how busy a thing is, to know the hubs."""
        self.degrees.setdefault(kind, Counter())[thing] += by

    def departs(self) -> bool:
        """Take the chance to depart from a rule, now and then."""
        return self.often(self.rate)

    def departed(self, kind: str, node: str) -> None:
        """Keep a record of a departure."""
        self.departures.append(Departure(kind, self.term(node)[1:-1]))

    def often(self, chance: float) -> bool:
        """Take a chance."""
        return self.random.random() < chance

    def skewed(self, things: Sequence[str]) -> str:
        """Choose one, the first ones far more often than the last."""
        return things[int(len(things) * self.random.random() ** 3)]

    def several(self, things: Sequence[str], most: int) -> list[str]:
        """Choose one or more, the first ones far more often than the last."""
        return list(dict.fromkeys(self.skewed(things) for _ in range(self.random.randint(1, most))))

    def number(self, kind: str) -> int:
        """Count the things of a kind, and return the number of the new one."""
        self.numbers[kind] += 1
        return self.numbers[kind]

    # ---------------------------------------------------------------- sources and accounts

    def _source(self, key: str, issued: dt.date | None, voices: Iterable[str]) -> TextSource:
        if key not in self.sources:
            iri = self.term(f"source:{key}")
            path = self.folder / f"{key}.nt"
            self.sources[key] = TextSource(path, key, iri, list(voices), issued)
        return self.sources[key]

    def chronicle(self, outlet: int, year: int) -> TextSource:
        """Return the yearbook of an outlet."""
        year = max(self.first_day.year, min(self.last_day.year, year))
        voices = [f"agent:bench-outlet-{outlet}", f"voice:bench-officials-{outlet}"]
        key = f"bench-outlet-{outlet}-{year}"
        return self._source(key, dt.date(year, 12, 31), voices)

    def register(self) -> TextSource:
        """Return the register that lists who holds the posts of the state at hand."""
        number = len(self.states) % max(1, self.outlets // 2)
        voices = [f"agent:bench-register-{number}"]
        return self._source(
            f"bench-register-{number}", dt.date(self.last_day.year + 1, 1, 31), voices
        )

    def tellers(self, year: int, most: int) -> list[TextSource]:
        """Return the sources that tell of something, the big outlets mostly."""
        wanted = 1
        while wanted < most and self.often(0.55):
            wanted += 1
        chosen = dict.fromkeys(int(self.outlets * self.random.random() ** 2) for _ in range(wanted))
        return [self.chronicle(outlet, year) for outlet in chosen]

    def passage(self, source: TextSource) -> str:
        """Write a passage of the source's imagined text, after those before it."""
        start = source.length + self.random.randint(1, 40)
        source.length = start + self.random.randint(30, 300)
        node = f"<{source.iri[1:-1]}/passage/{source.length}>"
        selector = f"{node[:-1]}/position>"
        self.say(
            source,
            node,
            ("a", "dip:Passage"),
            ("oa:hasSource", source.iri),
            ("oa:hasSelector", selector),
        )
        self.say(
            source,
            selector,
            ("a", "oa:TextPositionSelector"),
            ("oa:start", integer_of(start)),
            ("oa:end", integer_of(source.length)),
        )
        return node

    def account(
        self,
        source: TextSource,
        about: str,
        status: str,
        *pairs: tuple[str, str],
        voice: str | None = None,
    ) -> str:
        """Write an account, with its evidence, and return its IRI."""
        source.accounts += 1
        node = f"<{source.iri[1:-1]}/account/{source.accounts}>"
        if voice is None:
            voice = source.voices[1 if len(source.voices) > 1 and self.often(0.12) else 0]
        self.say(
            source,
            node,
            ("a", "dip:Account"),
            ("dip:about", about),
            ("dip:source", source.iri),
            ("prov:wasAttributedTo", voice),
            ("dip:passage", self.passage(source)),
            ("dip:status", f"status:{status}"),
            *pairs,
        )
        return node

    def part(
        self, source: TextSource, whole: str, key: str, kind: str, *pairs: tuple[str, str]
    ) -> str:
        """Write a part of an account or of a delegation, and return its IRI."""
        node = f"{whole[:-1]}-{key}>"
        self.say(source, node, ("a", kind), ("dip:partOf", whole), *pairs)
        return node

    # ---------------------------------------------------------------- the making

    def make(self) -> World:
        """Write everything, and return what was written."""
        self.outlets = max(3, min(12, self.wanted // 80_000))
        self.make_outlets()
        self.make_states()
        self.make_topics()
        self.make_organizations()
        self.mechanisms: list[_Mechanism] = []
        while not self.full:
            self.make_mechanism()
            for _ in range(4):
                self.make_visit()
            self.make_call()
            self.make_speech(self.random_day(), self.state(), None)
        return self.finish()

    def finish(self) -> World:
        """Write the heads of the sources and what is left of them, and return what was written."""
        self.make_headers()
        for source in self.sources.values():
            source.flush()
        # What a source of a wide world looks like: the busiest one.
        for source in self.sources.values():
            if source.issued and len(source.voices) > 1:
                self.busy("dip:Source", source.iri, source.triples)
        hubs = {
            kind: [self.term(thing)[1:-1] for thing, _ in counter.most_common(5)]
            for kind, counter in sorted(self.degrees.items())
        }
        files = tuple(sorted(source.path for source in self.sources.values()))
        return World(self.seed, self.count, files, hubs, tuple(self.departures))

    def make_headers(self) -> None:
        """Write what each source is."""
        for source in self.sources.values():
            pairs = [
                ("a", "dip:Source"),
                ("dcterms:title", text_of(f"Invented source {source.key}")),
            ]
            if source.issued:
                digest = hashlib.sha256(f"{self.seed} {source.key}".encode()).hexdigest()
                pairs += [
                    ("dcterms:issued", day_of(source.issued)),
                    ("dcterms:publisher", source.voices[0]),
                    ("dcterms:language", '"en"'),
                    ("dip:textLength", integer_of(source.length + 100)),
                    ("dip:sha256", f'"{digest}"'),
                ]
            self.say(source, source.iri, *pairs)

    def make_outlets(self) -> None:
        """Write who publishes the sources, and whom they quote."""
        for number in range(self.outlets):
            outlet = f"agent:bench-outlet-{number}"
            self.named(outlet, "dip:Organization", f"Outlet {number}")
            self.named(
                f"voice:bench-officials-{number}",
                "dip:AnonymousVoice",
                f"officials quoted by outlet {number}",
                ("dip:affiliation", outlet),
            )
        for number in range(max(1, self.outlets // 2)):
            self.named(f"agent:bench-register-{number}", "dip:Organization", f"Register {number}")
        self.named("person:bench-editor", "dip:Person", "Editor of the invented world")

    def named(self, thing: str, kind: str, name: str, *pairs: tuple[str, str]) -> None:
        """Write a subject into the file of things that all sources share."""
        self.say(self.things, thing, ("a", kind), ("skos:prefLabel", text_of(name)), *pairs)

    # ---------------------------------------------------------------- states and their people

    def make_states(self) -> None:
        """Write the states with their places, posts and people."""
        known = _states(self.base)
        self.random.shuffle(known)
        wanted = max(6, min(len(known), self.wanted // 5_000))
        self.states: list[Party] = []
        for index, (iri, code, name) in enumerate(known[:wanted]):
            share = index / wanted
            posts = 14 if share < 0.13 else 7 if share < 0.45 else 3
            self.make_state(Party(f"<{iri}>", name, code.lower()), posts)

    def make_state(self, state: Party, posts: int) -> None:
        """Write a state with its places, posts and people."""
        self.states.append(state)
        for number in range(2 if posts > 3 else 1):
            place = f"place:bench-{state.key}-{number}"
            name = f"{self.word()} ({state.name})"
            self.named(place, "dip:Place", name, ("dip:country", state.iri))
            state.places.append(place)
        hall = f"place:bench-{state.key}-hall"
        self.named(
            hall,
            "dip:Place",
            f"Hall of {state.name}",
            ("dip:country", state.iri),
            ("dip:within", state.places[0]),
        )
        state.places.append(hall)
        pool: list[str] = []
        for key, portfolios, rank, title in _POSTS[:posts]:
            post = f"post:bench-{state.key}-{key}"
            inside = state.iri
            if key not in _OF_THE_STATE:
                inside = f"institution:bench-{state.key}-{_MINISTRY.get(key, key)}-office"
            if key not in _OF_THE_STATE and key not in _MINISTRY:
                office = f"Office of the {title} of {state.name}"
                self.named(inside, "dip:Institution", office, ("dip:belongsTo", state.iri))
            pairs = [("org:postIn", inside), ("dip:rank", f"rank:{rank}")]
            pairs += [("dip:portfolio", f"portfolio:{each}") for each in portfolios]
            if rank in {"adviser", "agency-head"}:
                leader = f"post:bench-{state.key}-head-of-government"
                pairs.append(("org:reportsTo", leader))
            pairs.append(("dip:singleHolder", boolean_of("true")))
            self.named(post, "dip:Post", f"{title} of {state.name}", *pairs)
            if key in _MINISTRY:
                state.deputy = post
            for portfolio in portfolios:
                state.posts.setdefault(portfolio, []).append(post)
            self.make_tenures(post, f"{title} of {state.name}", pool)
        if "water" in state.posts:
            self.make_succession(state)

    def make_tenures(self, post: str, title: str, pool: list[str]) -> None:
        """Fill a post from the first day to the last, with a short gap now and then."""
        register = self.register()
        starts: list[dt.date] = []
        exact = False
        spells: list[tuple[dt.date, str]] = []
        start = self.first_day - dt.timedelta(days=self.random.randint(1, 900))
        while start < self.last_day:
            end = start + dt.timedelta(days=int(self.random.lognormvariate(7.2, 0.5)))
            person = self.successor(pool, spells)
            tenure = f"tenure:bench-{self.number('tenure')}"
            # Two spells overlap for certain only where both are told to the day.
            overlaps = exact and self.departs()
            told = spells[-1][0] - dt.timedelta(days=90) if overlaps else start
            if overlaps:
                self.departed("overlap", tenure)
            self.say(
                self.things,
                tenure,
                ("a", "dip:Tenure"),
                ("skos:prefLabel", text_of(f"Tenure as {title}, {start.year}")),
                ("dip:holder", person),
                ("dip:post", post),
            )
            self.busy("dip:Post", post)
            open_end = end >= self.last_day
            pairs = []
            if overlaps:
                pairs.append(("dip:start", day_of(told)))
            elif not self.often(0.01):
                pairs.append(("dip:start", self.precise(told)))
            if not open_end:
                pairs.append(("dip:end", self.precise(end)))
            if not overlaps and self.often(0.03):
                pairs.append(("dip:acting", boolean_of("true")))
            days = [value for _, value in pairs if value.endswith("#date>")]
            exact = len(days) == len(pairs) == 2
            status = "in-force" if open_end else "occurred"
            self.account(register, tenure, status, *pairs)
            starts.append(start)
            spells.append((end, person))
            # Partial dates are only in order where the next spell begins in another month.
            start = end + dt.timedelta(days=self.random.choice((1, 1, 1, 35, 90)))
        self.holders[post] = (starts, spells)
        if self.often(0.2):
            other = self.random.choice(pool)
            pairs = [("dip:capacity", post), ("dip:counterpart", other)]
            if other != spells[-1][1]:
                self.account(register, spells[-1][1], "in-force", *pairs)

    def successor(self, pool: list[str], spells: list[tuple[dt.date, str]]) -> str:
        """Return a person for a post: one known in the state already, or a new one."""
        last = spells[-1][1] if spells else None
        known = [person for person in pool[-8:] if person != last]
        if known and self.often(0.25):
            return self.random.choice(known)
        person = f"person:bench-{self.number('person')}"
        name = f"{self.word()} {self.word()}"
        self.named(person, "dip:Person", name)
        if self.often(0.1):
            given, _, family = name.partition(" ")
            self.say(self.things, person, ("skos:altLabel", text_of(f"{family} {given}")))
        pool.append(person)
        return person

    def make_succession(self, state: Party) -> None:
        """A ministry, and its post, that took the place of another."""
        old = f"institution:bench-{state.key}-river-office"
        name = f"Office of Rivers of {state.name}"
        self.named(old, "dip:Institution", name, ("dip:belongsTo", state.iri))
        self.account(
            self.register(),
            f"institution:bench-{state.key}-water-minister-office",
            "in-force",
            ("dip:succeeds", old),
            ("dip:start", day_of(self.first_day)),
        )

    def holder(self, post: str, day: dt.date) -> str | None:
        """Return who held a post on a day; None in a gap."""
        starts, spells = self.holders[post]
        index = bisect_right(starts, day) - 1
        if index < 0 or spells[index][0] < day:
            return None
        return spells[index][1]

    def state(self) -> Party:
        """Choose a state, the first ones far more often than the last."""
        return self.states[int(len(self.states) * self.random.random() ** 2.5)]

    def pair(self) -> tuple[Party, Party]:
        """Choose two states."""
        first, second = self.state(), self.state()
        while second is first:
            second = self.random.choice(self.states)
        return first, second

    def word(self) -> str:
        """Make up a word."""
        parts = [self.random.choice(_SYLLABLES) for _ in range(self.random.randint(1, 2))]
        return "".join([*parts, self.random.choice(_ENDINGS)]).capitalize()

    def random_day(self) -> dt.date:
        """Choose a day."""
        days = (self.last_day - self.first_day).days
        return self.first_day + dt.timedelta(days=self.random.randrange(days))

    def precise(self, day: dt.date) -> str:
        """Write a day, or now and then only its month or year."""
        chance = self.random.random()
        if chance < 0.02:
            return _literal(f"{day.year}", "xsd:gYear", self)
        if chance < 0.08:
            return _literal(f"{day:%Y-%m}", "xsd:gYearMonth", self)
        return day_of(day)

    # ---------------------------------------------------------------- topics and organizations

    def make_topics(self) -> None:
        """Write what is talked about."""
        kinds = ("policy-field", "region", "conflict", "relationship")
        self.topics: list[str] = []
        for number in range(max(12, min(120, self.wanted // 8_000))):
            topic = f"topic:bench-{number}"
            pairs = [
                ("dip:topicKind", f"topic-kind:{kinds[number % 4]}"),
                ("skos:inScheme", "scheme:topic"),
            ]
            if number % 4:
                pairs += [("dip:touches", state.iri) for state in self.pair()]
            if number >= 12 and self.often(0.3):
                pairs.append(("skos:broader", f"topic:bench-{number % 12}"))
            self.named(topic, "dip:Topic", f"{self.word().lower()} matter {number}", *pairs)
            self.topics.append(topic)

    def make_organizations(self) -> None:
        """Write unions and groups of states."""
        self.unions: list[Party] = []
        for number in range(max(2, min(12, self.wanted // 80_000))):
            # Every other one is a legal person with posts of its own; the rest are only groups.
            legal = number % 2 == 0
            members = [self.states[0], *self.pair(), *self.pair()]
            members = list({member.iri: member for member in members}.values())
            kind = "dip:InternationalOrganization" if legal else "dip:GroupOfStates"
            union = Party(
                f"organization:bench-{number}",
                f"Union {number}",
                f"union-{number}",
                members=members,
            )
            pairs = [("dip:member", member.iri) for member in members]
            self.named(union.iri, kind, union.name, *pairs)
            union.places = members[0].places
            pool: list[str] = []
            for portfolio in _GROUP_PORTFOLIOS if legal else ():
                post = f"post:bench-{union.key}-{portfolio}"
                title = f"Commissioner for {portfolio} of {union.name}"
                self.named(
                    post,
                    "dip:Post",
                    title,
                    ("org:postIn", union.iri),
                    ("dip:rank", "rank:senior-official"),
                    ("dip:portfolio", f"portfolio:{portfolio}"),
                )
                union.posts[portfolio] = [post]
                self.make_tenures(post, title, pool)
            self.unions.append(union)

    # ---------------------------------------------------------------- mechanisms

    def parties(self, chance: float) -> list[Party]:
        """Choose who is in a mechanism."""
        if chance < 0.06:
            union = self.random.choice(self.unions)
            outside = [state for state in self.states if state not in union.members]
            return [union, self.random.choice(outside or self.states[-1:])]
        wanted = 2 if chance < 0.76 else 3 if chance < 0.9 else self.random.randint(4, 6)
        chosen: dict[str, Party] = {}
        while len(chosen) < wanted:
            state = self.state() if self.often(0.8) else self.random.choice(self.states)
            chosen[state.iri] = state
        return list(chosen.values())

    def make_mechanism(self) -> None:
        """Write a mechanism, what two or three sources tell of its rules, and all its sessions."""
        number = len(self.mechanisms)
        parent = None
        if number == 1 or (number and self.often(0.12)):
            # The first one has the most committees.
            parent = self.mechanisms[int(number * self.random.random() ** 3)]
        parties = self.states[:2] if number == 0 else self.parties(self.random.random())
        if parent:
            parties = parent.parties
        slots, per_member = self.slots(parties)
        name = f"{self.word()} {'Committee' if parent else 'Consultation'} {number}"
        rules = ["fixed", "unstated", "rotating"]
        if len(parties) == 2:
            rules += ["alternating"] * 5
        mechanism = _Mechanism(
            f"mechanism:bench-{number}",
            name,
            parties,
            slots,
            _INTERVALS[0] if number == 0 else self.random.choice(_INTERVALS),
            "alternating" if number == 0 else self.random.choice(rules),
            per_member,
        )
        kind = "BilateralMechanism" if len(parties) == 2 and self.often(0.5) else "Mechanism"
        pairs = [("dip:party", party.iri) for party in parties]
        if parent:
            pairs.append(("org:subOrganizationOf", parent.iri))
            # More is asked of a mechanism with committees, and of a meeting with talks beside it.
            self.busy("dip:Mechanism", parent.iri, 10)
        self.named(mechanism.iri, f"dip:{kind}", name, *pairs)
        self.mechanisms.append(mechanism)
        start = self.first_day + dt.timedelta(days=self.random.randrange(200))
        if number and self.often(0.6):
            start += dt.timedelta(days=self.random.randrange(200 * self.years))
        for source in self.tellers(start.year, 3):
            self.make_rules(mechanism, source, start)
        self.make_sessions(mechanism, start)

    def slots(self, parties: Sequence[Party]) -> tuple[list[str], bool]:
        """Choose portfolios that every party can fill, and whether each member must fill them."""
        able = [
            set.intersection(*(set(member.posts) for member in party.members))
            if party.members and not party.posts
            else set(party.posts)
            for party in parties
        ]
        common = sorted(set.intersection(*able))
        wanted = min(len(common), self.random.randint(1, 5))
        per_member = any(party.members and not party.posts for party in parties)
        return self.random.sample(common, wanted), per_member

    def make_rules(self, mechanism: _Mechanism, source: TextSource, start: dt.date) -> None:
        """Write what one source tells of the rules of a mechanism."""
        pairs = [
            ("dip:start", _literal(f"{start.year}", "xsd:gYear", self)),
            ("dip:hostRule", f"host-rule:{mechanism.rule}"),
            ("dip:longestInterval", _literal(mechanism.interval[0], "xsd:duration", self)),
            *(("dip:field", topic) for topic in self.several(self.topics, 4)),
        ]
        if self.often(0.8):
            pairs.append(("dip:aim", text_of(f"to settle matters of {self.word().lower()}")))
        rules = self.account(source, mechanism.iri, "in-force", *pairs)
        self.busy("rdfs:Resource", rules)
        # Sources need not tell the same slots.
        told = mechanism.slots
        if len(told) > 1 and self.often(0.1):
            told = told[:-1]
        for number, portfolio in enumerate(told):
            more = [("dip:portfolio", f"portfolio:{portfolio}")]
            if mechanism.per_member:
                more.append(("dip:appliesTo", "slot-scope:each-member"))
            if self.often(0.1):
                more.append(("dip:rank", "rank:senior-official"))
            self.part(source, rules, f"slot-{number}", "dip:Slot", *more)
            self.busy("dip:Portfolio", f"portfolio:{portfolio}")
        if mechanism.rule == "rotating":
            for number, party in enumerate(mechanism.parties, 1):
                turn = [("dip:party", party.iri), ("dip:ordinal", integer_of(number))]
                self.part(source, rules, f"turn-{number}", "dip:HostTurn", *turn)
        if "intelligence" in told and self.often(0.6):
            accepted = [
                ("dip:portfolio", "portfolio:intelligence"),
                ("dip:acceptedPortfolio", "portfolio:national-security"),
            ]
            self.part(source, rules, "coverage", "dip:Coverage", *accepted)

    # ---------------------------------------------------------------- sessions

    def make_sessions(self, mechanism: _Mechanism, start: dt.date) -> None:
        """Write the sessions of a mechanism in order, until the world or the years are full."""
        day = start + dt.timedelta(days=self.random.randint(10, 120))
        turn = self.random.randrange(len(mechanism.parties))
        stem = mechanism.iri.rpartition("-")[2]
        for ordinal in itertools.count(1):
            session = f"meeting:bench-{stem}-{ordinal}"
            late = ordinal > 1 and self.departs()
            stays = ordinal > 1 and mechanism.rule in {"alternating", "rotating"} and self.departs()
            if ordinal > 1:
                share = 1.3 if late else self.random.uniform(0.5, 0.92)
                day += dt.timedelta(days=int(mechanism.interval[1] * share))
            if day > self.last_day or self.full:
                break
            if late:
                self.departed("interval", session)
            if stays:
                self.departed("host", session)
            elif mechanism.rule != "fixed":
                turn += 1
            if mechanism.rule == "unstated":
                turn = self.random.randrange(len(mechanism.parties))
            self.named(session, "dip:Meeting", f"Session {ordinal} of {mechanism.name}")
            agenda = self.several(self.topics, 4)
            host = mechanism.parties[turn % len(mechanism.parties)]
            self.make_session(_Sitting(mechanism, session, ordinal, day, host, agenda))
        # What was agreed for the session after the last one.
        if self.often(0.5):
            session = f"meeting:bench-{stem}-next"
            turn += mechanism.rule != "fixed"
            self.named(session, "dip:Meeting", f"Next session of {mechanism.name}")
            self.account(
                self.chronicle(0, LAST_YEAR),
                session,
                "agreed",
                ("dip:sessionOf", mechanism.iri),
                ("dip:host", mechanism.parties[turn % len(mechanism.parties)].iri),
                ("dip:timeUnknown", boolean_of("true")),
            )

    def make_session(self, sitting: _Sitting) -> None:
        """Write what the sources tell of one session: before it, of it, and beside it."""
        place = self.random.choice(sitting.host.places)
        sources = self.tellers(sitting.day.year, 6)
        if self.often(0.4):
            self.make_expectation(sitting, place)
        if self.often(0.03):
            reason = text_of(
                self.random.choice(("An election came between.", "A minister was ill."))
            )
            planned = day_of(sitting.day - dt.timedelta(days=30))
            pairs = [
                ("dip:sessionOf", sitting.mechanism.iri),
                ("dip:plannedStart", planned),
                ("dip:reason", reason),
            ]
            self.account(sources[0], sitting.iri, "postponed", *pairs)
        told: list[str] = []
        for number, source in enumerate(sources):
            told.append(self.make_account(sitting, source, place, number))
        self.busy("dip:Mechanism", sitting.mechanism.iri, len(sources))
        for party in sitting.mechanism.parties:
            self.busy("dip:State", party.iri)
        first = sources[0]
        if self.often(0.25):
            self.make_talks(sitting, first, place)
        if self.often(0.3):
            self.make_agreement(sitting, first)
        for _ in range(self.random.randint(0, 2)):
            self.make_speech(sitting.day, sitting.mechanism.parties[0], sitting.iri)
        if len(told) > 1 and self.often(0.02):
            self.make_preference(sitting, told)

    def make_expectation(self, sitting: _Sitting, place: str) -> None:
        """Write what was told before the session, in the yearbook before it."""
        year = sitting.day.year - 1
        if year < self.first_day.year:
            return
        planned = sitting.day
        if self.often(0.3):
            planned -= dt.timedelta(days=self.random.randint(1, 40))
        pairs = [
            ("dip:sessionOf", sitting.mechanism.iri),
            ("dip:ordinal", integer_of(sitting.ordinal)),
            ("dip:plannedStart", self.precise(planned)),
        ]
        if sitting.hosted:
            pairs.append(("dip:host", sitting.host.iri))
        if self.often(0.5):
            pairs.append(("dip:place", place))
        status = self.random.choice(("agreed", "confirmed", "expected", "planned"))
        source = self.tellers(year, 1)[0]
        account = self.account(source, sitting.iri, status, *pairs)
        party = sitting.mechanism.parties[0]
        if self.often(0.3) and party.posts:
            group = self.part(
                source,
                account,
                party.key,
                "dip:Delegation",
                ("dip:party", party.iri),
                ("dip:listing", "listing:named"),
            )
            self.part(source, group, "1", "dip:Participation", ("dip:capacity", party.minister))

    def make_account(self, sitting: _Sitting, source: TextSource, place: str, number: int) -> str:
        """Write one source's account of a session that took place; the first is the fullest."""
        lists = self.delegations(sitting) if number < 2 or self.often(0.3) else []
        day = sitting.day
        if number and self.often(0.04):
            day += dt.timedelta(days=1)
            for _, _, seats in lists:
                if any(person != self.holder(post, day) for post, person, _ in seats):
                    day = sitting.day
        pairs = [
            ("dip:sessionOf", sitting.mechanism.iri),
            ("dip:ordinal", integer_of(sitting.ordinal)),
            ("dip:start", self.month(day) if number and self.often(0.05) else day_of(day)),
        ]
        if sitting.hosted and (not number or self.often(0.9)):
            pairs.append(("dip:host", sitting.host.iri))
        if self.often(0.03):
            pairs.append(("dip:convenor", self.random.choice(self.unions).iri))
        if self.often(0.8):
            other = self.random.choice(sitting.host.places)
            pairs.append(("dip:place", other if self.often(0.04) else place))
        if self.often(0.2):
            pairs.append(("dip:weekday", f"time:{_WEEKDAYS[day.weekday()]}"))
        if self.often(0.1):
            mode = self.random.choice(("in-person", "in-person", "in-person", "hybrid", "online"))
            pairs.append(("dip:mode", f"mode:{mode}"))
        if self.often(0.5):
            pairs.append(("dip:eventType", "event-type:consultation"))
        pairs += [("dip:agendaItem", topic) for topic in sitting.agenda]
        account = self.account(source, sitting.iri, "occurred", *pairs)
        self.busy("dip:Meeting", sitting.iri, 1 + len(lists))
        self.busy("rdfs:Resource", account, len(lists))
        for party, side, seats in lists:
            self.make_delegation(source, account, sitting, party, side, seats)
        if self.often(0.02):
            chair = self.random.choice(self.states).minister
            mediator = [("dip:capacity", chair), ("dip:role", "role:mediator")]
            if person := self.holder(chair, day):
                mediator.append(("dip:person", person))
            self.part(source, account, "mediator", "dip:Participation", *mediator)
        return account

    def month(self, day: dt.date) -> str:
        """Return the month of a day, as a value."""
        return _literal(f"{day:%Y-%m}", "xsd:gYearMonth", self)

    def delegations(
        self, sitting: _Sitting
    ) -> list[tuple[Party, Party | None, list[tuple[str, str | None, str | None]]]]:
        """Return who sat: party, side, and seats of post, person, and the post stood in for."""
        lists = []
        for party in sitting.mechanism.parties:
            # A group without posts of its own is there in its members.
            sides = party.members[:3] if party.members and not party.posts else [party]
            for sender in sides:
                seats: dict[str, tuple[str, str | None, str | None]] = {}
                for portfolio in sitting.mechanism.slots:
                    post = sender.posts[portfolio][0]
                    seats[post] = (post, self.holder(post, sitting.day), None)
                if sender.deputy and sender.minister in seats and self.often(0.06):
                    # The deputy sits for the minister.
                    seats.pop(sender.minister)
                    deputy = self.holder(sender.deputy, sitting.day)
                    seats[sender.deputy] = (sender.deputy, deputy, sender.minister)
                elif self.often(0.5):
                    post = self.random.choice(sorted(sender.posts.values()))[0]
                    seats.setdefault(post, (post, self.holder(post, sitting.day), None))
                # One person in two posts at once would stand in the list twice.
                people = [person for _, person, _ in seats.values() if person]
                if len(set(people)) < len(people):
                    seats = {post: (post, None, sub) for post, (_, _, sub) in seats.items()}
                lists.append((sender, None if sender is party else party, list(seats.values())))
        return lists

    def make_delegation(  # noqa: PLR0913, PLR0917  one argument for each thing that a list tells
        self,
        source: TextSource,
        account: str,
        sitting: _Sitting,
        party: Party,
        side: Party | None,
        seats: list[tuple[str, str | None, str | None]],
    ) -> None:
        """Write who sat for one party, in one account of a session."""
        complete = self.often(0.4)
        node = f"{account[:-1]}-{party.key}>"
        # The first slot stands in every mandate; that of intelligence may be covered otherwise.
        first = sitting.mechanism.slots[0]
        rest = [seat for seat in seats if seat[0] != party.posts[first][0]]
        if complete and first != "intelligence" and 0 < len(rest) < len(seats) and self.departs():
            self.departed("composition", node)
            seats = rest
        pairs = [
            ("dip:party", party.iri),
            ("dip:listing", f"listing:{'complete' if complete else 'named'}"),
        ]
        if side:
            pairs.append(("dip:side", side.iri))
        self.part(source, account, party.key, "dip:Delegation", *pairs)
        for number, (post, person, replaced) in enumerate(seats):
            more = [("dip:capacity", post)]
            if replaced:
                more += [("dip:standsInFor", replaced), ("dip:role", "role:substitute")]
            elif number == 0:
                more.append(("dip:role", "role:head-of-delegation"))
            if person:
                more.append(("dip:person", person))
                self.busy("dip:Person", person)
                self.make_name(source, person)
            self.busy("dip:Post", post)
            self.part(source, node, str(number), "dip:Participation", *more)
        if not complete and self.often(0.1):
            words = text_of("officials who are not named")
            count = integer_of(self.random.randint(2, 9))
            more = [("dcterms:description", words), ("dip:count", count)]
            self.part(source, node, "others", "dip:Participation", *more)

    def make_name(self, source: TextSource, person: str) -> None:
        """Now and then a source has its own spelling of a name."""
        if person in source.named or not self.often(0.15):
            return
        source.named.add(person)
        kind = self.random.choice(("native", "transliteration", "unaccented"))
        self.say(
            source,
            f"<{source.iri[1:-1]}/name/{len(source.named)}>",
            ("a", "dip:Name"),
            ("dip:nameOf", person),
            ("dip:source", source.iri),
            ("dip:passage", self.passage(source)),
            ("dip:nameKind", f"name-kind:{kind}"),
            ("skosxl:literalForm", text_of(f"{self.word()} {self.word()}")),
        )

    # ---------------------------------------------------------------- beside the sessions

    def make_talks(self, sitting: _Sitting, source: TextSource, place: str) -> None:
        """Talks on the sidelines, or a press conference after the session."""
        if self.often(0.3):
            event = f"event:bench-{self.number('event')}"
            self.named(event, "dip:Event", f"Press conference after {sitting.mechanism.name}")
            pairs = [
                ("dip:subEventOf", sitting.iri),
                ("dip:eventType", "event-type:press-conference"),
                ("dip:sameDayAs", sitting.iri),
            ]
            self.account(source, event, "occurred", *pairs)
            later = [("dip:precedes", event), ("dip:timeStated", text_of("that day"))]
            self.account(source, sitting.iri, "occurred", *later)
            return
        talks = f"meeting:bench-talks-{self.number('talks')}"
        self.named(talks, "dip:Meeting", f"Talks beside {sitting.mechanism.name}, {sitting.day}")
        pairs = [
            ("dip:onSidelinesOf", sitting.iri),
            ("dip:eventType", "event-type:talks"),
            ("dip:start", day_of(sitting.day)),
            ("dip:place", place),
        ]
        account = self.account(source, talks, "occurred", *pairs)
        main = self.account(
            source,
            sitting.iri,
            "occurred",
            ("dip:sessionOf", sitting.mechanism.iri),
            ("dip:timeStated", text_of("that day")),
        )
        self.busy("dip:Meeting", sitting.iri, 10)
        for party in sitting.mechanism.parties[:2]:
            if not party.posts:
                continue
            post = party.posts[sitting.mechanism.slots[0]][0]
            seat = [("dip:capacity", post)]
            if person := self.holder(post, sitting.day):
                seat.append(("dip:person", person))
                self.busy("dip:Person", person)
            for whole in (account, main):
                pairs = [("dip:party", party.iri), ("dip:listing", "listing:named")]
                group = self.part(source, whole, party.key, "dip:Delegation", *pairs)
                self.part(source, group, "1", "dip:Participation", *seat)

    def make_agreement(self, sitting: _Sitting, source: TextSource) -> None:
        """An agreement: expected before the session, mostly signed at it, some in force later."""
        number = self.number("agreement")
        agreement = f"agreement:bench-{number}"
        parties = [("dip:party", party.iri) for party in sitting.mechanism.parties]
        name = f"Agreement {number} on {self.word().lower()}"
        self.named(agreement, "dip:Agreement", name, *parties)
        before = self.tellers(max(self.first_day.year, sitting.day.year - 1), 1)[0]
        self.account(before, agreement, "expected", ("dip:stage", "stage:signed"))
        if self.often(0.25):
            return
        signing = f"event:bench-{self.number('event')}"
        self.named(signing, "dip:Signing", f"Signing of agreement {number}")
        pairs = [
            ("dip:signs", agreement),
            ("dip:eventType", "event-type:signing"),
            ("dip:start", day_of(sitting.day)),
            ("dip:subEventOf", sitting.iri),
        ]
        self.account(source, signing, "occurred", *pairs)
        reached = [("dip:stage", "stage:signed"), ("dip:start", day_of(sitting.day))]
        self.account(source, agreement, "occurred", *reached)
        force = sitting.day + dt.timedelta(days=self.random.randint(100, 700))
        if force < self.last_day and self.often(0.5):
            later = self.tellers(force.year, 1)[0]
            reached = [("dip:stage", "stage:in-force"), ("dip:start", day_of(force))]
            self.account(later, agreement, "in-force", *reached)
        if self.often(0.1):
            collection = f"collection:bench-{number}"
            self.named(collection, "dip:Collection", f"Papers of session {sitting.ordinal}")
            words = text_of("a set of papers on several matters")
            pairs = [("dip:member", agreement), ("dcterms:description", words)]
            if self.often(0.5):
                pairs.append(("dip:count", integer_of(self.random.randint(2, 20))))
            self.account(source, collection, "occurred", *pairs)

    def make_speech(self, day: dt.date, party: Party, occasion: str | None) -> None:
        """An utterance of a minister, told by one or two sources, expected or made."""
        if not party.posts:
            return
        post = self.random.choice(sorted(party.posts.values()))[0]
        speaker = self.holder(post, day) or party.iri
        number = self.number("utterance")
        utterance = f"utterance:bench-{number}"
        self.named(utterance, "dip:Utterance", f"Words of {day} ({number})")
        addressee = self.state()
        third = self.random.choice(
            [each for each in (*self.states, *self.unions) if each is not addressee]
        )
        pairs = [
            ("dip:speaker", speaker),
            ("dip:act", f"act:{self.random.choice(_ACTS)}"),
            *(("dip:topic", topic) for topic in self.several(self.topics, 3)),
            ("dcterms:description", text_of(f"Something on {self.word().lower()} was said.")),
        ]
        if addressee.iri != speaker and self.often(0.5):
            pairs.append(("dip:addressee", addressee.iri))
        if self.often(0.4):
            stance = self.random.choice(("supports", "opposes", "neutral"))
            pairs += [("dip:stanceHolder", party.iri), ("dip:stance", f"stance:{stance}")]
        if third.iri != speaker and self.often(0.3):
            pairs.append(("dip:thirdParty", third.iri))
        if self.mechanisms and self.often(0.1):
            pairs.append(("dip:concerns", self.random.choice(self.mechanisms).iri))
        if occasion:
            pairs.append(("dip:occasion", occasion))
        self.busy("dip:Person", speaker)
        if self.often(0.2):
            source = self.tellers(day.year, 1)[0]
            self.account(source, utterance, "expected", *pairs, voice=source.voices[1])
            if self.often(0.5):
                return
        for source in self.tellers(day.year, 2):
            self.account(source, utterance, "occurred", *pairs, ("dip:start", day_of(day)))

    def make_visit(self) -> None:
        """A visit of one or two officials to another state."""
        if self.full:
            return
        guest, host = self.pair()
        day = self.random_day()
        visit = f"event:bench-{self.number('event')}"
        self.named(visit, "dip:Event", f"Visit from {guest.name} to {host.name}, {day}")
        posts = {self.random.choice(sorted(guest.posts.values()))[0] for _ in range(2)}
        seats = [(post, self.holder(post, day), None) for post in sorted(posts)]
        if len(seats) == 2 and seats[0][1] == seats[1][1]:
            seats.pop()
        place = self.random.choice(host.places)
        for source in self.tellers(day.year, 2):
            pairs = [
                ("dip:eventType", "event-type:visit"),
                ("dip:start", day_of(day)),
                ("dip:place", place),
                ("dip:host", host.iri),
                *(("dip:agendaItem", topic) for topic in self.several(self.topics, 2)),
            ]
            account = self.account(source, visit, "occurred", *pairs)
            listing = [("dip:party", guest.iri), ("dip:listing", "listing:named")]
            group = self.part(source, account, guest.key, "dip:Delegation", *listing)
            for number, (post, person, _) in enumerate(seats):
                more = [("dip:capacity", post)]
                if person:
                    more.append(("dip:person", person))
                    self.busy("dip:Person", person)
                self.part(source, group, str(number), "dip:Participation", *more)
        self.busy("dip:State", guest.iri)
        self.busy("dip:State", host.iri)

    def make_call(self) -> None:
        """A telephone call: online, without place, host or sides."""
        if self.full:
            return
        first, second = self.pair()
        day = self.random_day()
        call = f"event:bench-{self.number('event')}"
        self.named(call, "dip:Event", f"Call between {first.name} and {second.name}, {day}")
        source = self.tellers(day.year, 1)[0]
        status = self.random.choice(("occurred", "occurred", "occurred", "cancelled"))
        when = "dip:start" if status == "occurred" else "dip:plannedStart"
        pairs = [
            ("dip:eventType", "event-type:phone-call"),
            ("dip:mode", "mode:online"),
            (when, day_of(day)),
        ]
        account = self.account(source, call, status, *pairs)
        for number, party in enumerate((first, second)):
            seat = [("dip:capacity", party.minister)]
            if person := self.holder(party.minister, day):
                seat.append(("dip:person", person))
            self.part(source, account, str(number), "dip:Participation", *seat)

    def make_preference(self, sitting: _Sitting, told: Sequence[str]) -> None:
        """The editor prefers one of several accounts, or calls two things one."""
        editor = self._source(
            "bench-editor", dt.date(LAST_YEAR + 1, 6, 30), ["person:bench-editor"]
        )
        start = ("dip:start", day_of(sitting.day))
        if self.often(0.5):
            twin = f"meeting:bench-twin-{self.number('twin')}"
            self.named(twin, "dip:Meeting", f"Meeting that may be {sitting.mechanism.name}")
            self.account(editor, twin, "occurred", ("dip:identicalTo", sitting.iri), start)
            return
        reason = ("dip:reason", text_of("It was written on the spot."))
        self.account(editor, sitting.iri, "occurred", ("dip:prefers", told[0]), reason, start)


def _is_english(term: object) -> bool:
    from pyoxigraph import Literal

    return isinstance(term, Literal) and term.language == "en"


def _states(base: Base) -> list[tuple[str, str, str]]:
    """Return IRI, code and English name of the states of a base, sorted by IRI."""
    dip, skos = base.prefixes()["dip"], base.prefixes()["skos"]
    kinds: set[str] = set()
    codes: dict[str, str] = {}
    names: dict[str, str] = {}
    for triple in _triples(base):
        thing, value = getattr(triple.subject, "value", ""), getattr(triple.object, "value", "")
        if value == f"{dip}State":
            kinds.add(thing)
        elif triple.predicate.value == f"{dip}alpha3Code":
            codes[thing] = value
        elif triple.predicate.value == f"{skos}prefLabel" and _is_english(triple.object):
            names[thing] = value
    return [(thing, codes[thing], names[thing]) for thing in sorted(kinds & codes.keys())]


def _triples(base: Base) -> Iterator[Triple]:
    from dragoman.syntax import read_rdf

    for source in base.sources(DATA):
        if source.path.suffix == ".ttl":
            for quad in read_rdf(source.path):
                yield quad.triple


def text_of(words: str) -> str:
    """Return an English text as N-Triples writes it."""
    escaped = words.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"@en'


def _literal(value: str, datatype: str, maker: Maker) -> str:
    return f'"{value}"^^{maker.term(datatype)}'


def integer_of(value: int) -> str:
    """Return an integer as N-Triples writes it."""
    return f'"{value}"^^<http://www.w3.org/2001/XMLSchema#integer>'


def boolean_of(value: str) -> str:
    """Return a truth value as N-Triples writes it."""
    return f'"{value}"^^<http://www.w3.org/2001/XMLSchema#boolean>'


def day_of(day: dt.date) -> str:
    """Return a day as N-Triples writes it."""
    return f'"{day.isoformat()}"^^<http://www.w3.org/2001/XMLSchema#date>'


def main() -> None:
    """Write a world from the command line."""
    parser = argparse.ArgumentParser(description="Write a large invented world as N-Triples.")
    parser.add_argument("folder", type=Path, help="an empty folder")
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    world = write_world(arguments.folder, arguments.triples, arguments.seed)
    sys.stderr.write(f"{world.triples} triples in {len(world.files)} files, seed {world.seed}\n")


if __name__ == "__main__":
    main()
