"""Bringing a base into graph stores: what is sent, what is proven, and what every fault leaves."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import graph_stores
from conftest import PREFIXES, SHARED, run, with_stores
from wire import Fault, Wire

ONTOLOGY = "https://w3id.org/dragoman/ontology/"
SOURCE = "https://w3id.org/dragoman/id/source/"
STATES, PEOPLE = f"{SOURCE}states", f"{SOURCE}people"
VARIABLE = "DRAGOMAN_TEST_SECRET"


def report(done):
    """Return the report of a push with --json, by graph."""
    told = json.loads(done.stdout)
    return told, {each["name"]: each for each in told["graphs"]}


def tree(root):
    """Return what stands in a base, its cache aside."""
    return {
        path.relative_to(root): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file() and ".dragoman" not in path.parts
    }


def rename(root, old, new, file="data/reference/states.ttl"):
    path = root / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def many(root, name, count, start=0):
    """Write a source of so many statements."""
    lines = [
        f'<http://example.org/{name}/{n}> <http://example.org/p> "text {n} of {name}"@en .\n'
        for n in range(start, start + count)
    ]
    path = root / "data" / f"{name}.nt"
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def wired(root):
    """Give a function that starts a store of a kind and writes its profile `store`."""
    running = []

    def start(kind, **told):
        wire = Wire(kind, **told)
        running.append(wire)
        with_stores(root, wire.profile("store", VARIABLE))
        return wire

    yield start
    for wire in running:
        wire.stop()


@pytest.fixture
def push(root, monkeypatch):
    """Push the small base to the profile `store`, in this process, which is sooner."""

    def run_push(*arguments, word="s3cret-of-the-tests", store="store"):
        monkeypatch.setenv(VARIABLE, word)
        code, out, err = run(root, "push", store, *arguments)
        return subprocess.CompletedProcess(arguments, code, out.encode(), err.encode())

    return run_push


@pytest.fixture
def oxigraph(oxigraph_server, root):
    """A real Oxigraph server that holds nothing, as the profile `store`."""
    oxigraph_server.clear()
    _profile(root, oxigraph_server)
    return oxigraph_server


@pytest.fixture
def virtuoso(virtuoso_server, root):
    """A real Virtuoso that holds nothing of ours, as the profile `store`."""
    virtuoso_server.clear()
    _profile(root, virtuoso_server)
    return virtuoso_server


def _profile(root, server):
    lines = ["[stores.store]", f'kind = "{server.kind}"', f'url = "{server.url}"']
    if server.user:
        lines += ['auth = "digest"', f'user = "{server.user}"', f'secret-env = "{VARIABLE}"']
    with_stores(root, "\n".join(lines) + "\n")


def ask(server, text):
    """Return the rows of a SELECT, asked of a server itself."""
    import urllib.parse

    address = f"{server.query}?{urllib.parse.urlencode({'query': text})}"
    status, body = server.request("GET", address, Accept="text/csv")
    assert status == 200, body
    return [line.strip('"') for line in body.decode("utf-8").replace("\r", "").splitlines()[1:]]


def update(server, text):
    status, body = server.request(
        "POST", server.update, text.encode(), Content_Type="application/sparql-update"
    )
    assert status in {200, 204}, body


# ------------------------------------------------------------------ Oxigraph


def test_a_base_is_pushed_and_proven_and_stays_as_it_is(root, oxigraph, push):
    before = tree(root)
    done = push("--json")
    told, graphs = report(done)
    assert (done.returncode, told["proven"]) == (0, True)
    assert {"prefixes", "small", "people", "states"} == set(graphs)
    assert {"lossless"} == {each["proof"]["verdict"] for each in graphs.values()}
    assert {each["graph"] for each in graphs.values()} == oxigraph.graph_names()
    assert before == tree(root)


@pytest.mark.usefixtures("oxigraph")
def test_the_report_for_people_says_that_it_is_proven(push):
    done = push()
    assert (0, "Proven lossless: 4 graphs, 38 triples.") == (
        done.returncode,
        done.stdout.decode().splitlines()[-1],
    )
    assert b"" == done.stderr


@pytest.mark.usefixtures("oxigraph")
def test_what_is_there_is_not_sent_again(push):
    push()
    told, graphs = report(push("--json"))
    assert ({"kept"}, 0) == ({each["action"] for each in graphs.values()}, told["bytes"])


def test_only_the_graph_that_changed_is_replaced_and_nothing_stays_beside(root, oxigraph, push):
    push()
    rename(root, '"Hungary"@en', '"Hungarian State"@en')
    told, graphs = report(push("--json"))
    assert {"states": "replaced"} == {
        name: each["action"] for name, each in graphs.items() if each["action"] != "kept"
    }
    assert told["proven"]
    assert 4 == len(oxigraph.graph_names())
    assert ["Hungarian State"] == ask(
        oxigraph, 'SELECT ?o { ?s ?p ?o FILTER(STRSTARTS(STR(?o), "Hungar")) }'
    )


def test_the_default_graph_becomes_the_merge_of_all_graphs_each_triple_once(root, oxigraph, push):
    twice = f"{PREFIXES}state:HUN a dip:State ."
    (root / "data" / "again.ttl").write_text(twice, encoding="utf-8")
    oxigraph.put("urn:other", b"<urn:a> <urn:b> <urn:c> .\n")
    told, _ = report(push("--json"))
    assert ("sent", "lossless") == (
        told["default_graph"]["action"],
        told["default_graph"]["proof"]["verdict"],
    )
    merged = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    distinct = "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } } }"
    assert ask(oxigraph, distinct) == ask(oxigraph, merged) == ["39"]


def test_the_merge_is_left_out_when_asked(oxigraph, push):
    told, _ = report(push("--json", "--no-merge"))
    assert told["default_graph"] is None
    assert ["0"] == ask(oxigraph, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")


@pytest.mark.parametrize("dry", [(), ("--dry-run",)], ids=["pushed", "dry"])
def test_a_default_graph_with_statements_of_others_is_left_and_is_not_proven(oxigraph, push, dry):
    update(oxigraph, "INSERT DATA { <urn:a> <urn:b> <urn:theirs> }")
    push("--no-merge")
    done = push("--json", *dry)
    told, _ = report(done)
    assert (1, None, False) == (done.returncode, told["default_graph"], told["proven"])
    assert b"1 statements that stand in no named graph" in done.stderr
    assert ["urn:theirs"] == ask(oxigraph, "SELECT ?o { ?s ?p ?o }")
    assert b"The default graph there is not the merge" in push().stdout
    done = push("--no-merge", "--json", *dry)
    assert (0, True) == (done.returncode, report(done)[0]["proven"])


ANONYMOUS = """
<urn:a> <urn:said> [ <urn:by> <urn:b> ; <urn:words> "one", "two" ] , [ <urn:by> <urn:c> ] .
<urn:a> <urn:p> "ground" .
"""
SAME = """
SELECT (COUNT(*) AS ?n) {
    { ?s ?p ?o MINUS { GRAPH ?g { ?s ?p ?o } } }
    UNION { GRAPH ?h { ?s ?p ?o } MINUS { ?s ?p ?o } }
}
"""


@pytest.fixture
def anonymous(root):
    """A source with blank nodes, which no two uploads of a graph share."""
    (root / "data" / "anonymous.ttl").write_text(ANONYMOUS, encoding="utf-8")
    return f"{SOURCE}anonymous"


@pytest.fixture
def proven(root):
    """Push in this process, which is sooner; return the code and the report."""

    def run_push(*arguments):
        code, output, _ = run(root, "push", "store", "--json", *arguments)
        return code, json.loads(output)

    return run_push


CHANGED = {
    "a literal of the default graph is altered": (
        'DELETE DATA { <urn:a> <urn:p> "ground" } ; INSERT DATA { <urn:a> <urn:p> "altered" }', 1
    ),
    "a literal below a blank node is altered there": (
        'DELETE { ?x <urn:words> "two" } INSERT { ?x <urn:words> "2" } WHERE { ?x <urn:by> ?y }', 1
    ),
    "something of somebody else is there": ("INSERT DATA { <urn:x> <urn:y> <urn:z> }", 1),
    "a statement of the default graph is gone": ('DELETE DATA { <urn:a> <urn:p> "ground" }', 0),
    "a blank node of it is gone": ("DELETE WHERE { ?x <urn:by> <urn:c> }", 0),
    "all of the default graph is gone": ("CLEAR DEFAULT", 0),
    "a statement of a named graph is gone": (
        'DELETE DATA { GRAPH <{graph}> { <urn:a> <urn:p> "ground" } }', 0
    ),
    "a blank node of a named graph is gone": (
        "DELETE WHERE { GRAPH <{graph}> { ?x <urn:by> <urn:c> } }", 0
    ),
    "a named graph is gone": ("DROP GRAPH <{graph}>", 0),
    "a named graph has more": ("INSERT DATA { GRAPH <{graph}> { <urn:x> <urn:y> <urn:z> } }", 0),
    "another graph has come": ("INSERT DATA { GRAPH <urn:other> { <urn:x> <urn:y> <urn:z> } }", 0),
    "both have lost the same": (
        'DELETE DATA { <urn:a> <urn:p> "ground" . GRAPH <{graph}> { <urn:a> <urn:p> "ground" } }', 0
    ),
}  # fmt: skip


@pytest.mark.parametrize("source", [("--source", "anonymous"), ()], ids=["one", "all"])
@pytest.mark.parametrize("change", CHANGED)
def test_the_merge_that_was_written_is_right_or_not_proven(
    oxigraph, proven, anonymous, change, source
):
    """The store itself says, term for term and node for node, whether its graphs are merged."""
    proven()
    text, code = CHANGED[change]
    update(oxigraph, text.replace("{graph}", anonymous))
    for _ in range(2):
        ended, told = proven(*source)
        assert (code, code == 0) == (ended, told["proven"])
        assert (code == 0) == (["0"] == ask(oxigraph, SAME))


@pytest.mark.usefixtures("anonymous")
def test_a_default_graph_that_others_changed_is_the_merge_again_once_it_is_cleared(oxigraph, push):
    push()
    update(oxigraph, CHANGED["a literal of the default graph is altered"][0])
    done = push()
    assert (1, True) == (done.returncode, b"CLEAR DEFAULT" in done.stderr)
    update(oxigraph, "CLEAR DEFAULT")
    done = push()
    assert (0, ["0"]) == (done.returncode, ask(oxigraph, SAME))
    assert b"Proven lossless" in done.stdout


@pytest.mark.usefixtures("anonymous")
def test_what_is_known_of_the_default_graph_is_not_asked_of_the_base(root, oxigraph, push):
    """A base may come from anybody: it cannot let the user's own statements be cleared."""
    push()
    update(oxigraph, "CLEAR ALL ; INSERT DATA { <urn:mine> <urn:is> <urn:mine> }")
    for told in Path(os.environ["XDG_CACHE_HOME"]).glob("dragoman/push/*.json"):
        text = json.dumps(json.loads(told.read_text(encoding="utf-8")) | {"merge": True})
        (root / ".dragoman" / "push").mkdir(parents=True, exist_ok=True)
        (root / ".dragoman" / "push" / told.name).write_text(text, encoding="utf-8")
        told.unlink()
    assert 1 == push().returncode
    assert ["urn:mine"] == ask(oxigraph, "SELECT ?o { <urn:mine> ?p ?o }")


