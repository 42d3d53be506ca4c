"""Measure what a report form costs beside the Turtle that it compiles to."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from measuring import Ratio, command, process

if TYPE_CHECKING:
    from measuring import Findings

_ROOT: Final = Path(__file__).resolve().parents[1]
_NAME: Final = "tr-hu-joint-consultation-mechanism"
_SECONDS: Final = 0.15


def measure_forms(findings: Findings, repeats: int) -> None:
    """Validate the first article as a form and as Turtle, in turns, in processes of their own."""
    used: dict[str, list[float]] = {".yaml": [], ".ttl": []}
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(_ROOT / "tests" / "forms" / f"{_NAME}.yaml", folder)
        shutil.copy(_ROOT / "data" / "articles" / f"{_NAME}.ttl", folder)
        for turn in range(repeats + 1):
            for suffix, times in used.items():
                run = process([*command(), "validate", f"{_NAME}{suffix}"], folder)
                if turn:  # the first one fills the caches
                    times.append(run.processor)
    form, turtle = (median(used[suffix]) for suffix in (".yaml", ".ttl"))
    findings.ratios.append(
        Ratio(
            "validating the first article as a form, what it takes more than its Turtle",
            f"{1000 * (form - turtle):.0f} ms",
            f"{1000 * _SECONDS:.0f} ms",
            (form - turtle) / _SECONDS,
            1.0,
            f"processor time {1000 * form:.0f} and {1000 * turtle:.0f} ms",
        )
    )
