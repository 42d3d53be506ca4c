"""Safe reading of RDF and SPARQL text: guards, parsing, lint, and where things stand in a file.

Every text that a user brings passes here first. Nothing is fetched, nothing nests deep enough to
crash a recursive parser, and every refusal says file, line and column.

Each name is imported from its module when it is first asked for: whoever only shortens names does
not wait for the engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dragoman import lazy

if TYPE_CHECKING:
    from dragoman.syntax.clauses import *
    from dragoman.syntax.declaring import *
    from dragoman.syntax.dropping import *
    from dragoman.syntax.formats import *
    from dragoman.syntax.layout import *
    from dragoman.syntax.lexer import *
    from dragoman.syntax.lines import *
    from dragoman.syntax.prefixed import *
    from dragoman.syntax.reading import *
    from dragoman.syntax.renaming import *
    from dragoman.syntax.sparql import *
    from dragoman.syntax.spelling import *
    from dragoman.syntax.tags import *
else:  # a type checker would take any name for one of ours
    __getattr__ = lazy.attributes(__name__)
