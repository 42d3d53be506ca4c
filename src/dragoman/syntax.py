"""Safe reading of RDF and SPARQL text: guards, parsing, lint, and where things stand in a file.

Every text that a user brings passes here first. Nothing is fetched, nothing nests deep enough to
crash a recursive parser, and every refusal says file, line and column.
"""

from __future__ import annotations

import io
import json
import mmap
import re
import unicodedata
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, NamedTuple, cast

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from dragoman import vocabulary
from dragoman.errors import (
    DragomanError,
    QueryRefusedError,
    SyntaxProblem,
    UnknownNameError,
    suggestion,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

# The names of formats as riot, rapper and rdfpipe know them, and their file suffixes.
FORMATS: Final[Mapping[str, RdfFormat]] = {
    name: rdf_format
    for rdf_format, names in (
        (RdfFormat.TURTLE, "turtle ttl longturtle"),
        (RdfFormat.N_TRIPLES, "ntriples nt n-triples nt11"),
        (RdfFormat.N_QUADS, "nquads nq n-quads"),
        (RdfFormat.TRIG, "trig"),
        (RdfFormat.RDF_XML, "rdfxml rdf xml rdf/xml rdfxml-abbrev pretty-xml owl"),
        (RdfFormat.JSON_LD, "jsonld json-ld json"),
    )
    for name in names.split()
}
MAX_DEPTH: Final = 100
MAX_JSON_DEPTH: Final = 200
MAX_STREAM: Final = 4 * 1024 * 1024 * 1024
MAX_TOKEN: Final = 16 * 1024 * 1024
MAX_QUERY: Final = 256 * 1024
MAX_OPERATORS: Final = 1000

# Characters of names in Turtle and SPARQL; every one beyond ASCII counts. Where the grammars differ
# the engine refuses the text, and what is said by exclusion compiles in a tenth of the time.
_LETTER = r"[^\x00-@\[-`{-\x7f]"
_FIRST = r"[^\x00-/:-@\[-^`{-\x7f]"  # a letter, digit or _
_FIRST_LOCAL = r"[^\x00-/;-@\[-^`{-\x7f]"  # or :
_LATER = r"[^\x00-,./:-@\[-^`{-\x7f]"  # a letter, digit, _ or -
_LATER_LOCAL = r"[^\x00-,./;-@\[-^`{-\x7f]"  # or :
_ESCAPE = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"
_TOKEN = rf"""
    (?P<space>[ \t\r\n]++|\#[^\n\r]*+)
  | (?P<string>\"\"\"(?:[^"\\]|\\.|"(?!""))*+\"\"\"|\'\'\'(?:[^'\\]|\\.|'(?!''))*+\'\'\'
       |"(?:[^"\\\n\r]|\\.)*+"|'(?:[^'\\\n\r]|\\.)*+')
  | (?P<iri><(?:[^<>"{{}}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})*+>)
  | (?P<variable>[?$]{_FIRST}++)
  | (?P<blank>_:{_FIRST}(?:\.*{_LATER})*+)
  | (?P<name>(?:{_LETTER}(?:\.*{_LATER})*+)?:
       (?:(?:{_FIRST_LOCAL}|{_ESCAPE})(?:\.*(?:{_LATER_LOCAL}|{_ESCAPE}))*+)?)
  | (?P<tag>@[A-Za-z]++(?:-+[A-Za-z0-9]++)*+)
  | (?P<number>(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)[eE][+\-]?[0-9]++|[0-9]*+\.[0-9]++|[0-9]++)
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*+)
  | (?P<mark>\|\||&&|\^\^|!=|<=|>=|<<|>>|.)
"""


class Token(NamedTuple):
    """One token of a Turtle or SPARQL text: its kind, its spelling and where it starts."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Return the offset just after the token."""
        return self.start + len(self.text)


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a Turtle or SPARQL text, without white space and comments.

    Kinds: string, iri, variable, blank, name (a prefixed name), tag (a language tag or `@prefix`),
    number, word and mark (punctuation). Never fails: what fits nothing is a mark of one character.
    """
    for found in re.compile(_TOKEN, re.VERBOSE | re.DOTALL).finditer(text):
        kind = found.lastgroup
        if kind and kind != "space":
            yield Token(kind, found[0], found.start())


# ------------------------------------------------------------------ reading RDF


def rdf_format(name: str) -> RdfFormat:
    """Return the format of a name as riot, rapper or rdfpipe spell it, or of a file suffix.

    Raises:
        UnknownNameError: naming the nearest formats.
    """
    key = name.casefold().removeprefix(".").removesuffix(".gz")
    if key in {"n3", "notation3"}:
        problem = "Notation3 is not read. Where the text is plain Turtle, name the format turtle."
        raise DragomanError(problem)
    if key not in FORMATS:
        raise UnknownNameError("RDF format", name, FORMATS)
    return FORMATS[key]


def format_of(path: str | Path) -> RdfFormat:
    """Return the format that a file's suffix tells.

    Raises:
        SyntaxProblem: it has no suffix, or none of ours.
    """
    suffix = Path(str(path).removesuffix(".gz")).suffix.removeprefix(".")
    if not suffix:
        raise SyntaxProblem("Its name has no suffix that tells the format; name the format.", path)
    try:
        return rdf_format(suffix)
    except UnknownNameError as error:
        problem = (
            f"The suffix .{suffix} tells no RDF format. Valid: ttl, nt, nq, trig, rdf, jsonld."
        )
        raise SyntaxProblem(problem, path) from error


def read_rdf(
    source: str | Path | IO[bytes] | bytes,
    format: str | None = None,  # noqa: A002  the name that rdflib, riot and rdfpipe use
    *,
    base_iri: str | None = None,
    name: str | None = None,
    rename_blank_nodes: bool = False,
) -> Iterator[Quad]:
    """Read RDF safely, and yield its quads in the order of the text.

    Literals keep their spelling. Nothing is fetched: no remote or local JSON-LD context, no XML
    entity. Text is UTF-8; one byte order mark is accepted. `.gz` files are unpacked.

    Args:
        source: a path, a binary stream or the bytes themselves.
        format: a name of `FORMATS`; by default the suffix of the file or name tells, else Turtle.
        base_iri: what relative IRIs are resolved against; without it they are refused.
        name: how to call a stream in messages.
        rename_blank_nodes: give blank nodes new labels, so that two files never share one.

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
        _guard(text, chosen, label)
        try:
            yield from parse(
                stream, chosen, base_iri=base_iri, rename_blank_nodes=rename_blank_nodes
            )
        except SyntaxError as error:
            raise _explained(error, label, text) from error
        except MemoryError as error:
            problem = f"A literal or statement is longer than {MAX_TOKEN >> 20} MiB. Shorten it."
            raise SyntaxProblem(problem, label, _long_token(text)) from error
        except ValueError as error:
            raise SyntaxProblem(f"{error}.", label) from error


@contextmanager
def unpacked(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for an engine that parses by itself, after the checks that `read_rdf` makes.

    Raises:
        SyntaxProblem: with file, line and column.
    """
    with _opened(path, str(path)) as (text, stream):
        _guard(text, format_of(path), str(path))
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
                stream = stack.enter_context(_file(source))
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
def _file(source: str | Path | IO[bytes]) -> Iterator[IO[bytes]]:
    """Open a regular file that holds the unpacked bytes of the source."""
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
            while chunk := stream.read(1 << 20):
                if copy.tell() > MAX_STREAM:
                    raise OSError(f"it is longer than {MAX_STREAM >> 30} GiB when unpacked")
                copy.write(chunk)
        except zlib.error as error:
            raise OSError(str(error)) from error
        copy.flush()
        yield copy


# ------------------------------------------------------------------ guards before parsing

# Strings, IRIs and comments, in which brackets mean nothing; then the brackets.
_BRACKETS: Final = re.compile(
    rb"""\"\"\"(?:[^"\\]|\\.|"(?!""))*+\"\"\"|\'\'\'(?:[^'\\]|\\.|'(?!''))*+\'\'\'"""
    rb"""|"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+'|<[^<>"{}\s]*+>|\#[^\n]*+|[\[({\])}]""",
    re.DOTALL,
)
_JSON_BRACKETS: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[{\]}]', re.DOTALL)


