"""Why a question has no answer: what is asked for is not there, or which wish leaves nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dragoman import labels, names, queries, syntax, vocabulary
from dragoman.syntax import QueryText

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from dragoman.queries import Asked
    from dragoman.store import Source, Term


def why_nothing(
    asked: Asked,
    source: Source,
    prefixes: Mapping[str, str],
    answers: Callable[[Asked], bool],
    others: Collection[str] = (),
) -> str:
    """Return why a saved question has no rows, as the end of a sentence; empty if nobody knows.

    Args:
        asked: the question, as it was asked.
        source: the facts.
        prefixes: how things are shortened.
        answers: asks a question, and says whether there are any rows; it may give up by raising.
        others: the names of all questions: those that its description names are named here, too.
    """
    if asked.question is None:
        return ""
    if not _is_there(source, f"?account a <{vocabulary.ACCOUNT}>"):
        return "the base holds no accounts yet. Add an article: dragoman draft, dragoman add"
    called = _Called(source, {**prefixes, **asked.text.prefixes})
    for name, terms in asked.values.items():
        for term in terms:
            if reason := _of_value(source, term, called):
                return f"{name}: {reason}"
    reason = _of_wishes(asked, called, answers)
    named = [
        each
        for each in re.findall(r"\w+(?:-\w+)+", asked.question.description)
        if each in others and each != asked.question.name
    ]
    return f"{reason}. See also: dragoman query {' or '.join(named)}" if named else reason


def _of_value(source: Source, term: Term, called: _Called) -> str:
    iri = getattr(term, "value", "") if str(term).startswith("<") else ""
    if not iri:
        return ""
    if not names.is_somewhere(source, iri):
        return f"the base says nothing of {called(term)}"
    part, account = f"?told <{vocabulary.PART_OF}> ?whole", f"?told a <{vocabulary.ACCOUNT}>"
    told = f"?told ?property {term} {{ {part} }} UNION {{ {account} }}"
    if names.is_a(source, iri, vocabulary.SOURCE_CLASS) or _is_there(source, told):
        return ""
    return f"no account tells of {called(term)}"


def _of_wishes(asked: Asked, called: _Called, answers: Callable[[Asked], bool]) -> str:
    """Return which value, or which time, leaves nothing: without it, there are rows."""
    guilty = [
        f"--set {name}={' or '.join(map(called, terms))}"
        for name, terms in asked.values.items()
        if answers(queries.again(asked, values=_others(asked, name)))
    ]
    days = {"since": asked.since, "until": asked.until}
    told = " and ".join(f"--{name} {day}" for name, day in days.items() if day)
    if told and answers(queries.again(asked, since=None, until=None)):
        guilty.append(told)
    if guilty:
        return f"without {', or without '.join(guilty)}, there are rows"
    wishes = len(asked.values) + bool(told)
    if wishes > 1 and answers(queries.again(asked, values={}, since=None, until=None)):
        return "only without several of these wishes there are rows"
    without = "without values there is no row either: " if wishes else ""
    return f"{without}of what this question asks the base tells nothing yet"


def _others(asked: Asked, name: str) -> dict[str, tuple[Term, ...]]:
    return {other: terms for other, terms in asked.values.items() if other != name}


class _Called:
    """How a thing is called in a message: its label, and its short name."""

    def __init__(self, source: Source, prefixes: Mapping[str, str]) -> None:
        self._source, self._short = source, syntax.readable(prefixes)

    def __call__(self, term: Term) -> str:
        text = str(getattr(term, "value", term))
        if not str(term).startswith("<"):
            return text
        label = labels.labels(self._source, [text], labels.languages(None)).get(text)
        return f"{label.value} ({self._short(text)})" if label else self._short(text)


def _is_there(source: Source, pattern: str) -> bool:
    query = QueryText(f"ASK {{ {pattern} }}", "ASK", (), {}, name="reasons")
    return bool(source.query(query).truth)
