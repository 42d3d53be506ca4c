"""A real `dragoman serve` for tests and benchmarks: started on loopback, and stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

TOKEN = "a-token-for-tests-only"  # noqa: S105


class Serving(NamedTuple):
    """A running server.

    Attributes:
        url: its address, without a slash at the end.
        process: its front process.
        log: where its standard error goes.
    """

    url: str
    process: subprocess.Popen[str]
    log: Path


@contextlib.contextmanager
def serving(
    base: Path, folder: Path, *options: str, environment: Mapping[str, str] | None = None
) -> Iterator[Serving]:
    """Serve a base at a free port until the block ends.

    Args:
        base: its folder.
        folder: where the log is written.
        options: further ones of `dragoman serve`; with `--write`, `TOKEN` is the token.
        environment: further variables.
    """
    log = folder / "serve.log"
    command = [sys.executable, "-m", "dragoman", "--base", str(base), "serve", "--port", "0"]
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [*command, *options],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**os.environ, "DRAGOMAN_TOKEN": TOKEN, **(environment or {})},
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert ": served at " in line, log.read_text(encoding="utf-8")
            yield Serving(line.partition(": served at ")[2].partition("/  (")[0], process, log)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
