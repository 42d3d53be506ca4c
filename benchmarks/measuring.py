"""What the parts of the benchmark share: the tables they fill, and timing a process to its end."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass
class Ratio:
    """One line of the table of ratios: `value` is measured / reference."""

    what: str
    measured: str
    reference: str
    value: float
    goal: float | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        """Whether the goal is met; empty where there is none."""
        if self.goal is None:
            return ""
        return "yes" if self.value <= self.goal else "**no**"


@dataclass
class Timing:
    """One saved query on one store: median seconds, rows; `seconds` is None where it was ended."""

    query: str
    seconds: float | None
    rows: int | None
    runs: int = 1


@dataclass
class Findings:
    """All that was measured."""

    ratios: list[Ratio] = field(default_factory=list)
    timings: dict[str, list[Timing]] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """One process, run to its end.

    Attributes:
        seconds: by the clock.
        processor: seconds of the processor, of the process and its children.
        memory: the most it held, in MB.
        code: its exit code.
        output: what it wrote to standard output.
    """

    seconds: float
    processor: float
    memory: float
    code: int
    output: str


def command() -> list[str]:
    """Return how `dragoman` is called here."""
    script = Path(sys.executable).with_name("dragoman")
    return [str(script)] if script.exists() else [sys.executable, "-m", "dragoman"]


def process(
    arguments: Sequence[str],
    folder: str | os.PathLike[str],
    *,
    codes: Sequence[int] = (0,),
    settings: Mapping[str, str] | None = None,
) -> Run:
    """Run a process to its end, in a folder.

    Raises:
        SystemExit: it ended with another code than those wanted.
    """
    run = process_within(None, arguments, folder, codes=codes, settings=settings)
    if run is None:
        raise SystemExit("A process without a longest time was ended.")
    return run


def process_within(
    longest: float | None,
    arguments: Sequence[str],
    folder: str | os.PathLike[str],
    *,
    codes: Sequence[int] = (0,),
    settings: Mapping[str, str] | None = None,
) -> Run | None:
    """Run a process to its end, or None where it takes longer than so many seconds.

    Raises:
        SystemExit: it ended with another code than those wanted.
    """
    environment = {key: value for key, value in os.environ.items() if key != "DRAGOMAN_BASE"}
    start = time.perf_counter()
    child = subprocess.Popen(  # noqa: S603  our own command
        arguments,
        cwd=folder,
        env={**environment, **(settings or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    timer = None
    if longest:
        timer = threading.Timer(longest, child.kill)
        timer.start()
    held = [0.0]
    watch = threading.Thread(target=_watch, args=(child.pid, held), daemon=True)
    watch.start()
    output = child.stdout.read() if child.stdout else ""
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    if timer:
        timer.cancel()
    child.returncode = os.waitstatus_to_exitcode(status)
    if longest and child.returncode < 0:
        return None
    if child.returncode not in codes:
        raise SystemExit(f"{' '.join(arguments)} ended with {child.returncode}.")
    used = usage.ru_utime + usage.ru_stime
    watch.join()
    return Run(seconds, used, held[0] or usage.ru_maxrss / 1024, child.returncode, output)


def _watch(child: int, held: list[float]) -> None:
    """Note the most memory that a process held, in MB, until it ends.

    The system's own figure (`ru_maxrss`) is no less than what we held when we started the process.
    """
    status = Path(f"/proc/{child}/status")
    while True:
        try:
            found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text(encoding="ascii"))
        except OSError:
            return
        if found is None:  # it has ended
            return
        # The last value counts: the first may be of the time before the program was loaded.
        held[0] = int(found[1]) / 1024
        time.sleep(0.005)
