"""`…/submit`: answers become a grade, of an attempt that was begun or of one that begins and ends with the request."""

from typing import Final

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody

from gateway.caller import Caller
from gateway.errors import (
    AssessmentNotFound,
    AssessmentNotPublished,
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    InvalidAnswerFormat,
    MaxAttemptsReached,
    SubmissionClosed,
    SubmissionNotFound,
)
from gateway.features.submissions.schemas import Submit, SubmitAtOnce, SubmittedAttempt
from gateway.features.submitting import service
from gateway.features.submitting.service import Submitted
from gateway.guards import may_raise, requires
from gateway.once import Once, answer
from gateway.services import Services
from quotas.idempotency import Replay

_TAGS = ("Taking",)
_KEYED = (IdempotencyKeyInvalid, IdempotencyKeyReused, IdempotencyInProgress)


@post(
    "/v1/submissions/{submission_id:str}/submit",
    tags=_TAGS,
    guards=[requires("write:submissions")],
    status_code=200,
    opt=may_raise(SubmissionNotFound, SubmissionClosed, InvalidAnswerFormat, *_KEYED),
)
async def submit(
    submission_id: FromPath[str],
    data: JSONBody[Submit],
    once: NamedDependency[Once],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[SubmittedAttempt]:
    """Grade the attempt: with these answers, else with those saved. Past its time, those saved are graded in any case."""
    return _answered(once, await service.submit(services, caller, once, submission_id, data))


@post(
    "/v1/assessments/{assessment_id:str}/submit",
    tags=_TAGS,
    guards=[requires("write:submissions")],
    status_code=201,
    responses={200: ResponseSpec(SubmittedAttempt, description="The attempt that was under way, submitted.")},
    opt=may_raise(
        AssessmentNotFound, AssessmentNotPublished, MaxAttemptsReached, SubmissionClosed, InvalidAnswerFormat, *_KEYED
    ),
)
async def submit_at_once(
    assessment_id: FromPath[str],
    data: JSONBody[SubmitAtOnce],
    once: NamedDependency[Once],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[SubmittedAttempt]:
    """Begin an attempt and grade it; one that is under way is submitted with these answers (200)."""
    return _answered(once, await service.submit_at_once(services, caller, once, assessment_id, data))


def _answered(once: Once, done: Submitted | Replay) -> Response[SubmittedAttempt]:
    if isinstance(done, Replay):
        return once.replay(done)
    return answer(done.body, done.status, done.location)


SUBMITTING: Final = (submit, submit_at_once)
