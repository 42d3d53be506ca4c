"""What the recommendation says is what every engine answers: values in the data that end nothing,
messages in their languages, regular expressions of XPath, and the same in every process."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from pyoxigraph import RdfFormat, Triple, parse

import two_ways
from dragoman.errors import ShapesError
from dragoman.validation import Checking, analysis, engine, patterns, reference
from dragoman.walking import sparql

PREFIXES = """
@prefix ex: <http://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def triples(turtle):
    return tuple(
        Triple(quad.subject, quad.predicate, quad.object)
        for quad in parse(PREFIXES + turtle, RdfFormat.TURTLE)
    )


def found(shapes, data, how="both"):
    return engine.check(analysis.plan(triples(shapes)), triples(data), Checking(engine=how))


def short(findings):
    return sorted(
        (each.focus.value.rpartition("/")[2], None if each.value is None else each.value.value)
        for each in findings
    )


def messages(findings):
    return sorted({(text.value, text.language) for each in findings for text in each.messages})


def selecting(where, said=""):
    query = f"SELECT $this ?value WHERE {{ $this <http://example.org/p> ?it {where} }}"
    constraint = f'[ {said} sh:select """{query}""" ]'
    return f"ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:sparql {constraint} ."


HOSTILE = (
    'ex:a a ex:T ; ex:p "-0753-04-21"^^xsd:date , "24:00:00"^^xsd:time , "NaN"^^xsd:double , '
    '1e300 , "99999999999999999999"^^xsd:integer , "two"^^xsd:integer , "a b" , "(" , "x"@en , '
    '<http://x/> , true , "P1Y"^^xsd:duration , "2014-02-30"^^xsd:date , [] .'
)


@pytest.mark.parametrize(
    "expression",
    [
        "YEAR(?it)",
        "MD5(?it)",
        'REGEX(?it, "a")',
        'REGEX("a", ?it)',
        'REPLACE(?it, "a", ?it)',
        'IRI(CONCAT("http://x/", ?it))',
        "IRI(?it)",
        "STRLANG(?it, ?it)",
        "STRDT(?it, ?it)",
        "SUBSTR(?it, ?it)",
        "CONCAT(?it, STR(YEAR(?it)))",
        "?it / ?it",
        "?it - ?it",
        "-?it",
        "<http://www.w3.org/2001/XMLSchema#integer>(?it)",
        "<http://www.w3.org/2001/XMLSchema#dateTime>(?it)",
        "TIMEZONE(?it)",
        "ENCODE_FOR_URI(?it)",
        "LANGMATCHES(?it, ?it)",
        "ROUND(?it)",
        "IF(?it, ?it, 1/0)",
        "?it < 2",
        "?it = 1e300",
    ],
)
def test_no_value_in_the_data_ends_the_validation(expression):
    assert found(selecting(f"BIND({expression} AS ?value)"), HOSTILE)


@pytest.mark.parametrize(
    "function", ["SUM", "AVG", "MIN", "MAX", "COUNT", "SAMPLE", "GROUP_CONCAT"]
)
def test_no_value_in_a_set_ends_the_validation(function):
    inner = (
        f"SELECT $this ({function}(?each) AS ?value) WHERE "
        "{ $this <http://example.org/p> ?each } GROUP BY $this"
    )
    assert 1 == len(found(selecting(f"{{ {inner} }}"), HOSTILE))


def test_a_year_before_christ_is_a_year():
    shapes = selecting('BIND(YEAR(?it) AS ?value) FILTER(REGEX(STR(?value), "^-753$"))')
    assert [("a", "-753")] == short(found(shapes, HOSTILE))


