"""The log: what was added and removed, when, by which version, and what was let pass.

A graph of its own in the words of PROV-O (W3C 2013), as N-Triples that are only ever appended to:
one activity for each transaction, which generates, invalidates or uses files. A file is an entity
that specialises the source whose graph it is.
"""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Final, NamedTuple

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from dragoman import __version__, syntax, vocabulary
from dragoman import base as bases
from dragoman.files import sha256_of
from dragoman.store import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dragoman.base import Base

ADDED, REPLACED, REMOVED = "added", "replaced", "removed"
_SEVERITIES: Final = {
    "violation": vocabulary.SH_VIOLATION,
    "warning": vocabulary.SH_WARNING,
    "info": vocabulary.SH_INFO,
}
COLUMNS: Final = ("when", "what", "name", "by", "triples", "sha256", "allowed", "reason")


class File(NamedTuple):
    """A file as the log knows it.

    Attributes:
        path: from the root of the base; for a file that was given, its name alone.
        sha256: of its bytes.
        graph: the source that it is; empty for a file that was given.
        triples: how many it holds, where they were counted.
    """

    path: str
    sha256: str
    graph: str = ""
    triples: int | None = None


def entry(
    added: Sequence[File],
    removed: Sequence[File] = (),
    given: Sequence[File] = (),
    allowed: tuple[str, str] | None = None,
    why: str = "",
) -> bytes:
    """Return the lines that record one transaction.

    Args:
        added: the files that are new in the base.
        removed: the files that are gone from it, replaced ones too.
        given: what the user gave, byte for byte.
        allowed: the level of findings that was let pass, and the reason.
        why: what was done, where the files alone do not tell it.
    """
    triples = _triples(added, removed, given, allowed, why)
    return bytes(serialize(triples, format=RdfFormat.N_TRIPLES) or b"")


def _triples(
    added: Sequence[File],
    removed: Sequence[File],
    given: Sequence[File],
    allowed: tuple[str, str] | None,
    why: str,
) -> Iterator[Triple]:
    activity = _node()
    agent = NamedNode(f"{vocabulary.BASE}software/dragoman-{__version__}")
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    started = Literal(now, datatype=NamedNode(vocabulary.XSD_DATE_TIME))
    kind = NamedNode(vocabulary.RDF_TYPE)
    yield Triple(activity, kind, NamedNode(vocabulary.PROV_ACTIVITY))
    yield Triple(activity, NamedNode(vocabulary.PROV_STARTED_AT_TIME), started)
    yield Triple(activity, NamedNode(vocabulary.PROV_WAS_ASSOCIATED_WITH), agent)
    yield Triple(agent, kind, NamedNode(vocabulary.PROV_SOFTWARE_AGENT))
    yield Triple(agent, NamedNode(vocabulary.RDFS_LABEL), Literal(f"dragoman {__version__}"))
    if allowed:
        level, reason = allowed[0], allowed[1].strip()
        severity = NamedNode(_SEVERITIES[level])
        yield Triple(activity, NamedNode(vocabulary.SH_RESULT_SEVERITY), severity)
        why = f"{why}. {reason}" if why else reason
    if why:
        yield Triple(activity, NamedNode(vocabulary.DCTERMS_DESCRIPTION), Literal(why))
    for relation, files in (
        (vocabulary.PROV_USED, given),
        (vocabulary.PROV_INVALIDATED, removed),
        (vocabulary.PROV_GENERATED, added),
    ):
        for file in files:
            entity = _node()
            yield Triple(activity, NamedNode(relation), entity)
            yield Triple(entity, kind, NamedNode(vocabulary.PROV_ENTITY))
            yield Triple(entity, NamedNode(vocabulary.SCHEMA_NAME), Literal(file.path))
            yield Triple(entity, NamedNode(vocabulary.SCHEMA_SHA256), Literal(file.sha256))
            if file.graph:
                source = NamedNode(file.graph)
                yield Triple(entity, NamedNode(vocabulary.PROV_SPECIALIZATION_OF), source)
            if file.triples is not None:
                count = Literal(str(file.triples), datatype=NamedNode(vocabulary.XSD_INTEGER))
                yield Triple(entity, NamedNode(vocabulary.VOID_TRIPLES), count)


