"""`/v1/submissions/{submission_id}/submit`: the answers of an attempt become a grade."""

from typing import Final

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from gateway.caller import Caller
from gateway.errors import (
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    InvalidAnswerFormat,
    SubmissionClosed,
    SubmissionNotFound,
)
from gateway.features.submissions.schemas import Submit, SubmittedAttempt
from gateway.features.submitting import service
from gateway.guards import in_sessions_too, may_raise, requires
from gateway.once import Once
from gateway.services import Services


@post(
    "/v1/submissions/{submission_id:str}/submit",
    tags=("Taking",),
    guards=[requires("write:submissions")],
    status_code=200,
    opt=in_sessions_too()
    | may_raise(
        SubmissionNotFound,
        SubmissionClosed,
        InvalidAnswerFormat,
        IdempotencyKeyInvalid,
        IdempotencyKeyReused,
        IdempotencyInProgress,
    ),
)
async def submit(
    submission_id: FromPath[str],
    data: JSONBody[Submit],
    once: NamedDependency[Once],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[SubmittedAttempt]:
    """Grade the attempt: with these answers, else with those saved. Past its time, those saved are graded in any case."""
    return service.answered(once, await service.submit(services, caller, once, submission_id, data))


SUBMITTING: Final = (submit,)
