"""Names are asked for in threads: one that is never answered holds up nobody but itself."""

import asyncio
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from ipaddress import ip_address

import pytest

from gateway.outbound.names import SLOW_SECONDS, THREADS, SystemNames
from gateway.outbound.networks import Address
from tests.clock import FrozenClock
from tests.gateway.webhooks.receivers import until

PUBLIC = ip_address("93.184.215.14")


class Resolver:
    """Answers at once, but for names that begin with `slow`: those wait until they are released."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.asked: list[str] = []

    def __call__(self, host: str) -> tuple[Address, ...]:
        self.asked.append(host)
        if host.startswith("slow"):
            self.released.wait(30)
            raise OSError("nobody says")
        return (PUBLIC,)


@contextmanager
def asking(clock: FrozenClock, resolver: Callable[[str], tuple[Address, ...]]) -> Generator[SystemNames]:
    names = SystemNames(clock, resolver)
    try:
        yield names
    finally:
        names.close()


async def test_a_name_is_asked_for_once_however_many_want_it(clock: FrozenClock) -> None:
    """Who gives up waiting leaves the answer to the others; asked again later it is asked for anew."""
    resolver = Resolver()
    with asking(clock, resolver) as names:
        wanting = [asyncio.create_task(names.addresses("slow.test")) for _ in range(20)]
        await until(lambda: bool(resolver.asked))
        wanting[0].cancel()
        resolver.released.set()
        answers = await asyncio.gather(*wanting, return_exceptions=True)
        assert isinstance(answers[0], asyncio.CancelledError)
        assert {type(each) for each in answers[1:]} == {OSError}
        assert await names.addresses("fast.test") == await names.addresses("fast.test") == (PUBLIC,)
    assert resolver.asked == ["slow.test", "fast.test", "fast.test"]


async def test_names_that_are_never_answered_take_no_thread_from_others(clock: FrozenClock) -> None:
    """More of them than there are threads: the first time they are no worse than others, then they wait for each other."""
    resolver = Resolver()
    slow = [f"slow{number}.test" for number in range(2 * THREADS)]
    with asking(clock, resolver) as names:
        first = [asyncio.create_task(names.addresses(host)) for host in slow[:THREADS]]
        await until(lambda: len(resolver.asked) == THREADS)
        late = asyncio.create_task(names.addresses("fast.test"))
        clock.advance(int(1000 * SLOW_SECONDS) + 1)
        resolver.released.set()
        await asyncio.gather(*first, return_exceptions=True)
        assert await late == (PUBLIC,)
        resolver.released.clear()
        again = [asyncio.create_task(names.addresses(host)) for host in slow[:THREADS]]
        await until(lambda: len(resolver.asked) > THREADS + 1)
        async with asyncio.timeout(10):
            assert await names.addresses("fast.test") == (PUBLIC,)
        resolver.released.set()
        assert {type(each) for each in await asyncio.gather(*again, return_exceptions=True)} == {OSError}


async def test_a_name_that_answers_again_is_asked_like_all_others(clock: FrozenClock) -> None:
    """Slowness is forgotten with the first answer that comes in time."""
    slow_once = [f"once{number}.test" for number in range(THREADS)]
    threads: dict[str, str] = {}

    def resolver(host: str) -> tuple[Address, ...]:
        if host not in threads:
            clock.advance(int(1000 * SLOW_SECONDS) + 1)
        threads[host] = threading.current_thread().name.rpartition("_")[0]
        return (PUBLIC,)

    with asking(clock, resolver) as names:
        seen = []
        for _ in range(3):
            for host in slow_once:
                await names.addresses(host)
            seen.append(set(threads.values()))
    assert seen == [{"names"}, {"slow-names"}, {"names"}]


async def test_the_machines_own_name_is_known(clock: FrozenClock) -> None:
    """The real resolver: addresses of localhost are loopback, and what is no name raises OSError."""
    names = SystemNames(clock)
    try:
        assert all(each.is_loopback for each in await names.addresses("localhost"))
        with pytest.raises(OSError, match=r".+"):
            await names.addresses("no-such-name.invalid")
    finally:
        names.close()
