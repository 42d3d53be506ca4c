"""Saved queries, and values in the place of their parameters."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Store

from conftest import SHARED, rounds
from dragoman import names, queries, store, syntax, vocabulary
from dragoman.base import Base, packaged_base
from dragoman.errors import DragomanError, ParameterError, SyntaxProblem, UnknownNameError

XSD = vocabulary.XSD
STATE = "https://w3id.org/dragoman/id/state/"
HEAD = "#+ summary: Things\n#+ description: Which things?\n#+ tags: [all]\n"


@pytest.fixture
def base(root):
    return Base(root, "test")


@pytest.fixture
def bound(base):
    """Bind values to the parameters of one of the small base's queries."""
    index = store.load(base)

    def bind(name: str, **values: list[str]) -> str:
        return queries.bind(
            queries.find_query(base, name), values, base.prefixes(), lambda: index
        ).text

    return bind


def test_a_header_is_read(base):
    found = queries.find_query(base, "names")
    assert found.summary == "Names of a state"
    assert found.description == "How is a given state called, and in which language?"
    assert found.tags == ("states", "names")
    assert found.params == (queries.Parameter("state", "dip:State", "The state"),)
    assert queries.defaults(found) == {"state": "state:TUR"}


def test_optional_keys_are_read(root):
    path = root / "queries" / "more.rq"
    path.write_text(
        HEAD
        + "#+ columns: {a: The thing, b: Its name}\n#+ view: [timeline, graph of a by b]\nASK {}\n"
    )
    found = queries.read_query(path)
    assert found.columns == (("a", "The thing"), ("b", "Its name"))
    assert found.views == (queries.View("timeline"), queries.View("graph", "a", "b"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ASK {}", "bad.rq:1: A saved query begins with a header"),
        (HEAD + "#+ sumary: x\nASK {}", "bad.rq:4: The header has no key 'sumary'. Did you mean"),
        ("#+ summary: x\n#+ tags: [a]\nASK {}", "bad.rq:1: The key 'description' is missing"),
        (HEAD + "#+ tags: [b]\nASK {}", "bad.rq:4: The key 'tags' stands twice"),
        (HEAD + "#+ params:\n#+   - {name: a, tpye: b}\nASK {}", "bad.rq:5: The header has no key"),
        (HEAD + "#+ params: [a]\nASK {}", "bad.rq:4: Keys and values are expected"),
        ("#+ summary: x\n#+ tags: a\n#+ description: y\nASK {}", "bad.rq:2: A list is expected"),
        ("#+ summary: [x\nASK {}", "bad.rq:1: The header is not YAML"),
        ("#+ summary:\n#+ tags: [a]\n#+ description: y\nASK {}", "bad.rq:1: A text is expected"),
        (HEAD + "#+ view: pie\nASK {}", "bad.rq:4: A view is one of timeline, map, graph, matrix"),
        (HEAD + "#+ view: [bars, map off a]\nASK {}", "bad.rq:4: A view is one of timeline"),
    ],
)
def test_a_wrong_header_is_refused_with_its_line(root, text, message):
    path = root / "queries" / "bad.rq"
    path.write_text(text)
    with pytest.raises(SyntaxProblem) as caught:
        queries.read_query(path)
    assert message in str(caught.value)


def test_a_header_of_any_form_is_among_the_questions(root, base):
    (root / "queries" / "odd.rq").write_text(
        '#+ tags:\n#+   - "z z"\n#+ summary: "Odd: indeed"\n'
        "#+ description: |\n#+   Two\n#+   lines\nASK {}\n"
    )
    found = queries.saved_queries(base)
    assert ["founded", "names", "odd"] == [each.name for each in found]
    assert ("z z",) == found[2].tags
    assert [] == found.problems


def test_a_view_of_what_the_text_does_not_have_is_refused(root, base):
    (root / "queries" / "drawn.rq").write_text(f"{HEAD}#+ view: bars of b\nSELECT ?a {{ ?a a ?c }}")
    query = queries.find_query(base, "drawn")
    assert (queries.View("bars", "b"),) == query.views
    with pytest.raises(SyntaxProblem, match=r"drawn.rq: Its view, \?b, is no variable of it."):
        queries.ask(query, {}, {}, lambda: None)


