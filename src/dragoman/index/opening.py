"""Opening the index of a base as its files are now: in memory, or on disk."""

from __future__ import annotations

__all__ = [
    "State",
    "current",
    "difference",
    "is_large",
    "make",
    "open_store",
    "pending",
    "published",
    "state",
]

import errno
import json
import os
import time
from contextlib import ExitStack, suppress
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from dragoman import base as bases
from dragoman import locking, record
from dragoman import store as stores
from dragoman.errors import DragomanError, LockedError
from dragoman.index import generations, manifest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pyoxigraph import Store

    from dragoman.base import Base, SourceFile
    from dragoman.index.filling import Progress
    from dragoman.index.manifest import Difference, Manifest, Stamp

ENVIRONMENT: Final = "DRAGOMAN_INDEX_FROM"
# Up to about this size, reading the files takes less time than people notice.
THRESHOLD: Final = 2 << 20
_PACKED: Final = 8
# A base of which more than this share changed is indexed anew, which is faster.
_SHARE: Final = 0.3
_MUCH: Final = 64 << 20
_WAIT: Final = 3600.0
_PATIENCE: Final = 30.0
# A change that is made but not finished, and what moves with each change.
_PLAN, _COMMITS = "commit.json", "commits"
# What a folder answers that cannot be written, whatever is in it.
_FULL: Final = frozenset(
    getattr(errno, name)
    for name in ("ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "EMFILE", "ENFILE", "ENOMEM")
    if hasattr(errno, name)
)
_FULL_TEXTS: Final = ("No space left", "Too many open files", "Read-only file system", "quota")


class State(NamedTuple):
    """What there is of an index, without opening it.

    Attributes:
        large: whether the base is large enough for an index on disk.
        size: of its files in bytes, packed ones as they may be when unpacked.
        manifest: what the published generation holds; None where there is none.
        unusable: why the index will be made anew; empty where it is fine, or there is none.
        difference: how the files differ from what was indexed.
        other_rules: whether its record was derived by other rules than those there are.
    """

    large: bool
    size: int
    manifest: Manifest | None
    unusable: str
    difference: Difference
    other_rules: bool = False


def open_store(
    base: Base,
    *,
    warn: Callable[[str], None] | None = None,
    note: Callable[[str], None] | None = None,
    progress: Progress | None = None,
    recover: Callable[[Base], object] | None = None,
) -> stores.LocalStore:
    """Open the index of a base's ontology and data, as the files are now.

    A small base is read into memory. For a large one there is an index on disk: it is made when it
    is first needed, brought up to the files by what differs, and made anew when it is damaged or of
    another version. While somebody else writes the base, the published index is taken as it is; so
    a reader sees the state before a change or after it. Where no index can be kept, a large base is
    read into memory, too.

    Args:
        base: the base.
        warn: called with one line for each file that is left out, and for an index that had to be
            made anew or cannot be kept; the lines also stand in `LocalStore.warnings`.
        note: called with one line before work that takes long.
        progress: called with the bytes that were indexed, and those there are.
        recover: finishes changes that a process that died left unfinished.

    Raises:
        BaseContentError: a folder has no file, or two files would be one graph.
        LockedError: somebody else holds the lock of the base, and there is no index to read.
    """
    cache = base.cache
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        if warn:
            warn(line)

    sources = base.sources(*manifest.INDEXED)
    stamps = manifest.stamps(sources)
    if cache is None or _size(sources, stamps) < threshold():
        return _in_memory(base, recover, say, said)
    try:
        opened = _usable(base, cache, sources, stamps)
        if opened is None:
            _bring_up(base, note or _nothing, say, progress, recover)
            opened = _usable(base, cache, None, None, anyway=True)
    except (OSError, RuntimeError) as error:
        problem = getattr(error, "strerror", None) or error
        say(f"{cache}: the index cannot be kept: {problem}. The base is read into memory.")
        opened = None
    if opened is None:
        return _in_memory(base, recover, say, said)
    return _local(base, opened, say, said)


def current(base: Base) -> stores.LocalStore | None:
    """Open the index on disk, where there is one that holds the files as they are now."""
    cache = base.cache
    sources = base.sources(*manifest.INDEXED)
    stamps = manifest.stamps(sources)
    if cache is None or _size(sources, stamps) < threshold():
        return None
    with suppress(OSError, RuntimeError):
        if opened := _usable(base, cache, sources, stamps):
            said: list[str] = []
            return _local(base, opened, said.append, said)
    return None


def published(base: Base) -> bool:
    """Return whether there is a usable index of the base, for a `Writer` to go on from."""
    cache = base.cache
    try:
        known = manifest.read(cache) if cache else None
    except (manifest.UnusableError, OSError):
        return False
    return bool(known and cache and generations.place(cache, known.generation).is_dir())


def is_large(base: Base) -> bool:
    """Return whether a base is large enough for an index on disk."""
    sources = base.sources(*manifest.INDEXED)
    return _size(sources, manifest.stamps(sources)) >= threshold()


def threshold() -> int:
    """Return from how many bytes of files on a base has an index on disk.

    Raises:
        DragomanError: the environment variable DRAGOMAN_INDEX_FROM is no number.
    """
    told = os.environ.get(ENVIRONMENT, "")
    if not told:
        return THRESHOLD
    if not told.isdecimal():
        raise DragomanError(f"{ENVIRONMENT} is {told!r}, which is no number of bytes.")
    return int(told)


def state(base: Base) -> State:
    """Return what there is of an index, and how the files differ from it. Changes nothing.

    Raises:
        BaseContentError: a folder has no file, or two files would be one graph.
    """
    sources = base.sources(*manifest.INDEXED)
    stamps = manifest.stamps(sources)
    size = _size(sources, stamps)
    large = size >= threshold()
    cache = base.cache
    if cache is None:
        return State(large, size, None, "", manifest.Difference())
    try:
        known = manifest.read(cache)
    except (manifest.UnusableError, OSError) as error:
        return State(large, size, None, why(error), manifest.Difference())
    if known is None:
        return State(large, size, None, "", manifest.Difference())
    unusable = ""
    try:
        generations.opened(cache, known.generation, known.parts)
    except OSError as error:
        unusable = why(error)
    found = manifest.compare(base, sources, stamps, known, cache)
    return State(large, size, known, unusable, found, known.rules != record.stamp(base))


def difference(base: Base) -> Difference:
    """Return what changed in the files since they were indexed.

    Raises:
        BaseContentError: a folder has no file, or two files would be one graph.
    """
    return state(base).difference


def pending(base: Base) -> tuple[str, ...]:
    """Return the names of changes of a base that are made but not finished, the oldest first."""
    cache = base.cache
    if cache is None:
        return ()
    return tuple(sorted(each.parent.name for each in (cache / bases.PENDING).glob(f"*/{_PLAN}")))


def make(
    base: Base,
    *,
    rebuild: bool = False,
    progress: Progress | None = None,
    recover: Callable[[Base], object] | None = None,
    wait: float = locking.WAIT,
) -> str:
    """Bring the index of a base up to its files, and return what was done, as a sentence.

    Args:
        base: the base, of any size.
        rebuild: make it anew even where it is fine.
        progress: called with the bytes that were indexed, and those there are.
        recover: finishes changes that a process that died left unfinished.
        wait: seconds to wait for the lock of the base.

    Raises:
        BaseContentError: a folder has no file, or two files would be one graph.
        LockedError: somebody else holds the lock of the base.
        DragomanError: the index cannot be written.
    """
    cache = base.make_cache()
    if cache is None:
        raise DragomanError(f"No folder for the index of {base.root} can be written.")
    try:
        with locking.held(cache, "dragoman index", wait):
            if recover:
                recover(base)
            return _brought_up(base, cache, progress, rebuild=rebuild)
    except OSError as error:
        raise DragomanError(
            f"{cache}: the index cannot be written: {error.strerror or error}."
        ) from error


def why(error: BaseException) -> str:
    """Return a clause that says what is wrong with a damaged index."""
    if isinstance(error, manifest.UnusableError):
        return str(error)
    if isinstance(error, (FileNotFoundError, json.JSONDecodeError)):
        return "a part of it is missing"
    return f"it is damaged: {str(error).splitlines()[0][:120]}"


def _nothing(_: str) -> None:
    """Say nothing."""


# ------------------------------------------------------------------ in memory


def _in_memory(
    base: Base,
    recover: Callable[[Base], object] | None,
    say: Callable[[str], None],
    said: list[str],
) -> stores.LocalStore:
    """Read a base, and read it again where somebody changed it meanwhile."""
    end = time.monotonic() + _PATIENCE
    while True:
        before = _moment(base.cache)
        if before is not None:
            loaded = stores.load(base)
            if before == _moment(base.cache):
                loaded = record.recorded(base, loaded)
                break
        elif recover and locking.holder(base.cache) is None:
            recover(base)
            recover = None
        if time.monotonic() > end:
            who = locking.holder(base.cache)
            raise LockedError(
                f"The base is being written by {who}." if who else
                "A change of the base was interrupted, and cannot be finished."
            )  # fmt: skip
        time.sleep(0.01)
    for line in loaded.warnings:
        say(line)
    return stores.LocalStore(loaded.store, loaded.sources, tuple(said))


def _moment(cache: Path | None) -> object | None:
    """Return what moves when a change is made; None while one is made but not finished."""
    if cache is None:
        return ()
    folder = cache / bases.PENDING
    with suppress(FileNotFoundError):
        if any((each / _PLAN).exists() for each in folder.iterdir()):
            return None
    try:
        return manifest.stamp(cache / _COMMITS)
    except OSError:
        return ()


# ------------------------------------------------------------------ on disk


def _usable(
    base: Base,
    cache: Path,
    sources: Sequence[SourceFile] | None,
    stamps: dict[str, Stamp] | None,
    *,
    anyway: bool = False,
) -> tuple[Store, IO[bytes], Manifest] | None:
    """Open the published generation if it is up to the files, or `anyway`."""
    for _ in range(5):
        try:
            known = manifest.read(cache)
        except manifest.UnusableError:
            return None
        if known is None:
            return None
        if not anyway and sources is not None and stamps is not None:
            found = manifest.compare(base, sources, stamps, known, cache)
            if found or known.rules != record.stamp(base):
                return None
            if found.known:
                _remember(base, cache)
        try:
            return (*generations.opened(cache, known.generation, known.parts), known)
        except OSError as error:
            if _is_full(error):
                raise
            # Swept away since its name was read, by writers; or damaged.
            with suppress(manifest.UnusableError):
                again = manifest.read(cache)
                if again is None or again.generation == known.generation:
                    return None
    return None


def _remember(base: Base, cache: Path) -> None:
    """Write down that files are as they were, so that they need not be hashed again."""
    from dragoman.index import writing

    with suppress(LockedError, DragomanError, OSError), locking.held(cache, "dragoman", wait=0):
        known = manifest.read(cache)
        if known is not None:
            sources = base.sources(*manifest.INDEXED)
            found = manifest.compare(base, sources, manifest.stamps(sources), known, cache)
            if not found:
                writing.refresh(base, known, found)


def _bring_up(
    base: Base,
    note: Callable[[str], None],
    say: Callable[[str], None],
    progress: Progress | None,
    recover: Callable[[Base], object] | None,
) -> None:
    """Make or refresh the index, unless somebody else writes the base and there is one to read."""
    cache = base.make_cache()
    if cache is None:
        raise OSError(errno.EACCES, "the folder cannot be written")
    waiting = _WAIT
    if published(base):
        waiting = 0
    elif who := locking.holder(cache):
        note(f"Waiting for {who}.")
    with ExitStack() as stack:
        try:
            stack.enter_context(locking.held(cache, "dragoman index", wait=waiting))
        except LockedError:
            if waiting:
                raise
            return
        except DragomanError as error:  # no locks here, so no index either
            raise OSError(errno.ENOLCK, str(error)) from error
        if recover:
            recover(base)
        _brought_up(base, cache, progress, note=note, say=say)


def _brought_up(  # noqa: PLR0913  each has a caller of its own
    base: Base,
    cache: Path,
    progress: Progress | None,
    *,
    rebuild: bool = False,
    note: Callable[[str], None] = _nothing,
    say: Callable[[str], None] = _nothing,
) -> str:
    """Do what has to be done, and return it as a sentence. Needs the lock."""
    from dragoman.index import writing

    sources = base.sources(*manifest.INDEXED)
    stamps = manifest.stamps(sources)
    try:
        known = manifest.read(cache)
        if known is not None and not rebuild:
            found = manifest.compare(base, sources, stamps, known, cache)
            if not _is_much(found, stamps):
                others = known.rules != record.stamp(base)
                if others:
                    note("The rules are not those of its record, which is made anew …")
                if found or found.known or others:
                    writing.refresh(base, known, found)
                if not (found or others):
                    generations.opened(cache, known.generation, known.parts)
                return _told(found, others=others)
    except (manifest.UnusableError, OSError, RuntimeError) as error:
        if _is_full(error):
            raise
        say(f"The index was not usable ({why(error)}) and is made anew from the files.")
        known = None
    many = f"{len(sources):,} files, {_size(sources, stamps) / 1e6:,.0f} MB"
    note(f"Indexing {many}; this is done once, then only what changes …")
    writing.build(base, cache, progress)
    return f"Indexed {many}."


def _is_much(found: Difference, stamps: dict[str, Stamp]) -> bool:
    """Return whether indexing everything anew is less work than what differs."""
    changed = (*found.changed, *found.new)
    size = sum(stamps[each.graph].size for each in changed if each.graph in stamps)
    return size > _MUCH and size > _SHARE * sum(each.size for each in stamps.values())


def _told(found: Difference, *, others: bool = False) -> str:
    parts = [
        f"{len(files):,} {word}"
        for files, word in ((found.new, "new"), (found.changed, "changed"), (found.gone, "gone"))
        if files
    ]
    anew = " The rules changed, so its record was made anew." if others else ""
    if not parts:
        return f"The index is up to the files.{anew}"
    return f"Brought the index up to the files: {', '.join(parts)}.{anew}"


def _local(
    base: Base,
    opened: tuple[Store, IO[bytes], Manifest],
    say: Callable[[str], None],
    said: list[str],
) -> stores.LocalStore:
    store, lease, known = opened
    sources = []
    for source in base.sources(*manifest.INDEXED):
        entry = known.entries.get(source.graph)
        if entry is None or entry is manifest.UNKNOWN:
            continue
        if entry.problem:
            say(entry.warning(source.path))
        else:
            sources.append(source)
    for _, line in known.left_out:
        say(line)
    cache = base.cache
    place = generations.place(cache, known.generation) if cache else None
    return stores.LocalStore(store, tuple(sources), tuple(said), place, lease)


def _size(sources: Sequence[SourceFile], stamps: dict[str, Stamp]) -> int:
    return sum(
        stamps[source.graph].size * (_PACKED if source.path.name.endswith(".gz") else 1)
        for source in sources
        if source.graph in stamps
    )


def _is_full(error: BaseException) -> bool:
    """Return whether an error is about the disk or its rights, and not about what stands there."""
    text = str(error)
    return isinstance(error, OSError) and (
        error.errno in _FULL or any(each in text for each in _FULL_TEXTS)
    )
