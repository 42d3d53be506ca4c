"""The fast engine for SHACL Core gives what the reference gives, or says that it might not."""

from __future__ import annotations

from collections import Counter

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

import random_shacl
import test_shacl_w3c as w3c
from dragoman.errors import ShapesError
from dragoman.validation import core, literals, reference
from dragoman.validation.messages import COMPONENTS

pytest.importorskip("shacl", reason="the fast engine has no wheel for this platform")

PREFIXES = """\
@prefix : <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
DATA = """
:n a :C ; :p 1 , "a" , :m , _:x ; :q 2 .
:m a :D ; :p :n ; :q "b"@en .
_:x a :C ; :p _:y , 5 .
_:y :p _:x .
:C rdfs:subClassOf :E .
:D rdfs:subClassOf :C .
:E rdfs:subClassOf :D .
:r a rdfs:Resource , :C ; :p 2 .
"""


def triples(turtle):
    quads = parse(PREFIXES + turtle, RdfFormat.TURTLE)
    return frozenset(Triple(quad.subject, quad.predicate, quad.object) for quad in quads)


def values(*spelt):
    return " ".join(f":n :p {each} ." for each in spelt)


def short(finding):
    return finding.component.removeprefix(core.vocabulary.SH).removesuffix("ConstraintComponent")


def found(shapes, data=DATA):
    """Return the findings of the fast engine, once they are those of the reference."""
    graph, facts = triples(shapes), triples(data)
    assert {} == core.unproven(graph)
    fast = Counter(core.run(graph, facts))
    assert Counter(reference.run(reference.Job(tuple(graph), tuple(facts)))) == fast
    return sorted(str(each.value) for each in fast.elements())


# ------------------------------------------------------------------ random cases

SEEDS = range(1, 301)


@pytest.mark.parametrize("first", SEEDS[::30])
def test_on_random_cases_it_finds_what_the_reference_finds(first):
    for seed in range(first, first + 30):
        case = random_shacl.case(seed)
        nothing = (Counter(), Counter())
        for data in (case.before, case.after):
            assert nothing == random_shacl.core_differences(case.shapes, data), f"seed {seed}"


@pytest.fixture(scope="module")
def sample():
    return [random_shacl.case(seed) for seed in SEEDS]


@pytest.mark.parametrize(
    "predicate",
    [
        *core.sh.COMPONENTS,
        *core.sh.TARGETS,
        *(f"{core.vocabulary.SH}{each}Path" for each in ("inverse", "alternative")),
        *(f"{core.vocabulary.SH}{each}Path" for each in ("zeroOrMore", "oneOrMore", "zeroOrOne")),
        *(core.sh.SPARQL, core.sh.SEVERITY, core.sh.MESSAGE, core.sh.DEACTIVATED, core.sh.FLAGS),
        f"{core.vocabulary.SH}prefixes",
    ],
    ids=lambda predicate: predicate.rpartition("#")[2],
)
def test_random_shapes_use_everything(sample, predicate):
    assert 3 <= sum(any(t.predicate.value == predicate for t in each.shapes) for each in sample)


def test_random_cases_are_neither_all_right_nor_all_wrong():
    cases = [random_shacl.case(seed) for seed in SEEDS[:100]]
    changing = sum(any(random_shacl.expected(case)) for case in cases)
    assert len(cases) / 3 < changing < len(cases) * 2 / 3


def test_random_changes_add_and_remove_and_reach_the_classes(sample):
    assert 100 < sum(bool(each.added) for each in sample)
    assert 100 < sum(bool(each.removed) for each in sample)
    kinds = Counter(t.predicate for each in sample for t in (*each.added, *each.removed))
    assert 20 < kinds[random_shacl.TYPE]
    assert 20 < kinds[random_shacl.SUBCLASS]


def test_a_seed_gives_the_same_case_again():
    assert random_shacl.case(7) == random_shacl.case(7)


def test_most_constraints_of_random_cases_are_proven(sample):
    everything = sum(
        triple.predicate.value in core.sh.COMPONENTS for each in sample for triple in each.shapes
    )
    assert sum(len(core.unproven(each.shapes)) for each in sample) < everything / 10


# ------------------------------------------------------------------ the suite of the W3C

CORE = [path for path in w3c.CASES if "sparql" not in path.parts]
IN_DOUBT = {
    "pattern-002.ttl",
    "qualified-001.ttl",
    "path-strange-001.ttl",
    "shacl-shacl.ttl",
    "uniqueLang-002.ttl",
    "xone-duplicate.ttl",
}


@pytest.mark.skipif(not CORE, reason="the W3C SHACL suite (../shared/suites/shacl-w3c) is not here")
def test_the_core_suite_of_the_w3c_is_whole():
    assert len(CORE) == 85


@pytest.mark.parametrize("path", CORE, ids=lambda path: "/".join(path.parts[-2:]))
def test_the_report_is_the_one_the_w3c_expects_or_is_in_doubt(path):
    data_file, shapes_file, expected = w3c.case_of(path)
    shapes = tuple(w3c.read(shapes_file).triples)
    # One file is read once, for its blank nodes are the same in both graphs.
    data = shapes if data_file == shapes_file else tuple(w3c.read(data_file).triples)
    unproven = core.unproven(shapes)
    assert bool(unproven) == (path.name in IN_DOUBT)
    if unproven:
        try:
            rows = [w3c.row(each) for each in core.run(shapes, data)]
        except ShapesError:
            rows = []
        assert set(rows) <= set(expected or ())
    else:
        assert expected == sorted(w3c.row(each) for each in core.run(shapes, data))


# ------------------------------------------------------------------ where engines had differed

NUMBERS = values("1", "2.5", "2e0", '"300"^^xsd:byte', '"1_0"^^xsd:integer', '"1e3"^^xsd:decimal')


@pytest.mark.parametrize(
    ("shapes", "data", "expected"),
    [
        pytest.param(
            ":S sh:targetClass :C ; sh:closed true ; sh:ignoredProperties ( :p :q ) .",
            DATA,
            5,
            id="a closed shape allows rdfs:Resource no more than another class",
        ),
        pytest.param(
            ":S sh:targetNode :n ; sh:property "
            "[ sh:path [ sh:inversePath ( :a :b ) ] ; sh:hasValue :start ] .",
            ":start :a :middle . :middle :b :n .",
            0,
            id="the inverse of a sequence goes backwards",
        ),
        pytest.param(
            ':S sh:targetNode :n ; sh:property [ sh:path :p ; sh:pattern "^a$" ] .',
            values('"a"', '"a\\n"'),
            1,
            id="a line feed is not the end",
        ),
        pytest.param(
            ":S sh:targetNode :n ; sh:property [ sh:path :p ; sh:datatype xsd:date ] .",
            values(
                *('"-0044-03-15"^^xsd:date', '"12014-01-01"^^xsd:date', '"2015-02-29"^^xsd:date'),
                *('"2014-01-01+15:00"^^xsd:date', '"2014-01-01T00:00:00"^^xsd:date'),
                *('"2016-02-29Z"^^xsd:date', '"20140101"^^xsd:date'),
            ),
            4,
            id="dates are what XML Schema says",
        ),
        pytest.param(
            ":S sh:targetNode :n ; sh:property [ sh:path :p ; sh:datatype xsd:integer ] .",
            values(
                '"1_000"^^xsd:integer',
                '" 1"^^xsd:integer',
                '"١"^^xsd:integer',
                '"+01"^^xsd:integer',
            ),
            3,
            id="integers are what XML Schema says",
        ),
        pytest.param(
            ":S sh:targetNode :n ; sh:property [ sh:path :p ; sh:datatype xsd:double ] .",
            values('"nan"^^xsd:double', '"Infinity"^^xsd:double', '"INF"^^xsd:double', "1e400"),
            2,
            id="doubles are what XML Schema says",
        ),
        pytest.param(
            ":S sh:targetNode :n ; sh:property [ sh:path :p ; sh:datatype xsd:token ] .",
            values('"a  b"^^xsd:token', '" a"^^xsd:token', '"a"'),
            3,
            id="white space is kept, and a token has none at its ends and no two blanks",
        ),
        pytest.param(
            ":S sh:targetNode :n ; sh:property [ sh:path :p ; sh:datatype xsd:gYearMonth ] .",
            values('"1961-13"^^xsd:gYearMonth', '"1961-12"^^xsd:gYearMonth'),
            1,
            id="a month is one of the calendar",
        ),
        pytest.param(
            ":S sh:targetNode :n ; sh:property [ sh:path :p ; sh:datatype xsd:date ] .",
            values('"99999999999999999999-01-01"^^xsd:date', "1961"),
            1,
            id="a year of any length is one",
        ),
        pytest.param(
            ":S sh:targetNode :n ; sh:property [ sh:path :p ; sh:minInclusive 2 ] .",
            NUMBERS + values('"2020-01-01"^^xsd:date', '"x"', "true", ":m", "_:b"),
            8,
            id="what cannot be compared with a number is a result",
        ),
        pytest.param(
            ":S sh:targetNode :n ; "
            "sh:property [ sh:path :p ; sh:minInclusive 'NaN'^^xsd:double ] .",
            NUMBERS,
            6,
            id="nothing compares with NaN",
        ),
        pytest.param(
            ":S sh:targetNode :n ; sh:property "
            '[ sh:path :p ; sh:maxExclusive "2014-06-30"^^xsd:date ] .',
            values(
                *('"2014-06-29"^^xsd:date', '"2014-06-29Z"^^xsd:date', '"2014-06-30Z"^^xsd:date'),
                *('"-0044-03-15"^^xsd:date', '"2014-06-01T00:00:00"^^xsd:dateTime'),
            ),
            2,
            id="dates with and without a zone compare where hours cannot matter",
        ),
        pytest.param(
            ":S sh:targetNode :n ; sh:property [ sh:path :p ; sh:lessThan :q ] .",
            ":n :p 1 , :m , _:b , 'a'@en ; :q 2 , 'b' , :m .",
            10,
            id="blank nodes and IRIs are not less than anything",
        ),
        pytest.param(
            ":S sh:targetClass :C ; sh:property :P . "
            ":P sh:path :p ; sh:targetNode :n ; sh:class :C , :Z .",
            DATA,
            19,
            id="a shape that aims by itself reports again, and each class counts",
        ),
        pytest.param(
            ":S a owl:Class , sh:NodeShape ; sh:nodeKind sh:IRI . :C a rdfs:Class , sh:NodeShape ; "
            "sh:property [ sh:path ( :p [ sh:zeroOrMorePath :p ] ) ; sh:nodeKind sh:IRI ] .",
            DATA + ":k a :S . _:k a :S .",
            15,
            id="a shape may be a class",
        ),
        pytest.param(
            ":S sh:targetNode 05 , 'a'@en , :nowhere ; sh:nodeKind sh:BlankNode ; "
            "sh:property [ sh:path [ sh:zeroOrOnePath :p ] ; sh:maxLength 1 ] .",
            "",
            5,
            id="literals and unknown things may be targets, spelt as given",
        ),
        pytest.param(
            ":S sh:targetNode :n ; sh:property [ sh:path :p ; sh:in ( 5 'a'@en :i ) ] .",
            values("05", "5.0", "5", "'a'", "'a'@EN", ":i"),
            3,
            id="equal is the same term, languages in any case",
        ),
        pytest.param(
            ":S sh:targetNode :n ; sh:deactivated true ; sh:class :Z . :T sh:targetNode :n ; "
            "sh:severity :Odd ; sh:message 'a'@en , 'b'@de , 'c' ; sh:class :Z ; "
            "sh:not [ sh:deactivated true ; sh:class :Z ] .",
            DATA,
            2,
            id="what is deactivated finds nothing, and everything conforms to it",
        ),
    ],
)
def test_it_agrees_where_engines_had_differed(shapes, data, expected):
    assert expected == len(found(shapes, data))


@pytest.mark.parametrize(
    ("shapes", "parameter"),
    [
        ("[ sh:path :p ; sh:pattern 'a' ; sh:flags 'i' ]", "pattern"),
        ("[ sh:path :p ; sh:pattern '\\\\w' ]", "pattern"),
        ("[ sh:path :p ; sh:pattern '(?=a)' ]", "pattern"),
        ("[ sh:path :p ; sh:pattern '[a-z&&[b]]' ]", "pattern"),
        ("[ sh:path :p ; sh:pattern '(' ]", "pattern"),
        ("[ sh:path :p ; sh:pattern '((a{99}){99}){99}' ]", "pattern"),
        ("[ sh:path :p ; sh:languageIn ( 'en-gb' ) ]", "languageIn"),
        ("[ sh:path :p ; sh:languageIn ( '*' ) ]", "languageIn"),
        ("[ sh:path :p ; sh:minLength 0 ]", "minLength"),
        ("[ sh:path :p ; sh:datatype rdfs:Literal ]", "datatype"),
        ("[ sh:path :p ; sh:closed true ]", "closed"),
        ("[ sh:path :p ; sh:in ( [] ) ]", "in"),
        ("[ sh:path :p ; sh:hasValue [] ]", "hasValue"),
        ("[ sh:path :p ; sh:xone ( :T :T ) ]", "xone"),
        ("[ sh:path :p ; sh:node :S ]", "node"),
        ("[ sh:path :p ; sh:not [ sh:sparql [ sh:select 'SELECT $this { }' ] ] ]", "not"),
        ("[ sh:path :p ; sh:or ( [ sh:minLength 0 ] ) ]", "or"),
        (
            (
                "[ sh:path :p ; sh:qualifiedMinCount 1 ; sh:qualifiedValueShape :T ; "
                "sh:qualifiedValueShapesDisjoint true ] , "
                "[ sh:path :p ; sh:qualifiedMaxCount 1 ; sh:qualifiedValueShape :T ]"
            ),
            "qualifiedMinCount",
        ),
    ],
)
def test_a_constraint_in_doubt_is_named_and_left_out(shapes, parameter):
    graph = triples(f":S sh:targetClass :C ; sh:property {shapes} . :T sh:nodeKind sh:IRI .")
    doubts = core.unproven(graph)
    assert f"{core.vocabulary.SH}{parameter}" in {name for _, name in doubts}
    left_out = {(node, core.sh.COMPONENTS[name]) for node, name in doubts}
    assert not left_out & {(each.shape, each.component) for each in core.run(graph, triples(DATA))}


def test_shapes_that_nest_deeper_than_the_reference_goes_are_in_doubt():
    text = f":S sh:targetNode :n ; {'sh:not [ ' * 90} sh:nodeKind sh:IRI {' ]' * 90} ."
    assert 91 == len(core.unproven(triples(text)))


def test_a_list_of_shapes_and_a_path_may_share_a_cell():
    shapes = (
        ":S sh:targetNode :n ; sh:or ( [ sh:class :Z ] ) ; "
        "sh:property [ sh:path _:two ; sh:in ( 1 ) ] ; sh:and _:one . "
        "_:two rdf:first :q ; rdf:rest _:one . _:one rdf:first _:both ; rdf:rest () . "
        "_:both sh:oneOrMorePath :p ."
    )
    assert 2 == len(found(shapes, ":n :q :m . :m :p 2 ."))


def test_a_path_that_a_short_text_makes_endless_is_refused():
    steps = (f"_:l{n} sh:alternativePath ({f' _:l{n + 1}' * 30} ) ." for n in range(8))
    graph = triples(
        ":S sh:targetNode :n ; sh:property [ sh:path _:l0 ; sh:minCount 1 ] . "
        f"{' '.join(steps)} _:l8 sh:inversePath :p ."
    )
    with pytest.raises(ShapesError, match="A path nests too deep"):
        core.run(graph, b"")


def test_arithmetic_on_what_is_no_number_is_no_result_of_the_reference():
    graph = triples(
        ":S sh:targetNode :n ; sh:sparql [ sh:select "
        "'SELECT $this ?value { $this <http://example.org/p> ?p . BIND (?p + 1 AS ?value) "
        "FILTER (?value > 1) }' ] ."
    )
    data = triples(values("1", "'two'^^xsd:integer"))
    assert 1 == len(reference.run(reference.Job(tuple(graph), tuple(data))))


def test_a_blank_node_of_the_shapes_graph_as_target_is_in_doubt():
    assert 1 == len(core.unproven(triples(":S sh:targetNode [] ; sh:nodeKind sh:IRI .")))


@pytest.mark.parametrize(
    "shapes",
    [
        "sh:property [ sh:path :p ; sh:minCount 1 , 2 ]",
        "sh:property [ sh:path :p ; sh:minCount '1' ]",
        "sh:property [ sh:path :p ; sh:minCount -1 ]",
        "sh:property [ sh:path :p ; sh:minCount 99999999999999999999999 ]",
        "sh:property [ sh:minCount 1 ]",
        "sh:property :undefined ; sh:class :C",
        "sh:property [ sh:path :p , :q ; sh:minCount 1 ]",
        "sh:property [ sh:path 'p' ; sh:minCount 1 ]",
        "sh:property [ sh:path ( :p ) ; sh:minCount 1 ]",
        "sh:property [ sh:path [] ; sh:minCount 1 ]",
        "sh:property [ sh:path [ sh:alternativePath ( :p ) ] ; sh:minCount 1 ]",
        "sh:property [ sh:path _:c ; sh:minCount 1 ] . _:c sh:inversePath _:c",
        "sh:property [ sh:path ( :p :p :p :p :p :p :p :p :p :p :p :p ) ; sh:minCount 1 ]",
        "sh:property [ sh:path :p ; sh:qualifiedMinCount 1 ]",
        "sh:property [ sh:path :p ; sh:qualifiedValueShape [] ]",
        "sh:property [ sh:path :p ; sh:qualifiedValueShapesDisjoint true ]",
        "sh:property [ sh:path :p ; sh:uniqueLang '1'^^xsd:boolean ]",
        "sh:minCount 1",
        "sh:uniqueLang true",
        "sh:lessThan :p",
        "sh:in _:l . _:l rdf:first 1",
        "sh:in _:l . _:l rdf:first 1 ; rdf:rest _:l",
        "sh:in ( 1 ) , ( 2 )",
        "sh:in 'x'",
        "sh:or ()",
        "sh:or [ sh:class :C ]",
        "sh:node 'x'",
        "sh:node [ sh:path :p ; sh:minCount 1 ]",
        "sh:nodeKind :x",
        "sh:class [] ",
        "sh:datatype 'x'",
        "sh:minInclusive :x",
        "sh:pattern 5",
        "sh:deactivated 'true' ; sh:class :C",
        "sh:severity sh:Info , sh:Warning ; sh:class :C",
        "sh:closed 'true'",
        "sh:closed true ; sh:ignoredProperties ( 'x' )",
        "sh:ignoredProperties ( :p ) ; sh:class :C",
        "a sh:NodeShape ; sh:path :p ; sh:minCount 1",
        "a sh:PropertyShape ; sh:class :C",
        "sh:targetClass 'x' ; sh:class :C",
    ],
)
def test_shapes_that_are_not_well_formed_are_refused_and_wholly_in_doubt(shapes):
    graph = triples(f":S sh:targetNode :n ; {shapes} . :Good sh:targetNode :n ; sh:class :Z .")
    assert (NamedNode("http://example.org/Good"), core.sh.CLASS) in core.unproven(graph)
    with pytest.raises(ShapesError, match="The shapes cannot be used: "):
        core.run(graph, triples(DATA))


def test_what_is_not_core_is_left_to_others():
    graph = triples(
        ":S sh:targetNode :n ; sh:class :Z ; sh:sparql [ sh:select 'SELECT $this { }' ] ; "
        "sh:expression [ sh:path :p ] ; :max 5 . :owl owl:imports <http://127.0.0.1:1/> . "
        ":Max a sh:ConstraintComponent ; sh:parameter [ sh:path :max ] ."
    )
    assert ["Class"] == [short(each) for each in core.run(graph, triples(DATA))]


# ------------------------------------------------------------------ terms there and back

BLANK = """
:S sh:targetSubjectsOf :p ; sh:nodeKind sh:Literal ; sh:in ( 1 2 ) ;
    sh:property [ sh:path ( :p [ sh:zeroOrOnePath :p ] ) ; sh:nodeKind sh:Literal ] .
