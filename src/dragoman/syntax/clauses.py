"""Where the clauses of a query stand, and putting text in their place.

Only tokens are looked at, so what stands in strings, IRIs and comments is left alone.
"""

from __future__ import annotations

__all__ = [
    "columns",
    "values_blocks",
    "with_filters",
    "with_labels",
    "with_values",
    "without_undefined",
]

import re
from textwrap import wrap
from typing import TYPE_CHECKING, Final, NamedTuple

from dragoman import vocabulary
from dragoman.syntax.groups import Groups
from dragoman.syntax.lexer import unescape

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from dragoman.syntax.groups import Group
    from dragoman.syntax.sparql import QueryText

_ENDS: Final = frozenset({"HAVING", "LIMIT", "OFFSET", "VALUES"})


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


def graphs_of(
    query: QueryText, prefixes: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the graphs that a query chooses itself: those of FROM, and those of FROM NAMED."""
    if "FROM" not in query.text.upper():
        return (), ()
    groups = Groups(query.text)
    spaces = {**prefixes, **query.prefixes}
    found: tuple[list[str], list[str]] = ([], [])
    for index in groups.top.own:
        if groups.words[index] != "FROM" or groups.tokens[index].kind != "word":
            continue
        named = groups.words[index + 1 : index + 2] == ["NAMED"]
        token = groups.tokens[index + 1 + named]
        if token.kind == "iri":
            found[named].append(unescape(token.text[1:-1]))
        elif token.kind == "name":
            prefix, _, local = token.text.partition(":")
            found[named].append(spaces.get(prefix, "") + re.sub(r"\\(.)", r"\1", local))
    return tuple(found[0]), tuple(found[1])


def with_slice(query: QueryText, limit: int, offset: int) -> str:
    """Return the text of a query that asks for others of its solutions.

    Numbers are put in the place of its own ones, so that a text that is wrong stays wrong.
    """
    text, tail = query.text, query.tail
    wanted = {"LIMIT": limit, "OFFSET": offset}
    if query.limit is not None or query.offset or offset:
        groups = Groups(text)
        for index in reversed(groups.top.own):
            number = groups.tokens[index + 1] if index + 1 < len(groups.tokens) else None
            if groups.tokens[index].kind != "word" or number is None or number.kind != "number":
                continue
            if (told := wanted.pop(groups.words[index], None)) is not None:
                text = f"{text[: number.start]}{told}{text[number.end :]}"
                tail += len(str(told)) - len(number.text) if number.end <= tail else 0
    more = " ".join(
        f"{word} {number}" for word, number in wanted.items() if number or word[0] == "L"
    )
    return f"{text[:tail]} {more} {text[tail:]}"


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


# What gives no thing, so that nothing has a label.
_TEXTS: Final = frozenset(
    {"COUNT", "SUM", "AVG", "GROUP_CONCAT", "STR", "CONCAT", "STRLEN", "SUBSTR", "LANG", "REPLACE"}
    | {"STRBEFORE", "STRAFTER", "UCASE", "LCASE", "YEAR", "MONTH", "DAY", "ABS", "ROUND", "CEIL"}
    | {"FLOOR", "BOUND", "EXISTS", "NOT", "STRDT", "STRLANG", "REGEX", "CONTAINS", "!", "TRUE"}
    | {"FALSE", "ENCODE_FOR_URI", "HOURS", "MINUTES", "SECONDS", "TIMEZONE", "TZ"}
)


def columns(text: str) -> dict[str, bool]:
    """Return the columns that a SELECT writes out, and of each whether it may be of things.

    A column that is worked out as a text or a number is none; whatever else may be.
    """
    query = Groups(text)
    start = next(query.places("SELECT"))
    group = pattern(query)
    end = len(query.words) if group is None else group.start
    found: dict[str, bool] = {}
    index = start + 1
    while index < end and query.words[index] not in {"WHERE", "FROM"}:
        token = query.tokens[index]
        if token.kind == "variable":
            found[token.text[1:]] = not _is_worked_out(query, token.text)
        elif query.words[index] == "(":
            inside = query.call(index - 1)
            found[query.tokens[inside[-1]].text[1:]] = not _gives_text(query, inside[0])
            index = inside[-1] + 1
        index += 1
    return found


def _is_worked_out(query: Groups, variable: str) -> bool:
    """Return whether an expression anywhere gives a variable a text or a number."""
    for index in query.places("AS"):
        if query.words[index + 1] == variable:
            start = index
            depth = 0
            while depth >= 0 and start > 0:
                start -= 1
                depth += (query.words[start] == ")") - (query.words[start] == "(")
            if _gives_text(query, start + 1):
                return True
    return False


def _gives_text(query: Groups, index: int) -> bool:
    token = query.tokens[index]
    return (
        query.words[index] in _TEXTS
        or token.kind in {"number", "string"}
        or (token.kind == "name" and token.text.startswith("xsd:"))
    )


def _always_bound(query: Groups) -> set[str]:
    """Return variables that each row binds: those of patterns that are no one's choice."""
    group = pattern(query)
    if group is None or group.select:
        return set()
    found, depth = set(), 0
    for index in group.own:
        token = query.tokens[index]
        depth += (token.text == "(") - (token.text == ")")
        if token.kind == "variable" and not depth and query.words[index - 1] != "VALUES":
            found.add(token.text[1:])
    return found


def _is_in(variable: str, tag: str) -> str:
    """Return what holds of a text in a language; engines spell the case of longer tags anew."""
    if "-" in tag:
        return f'LANGMATCHES(LANG({variable}), "{tag}")'
    return f'LANG({variable}) = "{tag.lower()}"'


def with_labels(
    text: str, prefixes: Mapping[str, str], languages: Sequence[str], values: Container[str] = ()
) -> str:
    """Return a SELECT with a column of labels beside each column of things.

    The query becomes a sub-select, to which labels are joined: what it counts and leaves out stays
    as it is. It is sorted as before, where it is sorted by its columns. A text that is no SELECT of
    named columns is returned as it is.

    Args:
        text: the query.
        prefixes: those that it declares.
        languages: tags of languages, the best first.
        values: columns that are known to have no things.
    """
    query = Groups(text)
    words = {query.words[at] for at, token in enumerate(query.tokens) if token.kind == "word"}
    if "SELECT" not in words or "FROM" in words or pattern(query) is None:
        return text
    things = columns(text)
    if not things:
        return text
    start = query.tokens[next(query.places("SELECT"))].start
    order, names = order_of(text)
    body = text[start:].rstrip()
    if order and names <= things.keys() and not words & {"LIMIT", "OFFSET"}:
        body = body[: body.rindex(order)].rstrip() + body[body.rindex(order) + len(order) :]
    bound = _always_bound(query)
    shown: list[str] = []
    patterns: list[str] = []
    spaces = {"rdf": vocabulary.RDF, "rdfs": vocabulary.RDFS, "skos": vocabulary.SKOS}
    free = {key: space for key, space in spaces.items() if prefixes.get(key, space) == space}

    def term(prefix: str, name: str) -> str:
        return f"{prefix}:{name}" if prefix in free else f"<{spaces[prefix]}{name}>"

    path = f"{term('skos', 'prefLabel')}|{term('rdfs', 'label')}"
    for name, is_thing in things.items():
        shown.append(f"?{name}")
        if not is_thing or name in values or name.endswith("Label") or f"{name}Label" in things:
            continue
        told = [f"?{name}Label"]
        if len(languages) > 1:
            told = [f"?{name}Label_{tag.replace('-', '_')}" for tag in languages]
        both = f"(COALESCE({', '.join(told)}) AS ?{name}Label)"
        shown.append(told[0] if len(told) == 1 else both)
        thing = f"?{name}"
        if name not in bound:  # an OPTIONAL of what is unbound would bind it to all that there is
            thing = f"?{name}Thing"
            patterns.append(f"    BIND (COALESCE(?{name}, {term('rdf', 'nil')}) AS {thing})\n")
        patterns += [
            f"    OPTIONAL {{ {thing} {path} {each} . FILTER ({_is_in(each, tag)}) }}\n"
            for each, tag in zip(told, languages, strict=True)
        ]
    if not patterns:
        return text
    joined = "".join(patterns)
    missing = [each for each in free if each not in prefixes and f"{each}:" in joined]
    head = text[:start].rstrip() + "".join(f"\nPREFIX {each}: <{free[each]}>" for each in missing)
    select = wrap(f"SELECT {' '.join(shown)}", 96, subsequent_indent="    ")
    if '"""' not in body and "'''" not in body:  # a text of several lines is left as it is
        body = body.replace("\n", "\n        ")
    sorted_by = f"{order}\n" if order and names <= things.keys() else ""
    return (
        f"{head}\n\n{chr(10).join(select)}\nWHERE {{\n    {{\n        {body}\n    }}\n"
        f"{joined}}}\n{sorted_by}"
    )
