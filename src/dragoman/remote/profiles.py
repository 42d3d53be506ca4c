"""Which store is meant: its addresses, how it knows its users, and how it behaves.

What holds for every store of a kind stands in `kinds.toml`; what holds for one store, in the
profiles that people write (`stores.toml`). A secret is never written into either: a profile names
the environment variable that holds it. The user's own profiles go first; those of a base are used
after consent (see `consent`).
"""

from __future__ import annotations

__all__ = ["Profile", "profiles_of"]

import os
import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from dragoman.errors import DragomanError, SyntaxProblem, UnknownNameError, suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dragoman.base import Base

FILE: Final = "stores.toml"
AUTO: Final = "auto"
SPARQL: Final = "sparql"
AUTHS: Final = ("none", "basic", "digest", "bearer")
DEFAULT_GRAPHS: Final = ("union", "strict", "unknown")
TIMEOUT: Final = 60.0
_TEXTS: Final = frozenset(
    {"kind", "url", "query", "update", "graphs", "auth", "user", "secret-env", "default-graph"}
)
_NUMBERS: Final = frozenset({"max-rows", "triples-per-insert", "timeout"})
_LISTS: Final = frozenset({"uploads"})
_KEYS: Final = _TEXTS | _NUMBERS | _LISTS
_SECRETS: Final = re.compile(r"(?i)pass|secret|token|key")


@dataclass(frozen=True)
class Kind:
    """What is known of all stores of one kind; `kinds.toml` says what each attribute means."""

    name: str
    run: bool
    title: str
    example: str
    endings: tuple[str, ...]
    address: str
    answers: str
    query: str
    update: str
    direct: bool
    graphs: str
    graph_methods: frozenset[str]
    graph_parameter: str
    graph_value: str
    default_value: str
    uploads: tuple[str, ...]
    datasets: str
    bulk: tuple[tuple[str, str], ...]
    packed: bool
    respells: frozenset[str]
    needs_length: bool
    auth: str
    default_graph: str
    union: tuple[tuple[str, str], ...]
    max_rows: int
    triples_per_insert: int
    blank_nodes: bool
    blank_iri: str
    graph_list: str
    updates: frozenset[str]
    paging: str
    system_graphs: tuple[str, ...]


@dataclass(frozen=True)
class Profile:
    """One store: where it is, how it knows us, and how it behaves. It holds no secret.

    Attributes:
        name: what messages call it: the name of its profile, or its address.
        kind: what is known of all stores of its kind.
        query: address for SPARQL queries.
        update: address for SPARQL updates; None where there is none.
        graphs: address of the Graph Store Protocol; None where there is none.
        auth: none, basic, digest or bearer.
        user: the user's name; None with `none` and `bearer`.
        secret_env: the environment variable that holds the secret; None with `none`.
        default_graph: union, strict or unknown (see `kinds.toml`).
        max_rows: where the store cuts its answers; 0 for nowhere that is known.
        triples_per_insert: the most triples that one INSERT DATA may hold.
        uploads: media types that the Graph Store Protocol takes, best first.
        timeout: seconds without a byte after which a request is given up.
        url: the address that was told, which the others were made from.
        settled: false while it is not known which kind it is (see `detecting`).
        place: the file and line of the profile; empty for an address.
    """

    name: str
    kind: Kind
    query: str
    update: str | None = None
    graphs: str | None = None
    auth: str = "none"
    user: str | None = None
    secret_env: str | None = None
    default_graph: str = "unknown"
    max_rows: int = 0
    triples_per_insert: int = 1000
    uploads: tuple[str, ...] = ()
    timeout: float = TIMEOUT
    url: str = ""
    settled: bool = True
    place: str = ""

    def secret(self) -> str | None:
        """Return the secret, read now; None where the store asks for none.

        Raises:
            DragomanError: the environment variable is not set.
        """
        if self.auth == "none" or self.secret_env is None:
            return None
        found = os.environ.get(self.secret_env)
        if not found:
            where = f"{self.place}: " if self.place else ""
            raise DragomanError(
                f"{where}the variable {self.secret_env} is not set. Set it to the secret of the "
                f"store {self.name}."
            )
        return found

    def graph_request(self, graph: str | None) -> tuple[str, dict[str, str]]:
        """Return the address and the parameters that mean one graph in the Graph Store Protocol.

        Args:
            graph: its IRI; None for the default graph.

        Raises:
            DragomanError: the store has no such protocol, or names no default graph there.
        """
        if self.graphs is None:
            raise DragomanError(f"{self.name} has no Graph Store Protocol.")
        if graph is not None:
            return self.graphs, {
                self.kind.graph_parameter: self.kind.graph_value.format(graph=graph)
            }
        if not self.kind.default_value:
            raise DragomanError(f"{self.name} ({self.kind.title}) has no default graph of its own.")
        return self.graphs, {self.kind.default_value: ""}

    def is_system_graph(self, graph: str) -> bool:
        """Return whether a named graph is the store's own, and holds nothing of ours."""
        return graph.startswith(self.kind.system_graphs)


