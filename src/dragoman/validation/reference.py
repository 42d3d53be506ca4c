"""The reference engine: pySHACL on plain rdflib memory graphs.

The only module that imports rdflib and pySHACL for validation. It is given triples that pyoxigraph
parsed, never text, so that no literal is respelt and nothing is fetched. What is checked is SHACL
and SHACL-SPARQL as the W3C recommended them on 20 July 2017, and of SHACL Advanced Features what
the shapes ask for; owl:imports are not followed.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from pyoxigraph import Literal, Triple

from dragoman import vocabulary
from dragoman.errors import DragomanError, LimitError, ShapesError, SyntaxProblem
from dragoman.validation import messages
from dragoman.validation.report import Finding, Path
from dragoman.validation.terms import back, there

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib import Graph
    from rdflib.term import Node


class Job(NamedTuple):
    """What to validate: the triples of a shapes graph, and those of the data, ontology included."""

    shapes: tuple[Triple, ...]
    data: tuple[Triple, ...]


def run(job: Job, timeout: float | None = None) -> list[Finding]:
    """Validate, and return the findings in no particular order, without files and lines.

    With a timeout the work is done in a child process, which can be ended: a hostile `sh:pattern`
    holds Python's regular expressions, and with them the whole process, for ever.

    Raises:
        ShapesError: the shapes graph is not valid SHACL, or asks for the network.
        LimitError: the timeout has passed.
    """
    check_queries(job.shapes)
    return _validate(job) if timeout is None else _run_in_child(job, timeout)


def check_queries(shapes: Iterable[Triple]) -> None:
    """Refuse SPARQL in a shapes graph that would leave this machine or nests too deep.

    Raises:
        ShapesError: naming the constraint and the reason.
    """
    from dragoman import syntax

    selects = frozenset(vocabulary.SH_SELECTS)
    for triple in shapes:
        if triple.predicate.value not in selects or not isinstance(triple.object, Literal):
            continue
        where = f"{_property(triple.predicate.value)} of {triple.subject}"
        try:
            _refuse_from(triple.object.value, where)
            # Prefixes come from sh:prefixes, which pySHACL resolves.
            syntax.check_query(triple.object.value, where, _AnyPrefix())
        except SyntaxProblem as problem:
            raise ShapesError(f"The shapes are refused: {problem}") from problem


class _AnyPrefix(dict[str, str]):
    """A table in which every prefix is known."""

    def __contains__(self, prefix: object) -> bool:
        return isinstance(prefix, str)

    def __bool__(self) -> bool:
        return True


def _refuse_from(text: str, where: str) -> None:
    """Refuse `FROM`, by which rdflib would read a file or a web address."""
    from dragoman import syntax

    for token in syntax.tokens(text):
        if token.kind == "word" and token.text.upper() == "FROM":
            raise SyntaxProblem("FROM is refused, for it would load another graph.", where)


# ------------------------------------------------------------------ in a child process


def _run_in_child(job: Job, timeout: float) -> list[Finding]:
    import pickle
    import subprocess

    # The child sees the modules that we see, but nothing that lies about in the current folder.
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(each for each in sys.path if each)}
    command = [sys.executable, "-P", "-m", "dragoman.validation.worker"]
    with subprocess.Popen(  # noqa: S603  no word of the user is in the command
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    ) as child:
        try:
            answer, _ = child.communicate(pickle.dumps(job, pickle.HIGHEST_PROTOCOL), timeout)
        except subprocess.TimeoutExpired as error:
            raise LimitError(
                f"The validation was stopped after {timeout:g} s. Raise --timeout, or look for a "
                "costly sh:pattern or sh:select in the shapes."
            ) from error
        finally:
            child.kill()
    if not answer:
        raise DragomanError(
            f"The validator ended without an answer (exit code {child.returncode}): perhaps the "
            "memory of this machine was too small."
        )
    kind, content = pickle.loads(answer)  # noqa: S301  from our own child
    if kind == "findings":
        found: list[Finding] = content
        return found
    raise ShapesError(content) if kind == "shapes" else DragomanError(content)


# ------------------------------------------------------------------ pySHACL


def _validate(job: Job) -> list[Finding]:
    from dragoman.validation import advanced
    from dragoman.validation.corrections import corrected

    with as_written(), _checked_once(), corrected(), advanced.silent():
        wanted = advanced.options(job.shapes)
        return _results(_shapes_graph(job.shapes), _graph(job.data), wanted)


@contextmanager
def as_written() -> Iterator[None]:
    """Keep rdflib from respelling literals, and pySHACL from leaving that switched another way."""
    import logging

    import rdflib

    before = rdflib.NORMALIZE_LITERALS
    # It logs every ill-typed literal; those are what shapes are there to find.
    log = logging.getLogger("rdflib.term")
    level = log.level
    rdflib.NORMALIZE_LITERALS = False
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS = before
        log.setLevel(level)


def _graph(triples: Iterable[Triple]) -> Graph:
    import rdflib

    class Prepared(rdflib.Graph):
        """A graph that parses each query once: pySHACL hands in the same text for every node."""

        def query(self, query_object: Any, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
            if isinstance(query_object, str):
                query_object = _prepared(_without_idle_prefixes(query_object))
            return super().query(query_object, *arguments, **options)

    graph = Prepared(bind_namespaces="none")
    for triple in triples:
        graph.add(_triple(triple))
    return graph


@lru_cache(maxsize=512)
def _prepared(query: str) -> Any:  # noqa: ANN401
    from rdflib.plugins.sparql import prepareQuery

    from dragoman.validation.expressions import corrected_query

    return corrected_query(prepareQuery(query))


@lru_cache(maxsize=512)
def _without_idle_prefixes(query: str) -> str:
    """Sort the PREFIX lines that pySHACL wrote, and drop those that the query does not use.

    Parsing fifty of them for each query takes rdflib as long as the query itself; and their order
    changes from run to run, so that the same query would be parsed again.
    """
    head, body = [], query
    while found := re.match(r"PREFIX ([^:\s]*): <[^>\n]*>\n", body):
        head.append((found[1], found[0]))
        body = body[found.end() :]
    return "".join(line for prefix, line in sorted(head) if f"{prefix}:" in body) + body


@contextmanager
def _checked_once() -> Iterator[None]:
    """Let pySHACL look through the text of a SPARQL constraint once, not once for each node.

    Its look is a set of regular expressions that take milliseconds each; the verdict depends on
    the text and on the names of the variables alone.
    """
    from pyshacl.helper.sparql_query_helper import SPARQLQueryHelper

    look = SPARQLQueryHelper.check_invalid_sparql
    passed: set[tuple[str, bool, tuple[str, ...]]] = set()

    def once(self: Any, text: str, valuenode: Any = None, extravars: Any = None) -> bool:  # noqa: ANN401
        key = (text, valuenode is not None, tuple(sorted(extravars or ())))
        if key not in passed:
            look(self, text, valuenode=valuenode, extravars=extravars)  # type: ignore[no-untyped-call]
            passed.add(key)
        return True

    SPARQLQueryHelper.check_invalid_sparql = once  # type: ignore[method-assign]
    try:
        yield
    finally:
        SPARQLQueryHelper.check_invalid_sparql = look  # type: ignore[method-assign]


def _shapes_graph(triples: Iterable[Triple]) -> Graph:
    import rdflib
    from pyshacl.monkey import rdflib_bool_patch, rdflib_bool_unpatch

    # Of the spellings of true, a shapes graph knows only "true" (W3C test uniqueLang-002).
    rdflib_bool_patch()  # type: ignore[no-untyped-call]
    try:
        graph = _graph(triples)
    finally:
        rdflib_bool_unpatch()  # type: ignore[no-untyped-call]
        # It switches the normalising of literals on, whatever it was before.
        rdflib.NORMALIZE_LITERALS = False
    # Prefixes also come from what the declaring node imports, as far as it is in this very graph
    # (SHACL 5.2.1); pySHACL looks at the node alone.
    declare, imports = _iri(vocabulary.SH_DECLARE), _iri(vocabulary.OWL_IMPORTS)
    for node in set(graph.objects(None, _iri(vocabulary.SH_PREFIXES))):
        for imported in list(graph.transitive_objects(node, imports)):
            for declaration in list(graph.objects(imported, declare)):
                graph.add((node, declare, declaration))
    return graph


def _results(shapes: Graph, data: Graph, wanted: dict[str, Any]) -> list[Finding]:
    import logging
    import warnings

    from pyshacl import Validator
    from pyshacl.graph_abstraction import DataGraph

    # pySHACL logs to the terminal, and adds to the graph of shapes, unless told otherwise.
    silent = logging.Logger("dragoman.validation")
    silent.addHandler(logging.NullHandler())
    options = {"logger": silent, "inplace": True, **wanted}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            validator = Validator(DataGraph.from_rdflib(data), shacl_graph=shapes, options=options)
            _check_constraints(validator)
            _, report, _ = validator.run()  # type: ignore[no-untyped-call]
            # Not everything typed as a result: those inside sh:detail are no results of the report.
            results = report.objects(None, _iri(vocabulary.SH_RESULT))
            return [_finding(report, each, validator) for each in results]
    except ShapesError:
        raise
    except RecursionError as error:
        raise ShapesError("The shapes or the data nest too deep for the validator.") from error
    except Exception as error:
        # Broken shapes make pySHACL raise whatever its inner parts raise.
        raise ShapesError(f"The shapes cannot be used: {_one_line(error)}") from error


def _check_constraints(validator: Any) -> None:  # noqa: ANN401
    """Find what is wrong with the shapes even where they aim at nothing.

    pySHACL looks at a constraint when it meets a node to check; silence must not mean assent.
    """
    from pyoxigraph import Store
    from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
    from pyshacl.constraints.sparql.sparql_based_constraints import SPARQLBasedConstraint
    from pyshacl.errors import ConstraintLoadWarning

    from dragoman import syntax
    from dragoman.store import LocalStore

    empty = LocalStore(Store())
    # A query with a function of the shapes' own only pySHACL can answer.
    typed = validator.shacl_graph.graph.subjects(None, _iri(f"{vocabulary.SH}SPARQLFunction"))
    functions = {re.split("[#/:]", str(each))[-1] for each in typed}
    for shape in validator.shacl_graph.shapes:
        for parameter in set(validator.shacl_graph.graph.predicates(shape.node)):
            component = CONSTRAINT_PARAMETERS_MAP.get(parameter)
            if component is None:
                continue
            try:
                constraint = component(shape)
            except ConstraintLoadWarning:
                continue
            if isinstance(constraint, SPARQLBasedConstraint):
                for query in constraint.sparql_constraints:
                    _, text = query.pre_bind_variables(shape.node)
                    where = f"sh:select of {back(query.node)}"
                    prefixes = {name: str(space) for name, space in query.prefixes.items()}
                    try:
                        checked = syntax.check_query(text, where, prefixes)
                        if not any(name in text for name in functions):
                            empty.query(checked, prefixes=prefixes)
                            _prepared(_without_idle_prefixes(query.apply_prefixes(text)))
                    except SyntaxProblem as problem:
                        problem_line = _one_line(problem)
                        raise ShapesError(f"The shapes are refused: {problem_line}") from problem
                    except DragomanError as error:
                        place = f"in {where}, of {back(shape.node)}"
                        raise ShapesError(f"The shapes cannot be used: {place}: {error}") from error


def _finding(report: Graph, result: Node, validator: Any) -> Finding:  # noqa: ANN401
    said: dict[str, list[Node]] = {}
    for predicate, each in report.predicate_objects(result):
        said.setdefault(str(predicate), []).append(each)

    def one(predicate: str) -> Node | None:
        return next(iter(said.get(predicate, ())), None)

    path, value = one(vocabulary.SH_RESULT_PATH), one(vocabulary.SH_VALUE)
    constraint = one(vocabulary.SH_SOURCE_CONSTRAINT)
    finding = Finding(
        focus=back(one(vocabulary.SH_FOCUS_NODE)),
        severity=str(one(vocabulary.SH_RESULT_SEVERITY)),
        shape=back(one(vocabulary.SH_SOURCE_SHAPE)),
        component=str(one(vocabulary.SH_SOURCE_CONSTRAINT_COMPONENT)),
        path=None if path is None else _path(path, validator.shacl_graph),
        value=None if value is None else back(value),
        constraint=None if constraint is None else back(constraint),
    )
    said_so = map(back, said.get(vocabulary.SH_RESULT_MESSAGE, ()))
    return replace(finding, messages=_messages(finding, said_so, validator.shacl_graph.graph))


def _messages(finding: Finding, said: Iterable[Any], shapes: Graph) -> tuple[Literal, ...]:
    """Return the messages of a finding: where the shapes have none, those of every engine."""

    def values(node: Any, predicate: str) -> Iterator[Any]:  # noqa: ANN401
        return map(back, shapes.objects(there(node), _iri(predicate)))

    found = tuple(sorted((each for each in said if isinstance(each, Literal)), key=str))
    if finding.component not in messages.COMPONENTS and found:
        return found
    return messages.messages(
        finding.shape,
        finding.component,
        finding.path,
        values,
        lambda node: map(back, shapes.items(there(node))),
    )


def _path(node: Any, shapes: Any) -> Path:  # noqa: ANN401
    from pyshacl.helper.path_helper import shacl_path_to_sparql_path
    from rdflib import RDF, BNode

    triples: list[Triple] = []
    waiting: list[Any] = [node]
    seen: set[Any] = set()
    while waiting:
        each = waiting.pop()
        if isinstance(each, BNode) and each not in seen:
            seen.add(each)
            stated = sorted(shapes.predicate_objects(each))
            # A node that is a list and more is a list (W3C test path-strange-001).
            cells = [pair for pair in stated if pair[0] in {RDF.first, RDF.rest}]
            for predicate, value in cells or stated:
                triples.append(Triple(back(each), back(predicate), back(value)))
                waiting.append(value)
    return Path(shacl_path_to_sparql_path(shapes, node), back(node), tuple(triples))


# ------------------------------------------------------------------ terms, there and back


def _triple(triple: Triple) -> tuple[Node, Node, Node]:
    return there(triple.subject), _iri(triple.predicate.value), there(triple.object)


def _iri(value: str) -> Any:  # noqa: ANN401
    from rdflib import URIRef

    return URIRef(value)


def _property(iri: str) -> str:
    return f"sh:{iri.removeprefix(vocabulary.SH)}"


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text.split(" For reference, see ")[0][:500]
