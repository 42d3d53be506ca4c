"""Valid shapes with one term misspelt, moved or replaced: none may pass in silence.

Each shapes graph here is valid, and its data are made to break it. A mutant is right if it is
refused by name, or if what was wrong with the data is still found. Run it for all mutants:

    python tests/mutated_shapes.py [--seed N]
"""

# ruff: noqa: E501, ISC004, S311, SIM905, T201  a command whose shapes are long

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, parse, serialize

from dragoman.errors import ShapesError
from dragoman.validation import LEVELS, validate_with

SH = "http://www.w3.org/ns/shacl#"
DASH = "http://datashapes.org/dash#"
EX = "http://example.org/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
TYPE = f"{RDF}type"
PREFIXES = f"""
@prefix sh: <{SH}> .
@prefix ex: <{EX}> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
# Of every shapes graph: a header, and a list that is nobody's.
AROUND = """
ex:shapes a owl:Ontology ; rdfs:label "Shapes" ; ex:list ( ex:one ex:two ) .
ex:Treaty a owl:Class ; rdfs:label "treaty" .
"""


def of_property(constraint: str) -> str:
    """Return a shapes graph in which the values of ex:p have a constraint."""
    return (
        f"ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ex:p ; {constraint} ] ."
    )


def of_node(constraint: str) -> str:
    """Return a shapes graph in which the nodes have a constraint."""
    return f"ex:S a sh:NodeShape ; sh:targetClass ex:C ; {constraint} ."


A = "ex:a a ex:C ."
SELECT = "SELECT $this { $this <http://example.org/p> ?x FILTER (?x > 1) }"
COMPONENT = """
ex:Most a sh:ConstraintComponent ; sh:parameter [ sh:path ex:most ; sh:datatype xsd:integer ] ;
    sh:validator [ a sh:SPARQLAskValidator ; sh:message "Too much." ;
        sh:ask "ASK { FILTER ($value <= $most) }" ] .