def test_a_store_that_was_the_union_of_all_graphs_and_is_no_longer_gets_the_merge(oxigraph, push):
    push()
    for path in Path(os.environ["XDG_CACHE_HOME"]).glob("dragoman/push/*.json"):
        told = json.loads(path.read_text(encoding="utf-8")) | {"union": True, "merged": ""}
        path.write_text(json.dumps(told), encoding="utf-8")
    update(oxigraph, "CLEAR DEFAULT")
    done = push("--json")
    assert (0, "sent", ["0"]) == (
        done.returncode, report(done)[0]["default_graph"]["action"], ask(oxigraph, SAME),
    )  # fmt: skip


@pytest.mark.usefixtures("anonymous")
def test_a_dry_run_over_a_default_graph_that_is_not_the_merge_proves_nothing(oxigraph, push):
    push()
    told, _ = report(push("--dry-run", "--json"))
    assert (True, None) == (told["proven"], told["default_graph"])
    update(oxigraph, 'DELETE DATA { <urn:a> <urn:p> "ground" }')
    told, _ = report(push("--dry-run", "--json"))
    assert (False, "replaced") == (told["proven"], told["default_graph"]["action"])


def test_what_was_refused_is_not_there_for_a_push_without_proof(root, wired, push):
    wire = wired("fuseki")
    push()
    rename(root, '"Hungary"@en', '"Hungarian"@en')
    wire.faults.append(Fault("alter", on="write", times=0))
    assert 1 == push().returncode
    wire.faults.clear()
    done = push("--json", "--no-proof")
    assert "replaced" == report(done)[1]["states"]["action"]


