"""What a base is checked by is worked out once, and never trusted blindly."""

from __future__ import annotations

import pytest

from dragoman.base import ONTOLOGY, SHAPES
from dragoman.validation import Input, validate_files
from dragoman.validation.rules import known, rules
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
    file = tmp_path / "new.ttl"
    file.write_text(
        "@prefix dip: <https://w3id.org/dragoman/ontology/> .\n<urn:x:a> a dip:Person .\n"
    )
    return validate_files(base, [Input(file, "new.ttl")]).findings


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
