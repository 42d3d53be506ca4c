"""A rule of the record, and reading the rules of a base."""

from __future__ import annotations

__all__ = ["Fault", "Rule", "Rules", "left_out", "of_shapes", "read", "rules"]

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pyoxigraph import Literal, NamedNode

from dragoman import syntax, vocabulary
from dragoman.base import stem
from dragoman.errors import SyntaxProblem
from dragoman.record import form
from dragoman.walking import sparql
from dragoman.walking.paths import Step
from dragoman.walking.reads import Group, Pattern, Places, places
from dragoman.walking.targets import aimed_at, pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pyoxigraph import Triple

    from dragoman.base import Base, SourceFile

_SH: Final = vocabulary.SH
_TARGETS: Final = tuple(f"{_SH}target{each}" for each in ("Class", "SubjectsOf", "ObjectsOf"))
_ORDER, _RULE, _CONSTRUCT = f"{_SH}order", f"{_SH}rule", f"{_SH}construct"
_KNOWN: Final = frozenset({*_TARGETS, _ORDER, _RULE, _CONSTRUCT, vocabulary.SH_PREFIXES})
_LEFT_OUT: Final = "The rule is left out of the record."
_About = dict[str, list[Any]]


class Fault(NamedTuple):
    """Why a rule is left out.

    Attributes:
        path: its file.
        line: where in it.
        node: the IRI of the rule; empty where it has none.
        problem: what is wrong, and what to do.
    """

    path: Path
    line: int | None
    node: str
    problem: str

    @property
    def told(self) -> str:
        """What is wrong with which rule."""
        return f"{_short(self.node) or self.path.stem}: {self.problem}"

    def __str__(self) -> str:
        """Return it as one line."""
        problem = SyntaxProblem(self.told, self.path, self.line)
        return f"{problem} {_LEFT_OUT}"


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        node: the IRI of its shape.
        path: the file.
        order: its layer.
        targets: a graph pattern that binds `?this` to the nodes that it is asked of.
        construct: its CONSTRUCT query, with all prefixes declared.
        aims: its targets; each alone makes a node one of those that it is asked of.
        label: its label, in English where it has several, else its name.
    """

    node: str
    path: Path
    order: float
    targets: str
    construct: str
    aims: tuple[Pattern, ...] = ()
    label: str = ""

    @property
    def name(self) -> str:
        """What people call it."""
        return f"rule:{self.node.removeprefix(vocabulary.RULE)}"

    @cached_property
    def query(self) -> form.Construct:
        """The query, taken apart."""
        return form.Construct(self.construct)

    @cached_property
    def question(self) -> sparql.Question | None:
        """What it reads; None where that cannot be told."""
        try:
            return sparql.read(self.query.select, {})
        except sparql.Unread:
            return None

    @cached_property
    def reads(self) -> tuple[Group, ...]:
        """What it reads around a node, its targets included; empty where that cannot be told."""
        if self.question is None:
            return ()
        return (self.question.reads, *(Group((each,)) for each in self.aims))

    @cached_property
    def entries(self) -> Places:
        """Predicate to the places where a triple with it can matter; under None, any."""
        return places(self.reads)

    @property
    def terms_read(self) -> frozenset[str]:
        """The properties and classes that it reads."""
        found = set(self.query.terms_read)
        for each in self.aims:
            if isinstance(each.path, Step):
                found.add(str(each.path.predicate))
            elif isinstance(each.object, NamedNode):
                found.add(each.object.value)
        return frozenset(found)

    def asked_of(self, nodes: str) -> str:
        """Return the query for a set of nodes, given as a graph pattern that binds `?this`."""
        start = self.query.where
        return f"{self.construct[:start]} {nodes} {self.construct[start:]}"

    def asked_nearby(self, nodes: str) -> str:
        """Return the query for those of a few nodes that are its targets.

        The nodes are joined in wherever something is asked of them.
        """
        assert self.question is not None  # noqa: S101  without it there is no near
        text, start = self.query.constructing(self.question.asked_of(nodes)), self.query.where
        return f"{text[:start]} {self.targets} {text[start:]}"


class Problem(NamedTuple):
    """What is wrong with a rule.

    Attributes:
        node: the IRI of the rule, or its shape; empty where it has none.
        problem: what is wrong, and what to do.
        terms: those that the rule would write.
    """

    node: str
    problem: str
    terms: frozenset[str] = frozenset()


class Rules(NamedTuple):
    """The rules of a base.

    Attributes:
        all: those that are carried out, in the order in which they are asked.
        faults: why others are left out.
    """

    all: tuple[Rule, ...]
    faults: tuple[Fault, ...] = ()

    def without(self, late: Mapping[str, str]) -> Rules:
        """Return them without some rules, by their IRIs with the reasons, and what needs these."""
        return _sound(self.all, self.faults, dict(late), {})


def rules(base: Base) -> tuple[Rule, ...]:
    """Return the rules of a base in the order in which they are asked."""
    return read(base).all


def left_out(base: Base, warnings: Iterable[str]) -> set[str]:
    """Return the IRIs of the rules that the record lacks, as the warnings of its store say."""
    said = [each for each in warnings if each.endswith(_LEFT_OUT)]
    return {
        rule.node
        for rule in (rules(base) if said else ())
        if any(each.startswith(f"{rule.path}:") for each in said)
    }


def read(base: Base) -> Rules:
    """Return the rules of a base, and why some are left out."""
    prefixes = base.prefixes()
    found: list[Rule] = []
    faults: list[Fault] = []
    lost: dict[str, str] = {}
    for source in base.rules():
        try:
            triples = [quad.triple for quad in syntax.read_rdf(source.path)]
        except SyntaxProblem as problem:
            faults.append(Fault(source.path, problem.line, "", problem.problem))
            lost.update(dict.fromkeys(_hidden_terms(base, source, prefixes), source.name))
            continue
        rules, problems = _of_graph(triples, source.path, prefixes)
        if not rules and not problems:
            problems = [Problem("", "it has no shape with sh:rule.")]
        if len(rules) > 1:
            problems += [
                Problem(each.node, "another rule stands before it. Give each a file of its own.")
                for each in rules[1:]
            ]
        lines = syntax.subject_lines(source.path) if problems else None
        for each in problems:
            line = lines.line(each.node) if lines and each.node else None
            faults.append(Fault(source.path, line, each.node, each.problem))
            lost.update(dict.fromkeys(each.terms, _short(each.node)))
        if not rules:
            lost.update(dict.fromkeys(_hidden_terms(base, source, prefixes), source.name))
        found += rules[:1]
    # Rules and questions of the layers are made for what their own rules derive.
    found.sort(key=lambda each: (base.root in each.path.parents, each.order, each.node))
    return _sound(found, faults, {}, lost)


def _hidden_terms(base: Base, source: SourceFile, prefixes: Mapping[str, str]) -> set[str]:
    """Return what the rules write that a file without a sound rule hides."""
    found: set[str] = set()
    for path in base.hidden_rules():
        if stem(path) == source.name:
            with suppress(SyntaxProblem):
                triples = [quad.triple for quad in syntax.read_rdf(path)]
                rules, _ = _of_graph(triples, path, prefixes)
                found.update(*(each.query.terms_written for each in rules))
    return found


def of_shapes(triples: Iterable[Triple], prefixes: Mapping[str, str]) -> Rules:
    """Return the rules that any shapes graph has, and what is wrong with others."""
    path = Path("shapes")
    rules, problems = _of_graph(triples, path, prefixes)
    rules.sort(key=lambda each: (each.order, each.node))
    return _sound(rules, [Fault(path, None, each.node, each.problem) for each in problems], {}, {})


def _of_graph(
    triples: Iterable[Triple], path: Path, prefixes: Mapping[str, str]
) -> tuple[list[Rule], list[Problem]]:
    """Return the rules of a graph, and what is wrong with others."""
    said: dict[Any, _About] = {}
    for triple in triples:
        about = said.setdefault(triple.subject, {})
        about.setdefault(triple.predicate.value, []).append(triple.object)
    rules: list[Rule] = []
    problems: list[Problem] = []
    for node, about in said.items():
        if _RULE not in about:
            continue
        if problem := next(iter(_of_node(node, about, said)), None):
            problems.append(Problem(node.value if isinstance(node, NamedNode) else "", problem))
            continue
        (inner,) = about[_RULE]
        text = said[inner][_CONSTRUCT][0].value
        aims = aimed_at(*(about.get(each, ()) for each in _TARGETS))
        rule = Rule(
            node.value,
            path,
            float(about[_ORDER][0].value),
            pattern(aims),
            syntax.with_prefixes(syntax.QueryText(text, "CONSTRUCT", (), {}), prefixes),
            aims,
            _label(about) or node.value.removeprefix(vocabulary.RULE),
        )
        found, terms = form.problem(text, rule.construct, rule.name)
        if not found and None in rule.entries:
            found = "it reads any property, and so what it writes. Name those that it needs."
        if found:
            problems.append(Problem(inner.value, found, terms))
        else:
            rules.append(rule)
    return rules, problems


def _of_node(node: Any, about: _About, said: Mapping[Any, _About]) -> Iterable[str]:  # noqa: ANN401
    """Yield what is wrong with the shape of a rule."""
    inner = about[_RULE]
    blank = next((each for each in (node, *inner) if not isinstance(each, NamedNode)), None)
    if blank is not None:
        yield "the rule and its shape need IRIs. Give the blank node one."
    if len(inner) != 1:
        yield f"the shape has {len(inner)} rules. Give each a shape and a file of its own."
        return
    told = said.get(inner[0], {})
    for properties in (about, told):
        for name in properties:
            if name.startswith(_SH) and name not in _KNOWN:
                yield f"sh:{name.removeprefix(_SH)} is not carried out for a rule. Take it out."
    if not any(each in about for each in _TARGETS):
        yield "it aims at nothing. Say sh:targetClass, sh:targetSubjectsOf or sh:targetObjectsOf."
    if any(not isinstance(each, NamedNode) for name in _TARGETS for each in about.get(name, ())):
        yield "a target is no IRI."
    if f"{_SH}SPARQLRule" not in {each.value for each in told.get(vocabulary.RDF_TYPE, ())}:
        yield "it is no sh:SPARQLRule, and no other kind is carried out."
    texts = told.get(_CONSTRUCT, [])
    if len(texts) != 1 or not isinstance(texts[0], Literal):
        yield f"it has {len(texts) or 'no'} sh:construct. Give it one text."
    orders = [[_number(each) for each in of.get(_ORDER, ())] for of in (about, told)]
    if len(orders[0]) != 1 or orders[0][0] is None or orders[0] != orders[1]:
        yield "its shape and its rule need one sh:order, the same number on both."


def _label(about: _About) -> str:
    found = (each for each in about.get(vocabulary.RDFS_LABEL, ()) if isinstance(each, Literal))
    ordered = sorted(found, key=lambda each: (each.language != "en", str(each)))
    return ordered[0].value if ordered else ""


def _number(term: Any) -> float | None:  # noqa: ANN401
    try:
        return float(term.value)
    except ValueError:
        return None


# ------------------------------------------------------------------ rules among each other


def _writers(found: Sequence[Rule], out: dict[str, str]) -> dict[str, Rule]:
    """Return the rule that writes each term, and leave out the others that would.

    Where things come from many may say; that of the highest order stands for them.
    """
    writers: dict[str, Rule] = {}
    for rule in found:
        for term in sorted(rule.query.terms_written):
            first = writers.setdefault(term, rule)
            if first is not rule:
                out.setdefault(
                    rule.node,
                    f"it writes {_short(term)}, which {first.name} writes, too. Each term of the "
                    "record has one rule.",
                )
    comes_from = vocabulary.PROV_WAS_DERIVED_FROM
    for rule in sorted(found, key=lambda each: each.order):
        if any(predicate == comes_from for _, predicate, _ in rule.query.triples):
            writers[comes_from] = rule
    return writers


def _sound(
    found: Sequence[Rule], faults: Sequence[Fault], out: dict[str, str], lost: Mapping[str, str]
) -> Rules:
    """Leave out the rules that contradict others, and those that need what is left out.

    Args:
        found: the rules; of two that write one term, the first stays.
        faults: why others are left out already.
        out: the rules that are to be left out, with the reasons; more come to it.
        lost: terms that a rule left out would write, with what people call it.
    """
    ordered = sorted(found, key=lambda each: (each.order, each.node))
    told = list(faults)
    writers = _writers(found, out)
    for rule in ordered:
        for term in sorted(rule.terms_read):
            writer = writers.get(term)
            if rule.node in out or (writer is None and term not in lost):
                continue
            if writer is None:
                out[rule.node] = (
                    f"it reads {_short(term)}, which {lost[term]} writes, and that is left out."
                )
            elif writer.order >= rule.order:
                which = "itself" if writer is rule else f"{writer.name} of order {writer.order:g}"
                out[rule.node] = (
                    f"it reads {_short(term)}, which {which} writes: a rule of order "
                    f"{rule.order:g} reads only what lower orders write."
                )
            elif writer.node in out:
                out[rule.node] = (
                    f"it reads {_short(term)}, which {writer.name} writes, and that is left out."
                )
    kept = []
    for rule in ordered:
        if rule.node in out:
            line = syntax.subject_lines(rule.path).line(rule.node) if rule.path.suffix else None
            told.append(Fault(rule.path, line, rule.node, out[rule.node]))
        else:
            kept.append(rule)
    return Rules(tuple(kept), tuple(told))


def _short(iri: str) -> str:
    for space, prefix in ((vocabulary.RULE, "rule:"), (vocabulary.DIP, "dip:")):
        if iri.startswith(space):
            return prefix + iri.removeprefix(space)
    return f"<{iri}>" if iri else ""
