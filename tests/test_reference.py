"""Check the reference data: who is a state, that names and codes are sound, and that the script
beside the data still makes them."""

from __future__ import annotations

import csv
import importlib.util
import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph
import pytest

if TYPE_CHECKING:
    from types import ModuleType

BASE = Path(__file__).resolve().parents[1]
REFERENCE = BASE / "data" / "reference"
TABLES = BASE.parent / "shared" / "data"

DIP = "https://w3id.org/dragoman/ontology/"
ID = "https://w3id.org/dragoman/id/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
SAME_AS = "https://schema.org/sameAs"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
LANGUAGES = {"ar", "de", "en", "fr", "hu", "ru", "tr", "zh"}
GENERATED = (
    "data/reference/areas.ttl",
    "data/reference/capitals.ttl",
    "data/reference/states.ttl",
    "ontology/distinct.ttl",
)
# Two tables name another city here, or one city by another name (Ulan Bator, Naypyidaw).
OTHER_CAPITALS = {"ATG", "GNQ", "KIR", "MMR", "MNG", "PLW", "PSE", "SMR", "SWZ", "USA"}

needs_tables = pytest.mark.skipif(
    not TABLES.is_dir(), reason="the optional folder of test material, ../shared, is absent"
)


def statements(path: Path) -> list[pyoxigraph.Quad]:
    """Return the statements of one Turtle file."""
    return list(pyoxigraph.parse(path=str(path), format=pyoxigraph.RdfFormat.TURTLE))


def values(name: str, predicate: str) -> dict[str, list[str]]:
    """Return the values of one property in a reference file, by the end of the subject's IRI."""
    found: dict[str, list[str]] = defaultdict(list)
    for quad in statements(REFERENCE / f"{name}.ttl"):
        if quad.predicate.value == predicate:
            found[quad.subject.value.rsplit("/", 1)[1]].append(quad.object.value)
    return found


def states() -> set[str]:
    """Return the alpha-3 codes of all states."""
    kinds = values("states", TYPE)
    return {code for code, kind in kinds.items() if kind == [f"{DIP}State"]}


def script() -> ModuleType:
    """Return the script that makes the data, as a module."""
    specification = importlib.util.spec_from_file_location(
        "make_reference", REFERENCE.parents[1] / "docs" / "make_reference.py"
    )
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    # Dataclasses look their module up by name.
    sys.modules[specification.name] = module
    specification.loader.exec_module(module)
    return module


def test_there_are_193_members_and_two_observers() -> None:
    members = {iri.rsplit("/", 1)[1] for iri in values("states", f"{DIP}member")["un"]}
    assert 193 == len(members)
    assert {"PSE", "VAT"} == states() - members


def test_states_and_areas_together_are_the_entries_of_iso_3166() -> None:
    areas = values("areas", f"{DIP}alpha3Code")
    assert 249 == len(states() | set(areas))
    assert 54 == len(areas)
    assert set() == states() & set(areas)


@pytest.mark.parametrize(("property_", "length"), [("alpha2Code", 2), ("alpha3Code", 3)])
def test_every_code_is_well_formed_and_unique(property_: str, length: int) -> None:
    codes = [
        code
        for name in ("states", "areas")
        for codes in values(name, f"{DIP}{property_}").values()
        for code in codes
    ]
    assert 249 == len(set(codes)) == len(codes)
    assert all(len(code) == length and code.isascii() and code.isupper() for code in codes)


def test_numeric_codes_keep_their_leading_zeros() -> None:
    assert ["004"] == values("states", f"{DIP}numericCode")["AFG"]
    assert ["792"] == values("states", f"{DIP}numericCode")["TUR"]


