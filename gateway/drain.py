"""Stopping without dropping a request.

On SIGTERM, while the server still serves: every answer says `Connection: close`, so clients leave their connections,
and load balancers have a moment to look elsewhere. Then the system takes no new connection for us, while those that
are made are still answered. Only then the HTTP server is told to stop. Streams end between two events once asked.
"""

import asyncio
import contextlib
import ctypes
import os
import socket
import stat
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

ANNOUNCE_SECONDS: Final = 0.5
"""Answers close their connections; new ones are still taken."""

QUIET_SECONDS: Final = 0.3
"""No new connection is made; whoever has one sends its request and is answered."""

_SO_ATTACH_FILTER: Final = 26

# Classic BPF over the TCP header: drop what has SYN and not ACK (a new connection), take everything else.
_NO_NEW_CONNECTION: Final = (
    (0x30, 0, 0, 13),  # ldb [13]: the flags
    (0x54, 0, 0, 0x12),  # and #SYN|ACK
    (0x15, 0, 1, 0x02),  # jeq #SYN
    (0x06, 0, 0, 0),  # ret #0: drop
    (0x06, 0, 0, 0xFFFF_FFFF),  # ret #-1: take
)


class Drain:
    """Whether this process was asked to stop."""

    def __init__(self) -> None:
        self.asked = False
        self._waiting: list[asyncio.Future[None]] = []

    def begin(self, loop: asyncio.AbstractEventLoop, stop: Callable[[], object]) -> None:
        """Announce the end, then refuse connections, then call `stop`."""
        self.asked = True
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()
        loop.call_later(ANNOUNCE_SECONDS, refuse_connections)
        loop.call_later(ANNOUNCE_SECONDS + QUIET_SECONDS, stop)

    async def wait(self) -> None:
        """Return when the process was asked to stop."""
        if self.asked:
            return
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        await waiting


DRAIN: Final = Drain()
"""This process' own."""


def refuse_connections() -> None:
    """Have the system drop the first packet of every new connection to this process' listening sockets.

    Closing them instead would cut off connections that are made and not yet taken. Linux alone can do it.
    """
    if sys.platform != "linux":
        return
    program = b"".join(struct.pack("HBBI", *instruction) for instruction in _NO_NEW_CONNECTION)
    code = ctypes.create_string_buffer(program)
    option = struct.pack("HL", len(_NO_NEW_CONNECTION), ctypes.addressof(code))
    for number in (int(entry.name) for entry in Path("/proc/self/fd").iterdir()):
        with contextlib.suppress(OSError):
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                _drop_new(number, option)


def _drop_new(number: int, option: bytes) -> None:
    with socket.socket(fileno=os.dup(number)) as found:
        if found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            found.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, option)
