"""What a set of files changes in a base: the triples that come, and those that go."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, Triple

from dragoman import vocabulary
from dragoman.base import ONTOLOGY, SHAPES
from dragoman.validation.engine import Change
from dragoman.validation.loading import Loaded, of_base

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyoxigraph import Store

    from dragoman.base import SourceFile
    from dragoman.validation.report import Finding

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
    """Return the shapes graph: all of the shapes, and the prefixes that an ontology declares."""
    return tuple(
        triple
        for each in files
        if each.input.folder in {SHAPES, ONTOLOGY}
        for triple in each.triples
        if each.input.folder == SHAPES
        or triple.predicate.value.startswith(vocabulary.SH)
        or triple.predicate.value == vocabulary.OWL_IMPORTS
    )


def of_data(files: Iterable[Loaded]) -> tuple[Triple, ...]:
    """Return the data graph: everything but the shapes."""
    found = (t for each in files if each.input.folder != SHAPES for t in each.triples)
    return tuple(dict.fromkeys(found))


def change(store: Store, files: Files) -> Change:
    """Return what the files change in the facts of an index."""
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

    def stays(triple: Triple) -> bool:
        """Return whether another file says the same."""
        return any(
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


def behind(
    store: Store, findings: Iterable[Finding], sources: Iterable[SourceFile]
) -> list[Loaded]:
    """Return what the sources of an index say of the things that were found wanting.

    Of files so large that looking for a line would take longer than the check nothing is returned.
    """
    said: dict[str, dict[Triple, None]] = {}
    for focus in {finding.focus for finding in findings}:
        quads = [store.quads_for_pattern(None, None, focus, None)]
        if not isinstance(focus, Literal):
            quads.insert(0, store.quads_for_pattern(focus, None, None, None))
        for quad in chain(*(islice(each, _MOST) for each in quads)):
            if isinstance(quad.graph_name, NamedNode):
                said.setdefault(quad.graph_name.value, {})[quad.triple] = None
    return [
        Loaded(of_base(source), tuple(said[source.graph]))
        for source in sources
        if source.graph in said and source.path.stat().st_size < _LARGE
    ]
