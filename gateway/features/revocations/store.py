"""The SQL of revoking: which keys a key or person made, and their end."""

from collections.abc import Sequence
from datetime import datetime

from gateway.stores import Connection, Record


async def made_by(connection: Connection, key_id: str) -> Sequence[Record]:
    """Return the key and all that it made, that those made, and so on, in order of id; revoked ones too,
    since what they made may still live.
    """
    return await connection.fetch(
        """with recursive taken as (
               select id, center_id from api_key where id = $1
               union
               select k.id, k.center_id from api_key k join taken t on k.created_by = t.id)
           select id, center_id from taken order by id""",
        key_id,
    )


async def made_by_person(connection: Connection, center_id: str, person_id: str) -> list[str]:
    """Return the keys of the center that the person made, that those made, and so on, in order of id."""
    rows = await connection.fetch(
        """with recursive taken as (
               select id from api_key where created_by = $2 and center_id = $1
               union
               select k.id from api_key k join taken t on k.created_by = t.id where k.center_id = $1)
           select id from taken order by id""",
        center_id,
        person_id,
    )
    return [row["id"] for row in rows]


async def unused(connection: Connection, center_id: str, partner_id: str) -> Sequence[str]:
    """Return the center's keys, in order of id, that its partner's keys made and nobody ever used."""
    rows = await connection.fetch(
        """select k.id from api_key k join api_key maker on maker.id = k.created_by
            where k.center_id = $1 and maker.center_id = $2 and k.revoked_at is null and k.last_used_at is null
            order by k.id""",
        center_id,
        partner_id,
    )
    return [row["id"] for row in rows]


async def revoke(connection: Connection, key_ids: Sequence[str], now: datetime) -> list[str]:
    """Revoke those keys that are not yet; returns their ids. Center by center, as chains of records are locked."""
    held = await connection.fetch(
        "select id, center_id from api_key where id = any($1) and revoked_at is null order by id for update",
        list(key_ids),
    )
    for center_id in sorted({row["center_id"] for row in held}):
        ended = [row["id"] for row in held if row["center_id"] == center_id]
        await connection.execute("update api_key set revoked_at = $2 where id = any($1)", ended, now)
    return [row["id"] for row in held]