def _guard(text: bytes | mmap.mmap, chosen: RdfFormat, label: str) -> None:
    """Refuse what no parser should see: binary, too deep nesting, entities, remote contexts."""
    if (found := text.find(b"\0")) >= 0:
        problem = "It holds a NUL byte: it is binary, or not UTF-8."
        raise SyntaxProblem(problem, label, *_place(text, found))
    if chosen in (RdfFormat.TURTLE, RdfFormat.TRIG):
        _guard_depth(text, _BRACKETS, MAX_DEPTH, label)
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
            raise SyntaxProblem(problem, label, *_place(text, declaration.start()))


def _guard_depth(
    text: bytes | mmap.mmap, brackets: re.Pattern[bytes], limit: int, label: str
) -> None:
    depth = 0
    for found in brackets.finditer(text):
        mark = found[0]
        if mark in b"([{":
            depth += 1
            if depth > limit:
                problem = f"Brackets nest deeper than {limit}. Give the inner things names."
                raise SyntaxProblem(problem, label, *_place(text, found.start()))
        elif mark in b")]}":
            depth -= 1


def _guard_contexts(text: bytes | mmap.mmap, label: str) -> None:
    try:
        document = json.loads(text[:].decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SyntaxProblem("It is not UTF-8.", label, *_place(text, error.start)) from error
    except json.JSONDecodeError as error:
        problem = f"It is not JSON: {error.msg}."
        raise SyntaxProblem(problem, label, error.lineno, error.colno) from error
    remote = next(_remote_contexts(document, inside=False), None)
    if remote is not None:
        found = text.find(json.dumps(remote, ensure_ascii=False).encode())
        problem = f"The context {remote!r} would have to be fetched. Write the context in the file."
        raise SyntaxProblem(problem, label, *(_place(text, found) if found >= 0 else ()))


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


# ------------------------------------------------------------------ wording of errors


def _place(text: bytes | mmap.mmap, offset: int) -> tuple[int, int]:
    """Return line and column (in code points) of a byte offset."""
    start = text.rfind(b"\n", 0, offset) + 1
    line = sum(1 for _ in re.finditer(rb"\n", memoryview(text)[:start])) + 1
    return line, len(text[start:offset].decode("utf-8", "replace")) + 1


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
        problem = "A relative IRI, and no base to resolve it; write the IRI in full"
    elif problem.startswith("Unexpected end"):
        problem = f"{problem}: a quote, bracket or dot that closes something is missing"
    elif "has not been declared" in problem:
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


def _long_token(text: bytes | mmap.mmap) -> int:
    """Return the line of the first token that is longer than the parser's buffer."""
    start = 0
    for found in _BRACKETS.finditer(text):
        if found.end() - start > MAX_TOKEN:
            break
        start = found.end()
    return _place(text, start)[0]


# ------------------------------------------------------------------ where things stand


@dataclass(frozen=True)
class Positions:
    """Where the statements of a Turtle or N-Triples file stand (1-based lines).

    Attributes:
        subjects: line where the first block of each subject IRI starts.
        pairs: line of the first occurrence of each (subject IRI, predicate IRI).
        prefixes: the prefixes that the file declares.
    """

    subjects: dict[str, int] = field(default_factory=dict)
    pairs: dict[tuple[str, str], int] = field(default_factory=dict)
    prefixes: dict[str, str] = field(default_factory=dict)

    def line(self, subject: str, predicate: str | None = None) -> int | None:
        """Return the line of a statement, else of its subject's block, else None."""
        found = self.pairs.get((subject, predicate)) if predicate else None
        return found or self.subjects.get(subject)


def subject_lines(path: str | Path) -> Positions:
    """Find the line of each subject and each (subject, predicate) in a Turtle or N-Triples file.

    A lexical scan: the file is expected to parse, and one that does not gives what was found.
    Nested blank nodes are passed over.
    """
    with _file(path) as file:
        file.seek(0)
        return positions(file.read().decode("utf-8-sig", "replace"))


def positions(text: str) -> Positions:  # noqa: PLR0912  one branch for each kind of token
    """Do what `subject_lines` does, for a text."""
    found = Positions()
    base, subject, predicate = "", "", ""
    depth, line, counted = 0, 1, 0
    place = "subject"  # what the next term outside brackets is
    directive: list[str] = []
    for token in tokens(text):
        line += text.count("\n", counted, token.start)
        counted = token.start
        kind, mark = token.kind, token.text if token.kind == "mark" else ""
        if mark and mark in "[(":
            depth += 1
        elif mark and mark in "])":
            depth -= 1
            if not depth and place == "subject":
                subject, place = "", "predicate"
        elif depth:
            continue
        elif place == "directive":
            directive.append(token.text)
            if kind == "iri":
                value = _absolute(_unescape(token.text[1:-1]), base)
                if len(directive) == 3:
                    found.prefixes[directive[1].removesuffix(":")] = value
                else:
                    base = value
                directive, place = [], "subject"
        elif mark and mark in ".;":
            place = "subject" if mark == "." else "predicate"
        elif place == "subject" and kind in {"tag", "word"}:
            directive, place = [token.text], "directive"
        elif place == "subject" and kind in {"iri", "name", "blank"}:
            subject, place = _resolve(token, found.prefixes, base), "predicate"
            if subject:
                found.subjects.setdefault(subject, line)
        elif place == "predicate" and kind in {"iri", "name", "word"}:
            predicate = (
                vocabulary.RDF_TYPE if token.text == "a" else _resolve(token, found.prefixes, base)
            )
            if subject and predicate:
                found.pairs.setdefault((subject, predicate), line)
            place = "object"
    return found


def _resolve(token: Token, prefixes: Mapping[str, str], base: str) -> str:
    """Return the IRI that a token stands for; empty for blank nodes and undeclared prefixes."""
    if token.kind == "iri":
        return _absolute(_unescape(token.text[1:-1]), base)
    prefix, _, local = token.text.partition(":")
    if token.kind != "name" or prefix not in prefixes:
        return ""
    return prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)


