"""The fast engine for SHACL Core: the Rust package `shacl`, made to answer as the reference does.

It is trusted with a constraint only where its results are proven to be those of the reference;
`unproven` names the others, which the caller gives to the reference. Everything that is not Core
is taken out of the shapes graph before the engine sees it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, parse, serialize

from dragoman import datatypes, vocabulary
from dragoman.errors import DragomanError, ShapesError
from dragoman.validation import messages
from dragoman.validation import shape_graph as sh
from dragoman.validation.report import Finding, Path

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from pyoxigraph import Quad

    from dragoman.validation.report import Term
    from dragoman.validation.shape_graph import Shape, ShapesGraph

_ILL_FORMED: Final = "the shapes graph is not well-formed: "
_CLOSED: Final = sh.COMPONENTS[sh.CLOSED]


def available() -> bool:
    """Return whether the engine is installed: it has no wheel for every platform."""
    return find_spec("shacl") is not None


def unproven(shapes: Collection[Triple]) -> dict[tuple[Term, str], str]:
    """Return the Core constraints that the engine is not trusted with, and why.

    The key is the shape and the parameter that makes the constraint, one of `COMPONENTS` (for a
    qualified value shape, the parameter of the count). A constraint that looks into other shapes
    is unproven where one of theirs is, or is written in SPARQL. Where the shapes graph is not
    well-formed, all constraints are.
    """
    return dict(prepare(frozenset(shapes)).details.unproven)


def run(
    shapes: Prepared | Collection[Triple],
    data: bytes | FilePath | Iterable[Triple],
    doubtful: bool | None = None,
) -> list[Finding]:
    """Return the findings of all Core constraints but those that are `unproven`, in no order.

    Args:
        shapes: the shapes graph; one that was prepared, or a frozenset handed in again, is used at
            once.
        data: the data graph, as N-Triples in UTF-8, those of a file, or as triples. Blank nodes
            keep their labels.
        doubtful: what `is_doubtful` said of the text, where that is known.

    Raises:
        ShapesError: the shapes graph is not well-formed, or the data hold a quoted triple.
        DragomanError: the data are not N-Triples.
    """
    prepared = shapes if isinstance(shapes, Prepared) else prepare(frozenset(shapes))
    if prepared.problem:
        raise ShapesError(f"The shapes cannot be used: {prepared.problem}")
    file = data if isinstance(data, FilePath) else None
    text = (
        data if isinstance(data, bytes) else b"" if isinstance(data, FilePath) else n_triples(data)
    )
    refuse_quoted(text)
    if not prepared.text:
        return []
    if is_doubtful(text) if doubtful is None else doubtful:
        return _by_reference(prepared.details, file.read_bytes() if file else text)
    engine = _engine(prepared.text)
    try:
        if file:
            results = engine.validate_file(str(file)).results
        else:
            results = engine.validate_text(text.decode(), "ntriples").results
    except ValueError as error:
        raise DragomanError(f"The data cannot be read: {error}") from error
    return list(_findings(prepared, results, file or text)) if results else []


# ------------------------------------------------------------------ the shapes


class Details(NamedTuple):
    """What is needed of a shapes graph once there are findings.

    Attributes:
        graph: the shapes graph.
        unproven: see the function.
        shapes: IRI in the text that the engine is given, to shape.
    """

    graph: ShapesGraph
    unproven: dict[tuple[Term, str], str]
    shapes: dict[str, Shape]

    def finding(self, shape: Shape, component: str, path: Path | None) -> Finding:
        """Return a finding without focus and value."""
        severity = shape.one(sh.SEVERITY)
        return Finding(
            focus=shape.node,
            severity=severity.value if severity else vocabulary.SH_VIOLATION,
            shape=shape.node,
            component=component,
            path=path,
            messages=messages.messages(
                shape.node, component, path, self.graph.all, self.graph.items
            ),
        )


class Prepared:
    """A shapes graph, ready to validate with.

    Attributes:
        text: what the engine is given, as N-Triples; empty where nothing is left to check.
        problem: why the shapes graph is not well-formed; empty where it is.
    """

    def __init__(self, text: bytes, problem: str, details: Callable[[], Details]) -> None:
        self.text, self.problem, self._details = text, problem, details

    @cached_property
    def details(self) -> Details:
        """The rest, got when it is first asked for."""
        return self._details()


@lru_cache(maxsize=4)
def prepare(shapes: frozenset[Triple]) -> Prepared:
    """Make a shapes graph ready; worked out once for each."""
    graph = sh.ShapesGraph(shapes)
    try:
        found = _unproven(graph)
    except ShapesError as error:
        return _nothing_proven(graph, str(error))
    start = _unused_start(graph)
    names = {
        node: NamedNode(f"{start}{number}") if isinstance(node, BlankNode) else node
        for number, node in enumerate(graph.shapes)
    }
    # Two shapes may share a path or a list.
    text = n_triples(dict.fromkeys(_handed_over(graph, names, found)))
    try:
        _engine(text)
    except ValueError as error:
        return _nothing_proven(graph, " ".join(str(error).split()))
    by_name = {names[node].value: shape for node, shape in graph.shapes.items()}
    details = Details(graph, found.constraints, by_name)
    return Prepared(text, "", lambda: details)


@lru_cache(maxsize=4)
def _engine(text: bytes) -> Any:  # noqa: ANN401
    import shacl

    return shacl.Shapes.from_text(text.decode(), "ntriples") if text else None


def _nothing_proven(graph: ShapesGraph, problem: str) -> Prepared:
    everything = {
        (node, parameter): _ILL_FORMED + problem
        for node, said in graph.about.items()
        for parameter in said
        if parameter in sh.COMPONENTS
    }
    details = Details(graph, everything, {})
    return Prepared(b"", problem, lambda: details)


def _unused_start(graph: ShapesGraph) -> str:
    start = "urn:shape:"
    while any(node.value.startswith(start) for node in graph.nodes):
        start += "x"
    return start


def _handed_over(
    graph: ShapesGraph, names: dict[Term, Any], unproven_: _Unproven
) -> Iterator[Triple]:
    """Return what the engine is to see: what decides about Core, and is proven.

    Shapes without a name get one, for the engine gives blank nodes labels of its own. Paths stay
    blank nodes: an IRI in the place of a path is a predicate.
    """
    for node, shape in graph.shapes.items():
        name = names[node]
        kind = f"{vocabulary.SH}NodeShape" if shape.path is None else vocabulary.SH_PROPERTY_SHAPE
        yield Triple(name, _TYPE, NamedNode(kind))
        if graph.is_class(node) and node not in unproven_.targets:
            yield Triple(name, NamedNode(vocabulary.SH_TARGET_CLASS), name)
        for predicate, values in shape.said.items():
            left_out = (node, predicate) in unproven_.constraints or (
                predicate in sh.TARGETS and node in unproven_.targets
            )
            if predicate not in sh.DECIDES or predicate == sh.SEVERITY or left_out:
                continue
            for value in values:
                to: Any = value
                if predicate in _TO_SHAPES:
                    to = names[value]
                elif predicate in sh.LOGICAL_LISTS:
                    to = _cell(value)
                    yield from _cells(graph, value, names, _cell)
                elif predicate in _TO_LISTS:
                    yield from _cells(graph, value, {}, lambda each: each)
                yield Triple(name, NamedNode(predicate), to)
        if shape.path:
            yield from shape.path.triples


def _cells(
    graph: ShapesGraph, head: Term, names: dict[Term, Any], name: Callable[[Any], Any]
) -> Iterator[Triple]:
    cell = head
    while cell.value != f"{vocabulary.RDF}nil":
        (first,), (rest,) = (
            graph.all(cell, each) for each in (vocabulary.RDF_FIRST, vocabulary.RDF_REST)
        )
        yield Triple(name(cell), NamedNode(vocabulary.RDF_FIRST), names.get(first, first))
        yield Triple(name(cell), NamedNode(vocabulary.RDF_REST), name(rest))
        cell = rest


def _cell(cell: Term) -> Term:
    """Return a name for a cell of a list of shapes, for a path may share the cell.

    In the one, what the cell holds is a shape, which gets a name, in the other it is a path.
    """
    return cell if cell.value == f"{vocabulary.RDF}nil" else NamedNode(f"urn:cell:{cell.value}")


_TYPE: Final = NamedNode(vocabulary.RDF_TYPE)
_TO_SHAPES: Final = frozenset((sh.PROPERTY, sh.NODE, sh.NOT, sh.QUALIFIED))
_TO_LISTS: Final = frozenset((sh.IN, sh.LANGUAGE_IN, sh.IGNORED))


# ------------------------------------------------------------------ what is not proven


@dataclass(frozen=True)
class _Unproven:
    """Constraints, and shapes whose targets are, that the engine is not trusted with."""

    constraints: dict[tuple[Term, str], str]
    targets: frozenset[Term]


def _unproven(graph: ShapesGraph) -> _Unproven:
    """Raises ShapesError: the shapes graph is not well-formed."""
    found: dict[tuple[Term, str], str] = {}

    def add(node: Term, why: str, parameters: Iterable[str] | None = None) -> None:
        for parameter in graph.shapes[node].parameters if parameters is None else parameters:
            found.setdefault((node, parameter), why)

    for node in graph.circular:
        add(node, "its shape is in or below a circle of shapes, or nests too deep")
    for node, shape in graph.shapes.items():
        for parameter in shape.parameters:
            if why := _doubt(graph, shape, parameter):
                add(node, why, [parameter])
    targets = frozenset(
        node
        for node, shape in graph.shapes.items()
        if sh.TARGET in shape.said
        or (graph.is_class(node) and isinstance(node, BlankNode))
        or any(isinstance(each, BlankNode) for each in shape.all(sh.TARGETS[0]))
    )
    for node in graph.reached(targets, by=sh.PROPERTY):
        add(node, "a query or a blank node of the shapes graph is a target")
    # What looks into a shape is no more certain than that shape.
    doubtful = _users(graph, {node for node, parameter in found if parameter != sh.PROPERTY})
    for node, shape in graph.shapes.items():
        for parameter, inner in shape.inner.items():
            looked_into = {*inner, *(graph.siblings(shape) if parameter == sh.QUALIFIED else ())}
            if parameter != sh.PROPERTY and not doubtful.isdisjoint(looked_into):
                counts = (sh.QUALIFIED_MIN, sh.QUALIFIED_MAX)
                made = [each for each in counts if each in shape.said]
                why = "a shape it looks into has a constraint for another engine"
                add(node, why, made if parameter == sh.QUALIFIED else [parameter])
    return _Unproven(found, targets)


def _users(graph: ShapesGraph, shapes: set[Term]) -> set[Term]:
    """Return these shapes, those not of Core alone, and all that look into them."""
    users: dict[Term, list[Term]] = {}
    for node, inner in graph.inner.items():
        for each in inner:
            users.setdefault(each, []).append(node)
    waiting = [
        node
        for node, shape in graph.shapes.items()
        if node in shapes or graph.is_beyond_core(shape)
    ]
    found: set[Term] = set()
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += users.get(node, ())
    return found


def _doubt(graph: ShapesGraph, shape: Shape, parameter: str) -> str:
    """Return why the engine is not trusted with a constraint; empty where it is."""
    values = shape.all(parameter)
    value = values[0]
    # A list for those parameters that take one list.
    items = graph.items(value) if parameter in _TO_LISTS else []
    equal_sibling = (graph.has_equal_sibling(shape), "a sibling shape is the same shape")
    doubts: dict[str, tuple[bool, str]] = {
        sh.QUALIFIED_MIN: equal_sibling,
        sh.QUALIFIED_MAX: equal_sibling,
        sh.PATTERN: (
            sh.FLAGS in shape.said or not _is_plain(value.value),
            "regular expressions differ between engines",
        ),
        sh.LENGTHS[0]: (value.value.strip("0") == "", "engines differ about a length of 0"),
        sh.DATATYPE: (
            value.value.startswith(vocabulary.RDFS),
            "the reference takes it for a datatype above others",
        ),
        sh.HAS_VALUE: (any(isinstance(each, BlankNode) for each in values), _NAMES_A_BLANK),
        sh.IN: (any(isinstance(each, BlankNode) for each in items), _NAMES_A_BLANK),
        sh.CLOSED: (shape.path is not None, "engines differ about the focus node"),
        sh.LANGUAGE_IN: (
            not all(_PLAIN_LANGUAGE.fullmatch(each.value) for each in items),
            "language ranges differ between engines",
        ),
        sh.LOGICAL_LISTS[-1]: (
            parameter in shape.inner
            and len(set(shape.inner[parameter])) < len(shape.inner[parameter]),
            "a shape stands twice in the lists",
        ),
    }
    doubt, why = doubts.get(parameter, (False, ""))
    return why if doubt else ""


_NAMES_A_BLANK: Final = "it names a blank node of the shapes graph"


def _is_plain(pattern: str) -> bool:
    """Return whether all regular expression engines take a pattern the same way."""
    if not _PLAIN_PATTERN.fullmatch(pattern):
        return False
    try:
        re.compile(pattern)
    except re.error:
        return False
    # Engines limit how large a pattern may grow when its repetitions are written out.
    size = 1
    for repeated in _REPEATED.findall(pattern):
        size *= max(1, int(repeated))
    return size <= _LARGEST


_LARGEST: Final = 10_000
_REPEATED: Final = re.compile(r"([0-9]+)\}")
_PLAIN_LANGUAGE: Final = re.compile(r"[A-Za-z]+")
# What reads the same in Python and in Rust: signs, digits, classes of signs and ranges of them,
# groups, quantifiers and anchors.
_SIGN: Final = (
    r"(?:[^\\\[\](){}*+?|^$.\x00-\x1f-]|\\[.\\?*+{}()|\[\]^$-]|\\u(?!D[89A-F])[0-9A-F]{4})"
)
_PLAIN_PATTERN: Final = re.compile(
    rf"""(?x)
    (?! .* (?: && | ~~ | -- | \|\| ) )          # operators in classes, to some
    (?: {_SIGN} | - | \\d | \. | \^ | \$ | \|
      | \( (?! [?*+] ) | \( \?: | \)
      | \[ \^? -? (?: {_SIGN} (?: - {_SIGN} )? | [.$(){{}}*+?|] | \\d )+ -? \]
      | (?<! [(|^$] ) (?: [*+?] | \{{ [0-9]{{1,4}} (?: , (?: [0-9]{{1,4}} )? )? \}} ) (?! [*+?{{] )
    )*
    """
)


# ------------------------------------------------------------------ the data and the results

_NODE: Final = rb"[ \t]*(?:<[^<>\r\n]*>|_:([^\s<>\"]+))"
_QUOTED: Final = re.compile(rb"(?:\A|[\r\n])(?:" + _NODE + rb"){0,2}[ \t]*<<")
_STATEMENT: Final = re.compile(
    rb"(?:\A|[\r\n])" + _NODE + rb"[ \t]*<[^<>\r\n]*>[ \t]*(?:_:([^\s<>\"]+))?"
)
_TYPED: Final = re.compile(rb'(?<!\\)"[^"\\\n]*+"\^\^<[^>\n]*>')
# The engine takes 24:00:01 for a time of the day, and has no room for numbers as long as these.
_DOUBTFUL: Final = re.compile(
    rb"T24:(?!00:00(?:\.0+)?(?:Z|[+-]|\"))"
    rb"|[0-9]{18}[^\"\n]*\"\^\^<http://www\.w3\.org/2001/XMLSchema#(?:da|de|du|t)"
)
# Of these datatypes it takes any text.
_UNCHECKED: Final = re.compile(
    rb"\"\^\^<(http://www\.w3\.org/(?:2001/XMLSchema#(?:g|d(?:ateTimeS|u|ayT)|year|hex|base64|lang"
    rb"|norm|tok|N)|1999/02/22-rdf-syntax-ns#(?:JSON|XML))[A-Za-z]*)>"
)


def refuse_quoted(text: bytes) -> None:
    """Refuse N-Triples with a quoted triple.

    Raises:
        ShapesError: there is one.
    """
    # To look for a word first is ten times as fast as the expression.
    if b"<<" in text and (quoted := _QUOTED.search(text)):
        line = text[quoted.start() :].strip().split(b"\n", 1)[0].decode(errors="replace")
        raise ShapesError(f"SHACL knows no quoted triple, but there is {line}")


def typed(text: bytes) -> set[bytes] | None:
    """Return the literals with a datatype in N-Triples; None where one has an escaped sign."""
    found = _TYPED.findall(text)
    return set(found) if len(found) == text.count(b'"^^') else None


def is_doubtful(text: bytes) -> bool:
    """Return whether there is a literal that the engine may misjudge."""
    few = typed(text)  # in most texts a few come again and again
    text = text if few is None else b"\n".join(few)
    if _DOUBTFUL.search(text):
        return True
    for found in _UNCHECKED.finditer(text):
        start = text.rfind(b'"', 0, found.start()) + 1
        lexical = text[start : found.start()].decode()
        # what is escaped is in no lexical space but those of texts
        if "\\" in lexical or text[start - 2 : start - 1] == b"\\":
            return True
        if not datatypes.well_formed(lexical, found[1].decode()):
            return True
    return False


def _read(text: bytes) -> Iterable[Quad]:
    return parse(text, RdfFormat.N_TRIPLES)


def n_triples(data: Iterable[Triple]) -> bytes:
    """Return triples as N-Triples."""
    text: Any = serialize(data, format=RdfFormat.N_TRIPLES)
    return bytes(text)


def _by_reference(details: Details, text: bytes) -> list[Finding]:
    from dragoman.validation import reference

    data = (Triple(quad.subject, quad.predicate, quad.object) for quad in _read(text))
    left_out = {(node, sh.COMPONENTS[parameter]) for node, parameter in details.unproven}
    return [
        finding
        for finding in reference.run(reference.Job(details.graph.triples, tuple(data)))
        if finding.component in messages.COMPONENTS
        and (finding.shape, finding.component) not in left_out
    ]


def _findings(prepared: Prepared, results: list[Any], text: bytes | FilePath) -> Iterator[Finding]:
    spelt = {term for each in results for term in (each.focus_node, each.value)}
    terms = _terms(spelt, prepared.text, text)
    details = prepared.details
    made: dict[tuple[str, str, str], Finding] = {}
    for result in results:
        component, path = result.component_iri, ""
        if component == _CLOSED:
            path = result.path
        key = (result.source_shape, component, path)
        if key not in made:
            shape = details.shapes[result.source_shape[1:-1]]
            closed = Path(path, NamedNode(path[1:-1])) if path else shape.path
            made[key] = details.finding(shape, component, closed)
        model = made[key]
        yield Finding(
            terms[result.focus_node],
            model.severity,
            model.shape,
            component,
            model.path,
            terms[result.value],
            None,
            model.messages,
        )


def _terms(spelt: set[str | None], shapes: bytes, text: bytes | FilePath) -> dict[str | None, Any]:
    """Return the terms that the engine wrote as N-Triples."""
    found: dict[str | None, Any] = {None: None}
    labels: list[str] = []
    others: list[str] = []
    for each in spelt:
        if each is None:
            continue
        if not each.startswith("_:"):
            others.append(each)
            continue
        if not labels:
            data = text if isinstance(text, bytes) else text.read_bytes()
            labels = _labels(shapes) + _labels(data)
        # The engine calls them `_:0_b<number>`, numbered as they appear, those of the shapes first.
        found[each] = BlankNode(labels[int(each.rpartition("_b")[2])])
    statements = "".join(f"<urn:s> <urn:p> {each} .\n" for each in others)
    for each, quad in zip(others, _read(statements.encode()), strict=True):
        found[each] = quad.object
    return found


def _labels(text: bytes) -> list[str]:
    """Return the labels of the blank nodes in N-Triples in the order of their first appearance."""
    labels: dict[bytes, None] = {}
    for subject, value in _STATEMENT.findall(text):
        if subject:
            labels[subject] = None
        if value:
            # A label may hold dots, but does not end in one.
            labels[value.rstrip(b".")] = None
    return [label.decode() for label in labels]