@pytest.mark.parametrize(
    ("where", "data", "expected"),
    [
        ("BIND(SUBSTR(?it, 0, 2) AS ?value)", '"rome"', ["r"]),
        ("FILTER(?it / 7 * 7 = ?it)", "3", []),
        ("BIND(?it / 4 AS ?value)", "3", ["0.75"]),
        ('BIND(?it - "2011-03-01"^^xsd:date AS ?value)', '"2011-03-03"^^xsd:date', ["P2D"]),
        ("BIND(?it < 1 AS ?value)", '"NaN"^^xsd:double', ["false"]),
        ("FILTER(?it)", '"text"@en', ["a"]),
    ],
)
def test_engines_answer_as_the_recommendation_says(where, data, expected):
    shapes = selecting(where.replace("xsd:date", "<http://www.w3.org/2001/XMLSchema#date>"))
    data = f"ex:a a ex:T ; ex:p {data} ."
    values = [value.rpartition("/")[2] for _, value in short(found(shapes, data))]
    assert expected == values


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("FILTER(?it < ?other)", ["b"]),
        ("FILTER EXISTS { $this <http://example.org/q> ?one FILTER(?it < ?one) }", ["b"]),
        ("FILTER(?it < false)", []),
        ("FILTER((?it = ?other) < ?other)", ["b"]),
        ("FILTER NOT EXISTS { ?it <http://example.org/q> ?one FILTER(false) }", ["a", "b"]),
        ('FILTER EXISTS { $this <http://example.org/q> ?one FILTER(STR(?it) < "f"@en) }', []),
    ],
)
def test_truth_values_are_ordered_and_filtered_by(where, expected):
    shapes = selecting(f". $this <http://example.org/q> ?other {where}")
    data = (
        'ex:a a ex:T ; ex:p true ; ex:q false . ex:b a ex:T ; ex:p false ; ex:q "1"^^xsd:boolean .'
    )
    assert expected == sorted(name for name, _ in short(found(shapes, data)))


@pytest.mark.parametrize(
    ("made", "doubted"),
    [
        ("BOUND(?x)", True),
        ("?x = 1", True),
        ("IF(BOUND(?x), 1, false)", True),
        ("COALESCE(?x > 1, 0)", True),
        ("(!BOUND(?x))", True),
        ('IF(CONTAINS(?x, "a"), 1, 0)', False),
        ("1 + STRLEN(?x)", False),
        ("COALESCE(STRLEN(?x), 0)", False),
    ],
)
def test_only_what_may_be_a_truth_value_is_kept_from_the_store_that_orders_none(made, doubted):
    query = (
        "SELECT $this WHERE { $this <urn:p> ?x ; <urn:q> ?z . "
        f"BIND({made} AS ?y) FILTER(?y < ?z) }}"
    )
    assert doubted == ("no order of truth values" in sparql.read(query, {}).unproven)


def test_the_least_of_iris_is_an_iri():
    inner = (
        "SELECT $this (MIN(?each) AS ?value) WHERE { $this <http://example.org/p> ?each } "
        "GROUP BY $this"
    )
    (finding,) = found(selecting(f"{{ {inner} }}"), "ex:a a ex:T ; ex:p ex:c , ex:b .")
    assert "<http://example.org/b>" == str(finding.value)


def test_what_is_compared_with_each_node_may_be_found_once_by_itself():
    """A sub-select selects $this, as the recommendation has it, and need not ask anything of it."""
    one = "{ SELECT $this ?of ?own WHERE { $this ex:of ?of ; ex:p ?own } }"
    other = "{ SELECT $this ?of ?value WHERE { ?other ex:of ?of ; ex:p ?value } }"
    query = f"SELECT $this ?value WHERE {{ {one} {other} FILTER (?value < ?own) }}"
    assert not sparql.read(query, {"ex": "http://example.org/"}).unproven
    plain = query.replace("ex:of", "<http://example.org/of>").replace(
        "ex:p", "<http://example.org/p>"
    )
    shapes = f'ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:sparql [ sh:select """{plain}""" ] .'
    before = (
        "ex:a a ex:T ; ex:of ex:x ; ex:p 1 . ex:b a ex:T ; ex:of ex:x ; ex:p 2 . "
        "ex:c ex:of ex:y ; ex:p 0 ."
    )
    after = f"{before} ex:d ex:of ex:x ; ex:p 0 . ex:e a ex:T ; ex:of ex:y ; ex:p 1 ."
    assert [("b", "1")] == short(found(shapes, before))
    assert [("a", "0"), ("b", "0"), ("b", "1"), ("e", "0")] == short(found(shapes, after))
    assert {} == two_ways.differences(triples(shapes), triples(before), triples(after))


