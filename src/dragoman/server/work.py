"""A worker process: it has the base open, and answers one request after the other.

Started as `python -m dragoman.server.work OPTIONS SCRATCH`, with its folder for temporary files;
requests come on standard input, and responses go to standard output, in frames. It ends with its
input, and never by itself: what takes too long or too much memory is ended from outside.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
import traceback
import zlib
from functools import cache
from importlib import import_module
from typing import IO, TYPE_CHECKING, Final

from dragoman.errors import DragomanError
from dragoman.server import exchange
from dragoman.server.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable

    from dragoman.server.exchange import Request, Response
    from dragoman.server.served import Served

# Deep queries recurse in the engine; the address space costs nothing until it is used.
_STACK: Final = 256 * 1024**2
# Of threads that are made while a request is worked on.
_STACKS: Final = 2 * _STACK
# Seconds after which it is looked whether the front is still there.
_WATCH: Final = 1.0
# Blocks of an answer are put together until they are so large, in bytes.
_BLOCK: Final = 64 * 1024
_WHOLE: Final = 1024**2
# How an answer is packed, and from how many bytes on that is worth it.
_GZIP: Final = 31
_LEVEL: Final = 1
_WORTH: Final = 1000
_TEXTS: Final = ("json", "xml", "javascript", "n-triples", "n-quads", "trig")


def main() -> None:
    """Answer requests until there are no more."""
    options, scratch = Options.read(sys.argv[1]), sys.argv[2]
    tempfile.tempdir = os.environ["TMPDIR"] = scratch
    # What a library prints goes to the log, and not between the frames.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    threading.stack_size(_STACK)
    thread = threading.Thread(target=_work, args=(options, sys.stdin.buffer, answers))
    thread.start()
    front = os.getppid()
    while thread.is_alive():
        thread.join(_WATCH)
        if os.name == "posix" and os.getppid() != front:
            break  # the front is gone, and nobody else ends a long query
    shutil.rmtree(scratch, ignore_errors=True)
    os._exit(0)


def _work(options: Options, requests: IO[bytes], answers: IO[bytes]) -> None:
    from dragoman.server import freshness, problems
    from dragoman.server.served import Served

    served = Served(options)
    try:
        from dragoman.base import find_base

        served.at(freshness.generation(find_base(options.base)))
    except DragomanError:
        pass  # each request will say it
    _limit_memory(options.memory)
    _send(answers, exchange.frame(exchange.READY))
    while (request := exchange.read_request(requests)) is not None:
        try:
            if request.generation != served.generation:
                _limit_memory(None)
                try:
                    served.at(request.generation)
                finally:
                    _limit_memory(options.memory)
            response = handler_named(request.handler)(served, request)
        except Exception as error:  # noqa: BLE001  whatever it is, the asker is told
            response = problems.response(request, error)
        _answer(answers, request, response, last=served.spent)


@cache
def handler_named(name: str) -> Callable[[Served, Request], Response]:
    """Return a handler by its name in `routes`."""
    module, _, function = name.rpartition(".")
    found: Callable[[Served, Request], Response] = getattr(
        import_module(f"dragoman.server.{module}"), function
    )
    return found


class _Sending:
    """Sends a response in blocks; see `exchange.Stream`. Packed, where the client takes that."""

    def __init__(
        self, answers: IO[bytes], request: Request, response: Response, *, last: bool
    ) -> None:
        self.last = last
        self.headers = [("content-type", response.content_type), *response.headers]
        self.begun = False
        self._answers = answers
        self._status = response.status
        self._waiting: list[bytes] = []
        self._size = 0
        text = _is_text(response.content_type)
        self._packs = text and "gzip" in request.headers.get("accept-encoding", "")
        if text:
            self.headers.append(("vary", "Accept-Encoding"))
        self._packer: zlib._Compress | None = None

    def write(self, data: bytes) -> int:
        """Take the next bytes."""
        self._waiting.append(data)
        self._size += len(data)
        if self._size >= _BLOCK:
            self._flush()
        return len(data)

    def take(self, data: bytes) -> None:
        """Take a whole body: a short one goes in one piece, so that the front can keep it."""
        if len(data) <= _WHOLE:
            self._waiting.append(data)
            return
        for start in range(0, len(data), _BLOCK):
            self.write(data[start : start + _BLOCK])

    def _flush(self) -> None:
        data, self._waiting, self._size = b"".join(self._waiting), [], 0
        if not self.begun and self._packs:
            self._packer = zlib.compressobj(_LEVEL, wbits=_GZIP)
        if self._packer is not None:
            data = self._packer.compress(data)
        if data or not self.begun:
            _send(self._answers, self._head() + exchange.frame(exchange.DATA, data))

    def _head(self) -> bytes:
        """Return the head, once, and nothing later."""
        if self.begun:
            return b""
        self.begun = True
        more = [("content-encoding", "gzip")] if self._packer is not None else []
        return exchange.head(self._status, [*self.headers, *more], last=self.last)

    def end(self) -> None:
        """Send what is left."""
        data = b"".join(self._waiting)
        if not self.begun and self._packs and len(data) >= _WORTH:
            self._packer = zlib.compressobj(_LEVEL, wbits=_GZIP)
        if self._packer is not None:
            data = self._packer.compress(data) + self._packer.flush()
        _send(self._answers, self._head() + exchange.frame(exchange.END, data))

    def break_off(self) -> None:
        """Say that the rest does not come."""
        _send(self._answers, self._head() + exchange.frame(exchange.BROKEN))


def _answer(answers: IO[bytes], request: Request, response: Response, *, last: bool) -> None:
    """Send a response; what goes wrong after its head has gone breaks it off."""
    from dragoman.server import problems

    sending = _Sending(answers, request, response, last=last)
    try:
        if isinstance(response.body, bytes):
            sending.take(response.body)
        elif callable(response.body):
            response.body(sending)
        else:
            for part in response.body:
                sending.write(part)
    except Exception as error:  # noqa: BLE001  whatever it is, the asker is told
        if sending.begun:
            traceback.print_exc()
            sending.break_off()
            return
        _answer(answers, request, problems.response(request, error), last=last)
        return
    sending.end()


def _is_text(content_type: str) -> bool:
    kind = content_type.partition(";")[0]
    return kind.startswith("text/") or kind.endswith(_TEXTS)


def _send(answers: IO[bytes], data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[answers.write(view) :]


def _limit_memory(most: int | None) -> None:
    """Let the process grow by so many bytes and no more, where the system can hold it to that."""
    try:
        import resource
        from pathlib import Path

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (ImportError, OSError, ValueError):
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = hard if most is None else pages * resource.getpagesize() + most + _STACKS
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


if __name__ == "__main__":
    main()