"""
# Shapes and the data that break them, by what they are about.
EXAMPLES: dict[str, tuple[str, str]] = {
    "minCount": (of_property("sh:minCount 1"), A),
    "maxCount": (of_property("sh:maxCount 1"), f"{A} ex:a ex:p 1 , 2 ."),
    "class": (of_property("sh:class ex:D"), f"{A} ex:a ex:p ex:b ."),
    "datatype": (of_property("sh:datatype xsd:date"), f'{A} ex:a ex:p "x" .'),
    "nodeKind": (of_property("sh:nodeKind sh:IRI"), f'{A} ex:a ex:p "x" .'),
    "minInclusive": (of_property("sh:minInclusive 5"), f"{A} ex:a ex:p 4 ."),
    "minExclusive": (of_property("sh:minExclusive 5"), f"{A} ex:a ex:p 5 ."),
    "maxInclusive": (of_property("sh:maxInclusive 5"), f"{A} ex:a ex:p 6 ."),
    "maxExclusive": (of_property("sh:maxExclusive 5"), f"{A} ex:a ex:p 5 ."),
    "minLength": (of_property("sh:minLength 3"), f'{A} ex:a ex:p "x" .'),
    "maxLength": (of_property("sh:maxLength 3"), f'{A} ex:a ex:p "long" .'),
    "pattern": (of_property('sh:pattern "^[a-z]+$"'), f'{A} ex:a ex:p "1" .'),
    "flags": (of_property('sh:pattern "^[a-z]+$" ; sh:flags "i"'), f'{A} ex:a ex:p "1" .'),
    "languageIn": (of_property('sh:languageIn ( "en" "tr" )'), f'{A} ex:a ex:p "x"@de .'),
    "uniqueLang": (of_property("sh:uniqueLang true"), f'{A} ex:a ex:p "x"@de , "y"@de .'),
    "equals": (of_property("sh:equals ex:q"), f"{A} ex:a ex:p 1 ; ex:q 2 ."),
    "disjoint": (of_property("sh:disjoint ex:q"), f"{A} ex:a ex:p 1 ; ex:q 1 ."),
    "lessThan": (of_property("sh:lessThan ex:q"), f"{A} ex:a ex:p 2 ; ex:q 1 ."),
    "lessThanOrEquals": (of_property("sh:lessThanOrEquals ex:q"), f"{A} ex:a ex:p 2 ; ex:q 1 ."),
    "hasValue": (of_property("sh:hasValue ex:b"), f"{A} ex:a ex:p ex:d ."),
    "in": (of_property("sh:in ( ex:b ex:c )"), f"{A} ex:a ex:p ex:d ."),
    "closed": (
        of_node("sh:closed true ; sh:ignoredProperties ( <" + TYPE + "> ) ; "
                "sh:property [ sh:path ex:p ]"),
        f"{A} ex:a ex:q 1 .",
    ),
    "not": (of_node("sh:not [ a sh:NodeShape ; sh:class ex:D ]"), f"{A} ex:a a ex:D ."),
    "and": (of_node("sh:and ( [ sh:class ex:D ] [ sh:class ex:E ] )"), A),
    "or": (of_node("sh:or ( [ sh:class ex:D ] [ sh:class ex:E ] )"), A),
    "xone": (of_node("sh:xone ( [ sh:class ex:D ] [ sh:class ex:E ] )"), A),
    "node": (
        of_property("sh:node ex:T") + " ex:T a sh:NodeShape ; sh:class ex:D .",
        f"{A} ex:a ex:p ex:b .",
    ),
    "property": (
        of_property("sh:property [ sh:path ex:q ; sh:minCount 1 ]"), f"{A} ex:a ex:p ex:b ."
    ),
    "qualified": (
        of_property("sh:qualifiedValueShape [ sh:class ex:D ] ; sh:qualifiedMinCount 1"), A
    ),
    "qualifiedMax": (
        of_property("sh:qualifiedValueShape [ sh:class ex:D ] ; sh:qualifiedMaxCount 0"),
        f"{A} ex:a ex:p ex:b . ex:b a ex:D .",
    ),
    "disjoint siblings": (
        of_node(
            "sh:property [ sh:path ex:p ; sh:qualifiedValueShape [ sh:class ex:D ] ; "
            "sh:qualifiedMinCount 1 ; sh:qualifiedValueShapesDisjoint true ] , [ sh:path ex:p ; "
            "sh:qualifiedValueShape [ sh:class ex:E ] ; sh:qualifiedMinCount 1 ; "
            "sh:qualifiedValueShapesDisjoint true ]"
        ),
        f"{A} ex:a ex:p ex:b . ex:b a ex:D , ex:E .",
    ),
    "targetNode": ("ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:class ex:D .", A),
    "targetSubjectsOf": (
        "ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:class ex:D .", "ex:a ex:p 1 ."
    ),
    "targetObjectsOf": (
        "ex:S a sh:NodeShape ; sh:targetObjectsOf ex:p ; sh:class ex:D .", "ex:a ex:p ex:b ."
    ),
    "implicit class": ("ex:C a sh:NodeShape , rdfs:Class ; sh:nodeKind sh:BlankNode .", A),
    "property shape": (
        "ex:S a sh:PropertyShape ; sh:targetClass ex:C ; sh:path ex:p ; sh:minCount 1 .", A
    ),
    "untyped": ("ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ] .", A),
    "severity": (
        of_property('sh:minCount 1 ; sh:severity sh:Warning ; sh:message "Say it."'), A
    ),
    "deactivated": (
        of_property("sh:minCount 1 ; sh:deactivated false"), A
    ),
    "words": (
        of_property('sh:minCount 1 ; sh:name "p" ; sh:description "A p." ; sh:order 1'), A
    ),
    "inverse": (
        "ex:S a sh:NodeShape ; sh:targetClass ex:C ; "
        "sh:property [ sh:path [ sh:inversePath ex:p ] ; sh:minCount 1 ] .", A
    ),
    "alternative": (
        "ex:S a sh:NodeShape ; sh:targetClass ex:C ; "
        "sh:property [ sh:path [ sh:alternativePath ( ex:p ex:q ) ] ; sh:minCount 1 ] .", A
    ),
    "repeated": (
        "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property "
        "[ sh:path [ sh:zeroOrMorePath ex:p ] ; sh:class ex:D ] , "
        "[ sh:path [ sh:oneOrMorePath ex:p ] ; sh:class ex:D ] , "
        "[ sh:path [ sh:zeroOrOnePath ex:p ] ; sh:class ex:D ] .",
        f"{A} ex:a ex:p ex:b .",
    ),
    "sequence": (
        "ex:S a sh:NodeShape ; sh:targetClass ex:C ; "
        "sh:property [ sh:path ( ex:p ex:q ) ; sh:minCount 1 ] .", A
    ),
    "sparql": (
        of_node(
            f"sh:sparql [ a sh:SPARQLConstraint ; sh:message \"Too much.\" ; sh:select '''{SELECT}''' ]"
        ),
        f"{A} ex:a ex:p 2 .",
    ),
    "prefixes": (
        "ex:shapes sh:declare [ sh:prefix \"e\" ; sh:namespace \"http://example.org/\"^^xsd:anyURI ] . "
        + of_node(
            "sh:sparql [ sh:prefixes ex:shapes ; sh:select '''SELECT $this { $this e:p ?x }''' ]"
        ),
        f"{A} ex:a ex:p 2 .",
    ),
    "component": (of_property("ex:most 3") + COMPONENT, f"{A} ex:a ex:p 4 ."),
    "node validator": (
        of_node("ex:most 3")
        + """ ex:Most a sh:ConstraintComponent ; sh:parameter [ a sh:Parameter ; sh:path ex:most ] ;
            sh:nodeValidator [ a sh:SPARQLSelectValidator ; sh:select
            "SELECT $this { $this <http://example.org/p> ?x FILTER (?x > $most) }" ] .""",
        f"{A} ex:a ex:p 4 .",
    ),
    "property validator": (
        of_property("ex:most 3")
        + """ ex:Most a sh:ConstraintComponent ; sh:parameter [ sh:path ex:most ;
            sh:optional false ] ; sh:propertyValidator [ a sh:SPARQLSelectValidator ; sh:select
            "SELECT DISTINCT $this ?value { $this $PATH ?value FILTER (?value > $most) }" ] .""",
        f"{A} ex:a ex:p 4 .",
    ),
    "target": (
        "ex:S a sh:NodeShape ; sh:class ex:D ; sh:target [ a sh:SPARQLTarget ; "
        "sh:select 'SELECT ?this { ?this <http://example.org/p> 1 }' ] .",
        "ex:a ex:p 1 .",
    ),
    "target type": (
        "ex:S a sh:NodeShape ; sh:class ex:D ; sh:target [ a ex:With ; ex:amount 1 ] . "
        "ex:With a sh:SPARQLTargetType ; rdfs:subClassOf sh:Target ; "
        "sh:parameter [ sh:path ex:amount ] ; "
        "sh:select 'SELECT ?this { ?this <http://example.org/p> $amount }' .",
        "ex:a ex:p 1 .",
    ),
    "expression": (of_node("sh:expression [ sh:path ex:p ]"), f"{A} ex:a ex:p false ."),
    "union": (
        of_node("sh:expression [ sh:union ( [ sh:path ex:p ] [ sh:path ex:q ] ) ]"),
        f"{A} ex:a ex:p false .",
    ),
    "intersection": (
        of_node("sh:expression [ sh:intersection ( [ sh:path ex:p ] [ sh:path ex:q ] ) ]"),
        f"{A} ex:a ex:p true .",
    ),
    "function": (
        of_node("sh:expression [ ex:small ( [ sh:path ex:p ] ) ]")
        + " ex:small a sh:SPARQLFunction ; sh:parameter [ sh:path ex:number ] ; "
        "sh:returnType xsd:boolean ; sh:ask 'ASK { FILTER ($number < 3) }' .",
        f"{A} ex:a ex:p 4 .",
    ),
    "entailment": (
        "ex:shapes sh:entailment <http://www.w3.org/ns/entailment/RDFS> . "
        "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:class ex:D .",
        "ex:p rdfs:domain ex:C . ex:a ex:p 1 .",
    ),
}  # fmt: skip
# What other engines know, or SHACL's advanced features have, in the place of a keyword.
OTHERS = (
    *(f"{SH}{name}" for name in ("js", "rule", "values", "filterShape", "jsFunctionName")),
    *(f"{SH}{name}" for name in ("condition", "construct", "reifierShape", "memberShape")),
    *(f"{DASH}{name}" for name in ("singleLine", "rootClass", "uniqueValueForClass", "stem")),
    *(f"{DASH}{name}" for name in ("hasValueIn", "coExistsWith", "subSetOf", "closedByTypes")),
    *(f"{DASH}{name}" for name in ("nonRecursive", "symmetric", "singelLine")),
    "http://topbraid.org/tosh#memberShape",
    "http://rdf4j.org/shacl-extensions#targetShape",
)
SPACES = (
    "https://www.w3.org/ns/shacl#", "http://www.w3.org/ns/shacl/", "http://www.w3.org/ns/shacl",
    "http://www.w3.org/ns/SHACL#", "http://w3.org/ns/shacl#", "http://www.w3.org/ns/shcal#",
    "http://www.w3.org/ns/shac#", "http://www.w3.org/shacl#", "http://www.w3.org/NS/shacl#",
)  # fmt: skip
# Words about a shape: wherever they stand, they check nothing and hide nothing.
WORDS = {f"{SH}{name}" for name in ("name", "description", "order", "declare", "entailment")}


class Mutant(NamedTuple):
    """A shapes graph that was valid.

    Attributes:
        name: what was done to it.
        about: the example that it was.
        triples: what is left of it.
        named: any of these in a message names what was mutated.
    """

    name: str
    about: str
    triples: tuple[Triple, ...]
    named: tuple[str, ...]


def triples_of(text: str) -> tuple[Triple, ...]:
    """Return the triples of Turtle with the prefixes above; blank nodes by order of appearance."""
    labels: dict[str, BlankNode] = {}

    def named(term):
        if isinstance(term, BlankNode):
            return labels.setdefault(term.value, BlankNode(f"b{len(labels)}"))
        return term

    quads = parse((PREFIXES + text).encode(), RdfFormat.TURTLE)
    return tuple(Triple(named(q.subject), q.predicate, named(q.object)) for q in quads)


def terms() -> set[str]:
    """Return every term of SHACL's that the examples and SHACL itself have."""
    from dragoman.validation import scrutiny

    return set(scrutiny._TERMS)  # noqa: SLF001  a misspelling must not hit another term


