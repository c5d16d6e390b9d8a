"""Scenario 16: Redis frozen, stopped and restarted empty while two gateways are under load."""

import asyncio
from contextlib import AsyncExitStack

import httpx

from gateway.stores import SqlStore
from tests.gateway.features.making import make_course
from tests.running import Customer
from tests.scenarios.customers import UNBOUNDED, assert_everything_adds_up, count, customer_of
from tests.scenarios.traffic import Answer, Traffic
from tests.serving import Served, serving_many, talking
from tests.stores import PrivateValkey

UNITS, COURSES = 24, 30
MOST_SECONDS = 0.3


async def test_scenario_16_redis_fails_in_every_way_under_load(
    database_url: str, private_valkey: PrivateValkey, sql: SqlStore
) -> None:
    """Frozen for 2 s, stopped, restarted empty: nobody waits over 300 ms for it, all are told, quotas stay exact.

    Answers that it did not decide say `degraded`; launches go on and never exceed the quota; a log line and a metric
    tell of each loss; and the gateways find it again by themselves.
    """
    customer = await customer_of(
        sql, requests_per_minute=UNBOUNDED, generation_units_per_month=UNITS, concurrent_generations=-1
    )
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(serving_many(2, database_url, private_valkey.url))
        clients = [await stack.enter_async_context(talking(one)) for one in served]
        courses = [await make_course(clients[0], customer) for _ in range(COURSES)]
        async with Traffic(clients, also=lambda: count(sql, "select 1")) as traffic:
            for gateway in (0, 1, 0, 1):
                traffic.start(_read_usage(traffic, customer, gateway))
            traffic.start(_launch_all(traffic, customer, courses))
            await traffic.until_each(lambda answer: answer.what == "launch")
            usual = max(answer.seconds for answer in traffic.answers if answer.what == "launch")

            private_valkey.freeze()
            began = traffic.now()
            await traffic.until_each(lambda answer: answer.what == "launch" and answer.degraded)
            await asyncio.sleep(began + 2 - traffic.now())
            ended = traffic.now()
            assert [await _metric(one, "redis_breaker_open") for one in served] == [1, 1]
            private_valkey.thaw()
            await traffic.until_each(lambda answer: not answer.degraded)

            await private_valkey.stop()
            await traffic.until_each(lambda answer: answer.degraded)
            await private_valkey.start()
            await traffic.until_each(lambda answer: not answer.degraded)

            await private_valkey.restart()
            await traffic.until_each(lambda answer: not answer.degraded)
            await traffic.until(lambda: len(_launches(traffic)) == COURSES)
        for client in clients:
            await _until_usage_is_shown(client, customer)
        for one in served:
            await _assert_told(one)
    meanwhile = [answer for answer in traffic.answers if began < answer.began and answer.ended < ended]
    assert {answer.gateway for answer in meanwhile} == {0, 1}
    assert all(answer.degraded for answer in meanwhile)
    too_slow = traffic.slower_than(MOST_SECONDS)
    assert [answer for answer in too_slow if answer.what == "usage"] == []
    assert [answer for answer in too_slow if traffic.waited(answer) > MOST_SECONDS + usual] == []
    assert traffic.unexcused() == []
    assert {answer.status for answer in traffic.answers if answer.what == "usage"} <= {200, 503}
    refused = [answer for answer in _launches(traffic) if answer.status != 202]
    assert {(answer.status, answer.code) for answer in refused} == {(429, "quota_exceeded")}
    assert len(refused) == COURSES - UNITS
    used = "select settled * 1000 + held from quota_counter where center_id = $1 and meter = 'generation'"
    assert await count(sql, used, customer.center_id) == UNITS
    await assert_everything_adds_up(sql)


async def _read_usage(traffic: Traffic, customer: Customer, gateway: int) -> None:
    while not traffic.is_ending:
        await traffic.ask(gateway, "GET", "/v1/usage", what="usage", headers=customer.headers)
        await asyncio.sleep(0.02)


async def _launch_all(traffic: Traffic, customer: Customer, courses: list[str]) -> None:
    """One launch after another, from both gateways in turn, over all that happens."""
    for number, course in enumerate(courses):
        headers = customer.headers | {"Idempotency-Key": f"k{number}"}
        path = f"/v1/courses/{course}/launch"
        while (await traffic.ask(number % 2, "POST", path, what="launch", headers=headers)).status_code == 503:
            await asyncio.sleep(0.2)
        await asyncio.sleep(0.2)


def _launches(traffic: Traffic) -> list[Answer]:
    return [answer for answer in traffic.answers if answer.what == "launch" and answer.status != 503]


async def _until_usage_is_shown(client: httpx.AsyncClient, customer: Customer) -> None:
    """What PostgreSQL counted is what the emptied mirror shows, 5 s later at most."""
    async with asyncio.timeout(10):
        while True:
            usage = (await client.get("/v1/usage", headers=customer.headers)).json()
            if (usage["source"], usage["meters"]["generation"]["held"]) == ("mirror", UNITS):
                return
            await asyncio.sleep(0.05)


async def _assert_told(served: Served) -> None:
    """Each loss is a line, and so is each recovery; the metrics know how long it took."""
    said = served.log.read_text()
    assert said.count('"redis.degraded"') == said.count('"redis.recovered"') >= 2
    assert await _metric(served, "redis_breaker_open") == 0
    assert await _metric(served, "degraded_seconds_total") >= 2


async def _metric(served: Served, name: str) -> float:
    async with httpx.AsyncClient(trust_env=False) as client:
        lines = (await client.get(served.metrics_url)).text.splitlines()
    [value] = [line.rsplit(" ", 1)[1] for line in lines if line.startswith(f"coursegate_{name}")]
    return float(value)
