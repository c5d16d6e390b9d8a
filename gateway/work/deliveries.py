"""The SQL of delivering: each call is one decision, conditional on the fence. See 0012_webhooks.sql."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from msgspec import Struct

from gateway.stores import Connection

PATIENCE: Final = timedelta(days=5)
"""A webhook without a success for this long is disabled."""

Outcome = Literal["succeeded", "failed", "gone"]


class Claimed(Struct, frozen=True):
    """A delivery that is ours until its lease ends. `tries`: attempts of its schedule before this one.

    `request_id`: of the request that caused its event, if one did.
    """

    center_id: str
    env: str
    id: str
    webhook_id: str
    event_id: str
    fence: int
    tries: int
    type: str
    request_id: str | None
    url: str
    body: str
    numbers: list[int] | None
    sealed: list[bytes] | None


class Tried(Struct, frozen=True):
    """What one attempt came to, as `delivery_record` takes it. `due_at` None: it is not tried again."""

    center_id: str
    env: str
    id: str
    fence: int
    outcome: Outcome | None
    at: datetime | None = None
    status_code: int | None = None
    milliseconds: int | None = None
    error: str | None = None
    answer: str | None = None
    due_at: datetime | None = None


class Disabled(Struct, frozen=True):
    """A webhook that gets nothing more, and why."""

    center_id: str
    env: str
    webhook_id: str
    reason: str


async def claim(connection: Connection, *, slots: int, window: int, lease: timedelta, now: datetime) -> list[Claimed]:
    """Take what is due, at most `window` of a webhook at a time over all workers."""
    rows = await connection.fetch("select * from delivery_claim($1, $2, $3, $4)", slots, window, lease, now)
    return [Claimed(**{name: row[name] for name in Claimed.__struct_fields__}) for row in rows]


async def record(connection: Connection, tried: Sequence[Tried], now: datetime) -> list[Disabled]:
    """Keep what attempts came to; returns the webhooks that this disabled."""
    rows = await connection.fetch("select * from delivery_record($1, $2, $3)", _rows(tried), PATIENCE, now)
    return [Disabled(**dict(row)) for row in rows]


async def hand_back(connection: Connection, claims: Sequence[Claimed]) -> None:
    """Leave deliveries to other workers, at once."""
    tried = [Tried(claim.center_id, claim.env, claim.id, claim.fence, None) for claim in claims]
    await connection.execute("select delivery_hand_back($1)", _rows(tried))


async def sweep(connection: Connection, limit: int, now: datetime) -> int:
    """End what nobody will deliver; returns how many deliveries that were."""
    return int(await connection.fetchval("select delivery_sweep($1, $2)", limit, now))


async def waiting(connection: Connection, now: datetime) -> tuple[int, float]:
    """Count deliveries that are due and not yet made, and say for how many seconds the first has been."""
    row = await connection.fetchrow("select * from delivery_waiting($1)", now)
    return (0, 0.0) if row is None else (row["waiting"], row["oldest_seconds"])


def _rows(tried: Sequence[Tried]) -> list[tuple[object, ...]]:
    return [tuple(getattr(one, name) for name in Tried.__struct_fields__) for one in tried]
