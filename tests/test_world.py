"""The invented world of `tests/world/` is sound, so that what is tested on it means something."""

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from dragoman import validation
from dragoman.base import find_base

REPOSITORY = Path(__file__).parent.parent
DIP = "https://w3id.org/dragoman/ontology/"
IDENTIFIER = "https://w3id.org/dragoman/id/"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
OA = "http://www.w3.org/ns/oa#"
SHA256 = f"{DIP}sha256"
ONTOLOGY_KINDS = {
    f"http://www.w3.org/2002/07/owl#{kind}"
    for kind in ("Class", "DatatypeProperty", "ObjectProperty")
}
SHARED = {"world-persons", "world-posts", "world-things"}
# Known from notes only: nobody has its text.
NOT_HELD = {"world-trade"}

# One line a case of life: what must be there, else a test on this world proves less than it says.
CLASSES = [
    "Account",
    "AnonymousVoice",
    "Agreement",
    "BilateralMechanism",
    "Collection",
    "Coverage",
    "Delegation",
    "Document",
    "Event",
    "GroupOfStates",
    "HostTurn",
    "Institution",
    "InternationalOrganization",
    "Mechanism",
    "Meeting",
    "Name",
    "Organization",
    "Participation",
    "Passage",
    "Person",
    "Place",
    "Post",
    "Presidency",
    "Quantity",
    "Signing",
    "Slot",
    "Source",
    "State",
    "Tenure",
    "Topic",
    "Utterance",
]
DERIVED_PROPERTIES = {"represents", "servesIn", "heldUnder"}
VOCABULARY_PROPERTIES = {"cameoCode", "level", "ploverEvent", "ploverMode"}


def files(pattern: str) -> list[Path]:
    """Return the files of a pattern, which must match some: an empty folder passes every check."""
    found = sorted(REPOSITORY.glob(pattern))
    if not found:
        raise FileNotFoundError(f"{pattern} matches no file of the repository")
    return found


WORLD = files("tests/world/*.ttl")


def triples(path: Path) -> Iterator[ox.Triple]:
    for quad in ox.parse(path.read_bytes(), ox.RdfFormat.TURTLE):
        yield quad.triple


def iris(path: Path) -> set[str]:
    return {
        term.value
        for triple in triples(path)
        for term in (triple.subject, triple.predicate, triple.object)
        if isinstance(term, ox.NamedNode)
    }


def subjects(paths: list[Path]) -> set[str]:
    return {
        triple.subject.value
        for path in paths
        for triple in triples(path)
        if isinstance(triple.subject, ox.NamedNode)
    }


@pytest.fixture(scope="module")
def declared() -> set[str]:
    return {
        triple.subject.value
        for path in files("ontology/*.ttl")
        for triple in triples(path)
        if triple.predicate.value == RDF_TYPE
        and isinstance(triple.object, ox.NamedNode)
        and triple.object.value in ONTOLOGY_KINDS
    }


@pytest.fixture(scope="module")
def described() -> set[str]:
    return subjects(files("ontology/*.ttl") + files("data/reference/*.ttl") + WORLD)


@pytest.fixture(scope="module")
def store() -> ox.Store:
    store = ox.Store()
    for path in WORLD:
        graph = ox.NamedNode(f"{IDENTIFIER}source/{path.stem}")
        store.extend(ox.Quad(*triple, graph) for triple in triples(path))
    return store


def count(store: ox.Store, pattern: str) -> int:
    prefixes = "".join(
        f"PREFIX {kind}: <{IDENTIFIER}{kind}/> " for kind in ("mechanism", "slot-scope", "status")
    )
    query = (
        f"PREFIX dip: <{DIP}> PREFIX org: <http://www.w3.org/ns/org#> "
        f"PREFIX skos: <http://www.w3.org/2004/02/skos/core#> {prefixes}"
        f"SELECT DISTINCT ?x WHERE {{ {pattern} }}"
    )
    return len(list(store.query(query, use_default_graph_as_union=True)))


@pytest.mark.parametrize("path", WORLD, ids=lambda path: path.stem)
def test_each_file_uses_only_terms_that_the_ontology_declares(path, declared):
    used = {iri for iri in iris(path) if iri.startswith(DIP)}
    assert set() == used - declared
    assert used


@pytest.mark.parametrize("path", WORLD, ids=lambda path: path.stem)
def test_each_file_refers_only_to_what_some_file_describes(path, described):
    assert set() == {iri for iri in iris(path) if iri.startswith(IDENTIFIER)} - described


@pytest.mark.parametrize("path", WORLD, ids=lambda path: path.stem)
def test_each_file_describes_itself_as_a_source(path):
    source = ox.NamedNode(f"{IDENTIFIER}source/{path.stem}")
    types = {
        triple.object.value
        for triple in triples(path)
        if triple.subject == source and triple.predicate.value == RDF_TYPE
    }
    assert {f"{DIP}Source"} == types


@pytest.mark.parametrize("path", WORLD, ids=lambda path: path.stem)
def test_no_file_has_a_blank_node(path):
    assert set() == {
        triple
        for triple in triples(path)
        if isinstance(triple.subject, ox.BlankNode) or isinstance(triple.object, ox.BlankNode)
    }


@pytest.mark.parametrize("path", WORLD, ids=lambda path: path.stem)
def test_every_subject_is_marked_as_invented(path):
    real = {
        iri
        for iri in subjects([path])
        if not iri.startswith((f"{IDENTIFIER}source/", f"{IDENTIFIER}state/X"))
        and not iri.removeprefix(IDENTIFIER).split("/", 1)[1].startswith("world-")
    }
    assert set() == real


