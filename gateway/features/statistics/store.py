"""The SQL of statistics: what is counted, page by page, and what was counted last."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

import asyncpg
from msgspec import Struct

from gateway.stores import Connection


class Version(Struct, frozen=True):
    """The version whose attempts are counted."""

    center_id: str
    env: str
    assessment_id: str
    version: int

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What every statement here begins with."""
        return self.center_id, self.env, self.assessment_id, self.version


_STANDING: Final = """
    s.center_id = $1 and s.env = $2 and s.assessment_id = $3 and s.assessment_version = $4
    and s.submitted_at is not null and s.graded_at is not null and s.regraded_as is null and s.results is not null
"""


async def published_version(
    connection: Connection, center_id: str, env: str, assessment_id: str
) -> asyncpg.Record | None:
    """Return the number of the version that was published last, if any was; no row where there is no assessment."""
    query = "select published_version from assessment where center_id = $1 and env = $2 and id = $3"
    return await connection.fetchrow(query, center_id, env, assessment_id)


async def count_up_to(connection: Connection, version: Version, most: int) -> int:
    """Count the attempts, no further than `most`."""
    query = f"select count(*) from (select from submission s where {_STANDING} limit $5) counted"  # ruff: ignore[hardcoded-sql-expression] - a literal of this module
    return int(await connection.fetchval(query, *version.key, most))


async def page(
    connection: Connection, version: Version, behind: tuple[datetime, str] | None, limit: int
) -> Sequence[asyncpg.Record]:
    """Return results and answers of the next attempts, the first submitted first."""
    at, submission_id = behind or (None, None)
    query = f"""
        select s.submitted_at, s.id, s.results, s.answers from submission s
         where {_STANDING} and ($5::timestamptz is null or (s.submitted_at, s.id) > ($5, $6))
         order by s.submitted_at, s.id limit $7
    """  # ruff: ignore[hardcoded-sql-expression] - a literal of this module
    return await connection.fetch(query, *version.key, at, submission_id, limit)


class Claim(Struct, frozen=True):
    """Whether to compute (`yours`), or not: what is kept is new enough, or another is at it. `body`: what is kept."""

    outcome: Literal["kept", "yours", "busy"]
    body: bytes | None


async def claim(connection: Connection, version: Version, now: datetime, age_max: timedelta, lease: timedelta) -> Claim:
    """Ask to compute; who may has the lease."""
    row = await connection.fetchrow(
        "select outcome, body from statistics_claim($1, $2, $3, $4, $5, $6, $7)", *version.key, now, age_max, lease
    )
    assert row is not None  # ruff: ignore[assert] - a function with out parameters returns one row
    return Claim(row["outcome"], row["body"])


_ROW: Final = "where center_id = $1 and env = $2 and assessment_id = $3 and version = $4"


async def go_on(connection: Connection, version: Version, lease: timedelta) -> None:
    """Prolong the lease."""
    query = f"update item_statistics set computing_until = clock_timestamp() + $5 {_ROW}"  # ruff: ignore[hardcoded-sql-expression] - a literal of this module
    await connection.execute(query, *version.key, lease)


async def keep(connection: Connection, version: Version, body: bytes, now: datetime) -> None:
    """Keep what was computed, and let the lease go."""
    query = f"update item_statistics set body = $5, computed_at = $6, computing_until = null {_ROW}"  # ruff: ignore[hardcoded-sql-expression] - a literal of this module
    await connection.execute(query, *version.key, body, now)


async def let_go(connection: Connection, version: Version) -> None:
    """Let the lease go without a result."""
    query = f"update item_statistics set computing_until = null {_ROW}"  # ruff: ignore[hardcoded-sql-expression] - a literal of this module
    await connection.execute(query, *version.key)
