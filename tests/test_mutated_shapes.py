"""No shapes graph with a slip in it passes in silence: a slice of what the script tries."""

from __future__ import annotations

import pytest

import mutated_shapes

EVERY = 20
MUTANTS = mutated_shapes.mutants(seed=1)


def test_there_are_mutants_of_every_kind():
    assert 1000 < len(MUTANTS)
    assert set(mutated_shapes.EXAMPLES) == {each.about for each in MUTANTS}
    for kind in ("misspelt", "became dash:", "became sh:", "moved to", "the namespace became"):
        assert any(kind in each.name for each in MUTANTS)


@pytest.mark.parametrize("about", mutated_shapes.EXAMPLES)
def test_the_data_break_the_shapes_before_they_are_mutated(about):
    assert [] != mutated_shapes.found_before(about)


@pytest.mark.parametrize(
    "mutant", MUTANTS[::EVERY], ids=lambda mutant: f"{mutant.about}-{mutant.name}"
)
def test_a_mutant_is_refused_by_name_or_finds_what_is_wrong(mutant, tmp_path):
    assert mutated_shapes.fate(mutant, tmp_path) in {"refused", "found"}
