"""Make the reference data of states, areas and capitals from public tables and the CLDR.

Usage, in a checkout, with Babel installed and the folder of tables beside the repository:

    python docs/make_reference.py ../shared/data

It writes `states.ttl`, `areas.ttl` and `capitals.ttl` in `data/reference/`, and
`ontology/distinct.ttl`, the same bytes for the same tables and the same CLDR. Where the facts come
from:

- codes, the names used by the United Nations, who is a member or an observer, and capitals:
  `countries/country-codes.csv` (public domain, PDDL);
- preferred names: the Unicode CLDR as Babel packages it, save the exceptions below;
- a link to the EU authority table of countries (`eu-vocabularies/countries-skos.rdf`) is written
  only where the code in its IRI is ours and one of its English names is one of ours;
- a link to Wikidata is written only where country-codes.csv gives the item for our code and a
  table drawn from Wikidata itself (`office-holders/`) gives the item one of our English names.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
import unicodedata
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LANGUAGES = ("ar", "de", "en", "fr", "hu", "ru", "tr", "zh")

# country-codes.csv carries the names that UNTERM gives. UNTERM lists the members of the United
# Nations and four others, which it marks: one star for the two observer states, two stars for the
# two states that are neither (Cook Islands, Niue). So the marks decide, not is_independent, which
# says yes of Taiwan and not of Palestine.
OBSERVER_MARK = "*"
OTHER_MARK = "**"
# Two members have empty UNTERM cells in that edition, because their short names are joined by
# spellings that differ ("Ivory Coast", "Türkiye"). Both are members: see the totals below, which
# would not come out otherwise.
MEMBERS_WITHOUT_UNTERM_NAMES = frozenset({"CIV", "TUR"})
MEMBERS = 193
OBSERVERS = 2

# Preferred names that depart from the CLDR as Babel reads it, with the reason.
PREFERRED_NAMES: Mapping[str, Mapping[str, str]] = {
    # The name by which the state calls itself; older editions of the CLDR have "Turkey".
    "TUR": {"en": "Türkiye", "tr": "Türkiye"},
    # The CLDR's main names are those of the territories; these are its short variants, which Babel
    # leaves out, and which name the state.
    "PSE": {
        "ar": "فلسطين",
        "de": "Palästina",
        "en": "Palestine",
        "fr": "Palestine",
        "hu": "Palesztina",
        "ru": "Палестина",
        "tr": "Filistin",
        "zh": "巴勒斯坦",
    },
    # The observer is the Holy See; the CLDR names the city. Names as in the tables named above
    # (United Nations; for German and Hungarian the EU's). In Turkish the CLDR's name stays.
    "VAT": {
        "ar": "الكرسي الرسولي",
        "de": "Heiliger Stuhl",
        "en": "Holy See",
        "fr": "Saint-Siège",
        "hu": "Apostoli Szentszék",
        "ru": "Святой Престол",
        "zh": "教廷",
    },
}

# Names in wide use that the tables lack.
FURTHER_NAMES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "ARE": (("en", "UAE"),),
    "BIH": (("en", "Bosnia"),),
    "CHN": (("en", "PRC"),),
    "CIV": (("en", "Republic of Côte d'Ivoire"), ("fr", "République de Côte d'Ivoire")),
    "COD": (("en", "DR Congo"), ("en", "DRC")),
    "GBR": (("en", "Great Britain"),),
    "IRL": (("en", "Republic of Ireland"),),
    "KOR": (("en", "South Korea"),),
    "MMR": (("en", "Burma"),),
    "PRK": (("en", "DPRK"),),
    "SWZ": (("en", "Swaziland"),),
    "TLS": (("en", "East Timor"),),
    "TUR": (("en", "Republic of Türkiye"), ("en", "Turkey"), ("tr", "Türkiye Cumhuriyeti")),
    "USA": (("en", "US"), ("en", "USA"), ("tr", "ABD")),
    "VAT": (
        ("de", "Vatikanstadt"),
        ("en", "Vatican"),
        ("en", "Vatican City"),
        ("fr", "Vatican"),
        ("hu", "Szentszék"),
        ("hu", "Vatikán"),
    ),
}

# The table is older than the day on which a capital took its former name again (17 September 2022).
RENAMED_CAPITALS: Mapping[str, str] = {"Nur-Sultan": "Astana"}
# Of these the table says more than states agree on.
DISPUTED_CAPITALS = frozenset({"ISR", "PSE"})
# Capitals that data/reference/places.ttl has, with names in all languages.
DESCRIBED_ELSEWHERE = frozenset({"place:ankara", "place:budapest"})

# The columns that hold other names, by language.
SHORT_NAMES = {
    "ar": ("UNTERM Arabic Short", "official_name_ar"),
    "en": ("UNTERM English Short", "official_name_en", "CLDR display name"),
    "fr": ("UNTERM French Short", "official_name_fr"),
    "ru": ("UNTERM Russian Short", "official_name_ru"),
    "zh": ("UNTERM Chinese Short", "official_name_cn"),
}
FORMAL_NAMES = {
    "ar": "UNTERM Arabic Formal",
    "en": "UNTERM English Formal",
    "fr": "UNTERM French Formal",
    "ru": "UNTERM Russian Formal",
    "zh": "UNTERM Chinese Formal",
}
WIKIDATA_NAMES = {
    "world-foreign-ministers-wikidata.csv": ("country", "countryLabel"),
    "world-leaders-wikidata.csv": ("countryid", "country"),
}

AUTHORITY = "http://publications.europa.eu/resource/authority/country"
WIKIDATA = "http://www.wikidata.org/entity/"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
SKOS = "{http://www.w3.org/2004/02/skos/core#}"
XML = "{http://www.w3.org/XML/1998/namespace}"

PREFIXES = {
    "area": "https://w3id.org/dragoman/id/area/",
    "dcterms": "http://purl.org/dc/terms/",
    "dip": "https://w3id.org/dragoman/ontology/",
    "organization": "https://w3id.org/dragoman/id/organization/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "place": "https://w3id.org/dragoman/id/place/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "source": "https://w3id.org/dragoman/id/source/",
    "state": "https://w3id.org/dragoman/id/state/",
}


@dataclass(frozen=True)
class Entry:
    """One row of ISO 3166-1: a state or an area, with its names and checked links."""

    alpha2: str
    alpha3: str
    numeric: str
    standing: str  # "member", "observer" or "area"
    within: str  # alpha-2 code of the state of which the table calls it a part, or ""
    preferred: tuple[tuple[str, str], ...]
    other: tuple[tuple[str, str], ...]
    links: tuple[str, ...]


def clean(name: str) -> str:
    """Return a name without UNTERM's stars and trailing article, in NFC."""
    name = " ".join(unicodedata.normalize("NFC", name).replace("*", " ").split())
    return re.sub(r"\s*\((the|le|la|les|l['\u2019])\)$", "", name)


