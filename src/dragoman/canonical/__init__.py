"""Graphs as sorted lines of canonical N-Triples: counted, hashed and compared in bounded memory.

The form is that of RDFC-1.0 (RDF Dataset Canonicalization, W3C 2024) for a dataset of one default
graph. Two graphs say the same exactly where their lines, and so their hashes, are the same.
"""

from __future__ import annotations

from dragoman.canonical.graphs import (
    TIMEOUT,
    CanonicalGraph,
    Gathering,
    apart,
    difference,
    merged,
    of_lines,
    of_triples,
    read,
    skolemised,
    union,
)
from dragoman.canonical.labels import MAX_LABELLED, labelled_triples
from dragoman.canonical.shelf import Shelf, Stretch, temporary
from dragoman.canonical.sorting import Sorter
from dragoman.canonical.terms import BlockStream, graph_named, unskolemised, whole_lines

__all__ = [
    "MAX_LABELLED",
    "TIMEOUT",
    "BlockStream",
    "CanonicalGraph",
    "Gathering",
    "Shelf",
    "Sorter",
    "Stretch",
    "apart",
    "difference",
    "graph_named",
    "labelled_triples",
    "merged",
    "of_lines",
    "of_triples",
    "read",
    "skolemised",
    "temporary",
    "union",
    "unskolemised",
    "whole_lines",
]
