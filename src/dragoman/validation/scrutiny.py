"""What a shapes graph says that nothing carries out: each is a fault, or a note where it is none.

Silence of a validator is taken for assent. So every term of SHACL must stand where it does
something, every shape that is written must be one that is checked, and what other engines would
check beyond SHACL is refused. Other properties of a shape are read as annotations (SHACL 1.5).
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache
from importlib.resources import files as package_files
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from dragoman import syntax, vocabulary
from dragoman.base import ONTOLOGY
from dragoman.errors import ShapesError, SyntaxProblem, UnfitShapesError, nearest
from dragoman.validation import advanced, patterns
from dragoman.validation import shape_graph as sh
from dragoman.validation.report import Finding, Path

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from dragoman.validation.loading import Loaded
    from dragoman.validation.report import Term
    from dragoman.validation.shape_graph import ShapesGraph

_SH: Final = vocabulary.SH


class Fault(NamedTuple):
    """Something of a shapes graph that cannot be carried out.

    Attributes:
        node: what it is said of.
        predicate: IRI of the property that says it; empty where the node as a whole is meant.
        problem: what is wrong, and what to do; IRIs in angle brackets.
    """

    node: Term
    predicate: str
    problem: str


# ------------------------------------------------------------------ where each term has a meaning

_SHAPE, _QUERY, _TARGET, _VALIDATOR, _COMPONENT, _PARAMETER, _TARGET_TYPE, _FUNCTION = (
    *("a shape", "a SPARQL constraint", "a target", "a validator", "a constraint component"),
    *("a parameter", "a target type", "a function"),
)
_DECLARATION, _EXPRESSION, _PATH, _RESULT = (
    *("a prefix declaration", "a node expression", "a path", "a validation result"),
)


def _words(text: str) -> frozenset[str]:
    return frozenset(f"{_SH}{word}" for word in text.split())


_PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        (*sh.COMPONENTS, *sh.TARGETS, sh.FLAGS, sh.IGNORED, sh.QUALIFIED, sh.DISJOINT_QUALIFIED),
        (_SHAPE,),
    ),
    **dict.fromkeys(_words("severity target sparql expression js rule"), (_SHAPE,)),
    # pySHACL leaves them alone; what they ask of a parameter's value is looked at here.
    **dict.fromkeys(_words("class datatype nodeKind in minLength maxLength"), (_SHAPE, _PARAMETER)),
    sh.PATH: (_SHAPE, _PARAMETER, _EXPRESSION),
    sh.MESSAGE: (_SHAPE, _QUERY, _VALIDATOR, _COMPONENT, _EXPRESSION),
    sh.DEACTIVATED: (_SHAPE, _QUERY),
    f"{_SH}select": (_QUERY, _TARGET, _VALIDATOR, _TARGET_TYPE, _FUNCTION),
    f"{_SH}ask": (_VALIDATOR, _FUNCTION),
    f"{_SH}prefixes": (_QUERY, _TARGET, _VALIDATOR, _TARGET_TYPE, _FUNCTION),
    **dict.fromkeys(_words("prefix namespace"), (_DECLARATION,)),
    f"{_SH}parameter": (_COMPONENT, _TARGET_TYPE, _FUNCTION),
    f"{_SH}optional": (_PARAMETER,),
    **dict.fromkeys(_words("validator nodeValidator propertyValidator"), (_COMPONENT,)),
    f"{_SH}returnType": (_FUNCTION,),
    **dict.fromkeys(_words("union intersection filterShape nodes"), (_EXPRESSION,)),
    **dict.fromkeys(
        _words("alternativePath inversePath zeroOrMorePath oneOrMorePath zeroOrOnePath"), (_PATH,)
    ),
    **dict.fromkeys(
        _words(
            "conforms result detail focusNode value resultPath resultSeverity resultMessage "
            "sourceShape sourceConstraint sourceConstraintComponent shapesGraphWellFormed"
        ),
        (_RESULT,),
    ),
}
_ANYWHERE: Final = _words(
    "name description order group defaultValue labelTemplate declare entailment shapesGraph "
    "suggestedShapesGraph"
)
_NOT_DONE: Final = _words(
    "js jsFunctionName jsLibrary jsLibraryURL rule condition construct update subject predicate "
    "object filterShape nodes resultAnnotation annotationProperty annotationValue "
    "annotationVarName"
)
_PROPERTIES: Final = frozenset(_PLACES) | _ANYWHERE | _NOT_DONE
_CLASSES: Final = _words(
    "NodeShape PropertyShape Shape PropertyGroup ConstraintComponent Parameter Parameterizable "
    "Validator SPARQLAskValidator SPARQLSelectValidator SPARQLConstraint SPARQLExecutable "
    "SPARQLSelectExecutable SPARQLAskExecutable PrefixDeclaration Target TargetType SPARQLTarget "
    "SPARQLTargetType Function SPARQLFunction Severity NodeKind AbstractResult ValidationReport "
    "ValidationResult"
)
_CLASSES_NOT_DONE: Final = _words(
    "JSConstraint JSConstraintComponent JSExecutable JSFunction JSLibrary JSRule JSTarget "
    "JSTargetType JSValidator Rule SPARQLRule TripleRule SPARQLConstructExecutable "
    "SPARQLUpdateExecutable ResultAnnotation"
)
_VALUES: Final = (
    sh.NODE_KINDS
    | _words("Violation Warning Info this ExpressionConstraintComponent")
    | _words("SPARQLConstraintComponent")
    | frozenset(sh.COMPONENTS.values())
)
_TERMS: Final = _PROPERTIES | _CLASSES | _CLASSES_NOT_DONE | _VALUES
# What a node of this type must be the value of, to do something.
_TYPES: Final = {
    f"{_SH}SPARQLConstraint": (_QUERY, "sh:sparql"),
    f"{_SH}SPARQLTarget": (_TARGET, "sh:target"),
    f"{_SH}Parameter": (_PARAMETER, "sh:parameter"),
    f"{_SH}SPARQLAskValidator": (_VALIDATOR, "sh:validator"),
    f"{_SH}SPARQLSelectValidator": (_VALIDATOR, "sh:nodeValidator or sh:propertyValidator"),
}
# What does something on a shape, without SHACL's namespace.
_KEYWORDS: Final = frozenset(
    each.removeprefix(_SH) for each, places in _PLACES.items() if places[0] == _SHAPE
)
# Vocabularies whose terms tell about a shape, and are no news to anybody.
_TELLING: Final = (
    *(vocabulary.RDF, vocabulary.RDFS, vocabulary.OWL, _SH),
    *("http://www.w3.org/2004/02/skos/core#", "http://purl.org/dc/terms/"),
    *("http://purl.org/dc/elements/1.1/", "http://schema.org/", "https://schema.org/"),
    *("http://www.w3.org/ns/prov#", "http://purl.org/vocab/vann/", "http://xmlns.com/foaf/0.1/"),
    *("http://purl.org/pav/", "http://www.w3.org/ns/adms#", "http://www.w3.org/ns/dcat#"),
)
# Terms of these that are called like a keyword of SHACL.
_THEIRS: Final = (
    f"{vocabulary.OWL}hasValue",
    *(f"{space}pattern" for space in ("http://schema.org/", "https://schema.org/")),
)


@cache
def _beyond() -> dict[str, str]:
    """Return what other engines know beyond SHACL: IRI to kind."""
    text = (package_files("dragoman.validation") / "beyond.txt").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    space = ""
    for line in text.splitlines():
        kind, *names = line.split() or ("#",)
        if kind.startswith("#"):
            continue
        if not names:
            space = kind
        found.update((f"{space}{name}", kind) for name in names)
    return found


# ------------------------------------------------------------------ a set of files


def check(
    triples: tuple[Triple, ...], files: Sequence[Loaded], data: Iterable[Loaded] | None = None
) -> None:
    """Refuse shapes that cannot be carried out as they stand: all faults at once, with places.

    Args:
        triples: the shapes graph.
        files: the files that it is from.
        data: what is to be checked, where that is no base: then there must be a shape, too.

    Raises:
        ShapesError: there are faults.
    """
    from dragoman.validation.loading import dropped

    graph = sh.ShapesGraph(triples)
    also_data = {each.input.path.resolve() for each in data or ()}
    # Where a file of shapes is one of data too, its things may say what they like.
    instances = {
        triple.subject
        for each in files
        if each.input.path.resolve() in also_data
        for triple in each.triples
        if triple.predicate.value == vocabulary.RDF_TYPE
        and not _text(triple.object).startswith((_SH, vocabulary.RDFS, vocabulary.OWL))
    }
    refuse([*faults(graph, instances), *_not_given(graph, files)], graph, files)
    # What is not in the graph asks nothing of anybody; a warning tells it of an ontology.
    lost = dropped(each.input for each in files if each.input.folder != ONTOLOGY)
    if lost:
        raise UnfitShapesError(f"{e.file}:{e.line}: {e.messages[0].value}" for e in lost)
    if data is None or graph.nodes:
        return
    swapped = [each.input.label for each in data if _has_shapes(each)]
    hint = f" {' and '.join(swapped)} has: are shapes and data swapped?" if swapped else ""
    names = ", ".join(each.input.label for each in files)
    raise ShapesError(f"There is no shape in {names}.{hint}")


def _not_given(graph: ShapesGraph, files: Sequence[Loaded]) -> Iterator[Fault]:
    """Return the imports, and links to shapes, of graphs that are not among the files."""
    given = {each.input.graph for each in files} | {each.input.base_iri for each in files}
    given |= {each.input.path.resolve().as_uri() for each in files}
    for each in files:
        given.update(_text(triple.subject) for triple in each.triples)
    known = {_plain(each) for each in given if each} | {_plain(_SH)}
    if not _uses_dash(graph):
        known.add(_plain(vocabulary.DASH))
    for each in files:
        if each.input.folder == ONTOLOGY:
            continue
        for triple in each.triples:
            if triple.predicate.value in _LINKS and _plain(_text(triple.object)) not in known:
                yield Fault(
                    triple.subject,  # type: ignore[arg-type]
                    triple.predicate.value,
                    f"{triple.object} is not given: give its file with the shapes, or take the "
                    "statement out. Nothing is fetched.",
                )


def _uses_dash(graph: ShapesGraph) -> bool:
    """Return whether anything is said with DASH that is more than an annotation."""
    return any(
        term.value.startswith(vocabulary.DASH) and _beyond().get(term.value) != "annotation"
        for triple in graph.triples
        for term in (triple.predicate, triple.object)
        if isinstance(term, NamedNode)
    )


_LINKS: Final = (vocabulary.OWL_IMPORTS, f"{_SH}shapesGraph")


def _text(term: object) -> str:
    return str(getattr(term, "value", ""))


def _plain(iri: str) -> str:
    """Return an IRI without what ontologies and their graphs differ in."""
    return iri.partition("#")[0].rstrip("/")


def _has_shapes(file: Loaded) -> bool:
    kinds = _words("NodeShape PropertyShape")
    return any(
        triple.predicate.value in sh.MAKE_A_SHAPE
        or (triple.predicate.value == vocabulary.RDF_TYPE and _text(triple.object) in kinds)
        for triple in file.triples
    )


# ------------------------------------------------------------------ the faults


def faults(graph: ShapesGraph, instances: Collection[object] = ()) -> tuple[Fault, ...]:
    """Return all that a shapes graph says and that cannot be carried out, in its order.

    Args:
        graph: the shapes graph.
        instances: things of the data that are described in it, too.
    """
    found = dict.fromkeys(_Scrutiny(graph, instances).faults())
    order = {node: number for number, node in enumerate(graph.about)}
    return tuple(sorted(found, key=lambda fault: order.get(fault.node, -1)))


def notes(graph: ShapesGraph) -> tuple[tuple[str, str], ...]:
    """Return the properties of shapes that are read as annotations: the shape, and IRI of each."""
    return tuple(
        (_name(graph, node), predicate)
        for node in graph.nodes
        for predicate in _annotations(graph, node)
    )


def _annotations(graph: ShapesGraph, node: Term) -> Iterator[str]:
    for predicate in graph.about.get(node, ()):
        if predicate not in graph.custom_parameters and (
            not predicate.startswith(_TELLING) or _is_slip(predicate)
        ):
            yield predicate


def _is_slip(predicate: str) -> bool:
    """Return whether a term of another vocabulary has the name of a keyword, and is none of its."""
    return (
        not predicate.startswith(_SH)
        and predicate not in _THEIRS
        and re.split("[#/]", predicate)[-1] in _KEYWORDS
    )


def told(noted: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return notes as sentences: one that has the name of a keyword may be meant for it."""
    return tuple(
        f"{shape}: <{predicate}> is read as an annotation"
        + (f"; did you mean sh:{name}?" if name in _KEYWORDS else ".")
        for shape, predicate in noted
        for name in (re.split("[#/:]", predicate)[-1],)
    )