def test_a_sub_select_that_does_not_select_the_node_is_left_to_the_reference():
    inner = "{ SELECT ?value WHERE { ?other <urn:p> ?value } }"
    with pytest.raises(sparql.Unread, match="a sub-select does not select"):
        sparql.read(f"SELECT $this ?value WHERE {{ $this <urn:p> ?x {inner} }}", {})


def test_a_function_that_nobody_knows_is_named():
    shapes = selecting("FILTER(<http://example.org/fn>(?it))")
    with pytest.raises(ShapesError, match=r"example.org/S.*function <http://example.org/fn>"):
        found(shapes, "ex:a a ex:T ; ex:p 1 .")


# ------------------------------------------------------------------ messages


SAID = 'sh:message "{$this} has {?value}."@en , "{$this} hat {?value}."@de , "{?none}" ;'


def test_messages_of_a_sparql_constraint_keep_their_languages():
    data = r'ex:a a ex:T ; ex:p "x\\d" .'
    expected = [
        ("http://example.org/a has x\\d.", "en"),
        ("http://example.org/a hat x\\d.", "de"),
        ("{?none}", None),
    ]
    assert expected == messages(found(selecting("BIND(?it AS ?value)", SAID), data))


def test_the_message_of_a_shape_stands_for_those_of_its_constraints():
    shapes = f'{selecting("", SAID)} ex:S sh:message "Dies."@de , "This."@en .'
    expected = [("Dies.", "de"), ("This.", "en")]
    assert expected == messages(found(shapes, "ex:a a ex:T ; ex:p 1 ."))


def test_a_query_may_give_the_message_itself():
    query = "SELECT $this ?message WHERE { $this <http://example.org/p> ?message }"
    shapes = (
        f'ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:sparql [ {SAID} sh:select "{query}" ] .'
    )
    assert [("mal", "fr")] == messages(found(shapes, 'ex:a a ex:T ; ex:p "mal"@fr .'))


COMPONENT = """
ex:C a sh:ConstraintComponent ; sh:message "of the component" ; sh:parameter [ sh:path ex:needs ] ;
    sh:validator [ a sh:SPARQLAskValidator ; sh:message "{?value} lacks {$needs}"@en ;
        sh:ask "ASK { ?value $needs ?any }" ] .
ex:S a sh:NodeShape ; sh:targetClass ex:T ; ex:needs ex:name , ex:rank .
"""


def test_each_value_of_a_single_parameter_is_a_constraint():
    expected = [
        ("http://example.org/a lacks http://example.org/name", "en"),
        ("http://example.org/a lacks http://example.org/rank", "en"),
    ]
    assert expected == messages(found(COMPONENT, "ex:a a ex:T ."))


def test_one_of_several_parameters_has_one_value():
    shapes = COMPONENT.replace("[ sh:path ex:needs ]", "[ sh:path ex:needs ] , [ sh:path ex:too ]")
    with pytest.raises(ShapesError, match="more than one value of needs"):
        found(f"{shapes} ex:S ex:too 1 .", "ex:a a ex:T .")


def test_a_value_that_python_holds_for_false_is_a_value():
    shapes = """
    ex:C a sh:ConstraintComponent ; sh:parameter [ sh:path ex:least ] ;
        sh:validator [ a sh:SPARQLAskValidator ; sh:ask "ASK { FILTER(?value >= $least) }" ] .
    ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:property [ sh:path ex:p ; ex:least 0 ] .
    """
    assert [("a", "-1")] == short(found(shapes, "ex:a a ex:T ; ex:p 0 , -1 ."))


def test_a_select_validator_is_asked_once_for_a_focus_node():
    shapes = """
    ex:C a sh:ConstraintComponent ; sh:parameter [ sh:path ex:some ] ;
        sh:propertyValidator [ a sh:SPARQLSelectValidator ;
            sh:select "SELECT $this WHERE { FILTER NOT EXISTS { $this $PATH ?any } }" ] .
    ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:property [ sh:path ex:p ; ex:some true ] .
    """
    assert [("b", None)] == short(found(shapes, "ex:a a ex:T ; ex:p 1 , 2 . ex:b a ex:T ."))


