"""The front: HTTP to requests for workers, and their answers back; what is kept is told again."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import re
import time
from collections import OrderedDict
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.routing import Mount
from starlette.routing import Route as HttpRoute
from starlette.staticfiles import StaticFiles

from dragoman.base import find_base
from dragoman.server import exchange, freshness, guard, negotiation, pages, problems, signing
from dragoman.server.exchange import Request
from dragoman.server.routes import ROUTES, Route
from dragoman.server.workers import BusyError, Pool, WorkerError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from dragoman.server.options import Options
    from dragoman.server.workers import Answer

_log: Final = logging.getLogger("dragoman.server")
# Seconds: files are looked at so often, but a twentieth of the time at most.
_LOOK: Final = 0.25
_SHARE: Final = 20
# Bytes of answers that are kept, in all and of one.
_KEPT: Final = 64 * 1024**2
_KEPT_ONE: Final = 2 * 1024**2
_RETRY: Final = 2

# The headers that an answer to GET depends on.
_TELLING: Final = ("accept", "accept-encoding", "accept-language", "hx-request")

_TIMEOUT: Final = re.compile(rb"(?:^|&)timeout=([0-9.]+)(?:&|$)")

Headers = list[tuple[str, str]]


class Kept(NamedTuple):
    """An answer that is told again."""

    headers: tuple[tuple[str, str], ...]
    body: bytes


class Front:
    """What all requests share: the workers, the state of the files, the answers that are kept."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.pool = Pool(options)
        self.generation = ""
        self._base = find_base(options.base)
        self._kept: OrderedDict[bytes, Kept] = OrderedDict()
        self._size = 0

    async def look(self) -> None:
        """Look whether a file of the base has changed."""
        found = await asyncio.to_thread(freshness.generation, self._base)
        if found != self.generation:
            self.generation = found
            self._kept.clear()
            self._size = 0

    async def watch(self) -> None:
        """Look again and again."""
        while True:
            began = time.monotonic()
            try:
                await self.look()
            except Exception:  # noqa: BLE001  the next look may succeed
                _log.exception("The files of the base cannot be looked at.")
            await asyncio.sleep(max(_LOOK, _SHARE * (time.monotonic() - began)))

    def known(self, key: bytes) -> Kept | None:
        """Return the answer that is kept of a key."""
        found = self._kept.get(key)
        if found:
            self._kept.move_to_end(key)
        return found

    def keep(self, key: bytes, kept: Kept) -> None:
        """Keep an answer, in the place of those that were asked longest ago."""
        if len(kept.body) > _KEPT_ONE:
            return
        self._kept[key] = kept
        self._size += len(kept.body)
        while self._size > _KEPT:
            _, old = self._kept.popitem(last=False)
            self._size -= len(old.body)


class Door:
    """An ASGI application that answers one path."""

    def __init__(self, front: Front, route: Route) -> None:
        self._front = front
        self._route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        method: str = scope["method"]
        if method == "OPTIONS":
            allowed = ", ".join(("HEAD", "OPTIONS", *self._route.methods))
            await _send(send, 204, [("allow", allowed), *self._preflight(scope)], b"")
            return
        try:
            request = await self._request(scope, receive)
        except problems.Refusal as error:
            await _refused(send, _bare(self._route, scope), error.status, str(error), error.headers)
            return
        except ClientDisconnect:
            return
        await self._answer(request, method, receive, send)

    def _preflight(self, scope: Scope) -> Headers:
        if "access-control-request-method" not in _headers(scope):
            return []
        return [
            ("access-control-allow-methods", ", ".join(self._route.methods)),
            ("access-control-allow-headers", "Accept, Accept-Language, Content-Type"),
            ("access-control-max-age", "600"),
        ]

    async def _request(self, scope: Scope, receive: Receive) -> Request:
        """Read a request.

        Raises:
            Refusal: its body is too large.
        """
        http = HttpRequest(scope, receive)
        most = self._front.options.body
        blocks, size = [], 0
        if scope["method"] not in guard.SAFE:
            async for block in http.stream():
                size += len(block)
                if size > most:
                    raise problems.Refusal(
                        413, f"More than {most // 1024**2} MiB are not taken.",
                        (("connection", "close"),),
                    )  # fmt: skip
                blocks.append(block)
        request = _bare(self._route, scope)
        options = self._front.options
        headers = dict(request.headers)
        own = f"{http.url.scheme}://{http.url.netloc}{options.root_path}"
        return request._replace(
            query=tuple(http.query_params.multi_items()),
            headers=headers,
            body=b"".join(blocks),
            root=options.public_url or own,
            generation=self._front.generation,
            writer=guard.is_writer(options, http.headers, http.cookies),
            writable=bool(options.token),
        )

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
        key = _key(request)
        tag = f'W/"{request.generation}-{key.hex()}"'
        if kept and tag in request.headers.get("if-none-match", ""):
            await _send(send, 304, [("etag", tag)], b"")
            return
        if kept and (known := front.known(key)):
            await _send(send, 200, list(known.headers), known.body, head=method == "HEAD")
            return
        try:
            answer = await _while_there(
                None if writing else receive,
                front.pool.ask(request, self._seconds(request)),
            )
        except BusyError:
            again = (("retry-after", str(_RETRY)),)
            await _refused(send, request, 503, "Too many requests are waiting. Come again.", again)
            return
        except WorkerError as error:
            await _refused(send, request, 503, str(error))
            return
        except ClientDisconnect:
            return
        finally:
            if writing:
                await front.look()  # whoever wrote sees it with the next request
        headers = answer.headers
        if kept and answer.status == 200:
            headers = [*headers, ("etag", tag), ("cache-control", "no-cache")]
            if answer.whole is not None and front.generation == request.generation:
                front.keep(key, Kept(tuple(headers), answer.whole))
        await _pass_on(send, answer, headers, head=method == "HEAD")


