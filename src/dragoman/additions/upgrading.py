"""Bringing a base of an earlier edition of the model over: what files say besides, and its marker.

The first edition asked a passage of every account, so it had no word for a source whose text nobody
has. The second asks each source with accounts to say whether its text is held.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode, Triple

from dragoman import base as bases
from dragoman import syntax, vocabulary
from dragoman.additions import appending, incoming
from dragoman.additions.transaction import Write
from dragoman.errors import DragomanError
from dragoman.files import sha256_of

if TYPE_CHECKING:
    from pathlib import Path

    from dragoman.additions.incoming import Incoming
    from dragoman.base import Base, SourceFile
    from dragoman.store import LocalStore

_BOM = "\ufeff"


class Upgraded(NamedTuple):
    """What bringing a base over comes to.

    Attributes:
        new: the files as they are to be.
        old: the sources whose places they take.
        marker: the marker file as it is to be; None where nothing is to do.
        why: what is done, in words for the log.
    """

    new: tuple[Incoming, ...] = ()
    old: tuple[SourceFile, ...] = ()
    marker: Write | None = None
    why: str = ""


def upgraded(base: Base, opened: LocalStore, folder: Path) -> Upgraded:
    """Return the files of a base as the edition that we know has them.

    Args:
        base: the base.
        opened: its facts.
        folder: an empty folder for the files.

    Raises:
        DragomanError: the marker file cannot be read.
    """
    if base.edition == bases.EDITION:
        return Upgraded()
    more = _held(base, opened)
    made = []
    for number, (source, said) in enumerate(more.items()):
        place = folder / str(number)
        place.mkdir()
        made.append(_rewritten(base, source, place, said))
    why = f"edition {bases.EDITION} of the model"
    return Upgraded(tuple(made), tuple(more), _marker(base, folder), why)


def _held(base: Base, opened: LocalStore) -> dict[SourceFile, list[Triple]]:
    """Return, by own file, what its sources of accounts are to say of their texts."""
    text = (
        f"SELECT DISTINCT ?source ?sha ?length WHERE {{ ?account <{vocabulary.SOURCE}> ?source . "
        f"?account a <{vocabulary.ACCOUNT}> "
        f"OPTIONAL {{ ?source <{vocabulary.SHA256}> ?sha }} "
        f"OPTIONAL {{ ?source <{vocabulary.TEXT_LENGTH}> ?length }} "
        f"MINUS {{ ?source <{vocabulary.TEXT_HELD}> ?told }} }}"
    )
    # our own text, in which nothing needs looking for
    answer = opened.query(syntax.QueryText(text, "SELECT", (), {}, name="upgrade"))
    held = {
        row[0]: all(each is not None for each in row[1:])
        for row in answer.rows
        if isinstance(row[0], NamedNode)
    }
    kind, said = NamedNode(vocabulary.RDF_TYPE), NamedNode(vocabulary.TEXT_HELD)
    found: dict[SourceFile, list[Triple]] = {}
    files = {each.graph: each for each in base.sources(bases.DATA) if base.owns(each)}
    for source in sorted(held, key=str):
        homes = opened.store.quads_for_pattern(
            source, kind, NamedNode(vocabulary.SOURCE_CLASS), None
        )
        graphs = sorted(str(getattr(quad.graph_name, "value", "")) for quad in homes)
        home = next((files[each] for each in graphs if each in files), None)
        if home is not None:
            truth = Literal(str(held[source]).lower(), datatype=NamedNode(vocabulary.XSD_BOOLEAN))
            found.setdefault(home, []).append(Triple(source, said, truth))
    return found


def _rewritten(base: Base, source: SourceFile, folder: Path, more: list[Triple]) -> Incoming:
    """Write a file that says more, and the rest as it is."""
    content = folder / f"content{incoming.kept_suffix(source.path)}"
    label, known = base.inner_path(source), base.prefixes()
    if source.path.suffix == ".ttl":
        text = source.path.read_bytes().decode("utf-8")
        mark = _BOM if text.startswith(_BOM) else ""
        prefixes = dict(known)
        for _ in syntax.read_rdf(source.path, name=label, prefixes=prefixes):
            pass
        text = text.removeprefix(_BOM)
        for each in more:
            text = appending.to_turtle(text, [each], prefixes, known)
        content.write_bytes(f"{mark}{text}".encode())
    else:
        with (
            incoming.opened(source.path, "rb") as before,
            incoming.opened(content, "wb") as after,
        ):
            shutil.copyfileobj(before, after)
        with incoming.opened(source.path, "rb") as before:
            last = b"\n"
            for last in before:  # noqa: B007  the last one
                pass
        with incoming.opened(content, "ab") as after:
            after.writelines(appending.to_lines(last, more))
    before_ = syntax.read_rdf(source.path, name=label)
    after_ = syntax.read_rdf(content, name=label)
    # nothing is renamed: it must say the same, and more
    same = vocabulary.BASE
    syntax.check_renamed(before_, after_, same, same, more)
    return incoming.rewritten(source, content, label)


def _marker(base: Base, folder: Path) -> Write:
    """Return the marker file that states the edition."""
    place = base.root / bases.MARKER
    content = folder / bases.MARKER
    try:
        content.write_bytes(bases.marker_of(place.read_bytes().decode("utf-8")).encode())
    except (OSError, ValueError) as error:
        raise DragomanError(f"{place}: it cannot be read: {error}.") from error
    return Write(place, content, sha256_of(content), bases.MARKER)
