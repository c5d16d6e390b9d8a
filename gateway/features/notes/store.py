"""The SQL of notes and of the regenerations they ask for."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from gateway.stores import Connection

_NOTE = """
    select n.id, n.artifact_id, n.text, n.author, n.created_at,
           r.id as regeneration_id, r.status as regeneration_status, r.failure
      from note n
      left join regeneration r on r.center_id = n.center_id and r.env = n.env and r.note_id = n.id
     where n.center_id = $1 and n.env = $2
"""


async def lock_artifact(connection: Connection, center_id: str, env: str, artifact_id: str) -> str | None:
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


async def insert(
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


async def find(connection: Connection, center_id: str, env: str, note_id: str) -> asyncpg.Record | None:
    """Return a note with its regeneration."""
    return await connection.fetchrow(f"{_NOTE} and n.id = $3", center_id, env, note_id)


async def newest(
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
