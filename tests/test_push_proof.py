"""Whether a store kept what was sent: values, blank nodes, and every way to lose something."""

from __future__ import annotations

import random

import pytest

from dragoman import canonical
from dragoman.push.proof import DIFFERENT, LOSSLESS, SAME_VALUES, compare
from dragoman.push.values import Habits, key

XSD = "http://www.w3.org/2001/XMLSchema#"
S, P = "<http://example.org/s>", "<http://example.org/p>"


def graph(*lines):
    text = "".join(f"{line} .\n" for line in lines)
    return canonical.of_lines([text.encode()], "http://example.org/g")


def literal(lexical, kind):
    return f'{S} {P} "{lexical}"^^<{XSD}{kind}>'


SAME = [
    ("01", "1", "integer"),
    ("+5", "5", "integer"),
    ("-0", "0", "integer"),
    ("1.10", "1.1", "decimal"),
    ("1.", "1.0", "decimal"),
    (".5", "0.50", "decimal"),
    ("1.0E0", "1", "double"),
    ("1e400", "INF", "double"),
    ("+INF", "INF", "double"),
    ("16777217", "16777216", "float"),
    ("1", "true", "boolean"),
    ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00+00:00", "dateTime"),
    ("2020-01-01T02:00:00+02:00", "2020-01-01T00:00:00Z", "dateTime"),
    ("2019-12-31T24:00:00", "2020-01-01T00:00:00", "dateTime"),
    ("2020-01-01T00:00:00.500", "2020-01-01T00:00:00.5", "dateTime"),
    ("-0044-03-15T00:00:00Z", "-0044-03-15T01:00:00+01:00", "dateTime"),
    ("2020-01-01Z", "2020-01-01-00:00", "date"),
    ("1815-06Z", "1815-06+00:00", "gYearMonth"),
    ("12:00:00.0", "12:00:00", "time"),
    ("P1Y12M", "P2Y", "duration"),
    ("PT60S", "PT1M", "dayTimeDuration"),
    ("P12M", "P1Y", "yearMonthDuration"),
    ("0a", "0A", "hexBinary"),
]
NOT_SAME = [
    ("1", "2", "integer"),
    ("abc", "0", "integer"),
    ("1.1", "1.11", "decimal"),
    ("0.1", "-0.1", "double"),
    ("0.0", "-0.0", "double"),
    ("16777217", "16777218", "float"),
    ("300", "0300", "byte"),
    ("true", "false", "boolean"),
    ("TRUE", "true", "boolean"),
    ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00", "dateTime"),
    ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00+01:00", "dateTime"),
    ("2020-01-01T00:00:00.1234567", "2020-01-01T00:00:00.123456", "dateTime"),
    ("2020-02-30", "2020-03-01", "date"),
    ("2020-01-01", "2020-01-01Z", "date"),
    ("2020-01-01+14:00", "2019-12-31-10:00", "date"),
    ("0800", "800", "gYear"),
    ("P1M", "P30D", "duration"),
    ("P1D", "-P1D", "duration"),
    ("P3D", "259200.0", "duration"),
    ("P1Y", "P12M", "dayTimeDuration"),
    ("a", "A", "string"),
    ("http://a", "http://A", "anyURI"),
]


@pytest.mark.parametrize(("sent", "kept", "kind"), SAME)
def test_two_spellings_of_one_value_are_the_same_value(sent, kept, kind):
    found = compare(graph(literal(sent, kind)), graph(literal(kept, kind)))
    assert found.verdict == SAME_VALUES
    assert found.respelled == ((f"{literal(sent, kind)} .", f"{literal(kept, kind)} ."),)


@pytest.mark.parametrize(("sent", "kept", "kind"), NOT_SAME)
def test_two_values_are_never_the_same(sent, kept, kind):
    found = compare(graph(literal(sent, kind)), graph(literal(kept, kind)))
    assert found.verdict == DIFFERENT
    assert (found.missings, found.extras, found.respellings) == (1, 1, 0)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (literal("7", "int"), literal("7", "integer")),
        (literal("7", "integer"), literal("7.0", "decimal")),
        (literal("2020-01-01T00:00:00Z", "dateTimeStamp"),
         literal("2020-01-01T00:00:00Z", "dateTime")),
    ],
)  # fmt: skip
def test_derived_types_have_the_values_of_their_kin(sent, kept):
    assert compare(graph(sent), graph(kept)).verdict == SAME_VALUES


def test_language_tags_are_the_same_in_any_letters():
    assert key("x", "", "EN-us") == key("x", "", "en-US")
    assert key("x", "", "en") != key("X", "", "en")
    assert compare(graph(f'{S} {P} "x"@EN-us'), graph(f'{S} {P} "x"@en-US')).holds


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (literal("1000.0", "decimal"), literal("1e3", "double")),
        (literal("1", "double"), literal("1", "float")),
        (f'{S} {P} "x"@en', f'{S} {P} "x"@de'),
        (f'{S} {P} "x"@en', f'{S} {P} "x"'),
        (f'{S} {P} "e\u0301"', f'{S} {P} "\u00e9"'),
        (f"{S} {P} <http://example.org/a%20b>", f"{S} {P} <http://example.org/a+b>"),
    ],
)
def test_other_types_languages_and_texts_are_other_values(sent, kept):
    assert compare(graph(sent), graph(kept)).verdict == DIFFERENT


def test_a_form_of_unicode_is_a_spelling_only_where_the_store_is_known_for_it():
    sent, kept = graph(f'{S} {P} "e\u0301"'), graph(f'{S} {P} "\u00e9"')
    assert compare(sent, kept, Habits(nfc=True)).verdict == SAME_VALUES


