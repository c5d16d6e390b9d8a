"""Attempts whose time is over: graded as they were saved last, by whoever meets one first.

Rule source: assessments, "Taking": past `expires_at` what was saved is graded, and status says `expired`.
"""

from datetime import datetime

from gateway.closing import is_due, run_out, submit_alone
from gateway.errors import AssessmentNotFound, AssessmentNotPublished, SubmissionNotFound
from gateway.published import Published
from gateway.services import Services
from gateway.stores import Connection, Record


async def close(connection: Connection, services: Services, row: Record, now: datetime) -> None:
    """Grade what was saved of an attempt that is due; whoever else does so in the same instant does it as well.

    Raises SubmissionNotFound.
    """
    published = await version_of(connection, services, row)
    await submit_alone(connection, await run_out(connection, published, services.keyring, row, now))


async def close_learners(
    connection: Connection, services: Services, place: tuple[str, str, str, str], now: datetime
) -> None:
    """Grade the attempt under way at `place` (center, env, assessment, learner) if there is one and it is due."""
    row = await connection.fetchrow(
        """select * from submission
            where center_id = $1 and env = $2 and assessment_id = $3 and learner_ref = $4 and status = 'in_progress'""",
        *place,
    )
    if row is not None and is_due(row, now):
        await close(connection, services, row, now)


async def version_of(connection: Connection, services: Services, row: Record) -> Published:
    """The version that an attempt is taken under; `row` is the submission's. Raises SubmissionNotFound."""
    try:
        return await services.published.version(
            connection, row["center_id"], row["env"], row["assessment_id"], row["assessment_version"]
        )
    except (AssessmentNotFound, AssessmentNotPublished):
        raise SubmissionNotFound from None  # the assessment was deleted with all its attempts, just now
