"""The SQL of API keys. A key is found by its center and the envs its manager may see: any other is not there."""

from collections.abc import Collection, Sequence
from datetime import datetime

from gateway.stores import Connection, Record


async def lock_centers(connection: Connection, center_ids: Collection[str]) -> None:
    """Hold the keys of these centers still until the transaction ends: one change of keys a center at a time.
    Rows that merely refer to a center are not held up.
    """
    query = "select id from center where id = any($1) order by id for no key update"
    await connection.execute(query, sorted(center_ids))


async def find(connection: Connection, center_id: str, envs: Collection[str], key_id: str) -> Record | None:
    """Return a key that is not revoked."""
    query = "select * from api_key where center_id = $1 and env = any($2) and id = $3 and revoked_at is null"
    return await connection.fetchrow(query, center_id, sorted(envs), key_id)


async def find_living(connection: Connection, key_id: str, now: datetime) -> Record | None:
    """Return a key that is neither revoked nor expired, whatever center it belongs to."""
    return await connection.fetchrow("select * from api_key k where k.id = $1 and key_lives(k, $2)", key_id, now)


async def center_id_of(connection: Connection, key_id: str) -> str | None:
    """Name the center of a key that is not revoked."""
    found: str | None = await connection.fetchval(
        "select center_id from api_key where id = $1 and revoked_at is null", key_id
    )
    return found


async def find_secret(connection: Connection, center_id: str, public_id: str, now: datetime) -> Record | None:
    """Return what is stored of a living key's secret."""
    query = """select pepper_version, secret_hash from api_key k
                where k.center_id = $1 and k.public_id = $2 and key_lives(k, $3)"""
    return await connection.fetchrow(query, center_id, public_id, now)


async def newest(
    connection: Connection, center_id: str, envs: Collection[str], *, before: tuple[datetime, str] | None, limit: int
) -> Sequence[Record]:
    """Return at most `limit` keys that are not revoked, newest first, from behind the key `before` names."""
    at, key_id = before or (None, None)
    return await connection.fetch(
        """select * from api_key
            where center_id = $1 and env = any($2) and revoked_at is null
              and ($3::timestamptz is null or (created_at, id) < ($3, $4))
            order by created_at desc, id desc limit $5""",
        center_id,
        sorted(envs),
        at,
        key_id,
        limit,
    )


async def ceiling_and_count(connection: Connection, center_id: str, now: datetime) -> tuple[int, int]:
    """Return how many keys the center's plan allows, and how many it has. Expired keys don't count, nor does a
    key in its grace period, whose successor counts for it: so a full center can still rotate.
    """
    row = await connection.fetchrow(
        """select (select api_keys_max from effective_limit where center_id = $1) as ceiling,
                   (select count(*) from api_key k
                     where k.center_id = $1 and key_lives(k, $2)
                       and not exists (select from api_key s
                                        where s.center_id = $1 and s.rotated_from = k.id
                                          and key_lives(s, $2))) as count""",
        center_id,
        now,
    )
    assert row is not None  # ruff: ignore[assert] - a select without from returns one row
    return row["ceiling"], row["count"]


async def rotation_of(connection: Connection, key_id: str, now: datetime) -> str | None:
    """Return the key that a rotation of this one would meet: its successor, or a predecessor that still lives."""
    found: str | None = await connection.fetchval(
        """select s.id from api_key s where s.rotated_from = $1
            union all
            select k.id from api_key n join api_key k on k.id = n.rotated_from where n.id = $1 and key_lives(k, $2)
            limit 1""",
        key_id,
        now,
    )
    return found


async def insert(
    connection: Connection,
    key_id: str,
    *,
    public_id: str,
    secret_hash: bytes,
    pepper_version: int,
    center_id: str,
    env: str,
    name: str,
    scopes: Sequence[str],
    requests_per_minute: int | None,
    created_by: str,
    now: datetime,
    expires_at: datetime | None,
    rotated_from: str | None,
) -> Record:
    """Add a key, known by its hash alone, and return its row."""
    row = await connection.fetchrow(
        """insert into api_key (id, public_id, secret_hash, pepper_version, center_id, env, name, scopes,
                                requests_per_minute, created_by, created_at, expires_at, rotated_from)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) returning *""",
        key_id,
        public_id,
        secret_hash,
        pepper_version,
        center_id,
        env,
        name,
        list(scopes),
        requests_per_minute,
        created_by,
        now,
        expires_at,
        rotated_from,
    )
    assert row is not None  # ruff: ignore[assert] - an insert that did not raise returns its row
    return row


async def expire(connection: Connection, key_id: str, at: datetime, now: datetime) -> None:
    """Let the key live to `at` at most; an earlier end of its own stands. One that ends now is told of as revoked."""
    await connection.execute(
        """with ended as (update api_key set expires_at = least(coalesce(expires_at, $2), $2) where id = $1 returning *)
           select tell_key('api_key.revoked', e::api_key, $3) from ended e where e.expires_at <= $3""",
        key_id,
        at,
        now,
    )


async def is_member(connection: Connection, center_id: str, person_id: str, role: str) -> bool:
    """Whether the person is an active member of the center now, in this role."""
    query = """select exists (select from membership
                               where center_id = $1 and person_id = $2 and role = $3 and status = 'active')"""
    is_active: bool = await connection.fetchval(query, center_id, person_id, role)
    return is_active
