"""Changing the files of a base durably: all of a change or nothing, whatever fails, and when.

New files are written beside their places under hidden names, and made safe on the disk. Then one
file, the plan, is given its name in a folder of the cache: from there on the change is made, and
whatever interrupts the rest of it, `recover` carries it out to its end: renaming, unlinking,
writing the log. A folder without a plan is an attempt that changed nothing, and is swept. All
of this happens under the lock of the base.
"""

from __future__ import annotations

__all__ = ["UnfinishedError", "recover", "waiting"]

import hashlib
import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dragoman import base as bases
from dragoman import locking
from dragoman.errors import DragomanError, LockedError
from dragoman.files import chunks_of, sha256_of, sync_folder, write_all, write_synced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dragoman.base import Base

# Changes with each transaction, so that readers can tell whether they read across one.
COMMITS: Final = "commits"
_PLAN: Final = "commit.json"
# The plan of a change whose files are in place, and whose record is not written yet.
_PLACED: Final = "placed.json"
_FORMAT: Final = 1


@dataclass(frozen=True)
class Write:
    """A file to write.

    Attributes:
        target: its place in the base; what stands there is replaced.
        content: the file with the bytes to write.
        sha256: of those bytes; other bytes are refused, for they are not what was checked.
        label: how to call `content` in messages.
    """

    target: Path
    content: Path
    sha256: str
    label: str


@dataclass(frozen=True)
class Change:
    """What one transaction does.

    Attributes:
        writes: the files to write.
        removals: the files to delete.
        entry: whole lines for the log.
    """

    writes: tuple[Write, ...]
    removals: tuple[Path, ...]
    entry: bytes


class UnfinishedError(DragomanError):
    """A change is safe on the disk, and the next one who opens the base will finish it."""


def commit(base: Base, change: Change) -> None:
    """Make a change, which is safe on the disk when this returns. Needs the lock of the base.

    Raises:
        UnfinishedError: the change is made, but its last steps failed; `recover` will do them.
        DragomanError: nothing was changed; the text says why.
    """
    folder = _new_folder(base)
    if earlier := [each for each in _left(folder.parent.parent) if each != folder]:
        folder.rmdir()
        raise DragomanError(
            f"Nothing was changed: an interrupted change ({earlier[0].name}) waits to be finished."
        )
    try:
        try:
            _stage(base, folder, change)
        except BaseException:
            _discard(base, folder)
            raise
    except OSError as error:
        if (folder / _PLAN).exists():
            raise _unfinished(error) from error
        where = f"{error.filename}: " if error.filename else ""
        raise DragomanError(f"Nothing was changed: {where}{error.strerror or error}.") from error
    try:
        _place(base, folder)
        _record(base, folder)
    except OSError as error:
        raise _unfinished(error) from error


def recover(base: Base, command: str = "dragoman") -> tuple[str, ...]:
    """Finish what an interrupted process left, or sweep it away; one line for each change finished.

    Cheap where there is nothing to do. What belongs to a writer who is still at work stays.

    Raises:
        DragomanError: the rest of a change cannot be carried out; the text says why.
    """
    cache = base.cache
    if cache is None or not _left(cache):
        return ()
    try:
        with locking.held(cache, command, wait=0):
            return tuple(line for folder in _left(cache) for line in _settled(base, folder))
    except LockedError:
        return ()
    except OSError as error:
        raise DragomanError(
            "An interrupted change of the base cannot be finished: "
            f"{error.filename or base.root}: {error.strerror or error}. Mend that, and run any "
            "command again."
        ) from error


def waiting(base: Base) -> str:
    """Return a line about a change that is made and waits to be put in place; empty without one.

    After `recover`, what waits is in the hands of a living writer, or of one who may write.
    """
    inside = base.root / bases.CACHE
    try:
        plans = [each / _PLAN for each in _left(inside) if (each / _PLAN).exists()]
        begun = any(_is_begun(base, each) for each in plans)
    except (OSError, DragomanError):
        plans, begun = [inside], True
    if not plans:
        return ""
    who = locking.holder(inside)
    state = "perhaps some of it already" if begun else "the state before it"
    return (
        f"A change of the base is being made by {who}: what is shown is {state}."
        if who
        else f"An interrupted change of the base waits to be finished by somebody who may write "
        f"{base.root}: any command of theirs does it. What is shown is {state}."
    )


