"""What a JSON-LD or RDF/XML file says and no triple does is told, with its place."""

from __future__ import annotations

import json

import pytest

from dragoman import additions, syntax, validation, vocabulary
from dragoman.errors import SyntaxProblem
from small_base import small_base

CONTEXT = {"ex": "https://example.org/"}
LOST = {
    "the key 'titel' is mapped to no IRI": {"@id": "ex:a", "titel": "Envoy"},
    "'Envoy to Bern' is no IRI": {"@id": "ex:a", "ex:post": {"@id": "Envoy to Bern"}},
    "'first envoy' is no IRI": {"@id": "first envoy", "ex:name": "Ada"},
    "'envoy' is no IRI": {"@id": "ex:a", "ex:post": {"@id": "envoy"}},
    "'Envoy' is no IRI": {"@id": "ex:a", "@type": "Envoy", "ex:name": "Ada"},
    "the key '_:name' is a blank node": {"@id": "ex:a", "_:name": "Ada"},
    "'Ada' has the language 'de_CH', which is no": {
        "@id": "ex:a", "ex:name": {"@value": "Ada", "@language": "de_CH"},
    },
    "'Ada' has the language 'Swiss German', which": {
        "@context": {"names": {"@id": "ex:name", "@container": "@language"}},
        "@id": "ex:a", "names": {"en": "Ada", "Swiss German": "Ada"},
    },
    "the value 'Ada' belongs to nothing": {"@graph": ["Ada", {"@id": "ex:a", "ex:name": "Ada"}]},
    "the value 7 belongs to nothing": {"@graph": [{"@value": 7}, {"@id": "ex:a", "ex:p": 1}]},
    "the index 'first' is no part": {
        "@context": {"posts": {"@id": "ex:post", "@container": "@index"}},
        "@id": "ex:a", "posts": {"first": "envoy"},
    },
    "the @index 'first' is no part": {"@id": "ex:a", "ex:p": {"@value": "b", "@index": "first"}},
    "what 'held' holds may be read without": {
        "@context": {
            "@vocab": "https://example.org/", "held": {"@container": "@index"},
            "Envoy": {"@context": {"rank": "https://example.org/envoy-rank"}},
        },
        "@id": "ex:a", "@type": "Envoy", "held": {"@none": {"@id": "ex:b", "rank": "high"}},
    },
    "'https://example.org/./a/' has . or ..": {
        "@context": {"@base": "https://example.org/./a/"}, "@id": "b", "ex:name": "Ada",
    },
    "'//example.org/../a' has . or ..": {"@id": "ex:a", "ex:post": {"@id": "//example.org/../a"}},
    "the key '@source' looks like a keyword": {"@id": "ex:a", "ex:p": "b", "@source": "a note"},
    "the key 'nom' is mapped": {"@id": "ex:a", "@included": [{"@id": "ex:b", "nom": "Ada"}]},
    "the key 'https://example.org/full name' stands for no IRI": {
        "@context": {"@vocab": "https://example.org/"}, "@id": "ex:a", "full name": "Ada",
    },
    "the key 'inner' is mapped": {
        "@id": "ex:a", "ex:p": {"@context": None, "https://example.org/q": 1, "inner": 2},
    },
    "the key 'far' is mapped": {
        "@context": {"@vocab": "https://example.org/"}, "@id": "ex:a",
        "near": {"@context": {"@vocab": None}, "ex:p": 1, "far": 1},
    },
}  # fmt: skip
KEPT = (
    {"@id": "ex:a", "@type": "ex:Envoy", "ex:name": [{"@value": "Ada", "@language": "de-CH"}]},
    {"@id": "ex:a", "ex:list": {"@list": [1, 2.5, True, {"@id": "_:b"}]}},
    {"@context": {"full name": "ex:name"}, "@id": "ex:a", "full name": "Ada Alpha"},
    {"@context": {"note": None}, "@id": "ex:a", "ex:name": "Ada", "note": "not for readers"},
    {"@id": "ex:a", "ex:name": None, "ex:other": "b"},
    {
        "@context": {"names": {"@id": "ex:name", "@container": "@language"}},
        "@id": "ex:a",
        "names": {"en": "Ada", "@none": "Ada"},
    },
    {"@id": "ex:a", "@reverse": {"ex:of": {"@id": "ex:b"}}, "ex:p": {"@set": []}},
    {"@graph": [{"@id": "ex:a", "ex:p": {"@type": "@json", "@value": {"any key": [1]}}}]},
)


@pytest.fixture
def written(tmp_path):
    def written(document):
        path = tmp_path / "given.jsonld"
        context = [CONTEXT, document.get("@context", {})]
        path.write_text(json.dumps({**document, "@context": context}, indent=1))
        return path

    return written


