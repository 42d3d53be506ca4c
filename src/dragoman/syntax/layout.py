"""Turtle in the layout of this house, term for term: comments and every spelling are kept.

Prefixes stand first, in the order of the alphabet; a subject on a line of its own, what is said of
it four spaces in, and the closing dot alone. Brackets that span lines keep their lines.
"""

from __future__ import annotations

__all__ = ["laid_out"]

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from pyoxigraph import BlankNode

from dragoman.errors import DragomanError, SyntaxProblem, suggestion
from dragoman.syntax.declaring import declarations, undeclared
from dragoman.syntax.lexer import Token, tokens
from dragoman.syntax.reading import read_rdf

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# Lines to be copied, in a skeleton, need their prefixes.
_TO_COPY: Final = "#: "
_STEP: Final = "    "
_OPEN, _CLOSE = frozenset("[("), frozenset("])")
_MARKS: Final = frozenset("[](),;.+-") | {"^^"}
# What relative IRIs are resolved against, where nobody says.
_BASE: Final = "https://base.invalid/"


class _Piece(NamedTuple):
    """A token or comment: how many line ends stand before it."""

    token: Token
    lines: int

    @property
    def text(self) -> str:
        return self.token.text

    @property
    def is_comment(self) -> bool:
        return self.token.kind == "comment"


@dataclass
class _Statement:
    """A directive or the triples of one subject, with the comments before and behind it."""

    before: list[_Piece] = field(default_factory=list)
    pieces: list[_Piece] = field(default_factory=list)
    behind: list[_Piece] = field(default_factory=list)

    @property
    def directive(self) -> str:
        """Return `prefix` or `base`; empty for triples."""
        word = self.pieces[0].text.lstrip("@").casefold() if self.pieces else ""
        return word if self.pieces and self.pieces[0].token.kind in {"tag", "word"} else ""

    @property
    def terms(self) -> list[str]:
        return [each.text for each in self.pieces if not each.is_comment]


def laid_out(
    text: str, known: Mapping[str, str], name: str = "-", base_iri: str | None = None
) -> str:
    """Return a Turtle text in our layout: the same triples, and every comment.

    Prefixes that are used and not declared are added where they are known, and those that are not
    used are dropped. Where the text sets a base, or declares a prefix twice, the declarations stay
    where they are.

    Args:
        text: Turtle 1.1.
        known: prefixes that may be added, each with its namespace.
        name: how to call the text in messages.
        base_iri: what its relative IRIs are resolved against.

    Raises:
        SyntaxProblem: it does not parse, a prefix is not known, or it holds what has no layout
            here (quoted triples); with its line.
        DragomanError: the layout would not say the same; nothing that is read is ever lost.
    """
    missing = undeclared(text)
    unknown = {prefix: line for prefix, line in missing.items() if prefix not in known}
    if unknown:
        prefix, line = next(iter(unknown.items()))
        said = ", ".join(f"{each}: (line {place})" for each, place in unknown.items())
        advice = suggestion(prefix, known) if len(unknown) == 1 else ""
        problem = f"No prefix that the base knows, and none that is declared: {said}. {advice}"
        raise SyntaxProblem(problem.rstrip(), name, line)
    added = declarations(missing, known)
    # on the first line, so that the lines of problems are those of the text
    given = _triples(f"{' '.join(added)} {text}" if added else text, name, base_iri)
    statements, rest = _statements(text, name)
    written = _written(statements, rest, added)
    if given != _triples(written, name, base_iri) or _comments(text) != _comments(written):
        raise DragomanError(
            f"{name}: its layout cannot be changed without changing what it says. It stays as it "
            "is."
        )
    return written


# ------------------------------------------------------------------ reading


def _pieces(text: str) -> Iterator[_Piece]:
    before = 0
    for token in tokens(text, comments=True):
        yield _Piece(token, len(re.findall(r"\r\n?|\n", text[before : token.start])))
        before = token.end


def _statements(text: str, name: str) -> tuple[list[_Statement], list[_Piece]]:
    """Return the statements of a text, and the comments behind the last."""
    found: list[_Statement] = []
    current = _Statement()
    depth = 0
    for piece in _pieces(text):
        if piece.is_comment and not current.pieces:
            ended = found and not current.before and not piece.lines
            (found[-1].behind if ended else current.before).append(piece)
            continue
        if piece.token.kind in {"mark", "variable"} and piece.text not in _MARKS:
            line = text.count("\n", 0, piece.token.start) + 1
            raise SyntaxProblem(f"There is no layout for {piece.text!r} here.", name, line)
        current.pieces.append(piece)
        mark = piece.text if piece.token.kind == "mark" else ""
        depth += (mark in _OPEN) - (mark in _CLOSE)
        # in the way of SPARQL a directive ends without a dot
        bare = current.directive and current.pieces[0].token.kind == "word"
        if (bare and piece.token.kind == "iri") or (not depth and mark == "."):
            found.append(current)
            current = _Statement()
    return found, current.before


