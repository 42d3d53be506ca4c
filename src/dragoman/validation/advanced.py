"""SHACL Advanced Features by pySHACL: when they are asked for.

Targets in SPARQL, node expressions and functions are those of `pyshacl --advanced`, entailment that
of `--inference rdfs`. What it does not know of them never comes here: `scrutiny` refuses it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from dragoman import vocabulary
from dragoman.validation import shape_graph as sh

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Triple

RDFS: Final = "http://www.w3.org/ns/entailment/RDFS"
ENTAILMENT: Final = f"{vocabulary.SH}entailment"
_FUNCTION: Final = f"{vocabulary.SH}SPARQLFunction"


def options(shapes: Iterable[Triple]) -> dict[str, Any]:
    """Return the options that pySHACL needs to carry out a shapes graph."""
    wanted: dict[str, Any] = {}
    for triple in shapes:
        predicate, value = triple.predicate.value, triple.object
        if predicate in {sh.TARGET, sh.EXPRESSION} or (
            predicate == vocabulary.RDF_TYPE and getattr(value, "value", "") == _FUNCTION
        ):
            wanted["advanced"] = True
        elif predicate == ENTAILMENT and getattr(value, "value", "") == RDFS:
            wanted["inference"] = "rdfs"
    return wanted


@contextmanager
def silent() -> Iterator[None]:
    """Keep pySHACL from printing what it evaluates."""
    import pyshacl.constraints.advanced

    expressions: Any = pyshacl.constraints.advanced
    expressions.print = lambda *_: None
    try:
        yield
    finally:
        del expressions.print
