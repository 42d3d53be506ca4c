"""Sending answers: whole ones, ones that come in blocks, and ones that say what is wrong."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from dragoman.server import problems
from dragoman.server.workers import WorkerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from starlette.types import Message, Send

    from dragoman.server.exchange import Request
    from dragoman.server.workers import Answer

Headers = list[tuple[str, str]]

_log: Final = logging.getLogger("dragoman.server")


class BrokenOffError(Exception):
    """The answer ended before its end: the connection is closed, so that the client sees it."""


async def whole(
    send: Send, status: int, headers: Headers, body: bytes, *, head: bool = False
) -> None:
    """Send an answer that is there."""
    if status not in {204, 304}:
        headers = [*headers, ("content-length", str(len(body)))]
    await send(_start(status, headers))
    await send({"type": "http.response.body", "body": b"" if head else body})


async def in_blocks(  # noqa: PLR0913  an answer, and what becomes of it
    send: Send,
    answer: Answer,
    headers: Headers,
    *,
    head: bool,
    most: int,
    keep: Callable[[bytes], None] | None,
) -> None:
    """Send the answer of a worker as it comes.

    Args:
        send: takes the messages of ASGI.
        answer: what the worker answers.
        headers: of the answer.
        head: whether only these are wanted.
        most: how many bytes an answer may have that is kept.
        keep: takes the whole body, where it is to be kept and has no more bytes.

    Raises:
        BrokenOffError: it did not come to its end, so it is no whole one for the client, too.
    """
    blocks: list[bytes] | None = [] if keep is not None else None
    size = 0
    try:
        await send(_start(answer.status, headers))
        # The time is over for a client that reads too slowly, too: it holds a worker.
        async with asyncio.timeout_at(answer.end):
            async for block in answer.blocks():
                size += len(block)
                if blocks is not None:
                    blocks.append(block)
                    blocks = blocks if size <= most else None
                if not head:
                    await send({"type": "http.response.body", "body": block, "more_body": True})
                elif blocks is None:
                    break
    except (TimeoutError, WorkerError) as error:
        _log.warning("An answer was broken off: %s", str(error) or "the time was over")
        raise BrokenOffError from error
    finally:
        answer.close()
    if keep is not None and blocks is not None:
        keep(b"".join(blocks))
    await send({"type": "http.response.body", "body": b""})


def _start(status: int, headers: Iterable[tuple[str, str]]) -> Message:
    return {
        "type": "http.response.start",
        "status": status,
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
    }


async def refused(
    send: Send, request: Request, status: int, text: str, headers: Iterable[tuple[str, str]] = ()
) -> None:
    """Say that a request is not answered, and why."""
    found = problems.told(request, status, text, tuple(headers))
    body = found.body if isinstance(found.body, bytes) else b""
    told = [("content-type", found.content_type), *found.headers]
    await whole(send, status, told, body, head=request.method == "HEAD")
