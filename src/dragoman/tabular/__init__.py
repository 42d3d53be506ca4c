"""Tables that people fill in: reading their cells, and making facts of rows by mappings.

A mapping is data: a SPARQL CONSTRUCT over the rows, with a header that says what the columns hold.
Names in cells are resolved before it runs, in Python, so it reads no graph and runs at the speed of
its rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dragoman import lazy

if TYPE_CHECKING:
    from dragoman.tabular.blank import *
    from dragoman.tabular.cells import *
    from dragoman.tabular.converting import *
    from dragoman.tabular.mapping import *
else:  # a type checker would take any name for one of ours
    __getattr__ = lazy.attributes(__name__)
