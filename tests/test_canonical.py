"""Canonical graphs: the same lines and hash as RDFC-1.0, in bounded memory."""

from __future__ import annotations

import hashlib
import json
import random
import tracemalloc

import pytest
from hypothesis import given, settings, strategies
from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, RdfFormat, Triple, parse

from conftest import SHARED, rounds
from dragoman import canonical, vocabulary
from dragoman.canonical import labels, sorting
from dragoman.canonical.shelf import Shelf
from dragoman.errors import DragomanError, LimitError, SyntaxProblem

SUITE = SHARED / "suites" / "rdfc10-w3c"
HARD = SHARED / "suites" / "hard-terms" / "hard-terms.nt"
IRI = "https://example.org/graph"
# What looks like a blank node and is none, and the other way round.
NODES = [*(f"_:b{n}" for n in range(6)), "<urn:_:c14n0>", "<urn:a>"]
OBJECTS = [
    *NODES, '"_:c14n0"', '"x _:c14n1 ."', '"<a> _:c14n1"@en', r'"\n .\n"', r'"q\"_:c14n3 \\"',
    '"\u0085\u2028"', "<<( _:b1 <urn:p> \"x _:c14n2\" )>>", "<<( <urn:a> <urn:p> \" _:c14n2\" )>>",
]  # fmt: skip


def engine(text: bytes) -> bytes:
    """The canonical lines of N-Triples, by the engine's own canonicalization of all of it."""
    dataset = Dataset(parse(text, RdfFormat.N_TRIPLES))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return b"".join(sorted(f"{quad.triple} .\n".encode() for quad in dataset))


def lines_of(graph: canonical.CanonicalGraph) -> bytes:
    return b"".join(graph.blocks())