def test_a_store_that_shows_all_graphs_in_its_default_graph_needs_no_merge(root, tmp_path, push):
    folder = tmp_path / "union"
    folder.mkdir()
    with graph_stores.oxigraph(folder, union=True) as server:
        _profile(root, server)
        for actions in ({"sent"}, {"kept"}):
            done = push("--json")
            told, graphs = report(done)
            assert (0, True, None, actions) == (
                done.returncode,
                told["proven"],
                told["default_graph"],
                {each["action"] for each in graphs.values()},
            )
        for path in Path(os.environ["XDG_CACHE_HOME"]).glob("dragoman/push/*.json"):
            path.unlink()
        done = push("--json")
        assert (0, None) == (done.returncode, report(done)[0]["default_graph"])


def test_a_dry_run_says_what_would_be_done_and_changes_nothing(root, oxigraph, push):
    done = push("--dry-run", "--json")
    told, graphs = report(done)
    assert (0, {"sent"}, True) == (
        done.returncode, {each["action"] for each in graphs.values()}, told["dry_run"],
    )  # fmt: skip
    assert set() == oxigraph.graph_names()
    assert not (root / ".dragoman").exists()
    push()
    rename(root, '"Hungary"@en', '"Hungarian State"@en')
    _, graphs = report(push("--dry-run", "--json"))
    assert {"replaced", "kept"} == {each["action"] for each in graphs.values()}


