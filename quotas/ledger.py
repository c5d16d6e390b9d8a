"""The typed door to the ledger: every function is one statement, one decision of PostgreSQL, one round trip.

Nothing here opens or commits a transaction: what is held, settled or refunded stands or falls with the caller's.
Refusals are returned. Rule source: quotas, "Holds".
"""

from typing import Final

from msgspec import Struct

from quotas.model import (
    METERS,
    Change,
    Counters,
    Env,
    Granted,
    Held,
    Meter,
    MeterCount,
    Period,
    Refused,
    RunningCount,
)
from quotas.sql import Connection, Record, instant, milliseconds

__all__ = ["Granted", "HoldWish", "Refused"]

_HOLD: Final = "select * from quota_hold($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"


class HoldWish(Struct, frozen=True, kw_only=True):
    """What a hold is for: `owner_id` is the generation or regeneration, `subject_id` the course.

    `lineage_id`, with meter `regenerations`: the artifact that the artifact's own cap counts by.
    """

    center_id: str
    env: Env
    meter: Meter
    period: Period
    hold_id: str
    owner_id: str
    subject_id: str
    units: int
    lineage_id: str | None = None
    request_id: str
    actor: str


async def hold(connection: Connection, wish: HoldWish, now_ms: int) -> Held:
    """Hold `wish.units` in the stored period that covers `now_ms`, or else in `wish.period`, or refuse."""
    row = await connection.fetchrow(
        _HOLD,
        wish.center_id,
        wish.env,
        wish.meter,
        instant(wish.period.start_ms),
        instant(wish.period.end_ms),
        wish.hold_id,
        wish.owner_id,
        wish.subject_id,
        wish.units,
        wish.lineage_id,
        wish.request_id,
        wish.actor,
        instant(now_ms),
    )
    return _held(_the(row), wish)


async def settle(connection: Connection, hold_id: str, units: int, *, request_id: str, now_ms: int) -> Change:
    """Charge exactly `units` of the hold and free the rest; 0 releases it. Works once after an expiry too."""
    return await _step(connection, "select * from quota_settle($1, $2, $3, $4)", hold_id, units, request_id, now_ms)


async def release(connection: Connection, hold_id: str, *, request_id: str, now_ms: int) -> Change:
    """Free the whole hold: cancelled before work, or failed through our fault."""
    return await _step(connection, "select * from quota_release($1, $2, $3)", hold_id, request_id, now_ms)


async def expire(connection: Connection, hold_id: str, units: int = 0, *, request_id: str, now_ms: int) -> Change:
    """End a hold that is past its deadline by the database's clock: charge the `units` that were done, free the rest."""
    row = await connection.fetchrow(
        "select * from quota_expire($1, $2, $3, $4)", hold_id, request_id, instant(now_ms), units
    )
    return _change(_the(row))


async def refund(
    connection: Connection, hold_id: str, units: int, *, reason: str, actor: str, request_id: str, now_ms: int
) -> Change:
    """Give back `units` of what the hold was charged: once, and never more than that, else nothing changes."""
    row = await connection.fetchrow(
        "select * from quota_refund($1, $2, $3, $4, $5, $6)", hold_id, units, reason, actor, request_id, instant(now_ms)
    )
    return _change(_the(row))


async def grant(
    connection: Connection,
    *,
    center_id: str,
    env: Env,
    meter: Meter,
    period: Period,
    units: int,
    reason: str,
    actor: str,
    request_id: str | None,
    now_ms: int,
) -> Change:
    """Add `units` (1 or more) to what the center may use in the current period."""
    row = await connection.fetchrow(
        "select * from quota_grant($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        center_id,
        env,
        meter,
        instant(period.start_ms),
        instant(period.end_ms),
        units,
        reason,
        actor,
        request_id,
        instant(now_ms),
    )
    return _change(_the(row))


async def set_deadline(connection: Connection, hold_id: str, deadline_ms: int | None) -> Change:
    """Say when an open hold may be expired; None = never, while it is queued or paused."""
    deadline = None if deadline_ms is None else instant(deadline_ms)
    return _change(_the(await connection.fetchrow("select * from quota_set_deadline($1, $2)", hold_id, deadline)))


async def due_holds(connection: Connection, limit: int) -> list[str]:
    """Open holds past their deadline by the database's clock, the oldest deadline first: the sweeper's list."""
    rows = await connection.fetch(
        "select id from quota_hold where state = 'HELD' and deadline_at <= clock_timestamp()"
        " order by deadline_at limit $1",
        limit,
    )
    return [row["id"] for row in rows]


