"""`/v1/assessments/{assessment_id}/submissions` and `/v1/submissions/{submission_id}`: attempts, from start to results."""

from typing import Annotated, Final, Literal

from litestar import Controller, Response, get, post, put
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter

from gateway.caller import Caller
from gateway.errors import (
    AssessmentNotFound,
    AssessmentNotPublished,
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    InvalidAnswerFormat,
    MaxAttemptsReached,
    StaleSequence,
    SubmissionClosed,
    SubmissionNotFound,
)
from gateway.features.submissions import service
from gateway.features.submissions.schemas import (
    Attempt,
    NewSubmission,
    SaveAnswers,
    Submission,
    SubmissionForReview,
    SubmissionInFull,
)
from gateway.guards import counted_as_save, in_sessions_too, may_raise, requires
from gateway.once import Once
from gateway.services import Services

TAGS = ("Taking",)

Include = Annotated[
    Literal["results"] | None,
    QueryParameter(description="`results`: all of them, whatever learners are told; needs `write:grades` too."),
]


@post(
    "/v1/assessments/{assessment_id:str}/submissions",
    tags=TAGS,
    guards=[requires("write:submissions")],
    status_code=201,
    responses={200: ResponseSpec(Attempt, description="The attempt that is under way.")},
    opt=may_raise(
        AssessmentNotFound,
        AssessmentNotPublished,
        MaxAttemptsReached,
        SubmissionNotFound,
        IdempotencyKeyInvalid,
        IdempotencyKeyReused,
        IdempotencyInProgress,
    ),
)
async def start(
    assessment_id: FromPath[str],
    data: JSONBody[NewSubmission],
    once: NamedDependency[Once],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[Attempt]:
    """Begin an attempt, or go on with the one that is under way (200), with its questions and what was saved."""
    return await service.start(services, caller, once, assessment_id, data)


class Submissions(Controller):
    """One attempt."""

    path = "/v1/submissions/{submission_id:str}"
    tags = TAGS

    @get(guards=[requires("read:results")], opt=in_sessions_too() | may_raise(SubmissionNotFound))
    async def one(
        self,
        submission_id: FromPath[str],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
        include: Include = None,
    ) -> SubmissionInFull | SubmissionForReview:
        """Read an attempt: questions, answers, and what was earned.

        Totals and results go as far as the assessment's feedback, so that it can be shown to the learner; by
        `include=results` they are all there, with what the keywords of an essay suggest.
        """
        return await service.get(services, caller, submission_id, in_full=include == "results")

    @put(
        "/answers",
        guards=[requires("write:submissions")],
        opt=counted_as_save()
        | in_sessions_too()
        | may_raise(SubmissionNotFound, SubmissionClosed, StaleSequence, InvalidAnswerFormat),
    )
    async def save(
        self,
        submission_id: FromPath[str],
        data: JSONBody[SaveAnswers],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Submission:
        """Keep what the learner has answered so far: 30 saves a minute and submission, which the center's limit does not count."""
        return await service.save(services, caller, submission_id, data)


SUBMISSIONS: Final = (start, Submissions)
