"""The Python interface: open a base, then ask it."""

from __future__ import annotations

__all__ = ["KnowledgeBase", "open"]

import os
import re
import warnings
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, Unpack

from dragoman import queries, syntax, vocabulary
from dragoman import store as stores
from dragoman.base import Base, find_base
from dragoman.errors import ParameterError

# So many rows are looked through for what rules derive.
_EXPLAINED: Final = 100
if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pyoxigraph import Triple

    from dragoman.additions import (
        AddingKeywords,
        Addition,
        ChangingKeywords,
        Given,
        PullingKeywords,
    )
    from dragoman.canonical import CanonicalGraph
    from dragoman.export import Export, Options
    from dragoman.lookup import Description
    from dragoman.push import Pushed, RemoteGraph, Wishes
    from dragoman.reasoning import Classification
    from dragoman.record import Explained
    from dragoman.remote import Endpoint
    from dragoman.results import Heading, Result
    from dragoman.store import LocalStore, Term
    from dragoman.validation import CheckingKeywords, Input, Report

    Value = str | int | float | bool | dt.date | Term


def open(  # noqa: A001
    base: str | os.PathLike[str] | None = None, *, endpoint: str | None = None
) -> KnowledgeBase:
    """Open a base.

    Args:
        base: its folder; by default the one that the command `dragoman` would use here.
        endpoint: a graph store elsewhere (its address, or the name of a profile in `stores.toml`)
            that is asked for facts instead of the base's files. The base still has the saved
            queries, the prefixes and the shapes.

    A change that was interrupted is finished; a warning tells of one that cannot be finished here.

    Raises:
        BaseNotFoundError: there is none.
        DragomanError: the rest of an interrupted change cannot be carried out.
    """
    found = find_base(base)
    for line in finish(found):
        warnings.warn(line, stacklevel=2)
    return KnowledgeBase(found, endpoint=endpoint)


def finish(base: Base, note: Callable[[str], None] | None = None) -> list[str]:
    """Finish changes that were interrupted; return a line about one that cannot be finished here.

    Args:
        base: the base.
        note: is told, in one line, of each change that was finished.

    Raises:
        DragomanError: the rest of a change cannot be carried out; the text says why.
    """
    if not base.has_unfinished():
        return []
    from dragoman import additions

    for line in additions.recover(base):
        if note is not None:
            note(line)
    return [line] if (line := additions.waiting(base)) else []


