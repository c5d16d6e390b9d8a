"""Launches that share a transaction: each stands for itself, and none waits for another's lock."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from gateway.features.launches.store import Launch, Refusal, Wanted, launch, launch_alone, look
from gateway.ids import new_id
from gateway.once import Turn
from gateway.stores import SqlStore
from quotas.idempotency import ClaimScope
from quotas.reconcile import reconcile
from tests.gateway.features.making import launch as launch_over_http
from tests.gateway.features.making import make_course
from tests.running import NOW, NOW_MS, Customer, add_customer
from tests.waiting import until_waiting_for_locks

ROUTE = "/v1/courses/{course_id:str}/launch"
PERIOD = (NOW, NOW + timedelta(days=31))


def turn_of(customer: Customer, key: str, fingerprint: bytes = b"f" * 32) -> Turn:
    return Turn(
        scope=ClaimScope(customer.center_id, "live", "POST", ROUTE, customer.center_id, key, [fingerprint]),
        deadline=asyncio.get_running_loop().time() + 1,
        now=NOW,
        expires=NOW + timedelta(days=3),
    )


def wish(customer: Customer, course_id: str, key: str, **other: Any) -> Launch:
    """A launch of a fresh course with two modules, under `key`."""
    facts: dict[str, Any] = {
        "center_id": customer.center_id,
        "env": "live",
        "course_id": course_id,
        "course_version": 2,
        "units": 2,
        "generation_id": new_id("gen", NOW_MS),
        "hold_id": new_id("hold", NOW_MS),
        "period_start": PERIOD[0],
        "period_end": PERIOD[1],
        "body": b"{}",
        "request_id": "req_x",
        "actor": customer.key_id,
        "turn": turn_of(customer, key),
    }
    return Launch(**facts | other)


async def another(sql: SqlStore, plan_id: str = "partner", **limits: int) -> Customer:
    """One more customer; `limits` are overrides."""
    async with sql.session() as connection:
        customer = await add_customer(connection, plan_id=plan_id)
        for name, value in limits.items():
            await connection.execute(
                f"insert into center_limit (center_id, {name}) values ($1, $2)", customer.center_id, value
            )
    return customer


async def generations(sql: SqlStore, customer: Customer) -> list[str]:
    async with sql.session() as connection:
        rows = await connection.fetch("select course_id from generation where center_id = $1", customer.center_id)
    return sorted(row["course_id"] for row in rows)


async def test_each_is_decided_for_itself_and_a_refused_one_leaves_nothing(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """Of six launches in one transaction three are refused, each by its own name; the others are as if alone."""
    poor = await another(sql, generation_units_per_month=3)
    slow = await another(sql, concurrent_generations=0)
    good, edited, first, second, late = [
        await make_course(client, owner, modules=2) for owner in (customer, customer, poor, poor, slow)
    ]
    async with sql.session() as connection:
        outcomes = await launch(
            connection,
            [
                wish(poor, first, "1"),
                wish(customer, edited, "2", course_version=1),
                wish(slow, late, "3"),
                wish(poor, second, "4"),
                wish(customer, good, "5"),
                wish(customer, good, "6"),
            ],
        )
        claims = await connection.fetch("select key from idempotency_claim order by key")
        difference = await reconcile(connection)
    codes = [str(o.code if isinstance(o, Refusal) else o and o["outcome"]) for o in outcomes]
    by_key = dict(zip("123456", codes, strict=True))
    assert sorted((by_key.pop("1"), by_key.pop("4"))) == ["launched", "quota_exceeded"]
    assert sorted((by_key.pop("5"), by_key.pop("6"))) == ["course_changed", "launched"]
    assert by_key == {"2": "course_changed", "3": "concurrency_limit_reached"}
    refusal = next(o for o in outcomes if isinstance(o, Refusal) and o.code == "quota_exceeded")
    assert (refusal.details["limit"], refusal.details["used"], refusal.details["held"]) == (3, 0, 2)
    assert await generations(sql, customer) == [good]
    assert len(await generations(sql, poor)) == 1
    assert await generations(sql, slow) == []
    launch_keys = {row["key"] for row in claims} & set("123456")
    assert len(launch_keys) == 2
    assert difference.differences == ()


async def test_a_key_that_was_used_is_replayed_or_refused_among_others(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore
) -> None:
    """The first answer for the same request, `reused` for another one, and a launch beside them."""
    old, new = [await make_course(client, customer, modules=2) for _ in range(2)]
    async with sql.session() as connection:
        [done] = await launch(connection, [wish(customer, old, "k", body=b'{"first":true}')])
        again, other, fresh = await launch(
            connection,
            [
                wish(customer, old, "k"),
                wish(customer, old, "k", turn=turn_of(customer, "k", b"g" * 32)),
                wish(customer, new, "n"),
            ],
        )
    assert [row and not isinstance(row, Refusal) and row["outcome"] for row in (done, again, other, fresh)] == [
        "launched",
        "replay",
        "reused",
        "launched",
    ]
    assert again is not None
    assert not isinstance(again, Refusal)
    assert (again["status"], again["body"]) == (202, b'{"first":true}')


async def test_a_lock_in_the_way_of_one_holds_up_that_one_alone(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore, database: "asyncpg.Pool[asyncpg.Record]"
) -> None:
    """Somebody edits one of three courses: the other two are committed, the third is done once the edit has ended."""
    neighbour = await another(sql)
    mine, theirs, busy = [
        await make_course(client, owner, modules=2) for owner in (customer, neighbour, await another(sql))
    ]
    async with database.acquire() as editor:
        owner_id = await editor.fetchval("select center_id from course where id = $1", busy)
        held_up = wish(Customer(owner_id, "key_x", ""), busy, "b")
        async with editor.transaction():
            await editor.execute("select 1 from course where id = $1 for update", busy)
            async with sql.session() as connection:
                outcomes = await launch(connection, [wish(customer, mine, "m"), held_up, wish(neighbour, theirs, "t")])
        async with sql.session() as connection:
            alone = await launch_alone(connection, held_up)
    assert [
        outcome if outcome is None else outcome["outcome"] for outcome in outcomes if not isinstance(outcome, Refusal)
    ] == [
        "launched",
        None,
        "launched",
    ]
    assert not isinstance(alone, Refusal)
    assert alone["outcome"] == "launched"


async def test_many_customers_at_once_are_answered_while_one_is_held_up(
    client: httpx.AsyncClient, sql: SqlStore, database: "asyncpg.Pool[asyncpg.Record]"
) -> None:
    """Over HTTP: twelve launches at once, one course under another's lock; eleven are 202 meanwhile, then it too."""
    customers = [await another(sql) for _ in range(12)]
    courses = [await make_course(client, customer) for customer in customers]
    async with database.acquire() as editor:
        async with editor.transaction():
            await editor.execute("select 1 from course where id = $1 for update", courses[5])
            tries = [
                asyncio.create_task(launch_over_http(client, customer, course, "k"))
                for customer, course in zip(customers, courses, strict=True)
            ]
            done, waiting = await asyncio.wait(tries[:5] + tries[6:], timeout=10)
            assert not waiting
            assert {task.result().status_code for task in done} == {202}
            assert not tries[5].done()
        assert (await tries[5]).status_code == 202
    async with sql.session() as connection:
        assert (await reconcile(connection)).differences == ()


