"""The pool of worker processes: each works on one request, and is replaced when it is ended."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from dragoman.server import exchange

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine

    from dragoman.server.exchange import Request
    from dragoman.server.options import Options

_log: Final = logging.getLogger("dragoman.server")
_READING: Final = 1 << 20
# Seconds that workers are given to end when the server is stopped.
_LAST: Final = 2.0
# A worker that ends so soon after its start is not started again at once, in seconds.
_PAUSE: Final = 1.0


class BusyError(Exception):
    """As many requests are waiting as may."""


class WorkerError(Exception):
    """A worker had to be ended, or ended by itself, before it had answered."""


@dataclass(eq=False)
class Worker:
    """A worker process.

    Attributes:
        process: the process.
        scratch: its folder for temporary files, which outlive it where it is killed.
        started: when it was started.
    """

    process: asyncio.subprocess.Process
    scratch: tempfile.TemporaryDirectory[str]
    started: float = field(default_factory=time.monotonic)

    @property
    def alive(self) -> bool:
        """Return whether it is there to be asked."""
        return self.process.returncode is None

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()

    async def clear(self) -> None:
        """Take away what it leaves behind, when it has ended."""
        await self.process.wait()
        await asyncio.to_thread(self.scratch.cleanup)

    async def read(self) -> tuple[bytes, bytes]:
        """Read a frame: what it is, and its content.

        Raises:
            WorkerError: the process has ended.
        """
        reader = self.process.stdout
        assert reader is not None  # noqa: S101  it was made with a pipe
        try:
            kind, length = exchange.frame_head(await reader.readexactly(exchange.HEAD_SIZE))
            return kind, await reader.readexactly(length) if length else b""
        except (asyncio.IncompleteReadError, OSError) as error:
            raise WorkerError("The worker ended.") from error

    async def write(self, data: bytes) -> None:
        """Send a request.

        Raises:
            WorkerError: the process has ended.
        """
        writer = self.process.stdin
        assert writer is not None  # noqa: S101  it was made with a pipe
        try:
            writer.write(data)
            await writer.drain()
        except OSError as error:
            raise WorkerError("The worker ended.") from error


class Answer:
    """The answer of a worker that has begun: its head, and its blocks as they come.

    Attributes:
        status: the status code of HTTP.
        headers: the headers, with small letters.
        whole: the body, where it has come already; else `blocks` has it.
        end: until when it may take, by the clock of the event loop.
    """

    def __init__(
        self, head: dict[str, Any], whole: bytes | None, end: float, rest: _Rest | None = None
    ) -> None:
        self.status: int = head["status"]
        self.headers: list[tuple[str, str]] = [(name, value) for name, value in head["headers"]]
        self.whole = whole
        self.end = end
        self._rest = rest

    async def blocks(self) -> AsyncGenerator[bytes]:
        """Yield the blocks, to the end.

        Raises:
            WorkerError: something went wrong in the worker.
        """
        rest = self._rest
        assert rest is not None  # noqa: S101  what is whole has no blocks
        while rest.kind == exchange.DATA:
            yield rest.content
            rest.kind, rest.content = await rest.worker.read()
        if rest.kind == exchange.BROKEN:
            raise WorkerError("The answer broke off.")
        yield rest.content

    def close(self) -> None:
        """Let the worker go; one that is not at the end of its answer is ended."""
        if self._rest is not None:
            rest, self._rest = self._rest, None
            ended = rest.kind in {exchange.END, exchange.BROKEN}
            rest.pool.done(rest.worker, well=ended and not rest.last)


@dataclass
class _Rest:
    """What is still to come of an answer: the frame that was read, and who has the others."""

    pool: Pool
    worker: Worker
    kind: bytes
    content: bytes
    last: bool = False


class Pool:
    """Workers, and who waits for one.

    Attributes:
        options: how the server was started.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self._idle: asyncio.LifoQueue[Worker] = asyncio.LifoQueue()
        self._all: set[Worker] = set()
        self._lives: set[asyncio.Task[None]] = set()
        self._ends: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._closed = False

    async def start(self) -> None:
        """Start the workers; it returns when the first one is ready."""
        for _ in range(self.options.workers):
            self._spawn(0)
        first = await self._idle.get()
        self._idle.put_nowait(first)

    async def stop(self) -> None:
        """End the workers."""
        self._closed = True
        for task in list(self._lives):
            task.cancel()
        for worker in list(self._all):
            self._replace(worker)
        # What a worker has written and nobody reads can keep its end from being seen.
        if ending := {*self._lives, *self._ends}:
            await asyncio.wait(ending, timeout=_LAST)

    def _spawn(self, pause: float) -> None:
        _do(self._lived(pause), self._lives)

    async def _lived(self, pause: float) -> None:
        """Start a worker, and replace it when it ends, whether somebody waits for it or not."""
        worker = await self._started(pause)
        if worker is not None:
            self._all.add(worker)
            self._idle.put_nowait(worker)
            await worker.process.wait()
            self._replace(worker)

    async def _started(self, pause: float) -> Worker | None:
        while not self._closed:
            await asyncio.sleep(pause)
            pause = _PAUSE
            try:
                worker = await self._process()
            except OSError as error:  # no more processes or files for now
                _log.error("A worker cannot be started: %s.", error.strerror or error)
                continue
            try:
                kind, _ = await worker.read()
            except WorkerError:
                await worker.clear()
                _log.error("A worker ended while it was starting.")
                continue
            except asyncio.CancelledError:
                worker.kill()
                await worker.clear()
                raise
            if kind == exchange.READY:
                return worker
        return None

    async def _process(self) -> Worker:
        scratch = tempfile.TemporaryDirectory(prefix="dragoman-", ignore_cleanup_errors=True)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "dragoman.server.work",
            self.options.as_json(),
            scratch.name,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_READING,
            start_new_session=os.name == "posix",  # Ctrl-C is the front's to hear
        )
        return Worker(process, scratch)

    async def _taken(self) -> Worker:
        """Return a worker that has nothing to do, as soon as there is one.

        Raises:
            BusyError: too many wait already.
        """
        while True:
            if self._idle.empty() and self._waiting >= self.options.waiting:
                raise BusyError
            self._waiting += 1
            try:
                worker = await self._idle.get()
            finally:
                self._waiting -= 1
            if worker.alive:
                return worker
            self._replace(worker)

    def done(self, worker: Worker, *, well: bool) -> None:
        """Take a worker back; one that did not come to its end is replaced."""
        if well and not self._closed:
            self._idle.put_nowait(worker)
        else:
            self._replace(worker)

    def _replace(self, worker: Worker) -> None:
        """End a worker, and start another one; once."""
        worker.kill()
        if worker in self._all:
            self._all.discard(worker)
            _do(worker.clear(), self._ends)
            young = time.monotonic() - worker.started < _PAUSE
            if not self._closed:
                self._spawn(_PAUSE if young else 0)

    async def ask(self, request: Request, seconds: float) -> Answer:
        """Let a worker answer a request.

        Args:
            request: what is asked.
            seconds: how long it may take, once a worker has it.

        Raises:
            BusyError: too many wait already.
            WorkerError: the time was over, or the worker ended, before the answer began.
        """
        worker = await self._taken()
        end = asyncio.get_running_loop().time() + seconds
        done = False
        try:
            async with asyncio.timeout_at(end):
                await worker.write(exchange.packed(request))
                _, content = await worker.read()
                head = json.loads(content)
                kind, content = await worker.read()
            done = True
            if kind == exchange.END:
                self.done(worker, well=not head["last"])
                return Answer(head, content, end)
            rest = _Rest(self, worker, kind, content, last=head["last"])
            return Answer(head, None, end, rest)
        except TimeoutError:
            raise WorkerError(
                f"The answer took longer than {seconds:g} s and was given up. Narrow what is asked."
            ) from None
        except WorkerError as error:
            raise WorkerError(
                "The answer took more memory than is allowed, or the engine could not bear it. "
                "Narrow what is asked."
            ) from error
        finally:
            if not done:
                self._replace(worker)


def _do(work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]]) -> None:
    """Let work be done beside everything else; a task that nobody holds may be lost."""
    task = asyncio.get_running_loop().create_task(work)
    among.add(task)
    task.add_done_callback(among.discard)