@cache
def kinds() -> Mapping[str, Kind]:
    """Return the kinds of stores by name, `sparql` (any SPARQL 1.1 store) first."""
    text = Path(__file__).with_name("kinds.toml").read_text(encoding="utf-8")
    told = tomllib.loads(text)
    return {name: _kind(name, {**told[SPARQL], **row}) for name, row in told.items()}


def _kind(name: str, told: Mapping[str, Any]) -> Kind:
    values = {key.replace("-", "_"): value for key, value in told.items()}
    for key in ("endings", "uploads", "system_graphs"):
        values[key] = tuple(values[key])
    for key in ("graph_methods", "updates", "respells"):
        values[key] = frozenset(values[key])
    for key in ("union", "bulk"):
        values[key] = tuple(values[key].items())
    return Kind(name, **values)


def kind_named(name: str) -> Kind:
    """Return a kind.

    Raises:
        UnknownNameError: there is none of that name; naming all.
    """
    if name not in kinds():
        raise UnknownNameError("kind of store", name, kinds())
    return kinds()[name]


def profiles_of(base: Base) -> Profiles:
    """Return the profiles that a base brings with it, consented to or not.

    Raises:
        SyntaxProblem: its file of profiles is wrong; with file and line.
        DragomanError: it cannot be read.
    """
    return tables(base.root / FILE)


def of_address(url: str, kind: str = AUTO, name: str | None = None) -> Profile:
    """Return the profile of a store that is known by its address alone.

    With `auto` the kind is told from the address, and may be told better by asking the store: the
    profile is not `settled`.

    Raises:
        ValueError: it is no address of a store; the text says why, without any password in it.
        UnknownNameError: there is no such kind.
    """
    _check_address(url)
    plain = url.rstrip("/")
    shown = name or plain.partition("?")[0]  # what follows may be a key
    if kind == AUTO:
        return replace(placed(shown, _by_address(plain), plain), settled=False)
    return placed(shown, kind_named(kind), plain)


def _by_address(url: str) -> Kind:
    """Return the kind that an address tells, else any SPARQL store."""
    rest = url.partition("://")[2]
    for kind in kinds().values():
        if kind.address and re.match(kind.address, rest):
            return kind
    return kinds()[SPARQL]


def placed(name: str, kind: Kind, told: str) -> Profile:
    """Return the profile of a store of a kind, its patterns filled in with the address told."""
    url = told
    for ending in sorted(kind.endings, key=len, reverse=True):
        if url.endswith(ending):
            url = url.removesuffix(ending)
            break
    query, update, graphs = (
        pattern.replace("{url}", url) for pattern in (kind.query, kind.update, kind.graphs)
    )
    return Profile(
        name,
        kind,
        query,
        update or None,
        graphs or None,
        default_graph=kind.default_graph,
        max_rows=kind.max_rows,
        triples_per_insert=kind.triples_per_insert,
        uploads=kind.uploads,
        url=told,
    )


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError("That is no address: its host or port is wrong.") from error
    if "@" in parts.netloc or (not parts.netloc and "@" in url):
        raise ValueError(
            "A user or password in an address would be seen and kept by others. Write a profile "
            f"with user and secret-env into {FILE}, and name that."
        )
    if parts.scheme not in {"http", "https"}:
        raise ValueError(f"{url!r}: an address of a store starts with http:// or https://.")
    if not host or port == 0 or re.search(r"[\s\"<>\\^`{|}\x00-\x20\x7f]", url):
        raise ValueError(f"{url!r} is no address of a store.")
    if parts.fragment or "#" in url:
        raise ValueError(f"{url}: an address of a store has no fragment (#…).")


# ------------------------------------------------------------------ files of profiles


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise SyntaxProblem("It is not UTF-8. Save it as UTF-8.", path) from error
    except OSError as error:
        raise DragomanError(f"{path}: it cannot be read: {error.strerror}.") from error


@dataclass(frozen=True)
class Profiles:
    """The profiles in a file, each read when it is asked for.

    Attributes:
        path: of the file, which need not exist.
        text: what it holds.
        tables: what it says of each store, by name.
    """

    path: Path
    text: str
    tables: Mapping[str, dict[str, Any]]

    def __contains__(self, name: str) -> bool:
        return name in self.tables

    def profile(self, name: str) -> Profile:
        """Return the profile of a name that is there.

        Raises:
            SyntaxProblem: it is wrong; with file and line.
        """
        return _profile(name, self.tables[name], self.text, self.path)


def tables(path: Path) -> Profiles:
    """Return the profiles that a file has.

    Raises:
        SyntaxProblem: the file is wrong; with file and line.
        DragomanError: it cannot be read.
    """
    text = _text(path)
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", str(error))
        line, column = (int(found[2]), int(found[3])) if found else (None, None)
        # the library's words, which quote nothing of the file but a character
        problem = found[1] if found else "It ends too early"
        raise SyntaxProblem(f"It is not TOML: {problem}.", path, line, column) from None
    stores = read.pop("stores", {})
    if read or not isinstance(stores, dict):
        odd = next(iter(read), "stores")
        raise SyntaxProblem(
            f"Only tables [stores.NAME] may stand here, not {odd!r}.", path, _line(text, odd)
        )
    for name, table in stores.items():
        if not isinstance(table, dict):
            raise SyntaxProblem(
                f"{name!r} is not a table. Write [stores.{name}] and keys below it.",
                path,
                _line(text, name),
            )
    return Profiles(path, text, stores)


