"""Canonical labels for blank nodes (RDFC-1.0), found in a process of its own.

The engine cannot be interrupted while it labels, and ten blank nodes that all refer to each other
keep it busy for longer than anybody waits. So it works in a child that can be ended; run as a
module, this is the child.
"""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
    serialize,
)

from dragoman.errors import DragomanError, LimitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_LABEL: Final = "c14n"
_GRAPH: Final = "urn:graph:"


def labelled(graphs: Sequence[Iterable[Triple]], timeout: float | None) -> list[tuple[Triple, ...]]:
    """Return each graph with its blank nodes labelled c14n0, c14n1 … in canonical order.

    Each graph is labelled for itself; the next one counts on where it ended.

    Raises:
        LimitError: it took longer than `timeout` seconds.
        DragomanError: the child ended without an answer.
    """
    question = b"".join(
        serialize(_quads(triples, NamedNode(f"{_GRAPH}{number}")), format=RdfFormat.N_QUADS) or b""
        for number, triples in enumerate(graphs)
    )
    # The child sees the modules that we see, but nothing that lies about in the current folder.
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(each for each in sys.path if each)}
    try:
        done = subprocess.run(  # noqa: S603  no word of the user is in the command
            [sys.executable, "-P", "-m", __name__],
            input=question,
            capture_output=True,
            timeout=timeout,
            check=True,
            env=environment,
        )
    except subprocess.TimeoutExpired as error:
        raise LimitError(f"Labelling blank nodes took longer than {timeout:g} s.") from error
    except subprocess.CalledProcessError as error:
        raise DragomanError(
            f"The blank nodes could not be labelled (exit code {error.returncode}): perhaps the "
            "memory of this machine was too small."
        ) from error
    answer: list[list[Triple]] = [[] for _ in graphs]
    for quad in parse(done.stdout, RdfFormat.N_QUADS):
        answer[int(quad.graph_name.value.removeprefix(_GRAPH))].append(quad.triple)
    return [*map(tuple, answer)]


def main() -> None:
    """Read N-Quads, label each graph for itself, and write N-Quads."""
    start = 0
    quads = parse(sys.stdin.buffer, RdfFormat.N_QUADS)
    for graph, members in groupby(quads, key=lambda quad: quad.graph_name):
        dataset = Dataset(Quad(*quad.triple) for quad in members)
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        count = len({node for quad in dataset for node in _blank_nodes(quad.triple)})
        triples = (_moved(quad.triple, start) for quad in dataset)
        serialize(_quads(triples, graph), sys.stdout.buffer, format=RdfFormat.N_QUADS)
        start += count


def _quads(triples: Iterable[Triple], graph: Any) -> Iterator[Quad]:  # noqa: ANN401
    return (Quad(each.subject, each.predicate, each.object, graph) for each in triples)


def _blank_nodes(triple: Triple) -> Iterator[BlankNode]:
    for term in triple:
        if isinstance(term, BlankNode):
            yield term
        elif isinstance(term, Triple):
            yield from _blank_nodes(term)


def _moved(triple: Triple, start: int) -> Triple:
    """Return the triple with its blank nodes counted from `start`."""

    def moved(term: Any) -> Any:  # noqa: ANN401  a term of the kind that it was
        if isinstance(term, BlankNode):
            return BlankNode(f"{_LABEL}{int(term.value.removeprefix(_LABEL)) + start}")
        return _moved(term, start) if isinstance(term, Triple) else term

    return Triple(*map(moved, triple)) if start else triple


if __name__ == "__main__":
    main()
