"""Inputs that mean harm: each gets an answer or one clear line, and nothing goes to the network."""

from __future__ import annotations

import json
import socket
import threading

import pytest

from conftest import SHARED

CASES = SHARED / "suites" / "hostile" / "cases.jsonl"
READ = {"add-turtle": "ttl", "add-turtle-hex": "ttl", "add-jsonld": "jsonld", "add-rdfxml": "rdf"}
# Endless by intent: a second must be enough to end them.
RUNAWAY = {"cross-distinct", "concat-bomb", "replace-bomb", "path-star-all"}
ANSWERED = {"net-query-6", "net-query-7"}
EITHER = {"chain-union-500", "nest-bang-500"}

pytestmark = pytest.mark.skipif(not CASES.is_file(), reason="the hostile cases are not beside us")


def cases(*kinds: str):
    if not CASES.is_file():
        return []
    with CASES.open(encoding="utf-8") as lines:
        found = [case for line in lines if (case := json.loads(line))["kind"] in kinds]
    return [pytest.param(case, id=case["id"]) for case in found]


@pytest.fixture
def trap():
    """A listener on loopback that must get no connection; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        caught: list[object] = []
        done = threading.Event()

        def listen() -> None:
            while not done.is_set():
                try:
                    caught.append(server.accept())
                except TimeoutError:
                    continue

        thread = threading.Thread(target=listen)
        thread.start()
        yield str(server.getsockname()[1])
        done.set()
        thread.join()
        assert caught == []


def refused(done) -> None:
    error = done.stderr.decode()
    assert (done.returncode, done.stdout) == (2, b"")
    assert error.startswith("Error: ")
    assert error.count("\n") == 1
    assert len(error) < 500


@pytest.mark.parametrize("case", cases("query"))
def test_hostile_queries_end_well(case, dragoman, root, trap):
    if case["id"] in RUNAWAY:
        (root / "data" / "many.nt").write_text(
            "".join(f"<urn:{n % 97}> <urn:p{n % 7}> <urn:{n % 89}{n}> .\n" for n in range(3000))
        )
    text = case["body"].replace("{TRAP}", trap).encode()
    runaway = case["id"] in RUNAWAY
    limits = ["--timeout", "2", "--memory", "500"] if runaway else ["--timeout", "20"]
    done = dragoman("query", "-", *limits, stdin=text, timeout=600)
    if case["id"] in ANSWERED | EITHER:
        told = set(done.stderr.decode().splitlines())
        assert done.returncode == 0
        assert told <= {"0 rows.", "Warning: -: The base says nothing of service:p."}
    elif runaway and done.returncode == 0:
        pytest.fail("an endless query ended")
    else:
        refused(done)


@pytest.mark.parametrize("case", cases("update"))
def test_updates_are_refused(case, dragoman, trap):
    refused(dragoman("query", "-", stdin=case["body"].replace("{TRAP}", trap).encode()))


@pytest.mark.parametrize("case", cases("saved-query-parameter"))
def test_hostile_parameters_are_refused_where_a_thing_is_meant(case, dragoman):
    refused(dragoman("query", "names", "--set", f"state={case['body']}"))


@pytest.mark.parametrize("case", cases("saved-query-parameter", "label"))
def test_hostile_text_is_bound_as_text(case, dragoman, root):
    (root / "queries" / "text.rq").write_text(
        "#+ summary: A text\n#+ description: What is the text?\n#+ tags: [test]\n"
        "#+ params: [{name: text, type: xsd:string, description: Any}]\n"
        "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
        'SELECT ?text ?one { VALUES ?text { "x" } BIND(1 AS ?one) }'
    )
    done = dragoman("query", "text", "--set", f"text={case['body']}", "-f", "json")
    if case["body"][:1] in {'"', "'"}:  # meant as a quoted literal, and not a whole one
        refused(done)
        return
    (row,) = json.loads(done.stdout)["results"]["bindings"]
    assert (row["text"]["value"], row["one"]["value"]) == (case["body"], "1")


@pytest.mark.parametrize("case", cases(*READ))
def test_hostile_files_are_left_out_of_the_base_with_one_line(case, dragoman, root, trap):
    """Through the loader of the base; a base holds Turtle, the other formats are read directly."""
    from dragoman.errors import SyntaxProblem
    from dragoman.syntax import read_rdf

    body = case["body"].replace("{TRAP}", trap)
    data = bytes.fromhex(body) if case["kind"].endswith("hex") else body.encode()
    name = f"hostile.{READ[case['kind']]}"
    (root / "data" / name).write_bytes(data)
    if case["id"] == "bytes-4":  # a UTF-8 byte order mark is accepted
        assert len(list(read_rdf(root / "data" / name))) == 1
        return
    with pytest.raises(SyntaxProblem) as caught:
        list(read_rdf(root / "data" / name))
    assert "\n" not in str(caught.value)
    done = dragoman("query", "names")
    assert done.returncode == 0
    warned = done.stderr.decode()
    assert (warned.count("\n"), name in warned) == (
        (1, True) if name.endswith("ttl") else (0, False)
    )


@pytest.mark.parametrize("case", cases("graph-or-file-name"))
def test_hostile_names_open_nothing(case, dragoman):
    body = case["body"].replace("\0", "%00")  # the system itself passes no NUL to a process
    refused(dragoman("query", body))
    refused(dragoman("query", "--file", f"./{body}"))