"""


def test_blank_nodes_come_back_as_they_were_called():
    text = (
        b"# _:no <http://example.org/p> _:no .\n"
        b'<http://example.org/a> <http://example.org/q> "_:no <x> _:no" . # _:no\r\n'
        b"_:z.9 <http://example.org/p> _:b5.\r_:b5<http://example.org/p>_:z.9 .\n"
        b'\t_:ff <http://example.org/p> "x"@EN .'
    )
    results = core.run(triples(BLANK), text)
    kinds = {str(each.focus) for each in results if each.path is None}
    assert {"_:z.9", "_:b5", "_:ff"} == kinds
    assert {("_:z.9", "_:z.9"), ("_:z.9", "_:b5"), ("_:b5", "_:b5"), ("_:b5", "_:z.9")} == {
        (str(each.focus), str(each.value)) for each in results if each.path
    }


def test_shapes_without_a_name_come_back_too():
    graph = triples(BLANK)
    (node,) = {each.shape for each in core.run(graph, triples(DATA)) if each.path}
    assert isinstance(node, BlankNode)
    assert any(each.subject == node for each in graph)


@pytest.mark.parametrize(
    "value",
    [
        '"a\\tb\\"\\\\\\u0001é𝒜"',
        '"01.50"^^xsd:decimal',
        "'x'@zh-hant",
        "'  '^^xsd:token",
        "<urn:é#x>",
    ],
)
def test_terms_keep_their_spelling(value):
    (finding,) = core.run(
        triples(":S sh:targetObjectsOf :p ; sh:class :Z ."), triples(values(value))
    )
    (triple,) = triples(values(value))
    assert triple.object == finding.focus == finding.value


@pytest.mark.parametrize(
    "data",
    [
        b"<urn:a> <urn:p> <<( <urn:a#b> <urn:b> <urn:c> )>> .\n",
        b'<urn:a> <urn:p> "<<" .\n_:a#b <urn:p#q> <<( <urn:a> <urn:b> "c" )>> .\n',
        [Triple(*[NamedNode("urn:a")] * 2, Triple(*[NamedNode("urn:a")] * 3))],
    ],
)
def test_quoted_triples_are_refused(data):
    with pytest.raises(ShapesError, match="SHACL knows no quoted triple"):
        core.run(triples(":S sh:targetNode :n ; sh:class :C ."), data)


def test_what_only_looks_like_a_quoted_triple_is_fine():
    assert 1 == len(
        core.run(
            triples(":S sh:targetSubjectsOf <urn:p> ; sh:class :C ."),
            b'# <<\n<urn:a> <urn:p> "<<( <a> )>>" . # <<\n',
        )
    )


def test_an_hour_that_only_the_engine_knows_is_asked_of_the_reference():
    shapes = ":S sh:targetNode :n ; sh:property [ sh:path :p ; sh:datatype xsd:dateTime ] ."
    wrong, right = '"2014-01-01T24:00:01Z"^^xsd:dateTime', '"2014-01-01T24:00:00Z"^^xsd:dateTime'
    assert 1 == len(found(shapes, values(wrong, right)))


# ------------------------------------------------------------------ words, order, speed


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        ("sh:minCount 2", "It must have at least 2 value(s) for <http://example.org/p>."),
        ("sh:class :Z", "Each value must be an instance of http://example.org/Z "),
        ("sh:in ( 1 'b' )", 'Each value must be one of "b", 1 for '),
        ("sh:not [ sh:class :C ]", "Each value must not conform to a shape without a name for "),
        ("sh:hasValue 'x'@en", 'It must have the value "x"@en for '),
    ],
)
def test_a_finding_says_what_is_wrong_where_its_shape_does_not(shapes, words):
    graph = triples(f":S sh:targetNode :r ; sh:property [ sh:path :p ; {shapes} ] .")
    (finding,) = core.run(graph, triples(":r :p :m . :m a :C ."))
    (message,) = finding.messages
    assert message.language == "en"
    assert message.value.startswith(words.rstrip())


def test_every_component_of_core_has_words():
    reported = set(core.sh.COMPONENTS.values()) - {core.sh.COMPONENTS[core.sh.PROPERTY]}
    assert COMPONENTS == reported


@pytest.mark.parametrize(
    ("first", "second", "order"),
    [
        (("1", "integer"), ("1.0", "decimal"), 0),
        (("0.1", "decimal"), ("0.1", "double"), 0),
        (("NaN", "double"), ("NaN", "double"), None),
        (("-0", "double"), ("0", "integer"), 0),
        (("a", "string"), ("b", "string"), -1),
        (("a", "string"), ("1", "integer"), None),
        (("true", "boolean"), ("0", "boolean"), 1),
        (("2014-06-30", "date"), ("2014-06-30Z", "date"), None),
        (("2014-06-30", "date"), ("2014-07-02Z", "date"), -1),
        (("2014-06-30", "date"), ("2014-06-30T00:00:00", "dateTime"), None),
        (("2014-06-30T24:00:00Z", "dateTime"), ("2014-07-01T00:00:00Z", "dateTime"), 0),
        (("P1Y", "duration"), ("P12M", "duration"), 0),
        (("P1M", "duration"), ("P30D", "duration"), None),
        (("2014", "gYear"), ("2014", "gYear"), None),
        (("1e3", "decimal"), ("1", "decimal"), None),
        (("0.1234567890123456789", "decimal"), ("0", "decimal"), None),
    ],
)
def test_literals_are_ordered_by_their_values(first, second, order):
    one, two = (
        Literal(text, datatype=NamedNode(f"{core.vocabulary.XSD}{name}"))
        for text, name in (first, second)
    )
    assert order == literals.order(one, two)
    assert (None if order is None else -order) == literals.order(two, one)


def test_shapes_are_compiled_once():
    graph = triples(BLANK)
    core.run(graph, b"")
    before = core.prepare.cache_info()
    core.run(graph, b"")
    after = core.prepare.cache_info()
    assert (before.misses, before.hits + 1) == (after.misses, after.hits)


def test_the_command_says_that_engines_agree(capsys):
    assert 0 == random_shacl.main(["--cases", "5", "--seed", "9"])
    assert "5 cases from seed 9: no difference" in capsys.readouterr().out
