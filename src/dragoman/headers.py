"""The header of a file with SPARQL: its `#+` lines, which are YAML, read with their lines known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dragoman.errors import SyntaxProblem, suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from yaml.nodes import Node


class Header:
    """Reads the YAML of one header. Nodes instead of values, for they know their lines."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def problem(self, message: str, line: int) -> SyntaxProblem:
        """Return a problem of the file; the line is counted from zero."""
        return SyntaxProblem(message, self.path, line + 1)

    def lines(self, text: str) -> str:
        """Return the YAML at the beginning of a text; empty where there is none."""
        found = re.match(r"(?:#\+.*\n?)*", text)
        return "\n".join(line[2:] for line in found[0].splitlines()) if found else ""

    def parse(self, text: str) -> Node:
        """Return the node that a header is.

        Raises:
            SyntaxProblem: it is no YAML, or empty.
        """
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            node: Node | None = yaml.compose(text, loader)
        except yaml.MarkedYAMLError as error:
            mark = error.context_mark or error.problem_mark
            line = mark.line if mark else 0
            raise self.problem(f"The header is not YAML: {error.problem}.", line) from error
        if node is None:
            raise self.problem("The header is empty.", 0)
        return node

    def text(self, node: Node) -> str:
        """Return the text that a node is."""
        if not isinstance(node.value, str) or not node.value.strip():
            raise self.problem("A text is expected here.", node.start_mark.line)
        return node.value.strip()

    def texts(self, node: Node) -> tuple[str, ...]:
        """Return the texts of a list."""
        return tuple(self.text(each) for each in self.items(node))

    def time(self, node: Node | None) -> tuple[str, ...]:
        """Return the names of the variables of the first and the last day."""
        if node is None:
            return ()
        found = self.texts(node)
        if len(found) > 2 or not all(re.fullmatch(r"\w+", each) for each in found):
            raise self.problem(
                "The time is one or two names of variables: [firstDay, lastDay].",
                node.start_mark.line,
            )
        return found

    def items(self, node: Node) -> list[Node]:
        """Return the nodes of a list that is not empty."""
        if not isinstance(node.value, list) or not node.value or isinstance(node.value[0], tuple):
            raise self.problem("A list is expected here: [one, two].", node.start_mark.line)
        return list(node.value)

    def mapping(
        self, node: Node, known: Sequence[str] | None, required: Sequence[str]
    ) -> dict[str, Node]:
        """Return the entries of a mapping: keys that are known, each once, and all that must be."""
        if not _is_mapping(node):
            raise self.problem("Keys and values are expected here.", node.start_mark.line)
        entries: dict[str, Node] = {}
        for key, value in node.value:
            name, line = self.text(key), key.start_mark.line
            if known is not None and name not in known:
                message = f"The header has no key {name!r}. {suggestion(name, known)}"
                raise self.problem(message, line)
            if name in entries:
                raise self.problem(f"The key {name!r} stands twice.", line)
            entries[name] = value
        for name in required:
            if name not in entries:
                raise self.problem(f"The key {name!r} is missing.", node.start_mark.line)
        return entries

    def mappings(self, node: Node | None, keys: Sequence[str]) -> Iterator[dict[str, Node]]:
        """Yield the entries of each mapping of a list, all with the same keys."""
        for item in self.items(node) if node else []:
            yield self.mapping(item, keys, keys)

    def columns(self, node: Node | None) -> tuple[tuple[str, str], ...]:
        """Read columns: a mapping of name to meaning, or a list of {name, description}."""
        if node is None:
            return ()
        if _is_mapping(node):
            found = self.mapping(node, None, ())
            return tuple((name, self.text(each)) for name, each in found.items())
        keys = ("name", "description")
        return tuple(
            (self.text(each["name"]), self.text(each["description"]))
            for each in self.mappings(node, keys)
        )


def _is_mapping(node: Node) -> bool:
    return isinstance(node.value, list) and all(isinstance(each, tuple) for each in node.value)