def misspelt(iri: str, chance: random.Random) -> str:
    """Return an IRI of SHACL's with a slip of the hand in its name."""
    name, known = iri.removeprefix(SH), terms()
    while True:
        at = chance.randrange(len(name))
        other = chance.choice(
            (
                name[:at] + name[at + 1 :],
                name[:at] + name[at] + name[at:],
                name[:at] + name[at + 1 : at + 2] + name[at] + name[at + 2 :],
                name[:at] + name[at].swapcase() + name[at + 1 :],
                f"{name}s",
                f"{name[:at]}{chance.choice('aeionrst')}{name[at + 1 :]}",
            )
        )
        if other and f"{SH}{other}" not in known:
            return f"{SH}{other}"


def short(iri: str) -> str:
    """Return how a message names a term."""
    for space, prefix in ((SH, "sh:"), (DASH, "dash:")):
        if iri.startswith(space):
            return prefix + iri.removeprefix(space)
    return iri


def mutants(seed: int) -> list[Mutant]:
    """Return all mutants of all examples."""
    chance = random.Random(seed)
    found: list[Mutant] = []
    for about, (shapes, _) in EXAMPLES.items():
        graph = triples_of(shapes + AROUND)
        shape_nodes = {t.subject for t in graph if t.predicate.value in KEYWORDS_OF_SHAPES}
        for number, triple in enumerate(graph):
            rest = (graph[:number], graph[number + 1 :])
            for part in ("predicate", "object"):
                term = getattr(triple, part)
                if isinstance(term, NamedNode) and term.value.startswith(SH):
                    other = misspelt(term.value, chance)
                    changed = with_part(triple, part, NamedNode(other))
                    found.append(
                        Mutant(f"{short(term.value)} misspelt {short(other)}", about,
                               (*rest[0], changed, *rest[1]), (short(other),))
                    )  # fmt: skip
            predicate = triple.predicate.value
            if not predicate.startswith(SH):
                continue
            if predicate in KEYWORDS_OF_SHAPES:
                other = chance.choice(OTHERS)
                changed = Triple(triple.subject, NamedNode(other), triple.object)
                found.append(
                    Mutant(f"{short(predicate)} became {short(other)}", about,
                           (*rest[0], changed, *rest[1]), (short(other), other))
                )  # fmt: skip
            if predicate not in WORDS:
                places = {*(t.subject for t in graph), NamedNode(f"{EX}elsewhere")}
                # On another shape it is carried out there, and means something else.
                places -= shape_nodes | {triple.subject}
                if short(predicate) in {"sh:property", "sh:node"}:
                    places.discard(NamedNode(f"{EX}Treaty"))  # it would aim at the instances
                places = {each for each in places if not has_place(graph, each, predicate)}
                for place in chance.sample(sorted(places, key=str), min(3, len(places))):
                    moved = Triple(place, triple.predicate, triple.object)
                    found.append(
                        Mutant(f"{short(predicate)} moved to {place}", about,
                               (*rest[0], moved, *rest[1]),
                               (short(predicate), *names_around(graph, triple.subject)))
                    )  # fmt: skip
        space = chance.choice(SPACES)
        found.append(Mutant(f"the namespace became {space}", about,
                            tuple(respelt(t, space) for t in graph), (space,)))  # fmt: skip
    return found


