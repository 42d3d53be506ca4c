"""Reading a report form: YAML 1.1 (PyYAML), in which every value is a text, with its place.

Nothing is read as a number, a date or a truth value: `no`, `on` and `12:30` are the words that they
are. Anchors, aliases, tags and merge keys are refused, and so is a key that stands twice.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from dragoman.errors import SyntaxProblem, UnreadableFilesError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from yaml.events import Event

# The version of the form, in its first line.
VERSION: Final = "report/1"
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_LARGEST: Final = 10_000_000
_LINE_END: Final = re.compile("\r\n|\r|\n")
_DEEPEST: Final = 50


@dataclass(frozen=True)
class Node:
    """What stands at a place of the file (1-based line and column)."""

    line: int
    column: int


@dataclass(frozen=True)
class Text(Node):
    """A word or text; `value` is empty where nothing stands after a colon."""

    value: str
    quoted: bool = False


@dataclass(frozen=True)
class Items(Node):
    """A list."""

    items: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Block(Node):
    """Keys with what stands behind each, in the order of the file."""

    entries: tuple[tuple[Text, Node], ...] = field(default=())

    def get(self, key: str) -> Node | None:
        """Return what stands behind a key; None where the key is not there."""
        return next((value for word, value in self.entries if word.value == key), None)

    def key(self, key: str) -> Node:
        """Return the key itself, for its place; the block where it is not there."""
        return next((word for word, _ in self.entries if word.value == key), self)


def read(data: bytes, label: str) -> Block:
    """Read a report form.

    Args:
        data: the bytes of the file, in UTF-8.
        label: how to call it in messages.

    Raises:
        SyntaxProblem: it is no YAML, or YAML with what the form refuses, or no report form of this
            version; with line and column.
        UnreadableFilesError: several such things are wrong with it.
    """
    if len(data) > _LARGEST:
        raise SyntaxProblem(
            f"It is larger than a report form may be ({_LARGEST:,} bytes): make several sources of "
            "it, or a table (dragoman new table).",
            label,
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SyntaxProblem("It is not UTF-8: save it in that encoding.", label, line) from error
    lines = _Lines(text)
    reader = _Reader(_events(text, label, lines), label, lines)
    found = reader.document()
    problems = reader.problems
    if not isinstance(found, Block):
        problems.append(
            SyntaxProblem(f"It is no report form: begin with `dragoman: {VERSION}`.", label, 1)
        )
        found = Block(1, 1)
    elif (wrong := _version(found, label)) is not None:
        problems.append(wrong)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise UnreadableFilesError(sorted(problems, key=lambda each: each.line or 0))
    return found


class _Lines:
    """The lines of a text as editors count them: YAML 1.1 ends one at U+0085 and the like, too."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(each.end() for each in _LINE_END.finditer(text))]
        self._text = text

    def at(self, index: int) -> tuple[int, int]:
        """Return the line and the column of a character."""
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Return the text of a line, its end with it."""
        start, end = (*self._starts, len(self._text))[number - 1 : number + 1]
        return self._text[start:end]

    def of(self, event: Event) -> tuple[int, int]:
        """Return where what a parser found begins."""
        return self.at(event.start_mark.index) if event.start_mark else (1, 1)


def _events(text: str, label: str, lines: _Lines) -> list[Event]:
    """Return what a parser of YAML finds in a text, one after the other."""
    import yaml

    try:
        fast = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return list(_shallow(yaml.parse(text, fast), label, lines))
    except yaml.YAMLError:
        pass
    try:  # the one in Python says what is wrong in better words
        return list(_shallow(yaml.parse(text, yaml.SafeLoader), label, lines))
    except yaml.reader.ReaderError as error:
        line = lines.at(error.position)[0]
        problem = f"It holds a character that YAML refuses (U+{ord(text[error.position]):04X})."
        raise SyntaxProblem(problem, label, line) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = lines.at(mark.index) if mark else (1, 1)
        raise SyntaxProblem(_told(error.problem, lines.line(place[0])), label, *place) from error


def _shallow(events: Iterable[Event], label: str, lines: _Lines) -> Iterator[Event]:
    """Give events as long as they nest no deeper than a form may: a parser takes long over such."""
    from yaml.events import CollectionEndEvent, CollectionStartEvent

    depth = 0
    for event in events:
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > _DEEPEST:
            raise SyntaxProblem("It nests too deep.", label, *lines.of(event))
        yield event


def _told(problem: str | None, here: str) -> str:
    """Return what is wrong with the YAML on a line, and what to do."""
    said = f"It is no YAML: {problem}." if problem else "It is no YAML."
    if "\t" in here[: len(here) - len(here.lstrip())] or "'\\t'" in said:
        return "It is no YAML: a tab stands where only spaces may. Use spaces."
    if "mapping values are not allowed" in said or "got ':'" in said:
        said += " A text that has a colon and a space in it stands in quotes."
    elif "but found '?'" in said:
        said += " Between braces a text that begins with ? stands in quotes; a suggestion (??) too."
    elif "expected alphabetic" in said:
        said += " A text that begins with & or * stands in quotes."
    elif "',' or '}'" in said or "',' or ']'" in said:
        said += " Between braces a text that has , [ ] { } in it stands in quotes."
    return said


class _Reader:
    """Makes a tree of events, and keeps what the form refuses of YAML."""

    def __init__(self, events: list[Event], label: str, lines: _Lines) -> None:
        self._events, self._label, self._lines = iter(events), label, lines
        self.problems: list[SyntaxProblem] = []

    def document(self) -> Node | None:
        """Return what the one document of the text holds; None where there is none."""
        from yaml.events import DocumentStartEvent

        found: Node | None = None
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                if found is not None:
                    self._wrong("A second document (---) begins here: one form a file.", event)
                    break
                found = self._node(next(self._events))
        return found

    def _node(self, event: Event) -> Node:
        from yaml.events import AliasEvent, MappingStartEvent, ScalarEvent, SequenceStartEvent

        place = self._lines.of(event)
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            self._wrong("What is repeated by & and * is written out in a report form.", event)
        elif getattr(event, "tag", None):
            self._wrong("A tag (!) is none of a form: take it away, or quote the text.", event)
        if isinstance(event, ScalarEvent):
            if _SURROGATE.search(event.value):
                self._wrong("It holds half a character (U+D800 to U+DFFF): write it whole.", event)
                return Text(*place, "")
            return Text(*place, event.value, quoted=event.style in {"'", '"'})
        if isinstance(event, SequenceStartEvent):
            return Items(*place, tuple(self._items()))
        if isinstance(event, MappingStartEvent):
            return Block(*place, tuple(self._entries()))
        return Text(*place, "")

    def _items(self) -> Iterator[Node]:
        from yaml.events import SequenceEndEvent

        while not isinstance(event := next(self._events), SequenceEndEvent):
            yield self._node(event)

    def _entries(self) -> Iterator[tuple[Text, Node]]:
        from yaml.events import MappingEndEvent

        lines: dict[str, int] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            key, value = self._node(event), self._node(next(self._events))
            if not isinstance(key, Text):
                self._wrong("A key is a word, not a list or block.", event)
            elif key.value == "<<" and not key.quoted:
                self._wrong("A merge key (<<) is none of a form: write it out.", event)
            elif key.value in lines:
                self._wrong(
                    f"The key {key.value!r} stands here and on line {lines[key.value]}: give each "
                    "once, several values as a list.",
                    event,
                )
            else:
                lines[key.value] = key.line
                yield key, value

    def _wrong(self, problem: str, event: Event) -> None:
        self.problems.append(SyntaxProblem(problem, self._label, *self._lines.of(event)))


def _version(found: Block, label: str) -> SyntaxProblem | None:
    told = found.get("dragoman")
    if not isinstance(told, Text):
        problem = f"It does not say that it is a report form: begin with `dragoman: {VERSION}`."
        return SyntaxProblem(problem, label, 1)
    if told.value != VERSION:
        shown = re.sub(r"\s+", " ", told.value)[:40]
        problem = f"It is of the version {shown!r}, and this program reads {VERSION}."
        return SyntaxProblem(problem, label, told.line, told.column)
    return None
