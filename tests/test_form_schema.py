"""The JSON Schema of report forms: it takes what is right, finds what is wrong, and explains."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

from dragoman import form, store, syntax
from dragoman.base import DATA, ONTOLOGY, Base, find_base, marker_text

ROOT = Path(__file__).resolve().parents[1]
BASE = Base(ROOT, "it is under test")
ARTICLE = ROOT / "data" / "articles" / "tr-hu-joint-consultation-mechanism.ttl"
SOURCES = [ARTICLE, *sorted((ROOT / "tests" / "world").glob("*.ttl"))]
DOCUMENTED = re.findall(
    r"^```yaml\n(dragoman: .*?)^```",
    (ROOT / "docs" / "report-form.md").read_text(encoding="utf-8"),
    re.DOTALL | re.MULTILINE,
)
HARBOUR = """\
dragoman: report/1
source: harbour-news
published: 2031-03-05
language: en
voices:
  paper: {a: Organization, label: Harbour News}
new:
  mechanism:hn-dialogue: {a: BilateralMechanism, label: Harbour Dialogue, party: [France, Portugal]}
accounts:
  first:
    about: {meeting:hn-first: First session of the Harbour Dialogue}
    by: paper
    status: occurred
    ordinal: 1
    start: 2031-03-04
    acting: no
    words: [p1.1, {intro: 0-20}]
    description: {hu: Az első, en: The first}
    delegations:
      France: [Ada Harbour]
      Portugal: {people: [Ben Quay: {capacity: prt-deputy}]}
    slots: {defence: {rank: minister}, foreign-affairs}