KEYWORDS_OF_SHAPES = {
    f"{SH}{name}"
    for name in (
        "property node not and or xone class datatype nodeKind minCount maxCount minInclusive "
        "minExclusive maxInclusive maxExclusive minLength maxLength pattern flags languageIn "
        "uniqueLang equals disjoint lessThan lessThanOrEquals hasValue in closed sparql expression "
        "ignoredProperties qualifiedValueShape qualifiedMinCount qualifiedMaxCount target "
        "qualifiedValueShapesDisjoint targetNode targetClass targetSubjectsOf targetObjectsOf path"
    ).split()
}


def with_part(triple: Triple, part: str, term: NamedNode) -> Triple:
    """Return a triple with another predicate or object."""
    if part == "predicate":
        return Triple(triple.subject, term, triple.object)
    return Triple(triple.subject, triple.predicate, term)


def respelt(triple: Triple, space: str) -> Triple:
    """Return a triple in which SHACL's namespace is another."""

    def other(term):
        if isinstance(term, NamedNode) and term.value.startswith(SH):
            return NamedNode(space + term.value.removeprefix(SH))
        return term

    return Triple(triple.subject, other(triple.predicate), other(triple.object))


def has_place(graph: tuple[Triple, ...], node: object, predicate: str) -> bool:
    """Return whether a node of that kind may have the property anyway, as the graph shows."""

    def kind(each):
        return {t.predicate.value for t in graph if t.object == each} - {TYPE}

    same = {t.subject for t in graph if t.predicate.value == predicate}
    return any(kind(each) & kind(node) for each in same)


