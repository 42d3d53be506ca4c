"""The invented world of the benchmarks is sound, and saved queries find something in it."""

from __future__ import annotations

import datetime as dt
import importlib.util
import sys
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse, serialize

from conftest import with_record
from dragoman import queries, record, store, syntax, validation, vocabulary
from dragoman.base import DATA, ONTOLOGY, SHAPES, Base

ROOT = Path(__file__).resolve().parents[1]
BASE = Base(ROOT, "test")
SH = vocabulary.SH
SHAPE = vocabulary.SHAPE
# Which shapes find each kind of departure.
FINDERS = {
    "composition": {"Delegation-compositionComplete"},
    "host": {"Meeting-hostInTurn"},
    "interval": {"Meeting-intervalKept"},
    "overlap": {"Tenure-overlap"},
}
# What the wider world has no case of, or not of its busiest things.
WITHOUT_ROWS = {
    "absentees",
    "accounts-that-differ",
    "answers-to-leader",
    "counterparts-as-stated",
    "departures-from-the-mandated-composition",
    "expectations-that-changed",
    "expected-agreements-and-their-fate",
    "gaps-in-a-post",
    "mandates-compared",
    "persons-with-the-same-name",
    "slot-ranks",
    "statements-without-a-passage",
    "table-office-holders",
    "targets",
    "things-said-to-be-identical",
    "unequal-ranks",
    "uncovered-slots",
}


def loaded(name: str):
    """Import a module of benchmarks/, which is no package."""
    path = ROOT / "benchmarks" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"benchmarks_{name}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module


worlds = loaded("world")
run = loaded("run")
events = loaded("events")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("world")


@pytest.fixture(scope="module")
def world(folder):
    """A small world with many departures."""
    return worlds.write_world(folder, 5_000, seed=1, departures=0.2, base=BASE)


@pytest.fixture(scope="module")
def triples(world):
    return [quad.triple for file in world.files for quad in parse(path=str(file))]


def indexed(world):
    found = store.load(BASE, ONTOLOGY, DATA).store
    for file in world.files:
        store.load_file(found, file, f"{vocabulary.SOURCE_GRAPH}{file.stem}")
    store.merge(found)
    record.derived(found, record.read(BASE))
    return found


@pytest.fixture(scope="module")
def index(world):
    return indexed(world)


@pytest.fixture(scope="module")
def wider(tmp_path_factory):
    """A world wide enough to have a case of nearly everything, and its index."""
    folder = tmp_path_factory.mktemp("wider")
    world = worlds.write_world(folder, 60_000, seed=1, departures=0.02, base=BASE)
    return world, indexed(world)


def iris(triples):
    return {
        term.value
        for triple in triples
        for term in (triple.subject, triple.predicate, triple.object)
        if isinstance(term, NamedNode)
    }


def subjects(folders, predicate=None):
    return {
        triple.subject.value
        for source in BASE.sources(*folders)
        for triple in parse(path=str(source.path))
        if predicate in {None, triple.predicate.value}
    }


def test_the_same_seed_gives_the_same_bytes(tmp_path, world):
    again = worlds.write_world(tmp_path, 5_000, seed=1, departures=0.2, base=BASE)
    assert [file.name for file in world.files] == [file.name for file in again.files]
    assert [file.read_bytes() for file in world.files] == [
        file.read_bytes() for file in again.files
    ]


def test_another_seed_gives_another_world(tmp_path, world):
    other = worlds.write_world(tmp_path, 5_000, seed=2, departures=0.2, base=BASE)
    assert world.hubs != other.hubs


def test_the_world_is_as_large_as_asked(world, triples):
    assert world.triples == len(triples)
    assert 5_000 <= world.triples < 5_500


def test_the_manifest_tells_what_was_written(folder, world):
    assert world == worlds.read_world(folder)


def test_a_folder_with_a_world_is_not_written_again(folder, world):
    with pytest.raises(FileExistsError, match="Name an empty folder"):
        worlds.write_world(folder, 5_000)
    assert world.files


def test_each_file_is_one_source(world):
    for file in world.files:
        source = f"{vocabulary.SOURCE_GRAPH}{file.stem}"
        told = {triple.subject.value for triple in (q.triple for q in parse(path=str(file)))}
        assert source in told


def test_no_triple_is_written_twice(triples):
    assert len(set(triples)) == len(triples)


def test_literals_are_canonical_and_terms_declared(world):
    declared, _ = syntax.declared_terms(
        source.path for source in BASE.sources(ONTOLOGY) if source.path.suffix == ".ttl"
    )
    assert [] == [finding for file in world.files for finding in syntax.lint(file, declared)]


def test_whatever_is_pointed_to_is_described(triples):
    own = {triple.subject.value for triple in triples}
    known = own | subjects([ONTOLOGY, DATA], vocabulary.RDF_TYPE)
    pointed = {iri for iri in iris(triples) if iri.startswith(vocabulary.INDIVIDUAL)}
    assert set() == pointed - known


def test_every_account_has_source_voice_status_and_passage(index):
    dip = vocabulary.DIP
    for wanted in (f"{dip}source", f"{dip}status", f"{dip}passage", vocabulary.WAS_ATTRIBUTED_TO):
        lacking = f"SELECT ?a WHERE {{ ?a a <{dip}Account> . MINUS {{ ?a <{wanted}> ?x }} }}"
        found = index.query(lacking)
        assert [] == [row["a"].value for row in found]


