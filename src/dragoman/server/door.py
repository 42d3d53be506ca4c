"""The door to one path: reads a request, lets a worker answer it, or tells a kept answer again."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, cookie_parser

from dragoman.server import exchange, guard, negotiation, sending
from dragoman.server.exchange import Request
from dragoman.server.problems import Refusal
from dragoman.server.workers import BusyError, WorkerError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from starlette.types import Message, Receive, Scope, Send

    from dragoman.server.routes import Route
    from dragoman.server.sharing import Front

_CLOSE: Final = (("connection", "close"),)
# Seconds after which whoever is told to come again may do so.
_AGAIN: Final = ("retry-after", "2")
# Seconds that a body may take to come.
_BODY: Final = 60.0
# Seconds after which it is looked whether who asked is still there.
_PATIENT: Final = 0.2
# The headers that an answer to GET depends on.
_TELLING: Final = ("accept", "accept-encoding", "accept-language")
_TIMEOUT: Final = re.compile(rb"(?:^|&)timeout=([0-9.]+)(?:&|$)")


class Door:
    """An ASGI application that answers one path."""

    def __init__(self, front: Front, route: Route) -> None:
        self._front = front
        self._route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        headers = headers_of(scope)
        if self._route.open and "origin" in headers:
            send = _adding(send, guard.cors(self._front.options, headers["origin"]))
        method: str = scope["method"]
        request = bare(scope, headers, self._route.handler)
        allowed = ", ".join(dict.fromkeys((*self._route.methods, "HEAD", "OPTIONS")))
        if method == "OPTIONS":
            preflight = self._preflight(headers)
            await sending.whole(send, 204, [("allow", allowed), *preflight], b"")
        elif request.method not in self._route.methods:
            text = f"{method} is not known here. Known: {allowed}."
            await sending.refused(send, request, 405, text, [("allow", allowed)])
        else:
            sent: list[bytes] = []
            try:
                full = await self._read(request, scope, headers, receive, sent)
                await self._answer(full, method, receive, send)
            except Refusal as error:
                await sending.refused(send, request, error.status, str(error), error.headers)
            except ClientDisconnect:
                pass
            finally:
                self._front.held -= sum(map(len, sent))

    def _preflight(self, headers: Mapping[str, str]) -> sending.Headers:
        if "access-control-request-method" not in headers:
            return []
        asked = headers.get("access-control-request-headers", "")
        named = asked if re.fullmatch(r"[A-Za-z0-9, -]{1,500}", asked) else "Accept, Content-Type"
        return [
            ("access-control-allow-methods", ", ".join(self._route.methods)),
            ("access-control-allow-headers", named),
            ("access-control-max-age", "600"),
        ]

    async def _read(
        self,
        request: Request,
        scope: Scope,
        headers: Mapping[str, str],
        receive: Receive,
        sent: list[bytes],
    ) -> Request:
        """Return the whole request; `sent` gets the blocks of its body.

        Raises:
            Refusal: its body is too large, is packed, or did not come in time.
        """
        options = self._front.options
        if scope["method"] not in guard.SAFE:
            if headers.get("content-encoding", "identity").lower() != "identity":
                raise Refusal(415, "What is sent may not be packed.", _CLOSE)
            try:
                async with asyncio.timeout(_BODY):
                    await self._body(receive, sent)
            except TimeoutError as error:
                text = f"The body did not come within {_BODY:g} s."
                raise Refusal(408, text, _CLOSE) from error
        own = f"{scope['scheme']}://{headers.get('host', '')}{options.root_path}"
        query = scope["query_string"].decode("latin-1")
        return request._replace(
            query=tuple(parse_qsl(query, keep_blank_values=True)),
            body=b"".join(sent),
            root=options.public_url or own,
            generation=self._front.generation,
            writer=bool(options.token)
            and guard.is_writer(options, headers, cookie_parser(headers.get("cookie", ""))),
            writable=bool(options.token),
        )

    async def _body(self, receive: Receive, sent: list[bytes]) -> None:
        """Read a body, and count it among those that are held.

        Raises:
            Refusal: it is too large.
        """
        front, most = self._front, self._front.options.body
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            more = message.get("more_body", False)
            sent.append(message.get("body", b""))
            size += len(sent[-1])
            front.held += len(sent[-1])
            if size > most:
                raise Refusal(413, f"More than {most // 1024**2} MiB are not taken.", _CLOSE)
            if front.held > front.most_held:
                text = "Too much is being sent at once. Come again."
                raise Refusal(503, text, (*_CLOSE, _AGAIN))

    def _seconds(self, request: Request) -> float:
        """Return how long an answer may take: less, where that is told."""
        most = self._front.options.timeout * self._route.patient
        told = request.told("timeout")
        if not told and request.media_type == exchange.FORM:
            found = _TIMEOUT.search(request.body)
            told = found[1].decode() if found else ""
        try:
            seconds = float(told or most)
        except ValueError:
            return most
        return seconds if 0 < seconds < most else most

    async def _answer(self, request: Request, method: str, receive: Receive, send: Send) -> None:
        front, kept = self._front, self._route.kept and method in guard.SAFE
        writing = self._route.writes and method not in guard.SAFE
        head = method == "HEAD"
        key, tag = b"", ""
        if kept:
            key = _key(request)
            tag = f'W/"{request.generation}-{key.hex()}"'
            if tag in request.headers.get("if-none-match", ""):
                await sending.whole(send, 304, [("etag", tag)], b"")
                return
            if known := front.known(key):
                await sending.whole(send, 200, list(known.headers), known.body, head=head)
                return
        try:
            async with _WhileThere(None if writing else receive):
                answer = await front.pool.ask(request, self._seconds(request))
        except BusyError:
            text = "Too many requests are waiting. Come again."
            await sending.refused(send, request, 503, text, [_AGAIN])
            return
        except WorkerError as error:
            await sending.refused(send, request, 503, str(error))
            return
        finally:
            if writing:
                await front.look()  # whoever wrote sees it with the next request
        headers = answer.headers
        keep = None
        said = {name for name, _ in headers}
        if kept and answer.status == 200 and "cache-control" not in said:
            headers = [*headers, ("etag", tag), ("cache-control", "no-cache")]

            def keep(body: bytes) -> None:
                front.keep(key, request.generation, headers, body)

        if answer.whole is None:
            most = front.most_kept
            await sending.in_blocks(send, answer, headers, head=head, most=most, keep=keep)
            return
        if keep is not None:
            keep(answer.whole)
        await sending.whole(send, answer.status, headers, answer.whole, head=head)


class _WhileThere:
    """Gives up the work in the block when the client goes.

    Raises:
        ClientDisconnect: it went.
    """

    def __init__(self, receive: Receive | None) -> None:
        self._receive = receive
        self._watch: asyncio.Task[None] | None = None
        self._left = False

    async def __aenter__(self) -> None:
        self._task = asyncio.current_task()
        self._later = asyncio.get_running_loop().call_later(_PATIENT, self._begin)

    def _begin(self) -> None:
        if self._receive is not None:
            self._watch = asyncio.ensure_future(self._gone(self._receive))

    async def _gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._left = True
        assert self._task is not None  # noqa: S101  a block runs in a task
        self._task.cancel()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._later.cancel()
        if self._watch is not None:
            self._watch.cancel()
        if self._left and kind is asyncio.CancelledError and self._task is not None:
            self._task.uncancel()
            raise ClientDisconnect from error


def _adding(send: Send, headers: sending.Headers) -> Send:
    """Return what sends answers with further headers."""
    extra = [(name.encode(), value.encode("latin-1")) for name, value in headers]

    async def adding(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *extra]
        await send(message)

    return adding


def bare(scope: Scope, headers: Mapping[str, str], handler: str = "") -> Request:
    """Return a request without what takes time to read, and who sent it."""
    prefix: str = scope.get("root_path", "")
    path: str = scope["path"]
    return Request(
        handler,
        method="GET" if scope["method"] == "HEAD" else scope["method"],
        path=path.removeprefix(prefix),
        parts=scope.get("path_params", {}),
        headers=_passed(headers),
        prefix=prefix,
    )


def _passed(headers: Mapping[str, str]) -> dict[str, str]:
    """Return what handlers look at; of the ways to pack an answer only the one that we know."""
    found = {name: headers[name] for name in exchange.HEADERS if name in headers}
    if "accept-encoding" in found:
        found["accept-encoding"] = _packing(found["accept-encoding"])
    return found


@lru_cache(256)
def _packing(told: str) -> str:
    return "gzip" if negotiation.best(told, ("gzip", "identity")) == "gzip" and told else ""


def headers_of(scope: Scope) -> dict[str, str]:
    """Return the headers of a request, with small letters."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def _key(request: Request) -> bytes:
    """Return what makes two requests for the same answer one."""
    headers = [request.headers.get(each, "") for each in _TELLING]
    today = dt.datetime.now(tz=dt.UTC).date()  # pages say what is past
    told = (
        *(request.generation, today, request.root, request.path, request.query),
        *(headers, request.writer),
    )
    return hashlib.blake2b(repr(told).encode(), digest_size=15).digest()
