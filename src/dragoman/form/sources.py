"""Report forms as files: the Turtle of the source that one tells of, and the form of a source."""

from __future__ import annotations

__all__ = [
    "FOLDER",
    "REFERENCE",
    "Made",
    "keys_of",
    "made",
    "of_source",
    "text_file",
    "with_reference",
]

import json
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from pyoxigraph import Literal, NamedNode, Triple

from dragoman import kept, syntax, turtle, vocabulary
from dragoman import store as stores
from dragoman.base import DATA, ONTOLOGY, SHAPES, source_iri, user_cache
from dragoman.errors import DragomanError, SyntaxProblem
from dragoman.form import compiling, rules, telling
from dragoman.form.keys import Keys, Nesting, Property, keys
from dragoman.form.reading import Block, Text, read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dragoman.base import Base
    from dragoman.store import LocalStore

# The source of things that forms tell of for other sources, and its folder below `data/`.
REFERENCE: Final = "own"
FOLDER: Final = "reference"
_TITLE: Final = "Things that sources of this base tell of"
_MOST: Final = 20
_LONGEST_TEXT: Final = 50_000_000


@dataclass(frozen=True)
class Made:
    """A source that was made of a report form.

    Attributes:
        name: what it is called.
        content: its Turtle.
        reference: Turtle of what belongs to the reference data of the base; empty for nothing.
        positions: on which lines of the form it says so.
        problems: what could not be read, each with its line.
        unsaid: subjects and properties of which something could not be read.
    """

    name: str
    content: bytes
    reference: bytes = b""
    positions: syntax.Positions = field(default_factory=syntax.Positions)
    problems: tuple[syntax.Finding, ...] = ()
    unsaid: frozenset[tuple[str, str]] = frozenset()


def keys_of(base: Base) -> Keys:
    """Return what can be said in the report forms of a base, worked out once."""
    return _known(kept.key(base.sources(ONTOLOGY, SHAPES), "form"), base)


@lru_cache(maxsize=4)
def _known(key: str, base: Base) -> Keys:
    place = user_cache() / "form" / key
    try:
        opened = kept.opened(place)
        if opened is not None:
            with opened as file:
                return _keys_from(json.load(file))
    except Exception:  # noqa: BLE001, S110  whatever a damaged file makes of it, it is made anew
        pass
    found = keys(stores.load(base, ONTOLOGY, SHAPES).store)
    told = asdict(found) | {"above": {kind: sorted(over) for kind, over in found.above.items()}}
    kept.keep(place, json.dumps(told).encode(), _MOST)
    return found


def _keys_from(told: dict[str, dict[str, dict[str, object]]]) -> Keys:
    def whole(values: dict[str, object]) -> dict[str, object]:
        return {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}

    return Keys(
        {iri: Property(**whole(each)) for iri, each in told["properties"].items()},  # type: ignore[arg-type]
        {iri: Nesting(**whole(each)) for iri, each in told["nestings"].items()},  # type: ignore[arg-type]
        {kind: frozenset(over) for kind, over in told["above"].items()},
    )


