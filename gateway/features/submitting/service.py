"""Answers become a grade: once an attempt, whatever is retried and however many come at once.

A look, a grading in this process, one statement. Rule source: assessments, "Taking": a 422 costs nothing; two submits at
once, or a retry with the same key: one attempt, one grade; past `expires_at` what was saved is graded.
"""

from datetime import datetime
from typing import Final

import asyncpg
import msgspec
from asyncpg import Record
from litestar import Response
from msgspec import Struct, structs

from gateway import closing
from gateway.caller import Caller
from gateway.clock import as_datetime
from gateway.closing import Claim, Closing
from gateway.errors import (
    AssessmentNotFound,
    IdempotencyKeyReused,
    Overloaded,
    SubmissionClosed,
    SubmissionNotFound,
)
from gateway.features.submissions import service as submissions
from gateway.features.submissions.schemas import NONE_GIVEN, Submit, SubmittedAttempt
from gateway.features.submitting import store
from gateway.given_answers import answers_of, graded_all
from gateway.grades import feedback_for
from gateway.ids import is_id
from gateway.learners import acts_for
from gateway.once import Once, Turn, answer
from gateway.published import Published
from gateway.services import Services
from gateway.stores import Connection
from gateway.tries import Tries, tries_of
from grading.answers import Answers
from grading.submission import Report
from quotas.idempotency import Replay

_TRIES: Final = 32
"""How often a request looks again because a save came between its look and its statement: more than there are saves."""

_json: Final = msgspec.json.Encoder()


class Submitted(Struct, frozen=True):
    """A grade that was written just now, as it is answered."""

    body: bytes
    status: int
    location: str | None


class Plan(Struct, frozen=True):
    """What a statement shall write, and what is answered once it has."""

    wish: Closing
    answer: Submitted


class Asked(Struct, frozen=True):
    """Who asks, under which key, and when; `held` is the connection whose transaction decides, where one is open."""

    services: Services
    caller: Caller
    turn: Turn | None
    now: datetime
    held: Connection | None = None

    async def version(self, assessment_id: str, version: int) -> Published:
        """The version, from memory if it is there."""
        published, center_id, env = self.services.published, self.caller.center.id, self.caller.env
        kept = published.kept((center_id, env, assessment_id), version)
        if kept is not None:
            return kept
        if self.held is not None:
            return await published.version(self.held, center_id, env, assessment_id, version)
        async with self.services.sql.session() as connection:
            return await published.version(connection, center_id, env, assessment_id, version)

    async def tries(self, published: Published, learner_ref: str, answers: Answers) -> Tries | None:
        """What the answers have cost so far; None, without asking anybody, where a try costs nothing."""
        if not published.settings.penalty_per_try:
            return None
        place = (self.caller.center.id, self.caller.env, learner_ref)
        if self.held is not None:
            return await tries_of(self.held, self.services.keyring, published, place, answers)
        async with self.services.sql.session() as connection:
            return await tries_of(connection, self.services.keyring, published, place, answers)


