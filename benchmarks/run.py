"""Measure Dragoman, and print a table of ratios: `python benchmarks/run.py`.

Ratios are of figures taken in the same run, in turns, so that whatever else the machine does falls
on both sides. Medians of several runs; the smallest stand beside them where processes are timed.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import os
import platform
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from dataclasses import asdict
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final, NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parent))

from changes import measure_add, measure_full, measure_index
from exporting import measure_export
from measuring import Findings, Ratio, Timing, command, process
from pushing import measure_push
from remote import measure_remote
from served import measure_serve

from dragoman import queries
from dragoman.base import DATA, ONTOLOGY, packaged_base
from forms import measure_forms
from world import LAST_YEAR, World, read_world, write_world

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyoxigraph import Store

    from dragoman.queries import SavedQuery

PARTS: Final = (
    "start",
    "overhead",
    "large",
    "peer",
    "index",
    "add",
    "full",
    "forms",
    "export",
    "push",
    "remote",
    "serve",
)
# A query that runs longer is ended, and the process with it: the engine cannot be stopped.
LONGEST: Final = 20.0
ONE_SECOND: Final = 1.0
# Asked of rdflib, which is slow at the heavy ones: one or two questions of each kind.
PEER_QUERIES: Final = (
    *("accounts-of", "agenda", "delegations", "expectations", "mandate", "meetings"),
    *("passages", "place-and-host", "reported-as-fact", "sources", "who-speaks-on-what"),
)


# ---------------------------------------------------------------- parameters


def values_for(query: SavedQuery, world: World) -> dict[str, list[str]]:
    """Return values for the parameters of a saved query: the busiest thing of the first one's type.

    A second of the same type gets the next busiest, and a day gets one; the others mean all, for
    what is busiest in one way need have nothing to do with what is in another.
    """
    used: dict[str, int] = {}
    values: dict[str, list[str]] = {}
    for parameter in query.params:
        kind = {
            "dip:Agent": "dip:Person",
            "dip:Event": "dip:Meeting",
            "dip:Organization": "dip:State",
            "dip:Subject": "dip:Meeting",
        }.get(parameter.type, parameter.type)
        if kind == "xsd:date":
            values[parameter.name] = [f"{LAST_YEAR - 1}-05-15"]
            continue
        if kind not in world.hubs or (used and kind not in used):
            continue  # without a value it means all
        values[parameter.name] = [f"<{world.hubs[kind][used.get(kind, 0)]}>"]
        used[kind] = used.get(kind, 0) + 1
    return values


# ---------------------------------------------------------------- starting


def measure_start(findings: Findings, repeats: int) -> None:
    """Time processes from their start to their end, in turns, as multiples of `python -c pass`."""
    dragoman = command()
    wanted = (
        ("`dragoman --help`", [*dragoman, "--help"], 4.0),
        ("`dragoman query` (the list)", [*dragoman, "query"], 4.0),
        ("`dragoman query delegations`", [*dragoman, "query", "delegations"], 10.0),
    )
    bare = [sys.executable, "-c", "pass"]
    wall: dict[str, list[float]] = {}
    used: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as empty:
        for turn in range(repeats + 1):
            for name, arguments in (("bare", bare), *((what, args) for what, args, _ in wanted)):
                run = process(arguments, empty)
                # The first turn warms the file cache.
                if turn:
                    wall.setdefault(name, []).append(run.seconds)
                    used.setdefault(name, []).append(run.processor)
    for what, _, goal in wanted:
        middle = median(wall[what]) / median(wall["bare"])
        least = min(wall[what]) / min(wall["bare"])
        processor = median(used[what]) / median(used["bare"])
        note = f"of the least {least:.1f}, of processor time {processor:.1f}"
        findings.ratios.append(
            Ratio(
                what,
                f"{1000 * median(wall[what]):.0f} ms",
                f"`python -c pass` {1000 * median(wall['bare']):.0f} ms",
                middle,
                goal,
                note,
            )
        )


# ---------------------------------------------------------------- overhead over the engine


def measure_overhead(findings: Findings, repeats: int) -> None:
    """Compare a saved query through our interface with the same text given to the engine."""
    import dragoman

    knowledge = dragoman.open(packaged_base().root)
    index = knowledge.store.store
    saved = knowledge.questions()
    totals: dict[str, list[float]] = {"raw": [], "run": [], "asked": []}
    rows = 0
    for turn in range(repeats + 1):
        times = dict.fromkeys(totals, 0.0)
        rows = 0
        for query in saved:
            # Each of the three in turn, so that the load of the machine falls on all.
            start = time.perf_counter()
            found = _raw(index, query.text)
            raw = time.perf_counter()
            checked = knowledge.prepared(query, {})
            result = knowledge.run(checked)
            run = time.perf_counter()
            knowledge.query(query.name)
            asked = time.perf_counter()
            if len(result) != found:
                raise SystemExit(f"{query.name}: {len(result)} rows, and {found} by the engine.")
            rows += found
            times["raw"] += raw - start
            times["run"] += run - raw
            times["asked"] += asked - run
        if turn:
            for name, seconds in times.items():
                totals[name].append(seconds)
    reference = f"engine {1000 * median(totals['raw']):.0f} ms"
    what = f"{len(saved)} saved queries, packaged base, {rows} rows"
    for name, words, goal in (
        ("run", "check, bind, run, rows", 1.1),
        ("asked", "the same, and reading the file by its name", None),
    ):
        ratio = median(a / b for a, b in zip(totals[name], totals["raw"], strict=True))
        measured = f"{1000 * median(totals[name]):.0f} ms"
        each = 1000 * (median(totals[name]) - median(totals["raw"])) / len(saved)
        note = f"{words}; {each:.2f} ms more for each query"
        findings.ratios.append(Ratio(what, measured, reference, ratio, goal, note))


def _raw(index: Store, text: str) -> int:
    """Ask the engine itself, and read each cell of the answer; return the number of rows."""
    from pyoxigraph import QueryBoolean

    found = index.query(text)
    if isinstance(found, QueryBoolean):
        return 1
    return len([tuple(row) for row in found])


# ---------------------------------------------------------------- a large world


def measure_large(findings: Findings, folder: Path, world: World, repeats: int) -> None:
    """Ask every saved query of a large world, in memory and on disk, each store in a process."""
    findings.facts["world"] = f"{world.triples:,} triples in {len(world.files)} files"
    for kind in ("memory", "disk"):
        timings, told = _worker(kind, folder, repeats)
        findings.timings[kind] = timings
        findings.facts[f"{kind} store: loading"] = f"{told['load']:.1f} s"
        findings.facts[f"{kind} store: peak memory"] = f"{told['peak'] / 1024:.0f} MB"
        findings.ratios += [
            Ratio(
                f"making the record, {kind} store",
                f"{told['record']:.1f} s",
                f"loading {told['load'] - told['record']:.1f} s",
                told["record"] / (told["load"] - told["record"]),
                0.5,
            ),
            Ratio(
                f"derived triples, {kind} store",
                f"{told['derived']:,.0f}",
                f"{world.triples:,} of the world",
                told["derived"] / world.triples,
                0.4,
            ),
        ]
        slowest = max(timings, key=lambda each: each.seconds or LONGEST)
        seconds = slowest.seconds or LONGEST
        over = [each.query for each in timings if (each.seconds or LONGEST) >= ONE_SECOND]
        findings.ratios.append(
            Ratio(
                f"slowest of {len(timings)} saved queries, {kind} store",
                f"{slowest.query} {seconds:.2f} s",
                "1 s",
                seconds,
                1.0,
                f"{len(over)} over: {', '.join(over)}" if over else "none over",
            )
        )
        if told["raw"]:
            more = (told["dragoman"] - told["raw"]) / max(1.0, told["rows"])
            findings.ratios.append(
                Ratio(
                    f"those under 1 s through dragoman, {kind} store",
                    f"{told['dragoman']:.2f} s",
                    f"engine {told['raw']:.2f} s",
                    told["dragoman"] / told["raw"],
                    1.1,
                    f"{1e6 * more:.1f} µs a row more, of {told['rows']:.0f} rows",
                )
            )


def measure_peer(findings: Findings, repeats: int, seed: int) -> None:
    """Compare with rdflib, on a world small enough for it."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "world"
        world = write_world(folder, 20_000, seed)
        ours, told = _worker("memory", folder, repeats, PEER_QUERIES)
        theirs, peer = _worker("rdflib", folder, 1, PEER_QUERIES)
    load = Ratio(
        f"loading {world.triples:,} triples and the packaged base",
        f"memory store {told['load']:.2f} s",
        f"rdflib {peer['load']:.2f} s",
        told["load"] / peer["load"],
    )
    findings.ratios.append(load)
    pairs = [
        (mine.seconds, his.seconds)
        for mine, his in zip(ours, theirs, strict=True)
        if mine.seconds and his.seconds
    ]
    left = len(theirs) - len(pairs)
    findings.ratios.append(
        Ratio(
            f"{len(pairs)} saved queries there",
            f"memory store {1000 * sum(mine for mine, _ in pairs):.0f} ms",
            f"rdflib {1000 * sum(his for _, his in pairs):.0f} ms",
            median(mine / his for mine, his in pairs),
            note="median of the ratios" + (f"; {left} ended after {LONGEST:g} s" if left else ""),
        )
    )


