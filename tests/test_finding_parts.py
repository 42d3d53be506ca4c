"""Things are found by a part of a name and by marks in it, sources by their titles."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from dragoman import lookup
from dragoman.errors import AmbiguousNameError, UnknownNameError
from dragoman.store import LocalStore

ID = "https://w3id.org/dragoman/id/"
PREFIXES = {"person": f"{ID}person/", "source": f"{ID}source/", "meeting": f"{ID}meeting/"}
FACTS = f"""
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<{ID}person/tanaka> skos:prefLabel "Tanaka Ichiro"@en .
<{ID}person/lind> skos:prefLabel "Anna-Lisa Lind"@sv .
<{ID}meeting/two> skos:prefLabel "Third 2+2 dialogue of Norland and Sudland"@en .
<{ID}meeting/code> skos:prefLabel "Meeting 2022"@en .
<{ID}source/ferry> dcterms:title "Harbour ferries resume"@en .
<{ID}source/ferries> dcterms:title "Ferry talks end"@en .
"""


@pytest.fixture(scope="module")
def index() -> LocalStore:
    store = ox.Store()
    store.load(FACTS.encode(), ox.RdfFormat.TURTLE)
    return LocalStore(store)


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ("tanaka", ["person/tanaka"]),
        ("2+2", ["meeting/two"]),
        ("2+2 dialogue", ["meeting/two"]),
        ("anna-lisa", ["person/lind"]),
        ("anna lisa", ["person/lind"]),
        ("lisa", ["person/lind"]),
        ("lind, anna-lisa", ["person/lind"]),
        ("harbour", ["source/ferry"]),
        ("talks end", ["source/ferries"]),
        ("+", ["meeting/two"]),
    ],
)
def test_a_part_of_a_name_or_title_is_found(index, text, things):
    rows = lookup.search(index, text, PREFIXES).rows
    assert things == [row[0].value.removeprefix(ID) for row in rows]


@pytest.mark.parametrize(
    ("text", "thing"),
    [("tanaka", "person/tanaka"), ("2+2", "meeting/two"), ("ferries resume", "source/ferry")],
)
def test_what_is_found_once_is_the_thing_that_is_meant(index, text, thing):
    assert f"{ID}{thing}" == lookup.find_thing(index, text, PREFIXES)


def test_what_is_found_several_times_is_listed(index):
    with pytest.raises(AmbiguousNameError, match=r"meeting:code.*meeting:two|meeting:two.*"):
        lookup.find_thing(index, "2", PREFIXES)


def test_a_near_spelling_is_no_find(index):
    with pytest.raises(UnknownNameError, match="Tanaka Ichiro"):
        lookup.find_thing(index, "Tanakka", PREFIXES)
