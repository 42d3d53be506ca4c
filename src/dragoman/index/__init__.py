"""The index of a base: in memory for a small one, a cache on disk for a large one.

The files are the truth. The index on disk may be deleted at any time; it is refreshed by what
differs, made anew when in doubt, and published in generations, so that readers never wait and never
see half of a change. Queries see the merge of all named graphs, `GRAPH ?g` names the file, as in
`dragoman.store`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dragoman import lazy

if TYPE_CHECKING:
    from dragoman.index.checking import *
    from dragoman.index.manifest import *
    from dragoman.index.opening import *
    from dragoman.index.writing import *
else:  # a type checker would take any name for one of ours
    __getattr__ = lazy.attributes(__name__)
