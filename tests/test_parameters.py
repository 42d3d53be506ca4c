"""What a parameter without a value, a time and an odd value mean, on every engine."""

from __future__ import annotations

import json
from collections import Counter

import pytest
import rdflib
from pyoxigraph import RdfFormat, Store, serialize

import arq
from dragoman import api, queries, remote, store, syntax
from dragoman.errors import ParameterError, SyntaxProblem

EX = "http://example.org/"
FACTS = f"""\
@prefix ex: <{EX}> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:gala a ex:Meeting ; ex:host ex:arvania ; ex:day "2026-07-15"^^xsd:date ; ex:guest ex:belmark .
ex:hunt a ex:Meeting ; ex:host ex:belmark ; ex:day "2025-12-31"^^xsd:date ; ex:guest ex:arvania .
ex:iris a ex:Meeting ; ex:host ex:belmark ; ex:guest ex:arvania , ex:corland .
ex:arvania a ex:State . ex:belmark a ex:State . ex:corland a ex:State .
"""
PREFIX = f"PREFIX ex: <{EX}>\nPREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
ANY = "VALUES ?x { UNDEF }"
# Each with the block wherever a block may stand.
TEXTS = [
    f"SELECT ?m ?x {{\n    {ANY}\n    ?m ex:host ?x .\n}}",
    f"SELECT ?m ?x {{ {ANY} ?m ex:host ?x }}",
    f"SELECT ?m ?x {{ ?m ex:host ?x . {ANY} }}",
    f"SELECT ?m ?x {{ ?m ex:host ?x {ANY} }}",
    f"SELECT ?m ?x {{ ?m a ex:Meeting {ANY} ?m ex:host ?x }}",
    f"SELECT ?m ?x {{ ?m a ex:Meeting {ANY} . ?m ex:host ?x }}",
    f"SELECT ?m ?x {{ ?m a ex:Meeting . {ANY} . ?m ex:host ?x }}",
    f"SELECT ?m ?x {{ {{ {ANY} }} ?m ex:host ?x }}",
    f"SELECT ?m ?x {{ {ANY} . FILTER (?m != ex:gala) ?m ex:host ?x }}",
    f"SELECT ?m ?x {{ ?m a ex:Meeting . FILTER (?m != ex:gala) {ANY} ?m ex:host ?x }}",
    f"SELECT ?m ?x {{ ?m a ex:Meeting OPTIONAL {{ {ANY} ?m ex:day ?d ; ex:host ?x }} }}",
    f"SELECT ?m ?x {{ {{ {ANY} ?m ex:host ?x }} UNION {{ ?m ex:guest ?x }} }}",
    f"SELECT ?m ?x {{ ?m ex:host ?x MINUS {{ {ANY} ?m ex:guest ex:corland ; ex:host ?x }} }}",
    f"SELECT ?m {{ ?m a ex:Meeting FILTER NOT EXISTS {{ {ANY} ?m ex:day ?x }} }}",
    f"SELECT ?x ?n {{ {{ SELECT ?x (COUNT(?m) AS ?n) {{ {ANY} ?m ex:host ?x }} GROUP BY ?x }} }}",
    f"SELECT ?x (COUNT(?m) AS ?n) {{ ?m ex:host ?x }} GROUP BY ?x {ANY}",
    f"SELECT ?m ?x {{ {ANY} ?m ex:host ?x {{ SELECT ?m {{ {ANY} ?m ex:day ?d }} }} }}",
]
without_jena = pytest.mark.skipif(bool(arq.MISSING), reason=arq.WITHOUT_JENA)


def head(*params: str, time: str = "") -> str:
    told = [f"#+   - {{name: {each}, description: One}}" for each in params]
    lines = ["#+ summary: Meetings", "#+ description: Which meetings?", "#+ tags: [all]"]
    lines += ["#+ params:", *told] if told else []
    lines += [f"#+ time: [{time}]"] if time else []
    return "".join(f"{line}\n" for line in lines)


