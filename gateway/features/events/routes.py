"""`/v1/submissions/{submission_id}/events`: what happened while an attempt was taken."""

from typing import Final

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from gateway.caller import Caller
from gateway.errors import (
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    LimitReached,
    SubmissionClosed,
    SubmissionNotFound,
)
from gateway.features.events import service
from gateway.features.events.schemas import EventsTaken, NewEvents
from gateway.guards import in_sessions_too, may_raise, requires
from gateway.once import Once
from gateway.services import Services
from gateway.spending import Spending


@post(
    "/v1/submissions/{submission_id:str}/events",
    tags=("Taking",),
    guards=[requires("write:submissions")],
    status_code=200,
    opt=in_sessions_too()
    | may_raise(
        SubmissionNotFound,
        SubmissionClosed,
        LimitReached,
        IdempotencyKeyInvalid,
        IdempotencyKeyReused,
        IdempotencyInProgress,
    ),
)
async def note(
    submission_id: FromPath[str],
    data: JSONBody[NewEvents],
    once: NamedDependency[Once],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    spending: NamedDependency[Spending],
) -> Response[EventsTaken]:
    """Keep up to 100 events, each once by its id; a submission holds 10 000.

    They change no grade. How often an answer was changed, as `answer_change` tells it, is shown with the submission.
    """
    return await service.note(services, caller, once, spending, submission_id, data)


EVENTS: Final = (note,)
