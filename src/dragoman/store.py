"""The index of a base, and running a query on it within limits of time and memory.

The files are the truth; the index is a pyoxigraph store, in memory or on disk, with one named graph
per file.
Queries see the merge of all graphs, and `GRAPH ?g` names the file. The merge is written into the
default graph: pyoxigraph's own union of graphs gives a triple that stands in two files twice.
"""

from __future__ import annotations

import os
import re
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, TYPE_CHECKING, Any, Final, Protocol, TypeVar, cast

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QuerySolutions,
    QueryTriples,
    Store,
    Triple,
)

from dragoman import base as bases
from dragoman import syntax, vocabulary
from dragoman.errors import DragomanError, LimitError, SyntaxProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from dragoman.base import Base, SourceFile
    from dragoman.names import Register
    from dragoman.spellings import Spelt

Term = NamedNode | BlankNode | Literal | Triple
Row = tuple[Term | None, ...]
_Value = TypeVar("_Value")
_Answered = QuerySolutions | QueryBoolean | QueryTriples

TIMEOUT: Final = 60.0
MEMORY: Final = 2 * 1024**3
# A text without them asks of the merge alone.
_OF_GRAPHS: Final = re.compile(r"\b(?:GRAPH|FROM)\b", re.IGNORECASE)
# Bytes of an index on disk of which the merge is read into memory, too.
_LARGE: Final = 128 << 20
# Deep queries recurse in the engine; the address space costs nothing until it is used.
_STACK: Final = 256 * 1024**2
_TWICE: Final = (
    "Without the record the engine looks into each file by itself: a fact that stands in two of "
    "them is found twice. Count with DISTINCT."
)


