"""Checking a SPARQL text before any engine sees it."""

from __future__ import annotations

__all__ = ["QueryText", "check_query", "with_prefixes"]

from typing import TYPE_CHECKING, Final, NamedTuple

from dragoman.errors import QueryRefusedError, suggestion
from dragoman.syntax.guards import MAX_DEPTH
from dragoman.syntax.lexer import tokens, unescape
from dragoman.syntax.traps import suspects

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from dragoman.syntax.lexer import Token

MAX_QUERY: Final = 256 * 1024
MAX_OPERATORS: Final = 1000
_FORMS: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATES: Final = frozenset(
    {"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"}
)
_TERMS: Final = frozenset({"string", "iri", "variable", "blank", "name", "number"})
# Whatever the engine joins or nests one by one: ten thousand of them end it with a crash.
_OPERATORS: Final = frozenset(
    {"||", "&&", "!", "|", "/", "^", "+", "-", "*", "?", "{", "[", ".", ";"}
    | {"BIND", "FILTER", "AS", "VALUES"}
)


class QueryText(NamedTuple):
    """A query that may be run.

    Attributes:
        text: the SPARQL text, as given.
        form: SELECT, ASK, CONSTRUCT or DESCRIBE.
        variables: every variable in order of first appearance, without its question mark.
        prefixes: the prefixes that the text declares itself.
        star: true for SELECT *, whose columns have no order of their own.
        name: what messages call the text.
        warnings: traps that the text steps into, one line each.
        unlike: whether the embedded engine may answer otherwise than SPARQL 1.1 has it, so that
            the text is looked at again before it is asked (see `departures`).
    """

    text: str
    form: str
    variables: tuple[str, ...]
    prefixes: dict[str, str]
    star: bool = False
    name: str = "-"
    warnings: tuple[str, ...] = ()
    unlike: bool = False
    limit: int | None = None
    offset: int = 0
    tail: int = 0
    borrows: bool = True


