"""Reading RDF: parsing behind the guards, and wording what is wrong with a text."""

from __future__ import annotations

__all__ = ["read_rdf", "unpacked"]

import io
import mmap
import re
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, cast

from pyoxigraph import RdfFormat, parse

from dragoman.errors import SyntaxProblem
from dragoman.syntax.declaring import undeclared
from dragoman.syntax.formats import format_of, rdf_format
from dragoman.syntax.guards import guard, long_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import Quad

MAX_STREAM: Final = 4 * 1024 * 1024 * 1024
MAX_TOKEN: Final = 16 * 1024 * 1024
# In a longer text only the first mistake is looked for, and of any text no more than so many.
_MOST_LOOKED_AT: Final = 16 * 1024 * 1024
_MOST_PROBLEMS: Final = 10
_UNDECLARED: Final = "has not been declared"
_UNCLOSED: Final = "its closing quote is missing"
_ENDLESS: Final = "Unexpected end"
_CHUNK: Final = 1 << 20
# No literal goes on from one of these to the next, but those in three quotes.
_END: Final = re.compile(rb'(?<!\\)["\n]')
_LAST_END: Final = re.compile(rb'["\n](?!\\)')  # in a text that is turned round


def read_rdf(  # noqa: PLR0913  a text, and how to take it
    source: str | Path | IO[bytes] | bytes,
    format: str | None = None,  # noqa: A002  the name that rdflib, riot and rdfpipe use
    *,
    base_iri: str | None = None,
    name: str | None = None,
    rename_blank_nodes: bool = False,
    prefixes: dict[str, str] | None = None,
) -> Iterator[Quad]:
    """Read RDF safely, and yield its quads in the order of the text.

    Literals keep their spelling; their language tags are in small letters. Nothing is fetched: no
    remote or local JSON-LD context, no XML entity. Text is UTF-8; one byte order mark is accepted.
    `.gz` files are unpacked.

    Args:
        source: a path, a binary stream or the bytes themselves.
        format: a name of `FORMATS`; by default the suffix of the file or name tells, else Turtle.
        base_iri: what relative IRIs are resolved against; without it they are refused.
        name: how to call a stream in messages.
        rename_blank_nodes: give blank nodes new labels, so that two files never share one.
        prefixes: is given those that the text declares, once it is read.

    Raises:
        SyntaxProblem: with file, line and column, also for whatever is refused unparsed.
        UnknownNameError: for an unknown format.
    """
    label = name or (str(source) if isinstance(source, (str, Path)) else "-")
    with _opened(source, label) as (text, stream):
        if format:
            chosen = rdf_format(format)
        else:
            chosen = RdfFormat.TURTLE if label == "-" else format_of(label)
        guard(text, chosen, label)
        quads = parse(stream, chosen, base_iri=base_iri, rename_blank_nodes=rename_blank_nodes)
        try:
            yield from quads
            if prefixes is not None:
                prefixes.update(quads.prefixes)
        except SyntaxError as error:
            raise _all_explained(error, label, text, chosen, quads) from error
        except MemoryError as error:
            problem = f"A literal or statement is longer than {MAX_TOKEN >> 20} MiB. Shorten it."
            raise SyntaxProblem(problem, label, long_token(text, MAX_TOKEN)) from error
        except ValueError as error:
            raise SyntaxProblem(f"{error}.", label) from error


