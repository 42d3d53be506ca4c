"""Doing a check again each time when what it reads is saved, in one process that stays warm."""

from __future__ import annotations

import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from dragoman.cli.console import complain_of, one_line
from dragoman.errors import DragomanError, LimitError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dragoman.api import KnowledgeBase
    from dragoman.base import Base
    from dragoman.cli.console import Settings
    from dragoman.index.manifest import Stamp

    Stamps = dict[Path, Stamp | None]

# Seconds. Editors save in several steps: what follows each other so soon is one change.
_SETTLED: Final = 0.02
# Milliseconds: the files are looked at so often where the system tells nothing of changes (NFS).
_LOOK: Final = 250


def watch(
    settings: Settings,
    files: Sequence[Path],
    opened: Callable[[], KnowledgeBase] | None,
    check: Callable[[Callable[[], KnowledgeBase]], object],
) -> None:
    """Do a check, and again when a file or the base has changed, until Ctrl-C.

    What is wrong with a file, or with the base, is told, and watching goes on.

    Args:
        settings: says what was done.
        files: what is checked.
        opened: opens the base; None where the check needs none.
        check: does it, and is given what opens the base: once, and anew when its files change.

    Raises:
        LimitError: a check took too long; the process should end soon after.
        DragomanError: a file is not there at the beginning.
    """
    for each in files:
        if not each.is_file():
            raise DragomanError(f"{each}: there is no such file to watch.")
    watched = _Watched(files, settings.find_base() if opened else None)
    names = " ".join(map(str, files)) or "the base"
    known: list[KnowledgeBase] = []

    def kept() -> KnowledgeBase:
        assert opened is not None  # noqa: S101  the check needs none
        if not known:
            known.append(opened())
        return known[0]

    try:
        while True:
            started = time.monotonic()
            if sys.stdout.isatty():
                click.clear()
            try:
                check(kept)
            except LimitError:
                raise
            except DragomanError as error:
                complain_of(error, settings)
            at = time.strftime("%H:%M:%S")
            took = time.monotonic() - started
            settings.note(
                one_line(f"{at}, {took:.2f} s: checked. Watching {names}; Ctrl-C ends it.")
            )
            if watched.wait():
                known.clear()
    except KeyboardInterrupt:
        return


class _Watched:
    """The files that are checked and those of the base, as they were when last looked at."""

    def __init__(self, files: Sequence[Path], base: Base | None) -> None:
        self._named = tuple(dict.fromkeys(each.absolute() for each in files))
        self._texts: dict[Path, Path] = {}
        self._base = base
        self._seen = self._look()

    @property
    def _files(self) -> tuple[Path, ...]:
        return (*self._named, *self._texts.values())

    def wait(self) -> bool:
        """Wait until something is saved; return whether that is a file of the base."""
        while True:
            before = self._seen
            self._hear()
            if self._seen != before:
                while self._seen != (now := self._settled()):
                    self._seen = now
                return self._seen[1] != before[1]

    def _hear(self) -> None:
        """Return when a file is not as it was, or when there are other folders to watch."""
        from watchfiles import watch

        # A file that is replaced is a new one, so it is its folder that is watched.
        around = self._folders()
        theirs = {place for each in self._files for place in (each.parent, each.resolve().parent)}
        changes = watch(
            *(each for each in sorted(around | theirs) if each.is_dir()),
            watch_filter=None,
            step=1,
            rust_timeout=_LOOK,
            yield_on_timeout=True,
            recursive=False,
            ignore_permission_denied=True,
        )
        before = self._seen
        first = True
        try:
            with closing(changes):
                # what happened during the check; and, once it is listened, what did until then
                if self._is_other(before, around):
                    return
                for said in changes:
                    heard = first or any(Path(path).parent in around for _, path in said)
                    first = False
                    if self._is_other(before, around, again=heard):
                        return
        except (OSError, RuntimeError):
            # a folder has gone just now; or the system listens to no more of them: looking does
            time.sleep(_LOOK / 1000)
            self._seen = self._look()

    def _is_other(
        self, before: tuple[Stamps, Stamps | str], around: set[Path], *, again: bool = True
    ) -> bool:
        """Look again, and return whether a file, or what is to be watched, is not as before."""
        self._seen = self._look(again=again)
        return self._seen != before or (again and self._folders() != around)

    def _folders(self) -> set[Path]:
        return set(self._base.folders() if self._base else ())

    def _settled(self) -> tuple[Stamps, Stamps | str]:
        time.sleep(_SETTLED)
        return self._look()

    def _look(self, *, again: bool = True) -> tuple[Stamps, Stamps | str]:
        """Return what the file system says of the files, and of the base's, where it may be new."""
        if again:
            self._find_texts()
        return _stamps(self._files), self._of_base() if again else self._seen[1]

    def _find_texts(self) -> None:
        """Watch the texts that forms name, too; one that is half saved names what it named."""
        from dragoman import form
        from dragoman.base import is_form

        for each in filter(is_form, self._named):
            if (text := form.text_file(each)) is not None:
                self._texts[each] = text

    def _of_base(self) -> Stamps | str:
        """Return what the file system says of the base's files; or why there is no such base."""
        from dragoman.base import MARKER

        base = self._base
        if base is None:
            return {}
        try:
            sources = [each.path for each in (*base.sources(), *base.rules())]
        except DragomanError as error:
            return str(error)
        paths = {*sources, *base.prefix_tables(), base.root / MARKER}
        return _stamps(path for path in paths if path not in self._files)


def _stamps(paths: Iterable[Path]) -> Stamps:
    """Return what the file system says of files; None for one that is not there."""
    from dragoman.index.manifest import stamp

    found: Stamps = {}
    for path in paths:
        try:
            found[path] = stamp(path)
        except OSError:
            found[path] = None
    return found
