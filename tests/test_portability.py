"""The saved queries over the SPARQL 1.1 Protocol: a real server gives the pinned rows.

The server is Oxigraph's, asked through SPARQLWrapper as any client would ask it.
"""

from __future__ import annotations

import csv
import http.client
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
import SPARQLWrapper

import pinned
from dragoman import store
from dragoman.base import DATA, ONTOLOGY, Base

ROOT = Path(__file__).parent.parent
if TYPE_CHECKING:
    from collections.abc import Iterator

BASE = Base(ROOT, "it is under test")
NT = ox.RdfFormat.N_TRIPLES
WORLD = sorted((ROOT / "tests" / "world").glob("*.ttl"))
PINS = {
    "base": sorted((ROOT / "tests" / "queries").glob("*.csv")),
    "world": sorted((ROOT / "tests" / "queries" / "world").glob("*.csv")),
}


@pytest.fixture(scope="module")
def endpoint(request, tmp_path_factory) -> Iterator[str]:
    """The query URL of a server on loopback that holds the base, with or without the world."""
    program = shutil.which("oxigraph", path=str(Path(sys.executable).parent))
    assert program, "the server comes with the extra `test`"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    location = str(tmp_path_factory.mktemp("server"))
    index = store.load(BASE, ONTOLOGY, DATA)
    for path in WORLD if request.param == "world" else []:
        store.load_file(index.store, path, f"urn:world:{path.stem}")
    facts = ox.serialize((quad.triple for quad in index.quads()), format=NT)
    with subprocess.Popen(
        [program, "serve", "--location", location, "--bind", f"127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            for _ in range(100):
                with socket.socket() as knock:
                    if knock.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("PUT", "/store?default", facts, {"Content-Type": NT.media_type})
            assert connection.getresponse().status in {201, 204}
            yield f"http://127.0.0.1:{port}/query"
        finally:
            server.terminate()


def test_there_are_pinned_answers():
    assert all((*PINS.values(), WORLD))


@pytest.mark.parametrize(
    ("endpoint", "pin"),
    [pytest.param(on, pin, id=f"{on}-{pin.stem}") for on, pins in PINS.items() for pin in pins],
    indirect=["endpoint"],
)
def test_a_server_gives_the_pinned_rows(pin, endpoint):
    client = SPARQLWrapper.SPARQLWrapper(endpoint)
    client.setQuery(pinned.text_for(pin))
    client.setMethod(SPARQLWrapper.POST)  # long queries do not fit into an address
    client.setReturnFormat(SPARQLWrapper.CSV)
    answer = client.query().convert().decode("utf-8")
    with pin.open(encoding="utf-8", newline="") as table:
        assert list(csv.reader(table)) == list(csv.reader(answer.splitlines()))
