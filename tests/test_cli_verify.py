"""`dragoman verify` as people use it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dragoman import additions, index
from dragoman.index import manifest
from small_base import small_base
from test_base import put

PERSON = (
    "@prefix dip: <https://w3id.org/dragoman/ontology/> .\n@prefix ex: <https://example.org/> .\n"
)


@pytest.fixture
def base(tmp_path, monkeypatch):
    """A base of persons, all of whom have a name, which counts as large."""
    monkeypatch.setenv("DRAGOMAN_INDEX_FROM", "0")
    made = small_base(tmp_path / "persons")
    put(
        made.root / "data" / "persons.ttl",
        f'{PERSON}\nex:anna\n    a dip:Person ;\n    dip:name "Anna" ;\n    .\n',
    )
    return made


def verify(base, **environment):
    return subprocess.run(
        [sys.executable, "-m", "dragoman", "--base", str(base.root), "verify"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHONUTF8": "1", "DRAGOMAN_INDEX_FROM": "0", **environment},
    )


def test_a_base_in_order_passes(base):
    done = verify(base)
    assert done.stdout.startswith(
        "3 files and 16 triples compared with the index: no difference.\n"
    )
    assert done.returncode == 0
    assert done.stderr.startswith("Indexing 3 files, 0 MB; this is done once, then only what")


def test_a_small_base_has_its_files_and_shapes_checked(base):
    done = verify(base, DRAGOMAN_INDEX_FROM="100000")
    assert done.returncode == 0
    assert "compared with the index" not in done.stdout
    assert "nothing found" in done.stdout


def test_a_file_is_named_that_is_not_as_it_was_added(base):
    new = put(
        base.root.parent / "new.ttl",
        f'{PERSON}\nex:bo\n    a dip:Person ;\n    dip:name "Bo" ;\n    .\n',
    )
    other = put(
        base.root.parent / "other.ttl",
        f'{PERSON}\nex:cy\n    a dip:Person ;\n    dip:name "Cy" ;\n    .\n',
    )
    assert additions.add(base, [new, other]).done
    assert verify(base).returncode == 0
    (base.root / "data" / "new.ttl").write_text(new.read_text().replace("Bo", "Bob"))
    (base.root / "data" / "other.ttl").unlink()
    done = verify(base)
    assert done.returncode == 1
    assert "data/new.ttl: it was changed by hand since it was added on " in done.stdout
    assert "data/other.ttl: it was added on " in done.stdout
    assert additions.remove(base, ["new"]).done
    assert "new.ttl" not in verify(base).stdout


def test_what_the_shapes_find_is_exit_code_1(base):
    put(base.root / "data" / "more.ttl", f"{PERSON}\nex:nameless\n    a dip:Person ;\n    .\n")
    done = verify(base)
    assert done.returncode == 1
    assert "no difference" in done.stdout
    assert "A person has exactly one name" in done.stdout


def test_bytes_that_changed_behind_the_stamp_are_found(base):
    index.open_store(base)
    path = base.root / "data" / "persons.ttl"
    path.write_text(path.read_text().replace("Anna", "Anne"))
    known = manifest.read(base.cache)
    entries = {
        graph: entry._replace(stamp=manifest.stamp(base.root / entry.path), sure=True)
        for graph, entry in known.entries.items()
    }
    manifest.write(base.cache, known._replace(entries=entries))
    done = verify(base)
    assert done.returncode == 1
    assert "data/persons.ttl: its bytes are not those that were indexed" in done.stdout
    assert '"Anne"' in done.stdout
    assert "dragoman index --rebuild" in done.stderr
    subprocess.run(
        [sys.executable, "-m", "dragoman", "--base", str(base.root), "index", "--rebuild"],
        check=True,
        capture_output=True,
    )
    assert verify(base).returncode == 0


def test_a_file_that_cannot_be_read_is_exit_code_2(base):
    put(base.root / "data" / "bad.ttl", "nonsense")
    done = verify(base)
    assert done.returncode == 2
    assert "bad.ttl:1:1: " in done.stderr


def test_a_damaged_index_is_made_anew_and_said(base):
    folder = index.open_store(base).folder
    next(folder.glob("*.sst")).unlink()
    done = verify(base)
    assert done.returncode == 0
    assert "Warning: The index was not usable" in done.stderr
    assert "no difference" in done.stdout
