"""Reading the files of a validation: their triples, and what the lint says of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from dragoman import syntax, vocabulary
from dragoman.base import DATA
from dragoman.errors import SyntaxProblem, UnreadableFilesError
from dragoman.validation.data import Lines
from dragoman.validation.report import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dragoman.base import SourceFile
    from dragoman.record import Fault
    from dragoman.syntax import Dropped
    from dragoman.validation.data import Data

_PREFIX: Final = re.compile(r"(?:[^\W\d_][\w.-]*)?")
_GRAVE: Final = frozenset({"derived", "form", "ill-typed", "placeholder", "undeclared"})


@dataclass(frozen=True)
class Input:
    """A file to read.

    Attributes:
        path: where it is.
        label: how to call it in messages.
        graph: IRI of the named graph that it is in a base; None outside a base.
        folder: the folder of the base that it belongs to; None outside a base.
        base_iri: what its relative IRIs are resolved against; None refuses them.
        positions: where its statements stand in what it was made of; None where that is itself.
        remarks: what was found wrong in making it, each with its line there.
        unsaid: subjects and properties of which something could not be made.
    """

    path: Path
    label: str
    graph: str | None = None
    folder: str | None = None
    base_iri: str | None = None
    positions: syntax.Positions | None = field(default=None, repr=False, compare=False)
    remarks: tuple[syntax.Finding, ...] = ()
    unsaid: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Loaded:
    """A file that was read: its triples, in the order of the text, whatever their graph.

    Attributes:
        input: the file.
        triples: what it says.
        prefixes: the prefixes that it declares.
        terms: what `Data.add_file` told of it; None of other files.
    """

    input: Input
    triples: tuple[Triple, ...] | Lines
    prefixes: Mapping[str, str] = field(default_factory=dict)
    terms: frozenset[str] | None = None


def of_base(source: SourceFile) -> Input:
    """Return the input that a file of a base is."""
    return Input(source.path, label(source.path), source.graph, source.folder)


def label(path: Path) -> str:
    """Return a path as people name it: from the current folder, where it is inside."""
    resolved, here = path.resolve(), Path.cwd()
    return str(resolved.relative_to(here) if resolved.is_relative_to(here) else path)


def load(inputs: Iterable[Input], data: Data | None = None) -> list[Loaded]:
    """Read all files. A file named twice is read once; two files never share a blank node.

    Args:
        inputs: the files.
        data: takes the data files of a base that need not be read here.

    Raises:
        SyntaxProblem: one file cannot be read.
        UnreadableFilesError: several cannot.
    """
    loaded: dict[Path, Loaded] = {}
    problems: list[SyntaxProblem] = []
    for each in inputs:
        key = each.path.resolve()
        if key in loaded:
            continue
        try:
            terms = None
            if data and each.folder == DATA and each.path.suffix == ".nt":
                terms = data.add_file(each.path)
            if terms is None:
                loaded[key] = _read(each, f"f{len(loaded)}n")
            else:
                loaded[key] = Loaded(each, Lines(each.path), terms=terms)
        except SyntaxProblem as problem:
            problems.append(problem)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise UnreadableFilesError(problems)
    return list(loaded.values())


def prefixes(files: Iterable[Loaded], others: Mapping[str, str]) -> dict[str, str]:
    """Return the prefixes of files, and of a table of others those that no file declares.

    A prefix that two files bind to two namespaces says nothing to a reader of both, so it is left
    out, as is one that could not be written.
    """
    bound: dict[str, set[str]] = {}
    for each in files:
        for prefix, space in each.prefixes.items():
            bound.setdefault(prefix, set()).add(space)
    plain = {
        prefix: space
        for prefix, spaces in bound.items()
        if len(spaces) == 1 and _PREFIX.fullmatch(prefix)
        for space in spaces
    }
    return {prefix: space for prefix, space in others.items() if prefix not in bound} | plain


def _read(source: Input, start: str) -> Loaded:
    # Labels by order of appearance: the parser's own differ from run to run.
    labels: dict[str, BlankNode] = {}

    def named(term: object) -> object:
        if isinstance(term, BlankNode):
            return labels.setdefault(term.value, BlankNode(f"{start}{len(labels)}"))
        if not isinstance(term, (NamedNode, Literal)):
            raise SyntaxProblem(
                "It holds a quoted triple, which SHACL does not know.", source.label
            )
        return term

    # the file tells its format, not the name that it is called by
    form = syntax.format_of(source.path).file_extension if source.path.suffix else None
    declared: dict[str, str] = {}
    quads = syntax.read_rdf(
        source.path, form, name=source.label, base_iri=source.base_iri, prefixes=declared
    )
    triples = tuple(
        Triple(named(quad.subject), quad.predicate, named(quad.object))  # type: ignore[arg-type]
        for quad in quads
    )
    return Loaded(source, triples, declared)


def lint(
    inputs: Sequence[Input], declared: frozenset[str], derived: frozenset[str] = frozenset()
) -> list[Finding]:
    """Return what the lint finds in files that parse: Violation or Warning.

    The shape and the component of such a finding are the IRI of the rule.
    """
    found = dropped(inputs)
    for each in inputs:
        # the ontology describes what rules write, and shapes read it
        facts = each.folder in {None, DATA}
        problems = (
            syntax.lint(each.path, declared, each.base_iri, derived)
            if facts
            else syntax.lint(each.path, declared | derived, each.base_iri)
        )
        subjects = _subjects(each) if problems else {}
        for problem in (*each.remarks, *problems):
            rule = NamedNode(f"{vocabulary.LINT}{problem.rule}")
            line = problem.line
            if problem in each.remarks:
                subject = _told_of(each, line or 0)
            else:
                subject, predicate = subjects.get(line or 0, ("", ""))
                if each.positions is not None:
                    line = each.positions.line(subject, predicate)
            subject = subject or each.graph or _name(each)
            grave = problem.rule in _GRAVE
            found.append(
                Finding(
                    focus=NamedNode(subject),
                    severity=vocabulary.SH_VIOLATION if grave else vocabulary.SH_WARNING,
                    shape=rule,
                    component=rule.value,
                    messages=(Literal(problem.message, language="en"),),
                    file=each.label,
                    line=line,
                    graph=each.graph,
                )
            )
    return found


def dropped(inputs: Iterable[Input]) -> list[Finding]:
    """Return what a parser drops of files that parse, as warnings: only JSON-LD lets it do so."""
    return [
        finding
        for each in inputs
        if each.path.suffix and syntax.format_of(each.path) == syntax.rdf_format("jsonld")
        for finding in dropped_of(each, syntax.dropped(each.path, each.base_iri))
    ]


def dropped_of(source: Input, found: Iterable[Dropped]) -> list[Finding]:
    """Return a warning for each thing that is dropped of a file."""
    rule = NamedNode(f"{vocabulary.LINT}dropped")
    return [
        Finding(
            focus=NamedNode(source.graph or _name(source)),
            severity=vocabulary.SH_WARNING,
            shape=rule,
            component=rule.value,
            messages=(
                Literal(
                    f"Lost in reading: {each.what}. Mend it, or take it out of the file.",
                    language="en",
                ),
            ),
            file=source.label,
            line=each.line,
            graph=source.graph,
        )
        for each in found
    ]


def of_rule(fault: Fault) -> Finding:
    """Return the finding that a rule of the record is left out."""
    rule = NamedNode(f"{vocabulary.LINT}rule")
    return Finding(
        focus=NamedNode(fault.node or fault.path.resolve().as_uri()),
        severity=vocabulary.SH_VIOLATION,
        shape=rule,
        component=rule.value,
        messages=(Literal(f"{fault.told} The record lacks what it derives.", language="en"),),
        file=label(fault.path),
        line=fault.line,
    )


def _name(source: Input) -> str:
    """Return an IRI for a file outside a base; what came through a pipe has no address."""
    return f"{vocabulary.LINT}pipe" if source.label == "-" else source.path.resolve().as_uri()


def _subjects(source: Input) -> dict[int, tuple[str, str]]:
    """Return subject and property of the first statement on each line; empty for other formats."""
    if not has_lines(source.path):
        return {}
    subjects: dict[int, tuple[str, str]] = {}
    for pair, line in syntax.subject_lines(source.path, source.base_iri).pairs.items():
        subjects.setdefault(line, pair)
    return subjects


def _told_of(source: Input, line: int) -> str:
    """Return what a line is about of the text that a file was made of; empty for nothing."""
    starts = source.positions.subjects if source.positions else {}
    before = [(start, iri) for iri, start in starts.items() if start <= line]
    latest = max(before, default=(0, ""))[0]
    return next((iri for start, iri in before if start == latest), "")


def has_lines(path: Path) -> bool:
    """Return whether the lines of statements can be found in such a file."""
    return path.name.removesuffix(".gz").endswith((".ttl", ".nt"))
