"""Which texts a datatype allows and how values are spelt, judged by elementpath and the engine."""

from __future__ import annotations

import pytest
from elementpath.datatypes import builtin_atomic_types
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store

from conftest import rounds
from dragoman import datatypes, syntax
from dragoman.vocabulary import OWL, RDF, XSD

# Of each datatype, texts that it allows and texts that it does not.
TEXTS = {
    "boolean": ("true 0 1", "TRUE yes 2"),
    "decimal": ("0 -0.0 +1. .5 1.10", "1e3 . - 1,5 NaN"),
    "integer": ("0 -07 +12 99999999999999999999999", "1.0 five --1 1e3"),
    "byte": ("127 -128 +07", "128 -129 1.0"),
    "unsignedLong": ("18446744073709551615 -0", "18446744073709551616 -1"),
    "nonNegativeInteger": ("0 -0 5", "-5 x"),
    "negativeInteger": ("-1 -99999999999999999999999", "0 1"),
    "positiveInteger": ("1 +2", "0 -1"),
    "double": ("1 1.5e-3 -INF +INF NaN .5E7", "inf 1e 1e1.5 nan --1"),
    "float": ("3e0 16777217 1e39", "e5 INFINITY"),
    "date": (
        "1961-04-12 2000-02-29 -0004-02-29 0000-02-29 12024-12-31 1961-04-12Z 1961-04-12-14:00",
        "1961-4-12 1900-02-29 1961-04-31 1961-13-01 961-04-12 01961-04-12 1961-04-12+14:01",
    ),
    "dateTime": (
        "1961-04-12T06:07:00 1961-04-12T24:00:00 1961-04-12T06:07:00.500+03:00",
        "1961-04-12T06:07 1961-04-12T24:00:01 1961-04-12T23:59:60Z 1961-00-12T06:07:00 1-1-1T0:0:0",
    ),
    "dateTimeStamp": ("1961-04-12T06:07:00Z 1961-04-12T24:00:00-11:00", "1961-04-12T06:07:00"),
    "time": ("06:07:00 24:00:00.0 23:59:59.999Z", "6:07:00 25:00:00 06:07 06:07:00."),
    "gYear": ("1961 -0044 12024 0000 1961+14:00", "61 01961 +1961 1961-04 1961+15:00"),
    "gYearMonth": ("1961-04 -0044-03 1961-12Z", "1961-00 1961-13 1961 1961-4"),
    "gMonth": ("--04 --12Z", "--13 --4 --04-- 04"),
    "gMonthDay": ("--04-12 --02-29 --12-31+01:00", "--02-30 --04-31 --13-01 04-12"),
    "gDay": ("---01 ---31Z", "---00 ---32 ---1 31"),
    "duration": ("P1Y PT36H -P1DT0.5S P0M P1Y2M3DT4H5M6S", "P PT P1YT -PT1.S P1H P-1Y 1Y P1M1Y"),
    "dayTimeDuration": ("PT36H -P1D P1DT0.5S", "P1M P1Y P PT P1DT"),
    "yearMonthDuration": ("P12M -P1Y1M", "P1D PT1M P"),
    "hexBinary": ("0aFF 00", "0 0g 0x00"),
    "base64Binary": ("TmF0bw== TmF0 TmE=", "TmF0b TmF0bw= TmF0bx== ===="),
    "language": ("en zh-Hant-TW x-klingon", "1 e_n toolonglanguage en-"),
    "Name": ("a :b _c-1.2 élan", "1a -a a/b"),
    "NCName": ("a élan", "a:b 1"),
    "NMTOKEN": ("1a -a a:b", "a/b a,b"),
}
PAIRS = [(kind, text) for kind, texts in TEXTS.items() for part in texts for text in part.split()]


@pytest.mark.parametrize(("allowed", "kind", "text"), [
    (allowed, kind, text)
    for kind, texts in TEXTS.items()
    for allowed, part in zip((True, False), texts, strict=True)
    for text in part.split()
])  # fmt: skip
def test_a_datatype_allows_the_texts_of_its_lexical_space(allowed, kind, text):
    assert allowed == datatypes.well_formed(text, XSD + kind)


def theirs(kind: str, text: str) -> bool:
    """Return whether elementpath makes a value of a text, by XML Schema 1.1."""
    try:
        builtin_atomic_types[f"xs:{kind}"].make(text, version="2.0", xsd_version="1.1")
    except (ValueError, TypeError, OverflowError):
        return False
    return True


