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


def own_base(folder, marker="format = 1\n"):
    """Make a folder a base of one's own, without any file."""
    folder.mkdir(exist_ok=True)
    (folder / "dragoman.toml").write_text(marker, encoding="utf-8")
    return folder


def put(path, text="<urn:s> <urn:p> <urn:o> .\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_base_without_the_marker_has_no_layers(root):
    assert find_base(root).layers == ()


def test_an_own_base_shows_the_packaged_ontology_shapes_queries_and_reference_data(tmp_path):
    base, packaged = find_base(own_base(tmp_path / "own")), packaged_base()
    assert base.layers == (packaged.root,)
    for folder in ("ontology", "shapes"):
        assert packaged.sources(folder) == base.sources(folder)
    reference = {each.name for each in packaged.sources("data") if "reference" in str(each.path)}
    assert reference == {each.name for each in base.sources("data")}
    assert {each.name for each in packaged.queries()} == {each.name for each in base.queries()}
    assert packaged.prefixes() == base.prefixes()
    assert base.hidden() == ()


def test_own_files_come_first_and_hide_the_packaged_ones_of_their_kind_and_name(tmp_path):
    root = own_base(tmp_path / "own")
    states = put(root / "data" / "deep" / "states.nt")
    event = put(root / "shapes" / "event.ttl")
    query = put(root / "queries" / "people.rq", "ASK {}")
    base, packaged = find_base(root), packaged_base()
    first = base.sources("data")[0]
    assert (first.path, base.owns(first)) == (states, True)
    assert first.graph == packaged.source("states").graph
    assert [states] == [each.path for each in base.sources("data") if each.name == "states"]
    assert [event] == [each.path for each in base.sources("shapes") if each.name == "event"]
    assert query in base.queries()
    assert len(packaged.queries()) == len(base.queries())
    assert {"states.ttl", "event.ttl", "people.rq"} == {each.name for each in base.hidden()}


def test_a_rule_hides_a_rule_of_its_name_and_no_shape(tmp_path):
    below = tmp_path / "shapes" / "rules"  # a path that looks like that of a rule
    below.mkdir(parents=True)
    root = own_base(below / "own")
    put(root / "shapes" / "delegation.ttl")
    put(root / "shapes" / "rules" / "delegation.ttl")
    put(root / "shapes" / "rules" / "event.ttl")
    standing = put(root / "shapes" / "rules" / "standing.ttl")
    base, packaged = find_base(root), packaged_base()
    shapes = {each.name: base.owns(each) for each in base.sources("shapes")}
    assert {each.name for each in packaged.sources("shapes")} == set(shapes)
    assert {"delegation"} == {name for name, own in shapes.items() if own}
    assert [standing] == [each.path for each in base.rules() if each.name == "standing"]
    assert {
        packaged.root / "shapes" / "delegation.ttl",
        packaged.root / "shapes" / "rules" / "standing.ttl",
    } == set(base.hidden())


def test_an_own_table_of_prefixes_is_laid_over_the_packaged_one_which_shapes_still_see(tmp_path):
    root = own_base(tmp_path / "own")
    put(
        root / "ontology" / "prefixes.ttl",
        '@prefix sh: <http://www.w3.org/ns/shacl#> .\n<urn:o> sh:declare <urn:d> .\n'
        '<urn:d> sh:prefix "mine" ; sh:namespace "https://example.org/mine/" .\n',
    )  # fmt: skip
    base, packaged = find_base(root), packaged_base()
    assert {**packaged.prefixes(), "mine": "https://example.org/mine/"} == base.prefixes()
    graphs = {each.name: each for each in base.sources("ontology")}
    assert base.owns(graphs["prefixes"])
    assert graphs["packaged-prefixes"].path == packaged.root / "ontology" / "prefixes.ttl"
    assert graphs["packaged-prefixes"].graph != graphs["prefixes"].graph


def test_a_source_of_a_layer_is_found_by_its_path_in_the_layer(tmp_path):
    base = find_base(own_base(tmp_path / "own"))
    states = base.source("data/reference/states.ttl")
    assert (states.name, base.owns(states)) == ("states", False)
    assert base.inner_path(states) == "data/reference/states.ttl"


def test_an_own_base_is_found_from_inside(tmp_path, monkeypatch):
    monkeypatch.delenv("DRAGOMAN_BASE", raising=False)
    root = own_base(tmp_path / "own")
    (root / "articles").mkdir()
    monkeypatch.chdir(root / "articles")
    assert find_base().root == root


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ("format = 2\n", r"made by a newer version of dragoman \(format 2; this one knows 1\)"),
        ("", "no line says the base's format. Write format = 1"),
        ("format = 'x'\n", "no line says the base's format"),
    ],
)
def test_a_marker_of_another_kind_is_refused(tmp_path, monkeypatch, marker, message):
    root = own_base(tmp_path / "own", marker)
    with pytest.raises(BaseContentError, match=message):
        find_base(root)
    monkeypatch.delenv("DRAGOMAN_BASE", raising=False)
    monkeypatch.chdir(root)
    with pytest.raises(BaseContentError, match=message):
        find_base()


def test_the_cache_is_in_the_base_and_hides_from_version_control(root):
    base = find_base(root)
    assert base.cache == root / ".dragoman"
    assert not base.cache.exists()
    assert base.make_cache() == base.cache
    assert (base.cache / ".gitignore").read_text() == "*\n"


def test_the_cache_of_a_base_that_may_not_be_written_is_the_users(root, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    base = find_base(root)
    (root / ".dragoman").write_text("a file, where a folder cannot be made")
    assert base.cache.parent == tmp_path / "cache" / "dragoman"
    assert base.make_cache().is_dir()
    assert Base(root.parent, "test").cache != base.cache


def test_there_is_no_cache_where_nothing_can_be_written(root, monkeypatch, tmp_path):
    (root / ".dragoman").write_text("")
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert Base(root, "test").cache is None
    assert Base(root, "test").make_cache() is None
