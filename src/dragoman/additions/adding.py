"""Adding, removing, merging and upgrading: checked first, then done in one transaction."""

from __future__ import annotations

__all__ = ["Addition", "add", "merge", "remove", "upgrade"]

import dataclasses
import functools
import itertools
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dragoman import base as bases
from dragoman import index, locking, validation
from dragoman.additions import checking, incoming, log, transaction
from dragoman.additions.options import Adding, Changing
from dragoman.errors import DragomanError, UnknownNameError, counted
from dragoman.files import sha256_of
from dragoman.notebook import Shown
from dragoman.validation import standing

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Sequence

    from dragoman.additions.incoming import Given, Incoming
    from dragoman.base import Base, SourceFile
    from dragoman.record import Followed
    from dragoman.store import LocalStore
    from dragoman.validation import Finding, Report


@dataclass(frozen=True)
class Addition(Shown):
    """What became of an addition, a removal, a merger or an upgrade.

    Attributes:
        report: what the change causes in the base: findings after it, less those before it.
        refused: the findings that stand against it; with none, it was done.
        added: what is new in the base; the files it replaces are not listed again.
        replaced: IRIs of the sources among them that were there before.
        removed: what is gone from the base.
        dry_run: true where it would be done, and nothing was.
        notes: what the user should know besides, one line each.
    """

    report: Report
    refused: tuple[Finding, ...] = ()
    added: tuple[log.File, ...] = ()
    replaced: tuple[str, ...] = ()
    removed: tuple[log.File, ...] = ()
    dry_run: bool = False
    notes: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        """Return whether the base holds the change now."""
        return not self.refused and not self.dry_run

    def __str__(self) -> str:
        """Return what was done, and what the check found, as text."""
        return f"{super().__str__()}\n\n{self.report}"

    def _repr_html_(self) -> str:
        return f"{super()._repr_html_()}{self.report._repr_html_()}"

    def _shown(self) -> tuple[str, Sequence[str], list[Sequence[object]]]:
        verdict = "Done" if self.done else "Nothing was changed: a dry run"
        if self.refused:
            verdict = f"Refused, nothing was changed: {counted(len(self.refused), 'finding')}"
        rows: list[Sequence[object]] = [
            (change, each.path, each.triples or "")
            for change, files in (("added", self.added), ("removed", self.removed))
            for each in files
        ]
        return verdict, ("change", "file", "triples"), rows


@dataclass(frozen=True)
class _Plan:
    """A change as it was found possible: what comes, what goes, what is replaced.

    With `why`, a line for the log, what comes was made here, and nobody gave it. With `marker`
    the marker file is written anew, too.
    """

    new: tuple[Incoming, ...] = ()
    old: tuple[SourceFile, ...] = ()
    notes: tuple[str, ...] = ()
    why: str = ""
    marker: transaction.Write | None = None

    def target(self, base: Base, new: Incoming) -> Path:
        """Return where a new source is to stand: where the one that it replaces stood."""
        for source in self.old:
            if source.name == new.name and base.owns(source):
                return source.path.with_name(f"{new.name}{new.suffix}")
        return base.root / bases.DATA / new.place / f"{new.name}{new.suffix}"


