"""The server: a SPARQL endpoint, dereferenceable things, and pages that people read.

A front process speaks HTTP and parses no RDF and no SPARQL:
app, door, sending        requests to workers, and their answers back
guard, connections, signing   who may ask what, and hold a connection for how long
sharing, freshness        what is kept of answers, and whether a file has changed
running, options          starting and stopping
workers                   the pool of worker processes, which are replaced when they must be ended

A worker has the base open, and answers one request at a time:
work, served              the process, and the open base
answers/                  what it answers: a plain function from a request to a response
pages, templates/         what a page is made of; static/ and web/ are its styles and scripts

exchange, routes, negotiation, problems   what both sides know
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dragoman import lazy

if TYPE_CHECKING:
    from dragoman.server.options import *
    from dragoman.server.running import *
else:  # a type checker would take any name for one of ours
    __getattr__ = lazy.attributes(__name__)
