"""`dragoman merge`: two things of one's own that are one become one, in all files or in none."""

from __future__ import annotations

import gzip

import pytest

import dragoman
from conftest import run
from dragoman import syntax

IDS = "https://w3id.org/dragoman/id/"
OLD, NEW = f"{IDS}person/nora-n", f"{IDS}person/nora-numbers"
PEOPLE = """\
# People of the talks.
@prefix dip: <https://w3id.org/dragoman/ontology/> .
@prefix person: <https://w3id.org/dragoman/id/person/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . # of names

# Entered on Monday: person:nora-n
person:nora-n
    a dip:Person ;   # one of two
    skos:prefLabel "Nora Numbers"@en ;
    skos:altLabel "person:nora-n"@en ,   'N. <https://w3id.org/dragoman/id/person/nora-n>'@en ;
    .

person:omar
    a dip:Person ; skos:prefLabel "Omar Other"@en ; .
"""
MERGED = """\
# People of the talks.
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix dip: <https://w3id.org/dragoman/ontology/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix person: <https://w3id.org/dragoman/id/person/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . # of names

# Entered on Monday: person:nora-n
person:nora-numbers
    a dip:Person ;   # one of two
    skos:prefLabel "Nora Numbers"@en ;
    skos:altLabel "person:nora-n"@en ,   'N. <https://w3id.org/dragoman/id/person/nora-n>'@en ;
    .

person:omar
    a dip:Person ; skos:prefLabel "Omar Other"@en ; .

person:nora-n
    owl:deprecated true ;
    dcterms:isReplacedBy person:nora-numbers ;
    .
"""
LABEL = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
PERSON = "<https://w3id.org/dragoman/ontology/Person>"
LINES = f"""\
# by a machine
<{NEW}> {TYPE} {PERSON} .
<{NEW}> {LABEL} "Nora Numbers"@en .
"""


@pytest.fixture
def base(tmp_path):
    """A base of one's own over the packaged one, with one person entered twice."""
    root = tmp_path / "own"
    assert 0 == run(tmp_path, "init", str(root))[0]
    (root / "data" / "people.ttl").write_bytes(PEOPLE.encode())
    (root / "data" / "talks.nt").write_bytes(LINES.encode())
    return root


def files(base):
    found = (each for each in sorted(base.rglob("*")) if ".dragoman" not in each.parts)
    return {each.relative_to(base).as_posix(): each.read_bytes() for each in found
            if each.is_file()}  # fmt: skip


def test_what_is_said_of_the_old_one_is_said_of_the_new_one_and_every_comment_stays(base):
    code, told, _ = run(base, "merge", "person:nora-n", "person:nora-numbers")
    assert (0, "Replaced data/people.ttl: 8 triples.\n") == (code, told)
    assert MERGED == (base / "data" / "people.ttl").read_bytes().decode()
    assert LINES == (base / "data" / "talks.nt").read_bytes().decode()
    assert 0 == run(base, "validate")[0]
    assert "is replaced by  Nora Numbers" in run(base, "show", OLD)[1]


def test_all_files_that_name_it_are_edited(base):
    for number, text in enumerate((f'<{OLD}> {LABEL} "Nora N."@de .\n', f"# none of <{OLD}>\n")):
        (base / "data" / f"more{number}.nt").write_text(f"{LINES}{text}", encoding="utf-8")
    escaped = OLD.replace("nora", "nor\\u0061")
    packed = f'{LINES}<{escaped}> {LABEL} "<{OLD}>"@fr .'
    (base / "data" / "packed.nt.gz").write_bytes(gzip.compress(packed.encode()))
    code, told, _ = run(base, "merge", OLD, NEW)
    assert 0 == code
    assert ["data/more0.nt:", "data/packed.nt.gz:", "data/people.ttl:"] == [
        line.split()[1] for line in told.splitlines()
    ]
    assert (base / "data" / "more0.nt").read_text(encoding="utf-8").endswith(
        f'<{NEW}> {LABEL} "Nora N."@de .\n'
    )  # fmt: skip
    kept = gzip.decompress((base / "data" / "packed.nt.gz").read_bytes()).decode()
    assert packed.replace(escaped, NEW) == kept


