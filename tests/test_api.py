"""The Python interface."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import threading
from dataclasses import fields

import pytest
from pyoxigraph import NamedNode

import dragoman
from dragoman import additions, errors, store, validation

TUR = "https://w3id.org/dragoman/id/state/TUR"


@pytest.fixture
def base(root):
    return dragoman.open(root)


def test_importing_the_package_is_cheap():
    script = (
        "import sys, dragoman; print(sorted(set(sys.modules) & {'click', 'pathlib', 'pyoxigraph'}))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{script}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "[]\n"


def test_every_public_name_is_there():
    assert all(getattr(dragoman, name) for name in dragoman.__all__)
    with pytest.raises(AttributeError, match="no attribute 'opne'"):
        _ = dragoman.opne


def test_a_saved_query_answers_with_python_values(base):
    wanted = {"state": TUR, "stateLabel": "Türkiye", "label": "Türkiye"}
    assert [wanted] == list(base.query("names"))


@pytest.mark.parametrize(
    "value", ["Hungary", NamedNode(TUR.replace("TUR", "HUN")), ["HUN", "Türkiye"]]
)
def test_parameters_are_names_terms_or_lists(base, value):
    labels = {row["label"] for row in base.query("names", state=value)}
    assert {"Hungary", "Magyarország"} <= labels
    assert ("Türkiye" in labels) is isinstance(value, list)


def test_python_dates_are_parameters_too(base):
    assert len(base.query("founded", day=dt.date(1923, 10, 29))) == 1
    assert len(base.query("founded", day=dt.date(1923, 10, 28))) == 0


def test_a_text_is_asked_with_the_prefixes_of_the_base(base):
    assert base.query("ASK { state:HUN a dip:State }")
    assert not base.query("ASK { state:HUN a dip:Person }")
    assert base.query("SELECT ?s { ?s a dip:State } ORDER BY ?s", limit=1).answer.cut


def test_the_engine_is_asked_once_the_files_are_read(base, root):
    assert len(base.query("names")) == 1
    (root / "data" / "reference" / "states.ttl").unlink()
    assert len(base.query("names")) == 1
    assert len(dragoman.open(root).query("names")) == 0


def test_errors_are_of_one_tree(base):
    for question, kind in (
        ("absent", errors.UnknownNameError),
        ("DROP ALL", errors.QueryRefusedError),
        ("SELECT ?a { ?a ?b }", errors.SyntaxProblem),
    ):
        with pytest.raises(kind):
            base.query(question)
        assert issubclass(kind, errors.DragomanError)


def test_questions_are_listed(base):
    assert [question.name for question in base.questions()] == ["founded", "names"]


def test_blank_nodes_of_two_files_stay_apart(root):
    for name in "ab":
        (root / "data" / f"{name}.ttl").write_text("_:x <urn:p> 1 .")
    assert len(dragoman.open(root).query("SELECT ?x { ?x <urn:p> 1 }")) == 2


def test_a_triple_of_two_files_is_one_triple(root):
    for name in ("one", "two"):
        (root / "data" / f"{name}.nt").write_text("<urn:a> <urn:b> <urn:c> .\n")
    both = dragoman.open(root)
    assert [{"n": 1}] == list(both.query("SELECT (COUNT(*) AS ?n) WHERE { <urn:a> ?p ?o }"))
    files = both.query("SELECT ?g WHERE { GRAPH ?g { <urn:a> ?p ?o } }")
    assert {"one", "two"} == {row["g"].rpartition("/")[2] for row in files}


def test_a_failure_in_limited_work_is_the_callers():
    def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        store.Worker().limited(fail)


def test_work_that_grows_too_large_is_given_up():
    kept: list[bytearray] = []

    def grow() -> None:
        kept.extend(bytearray(b"x" * (1 << 20)) for _ in range(400))

    with pytest.raises(errors.LimitError, match="more than 50 MiB"):
        store.Worker().limited(lambda: [grow() for _ in range(10)], 60, 50 << 20)
    kept.clear()


def test_a_worker_is_used_again_and_gives_way_when_it_is_at_work():
    worker = store.Worker()
    first = worker.limited(threading.get_ident)
    assert first == worker.limited(threading.get_ident)
    assert first != worker.limited(lambda: worker.limited(threading.get_ident))


def test_a_worker_that_was_given_up_does_not_hold_up_the_next_question():
    worker, stop = store.Worker(), threading.Event()
    with pytest.raises(errors.LimitError):
        worker.limited(stop.wait, timeout=0.05)
    assert worker.limited(lambda: "done") == "done"
    stop.set()


def test_a_worker_ends_with_its_last_holder():
    worker = store.Worker()
    thread = worker.limited(threading.current_thread)
    assert thread.is_alive()
    del worker
    thread.join(timeout=60)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("options", "keywords"),
    [
        (validation.Checking, validation.CheckingKeywords),
        (additions.Changing, additions.ChangingKeywords),
        (additions.Adding, additions.AddingKeywords),
    ],
)
def test_what_is_told_by_name_is_what_an_object_of_options_holds(options, keywords):
    # who is told of waiting is the base's own affair
    assert {each.name for each in fields(options)} - {"note"} == keywords.__annotations__.keys()
