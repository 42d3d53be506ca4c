"""A worker process: it has the base open, and answers one request after the other.

Started as `python -m dragoman.server.work OPTIONS`; requests come on standard input, and responses
go to standard output, in frames. It ends with its input, and never by itself: what takes too long
or too much memory is ended from outside.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from importlib import import_module
from typing import IO, TYPE_CHECKING, Final

from dragoman.errors import DragomanError
from dragoman.server import exchange
from dragoman.server.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dragoman.server.exchange import Request, Response
    from dragoman.server.served import Served

# Deep queries recurse in the engine; the address space costs nothing until it is used.
_STACK: Final = 256 * 1024**2
# Blocks of an answer are put together until they are so large, in bytes.
_BLOCK: Final = 64 * 1024


def main() -> None:
    """Answer requests until there are no more."""
    options = Options.read(sys.argv[1])
    # What a library prints goes to the log, and not between the frames.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    threading.stack_size(_STACK)
    thread = threading.Thread(target=_work, args=(options, sys.stdin.buffer, answers))
    thread.start()
    thread.join()


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
            served.at(request.generation)
            response = handler_named(request.handler)(served, request)
        except Exception as error:  # noqa: BLE001  whatever it is, the asker is told
            response = problems.response(request, error)
        _answer(answers, response)


def handler_named(name: str) -> Callable[[Served, Request], Response]:
    """Return a handler by its name in `routes`."""
    module, _, function = name.rpartition(".")
    found: Callable[[Served, Request], Response] = getattr(
        import_module(f"dragoman.server.{module}"), function
    )
    return found


def _answer(answers: IO[bytes], response: Response) -> None:
    """Send a response; what goes wrong while its body is made breaks it off."""
    head = exchange.head_of(response)
    if isinstance(response.body, bytes):
        data = exchange.frame(exchange.DATA, response.body) if response.body else b""
        _send(answers, head + data + exchange.frame(exchange.END))
        return
    try:
        for block in _blocks(iter(response.body)):
            _send(answers, head + exchange.frame(exchange.DATA, block))
            head = b""
        _send(answers, head + exchange.frame(exchange.END))
    except Exception:  # noqa: BLE001  the head is gone: nothing can be said any more
        traceback.print_exc()
        _send(answers, head + exchange.frame(exchange.BROKEN))


def _blocks(parts: Iterator[bytes]) -> Iterator[bytes]:
    waiting: list[bytes] = []
    size = 0
    for part in parts:
        waiting.append(part)
        size += len(part)
        if size >= _BLOCK:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def _send(answers: IO[bytes], data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[answers.write(view) :]


def _limit_memory(most: int) -> None:
    """Let the process grow by so many bytes and no more, where the system can hold it to that."""
    try:
        import resource
        from pathlib import Path

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (ImportError, OSError, ValueError):
        return
    limit = pages * resource.getpagesize() + most
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    main()
