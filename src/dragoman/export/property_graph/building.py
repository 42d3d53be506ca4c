"""Graphs as nodes and edges, made in bounded memory.

The statements of all graphs are read once, subject by subject. What is surely a node is put by at
once; what the mapping may make an edge is kept as a record until everything has been seen. Then
records become edges, and those that no rule fits stay nodes.
"""

from __future__ import annotations

import heapq
import re
from collections import defaultdict
from itertools import groupby, product
from operator import attrgetter, itemgetter
from typing import IO, TYPE_CHECKING, Final, NamedTuple, cast

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from dragoman import canonical, vocabulary
from dragoman.canonical import sorting
from dragoman.export.property_graph import columns
from dragoman.export.property_graph.columns import (
    DELIMITERS,
    MEANT,
    OF_EDGES,
    OF_NODES,
    Column,
    Columns,
    Key,
    Value,
)
from dragoman.export.property_graph.records import Records, Spill

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from pyoxigraph import Quad

    from dragoman.canonical import CanonicalGraph
    from dragoman.export.property_graph.mapping import EdgeRule, FactsRule, Rules

# The label that every node has, so that one index finds any of them.
EVERY: Final = "Resource"
_NAMING: Final = (
    vocabulary.SKOS_PREF_LABEL,
    vocabulary.RDFS_LABEL,
    vocabulary.SKOSXL_LITERAL_FORM,
)
# Wholes of wholes of wholes: a delegation, its account, what it is about, and room for others.
_LEVELS: Final = 8
# So many graphs are merged side by side; more are sorted anew.
_ABREAST: Final = 16
# Marks the type of an edge that a rule names.
_TOLD: Final = "\0"


class Statement(NamedTuple):
    """What a statement says of its subject.

    Attributes:
        predicate: an IRI.
        thing: true where it points to a thing, false where it has a value.
        text: the thing, as N-Triples writes it; or the value.
        language: of a text.
        datatype: of a value.
        graph: the IRI of the graph that says so.
    """

    predicate: str
    thing: bool
    text: str
    language: str
    datatype: str
    graph: str


class Record(NamedTuple):
    """A node that may become an edge.

    Attributes:
        token: what it is, as N-Triples writes it.
        classes: IRIs.
        levels: what it says; what is said where it belongs; what is said where that belongs; …
    """

    token: str
    classes: list[str]
    levels: list[list[Statement]]

    @property
    def own(self) -> list[Statement]:
        """What it says itself."""
        return self.levels[0]

    def found(self, name: str) -> list[Statement]:
        """Return the statements with a property on the nearest level that has any."""
        for level in self.levels:
            if found := [each for each in level if each.predicate == name]:
                return found
        return []


class Node(NamedTuple):
    """One thing: its IRI (or `_:` and a label), labels, best name, and values by column."""

    id: str
    labels: tuple[str, ...]
    name: str
    values: dict[str, Value]


class Edge(NamedTuple):
    """A statement between two nodes; or a node that became an edge, with its values.

    Attributes:
        source: the id of a node.
        type: a name.
        target: the id of a node.
        predicate: the property; or the class of the node that the edge was.
        graph: that says so.
        record: the IRI of the node that the edge was, or that told it; empty for a plain statement.
        values: by column.
    """

    source: str
    type: str
    target: str
    predicate: str
    graph: str
    record: str
    values: dict[str, Value]


