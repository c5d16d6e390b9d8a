"""The SQL of webhooks. Every statement finds one by (center, env, id): a foreign or deleted one is not there."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from msgspec import Struct

from gateway.stores import Connection, Record

Place = tuple[str, str, str]
"""Center, env and id of a webhook."""

_SHOWN = """
    select w.*, (select max(s.expires_at) from webhook_secret s
                  where s.center_id = w.center_id and s.env = w.env and s.webhook_id = w.id
                    and s.expires_at > $3) as old_secret_expires_at
      from webhook w
     where w.center_id = $1 and w.env = $2 and w.deleted_at is null"""


class Wish(Struct, frozen=True):
    """What a webhook shall be; `fingerprint` is what a duplicate is told by."""

    url: str
    events: list[str]
    types: list[str]
    fingerprint: bytes
    description: str | None


async def find(connection: Connection, place: Place, now: datetime) -> Record | None:
    """Return the webhook."""
    center_id, env, webhook_id = place
    return await connection.fetchrow(f"{_SHOWN} and w.id = $4", center_id, env, now, webhook_id)


async def lock(connection: Connection, place: Place) -> Record | None:
    """Return the webhook, held still until the transaction ends; events go on being written for it."""
    query = """select * from webhook where center_id = $1 and env = $2 and id = $3 and deleted_at is null
                  for no key update"""
    return await connection.fetchrow(query, *place)


async def newest(
    connection: Connection,
    center_id: str,
    env: str,
    *,
    before: tuple[datetime, str] | None,
    limit: int,
    now: datetime,
) -> Sequence[Record]:
    """Return at most `limit` webhooks, newest first, from behind the one `before` names."""
    at, webhook_id = before or (None, None)
    return await connection.fetch(
        f"""{_SHOWN}
               and ($4::timestamptz is null or (w.created_at, w.id) < ($4, $5))
             order by w.created_at desc, w.id desc limit $6""",
        center_id,
        env,
        now,
        at,
        webhook_id,
        limit,
    )


async def lock_and_count(connection: Connection, center_id: str) -> int:
    """Hold the number of the center's webhooks still until the transaction ends; return it, both envs together."""
    await connection.execute("select from center where id = $1 for no key update", center_id)
    query = "select count(*) from webhook where center_id = $1 and deleted_at is null"
    return int(await connection.fetchval(query, center_id))


async def is_there(connection: Connection, center_id: str, env: str, fingerprint: bytes) -> bool:
    """Whether the center has a webhook of this fingerprint."""
    query = """select exists (select from webhook where center_id = $1 and env = $2 and fingerprint = $3
                                 and deleted_at is null)"""
    return bool(await connection.fetchval(query, center_id, env, fingerprint))


async def insert(connection: Connection, place: Place, wish: Wish, *, created_by: str, now: datetime) -> None:
    """Add a webhook, enabled."""
    await connection.execute(
        """insert into webhook (center_id, env, id, url, events, types, fingerprint, description, status, created_by,
                                created_at, updated_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, 'enabled', $9, $10, $10)""",
        *place,
        wish.url,
        wish.events,
        wish.types,
        wish.fingerprint,
        wish.description,
        created_by,
        now,
    )


async def update(connection: Connection, place: Place, wish: Wish, now: datetime) -> bool:
    """Write what the webhook shall be; False where the center has another such."""
    try:
        async with connection.transaction():
            await connection.execute(
                """update webhook set url = $4, events = $5, types = $6, fingerprint = $7, description = $8, updated_at = $9
                    where center_id = $1 and env = $2 and id = $3""",
                *place,
                wish.url,
                wish.events,
                wish.types,
                wish.fingerprint,
                wish.description,
                now,
            )
    except asyncpg.UniqueViolationError:
        return False
    return True


async def enable(connection: Connection, place: Place, now: datetime) -> None:
    """Deliver again, with all patience."""
    await connection.execute(
        """update webhook set status = 'enabled', disabled_reason = null, disabled_at = null, failing_since = null,
                              updated_at = $4
            where center_id = $1 and env = $2 and id = $3""",
        *place,
        now,
    )


async def disable(connection: Connection, place: Place, request_id: str, now: datetime) -> None:
    """Deliver nothing more, as its owner wishes; the center's other webhooks are told."""
    await connection.execute(
        """with done as (
               update webhook set status = 'disabled', disabled_reason = 'owner', disabled_at = $4, updated_at = $4
                where center_id = $1 and env = $2 and id = $3
               returning webhook as hook)
           select emit($1, $2, 'webhook.disabled', $3, webhook_shown(d.hook), $4, $5) from done d""",
        *place,
        now,
        request_id,
    )


async def delete(connection: Connection, place: Place, now: datetime) -> bool:
    """Take the webhook away, its secrets with it; False where there is none. Its deliveries go later, bit by bit."""
    query = """update webhook set deleted_at = $4, updated_at = $4
                where center_id = $1 and env = $2 and id = $3 and deleted_at is null returning id"""
    if await connection.fetchval(query, *place, now) is None:
        return False
    await delete_secrets(connection, place)
    return True


async def delete_made_by(connection: Connection, center_id: str, makers: Sequence[str], now: datetime) -> None:
    """Take the center's webhooks away that any of `makers` made, of both envs, with their secrets."""
    await connection.execute(
        """with gone as (
               update webhook set deleted_at = $3, updated_at = $3
                where center_id = $1 and created_by = any ($2) and deleted_at is null
               returning center_id, env, id)
           delete from webhook_secret s using gone g
            where s.center_id = g.center_id and s.env = g.env and s.webhook_id = g.id""",
        center_id,
        list(makers),
        now,
    )


async def next_number(connection: Connection, place: Place) -> int:
    """The number of the next secret: none is used twice, not even after the secrets before were deleted."""
    query = """update webhook set secrets_made = secrets_made + 1 where center_id = $1 and env = $2 and id = $3
               returning secrets_made"""
    return int(await connection.fetchval(query, *place))


async def add_secret(connection: Connection, place: Place, number: int, sealed: bytes, now: datetime) -> None:
    """Add a secret, the newest."""
    await connection.execute(
        """insert into webhook_secret (center_id, env, webhook_id, number, sealed, created_at)
           values ($1, $2, $3, $4, $5, $6)""",
        *place,
        number,
        sealed,
        now,
    )


async def active_secrets(connection: Connection, place: Place, now: datetime) -> Sequence[Record]:
    """Return the secrets that sign, the newest first."""
    return await connection.fetch(
        """select * from webhook_secret
            where center_id = $1 and env = $2 and webhook_id = $3 and (expires_at is null or expires_at > $4)
            order by number desc""",
        *place,
        now,
    )


async def expire_secrets(connection: Connection, place: Place, until: datetime) -> None:
    """Let the newest secret sign until then; those before it end now."""
    await connection.execute(
        """with older as (delete from webhook_secret
                           where center_id = $1 and env = $2 and webhook_id = $3 and expires_at is not null)
           update webhook_secret set expires_at = $4
            where center_id = $1 and env = $2 and webhook_id = $3 and expires_at is null""",
        *place,
        until,
    )


async def delete_secrets(connection: Connection, place: Place) -> None:
    """End all secrets now."""
    query = "delete from webhook_secret where center_id = $1 and env = $2 and webhook_id = $3"
    await connection.execute(query, *place)
