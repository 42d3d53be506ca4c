"""Random shapes graphs, data and changes, from a seed; and a command that compares engines on them.

For each case: all findings before and after the change, and what the change causes, by the fast
engines and by pySHACL.

    python tests/random_shacl.py --cases 10000 --seed 1

It stops at the first difference and prints the case as Turtle, without the triples that the
difference does not need.
"""

# ruff: noqa: ISC004, S311, T201  a command whose queries are long

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from random import Random

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from dragoman.errors import ShapesError
from dragoman.validation import core, reference
from dragoman.validation.messages import COMPONENTS
from dragoman.validation.shape_graph import COMPONENTS as COMPONENT_OF

EX = "http://example.org/"
SH = "http://www.w3.org/ns/shacl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
PREFIXES = {"ex": EX, "sh": SH, "xsd": XSD, "rdf": RDF, "rdfs": RDFS, "owl": OWL}
TYPE, SUBCLASS = NamedNode(f"{RDF}type"), NamedNode(f"{RDFS}subClassOf")
FIRST, REST, NIL = (NamedNode(f"{RDF}{name}") for name in ("first", "rest", "nil"))


def ex(name):
    return NamedNode(f"{EX}{name}")


def sh(name):
    return NamedNode(f"{SH}{name}")


def typed(text, datatype):
    return Literal(text, datatype=NamedNode(f"{XSD}{datatype}"))


HOSTILE = [
    *(typed(each, "integer") for each in ("99999999999999999999", "-9223372036854775809", "two")),
    *(typed(each, "decimal") for each in ("0.1234567890123456789", "123456789012345678.5", "1e3")),
    *(typed(each, "double") for each in ("NaN", "INF", "-INF", "1e400", "-0.0", "1.0E0")),
    *(typed(each, "float") for each in ("1.1", "NaN")),
    *(typed(each, "date") for each in ("-0044-03-15", "-1258-11-21", "12014-01-01", "2014-13-01")),
    *(
        typed(each, "dateTime")
        for each in ("2014-06-30T24:00:00Z", "-0001-01-01T00:00:00", "2014-06-30T12:30:01.5-03:30")
    ),
    *(typed("12:00:00Z", "time"), typed("24:00:00", "time"), typed("-0044", "gYear")),
    *(typed(each, "duration") for each in ("P1Y2M3DT4H", "-PT0.5S")),
    *(typed("P1DT36H", "dayTimeDuration"), typed("P14M", "yearMonthDuration")),
    *(typed(each, "boolean") for each in ("1", "0", "false", "TRUE")),
    *(
        Literal(each)
        for each in ("", "😀a", "Straße", "a\tb\\", "İ", "e\u0301", "%41", "2014-06-30")
    ),
    *(Literal("", language="en"), Literal("😀", language="de"), Literal("A", language="EN-gb")),
]
INTEGERS = [typed(each, "integer") for each in ("0", "1", "2", "3", "02", "+1", "-4")]
NUMBERS = [
    *INTEGERS,
    *(typed("1.0", "decimal"), typed("2.5", "decimal"), typed("2e0", "double")),
    *(typed("2.5", "float"), typed("NaN", "double"), typed("7", "byte"), typed("300", "byte")),
    *(typed("two", "integer"), typed("1e3", "decimal"), typed("2", "nonNegativeInteger")),
]
TEXTS = [
    *(Literal(each) for each in ("", "a", "ab", "abc", "Été", "two words", "12", "a\nb")),
    *(Literal(each, language="en") for each in ("a", "b", "ab")),
    *(Literal(each, language=tag) for each, tag in (("a", "en-gb"), ("b", "fr"), ("c", "de"))),
    *(typed("a", "token"), typed("a  b", "normalizedString"), typed("http://x/", "anyURI")),
]
TIMES = [
    *(typed(each, "date") for each in ("2014-01-01", "2014-06-30", "2015-01-01")),
    *(
        typed(each, "date")
        for each in ("2014-06-30Z", "2014-06-30+05:00", "2014-02-30", "-0044-03-15")
    ),
    *(typed(each, "dateTime") for each in ("2014-06-30T00:00:00", "2014-06-30T12:00:00Z")),
    *(typed(each, "dateTime") for each in ("2014-06-30T24:00:00", "2014-06-30")),
    *(typed("2014", "gYear"), typed("2014-06", "gYearMonth"), typed("P1Y", "duration")),
    *(typed("P12M", "duration"), typed("12:00:00", "time")),
]
OTHERS = [typed("true", "boolean"), typed("1", "boolean"), typed("maybe", "boolean")]
OTHERS.append(Literal("x", datatype=ex("datatype")))
# What the values of a property mostly are.
KINDS = {
    "knows": "node", "likes": "node", "partOf": "node",
    "age": "number", "rank": "number",
    "name": "text", "title": "text",
    "start": "time", "end": "time",
    "flag": "other",
}  # fmt: skip
POOLS = {"number": NUMBERS, "text": TEXTS, "time": TIMES, "other": OTHERS, "hostile": HOSTILE}
USUAL = {
    "number": INTEGERS[:5],
    "text": TEXTS[1:6] + TEXTS[8:11],
    "time": TIMES[:3],
    "other": OTHERS[:1],
}
PROPERTIES = list(KINDS)
CLASSES = ["Agent", "Person", "State", "Office", "Thing"]
DATATYPES = {
    "number": ["integer", "integer", "decimal", "double", "byte", "float"],
    "text": ["string", "string", "token", "anyURI"],
    "time": ["date", "date", "dateTime", "gYear", "duration", "time"],
    "other": ["boolean"],
    "node": ["string"],
}
PATTERNS = [
    "^[a-z]+$",
    "a",
    "^.{1,3}$",
    "b$",
    "[0-9]",
    "^a|c",
    "^(a|b)+$",
    "^[^ ]*$",
    "^http://",
    "\\d",
]
RARE_PATTERNS = ["\\w", "^a\\s", "(?i)A", "[a-z&&[b]]"]