def _worker(
    kind: str, folder: Path, repeats: int, only: Sequence[str] = ()
) -> tuple[list[Timing], dict[str, float]]:
    """Load a world with the packaged base in a process of its own, and time saved queries there."""
    names = list(only) or [path.stem for path in packaged_base().queries()]
    arguments = [sys.executable, __file__, "--worker", kind, "--world", str(folder)]
    arguments += ["--repeats", str(repeats), "--queries", ",".join(names)]
    timings: list[Timing] = []
    told: dict[str, float] = {}
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)  # noqa: S603
    with process, process.stdout or open(os.devnull, encoding="utf-8") as lines:  # noqa: PTH123
        for line in lines:
            read = json.loads(line)
            if "query" in read:
                timings.append(Timing(**read))
            else:
                told.update(read)
    if process.returncode:
        raise SystemExit(f"A worker failed: {' '.join(arguments)}")
    return timings, told


def work(kind: str, folder: Path, repeats: int, names: Sequence[str]) -> None:
    """Be a worker: load, then ask each query in a child that can be ended.

    The engine cannot be stopped within a process. A child of a store in memory is a fork, which has
    the store as it stands; a child of one on disk opens it for reading.
    """
    base, world = packaged_base(), read_world(folder)
    files = [
        *((source.path, source.graph) for source in base.sources(ONTOLOGY, DATA)),
        *((path, f"{base.prefixes()['source']}{path.stem}") for path in world.files),
    ]
    totals = dict.fromkeys(("raw", "dragoman", "rows", "peak"), 0.0)
    with tempfile.TemporaryDirectory() as temporary:
        start = time.perf_counter()
        opened = _loaded(kind, files, Path(temporary))
        totals["load"] = time.perf_counter() - start
        for name in names:
            told = _in_a_child(partial(_timed, opened, name, world, repeats))
            seconds, rows = told.get("seconds"), told.get("rows")
            _tell(query=name, seconds=seconds, rows=rows, runs=told.get("runs", 1))
            for key in ("raw", "dragoman", "rows"):
                totals[key] += told.get(key, 0) if "dragoman" in told else 0
            totals["peak"] = max(totals["peak"], told.get("peak", 0))
    # Processes that were ended tell nothing, but are counted here.
    totals["peak"] = max(
        totals["peak"],
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,
    )
    _tell(**totals)


