"""A check of a change sees the literals as the files spell them, whatever indexes do."""

from __future__ import annotations

import dataclasses
import random
import re
import shutil
from collections import Counter

import pytest
from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
    Triple,
    parse,
    serialize,
)

import random_shacl
from dragoman import additions, index, spellings
from dragoman.base import Base, SourceFile
from dragoman.errors import ShapesError
from dragoman.syntax import check_query
from dragoman.validation import (
    Checking,
    changing,
    loading,
    reference,
    validate_base,
    validate_change,
    validate_files,
)
from dragoman.validation.loading import of_base
from dragoman.validation.rules import rules

XSD = "http://www.w3.org/2001/XMLSchema#"
PREFIXES = f"""\
@prefix : <https://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <{XSD}> .
"""
SPELT = {
    "integer": ["1", "01", "+1", "-0", "0", "12345678901234567890", "one"],
    "int": ["1", "01", "300000000000"],
    "nonNegativeInteger": ["1", "-1"],
    "decimal": ["1", "1.0", "1.10", "1.1", ".5", "0.5", "1.", "1e3"],
    "double": ["3", "3.0", "3e0", "3.0e0", "1e300", "INF", "+INF", "NaN", "0.1"],
    "float": ["3", "3.0", "16777217", "0.1", "3e0"],
    "boolean": ["true", "1", "0", "TRUE"],
    "date": ["2020-01-01", "2020-01-01Z", "2020-01-01+00:00", "2020-01-01-00:00", "2020-02-30"],
    "dateTime": ["2020-01-01T24:00:00", "2020-01-02T00:00:00", "2020-01-01T00:00:00.10"],
    "dateTimeStamp": ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00+00:00"],
    "time": ["24:00:00", "00:00:00", "12:00:00.500", "12:00:00+14:00"],
    "duration": ["P1Y", "P12M", "PT36H", "P1DT12H", "P0D", "-P1Y", "P1Y0M"],
    "dayTimeDuration": ["P1D", "PT24H", "PT1H"],
    "yearMonthDuration": ["P1Y", "P12M"],
    "gYear": ["2020", "2020Z", "2020+00:00"],
    "gYearMonth": ["2020-01", "2020-01+00:00"],
    "gMonthDay": ["--02-29", "--02-29+00:00"],
    "gMonth": ["--02", "--02-00:00"],
    "gDay": ["---01", "---01+00:00"],
}


def typed(value, datatype):
    return Literal(value, datatype=NamedNode(f"{XSD}{datatype}"))


def as_kept(literal):
    """Return what the engine's store makes of a literal."""
    store, node = Store(), NamedNode("https://example.org/node")
    store.add(Quad(node, node, literal))
    return next(iter(store)).object


# ------------------------------------------------------------------ what is respelt


def turtle_file(folder, text):
    path = folder / "file.ttl"
    path.write_text(PREFIXES + text, encoding="utf-8")
    return path


@pytest.mark.parametrize("datatype", SPELT)
def test_every_literal_that_a_store_respells_is_noticed(tmp_path, datatype):
    predicate = NamedNode("https://example.org/p")
    chance = random.Random(datatype)  # noqa: S311
    made = []
    for value in SPELT[datatype]:
        made += [value, *("".join(chance.choices("0123456789+-.:TZPYMDHSe", k=9)) for _ in "12")]
        for _ in range(30):  # spellings that are like it
            place = chance.randrange(len(value) + 1)
            new = chance.choice(["", *"0123456789-+.Z:"])
            made.append(value[:place] + new + value[place + chance.choice((0, 1)) :])
    for number, literal in enumerate(typed(value, datatype) for value in dict.fromkeys(made)):
        line = serialize([Triple(predicate, predicate, literal)], format=RdfFormat.N_TRIPLES)
        noticed = {spellings.is_suspect(line), spellings.may_be_respelt(line)}
        if number < 10:
            path = tmp_path / "file.nt"
            path.write_bytes(line)
            noticed |= {bool(spellings.respelt(path))}
            noticed |= {bool(spellings.respelt(turtle_file(tmp_path, f":p :p {literal} .")))}
        if as_kept(literal) != literal:
            assert noticed == {True}, literal


