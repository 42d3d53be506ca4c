"""Where the clauses of a query stand, and putting text in their place.

Only tokens are looked at, so what stands in strings, IRIs and comments is left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from dragoman.syntax.groups import Groups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dragoman.syntax.groups import Group

_ENDS = frozenset({"HAVING", "LIMIT", "OFFSET", "VALUES"})


class Values(NamedTuple):
    """A block `VALUES ?name { … }`: offsets of the block, and of what stands in its braces.

    Attributes:
        start, end: of the block.
        first, last: of what stands in the braces.
        undefined: whether that is UNDEF alone, which joins with everything.
    """

    start: int
    end: int
    first: int
    last: int
    undefined: bool


def values_blocks(text: str, name: str) -> list[Values]:
    """Return the blocks that give one variable its values."""
    query = Groups(text)
    return [block for index in query.places("VALUES") if (block := _block(query, index, name))]


def _block(query: Groups, index: int, name: str) -> Values | None:
    words, tokens = query.words, query.tokens
    if words[index + 1 : index + 3] not in ([f"?{name}", "{"], [f"${name}", "{"]):
        return None
    for at in range(index + 3, len(words)):
        if words[at] == "}" and tokens[at].kind == "mark":
            row = words[index + 3 : at]
            first, last = tokens[index + 2].end, tokens[at].start
            return Values(tokens[index].start, tokens[at].end, first, last, row == ["UNDEF"])
    return None


def with_values(text: str, name: str, row: str) -> str:
    """Return a query whose blocks of a variable hold a row of terms."""
    for block in reversed(values_blocks(text, name)):
        text = f"{text[: block.first]} {row} {text[block.last :]}"
    return text


def without_undefined(text: str, name: str) -> str:
    """Return a query without the blocks that give a variable no value.

    `VALUES ?name { UNDEF }` is one solution that binds nothing, with which every other one joins
    and stays what it is (SPARQL 1.1, 18.5), so the answer is the same. The lines keep their
    numbers, for messages.
    """
    for block in reversed(values_blocks(text, name)):
        if block.undefined:
            text = _without(text, block, f"# any ?{name}")
    return text


def _without(text: str, block: Values, comment: str) -> str:
    query = Groups(text)
    at = next(i for i, token in enumerate(query.tokens) if token.start == block.start)
    before = query.words[at - 1] if at else "{"
    after = next((i for i, token in enumerate(query.tokens) if token.start >= block.end), None)
    end, put = block.end, ""
    group = next((each for each in query.groups if at in each.own), query.top)
    if not group.select and group is not query.top:  # behind WHERE, nothing divides patterns
        ends_triples = before not in {"{", "}", "."}
        if after is not None and query.words[after] == "." and not ends_triples:
            end = query.tokens[after].end
        elif ends_triples and (after is None or query.words[after] not in {".", "}"}):
            put = " ."
    left, right = text[: block.start], text[end:]
    alone = not left.rpartition("\n")[2].strip() and not right.partition("\n")[0].strip()
    if alone and not put and "\n" in right:
        put = comment
    return f"{left}{put}{right}"


def pattern(query: Groups) -> Group | None:
    """Return the outermost WHERE of a query, where it has one."""
    return next((each for each in query.top.children if not each.is_data(query.words)), None)


def closing(query: Groups, group: Group) -> int:
    """Return which token closes a group."""
    depth = 0
    for index in range(group.start, len(query.words)):
        if query.tokens[index].kind == "mark":
            depth += (query.words[index] == "{") - (query.words[index] == "}")
        if depth == 0:
            return index
    return len(query.words) - 1


def with_filters(text: str, filters: Sequence[str]) -> str:
    """Return a query whose outermost WHERE ends with further filters."""
    query = Groups(text)
    group = pattern(query)
    if group is None or not filters:
        return text
    opened, closed = query.tokens[group.start], query.tokens[closing(query, group)]
    added = "".join(f"    FILTER ({each})\n" for each in filters)
    inside = text[opened.end : closed.start].rstrip(" \t")
    if group.select:  # a sub-select stands alone in its braces
        inside = f" {{{inside}}}"
    inside += "" if inside.endswith("\n") else "\n"
    return f"{text[: opened.end]}{inside}{added}{text[closed.start :]}"


def order_of(text: str) -> tuple[str, frozenset[str]]:
    """Return what a query's rows are sorted by, as written, and the variables in it."""
    query = Groups(text)
    group = pattern(query)
    places = [at for at in query.places("ORDER") if group is None or at > closing(query, group)]
    if not places:
        return "", frozenset()
    start, depth = places[0], 0
    end = len(query.words)
    for index in range(start + 2, len(query.words)):
        depth += (query.words[index] == "(") - (query.words[index] == ")")
        if depth == 0 and query.words[index] in _ENDS and query.tokens[index].kind == "word":
            end = index
            break
    inside = query.tokens[start:end]
    names = frozenset(each.text[1:] for each in inside if each.kind == "variable")
    return text[inside[0].start : inside[-1].end], names
