"""What a JSON-LD processor drops without a word: found by reading a text as if nothing were.

JSON-LD 1.1 (W3C 2020) lets a processor pass over keys that the context maps to no IRI, IRIs that
cannot be resolved or are none, blank nodes as predicates, language tags that are none, and values
that belong to nothing. In a copy of the text a vocabulary, a base and other spellings take the
place of what is missing or wrong: what comes out of the copy with these marks is what is lost.
Where the parser departs from the recommendation, that is told too.
"""

from __future__ import annotations

__all__ = ["Dropped", "dropped"]

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

from dragoman.syntax.guards import place
from dragoman.syntax.reading import opened_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyoxigraph import Quad

_VOCABULARY: Final = "x-dropped-key:"
_BASE: Final = "x-dropped-iri:///"
_BLANK: Final = "x-dropped-blank:"
_TAG: Final = "x-dropped-"
# What may not stand in an IRI, and what takes its place in the copy.
_BAD: Final = re.compile(r"[\x00-\x20<>\"{}|\\^`]")
_MARK: Final = re.compile(r"-bad([0-9a-f]{2})-")
_DOTS: Final = re.compile(r"/\.\.?/")
_DOTS_BEHIND_HOST: Final = re.compile(r"^//[^\s/]+\S*/\.\.?(?:/|$)")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_KEYWORDS: Final = frozenset(
    f"@{name}"
    for name in (
        *(
            "base",
            "container",
            "context",
            "direction",
            "graph",
            "id",
            "import",
            "included",
            "index",
        ),
        *("json", "language", "list", "nest", "none", "prefix", "propagate", "protected"),
        *("reverse", "set", "type", "value", "version", "vocab"),
    )
)


@dataclass(frozen=True)
class Dropped:
    """One thing in a text that is in no triple.

    Attributes:
        what: what it is, and why it is dropped; a sentence without its dot.
        line: where it stands first.
    """

    what: str
    line: int | None


def dropped(path: str | Path, base_iri: str | None = None) -> list[Dropped]:
    """Return what of a JSON-LD file, which parses, is in no triple, in the order of its lines.

    Args:
        path: the file; `.gz` is unpacked.
        base_iri: what relative IRIs are resolved against; None where they are dropped.
    """
    with opened_file(path, str(path)) as file:
        file.seek(0)
        return _dropped(file.read().removeprefix(b"\xef\xbb\xbf"), base_iri)


def _dropped(text: bytes, base_iri: str | None) -> list[Dropped]:
    twice: list[str] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        if len(set(keys)) < len(keys):
            twice.extend(sorted({key for key in keys if keys.count(key) > 1}))
        return dict(pairs)

    document = json.loads(text, object_pairs_hook=members)
    said = {f"the key {key!r} stands twice in one object": key for key in twice}
    terms = {kind: _contained(document, kind) for kind in ("@language", "@index")}
    said |= dict(_seen(document, "@graph", terms["@index"]))
    said |= dict(_dotted(document))
    if _scoped(document):
        said |= dict(_indexed(document, terms["@index"]))
    copied = _copied(document, terms["@language"])
    copy = json.dumps(_vocabulary(copied)).encode()
    read = {_plain(quad) for quad in parse(text, RdfFormat.JSON_LD, base_iri=base_iri)}
    try:
        quads = list(parse(copy, RdfFormat.JSON_LD, base_iri=base_iri or _BASE))
    except (SyntaxError, ValueError) as error:
        quads = []
        said[f"whether all of it was read cannot be told ({error})"] = ""
    if len({_plain(quad) for quad in quads}) > len(read):
        said |= {what: key for quad in quads for what, key in _marked(quad)}
    found = [Dropped(what, _line(text, key)) for what, key in said.items()]
    return sorted(found, key=lambda each: (each.line or 0, each.what))


def _plain(quad: Quad) -> tuple[str, ...]:
    """Return a quad without the labels of its blank nodes, which differ from run to run."""
    return tuple(each.value if isinstance(each, BlankNode) else str(each) for each in quad)


def _contained(node: object, kind: str) -> frozenset[str]:
    """Return the terms whose values any context puts into a container by language or index."""
    if isinstance(node, list):
        return frozenset().union(*(_contained(item, kind) for item in node))
    if not isinstance(node, dict):
        return frozenset()
    found = {
        name
        for name, value in node.items()
        if isinstance(value, dict) and kind in str(value.get("@container")) and kind not in value
    }
    return frozenset(found).union(*(_contained(value, kind) for value in node.values()))


