"""Measure indexing, adding and validating on real events, beside the engines and pySHACL."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from events import write_addition, write_events
from measuring import Findings, Ratio, Run, command, process, process_within

if TYPE_CHECKING:
    from collections.abc import Sequence

# pySHACL is ended after so many seconds, and then said to be slower.
LONGEST: Final = 600.0
# Where a change is compared with pySHACL's full reports before it and after it.
SMALL: Final = 10_000
# The largest slice that pySHACL is asked about, doubled as long as it ends in a tenth of the time.
_FIRST_SLICE: Final = 5_000

# Run in processes of their own, so that neither sees what the other left in memory.
_RAW: Final = """
import sys, time
from pathlib import Path
from pyoxigraph import NamedNode, Store
started = time.perf_counter()
store = Store(sys.argv[2])
for path in sorted(Path(sys.argv[1]).glob("*.nt")):
    graph = NamedNode("https://w3id.org/dragoman/id/source/" + path.stem)
    store.bulk_load(path=path, to_graph=graph)
store.flush()
print(time.perf_counter() - started)
"""
_PARSE: Final = """
import sys, time
from pyoxigraph import parse
started = time.perf_counter()
count = sum(1 for _ in parse(path=sys.argv[1]))
print(time.perf_counter() - started)
"""
_WARM: Final = """
import sys, time
import dragoman
knowledge = dragoman.open(sys.argv[1])
for path in sys.argv[2:]:
    started = time.perf_counter()
    knowledge.validate([path])
    checked = time.perf_counter()
    knowledge.add(path)
    print(checked - started, time.perf_counter() - checked)
"""
_FOCUS: Final = """
import sys, time
import pyshacl, rdflib
data, shapes = rdflib.Graph(), rdflib.Graph()
for path in sys.argv[3:]:
    data.parse(path)
for path in sys.argv[2].split(","):
    shapes.parse(path, format="turtle")
new = rdflib.Graph().parse(sys.argv[1])
started = time.perf_counter()
data += new
pyshacl.validate(data, shacl_graph=shapes, focus_nodes=sorted(set(new.subjects())), advanced=True)
print(time.perf_counter() - started)
"""


def make_base(folder: Path, triples: int, seed: int) -> Path:
    """Make an analyst's own base of events, and return its folder."""
    base = folder / "base"
    process([*command(), "init", str(base)], folder)
    write_events(folder / "world", triples, seed)
    (base / "data").mkdir(exist_ok=True)
    for path in (folder / "world").glob("*.nt"):
        os.link(path, base / "data" / path.name)
    return base


def _python(text: str, folder: Path, *arguments: str | Path) -> Run:
    return process([sys.executable, "-c", text, *map(str, arguments)], folder)