def check_query(
    text: str,
    name: str = "-",
    prefixes: Mapping[str, str] | None = None,
    services: Collection[str] = (),
) -> QueryText:
    r"""Check a SPARQL 1.1 query before any engine sees it.

    Refused: SERVICE and LOAD in every spelling (comments between, `\u` escapes, any case), updates,
    more than 256 kB, brackets deeper than 100, more than 1000 operators, an undeclared prefix.
    `FROM <…>` is only a graph name here, and fetches nothing. The words in strings, IRIs, comments,
    variables and prefixed names mean nothing.

    Args:
        text: the query.
        name: file name for messages.
        prefixes: further prefixes that the text may use without declaring them.
        services: addresses that SERVICE may name, as they are, in angle brackets.

    Raises:
        QueryRefusedError: with line and column.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_QUERY:
        raise QueryRefusedError(f"The query is longer than {MAX_QUERY >> 10} kB.", name)
    if "\0" in text:
        raise QueryRefusedError("The query holds a NUL character.", name)
    decoded = unescape(text)
    if decoded != text:
        _scan(decoded, name, None, services)
    return _scan(text, name, prefixes or {}, services)


def _scan(
    text: str, name: str, known: Mapping[str, str] | None, services: Collection[str]
) -> QueryText:
    """Walk over the tokens once; `known` is None for a look that only refuses."""
    found = list(tokens(text))
    words = [token.text.upper() if token.kind == "word" else token.text for token in found]

    def refuse(problem: str, index: int) -> QueryRefusedError:
        start = found[index].start
        line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
        return QueryRefusedError(problem, name, line, column)

    form = ""
    for index, token in enumerate(found):
        if token.kind != "word":
            continue
        if words[index] == "LOAD" or (
            words[index] == "SERVICE" and _address(found, words, index) not in services
        ):
            others = f" Allowed are {', '.join(map(str, services))}." if services else ""
            problem = f"{words[index]} is refused, for it would go to the network.{others}"
            raise refuse(problem, index)
        if not form and words[index] in _UPDATES:
            raise refuse(f"{words[index]} would change data. A query only asks.", index)
        form = form or (words[index] if words[index] in _FORMS else "")
    if not found:
        raise QueryRefusedError("The query is empty.", name)
    if not form:
        raise refuse(f"A query starts with {', '.join(_FORMS[:3])} or {_FORMS[3]}.", 0)
    # Most queries are too short to break a limit: do not walk over them for it.
    if sum(map(words.count, "([{")) > MAX_DEPTH and (deep := _too_deep(found, words)) is not None:
        raise refuse(f"Brackets nest deeper than {MAX_DEPTH}.", deep)
    if len(found) > MAX_OPERATORS and (much := _too_much(found, words)) is not None:
        raise refuse(f"The query has more than {MAX_OPERATORS} operators and patterns.", much)
    if (odd := _unbalanced(found)) is not None:
        raise refuse(f"The bracket {found[odd].text} has no partner.", odd)
    declared = {
        found[index + 1].text.removesuffix(":"): unescape(found[index + 2].text[1:-1])
        for index, word in enumerate(words[:-2])
        if word == "PREFIX" and found[index + 2].kind == "iri"
    }
    borrowed = [
        index
        for index, token in enumerate(found)
        if token.kind == "name" and token.text.partition(":")[0] not in declared
    ]
    for index in borrowed if known is not None else ():
        prefix = found[index].text.partition(":")[0]
        if known is not None and prefix not in known:
            advice = suggestion(prefix, [*declared, *known])
            raise refuse(f"The prefix {prefix}: is not declared. {advice}".rstrip(), index)
    star = "*" in words[words.index(form) : words.index(form) + 3] and form == "SELECT"
    variables = tuple(dict.fromkeys(each.text[1:] for each in found if each.kind == "variable"))
    warnings = tuple(_warnings(text, found, name)) if suspects(words) else ()
    unlike = "GROUP_CONCAT" in words or "|" in words or "?" in words or _repeats(found, words)
    limit, offset, tail = _slice(found, words)
    return QueryText(
        text,
        form,
        variables,
        declared,
        star,
        name,
        warnings,
        unlike,
        limit,
        offset,
        tail,
        bool(borrowed),
    )


def _slice(found: Sequence[Token], words: Sequence[str]) -> tuple[int | None, int, int]:
    """Return which solutions are asked for, and where in the text that may be said."""
    told: dict[str, int] = {}
    depth, place = 0, found[-1].end
    for index in range(len(words) - 1, -1, -1):  # what is looked for stands near the end
        word, kind = words[index], found[index].kind
        if kind == "mark" and word in "{}":
            depth += 1 if word == "}" else -1
        elif depth == 0 and kind == "word":
            if word == "VALUES":
                place = found[index].start
            elif word in {"LIMIT", "OFFSET"} and words[index + 1 : index + 2]:
                following = words[index + 1]
                told[word] = int(following) if following.isdecimal() else 0
            elif word in _FORMS:
                break
    return told.get("LIMIT"), told.get("OFFSET", 0), place


def _address(found: Sequence[Token], words: Sequence[str], index: int) -> str:
    """Return the address that a SERVICE names; empty where it names none by itself."""
    index += 2 if words[index + 1 : index + 2] == ["SILENT"] else 1
    named = index < len(found) and found[index].kind == "iri"
    return unescape(found[index].text)[1:-1] if named else ""


def _repeats(found: Sequence[Token], words: Sequence[str]) -> bool:
    """Return whether a star may be that of a path: behind a name or a bracket."""
    at = -1
    for _ in range(words.count("*")):
        at = words.index("*", at + 1)
        if found[at - 1].kind in {"name", "iri"} or words[at - 1] in {")", "A"}:
            return True
    return False


def _unbalanced(found: Sequence[Token]) -> int | None:
    """Return the first bracket that closes what is not open, or else the last that stays open."""
    opened: list[int] = []
    for index, token in enumerate(found):
        closes = token.kind == "mark" and token.text in ")]}"
        if token.kind == "mark" and token.text in "([{":
            opened.append(index)
            continue
        pair = found[opened.pop()].text if closes and opened else ""
        if closes and pair + token.text not in {"()", "[]", "{}"}:
            return index
    return opened[-1] if opened else None


def _too_deep(found: Sequence[Token], words: Sequence[str]) -> int | None:
    depth = 0
    for index, word in enumerate(words):
        if found[index].kind == "mark":
            depth += (word in "([{") - (word in ")]}")
            if depth > MAX_DEPTH:
                return index
    return None


def _too_much(found: Sequence[Token], words: Sequence[str]) -> int | None:
    """Return where the limit of operators is passed. Rows of VALUES and lists of IN are free."""
    opened: list[str] = [""]
    operators, values = 0, False
    for index, word in enumerate(words):
        kind = found[index].kind
        if opened[-1] != "VALUES":
            operators += (
                (kind in {"word", "mark", "variable"} and word in _OPERATORS)
                # a list of objects, and the items of an RDF collection, are patterns
                or (word == "," and opened[-1] != "(")
                or (opened[-1] == "(" and kind in _TERMS and found[index - 1].kind in _TERMS)
            )
            if operators > MAX_OPERATORS:
                return index
        values = values or word == "VALUES"
        if kind == "mark" and word in "([{":
            rows = opened[-1] == "VALUES" or (word == "{" and values)
            opened.append("VALUES" if rows else word)
            values = values and word != "{"
        elif kind == "mark" and word in ")]}" and len(opened) > 1:
            opened.pop()
    return None


def _warnings(text: str, found: Sequence[Token], name: str) -> Iterator[str]:
    from dragoman.syntax.groups import Groups
    from dragoman.syntax.traps import RULES, traps

    query = Groups(text, found)
    for rule, index in dict.fromkeys(traps(query)):
        told, shown = RULES[rule], query.tokens[index].text
        if rule == "having-alias":
            yield (
                f"{name}: HAVING uses the alias {shown}, which is unbound there, so nothing is "
                "returned. Repeat the aggregate."
            )
        else:
            yield f"{name}: it {told.what}: {shown} ({told.where}). Instead: {told.instead}."


def with_prefixes(query: QueryText, prefixes: Mapping[str, str]) -> str:
    """Return the text with a PREFIX line for each prefix that it uses and does not declare."""
    further = prefixes.keys() - query.prefixes.keys()
    # Most texts declare all they use: what may be a prefix is found sooner than what is one.
    if not any(f"{each}:" in query.text for each in further):
        return query.text
    used = {token.text.partition(":")[0] for token in tokens(query.text) if token.kind == "name"}
    missing = sorted(used & further)
    return "".join(f"PREFIX {each}: <{prefixes[each]}>\n" for each in missing) + query.text