names: [Harbour Town, {Lisbon: {of: Portugal, kind: metonym}}]
"""


class Core(yaml.SafeLoader):
    """Reads as editors do: by the core schema of YAML 1.2, in which `no` and dates are texts."""

    yaml_implicit_resolvers: dict = {}  # noqa: RUF012  PyYAML's own name


for tag, pattern in (
    ("bool", "true|True|TRUE|false|False|FALSE"),
    ("null", "~|null|Null|NULL|"),
    ("int", "[-+]?[0-9]+"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), None)


@pytest.fixture(scope="module")
def schema():
    return form.json_schema(BASE)


@pytest.fixture(scope="module")
def checked(schema):
    validator = jsonschema.Draft7Validator(schema)

    def checked(text, loader=Core):
        read = yaml.load(text, loader)  # noqa: S506  of texts only
        return list(validator.iter_errors(read))

    return checked


@pytest.fixture(scope="module")
def facts():
    found = store.load(BASE, ONTOLOGY, DATA)
    for path in SOURCES[1:]:
        found.store.extend(syntax.read_rdf(path))
    return found


def test_it_is_a_schema_of_the_draft_that_editors_read_and_of_the_newest(schema):
    assert "http://json-schema.org/draft-07/schema#" == schema["$schema"]
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.Draft202012Validator.check_schema(schema)
    refs = set(re.findall(r'"#/definitions/([^"]+)"', json.dumps(schema)))
    assert schema["definitions"].keys() == refs


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
@pytest.mark.parametrize("loader", [Core, yaml.BaseLoader])
def test_the_form_of_each_source_is_right(path, loader, facts, checked):
    triples = [quad.triple for quad in syntax.read_rdf(path)]
    text = form.of_source(BASE, path.stem, triples, facts)
    assert [] == [(list(each.path), each.message) for each in checked(text, loader)]


@pytest.mark.parametrize("text", DOCUMENTED)
def test_the_forms_of_the_documentation_are_right(text, checked):
    assert [] == [(list(each.path), each.message) for each in checked(text)]


def test_what_people_may_write_is_right(checked):
    assert DOCUMENTED
    assert [] == checked(HARBOUR.replace("no", "false"))


@pytest.mark.parametrize(
    ("right", "wrong", "place"),
    [
        ("ordinal: 1", "ordnial: 1", ["accounts", "first"]),
        ("status: occurred", "status: occured", ["accounts", "first", "status"]),
        ("status: occurred", "status: ?? occurred", ["accounts", "first", "status"]),
        ("status: occurred", "status: [occurred, planned]", ["accounts", "first", "status"]),
        ("status: occurred", "status: {en: occurred}", ["accounts", "first", "status"]),
        ("ordinal: 1", "ordinal: first", ["accounts", "first", "ordinal"]),
        ("2031-03-04", "4 March 2031", ["accounts", "first", "start"]),
        ("2031-03-05", "[a, b]", ["published"]),
        ("acting: no", "acting: maybe", ["accounts", "first", "acting"]),
        ("rank: minister}", "rnak: minister}", ["accounts", "first", "slots"]),
        ("{capacity: prt", "{capcity: prt", ["accounts", "first", "delegations"]),
        ("hu: Az", "Hungarian: Az", ["accounts", "first", "description"]),
        ("a: BilateralMechanism", "a: BilateralMechanisms", ["new", "mechanism:hn-dialogue"]),
        ("party: [", "capital: [", ["new", "mechanism:hn-dialogue"]),
        ("report/1", "report/2", ["dragoman"]),
        ("source: harbour", "title: harbour", []),
        ("source: harbour-news", "source: [a]", ["source"]),
        ("names: [", "nmaes: [", []),
        ("language: en\n", "language: en\ntext: [a, b]\n", ["text"]),
        ("accounts:\n", "accounts: [first]\nother:\n", ["accounts"]),
    ],
)
def test_a_mistake_is_found_where_it_is(right, wrong, place, checked):
    assert right in HARBOUR
    text = HARBOUR.replace("acting: no", "acting: false") if right != "acting: no" else HARBOUR
    found = [list(each.absolute_path) for each in checked(text.replace(right, wrong))]
    assert found
    assert any(place == each[: len(place)] for each in found)


def test_keys_and_values_are_explained_in_the_language_that_is_wanted():
    values = {
        tag: dict(zip(told["enum"], told["markdownEnumDescriptions"], strict=True))
        for tag in ("en", "tr", "xx")
        for told in (
            form.json_schema(BASE, (tag,))["definitions"]["dip:Status.values"]["anyOf"][0],
        )
    }
    assert {"occurred", "under-way", "planned"} < values["en"].keys()
    assert values["en"]["occurred"].startswith("occurred: ")
    assert values["tr"]["occurred"] != values["en"]["occurred"]
    assert values["en"] == values["xx"]


def test_names_of_things_are_texts_with_examples(schema):
    way = schema["definitions"]["dip:party"]["anyOf"][0]["anyOf"][0]
    assert ["string", "number", "boolean"] == way["type"]
    assert way["examples"]


def test_what_a_base_declares_itself_is_known(tmp_path, checked):
    root = tmp_path / "base"
    (root / "ontology").mkdir(parents=True)
    (root / "dragoman.toml").write_text(marker_text(), encoding="utf-8")
    (root / "ontology" / "own.ttl").write_text(
        "@prefix dip: <https://w3id.org/dragoman/ontology/> .\n"
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "@prefix status: <https://w3id.org/dragoman/id/status/> .\n"
        'dip:mood a owl:DatatypeProperty ; rdfs:domain dip:Account ; rdfs:label "mood"@en .\n'
        'status:rumoured a dip:Status ; rdfs:label "rumoured"@en .\n',
        encoding="utf-8",
    )
    text = HARBOUR.replace("ordinal: 1", "mood: good").replace("occurred", "rumoured")
    text = text.replace("acting: no", "acting: false")
    own = jsonschema.Draft7Validator(form.json_schema(find_base(root)))
    assert [] == list(own.iter_errors(yaml.load(text, Core)))  # noqa: S506
    assert 2 == len({tuple(each.path) for each in checked(text)})


def test_the_command_writes_it(tmp_path, schema):
    file = tmp_path / "report.schema.json"
    command = [sys.executable, "-m", "dragoman", "--base", str(ROOT), "schema"]
    subprocess.run([*command, "-o", str(file)], check=True, timeout=600)
    assert schema == json.loads(file.read_text(encoding="utf-8"))
    printed = subprocess.run([*command], check=True, timeout=600, capture_output=True)
    assert file.read_bytes() == printed.stdout
    wrong = subprocess.run([*command, "--lang", "?"], check=False, timeout=600, capture_output=True)
    assert 2 == wrong.returncode
