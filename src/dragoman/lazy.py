"""Importing the names of a package when they are first asked for, so that starting costs little."""

from __future__ import annotations

import os
import re
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

# It stands before all imports, as PEP 8 has it.
_ALL: Final = re.compile(rb"^__all__ = \[([^\]]*)\]", re.MULTILINE)
_HEAD: Final = 4096


def attributes(package: str, *modules: str) -> Callable[[str], Any]:
    """Return the `__getattr__` (PEP 562) of a package that hands out the `__all__` of its modules.

    Args:
        package: its `__name__`.
        modules: those of its modules that have an `__all__`; by default it is looked for in each.
    """
    homes: dict[str, str] = {}

    def attribute(name: str) -> Any:  # noqa: ANN401  whatever the name stands for
        if not homes:
            homes.update(_homes(package, modules))
        if name == "__all__":
            return sorted(homes)
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{homes[name]}"), name)

    return attribute


def _homes(package: str, modules: tuple[str, ...]) -> dict[str, str]:
    """Return which names come from which modules: read, for importing them all would be slow."""
    folder = sys.modules[package].__path__[0]
    names = [f"{each}.py" for each in modules] or os.listdir(folder)
    found: dict[str, str] = {}
    for name in names:
        if name.endswith(".py"):
            with open(os.path.join(folder, name), "rb", buffering=0) as file:
                if told := _ALL.search(file.read(_HEAD)):
                    listed = re.findall(r'"(\w+)"', told[1].decode())
                    found |= dict.fromkeys(listed, name.removesuffix(".py"))
    return found
