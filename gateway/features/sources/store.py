"""The SQL of sources. `content` is read by the worker alone."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from gateway.stores import Connection

_SHOWN = "id, course_id, name, media_type, bytes, sha256, created_at"


async def insert(
    connection: Connection,
    center_id: str,
    env: str,
    course_id: str,
    source_id: str,
    *,
    name: str,
    media_type: str,
    size: int,
    sha256: str,
    content: str,
    now: datetime,
) -> asyncpg.Record:
    """Add a source; `size` in UTF-8 bytes, `sha256` in hex."""
    row = await connection.fetchrow(
        f"""insert into source (center_id, env, course_id, id, name, media_type, bytes, sha256, content, created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning {_SHOWN}""",  # ruff: ignore[hardcoded-sql-expression] - a constant
        center_id,
        env,
        course_id,
        source_id,
        name,
        media_type,
        size,
        sha256,
        content,
        now,
    )
    assert row is not None  # ruff: ignore[assert] - an insert that returns, returns its row
    return row


async def find(
    connection: Connection, center_id: str, env: str, course_id: str, source_id: str
) -> asyncpg.Record | None:
    """Return one source, without its content."""
    query = f"select {_SHOWN} from source where center_id = $1 and env = $2 and course_id = $3 and id = $4"  # ruff: ignore[hardcoded-sql-expression] - a constant
    return await connection.fetchrow(query, center_id, env, course_id, source_id)


async def newest(
    connection: Connection, center_id: str, env: str, course_id: str, *, before: tuple[datetime, str] | None, limit: int
) -> Sequence[asyncpg.Record]:
    """Return at most `limit` sources, newest first."""
    at, source_id = before or (None, None)
    return await connection.fetch(
        f"""select {_SHOWN} from source
             where center_id = $1 and env = $2 and course_id = $3
               and ($4::timestamptz is null or (created_at, id) < ($4, $5))
             order by created_at desc, id desc limit $6""",  # ruff: ignore[hardcoded-sql-expression] - a constant
        center_id,
        env,
        course_id,
        at,
        source_id,
        limit,
    )


async def delete(connection: Connection, center_id: str, env: str, course_id: str, source_id: str) -> bool:
    """Remove a source; False where there was none."""
    query = "delete from source where center_id = $1 and env = $2 and course_id = $3 and id = $4"
    return await connection.execute(query, center_id, env, course_id, source_id) == "DELETE 1"


async def count_and_bytes(connection: Connection, center_id: str, env: str, course_id: str) -> tuple[int, int]:
    """Count the course's sources and sum their bytes."""
    row = await connection.fetchrow(
        """select count(*) as count, coalesce(sum(bytes), 0)::bigint as bytes from source
            where center_id = $1 and env = $2 and course_id = $3""",
        center_id,
        env,
        course_id,
    )
    assert row is not None  # ruff: ignore[assert] - an aggregate returns one row
    return row["count"], row["bytes"]


async def ceiling_and_bytes(connection: Connection, center_id: str, env: str) -> tuple[int, int]:
    """Return how many bytes of sources the center's plan allows an env, and how many the env's sources have, held until
    the transaction ends.
    """
    await connection.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"sources:{center_id}:{env}")
    row = await connection.fetchrow(
        """select e.source_bytes_max as ceiling,
                  (select coalesce(sum(s.bytes), 0)::bigint
                     from source s where s.center_id = $1 and s.env = $2) as bytes
             from effective_limit e
            where e.center_id = $1""",
        center_id,
        env,
    )
    assert row is not None  # ruff: ignore[assert] - every center has a plan
    return row["ceiling"], row["bytes"]
