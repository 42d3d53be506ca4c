"""A small graph store that behaves on the wire as one kind is documented to, with faults on demand.

It holds an in-memory store of pyoxigraph behind an HTTP server on loopback. A kind's rules say
where it answers (404 elsewhere), whom it lets in, which content it takes (415 else), what its
default graph is, which updates it refuses, and how it words its errors. What it was asked is kept.

It stands for what is documented, not for the products: where their documents are silent, the SPARQL
1.1 Protocol and Graph Store Protocol hold. Amazon's request signing (SigV4) is not part of it.
"""

from __future__ import annotations

import base64
import contextlib
import http.server
import json
import random
import re
import socket
import threading
import time
import urllib.parse
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Iterator

NT, TURTLE, XML = "application/n-triples", "text/turtle", "application/rdf+xml"
NQ, TRIG, JSON_LD = "application/n-quads", "application/trig", "application/ld+json"
SYNTAXES = {
    NT: ox.RdfFormat.N_TRIPLES,
    "text/plain": ox.RdfFormat.N_TRIPLES,
    TURTLE: ox.RdfFormat.TURTLE,
    XML: ox.RdfFormat.RDF_XML,
    NQ: ox.RdfFormat.N_QUADS,
    "text/x-nquads": ox.RdfFormat.N_QUADS,
    TRIG: ox.RdfFormat.TRIG,
    JSON_LD: ox.RdfFormat.JSON_LD,
}
RESULTS = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "text/csv": ox.QueryResultsFormat.CSV,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}
GRAPHS = {each: SYNTAXES[each] for each in (NT, TURTLE, XML)}
DATASETS = (NQ, "text/x-nquads", TRIG, JSON_LD)
FORM = "application/x-www-form-urlencoded"
QUERY, UPDATE = "application/sparql-query", "application/sparql-update"
ALL_UPLOADS = frozenset({NT, TURTLE, XML, NQ, TRIG, JSON_LD})


@dataclass(frozen=True)
class Rules:
    """What is documented of a kind; `{name}` in its paths is the name of a repository.

    Attributes:
        base: The path that a person gives after the host.
        query, update, graphs: Paths for queries, updates and graphs; empty for none.
        graph: The parameter that names a graph; `angles` where its value stands in <>.
        default: Whether `?default` means the default graph there.
        methods: What may be done with a graph.
        uploads: Media types that it takes there.
        datasets: Whether it takes quads there without the name of a graph.
        auths: How users may be known, the usual one first.
        reads_open: Whether reading needs no user.
        union: Whether queries see all graphs without GRAPH.
        asked_union: A value of `default-graph-uri` that asks for the union.
        into: The graph that triples without one go to; empty for the default graph.
        refused: Operations of SPARQL Update that it does not know.
        absent: What GET and DELETE of a graph without triples answer.
        put, posted, deleted, updated: Statuses where it went well; PUT has two: new, and old.
        errors: The form of its error messages: text, html or json.
        server: Its `Server` header.
    """

    base: str
    query: tuple[str, ...]
    update: tuple[str, ...]
    graphs: tuple[str, ...]
    graph: str = "graph"
    angles: bool = False
    default: bool = True
    methods: frozenset[str] = frozenset({"GET", "HEAD", "PUT", "POST", "DELETE"})
    uploads: frozenset[str] = ALL_UPLOADS
    datasets: bool = False
    auths: tuple[str, ...] = ("basic",)
    reads_open: bool = False
    union: bool = True
    asked_union: str = ""
    into: str = ""
    refused: frozenset[str] = frozenset()
    absent: int = 404
    put: tuple[int, int] = (201, 204)
    posted: int = 204
    deleted: int = 204
    updated: int = 204
    errors: str = "text"
    server: str = ""


_RDF4J = Rules(
    # https://rdf4j.org/documentation/reference/rest-api/ : queries at the repository, updates at
    # its statements, graphs at rdf-graphs/service; whatever changes answers 204.
    base="/rdf4j-server/repositories/{name}",
    query=("/rdf4j-server/repositories/{name}",),
    update=("/rdf4j-server/repositories/{name}/statements",),
    graphs=("/rdf4j-server/repositories/{name}/rdf-graphs/service",),
    # https://blog.metaphacts.com/the-default-graph-demystified : a query without GRAPH sees all
    # graphs in RDF4J and only the default graph in Jena.
    union=True,
    put=(204, 204),
    absent=200,
)

