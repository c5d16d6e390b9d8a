"""Many at once on the real database: the last unit is sold once, one of two winners wins, nothing deadlocks."""

import asyncio
import multiprocessing
import random
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import asyncpg

from quotas import ledger
from quotas.model import REGENERATIONS, Change, Granted, Held, Period, Refused
from quotas.sql import Connection
from tests.quotas.holders import hold_from_a_process
from tests.quotas.tenants import MARCH, NOW_MS, Tenant, assert_reconciled, ms, new_tenant, refused, set_limit

Pool = Any


async def at_once(pool: Pool, *steps: Callable[[Connection], Awaitable[Any]]) -> list[Any]:
    """Every step on a connection of its own, all started before any can end."""

    async def one(step: Callable[[Connection], Awaitable[Any]]) -> Any:
        async with pool.acquire() as connection:
            return await step(connection)

    return await asyncio.gather(*(one(step) for step in steps))


def settling(tenant: Tenant, hold_id: str, units: int) -> Callable[[Connection], Awaitable[Change]]:
    return lambda connection: tenant.settle(connection, hold_id, units)


def refunding(tenant: Tenant, hold_id: str, units: int) -> Callable[[Connection], Awaitable[Change]]:
    return lambda connection: tenant.refund(connection, hold_id, units)


async def is_waiting(watcher: Connection, connection: Connection) -> None:
    """Returns once PostgreSQL says that `connection` waits for a lock."""
    pid = connection.get_server_pid()
    async with asyncio.timeout(10):
        while not await watcher.fetchval("select exists (select from pg_locks where pid = $1 and not granted)", pid):
            await asyncio.sleep(0.005)


async def never_above(owner_url: str, limit: int) -> None:
    """From now on any statement that brings a counter above `limit` fails: no commit can ever show it."""
    owner = await asyncpg.connect(owner_url)
    await owner.execute(f"alter table quota_counter add constraint never_above check (settled + held <= {limit})")
    await owner.close()


async def test_the_last_unit_is_sold_once(database: Pool, database_url: str, migrate_database_url: str) -> None:
    """20 holds at once from 4 processes, 6 units left: exactly 6 are granted, and no commit is above the limit."""
    await never_above(migrate_database_url, 50)
    async with database.acquire() as connection:
        tenant = await new_tenant(connection)
        await tenant.held(connection, 44)
        loop = asyncio.get_running_loop()
        with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("spawn")) as processes:
            granted = await asyncio.gather(*(
                loop.run_in_executor(processes, hold_from_a_process, database_url, tenant.id, tenant.env, 5)
                for _ in range(4)
            ))  # fmt: skip
        assert sum(granted) == 6
        assert await tenant.units(connection) == (0, 50)
        await assert_reconciled(connection)


async def test_the_first_holds_of_a_period_agree_on_it(database: Pool) -> None:
    """10 first callers whose gateways computed different bounds: one period is stored, all are counted in it."""
    async with database.acquire() as connection:
        tenant = await new_tenant(connection)
    bounds = [Period(ms(2026, 3, day), ms(2026, 4, day)) for day in range(1, 11)]
    outcomes = await at_once(database, *(lambda c, p=p: tenant.hold(c, period=p) for p in bounds))
    assert {outcome.period for outcome in outcomes} <= set(bounds)
    assert len({outcome.period for outcome in outcomes}) == 1
    async with database.acquire() as connection:
        assert await tenant.units(connection) == (0, 10)
        await assert_reconciled(connection)


async def test_one_refund_of_many_is_given(database: Pool) -> None:
    """10 operators refund the same hold at once: one line, and the counter is never negative."""
    async with database.acquire() as connection:
        tenant = await new_tenant(connection)
        hold_id = await tenant.held(connection, 10)
        await tenant.settle(connection, hold_id, 10)
    changes: list[Change] = await at_once(database, *(refunding(tenant, hold_id, units) for units in range(1, 11)))
    assert sum(change.changed for change in changes) == 1
    async with database.acquire() as connection:
        assert await connection.fetchval("select count(*) from quota_ledger where kind = 'refund'") == 1
        await assert_reconciled(connection)