def _triples(text: str, name: str, base_iri: str | None) -> list[tuple[object, ...]]:
    """Return the triples in the order of the text, blank nodes numbered as they come."""
    labels: dict[BlankNode, str] = {}

    def named(term: object) -> object:
        if isinstance(term, BlankNode):
            return labels.setdefault(term, f"_:{len(labels)}")
        return term

    quads = read_rdf(text.encode(), "turtle", name=name, base_iri=base_iri or _BASE)
    return [tuple(map(named, quad.triple)) for quad in quads]


def _comments(text: str) -> list[str]:
    found = tokens(text, comments=True)
    return sorted(each.text.rstrip() for each in found if each.kind == "comment")


# ------------------------------------------------------------------ writing


def _written(statements: Sequence[_Statement], rest: Sequence[_Piece], added: list[str]) -> str:
    declared = [each.terms[1:3] for each in statements if each.directive == "prefix"]
    once = len({prefix for prefix, _ in declared}) == len(declared)
    absolute = all(re.match(r"<[A-Za-z][A-Za-z0-9+.\-]*:", iri) for _, iri in declared)
    moves = once and absolute and not any(each.directive == "base" for each in statements)
    lines = _headed(statements, rest, added) if moves else [*added, *([""] if added else [])]
    directive = False
    for number, statement in enumerate(statements):
        if moves and statement.directive:
            continue
        if lines and lines[-1] and not (directive and statement.directive):
            lines.append("")
        directive = bool(statement.directive)
        if not (moves and number == 0):
            lines += _own(statement.before, after=_separated(statement))
        lines += _directive(statement) if directive else _Lines(statement).all()
    if rest:
        lines += [*([""] if lines and lines[-1] else []), *_own(rest, after=False)]
    return "\n".join([*_trimmed(lines), ""])


def _headed(
    statements: Sequence[_Statement], rest: Sequence[_Piece], added: Sequence[str]
) -> list[str]:
    """Return the comments that a text begins with, and all its prefixes."""
    used = {
        token.text.partition(":")[0]
        for each in statements
        if not each.directive
        for token, _ in each.pieces
        if token.kind == "name"
    }
    everything = [each for said in statements for each in (*said.before, *said.pieces)]
    for comment in (each.text for each in (*everything, *rest) if each.is_comment):
        if comment.startswith(_TO_COPY):
            used |= {each.text.partition(":")[0] for each in tokens(comment[len(_TO_COPY) :])
                     if each.kind == "name"}  # fmt: skip
    head = _own(statements[0].before, after=_separated(statements[0])) if statements else []
    triples = [each for each in statements if not each.directive]
    blocks: dict[str, list[str]] = {line.split()[1]: [line] for line in added}
    left: list[str] = []
    for number, each in enumerate(statements):
        if each.directive:
            own = _own(each.before, after=False) if number else []
            prefix = each.terms[1]
            # a table of prefixes is all that some files are
            if prefix.removesuffix(":") in used or not triples:
                blocks[prefix] = [*own, *_directive(each)]
            else:
                left += [*own, *(line for line in _directive(each) if line.startswith("#"))]
                left += [piece.text.rstrip() for piece in each.behind]
    order = sorted(blocks, key=lambda prefix: prefix.removesuffix(":"))
    declared = [line for prefix in order for line in blocks[prefix]]
    if head and statements[0].directive and head[-1]:
        head.append("")
    left = [*left, ""] if left else []
    if not declared:
        return [*head, *left]
    if head and head[-1]:
        # comments that belong to the first statement stay with it
        return [*left, *declared, "", *head]
    return [*head, *left, *declared, ""]


def _separated(statement: _Statement) -> bool:
    """Return whether an empty line stands between a statement and the comments before it."""
    return bool(statement.before) and statement.pieces[0].lines > 1


def _own(comments: Sequence[_Piece], *, after: bool) -> list[str]:
    """Return comments as lines of their own, with single empty lines where there were any."""
    lines: list[str] = []
    for number, each in enumerate(comments):
        if number and each.lines > 1:
            lines.append("")
        lines.append(each.text.rstrip())
    return [*lines, ""] if after else lines


def _directive(statement: _Statement) -> list[str]:
    """Return a directive on one line; comments within it stand before it."""
    terms = [each for each in statement.terms if each != "."]
    within = [each.text.rstrip() for each in statement.pieces if each.is_comment]
    line = " ".join([f"@{statement.directive}", *terms[1:], "."])
    behind = [each.text.rstrip() for each in statement.behind]
    return [*within, " ".join([line, *behind[:1]]), *behind[1:]]


