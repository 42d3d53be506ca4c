"""Reading a shapes graph: its shapes, what each demands, its paths, and whether it is well-formed.

Shapes are found as the reference finds them (SHACL 2.1, with the parameters that name shapes).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from dragoman import vocabulary
from dragoman.errors import ShapesError
from dragoman.validation.report import Path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dragoman.validation.report import Term

_SH: Final = vocabulary.SH


def _sh(*names: str) -> tuple[str, ...]:
    return tuple(f"{_SH}{name}" for name in names)


SEVERITY, MESSAGE, DEACTIVATED, PATH, PROPERTY, NODE, NOT, QUALIFIED = _sh(
    *("severity", "message", "deactivated", "path", "property", "node", "not"),
    "qualifiedValueShape",
)
QUALIFIED_MIN, QUALIFIED_MAX, DISJOINT_QUALIFIED = _sh(
    "qualifiedMinCount", "qualifiedMaxCount", "qualifiedValueShapesDisjoint"
)
CLOSED, IGNORED, PATTERN, FLAGS, IN, LANGUAGE_IN, UNIQUE_LANG, HAS_VALUE = _sh(
    *("closed", "ignoredProperties", "pattern", "flags", "in", "languageIn", "uniqueLang"),
    "hasValue",
)
CLASS, DATATYPE, NODE_KIND, SPARQL = _sh("class", "datatype", "nodeKind", "sparql")
TARGETS: Final = _sh("targetNode", "targetClass", "targetSubjectsOf", "targetObjectsOf")
COUNTS: Final = _sh("minCount", "maxCount")
LENGTHS: Final = _sh("minLength", "maxLength")
RANGES: Final = _sh("minInclusive", "minExclusive", "maxInclusive", "maxExclusive")
PAIRS: Final = _sh("equals", "disjoint")
ORDERS: Final = _sh("lessThan", "lessThanOrEquals")
LOGICAL_LISTS: Final = _sh("and", "or", "xone")
_NODE_SHAPE: Final = f"{_SH}NodeShape"
TARGET, EXPRESSION, SELECT = _sh("target", "expression", "select")
MAKE_A_SHAPE: Final = frozenset((*TARGETS, PROPERTY, NODE))
_LEAD_TO_SHAPES: Final = frozenset((PROPERTY, NODE, NOT, QUALIFIED, *LOGICAL_LISTS))
NODE_KINDS: Final = frozenset(
    _sh("IRI", "BlankNode", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral")
)

# The parameter that makes a constraint, to the component that reports it.
COMPONENTS: Final[Mapping[str, str]] = {
    parameter: f"{_SH}{name[0].upper()}{name[1:]}ConstraintComponent"
    for parameter in (
        *(CLASS, DATATYPE, NODE_KIND, *COUNTS, *RANGES, *LENGTHS, PATTERN, LANGUAGE_IN),
        *(UNIQUE_LANG, *PAIRS, *ORDERS, NOT, *LOGICAL_LISTS, NODE, PROPERTY, QUALIFIED_MIN),
        *(QUALIFIED_MAX, CLOSED, HAS_VALUE, IN),
    )
    for name in (parameter.removeprefix(_SH),)
}
# What of a shapes graph decides about Core, beside its lists and paths.
DECIDES: Final = frozenset(
    (
        *(*COMPONENTS, *TARGETS, SEVERITY, DEACTIVATED, PATH, QUALIFIED, DISJOINT_QUALIFIED),
        *(IGNORED, FLAGS),
    )
)
_PATHS: Final[Mapping[str, str]] = dict(
    zip(
        _sh("inversePath", "zeroOrMorePath", "zeroOrOnePath", "oneOrMorePath"),
        ("^{}", "{}*", "{}?", "{}+"),
        strict=True,
    )
)
_ALTERNATIVE: Final = f"{_SH}alternativePath"
_LIST: Final = (vocabulary.RDF_FIRST, vocabulary.RDF_REST)
_BOOLEANS: Final = (CLOSED, UNIQUE_LANG, DISJOINT_QUALIFIED, DEACTIVATED)
# Of these the W3C tests that "1" is well-formed, and not true.
_ODD: Final = (UNIQUE_LANG, DISJOINT_QUALIFIED)
_SPELT_AS_NUMBERS: Final = tuple(
    Literal(each, datatype=NamedNode(vocabulary.XSD_BOOLEAN)) for each in "01"
)
# Only a property shape may have these (SHACL 4.2.1, 4.4.3, 4.5.3, 4.7.3).
_OF_PROPERTIES: Final = (*COUNTS, UNIQUE_LANG, *ORDERS, QUALIFIED, QUALIFIED_MIN, QUALIFIED_MAX)
_IRIS: Final = (CLASS, DATATYPE, NODE_KIND, *PAIRS, *ORDERS, *TARGETS[1:], SEVERITY)
_ONCE: Final = frozenset(
    (
        *(
            DATATYPE,
            NODE_KIND,
            *COUNTS,
            *LENGTHS,
            *RANGES,
            PATTERN,
            FLAGS,
            LANGUAGE_IN,
            UNIQUE_LANG,
        ),
        *(CLOSED, IGNORED, IN, QUALIFIED, QUALIFIED_MIN, QUALIFIED_MAX, DISJOINT_QUALIFIED),
        *(SEVERITY, DEACTIVATED, PATH),
    )
)
_ANY: Final = re.compile(r"(?s:.*)")
_KINDS: Final[Mapping[str, tuple[type, str]]] = {
    **dict.fromkeys(_IRIS, (NamedNode, "an IRI")),
    **dict.fromkeys((MESSAGE, *RANGES), (Literal, "a literal")),
}
# The datatype and the spelling of literals; of those of true, the engines share one.
_SPELLINGS: Final[Mapping[str, tuple[str, re.Pattern[str]]]] = {
    **dict.fromkeys(
        _BOOLEANS,
        (vocabulary.XSD_BOOLEAN, re.compile("true|false")),
    ),
    **dict.fromkeys(
        (*COUNTS, *LENGTHS, QUALIFIED_MIN, QUALIFIED_MAX),
        (f"{vocabulary.XSD}integer", re.compile("[0-9]+")),
    ),
    **dict.fromkeys((PATTERN, FLAGS), (vocabulary.XSD_STRING, _ANY)),
}
# The reference follows a path no deeper than this, nor shapes within shapes.
_DEEPEST_PATH: Final = 9
_LONGEST_PATH: Final = 10_000
_DEEPEST_SHAPE: Final = 14


class IllFormedError(ShapesError):
    """Something in a shapes graph is not well-formed.

    Attributes:
        node: what it is said of.
        predicate: IRI of the property that says it, where it is one.
    """

    def __init__(self, problem: str, node: Term, predicate: str = "") -> None:
        super().__init__(problem)
        self.node, self.predicate = node, predicate


class OddError(ShapesError):
    """Something is not well-formed of which the W3C's tests say what comes of it all the same."""


