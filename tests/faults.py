"""What fails while a base is changed: system calls that fail, and processes that are killed.

Run as a script it makes the n-th system call fail, for every n, until a whole change passes; the
changes are made by the package's own code, in a process of their own for each round. Prints one
line of JSON: the rounds of each change and error.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from dragoman import additions, index, syntax
from dragoman.additions import log
from dragoman.errors import DragomanError
from small_base import DIP, small_base

PREFIXES = f"@prefix dip: <{DIP}> .\n@prefix ex: <https://example.org/> .\n"
# The system calls that change a disk, or wait for it.
CALLS = (
    *("open", "write", "fsync", "ftruncate", "rename", "replace", "unlink", "remove"),
    *("mkdir", "rmdir", "link", "utime", "chmod"),
)
DONE, REFUSED = 0, 1


def person(name: str) -> str:
    return f'{PREFIXES}ex:{name} a dip:Person ; dip:name "{name}" .\n'


def prepare(folder: Path, *, indexed: bool = False) -> None:
    """Write a base that has been added to before, and files to add."""
    base = small_base(folder / "base")
    for name in ("old", "berta", "carl", "dora"):
        (folder / f"{name}.ttl").write_text(person(name), encoding="utf-8")
    (folder / "old.nt").write_text(
        f'<https://example.org/old> <{DIP}name> "old" .\n', encoding="utf-8"
    )
    additions.add(base, [folder / "old.ttl"])
    # The engine's threads do not survive a fork: it is only ever opened in children.
    if indexed and in_child(lambda: index.make(base)) != DONE:
        raise SystemExit("the index cannot be made")


def add_one(folder: Path) -> None:
    additions.add(base_in(folder), [folder / "berta.ttl"])


def add_several(folder: Path) -> None:
    """One new, and one that takes the place of a file with another suffix."""
    files = [folder / "berta.ttl", folder / "old.nt", folder / "carl.ttl"]
    additions.add(base_in(folder), files, additions.Adding(replace=True))


def remove_one(folder: Path) -> None:
    additions.remove(base_in(folder), ["old"])


CHANGES = {"add one": add_one, "add several": add_several, "remove": remove_one}


def base_in(folder: Path):
    from dragoman.base import Base

    return Base(folder / "base", "it is under test")


def state(folder: Path) -> tuple[object, object]:
    """Return what the base says: its data files with their bytes, and the lines of its log."""
    base = base_in(folder)
    data = base.root / "data"
    files = {
        path.relative_to(data).as_posix(): path.read_bytes()
        for path in sorted(data.rglob("*"))
        if path.is_file()
    }
    rows = [tuple(str(cell) for cell in row[1:4]) for row in log.read(base).rows]
    return files, rows


def index_is_wrong(folder: Path) -> bool:
    """Return whether the index, brought up to the files, holds something else than they do."""

    def work() -> None:
        base = base_in(folder)
        opened = index.open_store(base)
        wanted = {
            (str(quad.triple), source.graph)
            for source in base.sources("ontology", "data")
            for quad in syntax.read_rdf(source.path)
        }
        if wanted != {(str(quad.triple), quad.graph_name.value) for quad in opened.quads()}:
            raise DragomanError("the index differs from the files")

    return in_child(work) != DONE


def left_behind(folder: Path) -> list[str]:
    """Return what no transaction may leave: hidden files, and folders of transactions."""
    base = base_in(folder)
    hidden = [str(path) for path in (base.root / "data").rglob(".*")]
    pending = base.cache / "pending"
    return [*hidden, *(str(path) for path in pending.iterdir())] if pending.exists() else hidden


def in_child(work) -> int:
    """Do work in a process of its own, and return how it ended."""
    child = os.fork()
    if not child:
        code = 3
        try:
            work()
            code = DONE
        except DragomanError as error:
            code = REFUSED if "\n" not in str(error) else 4
        except BaseException:  # noqa: BLE001  told by the code: nothing else may come out of it
            import traceback

            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def fail(number: int, error: int, *, ever_after: bool) -> list[int]:
    """Make the n-th call fail, and perhaps all that follow; return what counts them."""
    count = [0]

    def failing(name):
        real = getattr(os, name)

        def call(*arguments, **options):
            count[0] += 1
            if count[0] == number or (ever_after and count[0] > number):
                raise OSError(error, os.strerror(error))
            return real(*arguments, **options)

        return call

    for name in CALLS:
        setattr(os, name, failing(name))
    return count


def check(folder: Path, code: int, old: object, new: object, where: str) -> object:
    """Heal, see that the state is the old or the new one, as was reported, and return it."""
    healed = in_child(lambda: additions.recover(base_in(folder)))
    found = state(folder)
    problems = []
    if healed != DONE:
        problems.append("it cannot be healed")
    if found not in (old, new):
        problems.append(f"the state is neither old nor new: {found}")
    if code == DONE and found != new:
        problems.append("success was reported, and the state is not new")
    if left := left_behind(folder):
        problems.append(f"left behind: {left}")
    if (base_in(folder).cache / "index").exists() and index_is_wrong(folder):
        problems.append("the index is not what the files say")
    if code not in (DONE, REFUSED, -signal.SIGKILL):
        problems.append(f"it ended with {code}")
    if problems:
        raise SystemExit(f"{where}: {'; '.join(problems)}")
    return found


def goes_on(folder: Path, where: str) -> None:
    """See that the next addition works."""
    before = len(log.read(base_in(folder)).rows)
    if in_child(lambda: additions.add(base_in(folder), [folder / "dora.ttl"])) != DONE:
        raise SystemExit(f"{where}: the next addition fails")
    if len(log.read(base_in(folder)).rows) != before + 1:
        raise SystemExit(f"{where}: the next addition is not in the log")


@contextlib.contextmanager
def copies(*, indexed: bool = False):
    """Give a function that makes a fresh copy of the prepared folder."""
    with tempfile.TemporaryDirectory() as place:
        first = Path(place, "first")
        first.mkdir()
        prepare(first, indexed=indexed)
        numbers = iter(range(10**9))

        def copy() -> Path:
            return Path(shutil.copytree(first, Path(place, f"copy{next(numbers)}")))

        yield copy


def before_and_after(copy, change):
    folder = copy()
    old = state(folder)
    if in_child(lambda: change(folder)) != DONE:
        raise SystemExit("the change cannot be made")
    new = state(folder)
    if old == new:
        raise SystemExit("the change changes nothing")
    shutil.rmtree(folder)
    return old, new


def one_round(change, folder: Path, number: int, error: int, *, ever_after: bool):
    """Make a change while the n-th call fails; return how it ended, and whether it came so far."""
    reached = folder / "reached"

    def work() -> None:
        count = fail(number, error, ever_after=ever_after)
        try:
            change(folder)
        finally:
            if count[0] >= number:
                reached.open("w").close()

    return in_child(work), reached.exists()


def rounds_of(change, copy, error: int, *, ever_after: bool, name: str) -> int:
    """Let every call fail once, until none is left; return how many there were."""
    old, new = before_and_after(copy, change)
    number = 0
    while True:
        number += 1
        folder = copy()
        where = f"{name}, {os.strerror(error)} at call {number}"
        code, failed = one_round(change, folder, number, error, ever_after=ever_after)
        check(folder, code, old, new, where)
        if number % 4 == 1:
            goes_on(folder, where)
        shutil.rmtree(folder)
        if not failed:
            if code != DONE:
                raise SystemExit(f"{where}: nothing failed, and it ended with {code}")
            return number - 1


def main() -> None:
    with copies() as copy:
        rounds = {
            f"{name}, {errno.errorcode[error]}": rounds_of(
                change, copy, error, ever_after=ever_after, name=name
            )
            for name, change in CHANGES.items()
            for error, ever_after in ((errno.EIO, False), (errno.ENOSPC, True))
        }
    sys.stdout.write(json.dumps(rounds) + "\n")


if __name__ == "__main__":
    main()
