"""Describing one thing: all that is known about it, in both directions, and who says so.

Nothing here knows a class of things: the spine (thing ← account ← parts), the labels and the
classes say how everything hangs together.
"""

from __future__ import annotations

__all__ = ["describe", "triples"]

from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode

from dragoman import vocabulary
from dragoman.errors import DragomanError
from dragoman.lookup.asking import by_property, chunks, number, over, rows, value
from dragoman.lookup.description import Account, Derived, Description, Fact, NameForm, Statement
from dragoman.lookup.material import read_material, read_pointing
from dragoman.lookup.words import Reference, Words
from dragoman.store import Answer, LocalStore
from dragoman.syntax import QueryText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pyoxigraph import Triple

    from dragoman.lookup.material import Material
    from dragoman.store import Source, Term

# What every account has: shown as who says so, not as one of its facts.
_SPINE: Final = frozenset(
    {
        vocabulary.ABOUT,
        vocabulary.PART_OF,
        vocabulary.STATUS,
        vocabulary.SOURCE,
        vocabulary.RDF_TYPE,
    }
    | {vocabulary.PASSAGE, vocabulary.WAS_ATTRIBUTED_TO}
)
_TWO_DEEP: Final = """CONSTRUCT { ?node ?p ?o . ?o ?q ?x . ?x ?r ?y } WHERE {
    {about} ?node ?p ?o
    OPTIONAL { ?o ?q ?x FILTER(isBlank(?o)) OPTIONAL { ?x ?r ?y FILTER(isBlank(?x)) } }
}"""
_NAMING: Final = (vocabulary.SKOS_PREF_LABEL, vocabulary.RDFS_LABEL, vocabulary.SKOS_ALT_LABEL)


def describe(  # noqa: PLR0913  what may be wanted of it
    source: Source,
    thing: str,
    prefixes: Mapping[str, str] | None = None,
    *,
    texts: Mapping[str, str] | None = None,
    limit: int | None = None,
    most: int | None = None,
    derived: Sequence[tuple[Triple, str, Sequence[str], str]] = (),
    languages: Sequence[str] = (),
) -> Description:
    """Gather all that is known about one thing, in both directions.

    Args:
        source: where to look.
        thing: its IRI. An account, or a part of one, is described by its whole account.
        prefixes: how IRIs without a label are shortened.
        texts: the texts of sources, by their IRIs (see `read_texts`); their words are shown.
        limit: at most so many accounts, occurrences, and things that point to it by one property.
        most: at most so many things that point to it are looked at, for what is everywhere.
        derived: what follows about it: each fact, its rule, the accounts that it rests on, and what
            the rule is called.
        languages: those that labels are wanted in, the best first.
    """
    node = NamedNode(thing)
    said = f"GRAPH ?graph {{ {node} ?p ?o }} FILTER(?graph != <{vocabulary.RECORD_GRAPH}>)"
    query = f"SELECT DISTINCT ?graph ?p ?o {{ {said} }} ORDER BY ?graph"
    own = rows(source, query)
    facts = by_property((p, o) for _, p, o in own)
    pointing = read_pointing(source, thing, most)
    accounts, occurrences = pointing.accounts[:limit], list(pointing.occurrences)[:limit]
    related = {name: found[:limit] for name, found in pointing.related.items()}
    material = read_material(
        source,
        [*accounts, *occurrences, *pointing.names],
        [thing, *facts, *related, *(value(graph) for graph, _, _ in own)]
        + [each.value for told in facts.values() for each in told if isinstance(each, NamedNode)]
        + [each for found in related.values() for each in found]
        + [end.value for fact, *_ in derived for end in fact if isinstance(end, NamedNode)],
        Words(prefixes or {}, languages),
        {} if texts is None else texts,
    )
    words = material.words
    return Description(
        thing=words.reference(node),
        short=words.short(thing),
        kinds=material.kinds.get(thing, ()),
        names=tuple(_names(material, facts, pointing.names)),
        facts=() if pointing.inside else _facts(material, facts, {vocabulary.RDF_TYPE, *_NAMING}),
        graphs=tuple(dict.fromkeys(words.reference(graph) for graph, _, _ in own if graph)),
        accounts=tuple(_account(material, each, thing) for each in _in_order(material, accounts)),
        occurrences=tuple(
            _account(material, each, thing, pointing.occurrences[each])
            for each in _in_order(material, occurrences)
        ),
        related=_facts(material, {name: [*map(NamedNode, found)] for name, found in related.items()}
        ),
        left_out=tuple(
            (group, whole - shown)
            for group, whole, shown in (
                ("accounts", len(pointing.accounts), len(accounts)),
                ("occurrences", len(pointing.occurrences), len(occurrences)),
                *((words.name(name), len(found), len(related[name]))
                  for name, found in sorted(pointing.related.items())),
            )
            if whole > shown
        ),
        derived=tuple(
            Derived(
                words.reference(fact.predicate),
                words.reference(fact.object),
                Reference(NamedNode(rule), called or words.short(rule)),
                tuple(words.reference(NamedNode(each)) for each in told),
            )
            for fact, rule, told, called in derived
        ),
        traces=_traces(source, thing, words),
        nodes=tuple(sorted({thing, *pointing.names, *material.under(accounts)})),
    )  # fmt: skip


