"""What changed between two graphs, in terms of things and their facts, not of lines.

A blank node has no name to know it by: those that hang together are labelled canonically (RDFC-1.0,
W3C 2024), and are the same where all that is said of them is.
"""

from __future__ import annotations

__all__ = ["Difference", "compare", "worded"]

import hashlib
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from dragoman import base as bases
from dragoman import syntax, vocabulary
from dragoman.errors import LimitError
from dragoman.notebook import Shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from dragoman.base import Base
    from dragoman.store import Term

    Node = NamedNode | BlankNode | Triple

ADDED, CHANGED, REMOVED = "added", "changed", "removed"
TIMEOUT: Final = 60.0
_LABELS: Final = (vocabulary.SKOS_PREF_LABEL, vocabulary.RDFS_LABEL, vocabulary.DCTERMS_TITLE)
# How far blank nodes in blank nodes are told.
_DEEPEST: Final = 20


class FactChange(NamedTuple):
    """What changed about one property of a thing: the values that are gone, and the new ones."""

    property: str
    removed: tuple[str, ...]
    added: tuple[str, ...]


class ThingChange(NamedTuple):
    """What changed about one thing.

    Attributes:
        thing: its IRI; for a blank node that nothing refers to, what is said of it, in brackets.
        label: how it is called, as the new side has it, else the old; empty where neither does.
        change: `added`, `changed` or `removed`.
        facts: property by property; the values as Turtle writes them in full, blank nodes as what
            is said of them, in brackets.
    """

    thing: str
    label: str
    change: str
    facts: tuple[FactChange, ...]


@dataclass(frozen=True)
class Difference(Shown):
    """The difference of two graphs.

    Attributes:
        things: what changed, sorted by IRI.
    """

    things: tuple[ThingChange, ...]

    @property
    def same(self) -> bool:
        """Return whether both sides say the same."""
        return not self.things

    @property
    def counts(self) -> dict[str, int]:
        """Return how many things were added, changed and removed."""
        counted = Counter(each.change for each in self.things)
        return {change: counted[change] for change in (ADDED, CHANGED, REMOVED)}

    def _shown(self) -> tuple[str, Sequence[str], list[Sequence[object]]]:
        told = ", ".join(f"{count} {change}" for change, count in self.counts.items() if count)
        rows: list[Sequence[object]] = [
            (thing.change, thing.label or thing.thing, fact.property, *map("; ".join, fact[1:]))
            for thing in self.things
            for fact in thing.facts
        ]
        columns = ("change", "thing", "property", "removed", "added")
        return f"Things: {told or 'both say the same'}", columns, rows


def worded(prefixes: Mapping[str, str]) -> Callable[[str], str]:
    """Return what shortens the values and names of a difference for people."""
    shorten = syntax.readable(prefixes)

    def short(text: str) -> str:
        text = re.sub(r"<([^<>\s\"]*)>(?=$|[\s;\]])", lambda each: shorten(each[1]), text)
        return re.sub(r'"(-?[0-9]+)"\^\^xsd:integer(?=$| )', r"\1", text)

    return short


def side(text: str, base: Callable[[], Base], base_iri: str | None = None) -> list[Triple]:
    """Return what a name stands for: the facts of a file, of a base, or of a source of a base.

    Args:
        text: the path of a file; of a folder that is a base, whose ontology and data are meant; or
            a source, as `Base.source` knows it.
        base: gives the base for the name of a source.
        base_iri: what relative IRIs of a file are resolved against; by default its own address.

    Raises:
        SyntaxProblem: a file does not parse.
        UnknownNameError: there is no such file, and no such source.
        BaseNotFoundError: a folder is no base.
    """
    path = Path(text)
    if "\0" not in text and path.is_dir():
        paths = [each.path for each in bases.find_base(path).sources(bases.ONTOLOGY, bases.DATA)]
    elif "\0" not in text and path.exists():
        paths = [path]
        base_iri = base_iri or path.resolve().as_uri()
    else:
        paths = [base().source(text).path]
    # One label in two files is two blank nodes.
    several = len(paths) > 1
    return [
        quad.triple
        for each in paths
        for quad in syntax.read_rdf(each, base_iri=base_iri, rename_blank_nodes=several)
    ]


def compare(
    old: Iterable[Triple], new: Iterable[Triple], timeout: float | None = TIMEOUT
) -> Difference:
    """Return what changed from the old side to the new one.

    Args:
        old: the facts of one side.
        new: those of the other.
        timeout: seconds for the labelling of blank nodes; None for no end.

    Raises:
        LimitError: labelling the blank nodes took too long.
    """
    before, after = _split(old), _split(new)
    labelled = _labelled([*before.groups, *after.groups], timeout)
    was = before.named | _joined(labelled[: len(before.groups)])
    now = after.named | _joined(labelled[len(before.groups) :])
    gone, come = _Facts(was, was - now), _Facts(now, now - was)
    things = sorted(gone.of.keys() | come.of.keys(), key=str)
    return Difference(tuple(_change(thing, gone, come) for thing in things))