def add(
    base: Base, files: Sequence[str | os.PathLike[str] | Given], how: Adding = Adding()
) -> Addition:
    """Add files to a base as sources: all of them, or nothing changes.

    They are checked in the context of the base. What any finding of severity violation, or any
    finding of the lint, stands against is refused; lighter findings are in the report.

    Args:
        base: the base, which must be one's own.
        files: RDF files in any format, tables of statements or of rows that a mapping makes facts
            of, and folders of the bulk layout; a `Given` gives a file another name in messages.
        how: how it is wanted.

    Raises:
        SyntaxProblem: a file cannot be read, does not parse, or says nothing.
        UnreadableFilesError: several files, or several rows of a table, are so.
        DragomanError: a name cannot be one, a source is in the base already, the base cannot be
            written, or a file changed meanwhile: nothing was changed.
        LockedError: somebody else is writing.
        UnfinishedError: it is done, and the next command on the base will finish the last steps.
        ShapesError: the shapes are not valid SHACL.
        LimitError: the timeout has passed.
    """
    _check(base, how)
    given = [
        each
        if isinstance(each, incoming.Given)
        else incoming.Given(Path(each), str(each), how.base_iri)
        for each in files
    ]
    if not given:
        raise DragomanError("Name a file to add.")
    forms = [each for each in given if bases.is_form(each.path)]
    if how.name is not None and forms:
        raise DragomanError(
            f"--as {how.name}: a report form says itself what its source is called."
        )
    skip_bad = None if how.skip_bad is None else Path(how.skip_bad)
    if skip_bad is not None:
        from dragoman.additions import rejecting

        rejecting.check(skip_bad, given)
    tables = incoming.Tables(
        base,
        functools.cache(lambda: index.open_store(base)),
        how.table,
        how.timeout,
        None if skip_bad is None else {},
    )
    others = [each for each in given if each not in forms]
    read: list[Incoming] = []
    place = Path()

    def change() -> Addition:
        opened = index.open_store(base)
        new = [*read, *incoming.of_forms(base, forms, opened, place)]
        plan = _additions(base, new, opened, replacing=how.replace)
        if how.instead is not None:
            _check_instead(plan, *how.instead)
        if not plan.new:
            return Addition(validation.Report(()), notes=plan.notes)
        return _changed(base, plan, opened, how)

    with _temporary() as folder:
        for number in itertools.count():
            place = folder / str(number)
            place.mkdir()
            read = incoming.read(
                others,
                place,
                name=how.name,
                syntax_=how.syntax,
                unskolemize=how.unskolemize,
                tables=tables,
            )
            done = _under_lock(base, "dragoman add", change, how)
            if skip_bad is None or not done.refused or not rejecting.rejected(done, read, tables):
                break
        if skip_bad is None or done.refused:
            return done
        return dataclasses.replace(done, notes=(*done.notes, rejecting.write(skip_bad, read[0])))


def remove(base: Base, names: Sequence[str], how: Changing = Changing()) -> Addition:
    """Remove sources from a base: all of them, or nothing changes.

    A removal is checked as an addition is: the report has what goes wrong without them.

    Args:
        base: the base, which must be one's own.
        names: names, paths or IRIs of sources below `data/`.
        how: how it is wanted.

    Raises:
        UnknownNameError: there is no such source.
        DragomanError: it is a file of the package, or the last one; nothing was changed.
        Further as `add`.
    """
    _check(base, how)

    def change() -> Addition:
        plan = _removals(base, names)
        return _changed(base, plan, index.open_store(base), how)

    return _under_lock(base, "dragoman remove", change, how)


def merge(base: Base, old: str, new: str, how: Changing = Changing()) -> Addition:
    """Join two things that were entered for one: in all files, or nothing changes.

    What the own files say of the old thing they say of the new one; the IRI of the old one stays,
    `owl:deprecated` and `dcterms:isReplacedBy` the new one. Layout and comments stay. What becomes
    of it is checked as an addition is: two dates of birth refuse it.

    Args:
        base: the base, which must be one's own.
        old: the thing that goes: an IRI, a prefixed name, or a name in any spelling.
        new: the thing that stays.
        how: how it is wanted.

    Raises:
        UnknownNameError: nothing is called so.
        AmbiguousNameError: several things are.
        DragomanError: they are one already, of two classes, states or no subjects; or the old one
            stands in a file of the package, or outside of `data/`. Nothing was changed.
        Further as `add`.
    """
    from dragoman.additions import merging

    _check(base, how)

    def change() -> Addition:
        opened = index.open_store(base)
        with _temporary() as folder:
            found = merging.merged(base, opened, old, new, folder)
            notes = (*found.changes, *found.notes) if how.dry_run else found.notes
            plan = _Plan(found.new, found.old, notes, found.why)
            return _changed(base, plan, opened, how)

    return _under_lock(base, "dragoman merge", change, how)


def upgrade(base: Base, how: Changing = Changing()) -> Addition:
    """Bring a base of an earlier edition of the model over: in all files, or nothing changes.

    Its sources of accounts say whether their texts are held, and its marker file states the
    edition. Layout and comments stay. What becomes of it is checked as an addition is.

    Args:
        base: the base, which must be one's own.
        how: how it is wanted.

    Raises:
        As `add`.
    """
    from dragoman.additions import upgrading

    _check(base, how)

    def change() -> Addition:
        edition = bases.EDITION
        if base.edition == edition:
            already = f"The base is of edition {edition} of the model already. Nothing to do."
            return Addition(validation.Report(()), notes=(already,))
        opened = index.open_store(base)
        with _temporary() as folder:
            found = upgrading.upgraded(base, opened, folder)
            states = "would state" if how.dry_run else "states"
            said = (
                f"{bases.MARKER} {states} the edition: {edition}, in the place of {base.edition}.",
            )
            plan = _Plan(found.new, found.old, said, found.why, found.marker)
            return _changed(base, plan, opened, how)

    return _under_lock(base, "dragoman upgrade", change, how)


