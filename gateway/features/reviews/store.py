"""The SQL of reviews. Whoever judges holds the submission's row, so that two at once add up."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from msgspec import Struct

from gateway.grades import Grade, kept_bytes
from gateway.stores import Connection


class Judgement(Struct, frozen=True, kw_only=True):
    """A review on its way into its row."""

    id: str
    submission_id: str
    item_id: str
    score_cents: int
    max_cents: int
    comment: str | None
    reviewer: str


async def exists(connection: Connection, center_id: str, env: str, submission_id: str) -> bool:
    """Whether there is such a submission."""
    query = "select true from submission where center_id = $1 and env = $2 and id = $3"
    return await connection.fetchval(query, center_id, env, submission_id) is True


async def lock(connection: Connection, center_id: str, env: str, submission_id: str) -> asyncpg.Record | None:
    """Return a submission, its row locked until the transaction ends."""
    query = "select * from submission where center_id = $1 and env = $2 and id = $3 for no key update"
    return await connection.fetchrow(query, center_id, env, submission_id)


async def regrade(
    connection: Connection, center_id: str, env: str, submission_id: str, status: str, grade: Grade, now: datetime
) -> asyncpg.Record | None:
    """Write the grade with the review in it; returns the submission."""
    return await connection.fetchrow(
        """update submission
              set status = $4, results = $5, earned = $6, score_cents = $7, percent = $8, passed = $9, graded_at = $10,
                  reviews = reviews + 1
            where center_id = $1 and env = $2 and id = $3
        returning *""",
        center_id,
        env,
        submission_id,
        status,
        kept_bytes(grade),
        grade.earned,
        grade.score_cents,
        grade.percent,
        grade.passed,
        now if grade.is_final else None,
    )


async def insert(connection: Connection, center_id: str, env: str, judgement: Judgement, now: datetime) -> None:
    """Keep a review."""
    await connection.execute(
        """insert into review (center_id, env, id, submission_id, item_id, score_cents, max_cents, comment, reviewer, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
        center_id,
        env,
        judgement.id,
        judgement.submission_id,
        judgement.item_id,
        judgement.score_cents,
        judgement.max_cents,
        judgement.comment,
        judgement.reviewer,
        now,
    )


async def newest(
    connection: Connection,
    center_id: str,
    env: str,
    submission_id: str,
    *,
    before: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[asyncpg.Record]:
    """Return at most `limit` reviews of a submission, newest first."""
    at, review_id = before or (None, None)
    return await connection.fetch(
        """select * from review
            where center_id = $1 and env = $2 and submission_id = $3
              and ($4::timestamptz is null or (created_at, id) < ($4, $5))
            order by created_at desc, id desc limit $6""",
        center_id,
        env,
        submission_id,
        at,
        review_id,
        limit,
    )