class PropertyGraph:
    """Nodes, sorted by their ids as N-Triples writes them, and edges, in an order of their own.

    Attributes:
        node_columns: sorted by name.
        edge_columns: sorted by name.
        delimiter: a character that stands in no list and no label; None where none is left.
        longest: characters of the longest value.
        multiline: whether some value has a line break.
        node_count: how many nodes.
        edge_count: how many edges.
    """

    def __init__(  # noqa: PLR0913, PLR0917  what the builder has
        self,
        nodes: Sequence[Spill],
        plain: Sequence[Spill],
        folded: Spill,
        records: Records,
        seen: tuple[Columns, Columns],
        labels: Mapping[str, str],
        types: Mapping[str, str],
        prefixes: Mapping[str, str],
        called: Mapping[str, str],
    ) -> None:
        self._nodes, self._plain, self._folded, self._records = nodes, plain, folded, records
        self._labels, self._types = labels, types
        of_nodes, of_edges = seen
        self._of_nodes = of_nodes.named(prefixes, OF_NODES, called)
        self._of_edges = of_edges.named(prefixes, OF_EDGES, called)
        self.node_columns = tuple(self._of_nodes.values())
        self.edge_columns = tuple(self._of_edges.values())
        used = of_nodes.in_lists() | of_edges.in_lists()
        self.delimiter = next((mark for mark in DELIMITERS if mark not in used), None)
        self.longest = max(of_nodes.longest, of_edges.longest)
        self.multiline = of_nodes.multiline or of_edges.multiline
        self.node_count = sum(each.count for each in nodes)
        self.edge_count = sum(each.count for each in plain) + folded.count

    def nodes(self) -> Iterator[Node]:
        """Yield all nodes."""
        find = self._of_nodes
        for token, classes, name, values in heapq.merge(*self._nodes, key=itemgetter(0)):
            if self._records.any_more:
                _add(values, self._records.more(token))
            labels = (EVERY, *sorted(self._labels[each] for each in classes))
            yield Node(_id(token), labels, name, _told(values, find))

    def edges(self) -> Iterator[Edge]:
        """Yield all edges."""
        for spill in self._plain:
            for source, predicate, target, graph in spill:
                kind = self._types[predicate]
                yield Edge(_id(source), kind, _id(target), predicate, graph, "", {})
        for source, kind, target, predicate, graph, record, values in self._folded:
            name = kind[1:] if kind.startswith(_TOLD) else self._types[kind]
            found = _told(values, self._of_edges)
            yield Edge(_id(source), name, _id(target), predicate, graph, _id(record), found)


def built(
    graphs: Sequence[CanonicalGraph],
    prefixes: Mapping[str, str],
    rules: Rules,
) -> PropertyGraph:
    """Return graphs as a property graph.

    Args:
        graphs: what is read.
        prefixes: for names that would be the same without.
        rules: which nodes become edges.
    """
    builder = _Builder(rules)
    for subject, statements in _subjects(graphs):
        builder.take(subject, statements)
    return builder.finished(prefixes)


