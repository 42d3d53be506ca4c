"""The front: which door a request comes to, and what browsers are told with each answer."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount
from starlette.routing import Route as HttpRoute
from starlette.staticfiles import StaticFiles

from dragoman.server import guard, pages, sending, signing
from dragoman.server.door import Door, bare, headers_of
from dragoman.server.routes import ROUTES
from dragoman.server.sharing import Front

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from dragoman.server.options import Options


class Guarded:
    """Lets in what may come in, and adds to each answer what browsers are to hold to.

    Args:
        app: answers all paths.
        doors: answer those paths that have no parts, sooner.
        options: how the server was started.
    """

    def __init__(self, app: ASGIApp, doors: Mapping[str, Door], options: Options) -> None:
        self._app = app
        self._doors = {options.root_path + path: door for path, door in doors.items()}
        self._options = options
        told = [*guard.HEADERS, ("content-security-policy", guard.POLICY)]
        self._told = [(name.encode(), value.encode()) for name, value in told]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        begun = False

        async def telling(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message["headers"] = [*message["headers"], *self._told]
            await send(message)

        headers = headers_of(scope)
        if refused := guard.refusal(self._options, scope["method"], headers):
            await sending.refused(telling, bare(scope, headers), *refused)
            return
        try:
            await self._doors.get(scope["path"], self._app)(scope, receive, telling)
        except sending.BrokenOffError:
            pass  # The server closes the connection of an answer that does not come to its end.
        except asyncio.CancelledError:  # it is being stopped, and this took too long
            if not begun:
                text = "The server is being stopped. Come again when it runs."
                await sending.refused(telling, bare(scope, headers), 503, text)


async def _lost(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001  ASGI's form
    request = bare(scope, headers_of(scope))
    await sending.refused(send, request, 404, f"There is nothing at {request.path}.")


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

    doors = {each.path: Door(front, each) for each in ROUTES}
    routes = [HttpRoute(path, door) for path, door in doors.items()]
    routes.append(HttpRoute(signing.PATH, signing.sign_in(options), methods=["GET", "POST"]))
    files = StaticFiles(directory=pages.HERE / "static")
    static = Mount("/static", GZipMiddleware(files, minimum_size=1000, compresslevel=4))
    app = Starlette(routes=[*routes, static], lifespan=lifespan)
    app.router.default = _lost
    app.router.redirect_slashes = False
    return Guarded(app, {path: door for path, door in doors.items() if "{" not in path}, options)
