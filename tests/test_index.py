"""The index on disk: made, refreshed by what differs, and equal to the files."""

from __future__ import annotations

import gzip
import os
import random

import pytest
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store, Triple

import dragoman
from dragoman import index, locking
from dragoman import store as stores
from dragoman.base import find_base
from dragoman.errors import DragomanError, SyntaxProblem
from dragoman.index import filling, generations, manifest
from test_base import put

DATA = "https://w3id.org/dragoman/id/source/"


@pytest.fixture
def base(root, monkeypatch):
    """The small base, which counts as large."""
    monkeypatch.setenv("DRAGOMAN_INDEX_FROM", "0")
    return find_base(root)


def facts(*lines: str) -> str:
    return "".join(f"<urn:s> <urn:p> {line} .\n" for line in lines)


def contents(opened):
    """Return the triples of each graph, and of the merge, blank nodes without their names."""
    found: dict[str, list[str]] = {}
    for quad in opened.store:
        told = " ".join(f"{'_:' if str(each)[:2] == '_:' else each}" for each in quad.triple)
        found.setdefault(str(quad.graph_name), []).append(told)
    return {graph: sorted(lines) for graph, lines in found.items()}


def assert_equal_to_the_files(base, opened=None):
    opened = opened or index.open_store(base)
    assert opened.folder is not None
    assert contents(stores.load(base)) == contents(opened)
    assert index.check(base).problems == ()
    return opened


def generation(base):
    return manifest.read(base.cache).generation


def age(path, seconds=100):
    """Give a file times that lie back; the time of its last change cannot be set."""
    past = path.stat().st_mtime_ns - seconds * 10**9
    os.utime(path, ns=(past, past))


def test_a_small_base_is_read_into_memory(root):
    base = find_base(root)
    assert index.open_store(base).folder is None
    assert not (root / ".dragoman").exists()
    assert not index.is_large(base)


def test_a_large_base_has_an_index_on_disk_that_is_made_once(base):
    notes = []
    opened = assert_equal_to_the_files(base, index.open_store(base, note=notes.append))
    assert len(notes) == 1
    assert notes[0].startswith("Indexing 4 files")
    assert [each.name for each in opened.sources] == ["prefixes", "small", "people", "states"]
    first = generation(base)
    assert index.open_store(base, note=notes.append).folder.name == first
    assert len(notes) == 1


def test_the_size_from_which_a_base_is_large_must_be_a_number(base, monkeypatch):
    monkeypatch.setenv("DRAGOMAN_INDEX_FROM", "2M")
    with pytest.raises(DragomanError, match="'2M', which is no number of bytes"):
        index.open_store(base)


def test_new_changed_and_vanished_files_are_brought_in(base):
    index.open_store(base)
    put(
        base.root / "data" / "new.nt",
        facts("<urn:1>", '"01"^^<http://www.w3.org/2001/XMLSchema#integer>'),
    )
    assert_equal_to_the_files(base)
    put(base.root / "data" / "new.nt", facts("<urn:2>"))
    assert [each.name for each in index.difference(base).changed] == ["new"]
    assert_equal_to_the_files(base)
    (base.root / "data" / "new.nt").unlink()
    (base.root / "data" / "articles" / "people.ttl").unlink()
    assert index.difference(base).gone == (f"{DATA}people", f"{DATA}new")
    assert f"{DATA}people" not in assert_equal_to_the_files(base).graphs()


def test_a_triple_of_two_files_stays_in_the_merge_until_both_are_gone(base):
    one, two = (put(base.root / "data" / f"{name}.nt", facts("<urn:o>")) for name in "ab")
    query = "SELECT * { <urn:s> ?p ?o }"
    assert len(list(index.open_store(base).store.query(query))) == 1
    put(one, facts("<urn:other>"))
    assert len(list(index.open_store(base).store.query(query))) == 2
    two.unlink()
    assert [str(each["o"]) for each in index.open_store(base).store.query(query)] == ["<urn:other>"]
    assert_equal_to_the_files(base)