def names_around(graph: tuple[Triple, ...], node: object) -> tuple[str, ...]:
    """Return what the shape that a node belongs to is called in a message."""
    while isinstance(node, BlankNode):
        node = next((t.subject for t in graph if t.object == node), None)
    return (str(node), f"ex:{node.value.removeprefix(EX)}") if node else ()


def found_in(shapes: tuple[Triple, ...], about: str, folder: Path) -> list[str]:
    """Return the levels of what shapes find in the data of an example."""
    files = folder / "shapes.nt", folder / "data.nt"
    serialize(shapes, files[0], format=RdfFormat.N_TRIPLES)
    serialize(triples_of(EXAMPLES[about][1]), files[1], format=RdfFormat.N_TRIPLES)
    return [each.level for each in validate_with([files[0]], [files[1]]).findings]


@cache
def found_before(about: str) -> list[str]:
    """Return the levels of what is found before any mutation."""
    with tempfile.TemporaryDirectory() as folder:
        return found_in(triples_of(EXAMPLES[about][0] + AROUND), about, Path(folder))


def fate(mutant: Mutant, folder: Path) -> str:
    """Return what became of a mutant: "refused", "found", or what is wrong with it."""
    before = found_before(mutant.about)
    assert before, f"The data of {mutant.about} do not break its shapes."
    try:
        after = found_in(mutant.triples, mutant.about, folder)
    except ShapesError as error:
        named = any(each in str(error) for each in mutant.named)
        return "refused" if named else f"refused, but not by name: {error}"
    if after and min(map(LEVELS.index, after)) <= min(map(LEVELS.index, before)):
        return "found"
    return "passed in silence"


def main(arguments: list[str] | None = None) -> int:
    """Judge all mutants, and say how many ended how."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    seed = parser.parse_args(arguments).seed
    fates: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for mutant in mutants(seed):
            end = fate(mutant, Path(folder))
            fates[end if end in {"refused", "found"} else "wrong"] += 1
            if end not in {"refused", "found"}:
                print(f"{mutant.about}: {mutant.name}: {end}")
    print(
        f"{fates.total()} mutants of {len(EXAMPLES)} shapes graphs: {fates['refused']} refused by "
        f"name, {fates['found']} still find what is wrong, {fates['wrong']} wrong."
    )
    return 1 if fates["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