def refuse(found: Iterable[Fault], graph: ShapesGraph, files: Sequence[Loaded] = ()) -> None:
    """Refuse a shapes graph that has faults: all of them, each with file and line where known.

    Raises:
        UnfitShapesError: there are faults.
    """
    from dragoman.validation.places import located

    found = list(found)
    if not found:
        return
    placed = located(
        [
            Finding(
                focus=fault.node,
                severity=vocabulary.SH_VIOLATION,
                shape=fault.node,
                component=_SH,
                path=Path(f"<{fault.predicate}>", fault.node, ()) if fault.predicate else None,
            )
            for fault in found
        ],
        files,
    )
    names = _prefixes(files)
    lines: list[str] = []
    for fault, place in zip(found, placed, strict=True):
        where = ":".join(str(each) for each in (place.file, place.line) if each is not None)
        what = _name(graph, fault.node)
        said = f"{_short(fault.predicate)} on {what}: " if fault.predicate else f"{what}: "
        text = _IRI.sub(lambda iri: names(iri[1]), said + fault.problem)
        lines.append(f"{where}: {text}" if where else f"The shapes are refused: {text}")
    raise UnfitShapesError(dict.fromkeys(lines))


_IRI: Final = re.compile(r"<([^<>\s]+)>")


def _prefixes(files: Sequence[Loaded]) -> Callable[[str], str]:
    """Return a function that shortens IRIs by the prefixes of the files."""
    from dragoman.validation.loading import has_lines

    found: dict[str, str] = {}
    for each in files:
        if has_lines(each.input.path) and each.input.path.exists():
            found = {**syntax.subject_lines(each.input.path).prefixes, **found}
    return syntax.readable({name: space for name, space in found.items() if name})


