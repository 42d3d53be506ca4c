"""What a base is checked by is worked out once, and never trusted blindly."""

from __future__ import annotations

import os
import pickle
import sys

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from dragoman.base import ONTOLOGY, SHAPES, packaged_base
from dragoman.record import preparing
from dragoman.validation import Input, plain, validate_files
from dragoman.validation.rules import known, rules
from dragoman.walking import reads
from dragoman.walking.paths import Repeat, Step
from small_base import small_base


@pytest.fixture
def base(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    known.cache_clear()
    return small_base(tmp_path / "base")


def kept(tmp_path):
    return sorted((tmp_path / "cache" / "dragoman" / "rules").glob("*"))


def findings(base, tmp_path):
    """Return what a file causes, as a new process finds it."""
    known.cache_clear()
    preparing.known.cache_clear()
    file = tmp_path / "new.ttl"
    file.write_text(
        "@prefix dip: <https://w3id.org/dragoman/ontology/> .\n<urn:x:a> a dip:Person .\n"
    )
    return validate_files(base, [Input(file, "new.ttl")]).findings


def test_no_constraint_of_the_packaged_shapes_is_left_to_the_slow_engine():
    ways = [
        way
        for root in rules(packaged_base().sources(SHAPES, ONTOLOGY)).plan.roots
        for way in root.ways
    ]
    assert len(ways) > 200
    assert [] == [way for way in ways if way.engine not in {"core", "store"}]


def test_they_are_kept_and_give_the_same_findings(base, tmp_path):
    first = findings(base, tmp_path)
    assert (len(first), len(kept(tmp_path))) == (1, 1)
    assert first == findings(base, tmp_path)
    assert len(kept(tmp_path)) == 1


def test_other_shapes_are_other_rules(base, tmp_path):
    findings(base, tmp_path)
    shapes = next((base.root / "shapes").glob("*.ttl"))
    shapes.write_text(shapes.read_text() + "\n# more\n")
    findings(base, tmp_path)
    assert len(kept(tmp_path)) == 2


@pytest.mark.parametrize("size", [0, 10, 0.5, 0.95])
def test_a_damaged_file_is_worked_out_anew(base, tmp_path, size):
    first = findings(base, tmp_path)
    (file,) = kept(tmp_path)
    content = file.read_bytes()
    file.write_bytes(content[: int(size if size > 1 else size * len(content))])
    assert first == findings(base, tmp_path)


def test_a_file_that_vanishes_before_it_is_read_to_its_end_is_worked_out_anew(base, tmp_path):
    sources = base.sources(SHAPES, ONTOLOGY)
    expected = rules(sources).plan.graph.triples
    known.cache_clear()
    again = rules(sources)
    kept(tmp_path)[0].unlink()
    assert set(map(str, expected)) == set(map(str, again.plan.graph.triples))


def test_where_nothing_can_be_kept_they_are_worked_out_each_time(base, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert len(findings(base, tmp_path)) == 1


class Trap:
    """What makes a folder when it is unpickled."""

    def __init__(self, place):
        self.place = place

    def __reduce__(self):
        return os.mkdir, (self.place,)


@pytest.mark.parametrize("folder", ["record", "rules"])
def test_code_in_the_place_of_what_is_kept_is_not_run(base, tmp_path, folder):
    first = findings(base, tmp_path)
    (file,) = (tmp_path / "cache" / "dragoman" / folder).glob("*")
    file.write_bytes(pickle.dumps(Trap(str(tmp_path / "trap"))))
    assert first == findings(base, tmp_path)
    assert not (tmp_path / "trap").exists()


unix = pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no such rights")


@unix
def test_what_is_kept_is_closed_to_others_whatever_the_mask(base, tmp_path):
    before = os.umask(0)
    try:
        findings(base, tmp_path)
    finally:
        os.umask(before)
    (file,) = kept(tmp_path)
    modes = [path.stat().st_mode & 0o777 for path in (file, file.parent, file.parent.parent)]
    assert modes == [0o600, 0o700, 0o700]


def poisoned(file):
    """Write other rules into the file: none at all."""
    text = plain.text_of(((), b"", frozenset()))
    file.write_bytes(text + text)


@unix
@pytest.mark.parametrize("which", ["file", "folder"])
def test_what_others_can_write_is_not_believed_and_mended(base, tmp_path, which):
    first = findings(base, tmp_path)
    (file,) = kept(tmp_path)
    poisoned(file)
    (file if which == "file" else file.parent).chmod(0o777)
    assert first == findings(base, tmp_path)
    assert [file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777] == [0o600, 0o700]


@unix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="it takes another user")
@pytest.mark.parametrize("which", ["file", "folder"])
def test_what_belongs_to_somebody_else_is_not_believed(base, tmp_path, which):
    first = findings(base, tmp_path)
    (file,) = kept(tmp_path)
    poisoned(file)
    os.chown(file if which == "file" else file.parent, 12345, 12345)
    assert first == findings(base, tmp_path)
    # and into a folder of somebody else nothing is written
    assert (file.stat().st_uid, b"dragoman" in file.read_bytes()) == (0, which == "file")


def test_plain_data_are_read_as_they_were_written():
    node, blank = NamedNode("urn:a"), BlankNode("b")
    step = Step("urn:p", inverse=True, excluded=frozenset({"urn:q"}))
    group = reads.Group((reads.Pattern("this", Repeat(step, zero=True, many=False), node),))
    value = (
        *(None, True, False, 1, 0, "", "tëxt", "a\nb", b"bytes", (), [], {}, frozenset({"x"})),
        *(node, blank, Literal("1"), Literal("1", language="en"), Literal("01", datatype=node)),
        *(Triple(blank, node, Literal("x")), {"a": [node, 1], node: (True, 1)}, [group, group]),
    )
    found = plain.value_of(plain.text_of(value))
    assert value == found
    assert list(map(type, value)) == list(map(type, found))
    assert found[-1][0] is found[-1][1]


@pytest.mark.parametrize("value", [1.5, {1, 2}, object(), print])
def test_what_is_no_plain_data_is_not_written(value):
    with pytest.raises(TypeError):
        plain.text_of([value])
