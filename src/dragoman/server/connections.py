"""Connections that are held open for nothing: they are told apart, and closed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# Seconds that the head of a request may take to come, and bytes that it may have.
HEAD: Final = 15.0
HEAD_SIZE: Final = 64 * 1024
# Seconds after which a client that has taken nothing of a whole answer is not waited for.
_UNREAD: Final = 30.0


def protocol(most: int) -> type[asyncio.Protocol]:
    """Return what uvicorn makes of a connection, so that it knows since when it waits.

    Args:
        most: how many connections there may be at once.
    """
    from uvicorn.protocols.http.auto import AutoHTTPProtocol

    own: Any = AutoHTTPProtocol  # that of httptools, or of h11: both have what is used here

    class Watched(own):  # type: ignore[misc]
        """A connection."""

        def connection_made(self, transport: asyncio.Transport) -> None:
            """Take a connection, unless there are as many as may be."""
            super().connection_made(transport)
            self._head_size = 0
            self._unread = 0
            now = asyncio.get_running_loop().time()
            # Since when the head of a request is awaited; None while it is not.
            self._head_since: float | None = now
            self._unread_since = now
            if len(self.connections) > most:
                transport.abort()

        def data_received(self, data: bytes) -> None:
            """Take bytes."""
            super().data_received(data)
            if self.transport.is_closing():
                return
            if self.cycle is not None and not self.cycle.response_complete:
                self._head_since, self._head_size = None, 0
                return
            self._head_size += len(data)
            if self._head_since is None:
                self._head_since = asyncio.get_running_loop().time()
            if self._head_size > HEAD_SIZE:
                self.send_400_response("The head of the request is too long. Send a query by POST.")

        def look(self, now: float) -> None:
            """Close the connection where nobody is at the other end, or nobody who means well."""
            busy = self.cycle is not None and not self.cycle.response_complete
            waiting = self.transport.get_write_buffer_size()
            if not waiting or waiting != self._unread or (busy and not self.transport.is_closing()):
                self._unread, self._unread_since = waiting, now
            elif now - self._unread_since > _UNREAD:
                self.transport.abort()
            if self._head_since is not None and not busy and now - self._head_since > HEAD:
                self.transport.abort()

    return Watched


def look(connections: Iterable[Any]) -> None:
    """Look at all connections."""
    now = asyncio.get_running_loop().time()
    for each in list(connections):
        each.look(now)