def _name(graph: ShapesGraph, node: Term) -> str:
    """Return how to call a node: one without a name by how it hangs on one that has one."""
    steps: list[str] = []
    seen: set[Term] = set()
    while isinstance(node, BlankNode) and node not in seen:
        seen.add(node)
        path = graph.all(node, sh.PATH)
        on = f" on {path[0]}" if path and isinstance(path[0], NamedNode) else ""
        user = graph.users.get(node)
        if user is None:
            return " of ".join([*steps, f"a node without a name{on}"])
        node, predicate = user
        if predicate not in {vocabulary.RDF_FIRST, vocabulary.RDF_REST}:
            steps.append(f"the {_short(predicate)}{on}")
    return " of ".join([*steps, str(node)])


def _short(iri: str) -> str:
    return f"sh:{iri.removeprefix(_SH)}" if iri.startswith(_SH) else f"<{iri}>"


class _Scrutiny:
    def __init__(self, graph: ShapesGraph, instances: Collection[object]) -> None:
        self.graph = graph
        self.instances = {each for each in instances if each not in graph.nodes}
        self.roles: dict[Term, set[str]] = {}

    def faults(self) -> Iterator[Fault]:
        misspelt = list(self._namespaces())
        yield from misspelt
        ill_formed = list(self.graph.ill_formed())
        yield from (Fault(*each) for each in ill_formed)
        if misspelt:
            return
        self._find_roles()
        passed_over = self._below(_values(self.graph, _words("js rule")))
        for node, said in self.graph.about.items():
            if node in passed_over or node.value.startswith(_SH):
                continue
            for predicate, values in said.items():
                yield from self._property(node, predicate, values)
            for each in said.get(vocabulary.RDF_TYPE, ()):
                yield from self._type(node, each.value)
            yield from self._combinations(node, said)
        for node in self.roles:
            if node not in self.graph.about:
                yield from self._combinations(node, {})
        yield from self._expressions()
        yield from self._queries()
        if not ill_formed:
            with suppress(sh.OddError):
                yield from self._unused()

    # -------------------------------------------------------------- the namespace

    def _namespaces(self) -> Iterator[Fault]:
        reported: set[str] = set()
        for triple in self.graph.triples:
            for term in (triple.predicate, triple.object):
                if not isinstance(term, NamedNode) or term.value.startswith(_SH):
                    continue
                if (space := misspelt(term.value)) and space not in reported:
                    reported.add(space)
                    subject: Any = triple.subject
                    predicate = triple.predicate.value
                    yield Fault(
                        subject,
                        "" if predicate == vocabulary.RDF_TYPE else predicate,
                        f"SHACL's namespace is misspelt, “{space}”. It is “{_SH}”, to the letter.",
                    )

    # -------------------------------------------------------------- who is what

    def _find_roles(self) -> None:
        graph, roles = self.graph, self.roles

        def give(role: str, nodes: Iterable[Term]) -> None:
            for node in nodes:
                roles.setdefault(node, set()).add(role)

        give(_SHAPE, graph.nodes)
        for role, names in (
            (_QUERY, "sparql"),
            (_TARGET, "target"),
            (_PARAMETER, "parameter"),
            (_VALIDATOR, "validator nodeValidator propertyValidator"),
            (_DECLARATION, "declare"),
            (_RESULT, "result detail"),
        ):
            give(role, _values(graph, _words(names)))
        give(_COMPONENT, graph.typed("ConstraintComponent"))
        give(_TARGET_TYPE, graph.typed("SPARQLTargetType"))
        give(_FUNCTION, graph.typed("SPARQLFunction"))
        give(_RESULT, graph.typed("ValidationReport"))
        give(_RESULT, graph.typed("ValidationResult"))
        give(_EXPRESSION, graph.expressions)
        paths = [
            path
            for node in (*graph.nodes, *_values(graph, _words("parameter resultPath")))
            for path in (*graph.all(node, sh.PATH),)
        ]
        paths += [p for node in graph.expressions for p in graph.all(node, sh.PATH)]
        paths += _values(graph, _words("resultPath"))
        give(_PATH, self._below(paths))

    def _below(self, starts: Iterable[Term]) -> set[Term]:
        """Return these nodes and the nodes without a name below them."""
        found: set[Term] = set()
        waiting = list(starts)
        while waiting:
            node = waiting.pop()
            if isinstance(node, BlankNode) and node not in found:
                found.add(node)
                for values in self.graph.about.get(node, {}).values():
                    waiting += values
        return found

    # -------------------------------------------------------------- each statement

    def _property(self, node: Term, predicate: str, values: list[Term]) -> Iterator[Fault]:
        kind = _beyond().get(predicate)
        if predicate in self.graph.custom_parameters:
            if not self.roles.get(node, set()) & {_SHAPE, _TARGET}:
                yield Fault(node, predicate, "it is a parameter, and does nothing but on a shape.")
        elif predicate in _NOT_DONE:
            yield Fault(node, predicate, _NOT_CARRIED_OUT)
        elif predicate in _PLACES:
            places = _PLACES[predicate]
            if not self.roles.get(node, set()) & set(places):
                yield Fault(
                    node, predicate, f"it does nothing there; it belongs on {_either(places)}."
                )
        elif kind == "annotation":
            pass
        elif kind:
            yield Fault(
                node,
                predicate,
                f"this {kind} is not SHACL's, and is not carried out: say it in SHACL, or give a "
                "component in SPARQL that defines it.",
            )
        elif (
            predicate.startswith((_SH, vocabulary.DASH))
            and predicate not in _ANYWHERE
            and node not in self.instances
        ):
            yield Fault(node, predicate, _unknown(predicate, _PROPERTIES))
        if predicate == advanced.ENTAILMENT:
            yield from (
                Fault(node, predicate, f"only {advanced.RDFS} can be carried out, not {each}.")
                for each in values
                if each.value != advanced.RDFS
            )
        for each in values if predicate != vocabulary.RDF_TYPE else ():
            known = each.value in _TERMS or each.value == _SH or self.graph.about.get(each)
            if isinstance(each, NamedNode) and each.value.startswith(_SH) and not known:
                yield Fault(node, predicate, _unknown(each.value, _TERMS))

    def _type(self, node: Term, kind: str) -> Iterator[Fault]:
        beyond = _beyond().get(kind)
        if kind in _CLASSES_NOT_DONE or beyond == "class":
            yield Fault(node, "", f"{_short(kind)} is not carried out. {_WHAT_TO_DO}")
        elif kind.startswith(_SH) and kind not in _CLASSES:
            yield Fault(node, "", _unknown(kind, _CLASSES))
        elif kind in _TYPES:
            role, through = _TYPES[kind]
            if role not in self.roles.get(node, ()):
                yield Fault(
                    node, "", f"it is typed {_short(kind)}, but nothing refers to it by {through}."
                )

    # -------------------------------------------------------------- what goes with what

    def _combinations(self, node: Term, said: Mapping[str, list[Term]]) -> Iterator[Fault]:
        roles = self.roles.get(node, set())
        if sh.FLAGS in said and sh.PATTERN not in said:
            yield Fault(node, sh.FLAGS, "it does nothing without sh:pattern.")
        if _SHAPE in roles:
            yield from self._patterns(node, said)
            yield from self._shape(node, said)
        if _PARAMETER in roles:
            yield from self._parameter(node, said)
        if _COMPONENT in roles:
            yield from self._component(node, said)
        if _TARGET in roles:
            yield from self._target(node, said)
        if _PATH in roles:
            yield from self._path(node, said)
        yield from self._whole(node, said, roles)

    def _path(self, node: Term, said: Mapping[str, list[Term]]) -> Iterator[Fault]:
        for predicate in said:
            if predicate.startswith(_SH) and _PATH not in _PLACES.get(predicate, ()):
                yield Fault(node, predicate, "it does nothing there, on a path.")

    def _whole(
        self, node: Term, said: Mapping[str, list[Term]], roles: set[str]
    ) -> Iterator[Fault]:
        """Look for what a node must have one of."""
        for role, queries in (
            (_QUERY, ("select",)),
            (_TARGET_TYPE, ("select",)),
            (_VALIDATOR, ("select", "ask")),
            (_FUNCTION, ("select", "ask")),
        ):
            texts = [each for name in queries for each in said.get(f"{_SH}{name}", ())]
            if role in roles and len(texts) != 1:
                wanted = " or ".join(f"sh:{name}" for name in queries)
                yield Fault(node, "", f"{role} has one {wanted}, and here are {len(texts)}.")
        if _DECLARATION in roles:
            for name in ("prefix", "namespace"):
                if len(said.get(f"{_SH}{name}", ())) != 1:
                    yield Fault(node, "", f"a prefix declaration has one sh:{name}.")

    def _shape(self, node: Term, said: Mapping[str, list[Term]]) -> Iterator[Fault]:
        for parameter in (sh.NODE, sh.NOT, sh.QUALIFIED, *sh.LOGICAL_LISTS):
            for value in said.get(parameter, ()):
                inner = self._items(value) if parameter in sh.LOGICAL_LISTS else [value]
                for each in inner:
                    if not self.graph.about.get(each):
                        yield Fault(
                            node,
                            parameter,
                            f"the shapes graph says nothing of {_name(self.graph, each)}: "
                            "everything would conform to it.",
                        )

    def _patterns(self, node: Term, said: Mapping[str, list[Term]]) -> Iterator[Fault]:
        """Look for patterns that REGEX would not take (SHACL 4.4.3)."""
        flags = "".join(each.value for each in said.get(sh.FLAGS, ()) if isinstance(each, Literal))
        if sh.PATTERN in said and (problem := patterns.problem("", flags)):
            yield Fault(node, sh.FLAGS, f"{problem}.")
            flags = ""
        for each in said.get(sh.PATTERN, ()):
            if isinstance(each, Literal) and (problem := patterns.problem(each.value, flags)):
                yield Fault(node, sh.PATTERN, _no_pattern(each.value, problem))

    def _items(self, node: Term) -> list[Term]:
        try:
            return self.graph.items(node)
        except ShapesError:  # told as ill-formed
            return []

    def _parameter(self, node: Term, said: Mapping[str, list[Term]]) -> Iterator[Fault]:
        paths = said.get(sh.PATH, [])
        if len(paths) != 1 or not isinstance(paths[0], NamedNode):
            yield Fault(node, "", "a parameter has one sh:path, an IRI.")
            return
        name = re.split("[#/]", paths[0].value)[-1]
        if name in _RESERVED or not re.fullmatch(r"\w+", name):
            yield Fault(node, sh.PATH, f"a parameter cannot be called “{name}”.")
        for user, others in self.graph.about.items():
            for value in others.get(paths[0].value, ()):
                if not self._allowed(value, said):
                    yield Fault(user, paths[0].value, f"{value} is not what its parameter takes.")

    def _allowed(self, value: Term, said: Mapping[str, list[Term]]) -> bool:
        for each in said.get(sh.DATATYPE, ()):
            if not isinstance(value, Literal) or value.datatype != each:
                return False
        for each in said.get(sh.NODE_KIND, ()):
            kind = (
                "Literal"
                if isinstance(value, Literal)
                else "IRI"
                if isinstance(value, NamedNode)
                else "BlankNode"
            )
            if kind not in each.value.removeprefix(_SH):
                return False
        shortest, longest = (said.get(each, ()) for each in sh.LENGTHS)
        if any(len(value.value) < int(each.value) for each in shortest) or any(
            len(value.value) > int(each.value) for each in longest
        ):
            return False
        for each in said.get(sh.IN, ()):
            if value not in self._items(each):
                return False
        for each in said.get(sh.CLASS, ()):
            if each.value.startswith((_SH, vocabulary.RDF, vocabulary.RDFS, vocabulary.OWL)):
                continue  # a shapes graph does not say of classes and properties what they are
            if each not in self.graph.all(value, vocabulary.RDF_TYPE):
                return False
        return True

    def _component(self, node: Term, said: Mapping[str, list[Term]]) -> Iterator[Fault]:
        kinds = ("validator", "nodeValidator", "propertyValidator")
        if not said.get(f"{_SH}parameter"):
            yield Fault(node, "", "a constraint component has an sh:parameter.")
        if not any(said.get(f"{_SH}{kind}") for kind in kinds):
            yield Fault(node, "", "a constraint component without a validator checks nothing.")
        for kind in kinds:
            wanted = "ask" if kind == "validator" else "select"
            for each in said.get(f"{_SH}{kind}", ()):
                if f"{_SH}{wanted}" not in self.graph.about.get(each, {}):
                    yield Fault(node, f"{_SH}{kind}", f"it must have sh:{wanted}.")

    def _target(self, node: Term, said: Mapping[str, list[Term]]) -> Iterator[Fault]:
        if len(said.get(f"{_SH}select", ())) == 1:
            return
        types = said.get(vocabulary.RDF_TYPE, [])
        kinds = set(self.graph.typed("SPARQLTargetType"))
        for kind in types:
            if kind in kinds:
                subclass = NamedNode(f"{_SH}Target")
                if subclass not in self.graph.all(kind, vocabulary.RDFS_SUBCLASS_OF):
                    yield Fault(kind, "", "a target type is an rdfs:subClassOf sh:Target.")
                for parameter in self.graph.all(kind, f"{_SH}parameter"):
                    for path in self.graph.all(parameter, sh.PATH):
                        optional = any(
                            e.value == "true" for e in self.graph.all(parameter, f"{_SH}optional")
                        )
                        if path.value not in said and not optional:
                            yield Fault(node, "", f"the target has no {path}, which it needs.")
                return
        named = ", ".join(str(kind) for kind in types)
        yield Fault(
            node,
            "",
            f"the target type {named} is not in the shapes graph."
            if named
            else "a target has one sh:select, or a type that is a sh:SPARQLTargetType.",
        )

    # -------------------------------------------------------------- node expressions

    def _expressions(self) -> Iterator[Fault]:
        for node in _values(self.graph, _words("expression")):
            yield from self._expression(node, 0)

    def _expression(self, node: Term, depth: int) -> Iterator[Fault]:
        """Look for what pySHACL does not know of node expressions (SHACL-AF 5), or passes over."""
        if not isinstance(node, BlankNode):
            return
        if depth > _DEEPEST_EXPRESSION:
            yield Fault(node, "", "the node expression nests too deep.")
            return
        said = {
            predicate: values
            for predicate, values in self.graph.about.get(node, {}).items()
            if predicate not in {sh.MESSAGE, vocabulary.RDF_TYPE}
            and not (predicate.startswith(_TELLING) and not predicate.startswith(_SH))
        }
        if len(said) != 1 or any(len(values) != 1 for values in said.values()):
            names = ", ".join(map(_short, said)) or "nothing"
            yield Fault(
                node,
                next(reversed(said), ""),
                f"a node expression says one thing; this one has {names}.",
            )
            return
        ((predicate, (value,)),) = said.items()
        if predicate == sh.PATH:
            return  # well-formed, or told as ill-formed
        items = self._items(value)
        functions = self.graph.typed("SPARQLFunction")
        if predicate not in _words("union intersection"):
            if predicate in _NOT_DONE:
                return  # told already
            if NamedNode(predicate) not in functions:
                yield Fault(
                    node, predicate, "as a node expression it is no function of the shapes graph."
                )
                return
            takes = len(self.graph.all(NamedNode(predicate), f"{_SH}parameter"))
            if len(items) != takes:
                yield Fault(node, predicate, f"the function takes {takes} arguments.")
        elif not items:
            yield Fault(node, predicate, "its list is empty, or no list.")
        for each in items:
            yield from self._expression(each, depth + 1)

    # -------------------------------------------------------------- queries

    def _queries(self) -> Iterator[Fault]:
        for node, said in self.graph.about.items():
            for name in ("select", "ask"):
                predicate = f"{_SH}{name}"
                for text in said.get(predicate, ()):
                    if not self.roles.get(node, set()) & set(_PLACES[predicate]):
                        continue
                    yield from self._query(node, predicate, text)

    def _query(self, node: Term, predicate: str, text: Term) -> Iterator[Fault]:
        if not isinstance(text, Literal):
            yield Fault(node, predicate, "it must be a text.")
            return
        try:
            prefixes = self.graph.prefixes(node)
            query = syntax.check_query(text.value, "the query", prefixes)
        except (ShapesError, SyntaxProblem) as problem:
            yield Fault(node, predicate, str(problem))
            return
        form = predicate.removeprefix(_SH).upper()
        if query.form != form:
            yield Fault(node, predicate, f"it must be a {form} query.")
        elif self.roles[node] & {_TARGET, _TARGET_TYPE} and "this" not in query.variables:
            yield Fault(node, predicate, "a target's query must return ?this.")
        yield from (
            Fault(node, predicate, _no_pattern(pattern, problem))
            for pattern, problem in patterns.of_query(text.value)
        )

    # -------------------------------------------------------------- what is never checked

    def _unused(self) -> Iterator[Fault]:
        graph = self.graph
        shapes = graph.shapes
        roots = {node for node, shape in shapes.items() if graph.aims(shape)}
        noted = {node for node in roots if any(True for _ in _annotations(graph, node))}
        for node in roots:
            # A class that is typed as a shape may be there to be referred to; and a shape that is
            # typed as one and says nothing that is not understood is an empty one.
            target = next((each for each in graph.about[node] if each in _AIMS), "")
            empty = self._is_declared(node) and node not in noted
            if target and not empty and not graph.demands(shapes[node]):
                yield Fault(node, target, "the shape aims at nodes, and demands nothing of them.")
        off = {node for node, shape in shapes.items() if shape.holds(sh.DEACTIVATED)}
        dead = set(shapes) - graph.reached(roots | off)
        inside = {each for node in dead for each in graph.inner[node] if each != node}
        for node in dead - inside:
            named = isinstance(node, NamedNode) and self._is_declared(node)
            if graph.demands(shapes[node]) and (not named or not roots | off):
                made_by = next((each for each in graph.about[node] if each in sh.MAKE_A_SHAPE), "")
                yield Fault(
                    node,
                    made_by,
                    "this shape is never checked: it has no target, and no shape that has one "
                    "refers to it.",
                )

    def _is_declared(self, node: Term) -> bool:
        types = (each.value for each in self.graph.all(node, vocabulary.RDF_TYPE))
        return not _CLASSES.isdisjoint(types)


