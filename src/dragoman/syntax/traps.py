"""Traps that a query steps into here: the engine or its index answers otherwise than is expected.

What can be rewritten is rewritten (see `departures`) and is no trap. A trap is a hint with a
reason, on stderr when a query is asked, and in `dragoman check-queries`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dragoman.syntax.groups import Group, Groups


class Rule(NamedTuple):
    """A trap: what it is, where it shows, and what to write instead."""

    what: str
    where: str
    instead: str


RULES: Final[dict[str, Rule]] = {
    "boolean-order": Rule(
        "says of truth values which is less",
        "this command, and Oxigraph: an error where the standard has an order",
        "compare with =",
    ),
    "derived-datatype": Rule(
        "asks for a datatype that the index does not keep",
        "this command, and Oxigraph: whole numbers are xsd:integer, and times with a zone "
        "xsd:dateTime",
        "ask for xsd:integer, or xsd:dateTime",
    ),
    "graph-variable": Rule(
        "has, in GRAPH of a variable, what the engine takes for the same in every graph",
        "this command, and Oxigraph: VALUES, MINUS, and counts in sub-selects lose the graph",
        "write VALUES outside, FILTER NOT EXISTS for MINUS, and GROUP BY the graph for counts",
    ),
    "having-alias": Rule(
        "uses the name of an aggregate in HAVING",
        "this command, Oxigraph and others return nothing, for the name is unbound there",
        "repeat the aggregate",
    ),
    "language-capitals": Rule(
        "compares LANG() with a tag in capitals",
        "this command, and Oxigraph: the index has tags in small letters, so nothing is equal",
        'use LANGMATCHES(LANG(?text), "en-GB")',
    ),
    "minus-in-exists": Rule(
        "has a MINUS in EXISTS that shares nothing but what is bound outside",
        "this command, Oxigraph and rdflib take away what the standard keeps, for there values are "
        "put in first, and nothing is shared any more",
        "write FILTER NOT EXISTS, or share a variable that is bound inside",
    ),
    "respelled-text": Rule(
        "compares STR() with a spelling that the index does not keep",
        "this command, and Oxigraph: a number, duration or time is respelled, as P1DT12H for PT36H",
        'compare values, as in ?x = "PT36H"^^xsd:duration',
    ),
}

_AGGREGATES: Final = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"})
_TRUTHS: Final = frozenset({"TRUE", "FALSE"})
_LESS: Final = frozenset({"<", ">", "<=", ">="})
# Not compiled until they are needed, for few queries do.
_DERIVED: Final = (
    r"(?:byte|int|long|short|unsigned(?:Byte|Int|Long|Short)|dateTimeStamp"
    r"|(?:non)?(?:[Nn]egative|[Pp]ositive)Integer)>?"
)
_TAG: Final = r"(?=.*[A-Z])[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*"
_RESPELLED: Final = (
    r"[+-]?0[0-9]+(?:\.[0-9]+)?|\+[0-9.]+|[+-]?[0-9]*\.[0-9]*0|[+-]?[0-9.]+[eE][+-]?[0-9]+"
    r"|-?P(?=.*[0-9])(?:[0-9]+[YMWD])*(?:T.+)?|.*T24:00:00.*|.*[0-9]\+00:00"
)


def suspects(words: Sequence[str]) -> bool:
    """Return whether a look for traps is worth its time: true where there may be any.

    Args:
        words: the tokens of a query, words in capitals.
    """
    if "HAVING" in words or "GRAPH" in words or "DATATYPE" in words:
        return True
    if "EXISTS" in words and "MINUS" in words:
        return True
    if ("TRUE" in words or "FALSE" in words) and any(map(_orders, words, words[1:])):
        return True
    if "LANG" not in words and "STR" not in words:
        return False
    texts = {word for word in words if word[0] in "\"'"}
    return any(_in_capitals(each) or _respelled(each) for each in texts)


def _orders(word: str, after: str) -> bool:
    """Return whether a truth stands beside < or >."""
    return (word in _LESS and after in _TRUTHS) or (after in _LESS and word in _TRUTHS)


def traps(query: Groups) -> Iterator[tuple[str, int]]:
    """Yield the traps of a query: the rule, and the index of the token."""
    yield from _having(query)
    yield from _compared(query)
    for group in query.groups:
        before = query.words[group.start - 2 : group.start - 1]
        if before == ["GRAPH"] and query.tokens[group.start - 1].kind == "variable":
            yield from _in_graph(query, group)
        elif group.word == "EXISTS":
            yield from _in_exists(query, group)
    for index, word in enumerate(query.words):
        around = query.words[max(index - 1, 0) : index + 2]
        if word in _TRUTHS and not _LESS.isdisjoint(around):
            yield "boolean-order", index


def _having(query: Groups) -> Iterator[tuple[str, int]]:
    """Find HAVING over an alias: by the standard it is unbound there, so no row comes back."""
    words = query.words
    aliases = {
        words[index + 1]
        for index in query.places("AS")
        if query.tokens[index + 1 : index + 2] and query.tokens[index + 1].kind == "variable"
    }
    for start in query.places("HAVING"):
        opened: list[str] = []  # what stands before each bracket
        for index in range(start + 1, len(words)):
            if words[index] == "(":
                opened.append(words[index - 1])
            elif words[index] == ")" and opened:
                opened.pop()
            # An aggregate may be of what a BIND or a query within has named.
            if words[index] in aliases and _AGGREGATES.isdisjoint(opened):
                yield "having-alias", index
            if not opened:
                break


def _compared(query: Groups) -> Iterator[tuple[str, int]]:
    """Find what LANG, STR and DATATYPE are compared with."""
    for index in query.places("LANG", "STR", "DATATYPE"):
        end = index + len(query.call(index)) + 3
        for at in _others(query, index, end):
            word, kind = query.words[at], query.tokens[at].kind
            local = re.split(r"[:#]", word)[-1]
            match query.words[index]:
                case "LANG" if kind == "string" and _in_capitals(word):
                    yield "language-capitals", at
                case "STR" if kind == "string" and _respelled(word):
                    yield "respelled-text", at
                case "DATATYPE" if kind in {"name", "iri"} and re.fullmatch(_DERIVED, local):
                    yield "derived-datatype", at


def _others(query: Groups, start: int, end: int) -> Iterator[int]:
    """Yield the tokens on the other side of a comparison."""
    words = query.words
    if words[start - 1] in {"=", "!="}:
        yield start - 2
    if words[end : end + 1] == ["NOT"]:
        end += 1
    if words[end : end + 1] == ["IN"]:
        yield from query.call(end)
    elif words[end : end + 1] in (["="], ["!="]) and end + 1 < len(words):
        yield end + 1


def _in_graph(query: Groups, group: Group) -> Iterator[tuple[str, int]]:
    words = [query.words[index] for index in group.own]
    patterns = [child for child in group.children if not child.is_data(query.words)]
    kinds = {query.tokens[index].kind for index in group.own[1:]}
    if words[:1] == ["VALUES"] and not patterns and kinds <= {"variable", "mark"}:
        yield "graph-variable", group.own[0]
    for child in group.children:
        if child.word == "MINUS" and not (query.variables(child) & _bound(query, group, child)):
            yield "graph-variable", child.start - 1
    for each in (group, *group.children):
        words = [query.words[index] for index in each.own]
        if each.select and not _AGGREGATES.isdisjoint(words) and "GROUP" not in words:
            yield "graph-variable", each.own[0]


def _in_exists(query: Groups, group: Group) -> Iterator[tuple[str, int]]:
    outer = {
        query.words[at]
        for above in list(group.lines())[1:]
        for at in above.own
        if query.tokens[at].kind == "variable"
    }
    for child in group.children:
        if child.word == "MINUS":
            inside = query.variables(child)
            if inside & outer and inside & _bound(query, group, child) <= outer:
                yield "minus-in-exists", child.start - 1


def _bound(query: Groups, group: Group, but: Group) -> set[str]:
    """Return the variables of a group without those of one group in it."""
    own = {query.words[index] for index in group.own if query.tokens[index].kind == "variable"}
    return own.union(*(query.variables(each) for each in group.children if each is not but))


def _in_capitals(word: str) -> bool:
    """Return whether a token is a text that may be a language tag with capitals."""
    return word[0] in "\"'" and not word.islower() and bool(re.fullmatch(_TAG, word[1:-1]))


def _respelled(word: str) -> bool:
    """Return whether a token is a text that an index respells as a number, duration or time."""
    if word[0] not in "\"'" or not re.search("[0-9]", word):
        return False
    return bool(re.fullmatch(_RESPELLED, word[1:-1]))