def test_a_file_of_lines_tells_that_the_old_one_is_replaced(base):
    assert 0 == run(base, "merge", NEW, OLD)[0]
    deprecated = '<http://www.w3.org/2002/07/owl#deprecated> "true"^^'
    assert (base / "data" / "talks.nt").read_text(encoding="utf-8") == (
        f"{LINES.replace(NEW, OLD)}"
        f"<{NEW}> {deprecated}<http://www.w3.org/2001/XMLSchema#boolean> .\n"
        f"<{NEW}> <http://purl.org/dc/terms/isReplacedBy> <{OLD}> .\n"
    )


def test_names_find_the_two_in_any_spelling(base):
    text = LINES.replace('"Nora Numbers"@en', '"Numbers, Honora"@de')
    (base / "data" / "talks.nt").write_text(text, encoding="utf-8")
    code, told, _ = run(base, "merge", "--dry-run", "nora NUMBERS", "Hónora numbers")
    assert (0, "Would replace data/people.ttl: 8 triples.\n") == (code, told)


def test_what_the_shapes_refuse_changes_nothing(base):
    (base / "data" / "talks.nt").write_text(LINES.replace("Nora Numbers", "Nora Nombres"))
    before = files(base)
    code, told, said = run(base, "merge", "person:nora-n", "person:nora-numbers")
    assert 1 == code
    assert "shape:Subject-prefLabel" in told
    assert "Refused, nothing was changed: 1 finding stands against it." in said
    assert before == files(base)
    code, told, _ = run(
        *(base, "merge", "person:nora-n", "person:nora-numbers"),
        *("--allow", "violation", "--reason", "the names follow"),
    )
    assert 0 == code
    assert "person:nora-n is person:nora-numbers. the names follow" in run(base, "log")[1]


def test_a_dry_run_changes_nothing(base):
    before = files(base)
    code, told, said = run(base, "merge", "--dry-run", "person:nora-n", "person:nora-numbers")
    assert (0, "Would replace data/people.ttl: 8 triples.\n") == (code, told)
    assert [
        "data/people.ttl: 4 triples with person:nora-n have person:nora-numbers in its place.",
        "data/people.ttl: person:nora-n stays, deprecated and replaced by it.",
    ] == said.splitlines()
    assert before == files(base)


def test_the_log_tells_what_was_joined(base):
    assert "" == run(base, "merge", "person:nora-n", "person:nora-numbers")[2]
    [row] = run(base, "log", "-f", "csv")[1].splitlines()[1:]
    assert ",replaced,data/people.ttl," in row
    assert row.endswith(",,person:nora-n is person:nora-numbers")


def test_what_came_with_the_package_can_only_stay(base):
    (base / "data" / "people.ttl").write_text(
        PEOPLE.replace("Nora Numbers", "Hakan Fidan"), encoding="utf-8"
    )
    before = files(base)
    code, _, said = run(base, "merge", "person:hakan-fidan", "person:nora-n")
    assert 2 == code
    assert "data/reference/persons.ttl, which came with the package" in said
    assert "dragoman merge person:nora-n person:hakan-fidan" in said
    assert before == files(base)
    assert 0 == run(base, "merge", "person:nora-n", "person:hakan-fidan")[0]
    assert "person:hakan-fidan\n    a dip:Person" in (base / "data" / "people.ttl").read_text()


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (("person:nora-n", "person:nora-n"), "Both are person:nora-n: name two things."),
        (("person:nora-m", "person:omar"), "There is no thing 'person:nora-m'"),
        (("person:omar", "Nobody at All"), "There is no thing called 'Nobody at All'"),
        (("Nora Numbers", "person:omar"), "Several things are called 'Nora Numbers'"),
        (
            ("person:omar", "place:istanbul"),
            "person:omar is a person and place:istanbul is a place: only things of one class",
        ),
        (("state:TUR", "state:HUN"), "state:TUR is a state: each has a code of its own"),
        (("person:omar", "dip:Person"), "dip:Person is a Class: only things are joined"),
        (("status:occurred", "person:omar"), "status:occurred is a"),
    ],
)
def test_what_cannot_be_joined_is_refused_in_a_line(base, pair, said):
    before = files(base)
    code, told, complaint = run(base, "merge", *pair)
    assert (2, "") == (code, told)
    assert said in complaint
    assert 1 == len(complaint.splitlines())
    assert before == files(base)