# Variables that mean something in every query (SHACL 6.2.1).
_RESERVED: Final = ("this", "shapesGraph", "currentShape", "path", "PATH", "value")
_AIMS: Final = frozenset((*sh.TARGETS, sh.TARGET))
_DEEPEST_EXPRESSION: Final = 8
_WHAT_TO_DO: Final = "Say it in SHACL or SHACL-SPARQL, or take it out."
_NOT_CARRIED_OUT: Final = f"it is not carried out here. {_WHAT_TO_DO}"


def _values(graph: ShapesGraph, predicates: frozenset[str]) -> list[Term]:
    """Return all values of these properties."""
    return [
        value
        for said in graph.about.values()
        for predicate in predicates & said.keys()
        for value in said[predicate]
    ]


def _no_pattern(pattern: str, problem: str) -> str:
    return f"{Literal(pattern)} is no regular expression: {problem}."


def _either(places: tuple[str, ...]) -> str:
    *first, last = places
    return f"{', '.join(first)} or {last}" if first else last


def _unknown(iri: str, known: Iterable[str]) -> str:
    """Return what to say of a term that its vocabulary does not have."""
    space = _SH if iri.startswith(_SH) else vocabulary.DASH
    name, names = iri.removeprefix(space), known
    who, prefix = "SHACL", "sh"
    if space != _SH:
        names = [each for each in _beyond() if each.startswith(space)]
        who, prefix = "DASH", "dash"
    close = nearest(name, [each.removeprefix(space) for each in names], 1)
    advice = f"; did you mean {prefix}:{close[0]}?" if close else "."
    return f"{who} has no {prefix}:{name}{advice}"


_LIKE_SHACL: Final = re.compile(r"(?i)https?://(?:www\.)?w3\.org/(?:ns/)?([\w-]+)[#/]?(?:shacl#)?")


def misspelt(iri: str) -> str:
    """Return SHACL's namespace as this IRI misspells it; empty where it does not."""
    found = _LIKE_SHACL.match(iri)
    if not found or iri.startswith(_SH):
        return ""
    word = found[1]
    if word.casefold() == "shacl":
        rest = iri[found.end() :]
        # The recommendation's own address, and files of the vocabulary, are no terms.
        return "" if not rest or "/TR/" in iri else found[0]
    from difflib import SequenceMatcher

    if word.casefold().startswith("shacl") and f"{_SH}{word[5:]}" in _TERMS:
        return found[0][: found.start(1) + 5]
    if f"{_SH}{iri[found.end() :]}" not in _TERMS:
        return ""
    near = SequenceMatcher(None, word.casefold(), "shacl").ratio()
    return found[0] if near > _NEAR else ""


_NEAR: Final = 0.75
