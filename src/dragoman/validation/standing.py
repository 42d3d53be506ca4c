"""Which source of a base a file stands for: the one that it describes, whatever it is called."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from pyoxigraph import Literal, NamedNode

from dragoman import vocabulary
from dragoman.base import DATA, place_of, source_iri, stem
from dragoman.validation.data import Lines
from dragoman.validation.report import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyoxigraph import Quad, Store, Triple

    from dragoman.base import Base, SourceFile
    from dragoman.validation.loading import Loaded

_TYPE: Final = NamedNode(vocabulary.RDF_TYPE)
_SOURCE: Final = NamedNode(vocabulary.SOURCE_CLASS)
_RULE: Final = NamedNode(f"{vocabulary.LINT}misnamed")


class Placed(NamedTuple):
    """Files as they are to be checked.

    Attributes:
        files: what is checked; those that stand for a source have its graph.
        replaced: the sources that they stand for.
        notes: what was taken for what, one line each.
    """

    files: tuple[Loaded, ...]
    replaced: tuple[SourceFile, ...] = ()
    notes: tuple[str, ...] = ()


def tally(triples: Iterable[Triple | Quad]) -> tuple[int, str]:
    """Return the number of triples, and the name of the one source that they describe.

    A source is described where it is said to be one (`a dip:Source`). The name is empty where they
    describe none, or several: reference data, foreign vocabularies.
    """
    count, described = 0, set()
    for triple in triples:
        count += 1
        if triple.object == _SOURCE and triple.predicate == _TYPE:
            folder, name = place_of(getattr(triple.subject, "value", ""))
            described.add(name if folder == DATA else "")
    return count, described.pop() if len(described) == 1 else ""


def home(store: Store, sources: Iterable[SourceFile], name: str) -> SourceFile | None:
    """Return the file of a base that describes a source; before others the one of its name."""
    by_graph = {source.graph: source for source in sources}
    same = next((each for each in by_graph.values() if name and each.name == name), None)
    if same is not None or not name:
        return same
    iri = NamedNode(source_iri(name))
    said = store.quads_for_pattern(iri, _TYPE, _SOURCE, None)
    graphs = {getattr(quad.graph_name, "value", "") for quad in said} & by_graph.keys()
    return by_graph[graphs.pop()] if len(graphs) == 1 else None


def placed(base: Base, files: Sequence[Loaded], store: Store | None) -> Placed:
    """Put files from outside in the place of the sources that they describe.

    One that describes none stands for the source that has its name, if that tells of the same
    things.

    Args:
        base: the base.
        files: the files, read.
        store: the facts of the base; None where they are elsewhere, and are not asked.
    """
    sources = base.sources(DATA)
    found: list[Loaded] = []
    replaced: list[SourceFile] = []
    notes: list[str] = []
    for file in files:
        label = file.input.label
        called = "" if label == "-" else stem(Path(label))
        name = tally(file.triples)[1]
        own = None
        if file.input.graph is None:
            by_name = [each for each in sources if each.name == (name or called)]
            if name:
                own = home(store, sources, name) if store else next(iter(by_name), None)
            elif by_name and store and _alike(file, by_name[0], store):
                own = by_name[0]
        if own is None:
            if file.input.graph is None and name and name != called and label != "-":
                notes.append(
                    f"{label} describes the source {name}: dragoman add keeps it under that name."
                )
            found.append(file)
            continue
        why = f"describes the source {name}" if name else "has the name of a source"
        notes.append(
            f"{label} {why} that the base has: it is checked in the place of "
            f"{base.inner_path(own)}. With --beside it would be checked as one more file."
        )
        found.append(replace(file, input=replace(file.input, graph=own.graph, folder=own.folder)))
        replaced.append(own)
    return Placed(tuple(found), tuple(dict.fromkeys(replaced)), tuple(notes))


def misnamed(files: Iterable[Loaded]) -> list[Finding]:
    """Return a finding for each file whose graph is not the source that it describes."""
    found = []
    for file in files:
        if file.input.graph is None or file.input.folder != DATA:
            continue
        told = file.triples
        if isinstance(told, Lines):  # tell only where it says that something is a source
            told = tuple(told.with_term(vocabulary.SOURCE_CLASS))
        _, name = tally(told)
        if name and source_iri(name) != file.input.graph:
            message = (
                f"The file describes the source {name}, and is kept as "
                f"{place_of(file.input.graph)[1]}, which names its graph: keep it as {name}."
            )
            found.append(
                Finding(
                    focus=NamedNode(source_iri(name)),
                    severity=vocabulary.SH_WARNING,
                    shape=_RULE,
                    component=_RULE.value,
                    messages=(Literal(message, language="en"),),
                    file=file.input.label,
                    graph=file.input.graph,
                )
            )
    return found


def _alike(file: Loaded, source: SourceFile, store: Store) -> bool:
    """Return whether a file says something of a thing of which a source says something, too."""
    graph = NamedNode(source.graph)
    subjects = {each.subject for each in file.triples if isinstance(each.subject, NamedNode)}
    return any(
        next(iter(store.quads_for_pattern(each, None, None, graph)), None) for each in subjects
    )
