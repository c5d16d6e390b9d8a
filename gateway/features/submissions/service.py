"""An attempt from its start to what is known of it afterwards. How it is submitted is features/submitting.

Rule source: assessments, "Taking" and "Results"; security, "Learners and answer keys".
"""

from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg
from asyncpg import Record
from litestar import Response
from msgspec import Raw

from gateway import overdue
from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.closing import Closing, is_due
from gateway.errors import (
    AssessmentNotFound,
    MaxAttemptsReached,
    Overloaded,
    StaleSequence,
    SubmissionClosed,
    SubmissionNotFound,
)
from gateway.features.submissions import store
from gateway.features.submissions.schemas import (
    Attempt,
    Changes,
    NewSubmission,
    SaveAnswers,
    Source,
    Submission,
    SubmissionForReview,
    SubmissionInFull,
    SubmittedAttempt,
)
from gateway.given_answers import answers_of, unfinished
from gateway.grades import feedback_for, kept_results, shown, shown_for_review
from gateway.guards import lacking
from gateway.ids import is_id, new_id
from gateway.learners import learner_of, may_see
from gateway.once import Once
from gateway.presenting import present
from gateway.published import Published, assessment_exists
from gateway.services import Services
from gateway.stores import Connection
from grading.policy import Feedback
from grading.result import cents_text

PATH: Final = "/v1/submissions/{}"

_TRIES: Final = 4
"""How often a start looks again: where a version was published, or an attempt ran out, between a look and its statement."""


async def start(
    services: Services, caller: Caller, once: Once, assessment_id: str, data: NewSubmission
) -> Response[Attempt]:
    """Begin an attempt (201), or go on with the one under way (200).

    Raises AssessmentNotFound, AssessmentNotPublished, MaxAttemptsReached, and what `Once` raises.
    """
    learner_ref = learner_of(caller, data.learner_ref)
    if not is_id("asmt", assessment_id):
        raise AssessmentNotFound
    begun: set[str] = set()

    async def find(connection: Connection) -> None:
        """What is not there is said before a replay; what is not published only after it."""
        if once.key and not await assessment_exists(connection, caller.center.id, caller.env, assessment_id):
            raise AssessmentNotFound

    async def effect(connection: Connection, _: None) -> Attempt:
        now = as_datetime(services.clock.now_ms())
        place = (caller.center.id, caller.env, assessment_id, learner_ref)
        row, published, is_new = await begin(connection, services, place, "api", now)
        if is_new:
            begun.add(row["id"])
        caller.facts.update(assessment_id=assessment_id, submission_id=row["id"])
        return Attempt(
            **_fields(row), title=published.title, items=_items(services, row, published), answers=_answers(row)
        )

    return await once.run(
        effect,
        find=find,
        body=data,
        status=lambda attempt: 201 if attempt.id in begun else 200,
        location=lambda attempt: PATH.format(attempt.id),
    )


async def begin(
    connection: Connection, services: Services, place: tuple[str, str, str, str], source: Source, now: datetime
) -> tuple[Record, Published, bool]:
    """Begin an attempt at `place` (center, env, assessment, learner), or find the one under way: its row, its version, and
    whether it began just now. The learner's attempts stay locked until the transaction ends.

    Raises AssessmentNotFound, AssessmentNotPublished, MaxAttemptsReached, Overloaded.
    """
    center_id, env, assessment_id, learner_ref = place
    for tried in range(_TRIES):
        published = await services.published.current(connection, center_id, env, assessment_id, fresh=tried > 0)
        seconds = published.settings.time_limit_seconds
        wish = store.Start(
            center_id=center_id,
            env=env,
            assessment_id=assessment_id,
            version=published.version,
            learner_ref=learner_ref,
            source=source,
            submission_id=new_id("sub", services.clock.now_ms()),
            attempts_max=published.settings.max_attempts,
            max_cents=published.points_cents,
            now=now,
            expires_at=None if seconds is None else now + timedelta(seconds=seconds),
        )
        try:
            outcome, row = await store.start(connection, wish)
        except asyncpg.ForeignKeyViolationError:
            raise AssessmentNotFound from None  # deleted since it was looked up
        if row is None:
            if outcome == "spent":
                raise MaxAttemptsReached(published.settings.max_attempts or 0)
            continue
        if is_due(row, now):
            await overdue.close(connection, services, row, now)
            continue
        return row, await overdue.version_of(connection, services, row), outcome == "started"
    raise Overloaded


async def save(services: Services, caller: Caller, submission_id: str, data: SaveAnswers) -> Submission:
    """Keep answers that nobody grades yet, unless newer ones are kept.

    Raises SubmissionNotFound, SubmissionClosed, InvalidAnswerFormat, StaleSequence.
    """
    now = as_datetime(services.clock.now_ms())
    async with services.sql.session() as connection:
        row = await _find(connection, caller, submission_id)
        await _hold_open(connection, services, row, now)
        published = await overdue.version_of(connection, services, row)
        unfinished(published.exam, answers_of(data.answers))
        saved = await store.save(
            connection,
            caller.center.id,
            caller.env,
            submission_id,
            sequence=data.sequence,
            answers=bytes(data.answers),
            now=now,
        )
    if saved is None:
        raise SubmissionNotFound
    if saved["outcome"] == "stale":
        raise StaleSequence(saved["sequence"])
    if saved["outcome"] != "saved":
        raise SubmissionClosed
    return Submission(**_fields(row) | {"sequence": data.sequence})


