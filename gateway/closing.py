"""How an attempt ends: submitted, or out of time. Its grade is written once, by whoever comes first.

Used by the routes that take answers and by the worker's sweep. The SQL is `submission_submit` in 0009_submissions.sql.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal, TypeAlias

import asyncpg
import msgspec
from msgspec import Struct

from gateway.given_answers import answers_of, graded_as_far_as_possible
from gateway.grades import Grade, grade_of, kept_bytes
from gateway.keyring import Keyring
from gateway.once import Turn
from gateway.published import Published
from gateway.stores import Connection, Record
from gateway.tries import Tries, tries_of
from grading.submission import Report

PATIENCE_MS: Final = 50
"""How long a grade waits for a lock where others wait behind it; then it is written alone."""

WAIT_MS: Final = 1_500
"""How long it waits then."""

GradedStatus: TypeAlias = Literal["graded", "awaiting_review", "expired"]


CLAIM_COLUMNS: Final = (
    "k.fingerprint as claim_fingerprint, k.status as claim_status, k.location as claim_location, k.body as claim_body"
)
CLAIM_JOIN: Final = """
    left join lateral (
         select * from idempotency_claim
          where center_id = w.center_id and env = w.env and key = w.key and route = w.route
            and method = 'POST' and principal = w.principal and expires_at > w.now limit 1) k on true
"""
"""How a look finds the claims of several requests `w`, each by its whole key."""


def claims_sought(turns: Sequence[Turn | None]) -> tuple[list[str | None], list[str | None], list[str | None]]:
    """Key, route and principal of each request; None where it has no key."""
    scopes = [None if turn is None else turn.scope for turn in turns]
    return (
        [None if scope is None else scope.key for scope in scopes],
        [None if scope is None else scope.route for scope in scopes],
        [None if scope is None else scope.principal for scope in scopes],
    )


class Claim(Struct, frozen=True):
    """The request's key, and what a retry of it is answered."""

    turn: Turn
    status: int
    location: str | None
    body: bytes


class Closing(Struct, frozen=True, kw_only=True):
    """A grade on its way into the row of its attempt, or into a row of its own (`is_new`).

    `sequence` is that of the save that was graded, None where the answers came with the request. `tries` is None where
    they cost nothing. `actor` and `request_id`: who ended it, for its record; `rule` is the version's.
    """

    is_new: bool
    center_id: str
    env: str
    submission_id: str
    assessment_id: str
    version: int
    learner_ref: str
    attempt: int
    sequence: int | None
    source: Literal["api", "embed"]
    status: GradedStatus
    answers: bytes
    grade: Grade
    started_at: datetime
    ended_at: datetime
    now: datetime
    tries: Tries | None
    claim: Claim | None
    rule: str
    actor: str = "gateway"
    request_id: str | None = None

    @property
    def graded_at(self) -> datetime | None:
        """When the grade became final; None while a person must judge."""
        return self.now if self.grade.is_final else None


async def submit(connection: Connection, closings: Sequence[Closing]) -> list[Record | None]:
    """Write each grade, or find what stands against it, all in one transaction.

    None: something was in the way of one of them, so that nothing was written: submit it alone.
    """
    order = sorted(range(len(closings)), key=lambda nth: _place(closings[nth]))
    outcomes: list[Record | None] = [None] * len(closings)
    try:
        rows = await connection.fetch(_SUBMIT, [_facts(closings[nth]) for nth in order], PATIENCE_MS)
    except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError, asyncpg.IntegrityConstraintViolationError):
        return outcomes
    for nth, row in zip(order, rows, strict=True):
        outcomes[nth] = row
    return outcomes


async def submit_alone(connection: Connection, closing: Closing, wait_ms: int = WAIT_MS) -> Record:
    """Write one grade, waiting for whoever is in its way. Raises LockNotAvailableError where that does not end in time."""
    rows = await connection.fetch(_SUBMIT, [_facts(closing)], wait_ms)
    return rows[0]


_json: Final = msgspec.json.Encoder()
_SUBMIT: Final = "select * from submissions_submit($1, $2)"


def _place(closing: Closing) -> tuple[str, str, str, str, str]:
    return closing.center_id, closing.env, closing.assessment_id, closing.learner_ref, closing.submission_id


