"""Refusing what no parser should see: binary, deep nesting, XML entities, remote contexts."""

from __future__ import annotations

import mmap
import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from pyoxigraph import RdfFormat

from dragoman.errors import SyntaxProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH: Final = 100
MAX_JSON_DEPTH: Final = 200

_NUL: Final = re.compile(rb"\0")
# A multiple of the size of a page of memory.
_PART: Final = 1 << 22
# Where brackets mean nothing: strings, IRIs and comments.
_INERT: Final = (
    rb"""\"\"\"(?:[^"\\]++|\\.|"(?!""))*+\"\"\"|\'\'\'(?:[^'\\]++|\\.|'(?!''))*+\'\'\'"""
    rb"""|"(?:[^"\\\n]++|\\.)*+"|'(?:[^'\\\n]++|\\.)*+'|<[^<>"{}\s]*+>|\#[^\n]*+"""
)
# What RDF/XML once had, or leaves open, and the parser passes over.
_PASSED_OVER: Final = re.compile(
    rb"""<[^<>]*\s[^\s<>:="']+:(bagID\s*=|parseType\s*=\s*["'](?!(?:Literal|Resource|Collection)["']))"""
)
# A base with . or .. between its slashes, and an IRI that has them behind a host: the parser takes
# them for names where RFC 3986 (section 5.2.4) takes them away.
_DOTS: Final = re.compile(rb"/\.\.?[/>]")
_DOTTED: Final = re.compile(rb"""<//.*/\.\.?[/>]|<.*/\.\.?/""")
_BASE: Final = re.compile(rb"(?<![:\w.-])base\s*\Z", re.IGNORECASE)
_DOTTED_XML: Final = re.compile(rb"""xml:base\s*=\s*["'][^"'<]*/\.\.?/""")
# A match goes up to a bracket, or as far as it may (the machine remembers each repetition). That it
# always matches keeps it in step: it never starts inside of a string, nor looks twice.
_BRACKETS: Final = rb"""(?:[^"'<\#\[({\])}]++|""" + _INERT + rb"""|["'<]){0,999}+([\[({\])}]?)"""
_JSON_BRACKETS: Final = rb'(?:[^"\[{\]}]++|"(?:[^"\\]++|\\.)*+"|"){0,999}+([\[{\]}]?)'


def guard(text: bytes | mmap.mmap, chosen: RdfFormat, label: str) -> None:
    """Refuse what no parser should see: binary, too deep nesting, entities, remote contexts."""
    if (found := _nul(text)) >= 0:
        problem = "It holds a NUL byte: it is binary, or not UTF-8."
        raise SyntaxProblem(problem, label, *place(text, found))
    if chosen in (RdfFormat.TURTLE, RdfFormat.TRIG):
        _guard_depth(text, _BRACKETS, MAX_DEPTH, label)
        _guard_dots(text, label)
    elif chosen == RdfFormat.JSON_LD:
        _guard_depth(text, _JSON_BRACKETS, MAX_JSON_DEPTH, label)
        _guard_contexts(text, label)
    elif chosen == RdfFormat.RDF_XML:
        declaration = re.search(rb"<!(?:DOCTYPE|ENTITY)", text)
        if declaration:
            problem = (
                f"{declaration[0].decode()} is refused, for entities can swell without bound and "
                "read files. Write the IRIs in full, or convert the file to Turtle."
            )
            raise SyntaxProblem(problem, label, *place(text, declaration.start()))
        if passed := _PASSED_OVER.search(text):
            name = passed[1].partition(b"=")[0].strip().decode()
            problem = (
                f"RDF/XML 1.1 knows no such rdf:{name}, and what it stands for would be lost. Take "
                "it away, or convert the file with the program that wrote it."
            )
            raise SyntaxProblem(problem, label, *place(text, passed.start(1)))
        if dotted := _DOTTED_XML.search(text):
            raise _dotted(text, dotted.start(), label)