async def test_a_refund_that_races_the_settlement_comes_after_it_or_not_at_all(database: Pool) -> None:
    """Never is more given back than was charged."""
    async with database.acquire() as connection:
        tenant = await new_tenant(connection)
        holds = [await tenant.held(connection, 2) for _ in range(20)]
    for hold_id in holds:
        settled, refund = await at_once(database, settling(tenant, hold_id, 2), refunding(tenant, hold_id, 2))
        assert settled.changed
        assert refund.state == "REFUNDED" if refund.changed else refund.state in {"HELD", "SETTLED"}
    async with database.acquire() as connection:
        await assert_reconciled(connection)


async def test_of_two_sweepers_and_a_worker_one_ends_the_hold(database: Pool) -> None:
    """Expiry, expiry and settlement in the same instant: the units are counted once, late work is charged once."""
    async with database.acquire() as connection:
        tenant = await new_tenant(connection)
        holds = [await tenant.held(connection, 2) for _ in range(20)]
        await connection.execute("update quota_hold set deadline_at = clock_timestamp() - interval '1 second'")

    def expire(hold_id: str) -> Callable[[Connection], Awaitable[Change]]:
        return lambda c: ledger.expire(c, hold_id, request_id="req_1", now_ms=NOW_MS)

    for hold_id in holds:
        first, second, worker = await at_once(database, expire(hold_id), expire(hold_id), settling(tenant, hold_id, 1))
        assert first.changed + second.changed <= 1
        assert worker.changed  # before the expiry or, once, after it
    async with database.acquire() as connection:
        assert await tenant.units(connection) == (20, 0)
        await assert_reconciled(connection)


async def test_a_hold_that_waited_for_a_limit_change_goes_by_the_new_limit(database: Pool) -> None:
    """Lowered, raised, lowered and rolled back: whoever waited for the change decides on what was committed."""
    cases: list[tuple[int, int, bool, type[Held]]] = [
        (10, 0, True, Refused), (0, 10, True, Granted), (10, 0, False, Granted), (0, 10, False, Refused),
    ]  # fmt: skip
    for before, after, commits, expected in cases:
        async with database.acquire() as changer, database.acquire() as holder, database.acquire() as watcher:
            tenant = await new_tenant(changer)
            await tenant.settle(changer, await tenant.held(changer), 0)  # the counter is there
            await set_limit(changer, tenant, "generation_units_per_month", before)
            change = changer.transaction()
            await change.start()
            await set_limit(changer, tenant, "generation_units_per_month", after)
            waiting = asyncio.create_task(tenant.hold(holder))
            await is_waiting(watcher, holder)
            await (change.commit() if commits else change.rollback())
            assert isinstance(await waiting, expected)
            await assert_reconciled(watcher)


async def test_a_launch_that_waited_for_a_limit_change_runs_by_the_new_limit(database: Pool) -> None:
    """The same for running generations."""
    for before, after, admitted in ((2, 0, False), (0, 2, True)):
        async with database.acquire() as changer, database.acquire() as launcher, database.acquire() as watcher:
            tenant = await new_tenant(changer)
            await ledger.raise_running(changer, tenant.id, "live")
            await ledger.lower_running(changer, tenant.id, "live")
            await set_limit(changer, tenant, "concurrent_generations", before)
            change = changer.transaction()
            await change.start()
            await set_limit(changer, tenant, "concurrent_generations", after)
            waiting = asyncio.create_task(ledger.raise_running(launcher, tenant.id, "live"))
            await is_waiting(watcher, launcher)
            await change.commit()
            assert (await waiting is not None) == admitted


