"""Pushes that break are found out, said, and gone on with: on simulated and on real stores."""

from __future__ import annotations

import subprocess
import sys

import pytest

import graph_stores
import store_faults
from conftest import copy_of_the_base, run, running, with_stores
from store_faults import VARIABLE


@pytest.mark.parametrize("number", range(len(store_faults.FAULTS)))
def test_what_goes_wrong_is_found_said_and_mended(number):
    assert store_faults.one(20261122, number).happened


@pytest.mark.parametrize("store", [graph_stores.oxigraph, graph_stores.virtuoso])
def test_a_real_store_that_is_killed_is_gone_on_with(store, tmp_path, monkeypatch):
    base, folder = copy_of_the_base(tmp_path / "base"), tmp_path / "server"
    folder.mkdir()
    with running(store, folder) as server:
        monkeypatch.setenv(VARIABLE, server.secret)
        with_stores(base, server.profile("there", VARIABLE))
        server.kill()
        code, _, errors = run(base, "push", "there")
        assert (2, True) == (code, "there" in errors)
        server.start()
        with subprocess.Popen(
            [sys.executable, "-m", "dragoman", "-v", "--base", str(base), "push", "there"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            for line in process.stderr:
                if "sending" in line.lower():
                    server.kill()
                    break
            errors = process.stderr.read()
            assert process.wait(300) == 2, errors
        assert "Traceback" not in errors
        server.start()
        code, output, errors = run(base, "push", "there")
        assert code == 0, f"{output}\n{errors}"
        assert "Proven" in output
