"""The SQL of deliveries. A delivery is found by (center, env, id); those of a deleted webhook are not there."""

from collections.abc import Sequence
from datetime import datetime

from gateway.features.deliveries.schemas import Attempt
from gateway.stores import Connection, Record

Place = tuple[str, str, str]
"""Center, env and id."""

_SHOWN = """
    select d.*, e.type, w.status as webhook_status
      from delivery d
      join event e on e.center_id = d.center_id and e.env = d.env and e.id = d.event_id
      join webhook w on w.center_id = d.center_id and w.env = d.env and w.id = d.webhook_id and w.deleted_at is null
     where d.center_id = $1 and d.env = $2"""


async def find(connection: Connection, place: Place) -> Record | None:
    """Return the delivery."""
    return await connection.fetchrow(f"{_SHOWN} and d.id = $3", *place)


async def newest(
    connection: Connection, webhook: Place, status: str | None, *, before: tuple[datetime, str] | None, limit: int
) -> Sequence[Record]:
    """Return at most `limit` deliveries of a webhook, newest first, from behind the one `before` names."""
    at, delivery_id = before or (None, None)
    return await connection.fetch(
        f"""{_SHOWN} and d.webhook_id = $3 and ($4::text is null or d.status = $4)
               and ($5::timestamptz is null or (d.created_at, d.id) < ($5, $6))
             order by d.created_at desc, d.id desc limit $7""",
        *webhook,
        status,
        at,
        delivery_id,
        limit,
    )


async def attempts(
    connection: Connection, center_id: str, env: str, delivery_ids: Sequence[str], most: int
) -> Sequence[Record]:
    """Return the last attempts of each delivery, the latest first."""
    return await connection.fetch(
        """select a.*
             from unnest($3::text[]) wanted(id)
            cross join lateral (
                  select * from delivery_attempt t
                   where t.center_id = $1 and t.env = $2 and t.delivery_id = wanted.id
                   order by t.number desc limit $4) a""",
        center_id,
        env,
        delivery_ids,
        most,
    )


async def again(connection: Connection, place: Place, now: datetime) -> str:
    """Send a delivery once more: `redelivered`, or `busy` where it is under way this very moment."""
    return str(await connection.fetchval("select delivery_again($1, $2, $3, $4)", *place, now))


async def recover(connection: Connection, webhook: Place, since: datetime, most: int, now: datetime) -> Record | None:
    """Deliver what a webhook missed, as `webhook_recover` says."""
    return await connection.fetchrow(
        "select * from webhook_recover($1, $2, $3, $4, $5, $6)", *webhook, since, most, now
    )


async def ping(connection: Connection, webhook: Place, now: datetime) -> Record | None:
    """Return the number and text of a ping that is sent now; None where the webhook was deleted just now."""
    return await connection.fetchrow(
        """select n.seq, event_body(w.center_id, w.env, 'webhook.ping', n.seq, webhook_shown(w), $4) as body
             from webhook w cross join (select nextval('event_seq') as seq) n
            where w.center_id = $1 and w.env = $2 and w.id = $3 and w.deleted_at is null""",
        *webhook,
        now,
    )


async def keep_ping(
    connection: Connection,
    webhook: Place,
    event_id: str,
    delivery_id: str,
    seq: int,
    body: str,
    attempt: Attempt,
    ended: datetime,
) -> None:
    """Write a ping and its one attempt into the log of deliveries."""
    await connection.execute(
        "select webhook_pinged($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        *webhook,
        event_id,
        delivery_id,
        seq,
        body,
        attempt.at,
        attempt.status,
        attempt.milliseconds,
        attempt.error,
        attempt.answer,
        ended,
    )
