"""Graphs as sorted lines of canonical N-Triples: counted, hashed and compared in bounded memory.

The form is that of RDFC-1.0 (RDF Dataset Canonicalization, W3C 2024) for a dataset of one default
graph. Two graphs say the same exactly where their lines, and so their hashes, are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dragoman import lazy

if TYPE_CHECKING:
    from dragoman.canonical.graphs import *
    from dragoman.canonical.labels import *
    from dragoman.canonical.shelf import *
    from dragoman.canonical.sorting import *
    from dragoman.canonical.terms import *
else:  # a type checker would take any name for one of ours
    __getattr__ = lazy.attributes(__name__)