def _guard_dots(text: bytes | mmap.mmap, label: str) -> None:
    if not _DOTS.search(text):
        return
    for token in re.compile(_INERT, re.DOTALL).finditer(text):
        if not _DOTTED.match(token[0]):
            continue
        start = token.start()
        if token[0].startswith(b"<//") or _BASE.search(text[max(0, start - 16) : start]):
            raise _dotted(text, start, label)


def _dotted(text: bytes | mmap.mmap, start: int, label: str) -> SyntaxProblem:
    problem = (
        "A base, or an IRI without a scheme, has . or .. between its slashes, and would be "
        "resolved otherwise than RFC 3986 has it. Write it without them."
    )
    return SyntaxProblem(problem, label, *place(text, start))


def _nul(text: bytes | mmap.mmap) -> int:
    """Return the place of the first NUL; -1 where there is none.

    A mapped file is looked at in parts, and what has been looked at is let go: it would count as
    memory of this process until the end.
    """
    for start in range(0, len(text), _PART):
        if found := _NUL.search(text, start, start + _PART):
            return found.start()
        if not isinstance(text, bytes) and hasattr(text, "madvise"):
            text.madvise(mmap.MADV_DONTNEED, start, min(_PART, len(text) - start))
    return -1


def _guard_depth(text: bytes | mmap.mmap, brackets: bytes, limit: int, label: str) -> None:
    if _are_few(text, limit):
        return
    depth = 0
    for found in re.compile(brackets, re.DOTALL).finditer(text):
        mark = found[1]
        if mark in {b"(", b"[", b"{"}:
            depth += 1
            if depth > limit:
                problem = f"Brackets nest deeper than {limit}. Give the inner things names."
                raise SyntaxProblem(problem, label, *place(text, found.start(1)))
        elif mark:
            depth -= 1


def _are_few(text: bytes | mmap.mmap, limit: int) -> bool:
    """Return whether there are too few opening brackets to nest too deep, wherever they stand."""
    # a function of its own: its iterators must not outlive it, or the file could not be closed
    return next(islice(re.finditer(rb"[(\[{]", text), limit, None), None) is None


def _guard_contexts(text: bytes | mmap.mmap, label: str) -> None:
    import json

    try:
        document = json.loads(text[:].decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SyntaxProblem("It is not UTF-8.", label, *place(text, error.start)) from error
    except json.JSONDecodeError as error:
        problem = f"It is not JSON: {error.msg}."
        raise SyntaxProblem(problem, label, error.lineno, error.colno) from error
    remote = next(_remote_contexts(document, inside=False), None)
    if remote is not None:
        found = text.find(json.dumps(remote, ensure_ascii=False).encode())
        problem = f"The context {remote!r} would have to be fetched. Write the context in the file."
        raise SyntaxProblem(problem, label, *(place(text, found) if found >= 0 else ()))


def _remote_contexts(node: object, *, inside: bool) -> Iterator[str]:
    """Yield each context that stands elsewhere; `inside` is true for the value of an @context."""
    if isinstance(node, str) and inside:
        yield node
    elif isinstance(node, list):
        for item in node:
            yield from _remote_contexts(item, inside=inside)
    elif isinstance(node, dict):
        for key, value in node.items():
            if inside and key == "@import":
                yield str(value)
            else:
                yield from _remote_contexts(value, inside=key == "@context")


def place(text: bytes | mmap.mmap, offset: int) -> tuple[int, int]:
    """Return line and column (in code points) of a byte offset."""
    start = text.rfind(b"\n", 0, offset) + 1
    line = sum(1 for _ in re.finditer(rb"\n", memoryview(text)[:start])) + 1
    return line, len(text[start:offset].decode("utf-8", "replace")) + 1


def long_token(text: bytes | mmap.mmap, most: int) -> int:
    """Return the line of the first stretch of text without brackets or tokens longer than this."""
    start = 0
    for found in re.compile(_INERT + rb"""|[\[({\])}]""", re.DOTALL).finditer(text):
        if found.end() - start > most:
            break
        start = found.end()
    return place(text, start)[0]
