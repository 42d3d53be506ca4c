"""Reading graphs back out of a store, and comparing them with what was sent."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dragoman import canonical
from dragoman.errors import LimitError, StoreError, SyntaxProblem
from dragoman.push import proof

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dragoman.canonical import CanonicalGraph
    from dragoman.push.plan import Wishes
    from dragoman.push.proof import Proof
    from dragoman.push.values import Habits
    from dragoman.remote import Endpoint


def together(
    graphs: Iterable[CanonicalGraph], iri: str, name: str, timeout: float | None
) -> CanonicalGraph:
    """Return graphs as one, whose blank nodes are labelled anew; those of two graphs stay two.

    Labels depend on the statements that have blank nodes, and on no others (RDFC-1.0, section 4).

    Raises:
        LimitError: labelling the blank nodes took too long.
    """
    found = replace(canonical.union(graphs), iri=iri, name=name)
    if not found.blank_nodes:
        return found
    labelled = canonical.of_lines(found.anonymous.blocks(), iri, name=name, timeout=timeout)
    return replace(found, anonymous=labelled.anonymous, blank_nodes=labelled.blank_nodes)


def lines(
    endpoint: Endpoint, graph: str | None, doing: str, timeout: float | None
) -> Iterator[bytes]:
    """Yield what `Endpoint.lines` does, for so many seconds at the most; None for no end.

    Raises:
        StoreError: the store did not answer, or gave less than it counts.
        LimitError: the time has passed; the words say what was being done.
    """
    end = None if timeout is None else time.monotonic() + timeout
    for block in endpoint.lines(graph):
        if end is not None and time.monotonic() > end:
            raise LimitError(
                f"{endpoint.profile.name}: {doing} took longer than {timeout:g} s. Allow more "
                "with --timeout."
            )
        yield block


@dataclass(frozen=True)
class Reader:
    """Reads one store back.

    Attributes:
        endpoint: the store.
        wishes: how long it may take, and how much is listed.
        habits: what the store is known to do to terms.
        skolemised: whether blank nodes stand there as IRIs.
        advance: is told of each number of bytes that came.
    """

    endpoint: Endpoint
    wishes: Wishes
    habits: Habits
    skolemised: bool
    advance: Callable[[int], None]

    def proof(self, wanted: CanonicalGraph, kept: CanonicalGraph) -> Proof:
        """Return how what a store keeps compares with what it should.

        Raises:
            LimitError: labelling the blank nodes took too long.
        """
        limit, timeout = self.wishes.limit, self.wishes.timeout
        return proof.compare(wanted, kept, self.habits, limit=limit, timeout=timeout)

    def proven(self, graph: CanonicalGraph, where: str) -> Proof:
        """Return how a graph of the store compares with what was sent there."""
        return self.proof(graph, self.read(where, graph))

    def read(self, where: str | None, of: CanonicalGraph | None = None) -> CanonicalGraph:
        """Return a graph as the store has it.

        Args:
            where: its IRI there; None for the default graph.
            of: the graph that was sent there, whose blank nodes may stand there as IRIs.

        Raises:
            StoreError: the store did not answer, or gave less than it counts.
            LimitError: it took too long.
        """
        iri, name = (of.iri, of.name) if of else (where or "", where or "the default graph")
        timeout = self.wishes.timeout

        def watched() -> Iterator[bytes]:
            for block in lines(self.endpoint, where, f"reading {name} back", timeout):
                self.advance(len(block))
                yield block

        try:
            found = canonical.of_lines(watched(), iri, name=name, timeout=timeout)
        except SyntaxProblem as problem:
            raise StoreError(
                f"{self.endpoint.profile.name}: what it gives of {name} is damaged: "
                f"{problem.problem}"
            ) from problem
        if of and self.skolemised and of.blank_nodes:
            named = canonical.unskolemised(found.blocks(), name)
            found = canonical.of_lines(named, iri, name=name, timeout=timeout)
        return found
