"""The SQL of attempts up to their end; how one ends is gateway/closing.py."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from msgspec import Struct

from gateway.stores import Connection


async def find(connection: Connection, center_id: str, env: str, submission_id: str) -> asyncpg.Record | None:
    """Return a submission."""
    query = "select * from submission where center_id = $1 and env = $2 and id = $3"
    return await connection.fetchrow(query, center_id, env, submission_id)


async def changes(connection: Connection, center_id: str, env: str, submission_id: str) -> Sequence[asyncpg.Record]:
    """Count the changes of each item's answer."""
    return await connection.fetch(
        """select item_id, count(*) as changes from submission_event
            where center_id = $1 and env = $2 and submission_id = $3 and type = 'answer_change'
            group by item_id order by item_id""",
        center_id,
        env,
        submission_id,
    )


class Start(Struct, frozen=True, kw_only=True):
    """An attempt that somebody wants to begin."""

    center_id: str
    env: str
    assessment_id: str
    version: int
    learner_ref: str
    source: str
    submission_id: str
    attempts_max: int | None
    max_cents: int
    now: datetime
    expires_at: datetime | None


async def start(connection: Connection, wish: Start) -> tuple[str, asyncpg.Record | None]:
    """Begin an attempt, or find the one under way: `started` and `open` come with the row, `spent` and `moved` without."""
    row = await connection.fetchrow(
        """select outcome, (submission).* from submission_start($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
        wish.center_id,
        wish.env,
        wish.assessment_id,
        wish.version,
        wish.learner_ref,
        wish.submission_id,
        wish.attempts_max,
        wish.max_cents,
        wish.source,
        wish.now,
        wish.expires_at,
    )
    assert row is not None  # ruff: ignore[assert] - a function with out parameters returns one row
    return row["outcome"], None if row["id"] is None else row


async def save(
    connection: Connection,
    center_id: str,
    env: str,
    submission_id: str,
    *,
    sequence: int,
    answers: bytes,
    now: datetime,
) -> asyncpg.Record | None:
    """Keep the answers if no newer ones are there; `outcome` and `sequence` as `submission_save` says them."""
    return await connection.fetchrow(
        "select * from submission_save($1, $2, $3, $4, $5, $6)",
        center_id,
        env,
        submission_id,
        sequence,
        answers,
        now,
    )
