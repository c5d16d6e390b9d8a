"""The SQL of regrades as they are asked for and followed; the work itself is gateway/work/regrades.py."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

import asyncpg
from msgspec import Struct

from gateway.stores import Connection

_PENDING: Final = "(select count(*) from regrade_pending(r)) as pending"


class Wish(Struct, frozen=True, kw_only=True):
    """A regrade that somebody wants; the id is for a new one."""

    id: str
    center_id: str
    env: str
    assessment_id: str
    from_version: int
    policy: str
    actor: str
    request_id: str
    now: datetime


Outcome = Literal["queued", "standing", "unpublished", "unknown_version"]


async def request(connection: Connection, wish: Wish) -> tuple[Outcome, str | None, int] | None:
    """Ask for a regrade: what came of it, with its id and fence. None: there is no such assessment."""
    row = await connection.fetchrow(
        "select outcome, (found).id, (found).fence from regrade_request($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        wish.center_id,
        wish.env,
        wish.assessment_id,
        wish.from_version,
        wish.policy,
        wish.id,
        wish.actor,
        wish.request_id,
        wish.now,
    )
    return None if row is None else (row["outcome"], row["id"], row["fence"])


async def find(
    connection: Connection, center_id: str, env: str, assessment_id: str, regrade_id: str
) -> asyncpg.Record | None:
    """Return a regrade, with how many submissions it has not looked at."""
    return await connection.fetchrow(
        f"""select r.*, {_PENDING} from regrade r
             where r.center_id = $1 and r.env = $2 and r.assessment_id = $3 and r.id = $4""",  # ruff: ignore[hardcoded-sql-expression] - a literal of this module
        center_id,
        env,
        assessment_id,
        regrade_id,
    )


async def newest(
    connection: Connection,
    center_id: str,
    env: str,
    assessment_id: str,
    *,
    before: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[asyncpg.Record]:
    """Return at most `limit` regrades of an assessment, newest first."""
    at, regrade_id = before or (None, None)
    return await connection.fetch(
        f"""select r.*, {_PENDING} from regrade r
             where r.center_id = $1 and r.env = $2 and r.assessment_id = $3
               and ($4::timestamptz is null or (r.created_at, r.id) < ($4, $5))
             order by r.created_at desc, r.id desc limit $6""",  # ruff: ignore[hardcoded-sql-expression] - as above
        center_id,
        env,
        assessment_id,
        at,
        regrade_id,
        limit,
    )
