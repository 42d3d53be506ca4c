"""Bringing graphs into a store, step by step, so that whatever breaks, the next push goes on.

What a store has already is not sent again. What is new goes straight to its place; what replaces
something goes beside it first, is compared there, and is moved.
"""

from __future__ import annotations

__all__ = ["push"]

from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from dragoman import canonical
from dragoman.errors import DragomanError, LimitError, StoreError, counted
from dragoman.push import plan, states, values
from dragoman.push.ahead import Ahead, files_for
from dragoman.push.merging import Merger
from dragoman.push.plan import GraphReport, Pushed, Wishes
from dragoman.push.reading import Reader, together
from dragoman.push.uploading import LARGE, Uploader, load_of, loads_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from dragoman.canonical import CanonicalGraph
    from dragoman.push.proof import Proof
    from dragoman.push.states import State
    from dragoman.remote import Endpoint, Profile

# A graph beside the one that it is to replace is called like it, and this.
BESIDE: Final = "?dragoman-staging"
# So many graphs are counted by one question.
_AT_ONCE: Final = 100
_COUNTS: Final = """
SELECT ?graph (COUNT(*) AS ?count)
WHERE { VALUES ?graph { {names} } GRAPH ?graph { ?s ?p ?o } }
GROUP BY ?graph
"""


def push(  # noqa: PLR0913  a place, what is brought there, and how
    endpoint: Endpoint,
    graphs: Callable[[], Sequence[CanonicalGraph]],
    state: State,
    wishes: Wishes = Wishes(),  # noqa: B008
    *,
    files: Sequence[tuple[str, Path]] = (),
    progress: Callable[[int, int], None] | None = None,
    note: Callable[[str], None] | None = None,
) -> Pushed:
    """Bring graphs into a store, and prove that they are there.

    Args:
        endpoint: the store.
        graphs: gives what is brought.
        state: what was done there so far; see `states.opened`.
        wishes: how it is wanted.
        files: the IRI of each of those graphs and its file, from which it may be sent ahead.
        progress: is told the bytes done and those there are.
        note: is told, in one line, of each step.

    Raises:
        StoreError: the store did not do it; says how far it is. The next push goes on from there.
        LimitError: reading back, or labelling blank nodes, took too long.
        LockedError: another push into the store is under way from here.
    """
    with nullcontext() if wishes.dry_run else states.alone(state):
        state.load()
        return _Push(endpoint, state, wishes, progress, note).run(graphs, files)


