"""What in a query other graph stores answer otherwise: found in its text, or by asking both.

Each rule is from a difference that was measured on rdflib 7, Jena ARQ 6.0, Oxigraph 0.5 or Virtuoso
7.2.5, or from what SPARQL 1.1 leaves open. The text is read as tokens: groups, their sub-selects
and what stands directly in them. A finding is a hint with a reason, not a proof.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from dragoman import syntax
from dragoman.errors import QueryRefusedError
from dragoman.syntax.groups import Groups
from dragoman.syntax.traps import RULES as HERE
from dragoman.syntax.traps import Rule, traps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from dragoman.store import Answer, Source

_MODIFIERS: Final = frozenset({"ORDER", "LIMIT", "OFFSET", "GROUP", "HAVING", "VALUES"})
_TEXTS: Final = frozenset(
    {"altLabel", "comment", "description", "label", "literalForm", "name", "prefLabel", "title"}
)
_VENDORS: Final = ("afn", "apf", "bif", "fn", "jfn", "ofn", "omp", "spif", "sql")
_VENDOR_WORDS: Final = frozenset({"DEFINE", "LATERAL", "LET", "TRANSITIVE", "UNFOLD"})
# How many BINDs one is written out to: 89 was well, 312 took 8 s to compile, and 762 was refused.
_CHAIN: Final = 250

UNDECLARED: Final = "undeclared-prefix"
UNKNOWN: Final = "unknown-term"
RULES: Final[dict[str, Rule]] = {
    **HERE,
    UNDECLARED: Rule(
        "uses a prefix that it does not declare",
        "every other store and editor: an error, for only this command knows the table of the base",
        "declare it at the top of the file",
    ),
    UNKNOWN: Rule(
        "uses a term of the base's own names that nothing in the base describes",
        "every store with these facts: no row for it",
        "mend the spelling, or add the fact",
    ),
    "blank-node-label": Rule(
        "names a blank node by a label",
        "every store: labels hold for one answer only",
        "give the node an IRI, or describe it by its properties",
    ),
    "bound-bind": Rule(
        "gives a value to a variable that its group has used before",
        "every store: the standard forbids it, and some take it for a comparison",
        "bind a new name, and compare it in a FILTER",
    ),
    "choice-filter": Rule(
        "filters by what a COALESCE with an IF in it gives",
        "Virtuoso: with some databases the filter sees the value of another row",
        "write a branch of UNION for each case, and bind the value in it",
    ),
    "graph": Rule(
        "asks chosen graphs",
        "stores differ in what is outside of GRAPH: all graphs (Virtuoso, GraphDB, RDF4J), the "
        "default one only (Oxigraph, Fuseki), or nothing (Stardog)",
        "ask without GRAPH and FROM, and by dip:source where the source matters",
    ),
    "limit-without-order": Rule(
        "cuts off rows that are in no order",
        "every store: other rows each time",
        "add ORDER BY, with keys that tell all rows apart",
    ),
    "long-chain": Rule(
        "builds a long chain of BIND on BIND",
        "Virtuoso writes each out wherever it is used, and refuses what grows too large (SQ199)",
        "work out the steps in sub-selects with DISTINCT",
    ),
    "open-path": Rule(
        "repeats a path with * or + between two variables that nothing else in the group binds",
        "Virtuoso: an error (transitive start not given), or no rows; elsewhere slow",
        "say what one end is, as ?end a <Class>, in a sub-select of its own",
    ),
    "outer-filter": Rule(
        "has an OPTIONAL of sub-selects only, whose FILTER looks at a variable outside",
        "rdflib: the variable is unbound there, and the OPTIONAL never holds",
        "let the OPTIONAL begin with a pattern of its own, or bring the variable into it",
    ),
    "path-group": Rule(
        "repeats a path after alternatives in brackets",
        "Virtuoso: no rows",
        "bind the alternatives to a variable, and repeat the path from it",
    ),
    "random-pick": Rule(
        "takes any value (SAMPLE), or values in any order (GROUP_CONCAT)",
        "every store: another value each time",
        "use MIN or MAX, or return a row for each value",
    ),
    "refused": Rule(
        "is refused",
        "this command; and what goes to the network is off in most stores",
        "see the reason above",
    ),
    "star": Rule(
        "selects *",
        "every store: columns in another order",
        "write the columns out",
    ),
    "text-order": Rule(
        "sorts by texts in a language as they are",
        "Virtuoso: texts longer than about 20 characters are not sorted by what they say",
        'sort by COALESCE(STR(?text), "")',
    ),
    "truth-value": Rule(
        "returns what a comparison says",
        "Virtuoso: the numbers 1 and 0 for true and false",
        "write xsd:boolean(…) around it",
    ),
    "unbound-filter": Rule(
        "lets COALESCE catch a comparison of STR() of what may be unbound, in a FILTER",
        "Virtuoso: such rows are dropped",
        "write !BOUND(?a) || !BOUND(?b) || STR(?a) = STR(?b)",
    ),
    "vendor": Rule(
        "uses what only one store knows",
        "every other store: an error",
        "keep to SPARQL 1.1",
    ),
}


class Finding(NamedTuple):
    """One trap in one query: which rule, in which file, line and column, at which text."""

    rule: str
    name: str
    line: int
    column: int
    text: str


def findings(
    text: str,
    name: str = "-",
    prefixes: Mapping[str, str] | None = None,
    source: Source | None = None,
) -> list[Finding]:
    """Return the traps in a query: prefixes that it does not declare, then the order of the text.

    Args:
        text: SPARQL.
        name: what messages call it.
        prefixes: further prefixes that it may use.
        source: the facts of the base, to look for terms that it does not have.
    """
    try:
        checked = syntax.check_query(text, name, prefixes)
    except QueryRefusedError as problem:
        return [Finding("refused", name, problem.line or 1, problem.column or 1, problem.problem)]
    query = Groups(text)
    found = {(rule, index) for look in _LOOKS for rule, index in look(query)}
    told: dict[tuple[str, int], str] = {}
    for index, declaration in _undeclared(query, checked.prefixes, prefixes or {}):
        found.add((UNDECLARED, index))
        told[UNDECLARED, index] = declaration
    if checked.star:
        found.add(("star", query.words.index("*")))
    for term, start in _strangers(checked, prefixes or {}, source):
        at = next(at for at, token in enumerate(query.tokens) if token.start == start)
        found.add((UNKNOWN, at))
        told[UNKNOWN, at] = term
    return [
        Finding(
            rule,
            name,
            *_place(text, query.tokens[index].start),
            told.get((rule, index), query.tokens[index].text),
        )
        for rule, index in sorted(found, key=lambda each: (each[0] != UNDECLARED, each[1], each[0]))
    ]


def _undeclared(
    query: Groups, declared: Mapping[str, str], known: Mapping[str, str]
) -> Iterator[tuple[int, str]]:
    """Yield where each prefix is first used that the text does not declare, and its declaration."""
    seen = set(declared)
    for index, token in enumerate(query.tokens):
        prefix = token.text.partition(":")[0]
        if token.kind == "name" and prefix not in seen:
            seen.add(prefix)
            yield index, f"{prefix}: write PREFIX {prefix}: <{known[prefix]}>"


def _strangers(
    checked: syntax.QueryText, prefixes: Mapping[str, str], source: Source | None
) -> list[tuple[str, int]]:
    if source is None:
        return []
    from dragoman import names

    found = names.strangers(source, checked.text, {**prefixes, **checked.prefixes})
    return [(str(each), each.start) for each in found]


def _place(text: str, start: int) -> tuple[int, int]:
    return text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)


Found = tuple[str, int]


def _named(query: Groups) -> Iterator[Found]:
    for index in query.places("GRAPH", "FROM"):
        yield "graph", index
    for index in query.places("SAMPLE", "GROUP_CONCAT"):
        yield "random-pick", index
    for index in query.places(*_VENDOR_WORDS):
        yield "vendor", index
    for index, token in enumerate(query.tokens):
        declared = index > 0 and query.words[index - 1] == "PREFIX"
        if token.kind == "name" and token.text.partition(":")[0] in _VENDORS and not declared:
            yield "vendor", index
        elif token.kind == "iri" and token.text.startswith(("<_:", "<nodeID:")):
            yield "blank-node-label", index


def _modifiers(query: Groups) -> Iterator[Found]:
    for group in query.groups:
        own = [query.words[index] for index in group.own]
        for index in group.own:
            word = query.words[index]
            if query.tokens[index].kind != "word":
                continue
            if word in {"LIMIT", "OFFSET"} and "ORDER" not in own:
                yield "limit-without-order", index


def _order(query: Groups) -> Iterator[Found]:
    texts = {
        query.words[index + 1]
        for index, token in enumerate(query.tokens[:-1])
        if token.kind == "name" and token.text.partition(":")[2] in _TEXTS
    }
    for start in query.places("ORDER"):
        depth = 0
        for index in range(start + 2, len(query.words)):
            word = query.words[index]
            depth += (word == "(") - (word == ")")
            if word == "}" or (word in _MODIFIERS and query.tokens[index].kind == "word"):
                break
            bare = depth == 0 or (depth == 1 and query.words[index - 2] in {"ASC", "DESC"})
            if bare and word in texts:
                yield "text-order", index


def _paths(query: Groups) -> Iterator[Found]:
    for group in query.groups:
        used = Counter(query.words[index] for index in group.own)
        for place, index in enumerate(group.own[:-1]):
            if query.words[index] not in {"*", "+"} or query.tokens[index - 1].kind == "word":
                continue
            before, after = index - 1, index + 1
            if query.tokens[before].kind not in {"name", "iri"} and query.words[before] != ")":
                continue
            if query.tokens[after].kind not in {"variable", "name", "iri"}:
                continue
            if query.words[before - 1] == "/" and query.words[before - 2] == ")":
                yield "path-group", index
            start = query.words[before - 1]
            ends = (start, query.words[after])
            if all(end.startswith(("?", "$")) for end in ends) and place and group.word != "MINUS":
                within = {name for child in group.children for name in query.variables(child)}
                if not any(used[end] > 1 or end in within for end in ends):
                    yield "open-path", index


def _binds(query: Groups) -> Iterator[Found]:
    head = query.words[: query.words.index("{")] if "{" in query.words else []
    for group in query.groups:
        weights: dict[str, int] = {}
        seen: set[str] = set()
        for index in group.own:
            token = query.tokens[index]
            if token.kind == "word" and query.words[index] == "BIND":
                inside = query.call(index)
                if len(inside) < 3:
                    continue
                target = query.words[inside[-1]]
                if target in seen:
                    yield "bound-bind", inside[-1]
                used = [query.words[each] for each in inside[:-2]]
                weights[target] = 1 + sum(weights.get(each, 0) for each in used)
                if weights[target] > _CHAIN:
                    yield "long-chain", inside[-1]
                    weights[target] = 1
                if target in head and _is_truth(used):
                    yield "truth-value", inside[-1]
                seen.add(target)
            elif token.kind == "variable":
                seen.add(query.words[index])


def _choices(query: Groups) -> Iterator[Found]:
    for group in query.groups:
        calls = [(query.words[index], query.call(index)) for index in group.own]
        chosen = {
            query.words[inside[-1]]
            for word, inside in calls
            if word == "BIND" and _chooses(query, inside)
        }
        for word, inside in calls:
            if word == "FILTER":
                yield from (("choice-filter", at) for at in inside if query.words[at] in chosen)


def _chooses(query: Groups, inside: list[int]) -> bool:
    """Return whether an expression has an IF within a COALESCE."""
    catching = [query.call(index) for index in inside if query.words[index] == "COALESCE"]
    return any(query.words[index] == "IF" for call in catching for index in call)


def _is_truth(words: Sequence[str]) -> bool:
    """Return whether an expression is a comparison or BOUND, as a whole."""
    depth = 0
    for word in words:
        depth += (word == "(") - (word == ")")
        if depth == 0 and word in {"=", "!=", "<", ">", "<=", ">=", "&&", "||", "!", "IN"}:
            return True
    return bool(words) and words[0] in {"BOUND", "TRUE", "FALSE", "CONTAINS", "REGEX", "STRSTARTS"}


def _filters(query: Groups) -> Iterator[Found]:
    for group in query.groups:
        filters = [index for index in group.own if query.words[index] == "FILTER"]
        inside = {index for each in filters for index in query.call(each)}
        for each in (index for index in sorted(inside) if query.words[index] == "COALESCE"):
            words = [query.words[index] for index in query.call(each)]
            if words.count("STR") > 1 and words[-1:] == ["TRUE"]:
                yield "unbound-filter", each
        own = [query.tokens[index].kind for index in group.own if index not in inside]
        if group.word != "OPTIONAL" or not group.children or {"variable", "name"} & set(own):
            continue
        known = {name for child in group.children for name in query.variables(child)}
        for index in sorted(inside):
            if query.tokens[index].kind == "variable" and query.words[index] not in known:
                yield "outer-filter", index


_LOOKS: Final[tuple[Callable[[Groups], Iterator[Found]], ...]] = (
    _named,
    _modifiers,
    _order,
    _paths,
    _binds,
    _choices,
    _filters,
    traps,
)


class Comparison(NamedTuple):
    """What two stores answer to one query.

    Attributes:
        name: what messages call the query.
        verdict: same, other order, different, or failed.
        here, there: how many rows.
        missing, extra: rows that only the first has, and only the second.
        problem: why the second store did not answer.
    """

    name: str
    verdict: str
    here: int = 0
    there: int = 0
    missing: tuple[tuple[str, ...], ...] = ()
    extra: tuple[tuple[str, ...], ...] = ()
    problem: str = ""


def compare(query: syntax.QueryText, here: Source, there: Source, name: str) -> Comparison:
    """Ask two stores, and compare their rows as SPARQL's CSV spells them.

    The order counts where the query has one.

    Raises:
        DragomanError: the first store does not answer.
    """
    from dragoman.errors import DragomanError

    own = _rows(here.query(query))
    try:
        others = _rows(there.query(query))
    except DragomanError as problem:
        return Comparison(name, "failed", len(own), problem=str(problem))
    missing, extra = Counter(own) - Counter(others), Counter(others) - Counter(own)
    if missing or extra:
        verdict = "different"
    elif own != others and "ORDER" in (token.text.upper() for token in syntax.tokens(query.text)):
        verdict = "other order"
    else:
        verdict = "same"
    rows = tuple(sorted(missing.elements())), tuple(sorted(extra.elements()))
    return Comparison(name, verdict, len(own), len(others), *rows)


def _rows(answer: Answer) -> list[tuple[str, ...]]:
    if answer.truth is not None:
        return [(str(answer.truth).lower(),)]
    if answer.triples:
        return sorted((str(each),) for each in answer.triples)
    return [
        tuple("" if term is None else str(getattr(term, "value", term)) for term in row)
        for row in answer.rows
    ]