def without_article(name: str, language: str) -> str:
    """Return a formal name without the article with which UNTERM begins it."""
    if language == "en":
        return re.sub(r"^the ", "", name)
    if language == "fr":
        return re.sub(r"^(la |le |les |l['\u2019])", "", name)
    return name


def key(name: str) -> str:
    """Return what two spellings share that differ in case, accents or punctuation only."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


def comparable(name: str) -> str:
    """Return the key by which a name of one table is found in another."""
    name = re.sub(r"\bst\.", "saint", name.casefold().replace("&", " and "))
    return key(re.sub(r"\bthe\b", " ", name))


def standing(row: Mapping[str, str]) -> str:
    """Return whether a row is a member or an observer of the United Nations, or an area."""
    name = row["UNTERM English Formal"].strip()
    if row["ISO3166-1-Alpha-3"] in MEMBERS_WITHOUT_UNTERM_NAMES:
        if name:
            raise SystemExit(
                f"{row['ISO3166-1-Alpha-3']} has UNTERM names now: "
                "take it out of MEMBERS_WITHOUT_UNTERM_NAMES."
            )
        return "member"
    if not name or name.endswith(OTHER_MARK):
        return "area"
    return "observer" if name.endswith(OBSERVER_MARK) else "member"


def preferred_names(alpha2: str, alpha3: str) -> dict[str, str]:
    """Return the preferred name in each language."""
    from babel import Locale

    exceptions = PREFERRED_NAMES.get(alpha3, {})
    return {
        language: unicodedata.normalize(
            "NFC", exceptions.get(language) or Locale.parse(language).territories[alpha2]
        )
        for language in LANGUAGES
    }


def other_names(
    row: Mapping[str, str], preferred: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """Return the other names by language: only those that say more than the ones before."""
    found: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for language, columns in SHORT_NAMES.items():
        found[language] += [clean(row[column]) for column in columns]
        found[language].append(without_article(clean(row[FORMAL_NAMES[language]]), language))
    if standing(row) == "area":
        # Other languages' names of areas are in places not nominatives ("Кокосовых островов").
        found = {language: found[language] if language == "en" else [] for language in LANGUAGES}
    for language, name in FURTHER_NAMES.get(row["ISO3166-1-Alpha-3"], ()):
        found[language].append(name)
    kept: list[tuple[str, str]] = []
    for language in LANGUAGES:
        seen = {key(preferred[language]), ""}
        for name in found[language]:
            if key(name) not in seen:
                seen.add(key(name))
                kept.append((language, name))
    return tuple(sorted(kept))


def authority_names(path: Path) -> dict[str, set[str]]:
    """Return the English names of each concept in force of the EU table, by the end of its IRI."""
    names: dict[str, set[str]] = {}
    root = ET.parse(path).getroot()  # noqa: S314 - a table the maintainer has chosen
    for concept in root.iter(f"{SKOS}Concept"):
        iri = concept.get(f"{RDF}about", "")
        deprecated = any(
            value == "true" for name, value in concept.attrib.items() if name.endswith("deprecated")
        )
        if deprecated or not iri.startswith(f"{AUTHORITY}/"):
            continue
        names[iri.rsplit("/", 1)[1]] = {
            comparable(label.text or "")
            for kind in ("prefLabel", "altLabel", "hiddenLabel")
            for label in concept.iter(f"{SKOS}{kind}")
            if label.get(f"{XML}lang") == "en"
        }
    return names


def wikidata_names(folder: Path) -> dict[str, set[str]]:
    """Return the English names that tables drawn from Wikidata give each item."""
    names: dict[str, set[str]] = {}
    for name, (item, label) in WIKIDATA_NAMES.items():
        for row in rows(folder / name):
            names.setdefault(row[item], set()).add(comparable(row[label]))
    return names


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def entries(tables: Path) -> list[Entry]:
    """Return every entry of ISO 3166-1 in the tables, by alpha-3 code."""
    authority = authority_names(tables / "eu-vocabularies" / "countries-skos.rdf")
    wikidata = wikidata_names(tables / "office-holders")
    found = []
    for row in rows(tables / "countries" / "country-codes.csv"):
        alpha2, alpha3 = row["ISO3166-1-Alpha-2"], row["ISO3166-1-Alpha-3"]
        preferred = preferred_names(alpha2, alpha3)
        other = other_names(row, preferred)
        english = {comparable(preferred["en"])}
        english |= {comparable(name) for language, name in other if language == "en"}
        links = []
        if english & authority.get(alpha3, set()):
            links.append(f"{AUTHORITY}/{alpha3}")
        # The table has the item of Vatican City for the Holy See, which is another item.
        item = "" if alpha3 == "VAT" else row["wikidata_id"].rsplit("/", 1)[-1]
        if english & wikidata.get(item, set()):
            links.append(f"{WIKIDATA}{item}")
        part = re.fullmatch(r"Part of ([A-Z]{2})", row["is_independent"])
        found.append(
            Entry(
                alpha2=alpha2,
                alpha3=alpha3,
                numeric=row["ISO3166-1-numeric"].zfill(3),
                standing=standing(row),
                within=part[1] if part else "",
                preferred=tuple(sorted(preferred.items())),
                other=other,
                links=tuple(links),
            )
        )
    found.sort(key=lambda entry: entry.alpha3)
    for kind, number in (("member", MEMBERS), ("observer", OBSERVERS)):
        count = sum(entry.standing == kind for entry in found)
        if count != number:
            raise SystemExit(f"The table gives {count} entries that are {kind}, not {number}.")
    return found


def literal(text: str, language: str = "") -> str:
    """Return a Turtle literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"@{language}' if language else f'"{escaped}"'


