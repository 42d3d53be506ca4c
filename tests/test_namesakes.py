"""A new thing with the name of one that is there: the one that is there is offered."""

from __future__ import annotations

from pathlib import Path

import pytest

from dragoman.base import Base
from dragoman.validation import validate_files

BASE = Base(Path(__file__).parent.parent, "it is under test")
IDS = "https://w3id.org/dragoman/id/"
HEAD = f"""\
@prefix dip: <https://w3id.org/dragoman/ontology/> .
@prefix person: <{IDS}person/> .
@prefix place: <{IDS}place/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""


@pytest.mark.parametrize(
    ("text", "noted"),
    [
        ('person:hf a dip:Person ; skos:prefLabel "Hakan Fidan"@en .', "person/hakan-fidan"),
        ('person:hf a dip:Person ; skos:prefLabel "FIDAN, Hakan"@en .', "person/hakan-fidan"),
        (
            'person:ps a dip:Person ; skos:prefLabel "Peter Szijjarto"@en .',
            "person/peter-szijjarto",
        ),
        ('place:ist a dip:Place ; skos:prefLabel "Istanbul"@en .', "place/istanbul"),
        ('person:ist a dip:Person ; skos:prefLabel "Istanbul"@en .', ""),
        ('place:nowhere a dip:Place ; skos:prefLabel "Nowhere in particular"@en .', ""),
        ('person:hakan-fidan skos:altLabel "Péter Szijjártó"@en .', ""),
    ],
)
def test_names_are_compared_as_search_does_within_the_class(tmp_path, text, noted):
    path = tmp_path / "new.ttl"
    path.write_text(HEAD + text, encoding="utf-8")
    notes = [each for each in validate_files(BASE, [path]).notes if "which the base has" in each]
    assert [noted] * bool(noted) == [each.split(f" as {IDS}")[-1].split(",")[0] for each in notes]


@pytest.mark.parametrize("several", [2, 3, 100])
def test_things_of_one_name_are_told_once(tmp_path, several):
    path = tmp_path / "new.ttl"
    names = [
        f'person:n{each} a dip:Person ; skos:prefLabel "Nora Numbers"@en .'
        for each in range(several)
    ]
    path.write_text(HEAD + "\n".join(names), encoding="utf-8")
    found = [each for each in validate_files(BASE, [path]).findings if "Nora" in each.message]
    assert [f"{IDS}person/n0"] == [each.focus.value for each in found]


def test_the_thing_that_is_there_is_told_with_a_new_one_of_its_name(tmp_path):
    """Two new ones, and the old one before them: the old one is the first of the three."""
    path = tmp_path / "new.ttl"
    path.write_text(
        HEAD
        + "\n".join(f'person:z{each} a dip:Person ; skos:prefLabel "Hakan Fidan"@en .'
                    for each in range(2)),
        encoding="utf-8",
    )  # fmt: skip
    found = [each for each in validate_files(BASE, [path]).findings if "Hakan" in each.message]
    assert [f"{IDS}person/hakan-fidan"] == [each.focus.value for each in found]
    assert "person:z0" in found[0].message or f"{IDS}person/z0" in found[0].message


def test_a_file_of_the_base_is_not_new_to_itself():
    file = BASE.root / "data" / "reference" / "persons.ttl"
    assert () == validate_files(BASE, [file]).notes
