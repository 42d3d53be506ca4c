"""Foreign terms are declared as one kind of thing each, and stand in the vocabularies they name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared"
OURS = "https://w3id.org/dragoman/"
BUILT_IN = (
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "http://www.w3.org/2000/01/rdf-schema#",
    "http://www.w3.org/2002/07/owl#",
    "http://www.w3.org/2001/XMLSchema#",
)
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
OWL = "http://www.w3.org/2002/07/owl#"
KINDS = {
    f"{OWL}AnnotationProperty",
    f"{OWL}Class",
    f"{OWL}DatatypeProperty",
    f"{OWL}NamedIndividual",
    f"{OWL}ObjectProperty",
}
WIKIDATA = "http://www.wikidata.org/entity/"
# The shared folder holds no file of these vocabularies that would name these terms.
NOT_STORED = {
    "http://www.w3.org/2008/05/skos-xl#Label",
    "http://www.w3.org/2008/05/skos-xl#literalForm",
    "https://schema.org/Event",
    "https://schema.org/eventStatus",
    "https://schema.org/sameAs",
    "https://schema.org/superEvent",
    "https://schema.org/url",
}


def triples(*files: Path) -> list[Triple]:
    formats = {".ttl": RdfFormat.TURTLE, ".rdf": RdfFormat.RDF_XML}
    return [
        quad.triple
        for file in files
        for quad in parse(file.read_bytes(), formats[file.suffix], base_iri="urn:base:")
    ]


def iris(graph: list[Triple]) -> set[str]:
    return {
        term.value
        for triple in graph
        for term in (triple.subject, triple.predicate, triple.object)
        if isinstance(term, NamedNode)
    }


def foreign(names: set[str]) -> set[str]:
    return {name for name in names if not name.startswith((OURS, *BUILT_IN))}


def alignments() -> list[Triple]:
    return triples(REPOSITORY / "ontology" / "alignments.ttl")


def kinds(graph: list[Triple]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for triple in graph:
        kind = getattr(triple.object, "value", "")
        if triple.predicate.value == RDF_TYPE and kind in KINDS:
            found.setdefault(str(getattr(triple.subject, "value", "")), set()).add(kind)
    return found


def test_every_term_is_declared_as_one_kind_only() -> None:
    declared = kinds(triples(*sorted((REPOSITORY / "ontology").glob("*.ttl"))))

    assert declared
    assert {term for term, kind in declared.items() if term and len(kind) != 1} == set()


def test_every_foreign_property_and_class_that_the_base_uses_is_declared() -> None:
    files = [
        file
        for pattern in ("ontology/*.ttl", "data/**/*.ttl")
        for file in sorted(REPOSITORY.glob(pattern))
        if file.name != "prefixes.ttl"
    ]
    graph = triples(*files)
    used = {triple.predicate.value for triple in graph} | {
        triple.object.value
        for triple in graph
        if triple.predicate.value == RDF_TYPE and isinstance(triple.object, NamedNode)
    }

    assert set() == foreign(used) - set(kinds(alignments()))


def test_every_foreign_term_stands_in_the_vocabulary_it_names() -> None:
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("the neighbours' vocabularies in ../shared/data are not here")
    files = sorted(folder.rglob("*.ttl")) + sorted(folder.rglob("*.rdf"))
    assert files
    named = foreign(iris(alignments()))
    wikidata = {name for name in named if name.startswith(WIKIDATA)}

    assert named - wikidata - iris(triples(*files)) == NOT_STORED


def test_every_wikidata_identifier_is_one_that_the_research_quotes() -> None:
    folder = SHARED / "research"
    if not folder.is_dir():
        pytest.skip("the research notes in ../shared/research are not here")
    pages = sorted(folder.glob("*.md"))
    assert pages
    quoted = {
        word for page in pages for word in re.findall(r"\b[PQ]\d+\b", page.read_text("utf-8"))
    }
    named = {
        name.removeprefix(WIKIDATA) for name in iris(alignments()) if name.startswith(WIKIDATA)
    }

    assert named
    assert set() == named - quoted
