"""Asking a store over HTTP: users, time limits, trying again, and saying honestly what failed.

A secret goes to the host of the profile and nowhere else: not with a redirect, not into a message.
"""

from __future__ import annotations

__all__ = ["Client", "is_near"]

import base64
import html
import random
import re
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import quote, quote_plus, urlsplit

from dragoman import __version__
from dragoman.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import httpx

    from dragoman.remote.profiles import Profile

    Body = bytes | Callable[[], Iterable[bytes]]

AGENT: Final = f"dragoman/{__version__}"
# How often a request that changes nothing, or may be made twice, is made at the most.
ATTEMPTS: Final = 4
_AGAIN: Final = frozenset({429, 502, 503, 504})
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_CONNECT: Final = 10.0
_LONGEST_WAIT: Final = 30.0
# An answer that is read whole is held in memory.
_LARGEST: Final = 1024**3
_WORDS: Final = 300


def is_near(address: str) -> bool:
    """Return whether an address is on this machine."""
    return (urlsplit(address).hostname or "") in {"localhost", "127.0.0.1", "::1"}


class Reply:
    """What a store answered. Reading it finds an answer that ends too early.

    Attributes:
        status: the HTTP status.
        media_type: the type of the content, without its parameters, in lower case.
    """

    def __init__(self, response: httpx.Response, client: Client) -> None:
        self._response, self._client = response, client
        self._content: bytes | None = None
        self.status = response.status_code
        self.media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()

    def header(self, name: str) -> str | None:
        """Return a header, or None."""
        found: str | None = self._response.headers.get(name)
        return found

    def header_lines(self) -> list[str]:
        """Return the headers as lines `name: value`."""
        return [f"{name}: {value}" for name, value in self._response.headers.items()]

    @property
    def was_read(self) -> bool:
        """Whether the content is in memory already."""
        return self._content is not None

    @property
    def content(self) -> bytes:
        """The content, read to its end within the time limit of a request.

        Raises:
            StoreError: it ends too early, takes too long, or is too large.
        """
        if self._content is None:
            timeout = self._client.timeout
            end = None if timeout is None else time.monotonic() + timeout
            parts: list[bytes] = []
            size = 0
            for block in self.blocks():
                parts.append(block)
                size += len(block)
                if size > _LARGEST:
                    raise self._client.problem("its answer is larger than 1 GiB. Ask for less")
                if end is not None and time.monotonic() > end:
                    raise self._client.slow()
            self._content = b"".join(parts)
        return self._content

    def blocks(self) -> Iterator[bytes]:
        """Yield the content as it comes.

        Raises:
            StoreError: it ends too early, or nothing came for too long.
        """
        import httpx

        try:
            yield from self._response.iter_bytes()
        except httpx.TimeoutException:
            raise self._client.slow() from None
        except httpx.DecodingError:
            raise self._client.problem("its answer is packed, and damaged") from None
        except httpx.HTTPError as error:
            reason = self._client.told(error)
            raise BrokenAnswer(
                f"{self._client.profile.name}: its answer ends too early: {reason}."
            ) from None


class BrokenAnswer(StoreError):  # noqa: N818  what came, not what was done
    """An answer that ends before its end."""