def _absolute(iri: str, base: str) -> str:
    if not base or re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:", iri):
        return iri
    # The one resolver that agrees with the parser is the parser's own.
    return str(next(parse(f"<{iri}> a <> .", RdfFormat.TURTLE, base_iri=base)).subject)[1:-1]


def _unescape(text: str) -> str:
    r"""Decode `\uXXXX` and `\UXXXXXXXX`."""

    def decoded(found: re.Match[str]) -> str:
        code = int(found[1] or found[2], 16)
        return chr(code) if code <= 0x10FFFF else found[0]

    return re.sub(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})", decoded, text)


# ------------------------------------------------------------------ lint


@dataclass(frozen=True)
class Finding:
    """One thing in a file that parses and still should be written otherwise."""

    file: str
    line: int | None
    rule: str
    message: str

    def __str__(self) -> str:
        """Return one line: where, what, and what to do."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.message}"


_ZONE: Final = r"(?:Z|[+\-](?!00:00)[0-9]{2}:[0-9]{2})?"
_YEAR: Final = r"(?!-0000)-?(?:[1-9][0-9]{4,}|[0-9]{4})"
_CANONICAL: Final[Mapping[str, str]] = {
    "boolean": r"true|false",
    "date": rf"{_YEAR}-[0-9]{{2}}-[0-9]{{2}}{_ZONE}",
    "dateTime": rf"{_YEAR}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}(?::[0-9]{{2}}){{2}}"
    rf"(?:\.[0-9]*[1-9])?{_ZONE}",
    "decimal": r"-?(?:0|[1-9][0-9]*)\.(?:0|[0-9]*[1-9])|-?[1-9][0-9]*|0",
    "gYear": rf"{_YEAR}{_ZONE}",
    "gYearMonth": rf"{_YEAR}-[0-9]{{2}}{_ZONE}",
    "integer": r"0|-?[1-9][0-9]*",
}
_DERIVED: Final = frozenset(
    {"byte", "int", "long", "short", "unsignedByte", "unsignedInt", "unsignedLong", "unsignedShort"}
    | {"negativeInteger", "nonNegativeInteger", "nonPositiveInteger", "positiveInteger"}
)
# Characters that reorder or hide text, or are none.
_HIDDEN: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff")


def lint(path: str | Path, declared: Collection[str] | None = None) -> list[Finding]:
    """Find what parses but should not stand in a base, each with its line, in line order.

    The rules: `canonical` (a literal in another spelling than its canonical one, which an index
    would respell), `derived-integer` (xsd:integer is the one integer type), `control-character`
    (also those that reorder text), `nfc` (text not in Unicode form C), `undeclared` (a term in the
    dip: namespace that the ontology does not declare; only where `declared` is given, see
    `declared_terms`).

    Raises:
        SyntaxProblem: the file does not parse.
    """
    known = format_of(path) in (RdfFormat.TURTLE, RdfFormat.N_TRIPLES)
    where: Positions | None = None
    findings: set[Finding] = set()
    for quad in read_rdf(path):
        problems = list(_literal_problems(quad.object)) if isinstance(quad.object, Literal) else []
        for term in (quad.subject, quad.predicate, quad.object):
            if declared is None or not isinstance(term, NamedNode) or term.value in declared:
                continue
            versions = quad.predicate.value in vocabulary.VERSIONS
            if term.value.startswith(vocabulary.DIP) and not versions:
                local = term.value.removeprefix(vocabulary.DIP)
                near = suggestion(local, [each.removeprefix(vocabulary.DIP) for each in declared])
                problem = f"The ontology declares no term dip:{local}. {near}".rstrip()
                problems.append(("undeclared", problem))
        if problems:
            where = where or (subject_lines(path) if known else Positions())
            line = where.line(getattr(quad.subject, "value", ""), quad.predicate.value)
            findings.update(Finding(str(path), line, *problem) for problem in problems)
    return sorted(findings, key=lambda each: (each.line or 0, each.rule, each.message))


def declared_terms(paths: Iterable[Path]) -> frozenset[str]:
    """Return every term of the dip: namespace that the files (of the ontology) give a type.

    Files that do not parse declare nothing.
    """
    declared: set[str] = set()
    for path in paths:
        try:
            declared.update(
                quad.subject.value
                for quad in read_rdf(path)
                if isinstance(quad.subject, NamedNode)
                and quad.predicate.value == vocabulary.RDF_TYPE
                and quad.subject.value.startswith(vocabulary.DIP)
            )
        except SyntaxProblem:
            continue
    return frozenset(declared)


def _literal_problems(literal: Literal) -> Iterator[tuple[str, str]]:
    value = literal.value
    shown = repr(value if len(value) <= 40 else f"{value[:40]}…")
    datatype = literal.datatype.value
    local = datatype.removeprefix(vocabulary.XSD) if datatype.startswith(vocabulary.XSD) else ""
    if local in _DERIVED:
        yield "derived-integer", f"{shown} is an xsd:{local}; write xsd:integer, the one type here."
    elif local in _CANONICAL and not re.fullmatch(_CANONICAL[local], value):
        yield "canonical", f"{shown} is not the canonical spelling of an xsd:{local}; write it so."
    for character in value:
        hidden = unicodedata.category(character) == "Cc" and character not in "\n\t"
        if hidden or character in _HIDDEN:
            code = f"U+{ord(character):04X}"
            yield "control-character", f"The text holds the control character {code}; remove it."
            break
    if not unicodedata.is_normalized("NFC", value):
        yield "nfc", f"{shown} is not in Unicode form C (NFC); normalise it."


# ------------------------------------------------------------------ reading queries


@dataclass(frozen=True)
class QueryText:
    """A query that may be run.

    Attributes:
        text: the SPARQL text, as given.
        form: SELECT, ASK, CONSTRUCT or DESCRIBE.
        variables: every variable in order of first appearance, without its question mark.
        prefixes: the prefixes that the text declares itself.
        star: true for SELECT *, whose columns have no order of their own.
        name: what messages call the text.
        warnings: traps that the text steps into, one line each.
    """

    text: str
    form: str
    variables: tuple[str, ...]
    prefixes: dict[str, str]
    star: bool = False
    name: str = "-"
    warnings: tuple[str, ...] = ()


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


def check_query(text: str, name: str = "-", prefixes: Mapping[str, str] | None = None) -> QueryText:
    r"""Check a SPARQL 1.1 query before any engine sees it.

    Refused: SERVICE and LOAD in every spelling (comments between, `\u` escapes, any case), updates,
    more than 256 kB, brackets deeper than 100, more than 1000 operators, an undeclared prefix.
    `FROM <…>` is only a graph name here, and fetches nothing. The words in strings, IRIs, comments,
    variables and prefixed names mean nothing.

    Args:
        text: the query.
        name: file name for messages.
        prefixes: further prefixes that the text may use without declaring them.

    Raises:
        QueryRefusedError: with line and column.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_QUERY:
        raise QueryRefusedError(f"The query is longer than {MAX_QUERY >> 10} kB.", name)
    if "\0" in text:
        raise QueryRefusedError("The query holds a NUL character.", name)
    decoded = _unescape(text)
    if decoded != text:
        _scan(decoded, name, None)
    return _scan(text, name, prefixes or {})