def test_one_source_or_one_folder_is_pushed_alone(oxigraph, push):
    assert ["people"] == [*report(push("--json", "--source", "people"))[1]]
    assert {PEOPLE} == oxigraph.graph_names()
    assert ["prefixes", "small"] == [*report(push("--json", "--only", "shapes"))[1]]
    assert push("--source", "peple").returncode == 2


def test_statements_are_added_to_what_is_there(oxigraph, push):
    oxigraph.put(PEOPLE, b'<urn:a> <urn:b> "theirs" .\n')
    told, graphs = report(push("--append", "--json", "--source", "people"))
    assert (True, "appended", 1) == (
        told["proven"], graphs["people"]["action"], graphs["people"]["before"],
    )  # fmt: skip
    assert (
        str(1 + graphs["people"]["triples"])
        == ask(oxigraph, f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{PEOPLE}> {{ ?s ?p ?o }} }}")[0]
    )
    _, graphs = report(push("--append", "--json", "--source", "people"))
    assert "kept" == graphs["people"]["action"]


@pytest.mark.usefixtures("oxigraph")
def test_blank_nodes_are_compared_by_what_is_said_of_them(root, push):
    text = f"{PREFIXES}state:HUN dip:about [ dip:about [ dip:founded 1 ] , [ dip:founded 2 ] ] ."
    (root / "data" / "anonymous.ttl").write_text(text, encoding="utf-8")
    told, graphs = report(push("--json"))
    assert (True, "lossless") == (told["proven"], graphs["anonymous"]["proof"]["verdict"])


@pytest.mark.usefixtures("oxigraph")
def test_other_spellings_of_values_are_listed_in_both_spellings(root, push):
    text = f'{PREFIXES}state:HUN dip:founded "01"^^xsd:integer , "007"^^xsd:int .'
    (root / "data" / "spelt.ttl").write_text(text, encoding="utf-8")
    done = push("--json")
    _, graphs = report(done)
    proof = graphs["spelt"]["proof"]
    assert (0, "same values") == (done.returncode, proof["verdict"])
    assert {('"01"^^', '"1"^^'), ('"007"^^', '"7"^^')} == {
        tuple(each[side].split(" ")[2][: each[side].split(" ")[2].index("<")]
              for side in ("sent", "kept"))
        for each in proof["respelled"]
    }  # fmt: skip
    assert b"3 values in another spelling" not in push().stdout
    assert b"same values, 2 in another spelling" in push().stdout


@pytest.mark.skipif(not SHARED.exists(), reason="the folder of test material is not here")
def test_the_hard_terms_are_kept_or_listed_and_never_called_what_they_are_not(root, oxigraph, push):
    hard = SHARED / "suites" / "hard-terms" / "hard-terms.nt"
    (root / "data" / "hard.nt").write_bytes(hard.read_bytes())
    _, graphs = report(push("--json"))
    proof = graphs["hard"]["proof"]
    kept = set(ask(oxigraph, f"SELECT ?s {{ GRAPH <{SOURCE}hard> {{ ?s ?p ?o }} }}"))
    assert (56, 56) == (graphs["hard"]["triples"], len(kept))
    assert proof["counts"]["missing"] == proof["counts"]["extra"]
    values = {line.split(" ")[0] for line in proof["missing"]}
    assert values <= {f"<http://example.org/term/{n}>" for n in (8, 20)}, proof["missing"]