@dataclass(frozen=True)
class Case:
    """A random case: shapes, and the data before and after a change."""

    shapes: tuple[Triple, ...]
    before: tuple[Triple, ...]
    after: tuple[Triple, ...]

    @property
    def added(self):
        return tuple(each for each in self.after if each not in set(self.before))

    @property
    def removed(self):
        return tuple(each for each in self.before if each not in set(self.after))


def case(seed, *, sparql=True, expressions=False):
    """Return the case of a seed; with `expressions` one of nothing but queries that have some."""
    random = Random(seed)
    world = World(random)
    if expressions:
        world.mess = 0.4
    before = world.data()
    shapes = Shapes(random, world, sparql, expressions).triples
    for node in world.classes_too:
        before += (Triple(each, TYPE, node) for each in world.things if random.random() < 0.5)
    after = world.changed(before)
    return Case(tuple(dict.fromkeys(shapes)), tuple(before), tuple(after))


# ------------------------------------------------------------------ data


class World:
    """The things of a case, and what is said of them."""

    def __init__(self, random):
        self.random = random
        self.things = [ex(f"n{number}") for number in range(random.randint(4, 9))]
        self.things += [ex(each) for each in ("é😀", "a%20b'(c)*") if random.random() < 0.1]
        self.things += [BlankNode(f"d{number}") for number in range(random.randint(0, 3))]
        # Shapes that are classes.
        self.classes_too = []
        # Most cases are tidy, so that not everything is always found.
        self.mess = random.choice((0.0, 0.02, 0.02, 0.1, 0.4))

    def value(self, name):
        random = self.random
        kind = KINDS[name]
        if random.random() < self.mess:
            kind = random.choice(("node", "number", "text", "time", "other", "hostile"))
            return random.choice(self.things if kind == "node" else POOLS[kind])
        return random.choice(self.things if kind == "node" else USUAL[kind])

    def about(self, thing):
        random = self.random
        for name in random.sample(CLASSES, random.choice((0, 1, 1, 1, 2))):
            yield Triple(thing, TYPE, ex(name))
        for name in PROPERTIES:
            for _ in range(
                random.choice((0, 1, 1, 1, 1, 2, 3) if random.random() < 0.5 else (1, 1, 0))
            ):
                yield Triple(thing, ex(name), self.value(name))

    def classes(self):
        random = self.random
        found = {Triple(ex("Person"), SUBCLASS, ex("Agent")): None}
        for _ in range(random.randint(0, 3)):
            found[Triple(ex(random.choice(CLASSES)), SUBCLASS, ex(random.choice(CLASSES)))] = None
        return found

    def data(self):
        found = self.classes()
        for thing in self.things:
            found.update(dict.fromkeys(self.about(thing)))
        return list(found)

    def changed(self, before):
        """Return the data after a few changes of every kind."""
        random = self.random
        after = dict.fromkeys(before)
        for _ in range(random.choice((1, 2, 3, 4, 6, 9))):
            random.choice(
                (self.add, self.add, self.drop, self.drop, self.renew, self.forget, self.retype,
                 self.reclass, self.introduce)
            )(after)  # fmt: skip
        return list(after)

    def add(self, after):
        name = self.random.choice(PROPERTIES)
        after[Triple(self.random.choice(self.things), ex(name), self.value(name))] = None

    def drop(self, after):
        if after:
            del after[self.random.choice(list(after))]

    def renew(self, after):
        if stated := [each for each in after if each.predicate not in (TYPE, SUBCLASS)]:
            old = self.random.choice(stated)
            del after[old]
            name = old.predicate.value.removeprefix(EX)
            after[Triple(old.subject, old.predicate, self.value(name))] = None

    def forget(self, after):
        thing = self.random.choice(self.things)
        for each in [each for each in after if thing in (each.subject, each.object)]:
            del after[each]

    def retype(self, after):
        thing, name = self.random.choice(self.things), self.random.choice(CLASSES)
        triple = Triple(thing, TYPE, ex(name))
        if triple in after:
            del after[triple]
        else:
            after[triple] = None

    def reclass(self, after):
        stated = [each for each in after if each.predicate == SUBCLASS]
        if stated and self.random.random() < 0.5:
            del after[self.random.choice(stated)]
        else:
            names = [ex(self.random.choice(CLASSES)) for _ in range(2)]
            after[Triple(names[0], SUBCLASS, names[1])] = None

    def introduce(self, after):
        thing = ex(f"new{self.random.randint(0, 3)}")
        self.things.append(thing)
        after.update(dict.fromkeys(self.about(thing)))
        self.add(after)


