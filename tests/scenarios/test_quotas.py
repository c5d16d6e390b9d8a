"""Scenarios 8, 10 and 11: midnight, refunds and moving limits, with real gateways, a worker and the command line."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

from gateway.stores import SqlStore
from quotas import keys
from quotas.mirror import Mirror
from quotas.model import Period
from quotas.periods import label
from quotas.sql import instant
from quotas.transport import open_transport
from tests.clock import FrozenClock
from tests.gateway.features.making import launch, make_course
from tests.gateway.work.workers import worker
from tests.processes import environment, run
from tests.running import Customer, running, settings_for, talking_to
from tests.scenarios.customers import assert_everything_adds_up, customer_of
from tests.serving import serving_many, talking


def brief(modules: int) -> dict[str, Any]:
    """What the tests' plain generator can make."""
    return {"topic": "Tides", "modules": modules, "artifacts": ["slides", "notes"]}


async def ended(sql: SqlStore, customer: Customer, count: int) -> list[str]:
    """Wait until `count` generations of the center succeeded; returns their ids."""
    query = "select id from generation where center_id = $1 and status = 'succeeded'"
    async with asyncio.timeout(60):
        while True:
            async with sql.session() as connection:
                rows = await connection.fetch(query, customer.center_id)
            if len(rows) == count:
                return [row["id"] for row in rows]
            await asyncio.sleep(0.05)


async def units(sql: SqlStore, customer: Customer) -> dict[datetime, tuple[int, int]]:
    """Settled and held of each period."""
    query = "select period_start, settled, held from quota_counter where center_id = $1 and meter = 'generation'"
    async with sql.session() as connection:
        return {row[0]: (row[1], row[2]) for row in await connection.fetch(query, customer.center_id)}


async def test_scenario_8_what_was_held_before_midnight_stays_in_its_month(
    database_url: str, redis_url: str, sql: SqlStore
) -> None:
    """Held at 23:59:59.9 on the last of March, settled and refunded in April: March changes, April does not."""
    customer = await customer_of(sql, concurrent_generations=-1)
    march, april = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    midnight = round(april.timestamp() * 1000)
    clock = FrozenClock(midnight - 3_600_000)
    async with running(settings_for(database_url, redis_url), clock) as app, talking_to(app) as client:
        courses = [await make_course(client, customer, brief=brief(2)) for _ in range(2)]
        clock.set(midnight - 100)
        assert (await launch(client, customer, courses[0], "k1")).status_code == 202
        assert await units(sql, customer) == {march: (0, 2)}
        clock.advance(200)
        usage = (await client.get("/v1/usage", headers=customer.headers)).json()
        assert (usage["period"]["start"], usage["meters"]["generation"]["held"]) == ("2026-04-01T00:00:00Z", 0)
        async with worker(database_url, redis_url, step_seconds=0):
            [generation] = await ended(sql, customer, 1)
        assert await units(sql, customer) == {march: (2, 0)}
        assert (await launch(client, customer, courses[1], "k2")).status_code == 202
        refund = await run(
            "quotas", "refund", generation, "--units", "1", "--reason", "a test", env=environment(database_url, redis_url)
        )  # fmt: skip
        assert (refund.status, refund.err) == (0, "")
    assert await units(sql, customer) == {march: (1, 0), april: (0, 2)}
    await assert_everything_adds_up(sql)


async def test_scenario_10_a_refund_is_one_line_and_never_negative(
    database_url: str, redis_url: str, sql: SqlStore
) -> None:
    """Refunds before, during and after the settlement, too many and too much: one of them is given."""
    customer = await customer_of(sql, concurrent_generations=-1)
    env = environment(database_url, redis_url)

    async def refund(generation: str, count: int) -> int:
        return (await run("quotas", "refund", generation, "--units", str(count), "--reason", "a test", env=env)).status

    async with running(settings_for(database_url, redis_url)) as app, talking_to(app) as client:
        course = await make_course(client, customer, brief=brief(3))
        launched = (await launch(client, customer, course, "k1")).json()
        generation: str = launched["generation"]["id"]
        assert await refund(generation, 1) == 1
        async with worker(database_url, redis_url, step_seconds=0):
            racing = asyncio.create_task(refund(generation, 4))
            assert await ended(sql, customer, 1) == [generation]
            assert await racing == 1
    assert sorted(await asyncio.gather(*(refund(generation, count) for count in (3, 3, 4, 2)))) == [0, 1, 1, 1]
    async with sql.session() as connection:
        lines = await connection.fetch("select units, settled from quota_ledger where kind = 'refund'")
    [(given, taken)] = [tuple(line) for line in lines]
    assert given == -taken
    assert given in {2, 3}
    [(settled, held)] = (await units(sql, customer)).values()
    assert (settled, held) == (3 - given, 0)
    await assert_everything_adds_up(sql)