def block(subject: str, lines: Iterable[str]) -> str:
    """Return the statements about one subject in the house style."""
    return "\n".join([subject, *(f"    {line} ;" for line in lines), "    .", ""])


def document(comment: str, blocks: Iterable[str]) -> str:
    """Return a Turtle document that declares the prefixes it uses."""
    body = "\n".join(blocks)
    # Prefixes are looked for outside literals and IRIs, where a colon is only text.
    code = re.sub(r'"(?:[^"\\]|\\.)*"|<[^>]*>', "", body)
    used = [
        f"@prefix {prefix}: <{iri}> ."
        for prefix, iri in sorted(PREFIXES.items())
        if re.search(rf"(?<![\w-]){prefix}:", code)
    ]
    return "\n".join([comment, "", *used, "", body])


def statements(entry: Entry, states: Mapping[str, str]) -> list[str]:
    """Return the statements about one state or area."""
    lines = [
        f"a {'dip:Place' if entry.standing == 'area' else 'dip:State'}",
        f"dip:alpha2Code {literal(entry.alpha2)}",
        f"dip:alpha3Code {literal(entry.alpha3)}",
    ]
    if entry.within:
        lines.append(f"dip:country state:{states[entry.within]}")
    lines.append(f"dip:numericCode {literal(entry.numeric)}")
    lines += [f"skos:prefLabel {literal(name, language)}" for language, name in entry.preferred]
    lines += [f"skos:altLabel {literal(name, language)}" for language, name in entry.other]
    lines += [f"schema:sameAs <{link}>" for link in entry.links]
    return lines


