"""An attempt that begins and ends with one request: a look at what the learner did before, or none for a first attempt.

Rule source: assessments, "Taking". What is written, and how often, is decided by one statement: `submission_submit`.
"""

from typing import Final

from asyncpg import Record
from msgspec import structs

from gateway import closing, overdue
from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.errors import (
    AssessmentNotFound,
    AssessmentNotPublished,
    InvalidAnswerFormat,
    MaxAttemptsReached,
    Overloaded,
)
from gateway.features.one_shots import store
from gateway.features.one_shots.schemas import SubmitAtOnce
from gateway.features.submissions import service as submissions
from gateway.features.submitting.service import (
    Asked,
    Given,
    Plan,
    Submitted,
    claimed,
    named,
    plan_of,
    submit_given,
    write,
)
from gateway.ids import is_id, new_id
from gateway.learners import learner_of
from gateway.once import Once
from gateway.published import Published
from gateway.services import Services
from gateway.tries import Tries
from quotas.idempotency import Replay

_TRIES: Final = 3
"""How often a request looks again because somebody else came between its look and its statement."""


async def submit_at_once(
    services: Services, caller: Caller, once: Once, assessment_id: str, data: SubmitAtOnce
) -> Submitted | Replay:
    """Begin an attempt and grade it; one that is under way is submitted with these answers.

    Raises AssessmentNotFound, IdempotencyKeyReused, IdempotencyInProgress, AssessmentNotPublished, MaxAttemptsReached,
    InvalidAnswerFormat.
    """
    learner_ref = learner_of(caller, data.learner_ref)
    if not is_id("asmt", assessment_id):
        raise AssessmentNotFound
    given = Given(bytes(data.answers))
    if once.key is None:
        now = as_datetime(services.clock.now_ms())
        return await _submit_at_once(Asked(services, caller, None, now), assessment_id, learner_ref, given)
    async with once.turn(data) as turn:
        return await _submit_at_once(Asked(services, caller, turn, turn.now), assessment_id, learner_ref, given)


async def _submit_at_once(asked: Asked, assessment_id: str, learner_ref: str, given: Given) -> Submitted | Replay:
    caller, services = asked.caller, asked.services
    place = (caller.center.id, caller.env, assessment_id)
    if (guess := services.published.hinted(place)) is not None:
        outcome = await _submit_first(asked, guess, learner_ref, given)
        if outcome is not None:
            return outcome
    sought = store.Sought(
        center_id=caller.center.id,
        env=caller.env,
        assessment_id=assessment_id,
        learner_ref=learner_ref,
        now=asked.now,
        turn=asked.turn,
    )
    for _ in range(_TRIES):
        planned = await _planned(asked, await _sought(asked, sought), learner_ref, given)
        if isinstance(planned, Replay):
            return planned
        outcome = await (submit_given(asked, planned, given) if isinstance(planned, str) else write(asked, planned))
        if outcome is not None:
            return outcome
    return await _submit_in_turn(asked, sought, given)


async def _submit_first(asked: Asked, guess: Published, learner_ref: str, given: Given) -> Submitted | Replay | None:
    """Take a learner's first attempt in one statement, which looks by itself whether it is; None where it is not.

    The version may be a second old: what it makes of the answers is believed only where the statement says that it holds.
    """
    if guess.settings.penalty_per_try:
        return None
    try:
        plan = _taken(asked, guess, learner_ref, given, attempt=1, tries=None)
    except InvalidAnswerFormat:
        return None
    outcome = await write(asked, plan)
    if outcome is plan.answer:
        # The statement has just found this version to be the published one: that is as good as a look.
        asked.services.published.hint((asked.caller.center.id, asked.caller.env, guess.assessment_id), guess.version)
    return outcome


async def _submit_in_turn(asked: Asked, sought: store.Sought, given: Given) -> Submitted | Replay:
    """Where a learner's attempts crowd: look and write behind the lock that the others wait for."""
    async with asked.services.sql.session() as connection, connection.transaction():
        await store.lock_attempts(connection, sought)
        row = (await store.seek(connection, [sought]))[0]
        if row is not None and row["is_due"]:
            await overdue.close_learners(connection, asked.services, sought.place, asked.now)
            row = (await store.seek(connection, [sought]))[0]
        planned = await _planned(structs.replace(asked, held=connection), row, sought.learner_ref, given)
        if isinstance(planned, Replay):
            return planned
        if isinstance(planned, Plan):
            outcome = named(planned, await closing.submit_alone(connection, planned.wish))
            if outcome is not None:
                return outcome
            raise Overloaded
    return await submit_given(asked, planned, given)


async def _sought(asked: Asked, sought: store.Sought) -> Record | None:
    """Look; an attempt whose time is over is graded first, as a start does it, and the answers go into the next one."""
    services = asked.services
    row = await services.batches.run(store.seek, sought)
    if row is None or not row["is_due"]:
        return row
    async with services.sql.session() as connection:
        await overdue.close_learners(connection, services, sought.place, asked.now)
    return await services.batches.run(store.seek, sought)


async def _planned(asked: Asked, row: Record | None, learner_ref: str, given: Given) -> Plan | Replay | str:
    """Decide what a one-shot submit writes; the id of the attempt under way, where there is one."""
    if row is None:
        raise AssessmentNotFound
    if (kept := claimed(row, asked.turn)) is not None:
        return kept
    if row["status"] != "published":
        raise AssessmentNotPublished
    asked.services.published.hint((asked.caller.center.id, asked.caller.env, row["id"]), row["published_version"])
    if row["open_id"] is not None:
        return str(row["open_id"])
    published = await asked.version(row["id"], row["published_version"])
    attempt, most = (row["attempts"] or 0) + 1, published.settings.max_attempts
    if most is not None and attempt > most:
        raise MaxAttemptsReached(most)
    tries = await asked.tries(published, learner_ref, given.answers)
    return _taken(asked, published, learner_ref, given, attempt=attempt, tries=tries)


def _taken(
    asked: Asked, published: Published, learner_ref: str, given: Given, *, attempt: int, tries: Tries | None
) -> Plan:
    """An attempt that begins and ends with the request. Raises InvalidAnswerFormat."""
    submission_id = new_id("sub", asked.services.clock.now_ms())
    wish = closing.taken_at_once(
        published,
        closing.graded(published, given.report(published), tries),
        tries,
        place=(asked.caller.center.id, asked.caller.env, learner_ref),
        submission_id=submission_id,
        attempt=attempt,
        answers=given.raw,
        now=asked.now,
    )
    return plan_of(asked, published, wish, status=201, location=submissions.PATH.format(submission_id))
