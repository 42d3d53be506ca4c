"""A check of a whole base: lines that no parser in Python has read are checked as if one had."""

from __future__ import annotations

import shutil

import pytest
from pyoxigraph import RdfFormat, Store, parse, serialize

import dragoman
from dragoman import index, store
from dragoman.base import SHAPES, packaged_base
from dragoman.errors import SyntaxProblem
from dragoman.index import opening
from dragoman.validation import Checking, asking, validate_base
from dragoman.validation.data import Data, Lines
from dragoman.validation.rules import rules
from dragoman.walking import sparql
from small_base import DIP, small_base

EX = "https://example.org/"
XSD = "http://www.w3.org/2001/XMLSchema#"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
PERSON = f"<{EX}ada> {TYPE} <{DIP}Person> .\n"
# What a file says besides, and whether its lines are taken as they stand.
SAID = {
    "nothing": ("", True),
    "a name": (f'<{EX}ada> <{DIP}name> "Ada" .', True),
    "a name twice": (f'<{EX}ada> <{DIP}name> "Ada" .\n' * 2, True),
    "no end of the last line": (f'<{EX}ada> <{DIP}name> "Ada"@en .'.rstrip("\n"), True),
    "a kept literal": (f'<{EX}ada> <{DIP}age> "3"^^<{XSD}integer> .', True),
    "a literal that is respelt": (f'<{EX}ada> <{DIP}age> "03"^^<{XSD}integer> .', False),
    "an ill-typed literal": (f'<{EX}ada> <{DIP}age> "x"^^<{XSD}integer> .', False),
    "an ill-typed name": (f'<{EX}ada> <{DIP}age> "a b"^^<{XSD}NCName> .', True),
    "a datatype that is none": (f'<{EX}ada> <{DIP}age> "a"^^<{XSD}nothing> .', True),
    "a literal beyond reckoning": (f'<{EX}ada> <{DIP}age> "NaN"^^<{XSD}double> .', False),
    "a text with a quote": (f'<{EX}ada> <{DIP}name> "A\\"d\\"a" .', True),
    "an escaped sign": (f'<{EX}ada> <{DIP}name> "\\u00c4da" .', False),
    "a tag in capitals": (f'<{EX}ada> <{DIP}name> "Ada"@EN .', False),
    "a control character": (f'<{EX}ada> <{DIP}name> "A\x07da" .', True),
    "an escaped control character": (f'<{EX}ada> <{DIP}name> "A\\bda" .', True),
    "text that is turned round": (f'<{EX}ada> <{DIP}name> "A\u202eda" .', True),
    "text in another form": (f'<{EX}ada> <{DIP}name> "A\u0308da" .', True),
    "a placeholder": (f'<{EX}ada> <{DIP}name> "…" .', True),
    "a term that is not declared": (f'<{EX}ada> <{DIP}nmae> "Ada" .', True),
    "a class that is not declared": (f"<{EX}bo> {TYPE} <{DIP}Persn> .", True),
    "a blank node": (f"<{EX}ada> <{DIP}counterpart> _:a .\n_:a {TYPE} <{DIP}Person> .", False),
    "a comment": ("# nothing", True),
    "lines of another system": (f'<{EX}ada> <{DIP}name> "Ada" .\r\n', False),
    "a value that lacks its name": (
        f"<{EX}eve> <{DIP}counterpart> <{EX}bo> .\n<{EX}bo> {TYPE} <{DIP}Minister> .",
        True,
    ),
}