def _seen(node: object, key: str, indexed: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield what can be seen in the text itself: what belongs to nothing, what only looks known."""
    if isinstance(node, list):
        for item in node:
            yield from _seen(item, key, indexed)
        return
    if key in {"@graph", "@included"} and (not isinstance(node, dict) or "@value" in node):
        value = node["@value"] if isinstance(node, dict) else node
        yield f"the value {value!r} belongs to nothing", str(value)
    if isinstance(node, dict):
        if key in indexed:
            for name in node.keys() - {"@none"}:
                yield f"the index {name!r} is no part of what is said", name
        for name, value in node.items():
            if re.fullmatch(r"@[A-Za-z]+", name) and name not in _KEYWORDS:
                yield f"the key {name!r} looks like a keyword of JSON-LD, and is none", name
            if name == "@index":
                yield f"the @index {value!r} is no part of what is said", str(value)
            if name != "@context":
                yield from _seen(value, name, indexed)


def _scoped(node: object, *, inside: bool = False) -> bool:
    """Return whether a term has a context of its own, as types may."""
    if isinstance(node, list):
        return any(_scoped(item, inside=inside) for item in node)
    return isinstance(node, dict) and any(
        (inside and isinstance(value, dict) and "@context" in value)
        or _scoped(value, inside=name == "@context")
        for name, value in node.items()
    )


def _indexed(node: object, terms: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield the terms whose index has things in it; the parser forgets there what a type means."""
    if isinstance(node, list):
        for item in node:
            yield from _indexed(item, terms)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name in terms and isinstance(value, dict) and "{" in str([*value.values()]):
                yield f"what {name!r} holds may be read without the contexts of types", name
            if name != "@context":
                yield from _indexed(value, terms)


def _dotted(node: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield IRIs whose dots the parser takes for names, where RFC 3986 takes them away."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _dotted(value, name)
    elif isinstance(node, list):
        for item in node:
            yield from _dotted(item, key)
    elif isinstance(node, str) and (_DOTS if key == "@base" else _DOTS_BEHIND_HOST).search(node):
        yield f"{node!r} has . or .. between its slashes: write it without them", node


def _copied(
    node: Any,  # noqa: ANN401
    tagged: frozenset[str],
    *,
    context: bool = False,
    key: str = "",
) -> Any:  # noqa: ANN401
    """Return a copy in which nothing is dropped: what would be has a mark."""
    if isinstance(node, list):
        return [_copied(item, tagged, context=context, key=key) for item in node]
    if isinstance(node, dict):
        named = _tag if key in tagged and not context else _key
        return {
            named(name): _copied(value, tagged, context=context or name == "@context", key=name)
            for name, value in node.items()
        }
    if isinstance(node, str):
        spelt = _tag if key == "@language" else _key if context else _spelt
        return spelt(node)
    # null takes away what stood before
    missing = {
        "@context": [None, {"@vocab": _VOCABULARY}],
        "@vocab": _VOCABULARY,
        "@base": _BASE,
    }
    return missing.get(key) if node is None and context else node


def _tag(text: str) -> str:
    if _LANGUAGE.fullmatch(text) or text == "@none":
        return text
    letters = text.encode().hex()
    return _TAG + "-".join(letters[start : start + 8] for start in range(0, len(letters), 8))


def _key(text: str) -> str:
    return _spelt(f"{_BLANK}{text[2:]}" if text.startswith("_:") else text)


def _spelt(text: str) -> str:
    return _BAD.sub(lambda found: f"-bad{ord(found[0]):02x}-", text)


def _vocabulary(document: Any) -> Any:  # noqa: ANN401
    """Put a vocabulary before every context, so that no key is without an IRI."""
    if isinstance(document, list):
        return [_vocabulary(item) for item in document]
    if not isinstance(document, dict):
        return document
    given = document.get("@context", [])
    contexts = given if isinstance(given, list) else [given]
    return {**document, "@context": [{"@vocab": _VOCABULARY}, *contexts]}


def _marked(quad: Quad) -> Iterator[tuple[str, str]]:
    """Yield what is lost of a quad of the copy, and the word in the text that shows where."""
    predicate = quad.predicate.value
    if predicate.startswith(_VOCABULARY):
        key = _original(predicate.removeprefix(_VOCABULARY))
        yield f"the key {key!r} is mapped to no IRI by any context", key
    elif predicate.startswith(_BLANK):
        key = f"_:{_original(predicate.removeprefix(_BLANK))}"
        yield f"the key {key!r} is a blank node, and no predicate can be one", key
    elif fault := _fault(predicate):
        yield f"the key {fault!r} stands for no IRI", fault
    for term in (quad.subject, quad.object, quad.graph_name):
        if isinstance(term, Literal):
            if (term.language or "").startswith(_TAG):
                letters = str(term.language).removeprefix(_TAG).replace("-", "")
                tag = bytes.fromhex(letters).decode()
                yield f"{term.value!r} has the language {tag!r}, which is no language tag", tag
            elif fault := _fault(term.datatype.value):
                yield f"the datatype {fault!r} is no IRI", fault
        elif isinstance(term, NamedNode) and (fault := _fault(term.value)):
            why = " (--base-iri resolves relative ones)" if term.value.startswith(_BASE) else ""
            yield f"{fault!r} is no IRI{why}, and what it stands in is no statement", fault


def _fault(iri: str) -> str:
    """Return how the text spells an IRI that is none; empty for one that is."""
    for start in (_VOCABULARY, _BASE, _BLANK):
        if iri.startswith(start):
            return _original(iri.removeprefix(start)) or "<>"
    return _original(iri) if _MARK.search(iri) else ""


def _original(text: str) -> str:
    return _MARK.sub(lambda found: chr(int(found[1], 16)), text)


def _line(text: bytes, word: str) -> int | None:
    if not word:
        return None
    for spelt in (json.dumps(word, ensure_ascii=False), json.dumps(word)):
        if (found := text.find(spelt.encode())) >= 0:
            return place(text, found)[0]
    return None
