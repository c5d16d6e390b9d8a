"""What limits what: plans, overrides, grants, caps of artifacts, running generations, alerts."""

import itertools
from typing import Any

import asyncpg
import pytest

from quotas import ledger
from quotas.model import GENERATION, REGENERATIONS, Granted
from quotas.plan_store import store_plans
from quotas.plans import BUILT_IN
from tests.quotas.tenants import (
    APRIL,
    MARCH,
    NOW_MS,
    assert_reconciled,
    new_tenant,
    refused,
    set_limit,
)

Pool = Any


async def test_a_grant_adds_to_the_current_period_alone(database: Pool) -> None:
    """Granted units can be held; the next period starts without them."""
    async with database.acquire() as connection:
        tenant = await new_tenant(connection)
        await tenant.held(connection, 50)
        refused(await tenant.hold(connection))
        change = await ledger.grant(
            connection, center_id=tenant.id, env="live", meter=GENERATION, period=MARCH, units=5, reason="a fair",
            actor="cli:test", request_id=None, now_ms=NOW_MS,
        )  # fmt: skip
        assert change.count is not None
        assert (change.count.limit, change.count.granted) == (55, 5)
        await tenant.held(connection, 5)
        refused(await tenant.hold(connection))
        april = (await tenant.counters(connection, now_ms=APRIL.start_ms, period=APRIL)).meter(GENERATION)
        assert (april.limit, april.granted) == (50, 0)
        await assert_reconciled(connection)


async def test_live_and_test_count_apart_with_the_full_value_each(database: Pool) -> None:
    """What live uses leaves the test env its whole allowance; only running generations are at most 2 there."""
    async with database.acquire() as connection:
        live = await new_tenant(connection, plan="pro")
        test = type(live)(id=live.id, env="test")
        await live.held(connection, 500)
        await test.held(connection, 500)
        refused(await live.hold(connection))
        refused(await test.hold(connection))
        assert [bool(await ledger.raise_running(connection, live.id, "live")) for _ in range(9)] == [True] * 8 + [False]
        assert [bool(await ledger.raise_running(connection, live.id, "test")) for _ in range(3)] == [True, True, False]
        assert (await ledger.lower_running(connection, live.id, "test")).running == 1
        counters = await test.counters(connection)
        assert (counters.running.running, counters.running.limit) == (1, 2)
        assert (await live.counters(connection)).running.running == 8


async def test_running_is_never_lowered_below_zero(database: Pool) -> None:
    """A fault in a caller is an error, not a clamped count."""
    async with database.acquire() as connection:
        tenant = await new_tenant(connection)
        await ledger.raise_running(connection, tenant.id, "live")
        await ledger.lower_running(connection, tenant.id, "live")
        with pytest.raises(asyncpg.CheckViolationError):
            await ledger.lower_running(connection, tenant.id, "live")


async def test_an_artifact_has_a_cap_of_its_own_over_periods_and_copies(database: Pool) -> None:
    """The cap counts by lineage, is named first, is never reset, and a failed regeneration gives its unit back."""
    async with database.acquire() as connection:
        tenant = await new_tenant(connection)
        holds = []
        for now_ms, period in ((NOW_MS, MARCH), (NOW_MS, MARCH), (NOW_MS, MARCH), (APRIL.start_ms, APRIL), (APRIL.start_ms, APRIL)):  # fmt: skip
            outcome = await tenant.hold(
                connection, meter=REGENERATIONS, lineage_id="art_1", period=period, now_ms=now_ms
            )
            assert isinstance(outcome, Granted)
            holds.append(outcome.hold_id)
        no = refused(
            await tenant.hold(connection, meter=REGENERATIONS, lineage_id="art_1", period=APRIL, now_ms=APRIL.start_ms)
        )
        assert (no.scope, no.limit, no.used, no.resets_at_ms) == ("artifact", 5, 5, None)
        await tenant.settle(connection, holds[0], 1)
        await tenant.settle(connection, holds[1], 0)
        assert isinstance(
            await tenant.hold(connection, meter=REGENERATIONS, lineage_id="art_1", period=APRIL, now_ms=APRIL.start_ms),
            Granted,
        )
        assert isinstance(await tenant.hold(connection, meter=REGENERATIONS, lineage_id="art_2"), Granted)
        await assert_reconciled(connection)


