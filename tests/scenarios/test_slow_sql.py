"""Scenario 17, second half: what is slow in PostgreSQL holds up nobody else for long."""

import asyncio
from typing import Any

import httpx

from gateway.stores import SqlStore
from tests.gateway.features.making import launch, make_course
from tests.running import Customer
from tests.scenarios.blocking import held
from tests.scenarios.customers import UNBOUNDED, assert_everything_adds_up, count, customer_of
from tests.scenarios.traffic import Traffic
from tests.serving import serving, talking
from tests.waiting import until_waiting_for_locks

MOST_SECONDS = 1.0


async def _customer(sql: SqlStore) -> Customer:
    return await customer_of(
        sql, requests_per_minute=UNBOUNDED, generation_units_per_month=-1, concurrent_generations=-1
    )


async def test_scenario_17_fifty_duplicates_of_a_slow_launch_leave_the_pool_to_others(
    database_url: str, redis_url: str, sql: SqlStore
) -> None:
    """50 posts of one launch that hangs, on a pool of 10: one waits in SQL, and other requests are served meanwhile."""
    customer = await _customer(sql)
    async with serving(database_url, redis_url, database_pool_size="10") as served, talking(served) as client:
        slow, quick = [await make_course(client, customer) for _ in range(2)]
        async with held(database_url, [slow]), Traffic([client], also=lambda: count(sql, "select 1")) as traffic:
            duplicates = [asyncio.create_task(launch(client, customer, slow, "slow")) for _ in range(50)]
            await until_waiting_for_locks(sql, running="launch_course")
            headers = customer.headers | {"Idempotency-Key": "quick"}
            launched = await traffic.ask(0, "POST", f"/v1/courses/{quick}/launch", what="launch", headers=headers)
            assert launched.status_code == 202
            for _ in range(8):
                for path in (f"/v1/courses/{quick}", "/v1/courses", "/v1/presets"):
                    read = await traffic.ask(0, "GET", path, what="read", headers=customer.headers)
                    assert read.status_code == 200
            assert await count(sql, _LAUNCHING) == 1
            assert not any(duplicate.done() and duplicate.result().status_code == 202 for duplicate in duplicates)
        answers = await asyncio.gather(*duplicates)
        assert traffic.slower_than(MOST_SECONDS) == []
    assert sum(_is_new(answer) for answer in answers) == 1
    others = {(a.status_code, _code(a)) for a in answers if not _is_new(a)}
    assert others <= {(202, None), (409, "idempotency_in_progress")}
    assert await count(sql, "select count(*) from generation") == 2
    await assert_everything_adds_up(sql)


_LAUNCHING = "select count(*) from pg_stat_activity where query like '%launch_course%' and state = 'active' and pid <> pg_backend_pid()"


def _is_new(answer: httpx.Response) -> bool:
    return answer.status_code == 202 and "idempotent-replayed" not in answer.headers


def _code(answer: httpx.Response) -> Any:
    return answer.json()["error"]["code"] if answer.is_error else None


async def test_scenario_17_an_exhausted_pool_refuses_soon_and_recovers(
    database_url: str, redis_url: str, sql: SqlStore
) -> None:
    """All 10 connections wait for locks: others get 503 `overloaded` within a second, usage is served, and it ends by itself."""
    customer = await _customer(sql)
    async with serving(database_url, redis_url, database_pool_size="10") as served, talking(served) as client:
        courses = [await make_course(client, customer) for _ in range(10)]
        usage = await client.get("/v1/usage", headers=customer.headers)
        assert usage.status_code == 200
        async with Traffic([client], also=lambda: count(sql, "select 1")) as traffic:
            async with held(database_url, courses):
                edits = [asyncio.create_task(_until_edited(client, customer, course)) for course in courses]
                await until_waiting_for_locks(sql, 10, running="for update")
                refused = await asyncio.gather(
                    *(traffic.ask(0, "GET", "/v1/courses", what="read", headers=customer.headers) for _ in range(5))
                )
                usage = await traffic.ask(0, "GET", "/v1/usage", what="usage", headers=customer.headers)
                assert (usage.status_code, usage.json()["source"]) == (200, "mirror")
            assert {(answer.status_code, _code(answer)) for answer in refused} == {(503, "overloaded")}
            assert {answer.headers["retry-after"] for answer in refused} == {"1"}
            await asyncio.gather(*edits)
            read = await traffic.ask(0, "GET", "/v1/courses", what="read", headers=customer.headers)
            assert read.status_code == 200
        assert traffic.slower_than(MOST_SECONDS) == []
    assert await count(sql, "select count(*) from course where title = 'Moon'") == 10
    await assert_everything_adds_up(sql)


async def _until_edited(client: httpx.AsyncClient, customer: Customer, course: str) -> None:
    """On a machine that is slow as well, an edit may pass its deadline of 5 s: 503, and its customer tries again."""
    path = f"/v1/courses/{course}"
    while (answer := await client.patch(path, json={"title": "Moon"}, headers=customer.headers)).status_code != 200:
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