@pytest.mark.parametrize("name", ["states", "areas", "places"])
def test_every_state_and_place_has_one_preferred_name_in_each_language(name: str) -> None:
    languages: dict[str, list[str]] = defaultdict(list)
    for quad in statements(REFERENCE / f"{name}.ttl"):
        if quad.predicate.value == f"{SKOS}prefLabel":
            languages[quad.subject.value].append(quad.object.language)
    kinds = values(name, TYPE)
    kinds.pop(name)
    assert len(kinds) == len(languages)
    assert {} == {
        subject: found for subject, found in languages.items() if sorted(found) != sorted(LANGUAGES)
    }


def test_tuerkiye_is_called_as_it_calls_itself() -> None:
    names = {
        (quad.predicate.value.removeprefix(SKOS), quad.object.value, quad.object.language)
        for quad in statements(REFERENCE / "states.ttl")
        if quad.subject.value == f"{ID}state/TUR" and quad.predicate.value.startswith(SKOS)
    }
    assert {
        ("prefLabel", "Türkiye", "en"),
        ("prefLabel", "Türkiye", "tr"),
        ("altLabel", "Turkey", "en"),
    } <= names


def test_no_two_states_places_or_organizations_share_a_name_but_a_state_and_its_capital() -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for name in ("states", "areas", "places", "organizations", "capitals"):
        for quad in statements(REFERENCE / f"{name}.ttl"):
            if quad.predicate.value in (f"{SKOS}prefLabel", f"{SKOS}altLabel"):
                owners[quad.object.value.casefold()].add(quad.subject.value)
    capitals = {
        frozenset((f"{ID}state/{state}", place))
        for state, places in values("capitals", f"{DIP}capital").items()
        for place in places
    }
    shared = {name: found for name, found in owners.items() if len(found) > 1}
    assert {} == {name: found for name, found in shared.items() if found not in capitals}
    assert {"djibouti", "luxembourg", "monaco", "san marino", "singapore", "vatican city"} == set(
        shared
    )


def test_every_state_has_one_capital_and_no_two_share_one() -> None:
    capitals = values("capitals", f"{DIP}capital")
    assert states() == set(capitals)
    assert len(capitals) == len({place for places in capitals.values() for place in places})


def test_a_capital_whose_country_is_disputed_takes_no_side() -> None:
    countries = values("capitals", f"{DIP}country")
    assert set() == {"jerusalem", "east-jerusalem"} & set(countries)
    assert [f"{ID}state/KAZ"] == countries["astana"]


def test_no_two_files_describe_the_same_state_or_place() -> None:
    described = Counter(
        quad.subject.value
        for name in ("states", "areas", "places", "organizations", "capitals")
        for quad in statements(REFERENCE / f"{name}.ttl")
        if quad.predicate.value == TYPE
    )
    assert [] == [subject for subject, count in described.items() if count > 1]


