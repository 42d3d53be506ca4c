"""The form of a rule: what its query may hold, so that its record can be kept true.

Each triple has one owner: the node that the rule is asked of, which its subject is, or begins with.
What a rule derives for one node follows from what its patterns reach from there, and engines agree
on it.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pyoxigraph import Store

from dragoman import syntax, vocabulary
from dragoman.errors import QueryRefusedError
from dragoman.syntax.groups import Groups
from dragoman.syntax.lexer import unescape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dragoman.syntax.groups import Group

# Each node of the record may say these, whichever rule makes it.
SHARED: Final = frozenset((vocabulary.RDF_TYPE, vocabulary.PROV_WAS_DERIVED_FROM))
_THIS: Final = frozenset(("$this", "?this"))
_REFUSED: Final = {
    **dict.fromkeys(("VALUES", "MINUS"), "SHACL has none in a rule; write FILTER or NOT EXISTS"),
    **dict.fromkeys(("LIMIT", "OFFSET", "REDUCED"), "it counts the rows of all nodes"),
    **dict.fromkeys(("SERVICE", "LOAD"), "it would go to the network"),
    **dict.fromkeys(("FROM", "GRAPH"), "rules are asked of all facts together"),
    **dict.fromkeys(("NOW", "RAND", "UUID", "STRUUID", "BNODE"), "each call gives another value"),
    **dict.fromkeys(("SAMPLE", "GROUP_CONCAT"), "engines choose, or order, as they like"),
    "LATERAL": "SPARQL 1.1 has none",
}
_AGGREGATES: Final = frozenset(("AVG", "COUNT", "MAX", "MIN", "SUM"))
_OWN: Final = re.compile(
    r"""IRI \( CONCAT \( STR \( [$?]this \) , ["']/record/[a-z-]+/?["']""".replace(" ", r"\s*"),
    re.IGNORECASE,
)
_CHOICE: Final = re.compile(
    r"IF \( .* , [?$](\w+) , [?$](\w+) \) $".replace(" ", r"\s*"), re.IGNORECASE | re.DOTALL
)


class Construct:
    """A CONSTRUCT query, taken apart.

    Args:
        text: the query, with all prefixes that it uses declared.
    """

    def __init__(self, text: str) -> None:
        self._groups = Groups(text)
        self._text = text
        self._template, self._where = self._groups.top.children[:2]

    @property
    def where(self) -> int:
        """The offset just behind the brace that opens WHERE."""
        return self._groups.tokens[self._where.start].end

    @cached_property
    def head(self) -> str:
        """What stands before the template's brace, and the template, up to WHERE."""
        tokens = self._groups.tokens
        return self._text[: tokens[max(self._template.own, default=self._template.start) + 1].end]

    @cached_property
    def select(self) -> str:
        """A SELECT of what the template asks for."""
        start = next(self._groups.places("CONSTRUCT"))
        prologue = self._text[: self._groups.tokens[start].start]
        names = sorted({f"?{each[1:]}" for each in self.variables} - {"?this"})
        return f"{prologue}SELECT {' '.join(('$this', *names))} {self._text[len(self.head) :]}"

    def constructing(self, select: str) -> str:
        """Return the CONSTRUCT for a text that was made of `select` by additions behind WHERE."""
        rest = len(self.select) - len(self._text[len(self.head) :])
        return self.head + select[rest:]

    @cached_property
    def variables(self) -> frozenset[str]:
        """The variables of the template."""
        tokens = self._groups.tokens
        return frozenset(
            tokens[index].text for index in self._template.own if tokens[index].kind == "variable"
        )

    @cached_property
    def triples(self) -> tuple[tuple[str, str, str], ...]:
        """The triples of the template: each a term as it is written, predicates as IRIs."""
        found: list[tuple[str, str, str]] = []
        subject = predicate = ""
        for index in self._template.own:
            token = self._groups.tokens[index]
            if token.text in {".", ";", ","}:
                subject = "" if token.text == "." else subject
                predicate = predicate if token.text == "," else ""
            elif not subject:
                subject = token.text
            elif not predicate:
                predicate = self._iri(index) or token.text
            else:
                found.append((subject, predicate, self._iri(index) or token.text))
        return tuple(found)

    @cached_property
    def terms_written(self) -> frozenset[str]:
        """The properties and classes that are the rule's own."""
        return frozenset(
            value if predicate == vocabulary.RDF_TYPE else predicate
            for _, predicate, value in self.triples
            if predicate == vocabulary.RDF_TYPE or predicate not in SHARED
        )

    @cached_property
    def terms_read(self) -> frozenset[str]:
        """Every IRI that WHERE speaks of: the properties and classes that it reads among them."""
        found = (self._iri(index) for index in self._within(self._where))
        return frozenset(each for each in found if each)

    @cached_property
    def _prefixes(self) -> dict[str, str]:
        tokens = self._groups.tokens
        return {
            tokens[at + 1].text.removesuffix(":"): unescape(tokens[at + 2].text[1:-1])
            for at in self._groups.places("PREFIX")
        }

    def _iri(self, index: int) -> str:
        token = self._groups.tokens[index]
        if token.kind == "word" and token.text == "a":
            return vocabulary.RDF_TYPE
        if token.kind == "iri":
            return unescape(token.text[1:-1])
        prefix, _, local = token.text.partition(":")
        if token.kind != "name" or prefix not in self._prefixes:
            return ""
        return self._prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)

    def _within(self, group: Group) -> Iterator[int]:
        yield from group.own
        for inner in group.children:
            yield from self._within(inner)

    # -------------------------------------------------------------- what is wrong

    def problems(self) -> Iterator[str]:
        """Yield what is wrong with it, beside its syntax."""
        yield from self._words()
        yield from self._written()
        for group in self._groups.groups:
            if group.select:
                yield from self._selected(group)
            if group is not self._template and group is not self._groups.top:
                yield from self._scoped(group)
        yield from self._either()

    def _words(self) -> Iterator[str]:
        for index in self._groups.places(*_REFUSED):
            word = self._groups.words[index]
            yield f"it uses {word}: {_REFUSED[word]}."
        for index in self._groups.top.own:
            if self._groups.words[index] in {"GROUP", "HAVING"}:
                yield "it groups the rows of all nodes. Count in a sub-select."

    def _written(self) -> Iterator[str]:
        made = self._made()
        bound = {self._groups.words[i][1:] for i in self._within(self._where)}
        own = {s for s, p, _ in self.triples if p != vocabulary.PROV_WAS_DERIVED_FROM}
        if not self.triples:
            yield "its CONSTRUCT writes nothing."
        for index in self._template.own:
            token = self._groups.tokens[index]
            if token.kind == "blank" or token.text in {"[", "("}:
                yield "its CONSTRUCT writes a blank node. Give it an IRI made of $this."
        for subject, predicate, value in self.triples:
            if predicate.startswith(("?", "$")) or "<" in predicate or ":" not in predicate:
                yield f"its CONSTRUCT writes a property that is not constant: {predicate}."
            if predicate == vocabulary.RDF_TYPE and value.startswith(("?", "$")):
                yield f"its CONSTRUCT writes a class that is not constant: {value}."
            if subject not in _THIS and subject[1:] not in made:
                yield (
                    f"its CONSTRUCT writes of {subject}, which is not its own. Write of $this, or "
                    'of BIND (IRI(CONCAT(STR($this), "/record/kind/", …)) AS ?node).'
                )
            if predicate == vocabulary.PROV_WAS_DERIVED_FROM and subject not in own:
                yield (
                    f"it says prov:wasDerivedFrom of {subject}, and nothing with a term of its own."
                )
            for term in (subject, value):
                if term[:1] in "?$" and term[1:] not in bound:
                    yield f"{term} stands in CONSTRUCT and nowhere in WHERE."

    def _made(self) -> set[str]:
        """Return the variables that hold an IRI made of `$this`, or nothing."""
        values: dict[str, list[str]] = {}
        tokens = self._groups.tokens
        for index in self._groups.places("BIND"):
            inside = self._groups.call(index)
            if len(inside) > 2:
                text = self._text[tokens[inside[0]].start : tokens[inside[-2]].start].strip()
                values.setdefault(tokens[inside[-1]].text[1:], []).append(text)
        found: set[str] = set()
        before = -1
        while len(found) != before:
            before = len(found)
            found |= {
                name for name, texts in values.items() if all(self._own(t, found) for t in texts)
            }
        return found

    def _own(self, text: str, made: set[str]) -> bool:
        """Return whether an expression makes an IRI of `$this`, or chooses one, or nothing."""
        if _OWN.match(text):
            return True
        chosen = _CHOICE.match(text)
        return chosen is not None and all(
            name in made or name not in self._bound for name in chosen.groups()
        )

    @cached_property
    def _bound(self) -> set[str]:
        """The variables that WHERE binds anywhere."""
        return {name[1:] for name in self._shown(self._where)}.union(
            *({name[1:] for name in self._shown(group)} for group in self._groups.groups[1:])
        )

    def _selected(self, group: Group) -> Iterator[str]:
        """Yield what is wrong with a sub-select."""
        own = [self._groups.words[index] for index in group.own]
        if "*" in own[: own.index("WHERE") if "WHERE" in own else None][1:3]:
            yield "a sub-select selects *. Name what it shows."
        # What a sub-select counts stands before its WHERE, which is a group of its own.
        gathers = not _AGGREGATES.isdisjoint(own)
        if not gathers:
            return
        if "GROUP" not in own or _THIS.isdisjoint(own[own.index("GROUP") :]):
            yield "an aggregate stands in a sub-select that does not group by $this."
        elif _THIS.isdisjoint(own[: own.index("GROUP")]):
            yield "a sub-select with an aggregate does not select $this."
        elif "HAVING" not in own or "COUNT" not in own[own.index("HAVING") :]:
            yield (
                "a sub-select with an aggregate has no HAVING (COUNT(?x) > 0): some engines give a "
                "row where there is nothing to count."
            )

    def _scoped(self, group: Group) -> Iterator[str]:
        """Yield the variables that a filter or BIND uses, and that its own group does not bind.

        In OPTIONAL and EXISTS what stands around may be asked for.
        """
        if group.word in {"OPTIONAL", "EXISTS"} or group.select:
            return
        known = {each[1:] for each in self._shown(group)}
        for index in group.own:
            word = self._groups.words[index]
            if word not in {"FILTER", "BIND"}:
                continue
            for used in self._groups.call(index):
                token = self._groups.tokens[used]
                name = token.text[1:]
                # One that is bound nowhere stands for nothing, and is meant to.
                if (
                    token.kind == "variable"
                    and used in group.own
                    and name in self._bound - known
                    and token.text not in _THIS
                ):
                    yield f"{word} uses {token.text}, which its own group does not bind."

    def _shown(self, group: Group) -> set[str]:
        """Return the variables that a group binds, but for those that only a filter uses."""
        used: set[int] = set()
        for index in group.own:
            if self._groups.words[index] == "FILTER":
                used.update(self._groups.call(index))
            elif self._groups.words[index] == "BIND":
                used.update(self._groups.call(index)[:-1])
        found = {
            self._groups.words[index]
            for index in group.own
            if self._groups.tokens[index].kind == "variable" and index not in used
        }
        for inner in group.children:
            if inner.word == "EXISTS" or inner.is_data(self._groups.words):
                continue
            if group.select:
                continue  # it shows what it selects
            found |= self._shown(inner)
        return found

    def _either(self) -> Iterator[str]:
        """Yield where EXISTS stands beside `||`: engines differ there."""
        for index in self._groups.places("FILTER", "BIND"):
            inside = self._groups.call(index)
            words = [self._groups.words[each] for each in inside]
            depth = 0
            outer = []
            for word in words:
                depth -= word == "}"
                if not depth:
                    outer.append(word)
                depth += word == "{"
            if "EXISTS" in outer and "||" in outer:
                yield "EXISTS stands in a filter with ||. Write UNION, or two filters."


def problem(text: str, construct: str, name: str) -> tuple[str, frozenset[str]]:
    """Return what is wrong with the query of a rule, if anything, and the terms that it writes.

    Args:
        text: it, as it stands in `sh:construct`.
        construct: the same with all prefixes declared.
        name: of the rule, for messages.
    """
    nothing: frozenset[str] = frozenset()
    try:
        form = syntax.check_query(construct, name).form
    except QueryRefusedError as refused:
        return refused.problem, nothing
    if form != "CONSTRUCT" or len(list(Groups(text).places("CONSTRUCT", "DESCRIBE", "ASK"))) > 1:
        return "its query is not one CONSTRUCT.", nothing
    try:
        Store().query(construct)
    except (SyntaxError, ValueError) as error:
        return f"its query is not SPARQL: {str(error).strip()}.", nothing
    if len(Groups(construct).top.children) != 2:
        return "its query has no template. Write CONSTRUCT { … } WHERE { … }.", nothing
    query = Construct(construct)
    return next(query.problems(), ""), query.terms_written
