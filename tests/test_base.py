"""Which base is meant, and what stands in it."""

from __future__ import annotations

import pytest

from dragoman.base import Base, find_base, packaged_base
from dragoman.errors import BaseContentError, BaseNotFoundError, UnknownNameError


def test_the_option_wins_over_the_environment(root, monkeypatch):
    monkeypatch.setenv("DRAGOMAN_BASE", "/nowhere")
    assert find_base(root) == Base(root.resolve(), "it was named by --base")


def test_the_environment_wins_over_the_current_folder(root, monkeypatch, tmp_path):
    monkeypatch.setenv("DRAGOMAN_BASE", str(root))
    monkeypatch.chdir(tmp_path)
    assert find_base() == Base(root.resolve(), "it was named by DRAGOMAN_BASE")


def test_a_base_is_found_from_inside(root, monkeypatch):
    monkeypatch.delenv("DRAGOMAN_BASE", raising=False)
    monkeypatch.chdir(root / "data" / "articles")
    assert find_base().root == root


def test_elsewhere_the_packaged_base_serves(tmp_path, monkeypatch):
    monkeypatch.delenv("DRAGOMAN_BASE", raising=False)
    monkeypatch.chdir(tmp_path)
    assert find_base() == packaged_base()


@pytest.mark.parametrize("where", ["data", "data/articles"])
def test_a_folder_inside_a_base_is_no_base_but_names_it(root, where):
    with pytest.raises(BaseNotFoundError, match=f"has no ontology.*Did you mean {root}"):
        find_base(root / where)


def test_a_folder_beside_a_base_names_it(root):
    with pytest.raises(BaseNotFoundError, match=f"does not exist. Did you mean {root}"):
        find_base(root.parent / "bsae")


def test_a_graph_is_named_after_its_file(root):
    graphs = {source.name: source.graph for source in Base(root, "test").sources()}
    assert graphs == {
        "people": "https://w3id.org/dragoman/id/source/people",
        "prefixes": "https://w3id.org/dragoman/ontology/prefixes",
        "small": "https://w3id.org/dragoman/shapes/small",
        "states": "https://w3id.org/dragoman/id/source/states",
    }


def test_packed_files_and_odd_names_are_sources_too(root):
    (root / "data" / "a b.nt.gz").write_bytes(b"")
    (root / "data" / ".hidden.ttl").write_bytes(b"")
    (root / "data" / "notes.txt").write_bytes(b"")
    found = [source.graph for source in Base(root, "test").sources("data")]
    assert "https://w3id.org/dragoman/id/source/a%20b" in found
    assert len(found) == 3


def test_two_data_files_of_one_name_are_an_error(root):
    (root / "data" / "states.nt").write_text("<urn:a> <urn:b> <urn:c> .")
    with pytest.raises(BaseContentError, match=r"states\.nt.*have one name, 'states'"):
        Base(root, "test").sources("data")


def test_a_folder_without_files_is_an_error(root):
    (root / "shapes" / "small.ttl").unlink()
    with pytest.raises(BaseContentError, match=r"shapes has no file \*\.ttl"):
        Base(root, "test").sources()


def test_a_source_is_found_by_name_path_and_graph(root):
    base = Base(root, "test")
    states = base.sources("data")[1]
    for name in ("states", "data/reference/states.ttl", states.graph):
        assert base.source(name) == states
    with pytest.raises(UnknownNameError, match="Did you mean states"):
        base.source("stats")


def test_the_prefix_table_is_read_from_the_ontology(root):
    prefixes = Base(root, "test").prefixes()
    assert sorted(prefixes) == ["dip", "skos", "state", "xsd"]
    assert prefixes["state"] == "https://w3id.org/dragoman/id/state/"


def test_a_broken_prefix_table_names_its_file(root):
    (root / "ontology" / "prefixes.ttl").write_text("nonsense")
    with pytest.raises(BaseContentError, match=r"prefixes\.ttl"):
        Base(root, "test").prefixes()
