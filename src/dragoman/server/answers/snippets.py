"""A question as it is asked elsewhere: on a command line, in Python, in a notebook."""

from __future__ import annotations

import json
import keyword
import shlex
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dragoman.queries import SavedQuery

# Names that a call in Python gives another meaning.
_TAKEN: Final = frozenset(
    (
        "inferred",
        "labels",
        "lang",
        "limit",
        "question",
        "record",
        "self",
        "since",
        "timeout",
        "until",
    )
)


class Wish:
    """What is asked of a question.

    Args:
        query: the question.
        values: the values of its parameters, as they were told.
        since: the first day, as it was told; or empty.
        until: the last day.
        lang: the languages, as in `tr,hu`; or empty.
    """

    def __init__(
        self,
        query: SavedQuery,
        values: Mapping[str, Sequence[str]],
        since: str = "",
        until: str = "",
        lang: str = "",
    ) -> None:
        self.query, self.values = query, values
        self._more = {"since": since, "until": until, "lang": lang}

    def _options(self) -> Iterator[tuple[str, str]]:
        yield from ((name, told) for name, told in self._more.items() if told)

    def command(self) -> str:
        """Return the command that asks it."""
        words = ["dragoman", "query", self.query.name]
        for name, told in self.values.items():
            for each in told:
                words += ["--set", f"{name}={each}"]
        for name, each in self._options():
            words += [f"--{name}", each]
        return shlex.join(words)

    def call(self) -> str:
        """Return the expression of Python that asks it of an open `base`."""
        told: list[str] = [_literal(self.query.name)]
        odd = {}
        for name, values in self.values.items():
            value = (
                _literal(values[0]) if len(values) == 1 else f"[{', '.join(map(_literal, values))}]"
            )
            if name.isidentifier() and not keyword.iskeyword(name) and name not in _TAKEN:
                told.append(f"{name}={value}")
            else:
                odd[name] = value
        told += [f"{name}={_literal(each)}" for name, each in self._options()]
        if odd:
            told.append(f"**{{{', '.join(f'{_literal(k)}: {v}' for k, v in odd.items())}}}")
        return f"base.query({', '.join(told)})"

    def python(self) -> str:
        """Return a program that asks it."""
        return (
            "import dragoman\n\nbase = dragoman.open()  # or the folder of the base\n"
            f"answer = {self.call()}\nprint(answer)\ntable = answer.to_pandas()\n"
        )

    def notebook(self) -> bytes:
        """Return a notebook that asks it (nbformat 4)."""
        cells = [
            _cell("markdown", f"# {self.query.summary}\n\n{self.query.description}"),
            _cell("code", "import dragoman\n\nbase = dragoman.open()  # or the folder of the base"),
            _cell("code", f"answer = {self.call()}\nanswer"),
            _cell("code", "answer.to_pandas()"),
        ]
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        book = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4,
                "nbformat_minor": 4}  # fmt: skip
        return (json.dumps(book, ensure_ascii=False, indent=1) + "\n").encode()


def curl(url: str) -> str:
    """Return the command that fetches an address."""
    return shlex.join(["curl", "-fsS", url])


def _cell(kind: str, text: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "cell_type": kind,
        "metadata": {},
        "source": text.splitlines(keepends=True),
    }
    if kind == "code":
        found |= {"execution_count": None, "outputs": []}
    return found


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
