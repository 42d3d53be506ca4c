"""What passes between the front process and a worker: a request, and a response in frames.

A frame is one byte that says what it is, four bytes with the length of what follows (big-endian),
and that. A request is one HEAD; a response is a HEAD (JSON), any number of DATA, and END with the
last of the data, or BROKEN where something went wrong after the HEAD.
"""

from __future__ import annotations

import json
import marshal
import struct
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

READY: Final = b"R"
HEAD: Final = b"H"
DATA: Final = b"D"
END: Final = b"E"
BROKEN: Final = b"X"

# The headers that handlers look at; no other reaches a worker, so that no secret does.
HEADERS: Final = (
    "accept",
    "accept-encoding",
    "accept-language",
    "content-type",
    "if-match",
    "if-none-match",
)
FORM: Final = "application/x-www-form-urlencoded"
_LENGTH: Final = struct.Struct(">cI")
HEAD_SIZE: Final = _LENGTH.size


class Request(NamedTuple):
    """A request as a handler sees it.

    Attributes:
        handler: what is to answer, as `questions.gallery`.
        method: GET, POST and so on; a HEAD is asked as a GET.
        path: the path below the root path.
        parts: what the path's own parameters are.
        query: names and values of the query string, in their order.
        headers: those of `HEADERS` that were sent, with small letters.
        body: what was sent.
        root: the server's own address, without a slash at the end.
        prefix: the path to put before links within the server.
        generation: what the files of the base were when the request came.
        writer: whether who asks may write.
        writable: whether anybody may, who signs in.
    """

    handler: str
    method: str = "GET"
    path: str = "/"
    parts: Mapping[str, str] = {}
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = {}
    body: bytes = b""
    root: str = ""
    prefix: str = ""
    generation: str = ""
    writer: bool = False
    writable: bool = False

    def told(self, name: str, default: str = "") -> str:
        """Return the first value of a name in the query string."""
        return next((value for each, value in self.query if each == name), default)

    def every(self, name: str) -> list[str]:
        """Return all values of a name in the query string."""
        return [value for each, value in self.query if each == name]

    @property
    def media_type(self) -> str:
        """Return the media type of the body, without its parameters, in small letters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Stream(Protocol):
    """Where a body goes while it is made.

    Attributes:
        headers: those of the answer; more may be added as long as it has not begun.
        begun: whether a part of the answer is on its way, so that its head stays as it is.
    """

    headers: list[tuple[str, str]]
    begun: bool

    def write(self, data: bytes) -> int:
        """Take the next bytes."""


class Response(NamedTuple):
    """An answer.

    Attributes:
        body: the bytes; or blocks of them that are made while they are sent; or what writes them.
        content_type: the media type, with `charset=utf-8` where it is text.
        status: the status code of HTTP.
        headers: further headers.
    """

    body: bytes | Iterable[bytes] | Callable[[Stream], None]
    content_type: str = "text/plain; charset=utf-8"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


def in_json(content: object, indent: int | None = None) -> Response:
    """Return an answer in JSON, for scripts and other programs."""
    text = json.dumps(content, ensure_ascii=False, indent=indent)
    return Response(f"{text}\n".encode(), "application/json; charset=utf-8")


def frame(kind: bytes, content: bytes = b"") -> bytes:
    """Return a frame."""
    return _LENGTH.pack(kind, len(content)) + content


def frame_head(data: bytes) -> tuple[bytes, int]:
    """Return what a frame is, and how many bytes follow its first `HEAD_SIZE` ones."""
    kind, length = _LENGTH.unpack(data)
    return kind, length


def packed(request: Request) -> bytes:
    """Return a request as a frame."""
    # Between two processes of one installation, and never the other way round.
    told: Any = tuple(request)
    return frame(HEAD, marshal.dumps(told))


def read_request(stream: IO[bytes]) -> Request | None:
    """Read a request; None at the end of the stream."""
    head = stream.read(HEAD_SIZE)
    if len(head) < HEAD_SIZE:
        return None
    _, length = frame_head(head)
    content = stream.read(length)
    return Request(*marshal.loads(content)) if len(content) == length else None  # noqa: S302


def head(status: int, headers: Iterable[tuple[str, str]], *, last: bool = False) -> bytes:
    """Return the HEAD frame of a response; after the last one a worker is to be replaced."""
    told = {"status": status, "headers": [*headers], "last": last}
    return frame(HEAD, json.dumps(told).encode())
