"""Reading a report form: YAML 1.1 (PyYAML), in which every value is a text, with its place.

Nothing is read as a number, a date or a truth value: `no`, `on` and `12:30` are the words that they
are. Anchors, aliases, tags and merge keys are refused, and so is a key that stands twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from dragoman.errors import SyntaxProblem, UnreadableFilesError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yaml.nodes import Node as YamlNode

# The version of the form, in its first line.
VERSION: Final = "report/1"
SUFFIXES: Final = (".yaml", ".yml")
_LARGEST: Final = 10_000_000
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
    problems: list[SyntaxProblem] = []
    node = _composed(text, label, problems)
    if node is None:
        raise SyntaxProblem(f"It is empty: begin with `dragoman: {VERSION}`.", label)
    found = _Reader(label, problems).node(node, 0)
    if not problems and not isinstance(found, Block):
        problems.append(
            SyntaxProblem(f"It is no report form: begin with `dragoman: {VERSION}`.", label, 1)
        )
    if isinstance(found, Block):
        problems += _version(found, label)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise UnreadableFilesError(sorted(problems, key=lambda each: each.line or 0))
    assert isinstance(found, Block)  # noqa: S101  anything else is a problem
    return found


def _composed(text: str, label: str, problems: list[SyntaxProblem]) -> YamlNode | None:
    """Return the tree of a text; what the form refuses of YAML is added to the problems."""
    import yaml

    class Loader(yaml.SafeLoader):  # in Python: it says what is wrong in better words than C's
        def compose_node(self, parent: YamlNode | None, index: object) -> YamlNode | None:
            event = self.peek_event()
            alias = isinstance(event, yaml.AliasEvent)
            if alias or getattr(event, "anchor", None):
                told = "What is repeated by & and * is written out in a report form."
            elif getattr(event, "tag", None):
                told = "A tag (!) is none of a report form: take it away, or put the text in quotes."
            else:
                return super().compose_node(parent, index)
            mark = event.start_mark
            problems.append(SyntaxProblem(told, label, mark.line + 1, mark.column + 1))
            if not alias:
                event.anchor = event.tag = None
                return super().compose_node(parent, index)
            self.get_event()
            return yaml.ScalarNode("tag:yaml.org,2002:str", "", mark, event.end_mark)

    try:
        return yaml.compose(text, Loader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problem = f"It holds a character that YAML refuses (U+{error.character:04X})."
        raise SyntaxProblem(problem, label, line) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (None, None)
        raise SyntaxProblem(_told(error.problem, text, place[0]), label, *place) from error
    except RecursionError as error:
        raise SyntaxProblem("It nests too deep.", label) from error


def _told(problem: str | None, text: str, line: int | None) -> str:
    """Return what is wrong with the YAML, and what to do."""
    said = f"It is no YAML: {problem}." if problem else "It is no YAML."
    here = text.splitlines()[line - 1] if line and line <= len(text.splitlines()) else ""
    if "\t" in here[: len(here) - len(here.lstrip())] or "'\\t'" in said:
        return "It is no YAML: a tab stands where only spaces may. Use spaces."
    if "mapping values are not allowed" in said:
        said += " A text that has a colon and a space in it stands in quotes."
    elif "undefined alias" in said or "expected alphabetic" in said:
        said += " A text that begins with & or * stands in quotes."
    elif "',' or '}'" in said or "',' or ']'" in said:
        said += " Between braces a text that has , [ ] { } in it stands in quotes."
    return said


class _Reader:
    def __init__(self, label: str, problems: list[SyntaxProblem]) -> None:
        self._label, self._problems = label, problems

    def node(self, node: YamlNode, depth: int) -> Node:
        from yaml.nodes import MappingNode, ScalarNode, SequenceNode

        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        if depth > _DEEPEST:
            self._wrong("It nests too deep.", line, column)
            return Text(line, column, "")
        if isinstance(node, ScalarNode):
            return Text(line, column, node.value, quoted=node.style in {"'", '"'})
        if isinstance(node, SequenceNode):
            return Items(line, column, tuple(self.node(each, depth + 1) for each in node.value))
        assert isinstance(node, MappingNode)  # noqa: S101  there is no other
        return Block(line, column, tuple(self._entries(node, depth)))

    def _entries(self, node: YamlNode, depth: int) -> Iterator[tuple[Text, Node]]:
        from yaml.nodes import ScalarNode

        lines: dict[str, int] = {}
        for key, value in node.value:
            line, column = key.start_mark.line + 1, key.start_mark.column + 1
            if not isinstance(key, ScalarNode):
                self._wrong("A key is a word, not a list or block.", line, column)
                continue
            if key.tag == "tag:yaml.org,2002:merge":
                self._wrong("A merge key (<<) is none of the form: write it out.", line, column)
                continue
            if key.value in lines:
                self._wrong(
                    f"The key {key.value!r} stands here and on line {lines[key.value]}: give each "
                    "once, several values as a list.",
                    line,
                    column,
                )
                continue
            lines[key.value] = line
            word = Text(line, column, key.value, quoted=key.style in {"'", '"'})
            yield word, self.node(value, depth + 1)

    def _wrong(self, problem: str, line: int, column: int) -> None:
        self._problems.append(SyntaxProblem(problem, self._label, line, column))


def _version(found: Block, label: str) -> list[SyntaxProblem]:
    told = found.get("dragoman")
    if not isinstance(told, Text):
        problem = f"It does not say that it is a report form: begin with `dragoman: {VERSION}`."
        return [SyntaxProblem(problem, label, 1)]
    if told.value != VERSION:
        shown = re.sub(r"\s+", " ", told.value)[:40]
        problem = f"It is of the version {shown!r}, and this program reads {VERSION}."
        return [SyntaxProblem(problem, label, told.line, told.column)]
    return []
