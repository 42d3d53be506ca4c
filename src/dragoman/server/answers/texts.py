"""The texts of sources that a base has at hand."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode

from dragoman import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dragoman.server.served import Served

# The folder of a base for the texts of its sources, which are no facts.
FOLDER: Final = "texts"
# So many texts are kept.
_MOST: Final = 200


class Texts(Mapping[str, str]):
    """The texts that a base has at hand: `texts/NAME.txt` for the source NAME, read when asked for.

    A text counts where it is the one of which the source says the SHA-256.

    Args:
        served: the base.
    """

    def __init__(self, served: Served) -> None:
        self._served = served
        self._known: dict[str, str | None] = {}

    def __getitem__(self, source: str) -> str:
        """Return the text of a source, by its IRI."""
        if source not in self._known:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[source] = self._read(source)
        text = self._known[source]
        if text is None:
            raise KeyError(source)
        return text

    def __iter__(self) -> Iterator[str]:
        """Yield the sources whose texts were read."""
        return (source for source, text in self._known.items() if text is not None)

    def __len__(self) -> int:
        """Return how many texts were read."""
        return sum(1 for _ in self)

    def _read(self, source: str) -> str | None:
        name = source.removeprefix(vocabulary.SOURCE_GRAPH)
        if name == source or "/" in name or name.startswith("."):
            return None
        try:
            data = (self._served.base.base.root / FOLDER / f"{name}.txt").read_bytes()
            text = data.decode()
        except (OSError, ValueError):
            return None
        merged = self._served.base.store.store.quads_for_pattern(
            NamedNode(source), NamedNode(vocabulary.SHA256), None, None
        )
        told = {quad.object.value for quad in merged if isinstance(quad.object, Literal)}
        return text if hashlib.sha256(data).hexdigest() in told else None