# ------------------------------------------------------------------ what is possible


def _check(base: Base, how: Changing) -> None:
    """Refuse what cannot be wanted, and a base that cannot be written."""
    checking.check_allowance(how.allow)
    cache = base.cache
    if cache is None or not cache.is_relative_to(base.root):
        raise DragomanError(
            f"The base {base.root} may not be written ({base.reason}). Make one of your own with "
            "dragoman init DIR, and name it with --base DIR."
        )


def _additions(
    base: Base, new: Sequence[Incoming], opened: LocalStore, *, replacing: bool
) -> _Plan:
    """Return what adding comes to, or refuse what is in the base already."""
    sources = base.sources(bases.DATA)
    by_name = {source.name.casefold(): source for source in sources}
    sizes: dict[int, list[SourceFile]] = {}
    for source in sources:
        sizes.setdefault(_size(source), []).append(source)
    wanted: list[Incoming] = []
    old: list[SourceFile] = []
    notes: list[str] = []
    for each in new:
        label = each.given.label
        before = by_name.get(each.name.casefold())
        if before is not None and before.name != each.name:
            raise DragomanError(
                f"{label}: {each.name!r} and {base.inner_path(before)} are one name on systems "
                "that do not tell capitals apart. Choose another with --as NAME."
            )
        same = [
            source
            for source in sizes.get(each.content.stat().st_size, ())
            if sha256_of(source.path) == each.sha256
        ]
        if before is not None and before in same and not each.remarks:
            said = f"{label} is in the base already, byte for byte: {base.inner_path(before)}."
            if not replacing:
                raise DragomanError(said)
            notes.append(f"{said} Nothing to do.")
            continue
        if each.place:  # what it adds to is in it
            old += [before] if before is not None else []
            wanted.append(each)
            continue
        described = standing.home(opened.store, sources, each.described)
        if same and described not in same:
            raise DragomanError(
                f"{label}: its content is in the base already, as {base.inner_path(same[0])}. "
                "Remove that one first if it is to have another name."
            )
        if described is not None and not replacing:
            further = "" if each.name == each.described else ", without --as"
            raise DragomanError(
                f"{label} describes the source {each.described}, which is in the base already as "
                f"{base.inner_path(described)}: replace it with --replace{further}."
            )
        if before is not None and not replacing:
            raise DragomanError(
                f"{label}: the base has a source {each.name!r} already, "
                f"{base.inner_path(before)}. Add --replace to put this file in its place, or "
                "--as NAME to keep both."
            )
        old += dict.fromkeys(
            source
            for source in (before, described if each.name == each.described else None)
            if source is not None
        )
        if each.note:
            notes.append(each.note)
        if each.name == each.described and each.name != _called(each.given):
            notes.append(
                f"{label} describes the source {each.name}, and is kept under that name, as if by "
                f"--as {each.name}."
            )
        wanted.append(each)
    _check_apart(wanted)
    return _Plan(tuple(wanted), tuple(old), tuple(notes))


def _check_instead(plan: _Plan, name: str, sha256: str) -> None:
    """Refuse a change that takes another place than that of a source as it was."""
    other = [each.name for each in plan.new if not each.place and each.name != name]
    if other:
        raise DragomanError(
            f"It is called {other[0]!r}, and would take the place of {name!r}: leave the name, or "
            "add it as another source."
        )
    if any(_digest(each) != sha256 for each in plan.old if each.name == name):
        raise DragomanError(f"Somebody else changed {name} meanwhile.")


def _called(given: Given) -> str:
    """Return what a file would be called by its own name; what came through a pipe has none."""
    return "" if given.label == "-" else bases.stem(given.path)


def _check_apart(new: Sequence[Incoming]) -> None:
    seen: dict[str, Incoming] = {}
    for each in new:
        other = seen.setdefault(each.sha256, each)
        if other is not each:
            raise DragomanError(
                f"{other.given.label} and {each.given.label} are the same file, byte for byte. "
                "Add one of them."
            )


def _size(source: SourceFile) -> int:
    try:
        return source.path.stat().st_size
    except OSError:
        return -1