def saved(folder, text: str, *params: str, time: str = "") -> queries.SavedQuery:
    path = folder / "meetings.rq"
    path.write_text(head(*params, time=time) + PREFIX + text, encoding="utf-8")
    return queries.read_query(path)


@pytest.fixture(scope="module")
def index() -> Store:
    made = Store()
    made.load(FACTS.encode(), RdfFormat.TURTLE)
    return made


def rows(index: Store, text: str) -> Counter:
    found = index.query(text)
    names = [variable.value for variable in found.variables]
    return Counter(tuple(str(row[name] or "") for name in names) for row in found)


def bare(folder, text: str) -> str:
    """Return a text as it is run without a value."""
    return queries.bind(saved(folder, text, "x, type: ex:State"), {}, {"ex": EX}, dict).text


@pytest.mark.parametrize("text", TEXTS)
def test_without_a_value_the_line_is_taken_out_and_the_rows_are_those_of_all(index, tmp_path, text):
    taken = bare(tmp_path, text)
    assert "VALUES" not in taken.replace("# any", "")
    assert rows(index, PREFIX + text) == rows(index, taken)
    assert rows(index, taken)


@pytest.mark.parametrize("text", TEXTS)
def test_rdflib_gives_the_same_rows_with_the_line_and_without(index, tmp_path, text):
    graph = rdflib.Graph().parse(data=FACTS, format="turtle")
    wanted = sum(rows(index, PREFIX + text).values())
    assert (
        wanted
        == len(list(graph.query(PREFIX + text)))
        == len(list(graph.query(bare(tmp_path, text))))
    )


@without_jena
def test_jena_gives_the_same_rows_with_the_line_and_without(index, tmp_path):
    facts = tmp_path / "facts.ttl"
    facts.write_text(FACTS, encoding="utf-8")
    with arq.arq(facts) as jena:
        for text in TEXTS:
            here = sum(rows(index, PREFIX + text).values())
            for asked in (PREFIX + text, bare(tmp_path, text)):
                assert here == len(json.loads(jena.ask(asked))["results"]["bindings"]), asked


@pytest.mark.parametrize("kind", ["oxigraph_server", "virtuoso_server"])
def test_servers_give_the_rows_that_are_given_here(index, tmp_path, request, kind):
    server = request.getfixturevalue(kind)
    server.put(f"{EX}facts", serialize({each.triple for each in index}, format=RdfFormat.N_TRIPLES))
    there = remote.connect(None, server.url)
    for text in TEXTS:
        here = sum(rows(index, PREFIX + text).values())
        assert here == len(there.query(syntax.check_query(bare(tmp_path, text)))), text


def test_the_lines_of_a_text_keep_their_numbers(tmp_path):
    text = TEXTS[0]
    assert (PREFIX + text).count("\n") + head("x, type: ex:State").count("\n") == bare(
        tmp_path, text
    ).count("\n")


def test_a_default_that_is_a_thing_still_counts(index, tmp_path):
    query = saved(tmp_path, TEXTS[0].replace("UNDEF", "ex:belmark"), "x, type: ex:State")
    assert {"x": "ex:belmark"} == queries.defaults(query)
    assert 2 == sum(rows(index, queries.bind(query, {}, {"ex": EX}, dict).text).values())


def test_of_two_values_either_counts(index, tmp_path):
    query = saved(tmp_path, TEXTS[0], "x, type: ex:State")
    for values, count in ((["ex:arvania"], 1), (["ex:arvania", "ex:belmark"], 3)):
        text = queries.bind(query, {"x": values}, {"ex": EX}, dict).text
        assert count == sum(rows(index, text).values())


# ------------------------------------------------------------------------ time

WHEN = "SELECT ?m ?day {\n    ?m a ex:Meeting .\n    OPTIONAL { ?m ex:day ?day }\n}\nORDER BY ?m"


def names(index: Store, folder, *, text: str = WHEN, **when: str) -> list[str]:
    query = saved(folder, text, time="day")
    assert ("day",) == query.time
    asked = queries.ask(query, {}, {"ex": EX}, dict, **when)
    return sorted(str(row["m"].value).removeprefix(EX) for row in index.query(asked.text.text))


