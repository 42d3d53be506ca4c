"""Real graph stores for tests and benchmarks: started on loopback, in a folder, and stopped.

A server has a folder and a free port of its own, and ends with the process that started it, even
where that is killed. Run as a script this file is what a server is started through:
`graph_stores.py PARENT COMMAND…` asks Linux to end it with its parent, and becomes the command.

Measured on two busy cores: Oxigraph answers 0.1 s after its start, Virtuoso after 4 to 11 s (it
makes a new database), 3 s on the database that it has. Virtuoso stops in 0.1 s.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Where this is set, a store that is not installed is a failure and no reason to skip.
REQUIRED = "DRAGOMAN_STORES_REQUIRED"
VIRTUOSO = "virtuoso-t"
WITHOUT_VIRTUOSO = (
    "Virtuoso is not installed: apt-get install --no-install-recommends virtuoso-opensource-7-bin"
)
DEADLINE = 120.0  # seconds until a server must answer

VIRTUOSO_INI = """\
[Database]
DatabaseFile={folder}/virtuoso.db
ErrorLogFile={folder}/virtuoso.log
LockFile={folder}/virtuoso.lck
TransactionFile={folder}/virtuoso.trx
xa_persistent_file={folder}/virtuoso.pxa
FileExtend=200
MaxCheckpointRemap=2000
TempStorage=TempDatabase
[TempDatabase]
DatabaseFile={folder}/virtuoso-temp.db
TransactionFile={folder}/virtuoso-temp.trx
[Parameters]
ServerPort=127.0.0.1:{sql_port}
DisableUnixSocket=1
CaseMode=2
DirsAllowed={folder}
NumberOfBuffers={buffers}
MaxDirtyBuffers={dirty}
[HTTPServer]
ServerPort=127.0.0.1:{port}
ServerRoot={folder}
ServerThreads=10
Charset=UTF-8
[SPARQL]
ResultSetMaxRows={max_rows}
DefaultGraph=http://localhost:8890/dataspace
MaxQueryExecutionTime=60
"""


class NotInstalledError(Exception):
    """The store's program is not on this machine; the message says what to do."""