@pytest.mark.parametrize("path", sorted(REFERENCE.glob("*.ttl")), ids=str)
def test_the_text_of_reference_data_is_in_nfc_without_control_characters(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert unicodedata.normalize("NFC", text) == text
    assert set() == {
        letter for letter in text if unicodedata.category(letter) in ("Cc", "Cf") and letter != "\n"
    }


def test_all_states_are_told_apart() -> None:
    first = "http://www.w3.org/1999/02/22-rdf-syntax-ns#first"
    listed = [
        quad.object.value.rsplit("/", 1)[1]
        for quad in statements(BASE / "ontology" / "distinct.ttl")
        if quad.predicate.value == first
    ]
    assert sorted(states()) == listed


def test_members_of_organizations_are_states() -> None:
    members = values("organizations", f"{DIP}member")
    assert (
        set() == {iri.rsplit("/", 1)[1] for found in members.values() for iri in found} - states()
    )
    assert {
        "asean": 11,
        "collective-security-treaty-organization": 6,
        "commonwealth-of-independent-states": 9,
        "economic-cooperation-organization": 10,
        "efta": 4,
        "eu": 27,
        "eurasian-economic-union": 5,
        "g7": 7,
        "gulf-cooperation-council": 6,
        "nato": 32,
        "organization-of-turkic-states": 5,
        "osce": 57,
        "visegrad-group": 4,
    } == {name: len(found) for name, found in members.items()}


def test_whoever_has_members_or_observers_says_who_told_them_and_when() -> None:
    notes = values("organizations", f"{SKOS}scopeNote")
    told = values("organizations", f"{DIP}member") | values("organizations", f"{DIP}observer")
    assert [] == [name for name in told if not re.search(r"\b20[0-9]{2}", " ".join(notes[name]))]


@needs_tables
def test_the_script_makes_the_same_bytes_again(tmp_path: Path) -> None:
    core = pytest.importorskip("babel.core", reason="Babel, whose names it takes, is not installed")
    text = (REFERENCE / "states.ttl").read_text(encoding="utf-8")
    if f"CLDR {core.get_cldr_version()}." not in text:
        pytest.skip(f"the data were made with another CLDR than {core.get_cldr_version()}")
    assert 0 == script().main([str(TABLES), "--base", str(tmp_path)])
    for name in GENERATED:
        assert (BASE / name).read_bytes() == (tmp_path / name).read_bytes()


@needs_tables
def test_the_members_of_the_european_union_are_those_of_its_order_of_protocol() -> None:
    table = pyoxigraph.parse(
        path=str(TABLES / "eu-vocabularies" / "countries-skos.rdf"),
        format=pyoxigraph.RdfFormat.RDF_XML,
    )
    order = "http://publications.europa.eu/ontology/authority/protocol-order"
    protocol = {
        quad.subject.value.rsplit("/", 1)[1] for quad in table if quad.predicate.value == order
    }
    members = values("organizations", f"{DIP}member")["eu"]
    assert protocol == {iri.rsplit("/", 1)[1] for iri in members}


@needs_tables
def test_a_second_table_agrees_on_codes_and_on_members() -> None:
    table = json.loads(
        (TABLES / "countries" / "mledoze-countries.json").read_text(encoding="utf-8")
    )
    ours = {
        (values("states", f"{DIP}alpha2Code") | values("areas", f"{DIP}alpha2Code"))[code][0]: code
        for code in states() | set(values("areas", f"{DIP}alpha3Code"))
    }
    theirs = {row["cca2"]: row["cca3"] for row in table}
    # The second table has Kosovo under a code that ISO 3166 leaves to users.
    assert {"XK": "UNK"} == {code: theirs[code] for code in set(theirs) - set(ours)}
    assert {} == {code: ours[code] for code in ours if theirs[code] != ours[code]}
    capitals = values("capitals", f"{DIP}capital")
    agreed = {
        row["cca3"]
        for row in table
        if row["cca3"] in capitals
        and {script().slug(name) for name in row["capital"]}
        & {place.rsplit("/", 1)[1] for place in capitals[row["cca3"]]}
    }
    assert OTHER_CAPITALS == set(capitals) - agreed
    # It calls the Holy See a member, and not Palestine: both are observers.
    assert {"PSE"} == states() - {row["cca3"] for row in table if row["unMember"]}


@needs_tables
def test_every_link_to_wikidata_is_the_item_the_table_gives_for_the_code() -> None:
    with (TABLES / "countries" / "country-codes.csv").open(encoding="utf-8", newline="") as file:
        items = {
            row["ISO3166-1-Alpha-3"]: row["wikidata_id"].rsplit("/", 1)[-1]
            for row in csv.DictReader(file)
        }
    links = {
        code: link.rsplit("/", 1)[1]
        for name in ("states", "areas")
        for code, found in values(name, SAME_AS).items()
        for link in found
        if "wikidata" in link
    }
    assert 197 == len(links)
    assert {} == {code: item for code, item in links.items() if items[code] != item}
    # Sahrawi Republic and Vatican City are not Western Sahara and the Holy See.
    assert set() == {"ESH", "NAM", "VAT"} & set(links)