@pytest.mark.parametrize(
    ("when", "wanted"),
    [
        ({}, ["gala", "hunt", "iris"]),
        ({"since": "2026"}, ["gala"]),
        ({"since": "2026-07"}, ["gala"]),
        ({"since": "2026-07-16"}, []),
        ({"until": "2025"}, ["hunt"]),
        ({"until": "2025-12"}, ["hunt"]),
        ({"until": "2025-12-30"}, []),
        ({"since": "2025-12-31", "until": "2026-07-15"}, ["gala", "hunt"]),
        ({"since": "2024-02", "until": "2024-02"}, []),
    ],
)  # fmt: skip
def test_a_time_leaves_out_what_is_earlier_later_or_without_a_day(index, tmp_path, when, wanted):
    assert wanted == names(index, tmp_path, **when)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?m ?day { ?m ex:day ?day }",
        "SELECT ?m ?day { ?m ex:day ?day # until then }\n}",
        "SELECT ?m ?day { SELECT ?m ?day { ?m ex:day ?day } }",
        "SELECT ?m (MIN(?day) AS ?first) { ?m ex:day ?day } GROUP BY ?m",
        "SELECT ?m ?day { ?m ex:day ?day . ?m ex:host ?host }",
    ],
)
def test_a_time_is_put_into_any_text(index, tmp_path, text):
    assert ["gala"] == names(index, tmp_path, text=text, since="2026")


@without_jena
def test_rdflib_and_jena_take_the_time_as_well(tmp_path):
    query = saved(tmp_path, WHEN, time="day")
    asked = queries.ask(query, {}, {"ex": EX}, dict, "2025-12-31", "2026-07")
    assert 2 == len(list(rdflib.Graph().parse(data=FACTS, format="turtle").query(asked.text.text)))
    facts = tmp_path / "facts.ttl"
    facts.write_text(FACTS, encoding="utf-8")
    with arq.arq(facts) as jena:
        assert 2 == len(json.loads(jena.ask(asked.text.text))["results"]["bindings"])


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ({"since": "2026-13"}, "--since 2026-13: that is no year, month or day"),
        ({"since": "2026-02-30"}, "--since 2026-02-30: that is no year"),
        ({"until": "2026-00"}, "--until 2026-00: that is no year"),
        ({"until": "0000"}, "--until 0000: that is no year"),
        ({"until": "15 July 2026"}, "--until 15 July 2026: that is no year"),
        ({"since": "2026", "until": "2025"}, "--until 2025 is before --since 2026"),
    ],
)
def test_what_is_no_day_is_refused(index, tmp_path, when, message):
    with pytest.raises(ParameterError, match=message):
        names(index, tmp_path, **when)


def test_a_question_without_a_time_refuses_one_by_name(base):
    with pytest.raises(ParameterError, match="The question names has no time: leave out --since"):
        base.query("names", since=2026)


@pytest.mark.parametrize("time", ["[a, b, c]", "[a b]", "day", "['?day']"])
def test_a_time_that_names_no_variables_is_refused(tmp_path, time):
    path = tmp_path / "q.rq"
    path.write_text(f"{head()}#+ time: {time}\nASK {{}}", encoding="utf-8")
    with pytest.raises(SyntaxProblem, match=r"q.rq:4: (The time is one or two|A list is expected)"):
        queries.read_query(path)


def test_a_time_that_the_text_does_not_have_is_refused(tmp_path):
    query = saved(tmp_path, WHEN, time="start, day")
    with pytest.raises(SyntaxProblem, match=r"meetings.rq: Its time, \?start, is no variable"):
        queries.ask(query, {}, {"ex": EX}, dict, "2026")


def test_a_header_with_a_time_is_read_alike_with_a_yaml_loader_and_without(tmp_path):
    one = saved(tmp_path, WHEN, "x, type: ex:State", time="first, last")
    assert ("first", "last") == one.time
    text = one.text.replace("#+ tags", "#+ # a comment\n#+ tags")
    one.path.write_text(text, encoding="utf-8")
    assert one._replace(text=text) == queries.read_query(one.path)


