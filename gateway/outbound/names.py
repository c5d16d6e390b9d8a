"""Host names to addresses: the machine's own resolver, asked in threads, once at a time for one name."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol

from gateway.outbound.networks import Address, parse

THREADS: Final = 16
"""Names asked for at a time: one that is never answered holds one thread, however many wait for it."""


class Names(Protocol):
    """Whoever knows which addresses a name has."""

    async def addresses(self, host: str) -> tuple[Address, ...]:
        """All addresses of a name, in the order to try them. Raises OSError where there are none, or nobody says."""
        ...


class SystemNames:
    """The machine's resolver."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="names")
        self._asked: dict[str, asyncio.Future[tuple[Address, ...]]] = {}

    async def addresses(self, host: str) -> tuple[Address, ...]:
        """All addresses of a name. Raises OSError. Who gives up waiting leaves the answer to the others."""
        asked = self._asked.get(host)
        if asked is None:
            asked = asyncio.get_running_loop().run_in_executor(self._threads, _look_up, host)
            self._asked[host] = asked
            asked.add_done_callback(lambda done: self._answered(host, done))
        return await asyncio.shield(asked)

    def close(self) -> None:
        """Wait for nobody: threads that still ask end with the process."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _answered(self, host: str, done: "asyncio.Future[tuple[Address, ...]]") -> None:
        self._asked.pop(host, None)
        if not done.cancelled():
            done.exception()  # somebody has seen it, or nobody waits any more


def _look_up(host: str) -> tuple[Address, ...]:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    addresses = dict.fromkeys(parse(str(each[4][0])) for each in found)
    if None in addresses or not addresses:
        raise OSError("the name has an address of an unknown form")
    return tuple(address for address in addresses if address is not None)