def test_nothing_is_joined_twice(base):
    assert 0 == run(base, "merge", "person:nora-n", "person:nora-numbers")[0]
    for pair in (("person:nora-n", "person:omar"), ("person:omar", "person:nora-n")):
        code, _, said = run(base, "merge", *pair)
        assert 2 == code
        assert "person:nora-n is replaced by person:nora-numbers already" in said


def test_what_stands_in_an_own_ontology_is_not_edited_silently(base):
    (base / "ontology" / "own.ttl").write_text(f"<{OLD}> <{IDS}knows> <{IDS}person/omar> .\n")
    code, _, said = run(base, "merge", "person:nora-n", "person:nora-numbers")
    assert 2 == code
    assert "stands in ontology/own.ttl, too, and only files below data/ are edited" in said


def test_questions_that_name_it_are_told(base):
    (base / "queries" / "nora.rq").write_text(f"SELECT ?p {{ <{OLD}> ?p ?o }}\n")
    said = run(base, "merge", "person:nora-n", "person:nora-numbers")[2]
    assert "queries/nora.rq names person:nora-n, and is left as it is.\n" == said


def test_the_interface_merges_and_asks_the_new_state(base):
    opened = dragoman.open(base)
    assert "Nora Numbers" == opened.show(OLD).thing.text
    done = opened.merge(OLD, NEW)
    assert (True, (f"{IDS}source/people",)) == (done.done, done.replaced)
    assert [] == [each.text for each in opened.show(OLD).names]


# ------------------------------------------------------------------ the text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@prefix e: <http://e/> . e:a e:p e:a .", "@prefix e: <http://e/> . e:b e:p e:b ."),
        ("prefix e: <http://e/> base <http://e/> <a> e:p 'a'.",
         "prefix e: <http://e/> base <http://e/> <http://e/b> e:p 'a'."),
        ("@prefix e: <http://e/> . @prefix a: <http://e/a> . a: e:p e:x . e:x e:p a:, 1.5 .",
         "@prefix e: <http://e/> . @prefix a: <http://e/a> . e:b e:p e:x . e:x e:p e:b, 1.5 ."),
        ("@prefix e: <http://e/> . e:x e:p ''@prefix, ''^^e:a, [ e:p ( e:a ) ] .",
         "@prefix e: <http://e/> . e:x e:p ''@prefix, ''^^e:a, [ e:p ( e:b ) ] ."),
        ("@prefix a: <http://e/a> . # of a\r\n\r\na: a: a: .\r\n",
         "@prefix a: <http://e/a> . # of a\r\n@prefix e: <http://e/> .\r\n\r\ne:b e:b e:b .\r\n"),
        ("@prefix e: <http://other/> . @prefix a: <http://e/a> . a: a e:a .",
         "@prefix e: <http://other/> . @prefix a: <http://e/a> . <http://e/b> a e:a ."),
        ("<http://e/ab> <http://e/p> <http://e/a> . # <http://e/a>",
         "<http://e/ab> <http://e/p> <http://e/b> . # <http://e/a>"),
    ],
)  # fmt: skip
def test_terms_are_renamed_and_nothing_else(text, expected):
    found = syntax.renamed(text, "http://e/a", "http://e/b", {"e": "http://e/"})
    assert expected == found
    syntax.check_renamed(
        syntax.read_rdf(text.encode()), syntax.read_rdf(found.encode()), "http://e/a", "http://e/b"
    )
