"""The modules of the package depend on each other in one direction only."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

pytestmark = pytest.mark.quick

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "dragoman"
SIBLINGS = {"queries", "results", "validation", "export", "reasoning", "lookup", "remote"}
# Each of these is slow to import, and is imported in one place.
HEAVY: dict[str, set[str]] = {
    "httpx": {"remote"},
    "jinja2": {"server"},
    "openpyxl": {"tabular"},
    "owlready2": {"reasoning"},
    "owlrl": {"reasoning"},
    "pyarrow": {"export"},
    "pyshacl": {"validation"},
    "rdflib": {"validation", "reasoning"},  # owlrl is fed with a graph of rdflib's
    "reasonable": {"reasoning"},
    "rich": {"tables", "cli"},  # the widths of letters, and the bar of long work
    "SPARQLWrapper": {"remote"},
    "uvicorn": {"server"},
    "watchfiles": {"cli"},
    "xlsxwriter": {"workbook"},
    "yaml": {"form", "headers"},
}


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(("dragoman", *parts)).removesuffix(".__init__")


FILES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py")) if "_base" not in path.parts}


@cache
def imported(module: str, *, at_import: bool = False) -> set[str]:
    """Return the modules that a module imports; with `at_import`, those outside of functions."""
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(FILES[module].read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            continue
        if at_import and isinstance(node, (ast.FunctionDef, ast.Lambda)):
            continue
        if isinstance(node, ast.Import):
            found.update(each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{each.name}" for each in node.names}
            found.update({each if each in FILES else node.module for each in names})
        waiting += ast.iter_child_nodes(node)
    return found


def area(module: str) -> str:
    """Return the module below the package, or the package, that a module is or belongs to."""
    return f"{module}.".split(".")[1]


def test_there_are_modules_to_look_at():
    assert {"dragoman.store", "dragoman.lookup.words", "dragoman.syntax"} < FILES.keys()
    assert {area(each) for each in FILES} > SIBLINGS


def test_no_modules_import_each_other_in_a_circle():
    TopologicalSorter(
        {each: imported(each, at_import=True) & FILES.keys() for each in FILES}
    ).prepare()


def test_no_areas_of_the_package_import_each_other_in_a_circle():
    """Not even inside of functions: the package's own door to the API aside."""
    areas: dict[str, set[str]] = {}
    for module in FILES:
        if area(module):
            others = {area(each) for each in imported(module) & FILES.keys()}
            areas.setdefault(area(module), set()).update(others - {area(module), ""})
    TopologicalSorter(areas).prepare()


@pytest.mark.parametrize("sibling", sorted(SIBLINGS))
def test_siblings_do_not_import_each_other(sibling):
    found = {
        area(each) for module in FILES if area(module) == sibling for each in imported(module)
        if each.startswith("dragoman")
    }  # fmt: skip
    assert set() == found & (SIBLINGS - {sibling} | {"api", "cli"})


def test_canonical_graphs_know_only_what_is_below_them():
    found = {area(each) for module in FILES if area(module) == "canonical" for each in
             imported(module) if each.startswith("dragoman")}  # fmt: skip
    assert {"canonical", "errors", "lazy", "syntax", "vocabulary", ""} >= found


@pytest.mark.parametrize("library", sorted(HEAVY))
def test_a_heavy_library_is_imported_in_one_place_and_when_it_is_needed(library):
    def imports(module: str, *, at_import: bool) -> bool:
        found = imported(module, at_import=at_import)
        return any(each.partition(".")[0] == library for each in found)

    assert {area(each) for each in FILES if imports(each, at_import=False)} == HEAVY[library]
    assert [] == [each for each in FILES if imports(each, at_import=True)]