def _traces(source: Source, thing: str, words: Words) -> tuple[tuple[str, int], ...]:
    """Return how many nodes of the record point to a thing, by what they are."""
    found = rows(
        source,
        f"SELECT ?kind (COUNT(DISTINCT ?node) AS ?count) {{ "
        f"GRAPH <{vocabulary.RECORD_GRAPH}> {{ ?node ?property {NamedNode(thing)} ; "
        f"<{vocabulary.RDF_TYPE}> ?kind }} }} GROUP BY ?kind HAVING (COUNT(?node) > 0)",
    )
    words.learn(source, (value(kind) for kind, _ in found))
    return tuple(sorted((words.name(value(kind)), number(count) or 0) for kind, count in found))


def triples(source: Source, description: Description) -> Answer:
    """Return a description as RDF: the thing, its names, its accounts with parts, and passages.

    Nodes without IRIs that hang on these come with them: two deep from a store elsewhere, whose own
    DESCRIBE may mean anything.
    """
    nodes = set(description.nodes)
    body = (
        f"?node <{vocabulary.PASSAGE}> ?passage OPTIONAL {{ ?passage "
        f"<{vocabulary.OA_HAS_SELECTOR}> ?selector }}"
    )
    for row in over(source, "node", description.nodes, "?passage ?selector", body):
        nodes.update(value(each) for each in row if isinstance(each, NamedNode))
    found: list[Triple] = []
    for chunk in chunks(sorted(nodes)):
        about = f"VALUES ?node {{ {chunk} }}"
        text = f"DESCRIBE ?node {{ {about} }}"
        if not isinstance(source, LocalStore):
            text = _TWO_DEEP.replace("{about}", about)
        answer = source.query(QueryText(text, text.split()[0], ("node",), {}))
        if answer.cut:
            raise DragomanError(" ".join(answer.warnings))
        found += answer.triples
    return Answer("DESCRIBE", triples=tuple(dict.fromkeys(found)))


def _account(
    material: Material,
    node: str,
    thing: str,
    pointers: Sequence[tuple[str, str]] | None = None,
) -> Account:
    """Return an account: whole, or of one about another thing what names this one (`pointers`)."""
    about = material.one(node, vocabulary.ABOUT)
    voices = material.all(node, vocabulary.WAS_ATTRIBUTED_TO)
    voice = next(iter(voices), None)
    named = None if pointers is None else {pointer for pointer, _ in pointers}
    own = () if pointers is None else tuple(name for pointer, name in pointers if pointer == node)
    # That it is its voice, source or status says nothing of what the account tells.
    if named is not None and _SPINE.issuperset(own):
        named.discard(node)
    return Account(
        about,
        material.kinds.get(value(about.term), ()) if about else (),
        material.one(node, vocabulary.STATUS),
        voice,
        material.one(node, vocabulary.SOURCE),
        voice is not None and value(voice.term) in material.anonymous,
        _statement(material, node, thing, named, root=True),
        tuple(map(material.words.property, own)),
        voices[1:],
    )


