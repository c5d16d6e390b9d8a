"""What SQL knows of an API key: found by the key's public part, with everything that a request needs of its center."""

from datetime import datetime
from typing import Any

import asyncpg
from msgspec import Struct

from gateway.caller import Center, Limits, StoredPeriod
from gateway.clock import as_ms
from gateway.key_format import Env
from gateway.keyring import KeyHash
from gateway.stores import Connection

_FIND = """
select k.id as key_id, k.env, k.secret_hash, k.pepper_version, k.scopes, k.requests_per_minute as key_requests_per_minute,
       k.expires_at, k.revoked_at, k.last_used_at,
       c.id as center_id, c.name, c.status, c.time_zone, c.period_anchor_day,
       l.*, q.start_at as period_start, q.end_at as period_end
  from api_key k
  join center c on c.id = k.center_id
  join effective_limit l on l.center_id = c.id
  left join lateral (select start_at, end_at from quota_period
                      where center_id = c.id order by start_at desc limit 1) q on true
 where k.public_id = $1"""

_REHASH = "update api_key set secret_hash = $2, pepper_version = $3 where id = $1 and secret_hash = $4"

_USED = """
update api_key set last_used_at = $2
 where id = $1 and (last_used_at is null or last_used_at < $2::timestamptz - interval '1 minute')"""


class StoredKey(Struct, frozen=True, kw_only=True):
    """A key as stored, with its center as it is now."""

    key_id: str
    env: Env
    hash: KeyHash
    scopes: frozenset[str]
    requests_per_minute: int | None
    expires_at_ms: int | None
    is_revoked: bool
    last_used_at: datetime | None
    center: Center


async def find(connection: Connection, public_id: str) -> StoredKey | None:
    """One read by a unique index; None where no key has this public part."""
    row = await connection.fetchrow(_FIND, public_id)
    return None if row is None else _stored(row)


async def rehash(connection: Connection, key_id: str, old: KeyHash, new: KeyHash) -> None:
    """Keep the key under the newest pepper, unless someone did before."""
    await connection.execute(_REHASH, key_id, new.digest, new.pepper_version, old.digest)


async def note_use(connection: Connection, key_id: str, now: datetime) -> None:
    """Keep when the key was used, to the minute."""
    await connection.execute(_USED, key_id, now)


def _stored(row: "asyncpg.Record") -> StoredKey:
    expires_at = row["expires_at"]
    return StoredKey(
        key_id=row["key_id"],
        env=row["env"],
        hash=KeyHash(row["pepper_version"], row["secret_hash"]),
        scopes=frozenset(row["scopes"]),
        requests_per_minute=row["key_requests_per_minute"],
        expires_at_ms=None if expires_at is None else as_ms(expires_at),
        is_revoked=row["revoked_at"] is not None,
        last_used_at=row["last_used_at"],
        center=center_of(row),
    )


def center_of(row: "asyncpg.Record") -> Center:
    """The center in a row that has its columns, its limits and its last period."""
    start, end = row["period_start"], row["period_end"]
    return Center(
        id=row["center_id"],
        name=row["name"],
        status=row["status"],
        plan_id=row["plan_id"],
        time_zone=row["time_zone"],
        period_anchor_day=row["period_anchor_day"],
        limits=_limits(row),
        period=None if start is None else StoredPeriod(as_ms(start), as_ms(end)),
    )


def _limits(row: "asyncpg.Record") -> Limits:
    values: dict[str, Any] = {name: row[name] for name in Limits.__struct_fields__}
    return Limits(**values | {"alert_percents": tuple(values["alert_percents"])})
