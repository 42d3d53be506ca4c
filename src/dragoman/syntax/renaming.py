"""An IRI in the place of another in a text of Turtle, term for term: all else stays as it is."""

from __future__ import annotations

__all__ = ["check_renamed", "declared", "renamed"]

import re
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Final, NamedTuple

from pyoxigraph import BlankNode, NamedNode, Triple

from dragoman.errors import DragomanError
from dragoman.syntax.declaring import declarations, undeclared
from dragoman.syntax.lexer import Token, tokens, unescape
from dragoman.syntax.lines import absolute
from dragoman.syntax.prefixed import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pyoxigraph import Quad


_REST_OF_LINE: Final = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?:\r?\n|\Z)")


class _Term(NamedTuple):
    """An IRI or prefixed name of a text: what it stands for, and the prefixes in force there."""

    token: Token
    iri: str
    prefixes: Mapping[str, str]


def renamed(text: str, old: str, new: str, known: Mapping[str, str]) -> str:
    """Return a text of Turtle, N-Triples or SPARQL that says of one IRI what it said of another.

    Comments and layout stay. What was in angle brackets stays so, and a prefixed name becomes one
    where a prefix for it is declared or known; datatypes and declarations are left alone.

    Args:
        text: it is expected to parse.
        old: the IRI that goes.
        new: the IRI that comes.
        known: prefixes that may be added, each with its namespace.
    """
    parts: list[str] = []
    done = 0
    for token, iri, prefixes in _terms(text):
        if iri == old:
            spelt = f"<{new}>" if token.kind == "iri" else shortened(new, {**known, **prefixes})
            parts += [text[done : token.start], spelt]
            done = token.end
    return declared("".join([*parts, text[done:]]), known) if parts else text


def declared(text: str, known: Mapping[str, str]) -> str:
    """Return a Turtle text that declares every known prefix that it uses.

    A new declaration stands among those that the text begins with, in the order of the alphabet.
    """
    end = "\r\n" if "\r\n" in text else "\n"
    for line in declarations(undeclared(text), known):
        heading = _heading(text)
        later = [start for name, start, _ in heading if name > line.split()[1]]
        if later:
            text = f"{text[: later[0]]}{line}{end}{text[later[0] :]}"
        elif heading:
            stop = heading[-1][2]
            rest = _REST_OF_LINE.match(text, stop)
            stop = rest.end() if rest else stop
            lead = "" if text.endswith("\n", 0, stop) else end
            text = f"{text[:stop]}{lead}{line}{end}{text[stop:]}"
        else:
            text = f"{line}{end}{end}{text}"
    return text


def check_renamed(
    before: Iterable[Quad], after: Iterable[Quad], old: str, new: str, more: Iterable[Triple] = ()
) -> None:
    """Check that a text says of one IRI, in the same order, what another said of another.

    Args:
        before: what the text said.
        after: what it says.
        old: the IRI that went.
        new: the IRI that came.
        more: what it says at its end besides.

    Raises:
        DragomanError: it does not.
    """
    expected = chain(_numbered(before, {old: new}), (tuple(map(_plain, each)) for each in more))
    if any(one != other for one, other in zip_longest(expected, _numbered(after, {}))):
        raise DragomanError(f"<{old}> cannot be renamed without changing what else is said.")


# ------------------------------------------------------------------ reading


def _terms(text: str) -> Iterator[_Term]:
    """Yield the IRIs and prefixed names of statements; datatypes are passed over."""
    prefixes: dict[str, str] = {}
    base, before = "", ""
    directive: list[str] | None = None
    starts = True  # a statement or directive
    for token in tokens(text):
        if directive is not None:
            directive.append(token.text)
            if token.kind == "iri":
                iri = absolute(unescape(token.text[1:-1]), base)
                if len(directive) == 3:
                    prefixes = {**prefixes, directive[1].removesuffix(":"): iri}
                else:
                    base = iri
                directive, starts = None, True
            continue
        if starts and _declares(token):
            directive = [token.text]
            continue
        if before != "^^" and token.kind == "iri":
            yield _Term(token, absolute(unescape(token.text[1:-1]), base), prefixes)
        elif before != "^^" and token.kind == "name":
            prefix, _, local = token.text.partition(":")
            if prefix in prefixes:
                iri = prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)
                yield _Term(token, iri, prefixes)
        # the dot of a directive begins a statement, too
        starts = token.text == "." and token.kind == "mark"
        before = token.text


def _declares(token: Token) -> bool:
    return token.text.lstrip("@").casefold() in {"prefix", "base"}


def _heading(text: str) -> list[tuple[str, int, int]]:
    """Return the declarations of prefixes that a text begins with: name with colon, start, end."""
    found: list[tuple[str, int, int]] = []
    current: list[Token] = []
    for token in tokens(text):
        if not current and token.text == "." and found:
            name, start, _ = found[-1]
            found[-1] = (name, start, token.end)
        elif not current and not _declares(token):
            break
        else:
            current.append(token)
            if token.kind == "iri":
                found.append((current[1].text, current[0].start, token.end))
                current = []
    return found


def _numbered(quads: Iterable[Quad], names: Mapping[str, str]) -> Iterator[tuple[object, ...]]:
    """Yield triples with other names, and blank nodes numbered as they come."""
    labels: dict[BlankNode, int] = {}

    def named(term: object) -> object:
        if isinstance(term, BlankNode):
            return labels.setdefault(term, len(labels))
        if isinstance(term, Triple):
            return tuple(map(named, term))
        plain = _plain(term)
        return names.get(plain, plain) if isinstance(term, NamedNode) else plain

    for quad in quads:
        yield tuple(map(named, quad.triple))


def _plain(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else str(term)
