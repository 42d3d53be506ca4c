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
    Route("/", "answers.front.page"),
    Route("/about", "answers.front.about"),
    Route("/ask", "answers.questions.gallery"),
    Route("/ask.json", "answers.questions.listing", open=True),
    Route("/ask/{name}", "answers.questions.page", open=True),
    Route("/pictures", "answers.questions.gallery_of_pictures"),
    Route("/search", "answers.searching.page"),
    Route("/search.{suffix}", "answers.searching.page", open=True),
    Route("/suggest", "answers.searching.suggest", open=True),
    Route("/id/{key:path}", "answers.things.by_id", open=True),
    Route("/thing", "answers.things.by_iri", open=True),
    Route("/neighbours", "answers.neighbours.page", open=True),
    Route("/editor", "answers.editor.page", QUERY, kept=False),
    Route("/editor/{kind}.json", "answers.editor.picture", kept=False),
    Route("/check-sparql", "answers.editor.check", ("POST",)),
    Route("/complete", "answers.editor.complete"),
    Route("/check", "answers.checking.check", QUERY, kept=False, writes=True, patient=4),
    Route("/desk", "answers.desk.page", QUERY, kept=False, writes=True, patient=4),
    Route("/desk/findings", "answers.desk.findings", ("POST",), patient=4),
    Route("/desk/rests", "answers.desk.rests", ("POST",)),
    Route("/desk/words", "answers.desk.words", ("POST",)),
    Route("/sparql", "answers.endpoint.query", QUERY, open=True),
    Route("/sparql/", "answers.endpoint.query", QUERY, open=True),
    Route("/sparql.{suffix}", "answers.endpoint.query", QUERY, open=True),
    Route("/data", "answers.graph_store.graph", GRAPH, open=True, writes=True, patient=4),
    Route("/data/{name}", "answers.graph_store.graph", GRAPH, open=True, writes=True, patient=4),
)
