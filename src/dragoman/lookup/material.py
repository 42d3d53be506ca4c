"""What is read of a graph for one description: accounts, names, passages, and their words."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import NamedNode

from dragoman import vocabulary
from dragoman.lookup.asking import by_property, number, over, rows, value
from dragoman.lookup.description import Excerpt
from dragoman.lookup.kinds import read_kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dragoman.lookup.words import Reference, Words
    from dragoman.store import Source, Term


class Place(NamedTuple):
    """Where a passage stands: in which source, and there by offsets, page or otherwise."""

    home: Term | None = None
    start: int | None = None
    end: int | None = None
    page: str | None = None
    paragraph: int | None = None
    fragment: str | None = None


class Pointing(NamedTuple):
    """What points to a thing.

    Attributes:
        accounts: the accounts about it.
        occurrences: other accounts, with the nodes in them that name it, and by which property.
        names: the nodes of its names.
        related: everything else that points to it, by property.
        inside: whether the thing is an account or a part of one.
    """

    accounts: list[str]
    occurrences: dict[str, list[tuple[str, str]]]
    names: list[str]
    related: dict[str, list[str]]
    inside: bool


def read_pointing(source: Source, thing: str, most: int | None = None) -> Pointing:
    """Look up what points to a thing.

    Args:
        source: where to look.
        thing: its IRI.
        most: so many accounts and names of it at most, and so many others; None for all.
    """
    node = NamedNode(thing)
    whole = f"<{vocabulary.PART_OF}>* ?account . ?account <{vocabulary.ABOUT}> ?subject"
    around = [value(row[0]) for row in rows(source, f"SELECT ?account {{ {node} {whole} }}")]
    found_rows = rows(
        source,
        f"SELECT DISTINCT ?node ?property ?account ?subject {{ {_pointers(node, most)} "
        f"FILTER(isIRI(?node)) OPTIONAL {{ ?node {whole} }} "
        f"MINUS {{ GRAPH <{vocabulary.RECORD_GRAPH}> {{ ?node ?property {node} }} }} }}",
    )
    accounts = set(around)
    occurrences: dict[str, list[tuple[str, str]]] = defaultdict(list)
    named: set[str] = set()
    related: dict[str, set[str]] = defaultdict(set)
    for row in sorted(found_rows, key=lambda row: (*map(value, reversed(row)),)):
        pointer, name, account, subject = map(value, row)
        if name == vocabulary.ABOUT:
            accounts.add(pointer)
        elif name == vocabulary.NAME_OF:
            named.add(pointer)
        elif account and thing not in {account, subject}:
            occurrences[account].append((pointer, name))
        elif not account and name not in {vocabulary.OA_HAS_SOURCE, vocabulary.OA_HAS_SELECTOR}:
            related[name].add(pointer)
    return Pointing(
        sorted(accounts),
        {account: found for account, found in occurrences.items() if account not in accounts},
        sorted(named),
        {name: sorted(found) for name, found in related.items()},
        bool(around),
    )


def _pointers(node: NamedNode, most: int | None) -> str:
    """Return the pattern of the nodes that point to one, and of the properties by which."""
    pattern = f"?node ?property {node}"
    if most is None:
        return pattern
    own = f"VALUES ?property {{ <{vocabulary.ABOUT}> <{vocabulary.NAME_OF}> }}"
    choice = f"SELECT DISTINCT ?node ?property {{ {{}}{pattern} }} LIMIT {most}"
    return " UNION ".join(f"{{ {choice.replace('{}', each)} }}" for each in (f"{own} ", ""))


class Material(NamedTuple):
    """What was read for one description.

    Attributes:
        nodes: the facts of each account, part and name, by property.
        parts: the parts of each account and part.
        kinds: labels of the most special classes of each thing.
        places: source, start, end, page and paragraph of each passage.
        words: the words for all of them.
        texts: the texts of sources, by their IRIs.
        anonymous: the anonymous voices.
        concepts: what stands in a controlled list.
        single: the properties that have one value at most.
    """

    nodes: dict[str, dict[str, list[Term]]]
    parts: dict[str, list[str]]
    kinds: dict[str, tuple[str, ...]]
    places: dict[str, Place]
    words: Words
    texts: Mapping[str, str]
    anonymous: frozenset[str]
    concepts: frozenset[str]
    single: frozenset[str]

    def one(self, node: str, name: str) -> Reference | None:
        """Return the first value of a property."""
        found = self.nodes.get(node, {}).get(name)
        return self.words.reference(found[0]) if found else None

    def all(self, node: str, name: str) -> tuple[Reference, ...]:
        """Return the values of a property, in the order of their IRIs."""
        found = sorted(self.nodes.get(node, {}).get(name, ()), key=value)
        return tuple(map(self.words.reference, found))

    def excerpts(self, node: str) -> tuple[Excerpt, ...]:
        """Return the passages that a node itself rests on, in the order of the text."""
        found = []
        for each in self.nodes.get(node, {}).get(vocabulary.PASSAGE, ()):
            iri = value(each)
            home, start, end, page, paragraph, fragment = self.places.get(iri, Place())
            text = self.texts.get(value(home))
            known = text is not None and start is not None and end is not None
            inside = known and 0 <= start < end <= len(text)  # type: ignore[arg-type, operator]
            found.append(
                Excerpt(
                    iri,
                    self.words.reference(home) if home else None,
                    start,
                    end,
                    text[start:end] if inside and text is not None else None,
                    page,
                    paragraph,
                    fragment,
                )
            )
        return tuple(sorted(found, key=lambda each: (each.start or 0, each.end or 0, each.passage)))

    def first(self, node: str) -> tuple[str, int]:
        """Return where the first passage of a node stands, for sorting."""
        spots = [
            (value(home), start or 0)
            for each in self.nodes.get(node, {}).get(vocabulary.PASSAGE, ())
            for home, start, *_ in [self.places.get(value(each), Place())]
        ]
        return min(spots, default=("", 0))

    def under(self, nodes: Iterable[str]) -> Iterator[str]:
        """Yield the nodes and all their parts."""
        for node in nodes:
            yield node
            yield from self.under(self.parts.get(node, ()))


def read_material(
    source: Source,
    roots: Sequence[str],
    things: Sequence[str],
    words: Words,
    texts: Mapping[str, str],
) -> Material:
    """Read the accounts and names in `roots` whole, and all that is needed to word them."""
    nodes: dict[str, list[tuple[Term | None, Term | None]]] = defaultdict(list)
    body = (
        f"?node <{vocabulary.PART_OF}>* ?root . ?node ?property ?value "
        f"MINUS {{ GRAPH <{vocabulary.RECORD_GRAPH}> {{ ?node ?property ?value }} }}"
    )
    for node, name, stated in over(source, "root", roots, "?node ?property ?value", body):
        nodes[value(node)].append((name, stated))
    told = {node: by_property(pairs) for node, pairs in nodes.items()}
    parts: dict[str, list[str]] = defaultdict(list)
    for part, facts in told.items():
        for whole in facts.get(vocabulary.PART_OF, ()):
            parts[value(whole)].append(part)
    values = {value for facts in told.values() for found in facts.values() for value in found}
    passages = [value(each) for node in told.values() for each in node.get(vocabulary.PASSAGE, ())]
    body = (
        f"?passage <{vocabulary.OA_HAS_SOURCE}> ?source . OPTIONAL {{ ?passage "
        f"<{vocabulary.OA_HAS_SELECTOR}> ?at . ?at <{vocabulary.OA_START}> ?start ; "
        f"<{vocabulary.OA_END}> ?end }} OPTIONAL {{ ?passage <{vocabulary.PAGE}> ?page }} "
        f"OPTIONAL {{ ?passage <{vocabulary.OA_HAS_SELECTOR}> ?part . "
        f"?part <{vocabulary.RDF_VALUE}> ?fragment }} "
        f"OPTIONAL {{ ?passage <{vocabulary.PARAGRAPH}> ?paragraph }}"
    )
    places = {
        value(passage): Place(
            home,
            number(start),
            number(end),
            None if page is None else value(page),
            number(paragraph),
            None if fragment is None else value(fragment),
        )
        for passage, home, start, end, page, paragraph, fragment in over(
            source,
            "passage",
            passages,
            "?passage ?source ?start ?end ?page ?paragraph ?fragment",
            body,
        )
    }
    iris = {*things, *told, *(each.value for each in values if isinstance(each, NamedNode))}
    iris.update(name for facts in told.values() for name in facts)
    iris.update(value(home) for home, *_ in places.values())
    kinds = read_kinds(source, iris)
    words.learn(source, iris)
    return Material(
        told,
        {whole: sorted(found) for whole, found in parts.items()},
        kinds.labels(source, words),
        places,
        words,
        texts,
        kinds.having(vocabulary.ANONYMOUS_VOICE),
        kinds.having(vocabulary.SKOS_CONCEPT),
        kinds.having(vocabulary.OWL_FUNCTIONAL_PROPERTY),
    )
