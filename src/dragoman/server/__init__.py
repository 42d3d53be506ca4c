"""The server: a SPARQL endpoint, dereferenceable things, and pages that people read.

A front process speaks HTTP and parses no RDF and no SPARQL (`app`, `guard`); worker processes have
the base open, answer one request at a time, and are replaced when they take too long or too much
memory (`workers`, `work`). What answers a path stands in `routes`; a handler is a plain function
from a request to a response (`exchange`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dragoman import lazy

if TYPE_CHECKING:
    from dragoman.server.options import Options
    from dragoman.server.running import serve

__all__ = ["Options", "serve"]

if not TYPE_CHECKING:
    __getattr__ = lazy.attributes(__name__, {"options": ("Options",), "running": ("serve",)})