@pytest.mark.parametrize("path", WORLD, ids=lambda path: path.stem)
def test_nodes_of_a_source_stand_in_the_file_of_that_source(path):
    own = f"{IDENTIFIER}source/{path.stem}"
    assert set() == {
        iri
        for iri in subjects([path])
        if iri.startswith(f"{IDENTIFIER}source/") and iri != own and not iri.startswith(f"{own}/")
    }


@pytest.mark.parametrize(
    "path",
    [path for path in WORLD if path.stem not in SHARED | NOT_HELD],
    ids=lambda path: path.stem,
)
def test_the_recorded_hash_is_that_of_the_words_in_the_comment(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    [words] = [line.split('"')[1] for line in lines if line.startswith("# SHA-256 of the words ")]
    recorded = {triple.object.value for triple in triples(path) if triple.predicate.value == SHA256}
    assert {hashlib.sha256(words.encode()).hexdigest()} == recorded


def test_no_two_files_describe_one_subject():
    seen: dict[str, str] = {}
    twice = set()
    for path in WORLD:
        for iri in subjects([path]):
            if seen.setdefault(iri, path.stem) != path.stem:
                twice.add(iri)
    assert set() == twice


def test_passages_of_one_source_do_not_overlap_and_lie_in_its_text():
    for path in WORLD:
        value = {(t.subject.value, t.predicate.value): t.object.value for t in triples(path)}
        length = int(value.get((f"{IDENTIFIER}source/{path.stem}", f"{DIP}textLength"), "0"))
        spans = sorted(
            (int(start), int(value[node, f"{OA}end"]))
            for (node, predicate), start in value.items()
            if predicate == f"{OA}start"
        )
        borders = [border for span in spans for border in span]
        assert sorted(set(borders)) == borders, path.stem
        assert borders[-1:] <= [length], path.stem


@pytest.mark.parametrize("name", CLASSES)
def test_the_world_has_an_instance_of(name, store):
    assert count(store, f"?x a dip:{name}") > 0


def test_every_property_that_data_may_use_is_used_by_the_world(declared, store):
    names = {iri.removeprefix(DIP) for iri in declared if iri.startswith(DIP)}
    derived = subjects(files("ontology/record.ttl"))
    properties = {name for name in names if name[0].islower() and f"{DIP}{name}" not in derived}
    used = {iri.removeprefix(DIP) for path in WORLD for iri in iris(path) if iri.startswith(DIP)}
    assert set() == properties - used - DERIVED_PROPERTIES - VOCABULARY_PROPERTIES
    assert count(store, "?x dip:about ?subject") > 100


@pytest.mark.parametrize(
    ("case", "pattern", "least"),
    [
        ("mechanisms with a session", "?account dip:sessionOf ?x", 8),
        (
            "a mechanism of six parties",
            "{ SELECT ?x { ?x a dip:Mechanism ; dip:party ?p } GROUP BY ?x HAVING(COUNT(?p) = 6) }",
            1,
        ),
        ("sub-committees", "?x a dip:Mechanism ; org:subOrganizationOf ?parent", 2),
        ("host turns", "?x a dip:HostTurn", 3),
        ("an organization as party", "?m dip:party ?x . ?x a dip:InternationalOrganization", 1),
        ("a group as party", "?m dip:party ?x . ?x a dip:GroupOfStates", 1),
        ("delegations on a side", "?x dip:side ?party", 4),
        ("a slot for each member", "?x dip:appliesTo slot-scope:each-member", 1),
        ("co-hosts", "?x dip:host ?a, ?b FILTER (str(?a) < str(?b))", 1),
        ("a substitute", "?x dip:standsInFor ?post", 1),
        (
            "people of one name",
            "?x a dip:Person ; skos:prefLabel ?n . ?y skos:prefLabel ?n FILTER (?x != ?y)",
            2,
        ),
        ("two reasons of one delay", "?x dip:status status:postponed ; dip:reason ?r", 2),
        ("a body set up by a session", "?a dip:about ?x ; dip:establishedBy ?session", 2),
        (
            "events told by several sources",
            "?a dip:about ?x ; dip:source ?s . ?b dip:about ?x ; dip:source ?t FILTER (?s != ?t)",
            6,
        ),
        ("coverage in two directions", "?x a dip:Coverage", 2),
        ("acting holders", "?x dip:acting true", 1),
        ("visits", "?x dip:eventType <https://w3id.org/dragoman/id/event-type/visit>", 7),
        ("an account without a passage", "?x dip:source/dip:textHeld false", 10),
        ("joint voices", "?x dip:targetOf ?a, ?b FILTER (str(?a) < str(?b))", 1),
        ("a slot for a chair", "?x a dip:Slot ; dip:role ?role ; dip:wantedPost ?post", 1),
        ("a third host, no date", "?x dip:timeUnknown true ; dip:host ?host", 2),
    ],
)
def test_the_world_has(case, pattern, least, store):
    assert least <= count(store, pattern), case


def test_the_world_breaks_no_rule_but_departs_from_those_it_means_to():
    with (REPOSITORY / "tests" / "world" / "findings.csv").open(encoding="utf-8") as table:
        expected = sorted(tuple(row.values()) for row in csv.DictReader(table))
    report = validation.validate_files(find_base(REPOSITORY), WORLD)
    assert expected == sorted(
        (
            each.severity.rpartition("#")[2],
            str(each.shape).strip("<>").rpartition("/")[2],
            str(each.focus).strip("<>").removeprefix(IDENTIFIER),
        )
        for each in report.findings
    )
    assert {"Info", "Warning"} == {severity for severity, _, _ in expected}