def measure_index(findings: Findings, triples: int, seed: int, repeats: int) -> None:
    """Compare making the index with the engine's own bulk load of the same files."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        base = make_base(folder, triples, seed)
        raw: list[float] = []
        ours: list[float] = []
        for turn in range(repeats):
            loaded = _python(_RAW, folder, base / "data", folder / f"raw-{turn}")
            raw.append(float(loaded.output))
            ours.append(_indexed(base, rebuild=True).seconds)
        findings.ratios.append(
            Ratio(
                f"index of {triples:,} triples from files",
                f"{median(ours):.2f} s, a process",
                f"raw bulk load, one graph a file {median(raw):.2f} s",
                median(ours) / median(raw),
                1 / 0.8,
                "events; ours holds the merge of all graphs, too",
            )
        )
        file = max((base / "data").glob("*.nt"), key=lambda path: path.stat().st_size)
        changed: list[float] = []
        parsed: list[float] = []
        for turn in range(repeats):
            text = file.read_bytes()
            file.unlink()  # it is linked to the world's
            file.write_bytes(text + _line(turn))
            changed.append(_indexed(base, rebuild=False).seconds)
            parsed.append(float(_python(_PARSE, folder, file).output))
        findings.ratios.append(
            Ratio(
                f"one changed file of {file.stat().st_size / 1e6:.1f} MB",
                f"{median(changed):.2f} s, a process",
                f"raw parse of the file {median(parsed):.2f} s",
                median(changed) / median(parsed),
            )
        )


def _line(turn: int) -> bytes:
    """Return a triple more for the largest file."""
    node = "https://w3id.org/dragoman/id/source/bench-things"
    return f'<{node}> <http://purl.org/dc/terms/alternative> "{turn}" .\n'.encode()


def _indexed(base: Path, *, rebuild: bool) -> Run:
    return process(
        [*command(), "--base", str(base), "index", *(["--rebuild"] if rebuild else [])], base
    )


def measure_add(findings: Findings, sizes: Sequence[int], seed: int, repeats: int) -> None:
    """Validate and add about 300 triples to bases of several sizes."""
    cold: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as temporary:
        _packaged(findings, Path(temporary), repeats)
        for size in sizes:
            folder = Path(temporary) / str(size)
            folder.mkdir()
            base = make_base(folder, size, seed)
            _indexed(base, rebuild=False)
            cold[size] = _add(findings, folder, base, size, repeats)
            if size == sizes[0]:
                _peers(findings, folder, base, cold[size])
        small = Path(temporary) / "small"
        small.mkdir()
        _equal(findings, small, make_base(small, SMALL, seed))
    if len(cold) > 1:
        few, many = min(cold), max(cold)
        findings.ratios.append(
            Ratio(
                f"adding to {many:,} triples against {few:,}",
                f"{1000 * cold[many]:.0f} ms",
                f"{1000 * cold[few]:.0f} ms",
                cold[many] / cold[few],
                1.5,
            )
        )


def _add(findings: Findings, folder: Path, base: Path, size: int, repeats: int) -> float:
    """Add sound files, each in a new process and then all in one; return the cold median."""
    paths = [folder / f"bench-article-{number}.ttl" for number in range(2 * repeats + 2)]
    made = [
        write_addition(folder / "world", path, number, planted=False)
        for number, path in enumerate(paths)
    ]
    half = repeats + 1
    runs = [
        process([*command(), "--base", str(base), "add", str(path)], folder)
        for path in paths[:half]
    ]
    # The first of each warms the file cache.
    cold = median(run.seconds for run in runs[1:])
    memory = max(run.memory for run in runs)
    told = _python(_WARM, folder, base, *paths[half:]).output.split()
    warm = median(float(a) for a in told[2::2]), median(float(a) for a in told[3::2])
    what = f"validate and add {made[0].triples} triples to {size:,}"
    note = (
        f"peak memory {memory:.0f} MB; events, repeated over shifted dates where they are too few"
    )
    findings.ratios += [
        Ratio(f"{what}, a process", f"{1000 * cold:.0f} ms", "200 ms", cold / 0.2, 1.0, note),
        Ratio(
            f"{what}, warm",
            f"{1000 * warm[1]:.0f} ms",
            "50 ms",
            warm[1] / 0.05,
            1.0,
            f"validating alone {1000 * warm[0]:.0f} ms",
        ),
    ]
    return cold


def _equal(findings: Findings, folder: Path, base: Path) -> None:
    """Check a file with planted departures by both engines: its findings, and the difference."""
    path = folder / "bench-planted.ttl"
    planted = {each.node for each in write_addition(folder / "world", path).departures}
    run = process(
        [*command(), "--base", str(base), "validate", str(path), "--format", "json"],
        folder,
        codes=(0, 1),
    )
    found = {each["focusNode"] for each in json.loads(run.output)["findings"]}
    missed = [node for node in planted if not any(node in focus for focus in found)]
    note = f"{len(planted)} planted, {len(missed)} missed"
    both = process_within(
        LONGEST,
        [
            *command(),
            "--base",
            str(base),
            "validate",
            str(path),
            "--engine",
            "both",
            "--timeout",
            "0",
        ],
        folder,
        codes=(0, 1, 2),
    )
    verdict = "not ended" if both is None else "equal" if both.code < 2 else "**different**"
    findings.facts[f"change of {SMALL:,} triples, against the full difference by pySHACL"] = (
        f"{verdict}; {note}"
    )


def _packaged(findings: Findings, folder: Path, repeats: int) -> None:
    """Check the first article against the packaged base, and add it to one's own over that."""
    from dragoman.base import packaged_base

    base = folder / "own"
    process([*command(), "init", str(base)], folder)
    (article,) = (packaged_base().root / "data" / "articles").glob("*.ttl")
    for name in ("validate", "add"):
        seconds = []
        for turn in range(repeats + 1):
            path = folder / f"{name}-{turn}.ttl"
            # A source of its own for each turn, with the same facts about the same things.
            text = article.read_text(encoding="utf-8").replace(article.stem, f"{name}-{turn}")
            path.write_text(text, encoding="utf-8")
            run = process([*command(), "--base", str(base), name, str(path)], folder, codes=(0, 1))
            seconds.append(run.seconds)
            if name == "add":
                process(
                    [*command(), "--base", str(base), "remove", path.stem], folder, codes=(0, 1)
                )
        found = median(seconds[1:])
        findings.ratios.append(
            Ratio(
                f"{name} an article of 1,000 triples over the packaged base, a process",
                f"{1000 * found:.0f} ms",
                "300 ms",
                found / 0.3,
                1.0,
            )
        )


