"""RDF Patch: what is applied to the old state gives the new one, exactly."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from itertools import pairwise

import pytest
import rdflib
from hypothesis import given, settings, strategies
from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
)

from conftest import SHARED, rounds
from dragoman import canonical, vocabulary
from dragoman.export import patch

HARD = SHARED / "suites" / "hard-terms" / "hard-terms.nt"
SOURCE = vocabulary.SOURCE_GRAPH


def graph_of(triples, name):
    return canonical.of_triples(triples, f"{SOURCE}{name}", name=name, folder="data")


def quads_of(graphs):
    """Return the statements of graphs as a store holds them whose blank nodes are IRIs."""
    return {
        Quad(*triple, NamedNode(graph.iri) if graph.iri else DefaultGraph())
        for graph in canonical.skolemised(graphs)
        for triple in graph.triples()
    }


def applied(text, quads):
    """Apply a patch as the page of RDF Patch says, a row at a time; A and D must be of effect."""
    state, committed, open_ = set(quads), None, False
    for row in text.decode().split("\n")[:-1]:
        code, _, rest = row.partition(" ")
        assert rest.endswith(".")
        if code == "TX":
            assert not open_
            open_ = True
        elif code == "TC":
            assert open_
            committed, open_ = set(state), False
        elif code in {"A", "D"}:
            assert open_
            (quad,) = parse(rest, RdfFormat.N_QUADS)
            assert (quad in state) == (code == "D")
            state.symmetric_difference_update({quad})
        else:
            assert code == "H"
            assert committed is None
    return set(quads) if committed is None and not text else committed


NODES = strategies.sampled_from(
    [*(NamedNode(f"urn:{name}") for name in "abc"), *(BlankNode(name) for name in "xyz")]
)
TRIPLES = strategies.builds(
    Triple,
    NODES,
    strategies.sampled_from([NamedNode("urn:p"), NamedNode("urn:q")]),
    NODES | strategies.text(max_size=5).map(Literal),
)
STATES = strategies.dictionaries(
    strategies.sampled_from(["one", "two", "three"]),
    strategies.lists(TRIPLES, min_size=1, max_size=12),
    max_size=3,
)


def state_of(told):
    return [graph_of(triples, name) for name, triples in told.items()]


@settings(deadline=None, max_examples=rounds(8))
@given(STATES, STATES)
def test_a_patch_leads_from_any_state_to_any_other(old, new):
    before, after = state_of(old), state_of(new)
    text = b"".join(patch.written(before, after))
    assert quads_of(after) == applied(text, quads_of(before))
    same = {g.iri: g.sha256 for g in before} == {g.iri: g.sha256 for g in after}
    assert same == (text == b"")
    back = b"".join(patch.written(after, before))
    assert quads_of(before) == applied(back, quads_of(after))


@settings(deadline=None, max_examples=rounds(8))
@given(STATES, STATES)
def test_a_patch_has_only_what_differs_where_no_blank_node_is(old, new):
    def named(told):
        return {
            name: [each for each in triples if "_:" not in str(each)]
            for name, triples in told.items()
        }

    before, after = state_of(named(old)), state_of(named(new))
    rows = b"".join(patch.written(before, after)).decode().split("\n")
    gone, come = quads_of(before) - quads_of(after), quads_of(after) - quads_of(before)
    assert len(gone) == sum(row.startswith("D ") for row in rows)
    assert len(come) == sum(row.startswith("A ") for row in rows)


@pytest.mark.skipif(not HARD.is_file(), reason="the hard terms (../shared/suites) are not here")
def test_all_hard_terms_are_put_in_and_taken_out():
    hard = canonical.read(HARD, f"{SOURCE}hard", name="hard")
    text = b"".join(patch.written([], [hard]))
    assert 56 == text.count(b"\nA ")
    assert quads_of([hard]) == applied(text, set())
    assert set() == applied(b"".join(patch.written([hard], [])), quads_of([hard]))


@pytest.mark.filterwarnings("ignore:Dataset:DeprecationWarning")  # rdflib's own
def test_rdflib_applies_a_patch_too():
    old = state_of({"one": list(turtle("<urn:a> <urn:p> 1 , 'é'@tr , <urn:b> ."))})
    new = state_of({
        "one": list(turtle("<urn:a> <urn:p> 2 , 'é'@tr , [ <urn:q> 'x\\ny' ] .")),
        "two": list(turtle("<urn:a> <urn:p> 1 .")),
    })  # fmt: skip
    dataset = rdflib.Dataset()
    for quad in quads_of(old):
        dataset.parse(data=f"{quad} .", format="nquads")
    dataset.parse(data=b"".join(patch.written(old, new)), format="patch")
    found = {line for line in dataset.serialize(format="nquads").splitlines() if line.strip()}
    expected = rdflib.Dataset()
    for quad in quads_of(new):
        expected.parse(data=f"{quad} .", format="nquads")
    assert {line for line in expected.serialize(format="nquads").splitlines() if line} == found


def turtle(text):
    return (quad.triple for quad in parse(text, RdfFormat.TURTLE))


def test_patches_from_state_to_state_make_a_log():
    states = [[], state_of({"one": [*turtle("<urn:a> <urn:p> 1 .")]})]
    states.append(state_of({"one": [*turtle("<urn:a> <urn:p> 2 .")]}))
    first, second = (b"".join(patch.written(old, new)).decode() for old, new in pairwise(states))
    assert "H prev" not in first
    (name,) = re.findall(r"^H id (<urn:uuid:[0-9a-f-]{36}>) \.$", first, re.MULTILINE)
    assert f"H prev {name} .\n" in second
    assert "H id" in second
    assert second == b"".join(patch.written(*states[1:])).decode()


# ------------------------------------------------------------------ the command


def run(root, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "dragoman", "--base", str(root), *arguments],
        capture_output=True,
        check=False,
    )


def changed(root, tmp_path):
    """Return a copy of the base in which one file differs, one is gone and one is new."""
    other = tmp_path / "other"
    shutil.copytree(root, other)
    states = other / "data" / "reference" / "states.ttl"
    text = states.read_text(encoding="utf-8")
    states.write_text(text.replace('"Magyarország"@hu', '"Hungaria"@la'), encoding="utf-8")
    (other / "data" / "articles" / "people.ttl").unlink()
    (other / "data" / "new.ttl").write_text("<urn:a> <urn:p> [] .\n", encoding="utf-8")
    return other


def stated(root, *options):
    made = run(root, "export", "-f", "nquads", "--skolemize", *options)
    assert 0 == made.returncode, made.stderr
    return set(parse(made.stdout, RdfFormat.N_QUADS))


def test_a_patch_between_two_bases(root, tmp_path):
    other = changed(root, tmp_path)
    done = run(root, "diff", str(root), str(other), "-f", "patch")
    assert 1 == done.returncode, done.stderr
    assert b"RDF Patch: 2 statements added, 5 deleted." in done.stderr
    assert stated(other) == applied(done.stdout, stated(root))


@pytest.mark.parametrize("options", [[], ["--skolemize"], ["--graph-files"]], ids=str)
def test_a_patch_from_what_was_exported_to_the_base(root, tmp_path, options):
    out = tmp_path / "out"
    assert 0 == run(root, "export", "--layout", "bulk", *options, "-o", str(out)).returncode
    same = run(root, "diff", str(out), str(root), "-f", "patch")
    assert (0, b"") == (same.returncode, same.stdout), same.stderr
    other = changed(root, tmp_path)
    target = tmp_path / "changes.rdfp"
    done = run(root, "diff", str(out), str(other), "-f", "patch", "-o", str(target))
    assert (1, b"") == (done.returncode, done.stdout), done.stderr
    assert stated(other) == applied(target.read_bytes(), stated(root))


def test_of_a_base_only_the_folders_that_were_exported_are_compared(root, tmp_path):
    out = tmp_path / "out"
    made = run(root, "export", "--only", "data", "--layout", "bulk", "-o", str(out))
    assert 0 == made.returncode, made.stderr
    for sides in ((str(out), str(root)), (str(root), str(out))):
        assert 0 == run(root, "diff", *sides, "-f", "patch").returncode
    other = changed(root, tmp_path)
    done = run(root, "diff", str(out), str(other), "-f", "patch")
    assert stated(other, "--only", "data") == applied(done.stdout, stated(root, "--only", "data"))


def test_a_patch_between_files(root, tmp_path):
    old, new, named = (tmp_path / name for name in ("old.ttl", "new.nt", "new.nq"))
    old.write_text("<urn:a> <urn:p> 1 , 2 .\n", encoding="utf-8")
    integer = f"<{vocabulary.XSD_INTEGER}>"
    new.write_text(f'<urn:a> <urn:p> "1"^^{integer} .\n', encoding="utf-8")
    done = run(root, "diff", str(old), str(new), "-f", "patch")
    assert f'\nD <urn:a> <urn:p> "2"^^{integer} .\n' in done.stdout.decode()
    named.write_text(f'<urn:a> <urn:p> "1"^^{integer} <urn:g> .\n', encoding="utf-8")
    done = run(root, "diff", str(old), str(named), "-f", "patch")
    assert f'\nD <urn:a> <urn:p> "2"^^{integer} <urn:g> .\n' in done.stdout.decode()


def test_what_cannot_be_a_state_is_refused_in_one_line(root, tmp_path):
    shared, unnamed = tmp_path / "shared.nq", tmp_path / "unnamed.nq"
    shared.write_text("_:x <urn:p> 'a' <urn:g> .\n_:x <urn:p> 'a' <urn:h> .\n".replace("'", '"'))
    unnamed.write_text('<urn:a> <urn:p> "a" _:g .\n')
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "manifest.json").write_text("{}")
    for side, words in (
        (shared, b"stands in two graphs"),
        (unnamed, b"has no IRI to be known by"),
        (tmp_path / "out", b"no manifest of the bulk layout"),
        (tmp_path / "absent.ttl", b"There is no source"),
    ):
        done = run(root, "diff", str(side), str(root), "-f", "patch")
        assert (2, b"") == (done.returncode, done.stdout)
        assert words in done.stderr
        assert 1 == done.stderr.count(b"\n")
