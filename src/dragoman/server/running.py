"""Starting the server, and stopping it with what it has begun brought to its end."""

from __future__ import annotations

__all__ = ["serve"]

import socket
from typing import TYPE_CHECKING, Final

from dragoman.errors import DragomanError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dragoman.server.options import Options

# Seconds that requests are given to end when the server is stopped.
_GRACE: Final = 5
# Connections that may wait to be taken.
_BACKLOG: Final = 1024
# Connections that there may be at once, and files besides.
_MOST: Final = 12_000
_FILES: Final = 200
# Tenths of a second after which connections are looked at again.
_TICKS: Final = 20


def serve(options: Options, ready: Callable[[str], None]) -> None:
    """Serve a base until the process is told to stop (SIGINT or SIGTERM).

    Args:
        options: how.
        ready: is told the address, once, when the server listens.

    Raises:
        DragomanError: nobody can listen there.
    """
    import uvicorn

    from dragoman.server import connections
    from dragoman.server.app import application

    listening = _listening(options)
    # What stands for all addresses is no name that is answered for.
    name = "localhost" if options.host in {"0.0.0.0", "::"} else options.host  # noqa: S104  no name
    host = f"[{name}]" if ":" in name else name
    port = listening.getsockname()[1]
    url = options.public_url or f"http://{host}:{port}{options.root_path}"

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready(url)

        async def on_tick(self, counter: int) -> bool:
            if counter % _TICKS == 0:
                connections.look(self.server_state.connections)
            return await super().on_tick(counter)

    config = uvicorn.Config(
        application(options._replace(port=port)),
        root_path=options.root_path,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
        proxy_headers=False,
        ws="none",
        http=connections.protocol(_most_connections()),
        backlog=_BACKLOG,
    )
    with listening:
        Server(config).run(sockets=[listening])


def _most_connections() -> int:
    """Return how many connections there may be: as many as the system gives, less some files."""
    try:
        import resource
    except ImportError:  # no such limit
        return _MOST
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST + _FILES
    if now != resource.RLIM_INFINITY and now < wanted:
        wanted = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    return max(wanted - _FILES, 1)


def _listening(options: Options) -> socket.socket:
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    # Only of a socket that says so does asyncio send small parts at once.
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((options.host, options.port))
    except OSError as error:
        found.close()
        raise DragomanError(
            f"Nobody can listen at {options.host}, port {options.port}: {error.strerror or error}. "
            "Choose another with --port, or --port 0 for any that is free."
        ) from error
    found.listen(_BACKLOG)
    return found
