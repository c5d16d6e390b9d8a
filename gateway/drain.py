"""Stopping without dropping a request.

On SIGTERM, while the server still serves: every answer says `Connection: close`, so clients leave their connections,
and load balancers have a moment to look elsewhere. Then the system takes no new connection for us, while those that
are made are still answered, also to a client that is slow to send. Only then the HTTP server is told to stop. Streams
end between two events once asked.
"""

import asyncio
import contextlib
import ctypes
import os
import socket
import stat
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

ANNOUNCE_SECONDS: Final = 0.5
"""Answers close their connections; new ones are still taken."""

QUIET_SECONDS: Final = 0.3
"""No new connection is made; whoever has one sends its request and is answered."""

PATIENCE_SECONDS: Final = 3.0
"""Whoever made a connection and has not sent anything on it is waited for so long, and no longer."""

_LOOK_EVERY_SECONDS: Final = 0.05

_SO_ATTACH_FILTER: Final = 26

# Linux' struct tcp_info: eight bytes of which the first is the state, 24 words, then 64-bit counters.
_TCP_INFO_BYTES: Final = 136
_ESTABLISHED: Final = 1
_UNTAKEN: Final = slice(24, 28)  # of a listening socket: connections that are made and not yet taken
_RECEIVED: Final = slice(128, 136)

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
        """Announce the end, then refuse connections, then call `stop` once all who came have asked."""
        self.asked = True
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()
        loop.call_later(ANNOUNCE_SECONDS, self._refuse, loop, stop)

    def _refuse(self, loop: asyncio.AbstractEventLoop, stop: Callable[[], object]) -> None:
        refuse_connections()
        loop.call_later(QUIET_SECONDS, self._stop_once_all_asked, loop, stop, loop.time() + PATIENCE_SECONDS)

    def _stop_once_all_asked(
        self, loop: asyncio.AbstractEventLoop, stop: Callable[[], object], latest_seconds: float
    ) -> None:
        if loop.time() < latest_seconds and somebody_is_about_to_ask():
            loop.call_later(_LOOK_EVERY_SECONDS, self._stop_once_all_asked, loop, stop, latest_seconds)
        else:
            stop()

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
    for found in _own_sockets():
        with contextlib.suppress(OSError):  # whatever fails, the server must be told to stop
            if _listens(found):
                found.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, option)


def somebody_is_about_to_ask() -> bool:
    """Whether a client of ours made a connection on which nothing has come yet, or that was not taken yet."""
    if sys.platform != "linux":
        return False
    listening, silent = set(), set()
    for found in _own_sockets():
        with contextlib.suppress(OSError):
            if found.type != socket.SOCK_STREAM or found.family not in {socket.AF_INET, socket.AF_INET6}:
                continue
            info = found.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
            port: int = found.getsockname()[1]
            if _listens(found):
                listening.add(port)
                if int.from_bytes(info[_UNTAKEN], sys.byteorder) > 0:
                    silent.add(port)
            elif info[0] == _ESTABLISHED and int.from_bytes(info[_RECEIVED], sys.byteorder) == 0:
                silent.add(port)
    return not listening.isdisjoint(silent)


def _listens(found: socket.socket) -> bool:
    return bool(found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))


def _own_sockets() -> Iterator[socket.socket]:
    """Every socket of this process, each as a copy that is closed again."""
    for number in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
        with contextlib.suppress(OSError):
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                with socket.socket(fileno=os.dup(number)) as found:
                    yield found
