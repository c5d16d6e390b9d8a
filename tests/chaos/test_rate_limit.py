"""Scenarios 13 and 14 with the minute's wait: what a trace of several gateways proves about any 60 seconds."""

import asyncio
import random
from contextlib import AsyncExitStack

import pytest

from gateway.stores import SqlStore
from tests.running import Customer
from tests.scenarios.customers import customer_of
from tests.scenarios.rates import admitted, assert_refused, most_in_any_window
from tests.scenarios.traffic import Traffic
from tests.serving import serving_many, talking

pytestmark = pytest.mark.chaos

LIMIT = 20


async def test_scenarios_13_and_14_over_a_whole_minute(database_url: str, redis_url: str, sql: SqlStore) -> None:
    """Over 3 gateways never more than N in any 60 s, at the edge neither; who waits as told is admitted at once.

    The hammered center is sent N spread over half a minute, a burst 59.9 s and another 60.1 s after the first, and
    random requests all the time, refused ones included; a second center waits politely. The refusals took nothing:
    what leaves the window comes back.
    """
    hammered, polite = [await customer_of(sql, requests_per_minute=LIMIT) for _ in range(2)]
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(serving_many(3, database_url, redis_url))
        clients = [await stack.enter_async_context(talking(one)) for one in served]
        async with Traffic(clients) as traffic:
            traffic.start(_spread(traffic, hammered))
            for edge in (59.9, 60.1):
                for number in range(2 * LIMIT):
                    traffic.start(_ask_at(traffic, hammered, number % 3, edge))
            for number in range(3):
                traffic.start(_at_random(traffic, hammered, random.Random(number)))
            traffic.start(_as_told(traffic, polite))
            await traffic.finish(seconds=120)
    passed = [answer for answer in admitted(traffic.answers) if answer.what == "hammered" and not answer.degraded]
    assert most_in_any_window(passed) <= LIMIT
    assert len(passed) > LIMIT + LIMIT // 2, "what left the window was given out again"
    assert len(traffic.answers) > 10 * LIMIT


async def _ask(traffic: Traffic, customer: Customer, gateway: int, what: str = "hammered") -> int | None:
    """One request; the seconds to wait where it was refused."""
    answer = await traffic.ask(gateway, "GET", "/v1/usage", what=what, headers=customer.headers)
    if answer.status_code == 200:
        return None
    return assert_refused(answer, "minute")


async def _ask_at(traffic: Traffic, customer: Customer, gateway: int, seconds: float) -> None:
    await asyncio.sleep(seconds)
    await _ask(traffic, customer, gateway)


async def _spread(traffic: Traffic, customer: Customer) -> None:
    """A first request, and N - 1 more within half a minute."""
    for number in range(LIMIT):
        await _ask(traffic, customer, number % 3)
        await asyncio.sleep(0.02 if number < LIMIT // 2 else 3)


async def _at_random(traffic: Traffic, customer: Customer, chance: random.Random) -> None:
    ends_at = traffic.now() + 68
    await asyncio.sleep(40)  # the window is full by now, and its first half leaves in 20 s
    while traffic.now() < ends_at:
        await _ask(traffic, customer, chance.randrange(3))
        await asyncio.sleep(chance.choice([0.01, 0.05, 0.3 * chance.random()]))


async def _as_told(traffic: Traffic, customer: Customer) -> None:
    """Use the limit up, be refused over and over, and wait exactly as long as the last refusal said."""
    for number in range(LIMIT):
        assert await _ask(traffic, customer, number % 3, "polite") is None
        await asyncio.sleep(0.1)
    for number in range(3 * LIMIT):
        wait = await _ask(traffic, customer, number % 3, "polite")
    assert wait is not None
    await asyncio.sleep(wait)
    assert await _ask(traffic, customer, 0, "polite") is None
