"""`dragoman trust`: say that a store which the base has a profile of may be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dragoman.cli.console import one_line, write
from dragoman.errors import DragomanError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dragoman.base import Base
    from dragoman.cli.console import Settings
    from dragoman.remote import Profile


@click.command(
    short_help="Let a store be used that the base has a profile of.",
    epilog="""\b
Examples:
  dragoman trust                  list the stores of this base, and which are trusted
  dragoman trust prod             let this one be used
  dragoman trust prod --revoke    no longer

A base that somebody else made may bring a stores.toml, which says what goes to which address, with
the value of which environment variable. Nothing of it is used before you say so, not even for
stores without a secret or on this machine. What you say is kept in your configuration folder, for
this folder and these addresses, user and variable: where one of them changes, you are asked again.
Profiles in your own stores.toml, in the configuration folder, need no trust and go first.

\b
Exit codes: 0 done, 2 it could not be done.""",
)
@click.argument("name", metavar="PROFILE", required=False)
@click.option("--revoke", is_flag=True, help="Trust it no longer.")
@click.pass_obj
def command(settings: Settings, /, name: str | None, *, revoke: bool) -> None:
    """Let the store of a PROFILE in the base's stores.toml be used, or list them all."""
    from dragoman.remote import consent, profiles_of

    base = settings.find_base()
    found = profiles_of(base)
    if name is None:
        if revoke:
            raise click.UsageError("--revoke needs the name of a profile.")
        for each in found.tables:
            _tell(_told(base, found.profile(each)))
        if not found.tables:
            settings.note(f"The base has no profiles of stores ({found.path}).")
        return
    if revoke:
        gone = consent.withdraw(base, name)
        _tell([f"{name} is no longer trusted." if gone else f"{name} was not trusted."])
        return
    if not found.tables:
        raise DragomanError(f"{found.path}: the base has no profiles of stores.")
    if name not in found:
        raise UnknownNameError("store", name, found.tables, f"in {found.path}")
    profile = found.profile(name)
    file = consent.give(base, profile)
    _tell(_told(base, profile))
    settings.detail(f"Kept in {file}.")


def _tell(lines: Iterable[str]) -> None:
    write("".join(f"{one_line(line)}\n" for line in lines))


def _told(base: Base, profile: Profile) -> Iterator[str]:
    from dragoman.remote import consent

    trusted = "trusted" if consent.is_given(base, profile) else "not trusted"
    yield f"{profile.name} ({profile.place}): {trusted}"
    for use in ("query", "update", "graphs"):
        if address := getattr(profile, use):
            yield f"  {use:<7} {address}"
    yield f"  {'sent':<7} {consent.sent(profile)}"
