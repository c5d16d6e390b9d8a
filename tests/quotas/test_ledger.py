"""What a hold may become, one step at a time, on the real database."""

from typing import Any

import asyncpg
import pytest

from quotas import ledger
from quotas.model import Period
from tests.quotas.tenants import (
    APRIL,
    MARCH,
    NOW_MS,
    assert_reconciled,
    ms,
    new_tenant,
    refused,
)

Pool = Any


async def test_a_hold_that_fits_is_counted_and_one_that_does_not_changes_nothing(database: Pool) -> None:
    """Units are held up to the limit exactly; the refusal says what is used, held, asked for and when it resets."""
    async with database.acquire() as connection:
        tenant = await new_tenant(connection)
        await tenant.held(connection, 45)
        no = refused(await tenant.hold(connection, 6))
        assert (no.scope, no.limit, no.used, no.held, no.requested) == ("center", 50, 0, 45, 6)
        assert no.resets_at_ms == MARCH.end_ms
        await tenant.held(connection, 5)
        assert await tenant.units(connection) == (0, 50)
        assert await connection.fetchval("select count(*) from quota_ledger where center_id = $1", tenant.id) == 2
        await assert_reconciled(connection)


async def test_a_settlement_charges_what_was_done_and_frees_the_rest(database: Pool) -> None:
    """Settled at most once, whatever is asked later."""
    async with database.acquire() as connection:
        tenant = await new_tenant(connection)
        hold_id = await tenant.held(connection, 10)
        change = await tenant.settle(connection, hold_id, 7)
        assert (change.changed, change.state, change.settled_units) == (True, "SETTLED", 7)
        assert change.count is not None
        assert (change.count.limit, change.count.settled, change.count.held) == (50, 7, 0)
        for again in (
            await tenant.settle(connection, hold_id, 9),
            await tenant.settle(connection, hold_id, 0),
            await ledger.release(connection, hold_id, request_id="req_4", now_ms=NOW_MS),
        ):
            assert (again.changed, again.state, again.count) == (False, "SETTLED", change.count)
        await assert_reconciled(connection)


async def test_nothing_done_is_a_release(database: Pool) -> None:
    """A settlement of 0 units frees the hold and charges nothing."""
    async with database.acquire() as connection:
        tenant = await new_tenant(connection)
        change = await tenant.settle(connection, await tenant.held(connection, 10), 0)
        assert (change.changed, change.state) == (True, "RELEASED")
        assert await tenant.units(connection) == (0, 0)


async def test_more_than_was_held_is_never_settled(database: Pool) -> None:
    """The database refuses it; the hold stays as it was."""
    async with database.acquire() as connection:
        tenant = await new_tenant(connection)
        hold_id = await tenant.held(connection, 3)
        for units in (4, -1):
            with pytest.raises(asyncpg.CheckViolationError):
                await tenant.settle(connection, hold_id, units)
        assert await tenant.units(connection) == (0, 3)


async def test_a_hold_expires_only_past_its_deadline_and_may_settle_once_after(database: Pool) -> None:
    """No deadline or one to come: nothing happens. After the expiry the late settlement adds what was not charged yet."""
    async with database.acquire() as connection:
        tenant = await new_tenant(connection)
        hold_id = await tenant.held(connection, 10)
        future = "select * from quota_set_deadline($1, clock_timestamp() + interval '1 hour')"
        past = "select * from quota_set_deadline($1, clock_timestamp() - interval '1 second')"
        for prepare in (None, future):
            if prepare:
                await connection.execute(prepare, hold_id)
            assert not (await ledger.expire(connection, hold_id, request_id="req_5", now_ms=NOW_MS)).changed
        await connection.execute(past, hold_id)
        assert hold_id in await ledger.due_holds(connection, 1000)
        expired = await ledger.expire(connection, hold_id, 2, request_id="req_5", now_ms=NOW_MS)
        assert (expired.changed, expired.state) == (True, "EXPIRED")
        assert await tenant.units(connection) == (2, 0)
        assert not (await ledger.expire(connection, hold_id, 2, request_id="req_5", now_ms=NOW_MS)).changed
        assert hold_id not in await ledger.due_holds(connection, 1000)
        late = await tenant.settle(connection, hold_id, 9)
        assert (late.changed, late.state, late.settled_units) == (True, "SETTLED", 9)
        assert await tenant.units(connection) == (9, 0)
        assert not (await tenant.settle(connection, hold_id, 10)).changed
        await assert_reconciled(connection)


async def test_a_refund_is_given_once_and_never_above_what_was_settled(database: Pool) -> None:
    """One line in the ledger; more than was settled, nothing, less than one and a second one change nothing."""
    async with database.acquire() as connection:
        tenant = await new_tenant(connection)
        hold_id = await tenant.held(connection, 10)
        assert not (await tenant.refund(connection, hold_id, 1)).changed
        await tenant.settle(connection, hold_id, 6)
        for units in (7, 0, -1):
            assert not (await tenant.refund(connection, hold_id, units)).changed
        assert (await tenant.refund(connection, hold_id, 4)).changed
        again = await tenant.refund(connection, hold_id, 1)
        assert (again.changed, again.state, again.refunded_units) == (False, "REFUNDED", 4)
        assert await tenant.units(connection) == (2, 0)
        lines = await connection.fetch("select units, settled, reason, actor from quota_ledger where kind = 'refund'")
        assert [tuple(line) for line in lines] == [(4, -4, "said so", "cli:test")]
        await assert_reconciled(connection)