def _statement(
    material: Material, node: str, thing: str, named: set[str] | None, *, root: bool = False
) -> Statement:
    """Return a node with its parts; with `named`, those on the way to, or below, one of them."""
    facts = material.nodes.get(node, {})
    below = None if named is None or (node in named and not root) else named
    parts = [
        each
        for each in _in_order(material, material.parts.get(node, ()))
        if below is None or not below.isdisjoint(material.under([each]))
    ]
    shown = named is None or not root or node in named
    statements = tuple(_statement(material, each, thing, below) for each in parts)
    # where nothing but parts is shown, their passages are the evidence
    inherited = shown or not all(each.passages for each in statements) or not statements
    return Statement(
        node,
        material.kinds.get(node, ()),
        _facts(material, facts, _SPINE, thing) if shown else (),
        material.excerpts(node) if inherited else (),
        statements,
    )


def _in_order(material: Material, nodes: Iterable[str]) -> list[str]:
    """Sort accounts by what they are about and where their passages stand; parts by the latter."""

    def key(node: str) -> tuple[object, ...]:
        about = material.one(node, vocabulary.ABOUT)
        kinds = material.kinds.get(value(about.term), ()) if about else ()
        return kinds, about.text if about else "", *material.first(node), node

    return sorted(nodes, key=key)


def _names(
    material: Material, facts: Mapping[str, Sequence[Term]], nodes: Iterable[str]
) -> Iterator[NameForm]:
    for name in _NAMING:
        for each in sorted(facts.get(name, ()), key=_tongue):
            yield NameForm(
                value(each),
                (each.language or "") if isinstance(each, Literal) else "",
                material.words.property(name),
            )
    for node in _in_order(material, nodes):
        for each in material.nodes.get(node, {}).get(vocabulary.SKOSXL_LITERAL_FORM, ()):
            yield NameForm(
                value(each),
                (each.language or "") if isinstance(each, Literal) else "",
                material.words.property(vocabulary.SKOSXL_LITERAL_FORM),
                material.one(node, vocabulary.NAME_KIND),
                material.one(node, vocabulary.SOURCE),
                material.excerpts(node),
            )


def _facts(
    material: Material,
    told: Mapping[str, Sequence[Term]],
    hidden: Iterable[str] = (),
    thing: str | None = None,
) -> tuple[Fact, ...]:
    """Return facts in the order of reading.

    First those that name the thing, then the properties that have but one value, other things,
    concepts and plain values, and free words last.
    """
    words = material.words

    def key(fact: Fact) -> tuple[object, ...]:
        terms = [each.term for each in fact.values]
        return (
            thing is None or NamedNode(thing) not in terms,
            any(isinstance(term, Literal) and term.language for term in terms),
            value(fact.property.term) not in material.single,
            any(not isinstance(term, NamedNode) for term in terms),
            any(value(term) in material.concepts for term in terms),
            fact.property.text,
        )

    found = (
        Fact(
            words.property(name),
            tuple(sorted(map(words.reference, told[name]), key=_reading_order)),
        )
        for name in told.keys() - set(hidden)
    )
    return tuple(sorted(found, key=key))


def _reading_order(value: Reference) -> tuple[str, str]:
    return value.text, str(value.term)


def _tongue(term: Term) -> tuple[bool, str, str]:
    language = (term.language or "") if isinstance(term, Literal) else ""
    return language != "en", language, value(term)