@pytest.mark.parametrize(
    "value",
    [
        *("01", "+1", "1.50", "3e0", "1E3", ".5", "-0", "'01'^^xsd:integer", '"1"^^xsd:int'),
        *('"1" ^^ xsd:int', '"""1"""^^xsd:byte', f'"1"^^<{XSD}int>', '"0\\u0031"^^xsd:integer'),
        f'"1"^^<{XSD}in\\u0074>',
        *("(01)", '"no ^^ here", 01', '"2020-01-01T00:00:00Z"^^xsd:dateTimeStamp', "12345678.0"),
    ],
)
def test_every_way_of_writing_such_a_literal_in_turtle_is_noticed(tmp_path, value):
    assert spellings.respelt(turtle_file(tmp_path, f":s :p {value} ."))


def test_a_prefix_that_ends_inside_of_a_datatype_is_noticed(tmp_path):
    text = f'@prefix un: <{XSD}un> . :s :p "1"^^un:signedByte .'
    assert spellings.respelt(turtle_file(tmp_path, text)) == {NamedNode("https://example.org/p")}


def test_of_what_every_store_keeps_nothing_is_noticed(tmp_path):
    text = ':s :p 1, 1.5, true, "at 05:30"@en, "2020-01-01"^^xsd:date, "x ^^ 01"^^xsd:anyURI .'
    assert spellings.respelt(turtle_file(tmp_path, text)) == set()


# ------------------------------------------------------------------ a base that has such literals

SHAPES = """\
:Rank a sh:NodeShape ; sh:targetClass :Mission ; sh:property :Rank-one .
:Rank-one sh:path :rank ; sh:maxCount 1 .
:Code a sh:NodeShape ; sh:targetClass :Coded ; sh:property :Code-two .
:Code-two sh:path :code ; sh:pattern "^[0-9][.][0-9]{2}$" ; sh:datatype xsd:decimal .
"""
OLD = """\
:m1 :rank 3e0, 3.0e0 .
:m3 :rank "3"^^xsd:double, 3e0 .
:m4 :rank "1"^^xsd:boolean, "true"^^xsd:boolean .
:m5 :rank "P1Y"^^xsd:duration, "P12M"^^xsd:duration .
:m6 :rank 1, "1"^^xsd:int .
:c1 :code 1.10 .
:c2 :code 1.1 .
[] :rank 3e0, 3.0e0 ; :is :blank .
"""
ONTOLOGY = """\
<https://w3id.org/dragoman/ontology> sh:declare <https://w3id.org/dragoman/ontology/prefix/sh> .
<https://w3id.org/dragoman/ontology/prefix/sh>
    sh:prefix "sh" ; sh:namespace "http://www.w3.org/ns/shacl#"^^xsd:anyURI .
"""


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Base(root, "it was made for a test")


@pytest.fixture(params=["memory", "disk"])
def kept(request, monkeypatch):
    """Keep the indexes in memory, or on disk."""
    monkeypatch.setenv("DRAGOMAN_INDEX_FROM", "0" if request.param == "disk" else str(1 << 30))
    return request.param


@pytest.fixture
def base(tmp_path, kept):  # noqa: ARG001  the environment is what it needs
    return write(
        tmp_path / "base",
        {
            "ontology/prefixes.ttl": PREFIXES + ONTOLOGY,
            "ontology/dragoman.ttl": PREFIXES + ":Mission :is :class .",
            "shapes/small.ttl": PREFIXES + SHAPES,
            "data/old.ttl": PREFIXES + OLD,
            "data/doubles.ttl": PREFIXES + ":m2 :rank 3e0 .",
            "data/other.nt": "<https://example.org/m2> <https://example.org/is> "
            "<https://example.org/other> .\n",
            "queries/none.rq": "#+ summary: None\nASK {}\n",
        },
    )


