"""Write real dated events in our own ontology: the material for validation and additions.

The events are the 110,271 facts of the ICEWS14 and ICEWS05-15 benchmark splits and the 3,704 of the
raw ICEWS sample of June 2018, 112,969 without those told twice or of one actor only: who did what
to whom on which day, as machines read it in the press. No more than that is taken from them. What
our ontology wants beyond it is made up from a seed, in things whose IRIs begin with `bench-`:
posts, people who hold them, delegations, topics, voices, passages, and what an actor is where its
name is not that of a state of the packaged base.

A wanted size below that of the events is a random part of them. A larger one repeats them, each
time fourteen years later: 20 million triples are the same events nearly seven times over, not
more real events. Each source of each year is one N-Triples file. The same seed and size
give the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
import random
import sys
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from dragoman.base import Base, packaged_base
from world import (
    DEPARTURES,
    MANIFEST,
    Departure,
    Maker,
    Party,
    TextSource,
    World,
    day_of,
    read_world,
    write_manifest,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MATERIAL: Final = Path(__file__).resolve().parents[2] / "shared" / "data"
FIRST_YEAR: Final = 2005
# The events lie in 2005 to 2018: so far is each repetition from the one before.
YEARS: Final = 14
# What one pass over the events makes: 112,969 of them, and 26.4 triples for each in a trial. It
# decides how many years there are people in posts.
_TRIPLES_OF_A_PASS: Final = 2_900_000

# How the relations are told in our words; a pair of class and concept. What is not listed is an
# event without a type.
_TYPES: Final = {
    "Consult": "consultation",
    "Discuss by telephone": "phone-call",
    "Engage in negotiation": "negotiation",
    "Host a visit": "visit",
    "Make a visit": "visit",
    "Mediate": "mediation",
    "Meet at a 'third' location": "meeting-elsewhere",
    "Sign formal agreement": "signing",
}
_ACTS: Final = {
    "Accuse": "condemn",
    "Criticize or denounce": "condemn",
    "Express accord": "reaffirm",
    "Make an appeal or request": "call-for",
    "Make statement": "state",
    "Make optimistic comment": "welcome",
    "Praise or endorse": "praise",
    "Reject": "reject",
    "Threaten": "warn",
}
# Relations of one time and another are spelt with and without capitals and notes.
_FILES: Final = (
    ("icews05-15", "icews14-icews05-15/icews_2005-2015_test.txt"),
    ("icews05-15", "icews14-icews05-15/icews_2005-2015_valid.txt"),
    ("icews14", "icews14-icews05-15/icews_2014_test.txt"),
    ("icews14", "icews14-icews05-15/icews_2014_valid.txt"),
    ("icews18", "icews-2018-sample/events.2018.sample.tab"),
)


class Fact(NamedTuple):
    """One event of the data: which file it is from, and what it says."""

    origin: str
    day: dt.date
    actor: str
    relation: str
    target: str


@dataclass(frozen=True)
class Addition:
    """A file of new facts about a world.

    Attributes:
        path: the Turtle file.
        triples: how many it holds.
        departures: what was planted: on nodes of the file itself, or on nodes of the world.
    """

    path: Path
    triples: int
    departures: tuple[Departure, ...]


def write_events(  # noqa: PLR0913  what a world is made of
    folder: Path,
    triples: int = 1_000_000,
    seed: int = 1,
    *,
    departures: float = DEPARTURES,
    base: Base | None = None,
    material: Path = MATERIAL,
) -> World:
    """Write the events as about so many triples into a folder, and a manifest beside them.

    Raises:
        FileExistsError: the folder holds N-Triples files.
        FileNotFoundError: the data is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.glob("*.nt")):
        raise FileExistsError(f"{folder} already holds a world. Name an empty folder.")
    facts = sorted(set(read_facts(material)))
    maker = _Events(folder, triples, seed, departures, base or packaged_base())
    world = maker.make_events(facts)
    write_manifest(folder, world, old=maker.old)
    return world


