"""The SQL of a launch: one look before, one statement that does it; several requests' at once where they queue."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Literal

import asyncpg
import msgspec
from msgspec import Struct

from gateway.once import Turn
from gateway.stores import Connection
from quotas.idempotency import InProgress

COURSE_PATH = "/v1/courses/{}"

REFUSED: Final = "CG001"
"""SQLSTATE of `refuse()` in 0003_launch.sql."""

PATIENCE_MS: Final = 50
"""How long a launch waits for a lock where others wait behind it; then it is done alone."""

_CLAIMING: Final = "claim_key("
"""Stands in the context of an error where it was the claim that waited, in any language of the server."""

_DONE: Final = frozenset({"launched", "replay", "reused"})


class Wanted(Struct, frozen=True, kw_only=True):
    """A course that somebody wants to launch."""

    center_id: str
    env: str
    course_id: str
    turn: Turn


class Launch(Struct, frozen=True, kw_only=True):
    """Everything a launch writes, decided before its statement runs."""

    center_id: str
    env: str
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
    turn: Turn


class Refusal(Struct, frozen=True):
    """Nothing was written, and why: a code of `refuse()` and its facts."""

    code: str
    details: dict[str, Any]


async def look(connection: Connection, wanted: Sequence[Wanted]) -> list[asyncpg.Record | None]:
    """Return each course, whether it has sources, and the key's claim if it is still kept.

    A claim is found by its whole key, whatever the planner thinks: a plan made for few claims must not scan many.
    """
    scopes = [one.turn.scope for one in wanted]
    rows = await connection.fetch(
        """select c.id, c.title, c.status, c.external_ref, c.preset_id, c.brief, c.version, c.created_at,
                  exists (select 1 from source s
                           where s.center_id = c.center_id and s.env = c.env and s.course_id = c.id) as has_source,
                  k.fingerprint as claim_fingerprint, k.status as claim_status, k.location as claim_location,
                  k.body as claim_body
             from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
                  with ordinality w (center_id, env, course_id, key, route, principal, now, nth)
             left join course c on c.center_id = w.center_id and c.env = w.env and c.id = w.course_id
             left join lateral (
                  select * from idempotency_claim
                   where center_id = w.center_id and env = w.env and key = w.key and route = w.route
                     and method = 'POST' and principal = w.principal and expires_at > w.now limit 1) k on true
            order by w.nth""",
        [one.center_id for one in wanted],
        [one.env for one in wanted],
        [one.course_id for one in wanted],
        [scope.key for scope in scopes],
        [scope.route for scope in scopes],
        [scope.principal for scope in scopes],
        [one.turn.now for one in wanted],
    )
    return [None if row["id"] is None else row for row in rows]


async def launch_alone(connection: Connection, launch: Launch) -> asyncpg.Record | Refusal:
    """Do it, waiting for whoever is in its way for as long as its turn lasts.

    Raises InProgress for a twin that does not end in time, LockNotAvailableError for anybody else.
    """
    wait_ms = launch.turn.wait_ms()
    try:
        async with connection.transaction():
            await connection.fetchval("select set_config('lock_timeout', $1, true)", str(wait_ms))
            row = await connection.fetchrow("select * from launch_course($1, $2)", _facts(launch), wait_ms)
    except asyncpg.LockNotAvailableError as error:
        if _CLAIMING in (error.context or ""):
            raise InProgress from error
        raise
    except asyncpg.PostgresError as error:
        if error.sqlstate != REFUSED:
            raise
        return _refusal(str(error.args[0]), error.detail)
    assert row is not None  # ruff: ignore[assert] - a function that returns a row returns one
    return row


async def launch(connection: Connection, launches: Sequence[Launch]) -> list[asyncpg.Record | Refusal | None]:
    """Do each, all of it or nothing: claim, course, quota, running, generation.

    None: another transaction is in its way, or something unforeseen: nothing was written, do it alone.
    """
    order = sorted(range(len(launches)), key=lambda nth: _place(launches[nth]))
    outcomes: list[asyncpg.Record | Refusal | None] = [None] * len(launches)
    try:
        rows = await connection.fetch(
            "select * from launch_courses($1, $2)", [_facts(launches[nth]) for nth in order], PATIENCE_MS
        )
    except asyncpg.LockNotAvailableError:
        return outcomes  # the head of a chain was not to be had
    for nth, row in zip(order, rows, strict=True):
        if row["outcome"] in _DONE:
            outcomes[nth] = row
        elif row["outcome"] != "alone":
            outcomes[nth] = _refusal(row["outcome"], row["details"])
    return outcomes


def _facts(launch: Launch) -> tuple[object, ...]:
    """The fields of `launch_wish`."""
    scope = launch.turn.scope
    return (
        launch.center_id,
        launch.env,
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
        launch.turn.now,
        launch.turn.expires,
        f'{{"answer_sha256":"{sha256(launch.body).hexdigest()}"}}',
    )


def _place(launch: Launch) -> tuple[str, str, str]:
    return launch.center_id, launch.env, launch.course_id


def _refusal(code: str, details: str | None) -> Refusal:
    return Refusal(code, msgspec.json.decode(details or "{}"))


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