@pytest.mark.parametrize(
    ("arguments", "absent"),
    [
        (["--help"], {"pyoxigraph", "pathlib", "yaml", *HEAVY}),
        (["query"], {"pyoxigraph", "yaml", *HEAVY}),
        (["query", "names"], {"yaml", *HEAVY}),
        (["search", "Hungary"], {*HEAVY}),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_a_command_imports_no_more_than_it_needs(root, arguments, absent):
    script = (
        "import sys; from dragoman.cli import cli\n"
        "try: cli.main(sys.argv[1:])\n"
        "except SystemExit: print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "--base", str(root), *arguments],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    modules = set(done.stderr.splitlines()[-1].split())
    assert "click" in modules
    assert set() == absent & modules


def test_pushing_builds_on_what_is_remote_and_canonical_and_only_api_and_commands_on_it():
    def used(module: str) -> set[str]:
        return {area(each) for each in imported(module) if each.startswith("dragoman")}

    below = {"base", "canonical", "errors", "files", "lazy", "locking", "remote", "vocabulary"}
    below.add("notebook")  # by which a push shows itself
    needs = set().union(*(used(module) for module in FILES if area(module) == "push"))
    assert {"remote", "canonical"} < needs <= below | {"push"}
    assert {"api", "cli", "push"} == {area(module) for module in FILES if "push" in used(module)}


# What commands and the interface both look up: names and texts, no work on a base.
SHARED = {
    "export.format_named",
    "lookup.read_texts",
    "queries.find_query",  # both for the list of questions, which must come quickly
    "queries.saved_queries",
}


def called(module: str) -> set[str]:
    """Return the functions of areas of the package that a module calls, as `area.function`."""
    tree = ast.parse(FILES[module].read_text(encoding="utf-8"))
    areas: dict[str, str] = {}
    functions: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dragoman"):
            for each in node.names:
                place = areas if f"{node.module}.{each.name}" in FILES else functions
                full = f"{node.module}.{each.name}".removeprefix("dragoman.")
                place[each.asname or each.name] = f"{full.split('.')[0]}.{each.name}"
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found.add(functions.get(node.func.id, ""))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            above = getattr(node.func.value, "id", "")
            if above in areas:
                found.add(f"{areas[above].split('.')[0]}.{node.func.attr}")
    return {each for each in found if each and each.partition(".")[2].islower()}


def test_commands_do_through_the_interface_what_it_does_for_them():
    work = {"additions", "export", "index", "lookup", "push", "queries", "reasoning", "record",
            "remote", "validation"}  # fmt: skip
    given = {each for each in called("dragoman.api") if each.partition(".")[0] in work}
    assert SHARED | {"additions.add", "index.open_store", "validation.validate_base"} < given
    around = {
        f"{module}: {each}"
        for module in FILES
        if area(module) == "cli"
        for each in called(module) & given - SHARED
    }
    assert set() == around


def handed_out(module: str) -> list[str]:
    """Return the names in the `__all__` of a module."""
    for node in ast.parse(FILES[module].read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return ast.literal_eval(node.value)
    return []


PACKAGES = {each for each, path in FILES.items() if path.name == "__init__.py"}
FACES = sorted(each for each, path in FILES.items() if "lazy.attributes(" in path.read_text())


@pytest.mark.parametrize("face", FACES)
def test_a_package_hands_out_what_its_modules_do_each_name_once(face):
    package = importlib.import_module(face)
    tree = ast.parse(FILES[face].read_text(encoding="utf-8"))
    stars = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
             if node.names[0].name == "*"}  # fmt: skip
    below = {each: handed_out(each) for each in FILES if each.rpartition(".")[0] == face
             and each not in PACKAGES}  # fmt: skip
    if face == "dragoman":  # which names its two by themselves, beside its version
        assert {"__version__", *handed_out("dragoman.api")} == set(package.__all__)
        return
    assert stars == {each for each in below if below[each]}
    names = [name for each in below.values() for name in each]
    assert sorted(set(names)) == sorted(names) == package.__all__
    for module, listed in below.items():
        for name in listed:
            assert getattr(importlib.import_module(module), name) is getattr(package, name)
    with pytest.raises(AttributeError, match=rf"module '{face}' has no attribute 'nothing'"):
        package.nothing  # noqa: B018  asking is what is tried
