"""Checking facts against shapes: a whole base, a change to it, or any data with any shapes.

SHACL and SHACL-SPARQL as the W3C recommended them on 20 July 2017, plus the syntax and the lint of
the files. Inference is off, the ontology is part of the data graph, and nothing is fetched: no
`owl:imports`, no SERVICE.

Constraints are checked by fast engines where these are proven to find what pySHACL, the reference,
finds, and by pySHACL where not. Of a change only what it can affect is checked.

    shape_graph, sparql, paths   what a shapes graph says
    analysis                     what each constraint reads, and which engine checks it
    reads, facts                 which nodes a change affects, and the facts around them
    core, asking, reference      the engines
    engine                       running them
    loading, changing, places    files: their triples, what they change, where a finding stands
    report, messages, formats    what was found, in words and files
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from dragoman.errors import LimitError
from dragoman.validation.loading import Input, Loaded, label, lint, load, of_base
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
    from collections.abc import Callable, Iterable, Sequence

    from dragoman.base import Base, SourceFile
    from dragoman.store import LocalStore

__all__ = [
    "INFO",
    "LEVELS",
    "VIOLATION",
    "WARNING",
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


def validate_base(base: Base, *, engine: str = "auto", timeout: float | None = None) -> Report:
    """Check everything in a base: syntax, lint, and the shapes on all data with the ontology.

    Args:
        base: the base.
        engine: `auto`; `reference` for pySHACL alone; `both`, which compares the two.
        timeout: seconds after which to give up; without one, as long as it takes.

    Raises:
        SyntaxProblem: a file does not parse.
        UnreadableFilesError: several do not.
        UnknownNameError: there is no such engine.
        ShapesError: the shapes are not valid SHACL, or ask for the network.
        LimitError: the timeout has passed.
        DragomanError: the engines differ.
    """
    from dragoman.validation import changing
    from dragoman.validation import engine as engines

    started = time.monotonic()
    inputs = [of_base(source) for source in base.sources()]
    loaded = load(inputs)
    explanation = Explanation()

    def work() -> list[Finding]:
        shapes, data = changing.of_shapes(loaded), changing.of_data(loaded)
        return engines.check(shapes, data, engine, timeout, explanation)

    found = _located(_in_time(work, timeout), loaded)
    found += lint(inputs, _declared(inputs))
    return _report(found, inputs, base, started, explanation)


def validate_files(
    base: Base,
    files: Sequence[pathlib.Path | Input],
    *,
    index: LocalStore | None = None,
    engine: str = "auto",
    timeout: float | None = None,
) -> Report:
    """Check files in the context of a base: report what they cause, on new things and on old ones.

    The findings are those of the base with the files less those of the base without them. A file
    that is already in the base is compared with the base that lacks it.

    Args:
        base: the base.
        files: the files; an `Input` gives a file another name in messages.
        index: the facts of the base, where they are open already.
        engine: as for `validate_base`.
        timeout: seconds after which to give up; without one, as long as it takes.

    Raises:
        SyntaxProblem: a file does not parse.
        UnreadableFilesError: several do not.
        UnknownNameError: there is no such engine.
        ShapesError: the shapes are not valid SHACL, or ask for the network.
        LimitError: the timeout has passed.
        DragomanError: the engines differ.
    """
    sources = {source.path.resolve(): source for source in base.sources()}
    inputs: dict[pathlib.Path, Input] = {}
    for file in files:
        path = file.path if isinstance(file, Input) else file
        own = sources.get(path.resolve())
        given = file if isinstance(file, Input) else Input(path, str(path))
        inputs[path.resolve()] = (
            Input(own.path, given.label, own.graph, own.folder) if own else given
        )
    return validate_change(base, list(inputs.values()), index=index, engine=engine, timeout=timeout)


def validate_change(  # noqa: PLR0913  a change, and how to check it
    base: Base,
    files: Sequence[Input],
    removed: Sequence[SourceFile] = (),
    *,
    index: LocalStore | None = None,
    engine: str = "auto",
    timeout: float | None = None,
) -> Report:
    """Check a change to a base: the findings after it less those before it, and the files' lint.

    Args:
        base: the base before the change.
        files: what is added; with the graph of a source that is removed, what replaces it. A file
            that is already in the base is compared with the base that lacks it.
        removed: the sources that go.
        index: the facts of the base, where they are open already.
        engine: as for `validate_base`.
        timeout: seconds after which to give up; without one, as long as it takes.

    Raises:
        What `validate_files` raises.
    """
    from dragoman.base import DATA, ONTOLOGY, SHAPES
    from dragoman.validation import changing
    from dragoman.validation import engine as engines

    started = time.monotonic()
    new = load(files)
    gone = {source.path for source in removed}
    given = {each.input.path.resolve() for each in new}
    others = [
        source
        for source in base.sources(SHAPES, ONTOLOGY)
        if source.path not in gone and source.path.resolve() not in given
    ]
    kept = load(map(of_base, others))
    explanation = Explanation()
    shapes = changing.of_shapes([*kept, *new])
    before = changing.of_shapes([*kept, *load(map(of_base, _shaped(removed)))])
    index = index or _index(base)

    def work() -> list[Finding]:
        change = changing.change(index.store, changing.Files(new, removed))
        if frozenset(shapes) == frozenset(before):
            return engines.check_change(shapes, change, engine, timeout, explanation)
        after = engines.check(shapes, change.after(), engine, timeout, explanation)
        # Without the new shapes the old ones need not stand, and found nothing.
        return engines.less(
            after, engines.check_or_nothing(before, change.before(), engine, timeout)
        )

    found = _in_time(work, timeout)
    old = [source for source in base.sources(ONTOLOGY, DATA) if source.path not in gone]
    places = [*new, *(changing.behind(index.store, found, old) if found else ())]
    found = _located(found, places)
    declared = _declared([*(each.input for each in kept), *files])
    found += lint(files, declared)
    return _report(found, files, base, started, explanation)


def validate_with(
    shapes: Iterable[pathlib.Path | Input],
    data: Iterable[pathlib.Path | Input],
    *,
    engine: str = "auto",
    timeout: float | None = None,
) -> Report:
    """Validate data with shapes, and nothing else: a plain SHACL processor, without a base.

    Relative IRIs are resolved against the file they stand in.

    Args:
        shapes: the files of the shapes graph.
        data: the files of the data graph.
        engine: as for `validate_base`.
        timeout: seconds after which to give up; without one, as long as it takes.

    Raises:
        What `validate_base` raises.
    """
    from dragoman.validation import engine as engines

    started = time.monotonic()
    shape_inputs, data_inputs = [_plain(each) for each in shapes], [_plain(each) for each in data]
    loaded = {each.input.path.resolve(): each for each in load([*data_inputs, *shape_inputs])}

    def of(inputs: Iterable[Input]) -> list[Loaded]:
        return [loaded[path] for path in dict.fromkeys(each.path.resolve() for each in inputs)]

    explanation = Explanation()

    def work() -> list[Finding]:
        shapes_graph, data_graph = (
            tuple(dict.fromkeys(triple for each in of(inputs) for triple in each.triples))
            for inputs in (shape_inputs, data_inputs)
        )
        return engines.check(shapes_graph, data_graph, engine, timeout, explanation)

    found = _located(_in_time(work, timeout), of(data_inputs))
    return _report(found, data_inputs, None, started, explanation)


def _plain(file: pathlib.Path | Input) -> Input:
    if isinstance(file, Input):
        return file
    return Input(file, str(file), base_iri=file.resolve().as_uri())


def _shaped(sources: Iterable[SourceFile]) -> list[SourceFile]:
    from dragoman.base import ONTOLOGY, SHAPES

    return [source for source in sources if source.folder in {SHAPES, ONTOLOGY}]


def _index(base: Base) -> LocalStore:
    from dragoman import store

    return store.load(base)


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


def _declared(inputs: Iterable[Input]) -> frozenset[str]:
    from dragoman import syntax
    from dragoman.base import ONTOLOGY

    return syntax.declared_terms(each.path for each in inputs if each.folder == ONTOLOGY)


def _report(
    found: Iterable[Finding],
    inputs: Iterable[Input],
    base: Base | None,
    started: float,
    explanation: Explanation,
) -> Report:
    return Report(
        tuple(sorted(found, key=lambda each: each.order)),
        tuple(each.label for each in inputs),
        label(base.root) if base else None,
        tuple(base.prefixes().items()) if base else (),
        time.monotonic() - started,
        explanation,
    )
