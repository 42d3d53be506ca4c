"""Who may ask what: hosts, origins, tokens, and what browsers are told to allow pages."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dragoman.server.options import Options

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
COOKIE: Final = "dragoman-writer"
# No script and no style in a page counts, but those from the server's own files.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS: Final = (
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
)


def refusal(options: Options, method: str, headers: Mapping[str, str]) -> tuple[int, str] | None:
    """Return with which status, and why, a request is refused; None where it is not.

    Names other than the server's own are refused, for a page of another site can let its own name
    point to this machine (DNS rebinding); and what changes anything, when another site's page
    sends it.

    Args:
        options: how the server was started.
        method: the method of the request.
        headers: its headers, with small letters.
    """
    host = headers.get("host", "")
    if _name_of(host) not in _names(options):
        return 403, (
            f"This server does not answer for the host {host!r}. Where it is one of its names, "
            "start it with --allow-host NAME."
        )
    origin = headers.get("origin")
    if method in SAFE:
        return None
    if origin is None:
        foreign = headers.get("sec-fetch-site") in {"cross-site", "same-site"}
    else:
        foreign = not (is_own(options, origin, host) or allows(options, origin))
    return (403, "Pages of other sites may not send anything here.") if foreign else None


def _names(options: Options) -> frozenset[str]:
    public = urlsplit(options.public_url).hostname if options.public_url else None
    own = {options.host.lower(), *(each.lower() for each in options.hosts), public or ""}
    return LOOPBACK | (own - {"", "0.0.0.0", "::"})  # noqa: S104  no names


def _name_of(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def is_own(options: Options, origin: str, host: str) -> bool:
    """Return whether an origin is the server's own."""
    if options.public_url:
        public = urlsplit(options.public_url)
        if origin == f"{public.scheme}://{public.netloc}":
            return True
    try:
        return urlsplit(origin).netloc == host
    except ValueError:
        return False


def allows(options: Options, origin: str) -> bool:
    """Return whether pages of another site may read."""
    return "*" in options.origins or origin in options.origins


def cors(options: Options, origin: str | None) -> list[tuple[str, str]]:
    """Return the headers that let another site's page read the answer, where it may."""
    if origin is None or not allows(options, origin):
        return []
    allowed = "*" if "*" in options.origins else origin
    return [
        ("access-control-allow-origin", allowed),
        ("access-control-expose-headers", "ETag, Link"),
        *([] if allowed == "*" else [("vary", "Origin")]),
    ]


def is_writer(options: Options, headers: Mapping[str, str], cookies: Mapping[str, str]) -> bool:
    """Return whether a request comes with the token of those who may write.

    A cookie is none for pages of other sites: browsers send it with what those of the same host
    send from another port, and of them it is only known that they may read.
    """
    if not options.token:
        return False
    scheme, _, told = headers.get("authorization", "").partition(" ")
    origin = headers.get("origin")
    own = origin is None or is_own(options, origin, headers.get("host", ""))
    kept = cookies.get(COOKIE, "") if own else ""
    given = told.strip() if scheme.lower() == "bearer" else kept
    return hmac.compare_digest(given.encode(), options.token.encode())
