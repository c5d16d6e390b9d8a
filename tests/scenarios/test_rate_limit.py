"""Scenarios 13-15 without the minute's wait (with it: tests/chaos/test_rate_limit.py): limits over several gateways."""

import asyncio
import random
import time
from contextlib import AsyncExitStack

import httpx

from gateway.stores import SqlStore
from tests.clock import ShiftedClock
from tests.running import Customer, add_key, running, settings_for, talking_to
from tests.scenarios.customers import customer_of
from tests.scenarios.rates import admitted, assert_refused, told
from tests.scenarios.traffic import Traffic
from tests.serving import serving_many, talking

LIMIT = 20


async def test_scenario_13_the_limit_is_exact_over_three_gateways(
    database_url: str, redis_url: str, sql: SqlStore
) -> None:
    """Bursts and random arrivals over 3 processes at one center: exactly the limit passes, and counts down once each.

    On a machine so slow that Redis misses its 100 ms, such a decision may have been counted and not heard.
    """
    customer, chance = await customer_of(sql, requests_per_minute=LIMIT), random.Random(13)
    left: list[int] = []

    async def ask(traffic: Traffic, gateway: int, at: float) -> None:
        await asyncio.sleep(at)
        answer = await traffic.ask(gateway, "GET", "/v1/usage", what="usage", headers=customer.headers)
        if answer.status_code == 429:
            assert_refused(answer, "minute")
        elif "x-ratelimit-mode" not in answer.headers:
            left.append(told(answer).left)

    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(serving_many(3, database_url, redis_url))
        clients = [await stack.enter_async_context(talking(one)) for one in served]
        async with Traffic(clients) as traffic:
            for burst_at in (0.0, 0.3):
                for number in range(8):
                    traffic.start(ask(traffic, number % 3, burst_at))
            for _ in range(60):
                traffic.start(ask(traffic, chance.randrange(3), chance.random()))
    assert len(traffic.answers) == 76
    unheard = sum(answer.degraded for answer in traffic.answers)
    assert LIMIT - unheard <= len(left) <= LIMIT
    assert sorted(left) == sorted(set(left))
    assert {answer.gateway for answer in admitted(traffic.answers)} == {0, 1, 2}


async def test_scenario_14_a_refusal_consumes_nothing_of_either_policy(
    database_url: str, redis_url: str, sql: SqlStore
) -> None:
    """A key's own limit below its center's: what one refuses takes nothing of the other; every status has the headers."""
    customer = await customer_of(sql, requests_per_minute=5)
    async with sql.session() as connection:
        slow = await add_key(connection, customer.center_id, requests_per_minute=2)
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(serving_many(2, database_url, redis_url))
        one, two = [await stack.enter_async_context(talking(each)) for each in served]

        async def ask(client: httpx.AsyncClient, caller: Customer, path: str = "/v1/usage") -> httpx.Response:
            return await client.get(path, headers=caller.headers)

        began = time.time()
        found, missing = await ask(one, slow), await ask(two, slow, "/v1/courses/crs_unknown")
        assert (found.status_code, missing.status_code) == (200, 404)
        for answer, key_left, center_left in ((found, 1, 4), (missing, 0, 3)):
            limits = told(answer)
            assert (limits.limits, limits.remaining) == (
                {"minute": 5, "key": 2},
                {"minute": center_left, "key": key_left},
            )
            assert (limits.limit, limits.left) == (2, key_left)
            assert all(0 < t <= 60 for t in limits.t_seconds.values())
            assert began + 59 <= limits.reset_at_seconds <= time.time() + 62
        for client in (one, two) * 4:
            answer = await ask(client, slow)
            assert_refused(answer, "key")
            assert told(answer).remaining == {"minute": 3, "key": 0}
        for client, left in ((two, 2), (one, 1), (two, 0)):
            assert told(await ask(client, customer)).remaining == {"minute": left}
        for client in (one, two) * 2:
            assert_refused(await ask(client, customer), "minute")
        both = await ask(one, slow)
        longest = max(told(both).t_seconds.values())
        assert (both.status_code, int(both.headers["retry-after"])) == (429, longest)
        async with sql.session() as connection:
            await connection.execute(
                "update center_limit set requests_per_minute = 6 where center_id = $1", slow.center_id
            )
        async with asyncio.timeout(10):  # process copies of limits live for 5 s
            while (answer := await ask(one, customer)).status_code == 429:
                await asyncio.sleep(0.1)
        assert told(answer).remaining == {"minute": 0}, "all that was refused meanwhile had taken nothing"


async def test_scenario_15_gateways_whose_clocks_disagree_answer_alike(
    database_url: str, redis_url: str, sql: SqlStore
) -> None:
    """Clocks 5 minutes apart, one of them stepping back meanwhile: one window, Redis' time, and no negative wait."""
    customer = await customer_of(sql, requests_per_minute=6)
    settings, fast = settings_for(database_url, redis_url), ShiftedClock(minutes=5)
    async with AsyncExitStack() as stack:
        apps = [await stack.enter_async_context(running(settings, clock)) for clock in (ShiftedClock(0), fast)]
        clients = [await stack.enter_async_context(talking_to(app)) for app in apps]
        began = time.time()
        for number in range(6):
            if number == 4:
                fast.minutes = -5
            answer = await clients[number % 2].get("/v1/usage", headers=customer.headers)
            limits = told(answer)
            assert (answer.status_code, limits.left) == (200, 5 - number)
            assert 0 < limits.t_seconds["minute"] <= 60
            assert began + 59 <= limits.reset_at_seconds <= time.time() + 62, (
                "Redis' time, whatever the gateway's clock"
            )
        for minutes in (-5, 0, 5):
            fast.minutes = minutes
            refused = [await client.get("/v1/usage", headers=customer.headers) for client in clients]
            waits = [assert_refused(answer, "minute") for answer in refused]
            resets = [told(answer).reset_at_seconds for answer in refused]
            assert abs(waits[0] - waits[1]) <= 1
            assert abs(resets[0] - resets[1]) <= 1
            assert not any("x-ratelimit-mode" in answer.headers for answer in refused)
