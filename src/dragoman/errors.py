"""The one tree of exceptions, and the words that messages share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class DragomanError(Exception):
    """Something could not be done. Its text is one clear line for people; exit code 2."""


class BaseNotFoundError(DragomanError):
    """No base (a folder with ontology, shapes, data and queries) stands where one was told."""


class BaseContentError(DragomanError):
    """A base is there, but its files contradict the rules for a base."""


class UnknownNameError(DragomanError):
    """A query, parameter, format, file or thing of that name does not exist.

    Args:
        kind: what was looked for, as in "saved query".
        name: what was asked for.
        known: all valid names; the nearest are put into the message.
        where: where it was looked for, as in "in the question delegations".
    """

    def __init__(self, kind: str, name: str, known: Iterable[str] = (), where: str = "") -> None:
        self.kind, self.name, self.known = kind, name, tuple(known)
        problem = f"There is no {kind} {name!r}{where and ' '}{where}."
        super().__init__(f"{problem} {suggestion(name, self.known)}".rstrip())


class AmbiguousNameError(DragomanError):
    """Several things bear a name.

    Attributes:
        name: what was asked for.
        things: each of them, as it can be told apart.
    """

    def __init__(self, name: str, things: Iterable[str]) -> None:
        self.name, self.things = name, tuple(things)
        super().__init__(f"Several things are called {name!r}: {', '.join(self.things)}. Name one.")


class SyntaxProblem(DragomanError):  # noqa: N818  a finding to report as much as an error
    """A text is not what its format demands, or is refused before it is parsed.

    Attributes:
        file: path or name of the text (`-` for standard input).
        line: 1-based line, where known.
        column: 1-based column in code points, where known.
        problem: what was found, and what was expected.
        further: what else is wrong with the same text.
        prefixes: those that it uses and does not declare.
    """

    further: tuple[SyntaxProblem, ...] = ()
    prefixes: tuple[str, ...] = ()

    def __init__(
        self,
        problem: str,
        file: str | Path = "-",
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        self.problem, self.file, self.line, self.column = problem, str(file), line, column
        place = ":".join(str(part) for part in (file, line, column) if part is not None)
        super().__init__(f"{place}: {problem}")


class QueryRefusedError(SyntaxProblem):
    """A query text asks for what is not allowed: network access, a change, or too much nesting."""


class ParameterError(DragomanError):
    """The value of a query's parameter is not one RDF term, or names no single thing.

    Attributes:
        parameter: its name, where one is at fault.
        things: IRIs of things of which one may be meant.
    """

    def __init__(self, text: str, parameter: str = "", things: Iterable[str] = ()) -> None:
        self.parameter, self.things = parameter, tuple(dict.fromkeys(things))
        super().__init__(text)


class LimitError(DragomanError):
    """A query ran longer, or took more memory, than it was allowed.

    The engine cannot be interrupted: its thread may still be running when this is raised, so a
    command should end its process (`os._exit`) and a long-lived caller use a process to kill.
    """


class LockedError(DragomanError):
    """Somebody else is writing the base; the text says who."""


class ShapesError(DragomanError):
    """A shapes graph is not valid SHACL, or asks for what is not allowed."""


class UnfitShapesError(ShapesError):
    """A shapes graph says what cannot be carried out; its text has one clear line for each.

    Attributes:
        problems: what is wrong, and where, in the order of the graph.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class UnreadableFilesError(DragomanError):
    """Several files could not be read; its text has one clear line for each.

    Attributes:
        problems: what is wrong with each file, in the order of the files.
    """

    def __init__(self, problems: Iterable[SyntaxProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class StoreError(DragomanError):
    """A graph store elsewhere did not do what it was asked; the text names it, never a secret.

    Attributes:
        status: the HTTP status of its answer; None where none came.
    """

    def __init__(self, problem: str, status: int | None = None) -> None:
        self.status = status
        super().__init__(problem)


class MissingLibraryError(DragomanError):
    """An optional library or program is not installed."""


def nearest(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Return up to `count` of `known` that look most like `name`, best first."""
    from difflib import get_close_matches

    folded = {each.casefold(): each for each in known}
    close = get_close_matches(name.casefold(), folded, n=count, cutoff=0.5)
    parts = [each for each in folded if name and name.casefold() in each and each not in close]
    return [folded[each] for each in (close + sorted(parts))[:count]]


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, as "1 graph" or "1,029 triples"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return "Did you mean …?", or all valid names where few, or an empty text where none."""
    choices = sorted(set(known))
    if close := nearest(name, choices):
        return f"Did you mean {' or '.join(close)}?"
    if choices and len(choices) <= 20:
        return f"Valid: {', '.join(choices)}."
    return ""