class _Push:
    """One push: what is known, and what is done so far."""

    def __init__(
        self,
        endpoint: Endpoint,
        state: State,
        wishes: Wishes,
        progress: Callable[[int, int], None] | None,
        note: Callable[[str], None] | None,
    ) -> None:
        self.endpoint, self.state, self.wishes = endpoint, state, wishes
        self.graphs: Sequence[CanonicalGraph] = ()
        self.profile: Profile = endpoint.profile
        self.progress, self.note = progress, note or (lambda _: None)
        self.done = self.whole = self.sent = 0
        self.uploader = Uploader(self.profile, self._watch)
        self.reports: dict[str, GraphReport] = {}
        self.notes: list[str] = []
        self.beside: set[str] = set()
        respells = self.profile.kind.respells
        habits = values.Habits("nfc" in respells, "durations" in respells)
        self.reader = Reader(endpoint, wishes, habits, self.uploader.in_parts, self._advance)
        self.merger = Merger(self.reader, self.uploader, state, self.note, self.notes)

    # -------------------------------------------------------------- the course of it

    def run(
        self,
        graphs: Callable[[], Sequence[CanonicalGraph]],
        files: Sequence[tuple[str, Path]],
    ) -> Pushed:
        """Do it."""
        with self._honest():
            before = self._counts([graph for graph, _ in files])
            merging = self.wishes.merge and self.merger.may(before)
            sent = self._send_ahead(graphs, files, before, merging=merging)
            before |= self._counts([each.iri for each in self.graphs if each.iri not in before])
            if self.wishes.dry_run:
                return self._all_foreseen(before, merging=merging)
            if self.wishes.mode == plan.APPEND:
                self._append_all(before, merging=merging)
            else:
                self._replace_all(before, sent, merging=merging)
            merge = None
            if self.wishes.merge:
                merge = self.merger.settle(self._known(), ours=merging)
        return self._pushed([self.reports[graph.iri] for graph in self.graphs], merge)

    def _send_ahead(
        self,
        graphs: Callable[[], Sequence[CanonicalGraph]],
        files: Sequence[tuple[str, Path]],
        before: dict[str, int],
        *,
        merging: bool,
    ) -> set[str]:
        """Make the graphs canonical; return those that were sent meanwhile."""
        new = [(graph, path) for graph, path in files if not before[graph]]
        sent = Ahead(self.uploader, ())
        if not self.wishes.dry_run and self.wishes.mode == plan.REPLACE:
            sent = Ahead(self.uploader, files_for(self.uploader, new))
        if not sent.files:
            self.graphs = graphs()
            return set()
        if merging:
            self.merger.is_stale()
        for name in sent.graphs:
            self.state.graphs[name] = states.Step("", states.SENDING, name)
        self.state.write()
        self.note(f"Sending {counted(len(sent.files), 'file')} as they are.")
        sent.start()
        try:
            self.graphs = graphs()
        except BaseException:
            # a file that cannot be read: nothing of what it came with is to stay
            sent.stop()
            self.beside |= sent.graphs
            raise
        try:
            sent.join()
        except KeyboardInterrupt:
            sent.stop()
            raise
        for graph in self.graphs:
            if graph.iri in sent.graphs:
                self._remember(graph, states.SENT)
        return sent.graphs

    def _known(self) -> dict[str, CanonicalGraph]:
        """Return the graphs of which the store has what we have, and no more."""
        if self.wishes.mode == plan.APPEND:
            return {}
        refused = {each.iri for each in self.reports.values() if each.action == plan.REFUSED}
        return {graph.iri: graph for graph in self.graphs if graph.iri not in refused}

    def _counts(self, graphs: Sequence[str]) -> dict[str, int]:
        """Return how many statements the store has in each graph."""
        found = dict.fromkeys(graphs, 0)
        for start in range(0, len(graphs), _AT_ONCE):
            names = " ".join(f"<{graph}>" for graph in graphs[start : start + _AT_ONCE])
            for row in self.endpoint.select(_COUNTS.replace("{names}", names)).rows:
                graph, count = (getattr(cell, "value", "") for cell in row)
                if graph in found:
                    found[graph] = int(count)
        return found

    def _pushed(self, reports: Iterable[GraphReport], merge: GraphReport | None = None) -> Pushed:
        return Pushed(
            self.profile.name,
            self.profile.kind.title,
            tuple(reports),
            merge,
            self.wishes.dry_run,
            self.merger.unmerged,
            tuple(self.notes),
            self.sent,
        )

    @contextmanager
    def _honest(self) -> Iterator[None]:
        """Whatever fails: clear away what stands beside, and say how far it is."""
        try:
            yield
        except (DragomanError, KeyboardInterrupt) as error:
            left = self._cleared()
            self.state.write()
            self.uploader.close()
            if isinstance(error, KeyboardInterrupt):
                self.note(left or "Interrupted.")
                raise
            if not isinstance(error, (StoreError, LimitError)):
                if not left:
                    raise
                raise StoreError(f"{error} {left}") from error
            done = sum(each.action != plan.REFUSED for each in self.reports.values())
            proven = sum(each.proof is not None for each in self.reports.values())
            words = (
                f"{error} So far {done} of {len(self.graphs)} graphs are there, {proven} of them "
                f"proven; the same command goes on from there.{left and ' '}{left}"
            )
            kind = LimitError if isinstance(error, LimitError) else StoreError
            raise kind(words) from error
        self.uploader.close()

    def _cleared(self) -> str:
        """Drop what stands beside; return which graphs could not be dropped, in a sentence."""
        left = []
        for graph in sorted(self.beside):
            try:
                self.uploader.drop(graph)
            except DragomanError:
                left.append(f"<{graph}>")
            else:
                self.beside.discard(graph)
                self.state.forget(graph.removesuffix(BESIDE))
        return f"Left there unfinished: {', '.join(left)}." if left else ""

    # -------------------------------------------------------------- replacing

    def _all_foreseen(self, before: dict[str, int], *, merging: bool) -> Pushed:
        found = [self._foreseen(each, before[each.iri]) for each in self.graphs]
        if self.wishes.merge and all(each.action == plan.KEPT for each in found):
            return self._pushed(found, self.merger.foresee(ours=merging))
        return self._pushed(found)

    def _foreseen(self, graph: CanonicalGraph, before: int) -> GraphReport:
        found: Proof | None = None
        if before == graph.count and self.wishes.proof:
            found = self.reader.proven(graph, graph.iri)
        append = self.wishes.mode == plan.APPEND
        action = plan.APPENDED if append else plan.REPLACED if before else plan.SENT
        if found and found.holds:
            return self._report(graph, before, plan.KEPT, found)
        return self._report(graph, before, action)

    def _replace_all(self, before: dict[str, int], sent: set[str], *, merging: bool) -> None:
        new: list[CanonicalGraph] = []
        other: list[CanonicalGraph] = []
        for graph in self.graphs:
            count = before[graph.iri]
            if graph.iri in sent or self._is_there(graph, count):
                continue
            step = self.state.graphs.get(graph.iri)
            broken = step is not None and step.step == states.SENDING and step.target == graph.iri
            (new if not count or broken else other).append(graph)
        self._clear_away()
        for graph in self.graphs:
            if graph.iri in self.reports:
                proven = self.reports[graph.iri].proof is not None
                self._remember(graph, states.PROVEN if proven else states.SENT)
        if merging and (new or other):
            self.merger.is_stale()
        self.whole = self.done + 2 * sum(graph.size for graph in [*new, *other])
        self._send_new(new, before)
        moved = [graph for graph in other if self._put_beside(graph, before[graph.iri])]
        self._move(moved)
        for graph in self.graphs:
            if graph.iri not in self.reports:
                action = plan.REPLACED if before[graph.iri] else plan.SENT
                self._finish(graph, before[graph.iri], action)

    def _clear_away(self) -> None:
        """Drop what earlier pushes, which were killed, have left beside other graphs."""
        ours = {graph.iri for graph in self.graphs}
        for graph, step in [*self.state.graphs.items()]:
            kept = graph in self.reports and self.reports[graph].action == plan.KEPT
            if step.target.endswith(BESIDE) and (kept or graph not in ours):
                self.uploader.drop(step.target)
                self.state.forget(graph)

    def _is_there(self, graph: CanonicalGraph, count: int) -> bool:
        """Return whether a store has a graph already; then it is reported."""
        if count != graph.count:
            return False
        found: Proof | None = None
        if self.wishes.proof:
            self.note(f"{graph.name}: {count:,} statements are there; comparing.")
            found = self.reader.proven(graph, graph.iri)
            if not found.holds:
                return False
        else:
            step = self.state.graphs.get(graph.iri)
            arrived = step is not None and step.step in {states.SENT, states.PROVEN}
            if step is None or not arrived or step.sha256 != graph.sha256:
                return False
        self.reports[graph.iri] = self._report(graph, count, plan.KEPT, found, count)
        return True

    def _send_new(self, graphs: list[CanonicalGraph], before: dict[str, int]) -> None:
        """Send graphs straight to their places, where nothing stands, or what we began."""
        together = [graph for graph in graphs if not before[graph.iri]]
        if self.uploader.takes_datasets and len(together) > 1:
            count = sum(graph.count for graph in together)
            self.note(f"Sending {len(together)} graphs, {counted(count, 'statement')}, as one.")
            for graph in together:
                self._remember(graph, states.SENDING)
            self.uploader.append_all(loads_of(together), bulk=count >= LARGE)
            for graph in together:
                self._remember(graph, states.SENT)
            graphs = [graph for graph in graphs if before[graph.iri]]
        for graph in graphs:
            self._upload(graph, graph.iri, before[graph.iri])
            self._remember(graph, states.SENT)

    def _upload(self, graph: CanonicalGraph, target: str, count: int) -> None:
        """Make a graph in the store what is sent; where that goes in parts, go on with them."""
        step = self.state.graphs.get(graph.iri)
        self.note(f"{graph.name}: sending {counted(graph.count, 'statement')}.")
        if self.uploader.in_parts:
            start = 0
            if step and step.target == target and step.sha256 == graph.sha256:
                start = step.lines if step.lines <= count else 0
            if count and not start:
                self.uploader.drop(target)
            self.state.set(graph.iri, states.Step(graph.sha256, states.SENDING, target, start))
            (ready,) = canonical.skolemised([graph])
            self.uploader.insert(
                target, load_of(ready), start, lambda lines: self.state.advance(graph.iri, lines)
            )
            return
        self.state.set(graph.iri, states.Step(graph.sha256, states.SENDING, target))
        load = load_of(graph)
        if not count and self.profile.kind.bulk and graph.count >= LARGE:
            self.uploader.append(target, load, bulk=True)
        else:
            self.uploader.replace(target, load)

    def _put_beside(self, graph: CanonicalGraph, before: int) -> bool:
        """Bring a graph beside the one that it replaces; return whether it is to be moved.

        Where the store moves nothing, it is put in its place at once.
        """
        if not self.uploader.moves:
            self._upload(graph, graph.iri, before)
            self._remember(graph, states.SENT)
            return False
        target = graph.iri + BESIDE
        self.beside.add(target)
        count = self.endpoint.count(target)
        step = self.state.graphs.get(graph.iri)
        ready = count == graph.count and step and step.sha256 == graph.sha256
        if not (ready and step and step.step == states.STAGED):
            if count and not self.uploader.in_parts:
                self.uploader.drop(target)
                count = 0
            self._upload(graph, target, count)
        self.state.set(graph.iri, states.Step(graph.sha256, states.STAGED, target))
        if not self.wishes.proof:
            found = self.endpoint.count(target)
            if found == graph.count:
                return True
            raise StoreError(
                f"{self.profile.name}: of {graph.count:,} statements of {graph.name}, {found:,} "
                "arrived; what was there was left as it was."
            )
        self.note(f"{graph.name}: comparing what stands beside.")
        verdict = self.reader.proven(graph, target)
        if verdict.holds:
            return True
        self.uploader.drop(target)
        self.beside.discard(target)
        self.state.set(graph.iri, states.Step(graph.sha256, states.REFUSED, graph.iri))
        self.reports[graph.iri] = self._report(graph, before, plan.REFUSED, verdict, before)
        return False

    def _move(self, graphs: list[CanonicalGraph]) -> None:
        if not graphs:
            return
        self.note(f"Moving {counted(len(graphs), 'graph')} into place.")
        pairs = [(graph.iri + BESIDE, graph.iri) for graph in graphs]
        self.uploader.move(pairs, sum(graph.count for graph in graphs))
        for graph in graphs:
            self.beside.discard(graph.iri + BESIDE)
            self._remember(graph, states.SENT)

    # -------------------------------------------------------------- appending

    def _append_all(self, before: dict[str, int], *, merging: bool) -> None:
        stale = merging
        for graph in self.graphs:
            count = before[graph.iri]
            step = self.state.graphs.get(graph.iri)
            broken = step is not None and step.step == states.APPENDING
            if broken and graph.blank_nodes:
                raise DragomanError(
                    f"{graph.name}: adding it broke off, and its blank nodes may be there already. "
                    "Push it with --replace, or take the graph away there first."
                )
            wanted = self._together(graph, count)
            if wanted is None:
                found = self.reader.proof(graph, graph) if self.wishes.proof else None
                self.reports[graph.iri] = self._report(graph, count, plan.KEPT, found, count)
                continue
            if stale:
                self.merger.is_stale()
                stale = False
            self.whole += 2 * graph.size
            self.note(f"{graph.name}: adding {counted(graph.count, 'statement')}.")
            self._remember(graph, states.APPENDING)
            if self.uploader.in_parts:
                (ready,) = canonical.skolemised([graph])
                self.uploader.insert(graph.iri, load_of(ready))
            else:
                self.uploader.append(graph.iri, load_of(graph))
            self._remember(graph, states.SENT)
            self._finish(graph, count, plan.APPENDED, wanted)

    def _together(self, graph: CanonicalGraph, count: int) -> CanonicalGraph | None:
        """Return what a graph is to be with what it has; None where it has all of it."""
        if not count:
            return graph
        there = self.reader.read(graph.iri, graph)
        wanted = together([there, graph], graph.iri, graph.name, self.wishes.timeout)
        return None if wanted.sha256 == there.sha256 else wanted

    # -------------------------------------------------------------- proving

    def _finish(
        self,
        graph: CanonicalGraph,
        before: int,
        action: str,
        wanted: CanonicalGraph | None = None,
    ) -> None:
        """Compare a graph that was sent, and report it."""
        found: Proof | None = None
        if self.wishes.proof:
            self.note(f"{graph.name}: reading back.")
            found = self.reader.proof(wanted or graph, self.reader.read(graph.iri, graph))
        count = found.kept if found else self.endpoint.count(graph.iri)
        if found and found.holds:
            self._remember(graph, states.PROVEN)
        short = found is None and count != (wanted or graph).count
        if short:
            self.notes.append(
                f"{graph.name}: {count:,} statements are there, and {(wanted or graph).count:,} "
                "were expected."
            )
        report = self._report(graph, before, action, found, count)
        self.reports[graph.iri] = replace(report, short=short)

    # -------------------------------------------------------------- telling

    def _remember(self, graph: CanonicalGraph, step: str) -> None:
        self.state.set(graph.iri, states.Step(graph.sha256, step, graph.iri))

    def _report(
        self,
        graph: CanonicalGraph,
        before: int,
        action: str,
        found: Proof | None = None,
        after: int | None = None,
    ) -> GraphReport:
        iris = self.uploader.in_parts and bool(graph.blank_nodes)
        return GraphReport(graph.iri, graph.name, graph.count, before, action, found, iris, after)

    def _watch(self, size: int) -> None:
        self.sent += size
        self._advance(size)

    def _advance(self, size: int) -> None:
        self.done += size
        if self.progress:
            self.progress(self.done, max(self.whole, self.done))