def test_blank_nodes_of_two_files_never_become_one(base):
    for name in ("a", "b"):
        put(base.root / "data" / f"{name}.nt", "_:x <urn:p> _:y .\n_:y <urn:p> <urn:o> .\n")
    opened = assert_equal_to_the_files(base)
    joined = "SELECT * { ?x <urn:p> ?y . ?y <urn:p> <urn:o> }"
    assert len(list(opened.store.query(joined))) == 2
    across = "SELECT * { ?x <urn:p> ?y . GRAPH ?g { ?y <urn:p> <urn:o> } }"
    assert len(list(opened.store.query(across))) == 2
    put(base.root / "data" / "b.nt", "_:x <urn:p> _:z .\n_:z <urn:p> <urn:o> .\n")
    assert len(list(assert_equal_to_the_files(base).store.query(joined))) == 2


def test_a_touched_file_is_hashed_and_not_loaded_again(base):
    index.open_store(base)
    before = generation(base)
    (base.root / "data" / "articles" / "people.ttl").touch()
    assert not index.difference(base)
    index.open_store(base)
    assert generation(base) == before


def test_a_change_of_the_same_size_and_time_is_seen(base):
    path = put(base.root / "data" / "new.nt", facts("<urn:1>"))
    index.open_store(base)
    stamp = path.stat()
    with path.open("r+b") as file:  # the same file, as many bytes
        file.write(facts("<urn:2>").encode())
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert [each.name for each in index.difference(base).changed] == ["new"]
    assert_equal_to_the_files(base)


def test_an_entry_made_in_the_same_tick_as_its_file_is_not_sure():
    stamp = manifest.Stamp(1, 10**18, 10**18, 1)
    assert not manifest.is_sure(stamp, 10**18)
    assert not manifest.is_sure(stamp, 10**18 + 10**9)
    assert manifest.is_sure(stamp, 10**18 + 3 * 10**9)


def test_a_stamp_that_lies_is_found_by_the_hash_of_an_unsure_entry(base):
    """As where a file changes within the tick in which it was indexed."""
    path = put(base.root / "data" / "new.nt", facts("<urn:1>"))
    index.open_store(base)
    known = manifest.read(base.cache)
    path.write_text(facts("<urn:2>"), encoding="utf-8")
    entry = known.entries[f"{DATA}new"]
    assert not entry.sure
    entries = {**known.entries, f"{DATA}new": entry._replace(stamp=manifest.stamp(path))}
    manifest.write(base.cache, known._replace(entries=entries))
    assert_equal_to_the_files(base)


def test_entries_become_sure_with_time(base, monkeypatch):
    index.open_store(base)
    assert not any(each.sure for each in manifest.read(base.cache).entries.values())
    monkeypatch.setattr(manifest, "clock", lambda cache: cache.stat().st_mtime_ns + 10**11)
    index.open_store(base)
    assert all(each.sure for each in manifest.read(base.cache).entries.values())


def test_a_file_that_does_not_parse_is_left_out_and_said_each_time(base):
    path = put(base.root / "data" / "bad.ttl", "<urn:s> <urn:p> .\n")
    for _ in range(2):
        said = []
        opened = index.open_store(base, warn=said.append)
        assert said == list(opened.warnings)
        assert len(said) == 1
        assert said[0].startswith(f"{path}:1:")
        assert said[0].endswith("The file is left out.")
        assert f"{DATA}bad" not in {each.graph for each in opened.sources}
    first = generation(base)
    index.open_store(base)
    assert generation(base) == first
    put(path, facts("<urn:o>"))
    assert assert_equal_to_the_files(base).warnings == ()
    put(path, "nonsense")
    assert len(index.open_store(base).warnings) == 1
    assert f"{DATA}bad" not in index.open_store(base).graphs()