@pytest.mark.parametrize("count", [1, 5])
async def test_what_is_looked_at_together_is_what_each_would_see(
    client: httpx.AsyncClient, customer: Customer, sql: SqlStore, count: int
) -> None:
    """Courses, sources and claims, one by one or at once, a course of nobody among them."""
    courses = [await make_course(client, customer) for _ in range(count)]
    await launch_over_http(client, customer, courses[0], "used")
    wanted = [
        Wanted(center_id=customer.center_id, env="live", course_id=course, turn=turn_of(customer, key))
        for course in (*courses, new_id("crs", NOW_MS))
        for key in ("used", "new")
    ]
    async with sql.session() as connection:
        together = await look(connection, wanted)
        assert together == [(await look(connection, [one]))[0] for one in wanted]
    assert [row is None for row in together] == [False, False] * count + [True, True]


async def test_launches_that_are_held_up_hold_up_no_later_ones(
    client: httpx.AsyncClient, sql: SqlStore, database: "asyncpg.Pool[asyncpg.Record]"
) -> None:
    """Six launches wait for an edit, each by itself: one that comes behind them is served as ever."""
    customers = [await another(sql) for _ in range(7)]
    *busy, free = [await make_course(client, customer) for customer in customers]
    async with database.acquire() as editor:
        async with editor.transaction():
            await editor.execute("select 1 from course where id = any($1) for update", busy)
            stuck = [
                asyncio.create_task(launch_over_http(client, customer, course, "k"))
                for customer, course in zip(customers, busy, strict=False)
            ]
            await until_waiting_for_locks(sql, 6, running="launch_course(")
            assert (await launch_over_http(client, customers[6], free, "k")).status_code == 202
            assert not any(task.done() for task in stuck)
        assert {(await task).status_code for task in stuck} == {202}
