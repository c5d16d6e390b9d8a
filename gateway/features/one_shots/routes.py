"""`/v1/assessments/{assessment_id}/submit`: an attempt that begins and ends with one request."""

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
from gateway.features.one_shots import service
from gateway.features.one_shots.schemas import SubmitAtOnce
from gateway.features.submissions.schemas import SubmittedAttempt
from gateway.features.submitting.service import answered
from gateway.guards import may_raise, requires
from gateway.once import Once
from gateway.services import Services


@post(
    "/v1/assessments/{assessment_id:str}/submit",
    tags=("Taking",),
    guards=[requires("write:submissions")],
    status_code=201,
    responses={200: ResponseSpec(SubmittedAttempt, description="The attempt that was under way, submitted.")},
    opt=may_raise(
        AssessmentNotFound,
        AssessmentNotPublished,
        MaxAttemptsReached,
        SubmissionClosed,
        SubmissionNotFound,
        InvalidAnswerFormat,
        IdempotencyKeyInvalid,
        IdempotencyKeyReused,
        IdempotencyInProgress,
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
    return answered(once, await service.submit_at_once(services, caller, once, assessment_id, data))


ONE_SHOTS: Final = (submit_at_once,)