@pytest.mark.parametrize("size", [150, 1 << 24])
def test_bad_files_among_good_ones_are_left_out_at_any_size_of_pieces(base, monkeypatch, size):
    monkeypatch.setattr(filling, "_PIECE", size)
    monkeypatch.setattr(filling, "_LARGEST", size)
    monkeypatch.setattr(filling, "_CHUNK", 64)
    monkeypatch.setattr(filling, "_BATCH", 4)
    lines = [f"<urn:s{number}> <urn:p> <urn:o> .\n" for number in range(5)]
    texts = {
        "good": lines,
        "bad-start": ["<urn:s> <urn:p> .\n", *lines],
        "bad-end": [*lines, "<urn:s> <urn:p> .\n"],
        "blank": [*lines, "_:b <urn:p> <urn:o> .\n"],
        "comments": ["# one .\n", *lines, "<urn:s> <urn:p> <urn:t> . # two .\n", "\n"],
        "no-end": [*lines, "<urn:s> <urn:p> <urn:last> ."],
        "returns": [line.replace("\n", "\r\n") for line in lines],
        "quads": [*lines, "<urn:s> <urn:p> <urn:o> <urn:g> .\n"],
        "empty": [],
        "nul": [*lines, "\0"],
    }
    for name, text in texts.items():
        put(base.root / "data" / f"{name}.nt", "".join(text))
    packed = base.root / "data" / "packed.nt.gz"
    packed.write_bytes(gzip.compress("".join(lines).encode()))
    (base.root / "data" / "torn.nt.gz").write_bytes(packed.read_bytes()[:-9])
    put(base.root / "data" / "bad-turtle.ttl", "".join(lines) + "nonsense")
    opened = assert_equal_to_the_files(base)
    bad = {"bad-start", "bad-end", "quads", "empty", "nul", "torn", "bad-turtle"}
    assert len(opened.warnings) == len(bad)
    every = {each.name for each in base.sources("data")}
    assert every - bad == {each.name for each in opened.sources if each.folder == "data"}


@pytest.mark.parametrize("seed", range(12))
def test_any_sequence_of_changes_leaves_the_index_equal_to_the_files(base, seed):
    dice = random.Random(seed)  # noqa: S311  to be repeated, not to keep a secret
    values = ("<urn:o>", "_:b", '"01"')
    folder = base.root / "data"
    for _ in range(8):
        for _ in range(dice.randint(1, 3)):
            path = folder / f"f{dice.randint(0, 4)}.{dice.choice(['nt', 'ttl'])}"
            for other in folder.glob(f"{path.stem}.*"):
                other.unlink()
            if dice.random() < 0.75:
                lines = [
                    f"<urn:s{dice.randint(0, 2)}> <urn:p> {dice.choice(values)} .\n"
                    for _ in range(dice.randint(1, 4))
                ]
                put(path, "".join(lines) if dice.random() < 0.9 else "nonsense")
        assert_equal_to_the_files(base)


def test_a_writer_that_is_not_published_changes_nothing(base):
    before = contents(index.open_store(base))
    path = put(base.root / "draft.ttl", facts("<urn:1>"))
    with index.Writer(base) as writer:
        writer.replace(f"{DATA}people", path)
        writer.remove(f"{DATA}states")
    assert contents(index.open_store(base)) == before
    assert len(list((base.cache / "index").iterdir())) == 1


def test_a_writer_publishes_what_the_files_say(base):
    old = index.open_store(base)
    text = facts("<urn:1>")
    draft = put(base.root / "draft.nt", text)
    with locking.held(base.make_cache(), "test"), index.Writer(base) as writer:
        writer.replace(f"{DATA}new", draft)
        writer.remove(f"{DATA}people")
        put(base.root / "data" / "new.nt", text)
        (base.root / "data" / "articles" / "people.ttl").unlink()
        writer.publish()
    assert not index.difference(base)
    assert_equal_to_the_files(base)
    assert f"{DATA}people" in old.graphs()
    assert len(list(old.quads(f"{DATA}people"))) == 4


def test_what_a_writer_was_told_and_the_files_do_not_have_is_put_right(base):
    index.open_store(base)
    draft = put(base.root / "draft.nt", facts("<urn:1>"))
    put(base.root / "data" / "new.nt", facts("<urn:2>"))
    with index.Writer(base) as writer:
        writer.replace(f"{DATA}new", draft)
        writer.replace(f"{DATA}never", draft)
        writer.remove(f"{DATA}people")
        writer.publish()
    assert index.difference(base)
    assert_equal_to_the_files(base)