class Given:
    """The answers of a body: read once, and graded once a version."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self._answers: Answers | None = None
        self._report: tuple[Published, Report] | None = None

    @property
    def answers(self) -> Answers:
        """The answers. Raises MalformedJson, InvalidAnswerFormat."""
        if self._answers is None:
            self._answers = answers_of(self.raw)
        return self._answers

    def report(self, published: Published) -> Report:
        """What they earn under this version. Raises InvalidAnswerFormat."""
        if self._report is None or self._report[0] is not published:
            self._report = (published, graded_all(published.exam, self.answers))
        return self._report[1]


async def submit(
    services: Services, caller: Caller, once: Once, submission_id: str, data: Submit
) -> Submitted | Replay:
    """Grade an attempt under way: with the answers given, else with those saved.

    Raises SubmissionNotFound, IdempotencyKeyReused, IdempotencyInProgress, SubmissionClosed, InvalidAnswerFormat.
    """
    if not is_id("sub", submission_id):
        raise SubmissionNotFound
    given = None if data.answers is NONE_GIVEN else Given(bytes(data.answers))
    if once.key is None:
        now = as_datetime(services.clock.now_ms())
        return await submit_given(Asked(services, caller, None, now), submission_id, given)
    async with once.turn(data) as turn:
        return await submit_given(Asked(services, caller, turn, turn.now), submission_id, given)


async def submit_given(asked: Asked, submission_id: str, given: Given | None) -> Submitted | Replay:
    """Grade an attempt under way with the answers given, None: with those saved. Raises as `submit` does."""
    caller, services = asked.caller, asked.services
    wanted = store.Wanted(
        center_id=caller.center.id, env=caller.env, submission_id=submission_id, now=asked.now, turn=asked.turn
    )
    for _ in range(_TRIES):
        row = await services.batches.run(store.look, wanted)
        if row is None or not acts_for(caller, row["learner_ref"], submission_id):
            raise SubmissionNotFound
        if (kept := claimed(row, asked.turn)) is not None:
            return kept
        if row["status"] != "in_progress":
            raise SubmissionClosed
        outcome = await write(asked, await _closing(asked, row, given))
        if outcome is not None:
            return outcome
    raise Overloaded


async def _closing(asked: Asked, row: Record, given: Given | None) -> Plan:
    """Decide what the attempt under way becomes: graded, or, where its time is over, graded as it was saved last."""
    published = await asked.version(row["assessment_id"], row["assessment_version"])
    if closing.is_due(row, asked.now):
        async with asked.services.sql.session() as connection:
            wish = await closing.run_out(connection, published, asked.services.keyring, row, asked.now)
        return plan_of(asked, published, wish, expires_at=row["expires_at"], sequence=row["sequence"])
    graded = given or Given(row["saved"] or b"[]")
    tries = await asked.tries(published, row["learner_ref"], graded.answers)
    grade = closing.graded(published, graded.report(published), tries)
    wish = closing.ended(
        published,
        row,
        grade,
        tries,
        status=closing.status_of(grade),
        answers=graded.raw,
        sequence=None if given is not None else row["sequence"],
        ended_at=asked.now,
        now=asked.now,
    )
    return plan_of(asked, published, wish, expires_at=row["expires_at"], sequence=row["sequence"])


def plan_of(
    asked: Asked,
    published: Published,
    wish: Closing,
    *,
    status: int = 200,
    location: str | None = None,
    expires_at: datetime | None = None,
    sequence: int = 0,
) -> Plan:
    """Add the answer's bytes, and the claim that keeps them for a retry."""
    feedback = feedback_for(published.settings, wish.attempt)
    body = _json.encode(submissions.submitted(wish, feedback, expires_at=expires_at, sequence=sequence))
    asked.caller.facts.update(assessment_id=wish.assessment_id, submission_id=wish.submission_id)
    wish = structs.replace(wish, actor=asked.caller.actor, request_id=asked.caller.request_id)
    if asked.turn is not None:
        wish = structs.replace(wish, claim=Claim(asked.turn, status, location, body))
    return Plan(wish, Submitted(body, status, location))


async def write(asked: Asked, plan: Plan) -> Submitted | Replay | None:
    """Write the grade; None where somebody came between, so that the decision must be made again."""
    services = asked.services
    try:
        done = await services.batches.run(closing.submit, plan.wish)
        if done is None:
            async with services.sql.session() as connection:
                done = await closing.submit_alone(connection, plan.wish)
    except asyncpg.ForeignKeyViolationError:
        raise AssessmentNotFound from None  # deleted since the look, before anybody had taken it
    return named(plan, done)


def named(plan: Plan, done: Record) -> Submitted | Replay | None:
    """Name an outcome of `submission_submit`, as `write` does."""
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


def claimed(row: Record, turn: Turn | None) -> Replay | None:
    """Return the answer the key stands for; raises IdempotencyKeyReused."""
    if turn is None or row["claim_fingerprint"] is None:
        return None
    if row["claim_fingerprint"] not in turn.scope.fingerprints:
        raise IdempotencyKeyReused
    return Replay(row["claim_status"], row["claim_location"], row["claim_body"])


def answered(once: Once, done: Submitted | Replay) -> Response[SubmittedAttempt]:
    """Answer with the grade that was written, now or by an earlier try with this key."""
    if isinstance(done, Replay):
        return once.replay(done)
    return answer(done.body, done.status, done.location)
