"""The SQL of assessments. Every statement finds one by (center, env, id): a foreign one is not there."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from msgspec import Struct

from gateway.stores import Connection


class Draft(Struct, frozen=True, kw_only=True):
    """What an author decides: the columns of a working copy. `items` and `settings` are JSON."""

    course_id: str | None
    title: str
    description: str
    items: bytes
    settings: bytes
    points_cents: int


class Filters(Struct, frozen=True, kw_only=True):
    """What a list may be narrowed by; every one given must fit."""

    status: str | None = None
    course_id: str | None = None


_WORKING_COPY = """
select a.id, a.course_id, a.status, a.published_version, a.created_at, a.updated_at, a.published_at, a.archived_at,
       a.version, a.title, a.description, a.settings, a.points_cents {items}
  from assessment a"""

_FOR_READERS = """
select a.id, a.course_id, a.status, a.published_version, a.created_at, a.updated_at, a.published_at, a.archived_at,
       coalesce(v.version, a.version) as version, coalesce(v.title, a.title) as title,
       coalesce(v.description, a.description) as description, coalesce(v.settings, a.settings) as settings,
       coalesce(v.points_cents, a.points_cents) as points_cents {items}
  from assessment a
  left join assessment_version v on v.center_id = a.center_id and v.env = a.env and v.assessment_id = a.id
                                and v.version = a.published_version"""

_ONE = " where a.center_id = $1 and a.env = $2 and a.id = $3"


async def find(
    connection: Connection, center_id: str, env: str, assessment_id: str, *, published: bool = False
) -> asyncpg.Record | None:
    """Return the working copy; or, if `published`, the published version as soon as there is one."""
    if published:
        query = _FOR_READERS.format(items=", coalesce(v.items, a.items) as items")
    else:
        query = _WORKING_COPY.format(items=", a.items")
    return await connection.fetchrow(query + _ONE, center_id, env, assessment_id)


async def lock(connection: Connection, center_id: str, env: str, assessment_id: str) -> asyncpg.Record | None:
    """Return the working copy, its row locked until the transaction ends."""
    query = _WORKING_COPY.format(items=", a.items") + _ONE + " for update"
    return await connection.fetchrow(query, center_id, env, assessment_id)


async def newest(
    connection: Connection,
    center_id: str,
    env: str,
    filters: Filters,
    *,
    published: bool,
    before: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[asyncpg.Record]:
    """Return at most `limit` assessments without items, newest first, from behind the one `before` names."""
    at, assessment_id = before or (None, None)
    query = (_FOR_READERS if published else _WORKING_COPY).format(items="")
    return await connection.fetch(
        f"""{query}
            where a.center_id = $1 and a.env = $2
              and ($3::text is null or a.status = $3) and ($4::text is null or a.course_id = $4)
              and ($5::timestamptz is null or (a.created_at, a.id) < ($5, $6))
            order by a.created_at desc, a.id desc limit $7""",
        center_id,
        env,
        filters.status,
        filters.course_id,
        at,
        assessment_id,
        limit,
    )


async def course_exists(connection: Connection, center_id: str, env: str, course_id: str) -> bool:
    """Whether the course is there."""
    query = "select 1 from course where center_id = $1 and env = $2 and id = $3"
    return await connection.fetchval(query, center_id, env, course_id) is not None


async def insert(
    connection: Connection, center_id: str, env: str, assessment_id: str, draft: Draft, now: datetime
) -> None:
    """Add an assessment."""
    await connection.execute(
        """insert into assessment (center_id, env, id, course_id, title, description, items, settings, points_cents,
                                   created_at, updated_at)
           values ($1, $2::text, $3, $4, $5, $6, $7, $8, $9, $10, $10)""",
        center_id,
        env,
        assessment_id,
        draft.course_id,
        draft.title,
        draft.description,
        draft.items,
        draft.settings,
        draft.points_cents,
        now,
    )


async def update(
    connection: Connection, center_id: str, env: str, assessment_id: str, draft: Draft, *, version: int, now: datetime
) -> None:
    """Write the working copy."""
    await connection.execute(
        """update assessment
              set course_id = $4, title = $5, description = $6, items = $7, settings = $8, points_cents = $9,
                  version = $10, updated_at = $11
            where center_id = $1 and env = $2 and id = $3""",
        center_id,
        env,
        assessment_id,
        draft.course_id,
        draft.title,
        draft.description,
        draft.items,
        draft.settings,
        draft.points_cents,
        version,
        now,
    )


async def lock_quiz(connection: Connection, center_id: str, env: str, assessment_id: str) -> None:
    """Hold the artifact whose quiz the assessment is: a worker that makes the quiz again locks it before the assessment."""
    query = "select 1 from artifact where center_id = $1 and env = $2 and assessment_id = $3 for no key update"
    await connection.execute(query, center_id, env, assessment_id)


async def delete(connection: Connection, center_id: str, env: str, assessment_id: str) -> bool:
    """Remove the assessment with its versions; False where submissions stand on them."""
    try:
        async with connection.transaction():
            await connection.execute(
                "delete from assessment where center_id = $1 and env = $2 and id = $3", center_id, env, assessment_id
            )
    except asyncpg.ForeignKeyViolationError:
        return False
    return True