@dataclass
class Shape:
    """A shape and what is said of it: predicate to values, in the order of the graph."""

    node: Term
    said: Mapping[str, list[Term]]
    path: Path | None = None
    inner: dict[str, list[Term]] = field(default_factory=dict)

    def all(self, predicate: str) -> list[Term]:
        """Return the values of a predicate."""
        return self.said.get(predicate, [])

    def one(self, predicate: str) -> Term | None:
        """Return the value of a predicate that has one at most."""
        values = self.said.get(predicate)
        return values[0] if values else None

    def holds(self, predicate: str) -> bool:
        """Return whether the value is true."""
        value = self.one(predicate)
        return value is not None and value.value == "true"

    @property
    def parameters(self) -> Iterator[str]:
        """Return the parameters whose constraints it has."""
        return (each for each in self.said if each in COMPONENTS)


class ShapesGraph:
    """A shapes graph, indexed.

    Raises:
        ShapesError: on reading what is not well-formed (SHACL, appendix A).
    """

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.about: dict[Term, dict[str, list[Term]]] = {}
        self.triples = tuple(triples if isinstance(triples, frozenset) else dict.fromkeys(triples))
        for triple in self.triples:
            value = triple.object
            if isinstance(value, Triple):
                raise ShapesError(f"SHACL knows no quoted triple, but there is {value}.")
            subject: Any = triple.subject
            said = self.about.get(subject)
            if said is None:
                self.about[subject] = said = {}
            predicate = triple.predicate.value
            if predicate in said:
                said[predicate].append(value)
            else:
                said[predicate] = [value]

    def all(self, subject: Term, predicate: str) -> list[Term]:
        """Return the values of a predicate of a node."""
        return self.about.get(subject, {}).get(predicate, [])

    def items(self, node: Term) -> list[Term]:
        """Return the members of a list.

        Raises:
            ShapesError: it is not a well-formed list.
        """
        found: list[Term] = []
        seen: set[Term] = set()
        while node != _NIL:
            first, rest = self.all(node, vocabulary.RDF_FIRST), self.all(node, vocabulary.RDF_REST)
            if len(first) != 1 or len(rest) != 1 or node in seen:
                raise IllFormedError("It is not a well-formed list.", node)
            seen.add(node)
            found.append(first[0])
            node = rest[0]
        if self.all(_NIL, vocabulary.RDF_FIRST) or self.all(_NIL, vocabulary.RDF_REST):
            raise IllFormedError("It has members.", _NIL)
        return found

    @cached_property
    def nodes(self) -> dict[Term, bool]:
        """Return the nodes that are shapes, and whether the graph types them as node shapes.

        What is contradictory about them is left in `contradictions`.
        """
        self.contradictions: list[IllFormedError] = []
        found: dict[Term, bool] = {}
        for subject, said in self.about.items():
            is_node_shape = self._declared(subject, said)
            if is_node_shape is not None:
                found[subject] = is_node_shape
            if _LEAD_TO_SHAPES.isdisjoint(said):
                continue
            for parameter in (PROPERTY, NODE, NOT, QUALIFIED):
                for each in said.get(parameter, ()):
                    found.setdefault(each, False)
            for parameter in LOGICAL_LISTS:
                for members in said.get(parameter, ()):
                    for each in self._members_of(subject, parameter, members):
                        found.setdefault(each, False)
        return found

    def _members_of(self, subject: Term, parameter: str, members: Term) -> list[Term]:
        try:
            items = self.items(members)
        except IllFormedError as error:
            self.contradictions.append(error)
            return []
        if not items:
            problem = IllFormedError("A list of shapes is empty.", subject, parameter)
            self.contradictions.append(problem)
        return items

    def _declared(self, subject: Term, said: Mapping[str, list[Term]]) -> bool | None:
        """Return whether a node is typed as a node shape; None where it is not known for one."""
        types = {each.value for each in said.get(vocabulary.RDF_TYPE, ())}
        is_node_shape = _NODE_SHAPE in types
        problem = ""
        if is_node_shape and (PATH in said or vocabulary.SH_PROPERTY_SHAPE in types):
            problem = "It is a node shape and a property shape."
        elif vocabulary.SH_PROPERTY_SHAPE in types and PATH not in said:
            problem = "It is a property shape without sh:path."
        if problem:
            self.contradictions.append(IllFormedError(problem, subject))
        if is_node_shape or vocabulary.SH_PROPERTY_SHAPE in types:
            return is_node_shape
        return None if MAKE_A_SHAPE.isdisjoint(said) else False

    @cached_property
    def shapes(self) -> dict[Term, Shape]:
        """Return the shapes by their nodes.

        Raises:
            ShapesError: a shape is not well-formed.
        """
        nodes = self.nodes
        if self.contradictions:
            raise self.contradictions[0]
        shapes = {node: self._shape(node) for node in nodes}
        for shape in shapes.values():
            self._check_references(shape, shapes)
        return shapes

    @cached_property
    def classes(self) -> frozenset[Term]:
        """Return the types that make a shape the target of its own instances (SHACL 2.1.3.3)."""
        return frozenset(
            {NamedNode(f"{vocabulary.RDFS}Class"), NamedNode(vocabulary.OWL_CLASS)}
        ) | {
            subject
            for subject, said in self.about.items()
            if NamedNode(f"{vocabulary.RDFS}Class") in said.get(vocabulary.RDFS_SUBCLASS_OF, ())
        }

    def is_class(self, node: Term) -> bool:
        """Return whether a shape is a class too."""
        return not self.classes.isdisjoint(self.all(node, vocabulary.RDF_TYPE))

    @cached_property
    def custom_parameters(self) -> frozenset[str]:
        """Return the parameters of constraint components of the graph's own."""
        component = NamedNode(f"{_SH}ConstraintComponent")
        kinds = {component} | {
            subject
            for subject, said in self.about.items()
            if component in said.get(vocabulary.RDFS_SUBCLASS_OF, ())
        }
        return frozenset(
            path.value
            for subject, said in self.about.items()
            if not kinds.isdisjoint(said.get(vocabulary.RDF_TYPE, ()))
            and not subject.value.startswith(_SH)
            for parameter in said.get(f"{_SH}parameter", ())
            for path in self.all(parameter, PATH)
        )

    @cached_property
    def expressions(self) -> frozenset[Term]:
        """Return the node expressions, those inside others too (SHACL-AF 5)."""
        found: set[Term] = set()
        waiting = [each for said in self.about.values() for each in said.get(EXPRESSION, ())]
        while waiting:
            node = waiting.pop()
            if isinstance(node, BlankNode) and node not in found:
                found.add(node)
                for predicate, values in self.about.get(node, {}).items():
                    if predicate not in {PATH, f"{_SH}filterShape"}:
                        waiting += [m for each in values for m in self._members(each)]
        return frozenset(found)

    def _members(self, node: Term) -> list[Term]:
        try:
            return self.items(node) if self.all(node, vocabulary.RDF_FIRST) else [node]
        except ShapesError:
            return []

    @cached_property
    def users(self) -> dict[Term, tuple[Term, str]]:
        """Return what refers to each node without a name first, and by which property."""
        found: dict[Term, tuple[Term, str]] = {}
        for subject, said in self.about.items():
            for predicate, values in said.items():
                for each in values:
                    if isinstance(each, BlankNode):
                        found.setdefault(each, (subject, predicate))
        return found

    def typed(self, name: str) -> frozenset[Term]:
        """Return the nodes of a type of SHACL's, or of one that the graph puts directly below."""
        kind = NamedNode(f"{_SH}{name}")
        kinds = {kind} | {
            subject
            for subject, said in self.about.items()
            if kind in said.get(vocabulary.RDFS_SUBCLASS_OF, ())
        }
        return frozenset(
            subject
            for subject, said in self.about.items()
            if not kinds.isdisjoint(said.get(vocabulary.RDF_TYPE, ()))
            and not subject.value.startswith(_SH)
        )

    def prefixes(self, constraint: Term) -> dict[str, str]:
        """Return the prefixes that the SPARQL of a constraint may use (SHACL 5.2.1).

        Raises:
            ShapesError: a prefix is not well declared.
        """
        table = {"rdf": vocabulary.RDF, "rdfs": vocabulary.RDFS, "owl": vocabulary.OWL}
        declaring = list(self.all(constraint, vocabulary.SH_PREFIXES))
        for node in declaring:
            imported = self.all(node, vocabulary.OWL_IMPORTS)
            declaring += [each for each in imported if each not in declaring]
        for node in declaring:
            for declaration in self.all(node, vocabulary.SH_DECLARE):
                names = self.all(declaration, vocabulary.SH_PREFIX)
                spaces = self.all(declaration, vocabulary.SH_NAMESPACE)
                if len(names) != 1 or len(spaces) != 1:
                    raise IllFormedError("It does not declare one prefix.", declaration)
                table[names[0].value] = spaces[0].value
        return table

    def aims(self, shape: Shape) -> bool:
        """Return whether a shape has targets (SHACL 2.1.3, SHACL-AF 3)."""
        return any(each in shape.said for each in (*TARGETS, TARGET)) or self.is_class(shape.node)

    def demands(self, shape: Shape) -> bool:
        """Return whether a shape has constraints, whatever they are."""
        return any(True for _ in shape.parameters) or self.is_beyond_core(shape)

    def is_beyond_core(self, shape: Shape) -> bool:
        """Return whether a shape has constraints in SPARQL, node expressions, or of components."""
        return (
            SPARQL in shape.said
            or EXPRESSION in shape.said
            or not self.custom_parameters.isdisjoint(shape.said)
        )

    def ill_formed(self) -> list[tuple[Term, str, str]]:
        """Return all that is not well-formed: node, property and problem."""
        shapes: dict[Term, Shape] = {}
        nodes = self.nodes
        found = list(self.contradictions)
        told = {each.node for each in found}
        for node in nodes:
            if node in told:
                continue
            try:
                shapes[node] = self._shape(node)
            except IllFormedError as error:
                found.append(error)
            except OddError:
                continue
        for shape in shapes.values():
            try:
                self._check_references(shape, shapes)
            except IllFormedError as error:
                found.append(error)
        for node in self.expressions:
            for path in self.all(node, PATH):
                try:
                    self.path(path)
                except IllFormedError as error:
                    found.append(error)
                except OddError:
                    continue
        return [(each.node, each.predicate, _sentence(each)) for each in found]

    # -------------------------------------------------------------- one shape

    def _shape(self, node: Term) -> Shape:
        if isinstance(node, Literal):
            raise IllFormedError("A literal stands where a shape is asked for.", node)
        shape = Shape(node, self.about.get(node, {}))
        self._check_values(shape)
        self._check_lists(shape)
        self._check_kind(shape)
        for parameter in (PROPERTY, NODE, NOT, QUALIFIED):
            if parameter in shape.said:
                shape.inner[parameter] = shape.all(parameter)
        for parameter in LOGICAL_LISTS:
            if parameter in shape.said:
                shape.inner[parameter] = [m for x in shape.all(parameter) for m in self.items(x)]
        return shape

    def _check_values(self, shape: Shape) -> None:
        node = shape.node
        for predicate, values in shape.said.items():
            if len(values) > 1 and predicate in _ONCE:
                raise IllFormedError("There is more than one.", node, predicate)
            kind, name = _KINDS.get(predicate, (None, ""))
            for value in values if kind else ():
                if kind and not isinstance(value, kind):
                    raise IllFormedError(f"It must be {name}, and is {value}.", node, predicate)
            datatype, spelling = _SPELLINGS.get(predicate, ("", _ANY))
            for value in values if datatype else ():
                if (
                    not isinstance(value, Literal)
                    or value.datatype.value != datatype
                    or not spelling.fullmatch(value.value)
                ):
                    if predicate in _ODD and value in _SPELT_AS_NUMBERS:
                        raise OddError(f"{_short(predicate)} of {node} is {value}")
                    wanted = f"a {_short_type(datatype)}"
                    if predicate in _BOOLEANS:
                        wanted = "true or false, without quotes"
                    raise IllFormedError(f"It must be {wanted}, and is {value}.", node, predicate)
        if (node_kind := shape.one(NODE_KIND)) and node_kind.value not in NODE_KINDS:
            raise IllFormedError(f"{node_kind} is no kind of node.", node, NODE_KIND)
        if IGNORED in shape.said and CLOSED not in shape.said:
            raise IllFormedError("It does nothing without sh:closed.", node, IGNORED)

    def _check_lists(self, shape: Shape) -> None:
        for predicate in (IN, LANGUAGE_IN, IGNORED):
            for each in shape.all(predicate):
                members = self.items(each)
                if predicate == IGNORED and not all(isinstance(m, NamedNode) for m in members):
                    raise IllFormedError("All of its members must be IRIs.", shape.node, predicate)
                if predicate == LANGUAGE_IN and not all(
                    isinstance(m, Literal) and m.datatype.value == vocabulary.XSD_STRING
                    for m in members
                ):
                    raise IllFormedError("All of its members must be texts.", shape.node, predicate)

    def _check_kind(self, shape: Shape) -> None:
        path = shape.one(PATH)
        if path is None:
            if wrong := [each for each in _OF_PROPERTIES if each in shape.said]:
                raise IllFormedError(
                    "It is for property shapes, but the shape has no sh:path.", shape.node, wrong[0]
                )
        else:
            shape.path = self.path(path)
        counted = QUALIFIED_MIN in shape.said or QUALIFIED_MAX in shape.said
        if (counted or DISJOINT_QUALIFIED in shape.said) != (QUALIFIED in shape.said) or (
            QUALIFIED in shape.said and not counted
        ):
            raise IllFormedError(
                "sh:qualifiedValueShape goes with sh:qualifiedMinCount or sh:qualifiedMaxCount.",
                shape.node,
            )

    def _check_references(self, shape: Shape, shapes: Mapping[Term, Shape]) -> None:
        for each in shape.all(PROPERTY):
            if each in shapes and shapes[each].path is None:
                raise IllFormedError("A property shape needs sh:path.", each)
        for each in shape.all(NODE):
            if each in shapes and shapes[each].path is not None:
                raise IllFormedError(f"{each} is a property shape.", shape.node, NODE)

    # -------------------------------------------------------------- paths

    def path(self, node: Term) -> Path:
        """Return a path, spelt as the reference spells it.

        Raises:
            ShapesError: it is not well-formed, or deeper than the reference follows it.
        """
        triples: list[Triple] = []
        text = self._path(node, 0, triples, inside=False)
        return Path(text, node, tuple(triples))

    def _path(self, node: Term, depth: int, triples: list[Triple], *, inside: bool) -> str:
        if isinstance(node, NamedNode):
            return f"<{node.value}>"
        if not isinstance(node, BlankNode):
            raise IllFormedError(f"{node} is no path.", node)
        # Blank nodes may be shared, so that a short text is an endless path.
        if depth > _DEEPEST_PATH or len(triples) > _LONGEST_PATH:
            raise IllFormedError("A path nests too deep.", node)
        said = self.about.get(node, {})
        if len(said) == 2 and vocabulary.RDF_FIRST in said:
            return self._steps(node, depth, triples, " / ", inside=inside)
        if len(said) > 1 and said.keys() <= {*_PATHS, _ALTERNATIVE, *_LIST}:
            raise OddError(f"{node} is two paths")
        if len(said) != 1 or any(len(values) != 1 for values in said.values()):
            raise IllFormedError("It is not a well-formed path.", node)
        ((kind, values),) = said.items()
        triples.append(_triple(node, kind, values[0]))
        if kind == _ALTERNATIVE:
            return self._steps(values[0], depth, triples, " | ", inside=inside)
        if kind not in _PATHS:
            raise IllFormedError("It is not a well-formed path.", node)
        return _PATHS[kind].format(self._path(values[0], depth + 1, triples, inside=True))

    def _steps(
        self, node: Term, depth: int, triples: list[Triple], sign: str, *, inside: bool
    ) -> str:
        items = self.items(node)
        if len(items) < 2:
            raise IllFormedError("The path has fewer than two steps.", node)
        steps: list[str] = []
        for each in items:
            # The reference goes one level down for each cell of a sequence.
            depth += 1 if sign == " / " or not steps else 0
            if depth > _DEEPEST_PATH:
                raise IllFormedError("A path nests too deep.", node)
            rest = self.all(node, vocabulary.RDF_REST)[0]
            triples.append(_triple(node, vocabulary.RDF_FIRST, each))
            triples.append(_triple(node, vocabulary.RDF_REST, rest))
            steps.append(self._path(each, depth, triples, inside=True))
            node = rest
        joined = sign.join(steps)
        return f"({joined})" if inside else joined

    # -------------------------------------------------------------- shapes in shapes

    @cached_property
    def inner(self) -> dict[Term, list[Term]]:
        """Return the shapes that each shape refers to; siblings of a qualified one included."""
        found = {
            node: [each for values in shape.inner.values() for each in values]
            for node, shape in self.shapes.items()
        }
        for node, shape in self.shapes.items():
            found[node] += self.siblings(shape)
        return found

    def siblings(self, shape: Shape) -> list[Term]:
        """Return the sibling shapes of a qualified value shape (SHACL 4.7.3)."""
        if not shape.holds(DISJOINT_QUALIFIED):
            return []
        return [
            sibling
            for parent in self._parents.get(shape.node, ())
            for each in parent.all(PROPERTY)
            for sibling in self.shapes[each].all(QUALIFIED)
            if sibling != shape.one(QUALIFIED)
        ]

    def has_equal_sibling(self, shape: Shape) -> bool:
        """Return whether another property shape beside it has the same qualified value shape."""
        return shape.holds(DISJOINT_QUALIFIED) and any(
            each != shape.node and self.shapes[each].one(QUALIFIED) == shape.one(QUALIFIED)
            for parent in self._parents.get(shape.node, ())
            for each in parent.all(PROPERTY)
        )

    @cached_property
    def _parents(self) -> dict[Term, list[Shape]]:
        found: dict[Term, list[Shape]] = {}
        for shape in self.shapes.values():
            for each in shape.all(PROPERTY):
                found.setdefault(each, []).append(shape)
        return found

    def reached(self, starts: Iterable[Term], *, by: str | None = None) -> set[Term]:
        """Return these shapes and all that they refer to; with `by`, by this parameter only."""
        found: set[Term] = set()
        waiting = list(starts)
        while waiting:
            node = waiting.pop()
            if node not in found:
                found.add(node)
                waiting += self.inner[node] if by is None else self.shapes[node].all(by)
        return found

    @cached_property
    def circular(self) -> set[Term]:
        """Return the shapes that refer to themselves, at any distance, and those too deep."""
        height: dict[Term, int] = {}
        remaining = {node: set(inner) for node, inner in self.inner.items()}
        users: dict[Term, list[Term]] = {}
        for node, inner in remaining.items():
            for each in inner:
                users.setdefault(each, []).append(node)
        ready = [node for node, inner in remaining.items() if not inner]
        while ready:
            node = ready.pop()
            height[node] = 1 + max((height[each] for each in self.inner[node]), default=0)
            for user in users.get(node, ()):
                remaining[user].discard(node)
                if not remaining[user] and user not in height:
                    ready.append(user)
        # What is left refers to a circle; what the circle refers to is counted as often as it
        # goes round, so that is left too.
        left = {
            node for node in self.inner if height.get(node, _DEEPEST_SHAPE + 1) > _DEEPEST_SHAPE
        }
        return self.reached(left)


_NIL: Final = NamedNode(f"{vocabulary.RDF}nil")


def _triple(subject: Term, predicate: str, value: Term) -> Triple:
    return Triple(subject, NamedNode(predicate), value)  # type: ignore[arg-type]


def _sentence(error: ShapesError) -> str:
    text = str(error)
    return text[0].lower() + text[1:]


def _short_type(iri: str) -> str:
    return f"xsd:{iri.removeprefix(vocabulary.XSD)}"


def _short(iri: str) -> str:
    return f"sh:{iri.removeprefix(_SH)}"
