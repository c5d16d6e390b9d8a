"""Answers become a grade: once an attempt, whatever is retried and however many come at once.

A look, a grading in this process, one statement. Rule source: assessments, "Taking": a 422 costs nothing; two submits at
once, or a retry with the same key: one attempt, one grade; past `expires_at` what was saved is graded.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

import asyncpg
import msgspec
from asyncpg import Record
from msgspec import Raw, Struct, structs

from gateway import closing
from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.closing import Claim, Closing
from gateway.errors import (
    AssessmentNotFound,
    AssessmentNotPublished,
    IdempotencyKeyReused,
    MaxAttemptsReached,
    Overloaded,
    SubmissionClosed,
    SubmissionNotFound,
)
from gateway.features.submissions import service as submissions
from gateway.features.submissions.schemas import NONE_GIVEN, Submit, SubmitAtOnce
from gateway.features.submitting import store
from gateway.given_answers import answers_of, graded_all
from gateway.grades import feedback_for
from gateway.ids import is_id, new_id
from gateway.learners import hold_to_own
from gateway.once import Once, Turn
from gateway.published import Published
from gateway.services import Services
from gateway.stores import Connection
from gateway.tries import tries_of
from quotas.idempotency import Replay

_TRIES: Final = 3
"""How often a request looks again because somebody else came between its look and its statement."""

_json: Final = msgspec.json.Encoder()


class Submitted(Struct, frozen=True):
    """A grade that was written just now, as it is answered."""

    body: bytes
    status: int
    location: str | None


class _Plan(Struct, frozen=True):
    """What a statement shall write, and what is answered once it has."""

    wish: Closing
    answer: Submitted


class _Asked(Struct, frozen=True):
    """Who asks, under which key, and when; `held` is the connection whose transaction decides, where one is open."""

    services: Services
    caller: Caller
    turn: Turn | None
    now: datetime
    held: Connection | None = None

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[Connection, None]:
        """The connection that is held, or one for the block."""
        if self.held is not None:
            yield self.held
        else:
            async with self.services.sql.session() as connection:
                yield connection


async def submit(
    services: Services, caller: Caller, once: Once, submission_id: str, data: Submit
) -> Submitted | Replay:
    """Grade an attempt under way: with the answers given, else with those saved.

    Raises SubmissionNotFound, IdempotencyKeyReused, IdempotencyInProgress, SubmissionClosed, InvalidAnswerFormat.
    """
    if not is_id("sub", submission_id):
        raise SubmissionNotFound
    async with _turn(services, caller, once, data) as asked:
        return await _submit(asked, submission_id, None if data.answers is NONE_GIVEN else data.answers)


async def submit_at_once(
    services: Services, caller: Caller, once: Once, assessment_id: str, data: SubmitAtOnce
) -> Submitted | Replay:
    """Begin an attempt and grade it; one that is under way is submitted with these answers.

    Raises AssessmentNotFound, IdempotencyKeyReused, IdempotencyInProgress, AssessmentNotPublished, MaxAttemptsReached,
    InvalidAnswerFormat.
    """
    hold_to_own(data.learner_ref)
    if not is_id("asmt", assessment_id):
        raise AssessmentNotFound
    async with _turn(services, caller, once, data) as asked:
        return await _submit_at_once(asked, assessment_id, data)


@asynccontextmanager
async def _turn(services: Services, caller: Caller, once: Once, data: Struct) -> AsyncGenerator[_Asked, None]:
    if once.key is None:
        yield _Asked(services, caller, None, as_datetime(services.clock.now_ms()))
        return
    async with once.turn(data) as turn:
        yield _Asked(services, caller, turn, turn.now)


async def _submit(asked: _Asked, submission_id: str, answers: Raw | None) -> Submitted | Replay:
    caller, services = asked.caller, asked.services
    wanted = store.Wanted(
        center_id=caller.center.id, env=caller.env, submission_id=submission_id, now=asked.now, turn=asked.turn
    )
    for _ in range(_TRIES):
        row = await services.batches.run(store.look, wanted)
        if row is None:
            raise SubmissionNotFound
        if (kept := _claimed(row, asked.turn)) is not None:
            return kept
        if row["status"] != "in_progress":
            raise SubmissionClosed
        outcome = await _write(asked, await _closing(asked, row, answers))
        if outcome is not None:
            return outcome
    raise Overloaded


async def _submit_at_once(asked: _Asked, assessment_id: str, data: SubmitAtOnce) -> Submitted | Replay:
    caller, services = asked.caller, asked.services
    sought = store.Sought(
        center_id=caller.center.id,
        env=caller.env,
        assessment_id=assessment_id,
        learner_ref=data.learner_ref,
        now=asked.now,
        turn=asked.turn,
    )
    for _ in range(_TRIES):
        row = await services.batches.run(store.seek, sought)
        planned = await _planned(asked, row, data)
        if isinstance(planned, Replay):
            return planned
        outcome = await (_submit(asked, planned, data.answers) if isinstance(planned, str) else _write(asked, planned))
        if outcome is not None:
            return outcome
    return await _submit_in_turn(asked, sought, data)


async def _submit_in_turn(asked: _Asked, sought: store.Sought, data: SubmitAtOnce) -> Submitted | Replay:
    """Where a learner's attempts crowd: look and write behind the lock that the others wait for."""
    async with asked.services.sql.session() as connection, connection.transaction():
        await store.lock_attempts(connection, sought)
        row = (await store.seek(connection, [sought]))[0]
        planned = await _planned(structs.replace(asked, held=connection), row, data)
        if isinstance(planned, Replay):
            return planned
        if isinstance(planned, _Plan):
            outcome = _named(planned, await closing.submit_alone(connection, planned.wish))
            if outcome is not None:
                return outcome
            raise Overloaded
    return await _submit(asked, planned, data.answers)


