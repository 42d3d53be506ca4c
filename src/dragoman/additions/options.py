"""How a change is wanted: one object, carried whole to what makes it."""

from __future__ import annotations

__all__ = ["Adding", "AddingKeywords", "Changing", "ChangingKeywords", "PullingKeywords"]

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dragoman import locking
from dragoman.validation import Checking, CheckingKeywords

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from dragoman.tabular import Wanted


@dataclass(frozen=True)
class Changing(Checking):
    """How a change is wanted, and how it is checked.

    Attributes:
        dry_run: check only; change nothing.
        allow: let findings of this level, and lighter ones, pass; and the reason, for the log.
        wait: seconds to queue behind another writer.
        note: told in one line for whom we wait, where we do.
    """

    dry_run: bool = False
    allow: tuple[str, str] | None = None
    wait: float = locking.WAIT
    note: Callable[[str], None] | None = None


@dataclass(frozen=True)
class Adding(Changing):
    """How an addition is wanted.

    Attributes:
        name: what the one source is to be called; by default each as the source that it
            describes, or else as its file.
        replace: a file may take the place of the source of its name.
        syntax: the format, where suffixes do not tell it or tell another.
        base_iri: what relative IRIs are resolved against; None refuses them.
        unskolemize: IRIs that an export has put in the place of blank nodes become blank nodes.
        table: what is told of tables: their mapping, and whose word they are.
        skip_bad: a new CSV file for the rows of the one table that are wrong, with what is wrong;
            the others are added. Without one, all rows must be right.
        instead: the name of the one source whose place is taken, and the SHA-256 of its file: any
            other, also one that somebody changed meanwhile, is refused.
    """

    name: str | None = None
    replace: bool = False
    syntax: str | None = None
    base_iri: str | None = None
    unskolemize: bool = False
    table: Wanted | None = None
    skip_bad: str | os.PathLike[str] | None = None
    instead: tuple[str, str] | None = None


class ChangingKeywords(CheckingKeywords, total=False):
    """The attributes of `Changing`, as they are told by name."""

    dry_run: bool
    allow: tuple[str, str] | None
    wait: float


class PullingKeywords(ChangingKeywords, total=False):
    """Those of the attributes of `Adding` that a graph from elsewhere has, too."""

    name: str | None
    replace: bool


class AddingKeywords(PullingKeywords, total=False):
    """The attributes of `Adding`, as they are told by name."""

    syntax: str | None
    base_iri: str | None
    unskolemize: bool
    table: Wanted | None
    skip_bad: str | os.PathLike[str] | None
    instead: tuple[str, str] | None
