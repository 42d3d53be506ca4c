"""Asking every saved question, and writing all answers: a file each, or one workbook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from dragoman.errors import DragomanError, LimitError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dragoman.queries import SavedQuery
    from dragoman.results import Result

INDEX: Final = "index"
WORKBOOK: Final = ".xlsx"
_SUFFIXES: Final = {"markdown": "md", "table": "txt", "text": "txt"}


def write_all(
    questions: Sequence[SavedQuery],
    ask: Callable[[SavedQuery], Result],
    target: str | None,
    format_: str | None,
    *,
    spreadsheet: bool,
) -> int:
    """Ask all questions, each with the values that stand in it, and write every answer.

    Args:
        questions: what to ask.
        ask: gives the answer of one.
        target: a folder for files, with an index of them; or a file `.xlsx`, for sheets.
        format_: of the files; by default CSV, and Turtle for triples.
        spreadsheet: CSV that is safe to open in a spreadsheet.

    Returns:
        how many questions were asked. All is written, or nothing.

    Raises:
        DragomanError: a question cannot be answered; naming it.
    """
    if target is None:
        raise click.UsageError("--all writes a file for each question: name a folder with -o DIR.")
    known = {question.name for question in questions}
    if INDEX in known:
        raise DragomanError(f"A question is called {INDEX}, as the list of files is. Rename it.")

    def asked(question: SavedQuery) -> Result:
        try:
            return ask(question)
        except LimitError as error:
            raise LimitError(f"{question.name}: {error}") from error
        except DragomanError as error:
            raise DragomanError(f"{question.name}: {error}") from error

    if target.casefold().endswith(WORKBOOK):
        if format_ or spreadsheet:
            raise click.UsageError(f"A file {WORKBOOK} has one format; leave out the other.")
        _write_workbook(questions, asked, target)
    else:
        _write_folder(questions, asked, Path(target), format_, spreadsheet=spreadsheet)
    return len(questions)


def _write_folder(
    questions: Sequence[SavedQuery],
    ask: Callable[[SavedQuery], Result],
    target: Path,
    format_: str | None,
    *,
    spreadsheet: bool,
) -> None:
    from dragoman import files

    if target.exists() and not target.is_dir():
        raise DragomanError(f"{target} is a file. Name a folder with -o DIR.")

    def written() -> Iterator[tuple[str, list[bytes]]]:
        lines = []
        for question in questions:
            result = ask(question)
            suffix, data = _rendered(result, format_, spreadsheet=spreadsheet)
            lines.append((question, result, f"{question.name}.{suffix}"))
            yield f"{question.name}.{suffix}", [data]
        suffix, data = _rendered(_index(lines), format_, spreadsheet=spreadsheet)
        yield f"{INDEX}.{suffix}", [data]

    files.save_all(target, written())


def _write_workbook(
    questions: Sequence[SavedQuery], ask: Callable[[SavedQuery], Result], target: str
) -> None:
    from dragoman import files, workbook

    answers = [(question, ask(question), question.name) for question in questions]
    sheets = [(INDEX, _index(answers))]
    sheets += [(question.name, result) for question, result, _ in answers]
    files.save(target, workbook.written(sheets))


def _rendered(result: Result, format_: str | None, *, spreadsheet: bool) -> tuple[str, bytes]:
    """Return the suffix and the bytes of an answer; a format is for rows, or else for triples."""
    from dragoman.results import TABLE_FORMATS
    from dragoman.syntax import FORMATS

    name = (format_ or "").casefold()
    if result.answer.form in {"CONSTRUCT", "DESCRIBE"}:
        chosen = name if name in FORMATS and name not in TABLE_FORMATS else "turtle"
        return FORMATS[chosen].file_extension, result.written(chosen)
    if spreadsheet and result.answer.truth is None:
        return "csv", result.spreadsheet()
    chosen = name if name in {*TABLE_FORMATS, *_SUFFIXES} else "csv"
    return _SUFFIXES.get(chosen, chosen), result.written(chosen)


def _index(answers: Sequence[tuple[SavedQuery, Result, str]]) -> Result:
    """Return what was asked, and where its answer is, as a table."""
    from pyoxigraph import Literal, NamedNode

    from dragoman import vocabulary
    from dragoman.results import Result
    from dragoman.store import Answer

    def cells(question: SavedQuery, result: Result, place: str) -> tuple[Literal, ...]:
        count = Literal(str(len(result)), datatype=NamedNode(vocabulary.XSD_INTEGER))
        told = (question.name, question.summary, question.description)
        return (*map(Literal, told), count, Literal(place))

    columns = ("name", "summary", "question", "rows", "answer")
    return Result(Answer("SELECT", columns, tuple(cells(*each) for each in answers)))
