"""The groups of a query: what stands in each pair of braces, as tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dragoman.syntax.lexer import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dragoman.syntax.lexer import Token


@dataclass
class Group:
    """What stands in one pair of braces: its own tokens, without those of the groups in it.

    Attributes:
        word: what stands before the brace: OPTIONAL, MINUS, WHERE, …
        above: the group that it stands in.
        own: indices of its tokens.
        children: the groups in it.
        select: whether it is a sub-select, or the whole of a SELECT.
        start: index of the brace that opens it.
        in_graph: whether it stands in GRAPH.
    """

    word: str
    above: Group | None = None
    own: list[int] = field(default_factory=list)
    children: list[Group] = field(default_factory=list)
    select: bool = False
    start: int = -1
    in_graph: bool = False

    def is_data(self, words: Sequence[str]) -> bool:
        """Return whether it is the rows of VALUES, or the template of a CONSTRUCT."""
        if self.word == "CONSTRUCT" or words[self.start - 2 : self.start - 1] == ["VALUES"]:
            return True
        at = self.start - 1
        while self.word == ")" and at > 0 and words[at] != "(":
            at -= 1
        return self.word == ")" and words[at - 1] == "VALUES"

    def lines(self) -> Iterator[Group]:
        """Yield the group, and those that it stands in, from the inside out."""
        group: Group | None = self
        while group is not None:
            yield group
            group = group.above


class Groups:
    """A query as tokens, words in capitals, and groups."""

    def __init__(self, text: str, found: Sequence[Token] | None = None) -> None:
        self.text = text
        self.tokens: Sequence[Token] = list(tokens(text)) if found is None else found
        self.words = [t.text.upper() if t.kind == "word" else t.text for t in self.tokens]
        self.top = Group("")
        self.groups = [self.top]
        stack = [self.top]
        before = ""
        for index, word in enumerate(self.words):
            if word == "{":
                graph = stack[-1].in_graph or self.words[index - 2 : index - 1] == ["GRAPH"]
                group = Group(before, stack[-1], start=index, in_graph=graph)
                stack[-1].children.append(group)
                stack.append(group)
                self.groups.append(group)
            elif word == "}" and len(stack) > 1:
                stack.pop()
            else:
                stack[-1].own.append(index)
                stack[-1].select |= word == "SELECT"
            before = word

    def variables(self, group: Group) -> set[str]:
        """Return the variables in a group and in all groups within."""
        own = {self.words[index] for index in group.own if self.tokens[index].kind == "variable"}
        return own.union(*map(self.variables, group.children))

    def call(self, start: int) -> list[int]:
        """Return the tokens in the brackets that open after a word."""
        depth, inside = 0, []
        for index in range(start + 1, len(self.words)):
            depth += (self.words[index] == "(") - (self.words[index] == ")")
            if depth <= 0:
                break
            inside.append(index)
        return inside[1:]

    def places(self, *words: str) -> Iterator[int]:
        """Yield where words stand that are no part of a name or a text."""
        for index, word in enumerate(self.words):
            if word in words and self.tokens[index].kind == "word":
                yield index