async def test_a_limit_that_moves_while_holds_fly_is_kept_at_every_commit(
    database: Pool, migrate_database_url: str
) -> None:
    """30 holds while the limit goes up and down: never above the highest, refusals only where one was full."""
    await never_above(migrate_database_url, 40)
    async with database.acquire() as connection:
        tenant = await new_tenant(connection)
        await set_limit(connection, tenant, "generation_units_per_month", 20)

    async def move(connection: Connection) -> None:
        for value in (40, 5, 30, 10, 40):
            await set_limit(connection, tenant, "generation_units_per_month", value)

    async def hold_and_settle(connection: Connection) -> Held:
        outcome = await tenant.hold(connection, 2)
        if isinstance(outcome, Granted):
            await tenant.settle(connection, outcome.hold_id, 1)
        elif isinstance(outcome, Refused):
            assert outcome.used + outcome.held + 2 > outcome.limit
        return outcome

    _, *outcomes = await at_once(database, move, *[hold_and_settle] * 30)
    async with database.acquire() as connection:
        assert await tenant.units(connection) == (sum(isinstance(o, Granted) for o in outcomes), 0)
        await assert_reconciled(connection)


async def test_the_artifact_s_cap_is_exact_from_ten_clients(database: Pool) -> None:
    """Ten regenerations of one artifact at once on a cap of 5: five are held, one that failed makes room for one."""
    async with database.acquire() as connection:
        tenant = await new_tenant(connection)

    def regenerate(connection: Connection) -> Awaitable[Held]:
        return tenant.hold(connection, meter=REGENERATIONS, lineage_id="art_1")

    outcomes = await at_once(database, *[regenerate] * 10)
    granted = [outcome for outcome in outcomes if isinstance(outcome, Granted)]
    assert len(granted) == 5
    assert {refused(outcome).scope for outcome in outcomes if outcome not in granted} == {"artifact"}
    async with database.acquire() as connection:
        await ledger.release(connection, granted[0].hold_id, request_id="req_1", now_ms=NOW_MS)
    assert sum(isinstance(outcome, Granted) for outcome in await at_once(database, *[regenerate] * 5)) == 1
    async with database.acquire() as connection:
        assert await tenant.units(connection, meter=REGENERATIONS) == (0, 5)
        await assert_reconciled(connection)


async def test_everything_at_once_never_deadlocks_and_always_adds_up(database: Pool) -> None:
    """Holds, ends, refunds, grants and limit changes of both envs in one storm of transactions."""
    async with database.acquire() as connection:
        live = await new_tenant(connection, plan="pro")
    test = Tenant(id=live.id, env="test")
    open_holds: list[tuple[Tenant, str]] = []

    async def storm(connection: Connection, seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(25):
            tenant = chance.choice([live, test])
            async with connection.transaction():
                step = chance.random()
                if step < 0.45:
                    kind: dict[str, Any] = (
                        {}
                        if chance.random() < 0.5
                        else {"meter": REGENERATIONS, "lineage_id": chance.choice(["art_1", "art_2"])}
                    )
                    outcome = await tenant.hold(connection, chance.randint(1, 3), **kind)
                    if not kind and isinstance(outcome, Granted):
                        await ledger.raise_running(connection, tenant.id, tenant.env)
                    if isinstance(outcome, Granted):
                        open_holds.append((tenant, outcome.hold_id))
                elif step < 0.75 and open_holds:
                    await tenant.settle(connection, chance.choice(open_holds)[1], chance.randint(0, 1))
                elif step < 0.85 and open_holds:
                    await tenant.refund(connection, chance.choice(open_holds)[1], 1)
                elif step < 0.92:
                    await set_limit(connection, live, "generation_units_per_month", chance.choice([None, 20, 200]))
                else:
                    await ledger.grant(
                        connection, center_id=tenant.id, env=tenant.env, meter=REGENERATIONS, period=MARCH, units=1,
                        reason="a storm", actor="cli:test", request_id=None, now_ms=NOW_MS,
                    )  # fmt: skip

    async with asyncio.timeout(60):
        await at_once(database, *(lambda c, seed=seed: storm(c, seed) for seed in range(8)))
    async with database.acquire() as connection:
        await assert_reconciled(connection)
