"""Shows in Redis what a commit of the worker changed: the hold's quota in its own period, and the running count."""

from typing import Final

import asyncpg

from gateway.clock import as_ms
from gateway.log import log
from gateway.stores import Overloaded, SqlStore, StoreDown
from gateway.work.bench import Publisher
from quotas.mirror import Mirror
from quotas.model import Period
from quotas.periods import label

_STATE: Final = """
    select s.meter, s.period_start, s.period_end, s.allowed, s.settled, s.held, s.version,
           r.running, r.allowed as running_allowed, r.version as running_version, e.epoch
      from quota_hold h
      join quota_state s on s.center_id = h.center_id and s.env = h.env and s.meter = h.meter
           and s.period_start = h.period_start
      cross join database_epoch e
      left join running_state r on r.center_id = h.center_id and r.env = h.env
     where h.id = $1
"""


def publisher(sql: SqlStore, mirror: Mirror) -> Publisher:
    """Return what publishes a hold's counters; a publish that fails leaves a stale entry, which is a miss after 5 s."""

    async def publish(center_id: str, env: str, hold_id: str) -> None:
        try:
            async with sql.session() as connection:
                row = await connection.fetchrow(_STATE, hold_id)
        except (StoreDown, Overloaded, asyncpg.PostgresError) as error:
            log.warning("quota.publish_failed", center_id=center_id, env=env, error_type=type(error).__name__)
            return
        if row is not None:
            await _show(mirror, center_id, env, row)

    return publish


async def _show(mirror: Mirror, center_id: str, env: str, row: asyncpg.Record) -> None:
    await mirror.publish(
        env,
        center_id,
        row["meter"],
        label(Period(as_ms(row["period_start"]), as_ms(row["period_end"]))),
        limit=row["allowed"],
        settled=row["settled"],
        held=row["held"],
        version=row["version"],
        epoch=row["epoch"],
    )
    if row["running"] is not None:
        await mirror.publish_running(
            env,
            center_id,
            limit=row["running_allowed"],
            running=row["running"],
            version=row["running_version"],
            epoch=row["epoch"],
        )