class Client:
    """One store's connections: kept open, and used again.

    Args:
        profile: which store.
        note: is told of each request, in one line without secrets.

    Attributes:
        profile: which store.
        timeout: seconds without a byte after which a request is given up; None for never.
        requests: how many requests were sent.
    """

    def __init__(self, profile: Profile, note: Callable[[str], None] | None = None) -> None:
        import ssl

        import httpx

        self.profile, self._note = profile, note
        self.requests = 0
        self.timeout: float | None = profile.timeout
        self._secret = profile.secret()
        self._challenged = False
        # Reading all certificates takes long. Without TLS none is read, and TLS then trusts none.
        plain = urlsplit(profile.query).scheme == "http"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if plain else True
        self._client = httpx.Client(
            headers={"User-Agent": AGENT},
            follow_redirects=False,
            verify=context,
            # whatever proxy there is knows nothing of this machine
            mounts={f"all://{host}": None for host in ("127.0.0.1", "localhost", "[::1]")},
        )
        self._auth = self._user()
        self._home = _origin(profile.query)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client({self.profile.name!r})"

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def request(  # noqa: PLR0913  what a request has
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        content: Body | None = None,
        length: int | None = None,
        safe: bool | None = None,
        fine: Iterable[int] = (),
    ) -> Reply:
        """Send a request and read its answer whole; where it may be made twice, try again.

        Tried again, after longer and longer pauses, are broken connections and the statuses 429,
        502, 503 and 504 (the store says with Retry-After how long to wait).

        Args:
            method: GET, POST, PUT, DELETE …
            url: the address.
            params: added to it.
            headers: of the request.
            content: what is sent: bytes, or a function that gives blocks anew each time.
            length: how many bytes those blocks have; some kinds must be told (`needs_length`).
            safe: whether it may be made twice; by default by its method (not POST).
            fine: further statuses that are an answer, and no error.

        Raises:
            StoreError: in one line what failed, and what to do; `status` has the HTTP status.
        """
        with self.stream(
            method, url, params=params, headers=headers, content=content, length=length, safe=safe,
            fine=fine, whole=True,
        ) as reply:  # fmt: skip
            return reply

    @contextmanager
    def stream(  # noqa: PLR0913
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        content: Body | None = None,
        length: int | None = None,
        safe: bool | None = None,
        fine: Iterable[int] = (),
        whole: bool = False,
    ) -> Iterator[Reply]:
        """Send a request, and hand out its answer to be read while it comes.

        Takes and raises what `request` does; once the answer begins, nothing is tried again.
        """
        again = method in _SAFE if safe is None else safe
        if callable(content) and length is None and self.profile.kind.needs_length:
            # Virtuoso answers 201 to an upload in chunks, and stores nothing.
            raise ValueError(f"the length of an upload to {self.profile.kind.title} is needed")
        if length is not None:
            headers = {**(headers or {}), "Content-Length": str(length)}
        attempts = ATTEMPTS if again else 1
        for attempt in range(1, attempts + 1):
            last = attempt == attempts
            response = self._sent(method, url, params, headers, content, last=last)
            if response is None:
                self._wait(attempt, None)
                continue
            try:
                reply = Reply(response, self)
                if response.status_code in _AGAIN and not last and reply.status not in set(fine):
                    self._wait(attempt, response.headers.get("retry-after"))
                    continue
                if not response.is_success and reply.status not in set(fine):
                    raise self._refusal(method, reply)
                if whole:
                    try:
                        _ = reply.content
                    except BrokenAnswer:
                        if last:
                            raise
                        self._wait(attempt, None)
                        continue
                yield reply
                return
            finally:
                response.close()

    def problem(self, words: str, status: int | None = None) -> StoreError:
        """Return an error that names the store; a full stop is added where none ends the words."""
        words = self.clean(words)
        end = "" if words.endswith(("?", ".", "…")) else "."
        return StoreError(f"{self.profile.name}: {words}{end}", status)

    def slow(self) -> StoreError:
        """Return the error that says that an answer took too long."""
        return SlowStore(
            f"{self.profile.name}: no answer within {self.timeout or 0:g} s. Ask for less, or "
            "allow more with --timeout, or timeout in its profile."
        )

    def told(self, error: Exception) -> str:
        """Return the words of an error of the network, without a full stop."""
        words = str(error) or type(error).__name__
        if "incomplete" in words or "without sending" in words:
            words = "the connection was closed before the end"
        return self.clean(words).rstrip(".")

    def clean(self, text: str) -> str:
        """Return a text without the secret, should somebody have repeated it."""
        if self._secret:
            pair = f"{self.profile.user}:{self._secret}".encode()
            spellings = {self._secret, quote(self._secret, safe=""), quote_plus(self._secret)}
            spellings.add(base64.b64encode(pair).decode())
            for each in sorted(spellings, key=len, reverse=True):
                text = text.replace(each, "…")
        return text

    # -------------------------------------------------------------- sending

    def _user(self) -> httpx.Auth | None:
        import httpx

        user, secret = self.profile.user or "", self._secret
        match self.profile.auth if secret is not None else "none":
            case "basic":
                return httpx.BasicAuth(user, secret or "")
            case "digest":
                return httpx.DigestAuth(user, secret or "")
            case "bearer":
                return _Bearer(secret or "")
        return None

    def _sent(  # noqa: PLR0913
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        content: Body | None,
        *,
        last: bool,
    ) -> httpx.Response | None:
        """Send once; None where it failed in a way that is worth another try."""
        import httpx

        started = time.monotonic()
        try:
            if callable(content) and self.profile.auth == "digest" and not self._challenged:
                self._meet()
            response = self._followed(method, url, params, headers, content)
        except (httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ConnectError) as error:
            if not last and not _hopeless(error):
                return None
            raise self.problem(f"there is no connection: {self._reason(error)}") from None
        except httpx.TimeoutException:
            raise self.slow() from None
        except httpx.TransportError as error:
            if not last:
                return None
            raise self.problem(f"the connection broke: {self._reason(error)}") from None
        if self._note:
            took = (time.monotonic() - started) * 1000
            path = urlsplit(url).path or "/"
            self._note(self.clean(f"{method} {path}: {response.status_code} in {took:.0f} ms"))
        return response

    def _followed(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        content: Body | None,
    ) -> httpx.Response:
        """Send, and follow redirects on the same host."""
        import httpx

        body = _Blocks(content) if callable(content) else content
        for _ in range(5):
            at_home = _origin(url) == self._home
            self.requests += 1
            request = self._client.build_request(
                method,
                url,
                params=params or None,
                headers=headers,
                content=body,
                timeout=httpx.Timeout(
                    self.timeout, connect=min(_CONNECT, self.timeout or _CONNECT)
                ),
            )
            response = self._client.send(request, auth=self._auth if at_home else None, stream=True)
            if response.status_code not in _REDIRECTS or "location" not in response.headers:
                return response
            target = str(response.url.join(response.headers["location"]))
            response.close()
            if _origin(target) != _origin(url):
                raise self.problem(
                    f"it sends us on to {_shown(target)}, another host. If that is right, name "
                    "that address instead",
                    response.status_code,
                )
            if response.status_code == 303 and method != "HEAD":
                method, body = "GET", None
            url, params = target, None
        raise self.problem("it sends us round in circles (redirects)")

    def _meet(self) -> None:
        """Let a store with digest ask who we are before a long upload, and not in its middle."""
        url = self.profile.update or self.profile.query
        with self._client.stream("GET", url, auth=self._auth) as response:
            self.requests += 1
            self._challenged = response.status_code != 401

    def _wait(self, attempt: int, told: str | None) -> None:
        pause = 0.2 * 2**attempt * random.uniform(0.5, 1.0)  # noqa: S311  not for secrets
        asked = _seconds(told)
        time.sleep(min(max(pause, asked or 0.0), _LONGEST_WAIT))

    # -------------------------------------------------------------- saying what failed

    def _reason(self, error: Exception) -> str:
        words = self.told(error)
        if "certificate" in words.lower():
            return f"{words}. It cannot prove that it is the host it says"
        if re.search(r"(?i)name or service not known|nodename|getaddrinfo|name resolution", words):
            return f"there is no host {urlsplit(self.profile.query).hostname}"
        if re.search(r"(?i)refused", words):
            return f"nothing answers at {urlsplit(self.profile.query).netloc}. Is it running?"
        return words

    def _refusal(self, method: str, reply: Reply) -> StoreError:
        status, words = reply.status, self._words(reply)
        said = f" It says: {words}" if words else ""
        where = self._response_path(reply)
        profile = self.profile
        if status == 401:
            problem = self._unknown(reply)
        elif status == 403:
            who = f"the user {profile.user}" if profile.user else "whoever has no user"
            problem = f"{who} may not do this (403).{said}"
        elif status in {404, 410}:
            problem = f"there is nothing at {where} ({status}). Is the address right?{said}"
        elif status in {405, 501}:
            problem = f"{method} is not possible at {where} ({status}): it may be read-only.{said}"
        elif status == 413:
            problem = f"it takes no more at once (413).{said}"
        elif status == 429:
            problem = f"it wants fewer requests (429). Try later.{said}"
        elif status in {502, 503, 504}:
            problem = f"it is not able to answer now ({status}). Try later.{said}"
        elif status >= 500:
            problem = f"it failed ({status}).{said}"
        else:
            problem = f"it refused ({status}).{said}"
        return self.problem(problem, status)

    def _unknown(self, reply: Reply) -> str:
        profile = self.profile
        asked = (reply.header("www-authenticate") or "").split(" ", 1)[0].lower()
        if not asked and "digest" in {profile.kind.auth, profile.auth}:
            asked = profile.kind.auth  # Virtuoso does not ask again who has shown something else
        scheme = f" by {asked}" if asked else ""
        if profile.auth == "none":
            return (
                f"it asks who we are{scheme} (401). Write a profile with auth, user and secret-env "
                "into stores.toml, and name that"
            )
        if asked in {"basic", "digest", "bearer"} and asked != profile.auth:
            return (
                f'it asks who we are by {asked}, and the profile says auth = "{profile.auth}" '
                "(401). Change it"
            )
        who = f"the user {profile.user}" if profile.user else "the secret"
        return f"it does not let {who} in (401). Is the secret in {profile.secret_env} right?"

    @staticmethod
    def _response_path(reply: Reply) -> str:
        return str(reply._response.url.copy_with(query=None, fragment=None))  # noqa: SLF001

    def _words(self, reply: Reply) -> str:
        """Return what a store says about its refusal, in one line."""
        content = b""
        try:
            for block in reply.blocks():
                content += block
                if len(content) > 65536:
                    break
        except StoreError:
            pass
        return self.clean(plain_words(content, reply.media_type))


