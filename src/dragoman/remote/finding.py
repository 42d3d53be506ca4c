"""Finding the profile of a store: an address, one of the user's own, or a base's after consent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dragoman.errors import DragomanError, UnknownNameError
from dragoman.remote import consent, profiles

if TYPE_CHECKING:
    from dragoman.base import Base
    from dragoman.remote.profiles import Profile


def find_profile(base: Base | None, told: str, kind: str = profiles.AUTO) -> Profile:
    """Return the profile of a store.

    Args:
        base: whose `stores.toml` is looked at, after the user's own in the configuration folder.
        told: an address (with `://`), or the name of a profile.
        kind: what is known of a store that is told by its address.

    Raises:
        UnknownNameError: there is no such profile or kind; naming the nearest.
        SyntaxProblem: a file of profiles is wrong; with file and line.
        DragomanError: the address is wrong, the profile is the base's and the user has not
            consented to it, or the variable of the secret is not set.
    """
    if "://" in told or "@" in told:
        try:
            return profiles.of_address(told, kind)
        except ValueError as error:
            raise DragomanError(f"{error}") from error
    own = profiles.tables(consent.configuration() / profiles.FILE)
    if told in own:
        return _with_secret(own.profile(told))
    theirs = profiles.profiles_of(base) if base else None
    if base and theirs and told in theirs:
        found = theirs.profile(told)
        consent.check(base, found)
        return _with_secret(found)
    known = [*own.tables, *(theirs.tables if theirs else ())]
    if not known:
        raise DragomanError(
            f"There is no store {told!r}: name an address, as https://example.org/sparql, or write "
            f"a profile [stores.{told}] into {own.path}."
        )
    raise UnknownNameError("store", told, known, "in the files of profiles")


def _with_secret(profile: Profile) -> Profile:
    profile.secret()  # missing now is better than missing after an hour of work
    return profile
