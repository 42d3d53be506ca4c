"""Adding to a base and removing from it: what is kept, what is refused, and what the log says."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import threading
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from dragoman import additions, syntax
from dragoman.additions import log, transaction
from dragoman.base import Base
from dragoman.errors import DragomanError, LockedError, SyntaxProblem, UnknownNameError
from small_base import DIP, small_base

PREFIXES = f"@prefix dip: <{DIP}> .\n@prefix ex: <https://example.org/> .\n"
SOURCE = "https://w3id.org/dragoman/id/source/"


def person(name, more=""):
    return f'{PREFIXES}ex:{name} a dip:Person ; dip:name "{name}" {more}.\n'


@pytest.fixture
def base(tmp_path):
    return small_base(tmp_path / "base")


@pytest.fixture
def file(tmp_path):
    def file(name, text):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return file


def content(base):
    """Return all files but those of the cache."""
    return {
        path.relative_to(base.root).as_posix(): path.read_bytes()
        for path in base.root.rglob("*")
        if path.is_file() and not path.is_relative_to(base.root / ".dragoman")
    }


def log_of(base):
    return [[cell and cell.value for cell in row] for row in log.read(base).rows]


# ------------------------------------------------------------------ what is kept


def test_a_valid_file_is_kept_byte_for_byte(base, file):
    text = f"# a comment\r\n{person('berta')}\n\n"
    done = additions.add(base, [file("berta.ttl", text)])
    assert done.done
    assert text.encode() == (base.root / "data" / "berta.ttl").read_bytes()
    assert [("data/berta.ttl", f"{SOURCE}berta", 2)] == [
        (each.path, each.graph, each.triples) for each in done.added
    ]


def test_packed_triples_stay_packed(base, file):
    packed = gzip.compress(f'<https://example.org/a> <{DIP}name> "a" .\n'.encode())
    additions.add(base, [file("lines.nt.gz", packed)])
    assert packed == (base.root / "data" / "lines.nt.gz").read_bytes()


def test_packed_turtle_is_unpacked_and_kept_as_it_is(base, file):
    done = additions.add(base, [file("berta.ttl.gz", gzip.compress(person("berta").encode()))])
    assert person("berta").encode() == (base.root / "data" / "berta.ttl").read_bytes()
    assert "was unpacked" in done.notes[0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonld", '{"@id": "urn:x:a", "urn:x:p": {"urn:x:q": "01"}, "urn:x:r": {"@id": "_:b"}}'),
        (
            "a.rdf",
            """<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:x='urn:x:'>
            <r:Description r:about='urn:x:a'><x:p xml:lang='tr'>ş</x:p></r:Description></r:RDF>""",
        ),
        ("a.trig", "<urn:x:a> <urn:x:p> 1.50 , [ <urn:x:q> 'x' ] ."),
        ("a.nq", '<urn:x:a> <urn:x:p> "tab\\there" .\n'),
    ],
)
def test_other_formats_become_triples_term_for_term(base, file, name, text):
    path = file(name, text)
    done = additions.add(
        base, [path], additions.Adding(allow=("warning", "the spelling is the point"))
    )
    kept = base.root / "data" / "a.nt"
    given = {quad.triple for quad in syntax.read_rdf(path)}
    assert additions.compare(given, (quad.triple for quad in syntax.read_rdf(kept))).same
    assert hashlib.sha256(text.encode()).hexdigest() in (base.root / "log/additions.nt").read_text()
    assert f"{path} becomes N-Triples" in done.notes[0]


def test_the_same_file_converts_to_the_same_bytes(base, file):
    path = file("a.jsonld", '{"@id": "urn:x:a", "urn:x:p": {"urn:x:q": {"urn:x:r": 1}}}')
    additions.add(base, [path])
    with pytest.raises(DragomanError, match=r"in the base already, byte for byte: data/a\.nt"):
        additions.add(base, [path])


def test_each_graph_of_a_file_becomes_a_source(base, file):
    quads = f'<urn:x:a> <urn:x:p> "1" <{SOURCE}one> .\n<urn:x:a> <urn:x:p> "2" <{SOURCE}two> .\n'
    done = additions.add(base, [file("all.nq", quads)])
    assert ["data/one.nt", "data/two.nt"] == [each.path for each in done.added]
    assert b'<urn:x:a> <urn:x:p> "2" .\n' == (base.root / "data" / "two.nt").read_bytes()


def test_a_name_can_be_chosen_and_a_format_told(base, file):
    path = file("download", person("berta"))
    done = additions.add(base, [path], additions.Adding(name="note-1", syntax="turtle"))
    assert ["data/note-1.ttl"] == [each.path for each in done.added]
    assert person("berta").encode() == (base.root / "data" / "note-1.ttl").read_bytes()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are Unix's")
def test_a_pipe_is_read_once(base, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text(person("berta")))
    writer.start()
    additions.add(base, [pipe], additions.Adding(name="berta"))
    writer.join()
    assert person("berta").encode() == (base.root / "data" / "berta.ttl").read_bytes()


def test_several_files_go_in_together_or_not_at_all(base, file):
    files = [file("berta.ttl", person("berta")), file("carl.ttl", f"{PREFIXES}ex:x a dip:Person .")]
    before = content(base)
    done = additions.add(base, files)
    assert (False, 1) == (done.done, len(done.refused))
    assert before == content(base)
    files[1].write_text(person("carl"))
    assert additions.add(base, files).done
    assert {"data/berta.ttl", "data/carl.ttl"} < content(base).keys()


def test_a_new_version_takes_the_place_of_the_old_one(base, file):
    (base.root / "data" / "notes").mkdir()
    (base.root / "data" / "notes" / "berta.ttl").write_text(person("berta"))
    new = f'<https://example.org/berta> <{DIP}name> "Berta B." .\n'
    done = additions.add(base, [file("berta.nt", new)], additions.Adding(replace=True))
    assert ((f"{SOURCE}berta",), ()) == (done.replaced, done.removed)
    assert new.encode() == content(base)["data/notes/berta.nt"]
    assert "data/notes/berta.ttl" not in content(base)
    assert ["replaced", "data/notes/berta.nt"] == log_of(base)[0][1:3]


def test_what_a_replacement_takes_away_is_missed(base, file):
    """The old file said the name of a person that another file knows as one."""
    additions.add(base, [file("name.ttl", f'{PREFIXES}ex:nameless dip:name "N." .')])
    done = additions.add(
        base, [file("name.ttl", f"{PREFIXES}ex:x dip:age 1 .")], additions.Adding(replace=True)
    )
    assert ["https://example.org/nameless"] == [each.focus.value for each in done.refused]


def test_the_same_again_changes_nothing(base, file):
    path = file("berta.ttl", person("berta"))
    additions.add(base, [path])
    before = content(base)
    done = additions.add(base, [path], additions.Adding(replace=True))
    assert ((), ()) == (done.added, done.refused)
    assert "Nothing to do" in done.notes[0]
    assert before == content(base)


def test_a_dry_run_checks_and_changes_nothing(base, file):
    before = content(base)
    done = additions.add(base, [file("berta.ttl", person("berta"))], additions.Adding(dry_run=True))
    assert (False, (), ["data/berta.ttl"]) == (
        done.done, done.refused, [each.path for each in done.added]
    )  # fmt: skip
    assert before == content(base)
    assert not (base.root / ".dragoman").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ex:a ex:on \"1961-00-00\"^^<http://www.w3.org/2001/XMLSchema#date> .",
         "'1961-00-00' is no xsd:date: there is no month 00"),
        ("ex:a ex:count \"five\"^^<http://www.w3.org/2001/XMLSchema#integer> .",
         "'five' is no xsd:integer: write digits"),
    ],
)  # fmt: skip
def test_an_ill_typed_literal_is_a_violation_with_its_line(base, file, text, said):
    done = additions.add(base, [file("a.ttl", PREFIXES + text)])
    assert [("violation", 3)] == [(each.level, each.line) for each in done.refused]
    assert said in done.refused[0].messages[0].value
    assert not done.done


@pytest.mark.parametrize("name", ["a.nt", "a.ttl", "a.nq", "a.nt.gz"])
def test_what_is_said_twice_counts_once(base, file, name):
    text = b'<urn:a> <urn:b> "same" .\n' * 2 + b'<urn:a> <urn:b> "other" .\n'
    done = additions.add(base, [file(name, gzip.compress(text) if ".gz" in name else text)])
    assert [2] == [each.triples for each in done.added]


RELATIVE = {
    "a.ttl": b'\xef\xbb\xbf<#talks> <urn:of> <> .\n<> <urn:as> "01"^^<urn:number> .\n',
    "a.ttl.gz": gzip.compress(b'<#talks> <urn:of> <> .\n<> <urn:as> "01"^^<urn:number> .\n'),
    "a.jsonld": b'[{"@id": "#talks", "urn:of": {"@id": ""}},'
    b'{"@id": "", "urn:as": {"@value": "01", "@type": "urn:number"}}]',
    "a.rdf": b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="urn:">'
    b'<r:Description r:about="#talks"><u:of r:resource=""/></r:Description><r:Description '
    b'r:about=""><u:as r:datatype="urn:number">01</u:as></r:Description></r:RDF>',
}


@pytest.mark.parametrize("name", RELATIVE)
def test_relative_iris_are_those_of_the_base_that_is_told(base, file, name):
    path = file(name, RELATIVE[name])
    with pytest.raises(SyntaxProblem, match="--base-iri"):
        additions.add(base, [path])
    done = additions.add(base, [path], additions.Adding(base_iri="https://example.org/notes/one"))
    assert done.done
    kept = syntax.read_rdf(base.root / done.added[0].path)
    assert {
        "<https://example.org/notes/one#talks> <urn:of> <https://example.org/notes/one>",
        '<https://example.org/notes/one> <urn:as> "01"^^<urn:number>',
    } == {str(quad.triple) for quad in kept}


def test_a_file_that_needs_no_base_is_kept_byte_for_byte_though_one_is_told(base, file):
    path = file("a.ttl", person("a"))
    done = additions.add(base, [path], additions.Adding(base_iri="https://example.org/"))
    assert path.read_bytes() == (base.root / done.added[0].path).read_bytes()


def test_lines_are_those_of_the_file_whose_base_is_told(base, file):
    path = file("a.ttl", "<#a> <urn:b>\n  3e0 .")
    done = additions.add(base, [path], additions.Adding(base_iri="https://example.org/"))
    assert [1] == [each.line for each in done.refused]


# ------------------------------------------------------------------ what is refused


def test_a_contradiction_with_an_old_thing_refuses(base, file):
    before = content(base)
    done = additions.add(base, [file("anna.ttl", f'{PREFIXES}ex:anna dip:name "Another" .')])
    assert ["https://example.org/anna"] == [each.focus.value for each in done.refused]
    assert before == content(base)


def test_a_warning_passes_and_is_told(base, file):
    done = additions.add(base, [file("carl.ttl", person("carl", "; dip:counterpart ex:anna "))])
    assert (True, ["warning"]) == (done.done, [each.level for each in done.report.findings])
    assert [None, None] == log_of(base)[0][-2:]


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ("; dip:age 01 ", "canonical"),
        ('; dip:age "1"^^<http://www.w3.org/2001/XMLSchema#int> ', "derived-integer"),
        ('; dip:counterpart "x\\u0007" ', "control-character"),
        ('; dip:counterpart "\u202egnp.exe" ', "control-character"),
        ('; dip:counterpart "e\u0301" ', "nfc"),
        ("; dip:nmae 1 ", "undeclared"),
    ],
)
def test_the_lint_refuses_with_the_line(base, file, more, rule):
    before = content(base)
    done = additions.add(base, [file("berta.ttl", person("berta", more))])
    assert [(f"https://w3id.org/dragoman/lint/{rule}", 3)] == [
        (each.component, each.line) for each in done.refused
    ]
    assert before == content(base)


def test_what_is_allowed_passes_with_its_reason_in_the_log(base, file):
    path = file("berta.ttl", person("berta", "; dip:age 01 "))
    assert additions.add(base, [path], additions.Adding(allow=("info", "no weight"))).refused
    assert additions.add(base, [path], additions.Adding(allow=("warning", " as printed "))).done
    assert ["warning", "as printed"] == log_of(base)[0][-2:]


def test_allowing_warnings_lets_no_violation_pass(base, file):
    path = file("bad.ttl", f"{PREFIXES}ex:x a dip:Person ; dip:age 01 .")
    assert (
        len(additions.add(base, [path], additions.Adding(allow=("warning", "because"))).refused)
        == 1
    )
    assert additions.add(base, [path], additions.Adding(allow=("violation", "because"))).done


def test_what_did_not_need_allowing_is_not_recorded(base, file):
    path = file("berta.ttl", person("berta"))
    additions.add(base, [path], additions.Adding(allow=("violation", "to be sure")))
    assert [None, None] == log_of(base)[0][-2:]


@pytest.mark.parametrize(
    ("allow", "error", "said"),
    [
        (("grave", "x"), UnknownNameError, "grave"),
        (("warning", "  "), DragomanError, "Say why a warning may pass"),
    ],
)
def test_allowing_needs_a_level_and_a_reason(base, file, allow, error, said):
    with pytest.raises(error, match=said):
        additions.add(base, [file("berta.ttl", person("berta"))], additions.Adding(allow=allow))


REFUSED = [
    ("bad.ttl", "<urn:x:a> <urn:x:b> .", r"bad\.ttl:1:\d+: "),
    ("bad.nt", "<urn:x:a> <urn:x:b> <urn:x:c> .\n<urn:x:a> nonsense\n", r"bad\.nt:2:"),
    ("empty.ttl", "", "It is empty"),
    ("comment.ttl", "# nothing\n", "It holds no statement"),
    ("a.txt", "x", "tells no RDF format"),
    ("quoted.ttl", "<urn:x:a> <urn:x:b> <<( <urn:x:a> <urn:x:b> 1 )>> .", "quoted triple"),
    ("b.nq", "<urn:x:a> <urn:x:b> 1 <urn:x:g> .".replace("1", '"1"'), "which is no source"),
    ("b.nq", f'<urn:x:a> <urn:x:b> "1" <{SOURCE}persons> .', "persons.ttl.*--replace"),
    ("b.nq", f'<urn:x:a> <urn:x:b> "1" <{SOURCE}..%2F..%2Fx> .', "cannot be the name"),
    ("b.trig", "<urn:x:a> <urn:x:b> _:c . GRAPH <urn:x:g> { _:c <urn:x:b> 1 }", "no source"),
    (
        "b.trig",
        f"<urn:x:a> <urn:x:b> _:c . GRAPH <{SOURCE}g> {{ _:c <urn:x:b> 1 }}",
        "stands in two graphs",
    ),
    ("persons.ttl", PREFIXES + "ex:a dip:age 1 .", "--replace"),
    ("PERSONS.ttl", PREFIXES + "ex:a dip:age 1 .", "do not tell capitals apart"),
    ("my note.ttl", PREFIXES + "ex:a dip:age 1 .", "Try --as my-note"),
    ("görüşme.ttl", PREFIXES + "ex:a dip:age 1 .", "Try --as gorusme"),
    ("con.ttl", PREFIXES + "ex:a dip:age 1 .", "Windows keeps it"),
]


@pytest.mark.parametrize(("name", "text", "said"), REFUSED)
def test_bad_files_are_refused_in_one_line_and_change_nothing(base, file, name, text, said):
    before = content(base)
    with pytest.raises(DragomanError, match=said) as caught:
        additions.add(base, [file(name, text)])
    assert "\n" not in str(caught.value)
    assert before == content(base)


@pytest.mark.parametrize(
    "name",
    [
        *("../x", "..", ".", "", "a/b", "a\\b", "/etc/passwd", "a\0b", "a\nb", "..%2fx"),
        *("urn:x:../../a", "-x", ".x", "x.", "x ", "a" * 101, "nul", "LPT1"),
        *("x.ttl", "x.nt.gz", "x.gz", "é"),
    ],
)
def test_hard_names_are_refused(base, file, name):
    before = content(base)
    with pytest.raises(DragomanError, match="cannot be the name of a source"):
        additions.add(base, [file("berta.ttl", person("berta"))], additions.Adding(name=name))
    assert before == content(base)


def test_missing_files_and_folders_are_no_files(base, tmp_path):
    for path, said in ((tmp_path / "none.ttl", "No such file"), (tmp_path, "It is a folder")):
        with pytest.raises(SyntaxProblem, match=said):
            additions.add(base, [path])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all files")
def test_a_file_that_may_not_be_read_is_said(base, file):
    path = file("berta.ttl", person("berta"))
    path.chmod(0)
    with pytest.raises(SyntaxProblem, match="Permission denied"):
        additions.add(base, [path])


def test_a_device_is_no_file(base):
    with pytest.raises(SyntaxProblem, match="neither a file nor a pipe"):
        additions.add(base, ["/dev/zero"], additions.Adding(name="zero", syntax="turtle"))


def test_the_same_content_under_another_name_is_said(base, file):
    additions.add(base, [file("berta.ttl", person("berta"))])
    with pytest.raises(DragomanError, match=r"in the base already, as data/berta\.ttl"):
        additions.add(base, [file("other.ttl", person("berta"))])


def test_two_files_of_one_name_or_content_are_not_guessed_about(base, file, tmp_path):
    (tmp_path / "sub").mkdir()
    first = file("berta.ttl", person("berta"))
    second = file("sub/berta.nt", "<urn:x:a> a <urn:x:b> .")
    with pytest.raises(SyntaxProblem):
        additions.add(base, [first, second])
    second.write_text(f"<urn:x:a> <{DIP}age> <urn:x:b> .")
    with pytest.raises(DragomanError, match="would both be the source 'berta'"):
        additions.add(base, [first, second])
    third = file("carl.ttl", person("berta"))
    with pytest.raises(DragomanError, match="are the same file, byte for byte"):
        additions.add(base, [first, third])
    with pytest.raises(DragomanError, match="names one source, and there are 2"):
        additions.add(base, [first, file("dora.ttl", person("dora"))], additions.Adding(name="x"))


def test_a_file_that_changes_while_it_is_checked_is_refused(base, file, monkeypatch):
    """The change is made between the checking and the writing, by the hand of a check."""
    path = file("berta.ttl", person("berta"))
    check = additions.checking.check

    def slow(*arguments):
        report = check(*arguments)
        path.write_text(person("berta").replace("Person", "Perron"))
        return report

    monkeypatch.setattr("dragoman.additions.checking.check", slow)
    before = content(base)
    with pytest.raises(DragomanError, match=r"berta\.ttl: it changed while it was being added"):
        additions.add(base, [path])
    assert before == content(base)
    assert [] == list((base.root / "data").rglob(".*"))


def test_a_file_that_vanishes_while_it_is_checked_is_said(base, file, monkeypatch):
    path = file("berta.ttl", person("berta"))
    check = additions.checking.check

    def slow(*arguments):
        report = check(*arguments)
        path.unlink()
        return report

    monkeypatch.setattr("dragoman.additions.checking.check", slow)
    before = content(base)
    with pytest.raises(DragomanError, match="cannot be read any more: No such file"):
        additions.add(base, [path])
    assert before == content(base)


def test_a_source_that_is_edited_while_its_removal_is_checked_stays(base, monkeypatch):
    check = additions.checking.check

    def slow(*arguments):
        report = check(*arguments)
        (base.root / "data" / "persons.ttl").write_text(person("edited"))
        return report

    (base.root / "data" / "more.ttl").write_text(person("more"))
    monkeypatch.setattr("dragoman.additions.checking.check", slow)
    with pytest.raises(DragomanError, match=r"persons\.ttl changed while it was being checked"):
        additions.remove(base, ["persons"])
    assert person("edited").encode() == content(base)["data/persons.ttl"]


def test_a_base_that_is_not_ones_own_is_not_added_to(file, tmp_path):
    base = small_base(tmp_path / "packaged")
    locked = Base(base.root, base.reason)
    (base.root / ".dragoman").write_text("no folder can stand here")
    before = content(base)
    with pytest.raises(DragomanError, match=r"may not be written .*dragoman init DIR"):
        additions.add(locked, [file("berta.ttl", person("berta"))])
    assert before == content(base)


def test_a_lock_that_is_held_is_waited_for_and_then_told(base, file):
    from test_locking import in_another_process, release

    other = in_another_process(base.make_cache())
    with pytest.raises(LockedError, match="being written by dragoman add"):
        additions.add(base, [file("berta.ttl", person("berta"))], additions.Adding(wait=0.1))
    release(other)
    assert additions.add(base, [tmp_file(base)], additions.Adding(wait=0)).done


def tmp_file(base):
    return base.root.parent / "berta.ttl"


# ------------------------------------------------------------------ removing


def test_a_source_is_removed_by_name_path_or_iri(base, file):
    names = ("berta", "carl", "dora")
    additions.add(base, [file(f"{name}.ttl", person(name)) for name in names])
    done = additions.remove(base, ["berta", "data/carl.ttl", f"{SOURCE}dora"])
    assert [f"data/{name}.ttl" for name in names] == [each.path for each in done.removed]
    assert {"data/persons.ttl"} == {name for name in content(base) if name.startswith("data/")}
    assert ["removed"] * 3 == [row[1] for row in log_of(base)[:3]]


def test_what_the_rest_misses_refuses_a_removal(base, file):
    additions.add(base, [file("name.ttl", f'{PREFIXES}ex:nameless dip:name "N." .')])
    before = content(base)
    done = additions.remove(base, ["name"])
    assert ["https://example.org/nameless"] == [each.focus.value for each in done.refused]
    assert before == content(base)
    assert additions.remove(
        base, ["name"], additions.Changing(allow=("violation", "entered anew"))
    ).done
    assert ["removed", "data/name.ttl"] == log_of(base)[0][1:3]


def test_what_cannot_be_removed_is_said(base):
    with pytest.raises(UnknownNameError, match="Did you mean persons"):
        additions.remove(base, ["person"])
    with pytest.raises(DragomanError, match="at least one file"):
        additions.remove(base, ["persons"])
    assert "data/persons.ttl" in content(base)


def test_a_packaged_source_is_hidden_but_not_removed(tmp_path, file):
    below = small_base(tmp_path / "below")
    reference = below.root / "data" / "reference"
    reference.mkdir()
    (reference / "known.ttl").write_text(person("known"))
    own = Base(tmp_path / "own", "it is under test", (below.root,))
    (own.root / "data").mkdir(parents=True)
    with pytest.raises(DragomanError, match="came with the package and cannot be removed"):
        additions.remove(own, ["known"])
    with pytest.raises(DragomanError, match="--replace"):
        additions.add(own, [file("known.ttl", person("other"))])
    additions.add(own, [file("known.ttl", person("other"))], additions.Adding(replace=True))
    assert person("known") == (reference / "known.ttl").read_text()
    assert person("other").encode() == content(own)["data/known.ttl"]
    additions.remove(own, ["known"])
    assert ["known"] == [source.name for source in own.sources("data")]


# ------------------------------------------------------------------ the log


def test_the_log_is_rdf_and_is_only_appended_to(base, file):
    texts = []
    for name in ("berta", "carl"):
        additions.add(base, [file(f"{name}.ttl", person(name))])
        texts.append((base.root / "log" / "additions.nt").read_bytes())
    assert texts[1].startswith(texts[0])
    kinds = [
        quad.object.value.rpartition("#")[2]
        for quad in parse(texts[1], RdfFormat.N_TRIPLES)
        if quad.predicate.value.endswith("#type")
    ]
    assert (2, 2, 4) == tuple(map(kinds.count, ("Activity", "SoftwareAgent", "Entity")))


def test_the_log_tells_what_was_done_newest_first(base, file):
    additions.add(base, [file("berta.ttl", person("berta"))])
    additions.add(base, [file("carl.ttl", person("carl"))])
    digest = hashlib.sha256(person("carl").encode()).hexdigest()
    rows = log_of(base)
    assert ["data/carl.ttl", "data/berta.ttl"] == [row[2] for row in rows]
    assert ["added", "data/carl.ttl", "dragoman 0.1.0", "2", digest, None, None] == rows[0][1:]
    cut = log.read(base, 1)
    assert (1, True) == (len(cut.rows), cut.cut)


def test_a_refusal_is_not_in_the_log(base, file):
    additions.add(base, [file("bad.ttl", f"{PREFIXES}ex:x a dip:Person .")])
    assert [] == log_of(base)


def test_a_line_that_somebody_left_without_an_end_is_ended(base, file):
    (base.root / "log").mkdir()
    (base.root / "log" / "additions.nt").write_text("<urn:x:a> <urn:x:b> <urn:x:c> .")
    additions.add(base, [file("berta.ttl", person("berta"))])
    assert ["data/berta.ttl"] == [row[2] for row in log_of(base)]


# ------------------------------------------------------------------ healing


def interrupted(base, file, monkeypatch, step):
    """Leave a change as it is when a process dies at a step."""

    def dies(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(transaction, step, dies)
        with pytest.raises(KeyboardInterrupt):
            additions.add(base, [file("berta.ttl", person("berta"))])


def test_a_change_that_was_decided_is_finished_by_whoever_comes_next(base, file, monkeypatch):
    interrupted(base, file, monkeypatch, "_place")
    assert "data/berta.ttl" not in content(base)
    (base.root / ".dragoman" / "commits").unlink()
    (said,) = additions.recover(base)
    assert "An interrupted change of the base was finished: data/berta.ttl." == said
    assert ["data/berta.ttl"] == [row[2] for row in log_of(base)]
    assert () == additions.recover(base)


def test_the_record_of_a_change_is_made_up_for(base, file, monkeypatch):
    interrupted(base, file, monkeypatch, "_record")
    assert "data/berta.ttl" in content(base)
    assert [] == log_of(base)
    additions.remove(base, ["berta"])
    assert ["removed", "added"] == [row[1] for row in log_of(base)]


def test_a_torn_record_is_written_anew(base, file, monkeypatch):
    additions.add(base, [file("carl.ttl", person("carl"))])
    path = base.root / "log" / "additions.nt"
    before = path.read_bytes()
    interrupted(base, file, monkeypatch, "_record")
    (plan,) = (base.root / ".dragoman" / "pending").rglob("placed.json")
    entry = json.loads(plan.read_text())["log"]["entry"].encode()
    path.write_bytes(before + entry[:100])
    additions.recover(base)
    assert before + entry == path.read_bytes()


def test_what_somebody_wrote_behind_a_torn_record_stays(base, file, monkeypatch):
    interrupted(base, file, monkeypatch, "_record")
    (base.root / "log").mkdir()
    own = b"<urn:x:a> <urn:x:b> <urn:x:c> .\n"
    (base.root / "log" / "additions.nt").write_bytes(own)
    additions.recover(base)
    assert (base.root / "log" / "additions.nt").read_bytes().startswith(own)
    assert ["data/berta.ttl"] == [row[2] for row in log_of(base)]


def test_an_attempt_without_a_decision_is_swept(base):
    folder = base.make_cache() / "pending" / "00000000000000000001-1"
    folder.mkdir(parents=True)
    (base.root / "data" / f".x.ttl.{folder.name}").write_text("half of a fi")
    (folder / "commit.json.new").write_text("{")
    before = {name for name in content(base) if not name.startswith("data/.")}
    assert () == additions.recover(base)
    assert before == content(base).keys()
    assert not folder.exists()


def test_a_change_of_a_newer_version_is_not_touched(base, file, monkeypatch):
    interrupted(base, file, monkeypatch, "_place")
    (plan,) = (base.root / ".dragoman" / "pending").rglob("commit.json")
    plan.write_text(plan.read_text().replace('"format": 1', '"format": 2'))
    before = content(base)
    with pytest.raises(DragomanError, match="newer version"):
        additions.recover(base)
    assert before == content(base)


def test_a_plan_that_comes_back_after_it_was_given_up_changes_nothing(base, file, monkeypatch):
    """As after a power cut: the plan stands, what it was to place is gone."""
    interrupted(base, file, monkeypatch, "_place")
    for path in (base.root / "data").rglob(".*"):
        path.unlink()
    before = content(base)
    additions.recover(base)
    assert before == content(base)
    assert [] == log_of(base)


def test_a_writer_at_work_is_left_alone(base, file, monkeypatch):
    from test_locking import in_another_process, release

    interrupted(base, file, monkeypatch, "_place")
    other = in_another_process(base.cache)
    assert () == additions.recover(base)
    assert "data/berta.ttl" not in content(base)
    release(other)
    assert 1 == len(additions.recover(base))


def test_paths_of_text_do(base, file):
    path = file("berta.ttl", person("berta"))
    assert additions.add(base, [str(path)]).done
    assert Path(base.root / "data" / "berta.ttl").exists()


# ------------------------------------------------------------------ what is safe on the disk


@pytest.mark.skipif(os.name == "nt", reason="folders are synced where they can be opened")
def test_success_is_reported_when_everything_is_safe_on_the_disk(base, file, monkeypatch):
    """Each file that was written, and each folder in which a name changed, is waited for."""
    additions.add(base, [file("old.ttl", person("old"))])  # makes the folders
    files = [file("berta.ttl", person("berta")), file("old.nt", f'<urn:x:o> <{DIP}name> "o" .')]
    done: list[tuple[str, str]] = []
    names: dict[int, str] = {}

    def record(name, note):
        real = getattr(os, name)

        def call(*arguments, **options):
            result = real(*arguments, **options)
            note(result, *arguments)
            return result

        monkeypatch.setattr(os, name, call)

    def moved(_result, source, target):
        done.extend([("names of", str(Path(place).parent)) for place in (source, target)])
        done.append(("moved to", str(target)))

    record("open", lambda number, path, *_: names.update({number: str(path)}))
    record("write", lambda _, number, *__: done.append(("content of", names.get(number, "?"))))
    record("fsync", lambda _, number: done.append(("synced", names[number])))
    record("replace", moved)
    record("rename", moved)
    record("unlink", lambda _, path: done.append(("names of", str(Path(path).parent))))
    additions.add(base, files, additions.Adding(replace=True))
    monkeypatch.undo()
    cache = base.root / ".dragoman"
    open_ends = {
        step[1]
        for number, step in enumerate(done)
        if step[0] in {"content of", "names of"} and ("synced", step[1]) not in done[number:]
    }
    # The lock, the counter and a folder that is gone hold nothing that has to last.
    assert set() == {each for each in open_ends if not each.startswith(str(cache))}
    decided = next(
        number for number, (name, path) in enumerate(done) if path.endswith("/commit.json")
    )
    hidden = [path for name, path in done[:decided] if name == "content of" and "/data/." in path]
    assert 2 == len(set(hidden))
    for path in set(hidden):
        assert ("synced", path) in done[:decided]
    assert ("synced", str(base.root / "data")) in done[:decided]
    placed = [number for number, (_, path) in enumerate(done) if path.endswith("/data/berta.ttl")]
    assert min(placed) > decided
