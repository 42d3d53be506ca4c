"""Signing in with the token of those who may write, and out again.

The token stays in the front process: it is compared there, and kept by the browser in a cookie that
no script can read and that no other site's page sends.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from starlette.responses import RedirectResponse, Response

from dragoman.server import exchange, guard, pages

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request as HttpRequest

    from dragoman.server.options import Options

PATH: Final = "/sign-in"
# A token and the name of its field take no more.
_MOST: Final = 4096


def sign_in(options: Options) -> Callable[[HttpRequest], Awaitable[Response]]:
    """Return what answers `PATH`: the form, and what it sends."""

    async def answer(http: HttpRequest) -> Response:
        prefix: str = http.scope.get("root_path", "")
        if http.method == "POST":
            sent = dict(parse_qsl(await _text(http)))
            if sent.get("do") == "out":
                response = RedirectResponse(f"{prefix}/", 303)
                response.delete_cookie(guard.COOKIE, path=prefix or "/")
                return response
            given = sent.get("token", "").strip()
            if options.token and hmac.compare_digest(given.encode(), options.token.encode()):
                response = RedirectResponse(f"{prefix}{PATH}", 303)
                response.set_cookie(
                    guard.COOKIE,
                    given,
                    path=prefix or "/",
                    secure=(options.public_url or str(http.url)).startswith("https:"),
                    httponly=True,
                    samesite="strict",
                )
                return response
        request = exchange.Request(
            "",
            path=PATH,
            prefix=prefix,
            root=options.public_url or f"{http.url.scheme}://{http.url.netloc}{prefix}",
            writer=guard.is_writer(options, http.headers, http.cookies),
            writable=bool(options.token),
        )
        wrong = http.method == "POST"
        found = pages.page(request, "sign_in.html", wrong=wrong)
        body = found.body if isinstance(found.body, bytes) else b""
        return Response(body, 403 if wrong else 200, media_type=found.content_type)

    return answer


async def _text(http: HttpRequest) -> str:
    sent = b""
    async for block in http.stream():
        sent += block
        if len(sent) > _MOST:
            return ""
    return sent.decode("utf-8", "replace")
