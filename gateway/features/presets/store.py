"""The SQL of presets. Every statement finds a preset by (center, env, id): a foreign one is not there."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec

from gateway.briefs import PartialBrief
from gateway.stores import Connection


async def find(connection: Connection, center_id: str, env: str, preset_id: str) -> asyncpg.Record | None:
    """Return the preset."""
    query = "select * from preset where center_id = $1 and env = $2 and id = $3"
    return await connection.fetchrow(query, center_id, env, preset_id)


async def lock(connection: Connection, center_id: str, env: str, preset_id: str) -> asyncpg.Record | None:
    """Return the preset, its row locked until the transaction ends."""
    query = "select * from preset where center_id = $1 and env = $2 and id = $3 for update"
    return await connection.fetchrow(query, center_id, env, preset_id)


async def newest(
    connection: Connection, center_id: str, env: str, *, before: tuple[datetime, str] | None, limit: int
) -> Sequence[asyncpg.Record]:
    """Return at most `limit` presets, newest first, from behind the preset `before` names."""
    at, preset_id = before or (None, None)
    return await connection.fetch(
        """select * from preset
            where center_id = $1 and env = $2 and ($3::timestamptz is null or (created_at, id) < ($3, $4))
            order by created_at desc, id desc limit $5""",
        center_id,
        env,
        at,
        preset_id,
        limit,
    )


async def insert(
    connection: Connection, center_id: str, env: str, preset_id: str, *, name: str, brief: PartialBrief, now: datetime
) -> None:
    """Add a preset."""
    await connection.execute(
        """insert into preset (center_id, env, id, name, brief, created_at, updated_at)
           values ($1, $2, $3, $4, $5, $6, $6)""",
        center_id,
        env,
        preset_id,
        name,
        msgspec.json.encode(brief).decode(),
        now,
    )


async def update(
    connection: Connection, center_id: str, env: str, preset_id: str, *, name: str, brief: PartialBrief, now: datetime
) -> None:
    """Write the preset's name and brief."""
    await connection.execute(
        "update preset set name = $4, brief = $5, updated_at = $6 where center_id = $1 and env = $2 and id = $3",
        center_id,
        env,
        preset_id,
        name,
        msgspec.json.encode(brief).decode(),
        now,
    )


async def delete(connection: Connection, center_id: str, env: str, preset_id: str) -> bool:
    """Remove the preset; False where there is none. Courses made from it keep its id as a fact."""
    query = "delete from preset where center_id = $1 and env = $2 and id = $3 returning id"
    return await connection.fetchval(query, center_id, env, preset_id) is not None