def of_new(base, tmp_path, text, **options):
    """Return the shapes and nodes of what a new file causes."""
    path = tmp_path / "new.ttl"
    path.write_text(PREFIXES + text, encoding="utf-8")
    report = validate_files(base, [path], Checking(**options), index=index.open_store(base))
    return sorted(
        f"{each.shape.value.rpartition('/')[2]} {each.focus.value.rpartition('/')[2]}"
        for each in report.findings
        if "lint" not in each.component
    )


@pytest.mark.parametrize("engine", ["auto", "reference", "both"])
def test_two_terms_of_one_value_are_two(base, tmp_path, engine):
    text = "".join(f":m{number} a :Mission ." for number in range(1, 7))
    expected = [f"Rank-one m{number}" for number in (1, 3, 4, 5, 6)]
    assert expected == of_new(base, tmp_path, text, engine=engine)


@pytest.mark.parametrize("engine", ["auto", "both"])
def test_a_value_that_is_said_again_in_another_spelling_is_a_second_one(base, tmp_path, engine):
    assert of_new(base, tmp_path, ":m2 a :Mission ; :rank 3.0e0 .", engine=engine) == [
        "Rank-one m2"
    ]
    assert of_new(base, tmp_path, ":m2 a :Mission ; :rank 3e0 .", engine=engine) == []


def test_patterns_and_datatypes_are_of_the_terms_in_the_files(base, tmp_path):
    assert of_new(base, tmp_path, ":c1 a :Coded . :c2 a :Coded .", engine="both") == ["Code-two c2"]


def test_what_is_added_and_replaced_and_removed_is_judged_by_the_terms(base, tmp_path):
    """And afterwards the base is as the checks said."""

    def adding(text, *, name="new", **options):
        path = tmp_path / f"{name}.ttl"
        path.write_text(PREFIXES + text, encoding="utf-8")
        let_in = ("warning", "the spelling is what is tried")
        return additions.add(base, [path], additions.Adding(allow=let_in, **options))

    def refused(*arguments, **options):
        return [
            each.shape.value.rpartition("/")[2] for each in adding(*arguments, **options).refused
        ]

    assert refused(":m1 a :Mission .") == ["Rank-one"]
    assert refused(":m2 a :Mission .") == []
    assert refused(":m2 :rank 3.0e0 .", name="second") == ["Rank-one"]
    assert refused(":m2 :rank 3e0 . # again", name="second") == []
    # what one file takes back another one says, in this spelling or in another
    assert additions.remove(base, ["doubles"]).done
    assert refused(":m2 :rank 3.0e0 .", name="third") == ["Rank-one"]
    assert refused(":m2 :rank 3.0e0 .", name="second", replace=True) == []
    assert refused(":m2 :rank 3e0 .", name="third") == ["Rank-one"]
    assert additions.remove(base, ["second"]).done
    assert refused(":m2 :rank 3e0 .", name="third") == []
    found = {each.shape.value for each in validate_base(base).findings}
    assert not any(each.endswith("Rank-one") for each in found)


def test_queries_and_counts_see_one_value_and_verify_finds_nothing(base, kept):
    opened = index.open_store(base)
    assert len(list(opened.quads())) == len(set(opened.quads()))
    assert {each.graph for each in base.sources("ontology", "data")} == set(opened.graphs())
    text = "SELECT ?r (COUNT(?g) AS ?n) { GRAPH ?g { :m1 :rank ?r } ?m :rank ?r } GROUP BY ?r"
    text = f"PREFIX : <https://example.org/> {text}"
    assert [(typed("3", "double"), typed("4", "integer"))] == [
        *opened.query(check_query(text)).rows
    ]
    if kept == "disk":
        assert index.check(base).problems == ()