def source(name: str, title: str, extent: str) -> str:
    """Return the description of one file as a source, with where its facts come from."""
    from babel.core import get_cldr_version

    cldr = get_cldr_version()
    provenance = (
        f"{extent} Codes and other names are from the table country-codes (Public Domain "
        f"Dedication and Licence). Preferred names are from the Unicode CLDR {cldr}. Links to the "
        "EU authority table of countries and to Wikidata stand only where both a code and a name "
        "agree. Exceptions are listed with their reasons in docs/make_reference.py, which made the "
        "file."
    )
    rights = (
        "Names from the Unicode CLDR: copyright Unicode, Inc., under the Unicode License v3, whose "
        "text stands in LICENSE-UNICODE.txt beside this file. Identifiers from the EU authority "
        "table: Publications Office of the European Union, reuse under Decision 2011/833/EU."
    )
    return block(
        f"source:{name}",
        [
            "a dip:Source",
            f"dcterms:title {literal(title, 'en')}",
            "dcterms:license <https://creativecommons.org/licenses/by/4.0/>",
            f"dcterms:rights {literal(rights, 'en')}",
            "dcterms:source <https://github.com/datasets/country-codes>",
            "dcterms:source <https://cldr.unicode.org/>",
            f"dcterms:source <{AUTHORITY}>",
            f"rdfs:comment {literal(provenance, 'en')}",
        ],
    )


