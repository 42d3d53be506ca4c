"""The record: plain facts that follow from the accounts by the rules of a base.

Rules are SHACL rules (SHACL Advanced Features, section 8: `sh:SPARQLRule`), one in each file below
`shapes/rules/`. What they derive stands in a graph of its own, in the index only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import DefaultGraph, NamedNode, Quad, QueryTriples

from dragoman import syntax, vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from pyoxigraph import Store, Triple

    from dragoman.base import Base

_SH: Final = vocabulary.SH
_GRAPH: Final = NamedNode(vocabulary.RECORD_GRAPH)


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        node: the IRI of its shape.
        path: the file.
        order: its layer.
        targets: a graph pattern that binds `?this` to the nodes that it is asked of.
        construct: its CONSTRUCT query, with all prefixes declared.
    """

    node: str
    path: Path
    order: float
    targets: str
    construct: str

    def asked_of(self, targets: str) -> str:
        """Return the query for a set of nodes, given as a graph pattern that binds `?this`."""
        depth = braces = 0
        for token in syntax.tokens(self.construct):
            if token.kind != "mark":
                continue
            if token.text == "{":
                braces += depth == 0
                if depth == 0 and braces == 2:
                    return f"{self.construct[: token.end]} {targets} {self.construct[token.end :]}"
                depth += 1
            elif token.text == "}":
                depth -= 1
        raise AssertionError(self.node)


def rules(base: Base) -> tuple[Rule, ...]:
    """Return the rules of a base in the order in which they are asked."""
    spaces = "".join(
        f"PREFIX {name}: <{space}>\n" for name, space in sorted(base.prefixes().items())
    )
    found = []
    for source in base.rules():
        said: dict[Any, dict[str, list[Any]]] = {}
        for quad in syntax.read_rdf(source.path):
            said.setdefault(quad.subject, {}).setdefault(quad.predicate.value, []).append(
                quad.object
            )
        for node, about in said.items():
            for rule in about.get(f"{_SH}rule", ()):
                order = float(about[f"{_SH}order"][0].value)
                (text,) = said[rule][f"{_SH}construct"]
                construct = spaces + text.value
                found.append(Rule(node.value, source.path, order, _targets(about), construct))
    return tuple(sorted(found, key=lambda each: (each.order, each.node)))


def _targets(about: dict[str, list[Any]]) -> str:
    kind, below = vocabulary.RDF_TYPE, vocabulary.RDFS_SUBCLASS_OF
    parts = [
        *(
            f"{{ ?kind <{below}>* {each} . ?this <{kind}> ?kind }}"
            for each in about.get(f"{_SH}targetClass", ())
        ),
        *(f"{{ ?this {each} ?end }}" for each in about.get(f"{_SH}targetSubjectsOf", ())),
        *(f"{{ ?end {each} ?this }}" for each in about.get(f"{_SH}targetObjectsOf", ())),
    ]
    return f"{{ SELECT DISTINCT ?this WHERE {{ {' UNION '.join(parts)} }} }}"


def derive(store: Store, rules: Sequence[Rule]) -> None:
    """Derive all that follows from the facts in a store, and put it into the record."""
    layers = sorted({each.order for each in rules})
    for layer in layers:
        found: dict[Triple, None] = {}
        for rule in rules:
            if rule.order == layer:
                answer = store.query(rule.asked_of(rule.targets), default_graph=DefaultGraph())
                assert isinstance(answer, QueryTriples)  # noqa: S101  a CONSTRUCT
                found.update(dict.fromkeys(answer))
        store.bulk_extend(_quads(found))


def _quads(triples: Iterable[Triple]) -> Iterable[Quad]:
    return (
        Quad(each.subject, each.predicate, each.object, graph)
        for each in triples
        for graph in (_GRAPH, DefaultGraph())
    )