async def test_what_is_unknown_is_not_changed(database: Pool) -> None:
    """Every step of a hold that does not exist says so."""
    async with database.acquire() as connection:
        for change in (
            await ledger.settle(connection, "hold_no", 1, request_id="req_1", now_ms=NOW_MS),
            await ledger.release(connection, "hold_no", request_id="req_1", now_ms=NOW_MS),
            await ledger.expire(connection, "hold_no", request_id="req_1", now_ms=NOW_MS),
            await ledger.set_deadline(connection, "hold_no", NOW_MS),
        ):
            assert (change.changed, change.state, change.count) == (False, None, None)


async def test_a_hold_before_midnight_settles_and_refunds_in_its_own_month(database: Pool) -> None:
    """An operation belongs to the period in which it was held, whenever it ends."""
    async with database.acquire() as connection:
        tenant = await new_tenant(connection)
        hold_id = await tenant.held(connection, 10, now_ms=MARCH.end_ms - 100)
        after = MARCH.end_ms + 60_000
        await tenant.held(connection, 1, now_ms=after, period=APRIL)
        change = await tenant.settle(connection, hold_id, 8, now_ms=after)
        assert change.period == MARCH
        assert (await tenant.refund(connection, hold_id, 3, now_ms=after)).period == MARCH
        assert await tenant.units(connection, now_ms=NOW_MS, period=MARCH) == (5, 0)
        assert await tenant.units(connection, now_ms=after, period=APRIL) == (0, 1)
        await assert_reconciled(connection)


async def test_a_period_is_stored_once_and_cut_where_its_neighbours_begin(database: Pool) -> None:
    """Later callers get the stored bounds, whatever they computed; new ones fill the space that is left."""
    async with database.acquire() as connection:
        tenant = await new_tenant(connection)
        await tenant.held(connection)
        other = await tenant.hold(connection, period=Period(ms(2026, 3, 10), ms(2026, 4, 10)))
        assert other.period == MARCH
        late = await tenant.hold(connection, period=Period(ms(2026, 3, 20), ms(2026, 4, 20)), now_ms=ms(2026, 4, 5))
        assert late.period == Period(MARCH.end_ms, ms(2026, 4, 20))
        early = await tenant.hold(connection, period=Period(ms(2026, 2, 5), ms(2026, 3, 5)), now_ms=ms(2026, 2, 7))
        assert early.period == Period(ms(2026, 2, 5), MARCH.start_ms)
        with pytest.raises(asyncpg.InvalidParameterValueError):
            await tenant.hold(connection, period=MARCH, now_ms=ms(2027, 1, 1))
        assert await ledger.last_stored_period(connection, tenant.id) == late.period
        await assert_reconciled(connection)


async def test_the_ledger_is_only_ever_added_to(database: Pool, migrate_database_url: str) -> None:
    """Neither the runtime role nor the owner changes a line, with triggers off for replication or not."""
    async with database.acquire() as connection:
        await (await new_tenant(connection)).held(connection)
        for statement in ("update quota_ledger set units = 1", "delete from quota_ledger", "truncate quota_ledger"):
            with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.RestrictViolationError)):
                await connection.execute(statement)
    owner = await asyncpg.connect(migrate_database_url)
    try:
        for statement in ("update quota_ledger set units = 1", "delete from quota_ledger", "truncate quota_ledger"):
            with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
                await owner.execute(statement)
        enabled = await owner.fetchval(
            "select tgenabled from pg_trigger where tgrelid = 'quota_ledger'::regclass and not tgisinternal"
        )
        assert enabled == b"A"
    finally:
        await owner.close()


async def test_the_epoch_stays_until_the_database_is_another(database: Pool) -> None:
    """Asked twice it is the same; in another life (as after a restore) it is higher, once."""
    async with database.acquire() as connection:
        first = await ledger.epoch(connection)
        assert await ledger.epoch(connection) == first
        await connection.execute("update database_epoch set life = 'of the backup'")
        second = await ledger.epoch(connection)
        assert second > first
        assert await ledger.epoch(connection) == second
        tenant = await new_tenant(connection)
        assert (await tenant.counters(connection)).epoch == second
        await connection.execute("update database_epoch set life = 'of another backup'")
        async with connection.transaction(readonly=True):
            assert (await tenant.counters(connection)).epoch == second
        noticed = [(await tenant.counters(connection)).epoch for _ in range(2)]
        assert noticed == [max(noticed)] * 2
        assert noticed[0] > second


async def test_no_center_has_no_counters(database: Pool) -> None:
    """An unknown center is None, not zero."""
    async with database.acquire() as connection:
        assert await ledger.counters(connection, "ctr_none", "live", MARCH, NOW_MS) is None
        assert await ledger.last_stored_period(connection, "ctr_none") is None
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await connection.execute("select * from running_raise('ctr_none', 'live')")


async def test_a_rolled_back_hold_leaves_nothing(database: Pool) -> None:
    """No counter, no line, no hold, no period."""
    async with database.acquire() as connection:
        tenant = await new_tenant(connection)
        transaction = connection.transaction()
        await transaction.start()
        await tenant.held(connection, 5)
        await transaction.rollback()
        assert await tenant.units(connection) == (0, 0)
        for table in ("quota_period", "quota_counter", "quota_hold", "quota_ledger"):
            assert await connection.fetchval(f"select count(*) from {table} where center_id = $1", tenant.id) == 0