def near(kind: str) -> st.SearchStrategy[str]:
    """Give texts of the table in which a character or two is another."""
    known = [text for each, text in PAIRS if each == kind]

    def changed(text: str, place: int, sign: str, keep: int) -> str:
        place %= len(text) + 1
        return text[:place] + sign + text[place + keep :]

    signs = st.sampled_from([*"0123456789-+:.TZPYMDHSEIN", ""])
    texts = st.builds(changed, st.sampled_from(known), st.integers(0, 40), signs, st.integers(0, 2))
    return texts | st.builds(changed, texts, st.integers(0, 40), signs, st.integers(0, 2))


@given(st.sampled_from([*TEXTS]), st.data())
@settings(max_examples=rounds(100))
def test_another_library_allows_the_same_texts(kind, data):
    text = data.draw(near(kind))
    # They hold years and spans of years in 32 bits; they take "+NaN" and "-nan", and no months of
    # no length.
    long = any(len(part) > 8 for part in text.replace("-", "T").split("T")) and kind in (
        "date dateTime dateTimeStamp gYear gYearMonth duration dayTimeDuration yearMonthDuration"
    )
    strange = "N" in text.upper() or text in {"P0M", "P0Y", "PT0M", "-P0M", "-P0Y"}
    if not long and not strange:
        assert theirs(kind, text) == datatypes.well_formed(text, XSD + kind)


@pytest.mark.parametrize("text", [" 1", "1 ", "\n1", "1\u00a0", "\u0661"])
def test_white_space_and_other_digits_are_in_no_number(text):
    assert not datatypes.well_formed(text, f"{XSD}integer")


@pytest.mark.parametrize(
    ("allowed", "kind", "text"),
    [
        (True, f"{XSD}string", "\n"),
        (False, f"{XSD}normalizedString", "a\tb"),
        (False, f"{XSD}token", " a"),
        (True, f"{XSD}token", "a b"),
        (True, f"{XSD}anyURI", "any text: XML Schema 1.1 asks for no more"),
        (True, f"{RDF}JSON", '{"a": [1, null]}'),
        (False, f"{RDF}JSON", "{a: 1}"),
        (False, f"{RDF}JSON", "NaN"),
        (False, f"{RDF}JSON", "[" * 100_000),
        (True, f"{RDF}XMLLiteral", "a <b>c</b> &amp;"),
        (False, f"{RDF}XMLLiteral", "<b>"),
        (False, f"{RDF}XMLLiteral", '<!DOCTYPE x [<!ENTITY e "e">]>&e;'),
        (True, f"{RDF}HTML", "<b>"),
        (True, "urn:a-type-of-their-own", "any"),
        (False, f"{XSD}byte", "9" * 5000),
        (True, f"{XSD}date", "9" * 5000 + "-02-28"),
    ],
)
def test_texts_that_are_no_numbers_and_hard_ones(allowed, kind, text):
    assert allowed == datatypes.well_formed(text, kind)


@pytest.mark.parametrize(
    ("spelt", "kind", "text"),
    [
        ("true", "boolean", "1"),
        ("-0.5", "decimal", "-00.50"),
        ("7", "decimal", "+7.0"),
        ("0", "integer", "-0"),
        ("-5", "long", "-05"),
        ("3", "double", "3.0E0"),
        ("0.00000012", "double", "1.2e-7"),
        ("0.1", "float", "0.10000000149"),
        ("INF", "float", "1e39"),
        ("P1DT12H", "duration", "PT36H"),
        ("P2Y", "duration", "P1Y12M"),
        ("PT0S", "duration", "-P0Y"),
        ("P0M", "yearMonthDuration", "P0Y"),
        ("-PT1M0.5S", "dayTimeDuration", "-PT60.50S"),
        ("P1M40D", "duration", "P1M40D"),
        ("2025-01-01T00:00:00Z", "dateTime", "2024-12-31T24:00:00.0-00:00"),
        ("2024-02-29T00:00:00", "dateTime", "2024-02-28T24:00:00"),
        ("1900-03-01T00:00:00", "dateTime", "1900-02-28T24:00:00"),
        ("-0001-01-01T00:00:00", "dateTime", "-0002-12-31T24:00:00"),
        ("06:07:00.5+03:00", "time", "06:07:00.50+03:00"),
        ("00:00:00", "time", "24:00:00"),
        ("1961-04-12Z", "date", "1961-04-12+00:00"),
        ("0000", "gYear", "-0000"),
        ("--04Z", "gMonth", "--04+00:00"),
    ],
)
def test_each_value_has_one_spelling(spelt, kind, text):
    assert spelt == datatypes.canonical(text, XSD + kind)
    assert spelt == datatypes.canonical(spelt, XSD + kind)


