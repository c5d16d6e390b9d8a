"""The SQL of centers. A partner finds the centers it provisioned and no other; the command line finds all."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from gateway.stores import Connection, Record

_WITH_LIMITS: Final = """
    select c.*, to_jsonb(l) as limits, to_jsonb(o) as overrides
      from center c
      join effective_limit l on l.center_id = c.id
      left join center_limit o on o.center_id = c.id
"""


async def find(connection: Connection, partner_id: str | None, center_id: str) -> Record | None:
    """Return the center with its limits and overrides, as JSON."""
    query = f"{_WITH_LIMITS} where c.id = $1 and ($2::text is null or c.partner_id = $2)"
    return await connection.fetchrow(query, center_id, partner_id)


async def find_by_subdomain(connection: Connection, subdomain: str) -> Record | None:
    """Return the center that has this subdomain."""
    return await connection.fetchrow(f"{_WITH_LIMITS} where c.subdomain = $1", subdomain)


async def newest(
    connection: Connection, partner_id: str | None, *, before: tuple[datetime, str] | None, limit: int
) -> Sequence[Record]:
    """Return at most `limit` centers, newest first, from behind the center `before` names."""
    at, center_id = before or (None, None)
    return await connection.fetch(
        f"""{_WITH_LIMITS}
             where ($1::text is null or c.partner_id = $1)
               and ($2::timestamptz is null or (c.created_at, c.id) < ($2, $3))
             order by c.created_at desc, c.id desc limit $4""",
        partner_id,
        at,
        center_id,
        limit,
    )


async def plan_ids(connection: Connection) -> list[str]:
    """Name the plans that a center may be on."""
    return [row["id"] for row in await connection.fetch("select id from plan order by id")]


async def update(
    connection: Connection,
    center_id: str,
    *,
    plan_id: str,
    time_zone: str,
    period_anchor_day: int | None,
    now: datetime,
) -> None:
    """Write what a partner may edit. Another plan raises the versions of the center's counters (a trigger)."""
    await connection.execute(
        "update center set plan_id = $2, time_zone = $3, period_anchor_day = $4, updated_at = $5 where id = $1",
        center_id,
        plan_id,
        time_zone,
        period_anchor_day,
        now,
    )


async def lock(connection: Connection, partner_id: str | None, center_id: str) -> bool:
    """Hold the center's row still until the transaction ends; False where there is none."""
    query = """select 1 from center where id = $1 and ($2::text is null or partner_id = $2) for no key update"""
    return await connection.fetchval(query, center_id, partner_id) is not None


async def set_overrides(connection: Connection, center_id: str, overrides: Mapping[str, object]) -> None:
    """Write all overrides: None = the plan's value, -1 = unlimited. Raises the versions of the counters (a trigger)."""
    await connection.execute(
        """insert into center_limit (center_id, requests_per_minute, generation_units_per_month, regenerations_per_month,
                                     regenerations_per_artifact, concurrent_generations, checks_per_question, alert_percents)
           values ($1, $2, $3, $4, $5, $6, $7, $8)
           on conflict (center_id) do update
              set requests_per_minute = excluded.requests_per_minute,
                  generation_units_per_month = excluded.generation_units_per_month,
                  regenerations_per_month = excluded.regenerations_per_month,
                  regenerations_per_artifact = excluded.regenerations_per_artifact,
                  concurrent_generations = excluded.concurrent_generations,
                  checks_per_question = excluded.checks_per_question,
                  alert_percents = excluded.alert_percents""",
        center_id,
        overrides["requests_per_minute"],
        overrides["generation_units_per_month"],
        overrides["regenerations_per_month"],
        overrides["regenerations_per_artifact"],
        overrides["concurrent_generations"],
        overrides["checks_per_question"],
        overrides["alert_percents"],
    )


async def set_status(connection: Connection, center_id: str, status: str, now: datetime) -> None:
    """Write the center's state; `suspended_at` is there exactly while it is suspended, `ended_at` once it has ended."""
    await connection.execute(
        """update center
              set status = $2, updated_at = $3, suspended_at = case $2::text when 'suspended' then $3::timestamptz end,
                  ended_at = case $2::text when 'ended' then $3::timestamptz end
            where id = $1""",
        center_id,
        status,
        now,
    )
