"""Making the next generation of an index: a changed one, or one from nothing."""

from __future__ import annotations

__all__ = ["Writer"]

import shutil
import time
from typing import TYPE_CHECKING, Final, Self

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store, Triple

from dragoman import record, spellings
from dragoman import store as stores
from dragoman.errors import DragomanError, SyntaxProblem
from dragoman.files import hash_of, size_of
from dragoman.index import filling, generations, manifest
from dragoman.walking.facts import Facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from dragoman.base import Base
    from dragoman.index.filling import Progress
    from dragoman.index.manifest import Difference, Entry, Manifest

# Files above this size that are new go the way of the first indexing.
_BULK: Final = 4 << 20
_MANY: Final = 50_000


class Writer:
    """The next generation of a base's index, for who holds the lock of the base.

    A context manager. Nothing that it does is seen before `publish`; without that, it is thrown
    away. The default graph holds the merge of all named graphs: a triple leaves it only with the
    last graph that has it.

    Args:
        base: the base.

    Raises:
        UnusableError: there is no index to go on from, or it is damaged.
        OSError: the cache cannot be written.
    """

    def __init__(self, base: Base) -> None:
        self._base = base
        self._cache = base.cache
        self._told: dict[str, tuple[str, SyntaxProblem | None]] = {}
        self._name = ""
        self._before: Manifest | None = None
        self._opened: generations.Begun | None = None
        self._rules = ""
        self._left_out: Sequence[tuple[str, str]] = ()
        # What came into the merge of all graphs, and what went; whether that is known.
        self._came: set[Triple] = set()
        self._went: set[Triple] = set()
        self._follows = True

    def __enter__(self) -> Self:
        """Begin the generation with what the published one holds."""
        before = manifest.read(self._cache) if self._cache else None
        if before is None or self._cache is None:
            raise manifest.UnusableError("there is none")
        self._before = before
        self._rules, self._left_out = before.rules, before.left_out
        self._name = generations.new(self._cache)
        folder = generations.place(self._cache, self._name)
        try:
            generations.link(generations.place(self._cache, before.generation), folder)
            self._opened = generations.Begun(self._cache, self._name)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Throw away what was not published. Damage that the engine meets is an OSError."""
        if self._opened is not None and self._cache is not None:
            self._opened = None
            shutil.rmtree(generations.place(self._cache, self._name), ignore_errors=True)
        if isinstance(error, RuntimeError):
            raise OSError(str(error)) from error

    def replace(self, graph: str, path: Path) -> None:
        """Make a graph hold what a file says: the file of the base, or one that will be it.

        Raises:
            SyntaxProblem: the file does not parse, and nothing was changed.
            OSError: the index cannot be written.
        """
        name, store = NamedNode(graph), self._store
        digest = hash_of(path)
        if size_of(path) > _BULK and not store.contains_named_graph(name):
            try:
                told = filling.fill(self._begun, [(graph, path)])[graph]
            except filling.SpoiltError as error:
                self._empty(graph)
                raise filling.bare(error.problem) from None
            if told[1] is not None:
                raise filling.bare(told[1])  # with `told` it would hold itself, and the store, open
            self._told[graph] = told
            self._follows = False
            return
        content, second = Store(), Store()
        stores.load_file(content, path, graph, second, spellings.respelt(path))
        removed = [
            quad for quad in store.quads_for_pattern(None, None, None, name) if quad not in content
        ]
        added = [quad for quad in content if quad not in store]
        self._add(added)
        self._take(removed)
        if not len(content):
            store.remove_graph(name)
        if self._begun.has_second:
            self._begun.second().remove_graph(name)
        if len(second):
            self._begun.second().extend(second)
        self._told[graph] = (digest, None)

    def remove(self, graph: str) -> None:
        """Take a graph out, with all that no other graph says.

        Raises:
            OSError: the index cannot be written.
        """
        self._empty(graph)
        self._told[graph] = ("", None)

    def leave_out(self, graph: str, path: Path, problem: SyntaxProblem) -> None:
        """Take a graph out because its file is wrong, and remember why.

        Raises:
            OSError: the index cannot be written.
        """
        self._empty(graph)
        self._told[graph] = (hash_of(path), filling.bare(problem))

    def derive(self) -> None:
        """Make the record anew.

        Raises:
            OSError: the index cannot be written.
        """
        self._rules = record.stamp(self._base)
        record.forget(self._store)
        sizes = (size_of(each.path) for each in self._base.sources(*manifest.INDEXED))
        found = _derived(self._base, self._store, sum(sizes))
        self._left_out = record_faults(found)

    def _derive_change(self, known: record.Followed | None) -> None:
        """Make the record what follows from the facts as they are now."""
        many = len(self._came) + len(self._went) > _MANY
        if self._rules != record.stamp(self._base) or not self._follows or many:
            self.derive()
            return
        left_out = {node for node, _ in self._left_out}
        rules = [each for each in record.prepared(self._base) if each.node not in left_out]
        facts = Facts(self._store, self._went)
        found = record.followed(rules, facts, self._came, self._went, known).record
        self._take(spellings.in_graph(found.not_after, record.RECORD))
        self._store.extend(record.in_record(found.not_before))

    def publish(
        self,
        known: Mapping[str, Entry] | None = None,
        followed: record.Followed | None = None,
    ) -> None:
        """Make readers see this generation, which is safe on the disk then.

        The files of the graphs that were replaced must be in place.

        Args:
            known: fresh entries of files that are as they were.
            followed: what the change was found to change in the record, where it was checked
                against the generation that this one begins with.

        Raises:
            OSError: it cannot be written, and the one before stands.
        """
        if self._before is None or self._cache is None or self._opened is None:
            raise DragomanError("The generation is published already.")
        entries = {**self._before.entries, **(known or {})}
        if self._told:
            sources = {source.graph: source for source in self._base.sources(*manifest.INDEXED)}
            now = manifest.clock(self._cache)
            for graph, (digest, problem) in self._told.items():
                source = sources.get(graph)
                if source is None:
                    entries.pop(graph, None)
                    if digest:
                        # What will never come is taken out at the next comparison.
                        entries[graph] = manifest.UNKNOWN
                    continue
                seen = manifest.entry(self._base, source, now)
                if seen.sha256 != digest:
                    seen = manifest.UNKNOWN
                entries[graph] = seen if problem is None else manifest.with_problem(seen, problem)
        self._derive_change(followed)
        self._opened = None  # closes it
        before = self._before.generation
        folder = generations.place(self._cache, self._name)
        try:
            generations.sync(folder)
            manifest.write(
                self._cache,
                manifest.Manifest(
                    self._name,
                    before,
                    utc_now(),
                    generations.parts_of(folder),
                    entries,
                    self._rules,
                    self._left_out,
                ),
            )
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        generations.sweep(self._cache, {self._name, before})

    @property
    def _begun(self) -> generations.Begun:
        if self._opened is None:
            raise DragomanError("The generation is published already, or was not begun.")
        return self._opened

    @property
    def _store(self) -> Store:
        return self._begun.store

    def _add(self, quads: list[Quad]) -> None:
        store, default = self._store, DefaultGraph()
        self._follows &= len(quads) <= _MANY
        if self._follows:
            merge = (quad for quad in spellings.in_graph(quads, default) if quad not in store)
            new = {quad.triple for quad in merge}
            self._came |= new - self._went
            self._went -= new
        merged = (
            Quad(quad.subject, quad.predicate, quad.object, graph)
            for quad in quads
            for graph in (quad.graph_name, default)
        )
        if len(quads) > _MANY:
            self._store.bulk_extend(merged)
        elif quads:
            self._store.extend(merged)

    def _take(self, quads: Iterable[Quad]) -> None:
        store = self._store
        for quad in quads:
            store.remove(quad)
            subject, predicate, value, _ = quad
            left = store.quads_for_pattern(subject, predicate, value, None)
            if not any(isinstance(each.graph_name, NamedNode) for each in left):
                store.remove(Quad(subject, predicate, value, DefaultGraph()))
                if quad.triple in self._came:
                    self._came.discard(quad.triple)
                else:
                    self._went.add(quad.triple)

    def _empty(self, graph: str) -> None:
        name = NamedNode(graph)
        self._take(list(self._store.quads_for_pattern(None, None, None, name)))
        self._store.remove_graph(name)
        if self._begun.has_second:
            self._begun.second().remove_graph(name)


def _derived(base: Base, store: Store, size: int, merge: Store | None = None) -> record.Rules:
    return record.derived_on_disk(store, record.read(base), record.deadline(size), size, merge)


def record_faults(rules: record.Rules) -> tuple[tuple[str, str], ...]:
    """Return the rules that are left out, as the manifest has them."""
    return tuple((each.node, str(each)) for each in rules.faults)


def refresh(base: Base, known: Manifest, difference: Difference) -> None:
    """Bring the index up to the files as they are, by what differs. Needs the lock.

    Raises:
        UnusableError: the index is damaged.
        OSError: the cache cannot be written, or the index is damaged.
    """
    cache = base.cache
    if cache is None:
        raise manifest.UnusableError("there is none")
    if not difference and known.rules == record.stamp(base):
        entries = {**known.entries, **difference.known}
        manifest.write(cache, known._replace(entries=entries))
        return
    with Writer(base) as writer:
        for graph in difference.gone:
            writer.remove(graph)
        for source in (*difference.changed, *difference.new):
            try:
                writer.replace(source.graph, source.path)
            except SyntaxProblem as problem:
                writer.leave_out(source.graph, source.path, problem)
        writer.publish(difference.known)


def build(base: Base, cache: Path, progress: Progress | None = None) -> None:
    """Make the index from nothing, and publish it. Needs the lock.

    Raises:
        BaseContentError: a folder has no file, or two files would be one graph.
        OSError: the cache cannot be written.
    """
    try:
        before = manifest.read(cache)
    except manifest.UnusableError:
        before = None
    previous = before.generation if before else ""
    generations.sweep(cache, {previous})
    bad: dict[str, SyntaxProblem] = {}
    while True:
        sources = base.sources(*manifest.INDEXED)
        now = manifest.clock(cache)
        stamps = manifest.stamps(sources)
        name = generations.new(cache)
        folder = generations.place(cache, name)
        try:
            begun = generations.Begun(cache, name)
            try:
                files = [(each.graph, each.path) for each in sources]
                size = sum(size_of(each.path) for each in sources)
                merge = record.room(size) if base.rules() else None
                found = filling.fill(begun, files, merge=merge, bad=bad, progress=progress)
                rules = record.stamp(base)
                derived = _derived(base, begun.store, size, merge)
                merge = None
                # Many files of the engine, one upon the other, make questions twice as slow.
                begun.store.optimize()
            finally:
                del begun
            generations.sync(folder)
            entries = {}
            for source in sources:
                digest, problem = found[source.graph]
                stamp = stamps.get(source.graph, manifest.UNKNOWN.stamp)
                sure = bool(digest) and manifest.is_sure(stamp, now)
                seen = manifest.Entry(base.inner_path(source), stamp, digest, sure)
                entries[source.graph] = manifest.with_problem(seen, problem) if problem else seen
            manifest.write(
                cache,
                manifest.Manifest(
                    name,
                    previous,
                    utc_now(),
                    generations.parts_of(folder),
                    entries,
                    rules,
                    record_faults(derived),
                ),
            )
        except filling.SpoiltError as error:
            shutil.rmtree(folder, ignore_errors=True)
            bad[error.graph] = error.problem
            continue
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        generations.sweep(cache, {name, previous})
        return


def utc_now() -> str:
    """Return the present as xsd:dateTime in UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
