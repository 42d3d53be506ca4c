"""Measure pushing a base into real graph stores beside the stores' own best upload of the same."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import httpx
from changes import make_base
from measuring import Findings, Ratio, command, process

import graph_stores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from graph_stores import Server

# How much slower than the store's own upload a push may be, nothing read back.
_SLOWER: Final = 1 / 0.7
_LONGEST: Final = 3600
_VARIABLE: Final = "DRAGOMAN_BENCHMARK_STORE"
_SOURCE: Final = "https://w3id.org/dragoman/id/source/"


@dataclass(frozen=True)
class _Store:
    """A kind of store, and the best upload that it has itself."""

    name: str
    running: Callable[[Path], AbstractContextManager[Server]]
    own: Callable[[Server, Path, Path], float]


def measure_push(findings: Findings, size: int, seed: int, repeats: int) -> None:
    """Push a base into Oxigraph and Virtuoso, each run into an empty database."""
    with tempfile.TemporaryDirectory() as temporary:
        base = make_base(Path(temporary), size, seed)
        dataset = Path(temporary) / "all.nq"
        wanted = ["export", "--only", "data", "-f", "nquads", "-o", str(dataset)]
        process([*command(), "--base", str(base), *wanted], base)
        for store in (
            _Store("Oxigraph", graph_stores.oxigraph, _oxigraph),
            _Store("Virtuoso", _virtuoso, _virtuoso_puts),
        ):
            try:
                times = _times(store, base, dataset, repeats)
                if store.name == "Virtuoso":
                    with _running(store) as server:
                        seconds = f"{_loader(server, base):.2f} s"
                    findings.facts["Virtuoso's loader, of files in its own folder"] = seconds
            except graph_stores.NotInstalledError as error:
                findings.facts[store.name] = str(error)
                continue
            own = times.pop("own")
            for way, taken in times.items():
                findings.ratios.append(
                    Ratio(
                        f"{way}: {size:,} quads to {store.name}, a process",
                        f"{median(taken):.2f} s",
                        f"its own upload {median(own):.2f} s",
                        median(a / b for a, b in zip(taken, own, strict=True)),
                        _SLOWER if way == "push" else None,
                        "into an empty database",
                    )
                )


def _virtuoso(folder: Path) -> AbstractContextManager[Server]:
    return graph_stores.virtuoso(folder, buffers=85_000)


def _times(store: _Store, base: Path, dataset: Path, repeats: int) -> dict[str, list[float]]:
    """Return the seconds of each way, in turns."""
    ways: dict[str, tuple[str, ...]] = {
        "push": ("--no-proof", "--no-merge"),
        "push, read back and proven": ("--no-merge",),
    }
    if store.name == "Oxigraph":
        ways["push with the merge, all proven"] = ()
    times: dict[str, list[float]] = {name: [] for name in ("own", *ways)}
    for _ in range(repeats):
        with _running(store) as server:
            times["own"].append(store.own(server, base, dataset))
        for way, options in ways.items():
            with _running(store) as server:
                times[way].append(_push(server, base, options))
    return times


@contextmanager
def _running(store: _Store) -> Iterator[Server]:
    with (
        tempfile.TemporaryDirectory(prefix="dragoman-store-") as folder,
        store.running(Path(folder)) as server,
    ):
        yield server


def _push(server: Server, base: Path, options: tuple[str, ...]) -> float:
    lines = ["[stores.bench]", f'kind = "{server.kind}"', f'url = "{server.url}"']
    if server.user:
        lines += ['auth = "digest"', f'user = "{server.user}"', f'secret-env = "{_VARIABLE}"']
    (base / "stores.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    arguments = [*command(), "--base", str(base), "push", "bench", "--only", "data", *options]
    return process(arguments, base, settings={_VARIABLE: server.password}).seconds


def _oxigraph(server: Server, base: Path, dataset: Path) -> float:  # noqa: ARG001
    """Upload the dataset as one, by the quick way."""
    start = time.perf_counter()
    with dataset.open("rb") as content:
        answer = httpx.post(
            f"{server.graphs}?no_transaction",
            content=content,
            headers={"Content-Type": "application/n-quads"},
            timeout=_LONGEST,
        )
    answer.raise_for_status()
    return time.perf_counter() - start


def _virtuoso_puts(server: Server, base: Path, dataset: Path) -> float:  # noqa: ARG001
    """Upload each file as a graph."""
    auth = httpx.DigestAuth(server.user, server.password)
    with httpx.Client(auth=auth, timeout=_LONGEST) as client:
        client.get(server.update)
        start = time.perf_counter()
        for path in sorted((base / "data").rglob("*.nt")):
            answer = client.put(
                server.graphs,
                params={"graph": f"{_SOURCE}{path.stem}"},
                content=path.read_bytes(),
                headers={"Content-Type": "application/n-triples"},
            )
            answer.raise_for_status()
        return time.perf_counter() - start


def _loader(server: Server, base: Path) -> float:
    """Let Virtuoso load files from its own folder."""
    lines = ["log_enable(2, 1);"]
    for path in sorted((base / "data").rglob("*.nt")):
        (server.folder / path.name).write_bytes(path.read_bytes())
        lines.append(f"ld_dir('{server.folder}', '{path.name}', '{_SOURCE}{path.stem}');")
    script = server.folder / "load.sql"
    script.write_text("\n".join([*lines, "rdf_loader_run();", "checkpoint;"]), encoding="utf-8")
    start = time.perf_counter()
    subprocess.run(  # noqa: S603
        ["isql-vt", f"127.0.0.1:{server.sql_port}", "dba", "dba", str(script)],  # noqa: S607
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - start