def _is_begun(base: Base, path: Path) -> bool:
    plan = _read(path)
    there = [*plan["files"], *plan["removed"]]
    return not all((base.root / each).exists() for each in there)


def _left(cache: Path) -> list[Path]:
    """Return the folders of transactions that did not end, the oldest first."""
    try:
        return sorted((cache / bases.PENDING).iterdir())
    except FileNotFoundError:
        return []


def _settled(base: Base, folder: Path) -> Iterator[str]:
    if (folder / _PLAN).exists():
        _place(base, folder)
    if not (folder / _PLACED).exists():
        _discard(base, folder)
        return
    plan = _read(folder / _PLACED)
    done = ", ".join([*plan["files"].values(), *plan["removed"]])
    try:
        _record(base, folder)
    except OSError as error:
        # The facts are all in place: that the log cannot be written hinders no reader.
        yield (
            f"An interrupted change of the base is in place ({done}), but its record cannot be "
            f"written yet: {error.strerror or error}."
        )
    else:
        yield f"An interrupted change of the base was finished: {done}."


def _unfinished(error: OSError) -> UnfinishedError:
    return UnfinishedError(
        f"The change is safe on the disk but not finished ({error.strerror or error}). The next "
        "command on this base finishes it."
    )


# ------------------------------------------------------------------ before the plan stands


def _new_folder(base: Base) -> Path:
    cache = base.make_cache()
    if cache is None:
        raise DragomanError(f"Nothing was changed: {base.root} cannot be written.")
    folder = cache / bases.PENDING / f"{time.time_ns():020d}-{os.getpid()}"
    try:
        if not folder.parent.exists():
            folder.parent.mkdir(exist_ok=True)
            sync_folder(cache)
            sync_folder(cache.parent)
        folder.mkdir()
        (cache / COMMITS).touch()
    except OSError as error:
        problem = f"Nothing was changed: {folder.parent}: {error.strerror or error}."
        raise DragomanError(problem) from error
    return folder


def _stage(base: Base, folder: Path, change: Change) -> None:
    staged: dict[str, str] = {}
    hashes: dict[str, str] = {}
    for write in change.writes:
        if write.target.is_dir():
            raise DragomanError(
                f"{write.target} is a folder, and a file is to stand there. Move it away, or give "
                "it another name."
            )
    for write in change.writes:
        # beside its place, where a rename cannot cross from one file system to another
        hidden = _hidden(write.target, folder)
        if not hidden.parent.exists():
            hidden.parent.mkdir(parents=True)
            sync_folder(hidden.parent.parent)
        digest = hashlib.sha256()
        write_synced(hidden, _hashed(write, digest.update))
        if digest.hexdigest() != write.sha256:
            raise DragomanError(f"{write.label}: it changed while it was being added. Try again.")
        if write.target.exists():
            hidden.chmod(write.target.stat().st_mode & 0o777)
        staged[_inner(base, hidden)] = _inner(base, write.target)
        hashes[_inner(base, write.target)] = write.sha256
    for place in {write.target.parent for write in change.writes}:
        sync_folder(place)
    offset, start = _end_of_log(base)
    plan = {
        "format": _FORMAT,
        "files": staged,
        "hashes": hashes,
        "removed": [_inner(base, path) for path in change.removals],
        "log": {"offset": offset, "entry": start + change.entry.decode()},
    }
    waiting = folder / f"{_PLAN}.new"
    write_synced(waiting, [json.dumps(plan).encode()])
    waiting.rename(folder / _PLAN)
    sync_folder(folder)
    sync_folder(folder.parent)


def _hashed(write: Write, update: Callable[[bytes], None]) -> Iterator[bytes]:
    try:
        for chunk in chunks_of(write.content):
            update(chunk)
            yield chunk
    except OSError as error:
        problem = f"{write.label}: it cannot be read any more: {error.strerror or error}."
        raise DragomanError(problem) from error