async def test_the_center_s_cap_takes_nothing_from_the_artifact_s(database: Pool) -> None:
    """Both caps or neither: a refusal by the month leaves the artifact's count as it was; the artifact is named first."""
    async with database.acquire() as connection:
        tenant = await new_tenant(connection)
        await set_limit(connection, tenant, "regenerations_per_month", 1)
        assert isinstance(await tenant.hold(connection, meter=REGENERATIONS, lineage_id="art_1"), Granted)
        for _ in range(3):
            no = refused(await tenant.hold(connection, meter=REGENERATIONS, lineage_id="art_1"))
            assert (no.scope, no.limit, no.used, no.held) == ("center", 1, 0, 1)
            assert no.resets_at_ms == MARCH.end_ms
        await set_limit(connection, tenant, "regenerations_per_artifact", 1)
        assert refused(await tenant.hold(connection, meter=REGENERATIONS, lineage_id="art_1")).scope == "artifact"
        await assert_reconciled(connection)


async def test_each_threshold_alerts_once_a_period(database: Pool) -> None:
    """The hold that first reaches a percent is told so; freeing and holding again is not told again."""
    async with database.acquire() as connection:
        tenant = await new_tenant(connection)
        alerts = []
        for units in (39, 1, 5, 5):
            outcome = await tenant.hold(connection, units)
            assert isinstance(outcome, Granted)
            alerts.append(outcome.alerts)
        assert alerts == [(), (80,), (90,), (100,)]
        last = await connection.fetchval("select hold_id from quota_ledger order by id desc limit 1")
        await tenant.settle(connection, last, 0)
        again = await tenant.hold(connection, 5)
        assert isinstance(again, Granted)
        assert again.alerts == ()
        april = await tenant.hold(connection, 50, period=APRIL, now_ms=APRIL.start_ms)
        assert isinstance(april, Granted)
        assert april.alerts == (80, 90, 100)


async def test_an_unlimited_meter_refuses_and_alerts_nothing(database: Pool) -> None:
    """No limit, no percent."""
    async with database.acquire() as connection:
        tenant = await new_tenant(connection)
        await set_limit(connection, tenant, "generation_units_per_month", -1)
        outcome = await tenant.hold(connection, 1_000_000)
        assert isinstance(outcome, Granted)
        assert (outcome.alerts, outcome.count.limit) == ((), None)


async def test_a_changed_limit_works_at_once_and_never_under_an_old_version(database: Pool) -> None:
    """Override, back to the plan, another plan, a rewritten plan: each raises every version, used meter or not."""
    async with database.acquire() as connection:
        tenant = await new_tenant(connection)
        await tenant.held(connection, 1)
        seen = [await tenant.counters(connection)]
        for change in (
            "insert into center_limit (center_id, generation_units_per_month) values ($1, 7)",
            "update center_limit set generation_units_per_month = null where center_id = $1",
            "delete from center_limit where center_id = $1",
            "update center set plan_id = 'pro' where id = $1",
            "update plan set generation_units_per_month = 501 where id = (select plan_id from center where id = $1)",
        ):
            await connection.execute(change, tenant.id)
            seen.append(await tenant.counters(connection))
        assert [count.meter(GENERATION).limit for count in seen] == [50, 7, 50, 50, 500, 501]
        for before, after in itertools.pairwise(seen):
            assert after.running.version > before.running.version
            for meter in (GENERATION, REGENERATIONS):
                assert after.meter(meter).version > before.meter(meter).version
        assert isinstance(await tenant.hold(connection, 500), Granted)


async def test_plans_written_again_change_nothing(database: Pool) -> None:
    """A start with the same plans raises no version; a plan that nobody has and the file lacks goes."""
    async with database.acquire() as connection:
        tenant = await new_tenant(connection, plan="pro")
        before = await tenant.counters(connection)
        await store_plans(connection, BUILT_IN[1:])
        assert await tenant.counters(connection) == before
        assert [row["id"] for row in await connection.fetch("select id from plan order by id")] == ["partner", "pro"]
        await store_plans(connection, BUILT_IN[2:])
        assert await connection.fetchval("select count(*) from plan where id = 'pro'") == 1
