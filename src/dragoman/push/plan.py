"""What is to be done with each graph, and what became of it."""

from __future__ import annotations

__all__ = ["GraphReport", "Pushed", "Wishes"]

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dragoman.notebook import Shown
from dragoman.push.proof import TOLD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dragoman.push.proof import Proof

REPLACE, APPEND = "replace", "append"
# What is done with a graph.
KEPT: Final = "kept"
SENT: Final = "sent"
REPLACED: Final = "replaced"
APPENDED: Final = "appended"
REFUSED: Final = "refused"


class Wishes(NamedTuple):
    """How a push is wanted.

    Attributes:
        mode: REPLACE or APPEND.
        dry_run: change nothing.
        merge: write the merge of all graphs into the default graph of a store that needs it.
        proof: read back and compare.
        limit: how many statements of each sort a proof lists; None for all.
        timeout: seconds for reading a graph back, and for labelling blank nodes; None for no end.
        record: bring the record, too, where the whole base is brought.
    """

    mode: str = REPLACE
    dry_run: bool = False
    merge: bool = True
    proof: bool = True
    limit: int | None = TOLD
    timeout: float | None = 600.0
    record: bool = True


@dataclass(frozen=True)
class GraphReport:
    """What became of one graph.

    Attributes:
        iri: of the graph; empty for the default graph, which is the merge of all.
        name: of its file.
        triples: how many statements it has here.
        before: how many it had in the store.
        action: `kept` (it was there already), `sent`, `replaced`, `appended`, or `refused` (what
            arrived beside it differs, so it was left as it was); with a dry run, what would be.
        proof: how the store's statements compare; None where they were not read.
        skolemised: whether its blank nodes stand there as IRIs.
        after: how many statements the store has now; None with a dry run.
        short: whether that is another number than there should be.
    """

    iri: str
    name: str
    triples: int
    before: int
    action: str
    proof: Proof | None = None
    skolemised: bool = False
    after: int | None = None
    short: bool = False


@dataclass(frozen=True)
class Pushed(Shown):
    """What became of a push.

    Attributes:
        store: how messages call it.
        kind: which kind of store it is, as people call it.
        graphs: what became of each.
        merge: what became of the default graph; None where nothing was written there.
        dry_run: true where nothing was done.
        unmerged: whether the default graph is not the merge of all graphs, though it was to be.
        notes: what the user should know besides, one line each.
        bytes: how many were sent.
    """

    store: str
    kind: str
    graphs: tuple[GraphReport, ...]
    merge: GraphReport | None = None
    dry_run: bool = False
    unmerged: bool = False
    notes: tuple[str, ...] = ()
    bytes: int = 0

    @property
    def all(self) -> tuple[GraphReport, ...]:
        """What became of each graph, the default graph last."""
        return (*self.graphs, self.merge) if self.merge else self.graphs

    def _shown(self) -> tuple[str, Sequence[str], list[Sequence[object]]]:
        rows: list[Sequence[object]] = [
            (
                each.name or each.iri or "default graph",
                each.action,
                each.triples,
                "" if each.after is None else each.after,
                "not read back" if each.proof is None else each.proof.verdict,
            )
            for each in self.all
        ]
        columns = ("graph", "action", "statements", "in the store", "proof")
        return f"{self.store} ({self.kind})", columns, rows

    @property
    def holds(self) -> bool:
        """Whether nothing was found that differs."""
        return not self.unmerged and all(
            each.proof.holds if each.proof else not each.short for each in self.all
        )

    @property
    def proven(self) -> bool:
        """Whether the store was read back and says, for every graph, what was sent."""
        return self.holds and all(each.proof is not None for each in self.all)

    def table(self) -> dict[str, Any]:
        """Return all of it as JSON holds it."""
        return {
            "store": self.store,
            "kind": self.kind,
            "dry_run": self.dry_run,
            "proven": self.proven,
            "bytes": self.bytes,
            "notes": [*self.notes],
            "graphs": [_table(each) for each in self.graphs],
            "default_graph": self.merge and _table(self.merge),
        }


def _table(each: GraphReport) -> dict[str, Any]:
    found = each.proof
    return {
        "graph": each.iri or None,
        "name": each.name,
        "triples": each.triples,
        "before": each.before,
        "after": each.after,
        "action": each.action,
        "blank_nodes_as_iris": each.skolemised,
        "proof": found
        and {
            "verdict": found.verdict,
            "sent": {"triples": found.sent, "sha256": found.sha256},
            "kept": {"triples": found.kept, "sha256": found.kept_sha256},
            "respelled": [pair._asdict() for pair in found.respelled],
            "missing": [*found.missing],
            "extra": [*found.extra],
            "counts": {
                "respelled": found.respellings,
                "missing": found.missings,
                "extra": found.extras,
            },
        },
    }