def _change(thing: Node, gone: _Facts, come: _Facts) -> ThingChange:
    less, more = gone.of.get(thing, {}), come.of.get(thing, {})
    names = sorted(less.keys() | more.keys(), key=lambda each: (each != vocabulary.RDF_TYPE, each))
    change = ADDED if thing not in gone.subjects else CHANGED
    side = come if thing in come.subjects else gone
    return ThingChange(
        thing.value if isinstance(thing, NamedNode) else side.written(thing),
        side.label(thing),
        change if thing in come.subjects else REMOVED,
        tuple(
            FactChange(name, gone.values(less.get(name, ())), come.values(more.get(name, ())))
            for name in names
        ),
    )


class _Facts:
    """What one side alone says, by thing and property, and how that side writes it.

    Attributes:
        of: by thing and property, the values; a blank node that is referred to is no thing.
        subjects: of all that the side says.
    """

    def __init__(self, everything: frozenset[Triple], only: frozenset[Triple]) -> None:
        self.subjects = {each.subject for each in everything}
        self._said: defaultdict[Node, list[Triple]] = defaultdict(list)
        changed = {each.subject for each in only}
        referred = set()
        for triple in everything:
            if isinstance(triple.subject, BlankNode) or triple.subject in changed:
                self._said[triple.subject].append(triple)
            referred.add(triple.object)
        self.of: dict[Node, dict[str, list[Term]]] = {}
        for triple in only:
            if isinstance(triple.subject, BlankNode) and triple.subject in referred:
                continue  # told where it is referred to
            facts = self.of.setdefault(triple.subject, {})
            facts.setdefault(triple.predicate.value, []).append(triple.object)

    def label(self, thing: Node) -> str:
        found = [
            each.object
            for each in self._said.get(thing, ())
            if each.predicate.value in _LABELS and isinstance(each.object, Literal)
        ]
        found.sort(key=lambda each: (each.language != "en", each.language or "", each.value))
        return found[0].value if found else ""

    def values(self, terms: Iterable[Term]) -> tuple[str, ...]:
        return tuple(sorted(map(self.written, terms)))

    def written(self, term: Term, above: tuple[Term, ...] = ()) -> str:
        """Return a term in full; a blank node as what is said of it."""
        if not isinstance(term, BlankNode):
            return str(term)
        if term in above or len(above) > _DEEPEST:
            return "[ … ]"
        said = sorted(
            f"{each.predicate} {self.written(each.object, (*above, term))}"
            for each in self._said.get(term, ())
        )
        return f"[ {' ; '.join(said)} ]" if said else "[]"


class _Split(NamedTuple):
    """A graph: its triples without blank nodes, and groups of those whose nodes hang together."""

    named: frozenset[Triple]
    groups: list[list[Triple]]


def _split(triples: Iterable[Triple]) -> _Split:
    parents: dict[BlankNode, BlankNode] = {}

    def root(node: BlankNode) -> BlankNode:
        while (above := parents.setdefault(node, node)) != node:
            parents[node] = parents[above]
            node = above
        return node

    named: list[Triple] = []
    anonymous: list[tuple[BlankNode, Triple]] = []
    for triple in dict.fromkeys(triples):
        ends = [term for term in (triple.subject, triple.object) if isinstance(term, BlankNode)]
        if ends:
            parents[root(ends[0])] = root(ends[-1])
            anonymous.append((ends[0], triple))
        else:
            named.append(triple)
    together: defaultdict[BlankNode, list[Triple]] = defaultdict(list)
    for end, triple in anonymous:
        together[root(end)].append(triple)
    return _Split(frozenset(named), list(together.values()))


def _labelled(groups: Sequence[list[Triple]], timeout: float | None) -> list[tuple[Triple, ...]]:
    """Return groups with canonical labels: a change to one leaves the labels of the others."""
    if not groups:
        return []
    from dragoman import canonical

    try:
        return canonical.labelled_triples(groups, timeout)
    except LimitError as error:
        raise LimitError(
            f"Matching the blank nodes took longer than {timeout:g} s. Give them IRIs, or allow "
            "more with --timeout."
        ) from error


def _joined(groups: Iterable[tuple[Triple, ...]]) -> frozenset[Triple]:
    """Return the triples of one graph, with blank nodes called after all that is said in a group.

    So a blank node is called the same in two graphs. The second of two groups that are alike, in
    one graph, is numbered.
    """
    alike: Counter[str] = Counter()
    joined: set[Triple] = set()
    for group in groups:
        used = {term for triple in group for term in triple if isinstance(term, BlankNode)}
        # in the order of their canonical labels
        order = sorted(used, key=lambda node: (len(node.value), node.value))
        own = {node: BlankNode(f"n{number}") for number, node in enumerate(order)}
        text = "\n".join(sorted(str(_with(triple, own)) for triple in group))
        digest = hashlib.sha256(text.encode()).hexdigest()
        start = f"{digest}x{alike[digest]}"
        alike[digest] += 1
        names = {node: BlankNode(f"{start}{label.value}") for node, label in own.items()}
        joined.update(_with(triple, names) for triple in group)
    return frozenset(joined)


def _with(triple: Triple, names: Mapping[BlankNode, BlankNode]) -> Triple:
    subject, predicate, value = triple
    return Triple(
        names[subject] if isinstance(subject, BlankNode) else subject,
        predicate,
        names[value] if isinstance(value, BlankNode) else value,
    )
