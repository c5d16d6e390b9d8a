"""`/v1/assessments/{assessment_id}/check`: one answer tried out."""

from typing import Final

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from gateway.caller import Caller
from gateway.errors import (
    AssessmentNotFound,
    AssessmentNotPublished,
    CheckLimitReached,
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    InvalidAnswerFormat,
    SubmissionClosed,
)
from gateway.features.checks import service
from gateway.features.checks.schemas import Checked, NewCheck
from gateway.guards import in_sessions_too, may_raise, requires
from gateway.once import Once
from gateway.services import Services


@post(
    "/v1/assessments/{assessment_id:str}/check",
    tags=("Taking",),
    guards=[requires("write:submissions")],
    status_code=200,
    opt=in_sessions_too()
    | may_raise(
        AssessmentNotFound,
        AssessmentNotPublished,
        CheckLimitReached,
        SubmissionClosed,
        InvalidAnswerFormat,
        IdempotencyKeyInvalid,
        IdempotencyKeyReused,
        IdempotencyInProgress,
    ),
)
async def check(
    assessment_id: FromPath[str],
    data: JSONBody[NewCheck],
    once: NamedDependency[Once],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[Checked]:
    """Tell whether an answer is right, as often as the assessment allows; a 422 is not counted.

    With feedback `score` the answer says whether it is right, with `parts` also what it earns and how each part fares.
    """
    return await service.check(services, caller, once, assessment_id, data)


CHECKS: Final = (check,)
