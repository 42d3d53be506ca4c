"""What a base's own profiles may do: nothing, until the user has said so for that base.

A base may come from anybody, and a profile in it says which secret goes to which address. So each
is asked for once, as git, direnv and editors do with a folder of somebody else: consent holds for
one profile of one folder, for the addresses and the variable that it had then, and no others.
Profiles that the user wrote need none.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from dragoman.errors import DragomanError

if TYPE_CHECKING:
    from dragoman.base import Base
    from dragoman.remote.profiles import Profile

FOLDER: Final = "trusted"
# What is asked for: changed, it is asked for again.
_ASKED: Final = ("url", "query", "update", "graphs", "auth", "user", "secret_env")


def configuration() -> Path:
    """Return our folder in the user's configuration (XDG Base Directory Specification)."""
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "dragoman"


def check(base: Base, profile: Profile) -> None:
    """Refuse a profile of a base that the user has not consented to as it is.

    Raises:
        DragomanError: saying what the profile would do, and how to consent.
    """
    if is_given(base, profile):
        return
    reason = (
        "it has changed since you trusted it"
        if _file(base, profile.name).exists()
        else "it came with the base, and you have not said that you trust it"
    )
    raise DragomanError(
        f"{profile.place}: the store {profile.name} is not used: {reason}. It goes to "
        f"{' and '.join(hosts(profile))}, {sent(profile)}. If that is right, run: dragoman --base "
        f"{_quoted(base.root)} trust {_quoted(profile.name)}. Or write a profile of that name into "
        f"{configuration() / 'stores.toml'}: your own goes first."
    )


def is_given(base: Base, profile: Profile) -> bool:
    """Return whether the user has consented to a profile of a base as it is."""
    try:
        kept = json.loads(_file(base, profile.name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(kept == _asked(base, profile))


def give(base: Base, profile: Profile) -> Path:
    """Keep the user's consent to a profile of a base as it is; return the file.

    Raises:
        DragomanError: it cannot be kept.
    """
    file = _file(base, profile.name)
    text = json.dumps(_asked(base, profile), indent=1, ensure_ascii=False) + "\n"
    waiting = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        waiting.unlink(missing_ok=True)
        handle = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        waiting.replace(file)
    except OSError as error:
        raise DragomanError(f"{file}: it cannot be written: {error.strerror}.") from error
    return file


def withdraw(base: Base, name: str) -> bool:
    """Forget the user's consent to a profile; return whether there was any.

    Raises:
        DragomanError: it cannot be forgotten.
    """
    file = _file(base, name)
    try:
        file.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise DragomanError(f"{file}: it cannot be removed: {error.strerror}.") from error
    return True


def hosts(profile: Profile) -> list[str]:
    """Return the hosts that a profile sends to, without paths, which may hold keys."""
    addresses = (profile.query, profile.update, profile.graphs)
    parts = [urlsplit(each) for each in addresses if each]
    return [*dict.fromkeys(f"{each.scheme}://{each.netloc}" for each in parts)]


def sent(profile: Profile) -> str:
    """Return which secret a profile sends, in words for people; never the secret itself."""
    if profile.secret_env is None:
        return "without a secret"
    user = f" for the user {profile.user}" if profile.user else ""
    return f"with the value of the variable {profile.secret_env}{user}"


def _asked(base: Base, profile: Profile) -> dict[str, Any]:
    told = {name: getattr(profile, name) for name in _ASKED}
    return {"base": str(base.root.resolve()), "store": profile.name, **told}


def _file(base: Base, name: str) -> Path:
    key = json.dumps([str(base.root.resolve()), name])
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return configuration() / FOLDER / f"{digest}.json"


def _quoted(text: object) -> str:
    import shlex

    return shlex.quote(str(text))
