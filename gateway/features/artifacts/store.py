"""The SQL of outlines, artifacts and notes. No statement here names the table that holds quiz items."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from gateway.stores import Connection

_ORDER = "array_position(array['slides', 'notes', 'narration', 'quiz'], a.kind)"

_ARTIFACT = f"""
    select a.id, a.course_id, a.module_index, a.kind, a.version, a.status, a.lineage_id, a.created_at, a.updated_at,
           v.media_type, v.bytes, v.remark, {_ORDER} as kind_order,
           coalesce(u.settled + u.held, 0) as regenerations_used, l.regenerations_per_artifact as regenerations_cap
      from artifact a
      join artifact_version v on v.center_id = a.center_id and v.env = a.env and v.artifact_id = a.id
           and v.version = a.version
      join effective_limit l on l.center_id = a.center_id
      left join quota_lineage u on u.center_id = a.center_id and u.env = a.env and u.lineage_id = a.lineage_id
     where a.center_id = $1 and a.env = $2
"""  # ruff: ignore[hardcoded-sql-expression] - constants

_NOTE = """
    select n.id, n.artifact_id, n.text, n.author, n.created_at,
           r.id as regeneration_id, r.status as regeneration_status, r.failure
      from note n
      left join regeneration r on r.center_id = n.center_id and r.env = n.env and r.note_id = n.id
     where n.center_id = $1 and n.env = $2
"""


async def outline(connection: Connection, center_id: str, env: str, course_id: str) -> asyncpg.Record | None:
    """Return a course's outline."""
    query = "select version, body, created_at from outline where center_id = $1 and env = $2 and course_id = $3"
    return await connection.fetchrow(query, center_id, env, course_id)


async def in_order(
    connection: Connection,
    center_id: str,
    env: str,
    course_id: str,
    *,
    module_index: int | None,
    kind: str | None,
    behind: tuple[int, int] | None,
    limit: int,
) -> Sequence[asyncpg.Record]:
    """Return at most `limit` of a course's artifacts, module by module, from behind (module, place of the kind)."""
    module, place = behind or (None, None)
    return await connection.fetch(
        f"""{_ARTIFACT} and a.course_id = $3
              and ($4::integer is null or a.module_index = $4) and ($5::text is null or a.kind = $5)
              and ($6::integer is null or (a.module_index, {_ORDER}) > ($6, $7))
            order by a.module_index, kind_order limit $8""",
        center_id,
        env,
        course_id,
        module_index,
        kind,
        module,
        place,
        limit,
    )


async def find(connection: Connection, center_id: str, env: str, artifact_id: str) -> asyncpg.Record | None:
    """Return an artifact without its content."""
    return await connection.fetchrow(f"{_ARTIFACT} and a.id = $3", center_id, env, artifact_id)


async def content(connection: Connection, center_id: str, env: str, artifact_id: str, version: int) -> str | None:
    """Return a version's content; None for a quiz."""
    query = """select content from artifact_version
                where center_id = $1 and env = $2 and artifact_id = $3 and version = $4"""
    found: str | None = await connection.fetchval(query, center_id, env, artifact_id, version)
    return found


async def versions(
    connection: Connection, center_id: str, env: str, artifact_id: str, *, below: int | None, limit: int
) -> Sequence[asyncpg.Record]:
    """Return at most `limit` versions of an artifact, newest first, without their content."""
    return await connection.fetch(
        """select artifact_id, version, media_type, bytes, remark, note_id, created_at from artifact_version
            where center_id = $1 and env = $2 and artifact_id = $3 and ($4::integer is null or version < $4)
            order by version desc limit $5""",
        center_id,
        env,
        artifact_id,
        below,
        limit,
    )


async def lock(connection: Connection, center_id: str, env: str, artifact_id: str) -> str | None:
    """Lock an artifact behind its course, which can't be deleted meanwhile; returns the course's status."""
    status: str | None = await connection.fetchval(
        """select c.status from course c
            where c.center_id = $1 and c.env = $2
              and c.id = (select a.course_id from artifact a where a.center_id = $1 and a.env = $2 and a.id = $3)
              for share""",
        center_id,
        env,
        artifact_id,
    )
    query = "select id from artifact where center_id = $1 and env = $2 and id = $3 for no key update"
    locked = await connection.fetchval(query, center_id, env, artifact_id)
    return None if locked is None else status


async def insert_note(
    connection: Connection,
    center_id: str,
    env: str,
    note_id: str,
    artifact_id: str,
    *,
    text: str,
    author: str,
    now: datetime,
) -> None:
    """Keep a note."""
    await connection.execute(
        """insert into note (center_id, env, id, artifact_id, text, author, created_at)
           values ($1, $2, $3, $4, $5, $6, $7)""",
        center_id,
        env,
        note_id,
        artifact_id,
        text,
        author,
        now,
    )


async def queue_regeneration(
    connection: Connection,
    center_id: str,
    env: str,
    regeneration_id: str,
    *,
    note_id: str,
    artifact_id: str,
    hold_id: str,
    request_id: str,
    now: datetime,
) -> None:
    """Queue what the note asks for; its unit is held already."""
    await connection.execute(
        """insert into regeneration (center_id, env, id, note_id, artifact_id, status, hold_id, request_id, created_at)
           values ($1, $2, $3, $4, $5, 'queued', $6, $7, $8)""",
        center_id,
        env,
        regeneration_id,
        note_id,
        artifact_id,
        hold_id,
        request_id,
        now,
    )
    await connection.execute(
        "update artifact set status = 'regenerating', updated_at = $4 where center_id = $1 and env = $2 and id = $3",
        center_id,
        env,
        artifact_id,
        now,
    )


async def note(connection: Connection, center_id: str, env: str, note_id: str) -> asyncpg.Record | None:
    """Return a note with its regeneration."""
    return await connection.fetchrow(f"{_NOTE} and n.id = $3", center_id, env, note_id)


async def newest_notes(
    connection: Connection,
    center_id: str,
    env: str,
    artifact_id: str,
    *,
    before: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[asyncpg.Record]:
    """Return at most `limit` notes on an artifact, newest first."""
    at, note_id = before or (None, None)
    return await connection.fetch(
        f"""{_NOTE} and n.artifact_id = $3 and ($4::timestamptz is null or (n.created_at, n.id) < ($4, $5))
            order by n.created_at desc, n.id desc limit $6""",
        center_id,
        env,
        artifact_id,
        at,
        note_id,
        limit,
    )