async def test_scenario_11_counters_equal_the_ledger_while_the_limit_moves(
    database_url: str, redis_url: str, sql: SqlStore
) -> None:
    """30 launches over 3 processes, a limit that goes up and down, a late mirror write: all of it adds up at the end."""
    customer = await customer_of(sql, generation_units_per_month=6, concurrent_generations=-1)

    async def move() -> None:
        for limit in (20, 4, 15, 8, 30):
            async with sql.session() as connection:
                await connection.execute(
                    "update center_limit set generation_units_per_month = $2 where center_id = $1",
                    customer.center_id,
                    limit,
                )
            await asyncio.sleep(0.02)

    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(serving_many(3, database_url, redis_url))
        clients = [await stack.enter_async_context(talking(one)) for one in served]
        courses = [await make_course(clients[0], customer, brief=brief(1)) for _ in range(30)]
        tries = (launch(clients[n % 3], customer, course, f"k{n}") for n, course in enumerate(courses))
        answers, _ = await asyncio.gather(asyncio.gather(*tries), move())
        accepted = sum(answer.status_code == 202 for answer in answers)
        assert {a.json()["error"]["code"] for a in answers if a.status_code != 202} <= {"quota_exceeded"}
        assert accepted >= 6
        before = (await clients[0].get("/v1/usage", headers=customer.headers)).json()
        await _publish_late(sql, redis_url, customer)
        async with worker(database_url, redis_url, concurrency=4, step_seconds=0):
            await ended(sql, customer, accepted)
        usage = await _usage_when(clients[1], customer, settled=accepted)
    assert before["meters"]["generation"]["limit"] == 30
    assert (usage["meters"]["generation"]["limit"], usage["meters"]["generation"]["held"]) == (30, 0)
    assert list((await units(sql, customer)).values()) == [(accepted, 0)]
    await assert_everything_adds_up(sql)


async def _publish_late(sql: SqlStore, redis_url: str, customer: Customer) -> None:
    """Write to the mirror what was true a moment ago, and see it refused."""
    async with sql.session() as connection:
        row = await connection.fetchrow(
            "select period_start, period_end, version, (select epoch from database_epoch) as epoch from quota_state"
            " where center_id = $1 and meter = 'generation'",
            customer.center_id,
        )
    assert row is not None
    period = Period(*(round(row[name].timestamp() * 1000) for name in ("period_start", "period_end")))
    assert instant(period.start_ms) == row["period_start"]
    transport = await open_transport(redis_url)
    try:
        mirror, name = Mirror(transport), keys.mirror("live", customer.center_id, "generation", label(period))
        [before] = await mirror.read([name])
        await mirror.publish(
            "live", customer.center_id, "generation", label(period),
            limit=6, settled=0, held=0, version=row["version"] - 3, epoch=row["epoch"],
        )  # fmt: skip
        [after] = await mirror.read([name])
    finally:
        await transport.aclose()
    assert before is not None
    assert after is not None
    assert (after.limit, after.held, after.version) == (before.limit, before.held, before.version)


async def _usage_when(client: Any, customer: Customer, *, settled: int) -> Any:
    """Ask until status has caught up with the worker's last commit: at most 5 s, as promised."""
    async with asyncio.timeout(6):
        while True:
            usage = (await client.get("/v1/usage", headers=customer.headers)).json()
            if usage["meters"]["generation"]["settled"] == settled:
                return usage
            await asyncio.sleep(0.05)
