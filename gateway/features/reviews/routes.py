"""`/v1/submissions/{submission_id}/reviews`."""

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from gateway.caller import Caller
from gateway.errors import (
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    InvalidCursor,
    ReviewNotPending,
    SubmissionNotFound,
    WrongState,
)
from gateway.features.reviews import service
from gateway.features.reviews.schemas import NewReview, Review, ReviewTaken
from gateway.guards import for_all_learners, may_raise, requires
from gateway.http import Cursor, Limit, Page
from gateway.once import Once
from gateway.services import Services


class Reviews(Controller):
    """Judgements by people."""

    path = "/v1/submissions/{submission_id:str}/reviews"
    tags = ("Results",)

    @post(
        guards=[requires("write:grades")],
        opt=may_raise(
            SubmissionNotFound,
            WrongState,
            ReviewNotPending,
            IdempotencyKeyInvalid,
            IdempotencyKeyReused,
            IdempotencyInProgress,
        ),
    )
    async def review(
        self,
        submission_id: FromPath[str],
        data: JSONBody[NewReview],
        once: NamedDependency[Once],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
    ) -> Response[ReviewTaken]:
        """Judge an item that no rule can judge. With the last one the submission is graded, and its total final."""
        return await service.review(services, caller, once, submission_id, data)

    @get(guards=[requires("read:results"), for_all_learners], opt=may_raise(SubmissionNotFound, InvalidCursor))
    async def newest(
        self,
        submission_id: FromPath[str],
        caller: NamedDependency[Caller],
        services: NamedDependency[Services],
        limit: Limit = 20,
        cursor: Cursor = None,
    ) -> Page[Review]:
        """List what people said of a submission, newest first, with their comments."""
        return await service.newest(services, caller, submission_id, limit, cursor)