def _scan(text: str, name: str, known: Mapping[str, str] | None) -> QueryText:
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
        if words[index] in {"SERVICE", "LOAD"}:
            raise refuse(f"{words[index]} is refused, for it would go to the network.", index)
        if not form and words[index] in _UPDATES:
            raise refuse(f"{words[index]} would change data. A query only asks.", index)
        form = form or (words[index] if words[index] in _FORMS else "")
    if not found:
        raise QueryRefusedError("The query is empty.", name)
    if not form:
        raise refuse(f"A query starts with {', '.join(_FORMS[:3])} or {_FORMS[3]}.", 0)
    if (deep := _too_deep(found, words)) is not None:
        raise refuse(f"Brackets nest deeper than {MAX_DEPTH}.", deep)
    if (much := _too_much(found, words)) is not None:
        raise refuse(f"The query has more than {MAX_OPERATORS} operators and patterns.", much)
    if (odd := _unbalanced(found)) is not None:
        raise refuse(f"The bracket {found[odd].text} has no partner.", odd)
    declared = {
        found[index + 1].text.removesuffix(":"): _unescape(found[index + 2].text[1:-1])
        for index, word in enumerate(words[:-2])
        if word == "PREFIX" and found[index + 2].kind == "iri"
    }
    if known is not None:
        for index, token in enumerate(found):
            prefix = token.text.partition(":")[0]
            if token.kind == "name" and prefix not in declared and prefix not in known:
                advice = suggestion(prefix, [*declared, *known])
                raise refuse(f"The prefix {prefix}: is not declared. {advice}".rstrip(), index)
    star = "*" in words[words.index(form) : words.index(form) + 3] and form == "SELECT"
    variables = tuple(dict.fromkeys(each.text[1:] for each in found if each.kind == "variable"))
    return QueryText(
        text, form, variables, declared, star, name, tuple(_warnings(found, words, name))
    )


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


