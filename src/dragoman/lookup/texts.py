"""The texts of sources, known by their SHA-256."""

from __future__ import annotations

__all__ = ["read_texts"]

from collections import defaultdict
from typing import TYPE_CHECKING

from dragoman import vocabulary
from dragoman.errors import DragomanError
from dragoman.lookup.asking import rows, value

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from dragoman.store import Source


def read_texts(source: Source, files: Iterable[Path]) -> dict[str, str]:
    """Read the texts of sources, and return each by the IRI of every source that it belongs to.

    Raises:
        DragomanError: a file cannot be read, is not UTF-8, or is the text of no source.
    """
    chosen = tuple(files)
    if not chosen:
        return {}
    import hashlib

    known_hashes = rows(source, f"SELECT ?source ?sha {{ ?source <{vocabulary.SHA256}> ?sha }}")
    hashes: dict[str, list[str]] = defaultdict(list)
    for node, told_sha in sorted(known_hashes, key=str):
        hashes[value(told_sha)].append(value(node))
    texts: dict[str, str] = {}
    for file in chosen:
        try:
            data = file.read_bytes()
            text = data.decode()
        except OSError as error:
            raise DragomanError(f"{file}: it cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise DragomanError(f"{file}: it is not UTF-8, so not the text of a source.") from error
        sha = hashlib.sha256(data).hexdigest()
        if sha not in hashes:
            known = [
                f"{each.removeprefix(vocabulary.SOURCE_GRAPH)} ({key[:12]}…)"
                for key, holders in sorted(hashes.items(), key=lambda item: item[1])
                for each in holders
            ]
            told = f"It knows those of: {', '.join(known[:10])}" if known else "It knows no text"
            more = f" and {len(known) - 10} more" if len(known) > 10 else ""
            raise DragomanError(
                f"{file}: the base has no source with this text (SHA-256 {sha[:12]}…). "
                f"{told}{more}. The text must be the same to the last byte."
            )
        texts.update(dict.fromkeys(hashes[sha], text))
    return texts