@dataclass
class Server:
    """A running graph store.

    Attributes:
        kind: As `dragoman` calls it.
        url: Of the whole server.
        query, update, graphs: URLs of SPARQL queries, SPARQL updates, and the Graph Store Protocol.
        user, password: Its only account; empty where it asks for none.
        folder: Where its database is.
        sql_port: Virtuoso's port for `isql-vt`.
        process: The running one, if it runs.
        own_graphs: Names of graphs that it had from the start.
    """

    kind: str
    folder: Path
    port: int
    command: list[str]
    query: str
    update: str
    graphs: str
    user: str = ""
    password: str = ""
    sql_port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    own_graphs: frozenset[str] = frozenset()
    client: httpx.Client | None = field(default=None, repr=False)

    @property
    def secret(self) -> str:
        return self.password or "none is asked for"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(  # the process outlives this block
                [sys.executable, __file__, str(os.getpid()), *self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                # so that Ctrl-C for the tests lets them stop it in order
                start_new_session=True,
            )
        end = time.monotonic() + DEADLINE
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                text = self.log.read_text(encoding="utf-8", errors="replace")
                raise RuntimeError(f"{self.kind} does not start:\n{text[-2000:]}")
            time.sleep(0.05)

    def answers(self) -> bool:
        # Virtuoso opens its port before it can answer, and says when it can.
        if self.kind == "virtuoso" and b"Server online" not in self.log.read_bytes():
            return False
        try:
            return self.request("GET", f"{self.query}?query=ASK%7B%7D")[0] == http.client.OK
        except httpx.HTTPError:
            return False

    def stop(self) -> None:
        """End it in order, or else at once."""
        if self.client is not None:
            self.client.close()
            self.client = None
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process = None

    def kill(self) -> None:
        """End it as a power cut would."""
        self.client = None
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
        # Virtuoso does not start where another seems to run
        (self.folder / "virtuoso.lck").unlink(missing_ok=True)

    def graph_names(self) -> set[str]:
        """Return the named graphs, asked of the server itself and not through the package."""
        # DISTINCT takes Virtuoso up to a minute
        text = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
        address = f"{self.query}?{urllib.parse.urlencode({'query': text})}"
        status, body = self.request("GET", address, Accept="text/csv")
        assert status == http.client.OK, body
        lines = body.decode("utf-8").splitlines()[1:]
        return {line.rpartition(",")[0].strip('"') for line in lines}

    def request(
        self,
        method: str,
        address: str,
        content: bytes | Iterable[bytes] | None = None,
        **headers: str,
    ) -> tuple[int, bytes]:
        """Send one request with the account, and return the status and the body.

        Headers are named as Python can: `Content_Type`.
        """
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.client is None:
            auth = httpx.DigestAuth(self.user, self.password) if self.user else None
            self.client = httpx.Client(auth=auth, timeout=120, trust_env=False)
            if auth:
                # Virtuoso does not wait for the end of an upload to ask who we are
                self.client.get(self.update)
        answer = self.client.request(method, address, content=content, headers=named)
        return answer.status_code, answer.content

    def put(self, graph: str, content: bytes, media_type: str = "application/n-triples") -> None:
        """Let content be what a named graph holds."""
        address = f"{self.graphs}?{urllib.parse.urlencode({'graph': graph})}"
        status, body = self.request("PUT", address, content, Content_Type=media_type)
        assert status in {200, 201, 204}, (status, body)

    def profile(self, name: str, variable: str) -> str:
        """Return the lines of `stores.toml` that tell of it, as a person writes them.

        Args:
            name: Of the profile.
            variable: The environment variable that holds the secret.
        """
        lines = [f"[stores.{name}]", f'kind = "{self.kind}"', f'url = "{self.url}"']
        if self.user:
            lines += ['auth = "digest"', f'user = "{self.user}"', f'secret-env = "{variable}"']
        return "\n".join(lines) + "\n"

    def clear(self) -> None:
        """Delete all that tests have written; Virtuoso's own graphs stay."""
        for graph in self.graph_names() - self.own_graphs:
            self.request("DELETE", f"{self.graphs}?{urllib.parse.urlencode({'graph': graph})}")
        if self.kind == "oxigraph":
            self.request("DELETE", f"{self.graphs}?default")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextlib.contextmanager
def running(server: Server) -> Iterator[Server]:
    server.start()
    try:
        server.own_graphs = frozenset(server.graph_names())
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def oxigraph(folder: Path, *, read_only: bool = False, union: bool = False) -> Iterator[Server]:
    """Run Oxigraph's server over the database in a folder, made where it is absent.

    Args:
        folder: Its own; it must exist.
        read_only: Whether it takes no updates; the database must exist.
        union: Whether its default graph is all graphs (each triple once a graph).

    Raises:
        NotInstalledError: The extra `test` is not installed.
    """
    program = shutil.which("oxigraph", path=str(Path(sys.executable).parent))
    if program is None:
        raise NotInstalledError("Oxigraph's server is not installed: pip install 'dragoman[test]'")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [program, "serve-read-only" if read_only else "serve"]
    command += ["--location", str(folder / "db"), "--bind", f"127.0.0.1:{port}"]
    command += ["--union-default-graph"] if union else []
    urls = (f"{address}/query", f"{address}/update", f"{address}/store")
    with running(Server("oxigraph", folder, port, command, *urls)) as server:
        yield server


@contextlib.contextmanager
def virtuoso(folder: Path, *, max_rows: int = 10_000, buffers: int = 10_000) -> Iterator[Server]:
    """Run Virtuoso over a new database in a folder; its account is dba with the password dba.

    Args:
        folder: Its own; it must exist.
        max_rows: The most rows that it answers (`ResultSetMaxRows`).
        buffers: Of 8 KiB in memory; 85,000 and more for millions of triples.

    Raises:
        NotInstalledError: Debian's package is not installed.
    """
    program = shutil.which(VIRTUOSO, path=f"{os.environ.get('PATH', '')}:/usr/bin:/usr/local/bin")
    if program is None:
        raise NotInstalledError(WITHOUT_VIRTUOSO)
    port, sql_port = free_port(), free_port()
    address = f"http://127.0.0.1:{port}"
    ini = VIRTUOSO_INI.format(
        folder=folder,
        port=port,
        sql_port=sql_port,
        buffers=buffers,
        dirty=buffers * 3 // 4,
        max_rows=max_rows,
    )
    (folder / "virtuoso.ini").write_text(ini, encoding="utf-8")
    # in the foreground it writes its log to standard error, and none to its file
    command = [program, "+foreground", "+configfile", str(folder / "virtuoso.ini")]
    urls = (f"{address}/sparql", f"{address}/sparql-auth", f"{address}/sparql-graph-crud-auth")
    server = Server("virtuoso", folder, port, command, *urls, "dba", "dba", sql_port)
    with running(server):
        yield server


def become(parent: int, command: list[str]) -> None:
    """Become a command that Linux ends with its parent."""
    if sys.platform == "linux":
        import ctypes

        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
        if os.getppid() != parent:  # it has died meanwhile
            raise SystemExit(1)
    os.execv(command[0], command)  # noqa: S606  the command is the tests' own


if __name__ == "__main__":
    become(int(sys.argv[1]), sys.argv[2:])