@pytest.mark.usefixtures("oxigraph")
def test_a_large_base_is_sent_ahead_and_proven(root, push):
    many(root, "large", 60_000)
    many(root, "other", 5_000)
    path = root / "data" / "odd.nt"
    path.write_text(
        '# a comment .\n<urn:a>\t<urn:b>  "x .# y"   .  # and .\n\n<urn:a> <urn:b> "z" .',
        encoding="utf-8",
    )
    told, graphs = report(push("--json"))
    assert (True, 60_000, 5_000, 2) == (
        told["proven"], *(graphs[name]["triples"] for name in ("large", "other", "odd")),
    )  # fmt: skip
    again, graphs = report(push("--json"))
    assert (0, {"kept"}) == (again["bytes"], {each["action"] for each in graphs.values()})


def test_a_large_file_that_does_not_parse_leaves_nothing_in_the_store(root, oxigraph, push):
    path = many(root, "large", 60_000)
    path.write_text(path.read_text(encoding="utf-8") + "no triple\n", encoding="utf-8")
    done = push()
    assert done.returncode == 2
    assert b"large.nt" in done.stderr
    assert b":60001" in done.stderr
    assert set() == oxigraph.graph_names()


@pytest.mark.usefixtures("oxigraph")
def test_packed_sources_are_pushed_too(root, push):
    (root / "data" / "packed.nt.gz").write_bytes(gzip.compress(b"<urn:a> <urn:b> <urn:c> .\n"))
    assert report(push("--json"))[1]["packed"]["proof"]["verdict"] == "lossless"


# ------------------------------------------------------------------ Virtuoso


@pytest.mark.usefixtures("virtuoso")
def test_virtuoso_takes_a_base_and_durations_are_listed_as_it_spells_them(root, push):
    text = f'{PREFIXES}state:HUN dip:founded "P6M"^^xsd:duration , "P3D"^^xsd:duration .'
    (root / "data" / "spans.ttl").write_text(text, encoding="utf-8")
    done = push("--json", word="dba")
    _, graphs = report(done)
    proof = graphs["spans"]["proof"]
    assert (0, "same values", 0, 0) == (
        done.returncode, proof["verdict"], proof["counts"]["missing"], proof["counts"]["extra"],
    )  # fmt: skip
    assert {"lossless"} == {
        each["proof"]["verdict"] for name, each in graphs.items() if name != "spans"
    }
    again, graphs = report(push("--json", word="dba"))
    assert (0, {"kept"}) == (again["bytes"], {each["action"] for each in graphs.values()})


@pytest.mark.usefixtures("virtuoso")
def test_virtuoso_loses_digits_and_that_is_said_with_exit_code_1(root, push):
    digits = "0.1234567890123456789012345678901234567891"
    text = f'{PREFIXES}state:HUN dip:founded "{digits}"^^xsd:decimal .'
    (root / "data" / "digits.ttl").write_text(text, encoding="utf-8")
    done = push("--json", "--source", "digits", word="dba")
    _, graphs = report(done)
    proof = graphs["digits"]["proof"]
    assert (1, "different", 1, 1) == (
        done.returncode, proof["verdict"], len(proof["missing"]), len(proof["extra"]),
    )  # fmt: skip
    assert digits in proof["missing"][0]


def test_virtuoso_replaces_what_changed_by_moving_it_into_place(root, virtuoso, push):
    push(word="dba")
    rename(root, '"Hungary"@en', '"Hungarian State"@en')
    told, graphs = report(push("--json", word="dba"))
    assert (True, "replaced") == (told["proven"], graphs["states"]["action"])
    assert 4 == len(virtuoso.graph_names() - virtuoso.own_graphs)


@pytest.mark.usefixtures("virtuoso")
def test_a_graph_larger_than_virtuoso_answers_at_once_is_proven(root, push):
    many(root, "large", 25_000)
    told, graphs = report(push("--json", "--source", "large", word="dba"))
    assert (True, "lossless", 25_000) == (
        told["proven"], graphs["large"]["proof"]["verdict"], graphs["large"]["after"],
    )  # fmt: skip


@pytest.mark.usefixtures("virtuoso")
def test_a_wrong_secret_is_one_line_and_exit_code_2(push):
    done = push(word="not-the-secret")
    assert (2, b"", 1) == (done.returncode, done.stdout, done.stderr.count(b"\n"))
    assert VARIABLE.encode() in done.stderr
    assert b"not-the-secret" not in done.stderr