def _warnings(found: Sequence[Token], words: Sequence[str], name: str) -> Iterator[str]:
    """Warn of HAVING over an alias: by the standard it is unbound there, so no row comes back."""
    aliases = {
        found[index + 1].text
        for index, word in enumerate(words[:-1])
        if word == "AS" and found[index + 1].kind == "variable"
    }
    for start in (index for index, word in enumerate(words) if word == "HAVING"):
        depth = 0
        for token in found[start + 1 :]:
            depth += (token.text == "(") - (token.text == ")")
            if token.text in aliases:
                yield (
                    f"{name}: HAVING uses the alias {token.text}, which is unbound there, so "
                    "nothing is returned. Repeat the aggregate."
                )
            if depth <= 0:
                break


def with_prefixes(query: QueryText, prefixes: Mapping[str, str]) -> str:
    """Return the text with a PREFIX line for each prefix that it uses and does not declare."""
    used = {token.text.partition(":")[0] for token in tokens(query.text) if token.kind == "name"}
    missing = sorted(used & (prefixes.keys() - query.prefixes.keys()))
    return "".join(f"PREFIX {each}: <{prefixes[each]}>\n" for each in missing) + query.text


def shortened(iri: str, prefixes: Mapping[str, str]) -> str:
    """Return a prefixed name where a prefix fits, else the IRI in angle brackets."""
    return shortener(prefixes)(iri)


def shortener(prefixes: Mapping[str, str]) -> Callable[[str], str]:
    """Return a function that does what `shortened` does, for many IRIs."""
    spaces = {space: prefix for prefix, space in sorted(prefixes.items(), reverse=True)}
    simple = re.compile(r"[A-Za-z0-9_](?:[\w.\-]*[\w\-])?", re.ASCII)

    def short(iri: str) -> str:
        end = max(iri.rfind("/"), iri.rfind("#")) + 1
        prefix = spaces.get(iri[:end])
        if prefix is not None and simple.fullmatch(iri, end):
            return f"{prefix}:{iri[end:]}"
        return f"<{iri}>"

    return short