# ------------------------------------------------------------------ shapes


@dataclass
class Shapes:
    """The shapes of a case."""

    random: Random
    world: World
    sparql: bool
    expressions: bool = False
    triples: list[Triple] = field(default_factory=list)
    named: list[NamedNode] = field(default_factory=list)
    count: int = 0

    def __post_init__(self):
        if self.expressions:
            for number in range(3):
                self.say(ex(f"Shape{number}"), "targetClass", ex(CLASSES[0]))
                self.say(ex(f"Shape{number}"), "targetSubjectsOf", ex(PROPERTIES[number]))
                self.sparql_constraint(ex(f"Shape{number}"), None)
            return
        for _ in range(self.random.randint(1, 4)):
            node = ex(f"Shape{len(self.named)}")
            self.say(node, "rdf:type", sh("NodeShape"))
            self.targets(node)
            self.dress(node)
            self.constrain_node(node, 0, self.random.randint(1, 3))
            # Later shapes may refer to earlier ones, so there is a circle only where one is wanted.
            self.named.append(node)
        if self.random.random() < 0.15:
            self.property_shape(0, node=ex("PropertyShape"))
            self.targets(ex("PropertyShape"))
        if self.random.random() < 0.03:
            self.say(self.named[0], "node", self.named[-1])

    # -------------------------------------------------------------- small things

    def chance(self, share):
        return self.random.random() < share

    def say(self, node, name, value):
        prefix, _, local = name.rpartition(":")
        predicate = NamedNode(f"{PREFIXES[prefix or 'sh']}{local}")
        if not any(t.subject == node and t.predicate == predicate and t.object == value
                   for t in self.triples[-40:]):  # fmt: skip
            self.triples.append(Triple(node, predicate, value))

    def blank(self):
        self.count += 1
        return BlankNode(f"s{self.count}")

    def list_of(self, items):
        head = NIL
        for item in reversed(items):
            cell = self.blank()
            self.triples += [Triple(cell, FIRST, item), Triple(cell, REST, head)]
            head = cell
        return head

    def dress(self, node):
        """Give a shape what decides nothing but how its results look."""
        if self.chance(0.2):
            self.say(node, "severity", self.random.choice((sh("Warning"), sh("Info"), ex("Odd"))))
        if self.chance(0.4):
            self.say(node, "message", Literal("It is wrong.", language="en"))
            if self.chance(0.5):
                self.say(node, "message", Literal("Falsch.", language="de"))
            if self.chance(0.2):
                self.say(node, "message", Literal("wrong"))
        if self.chance(0.04):
            self.say(node, "deactivated", typed(self.random.choice(("true", "false")), "boolean"))

    def targets(self, node):
        random = self.random
        for _ in range(random.choice((1, 1, 1, 2))):
            kind = random.choice(("class", "class", "node", "subjects", "objects", "implicit"))
            if kind == "class":
                self.say(node, "targetClass", ex(random.choice(CLASSES)))
            elif kind == "node":
                things = [each for each in self.world.things if isinstance(each, NamedNode)]
                thing = random.choice([*things, *things, random.choice(NUMBERS)])
                self.say(node, "targetNode", thing)
            elif kind == "implicit":
                kind = random.choice((NamedNode(f"{RDFS}Class"), NamedNode(f"{OWL}Class")))
                self.say(node, "rdf:type", kind)
                self.world.classes_too.append(node)
            else:
                name = ex(random.choice(PROPERTIES))
                self.say(node, f"target{kind.capitalize()}Of", name)

    # -------------------------------------------------------------- paths

    def path(self, depth=0):
        """Return a path, and what kind of values it mostly leads to."""
        random = self.random
        if depth > 2 or self.chance(0.6 if depth == 0 else 0.5):
            name = random.choice(PROPERTIES[:3] if depth and self.chance(0.7) else PROPERTIES)
            return ex(name), KINDS[name], name
        kind = random.choice(
            ("inverse", "sequence", "alternative", "zeroOrMore", "oneOrMore", "zeroOrOne")
        )
        node = self.blank()
        if kind in {"sequence", "alternative"}:
            steps = [self.path(depth + 1) for _ in range(random.choice((2, 2, 3)))]
            head = self.list_of([step[0] for step in steps])
            if kind == "sequence":
                return head, steps[-1][1], None
            self.say(node, "alternativePath", head)
            return node, steps[0][1], None
        inner, leads_to, _ = self.path(depth + 1)
        self.say(node, f"{kind}Path", inner)
        return node, "node" if kind == "inverse" else leads_to, None

    # -------------------------------------------------------------- constraints

    def property_shape(self, depth, node=None):
        random = self.random
        node = node or (ex(f"P{self.count}") if self.chance(0.15) else self.blank())
        self.count += 1
        if self.chance(0.3):
            self.say(node, "rdf:type", sh("PropertyShape"))
        path, kind, name = self.path()
        self.say(node, "path", path)
        self.dress(node)
        for _ in range(random.choice((1, 1, 2, 3))):
            self.constrain_values(node, depth, kind, name)
        return node

    def node_shape(self, depth):
        if self.named and self.chance(0.3):
            return self.random.choice(self.named)
        node = self.blank()
        self.dress(node)
        self.constrain_node(node, depth, self.random.choice((1, 1, 2)))
        return node

    def any_shape(self, depth):
        return self.property_shape(depth) if self.chance(0.3) else self.node_shape(depth)

    def constrain_node(self, node, depth, how_many):
        random = self.random
        for _ in range(how_many):
            if self.chance(0.6) and depth < 4:
                self.say(node, "property", self.property_shape(depth + 1))
            elif self.sparql and depth == 0 and self.chance(0.35):
                self.sparql_constraint(node, None)
            elif self.chance(0.15):
                self.closed(node)
            else:
                self.constrain_each(node, depth, "node")
        if depth == 0 and self.chance(0.12):
            self.siblings(node)
        if depth and not any(each.subject == node for each in self.triples):
            self.say(node, "nodeKind", sh(random.choice(("IRI", "BlankNodeOrIRI"))))

    def constrain_values(self, node, depth, kind, name):
        """Demand something of a set of values, or of each."""
        random = self.random
        choices = ["minCount", "maxCount", "each", "each", "each", "each", "pair", "qualified"]
        choices += {"text": ["uniqueLang"] * 3, "time": ["order"], "number": ["order"]}.get(
            kind, []
        )
        if self.chance(0.3):
            choices += ["hasValue", "order", "uniqueLang"]
        if self.sparql and depth < 2:
            choices += ["sparql"]
        choice = random.choice(choices)
        if choice in {"minCount", "maxCount"}:
            number = random.choice((0, 1, 1)) if choice == "minCount" else random.choice((1, 2, 3))
            self.once(node, choice, typed(str(number), "integer"))
        elif choice == "uniqueLang":
            self.once(node, choice, typed(random.choice(("true", "true", "false")), "boolean"))
        elif choice == "pair":
            other = {"knows": "likes", "age": "rank", "name": "title", "start": "end"}.get(
                name, "partOf"
            )
            self.say(node, random.choice(("equals", "disjoint", "disjoint", "disjoint")), ex(other))
        elif choice == "order":
            other = {"number": "rank", "text": "title", "time": "end", "other": "flag"}.get(
                kind, "age"
            )
            self.say(node, random.choice(("lessThan", "lessThanOrEquals")), ex(other))
        elif choice == "hasValue":
            pool = self.world.things if kind == "node" else USUAL[kind]
            if value := [each for each in pool if not isinstance(each, BlankNode)]:
                self.say(node, "hasValue", random.choice(value))
        elif choice == "qualified" and depth < 4:
            self.qualified(node, self.any_shape(depth + 1))
        elif choice == "sparql":
            self.sparql_constraint(node, name)
        else:
            self.constrain_each(node, depth, kind)

    def once(self, node, name, value):
        predicate = sh(name)
        if not any(t.subject == node and t.predicate == predicate for t in self.triples):
            self.triples.append(Triple(node, predicate, value))

    def qualified(self, node, shape):
        random = self.random
        if any(
            t.subject == node and t.predicate == sh("qualifiedValueShape") for t in self.triples
        ):
            return
        self.once(node, "qualifiedValueShape", shape)
        which = random.choice((["Min"], ["Max"], ["Min", "Max"]))
        for name in which:
            self.once(
                node, f"qualified{name}Count", typed(str(random.choice((1, 1, 2))), "integer")
            )
        if self.chance(0.4):
            self.once(node, "qualifiedValueShapesDisjoint", typed("true", "boolean"))

    def siblings(self, node):
        path, _, _ = self.path()
        for _ in range(2):
            each = self.blank()
            self.say(each, "path", path)
            self.qualified(each, self.any_shape(3))
            self.once(each, "qualifiedValueShapesDisjoint", typed("true", "boolean"))
            self.say(node, "property", each)

    def closed(self, node):
        self.once(node, "closed", typed("true", "boolean"))
        allowed = [TYPE, *(ex(name) for name in PROPERTIES if self.chance(0.93))]
        self.once(node, "ignoredProperties", self.list_of(allowed))

    def constrain_each(self, node, depth, kind):
        """Demand something of each value."""
        random = self.random
        choices = {
            "node": ["class", "class", "nodeKind", "in", "inner", "inner", "shape", "string"],
            "number": ["datatype", "range", "range", "in", "nodeKind", "inner"],
            "text": ["datatype", "string", "string", "languageIn", "in", "inner"],
            "time": ["datatype", "range", "range", "inner"],
            "other": ["datatype", "in", "nodeKind"],
        }[kind]
        choice = random.choice(choices)
        if choice in {"inner", "shape"} and depth >= 4:
            choice = "nodeKind"
        {
            "class": partial(self.say, node, "class", ex(random.choice(CLASSES[:2] * 2 + CLASSES))),
            "datatype": partial(self.datatype, node, kind),
            "nodeKind": partial(self.node_kind, node, kind),
            "in": partial(self.one_of, node, kind),
            "range": partial(self.range, node, kind),
            "string": partial(self.string, node),
            "languageIn": partial(self.language, node),
            "inner": partial(self.inner, node, depth),
            "shape": partial(self.inner_shape, node, depth),
        }[choice]()

    def datatype(self, node, kind):
        name = self.random.choice(DATATYPES[kind])
        if kind == "text" and self.chance(0.3):
            return self.once(node, "datatype", NamedNode(f"{RDF}langString"))
        return self.once(node, "datatype", NamedNode(f"{XSD}{name}"))

    def node_kind(self, node, kind):
        usual = ("IRI", "BlankNodeOrIRI") if kind == "node" else ("Literal", "IRIOrLiteral")
        every = (
            "IRI",
            "BlankNode",
            "Literal",
            "BlankNodeOrIRI",
            "BlankNodeOrLiteral",
            "IRIOrLiteral",
        )
        self.once(node, "nodeKind", sh(self.random.choice(usual * 2 + every)))

    def one_of(self, node, kind):
        pool = self.world.things if kind == "node" else USUAL[kind]
        values = [each for each in pool if self.chance(0.9) and not isinstance(each, BlankNode)]
        self.once(node, "in", self.list_of(values))

    def range(self, node, kind):
        name = self.random.choice(("minInclusive", "minExclusive", "maxInclusive", "maxExclusive"))
        ends = {"number": (NUMBERS, "-4", "3"), "time": (TIMES, "2014-01-01", "2015-01-01")}[kind]
        if self.chance(0.25):
            value = self.random.choice(ends[0])
        else:
            text = ends[1] if name.startswith("min") else ends[2]
            value = typed(text, "integer" if kind == "number" else "date")
        self.once(node, name, value)

    def string(self, node):
        kind = self.random.choice(("minLength", "maxLength", "pattern", "pattern"))
        if kind == "pattern":
            patterns = RARE_PATTERNS if self.chance(0.05) else PATTERNS
            self.once(node, kind, Literal(self.random.choice(patterns)))
            if self.chance(0.03):
                self.once(node, "flags", Literal("i"))
        else:
            numbers = (0, 1, 1, 2) if kind == "minLength" else (2, 5, 25, 25)
            self.once(node, kind, typed(str(self.random.choice(numbers)), "integer"))

    def language(self, node):
        tags = self.random.choice((["en"], ["en", "fr"], ["en", "fr", "de"], ["en-gb"], ["*"]))
        self.once(node, "languageIn", self.list_of([Literal(tag) for tag in tags]))

    def inner(self, node, depth):
        """Put shapes inside by a logical constraint."""
        kind = self.random.choice(("and", "or", "or", "xone", "not"))
        if kind == "not":
            self.say(node, "not", self.any_shape(depth + 2))
        else:
            shapes = [self.any_shape(depth + 2) for _ in range(self.random.choice((1, 2, 2, 3)))]
            self.say(node, kind, self.list_of(shapes))

    def inner_shape(self, node, depth):
        if self.chance(0.5):
            self.say(node, "node", self.node_shape(depth + 2))
        else:
            self.say(node, "property", self.property_shape(depth + 1))

    # -------------------------------------------------------------- SPARQL

    def sparql_constraint(self, node, name):
        constraint = self.blank() if self.chance(0.7) else ex(f"Constraint{self.count}")
        self.count += 1
        self.say(node, "sparql", constraint)
        if self.chance(0.3):
            self.say(constraint, "rdf:type", sh("SPARQLConstraint"))
        if self.expressions or self.chance(0.4):
            query = Expressions(self.random).query()
        else:
            query = self.random.choice(QUERIES + (PATH_QUERIES if name else ()))
        words = {f"<{each}>": f"<{EX}{each}>" for each in (*PROPERTIES, *CLASSES)}
        words["<a>"] = f"<{TYPE.value}>"
        words["<sub>"] = f"<{SUBCLASS.value}>"
        for short, full in words.items():
            query = query.replace(short, full)
        if self.chance(0.3):
            query = query.replace(f"<{EX}", "ex:")
            query = _with_names(query)
            self.say(constraint, "prefixes", ex("ontology"))
            declaration = BlankNode("prefix")
            self.triples += [
                Triple(ex("ontology"), sh("declare"), declaration),
                Triple(declaration, sh("prefix"), Literal("ex")),
                Triple(declaration, sh("namespace"), typed(EX, "anyURI")),
            ]
        self.say(constraint, "select", Literal(query))
        if self.chance(0.5):
            self.say(constraint, "message", Literal("{?value} is wrong at {$this}.", language="en"))
        if self.chance(0.03):
            self.say(constraint, "deactivated", typed("true", "boolean"))