def read_facts(material: Path = MATERIAL) -> Iterator[Fact]:
    """Read the events from the files; those with one actor only are left out."""
    for origin, name in _FILES:
        with (material / name).open(encoding="utf-8", newline="") as file:
            if name.endswith(".tab"):
                rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
                cells: Iterator[tuple[str, ...]] = (
                    (row["Source Name"], row["Event Text"], row["Target Name"], row["Event Date"])
                    for row in rows
                )
            else:
                cells = (tuple(line.rstrip("\n").split("\t")) for line in file)
            for actor, relation, target, day in cells:
                if actor != target:
                    yield Fact(origin, dt.date.fromisoformat(day), actor, relation, target)


class _Events(Maker):
    """Makes one world of events."""

    def span(self) -> tuple[int, int]:
        """Return how many years the events take, with their repetitions, and the last of them."""
        repetitions = 1 + self.wanted // _TRIPLES_OF_A_PASS
        return YEARS * repetitions, FIRST_YEAR + YEARS * repetitions - 1

    def make_events(self, facts: list[Fact]) -> World:
        """Write everything, and return what was written."""
        self.old: dict[str, list[list[str]]] = {"session": []}
        self.actors: dict[str, Party] = {}
        self.outlets = len({fact.origin for fact in facts})
        self.make_outlets()
        self.make_states()
        self.make_topics()
        known = {state.name: state for state in self.states}
        self.known = known
        order = list(facts)
        self.random.shuffle(order)
        for years, fact in ((years, fact) for years in count(0, YEARS) for fact in order):
            if self.full:
                break
            self.make_fact(fact, years)
        return self.finish()

    def source_of(self, origin: str, year: int) -> TextSource:
        """Return the source that tells the facts of an origin in a year."""
        outlet = sorted({name for name, _ in _FILES}).index(origin)
        voices = [f"agent:bench-outlet-{outlet}"]
        return self._source(f"bench-{origin}-{year}", dt.date(year, 12, 31), voices)

    def actor(self, name: str) -> Party:
        """Return a state of the base, or an actor of whose kind the data tells nothing."""
        if name in self.known:
            return self.known[name]
        if name not in self.actors:
            key = f"actor-{len(self.actors) + 1}"
            actor = Party(f"agent:bench-{key}", name, key)
            self.named(actor.iri, "dip:Organization", name)
            self.actors[name] = actor
        return self.actors[name]

    def make_fact(self, fact: Fact, years: int) -> None:
        """Write one event: as words, or as a thing that took place, with who sat at it."""
        day = later(fact.day, years)
        source = self.source_of(fact.origin, day.year)
        actor, target = self.actor(fact.actor), self.actor(fact.target)
        name = f"{fact.actor}: {fact.relation} ({fact.target}), {day}"
        number = self.number("event")
        # "Threaten with sanctions" is of another kind than "Threaten": only the whole counts.
        if act := _ACTS.get(fact.relation):
            utterance = f"utterance:bench-{number}"
            self.named(utterance, "dip:Utterance", name)
            pairs = [
                ("dip:speaker", actor.iri),
                ("dip:act", f"act:{act}"),
                ("dip:topic", self.skewed(self.topics)),
                ("dip:addressee", target.iri),
                ("dip:start", day_of(day)),
            ]
            self.account(source, utterance, "occurred", *pairs)
            return
        event = f"event:bench-{number}"
        self.named(event, "dip:Event", name)
        pairs = [("dip:start", day_of(day))]
        if kind := _TYPES.get(fact.relation):
            pairs.append(("dip:eventType", f"event-type:{kind}"))
        if kind == "visit":
            host = actor if fact.relation == "Host a visit" else target
            pairs.append(("dip:host", host.iri))
        if kind == "phone-call":
            pairs.append(("dip:mode", "mode:online"))
        account = self.account(source, event, "occurred", *pairs)
        twice = self.departs()
        for party in (actor, target):
            self.make_list(source, account, party, day, twice=twice)
            twice = False
        if len(self.old["session"]) < 50 and actor in self.states:
            iris = [self.term(each)[1:-1] for each in (account, event, actor.iri)]
            self.old["session"].append([*iris, day.isoformat()])

    def make_list(
        self, source: TextSource, account: str, party: Party, day: dt.date, *, twice: bool
    ) -> None:
        """Write a delegation; of a state with the holder of a post, now and then with two seats."""
        listing = [("dip:party", party.iri), ("dip:listing", "listing:named")]
        group = self.part(source, account, party.key, "dip:Delegation", *listing)
        if not party.posts:
            return
        post = self.random.choice(sorted(party.posts.values()))[0]
        person = self.holder(post, day)
        seat = [("dip:capacity", post)]
        if person:
            seat.append(("dip:person", person))
            self.busy("dip:Person", person)
        self.part(source, group, "1", "dip:Participation", *seat)
        if twice and person:
            self.part(source, group, "2", "dip:Participation", ("dip:person", person))
            self.departed("twice", group)
        self.busy("dip:State", party.iri)