@pytest.mark.usefixtures("virtuoso")
def test_a_secret_is_in_no_output_file_or_list_of_processes(root):
    many(root, "large", 20_000)
    words = []
    command = [sys.executable, "-m", "dragoman", "--base", str(root), "-v", "push", "store"]
    with subprocess.Popen(
        command,
        env=os.environ | {"PYTHONUTF8": "1", VARIABLE: "dba"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        while process.poll() is None:
            words.append(Path(f"/proc/{process.pid}/cmdline").read_bytes())
            time.sleep(0.05)
        words += [*process.communicate()]
    words += [path.read_bytes() for path in root.rglob("*") if path.is_file()]
    assert process.returncode == 0
    assert [] == [each for each in words if b"dba" in each.replace(b'user = "dba"', b"")]


# ------------------------------------------------------------------ stores by INSERT DATA alone


def test_a_store_without_graph_protocol_gets_inserts_and_blank_nodes_as_iris(root, wired, push):
    wire = wired("sparql", auth="none")
    text = f"{PREFIXES}state:HUN dip:about [ dip:founded 1 ] ."
    (root / "data" / "anonymous.ttl").write_text(text, encoding="utf-8")
    done = push("--json")
    told, graphs = report(done)
    assert (0, True, True, "lossless") == (
        done.returncode,
        told["proven"],
        graphs["anonymous"]["blank_nodes_as_iris"],
        graphs["anonymous"]["proof"]["verdict"],
    )
    assert {"POST"} == {each.method for each in wire.asked if b"INSERT" in each.body}
    assert report(push("--json"))[0]["bytes"] == 0


def test_a_part_that_is_too_large_is_halved(root, wired, push):
    wire = wired("sparql", auth="none")
    wire.triples_per_update = 7
    many(root, "large", 100)
    told, _ = report(push("--json", "--source", "large"))
    assert (True, 100) == (told["proven"], len(wire.triples(f"{SOURCE}large")))


def test_a_statement_that_is_refused_alone_is_named(wired, push):
    wire = wired("sparql", auth="none")
    wire.faults.append(Fault("status", on="write", status=400, times=0))
    done = push("--source", "people")
    assert (2, 1) == (done.returncode, done.stderr.count(b"\n"))
    assert b"It was asked to take: <https://w3id.org/dragoman/id/" in done.stderr


# ------------------------------------------------------------------ whatever goes wrong


@pytest.mark.parametrize("what", ["drop", "alter"])
def test_a_store_that_loses_or_alters_a_statement_is_found_out(wired, push, what):
    wire = wired("graphdb")
    wire.faults.append(Fault(what, on="write"))
    done = push("--json", "--source", "states")
    proof = report(done)[1]["states"]["proof"]
    assert (1, "different", 1) == (done.returncode, proof["verdict"], len(proof["missing"]))
    assert len(proof["extra"]) == (what == "alter")


def test_what_arrives_altered_is_not_put_in_the_place_of_what_was_there(root, wired, push):
    wire = wired("graphdb")
    push("--source", "states")
    before = wire.triples(STATES)
    rename(root, '"Hungary"@en', '"Hungarian State"@en')
    wire.faults.append(Fault("drop", on="write"))
    done = push("--json", "--source", "states")
    assert (1, "refused") == (done.returncode, report(done)[1]["states"]["action"])
    assert (before, {STATES}) == (wire.triples(STATES), wire.graph_names())
    assert 0 == push("--source", "states").returncode
    assert before != wire.triples(STATES)


def test_half_an_answer_is_no_proof(wired, push):
    wire = wired("fuseki")
    wire.faults.append(Fault("lines", on="read", at=3, times=0))
    done = push("--source", "states", "--no-merge")
    assert done.returncode in {1, 2}
    assert b"Proven" not in done.stdout


@pytest.mark.parametrize(
    ("status", "words"),
    [(413, b"413"), (507, b"507"), (401, b"401"), (403, b"403"), (405, b"read-only")],
)
def test_a_refusal_is_one_line_and_the_next_push_goes_on(wired, push, status, words):
    wire = wired("rdf4j")
    wire.faults.append(Fault("status", on="write", at=2, times=0, status=status))
    done = push()
    assert (2, b"", 1) == (done.returncode, done.stdout, done.stderr.count(b"\n"))
    assert words in done.stderr
    assert b"of 4 graphs are there" in done.stderr
    wire.faults.clear()
    told, _ = report(push("--json"))
    assert told["proven"]


def test_a_store_that_may_only_be_read_is_one_line(root, tmp_path, push):
    folder = tmp_path / "read"
    folder.mkdir()
    with graph_stores.oxigraph(folder):
        pass
    with graph_stores.oxigraph(folder, read_only=True) as server:
        _profile(root, server)
        done = push()
    assert (2, b"", 1) == (done.returncode, done.stdout, done.stderr.count(b"\n"))


def test_a_wrong_address_is_one_line(push):
    done = push(store=f"http://127.0.0.1:{graph_stores.free_port()}")
    assert (2, b"", 1) == (done.returncode, done.stdout, done.stderr.count(b"\n"))
    assert b"Is it running?" in done.stderr


def test_a_page_instead_of_an_answer_is_one_line(wired, push):
    wire = wired("graphdb")
    wire.faults.append(Fault("html", times=0))
    done = push()
    assert (2, b"", 1) == (done.returncode, done.stdout, done.stderr.count(b"\n"))


def test_a_secret_that_is_not_set_is_named(wired, dragoman):
    wired("graphdb")
    done = dragoman("push", "store")
    assert (2, 1) == (done.returncode, done.stderr.count(b"\n"))
    assert VARIABLE.encode() in done.stderr


def test_a_graph_beside_that_cannot_be_taken_away_is_named(root, wired, push):
    wire = wired("graphdb")
    push("--source", "states")
    rename(root, '"Hungary"@en', '"Hungarian State"@en')
    writes = sum(each.method in {"PUT", "DELETE"} for each in wire.asked)
    wire.faults.append(Fault("status", on="write", at=2, times=0, status=403))
    done = push("--source", "states")
    assert done.returncode == 2
    assert f"Left there unfinished: <{STATES}?dragoman-staging>.".encode() in done.stderr
    assert writes
    wire.faults.clear()
    assert 0 == push("--source", "states").returncode
    assert {STATES} == wire.graph_names()


def test_blank_nodes_of_which_some_may_be_there_are_not_added_again(root, wired, push):
    wire = wired("graphdb")
    text = f"{PREFIXES}state:HUN dip:about [ dip:founded 1 ] ."
    (root / "data" / "anonymous.ttl").write_text(text, encoding="utf-8")
    wire.faults.append(Fault("lost", on="write"))
    assert push("--append", "--source", "anonymous").returncode == 2
    done = push("--append", "--source", "anonymous")
    assert (2, True) == (done.returncode, b"Push it with --replace" in done.stderr)
    done = push("--replace", "--json", "--source", "anonymous")
    assert (0, True) == (done.returncode, report(done)[0]["proven"])
    assert 2 == len(wire.triples(f"{SOURCE}anonymous"))


def test_two_pushes_at_once_into_one_store_do_not_meet(root, wired, push):
    wire = wired("graphdb")
    wire.faults.append(Fault("slow", on="write", seconds=3.0))
    command = [sys.executable, "-m", "dragoman", "--base", str(root), "push", "store"]
    with subprocess.Popen(
        command, env=os.environ | {VARIABLE: wire.secret}, stdout=subprocess.DEVNULL
    ) as process:
        while not wire.faults[0].happened:
            assert process.poll() is None
            time.sleep(0.02)
        done = push()
        assert (2, 1) == (done.returncode, done.stderr.count(b"\n"))
        assert f"(process {process.pid} on".encode() in done.stderr
        assert 0 == process.wait(60)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT of this kind")
def test_a_push_that_is_interrupted_leaves_nothing_beside(root, wired, push):
    wire = wired("graphdb")
    push("--source", "states")
    rename(root, '"Hungary"@en', '"Hungarian State"@en')
    wire.faults.append(Fault("slow", on="read", at=4, times=0, seconds=2.0))
    command = [sys.executable, "-m", "dragoman", "--base", str(root), "push", "store"]
    with subprocess.Popen(
        [*command, "--source", "states"],
        env=os.environ | {VARIABLE: wire.secret},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        while len(wire.graph_names()) < 2:
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=600)
    assert (130, b"", False) == (process.returncode, output, b"Traceback" in errors)
    assert {STATES} == wire.graph_names()


def test_a_store_that_dies_in_the_middle_is_gone_on_with(root, tmp_path, push):
    many(root, "large", 60_000)
    folder = tmp_path / "killed"
    folder.mkdir()
    with graph_stores.oxigraph(folder) as server:
        _profile(root, server)
        codes = []
        for wait in (0.45, 0.7, 0.9, 1.2):
            timer = threading.Timer(wait, server.kill)
            timer.start()
            codes.append(push().returncode)
            timer.join()
            server.start()
        told, graphs = report(push("--json"))
        assert set(codes) <= {0, 2}
        assert (True, 60_000) == (told["proven"], graphs["large"]["after"])
        assert 5 == len(server.graph_names())


def test_a_virtuoso_that_dies_in_the_middle_is_gone_on_with(root, tmp_path, push):
    many(root, "large", 60_000)
    folder = tmp_path / "killed"
    folder.mkdir()
    try:
        with graph_stores.virtuoso(folder) as server:
            _profile(root, server)
            timer = threading.Timer(1.0, server.kill)
            timer.start()
            assert push(word="dba").returncode in {0, 2}
            timer.join()
            server.start()
            told, graphs = report(push("--json", word="dba"))
            assert (True, 60_000) == (told["proven"], graphs["large"]["after"])
            assert 5 == len(server.graph_names() - server.own_graphs)
    except graph_stores.NotInstalledError as error:
        pytest.skip(str(error))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_push_that_is_killed_in_the_middle_is_gone_on_with(root, oxigraph, push):
    many(root, "large", 60_000)
    push()
    rename(root, '"Hungary"@en', '"Hungarian State"@en')
    many(root, "large", 60_000, start=10)
    command = [sys.executable, "-m", "dragoman", "--base", str(root), "push", "store"]
    for wait in (0.5, 1.0, 1.5):
        with subprocess.Popen(
            command, env=os.environ, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            time.sleep(wait)
            os.kill(process.pid, signal.SIGKILL)
    told, graphs = report(push("--json"))
    assert (True, 60_000) == (told["proven"], graphs["large"]["after"])
    assert 5 == len(oxigraph.graph_names())
    merged = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    distinct = "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } } }"
    assert ask(oxigraph, distinct) == ask(oxigraph, merged)


def test_a_broken_push_in_parts_goes_on_where_it_was(root, wired, push):
    wire = wired("sparql", auth="none")
    many(root, "large", 5_000)
    wire.faults.append(Fault("kill", on="write", at=4))
    assert push("--source", "large").returncode == 2
    there = len(wire.triples(f"{SOURCE}large"))
    assert 0 < there < 5_000
    wire.start()
    asked = len(wire.asked)
    told, _ = report(push("--json", "--source", "large"))
    again = [each for each in wire.asked[asked:] if b"INSERT DATA" in each.body]
    assert (True, 5) == (told["proven"], len(again) + there // 1000)


# ------------------------------------------------------------------ back again


def test_the_graphs_of_a_store_are_listed_with_what_the_base_has(oxigraph, push, dragoman):
    push("--source", "people")
    oxigraph.put("urn:other", b"<urn:a> <urn:b> <urn:c> .\n")
    done = dragoman("pull", "store")
    assert [f"4  {PEOPLE}  (here: people)", "1  urn:other"] == done.stdout.decode().splitlines()


def test_a_graph_is_pulled_as_a_source_through_validation(root, oxigraph, dragoman):
    (root / "dragoman.toml").write_text("format = 1\n", encoding="utf-8")
    line = f'<http://example.org/a> <{ONTOLOGY}alpha3Code> "ARV" .\n'
    oxigraph.put(f"{SOURCE}news", line.encode())
    dry = dragoman("pull", "store", "--graph", f"{SOURCE}news", "--dry-run")
    assert (0, "Would add data/news.nt: 1 triple.\n") == (dry.returncode, dry.stdout.decode())
    done = dragoman("pull", "store", "--graph", f"{SOURCE}news")
    assert (0, line) == (
        done.returncode, (root / "data" / "news.nt").read_text(encoding="utf-8"),
    )  # fmt: skip
    again = dragoman("pull", "store", "--graph", f"{SOURCE}news")
    assert again.returncode == 2


def test_a_graph_that_is_no_source_needs_a_name(oxigraph, dragoman):
    oxigraph.put("urn:other", b"<urn:a> <urn:b> <urn:c> .\n")
    done = dragoman("pull", "store", "--graph", "urn:other")
    assert (2, True) == (done.returncode, b"--as NAME" in done.stderr)
    done = dragoman("pull", "store", "--graph", "urn:absent", "--as", "absent")
    assert (2, True) == (done.returncode, b"urn:other" in done.stderr)