@dataclass(frozen=True)
class Answer:
    """What a query returned, read to its end.

    Attributes:
        form: SELECT, ASK, CONSTRUCT or DESCRIBE.
        columns: names of the columns of a SELECT, in the order written.
        rows: the rows of a SELECT; a cell is None where the variable is unbound.
        truth: the answer of an ASK.
        triples: the triples of a CONSTRUCT or DESCRIBE.
        cut: true where `limit`, or a store elsewhere, kept back rows or triples.
        warnings: what to know about the answer, one line each.
    """

    form: str
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    truth: bool | None = None
    triples: tuple[Triple, ...] = ()
    cut: bool = False
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return the number of rows or triples."""
        return len(self.rows) or len(self.triples)


class Source(Protocol):
    """What queries and validation ask of a graph, wherever it is kept."""

    def query(
        self,
        query: syntax.QueryText,
        *,
        prefixes: Mapping[str, str] | None = None,
        limit: int | None = None,
    ) -> Answer:
        """Run a checked query over the merge of all named graphs."""

    def quads(self, graph: str | None = None) -> Iterator[Quad]:
        """Yield the quads of one named graph, or of all."""

    def graphs(self) -> tuple[str, ...]:
        """Return the IRIs of the named graphs, sorted."""


@dataclass(frozen=True)
class LocalStore:
    """A base's index, in memory or on disk.

    Attributes:
        store: the engine's store, for modules that stream from it.
        sources: the files that were loaded, sorted.
        warnings: one line for each file that was left out, saying why.
        folder: where the index is on disk, open for reading only; None for one in memory.
        lease: what keeps that folder while somebody holds it.
        only_files: whether queries see the graphs of files only, and not the record.
    """

    store: Store
    sources: tuple[SourceFile, ...] = ()
    warnings: tuple[str, ...] = ()
    folder: Path | None = None
    lease: IO[bytes] | None = field(default=None, repr=False, compare=False)
    only_files: bool = False

    def query(
        self,
        query: syntax.QueryText,
        *,
        prefixes: Mapping[str, str] | None = None,
        limit: int | None = None,
        graphs: Sequence[str] | None = None,
    ) -> Answer:
        """Run a checked query and read the answer to its end, or to `limit` rows or triples.

        Args:
            query: what `syntax.check_query` returned.
            prefixes: further prefixes that the text may use.
            limit: how many rows or triples at most; `Answer.cut` says whether more were there.
            graphs: only these named graphs, instead of all.

        Raises:
            SyntaxProblem: the engine does not accept the text; with line and column.
        """
        with self.problems(query):
            found, warnings = self.asked(query, prefixes, graphs, graphs)
            answer = read(found, query, limit)
        return replace(answer, warnings=warnings) if warnings else answer

    def asked(
        self,
        query: syntax.QueryText,
        prefixes: Mapping[str, str] | None = None,
        default: Sequence[str] | None = None,
        named: Sequence[str] | None = None,
        base_iri: str | None = None,
    ) -> tuple[_Answered, tuple[str, ...]]:
        """Return what the engine answers, to be read within `problems`, and what to know about it.

        Args:
            query: what `syntax.check_query` returned.
            prefixes: further prefixes that the text may use.
            default: the graphs that make the default graph, instead of all.
            named: the graphs that `GRAPH` sees, instead of all.
            base_iri: what relative IRIs in the text are resolved against.
        """
        warnings: tuple[str, ...] = ()
        if default is None and named is None and self.only_files:
            default = named = self.graphs()
            warnings = (_TWICE,)
        graphs: list[Any] | None = None if default is None else [*map(NamedNode, default)]
        others: list[Any] | None = None if named is None else [*map(NamedNode, named)]
        spaces = {**prefixes, **query.prefixes} if prefixes and query.borrows else None
        whole = graphs is None and others is None and not _OF_GRAPHS.search(query.text)
        store: Store = vars(self).get("_alone", self.store) if whole else self.store

        def ask(text: str) -> _Answered:
            return store.query(
                text,
                base_iri=base_iri,
                prefixes=spaces,
                default_graph=graphs,
                named_graphs=others,
            )

        if not query.unlike:
            return ask(query.text), warnings
        from dragoman.syntax import departures

        text, told = departures.mended(query, lambda text: bool(store.query(text, prefixes=spaces)))
        try:
            return ask(text), (*warnings, *told)
        except SyntaxError:
            if text == query.text:
                raise
            # The engine does not take our text, or not theirs: theirs has the lines and columns.
            return ask(query.text), (*warnings, *told, departures.not_mended(query))

    def warm(self) -> None:
        """Read the merge into a store of its own, which answers several times as fast.

        It takes half the time of loading the files; nothing is done where an index is too large.
        """
        alone = Store()
        try:
            if self.folder and sum(each.stat().st_size for each in self.folder.iterdir()) > _LARGE:
                return
            quads = list(self.store.quads_for_pattern(None, None, None, DefaultGraph()))
            # What came last is told first: rows without an order come as they did.
            alone.bulk_extend(reversed(quads))
        except (OSError, RuntimeError):
            return  # whoever asks is told what is wrong
        vars(self)["_alone"] = alone

    @contextmanager
    def problems(self, query: syntax.QueryText) -> Iterator[None]:
        """Say in our words what goes wrong while a query is asked, and its answer is read.

        Raises:
            SyntaxProblem: the engine does not accept the text; with line and column.
            DragomanError: it could not answer.
        """
        try:
            yield
        except SyntaxError as error:
            raise _query_problem(error, query) from error
        except (OSError, RuntimeError, ValueError) as error:
            advice = ". Make the index anew: dragoman index --rebuild" if self.folder else ""
            raise DragomanError(f"The query could not be answered: {error}{advice}") from error

    def merged(self, default: Sequence[str], named: Sequence[str]) -> tuple[LocalStore, str]:
        """Return a store in memory with chosen graphs, and the name of the merge of some of them.

        Args:
            default: the graphs that are merged.
            named: the graphs that keep their names.
        """
        store, merge = Store(), "urn:dragoman:merge"
        for graph, target in (
            *((each, merge) for each in default),
            *zip(named, named, strict=True),
        ):
            store.bulk_extend(
                Quad(quad.subject, quad.predicate, quad.object, NamedNode(target))
                for quad in self.store.quads_for_pattern(None, None, None, NamedNode(graph))
            )
        return LocalStore(store), merge

    def quads(self, graph: str | None = None) -> Iterator[Quad]:
        """Yield the quads of one named graph, or of all."""
        for name in self.graphs() if graph is None else (graph,):
            yield from self.store.quads_for_pattern(None, None, None, NamedNode(name))

    def graphs(self) -> tuple[str, ...]:
        """Return the IRIs of the named graphs of files, sorted; the record is none of them."""
        named = {graph.value for graph in self.store.named_graphs()}
        return tuple(sorted(named - {vocabulary.RECORD_GRAPH}))

    @cached_property
    def as_spelt(self) -> Store | Spelt:
        """The facts with each literal as its file spells it, which checks are about.

        The store itself where it keeps all spellings. For an index in memory, this looks through
        the files as they are now.

        Raises:
            DragomanError: the index on disk is damaged.
            SyntaxProblem: a file was changed, and does not parse any more.
        """
        from dragoman import spellings

        if self.folder:
            try:
                second = spellings.kept_in(self.folder)
            except OSError as error:
                raise DragomanError(
                    f"{self.folder}: the index is damaged ({error}). Make it anew: dragoman index "
                    "--rebuild"
                ) from error
            return self.store if second is None else spellings.Spelt(self.store, second)
        found = {each: spellings.respelt(each.path) for each in self.sources}
        if not any(found.values()):
            return self.store
        store, second = Store(), Store()
        for source, names in found.items():
            load_file(store, source.path, source.graph, second, names)
        record = NamedNode(vocabulary.RECORD_GRAPH)
        store.bulk_extend(self.store.quads_for_pattern(None, None, None, record))
        merge(store)
        return spellings.Spelt(store, second)

    @cached_property
    def register(self) -> Register:
        """The names of things in it, for who looks up many."""
        from dragoman.names import Register

        return Register(self)

    def add(self, triples: Iterable[Triple], graph: str) -> None:
        """Put triples into one named graph of an index in memory; the files stay as they are.

        Raises:
            DragomanError: the index is on disk, where it says what the files say and no more.
        """
        if self.folder:
            raise DragomanError(f"Nothing can be added to the index in {self.folder}.")
        for each in ("register", "_alone"):
            vars(self).pop(each, None)
        self.store.bulk_extend(
            Quad(triple.subject, triple.predicate, triple.object, name)
            for triple in triples
            for name in (NamedNode(graph), DefaultGraph())
        )

    def sources_behind(
        self,
        query: syntax.QueryText,
        answer: Answer,
        prefixes: Mapping[str, str] | None = None,
        limit: int | None = None,
    ) -> tuple[str, ...]:
        """Return the named graphs that an answer rests on.

        A set of graphs that alone gives the same answer, and of which none can be left out. A fact
        that stands in two files is found in one of them. Empty where the answer rests on nothing.
        """

        def asked(graphs: list[str]) -> Answer:
            # What follows from others is no file's to say: it stands beside each choice.
            return self.query(
                query, prefixes=prefixes, graphs=[*graphs, vocabulary.RECORD_GRAPH], limit=limit
            )

        return behind(asked, answer, list(self.graphs()))


def load(
    base: Base,
    *folders: str,
    warn: Callable[[str], None] | None = None,
) -> LocalStore:
    """Read a base into memory, one named graph per file.

    Args:
        base: the base.
        folders: which of its folders; by default ontology and data.
        warn: called with one line for each file that does not parse and is left out; the lines
            also stand in `LocalStore.warnings`.

    Raises:
        BaseContentError: a folder has no file, or two files would be one graph.
    """
    store = Store()
    warnings: list[str] = []
    sources: list[SourceFile] = []
    for source in base.sources(*(folders or (bases.ONTOLOGY, bases.DATA))):
        try:
            load_file(store, source.path, source.graph)
            sources.append(source)
        except SyntaxProblem as problem:
            warnings.append(f"{problem} The file is left out.")
            if warn:
                warn(warnings[-1])
    merge(store)
    return LocalStore(store, tuple(sources), tuple(warnings))


def merge(store: Store) -> None:
    """Write the merge of all named graphs into the default graph, where queries look."""
    store.update("INSERT { ?s ?p ?o } WHERE { GRAPH ?file { ?s ?p ?o } }")


def load_file(
    store: Store,
    path: Path,
    graph: str,
    second: Store | None = None,
    names: frozenset[NamedNode] = frozenset(),
) -> None:
    """Load one RDF file into one named graph, all of it or nothing.

    Args:
        store: the store.
        path: the file.
        graph: IRI of the named graph.
        second: takes the literals as they are spelt, of the properties that are named; see
            `dragoman.spellings`.
        names: what `spellings.respelt` found in the file.

    Raises:
        SyntaxProblem: the file does not parse, is refused, or names graphs of its own.
    """
    name = NamedNode(graph)
    if second is not None and names:
        from dragoman import spellings

        # The engine's own loader would give blank nodes names that nobody knows.
        read = syntax.read_rdf(path, rename_blank_nodes=True)
        quads = list(spellings.in_graph(read, name))
        store.extend(quads)
        second.extend(spellings.spelt(quads, names))
        return
    with syntax.unpacked(path) as file:
        try:
            store.load(file, syntax.format_of(path), to_graph=name)
        except (SyntaxError, MemoryError, ValueError, OSError, EOFError):
            # The careful reader finds the words for it.
            for _ in syntax.read_rdf(path):
                pass
            raise


class Worker:
    """A thread with a deep stack that does one piece of work after another.

    Making such a thread costs more than a small query: keep the worker. It ends when nobody holds
    it any more, or, after a `LimitError`, with the process.
    """

    def __init__(self) -> None:
        self._given: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._done: SimpleQueue[tuple[object, BaseException | None]] = SimpleQueue()
        self._free = threading.Lock()
        previous = threading.stack_size(_STACK)
        # The thread knows the queues only: it must not keep its worker alive.
        threading.Thread(target=_labour, args=(self._given, self._done), daemon=True).start()
        threading.stack_size(previous)

    def __del__(self) -> None:
        self._given.put(None)

    def limited(
        self,
        work: Callable[[], _Value],
        timeout: float | None = TIMEOUT,
        memory: int | None = MEMORY,
    ) -> _Value:
        """Do work, and give up when it takes too long or too much memory.

        The thread cannot be stopped: see `LimitError`. Waiting can be interrupted by Ctrl-C. While
        another thread has the worker at work, a new one is made.

        Args:
            work: what to do.
            timeout: seconds; None for no end.
            memory: bytes that the process may grow by; None for no end. Watched where the system
                tells.

        Raises:
            LimitError: one of the limits was reached.
        """
        if not self._free.acquire(blocking=False):
            return Worker().limited(work, timeout, memory)
        self._given.put(work)
        outcome, failure = self._awaited(timeout, memory)
        # Not released where a limit was reached: the thread may be at work for ever.
        self._free.release()
        if failure is not None:
            raise failure
        return cast("_Value", outcome)

    def _awaited(
        self, timeout: float | None, memory: int | None
    ) -> tuple[object, BaseException | None]:
        end = None if timeout is None else time.monotonic() + timeout
        start, pause = _memory(), 0.005
        while True:
            try:
                return self._done.get(timeout=pause)
            except Empty:
                pause = 0.02
            if end is not None and time.monotonic() > end:
                raise LimitError(
                    f"The query ran longer than {timeout:g} s and was ended. Narrow it, or allow "
                    "more with --timeout."
                )
            if memory is not None and _memory() - start > memory:
                raise LimitError(
                    f"The query took more than {memory >> 20} MiB of memory and was ended. "
                    "Narrow it."
                )


def beside_each_other(
    tasks: Sequence[Callable[[], _Value]], most: int | None = None
) -> list[_Value]:
    """Do several pieces of work, as many at once as there are processors; return what each gave.

    For work in engines, which let others run. The first that one raises is raised. Waiting can be
    interrupted by Ctrl-C.

    Args:
        tasks: the work, begun in this order.
        most: no more at once than these.
    """
    waiting = list(enumerate(tasks))[::-1]
    outcomes: dict[int, Any] = {}
    failures: list[BaseException] = []

    def labour() -> None:
        with suppress(IndexError):
            while not failures:
                number, task = waiting.pop()
                try:
                    outcomes[number] = task()
                except BaseException as error:  # noqa: BLE001  raised by whoever waits
                    failures.append(error)

    previous = threading.stack_size(_STACK)
    hands = [
        threading.Thread(target=labour, daemon=True)
        for _ in range(min(len(tasks), most or len(tasks), os.cpu_count() or 1))
    ]
    for each in hands:
        each.start()
    threading.stack_size(previous)
    for each in hands:
        while each.is_alive():
            each.join(0.5)  # without an end it could not be interrupted on every system
    if failures:
        raise failures[0]
    return [outcomes[number] for number in range(len(tasks))]


def _labour(
    given: SimpleQueue[Callable[[], object] | None],
    done: SimpleQueue[tuple[object, BaseException | None]],
) -> None:
    while work := given.get():
        try:
            done.put((work(), None))
        except BaseException as error:  # noqa: BLE001  handed to the caller's thread
            done.put((None, error))
        del work


def _memory() -> int:
    """Return how much memory the process holds, in bytes; 0 where the system does not tell."""
    try:
        with Path("/proc/self/statm").open(encoding="ascii") as file:
            return int(file.read().split()[1]) * 4096
    except OSError:
        pass
    try:
        import resource
        import sys
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def read(
    result: QuerySolutions | QueryBoolean | QueryTriples, query: syntax.QueryText, limit: int | None
) -> Answer:
    """Read what the engine answers to its end, or to `limit` rows or triples."""
    if isinstance(result, QueryBoolean):
        return Answer(query.form, truth=bool(result))
    most = float("inf") if limit is None else limit
    if isinstance(result, QueryTriples):
        triples: list[Triple] = []
        for triple in result:
            if len(triples) >= most:
                return Answer(query.form, triples=tuple(triples), cut=True)
            triples.append(triple)
        return Answer(query.form, triples=tuple(triples))
    names = [variable.value for variable in result.variables]
    order = in_order(query, names)
    columns = tuple(names[index] for index in order)
    rows: list[Row] = []
    for solution in result:
        if len(rows) >= most:
            return Answer(query.form, columns, tuple(rows), cut=True)
        cells = tuple(solution)  # twice as fast as asking for each by its name
        rows.append(tuple(cells[index] for index in order) if query.star else cells)
    return Answer(query.form, columns, tuple(rows))


def behind(
    ask: Callable[[list[str]], Answer], answer: Answer, graphs: list[str]
) -> tuple[str, ...]:
    """Return graphs that alone give an answer, and of which none can be left out.

    Args:
        ask: gives the answer of chosen graphs.
        answer: what all of them give.
        graphs: those that there are.
    """
    wanted = _content(answer)

    def enough(chosen: list[str]) -> bool:
        return _content(ask(chosen)) == wanted

    def needed(doubtful: list[str], kept: list[str]) -> list[str]:
        if not doubtful or enough(kept):
            return []
        if len(doubtful) == 1:
            return doubtful
        first, second = doubtful[: len(doubtful) // 2], doubtful[len(doubtful) // 2 :]
        later = needed(second, kept + first)
        return needed(first, kept + later) + later

    return tuple(needed(graphs, [])) if enough(graphs) else tuple(graphs)


def in_order(query: syntax.QueryText, columns: Sequence[str]) -> list[int]:
    """Return the indices of columns in the order of the text: engines give SELECT * in none."""
    order = list(range(len(columns)))
    if query.star:
        first = {name: index for index, name in enumerate(query.variables)}
        order.sort(key=lambda index: first.get(columns[index], len(first)))
    return order


def _content(answer: Answer) -> object:
    """Return what two equal answers have in common, whatever the order of their rows.

    How often a row comes does not count: asked of chosen graphs, the engine may repeat it.
    """
    return answer.truth, frozenset(answer.rows), frozenset(answer.triples)


def _query_problem(error: SyntaxError, query: syntax.QueryText) -> SyntaxProblem:
    found = re.match(r"error at (\d+):(\d+): (.*)", error.msg or "", re.DOTALL)
    if not found:
        return SyntaxProblem(f"{error.msg}.", query.name)
    line, column = int(found[1]), int(found[2])
    lines = query.text.split("\n")
    rest = lines[line - 1][column - 1 :].split() if line <= len(lines) else []
    shown = repr(rest[0][:40]) if rest else "the end of the line"
    # What is refused anyway, and white space, are no advice.
    expected = re.sub(r"(?:(?:, )?(?:LATERAL|SERVICE|\[_\]))+", "", found[3])
    if re.fullmatch(r"expected (?:one of )?", expected):
        expected = "what stands before it is incomplete"
    return SyntaxProblem(f"Not SPARQL at {shown}: {expected}.", query.name, line, column)