def _peers(findings: Findings, folder: Path, base: Path, ours: float) -> None:
    """Time pySHACL on the same addition; its loading is left out."""
    from dragoman.base import DATA, ONTOLOGY, SHAPES, packaged_base

    known = packaged_base()
    shapes = [str(source.path) for source in known.sources(SHAPES, ONTOLOGY)]
    data = [str(source.path) for source in known.sources(ONTOLOGY, DATA)]
    data += [str(path) for path in sorted((base / "data").glob("*.nt"))]
    path = folder / "bench-planted.ttl"
    write_addition(folder / "world", path)
    text = [
        sys.executable,
        "-c",
        _FOCUS,
        str(path),
        ",".join(shapes),
        *data,
    ]
    run = process_within(LONGEST, text, folder)
    told = "> 600 s" if run is None else f"{float(run.output):.1f} s"
    seconds = LONGEST if run is None else float(run.output)
    findings.ratios.append(
        Ratio(
            "the smallest, a process",
            f"{1000 * ours:.0f} ms",
            f"pySHACL, focus_nodes, loaded already {told}",
            ours / seconds,
            note="looks at the new nodes only",
        )
    )
    findings.facts["pyshacl-turbo"] = "not measured"


def measure_full(findings: Findings, triples: int, seed: int) -> None:
    """Validate everything, beside pySHACL on the largest slice that it finishes."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "all").mkdir()
        base = make_base(folder / "all", triples, seed)
        for state in ("no index", "an index that is up to the files"):
            run = process([*_validating(base), "--engine", "auto"], base, codes=(0, 1))
            findings.ratios.append(
                Ratio(
                    f"full validation of {triples:,} triples, core and SPARQL, {state}",
                    f"{run.seconds:.1f} s",
                    "10 s",
                    run.seconds / 10,
                    1.0,
                    f"{run.processor:.1f} s of processor time, peak memory {run.memory:.0f} MB",
                )
            )
            _indexed(base, rebuild=False)
        size = _FIRST_SLICE
        while size <= triples:
            place = folder / str(size)
            place.mkdir()
            base = make_base(place, size, seed)
            fast = _validated(base, "auto", None)
            slow = _validated(base, "reference", LONGEST)
            if fast is None or slow is None:
                break
            same = _results(fast) == _results(slow)
            findings.ratios.append(
                Ratio(
                    f"full validation of {size:,} triples",
                    f"{fast.seconds:.2f} s",
                    f"pySHACL {slow.seconds:.1f} s",
                    fast.seconds / slow.seconds,
                    0.01,
                    "same results" if same else "**other results**",
                )
            )
            if slow.seconds > LONGEST / 10:
                break
            size *= 4


def _validating(base: Path) -> list[str]:
    return [*command(), "--base", str(base), "validate", "--format", "json", "--timeout", "0"]


def _validated(base: Path, engine: str, longest: float | None) -> Run | None:
    arguments = [*_validating(base), "--engine", engine]
    return process_within(longest, arguments, base, codes=(0, 1))


def _results(run: Run) -> list[str]:
    keys = ("severity", "sourceShape", "focusNode", "path", "value")
    found = json.loads(run.output)["findings"]
    return sorted(json.dumps([each.get(key) for key in keys]) for each in found)
