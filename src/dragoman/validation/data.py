"""A data graph as the engines take it: in a store for questions, and as N-Triples for Core.

No triple of a plain file goes through Python: its lines are what the engines are given.
"""

from __future__ import annotations

import io
import re
import shutil
from typing import IO, TYPE_CHECKING, Any, Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse

from dragoman import spellings, syntax, vocabulary
from dragoman.validation import core
from dragoman.walking.facts import Facts
from dragoman.walking.functions import is_beyond
from dragoman.walking.naming import store_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import Self

    from dragoman.record import Rules

_GRAPH: Final = DefaultGraph()
# A literal of another type than these may be respelt by the store.
_KEPT: Final = frozenset((vocabulary.XSD_STRING, vocabulary.RDF_LANG_STRING))
_PART: Final = 1 << 22
# What N-Triples hold that is not to be taken as it stands: blank nodes, whose names two files may
# share, quoted triples, what is escaped, texts with a datatype, and tags in capitals.
_SPECIAL: Final = (b"_:", b"<<", b"\\u", b"\\U", b"\r", b"#string>")
_TAGGED: Final = re.compile(rb'"@[a-z0-9-]*(?:[A-Z]|--)')
_TERM: Final = re.compile(re.escape(b"<" + vocabulary.DIP.encode()) + rb"[^>\n]*>")


class Lines:
    """The triples of a file of N-Triples, read anew each time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __iter__(self) -> Iterator[Triple]:
        """Yield them all."""
        for quad in parse(path=self.path, format=RdfFormat.N_TRIPLES):
            yield quad.triple

    def with_term(self, term: str) -> Iterator[Triple]:
        """Yield those in whose line a term stands."""
        name = f"<{term}>".encode()
        with self.path.open("rb") as file:
            for part in _parts(file):
                at = part.find(name)
                while at >= 0:
                    start, end = part.rfind(b"\n", 0, at) + 1, part.find(b"\n", at) + 1 or len(part)
                    for quad in parse(part[start:end], RdfFormat.N_TRIPLES):
                        yield quad.triple
                    at = part.find(name, end)

    def about(self, names: set[bytes]) -> Iterator[tuple[int, Triple]]:
        """Yield those in which a term, as it is written, is the subject or the value.

        Each with its line.
        """
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                parts = line.split(b" ", 2)
                if len(parts) == 3 and (
                    parts[0] in names or parts[2].rpartition(b".")[0].rstrip() in names
                ):
                    for quad in parse(line, RdfFormat.N_TRIPLES):
                        yield number, quad.triple


class Data:
    """A data graph; a context, at whose end its file is closed.

    Attributes:
        store: the facts, but those that are respelt.
        respelt: those with a literal that the store does not keep as it is, or reckon with.
        is_doubtful: whether a literal is among them that the engine of Core may misjudge.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Begin with nothing.

        Args:
            folder: where the text may be written; without one it is kept in memory.
        """
        self.store, self.is_doubtful = Store(), False
        self.respelt: frozenset[Triple] = frozenset()
        self._path = folder / "data.nt" if folder else None
        self._text: Any = self._path.open("w+b") if self._path else io.BytesIO()
        self._typed: set[bytes] = set()
        self._faulty: set[bytes] = set()

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the file."""
        self._text.close()

    @property
    def text(self) -> bytes | Path:
        """All of them as N-Triples, each literal as it was spelt."""
        if self._path is None:
            found: bytes = self._text.getvalue()
            return found
        self._text.flush()
        return self._path

    def triples(self) -> tuple[Triple, ...]:
        """Return all of them: costs what there are."""
        text = self.text
        given: Any = {"input": text} if isinstance(text, bytes) else {"path": text}
        quads = parse(format=RdfFormat.N_TRIPLES, **given)
        return tuple(dict.fromkeys(quad.triple for quad in quads))

    def facts(self) -> Facts:
        """Return them to walk in."""
        return Facts(self.store, self.respelt)

    def add(self, triples: Iterable[Triple]) -> None:
        """Put in triples; blank nodes keep their labels."""
        given = tuple(triples)
        text = core.n_triples(given)
        core.refuse_quoted(text)
        self._write(text)
        found = respelt(given)
        self.respelt |= found
        facts = (each for each in given if each not in found)
        self.store.bulk_extend(Quad(each.subject, each.predicate, each.object) for each in facts)

    def add_file(self, path: Path) -> frozenset[str] | None:
        """Put in a file of N-Triples as it stands, where that can be done; else nothing.

        Returns:
            The terms of the dip: namespace in it, and an empty name where the lint may find
            something else; None where nothing was put in.

        Raises:
            SyntaxProblem: it does not parse.
        """
        terms: set[bytes] = set()
        typed: set[bytes] = set()
        is_clean = True
        with syntax.unpacked(path) as file:
            start = file.tell()
            for part in _parts(file):
                if any(map(part.__contains__, _SPECIAL)) or _TAGGED.search(part):
                    return None
                if (found := core.typed(part)) is None:
                    return None
                typed |= found
                terms.update(_TERM.findall(part))
                is_clean = is_clean and not syntax.may_be_faulty(part)
            fresh = typed - self._typed
            if not all(map(spellings.is_kept, fresh)):
                return None
            file.seek(start)
            shutil.copyfileobj(file, self._text, _PART)
            file.seek(start)
            try:
                self.store.bulk_load(file, RdfFormat.N_TRIPLES)
            except (SyntaxError, MemoryError, ValueError, OSError):
                # The careful reader finds the words for it.
                for _ in syntax.read_rdf(path):
                    pass
                raise
        self._typed |= typed
        self._text.write(b"\n")
        self.is_doubtful = self.is_doubtful or core.is_doubtful(b"\n".join(fresh))
        self._faulty.update(filter(_is_faulty, fresh))
        is_clean = is_clean and typed.isdisjoint(self._faulty)
        return frozenset(each[1:-1].decode() for each in terms) | frozenset([""] * (not is_clean))

    def add_record(self, text: bytes) -> None:
        """Put in what follows, as N-Triples without blank nodes."""
        self._write(text)
        self.store.bulk_load(text, RdfFormat.N_TRIPLES, lenient=True)

    def derive(self, rules: Rules) -> Rules:
        """Put in what follows by rules, and return those that were carried out in time."""
        from dragoman import record

        place = self._text.tell()
        # The record follows from facts as the engine keeps them.
        respelt = [Quad(each.subject, each.predicate, each.object) for each in self.respelt]
        while True:
            beside = [each for each in respelt if each not in self.store]
            self.store.extend(beside)
            late = record.derived_within(self.store, rules, self._write)
            for each in beside:
                self.store.remove(each)
            if not late:
                return rules
            rules = rules.without(late)
            self._text.seek(place)
            self._text.truncate()
            self.store = store_of(each for each in self.triples() if each not in self.respelt)

    def _write(self, text: bytes) -> None:
        self._text.write(text)
        self.is_doubtful = self.is_doubtful or core.is_doubtful(text)


