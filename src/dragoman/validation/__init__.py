"""Checking facts against shapes: a whole base, a change to it, or any data with any shapes.

SHACL and SHACL-SPARQL as the W3C recommended them on 20 July 2017, of SHACL Advanced Features the
targets, node expressions and functions in SPARQL, plus the syntax and the lint of the files. What
shapes say beyond that is refused. Inference is off but for shapes that ask for RDFS, the ontology
is part of the data graph, and nothing is fetched: no `owl:imports`, no SERVICE.

Constraints are checked by fast engines where these are proven to find what pySHACL, the reference,
finds, and by pySHACL where not. Of a change only what it can affect is checked.

What shapes say:
    shape_graph                  a shapes graph; origins: what shapes without a name go by
    scrutiny                     what nobody carries out, and so is refused
    analysis                     what each constraint reads, and which engine checks it
    rules, plain                 the same for a base, kept from one time to the next
What a change can affect:
    loading, forms               files: their triples, and the Turtle that report forms say
    changing, standing           what files change, and which source of a base one stands for
The engines:
    options, engine              how a check is wanted, and running them
    data                         a data graph as they take it: a store, and lines
    core, asking                 the fast ones; literals, terms: what they compare and take
    reference, advanced, worker  pySHACL, in a process of its own
    corrections, components, expressions, patterns   where it strays, while we use it
The report:
    report, messages, formats    what was found, in words and files
    details, causes              the reasons behind sh:node and its like; a mistake at its root
    places, namesakes            where a finding stands; new things with the name of one there
    coverage                     what was looked at, and what was not
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from dragoman.errors import LimitError, ShapesError
from dragoman.validation.loading import (
    Input,
    Loaded,
    dropped,
    label,
    lint,
    load,
    of_base,
    of_rule,
    prefixes,
)
from dragoman.validation.options import Checking, CheckingKeywords
from dragoman.validation.report import (
    INFO,
    LEVELS,
    VIOLATION,
    WARNING,
    Explanation,
    Finding,
    Path,
    Report,
    Way,
)

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pyoxigraph import Store, Triple

    from dragoman.base import Base, SourceFile
    from dragoman.record import Followed
    from dragoman.spellings import Spelt
    from dragoman.store import LocalStore, Source
    from dragoman.validation.analysis import Plan
    from dragoman.validation.report import Origin, Term
    from dragoman.validation.rules import Rules
    from dragoman.walking.distant import Distant

__all__ = [
    "INFO",
    "LEVELS",
    "VIOLATION",
    "WARNING",
    "Checking",
    "CheckingKeywords",
    "Explanation",
    "Finding",
    "Input",
    "Path",
    "Report",
    "Way",
    "validate_base",
    "validate_change",
    "validate_files",
    "validate_with",
]


def validate_base(
    base: Base,
    how: Checking = Checking(),
    *,
    facts: Source | None = None,
    index: LocalStore | None = None,
) -> Report:
    """Check everything in a base: syntax, lint, and the shapes on all data with the ontology.

    Args:
        base: the base.
        how: how it is wanted.
        facts: another store, whose facts are checked instead of the base's data.
        index: the base as its files are now, where it is open: then the record is not derived anew.

    Raises:
        SyntaxProblem: a file does not parse.
        UnreadableFilesError: several do not.
        UnknownNameError: there is no such engine.
        ShapesError: the shapes are not valid SHACL, or ask for the network.
        LimitError: the timeout has passed.
        DragomanError: the engines differ.
    """
    from dragoman import record
    from dragoman.base import DATA, ONTOLOGY, SHAPES
    from dragoman.store import beside_each_other
    from dragoman.validation import causes, changing, coverage, details, scrutiny, standing
    from dragoman.validation import engine as engines
    from dragoman.validation.data import Data, of
    from dragoman.validation.rules import rules as rules_of

    started = time.monotonic()
    checked_by = rules_of(base.sources(SHAPES, ONTOLOGY))
    explanation = Explanation()
    unfit: list[record.Fault] = []

    with _scratch() as folder, Data(folder) as data:
        sources = base.sources(*(() if facts is None else (ONTOLOGY, SHAPES)))
        loaded = load(map(of_base, sources), data)
        if facts is not None:
            loaded += changing.fetched(base, facts, folder)

        def said_in(folder: str) -> Iterator[Triple]:
            files = [each for each in loaded if each.input.folder == folder]
            return (t for each in files if each.terms is None for t in each.triples)

        def work() -> list[Finding]:
            data.add(dict.fromkeys(said_in(DATA)))
            ontology = of(dict.fromkeys(said_in(ONTOLOGY)))

            def looked() -> None:
                plan = checked_by.plan
                explanation.coverage = coverage.of_data(plan, data, said_in(SHAPES), ontology)

            def derived() -> bytes | None:
                return None if index is None or facts else record.told_by(base, index)

            known, _ = beside_each_other((derived, looked))
            data.add(ontology.triples())
            rules = record.read(base)
            if known is None:
                rules = data.derive(rules)
            else:
                data.add_record(known)
            unfit.extend(rules.faults)
            found = engines.check(checked_by.plan, data, how, explanation)
            explanation.notes = scrutiny.told(checked_by.plan.notes)
            return details.detailed(checked_by.plan, found, data.facts, timeout=how.timeout)

        found = _located(_in_time(work, how.timeout), loaded)
        # What a file of lines may have wrong was looked for when these were read.
        doubtful = [
            each.input
            for each in loaded
            if each.terms is None or not each.terms <= checked_by.declared
        ]
        found += [
            *lint(doubtful, checked_by.declared, checked_by.derived),
            *standing.misnamed(loaded),
        ]
        found += [of_rule(each) for each in unfit]
        found = causes.rooted(found, loaded, checked_by.declared, data.store)
    shape_files = base.sources(SHAPES, ONTOLOGY)
    return _report(
        found,
        loaded,
        base,
        started,
        explanation,
        checked_by.plan,
        lambda: load(map(of_base, shape_files)),
    )


def validate_files(
    base: Base,
    files: Sequence[pathlib.Path | Input],
    how: Checking = Checking(),
    *,
    beside: bool = False,
    index: Source | None = None,
) -> Report:
    """Check files in the context of a base: report what they cause, on new things and on old ones.

    The findings are those of the base with the files less those of the base without them. A file
    that is already in the base is compared with the base that lacks it. One that describes a source
    of the base is checked in its place: what it causes there, and what the loss of the old one
    causes. `Report.notes` says so.

    Args:
        base: the base.
        files: the files; an `Input` gives a file another name in messages.
        how: how it is wanted.
        beside: check every file as one more, also one that describes a source of the base.
        index: the facts of the base, where they are open already; or another store, whose facts
            take the place of the base's data.

    Raises:
        SyntaxProblem: a file does not parse.
        UnreadableFilesError: several do not.
        UnknownNameError: there is no such engine.
        ShapesError: the shapes are not valid SHACL, or ask for the network.
        LimitError: the timeout has passed.
        DragomanError: the engines differ.
    """
    from functools import cache

    from dragoman.store import LocalStore
    from dragoman.validation import forms, standing

    started = time.monotonic()
    local = cache(lambda: index if isinstance(index, LocalStore) else _index(base))
    sources = {source.path.resolve(): source for source in base.sources()}
    inputs: dict[pathlib.Path, Input] = {}
    for file in files:
        path = file.path if isinstance(file, Input) else file
        own = sources.get(path.resolve())
        given = file if isinstance(file, Input) else Input(path, str(path))
        inputs[path.resolve()] = (
            Input(own.path, given.label, own.graph, own.folder) if own else given
        )
    with _scratch() as folder:
        new = load(forms.compiled(base, inputs.values(), local, folder))
        if beside:
            report = _of_change(base, new, (), how, index)
            return replace(report, seconds=time.monotonic() - started)
        facts = index or local()
        store = facts.store if isinstance(facts, LocalStore) else None
        place = standing.placed(base, new, store)
        report = _of_change(base, place.files, (), how, facts)
        if place.replaced:
            lost = _of_change(base, place.files, place.replaced, how, facts)
            # What both find is one, for the same was checked.
            both = {
                (each.focus, each.shape, each.component, each.path, each.value, each.constraint,
                 each.messages, each.line): each
                for each in (*lost.findings, *report.findings)
            }  # fmt: skip
            found = tuple(sorted(both.values(), key=lambda each: each.order))
            report = replace(report, findings=found)
    notes = (*place.notes, *report.notes)
    return replace(report, notes=notes, seconds=time.monotonic() - started)


def validate_change(
    base: Base,
    files: Sequence[Input],
    removed: Sequence[SourceFile] = (),
    how: Checking = Checking(),
    *,
    index: Source | None = None,
) -> Report:
    """Check a change to a base: the findings after it less those before it, and the files' lint.

    Args:
        base: the base before the change.
        files: what is added; with the graph of a source that is removed, what replaces it. A file
            that is already in the base is compared with the base that lacks it.
        removed: the sources that go.
        how: how it is wanted.
        index: the facts of the base, where they are open already.

    Raises:
        What `validate_files` raises.
    """
    started = time.monotonic()
    report = _of_change(base, load(files), removed, how, index)
    return replace(report, seconds=time.monotonic() - started)


def _of_change(
    base: Base,
    new: Sequence[Loaded],
    removed: Sequence[SourceFile],
    how: Checking,
    index: Source | None,
) -> Report:
    """Do what `validate_change` does, with files that were read."""
    from dragoman import record
    from dragoman.base import DATA, ONTOLOGY
    from dragoman.store import LocalStore
    from dragoman.validation import causes, changing, coverage, details, namesakes, standing
    from dragoman.validation import engine as engines

    started = time.monotonic()
    files = [each.input for each in new]
    before, after, shape_files = _rules_around(base, new, removed)
    explanation = Explanation()
    followed: list[Followed | None] = []

    def found_in(store: Store | Spelt | Distant) -> list[Finding]:
        stated = changing.change(store, changing.Files(new, removed))
        late = record.left_out(base, getattr(index, "warnings", ()))
        rules = tuple(each for each in record.prepared(base) if each.node not in late)
        change = changing.with_record(stated, changing.Files(new, removed), rules)
        followed.append(change.followed)
        if before is after:
            found = engines.check_change(after.plan, change, how, explanation)
            counted = explanation
        else:
            found = engines.check(after.plan, change.after(), how, explanation)
            if before is not None:
                try:
                    earlier = engines.check(before.plan, change.before(), how)
                except ShapesError:
                    earlier = []
                found = engines.less(found, earlier)
            counted = Explanation()
        explanation.coverage = coverage.of_change(after.plan, stated, counted)
        facts = change.facts
        return details.detailed(after.plan, found, lambda: facts, change.not_after, how.timeout)

    def told(
        found: list[Finding], store: Store | Spelt | Distant, places: list[Loaded]
    ) -> list[Finding]:
        found = _located(found, [*new, *places])
        found += [*lint(files, after.declared, after.derived), *standing.misnamed(new)]
        return causes.rooted(found, new, after.declared, store)

    if index is None or isinstance(index, LocalStore):
        local = index or _index(base)
        store = local.as_spelt
        found = _in_time(lambda: found_in(store), how.timeout)
        gone = {source.path for source in removed}
        stood_for = {each.graph for each in files}
        old = [
            source
            for source in base.sources(ONTOLOGY, DATA)
            if source.path not in gone and source.graph not in stood_for
        ]
        found = told(found, store, changing.behind(store, found, old) if found else [])
        notes = tuple(namesakes.namesakes(new, local.store))
    else:
        found = _afar(found_in, told, base, index, how.timeout)
        notes = ()
    report = _report(
        found, new, base, started, explanation, after.plan, lambda: load(map(of_base, shape_files))
    )
    return replace(report, notes=notes, followed=next(reversed(followed), None))


def validate_with(
    shapes: Iterable[pathlib.Path | Input],
    data: Iterable[pathlib.Path | Input],
    how: Checking = Checking(),
    *,
    facts: Source | None = None,
) -> Report:
    """Validate data with shapes, and nothing else: a plain SHACL processor, without a base.

    Relative IRIs are resolved against the file they stand in.

    Args:
        shapes: the files of the shapes graph.
        data: the files of the data graph.
        how: how it is wanted.
        facts: a store whose facts are data, too.

    Raises:
        What `validate_base` raises.
    """
    from dragoman.validation import analysis, changing, coverage, details, scrutiny
    from dragoman.validation import engine as engines
    from dragoman.validation.data import of as held

    started = time.monotonic()
    shape_inputs, data_inputs = [_plain(each) for each in shapes], [_plain(each) for each in data]
    loaded = {each.input.path.resolve(): each for each in load([*data_inputs, *shape_inputs])}
    elsewhere = changing.of_source(facts) if facts else []

    def of(inputs: Iterable[Input]) -> list[Loaded]:
        return [loaded[path] for path in dict.fromkeys(each.path.resolve() for each in inputs)]

    explanation = Explanation()
    plans: list[Plan] = []

    def work() -> list[Finding]:
        shapes_graph, data_graph = (
            tuple(dict.fromkeys(triple for each in files for triple in each.triples))
            for files in (of(shape_inputs), [*of(data_inputs), *elsewhere])
        )
        shapes_graph, follows = changing.without_rules(shapes_graph, data_graph)
        data = held((*data_graph, *follows))
        scrutiny.check(shapes_graph, of(shape_inputs), [*of(data_inputs), *elsewhere])
        plan = analysis.plan(shapes_graph)
        plans.append(plan)
        found = engines.check(plan, data, how, explanation)
        explanation.coverage = coverage.of_data(plan, data, shapes_graph)
        explanation.notes = scrutiny.told(plan.notes)
        return details.detailed(plan, found, data.facts, timeout=how.timeout)

    checked = [*of(data_inputs), *elsewhere]
    found = _located(_in_time(work, how.timeout), checked)
    found += dropped(data_inputs)
    return _report(found, checked, None, started, explanation, plans[0], lambda: of(shape_inputs))


def _plain(file: pathlib.Path | Input) -> Input:
    given = file if isinstance(file, Input) else Input(file, str(file))
    if given.base_iri is not None or given.label == "-":  # a pipe has no address
        return given
    return replace(given, base_iri=given.path.resolve().as_uri())


def _rules_around(
    base: Base, new: Sequence[Loaded], removed: Sequence[SourceFile]
) -> tuple[Rules | None, Rules, Sequence[SourceFile]]:
    """Return what a base is checked by before a change and after it, and the files of the latter.

    The rules are the same where they stay so. There are none before, where the shapes do not stand
    without the change, and so find nothing.
    """
    from dragoman.base import ONTOLOGY, SHAPES, SourceFile
    from dragoman.validation.rules import rules

    shaping = {SHAPES, ONTOLOGY}
    came = {each.input.path.resolve(): each.input for each in new if each.input.folder in shaping}
    gone = {source.path for source in removed if source.folder in shaping}
    sources = base.sources(SHAPES, ONTOLOGY)
    if not came and not gone:
        same = rules(sources)
        return same, same, sources
    stays = [each for each in sources if each.path not in gone and each.path.resolve() not in came]
    added = [
        SourceFile(each.path, each.label, each.folder or SHAPES, each.graph or "")
        for each in came.values()
    ]
    # A file that is only looked at is compared with the base that lacks it.
    before = [*stays, *(source for source in removed if source.path in gone)]
    after = rules([*stays, *added])
    try:
        return rules(before), after, [*stays, *added]
    except ShapesError:
        return None, after, [*stays, *added]


def _afar(
    found_in: Callable[[Store | Spelt | Distant], list[Finding]],
    told: Callable[[list[Finding], Store | Spelt | Distant, list[Loaded]], list[Finding]],
    base: Base,
    source: Source,
    timeout: float | None,
) -> list[Finding]:
    """Return what is found in another store, told with who says what there of the things."""
    from dragoman.validation import changing
    from dragoman.walking.distant import Unreachable

    def both(store: Store | Spelt | Distant) -> list[Finding]:
        found = _in_time(lambda: found_in(store), timeout)
        return told(found, store, changing.behind_afar(store, found, base))

    try:
        return both(changing.distant(base, source))
    except Unreachable:
        return both(changing.mirrored(base, source))


@contextmanager
def _scratch() -> Iterator[pathlib.Path]:
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory(prefix="dragoman-") as folder:
        yield Path(folder)


def _index(base: Base) -> LocalStore:
    from dragoman import record, store

    return record.recorded(base, store.load(base))


def _in_time(work: Callable[[], list[Finding]], timeout: float | None) -> list[Finding]:
    """Do the work in a thread with a deep stack, and give up when the time is over."""
    from dragoman.store import Worker

    try:
        # The reference ends by itself, with words of its own, a moment before.
        return Worker().limited(work, timeout and timeout + 1, None)
    except LimitError as error:
        raise LimitError(
            f"The validation was stopped after {timeout:g} s. Raise --timeout, or look for a "
            "costly sh:pattern or sh:select in the shapes."
        ) from error


def _located(found: Iterable[Finding], files: Sequence[Loaded]) -> list[Finding]:
    from dragoman.validation.places import located

    return located(found, files)


def _report(  # noqa: PLR0913, PLR0917  what a report holds
    found: Iterable[Finding],
    checked: Sequence[Loaded],
    base: Base | None,
    started: float,
    explanation: Explanation,
    plan: Plan,
    shapes: Callable[[], Sequence[Loaded]],
) -> Report:
    """Return a report.

    Args:
        found: the findings.
        checked: the files that were checked.
        base: the base; None where there is none.
        started: when the validation began.
        explanation: what it did.
        plan: how the shapes graph was checked.
        shapes: gives the files of the shapes graph, with its blank nodes.
    """
    findings = tuple(sorted(found, key=lambda each: each.order))
    table = prefixes([*checked, *(() if base else shapes())], base.prefixes() if base else {})
    return Report(
        findings,
        # a report form is one file, with what it adds to the reference data
        tuple(dict.fromkeys(each.input.label for each in checked)),
        label(base.root) if base else None,
        tuple(table.items()),
        time.monotonic() - started,
        explanation,
        origins=_origins(findings, plan, shapes),
    )


def _origins(
    findings: Iterable[Finding], plan: Plan, shapes: Callable[[], Sequence[Loaded]]
) -> dict[Term, Origin]:
    from pyoxigraph import BlankNode

    nodes: list[Term | None] = []
    waiting = list(findings)
    while waiting:
        each = waiting.pop()
        nodes += [each.shape, each.constraint]
        waiting += each.details
    if not any(isinstance(each, BlankNode) for each in nodes):
        return {}
    from dragoman.validation.origins import origins

    return origins(plan.graph, nodes, shapes())