def test_a_writer_refuses_a_file_that_does_not_parse_and_goes_on(base):
    index.open_store(base)
    draft = put(base.root / "draft.nt", "nonsense")
    with index.Writer(base) as writer:
        with pytest.raises(SyntaxProblem, match=r"draft\.nt:1"):
            writer.replace(f"{DATA}people", draft)
        writer.publish()
    assert_equal_to_the_files(base)


def test_a_writer_needs_an_index_to_go_on_from(base):
    assert not index.published(base)
    with pytest.raises(index.UnusableError, match="there is none"), index.Writer(base):
        pass
    index.open_store(base)
    assert index.published(base)


def test_a_large_new_file_goes_the_fast_way(base, monkeypatch):
    index.open_store(base)
    monkeypatch.setattr("dragoman.index.writing._BULK", 10)
    put(base.root / "data" / "new.nt", facts(*(f"<urn:{number}>" for number in range(50))))
    put(base.root / "data" / "torn.nt", facts("<urn:1>") + "nonsense")
    assert len(assert_equal_to_the_files(base).warnings) == 1


def test_what_was_published_is_never_written_to_again(base):
    first = index.open_store(base).folder
    before = {each.name: each.read_bytes() for each in first.iterdir() if "LOG" not in each.name}
    put(base.root / "data" / "new.nt", facts("<urn:1>"))
    index.open_store(base)
    after = {each.name: each.read_bytes() for each in first.iterdir() if "LOG" not in each.name}
    assert before == after


def test_two_generations_are_kept(base):
    for number in range(4):
        put(base.root / "data" / "new.nt", facts(f"<urn:{number}>"))
        index.open_store(base)
    names = sorted(each.name for each in (base.cache / "index").iterdir())
    assert [each.partition("-")[0] for each in names] == ["000003", "000004"]


def test_progress_is_told(base, monkeypatch):
    monkeypatch.setattr(filling, "_CHUNK", 1000)
    put(base.root / "data" / "new.nt", facts(*(f"<urn:{number}>" for number in range(500))))
    seen = []
    index.open_store(base, progress=lambda done, total: seen.append((done, total)))
    total = sum(each.path.stat().st_size for each in base.sources("ontology", "data"))
    assert seen[-1] == (total, total)
    assert len(seen) > 5
    assert seen == sorted(seen)


def test_the_index_of_an_own_base_follows_the_base_to_another_place(root, base):
    put(root / "data" / "bad.ttl", "nonsense")
    index.open_store(base)
    moved = root.parent / "moved"
    root.rename(moved)
    there = find_base(moved)
    assert not index.difference(there)
    assert str(moved) in index.open_store(there).warnings[0]


def test_a_comparison_says_what_differs(base):
    index.open_store(base)
    path = base.root / "data" / "articles" / "people.ttl"
    known = manifest.read(base.cache)
    path.write_text(path.read_text("utf-8").replace("Hakan Fidan", "Haken Fidan"), "utf-8")
    entry = known.entries[f"{DATA}people"]
    lying = entry._replace(stamp=manifest.stamp(path), sure=True)
    manifest.write(
        base.cache, known._replace(entries={**known.entries, f"{DATA}people": lying})
    )  # fmt: skip
    first, second, third = index.check(base).problems
    assert first == (
        "data/articles/people.ttl: its bytes are not those that were indexed (SHA-256 differs)."
    )
    assert "the index lacks 1 triple: <https://w3id.org/dragoman/id/person/fidan>" in second
    assert '"Haken Fidan"@tr' in second
    assert "the index has, and the file does not, 1 triple" in third


