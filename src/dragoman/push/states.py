"""What was done in a store so far, kept in the user's cache, so that a broken push can go on.

One file for each base and store. It names graphs, counts and hashes: no user, no secret, no
statement. It is not kept in the base: what it says lets a push write over what is in a store, and
a base may come from anybody.
"""

from __future__ import annotations

__all__ = ["opened"]

import hashlib
import json
import time
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Final

from dragoman import locking
from dragoman.base import user_cache
from dragoman.errors import DragomanError, LockedError
from dragoman.files import save

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dragoman.base import Base
    from dragoman.remote import Profile

FOLDER: Final = "push"
SENDING, APPENDING, STAGED, SENT, PROVEN, REFUSED = (
    *("sending", "appending", "staged", "sent", "proven", "refused"),
)
_FORMAT: Final = 1
# Seconds between two writes of how far a long upload is.
_PAUSE: Final = 2.0


@dataclass(frozen=True)
class Step:
    """How far one graph is.

    Attributes:
        sha256: RDFC-1.0 hash of what is sent.
        step: SENDING, APPENDING, STAGED, SENT, PROVEN or REFUSED.
        target: the graph that it is sent to: its own, or one beside it.
        lines: how many statements arrived, where they are sent in parts.
    """

    sha256: str
    step: str
    target: str
    lines: int = 0


@dataclass
class State:
    """What was done in one store.

    Attributes:
        path: of the file; None where there is no folder for it.
        store: how messages call the store.
        graphs: by the IRI of each graph, how far it is.
        merge: whether the default graph, written by us, is no longer the merge of all graphs.
        merged: the hash of the default graph as we wrote it and read it back; empty for none.
        union: whether the default graph was found to be the union of all graphs by itself.
    """

    path: Path | None
    store: str
    graphs: dict[str, Step] = field(default_factory=dict)
    merge: bool = False
    merged: str = ""
    union: bool = False
    _written: float = 0.0

    def load(self) -> None:
        """Read what is known; nothing where the file is not there, or not whole."""
        try:
            told = json.loads(self.path.read_text(encoding="utf-8")) if self.path else None
            if told is None or told["format"] != _FORMAT:
                return
            graphs = {str(graph): Step(**step) for graph, step in told["graphs"].items()}
            self.merge, self.union = bool(told["merge"]), bool(told["union"])
            self.merged = str(told["merged"])
            self.graphs = graphs
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return

    def set(self, graph: str, step: Step) -> None:
        """Remember a step, safely."""
        self.graphs[graph] = step
        self.write()

    def advance(self, graph: str, lines: int) -> None:
        """Remember how many statements of a graph arrived; written now and then."""
        self.graphs[graph] = replace(self.graphs[graph], lines=lines)
        if time.monotonic() - self._written > _PAUSE:
            self.write()

    def forget(self, graph: str) -> None:
        """Forget a graph."""
        if self.graphs.pop(graph, None):
            self.write()

    def write(self) -> None:
        """Write the file; where that cannot be, only going on after a break is lost."""
        if self.path is None:
            return
        told = {
            "format": _FORMAT,
            "store": self.store,
            "merge": self.merge,
            "merged": self.merged,
            "union": self.union,
            "graphs": {graph: asdict(step) for graph, step in sorted(self.graphs.items())},
        }
        with suppress(DragomanError):
            save(self.path, json.dumps(told, indent=1).encode())
        self._written = time.monotonic()


def opened(base: Base, profile: Profile, *, make: bool) -> State:
    """Return the state of a store, as yet unread.

    Args:
        base: which is pushed.
        profile: which store.
        make: whether the folder is made.
    """
    folder = user_cache() / FOLDER
    if make:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            return State(None, profile.name)
    address = profile.update or profile.graphs or profile.query
    key = json.dumps([str(base.root.resolve()), address, profile.query])
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return State(folder / f"{digest}.json", profile.name)


@contextmanager
def alone(state: State) -> Iterator[None]:
    """Let nobody else push into the store from this base while the block runs.

    Raises:
        LockedError: somebody does; the text says who.
    """
    if state.path is None:
        yield
        return
    folder = state.path.with_suffix("")
    try:
        with locking.held(folder, "dragoman push", 0.0):
            yield
    except LockedError as error:
        raise LockedError(
            f"Another push into {state.store} is under way: {locking.holder(folder)}. Try again "
            "when it is done."
        ) from error