def _end_of_log(base: Base) -> tuple[int, str]:
    """Return how long the log is, and what must come before a new line of it."""
    try:
        with (base.root / bases.LOG).open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            if not size:
                return 0, ""
            log.seek(size - 1)
            return size, "" if log.read(1) == b"\n" else "\n"
    except FileNotFoundError:
        return 0, ""


def _discard(base: Base, folder: Path) -> None:
    """Take away an attempt that changed nothing; what cannot be taken away now is left for later.

    The plan goes first, and where it will not go, all of it stays: then the change is made.
    """
    try:
        if (folder / _PLAN).exists():
            (folder / _PLAN).unlink()
            sync_folder(folder)
    except OSError:
        return
    with suppress(OSError):
        # the marker file stands beside the folders
        for hidden in base.root.glob(f".*.{folder.name}"):
            hidden.unlink()
        for place, _, names in os.walk(base.root / bases.DATA):
            for name in names:
                if name.startswith(".") and name.endswith(f".{folder.name}"):
                    Path(place, name).unlink()
        (folder / f"{_PLAN}.new").unlink(missing_ok=True)
        folder.rmdir()
        sync_folder(folder.parent)


# ------------------------------------------------------------------ after it


def _place(base: Base, folder: Path) -> None:
    """Put the files where they belong, unless the plan turns out to have been given up."""
    plan = _read(folder / _PLAN)
    root = base.root
    files = {root / hidden: root / target for hidden, target in plan["files"].items()}
    removed = [root / path for path in plan["removed"]]
    for hidden, target in files.items():
        wanted = plan["hashes"][_inner(base, target)]
        if not hidden.exists() and not (target.exists() and sha256_of(target) == wanted):
            # Its writer could not unlink the plan for good before the power went.
            _discard(base, folder)
            return
    # The old ones go first: two files of one name are no base, not for a moment.
    for path in removed:
        path.unlink(missing_ok=True)
    for hidden, target in files.items():
        if hidden.exists():
            hidden.replace(target)
    for place in {path.parent for path in (*files.values(), *removed)}:
        sync_folder(place)
    # Readers compare its time, before and after they read the files.
    counter, now = folder.parent.parent / COMMITS, time.time_ns()
    counter.touch()
    os.utime(counter, ns=(now, now))
    (folder / _PLAN).rename(folder / _PLACED)


def _record(base: Base, folder: Path) -> None:
    """Write the log, and take the plan away."""
    told = _read(folder / _PLACED)["log"]
    _append(base.root / bases.LOG, int(told["offset"]), told["entry"].encode())
    (folder / _PLACED).unlink()
    folder.rmdir()
    # A plan that came back after the next change would undo that.
    sync_folder(folder.parent)


def _append(log: Path, offset: int, entry: bytes) -> None:
    """Write an entry to the log, once, whether or not some of it stands there already."""
    if not log.parent.exists():
        log.parent.mkdir()
        sync_folder(log.parent.parent)
    new = not log.exists()
    file = os.open(log, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
    try:
        size = os.fstat(file).st_size
        os.lseek(file, min(offset, size), os.SEEK_SET)
        tail = os.read(file, len(entry) + 1)
        # Where somebody else wrote behind the place, or cut before it, the end is the place.
        place = offset if offset <= size and entry.startswith(tail) else size
        if tail != entry:
            os.ftruncate(file, place)
            os.lseek(file, place, os.SEEK_SET)
            write_all(file, entry)
        os.fsync(file)
    finally:
        os.close(file)
    if new:
        sync_folder(log.parent)


def _read(path: Path) -> dict[str, Any]:
    try:
        plan: dict[str, Any] = json.loads(path.read_bytes())
        known = plan["format"] <= _FORMAT
    except (ValueError, KeyError, TypeError) as error:
        raise DragomanError(
            f"{path}: the plan of an interrupted change cannot be read ({error}). Look at the "
            "hidden files in the data folder, and delete the folder of the plan."
        ) from error
    if not known:
        raise DragomanError(
            f"{path}: an interrupted change was made by a newer version. Upgrade dragoman."
        )
    return plan


def _hidden(target: Path, folder: Path) -> Path:
    return target.with_name(f".{target.name}.{folder.name}")


def _inner(base: Base, path: Path) -> str:
    return path.relative_to(base.root).as_posix()
