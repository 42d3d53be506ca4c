"""Importing the names of a package when they are first asked for, so that starting costs little."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def attributes(package: str, modules: Mapping[str, Sequence[str]]) -> Callable[[str], Any]:
    """Return the `__getattr__` (PEP 562) of a package whose names stand in modules of its own.

    Args:
        package: its `__name__`.
        modules: which names come from which of its modules.
    """
    homes = {name: module for module, names in modules.items() for name in names}

    def attribute(name: str) -> Any:  # noqa: ANN401  whatever the name stands for
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{homes[name]}"), name)

    return attribute
