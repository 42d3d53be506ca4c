"""Where the embedded engine departs from SPARQL 1.1: texts that are rewritten, or warned of.

Each departure was seen in pyoxigraph 0.5, and what is right was judged by the recommendation, with
Jena 6 and rdflib 7 beside it. A text is rewritten only where the new one means the same by the
recommendation:

- `GROUP_CONCAT(?x)` of what is no text: `STR` around the argument (18.5.1.7). With DISTINCT, terms
  that are not equal stay apart: what tells them apart is written behind each, and taken away again.
- A path that may have no length, from a term that the data do not have, gives the term (18.4): the
  row is written down as VALUES. From a variable it does not, so there is a warning and no row.
- `a|b` gives a row for each alternative (18.2.2.4), the engine each pair once: alternatives become
  branches of UNION, where it matters how often a row comes.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise, product
from math import prod
from typing import TYPE_CHECKING, Final, NamedTuple

from dragoman.syntax.groups import Group, Groups

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dragoman.syntax.sparql import QueryText

_NODES: Final = frozenset({"variable", "name", "iri", "string", "number", "blank"})
_COUNTING: Final = frozenset({"COUNT", "SUM", "AVG", "GROUP_CONCAT"})
# More branches of UNION than that are not written: the text is warned of.
_BRANCHES: Final = 16
# What parts a text from what tells equal texts apart: no text that `add` takes holds them.
_FROM, _TO = "\\u0001", "\\u0002"


class PathText(NamedTuple):
    """A path: `kind` is one of a term, !, ^, /, |, or a repetition *, + or ?."""

    kind: str
    parts: tuple[PathText, ...] = ()
    text: str = ""

    def branches(self) -> list[PathText]:
        """Return paths without alternatives whose rows together are those of this one."""
        match self.kind:
            case "|":
                return [each for part in self.parts for each in part.branches()]
            case "/":
                return [
                    PathText("/", chosen) for chosen in product(*(x.branches() for x in self.parts))
                ]
            case "^":
                return [PathText("^", (each,)) for each in self.parts[0].branches()]
        return [self]

    @property
    def many(self) -> int:
        """Return how many branches there are."""
        if self.kind == "|":
            return sum(part.many for part in self.parts)
        return prod(part.many for part in self.parts) if self.kind in {"/", "^"} else 1

    @property
    def may_be_empty(self) -> bool:
        """Return whether it may have no length."""
        if self.kind == "|":
            return any(part.may_be_empty for part in self.parts)
        if self.kind in {"/", "^", "+"}:
            return all(part.may_be_empty for part in self.parts)
        return self.kind in {"*", "?"}

    def __str__(self) -> str:
        """Return the path as SPARQL spells it."""
        match self.kind:
            case "|" | "/":
                return f"({self.kind.join(map(str, self.parts))})"
            case "^":
                return f"(^{self.parts[0]})"
            case "*" | "+" | "?":
                return f"({self.parts[0]}){self.kind}"
        return self.text


class Pattern(NamedTuple):
    """A triple pattern, as it is spelt; `path` is None where a variable is the predicate."""

    subject: str
    predicate: str
    path: PathText | None
    object: str

    def __str__(self) -> str:
        """Return the pattern as SPARQL spells it."""
        return f"{self.subject} {self.predicate} {self.object}"


class Block(NamedTuple):
    """Triple patterns of one subject: where they stand in the text, and their group."""

    start: int
    end: int
    patterns: tuple[Pattern, ...]
    group: Group


class _GiveUpError(Exception):
    """The tokens are no triple patterns that are read here."""


class _Reader:
    """Reads triple patterns from the tokens of one group."""

    def __init__(self, query: Groups, group: Group, start: int) -> None:
        self.query, self.group, self.at = query, group, start

    def word(self, ahead: int = 0) -> str:
        """Return a token in capitals; empty where a brace, or nothing, is."""
        at = self.at + ahead
        inside = at < len(self.query.words) and self.query.words[at] not in {"{", "}"}
        return self.query.words[at] if inside else ""

    def kind(self) -> str:
        return self.query.tokens[self.at].kind if self.word() else ""

    def take(self) -> str:
        self.at += 1
        return self.query.tokens[self.at - 1].text

    def block(self) -> Block:
        first = self.at
        subject = self.node()
        patterns: list[Pattern] = []
        alone = subject[0] == "[" and self.word() in {"", "."}
        if alone:  # all is said in its brackets
            patterns.append(Pattern(subject, "", None, subject))
        while not alone:
            if self.word() not in {";", "."}:
                patterns += self.properties(subject)
            if self.word() != ";":
                break
            while self.word() == ";":
                self.at += 1
            if self.word() in {"", "."} or (self.kind() == "word" and self.word() != "A"):
                break
        tokens = self.query.tokens
        return Block(tokens[first].start, tokens[self.at - 1].end, tuple(patterns), self.group)

    def properties(self, subject: str) -> Iterator[Pattern]:
        start = self.query.tokens[self.at].start
        path = None if self.kind() == "variable" else self.alternatives()
        if path is None:
            self.at += 1
        written = self.query.tokens[self.at - 1].end
        predicate = self.text[start:written]
        while True:
            yield Pattern(subject, predicate, path, self.node())
            if self.word() != ",":
                return
            self.at += 1

    @property
    def text(self) -> str:
        return self.query.text

    def node(self) -> str:
        start = self.at
        if self.word() in {"(", "["}:
            depth = 0
            while self.word():
                depth += (self.word() in {"(", "["}) - (self.word() in {")", "]"})
                self.at += 1
                if not depth:
                    break
        elif self.word() in {"+", "-"}:
            self.at += 2
        elif self.kind() in _NODES or self.word() in {"TRUE", "FALSE"}:
            string = self.kind() == "string"
            self.at += 1
            if string and self.kind() == "tag":
                self.at += 1
            elif string and self.word() == "^^":
                self.at += 2
        if self.at == start:
            raise _GiveUpError
        tokens = self.query.tokens
        return self.text[tokens[start].start : tokens[self.at - 1].end]

    def alternatives(self) -> PathText:
        return self.several("|", lambda: self.several("/", self.step))

    def several(self, mark: str, part: Callable[[], PathText]) -> PathText:
        parts = [part()]
        while self.word() == mark:
            self.at += 1
            parts.append(part())
        return parts[0] if len(parts) == 1 else PathText(mark, tuple(parts))

    def step(self) -> PathText:
        if self.word() == "^":
            self.at += 1
            return PathText("^", (self.step(),))
        if self.word() == "(":
            self.at += 1
            path = self.alternatives()
            if self.take() != ")":
                raise _GiveUpError
        elif self.word() == "!":
            path = self.negated()
        elif self.kind() in {"name", "iri"} or (self.kind(), self.word()) == ("word", "A"):
            path = PathText("term", text=self.take())
        else:
            raise _GiveUpError
        if self.word() in {"*", "+", "?"}:
            path = PathText(self.take(), (path,))
        return path

    def negated(self) -> PathText:
        start = self.at
        self.at += 1
        depth = 0
        while self.word():
            depth += (self.word() == "(") - (self.word() == ")")
            inverse = self.word() == "^"
            self.at += 1
            if not depth and not inverse:
                break
        tokens = self.query.tokens
        return PathText("!", text=self.text[tokens[start].start : tokens[self.at - 1].end])


def blocks(query: Groups) -> Iterator[Block]:
    """Yield the triple patterns of a query; what is not understood is left out."""
    for group in query.groups:
        if group.select or group is query.top or group.is_data(query.words):
            continue
        reader = _Reader(query, group, 0)
        own = group.own
        place = 0
        while place < len(own):
            index = own[place]
            word, kind = query.words[index], query.tokens[index].kind
            reader.at = index
            if kind == "word" and word in {"FILTER", "BIND", "VALUES"}:
                while reader.word() and reader.word() != "(":
                    if word == "VALUES" and reader.kind() == "variable":
                        break
                    reader.at += 1
                reader.at += 1 if reader.word() != "(" else len(query.call(reader.at - 1)) + 2
            elif (kind == "word" and word not in {"TRUE", "FALSE"}) or word == ".":
                reader.at += 2 if word == "GRAPH" else 1
            else:
                try:
                    yield reader.block()
                except _GiveUpError:
                    while reader.word() and reader.word() != ".":
                        reader.at += 1
            while place < len(own) and own[place] < max(reader.at, index + 1):
                place += 1


def _counts(query: Groups, group: Group) -> bool:
    """Return whether it matters how often a row of a group comes."""
    for inner in group.lines():
        if inner.word in {"EXISTS", "MINUS"}:
            return False
        if not inner.select:
            continue
        words = [query.words[index] for index in inner.own]
        if any(
            word in _COUNTING and words[at + 2 : at + 3] != ["DISTINCT"]
            for at, word in enumerate(words)
        ):
            return True
        if words[words.index("SELECT") + 1] in {"DISTINCT", "REDUCED"} or "GROUP" in words:
            return False
        if not {"LIMIT", "OFFSET"}.isdisjoint(words):
            return True
    return query.top.select


class _Reading(NamedTuple):
    """What there is to rewrite in a text, whatever the data.

    Attributes:
        prologue: its prefixes and base.
        concatenations: where each GROUP_CONCAT starts and ends, and what to write instead.
        blocks: patterns with paths, and whether it matters how often a row of them comes.
        values: variables to which VALUES or BIND give a term, each with the term.
        unread: whether alternatives stand in square brackets, where they are not rewritten.
    """

    prologue: str
    concatenations: tuple[tuple[int, int, str], ...]
    blocks: tuple[tuple[Block, bool], ...]
    values: tuple[tuple[str, str], ...]
    unread: bool


@lru_cache(maxsize=256)
def _read(text: str) -> _Reading:
    query = Groups(text)
    found, unread = [], False
    for block in blocks(query):
        ends = {end for each in block.patterns for end in (each.subject, each.object)}
        if any(end[0] == "[" and "|" in end for end in ends):
            unread = unread or _counts(query, block.group)
        paths = [each.path for each in block.patterns if each.path is not None]
        counted = any(path.many > 1 for path in paths) and _counts(query, block.group)
        if counted or any(path.may_be_empty for path in paths):
            found.append((block, counted))
    values = tuple(_values(query)) if found else ()
    form = next(query.places("SELECT", "ASK", "CONSTRUCT", "DESCRIBE"))
    prologue = text[: query.tokens[form].start]
    return _Reading(prologue, tuple(_concatenations(query)), tuple(found), values, unread)


def _concatenations(query: Groups) -> Iterator[tuple[int, int, str]]:
    """Yield the spans of GROUP_CONCAT with what to write instead."""
    for index in query.places("GROUP_CONCAT"):
        inside = query.call(index)
        if not inside:
            continue
        words = [query.words[each] for each in inside]
        distinct = words[0] == "DISTINCT"
        ends = [at for at, word in enumerate(words) if word == ";" and _flat(words[:at])]
        argument = inside[distinct : ends[0] if ends else len(inside)]
        if not argument:
            continue
        first, last = query.tokens[argument[0]], query.tokens[argument[-1]]
        term = query.text[first.start : last.end]
        whole = query.call(argument[0])
        if query.words[argument[0]] == "STR" and len(whole) + 3 == len(argument):
            continue
        rest = query.text[last.end : query.tokens[inside[-1]].end]
        if not distinct:
            new = f"GROUP_CONCAT(STR({term}){rest})"
        else:
            kind = f'COALESCE(CONCAT(STR(DATATYPE({term})), "@", LANG({term})), "")'
            apart = f'CONCAT(STR({term}), "{_FROM}", {kind}, "{_TO}")'
            new = f'REPLACE(GROUP_CONCAT(DISTINCT {apart}{rest}), "{_FROM}[^{_TO}]*{_TO}", "")'
        yield query.tokens[index].start, query.tokens[inside[-1]].end + 1, new


def _flat(words: Sequence[str]) -> bool:
    return words.count("(") == words.count(")")


def _values(query: Groups) -> Iterator[tuple[str, str]]:
    """Yield the variables to which VALUES or BIND give a term, each with the term."""
    for group in query.groups:
        if not group.is_data(query.words) or group.word == "CONSTRUCT":
            continue
        names = [query.words[group.start - 1]]
        if names == [")"]:
            names, at = [], group.start - 2
            while query.words[at] != "(":
                names.insert(0, query.words[at])
                at -= 1
        reader = _Reader(query, group, group.start + 1)
        place = 0
        try:
            while reader.word():
                if reader.word() in {"(", ")"}:
                    reader.at += 1
                    place = 0
                    continue
                if reader.word() == "UNDEF":
                    reader.at += 1
                else:
                    yield names[place % max(len(names), 1)], reader.node()
                place += 1
        except _GiveUpError:
            continue
    for index in query.places("BIND"):
        inside = query.call(index)
        if len(inside) == 3 and query.tokens[inside[0]].kind in {"name", "iri"}:
            yield query.words[inside[2]], query.tokens[inside[0]].text


def mended(query: QueryText, ask: Callable[[str], bool]) -> tuple[str, tuple[str, ...]]:
    """Return the text to ask the engine, and what to warn of.

    Args:
        query: the query as it was written.
        ask: asks the engine an ASK, to see whether the data have a term as a node.
    """
    reading = _read(query.text)
    nodes: dict[str, bool] = {}

    def known(term: str) -> bool:
        if term not in nodes:
            ends = f"{{ ?s ?p {term} }}"
            if term[0] not in "\"'0123456789+-.":
                ends += f" UNION {{ {term} ?p ?o }}"
            nodes[term] = ask(f"{reading.prologue} ASK {{ {ends} }}")
        return nodes[term]

    warnings: dict[str, None] = {not_mended(query): None} if reading.unread else {}

    def always(_term: str) -> bool:
        return True

    changes = list(reading.concatenations)
    for block, counted in reading.blocks:
        written: list[str] = []
        changed = False
        for pattern in block.patterns:
            # In GRAPH of a variable, VALUES would stand for no graph: there is a warning only.
            asked = always if block.group.in_graph else known
            branches = _alternatives(pattern, asked, counted=counted)
            if counted and pattern.path is not None and pattern.path.many > _BRANCHES:
                warnings[
                    f"{query.name}: {pattern.predicate} gives each pair once, not once for each "
                    "alternative, as SPARQL 1.1 has it. Write a UNION."
                ] = None
            changed |= branches != [str(pattern)]
            written.append(
                branches[0]
                if len(branches) == 1
                else " UNION ".join(f"{{ {each} }}" for each in branches)
            )
            for term in _silent(pattern, reading.values, known, in_graph=block.group.in_graph):
                warnings[
                    f"{query.name}: the base says nothing of {term}, so {pattern.predicate} leads "
                    "from it nowhere: not even to itself, as other stores have it (SPARQL 1.1, "
                    "18.4)."
                ] = None
        if changed:
            changes.append((block.start, block.end, _joined(written)))
    text = query.text
    for start, end, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    return text, tuple(warnings)


def not_mended(query: QueryText) -> str:
    """Return the warning of a text whose rewriting the engine does not take."""
    return (
        f"{query.name}: it is asked as it stands, and a path of alternatives or without length may "
        "give fewer rows than SPARQL 1.1 has. Write variables for blank nodes."
    )


def _alternatives(pattern: Pattern, known: Callable[[str], bool], *, counted: bool) -> list[str]:
    """Return patterns whose rows together are those of one."""
    if pattern.path is None:
        return [str(pattern)]
    path, ends = pattern.path, (pattern.subject, pattern.object)
    unknown = path.may_be_empty and any(not known(each) for each in ends if _is_constant(each))
    counted = counted and path.many > 1
    if not (unknown or counted) or path.many > _BRANCHES:
        return [str(pattern)]
    return [
        _itself(ends) if unknown and each.may_be_empty else f"{ends[0]} {each} {ends[1]}"
        for each in path.branches()
    ]


def _itself(ends: tuple[str, str]) -> str:
    """Return the one row of a path without length between a term that is unknown and another."""
    subject, object_ = ends
    if subject[0] in "?$":
        return f"VALUES {subject} {{ {object_} }}"
    if object_[0] in "?$":
        return f"VALUES {object_} {{ {subject} }}"
    return f"FILTER(SAMETERM({subject}, {object_}))"


def _is_constant(node: str) -> bool:
    return node[0] not in "?$[(" and not node.startswith("_:")


def _silent(
    pattern: Pattern,
    values: Sequence[tuple[str, str]],
    known: Callable[[str], bool],
    *,
    in_graph: bool,
) -> Iterator[str]:
    """Yield terms that the data do not have, and from which a path gives no row here."""
    if pattern.path is None or not pattern.path.may_be_empty:
        return
    for name, term in values:
        if name in {pattern.subject, pattern.object} and not known(term):
            yield term
    for term in (pattern.subject, pattern.object) if in_graph else ():
        if _is_constant(term) and not known(term):
            yield term


def _joined(written: Sequence[str]) -> str:
    """Return patterns one after another, with a dot where there has to be one."""
    text = written[0]
    for before, after in pairwise(written):
        dot = not any(each.startswith(("{", "VALUES", "FILTER")) for each in (before, after))
        text += f" . {after}" if dot else f" {after}"
    return text