def sha256(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def w3c_cases():
    if not SUITE.is_dir():
        return []
    entries = json.loads((SUITE / "manifest.jsonld").read_text(encoding="utf-8"))["entries"]
    return [
        pytest.param(SUITE / each["action"], SUITE / each["result"], id=each["id"])
        for each in entries
        if each["type"] == "rdfc:RDFC10EvalTest" and "hashAlgorithm" not in each
    ]


def test_its_size_is_known_without_reading_it():
    text = '_:a <urn:é> "x" . <urn:a> <urn:p> "ő" , _:a , <urn:b> .'
    graphs = [
        canonical.of_triples((quad.triple for quad in parse(text, RdfFormat.TURTLE)), iri)
        for iri in (f"{IRI}/é", IRI)
    ]
    for graph in [*graphs, *canonical.apart(graphs), *canonical.skolemised(graphs)]:
        assert len(b"".join(graph.blocks())) == graph.size
        assert len(b"".join(graph.quads())) == graph.quads_size
        assert len([*parse(b"".join(graph.quads()), RdfFormat.N_QUADS)]) == graph.count


@pytest.mark.skipif(not SUITE.is_dir(), reason="the W3C suite (../shared/suites) is not here")
def test_every_single_graph_of_the_w3c_suite_has_the_lines_and_the_hash_of_the_suite():
    checked = 0
    gathering = canonical.Gathering()
    expected = []
    for case in w3c_cases():
        action, result = case.values
        quads = [*parse(path=action)]
        if quads and {"DEFAULT"} == {str(quad.graph_name) for quad in quads}:
            gathering.add((quad.triple for quad in quads), IRI)
            expected.append(result.read_bytes())
            checked += 1
    graphs = gathering.graphs()
    assert expected == [lines_of(graph) for graph in graphs]
    assert [sha256(each) for each in expected] == [graph.sha256 for graph in graphs]
    assert checked == 44


@pytest.mark.skipif(not HARD.is_file(), reason="the hard terms (../shared/suites) are not here")
def test_the_hard_terms_are_those_of_the_engine():
    graph = canonical.read(HARD, IRI)
    assert (56, engine(HARD.read_bytes())) == (graph.count, lines_of(graph))


STATEMENTS = strategies.builds(
    "{} <urn:p{}> {} .\n".format,
    strategies.sampled_from(NODES), strategies.integers(0, 2), strategies.sampled_from(OBJECTS),
)  # fmt: skip


@given(strategies.lists(STATEMENTS, min_size=1, max_size=12), strategies.integers(1, 40))
@settings(max_examples=rounds(20), deadline=None)
def test_any_graph_has_the_lines_and_the_hash_that_the_engine_gives_it(statements, size):
    text = "".join(statements).encode()
    expected = engine(text)
    graph = canonical.of_lines((text[n : n + size] for n in range(0, len(text), size)), IRI)
    assert expected == lines_of(graph)
    assert expected == b"".join(graph.blocks(size))
    assert sha256(expected) == graph.sha256
    assert expected.count(b"\n") == graph.count
    nodes = {
        term
        for triple in graph.triples()
        for term in (*triple, *(triple.object if isinstance(triple.object, Triple) else ()))
        if isinstance(term, BlankNode)
    }
    assert len(nodes) == graph.blank_nodes


def small(text: str, iri: str = IRI) -> canonical.CanonicalGraph:
    return canonical.of_lines([text.encode()], iri)


MIXED = """\
_:a <urn:p> _:b .
_:b <urn:p> "_:c14n0 <_:c14n1>" .
<urn:_:c14n0> <urn:p> _:c .
<urn:x> <urn:q> <<( _:c <urn:p> "_:c14n2" )>> .
"""


def test_graphs_of_one_file_keep_their_blank_nodes_apart():
    one, other = canonical.apart([small(MIXED), small(MIXED)])
    assert (3, 3) == (one.blank_nodes, other.first_label)
    assert one.sha256 == other.sha256
    text = lines_of(other)
    assert sorted(text.splitlines()) == text.splitlines()
    assert b'"_:c14n0 <_:c14n1>"' in text
    assert b"<urn:_:c14n0>" in text
    assert one.sha256 == canonical.of_lines([text], IRI).sha256


def test_the_union_has_each_triple_once_and_all_blank_nodes():
    named = "<urn:a> <urn:p> <urn:b> .\n"
    graphs = [small(named + MIXED), small(named + MIXED), small(named)]
    lines = b"".join(canonical.merged(graphs)).splitlines()
    assert sorted(set(lines)) == lines
    assert 1 + 4 + 4 == len(lines)
    union = canonical.union(graphs)
    assert (len(lines), 6) == (union.count, union.blank_nodes)
    assert lines == lines_of(union).splitlines()


def test_many_graphs_are_put_together_as_a_few_are():
    graphs = [small(f"<urn:{n % 30}> <urn:p> <urn:{n % 7}> .\n", f"urn:g{n}") for n in range(40)]
    expected = b"".join(sorted({lines_of(graph) for graph in graphs}))
    assert expected == b"".join(canonical.merged(graphs))


def test_the_difference_of_two_graphs_is_what_only_one_has():
    rows = [f'<urn:{n}> <urn:p> "{n}" .\n' for n in range(500)]
    left, right = small("".join(rows[:400])), small("".join(rows[100:]))
    pairs = [*canonical.difference(left, right)]
    gone, come = (b"".join(side) for side in zip(*pairs, strict=True))
    assert "".join(sorted(rows[:100])).encode() == gone
    assert "".join(sorted(rows[400:])).encode() == come
    assert [] == [*canonical.difference(left, small("".join(reversed(rows[:400]))))]


def test_blank_nodes_become_iris_and_blank_nodes_again():
    graph = small(MIXED, "https://example.org/a/Čapek")
    (named,) = canonical.skolemised([graph])
    text = lines_of(named)
    assert (0, graph.count, sha256(text)) == (named.blank_nodes, named.count, named.sha256)
    assert f"<{vocabulary.GENID}%C4%8Capek/c14n0>".encode() in text
    assert b"_:" not in text.replace(b'"_:c14n0 <_:c14n1>"', b"").replace(b"<urn:_:", b"").replace(
        b'"_:c14n2"', b""
    )
    back = canonical.of_lines(canonical.unskolemised(named.blocks(), graph.name), IRI)
    assert graph.sha256 == back.sha256
    _, apart = canonical.apart([graph, graph])
    assert named.sha256 == canonical.skolemised([apart])[0].sha256


def test_two_graphs_of_one_name_are_not_skolemised_together():
    graphs = [small(MIXED, "urn:x/name"), small(MIXED, "urn:y/name")]
    with pytest.raises(DragomanError, match="Two graphs are called name"):
        canonical.skolemised(graphs)


def test_a_name_is_the_end_of_the_iri_where_none_is_told():
    assert ["b", "c", "urn:a"] == [
        small(MIXED, iri).name for iri in ("https://a/b/", "https://a/b#c", "urn:a")
    ]


def test_an_empty_graph_is_a_graph():
    graph = canonical.of_triples([], IRI)
    assert (0, sha256(b""), b"") == (graph.count, graph.sha256, lines_of(graph))
    assert b"" == b"".join(canonical.merged([]))


# ------------------------------------------------------------------ limits


def test_what_does_not_parse_is_told_with_its_line():
    with pytest.raises(SyntaxProblem, match=r"^https://example.org/graph:2:9: The predicate"):
        small("<urn:a> <urn:b> <urn:c> .\n<urn:a> nonsense .\n")


def test_labelling_that_takes_too_long_is_ended():
    clique = "".join(f"_:{a} <urn:p> _:{b} .\n" for a in range(11) for b in range(11) if a != b)
    with pytest.raises(LimitError, match=r"blank nodes of graph took longer than 0.5 s"):
        canonical.of_lines([clique.encode()], IRI, timeout=0.5)


def test_more_blank_nodes_than_can_be_labelled_are_refused_before_the_labelling(monkeypatch):
    monkeypatch.setattr(labels, "MAX_LABELLED", 3)
    with pytest.raises(LimitError, match="More than 3 statements of graph have blank nodes"):
        small(MIXED)


# ------------------------------------------------------------------ sorting


@given(
    strategies.lists(strategies.binary(max_size=9).map(lambda each: each.replace(b"\n", b"")
                                                       .replace(b"\r", b"") + b"\n")),
    strategies.integers(1, 64),
)  # fmt: skip
@settings(max_examples=rounds(100), deadline=None)
def test_any_lines_come_back_sorted_and_once_however_little_memory_there_is(lines, budget):
    sorter = sorting.Sorter(budget)
    for line in lines:
        sorter.add(line)
    assert sorted(set(lines)) == b"".join(sorter.blocks()).splitlines(keepends=True)


@given(strategies.integers(0, 2**32))
@settings(max_examples=rounds(50), deadline=None)
def test_any_two_sorted_streams_are_compared(seed):
    made = random.Random(seed)  # noqa: S311
    sides = [sorted({b"%d\n" % made.randrange(60) for _ in range(40)}) for _ in "ab"]

    def cut(lines: list[bytes]):
        while lines:
            size = made.randint(1, 9)
            yield b"".join(lines[:size])
            lines = lines[size:]

    pairs = [*sorting.compared(cut(sides[0]), cut(sides[1]))]
    one, other = (set(side) for side in sides)
    assert b"".join(sorted(one - other)) == b"".join(left for left, _ in pairs)
    assert b"".join(sorted(other - one)) == b"".join(right for _, right in pairs)


def test_lines_are_read_whole_from_a_shelf_that_has_become_a_file():
    shelf = Shelf(small=10)
    lines = [b"%d %s\n" % (n, b"x" * (n % 50)) for n in range(200)]
    first = shelf.put(lines[:100])
    second = shelf.put(lines[100:])
    for size in (1, 7, 64, 1 << 20):
        blocks = [*second.blocks(size)]
        assert all(block.endswith(b"\n") for block in blocks)
        assert b"".join(lines[100:]) == b"".join(blocks)
    assert b"".join(lines[:100]) == b"".join(first.blocks())


def test_sorting_takes_a_part_of_the_memory_that_the_lines_would():
    sorter = sorting.Sorter(1 << 18)
    tracemalloc.start()
    try:
        for n in range(40_000):
            sorter.add(b"%06d %s\n" % (n * 7919 % 40_000, b"x" * 190))
        count = sum(block.count(b"\n") for block in sorter.blocks())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 40_000
    assert peak < 3 << 20  # of eight and more