def of(triples: Iterable[Triple]) -> Data:
    """Return the data graph that triples are."""
    data = Data()
    data.add(triples)
    return data


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    """Yield a text in parts that end with a line."""
    rest = b""
    for part in iter(lambda: file.read(_PART), b""):
        end = part.rfind(b"\n") + 1
        if end:
            yield rest + part[:end]
            rest = part[end:]
        else:
            rest += part
    yield rest


def _is_faulty(literal: bytes) -> bool:
    """Return whether the lint finds anything wrong with a literal, given as N-Triples."""
    value, _, datatype = literal.decode("utf-8", "replace").rpartition("^^")
    term = Literal(value[1:-1], datatype=NamedNode(datatype[1:-1]))
    return next(iter(syntax.literal_problems(term)), None) is not None


def respelt(triples: Iterable[Triple]) -> frozenset[Triple]:
    """Return the triples whose literal the store does not keep as it is, or reckon with."""
    typed = [
        triple
        for triple in triples
        if isinstance(triple.object, Literal) and triple.object.datatype.value not in _KEPT
    ]
    if not typed:
        return frozenset()
    literals = {triple.object for triple in typed}
    store = Store()
    place = NamedNode("urn:dragoman:spelling")
    store.extend(Quad(place, place, literal, _GRAPH) for literal in literals)
    kept = {quad.object for quad in store}
    return frozenset(
        triple for triple in typed if triple.object not in kept or is_beyond(triple.object)
    )
