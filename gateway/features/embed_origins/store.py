"""The SQL of allowed origins."""

from collections.abc import Sequence
from datetime import datetime

from gateway.stores import Connection


async def origins(connection: Connection, center_id: str, env: str) -> list[str]:
    """Return all of them, in order."""
    query = 'select origin from embed_origin where center_id = $1 and env = $2 order by origin collate "C"'
    return [row["origin"] for row in await connection.fetch(query, center_id, env)]


async def replace(connection: Connection, center_id: str, env: str, wanted: Sequence[str], now: datetime) -> None:
    """Put these in place of those before; who comes at the same time waits."""
    await connection.execute("select from center where id = $1 for no key update", center_id)
    await connection.execute(
        "delete from embed_origin where center_id = $1 and env = $2 and origin <> all ($3::text[])",
        center_id,
        env,
        wanted,
    )
    await connection.execute(
        """insert into embed_origin (center_id, env, origin, created_at)
           select $1, $2, o, $4 from unnest($3::text[]) o on conflict do nothing""",
        center_id,
        env,
        wanted,
        now,
    )