class Expressions:
    """Random expressions of SPARQL, with each function, operator, cast and aggregate."""

    def __init__(self, random):
        self.random = random
        self.seen = []
        self.depth = 0

    def query(self):
        """Return a query with expressions in one of the places that have some."""
        one, two = (f"<{name}>" for name in self.random.sample(PROPERTIES, 2))
        form = self.random.choice(("filter", "bind", "exists", "having", "select", "optional"))
        self.seen = ["?value"]
        if form == "filter":
            return f"SELECT $this ?value WHERE {{ $this {one} ?value . FILTER ({self.truth()}) }}"
        if form == "bind":
            self.seen = ["?x", "?y"]
            made = self.any()
            self.seen = ["?value", "?x"]
            return (
                f"SELECT $this ?value WHERE {{ $this {one} ?x . OPTIONAL {{ $this {two} ?y }} "
                f"BIND ({made} AS ?value) FILTER ({self.truth()}) }}"
            )
        if form == "exists":
            self.seen = ["?value", "?y"]
            no = self.random.choice(("", "NOT "))
            return (
                f"SELECT $this ?value WHERE {{ $this {one} ?value . FILTER {no}EXISTS "
                f"{{ $this {two} ?y . FILTER ({self.truth()}) }} }}"
            )
        if form == "optional":
            self.seen = ["?value", "?y"]
            return (
                f"SELECT $this ?value WHERE {{ $this {one} ?value . OPTIONAL {{ $this {two} ?y . "
                f"FILTER ({self.truth()}) }} FILTER ({self.truth()}) }}"
            )
        self.seen = ["?x"]
        if form == "having":
            return (
                f"SELECT $this WHERE {{ {{ SELECT $this WHERE {{ $this {one} ?x }} GROUP BY $this "
                f"HAVING ({self.aggregate()} {self.sign()} {self.random.choice(ENDS)}) }} }}"
            )
        made = self.aggregate()
        self.seen = ["?value"]
        return (
            f"SELECT $this ?value WHERE {{ {{ SELECT $this ({made} AS ?value) WHERE "
            f"{{ $this {one} ?x }} GROUP BY $this }} FILTER ({self.truth()}) }}"
        )

    def aggregate(self):
        name = self.random.choice(("COUNT", "SUM", "AVG", "MIN", "MAX", "SAMPLE", "GROUP_CONCAT"))
        distinct = self.random.choice(("", "", "DISTINCT "))
        return f"{name}({distinct}{self.random.choice(('?x', self.any()))})"

    def sign(self):
        return self.random.choice(("=", "!=", "<", ">", "<=", ">="))

    def one_of(self, *makers):
        self.depth += 1
        made = self.random.choice(makers)() if self.depth < 4 else self.variable()
        self.depth -= 1
        return made

    def variable(self):
        return self.random.choice(self.seen)

    def constant(self, pool):
        return str(self.random.choice(pool))

    def any(self):
        return self.one_of(
            self.variable, self.variable, self.variable, self.truth, self.text, self.number,
            self.moment, self.name,
            lambda: f"IF({self.truth()}, {self.any()}, {self.any()})",
            lambda: f"COALESCE({self.any()}, {self.any()})",
            lambda: self.constant(HOSTILE),
        )  # fmt: skip

    def call(self, names, *arguments):
        given = ", ".join(each() for each in arguments)
        return f"{self.random.choice(names.split())}({given})"

    def cast(self, names, argument):
        return f"<{XSD}{self.random.choice(names.split())}>({argument()})"

    def truth(self):
        call, text, anything = self.call, self.text, self.any
        return self.one_of(
            lambda: f"{anything()} {self.sign()} {anything()}",
            lambda: f"{self.number()} {self.sign()} {self.number()}",
            lambda: f"{text()} {self.sign()} {text()}",
            lambda: f"{self.moment()} {self.sign()} {self.moment()}",
            lambda: call("isIRI isURI isBLANK isLITERAL isNUMERIC", anything),
            lambda: call("CONTAINS STRSTARTS STRENDS", text, text),
            lambda: call("BOUND", self.variable),
            lambda: call("sameTerm", anything, anything),
            lambda: f"LANGMATCHES({text()}, {self.random.choice(LANGUAGE_RANGES)})",
            lambda: f"REGEX({text()}, {self.random.choice(EXPRESSIONS)})",
            lambda: (
                f"{self.variable()} {self.random.choice(('IN', 'NOT IN'))} "
                f"({anything()}, {anything()})"
            ),
            lambda: f"(({self.truth()}) {self.random.choice(('&&', '||'))} ({self.truth()}))",
            lambda: f"!({self.truth()})",
            lambda: self.cast("boolean", anything),
            lambda: f"EXISTS {{ $this <{self.random.choice(PROPERTIES)}> {self.variable()} }}",
            lambda: self.random.choice(CERTAIN),
        )

    def text(self):
        call, text = self.call, self.text
        return self.one_of(
            self.variable, self.variable,
            lambda: self.constant(TEXTS),
            lambda: call("STR", self.any),
            lambda: call("STR UCASE LCASE ENCODE_FOR_URI MD5 SHA1 SHA256 SHA384 SHA512", text),
            lambda: call("CONCAT STRBEFORE STRAFTER", text, text),
            lambda: f"SUBSTR({text()}, {self.number()}{self.random.choice(('', ', 2', ', 1.5'))})",
            lambda: f"REPLACE({text()}, {self.random.choice(EXPRESSIONS)})".replace(
                '")', '", "-")'
            ),
            lambda: call("LANG TZ", self.any),
            lambda: self.cast("string", self.any),
            lambda: f"STRLANG({text()}, {self.random.choice(LANGUAGE_RANGES)})",
            lambda: f"STRDT({text()}, <{XSD}{self.random.choice(('date', 'integer', 'token'))}>)",
        )  # fmt: skip

    def number(self):
        call, number = self.call, self.number
        return self.one_of(
            self.variable, self.variable,
            lambda: self.random.choice(ENDS),
            lambda: self.constant(NUMBERS),
            lambda: call("STRLEN", self.text),
            lambda: call("ABS CEIL FLOOR ROUND", number),
            lambda: call("YEAR MONTH DAY HOURS MINUTES SECONDS", self.moment),
            lambda: f"({number()} {self.random.choice(('+', '-', '*', '/'))} {number()})",
            lambda: f"(-({number()}))",
            lambda: self.cast("integer decimal double float", self.any),
        )  # fmt: skip

    def moment(self):
        return self.one_of(
            self.variable, self.variable, self.variable,
            lambda: self.constant(TIMES),
            lambda: self.cast("date dateTime time", self.any),
            lambda: self.call("TIMEZONE", self.moment),
        )  # fmt: skip

    def name(self):
        return self.one_of(
            lambda: self.call("DATATYPE", self.any), lambda: self.call("IRI URI", self.text)
        )