def _profile(name: str, told: Mapping[str, Any], text: str, path: Path) -> Profile:
    def problem(words: str, key: str = "") -> SyntaxProblem:
        return SyntaxProblem(words, path, _line(text, key, name))

    for key, value in told.items():
        _check_key(key, value, problem)
    given = {key: value for key, value in told.items() if key in _TEXTS}
    kind = given.get("kind", AUTO)
    if kind != AUTO and kind not in kinds():
        advice = suggestion(kind, [*kinds(), AUTO])
        raise problem(f"There is no kind of store {kind!r}. {advice}", "kind")
    try:
        for key in ("url", "query", "update", "graphs"):
            if given.get(key):
                _check_address(given[key])
        start = given.get("url") or given.get("query")
        if not start:
            example = kinds()[SPARQL if kind == AUTO else kind].example
            raise problem(f'The store {name!r} has no address. Add one, as url = "{example}".')
        found = of_address(start, kind, name)
    except ValueError as error:
        raise problem(str(error), next((k for k in ("url", "query") if k in given), "")) from None
    found = replace(
        found,
        query=given.get("query", found.query),
        update=given.get("update", found.update) or None,
        graphs=given.get("graphs", found.graphs) or None,
        default_graph=given.get("default-graph", found.default_graph),
        max_rows=told.get("max-rows", found.max_rows),
        triples_per_insert=told.get("triples-per-insert", found.triples_per_insert),
        uploads=tuple(told.get("uploads", found.uploads)),
        timeout=float(told.get("timeout", found.timeout)),
        place=f"{path}:{_line(text, '', name)}",
    )
    return _known_user(found, given, problem)


def _check_key(key: str, value: object, problem: Any) -> None:  # noqa: ANN401
    if key not in _KEYS:
        if _SECRETS.search(key):
            raise problem(
                f"{key!r}: a secret is not kept in a file. Set an environment variable to it, and "
                'name that: secret-env = "MY_VARIABLE".',
                key,
            )
        raise problem(f"A store has no key {key!r}. {suggestion(key, _KEYS)}".rstrip(), key)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if key in _TEXTS and not isinstance(value, str):
        raise problem(f"{key} is a text: write it in quotes.", key)
    if key in _NUMBERS and (not number or not (key == "max-rows" or value)):
        raise problem(f"{key} is a number above zero.", key)
    if key in _NUMBERS and (value < 0 or (key != "timeout" and not isinstance(value, int))):  # type: ignore[operator]
        raise problem(f"{key} is a whole number, and not below zero.", key)
    if key in _LISTS and not (isinstance(value, list) and all(isinstance(v, str) for v in value)):
        raise problem(f'{key} is a list of media types: ["application/n-triples"].', key)
    for name, known in (("auth", AUTHS), ("default-graph", DEFAULT_GRAPHS)):
        if key == name and value not in known:
            raise problem(f"{name} is one of {', '.join(known)}.", key)


def _known_user(found: Profile, given: Mapping[str, str], problem: Any) -> Profile:  # noqa: ANN401
    """Return the profile with how the store knows its user, where it must."""
    named = "user" in given or "secret-env" in given
    auth = given.get("auth", found.kind.auth if named else "none")
    if auth == "none":
        if named:
            raise problem('auth is "none", yet a user or a secret is named.', "auth")
        return found
    variable = given.get("secret-env")
    if not variable:
        raise problem(
            f'auth = "{auth}" needs secret-env = "MY_VARIABLE": the environment variable that '
            "holds the secret.",
            "auth" if "auth" in given else "user",
        )
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", variable):
        # perhaps the secret itself was written here: do not repeat it
        raise problem("secret-env is the name of an environment variable.", "secret-env")
    if auth != "bearer" and not given.get("user"):
        raise problem(f'auth = "{auth}" needs user = "NAME".', "auth")
    user = given.get("user") if auth != "bearer" else None
    return replace(found, auth=auth, user=user, secret_env=variable)


def _line(text: str, key: str, name: str | None = None) -> int | None:
    """Return where a key, or the table itself, stands; None where that cannot be told."""
    inside = name is None
    table: int | None = None
    quoted = rf"""["']?{re.escape(key)}["']?"""
    for number, line in enumerate(text.splitlines(), 1):
        heading = re.match(r"\s*\[+\s*(.*?)\s*\]+", line)
        if heading and name is not None:
            last = heading[1].replace('"', "").replace("'", "")
            inside = last.replace(" ", "") == f"stores.{name}"
            table = number if inside and table is None else table
        if inside and key and re.match(rf"\s*(\[+\s*)?(stores\.)?{quoted}\s*[.=\]]", line):
            return number
    return table
