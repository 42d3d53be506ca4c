"""Finding out what kind of store an address belongs to, and where in it queries go."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Final

from dragoman.errors import StoreError
from dragoman.remote import protocol
from dragoman.remote.http import Client
from dragoman.remote.profiles import SPARQL, kinds, placed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dragoman.remote.http import Reply
    from dragoman.remote.profiles import Kind, Profile

_QUESTION: Final = "ASK {}"
_TIMEOUT: Final = 15.0
# Answers of a store that is there, and does not know us.
_CLOSED: Final = frozenset({401, 403})


def settled(profile: Profile, note: Callable[[str], None] | None = None) -> Profile:
    """Return the profile with the kind of its store, found out where it was left open.

    The address tells most kinds; one question, `ASK {}`, shows that queries are answered there, and
    its headers tell others. Where nothing answers, the usual endings of addresses are tried.

    Args:
        profile: which store.
        note: is told what was found, and of each request.

    Raises:
        StoreError: there is no connection, or nothing there answers SPARQL.
    """
    if profile.settled:
        return profile
    tried: list[str] = []
    last: StoreError | None = None
    for url in dict.fromkeys(_places(profile)):
        asked = replace(profile, query=url, timeout=min(profile.timeout, _TIMEOUT))
        with Client(asked, note) as client:
            try:
                reply = _asked(client)
            except StoreError as error:
                if error.status is None:
                    raise
                tried.append(url)
                last = last or error
                continue
        kind = _by_headers(reply) or profile.kind
        found = _of_kind(profile, kind, url)
        if note:
            how = (
                "" if kind.run or kind.name == SPARQL else " (as documented; not run by our tests)"
            )
            note(f"{profile.name}: {kind.title}{how}, asked at {url.partition('?')[0]}.")
        return found
    known = ", ".join(name for name in kinds() if name != SPARQL)
    raise StoreError(
        f"{profile.name}: nothing there answers SPARQL (asked at {', '.join(tried)}). Name the "
        f"address for queries, or write a profile with its kind into stores.toml: {known}, or "
        f"{SPARQL}. The first answer was: {last}",
        last.status if last else None,
    )


def _places(profile: Profile) -> Iterator[str]:
    yield profile.query
    yield profile.url
    for ending in ("sparql", "query"):
        yield f"{profile.url}/{ending}"


def _asked(client: Client) -> Reply:
    reply = protocol.asked(client, _QUESTION, "ASK", fine=_CLOSED)
    if reply.status not in _CLOSED:
        try:
            protocol.read_rows(client, reply)
        except StoreError as error:
            raise StoreError(str(error), reply.status) from None
    return reply


def _by_headers(reply: Reply) -> Kind | None:
    lines = reply.header_lines()
    for kind in kinds().values():
        if kind.answers and any(re.match(kind.answers, line) for line in lines):
            return kind
    return None


def _of_kind(profile: Profile, kind: Kind, url: str) -> Profile:
    """Return the profile as its kind has it, keeping what was told otherwise."""
    if kind == profile.kind:
        return replace(profile, query=url, settled=True)
    before = placed(profile.name, profile.kind, profile.url)
    after = placed(profile.name, kind, url)
    told = {
        field.name: getattr(profile, field.name)
        for field in fields(profile)
        if getattr(profile, field.name) != getattr(before, field.name)
    }
    if told.get("auth") == profile.kind.auth:
        told["auth"] = kind.auth  # it was told of a user, and not how it knows them
    return replace(after, **told | {"settled": True, "url": profile.url})