class _Builder:
    """Everything that is known while graphs are read, and what is made of it."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._classes = {*rules.edges, *rules.merges}
        self._told_by = rules.told_by
        self._merging = {*rules.merges.values()}
        self._records = Records()
        self._nodes, self._late, self._alone = Spill(), Spill(), Spill()
        self._leading, self._edges, self._late_edges = Spill(), Spill(), Spill()
        self._plain, self._late_plain, self._folded = Spill(), Spill(), Spill()
        self._of_nodes, self._of_edges = Columns(), Columns()
        self._ends = sorting.Sorter()
        self._labels: set[str] = set()
        self._types: set[str] = set()
        # the columns of values that nodes say, and of values that they get from elsewhere
        self._own: set[Key] = set()
        self._further: set[Key] = set()

    def take(self, token: str, statements: list[Statement]) -> None:
        """Take all statements about a thing; things come sorted."""
        classes = sorted({_id(each.text) for each in statements if _is_class(each)})
        if not self._classes.isdisjoint(classes):
            self._records.add(token, (classes, [tuple(each) for each in statements]))
            for each in statements:
                if each.thing and each.predicate in self._told_by:
                    self._records.add_told(each.predicate, each.text, token)
            if name := _best_name(statements):
                self._records.add_name(token, name)
        else:
            self._node(token, classes, statements, self._nodes, self._edges)

    def finished(self, prefixes: Mapping[str, str]) -> PropertyGraph:
        """Make edges of records, connect what is left, and return it all."""
        self._records.settle()
        for token, (classes, told) in self._records:
            self._fold(self._record(token, classes, told))
        for edge in self._leading:
            if not self._merged(*edge):
                self._edges.add(edge)
        self._records.settle()
        self._connect(self._edges, self._plain)
        for token, (classes, told) in self._records:
            if not self._records.is_gone(token):
                statements = [Statement(*each) for each in told]
                self._node(token, classes, statements, self._late, self._late_edges)
        self._connect(self._late_edges, self._late_plain)
        self._records.settle()
        for key in (self._own & self._further) | self._records.repeated():
            self._of_nodes.note_several(key)
        self._find_alone()
        named = self._rules.types
        rules = (rule for each in self._rules.edges.values() for rule in each)
        taken = frozenset(named.values()) | {rule.type for rule in rules}
        spelt = columns.shouted if self._rules.edges else str
        types = columns.distinct(self._types - named.keys(), prefixes, taken, spelt)
        labels = columns.distinct(self._labels, prefixes, frozenset({EVERY}))
        return PropertyGraph(
            (self._nodes, self._late, self._alone),
            (self._plain, self._late_plain),
            self._folded,
            self._records,
            (self._of_nodes, self._of_edges),
            labels,
            {**types, **named},
            prefixes,
            self._rules.columns,
        )

    def _node(
        self, token: str, classes: list[str], statements: list[Statement], to: Spill, edges: Spill
    ) -> None:
        self._labels.update(classes)
        values: defaultdict[Key, list[tuple[str, str]]] = defaultdict(list)
        for each in statements:
            if not each.thing:
                values[each.predicate, each.language].append((each.text, each.datatype))
            elif not _is_class(each):
                to_merge = each.predicate in self._merging and edges is self._edges
                (self._leading if to_merge else edges).add(
                    (token, each.predicate, each.text, each.graph)
                )
        texts = {key: _noted(self._of_nodes, key, found) for key, found in values.items()}
        self._own.update(texts)
        name = _best_name(statements)
        if name:
            self._records.add_name(token, name)
        to.add((token, classes, name or _end_of(token), texts))

    # -------------------------------------------------------------- records as edges

    def _fold(self, record: Record) -> None:
        facts = next(
            (self._rules.facts[name] for name in record.classes if name in self._rules.facts), None
        )
        starts = self._things(record, facts.start) if facts else []
        gone = False
        for name in record.classes:
            for rule in self._rules.edges.get(name, ()):
                ends = self._ends_of(record, rule)
                gone = gone or bool(ends)
                if ends and not self._is_told_elsewhere(record, rule, ends):
                    values = self._values(record, name, rule, facts if starts else None)
                    for each in ends:
                        self._edge(record, each, _TOLD + rule.type, name, values)
        if gone:
            self._records.remove(record.token)
            if facts and starts:
                self._tell_facts(record, facts, starts)

    def _ends_of(self, record: Record, rule: EdgeRule) -> list[tuple[str, str]]:
        """Return each start with each end that a rule finds for a record."""
        if any(record.found(each) for each in rule.unless):
            return []
        starts, ends = self._things(record, rule.start), self._things(record, rule.end)
        return [*product(starts, ends)]

    def _is_told_elsewhere(
        self, record: Record, rule: EdgeRule, ends: list[tuple[str, str]]
    ) -> bool:
        """Return whether others become edges that tell all that an edge of this record would."""
        if len(record.classes) > 1:
            return False
        known = {vocabulary.RDF_TYPE, rule.start, rule.end}
        more = [each for each in record.own if each.predicate not in known]
        if any(each.predicate not in rule.carries for each in more):
            return False
        for name in rule.unless_told_by:
            for token in self._records.tellers(name, record.token):
                teller = self._record(token, *self._records.get(token))
                for other in (each for name in teller.classes for each in self._rules.edges[name]):
                    taken = {*self._rules.carries, *other.carries}
                    if (
                        other.type == rule.type
                        and all(
                            each.predicate in taken and each in teller.found(each.predicate)
                            for each in more
                        )
                        and ends == self._ends_of(teller, other)
                    ):
                        return True
        return False

    def _tell_facts(self, record: Record, facts: FactsRule, starts: Sequence[str]) -> None:
        values = self._texts(self._carried(record, facts.carries))
        for each in record.own:
            if self._is_fact(each, facts):
                self._types.add(each.predicate)
                for start in starts:
                    ends = (start, each.text)
                    self._edge(record, ends, each.predicate, each.predicate, values)

    def _is_fact(self, each: Statement, facts: FactsRule) -> bool:
        """Return whether a statement of a record is an edge of its own."""
        aside = {vocabulary.RDF_TYPE, facts.start, *self._rules.carries}
        return each.thing and each.predicate not in aside and not self._records.has(each.text)

    def _values(
        self, record: Record, name: str, rule: EdgeRule, facts: FactsRule | None
    ) -> dict[Key, list[str]]:
        """Return what an edge takes along: what its node says, and what the rule asks for.

        Left out: the class that made it an edge, its ends, and facts that are edges themselves.
        """
        ends = {rule.start, rule.end}
        mine = [
            each
            for each in record.own
            if not (each.predicate == vocabulary.RDF_TYPE and each.text == f"<{name}>")
            and not (each.thing and each.predicate in ends and not self._records.has(each.text))
            and not (facts and self._is_fact(each, facts))
        ]
        said = {each.predicate for each in record.own}
        asked = [each for each in (*self._rules.carries, *rule.carries) if each not in said]
        return self._texts([*mine, *self._carried(record, asked)])

    def _carried(self, record: Record, asked: Iterable[str]) -> list[Statement]:
        wanted = dict.fromkeys((*self._rules.carries, *asked))
        return [each for name in wanted for each in record.found(name)]

    def _texts(self, statements: Iterable[Statement]) -> dict[Key, list[str]]:
        """Return values as they are noted: of a thing its name and, in a column beside, its IRI."""
        values: defaultdict[Key, list[tuple[str, str]]] = defaultdict(list)
        things: defaultdict[str, set[str]] = defaultdict(set)
        for each in dict.fromkeys(statements):
            if each.thing:
                things[each.predicate].add(each.text)
            else:
                values[each.predicate, each.language].append((each.text, each.datatype))
        texts = {key: _noted(self._of_edges, key, found) for key, found in values.items()}
        for predicate, found in things.items():
            tokens = sorted(found)
            names = [self._records.name(token) or _end_of(token) for token in tokens]
            meant = [_id(token) for token in tokens]
            texts[predicate, ""] = names + texts.get((predicate, ""), [])
            texts[predicate, MEANT] = meant
            self._of_edges.note((predicate, ""), texts[predicate, ""])
            self._of_edges.note((predicate, MEANT), meant)
        return texts

    def _edge(
        self,
        record: Record,
        ends: tuple[str, str],
        kind: str,
        predicate: str,
        values: dict[Key, list[str]],
    ) -> None:
        graph = min(each.graph for each in record.own)
        start, end = ends
        self._folded.add((start, kind, end, predicate, graph, record.token, values))
        self._end(start)
        self._end(end)

    def _record(self, token: str, classes: list[str], told: Iterable[tuple[Any, ...]]) -> Record:
        """Return a record with what is said where it belongs, and where that belongs, and so on."""
        levels, seen = [[Statement(*each) for each in told]], {token}
        while len(levels) < _LEVELS:
            further: list[Statement] = []
            for each in levels[-1]:
                if each.thing and each.predicate in self._rules.together and each.text not in seen:
                    seen.add(each.text)
                    found = self._records.get(each.text)
                    further += [Statement(*each) for each in found[1]] if found else []
            if not further:
                break
            levels.append(further)
        return Record(token, classes, levels)

    def _things(self, record: Record, name: str) -> list[str]:
        """Return the things that a property points to and that are nodes in any case."""
        found = sorted({each.text for each in record.found(name) if each.thing})
        return [token for token in found if not self._records.has(token)]

    # -------------------------------------------------------------- plain edges

    def _connect(self, edges: Spill, to: Spill) -> None:
        """Write edges anew whose ends are nodes; what points to an edge becomes a value."""
        for source, predicate, target, graph in edges:
            if self._classes and self._records.has(target) and self._records.is_gone(target):
                self._more(source, predicate, "", _id(target), "")
                continue
            self._types.add(predicate)
            to.add((source, predicate, target, graph))
            self._end(target)

    def _merged(self, source: str, predicate: str, target: str, _graph: str) -> bool:
        """Give a node the values of a record that it points to, where a rule says so."""
        classes, told = self._records.get(target) or ([], [])
        if predicate not in {self._rules.merges.get(each) for each in classes}:
            return False
        statements = [Statement(*each) for each in told]
        if any(each.thing and not _is_class(each) for each in statements) or (
            not self._rules.edges.keys().isdisjoint(classes)
        ):
            return False
        for each in statements:
            if not each.thing:
                self._more(source, each.predicate, each.language, each.text, each.datatype)
        self._records.remove(target)
        return True

    def _more(self, token: str, predicate: str, tag: str, text: str, datatype: str) -> None:
        self._records.add_more(token, predicate, tag, text)
        self._further.add((predicate, tag))
        self._of_nodes.note((predicate, tag), [text], columns.kind_of(text, datatype))

    def _end(self, token: str) -> None:
        line = f"{token}\n".encode()
        self._ends.add_lines([line], len(line))

    def _find_alone(self) -> None:
        """Put by, as nodes, the things that are only pointed to."""
        known = heapq.merge(self._nodes, self._late, key=itemgetter(0))
        subject = next(known, None)
        for block in self._ends.blocks():
            for line in block.splitlines():
                token = line.decode()
                while subject and subject[0] < token:
                    subject = next(known, None)
                if not subject or subject[0] != token:
                    self._alone.add((token, [], _end_of(token), {}))


# ------------------------------------------------------------------ reading


def _subjects(graphs: Sequence[CanonicalGraph]) -> Iterator[tuple[str, list[Statement]]]:
    """Yield each subject of the graphs with all statements about it, sorted by subject."""
    stream = cast("IO[bytes]", canonical.BlockStream(_merged_lines(graphs)))
    quads = parse(stream, RdfFormat.N_QUADS)
    for subject, group in groupby(quads, key=attrgetter("subject")):
        yield str(subject), [_statement(quad) for quad in group]


def _merged_lines(graphs: Sequence[CanonicalGraph]) -> Iterator[bytes]:
    named = [graph.quads() for graph in canonical.apart(graphs)]
    if len(named) <= _ABREAST:
        return sorting.merged(map(iter, named))
    sorter = sorting.Sorter()
    for blocks in named:
        for block in blocks:
            sorter.add(block)
    return sorter.blocks()


def _statement(quad: Quad) -> Statement:
    predicate, graph, value = quad.predicate.value, _name_of(quad), quad.object
    if isinstance(value, Literal):
        return Statement(
            predicate, False, value.value, value.language or "", value.datatype.value, graph
        )
    if isinstance(value, Triple):
        return Statement(predicate, False, str(value), "", "", graph)
    return Statement(predicate, True, str(value), "", "", graph)


def _name_of(quad: Quad) -> str:
    return quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""


# ------------------------------------------------------------------ statements and values


def _is_class(each: Statement) -> bool:
    return each.predicate == vocabulary.RDF_TYPE and each.thing and each.text.startswith("<")


def _noted(seen: Columns, key: Key, found: list[tuple[str, str]]) -> list[str]:
    """Note the values of one property of one thing, and return their texts, sorted."""
    values = sorted(set(found))
    kind = -1
    for text, datatype in values:
        kind &= columns.kind_of(text, datatype)
    texts = [text for text, _ in values]
    seen.note(key, texts, kind)
    return texts


def _add(values: dict[Key, list[str]], more: Iterable[tuple[str, str, str]]) -> None:
    for predicate, tag, text in more:
        texts = values.setdefault((predicate, tag), [])
        if text not in texts:
            texts.append(text)


def _told(values: Mapping[Key, list[str]], find: Mapping[Key, Column]) -> dict[str, Value]:
    """Return noted values as what they are, sorted by column."""
    told = {find[key].name: find[key].value(texts) for key, texts in values.items()}
    return dict(sorted(told.items()))


def _best_name(statements: Iterable[Statement]) -> str:
    """Return the English name, else any name."""
    found: dict[str, list[tuple[bool, str, str]]] = {}
    for each in statements:
        if each.predicate in _NAMING and not each.thing:
            tag = each.language
            found.setdefault(each.predicate, []).append((tag != "en", tag, each.text))
    return next((min(found[name])[2] for name in _NAMING if name in found), "")


def _id(token: str) -> str:
    return token[1:-1] if token.startswith("<") else token


def _end_of(token: str) -> str:
    identity = _id(token)
    return re.split(r"[/#]", identity.rstrip("/#"))[-1] or identity