def _in_a_child(task: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Do a task in a child, and return what it tells; nothing where it took too long."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(int(LONGEST))
        try:
            os.write(writing, json.dumps(task()).encode())
        except BaseException:  # noqa: BLE001  a child must end here, and say why
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) > 0:
        raise SystemExit("A query failed.")
    return dict(json.loads(told)) if told else {}


def _timed(
    opened: Callable[[], tuple[Callable[[str], int], Store | None]],
    name: str,
    world: World,
    repeats: int,
) -> dict[str, Any]:
    """Time one saved query: by the engine itself, and by way of dragoman."""
    base = packaged_base()
    prefixes = base.prefixes()
    query = queries.find_query(base, name)
    values = values_for(query, world)
    bound = queries.bind(query, values, prefixes, _no_names)
    ask, index = opened()
    raw: list[float] = []
    through: list[float] = []
    rows = 0
    while not raw or (len(raw) < repeats and sum(raw) < 2 * ONE_SECOND):
        start = time.perf_counter()
        rows = ask(bound.text)
        raw.append(time.perf_counter() - start)
        # What is slow by itself tells nothing of what dragoman adds.
        if index is not None and raw[0] < ONE_SECOND:
            through.append(_through(index, query, values, prefixes))
    told = {"seconds": median(raw), "raw": median(raw), "rows": rows, "runs": len(raw)}
    told["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if through:
        told["dragoman"] = median(through)
    return told


def _through(
    index: Store, query: SavedQuery, values: dict[str, list[str]], prefixes: dict[str, str]
) -> float:
    """Return the seconds that a saved query takes by way of dragoman."""
    from dragoman import store as stores

    local, worker = stores.LocalStore(index), stores.Worker()
    start = time.perf_counter()
    bound = queries.bind(query, values, prefixes, _no_names)
    worker.limited(lambda: local.query(bound, prefixes=prefixes), None, None)
    return time.perf_counter() - start


def _loaded(
    kind: str, files: Sequence[tuple[Path, str]], folder: Path
) -> Callable[[], tuple[Callable[[str], int], Store | None]]:
    """Load files into a store; return what opens it in a child, to ask it and count the rows."""
    from pyoxigraph import NamedNode, RdfFormat, Store, serialize

    from dragoman import vocabulary

    if kind == "rdflib":
        import rdflib

        graph = rdflib.Graph()
        for path, _ in files:
            graph.parse(path, format="turtle" if path.suffix == ".ttl" else "nt")
        # Rules are no matter of the comparison: both have what they derive.
        place = NamedNode(vocabulary.RECORD_GRAPH)
        found = _with_record(files).quads_for_pattern(None, None, None, place)
        derived = serialize((quad.triple for quad in found), format=RdfFormat.N_TRIPLES)
        graph.parse(data=derived, format="nt")
        return lambda: (lambda text: len(list(graph.query(text))), None)
    if kind == "memory":
        index = _with_record(files)
        return lambda: (lambda text: _raw(index, text), index)
    index = Store(folder / "store")
    for path, name in files:
        index.bulk_load(path=path, to_graph=NamedNode(name))
        # What `merge` does, which here would be one transaction of everything.
        index.bulk_load(path=path)
    _derive(index, sum(path.stat().st_size for path, _ in files))
    index.flush()
    index.optimize()

    def reopened() -> tuple[Callable[[str], int], Store]:
        read = Store.read_only(str(folder / "store"))
        return lambda text: _raw(read, text), read

    return reopened


def _with_record(files: Sequence[tuple[Path, str]]) -> Store:
    """Return a store in memory with files, and what follows from them."""
    from pyoxigraph import NamedNode, Store

    from dragoman.store import merge

    index = Store()
    for path, name in files:
        index.bulk_load(path=path, to_graph=NamedNode(name))
    merge(index)
    _derive(index)
    return index


def _derive(index: Store, on_disk: int = 0) -> None:
    """Make the record, and tell how long it took and how large it is.

    Args:
        index: the facts.
        on_disk: bytes of the files, where the store is on disk.
    """
    from pyoxigraph import NamedNode

    from dragoman import record, vocabulary

    start = time.perf_counter()
    rules = record.read(packaged_base())
    if on_disk:
        record.derived_on_disk(index, rules, math.inf, on_disk)
    else:
        record.derived(index, rules, math.inf)
    graph = NamedNode(vocabulary.RECORD_GRAPH)
    derived = sum(1 for _ in index.quads_for_pattern(None, None, None, graph))
    _tell(record=time.perf_counter() - start, derived=derived)


def _no_names() -> NoReturn:
    raise SystemExit("A value of a parameter was looked up by name.")


def _tell(**told: object) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


# ---------------------------------------------------------------- the report


def machine(seed: int) -> dict[str, str]:
    """Return what the figures depend on."""
    names = ("dragoman", "pyoxigraph", "rdflib", "click", "PyYAML")
    return {
        "day": dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{os.cpu_count()} x {platform.machine()}, {platform.system()}",
        "python": platform.python_version(),
        "versions": ", ".join(f"{name} {_version(name)}" for name in names),
        "load average before": " ".join(f"{each:.1f}" for each in os.getloadavg()),
        "seed": str(seed),
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "?"


def markdown(findings: Findings) -> str:
    """Return the tables as Markdown."""
    lines = ["# Benchmarks", ""]
    lines += [f"- {key}: {value}" for key, value in findings.facts.items()]
    lines += ["", "## Ratios", "", "| what | measured | against | ratio | goal | met | note |"]
    lines += ["|---|---|---|---|---|---|---|"]
    for each in findings.ratios:
        goal = "" if each.goal is None else f"≤ {each.goal:g}"
        cells = (
            each.what,
            each.measured,
            each.reference,
            f"{each.value:.2f}" if each.value >= 0.1 else f"{each.value:.2g}",
            goal,
        )
        lines.append(f"| {' | '.join([*cells, each.verdict, each.note])} |")
    if findings.timings:
        lines += ["", f"## Saved queries on {findings.facts['world']}", ""]
        lines += ["| query | rows | memory, ms | disk, ms | ≥ 1 s |", "|---|---|---|---|---|"]
        columns = zip(findings.timings["memory"], findings.timings["disk"], strict=True)
        for memory, disk in columns:
            slow = [
                kind
                for kind, each in (("memory", memory), ("disk", disk))
                if (each.seconds or LONGEST) >= ONE_SECOND
            ]
            flag = f"**{', '.join(slow)}**" if slow else ""
            times = (_milliseconds(memory), _milliseconds(disk))
            lines.append(f"| {' | '.join([memory.query, _shown(memory.rows), *times, flag])} |")
    return "\n".join(lines) + "\n"


def _shown(rows: int | None) -> str:
    return "?" if rows is None else f"{rows:,}"


def _milliseconds(timing: Timing) -> str:
    return f"> {1000 * LONGEST:,.0f}" if timing.seconds is None else f"{1000 * timing.seconds:,.1f}"


def _measure_large(
    findings: Findings, folder: Path | None, wanted: int, seed: int, repeats: int
) -> None:
    """Measure a world that is there already, or a new one."""
    if folder:
        measure_large(findings, folder, read_world(folder), repeats)
        return
    with tempfile.TemporaryDirectory() as temporary:
        new = Path(temporary) / "world"
        start = time.perf_counter()
        world = write_world(new, wanted, seed)
        findings.facts["making the world"] = f"{time.perf_counter() - start:.1f} s"
        measure_large(findings, new, world, repeats)


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description="Measure Dragoman, and print a table of ratios.")
    parser.add_argument("--quick", action="store_true", help="100,000 triples and fewer runs")
    parser.add_argument("--huge", action="store_true", help="additions to 20 million triples, too")
    parser.add_argument("--triples", type=int, help="size of the large world (1_000_000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help=f"some of {','.join(PARTS)}")
    parser.add_argument("--world", type=Path, help="a world that world.py wrote; else a new one")
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    parser.add_argument("--repeats", type=int, help="runs of each thing (5; 3 with --quick)")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--queries", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    repeats = arguments.repeats or (3 if arguments.quick else 5)
    if arguments.worker:
        work(arguments.worker, arguments.world, repeats, arguments.queries.split(","))
        return
    parts = arguments.only.split(",") if arguments.only else PARTS
    if unknown := [part for part in parts if part not in PARTS]:
        parser.error(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    findings = Findings(facts=machine(arguments.seed))
    wanted = arguments.triples or (100_000 if arguments.quick else 1_000_000)
    sizes = [100_000] if arguments.quick else [100_000, 1_000_000, 3_300_000]
    seed, huge = arguments.seed, [20_000_000] if arguments.huge else []
    measures: dict[str, Callable[[], None]] = {
        "start": lambda: measure_start(findings, 3 * repeats),
        "overhead": lambda: measure_overhead(findings, repeats),
        "large": lambda: _measure_large(findings, arguments.world, wanted, seed, repeats),
        "peer": lambda: measure_peer(findings, repeats, seed),
        "index": lambda: measure_index(findings, sizes[:2][-1], seed, repeats),
        "add": lambda: measure_add(findings, [*sizes, *huge], seed, repeats),
        "full": lambda: measure_full(findings, wanted, seed),
        "forms": lambda: measure_forms(findings, repeats),
        "export": lambda: measure_export(findings, sizes, seed, repeats),
        "push": lambda: measure_push(findings, wanted, seed, repeats),
        "remote": lambda: measure_remote(findings, repeats),
        "serve": lambda: measure_serve(findings, sizes[0], seed, repeats),
    }
    for part in PARTS:
        if part in parts:
            measures[part]()
    findings.facts["load average after"] = " ".join(f"{each:.1f}" for each in os.getloadavg())
    sys.stdout.write(markdown(findings))
    if arguments.json:
        arguments.json.write_text(json.dumps(asdict(findings), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