@contextmanager
def unpacked(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for an engine that parses by itself, after the checks that `read_rdf` makes.

    Raises:
        SyntaxProblem: with file, line and column.
    """
    with _opened(path, str(path)) as (text, stream):
        guard(text, format_of(path), str(path))
        yield stream


@contextmanager
def _opened(
    source: str | Path | IO[bytes] | bytes, label: str
) -> Iterator[tuple[bytes | mmap.mmap, IO[bytes]]]:
    """Give the whole text, and a stream of it from behind the byte order mark.

    Files are mapped, not read, so that one huge literal takes no memory; pipes and packed files
    go to a temporary file first.
    """
    with ExitStack() as stack:
        text: bytes | mmap.mmap = b""
        stream: IO[bytes]
        if isinstance(source, bytes):
            text, stream = source, io.BytesIO(source)
        else:
            try:
                stream = stack.enter_context(opened_file(source, label))
                if stream.seek(0, io.SEEK_END):
                    mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
                    text = stack.enter_context(mapped)
            except (OSError, EOFError) as error:
                reason = getattr(error, "strerror", None) or error
                raise SyntaxProblem(f"It cannot be read: {reason}.", label) from error
        if not re.search(rb"\S", text):
            raise SyntaxProblem("It is empty; a file must say something.", label)
        if text[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            raise SyntaxProblem("It is UTF-16, not UTF-8. Save it as UTF-8.", label, 1, 1)
        stream.seek(3 if text[:3] == b"\xef\xbb\xbf" else 0)
        yield text, stream


@contextmanager
def opened_file(source: str | Path | IO[bytes], label: str) -> Iterator[IO[bytes]]:
    """Open a regular file that holds the unpacked bytes of the source.

    Raises:
        SyntaxProblem: a literal is longer than any reader takes; found while it is unpacked.
        OSError: it cannot be read, is damaged, or is too long.
    """
    with ExitStack() as stack:
        if isinstance(source, (str, Path)):
            stream: IO[bytes] = stack.enter_context(Path(source).open("rb"))
            packed = str(source).endswith(".gz")
            if Path(source).is_file() and not packed:
                yield stream
                return
            if packed:
                import gzip

                stream = cast("IO[bytes]", stack.enter_context(gzip.open(stream)))
        else:
            stream = source
        import tempfile
        import zlib

        copy = stack.enter_context(tempfile.TemporaryFile())
        try:
            for chunk in _without_long_tokens(iter(lambda: stream.read(_CHUNK), b""), label):
                if copy.tell() > MAX_STREAM:
                    raise OSError(f"it is longer than {MAX_STREAM >> 30} GiB when unpacked")
                copy.write(chunk)
        except zlib.error as error:
            raise OSError(str(error)) from error
        copy.flush()
        yield copy


def _all_explained(
    error: SyntaxError,
    label: str,
    text: bytes | mmap.mmap,
    chosen: RdfFormat,
    quads: Iterator[Quad],
) -> SyntaxProblem:
    """Return what is wrong with a text, and what else is: the parser goes on behind a mistake."""
    first = _explained(error, label, text)
    if len(text) > _MOST_LOOKED_AT or chosen not in {RdfFormat.TURTLE, RdfFormat.TRIG}:
        return first
    problems = [first]
    with suppress(StopIteration, MemoryError, ValueError):
        while len(problems) < _MOST_PROBLEMS:
            try:
                next(quads)
            except SyntaxError as further:
                problems.append(_explained(further, label, text))
    seen: dict[int | None, SyntaxProblem] = {}
    for each in problems:
        if _UNDECLARED not in each.problem:
            seen.setdefault(each.line, each)  # what comes after it on a line may follow from it
    others = list(seen.values())
    # A text that was not closed swallows what follows: the rest says nothing.
    open_at = next((each.line or 0 for each in others if _UNCLOSED in each.problem), None)
    others = [each for each in others if open_at is None or (each.line or 0) <= open_at]
    # What is broken may look like a name, and so may all that an open quote has swallowed.
    end = min((each.line or 0 for each in others if _ENDLESS in each.problem), default=len(text))
    missing = {
        prefix: line
        for prefix, line in undeclared(text[:].decode("utf-8-sig", "replace")).items()
        if line not in seen and line < end
    }
    if not missing:
        first, others = others[0] if others else first, others[1:]
    elif len(missing) == 1:
        ((prefix, line),) = missing.items()
        told = (each for each in problems if _UNDECLARED in each.problem and each.line == line)
        said = f"The prefix {prefix}: {_UNDECLARED}; declare it with @prefix."
        first = next(told, SyntaxProblem(said, label, line))
    else:
        names = ", ".join(f"{each}: (line {line})" for each, line in missing.items())
        said = f"{len(missing)} prefixes are not declared; declare them with @prefix: {names}."
        first = SyntaxProblem(said, label, min(missing.values()))
    first.further, first.prefixes = tuple(others), tuple(missing)
    return first


def _without_long_tokens(chunks: Iterator[bytes], label: str) -> Iterator[bytes]:
    """Pass on a text, unless a line of it has a literal that goes on for longer than any may.

    A few kilobytes can unpack to gigabytes of it: it is refused before these are written.
    """
    line, length, before = 1, 0, b""
    for chunk in chunks:
        text = before + chunk
        first, last = _END.search(text, len(before)), _LAST_END.search(text[::-1])
        if length + (first.end() if first else len(text)) > MAX_TOKEN:
            problem = f"A literal or statement is longer than {MAX_TOKEN >> 20} MiB. Shorten it."
            raise SyntaxProblem(problem, label, line)
        line += chunk.count(b"\n")
        length = last.start() if first and last else length + len(chunk)
        before = chunk[-1:]
        yield chunk


def _explained(error: SyntaxError, label: str, text: bytes | mmap.mmap) -> SyntaxProblem:
    """Put the parser's message into our words: where, what was found, what was expected."""
    problem = error.msg.partition(": ")[2] if error.msg.startswith("Parser error") else error.msg
    line = _line(text, error.lineno or 0)
    found = ""
    try:
        shown = line.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as wrong:
        column = len(line[: wrong.start].decode()) + 1
        problem = f"It is not UTF-8 (byte {line[wrong.start]:#04x}); perhaps latin-1"
        return SyntaxProblem(f"{problem}. Save it as UTF-8.", label, error.lineno, column)
    if error.offset and error.end_lineno == error.lineno:
        found = shown[error.offset - 1 : max(error.end_offset or 0, error.offset + 1) - 1].strip()
    if "No scheme found" in problem:
        problem = (
            "A relative IRI, and no base to resolve it; write the IRI in full, or say with "
            "--base-iri IRI (base_iri) what it is relative to"
        )
    elif problem.startswith("Line jumps are not allowed in string literals"):
        problem = f"A text goes on to the next line: {_UNCLOSED}, or it needs three on either side"
    elif problem.startswith(_ENDLESS):
        problem = f"{problem}: a quote, bracket or dot that closes something is missing"
    elif _UNDECLARED in problem:
        problem = f"{problem}; declare it with @prefix"
    if found and found not in problem:
        problem = f"{problem}; found {found[:60]!r}"
    return SyntaxProblem(f"{problem}.", label, error.lineno, error.offset)


def _line(text: bytes | mmap.mmap, number: int) -> bytes:
    """Return the beginning of one line, at most 64 kB and never half a character."""
    start = 0
    for _ in range(number - 1):
        start = text.find(b"\n", start) + 1
        if not start:
            return b""
    end = text.find(b"\n", start)
    line = text[start : min(end if end >= 0 else len(text), start + 65_536)]
    return line if len(line) < 65_536 else line.decode("utf-8", "ignore").encode()