async def _planned(asked: _Asked, row: Record | None, data: SubmitAtOnce) -> _Plan | Replay | str:
    """Decide what a one-shot submit writes; the id of the attempt under way, where there is one."""
    if row is None:
        raise AssessmentNotFound
    if (kept := _claimed(row, asked.turn)) is not None:
        return kept
    if row["status"] != "published":
        raise AssessmentNotPublished
    if row["open_id"] is not None:
        return str(row["open_id"])
    caller, services, now = asked.caller, asked.services, asked.now
    center_id, env = caller.center.id, caller.env
    attempt = (row["attempts"] or 0) + 1
    async with asked.connection() as connection:
        published = await services.published.version(connection, center_id, env, row["id"], row["published_version"])
        most = published.settings.max_attempts
        if most is not None and attempt > most:
            raise MaxAttemptsReached(most)
        answers = answers_of(data.answers)
        place = (center_id, env, data.learner_ref)
        tries = await tries_of(connection, services.keyring, published, place, answers)
    grade = closing.graded(published, graded_all(published.exam, answers), tries)
    submission_id = new_id("sub", services.clock.now_ms())
    wish = closing.taken_at_once(
        published,
        grade,
        tries,
        place=place,
        submission_id=submission_id,
        attempt=attempt,
        answers=bytes(data.answers),
        now=now,
    )
    return _plan(asked, published, wish, status=201, location=submissions.PATH.format(submission_id))


async def _closing(asked: _Asked, row: Record, given: Raw | None) -> _Plan:
    """Decide what the attempt under way becomes: graded, or, where its time is over, graded as it was saved last."""
    services, center_id, env = asked.services, row["center_id"], row["env"]
    async with asked.connection() as connection:
        published = await services.published.version(
            connection, center_id, env, row["assessment_id"], row["assessment_version"]
        )
        if closing.is_due(row, asked.now):
            wish = await closing.run_out(connection, published, services.keyring, row, asked.now)
            return _plan(asked, published, wish, expires_at=row["expires_at"], sequence=row["sequence"])
        raw = bytes(given) if given is not None else row["saved"] or b"[]"
        answers = answers_of(raw)
        place = (center_id, env, row["learner_ref"])
        tries = await tries_of(connection, services.keyring, published, place, answers)
    grade = closing.graded(published, graded_all(published.exam, answers), tries)
    wish = closing.ended(
        row,
        grade,
        tries,
        status=closing.status_of(grade),
        answers=raw,
        sequence=None if given is not None else row["sequence"],
        ended_at=asked.now,
        now=asked.now,
    )
    return _plan(asked, published, wish, expires_at=row["expires_at"], sequence=row["sequence"])


def _plan(
    asked: _Asked,
    published: Published,
    wish: Closing,
    *,
    status: int = 200,
    location: str | None = None,
    expires_at: datetime | None = None,
    sequence: int = 0,
) -> _Plan:
    """Add the answer's bytes, and the claim that keeps them for a retry."""
    feedback = feedback_for(published.settings, wish.attempt)
    body = _json.encode(submissions.submitted(wish, feedback, expires_at=expires_at, sequence=sequence))
    asked.caller.facts.update(assessment_id=wish.assessment_id, submission_id=wish.submission_id)
    if asked.turn is not None:
        wish = structs.replace(wish, claim=Claim(asked.turn, status, location, body))
    return _Plan(wish, Submitted(body, status, location))


async def _write(asked: _Asked, plan: _Plan) -> Submitted | Replay | None:
    """Write the grade; None where somebody came between, so that the decision must be made again."""
    services = asked.services
    try:
        done = await services.batches.run(closing.submit, plan.wish)
        if done is None:
            async with services.sql.session() as connection:
                done = await closing.submit_alone(connection, plan.wish)
    except asyncpg.LockNotAvailableError:
        raise Overloaded from None
    except asyncpg.ForeignKeyViolationError:
        raise AssessmentNotFound from None  # deleted since the look, before anybody had taken it
    return _named(plan, done)


def _named(plan: _Plan, done: Record) -> Submitted | Replay | None:
    match done["outcome"]:
        case "submitted":
            return plan.answer
        case "moved":
            return None
        case "closed":
            raise SubmissionClosed
        case "replay":
            return Replay(done["status"], done["location"], done["body"])
        case _:
            raise IdempotencyKeyReused


def _claimed(row: Record, turn: Turn | None) -> Replay | None:
    """Return the answer the key stands for; raises IdempotencyKeyReused."""
    if turn is None or row["claim_fingerprint"] is None:
        return None
    if row["claim_fingerprint"] not in turn.scope.fingerprints:
        raise IdempotencyKeyReused
    return Replay(row["claim_status"], row["claim_location"], row["claim_body"])
