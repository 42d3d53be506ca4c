"""On which lines of a Turtle or N-Triples file its statements stand."""

from __future__ import annotations

__all__ = ["Blocks", "Positions", "blocks", "positions", "subject_lines"]

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, parse

from dragoman import vocabulary
from dragoman.syntax.lexer import tokens, unescape
from dragoman.syntax.reading import opened_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from dragoman.syntax.lexer import Token


@dataclass(frozen=True)
class Positions:
    """Where the statements of a Turtle or N-Triples file stand (1-based lines).

    Attributes:
        subjects: line where the first block of each subject IRI starts.
        pairs: line of the first occurrence of each (subject IRI, predicate IRI).
        triples: line of each statement of a pair that goes over several lines.
        prefixes: the prefixes that the file declares.
    """

    subjects: dict[str, int] = field(default_factory=dict)
    pairs: dict[tuple[str, str], int] = field(default_factory=dict)
    triples: dict[tuple[str, str, str], int] = field(default_factory=dict)
    prefixes: dict[str, str] = field(default_factory=dict)

    def line(
        self, subject: str, predicate: str | None = None, object_: str | None = None
    ) -> int | None:
        """Return the line of a statement, else of its subject's block, else None.

        Args:
            subject: its IRI.
            predicate: its IRI; None for the subject's block.
            object_: the IRI of one value; None for the first.
        """
        found = self.pairs.get((subject, predicate)) if predicate else None
        if predicate and object_:
            found = self.triples.get((subject, predicate, object_), found)
        return found or self.subjects.get(subject)


def subject_lines(path: str | Path, base_iri: str | None = None) -> Positions:
    """Find the line of each subject and each (subject, predicate) in a Turtle or N-Triples file.

    A lexical scan: the file is expected to parse, and one that does not gives what was found.
    Nested blank nodes are passed over. Relative IRIs are resolved against `base_iri`.
    """
    with opened_file(path, str(path)) as file:
        file.seek(0)
        return positions(file.read().decode("utf-8-sig", "replace"), base_iri)


def positions(  # noqa: PLR0912  one branch for each kind of token
    text: str, base_iri: str | None = None
) -> Positions:
    """Do what `subject_lines` does, for a text."""
    found = Positions()
    base, subject, predicate = base_iri or "", "", ""
    depth, line, counted, first = 0, 1, 0, 0
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
                value = absolute(unescape(token.text[1:-1]), base)
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
                first = found.pairs.setdefault((subject, predicate), line)
            place = "object"
        elif line != first and subject and predicate and kind in {"iri", "name"}:
            object_ = _resolve(token, found.prefixes, base)
            found.triples.setdefault((subject, predicate, object_), line)
    return found


def _resolve(token: Token, prefixes: Mapping[str, str], base: str) -> str:
    """Return the IRI that a token stands for; empty for blank nodes and undeclared prefixes."""
    if token.kind == "iri":
        return absolute(unescape(token.text[1:-1]), base)
    prefix, _, local = token.text.partition(":")
    if token.kind != "name" or prefix not in prefixes:
        return ""
    return prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)


def absolute(iri: str, base: str) -> str:
    """Return an IRI that a text writes, resolved against its base."""
    if not base or re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:", iri):
        return iri
    # The one resolver that agrees with the parser is the parser's own.
    return str(next(parse(f"<{iri}> a <> .", RdfFormat.TURTLE, base_iri=base)).subject)[1:-1]


@dataclass
class Blocks:
    """Where the nodes of a Turtle text stand, those without a name too.

    Nodes go by keys: an IRI, a label (`_:x`), or for those in brackets where they begin.

    Attributes:
        starts: node to the line (1-based) where its first block starts.
        values: (node, predicate IRI) to the values, in the order of the text; under an empty
            predicate the members of a list.
        roots: the blank nodes that are no values, in the order of the text.
    """

    starts: dict[str, int] = field(default_factory=dict)
    values: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    roots: list[str] = field(default_factory=list)

    @staticmethod
    def at(keys: Sequence[str], number: int) -> str | None:
        """Return one of the keys; None where there are fewer."""
        return keys[number] if number < len(keys) else None


@dataclass
class _Frame:
    """A statement, or what is inside brackets: its subject and predicate, and what comes next."""

    subject: str = ""
    predicate: str = ""
    place: str = "subject"


def blocks(path: str | Path, base: str = "") -> Blocks:
    """Find the nodes of a Turtle or N-Triples file, as `subject_lines` does its subjects."""
    with opened_file(path, str(path)) as file:
        file.seek(0)
        return _blocks(file.read().decode("utf-8-sig", "replace"), base)


def _blocks(text: str, base: str) -> Blocks:  # noqa: PLR0912  one branch for each kind of token
    found, prefixes = Blocks(), dict[str, str]()
    frames, directive = [_Frame()], list[str]()
    line, counted, is_datatype = 1, 0, False
    for token in tokens(text):
        line += text.count("\n", counted, token.start)
        counted = token.start
        frame = frames[-1]
        mark = token.text if token.kind == "mark" else ""
        if directive:
            directive.append(token.text)
            if token.kind == "iri":
                value = absolute(unescape(token.text[1:-1]), base)
                if len(directive) == 3:
                    prefixes[directive[1].removesuffix(":")] = value
                else:
                    base = value
                directive = []
        elif mark == "^^":
            is_datatype = True
        elif is_datatype:
            is_datatype = False
        elif len(frames) == 1 and frame.place == "subject" and token.kind in {"tag", "word"}:
            directive = [token.text]
        elif mark in {"]", ")"}:
            frames = frames[:-1] or [_Frame()]
        elif mark == ";":
            frame.place = "predicate"
        elif mark == ".":
            frames = [_Frame()]
        elif token.kind == "tag" or (mark and mark not in "[("):
            continue
        else:
            key = _key(token, prefixes, base)
            if frame.place == "predicate":
                frame.predicate = vocabulary.RDF_TYPE if token.text == "a" else key
                frame.place = "object"
                continue
            if frame.place == "subject":
                frame.subject, frame.place = key, "predicate"
            else:
                found.values.setdefault((frame.subject, frame.predicate), []).append(key)
            if frame.place == "predicate" or mark:
                found.starts.setdefault(key, line)
            if mark:
                frames.append(_Frame(key, "", "predicate" if mark == "[" else "object"))
    values = {key for keys in found.values.values() for key in keys}
    found.roots += [k for k in found.starts if k.startswith(("[", "_:")) and k not in values]
    return found


def _key(token: Token, prefixes: Mapping[str, str], base: str) -> str:
    """Return the key of a node; of a literal none."""
    if token.kind == "mark":
        return f"{token.text}{token.start}"
    return token.text if token.kind == "blank" else _resolve(token, prefixes, base)
