"""Facts that another store holds are checked as facts of the base are: the same report."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox
import pytest
from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, Store, parse

import random_shacl
import two_ways
from conftest import rounds, run
from dragoman import canonical, record, remote, store, validation, vocabulary
from dragoman.base import find_base
from dragoman.errors import ShapesError
from dragoman.validation import analysis, engine
from dragoman.walking.distant import Distant, Unreachable

pytest.importorskip("shacl", reason="the fast engine has no wheel for this platform")

ROOT = Path(__file__).parents[1]
BASE = find_base(ROOT)
WORLD = sorted((ROOT / "tests" / "world").glob("*.ttl"))


@dataclass
class Elsewhere:
    """A store that can only be asked, as one behind an endpoint; it counts the questions."""

    local: store.LocalStore
    asked: int = 0
    read: list[str | None] = field(default_factory=list)

    def query(self, query, *, prefixes=None, limit=None):
        self.asked += 1
        return self.local.query(query, prefixes=prefixes, limit=limit)

    def quads(self, graph=None):
        self.read.append(graph)
        return self.local.quads(graph)

    def graphs(self):
        return self.local.graphs()


@pytest.fixture(scope="module")
def local():
    return store.load(BASE)


@pytest.fixture(scope="module")
def derived():
    return recorded(store.load(BASE))


def recorded(index):
    """Return an index with its record, as it is where rules are known."""
    record.derived(index.store, record.read(BASE))
    return index


def told(report):
    return [(each, each.file, each.line, each.graph) for each in report.findings]


@pytest.mark.parametrize(
    "path", [ROOT / "docs" / "example.ttl", *WORLD], ids=lambda path: path.stem
)
def test_a_file_causes_the_same_there_and_few_questions_tell(local, path):
    afar = Elsewhere(local)
    expected = validation.validate_files(BASE, [path], index=local)
    found = validation.validate_files(BASE, [path], index=afar)
    assert told(expected) == told(found)
    assert [] == afar.read  # no graph was read whole
    assert 0 < afar.asked < 150


def test_a_source_of_the_base_is_compared_with_the_store_that_lacks_it(local):
    article = next((ROOT / "data" / "articles").glob("*.ttl"))
    expected = validation.validate_files(BASE, [article], index=local)
    afar = Elsewhere(local)
    assert told(expected) == told(validation.validate_files(BASE, [article], index=afar))
    assert 1 == len(afar.read)


def test_all_of_a_store_is_checked_as_the_base_is(local):
    expected = validation.validate_base(BASE)
    found = validation.validate_base(BASE, facts=Elsewhere(local))
    assert expected.checked == found.checked
    assert told(expected) == told(found)


def test_a_graph_that_says_other_things_than_the_file_goes_by_its_name():
    changed = store.load(BASE)
    graph = "https://w3id.org/dragoman/id/source/tr-hu-joint-consultation-mechanism"
    wrong = ROOT / "docs" / "example.ttl"
    quads = [
        Quad(quad.subject, quad.predicate, quad.object, NamedNode(graph))
        for quad in parse(wrong.read_bytes(), RdfFormat.TURTLE)
    ]
    changed.store.extend(quads)
    report = validation.validate_base(BASE, facts=Elsewhere(changed))
    grave = report.at_least("violation")
    assert 3 == len(grave)
    assert {(graph, None, graph)} == {(each.file, each.line, each.graph) for each in grave}


def test_a_store_without_the_ontology_is_checked_with_that_of_the_base():
    data = store.load(BASE, "data")
    path = ROOT / "docs" / "example.ttl"
    expected = validation.validate_files(BASE, [path], index=store.load(BASE))
    found = validation.validate_files(BASE, [path], index=Elsewhere(data))
    assert told(expected) == told(found)


def test_nodes_without_iris_make_it_read_everything(tmp_path):
    loaded = store.load(BASE)
    text = (
        "@prefix state: <https://w3id.org/dragoman/id/state/> ."
        "@prefix dip: <https://w3id.org/dragoman/ontology/> ."
        "_:one dip:partOf state:DEU ."
    )
    (tmp_path / "more.ttl").write_text(text)
    store.load_file(loaded.store, tmp_path / "more.ttl", "urn:more")
    store.merge(loaded.store)
    recorded(loaded)
    path = ROOT / "docs" / "example.ttl"
    afar = Elsewhere(loaded)
    expected = validation.validate_files(BASE, [path], index=loaded)
    assert told(expected) == told(validation.validate_files(BASE, [path], index=afar))
    assert afar.read


def test_shapes_of_ones_own_check_a_store(tmp_path, local):
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> ."
        "@prefix dip: <https://w3id.org/dragoman/ontology/> ."
        "<urn:s> a sh:NodeShape ; sh:targetClass dip:State ;"
        " sh:property [ sh:path dip:alpha2Code ; sh:pattern '^[AT]' ] ."
    )
    data = [source.path for source in BASE.sources("ontology", "data")]
    expected = validation.validate_with([shapes], data)
    found = validation.validate_with([shapes], [], facts=Elsewhere(local))
    assert {each.graph for each in found.findings} == {"https://w3id.org/dragoman/id/source/states"}
    assert {each.focus for each in expected.findings} == {each.focus for each in found.findings}
    assert len(expected.findings) == len(found.findings) > 100


@pytest.fixture(params=["oxigraph_server", "virtuoso_server"])
def endpoint(request, derived):
    """A real store that holds the base, graph by graph."""
    server = request.getfixturevalue(request.param)
    for source in BASE.sources("ontology", "data"):
        lines = b"".join(canonical.read(source.path, source.graph).blocks())
        server.put(source.graph, lines)
    follows = (quad.triple for quad in derived.quads(vocabulary.RECORD_GRAPH))
    server.put(vocabulary.RECORD_GRAPH, ox.serialize(follows, format=ox.RdfFormat.N_TRIPLES))
    connected = remote.connect(None, server.query)
    yield connected
    connected.close()


def test_a_real_store_gives_the_reports_of_the_base(derived, endpoint):
    files = [ROOT / "docs" / "example.ttl", *WORLD[:3]]
    for path in files:
        expected = validation.validate_files(BASE, [path], index=derived)
        found = validation.validate_files(BASE, [path], index=endpoint)
        assert told(expected) == told(found)
    expected = validation.validate_base(BASE)
    found = validation.validate_base(BASE, facts=endpoint)
    assert expected.checked == found.checked
    assert told(expected) == told(found)


def test_a_store_that_names_no_graph_is_checked_in_its_default_graph(oxigraph_server):
    oxigraph_server.clear()
    facts = b"".join(canonical.read(ROOT / "docs" / "example.ttl", "urn:example").blocks())
    status, _ = oxigraph_server.request(
        "PUT", f"{oxigraph_server.graphs}?default", facts, Content_Type="application/n-triples"
    )
    assert status in {201, 204}
    code, report, _ = run(ROOT, "validate", "--endpoint", oxigraph_server.query)
    assert code == 1
    assert "the default graph  source:example/passage" in report


def test_the_command_checks_a_file_against_a_real_store(endpoint):
    example = str(ROOT / "docs" / "example.ttl")
    local_code, local_report, _ = run(ROOT, "validate", example)
    code, report, _ = run(ROOT, "validate", example, "--endpoint", endpoint.profile.url)
    assert (1, local_report) == (local_code, report) == (code, report)


@pytest.mark.parametrize("start", range(20_000, 20_000 + rounds(75), 25))
def test_random_changes_cause_the_same_there(start):
    compared = 0
    for seed in range(start, start + 25):
        case = random_shacl.case(seed)
        if any(isinstance(end, BlankNode) for each in case.before for end in each):
            continue  # a file never shares a blank node with another store
        try:
            plan = analysis.plan(tuple(case.shapes))
            near = two_ways.change_of(case.before, case.after)
            expected = Counter(engine.check_change(plan, near))
        except ShapesError:
            continue
        there = Store()
        place = NamedNode("urn:there")
        there.extend(Quad(*quad.triple, place) for quad in near.store)
        distant = Distant(Elsewhere(store.LocalStore(there)), Store())
        far = engine.Change(distant, near.added, near.not_before, near.not_after)
        try:
            assert expected == Counter(engine.check_change(plan, far)), f"seed {seed}"
            compared += 1
        except Unreachable:
            continue
    assert compared