async def charged_holds(connection: Connection, owner_id: str) -> list[str]:
    """The holds of a generation or regeneration that were charged, the newest first."""
    rows = await connection.fetch(
        "select id from quota_hold where owner_id = $1 and settled_units > 0 order by created_at desc, id desc",
        owner_id,
    )
    return [row["id"] for row in rows]


async def raise_running(connection: Connection, center_id: str, env: Env) -> RunningCount | None:
    """Count one more running generation; None where as many run as may."""
    row = _the(await connection.fetchrow("select * from running_raise($1, $2)", center_id, env))
    return _running(row) if row["admitted"] else None


async def lower_running(connection: Connection, center_id: str, env: Env) -> RunningCount:
    """Count one running generation less: it ended or paused."""
    return _running(_the(await connection.fetchrow("select * from running_lower($1, $2)", center_id, env)))


async def counters(connection: Connection, center_id: str, env: Env, period: Period, now_ms: int) -> Counters | None:
    """Everything that is counted of a center and env now, used yet or not; None where there is no such center.

    `period` is what the caller computed: the stored one that covers `now_ms` is taken where there is one.
    """
    rows = await connection.fetch(
        "select * from quota_counts($1, $2, $3, $4, $5)",
        center_id,
        env,
        instant(period.start_ms),
        instant(period.end_ms),
        instant(now_ms),
    )
    if not rows:
        return None
    first = rows[0]
    by_meter = {row["meter"]: row for row in rows}
    return Counters(
        period=_period(first),
        meters=tuple(_count(by_meter[meter], meter) for meter in METERS),
        running=RunningCount(
            running=first["running"], limit=first["running_allowed"], version=first["running_version"]
        ),
        epoch=first["epoch"],
    )


async def epoch(connection: Connection) -> int:
    """The database's epoch; a higher one is made here, as by `counters`, when it turns out to have been restored."""
    value: int = await connection.fetchval("select database_epoch_refresh()")
    return value


async def last_stored_period(connection: Connection, center_id: str) -> Period | None:
    """The center's last period that was used: what `period_at` continues from."""
    row = await connection.fetchrow(
        "select start_at as period_start, end_at as period_end from quota_period"
        " where center_id = $1 order by start_at desc limit 1",
        center_id,
    )
    return None if row is None else _period(row)


async def _step(connection: Connection, statement: str, *arguments: str | int) -> Change:
    *facts, now_ms = arguments
    return _change(_the(await connection.fetchrow(statement, *facts, instant(int(now_ms)))))


def _the(row: Record | None) -> Record:
    assert row is not None  # ruff: ignore[assert] - a function with out parameters returns one row
    return row


def _held(row: Record, wish: HoldWish) -> Held:
    count = _count(row, wish.meter)
    period = _period(row)
    match row["outcome"]:
        case "held":
            return Granted(hold_id=wish.hold_id, period=period, count=count, alerts=tuple(row["alerts"]))
        case "lineage_cap":
            return Refused(
                scope="artifact",
                limit=row["lineage_cap"],
                used=row["lineage_used"],
                held=0,
                requested=wish.units,
                resets_at_ms=None,
                period=period,
                count=count,
            )
        case _:
            return Refused(
                scope="center",
                limit=row["allowed"],
                used=row["settled"],
                held=row["held"],
                requested=wish.units,
                resets_at_ms=period.end_ms,
                period=period,
                count=count,
            )


def _period(row: Record) -> Period:
    return Period(milliseconds(row["period_start"]), milliseconds(row["period_end"]))


def _count(row: Record, meter: Meter) -> MeterCount:
    return MeterCount(
        meter=meter,
        limit=row["allowed"],
        settled=row["settled"],
        held=row["held"],
        granted=row["granted"],
        version=row["version"],
    )


def _running(row: Record) -> RunningCount:
    return RunningCount(running=row["running"], limit=row["allowed"], version=row["version"])


def _change(row: Record) -> Change:
    known = row["center_id"] is not None
    return Change(
        changed=row["changed"],
        state=row["state"],
        units=row["units"] or 0,
        settled_units=row["settled_units"] or 0,
        refunded_units=row["refunded_units"] or 0,
        center_id=row["center_id"],
        env=row["env"],
        period=_period(row) if known else None,
        count=_count(row, row["meter"]) if known else None,
    )
