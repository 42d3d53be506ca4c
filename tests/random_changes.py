"""Random changes of the invented world: is the record that is kept the one that is made anew?

    python tests/random_changes.py --seed 1 --cases 1000

Facts are dropped, added and altered: single triples, whole accounts, whole files. After each change
the record as it was kept true is compared with what the rules derive from nothing.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import defaultdict
from pathlib import Path

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from dragoman import record, syntax, vocabulary
from dragoman.base import DATA, ONTOLOGY, Base
from dragoman.walking.facts import Facts

ROOT = Path(__file__).resolve().parents[1]
GRAPH = DefaultGraph()


def facts_of(base: Base, world: Path) -> dict[Path, set[Triple]]:
    """Return the facts of the base and the world by file; those of the ontology stay."""
    paths = [each.path for each in base.sources(ONTOLOGY, DATA)] + sorted(world.glob("*.ttl"))
    # as a store keeps them
    found = {}
    for path in paths:
        store = Store()
        store.extend(Quad(*quad.triple, GRAPH) for quad in syntax.read_rdf(path))
        found[path] = {quad.triple for quad in store}
    return found


class World:
    """Facts, and the record of them as it is kept."""

    def __init__(self, base: Base, facts: dict[Path, set[Triple]]) -> None:
        self.rules = record.read(base)
        self.prepared = record.prepared(base)
        self.fixed = {t for path, of in facts.items() if "ontology" in path.parts for t in of}
        self.files = {path: of for path, of in facts.items() if "ontology" not in path.parts}
        self.out: dict[Path, set[Triple]] = {}
        self.now = self.fixed.union(*self.files.values())
        self.store = Store()
        self.store.bulk_extend(Quad(*each, GRAPH) for each in self.now)
        record.derived(self.store, self.rules)
        self.subjects: dict[object, set[Triple]] = defaultdict(set)
        for triple in self.now - self.fixed:
            self.subjects[triple.subject].add(triple)

    def kept(self) -> set[Triple]:
        return {q.triple for q in self.store.quads_for_pattern(None, None, None, record.RECORD)}

    def change(self, removed: set[Triple], added: set[Triple]) -> record.Changed:
        """Change the facts, and the record with them."""
        removed, added = (removed & self.now) - added - self.fixed, added - self.now
        found = record.changed(self.prepared, Facts(self.store, added), added, removed)
        for triple in removed:
            self.store.remove(Quad(*triple, GRAPH))
        self.store.extend(Quad(*each, GRAPH) for each in added)
        for triple in found.not_after:
            self.store.remove(Quad(*triple, record.RECORD))
            self.store.remove(Quad(*triple, GRAPH))
        self.store.extend(
            Quad(*each, graph) for each in found.not_before for graph in (record.RECORD, GRAPH)
        )
        self.now = (self.now - removed) | added
        for triple in removed:
            self.subjects[triple.subject].discard(triple)
        for triple in added:
            self.subjects[triple.subject].add(triple)
        return found

    def anew(self) -> set[Triple]:
        """Return the record that the rules derive from nothing."""
        store = Store()
        store.bulk_extend(Quad(*each, GRAPH) for each in self.now)
        record.derived(store, self.rules)
        return {q.triple for q in store.quads_for_pattern(None, None, None, record.RECORD)}


def mutated(world: World, chance: random.Random) -> tuple[str, set[Triple], set[Triple]]:
    """Return a random change: what it is, what goes, and what comes."""
    loose = sorted(world.now - world.fixed, key=str)
    kind = chance.choice(["drop", "drop", "alter", "alter", "alter", "add", "account", "file"])
    some = chance.sample(loose, min(len(loose), chance.choice([1, 1, 1, 2, 3, 8])))
    if kind == "drop":
        return kind, set(some), set()
    if kind in {"alter", "add"}:
        by_predicate = [[t for t in loose if t.predicate == each.predicate] for each in some]
        values = [chance.choice(of).object for of in by_predicate]
        came = {
            Triple(each.subject, each.predicate, respelt(value, chance))
            for each, value in zip(some, values, strict=True)
        }
        return kind, set(some) if kind == "alter" else set(), came
    if kind == "account":
        accounts = [t.subject for t in loose if t.predicate.value == vocabulary.ABOUT]
        if not accounts:
            return kind, set(), set()
        return kind, set(world.subjects[chance.choice(accounts)]), set()
    path = chance.choice(sorted(world.files))
    if path in world.out:
        return "file comes", set(), world.out.pop(path)
    world.out[path] = world.files[path] & world.now
    others = set().union(*(of for each, of in world.files.items() if each != path))
    return "file goes", world.out[path] - others, set()


def respelt(value: object, chance: random.Random):
    """Return a value, at times one near it."""
    if isinstance(value, Literal) and value.datatype.value == f"{vocabulary.XSD}date":
        day = chance.randint(1, 28)
        return Literal(f"{value.value[:8]}{day:02}", datatype=value.datatype)
    if isinstance(value, Literal) and value.datatype.value == vocabulary.XSD_INTEGER:
        return Literal(str(chance.randint(1, 9)), datatype=NamedNode(vocabulary.XSD_INTEGER))
    return value


def differences(base: Base, seed: int, cases: int, world_folder: Path, every: int = 1):
    """Yield what differs after each of so many random changes."""
    chance = random.Random(seed)  # noqa: S311  no secret
    world = World(base, facts_of(base, world_folder))
    for number in range(cases):
        kind, removed, added = mutated(world, chance)
        world.change(removed, added)
        if number % every:
            continue
        kept, anew = world.kept(), world.anew()
        if kept != anew:
            lacks, has = (sorted(map(str, each)) for each in (anew - kept, kept - anew))
            yield f"seed {seed}, case {number}, {kind}: lacks {lacks[:3]}, has {has[:3]}"
            return


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--every", type=int, default=1, help="compare after so many changes")
    parser.add_argument("--base", type=Path, default=ROOT, help="whose rules and data")
    parser.add_argument("--world", type=Path, default=ROOT / "tests" / "world")
    told = parser.parse_args()
    started = time.monotonic()
    base = Base(told.base.resolve(), "told")
    found = list(differences(base, told.seed, told.cases, told.world, told.every))
    seconds = time.monotonic() - started
    found.append(f"{told.cases} changes, {len(found)} differences, {seconds:.0f} s")
    sys.stdout.write("".join(f"{line}\n" for line in found))
    return 1 if len(found) > 1 else 0


if __name__ == "__main__":
    sys.exit(main())
