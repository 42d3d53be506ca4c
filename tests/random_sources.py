"""Random sources: is each the same after it was told as a report form and compiled again?

    python tests/random_sources.py --seed 1 --cases 1000

A source has things of any class with any property, with values that fit and values that do not, or
it is one of the files told with facts dropped, doubled and altered. Each is told with the base that
holds it already, and compiled with the base that does not.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    Store,
    Triple,
)

from dragoman import base as bases
from dragoman import names, syntax, vocabulary
from dragoman import store as stores
from dragoman.form import compiling, reading, rules, telling
from dragoman.form import keys as of_base
from dragoman.form.keys import segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[1]
DIP, INDIVIDUAL, SOURCE = vocabulary.DIP, vocabulary.INDIVIDUAL, vocabulary.SOURCE_GRAPH
_BELOW = NamedNode(vocabulary.RDFS_SUBCLASS_OF)
_NAME_OF = NamedNode(vocabulary.NAME_OF)

NAMES = (
    *(
        "harbour-news",
        "a",
        "no",
        "10",
        "p5",
        "310-482",
        "Ünï-çø",
        "two words",
        "x:y",
        "text",
        "[x]",
    ),
    *("?? x", "~", "a#b", "-", "a%20b", "news.2031", "null", "'quoted'", "العربية", "ev\u0307"),
)
# Of labels, of the ends of IRIs, and of texts.
WORDS = (
    *(
        "Ada Harbour",
        "ada",
        "words",
        "about",
        "status",
        "people",
        "a",
        "iri",
        "value",
        "type",
        "en",
    ),
    *("p5", "p5.2", "310-482", "310-482-2", "occurred", "State", "France", "france", "no", "yes"),
    *("null", "~", "true", "-2", "x-2", "?? x", "??", "state:FRA", "<x>", "defaults", "turtle"),
    *("source", "party", "Delegation", "names", "1", "İstanbul", "istanbul", "ISTANBUL", "Žorn"),
)
TEXTS = (
    *WORDS,
    *("", " ", "  leading", "trailing ", "two\nlines", "\nfirst empty", "last empty\n", "a: b"),
    *("a # b", "#", "# b", "a #b", "a:", ": a", "- a", "-", "--- a", "...", "? a", "! a", "& a"),
    *("* a", "| a", "> a", "% a", "@ a", "` a", "'a'", '"a"', "it's", '"', "'", "\\", "\\n", "[a"),
    *("a]", "{a", "a}", "a, b", "a,b", "<<", "=", "12:30", "0x1", "1e3", "01", "2031-03-04"),
    *("http://example.org/a", "<http://example.org/a>", "state:XYZ", "dip:a/b", "\t", "a\tb"),
    *("\U0001f600", "e\u0301", "\u05d0\u05d1", "\u202eabc", "\u200f", "\u2028", "a\u2029b"),
    *("\x85", "a\r\nb", "\r", "\x01", "\x7f", "\ufeff", "a\ufeffb", "\ufffe", "\u00a0", "\x1b[1m"),
    *("long " * 60, "x" * 400, "one\n\n\nfour", "a\n  b\n c", " a\n b", "words " * 40 + "\nand"),
    *("long words: " * 20, "…", "first … last", '"p5"', "p5 ", "\U0010ffff", "a\n# b", "%TAG"),
)
NUMBERS = ("0", "1", "-2", "01", "+1", "1.0", ".5", "1e3", "INF", "x", "")
DATES = (
    *("2031-03-04", "2031-03", "2031", "--03-04", "2031-02-30", "2031-03-04Z", "12:30:00"),
    *("2031-03-04T12:30:00", "2031-03-04T12:30:00+01:00", "P1Y", "P1Y2M", "-0001", "12031", ""),
)
TAGS = ("en", "hu", "tr", "en-gb", "zh-hant", "x-own", "sr-latn-rs", "value", "type")
DATATYPES = (
    *("string", "boolean", "integer", "decimal", "date", "dateTime", "gYear", "gYearMonth"),
    *("gMonthDay", "time", "duration", "anyURI", "double", "token", "hexBinary"),
)
IRIS = (
    *("http://example.org/a", "http://example.org/a#b", "http://example.org/", "urn:x:y", "a:b"),
    *("http://example.org/%C3%BC", "http://example.org/ü", "http://example.org/a,b", "mailto:a@b"),
    *("http://example.org/a?b=c&d", "http://example.org/'a'", "x:"),
    *(f"{DIP}notDeclared", f"{DIP}x/y", f"{INDIVIDUAL}state/FRA", f"{INDIVIDUAL}state/", DIP),
    *(f"{INDIVIDUAL}meeting/a:b", f"{INDIVIDUAL}meeting/a.", f"{INDIVIDUAL}meeting/a/b", "tag:x"),
    *(f"{INDIVIDUAL}person/-2", f"{INDIVIDUAL}person/no", f"{SOURCE}another", "http://[::1]/a"),
)


@dataclass(frozen=True)
class World:
    """A base: its keys, facts and prefixes, and which class is below which.

    `holding` has the same facts, and while a source is told, those of that.
    """

    keys: of_base.Keys
    found: stores.LocalStore
    holding: stores.LocalStore
    prefixes: dict[str, str]
    classes: tuple[Quad, ...]


def world(root: Path = ROOT) -> World:
    """Return what a base has, without its articles, which are sources to try."""
    base = bases.find_base(root)
    terms = stores.load(base, bases.ONTOLOGY, bases.SHAPES)
    found, holding = (stores.load(base, bases.ONTOLOGY, bases.DATA) for _ in range(2))
    for each in (root / "data/articles").glob("*.ttl"):
        for facts in (found, holding):
            _forget(facts.store, NamedNode(bases.source_iri(each.stem)))
    classes = found.store.quads_for_pattern(None, _BELOW, None, DefaultGraph())
    prefixes = dict(base.prefixes())
    return World(of_base.keys(terms.store), found, holding, prefixes, tuple(classes))


def _learn(store: Store, graph: NamedNode, triples: Sequence[Triple]) -> None:
    """Put a source into a store, and into its merge."""
    store.extend(quad for each in triples for quad in (Quad(*each), Quad(*each, graph)))


def _forget(store: Store, graph: NamedNode) -> list[Triple]:
    """Take a source out of a store, and out of its merge what no other source says."""
    said = [quad.triple for quad in store.quads_for_pattern(None, None, None, graph)]
    store.remove_graph(graph)
    for each in said:
        if [DefaultGraph()] == [quad.graph_name for quad in store.quads_for_pattern(*each, None)]:
            store.remove(Quad(*each))
    return said


class _Register(names.Register):
    """The names of a base that holds one source more: new are only those that this tells of."""

    def __init__(
        self, before: names.Register, store: Store, classes: Sequence[Quad], new: Sequence[Triple]
    ) -> None:
        told = {each.subject for each in new}
        told |= {each.object for each in new if each.predicate == _NAME_OF}
        self._told = {value.value for value in told if isinstance(value, NamedNode)}
        few = Store()
        few.extend(classes)
        for each in map(NamedNode, self._told):
            nodes = store.quads_for_pattern(None, _NAME_OF, each, DefaultGraph())
            for node in (each, *(quad.subject for quad in nodes)):
                few.extend(store.quads_for_pattern(node, None, None, DefaultGraph()))
        super().__init__(stores.LocalStore(few))
        self._before = before

    def names(self, kinds: tuple[str, ...]) -> list[names.Name]:
        before = self._before.names(kinds)
        return [*(each for each in before if each.thing not in self._told), *super().names(kinds)]

    def bearers(self, kinds: tuple[str, ...]) -> names.Bearers:
        if kinds not in self._bearers:
            new = super().names(kinds)
            self._bearers[kinds] = _Bearers(self._before.bearers(kinds), self._told, new)
        return self._bearers[kinds]


class _Bearers(names.Bearers):
    """Who bears which name in a base that holds one source more."""

    def __init__(self, before: names.Bearers, told: set[str], new: list[names.Name]) -> None:
        super().__init__(new)
        self._before, self._told = before, told

    def alike(self, text: str) -> Iterator[list[names.Name]]:
        for before, new in zip(self._before.alike(text), super().alike(text), strict=True):
            yield [*(each for each in before if each.thing not in self._told), *new]


def form_of(world: World, name: str, triples: Sequence[Triple], text: str | None = None) -> str:
    """Return the form of a source, which the base holds already."""
    graph = NamedNode(bases.source_iri(name))
    holding = replace(world.holding)
    before = _forget(holding.store, graph)
    _learn(holding.store, graph, triples)
    if all(each.predicate != _BELOW for each in triples):  # as it would itself, but at once
        register = _Register(world.found.register, holding.store, world.classes, triples)
        vars(holding)["register"] = register
    try:
        return telling.told(name, triples, world.keys, holding, world.prefixes, text, "words.txt")
    finally:
        _forget(holding.store, graph)
        _learn(holding.store, graph, before)


def compiled(world: World, form: str, text: str | None = None) -> compiling.Compiled:
    """Return what a form says, where the base does not hold its source."""
    read = reading.read(form.encode(), "form")
    return compiling.compiled(read, "form", world.keys, world.found, world.prefixes, text)


def fingerprint(triples: Sequence[Triple]) -> str:
    """Return what two graphs have in common only where they are the same (RDFC-1.0)."""
    if not any(isinstance(term, BlankNode) for each in triples for term in each):
        return "\n".join(sorted({str(each) for each in triples}))
    dataset = Dataset(Quad(*each) for each in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return "\n".join(sorted(map(str, dataset)))


def fault(world: World, name: str, triples: Sequence[Triple], text: str | None = None) -> str:
    """Return what is wrong with the way there and back; empty for nothing."""
    return there_and_back(world, name, triples, text)[1]


def there_and_back(
    world: World, name: str, triples: Sequence[Triple], text: str | None = None
) -> tuple[str, str]:
    """Return the form of a source, and what is wrong with the way back; empty for nothing."""
    form = form_of(world, name, triples, text)
    back = compiled(world, form, text)
    if back.problems:
        return form, f"the form has a problem: {back.problems[0]}\n{form}"
    if back.name != name or back.reference:
        told = f"it is called {back.name!r}, with {len(back.reference)} triples elsewhere"
        return form, f"{told}\n{form}"
    if fingerprint(back.triples) != fingerprint(triples):
        wrong = set(back.triples) ^ set(triples)
        shown = "\n".join(f"{'-+'[t in set(back.triples)]} {t}" for t in sorted(wrong, key=str)[:9])
        return form, f"{len(wrong)} triples differ:\n{shown}\n{form}"
    again = form_of(world, name, back.triples, text)
    if again != form:
        return form, f"the form of the form differs:\n{form}\n--- and ---\n{again}"
    return form, ""


class Sources:
    """Makes sources by chance."""

    def __init__(self, world: World, seed: int | str) -> None:
        self._world, self._chance = world, random.Random(seed)  # noqa: S311  no secret
        self._classes = sorted(world.keys.above)
        self._properties = sorted(world.keys.properties.values(), key=lambda each: each.iri)
        self._things: list[str] = []
        self.name = ""
        self._source = ""

    def source(
        self, models: Sequence[tuple[str, Sequence[Triple]]] = ()
    ) -> tuple[str, list[Triple]]:
        """Return the name of a source, and what it says."""
        chance = self._chance
        self.name = chance.choice(NAMES)
        self._source = bases.source_iri(self.name)
        if models and chance.random() < 0.5:
            name, triples = chance.choice(models)
            return chance.choice((name, name, name, self.name)), self._altered(triples)
        found = list(dict.fromkeys(self._invented()))
        if chance.random() < 0.1:
            chance.shuffle(found)
        if chance.random() < 0.3:
            found = self._altered(found)
        return self.name, found

    # ------------------------------------------------------------------ one that is invented

    def _invented(self) -> Iterator[Triple]:
        chance = self._chance
        self._things = [
            self._iri(chance.choice(self._classes)) for _ in range(chance.randint(1, 5))
        ]
        yield from self._header()
        passages = [*self._passages()]
        for triples, _ in passages:
            yield from triples
        words = [iri for _, iri in passages]
        for iri in self._things:
            kind = chance.choice(self._classes)
            yield from self._thing(iri, [kind], words)
        for number in range(chance.randint(0, 4)):
            yield from self._account(f"{self._source}/account/{self._key()}{number or ''}", words)
        for _ in range(chance.randint(0, 3)):
            yield from self._of_name(words)

    def _header(self) -> Iterator[Triple]:
        chance = self._chance
        if chance.random() < 0.1:
            return
        yield self._fact(self._source, vocabulary.RDF_TYPE, NamedNode(vocabulary.SOURCE_CLASS))
        if chance.random() < 0.8:
            yield self._fact(
                self._source, vocabulary.DCTERMS_LANGUAGE, Literal(chance.choice(TAGS))
            )
        yield from self._said(self._source, [vocabulary.SOURCE_CLASS], [], chance.randint(0, 4))
        if chance.random() < 0.1:
            yield from self._thing(f"{SOURCE}another", [vocabulary.SOURCE_CLASS], [])

    def _passages(self) -> Iterator[tuple[list[Triple], str]]:
        chance = self._chance
        for _ in range(chance.randint(0, 4)):
            start = chance.randint(0, 30)
            end = start + chance.randint(-1, 20)
            ending = chance.choice(
                (f"{start}-{end}", f"{start}-{end}", "1-2", "intro", self._key())
            )
            iri = f"{self._source}/passage/{ending}"
            selector = chance.choice((f"{iri}/position", f"{iri}/position", f"{iri}/quote"))
            kind = chance.choice((vocabulary.OA_POSITION,) * 4 + (f"{vocabulary.OA}Selector",))
            found = [
                self._fact(iri, vocabulary.RDF_TYPE, NamedNode(vocabulary.PASSAGE_CLASS)),
                self._fact(iri, vocabulary.OA_HAS_SOURCE, NamedNode(self._source)),
                self._fact(iri, vocabulary.OA_HAS_SELECTOR, NamedNode(selector)),
                self._fact(selector, vocabulary.RDF_TYPE, NamedNode(kind)),
                self._fact(selector, vocabulary.OA_START, self._number(str(start))),
                self._fact(selector, vocabulary.OA_END, self._number(str(end))),
            ]
            if chance.random() < 0.2:
                kind = chance.choice(
                    (f"{vocabulary.OA}TextQuoteSelector", f"{vocabulary.OA}FragmentSelector")
                )
                other = f"{iri}/{chance.choice(('quote', 'fragment', 'other'))}"
                found += [
                    self._fact(iri, vocabulary.OA_HAS_SELECTOR, NamedNode(other)),
                    *self._thing(other, [kind], []),
                ]
            if chance.random() < 0.2:
                found += self._said(iri, [vocabulary.PASSAGE_CLASS], [], 1)
            if chance.random() < 0.15:
                found.remove(chance.choice(found))
            yield found, iri

    def _account(self, iri: str, words: Sequence[str]) -> Iterator[Triple]:
        chance = self._chance
        yield from self._thing(iri, [vocabulary.ACCOUNT], words)
        if chance.random() < 0.9:
            yield self._fact(iri, vocabulary.SOURCE, NamedNode(self._source))
        if chance.random() < 0.8:
            yield self._fact(iri, vocabulary.ABOUT, NamedNode(self._thing_of(())))
        nestings = [
            each for each in self._world.keys.nestings.values() if each.under == vocabulary.PART_OF
        ]
        holders = [iri]
        for _ in range(chance.randint(0, 5)):
            nesting = chance.choice(nestings)
            holder = chance.choice(holders)
            head = self._world.keys.properties[nesting.head]
            value = self._value(head, [iri])
            ending = chance.choice((rules.ending_of(value), self._key(), "-2", "x"))
            middle = chance.choice((f"{nesting.part}-" if nesting.part else "", ""))
            part = f"{holder}-{middle}{ending}" + chance.choice(("", "", "-2", "-3"))
            if not _is_iri(part):
                continue
            holders.append(part)
            yield from self._thing(part, [nesting.kind], words)
            if chance.random() < 0.95:
                yield self._fact(part, vocabulary.PART_OF, NamedNode(holder))
            if chance.random() < 0.05:
                yield self._fact(part, vocabulary.PART_OF, NamedNode(chance.choice(holders)))
            if chance.random() < 0.8:
                yield self._fact(part, nesting.head, value)

    def _of_name(self, words: Sequence[str]) -> Iterator[Triple]:
        chance = self._chance
        text = chance.choice(TEXTS)
        ending = chance.choice((rules.slug(text), self._key(), f"{rules.slug(text)}-2"))
        iri = f"{self._source}/name/{ending}"
        form = Literal(text, language=chance.choice(("en", "en", "hu")))
        kinds = [f"{DIP}Name"]
        for each in (
            self._fact(iri, vocabulary.RDF_TYPE, NamedNode(kinds[0])),
            self._fact(iri, vocabulary.SKOSXL_LITERAL_FORM, form),
            self._fact(iri, vocabulary.SOURCE, NamedNode(self._source)),
            self._fact(iri, vocabulary.NAME_OF, NamedNode(self._thing_of(()))),
        ):
            if chance.random() < 0.9:
                yield each
        yield from self._said(iri, kinds, words, chance.randint(0, 2))

    def _thing(self, iri: str, kinds: Sequence[str], words: Sequence[str]) -> Iterator[Triple]:
        chance = self._chance
        for kind in kinds:
            if chance.random() < 0.97:
                yield self._fact(iri, vocabulary.RDF_TYPE, NamedNode(kind))
        if chance.random() < 0.1:
            yield self._fact(iri, vocabulary.RDF_TYPE, NamedNode(chance.choice(self._classes)))
        if chance.random() < 0.6:
            label = Literal(chance.choice(WORDS), language=chance.choice(("en", "en", "hu")))
            yield self._fact(iri, vocabulary.SKOS_PREF_LABEL, label)
        yield from self._said(iri, kinds, words, chance.randint(0, 5))

    def _said(
        self, iri: str, kinds: Sequence[str], words: Sequence[str], count: int
    ) -> Iterator[Triple]:
        chance, keys = self._chance, self._world.keys
        for _ in range(count):
            known = chance.choice(self._properties)
            for _ in range(6):  # one that fits, most often
                if keys.fits(known, kinds) or chance.random() < 0.05:
                    break
                known = chance.choice(self._properties)
            predicate = known.iri if chance.random() < 0.95 else chance.choice(IRIS)
            if words and vocabulary.PASSAGE_CLASS in known.kinds and chance.random() < 0.9:
                yield self._fact(iri, predicate, NamedNode(chance.choice(words)))
                continue
            for _ in range(chance.choice((1, 1, 1, 2, 3))):
                yield self._fact(iri, predicate, self._value(known, kinds))

    def _value(self, known: of_base.Property, kinds: Sequence[str]) -> NamedNode | Literal:
        del kinds
        chance = self._chance
        odd = chance.random()
        if odd < 0.04:
            return BlankNode("b") if odd < 0.005 else NamedNode(chance.choice(IRIS))
        if odd < 0.08:
            return self._literal(chance.choice(TEXTS))
        if known.leads:
            return NamedNode(self._thing_of(known.kinds))
        if not known.types:
            return self._literal(chance.choice(TEXTS))
        kind = chance.choice(known.types)
        if kind == vocabulary.RDF_LANG_STRING:
            return Literal(chance.choice(TEXTS), language=chance.choice(("en", "en", *TAGS)))
        text = chance.choice((*NUMBERS, *DATES, "true", "false", *chance.choices(TEXTS, k=9)))
        if odd < 0.8:
            fitting = [each for each in (*NUMBERS, *DATES, "true") if known.datatype(each) == kind]
            text = chance.choice(fitting or [text])
        return Literal(text, datatype=NamedNode(kind))

    def _literal(self, text: str) -> Literal:
        chance = self._chance
        which = chance.random()
        if which < 0.4:
            return Literal(text, language=chance.choice(TAGS))
        if which < 0.6:
            return Literal(text)
        return Literal(text, datatype=NamedNode(f"{vocabulary.XSD}{chance.choice(DATATYPES)}"))

    def _thing_of(self, kinds: Sequence[str]) -> str:
        """Return something of the source or the base, of one of some classes if any there is."""
        chance = self._chance
        if self._things and chance.random() < 0.4:
            return chance.choice(self._things)
        if kinds:
            told = self._world.found.store.quads_for_pattern(
                None, NamedNode(vocabulary.RDF_TYPE), NamedNode(chance.choice(kinds)), None
            )
            found = sorted(each.subject.value for each in told)[:300]
            if found:
                return chance.choice(found)
        return chance.choice((*IRIS, f"{INDIVIDUAL}state/FRA", f"{INDIVIDUAL}state/TUR"))

    def _iri(self, kind: str) -> str:
        chance = self._chance
        ending = self._key()
        space = chance.choice(
            (
                *(f"{INDIVIDUAL}{segment(kind)}/",) * 4,
                *(f"{self._source}/voice/", f"{self._source}/account/", f"{self._source}/name/"),
                *("http://example.org/", f"{INDIVIDUAL}meeting/"),
            )
        )
        return f"{space}{ending}"

    def _key(self) -> str:
        chance = self._chance
        for _ in range(9):
            if _is_iri(f"x:{(found := chance.choice(WORDS))}"):
                return found
        return "x"

    def _number(self, text: str) -> Literal:
        kind = self._chance.choice((*("integer",) * 9, "decimal"))
        return Literal(text, datatype=NamedNode(f"{vocabulary.XSD}{kind}"))

    def _fact(self, subject: str, predicate: str, value: NamedNode | Literal) -> Triple:
        return Triple(NamedNode(subject), NamedNode(predicate), value)

    # ------------------------------------------------------------------ one that is altered

    def _altered(self, model: Sequence[Triple]) -> list[Triple]:
        """Return what a source says, with facts dropped, doubled and altered."""
        chance, found = self._chance, list(model)
        for _ in range(chance.randint(1, 8)):
            if not found:
                break
            place = chance.randrange(len(found))
            one, other = found[place], chance.choice(found)
            what = chance.choice(("drop", "value", "property", "subject", "literal", "block"))
            if what == "drop":
                del found[place]
            elif what == "value":
                found.append(Triple(one.subject, one.predicate, other.object))
            elif what == "property":
                found.append(Triple(one.subject, other.predicate, one.object))
            elif what == "subject":
                found.append(Triple(other.subject, one.predicate, one.object))
            elif what == "literal":
                text = chance.choice(TEXTS)
                found[place] = Triple(one.subject, one.predicate, self._literal(text))
            else:
                node = BlankNode("n") if chance.random() < 0.1 else one.subject
                found.append(Triple(node, one.predicate, other.object))
        return list(dict.fromkeys(found))


def _is_iri(text: str) -> bool:
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True


def smaller(world: World, name: str, triples: list[Triple]) -> list[Triple]:
    """Return as few of the triples as still go wrong."""
    size = len(triples) // 2
    while size:
        start = 0
        while start < len(triples):
            fewer = triples[:start] + triples[start + size :]
            if tried(world, name, fewer)[1]:
                triples = fewer
            else:
                start += size
        size //= 2
    return triples


def tried(world: World, name: str, triples: Sequence[Triple]) -> tuple[str, str]:
    """Return the form of a source, and what is wrong with it, whatever happens."""
    try:
        return there_and_back(world, name, triples)
    except Exception:  # noqa: BLE001  whatever it is, it is a fault
        return "", traceback.format_exc(limit=-4)


def models(paths: Sequence[Path]) -> list[tuple[str, list[Triple]]]:
    """Return the sources in files, with their names."""
    return [(each.stem, [quad.triple for quad in syntax.read_rdf(each)]) for each in paths]


def main() -> int:
    """Try random sources, and show the first that differs."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--show", type=int, default=1)
    told = parser.parse_args()
    here, wrong, blocks = world(), 0, 0
    files = sorted([*(ROOT / "tests/world").glob("*.ttl"), *(ROOT / "data/articles").glob("*.ttl")])
    of_files = models(files)
    began = time.monotonic()
    for number in range(told.seed, told.seed + told.cases):
        name, triples = Sources(here, number).source(of_files)
        form, problem = tried(here, name, triples)
        blocks += "\nturtle:" in form
        wrong += bool(problem)
        if problem and wrong <= told.show:
            fewer = smaller(here, name, triples)
            lines = (f"--- {number} {name!r}", *map(str, fewer), tried(here, name, fewer)[1])
            sys.stdout.write("".join(f"{line}\n" for line in lines))
            sys.stdout.flush()
    took = time.monotonic() - began
    sys.stdout.write(f"{wrong} of {told.cases} differ, {blocks} with Turtle; {took:.0f} s\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