def _facts(closing: Closing) -> tuple[object, ...]:
    """The fields of `submit_wish`."""
    grade, tries = closing.grade, closing.tries
    results = kept_bytes(grade)
    return (
        closing.is_new,
        closing.center_id,
        closing.env,
        closing.submission_id,
        closing.assessment_id,
        closing.version,
        closing.learner_ref,
        closing.attempt,
        closing.sequence,
        closing.source,
        closing.status,
        closing.answers,
        results,
        grade.earned,
        grade.score_cents,
        grade.max_cents,
        grade.percent,
        grade.passed,
        closing.started_at,
        closing.ended_at,
        closing.graded_at,
        closing.now,
        None if tries is None else tries.items,
        None if tries is None else tries.digests,
        _claim(closing.claim),
        closing.actor,
        closing.request_id,
        closing.rule,
        _inputs(closing, results),
    )


def _inputs(closing: Closing, results: bytes) -> str:
    """What the record of a grade commits to: the learner, and digests of what was answered and found."""
    answered, found = sha256(closing.answers).hexdigest(), sha256(results).hexdigest()
    told = {"answers_sha256": answered, "learner_ref": closing.learner_ref, "results_sha256": found}
    return _json.encode(told).decode()


def _claim(claim: Claim | None) -> tuple[object, ...] | None:
    """The fields of `answer_claim`."""
    if claim is None:
        return None
    scope = claim.turn.scope
    return (
        scope.route,
        scope.principal,
        scope.key,
        list(scope.fingerprints),
        claim.status,
        claim.location,
        claim.body,
        claim.turn.expires,
    )


def graded(published: Published, report: Report, tries: Tries | None) -> Grade:
    """Add up a report, each answer less what its tries cost."""
    return grade_of(published, report, {} if tries is None else tries.before)


def status_of(grade: Grade) -> GradedStatus:
    """What an attempt is once it was submitted in time."""
    return "graded" if grade.is_final else "awaiting_review"


async def run_out(
    connection: Connection, published: Published, keyring: Keyring, row: Record, now: datetime
) -> Closing:
    """Grade what was saved of an attempt whose time is over; `row` is the submission's. Writes nothing."""
    center_id, env = row["center_id"], row["env"]
    saved = row["saved"] or b"[]"
    answers = answers_of(saved)
    report = graded_as_far_as_possible(published.exam, answers)
    tries = await tries_of(connection, keyring, published, (center_id, env, row["learner_ref"]), answers)
    grade = graded(published, report, tries)
    return ended(
        published,
        row,
        grade,
        tries,
        status="expired",
        answers=saved,
        sequence=row["sequence"],
        ended_at=row["expires_at"],
        now=now,
    )


def ended(
    published: Published,
    row: Record,
    grade: Grade,
    tries: Tries | None,
    *,
    status: GradedStatus,
    answers: bytes,
    sequence: int | None,
    ended_at: datetime,
    now: datetime,
) -> Closing:
    """The end of an attempt under way; `row` is the submission's."""
    return Closing(
        is_new=False,
        center_id=row["center_id"],
        env=row["env"],
        submission_id=row["id"],
        assessment_id=row["assessment_id"],
        version=row["assessment_version"],
        learner_ref=row["learner_ref"],
        attempt=row["attempt"],
        sequence=sequence,
        source=row["source"],
        status=status,
        answers=answers,
        grade=grade,
        started_at=row["started_at"],
        ended_at=ended_at,
        now=now,
        tries=tries,
        claim=None,
        rule=published.rule,
    )


def taken_at_once(
    published: Published,
    grade: Grade,
    tries: Tries | None,
    *,
    place: tuple[str, str, str],
    submission_id: str,
    attempt: int,
    answers: bytes,
    now: datetime,
) -> Closing:
    """An attempt that begins and ends with one request; `place`: center, env and learner."""
    center_id, env, learner_ref = place
    return Closing(
        is_new=True,
        center_id=center_id,
        env=env,
        submission_id=submission_id,
        assessment_id=published.assessment_id,
        version=published.version,
        learner_ref=learner_ref,
        attempt=attempt,
        sequence=None,
        source="api",
        status=status_of(grade),
        answers=answers,
        grade=grade,
        started_at=now,
        ended_at=now,
        now=now,
        tries=tries,
        claim=None,
        rule=published.rule,
    )


def is_due(row: Record, now: datetime) -> bool:
    """Whether the attempt is under way and its time is over."""
    return row["status"] == "in_progress" and row["expires_at"] is not None and row["expires_at"] <= now