ENDS = ("0", "1", "-4", "2.5", "1e0", "99999999999999999999")
# What each call makes anew, asked what is always so.
CERTAIN = (
    *("isBLANK(BNODE())", "isIRI(UUID())", "STRLEN(STRUUID()) = 36", "RAND() < 2"),
    "YEAR(NOW()) > 2000",
)
LANGUAGE_RANGES = ('"en"', '"*"', '"EN-GB"', '"no tag!"', '""')
EXPRESSIONS = (
    *('"a"', '"^[a-z]+$"', '"b|^$"', '".", "s"', '"A", "i"', '"\\\\d+"', '"a.b", "q"', '"[^a-c]"'),
    *('"\\\\p{Lu}"', '"^.$"', '" ", "x"'),
)


def _with_names(query):
    """Close the prefixed names that were IRIs in angle brackets."""
    parts = query.split("ex:")
    return "ex:".join([parts[0], *(part.replace(">", "", 1) for part in parts[1:])])


QUERIES = (
    "SELECT $this ?value WHERE { $this <age> ?value . FILTER (?value > 2) }",
    "SELECT $this ?value WHERE { $this <knows> ?other . ?other <age> ?value . "
    "FILTER (?value < 1) }",
    "SELECT $this WHERE { $this <start> ?start ; <end> ?end . FILTER (?end < ?start) }",
    "SELECT $this ?value WHERE { $this <partOf> ?value . FILTER NOT EXISTS { ?value <a> ?kind } }",
    "SELECT $this WHERE { $this <a> <Person> . FILTER NOT EXISTS { $this <name> ?name } }",
    "SELECT $this ?value WHERE { $this <knows> ?value . FILTER NOT EXISTS "
    "{ ?value <knows> $this } }",
    "SELECT $this ?value WHERE { $this <likes> ?value . FILTER EXISTS { ?value <flag> ?flag . "
    "$this <flag> ?flag } }",
    "SELECT $this ?value WHERE { $this <knows> ?value . OPTIONAL { ?value <title> ?title } "
    "FILTER (!BOUND(?title)) }",
    "SELECT $this ?value WHERE { { $this <name> ?value } UNION { $this <title> ?value } "
    "FILTER (STRLEN(STR(?value)) < 1) }",
    "SELECT $this ?value WHERE { { $this <knows> ?other } UNION { ?other <likes> $this } "
    "?other <age> ?value . FILTER (?value = 3) }",
    "SELECT $this ?value WHERE { $this <age> ?age . BIND (?age + 1 AS ?value) "
    "FILTER (?value > 3) }",
    "SELECT $this WHERE { { SELECT $this WHERE { $this <knows> ?other } GROUP BY $this "
    "HAVING (COUNT(?other) > 2) } }",
    "SELECT $this ?value WHERE { { SELECT $this (COUNT(DISTINCT ?other) AS ?value) WHERE "
    "{ ?other <likes> $this } GROUP BY $this HAVING (COUNT(DISTINCT ?other) > 2) } }",
    "SELECT $this ?value WHERE { $this <partOf>+ ?value . ?value <a> <Office> }",
    "SELECT $this WHERE { $this <partOf>+ $this }",
    "SELECT $this ?value WHERE { $this <knows>/<likes>* ?value . ?value <rank> 3 }",
    "SELECT $this ?value WHERE { $this ^<knows>/<partOf>? ?value . ?value <a>/<sub>* <State> }",
    "SELECT $this ?value WHERE { $this (<knows>|<likes>)/<name> ?value . "
    "FILTER (LANG(?value) = 'fr') }",
    "SELECT $this ?value WHERE { $this <name> ?value . ?other <name> ?value . "
    "FILTER (?other != $this) }",
    "SELECT $this ?path ?value WHERE { $this ?path ?value . FILTER (isLiteral(?value) && "
    "LANG(?value) = 'de') }",
    "SELECT DISTINCT $this ?value WHERE { $this <knows> ?one . ?one <partOf> ?value . "
    "?value <likes> ?two . ?two <flag> ?flag . FILTER (?flag != true) }",
    "SELECT $this ?value WHERE { ?value <partOf> $this . FILTER NOT EXISTS { ?value <start> ?day . "
    "FILTER EXISTS { $this <start> ?day } } }",
)
PATH_QUERIES = (
    "SELECT $this ?value WHERE { $this $PATH ?value . FILTER (isBlank(?value)) }",
    "SELECT $this ?value WHERE { $this $PATH ?value . FILTER NOT EXISTS { ?value <a> <Agent> } "
    "FILTER (!isLiteral(?value)) }",
    "SELECT $this WHERE { $this $PATH ?one . $this $PATH ?two . FILTER (?one < ?two) }",
)