def _node() -> NamedNode:
    return NamedNode(f"urn:uuid:{uuid.uuid4()}")


def read(base: Base, limit: int | None = None) -> Answer:
    """Return the log as a table, the newest first: one row for each source that changed.

    The columns: `when` (xsd:dateTime, UTC), `what` (added, replaced or removed), `name` (the path
    of the file in the base), `by` (the version of the command), `triples` (unbound for what was
    removed), `sha256` (of the file that was added, or else removed), `allowed` (the severity of
    findings that was let pass) and `reason` (for that, or for
    a merger). Empty where nothing was recorded yet.

    Raises:
        SyntaxProblem: the log does not parse.
    """
    path = base.root / bases.LOG
    if not path.is_file() or not path.stat().st_size:
        return Answer("SELECT", COLUMNS)
    told: dict[str, dict[str, list[NamedNode | Literal]]] = {}
    for quad in syntax.read_rdf(path):
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, (NamedNode, Literal)):
            facts = told.setdefault(quad.subject.value, {})
            facts.setdefault(quad.predicate.value, []).append(quad.object)
    # The order of the log, backwards: clocks can be put back.
    rows = [row for node in reversed(told) for row in _rows(node, told)]
    cut = limit is not None and len(rows) > limit
    return Answer("SELECT", COLUMNS, tuple(rows[:limit]), cut=cut)


def departures(base: Base) -> list[str]:
    """Return, a line for each, the files that are no longer what the log says was added.

    Raises:
        SyntaxProblem: the log does not parse.
    """
    lines = []
    seen = set()
    columns = {name: number for number, name in enumerate(COLUMNS)}
    for row in read(base).rows:
        when, what, name, sha256 = (
            getattr(row[columns[each]], "value", "") for each in ("when", "what", "name", "sha256")
        )
        if name in seen:
            continue
        seen.add(name)
        path = base.root / name
        if what == REMOVED:
            continue
        if not path.is_file():
            lines.append(f"{name}: it was {what} on {when}, and is gone without dragoman remove")
        elif sha256_of(path) != sha256:
            lines.append(f"{name}: it was changed by hand since it was {what} on {when}")
    return lines


_Told = dict[str, dict[str, list[NamedNode | Literal]]]
_Row = tuple[NamedNode | Literal | None, ...]


def _rows(node: str, told: _Told) -> Iterator[_Row]:
    facts = told[node]
    if vocabulary.PROV_STARTED_AT_TIME not in facts:
        return

    def one(
        facts: Mapping[str, list[NamedNode | Literal]], name: str
    ) -> NamedNode | Literal | None:
        return next(iter(facts.get(name, ())), None)

    def files(relation: str) -> dict[str, dict[str, list[NamedNode | Literal]]]:
        found = [told.get(each.value, {}) for each in facts.get(relation, ())]
        return {
            source.value: file
            for file in found
            if (source := one(file, vocabulary.PROV_SPECIALIZATION_OF)) is not None
        }

    agent = one(facts, vocabulary.PROV_WAS_ASSOCIATED_WITH)
    severity = one(facts, vocabulary.SH_RESULT_SEVERITY)
    new, old = files(vocabulary.PROV_GENERATED), files(vocabulary.PROV_INVALIDATED)
    for source in dict.fromkeys((*new, *old)):
        file = new.get(source) or old[source]
        what = REMOVED if source not in new else REPLACED if source in old else ADDED
        yield (
            one(facts, vocabulary.PROV_STARTED_AT_TIME),
            Literal(what),
            one(file, vocabulary.SCHEMA_NAME),
            one(told.get(agent.value, {}), vocabulary.RDFS_LABEL) if agent else None,
            one(file, vocabulary.VOID_TRIPLES) if source in new else None,
            one(file, vocabulary.SCHEMA_SHA256),
            Literal(severity.value.rpartition("#")[2].lower()) if severity else None,
            one(facts, vocabulary.DCTERMS_DESCRIPTION),
        )
