"""What handlers work on: the open base, as it was when the request came."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from dragoman import vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dragoman.api import KnowledgeBase
    from dragoman.server.exchange import Request
    from dragoman.server.options import Options
    from dragoman.store import Row
    from dragoman.syntax import QueryText

THINGS: Final = f"{vocabulary.BASE}id/"
PREFIXES: Final = "".join(
    f"PREFIX {name}: <{iri}>\n"
    for name, iri in (
        ("dcterms", vocabulary.DCTERMS),
        ("dip", vocabulary.DIP),
        ("oa", vocabulary.OA),
        ("owl", vocabulary.OWL),
        ("rdfs", vocabulary.RDFS),
    )
)
# Checked texts that are kept, and how long these may be.
_TEXTS: Final = 512
_SHORT: Final = 16_384
STATUSES: Final = "SELECT ?status ?kind { ?status a dip:Status , ?kind }"


class Served:
    """The base that is served: opened once, and again when its files have changed.

    Attributes:
        options: how the server was started.
        base: the open base, to be asked as in Python.
        kept: what handlers keep as long as the files stay as they are, by a name of theirs.
        spent: whether a query that was given up is still at work here: the process is to end.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.generation = ""
        self.spent = False
        self.base: KnowledgeBase
        self.kept: dict[object, Any] = {}

    def at(self, generation: str) -> None:
        """Be as the files are in a generation: open the base, unless that is what is open."""
        from dragoman import api  # which the front, that makes links only, does without

        if generation != self.generation or not self.generation:
            # The old one goes first: two take twice the memory.
            self.generation, self.kept = "", {}
            self.__dict__.pop("base", None)
            base = api.open(self.options.base)
            # Reads the files now. Rows without an order come as they stand in a store: all workers
            # have them in one, for who asks for the next.
            base.store.warm()
            self.base, self.generation = base, generation

    def once(self, name: object, make: Callable[[], Any]) -> Any:  # noqa: ANN401  what is made
        """Return what `make` makes, made once for each state of the files."""
        if name not in self.kept:
            self.kept[name] = make()
        return self.kept[name]

    @property
    def rights(self) -> str:
        """What the base says about rights to its data."""
        return self.base.base.rights

    def rows(self, text: str) -> tuple[Row, ...]:
        """Return the rows of a query of our own; a base may call our namespaces otherwise."""
        return self.base.query(PREFIXES + text, timeout=None, labels=False).answer.rows

    def checked(self, text: str, name: str = "-") -> QueryText:
        """Return a query that may be run; those that were asked lately are known.

        Args:
            text: the query.
            name: what messages call it.

        Raises:
            SyntaxProblem: it is refused.
        """
        from dragoman.syntax.sparql import check_query

        prefixes = self.once("prefixes", lambda: self.base.prefixes)
        services = self.options.services
        check = self.once(
            "checked queries",
            lambda: lru_cache(_TEXTS)(
                lambda text, name: check_query(text, name, prefixes, services)
            ),
        )
        kept = check if len(text) <= _SHORT else check.__wrapped__
        found: QueryText = kept(text, name)
        return found

    @property
    def name(self) -> str:
        """How the base is called: as its folder; the packaged one as the program."""
        root = self.base.base.root
        return "Dragoman" if root.name == "_base" else root.name

    @property
    def statuses(self) -> dict[str, str]:
        """The class of the style sheet for each status, by its IRI: how far a thing has come."""
        found: dict[str, str] = self.once("statuses", lambda: dict(self._statuses()))
        return found

    def _statuses(self) -> Iterator[tuple[str, str]]:
        for status, kind in self.rows(STATUSES):
            local = str(getattr(kind, "value", "")).removeprefix(vocabulary.DIP)
            if local.endswith("filledStatus") or local == "ProspectiveStatus":
                yield str(getattr(status, "value", "")), local.removesuffix("Status").lower()


def link(request: Request, path: str, **query: str | list[str]) -> str:
    """Return a link within the server, as a page writes it."""
    told = {name: value for name, value in query.items() if value not in ("", [])}
    return request.prefix + quote(path, safe="/:@~,") + (
        f"?{urlencode(told, doseq=True)}" if told else ""
    )  # fmt: skip


def link_to(request: Request, iri: str, **query: str) -> str:
    """Return the link to the page of a thing, wherever its IRI is."""
    if iri.startswith(THINGS):
        return link(request, f"/id/{iri[len(THINGS) :]}", **query)
    return link(request, "/thing", iri=iri, **query)