class _Lines:
    """The lines of what is said of one subject."""

    def __init__(self, statement: _Statement) -> None:
        self._statement = statement
        self._lines: list[str] = []
        self._line = ""
        self._tail: list[str] = []  # comments that stand behind the line

    def all(self) -> list[str]:
        """Return the lines."""
        pieces = self._statement.pieces
        place, index = "subject", 0
        while index < len(pieces):
            piece = pieces[index]
            mark = piece.text if piece.token.kind == "mark" else ""
            if piece.is_comment:
                self._comment(piece, _STEP)
                index += 1
            elif mark == ";":
                if self._line and not self._line.endswith(" ;"):
                    self._line += " ;"
                place, index = "ended", index + 1
            elif mark == ".":
                if place == "object":
                    self._line += " ;"
                self._end(_STEP + ".")
                index += 1
            elif place == "subject":
                index = self._term(index, "")
                place = "ended"
            elif place == "ended":
                self._end(_STEP + piece.text)
                place, index = "predicate", index + 1
            else:
                index = self._objects(index)
                place = "object"
        self._tail += [each.text.rstrip() for each in self._statement.behind]
        self._end("")
        return self._lines

    def _objects(self, index: int) -> int:
        """Write the objects of a predicate: on its line, or each on one of its own as it was."""
        several = self._span(index)
        alone = any(self._statement.pieces[each].lines for each in several)
        if alone:
            self._end(_STEP * 2)
        for number, start in enumerate(several):
            if number and alone:
                self._end(_STEP * 2)
            elif number or not alone:
                self._line += " "
            index = self._term(start, _STEP * (2 if alone else 1))
            pieces = self._statement.pieces
            while index < len(pieces) and (pieces[index].is_comment or pieces[index].text == ","):
                if pieces[index].is_comment:
                    self._comment(pieces[index], _STEP * (2 if alone else 1))
                else:
                    self._line += ","
                index += 1
        return index

    def _span(self, index: int) -> list[int]:
        """Return where each object of a list begins."""
        starts, depth, expected = [], 0, True
        pieces = self._statement.pieces
        while index < len(pieces):
            piece = pieces[index]
            mark = piece.text if piece.token.kind == "mark" else ""
            if not depth and mark in {";", "."}:
                break
            if expected and not piece.is_comment:
                starts.append(index)
                expected = False
            if not depth and mark == ",":
                expected = True
            depth += (mark in _OPEN) - (mark in _CLOSE)
            index += 1
        return starts

    def _term(self, index: int, indent: str) -> int:
        """Write one term, with its brackets; return where it ends."""
        pieces = self._statement.pieces
        hangs: list[bool] = []  # for each open bracket, whether what follows stands further in
        start, before = index, ["", ""]
        while index < len(pieces):
            piece = pieces[index]
            mark = piece.text if piece.token.kind == "mark" else ""
            fresh = index == start
            if not fresh and not hangs and not self._goes_on(piece, before[-1]):
                break
            if mark in _CLOSE:
                hangs.pop()
            elif hangs and piece.lines and before[0] in {"[", ";"} and before[1] not in _MARKS:
                hangs[-1] = True  # the objects of a predicate begin on a line of their own
            inner = indent + _STEP * (len(hangs) + sum(hangs))
            if piece.is_comment:
                self._comment(piece, inner)
            elif (hangs or mark in _CLOSE) and piece.lines and not fresh:
                self._end(inner + piece.text)
            elif fresh or self._is_glued(piece, before[-1]):
                self._line += piece.text
            else:
                self._line += f" {piece.text}"
            if not piece.is_comment:
                before = [before[-1], piece.text]
            if mark in _OPEN:
                hangs.append(False)
            elif mark == ";" and hangs:
                hangs[-1] = False
            index += 1
        return index

    @staticmethod
    def _goes_on(piece: _Piece, before: str) -> bool:
        """Return whether a literal goes on: its language, its datatype, or a number's digits."""
        return piece.token.kind == "tag" or piece.text == "^^" or before in {"^^", "+", "-"}

    @staticmethod
    def _is_glued(piece: _Piece, before: str) -> bool:
        if piece.token.kind == "tag" or piece.text in {"^^", ","} or before in {"^^", "+", "-"}:
            return True
        return (before, piece.text) in {("[", "]"), ("(", ")")}

    def _comment(self, piece: _Piece, indent: str) -> None:
        """Put a comment behind the line that it stood behind, or on one of its own."""
        text = piece.text.rstrip()
        if not piece.lines:
            self._tail.append(text)
            return
        if self._line.rstrip().endswith((";", ",", "[", "(", "]", ")")) or not self._line.strip():
            self._end("")
        elif len(self._line) > len(self._line.lstrip()) and not self._line.startswith(_STEP * 2):
            # in the middle of a line: it stands before the line
            self._lines.append(_STEP + text)
            return
        else:
            self._end("")
        self._lines.append(indent + text)

    def _end(self, following: str) -> None:
        """End the line, and begin another."""
        if self._line.strip():
            self._lines.append(" ".join([self._line.rstrip(), *self._tail[:1]]))
            self._lines += [_STEP + each for each in self._tail[1:]]
            self._tail = []
        elif self._tail:
            self._lines += [_STEP + each for each in self._tail]
            self._tail = []
        self._line = following


def _trimmed(lines: Sequence[str]) -> list[str]:
    """Leave out empty lines at both ends, and all but one of several."""
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    while kept and not kept[-1]:
        kept.pop()
    return kept
