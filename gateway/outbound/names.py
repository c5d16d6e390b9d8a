"""Host names to addresses: the machine's own resolver, asked in threads, once at a time for one name.

A name whose servers do not answer holds a thread for many seconds. Names that did so the last time are asked in threads
of their own, so that they wait for each other, and nobody else's deliveries for them.
"""

import asyncio
import socket
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol

from msgspec import Struct

from gateway.clock import Clock
from gateway.outbound.networks import Address, parse

THREADS: Final = 16
"""Names asked for at a time: one that is never answered holds one thread, however many wait for it."""
THREADS_FOR_SLOW: Final = 4
SLOW_SECONDS: Final = 1.0
"""Who takes longer is asked among the slow ones the next time, until an answer comes sooner."""
SLOW_MAX: Final = 10_000
"""So many slow names are remembered, the latest."""


class Names(Protocol):
    """Whoever knows which addresses a name has."""

    async def addresses(self, host: str) -> tuple[Address, ...]:
        """All addresses of a name, in the order to try them. Raises OSError where there are none, or nobody says."""
        ...


def look_up(host: str) -> tuple[Address, ...]:
    """Ask the machine's resolver, for as long as it takes. Raises OSError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    addresses = dict.fromkeys(parse(str(each[4][0])) for each in found)
    if None in addresses or not addresses:
        raise OSError("the name has an address of an unknown form")
    return tuple(address for address in addresses if address is not None)


class _Asked(Struct, frozen=True):
    """What came of asking for a name, and how long that took: its addresses, or why there are none."""

    addresses: tuple[Address, ...]
    error: OSError | None
    seconds: float


class SystemNames:
    """The machine's resolver, or another that is asked in threads."""

    def __init__(self, clock: Clock, resolver: Callable[[str], tuple[Address, ...]] = look_up) -> None:
        self._clock = clock
        self._resolver = resolver
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="names")
        self._threads_for_slow = ThreadPoolExecutor(THREADS_FOR_SLOW, thread_name_prefix="slow-names")
        self._asked: dict[str, asyncio.Future[_Asked]] = {}
        self._slow: OrderedDict[str, None] = OrderedDict()

    async def addresses(self, host: str) -> tuple[Address, ...]:
        """All addresses of a name. Raises OSError. Who gives up waiting leaves the answer to the others."""
        asking = self._asked.get(host)
        if asking is None:
            threads = self._threads_for_slow if host in self._slow else self._threads
            asking = asyncio.get_running_loop().run_in_executor(threads, self._ask, host)
            self._asked[host] = asking
            asking.add_done_callback(lambda done: self._answered(host, done))
        asked = await asyncio.shield(asking)
        if asked.error is not None:
            raise asked.error
        return asked.addresses

    def close(self) -> None:
        """Wait for nobody: threads that still ask end with the process."""
        for threads in (self._threads, self._threads_for_slow):
            threads.shutdown(wait=False, cancel_futures=True)

    def _ask(self, host: str) -> _Asked:
        began = self._clock.monotonic_seconds()
        addresses: tuple[Address, ...] = ()
        failed: OSError | None = None
        try:
            addresses = self._resolver(host)
        except OSError as error:
            failed = error
        return _Asked(addresses, failed, self._clock.monotonic_seconds() - began)

    def _answered(self, host: str, done: "asyncio.Future[_Asked]") -> None:
        self._asked.pop(host, None)
        if done.cancelled() or done.exception() is not None:
            return  # somebody has seen it, or nobody waits any more
        self._slow.pop(host, None)
        if done.result().seconds > SLOW_SECONDS:
            self._slow[host] = None
            while len(self._slow) > SLOW_MAX:
                self._slow.popitem(last=False)