def _removals(base: Base, names: Sequence[str]) -> _Plan:
    sources = base.sources(bases.DATA)
    found: dict[str, SourceFile] = {}
    for name in names:
        for source in sources:
            if name in {source.name, source.graph, base.inner_path(source), str(source.path)} or (
                Path(name).suffix and Path(name).resolve() == source.path.resolve()
            ):
                break
        else:
            raise UnknownNameError("source", name, [source.name for source in sources], "in data/")
        if not base.owns(source):
            raise DragomanError(
                f"{source.name} came with the package and cannot be removed. A file of that name "
                "in your own data folder hides it: dragoman add FILE "
                f"--as {source.name} --replace."
            )
        found[source.name] = source
    if not found:
        raise DragomanError("Name a source to remove.")
    if len(found) == len(sources) and not base.layers:
        raise DragomanError("A base needs at least one file in data/. Add another one first.")
    return _Plan(old=tuple(found.values()))


# ------------------------------------------------------------------ checking and doing


@contextmanager
def _temporary() -> Iterator[Path]:
    """Give a folder that is gone afterwards; what fails in the block has changed nothing."""
    try:
        with tempfile.TemporaryDirectory(prefix="dragoman-", ignore_cleanup_errors=True) as path:
            yield Path(path)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise DragomanError(f"Nothing was changed: {where}{error.strerror or error}.") from error


def _under_lock(
    base: Base, command: str, change: Callable[[], Addition], how: Changing
) -> Addition:
    """Do it as the only writer, after finishing what an interrupted one left."""
    if how.dry_run:
        notes = transaction.recover(base, command)
        done = change()
    else:
        with locking.held(base.make_cache(), command, how.wait, how.note):
            notes = transaction.recover(base, command)
            done = change()
    return dataclasses.replace(done, notes=(*notes, *done.notes))


def _changed(base: Base, plan: _Plan, opened: LocalStore, how: Changing) -> Addition:
    """Check a change, and make it unless something stands against it."""
    gone = {
        source: log.File(base.inner_path(source), _digest(source), source.graph)
        for source in plan.old
    }
    report = (
        checking.check(base, plan.new, plan.old, opened, how)
        if plan.new or plan.old
        else validation.Report(())
    )
    grave = [each for each in report.findings if checking.is_grave(each)]
    refused = [each for each in grave if not checking.passes(each, how.allow)]
    names = {each.name for each in plan.new}
    done = Addition(
        report,
        tuple(refused),
        tuple(
            log.File(
                plan.target(base, each).relative_to(base.root).as_posix(),
                each.sha256,
                each.graph,
                each.triples,
            )
            for each in plan.new
        ),
        tuple(source.graph for source in plan.old if source.name in names),
        tuple(file for source, file in gone.items() if source.name not in names),
        how.dry_run,
        (*opened.warnings, *plan.notes),
    )
    if not done.done:
        return done
    entry = log.entry(
        done.added,
        tuple(gone.values()),
        [log.File(Path(each.given.label).name, each.digest) for each in plan.new if not plan.why],
        how.allow if grave else None,
        plan.why,
    )
    for source, file in gone.items():
        if _digest(source) != file.sha256:
            raise DragomanError(
                f"Nothing was changed: {file.path} changed while it was being checked. Try again."
            )
    writes = [
        transaction.Write(plan.target(base, each), each.content, each.sha256, each.given.label)
        for each in plan.new
    ]
    writes += [plan.marker] if plan.marker else []
    targets = {write.target for write in writes}
    removals = [
        source.path for source in plan.old if base.owns(source) and source.path not in targets
    ]
    transaction.commit(base, transaction.Change(tuple(writes), tuple(removals), entry))
    graphs = [*(each.graph for each in plan.new), *(each.graph for each in plan.old)]
    notes = _indexed(base, graphs, report.followed)
    return dataclasses.replace(done, notes=(*done.notes, *notes))


def _indexed(base: Base, graphs: Sequence[str], followed: Followed | None) -> tuple[str, ...]:
    """Bring the index on disk up to the files, where there is one: a cache, not the truth."""
    try:
        if not index.published(base):
            return ()
        files = {source.graph: source.path for source in base.sources(bases.DATA)}
        with index.Writer(base) as writer:
            for graph in dict.fromkeys(graphs):
                if graph in files:
                    writer.replace(graph, files[graph])
                else:
                    writer.remove(graph)
            writer.publish(followed=followed)
    except (OSError, DragomanError, index.UnusableError) as error:
        return (f"The index could not be brought up to it ({error}); the next command does it.",)
    return ()


def _digest(source: SourceFile) -> str:
    try:
        return sha256_of(source.path)
    except OSError as error:
        problem = f"{source.path}: it cannot be read: {error.strerror or error}."
        raise DragomanError(problem) from error