@dataclass(frozen=True)
class KnowledgeBase:
    """An open base. Its files are read once, when they are first asked.

    Attributes:
        base: which base, and why.
        note: is told, in one line, of long work on the index.
        endpoint: the graph store elsewhere that is asked instead of the files, where one is told.
        detail: is told, in one line without secrets, of each request to that store.
        progress: is told the bytes of files that were indexed, and those there are.
    """

    base: Base
    note: Callable[[str], None] | None = None
    endpoint: str | None = None
    detail: Callable[[str], None] | None = None
    progress: Callable[[int, int], None] | None = None

    @cached_property
    def _worker(self) -> stores.Worker:
        return stores.Worker()

    @cached_property
    def store(self) -> LocalStore:
        """The index of the ontology and the data: in memory, or on disk for a large base."""
        from dragoman import index

        def recover(base: Base) -> None:
            finish(base, self.note)

        def opened() -> LocalStore:
            recover(self.base)
            return index.open_store(
                self.base, note=self.note, progress=self.progress, recover=recover
            )

        return self._worker.limited(opened, None, None)

    @cached_property
    def source(self) -> LocalStore | Endpoint:
        """What is asked for facts: the index of the files, or the store elsewhere."""
        if self.endpoint is None:
            return self.store
        from dragoman import remote

        return remote.connect(self.base, self.endpoint, note=self.detail)

    def _asked(self, *, inferred: bool, record: bool = True) -> LocalStore | Endpoint:
        if not record:
            if inferred or self.endpoint is not None:
                raise ParameterError(
                    "Only the files of a base are asked without its record: leave out --inferred, "
                    "and the endpoint."
                )
            return self.store_without_record
        if not inferred:
            return self.source
        if self.endpoint is not None:
            raise ParameterError(
                "What follows from facts is worked out from the files of a base, not in a store "
                "elsewhere: leave out --inferred, or the endpoint."
            )
        return self.store_with_inferences

    @cached_property
    def store_with_inferences(self) -> LocalStore:
        """The index with what follows from it, in a graph of its own."""
        loaded = self._worker.limited(lambda: stores.load(self.base), None, None)
        from dragoman import reasoning, record

        news = reasoning.new_facts(loaded)
        loaded = record.recorded(self.base, loaded)
        loaded.add(news, vocabulary.INFERRED_GRAPH)
        return loaded

    @cached_property
    def store_without_record(self) -> LocalStore:
        """The index as the files say it: nothing is there that rules derive."""
        if self.store.folder is None:
            return self._worker.limited(lambda: stores.load(self.base), None, None)
        return replace(self.store, only_files=True)

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """The base's table of prefixes."""
        return self.base.prefixes()

    def questions(self) -> queries.Questions:
        """Return the saved queries, sorted by name; `problems` says which files are none."""
        return queries.saved_queries(self.base)

    def query(  # noqa: PLR0913  what may be said with a question
        self,
        question: str,
        /,
        *,
        limit: int | None = None,
        timeout: float | None = stores.TIMEOUT,
        inferred: bool = False,
        since: str | dt.date | int | None = None,
        until: str | dt.date | int | None = None,
        record: bool = True,
        lang: str | Sequence[str] | None = None,
        labels: bool | None = None,
        **params: Value | Sequence[Value],
    ) -> Result:
        """Ask a saved query by its name, or a SPARQL text.

        Args:
            question: a name as `dragoman query` lists it, or SPARQL 1.1.
            limit: how many rows or triples at most; `Result.answer.cut` says if there are more.
            timeout: seconds; None for no end.
            inferred: ask what follows from the facts, too.
            since: a year, month or day: only rows that are about it, or later.
            until: the same, or earlier.
            record: ask the record, too; without it, only what the files say.
            lang: languages of labels, the best first, as `tr,hu`; then come English, and any. By
                default what the variable DRAGOMAN_LANG says.
            labels: whether there is a column `xLabel` beside a column `x` of things. By default
                for saved queries, and where `lang` is told; people see labels of all answers.
            params: values for the parameters of a saved query: RDF terms, Python values, or text
                as for `--set` (an IRI, a literal, a prefixed name, a name in any spelling); of a
                list, either counts; a parameter without a value means all.

        Raises:
            UnknownNameError: no such question or parameter.
            ParameterError: a value is not one term; or the question has no time.
            SyntaxProblem: the text is not SPARQL, or is refused (SERVICE, updates, too deep).
            LimitError: it ran too long or grew too large; the process should end soon after.
        """
        told = {name: _texts(value) for name, value in params.items()}
        asked = self.prepared(
            question,
            told,
            since=None if since is None else str(since),
            until=None if until is None else str(until),
        )
        if lang is not None and labels is None:
            labels = True
        return self.run(
            asked,
            limit=limit,
            timeout=timeout,
            inferred=inferred,
            record=record,
            lang=lang,
            labels=labels,
        )

    def prepared(
        self,
        question: str | queries.SavedQuery,
        params: Mapping[str, Sequence[str]] | None = None,
        *,
        since: str | None = None,
        until: str | None = None,
    ) -> queries.Asked:
        """Return what is to be run: checked, and with the values in the place of the parameters.

        Args:
            question: a saved query, its name, or SPARQL.
            params: for each parameter the values, as text.
            since: as for `query`.
            until: as for `query`.
        """
        if isinstance(question, str):
            if re.search(r"[\s{]", question):
                if params or since or until:
                    raise ParameterError("Only saved queries have parameters and a time.")
                return queries.Asked(syntax.check_query(question, prefixes=self.prefixes))
            question = queries.find_query(self.base, question)
        return queries.ask(question, params or {}, self.prefixes, lambda: self.source, since, until)

    def printed(self, asked: queries.Asked, lang: str | Sequence[str] | None = None) -> str:
        """Return a query as any editor runs it: whole, with its values, and with labels.

        Args:
            asked: what is to be run; see `prepared`.
            lang: as for `query`.
        """
        from dragoman.labels import languages

        local = self.endpoint is None
        plain = queries.without_things(asked, self.source, self.prefixes) if local else set()
        return queries.printed(asked, self.prefixes, languages(lang), plain)

    def run(  # noqa: PLR0913  what may be wanted of an answer
        self,
        asked: queries.Asked,
        *,
        limit: int | None = None,
        timeout: float | None = stores.TIMEOUT,
        memory: int | None = stores.MEMORY,
        inferred: bool = False,
        record: bool = True,
        lang: str | Sequence[str] | None = None,
        labels: bool | None = None,
    ) -> Result:
        """Run a prepared query; takes and raises what `query` does."""
        from dragoman.labels import labels as labels_of
        from dragoman.labels import languages
        from dragoman.results import Result

        query = asked.text
        wanted = languages(lang)
        index = self._asked(inferred=inferred, record=record)
        if self.endpoint is not None:
            self._be_patient(timeout)
        answer = self._worker.limited(
            lambda: index.query(query, prefixes=self.prefixes, limit=limit), timeout, memory
        )
        shown = {**self.prefixes, **query.prefixes}
        unknown = self._strangers(asked, answer, index)
        doubts = self._doubted(query)
        warnings = (*index.warnings, *doubts, *query.warnings, *answer.warnings, *unknown)
        return Result(
            answer,
            shown,
            query.text,
            warnings,
            _heading(asked),
            asked.question is not None if labels is None else labels,
            None if labels is False else lambda things: labels_of(index, things, wanted),
        )

    def why_nothing(self, asked: queries.Asked, *, timeout: float | None = 5.0) -> str:
        """Return why a saved question has no rows; empty where that is not found out in time.

        Args:
            asked: what was asked.
            timeout: seconds for each of the questions that this takes: one without each wish.

        Raises:
            LimitError: it ran too long; the process should end soon after.
        """
        from dragoman import reasons

        def answers(other: queries.Asked) -> bool:
            index = self.source
            answer = self._worker.limited(
                lambda: index.query(other.text, prefixes=self.prefixes, limit=1), timeout, None
            )
            return bool(answer.rows or answer.triples or answer.truth)

        others = {path.stem for path in self.base.queries()}
        return reasons.why_nothing(asked, self.source, self.prefixes, answers, others)

    def without_a_day(self, asked: queries.Asked, *, timeout: float | None = 5.0) -> int:
        """Return how many rows `since` and `until` leave out because they are of no known day.

        Raises:
            LimitError: it ran too long; the process should end soon after.
        """
        if not (asked.since or asked.until):
            return 0
        other = queries.again(asked, dateless=True)
        index = self.source
        ask = lambda: index.query(other.text, prefixes=self.prefixes)  # noqa: E731
        return len(self._worker.limited(ask, timeout, None))

    @cached_property
    def _known_terms(self) -> dict[str, bool]:
        return {}

    def _strangers(
        self, asked: queries.Asked, answer: stores.Answer, index: LocalStore | Endpoint
    ) -> list[str]:
        """Return what is to be said of terms that the base does not know, or knows as others.

        Terms of the base's own names, and values, are always looked at; all others where nothing
        was found. Of a store elsewhere, each would be a request: it is asked where nothing was.
        """
        nothing = not answer.rows and not answer.triples and not answer.truth
        local = isinstance(index, stores.LocalStore)
        doubts = list(queries.doubts(asked, index, self.prefixes)) if local or nothing else []
        if not local:
            return doubts
        from dragoman import names

        given = {str(term) for terms in asked.values.values() for term in terms}
        found = names.strangers(
            index,
            asked.text.text,
            {**self.prefixes, **asked.text.prefixes},
            every=nothing,
            known=self._known_terms,
        )
        return doubts + [
            f"{asked.text.name}: {each}" for each in found if f"<{each.iri}>" not in given
        ]

    def _doubted(self, query: syntax.QueryText) -> tuple[str, ...]:
        """Return what is to be said of the record in a store elsewhere by who asks for it."""
        if self.endpoint is None:
            return ()
        from dragoman import record

        return self._doubts if record.asks(self.base, query.text) else ()

    @cached_property
    def _doubts(self) -> tuple[str, ...]:
        from dragoman import record

        return tuple(record.doubts(self.base, self.source))

    def _be_patient(self, timeout: float | None) -> None:
        """Let the store elsewhere take as long as its question may."""
        if not isinstance(self.source, stores.LocalStore):
            self.source.client.timeout = timeout

    def sources_behind(
        self,
        asked: queries.Asked,
        result: Result,
        *,
        timeout: float | None = stores.TIMEOUT,
        inferred: bool = False,
    ) -> tuple[str, ...]:
        """Return the named graphs that a result rests on (see `LocalStore.sources_behind`)."""
        index = self._asked(inferred=inferred)
        limit = len(result) if result.answer.cut else None
        return self._worker.limited(
            lambda: index.sources_behind(asked.text, result.answer, self.prefixes, limit), timeout
        )

    def explained(self, result: Result) -> list[str]:
        """Return, in a line for each derived fact of a result, its rule and its accounts.

        Looked for are facts between two terms of one row, and the triples of a CONSTRUCT.
        """
        if self.endpoint is not None:
            return []
        from pyoxigraph import NamedNode

        from dragoman import record

        short = syntax.readable(self.prefixes)

        def told(term: object) -> str:
            return short(term.value) if isinstance(term, NamedNode) else str(term)

        found = record.explained(self.base, self.store.store, _facts_in(result.answer, self.store))
        return [
            f"{' '.join(map(told, each.triple))}: by {short(each.rule)}, from "
            f"{', '.join(map(short, each.accounts)) or 'no account'}"
            for each in found
        ]

    def validate(
        self,
        files: Iterable[str | os.PathLike[str] | Input] | None = None,
        shapes: Iterable[str | os.PathLike[str] | Input] | None = None,
        *,
        beside: bool = False,
        base_iri: str | None = None,
        **how: Unpack[CheckingKeywords],
    ) -> Report:
        """Check files in the context of the base; without files, everything in the base.

        Args:
            files: what to check: the report has what these files cause, on new things and on old;
                an `Input` gives a file another name in messages.
            shapes: validate the files, and what a store elsewhere holds, with these shapes only,
                and without the base.
            beside: check a file that describes a source of the base as one more file, and not in
                the place of that source.
            base_iri: what relative IRIs in the files are resolved against.
            how: `engine` (`auto`; `reference` for pySHACL alone; `both`, which compares the two)
                and `timeout` (seconds after which to give up; without one, as long as it takes).

        Raises:
            SyntaxProblem: a file does not parse.
            UnreadableFilesError: several do not.
            ShapesError: the shapes are not valid SHACL, or ask for the network.
            LimitError: the timeout has passed.
        """
        from dragoman import validation

        facts = None if self.endpoint is None else self.source
        if shapes is not None:
            return validate(files or (), shapes, facts=facts, base_iri=base_iri, **how)
        checking = validation.Checking(**how)
        if files is None:
            from dragoman import index

            known = None if facts else index.current(self.base)
            return validation.validate_base(self.base, checking, facts=facts, index=known)
        inputs = _inputs(files, base_iri)
        return validation.validate_files(
            self.base, inputs, checking, beside=beside, index=self.source
        )

    def add(
        self, *files: str | os.PathLike[str] | Given, **how: Unpack[AddingKeywords]
    ) -> Addition:
        """Add files to the base as sources, when they are valid there: all of them, or none.

        `Addition.done` says whether the base holds them now, `Addition.report` what they cause.

        Args:
            files: RDF files in any format, tables that an export has written or whose rows a
                mapping makes facts of, or folders of the bulk layout.
            how: attributes of `additions.Adding`: `name`, `replace`, `syntax`, `base_iri`,
                `unskolemize`, `table` (as `tabular.Wanted(publisher="…")`), `skip_bad`, `instead`;
                and what every change takes: `dry_run`, `allow`, `wait`, `engine`, `timeout`.

        Raises:
            What `dragoman.additions.add` raises.
        """
        from dragoman import additions

        wanted = additions.Adding(**how, note=self.note)
        return self._changed(additions.add(self.base, files, wanted))

    def remove(self, *names: str, **how: Unpack[ChangingKeywords]) -> Addition:
        """Remove sources from the base, when the rest stays valid: all of them, or none.

        Args:
            names: names, paths or IRIs of sources.
            how: attributes of `additions.Changing`: `dry_run`, `allow`, `wait`, `engine`,
                `timeout`.

        Raises:
            What `dragoman.additions.remove` raises.
        """
        from dragoman import additions

        wanted = additions.Changing(**how, note=self.note)
        return self._changed(additions.remove(self.base, names, wanted))

    def merge(self, old: str, new: str, **how: Unpack[ChangingKeywords]) -> Addition:
        """Join two things that were entered for one: in all own files, or nothing changes.

        Args:
            old: the thing that goes, as `show` takes it; its IRI stays as one that is replaced.
            new: the thing that stays.
            how: as for `remove`.

        Raises:
            What `dragoman.additions.merge` raises.
        """
        from dragoman import additions

        wanted = additions.Changing(**how, note=self.note)
        return self._changed(additions.merge(self.base, old, new, wanted))

    def upgrade(self, **how: Unpack[ChangingKeywords]) -> Addition:
        """Bring a base of an earlier edition of the model over: in all files, or nothing changes.

        Args:
            how: as for `remove`.

        Raises:
            What `dragoman.additions.upgrade` raises.
        """
        from dragoman import additions

        wanted = additions.Changing(**how, note=self.note)
        return self._changed(additions.upgrade(self.base, wanted))

    def log(self, *, limit: int | None = None) -> Result:
        """Return what was added and removed, the newest first; see `additions.log.read`.

        Args:
            limit: at most so many rows.

        Raises:
            SyntaxProblem: the log does not parse.
        """
        from dragoman.additions import log
        from dragoman.results import Result

        finish(self.base)
        return Result(log.read(self.base, limit), self.prefixes)

    def _changed(self, done: Addition) -> Addition:
        if done.done:
            for opened in ("source", "store", "store_with_inferences", "prefixes", "_known_terms"):
                self.__dict__.pop(opened, None)
        return done

    def reason(
        self, *files: str | os.PathLike[str] | IO[bytes], schema: bool = False, explain: bool = True
    ) -> Classification:
        """Check whether the base is consistent, and classify it (OWL 2 DL, by HermiT on Java).

        Args:
            files: RDF files to reason over together with the base; a stream is read as Turtle.
            schema: leave out the data of the base.
            explain: where something is wrong, look for the statements behind it.

        Raises:
            MissingLibraryError: there is no Java.
            SyntaxProblem: one of the files does not parse or is refused.
            DragomanError: HermiT cannot read or decide it.
        """
        from dragoman import reasoning

        return reasoning.classify(self._gathered(files, schema=schema), explain=explain)

    def new_facts(self, *files: str | os.PathLike[str] | IO[bytes], schema: bool = False) -> Result:
        """Return, as triples, what follows by OWL 2 RL and is not stated.

        Args:
            files: RDF files to reason over together with the base; a stream is read as Turtle.
            schema: leave out the data of the base.

        Raises:
            SyntaxProblem: one of the files does not parse or is refused.
        """
        from dragoman import reasoning
        from dragoman.results import Result

        loaded = self._gathered(files, schema=schema)
        answer = stores.Answer("CONSTRUCT", triples=tuple(reasoning.new_facts(loaded)))
        return Result(answer, self.prefixes, warnings=loaded.warnings)

    def _gathered(
        self, files: Iterable[str | os.PathLike[str] | IO[bytes]], *, schema: bool
    ) -> LocalStore:
        """Return what is to be reasoned over; of files of the base that are left out, say so."""
        from dragoman import reasoning

        def warn(line: str) -> None:
            if self.note is not None:
                self.note(f"Warning: {line}")

        inputs = [Path(each) if isinstance(each, (str, os.PathLike)) else each for each in files]
        return reasoning.gather(self.base, inputs, schema=schema, warn=warn)

    def export(  # noqa: PLR0913  what may be wanted of it
        self,
        *sources: str,
        format: str = "turtle",  # noqa: A002  the name that rdflib, riot and rdfpipe use
        only: Iterable[str] = (),
        inferred: bool = False,
        record: bool = False,
        split: bool = False,
        options: Options | None = None,
        timeout: float | None = stores.TIMEOUT,
    ) -> Export:
        """Write graphs in a format: exactly as the files have them, and always in one order.

        Only language tags are always in small letters, which RDF compares without regard to case;
        `Export.lost` says so where the files have others.
        `Export.save` writes the bytes, `Export.blocks` yields those of one file, and
        `Export.content` has them in memory. Graphs of an endpoint come as that store spells them.

        Args:
            sources: names, paths or IRIs of sources; without any, the ontology and the data (of an
                endpoint: every graph but the shapes).
            format: as riot, rapper and rdfpipe call them, or another of `export.FORMATS`.
            only: whole folders instead: ontology, data, shapes.
            inferred: add what follows from the whole base, as a graph of its own.
            record: add the record, which rules derive from the whole base, as a graph of its own.
            split: one file for each graph.
            options: what is asked of the format beyond that.
            timeout: seconds for labelling blank nodes; None for no end.

        Raises:
            UnknownNameError: no such source, folder or format.
            SyntaxProblem: a file does not parse.
            LimitError: the timeout has passed.
            StoreError: the endpoint did not give a graph whole.
            DragomanError: the format cannot hold a triple; naming the triple.
        """
        from dragoman import export

        form = export.format_named(format)
        store = None if self.endpoint is None else self._asked(inferred=inferred)
        lowered = ""
        if store is None or isinstance(store, stores.LocalStore):
            files = export.chosen(self.base, sources, only)
            graphs, lowered = export.read(files, timeout), export.lowered(files)
        else:
            graphs = export.fetched(store, self.prefixes, sources, only, timeout, record=record)
        if inferred:
            found = self.store_with_inferences.quads(vocabulary.INFERRED_GRAPH)
            graphs.append(export.derived((q.triple for q in found), vocabulary.INFERRED_GRAPH))
        if record and self.endpoint is None:
            graphs.append(self._record())
        asked = replace(
            options or export.Options(),
            base=self.base,
            # what it says of its own data, and not of a store's
            rights=self.base.rights if self.endpoint is None else "",
        )
        made = export.export(graphs, form, self.prefixes, split=split, options=asked)
        return replace(made, lost=f"{made.lost} {lowered}".strip())

    def _record(self, *, dated: bool = False) -> CanonicalGraph:
        """Return the record as a graph; `dated` with what it was derived from."""
        from dragoman import export, record

        found = [quad.triple for quad in self.store.quads(vocabulary.RECORD_GRAPH)]
        if dated:
            found += record.dated(self.base, self.store)
        return export.derived(found, vocabulary.RECORD_GRAPH)

    def push(
        self,
        store: str,
        *sources: str,
        only: Iterable[str] = (),
        wishes: Wishes | None = None,
        progress: Callable[[int, int], None] | None = None,
        note: Callable[[str], None] | None = None,
    ) -> Pushed:
        """Bring graphs into a graph store, read them back, and compare; the base stays as it is.

        Args:
            store: its address, or the name of a profile in `stores.toml`.
            sources: names, paths or IRIs of sources; without any, the ontology and the data.
            only: whole folders instead: ontology, data, shapes.
            wishes: how it is wanted, see `push.Wishes`; by default graphs are replaced and proven.
            progress: is told the bytes done and those there are.
            note: is told, in one line, of each step.

        Raises:
            UnknownNameError: no such source, folder or profile.
            StoreError: the store did not do it; the next push goes on from there.
            LimitError: reading back, or labelling blank nodes, took too long.
        """
        from dragoman import export, push, remote

        wishes = wishes or push.Wishes()
        chosen = export.chosen(self.base, sources, only)
        whole = not (sources or only)
        with_record = wishes.record and whole and bool(self.base.rules())

        def graphs() -> list[CanonicalGraph]:
            found = export.read(chosen, wishes.timeout)
            return [*found, self._record(dated=True)] if with_record else found

        with closing(remote.connect(self.base, store, note=note)) as endpoint:
            return push.push(
                endpoint,
                graphs,
                push.opened(self.base, endpoint.profile, make=not wishes.dry_run),
                wishes,
                files=[(source.graph, source.path) for source in chosen],
                progress=progress,
                note=note,
            )

    def remote_graphs(
        self, store: str, *, note: Callable[[str], None] | None = None
    ) -> list[RemoteGraph]:
        """Return the named graphs of a graph store, and which of them the base has.

        Args:
            store: its address, or the name of a profile.
            note: is told, in one line, of each step.

        Raises:
            StoreError: the store did not answer.
        """
        from dragoman import push, remote

        with closing(remote.connect(self.base, store, note=note)) as endpoint:
            return push.listing(endpoint, self.base)

    def pull(
        self,
        store: str,
        graph: str,
        *,
        progress: Callable[[int, int], None] | None = None,
        note: Callable[[str], None] | None = None,
        **how: Unpack[PullingKeywords],
    ) -> Addition:
        """Bring a graph of a graph store into the base, when it is valid there; see `add`.

        Args:
            store: its address, or the name of a profile.
            graph: its IRI.
            progress: is told the bytes that came.
            note: is told, in one line, of each step.
            how: `name` (by default that of the source that the IRI names), `replace`, and as for
                `remove`; the timeout is one for reading the graph, too.

        Raises:
            UnknownNameError: no such graph or profile.
            StoreError: the store did not answer, or gave less than it counts.
            What `dragoman.additions.add` raises.
        """
        import tempfile

        from dragoman import additions, push, remote

        wanted = additions.Adding(**how, syntax="nt", note=self.note)
        name = wanted.name or push.name_of(graph)
        if not name:
            raise ParameterError(
                f"<{graph}> is not called as a source is, so it needs a name: --as NAME."
            )
        with (
            closing(remote.connect(self.base, store, note=note)) as endpoint,
            tempfile.TemporaryDirectory(prefix="dragoman-") as folder,
        ):
            path = Path(folder) / "pulled.nt"
            marked = push.fetch(endpoint, graph, path, timeout=wanted.timeout, progress=progress)
            wanted = replace(wanted, name=name, unskolemize=marked)
            done = additions.add(self.base, [additions.Given(path, graph)], wanted)
        return self._changed(done)

    def show(
        self,
        thing: str,
        *,
        texts: Iterable[str | os.PathLike[str]] = (),
        limit: int | None = None,
        lang: str | Sequence[str] | None = None,
        explain: bool = True,
    ) -> Description:
        """Return all that is known about one thing, in both directions, and who says so.

        Args:
            thing: an IRI, a prefixed name, or a name or code in any spelling.
            texts: files with the texts of sources (known by their SHA-256): each passage then has
                its words.
            limit: at most so many accounts, occurrences, and things that point to it by one
                property; `Description.left_out` says what was kept back.
            lang: languages of labels, the best first; None for what DRAGOMAN_LANG says.
            explain: look for the accounts that each derived fact rests on, which takes its time.

        Raises:
            UnknownNameError: nothing is called so.
            AmbiguousNameError: several things are.
            DragomanError: a text cannot be read, or is the text of no source.
        """
        from dragoman import lookup
        from dragoman.labels import languages

        wanted = languages(lang)
        words = lookup.read_texts(self.source, map(Path, texts))
        found = lookup.find_thing(self.source, thing, self.prefixes)
        return lookup.describe(
            self.source,
            found,
            self.prefixes,
            texts=words,
            limit=limit,
            derived=self._derived(found, limit, accounts=explain),
            languages=wanted,
        )

    def _derived(self, thing: str, limit: int | None, *, accounts: bool) -> list[Explained]:
        """Return what rules derive about a thing; of a store elsewhere it is not asked."""
        if self.endpoint is not None:
            return []
        from dragoman import record

        facts = record.facts_about(self.store.store, thing)
        return record.explained(self.base, self.store.store, facts[:limit], accounts=accounts)

    def triples(self, description: Description) -> Result:
        """Return a description as RDF: the thing, its names, its accounts with parts, passages."""
        from dragoman import lookup
        from dragoman.results import Result

        answer = lookup.triples(self.source, description)
        return Result(answer, self.prefixes, warnings=self.source.warnings)

    def search(self, text: str, *, kind: str | None = None, limit: int | None = None) -> Result:
        """Find things by name, in any spelling; see `lookup.search` for the columns.

        Args:
            text: a name, its beginning or a part of it, its words in any order; or a code.
            kind: a class, as `state` or `dip:State`: only its instances and its subclasses'.
            limit: at most so many things; `Result.answer.cut` says if there are more.

        Raises:
            UnknownNameError: there is no such class.
            AmbiguousNameError: several classes are called so.
        """
        from dragoman import lookup
        from dragoman.results import Result

        answer = lookup.search(self.source, text, self.prefixes, kind=kind, limit=limit)
        return Result(answer, self.prefixes, warnings=self.source.warnings)

    def stats(self, *, limit: int | None = None) -> Result:
        """Count what the base holds; see `lookup.stats` for the columns.

        Args:
            limit: at most so many rows of one group.
        """
        from dragoman import lookup
        from dragoman.results import Result

        files = None if self.endpoint is not None else self.store.sources
        answer = lookup.stats(self.base, self.source, files, limit=limit)
        return Result(answer, self.prefixes, warnings=self.source.warnings)


