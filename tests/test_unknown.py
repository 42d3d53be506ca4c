"""A question that names what nobody knows is warned of, with the nearest name."""

from __future__ import annotations

from pathlib import Path

import pytest

import dragoman
from small_base import small_base

DIP = "https://w3id.org/dragoman/ontology/"
ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def base():
    return dragoman.open(ROOT)


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        ("SELECT ?a { ?a dip:sesionOf ?b }", ["dip:sesionOf. Did you mean dip:sessionOf?"]),
        ("SELECT ?a { ?a a dip:Meting }", ["dip:Meting. Did you mean dip:Meeting?"]),
        (
            "SELECT ?a { ?a dip:status status:ocurred }",
            ["status:ocurred. Did you mean status:occurred?"],
        ),
        (f"SELECT ?a {{ ?a <{DIP}zzzzzzzz>/dip:about ?b }}", [f"<{DIP}zzzzzzzz>."]),
        ("SELECT ?a { ?a dip:sessionOf ?b . FILTER (?b != state:HUN) }", []),
        ("SELECT ?a { GRAPH source:persons { ?a a dip:Person } } # dip:Meting", []),
        (
            f"PREFIX x: <{DIP}> SELECT ?a {{ ?a x:statuss 'x:a' }}",
            ["x:statuss. Did you mean x:status?"],
        ),
    ],
)  # fmt: skip
def test_names_that_nothing_knows_are_warned_of(base, text, warnings):
    found = base.query(text).warnings
    assert [f"-: The base says nothing of {each}" for each in warnings] == list(found)


def test_a_term_that_is_used_though_not_declared_is_known(tmp_path):
    base = small_base(tmp_path)
    (tmp_path / "data" / "more.ttl").write_text(f"<urn:a> <{DIP}mood> <urn:b> .")
    assert () == dragoman.open(base.root).query(f"SELECT ?a {{ ?a <{DIP}mood> ?b }}").warnings