def kept(text: str, datatype: str) -> Literal:
    store = Store()
    literal = Literal(text, datatype=NamedNode(datatype))
    store.add(Quad(NamedNode("urn:a"), NamedNode("urn:b"), literal))
    (quad,) = store
    assert isinstance(quad.object, Literal)
    return quad.object


@given(st.sampled_from([*TEXTS]), st.data())
@settings(max_examples=rounds(100))
def test_what_an_index_respells_is_found_and_the_advice_is_kept(kind, data):
    text = data.draw(near(kind))
    literal = Literal(text, datatype=NamedNode(XSD + kind))
    rules = {rule for rule, _ in syntax.literal_problems(literal)}
    if not rules:
        assert literal == kept(text, XSD + kind)
    if rules == {"canonical"} and kind != "dateTimeStamp":
        advised = datatypes.canonical(text, XSD + kind)
        assert advised == kept(advised, XSD + kind).value
        assert () == (*syntax.literal_problems(Literal(advised, datatype=literal.datatype)),)


@given(st.floats(), st.sampled_from(["double", "float"]))
def test_floats_are_spelt_as_an_index_spells_them(number, kind):
    text = {"inf": "INF", "-inf": "-INF", "nan": "NaN"}.get(repr(number), repr(number))
    assert kept(text, XSD + kind).value == datatypes.canonical(text, XSD + kind)


@pytest.mark.parametrize(
    ("fault", "kind", "text"),
    [
        (
            'no month 00; when only the year is known, write "1961"^^xsd:gYear.',
            "date",
            "1961-00-00",
        ),
        ("there is no month 13; it is 01 to 12.", "gYearMonth", "1961-13"),
        ('when only the month is known, write "1961-04"^^xsd:gYearMonth.', "date", "1961-04-00"),
        ("February 1961 has 28 days; correct the day.", "date", "1961-02-29"),
        ("April has 30 days", "gMonthDay", "--04-31"),
        ("a month has two digits; write 04 if that is it.", "date", "1961-4-12"),
        ("a year has four digits at least; write 0061 if that is it.", "gYear", "61"),
        ("there is no hour 25; it is 00 to 23.", "time", "25:00:00"),
        ("the hour 24 has neither minutes nor seconds", "dateTime", "1961-04-12T24:00:01"),
        ("there is no second 60", "dateTime", "2016-12-31T23:59:60Z"),
        ("it lacks the seconds; write 06:07:00 if so told.", "time", "06:07"),
        ("there is no time zone +15:00", "dateTime", "1961-04-12T06:07:00+15:00"),
        ("it has no time zone", "dateTimeStamp", "1961-04-12T06:07:00"),
        ('or "1961-04-12"^^xsd:date.', "dateTime", "1961-04-12"),
        ('or "1961"^^xsd:gYear.', "date", "1961"),
        ("it says no length; write P1Y2M3D", "duration", "PT"),
        ('write digits, as 12; words are a text: "five".', "integer", "five"),
        ("it goes from -128 to 127; correct it, or write xsd:integer.", "byte", "300"),
        ("it may not be less than 0", "nonNegativeInteger", "-1"),
        ("it may be -1 at most", "negativeInteger", "0"),
        ("there is white space around it; take that away.", "integer", " 1"),
        ("it is empty; leave the statement out", "date", ""),
    ],
)
def test_what_is_wrong_and_what_to_write_is_said(fault, kind, text):
    assert not datatypes.well_formed(text, XSD + kind)
    assert fault in datatypes.fault(text, XSD + kind)


@given(st.sampled_from([*TEXTS]), st.data())
@settings(max_examples=rounds(100))
def test_every_fault_is_one_sentence(kind, data):
    text = data.draw(near(kind))
    if not datatypes.well_formed(text, XSD + kind):
        said = datatypes.fault(text, XSD + kind)
        assert said.endswith(".")
        assert "\n" not in said


def test_cardinalities_have_the_datatype_that_owl_demands():
    number = Literal("1", datatype=NamedNode(f"{XSD}nonNegativeInteger"))
    assert () == (*syntax.literal_problems(number, f"{OWL}maxCardinality"),)
    assert ["derived-integer"] == [r for r, _ in syntax.literal_problems(number, "urn:count")]
    spelt = Literal("01", datatype=NamedNode(f"{XSD}nonNegativeInteger"))
    assert ["canonical"] == [r for r, _ in syntax.literal_problems(spelt, f"{OWL}maxCardinality")]