def _bare(route: Route, scope: Scope) -> Request:
    prefix: str = scope.get("root_path", "")
    path: str = scope["path"]
    return Request(
        route.handler,
        method="GET" if scope["method"] == "HEAD" else scope["method"],
        path=path.removeprefix(prefix),
        parts=dict(scope.get("path_params", {})),
        headers=_passed(_headers(scope)),
        prefix=prefix,
    )


def _passed(headers: Mapping[str, str]) -> dict[str, str]:
    """Return what handlers look at; of the ways to pack an answer only the one that we know."""
    found = {name: value for name, value in headers.items() if name in exchange.HEADERS}
    if "accept-encoding" in found:
        found["accept-encoding"] = _packing(found["accept-encoding"])
    return found


@lru_cache(256)
def _packing(told: str) -> str:
    return "gzip" if negotiation.best(told, ("gzip", "identity")) == "gzip" and told else ""


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def _key(request: Request) -> bytes:
    """Return what makes two requests for the same answer one."""
    headers = [request.headers.get(each, "") for each in _TELLING]
    told = (request.generation, request.root, request.path, request.query, headers, request.writer)
    return hashlib.blake2b(repr(told).encode(), digest_size=15).digest()


async def _while_there(receive: Receive | None, work: Any) -> Answer:  # noqa: ANN401  a coroutine
    """Wait for work, and give it up when the client goes.

    Raises:
        ClientDisconnect: it went.
    """
    task: asyncio.Task[Answer] = asyncio.ensure_future(work)
    if receive is None:
        return await task
    done, _ = await asyncio.wait({task}, timeout=0.2)
    if done:
        return task.result()
    gone = asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        raise ClientDisconnect
    finally:
        gone.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _pass_on(send: Send, answer: Answer, headers: Headers, *, head: bool) -> None:
    """Send the answer of a worker; one that breaks off is no whole one for the client, too."""
    if answer.whole is not None:
        await _send(send, answer.status, headers, answer.whole, head=head)
        return
    try:
        await send(_start(answer.status, headers))
        # The time is over for a client that reads too slowly, too: it holds a worker.
        async with asyncio.timeout_at(answer.end):
            async for block in answer.blocks():
                if head:
                    break
                await send({"type": "http.response.body", "body": block, "more_body": True})
    except (TimeoutError, WorkerError) as error:
        _log.warning("An answer was broken off: %s", str(error) or "the time was over")
        raise BrokenOffError from error
    finally:
        answer.close()
    await send({"type": "http.response.body", "body": b""})


class BrokenOffError(Exception):
    """The answer ended before its end: the connection is closed, so that the client sees it."""


async def _send(
    send: Send, status: int, headers: Headers, body: bytes, *, head: bool = False
) -> None:
    if status not in {204, 304}:
        headers = [*headers, ("content-length", str(len(body)))]
    await send(_start(status, headers))
    await send({"type": "http.response.body", "body": b"" if head else body})


def _start(status: int, headers: Iterable[tuple[str, str]]) -> Message:
    return {
        "type": "http.response.start",
        "status": status,
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
    }


async def _refused(
    send: Send, request: Request, status: int, text: str, headers: Iterable[tuple[str, str]] = ()
) -> None:
    found = problems.told(request, status, text, tuple(headers))
    body = found.body if isinstance(found.body, bytes) else b""
    await _send(
        send, status, [("content-type", found.content_type), *found.headers], body,
        head=request.method == "HEAD",
    )  # fmt: skip


class Guarded:
    """Lets in what may come in, and adds to each answer what browsers are to hold to."""

    def __init__(self, app: ASGIApp, options: Options) -> None:
        self._app = app
        self._options = options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = _headers(scope)
        more = [
            *guard.HEADERS,
            ("content-security-policy", guard.POLICY),
            *guard.cors(self._options, headers.get("origin")),
        ]
        extra = [(name.encode(), value.encode("latin-1")) for name, value in more]

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        if refused := guard.refusal(self._options, scope["method"], headers):
            request = _bare(Route("", ""), scope)
            await _refused(sending, request, *refused)
            return
        await self._app(scope, receive, sending)


async def _lost(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001  ASGI's form
    request = _bare(Route("", ""), scope)
    await _refused(send, request, 404, f"There is nothing at {request.path}.")


def application(options: Options) -> ASGIApp:
    """Return the ASGI application that serves a base."""
    front = Front(options)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await front.look()
        watching = asyncio.get_running_loop().create_task(front.watch())
        await front.pool.start()
        try:
            yield
        finally:
            watching.cancel()
            await front.pool.stop()

    routes = [
        HttpRoute(each.path, Door(front, each), methods=["OPTIONS", *each.methods])
        for each in ROUTES
    ]
    routes.append(HttpRoute(signing.PATH, signing.sign_in(options), methods=["GET", "POST"]))
    files = StaticFiles(directory=pages.HERE / "static")
    static = Mount("/static", GZipMiddleware(files, minimum_size=1000, compresslevel=4))
    app = Starlette(routes=[*routes, static], lifespan=lifespan)
    app.router.default = _lost
    app.router.redirect_slashes = False
    return Guarded(app, options)
