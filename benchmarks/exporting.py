"""Measure exporting and hashing beside the engine's own parsing and serialising."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from changes import make_base
from measuring import Findings, Ratio, Run, command, process

if TYPE_CHECKING:
    from collections.abc import Sequence

# How much slower than the engine's own way an export may be, and how much more memory a large one
# may take than a small one.
_SLOWER: Final = 1 / 0.8
_FLAT: Final = 1.25
# From so many quads on: the start of a process is most of what a smaller export takes.
_LARGE: Final = 1_000_000
_SECONDS, _MEGABYTES = 60, 300

# Run in processes of their own, so that neither sees what the other left in memory.
_RAW: Final = """
import os, sys
from pathlib import Path
from pyoxigraph import NamedNode, Quad, RdfFormat, parse, serialize
with open(sys.argv[2], "wb") as out:
    for path in sorted(Path(sys.argv[1]).glob("*.nt")):
        graph = NamedNode("https://w3id.org/dragoman/id/source/" + path.stem)
        quads = (Quad(q.subject, q.predicate, q.object, graph) for q in parse(path=path))
        serialize(quads, out, format=RdfFormat.N_QUADS)
    os.fsync(out.fileno())
"""
_HASH: Final = """
import sys
from pathlib import Path
from dragoman import canonical
print(canonical.read(Path(sys.argv[1]), "https://example.org/graph", timeout=None).sha256)
"""
_ENGINE_HASH: Final = """
import hashlib, sys
from pyoxigraph import CanonicalizationAlgorithm, Dataset, parse
dataset = Dataset(parse(path=sys.argv[1]))
dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
print(hashlib.sha256("".join(sorted(f"{q.triple} .\\n" for q in dataset)).encode()).hexdigest())
"""


def measure_export(findings: Findings, sizes: Sequence[int], seed: int, repeats: int) -> None:
    """Export bases of several sizes as N-Quads, and that of a million in every format."""
    with tempfile.TemporaryDirectory() as temporary:
        memory: dict[int, float] = {}
        for size in sizes:
            folder = Path(temporary) / str(size)
            folder.mkdir()
            base = make_base(folder, size, seed)
            memory[size] = _export(findings, base, size, repeats)
            if size == min(_LARGE, max(sizes)):
                _formats(findings, base, size)
                _hash(findings, base, size)
        small, large = min(sizes), max(sizes)
        findings.ratios.append(
            Ratio(
                f"memory of an export of {large:,} quads",
                f"{memory[large]:.0f} MB",
                f"of {small:,} {memory[small]:.0f} MB",
                memory[large] / memory[small],
                _FLAT,
            )
        )


def _export(findings: Findings, base: Path, size: int, repeats: int) -> float:
    """Compare an export as N-Quads with the engine; return the megabytes that it took."""
    ours: list[Run] = []
    raw: list[Run] = []
    target = base.parent / "export.nq"
    for _ in range(repeats):
        arguments = [sys.executable, "-c", _RAW, str(base / "data"), str(base.parent / "raw.nq")]
        raw.append(_run(arguments, base))
        ours.append(_run(_command(base, target), base))
    processor = median(run.processor for run in ours) / median(run.processor for run in raw)
    most = max(run.memory for run in ours)
    findings.ratios.append(
        Ratio(
            f"export of {size:,} quads as N-Quads, a process",
            f"{median(run.seconds for run in ours):.2f} s",
            f"raw parse and serialize {median(run.seconds for run in raw):.2f} s",
            median(run.seconds for run in ours) / median(run.seconds for run in raw),
            _SLOWER if size >= _LARGE else None,
            f"of processor time {processor:.2f}; peak memory {most:.0f} MB",
        )
    )
    return most


def _formats(findings: Findings, base: Path, size: int) -> None:
    """Time every other format once, beside the engine's own N-Quads."""
    from dragoman.export import FORMATS

    raw = _run([sys.executable, "-c", _RAW, str(base / "data"), str(base.parent / "raw.nq")], base)
    for form in FORMATS.values():
        if form.name == "nquads":
            continue
        target = base.parent / f"export-{form.name}"
        named = ["--layout" if form.layout else "-f", form.name]
        run = _run([*_command(base, target), *named], base)
        findings.ratios.append(
            Ratio(
                f"export of {size:,} quads, {form.title}",
                f"{run.seconds:.2f} s",
                f"raw N-Quads {raw.seconds:.2f} s",
                run.seconds / raw.seconds,
                note=f"peak memory {run.memory:.0f} MB",
            )
        )


def _hash(findings: Findings, base: Path, size: int) -> None:
    """Take the hash of all data as one graph, beside the engine's canonicalization."""
    whole = base.parent / "whole.nt"
    with whole.open("wb") as out:
        for path in sorted((base / "data").glob("*.nt")):
            out.write(path.read_bytes())
    ours = _run([sys.executable, "-c", _HASH, str(whole)], base)
    raw = _run([sys.executable, "-c", _ENGINE_HASH, str(whole)], base)
    same = "same hash" if ours.output == raw.output else "**other hash**"
    what = f"RDFC-1.0 hash of {size:,} triples without blank nodes"
    for measured, limit, value, peer in (
        (f"{ours.seconds:.1f} s", f"{_SECONDS} s", ours.seconds / _SECONDS, f"{raw.seconds:.1f} s"),
        (
            f"{ours.memory:.0f} MB",
            f"{_MEGABYTES} MB",
            ours.memory / _MEGABYTES,
            f"{raw.memory:.0f} MB",
        ),
    ):
        note = f"the engine alone takes {peer}; {same}"
        findings.ratios.append(Ratio(what, measured, limit, value, 1.0, note))


def _command(base: Path, target: Path) -> list[str]:
    return [*command(), "-q", "--base", str(base), "export", "--only", "data", "-o", str(target)]


def _run(arguments: Sequence[str], folder: Path) -> Run:
    run = process(arguments, folder)
    if run is None:
        raise SystemExit("A process without a longest time was ended.")
    return run