@pytest.fixture
def base(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return small_base(tmp_path)


def told(report):
    return (
        [(str(each), each.file, each.line, each.graph) for each in report.findings],
        report.explanation.coverage,
    )


@pytest.mark.parametrize("said", SAID)
def test_lines_are_checked_as_what_a_parser_reads_of_them(base, monkeypatch, said):
    text, as_they_stand = SAID[said]
    path = base.root / "data" / "more.nt"
    path.write_bytes((PERSON + text).encode())
    with Data() as data:
        assert (data.add_file(path) is not None) == as_they_stand
    found = told(validate_base(base, Checking(engine="both")))
    monkeypatch.setattr(Data, "add_file", lambda *_: None)
    assert told(validate_base(base, Checking(engine="both"))) == found


def test_blank_nodes_of_two_files_stay_two(base):
    for name in ("a", "b"):
        path = base.root / "data" / f"{name}.nt"
        path.write_text(f"_:x {TYPE} <{DIP}Person> .\n", encoding="utf-8")
    found = validate_base(base, Checking(engine="both")).findings
    assert sorted(each.file for each in found if each.file.endswith(".nt")) == [
        "data/a.nt",
        "data/b.nt",
    ]


def test_lines_that_do_not_parse_are_told_with_their_place(base):
    path = base.root / "data" / "more.nt"
    path.write_text(f"{PERSON}<{EX}bo> nonsense .\n", encoding="utf-8")
    with pytest.raises(SyntaxProblem, match=r"more\.nt:2"):
        validate_base(base)


def test_lines_tell_where_a_term_stands(tmp_path):
    path = tmp_path / "a.nt"
    path.write_text(f'{PERSON}<{EX}bo> <{EX}p> "ada" .\n<{EX}bo> <{EX}q> <{EX}ada> .', "utf-8")
    lines = Lines(path)
    assert [number for number, _ in lines.about({f"<{EX}ada>".encode()})] == [1, 3]
    assert [str(each.subject) for each in lines.with_term(f"{EX}ada")] == [
        f"<{EX}ada>",
        f"<{EX}bo>",
    ]
    assert list(lines) == [quad.triple for quad in parse(path=path)]


@pytest.fixture
def large(tmp_path, monkeypatch):
    """A base of one's own over the packaged one, with lines, that has an index on disk."""
    monkeypatch.setenv(opening.ENVIRONMENT, "0")
    ours = tmp_path / "ours"
    for folder in ("ontology", "shapes", "data", "queries"):
        (ours / folder).mkdir(parents=True)
    (ours / "dragoman.toml").write_text("format = 1\n", encoding="utf-8")
    source = packaged_base().root / "data" / "articles"
    for path in sorted(source.glob("*.ttl"))[:1]:
        quads = list(parse(path=path))
        serialize(
            (quad.triple for quad in quads),
            ours / "data" / f"{path.stem}.nt",
            format=RdfFormat.N_TRIPLES,
        )
    return dragoman.open(ours)


def test_the_record_of_an_index_is_the_one_that_is_derived(large):
    assert index.current(large.base) is None
    derived = told(large.validate())
    assert large.store.folder is not None
    assert index.current(large.base) is not None
    assert told(large.validate()) == derived


def test_the_record_of_an_index_that_is_behind_the_files_is_not_taken(large):
    assert large.store.folder is not None
    path = next((large.base.root / "data").glob("*.nt"))
    shutil.copy(path, path.with_name("another.nt"))
    assert index.current(large.base) is None


def test_what_a_costly_filter_leaves_in_is_found_among_the_suspects():
    plan = rules(packaged_base().sources(SHAPES, "ontology")).plan
    base = store.load(packaged_base())
    checked = 0
    for root in plan.roots:
        facts = asking.Facts(base.store)
        for asked in root.asked:
            if not asked.question.reads.is_costly:
                continue
            nodes = asking.suspects(base.store, root, asked, facts)
            every = root.all_targets(facts)
            assert nodes <= every
            found = asking.ask_in_parts(base.store, list(every), root, asked, plan)
            assert {each.focus for each in found} <= nodes
            checked += bool(asked.question.costly)
    assert checked


def test_a_question_without_its_costly_filters_has_no_fewer_rows():
    question = sparql.read(
        """SELECT $this WHERE {
            $this <urn:p> ?value .
            FILTER NOT EXISTS { ?value <urn:q> ?other . ?other <urn:r> $this . }
            FILTER NOT EXISTS { $this <urn:off> true . }
        }""",
        {},
    )
    facts = Store()
    facts.update(
        "INSERT DATA { <urn:a> <urn:p> <urn:b> . <urn:b> <urn:q> <urn:c> . <urn:c> <urn:r> <urn:a> "
        ". <urn:d> <urn:p> <urn:b> . <urn:e> <urn:p> <urn:b> ; <urn:off> true }"
    )

    def asked(**how):
        return {row[0].value for row in facts.query(question.asked_of("", **how))}

    assert asked() == {"urn:d"}
    assert asked(loosely=True) == {"urn:a", "urn:d"}


def test_nothing_is_left_out_of_a_question_that_counts():
    question = sparql.read(
        """SELECT $this WHERE {
            $this <urn:p> ?value .
            FILTER NOT EXISTS { ?value <urn:q> ?other . ?other <urn:r> $this . }
        } GROUP BY $this HAVING (COUNT(?value) = 1)""",
        {},
    )
    assert question.costly == ()


def test_work_beside_other_work_gives_what_it_gave_in_order():
    assert store.beside_each_other([lambda n=n: n * n for n in range(20)]) == [
        n * n for n in range(20)
    ]


def test_what_fails_in_work_beside_other_work_is_raised():
    def fail():
        raise SyntaxProblem("No.", "a.ttl")

    with pytest.raises(SyntaxProblem, match=r"No\."):
        store.beside_each_other([lambda: 1, fail, lambda: 2])
