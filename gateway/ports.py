"""A port of our own: found free, and kept for us until the server listens."""

import errno
import socket
from typing import Any

from msgspec import Struct


class PortTaken(Exception):
    """The address can't be listened on; the text is one line."""


class Listening(Struct, frozen=True):
    """Where the gateway listens."""

    host: str
    port: int

    @property
    def reachable_host(self) -> str:
        """Where this machine reaches it: the loopback address if it listens on all."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # ruff: ignore[hardcoded-bind-all-interfaces] - a comparison

    @property
    def url(self) -> str:
        """How this machine reaches it."""
        host = self.reachable_host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def claim_port(host: str, port: int) -> tuple[Listening, socket.socket]:
    """Make sure that nobody listens there, since Granian's own sockets would share the port silently.

    Port 0 lets the system choose. The returned socket keeps the port ours; it never takes a connection.
    Raises PortTaken.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        found = _free_port(family, kind, address)
        kept = _reserved(family, kind, (host, found, *address[2:]))
    except OSError as error:
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"can't be listened on: {error.strerror}"
        raise PortTaken(f"{host}:{port} {reason}") from error
    return Listening(host, found), kept


def _free_port(family: int, kind: int, address: tuple[Any, ...]) -> int:
    with socket.socket(family, kind) as probe:
        # Without REUSEPORT: fails if anyone listens, our own kind included. REUSEADDR: connections just ended don't count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
        return int(probe.getsockname()[1])


def _reserved(family: int, kind: int, address: tuple[Any, ...]) -> socket.socket:
    kept = socket.socket(family, kind)
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    kept.bind(address)
    return kept
