"""Language tags with capitals: who sees others come out is told."""

from __future__ import annotations

import gzip

import pytest

import dragoman
from dragoman import additions, syntax
from small_base import small_base

TEXTS = {
    "given.ttl": '<urn:a> <urn:p> "x"@en, """y"""@en-GB .',
    "given.nt": '<urn:a> <urn:p> "x"@en-GB .\n',
    "given.rdf": '<urn:p xml:lang="en-GB">x</urn:p>',
    "given.jsonld": '{"@value": "x", "@language": "en-GB"}',
    "map.jsonld": '{"names": {"en-GB": "x"}}',
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_tag_with_capitals_is_found_in_every_syntax(tmp_path, name):
    path, packed = tmp_path / name, tmp_path / f"{name}.gz"
    path.write_text(TEXTS[name])
    packed.write_bytes(gzip.compress(TEXTS[name].encode()))
    chosen = syntax.format_of(path)
    assert ["en-GB", "en-GB"] == [syntax.capital_tag(each, chosen) for each in (path, packed)]


def test_small_letters_and_other_words_are_no_tags_with_capitals(tmp_path):
    path = tmp_path / "given.ttl"
    path.write_text('@prefix EN: <urn:> . EN:a EN:p "DE"@de, "mail me@EN" .')
    assert not syntax.capital_tag(path, syntax.format_of(path))


def test_an_export_says_which_tags_it_writes_otherwise(tmp_path):
    root = small_base(tmp_path).root
    (root / "data" / "spelt.ttl").write_text('<urn:a> <urn:p> "Colour"@en-GB .')
    (root / "data" / "plain.ttl").write_text('<urn:a> <urn:p> "Colour"@en .')
    base = dragoman.open(root)
    made = base.export("spelt", format="nt")
    assert "Of spelt, language tags in small letters, en-GB as en-gb" in made.lost
    assert b'<urn:a> <urn:p> "Colour"@en-gb .\n' == made.content
    assert "" == base.export("plain", format="nt").lost


@pytest.mark.parametrize("tag", ["en-GB", "en"])
def test_a_converted_file_says_it_only_of_tags_with_capitals(tmp_path, tag):
    base = small_base(tmp_path)
    path = tmp_path / "given.nq"
    path.write_text(f'<urn:a> <urn:p> "Colour"@{tag} .\n')
    done = additions.add(base, [additions.Given(path, "given.nq")], additions.Adding(dry_run=True))
    assert ("en-GB as en-gb" in done.notes[0]) == (tag == "en-GB"), done.notes
    assert "term for term" in done.notes[0]
