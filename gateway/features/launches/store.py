"""The SQL of a launch: one look before, one statement that does it."""

from datetime import datetime
from typing import Literal

import asyncpg
from msgspec import Struct

from gateway.once import Turn
from gateway.stores import Connection

COURSE_PATH = "/v1/courses/{}"


class Launch(Struct, frozen=True, kw_only=True):
    """Everything a launch writes, decided before its statement runs."""

    course_id: str
    course_version: int
    units: int
    generation_id: str
    hold_id: str
    period_start: datetime
    period_end: datetime
    body: bytes
    request_id: str
    actor: str


async def look(connection: Connection, center_id: str, env: str, course_id: str, turn: Turn) -> asyncpg.Record | None:
    """Return the course, whether it has sources, and the key's claim if it is still kept."""
    scope = turn.scope
    return await connection.fetchrow(
        """select c.id, c.title, c.status, c.external_ref, c.preset_id, c.brief, c.version, c.created_at,
                  exists (select 1 from source s
                           where s.center_id = c.center_id and s.env = c.env and s.course_id = c.id) as has_source,
                  k.fingerprint as claim_fingerprint, k.status as claim_status, k.location as claim_location,
                  k.body as claim_body
             from course c
             left join idempotency_claim k
                    on k.center_id = c.center_id and k.env = c.env and k.key = $4 and k.route = $5
                   and k.method = 'POST' and k.principal = $6 and k.expires_at > $7
            where c.center_id = $1 and c.env = $2 and c.id = $3""",
        center_id,
        env,
        course_id,
        scope.key,
        scope.route,
        scope.principal,
        turn.now,
    )


async def launch(connection: Connection, center_id: str, env: str, launch: Launch, turn: Turn) -> asyncpg.Record:
    """Do it, all or nothing: claim, course, quota, running, generation. Raises asyncpg's error of `refuse()`."""
    scope = turn.scope
    row = await connection.fetchrow(
        "select * from launch_course($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,"
        " $18, $19, $20)",
        center_id,
        env,
        launch.course_id,
        launch.course_version,
        launch.units,
        launch.generation_id,
        launch.hold_id,
        launch.period_start,
        launch.period_end,
        scope.route,
        scope.principal,
        scope.key,
        list(scope.fingerprints),
        COURSE_PATH.format(launch.course_id),
        launch.body,
        launch.request_id,
        launch.actor,
        turn.now,
        turn.expires,
        turn.wait_ms(),
    )
    assert row is not None  # ruff: ignore[assert] - a function with out parameters returns one row
    return row


class Cancellation(Struct, frozen=True, kw_only=True):
    """What became of a wish to cancel; the units only where it was `canceled` at once."""

    outcome: Literal["canceled", "requested", "ended"]
    hold_id: str | None
    settled: int | None
    released: int | None


async def cancel(connection: Connection, center_id: str, env: str, generation_id: str, now: datetime) -> Cancellation:
    """End the generation where no worker holds it, else leave it the wish. The caller has locked the course."""
    row = await connection.fetchrow(
        "select * from generation_cancel($1, $2, $3, $4)", center_id, env, generation_id, now
    )
    assert row is not None  # ruff: ignore[assert] - a function with out parameters returns one row
    return Cancellation(**dict(row))
