"""The SQL of checks: one statement counts, whether it is one request's or several'."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import asyncpg
from msgspec import Struct

from gateway.stores import Connection

PATIENCE_MS: Final = 50
"""How long a check waits for a lock where others wait behind it; then it is counted alone."""

WAIT_MS: Final = 1_500
"""How long it waits then."""

_COUNT: Final = "select * from checks_count($1, $2)"


class Check(Struct, frozen=True, kw_only=True):
    """One more check of an item, of at most `allowed`. `digest` of the answer is None where a try costs nothing."""

    center_id: str
    env: str
    assessment_id: str
    version: int
    learner_ref: str
    item_id: str
    allowed: int
    digest: bytes | None
    now: datetime


async def count(connection: Connection, checks: Sequence[Check]) -> list[asyncpg.Record | None]:
    """Count each check that is allowed; the rows are those of `checks_count`. None: somebody is in the way, count it alone."""
    order = sorted(range(len(checks)), key=lambda nth: _place(checks[nth]))
    outcomes: list[asyncpg.Record | None] = [None] * len(checks)
    try:
        rows = await connection.fetch(_COUNT, [_facts(checks[nth]) for nth in order], PATIENCE_MS)
    except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError, asyncpg.IntegrityConstraintViolationError):
        return outcomes
    for nth, row in zip(order, rows, strict=True):
        outcomes[nth] = row
    return outcomes


async def count_alone(connection: Connection, check: Check) -> asyncpg.Record:
    """Count one check, waiting for whoever is in its way. Raises LockNotAvailableError where that does not end in time."""
    rows = await connection.fetch(_COUNT, [_facts(check)], WAIT_MS)
    return rows[0]


def _place(check: Check) -> tuple[str, ...]:
    return check.center_id, check.env, check.assessment_id, check.learner_ref, check.item_id


def _facts(check: Check) -> tuple[object, ...]:
    """The fields of `check_wish`."""
    return (
        check.center_id,
        check.env,
        check.assessment_id,
        check.version,
        check.learner_ref,
        check.item_id,
        check.allowed,
        check.digest,
        check.now,
    )


async def version_asked(
    connection: Connection, center_id: str, env: str, assessment_id: str, learner_ref: str
) -> int | None:
    """The version that this learner is asked: of the attempt under way, else the published one; None if there is none."""
    version: int | None = await connection.fetchval(
        """select coalesce((select s.assessment_version from submission s
                             where s.center_id = a.center_id and s.env = a.env and s.assessment_id = a.id
                               and s.learner_ref = $4 and s.status = 'in_progress'), a.published_version)
             from assessment a
            where a.center_id = $1 and a.env = $2 and a.id = $3 and a.status = 'published'""",
        center_id,
        env,
        assessment_id,
        learner_ref,
    )
    return version