def test_a_file_that_is_no_question_is_named_and_the_others_are_found(root, base):
    (root / "queries" / "bad.rq").write_text("ASK {}")
    found = queries.saved_queries(base)
    assert ["founded", "names"] == [each.name for each in found]
    (problem,) = found.problems
    assert "queries/bad.rq:1: A saved query begins with a header" in str(problem)


def test_a_plain_header_says_without_a_yaml_loader_what_it_says_with_one(tmp_path):
    for path in packaged_base().queries():
        other = tmp_path / path.name
        text = f"#+ # a comment, for the loader\n{path.read_text(encoding='utf-8')}"
        other.write_text(text, encoding="utf-8")
        wanted = queries.read_query(path)
        assert wanted._replace(path=other, text=text) == queries.read_query(other)


def test_an_unknown_question_names_the_nearest(base):
    with pytest.raises(UnknownNameError, match="Did you mean names"):
        queries.find_query(base, "name")


@pytest.mark.parametrize(
    "value",
    [
        "state:HUN",
        f"<{STATE}HUN>",
        f"{STATE}HUN",
        "Hungary",
        "HUNGARY",
        "magyarorszag",
        "Magyarország",
        "hun",
    ],
)
def test_a_thing_may_be_named_in_any_spelling(bound, value):
    text = bound("names", state=[value])
    assert f"VALUES ?state {{ <{STATE}HUN> }} # not this: VALUES ?state {{ state:HUN }}" in text


@pytest.mark.parametrize("value", ["state:HUN/seat/1", f"{STATE}HUN/seat/1"])
def test_a_prefixed_name_may_have_slashes_as_reports_write_it(bound, value):
    assert f"VALUES ?state {{ <{STATE}HUN/seat/1> }}" in bound("names", state=[value])


@pytest.mark.parametrize("value", ["Turkiye", "TÜRKIYE", "türkıye"])
def test_accents_and_dots_make_no_difference(bound, value):
    assert f"{{ <{STATE}TUR> }}" in bound("names", state=[value])


def test_several_values_become_several_rows(bound):
    assert f"{{ <{STATE}HUN> <{STATE}TUR> }}" in bound("names", state=["Hungary", "TUR"])


def test_an_ambiguous_name_lists_what_bears_it(bound):
    with pytest.raises(ParameterError, match=r"state:GEO \(dip:State\), state:SGS"):
        bound("names", state=["Georgia"])


def test_an_unknown_name_names_the_nearest(bound):
    with pytest.raises(ParameterError, match=r"Did you mean 'Hungary' \(state:HUN\)"):
        bound("names", state=["Hungray"])


def test_names_are_looked_up_among_instances_of_the_type_only(bound):
    with pytest.raises(ParameterError, match=r"nothing of type dip:State .*id/person/fidan> \(dip"):
        bound("names", state=["Hakan Fidan"])


def test_subclasses_family_names_first_and_printed_names_count(base):
    index = store.load(base)
    prefixes = base.prefixes()

    def term(value: str, type_: str):
        parameter = queries.Parameter("x", type_, "")
        return queries.read_term(value, parameter, prefixes, lambda: index)

    fidan = NamedNode("https://w3id.org/dragoman/id/person/fidan")
    assert term("hungary", "dip:Agent") == NamedNode(f"{STATE}HUN")
    assert term("FIDAN HAKAN", "dip:Person") == fidan
    assert term("Fidan, H.", "dip:Person") == fidan


def test_an_unknown_parameter_names_the_nearest(bound):
    with pytest.raises(UnknownNameError, match=r"no parameter 'stat' in the question names. Did"):
        bound("names", stat=["x"])


@pytest.mark.parametrize(
    ("type_", "value", "wanted"),
    [
        ("xsd:date", "2024-02-29", Literal("2024-02-29", datatype=NamedNode(f"{XSD}date"))),
        ("xsd:integer", "42", Literal(42)),
        ("xsd:boolean", "true", Literal(value=True)),
        ("xsd:gYear", "2024", Literal("2024", datatype=NamedNode(f"{XSD}gYear"))),
        ("xsd:string", ' a "quoted" } # text ', Literal(' a "quoted" } # text ')),
        ("xsd:string", '"x"@en', Literal("x", language="en")),
        ("xsd:string", '"5"^^xsd:integer', Literal(5)),
        ("xsd:string", "'5'^^<urn:t>", Literal("5", datatype=NamedNode("urn:t"))),
    ],
)  # fmt: skip
def test_literals_are_read_by_the_type_of_the_parameter(base, type_, value, wanted):
    parameter = queries.Parameter("x", type_, "")
    assert queries.read_term(value, parameter, base.prefixes(), Store) == wanted


