"""Reconcile finds whatever does not add up, names it, and sees one moment of a system under load."""

import asyncio
from typing import Any

import asyncpg
import pytest

from quotas import ledger
from quotas.model import REGENERATIONS, Granted
from quotas.reconcile import Difference, reconcile
from quotas.sql import instant
from tests.quotas.tenants import MARCH, NOW_MS, Tenant, new_tenant

Pool = Any


async def books(connection: Any) -> Tenant:
    """A center with an open hold, a settled one and a regeneration; everything adds up."""
    tenant = await new_tenant(connection)
    await tenant.held(connection, 3)
    await tenant.settle(connection, await tenant.held(connection, 5), 4)
    assert isinstance(await tenant.hold(connection, meter=REGENERATIONS, lineage_id="art_1"), Granted)
    assert (await reconcile(connection, with_work=False)).differences == ()
    return tenant


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("update quota_counter set settled = settled + 1 where meter = 'generation'", {"counter and ledger", "counter and holds"}),
        ("update quota_counter set granted = 5 where meter = 'regenerations'", {"counter and ledger"}),
        ("delete from quota_counter where meter = 'generation'", {"counter and ledger", "counter and holds"}),
        ("update quota_hold set units = 9 where state = 'HELD' and meter = 'generation'", {"counter and holds", "hold and ledger"}),
        ("delete from quota_hold where state = 'SETTLED'", {"counter and holds", "hold and ledger"}),
        ("update quota_hold set state = 'RELEASED' where lineage_id is not null",
         {"counter and holds", "hold and ledger", "artifact cap and holds"}),
        ("update quota_lineage set held = 0", {"artifact cap and holds"}),
        (("insert into quota_ledger (at, center_id, env, meter, period_start, kind, units, settled, hold_id)"
         " select at, center_id, env, meter, period_start, kind, units, settled, hold_id from quota_ledger where kind = 'settle'"),
         {"counter and ledger", "hold and ledger"}),
        ("insert into quota_period select center_id, start_at - interval '20 days', start_at + interval '1 day' from quota_period",
         {"periods that overlap"}),
    ],
)  # fmt: skip
async def test_a_planted_fault_is_found_and_named(database: Pool, fault: str, found: set[str]) -> None:
    """Each fault shows where it is, with both accounts of it."""
    async with database.acquire() as connection:
        tenant = await books(connection)
        await connection.execute(fault)
        differences = (await reconcile(connection, with_work=False)).differences
        assert {difference.what for difference in differences} == found
        assert {difference.center_id for difference in differences} == {tenant.id}
        assert all(difference.left != difference.right for difference in differences)


async def test_open_holds_and_running_counts_are_held_against_open_work(database: Pool) -> None:
    """A hold nobody works for, work without its hold and a count that is off are each found."""
    async with database.acquire() as connection:
        tenant = await new_tenant(connection)
        hold_id = await tenant.held(connection, 3)
        await ledger.raise_running(connection, tenant.id, "live")
        leaked = (await reconcile(connection)).differences
        assert {(difference.what, difference.of) for difference in leaked} == {
            ("open hold and work", hold_id), ("running and work", "generations"),
        }  # fmt: skip
        await connection.execute(
            "insert into course (center_id, env, id, status, created_at, updated_at) values ($1, 'live', 'crs_1', 'generating', $2, $2)",
            tenant.id,
            instant(NOW_MS),
        )
        await connection.execute(
            "insert into generation (center_id, env, id, course_id, status, hold_id, modules_total, units_held, request_id, created_at)"
            " values ($1, 'live', $2, 'crs_1', 'queued', $3, 3, 3, 'req_1', $4)",
            tenant.id,
            f"gen_of_{hold_id}",
            hold_id,
            instant(NOW_MS),
        )
        assert (await reconcile(connection)).differences == ()
        await connection.execute("update generation set status = 'paused'")
        assert [difference.what for difference in (await reconcile(connection)).differences] == ["running and work"]
        await tenant.settle(connection, hold_id, 0)
        await ledger.lower_running(connection, tenant.id, "live")
        [difference] = (await reconcile(connection)).differences
        assert difference == Difference(
            what="open hold and work", center_id=tenant.id, env="live", of=hold_id, left="no open hold",
            right=f"open work gen_of_{hold_id}",
        )  # fmt: skip


async def test_a_system_under_load_is_seen_at_one_moment(database: Pool) -> None:
    """While holds begin and end all the time, no account is ever ahead of another."""
    async with database.acquire() as connection:
        tenant = await new_tenant(connection)
    done = asyncio.Event()

    async def customer() -> None:
        async with database.acquire() as connection:
            while not done.is_set():
                await tenant.settle(connection, await tenant.held(connection, 2, period=MARCH), 0)

    customers = [asyncio.create_task(customer()) for _ in range(3)]
    try:
        async with database.acquire() as connection:
            for _ in range(30):
                assert (await reconcile(connection, with_work=False)).differences == ()
    finally:
        done.set()
        await asyncio.gather(*customers)


async def test_it_writes_nothing_and_counts_what_it_compared(database: Pool) -> None:
    """The comparison runs read-only, for a role that may do no more."""
    async with database.acquire() as connection:
        await books(connection)
        proof = await reconcile(connection, with_work=False)
        assert (proof.counters, proof.holds, proof.lines) == (2, 3, 4)
        with pytest.raises(asyncpg.InterfaceError):
            async with connection.transaction():
                await reconcile(connection)