def test_blank_nodes_keep_their_spellings(base, tmp_path):
    text = ":Blank a sh:NodeShape ; sh:targetSubjectsOf :is ; sh:property :Rank-one ."
    shapes = base.root / "shapes" / "blank.ttl"
    path = tmp_path / "blank.ttl"
    path.write_text(PREFIXES + text, encoding="utf-8")
    given = loading.Input(path, "blank.ttl", folder="shapes")
    report = validate_change(base, [given], index=index.open_store(base))
    assert [type(each.focus) for each in report.findings if each.level == "violation"] == [
        BlankNode
    ]
    assert not shapes.exists()


# ------------------------------------------------------------------ on disk


def spelt_in(base):
    """Return the quads of an index on disk, as a check sees them."""
    opened = index.open_store(base)
    return {
        quad
        for graph in opened.graphs()
        for quad in opened.as_spelt.quads_for_pattern(None, None, None, NamedNode(graph))
        if not isinstance(quad.subject, BlankNode)
    }


def in_files(base):
    return {
        Quad(quad.subject, quad.predicate, quad.object, NamedNode(source.graph))
        for source in base.sources("ontology", "data")
        for quad in parse(source.path.read_bytes(), RdfFormat.TURTLE)
        if not isinstance(quad.subject, BlankNode)
    }


def test_an_index_holds_the_spellings_through_changes_of_files(base, kept):
    if kept == "memory":
        assert spelt_in(base) == in_files(base)
        return
    assert spelt_in(base) == in_files(base)
    old, more = base.root / "data" / "old.ttl", base.root / "data" / "more.nt"
    for change in (
        lambda: old.write_text(PREFIXES + ":m1 :rank 3.00 , 3.0 .", encoding="utf-8"),
        lambda: more.write_text(
            f'<https://example.org/m9> <https://example.org/rank> "07"^^<{XSD}integer> .\n',
            encoding="utf-8",
        ),
        lambda: old.write_text(PREFIXES + ":m1 :rank 3.5 .", encoding="utf-8"),
        more.unlink,
        lambda: old.write_text(PREFIXES + OLD, encoding="utf-8"),
    ):
        change()
        assert spelt_in(base) == in_files(base)
        assert index.check(base).problems == ()


def test_files_of_many_lines_keep_their_spellings(base, kept):
    lines = [
        f"<https://example.org/m{number}> <https://example.org/rank> {typed(value, 'double')} .\n"
        for number in range(1_000)
        for value in ("3", "3.0", f"{number}.50")
    ]
    text = "".join(lines).replace("\n", "\n" + "# note\n", 1)
    (base.root / "data" / "careful.nt").write_text(text, encoding="utf-8")
    (base.root / "data" / "plain.nt").write_text(text.replace("# note\n", ""), encoding="utf-8")
    assert spelt_in(base) == in_files(base)
    if kept == "disk":
        assert index.check(base).problems == ()


def test_verify_finds_a_spelling_that_is_not_that_of_the_file(base, kept, monkeypatch):
    if kept == "memory":
        pytest.skip("there is nothing to verify in memory")
    with monkeypatch.context() as patch:
        patch.setattr(spellings, "spelt", lambda _quads, _names: iter(()))
        index.make(base)
    problems = index.check(base).problems
    assert [re.sub(r": <.*", "", each) for each in problems] == [
        "data/doubles.ttl: among the spellings, the index lacks 1 triple",
        "data/old.ttl: among the spellings, the index lacks 14 triples",
    ]
    assert '"3e0"^^<http://www.w3.org/2001/XMLSchema#double>' in problems[0]


def test_an_index_without_spellings_is_made_anew(base, kept):
    if kept == "memory":
        pytest.skip("there is nothing to make anew in memory")
    index.make(base)
    manifest = base.cache / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"format": 3', b'"format": 1', 1))
    said = []
    index.open_store(base, warn=said.append)
    assert "another version" in said[0]
    assert spelt_in(base) == in_files(base)


# ------------------------------------------------------------------ random cases
# Hundreds of seeds were tried; a few stand here, for each takes a second.