@pytest.mark.parametrize("value", ["2023-02-29", "today", "", "2024-01-01 } DROP ALL"])
def test_what_is_no_date_is_refused(bound, value):
    with pytest.raises(ParameterError, match="is no xsd:date"):
        bound("founded", day=[value])


@pytest.mark.parametrize(
    ("type_", "value", "why"),
    [
        ("xsd:gYearMonth", "2030-13", "there is no month 13"),
        ("xsd:gYearMonth", '"2030-13"^^xsd:gYearMonth', "there is no month 13"),
        ("xsd:string", '"2030-02-30"^^xsd:date', "no xsd:date"),
        ("xsd:integer", "one", "no xsd:integer"),
        ("xsd:boolean", '"yes"^^xsd:boolean', "no xsd:boolean"),
    ],
)
def test_a_literal_that_its_datatype_does_not_allow_is_refused(base, type_, value, why):
    parameter = queries.Parameter("x", type_, "")
    with pytest.raises(ParameterError, match=why):
        queries.read_term(value, parameter, base.prefixes(), Store)


def test_every_line_of_a_parameter_is_replaced(root, base):
    path = root / "queries" / "twice.rq"
    path.write_text(
        HEAD + "#+ params:\n#+   - {name: x, type: xsd:integer, description: A number}\n"
        "SELECT ?x ?y { VALUES ?x { 1 } { SELECT ?y { VALUES $x { 1 } BIND(?x AS ?y) } } }"
    )
    text = queries.bind(queries.read_query(path), {"x": ["7"]}, base.prefixes(), Store).text
    assert text.count(str(Literal(7))) == 2


def test_a_parameter_without_its_line_is_an_error(root, base):
    path = root / "queries" / "none.rq"
    path.write_text(
        HEAD + "#+ params:\n#+   - {name: x, type: xsd:integer, description: A number}\n"
        "SELECT ?x { BIND(1 AS ?x) } # VALUES ?x { 1 }"
    )
    with pytest.raises(SyntaxProblem, match="has no line VALUES"):
        queries.bind(queries.read_query(path), {"x": ["7"]}, base.prefixes(), Store)


HOSTILE = (
    [
        case["body"]
        for line in (SHARED / "suites/hostile/cases.jsonl").open(encoding="utf-8")
        if (case := json.loads(line))["kind"] == "saved-query-parameter"
    ]
    if SHARED.is_dir()
    else []
)


@given(st.text(max_size=30) | st.sampled_from([*HOSTILE, "}", '"', "<urn:x>", "a:b", "'", "\\"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=rounds(20))
def test_no_value_changes_the_query_around_it(base, value):
    saved = queries.find_query(base, "names")
    index = store.LocalStore(Store())
    for type_ in ("dip:State", "xsd:string", "xsd:date"):
        parameter = queries.Parameter("state", type_, "")
        question = queries.SavedQuery("q", saved.path, "", "", ("a",), saved.text, (parameter,))
        try:
            text = queries.bind(question, {"state": [value]}, base.prefixes(), lambda: index).text
        except DragomanError:
            continue
        shape = [token.kind for token in syntax.tokens(text)]
        harmless = [token.kind for token in syntax.tokens(saved.text)]
        start = harmless.index("mark") + 1  # after the opening brace of WHERE
        values = next(i for i, kind in enumerate(harmless) if i > start and kind == "mark")
        term = shape[values + 1 : len(shape) - (len(harmless) - values - 2)]
        assert term in (["iri"], ["string"], ["string", "tag"], ["string", "mark", "iri"])
        assert shape[: values + 1] + shape[values + 1 + len(term) :] == (
            harmless[: values + 1] + harmless[values + 2 :]
        )
        Store().query(text)


@given(st.text(max_size=20))
def test_folding_twice_is_folding_once(text):
    assert names.fold(names.fold(text)) == names.fold(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Fıdan", "FIDAN"), ("İstanbul", "istanbul"), ("Straße", "STRASSE"), ("Łódź", "lodz"),
     ("Côte  d’Ivoire", "cote d'ivoire")],
)  # fmt: skip
def test_spellings_of_one_name_are_equal_when_folded(one, other):
    assert names.fold(one) == names.fold(other)