async def get(
    services: Services, caller: Caller, submission_id: str, *, in_full: bool
) -> SubmissionInFull | SubmissionForReview:
    """Return one attempt as its learner may see it, `in_full` with all that is known; one whose time is over is graded
    first. Raises MissingScope or InsufficientRole where all is asked for without `write:grades`, SubmissionNotFound.
    """
    if in_full and "write:grades" not in caller.scopes:
        raise lacking(caller, ["write:grades"])
    now = as_datetime(services.clock.now_ms())
    async with services.sql.session() as connection:
        row = await find(connection, services, caller, submission_id, now)
        published = await overdue.version_of(connection, services, row)
        if not in_full:
            return await for_learner(connection, services, row, published)
        seen = await _seen(connection, services, row, published)
    kept = None if row["results"] is None else kept_results(row["results"])
    answers, with_keys = answers_of(row["answers"] or b"[]"), "write:assessments" in caller.scopes
    judged = None if kept is None else shown_for_review(kept, published.items, answers, with_keys=with_keys)
    return SubmissionForReview(**_fields(row), **seen, results=judged)


async def find(connection: Connection, services: Services, caller: Caller, submission_id: str, now: datetime) -> Record:
    """Return the row of an attempt that the caller may read; one whose time is over is graded first.

    Raises SubmissionNotFound.
    """
    row = await _find(connection, caller, submission_id)
    if is_due(row, now):
        await overdue.close(connection, services, row, now)
        row = await _find(connection, caller, submission_id)
    return row


async def for_learner(
    connection: Connection, services: Services, row: Record, published: Published
) -> SubmissionInFull:
    """Show an attempt as far as its learner may know it."""
    kept = None if row["results"] is None else kept_results(row["results"])
    feedback = feedback_for(published.settings, row["attempt"])
    told = _fields(row) if feedback != "none" else _fields(row) | {"score": None, "percent": None, "passed": None}
    seen = await _seen(connection, services, row, published)
    return SubmissionInFull(**told, **seen, results=None if kept is None else shown(kept, feedback))


async def _seen(connection: Connection, services: Services, row: Record, published: Published) -> dict[str, Any]:
    counted = await store.changes(connection, row["center_id"], row["env"], row["id"]) if row["events"] else ()
    return {
        "title": published.title,
        "items": _items(services, row, published),
        "answers": _answers(row),
        "answer_changes": tuple(Changes(one["item_id"], one["changes"]) for one in counted),
    }


async def _find(connection: Connection, caller: Caller, submission_id: str) -> Record:
    if not is_id("sub", submission_id):
        raise SubmissionNotFound
    row = await store.find(connection, caller.center.id, caller.env, submission_id)
    if row is None or not await may_see(connection, caller, row["learner_ref"], submission_id):
        raise SubmissionNotFound
    return row


async def _hold_open(connection: Connection, services: Services, row: Record, now: datetime) -> None:
    """Raise SubmissionClosed for an attempt that is over; one whose time is over is graded on the way."""
    if is_due(row, now):
        await overdue.close(connection, services, row, now)
    elif row["status"] == "in_progress":
        return
    raise SubmissionClosed


def _items(services: Services, row: Record, published: Published) -> Any:
    return present(published.items, services.keyring, seed=row["id"], shuffle=published.settings.shuffle)


def _answers(row: Record) -> Any:
    """The answers as they were graded, or as they were saved last: as they came, without a field more."""
    kept = row["answers"] or row["saved"]
    return () if kept is None else Raw(kept)


def _fields(row: Record) -> dict[str, Any]:
    """Name the fields of `Submission`, with all that was earned."""
    score_cents = row["score_cents"]
    return {
        "id": row["id"],
        "assessment_id": row["assessment_id"],
        "assessment_version": row["assessment_version"],
        "learner_ref": row["learner_ref"],
        "attempt": row["attempt"],
        "status": row["status"],
        "source": row["source"],
        "regrade_of": row["regrade_of"],
        "sequence": row["sequence"],
        "score": None if score_cents is None else cents_text(score_cents),
        "max_score": cents_text(row["max_cents"]),
        "percent": row["percent"],
        "passed": row["passed"],
        "created_at": row["started_at"],
        "started_at": row["started_at"],
        "expires_at": row["expires_at"],
        "submitted_at": row["submitted_at"],
        "graded_at": row["graded_at"],
    }


def submitted(wish: Closing, feedback: Feedback, *, expires_at: datetime | None, sequence: int) -> SubmittedAttempt:
    """Show an attempt as its submit answers: as far as the learner may know."""
    grade, told = wish.grade, feedback != "none"
    return SubmittedAttempt(
        id=wish.submission_id,
        assessment_id=wish.assessment_id,
        assessment_version=wish.version,
        learner_ref=wish.learner_ref,
        attempt=wish.attempt,
        status=wish.status,
        source=wish.source,
        regrade_of=None,
        sequence=sequence,
        score=cents_text(grade.score_cents) if told else None,
        max_score=cents_text(grade.max_cents),
        percent=grade.percent if told else None,
        passed=grade.passed if told else None,
        created_at=wish.started_at,
        started_at=wish.started_at,
        expires_at=expires_at,
        submitted_at=wish.ended_at,
        graded_at=wish.graded_at,
        results=shown(grade.results, feedback),
    )


def render(row: Record) -> Submission:
    """Show a row of `submission`, with all that was earned."""
    return Submission(**_fields(row))