KINDS = {
    "rdf4j": _RDF4J,
    "graphdb": replace(
        _RDF4J,
        # https://hexdocs.pm/gno/Gno.Store.Adapters.GraphDB.html : RDF4J's addresses below
        # /repositories, and a default graph that is the union of all.
        base="/repositories/{name}",
        query=("/repositories/{name}",),
        update=("/repositories/{name}/statements",),
        graphs=("/repositories/{name}/rdf-graphs/service",),
        # GraphDB's manual, "Access control": `Authorization: GDB <token>` beside basic.
        auths=("basic", "gdb"),
        server="GraphDB/11.1",
    ),
    "fuseki": Rules(
        # https://jena.apache.org/documentation/fuseki2/fuseki-config-endpoint.html (names of the
        # services of a dataset)
        base="/{name}",
        query=("/{name}/query", "/{name}/sparql"),
        update=("/{name}/update",),
        graphs=("/{name}/data",),
        union=False,
        # https://jena.apache.org/documentation/tdb/datasets.html : the merge has this name
        asked_union="urn:x-arq:UnionGraph",
        # An empty graph does not exist: GET and DELETE answer 404, as here for all kinds
        # (https://glama.ai/mcp/servers/MatthiasVanDE/jena-mcp-server/tools/sparql_update)
        # https://jena.apache.org/documentation/fuseki2/fuseki-data-access.html : quads may be sent
        # to the dataset itself
        datasets=True,
        posted=200,
        server="Apache Jena Fuseki (5.5.0)",
    ),
    "stardog": Rules(
        # https://docs.stardog.com/query-stardog (special named graphs, query.all.graphs): without
        # a dataset, a query sees the default graph alone; stardog:context:all is the union.
        base="/{name}",
        query=("/{name}/query",),
        update=("/{name}/update",),
        graphs=("/{name}",),
        auths=("basic", "bearer"),
        union=False,
        asked_union="tag:stardog:api:context:all",
        updated=200,
        put=(201, 200),
        posted=200,
        errors="json",
    ),
    "qlever": Rules(
        # https://hexdocs.pm/gno/Gno.Store.Adapters.Qlever.html : one address for all; the default
        # graph is the union; no LOAD, CLEAR, CREATE, ADD, COPY, MOVE.
        base="",
        query=("/",),
        update=("/",),
        graphs=("/",),
        refused=frozenset({"LOAD", "CLEAR", "CREATE", "ADD", "COPY", "MOVE"}),
        # https://github.com/ad-freiburg/qlever/pull/1727 : GET is a CONSTRUCT over the graph, and
        # changes need the access token
        absent=200,
        auths=("bearer",),
        reads_open=True,
        # https://github.com/ad-freiburg/qlever/pull/2117 : PUT and DELETE are updates, and do not
        # tell new from old
        put=(200, 200),
        posted=200,
        deleted=200,
        updated=200,
        uploads=frozenset({NT, TURTLE}),
        errors="json",
    ),
    "neptune": Rules(
        # https://docs.aws.amazon.com/neptune/latest/userguide/sparql-graph-store-protocol.html and
        # …/sparql-api-reference.html
        base="",
        query=("/sparql",),
        update=("/sparql",),
        graphs=("/sparql/gsp/",),
        auths=("none",),
        # …/sparql-media-type-support.html and the formats of its loader
        uploads=frozenset({NT, NQ, XML, TURTLE}),
        # …/feature-sparql-compliance.html : triples without a graph go to this one, and the
        # default graph of a query is the union of all
        into="http://aws.amazon.com/neptune/vocab/v01/DefaultNamedGraph",
        updated=200,
        put=(201, 200),
        posted=200,
        deleted=200,
        errors="json",
    ),
    "blazegraph": Rules(
        # https://wiki.blazegraph.com/wiki/index.php/REST_API : one address; POST of RDF inserts it
        # (into the graph context-uri), there is no Graph Store Protocol; no users of its own
        base="/blazegraph/namespace/{name}/sparql",
        query=("/blazegraph/namespace/{name}/sparql",),
        update=("/blazegraph/namespace/{name}/sparql",),
        graphs=("/blazegraph/namespace/{name}/sparql",),
        graph="context-uri",
        default=False,
        methods=frozenset({"POST"}),
        # its table of MIME types calls N-Triples text/plain
        uploads=frozenset({"text/plain", TURTLE, XML, "text/x-nquads"}),
        auths=("none",),
        posted=200,
        updated=200,
        errors="html",
    ),
    "allegrograph": Rules(
        # https://franz.com/agraph/support/documentation/4.0/http-protocol.html : Sesame's protocol
        # and SPARQL's; terms in parameters are written as in N-Triples, so graphs in <>
        base="/repositories/{name}",
        query=("/repositories/{name}", "/repositories/{name}/sparql"),
        update=("/repositories/{name}", "/repositories/{name}/sparql"),
        graphs=("/repositories/{name}/statements",),
        graph="context",
        angles=True,
        default=False,
        uploads=frozenset({NT, "text/plain", TURTLE, XML, NQ, "text/x-nquads", TRIG}),
        absent=200,
        put=(200, 200),
        posted=200,
        deleted=200,
        updated=200,
        server="AllegroServe/1.3.79",
    ),
    "sparql": Rules(
        # https://www.w3.org/TR/sparql11-protocol/ and nothing else: no graph can be uploaded, and
        # the default graph holds what has no name
        base="/sparql",
        query=("/sparql",),
        update=("/sparql",),
        graphs=(),
        union=False,
        updated=200,
        errors="html",
    ),
}


