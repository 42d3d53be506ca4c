"""A base small enough to be checked at once: persons with a name, and states with one capital."""

from __future__ import annotations

from dragoman.base import Base

DIP = "https://w3id.org/dragoman/ontology/"

ONTOLOGY = f"""\
@prefix dip: <{DIP}> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<https://w3id.org/dragoman/ontology>
    sh:declare <https://w3id.org/dragoman/ontology/prefix/dip> ;
    .

<https://w3id.org/dragoman/ontology/prefix/dip>
    a sh:PrefixDeclaration ;
    sh:prefix "dip" ;
    sh:namespace "{DIP}"^^xsd:anyURI ;
    .

dip:Person
    a owl:Class ;
    .

dip:Minister
    a owl:Class ;
    rdfs:subClassOf dip:Person ;
    .

dip:name
    a owl:DatatypeProperty ;
    .

dip:age
    a owl:DatatypeProperty ;
    .

dip:counterpart
    a owl:ObjectProperty ;
    .
"""
SHAPES = """\
@prefix dip: <https://w3id.org/dragoman/ontology/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shape: <https://w3id.org/dragoman/shape/> .

shape:Person
    a sh:NodeShape ;
    sh:targetClass dip:Person ;
    sh:property shape:Person-name ;
    .

shape:Person-name
    a sh:PropertyShape ;
    sh:path dip:name ;
    sh:minCount 1 ;
    sh:maxCount 1 ;
    sh:message "A person has exactly one name (dip:name): keep one."@en ;
    .

shape:Person-counterpart
    a sh:NodeShape ;
    sh:targetClass dip:Person ;
    sh:severity sh:Warning ;
    sh:sparql shape:Person-counterpart-query ;
    .

shape:Person-counterpart-query
    a sh:SPARQLConstraint ;
    sh:message "{?value} names this person as counterpart, and is named by nobody."@en ;
    sh:prefixes <https://w3id.org/dragoman/ontology> ;
    sh:select \"\"\"
        SELECT $this ?value
        WHERE {
            ?value dip:counterpart $this .
            FILTER NOT EXISTS { ?anybody dip:counterpart ?value }
        }
    \"\"\" ;
    .
"""
DATA = """\
@prefix dip: <https://w3id.org/dragoman/ontology/> .
@prefix ex: <https://example.org/> .

ex:anna
    a dip:Minister ;
    dip:name "Anna" ;
    .

ex:nameless
    a dip:Person ;
    .
"""


def small_base(folder):
    """Write the base into a folder. One of its persons has no name."""
    for name, text in (
        ("ontology/dragoman.ttl", ONTOLOGY),
        ("ontology/prefixes.ttl", ONTOLOGY.split("dip:Person", maxsplit=1)[0]),
        ("shapes/person.ttl", SHAPES),
        ("data/persons.ttl", DATA),
        ("queries/none.rq", "#+ summary: None\nASK {}\n"),
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Base(folder, "it was made for a test")
