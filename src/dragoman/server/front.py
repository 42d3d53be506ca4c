"""The first page: what is in the base, what is new, what conflicts, what is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dragoman.server import pages

if TYPE_CHECKING:
    from dragoman.server.exchange import Request, Response
    from dragoman.server.served import Served


def page(served: Served, request: Request) -> Response:
    """Return the first page."""
    return pages.page(request, "front.html", name=served.base.base.root.name)