def write_addition(
    folder: Path, path: Path, seed: int = 1, *, planted: bool = True, base: Base | None = None
) -> Addition:
    """Write a Turtle file of about 300 triples that joins a world of events.

    It tells of old events and has old posts' holders sit at them. Planted are, on nodes of its own,
    a person who stands twice in one delegation; and on an old delegation that it does not name, a
    second delegation of the same party at the same account.
    """
    old = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["old"]["session"]
    world = read_world(folder)
    maker = _Article(path.parent, 0, seed, 0.0, base or packaged_base())
    return maker.make_article(path, old, world, planted=planted)


class _Article(_Events):
    """Makes one file that adds to a world."""

    def make_article(
        self, path: Path, old: list[list[str]], world: World, *, planted: bool
    ) -> Addition:
        """Write the file."""
        key = path.stem
        last = max(dt.date.fromisoformat(day) for *_, day in old)
        issued = dt.date(last.year + 1, 1, 31)
        source = self._source(key, issued, ["agent:bench-outlet-0"])
        chosen = random.Random(self.seed).sample(old, 10)  # noqa: S311  invention, no secret
        people = [f"<{person}>" for person in world.hubs["dip:Person"]]
        for number, (_, event, state, day) in enumerate(chosen):
            start = ("dip:start", day_of(dt.date.fromisoformat(day)))
            account = self.account(source, f"<{event}>", "occurred", start)
            listing = [("dip:party", f"<{state}>"), ("dip:listing", "listing:named")]
            group = self.part(source, account, "sent", "dip:Delegation", *listing)
            for seat, person in enumerate(people[:2], 1):
                self.part(source, group, str(seat), "dip:Participation", ("dip:person", person))
            if planted and number == 0:
                self.part(source, group, "3", "dip:Participation", ("dip:person", people[0]))
                self.departed("twice", group)
        if planted:
            account, _, state, _ = chosen[0]
            second = f"<{source.iri[1:-1]}/delegation/1>"
            pairs = [("dip:partOf", f"<{account}>"), ("dip:party", f"<{state}>")]
            pairs.append(("dip:listing", "listing:named"))
            self.say(source, second, ("a", "dip:Delegation"), *pairs)
            code = state.rpartition("/")[2].lower()
            self.departed("onePerParty", second)
            self.departed("onePerParty", f"<{account}-{code}>")
        del self.sources["bench-things"]
        self.make_headers()
        path.write_text("".join(source.lines), encoding="utf-8", newline="\n")
        return Addition(path, source.triples, tuple(self.departures))


def later(day: dt.date, years: int) -> dt.date:
    """Return the day so many years later; for a leap day, the day before where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def main() -> None:
    """Write events, or an addition to them, from the command line."""
    parser = argparse.ArgumentParser(description="Write real events as N-Triples in our ontology.")
    parser.add_argument("folder", type=Path, help="an empty folder; with --addition one of events")
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--addition", type=Path, help="write a file that adds to the folder's facts"
    )
    arguments = parser.parse_args()
    if arguments.addition:
        added = write_addition(arguments.folder, arguments.addition, arguments.seed)
        sys.stderr.write(f"{added.triples} triples, seed {arguments.seed}; planted:\n")
        for each in added.departures:
            sys.stdout.write(f"{each.kind}\t{each.node}\n")
        return
    world = write_events(arguments.folder, arguments.triples, arguments.seed)
    sys.stderr.write(f"{world.triples} triples in {len(world.files)} files, seed {world.seed}\n")


if __name__ == "__main__":
    main()
