"""The writers' lock of a base: one writer at a time, and who that is.

The lock is the system's own on an open file (flock; on Windows a locked byte), so it ends with the
process that holds it, however that ends. Who holds it stands in a file beside it, for people only.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, NamedTuple

from dragoman.errors import DragomanError, LockedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WAIT: Final = 60.0
# Who waits longer than this is told for whom.
_MOMENT: Final = 0.5
_LOCK, _HOLDER = "lock", "lock.json"
# The locks that the running piece of code holds: a writer that opens the index asks again.
_HELD: Final[ContextVar[frozenset[str]]] = ContextVar("held", default=frozenset())


class Holder(NamedTuple):
    """Who holds the lock.

    Attributes:
        who: name of the user, or empty where it is not known.
        pid: the process; 0 where it is not known.
        host: the machine.
        since: when it was taken, as xsd:dateTime in UTC.
        command: what it was taken for, as in `dragoman add`.
    """

    who: str = ""
    pid: int = 0
    host: str = ""
    since: str = ""
    command: str = ""

    def __str__(self) -> str:
        """Return one clause for people."""
        if not self.pid:
            return "another process"
        by = f"{self.command} of {self.who}" if self.who else self.command
        return f"{by} (process {self.pid} on {self.host}, since {self.since})"


@contextmanager
def held(
    cache: Path | None,
    command: str,
    wait: float = WAIT,
    note: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """Hold the lock of a base while the block runs. Code that holds it may ask for it again.

    Args:
        cache: the cache folder of the base (`Base.cache`); made where it is missing.
        command: what it is taken for, told to those who wait.
        wait: seconds to queue for it; 0 tries once.
        note: told in one line for whom we wait, where that takes longer than a moment.

    Raises:
        LockedError: somebody else still holds it; the text says who.
        DragomanError: the lock file cannot be made, or the file system knows no locks.
    """
    if cache is None:
        raise DragomanError("No folder for the lock of the base can be written.")
    name = str(cache.absolute())
    if name in _HELD.get():
        yield
        return
    try:
        cache.mkdir(parents=True, exist_ok=True)
        file = os.open(cache / _LOCK, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
    except OSError as error:
        problem = f"{cache}: the lock cannot be taken: {error.strerror or error}."
        raise DragomanError(problem) from error
    try:
        _take(file, cache, wait, note)
        with suppress(OSError):  # nobody needs to know who we are for the lock to hold
            _sign(cache, command)
        mark = _HELD.set(_HELD.get() | {name})
        try:
            yield
        finally:
            _HELD.reset(mark)
            with suppress(OSError):
                (cache / _HOLDER).unlink(missing_ok=True)
    finally:
        os.close(file)  # and with it the lock goes


def holder(cache: Path | None) -> Holder | None:
    """Return who holds the lock of a base at this moment; None where nobody does.

    Raises:
        DragomanError: the file system knows no locks.
    """
    if cache is None:
        return None
    try:
        file = os.open(cache / _LOCK, os.O_RDWR)
    except OSError:
        return None  # nobody ever took it, or it is not ours to ask
    try:
        if _try(file, shared=True):
            return None
        return _signed(cache)
    finally:
        os.close(file)


def _take(file: int, cache: Path, wait: float, note: Callable[[str], None] | None) -> None:
    # A look at the lock by `holder` lasts microseconds, and must not count as a writer.
    started, pause = time.monotonic(), 0.002
    while not _try(file):
        waiting = time.monotonic() - started
        if note and waiting > _MOMENT:
            note(f"Waiting for {_signed(cache)}.")
            note = None
        if waiting > max(wait, 0.05):
            waited = f" Waited {wait:g} s." if wait else ""
            raise LockedError(
                f"The base is being written by {_signed(cache)}.{waited} Try again, or wait longer "
                "with --wait."
            )
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)


if sys.platform == "win32":

    def _try(file: int, *, shared: bool = False) -> bool:  # noqa: ARG001  no shared kind here
        import msvcrt

        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:

    def _try(file: int, *, shared: bool = False) -> bool:
        import fcntl

        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            raise DragomanError(
                f"This file system knows no locks ({error.strerror}). Keep the base on another."
            ) from error
        return True


def _sign(cache: Path, command: str) -> None:
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    told = Holder(_user(), os.getpid(), _host(), since, command)
    # Renamed into place, so that a reader finds all of it or nothing.
    waiting = cache / f".{_HOLDER}.{os.getpid()}"
    waiting.write_text(json.dumps(told._asdict()), encoding="utf-8")
    waiting.replace(cache / _HOLDER)


def _signed(cache: Path) -> Holder:
    try:
        told = json.loads((cache / _HOLDER).read_text(encoding="utf-8"))
        return Holder(
            str(told["who"]),
            int(told["pid"]),
            str(told["host"]),
            str(told["since"]),
            str(told["command"]),
        )
    except (OSError, ValueError, TypeError, KeyError):
        return Holder()


def _user() -> str:
    if sys.platform != "win32":
        import pwd

        with suppress(KeyError):
            return pwd.getpwuid(os.getuid()).pw_name
    return os.environ.get("USERNAME") or os.environ.get("USER", "")


def _host() -> str:
    return os.environ.get("COMPUTERNAME", "") if sys.platform == "win32" else os.uname().nodename
