"""Joining two things that are one: what the files of a base say of the one is said of the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Triple

from dragoman import base as bases
from dragoman import lookup, syntax, vocabulary
from dragoman.additions import appending, incoming
from dragoman.errors import DragomanError, counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from dragoman.additions.incoming import Incoming
    from dragoman.base import Base, SourceFile
    from dragoman.store import LocalStore

_TYPE: Final = NamedNode(vocabulary.RDF_TYPE)
_BOM: Final = "\ufeff"


@dataclass(frozen=True)
class Merged:
    """What joining two things comes to.

    Attributes:
        new: the files as they are to be.
        old: the sources whose places they take.
        why: what is done, in words for the log.
        notes: what the user should know besides, one line each.
        changes: what changes in which file, one line each.
    """

    new: tuple[Incoming, ...]
    old: tuple[SourceFile, ...]
    why: str
    notes: tuple[str, ...]
    changes: tuple[str, ...]


def merged(base: Base, opened: LocalStore, old: str, new: str, folder: Path) -> Merged:
    """Return the files of a base as they are when one thing is another.

    Args:
        base: the base.
        opened: its facts.
        old: the thing that goes, as `lookup.find_thing` takes it.
        new: the thing that stays.
        folder: an empty folder for the files.

    Raises:
        UnknownNameError: nothing is called so.
        AmbiguousNameError: several things are.
        DragomanError: the two cannot be joined; the text says why, and what can be done.
    """
    known = base.prefixes()
    going, staying = (lookup.find_thing(opened, each, known) for each in (old, new))
    short = syntax.readable(known)
    _check_alike(opened, going, staying, known)
    files = _files(base, opened, going, short(going), short(staying))
    home = next(each for each in files if _describes(opened, each, going))
    made = []
    for number, source in enumerate(files):
        place = folder / str(number)
        place.mkdir()
        made.append(_rewritten(base, source, place, going, staying, ends=source is home))
    why = f"{short(going)} is {short(staying)}"
    changes = [
        f"{base.inner_path(each)}: {counted(_said(each, going), 'triple')} with {short(going)} "
        f"{'has' if _said(each, going) == 1 else 'have'} {short(staying)} in its place."
        for each in files
    ]
    changes.append(f"{base.inner_path(home)}: {short(going)} stays, deprecated and replaced by it.")
    left = tuple(_left(base, going, short(going)))
    return Merged(tuple(made), tuple(files), why, left, tuple(changes))


# ------------------------------------------------------------------ what can be joined


def _check_alike(opened: LocalStore, going: str, staying: str, known: Mapping[str, str]) -> None:
    """Refuse what is no pair of one kind."""
    short = syntax.readable(known)
    if going == staying:
        raise DragomanError(f"Both are {short(going)}: name two things.")
    for each in (going, staying):
        replaced = list(
            opened.store.quads_for_pattern(
                NamedNode(each), NamedNode(vocabulary.DCTERMS_IS_REPLACED_BY), None, None
            )
        )
        if replaced:
            by = short(getattr(replaced[0].object, "value", ""))
            raise DragomanError(f"{short(each)} is replaced by {by} already: name that instead.")
    kinds = lookup.read_kinds(opened, [going, staying])
    labels = kinds.labels(opened, lookup.Words(known))
    told = [" and ".join(labels.get(each, ())) for each in (going, staying)]
    subjects, states = kinds.having(vocabulary.SUBJECT), kinds.having(vocabulary.STATE)
    for each, kind in zip((going, staying), told, strict=True):
        if each not in subjects:
            raise DragomanError(
                f"{short(each)} is {_a(kind) if kind else 'given no class'}: only things are "
                "joined that accounts can be about (dip:Subject)."
            )
        if each in states:
            raise DragomanError(
                f"{short(each)} is a state: each has a code of its own (ISO 3166-1), and no two "
                "are one."
            )
    if told[0] != told[1]:
        raise DragomanError(
            f"{short(going)} is {_a(told[0])} and {short(staying)} is {_a(told[1])}: only things "
            "of one class are joined."
        )


def _a(kind: str) -> str:
    return f"an {kind}" if kind[:1].casefold() in set("aeiou") else f"a {kind}"


def _files(base: Base, opened: LocalStore, going: str, old: str, new: str) -> list[SourceFile]:
    """Return the files that name a thing, which must be own files with data."""
    node = NamedNode(going)
    named = {
        getattr(quad.graph_name, "value", "")
        for quads in (
            opened.store.quads_for_pattern(node, None, None, None),
            opened.store.quads_for_pattern(None, node, None, None),
            opened.store.quads_for_pattern(None, None, node, None),
        )
        for quad in quads
    }
    found = [each for each in base.sources(bases.ONTOLOGY, bases.DATA) if each.graph in named]
    for each in found:
        path = base.inner_path(each)
        if not base.owns(each):
            turn = f"dragoman merge {new} {old}"
            raise DragomanError(
                f"{old} stands in {path}, which came with the package and is never changed. Join "
                f"them the other way round: {turn}"
            )
        if each.folder != bases.DATA:
            raise DragomanError(
                f"{old} stands in {path}, too, and only files below data/ are edited: put "
                f"{new} in its place there, or take it away, first."
            )
    return found


def _said(source: SourceFile, thing: str) -> int:
    """Return how many triples of a file name a thing."""
    node = NamedNode(thing)
    return sum(node in quad.triple for quad in syntax.read_rdf(source.path))


def _describes(opened: LocalStore, source: SourceFile, thing: str) -> bool:
    graph = NamedNode(source.graph)
    return any(opened.store.quads_for_pattern(NamedNode(thing), _TYPE, None, graph))


def _left(base: Base, thing: str, short: str) -> Iterable[str]:
    """Yield a line about own shapes and saved questions that name a thing: they are not edited."""
    paths = [each.path for each in base.sources(bases.SHAPES) if base.owns(each)]
    paths += [each for each in base.queries() if each.is_relative_to(base.root)]
    for path in paths:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        if syntax.renamed(text, thing, vocabulary.BASE, {}) != text:
            yield f"{path.relative_to(base.root).as_posix()} names {short}, and is left as it is."


# ------------------------------------------------------------------ the files


def _rewritten(  # noqa: PLR0913  a file, and what becomes of it
    base: Base, source: SourceFile, folder: Path, going: str, staying: str, *, ends: bool
) -> Incoming:
    """Write a file in which one thing is another; with `ends` it tells that the old is replaced."""
    turtle = source.path.suffix == ".ttl"
    content = folder / f"content{incoming.kept_suffix(source.path)}"
    label = base.inner_path(source)
    if turtle:
        _write_turtle(source.path, content, label, going, staying, base.prefixes(), ends=ends)
    else:
        _write_lines(source.path, content, going, staying, ends=ends)
    before = syntax.read_rdf(source.path, name=label)
    after = syntax.read_rdf(content, name=label)
    more = _replaced(going, staying) if ends else ()
    syntax.check_renamed(before, after, going, staying, more)
    return incoming.rewritten(source, content, label)


def _replaced(going: str, staying: str) -> tuple[Triple, ...]:
    """Return what is said of a thing that another has replaced."""
    node, true = NamedNode(going), Literal("true", datatype=NamedNode(vocabulary.XSD_BOOLEAN))
    return (
        Triple(node, NamedNode(vocabulary.OWL_DEPRECATED), true),
        Triple(node, NamedNode(vocabulary.DCTERMS_IS_REPLACED_BY), NamedNode(staying)),
    )


def _write_turtle(  # noqa: PLR0913, PLR0917  a file, and what becomes of it
    path: Path,
    content: Path,
    label: str,
    going: str,
    staying: str,
    known: Mapping[str, str],
    *,
    ends: bool,
) -> None:
    text = path.read_bytes().decode("utf-8")
    mark = _BOM if text.startswith(_BOM) else ""
    text = syntax.renamed(text.removeprefix(_BOM), going, staying, known)
    if ends:
        prefixes = dict(known)
        for _ in syntax.read_rdf(path, name=label, prefixes=prefixes):
            pass
        text = appending.to_turtle(text, _replaced(going, staying), prefixes, known)
    content.write_bytes(f"{mark}{text}".encode())


def _write_lines(path: Path, content: Path, going: str, staying: str, *, ends: bool) -> None:
    """Write N-Triples line by line, for they can be many."""
    with incoming.opened(path, "rb") as before, incoming.opened(content, "wb") as after:
        last = b"\n"
        for line in before:
            # an IRI can be spelt with escapes
            if going.encode() in line or b"\\u" in line or b"\\U" in line:
                last = syntax.renamed(line.decode("utf-8"), going, staying, {}).encode()
            else:
                last = line
            after.write(last)
        if ends:
            after.writelines(appending.to_lines(last, _replaced(going, staying)))