@pytest.mark.parametrize("what", LOST)
def test_what_is_in_no_triple_is_told_with_its_line(written, what):
    path = written(LOST[what])
    (found,) = syntax.dropped(path)
    assert found.what.startswith(what)
    if "'" in what:  # a number may stand anywhere
        word = what.split("'")[3 if "language" in what else 1]
        assert "full name" in word or f'"{word}"' in path.read_text().split("\n")[found.line - 1]


@pytest.mark.parametrize("document", KEPT, ids=str)
def test_nothing_is_told_of_what_is_kept(written, document):
    assert [] == syntax.dropped(written(document))


def test_a_key_that_stands_twice_is_told(tmp_path):
    path = tmp_path / "a.jsonld"
    path.write_text('{"@id": "urn:a",\n"urn:p": 1,\n"urn:p": 2}')
    assert ["the key 'urn:p' stands twice in one object"] == [
        each.what for each in syntax.dropped(path)
    ]


def test_with_a_base_relative_iris_are_iris(written):
    path = written({"@id": "#a", "ex:p": {"@id": "b"}, "nom": "c"})
    (found,) = syntax.dropped(path, "https://example.org/")
    assert found.what.startswith("the key 'nom'")


def test_an_addition_that_loses_something_is_refused_and_may_be_let_pass(tmp_path, written):
    base = small_base(tmp_path / "base")
    path = written({"@id": "ex:a", "ex:name": "Ada", "titel": "Envoy"})
    refused = additions.add(base, [path])
    assert [("warning", "dropped", 4)] == [
        (each.level, each.component.rpartition("/")[2].rpartition("#")[2], each.line)
        for each in refused.refused
    ]
    assert "term for term" not in " ".join(refused.notes)
    done = additions.add(base, [path], additions.Adding(allow=("warning", "titles are elsewhere")))
    assert [1] == [each.triples for each in done.added]


def test_a_file_of_which_nothing_is_left_is_refused_with_the_reason(tmp_path, written):
    base = small_base(tmp_path / "base")
    with pytest.raises(SyntaxProblem, match=r"no statement.* Lost in reading: the key 'titel'"):
        additions.add(base, [written({"@id": "ex:a", "titel": "Envoy"})])


def test_plain_validation_tells_it_too(tmp_path, written):
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        "<urn:s> a sh:NodeShape ; sh:targetNode <https://example.org/a> ; sh:property <urn:p> .\n"
        "<urn:p> sh:path <https://example.org/name> ; sh:minCount 1 ."
    )
    path = written({"@id": "ex:a", "ex:name": "Ada", "titel": "Envoy"})
    (finding,) = validation.validate_with([shapes], [path]).findings
    assert ("warning", 4) == (finding.level, finding.line)


@pytest.mark.parametrize(
    ("part", "name"), [('r:bagID="b"', "bagID"), ('u:p="x"><u:q r:parseType="Odd"/', "parseType")]
)
def test_what_the_parser_of_rdfxml_passes_over_is_refused(part, name):
    text = (
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="urn:u:">\n'
        f'<r:Description r:about="urn:a" {part}><u:p>x</u:p></r:Description></r:RDF>'
    )
    with pytest.raises(SyntaxProblem, match=f"no such rdf:{name}") as error:
        list(syntax.read_rdf(text.encode(), "rdf"))
    assert error.value.line == 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ttl", "@base <https://example.org/a/./b> .\n<c> <urn:p> <d> ."),
        ("trig", "BASE <https://example.org/a/../b>\n<c> <urn:p> <d> ."),
        ("ttl", "<urn:c> <urn:p> <//example.org/../d> ."),
        (
            "rdf",
            (
                f'<r:RDF xmlns:r="{vocabulary.RDF}" xmlns:u="urn:u:" xml:base="https://a.org/a/./b">'
                '<r:Description r:about="c" u:p="x"/></r:RDF>'
            ),
        ),
    ],
)
def test_a_base_with_dots_that_the_parser_would_take_for_names_is_refused(name, text):
    with pytest.raises(SyntaxProblem, match="between its slashes") as error:
        list(syntax.read_rdf(text.encode(), name, base_iri="https://example.org/"))
    assert error.value.line == 1


def test_dots_in_whole_iris_and_in_texts_stay_as_they_are():
    text = b"""@prefix base: <urn:> . <urn:a> base:base <https://a.org/./b> , "@base <x/./y>"."""
    iri, literal = (quad.object for quad in syntax.read_rdf(text))
    assert ("https://a.org/./b", "@base <x/./y>") == (iri.value, literal.value)