# ------------------------------------------------------------------ what is right


def reported(shapes, data):
    """Return the findings of the reference, as a bag."""
    return Counter(reference.run(reference.Job(tuple(shapes), tuple(data))))


def expected(case):
    """Return the findings that a change brings and those that it takes away, by the reference."""
    before, after = reported(case.shapes, case.before), reported(case.shapes, case.after)
    return after - before, before - after


def core_differences(shapes, data):
    """Return the findings that only the reference has, and those that only the fast engine has.

    Of the constraints that the fast engine is trusted with.
    """
    unproven = core.unproven(shapes)
    left_out = {(node, COMPONENT_OF[parameter]) for node, parameter in unproven}
    try:
        reference = reported(shapes, data)
    except ShapesError as error:
        if "is no regular expression" in str(error) or "Not SPARQL" in str(error):
            return Counter(), Counter()  # a query is refused, and Core has none
        # Where something is unproven the reference is asked, and refuses.
        try:
            core.run(shapes, data)
        except ShapesError:
            return Counter(), Counter()
        return (Counter() if unproven else Counter([str(error)])), Counter()
    reference = Counter(
        {
            finding: count
            for finding, count in reference.items()
            if finding.component in COMPONENTS
            and (finding.shape, finding.component) not in left_out
        }
    )
    try:
        fast = Counter(core.run(shapes, data))
    except ShapesError:
        # Then nothing is proven, so the reference decides alone.
        fast = Counter() if unproven else Counter(["refused"])
    return reference - fast, fast - reference


