"""The Python interface: open a base, then ask it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from dragoman import queries, syntax, vocabulary
from dragoman import store as stores
from dragoman.base import Base, find_base
from dragoman.errors import ParameterError
from dragoman.results import Result

if TYPE_CHECKING:
    import datetime as dt
    import os
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from dragoman.additions import Addition
    from dragoman.export import Export
    from dragoman.lookup import Description
    from dragoman.reasoning import Classification
    from dragoman.store import LocalStore, Term
    from dragoman.validation import Report

    Value = str | int | float | bool | dt.date | Term


def open(base: str | os.PathLike[str] | None = None) -> KnowledgeBase:  # noqa: A001
    """Open a base.

    Args:
        base: its folder; by default the one that the command `dragoman` would use here.

    Raises:
        BaseNotFoundError: there is none.
    """
    return KnowledgeBase(find_base(base))


@dataclass(frozen=True)
class KnowledgeBase:
    """An open base. Its files are read once, when they are first asked.

    Attributes:
        base: which base, and why.
        note: is told, in one line, of long work on the index.
    """

    base: Base
    note: Callable[[str], None] | None = None

    @cached_property
    def _worker(self) -> stores.Worker:
        return stores.Worker()

    @cached_property
    def store(self) -> LocalStore:
        """The index of the ontology and the data: in memory, or on disk for a large base."""
        from dragoman import additions, index

        def opened() -> LocalStore:
            return index.open_store(self.base, note=self.note, recover=additions.recover)

        return self._worker.limited(opened, None, None)

    @cached_property
    def store_with_inferences(self) -> LocalStore:
        """The index with what follows from it, in a graph of its own."""
        loaded = self._worker.limited(lambda: stores.load(self.base), None, None)
        from dragoman import reasoning

        loaded.add(reasoning.new_facts(loaded), vocabulary.INFERRED_GRAPH)
        return loaded

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """The base's table of prefixes."""
        return self.base.prefixes()

    def questions(self) -> list[queries.SavedQuery]:
        """Return the saved queries, sorted by name."""
        return queries.saved_queries(self.base)

    def query(
        self,
        question: str,
        /,
        *,
        limit: int | None = None,
        timeout: float | None = stores.TIMEOUT,
        inferred: bool = False,
        **params: Value | Sequence[Value],
    ) -> Result:
        """Ask a saved query by its name, or a SPARQL text.

        Args:
            question: a name as `dragoman query` lists it, or SPARQL 1.1.
            limit: how many rows or triples at most; `Result.answer.cut` says if there are more.
            timeout: seconds; None for no end.
            inferred: ask what follows from the facts, too.
            params: values for the parameters of a saved query: RDF terms, Python values, or text
                as for `--set` (an IRI, a literal, a prefixed name, a name in any spelling); a list
                gives several rows.

        Raises:
            UnknownNameError: no such question or parameter.
            ParameterError: a value is not one term.
            SyntaxProblem: the text is not SPARQL, or is refused (SERVICE, updates, too deep).
            LimitError: it ran too long or grew too large; the process should end soon after.
        """
        told = {name: _texts(value) for name, value in params.items()}
        return self.run(
            self.prepared(question, told), limit=limit, timeout=timeout, inferred=inferred
        )

    def prepared(
        self, question: str | queries.SavedQuery, params: Mapping[str, Sequence[str]]
    ) -> syntax.QueryText:
        """Return the text to run: checked, and with the values in the place of the parameters."""
        if isinstance(question, str):
            if re.search(r"[\s{]", question):
                if params:
                    raise ParameterError("Only saved queries have parameters.")
                return syntax.check_query(question, prefixes=self.prefixes)
            question = queries.find_query(self.base, question)
        return queries.bind(question, params, self.prefixes, lambda: self.store)

    def run(
        self,
        query: syntax.QueryText,
        *,
        limit: int | None = None,
        timeout: float | None = stores.TIMEOUT,
        memory: int | None = stores.MEMORY,
        inferred: bool = False,
    ) -> Result:
        """Run a prepared query; raises what `query` raises."""
        index = self.store_with_inferences if inferred else self.store
        answer = self._worker.limited(
            lambda: index.query(query, prefixes=self.prefixes, limit=limit), timeout, memory
        )
        shown = {**self.prefixes, **query.prefixes}
        return Result(answer, shown, query.text, (*index.warnings, *query.warnings))

    def sources_behind(
        self,
        query: syntax.QueryText,
        result: Result,
        *,
        timeout: float | None = stores.TIMEOUT,
        inferred: bool = False,
    ) -> tuple[str, ...]:
        """Return the named graphs that a result rests on (see `LocalStore.sources_behind`)."""
        index = self.store_with_inferences if inferred else self.store
        limit = len(result) if result.answer.cut else None
        return self._worker.limited(
            lambda: index.sources_behind(query, result.answer, self.prefixes, limit), timeout
        )

    def validate(
        self,
        files: Iterable[str | os.PathLike[str]] | None = None,
        shapes: Iterable[str | os.PathLike[str]] | None = None,
        *,
        engine: str = "auto",
        timeout: float | None = None,
    ) -> Report:
        """Check files in the context of the base; without files, everything in the base.

        Args:
            files: what to check: the report has what these files cause, on new things and on old.
            shapes: validate the files with these shapes only, and without the base.
            engine: `auto`; `reference` for pySHACL alone; `both`, which compares the two.
            timeout: seconds after which to give up; without one, as long as it takes.

        Raises:
            SyntaxProblem: a file does not parse.
            UnreadableFilesError: several do not.
            ShapesError: the shapes are not valid SHACL, or ask for the network.
            LimitError: the timeout has passed.
        """
        from dragoman import validation

        paths = None if files is None else [Path(file) for file in files]
        if shapes is not None:
            if not paths:
                raise ParameterError("Name the data to validate with these shapes.")
            return validation.validate_with(
                [Path(each) for each in shapes], paths, engine=engine, timeout=timeout
            )
        if paths is None:
            return validation.validate_base(self.base, engine=engine, timeout=timeout)
        return validation.validate_files(
            self.base, paths, index=self.store, engine=engine, timeout=timeout
        )

    def add(  # noqa: PLR0913  what may be wanted of a change
        self,
        *files: str | os.PathLike[str],
        name: str | None = None,
        replace: bool = False,
        dry_run: bool = False,
        allow: tuple[str, str] | None = None,
        engine: str = "auto",
        timeout: float | None = None,
    ) -> Addition:
        """Add files to the base as sources, when they are valid there: all of them, or none.

        `Addition.done` says whether the base holds them now, `Addition.report` what they cause.

        Args:
            files: RDF files in any format.
            name: what the one source is to be called; by default each as its file.
            replace: a file may take the place of the source of its name.
            dry_run: check only.
            allow: let findings of this level, and lighter ones, pass; and the reason, for the log.
            engine: as for `validate`.
            timeout: seconds after which to give up checking; None for no end.

        Raises:
            What `dragoman.additions.add` raises.
        """
        from dragoman import additions

        return self._changed(
            additions.add(
                self.base,
                files,
                name=name,
                replace=replace,
                dry_run=dry_run,
                allow=allow,
                engine=engine,
                timeout=timeout,
            )
        )

    def remove(
        self,
        *names: str,
        dry_run: bool = False,
        allow: tuple[str, str] | None = None,
        engine: str = "auto",
        timeout: float | None = None,
    ) -> Addition:
        """Remove sources from the base, when the rest stays valid: all of them, or none.

        Args:
            names: names, paths or IRIs of sources.
            dry_run: check only.
            allow: as for `add`.
            engine: as for `validate`.
            timeout: seconds after which to give up checking; None for no end.

        Raises:
            What `dragoman.additions.remove` raises.
        """
        from dragoman import additions

        return self._changed(
            additions.remove(
                self.base, names, dry_run=dry_run, allow=allow, engine=engine, timeout=timeout
            )
        )

    def log(self, *, limit: int | None = None) -> Result:
        """Return what was added and removed, the newest first; see `additions.log.read`.

        Args:
            limit: at most so many rows.

        Raises:
            SyntaxProblem: the log does not parse.
        """
        from dragoman.additions import log

        return Result(log.read(self.base, limit), self.prefixes)

    def _changed(self, done: Addition) -> Addition:
        if done.done:
            for opened in ("store", "store_with_inferences", "prefixes"):
                self.__dict__.pop(opened, None)
        return done

    def reason(
        self, *files: str | os.PathLike[str], schema: bool = False, explain: bool = True
    ) -> Classification:
        """Check whether the base is consistent, and classify it (OWL 2 DL, by HermiT on Java).

        Args:
            files: RDF files to reason over together with the base.
            schema: leave out the data of the base.
            explain: where something is wrong, look for the statements behind it.

        Raises:
            MissingLibraryError: there is no Java.
            SyntaxProblem: one of the files does not parse or is refused.
            DragomanError: HermiT cannot read or decide it.
        """
        from dragoman import reasoning

        loaded = reasoning.gather(self.base, map(Path, files), schema=schema)
        return reasoning.classify(loaded, explain=explain)

    def new_facts(self, *files: str | os.PathLike[str], schema: bool = False) -> Result:
        """Return, as triples, what follows by OWL 2 RL and is not stated.

        Args:
            files: RDF files to reason over together with the base.
            schema: leave out the data of the base.

        Raises:
            SyntaxProblem: one of the files does not parse or is refused.
        """
        from dragoman import reasoning

        loaded = reasoning.gather(self.base, map(Path, files), schema=schema)
        answer = stores.Answer("CONSTRUCT", triples=tuple(reasoning.new_facts(loaded)))
        return Result(answer, self.prefixes, warnings=loaded.warnings)

    def export(
        self,
        *sources: str,
        format: str = "turtle",  # noqa: A002  the name that rdflib, riot and rdfpipe use
        only: Iterable[str] = (),
        inferred: bool = False,
        split: bool = False,
        timeout: float | None = stores.TIMEOUT,
    ) -> Export:
        """Write graphs in a format: exactly as the files have them, and always in one order.

        `Export.content` has the bytes and `Export.save` writes them.

        Args:
            sources: names, paths or IRIs of sources; without any, the ontology and the data.
            format: as riot, rapper and rdfpipe call them, or csv, graphml or neo4j.
            only: whole folders instead: ontology, data, shapes.
            inferred: add what follows from the whole base, as a graph of its own.
            split: one file for each graph.
            timeout: seconds for labelling blank nodes; None for no end.

        Raises:
            UnknownNameError: no such source, folder or format.
            SyntaxProblem: a file does not parse.
            LimitError: the timeout has passed.
            DragomanError: the format cannot hold a triple; naming the triple.
        """
        from dragoman import export

        form = export.format_named(format)
        chosen = export.chosen(self.base, sources, only)
        further: list[export.Graph] = []
        if inferred:
            iri = vocabulary.INFERRED_GRAPH
            facts = {quad.triple for quad in self.store_with_inferences.quads(iri)}
            further.append(export.inferred(facts))
        graphs = export.read(chosen, further, timeout)
        return export.export(graphs, form, self.prefixes, split=split)

    def show(
        self,
        thing: str,
        *,
        texts: Iterable[str | os.PathLike[str]] = (),
        limit: int | None = None,
    ) -> Description:
        """Return all that is known about one thing, in both directions, and who says so.

        Args:
            thing: an IRI, a prefixed name, or a name or code in any spelling.
            texts: files with the texts of sources (known by their SHA-256): each passage then has
                its words.
            limit: at most so many accounts, occurrences, and things that point to it by one
                property; `Description.left_out` says what was kept back.

        Raises:
            UnknownNameError: nothing is called so.
            AmbiguousNameError: several things are.
            DragomanError: a text cannot be read, or is the text of no source.
        """
        from dragoman import lookup

        words = lookup.read_texts(self.store, map(Path, texts))
        found = lookup.find_thing(self.store, thing, self.prefixes)
        return lookup.describe(self.store, found, self.prefixes, texts=words, limit=limit)

    def triples(self, description: Description) -> Result:
        """Return a description as RDF: the thing, its names, its accounts with parts, passages."""
        from dragoman import lookup

        answer = lookup.triples(self.store, description)
        return Result(answer, self.prefixes, warnings=self.store.warnings)

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

        answer = lookup.search(self.store, text, self.prefixes, kind=kind, limit=limit)
        return Result(answer, self.prefixes, warnings=self.store.warnings)

    def stats(self, *, limit: int | None = None) -> Result:
        """Count what the base holds; see `lookup.stats` for the columns.

        Args:
            limit: at most so many rows of one group.
        """
        from dragoman import lookup

        answer = lookup.stats(self.base, self.store, limit=limit)
        return Result(answer, self.prefixes, warnings=self.store.warnings)


def _texts(value: Value | Sequence[Value]) -> list[str]:
    """Return values as the texts that `--set` would be given."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return [text for each in value for text in _texts(each)]
    return [str(value).lower() if isinstance(value, bool) else str(value)]
