"""A file stands for the source that it describes: where it is checked, and as what it is kept."""

from __future__ import annotations

import pytest

from dragoman import additions
from dragoman.errors import DragomanError
from dragoman.validation import Input, validate_base, validate_files
from small_base import DIP, small_base

SOURCE = "https://w3id.org/dragoman/id/source/"
PREFIXES = (
    f"@prefix dip: <{DIP}> .\n@prefix ex: <https://example.org/> .\n@prefix source: <{SOURCE}> .\n"
)
MEETING = f'{PREFIXES}source:summit a dip:Source .\nex:ann a dip:Person ; dip:name "Ann" .\n'
# Ann has two names where the old file and this one are both there, and Bob none in either.
CORRECTED = (
    f'{PREFIXES}source:summit a dip:Source .\nex:ann a dip:Person ; dip:name "Anne" .\n'
    "ex:bob a dip:Person .\n"
)


@pytest.fixture
def base(tmp_path):
    made = small_base(tmp_path / "base")
    (made.root / "ontology" / "source.ttl").write_text(
        f"@prefix dip: <{DIP}> .\n@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        "dip:Source a owl:Class .\n"
    )
    additions.add(made, [_written(tmp_path / "summit.ttl", MEETING)])
    return made


def _written(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def names(report):
    return [(each.focus.value.rpartition("/")[2], each.shape.value.rpartition("/")[2])
            for each in report.findings]  # fmt: skip


def test_a_corrected_copy_is_checked_in_the_place_of_its_source(base, tmp_path):
    report = validate_files(base, [_written(tmp_path / "draft-2.ttl", CORRECTED)])
    assert [("bob", "Person-name")] == names(report)
    (note,) = report.notes
    assert note == (
        f"{tmp_path / 'draft-2.ttl'} describes the source summit that the base has: it is checked "
        "in the place of data/summit.ttl. With --beside it would be checked as one more file."
    )


def test_what_was_wrong_before_is_found_again(base, tmp_path):
    _written(base.root / "data" / "summit.ttl", CORRECTED)
    report = validate_files(base, [_written(tmp_path / "draft-2.ttl", CORRECTED)])
    assert [("bob", "Person-name")] == names(report)


def test_what_the_loss_of_the_old_file_causes_is_found(base, tmp_path):
    (base.root / "data" / "names.ttl").write_text(f"{PREFIXES}ex:eve a dip:Person .\n")
    _written(base.root / "data" / "summit.ttl", f'{MEETING}ex:eve dip:name "Eve" .\n')
    report = validate_files(base, [_written(tmp_path / "draft-2.ttl", MEETING)])
    assert [("eve", "Person-name")] == names(report)


def test_what_a_corrected_copy_leaves_out_is_found_once_and_in_the_copy(base, tmp_path):
    nameless = f"{PREFIXES}source:summit a dip:Source .\n\nex:ann a dip:Person .\n"
    copy = _written(tmp_path / "nameless.ttl", nameless)
    found = validate_files(base, [copy]).findings
    assert [(str(copy), 6)] == [(each.file, each.line) for each in found]


def test_beside_it_is_one_more_file(base, tmp_path):
    file = _written(tmp_path / "draft-2.ttl", CORRECTED)
    report = validate_files(base, [file], beside=True)
    assert [("ann", "Person-name"), ("bob", "Person-name")] == names(report)
    assert () == report.notes


def test_a_file_without_a_source_is_known_by_its_name_and_its_things(base, tmp_path):
    same = 'ex:anna a dip:Minister ; dip:name "Annie" .\n'
    report = validate_files(base, [_written(tmp_path / "persons.ttl", PREFIXES + same)])
    assert [] == names(report)
    assert "in the place of data/persons.ttl" in report.notes[0]
    other = 'ex:zoe a dip:Minister ; dip:name "Zoe" .\n'
    assert () == validate_files(base, [_written(tmp_path / "persons.ttl", PREFIXES + other)]).notes


def test_through_a_pipe_it_is_known_by_its_source(base, tmp_path):
    file = _written(tmp_path / "stdin.ttl", CORRECTED)
    assert [("bob", "Person-name")] == names(validate_files(base, [Input(file, "-")]))


def test_adding_it_says_first_that_it_is_there(base, tmp_path):
    file = _written(tmp_path / "draft-2.ttl", CORRECTED)
    with pytest.raises(DragomanError) as caught:
        additions.add(base, [file])
    assert (
        f"{file} describes the source summit, which is in the base already as data/summit.ttl: "
        "replace it with --replace."
    ) == str(caught.value)
    with pytest.raises(DragomanError, match=r"replace it with --replace, without --as\.$"):
        additions.add(base, [file], additions.Adding(name="summit-2"))


def test_replacing_it_keeps_its_name(base, tmp_path):
    file = _written(tmp_path / "draft-2.ttl", MEETING.replace('"Ann"', '"Anne"'))
    done = additions.add(base, [file], additions.Adding(replace=True))
    assert ["data/summit.ttl"] == [each.path for each in done.added]
    assert (f"{SOURCE}summit",) == done.replaced
    assert file.read_bytes() == (base.root / "data" / "summit.ttl").read_bytes()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("draft.ttl", "source:talks a dip:Source .\n"),
        ("draft.trig", "source:talks a dip:Source .\n"),
        ("draft.trig", "source:talks { source:talks a dip:Source . }\n"),
    ],
)
def test_a_new_source_is_kept_under_its_name_and_not_under_that_of_the_file(
    base, tmp_path, name, text
):
    done = additions.add(base, [_written(tmp_path / name, PREFIXES + text)])
    assert [f"{SOURCE}talks"] == [each.graph for each in done.added]
    assert "draft" not in done.added[0].path


def test_the_name_is_told(base, tmp_path):
    file = _written(tmp_path / "draft.ttl", f"{PREFIXES}source:talks a dip:Source .\n")
    assert validate_files(base, [file]).notes == (
        f"{file} describes the source talks: dragoman add keeps it under that name.",
    )
    assert additions.add(base, [file]).notes == (
        f"{file} describes the source talks, and is kept under that name, as if by --as talks.",
    )


def test_several_sources_or_none_leave_the_name_of_the_file(base, tmp_path):
    several = f"{PREFIXES}source:a a dip:Source . source:b a dip:Source .\n"
    done = additions.add(base, [_written(tmp_path / "many.ttl", several)])
    assert ["data/many.ttl"] == [each.path for each in done.added]
    assert () == done.notes


def test_another_name_is_refused_unless_allowed(base, tmp_path):
    file = _written(tmp_path / "talks.ttl", f"{PREFIXES}source:talks a dip:Source .\n")
    refused = additions.add(base, [file], additions.Adding(name="other"))
    assert [("talks", "misnamed")] == names(refused.report)
    assert additions.add(
        base, [file], additions.Adding(name="other", allow=("warning", "a test"))
    ).done
    # now it is in the base under the other name, and both doors know it
    with pytest.raises(DragomanError, match=r"in the base already as data/other\.ttl"):
        additions.add(base, [file])
    assert ("talks", "misnamed") in names(validate_base(base))
    moved = additions.add(base, [file], additions.Adding(replace=True))
    assert ["data/talks.ttl"] == [each.path for each in moved.added]
    assert ["data/other.ttl"] == [each.path for each in moved.removed]
