"""What becomes of tokens and sessions that nobody ends: closed by a sweep, deleted by a chore, each in its time."""

import asyncio
from datetime import timedelta
from typing import Any

from gateway.work import chores
from gateway.work.sweeps import sweep
from tests.gateway.work.benches import open_bench
from tests.gateway.work.shop import NOW
from tests.generators import FakeGenerator
from tests.running import add_center

SECOND = timedelta(seconds=1)


async def an_attempt(database: Any, center_id: str) -> None:
    """An assessment with one version and one attempt, as rows."""
    await database.execute(
        """insert into assessment (center_id, env, id, title, description, status, version, published_version, items, settings,
                                   points_cents, created_at, updated_at)
           values ($1, 'live', 'asmt', 'A', '', 'published', 1, 1, '[]', '{}', 0, $2, $2)""",
        center_id,
        NOW,
    )
    await database.execute(
        """insert into assessment_version (center_id, env, assessment_id, version, title, description, items, settings,
                                           points_cents, created_at)
           values ($1, 'live', 'asmt', 1, 'A', '', '[]', '{}', 0, $2)""",
        center_id,
        NOW,
    )
    await database.execute(
        """insert into submission (center_id, env, id, assessment_id, assessment_version, learner_ref, attempt, source,
                                   max_cents, started_at)
           values ($1, 'live', 'sub', 'asmt', 1, 'jo', 1, 'embed', 0, $2)""",
        center_id,
        NOW,
    )


async def a_session(database: Any, center_id: str, name: str, expires_at: Any, ended_at: Any = None) -> None:
    await database.execute(
        """insert into learner_session (center_id, env, id, credential_hash, submission_id, assessment_id, learner_ref,
                                        created_by, closings, created_at, expires_at, ended_at, end_reason)
           values ($1, 'live', $2, sha256(convert_to($2, 'UTF8')), 'sub', 'asmt', $2, 'key', 0, $3, $4, $5,
                   case when $5::timestamptz is not null then 'ended' end)""",
        center_id,
        name,
        expires_at - timedelta(hours=2),
        expires_at,
        ended_at,
    )


async def test_sessions_left_behind_are_closed_by_a_sweep(database: Any, database_url: str) -> None:
    """As of the instant at which their time was over; several sweepers close each once, and none that is still open."""
    center_id = await add_center(database)
    await an_attempt(database, center_id)
    for number in range(20):
        await a_session(database, center_id, f"left{number}", NOW - number * SECOND)
    await a_session(database, center_id, "open", NOW + SECOND)
    await a_session(database, center_id, "ended", NOW - SECOND, NOW - 2 * SECOND)
    async with open_bench(database_url, FakeGenerator()) as bench:
        await asyncio.gather(*[sweep(bench) for _ in range(3)])
    rows = await database.fetch("select * from learner_session")
    states = {row["id"]: (row["end_reason"], row["ended_at"]) for row in rows}
    assert states.pop("open") == (None, None)
    assert states.pop("ended") == ("ended", NOW - 2 * SECOND)
    assert states == {f"left{number}": ("expired", NOW - number * SECOND) for number in range(20)}


async def test_what_is_long_over_is_deleted(database: Any, database_url: str) -> None:
    """A token is kept for a day after it expired, so that who comes late is told what it was; a session for 30 days."""
    center_id = await add_center(database)
    await an_attempt(database, center_id)
    for name, expires in (("old", NOW - timedelta(days=1) - SECOND), ("late", NOW - timedelta(hours=23))):
        await database.execute(
            """insert into embed_token (center_id, env, id, token_hash, assessment_id, learner_ref, created_by, closings,
                                        created_at, expires_at)
               values ($1, 'live', $2, sha256(convert_to($2, 'UTF8')), 'asmt', 'jo', 'key', 0, $3, $3)""",
            center_id,
            name,
            expires,
        )
    month = timedelta(days=30)
    await a_session(database, center_id, "gone", NOW - month - SECOND, NOW - month)
    await a_session(database, center_id, "stays", NOW - month + SECOND, NOW - month)
    await a_session(database, center_id, "open", NOW + SECOND)
    async with open_bench(database_url, FakeGenerator()) as bench:
        await chores.clean(bench)
    assert [row["id"] for row in await database.fetch("select id from embed_token")] == ["late"]
    left = await database.fetch("select id from learner_session order by id")
    assert [row["id"] for row in left] == ["open", "stays"]