def capital_blocks(tables: Path, found: Iterable[Entry]) -> list[str]:
    """Return the capitals of the states: the source, then each state's, by alpha-3 code."""
    blocks = []
    by_code = {
        row["ISO3166-1-Alpha-3"]: row["Capital"]
        for row in rows(tables / "countries" / "country-codes.csv")
    }
    for entry in found:
        if entry.standing == "area":
            continue
        alpha3 = entry.alpha3
        told = by_code[alpha3]
        name = RENAMED_CAPITALS.get(told, told)
        place = f"place:{slug(name)}"
        blocks.append(block(f"state:{alpha3}", [f"dip:capital {place}"]))
        if place in DESCRIBED_ELSEWHERE:
            continue
        lines = ["a dip:Place"]
        if alpha3 in DISPUTED_CAPITALS:
            note = f"The table names it for {dict(entry.preferred)['en']}; states disagree on that."
            lines.append(f"skos:scopeNote {literal(note, 'en')}")
        else:
            lines.append(f"dip:country state:{alpha3}")
        lines.append(f"skos:prefLabel {literal(name, 'en')}")
        if name != told:
            lines.append(f"skos:altLabel {literal(told, 'en')}")
        blocks.append(block(place, lines))
    comment = (
        "The capital of each state as the table country-codes (Public Domain Dedication and "
        "Licence) names it, with the one name in English that it gives; a city that another file "
        "here describes has its names there. Where a state has several, the table names one. "
        "Exceptions are listed with their reasons in docs/make_reference.py, which made the file."
    )
    described = block(
        "source:capitals",
        [
            "a dip:Source",
            f"dcterms:title {literal('Capitals of states', 'en')}",
            "dcterms:license <https://creativecommons.org/licenses/by/4.0/>",
            "dcterms:source <https://github.com/datasets/country-codes>",
            f"rdfs:comment {literal(comment, 'en')}",
        ],
    )
    return [described, *blocks]


def slug(name: str) -> str:
    """Return a name as the end of an IRI: letters without marks, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall("[a-z0-9]+", plain.replace("'", "").replace(".", "")))


def files(tables: Path) -> dict[str, str]:
    """Return the text of each file to write, by its path in the base."""
    found = entries(tables)
    states = {entry.alpha2: entry.alpha3 for entry in found if entry.standing != "area"}
    made = "# Made by docs/make_reference.py: change the script, not this file."
    state_blocks = [
        source(
            "states",
            "States",
            "The members of the United Nations and its two observer states, the Holy See and the "
            "State of Palestine, by the marks UNTERM puts behind their names.",
        ),
        *(
            block(f"state:{entry.alpha3}", statements(entry, states))
            for entry in found
            if entry.standing != "area"
        ),
        block(
            "organization:un",
            (f"dip:member state:{entry.alpha3}" for entry in found if entry.standing == "member"),
        ),
    ]
    area_blocks = [
        source(
            "areas",
            "Areas with a code of ISO 3166-1 that are not states",
            "The entries of ISO 3166-1 that are neither a member nor an observer of the United "
            "Nations. An entry here takes no side on the status of any territory; a country is "
            "given only where the table calls the entry a part of it.",
        ),
        *(
            block(f"area:{entry.alpha3}", statements(entry, states))
            for entry in found
            if entry.standing == "area"
        ),
    ]
    distinct = "\n".join(
        [
            "[]",
            "    a owl:AllDifferent ;",
            "    owl:distinctMembers (",
            *(f"        state:{alpha3}" for alpha3 in sorted(states.values())),
            "    ) ;",
            "    .",
            "",
        ]
    )
    return {
        "data/reference/areas.ttl": document(made, area_blocks),
        "data/reference/capitals.ttl": document(made, capital_blocks(tables, found)),
        "data/reference/states.ttl": document(made, state_blocks),
        "ontology/distinct.ttl": document(
            f"{made}\n# OWL has no unique names: without this, two states could be one.", [distinct]
        ),
    }


def main(arguments: list[str] | None = None) -> int:
    """Write the files."""
    parser = argparse.ArgumentParser(description="Make the reference data of states and capitals.")
    parser.add_argument("tables", type=Path, help="the folder of the tables")
    parser.add_argument(
        "--base",
        type=Path,
        default=Path(__file__).resolve().parents[1],
        help="the base to write to (default: the one this script stands in)",
    )
    options = parser.parse_args(arguments)
    for name, text in files(options.tables).items():
        path = options.base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        sys.stderr.write(f"wrote {name}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