def validate(
    files: Iterable[str | os.PathLike[str] | Input],
    shapes: Iterable[str | os.PathLike[str] | Input],
    *,
    facts: LocalStore | Endpoint | None = None,
    base_iri: str | None = None,
    **how: Unpack[CheckingKeywords],
) -> Report:
    """Validate data with shapes, and nothing else: no base is needed.

    Args:
        files: the data.
        shapes: the shapes.
        facts: a store whose facts are data, too.
        base_iri: as for `KnowledgeBase.validate`.
        how: as for `KnowledgeBase.validate`.

    Raises:
        ParameterError: there are no data.
        What `KnowledgeBase.validate` raises.
    """
    from dragoman import validation

    inputs = _inputs(files, base_iri)
    if not inputs and facts is None:
        raise ParameterError("Name the data to validate with these shapes.")
    graphs = [each if isinstance(each, validation.Input) else Path(each) for each in shapes]
    return validation.validate_with(graphs, inputs, validation.Checking(**how), facts=facts)


def _inputs(files: Iterable[str | os.PathLike[str] | Input], base_iri: str | None) -> list[Input]:
    from dragoman.validation import Input

    return [
        each if isinstance(each, Input) else Input(Path(each), str(each), base_iri=base_iri)
        for each in files
    ]


def _heading(asked: queries.Asked) -> Heading | None:
    """Return what is to stand above the answer of a saved question."""
    if asked.question is None:
        return None
    from pyoxigraph import Literal

    from dragoman.results import Heading

    values: list[tuple[str, tuple[Term, ...]]] = [*queries.values_asked(asked)]
    for name, day in (("since", asked.since), ("until", asked.until)):
        if asked.question.time:
            values.append((name, (Literal(str(day)),) if day else ()))
    return Heading(asked.question.summary, tuple(values))


def _facts_in(answer: stores.Answer, index: LocalStore) -> list[Triple]:
    """Return the facts of the record that the rows of an answer show."""
    from pyoxigraph import NamedNode

    graph = NamedNode(vocabulary.RECORD_GRAPH)
    found = dict.fromkeys(answer.triples)
    for row in answer.rows[:_EXPLAINED]:
        for subject in {cell for cell in row if isinstance(cell, NamedNode)}:
            for quad in index.store.quads_for_pattern(subject, None, None, graph):
                if quad.object in row and quad.object != subject:
                    found[quad.triple] = None
    return list(found)


def _texts(value: Value | Sequence[Value]) -> list[str]:
    """Return values as the texts that `--set` would be given."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return [text for each in value for text in _texts(each)]
    return [str(value).lower() if isinstance(value, bool) else str(value)]
