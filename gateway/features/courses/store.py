"""The SQL of courses. Every statement finds a course by (center, env, id): a foreign one is not there."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec
from msgspec import Struct

from gateway.generation.model import Brief
from gateway.stores import Connection
from gateway.work.failures import ABANDONED


class Filters(Struct, frozen=True, kw_only=True):
    """What a list of courses may be narrowed by; every one given must fit."""

    external_ref: str | None = None
    status: str | None = None
    preset_id: str | None = None
    launch_key: str | None = None


_WITH_GENERATION = """
    select c.*, g.id as generation_id, g.status as generation_status, g.attempt, g.cancel_requested, g.phase,
           g.modules_done, g.modules_total, g.units_held, g.units_settled, g.units_released, g.failure,
           g.created_at as generation_created_at, g.started_at as generation_started_at,
           g.finished_at as generation_finished_at
      from course c
      left join lateral (
           select * from generation g
            where g.center_id = c.center_id and g.env = c.env and g.course_id = c.id
            order by g.attempt desc limit 1) g on true
     where c.center_id = $1 and c.env = $2
"""


async def find(connection: Connection, center_id: str, env: str, course_id: str) -> asyncpg.Record | None:
    """Return the course with its latest generation."""
    return await connection.fetchrow(f"{_WITH_GENERATION} and c.id = $3", center_id, env, course_id)


async def lock(connection: Connection, center_id: str, env: str, course_id: str) -> bool:
    """Lock the course's row until the transaction ends; False where there is none."""
    query = "select 1 from course where center_id = $1 and env = $2 and id = $3 for update"
    return await connection.fetchval(query, center_id, env, course_id) is not None


async def newest(
    connection: Connection,
    center_id: str,
    env: str,
    filters: Filters,
    *,
    before: tuple[datetime, str] | None = None,
    limit: int,
) -> Sequence[asyncpg.Record]:
    """Return at most `limit` courses, newest first, from behind the course `before` names."""
    at, course_id = before or (None, None)
    query = f"""{_WITH_GENERATION}
        and ($3::text is null or c.external_ref = $3)
        and ($4::text is null or c.status = $4)
        and ($5::text is null or c.preset_id = $5)
        and ($6::text is null or c.id in (
            select course_id from generation where center_id = $1 and env = $2 and launch_key = $6))
        and ($7::timestamptz is null or (c.created_at, c.id) < ($7, $8))
        order by c.created_at desc, c.id desc limit $9"""  # ruff: ignore[hardcoded-sql-expression] - a constant
    return await connection.fetch(
        query,
        center_id,
        env,
        filters.external_ref,
        filters.status,
        filters.preset_id,
        filters.launch_key,
        at,
        course_id,
        limit,
    )


async def insert(
    connection: Connection,
    center_id: str,
    env: str,
    course_id: str,
    *,
    title: str | None,
    external_ref: str | None,
    preset_id: str | None,
    brief: Brief | None,
    status: str,
    now: datetime,
) -> None:
    """Add a course."""
    await connection.execute(
        """insert into course (center_id, env, id, title, status, external_ref, preset_id, brief, created_at, updated_at)
           values ($1, $2::text, $3, $4, $5::text, $6, $7, $8, $9, $9)""",  # a domain as parameter costs a look-up
        center_id,
        env,
        course_id,
        title,
        status,
        external_ref,
        preset_id,
        None if brief is None else msgspec.json.encode(brief).decode(),
        now,
    )


async def update(
    connection: Connection,
    center_id: str,
    env: str,
    course_id: str,
    *,
    title: str | None,
    external_ref: str | None,
    brief: Brief | None,
    status: str,
    now: datetime,
) -> None:
    """Write what a caller may edit; the version rises, so that a launch under way reads again."""
    await connection.execute(
        """update course
              set title = $4, external_ref = $5, brief = $6, status = $7::text, updated_at = $8, version = version + 1
            where center_id = $1 and env = $2 and id = $3""",
        center_id,
        env,
        course_id,
        title,
        external_ref,
        None if brief is None else msgspec.json.encode(brief).decode(),
        status,
        now,
    )


async def touch(connection: Connection, center_id: str, env: str, course_id: str, now: datetime) -> None:
    """Note that something the course is made of changed."""
    query = "update course set updated_at = $4, version = version + 1 where center_id = $1 and env = $2 and id = $3"
    await connection.execute(query, center_id, env, course_id, now)


async def assessments_of(connection: Connection, center_id: str, env: str, course_id: str) -> Sequence[str]:
    """Return the ids of the course's assessments; whoever holds the course's row keeps others from joining them."""
    query = "select id from assessment where center_id = $1 and env = $2 and course_id = $3 order by id"
    return [row["id"] for row in await connection.fetch(query, center_id, env, course_id)]


async def delete(
    connection: Connection, center_id: str, env: str, course_id: str, now: datetime
) -> Sequence[asyncpg.Record]:
    """Remove the course and all made of it; the ledger, which knows it by name alone, stays.

    Returns the regenerations that still waited, by `id`, `artifact_id` and `hold_id`: their units are free again.
    """
    abandoned = msgspec.json.encode(ABANDONED).decode()
    query = "select * from regenerations_abandon($1, $2, $3, $4::text::jsonb, $5)"
    ended = await connection.fetch(query, center_id, env, course_id, abandoned, now)
    await connection.execute(
        "delete from course where center_id = $1 and env = $2 and id = $3", center_id, env, course_id
    )
    return ended


async def preset_brief(connection: Connection, center_id: str, env: str, preset_id: str) -> str | None:
    """Return the preset's partial brief as JSON; None where there is no such preset."""
    query = "select brief from preset where center_id = $1 and env = $2 and id = $3"
    found: str | None = await connection.fetchval(query, center_id, env, preset_id)
    return found