def respelt(chance, triple):
    """Return a triple with one of the other spellings of its value, or another such value."""
    value = triple.object
    if not isinstance(value, Literal) or not value.datatype.value.startswith(XSD):
        return triple
    local = value.datatype.value.removeprefix(XSD)
    others = {
        "integer": ("integer", "int", "byte", "decimal", "double"),
        "date": ("date", "dateTime", "gYear"),
        "boolean": ("boolean",),
        "string": ("string",),
    }.get(local, (local,))
    datatype = chance.choice(others)
    return Triple(
        triple.subject,
        triple.predicate,
        typed(chance.choice(SPELT.get(datatype, [value.value])), datatype),
    )


def named(triple):
    """Return a triple with IRIs for its blank nodes, which have other names in each reading."""

    def name(term):
        return (
            NamedNode(f"https://example.org/b/{term.value}")
            if isinstance(term, BlankNode)
            else term
        )

    return Triple(name(triple.subject), triple.predicate, name(triple.object))


def n_triples(triples):
    return serialize(triples, format=RdfFormat.N_TRIPLES).decode()


def findings_of(base, sources):
    plan = rules(base.sources("shapes", "ontology")).plan
    data = changing.of_data(loading.load(map(of_base, sources)))
    return Counter(reference.run(reference.Job(plan.graph.triples, data)))


def one_case(root, seed):
    """Compare the check of one random change with pySHACL on all the files, before and after."""
    chance = random.Random(seed)  # noqa: S311
    case = random_shacl.case(seed)
    said = [
        respelt(chance, triple) if chance.random() < 0.5 else triple
        for triple in map(named, (*case.before, *case.before))
        if chance.random() < 0.7
    ]
    files = {f"data/f{number}.nt": [] for number in range(3)}
    for triple in said:
        files[chance.choice(list(files))].append(triple)
    texts = {
        name: n_triples(dict.fromkeys(triples)) or "# nothing\n" for name, triples in files.items()
    }
    new = [
        respelt(chance, each) if chance.random() < 0.5 else each
        for each in (*map(named, case.added), *chance.sample(said, min(4, len(said))))
    ]
    base = write(
        root,
        {
            "ontology/prefixes.ttl": PREFIXES + ONTOLOGY,
            "ontology/dragoman.ttl": PREFIXES + ":Mission :is :class .",
            "shapes/small.ttl": n_triples(case.shapes),
            "queries/none.rq": "#+ summary: None\nASK {}\n",
            **{name: text for name, text in texts.items() if text},
        },
    )
    sources = base.sources("ontology", "data")
    path = root / "new.nt"
    path.write_text(n_triples(dict.fromkeys(new)), encoding="utf-8")
    gone = [each for each in sources if each.folder == "data" and chance.random() < 0.3]
    try:
        before = findings_of(base, sources)
        after = findings_of(
            base,
            [
                *(each for each in sources if each not in gone),
                SourceFile(path, "new", "data", "urn:new"),
            ],
        )
    except ShapesError:
        return False
    opened = index.open_store(base)
    given = loading.Input(path, "new.nt", gone[0].graph if gone else None, "data")
    try:
        report = validate_change(base, [given], gone, index=opened)
    except ShapesError:
        return False
    found = Counter(_bare(each) for each in report.findings if "/lint/" not in each.component
                    and not each.component.startswith("https://w3id.org/dragoman"))  # fmt: skip
    expected = Counter(_bare(each) for each in (after - before).elements())
    assert expected == found, f"seed {seed}"
    return True


def _bare(finding):
    return dataclasses.replace(finding, file=None, line=None, graph=None)


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("start", [0, 6])
def test_random_changes_cause_what_pyshacl_finds_in_the_files_after_and_not_before(tmp_path, start):
    done = 0
    for seed in range(start, start + 6):
        done += one_case(tmp_path / str(seed), seed)
        shutil.rmtree(tmp_path / str(seed))
    assert done > 2
