"""What stands against a change: the one place where additions ask the validation."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

from dragoman import base as bases
from dragoman import validation, vocabulary
from dragoman.errors import DragomanError, UnknownNameError
from dragoman.validation import LEVELS, VIOLATION, Input, loading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dragoman.additions.incoming import Incoming
    from dragoman.base import Base, SourceFile
    from dragoman.store import LocalStore
    from dragoman.validation import Finding, Report

_LINT: Final = vocabulary.LINT


def check(
    base: Base,
    new: Sequence[Incoming],
    old: Sequence[SourceFile],
    opened: LocalStore,
    how: validation.Checking,
) -> Report:
    """Return what a change causes: the findings after it less those before it.

    Lines are left out where those of what is kept are not those of what was given; of a table they
    are those of its rows.
    """
    inputs = [
        Input(
            each.content,
            each.given.label,
            each.graph,
            bases.DATA,
            positions=each.positions,
            remarks=each.remarks,
            unsaid=each.unsaid,
        )
        for each in new
    ]
    report = validation.validate_change(base, inputs, old, how, index=opened)
    rewritten = {each.given.label: each for each in new if each.converted}
    kept = [
        dataclasses.replace(each, line=rewritten[each.file].line(each.line))
        if each.file in rewritten
        else each
        for each in report.findings
    ]
    for source, each in zip(inputs, new, strict=True):
        kept += loading.dropped_of(source, each.dropped)
    return dataclasses.replace(
        report,
        checked=report.checked or tuple(base.inner_path(each) for each in old),
        findings=tuple(kept),
    )


def is_grave(finding: Finding) -> bool:
    """Return whether a finding refuses a change: a violation, or anything of the lint."""
    return finding.level == VIOLATION or finding.component.startswith(_LINT)


def check_allowance(allow: tuple[str, str] | None) -> None:
    """Refuse what cannot be allowed.

    Raises:
        UnknownNameError: there is no such severity.
        DragomanError: no reason is given.
    """
    if allow is None:
        return
    level, reason = allow
    if level not in LEVELS:
        raise UnknownNameError("severity", level, LEVELS)
    if not reason.strip():
        raise DragomanError(f"Say why a {level} may pass: --reason TEXT. The log keeps it.")


def passes(finding: Finding, allow: tuple[str, str] | None) -> bool:
    """Return whether a finding may pass: it weighs no more than the level that is allowed."""
    return allow is not None and LEVELS.index(finding.level) >= LEVELS.index(allow[0])
