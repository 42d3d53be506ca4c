"""What a set of files changes, in a base or in another store, and who says what there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
    Triple,
    serialize,
)

from dragoman import record, syntax, vocabulary
from dragoman import store as stores
from dragoman.base import DATA, ONTOLOGY, SHAPES
from dragoman.errors import SyntaxProblem
from dragoman.spellings import Spelt
from dragoman.validation.engine import Change
from dragoman.validation.loading import Input, Loaded, of_base
from dragoman.walking.distant import Distant

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dragoman.base import Base, SourceFile
    from dragoman.record import Prepared
    from dragoman.store import Source
    from dragoman.validation.data import Lines
    from dragoman.validation.report import Finding

_OF_PREFIXES: Final = frozenset(
    (
        *(vocabulary.SH_DECLARE, vocabulary.SH_PREFIX, vocabulary.SH_NAMESPACE),
        *(vocabulary.SH_PREFIXES, vocabulary.OWL_IMPORTS),
    )
)
# Of a file this size the lines are not looked for.
_LARGE: Final = 32 * 1024 * 1024
# Of a busy thing so many statements are enough to find a file that speaks of it.
_MOST: Final = 1_000


@dataclass(frozen=True)
class Files:
    """A change to the files of a base.

    Attributes:
        new: the files that are added, or that replace others; a file that is in the base already
            is compared with the base that lacks it.
        gone: the sources that go, or are replaced.
    """

    new: Sequence[Loaded]
    gone: Sequence[SourceFile]


def of_shapes(files: Iterable[Loaded]) -> tuple[Triple, ...]:
    """Return the shapes graph: all of the shapes, and the prefixes that an ontology declares.

    An ontology that says more with SHACL than its prefixes is one of shapes, too.
    """
    return tuple(
        triple
        for each in files
        if each.input.folder in {SHAPES, ONTOLOGY}
        for has_shapes in (each.input.folder == SHAPES or _says_more(each),)
        for triple in each.triples
        if has_shapes or triple.predicate.value in _OF_PREFIXES
    )


def _says_more(ontology: Loaded) -> bool:
    return any(
        triple.predicate.value.startswith(vocabulary.SH)
        and triple.predicate.value not in _OF_PREFIXES
        for triple in ontology.triples
    )


def without_rules(
    shapes: tuple[Triple, ...], data: tuple[Triple, ...]
) -> tuple[tuple[Triple, ...], tuple[Triple, ...]]:
    """Return a shapes graph without its rules, and what these derive from data.

    Where a rule is not of the form that is carried out, all stay, to be refused by name.
    """
    if not any(each.predicate.value == vocabulary.SH_RULE for each in shapes):
        return shapes, ()
    found = record.of_shapes(shapes, _declared_prefixes((*shapes, *data)))
    if found.faults:
        return shapes, ()
    rules = {
        end
        for each in shapes
        if each.predicate.value == vocabulary.SH_RULE
        for end in (each.subject, each.object)
    }
    kept = tuple(each for each in shapes if each.subject not in rules)
    return kept, record.follows(data, found)[0]


def _declared_prefixes(triples: Iterable[Triple]) -> dict[str, str]:
    said: dict[str, dict[str, str]] = {vocabulary.SH_PREFIX: {}, vocabulary.SH_NAMESPACE: {}}
    for each in triples:
        if each.predicate.value in said:
            said[each.predicate.value][str(each.subject)] = getattr(each.object, "value", "")
    names, spaces = said.values()
    return {names[node]: spaces[node] for node in names if node in spaces}


def of_data(files: Iterable[Loaded]) -> tuple[Triple, ...]:
    """Return the data graph: everything but the shapes."""
    found = (t for each in files if each.input.folder != SHAPES for t in each.triples)
    return tuple(dict.fromkeys(found))


def change(store: Store | Spelt | Distant, files: Files) -> Change:
    """Return what the files change in the facts of an index, or of another store."""
    known = {each.input.graph for each in files.new} | {each.graph for each in files.gone}
    changed = {NamedNode(each) for each in known if each is not None}
    came = frozenset(of_data(files.new))
    went = {
        quad.triple
        for each in files.gone
        for quad in store.quads_for_pattern(None, None, None, NamedNode(each.graph))
    }
    replaced = {each.graph for each in files.gone}
    # What the index holds of a file that is only looked at: neither state has it as the index has.
    looked_at = {
        quad.triple
        for each in files.new
        if each.input.graph is not None and each.input.graph not in replaced
        for quad in store.quads_for_pattern(None, None, None, NamedNode(each.input.graph))
    }

    if isinstance(store, Distant):
        ends = {
            end for triple in came | went | looked_at for end in (triple.subject, triple.object)
        }
        store.expect((end, None, back) for end in ends for back in (False, True))

    @cache
    def is_known(subject: NamedNode | BlankNode | Triple) -> bool:
        """Return whether any file says something of it: of what is new, none does."""
        return next(iter(store.quads_for_pattern(subject, None, None, None)), None) is not None

    def stays(triple: Triple) -> bool:
        """Return whether another file says the same."""
        return is_known(triple.subject) and any(
            quad.graph_name not in changed and quad.object == triple.object
            for quad in store.quads_for_pattern(
                triple.subject, triple.predicate, triple.object, None
            )
            if not isinstance(quad.graph_name, DefaultGraph)
        )

    def stood(triple: Triple) -> bool:
        """Return whether the base says so before the change."""
        return triple in went or stays(triple)

    return Change(
        store,
        came,
        frozenset(t for t in came if not stood(t))
        | frozenset(t for t in looked_at if not stays(t)),
        frozenset(t for t in (went | looked_at) - came if not stays(t)),
    )


def with_record(stated: Change, files: Files, rules: Sequence[Prepared]) -> Change:
    """Return a change to the facts with what it changes in the record.

    Args:
        stated: the change that the files make, in facts as they spell them.
        files: what is changed.
        rules: the rules.
    """
    # The record follows from facts as the engine keeps them.
    store = stated.store.store if isinstance(stated.store, Spelt) else stated.store
    new = [replace(each, triples=_as_kept(each.triples)) for each in files.new]
    as_stated = store is stated.store and all(
        ours.triples is theirs.triples for ours, theirs in zip(new, files.new, strict=True)
    )
    kept = stated if as_stated else change(store, Files(new, files.gone))
    facts = kept.facts
    followed = record.followed(rules, facts, kept.not_before, kept.not_after)
    found = followed.record
    return replace(
        stated,
        added=stated.added | found.not_before | found.not_after,
        not_before=stated.not_before | found.not_before,
        not_after=stated.not_after | found.not_after,
        known=facts if as_stated else None,
        followed=followed,
    )


def _as_kept(triples: tuple[Triple, ...] | Lines) -> tuple[Triple, ...] | Lines:
    """Return triples as the engine keeps them: the same where it respells none."""
    store = Store()
    store.bulk_extend(Quad(each.subject, each.predicate, each.object) for each in triples)
    kept = {quad.triple for quad in store}
    return triples if kept == set(triples) else tuple(kept)


def behind(
    store: Store | Spelt, findings: Iterable[Finding], sources: Iterable[SourceFile]
) -> list[Loaded]:
    """Return what the sources of an index say of the things that were found wanting.

    Of files so large that looking for a line would take longer than the check nothing is returned.
    """
    said = _said(store, findings)
    return [
        Loaded(of_base(source), tuple(said[source.graph]))
        for source in sources
        if source.graph in said and source.path.stat().st_size < _LARGE
    ]


def _said(
    store: Store | Spelt | Distant, findings: Iterable[Finding]
) -> dict[str, dict[Triple, None]]:
    """Return, by graph, what is said of the things that were found wanting."""
    said: dict[str, dict[Triple, None]] = {}
    for focus in {finding.focus for finding in findings}:
        quads = [store.quads_for_pattern(None, None, focus, None)]
        if not isinstance(focus, Literal):
            quads.insert(0, store.quads_for_pattern(focus, None, None, None))
        for quad in chain(*(islice(each, _MOST) for each in quads)):
            graph = quad.graph_name
            if isinstance(graph, NamedNode) and graph != record.RECORD:
                said.setdefault(graph.value, {})[quad.triple] = None
    return said


# ------------------------------------------------------------------ facts of another store


def of_source(source: Source) -> list[Loaded]:
    """Return the graphs of another store as if they were files, that go by the graphs' names.

    Raises:
        DragomanError: the store cannot be read to the end.
    """
    found = []
    for graph in source.graphs() or (None,):
        label = graph or "the default graph"
        triples = tuple(quad.triple for quad in source.quads(graph))
        found.append(Loaded(Input(Path(label), label, graph, DATA), triples))
    return found


def fetched(base: Base, source: Source, folder: Path) -> list[Loaded]:
    """Return the data that another store holds, for a check in the place of the base's data.

    A graph that says what the base's own file for it says is taken for that file. The others are
    written into the folder, and go by the IRI of the graph. The ontology and the shapes are the
    base's own.

    Raises:
        DragomanError: the store cannot be read to the end.
    """
    own = {each.graph: each for each in base.sources()}
    found: list[Loaded] = []
    for number, each in enumerate(of_source(source)):
        if each.input.graph == vocabulary.RECORD_GRAPH:
            continue  # it is derived anew
        known = own.get(each.input.graph or "")
        if known and known.folder in {ONTOLOGY, SHAPES}:
            continue
        if known and set(each.triples) == _says(known):
            found.append(Loaded(of_base(known), each.triples))
        elif each.triples:
            # The lines of such a file would say nothing: its format is one without.
            path = folder / f"{number}.nq"
            serialize(each.triples, path, format=RdfFormat.N_QUADS)
            found.append(Loaded(replace(each.input, path=path), each.triples))
    order = {graph: number for number, graph in enumerate(own)}
    return sorted(found, key=lambda each: order.get(each.input.graph or "", len(order)))


def distant(base: Base, source: Source) -> Distant:
    """Return the facts of another store with the ontology of a base, fetched when asked for."""
    near = stores.load(base, ONTOLOGY)
    return Distant(source, near.as_spelt, [each.graph for each in base.sources(ONTOLOGY, SHAPES)])


def mirrored(base: Base, source: Source) -> Store | Spelt:
    """Return the facts of another store with the ontology of a base, all in memory."""
    near = stores.load(base, ONTOLOGY).as_spelt
    memory = stores.LocalStore(near if isinstance(near, Store) else near.store)
    left_out = {each.graph for each in base.sources(ONTOLOGY, SHAPES)} | {vocabulary.RECORD_GRAPH}
    for graph in source.graphs() or (None,):
        if graph not in left_out:
            quads = source.quads(graph)
            memory.add((quad.triple for quad in quads), graph or vocabulary.BASE)
    record.derived(memory.store, record.read(base))
    return near


def behind_afar(
    store: Store | Spelt | Distant, findings: Iterable[Finding], base: Base
) -> list[Loaded]:
    """Return what the graphs of another store say of the things that were found wanting.

    Where the base's own file for the graph says it too, that file is named, else the graph.
    """
    own = {each.graph: each for each in base.sources(ONTOLOGY, DATA)}
    found: list[Loaded] = []
    for graph, told in sorted(_said(store, findings).items()):
        known = own.get(graph)
        if known and known.path.stat().st_size < _LARGE and told.keys() <= _says(known):
            found.append(Loaded(of_base(known), tuple(told)))
        else:
            found.append(Loaded(Input(Path(graph), graph, graph, DATA), tuple(told)))
    return found


def _says(source: SourceFile) -> set[Triple]:
    """Return the triples of a file; none where it does not parse."""
    try:
        return {quad.triple for quad in syntax.read_rdf(source.path)}
    except SyntaxProblem:
        return set()
