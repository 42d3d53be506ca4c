"""Sources, told as report forms and compiled again, are the same sources."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import random_sources
from conftest import ROOT, SHARED
from dragoman.syntax import read_rdf
from random_sources import compiled, fault, fingerprint, form_of, models

ARTICLE = ROOT / "data/articles/tr-hu-joint-consultation-mechanism.ttl"
TEXT = SHARED / "article/tr-hu-joint-consultation-mechanism.txt"
FILES = sorted(
    [
        *(ROOT / "tests/world").glob("*.ttl"),
        *(ROOT / "tests/invented").glob("*.ttl"),
        *(ROOT / "data/reference").glob("*persons.ttl"),
    ]
)


@pytest.fixture(scope="module")
def world():
    return random_sources.world()


def named(path):
    return path.name


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_source_is_the_same_after_it_was_told_as_a_form(world, path):
    (name, triples) = models([path])[0]
    assert fault(world, name, triples) == ""


@pytest.mark.parametrize("path", [each for each in FILES if "world" in each.name], ids=named)
def test_an_ordinary_source_needs_no_turtle_in_its_form(world, path):
    (name, triples) = models([path])[0]
    assert "\nturtle:" not in form_of(world, name, triples)


def test_the_first_article_is_the_same_with_offsets(world):
    (name, triples) = models([ARTICLE])[0]
    assert fault(world, name, triples) == ""


@pytest.mark.skipif(not TEXT.exists(), reason="the text of the first article is not here")
def test_the_first_article_is_the_same_with_words_in_no_more_than_130_lines(world):
    (name, triples) = models([ARTICLE])[0]
    text = TEXT.read_text(encoding="utf-8")
    form = form_of(world, name, triples, text)
    assert fingerprint(triples) == fingerprint(compiled(world, form, text).triples)
    assert len(form.splitlines()) <= 130


def test_values_of_lists_stay_in_their_schemes_or_in_none(world):
    text = """
        @prefix dip: <https://w3id.org/dragoman/ontology/> .
        @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        @prefix scheme: <https://w3id.org/dragoman/id/scheme/> .
        @prefix voice: <https://w3id.org/dragoman/id/source/schemes/voice/> .
        voice:one a dip:Verdict ; skos:inScheme scheme:role .
        voice:two a dip:Verdict .
        voice:three a dip:Verdict ; skos:inScheme scheme:verdict .
    """
    triples = [quad.triple for quad in read_rdf(text.encode(), "turtle")]
    assert fault(world, "schemes", triples) == ""


@pytest.mark.parametrize("seed", range(1, 41))
def test_a_source_made_by_chance_is_the_same_after_it_was_told_as_a_form(world, seed):
    name, triples = random_sources.Sources(world, seed).source(models(FILES[:6]))
    assert fault(world, name, triples) == ""


def test_a_form_is_the_same_whatever_the_hashes_of_strings():
    program = (
        "import random_sources as r\n"
        "world = r.world()\n"
        "for seed in (3, 4):\n"
        "    print(r.form_of(world, *r.Sources(world, seed).source()))\n"
    )
    forms = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(ROOT / "tests")},
            capture_output=True,
            check=True,
        ).stdout
        for seed in range(3)
    }
    assert len(forms) == 1
