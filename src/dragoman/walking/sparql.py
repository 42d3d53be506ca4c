"""SPARQL constraints, read: which patterns they hold, and whether many nodes fit in one query.

A constraint is written for one node, which takes the place of `$this` (SHACL, appendix A). Asked of
a set of nodes at once the query gives the same rows for each of them wherever `?this` is bound in
each group that speaks of it: joining with the set and putting the node in are then one and the
same. `where` says before which offsets the set has to be joined in. What breaks the argument
(LIMIT, aggregates over all, functions that differ from engine to engine) is named in `unproven`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NoReturn

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from dragoman import vocabulary as voc
from dragoman.syntax import tokens
from dragoman.syntax.lexer import unescape
from dragoman.walking.functions import CASTS, FUNCTIONS, is_beyond
from dragoman.walking.paths import Choice, Repeat, Route, Sequence, Step, reverse
from dragoman.walking.reads import THIS, Group, Pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dragoman.syntax.lexer import Token
    from dragoman.walking.paths import Term

_AGGREGATES: Final = frozenset({"AVG", "COUNT", "GROUP_CONCAT", "MAX", "MIN", "SAMPLE", "SUM"})
_WORDS: Final = frozenset({"AS", "ASC", "DESC", "DISTINCT", "FALSE", "TRUE"})
_REFUSED: Final = frozenset({"GRAPH", "MINUS", "SERVICE", "VALUES", "LATERAL", "FROM", "REDUCED"})
# The sign after a path: whether it may be empty, and may come again.
_REPEATS: Final = {"?": (True, False), "*": (True, True), "+": (False, True)}
# A whole number, as it stands or made of whole numbers.
_WHOLE: Final = re.compile(r"([0-9]+$|STRLEN\(|XSD:INTEGER\()")
_ASKS_TRUTH: Final = frozenset({"!", "&&", "||", "(", "IF", "FILTER", "HAVING"})
_ORDERS: Final = frozenset({"<", ">", "<=", ">="})
# What may make a truth value.
_TRUTHS: Final = frozenset(
    {
        *(*_ORDERS, "=", "!=", "&&", "||", "!", "BOUND", "COALESCE", "CONTAINS", "EXISTS", "FALSE"),
        *("IF", "IN", "ISBLANK", "ISIRI", "ISLITERAL", "ISNUMERIC", "ISURI", "LANGMATCHES", "NOT"),
        *("REGEX", "SAMETERM", "STRENDS", "STRSTARTS", "TRUE"),
    }
)
# Signs between expressions that make a truth value, and those that make a number.
_TRUTH_SIGNS: Final = frozenset({*_ORDERS, "=", "!=", "&&", "||", "!", "IN", "NOT", "EXISTS"})
_RECKONING: Final = frozenset({"+", "-", "*", "/"})
# What may have the value of one of its parts.
_PASSING: Final = frozenset({"COALESCE", "IF", "MAX", "MIN", "SAMPLE"})
_PLACE: Final = NamedNode("urn:dragoman:spelling")
_OPEN: Final = frozenset({"(", "MAX", "MIN"})
_NO_ORDER: Final = "the store has no order of truth values"
_PREBOUND: Final = frozenset({THIS, "currentShape", "shapesGraph", "PATH"})


class Unread(Exception):  # noqa: N818  an answer: the reader does not know the query
    """The query holds what is not read here; the text says what."""


@dataclass(frozen=True)
class Question:
    """A SPARQL constraint that was read.

    Attributes:
        text: the query, with all prefixes it uses declared.
        reads: its patterns.
        where: offsets in `text` at which the set of nodes is to be joined in, ascending.
        unproven: why it cannot be asked of a set of nodes at once; empty if it can.
        orders: whether it may put two truth values of the data in an order: the store has none.
        costly: where in `text` a FILTER stands that only leaves rows out, and is costly.
    """

    text: str
    reads: Group
    where: tuple[int, ...]
    unproven: str = ""
    orders: bool = False
    costly: tuple[tuple[int, int], ...] = ()

    def asked_of(self, nodes: str, *, loosely: bool = False) -> str:
        """Return the query for a set of nodes, given as a graph pattern that binds `?this`.

        Args:
            nodes: the pattern.
            loosely: leave out what is costly: there are more rows, for no fewer nodes.
        """
        cut = self.costly if loosely else ()
        joined = [at for at in self.where if not any(start < at < end for start, end in cut)]
        parts, last = [], 0
        for start, end, new in sorted(
            [*((at, at, nodes) for at in joined), *((*c, "") for c in cut)]
        ):
            parts += [self.text[last:start], f" {new} "]
            last = end
        return "".join([*parts, self.text[last:]])


def read(text: str, prefixes: Mapping[str, str], path: str | None = None) -> Question:
    """Read the SELECT query of a constraint.

    Args:
        text: the query as it stands in `sh:select`.
        prefixes: the prefixes it may use.
        path: what takes the place of `$PATH`.

    Raises:
        Unread: it is none, or holds what is not read here.
    """
    if path is not None:
        text = re.sub(r"([\s{}()])[$?]PATH\b", lambda found: found[1] + path, text)
    used = "".join(
        f"PREFIX {name}: <{space}>\n"
        for name, space in sorted(prefixes.items())
        if f"{name}:" in text
    )
    reader = _Reader(used + text)
    try:
        return reader.query()
    except IndexError:
        raise Unread("it ends too early") from None


def read_path(text: str) -> Route:
    """Return the property path that a text, with IRIs in full, stands for."""
    return _Reader(text).path()


@dataclass
class _Part:
    """A group while it is read."""

    start: int
    patterns: list[Pattern] = field(default_factory=list)
    joined: list[tuple[Group, ...]] = field(default_factory=list)
    asked: list[Group] = field(default_factory=list)
    # Where `this` first stands in a pattern, and where something asks for it that binds nothing.
    bound_at: int | None = None
    loose_at: int | None = None
    filtered: bool = False
    mentions: bool = False
    only_select: bool = False
    counts: bool = False
    costly: list[tuple[int, int]] = field(default_factory=list)

    def group(self, visible: frozenset[str] | None = None, *, exists: bool = False) -> Group:
        return Group(
            tuple(self.patterns), tuple(self.joined), tuple(self.asked), visible, exists=exists
        )


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(tokens(text))
        self.at = 0
        self.prefixes: dict[str, str] = {}
        self.unproven: list[str] = []
        self.where: list[int] = []
        self.fresh = 0
        # What is put in an order, and the tokens that variables are made of.
        self.ordered: set[str] = set()
        self.made: list[tuple[str, list[Token]]] = []

    # -------------------------------------------------------------- the whole

    def query(self) -> Question:
        while self.word() == "PREFIX":
            self.at += 1
            name, iri = self.next(), self.next()
            self.prefixes[name.text[:-1]] = unescape(iri.text[1:-1])
        if self.word() != "SELECT":
            raise Unread(f"it begins with {self.peek().text!r}, not with SELECT")
        part, visible = self.select(top=True)
        if self.at != len(self.tokens):
            raise Unread(f"{self.peek().text!r} follows it")
        if part.only_select:
            self.unproven.append("it is nothing but a sub-select")
        if any(token.text[1:] == "failure" for token in self.tokens if token.kind == "variable"):
            self.unproven.append("it may tell a failure")
        if part.start not in self.where:
            self.where.append(part.start)
        group = part.group()
        if visible is not None and THIS not in visible:
            raise Unread("it does not select $this")
        if not self.ordered.isdisjoint(self.truths()):
            self.unproven.append(_NO_ORDER)
        reason = "; ".join(dict.fromkeys(self.unproven))
        where, orders = tuple(sorted(self.where)), bool(self.ordered)
        # Without one of them more is counted, and other counts are no more rows.
        costly = () if part.counts else tuple(part.costly)
        return Question(self.text, group, where, reason, orders, costly)

    def select(self, *, top: bool = False) -> tuple[_Part, frozenset[str] | None]:
        """Read a SELECT; return its group, and the variables that can be seen from outside."""
        self.at += 1
        if self.word() == "DISTINCT":
            self.at += 1
        shown: set[str] | None = set()
        grouped = False
        scope = _Part(self.peek().start)
        if self.mark("*"):
            if not top:
                raise Unread("a sub-select selects *")
            shown = None
        while self.peek().kind == "variable" or self.peek().text == "(":
            token = self.next()
            if token.kind == "variable":
                assert shown is not None  # noqa: S101
                shown.add(token.text[1:])
                continue
            grouped |= self.expression(scope, named=True)
        if self.word() == "WHERE":
            self.at += 1
        part = self.group_of_patterns()
        keys, further = self.modifiers(scope)
        grouped |= further or keys is not None
        part.counts = grouped
        if scope.mentions and not part.mentions:
            self.unproven.append("an expression uses $this, which no pattern binds")
        if part.mentions or top:
            if not top and (shown is None or THIS not in shown):
                raise Unread("a sub-select uses $this and does not select it")
            if grouped and THIS not in (keys or ()):
                self.unproven.append("it counts over all nodes, not for each of $this")
        elif shown is None or THIS not in shown:  # else it is joined with the nodes outside
            raise Unread("a sub-select does not select $this")
        if shown is None:
            return part, None
        return part, frozenset(shown & set(keys or ()) if grouped else shown)

    def modifiers(self, scope: _Part) -> tuple[set[str] | None, bool]:
        keys: set[str] | None = None
        grouped = False
        while self.at < len(self.tokens) and (word := self.word()):
            if word == "GROUP":
                self.at += 2
                keys = set()
                while self.at < len(self.tokens) and self.peek().kind == "variable":
                    keys.add(self.next().text[1:])
                if self.at < len(self.tokens) and self.peek().text == "(":
                    raise Unread("it groups by an expression")
            elif word in {"HAVING", "ORDER"}:
                grouped |= word == "HAVING"
                self.at += 1 + (word == "ORDER")
                while self.at < len(self.tokens) and (
                    self.peek().text == "(" or self.peek().kind == "variable" or self._is_call()
                ):
                    if self.peek().kind == "variable":
                        self.at += 1
                        continue
                    if self.peek().text != "(":
                        self.trusted(self.next())
                    self.at += 1
                    self.expression(scope)
            elif word in {"LIMIT", "OFFSET"}:
                self.unproven.append(f"{word} counts the rows of one node")
                self.at += 2
            else:
                raise Unread(f"{self.peek().text!r} is not read here")
        return keys, grouped

    def _is_call(self) -> bool:
        following = self.tokens[self.at + 1].text if self.at + 1 < len(self.tokens) else ""
        return self.peek().kind == "word" and following == "("

    # -------------------------------------------------------------- groups

    def group_of_patterns(self) -> _Part:
        self.expect("{")
        part = _Part(self.tokens[self.at - 1].end)
        if self.word() == "SELECT":
            inner, visible = self.select()
            self.expect("}")
            part.joined.append((inner.group(visible),))
            part.mentions, part.only_select = inner.mentions, True
            self.settle(inner)
            return part
        while not self.mark("}"):
            self.element(part)
        self.settle(part)
        return part

    def settle(self, part: _Part) -> None:
        """Decide whether the set of nodes has to be joined in at the start of a group."""
        late = part.loose_at is not None and (
            part.bound_at is None or part.loose_at < part.bound_at
        )
        if (late or (part.filtered and part.bound_at is None)) and part.start not in self.where:
            self.where.append(part.start)

    def element(self, part: _Part) -> None:
        word = self.word()
        if word in _REFUSED:
            raise Unread(f"it holds {word}")
        if word == "FILTER":
            self.at += 1
            self.filter(part)
        elif word == "OPTIONAL":
            start = self.next().start
            inner = self.group_of_patterns()
            if inner.mentions:
                part.loose_at = start if part.loose_at is None else part.loose_at
                part.mentions = True
            part.asked.append(inner.group())
        elif word == "BIND":
            start = self.next().start
            self.expect("(")
            scope = _Part(start)
            self.expression(scope, named=True)
            part.asked += scope.asked
            if scope.mentions:
                part.loose_at = start if part.loose_at is None else part.loose_at
                part.mentions = True
        elif self.peek().text == "{":
            choices = [self.group_of_patterns()]
            while self.word() == "UNION":
                self.at += 1
                choices.append(self.group_of_patterns())
            part.mentions |= any(each.mentions for each in choices)
            part.joined.append(tuple(each.group() for each in choices))
        elif not self.mark("."):
            self.triples(part)

    def filter(self, part: _Part) -> None:
        scope = _Part(self.peek().start)
        if self.peek().text == "(":
            self.at += 1
            self.expression(scope)
        elif self.word() in {"NOT", "EXISTS"}:
            start = self.tokens[self.at - 1].start
            if self.word() == "NOT":
                self.at += 1
            self.exists(scope)
            if Group(asked=tuple(scope.asked)).is_costly:
                part.costly.append((start, self.tokens[self.at - 1].end))
        else:
            self.trusted(self.next())
            self.expect("(")
            self.expression(scope)
        part.asked += scope.asked
        if scope.mentions:
            part.filtered = part.mentions = True

    def exists(self, scope: _Part) -> None:
        self.at += 1
        inner = self.group_of_patterns()
        scope.mentions |= inner.mentions
        scope.asked.append(inner.group(exists=True))

    def expression(self, scope: _Part, *, named: bool = False) -> bool:
        """Read an expression up to its closing bracket; return whether it holds an aggregate."""
        depth, aggregate, start = 1, False, self.at
        while depth:
            token = self.next()
            if token.text in _ORDERS:
                self.order()
            if token.text in {"(", ")"}:
                depth += 1 if token.text == "(" else -1
            elif token.kind == "variable":
                if named and self.tokens[self.at - 2].text.upper() == "AS":
                    if token.text[1:] in _PREBOUND:
                        raise Unread(f"it gives {token.text} another value")
                    self.made.append((token.text[1:], self.tokens[start : self.at - 2]))
                else:
                    self.mention(scope, token)
                    self.loose_truth(token)
            elif token.kind == "word" and token.text.upper() == "EXISTS":
                self.at -= 1
                self.exists(scope)
            else:
                aggregate |= token.text.upper() in _AGGREGATES
                self.operand(token)
        return aggregate

    def operand(self, token: Token) -> None:
        """Say why the store is not trusted with what is neither a variable nor a bracket."""
        if token.kind == "number" or token.text == "^^":
            self.constant(token)
        elif token.kind in {"word", "name", "iri"}:
            if token.kind == "word" or self.peek().text == "(":
                self.trusted(token)
        elif token.text == "/" and not re.fullmatch("[1-9][0-9]*", self.peek().text):
            self.unproven.append("the engines may differ in a division: the store errs in some")
        elif token.text in {"{", "}"}:
            raise Unread("a brace stands in an expression")

    def mention(self, scope: _Part, token: Token) -> None:
        name = token.text[1:]
        if name == THIS:
            scope.mentions = True
        elif name in _PREBOUND:
            raise Unread(f"it uses {token.text}")

    def trusted(self, token: Token) -> None:
        """Say why the store is not trusted with a function, where it is not."""
        name, why = token.text, ""
        if token.kind != "word":
            why = CASTS.get(self.iri(token), "no engine here knows it")
        elif name.upper() not in _WORDS:
            why = FUNCTIONS.get(name.upper(), "it is not known here")
        if name.upper() in _AGGREGATES and not self.gathers_variable():
            why = why or "in a set it takes no expression that is an error"
        if name.upper() == "SUBSTR" and not self.counts():
            why = "its places may be fractions"
        if why:
            self.unproven.append(f"the engines may differ in {name}: {why}")

    def order(self) -> None:
        """Doubt an order of truth values: the store has none, SPARQL has one (17.3)."""
        at, ends = self.at - 2, self.at
        first = self.tokens[at]
        if first.text == ")":
            depth = 1
            while depth:
                at -= 1
                depth += {"(": -1, ")": 1}.get(self.tokens[at].text, 0)
            first = self.gathered(at - 1)
        second = self.gathered(ends)
        if second.kind == "string" and self.tokens[ends + 1].text == "^^":
            second = self.tokens[ends + 2]
        sides = [
            each
            for each in (first, second)
            if each.kind == "variable" or each.text.upper() in _OPEN or self.is_truth(each)
        ]
        if len(sides) < 2:  # a truth value and a number, say, have no order
            return
        if any(each.kind != "variable" for each in sides):
            self.unproven.append(_NO_ORDER)
        self.ordered.update(each.text[1:] for each in sides if each.kind == "variable")

    def gathered(self, at: int) -> Token:
        """Return the variable of which a MAX or MIN stands here, else the token that does."""
        token, rest = self.tokens[at], self.tokens[at + 1 : at + 4]
        if token.text.upper() in _OPEN and len(rest) == 3 and rest[1].kind == "variable":
            return rest[1] if (rest[0].text, rest[2].text) == ("(", ")") else token
        return token

    def constant(self, token: Token) -> None:
        """Doubt a constant that the store does not reckon with, or does not spell as it stands."""
        start, end = self.at - 1, self.at
        if token.kind != "number":
            start, end = start - 1, end + 1
        around = self.tokens[start - 1].text, self.tokens[end].text.upper()
        self.at = start
        term = self.literal(self.next())
        self.at = end
        store = Store()
        store.add(Quad(_PLACE, _PLACE, term))
        alone = around[0].upper() in {"(", ",", "DISTINCT"} and around[1] in {")", ",", "AS"}
        if is_beyond(term) or (alone and [term] != [each.object for each in store]):
            self.unproven.append(f"the store respells {term}, or does not reckon with it")

    def is_truth(self, token: Token) -> bool:
        """Return whether a token may make a truth value."""
        if token.kind in {"iri", "name"}:
            return self.iri(token) == voc.XSD_BOOLEAN
        return token.kind in {"word", "mark"} and token.text.upper() in _TRUTHS

    def truths(self) -> set[str]:
        """Return the variables that may hold truth values that the query makes."""
        found: set[str] = set()
        before = -1
        while len(found) != before:
            before = len(found)
            found.update(name for name, parts in self.made if self.makes_truth(parts, found))
        return found

    def makes_truth(self, parts: list[Token], known: set[str]) -> bool:
        """Return whether an expression may have a truth value, where some variables have one."""
        top = [each.text.upper() for each in _outermost(parts)]
        if not _TRUTH_SIGNS.isdisjoint(top):
            return True
        if not parts or not _RECKONING.isdisjoint(top[1:]):
            return False
        first = parts[0]
        if first.kind == "variable":
            return first.text[1:] in known
        if first.text == "(":
            return self.makes_truth(parts[1:-1], known)
        name = first.text.upper()
        if first.kind == "word" and name in _PASSING:
            told = _arguments(parts[2:-1])
            return any(self.makes_truth(each, known) for each in told[name == "IF" :])
        return any(self.is_truth(each) for each in _outermost(parts))

    def gathers_variable(self) -> bool:
        """Return whether the aggregate that begins here is one of a variable, or of rows."""
        rest = [each.text.upper() for each in self.tokens[self.at : self.at + 4]]
        rest = [each for each in rest if each != "DISTINCT"]
        return rest[0] == "(" and rest[2] == ")" and rest[1][0] in "?$*"

    def counts(self) -> bool:
        """Return whether the places of the SUBSTR that begins here are whole numbers."""
        depth, at, places = 0, self.at, [""]
        while at < len(self.tokens):
            text = self.tokens[at].text
            depth += {"(": 1, ")": -1}.get(text, 0)
            if not depth:
                break
            if text == "," and depth == 1:
                places.append("")
            elif depth > 1 or text != "(":
                places[-1] += text.upper()
            at += 1
        return all(_WHOLE.match(place) for place in places[1:])

    def loose_truth(self, token: Token) -> None:
        """Doubt a variable that is asked for its truth: the store has none for tagged texts."""
        at = self.at - 1
        before = self.tokens[at - 1].text
        if before == "(" and at > 1 and self.tokens[at - 2].kind in {"word", "name", "iri"}:
            before = self.tokens[at - 2].text.upper()
        following = self.peek().text if self.at < len(self.tokens) else ")"
        if before in _ASKS_TRUTH and following in {")", "&&", "||", ","}:
            self.unproven.append(f"the engines may differ in the truth of {token.text}")

    # -------------------------------------------------------------- triples

    def triples(self, part: _Part) -> None:
        start = self.peek().start
        before = len(part.patterns)
        if self.peek().text == "[":
            subject = self.node(part)
            if self.peek().text not in {".", "}", "{"} and self.word() != "FILTER":
                self.properties(subject, part)
        else:
            subject = self.node(part)
            self.properties(subject, part)
        if any(THIS in pattern.variables for pattern in part.patterns[before:]):
            part.mentions = True
            part.bound_at = start if part.bound_at is None else part.bound_at

    def properties(self, subject: str | Term, part: _Part) -> None:
        while True:
            if self.peek().kind == "variable":
                self.mention_predicate(self.next())
                path: Route = Step(None)
            else:
                path = self.path()
            while True:
                part.patterns.append(Pattern(subject, path, self.node(part)))
                if not self.mark(","):
                    break
            if not self.mark(";"):
                return
            while self.mark(";"):
                pass
            if self.peek().text in {".", "}", "]"}:
                return

    def mention_predicate(self, token: Token) -> None:
        if token.text[1:] in _PREBOUND:
            raise Unread(f"{token.text} stands as a property")

    def node(self, part: _Part) -> str | Term:
        token = self.next()
        if token.kind == "variable":
            if token.text[1:] in _PREBOUND - {THIS}:
                raise Unread(f"it uses {token.text}")
            return token.text[1:]
        if token.kind == "blank":
            return token.text
        if token.kind in {"iri", "name"}:
            return NamedNode(self.iri(token))
        if token.text == "[":
            self.fresh += 1
            name = f"[{self.fresh}]"
            if not self.mark("]"):
                self.properties(name, part)
                self.expect("]")
            return name
        return self.literal(token)

    def literal(self, token: Token) -> Term:
        text = token.text
        if text in {"+", "-"} or (token.kind == "string" and self.peek().kind == "tag"):
            text += self.next().text
        elif token.kind == "string" and self.peek().text == "^^":
            self.at += 1
            text += f"^^<{self.iri(self.next())}>"
        elif token.kind not in {"string", "number"} and text not in {"true", "false"}:
            raise Unread(f"{text!r} is not read here")
        try:
            (quad,) = parse(f"<x:> <x:> {text} .", RdfFormat.TURTLE)
        except (SyntaxError, ValueError):
            raise Unread(f"{text!r} is not read here") from None
        term: Term = quad.object
        return term

    def iri(self, token: Token) -> str:
        if token.kind == "iri":
            return unescape(token.text[1:-1])
        prefix, _, local = token.text.partition(":")
        if token.kind != "name" or prefix not in self.prefixes:
            raise Unread(f"{token.text!r} is not read here")
        return self.prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)

    # -------------------------------------------------------------- paths

    def path(self) -> Route:
        parts = [self.sequence()]
        while self.mark("|"):
            parts.append(self.sequence())
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def sequence(self) -> Route:
        parts = [self.step()]
        while self.mark("/"):
            parts.append(self.step())
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def step(self) -> Route:
        if self.mark("^^"):  # two signs in one token: there and back
            return self.step()
        inverse = self.mark("^")
        if self.mark("("):
            path = self.path()
            self.expect(")")
        elif self.mark("!"):
            path = self.negated()
        else:
            path = Step(self.predicate())
        while self.at < len(self.tokens) and (sign := _REPEATS.get(self.peek().text)):
            self.at += 1
            path = Repeat(path, *sign)
        return reverse(path) if inverse else path

    def negated(self) -> Route:
        several = self.mark("(")
        forwards: set[str] = set()
        backwards: set[str] = set()
        while True:
            (backwards if self.mark("^") else forwards).add(self.predicate())
            if not (several and self.mark("|")):
                break
        if several:
            self.expect(")")
        parts: list[Route] = []
        if forwards or not backwards:
            parts.append(Step(None, excluded=frozenset(forwards)))
        if backwards:
            parts.append(Step(None, inverse=True, excluded=frozenset(backwards)))
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def predicate(self) -> str:
        token = self.next()
        return voc.RDF_TYPE if token.text == "a" else self.iri(token)

    # -------------------------------------------------------------- tokens

    def peek(self) -> Token:
        return self.tokens[self.at]

    def next(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def word(self) -> str:
        if self.at >= len(self.tokens):
            return ""
        token = self.tokens[self.at]
        return token.text.upper() if token.kind == "word" else ""

    def mark(self, text: str) -> bool:
        if self.at < len(self.tokens) and self.tokens[self.at].text == text:
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.mark(text):
            self.fail()

    def fail(self) -> NoReturn:
        raise Unread(f"{self.peek().text!r} is not read here")


def _outermost(parts: list[Token]) -> list[Token]:
    """Return the tokens of an expression that stand in no brackets, and the outermost brackets."""
    found, depth = [], 0
    for each in parts:
        depth -= each.text in {")", "}"}
        if not depth:
            found.append(each)
        depth += each.text in {"(", "{"}
    return found


def _arguments(parts: list[Token]) -> list[list[Token]]:
    """Return the expressions that commas part."""
    found: list[list[Token]] = [[]]
    depth = 0
    for each in parts:
        depth += (each.text == "(") - (each.text == ")")
        if each.text == "," and not depth:
            found.append([])
        else:
            found[-1].append(each)
    return found
