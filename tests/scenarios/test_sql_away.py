"""Scenario 17: PostgreSQL stopped, frozen and restarted while two gateways are under load."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

from msgspec import Struct

from gateway.stores import SqlStore
from tests.gateway.features.making import TEXT
from tests.running import Customer
from tests.scenarios.customers import UNBOUNDED, assert_everything_adds_up, count, customer_of
from tests.scenarios.traffic import Answer, Traffic
from tests.serving import serving_many, talking
from tests.stores import PrivatePostgres

MOST_SECONDS = 1.0
_TRY_AGAIN = {(503, "service_unavailable"), (409, "idempotency_in_progress")}


class Done(Struct):
    """What customers were told was done."""

    courses: int = 0
    launches: int = 0
    sources_of_usage: list[str] = []


async def test_scenario_17_postgresql_fails_in_every_way_under_load(
    private_postgres: PrivatePostgres, redis_url: str
) -> None:
    """Stopped, frozen, restarted: 503 within a second, nothing half done, usage from the mirror, service comes back.

    Every customer retries with the same key until it is told of success; in the end each course was made and launched
    exactly once, and every account agrees.
    """
    async with AsyncExitStack() as stack:
        sql = await stack.enter_async_context(SqlStore(private_postgres.database_url, size=2))
        customer = await customer_of(
            sql, requests_per_minute=UNBOUNDED, generation_units_per_month=-1, concurrent_generations=-1
        )
        served = await stack.enter_async_context(serving_many(2, private_postgres.database_url, redis_url))
        clients = [await stack.enter_async_context(talking(one)) for one in served]
        done = Done()
        async with Traffic(clients) as traffic:
            for number in range(6):
                traffic.start(_make_and_launch(traffic, customer, number % 2, f"maker {number}", done))
            for gateway in (0, 1):
                traffic.start(_read_usage(traffic, customer, gateway, done))
            await traffic.until_each(_is_launched)
            outages: list[tuple[float, float]] = []
            for fail, heal in _ways_to_fail(private_postgres):
                began = traffic.now()
                await fail()
                await traffic.until_each(lambda answer: answer.status == 503)
                mirrored = done.sources_of_usage.count("mirror")
                await traffic.until_each(lambda answer: answer.what == "usage")
                assert done.sources_of_usage.count("mirror") > mirrored
                outages.append((began, traffic.now()))
                await heal()
                await traffic.until_each(_is_launched)
        assert [one.log.read_text().count("request.failed") for one in served] == [0, 0]
        await _until_up(sql)
        assert await count(sql, "select count(*) from course") == done.courses
        assert await count(sql, "select count(*) from generation") == done.launches
        assert await count(sql, "select count(*) from quota_hold where state = 'HELD'") == done.launches
        await assert_everything_adds_up(sql)
    refusals = [answer for answer in traffic.answers if answer.status >= 400]
    assert {(answer.status, answer.code) for answer in refusals} <= _TRY_AGAIN
    assert {answer.retry_after for answer in refusals} == {"1"}
    assert {answer.status for answer in traffic.answers if answer.what == "usage"} == {200}
    too_slow = traffic.slower_than(MOST_SECONDS)
    assert [answer for answer in too_slow if answer.status == 503] == []
    assert [a for a in too_slow if any(began < a.began < ended for began, ended in outages)] == []


def _ways_to_fail(
    private: PrivatePostgres,
) -> list[tuple[Callable[[], Awaitable[None]], Callable[[], Awaitable[None]]]]:
    async def freeze() -> None:
        private.freeze()

    async def thaw() -> None:
        private.thaw()

    return [(private.stop, private.start), (freeze, thaw), (private.stop, private.start)]


async def _make_and_launch(traffic: Traffic, customer: Customer, gateway: int, name: str, done: Done) -> None:
    """Courses, one after another, each until it is launched, whatever that takes."""
    number = 0
    while not traffic.is_ending:
        number += 1

        async def post(path: str, what: str, key: str = f"{name}, course {number}", **options: Any) -> Any:
            headers = customer.headers | {"Idempotency-Key": key}
            while True:
                answer = await traffic.ask(gateway, "POST", path, what=what, headers=headers, **options)
                if answer.is_success:
                    return answer.json()
                await asyncio.sleep(0.05)

        course = await post("/v1/courses", "make", json={"brief": {"topic": "Tides", "modules": 1}})
        done.courses += 1
        source = {"name": "tides.md", "media_type": "text/markdown", "content": TEXT}
        await post(f"/v1/courses/{course['id']}/sources", "make", json=source)
        await post(f"/v1/courses/{course['id']}/launch", "launch")
        done.launches += 1
        await asyncio.sleep(0.05)


async def _read_usage(traffic: Traffic, customer: Customer, gateway: int, done: Done) -> None:
    while not traffic.is_ending:
        answer = await traffic.ask(gateway, "GET", "/v1/usage", what="usage", headers=customer.headers)
        if answer.is_success:
            done.sources_of_usage.append(answer.json()["source"])
        await asyncio.sleep(0.05)


def _is_launched(answer: Answer) -> bool:
    return (answer.what, answer.status) == ("launch", 202)


async def _until_up(sql: SqlStore) -> None:
    async with asyncio.timeout(10):
        while not sql.up:
            await asyncio.sleep(0.01)
