"""Rounds of kill -9: a process that changes a base is killed at a random point, then all is well.

    python tests/kill_rounds.py --rounds 1000

A round is a fresh base, a process that changes it, a random call after which the clock is started,
and a random time after that at which it is killed; in some rounds the process that heals is killed
too. What was reported as done must be there, and what is there must be the old state or the new.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import time

from dragoman import additions
from faults import (
    CALLS,
    CHANGES,
    DONE,
    base_in,
    before_and_after,
    check,
    copies,
    goes_on,
)

# Most changes here make fewer calls than this.
MOST_CALLS = 45
LONGEST = 0.003
# The share of processes that may come to their end, however slow the machine is.
SPARED = 0.1


def tell_at(number: int, ears: int) -> None:
    """Write a byte when the n-th call that changes a disk is made."""
    count = [0]

    def telling(real):
        def call(*arguments, **options):
            count[0] += 1
            if count[0] == number:
                write(ears, b"x")
            return real(*arguments, **options)

        return call

    write = os.write
    for name in CALLS:
        setattr(os, name, telling(getattr(os, name)))


def killed(work, number: int, delay: float | None) -> tuple[bool, int]:
    """Do work in a process that is killed; return whether it said that it was done, and its end.

    Without a delay it may come to its end.
    """
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        code = 3
        try:
            tell_at(number, theirs)
            work()
            os.write(theirs, b"d")
            code = DONE
        finally:
            os._exit(code)
    os.close(theirs)
    said = os.read(ours, 1)
    while delay is None and said and b"d" not in said:
        more = os.read(ours, 8)
        said = said + more if more else b""
    if said == b"x":
        time.sleep(delay or 0)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    while more := os.read(ours, 8):
        said += more
    os.close(ours)
    return b"d" in said, os.waitstatus_to_exitcode(status)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=1000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--index", action="store_true", help="with an index on disk")
    told = options.parse_args()
    chance = random.Random(told.seed)  # noqa: S311  a repeatable choice, no secret
    # Bringing an index up to a change takes longer than all the rest.
    longest = LONGEST * (60 if told.index else 1)
    counts = {"rounds": told.rounds, "seed": told.seed, "old": 0, "new": 0, "done": 0}
    os.environ["DRAGOMAN_INDEX_FROM"] = "0" if told.index else str(1 << 30)
    with copies(indexed=told.index) as copy:
        known = {name: before_and_after(copy, change) for name, change in CHANGES.items()}
        for number in range(told.rounds):
            name = chance.choice(sorted(CHANGES))
            folder = copy()
            call = chance.randint(1, MOST_CALLS)
            delay = chance.uniform(0, longest) * chance.randint(0, 1)
            if chance.random() < SPARED:
                delay = None
            where = f"round {number}, {name}, call {call}, {delay} s later"
            done, code = killed(lambda: CHANGES[name](folder), call, delay)  # noqa: B023
            if chance.random() < 0.3:
                killed(
                    lambda: additions.recover(base_in(folder)),  # noqa: B023
                    chance.randint(1, 12),
                    chance.uniform(0, longest) * chance.randint(0, 1),
                )
            found = check(folder, DONE if done else -signal.SIGKILL, *known[name], where)
            if code not in {DONE, -signal.SIGKILL}:
                raise SystemExit(f"{where}: it ended with {code}")
            counts["done"] += done
            counts["old" if found == known[name][0] else "new"] += 1
            if number % 10 == 0:
                goes_on(folder, where)
            shutil.rmtree(folder)
    sys.stdout.write(json.dumps(counts) + "\n")


if __name__ == "__main__":
    main()
