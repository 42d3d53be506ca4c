"""Running a validation: each constraint by the engine that the plan names for it.

Two questions: what is wrong with all the facts (`check`), and what does a change cause
(`check_change`). The second costs what the change touches: the nodes whose verdict can change are
found, then the facts that checking them reads, and only those are checked, after the change and,
where anything was found, before it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store, Triple

from dragoman import vocabulary
from dragoman.errors import DragomanError, UnknownNameError
from dragoman.store import beside_each_other
from dragoman.validation import analysis, core, reference
from dragoman.validation.asking import ask_all, ask_named
from dragoman.validation.data import Data, of, respelt
from dragoman.validation.options import Checking
from dragoman.validation.report import Explanation
from dragoman.walking import reads
from dragoman.walking.facts import Facts
from dragoman.walking.naming import FOCUS, markers, store_of
from dragoman.walking.reads import THIS, Boundless

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from dragoman.record import Followed
    from dragoman.spellings import Spelt
    from dragoman.validation.analysis import Plan, Root
    from dragoman.validation.report import Finding, Term
    from dragoman.walking.distant import Distant

ENGINES: Final = ("auto", "reference", "both")
_TRUTHS: Final = tuple(
    Literal(each, datatype=NamedNode(vocabulary.XSD_BOOLEAN)) for each in ("true", "false")
)


@dataclass(frozen=True)
class Change:
    """A change to the facts.

    Attributes:
        store: facts in its default graph; with `added`, all that stand before or after.
        added: triples to look at beside the store.
        not_before: triples that do not stand before the change.
        not_after: triples that do not stand after it.
        known: the facts of both, as far as they were looked up already.
        followed: what it changes in the record, where that is part of it.
    """

    store: Store | Spelt | Distant
    added: frozenset[Triple] = frozenset()
    not_before: frozenset[Triple] = frozenset()
    not_after: frozenset[Triple] = frozenset()
    known: Facts | None = field(default=None, compare=False, repr=False)
    followed: Followed | None = field(default=None, compare=False, repr=False)

    @property
    def facts(self) -> Facts:
        """The facts before and after the change, to walk in."""
        return self.known or Facts(self.store, self.added)

    def before(self) -> tuple[Triple, ...]:
        """Return all facts before the change: costs what there are."""
        return tuple(Facts(self.store, self.added).everything() - self.not_before)

    def after(self) -> tuple[Triple, ...]:
        """Return all facts after the change: costs what there are."""
        return tuple(Facts(self.store, self.added).everything() - self.not_after)


def check(
    plan: Plan,
    data: Data | Iterable[Triple],
    how: Checking = Checking(),
    explanation: Explanation | None = None,
) -> list[Finding]:
    """Validate data, and return the findings in no particular order, without files and lines.

    Args:
        plan: how the shapes graph is checked.
        data: the data graph, with the ontology in it.
        how: how it is wanted.
        explanation: is told which way each constraint took.

    Raises:
        ShapesError: the shapes graph is not valid SHACL, or asks for the network.
        LimitError: the timeout has passed.
        DragomanError: the engines differ.
    """
    held = data if isinstance(data, Data) else of(data)

    def slow() -> list[Finding]:
        return reference.run(reference.Job(plan.graph.triples, held.triples()), how.timeout)

    def fast() -> list[Finding]:
        return _check(plan, held, how.timeout, explanation or Explanation())

    return _by(how.engine, fast, slow)


def check_change(
    plan: Plan,
    change: Change,
    how: Checking = Checking(),
    explanation: Explanation | None = None,
) -> list[Finding]:
    """Return the findings after a change less those before it; raises what `check` raises."""

    def slow() -> list[Finding]:
        return _whole(plan.graph.triples, change, how.timeout)

    def fast() -> list[Finding]:
        return _check_change(plan, change, how.timeout, explanation or Explanation())

    return _by(how.engine, fast, slow)


def _by(engine: str, fast: Any, slow: Any) -> list[Finding]:  # noqa: ANN401
    if engine not in ENGINES:
        raise UnknownNameError("engine", engine, ENGINES)
    if engine == "reference":
        return list(slow())
    found: list[Finding] = list(fast())
    if engine == "both":
        expected = Counter(slow())
        missed, invented = expected - Counter(found), Counter(found) - expected
        if missed or invented:
            shown = [f"missed: {each}" for each in missed] + [f"invented: {e}" for e in invented]
            raise DragomanError(
                f"The engines differ in {len(shown)} findings; please report it, with the files. "
                f"{'; '.join(shown[:3])}"
            )
    return found


def less(after: Iterable[Finding], before: Iterable[Finding]) -> list[Finding]:
    """Return the findings of the first that are not of the second."""
    # A bag, not a set: one pair of languages or of dates is one result, and two may read alike.
    came, gone = Counter(after), Counter(before)
    old = Counter(_what(each) for each in (gone - came).elements())
    found = []
    for finding in (came - gone).elements():
        what = _what(finding)
        if old[what]:
            old[what] -= 1
        else:
            found.append(finding)
    return found


def _what(finding: Finding) -> Finding:
    """Return what was found, whatever its words are."""
    return replace(finding, messages=())


# ------------------------------------------------------------------ everything


def _check(
    plan: Plan,
    data: Data,
    timeout: float | None,
    explanation: Explanation,
) -> list[Finding]:
    _explain(plan, explanation)
    if plan.problem:
        return reference.run(reference.Job(plan.graph.triples, data.triples()), timeout)
    text, store = data.text, data.store
    tasks: list[Callable[[], list[Finding]]] = [
        lambda: core.run(plan.graph.triples, text, data.is_doubtful),
        *(partial(ask_all, store, root, plan) for root in plan.roots if root.asked),
    ]
    found, *asked = beside_each_other(tasks)
    if asked:
        rows = [each for some in asked for each in some]
        found += _again(plan, rows, store, data.respelt, data.triples, timeout)
    slow = [root for root in plan.roots if root.has(analysis.REFERENCE) or root.has(analysis.WHOLE)]
    if slow:
        job = reference.Job(tuple(plan.only(slow)), data.triples())
        found += [each for each in reference.run(job, timeout) if plan.for_reference(each)]
    return found


def _again(  # noqa: PLR0913, PLR0917  what was found in which facts
    plan: Plan,
    found: list[Finding],
    store: Store,
    respelt: frozenset[Triple],
    data: Callable[[], Iterable[Triple]],
    timeout: float | None,
    among: dict[Any, set[Term]] | None = None,
) -> list[Finding]:
    """Let the reference answer for the nodes to which a literal matters that the store respells.

    Args:
        plan: how the shapes graph is checked.
        found: what the store has found in the facts without these literals.
        store: these facts.
        respelt: those with such a literal.
        data: gives both.
        timeout: seconds for the reference.
        among: a shape to the nodes that are checked; without it, all that it aims at.
    """
    asked = [root for root in plan.roots if root.asked]
    ordering = [root for root in asked if any(each.question.orders for each in root.asked)]
    # The store keeps truth values, and has no order of them.
    truths = [
        quad.triple
        for each in (_TRUTHS if ordering else ())
        for quad in store.quads_for_pattern(None, None, each, DefaultGraph())
    ]
    if not (respelt or truths):
        return found
    facts = Facts(store, respelt)
    affected, whole = _affected(asked, facts, respelt)
    further, more = _affected(ordering, facts, truths)
    affected = {
        node: affected.get(node, set()) | further.get(node, set()) for node in (*affected, *further)
    }
    whole += more
    affected |= {root.node: root.all_targets(facts) for root in whole}
    if among is not None:
        affected = {node: affected[node] & among.get(node, set()) for node in affected}
    roots = [root for root in asked if affected.get(root.node)]
    if not roots:
        return found
    nodes: dict[tuple[Any, Any], set[Term]] = {
        (each.shape, each.node): affected[root.node] for root in roots for each in root.asked
    }
    kept = [
        each for each in found if each.focus not in nodes.get((each.shape, each.constraint), ())
    ]
    named = markers({root.focus: affected[root.node] for root in roots})
    again = reference.run(reference.Job(tuple(plan.aimed(roots)), (*data(), *named)), timeout)
    return kept + [each for each in again if (each.shape, each.constraint) in nodes]


# ------------------------------------------------------------------ a change


def _check_change(
    plan: Plan,
    change: Change,
    timeout: float | None,
    explanation: Explanation,
) -> list[Finding]:
    _explain(plan, explanation)
    facts = change.facts
    if plan.problem:
        return _whole(plan.graph.triples, change, timeout)
    affected, whole = _affected(plan.roots, facts, change.not_before | change.not_after)
    with facts.watched():
        for root in plan.roots:
            if nodes := affected.get(root.node):
                try:
                    for group in root.reads:
                        reads.gather(group, {THIS: nodes}, facts)
                except Boundless:
                    whole.append(root)
                    del affected[root.node]
    nearby = facts.neighbourhood()
    explanation.checked = {
        **{root.node: len(affected.get(root.node, ())) for root in plan.roots},
        **{root.node: None for root in whole},
    }
    explanation.affected = affected
    found = _checked(plan, affected, nearby - change.not_after, timeout)
    if found:
        found = less(found, _checked(plan, affected, nearby - change.not_before, timeout))
    if whole:
        found += _whole(tuple(plan.only(whole)), change, timeout)
    return found


def check_named(
    plan: Plan,
    nodes: dict[Any, set[Term]],
    facts: Facts,
    gone: Collection[Triple] = (),
    timeout: float | None = None,
) -> list[Finding]:
    """Return what the shapes of a plan find on the nodes that are named for them.

    Args:
        plan: see `analysis.within`.
        nodes: a shape to the nodes to check.
        facts: the facts around them.
        gone: those of the facts that do not count.
        timeout: seconds for the reference.

    Raises:
        What `check` raises.
    """
    nearby = None if plan.problem else _around(plan, nodes, facts)
    if nearby is not None:
        return _checked(plan, nodes, nearby - set(gone), timeout)
    named = {shape: f"{FOCUS.value}:{number}" for number, shape in enumerate(nodes)}
    marked = markers({name: nodes[shape] for shape, name in named.items()})
    shapes, triples = analysis.aimed(plan.graph, named), facts.everything() - set(gone)
    return reference.run(reference.Job(tuple(shapes), (*triples, *marked)), timeout)


def _around(plan: Plan, nodes: dict[Any, set[Term]], facts: Facts) -> set[Triple] | None:
    """Return the facts that a check of nodes reads; None where these have no bound."""
    try:
        with facts.watched():
            for root in plan.roots:
                for group in root.reads:
                    reads.gather(group, {THIS: nodes[root.node]}, facts)
    except Boundless:
        return None
    return facts.neighbourhood()


def _whole(shapes: tuple[Triple, ...], change: Change, timeout: float | None) -> list[Finding]:
    """Let the reference check everything, after and before a change."""
    after, before = (
        reference.run(reference.Job(shapes, facts), timeout)
        for facts in (change.after(), change.before())
    )
    return less(after, before)


def _affected(
    roots: Iterable[Root], facts: Facts, changed: Collection[Triple]
) -> tuple[dict[Any, set[Term]], list[Root]]:
    """Return the nodes to check again by shape, and the shapes that are to be checked in full."""
    changes = reads.Changes(changed)
    affected: dict[Any, set[Term]] = {}
    whole = []
    for root in roots:
        if root.has(analysis.WHOLE):
            whole.append(root)
            continue
        try:
            nodes = reads.affected_by(root.entries, facts, changes)
        except Boundless:
            nodes = root.all_targets(facts)
        if nodes := {node for node in nodes if root.aims_at(node, facts)}:
            affected[root.node] = nodes
    return affected, whole


def _checked(
    plan: Plan, affected: dict[Any, set[Term]], triples: set[Triple], timeout: float | None
) -> list[Finding]:
    """Return what is wrong with the affected nodes, in one state of the facts around them."""
    facts = Facts(Store(), triples)
    foci = {
        root.focus: nodes
        for root in plan.roots
        if (nodes := {n for n in affected.get(root.node, ()) if root.aims_at(n, facts)})
    }
    if not foci:
        return []
    roots = [root for root in plan.roots if root.focus in foci]
    named = markers(foci)
    # With other targets more is proven: what is the reference's stays its own.
    found = [
        each for each in core.run(plan.named, [*triples, *named]) if not plan.for_reference(each)
    ]
    beyond = respelt(triples)
    store = store_of(triples - beyond, named)
    asked = [each for root in roots for each in ask_named(store, root, plan)]
    among = {root.node: foci[root.focus] for root in roots}
    found += _again(plan, asked, store, beyond, lambda: triples, timeout, among)
    slow = [root for root in roots if root.has(analysis.REFERENCE)]
    if slow:
        job = reference.Job(tuple(plan.aimed(slow)), (*triples, *named))
        found += [each for each in reference.run(job, timeout) if plan.for_reference(each)]
    return found


# ------------------------------------------------------------------ small parts


def _explain(plan: Plan, explanation: Explanation) -> None:
    explanation.problem = plan.problem
    explanation.ways = [(root.node, way) for root in plan.roots for way in root.ways]