@dataclass
class Fault:
    """What goes wrong, and at which request.

    Attributes:
        what: One of
            drop, alter: a quad is lost, or a literal altered: stored so, or answered so;
            half: the answer ends at its half as if that were all; lines: the same, after a line;
            cut: the answer ends at its half, though its length was told;
            close: the connection is closed before anything is done; lost: after it was done;
            cut-upload: it is closed in the middle of what is sent, and nothing of it is stored;
            half-upload: the same, and the first half of it is stored;
            status: the request is refused with `status`;
            html: a page instead of an answer, with the status 200;
            redirect: to `target`; slow: `seconds` pass first; kill: the server dies.
        on: Which requests count: write, read, or any.
        at: The number of the first request that it befalls, from 1.
        times: How many in a row; 0 for all that follow.
        happened: How many it has befallen.
    """

    what: str
    on: str = "any"
    at: int = 1
    times: int = 1
    status: int = 500
    retry_after: str = ""
    target: str = ""
    seconds: float = 0.0
    seen: int = 0
    happened: int = 0

    def due(self, kind: str) -> bool:
        """Return whether it befalls this request."""
        if self.on not in {"any", kind}:
            return False
        self.seen += 1
        return self.seen >= self.at and not (self.times and self.happened >= self.times)


@dataclass(frozen=True)
class Asked:
    """One request: what was asked, and what was answered (0: the connection was closed)."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes
    status: int


@dataclass
class Answer:
    status: int
    body: bytes = b""
    media_type: str = "text/plain; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):  # noqa: N818  it is what the store answers
    def __init__(self, status: int, words: str, **headers: str):
        super().__init__(words)
        self.status, self.words, self.headers = status, words, headers


class Closed(Exception):  # noqa: N818  no error of ours
    """The connection is closed without an answer."""


class Wire:
    """A running store of a kind.

    Attributes:
        url: What a person gives as its address.
        store: What it holds.
        asked: The requests so far.
        faults: What goes wrong; tests put them in.
        max_rows: Where its answers are cut; 0 for nowhere. `says_cap`: whether a header says so;
            `capped`: how many were.
        read_only, triples_per_update: Whether it refuses all changes; what one update can take.
    """

    def __init__(self, kind: str, *, name: str = "base", auth: str | None = None, seed: int = 0):
        rules = KINDS[kind]
        self.kind, self.rules, self.name = kind, rules, name
        self.auth = rules.auths[0] if auth is None else auth
        self.user, self.secret = "anna", "s3cret-of-the-tests"
        self.store = ox.Store()
        self.asked: list[Asked] = []
        self.faults: list[Fault] = []
        self.random = random.Random(seed)  # noqa: S311  not for secrets
        self.max_rows, self.says_cap, self.capped = 0, False, 0
        self.read_only, self.triples_per_update, self.largest = False, 0, 0
        self.merged: tuple[int, ox.Store] | None = None
        self.lock, self.stopping = threading.RLock(), threading.Lock()
        self.server: http.server.ThreadingHTTPServer | None = None
        self.thread: threading.Thread | None = None
        self.port = 0
        self.start()

    # -------------------------------------------------------------- running

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return self.host + self.rules.base.format(name=self.name)

    def start(self) -> None:
        """Start it, after `kill` at the same address and with what it held."""
        self.server = _Server(("127.0.0.1", self.port), _Handler)
        self.server.wire = self
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Take no more connections, and close those that are open."""
        with self.stopping:
            if self.server is not None and self.thread is not None:
                self.server.shutdown()
                self.thread.join()
                self.server.server_close()
                self.server.close_all()
                self.server = None

    def profile(self, name: str, variable: str) -> str:
        """Return the lines of `stores.toml` that tell of it, as a person writes them.

        Args:
            name: Of the profile.
            variable: The environment variable that holds the secret.
        """
        lines = [f"[stores.{name}]", f'kind = "{self.kind}"', f'url = "{self.url}"']
        if self.auth != "none":
            lines += [f'auth = "{self.auth}"', f'secret-env = "{variable}"']
            lines += [f'user = "{self.user}"'] if self.auth == "basic" else []
        return "\n".join(lines) + "\n"

    def quads(self) -> set[ox.Quad]:
        return set(self.store)

    def triples(self, graph: str) -> set[ox.Triple]:
        return {q.triple for q in self.store.quads_for_pattern(None, None, None, _name(graph))}

    def graph_names(self) -> set[str]:
        return {each.value for each in self.store.named_graphs()}

    # -------------------------------------------------------------- one request

    def answer(self, method: str, path: str, params: list[tuple[str, str]], request: _Request):
        """Return the answer to a request, whose body is read when it is wanted."""
        roles = self._roles(path)
        told = dict(params)
        media_type = request.header("content-type").partition(";")[0].strip().lower()
        quads = self.rules.datasets and media_type in DATASETS
        named = self.rules.graph in told or (self.rules.default and "default" in told)
        graph_asked = named or quads
        on_graph = "graphs" in roles and graph_asked
        kind = "read"
        if on_graph:
            kind = "read" if method in {"GET", "HEAD"} else "write"
        elif media_type == UPDATE or "update" in told:
            kind = "write"
        elif media_type == FORM:
            request.read()
            told |= dict(urllib.parse.parse_qsl(request.body.decode(), keep_blank_values=True))
            kind = "write" if "update" in told else "read"
        elif "query" not in told and media_type != QUERY and method not in {"GET", "HEAD"}:
            kind = "write"
        faults = [fault for fault in self.faults if fault.due(kind)]
        self._before(faults, request)
        request.read()
        with self.lock:
            if not roles:
                raise Refusal(404, "Not Found")
            if self.largest and len(request.body) > self.largest:
                raise Refusal(413, "Request Entity Too Large")
            self._let_in(request, told, kind)
            if kind == "write" and self.read_only:
                raise Refusal(403, "The repository is read-only")
            if kind == "read":
                return self._read(method, told, roles, request, faults, on_graph=on_graph)
            before, self.merged = self.quads(), None
            if on_graph:
                found = self._change_graph(method, told, media_type, request.body)
            else:
                found = self._update(method, told, media_type, roles, request.body)
            self._spoil(before, faults)
            if any(self._befell(fault, "lost") for fault in faults):
                raise Closed
            return found

    def _roles(self, path: str) -> set[str]:
        rules = self.rules
        return {
            role
            for role, paths in (
                ("query", rules.query),
                ("update", rules.update),
                ("graphs", rules.graphs),
            )
            if path in {each.format(name=self.name) for each in paths}
        }

    def _let_in(self, request: _Request, told: dict[str, str], kind: str) -> None:
        """Refuse whoever is not known, as the kind does."""
        if self.auth == "none" or (self.rules.reads_open and kind == "read"):
            return
        given = request.header("authorization")
        pair = base64.b64encode(f"{self.user}:{self.secret}".encode()).decode()
        wanted = {
            "basic": f"Basic {pair}",
            "bearer": f"Bearer {self.secret}",
            "gdb": f"GDB {self.secret}",
        }[self.auth]
        if given == wanted or (self.kind == "qlever" and told.get("access-token") == self.secret):
            return
        if self.kind == "qlever":
            # no user, no challenge (src/engine/Server.cpp, "access token")
            raise Refusal(403, "The request needs a valid access token")
        scheme = "Bearer" if self.auth == "bearer" else "Basic"
        challenge = f'{scheme} realm="{self.kind}"'
        raise Refusal(401, "Unauthorized", **{"WWW-Authenticate": challenge})

    # -------------------------------------------------------------- reading

    def _read(self, method, told, roles, request, faults, *, on_graph) -> Answer:
        def once(store: ox.Store) -> Answer:
            if on_graph:
                return self._graph(method, told, request, store)
            return self._query(method, told, roles, request, store)

        true = once(self.store)
        for fault in faults:
            if fault.what in {"drop", "alter"}:
                true = self._misread(once, true, fault)
            elif fault.what in {"half", "lines"} and len(true.body) > 1:
                half = true.body[: len(true.body) // 2]
                if fault.what == "lines":
                    half = half[: half.rfind(b"\n") + 1]
                if half:
                    fault.happened += 1
                    true.body = half
            elif fault.what == "cut" and len(true.body) > 1:
                fault.happened += 1
                true.headers["X-Cut"] = str(len(true.body) // 2)
            elif fault.what == "lost":
                fault.happened += 1
                raise Closed
        return true

    def _misread(self, once, true: Answer, fault: Fault) -> Answer:
        """Return an answer as if one quad were lost or altered, or the true one if none shows."""
        quads = sorted(self.store, key=str)
        self.random.shuffle(quads)
        for quad in quads:
            other = ox.Store()
            other.extend(each for each in quads if each != quad)
            if fault.what == "alter":
                other.add(_altered(quad))
            with contextlib.suppress(Refusal):
                found = once(other)
                if sorted(found.body.splitlines()) != sorted(true.body.splitlines()):
                    fault.happened += 1
                    return found
        return true

    def _query(self, method, told, roles, request, store) -> Answer:
        if "query" not in roles:
            raise Refusal(405 if method == "GET" else 400, "This takes no queries")
        media_type = request.header("content-type").partition(";")[0].strip().lower()
        if method == "POST" and media_type == QUERY:
            text = request.body.decode("utf-8")
        elif method in {"GET", "POST"} and "query" in told:
            if method == "POST" and media_type not in {FORM, ""}:
                raise Refusal(415, f"Unsupported media type {media_type}")
            text = told["query"]
        elif method == "POST" and media_type not in {FORM, QUERY}:
            raise Refusal(415, f"Unsupported media type {media_type}")
        else:
            raise Refusal(400, "There is no query")
        dataset = self._dataset(told, request, store)
        try:
            found = dataset.query(text)
            if isinstance(found, ox.QueryTriples):
                return self._capped_graph(found, request)
            if isinstance(found, ox.QueryBoolean):
                media_type, syntax = _chosen(request, RESULTS)
                return Answer(200, found.serialize(format=syntax), media_type)
            return self._capped_table(found, request)
        except (SyntaxError, ValueError, RuntimeError) as error:
            raise Refusal(400, f"MALFORMED QUERY: {error}") from error

    def _dataset(self, told: dict[str, str], request: _Request, store: ox.Store) -> ox.Store:
        """Return what a query sees: what its parameters choose, or what the kind shows."""
        pairs = list(request.params)
        if request.header("content-type").startswith(FORM):
            pairs += urllib.parse.parse_qsl(request.body.decode(), keep_blank_values=True)
        merged = [value for name, value in pairs if name == "default-graph-uri"]
        named = [value for name, value in pairs if name == "named-graph-uri"]
        if merged == [self.rules.asked_union] and told.get("default-graph-uri"):
            return self._union(store)
        if merged or named:
            chosen = ox.Store()
            for name in merged:
                quads = store.quads_for_pattern(None, None, None, _name(name))
                chosen.extend(ox.Quad(*quad.triple) for quad in quads)
            for name in named:
                chosen.extend(store.quads_for_pattern(None, None, None, _name(name)))
            return chosen
        return self._union(store) if self.rules.union else store

    def _union(self, store: ox.Store) -> ox.Store:
        """Return the store with the union as default graph; that of our own is made once."""
        if store is not self.store:
            return _merged(store)
        if self.merged is None or self.merged[0] != len(store):
            self.merged = (len(store), _merged(store))
        return self.merged[1]

    def _capped_table(self, found: ox.QuerySolutions, request: _Request) -> Answer:
        media_type, syntax = _chosen(request, RESULTS)
        headers = {}
        if self.max_rows:
            table = json.loads(found.serialize(format=ox.QueryResultsFormat.JSON))
            all_rows = table["results"]["bindings"]
            if self.says_cap and len(all_rows) > self.max_rows:
                headers["X-SPARQL-MaxRows"] = str(self.max_rows)
            self.capped += len(all_rows) > self.max_rows
            table["results"]["bindings"] = all_rows[: self.max_rows]
            found = ox.parse_query_results(
                json.dumps(table).encode(), format=ox.QueryResultsFormat.JSON
            )
        return Answer(200, found.serialize(format=syntax), media_type, headers)

    def _capped_graph(self, triples, request: _Request) -> Answer:
        media_type, syntax = _chosen(request, GRAPHS)
        found = list(triples)
        if self.max_rows:
            self.capped += len(found) > self.max_rows
            found = found[: self.max_rows]
        return Answer(200, ox.serialize(found, format=syntax), media_type)

    def _graph(self, method: str, told: dict[str, str], request: _Request, store) -> Answer:
        if method not in self.rules.methods:
            raise Refusal(405, f"{method} is not allowed")
        name = self._graph_name(told)
        found = [q.triple for q in store.quads_for_pattern(None, None, None, name)]
        if not found and isinstance(name, ox.NamedNode) and self.rules.absent == 404:
            raise Refusal(404, f"There is no graph {name.value}")
        answer = self._capped_graph(sorted(found, key=str), request)
        return replace(answer, body=b"") if method == "HEAD" else answer

    def _graph_name(self, told: dict[str, str]) -> ox.NamedNode | ox.DefaultGraph:
        if self.rules.graph not in told:
            return _name(self.rules.into) if self.rules.into else ox.DefaultGraph()
        value = told[self.rules.graph]
        if self.rules.angles:
            inner = re.fullmatch("<([^<>]*)>", value)
            if inner is None:
                raise Refusal(400, f"{value} is not a term in the form of N-Triples")
            value = inner[1]
        try:
            name = _name(value)
        except ValueError as error:
            raise Refusal(400, f"{value} is no IRI") from error
        if not re.match("[A-Za-z][A-Za-z0-9+.-]*:", value):
            raise Refusal(400, f"{value} is a relative IRI")
        return name

    # -------------------------------------------------------------- changing

    def _change_graph(self, method, told, media_type, body) -> Answer:
        rules = self.rules
        if method not in rules.methods:
            raise Refusal(405, f"{method} is not allowed", Allow=", ".join(sorted(rules.methods)))
        name = self._graph_name(told)
        old = list(self.store.quads_for_pattern(None, None, None, name))
        if method == "DELETE":
            if not old and rules.absent == 404:
                raise Refusal(404, "There is no such graph")
            self._forget(old, name)
            return Answer(rules.deleted)
        if media_type not in rules.uploads:
            raise Refusal(415, f"Unsupported media type {media_type or '(none)'}")
        try:
            # labels of blank nodes hold within what is uploaded, and no further
            quads = list(ox.parse(body, format=SYNTAXES[media_type], rename_blank_nodes=True))
        except (SyntaxError, ValueError) as error:
            raise Refusal(400, f"MALFORMED DATA: {error}") from error
        if method == "PUT":
            self._forget(old, name)
        for quad in quads:
            named = quad.graph_name if media_type in DATASETS else ox.DefaultGraph()
            into = name if isinstance(named, ox.DefaultGraph) else named
            self.store.add(ox.Quad(quad.subject, quad.predicate, quad.object, into))
        if method == "POST":
            return Answer(rules.posted)
        return Answer(rules.put[1] if old else rules.put[0])

    def _forget(self, old: list[ox.Quad], name) -> None:
        for quad in old:
            self.store.remove(quad)
        if isinstance(name, ox.NamedNode):
            self.store.remove_graph(name)

    def _update(self, method, told, media_type, roles, body) -> Answer:
        if "update" not in roles:
            raise Refusal(405, "This takes no updates")
        if method != "POST":
            raise Refusal(405, f"{method} is not allowed")
        if media_type == UPDATE:
            text = body.decode("utf-8")
        elif media_type == FORM and "update" in told:
            text = told["update"]
        elif media_type != FORM:
            raise Refusal(415, f"Unsupported media type {media_type or '(none)'}")
        else:
            raise Refusal(400, "There is no update")
        words = set(re.findall("[A-Z]+", _without_terms(text).upper()))
        # LOAD is refused by every kind here: it would fetch
        if refused := sorted(words & (self.rules.refused | {"LOAD", "SERVICE"})):
            raise Refusal(400, f"{refused[0]} is not supported")
        if self.triples_per_update and text.count(" .\n") > self.triples_per_update:
            raise Refusal(400, "memory exhausted: the update has too many triples")
        try:
            self.store.update(text)
        except (SyntaxError, ValueError, RuntimeError) as error:
            raise Refusal(400, f"MALFORMED QUERY: {error}") from error
        self._settle()
        return Answer(self.rules.updated)

    def _settle(self) -> None:
        """Let no empty graph exist, and give triples without a graph the kind's name for it."""
        for name in list(self.store.named_graphs()):
            if next(self.store.quads_for_pattern(None, None, None, name), None) is None:
                self.store.remove_graph(name)
        if self.rules.into:
            for quad in list(self.store.quads_for_pattern(None, None, None, ox.DefaultGraph())):
                self.store.remove(quad)
                self.store.add(ox.Quad(*quad.triple, _name(self.rules.into)))

    # -------------------------------------------------------------- faults

    def _befell(self, fault: Fault, what: str) -> bool:
        if fault.what == what:
            fault.happened += 1
            return True
        return False

    def _before(self, faults: list[Fault], request: _Request) -> None:
        """Let happen what happens before a request is looked at."""
        for fault in faults:
            match fault.what:
                case "close":
                    fault.happened += 1
                    raise Closed
                case "kill":
                    fault.happened += 1
                    threading.Thread(target=self.stop, daemon=True).start()
                    raise Closed
                case "cut-upload":
                    fault.happened += 1
                    request.read_half()
                    raise Closed
                case "half-upload":
                    fault.happened += 1
                    request.read_half()
                    self._keep_half(request)
                    raise Closed
                case "slow":
                    fault.happened += 1
                    time.sleep(fault.seconds)
                case "redirect":
                    fault.happened += 1
                    request.read()
                    raise Refusal(307, "Temporary Redirect", Location=fault.target)
                case "html":
                    fault.happened += 1
                    request.read()
                    page = "<!DOCTYPE html><html><head><title>Please log in</title></head></html>"
                    raise Refusal(200, page, **{"Content-Type": "text/html"})
                case "status":
                    fault.happened += 1
                    request.read()
                    headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
                    raise Refusal(fault.status, "The store is not well", **headers)

    def _keep_half(self, request: _Request) -> None:
        """Store whole lines of the half of an upload, as a store without transactions does."""
        told = dict(request.params)
        media_type = request.header("content-type").partition(";")[0].strip().lower()
        if SYNTAXES.get(media_type) is not ox.RdfFormat.N_TRIPLES:
            return
        if self.rules.graph not in told and "default" not in told:
            return
        lines = request.body[: request.body.rfind(b"\n") + 1]
        with self.lock, contextlib.suppress(Refusal):
            name = self._graph_name(told)
            if request.method == "PUT":
                self._forget(list(self.store.quads_for_pattern(None, None, None, name)), name)
            for quad in ox.parse(lines, format=ox.RdfFormat.N_TRIPLES, rename_blank_nodes=True):
                self.store.add(ox.Quad(quad.subject, quad.predicate, quad.object, name))

    def _spoil(self, before: set[ox.Quad], faults: list[Fault]) -> None:
        """Lose or alter one of the quads that a request has stored."""
        for fault in faults:
            if fault.what not in {"drop", "alter"}:
                continue
            new = sorted(self.quads() - before, key=str)
            if not new:
                continue
            quad = self.random.choice(new)
            self.store.remove(quad)
            if fault.what == "alter":
                self.store.add(_altered(quad))
            self._settle()
            fault.happened += 1


def _name(iri: str) -> ox.NamedNode:
    return ox.NamedNode(iri)


def _altered(quad: ox.Quad) -> ox.Quad:
    """Return a quad with one character more in its literal, or in its object's IRI."""
    term = quad.object
    if isinstance(term, ox.Literal):
        if term.language:
            other = ox.Literal(f"1{term.value}", language=term.language)
        else:
            other = ox.Literal(f"1{term.value}", datatype=term.datatype)
    elif isinstance(term, ox.NamedNode):
        other = ox.NamedNode(f"{term.value}x")
    else:
        other = ox.NamedNode("urn:altered")
    return ox.Quad(quad.subject, quad.predicate, other, quad.graph_name)


def _merged(store: ox.Store) -> ox.Store:
    """Return the same graphs, and as default graph the union of all, each triple once."""
    merged = ox.Store()
    merged.extend(store)
    merged.extend(ox.Quad(*quad.triple) for quad in store)
    return merged


TERMS = re.compile(
    r"""<[^<>\s]*>|\"{3}(?:.|\n)*?\"{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\#.*"""
)


def _without_terms(text: str) -> str:
    """Return an update without its IRIs, literals and comments, and so without words in them."""
    return TERMS.sub(" ", text)


def _chosen(request: _Request, offered: dict):
    """Return what is offered and best accepted.

    Raises:
        Refusal: Nothing of it is (406).
    """
    accepted = request.header("accept") or "*/*"
    best: tuple[float, int, str] | None = None
    for place, media_type in enumerate(offered):
        for each in accepted.split(","):
            told, *options = (part.strip() for part in each.split(";"))
            quality = next((float(o[2:]) for o in options if o.startswith("q=")), 1.0)
            fits = told in {media_type, "*/*", media_type.partition("/")[0] + "/*"}
            if fits and quality and (best is None or (quality, -place) > best[:2]):
                best = (quality, -place, media_type)
    if best is None:
        raise Refusal(406, "Not Acceptable")
    return best[2], offered[best[2]]


class _Request:
    """A request whose body is read when it is wanted, once."""

    def __init__(self, handler: _Handler, params: list[tuple[str, str]]):
        self._handler, self.params = handler, params
        self.method = handler.command
        self.body = b""
        self._read = False

    def header(self, name: str) -> str:
        return self._handler.headers.get(name, "")

    def read(self) -> None:
        if not self._read:
            self._read = True
            self.body = b"".join(self._blocks())

    def read_half(self) -> None:
        """Read half of the body, or its first block where its length is not told."""
        self._read = True
        told = self.header("content-length")
        if told:
            self.body = self._handler.rfile.read(int(told) // 2)
        else:
            self.body = next(self._blocks(), b"")
            self.body = self.body[: len(self.body) // 2]

    def _blocks(self) -> Iterator[bytes]:
        stream = self._handler.rfile
        if "chunked" in self.header("transfer-encoding").lower():
            while size := int(stream.readline().split(b";")[0] or b"0", 16):
                yield stream.read(size)
                stream.readline()
            stream.readline()
        elif told := self.header("content-length"):
            yield stream.read(int(told))


class _Server(http.server.ThreadingHTTPServer):
    """A server that knows its open connections, so that it can die with them."""

    daemon_threads = True
    wire: Wire

    def __init__(self, *arguments):
        self.open: set[socket.socket] = set()
        super().__init__(*arguments)

    def process_request(self, request, client_address):
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        self.open.discard(request)
        super().shutdown_request(request)

    def close_all(self) -> None:
        for connection in list(self.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request, client_address):
        """Say nothing of clients who go: tests close connections on purpose."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        """Say nothing: what was asked is kept."""

    def version_string(self) -> str:
        return self.server.wire.rules.server or "wire"

    def handle_request(self) -> None:
        wire: Wire = self.server.wire
        path, _, query = self.path.partition("?")
        params = urllib.parse.parse_qsl(query, keep_blank_values=True)
        request = _Request(self, params)
        try:
            answer = wire.answer(self.command, urllib.parse.unquote(path), params, request)
        except Refusal as refusal:
            request.read()
            answer = _worded(wire.rules.errors, refusal)
        except (Closed, ConnectionError):
            wire.asked.append(self._asked(path, params, request, 0))
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return
        wire.asked.append(self._asked(path, params, request, answer.status))
        self._send(answer)

    def _asked(self, path, params, request, status) -> Asked:
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Asked(self.command, path, dict(params), headers, request.body, status)

    def _send(self, answer: Answer) -> None:
        cut = answer.headers.pop("X-Cut", None)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            if "Content-Type" not in answer.headers:
                self.send_header("Content-Type", answer.media_type)
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command == "HEAD" or answer.status == 204:
            return
        if cut is not None:
            self.wfile.write(answer.body[: int(cut)])
            self.close_connection = True
            return
        self.wfile.write(answer.body)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_PATCH = do_OPTIONS = handle_request  # noqa: N815


def _worded(form: str, refusal: Refusal) -> Answer:
    """Return a refusal in the form in which a kind words its errors."""
    headers = dict(refusal.headers)
    media_type = headers.pop("Content-Type", None)
    if media_type:
        return Answer(refusal.status, refusal.words.encode(), media_type, headers)
    if form == "json":
        words = {"message": refusal.words, "exception": refusal.words, "status": "ERROR"}
        body, media_type = json.dumps(words), "application/json"
    elif form == "html":
        text = refusal.words.replace("&", "&amp;").replace("<", "&lt;")
        body = f"<html><head><title>Error {refusal.status}</title></head><pre>{text}</pre></html>"
        media_type = "text/html"
    else:
        body, media_type = refusal.words, "text/plain"
    return Answer(refusal.status, body.encode(), f"{media_type}; charset=utf-8", headers)


@contextlib.contextmanager
def serving(kind: str, **options) -> Iterator[Wire]:
    """Run a store of a kind; options are those of `Wire`."""
    wire = Wire(kind, **options)
    try:
        yield wire
    finally:
        wire.stop()
