"""The default graph of a store in which it is not the merge of all graphs: we write it.

Queries without GRAPH are to see every fact once. What others have put there is never touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dragoman import canonical
from dragoman.errors import StoreError, counted
from dragoman.push import plan
from dragoman.push.plan import GraphReport
from dragoman.push.reading import together
from dragoman.push.uploading import LARGE, named_part

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dragoman.canonical import CanonicalGraph
    from dragoman.push.proof import Proof
    from dragoman.push.reading import Reader
    from dragoman.push.states import State
    from dragoman.push.uploading import Uploader

_STRAYS: Final = """
SELECT (COUNT(*) AS ?strays) WHERE { ?s ?p ?o MINUS { GRAPH ?graph { ?s ?p ?o } } }
"""
_UNSEEN: Final = """
SELECT (COUNT(*) AS ?unseen)
WHERE { SELECT DISTINCT ?s ?p ?o WHERE { GRAPH ?graph { ?s ?p ?o } MINUS { ?s ?p ?o } } }
"""
_CLEAR: Final = "CLEAR SILENT DEFAULT"
_MERGE: Final = f"""
{_CLEAR} ;
INSERT {{ ?s ?p ?o }} WHERE {{ GRAPH ?graph {{ ?s ?p ?o }} }}
"""
_MERGE_BLANK: Final = """
INSERT { ?s ?p ?o }
WHERE { GRAPH ?graph { ?s ?p ?o } FILTER (isBlank(?s) || isBlank(?o)) }
"""
_STRICT: Final = "strict"


@dataclass
class Merger:
    """Writes the merge of all graphs into the default graph of one store.

    Attributes:
        reader: reads it back.
        uploader: writes there.
        state: what was done there.
        note: is told, in one line, of each step.
        notes: what the user should know of it, once it is done.
        unmerged: whether the default graph is not the merge, for it is not ours to write.
    """

    reader: Reader
    uploader: Uploader
    state: State
    note: Callable[[str], None]
    notes: list[str]
    unmerged: bool = False
    _surely_strict: bool = False

    def may(self, before: Mapping[str, int]) -> bool:
        """Return whether the default graph is ours to write, before anything is sent.

        It is where it is empty, holds nothing but statements of named graphs, or is what we wrote.

        Args:
            before: how many statements the store has in some named graphs.

        Raises:
            StoreError: the store did not answer.
        """
        endpoint = self.reader.endpoint
        if not self._is_strict or self.state.union or endpoint.profile.update is None:
            return False
        held = endpoint.count(None)
        self._surely_strict = not held and any(before.values())
        if self.state.merge or not held:
            return True
        return not endpoint.number(_STRAYS) or self._is_untouched()

    @property
    def _is_strict(self) -> bool:
        return self.reader.endpoint.profile.default_graph == _STRICT

    def _is_untouched(self) -> bool:
        """Return whether the default graph is what we wrote, though named graphs have changed."""
        if not self.state.merged:
            return False
        try:
            return self.reader.read(None).sha256 == self.state.merged
        except StoreError:
            return False

    def is_stale(self) -> None:
        """Remember that the default graph is no longer the merge of all graphs."""
        self.state.merge = True
        self.state.write()

    def settle(self, known: Mapping[str, CanonicalGraph], *, ours: bool) -> GraphReport | None:
        """Let the default graph be the merge once all is sent, or say why it is not.

        Args:
            known: what is in those graphs that need not be read.
            ours: what `may` said.

        Raises:
            StoreError: the store did not do it.
            LimitError: reading it back took too long.
        """
        if not self._is_strict:
            return None
        if not ours:
            if self._is_merge():
                return None
            self.state.union = False
            endpoint = self.reader.endpoint
            ours = endpoint.profile.update is not None and not endpoint.number(_STRAYS)
        if ours:
            return self.write(known)
        self.tell_unmerged()
        return None

    def foresee(self, *, ours: bool) -> GraphReport | None:
        """Say what `settle` would do where every named graph is there already."""
        if not self._is_strict or (self._is_merge() and not self.state.merge):
            return None
        if not ours:
            self.tell_unmerged()
            return None
        endpoint = self.reader.endpoint
        held = endpoint.count(None)
        count = held - endpoint.number(_STRAYS) + endpoint.number(_UNSEEN)
        return GraphReport("", "merge", count, held, plan.REPLACED if held else plan.SENT)

    def _is_merge(self) -> bool:
        """Return whether, as the store itself compares them, the default graph is the merge."""
        number = self.reader.endpoint.number
        return not number(_STRAYS) and not number(_UNSEEN)

    def tell_unmerged(self) -> None:
        """Remember and say that the default graph is not the merge, and what can be done."""
        self.unmerged = True
        endpoint = self.reader.endpoint
        strays = endpoint.number(_STRAYS)
        if strays:
            self.notes.append(
                f"The default graph there holds {strays:,} statements that stand in no named graph;"
                " it was left as it was, so questions without GRAPH do not see what was sent. "
                "Take them away there (CLEAR DEFAULT takes all), and push again; or leave it as it "
                "is with --no-merge."
            )
        else:
            self.notes.append(
                "The default graph there is not the merge of all graphs, and the store has no "
                "address for updates to write it; so questions without GRAPH do not see what was "
                "sent. Leave it as it is with --no-merge."
            )

    def write(self, known: Mapping[str, CanonicalGraph]) -> GraphReport | None:
        """Write the merge, unless it is there, and prove it; None where it stands there by itself.

        Args:
            known: what is in those graphs that need not be read.

        Raises:
            StoreError: the store did not do it.
            LimitError: reading it back took too long.
        """
        wanted = self._wanted(known)
        before = self.reader.endpoint.count(None)
        found = None if self.state.merge else self._found(wanted, before)
        action = plan.KEPT
        if not (found and found.holds):
            self.note(f"Writing the merge of all graphs, {counted(wanted.count, 'statement')}.")
            self.is_stale()
            if not self._written(wanted, before):
                return None
            action = plan.REPLACED if before else plan.SENT
            found = None
            if self.reader.wishes.proof:
                found = self.reader.proof(wanted, self.reader.read(None))
        if found is None or found.holds:
            self.state.merge = False
            self.state.merged = found.kept_sha256 if found else ""
            self.state.write()
        after = self.reader.endpoint.count(None)
        return GraphReport("", wanted.name, wanted.count, before, action, found, after=after)

    def _found(self, wanted: CanonicalGraph, before: int) -> Proof | None:
        """Return how the default graph compares, where it may be what it should."""
        if before != wanted.count or not self.reader.wishes.proof:
            return None
        try:
            return self.reader.proof(wanted, self.reader.read(None))
        except StoreError:
            # a union of all graphs is counted, but cannot be read as a graph
            return None

    def _written(self, wanted: CanonicalGraph, before: int) -> bool:
        """Write the merge: the store by itself, or sooner, as an upload where it has such a way.

        Return whether it was: a store may have been set to show all graphs in the default graph.
        """
        profile = self.reader.endpoint.profile
        bulk = profile.kind.bulk and profile.graphs and wanted.count >= LARGE
        if bulk and any(b"<<(" in block for block in wanted.blocks()):
            bulk = None
        if self._surely_strict and not bulk:
            self.uploader.update(_MERGE, wanted.count)
            return True
        self.uploader.update(_CLEAR, before)
        if self.reader.endpoint.count(None):
            self.state.union, self.state.merge = True, False
            self.state.write()
            self.note("The default graph there is the union of all graphs: no merge is needed.")
            return False
        if not bulk:
            self.uploader.update(_MERGE, wanted.count)
            return True
        self.uploader.append(None, named_part(wanted), bulk=True)
        if wanted.blank_nodes:
            # sent, they would be other nodes than those of the named graphs
            self.uploader.update(_MERGE_BLANK, wanted.count)
        return True

    def _wanted(self, known: Mapping[str, CanonicalGraph]) -> CanonicalGraph:
        """Return the merge of what is known and what else is there."""
        graphs = self.reader.endpoint.graphs()
        others = sorted({*graphs} - known.keys())
        parts = [*known.values(), *(self.reader.read(graph) for graph in others)]
        if self.reader.skolemised:
            parts = canonical.skolemised(parts)
        return together(parts, "", "merge", self.reader.wishes.timeout)