def test_a_comparison_looks_at_the_merge_and_at_blank_nodes(base):
    put(base.root / "data" / "new.nt", "_:a <urn:p> _:b .\n_:b <urn:p> <urn:o> .\n")
    folder = index.open_store(base).folder
    store = Store(str(folder))
    store.add(Quad(NamedNode("urn:x"), NamedNode("urn:y"), Literal("z"), DefaultGraph()))
    graph = NamedNode(f"{DATA}new")
    store.add(Quad(BlankNode(), NamedNode("urn:p"), BlankNode(), graph))
    store.remove(next(store.quads_for_pattern(None, None, Literal("HUN"), DefaultGraph())))
    store.add(Quad(NamedNode("urn:x"), NamedNode("urn:y"), Literal("z"), NamedNode("urn:g")))
    store.remove(Quad(NamedNode("urn:x"), NamedNode("urn:y"), Literal("z"), DefaultGraph()))
    store.add(Quad(NamedNode("urn:x"), NamedNode("urn:y"), Literal("zz"), DefaultGraph()))
    del store
    known = manifest.read(base.cache)
    manifest.write(base.cache, known._replace(parts=generations.parts_of(folder)))
    problems = "\n".join(index.check(base).problems)
    assert "data/new.nt: the index has, and the file does not, 1 triple: _:" in problems
    assert "<urn:g>: the index has a graph of which there is no file." in problems
    assert "The merge of all graphs lacks what a graph has: " in problems
    assert 'The merge of all graphs has what no graph has: <urn:x> <urn:y> "zz"' in problems


def test_there_is_nothing_to_compare_without_an_index(root):
    assert index.check(find_base(root)) is None


def test_sizes_and_places_of_generations(base):
    folder = index.open_store(base).folder
    assert generations.place(base.cache, generation(base)) == folder
    assert generations.size(folder) > 1000
    assert generations.size(base.root / "nowhere") == 0


@pytest.mark.parametrize("size", ["memory", "disk"])
def test_a_warm_index_answers_as_a_cold_one(base, size, monkeypatch):
    monkeypatch.setenv("DRAGOMAN_INDEX_FROM", "0" if size == "disk" else "")
    opened = dragoman.open(base.root)
    texts = [
        "SELECT ?s ?p ?o { ?s ?p ?o }",
        "SELECT ?s ?g { GRAPH ?g { ?s ?p ?o } }",
        f"SELECT ?s ?p ?o FROM <{base.sources('data')[0].graph}> {{ ?s ?p ?o }}",  # noqa: S608
        "ASK { ?s ?p [] . FILTER NOT EXISTS { graph ?g { ?s ?p ?o } } }",
    ]

    def answers() -> list[object]:
        found = [opened.query(text, labels=False).answer for text in texts]
        return [each.truth if each.truth is not None else sorted(map(str, each.rows))
                for each in found]  # fmt: skip

    def in_order() -> list[object]:
        return [opened.query(texts[0], labels=False).answer.rows, *answers()]

    told, *cold = in_order()
    opened.store.warm()
    assert "_alone" in vars(opened.store)
    assert [told, *cold] == in_order()
    assert all(cold[:3])
    if size == "memory":
        opened.store.add([Triple(*map(NamedNode, ("urn:new", "urn:p", "urn:o")))], "urn:g")
        assert len(cold[0]) + 1 == len(answers()[0])


def test_rules_read_what_the_default_graph_has_without_the_files_that_are_wrong(tmp_path):
    files = {
        "plain.nt": "<urn:a> <urn:p> <urn:b> .\n",
        "same.nt": "<urn:a> <urn:p> <urn:b> .\n<urn:a> <urn:p> <urn:c> .\n",
        "blank.nt": "_:a <urn:p> _:b .\n",
        "bad.nt": "<urn:no> <urn:p> .\n",
        "turtle.ttl": "<urn:t> <urn:p> [ <urn:q> 01 ] .\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    begun, merge = generations.Begun(tmp_path, generations.new(tmp_path)), Store()
    found = filling.fill(begun, [(f"urn:{each}", tmp_path / each) for each in files], merge=merge)
    default = begun.store.quads_for_pattern(None, None, None, DefaultGraph())
    assert ["urn:bad.nt"] == [graph for graph, (_, problem) in found.items() if problem]
    assert 5 == len(merge)
    assert {quad.triple for quad in default} == {quad.triple for quad in merge}
