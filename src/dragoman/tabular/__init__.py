"""Tables that people fill in: reading their cells, and making facts of rows by mappings.

A mapping is data: a SPARQL CONSTRUCT over the rows, with a header that says what the columns hold.
Names in cells are resolved before it runs, in Python, so it reads no graph and runs at the speed of
its rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dragoman import lazy

if TYPE_CHECKING:
    from dragoman.tabular.blank import template
    from dragoman.tabular.cells import EXCEL, first_row, opened, written_apart
    from dragoman.tabular.converting import Converted, Wanted, convert
    from dragoman.tabular.mapping import (
        Column,
        Mapping,
        find_mapping,
        is_mapping,
        mappings,
        read_mapping,
    )

__all__ = [
    "EXCEL",
    "Column",
    "Converted",
    "Mapping",
    "Wanted",
    "convert",
    "find_mapping",
    "first_row",
    "is_mapping",
    "mappings",
    "opened",
    "read_mapping",
    "template",
    "written_apart",
]

if not TYPE_CHECKING:  # a type checker would take any name for one of ours
    __getattr__ = lazy.attributes(
        __name__,
        {
            "cells": ("EXCEL", "first_row", "opened", "written_apart"),
            "converting": ("Converted", "Wanted", "convert"),
            "mapping": (
                *("Column", "Mapping", "find_mapping", "is_mapping"),
                *("mappings", "read_mapping"),
            ),
            "blank": ("template",),
        },
    )
