"""Which handler answers which path."""

from __future__ import annotations

from typing import Final, NamedTuple

READ: Final = ("GET",)
QUERY: Final = ("GET", "POST")
GRAPH: Final = ("GET", "PUT", "POST", "DELETE")


class Route(NamedTuple):
    """A path, and what answers it.

    Attributes:
        path: as Starlette writes paths: `/ask/{name}`.
        handler: a function of a module of this package, as `questions.gallery`: it takes what is
            served (`served.Served`) and a request, and returns a response.
        methods: the methods that it knows; HEAD comes with GET, and OPTIONS always.
        kept: whether its answers to GET are kept as long as no file of the base changes.
        open: whether other sites that the server was told of may read it.
        writes: whether what is sent may change files of the base.
        patient: how many times as long as other answers it may take.
    """

    path: str
    handler: str
    methods: tuple[str, ...] = READ
    kept: bool = True
    open: bool = False
    writes: bool = False
    patient: float = 1


# The first that fits answers.
ROUTES: Final = (
    Route("/", "front.page"),
    Route("/about", "front.about"),
    Route("/ask", "questions.gallery"),
    Route("/ask.json", "questions.listing", open=True),
    Route("/ask/{name}", "questions.page", open=True),
    Route("/pictures", "questions.gallery_of_pictures"),
    Route("/search", "searching.page"),
    Route("/search.{suffix}", "searching.page", open=True),
    Route("/suggest", "searching.suggest", open=True),
    Route("/id/{key:path}", "things.by_id", open=True),
    Route("/thing", "things.by_iri", open=True),
    Route("/neighbours", "neighbours.page", open=True),
    Route("/editor", "editor.page", QUERY, kept=False),
    Route("/editor/{kind}.json", "editor.picture", kept=False),
    Route("/check-sparql", "editor.check", ("POST",)),
    Route("/complete", "editor.complete"),
    Route("/check", "checking.check", QUERY, kept=False, writes=True, patient=4),
    Route("/desk", "desk.page", QUERY, kept=False, writes=True, patient=4),
    Route("/desk/findings", "desk.findings", ("POST",), patient=4),
    Route("/desk/rests", "desk.rests", ("POST",)),
    Route("/desk/words", "desk.words", ("POST",)),
    Route("/sparql", "endpoint.query", QUERY, open=True),
    Route("/sparql/", "endpoint.query", QUERY, open=True),
    Route("/sparql.{suffix}", "endpoint.query", QUERY, open=True),
    Route("/data", "graph_store.graph", GRAPH, open=True, writes=True, patient=4),
    Route("/data/{name}", "graph_store.graph", GRAPH, open=True, writes=True, patient=4),
)