def made(base: Base, path: Path, label: str, found: LocalStore) -> Made:
    """Make a source of a report form.

    Args:
        base: the base, for its keys and prefixes.
        path: the file of the form; that of the text is looked for beside it.
        label: how to call it in messages.
        found: the facts of the base, in which names are looked up.

    Raises:
        SyntaxProblem: it is no report form, or does not say what its source is called.
        UnreadableFilesError: several such things are wrong with it.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SyntaxProblem(f"It cannot be read: {error.strerror or error}.", label) from error
    form = read(data, label)
    text, problem = _text(form, path, label)
    told = compiling.compiled(form, label, keys_of(base), found, base.prefixes(), text)
    if told.name == REFERENCE:
        raise SyntaxProblem(
            f"A source cannot be called {REFERENCE!r}: so the reference data of the base is.",
            label,
            form.key("source").line,
        )
    prefixes = {
        **base.prefixes(),
        **rules.own_prefixes(source_iri(told.name)),
    }
    reference, contradictions = _new_to(base, told, label)
    problems = (*([problem] if problem else []), *told.problems, *contradictions)
    return Made(
        told.name,
        turtle.written(rules.in_order(told.triples), prefixes),
        turtle.written(rules.in_order(reference), prefixes) if reference else b"",
        told.positions,
        tuple(sorted(problems, key=lambda each: each.line or 0)),
        told.unsaid,
    )


def text_file(path: Path) -> Path | None:
    """Return the file of the text that a form names; None where it names none, or is no form."""
    try:
        return _text_file(read(path.read_bytes(), str(path)), path)
    except (OSError, DragomanError):
        return None


def _text_file(form: Block, path: Path) -> Path | None:
    node = form.get("text")
    named = isinstance(node, Text) and node.value not in {"", "none"}
    return path.parent / node.value if named and isinstance(node, Text) else None


def _text(form: Block, path: Path, label: str) -> tuple[str | None, syntax.Finding | None]:
    """Return the text of the source, and what is wrong with it."""
    place = _text_file(form, path)
    if place is None:
        return None, None
    try:
        if not place.is_file():
            raise FileNotFoundError(2, "there is no such file")
        if place.stat().st_size > _LONGEST_TEXT:
            why = f"it is larger than {_LONGEST_TEXT:,} bytes"
        else:
            return place.read_bytes().decode(), None
    except UnicodeDecodeError:
        why = "it is not UTF-8"
    except (OSError, ValueError) as error:
        why = f"it cannot be read: {getattr(error, 'strerror', '') or error}"
        if form.get("sha256") is not None:  # offsets do without it
            return None, None
    said = f"text: {place}: {why}. Name the file of the text, beside this one, or `text: none`."
    return None, syntax.Finding(label, form.key("text").line, compiling.RULE, said)


def of_source(  # noqa: PLR0913, PLR0917  a source, and what its form says
    base: Base,
    name: str,
    triples: Sequence[Triple],
    found: LocalStore,
    text: str | None = None,
    file: str = "",
) -> str:
    """Return the report form of a source.

    Args:
        base: the base, for its keys and prefixes.
        name: what the source is called.
        triples: what it says, in the order in which it is to be told.
        found: the facts of the base.
        text: the text of the source; None where it is not at hand.
        file: how the form is to name the file of the text.
    """
    return telling.told(name, triples, keys_of(base), found, base.prefixes(), text, file)


def with_reference(base: Base, more: Sequence[bytes]) -> bytes:
    """Return the reference data that a base has of its own, with more things behind, as Turtle.

    What stands there stays as it is, comments and all.

    Raises:
        SyntaxProblem: the file of the reference data does not parse.
    """
    about = NamedNode(source_iri(REFERENCE))
    prefixes = base.prefixes()
    old = next((each for each in base.sources(DATA) if each.graph == about.value), None)
    added = [quad.triple for content in more for quad in syntax.read_rdf(content, "turtle")]
    if old is not None and old.path.suffix == ".ttl":
        text = old.path.read_bytes().decode("utf-8-sig").rstrip()
        made = turtle.written(rules.in_order(dict.fromkeys(added)), prefixes).decode()
        blocks = "\n".join(line for line in made.split("\n") if not line.startswith("@prefix "))
        longer = syntax.declared(f"{text}\n\n{blocks.strip()}\n", prefixes).encode()
        if set(added) <= {quad.triple for quad in syntax.read_rdf(longer, "turtle")}:
            return longer  # else the file has prefixes of another meaning
    before = _reference(base) or [
        Triple(about, NamedNode(vocabulary.RDF_TYPE), NamedNode(vocabulary.SOURCE_CLASS)),
        Triple(about, NamedNode(vocabulary.DCTERMS_TITLE), Literal(_TITLE, language="en")),
    ]
    return turtle.written(rules.in_order(dict.fromkeys([*before, *added])), prefixes)


def _reference(base: Base) -> list[Triple]:
    """Return the reference data that a base has of its own."""
    graph = source_iri(REFERENCE)
    old = [each for each in base.sources(DATA) if each.graph == graph]
    return [quad.triple for each in old for quad in syntax.read_rdf(each.path)]


def _new_to(
    base: Base, told: compiling.Compiled, label: str
) -> tuple[list[Triple], list[syntax.Finding]]:
    """Return what a form adds to the reference data, and what of it contradicts what is there."""
    if not told.reference:
        return [], []
    there: dict[object, set[Triple]] = defaultdict(set)
    for each in _reference(base):
        there[each.subject].add(each)
    new = [each for each in told.reference if each not in there[each.subject]]
    other = {each.subject: None for each in new if there[each.subject]}
    short = syntax.shortener(base.prefixes())
    problems = [
        syntax.Finding(
            label,
            told.positions.line(str(getattr(each, "value", ""))),
            compiling.RULE,
            f"{short(str(getattr(each, 'value', '')))} is in {DATA}/{FOLDER}/{REFERENCE}.ttl "
            "already, and told otherwise there: take it out of reference:, or change that source.",
        )
        for each in other
    ]
    return [each for each in new if each.subject not in other], problems