# ------------------------------------------------------------------ odd values


@pytest.fixture
def base(root):
    text = (root / "queries" / "names.rq").read_text(encoding="utf-8")
    (root / "queries" / "names.rq").write_text(
        text.replace("VALUES ?state { state:TUR }", "VALUES ?state { UNDEF }"), encoding="utf-8"
    )
    return api.open(root)


def test_without_a_value_all_things_are_asked_about(base):
    assert {"GEO", "HUN", "SGS", "TUR"} == {row["state"][-3:] for row in base.query("names")}


def test_a_thing_that_the_base_does_not_know_is_told_with_the_nearest(base):
    result = base.query("names", state="state:TUT")
    assert 0 == len(result)
    assert ("state=state:TUT: The base says nothing of state:TUT. Did you mean state:TUR?",) == (
        result.warnings
    )


def test_a_thing_of_another_class_is_told(base):
    result = base.query("names", state="<https://w3id.org/dragoman/id/person/fidan>")
    assert 1 == len(result.warnings)
    assert "it is dip:Person, and this question is about dip:State" in result.warnings[0]


def test_a_thing_of_the_class_is_not_told_of(base):
    assert () == base.query("names", state="state:TUR").warnings


@pytest.mark.parametrize("kind", ["rdfs:Resource", "owl:Thing"])
def test_a_parameter_that_takes_anything_takes_names_of_all_kinds(base, kind):
    index = store.load(base.base)
    prefixes = {"rdfs": "http://www.w3.org/2000/01/rdf-schema#",
                "owl": "http://www.w3.org/2002/07/owl#"}  # fmt: skip
    parameter = queries.Parameter("x", kind, "")
    for name, end in (("Hakan Fidan", "person/fidan"), ("Hungary", "state/HUN")):
        assert queries.read_term(name, parameter, prefixes, lambda: index).value.endswith(end)


@pytest.mark.parametrize(
    ("asked", "advice"),
    [
        ("trade council", "Did you mean 'Joint Trade Council' (ex:c1)?"),
        ("Joint", "'Joint B' (ex:c4) or 'Joint C' (ex:c5), or one of 2 more?"),
        ("Zebra", "Write an <IRI> or a prefixed name."),
    ],
)
def test_a_part_of_a_name_gets_the_candidates_that_have_the_words(asked, advice):
    facts = f"""\
@prefix ex: <{EX}> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
ex:c1 skos:prefLabel "Joint Trade Council" ; skos:altLabel "Joint Council for Trade and More" .
ex:c2 skos:prefLabel "Joint Energy Committee" .
ex:c3 skos:prefLabel "Joint A" . ex:c4 skos:prefLabel "Joint B" . ex:c5 skos:prefLabel "Joint C" .
"""
    index = store.LocalStore(Store())
    index.store.load(facts.encode(), RdfFormat.TURTLE)
    parameter = queries.Parameter("x", "rdfs:Resource", "")
    prefixes = {"ex": EX, "rdfs": "http://www.w3.org/2000/01/rdf-schema#"}
    with pytest.raises(ParameterError) as caught:
        queries.read_term(asked, parameter, prefixes, lambda: index)
    assert str(caught.value).startswith(f"x={asked}: nothing of type rdfs:Resource is called so. ")
    assert str(caught.value).endswith(advice)


def test_a_source_is_found_by_the_name_that_remove_takes(base):
    index = store.load(base.base)
    parameter = queries.Parameter("x", "rdfs:Resource", "")
    prefixes = {"rdfs": "http://www.w3.org/2000/01/rdf-schema#"}
    found = queries.read_term("people", parameter, prefixes, lambda: index)
    assert "https://w3id.org/dragoman/id/source/people" == found.value


def test_blocks_in_texts_and_comments_are_none():
    text = 'SELECT ?x { # VALUES ?x { UNDEF }\n ?s ?p "VALUES ?x { UNDEF }" }'
    assert text == syntax.without_undefined(text, "x")
