"""A file that is no report form is refused with what is wrong, where, and what to do."""

from __future__ import annotations

import pytest

from dragoman.errors import DragomanError, SyntaxProblem, UnreadableFilesError
from dragoman.form.reading import read

HEAD = "dragoman: report/1\n"


def refused(data):
    """Return the lines and the texts of what is wrong with a file."""
    with pytest.raises(DragomanError) as error:
        read(data if isinstance(data, bytes) else data.encode(), "form.yaml")
    found = error.value
    problems = found.problems if isinstance(found, UnreadableFilesError) else (found,)
    return [(each.line, each.problem) for each in problems]


@pytest.mark.parametrize(
    ("data", "line", "expected"),
    [
        ("", 1, "It is no report form"),
        ("- a\n", 1, "It is no report form"),
        ("source: x\n", 1, "It does not say that it is a report form"),
        ("dragoman: report/2\n", 1, "It is of the version 'report/2'"),
        (f"{HEAD}title: a: b\n", 2, "It is no YAML"),
        (f"{HEAD}\ttitle: a\n", 2, "It is no YAML: a tab stands where only spaces may"),
        (f"{HEAD}title: a\ntitle: b\n", 3, "The key 'title' stands here and on line 2"),
        (f"{HEAD}title: &a x\n", 2, "What is repeated by & and * is written out"),
        (f"{HEAD}title: *a\n", 2, "What is repeated by & and * is written out"),
        (f"{HEAD}title: !!str x\n", 2, "A tag (!) is none of a form"),
        (f"{HEAD}<<: x\n", 2, "A merge key"),
        (f"{HEAD}[a, b]: x\n", 2, "A key is a word, not a list or block."),
        (f"{HEAD}---\ntitle: x\n", 2, "A second document (---) begins here"),
        (f"{HEAD}title: a\x00b\n", 2, "It holds a character that YAML refuses (U+0000)."),
        (f"{HEAD}title: ".encode() + b"\xff\n", 2, "It is not UTF-8"),
        (f"{HEAD}title: [a\n", 3, "It is no YAML"),
        (HEAD + "title: " + "[" * 60 + "]" * 60, 2, "It nests too deep."),
        (HEAD + "title: " + "[" * 20_000, 2, "It nests too deep."),
        (HEAD + "title: " + "[" * 20_000 + "]" * 20_000, 2, "It nests too deep."),
        (b"#" * 10_000_001, None, "It is larger than a report form may be"),
    ],
)
def test_what_is_no_form_is_refused_on_its_line(data, line, expected):
    found = refused(data)
    assert [(told, text) for told, text in found if text.startswith(expected)] != []
    assert line is None or line in [told for told, _ in found]


def test_all_that_is_refused_is_told_at_once():
    assert [2, 3, 4] == [line for line, _ in refused(f"{HEAD}a: &x 1\nb: !t 2\na: 3\n")]


def test_aliases_that_would_grow_beyond_all_bounds_are_refused_at_once():
    bomb = "a0: &a0 x\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 20)
    )
    assert "written out" in refused(HEAD + bomb)[0][1]


@pytest.mark.parametrize("text", ["{}title: x\n", "\ufeff{}title: x\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_byte_order_mark_and_ends_of_lines_of_windows_are_no_mistakes(text, end):
    form = read(text.format(HEAD).replace("\n", end).encode(), "form.yaml")
    assert "x" == form.get("title").value
    assert 2 == form.get("title").line


def test_a_problem_names_its_file():
    with pytest.raises(SyntaxProblem, match=r"^form.yaml:1:"):
        read(b"dragoman: report/9\n", "form.yaml")


@pytest.mark.parametrize("odd", ["\x85", "\u2028", "\u2029", "\U0001f600\u2028"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("quote", ['"', "'"])
def test_lines_are_those_that_editors_count_whatever_stands_in_a_value(odd, end, quote):
    text = end.join([HEAD.strip(), f"title: {quote}a{odd}b{quote}", "cast:", "  é: {b: c}", "b: d"])
    found = read(text.encode(), "form.yaml")
    (_, title), (cast, inside), (last, _) = found.entries[1:]
    assert [(2, 8), (3, 1), (5, 1)] == [(e.line, e.column) for e in (title, cast, last)]
    (key, value) = inside.entries[0]
    assert [(4, 3), (4, 6)] == [(key.line, key.column), (value.line, value.column)]
    assert [(6, "It is no YAML")] == [
        (line, said[:13]) for line, said in refused(f"{text}{end}a: b: c")
    ]
    assert [5] == [line for line, _ in refused(f"{text.replace('b: d', 'b: *d')}{end}")]