@pytest.mark.parametrize(
    ("duration", "number", "fits"),
    [
        ("P3D", "259200.0", True),
        ("P6M", "6", True),
        ("P1Y", "12", True),
        ("-P1D", "-86400.0", True),
        ("P100000D", "8.64e+09", True),
        ("PT6S", "6", False),
        ("P1M1D", "1", False),
        ("PT59S", "59.59", False),
    ],
)
def test_durations_as_numbers_are_read_only_where_the_store_is_known_for_it(duration, number, fits):
    sent, kept = graph(literal(duration, "duration")), graph(literal(number, "duration"))
    habits = Habits(number_durations=True)
    assert compare(sent, kept, habits).verdict == (SAME_VALUES if fits else DIFFERENT)
    assert compare(sent, kept).verdict == DIFFERENT


def test_the_same_lines_are_lossless_whatever_blank_nodes_are_called():
    sent = graph(f"_:a {P} _:b", f'_:b {P} "1"')
    kept = graph(f"_:x {P} _:a", f'_:a {P} "1"')
    assert compare(sent, kept).verdict == LOSSLESS


def test_two_spellings_that_became_one_are_told_as_one_value():
    sent = graph(literal("01", "integer"), literal("1", "integer"))
    found = compare(sent, graph(literal("1", "integer")))
    assert (found.verdict, found.sent, found.kept) == (SAME_VALUES, 2, 1)
    assert found.respelled == ((f"{literal('01', 'integer')} .", ""),)


def test_a_missing_and_an_extra_statement_are_listed():
    one, two, three = (literal(str(n), "integer") for n in (1, 2, 3))
    found = compare(graph(one, two), graph(two, three))
    assert (found.verdict, found.missing, found.extra) == (
        DIFFERENT, (f"{one} .",), (f"{three} .",),
    )  # fmt: skip


def test_values_around_blank_nodes_may_be_respelled():
    sent = graph(
        f'_:a {P} "01"^^<{XSD}integer>',
        f"_:a {P} _:b",
        f'_:b {P} "1.0"^^<{XSD}decimal>',
        f"{S} {P} _:a",
    )
    kept = graph(
        f'_:q {P} "1"^^<{XSD}integer>',
        f"_:q {P} _:p",
        f'_:p {P} "1"^^<{XSD}decimal>',
        f"{S} {P} _:q",
    )
    found = compare(sent, kept)
    assert (found.verdict, found.respellings) == (SAME_VALUES, 2)
    assert {tuple(line.split(" ", 2)[2] for line in pair) for pair in found.respelled} == {
        (f'"01"^^<{XSD}integer> .', f'"1"^^<{XSD}integer> .'),
        (f'"1.0"^^<{XSD}decimal> .', f'"1"^^<{XSD}decimal> .'),
    }


def test_blank_nodes_that_hang_together_otherwise_are_different():
    def ring(*sizes):
        return graph(*(
            f"_:n{size}x{n} {P} _:n{size}x{(n + 1) % size}" for size in sizes for n in range(size)
        ), literal("01", "integer"))  # fmt: skip

    assert compare(ring(3), ring(3)).verdict == LOSSLESS
    assert compare(ring(3, 6), ring(4, 5)).verdict == DIFFERENT


def test_the_number_of_listed_statements_is_limited_and_all_are_counted():
    sent = graph(*(literal(f"0{n}", "integer") for n in range(100, 150)))
    kept = graph(*(literal(f"{n}", "integer") for n in range(100, 150)))
    assert (len(compare(sent, kept, limit=7).respelled), 50) == (7, compare(sent, kept).respellings)
    assert len(compare(sent, kept, limit=None).respelled) == 50


def mutated(lines, chance):
    """Return lines of which one is dropped, altered or added, and what was done."""
    changed = [*lines]
    place = chance.randrange(len(changed))
    line = changed[place]
    fault = chance.choice(["drop", "alter", "add"])
    if fault == "drop":
        del changed[place]
    elif fault == "add":
        changed.append(f'{S} {P} "added"')
    elif '"' in line:
        changed[place] = line.replace('"', '"7', 1)
    else:
        changed[place] = f"{line[:-1]}x>"
    return changed, (fault, line)


NAMED = [
    *(f'<http://example.org/s{n}> {P} "text {n} \\" é"@en' for n in range(20)),
    *(f"<http://example.org/s{n}> {P} <http://example.org/o{n}>" for n in range(20)),
]


def test_a_mutated_statement_is_found_in_each_of_a_thousand_seeded_trials():
    chance = random.Random(7)  # noqa: S311  not for secrets
    typed = [
        tuple(literal(text, kind).replace("/s>", f"/{n}>") for text in (sent, kept))
        for n, (sent, kept, kind) in enumerate(SAME)
    ]
    sent, kept = graph(*NAMED, *(s for s, _ in typed)), [*NAMED, *(k for _, k in typed)]
    assert compare(sent, graph(*kept)).verdict == SAME_VALUES
    unseen = []
    for _ in range(1000):
        changed, fault = mutated(kept, chance)
        if compare(sent, graph(*changed)).verdict != DIFFERENT:
            unseen.append(fault)
    assert [] == unseen


def test_a_mutated_statement_is_found_among_blank_nodes():
    chance = random.Random(8)  # noqa: S311  not for secrets
    around = [
        *(f'_:b{n} {P} "{n}"^^<{XSD}integer>' for n in range(5)),
        *(f"_:b{n} {P} <http://example.org/o{n}>" for n in range(5)),
    ]
    sent = graph(*around)
    unseen = []
    for _ in range(20):
        changed, fault = mutated(around, chance)
        if compare(sent, graph(*changed)).verdict != DIFFERENT:
            unseen.append(fault)
    assert [] == unseen


def test_a_key_has_no_name_of_the_machine_in_it():
    assert "number 1." == key("01", f"{XSD}integer")