@pytest.fixture(scope="module")
def findings(triples, tmp_path_factory):
    """What the Core shapes find in the world, and the SPARQL ones that look for departures."""
    folder = tmp_path_factory.mktemp("shapes")
    finders = {f"{SHAPE}{name}" for names in FINDERS.values() for name in names}
    every = [
        quad.triple
        for source in BASE.sources(SHAPES, ONTOLOGY)
        for quad in parse(path=str(source.path), rename_blank_nodes=True)
    ]
    # What has a query has nothing else: without it the shape is left out, too.
    asking = [each for each in every if each.predicate.value == f"{SH}sparql"]
    kept = {each.object for each in asking if each.subject.value in finders}
    left_out = {
        node
        for each in asking
        if each.subject.value not in finders
        for node in (each.subject, each.object)
    } - kept
    shapes = [each for each in every if each.subject not in left_out]
    # Of the packaged data only what the world points to: the rest is tested elsewhere.
    pointed = iris(triples)
    data = [
        quad.triple
        for source in BASE.sources(ONTOLOGY, DATA)
        for quad in parse(path=str(source.path), rename_blank_nodes=True)
        if source.folder == ONTOLOGY
        or (quad.subject.value in pointed and quad.predicate.value != f"{vocabulary.DIP}capital")
    ]
    told = with_record((*data, *triples))
    for name, content in (("shapes.nt", shapes), ("data.nt", told)):
        (folder / name).write_bytes(serialize(content, format=RdfFormat.N_TRIPLES))
    report = validation.validate_with([folder / "shapes.nt"], [folder / "data.nt"])
    return report.findings


def test_the_world_conforms_to_the_core_shapes(findings):
    assert [] == [finding for finding in findings if finding.severity == vocabulary.SH_VIOLATION]


@pytest.mark.parametrize("kind", sorted(FINDERS))
def test_what_departs_is_found_and_nothing_else(world, findings, index, kind):
    shapes = {f"{SHAPE}{name}" for name in FINDERS[kind]}
    found = {finding.focus.value for finding in findings if finding.shape.value in shapes}
    planted = {each.node for each in world.departures if each.kind == kind}
    if kind in {"host", "interval"}:
        # The shape finds the accounts of a session.
        about = f"{vocabulary.DIP}about"
        found = {
            quad.object.value
            for account in found
            for quad in index.quads_for_pattern(NamedNode(account), NamedNode(about), None, None)
        }
    if kind == "overlap":
        # Of two spells either may be found.
        assert len(planted) <= len(found) <= 2 * len(planted)
    else:
        assert planted == found
    assert planted


@pytest.mark.parametrize("path", BASE.queries(), ids=lambda path: path.stem)
def test_a_saved_query_finds_rows_in_the_world(wider, path):
    world, index = wider
    query = queries.read_query(path)
    bound = queries.bind(query, run.values_for(query, world), BASE.prefixes(), lambda: None)
    rows = list(index.query(bound.text))
    assert rows or path.stem in WITHOUT_ROWS


def test_a_later_repetition_of_a_leap_day_is_a_day():
    assert dt.date(2026, 2, 28) == events.later(dt.date(2012, 2, 29), 14)
    assert dt.date(2040, 2, 29) == events.later(dt.date(2012, 2, 29), 28)


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """A base of real events, with many departures."""
    if not events.MATERIAL.is_dir():
        pytest.skip("the folder ../shared with the events is not beside the repository")
    folder = tmp_path_factory.mktemp("events")
    world = events.write_events(folder, 20_000, seed=1, departures=0.2, base=BASE)
    return folder, world


def test_events_are_written_alike_from_the_same_seed(real, tmp_path):
    _, world = real
    events.write_events(tmp_path, 20_000, seed=1, departures=0.2, base=BASE)
    for file in world.files:
        assert file.read_bytes() == (tmp_path / file.name).read_bytes()


def findings_of(files):
    """What the shapes find in files, with all that the packaged base knows."""
    shapes = [source.path for source in (*BASE.sources(SHAPES, ONTOLOGY), *BASE.rules())]
    data = [source.path for source in BASE.sources(ONTOLOGY, DATA)]
    report = validation.validate_with(shapes, [*data, *files])
    return [each for each in report.findings if each.severity == vocabulary.SH_VIOLATION]


def planted(departures, kind):
    return {each.node for each in departures if each.kind == kind}


def test_of_events_only_what_departs_is_found(real):
    _, world = real
    found = findings_of(world.files)
    twice = {each.focus.value for each in found if "personOnce" in each.shape.value}
    assert planted(world.departures, "twice") == twice
    assert twice
    others = {each.shape.value for each in found if "personOnce" not in each.shape.value}
    assert others <= {f"{SHAPE}Tenure-overlap"}


def test_an_addition_contradicts_old_nodes_and_new_ones(real, tmp_path):
    folder, world = real
    added = events.write_addition(folder, tmp_path / "bench-article.ttl", seed=3, base=BASE)
    before = {(each.focus, each.shape) for each in findings_of(world.files)}
    after = {(each.focus, each.shape) for each in findings_of([*world.files, added.path])}
    caused = {focus.value for focus, _ in after - before}
    assert {each.node for each in added.departures} == caused
    assert 200 < added.triples < 400
    own = {quad.subject.value for quad in parse(path=str(added.path))}
    assert caused - own, "an old node is contradicted"
    assert caused & own, "a new node is contradicted"


def test_a_sound_addition_causes_nothing(real, tmp_path):
    folder, world = real
    path = tmp_path / "bench-article.ttl"
    added = events.write_addition(folder, path, seed=3, planted=False, base=BASE)
    assert added.departures == ()
    assert len(findings_of(world.files)) == len(findings_of([*world.files, path]))