class SlowStore(StoreError):  # noqa: N818  what it is, not what was done
    """A store that did not answer in time: asking for less may help."""


def plain_words(content: bytes, media_type: str = "") -> str:
    """Return what an error's text says, in one line of at most 300 characters.

    Of HTML, the text inside of `<pre>`, `<xmp>` or the title; of JSON, its message.
    """
    text = content.decode("utf-8", "replace").strip()
    if "html" in media_type or re.match(r"(?i)<(!doctype html|html)", text):
        for tag in ("pre", "xmp", "h1", "title", "body"):
            found = re.search(rf"(?is)<{tag}\b[^>]*>(.*?)</{tag}>", text)
            if found and found[1].strip():
                text = html.unescape(re.sub(r"<[^>]*>", " ", found[1]))
                break
    elif "json" in media_type:
        import json

        try:
            told = json.loads(text)
        except ValueError:
            told = None
        if isinstance(told, dict):
            keys = ("message", "exception", "detailedMessage", "error", "detail")
            text = next((str(told[key]) for key in keys if told.get(key)), text)
    line = " ".join(re.sub(r"[^\S ]|[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())
    return line if len(line) <= _WORDS else f"{line[:_WORDS]}…"


class _Blocks:
    """A body that can be sent anew, should the store ask who we are."""

    def __init__(self, blocks: Callable[[], Iterable[bytes]]) -> None:
        self._blocks = blocks

    def __iter__(self) -> Iterator[bytes]:
        yield from self._blocks()


def _Bearer(secret: str) -> httpx.Auth:  # noqa: N802  a class that waits for its library
    import httpx

    class Bearer(httpx.Auth):
        def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
            request.headers["Authorization"] = f"Bearer {secret}"
            yield request

    return Bearer()


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), port


def _shown(url: str) -> str:
    """Return an address without what may be a secret in it."""
    parts = urlsplit(url)
    netloc = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{netloc}{parts.path}"


def _hopeless(error: Exception) -> bool:
    """Return whether another try will meet the same: no such host, or no proof of it."""
    words = str(error).lower()
    return any(each in words for each in ("name or service", "nodename", "getaddrinfo", "certif"))


def _seconds(told: str | None) -> float | None:
    """Read Retry-After: seconds, or a date."""
    if not told:
        return None
    if told.strip().isdigit():
        return float(told.strip())
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    try:
        when = parsedate_to_datetime(told)
    except (TypeError, ValueError):
        return None
    return max(0.0, (when.astimezone(UTC) - datetime.now(UTC)).total_seconds())