def smaller(shapes, data, differ):
    """Return shapes and data without the triples that a difference does not need."""
    shapes, data = list(shapes), list(data)
    progress = True
    while progress:
        progress = False
        for triples in (data, shapes):
            size = max(1, len(triples) // 2)
            while size:
                start = 0
                while start < len(triples):
                    cut = triples[start : start + size]
                    del triples[start : start + size]
                    if differ(tuple(shapes), tuple(data)):
                        progress = True
                    else:
                        triples[start:start] = cut
                        start += size
                size //= 2
    return tuple(shapes), tuple(data)


def turtle(triples):
    return serialize(triples, format=RdfFormat.TURTLE, prefixes=PREFIXES).decode()


def _differs(shapes, marked):
    import two_ways

    before, after = ([each for each, *states in marked if states[n]] for n in (0, 1))
    try:
        return two_ways.differences(shapes, before, after)
    except Exception:  # noqa: BLE001  a case made smaller may break anything
        return {}


def main(arguments=None):
    import two_ways

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--core", action="store_true", help="leave SPARQL constraints out")
    parser.add_argument("--expressions", action="store_true", help="nothing but their queries")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    for number in range(options.cases):
        seed = options.seed + number
        made = case(seed, sparql=not options.core, expressions=options.expressions)
        before, after = frozenset(made.before), frozenset(made.after)
        marked = [(each, each in before, each in after) for each in sorted(before | after, key=str)]
        if differences := two_ways.differences(made.shapes, made.before, made.after):
            print(f"\nseed {seed}: the engines differ about {', '.join(differences)}")
            shapes, small = smaller(made.shapes, marked, _differs)
            print(f"# shapes\n{turtle(shapes)}")
            for name, state in (("before", 1), ("after", 2)):
                print(f"# {name}\n{turtle([each[0] for each in small if each[state]])}")
            for name, difference in _differs(shapes, small).items():
                print(f"# {name}: {difference}")
            return 1
        if number % 20 == 19 or number == options.cases - 1:
            rate = (number + 1) / (time.monotonic() - started)
            print(
                f"\r{number + 1} of {options.cases} cases alike, {rate:.1f} a second",
                end="",
                file=sys.stderr,
            )
    print(f"\n{options.cases} cases from seed {options.seed}: no difference")
    return 0


if __name__ == "__main__":
    sys.exit(main())
