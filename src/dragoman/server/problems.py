"""What a client is told when a request cannot be answered."""

from __future__ import annotations

import json
import traceback
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from dragoman.errors import (
    AmbiguousNameError,
    BaseContentError,
    BaseNotFoundError,
    DragomanError,
    LimitError,
    LockedError,
    UnknownNameError,
)
from dragoman.server import negotiation
from dragoman.server.exchange import Response

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dragoman.server.exchange import Request

PROBLEM: Final = "application/problem+json"
TEXT: Final = "text/plain"
HTML: Final = "text/html"
_JSON: Final = "application/json"
_KINDS: Final = (TEXT, PROBLEM, HTML, _JSON)
_STATUS: Final[tuple[tuple[type[Exception], int], ...]] = (
    (UnknownNameError, 404),
    (AmbiguousNameError, 300),
    (LimitError, 503),
    (LockedError, 503),
    (MemoryError, 503),
    (BaseNotFoundError, 500),
    (BaseContentError, 500),
    (DragomanError, 400),
)


class Refusal(Exception):  # noqa: N818  no error of ours: what is asked is not what is offered
    """A request that is answered with a status of its own.

    Attributes:
        status: the status code of HTTP.
        headers: further headers of the answer.
        offered: what may have been meant: words and links.
    """

    def __init__(
        self,
        status: int,
        text: str,
        headers: tuple[tuple[str, str], ...] = (),
        offered: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(text)
        self.status = status
        self.headers = headers
        self.offered = offered


def response(request: Request, error: Exception) -> Response:
    """Return what to answer instead; a bug of ours goes to the log, and is told as that."""
    if isinstance(error, Refusal):
        return told(request, error.status, str(error), error.headers, offered=error.offered)
    for kind, status in _STATUS:
        if isinstance(error, kind):
            text = str(error) or "The answer would take more memory than is allowed. Narrow it."
            return told(request, status, text, place=_place(error))
    traceback.print_exception(error)
    return told(request, 500, "Something is wrong in the server; its log has more.")


def _place(error: Exception) -> dict[str, int]:
    """Return where in a text something is wrong."""
    found = {name: getattr(error, name, None) for name in ("line", "column")}
    return {name: number for name, number in found.items() if number is not None}


def told(  # noqa: PLR0913  what may be said
    request: Request,
    status: int,
    text: str,
    headers: tuple[tuple[str, str], ...] = (),
    *,
    place: Mapping[str, int] | None = None,
    offered: Sequence[tuple[str, str]] = (),
) -> Response:
    """Return an answer that says what is wrong: as a page, as JSON (RFC 9457), or as text.

    Args:
        request: what was asked.
        status: the status code of HTTP.
        text: what is wrong, and what to do.
        headers: further headers.
        place: the line and column, where there are any.
        offered: what may have been meant: words and links.
    """
    kind = negotiation.best(request.headers.get("accept", ""), _KINDS) or TEXT
    if kind in {PROBLEM, _JSON}:
        body = {
            "type": "about:blank",
            "title": phrase(status),
            "status": status,
            "detail": text,
            **(place or {}),
        }
        content = json.dumps(body, ensure_ascii=False) + "\n"
        return Response(content.encode(), PROBLEM, status, headers)
    if kind == HTML:
        from dragoman.server import pages

        found = pages.page(
            request, "problem.html", title=phrase(status), text=text, offered=offered
        )
        return found._replace(status=status, headers=headers)
    return Response(f"{text}\n".encode(), f"{TEXT}; charset=utf-8", status, headers)


def phrase(status: int) -> str:
    """Return what a status is called."""
    return HTTPStatus(status).phrase
