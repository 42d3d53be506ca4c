"""Checking facts against shapes: a whole base, a change to it, or any data with any shapes.

SHACL and SHACL-SPARQL as the W3C recommended them on 20 July 2017, by pySHACL, plus the syntax and
the lint of the files. Inference is off, the ontology is part of the data graph, and nothing is
fetched: no `owl:imports`, no SERVICE.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from dragoman.validation.loading import Input, Loaded, label, lint, load, of_base
from dragoman.validation.report import INFO, LEVELS, VIOLATION, WARNING, Finding, Path, Report

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterable, Sequence

    from pyoxigraph import Triple

    from dragoman.base import Base
    from dragoman.validation.engine import Job

__all__ = [
    "INFO",
    "LEVELS",
    "VIOLATION",
    "WARNING",
    "Finding",
    "Input",
    "Path",
    "Report",
    "validate_base",
    "validate_files",
    "validate_with",
]


def validate_base(base: Base, *, timeout: float | None = None) -> Report:
    """Check everything in a base: syntax, lint, and the shapes on all data with the ontology.

    Args:
        base: the base.
        timeout: seconds after which to give up; without one, as long as it takes.

    Raises:
        SyntaxProblem: a file does not parse.
        UnreadableFilesError: several do not.
        ShapesError: the shapes are not valid SHACL, or ask for the network.
        LimitError: the timeout has passed.
    """
    started = time.monotonic()
    inputs = [of_base(source) for source in base.sources()]
    loaded = load(inputs)
    found = _found(_job(loaded), loaded, timeout)
    found += lint(inputs, _declared(inputs))
    return _report(found, inputs, base, started)


def validate_files(
    base: Base, files: Sequence[pathlib.Path | Input], *, timeout: float | None = None
) -> Report:
    """Check files in the context of a base: report what they cause, on new things and on old ones.

    The findings are those of the base with the files less those of the base without them. A file
    that is already in the base is compared with the base that lacks it.

    Args:
        base: the base.
        files: the files; an `Input` gives a file another name in messages.
        timeout: seconds after which to give up; without one, as long as it takes.

    Raises:
        SyntaxProblem: a file does not parse.
        UnreadableFilesError: several do not.
        ShapesError: the shapes are not valid SHACL, or ask for the network.
        LimitError: the timeout has passed.
    """
    started = time.monotonic()
    sources = {source.path.resolve(): source for source in base.sources()}
    changed: dict[pathlib.Path, Input] = {}
    for file in files:
        path = file.path if isinstance(file, Input) else file
        own = sources.get(path.resolve())
        given = file if isinstance(file, Input) else Input(path, str(path))
        changed[path.resolve()] = (
            Input(own.path, given.label, own.graph, own.folder) if own else given
        )
    others = [of_base(source) for path, source in sources.items() if path not in changed]
    loaded = load([*changed.values(), *others])
    new = loaded[: len(changed)]
    found = _found(_job(loaded, new), loaded, timeout)
    inputs = list(changed.values())
    found += lint(inputs, _declared([*inputs, *others]))
    return _report(found, inputs, base, started)


def validate_with(
    shapes: Iterable[pathlib.Path | Input],
    data: Iterable[pathlib.Path | Input],
    *,
    timeout: float | None = None,
) -> Report:
    """Validate data with shapes, and nothing else: a plain SHACL processor, without a base.

    Relative IRIs are resolved against the file they stand in.

    Args:
        shapes: the files of the shapes graph.
        data: the files of the data graph.
        timeout: seconds after which to give up; without one, as long as it takes.

    Raises:
        SyntaxProblem: a file does not parse.
        UnreadableFilesError: several do not.
        ShapesError: the shapes are not valid SHACL, or ask for the network.
        LimitError: the timeout has passed.
    """
    from dragoman.validation.engine import Job

    started = time.monotonic()
    shape_inputs, data_inputs = [_plain(each) for each in shapes], [_plain(each) for each in data]
    loaded = {each.input.path.resolve(): each for each in load([*data_inputs, *shape_inputs])}

    def of(inputs: Iterable[Input]) -> list[Loaded]:
        return [loaded[path] for path in dict.fromkeys(each.path.resolve() for each in inputs)]

    job = Job(_triples(of(shape_inputs)), _triples(of(data_inputs)))
    found = _found(job, of(data_inputs), timeout)
    return _report(found, data_inputs, None, started)


def _plain(file: pathlib.Path | Input) -> Input:
    if isinstance(file, Input):
        return file
    return Input(file, str(file), base_iri=file.resolve().as_uri())


def _job(loaded: Sequence[Loaded], new: Sequence[Loaded] = ()) -> Job:
    """Return what to validate; with new files, only what they cause."""
    from dragoman.base import ONTOLOGY, SHAPES
    from dragoman.validation.engine import Job

    def shapes_of(files: Sequence[Loaded]) -> tuple[Triple, ...]:
        # The ontology declares the prefixes of the queries in shapes.
        return _triples([each for each in files if each.input.folder in {SHAPES, ONTOLOGY}])

    def data_of(files: Sequence[Loaded]) -> tuple[Triple, ...]:
        return _triples([each for each in files if each.input.folder != SHAPES])

    if not new:
        return Job(shapes_of(loaded), data_of(loaded))
    old = [each for each in loaded if each not in new]
    old_data, old_shapes = frozenset(data_of(old)), frozenset(shapes_of(old))
    return Job(
        shapes_of(loaded),
        data_of(loaded),
        tuple(each for each in data_of(new) if each not in old_data),
        tuple(each for each in shapes_of(new) if each not in old_shapes),
    )


def _triples(files: Iterable[Loaded]) -> tuple[Triple, ...]:
    return tuple(triple for each in files for triple in each.triples)


def _found(job: Job, files: Sequence[Loaded], timeout: float | None) -> list[Finding]:
    from dragoman.validation import engine
    from dragoman.validation.places import located

    return located(engine.run(job, timeout), files)


def _declared(inputs: Iterable[Input]) -> frozenset[str]:
    from dragoman import syntax
    from dragoman.base import ONTOLOGY

    return syntax.declared_terms(each.path for each in inputs if each.folder == ONTOLOGY)


def _report(
    found: Iterable[Finding], inputs: Iterable[Input], base: Base | None, started: float
) -> Report:
    return Report(
        tuple(sorted(found, key=lambda each: each.order)),
        tuple(each.label for each in inputs),
        label(base.root) if base else None,
        tuple(base.prefixes().items()) if base else (),
        time.monotonic() - started,
    )