CHANGE = """
import json, sys
from test_engines import COMPONENT, messages, triples
from dragoman.validation import analysis, engine
from dragoman.walking.naming import store_of
before = triples(" ".join(f"ex:old{n} a ex:T ." for n in range(4)))
added = triples('ex:new a ex:T ; ex:name "N" ; ex:rank 1 .')
change = engine.Change(store_of((*before, *added)), not_before=frozenset(added))
plan = analysis.plan(triples(COMPONENT))
caused = engine.check_change(plan, change)
print(json.dumps([messages(caused), messages(engine.check(plan, before))]))
"""


def test_a_change_causes_the_same_whatever_the_seed_of_hashes():
    answers = []
    for seed in ("0", "1", "7"):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        environment["PYTHONPATH"] = os.pathsep.join([*sys.path, os.path.dirname(__file__)])  # noqa: PTH120
        ran = subprocess.run(
            [sys.executable, "-c", CHANGE],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        answers.append(json.loads(ran.stdout))
    assert [[], 8] == [answers[0][0], len(answers[0][1])]
    assert answers == [answers[0]] * 3


def test_findings_are_one_by_what_was_found_whatever_the_words():
    (finding,) = found(selecting("", SAID), "ex:a a ex:T ; ex:p 1 .")
    other = engine.replace(finding, messages=())
    assert [] == engine.less([finding], [other])
    assert [finding] == engine.less([finding, finding], [other])


# ------------------------------------------------------------------ patterns


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (r"^\p{Lu}\p{Ll}+$", "Łódź", True),
        (r"^\p{Lu}\p{Ll}+$", "łódź", False),
        (r"^\p{IsCyrillic}+$", "Москва", True),
        (r"^\P{IsBasicLatin}$", "é", True),
        (r"^\i\c*$", "é-1", True),
        (r"^\i\c*$", "1é", False),
        (r"^[a-z-[aeiou]]+$", "xyz", True),
        (r"^[a-z-[aeiou]]+$", "xaz", False),
        (r"^[^a-c-[x]]$", "x", False),
        (r"^[\p{L}-[\p{Lu}]]+$", "abc", True),
        (r"^\w$", "€", True),
        (r"\s", "\u00a0", False),
        (r"^[a&&b]+$", "&", True),
        (r"^[a--b]?$", "a", None),
        (r"a$", "a\n", False),
        (r"\p{Nonsense}", "", None),
        (r"\p{IsNowhere}", "", None),
        (r"(a", "", None),
        (r"\y", "", None),
        (r"[a", "", None),
    ],
)
def test_patterns_are_those_of_xpath(pattern, text, matches):
    try:
        answer = bool(patterns.compiled(pattern).search(text))
    except ValueError:
        answer = None
    assert matches == answer


@pytest.mark.parametrize(
    ("flags", "pattern", "text", "matches"),
    [
        ("i", "É", "é", True),
        ("x", "a b", "ab", True),
        ("x", "a[ ]b", "a b", True),
        ("q", "a.b", "a.b", True),
        ("q", "a.b", "axb", False),
        ("s", "a.b", "a\nb", True),
        ("m", "^b$", "a\nb", True),
        ("", "^b$", "a\nb", False),
    ],
)
def test_flags_are_those_of_xpath(flags, pattern, text, matches):
    assert matches == bool(patterns.compiled(pattern, flags).search(text))


def test_a_pattern_of_a_shape_knows_the_classes_of_unicode():
    shapes = r"""
    ex:S a sh:NodeShape ; sh:targetClass ex:T ;
        sh:property [ sh:path ex:p ; sh:pattern "^\\p{Lu}{2}\\d$" ] .
    """
    assert [("a", "öä1")] == short(found(shapes, 'ex:a a ex:T ; ex:p "ÖÄ1" , "öä1" .'))


def test_a_pattern_that_is_none_is_named_with_its_shape():
    shapes = 'ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:pattern "[a-" .'
    with pytest.raises(ShapesError, match=r"'\[a-', the sh:pattern of <http://example.org/S>"):
        found(shapes, "ex:a a ex:T .")


def test_the_words_of_a_finding_do_not_depend_on_other_nodes():
    job = reference.Job(triples(COMPONENT), triples("ex:a a ex:T . ex:b a ex:T ."))
    assert all(1 == len(each.messages) for each in reference.run(job))
