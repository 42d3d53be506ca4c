"""Canonical labels for blank nodes (RDFC-1.0), found in a process of its own.

The engine cannot be interrupted while it labels, and ten blank nodes that all refer to each other
keep it busy for longer than anybody waits. So it works in a child that can be ended; run as a
module, this is the child.
"""

from __future__ import annotations

__all__ = ["labelled_triples"]

import os
import subprocess
import sys
import tempfile
from typing import IO, TYPE_CHECKING, Final

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    RdfFormat,
    Triple,
    parse,
    serialize,
)

from dragoman.canonical.shelf import BLOCK, Shelf, temporary
from dragoman.errors import DragomanError, LimitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dragoman.canonical.shelf import Stretch

# The most statements with blank nodes in one graph: the child takes 2 kB for each.
MAX_LABELLED: Final = 500_000


def labelled(graphs: Sequence[Stretch], timeout: float | None) -> Iterator[tuple[int, Stretch]]:
    """Yield, for the lines of each graph, the number of blank nodes and the lines with labels.

    Each graph is labelled for itself: c14n0, c14n1 … in canonical order. The lines are not sorted.

    Raises:
        LimitError: it took longer than `timeout` seconds.
        DragomanError: the child ended without an answer.
    """
    # The child sees the modules that we see, but nothing that lies about in the current folder.
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(each for each in sys.path if each)}
    with tempfile.TemporaryFile() as question, tempfile.TemporaryFile() as answer:
        with temporary():
            for graph in graphs:
                question.write(b"%d\n" % graph.size)
                question.writelines(graph.blocks())
            question.seek(0)
        try:
            subprocess.run(  # noqa: S603  no word of the user is in the command
                [sys.executable, "-P", "-m", __name__],
                stdin=question,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                timeout=timeout,
                check=True,
                env=environment,
            )
        except subprocess.TimeoutExpired as error:
            raise LimitError(f"Labelling blank nodes took longer than {timeout:g} s.") from error
        except subprocess.CalledProcessError as error:
            raise DragomanError(
                f"The blank nodes could not be labelled (exit code {error.returncode}): perhaps "
                "the memory of this machine was too small."
            ) from error
        answer.seek(0)
        while heading := answer.readline():
            nodes, size = map(int, heading.split())
            yield nodes, Shelf().put(_read(answer, size))


def labelled_triples(
    groups: Iterable[Iterable[Triple]], timeout: float | None
) -> list[tuple[Triple, ...]]:
    """Return groups of triples, each with its blank nodes labelled for itself; see `labelled`.

    Raises:
        LimitError: it took longer than `timeout` seconds.
        DragomanError: the child ended without an answer.
    """
    shelf = Shelf()
    stretches = [
        shelf.put([serialize(group, format=RdfFormat.N_TRIPLES) or b""]) for group in groups
    ]
    return [
        tuple(quad.triple for block in lines.blocks() for quad in parse(block, RdfFormat.N_TRIPLES))
        for _, lines in labelled(stretches, timeout)
    ]


def _read(file: IO[bytes], size: int) -> Iterator[bytes]:
    """Yield so many bytes, a block at a time."""
    while size and (block := file.read(min(size, BLOCK))):
        size -= len(block)
        yield block


def main() -> None:
    """Read graphs, each the number of its bytes and its lines; write them with their labels."""
    question, answer = sys.stdin.buffer, sys.stdout.buffer
    while heading := question.readline():
        _label(question.read(int(heading)), answer)


def _label(lines: bytes, answer: IO[bytes]) -> None:
    dataset = Dataset(parse(lines, RdfFormat.N_TRIPLES))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    nodes = {node for quad in dataset for node in _blank_nodes(quad.triple)}
    text = serialize(dataset, format=RdfFormat.N_TRIPLES) or b""
    answer.write(b"%d %d\n" % (len(nodes), len(text)))
    answer.write(text)


def _blank_nodes(triple: Triple) -> Iterator[BlankNode]:
    for term in triple:
        if isinstance(term, BlankNode):
            yield term
        elif isinstance(term, Triple):
            yield from _blank_nodes(term)


if __name__ == "__main__":
    main()
